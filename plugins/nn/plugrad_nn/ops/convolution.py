"""Convolution, and its derivatives by input and by weight.

The three come from one function that is linear in each of its arguments, ``sum(grad * convolution(input, weight))``:
each is its derivative by the argument that it does not take. So the derivatives of each are the other two.

In these ``input`` is of shape (N, C, *extents), ``weight`` of (K, C / groups, *kernel), the result and ``grad`` of
(N, K, *number of windows).
"""

from __future__ import annotations

from typing import Any

from plugrad.extend import op, shape_of
from plugrad.ops import add, matmul, matrix_transpose, permute_dims, reshape, sum

from .windows import Extents, Padding, counts, overlap_add, windows


def size(extents: Extents) -> int:
    count = 1
    for extent in extents:
        count *= extent
    return count


def per_channel(bias: Any, axes: int) -> Any:
    """(K,) -> (K, 1, ...)."""
    return reshape(bias, (*shape_of(bias), *(1,) * axes))


def columns(
    input: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents, groups: int
) -> Any:
    """Each window as a column: (N, groups, C / groups * size of the kernel, number of windows)."""
    samples, channels, *extents = shape_of(input)
    found = size(counts(tuple(extents), kernel, stride, padding, dilation))
    rows = channels // groups * size(kernel)
    return reshape(windows(input, kernel, stride, padding, dilation), (samples, groups, rows, found))


def matrices(weight: Any, groups: int) -> Any:
    """(groups, K / groups, C / groups * size of the kernel)."""
    outputs, *rest = shape_of(weight)
    return reshape(weight, (groups, outputs // groups, size(tuple(rest))))


def rows(grad: Any, groups: int) -> Any:
    """(N, groups, K / groups, number of windows)."""
    samples, outputs, *found = shape_of(grad)
    return reshape(grad, (samples, groups, outputs // groups, size(tuple(found))))


def convolution_composite(
    input: Any, weight: Any, bias: Any, stride: Extents, padding: Padding, dilation: Extents, groups: int
) -> Any:
    shape, (outputs, _, *kernel) = shape_of(input), shape_of(weight)
    found = counts(shape[2:], tuple(kernel), stride, padding, dilation)
    out = matmul(matrices(weight, groups), columns(input, tuple(kernel), stride, padding, dilation, groups))
    out = reshape(out, (shape[0], outputs, *found))
    return out if bias is None else add(out, per_channel(bias, len(found)))


def convolution_input_composite(
    grad: Any, weight: Any, extents: Extents, stride: Extents, padding: Padding, dilation: Extents, groups: int
) -> Any:
    (samples, _, *found), (_, channels, *kernel) = shape_of(grad), shape_of(weight)
    spread = matmul(matrix_transpose(matrices(weight, groups)), rows(grad, groups))
    spread = reshape(spread, (samples, groups * channels, *kernel, *found))
    return overlap_add(spread, extents, stride, padding, dilation)


def convolution_weight_composite(
    grad: Any, input: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents, groups: int
) -> Any:
    (samples, outputs, *found), channels = shape_of(grad), shape_of(input)[1] // groups
    terms = samples * size(tuple(found))
    g = reshape(permute_dims(rows(grad, groups), (1, 2, 0, 3)), (groups, outputs // groups, terms))
    x = permute_dims(columns(input, kernel, stride, padding, dilation, groups), (1, 0, 3, 2))
    return reshape(matmul(g, reshape(x, (groups, terms, channels * size(kernel)))), (outputs, channels, *kernel))


convolution: Any = op(
    "nn.convolution(input, weight, bias=None, /, *, stride, padding, dilation, groups)", fresh=True,
    composite=convolution_composite,
    vjp={
        "input": lambda g, weight, input_shape, stride, padding, dilation, groups: convolution_input(
            g, weight, input_shape[2:], stride, padding, dilation, groups
        ),
        "weight": lambda g, input, weight_shape, stride, padding, dilation, groups: convolution_weight(
            g, input, weight_shape[2:], stride, padding, dilation, groups
        ),
        "bias": lambda g: sum(g, axis=(0, *range(2, len(shape_of(g))))),
    },
    jvp={
        "input": lambda t, weight, stride, padding, dilation, groups: convolution(
            t, weight, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "weight": lambda t, input, stride, padding, dilation, groups: convolution(
            input, t, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "bias": lambda t, stride: per_channel(t, len(stride)),
    },
    doc="Each window's product with the weight, summed, and the bias; ``bias`` may be None.",
)  # fmt: skip
convolution_input: Any = op(
    "nn.convolution_input(grad, weight, /, extents, stride, padding, dilation, groups)", fresh=True,
    composite=convolution_input_composite,
    vjp={
        "grad": lambda g, weight, stride, padding, dilation, groups: convolution(
            g, weight, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "weight": lambda g, grad, weight_shape, stride, padding, dilation, groups: convolution_weight(
            grad, g, weight_shape[2:], stride, padding, dilation, groups
        ),
    },
    jvp={
        "grad": lambda t, weight, extents, stride, padding, dilation, groups: convolution_input(
            t, weight, extents, stride, padding, dilation, groups
        ),
        "weight": lambda t, grad, extents, stride, padding, dilation, groups: convolution_input(
            grad, t, extents, stride, padding, dilation, groups
        ),
    },
    doc="The derivative of ``sum(grad * convolution(input, weight))`` by the input, which has these extents.",
)  # fmt: skip
convolution_weight: Any = op(
    "nn.convolution_weight(grad, input, /, kernel, stride, padding, dilation, groups)", fresh=True,
    composite=convolution_weight_composite,
    vjp={
        "grad": lambda g, input, stride, padding, dilation, groups: convolution(
            input, g, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "input": lambda g, grad, input_shape, stride, padding, dilation, groups: convolution_input(
            grad, g, input_shape[2:], stride, padding, dilation, groups
        ),
    },
    jvp={
        "grad": lambda t, input, kernel, stride, padding, dilation, groups: convolution_weight(
            t, input, kernel, stride, padding, dilation, groups
        ),
        "input": lambda t, grad, kernel, stride, padding, dilation, groups: convolution_weight(
            grad, t, kernel, stride, padding, dilation, groups
        ),
    },
    doc="The derivative of ``sum(grad * convolution(input, weight))`` by the weight, whose windows are ``kernel``.",
)  # fmt: skip

OPS = (convolution, convolution_input, convolution_weight)
NUMPY = ("convolution", "convolution_input", "convolution_weight")
CUPY: dict[str, str] = {}
