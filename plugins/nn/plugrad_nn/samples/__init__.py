"""Samples of the ops, for ``plugrad.testing``, one file a family: importing them adds them."""

from . import activations as activations
from . import losses as losses
