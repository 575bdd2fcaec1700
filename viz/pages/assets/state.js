"use strict";
// The state of the page: what was written into it, and what its program makes of the numbers of the sliders.

const byId = (id) => document.getElementById(id);
const page = JSON.parse(byId("page-data").textContent);
const nodeCount = page.names.length;
const edgeCount = page.backward.length;
const root = nodeCount - 1;
const lossName = page.names[root].length <= 12 ? page.names[root] : "loss";

// One step for each operation, one that sets the gradient of the result to 1, one for each contribution; and then
// the finished picture, in which nothing is lit.
const seedStep = page.forward.length + 1;
const stepCount = seedStep + edgeCount;
const finished = stepCount + 1;

/** x holds one number for each input of the program: the leaves that a slider or an example can change. */
page.start = page.start.map(Number); // infinity and nan come as words
let x = page.start.slice();
let numbers = compute(x);
/** True while the graph shows the mean of all examples. */
let showsMean = false;

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
  if (!showsMean) return compute(x);
  const all = samples.rows.map((_, i) => compute(withExample(x, i)));
  const mean = (field) => all[0][field].map((_, i) => all.reduce((total, one) => total + one[field][i], 0) / all.length);
  return Object.fromEntries(Object.keys(numbers).map((field) => [field, mean(field)]));
}

/** The gradient of each node as far as it is known after so many steps; undefined where nothing has arrived. */
function gradientsAfter(steps) {
  const known = new Array(nodeCount);
  if (steps >= seedStep) known[root] = 1;
  for (let k = 0; k < edgeCount && k < steps - seedStep; k++) known[page.backward[k][1]] = numbers.after[k];
  return known;
}

/** For each node the step that computes its data (0 for a leaf) and the one that completes its gradient. */
const dataStep = new Array(nodeCount).fill(0);
const lastStep = new Array(nodeCount).fill(0);
const uses = new Array(nodeCount).fill(0);
page.forward.forEach((node, k) => { dataStep[node] = k + 1; });
lastStep[root] = seedStep;
page.backward.forEach(([, input], k) => { lastStep[input] = seedStep + k + 1; uses[input] += 1; });

// --- formulas ---

// In a formula, the slot {2n} or {2n + 1} stands for node n: for its name or its number.
const SLOT = /<mi>\{(\d+)\}<\/mi>/g;
const formulas = Array.from(byId("formula-texts").content.children, (math) => math.innerHTML);
const forwardFormulas = formulas.slice(nodeCount, nodeCount + page.forward.length);
const localFormulas = formulas.slice(nodeCount + page.forward.length);
const withNames = (formula) => formula.replace(SLOT, (_, slot) => symbols[slot >> 1]);

/** What each node is called in a formula: its label, or the formula by which it is computed. */
const symbols = formulas.slice(0, nodeCount);
page.forward.forEach((node, k) => {
  if (symbols[node] === "") symbols[node] = withNames(forwardFormulas[k]);
  else if (symbols[node].startsWith("<mo>(")) symbols[node] = `<mrow><mo>(</mo>${withNames(forwardFormulas[k])}<mo>)</mo></mrow>`;
});

/** A name that stands alone, without the parentheses that it needs in other formulas. */
const bare = (symbol) => symbol.startsWith("<mrow><mo>(</mo>") ? `<mrow>${symbol.slice(16, -17)}</mrow>` : symbol;

// --- numbers that are not numbers ---

/** In words what went wrong first, or "" if all numbers are finite. */
function complaint() {
  const bad = page.forward.find((node) => !Number.isFinite(numbers.data[node]));
  if (bad !== undefined) {
    const inputs = page.inputsOf[bad].map((i) => `${page.names[i]} = ${writeNumber(numbers.data[i])}`).join(", ");
    const needs = page.requires[bad] ? ` It needs ${page.requires[bad]}.` : " The result is too large for a number.";
    return `${page.names[bad]} is not a finite number: ${page.ops[bad]} of ${inputs}.${needs}`;
  }
  const edge = numbers.product.findIndex((share) => !Number.isFinite(share));
  if (edge >= 0) {
    const [node, input] = page.backward[edge];
    return `The derivative of ${page.names[node]} with respect to ${page.names[input]} is not a finite number here.`;
  }
  return "";
}

// --- small helpers for the document ---

/** A new element with attributes and children; a string among these becomes text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  return filled(element, attributes, children);
}

function makeSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return filled(element, attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function plural(count, thing) {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
