// The panel of gradient descent: its buttons, how fast it goes, and what it says.

import { byId, make, plural } from "../document.js";
import { forField, writeApart, writeNumber } from "../numbers.js";
import { quietly, settle, sliders } from "../play/sliders.js";
import { edgeCount, finished, lossName, page, refresh, samples, state, whenNumbersChange, withExample } from "../state.js";
import { descend, movedBy, movedTo, moving, newDescent, objective, overflowAt } from "./descent.js";
import { judge } from "./judgement.js";

const rateField = byId("rate");
/** How many updates "to the end" are at most. */
const LIMIT = 10000;
/** A run of several updates: how many it shall make and has made, and when it began; null if none is under way. */
let going = null;
let verdict = { kind: "", text: "" };

/** "all" examples, one after the other by "turns", or this "one". */
export const learnsFrom = () => !samples ? "one" : state.showsMean ? "all" : byId("learn").value;
export const learnsFromAll = () => learnsFrom() === "all";
const nameOf = (ofAll) => ofAll ? `mean ${lossName}` : lossName;

/** Make so many updates, or as many of them as there is time for. */
function advance(count, until) {
  state.descent ??= newDescent(state.inputs.slice(), learnsFrom(), state.chosen);
  const { descent } = state;
  descend(descent, state.rate, count, until);
  state.inputs = descent.inputs.slice();
  if (descent.learns === "turns") state.chosen = descent.turn;
  if (state.position === 0) state.position = finished;
  verdict = judged(descent);
}

function judged(descent) {
  const ofAll = descent.learns !== "one";
  return judge(descent, state.rate, {
    name: nameOf(ofAll), terms: ofAll ? samples.rows.length : 1,
    look: (point) => objective(movedTo(descent.inputs, point), ofAll),
    complaint: (visit) => overflowAt(visit, ofAll),
  });
}

/** Where descent comes to rest, by place, if few steps lead there: the ranges of sliders hold it from the beginning. */
export function answers() {
  const descent = newDescent(page.start, samples ? "all" : "one", 0);
  // A number of steps and not a time, so that a page is the same on every machine; fewer in a large graph.
  descend(descent, page.rate, Math.min(300, Math.ceil(1e6 / edgeCount / (samples?.rows.length ?? 1))));
  const { point } = descent.visits.at(-1);
  return judged(descent).kind === "converged" ? new Map(moving.map((place, i) => [place, point[i]])) : new Map();
}

/** How many updates are due after so many seconds: the first one by one, so that they can be watched; then ever more. */
const pace = (seconds) => seconds < 1 / 6 ? 60 * seconds : 10 * Math.exp(6 * (seconds - 1 / 6));

function descendOnce() {
  stopRunning();
  advance(1);
  arrive();
}

function go(count) {
  stopRunning();
  going = { count, made: 0, begin: performance.now() };
  say("");
  showGoing();
  going.frame = requestAnimationFrame(goOn);
}

function goOn(now) {
  const { count, begin } = going;
  const isHurried = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const due = isHurried ? count : Math.min(count, Math.ceil(pace((now - begin) / 1000) + 1));
  const until = performance.now() + (isHurried ? 200 : 30);
  const isOver = () => going.made >= count || !state.descent.visits.at(-1).isFinite || count === LIMIT && verdict.ends;
  // It is judged after a tenth more at the latest, however many steps there are between two pictures.
  do {
    const before = state.descent?.steps ?? 0;
    advance(Math.min(due - going.made, Math.ceil((going.made + 1) / 10)), until);
    going.made += state.descent.steps - before;
  } while (going.made < due && !isOver() && performance.now() < until);
  if (isOver()) {
    stopRunning();
    return arrive();
  }
  going.frame = requestAnimationFrame(goOn);
  quietly(refresh);
}

/** A run is over: the ranges follow the numbers, and it is said once what has become of it. */
function arrive() {
  if (!state.descent) return;
  settle(sliders);
  quietly(refresh);
  const { first, latest, learns } = state.descent;
  say(verdict.text || `${nameOf(learns !== "one")} went from ${writeApart(first.loss, latest.loss).join(" to ")}.`, verdict.kind);
}

function say(text, kind = "") {
  byId("progress").textContent = text;
  byId("progress").dataset.kind = kind;
}

export function forgetDescent() {
  stopRunning();
  state.descent = null;
  say("");
}

function stopRunning() {
  if (going) cancelAnimationFrame(going.frame);
  going = null;
  showGoing();
}

function showGoing() {
  byId("run").textContent = going ? "Pause" : "To the end";
  byId("run").setAttribute("aria-pressed", Boolean(going));
}

function pause() {
  stopRunning();
  arrive();
}

export function setRate(value) {
  if (!(value > 0) || !Number.isFinite(value)) return;
  state.rate = value;
  byId("rate-slider").value = Math.log10(value);
  if (document.activeElement !== rateField) rateField.value = forField(value);
  // What is said of a rate looks at its own steps alone.
  if (state.descent) state.descent.visits.splice(0, state.descent.visits.length - 1);
  refresh();
}

function showDescent() {
  if (!moving.length) return;
  const ofAll = learnsFromAll();
  const here = objective(state.inputs, ofAll);
  const there = objective(movedBy(state.inputs, state.rate, here.slopes), ofAll);
  const promised = -state.rate * here.slopes.reduce((sum, slope) => sum + slope * slope, 0);
  const change = there.loss - here.loss;
  const [now, then] = writeApart(here.loss, there.loss);
  const of = learnsFrom() === "turns" && state.chosen >= 0 ? ` of ${samples.names[state.chosen]}` : "";
  byId("preview").replaceChildren(
    `${nameOf(ofAll)}${of} = `, make("b", {}, now), ". One step would make it ", make("b", {}, then),
    Number.isFinite(change) ? ` (${change > 0 ? "+" : ""}${writeNumber(change)}; the slope promises ${writeNumber(promised)}).` : ".");
  byId("preview").classList.toggle("worse", !(change <= 0));
  byId("steps-done").textContent = state.descent ? plural(state.descent.steps, "step") : "";
}

/** Back to the numbers of the start; the example stays, unless it has taken turns with others. */
function reset() {
  const { descent } = state;
  if (descent?.learns === "turns") {
    state.chosen = descent.begin;
    state.inputs = withExample(state.inputs, descent.begin);
  }
  forgetDescent();
  state.inputs = movedTo(state.inputs, moving.map((place) => page.start[place]));
  settle(sliders);
  refresh();
}

export function setUpDescent() {
  if (!moving.length) { byId("descending").hidden = true; return; }
  byId("learn-row").hidden = !samples;
  byId("step").addEventListener("click", descendOnce);
  byId("steps-10").addEventListener("click", () => go(10));
  byId("steps-100").addEventListener("click", () => go(100));
  byId("run").addEventListener("click", () => going ? pause() : go(LIMIT));
  byId("reset").addEventListener("click", reset);
  byId("learn").addEventListener("change", () => {
    forgetDescent();
    // Turns begin with an example.
    if (learnsFrom() === "turns" && state.chosen < 0) {
      state.chosen = 0;
      state.inputs = withExample(state.inputs, 0);
    }
    refresh();
  });
  byId("rate-slider").addEventListener("input", (event) => setRate(Number((10 ** Number(event.target.value)).toPrecision(2))));
  rateField.addEventListener("input", () => setRate(rateField.valueAsNumber));
  rateField.value = forField(state.rate);
  byId("rate-slider").value = Math.log10(state.rate);
  showGoing();
}

whenNumbersChange(showDescent);
