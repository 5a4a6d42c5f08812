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
    def dim(self) -> int:
        """The number of axes."""
    def is_floating_point(self) -> bool:
        """Whether the dtype is a real floating one."""
    def is_complex(self) -> bool:
        """Whether the dtype is complex."""
    @property
    def data(self) -> Tensor:
        """The values without the history, in the same memory. Assigned, they replace the memory, not the history."""
    @data.setter
    def data(self, value: Tensor) -> None: ...
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
    def output_nr(self) -> int:
        """Which output of its ``grad_fn`` this tensor is."""
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
    def real(self) -> Tensor:
        """The real part: a view; of a real tensor, itself."""
    @real.setter
    def real(self, value: Tensor) -> None: ...
    @property
    def imag(self) -> Tensor:
        """The imaginary part of a complex tensor: a view."""
    @imag.setter
    def imag(self, value: Tensor) -> None: ...
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
    def logaddexp_(self, other: TensorLike) -> Tensor:
        """``plugrad.logaddexp`` in place: this tensor gets the result, and its history."""
    def hypot_(self, other: TensorLike) -> Tensor:
        """``plugrad.hypot`` in place: this tensor gets the result, and its history."""
    def atan2_(self, other: TensorLike) -> Tensor:
        """``plugrad.atan2`` in place: this tensor gets the result, and its history."""
    def copysign_(self, other: TensorLike) -> Tensor:
        """``plugrad.copysign`` in place: this tensor gets the result, and its history."""
    def nextafter_(self, other: TensorLike) -> Tensor:
        """``plugrad.nextafter`` in place: this tensor gets the result, and its history."""
    def negative_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.negative`` in place: this tensor gets the result, and its history."""
    def square_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.square`` in place: this tensor gets the result, and its history."""
    def reciprocal_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.reciprocal`` in place: this tensor gets the result, and its history."""
    def sqrt_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.sqrt`` in place: this tensor gets the result, and its history."""
    def exp_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.exp`` in place: this tensor gets the result, and its history."""
    def expm1_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.expm1`` in place: this tensor gets the result, and its history."""
    def log_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.log`` in place: this tensor gets the result, and its history."""
    def log2_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.log2`` in place: this tensor gets the result, and its history."""
    def log10_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.log10`` in place: this tensor gets the result, and its history."""
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
    def asin_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.asin`` in place: this tensor gets the result, and its history."""
    def acos_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.acos`` in place: this tensor gets the result, and its history."""
    def atan_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.atan`` in place: this tensor gets the result, and its history."""
    def sinh_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.sinh`` in place: this tensor gets the result, and its history."""
    def cosh_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.cosh`` in place: this tensor gets the result, and its history."""
    def asinh_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.asinh`` in place: this tensor gets the result, and its history."""
    def acosh_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.acosh`` in place: this tensor gets the result, and its history."""
    def atanh_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.atanh`` in place: this tensor gets the result, and its history."""
    def floor_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.floor`` in place: this tensor gets the result, and its history."""
    def ceil_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.ceil`` in place: this tensor gets the result, and its history."""
    def round_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.round`` in place: this tensor gets the result, and its history."""
    def trunc_(self, *args: Any, **keywords: Any) -> Tensor:
        """``plugrad.trunc`` in place: this tensor gets the result, and its history."""
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
    def acos(self, /) -> Tensor: ...
    def acosh(self, /) -> Tensor: ...
    def all(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def angle(self, /) -> Tensor: ...
    def any(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def argmax(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def argmin(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def argsort(self, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor: ...
    def asin(self, /) -> Tensor: ...
    def asinh(self, /) -> Tensor: ...
    def astype(self, /, dtype: DTypeLike, *, copy: bool = True) -> Tensor: ...
    def atan(self, /) -> Tensor: ...
    def atan2(self, x2: TensorLike, /) -> Tensor: ...
    def atanh(self, /) -> Tensor: ...
    def ceil(self, /) -> Tensor: ...
    def clip(self, /, min: TensorLike | None = None, max: TensorLike | None = None) -> Tensor: ...
    def clone(self, /) -> Tensor: ...
    def conj(self, /) -> Tensor: ...
    def copysign(self, x2: TensorLike, /) -> Tensor: ...
    def cos(self, /) -> Tensor: ...
    def cosh(self, /) -> Tensor: ...
    def cumulative_prod(self, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False) -> Tensor: ...
    def cumulative_sum(self, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False) -> Tensor: ...
    def exp(self, /) -> Tensor: ...
    def expand_dims(self, /, axis: Axes) -> Tensor: ...
    def expm1(self, /) -> Tensor: ...
    def flip(self, /, *, axis: Axes | None = None) -> Tensor: ...
    def floor(self, /) -> Tensor: ...
    def hypot(self, x2: TensorLike, /) -> Tensor: ...
    def isfinite(self, /) -> Tensor: ...
    def isinf(self, /) -> Tensor: ...
    def isnan(self, /) -> Tensor: ...
    def log(self, /) -> Tensor: ...
    def log10(self, /) -> Tensor: ...
    def log1p(self, /) -> Tensor: ...
    def log2(self, /) -> Tensor: ...
    def logaddexp(self, x2: TensorLike, /) -> Tensor: ...
    def matmul(self, x2: TensorLike, /) -> Tensor: ...
    def mean(self, /, axis: Axes | None = None, *, keepdims: bool = False) -> Tensor: ...
    def moveaxis(self, /, source: Axes, destination: Axes) -> Tensor: ...
    def nextafter(self, x2: TensorLike, /) -> Tensor: ...
    def prod(self, /, axis: Axes | None = None, *, dtype: DTypeLike | None = None, keepdims: bool = False) -> Tensor: ...
    def reciprocal(self, /) -> Tensor: ...
    def repeat(self, repeats: TensorLike, /, *, axis: int | None = None) -> Tensor: ...
    def roll(self, /, shift: Axes, *, axis: Axes | None = None) -> Tensor: ...
    def round(self, /) -> Tensor: ...
    def sign(self, /) -> Tensor: ...
    def signbit(self, /) -> Tensor: ...
    def sin(self, /) -> Tensor: ...
    def sinh(self, /) -> Tensor: ...
    def sort(self, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor: ...
    def sqrt(self, /) -> Tensor: ...
    def square(self, /) -> Tensor: ...
    def squeeze(self, /, axis: Axes) -> Tensor: ...
    def std(self, /, axis: Axes | None = None, *, correction: float = 0.0, keepdims: bool = False) -> Tensor: ...
    def sum(self, /, axis: Axes | None = None, *, dtype: DTypeLike | None = None, keepdims: bool = False) -> Tensor: ...
    def take(self, indices: TensorLike, /, *, axis: int | None = None) -> Tensor: ...
    def take_along_axis(self, indices: TensorLike, /, *, axis: int = -1) -> Tensor: ...
    def tan(self, /) -> Tensor: ...
    def tanh(self, /) -> Tensor: ...
    def tile(self, /, repetitions: Shape) -> Tensor: ...
    def tril(self, /, *, k: int = 0) -> Tensor: ...
    def triu(self, /, *, k: int = 0) -> Tensor: ...
    def trunc(self, /) -> Tensor: ...
    def unstack(self, /, *, axis: int = 0) -> tuple[Tensor, ...]:
        """The parts of ``x`` along an axis, without it: views into which no write is recorded. It undoes ``stack``."""
    def var(self, /, axis: Axes | None = None, *, correction: float = 0.0, keepdims: bool = False) -> Tensor: ...
    def reshape(self, *shape: int | Shape) -> Tensor:
        """``t.reshape(2, 3)`` or ``t.reshape((2, 3))``; one extent may be -1."""
    def permute(self, *axes: int | Shape) -> Tensor:
        """``t.permute(1, 0)``: the axes in that order."""
    def item(self) -> Any:
        """The one element, as a Python number."""
    def tolist(self) -> Any:
        """Nested lists of Python numbers; a number for 0-d."""
    def numpy(self, *, force: bool = False) -> Any:
        """A NumPy array; of NumPy's backend it shares memory. Any other's values are copied, from a GPU to the host."""
    def __float__(self) -> float:
        """:raises GraphError: if it is for a place in an array that is no tensor, and a gradient would be lost."""
    def __int__(self) -> int:
        """:raises ValueError: of a NaN."""
    def __complex__(self) -> complex:
        """The one element."""
    def __format__(self, how: str) -> str:
        """A 0-d tensor as its number is."""
    def __copy__(self) -> Tensor:
        """A tensor of the same memory. A leaf's is a leaf that has no ``.grad`` yet; any other's has the same history."""
    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        """A leaf with memory of its own; ``requires_grad`` and ``.grad`` are copied too."""
    def __reduce_ex__(self, protocol: Any) -> tuple[Any, tuple[Any, bool]]:
        """For ``pickle``: the array, as its own library pickles it, and ``requires_grad``. History and ``.grad`` stay."""
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
    def __dlpack__(self, **keywords: Any) -> Any:
        """The array, for another library to take by DLPack."""
    def __dlpack_device__(self) -> tuple[int, int]:
        """The kind and number of the device on which the memory is, as DLPack has them."""
    def to(self, *args: Any, device: Any = None, dtype: DTypeLike | None = None, non_blocking: bool = False, copy: bool = False) -> Tensor:
        """The tensor on another device, of another dtype, or both."""
    def to_device(self, device: Any, /, *, stream: Any = None) -> Tensor:
        """The tensor on another device, as the array API standard has it. See ``to``."""
    def cpu(self) -> Tensor:
        """The tensor in the host's memory; itself if it is there. See ``to``."""
    def cuda(self, device: Any = None, non_blocking: bool = False) -> Tensor:
        """The tensor on a GPU: the current one, or that of a name or number. See ``to``."""
