// Which part of the graph is seen, and how large.

import { byId } from "../document.js";
import { plaque } from "./equation.js";
import { lit, naturalHeight, naturalWidth, stage, svg } from "./graph.js";

/** The smallest letters of the graph have 12 px at zoom 1; they are not shrunk below 11 px: rather scroll. */
const LEAST_ZOOM = 11 / 12;
export let zoom = 1;
/** What the learner has chosen, or 0: as large as there is room. */
let chosenZoom = 0;
/** The point of the graph that stands in the middle of the stage. */
let middle = [naturalWidth / 2, naturalHeight / 2];

/** Make the stage as high as the whole graph needs, within what the style sheet allows, and show the graph there. */
export function fitZoom() {
  const share = (stage.clientWidth - 4) / naturalWidth;
  const highest = parseFloat(getComputedStyle(stage).maxHeight);
  const most = document.body.classList.contains("presenting") ? 2.4 : 1.5;
  const best = Math.max(Math.min(share, (highest - 4) / naturalHeight, most), LEAST_ZOOM);
  zoom = chosenZoom || best;
  svg.style.width = `${naturalWidth * zoom}px`;
  svg.style.height = "auto";
  stage.style.height = `${Math.min(highest, naturalHeight * best + (best > share ? 16 : 4))}px`;
  stage.scrollTo(middle[0] * zoom - stage.clientWidth / 2, middle[1] * zoom - stage.clientHeight / 2);
}

export function chooseZoom(value) {
  chosenZoom = value && Math.min(Math.max(value, 0.25), 4);
  fitZoom();
}

export function setUpCamera() {
  byId("smaller").addEventListener("click", () => chooseZoom(zoom / 1.2));
  byId("larger").addEventListener("click", () => chooseZoom(zoom * 1.2));
  byId("fit").addEventListener("click", () => chooseZoom(0));
  stage.addEventListener("scroll", () => {
    middle = [(stage.scrollLeft + stage.clientWidth / 2) / zoom, (stage.scrollTop + stage.clientHeight / 2) / zoom];
  });
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
