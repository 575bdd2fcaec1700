"""Who writes a tape: steps and constants, each one once, and no step that is not needed.

Recording is done by numbers that are not known yet: a ``Tracer`` stands where a number stands, and its recorder
writes down what is done with it.  Derivative rules are ordinary arithmetic, so a gradient is recorded in the
same way: the rules are run on tracers.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from autograd import ops
from autograd.core.evaluate import checked_rule
from autograd.core.validation import checked_number
from autograd.errors import GradientError
from autograd.ops import Op
from autograd.program.backward import Graph, backpropagate
from autograd.program.patterns import (
    BOTH_WAYS,
    OF_ONE,
    PERHAPS_SIMPLER,
    Pattern,
    Patterns,
    pattern_of,
    patterns_of,
)
from autograd.program.sums import Steps, lined_up
from autograd.program.tape import Tape, TapeError
from autograd.program.tracer import Tracer, at_work, in_order, name_of, plain_number, stranger
from autograd.program.writer import Writer
from autograd.value import Value


class Recorder(Writer):
    """Collects the steps of one tape.

    Args:
        leaves: a list that collects the leaves behind recorded Values, each of which becomes an input;
            without it they are constants.

    >>> recorder = Recorder()
    >>> x, y = recorder.input("x"), recorder.input("y")
    >>> print(recorder.finish([(x + y) * (x + y) * 1]))
    inputs x, y
    t1 = x + y
    t2 = t1 * t1
    return t2
    """

    def __init__(self, leaves: list[Value] | None = None) -> None:
        super().__init__()
        self.graph = Graph()
        self._leaves = leaves
        self._inputs: list[int] = []
        self._labels: dict[int, str] = {}
        # By id, and so the Values themselves are kept.
        self._tracers: dict[int, Tracer] = {}
        self._values: list[Value] = []
        self._patterns: dict[tuple[Callable[..., Any], Op, int], Pattern | None] = {}
        self._patterns_of_others: dict[Op, Patterns] = {}
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
        slot = self.leaf()
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
        known = self._tracers.get(id(x))
        if known is not None:
            return known
        if isinstance(x, Tracer):
            if x.recorder is not self:
                raise self.remembered(stranger(x))
            return x
        if isinstance(x, Value):
            return self._record_graph(x)
        return Tracer(self, self.constant(x if type(x) is float else checked_number(x)))

    def _record_graph(self, root: Value) -> Tracer:
        tracers = self._tracers
        for node in in_order([root], tracers):
            if node.op is None and self._leaves is not None:
                self.input(node.label, node)
                self._leaves.append(node)
            elif node.op is None:
                self._know(node, Tracer(self, self.constant(plain_number(node))))
            else:
                found = self._know(node, self.apply(node.op, [tracers[id(x)] for x in node.inputs]))
                self.suggest(found.slot, node.label)
        return tracers[id(root)]

    def apply(self, op: Op, inputs: Iterable[Any]) -> Tracer:
        """Write down an operation on numbers of any kind."""
        tracers = tuple([x if type(x) is Tracer and x.recorder is self else self.tracer(x) for x in inputs])
        slot = self.result(op, tuple([x.slot for x in tracers]), tracers)
        return Tracer(self, slot, op, tracers)

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
        if op is ops.total and len(operands) != 2:
            return self.sum([x for slot in operands for x in (slot, self._one)])
        if op is ops.inner_product:
            return self.sum([*chain.from_iterable(zip(*ops.halves(operands), strict=True))])
        pattern = self._pattern(op.forward, op, len(operands))
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
        if op is ops.total or op is ops.inner_product:
            # Their rules put inputs in other places, and do not compute: also with slots.
            found = op.derivatives(operands[:-1], operands[-1])
            return tuple([x if type(x) is int else self.constant(x) for x in found])
        pattern = self._pattern(op.derivatives, op, len(operands))
        if pattern is not None:
            return (
                self._copy(pattern, operands) if pattern.steps else pattern.outputs((*operands, *pattern.constants))
            )
        *inputs, output = self.tracers(operands)
        return tuple([self.tracer(d).slot for d in checked_rule(op, inputs, output)])

    def tracers(self, slots: Iterable[int]) -> list[Tracer]:
        """Numbers of this recorder by their slots, as leaves."""
        return [Tracer(self, slot) for slot in slots]

    def _pattern(self, function: Callable[..., Any], op: Op, count: int) -> Pattern | None:
        """What an operation's forward, or its rule, comes to on any operands: written down once, and then copied.

        None if it can be written only where its inputs are known numbers.
        """
        key = (function, op, count)
        try:
            return self._patterns[key]
        except KeyError:
            pass
        known = patterns_of(op, self._patterns_of_others)
        if (function, count) not in known:
            recorder = Recorder()
            recorder._patterns_of_others = self._patterns_of_others
            xs = [recorder.input() for _ in range(count)]
            try:
                found = [op.forward(*xs)] if function is op.forward else checked_rule(op, xs[:-1], xs[-1])
                known[function, count] = pattern_of(recorder.finish(found))
            except (TapeError, GradientError):
                known[function, count] = None
        pattern = known[function, count]
        if pattern is not None:
            pattern = pattern._replace(constants=[*map(self.constant, pattern.constants)])
        self._patterns[key] = pattern
        return pattern

    def _copy(self, pattern: Pattern, operands: tuple[int, ...]) -> tuple[int, ...]:
        """Write down a pattern's steps on some operands, and give the slots of its outputs."""
        constants, steps, choose_outputs = pattern
        slots = [*operands, *constants]
        if steps:
            known, atoms, all_operands = self._slot_of_step, self._atoms, self._operands
            has_constants, count = min(operands) < 0, len(atoms)
            for atom, choose, how in steps:
                key = chosen = (slots[choose],) if how == OF_ONE else choose(slots)
                if has_constants or how == PERHAPS_SIMPLER:
                    slot = self.step(atom, chosen)
                    count = len(atoms)
                else:
                    if how == BOTH_WAYS and chosen[0] > chosen[-1]:
                        key = chosen[::-1]
                    slot = known[atom].setdefault(key, count)
                    if slot == count:
                        atoms.append(atom)
                        all_operands.append(chosen)
                        count += 1
                slots.append(slot)
        found: tuple[int, ...] = choose_outputs(slots)
        return found

    def replay(self, tape: Tape, operands: tuple[int, ...]) -> list[int]:
        """Write down a tape's steps on other operands, and give the slots of its outputs."""
        pattern = pattern_of(tape)
        return list(self._copy(pattern._replace(constants=[*map(self.constant, pattern.constants)]), operands))

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
        return self.tracers(self.slots_of_gradients(loss, inputs))

    def slots_of_gradients(self, loss: Tracer, inputs: Sequence[Tracer]) -> list[int]:
        """The same as slots, for ``tape``."""
        slots = backpropagate(self, self.graph, loss.place, [x.place for x in inputs])
        return [slots[x.place] for x in inputs]

    def finish(self, outputs: Iterable[Any], fuse: bool = True) -> Tape:
        """The tape that computes ``outputs``, with only the steps that they need.

        Args:
            outputs: tracers of this recorder, Values or plain numbers.
            fuse: True if additions and multiplications become parts of sums, where nothing else needs them.

        Raises:
            TapeError: as ``tape`` does.
        """
        return self.tape(self.slots(outputs), fuse)

    def slots(self, numbers: Iterable[Any]) -> list[int]:
        """The slots of tracers of this recorder, Values or plain numbers."""
        return [self.tracer(x).slot for x in numbers]

    def tape(self, outputs: Sequence[int], fuse: bool = True) -> Tape:
        """The same for the slots of the outputs.

        Raises:
            TapeError: also if a number was asked what it cannot know, and the function went on as if nothing
                had happened.
        """
        if self.first_refusal is not None:
            raise self.first_refusal
        inputs = {slot: self._labels[slot] for slot in self._inputs}
        # What was written down later is not needed.
        end = max([*outputs, *inputs], default=-1) + 1
        steps = Steps(self._atoms[:end], self._operands[:end], {~k: x for k, x in enumerate(self.constants)})
        labels = {slot: label for slot, label in self._labels.items() if slot < end and self._atoms[slot]}
        return lined_up(steps, inputs, labels, outputs, fuse)


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
