// The graph: the numbers in its boxes and what flows back along its edges after so many steps, and what is lit.

import { byId } from "../document.js";
import { writeShort } from "../numbers.js";
import {
  dataStep, gradientsAfter, lastStep, page, root, seedStep, show, state, stepCount, whenStepChanges,
} from "../state.js";
import { writeEquation } from "./equation.js";
import { watchSight } from "./sight.js";

export const svg = byId("graph");
export const stage = byId("stage");
export const naturalWidth = svg.width.baseVal.value;
export const naturalHeight = svg.height.baseVal.value;
export const groups = {};
for (const group of svg.querySelectorAll(".node, .edge, .frame")) groups[group.dataset.id] = group;

export const boxes = page.names.map((_, i) => boxOf(groups["v" + i]));

/** The parts of a box that change, and how much room its numbers have. */
export function boxOf(group) {
  const text = (name) => group.querySelector(name)?.firstChild;
  const [width, height] = ["width", "height"].map((side) => Number(group.querySelector(".box").getAttribute(side)));
  const { e, f } = group.transform.baseVal[0].matrix;
  const room = width - 12;
  const name = group.querySelector(".name");
  const besideName = room - (name ? name.getComputedTextLength() + 5 : 0);
  return { group, tint: group.querySelector(".tint"), data: text(".data"), grad: text(".grad"), room, besideName, borders: [e - 30, f, e + width, f + height] };
}

const inSight = watchSight(svg, stage, () => showNumbers(state.position, () => true));

/** For each node its tags: where a row of a long graph begins with a number of an earlier row. */
export const tags = page.names.map((_, i) => Array.from(svg.querySelectorAll(`.tag[data-id="v${i}"]`), boxOf));

/** For each node its edges, in the order of the operation's inputs. */
export const edgesInto = page.names.map(() => []);
page.backward.forEach(([node, , operand, edge], k) => { edgesInto[node][operand] = { edge, k }; });

// --- numbers ---

function showNumbers(position, isSeen = inSight()) {
  const gradients = gradientsAfter(position);
  boxes.forEach((box, i) => {
    if (isSeen(...box.borders)) showBox(box, i, position, gradients);
    for (const tag of tags[i]) if (isSeen(...tag.borders)) writeNarrow(tag.data, dataText(i, position), tag.besideName);
  });
  for (const fold of folded.values()) fold.parts.forEach((box) => showBox(box, box.node, position, gradients));
  showFlow(position, isSeen);
}

const dataText = (node, position) => dataStep[node] <= position ? writeShort(state.numbers.data[node]) : "?";

/** A total that is not complete yet ends with three dots. */
export function showBox(box, node, position, gradients) {
  const isKnown = dataStep[node] <= position;
  const gradient = gradients[node];
  writeNarrow(box.data, dataText(node, position), box.besideName);
  writeNarrow(box.grad, gradient === undefined ? "?" : writeShort(gradient) + (lastStep[node] <= position ? "" : "…"), box.room);
  box.group.classList.toggle("unknown", !isKnown);
  paint(box.tint, gradient);
}

export function write(textNode, text) {
  if (textNode.data !== text) textNode.data = text;
}

/** Write a number; one that is too long for its room, as −1.23·10⁻¹⁰⁰ may be, stands there in narrower letters. */
function writeNarrow(textNode, text, room) {
  if (textNode.data === text) return;
  textNode.data = text;
  const element = textNode.parentNode;
  if (widthOf(text) > room) for (const [name, value] of [["textLength", room], ["lengthAdjust", "spacingAndGlyphs"]]) element.setAttribute(name, value);
  else if (element.hasAttribute("textLength")) element.removeAttribute("textLength");
}

const ruler = document.createElement("canvas").getContext("2d");
const characterWidths = {};
ruler.font = getComputedStyle(svg).font;

/** How wide a text is in the graph; to ask the graph itself would lay it out anew each time. */
export function widthOf(text) {
  let width = 0;
  for (const character of text) width += characterWidths[character] ??= ruler.measureText(character).width;
  return width;
}

/** The same as in viz/drawing/style.py: how full the tint of a gradient is, from 0 to 1. */
export function tintShare(gradient) {
  return gradient ? 0.08 + 0.92 * Math.min(1, Math.sqrt(Math.abs(gradient) / page.reference)) : 0;
}

/** The same as in viz/drawing/style.py: how wide an edge is along which so much flows back. */
function edgeWidth(contribution) {
  return contribution ? 1 + 7 * Math.min(1.3, Math.sqrt(Math.abs(contribution) / page.reference)) : 1;
}

export const signOf = (value) => value > 0 ? "positive" : value < 0 ? "negative" : "";

/** Give a strip the colour of a gradient. */
function paint(tint, gradient) {
  const share = tintShare(gradient).toFixed(3);
  const look = `tint ${signOf(gradient)}`.trim();
  if (tint.getAttribute("class") !== look) tint.setAttribute("class", look);
  if (tint.getAttribute("fill-opacity") !== share) tint.setAttribute("fill-opacity", share);
}

// --- what flows back ---

const FLOWS = ["positive", "negative", "zero", "pending"];

/** The width of each edge is the size of its contribution, its colour and dashes are the sign. */
function showFlow(position, isSeen) {
  const flows = new Map();
  page.backward.forEach(([node, input, , edge], k) => {
    const [one, other] = [boxes[input].borders, boxes[node].borders];
    if (!isSeen(Math.min(one[0], other[0]), Math.min(one[1], other[1]), Math.max(one[2], other[2]), Math.max(one[3], other[3]))) return;
    const drawn = drawnFor[edge] || edge;
    const contribution = k < position - seedStep ? state.numbers.product[k] : undefined;
    flows.set(drawn, contribution === undefined ? flows.get(drawn) : (flows.get(drawn) || 0) + contribution);
  });
  for (const [edge, contribution] of flows) {
    const group = groups[edge];
    const flow = contribution === undefined ? "pending" : signOf(contribution) || "zero";
    if (!group.classList.contains(flow)) {
      group.classList.remove(...FLOWS);
      group.classList.add(flow);
    }
    const width = edgeWidth(contribution).toFixed(2);
    const line = group.querySelector(".line");
    if (line.getAttribute("stroke-width") !== width) line.setAttribute("stroke-width", width);
  }
}

// --- what is folded up ---

/** The frames that are folded, each with its group in the graph. */
export const folded = new Map();
/** Two edges between the same two boxes are drawn as one when a box is folded; this is the one that is drawn. */
export const drawnFor = {};

/** The outermost folded frame around a node, or undefined. */
export function foldAround(node) {
  let found;
  for (const frame of page.frames) {
    if (folded.has(frame.id) && frame.members.includes(node) && (!found || frame.id === found.parent)) found = frame;
  }
  return found;
}

export function boxFor(node) {
  const fold = foldAround(node);
  return fold ? folded.get(fold.id).group : boxes[node].group;
}

export function edgeFor(edge) {
  return groups[drawnFor[edge] || edge];
}

// --- what is lit ---

export let lit = [];
export let litStep = "";

/** Light what the step works on: the node that is computed, or the edge along which a gradient is passed on. */
function light(position, isQuestion) {
  // While a slider moves, only the numbers of the equation change.
  if (litStep === `${position} ${isQuestion}`) return writeEquation(position, isQuestion);
  litStep = `${position} ${isQuestion}`;
  for (const [element, name] of lit) element.classList.remove(...name.split(" "));
  lit = [];
  if (position > 0 && position < seedStep) {
    const node = page.forward[position - 1];
    turnOn(boxFor(node), "made");
    page.inputsOf[node].forEach((input, operand) => {
      turnOn(boxFor(input), "used");
      turnOn(edgeFor(edgesInto[node][operand].edge), "lit onwards");
    });
  } else if (position === seedStep) {
    turnOn(boxFor(root), "receiver");
  } else if (position > seedStep && position <= stepCount) {
    const [node, input, , edge] = page.backward[position - seedStep - 1];
    turnOn(boxFor(node), "giver");
    turnOn(boxFor(input), "receiver");
    turnOn(tagAt(input, edge), "receiver");
    turnOn(edgeFor(edge), "lit backwards");
  }
  writeEquation(position, isQuestion);
}

/** The tag at which an edge begins, or undefined if it begins at the box itself. */
function tagAt(node, edge) {
  const [x, y] = groups[edge].querySelector(".line").getAttribute("d").match(/-?[\d.]+/g).map(Number);
  return tags[node].find(({ group }) => {
    const { e, f } = group.transform.baseVal[0].matrix;
    return Math.hypot(e + group.querySelector(".box").width.baseVal.value - x, f + 10 - y) < 5;
  })?.group;
}

function turnOn(element, name) {
  if (!element) return;
  element.classList.add(...name.split(" "));
  lit.push([element, name]);
}

whenStepChanges(() => {
  showNumbers(state.position);
  light(state.asked || state.position, Boolean(state.asked));
});

/** Boxes have come or gone. */
export function relight() {
  litStep = "";
  show(state.position);
}
