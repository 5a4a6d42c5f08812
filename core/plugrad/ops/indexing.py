"""Indexing. ``getitem`` takes a key of numbers and slices and is a view; ``index`` takes arrays of indices and copies.

In a key of ``index`` an array of indices is replaced by its number, as an ``Index``.
"""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..registry.claims import NUMBERS, is_array
from ..registry.dtype import isdtype
from ..registry.spec import dtype_of, is_number
from ..registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..registry.backend import Backend


class Index:
    """Where in a key an array of indices stands.

    >>> table, rows = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]]), plugrad.tensor([1, 1])
    >>> plugrad.ops.index(table, rows, key=plugrad.extend.Index(0)).tolist()
    [[3.0, 4.0], [3.0, 4.0]]
    """

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"<indices {self.number}>"


def taken_apart(key: Any, backend: Backend) -> tuple[Any, tuple[Any, ...]]:
    """A key with its arrays replaced by ``Index``, and the arrays. Lists count as arrays, as in NumPy.

    :raises IndexError: if a part of the key is nothing that can index.
    """
    arrays: list[Any] = []

    def part(k: Any) -> Any:
        if k is None or k is Ellipsis or type(k) is int or isinstance(k, slice):
            return k
        if isinstance(k, (list, bool)):  # True is a mask, and no number
            k = backend.asarray(k, backend.native("int64") if k == [] else None)
        elif is_number(k) and hasattr(k, "__index__"):  # of NumPy: it is on the host, and no array
            return k.__index__()
        elif type(k) in NUMBERS or not (isinstance(k, Tensor) or is_array(type(k))):
            if hasattr(k, "__index__"):
                return k.__index__()
            raise IndexError(
                "only integers, slices, ellipsis, None and arrays or lists of integers or bools index a tensor, "
                f"not {k!r}"
            )
        if not isdtype(dtype_of(k), ("bool", "integral")):
            raise IndexError(f"arrays used as indices must be of an integer dtype or bool, not {dtype_of(k)}")
        arrays.append(k)
        return Index(len(arrays) - 1)

    taken = tuple(map(part, key)) if isinstance(key, tuple) else part(key)
    return taken, tuple(arrays)


def put_together(key: Any, arrays: tuple[Any, ...]) -> Any:
    """The reverse: for a kernel, whose library takes arrays inside of a key."""
    if isinstance(key, tuple):
        return tuple([arrays[k.number] if type(k) is Index else k for k in key])
    return arrays[key.number] if type(key) is Index else key


getitem: Function = op(
    "getitem(x, /, key)",
    view="setitem",
    linear=True,
    node_name="SliceBackward0",
    vjp={"x": lambda g, x_shape, key: scatter(g, x_shape, key)},
)
scatter: Function = op("scatter(x, /, shape, key)", linear=True, vjp={"x": lambda g, key: getitem(g, key)})

index: Function = op(
    "index(x, *indices~, key)", linear=True,
    vjp={"x": lambda g, indices, x_shape, key: scatter_add(g, *indices, shape=x_shape, key=key)},
)  # fmt: skip
scatter_add: Function = op(
    "scatter_add(x, *indices~, shape, key)", linear=True, vjp={"x": lambda g, indices, key: index(g, *indices, key=key)}
)

setitem: Function = op(
    "setitem(x, value, /, key)", linear=True, fresh=("x",), node_name="CopySlices",
    vjp={"x": lambda g, key: setitem(g, 0, key), "value": lambda g, key: getitem(g, key)},
)  # fmt: skip
index_put: Function = op(
    "index_put(x, value, /, *indices~, key)", linear=True, fresh=("x",),
    vjp={
        "x": lambda g, indices, key: index_put(g, 0, *indices, key=key),
        "value": lambda g, indices, key: index(g, *indices, key=key),
    },
)  # fmt: skip
