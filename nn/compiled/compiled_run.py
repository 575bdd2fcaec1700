"""The epochs of a run of ``fit``, made by a program: as many in one call as nobody wants to look at in between.

What the program cannot do is left to the run itself: a step that would not be finite is made node by node, for an
error that says where, and so is everything after a change that the program does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

from autograd import Value
from nn.callbacks import Event
from nn.chance import draw_key
from nn.compiled.backends import epochs_per_call
from nn.compiled.buffers import Buffers, EpochBlock
from nn.compiled.compilable import CannotCompile, is_own_listener, is_own_metric, is_own_schedule
from nn.compiled.evaluation import Validation
from nn.compiled.programs import Compiled, program_for
from nn.metrics import as_numbers, measure
from nn.saving.known import known

if TYPE_CHECKING:
    from nn.fitting.run import Run


NodeByNode = Callable[["Run", Sequence[int]], tuple[Value, list[Any]]]
"""From a batch, by the numbers of its samples, to its loss and what the model predicted."""


class CompiledRun:
    """A run of ``fit``, and the program that makes its epochs.

    Args:
        run: its settings, and where it stands.
        one_step: makes a step node by node.
        mean_loss: the forward pass of a step, node by node.

    Attributes:
        begun: of an epoch that has begun, the key of its order (``nn.chance``) and its learning rate.

    Raises:
        CannotCompile: if there can be no program, with the reason.
    """

    def __init__(self, run: Run, one_step: NodeByNode, mean_loss: NodeByNode) -> None:
        self.run = run
        self.one_step, self.mean_loss = one_step, mean_loss
        self.compiled: Compiled | None = None
        self.buffers: Buffers
        self.validator: Validation | None
        self.block: EpochBlock | None = None
        self.graph: Value
        self.begun: tuple[int | None, float] | None = None
        # What is not nn's own may change anything, so the program is looked at again when it has been called.
        self.own_schedule = run.schedule is None or is_own_schedule(run.schedule)
        self.own_metrics = all(map(is_own_metric, run.metrics.values()))
        self.own_listeners = all(map(is_own_listener, run.listeners["on_epoch"]))
        run.has_borders = not (self.own_schedule and self.own_metrics and self.own_listeners)
        self.touched = False
        self.compile()

    def compile(self) -> None:
        """Find the program for this run, and make its arrays: again if something was called that is not nn's own.

        Raises:
            CannotCompile: with the reason.
        """
        run = self.run
        if run.listeners["on_step"]:
            raise CannotCompile("a callback wants to see every step")
        if run.schedule_unit == "step" and not self.own_schedule:
            raise CannotCompile("a schedule that is not one of nn.schedules wants to be asked before every step")
        if self.compiled is not None or run.listeners["on_start"]:
            # Since fit has looked at the model, other code has been called.
            run.own = known(run.model)
        self.touched = False
        compiled = program_for(run, self.compiled)
        before, self.compiled = self.compiled, compiled
        if before is not None:
            run.optimizer.take_loaded(run.parameters)
            if compiled.is_like(before):
                self.buffers.read()
                return
        buffers = Buffers.of(compiled.program, run.batch_size)
        buffers.begin(compiled.program, run.parameters, compiled.samples, run.optimizer, run.own)
        self.buffers = buffers
        code = compiled.program.code
        run.history.engine = code.engine
        self.validator = None
        if compiled.validation is not None:
            self.validator = Validation(
                code.forwards, self.buffers.parameters, compiled.validation, in_machine_code=code.engine == "native"
            )

    def epochs(self, report: Callable[[Event, int], None]) -> None:
        """All epochs of the run.

        Raises:
            CannotCompile: if something has changed, so that the rest has to be made node by node.
        """
        run = self.run
        is_watched = bool(run.listeners["on_epoch"] or run.validation is not None or run.names or run.has_borders)
        try:
            self.make_epochs(report, is_watched)
        finally:
            self.buffers.write()

    def make_epochs(self, report: Callable[[Event, int], None], is_watched: bool) -> None:
        """All epochs of the run; the parameters are written back after each one if somebody is going to look."""
        run, event, batches = self.run, self.run.event, self.buffers.batches
        together = 1 if is_watched else epochs_per_call(self.buffers.program.recording.tapes, batches)
        epoch = 1
        while epoch <= event.epochs:
            epochs = range(epoch, min(epoch + together, event.epochs + 1))
            keys = None if run.chance is None else [draw_key(run.chance) for _ in epochs]
            rates = self.rates(epochs, batches.per_epoch)
            if self.touched or not self.own_schedule:
                # Where the program does not hold any more, this epoch goes on node by node from here.
                self.begun = (None if keys is None else keys[0], rates[0])
                self.compile()
                self.begun = None
            block = EpochBlock(self.buffers, len(epochs) * batches.per_epoch, rates, keys)
            try:
                self.make(block, epoch)
            finally:
                if is_watched:
                    self.buffers.write()
                self.write_down(block, epochs)
            report(event, len(epochs))
            self.touched = self.touched or not self.own_listeners
            run.notify_or_stop("on_epoch")
            epoch += len(epochs)

    def rates(self, epochs: range, per_epoch: int) -> list[float]:
        """The learning rate of every step of some epochs, or the one for all."""
        run = self.run
        if run.schedule is None:
            return [run.learning_rate(0)]
        if run.schedule_unit == "epoch":
            return [rate for epoch in epochs for rate in [run.learning_rate(epoch - 1)] * per_epoch]
        return [run.learning_rate(run.event.step + k) for k in range(len(epochs) * per_epoch)]

    def make(self, block: EpochBlock, first_epoch: int) -> None:
        """Make some steps.  One that would not be finite is made node by node, for an error that says where."""
        event, before = self.run.event, self.block
        self.block = block
        while block.done < block.count:
            made = block.done
            try:
                block.run()
            finally:
                event.step += block.done - made
            k = block.done
            if k == block.count:
                return
            # Machine code leaves the gradients of the step that it could not make.
            block.rewind(k)
            block.buffers.write()
            if k:
                self.remember(block, k - 1)
            elif before is not None:
                self.remember(before, before.done - 1)
            event.epoch, event.lr = first_epoch + k // block.buffers.batches.per_epoch, block.rate_of(k)
            self.graph, outputs = self.one_step(self.run, block.samples_of(k))
            block.keep(self.graph.data, event.gradient_norm, [as_numbers(output) for output in outputs])

    def remember(self, block: EpochBlock, k: int) -> None:
        """Note how things stood before step ``k``, which is the way back behind it."""
        if k < block.snapshot[0]:
            # Made node by node, it has noted that itself.
            return
        run = self.run
        with self.back_at(block, k):
            data, rows = block.buffers.numbers(), block.buffers.rows()
        run.good_loss = float(block.losses[k])
        run.good_values = [parameter.data for parameter in run.parameters]
        for place, number in zip(block.buffers.program.recording.moved, data, strict=True):
            run.good_values[place] = number
        run.good_memory = run.optimizer.memory.copy()
        run.good_memory.leave(rows)

    def remember_last(self) -> None:
        """Note how things stood before the last step, if one has been made."""
        if self.block is not None:
            self.remember(self.block, self.block.done - 1)

    def graph_of(self, block: EpochBlock, k: int) -> Value:
        """The loss of step ``k``, node by node, with the gradients that were found there.

        The parameters themselves, its leaves, are those after the step, as node-by-node training leaves them.
        """
        parameters = self.run.parameters
        now = [(parameter.data, parameter.grad) for parameter in parameters]
        try:
            with self.back_at(block, k):
                for parameter, number in zip(block.buffers.moved, block.buffers.numbers(), strict=True):
                    parameter.data = number
            loss, _ = self.mean_loss(self.run, block.samples_of(k))
            loss.backward()
        finally:
            for parameter, (data, gradient) in zip(parameters, now, strict=True):
                parameter.data, parameter.grad = data, gradient
        return loss

    @contextmanager
    def back_at(self, block: EpochBlock, k: int) -> Iterator[None]:
        """The moment before step ``k`` once more; afterwards everything is as it was."""
        buffers = block.buffers
        now, done, before, written = buffers.memory.copy(), block.done, buffers.before, buffers.written
        try:
            block.rewind(k)
            yield
        finally:
            buffers.memory[:], block.done, buffers.before, buffers.written = now, done, before, written

    def write_down(self, block: EpochBlock, epochs: range) -> None:
        """Enter the epochs that are complete into the history."""
        run, event, per_epoch = self.run, self.run.event, block.buffers.batches.per_epoch
        losses, norms, rates = block.epochs()
        count = len(losses)
        if not count:
            return
        made_by_program = block.done > block.snapshot[0]
        event.last_loss = (lambda: self.graph_of(block, block.done - 1)) if made_by_program else self.graph
        if not (run.metrics or run.names or run.validation):
            run.history.add_many(epochs[:count], losses, rates, norms, run.record_every)
            event.epoch, event.loss = epochs[count - 1], float(losses[-1])
            event.lr, event.gradient_norm = rates[-1], float(norms[-1])
            return
        for i, (loss, norm, rate) in enumerate(zip(losses.tolist(), norms.tolist(), rates, strict=True)):
            event.epoch, event.loss, event.lr, event.gradient_norm = epochs[i], loss, rate, norm
            if run.metrics:
                first, last = i * per_epoch, (i + 1) * per_epoch
                samples = [sample for k in range(first, last) for sample in block.samples_of(k)]
                targets = [run.dataset.targets[sample] for sample in samples]
                event.metrics = measure(run.metrics, block.predictions_of(i), targets)
                self.touched = self.touched or not self.own_metrics
            if run.validation is not None:
                run.measure_validation(self.measured(), self.remember_last)
                self.touched = self.touched or not self.own_metrics
            run.write_epoch()

    def measured(self) -> tuple[list[float], list[Any]] | None:
        """The losses and the predictions on the validation data; None if they are to be computed node by node."""
        try:
            if self.touched:
                self.compile()
        except CannotCompile:
            # This epoch is written down first; the next one will find the same.
            self.validator, self.touched = None, True
        return None if self.validator is None else self.validator.measure()

    def close(self) -> None:
        """Leave the memory to the next run."""
        # Somebody else may have kept the event, and ask for the graph of the last step later on.
        if all(map(is_own_listener, chain(*self.run.listeners.values()))):
            self.buffers.close()
            # What refers to itself would stay until Python looks for such circles.
            self.run.compiled = self.run.event.last_loss = None
