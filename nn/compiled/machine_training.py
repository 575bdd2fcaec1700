"""A whole training run as one piece of machine code: forward, gradient and update, thousands of steps a call.

What is computed for a sample, and how a parameter is moved, are tapes; this file writes the loops
around them.  Several samples of a batch are computed side by side in one vector, and their gradients
are added up in memory.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.engines.native.llvm_text import LANES, Body, emit, emit_fixed, maximum, minimum
from autograd.engines.native.machine_code import compile_text, llvm, spread
from autograd.errors import AutogradError
from autograd.program.tape import Tape

__all__ = ["ALIGNMENT", "TooLong", "TrainingTapes", "compile_training", "padded"]

ALIGNMENT = 8 * LANES
"""Vectors begin at addresses that are multiples of this."""

LONGEST = 12_000
"""The longest text in lines that is compiled, which takes a few seconds: the time grows faster than the length."""

UNROLLED = 32
"""Up to so many parameters are moved one by one, more of them in vectors."""


class TooLong(AutogradError):
    """A tape is too long to become straight-line code in a time that anybody would wait."""


@dataclass(frozen=True)
class TrainingTapes:
    """What one step of a training run computes.

    Attributes:
        parameters, columns, predictions: how many numbers the model has, how many there are for each
            sample, and how many predictions of the model are to be kept.
        sample: from the parameters, a sample's columns and its weight in the batch: its loss, the
            derivatives of weight × loss by the parameters, and its predictions.
        penalty: from the parameters: a penalty, and its derivatives; or None.
        update: from a parameter, its gradient, its state, the number of the step and the learning rate:
            the new parameter and the new state.
        states: how many numbers an optimizer remembers about a parameter.
        clip_value, clip_norm: a limit for each gradient, and then one for the length of all together.
    """

    parameters: int
    columns: int
    predictions: int
    sample: Tape
    penalty: Tape | None
    update: Tape
    states: int
    clip_value: float | None = None
    clip_norm: float | None = None

    @property
    def instructions(self) -> int:
        penalty = 0 if self.penalty is None else len(self.penalty.instructions)
        updates = min(self.parameters, UNROLLED) * len(self.update.instructions)
        return len(self.sample.instructions) + penalty + updates


def padded(count: int) -> int:
    """The next multiple of a vector's length."""
    return -(-count // LANES) * LANES


def compile_training(tapes: TrainingTapes, one_by_one: bool) -> Any:
    """The function ``train(...)``, which makes steps until one would not be finite.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        TooLong: if it would have to be compiled for long.

    Args:
        one_by_one: True if every batch is a single sample.

    Its arguments are these, all but the whole numbers being addresses of arrays of float64, or of int64
    where that is said:
        parameters, states: what is learned, and one row for each number of the optimizer's state;
        gradients: where the last step's gradients are put.  Such rows are padded to whole vectors;
        columns, stride: the samples, one row for each of their numbers, and the length of a row;
        written: how many samples are in such a row; after the last one the first one comes again;
        samples, size: how many samples an epoch has, and how many a step takes of them, or what is left;
        place: how many samples come before the first step's, counted from the beginning of an epoch;
        rates, rate_stride: the learning rate of each step, and how far apart they are; 0 if it is always the same;
        before, steps: how many steps have been made earlier, and how many are to be made now;
        losses, norms: where each step's loss and the length of its gradient are put;
        predictions, prediction_stride: where the predictions are put, one row for each output, from
            ``place`` on;
        made (int64): where the number of steps is put.  It is less than ``steps`` if the next one would not
            have been finite; then nothing of that one has been kept.
    """
    llvm()
    writer = Writer(tapes, one_by_one)
    text = writer.write()
    if text.count("\n") > LONGEST:
        raise TooLong(f"the training step has {text.count(chr(10)):,} lines of machine code, too many to compile")
    code = compile_text([text], writer.bodies, tapes.instructions)
    pointer, integer = ctypes.c_void_p, ctypes.c_int64
    return code.function(
        "train", None,
        pointer, pointer, pointer, pointer, integer, integer, integer, integer, integer, pointer, integer, integer,
        integer, pointer, pointer, pointer, integer, pointer,
    )  # fmt: skip


class Writer:
    """Writes the function block by block."""

    def __init__(self, tapes: TrainingTapes, one_by_one: bool) -> None:
        self.tapes = tapes
        self.one_by_one = one_by_one
        self.count = tapes.parameters
        self.row = padded(tapes.parameters)
        self.bodies: list[Body] = []
        self.lines: list[str] = []

    def body(self, width: int, prefix: str) -> Body:
        made = Body(width, prefix, fused=True)
        self.bodies.append(made)
        return made

    def write(self) -> str:
        self.lines = [
            "define void @train(ptr noalias %parameters, ptr noalias %states, ptr noalias %gradients,",
            "    ptr noalias %columns, i64 %stride, i64 %written, i64 %samples, i64 %size, i64 %place,",
            "    ptr noalias %rates, i64 %rate_stride, i64 %before, i64 %steps, ptr noalias %losses,",
            "    ptr noalias %norms, ptr noalias %predictions, i64 %prediction_stride, ptr noalias %made_place) {",
            "entry:",
            f"  %moved = alloca [{self.row * (1 + self.tapes.states)} x double], align {ALIGNMENT}",
            f"  %sums = alloca [{self.row} x <{LANES} x double>], align {ALIGNMENT}",
            f"  call void @llvm.memset.p0.i64(ptr %gradients, i8 0, i64 {self.row * 8}, i1 false)",
            f"  call void @llvm.memset.p0.i64(ptr %sums, i8 0, i64 {self.row * LANES * 8}, i1 false)",
            "  %first_start = srem i64 %place, %written",
            "  %first_within = srem i64 %place, %samples",
            "  br label %step",
            "step:",
            "  %k = phi i64 [ 0, %entry ], [ %k_next, %commit_end ]",
            # The step's first sample: among all predictions, in the columns, and in its epoch.
            "  %mark = phi i64 [ %place, %entry ], [ %mark_next, %commit_end ]",
            "  %start = phi i64 [ %first_start, %entry ], [ %start_next, %commit_end ]",
            "  %within = phi i64 [ %first_within, %entry ], [ %within_next, %commit_end ]",
            "  %k_more = icmp slt i64 %k, %steps",
            "  br i1 %k_more, label %begin, label %done",
            "begin:",
            "  %left = sub i64 %samples, %within",
            "  %is_last = icmp sle i64 %left, %size",
            "  %count = select i1 %is_last, i64 %left, i64 %size",
            "  %mark_next = add i64 %mark, %count",
            "  %start_after = add i64 %start, %count",
            "  %is_end = icmp eq i64 %start_after, %written",
            "  %start_next = select i1 %is_end, i64 0, i64 %start_after",
            "  %within_after = add i64 %within, %count",
            "  %within_next = select i1 %is_last, i64 0, i64 %within_after",
            "  %rate_at = mul i64 %k, %rate_stride",
            "  %rate_place = getelementptr double, ptr %rates, i64 %rate_at",
            "  %rate = load double, ptr %rate_place, align 8",
            "  %k_next = add i64 %k, 1",
            "  %number_whole = add i64 %before, %k_next",
            "  %number = sitofp i64 %number_whole to double",
        ]
        loss = self.write_sample() if self.one_by_one else self.write_batch()
        if self.tapes.penalty is not None:
            loss = self.write_penalty(loss)
        if self.count <= UNROLLED:
            self.write_single_updates(loss)
        else:
            self.write_vector_updates(loss)
        self.lines += ["done:", "  store i64 %k, ptr %made_place, align 8", "  ret void", "}"]
        memset = "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)"
        memcpy = "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"
        reduce = f"declare double @llvm.vector.reduce.fadd.v{LANES}f64(double, <{LANES} x double>)"
        root = "declare double @llvm.sqrt.f64(double)" if self.needs_root else ""
        return "\n".join([memset, memcpy, reduce, root, *self.lines])

    @property
    def needs_root(self) -> bool:
        """True unless a tape has declared the square root already."""
        return not any("llvm.sqrt.f64" in body.functions for body in self.bodies)

    # forward and backward

    def write_sample(self) -> str:
        """One sample; its gradients go into the array ``gradients``."""
        body = self.body(1, "s")
        inputs = self.load_parameters(body)
        for c in range(self.tapes.columns):
            inputs.append(self.load_column(body, c, "%start"))
        inputs.append(body.constant(1.0))
        loss, gradients, predictions = self.split(emit(body, self.tapes.sample, inputs))
        for j, gradient in enumerate(gradients):
            body.lines.append(f"  store double {gradient}, ptr {self.place(body, 'gradients', j)}, align 8")
        self.store_predictions(body, predictions, "%mark")
        self.lines += body.lines
        return loss

    def write_batch(self) -> str:
        """The samples of a batch, LANES at a time; the sums of their gradients go into ``gradients``."""
        wide = f"<{LANES} x double>"
        lanes = "<" + ", ".join(f"i64 {i}" for i in range(LANES)) + ">"
        body = self.body(LANES, "b")
        inputs = [spread(body, single) for single in self.load_parameters(body)]
        for c in range(self.tapes.columns):
            inputs.append(self.load_column(body, c, "%sample"))
        inputs.append("%weight")
        loss, gradients, predictions = self.split(emit(body, self.tapes.sample, inputs))
        self.store_predictions(body, predictions, "%position")
        self.lines += [
            "  %count_number = sitofp i64 %count to double",
            "  %share = fdiv double 1.0, %count_number",
            f"  %share_one = insertelement {wide} poison, double %share, i64 0",
            f"  %shares = shufflevector {wide} %share_one, {wide} poison, <{LANES} x i32> zeroinitializer",
            f"  %count_one = insertelement <{LANES} x i64> poison, i64 %count, i64 0",
            f"  %count_all = shufflevector <{LANES} x i64> %count_one, <{LANES} x i64> poison, "
            f"<{LANES} x i32> zeroinitializer",
            "  br label %group",
            "group:",
            "  %at = phi i64 [ 0, %begin ], [ %at_next, %group ]",
            f"  %loss_sum = phi {wide} [ zeroinitializer, %begin ], [ %loss_next, %group ]",
            "  %sample = add i64 %start, %at",
            "  %position = add i64 %mark, %at",
            # Behind the end of the batch, samples have the weight 0.
            f"  %at_one = insertelement <{LANES} x i64> poison, i64 %at, i64 0",
            f"  %at_all = shufflevector <{LANES} x i64> %at_one, <{LANES} x i64> poison, "
            f"<{LANES} x i32> zeroinitializer",
            f"  %lane = add <{LANES} x i64> %at_all, {lanes}",
            f"  %inside = icmp slt <{LANES} x i64> %lane, %count_all",
            f"  %weight = select <{LANES} x i1> %inside, {wide} %shares, {wide} zeroinitializer",
            *body.lines,
            f"  %loss_weighted = fmul {wide} {loss}, %weight",
            f"  %loss_next = fadd {wide} %loss_sum, %loss_weighted",
        ]
        sums = self.body(LANES, "a")
        for j, gradient in enumerate(gradients):
            place = sums.new(f"getelementptr {wide}, ptr %sums, i64 {j}")
            before = sums.new(f"load {wide}, ptr {place}, align {ALIGNMENT}")
            sums.lines.append(
                f"  store {wide} {sums.binary('fadd', before, gradient)}, ptr {place}, align {ALIGNMENT}"
            )
        self.lines += [
            *sums.lines,
            f"  %at_next = add i64 %at, {LANES}",
            "  %at_more = icmp slt i64 %at_next, %count",
            "  br i1 %at_more, label %group, label %across",
            "across:",
        ]
        self.write_sums_across()
        self.lines.append(f"  %loss_batch = {self.across_lanes('%loss_next')}")
        return "%loss_batch"

    def across_lanes(self, vector: str) -> str:
        """The instruction that adds up the lanes of a vector."""
        wide = f"<{LANES} x double>"
        return f"call reassoc double @llvm.vector.reduce.fadd.v{LANES}f64(double 0.0, {wide} {vector})"

    def write_sums_across(self) -> None:
        """Add up the lanes of each sum, for as many parameters at a time as a vector has lanes."""
        wide = f"<{LANES} x double>"
        body = self.body(LANES, "h")
        parts = []
        for j in range(LANES):
            place = body.new(f"getelementptr {wide}, ptr %sums, i64 %j")
            place = body.new(f"getelementptr {wide}, ptr {place}, i64 {j}")
            parts.append(body.new(f"load {wide}, ptr {place}, align {ALIGNMENT}"))
            body.lines.append(f"  store {wide} zeroinitializer, ptr {place}, align {ALIGNMENT}")
        # Pairs of vectors become one, whose lanes are sums of neighbours; three times, and one vector is left.
        distance = 1
        while len(parts) > 1:
            low = [i for i in range(2 * LANES) if not (i % LANES) & distance]
            first = [i for i in low if i < LANES]
            left, right = [], []
            for i in range(LANES):
                source = first[(i // (2 * distance)) * distance + i % distance]
                other = LANES if i & distance else 0
                left.append(source + other)
                right.append(source + distance + other)
            parts = [
                body.binary("fadd", shuffled(body, x, y, left), shuffled(body, x, y, right))
                for x, y in zip(parts[::2], parts[1::2], strict=True)
            ]
            distance *= 2
        place = self.place(body, "gradients", "%j")
        body.lines.append(f"  store {wide} {parts[0]}, ptr {place}, align {ALIGNMENT}")
        self.loop("across", "j", self.row, LANES, body.lines)

    def write_penalty(self, loss: str) -> str:
        body = self.body(1, "p")
        assert self.tapes.penalty is not None
        penalty, *gradients = emit(body, self.tapes.penalty, self.load_parameters(body))
        for j, gradient in enumerate(gradients):
            place = self.place(body, "gradients", j)
            before = body.new(f"load double, ptr {place}, align 8")
            body.lines.append(f"  store double {body.binary('fadd', before, gradient)}, ptr {place}, align 8")
        with_penalty = body.binary("fadd", loss, penalty)
        self.lines += body.lines
        return with_penalty

    # update

    def write_single_updates(self, loss: str) -> None:
        """Move a few parameters, each with its own instructions."""
        body = self.body(1, "u")
        places = [self.place(body, "gradients", j) for j in range(self.count)]
        gradients = [body.new(f"load double, ptr {place}, align 8") for place in places]
        norm = self.length(body, gradients)
        gradients = [self.within_limit(body, g) for g in gradients]
        if self.tapes.clip_norm is not None:
            factor = self.shortening(body, norm if self.tapes.clip_value is None else self.length(body, gradients))
            gradients = [body.binary("fmul", g, factor) for g in gradients]
        doubts = [body.binary("fsub", x, x) for x in (loss, norm)]
        results: list[tuple[str, str]] = []
        fixed = self.fixed_steps(body)
        for j, gradient in enumerate(gradients):
            parameter_place = self.place(body, "parameters", j)
            state_places = [self.place(body, "states", s * self.row + j) for s in range(self.tapes.states)]
            old = [body.new(f"load double, ptr {place}, align 8") for place in (parameter_place, *state_places)]
            inputs = [old[0], gradient, *old[1:], "%number", "%rate"]
            new = emit(body, self.tapes.update, inputs, fixed)
            # What an update leaves as it is (the velocity of plain gradient descent) needs no storing.
            to = (parameter_place, *state_places)
            results += [row[:2] for row in zip(to, new, old, strict=True) if row[1] != row[2]]
        doubts += [body.binary("fsub", x, x) for _, x in results]
        self.lines += body.lines
        after = self.body(1, "c")
        self.write_check(after, added_up(after, doubts), loss, norm)
        self.lines += [f"  store double {new}, ptr {place}, align 8" for place, new in results]
        self.lines += ["  br label %commit_end", "commit_end:", "  br label %step"]

    def write_vector_updates(self, loss: str) -> None:
        """Move many parameters, LANES at a time; the new numbers are kept apart until all
        are known to be finite.
        """
        wide = f"<{LANES} x double>"
        norm = self.write_length("norm", lambda body, gradient: gradient)
        both = self.tapes.clip_value is not None and self.tapes.clip_norm is not None
        used = self.write_length("clipped", self.within_limit) if both else norm
        scalar = self.body(1, "n")
        factor = "" if self.tapes.clip_norm is None else self.shortening(scalar, used)
        fixed = self.fixed_steps(scalar)
        self.lines += scalar.lines
        body = self.body(LANES, "u")
        gradient = body.new(f"load {wide}, ptr {self.place(body, 'gradients', '%m')}, align {ALIGNMENT}")
        gradient = self.within_limit(body, gradient)
        if factor:
            gradient = body.binary("fmul", gradient, spread(body, factor))
        places = [self.place(body, "parameters", "%m")]
        for s in range(self.tapes.states):
            at = body.new(f"add i64 %m, {s * self.row}")
            places.append(self.place(body, "states", at))
        old = [body.new(f"load {wide}, ptr {place}, align 8") for place in places]
        everywhere = {slot: spread(body, name) for slot, name in fixed.items()}
        number, rate = (everywhere[len(self.tapes.update.inputs) + i] for i in (-2, -1))
        new = emit(body, self.tapes.update, [old[0], gradient, *old[1:], number, rate], everywhere)
        doubt = "%doubt"
        for s, x in enumerate(new):
            at = body.new(f"add i64 %m, {s * self.row}")
            body.lines.append(f"  store {wide} {x}, ptr {self.place(body, 'moved', at)}, align {ALIGNMENT}")
            doubt = body.binary("fadd", doubt, body.binary("fsub", x, x))
        body.lines.append(f"  %doubt_next = fadd {wide} {doubt}, zeroinitializer")
        self.loop("move", "m", self.row, LANES, body.lines, carried=("doubt", wide, "zeroinitializer"))
        after = self.body(1, "c")
        # What lies behind the last parameter is padding: a rule that gives nan for zeros must not stop the run.
        doubts = after.new(self.across_lanes("%doubt_next"))
        doubts = added_up(after, [doubts, *[after.binary("fsub", x, x) for x in (loss, norm)]])
        self.write_check(after, doubts, loss, norm)
        size = self.row * 8
        self.lines += [
            f"  call void @llvm.memcpy.p0.p0.i64(ptr %parameters, ptr %moved, i64 {size}, i1 false)",
            f"  %moved_states = getelementptr double, ptr %moved, i64 {self.row}",
            f"  call void @llvm.memcpy.p0.p0.i64(ptr %states, ptr %moved_states, i64 {size * self.tapes.states}, "
            "i1 false)",
            "  br label %commit_end",
            "commit_end:",
            "  br label %step",
        ]

    def write_length(self, name: str, change: Callable[[Body, str], str]) -> str:
        """The length of all gradients together, after something has been done to each."""
        wide = f"<{LANES} x double>"
        body = self.body(LANES, f"{name}_")
        gradient = body.new(f"load {wide}, ptr {self.place(body, 'gradients', f'%{name}_i')}, align {ALIGNMENT}")
        gradient = change(body, gradient)
        square = body.binary("fmul", gradient, gradient)
        body.lines.append(f"  %{name}_squares_next = fadd {wide} %{name}_squares, {square}")
        carried = (f"{name}_squares", wide, "zeroinitializer")
        self.loop(name, f"{name}_i", self.row, LANES, body.lines, carried)
        scalar = self.body(1, f"{name}_root")
        norm = self.root(scalar, scalar.new(self.across_lanes(f"%{name}_squares_next")))
        self.lines += scalar.lines
        return norm

    def fixed_steps(self, body: Body) -> dict[int, str]:
        """What an update computes from the step's number and the learning rate alone, once for all parameters."""
        inputs = len(self.tapes.update.inputs)
        return emit_fixed(body, self.tapes.update, {inputs - 2: "%number", inputs - 1: "%rate"})

    def write_check(self, body: Body, doubt: str, loss: str, norm: str) -> None:
        """Only if every number of the step is finite (x - x is 0 then, and nan else) does it count."""
        self.lines += [
            *body.lines,
            f"  %finite = fcmp oeq double {doubt}, 0.0",
            "  br label %check",
            "check:",
            "  br i1 %finite, label %commit, label %done",
            "commit:",
            "  %loss_place = getelementptr double, ptr %losses, i64 %k",
            f"  store double {loss}, ptr %loss_place, align 8",
            "  %norm_place = getelementptr double, ptr %norms, i64 %k",
            f"  store double {norm}, ptr %norm_place, align 8",
        ]

    # small parts

    def split(self, outputs: list[str]) -> tuple[str, list[str], list[str]]:
        """The outputs of a sample's tape: its loss, the gradients, the predictions."""
        return outputs[0], outputs[1 : self.count + 1], outputs[self.count + 1 :]

    def store_predictions(self, body: Body, predictions: list[str], position: str) -> None:
        for row, prediction in enumerate(predictions):
            offset = body.new(f"mul i64 %prediction_stride, {row}")
            at = body.new(f"add i64 {offset}, {position}")
            body.lines.append(
                f"  store {body.type} {prediction}, ptr {self.place(body, 'predictions', at)}, align 8"
            )

    def load_parameters(self, body: Body) -> list[str]:
        return [
            body.new(f"load double, ptr {self.place(body, 'parameters', j)}, align 8") for j in range(self.count)
        ]

    def load_column(self, body: Body, c: int, sample: str) -> str:
        offset = body.new(f"mul i64 %stride, {c}")
        at = body.new(f"add i64 {offset}, {sample}")
        return body.new(f"load {body.type}, ptr {self.place(body, 'columns', at)}, align 8")

    def place(self, body: Body, array: str, at: int | str) -> str:
        return body.new(f"getelementptr double, ptr %{array}, i64 {at}")

    def root(self, body: Body, x: str) -> str:
        return body.new(f"call double @llvm.sqrt.f64(double {x})")

    def length(self, body: Body, gradients: list[str]) -> str:
        return self.root(body, added_up(body, [body.binary("fmul", g, g) for g in gradients]))

    def shortening(self, body: Body, norm: str) -> str:
        """The factor that brings a gradient of this length within the limit for all together."""
        assert self.tapes.clip_norm is not None
        longer = body.binary("fadd", norm, body.constant(1e-6))
        factor = body.binary("fdiv", body.constant(self.tapes.clip_norm), longer)
        return minimum(body, factor, body.constant(1.0))

    def within_limit(self, body: Body, gradient: str) -> str:
        """A gradient within its own limit, if there is one."""
        if self.tapes.clip_value is None:
            return gradient
        limit = self.tapes.clip_value
        return maximum(body, minimum(body, gradient, body.constant(limit)), body.constant(-limit))

    def loop(
        self,
        name: str,
        i: str,
        end: int,
        stride: int,
        lines: Sequence[str],
        carried: tuple[str, str, str] | None = None,
    ) -> None:
        """``for i in range(0, end, stride)`` around some lines, with one number carried along if there is one."""
        self.lines += [f"  br label %{name}_before", f"{name}_before:", f"  br label %{name}_loop", f"{name}_loop:"]
        self.lines.append(f"  %{i} = phi i64 [ 0, %{name}_before ], [ %{i}_next, %{name}_loop ]")
        if carried is not None:
            what, kind, begin = carried
            self.lines.append(f"  %{what} = phi {kind} [ {begin}, %{name}_before ], [ %{what}_next, %{name}_loop ]")
        self.lines += [
            *lines,
            f"  %{i}_next = add i64 %{i}, {stride}",
            f"  %{i}_more = icmp slt i64 %{i}_next, {end}",
            f"  br i1 %{i}_more, label %{name}_loop, label %{name}_after",
            f"{name}_after:",
        ]


def shuffled(body: Body, x: str, y: str, lanes: Sequence[int]) -> str:
    mask = ", ".join(f"i32 {lane}" for lane in lanes)
    return body.new(f"shufflevector {body.type} {x}, {body.type} {y}, <{len(lanes)} x i32> <{mask}>")


def added_up(body: Body, numbers: list[str]) -> str:
    """A sum in pairs, which a processor can compute side by side."""
    while len(numbers) > 1:
        rest = [numbers[-1]] if len(numbers) % 2 else []
        numbers = [body.binary("fadd", x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=False)] + rest
    return numbers[0]
