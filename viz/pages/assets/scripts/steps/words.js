// What is said of a step, and of numbers that are none.

import { byId, make } from "../document.js";
import { isExact, productSign, sumSign, writeNumber } from "../numbers.js";
import { precise, questionAbout } from "../predict/quiz.js";
import { lossName, page, root, samples, seedStep, state, whenNumbersChange, whenStepChanges } from "../state.js";
import { sentenceAt } from "./sentences.js";

function tell() {
  const narration = byId("narration");
  const k = state.asked;
  const write = k ? precise : writeNumber;
  const sentence = k ? questionAbout(k) : state.showsMean ? aboutMean() : sentenceAt(state.position);
  const isCalculated = sentence.filter((part) => typeof part === "number").length > 1;
  narration.replaceChildren(...sentence.map((part) => {
    if (typeof part === "string") return part;
    if (typeof part === "object") return make("span", { "data-node": part.node }, part.text);
    const sign = isCalculated && signBefore(part, k || state.position) === "≈" ? "≈ " : "";
    return make("b", {}, sign + write(numberFor(part, k || state.position)));
  }));
}

function aboutMean() {
  return [`Boxes and lines show the mean of ${samples.rows.length} examples; the mean of ${lossName} is `, root, ". A step is that of one example: press →, or choose one."];
}

/** What stands in a blank of a sentence: the data of a node, or a number of the step. */
function numberFor(blank, step) {
  if (blank >= 0) return state.numbers.data[blank];
  const field = ["upstream", "local", "product", "before", "after"][-1 - blank];
  return state.numbers[field][step - seedStep - 1];
}

/** "≈" before a result that does not come out of the numbers that are shown. */
function signBefore(blank, step) {
  const k = step - seedStep - 1;
  if (step < seedStep) return blank === page.forward[step - 1] ? forwardSign(blank) : "=";
  return blank === -3 ? timesSign(k) : blank === -5 ? plusSign(k) : "=";
}

const shownAt = (field, k) => writeNumber(state.numbers[field][k]);
export const timesSign = (k) => productSign([shownAt("upstream", k), shownAt("local", k)], shownAt("product", k));
export const plusSign = (k) => sumSign([shownAt("before", k), shownAt("product", k)], shownAt("after", k));
const forwardSign = (node) => [...page.inputsOf[node], node].every((i) => isExact(state.numbers.data[i])) ? "=" : "≈";

whenStepChanges(tell);

/** In words what went wrong first, or "" if all numbers are finite. */
function complaint() {
  const bad = page.forward.find((node) => !Number.isFinite(state.numbers.data[node]));
  if (bad !== undefined) {
    const inputs = page.inputsOf[bad].map((i) => `${page.names[i]} = ${writeNumber(state.numbers.data[i])}`).join(", ");
    const needs = page.requires[bad] ? ` It needs ${page.requires[bad]}.` : " The result is too large for a number.";
    return `${page.names[bad]} is not a finite number: ${page.ops[bad]} of ${inputs}.${needs}`;
  }
  const edge = state.numbers.product.findIndex((share) => !Number.isFinite(share));
  if (edge >= 0) {
    const [node, input] = page.backward[edge];
    return `The derivative of ${page.names[node]} with respect to ${page.names[input]} is not a finite number here.`;
  }
  return "";
}

whenNumbersChange(() => {
  const words = complaint();
  byId("alarm").hidden = !words;
  if (byId("alarm").textContent !== words) byId("alarm").textContent = words;
});
