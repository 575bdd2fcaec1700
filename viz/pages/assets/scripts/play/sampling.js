// A curve over one number, from runs of the program: its points, where its line breaks off, how much of it to show.

import { edgeCount, nodeCount, root, samples, state, withExample } from "../state.js";

/** A function of one input: the loss that the graph shows, and its slope. The other inputs stay as they are. */
export function lossAlong({ place, node }) {
  const all = state.showsMean ? samples.rows.map((_, i) => withExample(state.inputs, i)) : [state.inputs.slice()];
  return (x) => {
    let loss = 0;
    let slope = 0;
    for (const inputs of all) {
      inputs[place] = x;
      const out = run(inputs);
      loss += out[root];
      slope += out[nodeCount + edgeCount + node];
    }
    return [loss / all.length, slope / all.length];
  };
}

/** So many runs from low to high, and one of them just where the number stands: its dot lies on the curve. */
export function sampled(f, { low, high }, count, at) {
  const gap = (high - low) / (count - 1);
  const xs = Array.from({ length: count }, (_, i) => i < count - 1 ? low + i * gap : high);
  if (at >= low && at <= high) xs[Math.round((at - low) / gap)] = at;
  const runs = xs.map(f);
  return { xs, losses: runs.map(([loss]) => loss), slopes: runs.map(([, slope]) => slope) };
}

/** The curve as lists of points [x, loss]: a new list wherever there is a gap or a jump. */
export function strokesOf({ xs, losses, slopes }, f) {
  const strokes = [[]];
  xs.forEach((x, i) => {
    const isThere = Number.isFinite(losses[i]);
    if (i > 0 && breaksOff(xs[i] - xs[i - 1], losses[i - 1], losses[i], slopes[i - 1] + slopes[i])) {
      const edges = edgesBetween(f, [xs[i - 1], losses[i - 1]], [x, losses[i]]);
      if (edges) {
        if (Number.isFinite(edges[0][1])) strokes.at(-1).push(edges[0]);
        strokes.push(Number.isFinite(edges[1][1]) ? [edges[1]] : []);
      }
    }
    if (isThere) strokes.at(-1).push([x, losses[i]]);
  });
  return strokes.filter((points) => points.length);
}

/** True where the curve begins or ends, or where its slopes at both ends do not explain how far it goes. */
function breaksOff(width, before, after, slopes) {
  if (Number.isFinite(before) !== Number.isFinite(after)) return true;
  return Math.abs(after - before - width * slopes / 2) > Math.abs(after - before) / 2;
}

/** Narrow down where the curve breaks: the last point before it and the first behind it; null if it holds together. */
function edgesBetween(f, one, other) {
  const whole = Math.abs(other[1] - one[1]);
  for (let i = 0; i < 24; i++) {
    const x = (one[0] + other[0]) / 2;
    const middle = [x, f(x)[0]];
    const [isOne, isMiddle, isOther] = [one, middle, other].map(([, loss]) => Number.isFinite(loss));
    const isBefore = isOne !== isOther ? isMiddle === isOther
      : !isMiddle || Math.abs(middle[1] - one[1]) > Math.abs(other[1] - middle[1]);
    if (isBefore) other = middle;
    else one = middle;
  }
  return Math.abs(other[1] - one[1]) < whole / 2 ? null : [one, other];
}

/** How far to show a curve below and above the loss of its dot: all of it, unless its ends would flatten the rest. */
export function reachAround({ xs, losses, slopes }, at, nearby) {
  const here = xs.indexOf(at);
  const loss = losses[here];
  const far = losses.filter(Number.isFinite).map((other) => other - loss);
  if (!Number.isFinite(loss) || !far.length) return { below: 0, above: 0 };
  const width = (xs.at(-1) - xs[0]) / 5;
  const sides = [-1, 1].map((side) => Math.max(...losses.map((other, i) =>
    (xs[i] - at) * side >= 0 && Math.abs(xs[i] - at) <= width && Number.isFinite(other) ? Math.abs(other - loss) : 0)));
  // What is near: as much as the loss changes where the tangent is drawn.
  const near = Math.max(nearby, Math.min(...sides), Number.isFinite(slopes[here]) ? Math.abs(slopes[here]) * width : 0);
  const most = near > 0 ? 6 * near : Infinity;
  return { below: Math.min(-Math.min(...far), most), above: Math.min(Math.max(...far), most) };
}

/** Points as a path; far outside of the picture it does not matter where. */
export function pathThrough(strokes, px, py) {
  const kept = (value) => Math.min(Math.max(value, -1e5), 1e5).toFixed(2);
  return strokes.map((points) => points.map(([x, loss], i) => `${i ? "L" : "M"}${px(x).toFixed(2)} ${kept(py(loss))}`).join("")).join("");
}
