// What a wrong answer tells: the same as in viz/exercises/diagnosis.py, with the mistakes of mistakes.py.

import { figuresOf } from "../numbers.js";
import { page, root, state } from "../state.js";
import { receives } from "../steps/inspect.js";

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
  if (isNear && !isRounding && (digits <= 2 || !found)) return said("nearly");
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

/** What common mistakes lead to here, the likeliest first; none of them happens to be right. */
function wrongAnswers(k) {
  const { answers, mistakes, roundings } = page.quiz;
  const first = answers.slice(0, k).reduce((sum, some) => sum + some.length / 2, 0);
  const exact = [...state.numbers.data, ...state.numbers.grad, ...state.numbers.local];
  const seen = new Set();
  const found = [];
  for (const how of [null, ...roundings]) {
    const values = mistaken([...(how ? exact.map((x) => cut(x, how)) : exact), ...state.numbers.product]);
    for (let i = 0; i < answers[k].length; i += 2) {
      const [name, hint, isRounding] = mistakes[answers[k][i]];
      const value = values[first + i / 2];
      if (isRounding !== Boolean(how) || !Number.isFinite(value) || seen.has(value) || agrees(value, state.numbers.after[k], 6)) continue;
      seen.add(value);
      found.push({ name, hint, isRounding, value, step: answers[k][i + 1] });
    }
  }
  return found;
}

/** A hint or a question with the words of a contribution in its blanks. */
export function filledIn(text, k) {
  const [node, input] = page.backward[k];
  const words = { x: page.names[input], z: page.names[node], loss: page.names[root],
    operation: page.quiz.operations[node], upstream: page.quiz.upstream[node] };
  return text.replace(/\{(\w+)\}/g, (_, word) => words[word]);
}

/** Round to so many digits or decimals, halves away from zero as on paper. */
function cut(x, [kind, count]) {
  if (!Number.isFinite(x)) return x;
  const [figures, place] = figuresOf(x);
  const kept = Math.min(kind === "digits" ? count : place + 1 + count, figures.length);
  if (kept < 0) return 0;
  const shorter = BigInt(figures.slice(0, kept) || 0) + (figures[kept] >= "5" ? 1n : 0n);
  return Math.sign(x) * Number(`${shorter}e${place + 1 - kept}`);
}

/** True if a number is right to so many significant digits: within half a unit of the last one. */
function agrees(given, exact, digits) {
  if (exact === 0 || !Number.isFinite(exact)) return given === exact;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(exact))) - digits + 1);
  return Math.abs(given - exact) <= 0.5 * unit * (1 + 1e-9);
}

/** How many significant digits a plain number was typed with; 15 for anything else. */
export function significantDigits(text) {
  const found = /^[-+]?(\d*)\.?(\d*)(?:[eE][-+]?\d+)?$/.exec(text);
  if (!found) return 15;
  const digits = (found[1] + found[2]).replace(/^0+/, "");
  // An answer "6" is meant as exactly six.
  return (found[2] && text.endsWith(".0") ? digits.replace(/0+$/, "") : digits).length;
}
