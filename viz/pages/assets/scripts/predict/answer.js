// Reads what somebody types as an answer: 0.25, -.5, 1/4, 1e-3, 0,25, 2*0.4763, 5.926·10⁻²⁵.  Nothing is executed.
// The same as viz/exercises/answers.py with viz/formulas/parser.py, but for functions of several numbers.

import { plainDigits, writeNumber } from "../numbers.js";
import { page, state } from "../state.js";

const SAME_MEANING = { "−": "-", "–": "-", "½": "(1/2)", "¼": "(1/4)" };
/** The number, or null; what is to be said of how it was understood; with how many digits it was typed. */
export function readAnswer(given) {
  let text = given.slice(given.lastIndexOf("=") + 1).trim().replace(/[−–½¼]/g, (sign) => SAME_MEANING[sign]);
  const shown = [...given.trim()];
  const note = (kind, words) => page.quiz.notes[kind].replace(/\{(\w+)\}/g, (_, word) => words[word]);
  const unread = (kind) => ({ number: null, digits: 15,
    note: note(kind, { why: "", text: shown.length > 28 ? `${shown.slice(0, 17).join("")}…${shown.slice(-9).join("")}` : shown.join("") }) });
  if (!text) return unread("nothing");
  let how = "";
  const comma = /^([-+]?)(\d*),(\d+)$/.exec(text);
  if (comma) {
    const [, sign, whole, decimals] = comma;
    if (decimals.length === 3 && /[1-9]/.test(whole)) {
      return { ...unread("nothing"), note: note("unclear", { text, plain: `${sign}${whole}${decimals} or ${sign}${whole}.${decimals}` }) };
    }
    text = `${sign}${whole || "0"}.${decimals}`;
    how = note("comma", { text: comma[0], plain: writeNumber(Number(text), 15) });
  }
  try {
    return { number: calculate(text), note: how, digits: significantDigits(text) };
  } catch (kind) {
    if (typeof kind !== "string") throw kind;
    return unread(kind);
  }
}

const NUMBER = String.raw`(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`;
const SMALL = "⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+";
const TOKEN = new RegExp(String.raw`\s*(?:(${NUMBER})([·⋅×]10${SMALL})?|([\p{L}_](?:(?![⁰¹²³⁴⁵⁶⁷⁸⁹])[\p{L}\p{N}\p{M}_])*)|(${SMALL})|(\*\*|[-+*·⋅×/÷%^()|⌊⌋⌈⌉√]))`, "uy");
const SIGNS = { "·": "*", "⋅": "*", "×": "*", "÷": "/", "^": "**" };
// As in Python a sign binds more strongly than * and less than **.
const LEVELS = { "+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "**": 4 };
const SIGN_LEVEL = 3;
const OPERATIONS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "%": remainder, "**": (a, b) => a ** b };

/** What is left of a number, with the sign of the other, as Python's % has it. */
function remainder(a, b) {
  const rest = a % b;
  return rest && rest < 0 !== b < 0 ? rest + b : rest;
}

/** The number that a text says. */
function calculate(text) {
  const tokens = tokensOf(text);
  let at = 0;
  let depth = 0;
  let isFinite = true;
  /** A text that cannot be read is said to be that, also where a part of it is infinite. */
  const finite = (value) => {
    isFinite &&= Number.isFinite(value);
    return value;
  };
  const current = () => tokens[at] || {};
  const isNext = (sign) => current().sign === sign;

  /** What is bound at least as strongly as this. */
  function formula(lowest) {
    if (++depth > 50) throw "unread";
    let value = operand();
    let last = "";
    for (;;) {
      const before = tokens[at - 1];
      const isProduct = isNext("(") && (before.number !== undefined || before.sign === ")");
      const sign = isProduct ? "*" : current().sign;
      if (!(LEVELS[sign] >= lowest)) break;
      // It is not clear what a / 2(x - 1) and x²**3 mean.
      if (isProduct ? ["/", "%", "**"].includes(last) : sign === "**" && before.exponent) throw "unread";
      if (!isProduct) at++;
      value = finite(OPERATIONS[sign](value, formula(sign === "**" ? SIGN_LEVEL : LEVELS[sign] + 1)));
      last = sign;
    }
    depth--;
    return value;
  }

  function operand() {
    const { sign } = current();
    if (sign === "+" || sign === "-") {
      at++;
      return formula(SIGN_LEVEL) * (sign === "-" ? -1 : 1);
    }
    if (sign === "√") {
      at++;
      const value = finite(Math.sqrt(isNext("√") ? operand() : atom()));
      if (current().exponent || isNext("**")) throw "unread";
      return value;
    }
    const value = atom();
    const { exponent } = current();
    if (!exponent) return value;
    at++;
    return finite(value ** Number(plainDigits(exponent)));
  }

  function atom() {
    const { number, name, sign } = current();
    at++;
    if (number !== undefined) return number;
    if (sign === "(") return inside(")");
    if (sign === "|") return Math.abs(inside("|"));
    if (sign === "⌊") return Math.floor(inside("⌋"));
    if (sign === "⌈") return Math.ceil(inside("⌉"));
    if (!name) throw "unread";
    if (!isNext("(")) return finite(numberCalled(name));
    if (!Object.hasOwn(functions, name)) throw "unread";
    at++;
    return finite(functions[name](inside(")")));
  }

  function inside(end) {
    const value = formula(1);
    if (!isNext(end)) throw "unread";
    at++;
    return value;
  }

  const number = formula(1);
  if (at < tokens.length) throw "unread";
  if (!isFinite) throw "infinite";
  return number;
}

function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (!found) throw "unread";
    let [, number, tens, name, exponent, sign] = found;
    // In 2^2·10³ the exponent is 2.
    if (tens && tokens.at(-1)?.sign === "**") {
      TOKEN.lastIndex -= tens.length;
      tens = "";
    }
    if (number) number = Number(tens ? `${number}e${plainDigits(tens.slice(3))}` : number);
    if (number === Infinity) throw "unread";
    tokens.push({ number, name, exponent, sign: SIGNS[sign] || sign });
  }
  return tokens;
}

/** The number of a node that the learner has named, or of a constant. */
function numberCalled(name) {
  const node = page.names.findIndex((other, i) => page.named[i] && other.normalize() === name.normalize());
  if (node >= 0) return state.numbers.data[node];
  if (!Object.hasOwn(page.quiz.constants, name)) throw "unread";
  return page.quiz.constants[name];
}

/** How many significant digits a plain number was typed with; 15 for a calculation. */
export function significantDigits(text) {
  const found = /^[-+]?(\d*)\.?(\d*)(?:[eE][-+]?\d+|[·⋅×]10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?$/.exec(text);
  if (!found) return 15;
  const digits = (found[1] + found[2]).replace(/^0+/, "");
  // An answer "6" is meant as exactly six.
  return (found[2] && text.endsWith(".0") ? digits.replace(/0+$/, "") : digits).length;
}
