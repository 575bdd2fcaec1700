// Set everything up.

import "./descend/curve.js";
import { setUpDescent } from "./descend/descend.js";
import { byId } from "./document.js";
import { setUpCamera } from "./graph/camera.js";
import { setUpKeys } from "./graph/keys.js";
import { setUpLesson } from "./lesson.js";
import { setUpSliders } from "./play/sliders.js";
import { setUpSlices } from "./play/slices.js";
import { setUpQuiz } from "./predict/quiz.js";
import { refresh } from "./state.js";
import "./steps/formulas.js";
import { setUpInspection } from "./steps/inspect.js";
import { setUpLinks } from "./steps/links.js";
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

setUpTheme();
setUpSteps();
setUpTables();
setUpSliders();
setUpSlices();
setUpInspection();
setUpKeys();
setUpLinks();
setUpDescent();
setUpQuiz();
setUpCamera();
refresh();
setUpLesson();
