"""Samples of the ops, for ``plugrad.testing``, one file a family: importing them adds them."""

from . import activations as activations
from . import convolution as convolution
from . import losses as losses
from . import normalization as normalization
from . import pooling as pooling
from . import windows as windows
