"""Floor 5: a picture of a graph, as SVG. It needs no other library.

The program reads downwards: leaves, then a box for each op that was recorded, the result last. On each edge stands
the local gradient where it is one number: how the op's result changes with that input. A gradient of the result is
the product of these along a path, summed over all paths.
"""

from __future__ import annotations

from itertools import pairwise

from .autograd.mode import no_grad
from .autograd.node import state
from .autograd.rules import EVERY, PORT
from .autograd.saved import check_saved
from .conversion import item
from .errors import GraphError
from .registry.spec import spec_of, wrap
from .registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike
    from typing import Any

    from .autograd.node import Node
    from .registry.spec import Spec

    Pairs = dict[tuple[Node, Node], str]
    Layers = list[list["Box"]]

CHARACTER, LINE, PADDING = 8, 17, 10  # pixels
GAP, RISE = 34, 60  # between boxes, and between layers
ROUNDS = 12  # of putting boxes below their inputs and above their consumers
CAPTION = "On an edge: the local gradient, how the op's result changes with that input."


def svg(root: Tensor, path: str | PathLike[str] | None = None, /, **names: Tensor) -> str:
    """Draw the graph that made ``root``, and return the picture; also write it to ``path``, if one is given::

        show.svg(L, "graph.svg", w1=w1, a=a, L=L)

    Nothing is freed, accumulated or recorded, and no hook is called. Draw before ``backward``, or retain the graph.

    :param names: tensors of the graph, leaves or results, by the name that they are to be shown with.
    :raises GraphError: if ``root`` requires no gradient, a named tensor is not in its graph, or the graph was freed.
    """
    if root._node is None:
        raise GraphError("this tensor requires no gradient, so there is no graph to show")
    specs, edges = _walked(root)
    boxes = {node: Box([_op_name(node), str(spec.shape)], not node.seq) for node, spec in specs.items()}
    for node in specs:
        if not node.seq and node.variable is not None:
            boxes[node].title = _number(node.variable._array)
    for name, t in names.items():
        node = _op_node(t._node)
        if node not in boxes:
            raise GraphError(
                f"{name} is not in this graph: the result does not depend on it, or it requires no gradient"
            )
        value = _number(t._array)
        boxes[node].title = f"{name} = {value}" if value else name
    layers, routes = _layered(boxes, edges)
    _arrange(layers)
    picture = _drawn(layers, routes)
    if path is not None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(picture)
    return picture


# -- reading the graph --------------------------------------------------------------------------------------------


def _walked(root: Tensor) -> tuple[dict[Node, Spec], Pairs]:
    """Each op's node and leaf with its result's spec, and each edge, from input to consumer, with its local gradient.

    Newest first, as in the engine; but what each op is handed is not the cotangent that has come so far but one.
    """
    start: Any = root._node
    specs: dict[Node, Spec] = {start: root._spec}
    edges: Pairs = {}
    ones: dict[Node, Any] = {}
    reachable = _reachable(start)
    for node in sorted(reachable, key=lambda n: -n.seq):
        spec = specs[node]
        one = spec.backend.one(spec)
        if node.rule.inner is PORT:
            several = ones.setdefault(node.edge1, [None] * node.edge1.more.outputs)
            several[node.saved1] = one
            specs[node.edge1] = specs.pop(node)
            continue
        if not node.seq:
            continue
        if node.seq < state.stamp:
            check_saved(node)
        g = ones.get(node, one)
        with no_grad():
            found = list(node.rule.inner.cotangents(node, g, EVERY, False))
        for edge, d in found:
            specs.setdefault(edge, spec_of(d))
            pair = _op_node(edge), node
            label = "" if isinstance(g, list) else _number(d)
            edges[pair] = f"{edges[pair]} + {label}" if edges.get(pair) and label else label
    return {node: specs[node] for node in reachable if node in specs}, edges


def _reachable(root: Node) -> dict[Node, None]:
    """In the order of a walk that takes the first input first, so that a graph is always drawn alike."""
    found: dict[Node, None] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node not in found:
            found[node] = None
            stack.extend(e for e in reversed(node.rule.edges(node)) if e is not None)
    return found


def _op_node(node: Any) -> Any:
    """The node of the op, for one of several outputs."""
    return node.edge1 if node is not None and node.rule.inner is PORT else node


def _op_name(node: Node) -> str:
    return node.name() if node.seq else "leaf"


def _number(array: Any) -> str:
    """The element of an array that has one; nothing for others."""
    t = wrap(array)
    return "" if any(extent != 1 for extent in t._spec.shape) else f"{item(t):.4g}"


# -- placing boxes --------------------------------------------------------------------------------------------------


class Box:
    """A node's box, or the bend of an edge that passes a layer. ``x`` is the middle."""

    __slots__ = ("inputs", "leaf", "lines", "outputs", "title", "x", "y")

    def __init__(self, lines: Sequence[str] = (), leaf: bool = False) -> None:
        self.lines, self.leaf, self.title = lines, leaf, ""
        self.inputs: list[Box] = []  # neighbours in the layers above and below
        self.outputs: list[Box] = []
        self.x = self.y = 0.0

    @property
    def text(self) -> list[str]:
        return [self.title, *self.lines] if self.title else [*self.lines]

    @property
    def width(self) -> int:
        return max([len(line) * CHARACTER for line in self.text], default=0) + 2 * PADDING

    @property
    def height(self) -> int:
        return len(self.text) * LINE + PADDING if self.lines else 0


def _layered(boxes: dict[Node, Box], edges: Pairs) -> tuple[Layers, list[tuple[list[Box], str]]]:
    """Every box below its inputs, leaves just above their first consumer; and the boxes that each edge goes through."""
    level = dict.fromkeys(boxes, 0)
    for source, node in sorted(edges, key=lambda pair: pair[1].seq):
        level[node] = max(level[node], level[source] + 1)
    for leaf in boxes:
        if not leaf.seq:
            level[leaf] = min((level[node] for source, node in edges if source is leaf), default=1) - 1
    layers: Layers = [[] for _ in range(max(level.values()) + 1)]
    for node in sorted(boxes, key=lambda n: n.seq):
        layers[level[node]].append(boxes[node])
    routes = []
    for (source, node), label in edges.items():
        bends = [Box() for _ in range(level[source] + 1, level[node])]
        for k, bend in enumerate(bends, level[source] + 1):
            layers[k].append(bend)
        route = [boxes[source], *bends, boxes[node]]
        for above, below in pairwise(route):
            above.outputs.append(below)
            below.inputs.append(above)
        routes.append((route, label))
    return layers, routes


def _arrange(layers: Layers) -> None:
    """Order each layer by where its neighbours are, which takes out most crossings; then go as near to them as fits."""
    for layer in layers:
        _spread(layer, [0.0] * len(layer))
    for k in range(ROUNDS):
        downwards = k % 2 == 0
        for layer in layers if downwards else reversed(layers):
            near = {box: _middle(box.inputs if downwards else box.outputs, box.x) for box in layer}
            layer.sort(key=near.__getitem__)
            _spread(layer, [near[box] for box in layer])
    for layer in layers:
        _spread(layer, [_middle(box.inputs + box.outputs, box.x) for box in layer])
    left = min(box.x - box.width / 2 for layer in layers for box in layer)
    top = 0.0
    for layer in layers:
        tallest = max(box.height for box in layer)
        for box in layer:
            box.x -= left
            box.y = top + (tallest - box.height) / 2
        top += tallest + RISE


def _middle(boxes: Iterable[Box], otherwise: float) -> float:
    places = [box.x for box in boxes]
    return sum(places) / len(places) if places else otherwise


def _spread(layer: list[Box], wanted: list[float]) -> None:
    """Give each box the place that it wants, but none that overlaps the box before it; as a whole not off to a side."""
    edge = float("-inf")
    for box, x in zip(layer, wanted):
        box.x = max(x, edge + box.width / 2)
        edge = box.x + box.width / 2 + GAP
    off = sum(box.x - x for box, x in zip(layer, wanted)) / len(layer)
    for box in layer:
        box.x -= off


# -- drawing --------------------------------------------------------------------------------------------------------

HEAD = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{corner} {width} {height}">
<style>
svg {{ background: white; font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
text {{ text-anchor: middle; fill: #222; }}
.title {{ font-weight: bold; }}
rect {{ fill: #eaf1fb; stroke: #4a76b8; rx: 5px; }}
.leaf {{ fill: #eef7e8; stroke: #5b9138; }}
path {{ fill: none; stroke: #888; }}
.local {{ fill: #b3261e; paint-order: stroke; stroke: white; stroke-width: 5px; }}
.caption {{ fill: #666; font-size: 11px; text-anchor: start; }}
</style>
<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0,0 L8,4 L0,8 z" style="fill: #888; stroke: none"/></marker>
"""


def _drawn(layers: Layers, routes: list[tuple[list[Box], str]]) -> str:
    from html import escape

    boxes = [box for layer in layers for box in layer]
    right = max(len(CAPTION) * 6.6, *(box.x + box.width / 2 for box in boxes))
    bottom = max(box.y + box.height for box in boxes)
    width, height = round(right) + 2 * PADDING, round(bottom) + 4 * PADDING
    parts = [HEAD.format(corner=f"{-PADDING} {-PADDING}", width=width, height=height)]
    parts += [f'<path d="{_curve(route)}" marker-end="url(#head)"/>' for route, _ in routes]
    for route, label in routes:
        start, end = route[0], route[1]
        x, y = (start.x + end.x) / 2, (start.y + start.height + end.y) / 2 + 4
        parts.append(f'<text class="local" x="{x:.0f}" y="{y:.0f}">{escape(label)}</text>')
    for box in boxes:
        if not box.lines:
            continue
        kind = ' class="leaf"' if box.leaf else ""
        x, y, width, height = box.x - box.width / 2, box.y, box.width, box.height
        parts.append(f'<rect{kind} x="{x:.0f}" y="{y:.0f}" width="{width}" height="{height}"/>')
        for k, line in enumerate(box.text, 1):
            style = ' class="title"' if k == 1 and box.title else ""
            parts.append(f'<text{style} x="{box.x:.0f}" y="{box.y + k * LINE:.0f}">{escape(line)}</text>')
    parts.append(f'<text class="caption" x="0" y="{bottom + 2 * PADDING:.0f}">{CAPTION}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _curve(route: list[Box]) -> str:
    """From the bottom of the first box, through the bends, to the top of the last."""
    x, y = route[0].x, route[0].y + route[0].height
    path = f"M{x:.0f},{y:.0f}"
    for box in route[1:]:
        half = (y + box.y) / 2
        path += f" C{x:.0f},{half:.0f} {box.x:.0f},{half:.0f} {box.x:.0f},{box.y:.0f}"
        x, y = box.x, box.y
    return path
