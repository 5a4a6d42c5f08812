"""Random programs of ops, views, in-place operations, hooks and gradients: PyTorch and plugrad see the same.

After each statement the two are compared: the error that it raised, or every tensor's value, ``requires_grad``,
``is_leaf``, ``_version`` and ``.grad``; at the end also what hooks saw. Flags are looked at after each statement in
half of the programs, and only at the end in the other half: looking must not repair anything.

Tolerances: 1e-8 relatively, or 1e-10 times the largest number of the program. A program ends where a number is beyond
1e4, and where a backward fails midway: PyTorch may then have written a part of the gradients, and plugrad none.

Excused, and what is left out of the programs (see ``programs``):

- In PyTorch a write into a 0-d tensor spoils what was saved of it; a 0-d tensor of plugrad holds a number until its
  memory is asked for, and what was saved is that number: the gradient is right where PyTorch refuses.

- A write that is not recorded, under ``no_grad`` or through ``detach()``, gives views new nodes in PyTorch: hooks and
  ``inputs=`` silently miss what was computed before. Such views are dropped. (PyTorch 2.13 also crashes when a hook is
  registered before such a node was asked for.)
- ``retain_grad`` of a view follows in plugrad whatever is written of its memory, in PyTorch only writes into that
  view: such views are dropped too.
- Where arrays cannot be written there are no versions, what was saved stays as it was, and a write that a detached
  tensor must see is a BackendError; with these, with overflow and with a kernel that is not there, the program ends.
- The node of a write into a view saves nothing in plugrad, and a second backward through it is right; PyTorch refuses.
- Second derivatives: a derivative of zero may require grad in plugrad alone, or be None in PyTorch; there the
  program ends, and hooks that saw zeros are not compared.

PLUGRAD_PROGRAMS multiplies their number.
"""

import os
import re
import warnings
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import plugrad
from against_torch.both import TORCH, close, same_error, values_of
from against_torch.programs import Draw, Drawn
from plugrad.errors import BackendError, MissingKernel
from values import flat

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch==2.13.0")

PROGRAMS = {"numpy": 3000, "strict": 300, "tuples": 500}
LENGTH = 18
GENE = 10
LARGEST = 1e4
MIDWAY = ("modified by an inplace operation", "backward through the graph a second time", "detached in-place, i.e.")

EXCUSED = {
    "moved into the graph interior": "backward reaches what a frozen leaf was before it was written",
    "detached in-place, i.e.": "what was saved was cut off its history later, which the node does not need",
}
"""Errors of PyTorch, by a part of their message, where plugrad goes on."""

OPS = (
    "tensor", "exp", "sin", "tanh", "square", "negative", "cos", "abs", "sqrt", "log", "expm1", "maximum",
    "minimum", "sum", "mean", "prod", "max", "min", "where", "concat", "stack", "permute_dims", "matrix_transpose",
    "expand_dims", "squeeze", "broadcast_to", "reshape", "no_grad",
)  # fmt: skip


compiled = lru_cache(4096)(lambda line: compile(line, "<program>", "exec"))


def grad(*arguments, **keywords):
    """PyTorch's, whose results may be views of something that nobody has: these are copied."""
    found = torch.autograd.grad(*arguments, **keywords)
    return tuple([g if g is None or g._base is None else g.clone() for g in found])


def rewritten(node):
    """Whether a graph of PyTorch has a node of a write into a view."""
    stack, seen = [node], set()
    while stack:
        node = stack.pop()
        if node is not None and node not in seen:
            seen.add(node)
            if type(node).__name__ == "CopySlices":
                return True
            stack += [n for n, _ in node.next_functions]
    return False


class World:
    """The names that a program has bound, in one library."""

    def __init__(self, module, names):
        self.tensor = module.Tensor
        self.noted = {}
        ops = {op: names.get(op) or getattr(module, op) for op in OPS}
        self.names = ops | {"note": self.note, "weights": self.weights, "backward": module.autograd.backward,
                            "grad": grad if module is torch else module.autograd.grad}  # fmt: skip
        self.fixed = set(self.names)

    def note(self, name):
        """A hook that notes what it saw."""
        return lambda g: self.noted.setdefault(name, []).append(g.tolist())

    def weights(self, t):
        """A cotangent for a tensor, of unequal numbers."""
        count = 1
        for extent in t.shape:
            count *= extent
        return self.names["tensor"]([1 + 0.25 * i for i in range(count)]).reshape(tuple(t.shape))

    def run(self, line):
        """The error that a statement raises."""
        try:
            exec(compiled(line), self.names)
        except Exception as error:
            return error
        return None

    def tensors(self):
        return {n: t for n, t in self.names.items() if n not in self.fixed and isinstance(t, self.tensor)}


class Genes(bytes):
    """What a program is drawn from; the mismatch shows the program itself."""

    def __repr__(self):
        return "..."


class Mismatch(AssertionError):
    pass


class Comparison:
    """Two worlds in which one program runs."""

    def __init__(self, flags_each_time, writable):
        self.writable = writable
        self.theirs, self.ours = World(torch, TORCH), World(plugrad, {})
        self.lines = []
        self.largest = 1.0
        self.flags_each_time = flags_each_time
        self.nodes = {}
        self.written = {}  # storages that PyTorch wrote while it computed them -> how often, and the storage

    def mentioned(self, line):
        """PyTorch's nodes of the tensors in a statement."""
        return [t.grad_fn for n, t in self.theirs.tensors().items() if re.search(rf"\b{n}\b", line)]

    def alike(self, name):
        """Whether a tensor is laid out the same in both, so that reshape is a view in both or in neither."""
        array = self.ours.names[name].array
        t = self.theirs.names[name]
        if type(array).__module__ != "numpy":
            return t.is_contiguous()
        return all(
            extent == 1 or ours == 8 * theirs
            for extent, ours, theirs in zip(t.shape, array.strides, t.stride(), strict=True)
        )

    def step(self, line):
        """Run a statement in both; False where the program ends."""
        self.lines.append(line)
        leaves = [t for t in self.ours.tensors().values() if t.is_leaf]
        before = [(t, t.grad, None if t.grad is None else t.grad.tolist()) for t in leaves]
        theirs, ours = self.theirs.run(line), self.ours.run(line)
        if theirs is not None or ours is not None:
            unable = isinstance(ours, (BackendError, MissingKernel, ArithmeticError))
            if not self.writable and (unable or "modified by an inplace" in str(theirs)):
                return False
            midway = theirs is not None and any(m in str(theirs) for m in MIDWAY)
            if midway and ours is None and ("inputs=[" in line or ("[]]" in str(theirs) and "inplace" in str(theirs))):
                return False  # the node of an input that need not run; a 0-d tensor
            if ours is None and any(m in str(theirs) for m in EXCUSED):
                return False
            if midway and ours is None and any(map(rewritten, self.mentioned(line))):
                return False
            if theirs is None or ours is None or not same_error(ours, theirs):
                self.fail("error", ours, theirs)
            self.lines[-1] += f"  # {type(theirs).__name__}"
            if midway:
                for t, grad, values in before:
                    if t.grad is not grad or (grad is not None and grad.tolist() != values):
                        self.fail("a backward that failed wrote .grad", t.grad, "nothing")
                return False
        self.forget_renewed(line)
        return self.look(self.flags_each_time)

    def forget_renewed(self, line):
        """Drop views that PyTorch gave a new node, and plugrad did not, or whose kept gradient did not move to it."""
        nodes = {}
        for name, t in self.theirs.tensors().items():
            base = t._base
            node = t.grad_fn, None if base is None else base.grad_fn
            before = self.nodes.get(name, node)
            silently = node[1] is before[1]
            elsewhere = t.retains_grad and not re.match(rf"(with no_grad\(\): )?{name}\b", line)
            if base is not None and node[0] is not before[0] and (silently or elsewhere):
                self.lines.append(f"del {name}")
                self.theirs.run(self.lines[-1])
                self.ours.run(self.lines[-1])
            nodes[name] = node
        self.nodes = nodes

    def look(self, flags=True):
        """Compare all that the program can see; False where a number is too large."""
        theirs, ours = self.theirs.tensors(), self.ours.tensors()
        if theirs.keys() != ours.keys():
            self.fail("tensors", sorted(ours), sorted(theirs))
        for name, their in theirs.items():
            our = ours[name]
            if not self.equal(name, our, their):
                return False
            if flags or re.match(rf"(with no_grad\(\): )?\(?{name}\b", self.lines[-1]):
                for flag in ("requires_grad", "is_leaf"):
                    if getattr(our, flag) != getattr(their, flag):
                        if "create_graph" in self.lines[-1] and not their.requires_grad:
                            return False  # it depends on the leaves by a factor of zero
                        self.fail(f"{name}.{flag}", getattr(our, flag), getattr(their, flag))
                memory = their.untyped_storage()
                more = their._version - our._version
                if self.writable and more != self.written.get(memory._cdata, (0,))[0]:
                    if "grad(" not in self.lines[-1] and " @ " not in self.lines[-1]:
                        self.fail(f"{name}._version", our._version, their._version)
                    self.written[memory._cdata] = (more, memory)
                if (our.grad_fn is None) != (their.grad_fn is None):
                    self.fail(f"{name}.grad_fn", our.grad_fn, their.grad_fn)
            a, b = our.grad, their.grad
            if (a is None) != (b is None):
                if b is None and not any(values_of(a)) and any("create_graph" in line for line in self.lines):
                    return False  # zeros
                self.fail(f"{name}.grad", a, b)
            if a is not None and not self.equal(f"{name}.grad", a, b):
                return False
        return True

    def equal(self, name, our, their):
        if our.shape != tuple(their.shape):
            self.fail(f"{name}.shape", our.shape, tuple(their.shape))
        return self.close(name, values_of(our), values_of(their))

    def close(self, name, ours, theirs):
        """Compare numbers; False where one is too large."""
        if ours == theirs and all(-LARGEST < y < LARGEST for y in theirs):
            return True
        for x, y in zip(ours, theirs, strict=True):
            if not -LARGEST < y < LARGEST:
                return False
            self.largest = max(self.largest, abs(y))
            if not close(x, y, 1e-8, 1e-10 * self.largest):
                self.fail(name, ours, theirs)
        return True

    def compare_notes(self):
        """What hooks saw."""
        for name in self.theirs.noted.keys() | self.ours.noted.keys():
            theirs, ours = ([g for g in w.noted.get(name, ()) if any(flat([g]))] for w in (self.theirs, self.ours))
            if len(theirs) != len(ours):
                self.fail(f"runs of a hook of {name}", ours, theirs)
            self.close(f"what a hook of {name} saw", flat(ours), flat(theirs))

    def fail(self, what, ours, theirs):
        raise Mismatch(
            "\n".join(["", "# program", *self.lines, f"# {what}", f"# plugrad: {ours!r}", f"# PyTorch: {theirs!r}"])
        )


def run(genes, backend):
    """Draw a program and run it."""
    draw = Draw(genes[:2])
    comparison = Comparison(draw(2) == 0, backend.writable)
    drawn = Drawn(comparison.theirs.tensors(), comparison.alike)
    lines = ["t0 = tensor([0.5, -1.25, 2.0], requires_grad=True)"]
    if draw(2):
        lines += ["t00 = tensor([[1.5, 0.75, -0.5], [0.25, -2.0, 1.0]], requires_grad=True)"]
    genes = [genes[i : i + GENE] for i in range(2, len(genes), GENE)]
    while lines or genes:
        drawn.tensors = comparison.theirs.tensors()
        line = lines.pop(0) if lines else drawn.statement(genes.pop(0))
        if line is not None and not comparison.step(line):
            return comparison
    for name in [n for n, t in comparison.theirs.tensors().items() if t.requires_grad][-3:]:
        for line in (
            f"{name}.backward(weights({name}), retain_graph=True)",
            f"(second,) = grad(sum({name} * {name}), [t0], create_graph=True, materialize_grads=True)",
            "sum(second * second).backward(retain_graph=True)",
        ):
            if not comparison.step(line):
                return comparison
    if comparison.look():
        comparison.compare_notes()
    return comparison


def test_random_programs(backend):
    count = PROGRAMS.get(backend.name, 300) * int(os.environ.get("PLUGRAD_PROGRAMS", "1"))

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.binary(min_size=2 + LENGTH * GENE, max_size=2 + LENGTH * GENE).map(Genes))
    def programs(genes):
        run(genes, backend)

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            programs()
    finally:
        torch.set_default_dtype(before)
