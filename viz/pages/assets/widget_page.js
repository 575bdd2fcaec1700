// The page's end of the widget: what a slider changes is reported, and what Python changes is shown.

// In a block, so that none of these names meets one of the page's.
{
  const PAUSE = 50; // milliseconds between two reports, while a slider moves
  const nameOfInput = page.inputs.map((node) => `v${node}`);
  const showNumbers = refresh;
  let lastReported = JSON.stringify(x);
  let reportIsDue = false;

  refresh = function () {
    showNumbers();
    if (reportIsDue || JSON.stringify(x) === lastReported) return;
    reportIsDue = true;
    setTimeout(report, PAUSE);
  };

  const report = () => {
    reportIsDue = false;
    lastReported = JSON.stringify(x);
    const moved = Object.fromEntries(nameOfInput.map((name, i) => [name, x[i]]));
    parent.postMessage({ glassgrad: "moved", numbers: moved }, "*");
  };

  addEventListener("message", (event) => {
    if (event.source !== parent || event.data?.glassgrad !== "numbers") return;
    const wanted = nameOfInput.map((name, i) => event.data.numbers[name] ?? x[i]);
    if (reportIsDue || JSON.stringify(wanted) === JSON.stringify(x)) return;
    x = wanted;
    lastReported = JSON.stringify(x);
    stop();
    forgetDescent();
    showSliders();
    showChosenExample();
    refresh();
  });

  parent.postMessage({ glassgrad: "ready" }, "*");
}
