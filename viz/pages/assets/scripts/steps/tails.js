// Where the textbook's form of a local derivative loses its digits: as in autograd/symbols/local_derivatives.py.

import { page, state } from "../state.js";

const DIGITS_ON_SHOW = 4;

/** True for the same number, but for such a share of it; what is not finite gets the benefit of the doubt. */
const isClose = (x, exact, share) => !Number.isFinite(exact) || Math.abs(x - exact) <= share * Math.max(Math.abs(x), Math.abs(exact));

/** True if the form that is computed is shown in a backward step, and not the textbook's. */
export function bookFails(k) {
  const [node, , operand] = page.backward[k];
  if (!(node in page.books)) return false;
  const { data, local } = state.numbers;
  const inputs = page.inputsOf[node].map((i) => data[i]);
  const used = inputs.map((_, i) => local[k - operand + i]);
  const book = (output) => books[page.books[node]](inputs, output);
  const exact = book(data[node]), onPaper = book(Number(data[node].toPrecision(DIGITS_ON_SHOW)));
  return used.some((d, i) => !isClose(exact[i], d, 1e-6) || !isClose(onPaper[i], d, .1));
}
