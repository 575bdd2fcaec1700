// Small helpers for the document.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element with attributes and children; a string among these becomes text, never markup. */
export function make(tag, attributes = {}, ...children) {
  return set(document.createElement(tag), attributes, children);
}

export function makeSvg(tag, attributes = {}, ...children) {
  return set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** Give an element attributes, of which it gets those that are new, listeners ("onclick") and children. */
export function set(element, attributes, children = []) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function plural(count, thing) {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
