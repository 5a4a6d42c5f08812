"""Activations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import shape_of
from plugrad.ops import astype
from plugrad.ops import tanh as _tanh

from ..ops import activations as ops
from ..ops import softmax as softmaxes

if TYPE_CHECKING:
    from typing import Any

    from plugrad import Tensor


def relu(input: Tensor) -> Tensor:
    """``max(input, 0)``, of the input's shape. The derivative at 0 is 0.

    >>> F.relu(plugrad.tensor([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.0, 2.0]
    """
    return ops.relu(input)  # type: ignore[no-any-return]


def relu6(input: Tensor) -> Tensor:
    """``min(max(input, 0), 6)``, of the input's shape. The derivative at 0 and at 6 is 0.

    >>> F.relu6(plugrad.tensor([-1.0, 2.0, 8.0])).tolist()
    [0.0, 2.0, 6.0]
    """
    return ops.hardtanh(input, 0, 6)  # type: ignore[no-any-return]


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """``min(max(input, min_val), max_val)``, of the input's shape. The derivative at the bounds is 0.

    :raises ValueError: if ``min_val`` is greater than ``max_val``.

    >>> F.hardtanh(plugrad.tensor([-3.0, 0.5, 3.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    if min_val > max_val:
        raise ValueError(f"min_val cannot be greater than max_val: {min_val} is greater than {max_val}")
    return ops.hardtanh(input, min_val, max_val)  # type: ignore[no-any-return]


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """``max(input, 0) + negative_slope * min(input, 0)``, of the input's shape. The derivative at 0 is the slope.

    >>> F.leaky_relu(plugrad.tensor([-2.0, 3.0]), 0.5).tolist()
    [-1.0, 3.0]
    """
    return ops.leaky_relu(input, negative_slope)  # type: ignore[no-any-return]


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """``input`` where it is positive, else ``alpha * (exp(input) - 1)``, of the input's shape.

    >>> F.elu(plugrad.tensor([-1000.0, 3.0]), 2.0).tolist()
    [-2.0, 3.0]
    """
    return ops.elu(input, alpha)  # type: ignore[no-any-return]


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """``input * P(X <= input)`` for a normal ``X`` of mean 0 and variance 1, of the input's shape.

    That is ``input / 2 * (1 + erf(input / sqrt(2)))``. In half precision it is computed in float32.

    :param approximate: ``"tanh"`` takes ``tanh(sqrt(2 / pi) * (input + 0.044715 * input ** 3))`` for the erf.
    :raises RuntimeError: for another value of ``approximate``.

    >>> round(F.gelu(plugrad.tensor(1.0)).item(), 6)
    0.841345
    >>> round(F.gelu(plugrad.tensor(1.0), approximate="tanh").item(), 6)
    0.841192
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"approximate argument must be either none or tanh, and is {approximate!r}")
    return ops.gelu(input, approximate)  # type: ignore[no-any-return]


def silu(input: Tensor) -> Tensor:
    """``input * sigmoid(input)``, of the input's shape; also known as swish.

    >>> round(F.silu(plugrad.tensor(1.0)).item(), 6)
    0.731059
    """
    return ops.silu(input)  # type: ignore[no-any-return]


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """``log(1 + exp(beta * input)) / beta``, of the input's shape.

    :param threshold: where ``beta * input`` is greater, the result is the input itself.

    >>> round(F.softplus(plugrad.tensor(0.0)).item(), 6)
    0.693147
    """
    return ops.softplus(input, beta, threshold)  # type: ignore[no-any-return]


def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-input))``, of the input's shape and without overflow.

    >>> F.sigmoid(plugrad.tensor([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return ops.sigmoid(input)  # type: ignore[no-any-return]


def logsigmoid(input: Tensor) -> Tensor:
    """``log(sigmoid(input))``, more exact than that, of the input's shape.

    >>> F.logsigmoid(plugrad.tensor([-1000.0, 1000.0])).tolist()
    [-1000.0, 0.0]
    """
    return ops.logsigmoid(input)  # type: ignore[no-any-return]


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent, of the input's shape; ``plugrad.tanh``.

    >>> F.tanh(plugrad.tensor([0.0, 1000.0])).tolist()
    [0.0, 1.0]
    """
    return _tanh(input)


def softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """``exp(input) / sum(exp(input))`` along ``dim``, of the input's shape and without overflow.

    In half precision it is computed in float32.

    :param dim: the axis whose elements sum to 1. It has to be given.
    :param dtype: the input is converted to it first.
    :raises ValueError: if ``dim`` is not given.
    :raises IndexError: if the input has no such axis.

    >>> F.softmax(plugrad.tensor([[1000.0, 1000.0], [-1000.0, 0.0]]), dim=-1).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    return softmaxes.softmax(*_prepared("softmax", input, dim, dtype))  # type: ignore[no-any-return]


def log_softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """``log(softmax(input, dim))``, more exact than that, of the input's shape.

    In half precision it is computed in float32.

    :param dim: the axis along which. It has to be given.
    :param dtype: the input is converted to it first.
    :raises ValueError: if ``dim`` is not given.
    :raises IndexError: if the input has no such axis.

    >>> F.log_softmax(plugrad.tensor([-1000.0, 0.0]), dim=0).tolist()
    [-1000.0, 0.0]
    """
    return softmaxes.log_softmax(*_prepared("log_softmax", input, dim, dtype))  # type: ignore[no-any-return]


def _prepared(name: str, input: Tensor, dim: int | None, dtype: Any) -> tuple[Tensor, int]:
    shape = shape_of(input)
    if dim is None:
        raise ValueError(
            f"{name}: dim has to be given (PyTorch's implicit choice is deprecated); dim=-1 is the last axis of "
            f"an input of shape {shape}"
        )
    ndim = len(shape) or 1
    if not -ndim <= dim < ndim:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], but got {dim}): {name} of an "
            f"input of shape {shape}"
        )
    return (input if dtype is None else astype(input, dtype)), dim
