"""Floor 5: PyTorch's ``utils``, of which ``checkpoint`` is here."""

from ..later import later

__all__ = ["checkpoint"]

__getattr__ = later(__name__, {"checkpoint": "plugrad.utils.checkpoint"})
