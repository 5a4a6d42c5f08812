"""Indexing by arrays, masks and mixed keys, against plain NumPy: values, and gradients with repeated indices."""

import math
import random

import pytest

import plugrad
from plugrad.errors import MissingKernel
from plugrad.registry.kernels import kernel_for
from plugrad.registry.op import OPS
from values import flat

np = pytest.importorskip("numpy", reason="what an index means is NumPy's")

SHAPE = (2, 3, 4)
COUNT = 24


class A:
    """An array of indices or a mask in a key: each library gets its own."""

    def __init__(self, data):
        self.data = data

    def __repr__(self):
        return f"A({self.data})"


def translated(key, make):
    if isinstance(key, tuple):
        return tuple(translated(part, make) for part in key)
    return make(key.data) if isinstance(key, A) else key


def mask(shape, seed):
    draw = random.Random(seed)
    return A(np.reshape([draw.random() < 0.5 for _ in range(math.prod(shape))], shape).tolist())


S = slice(None)
KEYS = [
    # numbers, slices, None and the ellipsis: views
    0, -1, (1, 2), (1, -1, 2), S, slice(1, None), slice(None, None, 2), slice(None, None, -1), slice(-2, None),
    slice(5, 9), (S, slice(1, 1)), (), ..., (..., 0), (0, ...), (..., -1, S), None, (None, 0), (0, None), (..., None),
    (S, None, 1, ..., None), (slice(None, None, -2), ..., slice(3, 0, -2)), slice(9, None, -1),
    # one array
    [0], [0, 1, 0], [], (S, []), A([0, 1, 1, 0]), A([-1, -2]), A([[0, 1], [1, 1]]), A(1), A([]), (S, A([0, 0, 2])),
    (S, S, A([3, 3])),
    (..., A([0, -1])), (A([1, 0]), ...), (None, A([1, 0])), (A([1, 0]), None), (slice(0, 1), A([2, 0])), (S, [2, 2, 1]),
    (slice(None, None, -1), A([2, 0]), slice(1, 3)), (S, A([[0], [2]])), (S, A(2)), ([1], S, slice(None, None, 2)),
    # a number beside an array is an array
    (0, A([1, 2])), (A([0, 1]), 1), (0, S, A([1, 2])), (A([0, 1]), S, 2), (1, ..., A([0, 0])), (S, 0, A([3, 1])),
    (0, A([1]), -1),
    # several arrays: broadcast; side by side they stay in place, separated they come first
    (A([0, 1]), A([2, 0])), (A([[0], [1]]), A([0, 2])), (S, A([0, 2]), A([1, 1])), (A([0, 1]), S, A([3, 0])),
    (A([0, 1]), A([0, 2]), A([3, 3])), (A([0, 1]), None, A([0, 2])), (A([0]), S, A([1, 2, 3])),
    (A([0, 1]), ..., A([0, 1])), (A([[0, 1], [1, 0]]), S, A([0, 3])), (None, A([0, 1]), None, A([0, 2])),
    (A([[0], [1]]), A([[0, 1, 2]])), (A([]), A([])), (S, None, A([0, 1]), A([1, 2])), (A([0, 1]), A([1]), ...),
    ([0, 1], [1, 2]), (S, [0, 1], [1, 2]), (A(0), S, A([0, 1])),
    # masks
    mask((2,), 1), mask((2, 3), 2), mask((2, 3, 4), 3), (S, mask((3,), 4)), (..., mask((4,), 5)), (S, mask((3, 4), 6)),
    (0, mask((3,), 7)), (mask((2,), 8), S, A([1])), (mask((2, 3), 9), A([3])), (mask((2,), 10), 1),
    (None, mask((2,), 11)),
    ([True, False], S, slice(1, 3)), A([False, False]), (A([False, False]), S), (A([True, False]), ..., A([3, 2])),
    (mask((2,), 12), ..., None), A([[False] * 3] * 2),
]  # fmt: skip


def random_key(seed):
    """A key that NumPy accepts."""
    draw = random.Random(seed)
    while True:
        parts = []
        for extent in SHAPE[: draw.randrange(1, 4)]:
            start, stop = sorted(draw.randrange(-extent, extent) for _ in range(2))
            indices = [draw.randrange(-extent, extent) for _ in range(2)]
            arrays = [A(indices), A([[i] for i in indices]), A([indices[0]]), mask((extent,), seed)]
            parts.append(draw.choice([slice(start, stop), slice(None, None, -1), start, S, *arrays]))
        for extra in ([None], [...], [])[draw.randrange(3)]:
            parts.insert(draw.randrange(len(parts) + 1), extra)
        try:
            np.zeros(SHAPE)[translated(tuple(parts), index_array)]
        except IndexError:
            continue
        return tuple(parts)


def index_array(data):
    return np.array(data, dtype=None if data else int)


def index_tensor(data):
    return plugrad.tensor(data, dtype=None if data or data == 0 else "int64")


@pytest.fixture
def indexed(backend):
    """A tensor and the same array in NumPy."""
    x = plugrad.tensor(np.arange(float(COUNT)).reshape(SHAPE).tolist(), requires_grad=True)
    try:
        kernel_for(OPS["index"], type(x.array))
    except MissingKernel as reason:
        pytest.skip(str(reason))
    return x, np.arange(float(COUNT)).reshape(SHAPE)


@pytest.mark.parametrize("key", [*KEYS, *map(random_key, range(60))], ids=repr)
def test_value_and_gradient(indexed, key):
    x, reference = indexed
    ours, theirs = translated(key, index_tensor), translated(key, index_array)
    out = x[ours]
    wanted = np.asarray(reference[theirs])
    assert out.shape == wanted.shape
    assert out.tolist() == wanted.tolist()
    weights = np.arange(1.0, wanted.size + 1).reshape(wanted.shape)
    gradient = np.zeros(SHAPE)
    np.add.at(gradient, theirs, weights)
    out.backward(plugrad.tensor(weights.tolist()).reshape(weights.shape))
    assert x.grad.tolist() == gradient.tolist()


@pytest.mark.parametrize(
    "key",
    [
        2, -3, (0, 3), (0, 0, 0, 0), (A([0]), 0, 0, 0), (..., ...), A([True, False, True]), (S, A([True, False])),
        A([[True, False]]), (A([0, 1]), A([0, 1, 2])), A([0.0, 1.0]), 1.5, "x",
    ],
    ids=repr,
)  # fmt: skip
def test_a_wrong_key_is_an_index_error_and_changes_nothing(indexed, key):
    x, _ = indexed
    with pytest.raises(IndexError):
        x[translated(key, index_tensor)]
    assert x[0, 0, 0].tolist() == 0.0


@pytest.mark.parametrize(
    "key, inside",
    [
        (A([0, 2]), A([0, 0])), (A([-3]), A([1])), ((S, A([3])), (S, A([0]))), ((0, S, A([-5])), (0, S, A([3]))),
        ((S, A([0]), A([4])), (S, A([0]), A([0]))), (A([[0, 9]]), A([[0, 1]])), ([5], [1]),
    ],
    ids=repr,
)  # fmt: skip
def test_an_array_of_indices_out_of_range(indexed, backend, key, inside):
    """It is an error where looking at the indices costs no wait for a device; CuPy's kernels wrap them around."""
    x, reference = indexed
    if backend.name in ("cupy", "cupy-double"):
        assert x[translated(key, index_tensor)].tolist() == reference[translated(inside, index_array)].tolist()
        return
    with pytest.raises(IndexError):
        x[translated(key, index_tensor)]
    assert x[0, 0, 0].tolist() == 0.0


def test_arrays_of_the_backend_and_tensors_index_alike(indexed):
    x, _ = indexed
    i = plugrad.tensor([1, 0])
    assert x[i.array].tolist() == x[i].tolist() == x[[1, 0]].tolist()


def test_a_bool_is_no_number(indexed):
    """``x[True]`` is not ``x[1]``."""
    x, reference = indexed
    assert x[True].tolist() == reference[True].tolist()
    assert x[False].shape == (0, *SHAPE)
    assert x[:, True, 1].tolist() == reference[:, True, 1].tolist()
    assert x[True, :, [0, 1]].tolist() == reference[True, :, [0, 1]].tolist()


@pytest.mark.writable
def test_an_index_array_written_before_backward_is_told(indexed):
    x, _ = indexed
    i = plugrad.tensor([1, 0])
    out = x[i].sum()
    i += 0
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()


def test_repeated_indices_accumulate_and_can_be_differentiated_again(indexed):
    x = plugrad.tensor([1.0, 2.0, 3.0], requires_grad=True)
    i = plugrad.tensor([0, 2, 0, 0])
    (g,) = plugrad.autograd.grad((x[i] ** 2).sum(), x, create_graph=True)
    assert g.tolist() == [6.0, 0.0, 6.0]
    g[i].sum().backward()
    assert flat(x.grad.tolist()) == [18.0, 0.0, 2.0]
