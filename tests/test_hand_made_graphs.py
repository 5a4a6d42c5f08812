"""The node's layout carries what is to come: graphs put together by hand."""

import pytest

import plugrad
from plugrad.autograd import fast
from plugrad.autograd.node import Node, bare_node, next_seq
from plugrad.autograd.rules import Outputs, Rule, port
from plugrad.registry.spec import wrap
from values import assert_close


class HandMade(Rule):
    """A rule from a function: (list of cotangents of the outputs) -> cotangents of the edges."""

    def __init__(self, name, formula):
        super().__init__(name, f"{name}Backward0")
        self.formula = formula

    def edges(self, n):
        return n.edge1

    def cotangents(self, n, g, wanted, tensors):
        for e, d in zip(n.edge1, self.formula(g), strict=True):
            if e in wanted and d is not None:
                yield e, d


def node(name, edges, formula, outputs=1) -> Node:
    n = bare_node(HandMade(name, formula), None, next_seq())
    n.edge1 = tuple(edges)
    if outputs > 1:
        n.more = Outputs(outputs)
    return n


def made_by(tensor, n):
    t = wrap(tensor.array if hasattr(tensor, "array") else tensor)
    t._node = n
    return t


@pytest.fixture(params=["fast", "plain"])
def engine(request):
    """Which engine a ``backward`` gets."""
    if request.param == "plain":
        with fast.token:
            yield request.param
    else:
        yield request.param


def test_a_node_of_several_outputs(backend, engine):
    x = plugrad.tensor(3.0, requires_grad=True)
    seen = []

    def formula(gs):  # double, triple and quadruple of x
        seen.append(list(gs))
        return [sum(k * g for k, g in zip((2, 3, 4), gs, strict=True) if g is not None)]

    n = node("multiples", [x._node], formula, outputs=3)
    double, triple, quadruple = (made_by(x.detach() * k, port(n, i)) for i, k in enumerate((2, 3, 4)))
    assert quadruple.grad_fn is n
    y = double * triple  # 6 x**2; the third output is not used
    assert y.grad_fn.next_functions == ((n, 0), (n, 1))
    y.backward()
    assert x.grad.item() == 36
    ((first, second, third),) = seen
    assert (float(first), float(second), third) == (9, 6, None)


def test_a_view_with_two_siblings(backend, engine):
    """In-place on one view of three gives base and siblings new nodes: x[0] *= 10, with x[1] and x[2] left."""
    base = plugrad.tensor([1.0, 2.0, 3.0], requires_grad=True) * 1
    leaf = base.grad_fn.next_functions[0][0].variable
    first, second = base[0], base[1]
    stale = first * second
    written = first * 10

    def copy_slices(gs):
        g = wrap(gs)
        return [(g * plugrad.tensor([0.0, 1.0, 1.0])).array, g[0].array if backend.writable else g[0]._array]

    n = node("CopySlices", [base._node, written._node], copy_slices)
    new_base = made_by(plugrad.concat([written.detach().reshape(1), base.detach()[1:]]), n)
    new_first, new_second = new_base[0], new_base[1]
    (new_first * new_second * new_base[2] + stale).backward()
    assert_close(leaf.grad, [10 * 6 + 2.0, 10 * 3 + 1.0, 10 * 2.0])


def test_a_hooked_node(backend, engine):
    x = plugrad.tensor(3.0, requires_grad=True)
    seen = []
    h = x * x
    h.register_hook(lambda g: seen.append(g.item()))
    h.register_hook(lambda g: g * 10)
    h.retain_grad()
    handle = h.register_hook(lambda g: g * 1000)
    handle.remove()
    handle.remove()
    x.register_hook(lambda g: g + 1)
    y = h + h * 2
    y.backward()
    assert seen == [3]
    assert h.grad.item() == 30
    assert x.grad.item() == 6 * 30 + 1
    with pytest.raises(RuntimeError, match="MulBackward0.*freed"):
        h.backward()


class Token:
    """What orders side effects: a cotangent without an array."""

    def __add__(self, other):
        return self

    __radd__ = __add__


def test_a_token_between_two_ordered_ops(backend, engine):
    """send and receive return a token; a token's cotangent reaches a node that no array's does."""
    token, log = Token(), []
    x = plugrad.tensor(2.0, requires_grad=True)

    def send(gs):
        log.append(("send", gs[0] is None, gs[1] is token))
        return [2 * gs[0] if gs[0] is not None else x._spec.backend.zero(x._spec), None]

    def receive(gs):
        log.append(("receive", float(gs[0]), gs[1] is None))
        return [3 * gs[0], token]

    sender = node("send", [x._node, None], send, outputs=2)
    sent = port(sender, 1)
    receiver = node("receive", [x._node, sent], receive, outputs=2)
    received = made_by(x.detach() * 3, port(receiver, 0))
    (received * 5).backward()
    assert log == [("receive", 5.0, True), ("send", True, True)], "the reverse of the program, and both ran"
    assert x.grad.item() == 15
