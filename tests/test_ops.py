"""Every op on every sample: the conformance kit's checks, NumPy's values, and PyTorch's conventions at kinks."""

import contextlib
import importlib.util

import pytest

import plugrad
from plugrad.errors import MissingKernel
from plugrad.extend import put_together
from plugrad.registry.kernels import kernel_for
from plugrad.registry.op import OPS
from plugrad.testing import CannotHold, samples_of
from plugrad.testing.conformance.call import INEXACT, Call, NothingToCheck, graded, leaves_of, near, smooth
from plugrad.testing.conformance.checks import CHECKS, each
from plugrad.testing.conformance.kernels import kernel
from plugrad.testing.samples import as_values, flat

CORE = {name: op for name, op in OPS.items() if op.source == "plugrad"}
HAS_NUMPY = importlib.util.find_spec("numpy") is not None
CHECK = {check.name: check for check in CHECKS}

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


def by_op(parameters):
    """Samples and dtypes by the op's name, for tests that say little of a single sample."""
    found = {}
    for name, sample, dtype in (p.values for p in parameters):
        found.setdefault(name, []).append((sample, dtype))
    return found


ALL = cases()
GRADED = cases(graded, INEXACT)
SMOOTH = cases(smooth, INEXACT)
SMALL = cases(CHECK["second_order"].wanted, INEXACT)


def held(name, sample, dtype, backend, requires_grad=False):
    """The sample's call, and its inputs on the backend, which is asked what it can."""
    call = Call(name, sample, dtype, backend)
    try:
        return call, call.arguments(requires_grad)
    except (CannotHold, NothingToCheck) as reason:
        pytest.skip(str(reason))


def hold(check, *calls):
    """The check holds for the calls."""
    try:
        each(CHECK[check], calls)
    except (CannotHold, NothingToCheck) as reason:
        pytest.skip(str(reason))


def is_tensor(argument):
    return isinstance(argument, plugrad.Tensor)


def close(found, wanted, rtol, atol):
    for a, b in zip(flat(found), flat(wanted), strict=True):
        assert near(a, b, rtol, atol), (found, wanted)


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


# -- the kit's checks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, sample, dtype", SMOOTH)
def test_first_order(backend, name, sample, dtype):
    hold("vjp", Call(name, sample, dtype, backend))


@pytest.mark.parametrize("name, sample, dtype", SMALL)
def test_second_order(backend, name, sample, dtype):
    hold("second_order", Call(name, sample, dtype, backend))


@pytest.mark.parametrize("name, sample, dtype", GRADED)
def test_gradients_have_shape_and_dtype_of_their_inputs_and_both_engines_agree(backend, name, sample, dtype):
    hold("engines", Call(name, sample, dtype, backend))


@pytest.mark.parametrize("name, sample, dtype", GRADED)
def test_no_formula_takes_the_truth_value_of_an_array(backend, name, sample, dtype):
    hold("formulas", Call(name, sample, dtype, backend))


def calls(name, backend, of=ALL):
    return [Call(name, sample, dtype, backend) for sample, dtype in by_op(of)[name]]


@pytest.mark.parametrize("name", by_op(GRADED))
def test_precision_is_kept_and_promotion_undone(backend, name):
    hold("dtypes", *calls(name, backend, GRADED))


@pytest.mark.parametrize("name", by_op(ALL))
def test_a_result_has_memory_of_its_own_unless_the_op_is_a_view(backend, name):
    hold("views", *calls(name, backend))


@pytest.mark.parametrize("name", by_op(GRADED))
def test_what_is_dropped_is_freed_at_once(backend, name):
    hold("freeing", *calls(name, backend, GRADED))


@pytest.mark.parametrize("name", by_op(ALL))
def test_the_kernel_runs_and_gives_shapes_that_a_composite_gives(backend, name):
    with contextlib.suppress(NothingToCheck):  # there is a composite alone
        kernel(OPS[name], calls(name, backend))
    hold("shapes", *calls(name, backend))


# -- ties and kinks -----------------------------------------------------------------------------------------------


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
