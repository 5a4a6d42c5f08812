"""Floor 4: making tensors of random numbers, and their seed."""

from __future__ import annotations

from .creation import chosen_backend, default_float_of, extents_of, finished
from .registry.spec import wrap
from .registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .registry.backend import Backend

    Shape = int | Sequence[int]

_seed: tuple[int, int | None] = (0, None)  # how many were set, and the newest
_seeded: dict[str, int] = {}


def manual_seed(seed: int) -> None:
    """Seed the random numbers of every backend, also of one that is used later.

    :param seed: an integer that is not negative.
    """
    global _seed
    _seed = (_seed[0] + 1, int(seed))


def seeded(backend: Backend) -> Backend:
    """The backend, its generator seeded if a seed was set since it was last used."""
    number, seed = _seed
    if seed is not None and _seeded.get(backend.name) != number:
        backend.manual_seed(seed)
        _seeded[backend.name] = number
    return backend


def _random_backend(backend: str | None, device: Any) -> Backend:
    return seeded(chosen_backend(backend, device))


def randn(
    *shape: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, backend: str | None = None
) -> Tensor:
    """Normal random numbers, of mean 0 and variance 1: ``randn((2, 3))`` or ``randn(2, 3)``.

    :param shape: the extents, one by one or as a tuple.
    :param dtype: the default float, if it is None.
    :raises ShapeError: for an extent that is no integer, or negative.
    """
    chosen = _random_backend(backend, device)
    native = chosen.native(dtype or default_float_of(chosen))
    return finished(chosen.normal(extents_of(shape, "randn"), native, device), requires_grad)


def rand(
    *shape: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, backend: str | None = None
) -> Tensor:
    """Uniform random numbers on [0, 1): ``rand((2, 3))`` or ``rand(2, 3)``.

    :param shape: the extents, one by one or as a tuple.
    :param dtype: the default float, if it is None.
    :raises ShapeError: for an extent that is no integer, or negative.
    """
    chosen = _random_backend(backend, device)
    native = chosen.native(dtype or default_float_of(chosen))
    return finished(chosen.uniform(extents_of(shape, "rand"), native, device), requires_grad)


def rand_like(x: Tensor, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Uniform random numbers on [0, 1), of the shape, dtype, device and backend of ``x``.

    :param dtype: another dtype than that of ``x``.
    :raises BackendError: if ``x`` is neither a tensor nor an array of a backend.
    """
    spec = x._spec if isinstance(x, Tensor) else wrap(x)._spec
    backend, place = seeded(spec.backend), spec.device if device is None else device
    return finished(backend.uniform(spec.shape, backend.native(dtype or spec.dtype), place), requires_grad)


def randint(
    low: int, high: Any, size: Shape | None = None, *, dtype: Any = None, device: Any = None, backend: str | None = None
) -> Tensor:
    """Random integers on low, ..., high - 1: ``randint(low, high, size)`` or ``randint(high, size)``.

    :param size: the extents, as a tuple, or a single one.
    :param dtype: int64, if it is None.
    :raises ValueError: if ``high`` is not above ``low``.
    """
    if size is None:
        low, high, size = 0, low, high
    if high <= low:
        raise ValueError(f"randint: expected low < high, got low={low} and high={high}")
    chosen = _random_backend(backend, device)
    return finished(
        chosen.integers(low, high, extents_of((size,), "randint"), chosen.native(dtype or "int64"), device), False
    )
