// The formulas of a step: in symbols, with numbers, and what comes out.

import { byId } from "../document.js";
import { isExact, plainDigits, writeNumber } from "../numbers.js";
import { finished, lastStep, nodeCount, page, root, seedStep, state, whenStepChanges } from "../state.js";
import { bookFails } from "./tails.js";
import { plusSign, timesSign } from "./words.js";

// In a formula, the slot <q2n/> or <q2n+1/> stands for node n: for its name or its number.
const SLOT = /<q(\d+)><\/q\d+>/g;
const formulas = byId("formula-texts").content.firstChild.innerHTML.split("<q></q>");
export const forwardFormulas = formulas.slice(nodeCount, nodeCount + page.forward.length);
const localFormulas = formulas.slice(nodeCount + page.forward.length);
/** For each step whose local derivative has two forms the exact one, by its place behind the others. */
const exactFormulas = Object.keys(page.exactly).filter((k) => page.exactly[k] >= 0);

/** The local derivative of a backward step, in the form that gives its number; "" if none does. */
export function localFormula(k) {
  if (!bookFails(k)) return localFormulas[k];
  const place = exactFormulas.indexOf(String(k));
  return place < 0 ? "" : localFormulas[page.backward.length + place];
}
/** Markup that speaks of a node, so that the two can be lit together. */
const about = (node, markup) => markup.replace(/^<\w+/, `$& data-node="${node}"`);
const named = (node) => about(node, symbols[node]);
export const withNames = (formula) => formula.replace(SLOT, (_, slot) => named(slot >> 1));

/** What each node is called in a formula: its label, or the formula by which it is computed. */
export const symbols = formulas.slice(0, nodeCount);
page.forward.forEach((node, k) => {
  if (symbols[node] === "") symbols[node] = withNames(forwardFormulas[k]);
  else if (symbols[node].startsWith("<mo>(")) symbols[node] = `<mrow><mo>(</mo>${withNames(forwardFormulas[k])}<mo>)</mo></mrow>`;
});

/** A name that stands alone, without the parentheses that it needs in other formulas. */
export const bare = (symbol) => symbol.startsWith("<mrow><mo>(</mo>") ? `<mrow>${symbol.slice(16, -17)}</mrow>` : symbol;

/** A number in MathML; a negative one in parentheses unless it stands alone. */
function numberInMath(value, alone) {
  if (!Number.isFinite(value)) return `<mtext>${writeNumber(value)}</mtext>`;
  const [mantissa, exponent] = writeNumber(Math.abs(value)).split("·10");
  const power = exponent === undefined ? "" : `<mo>·</mo><msup><mn>10</mn><mn>${plainDigits(exponent).replace("-", "−")}</mn></msup>`;
  const size = power ? `<mrow><mn>${mantissa}</mn>${power}</mrow>` : `<mn>${mantissa}</mn>`;
  if (value >= 0) return size;
  return alone ? `<mrow><mo form="prefix">−</mo>${size}</mrow>`
    : `<mrow><mo>(</mo><mo form="prefix">−</mo>${size}<mo>)</mo></mrow>`;
}

const withNumbers = (formula) => formula.replace(SLOT, (_, slot) => about(slot >> 1, numberInMath(state.numbers.data[slot >> 1], slot % 2 === 1)));
const bareMarkup = (markup) => markup.replaceAll(/ data-node="\d+"/g, "");

// A line may be broken before an equals sign of this kind.
const equals = (sign) => `\n<mo>${sign}</mo>`;
const EQUALS = equals("=");

/** "symbols = numbers = value", without saying anything twice. */
function equation(formula, value) {
  const result = numberInMath(value, true);
  if (!formula) return result;
  let written = withNames(formula);
  let sign = "=";
  const plugged = withNumbers(formula);
  if (![bareMarkup(written), result].includes(bareMarkup(plugged))) {
    written += EQUALS + plugged;
    const used = [...formula.matchAll(SLOT)].map(([, slot]) => state.numbers.data[slot >> 1]);
    if (![...used, value].every(isExact)) sign = "≈";
  }
  return /^(<mrow><mo>−<\/mo>)?<mn>[\d.]+<\/mn>(<\/mrow>)?$/.test(formula) ? written : written + equals(sign) + result;
}

const partial = (of, by) =>
  `<mfrac><mrow><mo>∂</mo>${named(of)}</mrow><mrow><mo>∂</mo>${named(by)}</mrow></mfrac>`;

function showFormulas(step, isQuestion) {
  const rows = [];
  if (step === 0 || step === finished) {
    // Nothing is computed yet, or nothing any more.
  } else if (step < seedStep) {
    const node = page.forward[step - 1];
    const formula = forwardFormulas[step - 1];
    const left = page.named[node] ? about(node, bare(symbols[node])) + EQUALS : "";
    rows.push(["value", left + equation(formula, state.numbers.data[node])]);
  } else if (step === seedStep) {
    rows.push(["seed", `${partial(root, root)}<mo>=</mo><mn>1</mn>`]);
  } else {
    const k = step - seedStep - 1;
    const [node, input] = page.backward[k];
    const local = partial(node, input) + EQUALS;
    const formula = localFormula(k);
    if (isQuestion) {
      rows.push(["local derivative", local + (state.isHinted && formula ? withNames(formula) : "<mtext>?</mtext>")]);
    } else {
      const n = (field, alone) => numberInMath(state.numbers[field][k], alone);
      const isComplete = lastStep[input] === step;
      // Long names would make it too wide, and stand in the lines above and below.
      const isShort = page.names[node].length + page.names[input].length < 7;
      const chain = isShort ? `${partial(root, node)}<mo>×</mo>${partial(node, input)}${EQUALS}` : "";
      rows.push(
        ["local derivative", local + equation(formula, state.numbers.local[k])],
        ["upstream × local", chain + `${n("upstream", true)}<mo>×</mo>${n("local", false)}${equals(timesSign(k))}${n("product", true)}`],
        [isComplete ? "gradient" : "gradient so far", partial(root, input) + (isComplete ? EQUALS : "\n<mo>←</mo>") +
          `${n("before", true)}<mo>+</mo>${n("product", false)}${equals(plusSign(k))}${n("after", true)}`]);
    }
  }
  // Only formulas that glassgrad has written are put in as markup: every label in them is escaped.
  byId("formulas").innerHTML = rows.map(([caption, formula]) =>
    `<div><span>${caption}</span><p>${formula.split("\n").map((part) => `<math displaystyle="true">${part}</math>`).join(" ")}</p></div>`).join("");
  if (rows.length === 3) byId("formulas").children[1].dataset.edge = page.backward[step - seedStep - 1][3];
}

whenStepChanges(() => showFormulas(state.asked || state.position, Boolean(state.asked)));
