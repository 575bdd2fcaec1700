// One step after the other: where we are, what is said about it, and its formulas.

/** A page opens on the finished picture. */
let position = finished;
let playing = null;

/** Show the graph after so many steps, and tell about the last of them. */
function show(newPosition) {
  position = Math.min(Math.max(newPosition, 0), finished);
  // A step, with its factors, is one example's: the mean of them all is shown in the finished picture only.
  if (showsMean && position !== finished) return choose(chosen);
  showNumbers(position);
  light(asked() || position, Boolean(asked()));
  byId("scrubber").value = position;
  byId("scrubber").setAttribute("aria-valuetext", counterText());
  byId("counter").textContent = counterText();
  byId("phase").textContent = phaseOf(position);
  tell();
  showSliderGradients();
}

function goTo(newPosition) {
  show(newPosition);
  showInspection();
  bringIntoView();
}

function counterText() {
  return `step ${Math.min(position, stepCount)} of ${stepCount}`;
}

function phaseOf(k) {
  return k === 0 ? "" : k < seedStep ? "forward pass" : k === finished ? "done" : "backward pass";
}

/** The numbers have changed: all that is shown follows. */
function refresh() {
  numbers = computeShown();
  const words = complaint();
  byId("alarm").hidden = !words;
  if (byId("alarm").textContent !== words) byId("alarm").textContent = words;
  show(position);
  showInspection();
  showDescent();
  showPlots();
  showExampleTable();
}

// --- words ---

function tell() {
  const narration = byId("narration");
  const k = asked();
  const write = k ? precise : writeNumber;
  const sentence = k ? questionAbout(k) : showsMean ? aboutMean() : page.sentences[position];
  const isCalculated = sentence.filter((part) => typeof part !== "string").length > 1;
  narration.replaceChildren(...sentence.map((part) => typeof part === "string" ? part
    : make("b", {}, (isCalculated && signBefore(part, k || position) === "≈" ? "≈ " : "") + write(numberFor(part, k || position)))));
  showFormulas(k || position, Boolean(k));
}

function aboutMean() {
  return [`Boxes and lines show the mean of ${samples.rows.length} examples; the mean of ${lossName} is `, root, ". A step is that of one example: press →, or choose one."];
}

/** What stands in a blank of a sentence: the data of a node, or a number of the step. */
function numberFor(blank, step) {
  if (blank >= 0) return numbers.data[blank];
  const field = ["upstream", "local", "product", "before", "after"][-1 - blank];
  return numbers[field][step - seedStep - 1];
}

/** "≈" before a result that does not come out of the numbers that are shown. */
function signBefore(blank, step) {
  const k = step - seedStep - 1;
  if (step < seedStep) return blank === page.forward[step - 1] ? forwardSign(blank) : "=";
  return blank === -3 ? timesSign(k) : blank === -5 ? plusSign(k) : "=";
}

const shownAt = (field, k) => writeNumber(numbers[field][k]);
const timesSign = (k) => productSign([shownAt("upstream", k), shownAt("local", k)], shownAt("product", k));
const plusSign = (k) => sumSign([shownAt("before", k), shownAt("product", k)], shownAt("after", k));
const forwardSign = (node) => [...page.inputsOf[node], node].every((i) => isExact(numbers.data[i])) ? "=" : "≈";

// --- formulas ---

/** A number in MathML; a negative one in parentheses unless it stands alone. */
function numberInMath(value, alone) {
  if (!Number.isFinite(value)) return `<mtext>${writeNumber(value)}</mtext>`;
  const [mantissa, exponent] = writeNumber(Math.abs(value)).split("·10");
  const power = exponent === undefined ? "" : `<mo>·</mo><msup><mn>10</mn><mn>${plainDigits(exponent).replace("-", "−")}</mn></msup>`;
  const size = power ? `<mrow><mn>${mantissa}</mn>${power}</mrow>` : `<mn>${mantissa}</mn>`;
  if (value >= 0) return size;
  return alone ? `<mrow><mo form="prefix">−</mo>${size}</mrow>`
    : `<mrow><mo>(</mo><mo form="prefix">−</mo>${size}<mo>)</mo></mrow>`;
}

const withNumbers = (formula) => formula.replace(SLOT, (_, slot) => numberInMath(numbers.data[slot >> 1], slot % 2 === 1));

// A line may be broken before an equals sign of this kind.
const equals = (sign) => `\n<mo>${sign}</mo>`;
const EQUALS = equals("=");

/** "symbols = numbers = value", without saying anything twice. */
function equation(formula, value) {
  const result = numberInMath(value, true);
  let written = withNames(formula);
  let sign = "=";
  const plugged = withNumbers(formula);
  if (plugged !== written && plugged !== result) {
    written += EQUALS + plugged;
    const used = [...formula.matchAll(SLOT)].map(([, slot]) => numbers.data[slot >> 1]);
    if (![...used, value].every(isExact)) sign = "≈";
  }
  return /^(<mrow><mo>−<\/mo>)?<mn>[\d.]+<\/mn>(<\/mrow>)?$/.test(formula) ? written : written + equals(sign) + result;
}

const partial = (of, by) =>
  `<mfrac><mrow><mo>∂</mo>${symbols[of]}</mrow><mrow><mo>∂</mo>${symbols[by]}</mrow></mfrac>`;

function showFormulas(step, isQuestion) {
  const rows = [];
  if (step === 0 || step === finished) {
    // Nothing is computed yet, or nothing any more.
  } else if (step < seedStep) {
    const node = page.forward[step - 1];
    const formula = forwardFormulas[step - 1];
    const left = page.named[node] ? bare(symbols[node]) + EQUALS : "";
    rows.push(["value", left + equation(formula, numbers.data[node])]);
  } else if (step === seedStep) {
    rows.push(["seed", `${partial(root, root)}<mo>=</mo><mn>1</mn>`]);
  } else {
    const k = step - seedStep - 1;
    const [node, input] = page.backward[k];
    const local = partial(node, input) + EQUALS;
    const formula = localFormulas[k];
    if (isQuestion) {
      rows.push(["local derivative", local + "<mtext>?</mtext>"], ["upstream", `${partial(root, node)}<mo>=</mo><mn>${precise(numbers.upstream[k])}</mn>`]);
    } else {
      const n = (field, alone) => numberInMath(numbers[field][k], alone);
      const isComplete = lastStep[input] === step;
      // Long names would make it too wide, and stand in the lines above and below.
      const isShort = page.names[node].length + page.names[input].length < 7;
      const chain = isShort ? `${partial(root, node)}<mo>×</mo>${partial(node, input)}${EQUALS}` : "";
      rows.push(
        ["local derivative", local + equation(formula, numbers.local[k])],
        ["upstream × local", chain + `${n("upstream", true)}<mo>×</mo>${n("local", false)}${equals(timesSign(k))}${n("product", true)}`],
        [isComplete ? "gradient" : "gradient so far", partial(root, input) + (isComplete ? EQUALS : "\n<mo>←</mo>") +
          `${n("before", true)}<mo>+</mo>${n("product", false)}${equals(plusSign(k))}${n("after", true)}`]);
    }
  }
  // Only formulas that glassgrad has written are put in as markup: every label in them is escaped.
  byId("formulas").innerHTML = rows.map(([caption, formula]) =>
    `<div><span>${caption}</span><p>${formula.split("\n").map((part) => `<math displaystyle="true">${part}</math>`).join(" ")}</p></div>`).join("");
}

// --- buttons, keys, playing ---

function stop() {
  clearInterval(playing);
  playing = null;
  showPlaying();
}

function togglePlaying() {
  if (playing) return stop();
  if (position === finished) goTo(1);
  playing = setInterval(() => {
    goTo(position + 1);
    if (position === finished) stop();
  }, 1100);
  showPlaying();
}

function showPlaying() {
  byId("play").classList.toggle("playing", Boolean(playing));
  byId("play").setAttribute("aria-label", playing ? "Pause (space)" : "Play (space)");
}

const actions = {
  first: () => goTo(0),
  back: () => goTo(position - 1),
  forward: () => quizIsOn() ? nextQuestion() : goTo(position === finished ? 1 : position + 1),
  last: () => goTo(finished),
};
const keys = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };

function setUpSteps() {
  byId("scrubber").max = finished;
  byId("scrubber").addEventListener("input", (event) => { stop(); endQuestion(); goTo(Number(event.target.value)); });
  for (const [id, action] of Object.entries(actions)) {
    byId(id).addEventListener("click", () => act(id));
  }
  byId("play").addEventListener("click", () => { endQuestion(); togglePlaying(); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest("input, select, textarea, math, summary");
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

// --- all steps at once, for paper and for those who read tables ---

function writeTables() {
  const math = (formula) => `<math>${formula}</math>`;
  const number = (value) => `<td class="n">${writeNumber(value)}</td>`;
  const forward = page.forward.map((node, k) =>
    `<tr><td class="n">${k + 1}</td><td>${math(bare(symbols[node]))}</td><td>${math(withNames(forwardFormulas[k]))}</td>` +
    `${number(numbers.data[node])}</tr>`);
  const backward = page.backward.map(([node, input], k) =>
    `<tr><td class="n">${seedStep + k + 1}</td><td>${math(bare(symbols[input]))}</td><td>${math(bare(symbols[node]))}</td>` +
    `${number(numbers.upstream[k])}<td>${math(withNames(localFormulas[k]))}</td>${number(numbers.local[k])}` +
    `${number(numbers.product[k])}${number(numbers.before[k])}${number(numbers.after[k])}</tr>`);
  byId("steps-table").innerHTML =
    `<table><caption>Forward pass</caption><tr><th>step<th>node<th>is<th>data</tr>${forward.join("")}</table>` +
    `<table><caption>Backward pass: step ${seedStep} sets the gradient of the result to 1</caption>` +
    "<tr><th>step<th>into<th>from<th>upstream<th>local derivative<th>value<th>product<th>before<th>after</tr>" +
    `${backward.join("")}</table>`;
}

function setUpTables() {
  byId("all-steps").addEventListener("toggle", writeTables);
  let before = 0;
  let wasOpen = false;
  addEventListener("beforeprint", () => {
    [before, wasOpen] = [position, byId("all-steps").open];
    endQuestion();
    show(finished);
    byId("all-steps").open = true;
    writeTables();
  });
  addEventListener("afterprint", () => { byId("all-steps").open = wasOpen; show(before); });
}
