// Which part of the graph is seen, and how large.

import { plaque } from "./equation.js";
import { lit, naturalHeight, naturalWidth, stage, svg } from "./graph.js";

/** The smallest letters of the graph have 12 px at zoom 1; they are not shrunk below 11 px: rather scroll. */
const LEAST_ZOOM = 11 / 12;
export let zoom = 1;

export function setZoom(value) {
  zoom = Math.min(Math.max(value, 0.25), 3);
  svg.style.width = `${naturalWidth * zoom}px`;
  svg.style.height = "auto";
}

export function fitZoom() {
  const share = Math.min((stage.clientWidth - 4) / naturalWidth, (0.72 * innerHeight - 4) / naturalHeight);
  setZoom(Math.min(Math.max(share, LEAST_ZOOM), 1.25));
}

/** Scroll so that what is lit can be seen. */
export function bringIntoView() {
  const shown = lit.map(([element]) => element.getBoundingClientRect());
  if (plaque.isConnected) shown.push(plaque.getBoundingClientRect());
  if (!shown.length) return;
  const view = stage.getBoundingClientRect();
  /** How far to scroll so that what reaches from low to high stands in the middle; 0 if it can be seen already. */
  const distance = (low, high, from, to) => low >= from + 8 && high <= to - 8 ? 0 : (low + high - from - to) / 2;
  const x = distance(Math.min(...shown.map((box) => box.left)), Math.max(...shown.map((box) => box.right)), view.left, view.right);
  const y = distance(Math.min(...shown.map((box) => box.top)), Math.max(...shown.map((box) => box.bottom)), view.top, view.bottom);
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  if (x || y) stage.scrollBy({ left: x, top: y, behavior });
}
