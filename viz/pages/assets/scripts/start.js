// Set everything up.

import "./descend/curve.js";
import { setUpDescent } from "./descend/descend.js";
import { byId } from "./document.js";
import { fitZoom, setZoom, zoom } from "./graph/camera.js";
import { naturalWidth, relight, stage } from "./graph/graph.js";
import { setUpKeys } from "./graph/keys.js";
import { setUpSliders } from "./play/sliders.js";
import { setUpQuiz } from "./predict/quiz.js";
import { refresh } from "./state.js";
import "./steps/formulas.js";
import { setUpInspection } from "./steps/inspect.js";
import { setUpSteps } from "./steps/steps.js";
import { setUpTables } from "./steps/tables.js";
import "./steps/words.js";

function setUpTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  // A page inside of another one may not be allowed to remember anything.
  const remembered = () => { try { return localStorage.getItem("glassgrad-theme"); } catch { return null; } };
  const choose = (theme) => { root.dataset.theme = theme; refresh(); };
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
addEventListener("resize", () => { fitZoom(); relight(); });

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
