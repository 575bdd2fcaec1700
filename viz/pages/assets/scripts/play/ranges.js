// The range of a slider: round ends around 0 that hold its value, and round steps of which there are some hundreds.

const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** A range around 0 that reaches twice as far as the value, and farther than the answer if that is known. */
export function rangeFor(value, answer = 0) {
  const ordinary = !value || Math.abs(value) > 0.005 ? 2 : 0; // numbers that are all tiny get a tiny range
  const reach = Math.max(2 * Math.abs(value), ordinary, 1.25 * Math.abs(answer));
  if (!(reach < 1e300)) return { low: -1e300, high: 1e300, step: 1e297 };
  const power = decimal(Math.floor(Math.log10(reach)));
  const high = Number((ROUND.find((n) => n * power >= reach * 0.999999) * power).toPrecision(2));
  return { low: -high, high, step: decimal(Math.floor(Math.log10(high / 200))) };
}

/** 0.01, and not what rounding makes of a power of ten. */
const decimal = (exponent) => Number(`1e${exponent}`);

/** The range when the value has come to rest: wider if it is at an end or beyond, finer if it is far inside. */
export function followRange(range, value, answer) {
  const wider = widened(range, value);
  if (wider !== range || range.high <= 2 || !(Math.abs(value) <= range.high / 20)) return wider;
  return rangeFor(Math.max(Math.abs(value), 1), answer);
}

/** The range while the value moves: the same until the value comes to its end. */
export function widened(range, value) {
  return Math.abs(value) > 0.95 * range.high && Number.isFinite(value) ? rangeFor(value) : range;
}

/** Where a key takes the value: to the next mark, so never farther than one step. */
export function nextMark({ low, high, step }, value, direction) {
  const marks = value / step;
  const next = direction > 0 ? Math.floor(marks + 1e-6) + 1 : Math.ceil(marks - 1e-6) - 1;
  return Math.min(high, Math.max(low, Number((next * step).toPrecision(12))));
}
