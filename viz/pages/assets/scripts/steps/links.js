// What belongs together is lit together: the box of a node, its slider, its name in a sentence, its symbol in a formula.

import { boxes, boxFor, tags } from "../graph/graph.js";
import { whenStepChanges } from "../state.js";

/** The node that is pointed at, or has the focus; -1 if none. */
let pointedAt = -1;

const nodeOf = (element) => Number(element.closest("[data-node]")?.dataset.node ?? -1);

function link(node) {
  pointedAt = node;
  for (const element of document.querySelectorAll(".linked")) element.classList.remove("linked");
  if (node < 0) return;
  for (const element of document.querySelectorAll(`[data-node="${node}"]`)) element.classList.add("linked");
  boxFor(node).classList.add("linked");
}

export function setUpLinks() {
  boxes.forEach(({ group }, node) => { for (const one of [{ group }, ...tags[node]]) one.group.dataset.node = node; });
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, ({ target }) => { if (nodeOf(target) !== pointedAt) link(nodeOf(target)); });
  }
  document.addEventListener("focusout", () => link(-1));
  // A finger that is lifted leaves, too; but what it has touched stays lit.
  document.documentElement.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType === "mouse") link(-1); });
  // The words are new; what is pointed at is not.
  whenStepChanges(() => { if (pointedAt >= 0) link(pointedAt); });
}
