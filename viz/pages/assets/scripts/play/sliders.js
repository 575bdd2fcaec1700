// A slider and a number field for each free leaf, with its gradient.

import { answers, forgetDescent } from "../descend/descend.js";
import { byId, make } from "../document.js";
import { signOf, tintShare } from "../graph/graph.js";
import { forField, writeShort } from "../numbers.js";
import { finished, gradientsAfter, lastStep, page, refresh, state, whenNumbersChange, whenStepChanges } from "../state.js";
import { stop } from "../steps/steps.js";
import { setUpExamples, showChosenExample } from "./examples.js";
import { followRange, nextMark, rangeFor, widened } from "./ranges.js";

export const sliders = page.free.map((node) => {
  const place = page.inputs.indexOf(node);
  // A curve that stands alone shows more of itself.
  const others = page.free.length === 1 && Math.abs(page.start[place]) > 0.05 ? [4] : [];
  return { node, place, ...rangeFor(page.start[place], ...others) };
});

export function setUpSliders() {
  const found = answers();
  for (const slider of sliders) {
    slider.answer = found.get(slider.place);
    Object.assign(slider, rangeFor(page.start[slider.place], slider.answer));
    const name = page.names[slider.node];
    slider.range = make("input", { type: "range", "aria-label": `${name}, slider` });
    slider.field = make("input", { type: "number", step: "any", "aria-label": name });
    slider.gradient = make("span", { class: "grad-chip", title: `gradient of ${name}` });
    slider.range.addEventListener("input", () => setInput(slider, Number(slider.range.value)));
    slider.field.addEventListener("input", () => {
      if (slider.field.value !== "" && Number.isFinite(slider.field.valueAsNumber)) setInput(slider, slider.field.valueAsNumber);
    });
    slider.field.addEventListener("focus", () => { slider.field.value = forField(state.inputs[slider.place]); });
    slider.field.addEventListener("blur", () => { slider.field.value = inShort(state.inputs[slider.place]); });
    slider.range.addEventListener("keydown", (event) => {
      const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!direction || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      setInput(slider, nextMark(slider, state.inputs[slider.place], direction));
    });
    // A range stays while it is held, and follows when the number has come to rest.
    for (const input of [slider.range, slider.field]) input.addEventListener("change", () => { settle([slider]); refresh(); });
    const kind = page.descends.includes(slider.node) ? "slider" : "slider data";
    byId("sliders").append(make("div", { class: kind, "data-node": slider.node }, make("span", { class: "name", title: name }, name), slider.field, slider.gradient,
      make("div", { class: "slice" }, slider.range)));
  }
  // Of very many sliders, those out of sight are not laid out.
  byId("sliders").classList.toggle("many", sliders.length > 20);
  byId("original").addEventListener("click", () => { state.inputs = page.start.slice(); forgetDescent(); showChosenExample(); refresh(); });
  byId("original").hidden = page.inputs.length === 0;
  if (!sliders.length) byId("sliders").append(make("p", { class: "quiet" }, "No number of this graph has a slider here."));
  setUpExamples();
}

/** Four digits, and all before the point; the others stand there for whoever goes into the field. */
const inShort = (value) => forField(value, Math.min(17, Math.max(4, Math.ceil(Math.log10(Math.abs(value) + 1)))));

/** A slider was moved: everything is computed again, once for each picture that the screen shows. */
let waiting = false;
export function setInput(slider, value) {
  state.inputs[slider.place] = value;
  if (state.position === 0) state.position = finished;
  stop();
  forgetDescent();
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; quietly(refresh); });
}

/** While a slider moves, the narration changes too fast to be read aloud. */
export function quietly(action) {
  byId("narration").setAttribute("aria-live", "off");
  action();
  setTimeout(() => byId("narration").setAttribute("aria-live", "polite"), 300);
}

/** Each number in its field and on its range, which follows it; but neither what is typed nor what is held is moved. */
function showSliders() {
  for (const slider of sliders) {
    const value = state.inputs[slider.place];
    if (Object.is(value, slider.shown)) continue;
    slider.shown = value;
    if (!slider.isHeld) Object.assign(slider, widened(slider, value));
    const { range, field, low, high, step } = slider;
    Object.assign(range, { min: low, max: high, step, value });
    if (document.activeElement !== field) field.value = inShort(value);
  }
}

/** These numbers have come to rest: their ranges follow them. */
export function settle(some) {
  for (const slider of some) {
    slider.shown = null;
    Object.assign(slider, followRange(slider, state.inputs[slider.place], slider.answer), { isHeld: false });
  }
}

/** Beside each slider its gradient, as far as it is known at this step. */
function showSliderGradients() {
  const known = gradientsAfter(state.position);
  for (const { node, gradient } of sliders) {
    const value = known[node];
    const text = value === undefined ? "?" : writeShort(value, 3) + (lastStep[node] <= state.position ? "" : "…");
    const share = `${(tintShare(value) * 100).toFixed(1)}%`;
    if (gradient.textContent !== text) gradient.textContent = text;
    if (gradient.style.getPropertyValue("--share") !== share) gradient.style.setProperty("--share", share);
    const look = `grad-chip ${signOf(value)}`;
    if (gradient.className !== look) gradient.className = look;
  }
}

whenNumbersChange(showSliders);
whenStepChanges(showSliderGradients);
