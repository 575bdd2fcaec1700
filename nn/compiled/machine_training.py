"""A whole training run of a small model as one piece of machine code of its own, thousands of steps a call.

Its numbers stay in the processor's registers, which a table of rows (``nn.compiled.table``) cannot do.  What is
computed for a sample, and how a parameter is moved, are tapes; this file writes the loops around them.  Several
samples of a batch are computed side by side in one vector, and their gradients are added up in memory.
"""

from __future__ import annotations

import ctypes
from typing import Any

from autograd.engines.native.atoms import emit
from autograd.engines.native.llvm_text import LANES, Body, loop, neighbours, shuffled, spread, sum_of_lanes
from autograd.engines.native.machine_code import compile_text, llvm
from nn.compiled.machine_update import ALIGNMENT, WIDE, UpdateWriter
from nn.compiled.tapes import TrainingTapes

SHORT = 200
"""Straight-line code is made of no more steps for a sample: tables of rows are nearly as fast from here on."""

FEW_PARAMETERS = 32
"""Straight-line code moves no more parameters, because it moves them one by one."""


def is_small(tapes: TrainingTapes) -> bool:
    """Whether a model is so small that straight-line code is worth the time that it takes to compile."""
    return tapes.has_one_form and tapes.longest <= SHORT and tapes.parameters <= FEW_PARAMETERS


class Job(ctypes.Structure):
    """What the function is called with: whole numbers, and addresses of arrays of float64.

    Fields:
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
        made (an array of int64): where the number of steps is put.  It is less than ``steps`` if the next one would
            not have been finite; then nothing of that one has been kept.
    """

    _fields_ = [
        (name, ctypes.c_void_p if is_address else ctypes.c_int64)
        for is_address, names in (
            (True, "parameters states gradients columns rates losses norms predictions made"),
            (False, "stride written samples size place rate_stride before steps prediction_stride"),
        )
        for name in names.split()
    ]


def compile_training(tapes: TrainingTapes, one_by_one: bool) -> Any:
    """The function ``train(job)``, which makes steps until one would not be finite.

    Args:
        one_by_one: True if every batch is a single sample.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
    """
    llvm()
    writer = TrainingWriter(tapes, one_by_one)
    code = compile_text([writer.write()], writer.bodies, tapes.instructions)
    return code.function("train", None, ctypes.POINTER(Job))


def write_entry() -> list[str]:
    """The function that is called takes the job apart: of arguments LLVM knows that no two arrays overlap."""
    loads, given, arguments = Body(), [], []
    for name, kind, *_ in Job._fields_:
        of_llvm = "ptr" if kind is ctypes.c_void_p else "i64"
        given.append(f"{of_llvm} {loads.load('%job', getattr(Job, name).offset, of_llvm, each='i8')}")
        arguments.append(f"ptr noalias %{name}" if of_llvm == "ptr" else f"i64 %{name}")
    return [
        "define void @train(ptr %job) {",
        *loads.lines,
        f"  call void @make_steps({', '.join(given)})",
        "  ret void",
        "}",
        f"define internal void @make_steps({', '.join(arguments)}) noinline {{",
    ]


class TrainingWriter(UpdateWriter):
    """Writes the function block by block."""

    def __init__(self, tapes: TrainingTapes, one_by_one: bool) -> None:
        super().__init__(tapes)
        self.one_by_one = one_by_one

    def write(self) -> str:
        self.lines = [
            "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
            "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
            *write_entry(),
            "entry:",
            f"  %sums = alloca [{self.row} x {WIDE}], align {ALIGNMENT}",
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
        self.write_update(loss)
        self.lines += ["done:", "  store i64 %k, ptr %made, align 8", "  ret void", "}"]
        return "\n".join(self.lines)

    def write_sample(self) -> str:
        """One sample; its gradients go into the array ``gradients``."""
        body = self.body(1, "s")
        inputs = [*self.load_parameters(body), *self.load_columns(body, "%start"), body.constant(1.0)]
        loss, gradients, predictions = self.split(emit(body, self.tapes.sample.tape, inputs))
        for j, gradient in enumerate(gradients):
            body.store(gradient, "%gradients", j)
        self.store_predictions(body, predictions, "%mark")
        self.lines += body.lines
        return loss

    def write_batch(self) -> str:
        """The samples of a batch, LANES at a time; the sums of their gradients go into ``gradients``."""
        lanes = "<" + ", ".join(f"i64 {i}" for i in range(LANES)) + ">"
        outside, body = self.body(LANES, "o"), self.body(LANES, "b")
        shares, counts = spread(outside, "%share"), spread(outside, "%count", "i64")
        inputs = [spread(body, single) for single in self.load_parameters(body)]
        # Behind the end of the batch, samples have the weight 0.
        lane = body.new(f"add <{LANES} x i64> {spread(body, '%at', 'i64')}, {lanes}")
        inside = body.new(f"icmp slt <{LANES} x i64> {lane}, {counts}")
        weight = body.select(inside, shares, body.constant(0.0))
        inputs += [*self.load_columns(body, "%sample"), weight]
        loss, gradients, predictions = self.split(emit(body, self.tapes.sample.tape, inputs))
        self.store_predictions(body, predictions, "%position")
        self.lines += [
            "  %count_number = sitofp i64 %count to double",
            "  %share = fdiv double 1.0, %count_number",
            *outside.lines,
            "  br label %group",
            "group:",
            "  %at = phi i64 [ 0, %begin ], [ %at_next, %group ]",
            f"  %loss_sum = phi {WIDE} [ zeroinitializer, %begin ], [ %loss_next, %group ]",
            "  %sample = add i64 %start, %at",
            "  %position = add i64 %mark, %at",
            *body.lines,
            f"  %loss_weighted = fmul {WIDE} {loss}, {weight}",
            f"  %loss_next = fadd {WIDE} %loss_sum, %loss_weighted",
        ]
        sums = self.body(LANES, "a")
        for j, gradient in enumerate(gradients):
            before = sums.load("%sums", j, each=WIDE, align=ALIGNMENT)
            sums.store(sums.binary("fadd", before, gradient), "%sums", j, each=WIDE, align=ALIGNMENT)
        self.lines += [
            *sums.lines,
            f"  %at_next = add i64 %at, {LANES}",
            "  %at_more = icmp slt i64 %at_next, %count",
            "  br i1 %at_more, label %group, label %across",
            "across:",
        ]
        self.write_sums_across()
        scalar = self.body(1, "l")
        batch_loss = sum_of_lanes(scalar, "%loss_next")
        self.lines += scalar.lines
        return batch_loss

    def write_sums_across(self) -> None:
        """Add up the lanes of each sum, for as many parameters at a time as a vector has lanes."""
        body = self.body(LANES, "h")
        parts = []
        for j in range(LANES):
            row = body.new(f"add i64 %j, {j}")
            parts.append(body.load("%sums", row, each=WIDE, align=ALIGNMENT))
            body.store("zeroinitializer", "%sums", row, each=WIDE, align=ALIGNMENT)
        # Pairs of vectors become one, whose lanes are sums of neighbours; three times, and one vector is left.
        distance = 1
        while len(parts) > 1:
            left, right = neighbours(LANES, distance)
            parts = [
                body.binary("fadd", shuffled(body, x, y, left), shuffled(body, x, y, right))
                for x, y in zip(parts[::2], parts[1::2], strict=True)
            ]
            distance *= 2
        body.store(parts[0], "%gradients", "%j", align=ALIGNMENT)
        self.lines += loop("across", "j", self.row, LANES, body.lines)

    def write_penalty(self, loss: str) -> str:
        body = self.body(1, "p")
        assert self.tapes.penalty is not None
        penalty, *gradients = emit(body, self.tapes.penalty, [*self.load_parameters(body), body.constant(1.0)])
        for j, gradient in enumerate(gradients):
            body.store(body.binary("fadd", body.load("%gradients", j), gradient), "%gradients", j)
        with_penalty = body.binary("fadd", loss, penalty)
        self.lines += body.lines
        return with_penalty

    def split(self, outputs: list[str]) -> tuple[str, list[str], list[str]]:
        """The outputs of a sample's tape: its loss, the gradients, the predictions."""
        return outputs[0], outputs[1 : self.count + 1], outputs[self.count + 1 :]

    def store_predictions(self, body: Body, predictions: list[str], position: str) -> None:
        for row, prediction in enumerate(predictions):
            offset = body.new(f"mul i64 %prediction_stride, {row}")
            body.store(prediction, "%predictions", body.new(f"add i64 {offset}, {position}"))

    def load_parameters(self, body: Body) -> list[str]:
        return [body.load("%parameters", j, "double") for j in range(self.count)]

    def load_columns(self, body: Body, sample: str) -> list[str]:
        """The numbers of a sample, or of as many as the body is wide."""
        offsets = [body.new(f"mul i64 %stride, {c}") for c in range(self.tapes.sample.columns)]
        return [body.load("%columns", body.new(f"add i64 {offset}, {sample}")) for offset in offsets]
