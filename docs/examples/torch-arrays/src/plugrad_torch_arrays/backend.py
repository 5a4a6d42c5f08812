"""The backend: what PyTorch's tensors are, and what PyTorch does better than the standard's functions, or otherwise."""

from __future__ import annotations

from importlib.util import find_spec

from plugrad.extend import BackendError, NamespaceBackend, dtype

IN_PLACE = {
    "add": "add_", "subtract": "sub_", "multiply": "mul_", "divide": "div_", "pow": "pow_",
    "remainder": "remainder_", "floor_divide": "floor_divide_",
}  # fmt: skip
"""An op and the method of ``torch.Tensor`` that does it in place."""


class TorchArrays(NamespaceBackend):
    """PyTorch's tensors of the exact type ``torch.Tensor``, on which PyTorch's own autograd records nothing."""

    name = "torch-arrays"
    array_types = ("torch.Tensor",)
    default_device = "cpu"
    shape_errors = (ValueError, RuntimeError)

    def __init__(self):
        super().__init__()
        self._generator_ = None

    def unavailable(self):
        missing = [name for name in ("torch", "array_api_compat") if find_spec(name) is None]
        return f"{' and '.join(missing)} cannot be imported: pip install torch array-api-compat" if missing else ""

    @property
    def xp(self):
        if self._xp is None:
            from array_api_compat import torch

            self._xp = torch
        return self._xp

    # -- what an array is ---------------------------------------------------------------------------------

    @property
    def default_float(self):
        return str(dtype(self.xp.get_default_dtype()))

    def shape(self, array):
        return tuple(array.shape)

    def key(self, array):
        if array.requires_grad or not array.is_cpu:
            raise BackendError(unfit(array))
        return self, array.shape, array.dtype

    def device(self, array):
        return "cpu"

    def devices(self):
        return ("cpu",)

    def _device(self, device):
        return device  # a name and a torch.device are the same to PyTorch

    def asarray(self, data, dtype=None, device=None, copy=None):
        if isinstance(data, self.xp.Tensor):
            self.key(data)
        if copy is not False and getattr(getattr(data, "flags", None), "writeable", True) is False:
            data = data.copy()  # of an array that cannot be written PyTorch makes none that could be
        return self.xp.asarray(data, dtype=dtype, device=device, copy=copy)

    def tolist(self, array):
        return array.tolist()

    def copy(self, array):
        return array.clone()

    # -- memory -------------------------------------------------------------------------------------------

    def owner(self, array):
        return array.untyped_storage()  # one object for all tensors that look into it, as long as it lives

    def write(self, array, key, value):
        key, backwards = forwards(array.shape, key)
        if backwards and getattr(value, "shape", ()):
            value = self.xp.broadcast_to(value, array[key].shape).flip(backwards)
        array[key] = value

    def update(self, op, array, *operands):
        method = IN_PLACE.get(op.name)
        if method is not None:
            try:
                getattr(array, method)(*operands)
                return
            except RuntimeError:
                pass  # the base class says what does not fit
        super().update(op, array, *operands)

    # -- kernels ------------------------------------------------------------------------------------------

    def kernel_positive(self, x):
        return x.clone()  # torch.positive returns its argument

    def kernel_pow(self, x1, x2):
        out = self.xp.pow(x1, x2)
        return self.xp.where(x2 == 0, 1, out) if out.is_complex() and self.xp.is_tensor(x2) else out  # else nan at 0, 0

    def kernel_getitem(self, x, key):
        key, backwards = forwards(x.shape, key)
        return x[key].flip(backwards) if backwards else x[key]

    # The base class knows which elements a key with arrays means; it has to compare each index with each place, though,
    # to add and to put, and PyTorch can do better.

    def places(self, shape, indices, key, device):
        """The places of a key's elements in an array of that shape, counted in C order."""
        count = self.xp.Size(shape).numel()
        return super().kernel_index(self.xp.arange(count, device=device).reshape(shape), indices, key)

    def kernel_scatter_add(self, x, indices, shape, key):
        out = self.xp.zeros(shape, dtype=x.dtype, device=x.device)
        out.view(-1).index_put_((self.places(shape, indices, key, x.device),), x, accumulate=True)
        return out

    def kernel_index_put(self, x, value, indices, key):
        """Where indices repeat, the last one's value is put: by itself PyTorch would put any."""
        xp, out = self.xp, x.contiguous().clone()
        places = self.places(x.shape, indices, key, x.device)
        values = xp.broadcast_to(xp.asarray(value, dtype=x.dtype, device=x.device), places.shape).reshape(-1)
        none = xp.full((out.numel(),), -1, device=x.device)
        last = none.scatter_reduce(0, places.reshape(-1), xp.arange(values.numel(), device=x.device), "amax")
        put = xp.nonzero(last >= 0)[0]
        out.view(-1)[put] = values[last[put]]
        return out

    # -- random numbers -----------------------------------------------------------------------------------

    @property
    def generator(self):
        """A generator of its own: PyTorch's default one is the user's."""
        if self._generator_ is None:
            self.manual_seed(None)
        return self._generator_

    def manual_seed(self, seed):
        self._generator_ = self.xp.Generator()
        self._generator_.seed() if seed is None else self._generator_.manual_seed(seed)

    def rng_state(self):
        return self.generator.get_state()

    def set_rng_state(self, state):
        self.generator.set_state(state)

    def uniform(self, shape, dtype, device=None):
        return self.xp.rand(shape, generator=self.generator, dtype=dtype, device=device)

    def normal(self, shape, dtype, device=None):
        return self.xp.randn(shape, generator=self.generator, dtype=dtype, device=device)

    def integers(self, low, high, shape, dtype, device=None):
        return self.xp.randint(low, high, shape, generator=self.generator, dtype=dtype, device=device)

    # -- creation -----------------------------------------------------------------------------------------

    def empty(self, shape, dtype, device=None):
        return self.xp.empty(shape, dtype=dtype, device=device)

    def arange(self, start, stop, step, dtype, device=None):
        return self.xp.arange(start, stop, step, dtype=dtype, device=device)

    def linspace(self, start, stop, num, endpoint, dtype, device=None):
        return self.xp.linspace(start, stop, num, endpoint=endpoint, dtype=dtype, device=device)

    def eye(self, rows, columns, k, dtype, device=None):
        return self.xp.eye(rows, columns, k=k, dtype=dtype, device=device)


def unfit(array):
    """Why a tensor cannot be an array here, and what to do."""
    if array.requires_grad:
        return (
            f"a torch.Tensor of shape {tuple(array.shape)} requires grad: PyTorch and plugrad would both record what "
            "is done to it. Give plugrad array.detach(), and ask plugrad for the gradient"
        )
    return f"a torch.Tensor on {array.device} is none of backend 'torch-arrays', which has 'cpu'; array.cpu() is one"


def forwards(shape, key):
    """A key whose steps go forwards, which PyTorch asks for, and the axes of its result that are then to be reversed.

    :raises IndexError: of more than one ellipsis.
    """
    parts, backwards = [], []
    key = key if isinstance(key, tuple) else (key,)
    if sum(part is ... for part in key) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    skipped = len(shape) - sum(part is not None and part is not ... for part in key)
    axis = place = 0  # of the array, and of the result
    for part in key:
        if isinstance(part, slice) and part.step is not None and part.step < 0:
            taken = range(*part.indices(shape[axis]))[::-1]
            part = slice(taken.start, taken.stop, taken.step) if taken else slice(0, 0)
            backwards.append(place)
        parts.append(part)
        axis += skipped if part is ... else part is not None
        place += skipped if part is ... else part is None or isinstance(part, slice)
    return tuple(parts), backwards
