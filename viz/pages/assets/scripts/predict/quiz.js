// Predict: the next gradient is hidden until the learner has said it.  A wrong answer gets a hint, not the solution.

import { byId, plural } from "../document.js";
import { bringIntoView } from "../graph/camera.js";
import { readNumber, writeNumber } from "../numbers.js";
import { finished, page, seedStep, show, state, stepCount } from "../state.js";
import { gradOf, receives } from "../steps/inspect.js";
import { stop } from "../steps/steps.js";
import { readAnswer } from "./answer.js";
import { diagnose, filledIn } from "./diagnosis.js";

let isPredicting = false;
/** How many wrong answers the question has got, and how each question ended: "first", "later" or "shown". */
let tries = 0;
const endings = new Map();

export const quizIsOn = () => isPredicting;

export function setUpQuiz() {
  byId("predict").addEventListener("click", () => {
    isPredicting = !isPredicting;
    byId("predict").setAttribute("aria-pressed", String(isPredicting));
    document.documentElement.classList.toggle("predicting", isPredicting);
    stop();
    endings.clear();
    if (isPredicting) {
      if (state.position < seedStep || state.position >= stepCount) state.position = seedStep;
      ask(state.position + 1);
    } else {
      endQuestion();
      show(state.position);
    }
  });
  byId("question").addEventListener("submit", (event) => {
    event.preventDefault();
    if (state.asked) check();
    else nextQuestion();
  });
  byId("tell").addEventListener("click", () => state.isHinted ? reveal("It is ", "shown") : hint());
  // Once the answer is out, the arrow goes on from the field as it does elsewhere.
  byId("answer").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowRight" || state.asked) return;
    event.preventDefault();
    nextQuestion();
  });
}

/** Ask for the result of a step, or of the next one that is no plain number's: the graph is shown as it is before it. */
function ask(step) {
  while (step <= stepCount && page.quiz.unasked.includes(page.backward[step - seedStep - 1][1])) step++;
  if (step > stepCount) return finish();
  state.asked = step;
  state.isHinted = false;
  tries = 0;
  showAsking(true);
  byId("answer").value = "";
  giveVerdict("");
  const [, input] = page.backward[step - seedStep - 1];
  byId("asking").textContent = `${gradOf(input)} =`;
  show(step - 1);
  bringIntoView();
  byId("answer").focus({ preventScroll: true });
}

const giveVerdict = (text) => { byId("verdict").textContent = text; };

function showAsking(isOpen) {
  byId("question").hidden = false;
  document.documentElement.classList.toggle("asking", isOpen);
  document.documentElement.classList.toggle("answered", !isOpen);
  byId("question").querySelector("[type=submit]").textContent = isOpen ? "Check" : "Next";
  byId("tell").hidden = !isOpen;
  byId("tell").textContent = state.isHinted ? "Show me" : "Hint";
}

export function nextQuestion() {
  if (state.asked) giveVerdict("Type your answer, or ask for a hint.");
  else ask(Math.max(state.position, seedStep) + 1);
}

export function endQuestion() {
  state.asked = 0;
  document.documentElement.classList.remove("asking", "answered");
  byId("question").hidden = true;
}

function finish() {
  endQuestion();
  show(finished);
  const count = (ending) => [...endings.values()].filter((other) => other === ending).length;
  const [first, later, shown] = ["first", "later", "shown"].map(count);
  const right = `${first + later} of ${plural(endings.size, "question")} right, ${first} at the first try${shown ? `, ${shown} shown` : ""}.`;
  byId("narration").textContent = endings.size ? `That was the last gradient: ${right}${shown ? "" : " Well done."}` : "There is nothing more to predict.";
  byId("forward").focus({ preventScroll: true });
}

/** A push in the right direction: the local derivative in symbols. */
function hint() {
  state.isHinted = true;
  const k = state.asked - seedStep - 1;
  showAsking(true);
  const isFirst = receives[page.backward[k][1]][0] === k;
  giveVerdict(`Multiply the upstream gradient by it${isFirst ? "" : ", then add what is there already"}.`);
  show(state.position);
  byId("answer").focus({ preventScroll: true });
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
  const { number, note, digits } = readAnswer(byId("answer").value);
  if (number === null) {
    giveVerdict(note);
    return show(state.position);
  }
  const k = state.asked - seedStep - 1;
  const { verdict, advice } = diagnose(k, number, digits);
  const read = note && ` (${note})`;
  if (verdict === "right" || verdict === "nearly") {
    return reveal(verdict === "right" ? "Right: " : "Right to two digits: ", tries ? "later" : "first", advice, read);
  }
  // To be asked for more digits is no wrong answer.
  if (verdict === "wrong") tries++;
  giveVerdict((verdict === "wrong" ? "Not yet. " : "") + advice + read);
  show(state.position);
}

/** The answer is out: the step is shown, with its formulas. */
function reveal(word, ending, advice = "", read = "") {
  const step = state.asked;
  const k = step - seedStep - 1;
  if (!endings.has(step)) endings.set(step, ending);
  state.asked = 0;
  showAsking(false);
  giveVerdict(`${word}${gradOf(page.backward[k][1])} = ${writeNumber(state.numbers.after[k])}.${advice && ` ${advice}`}${read} Enter or → goes on.`);
  show(step);
  byId("answer").focus({ preventScroll: true });
}
