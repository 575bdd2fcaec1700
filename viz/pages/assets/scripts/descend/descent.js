// Gradient descent itself, x ← x − rate · gradient: what is descended, and one update after the other. It draws nothing.

import { edgeCount, nodeCount, page, root, samples, withExample } from "../state.js";
import { complaintOf } from "../steps/complaint.js";

/** Where the numbers that descend stand among the inputs. */
export const moving = page.descends.map((node) => page.inputs.indexOf(node));
export const pointOf = (inputs) => moving.map((place) => inputs[place]);

const rowCount = samples ? samples.rows.length : 0;
const allRows = Array.from({ length: rowCount }, (_, i) => i);

/** The loss at these inputs and its slopes along what descends: of what the inputs hold, or the mean over all examples. */
export function objective(inputs, ofAll) {
  const outs = ofAll ? allRows.map((i) => run(withExample(inputs, i))) : [run(inputs)];
  const mean = (place) => outs.reduce((sum, out) => sum + out[place], 0) / outs.length;
  return { loss: mean(root), slopes: page.descends.map((node) => mean(nodeCount + edgeCount + node)) };
}

/** These inputs with what descends put at another point. */
export function movedTo(inputs, point) {
  const moved = inputs.slice();
  moving.forEach((place, i) => { moved[place] = point[i]; });
  return moved;
}

/** These inputs after one step against the slopes. */
export const movedBy = (inputs, rate, slopes) => movedTo(inputs, moving.map((place, i) => inputs[place] - rate * slopes[i]));

const VISITS = 12;
const CURVE = 1000;

/**
 * A descent that has not begun. It learns from "all" (the mean loss), from "one" (what the inputs hold), or by "turns":
 * from one example after the other, beginning with that of the inputs, as in stochastic gradient descent.
 * visits: the last places that were measured; by turns that is one for each round through the examples.
 * curve: losses from the first to the latest, at most CURVE of them. */
export function newDescent(inputs, learns, turn) {
  const descent = { learns, turn, begin: turn, inputs, steps: 0, visits: [], curve: [], every: 1 };
  descent.first = visit(descent);
  return descent;
}

/** Measure where it is now. */
function visit(descent, here = objective(descent.inputs, descent.learns !== "one")) {
  const { inputs, visits, steps } = descent;
  const found = { ...here, inputs, step: steps, point: pointOf(inputs) };
  found.isFinite = [found.loss, ...found.slopes, ...found.point].every(Number.isFinite);
  visits.push(found);
  if (visits.length > VISITS) visits.shift();
  addToCurve(descent, found);
  return found;
}

function addToCurve(descent, { step, loss, point }) {
  descent.latest = { step, loss, point };
  if (descent.curve.length && step - descent.curve.at(-1).step < descent.every) return;
  descent.curve.push(descent.latest);
  if (descent.curve.length < CURVE) return;
  descent.every *= 2;
  descent.curve = descent.curve.filter((_, i) => i % 2 === 0);
}

/** So many updates, or fewer if a number is not finite any more or the time is up. */
export function descend(descent, rate, count, until = Infinity) {
  for (let i = 0; i < count && descent.visits.at(-1).isFinite; i++) {
    (descent.learns === "turns" ? learnFromNext : learn)(descent, rate);
    if (performance.now() > until) break;
  }
  // In the middle of a round the mean loss is measured for the curve alone.
  const { inputs, steps, latest } = descent;
  if (steps > latest.step) addToCurve(descent, { step: steps, loss: objective(inputs, true).loss, point: pointOf(inputs) });
}

function learn(descent, rate) {
  descent.inputs = movedBy(descent.inputs, rate, descent.visits.at(-1).slopes);
  descent.steps += 1;
  visit(descent);
}

function learnFromNext(descent, rate) {
  const here = objective(descent.inputs, false);
  const moved = movedBy(descent.inputs, rate, here.slopes);
  if (!Number.isFinite(here.loss)) return visit(descent, here);
  descent.steps += 1;
  if (!pointOf(moved).every(Number.isFinite)) { descent.inputs = moved; return visit(descent); }
  descent.turn = (descent.turn + 1) % rowCount;
  descent.inputs = withExample(moved, descent.turn);
  if (descent.steps % rowCount) return;
  // A round counts as one long step: its slopes are those that would have led from its beginning to its end.
  const { point } = descent.visits.at(-1);
  const slopes = pointOf(moved).map((to, i) => (point[i] - to) / (rate * rowCount));
  visit(descent, { loss: objective(moved, true).loss, slopes });
}

/** Which number is not finite at a visit, and which operation made it, as the learner wrote it. */
export function overflowAt({ inputs, point }, ofAll) {
  const lost = point.findIndex((value) => !Number.isFinite(value));
  if (lost >= 0) return `${page.names[page.descends[lost]]} has become too large for a number.`;
  for (const i of ofAll ? allRows : [-1]) {
    const complaint = complaintOf(run(ofAll ? withExample(inputs, i) : inputs));
    if (complaint) return ofAll ? `${samples.names[i]}: ${complaint}` : complaint;
  }
  return "The sum of all losses is too large for a number.";
}
