"""One small program, run by PyTorch and by plugrad, and all that it saw compared.

A program is a test that takes ``lib``: plugrad, or PyTorch with the array API's names beside its own. What it returns
is compared: tensors by shape, dtype and values, flags and names exactly, floats closely, errors by type. What it
asserts is asserted of both.

Where they may differ:

- An error of plugrad has to be an instance of the built-in type that PyTorch raised, as a ``GraphError`` is of
  ``RuntimeError``; ``ERRORS`` lists the pairs that are excused. Messages are not compared.
- Numbers agree to 1e-9 relatively, or to 1e-11 absolutely: the two sum in different orders.
- Zeros have no sign, and NaN equals NaN.
"""

import math
import warnings

import pytest

import plugrad
from values import flat

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch==2.13.0")

ERRORS = {
    (RuntimeError, IndexError): "an axis or an index out of range is NumPy's own error",
    (RuntimeError, ValueError): "what a kernel refuses for its values stays the library's error",
    (RuntimeError, TypeError): "an argument of a wrong type, which PyTorch finds after it has parsed the call",
    (IndexError, ValueError): "NumPy's AxisError is both; array-api-strict raises a plain ValueError",
}
"""(type in PyTorch, type in plugrad) -> why that is no mismatch."""


def _axes(x, axis):
    return tuple(range(x.ndim)) if axis is None else axis


TORCH = {
    "tensor": lambda data, dtype=None, requires_grad=False: torch.tensor(
        data, dtype=dtype and getattr(torch, dtype), requires_grad=requires_grad
    ),
    "negative": torch.neg, "divide": torch.div, "permute_dims": torch.permute,
    "concat": lambda *xs, axis=0: torch.concat(xs[0] if isinstance(xs[0], (list, tuple)) else xs, axis),
    "stack": lambda *xs, axis=0: torch.stack(xs[0] if isinstance(xs[0], (list, tuple)) else xs, axis),
    "expand_dims": lambda x, axis: torch.unsqueeze(x, axis),
    "max": lambda x, axis=None, keepdims=False: torch.amax(x, _axes(x, axis), keepdims),
    "min": lambda x, axis=None, keepdims=False: torch.amin(x, _axes(x, axis), keepdims),
    "matrix_transpose": lambda x: x.mT,
    "astype": lambda x, dtype: x.to(getattr(torch, dtype)),
}  # fmt: skip
"""PyTorch's functions under the array API's names, where these are not also its own."""


class Library:
    """What a program calls ``lib``."""

    def __init__(self, module, names):
        self.__dict__.update(names)
        self.name = module.__name__
        self.module = module

    def __getattr__(self, name):
        return getattr(self.module, name)


class Raised:
    """An error as part of what a program saw."""

    def __init__(self, error):
        self.error = error

    def __repr__(self):
        return f"{type(self.error).__name__}({str(self.error)!r})"


def raised(call, *args, **kwargs):
    """The error that a call raises; the program goes on.

    :raises AssertionError: if it raises none.
    """
    try:
        result = call(*args, **kwargs)
    except Exception as error:
        return Raised(error)
    raise AssertionError(f"nothing was raised, but {result!r} returned")


def warned(call, *args, **kwargs):
    """Whether a call warned its user, and what it returned."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call(*args, **kwargs)
    return bool(caught), result


def plain(value):
    """A value without the library that made it: tensors are shape, dtype and nested lists."""
    if isinstance(value, (plugrad.Tensor, torch.Tensor)):
        if isinstance(value, torch.Tensor):
            value = value.detach().resolve_conj().resolve_neg()
        return ("tensor", tuple(value.shape), str(value.dtype).removeprefix("torch."), value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, torch.Size):
        return list(value)
    return value


def close(x, y, rel=1e-9, absolute=1e-11):
    """Whether two numbers agree."""
    if isinstance(x, complex) or isinstance(y, complex):
        return close(complex(x).real, complex(y).real) and close(complex(x).imag, complex(y).imag)
    return (x != x and y != y) or math.isclose(x, y, rel_tol=rel, abs_tol=absolute)


def same_error(ours, theirs):
    """Whether two errors are of the same kind."""
    wanted = next(kind for kind in type(theirs).__mro__ if kind.__module__ == "builtins")
    return isinstance(ours, wanted) or any(isinstance(theirs, a) and isinstance(ours, b) for a, b in ERRORS)


def same(ours, theirs):
    """Whether two plain values agree."""
    if isinstance(theirs, Raised):
        return isinstance(ours, Raised) and same_error(ours.error, theirs.error)
    if isinstance(theirs, (list, tuple)):
        return isinstance(ours, type(theirs)) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(same(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, (float, complex)) and isinstance(ours, (int, float, complex)):
        return close(ours, theirs)
    return type(ours) is type(theirs) and ours == theirs


OURS = Library(plugrad, {})
THEIRS = Library(torch, TORCH)


def seen_by(program, lib, backend):
    """What a program returns when run with a library, on float64."""
    if lib is OURS:
        return plain(program(lib))
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return plain(program(lib))
    finally:
        torch.set_default_dtype(before)


def both(program):
    """A test on every backend: the program sees the same with both libraries."""

    def test(backend):
        theirs = seen_by(program, THEIRS, backend)
        ours = seen_by(program, OURS, backend)
        assert theirs is not None, "the program returns nothing to compare"
        assert same(ours, theirs), f"\nplugrad: {ours}\nPyTorch: {theirs}"

    test.__name__ = test.__qualname__ = program.__name__
    test.__doc__, test.__module__ = program.__doc__, program.__module__
    test.pytestmark = getattr(program, "pytestmark", [])
    return test


def values_of(tensor):
    """The elements, in order."""
    return flat(tensor.tolist())
