"""Who writes a tape: steps and constants, each one once, and no step that is not needed.

Recording is done by numbers that are not known yet: a ``Tracer`` stands where a number stands, and its recorder
writes down what is done with it.  Derivative rules are ordinary arithmetic, so a gradient is recorded in the
same way: the rules are run on tracers.
"""

from __future__ import annotations

import gc
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any

from autograd import ops
from autograd.core.evaluate import FAILURES, checked_rule
from autograd.core.validation import checked_number
from autograd.errors import GradientError
from autograd.ops import Op
from autograd.program.sums import ADD, MULTIPLY, NEGATIVE, SUBTRACT, fused, operands_of, terms
from autograd.program.tape import SUM, Instructions, Tape, TapeError, primitive
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
        self._patterns: dict[tuple[str, Op, int], Tape | None] = {}
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
                    self._suggest(found.slot, node.label)
        return tracers[id(root)]

    def apply(self, op: Op, inputs: tuple[Tracer, ...]) -> Tracer:
        """Write down an operation on tracers of this recorder."""
        operands = tuple([x.slot for x in inputs])
        if op.atom is None:
            slot = self._composite(op, inputs, operands)
        else:
            slot = self.step(op.atom, operands + tuple([self.constant(x) for x in op.constants]))
        return Tracer(self, slot, op, inputs)

    def _composite(self, op: Op, inputs: tuple[Tracer, ...], operands: tuple[int, ...]) -> int:
        """Write down the operations that a composite is made of."""
        if max(operands) < 0:
            folded = self._folded(op, operands)
            if folded is not None:
                return folded
        pattern = self._pattern("forward", op, len(inputs), lambda xs: [op.forward(*xs)])
        if pattern is not None:
            return self.replay(pattern, operands)[0]
        try:
            return self.tracer(op.forward(*inputs)).slot
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

    def local_derivatives(self, node: Tracer) -> list[int]:
        """The slots of a node's local derivatives, one for each of its inputs."""
        op, inputs = node.op, node.inputs
        assert op is not None
        pattern = self._pattern("rule", op, len(inputs) + 1, lambda xs: checked_rule(op, xs[:-1], xs[-1]))
        if pattern is not None:
            return self.replay(pattern, (*[x.slot for x in inputs], node.slot))
        return [self.tracer(d).slot for d in checked_rule(op, inputs, node)]

    def _pattern(
        self, what: str, op: Op, count: int, write: Callable[[list[Tracer]], Iterable[Any]]
    ) -> Tape | None:
        """What an operation comes to on any inputs: written down once, and then copied for each place.

        None if it can be written only where its inputs are known numbers.
        """
        key = (what, op, count)
        if key not in self._patterns:
            recorder = Recorder()
            recorder._patterns = self._patterns
            try:
                found = recorder.finish(write([recorder.input() for _ in range(count)]))
            except (TapeError, GradientError):
                found = None
            self._patterns[key] = found
        return self._patterns[key]

    def replay(self, tape: Tape, operands: tuple[int, ...]) -> list[int]:
        """Write down a tape's steps on other operands, and give the slots of its outputs."""
        slots = [*operands, *map(self.constant, tape.constants)]
        for atom, places in zip(tape.atoms, tape.operands, strict=True):
            slots.append(self.step(atom, tuple([slots[i] for i in places])))
        return [slots[i] for i in tape.outputs]

    def step(self, atom: str, operands: tuple[int, ...]) -> int:
        """The slot of an atom's result: a new step, unless it is known already or nothing is to be done."""
        known = self._slot_of_step[atom]
        slot = known.get(operands)
        if slot is None:
            slot = known[operands] = self._new_step(atom, operands)
        return slot

    def _new_step(self, atom: str, operands: tuple[int, ...]) -> int:
        found = None
        if atom == SUM:
            found = self._simpler_sum(operands)
        elif min(operands) < 0:
            found = self._with_constants(atom, operands)
        elif atom in COMMUTATIVE:
            found = self._slot_of_step[atom].get(operands[::-1])
        elif atom == NEGATIVE and self._atoms[operands[0]] == NEGATIVE:
            found = self._operands[operands[0]][0]
        return self._append(atom, operands) if found is None else found

    def sum(self, pairs: Iterable[tuple[int, int]]) -> int:
        """The slot of a sum of products of two slots: what is known already is computed, and no factor is 1."""
        one, minus_one, nothing = self.constant(1.0), self.constant(-1.0), self.constant(-0.0)
        found: list[tuple[int, int]] = []
        numbers: list[int] = []
        for a, b in pairs:
            if a < 0:
                product = self._folded(ops.multiply, (a, b)) if b < 0 else None
                if product is not None:
                    numbers.append(product)
                    continue
                if a in (one, minus_one):
                    a, b = b, a
            found.append((a, b))
        if numbers:
            # One number is what it is: the exact sum of -0.0 alone would be 0.0.
            together = self._folded(ops.total, tuple(numbers)) if len(numbers) > 1 else None
            numbers = numbers if together is None else [together]
            found += [(number, one) for number in numbers if number != nothing]
        if len(found) < 2:
            return self.step(MULTIPLY, found[0]) if found else nothing
        if len(found) == 2:
            (a, sign), (b, other_sign) = found
            if sign == other_sign == one:
                return self.step(ADD, (a, b))
            if {sign, other_sign} == {one, minus_one}:
                return self.step(SUBTRACT, (a, b) if sign == one else (b, a))
        operands = operands_of([(a,) if b == one else (a, b) for a, b in found], one, nothing)
        known = self._slot_of_step[SUM]
        if operands not in known:
            known[operands] = self._append(SUM, operands)
        return known[operands]

    def _simpler_sum(self, operands: tuple[int, ...]) -> int | None:
        """The slot of a sum from another tape, unless it can be written as it is: without constants as factors."""
        if operands[0] == self.constant(-0.0) and min(operands[1:]) >= 0:
            return None
        init, pairs = terms(operands)
        return self.sum([(init, self.constant(1.0)), *pairs])

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

    def _suggest(self, slot: int, label: str) -> None:
        if label and slot >= 0:
            self._labels.setdefault(slot, label)

    def gradients(self, loss: Tracer, inputs: Sequence[Tracer]) -> list[Tracer]:
        """Write down the derivatives of ``loss`` with respect to each of ``inputs``, by reverse mode.

        These are for ``finish``.  What is to be differentiated once more comes from ``loss.slopes(inputs)``.
        """
        zero = self.constant(0.0)
        found = self.backpropagate(loss, *dependents(inputs, loss), self.local_derivatives)
        return [Tracer(self, found.get(id(x), zero)) for x in inputs]

    def backpropagate(
        self, loss: Tracer, order: Sequence[Tracer], depends: Set[int], rule: Callable[[Tracer], list[int]]
    ) -> dict[int, int]:
        """The slots of the gradients of all nodes in ``depends`` that it reaches, by their ids.

        What a node receives is one sum of products, local derivative × upstream gradient, written down when all
        of it is known: when the node is reached.

        Args:
            order: the nodes in topological order.
            rule: gives the slots of a node's local derivatives.
        """
        one, zeros = self.constant(1.0), (self.constant(0.0), self.constant(-0.0))
        received: dict[int, list[tuple[int, int]]] = {id(loss): [(one, one)]}
        found: dict[int, int] = {}
        for node in reversed(order):
            pairs = received.pop(id(node), None)
            if pairs is None:
                continue
            upstream = found[id(node)] = self.sum(pairs) if pairs else zeros[0]
            if node.op is not None:
                for x, local in zip(node.inputs, rule(node), strict=True):
                    if id(x) in depends:
                        pairs = received.setdefault(id(x), [])
                        if local not in zeros and upstream not in zeros:
                            pairs.append((local, upstream))
        return found | {key: self.sum(pairs) if pairs else zeros[0] for key, pairs in received.items()}

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
        # The slots of constants are negative, and so count the places from the end of these.
        needed = bytearray(len(self._atoms) + len(self.constants))
        place = [0] * len(needed)
        for slot in roots:
            needed[slot] = True
        for slot in range(len(self._atoms) - 1, -1, -1):
            if needed[slot]:
                for operand in self._operands[slot]:
                    needed[operand] = True
        constants = [~k for k in range(len(self.constants)) if needed[~k]]
        for number, slot in enumerate([*self._inputs, *constants]):
            place[slot] = number
        steps = [slot for slot in range(len(self._atoms)) if needed[slot] and self._atoms[slot]]
        for number, slot in enumerate(steps, len(self._inputs) + len(constants)):
            place[slot] = number
        all_operands = self._operands
        instructions = Instructions(
            [self._atoms[slot] for slot in steps],
            [tuple([place[i] for i in all_operands[slot]]) for slot in steps],
            {i: self._labels[slot] for i, slot in enumerate(steps) if slot in self._labels},
        )
        tape = Tape(
            tuple([self._labels[slot] for slot in self._inputs]),
            tuple([self.constants[~slot] for slot in constants]),
            instructions,
            tuple([place[slot] for slot in roots]),
        )
        return fused(tape) if fuse else tape


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
