"""Devices. CuPy allocates and launches on the current one; what works on an array makes that array's current."""

from __future__ import annotations

from contextlib import nullcontext
from functools import wraps
from typing import Any

from plugrad.extend import BackendError

STAY = nullcontext()

ON_A_GPU = 2, 10, 13
"""DLPack's kinds of memory that a GPU reads: CUDA's, ROCm's and managed memory."""


class Switched:
    """A context in which another device is current. CuPy's own would forget the one that ``Device.use`` chose."""

    __slots__ = ("_before", "_number", "_runtime")

    def __init__(self, runtime: Any, number: int) -> None:
        self._runtime, self._number = runtime, number

    def __enter__(self) -> None:
        self._before = self._runtime.getDevice()
        self._runtime.setDevice(self._number)

    def __exit__(self, *error: object) -> None:
        self._runtime.setDevice(self._before)


class Devices:
    """The GPUs that CuPy sees, by number and by name: ``"cuda:0"``, ``"cuda:1"``; ``"cuda"`` is the current one."""

    def __init__(self, xp: Any) -> None:
        self._array_type, self._runtime = xp.ndarray, xp.cuda.runtime
        self.count: int = self._runtime.getDeviceCount()
        self.names = [f"cuda:{number}" for number in range(self.count)]  # one string each: specs compare by identity
        self.met: set[int] = set()
        """On which of them arrays were met."""

    def current(self) -> int:
        return self._runtime.getDevice()

    def number(self, device: Any) -> int:
        """The number of a device given as None, a name or CuPy's object.

        :raises BackendError: if there is no such GPU.
        """
        if device is None or (isinstance(device, str) and device == "cuda"):
            return self.current()
        if isinstance(device, str):
            if device in self.names:
                return self.names.index(device)
        elif getattr(device, "id", -1) in range(self.count):
            return device.id
        known = ", ".join(map(repr, self.names))
        raise BackendError(f"CuPy's devices are 'cuda' (the current one), {known}, not {device!r}")

    def name(self, array: Any) -> str:
        """The name of an array's device. This is how an array is met."""
        number = array.device.id
        self.met.add(number)
        return self.names[number]

    def at(self, number: int) -> Any:
        """A context in which that device is current."""
        return STAY if self.count == 1 or number == self.current() else Switched(self._runtime, number)

    def home(self, array: Any) -> Any:
        """A context in which the array's device is current."""
        return STAY if self.count == 1 else self.at(array.device.id)

    def guarded(self, kernel: Any) -> Any:
        """The kernel, run on the device of its first array."""
        if self.count == 1:
            return kernel
        array_type = self._array_type

        @wraps(kernel, assigned=())
        def run(*values: Any) -> Any:
            for value in values:
                first = value[0] if type(value) is tuple and value else value
                if type(first) is array_type:
                    with self.at(first.device.id):
                        return kernel(*values)
            return kernel(*values)

        return run


class Foreign:
    """A stream known by its address alone, as CuPy takes other libraries' streams."""

    def __init__(self, address: int) -> None:
        self.address = address

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self.address


def stream_of(xp: Any, stream: Any) -> Any:
    """A stream of CuPy's: itself, another library's, or DLPack's number: 1 and 2 are the default ones, of a process
    and of a thread, and a larger one is an address.

    :raises BackendError: if there is no such stream.
    """
    streams = xp.cuda.Stream
    if isinstance(stream, streams):
        return stream
    if type(stream) is not int:
        if not hasattr(stream, "__cuda_stream__"):
            raise BackendError(f"{stream!r} is no stream; CuPy's are, other libraries', and numbers as DLPack has them")
        return streams.from_external(stream)
    if stream < 1:
        raise BackendError(f"stream {stream} is none: DLPack's default ones are 1, the process's, and 2, the thread's")
    return streams.null if stream == 1 else streams.ptds if stream == 2 else streams.from_external(Foreign(stream))
