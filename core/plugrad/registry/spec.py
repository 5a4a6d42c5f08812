"""The spec of an array: one object for each backend, shape, dtype and device, so that identity proves equality."""

from __future__ import annotations

from .claims import OWNERS, owner_of
from .dtype import dtype
from .tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .backend import Backend
    from .dtype import DType

    Join = tuple["Spec", tuple["Spec | None", "Spec | None"] | None]

LIMIT = 4096
SPECS: dict[Any, Spec] = {}
"""By ``Backend.key``. Bounded, and dropped at will: that two specs are not one object proves nothing."""
PLAIN: dict[type, dict[Any, Spec]] = {}
"""The same by shape and dtype, for the array types of a ``plain`` backend."""


class Spec:
    """What is known of an array without asking its library.

    ``real`` is what the fast path knows: a real floating dtype, and no transform.
    """

    __slots__ = (
        "backend", "complex", "device", "dtype", "inexact", "joins", "known", "level", "real", "scalars", "shape",
    )  # fmt: skip
    backend: Backend
    shape: tuple[int, ...]
    dtype: DType

    def __init__(self, array: Any, backend: Backend, known: bool) -> None:
        self.known = known  # every dimension is, so the spec may be shared and remembered
        self.backend = backend
        self.shape = backend.shape(array)
        self.dtype = dtype(backend.dtype(array))
        self.device = backend.device(array)
        self.level = backend.level(array)
        self.real = self.dtype.is_floating_point and not self.level
        self.complex = self.dtype.is_complex
        self.inexact = self.dtype.is_floating_point or self.complex
        self.scalars: dict[float, Any] = {}  # Python numbers as this backend's kernels take them fastest
        self.joins: dict[Spec, Join] = {}  # what an elementwise op of real tensors makes of this spec and another

    def __str__(self) -> str:
        device = "" if self.device == self.backend.default_device else f" on {self.device}"
        return f"{self.dtype} {self.shape} of {self.backend.name}{device}"


def spec_of(array: Any) -> Spec:
    """The spec of a raw array.

    :raises BackendError: if no backend owns arrays of its type.
    """
    plain = PLAIN.get(type(array))
    if plain is not None:
        spec = plain.get((array.shape, array.dtype))
        if spec is not None:
            return spec
    return _spec_by_key(array)


def _spec_by_key(array: Any) -> Spec:
    backend = owner_of(type(array))
    key = backend.key(array)
    if key is None:
        return Spec(array, backend, known=False)
    spec = SPECS.get(key)
    if spec is None:
        spec = Spec(array, backend, known=True)
        if len(SPECS) >= LIMIT:
            SPECS.clear()
            PLAIN.clear()
        spec = SPECS.setdefault(key, spec)
    if backend.plain:
        PLAIN.setdefault(type(array), {})[array.shape, array.dtype] = spec
    return spec


def wrap(array: Any) -> Tensor:
    """A tensor that requires no gradient, around a raw array."""
    t = Tensor()
    t._ties = None
    t._array = array
    t._spec = spec_of(array)
    t._node = None
    return t


def is_number(x: Any) -> bool:
    """Whether something is a library's scalar and no array: a number, as NumPy's functions return it."""
    backend = OWNERS.get(type(x))
    return backend is not None and backend.aliased(x) is not x


def size(shape: tuple[int, ...]) -> int:
    """The number of elements."""
    count = 1
    for extent in shape:
        count *= extent
    return count


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a tensor or a raw array."""
    spec: Spec = x._spec if type(x) is Tensor else spec_of(x)
    return spec.shape


def dtype_of(x: Any) -> DType:
    """The neutral dtype of a tensor or a raw array."""
    spec: Spec = x._spec if type(x) is Tensor else spec_of(x)
    return spec.dtype
