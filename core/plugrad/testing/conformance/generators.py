"""What a backend promises of its random numbers. They are drawn from its generator, whose state is put back."""

from __future__ import annotations

from ...registry.dtype import dtype as dtype_named
from ..samples import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...registry.backend import Backend


def random_numbers(backend: Backend) -> None:
    """``uniform`` is within [0, 1) and of mean 1/2, ``normal`` of mean 0 and variance 1, ``integers`` within bounds."""
    state = backend.rng_state()
    try:
        backend.manual_seed(7)
        real, whole = (backend.native_dtype(dtype_named(name)) for name in (backend.default_float, "int64"))
        uniform = backend.uniform((20, 50), real)
        normal = backend.normal((20, 50), real)
        integers = backend.integers(-2, 3, (1000,), whole)
        assert backend.shape(uniform) == (20, 50), f"uniform((20, 50)) is of shape {backend.shape(uniform)}"
        u, z, n = (flat(backend.tolist(array)) for array in (uniform, normal, integers))
        assert all(0 <= v < 1 for v in u), "uniform gives numbers outside of [0, 1)"
        assert abs(sum(u) / 1000 - 0.5) < 0.05, f"uniform has mean {sum(u) / 1000}"
        assert abs(sum(z) / 1000) < 0.2, f"normal has mean {sum(z) / 1000}"
        assert abs(sum(v * v for v in z) / 1000 - 1) < 0.25, f"normal has variance {sum(v * v for v in z) / 1000}"
        assert set(n) == {-2, -1, 0, 1, 2}, f"1000 integers from -2 to below 3 are of {sorted(set(n))}"
        assert backend.shape(backend.uniform((), real)) == (), "uniform(()) is no 0-d array"
    finally:
        backend.set_rng_state(state)


def random_state(backend: Backend) -> None:
    """A state that was read and is set again gives the same numbers again; so does a seed."""
    state = backend.rng_state()
    try:
        real = backend.native_dtype(dtype_named(backend.default_float))

        def drawn() -> Any:
            return [backend.tolist(draw((3,), real)) for draw in (backend.uniform, backend.normal)]

        backend.manual_seed(3)
        first = drawn()
        middle = backend.rng_state()
        second = drawn()
        backend.set_rng_state(middle)
        assert drawn() == second, "set_rng_state(rng_state()) does not give the same numbers again"
        backend.manual_seed(3)
        assert drawn() == first, "manual_seed(3) does not give the same numbers again"
        assert first != second, "the generator gives the same numbers twice"
    finally:
        backend.set_rng_state(state)
