// The graph with the keyboard, and for those who hear it.

import { makeSvg, set } from "../document.js";
import { page, root, state } from "../state.js";
import { lookAt } from "../steps/inspect.js";
import { boxes, svg } from "./graph.js";

/** One box at a time can be reached with Tab; arrows up and down go on to others, Enter looks at one. */
export function setUpKeys() {
  svg.append(makeSvg("defs", {}, ...["value", "gradient"].map((word) => makeSvg("text", { id: word }, word))));
  const nodes = boxes.map((box) => box.group);
  nodes.forEach((group, i) => {
    set(group, { tabindex: i === root ? 0 : -1, role: "button" });
    nameBox(i);
  });
  svg.addEventListener("keydown", (event) => {
    const at = nodes.indexOf(event.target);
    if (at < 0) return;
    const to = event.key === "ArrowUp" ? at - 1 : event.key === "ArrowDown" ? at + 1 : at;
    if (event.key === "Enter") lookAt(state.looking === "v" + at ? "" : "v" + at);
    else if (to === at || !nodes[to]) return;
    else {
      set(nodes[at], { tabindex: -1 });
      set(nodes[to], { tabindex: 0 });
      nodes[to].focus();
    }
    event.preventDefault();
  });
}

/** What is said of a box to those who hear the page: its name, "value" and "gradient", each with what stands there now. */
function nameBox(node) {
  const { group, data, grad } = boxes[node];
  group.prepend(makeSvg("title", { id: `name${node}` }, page.names[node]));
  data.parentNode.id = `data${node}`;
  grad.parentNode.id = `grad${node}`;
  set(group, { "aria-labelledby": `name${node} value data${node} gradient grad${node}` });
}
