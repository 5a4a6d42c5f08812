"""Floor 4: bringing tensors to other devices, backends and dtypes, and taking arrays of other libraries by DLPack."""

from __future__ import annotations

from .autograd.declare import Function, op
from .errors import BackendError, DTypeError
from .ops import astype
from .plugins import missing
from .registry.backend import Backend
from .registry.claims import BACKENDS, backend_named, default_backend
from .registry.dtype import DTYPES, DType
from .registry.dtype import dtype as dtype_named
from .registry.op import OPS, Op
from .registry.place import Place, brought, known_devices, place_named, place_of
from .registry.spec import wrap
from .registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# It stands outside of ``plugrad.ops``: what it does is between two backends, so no sample on one can tell.
transfer: Function = op(
    "Tensor.to(x, /, place, source, dtype)", linear=True, holomorphic=False, fresh=True,
    node_name="ToCopyBackward0", doc="A copy of a tensor at another place; the cotangent comes back to ``source``.",
    composite=lambda x, place, source, dtype: brought(x, place, dtype),
    vjp={"x": lambda g, place, source, x_dtype: transfer(g, source, place, x_dtype)},
)  # fmt: skip
_declared: Op = transfer.__globals__["OP"]
_declared.source = "Tensor"
OPS[_declared.name] = _declared


def moved(t: Tensor, place: Place, dtype: DType | None = None, copy: bool = False) -> Tensor:
    """The tensor at a place and of a dtype, recorded as one node; itself if it is so and no copy is asked for."""
    spec = t._spec
    source = Place(spec.backend.library, spec.device)
    if source.backend is not place.backend or source.device != place.device:
        return transfer(t, place, source, dtype or spec.dtype)  # type: ignore[no-any-return]
    if not copy and dtype in (None, spec.dtype):
        return t
    return astype(t, dtype or spec.dtype, copy=True)


def beside(t: Tensor, other: Tensor) -> Tensor:
    """The tensor where another one is, to be written into it: brought there, it is of the other's dtype, too."""
    place, spec = place_of(other._array), t._spec
    if place.backend is spec.backend.library and place.device == spec.device:
        return t
    drops = spec.complex and not other._spec.complex  # the imaginary part, which the write refuses
    return moved(t, place, None if drops else other._spec.dtype)


# -- the tensor's methods -----------------------------------------------------------------------------------------


def to(
    self: Tensor,
    *args: Any,
    device: Any = None,
    dtype: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
) -> Tensor:
    """The tensor on another device, of another dtype, or both.

    ``t.to("cuda")``, ``t.to(plugrad.float32)``, ``t.to("cuda:1", plugrad.float32)`` or ``t.to(other)``. A device that
    the tensor's own backend has not brings it to one that has it: the default backend, NumPy's for ``"cpu"``, or the
    only one there is. Gradients go the way back.

    :param args: a device and a dtype, or a dtype, or a tensor that has both; then ``non_blocking`` and ``copy``.
    :param device: a name, a library's own object, or the number of a GPU.
    :param dtype: a dtype; None leaves it as it is.
    :param non_blocking: taken as PyTorch does, and makes no difference: a copy to a GPU never waits, and one to the
        host always does, since nothing there could wait later.
    :param copy: make a copy also where nothing changes.
    :returns: this tensor itself if it is as asked.
    :raises BackendError: if no backend has the device, or several have and none is nearer.
    :raises DTypeError: if the dtype is not known, or the backend there has none such.
    """
    target, device, dtype, rest = _asked(args, device, dtype)
    spec = self._spec
    if target is not None:
        place, dtype = place_of(target._array), target._spec.dtype
    elif device is None:
        place = Place(spec.backend.library, spec.device)
    else:
        place = place_named(device, spec.backend.library)
    return moved(self, place, None if dtype is None else dtype_named(dtype), rest[1] if len(rest) > 1 else copy)


def _asked(args: tuple[Any, ...], device: Any, dtype: Any) -> tuple[Tensor | None, Any, Any, list[Any]]:
    """What the arguments of ``to`` mean: a tensor, a device, a dtype, and what is left: ``non_blocking`` and ``copy``.

    :raises TypeError: if they mean nothing.
    """
    rest, target = list(args), None
    if rest and isinstance(rest[0], Tensor):
        target = rest.pop(0)
        if device is not None or dtype is not None:
            raise TypeError("to(other) has the device and the dtype of that tensor; name them without it, or it alone")
    elif rest and _is_dtype(rest[0]):
        dtype = _one(rest.pop(0), dtype, "dtypes")
    elif rest:
        device = _one(rest.pop(0), device, "devices")
        if rest and not isinstance(rest[0], bool):
            if rest[0] is not None and not _is_dtype(rest[0]):
                raise TypeError(f"to() takes a device and a dtype, and {rest[0]!r} is no dtype; plugrad.float32 is one")
            dtype = _one(rest.pop(0), dtype, "dtypes")
    if len(rest) > 2:
        raise TypeError(
            "to() takes (device, dtype), (dtype) or (other), and then non_blocking and copy, by position; "
            f"got {len(args)} arguments"
        )
    if isinstance(device, str) and device in DTYPES:
        raise DTypeError(f"{device!r} is a dtype, and a name alone is taken for a device: to(dtype={device!r})")
    return target, _device(device), dtype, rest


def _one(given: Any, named: Any, what: str) -> Any:
    if given is not None and named is not None:
        raise TypeError(f"to() got two {what}, {given!r} and {named!r}")
    return named if given is None else given


def _is_dtype(given: Any) -> bool:
    """Names are devices, unless they are a ``DType``; other objects are dtypes if they have the name of one."""
    if given is None or isinstance(given, (str, int)):
        return isinstance(given, DType)
    try:
        dtype_named(given)
    except DTypeError:
        return False
    return True


def _device(given: Any) -> Any:
    return f"cuda:{given}" if type(given) is int else given


def to_device(self: Tensor, device: Any, /, *, stream: Any = None) -> Tensor:
    """The tensor on another device, as the array API standard has it. See ``to``.

    :param stream: of a library that has streams, the one that copies: its own object, or a number as DLPack has them.
    :raises BackendError: if no backend has the device, or there are no streams.
    """
    if stream is None:
        return to(self, device=device)
    place = place_named(device, self._spec.backend.library)
    own = self._spec.backend.library
    streaming = place.backend if type(own).stream is Backend.stream else own  # the host's libraries have none
    with streaming.stream(stream):
        return moved(self, place)


def cpu(self: Tensor) -> Tensor:
    """The tensor in the host's memory; itself if it is there. See ``to``."""
    return to(self, device="cpu")


def cuda(self: Tensor, device: Any = None, non_blocking: bool = False) -> Tensor:
    """The tensor on a GPU: the current one, or that of a name or number. See ``to``.

    :raises BackendError: if no backend here has such a GPU, or the device is none.
    """
    named = "cuda" if device is None else _device(device)
    if isinstance(named, str) and named.partition(":")[0] != "cuda":
        raise BackendError(f"Invalid device, must be cuda device, not {device!r}; t.to({device!r}) takes any")
    return to(self, device=named)


# -- DLPack -------------------------------------------------------------------------------------------------------

KINDS = {1: "cpu", 2: "cuda:{}", 3: "cpu", 10: "cuda:{}", 11: "cpu", 13: "cuda:{}"}
"""DLPack's kinds of memory that are a device known by name: the host's, CUDA's and ROCm's, pinned or managed."""


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None, backend: str | None = None) -> Tensor:
    """A tensor that shares memory with an array of another library, taken by DLPack.

    :param x: an array or tensor of any library, with ``__dlpack__`` and ``__dlpack_device__``.
    :param device: where the tensor is to be; None for where ``x`` is.
    :param copy: True: never share memory; False: raise BufferError where a copy would be needed.
    :param backend: the name of the backend; by default the default one if it reaches that memory, else one that has
        the device on which ``x`` is.
    :raises BufferError: if the memory cannot be shared so; PyTorch's tensors that require grad are not.
    :raises BackendError: if no backend takes it.
    """
    if not hasattr(x, "__dlpack__"):
        raise TypeError(
            f"from_dlpack takes what has __dlpack__, not a {type(x).__module__}.{type(x).__qualname__}; "
            "plugrad.asarray takes lists, numbers and the arrays of the backends"
        )
    if backend is not None:
        return _taken(x, backend_named(backend), device, copy)
    if device is not None:
        place = place_named(device)
        return _taken(x, place.backend, place.device, copy)
    kind, number = x.__dlpack_device__()
    name = KINDS.get(int(kind), f"DLPack's kind {kind}").format(number)
    for candidate in _candidates(name):
        try:
            return _taken(x, candidate, None, copy)
        except BackendError:  # it takes nothing by DLPack
            pass
    raise BackendError(
        f"no backend that can be used here takes memory of {name} by DLPack: {known_devices()}. "
        "`python -m plugrad doctor` tells what is installed"
    )


def _candidates(device: str) -> list[Backend]:
    """The backends that may take memory of a device, the default one first and NumPy's second."""
    first = default_backend()
    found = sorted(BACKENDS.values(), key=lambda backend: (backend is not first, backend.name != "numpy"))
    return [b for b in found if not missing(b) and (device == "cpu" or device in b.devices())]


def _taken(x: Any, backend: Backend, device: Any, copy: bool | None) -> Tensor:
    made = backend.from_dlpack(x, device, copy)
    t = wrap(made)
    t._array = backend.held(made)
    return t
