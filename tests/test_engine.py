"""Both engines: order, freeing, who may use the nodes, and what a failed run leaves behind."""

import gc
import random
import threading
import weakref

import pytest

import plugrad
from plugrad.autograd import fast
from values import assert_close


def random_program(seed, leaves):
    """A graph with fan-in, fan-out and broadcasting; its values stay of order 1."""
    choose = random.Random(seed)
    pool = list(leaves)
    for _ in range(choose.randrange(5, 40)):
        a, b = choose.choice(pool), choose.choice(pool)
        pool.append(
            choose.choice(
                [
                    lambda a=a, b=b: plugrad.sin(a + b),
                    lambda a=a, b=b: plugrad.tanh(a * b),
                    lambda a=a, b=b: a - b / (b * b + 1),
                    lambda a=a: 0.5 * a + a,
                    lambda a=a: plugrad.cos(a).sum(axis=0 if a.ndim else None),
                    lambda a=a, b=b: plugrad.maximum(a, b) - 1,
                ]
            )()
        )
    return plugrad.sin(pool[-1] + pool[-2] * pool[len(pool) // 2]).sum()


def make_leaves():
    return [
        plugrad.tensor([[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]], requires_grad=True),
        plugrad.tensor([0.7, -0.8, 0.9], requires_grad=True),
        plugrad.tensor(0.25, requires_grad=True),
    ]


@pytest.mark.parametrize("seed", range(25))
def test_the_fast_engine_agrees_with_the_plain_one(backend, seed):
    leaves = make_leaves()
    y = random_program(seed, leaves)
    plain = plugrad.autograd.grad(y, leaves, retain_graph=True, materialize_grads=True)
    recorded = plugrad.autograd.grad(y, leaves, create_graph=True, materialize_grads=True)
    y.backward()
    for leaf, one, two in zip(leaves, plain, recorded, strict=True):
        found = leaf.grad if leaf.grad is not None else plugrad.zeros_like(leaf)
        assert_close(found, one)
        assert_close(two.detach(), one)


def ordered_op(log, name):
    class Noted(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            log.append(name)
            return g

    return Noted.apply


@pytest.mark.parametrize("engine", ["fast", "plain"])
def test_backward_is_the_program_in_reverse(backend, engine):
    log = []
    x, z = plugrad.tensor(1.0, requires_grad=True), plugrad.tensor(1.0, requires_grad=True)
    a = ordered_op(log, 0)(x)
    b = ordered_op(log, 1)(z)
    c = ordered_op(log, 2)(x)
    d = ordered_op(log, 3)(a + b)
    e = ordered_op(log, 4)(z)
    f = ordered_op(log, 5)(c * d)
    y = a + e + f + b
    if engine == "fast":
        y.backward()
    else:
        plugrad.autograd.grad(y, [x, z])
    assert log == [5, 4, 3, 2, 1, 0]


def test_nodes_off_the_path_do_not_run(backend):
    log = []
    x, z = plugrad.tensor(1.0, requires_grad=True), plugrad.tensor(1.0, requires_grad=True)
    y = ordered_op(log, "x")(x) * ordered_op(log, "z")(z)
    plugrad.autograd.grad(y, [z])
    assert log == ["z"]


def test_grad_of_an_intermediate(backend):
    x = plugrad.tensor(2.0, requires_grad=True)
    h = x * x
    y = h * h * x
    dh, dx = plugrad.autograd.grad(y, [h, x])
    assert dh.item() == 2 * 4 * 2
    assert dx.item() == 5 * 2**4
    assert x.grad is None


def test_unused_inputs(backend):
    x, z = plugrad.tensor(2.0, requires_grad=True), plugrad.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=r"not have been used in the graph.*inputs\[1\].*allow_unused=True"):
        plugrad.autograd.grad(x * x, [x, z])
    assert plugrad.autograd.grad(x * x, [x, z], allow_unused=True)[1] is None
    assert_close(plugrad.autograd.grad(x * x, [x, z], materialize_grads=True)[1], [0.0, 0.0])


def test_several_roots(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    h = x * x
    plugrad.autograd.backward([h, h.sum(), 3 * h], [plugrad.ones(2), None, plugrad.tensor([1.0, 10.0])])
    assert_close(x.grad, [2 * (1 + 1 + 3), 4.0 * (1 + 1 + 30)])


def test_backward_into_inputs_alone(backend):
    x, z = plugrad.tensor(2.0, requires_grad=True), plugrad.tensor(3.0, requires_grad=True)
    h = x * z
    (h * x).backward(inputs=[x, h])
    assert x.grad.item() == 12
    assert z.grad is None
    assert h.grad.item() == 2


def test_gradients_accumulate(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    (x * 3).sum().backward()
    assert_close(x.grad, [5.0, 7.0])


def test_third_derivative(backend):
    x = plugrad.tensor(0.5, requires_grad=True)
    y = plugrad.exp(2 * x) * x
    for _ in range(3):
        (y,) = plugrad.autograd.grad(y, [x], create_graph=True)
    import math

    assert y.item() == pytest.approx(math.exp(1) * (8 * 0.5 + 12))


def test_backward_with_create_graph(backend):
    x = plugrad.tensor(3.0, requires_grad=True)
    with pytest.warns(UserWarning, match="reference cycle"):
        (x * x * x).backward(create_graph=True)
    assert x.grad.requires_grad
    (second,) = plugrad.autograd.grad(x.grad, [x])
    assert second.item() == 18


def test_backward_from_a_leaf(backend):
    x = plugrad.tensor(3.0, requires_grad=True)
    x.backward()
    x.backward(plugrad.tensor(5.0))
    assert x.grad.item() == 6


def test_retain_grad(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    h = x * x
    h.retain_grad()
    (h * h).sum().backward()
    assert_close(h.grad, [2.0, 8.0])
    assert_close(x.grad, [4.0, 32.0])


# -- runs inside runs, and beside them ------------------------------------------------------------------------


def test_backward_inside_a_backward(backend):
    x = plugrad.tensor(2.0, requires_grad=True)
    shared = x * x

    class Nested(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, y):
            return y * 1

        @staticmethod
        def backward(ctx, g):
            (inner,) = plugrad.autograd.grad(shared, [x], retain_graph=True)
            with plugrad.enable_grad():
                other = shared * shared
            other.backward(retain_graph=True)
            return g * inner

    y = Nested.apply(shared) + shared
    y.backward()
    assert x.grad.item() == 4 * 8 + (4 * 4 + 4)


def test_a_second_thread_takes_the_plain_engine(backend):
    x = plugrad.tensor(2.0, requires_grad=True)
    y = x * x
    with fast.token:
        y.backward()
    assert x.grad.item() == 4
    assert not fast.token.locked()


@pytest.mark.parametrize("retain", [False, True])
def test_threads_on_one_trunk_lose_no_gradient(backend, retain):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    trunk = x + x + 1 if not retain else plugrad.sin(x * 2)
    heads = [trunk + k for k in range(8)] if not retain else [plugrad.exp(trunk) for _ in range(8)]
    seen = []

    def run(head):
        head.sum().backward(retain_graph=retain)
        seen.append(x.grad is not None)

    threads = [threading.Thread(target=run, args=(head,)) for head in heads]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == [True] * 8
    (one,) = plugrad.autograd.grad(heads[0].sum(), [x], retain_graph=True)
    assert_close(x.grad, [8 * g for g in one.tolist()])


def test_modes_are_a_threads_own(backend):
    x = plugrad.tensor(1.0, requires_grad=True)
    found = []
    with plugrad.no_grad():
        t = threading.Thread(target=lambda: found.append((x * x).requires_grad))
        t.start()
        t.join()
        assert not (x * x).requires_grad
    assert found == [True]


# -- failures --------------------------------------------------------------------------------------------------


class Bomb(plugrad.autograd.Function):
    armed = True

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        if Bomb.armed:
            raise ZeroDivisionError("boom")
        return g


@pytest.mark.parametrize("busy", [False, True], ids=["fast", "plain"])
def test_a_backward_that_fails_midway_writes_nothing(backend, busy):
    x, z = plugrad.tensor(2.0, requires_grad=True), plugrad.tensor(3.0, requires_grad=True)
    h = x * z
    y = Bomb.apply(h * x) + z * z
    Bomb.armed = True
    if busy:
        fast.token.acquire()
    try:
        with pytest.raises(ZeroDivisionError, match="boom"):
            y.backward(retain_graph=True)
    finally:
        if busy:
            fast.token.release()
    assert x.grad is None
    assert z.grad is None
    Bomb.armed = False
    y.backward()
    assert x.grad.item() == 2 * 2 * 3
    assert z.grad.item() == 4 + 6


def test_freed_nodes_say_so_after_a_failure(backend):
    x = plugrad.tensor(2.0, requires_grad=True)
    y = plugrad.exp(Bomb.apply(x * x))
    Bomb.armed = True
    with pytest.raises(ZeroDivisionError):
        y.backward()
    Bomb.armed = False
    with pytest.raises(RuntimeError, match="ExpBackward0.*freed"):
        y.backward()
    assert x.grad is None


# -- memory ----------------------------------------------------------------------------------------------------


def test_a_dropped_graph_is_freed_at_once(backend):
    gc.disable()
    try:
        x = plugrad.tensor([1.0, 2.0], requires_grad=True)
        y = plugrad.exp(x * x)
        y = (y / (y + 1)).sum()
        nodes = [weakref.ref(y.grad_fn), weakref.ref(y.grad_fn.next_functions[0][0])]
        del y
        assert [n() for n in nodes] == [None, None]
    finally:
        gc.enable()


@pytest.mark.only("numpy", "strict")
@pytest.mark.parametrize("operation", ["multiply", "divide", "matmul", "maximum"])
def test_nothing_is_saved_that_no_asked_gradient_reads(backend, operation):
    x = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    w = plugrad.tensor([[5.0, 6.0], [7.0, 8.0]])
    read = operation == "maximum"  # whose formula compares the two
    for _ in range(2):  # by the ordinary door, and by the fast one
        hidden = x + 1.0
        array = weakref.ref(hidden.array)
        y = getattr(plugrad, operation)(hidden, w)
        del hidden
        assert (array() is not None) == read
        y.sum().backward()


def test_training_makes_no_cycles(backend):
    x = plugrad.tensor([[0.5, -1.0]], requires_grad=True)

    def step():
        y = plugrad.tanh(plugrad.exp(x) / 3).sum()
        y.backward()
        x.grad = None

    step()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            step()
        assert gc.collect() == 0
    finally:
        gc.enable()
