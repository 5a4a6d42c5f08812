"""Floor 4: making tensors: from data, of one value and of ranges."""

from __future__ import annotations

from .autograd.leaf import set_requires_grad
from .errors import BackendError, DTypeError, ShapeError
from .registry.claims import (
    NUMBERS,
    backend_named,
    base_taken,
    default_backend,
    disowned,
    is_array,
    owner_of,
)
from .registry.dtype import DType
from .registry.dtype import dtype as dtype_named
from .registry.place import Place, brought, place_named
from .registry.spec import wrap
from .registry.tensor import Tensor
from .transfer import moved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .registry.backend import Backend

    Shape = int | Sequence[int]

_default_dtype: DType | None = None


def set_default_dtype(dtype: Any) -> None:
    """The dtype of tensors made from Python floats, on every backend; None: each backend's own (NumPy's is float64).

    :raises DTypeError: if it is not a real floating dtype.
    """
    global _default_dtype
    if dtype is None:
        _default_dtype = None
        return
    named = dtype_named(dtype)
    if not named.is_floating_point:
        raise DTypeError(f"only a real floating dtype can be the default, not {named}")
    _default_dtype = named


def get_default_dtype() -> DType:
    """The dtype of tensors made from Python floats, on the default backend."""
    return default_float_of(default_backend())


def default_float_of(backend: Backend) -> DType:
    return _default_dtype or dtype_named(backend.default_float)


def _default_for(value: Any, backend: Backend) -> DType:
    """The dtype of a Python number."""
    if isinstance(value, bool):
        return dtype_named("bool")
    if isinstance(value, int):
        return dtype_named("int64")
    real = default_float_of(backend)
    return real if isinstance(value, float) else dtype_named("complex64" if real.bits < 64 else "complex128")


def finished(array: Any, requires_grad: bool) -> Tensor:
    t = wrap(array)
    t._array = t._spec.backend.held(array)
    return set_requires_grad(t, True) if requires_grad else t


def chosen_backend(backend: str | None, device: Any, own: Backend | None = None) -> Backend:
    """The backend of that name, else the one that the device says, else ``own`` or the default one."""
    if backend is None:
        return own or default_backend() if device is None else place_named(device, own).backend
    chosen = backend_named(backend)
    chosen.check_device(device)
    return chosen


def _converted(
    data: Any, dtype: Any, device: Any, copy: bool | None, backend: str | None, own: Backend | None = None
) -> Any:
    """
    :param own: the backend of ``data``, if it is known.
    """
    if base_taken(type(data)):
        raise BackendError(disowned(type(data)))
    if own is None and type(data) not in NUMBERS and is_array(type(data)):
        own = owner_of(type(data))
    chosen = chosen_backend(backend, device, own)
    if isinstance(data, (list, tuple)):
        _refuse_tensors(data)
    if own is not None and chosen is not own:
        if copy is False:
            raise ValueError(f"a copy is needed to bring an array of backend {own.name!r} to {chosen.name!r}")
        return brought(data, Place(chosen, chosen.check_device(device)), None if dtype is None else dtype_named(dtype))
    array = chosen.asarray(data, chosen.native(dtype), device, copy)
    if dtype is None and (type(data) in NUMBERS or isinstance(data, (list, tuple))):
        have = wrap(array)._spec.dtype
        wanted = _default_for(1.0 if have.is_floating_point else 1j, chosen)
        if (have.is_floating_point or have.is_complex) and have is not wanted:
            array = chosen.asarray(array, chosen.native(wanted), device)
    return array


def _refuse_tensors(data: Any) -> None:
    for item in data:
        if isinstance(item, Tensor):
            raise TypeError(
                "a list that holds tensors cannot be made into one without losing their gradients; "
                "use plugrad.stack or plugrad.concat"
            )
        if isinstance(item, (list, tuple)):
            _refuse_tensors(item)
        else:
            return  # a list of numbers: the first says enough


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, backend: str | None = None
) -> Tensor:
    """A new leaf tensor with a copy of ``data``.

    :param data: a number, nested sequences of numbers, an array of any backend, or a tensor (whose history is left).
    :param device: where it is to be; without ``backend`` it says which backend is meant, as for ``Tensor.to``.
    :param backend: the name of the backend; by default that of ``data`` if it is an array, else the default one.
    :raises DTypeError: if the dtype is not known.
    :raises BackendError: if there is no such backend, or none that could be the default.
    """
    if isinstance(data, Tensor):
        spec = data._spec
        array, dtype = spec.backend.detached(data._array), dtype or spec.dtype
        return finished(_converted(array, dtype, device, True, backend, spec.backend.library), requires_grad)
    return finished(_converted(data, dtype, device, True, backend), requires_grad)


def asarray(
    obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None, backend: str | None = None
) -> Tensor:
    """A tensor that shares memory with ``obj`` where it can. A tensor keeps its history, also across backends.

    :param device: where it is to be; without ``backend`` it says which backend is meant, as for ``Tensor.to``.
    :param copy: True: never share memory; False: raise ValueError where a copy would be needed.
    """
    if isinstance(obj, Tensor):
        spec = obj._spec
        chosen = chosen_backend(backend, device, spec.backend.library)
        stays = device is None and chosen is spec.backend.library
        place = Place(chosen, spec.device if stays else chosen.check_device(device))
        wanted = spec.dtype if dtype is None else dtype_named(dtype)
        same = chosen is spec.backend.library and place.device == spec.device and wanted is spec.dtype
        if copy is False and not same:
            raise ValueError(f"a copy is needed to make {spec} {wanted} on {place}")
        return moved(obj, place, wanted, bool(copy))
    return finished(_converted(obj, dtype, device, copy, backend), False)


# -- of one value -----------------------------------------------------------------------------------------------


def extents_of(args: tuple[Any, ...], word: str) -> tuple[int, ...]:
    """``zeros(2, 3)`` is ``zeros((2, 3))``."""
    given = args[0] if len(args) == 1 else args
    extents = (given,) if isinstance(given, int) else tuple(given)
    for extent in extents:
        if not hasattr(extent, "__index__") or extent.__index__() < 0:
            raise ShapeError(f"{word}: a shape has non-negative integers, got {given!r}")
    return tuple(extent.__index__() for extent in extents)


def _filled(
    shape: tuple[int, ...], value: Any, dtype: Any, device: Any, requires_grad: bool, backend: str | None
) -> Tensor:
    chosen = chosen_backend(backend, device)
    native = chosen.native(dtype if dtype is not None else _default_for(value, chosen))
    return finished(chosen.full(shape, value, native, device), requires_grad)


def zeros(
    *shape: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, backend: str | None = None
) -> Tensor:
    """A tensor of zeros: ``zeros((2, 3))`` or ``zeros(2, 3)``.

    :param shape: the extents, one by one or as a tuple.
    :param dtype: the default float, if it is None.
    :raises ShapeError: for an extent that is no integer, or negative.
    """
    return _filled(extents_of(shape, "zeros"), 0.0 if dtype is None else 0, dtype, device, requires_grad, backend)


def ones(
    *shape: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, backend: str | None = None
) -> Tensor:
    """A tensor of ones: ``ones((2, 3))`` or ``ones(2, 3)``.

    :param shape: the extents, one by one or as a tuple.
    :param dtype: the default float, if it is None.
    :raises ShapeError: for an extent that is no integer, or negative.
    """
    return _filled(extents_of(shape, "ones"), 1.0 if dtype is None else 1, dtype, device, requires_grad, backend)


def full(
    shape: Shape,
    fill_value: complex,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    backend: str | None = None,
) -> Tensor:
    """A tensor of one value.

    :param shape: the extents, as a tuple, or a single one.
    :param dtype: if it is None, that of ``tensor(fill_value)``.
    :raises ShapeError: for an extent that is no integer, or negative.
    """
    return _filled(extents_of((shape,), "full"), fill_value, dtype, device, requires_grad, backend)


def empty(
    *shape: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, backend: str | None = None
) -> Tensor:
    """A tensor whose values are whatever its memory held.

    :param shape: the extents, one by one or as a tuple.
    :param dtype: the default float, if it is None.
    :raises ShapeError: for an extent that is no integer, or negative.
    """
    chosen = chosen_backend(backend, device)
    native = chosen.native(dtype if dtype is not None else default_float_of(chosen))
    return finished(chosen.empty(extents_of(shape, "empty"), native, device), requires_grad)


def full_like(
    x: Tensor, /, fill_value: complex, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of one value, of the shape, dtype, device and backend of ``x``.

    :param dtype: another dtype than that of ``x``.
    :raises BackendError: if ``x`` is neither a tensor nor an array of a backend, or the device is not there.
    """
    spec = x._spec if isinstance(x, Tensor) else wrap(x)._spec
    chosen = chosen_backend(None, device, spec.backend.library)
    native = chosen.native(spec.dtype if dtype is None else dtype)
    return finished(
        chosen.full(spec.shape, fill_value, native, spec.device if device is None else device), requires_grad
    )


def zeros_like(x: Tensor, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros, of the shape, dtype, device and backend of ``x``.

    :param dtype: another dtype than that of ``x``.
    :raises BackendError: if ``x`` is neither a tensor nor an array of a backend, or the device is not there.
    """
    return full_like(x, 0, dtype=dtype, device=device, requires_grad=requires_grad)


def ones_like(x: Tensor, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones, of the shape, dtype, device and backend of ``x``.

    :param dtype: another dtype than that of ``x``.
    :raises BackendError: if ``x`` is neither a tensor nor an array of a backend, or the device is not there.
    """
    return full_like(x, 1, dtype=dtype, device=device, requires_grad=requires_grad)


def empty_like(x: Tensor, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Whatever the memory held, of the shape, dtype, device and backend of ``x``.

    :param dtype: another dtype than that of ``x``.
    :raises BackendError: if ``x`` is neither a tensor nor an array of a backend, or the device is not there.
    """
    spec = x._spec if isinstance(x, Tensor) else wrap(x)._spec
    chosen = chosen_backend(None, device, spec.backend.library)
    native = chosen.native(spec.dtype if dtype is None else dtype)
    return finished(chosen.empty(spec.shape, native, spec.device if device is None else device), requires_grad)


# -- ranges -------------------------------------------------------------------------------------------------------


def arange(
    start: float, /, stop: float | None = None, step: float = 1, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, backend: str | None = None,
) -> Tensor:  # fmt: skip
    """start, start + step, ... up to and without ``stop``; of int64 if all three are ints.

    :param start: the first number; given alone it is ``stop``, and the first is 0.
    :returns: of shape (n,).
    :raises ValueError: if ``step`` is 0.
    """
    first, last = (0, start) if stop is None else (start, stop)
    if step == 0:
        raise ValueError("arange: step must be nonzero")
    chosen = chosen_backend(backend, device)
    natural = _default_for(first + last + step, chosen)
    return finished(chosen.arange(first, last, step, chosen.native(dtype or natural), device), requires_grad)


def linspace(
    start: float, stop: float, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True,
    requires_grad: bool = False, backend: str | None = None,
) -> Tensor:  # fmt: skip
    """``num`` evenly spaced numbers from ``start`` to ``stop``, this included if ``endpoint``.

    :param dtype: the default float, if it is None.
    :returns: of shape (num,).
    :raises ValueError: if ``num`` is negative.
    """
    chosen = chosen_backend(backend, device)
    native = chosen.native(dtype or default_float_of(chosen))
    return finished(chosen.linspace(start, stop, num, endpoint, native, device), requires_grad)


def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, backend: str | None = None,
) -> Tensor:  # fmt: skip
    """Ones on the ``k``-th diagonal, zeros elsewhere.

    :param n_cols: as many as ``n_rows``, if it is None.
    :param k: 0 is the main diagonal, 1 the one above it.
    :param dtype: the default float, if it is None.
    :returns: of shape (n_rows, n_cols).
    :raises ValueError: if an extent is negative.
    """
    chosen = chosen_backend(backend, device)
    native = chosen.native(dtype or default_float_of(chosen))
    return finished(chosen.eye(n_rows, n_rows if n_cols is None else n_cols, k, native, device), requires_grad)
