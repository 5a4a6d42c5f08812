"""What a backend is: the base class of every array library's adapter."""

from __future__ import annotations

from ..errors import BackendError, DTypeError, ShapeError
from .dtype import DType, dtype

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random
    from typing import Any

    Array = Any
    Kernel = Callable[..., Any]
    Shape = tuple[int, ...]


RANKS = ("bool", "unsigned integer", "signed integer", "real floating", "complex floating")


def check_update(backend: Backend, array: Any, result: Any, op: str) -> None:
    """
    :raises ShapeError: if an in-place result is not of the array's shape.
    :raises DTypeError: if it is of a higher kind of dtype.
    """
    have, want = backend.shape(result), backend.shape(array)
    if have != want:
        raise ShapeError(f"{op} in place: output with shape {want} doesn't match the broadcast shape {have}")
    result_type, output_type = dtype(backend.dtype(result)), dtype(backend.dtype(array))
    if RANKS.index(result_type.kind) > RANKS.index(output_type.kind):
        raise DTypeError(
            f"{op} in place: result type {result_type} can't be cast to the desired output type {output_type}"
        )


class Backend:
    """An array library, as plugrad sees it.

    A subclass names itself and the exact array types that it owns, gives kernels, and says what an array is (the
    methods down to ``owner``). The rest has a default that is slow and right.

    ``kernels`` maps an op's name to a function on raw arrays, or to ``"module:function"``. A kernel is called with
    the op's arguments, all by position in the order of the declaration; a variadic input is one tuple, an optional
    input that was not given is None. It returns memory of its own unless the op is declared a view.
    """

    name: str = ""
    array_types: tuple[str, ...] = ()
    kernels: Mapping[str, Kernel | str] = {}
    default_float: str = "float64"
    default_device: str = "cpu"
    shape_errors: tuple[type[Exception], ...] = (ValueError,)  # the exact types that its kernels raise of wrong shapes
    plain: bool = False  # an array's own ``shape`` and ``dtype`` are all that ``key`` says, for each of the array types
    writable: bool = False  # can an array be written in place, and share memory with another
    tolerances: Mapping[str, float] = {}  # dtype -> how far values may be off, relative; for the conformance kit
    _random: Random | None = None

    def unavailable(self) -> str:
        """Why this backend cannot be used here (library or driver missing); empty if it can. Without side effects."""
        return ""

    def kernel(self, op: str, array_type: type) -> Kernel | str | None:
        """The kernel of an op for one of this backend's array types, or None."""
        return self.kernels.get(op)

    # -- what an array is -------------------------------------------------------------------------

    def shape(self, array: Array) -> Shape:
        return array.shape

    def dtype(self, array: Array) -> Any:
        """The library's own dtype of an array."""
        return array.dtype

    def device(self, array: Array) -> str:
        return self.default_device

    def devices(self) -> tuple[str, ...]:
        """The names of the devices on which arrays can be."""
        return (self.default_device,)

    def check_device(self, device: Any) -> str:
        """The name of a device.

        :param device: a name, the library's own object, or None for the default one.
        :raises BackendError: if there is no such device.
        """
        if device is None:
            return self.default_device
        known = self.devices()
        if str(device) not in known:
            raise BackendError(f"backend {self.name!r} has devices {', '.join(map(repr, known))}, not {device!r}")
        return str(device)

    def key(self, array: Array) -> Any:
        """Hashable, and the same for two arrays only if shape, dtype, device and all else that an op minds are.

        None if a dimension is unknown.
        """
        return self, self.shape(array), self.dtype(array), self.device(array)

    def native_dtype(self, name: DType) -> Any:
        """The library's dtype for a neutral one."""
        return name

    def native(self, given: Any) -> Any:
        """The library's dtype for whatever names one; None stays None.

        :raises DTypeError: if there is no such dtype.
        """
        return None if given is None else self.native_dtype(dtype(given))

    def asarray(self, data: Any, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
        """An array of this library from nested sequences, numbers or an array of its own. ``dtype`` is native."""
        raise NotImplementedError(f"backend {self.name!r} makes no arrays")

    def tolist(self, array: Array) -> Any:
        """Nested lists of Python numbers; a number for 0-d."""
        return array.tolist()

    def text(self, array: Array) -> str:
        """The values, as ``repr`` of a tensor shows them."""
        return repr(self.tolist(array))

    def array_ufunc(self, ufunc: Any, method: str, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Answer the library's own function called on a tensor (NumPy's protocol of that name)."""
        return NotImplemented

    def array_function(self, function: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Answer the library's own function called on a tensor (NumPy's protocol of that name)."""
        return NotImplemented

    def copy(self, array: Array) -> Array:
        """New memory with the same values."""
        return array  # right where arrays are immutable

    def to_host(self, array: Array) -> Any:
        """A copy of an array in the host's memory, in whatever form ``from_host`` takes.

        Other backends take it, too, if it has ``__dlpack__``.
        """
        return self.copy(array)

    def from_host(self, held: Any, device: str) -> Array:
        """The array on a device again."""
        return held

    def from_dlpack(self, x: Any, device: Any = None, copy: bool | None = None) -> Array:
        """An array of this library around the memory that another library's ``x`` exports by DLPack, or a copy of it.

        :param device: where it is to be; None for where ``x`` is.
        :raises BufferError: if this library does not reach that memory, or needs a copy where that is False.
        :raises BackendError: if this library takes nothing by DLPack.
        """
        raise BackendError(
            f"backend {self.name!r} takes no arrays by DLPack. Let another one take it, and "
            f"plugrad.asarray(t, backend={self.name!r}) copies from there"
        )

    # -- the current device ------------------------------------------------------------------------
    # Of libraries that launch on a current device, whichever an array is on.

    switches: bool = False  # has the library such a device, and more than one of them

    def strays(self) -> bool:
        """Whether arrays were met on another device than the one that is current now. Asked only where ``switches``."""
        return False

    def current(self, device: str) -> Any:
        """A context in which that device is current: formulas use the arrays' own operators. None if it is already."""
        return None

    def guarded(self, kernel: Kernel) -> Kernel:
        """A kernel, or an op's composite, so that it may be called wherever its arrays are."""
        return kernel

    def stream(self, stream: Any) -> Any:
        """A context in which work goes to that stream, an object of the library's or a number as DLPack has them.

        :raises BackendError: if the library has no streams.
        """
        raise BackendError(f"backend {self.name!r} has no streams; leave stream=None")

    # -- memory -----------------------------------------------------------------------------------

    def owner(self, array: Array) -> Any:
        """The object that stands for an array's memory, the same for all of its views; it takes weak references.

        None where memory cannot be written, or has no nameable owner.
        """
        return None

    def held(self, array: Array) -> Array:
        """What a tensor holds for an array: for 0-d, the library's scalar where computing with it is faster."""
        return array

    def aliased(self, array: Array) -> Array:
        """The reverse: something whose memory can be shared and written."""
        return array

    def write(self, array: Array, key: Any, value: Any) -> None:
        """``array[key] = value``, in place. Only called where ``writable``."""
        array[key] = value

    def update(self, op: Any, array: Array, *operands: Any) -> None:
        """``array = op(array, *operands)``, in place, operands as a kernel gets them. Only called where ``writable``.

        :raises ShapeError, DTypeError: if the result does not fit into the array; it is unchanged then.
        """
        if op.name == "setitem":
            value, key = operands
            self.write(array, key, value)
            return
        from .kernels import kernel_for

        result = kernel_for(op, type(array))(array, *operands)
        check_update(self, array, result, op.name)
        self.write(array, ..., result)

    def accumulate(self, total: Array, more: Array) -> Array:
        """``total + more``; may write into ``total``, which the engine owns."""
        return total + more

    # -- what the engine asks for ------------------------------------------------------------------

    def scalar(self, spec: Any, number: complex) -> Any:
        """A Python number as kernels take it fastest beside an array of that real spec."""
        return number

    def one(self, spec: Any) -> Array:
        return self.held(self.full(spec.shape, 1, self.native_dtype(spec.dtype), spec.device))

    def zero(self, spec: Any) -> Array:
        return self.held(self.full(spec.shape, 0, self.native_dtype(spec.dtype), spec.device))

    # -- transforms: backends whose arrays are wrapped around another backend's -----------------------
    # Kernels of one take arrays of lower levels and Python numbers beside its own, as what its transform leaves alone.

    @property
    def library(self) -> Backend:
        """The backend of the array library at the bottom; itself, unless this is a transform's."""
        return self

    def level(self, array: Array) -> int:
        """0, or the number of the transform that wrapped the array; an op is run by the highest of its inputs'."""
        return 0

    def lift(self, tensor: Any, like: Array) -> Array:
        """An array of the level of ``like`` around a tensor of a lower one. Asked for if it requires grad."""
        raise NotImplementedError(f"backend {self.name!r} wraps no arrays")

    def detached(self, array: Array) -> Array:
        """What is left of an array without its transforms; it shares memory."""
        return array

    def run_function(self, call: Any) -> None:
        """Run the ``forward`` of a call of a ``Function`` whose arguments hold arrays of this backend."""
        raise NotImplementedError(f"backend {self.name!r} runs no Function")

    # -- creation -----------------------------------------------------------------------------------
    # dtype is native, device None for the default.

    def full(self, shape: Shape, value: complex, dtype: Any, device: Any = None) -> Array:
        nested: Any = value
        for extent in reversed(shape):
            nested = [nested] * extent
        return self.asarray(nested, dtype, device)

    def empty(self, shape: Shape, dtype: Any, device: Any = None) -> Array:
        return self.full(shape, 0, dtype, device)

    def arange(self, start: float, stop: float, step: float, dtype: Any, device: Any = None) -> Array:
        count = max(0, -int(-(stop - start) // step))
        return self.asarray([start + i * step for i in range(count)], dtype, device)

    def linspace(self, start: float, stop: float, num: int, endpoint: bool, dtype: Any, device: Any = None) -> Array:
        step = (stop - start) / max(1, num - 1 if endpoint else num)
        values = [start + i * step for i in range(num)]
        if endpoint and num > 1:
            values[-1] = stop
        return self.asarray(values, dtype, device)

    def eye(self, rows: int, columns: int, k: int, dtype: Any, device: Any = None) -> Array:
        return self.asarray([[int(j - i == k) for j in range(columns)] for i in range(rows)], dtype, device)

    # -- random numbers: these defaults go through Python's own generator -----------------------------

    def manual_seed(self, seed: int | None) -> None:
        from random import Random

        self._random = Random(seed)

    def rng_state(self) -> Any:
        """The generator's state; ``set_rng_state`` takes it back."""
        return self._generator().getstate()

    def set_rng_state(self, state: Any) -> None:
        self._generator().setstate(state)

    def _generator(self) -> Random:
        if self._random is None:
            self.manual_seed(None)
        assert self._random is not None
        return self._random

    def _draw(self, draw: Callable[[], float], shape: Shape, dtype: Any, device: Any) -> Array:
        if not shape:
            return self.asarray(draw(), dtype, device)

        def nested(extents: Shape) -> Any:
            return [nested(extents[1:]) for _ in range(extents[0])] if extents else draw()

        return self.asarray(nested(shape), dtype, device)

    def uniform(self, shape: Shape, dtype: Any, device: Any = None) -> Array:
        """Uniform on [0, 1)."""
        return self._draw(self._generator().random, shape, dtype, device)

    def normal(self, shape: Shape, dtype: Any, device: Any = None) -> Array:
        """Normal with mean 0 and variance 1."""
        generator = self._generator()
        return self._draw(lambda: generator.gauss(0.0, 1.0), shape, dtype, device)

    def integers(self, low: int, high: int, shape: Shape, dtype: Any, device: Any = None) -> Array:
        """Uniform on low, ..., high - 1."""
        generator = self._generator()
        return self._draw(lambda: generator.randrange(low, high), shape, dtype, device)
