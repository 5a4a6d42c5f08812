"""Autograd for any array library: PyTorch's semantics on NumPy, CuPy and whatever else has a backend."""

from . import autograd, ops, plugins
from . import methods as methods  # puts them onto the tensor
from .autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .creation import (
    arange,
    asarray,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    get_default_dtype,
    linspace,
    ones,
    ones_like,
    set_default_dtype,
    tensor,
    zeros,
    zeros_like,
)
from .later import later
from .legacy import DoubleTensor, FloatTensor, LongTensor, Tensor
from .ops import *  # noqa: F403  the ops are the namespace
from .random_numbers import manual_seed, rand, rand_like, randint, randn
from .registry import registration as registration  # takes what plugins register
from .registry.claims import set_default_backend
from .registry.dtype import DTYPES, DType, isdtype
from .transfer import from_dlpack

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import func, utils
    from .autograd.anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled
    from .random_state import get_rng_state, set_rng_state
    from .registry.kernel_list import kernels
    from .registry.kernel_trace import trace_kernels

__getattr__ = later(
    __name__,
    {
        "func": "plugrad.func",
        "get_rng_state": "plugrad.random_state:get_rng_state",
        "is_anomaly_check_nan_enabled": "plugrad.autograd.anomaly:is_anomaly_check_nan_enabled",
        "is_anomaly_enabled": "plugrad.autograd.anomaly:is_anomaly_enabled",
        "kernels": "plugrad.registry.kernel_list:kernels",
        "set_rng_state": "plugrad.random_state:set_rng_state",
        "trace_kernels": "plugrad.registry.kernel_trace:trace_kernels",
        "utils": "plugrad.utils",
    },
)


def _warn_without_gil() -> None:
    """Sequence numbers and stamps are plain integers, which threads share safely under the GIL alone."""
    import sys

    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        import warnings

        warnings.warn(
            "plugrad supports builds of Python with the GIL; on this free-threaded one, use it from one thread only",
            RuntimeWarning,
            stacklevel=3,
        )


_warn_without_gil()

bool = DTYPES["bool"]
int8, int16, int32, int64 = (DTYPES[f"int{bits}"] for bits in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (DTYPES[f"uint{bits}"] for bits in (8, 16, 32, 64))
float16, float32, float64 = (DTYPES[f"float{bits}"] for bits in (16, 32, 64))
complex64, complex128 = DTYPES["complex64"], DTYPES["complex128"]

__all__ = [
    "DType", "DoubleTensor", "FloatTensor", "LongTensor", "Tensor", "arange", "asarray", "autograd", "bool",
    "complex128", "complex64", "empty", "empty_like", "enable_grad", "eye", "float16", "float32", "float64",
    "from_dlpack", "full", "full_like", "func", "get_default_dtype", "get_rng_state", "inference_mode", "int16",
    "int32", "int64", "int8", "is_anomaly_check_nan_enabled", "is_anomaly_enabled", "is_grad_enabled",
    "is_inference_mode_enabled", "isdtype", "kernels", "linspace", "manual_seed", "no_grad", "ones", "ones_like",
    "plugins", "rand", "rand_like", "randint", "randn", "set_default_backend", "set_default_dtype",
    "set_grad_enabled", "set_rng_state", "tensor", "trace_kernels", "uint16", "uint32", "uint64", "uint8", "utils",
    "zeros", "zeros_like",
]  # fmt: skip
__all__ += ops.__all__
