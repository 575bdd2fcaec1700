// The samples: the choice of one, and a table of what goes in, what should come out and what does.

import { forgetDescent, learnsFromAll } from "../descend/descend.js";
import { byId, make } from "../document.js";
import { writeShort } from "../numbers.js";
import {
  finished, lossName, page, refresh, root, sampleIn, samples, state, whenNumbersChange, withExample,
} from "../state.js";

export function setUpExamples() {
  if (!samples) return;
  byId("example").hidden = false;
  if (state.chosen < 0) byId("example").append(make("option", { value: -1 }, "as in the graph"));
  samples.names.forEach((name, i) => byId("example").append(make("option", { value: i }, name)));
  byId("example").append(make("option", { value: MEAN }, `all ${samples.names.length} (mean)`));
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
  state.chosen = sampleIn(state.inputs);
}

/** What goes in, what should come out and what does come out, for every example. */
function showExampleTable() {
  const box = byId("table-of-examples");
  box.hidden = false;
  const outputs = samples.outputs;
  // Where there is little room, what goes in is left out.
  const kind = (j) => samples.targets.includes(samples.columns[j]) ? "n" : "n given";
  const cell = (value, kind = "n") => make("td", { class: kind }, typeof value === "number" ? writeShort(value, 3) : value);
  const head = make("tr", {}, make("th"), ...samples.headings.map((text, j) => make("th", { title: text, class: kind(j) }, text)),
    ...outputs.map((node) => make("th", { class: "out" }, page.names[node])), make("th", { class: "out" }, lossName));
  let sum = 0;
  const line = (i, name, isChosen, row, outs, loss) => make("tr", { class: isChosen ? "chosen" : "" },
    make("th", { scope: "row" }, make("button", { type: "button", class: "quiet", onclick: () => choose(i) }, name)),
    ...row.map((value, j) => cell(value, kind(j))), ...outs.map((value) => cell(value)), cell(loss));
  const rows = samples.rows.map((row, i) => {
    const out = run(withExample(state.inputs, i));
    sum += out[root];
    return line(i, samples.names[i], i === state.chosen && !state.showsMean, row, outputs.map((node) => out[node]), out[root]);
  });
  const mean = line(MEAN, "mean", state.showsMean, samples.columns.map(() => ""), outputs.map(() => ""), sum / rows.length);
  mean.classList.add("mean");
  box.replaceChildren(make("table", {}, make("caption", {}, "Inputs and outputs"), head, ...rows, mean));
}

whenNumbersChange(() => {
  if (!samples) return;
  byId("example").value = state.showsMean ? MEAN : state.chosen;
  byId("learn-row").hidden = state.showsMean;
  showExampleTable();
});
