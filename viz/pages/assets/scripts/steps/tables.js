// All steps at once, for paper and for those who read tables.

import { byId } from "../document.js";
import { writeNumber } from "../numbers.js";
import { endQuestion, quizIsOn } from "../predict/quiz.js";
import { finished, page, seedStep, show, state } from "../state.js";
import { bare, forwardFormulas, localFormula, symbols, withNames } from "./formulas.js";

export function writeTables() {
  // What is to be predicted is left out.
  const isHidden = (step) => quizIsOn() && state.position < finished && step > state.position;
  const math = (formula) => `<math>${formula}</math>`;
  const number = (value, step = 0) => `<td class="n">${isHidden(step) ? "?" : writeNumber(value)}</td>`;
  const forward = page.forward.map((node, k) =>
    `<tr><td class="n">${k + 1}</td><td>${math(bare(symbols[node]))}</td><td>${math(withNames(forwardFormulas[k]))}</td>` +
    `${number(state.numbers.data[node])}</tr>`);
  const backward = page.backward.map(([node, input], k) => {
    const shown = (field) => number(state.numbers[field][k], seedStep + k + 1);
    return `<tr><td class="n">${seedStep + k + 1}</td><td>${math(bare(symbols[input]))}</td><td>${math(bare(symbols[node]))}</td>` +
    `${shown("upstream")}<td>${math(withNames(localFormula(k)))}</td>${["local", "product", "before", "after"].map(shown).join("")}</tr>`;
  });
  byId("steps-table").innerHTML =
    `<table><caption>Forward pass</caption><tr><th>step<th>node<th>is<th>data</tr>${forward.join("")}</table>` +
    `<table><caption>Backward pass: step ${seedStep} sets the gradient of the result to 1</caption>` +
    "<tr><th>step<th>into<th>from<th>upstream<th>local derivative<th>value<th>product<th>before<th>after</tr>" +
    `${backward.join("")}</table>`;
}

export function setUpTables() {
  let before = 0;
  addEventListener("beforeprint", () => {
    before = state.position;
    endQuestion();
    show(finished);
    byId("all-steps").close();
    writeTables();
  });
  addEventListener("afterprint", () => show(before));
}
