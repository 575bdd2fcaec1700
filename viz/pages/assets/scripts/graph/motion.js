// Motion: in one step forward a number travels along its edge.  All is drawn at once as it is after the step, and
// what the number has not reached yet is held back until it arrives.

import { makeSvg, set } from "../document.js";
import { inParentheses } from "../numbers.js";
import { edgeCount, gradientsAfter, page, seedStep, state, whenStepChanges } from "../state.js";
import { plusSign, shownAt } from "../steps/words.js";
import { WIDER } from "./equation.js";
import { boxes, edgesInto, foldAround, groups, showBox, svg, widthOf, write } from "./graph.js";

/** In milliseconds: at the middle of the edge it meets the local derivative, goes on as the product, and arrives. */
const MEETS = 250, GOES_ON = 430, ARRIVES = 700;
/** How long the sum can be read at the box; that of several contributions takes longer. */
const SUM = 500, LONGER_SUM = 1100;
/** In the forward pass: until the inputs have arrived, and until the result has been seen. */
const COMPUTED = 400, SEEN = 700;
const MOST_TRAVELLERS = 12;
/** A number stands so far above its place on the edge that it covers no box beside that. */
const ABOVE = 28;

/** What moves now: how it looks after some milliseconds, how long it lasts, how it ends, and what follows. */
let motion = null;

/** Let the numbers of the step that is shown travel, if they may; then go on. */
export function move(then = () => {}) {
  const k = state.position - seedStep - 1;
  if (document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) motion = null;
  else motion = k < -1 ? motionForwards(page.forward[state.position - 1]) : k >= 0 && k < edgeCount ? motionBack(k) : null;
  if (!motion) return then();
  const current = motion, begun = performance.now();
  current.then = then;
  svg.classList.add("moving");
  current.draw(0);
  requestAnimationFrame(function frame(now) {
    if (motion !== current || current.isHeld) return;
    if (now - begun >= current.lasts) return finishMotion();
    current.draw(Math.max(now - begun, 0));
    requestAnimationFrame(frame);
  });
}

/** End at once what moves: everything is where it belongs. */
function finishMotion() {
  if (!motion) return;
  const { arrive, node, then } = motion;
  motion = null;
  arrive();
  for (const element of svg.querySelectorAll(".traveller")) element.remove();
  boxes[node].group.classList.remove("arrived");
  svg.classList.remove("moving");
  then();
}

/** A box as it is after so many steps. */
const showBoxAt = (node, position) => showBox(boxes[node], node, position, gradientsAfter(position));

/** The number that was held back stands in its box. */
function showArrival(node) {
  showBoxAt(node, state.position);
  boxes[node].group.classList.add("arrived");
}

const lineOf = (edge) => groups[edge].querySelector(".line");

/** The inputs go into the operation, and the result appears in its box. */
function motionForwards(node) {
  const inputs = page.inputsOf[node];
  if (inputs.length > MOST_TRAVELLERS || [node, ...inputs].some(foldAround)) return null;
  const lines = inputs.map((_, operand) => lineOf(edgesInto[node][operand].edge));
  const dots = lines.map(() => makeSvg("circle", { class: "traveller", r: 5 }));
  showBoxAt(node, state.position - 1);
  svg.append(...dots);
  const arrive = () => { dots.forEach((dot) => dot.remove()); showArrival(node); };
  const draw = (time) => {
    if (time >= COMPUTED) return arrive();
    lines.forEach((line, i) => placeAt(dots[i], line.getPointAtLength(line.getTotalLength() * eased(time / COMPUTED))));
  };
  return { node, draw, arrive, lasts: SEEN };
}

/** The upstream gradient leaves the upper box, is multiplied on the way, and adds into the box that it reaches. */
function motionBack(k) {
  const [giver, node, , edge] = page.backward[k];
  if (foldAround(giver) || foldAround(node)) return null;
  const line = lineOf(edge);
  const { length, middle, whole, at, filled } = routeBetween(boxes[giver], line, boxes[node]);
  const [upstream, local, product, before, after] = ["upstream", "local", "product", "before", "after"].map((field) => shownAt(field, k));
  const factor = `× ${inParentheses(local)}`;
  const number = makeLabel("traveller"), meeting = makeLabel("traveller meeting");
  // The edge fills behind the number; dashes move along with it.
  const filling = line.cloneNode();
  const dashes = getComputedStyle(line).strokeDasharray.replace("none", "9 0").replace(/px|,/g, "");
  const pattern = ` ${dashes}`.repeat(Math.ceil(length / 4.5));
  line.after(filling);
  line.classList.add("waiting");
  showBoxAt(node, state.position - 1);
  svg.append(meeting, number);
  const arrive = () => {
    filling.remove();
    meeting.remove();
    line.classList.remove("waiting");
    showArrival(node);
  };
  const draw = (time) => {
    if (time >= ARRIVES) {
      arrive();
      const { x, y, width } = cornerOf(boxes[node]);
      return writeLabel(number, `${before} + ${inParentheses(product)} ${plusSign(k)} ${after}`, { x: x + width / 2, y }, 14);
    }
    const way = time < GOES_ON ? middle * eased(Math.min(time / MEETS, 1))
      : middle + (whole - middle) * eased((time - GOES_ON) / (ARRIVES - GOES_ON));
    writeLabel(number, time < MEETS ? upstream : time < GOES_ON ? `${upstream} ${factor}` : product, at(way), ABOVE);
    writeLabel(meeting, time < MEETS ? factor : "", at(middle), -ABOVE);
    filling.style.strokeDasharray = `0 ${length - filled(way)}${pattern}`;
  };
  return { node, draw, arrive, lasts: ARRIVES + (before === "0" ? SUM : LONGER_SUM) };
}

/** From the gradient of one box along a line, which ends there, to the gradient of another box, or to its tag. */
function routeBetween(giver, line, receiver) {
  const length = line.getTotalLength();
  const from = line.getPointAtLength(length), to = line.getPointAtLength(0);
  const first = middleOfStrip(giver), last = middleOfStrip(receiver);
  const begin = Math.hypot(first.x - from.x, first.y - from.y), end = Math.hypot(last.x - to.x, last.y - to.y);
  const between = (a, b, share) => ({ x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share });
  const filled = (way) => Math.min(Math.max(way - begin, 0), length);
  const at = (way) => way < begin ? between(first, from, way / begin)
    : way <= begin + length ? line.getPointAtLength(length - filled(way)) : between(to, last, (way - begin - length) / end);
  return { length, filled, at, middle: begin + length / 2, whole: begin + length + (end < cornerOf(receiver).width ? end : 0) };
}

function cornerOf({ group }) {
  const { e, f } = group.transform.baseVal[0].matrix;
  return { x: e, y: f, width: group.querySelector(".box").width.baseVal.value };
}

function middleOfStrip(box) {
  const { x, y, width } = cornerOf(box);
  return { x: x + width / 2, y: y + box.tint.y.baseVal.value + 8 };
}

const eased = (share) => share * share * (3 - 2 * share);

const placeAt = (element, { x, y }) => set(element, { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });

const makeLabel = (kind) => makeSvg("g", { class: kind },
  makeSvg("path"), makeSvg("circle", { r: 4 }), makeSvg("rect", { height: 20, rx: 10 }), makeSvg("text", {}, "?"));

/** A label with its dot at a point, so far above that; it does not leave the graph. */
function writeLabel(label, words, point, above) {
  const [leader, , rect, text] = label.children;
  const view = svg.viewBox.baseVal;
  const width = widthOf(words) * WIDER + 16;
  const inside = (middle, half, low, room) => Math.min(Math.max(middle, low + half), low + room - half);
  const x = inside(point.x, width / 2, view.x, view.width) - point.x;
  const y = inside(point.y - above, 10, view.y, view.height) - point.y;
  write(text.firstChild, words);
  set(rect, { x: x - width / 2, y: y - 10, width });
  set(leader, { d: `M0 0V${y}` });
  set(text, { x, y: y + 4.2 });
  label.classList.toggle("gone", !words);
  placeAt(label, point);
}

whenStepChanges(finishMotion);
document.addEventListener("visibilitychange", finishMotion);
