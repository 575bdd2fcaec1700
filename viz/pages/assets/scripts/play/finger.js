// A graph of one variable: its curve, large.  A finger on it feels the slope, and leaves it on a second curve below.

import { byId, make, makeSvg } from "../document.js";
import { signOf } from "../graph/graph.js";
import { inParentheses, productSign, writeNumber } from "../numbers.js";
import { lossName, page, root, samples, state, whenNumbersChange, whenStepChanges } from "../state.js";
import { lossAlong, pathThrough, sampled, strokesOf } from "./sampling.js";
import { sliders } from "./sliders.js";
import { EDGE, arrowAlong, dragAlong, slopeAndStep, tangentAt } from "./slices.js";

export const finger = {
  slider: sliders[0],
  /** Of the picture, in pixels. */
  width: 0, height: 0,
  /** The curve and what of it is shown; neither changes while the finger moves along it. */
  key: "", others: "", strokes: [], bottom: 0, top: 1, steepest: 1,
  /** Places where the finger has been, with their slopes. */
  touched: [],
};

whenNumbersChange(touch);
whenStepChanges(showFinger);

/** The curve stands in the place of the slider and of its slice. */
function setUpFinger() {
  const frame = make("div", { id: "finger-curve" }, finger.slider.range, makeSvg("svg", { "aria-hidden": "true" }));
  byId("finger").append(make("p", { id: "finger-words" }), make("div", { id: "finger-numbers" }, byId("sliders"), byId("original")), frame,
    make("h2", {}, "The slope at each place where your finger has been"), makeSvg("svg", { id: "finger-slopes", "aria-hidden": "true" }));
  byId("finger").hidden = false;
  byId("playing").hidden = !samples;
  dragAlong(frame, finger.slider, false);
  new ResizeObserver(([{ contentRect: { width, height } }]) => {
    Object.assign(finger, { width, height });
    showFinger();
  }).observe(frame);
  byId("original").addEventListener("click", () => { finger.touched = []; });
}

/** The slope stays where the finger has been; where it is dragged along, it has been everywhere on its way. */
function touch() {
  const { slider } = finger;
  if (!finger.key) setUpFinger();
  const f = lossAlong(slider);
  const x = state.inputs[slider.place];
  const others = JSON.stringify([state.showsMean, state.inputs.map((value, i) => i === slider.place || value)]);
  const key = `${others} ${slider.low} ${slider.high}`;
  if (finger.others !== others) finger.touched = [];
  if (finger.key !== key) Object.assign(finger, { key, others }, wholeCurve(f, slider, x));
  const gap = (slider.high - slider.low) / 320;
  const way = x - (slider.from ?? x);
  const count = Math.min(Math.ceil(Math.abs(way) / gap), 320) || 1;
  for (let i = 1; i <= count; i++) {
    const place = x - way * (1 - i / count);
    const slope = f(place)[1];
    const isNew = !finger.touched.some(([other]) => Math.abs(other - place) < gap / 2);
    if (isNew && Number.isFinite(slope)) finger.touched.push([place, slope]);
  }
  slider.from = slider.isHeld ? x : null;
}

/** The curve over the range, and how much of it is shown: all, but for ends that would flatten the rest. */
function wholeCurve(f, range, x) {
  const curve = sampled(f, range, 321, x);
  let [bottom, top] = mostOf(curve.losses, 0.05, 1);
  if (bottom > 0 && bottom < top / 2) bottom = 0;
  if (top < 0 && top > bottom / 2) top = 0;
  if (!(top > bottom)) [bottom, top] = [bottom - 1, top + 1];
  const steepest = niceAbove(1.05 * Math.max(...mostOf(curve.slopes, 0.1, 0).map(Math.abs)) || 1);
  return { strokes: strokesOf(curve, f), bottom, top, steepest };
}

/** Where most of these numbers lie, without such a share at both ends, and so much around it. */
function mostOf(values, share, margin) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!sorted.length) return [0, 0];
  const [low, high] = [share, 1 - share].map((part) => sorted[Math.round(part * (sorted.length - 1))]);
  const more = margin * (high - low);
  return [Math.max(sorted[0], low - more), Math.min(sorted.at(-1), high + more)];
}

/** 1, 2 or 5 times a power of ten. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((n) => n * power >= value * 0.9999) * power;
}

/** Numbers for an axis that has room for so many of them. */
function ticksBetween(low, high, count) {
  const step = niceAbove((high - low) / count);
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) ticks.push(Number((n * step).toPrecision(12)));
  return ticks;
}

// --- drawing ---

function showFinger() {
  const { slider, width, height } = finger;
  if (!width || !finger.key) return;
  const x = state.inputs[slider.place];
  const loss = state.numbers.data[root];
  const known = slopeAndStep(slider);
  const px = (value) => EDGE + (width - 2 * EDGE) * (value - slider.low) / (slider.high - slider.low);
  const run = runOf(px(1) - px(0), width);
  const isThere = Number.isFinite(x) && Number.isFinite(loss);
  byId("finger-curve").querySelector("svg").replaceChildren(...bigPicture(x, loss, isThere, known, run, px));
  byId("finger-slopes").replaceChildren(...slopesPicture(x, known, px));
  const words = slopeWords(x, loss, isThere, known, run);
  byId("finger-words").replaceChildren(...words);
  slider.range.setAttribute("aria-valuetext", byId("finger-words").textContent);
}

/** How far to go to the right along the tangent: 1 if that can be drawn. */
function runOf(unit, width) {
  return unit >= 36 && unit <= width / 3 ? 1 : niceAbove(36 / unit);
}

function bigPicture(x, loss, isThere, { slope, isComplete, arrow }, run, px) {
  const { width, height, slider } = finger;
  const axis = height - 46;
  const bottom = isThere ? Math.min(finger.bottom, loss) : finger.bottom;
  const top = isThere ? Math.max(finger.top, loss) : finger.top;
  const py = (y) => axis - 4 - (axis - 20) * (y - bottom) / (top - bottom);
  Object.assign(finger, { px, py });
  const label = labelsApart();
  const path = (name, d) => makeSvg("path", { class: name, d });
  const has = isThere && Number.isFinite(slope);
  const triangle = has && slope !== 0 ? trianglePicture(x, loss, slope, run, axis, label) : [];
  const marks = [];
  if (has && arrow) {
    const to = x + arrow;
    const text = stepText(slope, arrow);
    const half = 4.5 * text.length;
    const middle = Math.min(Math.max((px(x) + px(to)) / 2 || px(x), half), width - half);
    const next = lossAlong(slider)(to)[0];
    marks.push(label(text, middle, axis + 40, "middle", "step-text"), makeSvg("path", arrowAlong(px(x), px(to), axis, width, 11)));
    if (Number.isFinite(next)) marks.push(makeSvg("circle", { class: "ghost", cx: px(to).toFixed(2), cy: Math.min(Math.max(py(next), -99), 9999).toFixed(2), r: 7 }));
  }
  // Numbers beside the y axis or at the left end: where fewer of them would lie on the curve.
  const levels = ticksBetween(bottom, top, axis / 44);
  const clear = (left) => levels.filter((tick) => py(tick) < axis - 16 && !finger.strokes.some((points) => points.some(([place, y]) =>
    px(place) > left && px(place) < left + 46 && Math.abs(py(y) - py(tick) + 9) < 14)));
  const hasZero = px(0) > 60 && px(0) < width - EDGE;
  const [atEnd, atZero] = [clear(0), hasZero ? clear(px(0) - 50) : []];
  const ticks = [
    label(page.names[slider.node], width - 4, axis - 9, "end"), label(lossName, px(0) > EDGE && px(0) < width - 60 ? px(0) + 8 : 60, 14, "start"),
    ...ticksBetween(slider.low, slider.high, width / 60).map((tick) => label(writeNumber(tick), px(tick), axis + 19)),
    ...(atZero.length >= atEnd.length ? atZero.map((tick) => label(writeNumber(tick), px(0) - 6, py(tick) - 4, "end"))
      : atEnd.map((tick) => label(writeNumber(tick), 4, py(tick) - 4, "start"))),
  ];
  const lines = levels.map((tick) => `M0 ${py(tick).toFixed(2)}H${width}`).join("");
  const zero = px(0) > EDGE && px(0) < width - EDGE ? path("axis", `M${px(0)} 0V${axis}`) : "";
  const curve = makeSvg("svg", { width, height: axis }, path("slice-curve", pathThrough(finger.strokes, px, py)),
    path(`tangent ${signOf(slope)}${isComplete ? "" : " partial"}`, has ? tangentAt(x, loss, slope, 1.25 * run, px, py) : ""));
  return [path("grid", lines), zero, path("axis", `M0 ${axis}H${width}`), curve, path("stem", isThere ? `M${px(x)} ${py(loss)}V${axis}` : ""),
    ...triangle, ...ticks, ...marks,
    isThere ? makeSvg("circle", { class: "place", cx: px(x).toFixed(2), cy: py(loss).toFixed(2), r: 11 }) : ""];
}

/** One step to the right, and how far the tangent rises: in front of the dot, or behind it where there is no room. */
function trianglePicture(x, loss, slope, run, axis, label) {
  const { px, py, width, slider } = finger;
  const isSeen = (step) => x + step >= slider.low && x + step <= slider.high && py(loss + slope * step) > 0 && py(loss + slope * step) < axis;
  const isAhead = isSeen(run) || !isSeen(-run) && x + run <= slider.high;
  const [left, right] = isAhead ? [x, x + run] : [x - run, x];
  const [from, to] = [left, right].map((place) => loss + slope * (place - x));
  const rise = writeNumber(Math.abs(slope * run));
  const shown = (y) => Math.min(Math.max(py(y), 0), axis);
  const isRoom = px(right) + 18 + 9 * rise.length < width;
  const isBelow = slope > 0 && shown(from) + 20 < axis;
  return [
    makeSvg("path", { class: `triangle ${signOf(slope)}`, d: `M${px(left).toFixed(2)} ${shown(from).toFixed(2)}H${px(right).toFixed(2)}V${shown(to).toFixed(2)}` }),
    label(rise, px(right) + (isRoom ? 1 : -1) * (isAhead ? 9 : 16), Math.min(Math.max((shown(from) + shown(to)) / 2, 20), axis - 12) + 5, isRoom ? "start" : "end", `rise ${signOf(slope)}`),
    label(writeNumber(run), (px(left) + px(right)) / 2, shown(from) + (isBelow ? 17 : -7), "middle", "run"),
  ];
}

/** The slopes at all places where the finger has been. */
function slopesPicture(x, { slope, isComplete }, px) {
  const { width } = finger;
  const height = 120;
  // Before the backward pass has reached the variable, they would say what comes.
  if (!isComplete) return [];
  const has = Number.isFinite(x) && Number.isFinite(slope);
  const limit = Math.max(finger.steepest, has ? Math.abs(slope) : 0);
  const py = (value) => height / 2 - (height / 2 - 8) * Math.min(Math.max(value / limit, -1.1), 1.1);
  const label = labelsApart();
  const beads = ["positive", "negative", "zero"].map((sign) => makeSvg("path", { class: `beads ${sign}`,
    d: finger.touched.filter(([, one]) => (signOf(one) || "zero") === sign).map(([place, one]) => `M${px(place).toFixed(1)} ${py(one).toFixed(1)}h0`).join("") }));
  const isLeft = px(x) < width / 2;
  return [
    makeSvg("path", { class: "axis", d: `M0 ${height / 2}H${width}M${px(0)} 0V${height}` }), ...beads,
    has ? label(writeNumber(slope), px(x) + (isLeft ? 12 : -12), Math.min(Math.max(py(slope) + (slope < 0 ? 18 : -8), 14), height - 4), isLeft ? "start" : "end", `rise ${signOf(slope)}`) : "",
    ...[limit, -limit].map((tick) => label(writeNumber(tick), 4, py(tick) + (tick > 0 ? 12 : -4), "start")),
    has ? makeSvg("circle", { class: "place", cx: px(x), cy: py(slope), r: 7 }) : "",
  ];
}

/** Makes texts that do not lie on each other: of two, the one that was asked for first. */
function labelsApart() {
  const taken = [];
  return (text, x, y, anchor = "middle", name = "") => {
    const width = (name.startsWith("rise") ? 11.5 : 9) * text.length;
    const left = x - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
    if (taken.some((box) => left < box.right && box.left < left + width && Math.abs(box.y - y) < 19)) return "";
    taken.push({ left, right: left + width, y });
    return makeSvg("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, class: name }, text);
  };
}

// --- words ---

/** "−0.1 · 4 = −0.4" */
function stepText(slope, arrow) {
  const factors = [writeNumber(-state.rate), writeNumber(slope)];
  const product = writeNumber(arrow);
  return `${factors[0]} · ${inParentheses(factors[1])} ${productSign(factors, product)} ${product}`;
}

function slopeWords(x, loss, isThere, { slope, isComplete }, run) {
  const at = `At ${page.names[finger.slider.node]} = ${writeNumber(x)}`;
  if (!isThere) return [`${at} there is no curve: ${lossName} is ${writeNumber(loss)}.`];
  if (!isComplete) return ["Put your finger on the curve: the backward pass finds out how steep it is there."];
  if (!slope || !Number.isFinite(slope)) return [slope === 0 ? `${at} the curve is level: its slope is 0.` : `${at} the slope is ${writeNumber(slope)}.`];
  return [`${at} the curve ${slope > 0 ? "rises" : "falls"}: one step of ${writeNumber(run)} to the right along the line, and ${lossName} goes ${slope > 0 ? "up" : "down"} by `,
    make("b", {}, writeNumber(Math.abs(slope * run))), "."];
}
