"""Floor 5: forward mode as in ``torch.autograd.forward_ad``: dual tensors of one level, which ends.

``plugrad.func.jvp`` nests, this does not.
"""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import NamedTuple

from ..errors import GraphError
from ..func.dual import Level
from ..func.forward import paired, unpaired
from ..func.reverse import fresh
from ..registry.tensor import Tensor
from .mode import PAUSED, current

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]

_level: Level | None = None


def enter_dual_level() -> int:
    """Begin the level, in which dual tensors can be made.

    :returns: its number, 0.
    :raises GraphError: if it has begun already.
    """
    global _level
    if _level is not None:
        raise GraphError(
            "Nested forward mode AD is not supported at the moment. plugrad.func.jvp takes forward derivatives of "
            "higher order"
        )
    _level = Level()
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """End the level, and with it all of its tangents: dual tensors are their primals from now on.

    :raises GraphError: if it has not begun.
    """
    global _level
    if _level is None or level not in (None, 0):
        raise GraphError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    _level.ended = True
    _level = None


class dual_level(ContextDecorator):
    """The level as a context manager, or for a function that it decorates."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *error: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A tensor that shares memory with ``tensor`` and has a tangent. It is differentiable in both.

    :param tangent: of the tensor's shape; of another precision it is converted.
    :param level: None, or what ``enter_dual_level`` returned.
    :raises GraphError: outside of a level, or if either has a tangent already.
    :raises ValueError: if either is neither of a floating point nor of a complex dtype.
    :raises ShapeError, DTypeError, BackendError: if the tangent does not fit the tensor.
    """
    if _level is None or level not in (None, 0):
        raise GraphError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    out = paired(tensor, tangent, _level)
    if unpaired(tensor, _level)[1] is not None:
        raise GraphError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level 0 is not "
            "supported."
        )
    if unpaired(tangent, _level)[1] is not None:
        raise GraphError(
            "Setting a forward grad that itself has a forward gradient at the same level 0 is not supported."
        )
    if tensor._node is not None and current() is not PAUSED:
        out._node = fresh(tensor, connected=True)._node
    return out


class UnpackedDualTensor(NamedTuple):
    """What ``unpack_dual`` returns."""

    primal: Tensor
    tangent: Tensor | None


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """The primal and the tangent of a tensor; it is its own primal, and the tangent None, where there is none.

    :param level: None, or what ``enter_dual_level`` returned.
    """
    if _level is None or level not in (None, 0):
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(*unpaired(tensor, _level))
