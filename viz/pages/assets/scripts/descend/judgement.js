// What a teacher would say of a descent: where it has arrived, or why it does not. It claims no more than the numbers show.

import { writeApart, writeNumber } from "../numbers.js";

const dot = (a, b) => a.reduce((sum, part, i) => sum + part * b[i], 0);
const size = (a) => Math.hypot(...a);
const beside = (point, way, length) => point.map((part, i) => part + length * way[i]);

/** How far a loss may be off by rounding: some ulps for each term that was added up. */
const noiseOf = (terms, ...losses) => 16 * terms * Number.EPSILON * Math.max(...losses.map(Math.abs));

/**
 * Judge the last places of a descent, beginning with its `first`; each has { loss, slopes, point, isFinite }.
 *   look: from a point to { loss, slopes }
 *   name: of the loss; terms: how many losses are added up
 *   complaint: says which operation gave no finite number at a visit
 * Gives { kind, text, ends }: `ends` where more steps would not help. */
export function judge({ first, visits, learns }, rate, { look, name, terms, complaint }) {
  const now = visits.at(-1), before = visits.at(-2) ?? now;
  const verdict = (kind, text, ends = true) => ({ kind, text, ends });
  const byTurns = learns === "turns";
  const fell = (from, to) => from.loss - to.loss > noiseOf(terms, from.loss, to.loss);
  const rose = (from, to) => fell(to, from);
  const pairs = visits.slice(1).map((to, i) => [visits[i], to]);
  const last = (count, test) => pairs.length >= count && pairs.slice(-count).every(test);

  if (!now.isFinite) {
    const hasFallen = pairs.length > 2 && pairs.slice(0, -1).every(([from, to]) => fell(from, to));
    return verdict("overflow", `${complaint(now)} ${hasFallen
      ? `Until then ${name} fell at every step: it seems to have no lowest value.`
      : pairs.length ? "The steps became too long. Reset, and take a smaller rate." : "Change the numbers first."}`);
  }

  const slope = size(now.slopes);
  // What is a large change of the numbers: as in the ranges of their sliders, 1, unless they all began as tiny ones.
  const began = size(first.point);
  const scale = Math.max(size(now.point), size(beside(now.point, first.point, -1)), began > 0 && began < 0.005 ? began : 1);
  const step = rate * slope;
  const shrinks = visits.length > 1 ? (slope / size(visits[0].slopes)) ** (1 / (visits.length - 1)) : NaN;
  const remaining = slope === 0 ? 0 : shrinks < 1 ? step * shrinks / (1 - shrinks) : Infinity;
  const span = Math.max(Math.abs(now.loss), Math.abs(first.loss - now.loss));
  const seemsFlat = slope < 1e-4 && slope * scale <= 1e-5 * Math.abs(now.loss);

  if (remaining <= 1e-8 * scale || step <= 1e-12 * scale || seemsFlat) {
    const { lowest, highest } = bendsAt(look, now, scale);
    const most = Math.max(Math.abs(lowest), Math.abs(highest));
    // At the bottom the steps are noise, and do not get shorter; but a step can be short because of its rate.
    const hasArrived = remaining <= 1e-8 * scale || step <= 1e-12 * scale && slope <= 1e-6 * most * scale;
    const small = !slope ? "exactly 0" : slope < 1e-4 ? `nearly 0 (${writeNumber(slope, 2)})` : `down to ${writeNumber(slope, 2)}`;
    if (hasArrived && lowest < -0.01 * most) {
      return verdict("saddle", `${highest > 0.01 * most
        ? `A saddle: ${name} bends up one way and down another`
        : `A top: ${name} bends down every way that was tried`}, and the gradient is ${small}. Nudge a slider to go on.`);
    }
    const bendsUp = lowest > 0.001 * most;
    if (seemsFlat && most * scale * scale <= 1e-4 * span && !bendsUp && !isValley(look, now, scale, terms)) {
      return verdict("flat", `Flat: the gradient is ${small}, for ${name} hardly changes around here. That need not be a minimum: start elsewhere.`);
    }
    if (hasArrived) return verdict("converged", `Arrived: the gradient is ${small}, and ${name} bends up around here: a minimum, at least of this valley.`);
  }

  if (!byTurns) {
    const flips = ([from, to]) => dot(from.slopes, to.slopes) < -0.3 * size(from.slopes) * size(to.slopes);
    const lately = visits.slice(-5);
    if (last(3, ([from, to]) => rose(from, to)) && rose(first, now)) return verdict("diverging", tooLong(`It diverges: ${name} grows with every step`), last(5, ([from, to]) => rose(from, to)));
    if (last(4, flips) && size(now.slopes) > 0.98 ** 4 * size(lately[0].slopes) && lately[0].loss - now.loss < 0.05 * Math.abs(now.loss)) {
      return verdict("bouncing", tooLong(`It bounces from side to side of the valley, and ${name} does not fall`));
    }
    if (rose(before, now)) return verdict("overshot", `${name} went up, from ${writeApart(before.loss, now.loss).join(" to ")}: the step was too long.`, false);
  } else if (now.loss - first.loss > 10 * Math.abs(first.loss) && last(3, ([from, to]) => rose(from, to))) {
    return verdict("diverging", tooLong(`It diverges: round by round ${name} grows`));
  }

  if (fell(before, now) && visits.length > 2) {
    const far = fallsForever(look, now, scale);
    if (far) {
      return verdict("unbounded", `${name} falls without end, as far as one looks along the slope (${writeNumber(far, 1)} away): no minimum there, and no rate helps.`);
    }
  }
  return crawls() ?? verdict("", "", false);

  /** With the rate beyond which a step crosses the valley and climbs: 2 / curvature. */
  function tooLong(what) {
    const { highest } = bendsAt(look, now, scale);
    const most = 2 / highest;
    return `${what}. The rate ${writeNumber(rate)} is too large${highest > 0 && most < rate ? `; here it must be below ${writeNumber(Number(most.toPrecision(2)))}` : ""}. Reset, and take a smaller one.`;
  }

  function crawls() {
    if (visits.length < 10 || !fell(before, now) && step > 0 && step > 1e-9 * scale || dot(before.slopes, now.slopes) < 0) return null;
    const needed = shrinks < 1 ? Math.log(remaining / (1e-3 * scale)) / -Math.log(shrinks) : Math.abs(now.loss) / 2 / Math.max(before.loss - now.loss, 0);
    if (!(needed > 3000)) return null;
    const lossAfter = (tried) => {
      let at = now.point;
      for (let i = 0; i < 5; i++) at = beside(at, look(at).slopes, -tried);
      return look(at).loss;
    };
    const { highest } = bendsAt(look, now, scale);
    const most = highest > 0 ? 1 / highest : 1000 * rate;
    let better = rate;
    while (3.2 * better < most && lossAfter(3.2 * better) < lossAfter(better)) better *= 3.2;
    const advice = better > rate ? ` A rate of about ${writeNumber(Number(better.toPrecision(1)))} would be faster here.`
      : rate > 0.1 * most ? " A much larger rate would bounce: the valley is long and narrow." : "";
    const about = needed < 1e9 ? `about ${writeNumber(Number(needed.toPrecision(1)))} more ${byTurns ? "rounds" : "steps"}` : "more steps than anybody would wait for";
    return verdict("crawling", `It crawls: ${about} at this pace.${advice}`, false);
  }
}

/** The largest and the smallest second derivative in any direction, as far as some dozens of looks can tell. */
function bendsAt(look, { point }, scale) {
  const h = 1e-4 * scale;
  const bend = (way) => {
    const [ahead, behind] = [h, -h].map((length) => look(beside(point, way, length)).slopes);
    return ahead.map((part, i) => (part - behind[i]) / (2 * h));
  };
  // Power iteration: what is applied again and again turns into the direction that bends most.
  const extreme = (apply) => {
    let way = point.map((_, i) => Math.sin(1 + 2 * i));
    let value = 0;
    for (let i = 0; i < (point.length > 1 ? 40 : 1); i++) {
      const length = size(way);
      if (!(length > 0)) break;
      way = way.map((part) => part / length);
      const image = apply(way);
      value = dot(way, image);
      way = image;
    }
    return value;
  };
  const one = extreme(bend);
  const other = one + extreme((way) => beside(bend(way), way, -one));
  return { lowest: Math.min(one, other), highest: Math.max(one, other) };
}

/** True if the loss is clearly higher on both sides, along every number. */
function isValley(look, { loss, point }, scale, terms) {
  return point.every((_, i) => [scale, -scale].every((length) => {
    const other = look(point.map((part, j) => j === i ? part + length : part)).loss;
    return other - loss > noiseOf(terms, loss, other);
  }));
}

/** How far it falls along the slope, if every doubling of the way brings no less than the one before; else 0. */
function fallsForever(look, { loss, point, slopes }, scale) {
  const way = slopes.map((slope) => -slope / size(slopes));
  let fallen = 0, from = loss;
  for (let i = 0; i <= 40; i++) {
    const far = scale * 2 ** i;
    const to = look(beside(point, way, far)).loss;
    if (to === -Infinity) return far;
    if (!(from - to >= 0.999 * fallen && from > to)) return 0;
    fallen = from - to;
    from = to;
  }
  return scale * 2 ** 40;
}
