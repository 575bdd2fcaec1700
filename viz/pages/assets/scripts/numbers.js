// How numbers are written: the same policy as autograd/core/numbers.py, and a test compares the two.

/** A number with so many significant digits, rounded on the decimal number, halves up; digits before the point all stay. */
export function writeNumber(value, digits = 4) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "−inf";
  return writeDecimal(value < 0, ...figuresOf(value, digits), digits);
}

/** The digits of the decimal that a float stands for, and the place of the first of them. */
export function figuresOf(value, digits = 15) {
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e");
  // A float holds 15 digits of a decimal; what comes behind them is the noise of its calculations.
  return rounded(mantissa.replace(".", ""), Number(exponent), Math.max(digits, 15));
}

/** The same for all the digits of a number, the first of which stands at this place: 0 before the point, -1 behind it. */
function writeDecimal(isNegative, figures, place, digits) {
  figures = figures.replace(/0+$/, "");
  if (!figures) return "0";
  let [shown, at] = rounded(figures, place, place < 7 ? Math.max(digits, place + 1) : digits);
  if (at >= 7 && place < 7) [shown, at] = rounded(figures, place, digits);
  if (figures.length <= shown.length) shown = figures;
  const minus = isNegative ? "−" : "";
  return minus + (at < -3 || at >= 7 ? `${withPoint(shown, 1)}·10${superscript(at)}` : withPoint(shown, at + 1));
}

/** So many digits, halves up, and the place of the first: 99.96 to three of them is 100. */
function rounded(figures, place, count) {
  if (figures.length <= count) return [figures, place];
  const cut = String(BigInt(figures.slice(0, count)) + (figures[count] >= "5" ? 1n : 0n));
  return cut.length > count ? [cut.slice(0, count), place + 1] : [cut, place];
}

function withPoint(figures, before) {
  if (before <= 0) return `0.${"0".repeat(-before)}${figures}`;
  figures = figures.padEnd(before, "0");
  return figures.slice(0, before) + (figures.length > before ? "." + figures.slice(before) : "");
}

const superscript = (number) => String(number).replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(sign)]);
export const plainDigits = (raised) => raised.replace(/./g, (sign) => "0123456789-"["⁰¹²³⁴⁵⁶⁷⁸⁹⁻".indexOf(sign)]);

/** True if a number is what is shown of it. */
export const isExact = (value) => writeNumber(value) === writeNumber(value, 15);

/** A number that fits into a box: with one digit less where it has an exponent. */
export function writeShort(value, digits = 4) {
  const text = writeNumber(value, digits);
  return text.includes("·") ? writeNumber(value, digits - 1) : text;
}

/** Two numbers with as many digits as it takes to see that they are not the same. */
export function writeApart(a, b) {
  let digits = 4;
  while (digits < 15 && writeNumber(a, digits) === writeNumber(b, digits)) digits++;
  return [writeNumber(a, digits), writeNumber(b, digits)];
}

/** What a written number says, exactly: a whole number and its power of ten; null if it is none, or not finite. */
export function readNumber(text) {
  const found = /^\(?([−-]?)(\d+)\.?(\d*)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?\)?$/.exec(text);
  if (!found) return null;
  const [, minus, whole, decimals, exponent] = found;
  const power = exponent ? Number(plainDigits(exponent)) : 0;
  return [BigInt(whole + decimals) * (minus ? -1n : 1n), power - decimals.length];
}

/** "=" if this number, rounded as the result is, is the result that is shown; else "≈". */
function equalSign(result, [n, power], digits = 4) {
  const isNegative = n < 0n;
  const figures = String(isNegative ? -n : n);
  const exact = writeDecimal(isNegative, figures, figures.length - 1 + power, digits);
  const [shown, other] = [result, exact].map(readNumber);
  return shown && (isSame(shown, other) || isSame(shown, [n, power])) ? "=" : "≈";
}

const isSame = (a, b) => sum(a, [-b[0], b[1]])[0] === 0n;

function sum([n, power], [m, other]) {
  const low = Math.min(power, other);
  return [n * 10n ** BigInt(power - low) + m * 10n ** BigInt(other - low), low];
}

/** The sign between numbers that are multiplied, or added, and what comes out, all as shown. */
export function productSign(factors, result, digits = 4) {
  const read = factors.map(readNumber);
  return read.includes(null) ? "=" : equalSign(result, read.reduce(([n, power], [m, other]) => [n * m, power + other]), digits);
}

export function sumSign(terms, result, digits = 4) {
  const read = terms.map(readNumber);
  return read.includes(null) ? "=" : equalSign(result, read.reduce(sum), digits);
}

/** A number as it stands behind a sign. */
export function inParentheses(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

/** A number for a field to type in, which takes no other minus and no superscripts. */
export function forField(value, digits = 6) {
  return String(Number(value.toPrecision(digits)));
}
