"""What is PyTorch's alone; the rest is plugrad's conformance kit's to check."""

import gc

import numpy as np
import pytest
import torch
from plugrad_torch_arrays import TorchArrays

import plugrad


@pytest.fixture(autouse=True)
def by_default():
    plugrad.set_default_backend("torch-arrays")
    yield
    plugrad.set_default_backend(None)


def test_tensors_go_in_and_come_out():
    given = torch.tensor([1.0, 2.0, 3.0])
    x = plugrad.tensor(given, requires_grad=True)
    (x * x).sum().backward()
    assert type(x.grad.array) is torch.Tensor
    assert x.grad.array.tolist() == [2.0, 4.0, 6.0]
    assert not x.array.requires_grad
    assert given.grad is None


def test_a_tensor_that_requires_grad_is_refused():
    with pytest.raises(plugrad.errors.BackendError, match=r"shape \(2,\) requires grad.*array\.detach\(\)"):
        plugrad.tensor(torch.ones(2, requires_grad=True))


def test_a_parameter_is_refused():
    with pytest.raises(plugrad.errors.BackendError, match=r"Parameter is a subclass of torch\.Tensor"):
        plugrad.tensor(torch.nn.Parameter(torch.ones(2)))


def test_a_write_through_a_view_is_seen_by_what_was_saved():
    x = plugrad.ones(2, 3, requires_grad=True)
    y = x * 1
    z = y * y
    y.T[0] = 5.0
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*setitem wrote"):
        z.sum().backward()


def test_asarray_shares_memory():
    given = torch.zeros(3)
    x = plugrad.asarray(given)
    x[1] = 2.0
    assert given.tolist() == [0.0, 2.0, 0.0]


def test_memory_has_one_owner_that_dies_with_it():
    backend = TorchArrays()
    x = torch.zeros(4)
    owner = id(backend.owner(x))
    assert id(backend.owner(x[1:].reshape(3, 1))) == owner
    view = x[1:]
    del x
    gc.collect()
    assert id(backend.owner(view)) == owner


def test_the_default_float_is_pytorchs():
    assert plugrad.tensor([1.0]).dtype == "float32"
    torch.set_default_dtype(torch.float64)
    try:
        assert plugrad.tensor([1.0]).dtype == "float64"
    finally:
        torch.set_default_dtype(torch.float32)


def test_random_numbers_come_from_a_generator_of_its_own():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    plugrad.manual_seed(3)
    first = plugrad.randn(4).tolist(), plugrad.rand(2).tolist(), plugrad.randint(0, 9, (5,)).tolist()
    plugrad.manual_seed(3)
    assert (plugrad.randn(4).tolist(), plugrad.rand(2).tolist(), plugrad.randint(0, 9, (5,)).tolist()) == first
    assert torch.equal(torch.get_rng_state(), before)


def test_where_indices_repeat_the_last_value_is_put():
    x = plugrad.zeros(3)
    x[[1, 1, 1]] = plugrad.tensor([1.0, 2.0, 3.0])
    assert x.tolist() == [0.0, 3.0, 0.0]


def test_a_read_only_array_of_numpys_is_copied():
    given = np.ones(2, "float32")
    given.flags.writeable = False
    assert plugrad.asarray(given, backend="torch-arrays").tolist() == [1.0, 1.0]


def test_other_devices_are_refused():
    with pytest.raises(plugrad.errors.BackendError, match="on meta is none of backend 'torch-arrays', which has 'cpu'"):
        plugrad.asarray(torch.ones(2, device="meta"))
    with pytest.raises(plugrad.errors.BackendError, match="has devices 'cpu', not 'cuda'"):
        plugrad.ones(2, device="cuda", backend="torch-arrays")


def test_dlpack():
    assert np.from_dlpack(plugrad.ones(2)).tolist() == [1.0, 1.0]
    assert torch.from_dlpack(plugrad.ones(2)).tolist() == [1.0, 1.0]
