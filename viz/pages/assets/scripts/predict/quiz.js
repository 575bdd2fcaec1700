// Predict: the next gradient is hidden until the learner has said it.  A wrong answer gets a hint, not the solution.

import { byId } from "../document.js";
import { bringIntoView } from "../graph/camera.js";
import { readNumber, writeNumber } from "../numbers.js";
import { finished, page, seedStep, show, state, stepCount } from "../state.js";
import { receives, showInspection } from "../steps/inspect.js";
import { stop } from "../steps/steps.js";
import { diagnose, filledIn, significantDigits } from "./diagnosis.js";

let isPredicting = false;

export const quizIsOn = () => isPredicting;

export function setUpQuiz() {
  byId("predict").addEventListener("click", () => {
    isPredicting = !isPredicting;
    byId("predict").setAttribute("aria-pressed", String(isPredicting));
    document.documentElement.classList.toggle("predicting", isPredicting);
    stop();
    if (isPredicting) {
      if (state.position < seedStep || state.position >= stepCount) state.position = seedStep;
      ask(state.position + 1);
    } else {
      endQuestion();
      show(state.position);
    }
    showInspection();
  });
  byId("question").addEventListener("submit", (event) => { event.preventDefault(); check(); });
  byId("tell").addEventListener("click", () => reveal("It is "));
}

/** Ask for the result of a step: the graph is shown as it is before it. */
function ask(step) {
  if (step > stepCount) return finish();
  state.asked = step;
  byId("question").hidden = false;
  byId("answer").value = "";
  byId("verdict").textContent = "";
  const [, input] = page.backward[step - seedStep - 1];
  byId("asking").textContent = `${page.names[input]}.grad after this step =`;
  show(step - 1);
  bringIntoView();
  byId("answer").focus({ preventScroll: true });
}

export function nextQuestion() {
  if (state.asked) byId("verdict").textContent = "Type your answer, or let it be shown.";
  else ask(Math.max(state.position, seedStep) + 1);
}

export function endQuestion() {
  state.asked = 0;
  byId("question").hidden = true;
}

function finish() {
  endQuestion();
  show(finished);
  byId("narration").textContent = page.wellDone;
}

/** A sentence with blanks: what is asked, and the numbers that the local derivative may need. */
export function questionAbout(step) {
  const k = step - seedStep - 1;
  const [node, input] = page.backward[k];
  const inputs = [...page.inputsOf[node], node].filter((i) => !readNumber(page.names[i]));
  const numbers = [...new Set(inputs)].flatMap((i, place) => [`${place ? ", " : ""}${page.names[i]} = `, i]);
  const isFirst = receives[input][0] === k;
  return [...page.questions[isFirst ? 0 : 1].map((part) => typeof part === "string" ? filledIn(part, k) : part), ...numbers, "."];
}

/** With enough digits for a product that is right to three. */
export const precise = (value) => writeNumber(value, 6);

function check() {
  const text = byId("answer").value.trim().replace(",", ".").replace("−", "-");
  const answer = text === "" ? NaN : Number(text);
  if (!Number.isFinite(answer)) {
    byId("verdict").textContent = "Type a number, like -0.25 or 1.2e-3.";
    return;
  }
  const { verdict, advice } = diagnose(state.asked - seedStep - 1, answer, significantDigits(text));
  if (verdict === "right") reveal("Right: ");
  else if (verdict === "nearly") reveal("Right to two digits: ", advice);
  else byId("verdict").textContent = (verdict === "wrong" ? "Not yet. " : "") + advice;
}

/** The answer is out: the step is shown, with its formulas. */
function reveal(word, advice = "") {
  const step = state.asked;
  const k = step - seedStep - 1;
  state.asked = 0;
  show(step);
  byId("verdict").textContent = `${word}${page.names[page.backward[k][1]]}.grad = ${writeNumber(state.numbers.after[k])}. ${advice && `${advice} `}${step < stepCount ? "→ goes on." : ""}`;
  byId("forward").focus({ preventScroll: true });
}
