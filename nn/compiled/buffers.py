"""The arrays on which a compiled run works, and the steps that are made on them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from autograd import Value
from autograd.core.threads import cached_property
from autograd.engines.native.llvm_text import LANES
from autograd.engines.native.machine_code import address, aligned
from autograd.program.recorder import collector_at_rest
from nn.chance import order_of
from nn.compiled.columns import Samples, flat, given_back, lengthened, shaped
from nn.compiled.compilable import CannotCompile
from nn.compiled.orders import orders_of
from nn.compiled.table import padded
from nn.optim import Optimizer
from nn.optim.state import Rows

if TYPE_CHECKING:
    from nn.compiled.programs import TrainingProgram
    from nn.saving.known import Known


@dataclass(frozen=True)
class Batches:
    """How the samples of an epoch are dealt out: ``size`` to each step, and what is left to the last one.

    >>> batches = Batches(samples=10, size=4)
    >>> batches.per_epoch, batches.shares.tolist()
    (3, [0.4, 0.4, 0.2])
    >>> batches.place_of(2), batches.place_of(3)
    ((8, 2), (10, 4))
    """

    samples: int
    size: int

    @cached_property
    def per_epoch(self) -> int:
        """How many steps an epoch has."""
        return -(-self.samples // self.size)

    @cached_property
    def shares(self) -> np.ndarray:
        """Which part of the samples each step of an epoch takes."""
        shares = np.full(self.per_epoch, self.size / self.samples)
        shares[-1] = self.place_of(self.per_epoch - 1)[1] / self.samples
        return shares

    @property
    def are_equal(self) -> bool:
        """True if the last step of an epoch takes as many samples as the others."""
        return self.samples % self.size == 0

    @cached_property
    def equal_shares(self) -> np.ndarray:
        return np.full(self.per_epoch, 1 / self.per_epoch)

    def place_of(self, step: int) -> tuple[int, int]:
        """How many samples come before that step, and how many it takes itself."""
        epoch, number = divmod(step, self.per_epoch)
        within = number * self.size
        return epoch * self.samples + within, min(self.size, self.samples - within)


batches_of = lru_cache(maxsize=32)(Batches)
"""The same for every run, so that the shares are computed once."""


MOST_BYTES = 4_000_000
"""A program keeps no more memory than this for later runs."""


class Buffers:
    """The arrays on which a program runs: parameters, their gradients, the optimizer's states, and the results.

    One run at a time works on them; the program keeps them for the next one, because new memory comes page by page.

    Attributes:
        size: how many samples a step takes.
        memory: a row of gradients, one for each number of an optimizer's state, and one of parameters.
        gradients, states, parameters: the part of these rows that counts.
        behind: the row of parameters, and behind it what the program needs for itself; ``is_filled`` once it has
            been there.
        results: a row for the losses of some steps, and one for the lengths of their gradients.
        made: where the number of steps is put.
        addresses: where machine code finds these.
    """

    program: TrainingProgram

    def __init__(self, program: TrainingProgram, size: int) -> None:
        self.size = size
        self.tapes, train = program.recording.tapes, program.code.train
        count = self.tapes.parameters
        rows, row = 2 + self.tapes.states, padded(count)
        behind = train.memory_behind(size) if hasattr(train, "memory_behind") else row
        block = aligned((rows - 1) * row + behind)
        self.memory = block[: rows * row].reshape(rows, row)
        numbers = self.memory[:, :count]
        self.gradients, self.states, self.parameters = numbers[0], numbers[1:-1], numbers[-1]
        self.behind, self.is_filled = block[(rows - 1) * row :], False
        self.made = np.zeros(1, dtype=np.int64)
        self.results, self.results_at = np.empty((2, 0)), 0
        begin = address(self.memory)
        self.addresses = {
            "gradients": begin, "states": begin + 8 * row, "parameters": begin + 8 * row * (rows - 1),
            "made": address(self.made), "size": size,
        }  # fmt: skip

    @classmethod
    def of(cls, program: TrainingProgram, size: int) -> Buffers:
        """Those that no run needs just now, or new ones."""
        with suppress(IndexError):
            buffers: Buffers = program.idle.pop()
            if buffers.size == size:
                return buffers
        return cls(program, size)

    def begin(
        self, program: TrainingProgram, parameters: list[Value], samples: Samples, optimizer: Optimizer,
        own: Known | None,
    ) -> None:  # fmt: skip
        """A run begins: take over what it learns."""
        self.program, self.optimizer, self.samples = program, optimizer, samples
        self.given, self.moved = parameters, program.recording.moved_of(parameters)
        if own is not None and own.parameters == self.moved:
            # Those of a known model are made once.
            own.references = own.references or references_to(self.moved)
            self.references = own.references
        else:
            self.references = references_to(self.moved)
        self.batches = batches_of(samples.count, self.size)
        self.before = 0
        self.read()

    def close(self) -> None:
        """The run is over: leave the memory to the next one, unless it is much."""
        program = self.program
        # What is kept must keep no model alive.
        del self.program, self.optimizer, self.samples, self.given, self.moved, self.references
        if self.memory.nbytes + self.behind.nbytes + self.results.nbytes < MOST_BYTES:
            program.idle.append(self)

    def results_of(self, steps: int) -> np.ndarray:
        """The results of so many steps, in the memory in which those of earlier ones were."""
        if self.results.shape[1] < steps:
            self.results = np.empty((2, steps))
            self.results_at = address(self.results)
        return self.results[:, :steps]

    def read(self) -> None:
        """Take over the parameters and the optimizer's memory.

        Raises:
            CannotCompile: if the parameters have not all had the same number of updates.
        """
        memory = self.optimizer.memory
        rows = memory.rows_of(self.references)
        if rows is not None:
            self.before, self.states[:] = rows.updates, rows.states
        elif not memory and len(self.moved) == len(self.given):
            self.before = 0
            for row, number in zip(self.states, self.optimizer.initial_state(), strict=True):
                row[:] = number
        else:
            self.optimizer.prepare(self.given)
            remembered = memory.of(self.moved)
            updates = {updates for updates, _ in remembered}
            if len(updates) != 1:
                raise CannotCompile("the optimizer has moved some parameters more often than others")
            (self.before,) = updates
            for i, row in enumerate(self.states):
                row[:] = [state[i] for _, state in remembered]
        try:
            self.parameters[:] = array("d", [parameter.data for parameter in self.moved])
        except (TypeError, OverflowError) as error:
            # Node by node an error will come, and say which one is no number.
            raise CannotCompile("") from error
        self.written = True

    def write(self) -> None:
        """Give back the parameters, their gradients and the optimizer's memory, unless no step has changed them."""
        if self.written:
            return
        gradients = self.clipped(self.gradients).tolist()
        for parameter, number, gradient in zip(self.moved, self.numbers(), gradients):  # noqa: B905
            parameter.data = number
            parameter.grad = gradient
        self.optimizer.memory.leave(self.rows())
        self.written = True

    def numbers(self) -> list[float]:
        """The parameters as they are now."""
        numbers: list[float] = self.parameters.tolist()
        return numbers

    def rows(self) -> Rows:
        """What is remembered about them now."""
        return Rows(self.references, self.before, self.states.copy())

    def clipped(self, gradients: np.ndarray) -> np.ndarray:
        """The gradients within the limits that were set, first of each alone and then of all together."""
        tapes = self.tapes
        if tapes.clip_value is not None:
            gradients = gradients.clip(-tapes.clip_value, tapes.clip_value)
        if tapes.clip_norm is not None:
            gradients = gradients * min(1.0, tapes.clip_norm / (float(np.linalg.norm(gradients)) + 1e-6))
        return gradients


NONE = np.empty((0, LANES))
"""No predictions."""


class EpochBlock:
    """The steps of some epochs, which are to be made one after the other, and what each of them gave.

    Args:
        count: how many steps.
        rates: the learning rate of each step, or only one that is the same for all.
        keys: those of the epochs' orders (``nn.chance``); None if the samples come as they stand.
    """

    def __init__(self, buffers: Buffers, count: int, rates: list[float], keys: list[int] | None) -> None:
        self.buffers, self.count, self.rates = buffers, count, rates
        self.order = None
        if keys is not None:
            samples = buffers.batches.samples
            if buffers.program.code.engine == "native":
                self.order = orders_of(samples, keys)
            else:
                self.order = np.array([sample for key in keys for sample in order_of(samples, key)])
        self.results = buffers.results_of(count)
        self.predictions = NONE
        if buffers.tapes.predictions:
            self.predictions = np.empty((buffers.tapes.predictions, buffers.batches.place_of(count)[0] + LANES))
        self.done = 0
        self.take_snapshot()

    @property
    def losses(self) -> np.ndarray:
        losses: np.ndarray = self.results[0]
        return losses

    @property
    def norms(self) -> np.ndarray:
        norms: np.ndarray = self.results[1]
        return norms

    def rate_of(self, step: int) -> float:
        """The learning rate of a step."""
        return self.rates[step if len(self.rates) > 1 else 0]

    @cached_property
    def rates_in_memory(self) -> array[float]:
        return array("d", self.rates)

    @cached_property
    def columns(self) -> np.ndarray:
        """The samples as they come, in columns, if all have one form."""
        columns = self.buffers.samples.columns
        return columns.longer if self.order is None else lengthened(columns.numbers[:, self.order])

    def take_snapshot(self) -> None:
        """Note how things stand, so that any later moment can be had again."""
        self.snapshot = (self.done, self.buffers.memory.copy(), self.buffers.before)

    def keep(self, loss: float, norm: float, predictions: list[Any]) -> None:
        """Note the results of the next step, which was made in another way."""
        k = self.done
        self.losses[k], self.norms[k] = loss, norm
        if len(self.predictions):
            for place, prediction in enumerate(predictions, self.buffers.batches.place_of(k)[0]):
                numbers = flat(prediction)
                self.predictions[: len(numbers), place] = numbers
        self.done += 1
        self.buffers.read()
        self.take_snapshot()

    def parts_of(self, step: int) -> Iterator[tuple[int, np.ndarray, Any]]:
        """The samples of a step form by form: the form's number, their columns, and which of them these are."""
        samples = self.buffers.samples
        if samples.forms is None:
            begin, count = self.buffers.batches.place_of(step)
            begin %= self.columns.shape[1] - LANES
            yield 0, self.columns[:, begin : begin + count], slice(None)
        else:
            yield from samples.chosen(self.samples_of(step))

    @cached_property
    def placed(self) -> tuple[np.ndarray | None, np.ndarray | None]:
        """For the samples as they come their places among those of their form, and the numbers of their forms.

        If there is but one form the first is the order, which may be None, and the second is None.
        """
        samples = self.buffers.samples
        if samples.forms is None or samples.places is None:
            return self.order, None
        order = self.order
        if order is None:
            order = np.tile(np.arange(samples.count), -(-self.count // self.buffers.batches.per_epoch))
        return samples.places[order], samples.forms[order]

    def samples_of(self, step: int) -> list[int]:
        """The numbers of the samples of a step."""
        batches = self.buffers.batches
        begin, count = batches.place_of(step)
        if self.order is None:
            begin %= batches.samples
            return list(range(begin, begin + count))
        samples: list[int] = self.order[begin : begin + count].tolist()
        return samples

    def epochs(self) -> tuple[np.ndarray, np.ndarray, list[float]]:
        """For each complete epoch its mean loss over the samples, mean length of the gradient, last rate."""
        per_epoch = self.buffers.batches.per_epoch
        epochs = self.done // per_epoch
        results = self.results[:, : epochs * per_epoch].reshape(-1, per_epoch)
        rates = self.rates * epochs
        if len(self.rates) > 1:
            rates = self.rates[per_epoch - 1 : epochs * per_epoch : per_epoch]
        batches = self.buffers.batches
        if batches.are_equal:
            losses, norms = (results @ batches.shares).reshape(2, epochs)
        else:
            losses, norms = results[:epochs] @ batches.shares, results[epochs:] @ batches.equal_shares
        return losses, norms, rates

    def predictions_of(self, epoch: int) -> list[Any]:
        """What the model predicted in an epoch, in the form in which it gives predictions."""
        samples = self.buffers.samples
        begin = epoch * samples.count
        found = self.predictions[:, begin : begin + samples.count]
        _, forms = self.placed
        if forms is None:
            return given_back(found, samples.columns.outputs)
        shapes = [None if part is None else part.outputs for part in samples.parts]
        each = zip(found.T.tolist(), forms[begin : begin + samples.count].tolist(), strict=True)
        return [shaped(numbers, shapes[form]) for numbers, form in each]

    def rewind(self, count: int) -> None:
        """Go back to the moment when so many steps were made, by making those since the snapshot once more."""
        self.done, self.buffers.memory[:], self.buffers.before = self.snapshot
        self.run(count)

    def run(self, upto: int | None = None) -> None:
        """Go on until all steps are made, or the next one would not be finite; ``done`` says how many are made."""
        buffers = self.buffers
        end = self.count if upto is None else upto
        made_now = buffers.made
        made_now[0] = 0
        try:
            buffers.program.code.train(self, end)
        finally:
            made = int(made_now[0])
            self.done += made
            buffers.before += made
            buffers.written = buffers.written and not made


@collector_at_rest()
def references_to(parameters: list[Value]) -> list[ref[Value]]:
    """A weak reference to each parameter."""
    return list(map(ref, parameters))
