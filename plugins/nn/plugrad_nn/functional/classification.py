"""Losses of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import DTypeError, ShapeError, dtype_of, shape_of
from plugrad.ops import astype, broadcast_to, divide, multiply, not_equal, reshape, sum, where

from ..ops import losses as ops
from ..ops.classes import class_axis, pick
from ..ops.precision import widened
from ..ops.softmax import log_softmax
from .losses import check_reduction

if TYPE_CHECKING:
    from typing import Any

    from plugrad import Tensor

    Shape = tuple[int, ...]


def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, ignore_index: int = -100,
    reduction: str = "mean", label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """``log(sum(exp(input))) - input[target]`` of each sample: the negative log-likelihood of its class.

    :param input: logits, not normalised: of shape (N, C, d1, ...), or (C,) for a single sample.
    :param target: class indices from 0 to C - 1, integers of the input's shape without C; or probabilities of the
        classes, floats of the input's shape.
    :param weight: of each class, of shape (C,). ``"mean"`` divides by the sum of the targets' weights; with
        probabilities, by the number of samples.
    :param ignore_index: samples whose index it is count for nothing.
    :param reduction: ``"mean"`` or ``"sum"`` of the losses, 0-d; ``"none"``: the losses, of the input's shape
        without C.
    :param label_smoothing: from 0 to 1: how much of each target is spread evenly over all classes.
    :raises ValueError: for shapes that do not fit, or another reduction.
    :raises RuntimeError: for a dtype or a ``weight`` that does not fit, a ``label_smoothing`` out of its range, or an
        ``ignore_index`` with probabilities.
    :raises IndexError: if a target is no class; on a backend without a kernel of its own the loss is nan instead.

    >>> logits = plugrad.tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> losses = F.cross_entropy(logits, plugrad.tensor([0, 1]), reduction="none")
    >>> [round(loss, 6) for loss in losses.tolist()]
    [0.126928, 0.693147]
    """
    check_reduction(reduction)
    shape, indices = shape_of(input), shape_of(target)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if shape == indices and shape:
        return _of_probabilities(input, target, weight, ignore_index, reduction, label_smoothing)
    target = _checked(input, target, weight)
    if weight is None and not label_smoothing and len(shape) < 3:
        return ops.cross_entropy(input, target, reduction, ignore_index)  # type: ignore[no-any-return]
    return wide_smoothed(input, target, weight, ignore_index, reduction, label_smoothing)  # type: ignore[no-any-return]


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """``-input[target]`` of each sample: the negative log-likelihood of its class, of logarithms of probabilities.

    :param input: of shape (N, C, d1, ...), or (C,) for a single sample, as ``log_softmax(logits, dim=1)`` gives it.
    :param target: class indices from 0 to C - 1, integers of the input's shape without C.
    :param weight: of each class, of shape (C,). ``"mean"`` divides by the sum of the targets' weights.
    :param ignore_index: samples whose index it is count for nothing.
    :param reduction: ``"mean"`` or ``"sum"`` of the losses, 0-d; ``"none"``: the losses, of the target's shape.
    :raises ValueError: for shapes that do not fit, or another reduction.
    :raises RuntimeError: for a dtype or a ``weight`` that does not fit.
    :raises IndexError: if a target is no class; on a backend without a kernel of its own the loss is nan instead.

    >>> F.nll_loss(plugrad.tensor([[-0.5, -1.0], [-2.0, -0.25]]), plugrad.tensor([1, 0])).item()
    1.5
    """
    check_reduction(reduction)
    target = _checked(input, target, weight)
    return wide_nll(input, target, weight, ignore_index, reduction)  # type: ignore[no-any-return]


def _checked(input: Tensor, target: Tensor, weight: Any) -> Any:
    """The class indices, signed."""
    shape, indices = shape_of(input), shape_of(target)
    if not shape:
        raise ValueError("Expected 1 or more dimensions (got 0): the input is of shape (N, C, ...) or (C,)")
    if len(shape) > 1 and indices[:1] != shape[:1]:
        raise ShapeError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size ({indices[0] if indices else 1}): the "
            f"input is of shape {shape}, the target of {indices}"
        )
    axis = class_axis(len(shape))
    expected = shape[:axis] + shape[axis + 1 :]
    if indices != expected:
        raise ShapeError(f"Expected target size {list(expected)}, got {list(indices)}: the input is of shape {shape}")
    dtype = dtype_of(target)
    if "integer" not in dtype.kind:
        raise DTypeError(f"expected target dtype to be an integer one, for class indices, but got {dtype}")
    _check_weight(weight, shape[axis])
    return target if dtype.kind != "unsigned integer" else astype(target, "int64")


def _check_weight(weight: Any, classes: int) -> None:
    if weight is not None and shape_of(weight) != (classes,):
        raise ShapeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
            f"shape: {list(shape_of(weight))}"
        )


def _beside_classes(weight: Any, shape: Shape) -> Any:
    """The weights of classes, of the shape of the logits."""
    return broadcast_to(reshape(weight, (-1,) + (1,) * (len(shape) - class_axis(len(shape)) - 1)), shape)


def _weights_of(input: Any, target: Any, weight: Any, ignore_index: int) -> Any:
    """Of each sample: its class's, 1 where there are none, and 0 where it is ignored."""
    if weight is None:
        return astype(not_equal(target, ignore_index), dtype_of(input))
    return pick(_beside_classes(astype(weight, dtype_of(input)), shape_of(input)), target, ignore_index)


def _nll(input: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    losses = -pick(input, target, ignore_index)
    if weight is None and reduction != "mean":
        return losses if reduction == "none" else sum(losses)
    weights = _weights_of(input, target, weight, ignore_index)
    if weight is not None:
        losses = losses * weights
    if reduction == "none":
        return losses
    return sum(losses) if reduction == "sum" else divide(sum(losses), sum(weights))


def _smoothed(
    input: Any, target: Any, weight: Any, ignore_index: int, reduction: str, label_smoothing: float
) -> Any:
    """Of logits: (1 - smoothing) times the target's loss, and smoothing times the mean of all classes' losses."""
    shape = shape_of(input)
    axis = class_axis(len(shape))
    logs = log_softmax(input, axis)
    found = _nll(logs, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return found
    if weight is not None:
        weight = astype(weight, dtype_of(input))
    even = -sum(logs if weight is None else logs * _beside_classes(weight, shape), axis=axis)
    even = where(not_equal(target, ignore_index), even, 0)
    if reduction != "none":
        even = sum(even)
    if reduction == "mean":
        even = divide(even, sum(_weights_of(input, target, weight, ignore_index)))
    return found * (1 - label_smoothing) + even * (label_smoothing / shape[axis])


wide_nll, wide_smoothed = widened(_nll), widened(_smoothed)


def _of_probabilities(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, label_smoothing: float
) -> Tensor:
    if "floating" not in dtype_of(target).kind:
        raise DTypeError(
            f"Expected floating point type for target with class probabilities, got {dtype_of(target)}; class "
            "indices have the input's shape without the axis of the classes"
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    shape = shape_of(input)
    axis = class_axis(len(shape))
    _check_weight(weight, shape[axis])
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / shape[axis]
    terms = multiply(log_softmax(input, axis), target)
    if weight is not None:
        terms = multiply(terms, _beside_classes(weight, shape))
    losses: Any = -sum(terms, axis=axis)
    if reduction == "none":
        return losses  # type: ignore[no-any-return]
    total = sum(losses)
    return total if reduction == "sum" else total / _count(shape, axis)  # type: ignore[no-any-return]


def _count(shape: Shape, axis: int) -> float:
    """The number of samples."""
    found = 1
    for extent in shape[:axis] + shape[axis + 1 :]:
        found *= extent
    return found or float("nan")
