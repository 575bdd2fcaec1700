// Gradient descent on the free leaves: x ← x - rate · gradient, one step or many.

import { byId, make, plural } from "../document.js";
import { forField, writeApart, writeNumber } from "../numbers.js";
import { quietly, showSliders, sliders } from "../play/sliders.js";
import {
  edgeCount, finished, lossName, nodeCount, page, refresh, root, samples, state, whenNumbersChange, withExample,
} from "../state.js";

const rateField = byId("rate");
let running = null;
let lastWords = "";

export const learnsFromAll = () => Boolean(samples) && (state.showsMean || byId("learn").value === "all");

/** The loss at these inputs and its gradient for the free leaves: of this example, or the mean over all. */
export function objective(inputs) {
  const rows = learnsFromAll() ? samples.rows.map((_, i) => run(withExample(inputs, i))) : [run(inputs)];
  const mean = (place) => rows.reduce((sum, out) => sum + out[place], 0) / rows.length;
  return { loss: mean(root), slopes: page.free.map((node) => mean(nodeCount + edgeCount + node)) };
}

function stepped(inputs, { slopes }) {
  const moved = inputs.slice();
  sliders.forEach(({ place }, i) => { moved[place] -= state.rate * slopes[i]; });
  return moved;
}

export const freePoint = () => sliders.map(({ place }) => state.inputs[place]);

function descendOnce() {
  const here = objective(state.inputs);
  if (!state.losses.length) { state.losses = [here.loss]; state.trail = [freePoint()]; }
  state.inputs = stepped(state.inputs, here);
  const there = objective(state.inputs);
  state.losses.push(there.loss);
  state.trail.push(freePoint());
  lastWords = judge(here, there);
  if (state.position === 0) state.position = finished;
  showSliders();
  quietly(refresh);
  if (!Number.isFinite(there.loss) || there.slopes.some((slope) => !Number.isFinite(slope))) stopRunning();
}

/** What a teacher would say about this step. */
function judge(here, there) {
  if (!Number.isFinite(there.loss) || !freePoint().every(Number.isFinite)) {
    return "The steps were so large that the numbers have left the range of a computer: gradient descent diverged. Reset, and take a smaller rate.";
  }
  const lowest = Math.min(...state.losses);
  if (state.losses.length > 3 && there.loss > 10 * Math.max(state.losses[0], lowest)) {
    return `The loss grows with every step: the rate ${forField(state.rate)} is too large, and gradient descent diverges.`;
  }
  if (there.loss > here.loss * (1 + 1e-12) + 1e-15) return `The loss went up, from ${writeApart(here.loss, there.loss).join(" to ")}: the step was too long, it overshot the valley.`;
  if (Math.hypot(...there.slopes) < 1e-6) return "The gradient is nearly 0: there is nothing left to descend.";
  return "";
}

export function forgetDescent() {
  stopRunning();
  state.losses = [];
  state.trail = [];
  lastWords = "";
}

function stopRunning() {
  cancelAnimationFrame(running);
  running = null;
  byId("run").textContent = "Run";
  byId("run").setAttribute("aria-pressed", "false");
}

function toggleRunning() {
  if (running) return stopRunning();
  byId("run").textContent = "Pause";
  byId("run").setAttribute("aria-pressed", "true");
  let then = 0;
  const next = (now) => {
    running = requestAnimationFrame(next);
    // About thirty steps in a second: fast enough to arrive, slow enough to watch.
    if (now - then < 32) return;
    then = now;
    descendOnce();
    if (state.losses.length > 20000) stopRunning();
  };
  running = requestAnimationFrame(next);
}

function setRate(value) {
  if (!(value > 0) || !Number.isFinite(value)) return;
  state.rate = value;
  byId("rate-slider").value = Math.log10(state.rate);
  if (document.activeElement !== rateField) rateField.value = forField(state.rate);
  showDescent();
}

function showDescent() {
  if (!sliders.length) return;
  const here = objective(state.inputs);
  const next = stepped(state.inputs, here);
  const there = objective(next);
  const squares = here.slopes.reduce((sum, slope) => sum + slope * slope, 0);
  const change = there.loss - here.loss;
  const name = learnsFromAll() ? `mean ${lossName}` : lossName;
  const [now, then] = writeApart(here.loss, there.loss);
  byId("preview").replaceChildren(
    `${name} = `, make("b", {}, now), ". One step would make it ", make("b", {}, then),
    Number.isFinite(change) ? ` (${change > 0 ? "+" : ""}${writeNumber(change)}; the slope promises ${writeNumber(-state.rate * squares)}).` : ".");
  byId("preview").classList.toggle("worse", !(change <= 0));
  byId("steps-done").textContent = state.losses.length > 1 ? plural(state.losses.length - 1, "step") : "";
  if (byId("progress").textContent !== lastWords) byId("progress").textContent = lastWords;
}

export function setUpDescent() {
  if (!sliders.length) { byId("descending").hidden = true; return; }
  byId("learn-row").hidden = !samples;
  byId("step").addEventListener("click", () => { stopRunning(); descendOnce(); });
  byId("run").addEventListener("click", toggleRunning);
  byId("reset").addEventListener("click", () => {
    forgetDescent();
    sliders.forEach(({ place }) => { state.inputs[place] = page.start[place]; });
    showSliders();
    refresh();
  });
  byId("learn").addEventListener("change", () => { forgetDescent(); refresh(); });
  byId("rate-slider").addEventListener("input", (event) => setRate(Number((10 ** Number(event.target.value)).toPrecision(2))));
  rateField.addEventListener("input", () => setRate(rateField.valueAsNumber));
  rateField.value = forField(state.rate);
  byId("rate-slider").value = Math.log10(state.rate);
}

whenNumbersChange(showDescent);
