"""Text with mathematics in it, written four ways: plain text, Markdown, LaTeX, MathML.

A piece of mathematics is carried in three languages at once (``Maths``); a text is a list of headings,
paragraphs and equations.

>>> from autograd.symbols.formulas import symbol
>>> slope = derivative(symbol("L"), symbol("w1"))
>>> page = [Paragraph(("This is ", slope, ".")), Equations((Row(slope, (number(2.0),)),))]
>>> print(write_text(page))
This is dL/dw1.
<BLANKLINE>
  dL/dw1 = 2
>>> print(write_markdown(page))
This is $\\frac{dL}{dw_1}$.
<BLANKLINE>
$$
\\begin{aligned}
\\frac{dL}{dw_1} &= 2
\\end{aligned}
$$
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from html import escape
from typing import ClassVar

from autograd.core.numbers import write_number
from autograd.symbols import notation
from autograd.symbols.formulas import Formula

WIDTH = 88
"""Lines of plain text are no longer than this, if they can be broken."""


@dataclass(frozen=True)
class Maths:
    """A piece of mathematics: as a line of text, in LaTeX, and in MathML to stand inside ``<math>``."""

    text: str
    latex: str
    mathml: str

    before: ClassVar[tuple[str, str]] = ("=", "=")
    """The sign before it on the right side of a row, in text and in LaTeX."""

    def __add__(self, other: Maths) -> Maths:
        return Maths(self.text + other.text, self.latex + other.latex, self.mathml + other.mathml)


class Added(Maths):
    """What stands on the right behind a plus sign, not behind an equals sign."""

    # Behind the mark & a plus sign would cling to what follows; {} before it gives it its room.
    before = ("+", "{}+")


class About(Maths):
    """A number that what stands before it does not give to the last digit, because that was rounded."""

    before = ("≈", "\\approx")


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Prose; whatever a learner has named stands in it as Maths, which is escaped."""

    parts: tuple[str | Maths, ...]


@dataclass(frozen=True)
class Row:
    """``left = right[0] = right[1] = ...``; what is Added or About stands behind another sign."""

    left: Maths
    right: tuple[Maths, ...]


@dataclass(frozen=True)
class Equations:
    rows: tuple[Row, ...]


Block = Heading | Paragraph | Equations


# --- pieces -----------------------------------------------------------------------------------------------


def formula(f: Formula) -> Maths:
    return Maths(f.text, f.latex, f.mathml)


def notated(part: notation.Notation) -> Maths:
    return Maths(notation.write_text(part), notation.write_latex(part), notation.write_mathml(part))


def number(x: float, digits: int = 6) -> Maths:
    """
    >>> number(-0.0903533195).text, number(0.0214695353, digits=9).text, number(1e-7).latex
    ('−0.0903533', '0.0214695353', '1 \\\\cdot 10^{-7}')
    """
    written = (write_number, notation.number_in_latex, notation.number_in_mathml)
    return Maths(*[write(x, digits) for write in written])


def words(text: str) -> Maths:
    """Words between mathematics.

    >>> words(", where ").latex
    '\\\\text{, where }'
    """
    return Maths(text, notation.text_in_latex(text), f"<mtext>{escape(text).replace(' ', chr(0xA0))}</mtext>")


def sign(text: str, latex: str) -> Maths:
    return Maths(f" {text} ", f" {latex} ", f"<mo>{'−' if text == '-' else text}</mo>")


TIMES, PLUS, MINUS, EQUALS, ABOUT = (
    sign("·", "\\cdot"), sign("+", "+"), sign("-", "-"), sign("=", "="), sign("≈", "\\approx"),
)  # fmt: skip
DOTS = Maths("…", "\\cdots", "<mo>⋯</mo>")


def derivative(of: Formula, by: Formula, partial: bool = False) -> Maths:
    """dL/dw1, or ∂L/∂w1.

    >>> from autograd.symbols.formulas import symbol
    >>> derivative(symbol("L"), symbol("w1") * 2, partial=True).text
    '∂L/∂(2·w1)'
    """
    d, latex, mathml = ("∂", "\\partial ", "<mo>∂</mo>") if partial else ("d", "d", "<mi>d</mi>")
    above, below = attached(of), attached(by)
    return Maths(
        f"{d}{above.text}/{d}{below.text}",
        f"\\frac{{{latex}{above.latex}}}{{{latex}{below.latex}}}",
        f"<mfrac><mrow>{mathml}{above.mathml}</mrow><mrow>{mathml}{below.mathml}</mrow></mfrac>",
    )


def attached(f: Formula) -> Maths:
    """A formula to which a d is attached: anything but a word stands in parentheses.

    >>> from autograd.symbols.formulas import symbol
    >>> derivative(symbol("L"), symbol("w*x + b")).text
    'dL/d(w*x + b)'
    """
    if f.name and notation.is_word(f.name):
        return formula(f)
    return notated(notation.Fence(f.notation))


def product(factors: Iterable[Maths | float]) -> Maths:
    """Factors with dots between them; negative numbers behind the first stand in parentheses.

    >>> product([-2.0, 3.0, -4.0]).text
    '−2 · 3 · (−4)'
    """
    return joined(
        [part if isinstance(part, Maths) else factor(part, i > 0) for i, part in enumerate(factors)], TIMES
    )


def factor(x: float, is_later: bool) -> Maths:
    return notated(notation.Fence(notation.Number(x))) if is_later and x < 0 else number(x)


def with_words(part: Maths, text: str) -> Maths:
    """The same behind the same sign, and words after it."""
    return type(part)(*astuple(part + words(text)))


def joined(parts: Iterable[Maths], between: Maths) -> Maths:
    first, *others = parts
    for part in others:
        first = first + between + part
    return first


def signed_sum(numbers: Sequence[float]) -> Maths:
    """Numbers added up, negative ones with a minus sign.

    >>> signed_sum([3.0, -1.0, 2.0]).text
    '3 - 1 + 2'
    """
    result = number(numbers[0])
    for x in numbers[1:]:
        result = result + (MINUS if x < 0 else PLUS) + number(abs(x))
    return result


# --- plain text -------------------------------------------------------------------------------------------


def write_text(blocks: Iterable[Block]) -> str:
    written = []
    for block in blocks:
        match block:
            case Heading(text):
                written.append(f"{text}\n{'-' * len(text)}")
            case Paragraph(parts):
                # A line is broken at a space of the prose; a formula stays whole, however long it is.
                text = "".join(part if isinstance(part, str) else part.text.replace(" ", "\xa0") for part in parts)
                lines = textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
                written.append(lines.replace("\xa0", " "))
            case Equations(rows):
                written.append("\n".join(row_in_text(row) for row in rows))
    return "\n\n".join(written)


def row_in_text(row: Row) -> str:
    """On one line, if it fits; else one line for each equals sign."""
    parts = [f"{right.before[0]} {right.text}" for right in row.right]
    if fits_on_a_line(row):
        return " ".join([f"  {row.left.text}", *parts])
    indent = " " * (3 + len(row.left.text))
    return f"  {row.left.text} " + f"\n{indent}".join(parts)


def fits_on_a_line(row: Row) -> bool:
    """True if the row is short enough to be written on one line; so it is then in all languages."""
    return sum(len(part.text) + 3 for part in (row.left, *row.right)) - 1 <= WIDTH


# --- LaTeX and Markdown -----------------------------------------------------------------------------------


def write_latex(blocks: Iterable[Block]) -> str:
    r"""LaTeX to be put into a document that uses amsmath."""
    written = []
    for block in blocks:
        match block:
            case Heading(text):
                written.append(f"\\paragraph{{{text}}}")
            case Paragraph(parts):
                prose = [prose_in_latex(part) if isinstance(part, str) else f"\\({part.latex}\\)" for part in parts]
                written.append("".join(prose))
            case Equations(rows):
                written.append(f"\\[\n{aligned(rows)}\n\\]")
    return "\n\n".join(written)


def prose_in_latex(text: str) -> str:
    return text.replace("%", "\\%").replace("∂", "\\(\\partial\\)")


def aligned(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        parts = [f"{right.before[1]} {right.latex}" for right in row.right]
        parts = [" ".join(parts)] if fits_on_a_line(row) else parts
        lines.append(f"{row.left.latex} &{parts[0]}")
        lines += [f"&{part}" for part in parts[1:]]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def write_markdown(blocks: Iterable[Block]) -> str:
    """Markdown with LaTeX between dollar signs, as notebooks show it."""
    written = []
    for block in blocks:
        match block:
            case Heading(text):
                written.append(f"**{text}**")
            case Paragraph(parts):
                prose = [part if isinstance(part, str) else f"${in_markdown(part.latex)}$" for part in parts]
                written.append("".join(prose))
            case Equations(rows):
                written.append(f"$$\n{in_markdown(aligned(rows))}\n$$")
    return "\n\n".join(written)


def in_markdown(latex: str) -> str:
    """LaTeX in which nothing is left that Markdown or HTML would take for their own."""
    return latex.replace("<", "\\lt{}").replace(">", "\\gt{}").replace("`", "‵")


# --- MathML -----------------------------------------------------------------------------------------------


def write_mathml(blocks: Iterable[Block]) -> str:
    """One ``<math>`` element: a table with a row for each line."""
    rows = []
    for block in blocks:
        match block:
            case Heading(text):
                rows.append(wide_row(f'<mtext style="font-weight:bold">{escape(text)}</mtext>'))
            case Paragraph(parts):
                rows.append(wide_row("".join(part_in_mathml(part) for part in parts)))
            case Equations(equations):
                for row in equations:
                    lines = [f'<mo form="infix">{right.before[0]}</mo>{right.mathml}' for right in row.right]
                    lines = ["".join(lines)] if fits_on_a_line(row) else lines
                    rows.append(aligned_row(row.left.mathml, lines[0]))
                    rows += [aligned_row("", line) for line in lines[1:]]
    return (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mtable displaystyle="true">'
        + "".join(rows)
        + "</mtable></math>"
    )


def part_in_mathml(part: str | Maths) -> str:
    return words(part).mathml if isinstance(part, str) else part.mathml


def wide_row(mathml: str) -> str:
    return f'<mtr><mtd columnspan="2" style="text-align:left">{mathml}</mtd></mtr>'


def aligned_row(left: str, right: str) -> str:
    return f'<mtr><mtd style="text-align:right">{left}</mtd><mtd style="text-align:left">{right}</mtd></mtr>'
