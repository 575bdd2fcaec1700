// Look at one node: its gradient as the sum over its paths.  Look at one edge: its contribution.

import { byId, make, makeSvg } from "../document.js";
import { boxFor, edgeFor, groups, stage, svg } from "../graph/graph.js";
import { inParentheses, productSign, writeNumber } from "../numbers.js";
import { quizIsOn } from "../predict/quiz.js";
import { finished, nodeCount, page, root, seedStep, state, stepCount, uses, whenStepChanges } from "../state.js";
import { goTo } from "./steps.js";
import { timesSign } from "./words.js";

const MOST_PATHS = 8;

export function setUpInspection() {
  const look = byId("look");
  look.append(make("option", { value: "" }, "a node or an arrow…"));
  const nodes = make("optgroup", { label: "nodes" });
  page.names.forEach((name, i) => nodes.append(make("option", { value: "v" + i }, name)));
  const edges = make("optgroup", { label: "arrows" });
  page.backward.forEach(([node, input, , edge]) => edges.append(make("option", { value: edge }, `${page.names[input]} → ${page.names[node]}`)));
  look.append(nodes, edges);
  look.addEventListener("change", () => lookAt(look.value));
  svg.addEventListener("click", (event) => {
    const group = event.target.closest(".node, .edge, .tag");
    const id = group?.dataset.id || "";
    lookAt(state.looking === id ? "" : id);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.looking) lookAt(""); });
  stage.append(cardBeside);
  new ResizeObserver(showCard).observe(svg);
  // An arrow is thin: a wide invisible line under it catches the mouse.
  page.backward.forEach(([node, input, , edge], k) => {
    const line = groups[edge].querySelector(".line");
    groups[edge].prepend(makeSvg("title", {}, `step ${seedStep + k + 1}: ${page.names[node]} passes on to ${page.names[input]}`),
      makeSvg("path", { class: "catch", d: line.getAttribute("d") }));
  });
}

export function lookAt(id) {
  if (state.looking && groups[state.looking]) groups[state.looking].classList.remove("looked-at");
  state.looking = id || null;
  if (state.looking) groups[state.looking].classList.add("looked-at");
  byId("look").value = id;
  showPath(null);
  showInspection();
}

export function showInspection() {
  const box = byId("inspection");
  const hadFocus = box.contains(document.activeElement);
  if (!state.looking) box.replaceChildren();
  else if (quizIsOn()) box.replaceChildren(make("p", {}, "Gradients are hidden while you predict them."));
  else if (state.looking[0] === "v") box.replaceChildren(...aboutNode(Number(state.looking.slice(1))));
  else box.replaceChildren(...aboutEdge(page.backward.findIndex(([, , , edge]) => edge === state.looking)));
  if (hadFocus) box.querySelector("button")?.focus();
  showCard();
}

// Whoever clicks has the eye on the graph: the most important stands there as well.  Those who hear the page hear the panel.
const cardBeside = make("div", { id: "card", "aria-hidden": "true" });

function showCard() {
  cardBeside.hidden = !state.looking;
  if (cardBeside.hidden) return;
  const lines = ["p", "li:only-child span"].flatMap((what) => byId("inspection").querySelector(what) || []);
  cardBeside.replaceChildren(...lines.map((line) => make("div", {}, line.textContent)));
  // Below what is looked at, or above where there is no room; inside of what can be seen of the graph.
  const element = state.looking[0] === "v" ? boxFor(Number(state.looking.slice(1))) : edgeFor(state.looking).querySelector(".line");
  const view = stage.getBoundingClientRect(), { left, top, bottom } = element.getBoundingClientRect();
  const x = Math.max(Math.min(left, view.right - cardBeside.offsetWidth - 8), view.left + 8);
  const below = bottom + 8 + cardBeside.offsetHeight <= view.bottom;
  const y = below ? bottom + 8 : Math.max(top - 8 - cardBeside.offsetHeight, view.top);
  cardBeside.style.left = `${x - view.left + stage.scrollLeft}px`;
  cardBeside.style.top = `${y - view.top + stage.scrollTop}px`;
}

export const slope = (node) => `d${bracketed(page.names[root])}/d${bracketed(page.names[node])}`;
export const gradOf = (node) => `${bracketed(page.names[node])}.grad`;
const bracketed = (name) => /^[\p{L}\p{Nd}₀-₉_]+$/u.test(name) ? name : `(${name})`;

function aboutNode(node) {
  const name = page.names[node];
  const gradient = state.numbers.grad[node];
  const lines = [make("p", {}, `${name} = `, bold(state.numbers.data[node]), `, ${slope(node)} = `, bold(gradient), state.showsMean ? ", the means of all examples." : ".")];
  if (state.showsMean) return lines;
  const next = nextStep(node);
  if (next) lines.push(make("p", {}, make("button", { type: "button", onclick: () => goTo(next) }, `go to the next step that touches it (step ${next})`)));
  if (node === root) return [...lines, make("p", {}, "It is the result: every path begins here.")];
  const total = countPaths(node);
  const paths = somePaths(node, MOST_PATHS);
  const what = total === 1 ? "There is one path from the result down to it; the local derivatives along it are multiplied:"
    : `The gradient is the sum over ${total > 1e6 ? "more than a million" : total} paths from the result down to it; along each, the local derivatives are multiplied:`;
  if (total === 0) return [...lines, make("p", {}, "No path leads from the result to it.")];
  lines.push(make("p", {}, what));
  const list = make("ul", { class: "paths" });
  let sum = 0;
  for (const path of paths) {
    const product = path.reduce((share, k) => share * state.numbers.local[k], 1);
    sum += product;
    const names = [page.names[root], ...path.map((k) => page.names[page.backward[k][1]])].join(" → ");
    const factors = path.map((k, n) => n ? inParentheses(writeNumber(state.numbers.local[k])) : writeNumber(state.numbers.local[k])).join(" · ");
    const percent = Math.round(100 * product / gradient);
    const share = total > 1 && percent && Number.isFinite(percent) ? `, ${percent} % of it` : "";
    const button = make("button", { type: "button", class: "quiet", "aria-label": `show the path ${names}` }, names);
    for (const kind of ["mouseenter", "focus"]) button.addEventListener(kind, () => showPath(path));
    for (const kind of ["mouseleave", "blur"]) button.addEventListener(kind, () => showPath(null));
    button.addEventListener("click", () => showPath(path));
    list.append(make("li", {}, button, make("span", {}, `${factors} ${productSign(factors.split(" · "), writeNumber(product))} `, bold(product), share)));
  }
  lines.push(list);
  if (total > paths.length) {
    lines.push(make("p", { class: "quiet" }, `These are the first ${paths.length} of ${total > 1e6 ? "more than a million" : total} paths; `
      + `together they give ${writeNumber(sum)} of ${writeNumber(gradient)}.`));
  }
  return lines;
}

const bold = (value) => make("b", {}, writeNumber(value));

function aboutEdge(k) {
  const [node, input] = page.backward[k];
  const step = seedStep + k + 1;
  if (state.showsMean) return [make("p", {}, `On the mean of all examples, ${page.names[node]} gives ${page.names[input]} `, bold(state.numbers.product[k]), " along this arrow.")];
  const share = uses[input] > 1 ? `, one of ${uses[input]} contributions to ${slope(input)} = ${writeNumber(state.numbers.grad[input])}.` : `: that is all of ${slope(input)}.`;
  return [
    make("p", {}, `Along this arrow ${page.names[node]} gives ${page.names[input]}: upstream gradient `, bold(state.numbers.upstream[k]),
      " × local derivative ", bold(state.numbers.local[k]), ` ${timesSign(k)} `, bold(state.numbers.product[k]), share),
    make("p", {}, make("button", { type: "button", onclick: () => goTo(step) }, `go to this step (${step})`)),
  ];
}

/** The next step, behind the one that is shown, in which a node is computed or used, or passes on or receives a gradient. */
function nextStep(node) {
  for (let step = state.position === finished ? 1 : state.position + 1; step <= stepCount; step++) {
    if (step < seedStep) {
      const made = page.forward[step - 1];
      if (made === node || page.inputsOf[made].includes(node)) return step;
    } else if (step === seedStep ? node === root : page.backward[step - seedStep - 1].slice(0, 2).includes(node)) return step;
  }
  return null;
}

/** For each node the contributions that it receives. */
export const receives = page.names.map(() => []);
page.backward.forEach(([, input], k) => receives[input].push(k));

/** How many paths lead from the result to each node: to a node as many as to all of its users together. */
const pathCounts = new Array(nodeCount).fill(0);
pathCounts[root] = 1;
for (const [node, input] of page.backward) pathCounts[input] += pathCounts[node];
const countPaths = (node) => pathCounts[node];

/** The first paths, each as the numbers of its contributions, from the result down to the node. */
function somePaths(node, most) {
  const found = [];
  const walk = (at, below) => {
    if (found.length >= most) return;
    if (at === root) found.push(below);
    else for (const k of receives[at]) walk(page.backward[k][0], [k, ...below]);
  };
  walk(node, []);
  return found;
}

function showPath(path) {
  for (const element of svg.querySelectorAll(".on-path")) element.classList.remove("on-path");
  for (const k of path || []) edgeFor(page.backward[k][3]).classList.add("on-path");
}

whenStepChanges(showInspection);
