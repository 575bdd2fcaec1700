// The graph: its numbers after so many steps, what is lit, and which neurons and layers are folded up.

const svg = byId("graph");
const stage = byId("stage");
const naturalWidth = svg.width.baseVal.value;
const groups = {};
for (const group of svg.querySelectorAll("[data-id]")) groups[group.dataset.id] = group;

const boxes = page.names.map((name, i) => boxOf(groups["v" + i]));

function boxOf(group) {
  return {
    group,
    tint: group.querySelector(".tint"),
    data: group.querySelector(".data").firstChild,
    grad: group.querySelector(".grad").firstChild,
  };
}

/** For each node its edges, in the order of the operation's inputs. */
const edgesInto = page.names.map(() => []);
page.backward.forEach(([node, , operand, edge], k) => { edgesInto[node][operand] = { edge, k }; });

// --- numbers ---

function showNumbers(position) {
  const gradients = gradientsAfter(position);
  boxes.forEach((box, i) => {
    const isKnown = dataStep[i] <= position;
    write(box.data, isKnown ? writeShort(numbers.data[i]) : "?");
    showGradient(box, gradients[i], lastStep[i] <= position);
    box.group.classList.toggle("unknown", !isKnown);
  });
  for (const fold of folded.values()) showFold(fold, position, gradients);
}

/** A total that is not complete yet ends with three dots. */
function showGradient(box, gradient, isComplete) {
  write(box.grad, gradient === undefined ? "?" : writeShort(gradient) + (isComplete ? "" : "…"));
  const share = strength(gradient).toFixed(3);
  const tint = gradient < 0 ? "tint negative" : gradient > 0 ? "tint positive" : "tint";
  if (box.shown !== tint + share) {
    box.shown = tint + share;
    box.tint.setAttribute("class", tint);
    box.tint.setAttribute("fill-opacity", share);
  }
}

function write(textNode, text) {
  if (textNode.data !== text) textNode.data = text;
}

// --- what is lit ---

const pill = makeSvg("g", { class: "pill" }, makeSvg("rect", { rx: 8, height: 17, y: -8.5 }), makeSvg("text", { y: 4 }, "?"));
let lit = [];
let litStep = "";

/** Light what the step works on: the node that is computed, or the edge along which a gradient is passed on. */
function light(position, isQuestion) {
  // While a slider moves, only the number on the edge changes: to measure paths anew would take a long time.
  if (litStep === `${position} ${isQuestion}`) return writePill(position, isQuestion);
  litStep = `${position} ${isQuestion}`;
  for (const [element, name] of lit) element.classList.remove(...name.split(" "));
  lit = [];
  pill.remove();
  if (position === 0) return;
  if (position < seedStep) {
    const node = page.forward[position - 1];
    turnOn(boxFor(node), "made");
    page.inputsOf[node].forEach((input, operand) => {
      turnOn(boxFor(input), "used");
      turnOn(edgeFor(edgesInto[node][operand].edge), "lit onwards");
    });
  } else if (position === seedStep) {
    turnOn(boxFor(root), "receiver");
  } else {
    const k = position - seedStep - 1;
    const [node, input, , edge] = page.backward[k];
    turnOn(boxFor(node), "giver");
    turnOn(boxFor(input), "receiver");
    const group = edgeFor(edge);
    turnOn(group, "lit backwards");
    if (!group.classList.contains("gone")) showPill(group.querySelector(".line"));
    writePill(position, isQuestion);
  }
  for (let k = 0; k < position - seedStep - 1; k++) turnOn(edgeFor(page.backward[k][3]), "passed");
}

function turnOn(element, name) {
  if (!element) return;
  element.classList.add(...name.split(" "));
  lit.push([element, name]);
}

/** The local derivative, on the middle of its edge; above it where the edge is too short to carry it. */
function showPill(path) {
  const length = path.getTotalLength();
  const middle = path.getPointAtLength(length / 2);
  const y = length > 95 ? middle.y : middle.y - 35;
  pill.setAttribute("transform", `translate(${middle.x} ${Math.max(y, 0)})`);
  svg.append(pill);
}

function writePill(position, isQuestion) {
  if (position <= seedStep) return;
  const text = isQuestion ? "×  ?" : `× ${writeShort(numbers.local[position - seedStep - 1])}`;
  const width = text.length * 6.8 + 14;
  write(pill.lastChild.firstChild, text);
  pill.firstChild.setAttribute("width", width);
  pill.firstChild.setAttribute("x", -width / 2);
}

/** Scroll so that what is lit can be seen. */
function bringIntoView() {
  const shown = lit.filter(([, name]) => name !== "passed").map(([element]) => element.getBoundingClientRect());
  if (!shown.length) return;
  const view = stage.getBoundingClientRect();
  /** How far to scroll so that what reaches from low to high stands in the middle; 0 if it can be seen already. */
  const distance = (low, high, from, to) => low >= from + 8 && high <= to - 8 ? 0 : (low + high - from - to) / 2;
  const x = distance(Math.min(...shown.map((box) => box.left)), Math.max(...shown.map((box) => box.right)), view.left, view.right);
  const y = distance(Math.min(...shown.map((box) => box.top)), Math.max(...shown.map((box) => box.bottom)), view.top, view.bottom);
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  if (x || y) stage.scrollBy({ left: x, top: y, behavior });
}

// --- how large it is ---

let zoom = 1;

function setZoom(value) {
  zoom = Math.min(Math.max(value, 0.25), 3);
  svg.style.width = `${naturalWidth * zoom}px`;
  svg.style.height = "auto";
}

function fitZoom() {
  const share = (stage.clientWidth - 4) / naturalWidth;
  // Letters must stay large enough to be read: rather scroll.
  setZoom(Math.min(Math.max(share, stage.clientWidth < 600 ? 0.85 : 0.7), 1.25));
}

// --- folding neurons and layers ---

const frames = {};
page.frames.forEach((frame) => { frames[frame.id] = frame; });
/** The frames that are drawn as one box, each with its group in the graph. */
const folded = new Map();

/** The outermost folded frame around a node, or undefined. */
function foldAround(node) {
  let found;
  for (const frame of page.frames) {
    if (folded.has(frame.id) && frame.members.includes(node) && (!found || frame.id === found.parent)) found = frame;
  }
  return found;
}

function boxFor(node) {
  const fold = foldAround(node);
  return fold ? folded.get(fold.id).group : boxes[node].group;
}

/** Two edges between the same two boxes are drawn as one when a box is folded; this is the one that is drawn. */
let drawnFor = {};

function edgeFor(edge) {
  return groups[drawnFor[edge] || edge];
}

function toggleFold(frame) {
  if (folded.has(frame.id)) {
    folded.get(frame.id).group.remove();
    folded.delete(frame.id);
  } else {
    folded.set(frame.id, makeFold(frame));
  }
  layOutFolds();
  litStep = "";
  show(position);
}

/** One box in place of a neuron or layer, with the data and gradient of each of its outputs. */
function makeFold(frame) {
  const rect = groups[frame.id].querySelector("rect");
  const [x0, y0, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  const outputs = frame.outputs.slice(0, 6);
  const across = 128, rows = outputs.length * 2, high = 22 + 17 * rows;
  const left = x0 + (width - across) / 2, top = y0 + (height - high) / 2;
  const group = makeSvg("g", { class: "node fold", transform: `translate(${left} ${top})` },
    makeSvg("title", {}, `${frame.title}: click to open`),
    makeSvg("rect", { class: "box", width: across, height: high }),
    makeSvg("text", { class: "name", x: across / 2, y: 15 }, frame.title));
  const parts = outputs.map((output, i) => {
    const y = 22 + 34 * i;
    const prefix = outputs.length > 1 || frame.kind === "layer" ? page.names[output].slice(0, 6) + " " : "";
    const tint = makeSvg("rect", { class: "tint", x: 2, y: y + 17, width: across - 4, height: 15 });
    const data = makeSvg("text", { class: "data", x: across - 6, y: y + 12.5 }, "?");
    const grad = makeSvg("text", { class: "grad", x: across - 6, y: y + 29.5 }, "?");
    group.append(tint, data, grad,
      makeSvg("text", { class: "tag", x: 6, y: y + 12.5 }, `${prefix}data`),
      makeSvg("text", { class: "tag", x: 6, y: y + 29.5 }, `${prefix}grad`));
    return { output, tint, data: data.firstChild, grad: grad.firstChild };
  });
  group.addEventListener("click", () => toggleFold(frame));
  return { frame, group, parts, left, right: left + across, middle: top + high / 2 };
}

function showFold(fold, position, gradients) {
  for (const part of fold.parts) {
    write(part.data, dataStep[part.output] <= position ? writeShort(numbers.data[part.output]) : "?");
    showGradient(part, gradients[part.output], lastStep[part.output] <= position);
  }
}

const originalPaths = {};

/** Hide what is folded up, and lead the edges that cross its border to the box that stands there now. */
function layOutFolds() {
  page.names.forEach((_, i) => { boxes[i].group.classList.toggle("gone", Boolean(foldAround(i))); });
  for (const frame of page.frames) {
    const isInside = frame.parent && folded.has(frame.parent);
    groups[frame.id].classList.toggle("gone", folded.has(frame.id) || isInside);
    const fold = folded.get(frame.id);
    if (fold && !fold.group.isConnected) svg.append(fold.group);
    if (fold) fold.group.classList.toggle("gone", isInside);
  }
  drawnFor = {};
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
  for (const button of byId("folds").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(folded.has(button.dataset.frame)));
  }
}

function leadEdge(group, edge, from, to) {
  const original = originalPaths[edge] ??= group.querySelector(".line").getAttribute("d");
  for (const number of group.querySelectorAll(".disc, .operand")) number.classList.toggle("gone", Boolean(to));
  let path = original;
  if (from || to) {
    const points = path.match(/-?[\d.]+/g).map(Number);
    const [x0, y0] = from ? [from.right, from.middle] : points;
    const [x1, y1] = to ? [to.left, to.middle] : points.slice(-2);
    path = `M${x0} ${y0}C${(x0 + x1) / 2} ${y0} ${(x0 + x1) / 2} ${y1} ${x1} ${y1}`;
  }
  for (const line of group.querySelectorAll(".line, .catch")) line.setAttribute("d", path);
}

function setUpFolds() {
  for (const frame of page.frames) {
    const title = groups[frame.id].querySelector(".title");
    title.addEventListener("click", () => toggleFold(frame));
    title.append(makeSvg("title", {}, "click to fold into one box"));
    byId("folds").append(make("button", {
      type: "button", "data-frame": frame.id, "aria-pressed": "false", title: `fold ${frame.title} into one box`,
      onclick: () => toggleFold(frame),
    }, frame.title));
  }
  if (page.frames.length) byId("folds").prepend("fold: ");
}
