"""no_grad, enable_grad, set_grad_enabled: as context managers and as decorators."""

import pytest

import plugrad


@pytest.fixture
def x(backend):
    return plugrad.tensor(1.0, requires_grad=True)


def test_context_managers_nest(x):
    with plugrad.no_grad():
        assert not plugrad.is_grad_enabled()
        with plugrad.enable_grad():
            assert (x * x).requires_grad
            with plugrad.set_grad_enabled(False):
                assert not (x * x).requires_grad
            assert plugrad.is_grad_enabled()
        assert not (x * x).requires_grad
    assert plugrad.is_grad_enabled()


def test_one_manager_used_twice_and_inside_itself(x):
    paused = plugrad.no_grad()
    with paused:
        with paused:
            pass
        assert not plugrad.is_grad_enabled()
    assert plugrad.is_grad_enabled()


def test_decorators(x):
    @plugrad.no_grad()
    def with_brackets():
        """Its docstring."""
        return x * x

    @plugrad.no_grad
    def without():
        return x * x

    @plugrad.set_grad_enabled(False)
    def switched():
        return x * x

    assert plugrad.is_grad_enabled(), "a decorator switches for its function alone"
    assert with_brackets.__doc__ == "Its docstring."
    assert not any(f().requires_grad for f in (with_brackets, without, switched))
    assert (x * x).requires_grad


def test_set_grad_enabled_acts_at_once(x):
    try:
        plugrad.set_grad_enabled(False)
        assert not (x * x).requires_grad
    finally:
        plugrad.set_grad_enabled(True)
    assert (x * x).requires_grad


def test_an_exception_restores_the_mode(x):
    with pytest.raises(ZeroDivisionError), plugrad.no_grad():
        1 / 0
    assert plugrad.is_grad_enabled()


def test_leaves_made_under_no_grad_may_require_grad(x):
    with plugrad.no_grad():
        y = plugrad.tensor(2.0, requires_grad=True)
    assert y.requires_grad
    (y * x).backward()
    assert y.grad.item() == 1
