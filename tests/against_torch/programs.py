"""Statements of random programs, drawn from bytes; each is a line of Python that both libraries can run.

A gene is some bytes: the first says what kind of statement, the others fill it in, given the tensors that PyTorch has
made so far. Zeros are the simplest choice, and a gene of zeros is no statement: so Hypothesis can shrink a program.

Left out, because the two differ there on purpose or PyTorch does not say what should happen:

- in-place operations whose operands share memory;
- reshape of a tensor that is laid out otherwise in the other library: whether it is a view depends on that;
- ``requires_grad`` of a view without a node, which PyTorch takes from its base: views of what requires grad made under
  no_grad are written at once, which is an error with both, and dropped; a base with views does not change its flag;
- ``requires_grad_()`` of what an op may have saved: second derivatives reach it in PyTorch, though it asked for none
  when the op ran;
- ``backward(inputs=[t])`` without retaining the graph: PyTorch runs the node of ``t`` though nothing asks it to, and so
  frees it (or finds that what it saved was written: such a program ends);
- ``detach_()`` of what retains its gradient, which PyTorch goes on to write;
- writes into a frozen leaf that has a gradient: PyTorch keeps ``.grad`` though it is no leaf any more;
- hooks and kept gradients of tensors that have views: in PyTorch a write into a view goes past the nodes between the
  view and its base;
- writes into a part of an expanded tensor, which PyTorch allows where the part itself does not overlap, and ``zero_``
  and ``fill_`` of the whole, which it allows too;
- a number divided by a tensor, and prod: PyTorch saves their results, and plugrad their inputs, so that a write into
  one of them spoils another gradient, and second derivatives pass through other nodes;
- hooks that make something of zeros: a derivative of zero may be undefined in PyTorch, and then no hook runs;
- points closer than 1e-6 to a tie, a kink or a pole: the libraries' rounding would decide.
"""

import re
from itertools import pairwise

UNARY = ("exp", "sin", "tanh", "square", "negative", "cos", "abs", "sqrt", "log", "expm1")
BINARY = ("*", "+", "-", "/")
REDUCTIONS = ("sum", "mean", "max", "min")
IN_PLACE_UNARY = ("neg_", "exp_", "tanh_", "sin_", "square_", "zero_", "cos_")
IN_PLACE_BINARY = ("mul_", "add_", "sub_", "div_", "copy_")
HOOKS = ("lambda g: g * 2.0", "note({!r})", "lambda g: g * -0.5", "lambda g: None", "lambda g: tanh(g)")
NUMBERS = (2.0, 0.5, -1.5, 3.0, 0.25)
DATA = (0.5, -1.25, 2.0, 0.75, -0.5, 1.5, -0.25, 1.0, -1.75, 0.3, 0.9, -0.6)
SHAPES = ((3,), (2, 3), (), (2, 2), (1, 3), (2, 1), (4,), (2, 1, 2))
APART = 1e-6
MOST = 24


class Draw:
    """The bytes of a gene, one after the other, then zeros."""

    def __init__(self, gene):
        self.rest = list(gene)

    def __call__(self, count):
        """A number below count."""
        return self.rest.pop(0) % count if self.rest else 0

    def of(self, choices):
        return choices[self(len(choices))]

    def once_in(self, count):
        return self(count) == count - 1


class Drawn:
    """What has been drawn of a program: the tensors by name, as PyTorch made them, newest last."""

    def __init__(self, tensors, alike):
        self.tensors, self.alike = tensors, alike
        self.names = self.handles = 0
        self.expanded = set()
        self.hooked = set()

    def new(self):
        self.names += 1
        return f"t{self.names}"

    def no_view(self, t):
        """Whether a tensor requires grad, is no view and has none."""
        return t.requires_grad and t._base is None and all(u._base is not t for u in self.tensors.values())

    def pick(self, draw, fits=None):
        """A name; those for which ``fits`` holds, if any."""
        names = [n for n, t in self.tensors.items() if fits is None or fits(t)]
        return names[-1 - draw(len(names))] if names else None

    def statement(self, gene):
        """A line of Python, or None where there is nothing to do."""
        draw = Draw(gene)
        kind = draw.of(KINDS)
        if kind is None:
            return None
        quiet = draw.once_in(8)
        line = kind(self, draw)
        if kind in (view, cut) and line and (
            "broadcast_to" in line or self.expanded.intersection(re.findall(r"t\d+", line))
        ):
            self.expanded.add(line.split()[0])
        if not line or not quiet or kind in GRADIENTS:
            return line
        if kind is view:
            return None if line.split()[0] in self.expanded else self.secretly(line)
        return f"with no_grad(): {line}"

    def secretly(self, line):
        """A view made under no_grad, written and dropped in one go."""
        expression = line.partition(" = ")[2]
        return f"with no_grad(): spoilt = {expression}\ntry: spoilt.mul_(2.0)\nfinally: del spoilt"


def apart(t):
    """Whether no two elements are nearly equal."""
    values = sorted(t.detach().reshape(-1).tolist())
    return all(b - a > APART for a, b in pairwise(values))


def away(t, least=0.05):
    """Whether no element is near 0."""
    return t.numel() == 0 or t.detach().abs().min().item() > least


def broadcasts(a, b, into=False):
    """Whether the shape of b broadcasts with that of a, or into it."""
    pairs = list(zip(reversed(a), reversed(b), strict=False))
    if into:
        return len(b) <= len(a) and all(y in (x, 1) for x, y in pairs)
    return all(x == y or 1 in (x, y) for x, y in pairs)


def overlaps(t):
    """Whether elements share memory with others of the same tensor."""
    return any(stride == 0 and extent > 1 for stride, extent in zip(t.stride(), t.shape, strict=True))


def shared(a, b):
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


# -- new tensors


def leaf(self, draw):
    shape = draw.of(SHAPES)
    count = 1
    for extent in shape:
        count *= extent
    first = draw(len(DATA))
    values = [DATA[(first + 5 * i) % len(DATA)] for i in range(count)]
    for extent in reversed(shape[1:]):
        values = [values[i : i + extent] for i in range(0, len(values), extent)]
    ask = "" if draw(3) == 2 else ", requires_grad=True"
    return f"{self.new()} = tensor({values if shape else values[0]}{ask})"


def unary(self, draw):
    op = draw.of(UNARY)
    x = self.pick(draw)
    t = self.tensors[x]
    if op in ("abs", "log", "sqrt") and not away(t, APART):
        return None
    if op in ("log", "sqrt"):
        return f"{self.new()} = {op}(abs({x}))"
    return f"{self.new()} = {op}({x})"


def binary(self, draw):
    op = draw.of(BINARY)
    x = self.pick(draw)
    shape = self.tensors[x].shape
    y = self.pick(draw, lambda t: broadcasts(shape, t.shape))
    if op == "/" and not away(self.tensors[y]):
        op = "*"
    return f"{self.new()} = {x} {op} {y}"


def with_number(self, draw):
    x, c = self.pick(draw), draw.of(NUMBERS)
    form = draw.of(("{x} * {c}", "{c} - {x}", "{x} / {c}", "{x} + {c}", "{x} ** 2.0"))
    return f"{self.new()} = {form.format(x=x, c=c)}"


def extreme(self, draw):
    op = draw.of(("maximum", "minimum"))
    x = self.pick(draw)
    t = self.tensors[x]
    y = self.pick(draw, lambda u: broadcasts(t.shape, u.shape))
    u = self.tensors[y]
    return f"{self.new()} = {op}({x}, {y})" if away((t - u).detach(), APART) else None


def reduction(self, draw):
    op = draw.of(REDUCTIONS)
    x = self.pick(draw)
    t = self.tensors[x]
    axis = draw.of((None, *range(t.ndim))) if t.ndim else None
    keep = draw(2)
    if op in ("max", "min") and not apart(t):
        op = "sum"
    how = "" if axis is None else f", axis={axis}, keepdims={bool(keep)}"
    return f"{self.new()} = {op}({x}{how})"


def contraction(self, draw):
    x = self.pick(draw, lambda t: t.ndim in (1, 2))
    if x is None:
        return None
    t = self.tensors[x]
    y = self.pick(draw, lambda u: u.ndim in (1, 2) and u.shape[0] == t.shape[-1])
    return f"{self.new()} = {x} @ {y}" if y else None


def selection(self, draw):
    x = self.pick(draw)
    shape = self.tensors[x].shape
    y = self.pick(draw, lambda t: broadcasts(shape, t.shape))
    return f"{self.new()} = where({x} > 0.31415, {x}, {y})" if away(self.tensors[x] - 0.31415, APART) else None


def joined(self, draw):
    x = self.pick(draw)
    t = self.tensors[x]
    if t.numel() * 2 > MOST:
        return None
    y = self.pick(draw, lambda u: u.shape == t.shape)
    op = "concat" if t.ndim and draw(2) else "stack"
    return f"{self.new()} = {op}([{x}, {y}], axis={draw(t.ndim or 1)})"


def gathered(self, draw):
    x = self.pick(draw, lambda t: t.ndim and t.shape[0])
    if x is None or not self.tensors[x].ndim or not self.tensors[x].shape[0]:
        return None
    extent = self.tensors[x].shape[0]
    if draw(3) == 2 and away(self.tensors[x] - 0.31415, APART) and (self.tensors[x] > 0.31415).any():
        return f"{self.new()} = {x}[{x} > 0.31415]"
    return f"{self.new()} = {x}[{[draw(extent) for _ in range(2 + draw(2))]}]"


def copied(self, draw):
    return f"{self.new()} = {self.pick(draw)}.clone()"


def cut(self, draw):
    return f"{self.new()} = {self.pick(draw)}.detach()"


# -- views


def key(draw, shape):
    """A basic key for a tensor of at least one axis."""
    keys = ["0", "1:", "::2", "..., 0", "None", "...", "-1", ":1"]
    if len(shape) > 1:
        keys += [":, 0", "0, 0", ":, 1:", "..., None, 0"]
    return draw.of(keys)


def view(self, draw):
    x = self.pick(draw)
    if x in self.hooked and not self.tensors[x].is_leaf:
        return None
    t = self.tensors[x]
    shape, ndim = tuple(t.shape), t.ndim
    forms = []
    if ndim:
        forms += [f"{x}[{key(draw, shape)}]"] * 4
        forms += [f"permute_dims({x}, {tuple(range(ndim))[::-1]})"]
        if self.alike(x):
            forms += [f"{x}.reshape(-1)", f"{x}.reshape({(*shape[-1:], *shape[:-1])})", f"{x}.reshape({shape})"]
    if ndim > 1:
        forms += [f"matrix_transpose({x})"]
    if ndim < 3:
        forms += [f"expand_dims({x}, {draw(ndim + 1)})"]
        if t.numel() * 2 <= MOST:
            forms += [f"broadcast_to({x}, {(2, *shape)})"]
    forms += [f"squeeze({x}, {axis})" for axis, extent in enumerate(shape) if extent == 1][:1]
    return f"{self.new()} = {draw.of(forms)}" if forms else None


# -- in place


def target(self, draw, part=False):
    """A tensor to be written, the whole of it or a part; of an expanded one the whole, which is refused."""
    names = [
        n for n, t in self.tensors.items()
        if (n not in self.expanded or (not part and overlaps(t))) and not any(map(frozen, (t, t._base)))
    ]  # fmt: skip
    return names[-1 - draw(len(names))] if names else None


def frozen(t):
    """Whether it was a leaf that has a gradient."""
    return t is not None and not t.requires_grad and t.grad is not None


def written(self, draw):
    x = target(self, draw)
    if x is None:
        return None
    t = self.tensors[x]
    if draw(2):
        op = draw.of(IN_PLACE_UNARY)
        if op == "zero_" and x in self.expanded:
            return None
        return f"{x}.{op}()"
    op = draw.of(IN_PLACE_BINARY)
    other = self.other(draw, t)
    if op == "div_" and other in self.tensors and not away(self.tensors[other]):
        op = "mul_"
    if op == "copy_" and other not in self.tensors:
        return None if x in self.expanded else f"{x}.fill_({other})"
    return f"{x}.{op}({other})"


def other(self, draw, t):
    """The right-hand side of a write into t: a number, or a tensor that shares no memory with it."""
    if draw(3) == 2:
        return draw.of(NUMBERS)
    anything = draw.once_in(16)
    y = self.pick(draw, lambda u: not shared(t, u) and (anything or broadcasts(t.shape, u.shape, into=True)))
    return y or draw.of(NUMBERS)


Drawn.other = other


def augmented(self, draw):
    x = target(self, draw)
    if x is None:
        return None
    op = draw.of(("*=", "+=", "-="))
    return f"{x} {op} {self.other(draw, self.tensors[x])}"


def assigned(self, draw):
    x = target(self, draw, part=True)
    if x is None:
        return None
    t = self.tensors[x]
    if not t.ndim:
        return f"{x}[...] = {draw.of(NUMBERS)}"
    if draw(4) == 3 and t.shape[0]:
        where = str([draw(t.shape[0])])
        part = t[[0]]
    else:
        where = key(draw, t.shape)
        try:
            part = eval(f"t[{where}]", {"t": t.detach()})
        except IndexError:
            return None
    y = self.pick(draw, lambda u: not shared(t, u) and broadcasts(part.shape, u.shape, into=True))
    return f"{x}[{where}] = {draw.of(NUMBERS) if y is None or draw(4) == 3 else y}"


def clamped(self, draw):
    x = target(self, draw)
    if x is None:
        return None
    t = self.tensors[x].detach()
    return f"{x}.clamp_(-0.81415, 1.31415)" if away(t + 0.81415, APART) and away(t - 1.31415, APART) else None


def detached(self, draw):
    x = self.pick(draw)
    return None if self.tensors[x].retains_grad else f"{x}.detach_()"


# -- gradients


def asks(self, draw):
    x = self.pick(draw)
    if any(u._base is self.tensors[x] for u in self.tensors.values()):
        return None
    if draw.once_in(4):
        return f"{x}.requires_grad_(False)"
    return f"{x}.requires_grad_()" if self.tensors[x].requires_grad or x == list(self.tensors)[-1] else None


def retained(self, draw):
    x = self.pick(draw, self.no_view)
    if x is not None:
        self.hooked.add(x)
    return x and f"{x}.retain_grad()"


def hooked(self, draw):
    x = self.pick(draw, self.no_view)
    if x is None:
        return None
    self.handles += 1
    self.hooked.add(x)
    return f"h{self.handles} = {x}.register_hook({draw.of(HOOKS).format(x)})"


def unhooked(self, draw):
    return f"h{1 + draw(self.handles)}.remove()" if self.handles else None


def forgotten(self, draw):
    return f"del {self.pick(draw)}" if len(self.tensors) > 3 else None


def cleared(self, draw):
    x = self.pick(draw, lambda t: t.is_leaf)
    return x and f"{x}.grad = None"


def how(draw):
    """Keywords of backward and grad; most programs keep their graphs."""
    return draw.of((", retain_graph=True", ", retain_graph=True", ", create_graph=True", ""))


def back(self, draw):
    x = self.pick(draw, lambda t: t.requires_grad) or self.pick(draw)
    form = draw(4)
    if form == 0:
        return f"{x}.backward(weights({x}){how(draw)})"
    if form == 1:
        return f"sum({x} * {x}).backward({how(draw)[2:]})"
    y = self.pick(draw, lambda t: t.requires_grad) or x
    into = self.pick(draw, lambda t: t.is_leaf or self.no_view(t)) if form == 3 else None
    if into and not self.tensors[into].is_leaf:
        self.hooked.add(into)  # PyTorch keeps its gradient from now on
    chosen = f", inputs=[{into}]" if into else ""
    kept = ", retain_graph=True" if into else how(draw)
    return f"backward([{x}, {y}], [weights({x}), weights({y})]{kept}{chosen})"


def differentiated(self, draw):
    y = self.pick(draw, lambda t: t.requires_grad) or self.pick(draw)
    x = self.pick(draw, lambda t: t.requires_grad) or self.pick(draw)
    unused = draw.of(("allow_unused=True", "allow_unused=True", "materialize_grads=True"))
    return f"({self.new()},) = grad(sum({y} * {y}), [{x}], {unused}{how(draw)})"


KINDS = (
    None, *(unary,) * 3, *(binary,) * 6, *(with_number,) * 2, extreme, *(reduction,) * 2, contraction, selection,
    joined, gathered, copied, cut, *(view,) * 7, *(written,) * 6,
    augmented, *(assigned,) * 3, clamped, detached, leaf, asks,
    retained, *(hooked,) * 2, unhooked, forgotten, cleared, *(back,) * 2, *(differentiated,) * 2,
)  # fmt: skip
"""What a gene's first byte chooses from."""

GRADIENTS = (asks, retained, hooked, unhooked, forgotten, cleared, back, differentiated, leaf)
