"""Neutral names of dtypes, which compare equal to each library's own."""

from __future__ import annotations

from ..errors import DTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class DType(str):
    """The name of a dtype: a string, so that array libraries that know the name take it as their own dtype.

    ``numpy.dtype("float32") == plugrad.float32`` holds, and so it does for any library whose dtypes have a
    ``name`` or print as one.
    """

    __slots__ = ("kind",)
    kind: str

    def __eq__(self, other: object) -> bool:
        return self is other or str.__eq__(self, _name_of(other)) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self) -> str:
        return f"plugrad.{self!s}"

    def __str__(self) -> str:
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return dtype, (str(self),)

    @property
    def is_floating_point(self) -> bool:
        return self.kind == "real floating"

    @property
    def is_complex(self) -> bool:
        return self.kind == "complex floating"

    @property
    def bits(self) -> int:
        """The size of an element in bits; a bool has 8."""
        digits = self.lstrip("abcdefghijklmnopqrstuvwxyz")
        return int(digits or 8)


DTYPES: dict[str, DType] = {}
"""Every dtype by its name; a backend whose library has more adds them by ``define``."""


def define(name: str, kind: str) -> DType:
    """The dtype of that name, made if need be. Kinds are the array API standard's."""
    found = DTYPES.get(name)
    if found is None:
        found = DType(name)
        found.kind = kind
        DTYPES[name] = found
    return found


for _kind, _names in {
    "bool": "bool",
    "signed integer": "int8 int16 int32 int64",
    "unsigned integer": "uint8 uint16 uint32 uint64",
    "real floating": "float16 float32 float64",
    "complex floating": "complex64 complex128",
}.items():
    for _name in _names.split():
        define(_name, _kind)

_PYTHON = {bool: "bool", int: "int64", float: "float64", complex: "complex128"}


def _name_of(given: object) -> object:
    if isinstance(given, str):
        return given
    name = getattr(given, "name", None)
    if isinstance(name, str):
        return name
    if isinstance(given, type):
        return _PYTHON.get(given, given.__name__)
    return str(given).rpartition(".")[2]


def dtype(given: object) -> DType:
    """The neutral dtype for a name, a library's dtype or a Python type.

    :raises DTypeError: if no dtype has that name.
    """
    if type(given) is DType:
        return given
    name = _name_of(given)
    found = DTYPES.get(name) if isinstance(name, str) else None
    if found is None:
        raise DTypeError(f"data type {given!r} is not known; there are {', '.join(DTYPES)}")
    return found


_GROUPS = {
    "integral": ("signed integer", "unsigned integer"),
    "real floating": ("real floating",),
    "complex floating": ("complex floating",),
    "numeric": ("signed integer", "unsigned integer", "real floating", "complex floating"),
}


def isdtype(dtype_: object, kind: object) -> bool:
    """Whether a dtype is of a kind: a dtype, the standard's name of a kind, or a tuple of either."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype_, k) for k in kind)
    found = dtype(dtype_)
    if isinstance(kind, str) and kind not in DTYPES:
        kinds = _GROUPS.get(kind, (kind,))
        if not set(kinds) <= {d.kind for d in DTYPES.values()}:
            raise DTypeError(f"{kind!r} is no kind of dtypes; there are 'bool', {', '.join(map(repr, _GROUPS))}")
        return found.kind in kinds
    return found is dtype(kind)
