// Predict: the next gradient is hidden until the learner has said it.  A wrong answer gets a hint, not the solution.

/** The step whose result is asked for; 0 if none is. */
let questionStep = 0;
let isPredicting = false;

const quizIsOn = () => isPredicting;
const asked = () => questionStep;

function setUpQuiz() {
  byId("predict").addEventListener("click", () => {
    isPredicting = !isPredicting;
    byId("predict").setAttribute("aria-pressed", String(isPredicting));
    document.documentElement.classList.toggle("predicting", isPredicting);
    stop();
    if (isPredicting) {
      if (position < seedStep || position >= stepCount) position = seedStep;
      ask(position + 1);
    } else {
      endQuestion();
      show(position);
    }
    showInspection();
  });
  byId("question").addEventListener("submit", (event) => { event.preventDefault(); check(); });
  byId("tell").addEventListener("click", () => reveal("It is "));
}

/** Ask for the result of a step: the graph is shown as it is before it. */
function ask(step) {
  if (step > stepCount) return finish();
  questionStep = step;
  byId("question").hidden = false;
  byId("answer").value = "";
  byId("verdict").textContent = "";
  const [, input] = page.backward[step - seedStep - 1];
  byId("asking").textContent = `${page.names[input]}.grad after this step =`;
  show(step - 1);
  bringIntoView();
  byId("answer").focus({ preventScroll: true });
}

function nextQuestion() {
  if (questionStep) byId("verdict").textContent = "Type your answer, or let it be shown.";
  else ask(Math.max(position, seedStep) + 1);
}

function endQuestion() {
  questionStep = 0;
  byId("question").hidden = true;
}

function finish() {
  endQuestion();
  show(stepCount);
  byId("narration").textContent = "That was the last gradient. Well done.";
}

function questionText(step) {
  const k = step - seedStep - 1;
  const [node, input] = page.backward[k];
  const soFar = receivedBefore(k) ? [` ${page.names[input]}.grad is `, make("b", {}, precise(numbers.before[k])), " so far."] : [` It is the first gradient that ${page.names[input]} receives.`];
  return [`${page.names[node]} passes its gradient `, make("b", {}, precise(numbers.upstream[k])), ` on to ${page.names[input]}.`, ...soFar,
    ` What is ${page.names[input]}.grad after this step? Work with ${workingNumbers(node)}.`];
}

/** The numbers that the local derivative may need. */
function workingNumbers(node) {
  const all = [...page.inputsOf[node], node].filter((i) => !/^-?[\d.e]+$/.test(page.names[i]));
  return [...new Set(all)].map((i) => `${page.names[i]} = ${precise(numbers.data[i])}`).join(", ");
}

/** With enough digits for a product that is right to two. */
const precise = (value) => Math.abs(value) < 0.1 && value !== 0 ? String(Number(value.toPrecision(4))) : writeNumber(value);

function receivedBefore(k) {
  return receives[page.backward[k][1]][0] !== k;
}

function check() {
  const text = byId("answer").value.trim().replace(",", ".").replace("−", "-");
  const answer = text === "" ? NaN : Number(text);
  if (!Number.isFinite(answer)) {
    byId("verdict").textContent = "Type a number, like -0.25 or 1.2e-3.";
    return;
  }
  const k = questionStep - seedStep - 1;
  const value = numbers.after[k];
  if (agrees(answer, value, 3)) return reveal("Right: ");
  const hint = diagnose(answer, k);
  if (!hint && agrees(answer, value, 2)) return reveal("Right to two digits: ");
  const [node, input] = page.backward[k].map((i) => page.names[i]);
  byId("verdict").textContent = hint || (agrees(answer, value, 1) ? "That is about its size. Give three significant digits."
    : `Not yet. Two factors: the gradient of ${node}, and the derivative of ${node} with respect to ${input}`
      + (numbers.before[k] !== 0 ? "; then add what was there before." : "."));
}

/** True if a number is right to so many significant digits: within half a unit of the last one. */
function agrees(given, exact, digits) {
  if (exact === 0 || !Number.isFinite(exact)) return Math.abs(given - exact) < 1e-9;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(exact))) - digits + 1);
  return Math.abs(given - exact) <= 0.5 * unit * (1 + 1e-9);
}

/** Which common mistake gives this answer?  The hint names it and leaves the numbers to the learner; "" for none. */
function diagnose(answer, k) {
  const [node, input, operand] = page.backward[k];
  const [name, from] = [page.names[input], page.names[node]];
  const { [k]: before } = numbers.before, { [k]: upstream } = numbers.upstream, { [k]: local } = numbers.local;
  const share = upstream * local;
  const gives = (contribution) => [contribution, before + contribution].some((value) => value !== 0 && agrees(answer, value, 3));
  const mistakes = [
    [() => before !== 0 && agrees(answer, share, 3), `That is this contribution alone. ${name} is used ${uses[input]} times: what has it received before?`],
    [() => gives(-share) || agrees(answer, -numbers.after[k], 3), "The size is right. Look at the sign."],
    [() => /<mn>(2|0\.5)</.test(localFormulas[k]) && (gives(share / 2) || gives(share * 2)), "There is a factor 2 or ½ too many or too few. Which one stands in the formula?"],
    [() => edgesInto[node].some((other, j) => j !== operand && other.k !== k && numbers.local[other.k] !== local && gives(upstream * numbers.local[other.k])),
      `That is what another input of ${from} gets. Which local derivative belongs to ${name}?`],
    [() => page.misread.includes(k) && gives(upstream * misread(page.misread.map((j) => numbers.data[page.backward[j][1]]))[page.misread.indexOf(k)]),
      `You have put the number before the function into the rule: it takes what came out of it, ${from}.`],
    [() => gives(upstream * numbers.data[input]) && numbers.data[input] !== local, `You have multiplied by ${name} itself. What is the derivative of ${from} with respect to ${name}?`],
    [() => gives(upstream) && local !== 1, "That is the upstream gradient. It still has to be multiplied by the local derivative."],
    [() => gives(local) && upstream !== 1, `That is the local derivative. It still has to be multiplied by the gradient of ${from}.`],
    [() => upstream !== 0 && gives(local / upstream), "Multiply the two, do not divide."],
  ];
  const found = mistakes.find(([matches]) => matches());
  return found ? found[1] : "";
}

/** The answer is out: the step is shown, with its formulas. */
function reveal(word) {
  const step = questionStep;
  const k = step - seedStep - 1;
  questionStep = 0;
  show(step);
  byId("verdict").textContent = `${word}${page.names[page.backward[k][1]]}.grad = ${writeNumber(numbers.after[k])}. ${step < stepCount ? "→ goes on." : ""}`;
  byId("forward").focus({ preventScroll: true });
}
