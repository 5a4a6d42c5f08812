"""The graph as data: nodes, edges as arguments, nodes that are called, hooks on several tensors."""

import gc
import weakref

import pytest

import plugrad
from plugrad.autograd import backward, fast, grad, graph
from plugrad.errors import GraphError, ShapeError
from values import assert_close


@pytest.fixture(params=["fast", "plain"])
def engine(request):
    if request.param == "fast":
        yield "fast"
    else:
        with fast.token:
            yield "plain"


@pytest.fixture
def x(backend):
    return plugrad.tensor(2.0, requires_grad=True)


class Split(plugrad.autograd.Function):
    """(2 x, 3 x)"""

    @staticmethod
    def forward(ctx, x):
        return x * 2, x * 3

    @staticmethod
    def backward(ctx, g, h):
        return 2 * g + 3 * h


def item(gradients):
    return [None if g is None else g.item() for g in gradients]


# -- edges --------------------------------------------------------------------------------


def test_an_edge_is_named(x):
    h = x * x
    edge = graph.get_gradient_edge(h)
    assert isinstance(edge, graph.GradientEdge)
    assert edge.node is h.grad_fn
    assert edge.output_nr == h.output_nr == 0
    assert edge._fields == ("node", "output_nr", "ownership_token")
    assert graph.get_gradient_edge(x).node is h.grad_fn.next_functions[0][0]
    with pytest.raises(GraphError, match="not possible to get the gradient edge for a Tensor that does not require"):
        graph.get_gradient_edge(plugrad.tensor(1.0))


def test_edges_as_inputs_of_grad(x):
    h = x * x
    y = h * 3
    edge = graph.get_gradient_edge(h)
    assert item(grad(y, edge, retain_graph=True)) == [3]
    assert item(grad(y, [edge, x, graph.get_gradient_edge(x)], retain_graph=True)) == [3, 12, 12]
    by_hand = graph.GradientEdge(h.grad_fn, 0, None)
    assert item(grad(y, [by_hand], retain_graph=True)) == [3]
    unused = graph.get_gradient_edge(x * 5)
    assert item(grad(y, [unused, by_hand], retain_graph=True, allow_unused=True)) == [None, 3]
    assert item(grad(y, unused, materialize_grads=True)) == [0]


def test_edges_as_outputs(x):
    h = x * x
    edge = graph.get_gradient_edge(h)
    assert item(grad(edge, x, retain_graph=True)) == [4]
    assert item(grad([edge, h], x, [plugrad.tensor(2.0), None], retain_graph=True)) == [12]
    backward(edge, retain_graph=True)
    backward([edge], plugrad.tensor(10.0), retain_graph=True)
    assert x.grad.item() == 44
    by_hand = graph.GradientEdge(h.grad_fn, 0, None)
    with pytest.raises(GraphError, match="pass a gradient"):
        backward(by_hand, retain_graph=True)
    backward(by_hand, plugrad.tensor(1.0))
    assert x.grad.item() == 48


def test_the_gradient_of_an_edge_is_checked(x):
    edge = graph.get_gradient_edge(x * x)
    with pytest.raises(ShapeError, match="Mismatch in shape"):
        backward(edge, plugrad.ones(3))


def test_backward_into_edges(x):
    h = x * x
    y = h * 3
    y.backward(inputs=[graph.get_gradient_edge(x), graph.get_gradient_edge(h)])
    assert x.grad.item() == 12
    assert not h.retains_grad


def test_edges_of_several_outputs(x):
    a, b = Split.apply(x)
    assert (a.output_nr, b.output_nr) == (0, 1)
    y = a * b
    edges = [graph.get_gradient_edge(a), graph.get_gradient_edge(b)]
    assert [e.node for e in edges] == [a.grad_fn] * 2
    assert item(grad(y, edges, retain_graph=True)) == [6, 4]
    assert item(grad(y, [graph.GradientEdge(a.grad_fn, 1)], retain_graph=True)) == [4]
    assert item(grad(edges[1], x, retain_graph=True)) == [3]
    del b
    assert item(grad(y, edges)) == [6, 4]


@pytest.mark.writable
def test_an_edge_of_a_tensor_before_an_in_place_change(x):
    h = x * x
    edge = graph.get_gradient_edge(h)
    h.mul_(2)
    y = h * 3
    assert item(grad(y, [edge, h, x], retain_graph=True)) == [6, 3, 24]
    assert item(grad(edge, x)) == [4]


def test_the_output_of_a_second_order_graph_is_one_place(backend):
    """What a formula reads of an output adds to the same gradient as what the program reads of it."""

    class Outputs(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y, z = x * x, x * 1
            ctx.save_for_backward(y)
            return y, z

        @staticmethod
        def backward(ctx, g, h):
            (y,) = ctx.saved_tensors
            return g * y + h

    x = plugrad.tensor(3.0, requires_grad=True)
    y, _ = Outputs.apply(x)
    (g,) = grad(y, x, create_graph=True)
    assert item(grad(g * 1 + y * 10, [y])) == [11]


# -- nodes --------------------------------------------------------------------------------


def test_a_node_is_called(x):
    y = x * plugrad.tensor(3.0)
    log = []
    y.register_hook(log.append)
    y.grad_fn.register_prehook(log.append)
    found = y.grad_fn(plugrad.tensor(5.0))
    assert item(found) == [15, None]
    assert item(y.grad_fn(None)) == [None, None]
    assert log == [], "no hook runs"
    assert x.grad is None
    y.backward()
    with pytest.raises(GraphError, match="second time"):
        y.grad_fn(plugrad.tensor(1.0))
    with pytest.raises(TypeError, match="expected 1 arguments, got 2 instead"):
        y.grad_fn(None, None)


def test_a_called_node_records_in_grad_mode(x):
    y = x * x
    first, second = y.grad_fn(plugrad.tensor(5.0))
    assert first.requires_grad
    assert item(grad(first + second, x)) == [10]
    with plugrad.no_grad():
        assert not y.grad_fn(plugrad.tensor(5.0))[0].requires_grad


def test_a_called_leaf_s_node_accumulates(x):
    leaf = (x * x).grad_fn.next_functions[0][0]
    with plugrad.no_grad():
        assert leaf(plugrad.tensor(3.0)) == ()
        assert leaf(plugrad.tensor(4.0)) == ()
    assert x.grad.item() == 7


def test_a_called_node_of_several_outputs(x):
    a, _ = Split.apply(x)
    assert item(a.grad_fn(plugrad.tensor(1.0), plugrad.tensor(10.0))) == [32]
    assert item(a.grad_fn(None, plugrad.tensor(10.0))) == [30]


def test_packed_values_are_unpacked_by_a_called_node(x):
    with graph.saved_tensors_hooks(lambda t: t.tolist(), plugrad.tensor):
        y = x * x
    assert item(y.grad_fn(plugrad.tensor(1.0))) == [2, 2]


def test_next_functions(x):
    w = plugrad.tensor(3.0)
    a, b = Split.apply(x)
    y = (b - w) * a
    (difference, zero), (split, number) = y.grad_fn.next_functions
    assert (difference.name(), zero) == ("SubBackward0", 0)
    assert split is a.grad_fn
    assert number == 0
    assert difference.next_functions == ((a.grad_fn, 1), (None, 0))
    assert isinstance(difference, graph.Node)


# -- hooks on several tensors --------------------------------------------------------------------------------


@pytest.fixture
def leaves(backend):
    return [plugrad.tensor(2.0 + k, requires_grad=True) for k in range(3)]


def test_a_hook_on_all(leaves):
    a, b, c = leaves
    log = []
    handle = graph.register_multi_grad_hook(leaves, lambda gs: log.append(item(gs)))
    (a * b).backward()
    (c * b).backward()
    grad(a * b * c, leaves)
    assert log == [[3, 2, None], [None, 4, 3], [12, 8, 6]]
    log.clear()
    grad(a * b * c, [a])
    assert log == [[12, None, None]], "the others are not computed"
    handle.remove()
    (a * b).backward()
    assert len(log) == 1


def test_a_hook_on_all_waits_for_the_last(x):
    a, b = x * 2, x * 3
    log = []
    graph.register_multi_grad_hook([a, b], lambda gs: log.append(item(gs)))
    x.register_hook(lambda g: log.append(g.item()))
    (a * b).backward(retain_graph=True)
    assert log == [[6, 4], 24]


def test_a_hook_on_any(leaves):
    a, b, c = leaves
    log = []
    with graph.register_multi_grad_hook([a, b], lambda g: log.append(g.item()), mode="any"):
        for _ in range(2):
            (a * b * c).backward()
        (c * c).backward()
        assert len(log) == 2
        assert set(log) <= {12, 8}
    (a * b).backward()
    assert len(log) == 2


def test_a_gradient_that_stays_undefined_is_not_waited_for(leaves):
    class First(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a * b

        @staticmethod
        def backward(ctx, g):
            return g * 7, None

    a, b, _ = leaves
    log = []
    graph.register_multi_grad_hook([a, b], lambda gs: log.append(item(gs)))
    First.apply(a, b).backward()
    assert log == [[7, None]]
    assert b.grad is None


def test_a_failed_backward_leaves_no_half_of_a_multi_hook(leaves):
    a, b, _ = leaves
    log = []
    graph.register_multi_grad_hook([a * 1, b], lambda gs: None).remove()
    handle = b.register_hook(lambda g: 1 / 0)
    graph.register_multi_grad_hook([a, b], lambda gs: log.append(item(gs)))
    with pytest.raises(ZeroDivisionError):
        (a * b).backward()
    handle.remove()
    (a * b).backward()
    assert log == [[3, 2]]


def test_who_takes_no_multi_hook(x):
    with pytest.raises(ValueError, match=r"one of \('all', 'any'\) but got most"):
        graph.register_multi_grad_hook([x], print, mode="most")
    with pytest.raises(GraphError, match="doesn't require gradient"):
        graph.register_multi_grad_hook([x, plugrad.tensor(1.0)], print)


def test_a_multi_hook_goes_with_its_graph(x):
    def hook(gs):
        return None

    alive = weakref.ref(hook)
    handle = graph.register_multi_grad_hook([x * 1, x * 2], hook)
    del hook
    gc.collect()
    assert alive() is None
    handle.remove()


def test_edges_survive_the_tensor(backend, engine):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    h = x * x
    edge = graph.get_gradient_edge(h)
    y = (h * 3).sum()
    del h
    assert_close(grad(y, edge)[0], [3.0, 3.0])
