// Which wrong answers mistakes lead to.  What may be taken for one contribution comes from viz/exercises/mistakes.py
// as a function for each kind of step; the ways in which an answer goes wrong are called here as they are there.

import { figuresOf } from "../numbers.js";
import { page, root, state } from "../state.js";
import { receives } from "../steps/inspect.js";
import { agrees } from "./diagnosis.js";

/** What common mistakes lead to after a backward step, the likeliest first; none of them happens to be right. */
export function wrongAnswers(k) {
  const shares = receives[page.backward[k][1]].filter((j) => j <= k);
  const found = new Map();
  for (const how of [null, ...page.quiz.roundings]) {
    const changes = shares.map((j) => changesOf(j, how));
    for (const [name, hint, isRounding, way, places, ...factors] of page.quiz.mistakes) {
      const answers = isRounding === Boolean(how) ? WAYS[way](shares, changes.map((all) => places.map((i) => all[i])), factors, places) : [];
      for (const [value, step] of answers) {
        if (!Number.isFinite(value) || found.has(value) || agrees(value, state.numbers.after[k], 6)) continue;
        found.set(value, { name, hint, isRounding, value, step });
      }
    }
  }
  return [...found.values()];
}

/** All that may be taken for a contribution, perhaps with rounded numbers; nothing where a mistake cannot be made. */
function changesOf(k, how) {
  const { data, grad, local, product } = state.numbers;
  const short = (x) => how ? cut(x, how) : x;
  const [node] = page.backward[k];
  const inputs = [...new Set(page.inputsOf[node])];
  return mistaken(page.quiz.kinds[k], short(grad[node]), short(local[k]), product[k], short(data[node]),
    inputs.map((i) => short(data[i])), inputs.map((i) => short(grad[i])), productsOf(receives[node]));
}

/** The steps through which an upstream gradient came, up to a node with several uses; each with what the local derivatives behind it amount to. */
function linksOf(k) {
  const links = [];
  let behind = 1;
  for (let uses = [k]; links.length <= page.quiz.mostLinks && uses?.length === 1; uses = receives[page.backward[uses[0]][0]]) {
    links.push([uses[0], behind]);
    behind *= state.numbers.local[uses[0]];
  }
  return links.slice(1);
}

const productsOf = (steps) => steps.map((k) => state.numbers.product[k]);
const added = (all) => all.reduce((total, x) => total + x);

/** Wrong answers, each with the contribution that its hint speaks of. */
const WAYS = {
  some(shares) {
    const count = shares.length;
    const most = 2 ** count - 2;
    const parts = count > page.quiz.mostSums ? [shares.slice(0, 1), shares.slice(-1)]
      : Array.from({ length: most }, (_, i) => shares.filter((_, j) => (most - i) >> (count - 1 - j) & 1));
    parts.sort((a, b) => a.length - b.length);
    return parts.map((part) => [added(productsOf(part)), shares[0]]);
  },
  data: ([first]) => [[state.numbers.data[page.backward[first][1]], first]],
  scaled: (shares, _, factors) => factors.map((factor) => [factor * added(productsOf(shares)), shares[0]]),
  changed(shares, changes) {
    const right = productsOf(shares);
    const answers = [];
    for (let i = 0; i < changes[0].length; i++) {
      const places = shares.map((_, at) => at).filter((at) => changes[at][i] !== undefined);
      const sum = (chosen) => added(right.map((product, at) => chosen.includes(at) ? changes[at][i] : product));
      if (places.length) answers.push([sum(places), shares[places[0]]]);
      if (shares.length > 1 && shares.length <= page.quiz.mostSums) places.forEach((at) => answers.push([sum([at]), shares[at]]));
    }
    return answers;
  },
  above: (shares, _, __, places) => shares.length > page.quiz.mostSums ? [] : shares.flatMap((share) => {
    const rest = productsOf(shares.filter((other) => other !== share));
    return linksOf(share).flatMap(([link, behind]) => places.map((i) => changesOf(link)[i]).filter((product) => product !== undefined)
      .map((product) => [added([...rest, product * behind]), link]));
  }),
  stopped: (shares) => shares.slice(0, page.quiz.mostSums).flatMap(linksOf).filter(([link]) => page.backward[link][0] !== root)
    .map(([link]) => [state.numbers.grad[page.backward[link][0]], link]),
  elsewhere(shares) {
    const distance = (k) => Math.abs(k - shares.at(-1));
    const firsts = page.names.flatMap((_, i) => page.named[i] && receives[i]?.length ? receives[i][0] : [])
      .filter((k) => page.backward[k][1] !== page.backward[shares[0]][1] && state.numbers.grad[page.backward[k][1]] !== 0);
    return firsts.sort((a, b) => distance(a) - distance(b) || a - b).slice(0, page.quiz.mostOthers).map((k) => [state.numbers.grad[page.backward[k][1]], k]);
  },
};

/** Round to so many digits or decimals, halves away from zero as on paper. */
function cut(x, [kind, count]) {
  if (!Number.isFinite(x)) return x;
  const [figures, place] = figuresOf(x);
  const kept = Math.min(kind === "digits" ? count : place + 1 + count, figures.length);
  if (kept < 0) return 0;
  const shorter = BigInt(figures.slice(0, kept) || 0) + (figures[kept] >= "5" ? 1n : 0n);
  return Math.sign(x) * Number(`${shorter}e${place + 1 - kept}`);
}
