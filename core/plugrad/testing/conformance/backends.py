"""What a backend promises beside its kernels: each a plain function of the backend, which raises AssertionError."""

from __future__ import annotations

from ...autograd.gradients import grad
from ...creation import full, tensor
from ...errors import BackendError, DTypeError, ShapeError
from ...plugins import plugins
from ...registry.claims import OWNERS, owner_of
from ...registry.dtype import dtype as dtype_named
from ...registry.kernels import CANDIDATES, imported
from ...registry.op import OPS
from ...registry.spec import spec_of
from ..samples import flat
from .call import NothingToCheck, near
from .generators import random_numbers, random_state
from .names import imported_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ...registry.backend import Backend

ROUND_TRIPS: tuple[tuple[str, Any], ...] = (
    ("float64", [[1.5, -2.0, 0.0], [3.25, 4.0, -0.5]]), ("float64", 2.5), ("float64", [[[1.0]], [[2.0]]]),
    ("float32", [1.5, -2.0]), ("int64", [[1, -2], [3, 4]]), ("int64", 7), ("bool", [True, False, True]),
    ("complex128", [1 + 2j, -0.5j]),
)  # fmt: skip


def expect(backend: Backend, holds: object, what: str) -> None:
    """
    :raises AssertionError: if it does not hold; the message names the backend.
    """
    if not holds:
        raise AssertionError(f"backend {backend.name!r}: {what}")


def expect_lists(backend: Backend, array: Any, wanted: Any, what: str) -> None:
    """Compare an array with nested lists: shape, Python's types, and values to a relative 1e-6."""
    found = backend.tolist(array)
    left, right = flat(found), flat(wanted)
    same = len(left) == len(right) and all(near(a, b, 1e-6, 1e-12) for a, b in zip(left, right, strict=True))
    expect(backend, same and extents(found) == extents(wanted), f"{what} gives {found}, and should give {wanted}")


def extents(lists: Any) -> tuple[int, ...]:
    """The shape of nested lists."""
    return (len(lists), *(extents(lists[0]) if lists else ())) if isinstance(lists, (list, tuple)) else ()


def held_dtypes(backend: Backend) -> Iterator[tuple[str, Any, Any]]:
    """A dtype that the backend has, nested lists, and the array of them."""
    for name, lists in ROUND_TRIPS:
        try:
            native = backend.native_dtype(dtype_named(name))
            yield name, lists, backend.asarray(lists, native)
        except (TypeError, AttributeError):  # a DTypeError is a TypeError
            continue


def made(backend: Backend, lists: Any) -> Any:
    """An array of the backend's default float, of memory of its own."""
    return backend.asarray(lists, backend.native_dtype(dtype_named(backend.default_float)))


def array_types(backend: Backend) -> None:
    """Each array type that is claimed exists, and what the backend makes is of one of them."""
    for name in backend.array_types:
        there = imported_type(name) is not None
        expect(backend, there, f"claims array type {name!r}, which cannot be imported; a misspelt name never matches")
    array = made(backend, [1.0])
    expect(backend, owner_of(type(array)) is backend, f"makes arrays of {type(array)}, which it does not claim")


def kernel_names(backend: Backend) -> None:
    """Each kernel is of an op that there is, and can be imported."""
    there = {p.name for p in plugins() if p.loaded}
    for op, kernel in backend.kernels.items():
        missing = op not in OPS and ("." not in op or op.partition(".")[0] in there)
        expect(backend, not missing, f"has a kernel of {op!r}, and no op has that name: it never runs")
        imported(kernel, op, backend.name, f"backend {backend.name!r}")
    for (op, name), candidates in CANDIDATES.items():
        for candidate in candidates if name == backend.name else ():
            imported(candidate.kernel, op, name, candidate.source)
            missing = op not in OPS and ("." not in op or op.partition(".")[0] in there)
            expect(backend, not missing, f"{candidate.source} has a kernel of {op!r}, and no op has that name")


def round_trip(backend: Backend) -> None:
    """``tolist`` gives what ``asarray`` took, as Python's numbers, in each dtype that the backend has."""
    count = 0
    for name, lists, array in held_dtypes(backend):
        count += 1
        expect_lists(backend, array, lists, f"tolist of asarray in {name}")
        expect_lists(backend, backend.held(array), lists, f"tolist of what a tensor holds, in {name},")
        kind = type(flat(lists)[0])
        found = {type(v) for v in flat(backend.tolist(array))}
        expect(backend, found == {kind}, f"tolist of {name} gives {found}, not Python's {kind.__name__}")
    expect(backend, count, "makes arrays of none of float64, float32, int64, bool and complex128")


def spec(backend: Backend) -> None:
    """Shape, dtype, device and key say what an array is; arrays alike have equal keys, others do not."""
    keys = []
    for name, lists, array in held_dtypes(backend):
        shape = backend.shape(array)
        expect(backend, type(shape) is tuple and shape == extents(lists), f"shape of {lists} is {shape!r}")
        if flat(lists):
            expect(backend, dtype_named(backend.dtype(array)) == name, f"dtype of {name} is {backend.dtype(array)}")
        key, again = backend.key(array), backend.key(backend.copy(array))
        hash(key)
        expect(backend, key == again, f"key of an array and of its copy differ: {key}, {again}")
        expect(backend, key not in keys, f"key of {name} {shape} is that of another dtype or shape: {key}")
        keys.append(key)
        expect(backend, spec_of(backend.held(array)) is spec_of(array), "a 0-d array and what is held have two specs")


def devices(backend: Backend) -> None:
    """An array's device is one that ``check_device`` takes, and there is none of another name."""
    array = made(backend, [1.0])
    device = backend.device(array)
    hash(device)
    backend.check_device(device)
    backend.check_device(None)
    again = backend.asarray([1.0], backend.dtype(array), device)
    expect(backend, backend.device(again) == device, f"asarray on {device!r} is on {backend.device(again)!r}")
    try:
        backend.check_device("no such device")
    except (BackendError, ValueError):
        return
    raise AssertionError(f"backend {backend.name!r}: check_device('no such device') raises no BackendError")


def creation(backend: Backend) -> None:
    """``full``, ``empty``, ``arange``, ``linspace``, ``eye``, ``one`` and ``zero`` make what they say."""
    real = backend.native_dtype(dtype_named(backend.default_float))
    expect_lists(backend, backend.full((2, 3), 1.5, real), [[1.5] * 3] * 2, "full((2, 3), 1.5)")
    expect_lists(backend, backend.full((), 2.0, real), 2.0, "full((), 2.0)")
    expect(backend, backend.shape(backend.empty((2, 3), real)) == (2, 3), "empty((2, 3)) has another shape")
    expect_lists(backend, backend.arange(1, 4, 1, real), [1.0, 2.0, 3.0], "arange(1, 4, 1)")
    expect_lists(backend, backend.arange(2.0, 0.0, -0.5, real), [2.0, 1.5, 1.0, 0.5], "arange(2, 0, -0.5)")
    expect_lists(backend, backend.linspace(0.0, 1.0, 5, True, real), [0.0, 0.25, 0.5, 0.75, 1.0], "linspace(0, 1, 5)")
    expect_lists(backend, backend.linspace(0.0, 1.0, 2, False, real), [0.0, 0.5], "linspace(0, 1, 2) without its end")
    expect_lists(backend, backend.eye(2, 3, 1, real), [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], "eye(2, 3, 1)")
    of = spec_of(made(backend, [[1.0, 2.0]]))
    expect_lists(backend, backend.one(of), [[1.0, 1.0]], "one(spec)")
    expect_lists(backend, backend.zero(of), [[0.0, 0.0]], "zero(spec)")


def copies(backend: Backend) -> None:
    """A copy has the values and memory of its own, also by way of the host."""
    array = made(backend, [[1.0, 2.0], [3.0, 4.0]])
    there = backend.from_host(backend.to_host(array), backend.device(array))
    for how, copy in (("copy", backend.copy(array)), ("to_host and from_host", there)):
        expect_lists(backend, copy, [[1.0, 2.0], [3.0, 4.0]], how)
        expect(backend, type(copy) in OWNERS, f"{how} gives {type(copy)}")
        if backend.writable:
            backend.write(copy, 0, backend.full((2,), 9.0, backend.dtype(copy), backend.device(copy)))
            expect_lists(backend, array, [[1.0, 2.0], [3.0, 4.0]], f"the array, after its {how} was written,")


def owners(backend: Backend) -> None:
    """All views of an array have its owner, which takes a weak reference; another array has another.

    :raises NothingToCheck: if arrays cannot be written.
    """
    import weakref

    _insist_on_writable(backend)
    x = tensor([[1.0, 2.0], [3.0, 4.0]], backend=backend.name)
    owner = backend.owner(x.array)
    expect(backend, owner is not None, "owner of an array that can be written is None: name the object of its memory")
    weakref.ref(owner)
    for how, view in (("x[0]", x[0]), ("x.T", x.T), ("a view of a view", x[0][1:])):
        expect(backend, backend.owner(view.array) is owner, f"owner of {how} is not that of x")
    other = tensor([1.0, 2.0], backend=backend.name)
    expect(backend, backend.owner(other.array) is not owner, "two arrays have one owner")


def writing(backend: Backend) -> None:
    """Where arrays can be written, views see it, and what does not fit is refused; elsewhere a tensor gets another."""
    x = tensor([[1.0, 2.0], [3.0, 4.0]], backend=backend.name)
    if not backend.writable:
        before = x.array
        x[0] = 5.0
        expect_lists(backend, x.array, [[5.0, 5.0], [3.0, 4.0]], "x[0] = 5.0")
        expect_lists(backend, before, [[1.0, 2.0], [3.0, 4.0]], "the array that x had before")
        return
    view = x[0]
    backend.write(x.array, (0, 1), backend.asarray(7.0, backend.dtype(x.array), backend.device(x.array)))
    expect_lists(backend, view.array, [1.0, 7.0], "a view of what was written")
    add, two = OPS["add"], full((2, 2), 2.0, backend=backend.name)
    backend.update(add, x.array, two.array)
    expect_lists(backend, x.array, [[3.0, 9.0], [5.0, 6.0]], "add in place")
    refusals: list[tuple[Any, Any, str]] = [(ShapeError, full((3, 2, 2), 1.0, backend=backend.name), "another shape")]
    if any(name == "complex128" for name, _, _ in held_dtypes(backend)):
        refusals.append((DTypeError, tensor([[1j, 1j], [1j, 1j]], backend=backend.name), "complex numbers"))
    for error, operand, what in refusals:
        try:
            backend.update(add, x.array, operand.array)
        except error:
            expect_lists(backend, x.array, [[3.0, 9.0], [5.0, 6.0]], f"an array after {what} were refused")
        else:
            raise AssertionError(f"backend {backend.name!r}: adding {what} in place raises no {error.__name__}")


def accumulate(backend: Backend) -> None:
    """``accumulate`` adds, and leaves its second argument alone, also where tensors hold scalars."""
    for lists, wanted in (([1.0, 2.0], [11.0, 22.0]), (1.0, 11.0)):
        total = backend.held(made(backend, lists))
        more = backend.held(made(backend, [10.0, 20.0] if isinstance(lists, list) else 10.0))
        before = backend.tolist(more)
        expect_lists(backend, backend.accumulate(total, more), wanted, "accumulate")
        expect_lists(backend, more, before, "the second argument of accumulate, afterwards,")


def gradient(backend: Backend) -> None:
    """A small program and its gradient, with numbers beside arrays."""
    x = tensor([1.0, -2.0, 0.5], backend=backend.name, requires_grad=True)
    y = 3 * x * x - x / 2 + 1
    g: Any = grad(y, x, full((3,), 1.0, backend=backend.name))[0]
    expect_lists(backend, y.array, [3.5, 14.0, 1.5], "3 * x * x - x / 2 + 1")
    expect_lists(backend, g.array, [5.5, -12.5, 2.5], "its gradient")
    number = backend.scalar(x._spec, 2.5)
    expect_lists(backend, (x.detach().array * number), [2.5, -5.0, 1.25], "an array times scalar(spec, 2.5)")


def _insist_on_writable(backend: Backend) -> None:
    if not backend.writable:
        raise NothingToCheck(f"arrays of backend {backend.name!r} cannot be written")


OF_BACKENDS: dict[str, Callable[[Backend], Any]] = {
    check.__name__: check
    for check in (
        array_types, kernel_names, round_trip, spec, devices, creation, copies, owners, writing, accumulate,
        random_numbers, random_state, gradient,
    )
}  # fmt: skip
