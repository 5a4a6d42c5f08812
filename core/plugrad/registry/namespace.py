"""A backend for any namespace of the Python array API standard."""

from __future__ import annotations

from _weakref import ref

from ..errors import DTypeError
from .advanced_indexing import add_at, basic_key, put_at, take
from .backend import Backend
from .op import OPS, Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .backend import Array, Kernel, Shape
    from .dtype import DType


class NamespaceBackend(Backend):
    """An array library that follows the array API standard, given as its namespace ``xp``.

    Its kernels are, in this order: what the class has in ``kernels``; its method ``kernel_<op>``; the standard's
    function of the op's name. What the standard lacks is built here from what it has, slow and right.
    """

    writable = True

    def __init__(self, xp: Any = None) -> None:
        self._xp = xp
        self._owners: dict[int, tuple[Any, Any]] = {}

    @property
    def xp(self) -> Any:
        """The namespace. A subclass that is made before its library is imported overrides this."""
        return self._xp

    def kernel(self, op: str, array_type: type) -> Kernel | str | None:
        own = self.kernels.get(op)
        if own is not None:
            return own
        declared = OPS.get(op)
        kernel = getattr(self, f"kernel_{op}", None)
        if kernel is None:
            function = getattr(self.xp, op, None)
            kernel = None if function is None or declared is None else self._standard(declared, function)
        noted = declared is not None and declared.view and type(self).owner is NamespaceBackend.owner
        return self._noting_views(kernel) if kernel is not None and noted else kernel

    def _noting_views(self, function: Kernel) -> Kernel:
        """The standard does not tell whose memory an array looks into, so what views make is noted."""

        def kernel(x: Any, *parameters: Any) -> Any:
            out = function(x, *parameters)
            if out is not x:
                key = id(out)
                self._owners[key] = ref(out, lambda _: self._owners.pop(key, None)), self.owner(x)
            return out

        kernel.__wrapped__ = function  # type: ignore[attr-defined] # shown by its name
        return kernel

    def _standard(self, op: Op, function: Kernel) -> Kernel:
        """A function of the standard as a kernel: its parameters go by keyword."""
        signature = op.signature
        if not signature.parameters:
            return function
        arrays = [i for i, name in enumerate(signature.arguments) if name in signature.inputs]
        parameters = [(i, name) for i, name in enumerate(signature.arguments) if name not in signature.inputs]

        def kernel(*values: Any) -> Any:
            keywords = {name: values[i] for i, name in parameters}
            if "dtype" in keywords:
                keywords["dtype"] = self.native(keywords["dtype"])
            return function(*[values[i] for i in arrays], **keywords)

        kernel.__wrapped__ = function  # type: ignore[attr-defined]
        return kernel

    # -- what an array is ---------------------------------------------------------------------------------

    def native_dtype(self, name: DType) -> Any:
        return getattr(self.xp, str(name))

    def device(self, array: Array) -> str:
        return str(array.device)

    @property
    def default_device(self) -> str:  # type: ignore[override]
        return str(self.xp.__array_namespace_info__().default_device())

    def asarray(self, data: Any, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
        return self.xp.asarray(data, dtype=dtype, device=self._device(device), copy=copy)

    def from_dlpack(self, x: Any, device: Any = None, copy: bool | None = None) -> Array:
        given = {"device": self._device(device), "copy": copy}
        try:
            return self.xp.from_dlpack(x, **{name: value for name, value in given.items() if value is not None})
        except Exception as error:  # each library has its own
            raise BufferError(
                f"backend {self.name!r} does not take a {type(x).__module__}.{type(x).__qualname__} by DLPack: {error}"
            ) from error

    def devices(self) -> tuple[str, ...]:
        return tuple([str(d) for d in self.xp.__array_namespace_info__().devices() if d is not None])

    def _device(self, device: Any) -> Any:
        """The library's device for what ``device`` returned or a user gave."""
        if device is None or not isinstance(device, str):
            return device
        known = self.xp.__array_namespace_info__().devices()
        return next((d for d in known if str(d) == device), device)

    def tolist(self, array: Array) -> Any:
        if not array.shape:
            for kind in (bool, int, float, complex):
                if self.xp.isdtype(array.dtype, _KINDS[kind]):
                    return kind(array)
        return [self.tolist(array[i, ...]) for i in range(array.shape[0])]

    def copy(self, array: Array) -> Array:
        return self.xp.asarray(array, copy=True)

    def owner(self, array: Array) -> Any:
        noted = self._owners.get(id(array))
        return array if noted is None else noted[1]

    def write(self, array: Array, key: Any, value: Any) -> None:
        # the standard assigns to no new axis, and broadcasts no value that is not an array
        parts = tuple([part for part in basic_key(array.shape, key) if part is not None])
        if hasattr(value, "shape"):
            value = self.xp.astype(self.xp.asarray(value), array.dtype)  # NumPy 2.0's takes no scalar
            wanted = array[basic_key(array.shape, key)].shape
            value = self.xp.reshape(self.xp.broadcast_to(value, wanted), array[parts].shape)
        array[parts] = value

    def accumulate(self, total: Array, more: Array) -> Array:
        total += more
        return total

    def full(self, shape: Shape, value: complex, dtype: Any, device: Any = None) -> Array:
        return self.xp.full(shape, value, dtype=dtype, device=self._device(device))

    # -- what the standard lacks, or does otherwise ----------------------------------------------------------

    def kernel_getitem(self, x: Array, key: Any) -> Array:
        return x[(*basic_key(x.shape, key), ...)]  # with the dots a single element is a view too

    def kernel_scatter(self, x: Array, shape: Shape, key: Any) -> Array:
        out = self.xp.zeros(shape, dtype=x.dtype, device=x.device)
        self.write(out, key, x)
        return out

    def kernel_index(self, x: Array, indices: tuple[Any, ...], key: Any) -> Array:
        return take(self, x, indices, key)

    def kernel_scatter_add(self, x: Array, indices: tuple[Any, ...], shape: Shape, key: Any) -> Array:
        return add_at(self, x, indices, shape, key)

    def kernel_setitem(self, x: Array, value: Any, key: Any) -> Array:
        out = self.copy(x)
        self.write(out, key, value)
        return out

    def kernel_index_put(self, x: Array, value: Any, indices: tuple[Any, ...], key: Any) -> Array:
        return put_at(self, x, value, indices, key)

    def kernel_reshape(self, x: Array, shape: Shape) -> Array:
        try:
            return self.xp.reshape(x, shape, copy=False)
        except (ValueError, AttributeError):  # array-api-strict raises the latter where the standard says the former
            return self.xp.reshape(x, shape)

    def kernel_astype(self, x: Array, dtype: Any, copy: bool) -> Array:
        return self.xp.astype(x, self.native(dtype), copy=copy)

    def kernel_clip(self, x: Array, low: Any, high: Any) -> Array:
        if low is None and high is None:
            return self.copy(x)
        if low is not None:
            x = self.xp.maximum(x, low)
        return x if high is None else self.xp.minimum(x, high)  # the upper bound wins, as everywhere

    def kernel_flip(self, x: Array, axis: Any) -> Array:
        return self.copy(self.xp.flip(x, axis=axis))

    def kernel_expand(self, x: Array, shape: Shape, axis: Any, keepdims: bool) -> Array:
        return self.copy(OPS["expand"].composite(x, shape, axis, keepdims))  # type: ignore[misc]  # which is a view

    def kernel_imag(self, x: Array) -> Array:
        if not self.xp.isdtype(x.dtype, "complex floating"):
            raise DTypeError(f"imag is not implemented for tensors with non-complex dtypes, and this one is {x.dtype}")
        return self.xp.imag(x)

    def kernel_clone(self, x: Array) -> Array:
        return self.copy(x)

    def kernel_floor(self, x: Array) -> Array:
        return self._rounded(x, self.xp.floor)

    def kernel_ceil(self, x: Array) -> Array:
        return self._rounded(x, self.xp.ceil)

    def kernel_round(self, x: Array) -> Array:
        return self._rounded(x, self.xp.round)

    def kernel_trunc(self, x: Array) -> Array:
        return self._rounded(x, self.xp.trunc)

    def _rounded(self, x: Array, function: Kernel) -> Array:
        """Integers are whole: a library may hand them back uncopied."""
        return self.copy(x) if self.xp.isdtype(x.dtype, "integral") else function(x)

    def kernel_reciprocal(self, x: Array) -> Array:
        return self.xp.reciprocal(self._inexact(x))

    def kernel_moveaxis(self, x: Array, source: Any, destination: Any) -> Array:
        return self.xp.moveaxis(x, source, destination)

    def kernel_tile(self, x: Array, repetitions: Shape) -> Array:
        return self.xp.tile(x, repetitions)

    def kernel_cumulative_sum(self, x: Array, axis: int | None, dtype: Any, include_initial: bool) -> Array:
        parameters = {"axis": axis, "dtype": self.native(dtype), "include_initial": include_initial}
        return self.xp.cumulative_sum(self._numeric(x), **parameters)

    def kernel_cumulative_prod(self, x: Array, axis: int | None, dtype: Any, include_initial: bool) -> Array:
        parameters = {"axis": axis, "dtype": self.native(dtype), "include_initial": include_initial}
        return self.xp.cumulative_prod(self._numeric(x), **parameters)

    def kernel_var(self, x: Array, *parameters: Any) -> Any:  # the standard's is of real floats alone
        return OPS["var"].composite(self._inexact(x), *parameters)  # type: ignore[misc]

    def kernel_std(self, x: Array, *parameters: Any) -> Any:
        return OPS["std"].composite(self._inexact(x), *parameters)  # type: ignore[misc]

    def kernel_zeros_of(self, x: Array) -> Array:
        return self.xp.zeros_like(x)

    def kernel_conj(self, x: Array) -> Array:
        return self.xp.conj(x) if self.xp.isdtype(x.dtype, "complex floating") else self.xp.asarray(x, copy=True)

    def kernel_mean(self, x: Array, axis: Any, keepdims: bool) -> Array:
        return self.xp.mean(self._inexact(x), axis=axis, keepdims=keepdims)

    def kernel_divide(self, x1: Array, x2: Array) -> Array:
        return self.xp.divide(self._inexact(x1), self._inexact(x2))

    def kernel_sum(self, x: Array, axis: Any, dtype: Any, keepdims: bool) -> Array:
        return self.xp.sum(self._numeric(x), axis=axis, dtype=self.native(dtype), keepdims=keepdims)

    def kernel_prod(self, x: Array, axis: Any, dtype: Any, keepdims: bool) -> Array:
        return self.xp.prod(self._numeric(x), axis=axis, dtype=self.native(dtype), keepdims=keepdims)

    def _numeric(self, x: Array) -> Array:
        """Bools as integers."""
        return self.xp.astype(x, self.xp.int64) if self.xp.isdtype(x.dtype, "bool") else x

    def _inexact(self, x: Array) -> Array:
        """Integers as floats; Python numbers as they are."""
        if not hasattr(x, "dtype") or self.xp.isdtype(x.dtype, ("real floating", "complex floating")):
            return x
        return self.xp.astype(x, self.native(self.default_float))


_KINDS = {bool: "bool", int: "integral", float: "real floating", complex: "complex floating"}
