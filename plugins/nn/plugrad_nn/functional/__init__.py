"""Functions named as in ``torch.nn.functional``, of its arguments and defaults, one file a family.

Each takes tensors, or arrays of one backend, and returns the same. The dtype of the result, and of a gradient, is the
input's.
"""

from .activations import log_softmax, relu, sigmoid, softmax
from .affine import linear
from .convolution import conv1d, conv2d, conv3d
from .losses import cross_entropy
from .normalization import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from .pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "batch_norm", "conv1d", "conv2d", "conv3d", "cross_entropy", "group_norm", "instance_norm", "layer_norm", "linear",
    "log_softmax", "max_pool1d", "max_pool2d", "max_pool3d", "relu", "rms_norm",
    "sigmoid", "softmax",
]  # fmt: skip
