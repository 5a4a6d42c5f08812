"""Copies, pickles, data, numbers and text of tensors: flags, values and kinds of error are PyTorch's."""

import copy
import pickle
import warnings

import pytest

import plugrad

torch = pytest.importorskip("torch", minversion="2.13", reason="PyTorch is not installed: pip install torch==2.13.0")

pytestmark = pytest.mark.only("numpy")


def shown(t):
    return t.tolist(), t.requires_grad, t.is_leaf, None if not t.is_leaf or t.grad is None else t.grad.tolist()


def with_grad(xp, x):
    (x * x).sum().backward()
    return x


def with_data(xp, x, data):
    x.data = data
    return x


PROGRAMS = {
    "deepcopy": lambda xp, x: shown(copy.deepcopy(with_grad(xp, x))),
    "deepcopy twice": lambda xp, x: len({id(t) for t in copy.deepcopy([x, x])}),
    "deepcopy of a non-leaf": lambda xp, x: copy.deepcopy(x * 2),
    "deepcopy of a constant": lambda xp, x: shown(copy.deepcopy(x.detach())),
    "copy": lambda xp, x: shown(copy.copy(with_grad(xp, x))),
    "pickle": lambda xp, x: shown(pickle.loads(pickle.dumps(with_grad(xp, x)))),
    "pickle of a non-leaf": lambda xp, x: shown(pickle.loads(pickle.dumps(x * 2))),
    "data": lambda xp, x: shown(x.data),
    "data of a non-leaf": lambda xp, x: shown((x * 2).data),
    "assigned data": lambda xp, x: shown(with_data(xp, with_grad(xp, x), xp.tensor([5.0, 6.0], dtype=xp.float64))),
    "assigned data of another shape": lambda xp, x: shown(with_data(xp, x, xp.tensor([5.0], dtype=xp.float64))),
    "assigned data of another precision": lambda xp, x: shown(with_data(xp, x, xp.tensor([5.0], dtype=xp.float32))),
    "assigned integers": lambda xp, x: with_data(xp, x, xp.tensor([5, 6])),
    "assigned list": lambda xp, x: with_data(xp, x, [5.0]),
    "int of nan": lambda xp, x: int(xp.tensor(float("nan"))),
    "int of inf": lambda xp, x: int(xp.tensor(float("inf"))),
    "int": lambda xp, x: int(xp.tensor([[-2.7]])),
    "int of complex": lambda xp, x: int(xp.tensor(1j)),
    "float of complex": lambda xp, x: float(xp.tensor(1j)),
    "float of real complex": lambda xp, x: (float(xp.tensor(2 + 0j)), int(xp.tensor(2 + 0j))),
    "complex": lambda xp, x: complex(xp.tensor(2.5)),
    "float of several": lambda xp, x: float(x),
    "bool of nothing": lambda xp, x: bool(xp.zeros(0)),
    "bool of nan": lambda xp, x: bool(xp.tensor(float("nan"))),
    "format": lambda xp, x: f"{xp.tensor(2.5):.3f} {xp.tensor(2.5)} {x[0]:.1f}",
    "format of several": lambda xp, x: f"{x:.3f}",
    "numpy": lambda xp, x: x.numpy(),
    "numpy by force": lambda xp, x: x.numpy(force=True).tolist(),
    "kinds": lambda xp, x: (x.dim(), x.is_floating_point(), x.is_complex(), (x > 0).is_floating_point()),
    "text": lambda xp, x: repr(x).replace(" dtype=torch.float64,", "").replace("torch", "plugrad"),
    "text of a non-leaf": lambda xp, x: repr(x.sum()).replace(" dtype=torch.float64,", ""),
}


def outcome(program, xp):
    x = xp.tensor([1.0, 2.0], dtype=xp.float64, requires_grad=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return program(xp, x)
    except Exception as error:
        return error


@pytest.mark.parametrize("name", PROGRAMS)
def test_outcome(backend, name):
    theirs, ours = (outcome(PROGRAMS[name], xp) for xp in (torch, plugrad))
    if isinstance(theirs, Exception):
        assert isinstance(ours, type(theirs)), (theirs, ours)
    else:
        assert ours == theirs


def test_numpy_under_no_grad(backend):
    for xp in (torch, plugrad):
        x = xp.tensor([1.0, 2.0], requires_grad=True)
        with xp.no_grad():
            a = x.numpy()
            a[0] = 7.0
        assert x.tolist() == [7.0, 2.0]
