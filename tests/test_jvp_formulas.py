"""Forward derivatives as declared: by ``jvp``, or as they follow from ``linear`` and from elementwise formulas.

Each is called on raw arrays and held against central differences along a tangent of every input.
"""

import importlib.util

import pytest

import plugrad
from plugrad.extend import MissingKernel
from plugrad.registry.op import OPS
from plugrad.registry.signature import names_of
from plugrad.testing import samples_of
from plugrad.testing.conformance.call import raw
from plugrad.testing.conformance.formulas import formula_values
from plugrad.testing.numerical import cotangent_for
from test_ops import CORE, INEXACT, close, held, is_tensor, smooth

if importlib.util.find_spec("plugrad_nn"):
    import plugrad_nn.samples  # noqa: F401  and with them the ops

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")  # samples at singular points


def follows_from_vjp(op):
    return op.elementwise and op.holomorphic


def from_composite(op):
    """Is its tangent that of the ops which it is composed of? The kit checks these."""
    return op.composite is not None and not (op.jvp or op.linear or follows_from_vjp(op))


STATED = {name: op for name, op in OPS.items() if op.vjp and (name in CORE or name.startswith("nn."))}
SAMPLES = [
    pytest.param(name, sample, dtype, id=f"{name}-{number}-{dtype}")
    for name, op in STATED.items()
    if not from_composite(op)
    for number, sample in enumerate(samples_of(name))
    if smooth(op, sample)
    for dtype in sample.dtypes
    if dtype in INEXACT
]


@pytest.mark.parametrize("name", STATED)
def test_an_op_states_jvp_unless_it_follows(name):
    op = STATED[name]
    assert bool(op.jvp) != (op.linear or follows_from_vjp(op) or from_composite(op))
    if op.jvp:
        assert set(op.jvp) == set(op.vjp)


@pytest.mark.parametrize("name", [name for name, op in STATED.items() if op.jvp])
def test_a_formula_asks_for_what_there_is(name):
    signature = STATED[name].signature
    for formula in STATED[name].jvp.values():
        assert set(names_of(formula)) <= {"t", *signature.formula_names} - {"g", "needs"}
        assert "t" in names_of(formula)


def contributions(call, arguments, tangents):
    """Of each input that has a tangent, what it adds to the output's."""
    op, sample = call.op, call.sample
    if op.linear:
        kept = [name in op.signature.nondifferentiable for name in op.signature.inputs]
        kept += [kept[-1]] * len(arguments)  # a variadic input is the last
        changes = zip(arguments, tangents, kept, strict=False)
        inputs = [raw(a) if keep else 0 if t is None else raw(t) for a, t, keep in changes]
        yield op.function(*inputs, **sample.parameters)
        return
    values = formula_values(call, arguments)
    for place, name in enumerate(op.signature.inputs):
        if place < len(arguments) and tangents[place] is not None:
            formula = (op.jvp or op.vjp)[name]
            yield formula(*[raw(tangents[place]) if n in "tg" else values[n] for n in names_of(formula)])


def moved(arguments, tangents, step):
    return [a if t is None else raw(a + t * step) for a, t in zip(arguments, tangents, strict=True)]


@pytest.mark.parametrize("name, sample, dtype", SAMPLES)
def test_against_central_differences(backend, name, sample, dtype):
    try:
        function, arguments = held(name, sample, dtype, backend)
        function(*arguments)
    except MissingKernel as reason:  # of an op in the composite
        pytest.skip(str(reason))
    if function.runs_composite:
        pytest.skip("other ops run")
    floating = [is_tensor(a) and a._spec.inexact for a in arguments]
    tangents = [
        cotangent_for(a, k) if floats else None for k, (a, floats) in enumerate(zip(arguments, floating, strict=True))
    ]
    out = function(*arguments)
    found = plugrad.zeros_of(out)
    for part in contributions(function, arguments, tangents):
        found = found + part
    assert (found.shape, found.dtype) == (out.shape, out.dtype)
    step = 1e-6
    above, below = (plugrad.asarray(function(*moved(arguments, tangents, s))) for s in (step, -step))
    close(found.tolist(), ((above - below) * (0.5 / step)).tolist(), 1e-6, 1e-7)
