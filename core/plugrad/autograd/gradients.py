"""``backward`` and ``grad``: what users call; they check what was asked, choose the engine and write ``.grad``."""

from __future__ import annotations

from ..errors import BackendError, DTypeError, GraphError, ShapeError
from ..registry.claims import OWNERS
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from . import engine, fast
from .fit import fit
from .hooks import AttendedRule, kept
from .mode import PAUSED, recording, restore, switch
from .node import Node
from .rules import EVERY, LEAF
from .saved import stamp_write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Tensors = Tensor | Sequence[Tensor]
    Gradients = Tensor | Sequence[Tensor | None] | None


def backward(
    tensors: Tensors,
    grad_tensors: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Add to ``.grad`` of the leaves the gradients of ``tensors`` with respect to them.

    :param tensors: where to start; each requires grad.
    :param grad_tensors: a cotangent for each, of its shape and kind of dtype; None stands for 1 at a scalar.
    :param retain_graph: keep saved values, so that backward can run again; by default ``create_graph``.
    :param create_graph: record the computation of the gradients, so that they can be differentiated.
    :param inputs: accumulate into these tensors alone.
    :raises GraphError: nothing requires grad, the graph was freed, or a saved value was written in place.
    :raises ShapeError: a cotangent is not of its tensor's shape.
    :raises DTypeError: a cotangent is not of its tensor's kind.
    """
    if isinstance(tensors, Tensor):
        roots = [_root(tensors, grad_tensors, 0, "tensors")]
    else:
        roots = _roots(_several(tensors), _several(grad_tensors), "tensors")
    keep = create_graph if retain_graph is None else retain_graph
    as_tensors = create_graph or _in_transform(roots)
    if inputs is None and not as_tensors and fast.token.acquire(False):
        try:
            for leaf in fast.run(roots if grad_tensors is None else _raw(roots), keep):
                g, leaf.g = leaf.g, None
                if leaf.rule is LEAF:
                    _accumulate(leaf, g, leaf.own)
                else:
                    _accumulate_attended(leaf, g, False)
        finally:
            fast.token.release()
        return
    targets = None if inputs is None else [_node_of(t, i) for i, t in enumerate(_inputs(inputs))]
    for node in targets or ():
        if node.seq:
            kept(node).retains = True
    leaves, caught = _run(roots, keep, create_graph, targets)
    if targets is not None:
        leaves = {node: g for node, g in caught.items() if not node.seq}
    leaves = {node: node.rule.before(node, g, as_tensors) for node, g in leaves.items()}
    for node, g in leaves.items():
        if as_tensors and not create_graph and g is not None:
            g = wrap(g._spec.backend.detached(g._array))  # no .grad has a tangent, as in PyTorch
        _accumulate_attended(node, g, as_tensors)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    *,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``; no ``.grad`` is touched.

    :param grad_outputs: a cotangent for each output; None stands for 1 at a scalar.
    :param retain_graph: keep saved values; by default ``create_graph``.
    :param create_graph: record the computation of the gradients, so that they can be differentiated.
    :param allow_unused: None for an input that no output depends on, instead of an error; by default
        ``materialize_grads``.
    :param materialize_grads: zeros for such an input.
    :returns: a gradient for each input, of its shape and dtype.
    :raises GraphError: an input does not require grad, no output depends on it, or as for ``backward``.
    """
    if allow_unused is False and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: False")
    asked = _inputs(inputs)
    targets = [_node_of(t, i) for i, t in enumerate(asked)]
    roots = _roots(_several(outputs), _several(grad_outputs), "outputs")
    keep = create_graph if retain_graph is None else retain_graph
    _, caught = _run(roots, keep, create_graph, targets)
    result: list[Tensor | None] = []
    for i, (t, node) in enumerate(zip(asked, targets, strict=True)):
        g = caught.get(node)
        if g is None and materialize_grads:
            g = t._spec.backend.zero(t._spec)
        if g is None and not allow_unused:
            raise GraphError(
                f"One of the differentiated Tensors appears to not have been used in the graph: no output depends on "
                f"inputs[{i}] ({t._spec}). Set allow_unused=True if this is the desired behavior"
            )
        result.append(g if g is None or type(g) is Tensor else wrap(t._spec.backend.copy(g)))
    return tuple(result)


def _in_transform(roots: list[tuple[Node, Any]]) -> bool:
    """Is a cotangent a transform's array? Then formulas run on tensors, so that arrays of several levels may meet."""
    for _, g in roots:
        array = g._array if type(g) is Tensor else g
        if OWNERS[type(array)].level(array):
            return True
    return False


def _run(
    roots: list[tuple[Node, Any]], keep: bool, create_graph: bool, targets: list[Node] | None
) -> tuple[engine.Arrived, dict[Node, Any]]:
    as_tensors = create_graph or _in_transform(roots)
    if not create_graph:
        roots = _raw(roots)
    if as_tensors:
        roots = [(node, g if type(g) is Tensor else wrap(g)) for node, g in roots]
    wanted = EVERY if targets is None else engine.reaching([node for node, _ in roots], targets)
    before = switch(recording() if create_graph else PAUSED)
    try:
        return engine.run(roots, keep, as_tensors, wanted, targets or ())
    finally:
        restore(before)


def _raw(roots: list[tuple[Node, Any]]) -> list[tuple[Node, Any]]:
    return [(node, g._array if type(g) is Tensor else g) for node, g in roots]


def _several(given: Any) -> list[Any] | None:
    if given is None or isinstance(given, Tensor):
        return None if given is None else [given]
    return list(given)


def _inputs(inputs: Tensors) -> list[Tensor]:
    found = _several(inputs)
    if not found:
        raise GraphError("`inputs` argument to `backward` or `grad` cannot be empty")
    return found


def _node_of(t: Tensor, i: int) -> Node:
    if t._node is None:
        raise GraphError(
            f"One of the differentiated Tensors does not require grad: inputs[{i}] ({t._spec}). "
            "Call requires_grad_() on it before the computation that is to be differentiated"
        )
    return t._node


def _roots(tensors: list[Tensor] | None, gradients: list[Any] | None, word: str) -> list[tuple[Node, Any]]:
    if not tensors:
        raise GraphError("backward needs at least one tensor to start from")
    if gradients is None:
        gradients = [None] * len(tensors)
    if len(gradients) != len(tensors):
        raise GraphError(f"got {len(tensors)} {word} and {len(gradients)} gradients")
    return [_root(t, g, i, word) for i, (t, g) in enumerate(zip(tensors, gradients, strict=True))]


def _root(t: Tensor, g: Any, i: int, word: str) -> tuple[Node, Any]:
    node = t._node
    spec = t._spec
    if node is None:
        raise GraphError(
            f"element {i} of {word} does not require grad and does not have a grad_fn ({spec}). "
            "None of the tensors that it was computed from required grad, or it was computed under no_grad, "
            "or it was cut off by detach()"
        )
    if g is None:
        if spec.shape and any(extent != 1 for extent in spec.shape):
            raise GraphError(
                "grad can be implicitly created only for scalar outputs; this one has shape "
                f"{spec.shape}. Call .sum() or .mean() first, or pass a gradient of that shape"
            )
        if spec.complex:
            raise GraphError(f"grad can be implicitly created only for real scalar outputs but got {spec.dtype}")
        one = spec.backend.one(spec)
        return node, one if not spec.level else spec.backend.lift(wrap(one), t._array)
    if type(g) is not Tensor:
        g = wrap(g)
    _check_gradient(g, t, f"gradient {i}")
    g = fit(g, spec)
    if g._spec.level < spec.level:
        g = wrap(spec.backend.lift(g, t._array))
    return node, g


def _check_gradient(g: Tensor, t: Tensor, what: str) -> None:
    have, want = g._spec, t._spec
    if have.backend.library is not want.backend.library or have.device != want.device:
        raise BackendError(f"{what} is {have}, but the tensor is {want}; nothing is converted unasked")
    if have.shape != want.shape:
        raise ShapeError(f"Mismatch in shape: {what} has a shape of {have.shape} and its tensor has {want.shape}")
    if have.complex != want.complex or not have.inexact:
        raise DTypeError(f"{what} has dtype {have.dtype}, but the tensor has {want.dtype}; convert it by astype")


def _accumulate_attended(node: Node, g: Any, tensors: bool) -> None:
    """Add to a leaf's ``.grad``, and call the hooks that waited for it."""
    _accumulate(node, g, False)
    if isinstance(node.rule, AttendedRule) and g is not None:
        node.rule.accumulated(node, g, tensors)


def _accumulate(node: Node, g: Any, own: bool) -> None:
    """Add to a leaf's ``.grad``, which shares memory with nothing that the engine or another leaf holds."""
    leaf = node.more
    if leaf.frozen or g is None:
        return
    spec = node.specs
    with leaf.lock:
        total = leaf.grad
        if type(g) is Tensor:
            leaf.grad = +g if total is None else total + g
        elif total is None:
            leaf.grad = t = Tensor()
            t._ties = None
            t._array = g if own else spec.backend.copy(g)
            t._spec = spec
            t._node = None
        else:
            total._array = spec.backend.accumulate(total._array, g)
            if total._node is None:
                stamp_write(total._array, "backward")
