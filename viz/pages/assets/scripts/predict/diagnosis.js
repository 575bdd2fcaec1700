// What a wrong answer tells: the same as in viz/exercises/diagnosis.py, with the mistakes of mistakes.py.

import { page, root, state } from "../state.js";
import { gradOf, receives, slope } from "../steps/inspect.js";
import { wrongAnswers } from "./mistakes.js";

/** Judge a number that was typed with so many significant digits, as the answer to a backward step. */
export function diagnose(k, given, digits) {
  const places = receives[page.backward[k][1]].filter((j) => j <= k);
  const exact = state.numbers.after[k];
  const isZero = Math.abs(exact) <= 1e-13 * Math.max(...places.map((j) => Math.abs(state.numbers.product[j])));
  if (isZero ? Math.abs(given) <= 1e-9 : agrees(given, exact, 3)) return said("right");
  const found = findMistake(given, digits, wrongAnswers(k));
  const isNear = !isZero && agrees(given, exact, 2);
  const isCertain = found && !found.isRounding && agrees(given, found.value, 3);
  if (digits === 1 && !isZero && !isNear && !isCertain && agrees(given, exact, 1)) {
    return said("size", "few_digits", page.quiz.advice.size);
  }
  const isRounding = Boolean(found && found.isRounding);
  const isClose = Math.abs(given - exact) <= 0.01 * Math.abs(exact);
  if (isNear && !isRounding && (digits <= 2 || !found && isClose)) return said("nearly");
  if (found) return said(isNear && isRounding ? "nearly" : "wrong", found.name, filledIn(found.hint, found.step));
  const kind = isZero ? "zero" : given * exact < 0 ? "sign" : places.length > 1 ? "sum" : "product";
  return said("wrong", "", filledIn(page.quiz.advice[kind], places[0]));
}

const said = (verdict, name = "", advice = "") => ({ verdict, name, advice });

/** The likeliest mistake that gives this number. */
function findMistake(given, digits, wrong) {
  for (const precision of digits <= 2 ? [3, 2] : [3]) {
    const found = wrong.find(({ value, isRounding }) =>
      !isRounding && (agrees(given, value, precision) || (value === 0 && Math.abs(given) < 1e-9)));
    if (found) return found;
  }
  // What was computed with rounded numbers is compared with all the digits that were typed.
  return wrong.find(({ value, isRounding }) => isRounding && agrees(given, value, Math.max(digits, 2)));
}

/** A hint or a question with the words of a contribution in its blanks. */
export function filledIn(text, k) {
  const [node, input] = page.backward[k];
  const words = { x: page.names[input], grad: gradOf(input), z: page.names[node], loss: page.names[root],
    operation: page.quiz.operations[node], upstream: slope(node) };
  return text.replace(/\{(\w+)\}/g, (_, word) => words[word]);
}

/** True if a number is right to so many significant digits: within half a unit of the last one. */
export function agrees(given, exact, digits) {
  if (exact === 0 || !Number.isFinite(exact)) return given === exact;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(exact))) - digits + 1);
  return Math.abs(given - exact) <= 0.5 * unit * (1 + 1e-9);
}
