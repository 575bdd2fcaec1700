// The state of the page: what was written into it, and what its program makes of the numbers of the sliders.

import { byId } from "./document.js";

export const page = JSON.parse(byId("page-data").textContent);
export const nodeCount = page.names.length;
export const edgeCount = page.backward.length;
export const root = nodeCount - 1;
export const lossName = page.names[root].length <= 12 ? page.names[root] : "loss";

// One step for each operation, one that sets the gradient of the result to 1, one for each contribution; and then
// the finished picture, in which nothing is lit.
export const seedStep = page.forward.length + 1;
export const stepCount = seedStep + edgeCount;
export const finished = stepCount + 1;

page.start = page.start.map(Number); // infinity and nan come as words
/** Samples that fill some of the inputs, or null; and which inputs these are. */
export const samples = page.examples;
export const columnPlaces = samples ? samples.columns.map((node) => page.inputs.indexOf(node)) : [];
/** The place of the sample that stands in these inputs; -1 if none does. */
export const sampleIn = (inputs) => samples ? samples.rows.findIndex((row) => row.every((value, j) => value === inputs[columnPlaces[j]])) : -1;

/** All that changes on the page.  Modules read it, and redraw themselves when they are told that it has changed. */
export const state = {
  /** A number for each input of the program: the leaves that a slider or an example can change. */
  inputs: page.start.slice(),
  /** Every number that is shown, as compute() gives them. */
  numbers: null,
  /** How many steps have been made. A page opens on the finished picture. */
  position: finished,
  /** The step whose result Predict asks for; 0 if none is. */
  asked: 0,
  /** True once its hint has been given. */
  isHinted: false,
  /** The place of the sample that stands in the inputs; -1 if none does. */
  chosen: sampleIn(page.start),
  /** True while the graph shows the mean of all examples. */
  showsMean: false,
  /** The node ("v3") or edge that is looked at, or null. */
  looking: null,
  /** Gradient descent: the learning rate, and the descent so far, see descent.js. */
  rate: page.rate,
  descent: null,
};
state.numbers = compute(state.inputs);

export function withExample(inputs, i) {
  const row = i < 0 ? columnPlaces.map((place) => page.start[place]) : samples.rows[i];
  const changed = inputs.slice();
  columnPlaces.forEach((place, j) => { changed[place] = row[j]; });
  return changed;
}

/** Both passes: the data of each node, and for each contribution its factors and the running total. */
function compute(inputs) {
  const out = run(inputs);
  const data = out.slice(0, nodeCount);
  const local = out.slice(nodeCount, nodeCount + edgeCount);
  const grad = out.slice(nodeCount + edgeCount);
  const upstream = [], product = [], before = [], after = [];
  const total = new Array(nodeCount).fill(0);
  page.backward.forEach(([node, input], k) => {
    upstream.push(grad[node]);
    product.push(local[k] * grad[node]);
    before.push(total[input]);
    total[input] += product[k];
    after.push(total[input]);
  });
  return { data, local, grad, upstream, product, before, after };
}

/** Every number of the page, of what stands in the sliders or as the mean of all examples. */
function computeShown() {
  if (!state.showsMean) return compute(state.inputs);
  const all = samples.rows.map((_, i) => compute(withExample(state.inputs, i)));
  const mean = (field) => all[0][field].map((_, i) => all.reduce((total, one) => total + one[field][i], 0) / all.length);
  return Object.fromEntries(Object.keys(state.numbers).map((field) => [field, mean(field)]));
}

/** The gradient of each node as far as it is known after so many steps; undefined where nothing has arrived. */
export function gradientsAfter(steps) {
  const known = new Array(nodeCount);
  if (steps >= seedStep) known[root] = 1;
  for (let k = 0; k < edgeCount && k < steps - seedStep; k++) known[page.backward[k][1]] = state.numbers.after[k];
  return known;
}

/** For each node the step that computes its data (0 for a leaf) and the one that completes its gradient. */
export const dataStep = new Array(nodeCount).fill(0);
export const lastStep = new Array(nodeCount).fill(0);
export const uses = new Array(nodeCount).fill(0);
page.forward.forEach((node, k) => { dataStep[node] = k + 1; });
lastStep[root] = seedStep;
page.backward.forEach(([, input], k) => { lastStep[input] = seedStep + k + 1; uses[input] += 1; });

// --- who is told ---

const numberViews = [];
const stepViews = [];

/** Call this whenever the numbers have changed, before those who show a step. */
export const whenNumbersChange = (redraw) => numberViews.push(redraw);
/** Call this whenever another step is shown, or its numbers have changed. */
export const whenStepChanges = (redraw) => stepViews.push(redraw);

/** The numbers have changed: all that is shown follows. */
export function refresh() {
  state.numbers = computeShown();
  for (const redraw of numberViews) redraw();
  show(state.position);
}

/** Show the graph after so many steps. */
export function show(newPosition) {
  state.position = Math.min(Math.max(newPosition, 0), finished);
  // A step, with its factors, is one example's: the mean of them all is shown in the finished picture only.
  if (state.showsMean && state.position !== finished) {
    state.showsMean = false;
    state.inputs = withExample(state.inputs, state.chosen);
    return refresh();
  }
  for (const redraw of stepViews) redraw();
}
