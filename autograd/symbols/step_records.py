"""The steps of the two passes, as records: each is plain data, and its text is its arithmetic as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.core.numbers import equal_sign, read_number, write_number
from autograd.core.numbers import in_parentheses as behind_a_sign
from autograd.symbols.snapshot import NodeId, in_parentheses


class Written:
    """What a terminal shows by itself as ``print`` does, in a pair of brackets."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


@dataclass(frozen=True, repr=False)
class ForwardStep(Written):
    """One operation is computed: ``node = op(inputs)``.

    ``formula`` writes it with the names of its inputs; ``name`` is the node's own.
    """

    number: int
    node: NodeId
    name: str
    op: str
    symbol: str
    inputs: tuple[NodeId, ...]
    input_data: tuple[float, ...]
    data: float
    formula: str

    def __str__(self) -> str:
        return f"{self.number}. {self.name} = {self.formula} = {write_number(self.data)}"


@dataclass(frozen=True, repr=False)
class SeedStep(Written):
    """The backward pass begins: the derivative of the result with respect to itself is 1."""

    node: NodeId
    name: str
    grad: float = 1.0

    def __str__(self) -> str:
        name = in_parentheses(self.name)
        return f"{name}.grad = d{name}/d{name} = 1"


@dataclass(frozen=True, repr=False)
class BackwardStep(Written):
    """One contribution: ``input.grad`` goes from ``before`` to ``after = before + upstream × local``.

    Attributes:
        number: its place in the backward pass, from 1.
        node: the id of the node that passes its gradient on.
        input: the id of the input that receives a share.
        operand: which input of the operation that is, from 0.
        node_name, input_name: their names.
        op: the operation's name.
        upstream: the node's own gradient, which is complete by now.
        local: the local derivative ∂node/∂input; nan where it is not defined, by a plain number.
        product: upstream × local.
        before, after: the running total of the input's gradient.
        formula: the local derivative in symbols.
        is_last: True if this completes the input's gradient.
    """

    number: int
    node: NodeId
    input: NodeId
    operand: int
    node_name: str
    input_name: str
    op: str
    upstream: float
    local: float
    product: float
    before: float
    after: float
    formula: str
    is_last: bool

    @property
    def equals(self) -> str:
        """The sign between ``before + upstream × local`` and ``after`` as they are shown: "=", else "≈"."""
        before, upstream, local, after = map(write_number, (self.before, self.upstream, self.local, self.after))
        try:
            exact = read_number(before) + read_number(upstream) * read_number(local)
        except ValueError:
            return "="
        return equal_sign(after, exact)

    def __str__(self) -> str:
        name, local = in_parentheses(self.input_name), behind_a_sign(write_number(self.local))
        product = f"upstream {behind_a_sign(write_number(self.upstream))} × local {local}"
        before, after = write_number(self.before), write_number(self.after)
        return f"{self.number}. {name}.grad = {before} + {product} {self.equals} {after}"


Step = ForwardStep | SeedStep | BackwardStep
