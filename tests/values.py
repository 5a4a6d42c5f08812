"""Comparing tensors with nested lists of numbers, on any backend."""

import math

import plugrad


def flat(nested):
    return [leaf for part in nested for leaf in flat(part)] if isinstance(nested, (list, tuple)) else [nested]


def shape_of(nested):
    return (len(nested), *(shape_of(nested[0]) if nested else ())) if isinstance(nested, (list, tuple)) else ()


def assert_close(tensor, expected, rel=1e-9, abs_=1e-12):
    """A tensor has this shape and these values."""
    assert isinstance(tensor, plugrad.Tensor), f"{tensor!r} is no tensor"
    if isinstance(expected, plugrad.Tensor):
        expected = expected.tolist()
    assert tensor.shape == shape_of(expected)
    for found, wanted in zip(flat(tensor.tolist()), flat(expected), strict=True):
        if isinstance(wanted, complex) or isinstance(found, complex):
            assert abs(found - wanted) <= abs_ + rel * abs(wanted), (tensor, expected)
        else:
            same = math.isnan(found) and math.isnan(wanted)
            assert same or math.isclose(found, wanted, rel_tol=rel, abs_tol=abs_), (tensor, expected)
