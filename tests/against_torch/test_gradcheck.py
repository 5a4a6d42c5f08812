"""gradcheck and gradgradcheck say of the same program what PyTorch's say."""

import pytest

import plugrad

torch = pytest.importorskip("torch", minversion="2.13", reason="PyTorch is not installed: pip install torch==2.13.0")

pytestmark = pytest.mark.only("numpy")


def square_with(xp, backward):
    class Square(xp.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return backward(xp, g, *ctx.saved_tensors)

    return Square.apply


PROGRAMS = {
    "right": lambda xp: lambda x, z: (x * x, xp.exp(x) * 2),
    "complex": lambda xp: lambda x, z: (z * z * x, xp.abs(z)),
    "detached": lambda xp: lambda x, z: x.detach() * x + xp.abs(z),
    "half": lambda xp: lambda x, z: square_with(xp, lambda xp, g, x: g * x)(x),
    "conjugate": lambda xp: lambda x, z: square_with(xp, lambda xp, g, z: 2 * g * z)(z),
    "adds": lambda xp: lambda x, z: square_with(xp, lambda xp, g, x: 2 * g * x + 1e-7)(x),
    "second": lambda xp: lambda x, z: square_with(xp, lambda xp, g, x: 2 * g * x.detach())(x),
    "cut": lambda xp: lambda x, z: x.detach(),
    "constant": lambda xp: lambda x, z: xp.sign(x.detach()),
    "one of two": lambda xp: lambda x, z: (x * 2, x.detach() * 3),
    "own error": lambda xp: lambda x, z: 1 / 0,
}


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("check", ["gradcheck", "gradgradcheck"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_verdict(backend, program, check, fast_mode):
    if check == "gradgradcheck" and program in ("cut", "constant"):
        pytest.skip("without an output that requires grad, PyTorch's gradgradcheck trips over a slice")
    verdicts = []
    for xp in (torch, plugrad):
        x = xp.tensor([0.5, -1.5, 2.0], dtype=xp.float64, requires_grad=True)
        z = xp.tensor([1 + 2j, -0.5j, 0.3 + 0j], dtype=xp.complex128, requires_grad=True)
        verdict = []
        checked = getattr(xp.autograd, check)
        for keywords in ({}, {"raise_exception": False}):
            try:
                verdict.append(checked(PROGRAMS[program](xp), (x, z), fast_mode=fast_mode, **keywords))
            except Exception as error:
                verdict.append(type(error).__name__)
        verdicts.append(verdict)
    assert verdicts[0] == verdicts[1]
