// The graph with the keyboard, and for those who hear it.

import { page, root, state } from "../state.js";
import { lookAt } from "../steps/inspect.js";
import { boxes, svg } from "./graph.js";

/** One box at a time can be reached with Tab; arrows up and down go on to others, Enter looks at one. */
export function setUpKeys() {
  const nodes = boxes.map((box) => box.group);
  nodes.forEach((group, i) => {
    group.setAttribute("tabindex", i === root ? 0 : -1);
    group.setAttribute("role", "button");
    group.addEventListener("focus", () => nameBox(i));
    nameBox(i);
  });
  svg.addEventListener("keydown", (event) => {
    const at = nodes.indexOf(event.target);
    if (at < 0) return;
    const to = event.key === "ArrowUp" ? at - 1 : event.key === "ArrowDown" ? at + 1 : at;
    if (event.key === "Enter") lookAt(state.looking === "v" + at ? "" : "v" + at);
    else if (to === at || !nodes[to]) return;
    else {
      nodes[at].setAttribute("tabindex", -1);
      nodes[to].setAttribute("tabindex", 0);
      nodes[to].focus();
    }
    event.preventDefault();
  });
}

/** What is said of a box to those who hear the page. */
function nameBox(node) {
  const { group, data, grad } = boxes[node];
  group.setAttribute("aria-label", `${page.names[node]}: value ${data.data}, gradient ${grad.data}`);
}
