"""Two devices that are none, streams that order nothing, and what is counted: launches, transfers, live bytes."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

COUNT = 2


class Counters:
    """What ran on the device and what crossed to it and back.

    ``launches`` counts calls that compute, one each, where CuPy may launch several kernels; ``d2h`` and ``h2d`` count
    transfers, also those that CuPy makes by itself, and ``crossed`` names them; ``live_bytes`` is what arrays hold.
    """

    def __init__(self) -> None:
        self.live_bytes = 0
        self.reset()

    def reset(self) -> None:
        self.launches = self.d2h = self.h2d = 0
        self.crossed: list[str] = []

    def to_host(self, what: str) -> None:
        self.d2h += 1
        self.crossed.append(f"{what} to the host")

    def to_device(self, what: str) -> None:
        self.h2d += 1
        self.crossed.append(f"{what} to the device")


count = Counters()


class Memory:
    """One allocation. Views hold their owner, so it lives as long as they do."""

    __slots__ = ("bytes",)

    def __init__(self, size: int) -> None:
        self.bytes = size
        count.live_bytes += size

    def __del__(self) -> None:
        count.live_bytes -= self.bytes


class Current(threading.local):
    """CUDA's current device is a thread's own, and so are CuPy's current streams, one for each device."""

    device = 0

    def __init__(self) -> None:
        self.streams: dict[int, Any] = {}


current = Current()


class CUDARuntimeError(RuntimeError):
    """As CuPy's."""


class Device:
    """As ``cupy.cuda.Device``. Leaving the context goes back to the device of the enclosing one."""

    def __init__(self, device: Any = None) -> None:
        self.id = current.device if device is None else int(device)
        if not 0 <= self.id < COUNT:
            raise CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        self._before: list[int] = []

    def __int__(self) -> int:
        return self.id

    def __enter__(self) -> Device:
        self._before.append(current.device)
        current.device = self.id
        return self

    def __exit__(self, *_: object) -> None:
        current.device = self._before.pop()

    def use(self) -> None:
        current.device = self.id

    def synchronize(self) -> None:
        count.to_host("Device.synchronize")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<CUDA Device {self.id}>"


DEVICES = tuple(map(Device, range(COUNT)))


class Stream:
    """As ``cupy.cuda.Stream``: which one is current, and nothing else, since all is done when a call returns."""

    null: Stream
    ptds: Stream
    done = True

    def __init__(self, null: bool = False, non_blocking: bool = False, ptds: bool = False, priority: Any = None):
        self.ptr = 0 if null else 2 if ptds else id(self)
        self.device_id = -1 if null or ptds else current.device
        self.waited_for: list[Event] = []
        self._before: list[Stream] = []

    def __enter__(self) -> Stream:
        self._before.append(get_current_stream())
        return self.use()

    def __exit__(self, *_: object) -> None:
        self._before.pop().use()

    def use(self) -> Stream:
        if self.device_id not in (-1, current.device):
            raise RuntimeError(
                f"This stream belongs to device {self.device_id}, and the current device is {current.device}"
            )
        current.streams[current.device] = self
        return self

    def synchronize(self) -> None:
        count.to_host("Stream.synchronize")

    def wait_event(self, event: Event) -> None:
        self.waited_for.append(event)

    def record(self, event: Event | None = None) -> Event:
        event = event or Event()
        event.record(self)
        return event

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self.ptr

    @classmethod
    def from_external(cls, stream: Any) -> Stream:
        """A stream of another library's, as it tells its address."""
        made = cls()
        made.ptr, made.device_id = stream.__cuda_stream__()[1], -1
        return made


Stream.null, Stream.ptds = Stream(null=True), Stream(ptds=True)


class Event:
    """As ``cupy.cuda.Event``."""

    done = True

    def __init__(self, block: bool = False, disable_timing: bool = False, interprocess: bool = False) -> None:
        self.recorded_on: Stream | None = None

    def record(self, stream: Stream | None = None) -> None:
        self.recorded_on = stream or get_current_stream()

    def synchronize(self) -> None:
        count.to_host("Event.synchronize")


def get_current_stream(device_id: int | None = None) -> Stream:
    return current.streams.get(current.device if device_id is None else device_id, Stream.null)


def set_device(device: int) -> None:
    Device(device).use()


runtime = SimpleNamespace(
    driverGetVersion=lambda: 13000, runtimeGetVersion=lambda: 13000, getDevice=lambda: current.device,
    getDeviceCount=lambda: COUNT, setDevice=set_device, CUDARuntimeError=CUDARuntimeError,
    deviceSynchronize=lambda: count.to_host("deviceSynchronize"), deviceCanAccessPeer=lambda one, other: 0,
)  # fmt: skip
cuda = SimpleNamespace(
    Device=Device, Stream=Stream, Event=Event, runtime=runtime, get_current_stream=get_current_stream,
    get_device_id=lambda: current.device, is_available=lambda: True,
)  # fmt: skip
