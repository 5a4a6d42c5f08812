"""Convolution by matrix products: windows are gathered as columns, for a few samples at a time.

A product for one sample needs no transposition of its result; several are taken together where one has few windows,
since a product of few columns is slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from ..ops.windows import Extents, Padding, counts
from .windows import spans

ENOUGH = 512
"""Columns from which on a product gains nothing by more of them."""


class Layout:
    """One convolution's shapes, and its columns: an array (C, *kernel, samples, *number of windows)."""

    def __init__(
        self, channels: int, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents,
        groups: int,
    ) -> None:  # fmt: skip
        self.channels, self.extents, self.kernel, self.groups = channels, extents, kernel, groups
        self.windows = counts(extents, kernel, stride, padding, dilation)
        self.spans = list(spans(extents, kernel, stride, padding, dilation, self.windows))
        self.padded = any(low or high for low, high in padding)
        self.rows = channels // groups * prod(kernel)

    def batches(self, samples: int) -> Iterator[slice]:
        step = -(-ENOUGH // max(1, prod(self.windows)))
        return (slice(start, min(samples, start + step)) for start in range(0, samples, step))

    def columns(self, x: Any) -> Any:
        """The windows of some samples: (groups, rows, samples * windows)."""
        made = np.zeros if self.padded else np.empty
        out = made((self.channels, *self.kernel, len(x), *self.windows), x.dtype)
        x = x.swapaxes(0, 1)
        for place, source, target in self.spans:
            key: Any = (slice(None), *place)
            out[key][target] = x[source]
        return out.reshape(self.groups, self.rows, -1)

    def add_columns(self, columns: Any, out: Any) -> None:
        """The reverse: what windows overlap in is added."""
        columns = columns.reshape(self.channels, *self.kernel, len(out), *self.windows)
        out = out.swapaxes(0, 1)
        for place, source, target in self.spans:
            out[source] += columns[(slice(None), *place)][target]

    def matrices(self, weight: Any) -> Any:
        return weight.reshape(self.groups, len(weight) // self.groups, self.rows)

    def results(self, grad: Any) -> Any:
        """(samples, K, *windows) -> (groups, K / groups, samples * windows)."""
        outputs = grad.shape[1]
        return grad.swapaxes(0, 1).reshape(self.groups, outputs // self.groups, len(grad) * prod(self.windows))


def in_single(kernel: Any, first: Any, second: Any, *rest: Any) -> Any:
    """Half precision has no matrix product of its own: it is computed in single precision."""
    single = [None if x is None else x.astype(np.float32) for x in rest[:1]] if kernel is convolution else rest[:1]
    return kernel(first.astype(np.float32), second.astype(np.float32), *single, *rest[1:]).astype(first.dtype)


def convolution(
    input: Any, weight: Any, bias: Any, stride: Extents, padding: Padding, dilation: Extents, groups: int
) -> Any:
    if input.dtype == np.float16:
        return in_single(convolution, input, weight, bias, stride, padding, dilation, groups)
    samples, channels, *extents = input.shape
    layout = Layout(channels, tuple(extents), weight.shape[2:], stride, padding, dilation, groups)
    matrices, outputs = layout.matrices(weight), len(weight)
    out = np.empty((samples, outputs, *layout.windows), np.result_type(input, weight))
    for batch in layout.batches(samples):
        into = out[batch]
        if len(into) == 1:
            np.matmul(matrices, layout.columns(input[batch]), out=into.reshape(groups, outputs // groups, -1))
        else:
            found = np.matmul(matrices, layout.columns(input[batch]))
            into[...] = found.reshape(outputs, len(into), *layout.windows).swapaxes(0, 1)
    if bias is not None:
        out += bias.reshape(-1, *(1,) * len(layout.windows))
    return out


def convolution_input(
    grad: Any, weight: Any, extents: Extents, stride: Extents, padding: Padding, dilation: Extents, groups: int
) -> Any:
    if grad.dtype == np.float16:
        return in_single(convolution_input, grad, weight, extents, stride, padding, dilation, groups)
    channels = weight.shape[1] * groups
    layout = Layout(channels, extents, weight.shape[2:], stride, padding, dilation, groups)
    matrices = layout.matrices(weight).mT
    out = np.zeros((len(grad), channels, *extents), np.result_type(grad, weight))
    for batch in layout.batches(len(grad)):
        layout.add_columns(np.matmul(matrices, layout.results(grad[batch])), out[batch])
    return out


def convolution_weight(
    grad: Any, input: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents, groups: int
) -> Any:
    if grad.dtype == np.float16:
        return in_single(convolution_weight, grad, input, kernel, stride, padding, dilation, groups)
    (samples, channels, *extents), outputs = input.shape, grad.shape[1]
    layout = Layout(channels, tuple(extents), kernel, stride, padding, dilation, groups)
    out = np.zeros((groups, outputs // groups, layout.rows), np.result_type(grad, input))
    for batch in layout.batches(samples):
        out += np.matmul(layout.results(grad[batch]), layout.columns(input[batch]).mT)
    return out.reshape(outputs, channels // groups, *kernel)
