"""One-hot tensors, one for each element of a tensor, and Jacobians put together from what is computed for each."""

from __future__ import annotations

from ..ops import getitem, reshape, stack
from ..registry.spec import size, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..registry.spec import Spec
    from ..registry.tensor import Tensor


def zeros(spec: Spec, shape: tuple[int, ...]) -> Tensor:
    """Zeros of another shape than the spec's."""
    library = spec.backend.library
    return wrap(library.held(library.full(shape, 0, library.native_dtype(spec.dtype), spec.device)))


def basis(spec: Spec) -> Iterator[Tensor]:
    """For each element, in C order, a tensor of the spec that is 1 there and 0 elsewhere."""
    library = spec.backend.library
    count = size(spec.shape)
    if count:
        eye = library.eye(count, count, 0, library.native_dtype(spec.dtype), spec.device)
        for i in range(count):
            yield wrap(library.held(reshape(getitem(eye, i), spec.shape)))


def stacked(parts: Sequence[Tensor], axis: int, out: Spec, into: Spec) -> Tensor:
    """A Jacobian of the output's shape and then the input's: its rows for ``axis`` 0, its columns for -1."""
    shape = (*out.shape, *into.shape)
    if not parts:
        return zeros(into, shape)
    return reshape(stack(*parts, axis=axis), shape)
