"""Who writes a tape: steps and constants, each one once, and no step that is not needed.

Recording is done by numbers that are not known yet: a ``Tracer`` stands where a number stands, and its recorder
writes down what is done with it.  Derivative rules are ordinary arithmetic, so a gradient is recorded in the
same way: the rules are run on tracers.
"""

from __future__ import annotations

import gc
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, NamedTuple

from autograd import ops
from autograd.core.evaluate import FAILURES, checked_rule
from autograd.core.validation import checked_number
from autograd.errors import GradientError
from autograd.ops import Op
from autograd.program.backward import Graph, backpropagate
from autograd.program.sums import ADD, MULTIPLY, NEGATIVE, SUBTRACT, Steps, lined_up, terms
from autograd.program.tape import SUM, Tape, TapeError, primitive
from autograd.program.tracer import Tracer, at_work, in_order, name_of, plain_number, stranger
from autograd.transforms.nesting import dependents
from autograd.value import Value

# What can be said without looking at the other number.
CONSTANT_OPERAND: dict[tuple[str, int, float], Callable[[Recorder, int], int]] = {
    ("multiply", 0, 1.0): lambda recorder, x: x,
    ("multiply", 1, 1.0): lambda recorder, x: x,
    ("multiply", 0, -1.0): lambda recorder, x: recorder.step("negative", (x,)),
    ("multiply", 1, -1.0): lambda recorder, x: recorder.step("negative", (x,)),
    ("divide", 1, 1.0): lambda recorder, x: x,
    ("divide", 1, -1.0): lambda recorder, x: recorder.step("negative", (x,)),
    ("subtract", 1, 0.0): lambda recorder, x: x,
    ("pow", 1, 0.0): lambda recorder, x: recorder.constant(1.0),
    ("pow", 1, 1.0): lambda recorder, x: x,
    ("pow", 1, 2.0): lambda recorder, x: recorder.step("multiply", (x, x)),
    ("pow", 1, 3.0): lambda recorder, x: recorder.step("multiply", (recorder.step("multiply", (x, x)), x)),
    ("pow", 1, -1.0): lambda recorder, x: recorder.step("divide", (recorder.constant(1.0), x)),
    ("pow", 1, 0.5): lambda recorder, x: recorder.step("sqrt", (x,)),
}
"""What takes the place of an atom whose operand at some place is a certain constant; the result is the same."""

COMMUTATIVE = (ADD, MULTIPLY)

AS_IT_IS, BOTH_WAYS, PERHAPS_SIMPLER = range(3)
"""How a step of a pattern is looked for, before it is written once more."""


class Pattern(NamedTuple):
    """A tape as a recorder copies it.

    Attributes:
        constants: their slots.
        steps: for each the steps of its atom that are known, the atom, which numbers it takes (a function that
            chooses them, or the place of the only one), and how it is looked for.
        outputs: which numbers are the results, as in the steps.
    """

    constants: list[int]
    steps: list[tuple[dict[tuple[int, ...], int], str, Any, int]]
    outputs: Any


class Recorder:
    """Collects the steps of one tape.

    Args:
        leaves: a list that collects the leaves behind recorded Values, each of which becomes an input;
            without it they are constants.

    A recorder's own slots: 0, 1, 2, ... are inputs and steps, as they come; -1, -2, ... are constants.

    >>> recorder = Recorder()
    >>> x, y = recorder.input("x"), recorder.input("y")
    >>> print(recorder.finish([(x + y) * (x + y) * 1]))
    inputs x, y
    t1 = x + y
    t2 = t1 * t1
    return t2
    """

    def __init__(self, leaves: list[Value] | None = None) -> None:
        self.constants: list[float] = []
        self._leaves = leaves
        # For each slot its atom ("" for an input) and operands.
        self._atoms: list[str] = []
        self._operands: list[tuple[int, ...]] = []
        self._inputs: list[int] = []
        self._labels: dict[int, str] = {}
        self._slot_of_step: defaultdict[str, dict[tuple[int, ...], int]] = defaultdict(dict)
        self._slot_of_constant: dict[tuple[float, float], int] = {}
        # By id, and so the Values themselves are kept.
        self._tracers: dict[int, Tracer] = {}
        self._values: list[Value] = []
        # What each operation and each rule comes to, for any recorder and for this one.
        self._tapes: dict[tuple[str, Op, int], Tape | None] = {}
        self._patterns: dict[tuple[str, Op, int], Pattern | None] = {}
        self._one, self._minus_one, self._nothing = map(self.constant, (1.0, -1.0, -0.0))
        self.is_closed = False
        # Whether a number was held fixed for derivatives, of which a tape itself knows nothing.
        self.has_held = False
        self.first_refusal: TapeError | None = None

    def close(self) -> None:
        """Take no more operations: a tracer that somebody has kept is of no use from now on."""
        self.is_closed = True

    def let_go(self) -> None:
        """Keep no Value alive from now on."""
        self._tracers.clear()
        self._values.clear()

    def remembered(self, error: TapeError) -> TapeError:
        """An error that ``finish`` raises again: what the function makes of it would stay on the tape."""
        recorder = (at_work.get() or self) if self.is_closed else self
        recorder.first_refusal = recorder.first_refusal or error
        return error

    def input(self, label: str = "", value: Value | None = None) -> Tracer:
        """One more number that is put in when the tape is run.

        A ``value`` is from now on recorded as this input, wherever it occurs.

        Raises:
            TapeError: if that Value is an input already.
        """
        slot = self._append("", ())
        self._inputs.append(slot)
        self._labels[slot] = label or f"x{len(self._inputs)}"
        tracer = Tracer(self, slot)
        if value is not None:
            self.bind(value, tracer)
        return tracer

    def bind(self, value: Value, tracer: Tracer) -> None:
        """Record a Value from now on as this input, wherever it occurs."""
        if id(value) in self._tracers:
            raise TapeError(
                f"{name_of(value)} is among the inputs twice, or was recorded before it became an input"
            )
        self._know(value, tracer)

    def _know(self, value: Value, tracer: Tracer) -> Tracer:
        self._tracers[id(value)] = tracer
        self._values.append(value)
        return tracer

    def tracer(self, x: Any) -> Tracer:
        """Anything as a number of this recorder: a plain number is a constant, a Value comes with all behind it.

        Raises:
            TapeError: for a tracer of another recorder.
            DataError: for what is not a number.
        """
        if isinstance(x, Tracer):
            if x.recorder is not self:
                raise self.remembered(stranger(x))
            return x
        if isinstance(x, Value):
            return self._record_graph(x)
        return Tracer(self, self.constant(x if type(x) is float else checked_number(x)))

    def _record_graph(self, root: Value) -> Tracer:
        tracers = self._tracers
        if id(root) not in tracers:
            for node in in_order([root], tracers):
                if node.op is None and self._leaves is not None:
                    self.input(node.label, node)
                    self._leaves.append(node)
                elif node.op is None:
                    self._know(node, Tracer(self, self.constant(plain_number(node))))
                else:
                    found = self._know(node, self.apply(node.op, tuple([tracers[id(x)] for x in node.inputs])))
                    self.suggest(found.slot, node.label)
        return tracers[id(root)]

    def apply(self, op: Op, inputs: tuple[Tracer, ...]) -> Tracer:
        """Write down an operation on tracers of this recorder."""
        return Tracer(self, self.result(op, tuple([x.slot for x in inputs]), inputs), op, inputs)

    def result(self, op: Op, operands: tuple[int, ...], inputs: Sequence[Tracer] = ()) -> int:
        """The slot of an operation's result; ``inputs`` are the tracers behind its operands, if there are any."""
        if op.atom is not None:
            if op.constants:
                operands += tuple(map(self.constant, op.constants))
            return self.step(op.atom, operands)
        if max(operands) < 0:
            folded = self._folded(op, operands)
            if folded is not None:
                return folded
        pattern = self._pattern("forward", op, len(operands))
        if pattern is not None:
            return self._copy(pattern, operands)[0]
        try:
            return self.tracer(op.forward(*(inputs or self.tracers(operands)))).slot
        except GradientError as error:
            # It was made by hand.
            raise self.remembered(TapeError(str(error))) from None
        except TapeError as error:
            found = TapeError(
                f"the operation {op.name!r} cannot be written on a tape: its forward takes plain floats only\n"
                f"  {error}\n"
                f"  Either write its forward with operations of autograd, or give it an atom: Op({op.name!r}, ..., "
                f"atom={op.name!r}). The engines 'python', 'numpy' and 'eager' then call its forward as it is."
            )
            raise self.remembered(found) from None

    def local_derivatives(self, op: Op, operands: tuple[int, ...]) -> tuple[int, ...]:
        """The slots of an operation's local derivatives; the operands are its inputs, and then its output."""
        pattern = self._pattern("rule", op, len(operands))
        if pattern is not None:
            return self._copy(pattern, operands)
        *inputs, output = self.tracers(operands)
        return tuple([self.tracer(d).slot for d in checked_rule(op, inputs, output)])

    def tracers(self, slots: Iterable[int]) -> list[Tracer]:
        """Numbers of this recorder by their slots, as leaves."""
        return [Tracer(self, slot) for slot in slots]

    def _pattern(self, what: str, op: Op, count: int) -> Pattern | None:
        """What an operation, or its rule, comes to on any operands: written down once, and then copied.

        None if it can be written only where its inputs are known numbers.
        """
        key = (what, op, count)
        try:
            return self._patterns[key]
        except KeyError:
            pass
        if key not in self._tapes:
            recorder = Recorder()
            recorder._tapes = self._tapes
            xs = [recorder.input() for _ in range(count)]
            try:
                found = [op.forward(*xs)] if what == "forward" else checked_rule(op, xs[:-1], xs[-1])
                self._tapes[key] = recorder.finish(found)
            except (TapeError, GradientError):
                self._tapes[key] = None
        tape = self._tapes[key]
        pattern = self._patterns[key] = None if tape is None else self._prepared(tape)
        return pattern

    def _prepared(self, tape: Tape) -> Pattern:
        steps = []
        for atom, places in zip(tape.atoms, tape.operands, strict=True):
            how = BOTH_WAYS if atom in COMMUTATIVE else AS_IT_IS
            if atom == NEGATIVE and places[0] < len(tape.inputs):
                how = PERHAPS_SIMPLER
            choose = itemgetter(*places) if len(places) > 1 else places[0]
            steps.append((self._slot_of_step[atom], atom, choose, how))
        choose_outputs = itemgetter(*tape.outputs) if len(tape.outputs) > 1 else tape.outputs[0]
        return Pattern([*map(self.constant, tape.constants)], steps, choose_outputs)

    def _copy(self, pattern: Pattern, operands: tuple[int, ...]) -> tuple[int, ...]:
        """Write down a pattern's steps on some operands, and give the slots of its outputs."""
        slots = [*operands, *pattern.constants]
        atoms, all_operands, has_constants = self._atoms, self._operands, min(operands) < 0
        for known, atom, choose, how in pattern.steps:
            chosen = (slots[choose],) if type(choose) is int else choose(slots)
            slot = known.get(chosen)
            if slot is None:
                if has_constants or how == PERHAPS_SIMPLER:
                    slot = self._simpler(atom, chosen)
                elif how == BOTH_WAYS:
                    slot = known.get(chosen[::-1])
                if slot is None:
                    slot = len(atoms)
                    atoms.append(atom)
                    all_operands.append(chosen)
                known[chosen] = slot
            slots.append(slot)
        choose = pattern.outputs
        return (slots[choose],) if type(choose) is int else choose(slots)

    def replay(self, tape: Tape, operands: tuple[int, ...]) -> list[int]:
        """Write down a tape's steps on other operands, and give the slots of its outputs."""
        return list(self._copy(self._prepared(tape), operands)) if tape.outputs else []

    def step(self, atom: str, operands: tuple[int, ...]) -> int:
        """The slot of an atom's result: a new step, unless it is known already or nothing is to be done."""
        known = self._slot_of_step[atom]
        slot = known.get(operands)
        if slot is None:
            slot = self._simpler(atom, operands)
            if slot is None:
                slot = self._append(atom, operands)
            known[operands] = slot
        return slot

    def _simpler(self, atom: str, operands: tuple[int, ...]) -> int | None:
        """The slot of a result that needs no step of its own, or one that is simpler."""
        if atom == SUM:
            init, pairs = terms(operands)
            return self.sum([(init, self._one), *pairs])
        if min(operands) < 0:
            return self._with_constants(atom, operands)
        if atom in COMMUTATIVE:
            return self._slot_of_step[atom].get(operands[::-1])
        if atom == NEGATIVE and self._atoms[operands[0]] == NEGATIVE:
            return self._operands[operands[0]][0]
        return None

    def sum(self, pairs: Sequence[tuple[int, int]]) -> int:
        """The slot of a sum of products of two slots: what is known already is computed, and no factor is 1."""
        one, minus_one, nothing = self._one, self._minus_one, self._nothing
        if len(pairs) == 1:
            [(a, b)] = pairs
            return b if a == one else a if b == one else self.step(MULTIPLY, (a, b))
        init = None
        factors: list[int] = []
        numbers: list[int] = []
        for a, b in pairs:
            if a < 0:
                product = self._folded(ops.multiply, (a, b)) if b < 0 else None
                if product is not None:
                    numbers += [product] * (product != nothing)
                    continue
                if a in (one, minus_one):
                    a, b = b, a
            if init is None and b == one:
                init = a
            else:
                factors += (a, b)
        if numbers:
            together = self._folded(ops.total, tuple(numbers))
            for number in numbers if together is None else [together]:
                if init is None:
                    init = number
                else:
                    factors += (number, one)
        if init is None:
            if len(factors) == 2:
                return self.step(MULTIPLY, (factors[0], factors[1]))
            init = nothing
        if not factors:
            return init
        if len(factors) == 2 and factors[1] in (one, minus_one):
            return self.step(ADD if factors[1] == one else SUBTRACT, (init, factors[0]))
        operands = (init, *factors)
        known = self._slot_of_step[SUM]
        slot = known.get(operands)
        if slot is None:
            slot = known[operands] = self._append(SUM, operands)
        return slot

    def _append(self, atom: str, operands: tuple[int, ...]) -> int:
        self._atoms.append(atom)
        self._operands.append(operands)
        return len(self._atoms) - 1

    def _with_constants(self, atom: str, operands: tuple[int, ...]) -> int | None:
        """The slot of a result that needs no step of its own, because some operands are constants."""
        if max(operands) < 0:
            return self._folded(primitive(atom), operands)
        if len(operands) > 2:
            return None
        place = 0 if operands[0] < 0 else 1
        number = self.constants[~operands[place]]
        simpler = CONSTANT_OPERAND.get((atom, place, number))
        # 0.0 and -0.0 are the same key, but x - -0.0 is not x where x is -0.0.
        if simpler is not None and (number or math.copysign(1.0, number) > 0):
            return simpler(self, operands[1 - place])
        return self._slot_of_step[atom].get(operands[::-1]) if atom in COMMUTATIVE else None

    def _folded(self, op: Op, operands: tuple[int, ...]) -> int | None:
        """The result of an operation on constants, unless it cannot be computed: then the run will say so."""
        try:
            number = float(op.forward(*[self.constants[~i] for i in operands]))
        except FAILURES:
            return None
        return self.constant(number) if math.isfinite(number) else None

    def constant(self, number: float) -> int:
        """The slot of a plain number; equal ones share it, but 0.0 and -0.0 are two."""
        key = (number, math.copysign(1.0, number))
        slot = self._slot_of_constant.get(key)
        if slot is None:
            slot = self._slot_of_constant[key] = ~len(self.constants)
            self.constants.append(number)
        return slot

    def label(self, tracer: Tracer) -> str:
        return self._labels.get(tracer.slot, "")

    def name(self, tracer: Tracer, label: str) -> None:
        """Give a step its name in the listing; inputs keep theirs."""
        if tracer.slot >= 0 and self._atoms[tracer.slot]:
            self._labels[tracer.slot] = label

    def suggest(self, slot: int, label: str) -> None:
        if label and slot >= 0:
            self._labels.setdefault(slot, label)

    def gradients(self, loss: Tracer, inputs: Sequence[Tracer]) -> list[Tracer]:
        """Write down the derivatives of ``loss`` with respect to each of ``inputs``, by reverse mode.

        These are for ``finish``.  What is to be differentiated once more comes from ``loss.slopes(inputs)``.
        """
        order, _ = dependents(inputs, loss)
        graph = Graph(inputs, [x.slot for x in inputs])
        for node in order:
            for x in node.inputs:
                graph.add(x, x.slot)
            graph.add(node, node.slot, node.op, tuple([graph.place[id(x)] for x in node.inputs]))
        graph.add(loss, loss.slot)
        slots = backpropagate(self, graph, loss)
        return self.tracers([slots[graph.place[id(x)]] for x in inputs])

    def finish(self, outputs: Iterable[Any], fuse: bool = True) -> Tape:
        """The tape that computes ``outputs``, with only the steps that they need.

        Args:
            outputs: tracers of this recorder, Values or plain numbers.
            fuse: True if additions and multiplications become parts of sums, where nothing else needs them.

        Raises:
            TapeError: also if a number was asked what it cannot know, and the function went on as if nothing
                had happened.
        """
        if self.first_refusal is not None:
            raise self.first_refusal
        roots = [self.tracer(x).slot for x in outputs]
        steps = Steps(self._atoms, self._operands, {~k: x for k, x in enumerate(self.constants)})
        inputs = {slot: self._labels[slot] for slot in self._inputs}
        labels = {slot: label for slot, label in self._labels.items() if self._atoms[slot]}
        return lined_up(steps, inputs, labels, roots, fuse)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep Python's garbage collector from looking through the growing tape again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
