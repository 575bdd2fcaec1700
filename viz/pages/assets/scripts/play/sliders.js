// Sliders and number fields for the free leaves, and the choice of an example.

import { forgetDescent } from "../descend/descend.js";
import { byId, make } from "../document.js";
import { signOf, tintShare } from "../graph/graph.js";
import { forField, writeShort } from "../numbers.js";
import { finished, gradientsAfter, lastStep, page, refresh, state, whenStepChanges } from "../state.js";
import { stop } from "../steps/steps.js";
import { setUpExamples, showChosenExample } from "./examples.js";

export const sliders = page.free.map((node) => ({ node, place: page.inputs.indexOf(node), ...rangeFor(page.start[page.inputs.indexOf(node)]) }));

/** A range around zero that reaches twice as far as the number, and steps of which there are some hundreds. */
function rangeFor(value) {
  const size = Math.max(2 * Math.abs(value), 2) || 2;
  const power = 10 ** Math.floor(Math.log10(size));
  const limit = [1, 2, 3, 5, 10].find((n) => n * power >= size * 0.999) * power;
  return { limit, step: 10 ** Math.round(Math.log10(limit / 200)) };
}

export function setUpSliders() {
  for (const slider of sliders) {
    const name = page.names[slider.node];
    slider.range = make("input", { type: "range", min: -slider.limit, max: slider.limit, step: slider.step, "aria-label": `${name}, slider` });
    slider.field = make("input", { type: "number", step: "any", "aria-label": name });
    slider.gradient = make("span", { class: "grad-chip", title: `gradient of ${name}` });
    slider.range.addEventListener("input", () => setInput(slider, Number(slider.range.value)));
    slider.field.addEventListener("input", () => {
      if (slider.field.value !== "" && Number.isFinite(slider.field.valueAsNumber)) setInput(slider, slider.field.valueAsNumber);
    });
    slider.field.addEventListener("change", showSliders);
    slider.name = make("span", { class: "name", title: name }, name);
    byId("sliders").append(make("div", { class: "slider" }, slider.name, slider.range, slider.field, slider.gradient));
  }
  // Of very many sliders, those out of sight are not laid out.
  byId("sliders").classList.toggle("many", sliders.length > 20);
  byId("original").addEventListener("click", () => { state.inputs = page.start.slice(); forgetDescent(); showSliders(); showChosenExample(); refresh(); });
  byId("original").hidden = page.inputs.length === 0;
  if (!sliders.length) byId("sliders").append(make("p", { class: "quiet" }, "No leaf of this graph has a label, so none has a slider."));
  setUpExamples();
  showSliders();
}

/** A slider was moved: everything is computed again, once for each picture that the screen shows. */
let waiting = false;
export function setInput(slider, value) {
  state.inputs[slider.place] = value;
  if (state.position === 0) state.position = finished;
  stop();
  forgetDescent();
  if (document.activeElement !== slider.field) slider.field.value = forField(value);
  slider.range.value = value;
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

export function showSliders() {
  for (const { place, range, field } of sliders) {
    range.value = state.inputs[place];
    field.value = forField(state.inputs[place]);
  }
}

/** Beside each slider its gradient, as far as it is known at this step. */
function showSliderGradients() {
  const known = gradientsAfter(state.position);
  for (const { node, gradient } of sliders) {
    const value = known[node];
    const text = value === undefined ? "?" : writeShort(value) + (lastStep[node] <= state.position ? "" : "…");
    if (gradient.textContent !== text) gradient.textContent = text;
    gradient.className = `grad-chip ${signOf(value)}`;
    gradient.style.setProperty("--share", `${(tintShare(value) * 100).toFixed(1)}%`);
  }
}

whenStepChanges(showSliderGradients);
