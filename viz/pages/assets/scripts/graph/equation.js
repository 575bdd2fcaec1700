// The equation of a backward step, upstream × local = contribution, in a free place near its edge.

import { makeSvg, set } from "../document.js";
import { inParentheses, productSign, writeNumber } from "../numbers.js";
import { edgeCount, page, seedStep, state } from "../state.js";
import { edgeFor, litStep, svg, widthOf, write } from "./graph.js";
import { stageWidth } from "./sight.js";

export const plaque = makeSvg("g", { class: "equation" },
  makeSvg("path"), makeSvg("circle", { r: 3 }), makeSvg("rect", { height: 22, rx: 11, y: -11 }), makeSvg("text", { y: 4.4 }, "?"));
const HEIGHT = 22;
/** Bold letters, a little larger than those of the boxes, are so much wider; what is missing in other fonts is taken from the margin. */
export const WIDER = 1.08;
/** Where it stands now, and how wide it may grow there. */
let equationStep = "";
let equationWidth = 0;

export function writeEquation(position, isQuestion) {
  const k = position - seedStep - 1;
  const group = k >= 0 && k < edgeCount ? edgeFor(page.backward[k][3]) : null;
  // A narrow window has no free places; the formulas below say the same.
  if (!group || group.classList.contains("gone") || stageWidth < 600) return plaque.remove();
  const [, , rect, text] = plaque.children;
  if (!plaque.isConnected) svg.append(plaque);
  write(text.firstChild, isQuestion ? "× ?" : writeProduct(k));
  const width = widthOf(text.textContent) * WIDER + 18;
  if (litStep !== equationStep || width > equationWidth) {
    equationStep = litStep;
    equationWidth = width;
    if (!placeEquation(group.querySelector(".line"))) return plaque.remove();
  }
  set(rect, { width, x: -width / 2 });
}

function placeEquation(line) {
  const length = line.getTotalLength();
  const points = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9].map((share) => line.getPointAtLength(length * share));
  const found = nearestFreePlace(equationWidth, HEIGHT, points);
  if (!found) return false;
  const { x, y, point } = found;
  const [leader, dot] = plaque.children;
  set(plaque, { transform: `translate(${x} ${y})` });
  // The leader starts at the border of the equation, where that is nearest.
  const reach = (to, half) => Math.max(-half, Math.min(half, to));
  const from = [reach(point.x - x, equationWidth / 2 - 8), reach(point.y - y, HEIGHT / 2)];
  set(leader, { d: `M${from[0]} ${from[1]}L${point.x - x} ${point.y - y}` });
  set(dot, { cx: point.x - x, cy: point.y - y });
  return true;
}

// --- a free place ---

/** The graph in squares of this size. */
const CELL = 6;
let grid = null;

/** Boxes have come or gone: the free places are others. */
export function forgetPlaces() {
  grid = null;
}

/** Which squares are taken by anything, which by boxes and words, and how many of the former lie left of and above each. */
function makeGrid() {
  const view = svg.viewBox.baseVal;
  const columns = Math.floor(view.width / CELL), rows = Math.floor(view.height / CELL);
  const taken = new Uint8Array(columns * rows), solid = new Uint8Array(columns * rows);
  const mark = (left, top, right, bottom, isSolid) => {
    const [first, last] = [left, right].map((x) => Math.floor((x - view.x) / CELL));
    for (let row = Math.max(Math.floor((top - view.y) / CELL), 0); row <= (bottom - view.y) / CELL && row < rows; row++) {
      for (let column = Math.max(first, 0); column <= last && column < columns; column++) {
        taken[row * columns + column] = 1;
        if (isSolid) solid[row * columns + column] = 1;
      }
    }
  };
  for (const element of svg.querySelectorAll(".node:not(.gone), .tag, .frame:not(.gone) .title, .row text, .operand")) {
    const { x, y, width, height } = element.getBBox();
    const { e = 0, f = 0 } = element.transform.baseVal.numberOfItems ? element.transform.baseVal[0].matrix : {};
    for (const margin of [3, 0]) mark(x + e - margin, y + f - margin, x + e + width + margin, y + f + height + margin, !margin);
  }
  for (const line of svg.querySelectorAll(".edge:not(.gone) .line")) {
    const length = line.getTotalLength();
    for (let at = 0; at <= length; at += 4) {
      const { x, y } = line.getPointAtLength(at);
      mark(x - 5, y - 5, x + 5, y + 5, false);
    }
  }
  const sums = new Int32Array((columns + 1) * (rows + 1));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = row * (columns + 1) + column;
      sums[i + columns + 2] = taken[row * columns + column] + sums[i + columns + 1] + sums[i + 1] - sums[i];
    }
  }
  return { columns, rows, sums, taken, solid, view };
}

/** The free place from which a line to one of the points is short, and crosses no box if it can be helped. */
function nearestFreePlace(width, height, points) {
  grid ??= makeGrid();
  const { columns, rows, sums, solid, view } = grid;
  for (const point of points) {
    point.isCovered = solid[Math.floor((point.y - view.y) / CELL) * columns + Math.floor((point.x - view.x) / CELL)];
  }
  const across = Math.ceil(width / CELL) + 1, down = Math.ceil(height / CELL) + 1;
  let best = null;
  let least = Infinity;
  for (let row = 0; row + down <= rows; row++) {
    for (let column = 0; column + across <= columns; column++) {
      const i = row * (columns + 1) + column;
      const below = i + down * (columns + 1);
      if (sums[below + across] - sums[below] - sums[i + across] + sums[i]) continue;
      const x = view.x + (column + across / 2) * CELL, y = view.y + (row + down / 2) * CELL;
      points.forEach((point, order) => {
        const [dx, dy] = [point.x - x, point.y - y];
        const gap = Math.hypot(Math.max(Math.abs(dx) - width / 2, 0), Math.max(Math.abs(dy) - height / 2, 0));
        const cost = gap + 0.25 * Math.abs(dx) + 4 * order + 80 * point.isCovered;
        if (cost >= least) return;
        const whole = cost + crossings(x, y, dx, dy, width / 2, height / 2);
        if (whole < least) [least, best] = [whole, { x, y, point }];
      });
    }
  }
  return best;
}

/** What a line costs that leads over boxes, and a little for one that leads over other lines. */
function crossings(x, y, dx, dy, halfWidth, halfHeight) {
  const { columns, taken, solid, view } = grid;
  const count = Math.ceil(Math.hypot(dx, dy) / 4);
  let cost = 0;
  for (let n = 1; n < count; n++) {
    const [a, b] = [dx * n / count, dy * n / count];
    if (Math.abs(a) < halfWidth && Math.abs(b) < halfHeight) continue;
    const i = Math.floor((y + b - view.y) / CELL) * columns + Math.floor((x + a - view.x) / CELL);
    cost += solid[i] ? 100 : taken[i] && n < count - 3 ? 3 : 0;
  }
  return cost;
}

/** upstream × local = contribution, as they are shown. */
function writeProduct(k) {
  const [upstream, local, product] = ["upstream", "local", "product"].map((field) => writeNumber(state.numbers[field][k]));
  return `${upstream} × ${inParentheses(local)} ${productSign([upstream, local], product)} ${product}`;
}
