// The page's end of the widget: what a slider changes is reported, and what Python changes is shown.

import { forgetDescent } from "../descend/descend.js";
import { showChosenExample } from "../play/examples.js";
import { page, refresh, state, whenNumbersChange } from "../state.js";
import { stop } from "../steps/steps.js";

const PAUSE = 50; // milliseconds between two reports, while a slider moves
const nameOfInput = page.inputs.map((node) => `v${node}`);
let lastReported = JSON.stringify(state.inputs);
let reportIsDue = false;

whenNumbersChange(() => {
  if (reportIsDue || JSON.stringify(state.inputs) === lastReported) return;
  reportIsDue = true;
  setTimeout(report, PAUSE);
});

function report() {
  reportIsDue = false;
  lastReported = JSON.stringify(state.inputs);
  const moved = Object.fromEntries(nameOfInput.map((name, i) => [name, state.inputs[i]]));
  parent.postMessage({ glassgrad: "moved", numbers: moved }, "*");
}

addEventListener("message", (event) => {
  if (event.source !== parent || event.data?.glassgrad !== "numbers") return;
  const wanted = nameOfInput.map((name, i) => event.data.numbers[name] ?? state.inputs[i]);
  if (reportIsDue || JSON.stringify(wanted) === JSON.stringify(state.inputs)) return;
  state.inputs = wanted;
  lastReported = JSON.stringify(state.inputs);
  stop();
  forgetDescent();
  showChosenExample();
  refresh();
});

parent.postMessage({ glassgrad: "ready" }, "*");
