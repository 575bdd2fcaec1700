// Folding: a neuron or layer as the boxes of its outputs alone.  Only a page with frames has this.

import { makeSvg } from "../document.js";
import { page } from "../state.js";
import { forgetPlaces } from "./equation.js";
import { boxOf, boxes, drawnFor, foldAround, folded, groups, relight, svg } from "./graph.js";

function toggleFold(frame) {
  if (folded.has(frame.id)) {
    folded.get(frame.id).group.remove();
    folded.delete(frame.id);
  } else {
    folded.set(frame.id, makeFold(frame));
  }
  layOutFolds();
  forgetPlaces();
  relight();
}

/** In place of a neuron or layer the boxes of its outputs, one below the other. */
function makeFold(frame) {
  const rect = groups[frame.id].querySelector("rect");
  const [x0, y0, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  const group = makeSvg("g", { class: "node fold" });
  const pane = makeSvg("rect", { class: "pane" });
  const title = makeSvg("text", { class: "title", y: 16 }, frame.title);
  group.append(pane, title);
  let wide = title.textContent.length * 7, high = 24;
  const parts = frame.outputs.slice(0, 6).map((node) => {
    const copy = boxes[node].group.cloneNode(true);
    for (const name of ["data-id", "tabindex", "role", "aria-labelledby"]) copy.removeAttribute(name);
    for (const part of copy.querySelectorAll(".badge, .symbol, title")) part.remove();
    for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
    copy.setAttribute("class", "part");
    copy.setAttribute("transform", `translate(8 ${high})`);
    const box = copy.querySelector(".box");
    wide = Math.max(wide, Number(box.getAttribute("width")));
    high += Number(box.getAttribute("height")) + 7;
    group.append(copy);
    const { room, besideName } = boxes[node];
    return { ...boxOf(copy), node, room, besideName };
  });
  wide += 16;
  const left = x0 + (width - wide) / 2, top = y0 + (height - high) / 2;
  pane.setAttribute("width", wide);
  pane.setAttribute("height", high);
  title.setAttribute("x", wide / 2);
  group.setAttribute("transform", `translate(${left} ${top})`);
  makeButton(group, `${frame.title}: open`, frame);
  return { frame, group, parts, left, right: left + wide, middle: top + high / 2 };
}

const originalPaths = {};

/** Hide what is folded up, and lead the edges that cross its border to the boxes that stand there now. */
function layOutFolds() {
  page.names.forEach((_, i) => { boxes[i].group.classList.toggle("gone", Boolean(foldAround(i))); });
  for (const frame of page.frames) {
    const isInside = frame.parent && folded.has(frame.parent);
    groups[frame.id].classList.toggle("gone", folded.has(frame.id) || isInside);
    const fold = folded.get(frame.id);
    if (fold && !fold.group.isConnected) svg.append(fold.group);
    if (fold) fold.group.classList.toggle("gone", isInside);
  }
  for (const edge of Object.keys(drawnFor)) delete drawnFor[edge];
  const drawn = {};
  for (const [node, input, , edge] of page.backward) {
    const from = foldAround(input), to = foldAround(node);
    const pair = `${from ? from.id : "v" + input} ${to ? to.id : "v" + node}`;
    const isInside = from && from === to;
    if (!isInside && (from || to)) {
      if (drawn[pair]) drawnFor[edge] = drawn[pair];
      else drawn[pair] = edge;
    }
    const group = groups[edge];
    group.classList.toggle("gone", Boolean(isInside || drawnFor[edge]));
    leadEdge(group, edge, from && folded.get(from.id), to && folded.get(to.id));
  }
}

/** Where a path begins and ends. */
function endsOf(path) {
  const line = makeSvg("path", { d: path });
  return [0, line.getTotalLength()].map((length) => line.getPointAtLength(length)).map(({ x, y }) => [x, y]);
}

function leadEdge(group, edge, from, to) {
  const original = originalPaths[edge] ??= group.querySelector(".line").getAttribute("d");
  for (const number of group.querySelectorAll(".disc, .operand")) number.classList.toggle("gone", Boolean(to));
  let path = original;
  if (from || to) {
    const [begin, end] = endsOf(original);
    const [x0, y0] = from ? [from.right, from.middle] : begin;
    const [x1, y1] = to ? [to.left, to.middle] : end;
    path = `M${x0} ${y0}C${(x0 + x1) / 2} ${y0} ${(x0 + x1) / 2} ${y1} ${x1} ${y1}`;
  }
  for (const line of group.querySelectorAll(".line, .catch")) line.setAttribute("d", path);
}

/** Something in the graph becomes a button that folds a frame or opens it again. */
function makeButton(element, name, frame) {
  for (const [attribute, value] of [["role", "button"], ["tabindex", 0], ["aria-label", name]]) element.setAttribute(attribute, value);
  element.append(makeSvg("title", {}, name));
  const toggle = () => {
    toggleFold(frame);
    (folded.get(frame.id)?.group || groups[frame.id].querySelector(".title")).focus();
  };
  element.addEventListener("click", toggle);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    toggle();
    event.preventDefault();
    event.stopPropagation();
  });
}

for (const frame of page.frames) makeButton(groups[frame.id].querySelector(".title"), `${frame.title}: fold into one box`, frame);
