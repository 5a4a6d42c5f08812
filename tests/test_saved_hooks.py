"""Hooks on saved values: what is packed, when it is unpacked, and what else may be done with it."""

import gc
import pickle
import threading
import weakref

import pytest

import plugrad
from plugrad.autograd import fast, grad, graph
from plugrad.errors import GraphError
from values import assert_close


@pytest.fixture(params=["fast", "plain"])
def engine(request):
    if request.param == "fast":
        yield "fast"
    else:
        with fast.token:
            yield "plain"


class Log(list):
    def hooks(self, name=""):
        def pack(t):
            self.append((f"{name}pack", t))
            return t

        def unpack(t):
            self.append((f"{name}unpack", t))
            return t

        return graph.saved_tensors_hooks(pack, unpack)

    def names(self):
        names = [name for name, _ in self]
        self.clear()
        return names


def leaf(values):
    return plugrad.tensor(values, requires_grad=True)


# -- what is packed --------------------------------------------------------------------------------

PACKS = {
    "a constant": (lambda x, w: x * w, 1),
    "a Python number": (lambda x, w: x * 2.0, 0),
    "the same tensor twice": (lambda x, w: x * x, 2),
    "an output": (lambda x, w: plugrad.exp(x), 1),
    "a base, not its exponent": (lambda x, w: x**2, 1),
    "a value that two formulas read": (lambda x, w: x / (w * x.detach()).requires_grad_(), 2),
    "shapes only": (lambda x, w: x.sum(), 0),
    "nothing": (lambda x, w: x + w, 0),
    "what a condition chose": (lambda x, w: plugrad.where(x > 0, x, w), 1),
    "several": (lambda x, w: plugrad.clip(x, w, 2 * w), 3),
}


@pytest.mark.parametrize("case", PACKS)
def test_each_saved_value_is_packed_once(backend, engine, case):
    program, count = PACKS[case]
    x, w = leaf([1.0, 2.0]), plugrad.tensor([3.0, 4.0])
    (right,) = grad(program(x, w).sum(), x)
    log = Log()
    with log.hooks():
        y = program(x, w)
    assert log.names() == ["pack"] * count
    y.sum().backward()
    assert log.names() == ["unpack"] * count
    assert_close(x.grad, right)


def test_pack_gets_the_tensor(backend):
    seen = []

    def pack(t):
        seen.append((t, plugrad.is_grad_enabled()))
        return t

    x, w = leaf([1.0, 2.0]), plugrad.tensor([3.0, 4.0])
    with graph.saved_tensors_hooks(pack, lambda t: t):
        h = x * w
        y = h * x
        z = plugrad.exp(y)
    (constant, mode), *rest, (out, _) = seen
    assert not mode, "what a hook does is not recorded"
    assert not constant.requires_grad
    assert_close(constant, w)
    assert any(t is x for t, _ in rest)
    assert any(t.grad_fn is h.grad_fn for t, _ in rest)
    assert out.grad_fn is z.grad_fn


def test_what_pack_returns_may_be_anything(backend, engine):
    def pack(t):
        return ("values", t.tolist())

    def unpack(held):
        return plugrad.tensor(held[1])

    x = leaf([1.0, 2.0])
    with graph.saved_tensors_hooks(pack, unpack):
        y = (x * x * x).sum()
    y.backward()
    assert_close(x.grad, [3.0, 12.0])


def test_hooks_change_the_values(backend, engine):
    x = leaf([1.0, 2.0])
    with graph.saved_tensors_hooks(lambda t: t * 10, lambda t: t + 1):
        y = (x * x).sum()
    y.backward()
    assert_close(x.grad, [22.0, 42.0])


def test_a_function_s_saved_tensors(backend, engine):
    class Cube(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, None, x * x)
            return x * x * x

        @staticmethod
        def backward(ctx, g):
            x, nothing, square = ctx.saved_tensors
            assert nothing is None
            seen.append(x)
            return g * 3 * square

    seen = []
    log = Log()
    x = leaf([1.0, 2.0])
    with log.hooks():
        y = Cube.apply(x)
    assert log.names() == ["pack", "pack"]
    y.sum().backward()
    assert log.names() == ["unpack", "unpack"]
    assert seen[0] is x
    assert_close(x.grad, [3.0, 12.0])


# -- which hooks apply --------------------------------------------------------------------------------


def test_the_innermost_wins(backend):
    log = Log()
    x = leaf(2.0)
    with log.hooks("outer "):
        with log.hooks("inner "):
            y = plugrad.exp(x)
        z = plugrad.exp(x)
    plugrad.exp(x)
    assert log.names() == ["inner pack", "outer pack"]
    (y + z).backward()
    assert sorted(log.names()) == ["inner unpack", "outer unpack"]


def test_one_context_is_entered_again(backend):
    log = Log()
    hooks = log.hooks()
    x = leaf(2.0)
    for _ in range(2):
        with hooks, hooks:
            plugrad.exp(x)
        plugrad.exp(x)
    assert log.names() == ["pack"] * 2


def test_hooks_are_a_threads_own(backend):
    log = Log()
    x = leaf(2.0)
    with log.hooks():
        t = threading.Thread(target=plugrad.exp, args=(x,))
        t.start()
        t.join()
    assert log.names() == []


def test_they_apply_while_create_graph_saves(backend):
    log = Log()
    x = leaf(2.0)
    with log.hooks():
        y = x * x * x
        assert log.names() == ["pack"] * 4
        (g,) = grad(y, x, create_graph=True)
    names = log.names()
    assert names.count("unpack") == 4
    assert names.count("pack") > 0
    g.backward()
    assert set(log.names()) == {"unpack"}
    assert x.grad.item() == 12


def test_second_order_through_packed_values(backend):
    x = leaf([0.5, 2.0])

    def program():
        return (plugrad.exp(x) * x / (x + 1) + plugrad.clip(x, 0.0, 1.0) * x**3).sum()

    (g,) = grad(program(), x, create_graph=True)
    (right,) = grad(g.sum(), x)
    with graph.saved_tensors_hooks(lambda t: t.tolist(), plugrad.tensor):
        y = program()
    (g,) = grad(y, x, create_graph=True)
    assert_close(grad(g.sum(), x)[0], right)


def test_under_no_grad_nothing_is_packed(backend):
    log = Log()
    x = leaf(2.0)
    with log.hooks(), plugrad.no_grad():
        plugrad.exp(x)
        with plugrad.enable_grad():
            plugrad.exp(x)
    assert log.names() == ["pack"]


# -- errors --------------------------------------------------------------------------------


def test_unpack_must_return_a_tensor(backend, engine):
    x = leaf(2.0)
    with graph.saved_tensors_hooks(lambda t: t, lambda t: None):
        y = x * x
    with pytest.raises(TypeError, match="unpack_hook expected to be a Tensor but got result of type NoneType"):
        y.backward()
    assert x.grad is None


def test_hooks_that_raise(backend, engine):
    def fail(t):
        raise ZeroDivisionError("theirs")

    x = leaf(2.0)
    with graph.saved_tensors_hooks(fail, lambda t: t), pytest.raises(ZeroDivisionError, match="theirs"):
        plugrad.exp(x)
    assert plugrad.is_grad_enabled()
    with graph.saved_tensors_hooks(lambda t: t, fail):
        y = plugrad.exp(x)
    with pytest.raises(ZeroDivisionError, match="theirs"):
        y.backward()
    assert x.grad is None


@pytest.mark.parametrize("shape", ["1-d", "0-d"])
def test_pack_must_not_write(backend, shape):
    def write(t):
        t.mul_(2)
        return t

    x = leaf([1.0, 2.0] if shape == "1-d" else 1.0)
    refused = pytest.raises(GraphError, match="pack hook is modifying its input in place")
    with graph.saved_tensors_hooks(write, lambda t: t), refused:
        plugrad.exp(x)


def test_disabling_them(backend):
    def enter():
        with Log().hooks():
            pass

    with graph.disable_saved_tensors_hooks("not here"):
        with pytest.raises(GraphError, match="not here"):
            enter()
        with graph.disable_saved_tensors_hooks("nor here"), pytest.raises(GraphError, match="nor here"):
            enter()
        with pytest.raises(GraphError, match="not here"):
            enter()
    enter()

    @graph.disable_saved_tensors_hooks("not in this function")
    def function():
        enter()

    with pytest.raises(GraphError, match="not in this function"):
        function()
    with Log().hooks(), pytest.raises(GraphError, match="they are active"):
        graph.disable_saved_tensors_hooks("they are active").__enter__()


# -- memory --------------------------------------------------------------------------------


def test_an_output_that_is_packed_as_it_is_makes_no_cycle(backend):
    x = leaf([1.0, 2.0])
    gc.disable()
    try:
        with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
            nodes = [weakref.ref(f(x).grad_fn) for f in (plugrad.exp, plugrad.tanh, lambda t: plugrad.max(t, axis=0))]
        assert [n() for n in nodes] == [None] * 3
    finally:
        gc.enable()


def test_backward_frees_what_was_packed(backend, engine):
    class Held:
        def __init__(self, t):
            self.t = t

    held = []

    def pack(t):
        h = Held(t)
        held.append(weakref.ref(h))
        return h

    x = leaf([1.0, 2.0])
    with graph.saved_tensors_hooks(pack, lambda h: h.t):
        y = plugrad.exp(x).sum()
    y.backward()
    assert [h() for h in held] == [None]
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_a_packed_value_is_not_checked_for_writes(backend, engine):
    x = leaf([1.0, 2.0])
    with graph.saved_tensors_hooks(lambda t: t.tolist(), plugrad.tensor):
        y = (x * x).sum()
    with plugrad.no_grad():
        x += 10.0
    y.backward()
    assert_close(x.grad, [2.0, 4.0])


def test_save_on_cpu(backend, engine):
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    with graph.save_on_cpu():
        y = (plugrad.exp(x / 4) @ x).sum()
    with plugrad.no_grad():
        x += 10.0
    y.backward()
    x2 = leaf([[1.0, 2.0], [3.0, 4.0]])
    (plugrad.exp(x2 / 4) @ x2).sum().backward()
    assert_close(x.grad, x2.grad)
    with graph.save_on_cpu(pin_memory=True, device_type="cpu"):
        y = (x * x).sum()
    y.backward()


def test_save_to_disk(backend, engine, tmp_path):
    """Each saved value waits in a file, which goes when nothing needs it any more."""

    class OnDisk:
        def __init__(self, t):
            self.path = tmp_path / f"{id(self)}.pickle"
            self.path.write_bytes(pickle.dumps((t.tolist(), str(t.dtype))))

        def __del__(self):
            self.path.unlink()

    def load(held):
        values, dtype = pickle.loads(held.path.read_bytes())
        return plugrad.tensor(values, dtype=dtype)

    x = leaf([0.5, 1.0])
    with graph.saved_tensors_hooks(OnDisk, load):
        y = plugrad.sin(plugrad.exp(x) * x).sum()
    assert len(list(tmp_path.iterdir())) == 4
    y.backward()
    assert list(tmp_path.iterdir()) == []
    (right,) = grad(plugrad.sin(plugrad.exp(x) * x).sum(), x)
    assert_close(x.grad, right)


# -- mutation and versions --------------------------------------------------------------------------------


def test_mutation_is_allowed(backend, engine):
    x = leaf([1.0, 2.0])
    with graph.allow_mutation_on_saved_tensors():
        b = x * 1.0
        y = (b * b).sum()
        with plugrad.no_grad():
            b.mul_(3)
        z = (plugrad.exp(x) * b.detach()).sum()
        with plugrad.no_grad():
            b.zero_()
    (y + z).backward()
    right = grad((x * x).sum() + (plugrad.exp(x) * (3 * x.detach())).sum(), x)[0]
    assert_close(x.grad, right)
    with graph.allow_mutation_on_saved_tensors(), pytest.raises(GraphError, match="cannot be nested"):
        graph.allow_mutation_on_saved_tensors().__enter__()


def test_mutation_of_a_function_s_saved_tensor(backend, engine):
    class Square(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g * 2 * ctx.saved_tensors[0]

    x = leaf([1.0, 2.0])
    with graph.allow_mutation_on_saved_tensors():
        y = Square.apply(x).sum()
    with plugrad.no_grad():
        x.zero_()
    y.backward()
    assert_close(x.grad, [2.0, 4.0])


def test_incrementing_versions(backend):
    x, w = leaf([1.0, 2.0]), plugrad.tensor([3.0, 4.0])
    y = (x * w).sum()
    version = w._version
    graph.increment_version(w)
    graph.increment_version([w, w])
    graph.increment_version(iter([w]))
    assert w._version == version + 4
    with pytest.raises(RuntimeError, match="modified by an inplace operation.*increment_version"):
        y.backward()
    with pytest.raises(RuntimeError, match="increment_version expects a tensor or an iterable of them, not int"):
        graph.increment_version(3)
