"""The museum of wrong engines: each wrong backward pass beside the smallest graph that it gets wrong.

>>> print(museum()["overwriting"])
= in the place of +=
  b = a + a
<BLANKLINE>
  gradient of  right  this engine
  b                1            1  ✓
  a                2            1  ✗ wrong
<BLANKLINE>
  a is used twice, so its gradient is the sum of two contributions. With = only the last one is left.
  As long as every value is used once, nobody notices.
<BLANKLINE>
  Andrej Karpathy runs into this bug in his lecture on micrograd, with this very graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from autograd.errors import AutogradError, text_of
from viz import frames
from viz.engines import wrong_engines as engines
from viz.engines.exhibit import Exhibit, long_chain, source_of
from viz.engines.wrong_engines import right, sweep
from viz.exercises.handout import MUSEUM, Handout, handout
from viz.formulas.expression import did_you_mean
from viz.formulas.worked_examples import graph

__all__ = ["Exhibit", "Museum", "MuseumError", "museum"]


class MuseumError(AutogradError, LookupError):
    """The museum was asked for something that it does not have."""


def museum() -> Museum:
    """All wrong engines, each beside the smallest graph that it gets wrong.

    >>> [exhibit.name for exhibit in museum()][:3]
    ['overwriting', 'swapped', 'no_upstream']
    >>> museum()["revisiting"].rows[-1]
    Row(name='a', right=4.0, wrong=8.0)
    """
    return Museum(EXHIBITS)


class Museum(Handout):
    """The exhibits; in a notebook it shows itself, ``museum().save("museum.html")`` makes a page.

    Attributes:
        exhibits: all of them.
    """

    what, error = "the museum", MuseumError

    def __init__(self, exhibits: tuple[Exhibit, ...]) -> None:
        self.exhibits = exhibits

    def __iter__(self) -> Iterator[Exhibit]:
        return iter(self.exhibits)

    def __len__(self) -> int:
        return len(self.exhibits)

    def __getitem__(self, name: str) -> Exhibit:
        for exhibit in self.exhibits:
            if exhibit.name == name:
                return exhibit
        known = [exhibit.name for exhibit in self.exhibits]
        asked = text_of(name)
        hint = did_you_mean(asked.strip("'"), known) or f"; there are {', '.join(known)}"
        raise MuseumError(f"there is no exhibit {asked}{hint}")

    def __str__(self) -> str:
        return "\n\n".join(f"{i}. {exhibit}" for i, exhibit in enumerate(self.exhibits, 1))

    def markdown(self) -> str:
        """All of it in Markdown."""
        intro = f"# {TITLE}\n\n{INTRODUCTION}\n\n```python\n{RIGHT}\n```\n"
        return "\n".join([intro, *(exhibit.markdown() for exhibit in self.exhibits)])

    def html(self) -> str:
        """All of it as one page that needs nothing from outside."""
        contents = "".join(f'<li><a href="#{e.name}">{escape(e.title)}</a></li>' for e in self.exhibits)
        body = (
            f'<main class="museum"><h1>{TITLE}</h1><p class="lead">{INTRODUCTION}</p>'
            f'<pre class="right"><code>{escape(RIGHT)}</code></pre><nav><ol>{contents}</ol></nav>'
            + "".join(exhibit.html() for exhibit in self.exhibits)
            + "</main>"
        )
        return handout(TITLE, body, MUSEUM)

    def _repr_html_(self) -> str:
        """What a notebook shows: all of it in a frame, and what there is where there are no frames."""
        titles = "".join(
            f"<li><code>museum()[{escape(repr(e.name))}]</code> {escape(e.title)}</li>" for e in self.exhibits
        )
        instead = frames.sentence(TITLE, "museum()", "museum.html") + f"<ol>{titles}</ol>"
        return frames.frame(self.html(), TITLE, instead)

    def __repr__(self) -> str:
        return f'<Museum of {len(self)} wrong engines; print(it), or museum().save("museum.html")>'


TITLE = "The museum of wrong engines"
INTRODUCTION = (
    "Backward passes as people first write them. Each one works on many graphs, which is why the mistake goes "
    "unnoticed; beside it stands the smallest graph on which it fails. This engine is right:"
)

RIGHT = f"{source_of(right)}\n\n\n{source_of(sweep)}"

# --- the smallest graphs ----------------------------------------------------------------------------------


one_sum = graph("b = a + a", a=3)
one_product = graph("b = a*a", a=3)
one_product_of_two = graph("c = a*b", a=3, b=5)
two_products = graph("b = a*a; c = a*b", a=3)
one_exponential = graph("b = exp(a)", a=3)
one_chain = graph("b = a + a; c = a + b", a=3)
two_sums = graph("b = a + a; c = b + b", a=3)
short_and_long_way = graph("b = a + a; c = b + b; d = b + c", a=3)

EXHIBITS = (
    Exhibit(
        "overwriting", "= in the place of +=", engines.overwriting, one_sum,
        "a is used twice, so its gradient is the sum of two contributions. With = only the last one is left. "
        "As long as every value is used once, nobody notices.",
        "Andrej Karpathy runs into this bug in his lecture on micrograd, with this very graph.",
    ),
    Exhibit(
        "swapped", "Factors swapped", engines.swapped, one_product_of_two,
        "The slope of a·b in a is b: one more of a is one more b. Here each factor gets itself in the place of the "
        "other. A square hides it, because both factors are the same, and so does every sum.",
    ),
    Exhibit(
        "no_upstream", "The local derivative alone", engines.no_upstream, two_products,
        "What arrives at b is 3, and b's rule has to multiply with it before it hands on. Without that each "
        "operation answers as if it were the last one. With one operation it is, and nobody notices.",
    ),
    Exhibit(
        "data_passed_on", "out.data in the place of out.grad", engines.data_passed_on, one_product,
        "Both are numbers of the result, and one word apart: its value 9 is multiplied on in the place of its "
        "gradient, which is 1.",
    ),
    Exhibit(
        "first_input_only", "Only the first input gets its share", engines.first_input_only, one_sum,
        "a is both inputs of the sum, and each of them brings 1. The rule hands out the first and forgets the "
        "second. An operation of one number has no second.",
    ),
    Exhibit(
        "wrong_number", "The rule at the wrong number", engines.wrong_number, one_exponential,
        "The slope of eᵃ is eᵃ, the result, which is 20.09 here. The rule was given the input, 3. Sums and "
        "products do not use their result, so they do not show it; tanh and sigmoid do.",
    ),
    Exhibit(
        "no_seed", "Nobody begins with 1", engines.no_seed, one_sum,
        "The gradient of the result by itself is 1, and somebody has to write that down before the first rule "
        "runs. Every gradient begins at 0, and 0 times anything is 0.",
    ),
    Exhibit(
        "not_reversed", "From the leaves to the result", engines.not_reversed, one_chain,
        "The order is topological, and read from the wrong end: b passes its gradient on while that is still 0. "
        "With one operation there is nobody to wait for.",
    ),
    Exhibit(
        "depth_first", "No topological order: whoever is reached first", engines.depth_first, short_and_long_way,
        "b is reached from d directly and over c. The direct way comes first, and b passes on what it has by "
        "then: 1 in the place of 3. What arrives later over c is never passed on to a. On a tree, and "
        "wherever only leaves are shared, the order does not matter.",
    ),
    Exhibit(
        "breadth_first", "No topological order: by distance from the result", engines.breadth_first,
        short_and_long_way,
        "b is one step from d, and so is c; b comes first, although a contribution from c is still to come. A "
        "node may pass its gradient on only after everybody who uses it has done so: that is what the "
        "topological order says, and a distance does not.",
    ),
    Exhibit(
        "revisiting", "Recursion that comes back", engines.revisiting, two_sums,
        "c hands its two shares to b, and then comes to b twice, once for each. Both times b passes on the 2 that "
        "it has by then: 2·(2 + 2) = 8 arrives at a. Where no intermediate node is shared, each one is visited "
        "once and all is well.",
    ),
    Exhibit(
        "every_path", "Recursion along every path", engines.every_path, two_sums,
        "The gradients are right: this is the chain rule, summed over all paths. But b's rule is run once for "
        "each path, and twenty such doublings in a row have over a million paths. Backpropagation passes "
        "every node once.",
        counts_work=True,
    ),
    Exhibit(
        "too_deep", "Recursion on a deep graph", engines.every_path, long_chain,
        "Every operation is one function call inside another, and Python allows about a thousand of these. A "
        "loop with its own list of waiting nodes has no such limit.",
        "micrograd sorts its nodes with a recursive function, so a sum of a thousand terms in a loop ends so.",
    ),
    Exhibit(
        "never_zeroed", "Stale gradients: zero_grad() forgotten", engines.never_zeroed, one_sum,
        "Gradients add up over calls of backward(), which is useful when one batch is computed in parts. "
        "Whoever wants the gradient of this pass alone has to set them to 0 before. The first pass is always "
        "right; the second has twice the gradient, the tenth ten times.",
        "Karpathy forgets it in the same lecture, while the training seems to work: a problem that is easy "
        "enough hides the bug.",
    ),
    Exhibit(
        "stale_intermediates", "Stale gradients: only the leaves set to 0", engines.stale_intermediates, two_sums,
        "The leaves begin at 0, but b still has the gradient of the first pass. It adds the second one to it, "
        "and passes both on. A graph that is built anew for each pass, or that has only one operation, does "
        "not show it.",
    ),
    Exhibit(
        "changed_data", "Data changed between forward and backward", engines.changed_data, one_product,
        "b was computed with a = 3; then somebody moved a to 4 (a weight updated too early, say), and the "
        "rule of the product looks up a. The gradient 8 belongs to another point than the result 9. Sums do "
        "not notice: their slopes are 1 everywhere.",
        "PyTorch counts the changes of every tensor and refuses with an error.",
    ),
)  # fmt: skip
