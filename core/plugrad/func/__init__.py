"""Floor 5: derivatives as functions of functions, which nest freely; names and arguments as in ``torch.func``."""

from .forward import hessian, jacfwd, jvp
from .reverse import grad, grad_and_value, jacrev, vjp

__all__ = ["grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "vjp"]
