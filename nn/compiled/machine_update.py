"""The end of a training step in machine code: the gradients clipped, the parameters moved, the numbers looked at.

What is new counts only if every number of the step is finite; until that is known it is kept apart.
"""

from __future__ import annotations

from collections.abc import Callable

from autograd.engines.native.llvm_text import (
    LANES,
    Body,
    added_up,
    emit,
    emit_fixed,
    loop,
    maximum,
    minimum,
    spread,
    sum_of_lanes,
)
from nn.compiled.tapes import UNROLLED, TrainingTapes

ALIGNMENT = 8 * LANES
"""Vectors begin at addresses that are multiples of this."""

WIDE = f"<{LANES} x double>"
"""The type of a vector."""


def padded(count: int) -> int:
    """The next multiple of a vector's length."""
    return -(-count // LANES) * LANES


class UpdateWriter:
    """Writes the part of the function that follows on a step's loss and gradients.

    It finds them as the number ``loss`` and in the array ``%gradients``; ``%number`` and ``%rate`` are the step's
    number and its learning rate.
    """

    def __init__(self, tapes: TrainingTapes) -> None:
        self.tapes = tapes
        self.count = tapes.parameters
        self.row = padded(tapes.parameters)
        self.bodies: list[Body] = []
        self.lines: list[str] = []

    def body(self, width: int, prefix: str) -> Body:
        made = Body(width, prefix, fused=True)
        self.bodies.append(made)
        return made

    def write_update(self, loss: str) -> None:
        if self.count <= UNROLLED:
            self.write_single_updates(loss)
        else:
            self.write_vector_updates(loss)
        self.lines += ["  br label %commit_end", "commit_end:", "  br label %step"]

    def write_single_updates(self, loss: str) -> None:
        """Move a few parameters, each with its own instructions."""
        body = self.body(1, "u")
        gradients = [body.load("%gradients", j) for j in range(self.count)]
        norm = self.length(body, gradients)
        gradients = [self.within_limit(body, gradient) for gradient in gradients]
        if self.tapes.clip_norm is not None:
            factor = self.shortening(body, norm if self.tapes.clip_value is None else self.length(body, gradients))
            gradients = [body.binary("fmul", gradient, factor) for gradient in gradients]
        doubts = [loss, norm]
        results: list[tuple[str, str, int]] = []
        fixed = self.fixed_steps(body)
        for j, gradient in enumerate(gradients):
            places = [("%parameters", j)] + [("%states", s * self.row + j) for s in range(self.tapes.states)]
            old = [body.load(*place) for place in places]
            new = emit(body, self.tapes.update, [old[0], gradient, *old[1:], "%number", "%rate"], fixed)
            # What an update leaves as it is (the velocity of plain gradient descent) needs no storing.
            results += [(x, *place) for x, place, before in zip(new, places, old, strict=True) if x != before]
        doubts += [x for x, _, _ in results]
        doubts = [body.binary("fsub", x, x) for x in doubts]
        self.lines += body.lines
        after = self.body(1, "c")
        self.write_check(after, added_up(after, doubts), loss, norm)
        storing = self.body(1, "w")
        for x, array, at in results:
            storing.store(x, array, at)
        self.lines += storing.lines

    def write_vector_updates(self, loss: str) -> None:
        """Move many parameters, LANES at a time."""
        norm = self.write_length("norm", lambda body, gradient: gradient)
        both = self.tapes.clip_value is not None and self.tapes.clip_norm is not None
        used = self.write_length("clipped", self.within_limit) if both else norm
        scalar = self.body(1, "n")
        factor = "" if self.tapes.clip_norm is None else self.shortening(scalar, used)
        fixed = self.fixed_steps(scalar)
        self.lines += scalar.lines
        body = self.body(LANES, "u")
        gradient = self.within_limit(body, body.load("%gradients", "%m", align=ALIGNMENT))
        if factor:
            gradient = body.binary("fmul", gradient, spread(body, factor))
        rows = [body.new(f"add i64 %m, {s * self.row}") for s in range(self.tapes.states + 1)]
        old = [body.load("%parameters", "%m"), *[body.load("%states", row) for row in rows[:-1]]]
        everywhere = {slot: spread(body, name) for slot, name in fixed.items()}
        number, rate = (everywhere[len(self.tapes.update.inputs) + i] for i in (-2, -1))
        new = emit(body, self.tapes.update, [old[0], gradient, *old[1:], number, rate], everywhere)
        doubt = "%doubt"
        for row, x in zip(rows, new, strict=True):
            body.store(x, "%moved", row, align=ALIGNMENT)
            doubt = body.binary("fadd", doubt, body.binary("fsub", x, x))
        body.lines.append(f"  %doubt_next = fadd {WIDE} {doubt}, zeroinitializer")
        self.lines += loop("move", "m", self.row, LANES, body.lines, ("doubt", WIDE, "zeroinitializer"))
        after = self.body(1, "c")
        # What lies behind the last parameter is padding: a rule that gives nan for zeros must not stop the run.
        doubts = [sum_of_lanes(after, "%doubt_next"), *[after.binary("fsub", x, x) for x in (loss, norm)]]
        self.write_check(after, added_up(after, doubts), loss, norm)
        size = self.row * 8
        copy = "  call void @llvm.memcpy.p0.p0.i64"
        self.lines += [
            f"{copy}(ptr %parameters, ptr %moved, i64 {size}, i1 false)",
            f"  %moved_states = getelementptr double, ptr %moved, i64 {self.row}",
            f"{copy}(ptr %states, ptr %moved_states, i64 {size * self.tapes.states}, i1 false)",
        ]

    def write_length(self, name: str, change: Callable[[Body, str], str]) -> str:
        """The length of all gradients together, after something has been done to each."""
        body = self.body(LANES, f"{name}_")
        gradient = change(body, body.load("%gradients", f"%{name}_i", align=ALIGNMENT))
        square = body.binary("fmul", gradient, gradient)
        body.lines.append(f"  %{name}_squares_next = fadd {WIDE} %{name}_squares, {square}")
        carried = (f"{name}_squares", WIDE, "zeroinitializer")
        self.lines += loop(name, f"{name}_i", self.row, LANES, body.lines, carried)
        scalar = self.body(1, f"{name}_root")
        norm = scalar.intrinsic("sqrt", sum_of_lanes(scalar, f"%{name}_squares_next"))
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
        ]
        results = self.body(1, "f")
        results.store(loss, "%losses", "%k")
        results.store(norm, "%norms", "%k")
        self.lines += results.lines

    def length(self, body: Body, gradients: list[str]) -> str:
        return body.intrinsic("sqrt", added_up(body, [body.binary("fmul", g, g) for g in gradients]))

    def shortening(self, body: Body, norm: str) -> str:
        """The factor that brings a gradient of this length within the limit for all together."""
        assert self.tapes.clip_norm is not None
        longer = body.binary("fadd", norm, body.constant(1e-6))
        return minimum(body, body.binary("fdiv", body.constant(self.tapes.clip_norm), longer), body.constant(1.0))

    def within_limit(self, body: Body, gradient: str) -> str:
        """A gradient within its own limit, if there is one."""
        limit = self.tapes.clip_value
        if limit is None:
            return gradient
        return maximum(body, minimum(body, gradient, body.constant(limit)), body.constant(-limit))
