// The loss curve.

import { byId, makeSvg, plural } from "../document.js";
import { writeNumber } from "../numbers.js";
import { lossName, state, whenNumbersChange } from "../state.js";

const curve = byId("curve");
let [width, height] = [340, 150];

function drawCurve() {
  const { curve: kept = [], latest, learns } = state.descent ?? {};
  const last = latest?.step ?? 0;
  curve.toggleAttribute("hidden", !last);
  const points = [...kept, latest].filter((point, i) => point && Math.abs(point.loss) < 1e150 && (i < kept.length || last > kept.at(-1).step));
  if (points.length < 2) return curve.replaceChildren();
  const values = points.map(({ loss }) => loss);
  const isLog = Math.min(...values) > 0 && Math.max(...values) > 50 * Math.min(...values);
  const scale = (value) => isLog ? Math.log10(value) : value;
  const [low, high] = isLog ? [Math.min(...values), Math.max(...values)] : [Math.min(0, ...values), Math.max(...values)];
  const [left, right, top, bottom] = [48, width - 6, 10, height - 22];
  const span = scale(high) - scale(low) || 1;
  const px = (step) => left + (right - left) * step / last;
  const py = (loss) => bottom - (bottom - top) * (scale(loss) - scale(low)) / span;
  const path = points.map(({ step, loss }, i) => `${i ? "L" : "M"}${px(step).toFixed(1)} ${py(loss).toFixed(1)}`).join("");
  const short = (value) => writeNumber(value, isLog ? 1 : 3);
  const label = (px, py, text, anchor) => makeSvg("text", { x: px, y: py, "text-anchor": anchor }, text);
  curve.replaceChildren(
    makeSvg("path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}` }),
    makeSvg("path", { class: "series", d: path }),
    makeSvg("circle", { class: "dot", cx: px(points.at(-1).step), cy: py(points.at(-1).loss), r: 3.5 }),
    label(left - 5, top + 4, short(high), "end"), label(left - 5, bottom + 2, short(low), "end"),
    right - left > 110 ? label(left, bottom + 16, "0", "middle") : "", label(right, bottom + 16, plural(last, "step"), "end"),
    label(left + 6, top + 2, `${learns === "one" ? "" : "mean "}${lossName}${isLog ? " (log)" : ""}`, "start"));
  curve.setAttribute("aria-label", `Loss curve: from ${writeNumber(kept[0].loss)} to ${writeNumber(latest.loss)} in ${plural(last, "step")}`);
}

export function shortScale(value) {
  return writeNumber(value, 3);
}

new ResizeObserver(([{ contentRect }]) => {
  if (!contentRect.width) return;
  ({ width, height } = contentRect);
  curve.setAttribute("viewBox", `0 0 ${width} ${height}`);
  drawCurve();
}).observe(curve);
whenNumbersChange(drawCurve);
