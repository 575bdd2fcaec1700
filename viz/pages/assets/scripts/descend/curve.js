// The loss curve.

import { byId, makeSvg, plural } from "../document.js";
import { writeNumber } from "../numbers.js";
import { lossName, state, whenNumbersChange } from "../state.js";

function drawCurve() {
  const curve = byId("curve");
  curve.toggleAttribute("hidden", state.losses.length < 2);
  const points = state.losses.map((loss, i) => [i, loss]).filter(([, loss]) => Number.isFinite(loss) && Math.abs(loss) < 1e150);
  if (points.length < 2) return curve.replaceChildren();
  const values = points.map(([, loss]) => loss);
  const isLog = Math.min(...values) > 0 && Math.max(...values) > 50 * Math.min(...values);
  const scale = (value) => isLog ? Math.log10(value) : value;
  const [low, high] = isLog ? [Math.min(...values), Math.max(...values)] : [Math.min(0, ...values), Math.max(...values)];
  const [left, right, top, bottom] = [52, 332, 12, 124];
  const span = scale(high) - scale(low) || 1;
  const px = (i) => left + (right - left) * i / (state.losses.length - 1);
  const py = (loss) => bottom - (bottom - top) * (scale(loss) - scale(low)) / span;
  // More points than the plot has columns say nothing more.
  const every = Math.ceil(points.length / 300);
  const kept = points.filter((_, i) => i % every === 0 || i === points.length - 1);
  const path = kept.map(([i, loss], n) => `${n ? "L" : "M"}${px(i).toFixed(1)} ${py(loss).toFixed(1)}`).join("");
  const [lastStepShown, lastLoss] = points.at(-1);
  const label = (px, py, text, anchor) => makeSvg("text", { x: px, y: py, "text-anchor": anchor }, text);
  curve.replaceChildren(
    makeSvg("path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}` }),
    makeSvg("path", { class: "series", d: path }),
    makeSvg("circle", { class: "dot", cx: px(lastStepShown), cy: py(lastLoss), r: 3.5 }),
    label(left - 5, top + 4, shortScale(high), "end"), label(left - 5, bottom + 2, shortScale(low), "end"),
    label(left, bottom + 16, "0", "middle"), label(right, bottom + 16, plural(state.losses.length - 1, "step"), "end"),
    label(left + 6, top + 2, `${lossName}${isLog ? " (logarithmic)" : ""}`, "start"));
  curve.setAttribute("aria-label", `Loss curve: from ${writeNumber(state.losses[0])} to ${writeNumber(state.losses.at(-1))} in ${plural(state.losses.length - 1, "step")}`);
}

export function shortScale(value) {
  return writeNumber(value, 3);
}

whenNumbersChange(drawCurve);
