// The sentence of a step, put together from its clauses: see viz/pages/sentences.py.

import { page, root, seedStep, stepCount } from "../state.js";
import { bookFails } from "./tails.js";

/** The nodes that a sentence is about, as its clauses number them. */
function castOf(position) {
  const others = page.others[position] || [];
  if (position > 0 && position < seedStep) {
    const node = page.forward[position - 1];
    return [node, ...page.inputsOf[node], ...others];
  }
  if (position <= seedStep || position > stepCount) return [root];
  const [node, input] = page.backward[position - seedStep - 1];
  return [node, input, root, ...page.inputsOf[node], ...others];
}

/** The clauses of a step, with the local derivative in the form that gives its number: it is the second clause. */
function clausesOf(position) {
  const clauses = page.sentences[position];
  const k = position - seedStep - 1;
  if (!(k in page.exactly) || !bookFails(k)) return clauses;
  return [clauses[0], page.exactly[k], ...clauses.slice(2)].filter((clause) => clause >= 0);
}

/** Texts, whole numbers for blanks (from 0: the data of that node; negative: a field of the step), {node, text} for names. */
export function sentenceAt(position) {
  const cast = castOf(position);
  return clausesOf(position).flatMap((clause) => page.clauses[clause]).map((part) => {
    if (typeof part === "string" || part < 0) return part;
    if (typeof part === "number") return cast[part];
    const node = cast[part[0]], name = page.names[node];
    return { node, text: part[1] && page.fenced.includes(node) ? `(${name})` : name };
  });
}
