# Made by "python -m plugrad stubs". Do not edit.
from collections.abc import Iterator, Sequence
from plugrad.autograd.hooks import Handle, Hook
from plugrad.autograd.node import Node
from plugrad.autograd.views import Ties
from plugrad.registry.dtype import DType
from plugrad.registry.spec import Spec
from plugrad.typing import Axes, DTypeLike, Shape, TensorLike
from typing import Any

class Tensor:
    """An array of some backend, and the node of the graph that made it."""

    def __init__(self, *shape_or_data: Any) -> None: ...
    _array: Any
    _frozen: Node | None
    _node: Node | None
    _spec: Spec
    _ties: Ties | None
    @property
    def array(self) -> Any:
        """The backend's array. It shares memory with the tensor, its base and its views."""
    @property
    def shape(self) -> tuple[int, ...]:
        """The extents."""
    @property
    def dtype(self) -> DType:
        """The neutral dtype, equal to the library's own."""
    @property
    def device(self) -> str:
        """Where the memory is."""
    @property
    def ndim(self) -> int:
        """The number of axes."""
    @property
    def size(self) -> int:
        """The number of elements."""
    def numel(self) -> int:
        """The number of elements."""
    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of a leaf, or of a tensor that retains it."""
    @grad.setter
    def grad(self, value: Tensor | None) -> None: ...
    @property
    def grad_fn(self) -> Node | None:
        """The node that made this tensor; None for a leaf."""
    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made this tensor."""
    @property
    def requires_grad(self) -> bool:
        """Whether gradients with respect to this tensor, or through it, are asked for."""
    @requires_grad.setter
    def requires_grad(self, value: bool) -> None: ...
    @property
    def _version(self) -> int:
        """How often the memory was written in place."""
    @property
    def _base(self) -> Tensor | None:
        """The tensor whose memory this view looks into; None for what is no view."""
    @property
    def T(self) -> Tensor:
        """The axes reversed: a matrix transposed."""
    @property
    def mT(self) -> Tensor:
        """The last two axes exchanged."""
    def backward(self, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Sequence[Tensor] | Tensor | None = None) -> None:
        """Add to ``.grad`` of the leaves the gradients of this tensor with respect to them. See ``autograd.backward``."""
    def detach(self) -> Tensor:
        """A tensor that shares memory with this one and has no history."""
    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set ``requires_grad``, and return the tensor."""
    def register_hook(self, hook: Hook) -> Handle:
        """Call ``hook(grad)`` each time that this tensor's gradient was computed; what it returns replaces the gradient."""
    def _is_view(self) -> bool:
        """Whether this tensor looks into another one's memory, and shares its history."""
    def detach_(self) -> Tensor:
        """Cut this tensor off its history, in place."""
    def real_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.real`` in place: this tensor gets the result, and its history."""
    def add_(self, other: TensorLike, *, alpha: complex = 1) -> Tensor:
        """``self += alpha * other``."""
    def subtract_(self, other: TensorLike, *, alpha: complex = 1) -> Tensor:
        """``self -= alpha * other``."""
    def multiply_(self, other: TensorLike) -> Tensor:
        """``plugrad.multiply`` in place: this tensor gets the result, and its history."""
    def divide_(self, other: TensorLike, *, rounding_mode: str | None = None) -> Tensor:
        """``self /= other``; ``rounding_mode`` is None or ``"floor"``."""
    def remainder_(self, other: TensorLike) -> Tensor:
        """``plugrad.remainder`` in place: this tensor gets the result, and its history."""
    def floor_divide_(self, other: TensorLike) -> Tensor:
        """``plugrad.floor_divide`` in place: this tensor gets the result, and its history."""
    def pow_(self, other: TensorLike) -> Tensor:
        """``plugrad.pow`` in place: this tensor gets the result, and its history."""
    def maximum_(self, other: TensorLike) -> Tensor:
        """``plugrad.maximum`` in place: this tensor gets the result, and its history."""
    def minimum_(self, other: TensorLike) -> Tensor:
        """``plugrad.minimum`` in place: this tensor gets the result, and its history."""
    def clip_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.clip`` in place: this tensor gets the result, and its history."""
    def negative_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.negative`` in place: this tensor gets the result, and its history."""
    def square_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.square`` in place: this tensor gets the result, and its history."""
    def sqrt_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.sqrt`` in place: this tensor gets the result, and its history."""
    def exp_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.exp`` in place: this tensor gets the result, and its history."""
    def expm1_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.expm1`` in place: this tensor gets the result, and its history."""
    def log_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.log`` in place: this tensor gets the result, and its history."""
    def log1p_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.log1p`` in place: this tensor gets the result, and its history."""
    def sin_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.sin`` in place: this tensor gets the result, and its history."""
    def cos_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.cos`` in place: this tensor gets the result, and its history."""
    def tan_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.tan`` in place: this tensor gets the result, and its history."""
    def tanh_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.tanh`` in place: this tensor gets the result, and its history."""
    def abs_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.abs`` in place: this tensor gets the result, and its history."""
    def sign_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.sign`` in place: this tensor gets the result, and its history."""
    def absolute_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.abs`` in place: this tensor gets the result, and its history."""
    def clamp_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.clip`` in place: this tensor gets the result, and its history."""
    def div_(self, other: TensorLike, *, rounding_mode: str | None = None) -> Tensor:
        """``self /= other``; ``rounding_mode`` is None or ``"floor"``."""
    def mul_(self, other: TensorLike) -> Tensor:
        """``plugrad.multiply`` in place: this tensor gets the result, and its history."""
    def neg_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.negative`` in place: this tensor gets the result, and its history."""
    def sub_(self, other: TensorLike, *, alpha: complex = 1) -> Tensor:
        """``self -= alpha * other``."""
    def copy_(self, src: Any, non_blocking: bool = False) -> Tensor:
        """Write the values of ``src``, broadcast and converted to this tensor's dtype; differentiable in ``src``."""
    def fill_(self, value: TensorLike) -> Tensor:
        """Fill with a number, or the value of a 0-d tensor."""
    def zero_(self) -> Tensor:
        """Fill with zeros."""
    def register_post_accumulate_grad_hook(self, hook: Hook) -> Handle:
        """Call ``hook(tensor)`` each time that this leaf's ``.grad`` was written; it returns None."""
    def retain_grad(self) -> None:
        """Keep the gradient of this non-leaf in ``.grad``; on a leaf it does nothing."""
    @property
    def retains_grad(self) -> bool:
        """Whether this is a non-leaf that keeps its gradient in ``.grad``."""
    def __add__(self, x2: TensorLike, /) -> Tensor: ...
    def __sub__(self, x2: TensorLike, /) -> Tensor: ...
    def __mul__(self, x2: TensorLike, /) -> Tensor: ...
    def __truediv__(self, x2: TensorLike, /) -> Tensor: ...
    def __floordiv__(self, x2: TensorLike, /) -> Tensor: ...
    def __mod__(self, x2: TensorLike, /) -> Tensor: ...
    def __pow__(self, x2: TensorLike, /) -> Tensor: ...
    def __matmul__(self, x2: TensorLike, /) -> Tensor: ...
    def __radd__(self, x2: TensorLike, /) -> Tensor: ...
    def __rsub__(self, x2: TensorLike, /) -> Tensor: ...
    def __rmul__(self, x2: TensorLike, /) -> Tensor: ...
    def __rtruediv__(self, x2: TensorLike, /) -> Tensor: ...
    def __rfloordiv__(self, x2: TensorLike, /) -> Tensor: ...
    def __rmod__(self, x2: TensorLike, /) -> Tensor: ...
    def __rpow__(self, x2: TensorLike, /) -> Tensor: ...
    def __rmatmul__(self, x2: TensorLike, /) -> Tensor: ...
    def __neg__(self, /) -> Tensor: ...
    def __pos__(self, /) -> Tensor: ...
    def __abs__(self, /) -> Tensor: ...
    def __eq__(self, x2: object, /) -> Tensor: ...  # type: ignore[override]
    def __ne__(self, x2: object, /) -> Tensor: ...  # type: ignore[override]
    def __lt__(self, x2: TensorLike, /) -> Tensor: ...
    def __le__(self, x2: TensorLike, /) -> Tensor: ...
    def __gt__(self, x2: TensorLike, /) -> Tensor: ...
    def __ge__(self, x2: TensorLike, /) -> Tensor: ...
    def __and__(self, x2: TensorLike, /) -> Tensor: ...
    def __rand__(self, x2: TensorLike, /) -> Tensor: ...
    def __or__(self, x2: TensorLike, /) -> Tensor: ...
    def __ror__(self, x2: TensorLike, /) -> Tensor: ...
    def __xor__(self, x2: TensorLike, /) -> Tensor: ...
    def __rxor__(self, x2: TensorLike, /) -> Tensor: ...
    def __invert__(self, /) -> Tensor: ...
    def __hash__(self) -> int: ...
    def __iadd__(self, other: TensorLike) -> Tensor:
        """``plugrad.add`` in place: this tensor gets the result, and its history."""
    def __isub__(self, other: TensorLike) -> Tensor:
        """``plugrad.subtract`` in place: this tensor gets the result, and its history."""
    def __imul__(self, other: TensorLike) -> Tensor:
        """``plugrad.multiply`` in place: this tensor gets the result, and its history."""
    def __itruediv__(self, other: TensorLike) -> Tensor:
        """``plugrad.divide`` in place: this tensor gets the result, and its history."""
    def __ifloordiv__(self, other: TensorLike) -> Tensor:
        """``plugrad.floor_divide`` in place: this tensor gets the result, and its history."""
    def __imod__(self, other: TensorLike) -> Tensor:
        """``plugrad.remainder`` in place: this tensor gets the result, and its history."""
    def __ipow__(self, other: TensorLike) -> Tensor:
        """``plugrad.pow`` in place: this tensor gets the result, and its history."""
    def __iand__(self, other: TensorLike) -> Tensor:
        """``plugrad.bitwise_and`` in place: this tensor gets the result, and its history."""
    def __ior__(self, other: TensorLike) -> Tensor:
        """``plugrad.bitwise_or`` in place: this tensor gets the result, and its history."""
    def __ixor__(self, other: TensorLike) -> Tensor:
        """``plugrad.bitwise_xor`` in place: this tensor gets the result, and its history."""
    def __getitem__(self, key: Any) -> Tensor: ...
    def __setitem__(self, key: Any, value: TensorLike) -> None:
        """``x[key] = value``, differentiable in both. ``value`` is broadcast, and converted to the dtype of ``x``."""
    def __iter__(self) -> Iterator[Tensor]: ...
    def max(self, *, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
        """See ``plugrad.max``."""
    def min(self, *, axis: Axes | None = None, keepdims: bool = False) -> Tensor:
        """See ``plugrad.min``."""
    def abs(self, /) -> Tensor: ...
    def all(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def any(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def argmax(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def argmin(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def astype(self, /, dtype: DTypeLike, *, copy: bool = True) -> Tensor: ...
    def clip(self, /, min: TensorLike | None = None, max: TensorLike | None = None) -> Tensor: ...
    def cos(self, /) -> Tensor: ...
    def exp(self, /) -> Tensor: ...
    def expand_dims(self, /, axis: Axes) -> Tensor: ...
    def expm1(self, /) -> Tensor: ...
    def log(self, /) -> Tensor: ...
    def log1p(self, /) -> Tensor: ...
    def matmul(self, x2: TensorLike, /) -> Tensor: ...
    def mean(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def prod(self, /, axis: Axes | None = None, *, dtype: DTypeLike | None = None, keepdims: bool = False) -> Tensor: ...
    def sign(self, /) -> Tensor: ...
    def sin(self, /) -> Tensor: ...
    def sqrt(self, /) -> Tensor: ...
    def square(self, /) -> Tensor: ...
    def squeeze(self, /, axis: Axes) -> Tensor: ...
    def sum(self, /, axis: Axes | None = None, *, dtype: DTypeLike | None = None, keepdims: bool = False) -> Tensor: ...
    def tan(self, /) -> Tensor: ...
    def tanh(self, /) -> Tensor: ...
    def reshape(self, *shape: int | Shape) -> Tensor:
        """``t.reshape(2, 3)`` or ``t.reshape((2, 3))``; one extent may be -1."""
    def permute(self, *axes: int | Shape) -> Tensor:
        """``t.permute(1, 0)``: the axes in that order."""
    def item(self) -> Any:
        """The one element, as a Python number."""
    def tolist(self) -> Any:
        """Nested lists of Python numbers; a number for 0-d."""
    def numpy(self) -> Any:
        """A NumPy array; of NumPy's backend it shares memory."""
    def __float__(self) -> float: ...
    def __int__(self) -> int: ...
    def __complex__(self) -> complex: ...
    def __bool__(self) -> bool: ...
    def __len__(self) -> int: ...
    def __index__(self) -> int: ...
    def __repr__(self) -> str:
        """As PyTorch shows it."""
    def __cupy_override_elementwise_kernel__(self, kernel: Any, *inputs: Any, **keywords: Any) -> Any: ...
    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Any:
        """NumPy's protocol: ``numpy.asarray(t)``."""
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        """NumPy's protocol: ``numpy.sin(t)``. The backend knows which op a ufunc is."""
    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        """NumPy's protocol: ``numpy.sum(t)``."""
    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        """The array API namespace: ``plugrad`` itself."""
    def __dlpack__(self, **keywords: Any) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
