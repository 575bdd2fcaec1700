// What is in sight of a large graph.  While numbers change, that follows at once; the rest when they come to rest.

import { nodeCount } from "../state.js";

/** A graph with more values than this is too large to be written anew for each picture of the screen. */
const MANY = 80;
/** In milliseconds, how long nothing may have changed before all is written. */
const CALM = 400;

/** The part of the graph that can be partInStage, in its own coordinates; unknown after it was moved. */
let shownPart = null;
/** How wide the stage is: to ask it while a picture is made would lay out everything once more. */
export let stageWidth = 0;
let catchingUp = 0;

/** Keep an eye on where the graph stands; `catchUp` writes all of it.  What comes back says what is in sight now. */
export function watchSight(svg, stage, catchUp) {
  stageWidth = stage.clientWidth;
  const look = () => { shownPart = null; stageWidth = stage.clientWidth; if (catchingUp) rest(0); };
  const rest = (time) => {
    clearTimeout(catchingUp);
    catchingUp = setTimeout(() => { catchingUp = 0; catchUp(); }, time);
  };
  new ResizeObserver(look).observe(stage);
  new ResizeObserver(look).observe(svg);
  stage.addEventListener("scroll", look);
  addEventListener("beforeprint", () => catchUp());
  return () => {
    if (nodeCount <= MANY) return () => true;
    shownPart ??= partInStage(svg, stage);
    rest(CALM);
    return (left, top, right, bottom) => right > shownPart.left && left < shownPart.right && bottom > shownPart.top && top < shownPart.bottom;
  };
}

function partInStage(svg, stage) {
  const { a, e, f } = svg.getScreenCTM();
  const { left, top, right, bottom } = stage.getBoundingClientRect();
  return { left: (left - e) / a, top: (top - f) / a, right: (right - e) / a, bottom: (bottom - f) / a };
}
