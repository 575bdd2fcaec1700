"""The backward pass as it runs: the steps of ``autograd.value.backpropagate``, to the bit, in half the time.

Leaves are sorted out beforehand, the two inputs of a node are looked at where they stand, and the rules of the most
frequent operations are lines of the loop (``autograd.core.written_out``).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any

from autograd.core import evaluate, written_out

if TYPE_CHECKING:
    from autograd.value import Value


def backpropagate(result: Value) -> bool:
    """Fill in the gradients of all that a result was computed from.

    Returns False, and leaves all gradients as they were, if a derivative is not defined or not finite, an operation
    was made by hand, or the result is a leaf.
    """
    if result.op is None:
        return False
    operations, leaves = operations_and_leaves(result)
    nodes = leaves + operations
    before: list[Any] = [node.grad for node in nodes]
    is_done = False
    try:
        if None in before[: len(leaves)]:
            for leaf, grad in zip(leaves, before, strict=False):
                if grad is None:
                    leaf.grad = 0.0
        for node in operations:
            node.grad = 0.0
        result.grad = 1.0
        all_gradients = written_out.contribute(operations)
        # An infinite gradient anywhere makes their sum infinite too, or nan.
        is_done = isfinite(all_gradients) and isfinite(sum([leaf.grad for leaf in leaves]))
    except (AttributeError, *evaluate.FAILURES):
        pass  # What went wrong is said by the backward pass that looks at every number.
    finally:
        if not is_done:
            for node, grad in zip(nodes, before, strict=True):
                node.grad = grad
    return is_done


def operations_and_leaves(result: Value) -> tuple[list[Value], list[Value]]:
    """All nodes behind a result, in two lists: operations in the order of ``topological_order``, and leaves."""
    this_pass = object()
    operations: list[Value] = []
    leaves: list[Value] = []
    waiting: list[Value] = []
    others: dict[Value, Iterator[Value]] = {}
    node = result
    while True:
        # A node that was not met before: what is behind its first input comes first.
        node._met = this_pass
        first, second = node._first, node._second
        if second is None:
            if len(first) == 1:
                second = first[0]
            else:
                others[node] = iter(first)
        elif first._met is not this_pass:
            if first.op is not None:
                waiting.append(node)
                node = first
                continue
            first._met = this_pass
            leaves.append(first)
        # Then what is behind the second; then the node itself, and on with the one that waits for it.
        while True:
            if second is None and node in others:
                for x in others[node]:
                    if x._met is not this_pass:
                        if x.op is not None:
                            second = x
                            break
                        x._met = this_pass
                        leaves.append(x)
            if second is not None and second._met is not this_pass:
                if second.op is not None:
                    waiting.append(node)
                    node = second
                    break
                second._met = this_pass
                leaves.append(second)
            operations.append(node)
            if not waiting:
                return operations, leaves
            node = waiting.pop()
            second = node._second
