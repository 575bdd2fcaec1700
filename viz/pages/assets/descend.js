// Gradient descent on the free leaves: x ← x - rate · gradient, one step or many.

const rateField = byId("rate");
let rate = page.rate;
let losses = [];
let trail = [];
let running = null;
let lastWords = "";

const learnsFromAll = () => Boolean(samples) && (showsMean || byId("learn").value === "all");

/** The loss at these inputs and its gradient for the free leaves: of this example, or the mean over all. */
function objective(inputs) {
  const rows = learnsFromAll() ? samples.rows.map((_, i) => run(withExample(inputs, i))) : [run(inputs)];
  const mean = (place) => rows.reduce((sum, out) => sum + out[place], 0) / rows.length;
  return { loss: mean(root), slopes: page.free.map((node) => mean(nodeCount + edgeCount + node)) };
}

function stepped(inputs, { slopes }) {
  const moved = inputs.slice();
  sliders.forEach(({ place }, i) => { moved[place] -= rate * slopes[i]; });
  return moved;
}

const freePoint = () => sliders.map(({ place }) => x[place]);

function descendOnce() {
  const here = objective(x);
  if (!losses.length) { losses = [here.loss]; trail = [freePoint()]; }
  x = stepped(x, here);
  const there = objective(x);
  losses.push(there.loss);
  trail.push(freePoint());
  lastWords = judge(here, there);
  if (position === 0) position = finished;
  showSliders();
  quietly(refresh);
  if (!Number.isFinite(there.loss) || there.slopes.some((slope) => !Number.isFinite(slope))) stopRunning();
}

/** What a teacher would say about this step. */
function judge(here, there) {
  if (!Number.isFinite(there.loss) || !freePoint().every(Number.isFinite)) {
    return "The steps were so large that the numbers have left the range of a computer: gradient descent diverged. Reset, and take a smaller rate.";
  }
  const lowest = Math.min(...losses);
  if (losses.length > 3 && there.loss > 10 * Math.max(losses[0], lowest)) {
    return `The loss grows with every step: the rate ${shortest(rate)} is too large, and gradient descent diverges.`;
  }
  if (there.loss > here.loss * (1 + 1e-12) + 1e-15) return `The loss went up, from ${writeApart(here.loss, there.loss).join(" to ")}: the step was too long, it overshot the valley.`;
  if (Math.hypot(...there.slopes) < 1e-6) return "The gradient is nearly 0: there is nothing left to descend.";
  return "";
}

function forgetDescent() {
  stopRunning();
  losses = [];
  trail = [];
  lastWords = "";
}

function stopRunning() {
  cancelAnimationFrame(running);
  running = null;
  byId("run").textContent = "Run";
  byId("run").setAttribute("aria-pressed", "false");
}

function toggleRunning() {
  if (running) return stopRunning();
  byId("run").textContent = "Pause";
  byId("run").setAttribute("aria-pressed", "true");
  let then = 0;
  const next = (now) => {
    running = requestAnimationFrame(next);
    // About thirty steps in a second: fast enough to arrive, slow enough to watch.
    if (now - then < 32) return;
    then = now;
    descendOnce();
    if (losses.length > 20000) stopRunning();
  };
  running = requestAnimationFrame(next);
}

function setRate(value) {
  if (!(value > 0) || !Number.isFinite(value)) return;
  rate = value;
  byId("rate-slider").value = Math.log10(rate);
  if (document.activeElement !== rateField) rateField.value = shortest(rate);
  showDescent();
}

function showDescent() {
  if (!sliders.length) return;
  const here = objective(x);
  const next = stepped(x, here);
  const there = objective(next);
  const squares = here.slopes.reduce((sum, slope) => sum + slope * slope, 0);
  const change = there.loss - here.loss;
  const name = learnsFromAll() ? `mean ${lossName}` : lossName;
  const [now, then] = writeApart(here.loss, there.loss);
  byId("preview").replaceChildren(
    `${name} = `, make("b", {}, now), ". One step would make it ", make("b", {}, then),
    Number.isFinite(change) ? ` (${change > 0 ? "+" : ""}${writeNumber(change)}; the slope promises ${writeNumber(-rate * squares)}).` : ".");
  byId("preview").classList.toggle("worse", !(change <= 0));
  byId("steps-done").textContent = losses.length > 1 ? plural(losses.length - 1, "step") : "";
  if (byId("progress").textContent !== lastWords) byId("progress").textContent = lastWords;
}

function setUpDescent() {
  if (!sliders.length) { byId("descending").hidden = true; return; }
  byId("learn-row").hidden = !samples;
  byId("step").addEventListener("click", () => { stopRunning(); descendOnce(); });
  byId("run").addEventListener("click", toggleRunning);
  byId("reset").addEventListener("click", () => {
    forgetDescent();
    sliders.forEach(({ place }) => { x[place] = page.start[place]; });
    showSliders();
    refresh();
  });
  byId("learn").addEventListener("change", () => { forgetDescent(); refresh(); });
  byId("rate-slider").addEventListener("input", (event) => setRate(Number((10 ** Number(event.target.value)).toPrecision(2))));
  rateField.addEventListener("input", () => setRate(rateField.valueAsNumber));
  rateField.value = shortest(rate);
  byId("rate-slider").value = Math.log10(rate);
}
