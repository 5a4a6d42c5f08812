"""The backend: what CuPy's arrays are, and where they live.

Values stay on the device: only ``tolist`` and ``text`` read them, by an explicit ``get``. Tests without a GPU show that
the names are CuPy's and that the kernels compute what NumPy's do on a stand-in for it; what is then left for a GPU to
show is listed in the README.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from plugrad.extend import DType, NamespaceBackend, put_together
from plugrad.extend import dtype as dtype_named

from . import availability, kernels
from .devices import ON_A_GPU, STAY, Devices, stream_of
from .generators import Generators

IN_PLACE = {"add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "true_divide", "pow": "power",
            "remainder": "remainder", "floor_divide": "floor_divide", "bitwise_and": "bitwise_and",
            "bitwise_or": "bitwise_or", "bitwise_xor": "bitwise_xor"}  # fmt: skip


class CupyBackend(NamespaceBackend):
    """CuPy's arrays. A 0-d tensor holds a 0-d array: its value as a number would have to come from the device.

    :param xp: another namespace to use, of CuPy's names, functions and devices; by default CuPy, imported when needed.
    """

    name = "cupy"
    array_types = ("cupy.ndarray",)

    def __init__(self, xp: Any = None) -> None:
        super().__init__(xp)
        self._missing: str | None = None
        self._gpus: Devices | None = None
        self._generators: Generators | None = None

    @property
    def xp(self) -> Any:
        if self._xp is None:
            import cupy

            self._xp = cupy
        return self._xp

    @property
    def gpus(self) -> Devices:
        if self._gpus is None:
            self._gpus = Devices(self.xp)
        return self._gpus

    @property
    def generators(self) -> Generators:
        if self._generators is None:
            self._generators = Generators(self.xp)
        return self._generators

    def unavailable(self) -> str:
        if self._missing is None:
            self._missing = availability.missing(lambda: self.xp)
        return self._missing

    def kernel(self, op: str, array_type: type) -> Any:
        if op in kernels.KERNELS:
            found: Any = partial(kernels.KERNELS[op], self.xp)
        elif op in kernels.NAMES:
            found = getattr(self.xp, kernels.NAMES[op])
        else:
            found = super().kernel(op, array_type)
        return found

    # -- what an array is ---------------------------------------------------------------------------------

    def key(self, array: Any) -> Any:
        return self, array.shape, array.dtype, array.device.id

    def device(self, array: Any) -> str:
        return self.gpus.name(array)

    @property
    def default_device(self) -> str:  # type: ignore[override]
        """The current device."""
        return self.gpus.names[self.gpus.current()]

    def native_dtype(self, name: DType) -> Any:
        return self.xp.dtype(str(name))

    def devices(self) -> tuple[str, ...]:
        return tuple(self.gpus.names)

    def check_device(self, device: Any) -> str:
        return self.gpus.names[self.gpus.number(device)]

    @property
    def switches(self) -> bool:  # type: ignore[override]
        return self.gpus.count > 1

    def strays(self) -> bool:
        return bool(self.gpus.met - {self.gpus.current()})

    def current(self, device: str) -> Any:
        there = self.gpus.at(self.gpus.number(device))
        return None if there is STAY else there

    def guarded(self, kernel: Any) -> Any:
        return self.gpus.guarded(kernel)

    def stream(self, stream: Any) -> Any:
        return stream_of(self.xp, stream)

    def asarray(self, data: Any, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
        xp, gpus = self.xp, self.gpus
        if isinstance(data, xp.ndarray):
            number = data.device.id if device is None else gpus.number(device)
            if number != data.device.id:
                if copy is False:
                    raise ValueError(f"a copy is needed to bring an array from {self.device(data)} to {device}")
                with gpus.home(data):
                    data = xp.ascontiguousarray(data)  # others are not copied between devices
        else:
            number = gpus.number(device)
        with gpus.at(number):
            try:
                array = xp.asarray(data, dtype, copy=copy)
            except ValueError as error:
                if "Unsupported dtype" not in str(error):
                    raise
                raise TypeError(f"CuPy makes no array of this: {error}") from error
        dtype_named(array.dtype)  # refuses what plugrad has no name for
        return array

    def tolist(self, array: Any) -> Any:
        return array.get().tolist()

    def text(self, array: Any) -> str:
        show = self.xp.array2string
        return show(array.get(), separator=", ", prefix="tensor(", floatmode="maxprec_equal", precision=4)

    def copy(self, array: Any) -> Any:
        with self.gpus.home(array):
            return array.copy()

    def to_host(self, array: Any) -> Any:
        with self.gpus.home(array):
            return array.get()

    def from_host(self, held: Any, device: str) -> Any:
        return self.asarray(held, None, device)

    def from_dlpack(self, x: Any, device: Any = None, copy: bool | None = None) -> Any:
        """Memory of a GPU is shared; CuPy lets its current stream wait for the one on which it was written."""
        kind, number = x.__dlpack_device__()
        if kind in ON_A_GPU:
            with self.gpus.at(number):
                return self.asarray(self.xp.from_dlpack(x), None, device, copy)
        if copy is False:
            raise BufferError("the memory is the host's, and copy=False: the GPU needs a copy")
        import numpy

        return self.asarray(numpy.from_dlpack(x), None, device)

    # -- memory -------------------------------------------------------------------------------------------

    def owner(self, array: Any) -> Any:
        while array.base is not None:
            array = array.base
        return array

    def write(self, array: Any, key: Any, value: Any) -> None:
        xp = self.xp
        with self.gpus.home(array):
            if isinstance(value, (list, tuple)):
                value = xp.asarray(value, array.dtype)
            elif isinstance(value, xp.ndarray):
                if xp.may_share_memory(array, value):  # CuPy may read what it has just written
                    value = value.copy()
            elif getattr(value, "shape", ()):
                raise TypeError(
                    f"a {type(value).__module__}.{type(value).__qualname__} is not brought to the GPU unasked; "
                    "plugrad.asarray(value, backend='cupy') does it"
                )
            array[key] = value

    def update(self, op: Any, array: Any, *operands: Any) -> None:
        name = IN_PLACE.get(op.name)
        if op.name == "index_put":
            value, indices, key = operands
            self.write(array, put_together(key, indices), value)
            return
        if name is None:
            super().update(op, array, *operands)
            return
        try:
            with self.gpus.home(array):
                getattr(self.xp, name)(array, *operands, out=array)
        except (TypeError, ValueError):
            super().update(op, array, *operands)  # which says what does not fit

    def accumulate(self, total: Any, more: Any) -> Any:
        with self.gpus.home(total):
            total += more
        return total

    # -- creation -----------------------------------------------------------------------------------------
    # ``scalar`` is the base class's: a Python number goes to a kernel as an argument of the launch.

    def _at(self, device: Any) -> Any:
        return self.gpus.at(self.gpus.number(device))

    def full(self, shape: Any, value: complex, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.xp.full(shape, value, dtype) if value else self.xp.zeros(shape, dtype)

    def empty(self, shape: Any, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.xp.empty(shape, dtype)

    def arange(self, start: float, stop: float, step: float, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.xp.arange(start, stop, step, dtype)

    def linspace(self, start: float, stop: float, num: int, endpoint: bool, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.xp.linspace(start, stop, num, endpoint, False, dtype)

    def eye(self, rows: int, columns: int, k: int, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.xp.eye(rows, columns, k, dtype)

    # -- random numbers -----------------------------------------------------------------------------------

    def manual_seed(self, seed: int | None) -> None:
        self.generators.seed(seed)

    def rng_state(self) -> Any:
        return self.generators.state()

    def set_rng_state(self, state: Any) -> None:
        self.generators.restore(state)

    def uniform(self, shape: Any, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.generators.current().random(shape, drawn_in(dtype)).astype(dtype, copy=False)

    def normal(self, shape: Any, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.generators.current().standard_normal(shape, drawn_in(dtype)).astype(dtype, copy=False)

    def integers(self, low: int, high: int, shape: Any, dtype: Any, device: Any = None) -> Any:
        with self._at(device):
            return self.generators.current().integers(low, high, shape, dtype)

    # -- NumPy's own functions, called on tensors ---------------------------------------------------------------

    def array_ufunc(self, ufunc: Any, method: str, inputs: Any, keywords: Any) -> Any:
        from . import protocols

        return protocols.ufunc(ufunc, method, inputs, keywords)

    def array_function(self, function: Any, args: Any, keywords: Any) -> Any:
        from . import protocols

        return protocols.function(function, args, keywords)


def drawn_in(dtype: Any) -> str:
    """CuPy's generators draw float32 and float64; everything else is made of one of them."""
    return "float64" if dtype.name in ("float64", "complex128") else "float32"
