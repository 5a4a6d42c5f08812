"""Functions named as in ``torch.nn.functional``, of its arguments and defaults, one file a family.

Each takes tensors, or arrays of one backend, and returns the same. The dtype of the result, and of a gradient, is the
input's.
"""

from .activations import log_softmax, relu, sigmoid, softmax
from .affine import linear
from .losses import cross_entropy

__all__ = ["cross_entropy", "linear", "log_softmax", "relu", "sigmoid", "softmax"]
