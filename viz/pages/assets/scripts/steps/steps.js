// One step after the other: where we are, and the buttons and keys that lead on.

import { byId } from "../document.js";
import { bringIntoView } from "../graph/camera.js";
import { move } from "../graph/motion.js";
import { endQuestion, nextQuestion, quizIsOn } from "../predict/quiz.js";
import { finished, seedStep, show, state, stepCount, whenStepChanges } from "../state.js";

/** How long a step can be looked at while the page plays: from its beginning, and from the end of its motion. */
const STEP = 1100, REST = 450;
/** What waits for its time while the page plays. */
let playing = null;

whenStepChanges(() => {
  byId("scrubber").value = state.position;
  byId("scrubber").setAttribute("aria-valuetext", counterText());
  byId("counter").textContent = counterText();
  byId("phase").textContent = phaseOf(state.position);
});

export function goTo(newPosition) {
  show(newPosition);
  bringIntoView();
}

/** One step on, with its motion. */
function stepOn(then) {
  goTo(state.position === finished ? 1 : state.position + 1);
  move(then);
}

function counterText() {
  return `step ${Math.min(state.position, stepCount)} of ${stepCount}`;
}

function phaseOf(k) {
  return k === 0 ? "" : k < seedStep ? "forward pass" : k === finished ? "done" : "backward pass";
}

export function stop() {
  clearTimeout(playing);
  playing = null;
  showPlaying();
}

function togglePlaying() {
  if (playing) return stop();
  playing = true;
  play();
  showPlaying();
}

function play() {
  const begun = performance.now();
  stepOn(() => {
    if (state.position === finished) stop();
    else if (playing) playing = setTimeout(play, Math.max(begun + STEP - performance.now(), REST));
  });
}

function showPlaying() {
  byId("play").classList.toggle("playing", Boolean(playing));
  byId("play").setAttribute("aria-label", playing ? "Pause (space)" : "Play (space)");
}

const actions = {
  first: () => goTo(0),
  back: () => goTo(state.position - 1),
  forward: () => quizIsOn() ? nextQuestion() : stepOn(),
  last: () => goTo(finished),
};
const keys = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };

export function setUpSteps() {
  byId("scrubber").max = finished;
  byId("scrubber").addEventListener("input", (event) => { stop(); endQuestion(); goTo(Number(event.target.value)); });
  for (const [id, action] of Object.entries(actions)) {
    byId(id).addEventListener("click", () => act(id));
  }
  byId("play").addEventListener("click", () => { endQuestion(); togglePlaying(); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest("input, select, textarea, math, dialog");
    if (isTyping && event.target.id !== "scrubber") return;
    if (event.key === " " && !event.target.closest("button")) togglePlaying();
    else if (keys[event.key]) act(keys[event.key]);
    else return;
    event.preventDefault();
  });
}

function act(id) {
  stop();
  if (id !== "forward") endQuestion();
  actions[id]();
}
