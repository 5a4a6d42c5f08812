"""``backward`` and ``grad``: what users call; they choose the engine and write ``.grad``."""

from __future__ import annotations

from ..errors import GraphError
from ..registry.claims import asking
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from . import engine, fast
from .hooks import AttendedRule, by_edge, kept, own_rule
from .mode import PAUSED, is_grad_enabled, recording, restore, switch
from .node import Node, state
from .roots import in_transform, inputs_of, is_edge, place_of, root, roots_of, several, target
from .rules import EVERY, LEAF, Outputs
from .saved import check_saved, stamp_write
from .steps import at_home, ordinary, plain, step_of_now, strays
from .views import view_ties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .roots import Gradients, Named, Places


def backward(
    tensors: Places,
    grad_tensors: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Gradients = None,
    inputs: Named | None = None,
) -> None:
    """Add to ``.grad`` of the leaves the gradients of ``tensors`` with respect to them.

    A backward that fails writes no ``.grad``. What it freed until then stays freed; the node that failed is whole. One
    may run inside another's hook or ``Function.backward``: 140 deep with Python's recursion limit of 1,000.

    :param tensors: where to start: tensors that require grad, or edges of the graph.
    :param grad_tensors: a cotangent for each, of its shape and kind of dtype; None stands for 1 at a scalar.
    :param retain_graph: keep saved values, so that backward can run again; by default ``create_graph``.
    :param create_graph: record the computation of the gradients, so that they can be differentiated.
    :param grad_variables: the old name of ``grad_tensors``.
    :param inputs: accumulate into these tensors alone, non-leaves too; nothing runs that is not on the way to them.
    :raises GraphError: nothing requires grad, the graph was freed, or a saved value was written in place.
    :raises ShapeError: a cotangent is not of its tensor's shape.
    :raises DTypeError: a cotangent is not of its tensor's kind.
    """
    if grad_variables is not None:
        grad_tensors = _renamed(grad_tensors, grad_variables)
    if type(tensors) is Tensor and grad_tensors is None:
        roots = [root(tensors, None, 0, "tensors")]
        levelled: Any = tensors._spec.level
    elif isinstance(tensors, Tensor) and not isinstance(grad_tensors, (list, tuple)):
        roots = [root(tensors, grad_tensors, 0, "tensors")]
        levelled = tensors._spec.level or (isinstance(grad_tensors, Tensor) and grad_tensors._spec.level)
    else:
        levelled = in_transform(tensors, grad_tensors)
        roots = roots_of(several(tensors), several(grad_tensors), "tensors")
    keep = create_graph if retain_graph is None else retain_graph
    as_tensors = create_graph or bool(levelled)
    alone = inputs is None and not as_tensors and not engine.needed and (not asking or ordinary())
    if alone and fast.token.acquire(False):
        attended: engine.Arrived | None = None
        try:
            leaves = fast.run(roots if grad_tensors is None else _raw(roots), keep)
            try:
                for leaf in leaves:
                    g, leaf.g = leaf.g, None
                    _accumulate(leaf, g, leaf.own)
                    if leaf.rule is not LEAF:
                        attended = attended or {}
                        attended[leaf] = g
            except BaseException:
                for leaf in leaves:
                    leaf.g = None
                raise
        finally:
            fast.token.release()
        if attended is not None:
            _call_waiting(attended, False)
        return
    if create_graph:
        _warn_of_cycle()
    targets = None if inputs is None else _targets(inputs)
    arrived, caught = _run(roots, keep, create_graph, as_tensors, targets)
    if targets is not None:
        arrived = {node: g for node, g in caught.items() if not node.seq}
    arrived = {node: node.rule.before(node, g, as_tensors) for node, g in arrived.items()}
    if as_tensors and not create_graph:
        arrived = {node: _without_tangent(g) for node, g in arrived.items()}
    for node, g in arrived.items():
        _accumulate(node, g, False)
    _call_waiting(arrived, as_tensors)


def _without_tangent(g: Tensor | None) -> Tensor | None:
    """No ``.grad`` has a tangent, as in PyTorch."""
    return g if g is None else wrap(g._spec.backend.detached(g._array))


def _renamed(grad_tensors: Gradients, grad_variables: Gradients) -> Gradients:
    import warnings

    warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=3)
    if grad_tensors is not None:
        raise GraphError(
            "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. "
            "Please only use `grad_tensors`."
        )
    return grad_variables


def _warn_of_cycle() -> None:
    import warnings

    warnings.warn(
        "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient "
        "which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you "
        "have to use this function, make sure to reset the .grad fields of your parameters to None after use to break "
        "the cycle and avoid the leak.",
        stacklevel=3,
    )


def _targets(inputs: Named) -> list[Node]:
    asked = inputs_of(inputs, "backward")
    targets = [target(t, i) for i, t in enumerate(asked)]
    for t, node in zip(asked, targets, strict=True):
        if node.seq and isinstance(t, Tensor):
            kept(node).retains = True
    return targets


def grad(
    outputs: Places,
    inputs: Named,
    grad_outputs: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``; no ``.grad`` is touched.

    :param outputs: tensors that require grad, or edges of the graph.
    :param inputs: tensors, or edges of the graph; or a dict of them.
    :param grad_outputs: a cotangent for each output; None stands for 1 at a scalar.
    :param retain_graph: keep saved values; by default ``create_graph``.
    :param create_graph: record the computation of the gradients, so that they can be differentiated.
    :param only_inputs: ignored, as in PyTorch.
    :param allow_unused: None for an input that no output depends on, instead of an error; by default
        ``materialize_grads``.
    :param is_grads_batched: each of ``grad_outputs`` has a first axis more, and so has each result: one backward is run
        for each of its elements.
    :param materialize_grads: zeros for such an input.
    :returns: a tuple with a gradient for each input, of its shape and dtype; a dict if ``inputs`` is one.
    :raises GraphError: an input does not require grad, no output depends on it, or as for ``backward``.
    """
    if not only_inputs:
        import warnings

        warnings.warn("only_inputs argument is deprecated and is ignored now", FutureWarning, stacklevel=2)
    if allow_unused is False and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: False")
    if isinstance(inputs, dict):
        options = retain_graph, create_graph, only_inputs, allow_unused, is_grads_batched, materialize_grads
        found = grad(outputs, inputs_of(inputs, "grad"), grad_outputs, *options)
        return dict(zip(inputs, found, strict=True))  # type: ignore[return-value]  # as PyTorch does
    asked = inputs_of(inputs, "grad")
    outs, gs = several(outputs), several(grad_outputs)
    keep = create_graph if retain_graph is None else retain_graph
    unused = materialize_grads if allow_unused is None else allow_unused
    if is_grads_batched:
        from .batched import batched

        return batched(outs or [], gs, asked, keep, create_graph, unused, materialize_grads)
    return gradients(outs, gs, asked, keep, create_graph, unused, materialize_grads)


def gradients(
    outputs: list[Any] | None,
    cotangents: list[Any] | None,
    inputs: list[Any],
    keep: bool,
    create_graph: bool,
    allow_unused: bool,
    materialize: bool,
) -> tuple[Tensor | None, ...]:
    """``grad``, its arguments in order."""
    targets = [target(t, i) for i, t in enumerate(inputs)]
    as_tensors = create_graph or in_transform(outputs, cotangents)
    roots = roots_of(outputs, cotangents, "outputs")
    _, caught = _run(roots, keep, create_graph, as_tensors, targets)
    result: list[Tensor | None] = []
    for i, (t, node) in enumerate(zip(inputs, targets, strict=True)):
        g = caught.get(node)
        spec = place_of(t)[1]
        if g is None and materialize:
            if spec is None:
                raise GraphError(f"inputs[{i}] is a GradientEdge of unknown shape, so there are no zeros to make")
            g = wrap(spec.backend.zero(spec))
            g.requires_grad = create_graph  # a leaf: the next grad finds it
        if g is None and not allow_unused:
            from .untracked import without_path

            raise GraphError(
                "One of the differentiated Tensors appears to not have been used in the graph: no output depends on "
                f"inputs[{i}] ({t if is_edge(t) else spec}). {without_path([n for n, _ in roots], t, node)}. Set "
                "allow_unused=True if this is the desired behavior"
            )
        result.append(None if g is None else _own(g))
    return tuple(result)


def _own(g: Any) -> Tensor:
    """A gradient that the user gets shares no memory with a cotangent; of those that were recorded, none is a view."""
    if type(g) is Tensor:
        return g if view_ties(g) is None else +g
    t = wrap(g)
    t._array = t._spec.backend.copy(g)
    return t


def _run(
    roots: list[tuple[Node, Any]], keep: bool, create_graph: bool, tensors: bool, targets: Sequence[Node] | None
) -> tuple[engine.Arrived, engine.Arrived]:
    """
    :param tensors: also without ``create_graph`` where arrays of several levels may meet in a formula.
    """
    if not create_graph:
        roots = _raw(roots)
    if tensors:
        roots = [(node, g if type(g) is Tensor else wrap(g)) for node, g in roots]
    wanted = EVERY if targets is None else engine.reaching([node for node, _ in roots], targets)
    run = engine.Run([node for node, _ in roots], wanted)
    token, before = engine.begin(run), switch(recording() if create_graph else PAUSED)
    try:
        found = engine.run(roots, keep, tensors, wanted, targets or (), step_of_now())
        run.finish()
        return found
    finally:
        restore(before)
        engine.end(token)


def _raw(roots: list[tuple[Node, Any]]) -> list[tuple[Node, Any]]:
    return [(node, g._array if type(g) is Tensor else g) for node, g in roots]


def run_node(node: Node, grads: tuple[Any, ...]) -> tuple[Tensor | None, ...]:
    """``node(*grads)``."""
    outputs = node.more.outputs if isinstance(getattr(node, "more", None), Outputs) else 1
    if len(grads) != outputs:
        raise TypeError(f"{node.name()} expected {outputs} arguments, got {len(grads)} instead")
    tensors = is_grad_enabled()
    gs = [g if g is None or isinstance(g, Tensor) else wrap(g) for g in grads]
    given = [g if g is None or tensors else g._array for g in gs]
    if not node.seq:
        _accumulate(node, given[0], False)
        return ()
    edges = node.rule.edges(node)
    if all(g is None for g in gs):
        return (None,) * len(edges)
    if node.seq < state.stamp:
        check_saved(node)
    step = at_home if strays() else plain
    filed = step(own_rule(node), node, given if outputs > 1 else given[0], EVERY, tensors)
    return tuple([d if d is None or isinstance(d, Tensor) else wrap(d) for d in by_edge(edges, filed)])


def _call_waiting(leaves: engine.Arrived, tensors: bool) -> None:
    """Call the hooks that waited for ``.grad``; all are written now."""
    for node, g in leaves.items():
        if isinstance(node.rule, AttendedRule) and g is not None and not node.more.frozen:
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
