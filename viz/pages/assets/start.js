// Set everything up.

function setUpTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  // A page inside of another one may not be allowed to remember anything.
  const remembered = () => { try { return localStorage.getItem("glassgrad-theme"); } catch { return null; } };
  const choose = (theme) => { root.dataset.theme = theme; showPlots(); };
  root.dataset.theme = remembered() || (system.matches ? "dark" : "light");
  system.addEventListener("change", () => choose(system.matches ? "dark" : "light"));
  byId("theme").addEventListener("click", () => {
    choose(root.dataset.theme === "dark" ? "light" : "dark");
    try { localStorage.setItem("glassgrad-theme", root.dataset.theme); } catch { /* then it does not */ }
  });
}

byId("smaller").addEventListener("click", () => setZoom(zoom / 1.2));
byId("larger").addEventListener("click", () => setZoom(zoom * 1.2));
byId("fit").addEventListener("click", () => setZoom((stage.clientWidth - 4) / naturalWidth));
addEventListener("resize", () => { fitZoom(); litStep = ""; show(position); });

setUpTheme();
setUpSteps();
setUpTables();
setUpSliders();
setUpInspection();
setUpKeys();
setUpDescent();
setUpQuiz();
fitZoom();
refresh();
