"""The notes on complex numbers and on gradcheck."""

import pytest

from against_torch.both import both, raised

pytestmark = pytest.mark.only("numpy", "strict")


@both
def test_the_gradient_is_the_conjugate_wirtinger_derivative(lib):
    """Of a real loss: with respect to z*, twice, so that z - step * grad goes down."""
    z = lib.tensor([1.0 + 2.0j, -0.5 + 0.25j], requires_grad=True)
    lib.sum(lib.real(z * lib.conj(z))).backward()
    down = z.detach() - 0.1 * z.grad
    return z.grad, lib.real(lib.sum(down * lib.conj(down)))


@both
def test_holomorphic_and_other_functions(lib):
    found = []
    for function in (
        lambda z: z * z * (2.0 + 1.0j), lib.exp, lib.sin, lambda z: 1.0 / z, lib.conj, lambda z: lib.abs(z) * z,
        lambda z: lib.real(z) * z, lambda z: z * 3.0,
    ):  # fmt: skip
        z = lib.tensor([1.0 + 2.0j, -0.5 + 0.25j], requires_grad=True)
        w = lib.tensor([0.5 - 1.0j, 2.0 + 0.75j])
        found += lib.autograd.grad(function(z), [z], w)
    return found


@both
def test_from_complex_to_real_and_from_real_to_complex(lib):
    z = lib.tensor([1.0 + 2.0j, -0.5 + 0.25j], requires_grad=True)
    x = lib.tensor([1.5, -2.0], requires_grad=True)
    y = x * (2.0 + 3.0j)
    lib.sum(lib.abs(y * z)).backward()
    return x.grad, z.grad


@both
def test_a_real_function_through_complex_numbers(lib):
    x = lib.tensor([0.5, -1.25], requires_grad=True)
    inside = lib.real(lib.exp(x * 1.0j) * lib.conj(lib.exp(x * 1.0j)) + x * x * (1.0 + 0.0j))
    return inside, lib.autograd.grad(lib.sum(inside), [x])


@both
def test_backward_does_not_start_at_a_complex_number(lib):
    z = lib.tensor(1.0 + 2.0j, requires_grad=True)
    return raised((z * z).backward)


@both
def test_gradcheck(lib):
    check, again = lib.autograd.gradcheck, lib.autograd.gradgradcheck
    x = lib.tensor([0.5, -1.25], requires_grad=True)
    z = lib.tensor([1.0 + 2.0j, -0.5 + 0.25j], requires_grad=True)
    wrong = lambda x: x * x.detach()  # its Jacobian is half of the numerical one
    return (
        check(lib.sin, (x,)), check(lambda z: z * z, (z,)), check(lambda z: lib.abs(z), (z,)),
        check(lib.sin, (x,), fast_mode=True), check(lambda z: z * z, (z,), fast_mode=True),
        again(lib.sin, (x,)), again(lambda z: z * z, (z,)),
        check(wrong, (x,), raise_exception=False), raised(check, wrong, (x,)),
        raised(check, wrong, (x,), fast_mode=True), raised(check, lib.sin, (x.detach(),)),
    )  # fmt: skip
