// The samples: the choice of one, and a table of what goes in, what should come out and what does.

import { forgetDescent, learnsFromAll } from "../descend/descend.js";
import { byId, make } from "../document.js";
import { writeNumber } from "../numbers.js";
import {
  columnPlaces, finished, lossName, page, refresh, root, samples, state, whenNumbersChange, withExample,
} from "../state.js";

export function setUpExamples() {
  if (!samples) return;
  byId("example").hidden = false;
  const start = samples.rows.findIndex((row) => row.every((value, j) => value === page.start[columnPlaces[j]]));
  if (start < 0) byId("example").append(make("option", { value: -1 }, "as in the graph"));
  samples.names.forEach((name, i) => byId("example").append(make("option", { value: i }, name)));
  byId("example").append(make("option", { value: MEAN }, `all ${samples.names.length} (mean)`));
  byId("example").value = start;
  byId("example").addEventListener("change", () => choose(byId("example").value === MEAN ? MEAN : Number(byId("example").value)));
}

/** In place of an example's number: the mean of them all. */
const MEAN = "mean";

function choose(i) {
  const didLearnFromAll = learnsFromAll();
  state.showsMean = i === MEAN;
  if (state.showsMean || state.position === 0) state.position = finished;
  if (!state.showsMean) {
    state.chosen = i;
    state.inputs = withExample(state.inputs, i);
  }
  if (!learnsFromAll() || !didLearnFromAll) forgetDescent();
  refresh();
}

export function showChosenExample() {
  if (!samples) return;
  state.chosen = samples.rows.findIndex((row) => row.every((value, j) => value === state.inputs[columnPlaces[j]]));
}

/** What goes in, what should come out and what does come out, for every example. */
function showExampleTable() {
  const box = byId("table-of-examples");
  box.hidden = false;
  const outputs = samples.outputs;
  const cell = (value) => make("td", { class: "n" }, typeof value === "number" ? shortNumber(value) : value);
  const head = make("tr", {}, make("th"), ...samples.headings.map((text) => make("th", {}, text)),
    ...outputs.map((node) => make("th", { class: "out" }, page.names[node])), make("th", { class: "out" }, lossName));
  let sum = 0;
  const rows = samples.rows.map((row, i) => {
    const out = run(withExample(state.inputs, i));
    sum += out[root];
    const name = make("th", { scope: "row" }, make("button", { type: "button", class: "quiet", onclick: () => choose(i) }, samples.names[i]));
    return make("tr", { class: i === state.chosen && !state.showsMean ? "chosen" : "" }, name, ...row.map(cell), ...outputs.map((node) => cell(out[node])), cell(out[root]));
  });
  const name = make("button", { type: "button", class: "quiet", onclick: () => choose(MEAN) }, "mean");
  const mean = make("tr", { class: state.showsMean ? "mean chosen" : "mean" }, make("th", { scope: "row", colspan: 1 + samples.columns.length + outputs.length }, name), cell(sum / samples.rows.length));
  box.replaceChildren(make("table", {}, make("caption", {}, "Inputs and outputs"), head, ...rows, mean));
}

function shortNumber(value) {
  return writeNumber(value, 3);
}

whenNumbersChange(() => {
  if (!samples) return;
  byId("example").value = state.showsMean ? MEAN : state.chosen;
  byId("learn-row").hidden = state.showsMean;
  showExampleTable();
});
