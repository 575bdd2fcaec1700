"""The one program of machine code that computes a group of samples by a table, made once for a process."""

from __future__ import annotations

import ctypes
from typing import Any

from autograd.engines.native.loops import Function, Place
from autograd.engines.native.machine_code import lanes, made_once
from nn.compiled import table
from nn.compiled.kernels import Kernels
from nn.compiled.nests import PACK


def program() -> Any:
    """The function ``group``, which computes a group of samples (``write_group``).

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
    """
    return made_once(functions, lanes())


def functions(width: int) -> list[Function]:
    """The whole program, for vectors of such a width; its last function is the one to be called."""
    kernels = Kernels(width)
    return [*kernels.functions, write_group(kernels)]


def function_over_samples(name: str, place: type[ctypes.Structure]) -> tuple[Function, dict[str, str]]:
    """A function with the arguments of ``group``, and the fields of the ``place`` that its table is."""
    w = Function(
        name,
        {
            "table": "ptr", "memory": "ptr", "gradients": "ptr", "samples": "ptr", "order": "ptr", "first": "i64",
            "count": "i64", "weight": "double", "results": "ptr", "results_stride": "i64",
        },
        "double",
    )  # fmt: skip
    return w, {
        field: w.load("ptr" if kind is ctypes.c_void_p else "i64", w.at("%table", at, "i64"))
        for at, (field, kind, *_) in enumerate(place._fields_)
    }


def write_group(kernels: Kernels) -> Function:
    """One group of samples, at most as many as a line has numbers: all rows of the table.

    The numbers of a sample stand one behind the other in ``samples``.  The first sample of the group is that with
    the number ``first``, and the others follow; if there is an ``order``, it says the numbers of all.  ``weight``
    is that of each sample.  To the gradients those of the group are added; the kept lines are copied to
    ``results``; the answer is the sum of weight × loss.
    """
    w, fields = function_over_samples("group", table.Place)
    width, kind = kernels.width, kernels.kind
    vectors = w.new(f"udiv i64 {w.add('%count', width - 1)}, {width}")
    end = w.mul(vectors, width)
    write_samples(kernels, w, fields, vectors)
    weights = w.at("%memory", fields["weights"])
    w.repeat(0, "%count", 1, lambda s: w.store("double", "%weight", w.at(weights, s)))
    w.repeat("%count", end, 1, lambda s: w.store("double", "0.0", w.at(weights, s)))
    w.call(kernels.run, "%memory", fields["rows"], fields["count"], fields["lists"], vectors, "%gradients")

    def keep(row: str) -> None:
        line = w.at("%memory", w.load("i64", w.at(fields["kept"], row, "i64")))
        target = w.at("%results", w.mul(row, "%results_stride"))
        w.repeat(0, "%count", 1, lambda s: w.store("double", w.number(line, s), w.at(target, s)))

    w.repeat(0, fields["kept_count"], 1, keep)
    losses = w.at("%memory", fields["loss"])

    def weighted(b: str, total: str) -> list[str]:
        at = w.mul(b, width)
        return [w.multiply_add(width, w.number(losses, at, width), w.number(weights, at, width), total)]

    [total] = w.loop(0, vectors, 1, weighted, [(kind, "zeroinitializer")])
    w.give(w.sum_of_lanes(width, total))
    return w


def write_samples(kernels: Kernels, w: Function, fields: dict[str, str], vectors: str) -> None:
    """Pack the first numbers of the samples, and turn the others into lines, a vector of samples at a time.

    Behind the last sample stands that one again: numbers like the others, whose weight is 0.
    """
    width, kind, columns = kernels.width, kernels.kind, fields["columns"]
    is_ordered = w.new("icmp ne ptr %order, null")
    last = w.new("sub i64 %count, 1")
    # Without an order something is read too, but not used.
    order = w.new(f"select i1 {is_ordered}, ptr %order, ptr %memory")
    lines = w.at("%memory", fields["first"])

    def sample(place: str) -> str:
        place = w.smaller(place, last)
        found = w.load("i64", w.at(order, w.new(f"select i1 {is_ordered}, i64 {place}, i64 0"), "i64"))
        number = w.new(f"select i1 {is_ordered}, i64 {found}, i64 {w.add('%first', place)}")
        return w.at("%samples", w.mul(number, columns))

    def packed(s: str) -> None:
        source, target = sample(s), w.at(lines, w.mul(s, PACK))

        def pack(c: str) -> None:
            numbers, place = w.at(source, c), w.at(target, w.mul(c, fields["length"]))
            for k in range(0, PACK, width):
                w.store(kind, w.number(numbers, k, width), w.at(place, k))

        w.repeat(0, fields["packed"], PACK, pack)

    def some(b: str) -> None:
        begin = w.mul(b, width)
        samples = [sample(w.add(begin, lane)) for lane in range(width)]

        def line(c: Place) -> str:
            return w.at(w.at(lines, w.mul(c, fields["length"])), begin)

        def whole(c: str) -> None:
            across = w.transposed(width, [w.number(sample, c, width) for sample in samples])
            for i, numbers in enumerate(across):
                w.store(kind, numbers, line(w.add(c, i)))

        def single(c: str) -> None:
            target = line(c)
            for lane, sample in enumerate(samples):
                w.store("double", w.number(sample, c), w.at(target, lane))

        c, _ = w.repeat(fields["packed"], columns, width, whole)
        w.repeat(c, columns, 1, single)

    is_packed = w.new(f"icmp ne i64 {fields['packed']}, 0")
    w.repeat(0, w.new(f"select i1 {is_packed}, i64 {w.mul(vectors, width)}, i64 0"), 1, packed)
    w.loop(0, vectors, 1, some)
