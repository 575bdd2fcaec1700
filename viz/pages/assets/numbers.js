// How numbers are written: the same policy as autograd/core/numbers.py, and a test compares the two.

/** A number with at most so many decimals, or scientific where these would not show it. */
function writeNumber(value, decimals = 4) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0.0";
  const size = Math.abs(value);
  if (size < 0.5 * 10 ** -decimals || size >= 1e7) {
    const digits = Math.max(decimals - 1, 0);
    const [mantissa, exponent] = size.toExponential(digits).split("e");
    const rounded = halfToEven(mantissa, size.toExponential(digits + 30).split("e")[0]);
    return (value < 0 ? "-" : "") + withoutZeros(rounded) + "e" + exponent[0] + exponent.slice(1).padStart(2, "0");
  }
  return withoutZeros((value < 0 ? "-" : "") + halfToEven(size.toFixed(decimals), size.toFixed(decimals + 30)));
}

/** Of two equally near numbers JavaScript takes the larger one, and Python the one with an even last digit. */
function halfToEven(rounded, exact) {
  const rest = exact.slice(rounded.length).replace(".", "");
  const isTie = /^50*$/.test(rest);
  return isTie && rounded.at(-1) % 2 ? rounded.slice(0, -1) + (rounded.at(-1) - 1) : rounded;
}

function withoutZeros(digits) {
  if (!digits.includes(".")) return digits;
  digits = digits.replace(/0+$/, "");
  return digits.endsWith(".") ? digits + "0" : digits;
}

/** A number that fits into a box of the graph: with fewer decimals if it is long. */
function fit(value, sign = "") {
  let text = "";
  for (let decimals = 4; decimals >= 1; decimals--) {
    text = writeNumber(value, decimals);
    if (value > 0) text = sign + text;
    if (text.length <= 8 && !(text.includes("e") && Math.abs(value) >= 0.00005 && Math.abs(value) < 1e7)) return text;
  }
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return (value > 0 ? sign : "") + mantissa + "e" + exponent[0] + exponent.slice(1).padStart(2, "0");
}

function writeGradient(value) {
  return (value > 0 ? "+" : "") + writeNumber(value);
}

/** A number rounded to so many significant digits, as JavaScript writes it: for axes, and fields to type in. */
function toDigits(value, digits) {
  return String(Number(value.toPrecision(digits)));
}

/** How strong the colour of a gradient is, from 0 to 1, on a scale that never changes. */
function strength(gradient) {
  if (gradient === undefined || gradient === 0 || Number.isNaN(gradient)) return 0;
  return 0.08 + 0.92 * Math.min(1, Math.sqrt(Math.abs(gradient) / page.reference));
}
