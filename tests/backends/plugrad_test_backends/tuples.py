"""The smallest backend: Python's numbers, and an immutable nested tuple with operators. It needs no library."""

from __future__ import annotations

import cmath
import math
import operator
from functools import reduce
from itertools import accumulate, product

from plugrad.extend import Backend, DTypeError, hookimpl

plugrad_api = 1


class Array(tuple):
    """A nested tuple with arithmetic. A 0-d array is a Python number."""

    __slots__ = ()

    def __add__(self, other):
        return elementwise(operator.add, self, other)

    def __radd__(self, other):
        return elementwise(operator.add, other, self)

    def __sub__(self, other):
        return elementwise(operator.sub, self, other)

    def __rsub__(self, other):
        return elementwise(operator.sub, other, self)

    def __mul__(self, other):
        return elementwise(operator.mul, self, other)

    def __rmul__(self, other):
        return elementwise(operator.mul, other, self)

    def __truediv__(self, other):
        return elementwise(divide, self, other)

    def __rtruediv__(self, other):
        return elementwise(divide, other, self)

    def __pow__(self, other):
        return elementwise(power, self, other)

    def __rpow__(self, other):
        return elementwise(power, other, self)

    def __neg__(self):
        return elementwise(operator.neg, self)

    def __matmul__(self, other):
        return matmul(self, other)


def divide(a, b):
    """With infinities, which Python's own division has not."""
    try:
        return a / b
    except ZeroDivisionError:
        real = not isinstance(a * b, complex) and a == a and a != 0
        return math.copysign(math.inf, a) * math.copysign(1, b) if real else a * math.nan


def power(a, b):
    try:
        return a**b
    except ZeroDivisionError:
        return math.inf if not isinstance(a * b, complex) else a if b.real > 0 else a * math.nan


def shape(a):
    return (len(a), *(shape(a[0]) if a else ())) if isinstance(a, tuple) else ()


def flat(a):
    return [leaf for part in a for leaf in flat(part)] if isinstance(a, tuple) else [a]


def at(a, index):
    """The element at an index; an axis of extent 1 is broadcast, and missing leading axes are."""
    extents = shape(a)
    for i, extent in zip(index[len(index) - len(extents) :], extents, strict=True):
        a = a[i if extent != 1 else 0]
    return a


def build(extents, element, index=()):
    """The array whose element at each index a function gives."""
    if not extents:
        return element(index)
    return Array(build(extents[1:], element, (*index, i)) for i in range(extents[0]))


def elementwise(function, *arrays):
    shapes = [shape(a) for a in arrays]
    ndim = max(map(len, shapes))
    extents = []
    for k in range(-ndim, 0):
        found = {s[k] for s in shapes if len(s) >= -k} - {1}
        if len(found) > 1:
            raise ValueError(f"shapes {shapes} do not broadcast")
        extents.append(found.pop() if found else 1)
    return build(tuple(extents), lambda index: function(*(at(a, index) for a in arrays)))


def axes_of(axis, ndim):
    return set(range(ndim)) if axis is None else {a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))}


def reduction(function, empty=None):
    def kernel(x, axis, *rest):
        keepdims = rest[-1]
        extents = shape(x)
        axes = axes_of(axis, len(extents))
        kept = [i for i in range(len(extents)) if i not in axes]

        def element(index):
            fixed = dict(zip(range(len(extents)) if keepdims else kept, index, strict=True))
            ranges = [range(n) if i in axes else (fixed[i],) for i, n in enumerate(extents)]
            values = [at_exactly(x, i) for i in product(*ranges)]
            return function(values) if values or empty is None else empty

        left = tuple((1 if i in axes else n) for i, n in enumerate(extents) if keepdims or i not in axes)
        return build(left, element)

    return kernel


def typed(kernel):
    def run(x, axis, dtype, keepdims):
        return kernel(x if dtype is None else elementwise(PYTHON[dtype], x), axis, keepdims)

    return run


def at_exactly(a, index):
    for i in index:
        a = a[i]
    return a


def reshape(x, extents):
    leaves = flat(x)
    if -1 in extents:
        known = math.prod(n for n in extents if n != -1)
        extents = tuple(len(leaves) // known if n == -1 else n for n in extents)
    if math.prod(extents) != len(leaves):
        raise ValueError(f"cannot reshape {shape(x)} into {extents}")
    it = iter(leaves)
    return build(tuple(extents), lambda index: next(it))


def permute(x, axes):
    extents = shape(x)
    axes = [a % len(extents) for a in axes]
    back = [axes.index(i) for i in range(len(axes))]
    return build(tuple(extents[a] for a in axes), lambda index: at_exactly(x, [index[i] for i in back]))


def swapped(x):
    count = len(shape(x))
    return permute(x, (*range(count - 2), count - 1, count - 2))


def matmul(a, b):
    (*lead_a, rows, inner), (*lead_b, other, columns) = shape(a), shape(b)
    if inner != other:
        raise ValueError(f"shapes {shape(a)} and {shape(b)} do not multiply")
    lead = shape(elementwise(lambda *_: 0, build(tuple(lead_a), lambda i: 0), build(tuple(lead_b), lambda i: 0)))

    def element(index):
        *batch, i, j = index
        return sum(part(a, batch, (i, k)) * part(b, batch, (k, j)) for k in range(inner))

    return build((*lead, rows, columns), element)


def part(a, batch, last):
    """The element of a stack of matrices, whose leading axes broadcast."""
    lead = shape(a)[:-2]
    places = [i if n != 1 else 0 for i, n in zip(batch[len(batch) - len(lead) :], lead, strict=True)]
    return at_exactly(a, (*places, *last))


def squeeze(x, axis):
    extents = shape(x)
    axes = axes_of(axis, len(extents))
    if any(extents[a] != 1 for a in axes):
        raise ValueError(f"axis {axis} of shape {extents} is not of extent 1")
    return reshape(x, tuple(n for i, n in enumerate(extents) if i not in axes))


def expand_dims(x, axis):
    extents = list(shape(x))
    extents.insert(axis % (len(extents) + 1), 1)
    return reshape(x, tuple(extents))


def flip(x, axis):
    extents = shape(x)
    axes = axes_of(axis, len(extents))

    def element(index):
        return at_exactly(x, [extents[k] - 1 - i if k in axes else i for k, i in enumerate(index)])

    return build(extents, element)


def concat(arrays, axis):
    if axis is None:
        return Array(leaf for a in arrays for leaf in flat(a))
    axis %= len(shape(arrays[0]))
    if axis:
        return Array(concat(parts, axis - 1) for parts in zip(*arrays, strict=True))
    return Array(part for a in arrays for part in a)


def stack(arrays, axis):
    return concat([expand_dims(a, axis) for a in arrays], axis)


def tile(x, repetitions):
    extents = shape(x)
    ndim = max(len(extents), len(repetitions))
    extents = (1,) * (ndim - len(extents)) + extents
    counts = (1,) * (ndim - len(repetitions)) + tuple(repetitions)
    x = reshape(x, extents)
    made = tuple(n * c for n, c in zip(extents, counts, strict=True))
    return build(made, lambda index: at_exactly(x, [i % n for i, n in zip(index, extents, strict=True)]))


def roll(x, shift, axis):
    extents = shape(x)
    if axis is None:
        return reshape(roll(Array(flat(x)), shift, 0), extents)
    shifts = [0] * len(extents)
    for a, by in zip(*((v if isinstance(v, tuple) else (v,)) for v in (axis, shift)), strict=True):
        shifts[a] += by
    return build(
        extents, lambda index: at_exactly(x, [(i - by) % n for i, by, n in zip(index, shifts, extents, strict=True)])
    )


def band(within):
    def kernel(x, k):
        return build(shape(x), lambda index: at_exactly(x, index) * within(index[-1] - index[-2], k))

    return kernel


def along(line):
    """A kernel of what is done to each line along an axis, which is of a list and gives one."""

    def kernel(x, axis, *parameters):
        axis = (axis or 0) % len(shape(x))
        order = [a for a in range(len(shape(x))) if a != axis] + [axis]
        moved = permute(x, order)
        lines = build(shape(moved)[:-1], lambda index: Array(line(at_exactly(moved, index), *parameters)))
        return permute(lines, [order.index(a) for a in range(len(order))])

    return kernel


def cumulative(function, initial):
    def line(values, dtype, include_initial):
        made = list(accumulate(values if dtype is None else map(PYTHON[dtype], values), function, initial=initial))
        return made if include_initial else made[1:]

    return along(line)


def take_along_axis(x, indices, axis):
    axis %= len(shape(x))
    extents = [i if k == axis else max(n, i) for k, (n, i) in enumerate(zip(shape(x), shape(indices), strict=True))]

    def element(index):
        place = at(indices, index) % shape(x)[axis]
        return at(x, (*index[:axis], place, *index[axis + 1 :]))

    return build(tuple(extents), element)


def positions(extents, key):
    """For each axis of the result, the positions it takes of an axis of x; None: a new axis, an int: a lost one."""
    parts = list(key) if isinstance(key, tuple) else [key]
    used = sum(part is not None and part is not ... for part in parts)
    where = parts.index(...) if ... in parts else len(parts)
    parts[where : where + 1] = [slice(None)] * (len(extents) - used)
    left = iter(extents)
    return [part if part is None else range(next(left))[part] for part in parts]


def getitem(x, key):
    taken = positions(shape(x), key)
    kept = [p for p in taken if not isinstance(p, int)]

    def element(index):
        places = iter(index)
        source = [p if isinstance(p, int) else (next(places), p) for p in taken]
        old = [s for s in source if isinstance(s, int) or s[1] is not None]
        return at_exactly(x, [s if isinstance(s, int) else s[1][s[0]] for s in old])

    return build(tuple(1 if p is None else len(p) for p in kept), element)


def scatter(x, extents, key):
    count = math.prod(extents)
    values = [type((flat(x) or [0.0])[0])(0)] * count
    places = getitem(reshape(Array(range(count)), extents), key)
    for place, value in zip(flat(places), flat(x), strict=True):
        values[place] = value
    return reshape(Array(values), extents)


def setitem(x, value, key):
    places = getitem(reshape(Array(range(math.prod(shape(x)))), shape(x)), key)
    values, kind = flat(x), type((flat(x) or [0.0])[0])
    news = elementwise(lambda place, new: new, places, value)
    if shape(news) != shape(places):
        raise ValueError(f"{shape(value)} does not broadcast to {shape(places)}")
    for place, new in zip(flat(places), flat(news), strict=True):
        values[place] = kind(new)
    return reshape(Array(values), shape(x))


def alike(choose):
    """The chosen one of two, as the kind of number that both have together: an array's dtype is its elements'."""

    def run(*values):
        a, b = values[-2:]
        return choose(*values) if type(a) is type(b) else type(a + b)(choose(*values))

    return run


def clip(x, low, high):
    if low is not None:
        x = elementwise(alike(max), x, low)
    return x if high is None else elementwise(alike(min), x, high)


def of_kind(real, complex_):
    return lambda v: complex_(v) if isinstance(v, complex) else real(v)


def sign(v):
    return (v / abs(v) if v else v) if isinstance(v, complex) else type(v)((v > 0) - (v < 0))


def log(v):
    return math.log(v) if v > 0 else -math.inf if v == 0 else math.nan


def log1p(v):
    return math.log1p(v) if v > -1 else log(1 + v)


def atanh(v):
    return math.atanh(v) if abs(v) < 1 else math.copysign(math.inf, v)


def whole(function):
    return lambda v: type(v)(function(v)) if math.isfinite(v) else v


def imag(v):
    if not isinstance(v, complex):
        raise DTypeError("imag is not implemented for tensors with non-complex dtypes")
    return v.imag


PYTHON = {"bool": bool, "int64": int, "float64": float, "complex128": complex}
UNARY = {
    "negative": operator.neg, "positive": operator.pos, "abs": abs, "sign": sign, "square": lambda v: v * v,
    "sqrt": of_kind(math.sqrt, cmath.sqrt), "exp": of_kind(math.exp, cmath.exp), "log": of_kind(log, cmath.log),
    "expm1": of_kind(math.expm1, lambda v: cmath.exp(v) - 1), "log1p": of_kind(log1p, lambda v: cmath.log(1 + v)),
    "sin": of_kind(math.sin, cmath.sin), "cos": of_kind(math.cos, cmath.cos), "tan": of_kind(math.tan, cmath.tan),
    "tanh": of_kind(math.tanh, cmath.tanh), "conj": lambda v: v.conjugate(), "real": lambda v: v.real,
    "imag": imag,
    "logical_not": operator.not_, "bitwise_invert": lambda v: not v if isinstance(v, bool) else ~v,
    "zeros_of": lambda v: type(v)(0), "clone": lambda v: v, "isfinite": of_kind(math.isfinite, cmath.isfinite),
    "isinf": of_kind(math.isinf, cmath.isinf), "isnan": of_kind(math.isnan, cmath.isnan),
    "signbit": lambda v: math.copysign(1, v) < 0, "reciprocal": lambda v: divide(1, v),
    "log2": of_kind(lambda v: math.log2(v) if v else -math.inf, lambda v: cmath.log(v) / cmath.log(2)),
    "log10": of_kind(lambda v: math.log10(v) if v else -math.inf, cmath.log10),
    "sinh": of_kind(math.sinh, cmath.sinh), "cosh": of_kind(math.cosh, cmath.cosh),
    "asin": of_kind(math.asin, cmath.asin), "acos": of_kind(math.acos, cmath.acos),
    "atan": of_kind(math.atan, cmath.atan), "asinh": of_kind(math.asinh, cmath.asinh),
    "acosh": of_kind(math.acosh, cmath.acosh), "atanh": of_kind(atanh, cmath.atanh),
    "floor": whole(math.floor), "ceil": whole(math.ceil), "round": whole(round), "trunc": whole(math.trunc),
}  # fmt: skip
BINARY = {
    "set_real": lambda v, new: complex(new.real, v.imag) if isinstance(v, complex) else new,
    "set_imag": lambda v, new: complex(v.real, new.real),
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": divide,
    "pow": power, "remainder": operator.mod, "floor_divide": operator.floordiv,
    "maximum": alike(max), "minimum": alike(min),
    "equal": operator.eq, "not_equal": operator.ne, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge, "logical_and": lambda a, b: bool(a and b),
    "logical_or": lambda a, b: bool(a or b), "logical_xor": lambda a, b: bool(a) != bool(b),
    "atan2": math.atan2, "hypot": math.hypot, "copysign": math.copysign, "nextafter": math.nextafter,
    "logaddexp": lambda a, b: b if a == b == -math.inf else max(a, b) + math.log1p(math.exp(-abs(a - b))),
    "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
}  # fmt: skip


def lifted(function):
    return lambda *arrays: elementwise(function, *arrays)


def argument(best):
    return lambda values: values.index(best(values))


class Tuples(Backend):
    """Nested tuples of Python's numbers."""

    name = "tuples"
    array_types = ("builtins.float", "builtins.int", "builtins.bool", "builtins.complex", f"{__name__}.Array")
    kernels = {
        **{name: lifted(function) for name, function in {**UNARY, **BINARY}.items()},
        "where": lifted(alike(lambda c, a, b: a if c else b)),
        "clip": clip,
        "astype": lambda x, dtype, copy: elementwise(PYTHON[str(dtype)], x),
        "sum": typed(reduction(sum, 0.0)),
        "prod": typed(reduction(math.prod, 1.0)),
        "mean": reduction(lambda values: sum(values) / len(values)),
        "max": reduction(max),
        "min": reduction(min),
        "any": reduction(any, False),
        "all": reduction(all, True),
        "argmax": reduction(argument(max)),
        "argmin": reduction(argument(min)),
        "matmul": matmul,
        "matrix_transpose": swapped,
        "permute_dims": permute,
        "reshape": reshape,
        "expand_dims": expand_dims,
        "squeeze": squeeze,
        "flip": flip,
        "tile": tile,
        "roll": roll,
        "tril": band(operator.le),
        "triu": band(operator.ge),
        "cumulative_sum": cumulative(operator.add, 0),
        "cumulative_prod": cumulative(operator.mul, 1),
        "concat": concat,
        "stack": stack,
        "broadcast_to": lambda x, extents: build(extents, lambda index: at(x, index)),
        "take_along_axis": take_along_axis,
        "getitem": getitem,
        "scatter": scatter,
        "setitem": setitem,
    }

    def shape(self, array):
        return shape(array)

    def dtype(self, array):
        leaves = flat(array)
        widest = reduce(lambda a, b: a + b, leaves[1:], leaves[0]) if leaves else 0.0
        widest = leaves[0] if leaves and all(isinstance(v, bool) for v in leaves) else widest
        return next(name for name, kind in PYTHON.items() if type(widest) is kind)

    def native_dtype(self, name):
        if name not in PYTHON:
            raise DTypeError(f"Python's numbers are of {', '.join(PYTHON)}, not {name}")
        return name

    def asarray(self, data, dtype=None, device=None, copy=None):
        if dtype is None:
            leaves = flat(self._nested(data, None))
            dtype = self.dtype(Array(leaves)) if leaves else "float64"
        return self._nested(data, PYTHON[dtype])

    def _nested(self, data, kind):
        if isinstance(data, (list, tuple)):
            return Array(self._nested(part, kind) for part in data)
        return data if kind is None else kind(data)

    def tolist(self, array):
        return [self.tolist(part) for part in array] if isinstance(array, tuple) else array


@hookimpl
def plugrad_backends(register):
    register(Tuples())
