// The page in a lesson: large type for a projector, words that fit into their place, and all steps as a table.

import { byId, make } from "./document.js";
import { fitZoom } from "./graph/camera.js";
import { relight } from "./graph/graph.js";
import { samples, state, whenStepChanges } from "./state.js";
import { writeTables } from "./steps/tables.js";

const body = document.body;
const isPresenting = () => body.classList.contains("presenting");

/** Only the graph and what is said about it, in large type; or everything again. */
function present(isOn) {
  body.classList.toggle("presenting", isOn);
  byId("present").setAttribute("aria-pressed", isOn);
  makeRoom();
}

function makeRoom() {
  fitZoom();
  relight();
  fitWords();
}

// --- words ---

/** What the words were about when they were last fitted: a slider changes their numbers only. */
let fitted = "";

/** Words and formulas that have no room in their panel are written smaller, down to four fifths. */
function fitWords() {
  const panel = byId("telling");
  for (const size of [1, 0.95, 0.9, 0.85, 0.8]) {
    panel.style.setProperty("--size", size);
    if (panel.scrollHeight <= panel.clientHeight && panel.scrollWidth <= panel.clientWidth) return;
  }
}

function fitNewWords() {
  const now = `${state.position} ${state.asked} ${state.looking} ${byId("verdict").textContent}`;
  if (now === fitted) return;
  fitted = now;
  fitWords();
}

// --- the table of examples and the map, one or the other where there is no room for both ---

function setUpViews() {
  const views = byId("views"), tabs = byId("view-tabs");
  const hasMap = [...views.querySelectorAll("figure")].some((figure) => !figure.hidden);
  views.hidden = !samples && !hasMap;
  tabs.hidden = !samples || !hasMap;
  const choose = (name) => {
    views.dataset.shows = name;
    for (const button of tabs.children) button.setAttribute("aria-pressed", button.value === name);
  };
  for (const name of ["Examples", "Map"]) tabs.append(make("button", { type: "button", value: name, onclick: () => choose(name) }, name));
  choose(samples ? "Examples" : "Map");
}

export function setUpLesson() {
  setUpViews();
  byId("present").addEventListener("click", () => present(!isPresenting()));
  byId("tabulate").addEventListener("click", () => { writeTables(); byId("all-steps").showModal(); });
  byId("close-steps").addEventListener("click", () => byId("all-steps").close());
  addEventListener("resize", makeRoom);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range]), select, dialog")) return;
    if (event.key.toLowerCase() === "p") present(!isPresenting());
    else if (event.key === "Escape" && isPresenting()) present(false);
  });
  whenStepChanges(fitNewWords);
  makeRoom();
}
