"""Real and complex tensors in one program: gradients and their dtypes are PyTorch's."""

import pytest

import plugrad
from test_real_and_complex import MIXED
from values import assert_close

torch = pytest.importorskip("torch", minversion="2.13", reason="PyTorch is not installed: pip install torch==2.13.0")


@pytest.mark.only("numpy")
@pytest.mark.parametrize("name", MIXED)
def test_gradients(backend, name):
    found = []
    for xp in (torch, plugrad):
        x = xp.tensor([1.5, 2.0], dtype=xp.float64, requires_grad=True)
        z = xp.tensor([1 + 2j, 3 - 1j], dtype=xp.complex128, requires_grad=True)
        out = MIXED[name](xp, x, z)
        (xp.real(out) if out.is_complex() else out).sum().backward()
        found.append((x.grad, z.grad))
    for theirs, ours in zip(*found, strict=True):
        assert str(theirs.dtype) == f"torch.{ours.dtype}"
        assert_close(ours, theirs.tolist())
