// What any map over two numbers needs: colours, axes, and a picture of a function.

import { shortScale } from "./curve.js";

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draw f(x, y) over a rectangle as a picture of count × count points, each coloured by paint(value). */
export function drawMap(canvas, box, count, f, paint) {
  const [small, context] = smallCanvas(count);
  const image = context.createImageData(count, count);
  const values = new Float64Array(count * count);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const px = box.left + (box.right - box.left) * (column + 0.5) / count;
      const py = box.top - (box.top - box.bottom) * (row + 0.5) / count;
      values[row * count + column] = f(px, py);
    }
  }
  paint(values, image.data);
  context.putImageData(image, 0, 0);
  const target = canvas.getContext("2d");
  target.imageSmoothingEnabled = true;
  target.clearRect(0, 0, canvas.width, canvas.height);
  target.drawImage(small, 0, 0, canvas.width, canvas.height);
  return values;
}

export function smallCanvas(count) {
  const small = document.createElement("canvas");
  small.width = small.height = count;
  return [small, small.getContext("2d")];
}

/** Functions from the plane to the canvas, and the labels of its axes. */
export function axesOf(canvas, box) {
  return {
    px: (value) => canvas.width * (value - box.left) / (box.right - box.left),
    py: (value) => canvas.height * (box.top - value) / (box.top - box.bottom),
  };
}

/** Twice as many dots as the screen has, so that letters are sharp. */
export function sharpen(canvas) {
  if (canvas.dataset.sharp) return;
  canvas.dataset.sharp = "yes";
  canvas.width *= 2;
  canvas.height *= 2;
}

export function writeAxes(canvas, box, nameX, nameY) {
  const context = canvas.getContext("2d");
  context.font = "22px system-ui, sans-serif";
  const put = (text, px, py, align) => {
    context.textAlign = align;
    context.lineWidth = 6;
    context.lineJoin = "round";
    context.strokeStyle = colour("--card");
    context.strokeText(text, px, py);
    context.fillStyle = colour("--ink");
    context.fillText(text, px, py);
  };
  const { width, height } = canvas;
  put(shortScale(box.left), 8, height - 12, "left");
  put(shortScale(box.right), width - 8, height - 12, "right");
  put(`${nameX} →`, width / 2, height - 12, "center");
  put(`${nameY} ↑`, 8, 28, "left");
  put(`${shortScale(box.bottom)} to ${shortScale(box.top)}`, 8, 56, "left");
}

export const mixed = (one, other, share) => one.map((part, i) => part + (other[i] - part) * share);
export const rgb = (name) => colour(name).match(/\w\w/g).map((part) => parseInt(part, 16));
