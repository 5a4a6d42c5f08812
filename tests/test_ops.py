"""Every op on every sample: values, derivatives of first and second order, dtypes, memory, and what formulas may do."""

import importlib.util

import pytest

import plugrad
from opaque import Opaque, Opaques
from plugrad.errors import MissingKernel
from plugrad.extend import put_together
from plugrad.registry.claims import OWNERS
from plugrad.registry.kernels import kernel_for
from plugrad.registry.op import OPS
from plugrad.registry.signature import names_of
from plugrad.testing import CannotHold, Values, check_gradients, gradient_of, samples_of
from plugrad.testing.numerical import cotangent_for, tensors_of
from plugrad.testing.samples import as_values, flat

CORE = {name: op for name, op in OPS.items() if op.source == "plugrad"}
HAS_NUMPY = importlib.util.find_spec("numpy") is not None
SECOND_ORDER = 4  # samples with more elements are checked in first order alone

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")  # samples at singular points


def cases(wanted=lambda op, sample: True, dtypes=("bool", "int64", "float64", "complex128")):
    return [
        pytest.param(name, sample, dtype, id=f"{name}-{number}-{dtype}")
        for name, op in CORE.items()
        for number, sample in enumerate(samples_of(name))
        if wanted(op, sample)
        for dtype in sample.dtypes
        if dtype in dtypes
    ]


def graded(op, sample):
    """Is there something to differentiate?"""
    return (op.differentiable or op.composite) and any(isinstance(i, Values) and i.floating for i in sample.inputs)


def smooth(op, sample):
    return graded(op, sample) and sample.smooth and sample.size > 0


def by_op(parameters):
    """Samples and dtypes by the op's name, for tests that say little of a single sample."""
    found = {}
    for name, sample, dtype in (p.values for p in parameters):
        found.setdefault(name, []).append((sample, dtype))
    return found


INEXACT = ("float64", "complex128")
ALL = cases()
GRADED = cases(graded, INEXACT)
SMOOTH = cases(smooth, INEXACT)
SMALL = cases(lambda op, sample: smooth(op, sample) and sample.size <= SECOND_ORDER, INEXACT)


def held(name, sample, dtype, backend, requires_grad=False):
    """The op's function with the sample's parameters, and its inputs on the backend, which is asked what it can."""
    op = OPS[name]
    try:
        if "dtype" in sample.parameters:
            Values((1,), [1.0]).tensor(sample.parameters["dtype"])
        arguments = sample.arguments(dtype, requires_grad=requires_grad)
    except CannotHold as reason:
        pytest.skip(str(reason))
    array_type = type(next(a for a in arguments if is_tensor(a)).array)
    try:
        kernel_for(op, array_type)
    except MissingKernel as reason:
        pytest.skip(str(reason))

    def function(*inputs):
        return op.function(*inputs, **sample.parameters)

    def any_empty():
        return any(0 in t.shape for t in arguments if is_tensor(t)) or 0 in function(*arguments).shape

    if plugrad.zeros(0, dtype="bool").dtype != "bool" and any_empty():
        pytest.skip("the backend does not know the dtype of an empty array")
    return function, arguments


def is_tensor(argument):
    return isinstance(argument, plugrad.Tensor)


def close(found, wanted, rtol, atol):
    for a, b in zip(flat(found), flat(wanted), strict=True):
        assert a == b or (a != a and b != b) or abs(a - b) <= atol + rtol * abs(b), (found, wanted)


# -- values -----------------------------------------------------------------------------------------------------


def expand_in_numpy(np, x, shape, axis, keepdims):
    axes = range(len(shape)) if axis is None else np.atleast_1d(np.array(axis, int)) % len(shape)
    kept = [1 if i in axes else n for i, n in enumerate(shape)]
    return np.broadcast_to(np.reshape(x, kept), shape)


def sum_to_in_numpy(np, x, shape):
    out = np.zeros(shape, x.dtype)
    for index in np.ndindex(*x.shape):
        place = index[x.ndim - len(shape) :]
        out[tuple(0 if n == 1 else i for i, n in zip(place, shape, strict=True))] += x[index]
    return out


def clip_in_numpy(np, x, low, high):
    raised = x if low is None else np.maximum(x, low)
    return raised if high is None else np.minimum(raised, high)


def put_in_numpy(np, x, shape, key):
    out = np.zeros(shape, x.dtype)
    np.add.at(out, key, x)
    return out


def assigned_in_numpy(np, x, value, key):
    out = np.array(x)
    out[key] = value
    return out


def cumulative_in_numpy(np, function, initial, x, axis=None, dtype=None, include_initial=False):
    out = function(x, axis, dtype)
    return np.insert(out, 0, initial, axis or 0) if include_initial else out


def whole_in_numpy(function):
    return lambda x: function(x).astype(x.dtype)


def sorted_in_numpy(np, x, axis=-1, descending=False, stable=True):
    """The positions, equal elements in their order, by Python's own sort; NaNs are the largest."""
    order = np.empty(x.shape, np.int64)
    lines, places = np.moveaxis(x, axis, -1), np.moveaxis(order, axis, -1)
    for line in np.ndindex(*lines.shape[:-1]):
        values = [(v != v, v) if v == v else (True, 0) for v in lines[line].tolist()]
        places[line] = sorted(range(len(values)), key=values.__getitem__, reverse=descending)
    return order


def in_numpy(name):
    """The op in plain NumPy, as a function of arrays and parameters."""
    import numpy as np

    other = {
        "zeros_of": np.zeros_like,
        "astype": lambda x, dtype, copy=True: np.array(x, dtype),
        "set_real": lambda x, value: x - x.real + value.real,
        "set_imag": lambda x, value: x.real + value.real * 1j,
        "clone": np.copy,
        "reciprocal": lambda x: 1 / x,
        "repeat": np.repeat,
        "tile": lambda x, repetitions: np.tile(x, repetitions),
        "vecdot": lambda x1, x2, axis: np.sum(np.conj(x1) * x2, axis),
        "sort": lambda x, **parameters: np.take_along_axis(
            x, sorted_in_numpy(np, x, **parameters), parameters.get("axis", -1)
        ),
        "argsort": lambda x, **parameters: sorted_in_numpy(np, x, **parameters),
        "cumulative_sum": lambda x, **parameters: cumulative_in_numpy(np, np.cumsum, 0, x, **parameters),
        "cumulative_prod": lambda x, **parameters: cumulative_in_numpy(np, np.cumprod, 1, x, **parameters),
        "var": lambda x, axis=None, correction=0, keepdims=False: np.var(x, axis, ddof=correction, keepdims=keepdims),
        "std": lambda x, axis=None, correction=0, keepdims=False: np.std(x, axis, ddof=correction, keepdims=keepdims),
        **{name: whole_in_numpy(getattr(np, name)) for name in ("floor", "ceil", "round", "trunc")},
        "clip": lambda *given: clip_in_numpy(np, *given),
        "conj": np.conjugate,
        "permute_dims": np.transpose,
        "matrix_transpose": lambda x: np.swapaxes(x, -1, -2),
        "expand_dims": lambda x, axis: np.expand_dims(x, axis),
        "concat": lambda *arrays, axis=0: np.concatenate(arrays, axis),
        "stack": lambda *arrays, axis: np.stack(arrays, axis),
        "expand": lambda x, **parameters: expand_in_numpy(np, x, **parameters),
        "sum_to": lambda x, shape: sum_to_in_numpy(np, x, shape),
        "getitem": lambda x, key: x[key],
        "scatter": lambda x, shape, key: put_in_numpy(np, x, shape, key),
        "setitem": lambda x, value, key: assigned_in_numpy(np, x, value, key),
        "index_put": lambda x, value, *indices, key: assigned_in_numpy(np, x, value, put_together(key, indices)),
        "index": lambda x, *indices, key: x[put_together(key, indices)],
        "scatter_add": lambda x, *indices, shape, key: put_in_numpy(np, x, shape, put_together(key, indices)),
    }  # fmt: skip
    standard = {"pow": "power", "bitwise_invert": "invert", "abs": "absolute", "atan2": "arctan2"}
    standard |= {f"a{name}": f"arc{name}" for name in ("cos", "sin", "tan", "cosh", "sinh", "tanh")}
    return other.get(name) or getattr(np, standard.get(name, name))


@pytest.mark.skipif(not HAS_NUMPY, reason="values are compared with NumPy's")
@pytest.mark.parametrize("name, sample, dtype", ALL)
def test_value(backend, name, sample, dtype):
    import numpy as np

    function, arguments = held(name, sample, dtype, backend)
    given = [np.array(a.tolist(), str(a.dtype)).reshape(a.shape) if is_tensor(a) else a for a in arguments]
    with np.errstate(all="ignore"):
        wanted = np.asarray(in_numpy(name)(*given, **sample.parameters))
        found = function(*arguments)
    assert found.shape == wanted.shape
    close(found.tolist(), wanted.tolist(), 1e-12, 1e-14)
    if wanted.size:  # the tuple backend's dtype is that of its elements
        assert found.dtype == wanted.dtype
    assert not found.requires_grad


# -- derivatives --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, sample, dtype", SMOOTH)
def test_first_order(backend, name, sample, dtype):
    function, arguments = held(name, sample, dtype, backend, requires_grad=True)
    check_gradients(function, arguments, rtol=sample.rtol, atol=sample.atol, what=f"{name}: {sample}")


@pytest.mark.parametrize("name, sample, dtype", SMALL)
def test_second_order(backend, name, sample, dtype):
    function, arguments = held(name, sample, dtype, backend, requires_grad=True)
    cotangents = [cotangent_for(out, 1, requires_grad=True) for out in tensors_of(function(*arguments))]
    gradient = gradient_of(function, len(arguments))
    what = f"{name}, gradient: {sample}"
    check_gradients(gradient, (*arguments, *cotangents), rtol=sample.rtol, atol=sample.atol, what=what)


def leaves_of(arguments):
    return [a for a in arguments if is_tensor(a) and a.requires_grad]


@pytest.mark.parametrize("name, sample, dtype", GRADED)
def test_gradients_have_shape_and_dtype_of_their_inputs_and_both_engines_agree(backend, name, sample, dtype):
    function, arguments = held(name, sample, dtype, backend, requires_grad=True)
    out = function(*arguments)
    if not tensors_of(out):  # converted to integers or bools
        assert not out.requires_grad
        return
    leaves = leaves_of(arguments)
    cotangent = cotangent_for(out)
    plain = plugrad.autograd.grad(out, leaves, cotangent, retain_graph=True)
    recorded = plugrad.autograd.grad(out, leaves, cotangent, create_graph=True)
    out.backward(cotangent)
    for x, g, r in zip(leaves, plain, recorded, strict=True):
        assert (x.grad.shape, x.grad.dtype) == (x.shape, x.dtype)
        close(x.grad.tolist(), g.tolist(), 1e-12, 0)
        close(x.grad.tolist(), r.tolist(), 1e-12, 0)


@pytest.mark.parametrize("name", by_op(GRADED))
def test_single_precision_in_single_precision_out(backend, name):
    """float32 gives float32 and float32 gradients, near to those in float64; complex64 likewise."""
    single = {"float64": "float32", "complex128": "complex64"}
    for sample, dtype in by_op(GRADED)[name]:
        if "dtype" in sample.parameters:
            continue  # it decides
        results = []
        for kind in (single[dtype], dtype):
            function, arguments = held(name, sample, kind, backend, requires_grad=True)
            out = function(*arguments)
            results.append((out, plugrad.autograd.grad(out, leaves_of(arguments), cotangent_for(out))))
        (out, gradients), (wide, wide_gradients) = results
        assert out.dtype == single[str(wide.dtype)], sample
        close(out.tolist(), wide.tolist(), 2e-5, 2e-6)
        for g, w in zip(gradients, wide_gradients, strict=True):
            assert g.dtype == single[dtype], sample
            close(g.tolist(), w.tolist(), 2e-5, 2e-6)


def two_floats(op, sample):
    arrays = [i for i in sample.inputs if isinstance(i, Values) and i.floating]
    return graded(op, sample) and len(arrays) > 1 and op.elementwise


TWO_FLOATS = by_op(cases(two_floats, ("float64",)))


@pytest.mark.parametrize("name", TWO_FLOATS)
def test_promotion_is_undone(backend, name):
    for sample, _ in TWO_FLOATS[name]:
        function, wide = held(name, sample, "float64", backend, requires_grad=True)
        _, narrow = held(name, sample, "float32", backend, requires_grad=True)
        out = function(*wide)
        wanted = plugrad.autograd.grad(out, leaves_of(wide), cotangent_for(out))
        for first, second in ((wide, narrow), (narrow, wide)):
            last = max(place for place, a in enumerate(first) if is_tensor(a))
            arguments = [*first[:last], second[last], *first[last + 1 :]]
            out = function(*arguments)
            assert out.dtype == plugrad.float64, sample
            gradients = plugrad.autograd.grad(out, leaves_of(arguments), cotangent_for(out))
            for x, g, w in zip(leaves_of(arguments), gradients, wanted, strict=True):
                assert (g.shape, g.dtype) == (x.shape, x.dtype), sample
                close(g.tolist(), w.tolist(), 2e-5, 2e-6)


NAN = float("nan")
INF = float("inf")
KINKS = [
    ("logaddexp", [[INF, -INF, 1000.0], [0.0, -INF, 0.0]], {}, [[1.0, NAN, 1.0], [0.0, NAN, 0.0]]),
    ("hypot", [[0.0, 3.0], [0.0, 4.0]], {}, [[NAN, 0.6], [NAN, 0.8]]),
    ("atan2", [[0.0, 0.0], [0.0, -1.0]], {}, [[0.0, -1.0], [0.0, 0.0]]),
    ("copysign", [[0.0, 2.0, 1.0], [-1.0, -1.0, 0.0]], {}, [[0.0, -1.0, 1.0], [0.0, 0.0, 0.0]]),
    ("nextafter", [[1.0, 2.0], [1.0, 3.0]], {}, [[0.0, 1.0], [0.0, 0.0]]),
    ("angle", [[-1.0, 0.0, 2.0]], {}, [[0.0, 0.0, 0.0]]),
    ("reciprocal", [[0.0, 2.0]], {}, [[-INF, -0.25]]),
    ("log2", [[0.0]], {}, [[INF]]),
    ("asin", [[1.0, -1.0, 0.0]], {}, [[INF, INF, 1.0]]),
    ("acos", [[1.0, -1.0, 0.0]], {}, [[-INF, -INF, -1.0]]),
    ("acosh", [[1.0]], {}, [[INF]]),
    ("atanh", [[1.0, 0.0]], {}, [[INF, 1.0]]),
    ("floor", [[1.0, -0.5, NAN]], {}, [[0.0, 0.0, 0.0]]),
    ("round", [[0.5, 1.5]], {}, [[0.0, 0.0]]),
    ("std", [[2.0, 2.0]], {}, [[0.0, 0.0]]),
    ("cumulative_prod", [[2.0, 0.0, 3.0, 0.0]], {}, [[1.0, 8.0, 0.0, 0.0]]),
    ("sort", [[NAN, 1.0, 1.0, 0.0]], {}, [[1.0, 1.0, 1.0, 1.0]]),
    ("max", [[1.0, 3.0, 3.0, 1.0]], {}, [[0.0, 0.5, 0.5, 0.0]]),
    ("min", [[[2.0, 2.0], [1.0, 2.0]]], {"axis": 1}, [[[0.5, 0.5], [1.0, 0.0]]]),
    ("max", [[[NAN, 1.0], [1.0, 2.0]]], {"axis": 1}, [[[NAN, NAN], [0.0, 1.0]]]),
    ("maximum", [[1.0, 2.0], [1.0, 3.0]], {}, [[0.5, 0.0], [0.5, 1.0]]),
    ("minimum", [[1.0, 2.0], [1.0, 3.0]], {}, [[0.5, 1.0], [0.5, 0.0]]),
    ("abs", [[-1.0, 0.0, 2.0]], {}, [[-1.0, 0.0, 1.0]]),
    ("sign", [[-1.0, 0.0, 2.0]], {}, [[0.0, 0.0, 0.0]]),
    ("clip", [[-1.0, 1.0, 2.0, NAN], -1.0, 1.0], {}, [[1.0, 1.0, 0.0, 0.0]]),
    ("clip", [[-1.0, -2.0, 3.0], [-1.0] * 3, [1.0] * 3], {}, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("clip", [[0.0], [1.0], [-1.0]], {}, [[0.0], [0.0], [1.0]]),
    ("prod", [[2.0, 0.0, 3.0]], {}, [[0.0, 6.0, 0.0]]),
    ("prod", [[0.0, 0.0, 3.0]], {}, [[0.0, 0.0, 0.0]]),
    ("sqrt", [[0.0, 4.0]], {}, [[float("inf"), 0.25]]),
    ("pow", [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]], {}, [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]),
    ("pow", [[0.0, 3.0], 0], {}, [[0.0, 0.0]]),
    ("pow", [[0.0], -1], {}, [[-float("inf")]]),
    ("where", [[True, False], [NAN, 1.0], [2.0, NAN]], {}, [[1.0, 0.0], [0.0, 1.0]]),
]


@pytest.mark.parametrize("name, inputs, parameters, wanted", KINKS)
def test_ties_kinks_and_singular_points(backend, name, inputs, parameters, wanted):
    """The conventions are PyTorch's, and stated here so that they hold without it."""
    arguments = [as_values(i).tensor("float64", requires_grad=True) if isinstance(i, list) else i for i in inputs]
    try:
        out = OPS[name].function(*arguments, **parameters)
    except MissingKernel as reason:
        pytest.skip(str(reason))
    out.backward(plugrad.ones(out.shape))
    for x, expected in zip(leaves_of(arguments), wanted, strict=True):
        close(x.grad.tolist(), expected, 0, 0)


# -- what a backend must have -----------------------------------------------------------------------------------------


@pytest.mark.only("numpy", "strict")
@pytest.mark.parametrize("name", list(CORE))
def test_a_whole_backend_runs_every_op_and_holds_every_sample(backend, name):
    array = plugrad.tensor([1.0]).array
    assert kernel_for(OPS[name], type(array))
    for sample in samples_of(name):
        for dtype in sample.dtypes:
            sample.arguments(dtype)


# -- memory -----------------------------------------------------------------------------------------------------------


def raw(argument):
    return argument.array if is_tensor(argument) else argument


def share(a, b):
    import numpy as np

    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.shares_memory(a, b)


@pytest.mark.only("numpy")
@pytest.mark.parametrize("name", by_op(ALL))
def test_a_result_has_memory_of_its_own_unless_the_op_is_a_view(backend, name):
    for sample, dtype in by_op(ALL)[name]:
        function, arguments = held(name, sample, dtype, backend)
        out = function(*map(raw, arguments))
        if not OPS[name].view and sample.parameters.get("copy") is not False:
            assert not any(share(out, raw(a)) for a in arguments), sample


def formula_values(op, sample, arguments, wrap=lambda array: array):
    """What the engine would give to formulas of an op, by name, on raw arrays.

    :param wrap: what is done to each array.
    """
    signature = op.signature
    out = plugrad.asarray(op.function(*map(raw, arguments), **sample.parameters))
    values = {**signature.defaults, **sample.parameters, "out": wrap(raw(out)), "g": wrap(raw(cotangent_for(out)))}
    for place, name in enumerate(signature.inputs):
        several = arguments[place:] if name == signature.variadic else arguments[place : place + 1]
        facts = {
            name: [wrap(raw(a)) if is_tensor(a) else a for a in several],
            f"{name}_shape": [a.shape if is_tensor(a) else () for a in several],
            f"{name}_dtype": [a.dtype if is_tensor(a) else None for a in several],
            "needs": [True for _ in several],
        }
        values.update({fact: tuple(found) if name == signature.variadic else found[0] for fact, found in facts.items()})
    return values


def formula_calls(op, sample, arguments, wrap=lambda array: array):
    """Each formula of an op with its key and what the engine would give it, on raw arrays."""
    signature, values = op.signature, formula_values(op, sample, arguments, wrap)
    for key, formula in op.vjp.items():
        place = signature.inputs.index(key)
        if place < len(arguments) and is_tensor(arguments[place]):
            yield key, formula, {name: values[name] for name in names_of(formula)}


def parts_of(value):
    """The arrays in what a formula gets or returns."""
    return list(value) if type(value) in (tuple, list) else [value]


FRESH = by_op(cases(lambda op, sample: graded(op, sample) and op.fresh, INEXACT))


@pytest.mark.only("numpy")
@pytest.mark.parametrize("name", FRESH)
def test_a_fresh_formula_makes_new_memory(backend, name):
    op = OPS[name]
    for sample, dtype in FRESH[name]:
        _, arguments = held(name, sample, dtype, backend)
        if runs_composite(op, arguments):
            continue
        for key, formula, given in formula_calls(op, sample, arguments):
            if op.fresh is True or key in op.fresh:
                made = formula(**given)
                for value in given.values():
                    assert not any(share(made, v) for v in parts_of(value)), f"that of {key} returns what it got"


def runs_composite(op, arguments):
    """Is there no node of the op itself?"""
    return op.batched and any(a.ndim < op.batched for a in arguments)


# -- what formulas may do ---------------------------------------------------------------------------------------------


@pytest.fixture
def opaque(backend, monkeypatch):
    """Wrapped arrays of the backend, which raise where a formula looks at them."""
    monkeypatch.setitem(OWNERS, Opaque, Opaques(backend))
    yield Opaque
    for op in OPS.values():
        op.kernels.pop(Opaque, None)


@pytest.mark.parametrize("name, sample, dtype", GRADED)
def test_no_formula_takes_the_truth_value_of_an_array(backend, opaque, name, sample, dtype):
    op = OPS[name]
    _, arguments = held(name, sample, dtype, backend)
    if runs_composite(op, arguments):
        op.composite(*[opaque(raw(a)) for a in arguments])
        return
    plain = list(formula_calls(op, sample, arguments))
    for (key, formula, given), (_, _, bare) in zip(formula_calls(op, sample, arguments, opaque), plain, strict=True):
        for made, wanted in zip(parts_of(formula(**given)), parts_of(formula(**bare)), strict=True):
            assert isinstance(made, Opaque), f"{name}: the formula of {key} returns no array"
            close(backend.tolist(made.array), backend.tolist(wanted), 1e-12, 0)
