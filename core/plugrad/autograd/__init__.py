"""Floor 2: the graph and its life. As in PyTorch, ``plugrad.autograd`` is also where users find its functions."""

from ..later import later
from .function import Function
from .gradients import backward, grad
from .mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled

__all__ = ["Function", "backward", "enable_grad", "grad", "is_grad_enabled", "no_grad", "set_grad_enabled"]

__getattr__ = later(
    __name__,
    {
        "gradcheck": "plugrad.testing.gradcheck:gradcheck",
        "gradgradcheck": "plugrad.testing.gradcheck:gradgradcheck",
    },
)
