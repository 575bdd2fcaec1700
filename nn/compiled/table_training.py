"""A whole training run in machine code, on tables of rows: thousands of steps a call, and no code of its own.

This function is the loop around ``nn.compiled.kernels``: it deals out the samples of a step to groups, adds the
penalty, clips the gradients and moves the parameters.  It knows the optimizer's rule, what each parameter adds to
the penalty, and the limits, and is made once for each of them; everything else is in the job.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from autograd import ops
from autograd.engines.native.atoms import code_for, emit, emit_fixed, maximum, minimum
from autograd.engines.native.llvm_text import Body, spread, vector
from autograd.engines.native.loops import Function, Place
from autograd.engines.native.machine_code import compile_functions, handle, lanes
from autograd.program.sums import expanded
from autograd.program.tape import Tape


class FormOfJob(ctypes.Structure):
    """Samples of one form: the function that computes some, its table, and their numbers one behind the other."""

    _fields_ = [("function", ctypes.c_void_p), ("table", ctypes.c_void_p), ("samples", ctypes.c_void_p)]


FIELDS = len(FormOfJob._fields_)


class TableJob(ctypes.Structure):
    """What the function is called with: whole numbers, and addresses.

    Fields:
        parameters, states, gradients: rows of ``row`` numbers, of which the first ``count`` count.  Behind the
            parameters is the memory of the tables.
        old: room for the parameters and states before a step, until it is known that the new ones are finite.
        forms, length: the forms of the samples, and how many are computed at a time; of several forms one.
        kinds: from the job's first epoch on the forms of the samples as they come; or 0 if there is but one.
        order: the same way the places of the samples among those of their form; or 0.
        penalty, penalties: the form of a penalty of all parameters together, and whether there is one.
        strength: that of a penalty to which each parameter adds the same.
        epoch: how many samples an epoch has.
        size, place, rates, rate_stride, before, steps, losses, norms, predictions, prediction_stride, made: as in
            ``nn.compiled.machine_training.Job``.
    """

    _fields_ = [
        (name, ctypes.c_void_p if is_address else ctypes.c_int64)
        for is_address, names in (
            (True, "parameters states gradients old forms penalty strength kinds order"),
            (True, "rates losses norms predictions made"),
            (False, "row count penalties length epoch size place rate_stride"),
            (False, "before steps prediction_stride"),
        )
        for name in names.split()
    ]


@lru_cache(maxsize=32)
def training_function(update: Tape, penalty: Tape | None, clip_value: float | None, clip_norm: float | None) -> Any:
    """The function ``train(job)``, which makes steps until one would not be finite.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        AutogradError: if the rule has an operation without machine code.
    """
    written = Steps(update, penalty, clip_value, clip_norm, lanes()).function
    return handle(compile_functions([written]), written)


class Steps:
    """Writes the function.

    Args:
        width: how many numbers a vector has.
    """

    def __init__(
        self, update: Tape, penalty: Tape | None, clip_value: float | None, clip_norm: float | None, width: int
    ) -> None:
        self.update, self.states = expanded(update), len(update.inputs) - 4
        self.penalty, self.clip_value, self.clip_norm = penalty, clip_value, clip_norm
        self.width, self.kind = width, vector("double", width)
        w = self.function = Function("train", {"job": "ptr"})
        # Every field is called by its name.
        for at, (name, kind, *_) in enumerate(TableJob._fields_):
            of_llvm = "ptr" if kind is ctypes.c_void_p else "i64"
            w.do(f"%{name} = load {of_llvm}, ptr {w.at('%job', at, 'i64')}, align 8")
        self.count = w.spread("%count", self.width, "i64")
        self.write()

    def write(self) -> None:
        w = self.function
        within = w.new("srem i64 %place, %epoch")
        w.jump("step")
        w.label("step")
        # The step's first sample: among all, and in its epoch.
        for name, begin in (("k", "0"), ("mark", "%place"), ("within", within)):
            w.do(f"%{name} = phi i64 [ {begin}, %entry ], [ %{name}_next, %next ]")
        w.do(f"br i1 {w.new('icmp slt i64 %k, %steps')}, label %begin, label %done")
        w.label("begin")
        w.do("%k_next = add i64 %k, 1")
        self.write_count()
        self.number = w.new(f"sitofp i64 {w.add('%before', '%k_next')} to double")
        self.rate = w.number("%rates", w.mul("%k", "%rate_stride"))
        loss = self.write_loss()
        doubt, norm = self.write_update()
        # x - x is 0 if x is finite, and nan else.
        for x in (loss, norm):
            doubt = w.new(f"fadd double {doubt}, {w.new(f'fsub double {x}, {x}')}")
        w.do(f"br i1 {w.new(f'fcmp oeq double {doubt}, 0.0')}, label %next, label %back")
        w.label("back")
        for number in self.changed:
            source = w.at("%old", w.mul("%row", number))
            target = w.at("%states", w.mul("%row", number - 1)) if number else "%parameters"
            self.each(partial(self.copy, source=source, target=target))
        w.jump("done")
        w.label("next")
        w.store("double", loss, w.at("%losses", "%k"))
        w.store("double", norm, w.at("%norms", "%k"))
        w.jump("step")
        w.label("done")
        w.store("i64", "%k", "%made")

    def write_count(self) -> None:
        """How many samples the step takes, and where the next one begins."""
        w = self.function
        left = w.new("sub i64 %epoch, %within")
        is_last = w.new(f"icmp sle i64 {left}, %size")
        w.do(f"%taken = select i1 {is_last}, i64 {left}, i64 %size")
        w.do("%mark_next = add i64 %mark, %taken")
        w.do(f"%within_next = select i1 {is_last}, i64 0, i64 {w.add('%within', '%taken')}")

    def write_loss(self) -> str:
        """The mean loss of the samples and the penalty; their derivatives go into the gradients."""
        w, begin = self.function, self.write_penalty()
        is_ordered, are_several = w.new("icmp ne ptr %order, null"), w.new("icmp ne ptr %kinds, null")
        # Without kinds something is read too, but not used.
        kinds = w.new(f"select i1 {are_several}, ptr %kinds, ptr %parameters")
        weight = w.new(f"fdiv double 1.0, {w.new('sitofp i64 %taken to double')}")

        def group(at: str, total: str) -> list[str]:
            left = w.new(f"sub i64 %taken, {at}")
            count = w.new(f"select i1 {w.new(f'icmp slt i64 {left}, %length')}, i64 {left}, i64 %length")
            place, results = w.add("%mark", at), w.at("%predictions", w.add("%mark", at))
            order = w.new(f"select i1 {is_ordered}, ptr {w.at('%order', place, 'i64')}, ptr null")
            kind = w.load("i64", w.at(kinds, w.new(f"select i1 {are_several}, i64 {place}, i64 0"), "i64"))
            form = w.at("%forms", w.mul(w.new(f"select i1 {are_several}, i64 {kind}, i64 0"), FIELDS), "i64")
            return [self.computed(form, total, order, w.add("%within", at), count, weight, results)]

        [loss] = w.loop(0, "%taken", "%length", group, [("double", begin)])

        def penalty(_: str, total: str) -> list[str]:
            return [self.computed("%penalty", total, "null", 0, 1, "1.0", "null")]

        return w.repeat(0, "%penalties", 1, penalty, [("double", loss)])[1][0]

    def write_penalty(self) -> str:
        """The penalty of each parameter alone, whose derivatives are what the gradients begin with."""
        w, tape = self.function, self.penalty
        if tape is None:
            self.each(lambda j: w.store(self.kind, "zeroinitializer", w.at("%gradients", j)))
            return "0.0"
        strength = w.spread(w.number("%strength", 0), self.width)

        def vector_of_parameters(j: str, total: str) -> list[str]:
            body = self.body(self.width)
            found = emit(body, tape, [body.load("%parameters", j), strength])
            counts = self.counts(body, j)
            penalty, slope = [body.select(counts, number, body.constant(0.0)) for number in found]
            body.store(slope, "%gradients", j)
            total = body.binary("fadd", total, penalty)
            w.lines += body.lines
            return [total]

        [total] = w.loop(0, "%row", self.width, vector_of_parameters, [(self.kind, "zeroinitializer")])
        return w.sum_of_lanes(self.width, total)

    def counts(self, body: Body, j: str) -> str:
        """Which places of a vector are those of parameters: what lies behind the last one is no number."""
        lanes = ", ".join(f"i64 {i}" for i in range(self.width))
        wide = vector("i64", self.width)
        place = body.new(f"add {wide} {spread(body, j, 'i64')}, <{lanes}>")
        return body.new(f"icmp slt {wide} {place}, {self.count}")

    def computed(
        self, form: str, total: str, order: str, first: Place, count: Place, weight: str, results: str
    ) -> str:
        """A total, and what the function of a form adds to it for some samples."""
        w = self.function
        function, table, samples = [w.load("ptr", w.at(form, at, "i64")) for at in range(FIELDS)]
        found = w.new(
            f"call double {function}(ptr {table}, ptr %parameters, ptr %gradients, ptr {samples}, ptr {order}, "
            f"i64 {first}, i64 {count}, double {weight}, ptr {results}, i64 %prediction_stride)"
        )
        return w.new(f"fadd double {total}, {found}")

    def write_shortening(self) -> str:
        """The factor that brings the gradients within the limit for all together; "" if there is none."""
        if self.clip_norm is None:
            return ""
        w = self.function

        def square(j: str, total: str) -> list[str]:
            body = self.body(self.width)
            gradient = self.within_limit(body, body.load("%gradients", j))
            w.lines += body.lines
            return [w.multiply_add(self.width, gradient, gradient, total)]

        [squares] = w.loop(0, "%row", self.width, square, [(self.kind, "zeroinitializer")])
        norm, body = self.root(squares), self.body(1)
        longer = body.binary("fadd", norm, body.constant(1e-6))
        factor = minimum(body, body.binary("fdiv", body.constant(self.clip_norm), longer), body.constant(1.0))
        w.lines += body.lines
        return factor

    def within_limit(self, body: Body, gradient: str) -> str:
        """A gradient within its own limit, if there is one."""
        if self.clip_value is None:
            return gradient
        below = minimum(body, gradient, body.constant(self.clip_value))
        return maximum(body, below, body.constant(-self.clip_value))

    def root(self, squares: str) -> str:
        w = self.function
        w.declared.add("declare double @llvm.sqrt.f64(double)")
        return w.new(f"call double @llvm.sqrt.f64(double {w.sum_of_lanes(self.width, squares)})")

    def write_update(self) -> tuple[str, str]:
        """Move the parameters and their states, and put the old ones aside.

        Returns:
            A number that is nan if one of them is not finite, and otherwise 0; and the length of the gradient.
        """
        w, update, factor = self.function, self.update, self.write_shortening()
        step, rate = len(update.inputs) - 2, len(update.inputs) - 1
        once = self.body(1)
        fixed = emit_fixed(once, update, {step: self.number, rate: self.rate})
        # What all parameters are divided by is turned around once.
        divisors = {step.operands[1] for step in update.instructions if step.atom == ops.divide.atom} & set(fixed)
        reciprocals = {slot: once.binary("fdiv", once.constant(1.0), fixed[slot]) for slot in divisors}
        w.lines += once.lines
        everywhere, turned = [
            {slot: w.spread(name, self.width) for slot, name in found.items()} for found in (fixed, reciprocals)
        ]
        factor = factor and w.spread(factor, self.width)

        def vector_of_parameters(j: str, doubt: str, squares: str) -> list[str]:
            body = self.body(self.width)
            gradient = body.load("%gradients", j)
            used = self.within_limit(body, gradient)
            used = body.binary("fmul", used, factor) if factor else used
            rows = [body.new(f"add i64 {j}, {w.mul('%row', s)}") for s in range(self.states + 1)]
            places = [("%parameters", j), *[("%states", row) for row in rows[:-1]]]
            old = [body.load(*place) for place in places]
            inputs = [old[0], used, *old[1:], everywhere[step], everywhere[rate]]
            new = self.moved(body, inputs, everywhere, turned)
            # A rule that gives nan where no parameter stands must not stop the run.
            counts = self.counts(body, j)
            for number in self.changed:
                body.store(old[number], "%old", rows[number])
                body.store(new[number], *places[number])
                difference = body.binary("fsub", new[number], new[number])
                doubt = body.binary("fadd", doubt, body.select(counts, difference, body.constant(0.0)))
            w.lines += body.lines
            return [doubt, w.multiply_add(self.width, gradient, gradient, squares)]

        carried = [(self.kind, "zeroinitializer")] * 2
        doubt, squares = w.loop(0, "%row", self.width, vector_of_parameters, carried)
        return w.sum_of_lanes(self.width, doubt), self.root(squares)

    def moved(
        self, body: Body, inputs: list[str], fixed: Mapping[int, str], reciprocals: Mapping[int, str]
    ) -> list[str]:
        """The rule's steps; what is fixed is known already, and a product is quicker than a quotient."""
        slots = [*inputs, *[body.constant(x) for x in self.update.constants]]
        for atom, operands in zip(self.update.atoms, self.update.operands, strict=True):
            numbers = [slots[i] for i in operands]
            if len(slots) in fixed:
                slots.append(fixed[len(slots)])
            elif atom == ops.divide.atom and operands[1] in reciprocals:
                slots.append(body.binary("fmul", numbers[0], reciprocals[operands[1]]))
            else:
                slots.append(code_for(atom)(body, *numbers))
        return [slots[i] for i in self.update.outputs]

    @property
    def changed(self) -> list[int]:
        """Which of the parameter (0) and its states an update moves: plain gradient descent leaves the velocity."""
        outputs = self.update.outputs
        return [0, *[s for s in range(1, self.states + 1) if outputs[s] != s + 1]]

    def body(self, width: int) -> Body:
        made = Body(width, f"{self.function.fresh('b')}_", fused=True)
        self.function.bodies.append(made)
        return made

    def each(self, body: Callable[[str], None]) -> None:
        """``body(j)`` for every vector of a row of parameters."""
        self.function.loop(0, "%row", self.width, body)

    def copy(self, j: str, source: str, target: str) -> None:
        w = self.function
        w.store(self.kind, w.number(source, j, self.width), w.at(target, j))
