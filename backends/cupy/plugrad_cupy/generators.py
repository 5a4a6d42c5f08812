"""Random numbers: one of CuPy's generators for each device, all from one seed."""

from __future__ import annotations

import os
from typing import Any

from .devices import Switched


class Generators:
    """The generators, each made where and when it is first needed."""

    def __init__(self, xp: Any) -> None:
        self._xp = xp
        self.seed(None)

    def seed(self, seed: int | None) -> None:
        self._seed = int.from_bytes(os.urandom(8), "big") if seed is None else seed
        self._bits: dict[int, Any] = {}

    def current(self) -> Any:
        """The generator of the current device."""
        return self._xp.random.Generator(self._bits_of(self._xp.cuda.runtime.getDevice()))

    def _bits_of(self, device: int) -> Any:
        if device not in self._bits:
            self._bits[device] = self._xp.random.XORWOW(self._seed)
        return self._bits[device]

    # CuPy has no public name for a generator's state, an array on its device.

    def state(self) -> Any:
        states = {}
        for device, bits in self._bits.items():
            with Switched(self._xp.cuda.runtime, device):
                states[device] = bits._state.copy()
        return self._seed, states

    def restore(self, state: Any) -> None:
        seed, states = state
        self.seed(seed)
        for device, saved in states.items():
            with Switched(self._xp.cuda.runtime, device):
                self._bits_of(device)._state[...] = saved
