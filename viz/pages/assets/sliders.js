// Sliders and number fields for the free leaves, and the choice of an example.

const sliders = page.free.map((node) => ({ node, place: page.inputs.indexOf(node), ...rangeFor(page.start[page.inputs.indexOf(node)]) }));

/** A range around zero that reaches twice as far as the number, and steps of which there are some hundreds. */
function rangeFor(value) {
  const size = Math.max(2 * Math.abs(value), 2) || 2;
  const power = 10 ** Math.floor(Math.log10(size));
  const limit = [1, 2, 3, 5, 10].find((n) => n * power >= size * 0.999) * power;
  return { limit, step: 10 ** Math.round(Math.log10(limit / 200)) };
}

function setUpSliders() {
  for (const slider of sliders) {
    const name = page.names[slider.node];
    slider.range = make("input", { type: "range", min: -slider.limit, max: slider.limit, step: slider.step, "aria-label": `${name}, slider` });
    slider.field = make("input", { type: "number", step: "any", "aria-label": name });
    slider.gradient = make("span", { class: "grad-chip", title: `gradient of ${name}` });
    slider.range.addEventListener("input", () => setInput(slider, Number(slider.range.value)));
    slider.field.addEventListener("input", () => {
      if (slider.field.value !== "" && Number.isFinite(slider.field.valueAsNumber)) setInput(slider, slider.field.valueAsNumber);
    });
    slider.field.addEventListener("change", showSliders);
    slider.name = make("span", { class: "name", title: name }, name);
    byId("sliders").append(make("div", { class: "slider" }, slider.name, slider.range, slider.field, slider.gradient));
  }
  // Of very many sliders, those out of sight are not laid out.
  byId("sliders").classList.toggle("many", sliders.length > 20);
  byId("original").addEventListener("click", () => { x = page.start.slice(); forgetDescent(); showSliders(); showChosenExample(); refresh(); });
  byId("original").hidden = page.inputs.length === 0;
  if (!sliders.length) byId("sliders").append(make("p", { class: "quiet" }, "No leaf of this graph has a label, so none has a slider."));
  setUpExamples();
  showSliders();
}

/** A slider was moved: everything is computed again, once for each picture that the screen shows. */
let waiting = false;
function setInput(slider, value) {
  x[slider.place] = value;
  if (position === 0) position = finished;
  stop();
  forgetDescent();
  if (document.activeElement !== slider.field) slider.field.value = shortest(value);
  slider.range.value = value;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; quietly(refresh); });
}

/** While a slider moves, the narration changes too fast to be read aloud. */
function quietly(action) {
  byId("narration").setAttribute("aria-live", "off");
  action();
  setTimeout(() => byId("narration").setAttribute("aria-live", "polite"), 300);
}

function shortest(value) {
  return forField(value);
}

function showSliders() {
  for (const { place, range, field } of sliders) {
    range.value = x[place];
    field.value = shortest(x[place]);
  }
}

/** Beside each slider its gradient, as far as it is known at this step. */
function showSliderGradients() {
  const known = gradientsAfter(position);
  for (const { node, gradient } of sliders) {
    const value = known[node];
    const text = value === undefined ? "?" : writeShort(value) + (lastStep[node] <= position ? "" : "…");
    if (gradient.textContent !== text) gradient.textContent = text;
    gradient.className = `grad-chip ${signOf(value)}`;
    gradient.style.setProperty("--share", `${(tintShare(value) * 100).toFixed(1)}%`);
  }
}

// --- examples ---

const samples = page.examples;
const columnPlaces = samples ? samples.columns.map((node) => page.inputs.indexOf(node)) : [];

function setUpExamples() {
  if (!samples) return;
  byId("example-row").hidden = false;
  const start = samples.rows.findIndex((row) => row.every((value, j) => value === page.start[columnPlaces[j]]));
  if (start < 0) byId("example").append(make("option", { value: -1 }, "as in the graph"));
  samples.names.forEach((name, i) => byId("example").append(make("option", { value: i }, name)));
  byId("example").append(make("option", { value: MEAN }, `all ${samples.names.length} (mean)`));
  byId("example").value = start;
  byId("example").addEventListener("change", () => choose(byId("example").value === MEAN ? MEAN : Number(byId("example").value)));
}

let chosen = samples ? samples.rows.findIndex((row) => row.every((value, j) => value === page.start[columnPlaces[j]])) : -1;

/** In place of an example's number: the mean of them all. */
const MEAN = "mean";

function choose(i) {
  const didLearnFromAll = learnsFromAll();
  showsMean = i === MEAN;
  byId("example").value = i;
  byId("learn-row").hidden = showsMean;
  if (showsMean || position === 0) position = finished;
  if (!showsMean) {
    chosen = i;
    x = withExample(x, i);
  }
  if (!learnsFromAll() || !didLearnFromAll) forgetDescent();
  refresh();
}

function withExample(inputs, i) {
  const row = i < 0 ? columnPlaces.map((place) => page.start[place]) : samples.rows[i];
  const changed = inputs.slice();
  columnPlaces.forEach((place, j) => { changed[place] = row[j]; });
  return changed;
}

function showChosenExample() {
  if (!samples) return;
  chosen = samples.rows.findIndex((row) => row.every((value, j) => value === x[columnPlaces[j]]));
  byId("example").value = showsMean ? MEAN : chosen;
}

/** What goes in, what should come out and what does come out, for every example. */
function showExampleTable() {
  if (!samples) return;
  const box = byId("table-of-examples");
  box.hidden = false;
  const outputs = samples.outputs;
  const cell = (value) => make("td", { class: "n" }, typeof value === "number" ? shortNumber(value) : value);
  const head = make("tr", {}, make("th"), ...samples.headings.map((text) => make("th", {}, text)),
    ...outputs.map((node) => make("th", { class: "out" }, page.names[node])), make("th", { class: "out" }, lossName));
  let sum = 0;
  const rows = samples.rows.map((row, i) => {
    const out = run(withExample(x, i));
    sum += out[root];
    const name = make("th", { scope: "row" }, make("button", { type: "button", class: "quiet", onclick: () => choose(i) }, samples.names[i]));
    return make("tr", { class: i === chosen && !showsMean ? "chosen" : "" }, name, ...row.map(cell), ...outputs.map((node) => cell(out[node])), cell(out[root]));
  });
  const name = make("button", { type: "button", class: "quiet", onclick: () => choose(MEAN) }, "mean");
  const mean = make("tr", { class: showsMean ? "mean chosen" : "mean" }, make("th", { scope: "row", colspan: 1 + samples.columns.length + outputs.length }, name), cell(sum / samples.rows.length));
  box.replaceChildren(make("table", {}, make("caption", {}, "Inputs and outputs"), head, ...rows, mean));
}

function shortNumber(value) {
  return writeNumber(value, 3);
}
