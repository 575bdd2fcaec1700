"""Formulas as people type them, like ``L = (1 - sigmoid(w*x + b))**2``, read without running them as code.

A formula is cut into tokens, and these are put into the order in which they are computed ("reverse
Polish": inputs first, then the operation), by precedence climbing (Richards and Whitby-Strevens,
"BCPL: The Language and its Compiler", 1979).  What can be computed is what stands in the table of
operations, ``autograd.ops.ALL``, and nothing else; nothing is ever handed to Python to be executed.

>>> formula = parse("z = w*x + b; L = (1 - sigmoid(z))**2")
>>> formula.names
('w', 'x', 'b')
>>> L = formula.evaluate({"w": 1, "x": -2, "b": 0})
>>> L.backward()
>>> round(L.data, 6), L.label
(0.775803, 'L')
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from autograd import ops
from autograd.ops import Op
from viz.drawing.style import printable
from viz.formulas.expression import (
    CONSTANTS,
    Expression,
    ExpressionError,
    Instruction,
    Statement,
    did_you_mean,
    same_letters,
)
from viz.formulas.tokens import FULL_SIZE, POWERS, ROOTS, Token, is_name, tokenize

__all__ = ["Expression", "ExpressionError", "function_names", "parse", "parse_values"]

LONGEST = 10_000
"""The longest formula in characters."""

DEEPEST = 50
"""How deep parentheses, functions and powers may stand in one another."""

# How strongly an operator binds: a higher level first, and a comparison last.  A sign stands between * and **, as
# in Python, so that -x**2 is -(x**2) and 2**-x may be written.
LEVELS = {ops.greater: 0, ops.add: 1, ops.subtract: 1, ops.multiply: 2, ops.divide: 2, ops.mod: 2, ops.power: 4}
SIGN_LEVEL = 3
MINUS = ("-", "−", "–")
OPERATORS = {
    "+": ops.add,
    **dict.fromkeys(MINUS, ops.subtract),
    **dict.fromkeys("*·⋅×", ops.multiply),
    **dict.fromkeys("/÷", ops.divide),
    "%": ops.mod,
    ">": ops.greater,
    **dict.fromkeys(POWERS, ops.power),
}

BRACKETS = {
    "|": ("|", ops.absolute, "an absolute value stands between two of them: |x|"),
    "⌊": ("⌋", ops.floor, "what is rounded down stands in ⌊x⌋"),
    "⌈": ("⌉", ops.ceil, "what is rounded up stands in ⌈x⌉"),
}
"""For each bracket that is an operation the one that closes it, the operation, and what it is for."""


def parse(text: str) -> Expression:
    """Read a formula: numbers, names, ``+ - * / % ** >``, parentheses and every function of the table.

    What glassgrad prints is read too: ``σ(z)(1 − σ(z))``, ``2·x``, ``a ÷ b``, ``x²``, ``e^x``, ``√y``, ``|x|``,
    ``⌊x⌋``, ``tanh²(n)``, ``log₂(x)``, ``5.926·10⁻²⁵``.

    Several parts, separated by ``;`` or new lines, give names to intermediate results; the last part
    is the result.  Signs, operators and their precedence are Python's.  ``pi`` and ``e`` are known
    unless you give them another meaning.  Parts without names, like ``2*pi``, are computed as plain
    numbers, as Python would.

    Raises:
        ExpressionError: if it cannot be read; the message points at the character.
        TypeError: if text is not a string.

    >>> parse("-x**2").evaluate({"x": 3}).data
    -9.0
    >>> parse("max(a, b) + ln(e)").evaluate({"a": 1, "b": 5}).data
    6.0
    >>> parse("√(1 − x²)").evaluate({"x": 0.6}).data
    0.8
    """
    if not isinstance(text, str):
        raise TypeError(f"a formula is a string like 'L = (1 - w*x)**2', but got {text!r} ({type(text).__name__})")
    text = same_letters(text)
    if len(text) > LONGEST:
        raise ExpressionError(
            f"the formula has {len(text):,} characters; the longest that is read has {LONGEST:,}", text
        )
    return Parser(text).parse()


def parse_values(assignments: Iterable[str]) -> dict[str, float]:
    """Read values as they are typed on the command line: ``name=value``, the value a number or ``pi/2``.

    Raises:
        ExpressionError: if one is not of that form, or a name is given twice.

    >>> parse_values(["w=1", "x = -2", "angle=pi/2"])
    {'w': 1.0, 'x': -2.0, 'angle': 1.5707963267948966}
    """
    values: dict[str, float] = {}
    for assignment in assignments:
        name, equals, number = assignment.partition("=")
        name = same_letters(name.strip())
        if not equals or not is_name(name):
            given = printable(assignment)
            raise ExpressionError(f"a value is given as name=value, like w=1.5, but got {given!r}", assignment)
        if name in values:
            raise ExpressionError(f"{name} is given a value twice", assignment)
        values[name] = parse(number).evaluate({}).data
    return values


def function_names() -> dict[str, Op]:
    """Every function that a formula may use, by each of its names.

    An operation is known by its name in the table (``maximum``), by the symbol with which it is drawn
    (``max``) and by its name in formulas, which its LaTeX shows (``ln`` for log, ``arcsin`` for asin).

    >>> [name for name, op in function_names().items() if op.name == "log"]
    ['log', 'ln']
    """
    names = dict(ops.ALL)
    for op in ops.ALL.values():
        in_latex = re.match(r"\\(?:operatorname\{)?([a-z]+)\}?\(", op.latex)
        for other in (op.symbol, in_latex[1] if in_latex else ""):
            if other.isidentifier():
                names.setdefault(other, op)
    return names


class Parser:
    """Reads one formula from left to right, writing down the instructions as it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.functions = function_names()
        self.tokens = tokenize(text)
        self.at = 0
        self.depth = 0
        self.instructions: list[Instruction] = []
        self.defined: dict[str, int] = {}
        self.free: dict[str, int] = {}

    def parse(self) -> Expression:
        statements: list[Statement] = []
        unnamed: Token | None = None
        while self.current.kind != "end":
            if self.current.text in (";", "\n"):
                self.advance()
                continue
            if unnamed is not None:
                raise self.error("only the last part of a formula may be without a name: write name = ...", unnamed)
            first = self.current
            statement = self.statement()
            statements.append(statement)
            if not statement.name:
                unnamed = first
        if not statements:
            raise ExpressionError("the formula is empty; write one like L = (1 - sigmoid(w*x))**2", self.text)
        if unnamed is not None:
            result = "result"
            while result in self.defined or result in self.free:
                result += "_"
            statements[-1] = Statement(result, statements[-1].instructions)
        names = tuple(name for name in self.free if name not in CONSTANTS)
        return Expression(self.text, tuple(statements), names)

    def statement(self) -> Statement:
        name = None
        if self.current.kind == "name" and self.next.text == "=":
            name = self.advance()
            self.advance()
            if name.text in self.defined:
                raise self.error(f"{name.text} has been computed already; choose another name", name)
            if name.text in self.free:
                raise self.error(f"{name.text} was used before this point; put its definition first", name)
        self.instructions = []
        self.formula(0)
        if self.current.kind != "end" and self.current.text not in (";", "\n"):
            raise self.unexpected(self.current)
        if name is not None:
            self.defined[name.text] = name.position
        return Statement(name.text if name else "", tuple(self.instructions))

    def formula(self, lowest: int) -> None:
        """Read a formula whose operators all bind at least as strongly as ``lowest``."""
        self.deeper()
        self.operand()
        last: Op | None = None
        while (op := self.operator()) is not None and LEVELS[op] >= lowest:
            operator = self.current
            if operator.text == "(":
                # 2(x - 1): parentheses are multiplied without a sign, but a / 2(x - 1) could mean two things.
                if last in (ops.divide, ops.mod, ops.power):
                    raise self.error("it is not clear what belongs together: write * or another pair of ( )")
            elif op is ops.greater is last:
                raise self.error("put in parentheses what is compared first: (a > b) > c")
            elif op is ops.power and self.tokens[self.at - 1].kind == "exponent":
                raise self.error("put in parentheses what belongs together: (x²)**3 or x**(2**3)")
            else:
                self.advance()
            # On the right of ** everything that binds as strongly belongs to the exponent: a**b**c is a**(b**c).
            self.formula(SIGN_LEVEL if op is ops.power else LEVELS[op] + 1)
            self.write(op, 2, operator)
            last = op
        self.depth -= 1

    def operator(self) -> Op | None:
        """The operation whose sign stands here; that of no sign at all between 2 or ) and ( is a product."""
        if self.current.text == "(":
            before = self.tokens[self.at - 1]
            return ops.multiply if before.kind == "number" or before.text == ")" else None
        return OPERATORS.get(self.current.text)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"this is nested more than {DEEPEST} deep; give a name to a part of it: z = ...")

    def operand(self) -> None:
        """Read what stands beside an operator, perhaps after a sign or a root, or with a small exponent."""
        token = self.advance()
        if token.text in OPERATORS and OPERATORS[token.text] in (ops.add, ops.subtract):
            self.formula(SIGN_LEVEL)
            if token.text in MINUS:
                self.write(ops.negate, 1, token)
        elif token.text and token.text in ROOTS:
            self.root(token)
        else:
            self.atom(token)
            if self.current.kind == "exponent":
                self.small_exponent(self.advance())

    def small_exponent(self, exponent: Token) -> None:
        self.write(exponent.number, 0, exponent)
        self.write(ops.power, 2, exponent)

    def root(self, sign: Token) -> None:
        """Read what stands behind √: one number or name, or something in parentheses."""
        self.deeper()
        token = self.advance()
        if token.text and token.text in ROOTS:
            self.root(token)
        else:
            self.atom(token)
        if self.current.kind == "exponent" or self.current.text in POWERS:
            raise self.error(f"put in parentheses what belongs together: {sign.text}(x²) or ({sign.text}x)²")
        if sign.text == "∜":
            self.write(0.25, 0, sign)
        op = {"√": ops.sqrt, "∛": ops.cbrt, "∜": ops.power}[sign.text]
        self.write(op, 2 if op is ops.power else 1, sign)
        self.depth -= 1

    def atom(self, token: Token) -> None:
        """Read a number, a name, a function, (...), |...|, ⌊...⌋ or ⌈...⌉."""
        if token.kind == "number":
            self.write(self.number(token), 0, token)
        elif token.kind == "name" and self.current.text == "(":
            self.function(token)
        elif token.kind == "name" and self.current.kind == "exponent" and self.next.text == "(":
            self.function_with_exponent(token)
        elif token.kind == "name":
            self.name(token)
        elif token.text == "(":
            self.formula(0)
            self.close(token)
        elif token.text and token.text in BRACKETS:
            self.formula(0)
            closing, op, advice = BRACKETS[token.text]
            if self.current.text != closing:
                wanted = f"this {token.text} is never closed; {advice}"
                raise self.error(wanted, token) if self.current.kind == "end" else self.unexpected(self.current)
            self.advance()
            self.write(op, 1, token)
        elif token.kind == "end":
            raise self.error("the formula ends here, but a number, a name or ( was expected", token)
        else:
            raise self.error(f"a number, a name or ( was expected, but got {token.described}", token)

    def number(self, token: Token) -> float:
        number = token.number
        if math.isinf(number):
            raise self.error("this number is too large for a float, whose largest is about 1.8e308", token)
        return number

    def name(self, token: Token) -> None:
        name = token.text
        if name not in self.defined:
            if name in self.functions and name not in CONSTANTS:
                raise self.error(f"{name} is a function; write {name}(...)", token)
            self.free.setdefault(name, token.position)
        self.write(name, 0, token)

    def function_with_exponent(self, name: Token) -> None:
        """Read ``tanh²(x)``, which is ``tanh(x)²``."""
        exponent = self.advance()
        if self.operation_called(name.text) is None:
            raise self.error(f"for a product write {name.text}{exponent.text}*(...)", name)
        if exponent.number < 0:
            raise self.error(f"write 1 / {name.text}(...), or the name of the inverse function", exponent)
        self.function(name)
        self.small_exponent(exponent)

    def operation_called(self, name: str) -> Op | None:
        """The operation of that name; log₂ is log2, and softmax₁ the first number of softmax."""
        found = self.functions.get(name) or self.functions.get(name.translate(FULL_SIZE))
        one = re.fullmatch(r"(softmax|log_softmax)_?([1-9][0-9]{0,3})", name.translate(FULL_SIZE))
        if found is None and one:
            return (ops.softmax_at if one[1] == "softmax" else ops.log_softmax_at)(int(one[2]) - 1)
        return found

    def function(self, name: Token) -> None:
        """Read ``name(formula, formula, ...)``."""
        op = self.operation_called(name.text)
        if op is None:
            advice = did_you_mean(name.text, self.functions)
            if not advice and (name.text in self.defined or name.text in self.free or len(name.text) == 1):
                advice = f"; for a product write {name.text}*(...)"
            raise self.error(f"unknown function {name.text!r}{advice}", name)
        opening = self.advance()
        given = 0
        while self.current.text != ")":
            if given:
                self.comma(opening)
            self.formula(0)
            given += 1
        self.close(opening)
        most = op.arity
        defaults = getattr(op.forward, "__defaults__", None) or ()
        # softmax₃ is the third number of three or more.
        least = max(op.constants, default=0) + 1 if op.variadic else most - len(defaults)
        if given < least or (given > most and not op.variadic):
            wanted = f"{least} or more" if op.variadic else f"{most}" if least == most else f"{least} to {most}"
            plural = "" if wanted == "1" else "s"
            got = "1 was" if given == 1 else f"{given or 'none'} were"
            raise self.error(f"{name.text} takes {wanted} input{plural}, but {got} given", name)
        self.write(op, given, name)

    def comma(self, opening: Token) -> None:
        if self.current.text != ",":
            self.close(opening, "a comma or )")
        self.advance()

    def close(self, opening: Token, wanted: str = ")") -> None:
        token = self.current
        if token.text == ")":
            self.advance()
        elif token.kind == "end" or token.text == ";":
            raise self.error("this ( is never closed", opening)
        else:
            raise self.unexpected(token, wanted)

    # small helpers

    @property
    def current(self) -> Token:
        return self.tokens[self.at]

    @property
    def next(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.current
        if token.kind != "end":
            self.at += 1
        return token

    def write(self, what: float | str | Op, inputs: int, token: Token) -> None:
        self.instructions.append(Instruction(what, inputs, token.position))

    def error(self, reason: str, token: Token | None = None) -> ExpressionError:
        return ExpressionError(reason, self.text, (token or self.current).position)

    def unexpected(self, token: Token, wanted: str = "an operator") -> ExpressionError:
        """The error for a token that cannot follow a complete formula."""
        before = self.tokens[self.at - 1]
        if token.text == ")":
            return self.error("this ) closes nothing", token)
        if token.text == "=":
            return self.error("only a name may stand before =, at the beginning of a part: name = ...", token)
        if token.text == ",":
            return self.error("a comma stands only between the inputs of a function: max(a, b)", token)
        advice = f"; {BRACKETS[token.text][2]}" if token.text in BRACKETS else ""
        if token.kind == "name" or (before.kind == "name" and token.kind == "number") or token.text == "(":
            advice = f"; for a product write * between {before.text} and {token.text}"
        return self.error(f"{wanted} was expected, but got {token.described}{advice}", token)
