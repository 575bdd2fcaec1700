"""The backward pass run on Values instead of floats, so that a gradient is itself a graph.

``gradient`` is the same sweep as ``Value.backward()`` with the same rules; only, its numbers are
Values, and what it returns can be differentiated again.  Everything else here follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import Any

from autograd.core.anomaly import asked_for, contributions
from autograd.core.evaluate import checked_rule
from autograd.core.modes import no_grad_is_on
from autograd.core.operand import Operand, plus, times
from autograd.errors import GradientError, shown
from autograd.ops import identity
from autograd.transforms.forward import STILL, Dual, jvp
from autograd.transforms.nesting import answer, dependents, detached, differentiating, is_outermost, is_plain
from autograd.transforms.pytree import checked_argnums, flatten, is_one_number, matched, rebuild
from autograd.value import Value, require_value


def gradient(y: Value, xs: Sequence[Value], upstream: Value | float = 1.0) -> list[Value]:
    """The derivatives of ``y`` with respect to each of ``xs``, as Values that can be differentiated again.

    Unlike ``y.backward()`` it changes nothing: no ``.grad`` is touched.

    Raises:
        GradientError: if y or one of xs is not a Value.
        DomainError: where a derivative is not defined.

    >>> x = Value(2.0)
    >>> y = x ** 3
    >>> [slope] = gradient(y, [x])
    >>> [curvature] = gradient(slope, [x])
    >>> slope.data, curvature.data
    (12.0, 12.0)
    """
    require_value(y, "gradient")
    if isinstance(xs, Value):
        raise GradientError("gradient takes a list of Values, also for a single one: gradient(y, [x])")
    for x in xs:
        require_value(x, "gradient (its second argument)")
    order, depends = dependents(xs, y)
    gradients: dict[int, Any] = {id(y): upstream}

    def rule(node: Value) -> Sequence[Any]:
        assert node.op is not None
        return asked_for(checked_rule, node.op, node.inputs, node, [id(x) in depends for x in node.inputs])

    sweep(order, depends, gradients, rule)
    found = [as_value(gradients.get(id(x), 0.0)) if id(x) in depends else Value(0.0) for x in xs]
    return detached(found) if no_grad_is_on() else found


def sweep(
    order: Sequence[Any],
    depends: Set[int],
    gradients: dict[int, Any],
    rule: Callable[[Any], Sequence[Any]],
    times: Callable[[Any, Any], Any] = times,
    plus: Callable[[Any, Any], Any] = plus,
) -> None:
    """Backpropagation on anything that can be multiplied and added.

    Args:
        order: the nodes in topological order.
        depends: the ids of the nodes whose gradients are wanted.
        gradients: at first that of the result; afterwards those of all nodes in ``depends`` that it reaches.
        rule: gives the local derivatives of a node.
        times, plus: the product and the sum of what the rule gives.
    """

    def add(node: Any, x: Any, before: Any, local: Any, upstream: Any) -> Any:
        contribution = times(local, upstream)
        return contribution if before is None else plus(before, contribution)

    for _ in contributions(order, gradients, rule, add, depends):
        pass


def as_value(x: Any) -> Any:
    """A Value; or, while a recorder is at work, the number on its tape that a Value has become."""
    return x if isinstance(x, Operand) else Value(x)


# Functions of numbers.  Arguments may be numbers, Values, and lists, tuples or dicts of them.


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that returns ``f(*args)`` and its derivative with respect to the chosen argument(s).

    The derivative has the shape of the argument: a number, or a list, tuple or dict of numbers.
    Called with numbers it answers with floats.  Called with Values in any place, or inside a function
    that is being differentiated itself, it answers with Values: so these functions can be nested.  It also
    does where f uses Values around it, like the weights of a network, so that their gradients are not lost;
    but not inside ``with no_grad():``.

    Raises:
        GradientError: if f does not return one number, or argnums names no argument.

    >>> value_and_grad(lambda x, y: x * y)(3.0, 4.0)
    (12.0, 4.0)
    >>> value_and_grad(lambda ws: ws[0] * ws[1])([3.0, 4.0])
    (12.0, [4.0, 3.0])
    """

    def differentiated(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        chosen = chosen_arguments(argnums, args)
        with differentiating() as inside:
            fresh = with_fresh_arguments(args, chosen)
            value = one_number(f(*fresh, **kwargs))
            slopes = [rebuild(args[n], slopes_of(value, flatten(fresh[n]))) for n in chosen]
        plain = is_plain([value], inside, args, kwargs)
        slopes = answer(slopes, plain)
        return answer(value, plain), tuple(slopes) if isinstance(argnums, Iterable) else slopes[0]

    return differentiated


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The derivative of a function, as a function: ``grad(f)(x)`` is f'(x).

    Raises:
        GradientError: if f does not return one number, or argnums names no argument.

    >>> from autograd import tanh
    >>> first, second = grad(tanh), grad(grad(tanh))
    >>> round(first(0.5), 6), round(second(0.5), 6)
    (0.786448, -0.726862)
    """

    def derivative(*args: Any, **kwargs: Any) -> Any:
        return value_and_grad(f, argnums)(*args, **kwargs)[1]

    return derivative


def vjp(f: Callable[..., Any], *primals: Any, **kwargs: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The result of ``f(*primals)`` and a function that pulls a vector back through it, by reverse mode.

    That function takes u, shaped like the result, and returns uᵀ·J, a tuple shaped like ``primals``.
    Arguments that are given by name are not differentiated.

    Raises:
        GradientError: if u and the result do not have the same shape.

    >>> result, pull_back = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
    >>> result, pull_back([1.0, 0.0]), pull_back([0.0, 1.0])
    ([12.0, 7.0], (4.0, 3.0), (1.0, 1.0))
    """
    with differentiating() as inside:
        fresh = with_fresh_inputs(primals)
        result = f(*fresh, **kwargs)
    outputs = flatten(result)
    plain = is_plain(outputs, inside, primals, kwargs)

    def pull_back(u: Any) -> Any:
        weights = matched(result, u)
        if weights is None:
            raise GradientError(
                f"u has the shape of the function's result, which has {len(outputs)} number(s), but got {shown(u)}"
            )
        with differentiating():
            weighted: Any = 0.0
            for weight, output in zip(weights, outputs, strict=True):
                weighted = plus(weighted, times(weight, output))
            pulled = rebuild(primals, slopes_of(weighted, flatten(fresh)))
        return answer(pulled, plain and is_outermost(u))

    return answer(result, plain), pull_back


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] | None = None) -> Callable[..., Any]:
    """The matrix of all first derivatives, row i for the i-th result, column j for the j-th input number.

    Arguments and results may be numbers or lists of numbers; they are counted from left to right.  With
    ``argnums`` only the numbers in these positional arguments are inputs; arguments given by name never are.

    Raises:
        GradientError: if argnums names no argument.

    >>> f = lambda x: [x[0] * x[1], x[0] + x[1]]
    >>> jacobian(f)([3.0, 4.0])
    [[4.0, 3.0], [1.0, 1.0]]
    >>> jacobian(lambda x, power: x**power, argnums=0)(3.0, 2)
    [[6.0]]
    """

    def matrix(*args: Any, **kwargs: Any) -> list[list[Any]]:
        chosen = chosen_arguments(range(len(args)) if argnums is None else argnums, args)
        with differentiating() as inside:
            fresh = with_fresh_arguments(args, chosen)
            inputs = flatten([fresh[n] for n in chosen])
            outputs = flatten(f(*fresh, **kwargs))
            rows = [slopes_of(output, inputs) for output in outputs]
        found: list[list[Any]] = answer(rows, is_plain(outputs, inside, args, kwargs))
        return found

    return matrix


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] | None = None) -> Callable[..., Any]:
    """The matrix of all second derivatives of a function with one result: the Jacobian of its gradient.

    ``argnums`` and arguments given by name are as for ``jacobian``.

    Raises:
        GradientError: if f does not return one number, or argnums names no argument.

    >>> hessian(lambda x, y: x * x * y)(3.0, 4.0)
    [[8.0, 6.0], [6.0, 0.0]]
    >>> hessian(lambda x, y: x * x * y, argnums=0)(3.0, 4.0)
    [[8.0]]
    """

    def flat_gradient(*args: Any, **kwargs: Any) -> list[Any]:
        chosen = chosen_arguments(range(len(args)) if argnums is None else argnums, args)
        return flatten(value_and_grad(f, chosen)(*args, **kwargs)[1])

    return jacobian(flat_gradient, argnums)


def hvp(f: Callable[..., Any], primals: Sequence[Any], vector: Sequence[Any], **kwargs: Any) -> Any:
    """The Hessian of f times a vector, without the Hessian: forward mode over reverse mode.

    The result is a tuple shaped like ``primals``.  Arguments that are given by name are not
    differentiated.  (Pearlmutter, "Fast Exact Multiplication by the Hessian", 1994.)

    Raises:
        GradientError: if primals and vector do not have the same shape.

    >>> hvp(lambda x, y: x * x * y, (3.0, 4.0), (1.0, 0.0))
    (8.0, 6.0)
    """
    primals = tuple(primals)

    def gradient_of_f(*xs: Any, **kwargs: Any) -> Any:
        return value_and_grad(f, range(len(xs)))(*xs, **kwargs)[1]

    return jvp(gradient_of_f, primals, tuple(vector), **kwargs)[1]


def chosen_arguments(argnums: int | Sequence[int], args: Sequence[Any]) -> list[int]:
    """The places of the arguments to differentiate by."""
    return checked_argnums(argnums, len(args), f"the function was called with {len(args)} positional argument(s)")


def with_fresh_arguments(args: Sequence[Any], chosen: Sequence[int]) -> list[Any]:
    """The arguments, with the numbers of the chosen ones as new nodes."""
    return [with_fresh_inputs(arg) if n in chosen else arg for n, arg in enumerate(args)]


def with_fresh_inputs(tree: Any) -> Any:
    """The same numbers as new nodes, so that the paths through this argument can be told from all others."""
    return rebuild(tree, [fresh_input(x) for x in flatten(tree)])


def fresh_input(x: Any) -> Any:
    if isinstance(x, Dual):
        return Dual(fresh_input(x.primal), STILL if no_grad_is_on() else x.tangent, x.level)
    return identity(x) if isinstance(x, Operand) else Value(x)


def slopes_of(y: Any, xs: list[Any]) -> list[Any]:
    """Like ``gradient``, also for tracers, and where y or the xs are dual numbers whose parts are Values."""
    if isinstance(y, Dual):
        of_primal, of_tangent = slopes_of(y.primal, xs), slopes_of(y.tangent, xs)
        return [Dual(p, t, y.level) for p, t in zip(of_primal, of_tangent, strict=True)]
    inputs = [innermost(x) for x in xs]
    if isinstance(y, Value):
        # A Value cannot depend on what is being recorded on a tape.
        found = iter(gradient(y, [x for x in inputs if isinstance(x, Value)]))
        return [next(found) if isinstance(x, Value) else 0.0 for x in inputs]
    traced = getattr(y, "slopes", None)
    return traced(inputs) if traced is not None else [0.0] * len(inputs)


def innermost(x: Any) -> Any:
    while isinstance(x, Dual):
        x = x.primal
    return x


def one_number(result: Any) -> Any:
    """The result of a function that is to be differentiated, or an error that says what it was instead."""
    if is_one_number(result):
        return flatten(result)[0]
    raise GradientError(
        f"only a function with one number as its result has a gradient, but this one returned {shown(result)}"
        "\n  For a function with several results, use autograd.jacobian."
    )
