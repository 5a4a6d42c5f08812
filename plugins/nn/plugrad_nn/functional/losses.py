"""Losses of elements. ``reduction`` is ``"mean"`` or ``"sum"`` of them, 0-d, or ``"none"``: the losses themselves."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from plugrad.extend import shape_of
from plugrad.ops import abs, mean, multiply, square, subtract, sum

from ..ops import losses as ops
from ..ops.activations import logsigmoid

if TYPE_CHECKING:
    from typing import Any

    from plugrad import Tensor

REDUCTIONS: dict[str, Any] = {"none": lambda losses: losses, "sum": sum, "mean": mean}


def reduced(losses: Any, reduction: str, weight: Any = None) -> Any:
    return REDUCTIONS[reduction](losses if weight is None else multiply(losses, weight))


def check_reduction(reduction: str) -> None:
    """
    :raises ValueError: if there is no such reduction.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction: there are 'none', 'mean' and 'sum'")


def difference(name: str, input: Tensor, target: Tensor, reduction: str, weight: Tensor | None = None) -> Any:
    """input - target."""
    check_reduction(reduction)
    have, wanted = shape_of(input), shape_of(target)
    if weight is not None and shape_of(weight) != have:
        raise ValueError(
            f"{name}: Weights and input must have the same size. They are of shapes {shape_of(weight)} and {have}"
        )
    if have != wanted:
        warnings.warn(
            f"{name}: using a target size ({wanted}) that is different to the input size ({have}). This will likely "
            "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )
    return subtract(input, target)


def weighted(losses: Any, reduction: str, weight: Any) -> Tensor:
    """As ``reduced``, but the mean is the weighted one."""
    if weight is None or reduction != "mean":
        return reduced(losses, reduction, weight)  # type: ignore[no-any-return]
    return sum(multiply(losses, weight)) / sum(weight)  # type: ignore[no-any-return]


def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean", weight: Tensor | None = None) -> Tensor:
    """``(input - target) ** 2``, times ``weight``, elementwise and then reduced.

    :param target: of the input's shape; another one that broadcasts is warned of.
    :param weight: of the input's shape; ``"mean"`` divides by its sum.
    :param reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    :raises ValueError: for another reduction, or a weight of another shape.

    >>> F.mse_loss(plugrad.tensor([1.0, 2.0]), plugrad.tensor([1.0, 4.0])).item()
    2.0
    """
    return weighted(square(difference("mse_loss", input, target, reduction, weight)), reduction, weight)


def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean", weight: Tensor | None = None) -> Tensor:
    """``abs(input - target)``, times ``weight``, elementwise and then reduced. The derivative at 0 is 0.

    :param target: of the input's shape; another one that broadcasts is warned of.
    :param weight: of the input's shape; ``"mean"`` divides by its sum.
    :param reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    :raises ValueError: for another reduction, or a weight of another shape.

    >>> F.l1_loss(plugrad.tensor([1.0, 2.0]), plugrad.tensor([1.0, 4.0]), reduction="sum").item()
    2.0
    """
    return weighted(abs(difference("l1_loss", input, target, reduction, weight)), reduction, weight)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """``d ** 2 / 2`` where ``d = abs(input - target)`` is up to ``delta``, else ``delta * (d - delta / 2)``; reduced.

    :param target: of the input's shape; another one that broadcasts is warned of.
    :param reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    :param weight: of the input's shape; ``"mean"`` divides by the number of elements nonetheless.
    :raises ValueError: for another reduction, or a weight of another shape.
    :raises RuntimeError: if ``delta`` is not positive.

    >>> F.huber_loss(plugrad.tensor([1.0, 4.0]), plugrad.tensor([0.0, 0.0]), reduction="none").tolist()
    [0.5, 3.5]
    """
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta. It is {delta}")
    losses = ops.huber(difference("huber_loss", input, target, reduction, weight), delta)
    return reduced(losses, reduction, weight)  # type: ignore[no-any-return]


def smooth_l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """``d ** 2 / (2 * beta)`` where ``d = abs(input - target)`` is less than ``beta``, else ``d - beta / 2``; reduced.

    :param target: of the input's shape; another one that broadcasts is warned of.
    :param reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    :param beta: at 0 it is ``l1_loss``.
    :raises ValueError: for another reduction.
    :raises RuntimeError: if ``beta`` is negative.

    >>> F.smooth_l1_loss(plugrad.tensor([1.0, 4.0]), plugrad.tensor([0.0, 0.0]), reduction="none").tolist()
    [0.5, 3.5]
    """
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta. It is {beta}")
    off = difference("smooth_l1_loss", input, target, reduction)
    return reduced(ops.huber(off, beta) / beta if beta else abs(off), reduction)  # type: ignore[no-any-return]


def _check_sizes(name: str, input: Tensor, target: Tensor, reduction: str) -> None:
    check_reduction(reduction)
    have, wanted = shape_of(input), shape_of(target)
    if have != wanted:
        raise ValueError(f"{name}: Target size ({wanted}) must be the same as input size ({have})")


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """``-(target * log(s) + (1 - target) * log(1 - s))`` of ``s = sigmoid(input)``, without overflow; then reduced.

    :param input: logits.
    :param target: probabilities, of the input's shape.
    :param weight: broadcasts with the losses.
    :param pos_weight: times the first of the two terms; it broadcasts with the input.
    :param reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    :raises ValueError: for another reduction, or if the shapes differ.

    >>> F.binary_cross_entropy_with_logits(plugrad.tensor([1000.0]), plugrad.tensor([0.0])).item()
    1000.0
    """
    _check_sizes("binary_cross_entropy_with_logits", input, target, reduction)
    logs = logsigmoid(input)
    if pos_weight is not None:
        logs = multiply(multiply(pos_weight - 1, target) + 1, logs)
    return reduced(subtract(multiply(1 - target, input), logs), reduction, weight)  # type: ignore[no-any-return]


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """``-(target * log(input) + (1 - target) * log(1 - input))``, no logarithm less than -100; then reduced.

    :param input: probabilities.
    :param target: probabilities, of the input's shape.
    :param weight: broadcasts with the losses.
    :param reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    :raises ValueError: for another reduction, or if the shapes differ.
    :raises RuntimeError: if an element of ``input`` is not between 0 and 1; on a backend without a kernel of its own
        its loss is nan instead.

    >>> F.binary_cross_entropy(plugrad.tensor([0.0]), plugrad.tensor([1.0])).item()
    100.0
    """
    _check_sizes("binary_cross_entropy", input, target, reduction)
    return reduced(ops.binary_cross_entropy(input, target), reduction, weight)  # type: ignore[no-any-return]
