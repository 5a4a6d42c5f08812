"""Floor 4: the Tensor's attributes, operators and methods, put onto the bare class, one line each."""

from __future__ import annotations

from . import conversion, copying, inplace, ops, transfer
from .autograd.declare import operator_of
from .autograd.gradients import backward
from .autograd.hooks import (
    kept,
    kept_grad,
    register_hook,
    register_post_accumulate_grad_hook,
    retain_grad,
    retains_grad,
)
from .autograd.leaf import set_requires_grad
from .autograd.node import grad_node
from .autograd.roots import edge_of
from .autograd.rules import PORT
from .autograd.saved import version
from .autograd.specialise import reflected
from .autograd.views import base_of, memory, note_alias, owner_of_version
from .errors import BackendError, GraphError, ShapeError
from .ops.indexing import taken_apart
from .registry.spec import size, wrap
from .registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .autograd.node import Node

# -- the graph ------------------------------------------------------------------------------------------------


def _grad_fn(self: Tensor) -> Node | None:
    """The node that made this tensor; None for a leaf."""
    node = self._node
    if node is None or not node.seq:
        return None
    return node.edge1 if node.rule.inner is PORT else node


def _output_nr(self: Tensor) -> int:
    """Which output of its ``grad_fn`` this tensor is."""
    return 0 if self._node is None else edge_of(self)[1]


def _is_leaf(self: Tensor) -> bool:
    """Whether no recorded op made this tensor."""
    return self._node is None or not self._node.seq


def _get_grad(self: Tensor) -> Tensor | None:
    """The accumulated gradient of a leaf, or of a tensor that retains it."""
    node = self._node
    if node is None:
        node = grad_node(self)
        if node is None:
            return None
    if not node.seq:
        return node.more.grad  # type: ignore[no-any-return]
    grad = kept_grad(node)
    if grad is None and not self.retains_grad:
        _warn_of_non_leaf(node)
    return grad


def _warn_of_non_leaf(node: Node) -> None:
    import warnings

    warnings.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
        "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf "
        "Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure "
        f"you access the leaf Tensor instead. This one was made by {node.name()}.",
        stacklevel=3,
    )


def _set_grad(self: Tensor, grad: Tensor | None) -> None:
    node: Any = self._node or grad_node(self)
    if grad is not None:
        _check_assigned(self, grad)
    elif node is None:
        return
    if node is None:
        set_requires_grad(self, True)
        set_requires_grad(self, False)
        node = self._frozen
    if node.seq:
        kept(node).grad = grad
    else:
        node.more.grad = grad


def _check_assigned(self: Tensor, grad: Tensor) -> None:
    if not isinstance(grad, Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(grad).__name__}")
    have, want = grad._spec, self._spec
    if grad is self:
        raise GraphError("can't assign Tensor as its own grad")
    if have.backend is not want.backend or have.device != want.device:
        raise BackendError(f"assigned grad is {have}, but the tensor is {want}")
    if have.shape != want.shape:
        raise ShapeError(f"assigned grad has data of a different size: {have.shape} for a tensor of {want.shape}")
    if have.dtype is not want.dtype:
        raise GraphError(f"assigned grad has data of a different type: {have.dtype} for a tensor of {want.dtype}")


def _backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add to ``.grad`` of the leaves the gradients of this tensor with respect to them. See ``autograd.backward``.

    :param gradient: this tensor's cotangent; None stands for 1 at a scalar.
    """
    backward(self, gradient, retain_graph, create_graph, None, inputs)


def _detach(self: Tensor) -> Tensor:
    """A tensor that shares memory with this one and has no history."""
    out = wrap(self._spec.backend.detached(memory(self)))
    note_alias(out, self)
    return out


def _base(self: Tensor) -> Tensor | None:
    """The tensor whose memory this view looks into; None for what is no view."""
    base = base_of(self)
    return None if base is self else base


def _is_view(self: Tensor) -> bool:
    """Whether this tensor looks into another one's memory, and shares its history."""
    return base_of(self) is not self


def _requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Set ``requires_grad``, and return the tensor."""
    return set_requires_grad(self, requires_grad)


# -- array methods whose arguments are not their op's -------------------------------------------------------------


def _getitem(self: Tensor, key: Any) -> Tensor:
    if type(key) is int or type(key) is slice:
        return ops.getitem(self, key)
    taken, indices = taken_apart(key, self._spec.backend)
    return ops.index(self, *indices, key=taken) if indices else ops.getitem(self, key)


def _several(extents: tuple[Any, ...]) -> Any:
    return extents[0] if len(extents) == 1 and not isinstance(extents[0], int) else extents


def _reshape(self: Tensor, *shape: Any) -> Tensor:
    """``t.reshape(2, 3)`` or ``t.reshape((2, 3))``; one extent may be -1."""
    return ops.reshape(self, tuple(_several(shape)))


def _permute(self: Tensor, *axes: Any) -> Tensor:
    """``t.permute(1, 0)``: the axes in that order."""
    return ops.permute_dims(self, tuple(_several(axes)))


def _transposed(self: Tensor) -> Tensor:
    """The axes reversed: a matrix transposed."""
    axes = tuple(range(len(self._spec.shape)))
    return ops.permute_dims(self, axes[::-1])


def _real(self: Tensor) -> Tensor:
    """The real part: a view; of a real tensor, itself."""
    return ops.real(self) if self._spec.complex else self


def _extremum(name: str) -> Any:
    function = getattr(ops, name)

    def method(self: Tensor, *axis: Any, **keywords: Any) -> Tensor:
        if axis:
            raise TypeError(
                f"Tensor.{name}({axis[0]!r}) is a pair of values and indices in PyTorch; here say which: "
                f"t.{name}(axis={axis[0]!r}) for the values, t.arg{name}(axis={axis[0]!r}) for the indices"
            )
        return function(self, **keywords)  # type: ignore[no-any-return]

    method.__name__, method.__qualname__, method.__doc__ = name, f"Tensor.{name}", f"See ``plugrad.{name}``."
    return method


def _iterate(self: Tensor) -> Any:
    return (self[i] for i in range(conversion.length(self)))


def _size(self: Tensor) -> int:
    """The number of elements."""
    return size(self._spec.shape)


def _dim(self: Tensor) -> int:
    """The number of axes."""
    return len(self._spec.shape)


def _is_floating_point(self: Tensor) -> bool:
    """Whether the dtype is a real floating one."""
    return self._spec.real


def _is_complex(self: Tensor) -> bool:
    """Whether the dtype is complex."""
    return self._spec.complex


def _namespace(self: Tensor, /, *, api_version: str | None = None) -> Any:
    """The array API namespace: ``plugrad`` itself."""
    import sys

    return sys.modules["plugrad"]


T: Any = Tensor

T.array = property(conversion.array)
T.shape = property(lambda self: self._spec.shape, doc="The extents.")
T.dtype = property(lambda self: self._spec.dtype, doc="The neutral dtype, equal to the library's own.")
T.device = property(lambda self: self._spec.device, doc="Where the memory is.")
T.ndim = property(lambda self: len(self._spec.shape), doc="The number of axes.")
T.size = property(_size)
T.numel = _size
T.dim, T.is_floating_point, T.is_complex = _dim, _is_floating_point, _is_complex
T.data = property(copying.data, copying.set_data)
T.grad = property(_get_grad, _set_grad)
T.grad_fn = property(_grad_fn)
T.is_leaf = property(_is_leaf)
T.output_nr = property(_output_nr)
T.requires_grad = property(
    lambda self: self._node is not None, lambda self, value: (set_requires_grad(self, value), None)[1],
    doc="Whether gradients with respect to this tensor, or through it, are asked for.",
)  # fmt: skip
T._version = property(
    lambda self: version(owner_of_version(self)._array), doc="How often the memory was written in place."
)
T._base = property(_base)
T.T = property(_transposed)
T.real = property(_real, lambda self, value: (inplace.copy_(_real(self), value), None)[1])
T.imag = property(
    lambda self: ops.imag(self), lambda self, value: (inplace.copy_(ops.imag(self), value), None)[1],
    doc="The imaginary part of a complex tensor: a view.",
)  # fmt: skip
T.mT = property(lambda self: ops.matrix_transpose(self), doc="The last two axes exchanged.")

T.backward = _backward
T.detach = _detach
T.requires_grad_ = _requires_grad_
T.register_hook = register_hook
T._is_view = _is_view
T.detach_ = inplace.detach_
for _name, _method in inplace.methods().items():
    setattr(T, _name, _method)
T.register_post_accumulate_grad_hook = register_post_accumulate_grad_hook
T.retain_grad, T.retains_grad = retain_grad, property(retains_grad)

T.__add__, T.__sub__, T.__mul__ = operator_of(ops.add), operator_of(ops.subtract), operator_of(ops.multiply)
T.__truediv__, T.__floordiv__ = operator_of(ops.divide), operator_of(ops.floor_divide)
T.__mod__, T.__pow__, T.__matmul__ = operator_of(ops.remainder), operator_of(ops.pow), operator_of(ops.matmul)
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(T, f"__r{_name}__", reflected(getattr(T, f"__{_name}__")))
T.__neg__, T.__pos__, T.__abs__ = ops.negative, ops.positive, ops.abs
T.__eq__, T.__ne__ = operator_of(ops.equal), operator_of(ops.not_equal)
T.__lt__, T.__le__ = operator_of(ops.less), operator_of(ops.less_equal)
T.__gt__, T.__ge__ = operator_of(ops.greater), operator_of(ops.greater_equal)
T.__and__ = T.__rand__ = operator_of(ops.bitwise_and)
T.__or__ = T.__ror__ = operator_of(ops.bitwise_or)
T.__xor__ = T.__rxor__ = operator_of(ops.bitwise_xor)
T.__invert__ = ops.bitwise_invert
T.__hash__ = object.__hash__
for _name, _op in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "pow", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
}.items():  # fmt: skip
    setattr(T, f"__i{_name}__", inplace.in_place(_op))
T.__getitem__, T.__setitem__, T.__iter__ = _getitem, inplace.setitem, _iterate

T.max, T.min = _extremum("max"), _extremum("min")
for _name in (
    "abs", "acos", "acosh", "all", "angle", "any", "argmax", "argmin", "argsort", "asin", "asinh", "astype", "atan",
    "atan2", "atanh", "ceil", "clip", "clone", "conj", "copysign", "cos", "cosh", "cumulative_prod",
    "cumulative_sum", "exp", "expand_dims", "expm1", "flip", "floor", "hypot", "isfinite", "isinf", "isnan", "log",
    "log10", "log1p", "log2", "logaddexp", "matmul", "mean", "moveaxis", "nextafter", "prod", "reciprocal",
    "repeat", "roll", "round", "sign", "signbit", "sin", "sinh", "sort", "sqrt", "square", "squeeze", "std", "sum",
    "take", "take_along_axis", "tan", "tanh", "tile", "tril", "triu", "trunc", "unstack", "var",
):  # fmt: skip
    setattr(T, _name, getattr(ops, _name))
T.reshape, T.permute = _reshape, _permute

T.item, T.tolist, T.numpy = conversion.item, conversion.tolist, conversion.numpy
T.__float__, T.__int__, T.__complex__ = conversion.to_float, conversion.to_int, conversion.to_complex
T.__format__ = conversion.formatted
T.__copy__, T.__deepcopy__, T.__reduce_ex__ = copying.copied, copying.deepcopied, copying.reduced
T.__bool__, T.__len__, T.__index__, T.__repr__ = (
    conversion.boolean,
    conversion.length,
    conversion.index,
    conversion.text,
)
# CuPy asks for it before it calls a ufunc of its own on a stranger
T.__cupy_override_elementwise_kernel__ = lambda self, kernel, *inputs, **keywords: conversion.array_ufunc(
    self, kernel, "__call__", *inputs, **keywords
)
T.__array__, T.__array_ufunc__, T.__array_function__ = (
    conversion.as_array,
    conversion.array_ufunc,
    conversion.array_function,
)
T.__array_namespace__ = _namespace
T.__dlpack__, T.__dlpack_device__ = conversion.dlpack, conversion.dlpack_device
T.to, T.to_device, T.cpu, T.cuda = transfer.to, transfer.to_device, transfer.cpu, transfer.cuda

for _function in (_backward, _detach, _is_view, _permute, _requires_grad_, _reshape):  # errors show these names
    _function.__qualname__ = f"Tensor.{_function.__name__.removeprefix('_')}"
