"""Values and gradients equal PyTorch's, at ordinary points, at ties, kinks and singular points."""

import pytest

import plugrad
from plugrad.errors import MissingKernel
from plugrad.extend import put_together
from plugrad.testing import Values
from plugrad.testing.numerical import cotangent_for
from test_ops import ALL, CORE, close, held, leaves_of

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch==2.13.0")

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning"),  # samples at singular points
    pytest.mark.filterwarnings("ignore:.*degrees of freedom:UserWarning"),  # PyTorch's, of no elements
]

# what formulas need; PyTorch has no function of it
OF_OUR_OWN = {"zeros_of", "expand", "scatter_add"}


def steps_back(sample):
    key = sample.parameters.get("key")
    return any(isinstance(part, slice) and (part.step or 1) < 0 for part in (key if isinstance(key, tuple) else (key,)))


def zero_to_the_power_of_zero(sample):
    return all(isinstance(i, Values) and 0.0 in i.numbers for i in sample.inputs)


OTHERWISE = {
    "PyTorch takes an empty tuple for all axes": lambda name, sample, dtype: name != "squeeze"
    and sample.parameters.get("axis") == (),
    "PyTorch's slices have no negative step": lambda name, sample, dtype: steps_back(sample),
    "PyTorch has no mean of integers": lambda name, sample, dtype: (name, dtype) == ("mean", "int64"),
    "PyTorch divides integers in float32": lambda name, sample, dtype: (name, dtype) == ("divide", "int64"),
    "PyTorch has no variance of integers": lambda name, sample, dtype: name in ("std", "var") and dtype == "int64",
    "PyTorch inverts integers in float32": lambda name, sample, dtype: (name, dtype) == ("reciprocal", "int64"),
    "0j ** 0j is 1 in NumPy and nan in PyTorch": lambda name, sample, dtype: (name, dtype) == ("pow", "complex128")
    and zero_to_the_power_of_zero(sample),
}  # fmt: skip
"""Where the array API standard or NumPy decides and PyTorch differs."""


def axes(x, axis):
    return tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)


def as_tensor(value, like):
    return value if value is None or isinstance(value, torch.Tensor) else torch.tensor(value, dtype=like.dtype)


def both_tensors(function):
    def run(a, b):
        like = a if isinstance(a, torch.Tensor) else b
        return function(as_tensor(a, like), as_tensor(b, like))

    return run


def in_dtype(x, dtype):
    return x if dtype is None else x.to(getattr(torch, dtype))


def clip(x, low=None, high=None):
    if low is None and high is None:
        return x.clone()  # PyTorch refuses it
    if isinstance(low, torch.Tensor) or isinstance(high, torch.Tensor):
        low, high = as_tensor(low, x), as_tensor(high, x)
    return torch.clamp(x, low, high)


def prod(x, axis=None, dtype=None, keepdims=False):
    x = in_dtype(x, dtype)
    if axis is None and not keepdims:
        return torch.prod(x)
    for a in sorted((a % x.ndim for a in axes(x, axis)), reverse=True):
        x = torch.prod(x, dim=a, keepdim=keepdims)
    return x


def cumulative(function, initial, x, axis=None, dtype=None, include_initial=False):
    axis = axis or 0
    out = function(in_dtype(x, dtype), axis)
    if include_initial:
        shape = [1 if a == axis % x.ndim else n for a, n in enumerate(x.shape)]
        out = torch.cat([torch.full(shape, initial, dtype=out.dtype), out], axis)
    return out


def setitem(x, value, key):
    out = x.clone()
    out[key] = value
    return out


def scatter(x, shape, key):
    out = torch.zeros(shape, dtype=x.dtype)
    out[key] = x
    return out


TORCH = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "pow": lambda a, b: a**b, "remainder": both_tensors(torch.remainder),
    "floor_divide": both_tensors(lambda a, b: torch.div(a, b, rounding_mode="floor")),
    "maximum": both_tensors(torch.maximum), "minimum": both_tensors(torch.minimum), "clip": clip, "where": torch.where,
    "negative": torch.neg, "positive": torch.positive, "abs": torch.abs, "sign": torch.sgn, "square": torch.square,
    "sqrt": torch.sqrt, "exp": torch.exp, "expm1": torch.expm1, "log": torch.log, "log1p": torch.log1p,
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "tanh": torch.tanh,
    "conj": lambda x: torch.conj(x).resolve_conj(), "real": torch.real,
    "astype": lambda x, dtype, copy=True: x.to(getattr(torch, dtype)),
    "equal": both_tensors(torch.eq), "not_equal": both_tensors(torch.ne), "less": both_tensors(torch.lt),
    "less_equal": both_tensors(torch.le), "greater": both_tensors(torch.gt), "greater_equal": both_tensors(torch.ge),
    "logical_and": torch.logical_and, "logical_or": torch.logical_or,
    "logical_xor": torch.logical_xor, "logical_not": torch.logical_not, "bitwise_and": torch.bitwise_and,
    "bitwise_or": torch.bitwise_or, "bitwise_xor": torch.bitwise_xor, "bitwise_invert": torch.bitwise_not,
    "sum": lambda x, axis=None, dtype=None, keepdims=False: in_dtype(x, dtype).sum(axes(x, axis), keepdims),
    "mean": lambda x, axis=None, keepdims=False: x.mean(axes(x, axis), keepdims), "prod": prod,
    "max": lambda x, axis=None, keepdims=False: x.amax(axes(x, axis), keepdims),
    "min": lambda x, axis=None, keepdims=False: x.amin(axes(x, axis), keepdims),
    "any": lambda x, axis=None, keepdims=False: x.any(axes(x, axis), keepdims),
    "all": lambda x, axis=None, keepdims=False: x.all(axes(x, axis), keepdims),
    "argmax": lambda x, axis=None, keepdims=False: x.argmax(axis, keepdims),
    "argmin": lambda x, axis=None, keepdims=False: x.argmin(axis, keepdims),
    "broadcast_to": lambda x, shape: x.broadcast_to(shape), "sum_to": lambda x, shape: x.sum_to_size(shape),
    "matmul": torch.matmul, "reshape": torch.reshape, "permute_dims": lambda x, axes: x.permute(axes),
    "matrix_transpose": lambda x: x.mT, "expand_dims": lambda x, axis: x.unsqueeze(axis),
    "squeeze": lambda x, axis: x.squeeze(axis),
    "flip": lambda x, axis=None: x.flip(axes(x, axis)),
    "concat": lambda *xs, axis=0: torch.cat([x.reshape(-1) for x in xs]) if axis is None else torch.cat(xs, axis),
    "stack": lambda *xs, axis=0: torch.stack(xs, axis), "getitem": lambda x, key: x[key], "scatter": scatter,
    "setitem": setitem, "index_put": lambda x, value, *indices, key: setitem(x, value, put_together(key, indices)),
    "index": lambda x, *indices, key: x[put_together(key, indices)],
    "set_real": lambda x, value: torch.complex(*torch.broadcast_tensors(value.real, x.imag))
    if x.is_complex() else value + 0 * x,
    "set_imag": lambda x, value: torch.complex(*torch.broadcast_tensors(x.real, value.real)),
    "clone": torch.clone, "imag": torch.imag, "angle": torch.angle, "isnan": torch.isnan, "isinf": torch.isinf,
    "isfinite": torch.isfinite, "signbit": torch.signbit, "floor": torch.floor, "ceil": torch.ceil,
    "round": torch.round, "trunc": torch.trunc, "log2": torch.log2, "log10": torch.log10,
    "reciprocal": torch.reciprocal, "asin": torch.asin, "acos": torch.acos, "atan": torch.atan, "sinh": torch.sinh,
    "cosh": torch.cosh, "asinh": torch.asinh, "acosh": torch.acosh, "atanh": torch.atanh,
    "atan2": both_tensors(torch.atan2), "hypot": both_tensors(torch.hypot),
    "logaddexp": both_tensors(torch.logaddexp), "copysign": both_tensors(torch.copysign),
    "nextafter": both_tensors(torch.nextafter),
    "var": lambda x, axis=None, correction=0, keepdims=False: torch.var(
        x, axes(x, axis), correction=correction, keepdim=keepdims
    ),
    "std": lambda x, axis=None, correction=0, keepdims=False: torch.std(
        x, axes(x, axis), correction=correction, keepdim=keepdims
    ),
    "moveaxis": lambda x, source, destination: torch.movedim(x, source, destination),
    "roll": lambda x, shift, axis=None: torch.roll(x, shift, axis),
    "repeat": lambda x, repeats, axis=None: torch.repeat_interleave(x, repeats, axis),
    "tile": lambda x, repetitions: torch.tile(x, repetitions),
    "take": lambda x, indices, axis=None: torch.index_select(x, axis or 0, indices % x.shape[axis or 0]),
    "take_along_axis": lambda x, indices, axis=-1: torch.take_along_dim(x, indices % x.shape[axis], axis),
    "cumulative_sum": lambda x, **parameters: cumulative(torch.cumsum, 0, x, **parameters),
    "cumulative_prod": lambda x, **parameters: cumulative(torch.cumprod, 1, x, **parameters),
    "sort": lambda x, axis=-1, descending=False, stable=True: torch.sort(
        x, dim=axis, descending=descending, stable=True
    )[0],
    "argsort": lambda x, axis=-1, descending=False, stable=True: torch.argsort(
        x, dim=axis, descending=descending, stable=True
    ),
    "vecdot": lambda x1, x2, axis: torch.linalg.vecdot(x1, x2, dim=axis),
    "tensordot": lambda x1, x2, axes: torch.tensordot(x1, x2, axes), "tril": lambda x, k: x.tril(k),
    "triu": lambda x, k: x.triu(k),
}  # fmt: skip


def test_every_op_is_compared_or_ours_alone():
    assert set(TORCH) | OF_OUR_OWN == set(CORE)


def in_torch(t):
    made = torch.tensor(t.tolist(), dtype=getattr(torch, str(t.dtype))).reshape(t.shape)
    return made.requires_grad_(t.requires_grad)


COMPARED = [p for p in ALL if p.values[0] in TORCH]


@pytest.mark.parametrize("name, sample, dtype", COMPARED)
def test_value_and_gradients_are_those_of_pytorch(backend, name, sample, dtype):
    for reason, applies in OTHERWISE.items():
        if applies(name, sample, dtype):
            pytest.skip(reason)
    function, ours = held(name, sample, dtype, backend, requires_grad=True)
    theirs = [in_torch(a) if isinstance(a, plugrad.Tensor) else a for a in ours]
    out = function(*ours)
    wanted = TORCH[name](*theirs, **sample.parameters)
    assert (out.shape, out.dtype) == (tuple(wanted.shape), wanted.dtype)
    close(out.tolist(), wanted.tolist(), 1e-12, 1e-14)
    assert out.requires_grad == wanted.requires_grad
    if not out.requires_grad:
        return
    w = cotangent_for(out)
    try:
        found = plugrad.autograd.grad(out, leaves_of(ours), w)
    except MissingKernel as reason:  # of an op in the formula
        pytest.skip(str(reason))
    asked = [t for t in theirs if isinstance(t, torch.Tensor) and t.requires_grad]
    wanted = torch.autograd.grad(wanted, asked, in_torch(w))
    for g, expected in zip(found, wanted, strict=True):
        close(g.tolist(), (expected + 0).tolist(), 1e-10, 1e-12)  # what PyTorch knows to be zeros has no memory
