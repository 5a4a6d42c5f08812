"""A function of ``torch.nn.functional`` called in both libraries: values, gradients and tangents compared.

Sums are made in another order, so numbers agree to 1e-10.
"""

import importlib.util
from random import Random

import pytest

import plugrad
from plugrad import func
from plugrad_nn import functional as F
from values import assert_close

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
TIGHT = {"rel": 1e-10, "abs_": 1e-11}


def drawn(shape, seed, draw=None):
    """Nested lists of normal numbers; a complex dtype's have both parts."""
    gauss = draw or Random(repr((shape, seed))).gauss
    return [drawn(shape[1:], seed, gauss) for _ in range(shape[0])] if shape else gauss(0, 1)


def is_complex(nested):
    return is_complex(nested[0]) if isinstance(nested, list) else isinstance(nested, complex)


def both_of(data):
    """A leaf of each library; None stays None."""
    import torch

    if data is None:
        return None, None
    dtype = torch.complex128 if is_complex(data) else torch.float64
    return plugrad.tensor(data, requires_grad=True), torch.tensor(data, dtype=dtype, requires_grad=True)


def compare(call, *inputs):
    """``call(F, *inputs)`` in both: its result, its gradients for a random cotangent and, in plugrad, its tangent."""
    import torch

    ours, theirs = zip(*[both_of(data) for data in inputs], strict=True)
    out, expected = call(F, *ours), call(torch.nn.functional, *theirs)
    assert (out.shape, out.dtype) == (tuple(expected.shape), str(expected.dtype).removeprefix("torch."))
    assert_close(out, expected.tolist(), **TIGHT)
    weight = drawn(out.shape, 7)
    out.backward(plugrad.tensor(weight, dtype=out.dtype))
    expected.backward(torch.tensor(weight, dtype=expected.dtype))
    for our, their in zip(ours, theirs, strict=True):
        if our is not None:
            assert_close(our.grad, their.grad.tolist(), **TIGHT)
    compare_tangents(call, [x for x in ours if x is not None], ours, expected, theirs)


def compare_tangents(call, leaves, ours, expected, theirs):
    """The tangent along a random direction, which is what the gradients make of it, weighted by a random cotangent."""
    if is_complex(ours[0].tolist()):
        return
    directions = [plugrad.tensor(drawn(x.shape, 8)) for x in leaves]

    def primals(*given):
        left = iter(given)
        return call(F, *[x if x is None else next(left) for x in ours])

    _, tangent = func.jvp(primals, tuple(x.detach() for x in leaves), tuple(directions))
    weight = plugrad.tensor(drawn(tangent.shape, 7))
    along = sum((d * x.grad).sum().item() for d, x in zip(directions, leaves, strict=True))
    assert_close((tangent * weight).sum(), along, 1e-9, 1e-10)


def raised(call, *inputs):
    """The error of a call in each library, whose types must agree."""
    import torch

    ours, theirs = zip(*[both_of(data) for data in inputs], strict=True)
    ours, theirs = ([None if x is None else x.detach() for x in given] for given in (ours, theirs))
    with pytest.raises(Exception) as wanted:  # noqa: PT011  which one is PyTorch's to say
        call(torch.nn.functional, *theirs)
    with pytest.raises(wanted.type) as found:
        call(F, *ours)
    return str(found.value), str(wanted.value)
