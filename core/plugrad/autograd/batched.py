"""``is_grads_batched``: a backward for each element of the cotangents' first axis."""

from __future__ import annotations

from ..errors import GraphError, ShapeError
from ..registry.op import OPS
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .gradients import gradients
from .roots import place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def batched(
    outputs: list[Any],
    cotangents: list[Any] | None,
    inputs: list[Any],
    keep: bool,
    create_graph: bool,
    allow_unused: bool,
    materialize: bool,
) -> tuple[Tensor | None, ...]:
    """The gradients for each element of the first axis, stacked.

    :raises ShapeError: if a cotangent does not have its output's shape and one axis before it.
    :raises ValueError: if these axes are not all of one size.
    """
    if not cotangents or any(g is None for g in cotangents):
        raise GraphError("is_grads_batched=True needs a gradient for each output: pass grad_outputs")
    gs = [g if isinstance(g, Tensor) else wrap(g) for g in cotangents]
    for i, (g, output) in enumerate(zip(gs, outputs)):
        spec = place_of(output)[1]
        if not g._spec.shape or (spec is not None and g._spec.shape[1:] != spec.shape):
            raise ShapeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
                "dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding "
                f"output, but a mismatch was detected: grad_output[{i}] has a shape of {g._spec.shape} and output[{i}] "
                f"has a shape of {spec.shape if spec else 'unknown'}"
            )
    sizes = {g._spec.shape[0] for g in gs}
    if len(sizes) != 1 or 0 in sizes:
        raise ValueError(
            f"is_grads_batched=True: expected all grad_outputs to have the same first extent, above 0, got {sizes}"
        )
    (size,) = sizes
    rows = [
        gradients(
            outputs, [g[k] for g in gs], inputs, keep or k < size - 1, create_graph, allow_unused, materialize
        )
        for k in range(size)
    ]  # fmt: skip
    stack = OPS["stack"].function
    return tuple(None if column[0] is None else stack(column) for column in zip(*rows, strict=True))
