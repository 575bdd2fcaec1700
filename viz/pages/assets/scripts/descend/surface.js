// The loss over the two numbers that descend, with the path of descent.

import { byId } from "../document.js";
import { writeNumber } from "../numbers.js";
import { setInput, sliders } from "../play/sliders.js";
import { lossName, page, root, state, whenNumbersChange } from "../state.js";
import { learnsFrom } from "./descend.js";
import { objective, pointOf } from "./descent.js";
import { axesOf, colour, drawMap, mixed, rgb, sharpen, smallCanvas, writeAxes } from "./maps.js";

const surfaceSliders = page.descends.map((node) => sliders.find((slider) => slider.node === node));
let surfaceBox = null;
let surfaceKey = "";
let surfacePicture = null;

function drawSurface() {
  const figure = byId("surface");
  const canvas = figure.querySelector("canvas");
  sharpen(canvas);
  const [one, other] = surfaceSliders;
  const visited = [...(state.descent?.curve ?? []).map(({ point }) => point), pointOf(state.inputs)].filter((point) => point.every(Number.isFinite));
  growSurface(visited);
  // The surface itself changes only with the example, the window and the colours.
  const others = state.inputs.filter((_, i) => i !== one.place && i !== other.place);
  const key = JSON.stringify([surfaceBox, others, learnsFrom() === "one", colour("--card")]);
  if (key !== surfaceKey) {
    surfaceKey = key;
    const inputs = state.inputs.slice();
    const values = drawMap(canvas, surfaceBox, 80, (a, b) => {
      inputs[one.place] = a;
      inputs[other.place] = b;
      return objective(inputs, learnsFrom() !== "one").loss;
    }, paintBands);
    drawContours(canvas, values, 80);
    surfacePicture = smallCanvas(1)[0];
    surfacePicture.width = canvas.width;
    surfacePicture.height = canvas.height;
    surfacePicture.getContext("2d").drawImage(canvas, 0, 0);
  }
  const context = canvas.getContext("2d");
  context.drawImage(surfacePicture, 0, 0);
  const { px, py } = axesOf(canvas, surfaceBox);
  writeAxes(canvas, surfaceBox, page.names[one.node], page.names[other.node]);
  context.strokeStyle = colour("--ink");
  context.fillStyle = colour("--ink");
  context.lineWidth = 3;
  context.beginPath();
  visited.forEach(([a, b], i) => context[i ? "lineTo" : "moveTo"](px(a), py(b)));
  context.stroke();
  const step = Math.ceil(visited.length / 200);
  visited.forEach(([a, b], i) => {
    if (i % step && i !== visited.length - 1) return;
    const isLast = i === visited.length - 1;
    context.beginPath();
    context.arc(px(a), py(b), isLast ? 11 : 5, 0, 7);
    context.fill();
    if (isLast) { context.lineWidth = 4; context.strokeStyle = colour("--card"); context.stroke(); }
  });
  const [a, b] = pointOf(state.inputs);
  const where = `${page.names[one.node]} = ${writeNumber(a)}, ${page.names[other.node]} = ${writeNumber(b)}`;
  figure.querySelector("figcaption").textContent = `${lossName} over ${page.names[one.node]} and ${page.names[other.node]}: the darker the lower. Click to go there.`;
  canvas.setAttribute("aria-label", `Map of the loss; the path is now at ${where}, loss ${writeNumber(state.numbers.data[root])}`);
}

/** The window holds the ranges of both sliders, and all that the path has met. */
function growSurface(points) {
  const [one, other] = surfaceSliders;
  const [right, top] = [one, other].map(({ high }, i) => Math.max(high, ...points.map((point) => 1.1 * Math.abs(point[i]))));
  surfaceBox = { left: -right, right, bottom: -top, top };
}

const BANDS = 14;

/** From a loss to the number of its band.  Bands that grow wider with the loss show the bottom of a valley as well as its walls. */
function bandsOf(values) {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite), high = Math.max(...finite);
  return (value) => Number.isFinite(value) ? BANDS * Math.sqrt((value - low) / (high - low || 1)) : BANDS + 1;
}

function paintBands(values, pixels) {
  const band = bandsOf(values);
  const deep = rgb("--deep"), card = rgb("--card");
  values.forEach((value, i) => {
    pixels.set(mixed(deep, card, Math.min((band(value) + 0.5) / BANDS, 1)), 4 * i);
    pixels[4 * i + 3] = 255;
  });
}

/** The lines between the bands: in each square of four points, from where one crosses a side to where it leaves. */
function drawContours(canvas, values, count) {
  const band = bandsOf(values);
  const heights = Array.from(values, band);
  const context = canvas.getContext("2d");
  const scaleX = canvas.width / count, scaleY = canvas.height / count;
  context.strokeStyle = colour("--line");
  context.globalAlpha = 0.45;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let row = 0; row + 1 < count; row++) {
    for (let column = 0; column + 1 < count; column++) {
      const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
      const high = corners.map(([i, j]) => heights[j * count + i]);
      for (let level = Math.ceil(Math.min(...high)); level <= Math.max(...high) && level <= BANDS; level++) {
        const crossings = [];
        corners.forEach(([i, j], side) => {
          const [k, l] = corners[(side + 1) % 4];
          const from = high[side] - level, to = high[(side + 1) % 4] - level;
          if (from < 0 !== to < 0) {
            const share = from / (from - to);
            crossings.push([(i + (k - i) * share + 0.5) * scaleX, (j + (l - j) * share + 0.5) * scaleY]);
          }
        });
        for (let n = 0; n + 1 < crossings.length; n += 2) {
          context.moveTo(...crossings[n]);
          context.lineTo(...crossings[n + 1]);
        }
      }
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}

function setUpSurface() {
  byId("surface").hidden = false;
  whenNumbersChange(drawSurface);
  byId("surface").querySelector("canvas").addEventListener("click", (event) => {
    const { left, top, width, height } = event.target.getBoundingClientRect();
    const shareX = (event.clientX - left) / width, shareY = (event.clientY - top) / height;
    const [one, other] = surfaceSliders;
    setInput(one, Number((surfaceBox.left + (surfaceBox.right - surfaceBox.left) * shareX).toPrecision(4)));
    setInput(other, Number((surfaceBox.top - (surfaceBox.top - surfaceBox.bottom) * shareY).toPrecision(4)));
  });
}

setUpSurface();
