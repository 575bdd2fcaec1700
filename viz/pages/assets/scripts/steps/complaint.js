// In words what went wrong where a number is not finite.

import { writeNumber } from "../numbers.js";
import { edgeCount, nodeCount, page } from "../state.js";
import { sentenceAt } from "./sentences.js";

/** What went wrong first in what the program gave, with the operation as the learner wrote it; "" if all is finite. */
export function complaintOf(out) {
  const k = page.forward.findIndex((node) => !Number.isFinite(out[node]));
  if (k >= 0) {
    const node = page.forward[k];
    const told = sentenceAt(k + 1).map((part) => typeof part === "number" ? writeNumber(out[part]) : part.text ?? part).join("");
    const needs = (Number.isNaN(out[node]) || page.inputsOf[node].some((input) => out[input] === 0)) && page.requires[node];
    return `${told.slice(0, told.lastIndexOf(" that is ")).replace(": with ", " with ")} is ${needs ? `not defined: it needs ${needs}` : "too large for a number"}.`;
  }
  const edge = page.backward.find(([node], j) => !Number.isFinite(out[nodeCount + j] * out[nodeCount + edgeCount + node]));
  return edge ? `The derivative of ${page.names[edge[0]]} with respect to ${page.names[edge[1]]} is not a finite number here.` : "";
}
