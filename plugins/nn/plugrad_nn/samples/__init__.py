"""Samples of the ops, for ``plugrad.testing``, one file a family: importing them adds them."""

from . import activations as activations
from . import classes as classes
from . import convolution as convolution
from . import erf as erf
from . import lookup as lookup
from . import losses as losses
from . import normalization as normalization
from . import padding as padding
from . import pooling as pooling
from . import regularization as regularization
from . import softmax as softmax
from . import windows as windows
