"""The end of a training step in machine code: the gradients clipped, the parameters moved, the numbers looked at.

What is new counts only if every number of the step is finite; until that is known it is kept apart.
"""

from __future__ import annotations

from autograd.engines.native.atoms import emit, emit_fixed, maximum, minimum
from autograd.engines.native.llvm_text import LANES, Body, added_up
from nn.compiled.table import padded
from nn.compiled.tapes import TrainingTapes

ALIGNMENT = 64
"""Vectors begin at addresses that are multiples of this: as many bytes as the widest one has."""

WIDE = f"<{LANES} x double>"
"""The type of a vector."""


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
        """Move the parameters, each with its own instructions."""
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
        self.lines += [*storing.lines, "  br label %commit_end", "commit_end:", "  br label %step"]

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
