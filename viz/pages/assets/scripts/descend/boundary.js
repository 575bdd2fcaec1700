// What the network says for every pair of inputs.

import { byId } from "../document.js";
import { forField } from "../numbers.js";
import { columnPlaces, page, samples, state, whenNumbersChange, withExample } from "../state.js";
import { axesOf, colour, drawMap, mixed, rgb, sharpen, writeAxes } from "./maps.js";

function drawBoundary() {
  const figure = byId("boundary");
  const canvas = figure.querySelector("canvas");
  sharpen(canvas);
  const column = (j) => samples.rows.map((row) => row[j]);
  const targets = column(2);
  const [low, high] = [Math.min(...targets), Math.max(...targets)];
  const middle = (low + high) / 2;
  const around = (values) => {
    const margin = 0.2 * (Math.max(...values) - Math.min(...values)) || 1;
    return [Math.min(...values) - margin, Math.max(...values) + margin];
  };
  const [left, right] = around(column(0)), [bottom, top] = around(column(1));
  const box = { left, right, bottom, top };
  const inputs = state.inputs.slice();
  const output = samples.outputs[0];
  const [blue, card, orange] = [rgb("--positive"), rgb("--card"), rgb("--negative")];
  drawMap(canvas, box, 48, (a, b) => {
    inputs[columnPlaces[0]] = a;
    inputs[columnPlaces[1]] = b;
    return run(inputs)[output];
  }, (values, pixels) => {
    values.forEach((value, i) => {
      const side = Math.max(-1, Math.min(1, (value - middle) / ((high - low) / 2 || 1)));
      pixels.set(mixed(card, side > 0 ? blue : orange, Math.abs(side) * 0.9), 4 * i);
      pixels[4 * i + 3] = Number.isNaN(value) ? 0 : 255;
    });
  });
  writeAxes(canvas, box, samples.headings[0], samples.headings[1]);
  const context = canvas.getContext("2d");
  const { px, py } = axesOf(canvas, box);
  samples.rows.forEach(([a, b, target], i) => {
    const radius = i === state.chosen ? 15 : 10;
    context.beginPath();
    if (target > middle) context.arc(px(a), py(b), radius, 0, 7);
    else context.rect(px(a) - radius, py(b) - radius, 2 * radius, 2 * radius);
    context.fillStyle = colour(target > middle ? "--positive" : "--negative");
    context.fill();
    context.lineWidth = i === state.chosen ? 6 : 3;
    context.strokeStyle = colour("--ink");
    context.stroke();
  });
  const outputName = page.names[output];
  figure.querySelector("figcaption").textContent = `What ${outputName} is for every pair of inputs: blue above ${forField(middle)}, orange below. `
    + `Circles should be ${forField(high)}, squares ${forField(low)}.`;
  const right_ones = samples.rows.filter((row, i) => (run(withExample(state.inputs, i))[output] > middle) === (row[2] > middle)).length;
  canvas.setAttribute("aria-label", `Map of ${outputName}: ${right_ones} of ${samples.rows.length} examples are on the right side`);
}

byId("boundary").hidden = false;
whenNumbersChange(drawBoundary);
