"""Floor 2: the graph and its life. As in PyTorch, ``plugrad.autograd`` is also where users find its functions."""

from ..later import later
from .gradients import backward, grad
from .mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..testing.gradcheck import gradcheck, gradgradcheck
    from . import forward_ad, function, functional, graph
    from . import mode as grad_mode
    from .anomaly import detect_anomaly, set_detect_anomaly
    from .function import Function
    from .zero_stop import zero_cotangents_stop

__all__ = [
    "Function", "backward", "detect_anomaly", "enable_grad", "forward_ad", "function", "functional", "grad",
    "grad_mode", "gradcheck", "gradgradcheck", "graph", "inference_mode", "is_grad_enabled",
    "is_inference_mode_enabled", "no_grad", "set_detect_anomaly", "set_grad_enabled", "zero_cotangents_stop",
]  # fmt: skip

__getattr__ = later(
    __name__,
    {
        "Function": "plugrad.autograd.function:Function",
        "detect_anomaly": "plugrad.autograd.anomaly:detect_anomaly",
        "forward_ad": "plugrad.autograd.forward_ad",
        "function": "plugrad.autograd.function",
        "functional": "plugrad.autograd.functional",
        "grad_mode": "plugrad.autograd.mode",
        "graph": "plugrad.autograd.graph",
        "gradcheck": "plugrad.testing.gradcheck:gradcheck",
        "gradgradcheck": "plugrad.testing.gradcheck:gradgradcheck",
        "set_detect_anomaly": "plugrad.autograd.anomaly:set_detect_anomaly",
        "zero_cotangents_stop": "plugrad.autograd.zero_stop:zero_cotangents_stop",
    },
)
