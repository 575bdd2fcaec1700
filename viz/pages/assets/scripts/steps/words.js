// What is said of a step, and of numbers that are none.

import { byId, make } from "../document.js";
import { isExact, productSign, sumSign, writeNumber } from "../numbers.js";
import { precise, questionAbout } from "../predict/quiz.js";
import { lossName, page, root, samples, seedStep, state, whenNumbersChange, whenStepChanges } from "../state.js";
import { complaintOf } from "./complaint.js";
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

export const shownAt = (field, k) => writeNumber(state.numbers[field][k]);
export const timesSign = (k) => productSign([shownAt("upstream", k), shownAt("local", k)], shownAt("product", k));
export const plusSign = (k) => sumSign([shownAt("before", k), shownAt("product", k)], shownAt("after", k));
const forwardSign = (node) => [...page.inputsOf[node], node].every((i) => isExact(state.numbers.data[i])) ? "=" : "≈";

whenStepChanges(tell);

whenNumbersChange(() => {
  const { data, local, grad } = state.numbers;
  const words = complaintOf([...data, ...local, ...grad]);
  byId("alarm").hidden = !words;
  if (byId("alarm").textContent !== words) byId("alarm").textContent = words;
});
