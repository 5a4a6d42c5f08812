"""Every op on every sample in forward mode: against central differences, against reverse mode, and nested with it."""

import pytest

import plugrad
from plugrad import func
from plugrad.errors import MissingKernel
from plugrad.testing.conformance.call import Call
from plugrad.testing.numerical import cotangent_for, like, tensors_of
from plugrad.testing.samples import flat
from test_ops import GRADED, SMALL, SMOOTH, close, held, hold, is_tensor

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")  # samples at singular points


def floating(arguments):
    return [k for k, a in enumerate(arguments) if is_tensor(a) and a._spec.inexact]


def of_floats(function, arguments):
    """The function of its floating inputs alone, with a tuple of its floating outputs, and these inputs."""
    places = floating(arguments)

    def run(*inputs):
        given = dict(zip(places, inputs, strict=True))
        return tensors_of(function(*[given.get(k, a) for k, a in enumerate(arguments)]))

    return run, tuple(arguments[k] for k in places)


def directions(tensors, seed):
    return tuple(cotangent_for(t, seed + k) for k, t in enumerate(tensors))


def moved(tensors, tangents, step):
    return [
        like(x, [a + step * b for a, b in zip(flat(x.tolist()), flat(t.tolist()), strict=True)], False)
        if x.size
        else x
        for x, t in zip(tensors, tangents, strict=True)
    ]


def inner(ws, ts):
    """Of two tuples of tensors, as real vectors."""
    ws, ts = flat([w.tolist() for w in ws]), flat([t.tolist() for t in ts])
    return sum((complex(a).conjugate() * b).real for a, b in zip(ws, ts, strict=True))


@pytest.mark.parametrize("name, sample, dtype", SMOOTH)
def test_tangents_are_what_central_differences_say(backend, name, sample, dtype):
    hold("jvp", Call(name, sample, dtype, backend))


@pytest.mark.parametrize("name, sample, dtype", GRADED)
def test_tangents_agree_with_reverse_mode_also_at_kinks(backend, name, sample, dtype):
    """What a convention decides is decided once."""
    function, inputs = of_floats(*held(name, sample, dtype, backend))
    if not function(*inputs):
        return  # converted to integers or bools
    tangents = directions(inputs, 1)
    outputs, found = func.jvp(function, inputs, tangents)
    cotangents = directions(outputs, 7)
    try:
        pulled = func.vjp(function, *inputs)[1](cotangents)
    except MissingKernel as reason:  # of an op in the formula
        pytest.skip(str(reason))
    left, right = inner(cotangents, found), inner(pulled, tangents)
    assert left == right or (left != left and right != right) or abs(left - right) <= 1e-9 * (1 + abs(left))


@pytest.mark.parametrize("name, sample, dtype", SMALL)
def test_forward_over_reverse_is_reverse_over_forward(backend, name, sample, dtype):
    """Both are the Hessian of a weighted sum of the outputs along a tangent, whose central differences they equal."""
    function, inputs = of_floats(*held(name, sample, dtype, backend))
    tangents, weights = directions(inputs, 1), directions(function(*inputs), 5)

    def loss(*xs):
        return sum(((w * out) if not out._spec.complex else plugrad.real(plugrad.conj(w) * out)).sum()
                   for w, out in zip(weights, function(*xs), strict=True))  # fmt: skip

    every = tuple(range(len(inputs)))
    gradient = func.grad(loss, every)
    pushed = func.jvp(gradient, inputs, tangents)[1]
    pulled = func.grad(lambda *xs: func.jvp(loss, xs, tangents)[1], every)(*inputs)
    step = 1e-6
    above, below = gradient(*moved(inputs, tangents, step)), gradient(*moved(inputs, tangents, -step))
    for x, p, q, a, b in zip(inputs, pushed, pulled, above, below, strict=True):
        assert (p.shape, p.dtype) == (q.shape, q.dtype) == (x.shape, x.dtype)
        slopes = [(u - v) / (2 * step) for u, v in zip(flat(a.tolist()), flat(b.tolist()), strict=True)]
        close(flat(p.tolist()), slopes, max(sample.rtol, 1e-5), max(sample.atol, 1e-6))
        close(flat(q.tolist()), flat(p.tolist()), 1e-9, 1e-9)
