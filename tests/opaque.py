"""Arrays wrapped around another backend's, which refuse to be looked at: no truth value, no length, no number.

What runs on them takes the truth value of no array and asks no array's shape but through the backend.
"""

from plugrad import ops
from plugrad.extend import Backend
from plugrad.registry.kernels import kernel_for
from plugrad.registry.op import OPS


def refused(name):
    def method(self, *_):
        raise AssertionError(f"{name} of an array was taken")

    return method


def operator(name, swapped=False):
    def method(self, other):
        return getattr(ops, name)(other, self) if swapped else getattr(ops, name)(self, other)

    return method


class Opaque:
    def __init__(self, array):
        self.array = array

    __hash__ = None
    __neg__ = lambda self: ops.negative(self)


for _name in ("bool", "len", "iter", "int", "float", "complex", "index", "contains", "eq", "lt", "gt", "getitem"):
    setattr(Opaque, f"__{_name}__", refused(_name))
for _name, _op in [("add", "add"), ("sub", "subtract"), ("mul", "multiply"), ("truediv", "divide"), ("pow", "pow")]:
    setattr(Opaque, f"__{_name}__", operator(_op))
    setattr(Opaque, f"__r{_name}__", operator(_op, swapped=True))
Opaque.__matmul__ = operator("matmul")


def unwrapped(value):
    if type(value) is tuple:
        return tuple(map(unwrapped, value))
    return value.array if isinstance(value, Opaque) else value


def first_type(values):
    for value in values:
        if type(value) is tuple:
            value = next((v for v in value if isinstance(v, Opaque)), None)
        if isinstance(value, Opaque):
            return type(value.array)
    raise AssertionError("no array among the arguments")


class Opaques(Backend):
    """Another backend's arrays, wrapped."""

    name = "opaque"

    def __init__(self, inner):
        self.inner = inner

    def kernel(self, op, array_type):
        def kernel(*values):
            inner = kernel_for(OPS[op], first_type(values))
            return Opaque(self.inner.held(inner(*map(unwrapped, values))))

        return kernel

    def shape(self, array):
        return self.inner.shape(array.array)

    def dtype(self, array):
        return self.inner.dtype(array.array)

    def device(self, array):
        return self.inner.device(array.array)

    def full(self, shape, value, dtype, device=None):
        return Opaque(self.inner.full(shape, value, self.inner.native_dtype(dtype), device))

    def asarray(self, data, dtype=None, device=None, copy=None):
        return Opaque(self.inner.asarray(data, self.inner.native(dtype), device, copy))

    def tolist(self, array):
        return self.inner.tolist(array.array)


