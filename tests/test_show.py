"""Pictures of graphs: what stands in them, and that drawing leaves the graph as it was."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

import plugrad
from plugrad import show
from plugrad.errors import GraphError

SVG = "{http://www.w3.org/2000/svg}"


def leaf(data):
    return plugrad.tensor(data, requires_grad=True)


def tutorial():
    t = {name: leaf(value) for name, value in {"w1": 2.0, "w2": 3.0, "w3": 4.0, "w4": 5.0, "a": 1.5}.items()}
    t["b"] = t["w1"] * t["a"]
    t["c"] = t["w2"] * t["a"]
    t["d"] = t["w3"] * t["b"] + t["w4"] * t["c"]
    t["L"] = 10 - t["d"]
    return t


def texts(picture, style=None):
    found = ElementTree.fromstring(picture).iter(f"{SVG}text")
    return [t.text or "" for t in found if style is None or t.get("class") == style]


def test_the_tutorials_network(backend):
    t = tutorial()
    picture = show.svg(t["L"], **t)
    assert sorted(texts(picture, "title")) == sorted(f"{name} = {value.item():.4g}" for name, value in t.items())
    assert sorted(map(float, texts(picture, "local"))) == sorted([1.5, 1.5, 2, 3, 4, 3, 5, 4.5, 1, 1, -1])
    shown = texts(picture)
    assert shown.count("leaf") == 5
    assert shown.count("MulBackward0") == 4
    assert shown.count("AddBackward0") == shown.count("SubBackward0") == 1
    assert shown.count("()") == 11
    assert len(re.findall("marker-end", picture)) == 11


def test_it_is_drawn_alike_each_time(backend):
    assert len({show.svg(tutorial()["L"]) for _ in range(5)}) == 1


def test_boxes_do_not_overlap(backend):
    x = leaf([1.0, 2.0])
    h = x
    for _ in range(3):
        h = h * x + plugrad.sin(h)
    rectangles = ElementTree.fromstring(show.svg(h.sum())).iter(f"{SVG}rect")
    boxes = [[float(r.get(key)) for key in ("x", "y", "width", "height")] for r in rectangles]
    assert len(boxes) == 11
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


def test_shapes_and_where_a_local_gradient_is_no_number(backend):
    x, w = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf([[1.0], [-1.0]])
    y = x @ w
    picture = show.svg((y * 3).sum() / 2, x=x, w=w)
    shown = texts(picture)
    assert shown.count("(2, 2)") == 1
    assert shown.count("(2, 1)") == 3
    assert [label for label in texts(picture, "local") if label] == ["0.5"]


def test_an_input_that_is_used_twice_has_both_gradients_on_one_edge(backend):
    x = leaf(3.0)
    assert texts(show.svg(x * x), "local") == ["3 + 3"]


def test_inputs_without_gradient_are_left_out(backend):
    x, k = leaf(2.0), plugrad.tensor(5.0)
    shown = texts(show.svg(x * k, x=x))
    assert "x = 2" in shown
    assert shown.count("leaf") == 1


def test_a_leaf_alone(backend):
    x = leaf(2.0)
    assert "x = 2" in texts(show.svg(x, x=x))


def test_a_function_of_two_outputs_is_one_box(backend):
    class Both(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            return g * 2 + h * 3

    x = leaf(1.0)
    double, triple = Both.apply(x)
    picture = show.svg(double * triple, x=x)
    assert texts(picture).count("BothBackward") == 1
    assert [label for label in texts(picture, "local") if label] == ["3 + 2"]


def test_the_picture_is_written_and_returned(backend, tmp_path):
    path = tmp_path / "graph.svg"
    assert show.svg(tutorial()["L"], path) == path.read_text(encoding="utf-8")


def test_nothing_is_freed_accumulated_or_called(backend):
    t = tutorial()
    called = []
    t["a"].register_hook(called.append)
    t["b"].register_hook(called.append)
    t["b"].retain_grad()
    first = show.svg(t["L"], **t)
    assert not called
    assert t["a"].grad is None
    assert t["b"].grad is None
    assert show.svg(t["L"], **t) == first
    t["L"].backward()
    assert len(called) == 2
    assert t["a"].grad.item() == -(4 * 2 + 5 * 3)
    assert t["b"].grad.item() == -4


def test_names_are_escaped(backend):
    x = leaf(2.0)
    picture = show.svg(x * 2, **{"<x> & y": x})
    assert "<x> & y = 2" in texts(picture)


def test_refusals(backend):
    t = tutorial()
    with pytest.raises(GraphError, match="requires no gradient"):
        show.svg(plugrad.tensor(1.0))
    with pytest.raises(GraphError, match="other is not in this graph"):
        show.svg(t["L"], other=leaf(1.0))
    with pytest.raises(GraphError, match="k is not in this graph"):
        show.svg(t["L"], k=plugrad.tensor(1.0))
    t["L"].backward()
    with pytest.raises(GraphError, match="retain_graph=True"):
        show.svg(t["L"])


@pytest.mark.writable
def test_a_saved_value_that_was_written_is_an_error(backend):
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = x * w
    with plugrad.no_grad():
        w += 1
    with pytest.raises(GraphError, match="inplace"):
        show.svg(y)
