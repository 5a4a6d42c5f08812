"""What ``backward`` and ``grad`` are given, checked: tensors or edges, and a cotangent for each that is an output."""

from __future__ import annotations

from ..errors import BackendError, DTypeError, GraphError, ShapeError
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .fit import fit
from .node import Node
from .rules import PORT, output_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    from ..registry.spec import Spec
    from .graph import GradientEdge

    Place: TypeAlias = Tensor | GradientEdge
    Places: TypeAlias = Place | Sequence[Place]
    Named: TypeAlias = Places | Mapping[str, Place]
    Gradients: TypeAlias = Tensor | Sequence[Tensor | None] | None


def is_edge(given: Any) -> bool:
    """Whether something is a ``GradientEdge``. Its class is loaded with ``autograd.graph``, by who makes one."""
    return isinstance(given, tuple) and hasattr(given, "ownership_token")


def place_of(given: Any) -> tuple[Node | None, Spec | None]:
    """The node that a tensor's or an edge's cotangent is filed on, and the spec, where it is known."""
    if isinstance(given, Tensor):
        return given._node, given._spec
    if not is_edge(given):
        raise TypeError(f"expected a tensor or a GradientEdge, but got {type(given).__name__}")
    if given.ownership_token is not None:
        node, spec = given.ownership_token
        return node, spec
    node = given.node
    return output_node(node, given.output_nr), None if node.seq else node.specs


def edge_of(t: Tensor) -> tuple[Node, int]:
    """The node that made a tensor, and which of its outputs it is."""
    node = t._node
    if node is None:
        raise GraphError(
            f"It is not possible to get the gradient edge for a Tensor that does not require gradients ({t._spec})"
        )
    return (node.edge1, node.saved1) if node.rule.inner is PORT else (node, 0)


def several(given: Any) -> list[Any] | None:
    if given is None or isinstance(given, Tensor) or is_edge(given):
        return None if given is None else [given]
    return list(given.values() if isinstance(given, dict) else given)


def inputs_of(inputs: Named, function: str) -> list[Any]:
    """
    :raises GraphError: if there is none.
    """
    found = several(inputs)
    if not found:
        raise GraphError(f"`inputs` argument to `{function}()` cannot be empty.")
    return found


def target(given: Any, i: int) -> Node:
    """
    :raises GraphError: if an input does not require grad.
    """
    node, spec = place_of(given)
    if node is None:
        raise GraphError(
            f"One of the differentiated Tensors does not require grad: inputs[{i}] ({spec}). "
            "Call requires_grad_() on it before the computation that is to be differentiated"
        )
    return node


def roots_of(outputs: list[Any] | None, gradients: list[Any] | None, word: str) -> list[tuple[Node, Any]]:
    """Each output's node with its cotangent."""
    if not outputs:
        raise GraphError("backward needs at least one tensor to start from")
    if gradients is None:
        gradients = [None] * len(outputs)
    if len(gradients) != len(outputs):
        raise GraphError(f"got {len(outputs)} {word} and {len(gradients)} gradients")
    return [root(t, g, i, word) for i, (t, g) in enumerate(zip(outputs, gradients, strict=True))]


def root(given: Any, g: Any, i: int, word: str) -> tuple[Node, Any]:
    """An output's node with its cotangent; None stands for 1 at a scalar."""
    node, spec = (given._node, given._spec) if type(given) is Tensor else place_of(given)
    if node is None:
        from .untracked import without_history

        raise GraphError(
            f"element {i} of {word} does not require grad and does not have a grad_fn ({spec}). "
            f"{without_history(given)}"
        )
    if g is None:
        if spec is None:
            raise GraphError(
                f"element {i} of {word} is a GradientEdge that was not made by get_gradient_edge, so its shape is not "
                "known: pass a gradient"
            )
        return node, _lifted(_one(spec), spec, given) if spec.level else _one(spec)
    if type(g) is not Tensor:
        g = wrap(g)
    if spec is None:
        return node, g._array if g._node is None else g
    check_gradient(g, spec, f"gradient {i}")
    fitted = fit(g, spec)
    return node, _lifted(fitted, spec, given) if spec.level else fitted


def _lifted(g: Any, spec: Spec, given: Any) -> Any:
    """A cotangent of the level of its tensor, whose array a transform has wrapped."""
    if not isinstance(given, Tensor):
        return g
    t = g if type(g) is Tensor else wrap(g)
    return t if t._spec.level >= spec.level else wrap(spec.backend.lift(t, given._array))


def in_transform(outputs: Any, cotangents: Any) -> bool:
    """Is any of a transform's backend?"""
    found = [*(several(outputs) or ()), *(several(cotangents) or ())]
    specs = [x._spec if isinstance(x, Tensor) else place_of(x)[1] if is_edge(x) else None for x in found]
    return any(spec is not None and spec.level for spec in specs)


def _one(spec: Spec) -> Any:
    if spec.shape and any(extent != 1 for extent in spec.shape):
        raise GraphError(
            "grad can be implicitly created only for scalar outputs; this one has shape "
            f"{spec.shape}. Call .sum() or .mean() first, or pass a gradient of that shape"
        )
    if spec.complex:
        raise GraphError(f"grad can be implicitly created only for real scalar outputs but got {spec.dtype}")
    return spec.backend.one(spec)


def check_gradient(g: Tensor, want: Spec, what: str) -> None:
    """
    :raises BackendError, ShapeError, DTypeError: if a cotangent is not what its tensor is.
    """
    have: Spec = g._spec
    if have.backend.library is not want.backend.library or have.device != want.device:
        raise BackendError(f"{what} is {have}, but the tensor is {want}; nothing is converted unasked")
    if have.shape != want.shape:
        raise ShapeError(f"Mismatch in shape: {what} has a shape of {have.shape} and its tensor has {want.shape}")
    if have.complex != want.complex or not have.inexact:
        raise DTypeError(f"{what} has dtype {have.dtype}, but the tensor has {want.dtype}; convert it by astype")
