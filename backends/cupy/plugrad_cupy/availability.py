"""Why CuPy cannot be used here. Asking makes no array, no stream and no context on a device."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def missing(load: Callable[[], Any]) -> str:
    """What is missing, with a way out; empty if nothing is.

    :param load: imports CuPy. That it can be imported proves nothing about a device.
    """
    try:
        xp = load()
    except ModuleNotFoundError as error:
        if error.name == "cupy":
            return not_installed()
        return broken(error)
    except ImportError as error:
        return broken(error)
    if not hasattr(xp, "ndarray"):  # a folder named cupy on the path can be imported, too
        return not_installed()
    runtime = xp.cuda.runtime
    if not runtime.driverGetVersion():
        return "there is no NVIDIA driver, so no GPU can be used"
    try:
        count = runtime.getDeviceCount()
    except RuntimeError as error:
        return f"the driver shows no GPU: {error}{visible()}"
    return "" if count else f"the driver shows no GPU{visible()}"


def not_installed() -> str:
    return "CuPy is not installed: pip install plugrad[cupy13x] (for drivers of CUDA 13; plugrad[cupy12x] for CUDA 12)"


def broken(error: ImportError) -> str:
    return f"CuPy is installed and cannot be imported: {str(error).strip().partition(chr(10))[0]}"


def visible() -> str:
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    return "" if chosen is None else f" (CUDA_VISIBLE_DEVICES is {chosen!r})"
