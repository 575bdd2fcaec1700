// A slice for each free leaf: the loss as a curve of that number alone.  How steep it is where the dot stands, is the
// gradient.  The slice is the slider: the thumb of its range lies unseen below the dot.

import { learnsFromAll } from "../descend/descend.js";
import { byId, makeSvg, set } from "../document.js";
import { groups, signOf } from "../graph/graph.js";
import { writeNumber } from "../numbers.js";
import {
  gradientsAfter, lastStep, lossName, page, refresh, root, samples, state, whenNumbersChange, whenStepChanges,
} from "../state.js";
import { lossAlong, pathThrough, reachAround, sampled, strokesOf } from "./sampling.js";
import { setInput, settle, sliders } from "./sliders.js";

/** How many runs of the program make a curve. */
const RUNS = 41;
/** Half of a thumb: so far the ends of the axis are from the ends of the range. */
export const EDGE = 8;
/** For so many milliseconds curves are computed; those that are left wait for the next picture of the screen. */
const PATIENCE = 7;

const slices = [];
const lossAtStart = Math.abs(state.numbers.data[root]);
let hasSameScale = true;

/** What a slice shows, as plain data: the curve, its slope at the dot as far as it is known, the step to come. */
export function sliceOf(place) {
  const slider = sliders.find((one) => one.place === place);
  const { xs, losses } = sampled(lossAlong(slider), slider, RUNS, state.inputs[place]);
  return { xs, losses, ...slopeAndStep(slider) };
}

/** The slope as the graph shows it at this step; when it is complete, also the step −rate · slope. */
export function slopeAndStep({ node }) {
  const slope = gradientsAfter(state.position)[node];
  const isComplete = slope !== undefined && lastStep[node] <= state.position;
  return { slope, isComplete, arrow: isComplete && moves(node) ? -state.rate * slope : undefined };
}

/** True for a leaf that gradient descent moves. */
const moves = (node) => page.descends.includes(node);

export function setUpSlices() {
  const isWeight = sliders.some(({ node }) => groups["v" + node].classList.contains("parameter"));
  // The loss whose gradients stand in the graph: of the example that is chosen, or the mean.
  byId("along").textContent = samples ? `${lossName} of` : lossName;
  byId("along-what").textContent = `along each ${isWeight ? "weight" : "number"}`;
  byId("scale").hidden = sliders.length < 2;
  byId("scale").addEventListener("click", () => {
    hasSameScale = !hasSameScale;
    byId("scale").setAttribute("aria-pressed", hasSameScale);
    forgetCurves();
    showSlices();
  });
  if (document.body.classList.contains("one-variable")) return;
  const sliceIn = new Map();
  const inSight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) sliceIn.get(target).isSeen = isIntersecting;
    showSlices();
  });
  const sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect: { width, height } } of entries) Object.assign(sliceIn.get(target), { width, height });
    showSlices();
  });
  for (const slider of sliders) {
    const slice = drawParts(slider);
    slices.push(slice);
    sliceIn.set(slice.frame, slice);
    inSight.observe(slice.frame);
    sizes.observe(slice.frame);
  }
  whenNumbersChange(forgetCurves);
  whenStepChanges(showSlices);
}

/** The parts of a slice, from back to front. */
function drawParts(slider) {
  const path = (name) => makeSvg("path", { class: name });
  const slice = { slider, frame: slider.range.parentElement, width: 0, isSeen: false, axis: path("axis"), curve: path("slice-curve"),
    stem: path("stem"), tangent: path("tangent"), arrow: path("arrow"), dot: makeSvg("circle", { class: "place", r: 5.5 }),
    low: makeSvg("text", { x: 0 }), high: makeSvg("text", { "text-anchor": "end" }) };
  // What reaches out of this frame is cut off: the ends of the curve and of its tangent.
  slice.plot = makeSvg("svg", {}, slice.curve, slice.tangent);
  slice.frame.append(makeSvg("svg", { "aria-hidden": "true" }, slice.axis, slice.low, slice.high, slice.plot, slice.stem, slice.arrow, slice.dot));
  dragAlong(slice.frame, slider, true);
  return slice;
}

/** The number follows a mouse or a finger that is held in the picture of its curve. */
export function dragAlong(frame, slider, mayScroll) {
  let isWaiting = false;
  let start;
  const follow = (event) => {
    const box = frame.getBoundingClientRect();
    const share = (event.clientX - box.left - EDGE) / (box.width - 2 * EDGE);
    slider.range.value = slider.low + share * (slider.high - slider.low);
    setInput(slider, Number(slider.range.value));
    slider.from ??= Number(slider.range.value);
  };
  const release = () => { settle([slider]); refresh(); };
  frame.addEventListener("mousedown", (event) => event.preventDefault()); // it would take the focus away again
  frame.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    frame.setPointerCapture(event.pointerId);
    slider.range.focus({ preventScroll: true });
    Object.assign(slider, { isHeld: true, from: null });
    start = event;
    // A finger may have come to scroll the page: that is seen when it moves.
    isWaiting = mayScroll && event.pointerType !== "mouse";
    if (!isWaiting) follow(event);
  });
  frame.addEventListener("pointermove", (event) => {
    const [across, along] = [event.clientX - start?.clientX, event.clientY - start?.clientY].map(Math.abs);
    if (isWaiting && (across < 6 || across < along)) return;
    isWaiting = false;
    if (slider.isHeld) follow(event);
  });
  frame.addEventListener("pointerup", (event) => {
    if (!slider.isHeld) return;
    follow(event);
    release();
  });
  frame.addEventListener("pointercancel", release);
}

// --- drawing ---

function forgetCurves() {
  for (const slice of slices) slice.isStale = true;
}

/** Draw the slices that are in sight; curves are computed only where numbers have changed since. */
function showSlices() {
  const shown = slices.filter((slice) => slice.isSeen && slice.width > 0);
  const end = performance.now() + PATIENCE;
  for (const slice of shown) {
    if (slice.isStale !== false) computeCurve(slice);
    if (performance.now() > end) { requestAnimationFrame(showSlices); break; }
  }
  const drawn = shown.filter((slice) => slice.strokes);
  const most = (side) => Math.max(...drawn.map((slice) => slice.reach[side] / widthOfRange(slice)));
  const shared = { below: most("below"), above: most("above") };
  for (const slice of drawn) drawSlice(slice, shared);
  const isOther = samples && !state.showsMean && learnsFromAll();
  byId("whose").textContent = isOther ? "Arrows: the step for this example alone. Descend follows the mean." : "";
}

const widthOfRange = ({ slider }) => slider.high - slider.low;

function computeCurve(slice) {
  const f = lossAlong(slice.slider);
  const at = state.inputs[slice.slider.place];
  const curve = sampled(f, slice.slider, RUNS, at);
  slice.strokes = strokesOf(curve, f);
  // With the same scale, a loss is compared with that at the start: a valley that is nearly reached looks flat.
  slice.reach = reachAround(curve, at, hasSameScale ? lossAtStart : 0);
  slice.isStale = false;
}

/** With the same scale one unit of the loss is, in all slices, as high in comparison with one unit of the number. */
function drawSlice(slice, shared) {
  const { slider, width, height } = slice;
  const at = state.inputs[slider.place];
  const loss = state.numbers.data[root];
  const isThere = Number.isFinite(at) && Number.isFinite(loss);
  const axis = height - 17;
  const unit = hasSameScale ? widthOfRange(slice) : 1;
  const { below, above } = hasSameScale ? shared : slice.reach;
  const span = (below + above) * unit;
  const isFlat = !(span > 1e-12 * Math.abs(loss));
  const px = (x) => EDGE + (width - 2 * EDGE) * (x - slider.low) / widthOfRange(slice);
  const py = (y) => isFlat ? axis / 2 : axis - 8 - (axis - 15) * ((y - loss) / span + below * unit / span);
  Object.assign(slice, { px, py });
  const { slope, isComplete, arrow } = slopeAndStep(slider);
  set(slice.axis, { d: `M0 ${axis}H${width}` });
  set(slice.curve, { d: pathThrough(slice.strokes, px, py) });
  set(slice.stem, { d: isThere ? `M${px(at).toFixed(2)} ${py(loss).toFixed(2)}V${axis}` : "" });
  set(slice.dot, isThere ? { cx: px(at).toFixed(2), cy: py(loss).toFixed(2) } : { cx: -99 });
  set(slice.tangent, {
    d: isThere && Number.isFinite(slope) ? tangentAt(at, loss, slope, 0.22 * widthOfRange(slice), px, py) : "",
    class: `tangent ${signOf(slope)}${isComplete ? "" : " partial"}`,
  });
  set(slice.arrow, isThere && arrow ? arrowAlong(px(at), px(at + arrow), axis, width, 7) : { d: "" });
  set(slice.plot, { width, height: axis });
  slice.frame.parentElement.style.setProperty("--at", `${px(at)}px`);
  for (const end of ["low", "high"]) {
    const text = writeNumber(slider[end], 3);
    if (slice[end].textContent !== text) slice[end].textContent = text;
    set(slice[end], { y: height - 3 });
  }
  set(slice.high, { x: width });
  slider.range.setAttribute("aria-valuetext", `${writeNumber(at)}; gradient ${slider.gradient.textContent}`);
}

/** The tangent, as far to the left and right; shorter only where it is too steep to be drawn. */
export function tangentAt(x, loss, slope, reach, px, py) {
  const high = Math.abs(py(loss + slope * reach) - py(loss));
  if (!(high < 1e4)) reach *= 1e4 / high || 0;
  return pathThrough([[-reach, reach].map((step) => [x + step, loss + slope * step])], px, py);
}

/** An arrow that can be seen; hollow if it is not as long as the step. */
export function arrowAlong(from, to, y, width, head) {
  const direction = Math.sign(to - from);
  if (!direction) return { d: "" };
  const length = Math.min(Math.max(Math.abs(to - from), head + 2), direction > 0 ? width - from : from);
  const [tip, neck] = [from + direction * length, from + direction * (length - head)].map((x) => x.toFixed(2));
  return {
    d: `M${from.toFixed(2)} ${y}H${neck}M${neck} ${y - head / 2}L${tip} ${y}L${neck} ${y + head / 2}Z`,
    class: Math.abs(length - Math.abs(to - from)) < 0.5 ? "arrow" : "arrow hollow",
  };
}
