"""A saved value that a pack hook has taken, as it stands in a node in the array's place."""

from __future__ import annotations

from ..registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Replace = Callable[[Any, Callable[[], Tensor]], Any]
    """(saved array, what makes the tensor that it was) -> what stands in its place."""


class Packed:
    """What a pack hook returned, and the hook that makes a tensor of it again."""

    __slots__ = ("held", "unpack")

    def __init__(self, held: Any, unpack: Callable[[Any], Any]) -> None:
        self.held, self.unpack = held, unpack


def unpacked(value: Any, known: dict[Packed, Any]) -> Any:
    """A saved value as the formulas read it.

    :param known: what was unpacked already, while the node runs.
    :raises TypeError: if the unpack hook returns no tensor.
    """
    if type(value) is not Packed:
        return value
    if value not in known:
        t = value.unpack(value.held)
        if not isinstance(t, Tensor):
            raise TypeError(
                f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(t).__name__}"
            )
        known[value] = t._array
    return known[value]
