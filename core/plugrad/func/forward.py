"""Forward mode as transforms: the inputs become dual arrays of a level of their own."""

from __future__ import annotations

from functools import wraps

from ..errors import BackendError, DTypeError, GraphError, ShapeError
from ..ops import astype
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .arguments import check_outputs, check_real, chosen, each_tensor, replaced, with_aux
from .bases import basis, stacked, zeros
from .dual import Dual, Level, dual, settled
from .reverse import jacrev
from .trees import leaves, leaves_like, put_back, structure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .arguments import Argnums

    Function = Callable[..., Any]

API = "jvp(f, primals, tangents)"


def paired(primal: Tensor, tangent: Tensor, level: Level) -> Tensor:
    """A dual tensor.

    :raises ValueError: if either is neither of a floating point nor of a complex dtype.
    :raises ShapeError, DTypeError, BackendError: if the tangent does not fit the primal.
    """
    spec, have = primal._spec, tangent._spec
    for word, s in (("primal", spec), ("tangent", have)):
        if not s.inexact:
            raise ValueError(f"Expected {word} to be floating point or complex, but got: {s.dtype}")
    if have.shape != spec.shape:
        raise ShapeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(spec.shape)} while the given forward gradient is of size "
            f"{list(have.shape)}."
        )
    if have.complex != spec.complex:
        raise DTypeError(f"the tangent is {have.dtype}, but the primal is {spec.dtype}; convert it by astype")
    if have.backend.library is not spec.backend.library or have.device != spec.device:
        raise BackendError(f"the tangent is {have}, but the primal is {spec}; nothing is converted unasked")
    return wrap(dual(primal, tangent if have.dtype is spec.dtype else astype(tangent, spec.dtype), level))


def unpaired(t: Tensor, level: Level) -> tuple[Tensor, Tensor | None]:
    """The primal and the tangent of a tensor at a level."""
    t = settled(t)
    array = t._array
    return (array.primal, array.tangent) if isinstance(array, Dual) and array.level is level else (t, None)


def jvp(func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """``func(*primals)``, and the derivative of that along ``tangents``.

    :param primals: a tuple of arguments: tensors, or nested tuples, lists and dicts of them.
    :param tangents: the same structure of tensors of the same shapes; of another precision they are converted.
    :param strict: raise if an output does not depend on the inputs, instead of giving it zeros.
    :param has_aux: ``func`` returns a pair: outputs, and other data that is handed on.
    :returns: ``(output, tangent)``, or ``(output, tangent, aux)``; the tangent is of the output's structure and specs.
    :raises GraphError: if the structures differ, or something is no tensor.
    :raises ValueError, ShapeError, DTypeError: if a tangent does not fit its primal.
    :raises MissingDerivative: if an op has no forward derivative.
    """
    if not isinstance(primals, tuple):
        raise GraphError(f"{API}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    shape = structure(primals)
    given = leaves_like(tangents, shape)
    if given is None:
        raise GraphError(
            f"{API}: Expected primals and tangents to have the same python structure. For example, if primals is a "
            f"tuple of 3 tensors, tangents also must be. Got primals with structure {shape} and tangents with "
            f"structure {structure(tangents)}"
        )
    for word, found in (("primals", leaves(primals)), ("tangents", given)):
        _check_tensors(found, word)
    level = Level()
    try:
        duals = [paired(p, t, level) for p, t in zip(leaves(primals), given, strict=True)]
        result, aux = with_aux(func(*put_back(shape, duals)), has_aux, API)
        pairs = [unpaired(out, level) for out in check_outputs(result, API)]
        aux = each_tensor(lambda t: unpaired(t, level)[0], aux)
    finally:
        level.ended = True
    if strict and any(t is None for _, t in pairs):
        raise GraphError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not "
            "allowed with strict=True."
        )
    output = put_back(structure(result), [p for p, _ in pairs])
    tangent = put_back(structure(result), [zeros(p._spec, p._spec.shape) if t is None else t for p, t in pairs])
    return (output, tangent, aux) if has_aux else (output, tangent)


def _check_tensors(found: list[Any], word: str) -> None:
    if not found:
        raise GraphError(f"{API}: Expected {word} to contain at least one Tensor.")
    for x in found:
        if not isinstance(x, Tensor):
            raise GraphError(f"{API}: Expected {word} to only contain Tensors, got {type(x)}")


def jacfwd(func: Function, argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error") -> Function:
    """A function that returns the Jacobian of ``func``, column by column in forward mode: good for few inputs.

    :param argnums: the positional arguments to differentiate with respect to; each a real tensor or a tree of them.
    :param randomness: taken as PyTorch's, and without effect: the function runs once for each element of the input.
    :returns: a function of the same arguments, whose result is as that of ``jacrev``.
    :raises GraphError: when called, as for ``jvp``, and if an input or an output is complex.
    """

    @wraps(func)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        check_real(leaves(args), "jacfwd", "inputs")
        taken = chosen(args, argnums)
        inputs, shape = leaves(taken), structure(taken)
        _check_tensors(inputs, "primals")

        def along(k: int) -> Function:
            """The function of one leaf."""

            def of_leaf(x: Tensor) -> Any:
                return func(*replaced(args, argnums, put_back(shape, [*inputs[:k], x, *inputs[k + 1 :]])), **keywords)

            return of_leaf

        runs = [[jvp(along(k), (x,), (t,), has_aux=has_aux) for t in basis(x._spec)] for k, x in enumerate(inputs)]
        first = next((run[0] for run in runs if run), None)
        if first is None:  # no input has an element
            first = jvp(along(0), (inputs[0],), (inputs[0],), has_aux=has_aux)
        outputs = leaves(first[0])
        check_real(outputs, "jacfwd", "outputs")
        columns = [[leaves(done[1]) for done in run] for run in runs]
        jacobians = [
            put_back(shape, [
                stacked([c[i] for c in columns[k]], -1, out._spec, x._spec) for k, x in enumerate(inputs)
            ])
            for i, out in enumerate(outputs)
        ]  # fmt: skip
        jacobian = put_back(structure(first[0]), jacobians)
        return (jacobian, first[2]) if has_aux else jacobian

    return wrapper


def hessian(func: Function, argnums: Argnums = 0) -> Function:
    """A function that returns the Hessian of ``func``, forward over reverse: ``jacfwd(jacrev(func))``.

    :returns: a function of the same arguments. For each output, and each pair of inputs, a tensor of shape
        ``output.shape + input.shape + input.shape``.
    :raises GraphError: when called, as for ``jacfwd`` and ``jacrev``.
    """
    return jacfwd(jacrev(func, argnums), argnums)
