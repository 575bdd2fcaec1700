// What belongs together is lit together: the box of a node, its slider, its name in a sentence, its symbol in a formula;
// and an edge and the product that flows back along it.

import { boxes, tags } from "../graph/graph.js";
import { whenStepChanges } from "../state.js";

/** What finds all that belongs to what is pointed at, or has the focus; "" if that is nothing. */
let linked = "";

function familyOf(element) {
  const { node, id, edge = id } = element.closest("[data-node], [data-edge], .edge")?.dataset || {};
  return node ? `[data-node="${node}"]` : edge ? `.edge[data-id="${edge}"], [data-edge="${edge}"]` : "";
}

function link(family) {
  linked = family;
  for (const element of document.querySelectorAll(".linked")) element.classList.remove("linked");
  if (family) for (const element of document.querySelectorAll(family)) element.classList.add("linked");
}

export function setUpLinks() {
  boxes.forEach(({ group }, node) => { for (const one of [{ group }, ...tags[node]]) one.group.dataset.node = node; });
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, ({ target }) => { if (familyOf(target) !== linked) link(familyOf(target)); });
  }
  document.addEventListener("focusout", () => link(""));
  // A finger that is lifted leaves, too; but what it has touched stays lit.
  document.documentElement.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType === "mouse") link(""); });
  // The words are new; what is pointed at is not.
  whenStepChanges(() => { if (linked) link(linked); });
}
