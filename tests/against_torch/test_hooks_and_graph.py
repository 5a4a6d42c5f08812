"""The same programs on PyTorch and on plugrad: who is called when, with what, and what goes wrong how."""

import warnings

import pytest

import plugrad

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch==2.13.0")

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def numbers(found):
    """A result as plain numbers: tensors as lists, tuples as tuples, warnings and errors by their type."""
    if isinstance(found, (list, tuple)):
        return tuple(numbers(part) for part in found)
    if hasattr(found, "tolist"):
        return found.detach().tolist()
    return found


def error_of(function):
    try:
        function()
    except Exception as error:
        return next(kind.__name__ for kind in (RuntimeError, TypeError, ValueError) if isinstance(error, kind))
    return None


def warning_of(function):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [warning.category.__name__ for warning in caught]


class Kit:
    """What a program needs of a library, and a log."""

    def __init__(self, library):
        self.library = library
        self.grad, self.backward = library.autograd.grad, library.autograd.backward
        self.graph = library.autograd.graph
        self.log = []

    def leaf(self, values):
        return self.library.tensor(values, dtype=self.library.float64, requires_grad=True)

    def constant(self, values):
        return self.library.tensor(values, dtype=self.library.float64)

    def note(self, name, result=None):
        def hook(*args):
            self.log.append((name, numbers(args)))
            return None if result is None else result(*args)

        return hook

    def function(self, forward, backward):
        body = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
        return type("Made", (self.library.autograd.Function,), body).apply


# -- hooks -------------------------------------------------------------------------------------------------------------


@program
def every_kind_of_hook(kit):
    x, w = kit.leaf(2.0), kit.constant(3.0)
    h = x * w
    h.grad_fn.register_hook(kit.note("after", lambda ds, gs: (ds[0] * 2, ds[1])))
    h.grad_fn.register_prehook(kit.note("before", lambda gs: (gs[0] + 1,)))
    h.retain_grad()
    h.register_hook(kit.note("tensor", lambda g: g * 10))
    h.register_hook(kit.note("tensor again"))
    x.register_post_accumulate_grad_hook(kit.note("accumulated"))
    accumulate = h.grad_fn.next_functions[0][0]
    accumulate.register_prehook(kit.note("leaf before"))
    accumulate.register_hook(kit.note("leaf after"))
    x.register_hook(kit.note("leaf", lambda g: g - 1))
    y = h * 5
    y.backward(retain_graph=True)
    y.backward(inputs=[x], retain_graph=True)
    return h.grad, x.grad, kit.grad(y, x, retain_graph=True), kit.grad(y, h), h.retains_grad, x.retains_grad


@program
def hooks_of_several_nodes_run_in_reverse(kit):
    x = kit.leaf([1.0, 2.0])
    a = x * x
    b = a * x
    c = kit.library.exp(a)
    for name, t in {"x": x, "a": a, "b": b, "c": c}.items():
        t.register_hook(kit.note(name))
    (b + c).sum().backward()
    return x.grad


@program
def a_tensor_that_is_used_twice_calls_its_hook_once(kit):
    x = kit.leaf(3.0)
    h = x * 2
    h.register_hook(kit.note("h"))
    (h * h + h).backward()
    return x.grad


@program
def handles(kit):
    x = kit.leaf(3.0)
    hook = kit.note("x")
    first, _ = x.register_hook(hook), x.register_hook(hook)
    y = x * 2
    y.backward(retain_graph=True)
    first.remove()
    first.remove()
    y.backward(retain_graph=True)
    with x.register_hook(kit.note("for a while")):
        y.backward(retain_graph=True)
    y.backward()
    return x.grad


@program
def hooks_that_return_what_they_must_not(kit):
    def failing(register):
        x = kit.leaf([1.0, 2.0])
        h = kit.library.exp(x)
        register(h)
        return error_of(h.sum().backward), x.grad

    return [
        failing(lambda h: h.register_hook(lambda g: "text")),
        failing(lambda h: h.register_hook(lambda g: kit.constant([1.0, 2.0, 3.0]))),
        failing(lambda h: h.register_hook(lambda g: kit.library.ones(2, dtype=kit.library.float32))),
        failing(lambda h: h.grad_fn.register_prehook(lambda gs: (None, None))),
        failing(lambda h: h.grad_fn.register_prehook(lambda gs: gs[0])),
        failing(lambda h: h.grad_fn.register_hook(lambda ds, gs: (ds[0], ds[0]))),
        failing(lambda h: h.grad_fn.register_hook(lambda ds, gs: ("text",))),
    ]


@program
def who_takes_no_hook(kit):
    x, constant = kit.leaf(1.0), kit.constant(1.0)
    return [
        error_of(lambda: constant.register_hook(print)),
        error_of(lambda: constant.retain_grad()),
        error_of(lambda: constant.register_post_accumulate_grad_hook(print)),
        error_of(lambda: (x * 2).register_post_accumulate_grad_hook(print)),
    ]


@program
def several_outputs(kit):
    def forward(ctx, x):
        return x * 2, x * 3

    x = kit.leaf(1.0)
    a, b = kit.function(forward, lambda ctx, g, h: 2 * g + 3 * h)(x)
    a.register_hook(kit.note("a"))
    b.register_hook(kit.note("b", lambda g: g * 10))
    a.retain_grad()
    a.grad_fn.register_prehook(kit.note("before"))
    (a + b * 5).backward()
    return x.grad, a.grad, a.output_nr, b.output_nr


@program
def hooks_and_writes_in_place(kit):
    x = kit.leaf([1.0, 2.0])
    h = x * x
    h.register_hook(kit.note("old"))
    h.retain_grad()
    h.mul_(2)
    h.register_hook(kit.note("new"))
    (h * 5).sum().backward()
    base = kit.leaf([1.0, 2.0]) * 1
    base.register_hook(kit.note("base"))
    base.retain_grad()
    view = base[0]
    view.retain_grad()
    view.mul_(3)
    view.register_hook(kit.note("new view"))
    (base * kit.constant([10.0, 20.0])).sum().backward(retain_graph=True)
    (view * 7).backward()
    return x.grad, h.grad, base.grad, view.grad


@program
def hooks_on_several_tensors(kit):
    a, b, c = (kit.leaf(2.0 + k) for k in range(3))
    kit.graph.register_multi_grad_hook([a, b, c], kit.note("all"))
    handle = kit.graph.register_multi_grad_hook([a, b], lambda g: kit.log.append("any"), mode="any")
    (a * b).backward()
    (c * b).backward()
    handle.remove()
    (a * c).backward()


# -- saved values ------------------------------------------------------------------------------------------------------


def packing(kit, name="", unpack=lambda t: t):
    def noted(t):
        kit.log.append((f"{name}unpack", numbers(t)))
        return unpack(t)

    def pack(t):
        kit.log.append((f"{name}pack", numbers(t), t.requires_grad, kit.library.is_grad_enabled()))
        return t

    return kit.graph.saved_tensors_hooks(pack, noted)


@program
def what_is_packed(kit):
    x, w, m = kit.leaf([1.0, 2.0]), kit.constant([3.0, 4.0]), kit.leaf([[1.0, 2.0], [3.0, 4.0]])
    exp, where = kit.library.exp, kit.library.where
    with packing(kit):
        results = [x * w, x * 2.0, x * x, exp(x), x**2, x / w, w / x, where(x > 0, x, w), x + w, x.sum(), m @ m]
    kit.log.append("backward")
    sum(r.sum() for r in results).backward()
    kit.log[kit.log.index("backward"):] = [("unpacked", len(kit.log) - kit.log.index("backward") - 1)]
    kit.log.sort(key=str)  # a node's own order is not stated
    return x.grad, m.grad


@program
def the_innermost_hooks_win(kit):
    x = kit.leaf(2.0)
    with packing(kit, "outer "):
        with packing(kit, "inner "):
            y = kit.library.exp(x)
        z = kit.library.exp(x)
    (y + z).backward()
    return x.grad


@program
def hooks_on_saved_values_that_fail(kit):
    hooks, exp = kit.graph.saved_tensors_hooks, kit.library.exp

    def write(t):
        t.mul_(2)
        return t

    def saved(pack, unpack):
        x = kit.leaf([1.0, 2.0])
        with hooks(pack, unpack):
            y = exp(x).sum()
        y.backward()

    def disabled():
        with kit.graph.disable_saved_tensors_hooks("no"), hooks(print, print):
            pass

    def already():
        with hooks(print, print), kit.graph.disable_saved_tensors_hooks("no"):
            pass

    return [
        error_of(lambda: saved(write, lambda t: t)),
        error_of(lambda: saved(lambda t: t, lambda t: None)),
        error_of(disabled),
        error_of(already),
    ]


@program
def mutation_of_saved_values(kit):
    x = kit.leaf([1.0, 2.0])
    with kit.graph.allow_mutation_on_saved_tensors():
        b = x * 1
        y = (b * b).sum()
        b.mul_(3)
        (y + b.sum()).backward()
    w = kit.constant([1.0, 2.0])
    before = w._version
    kit.graph.increment_version([w, w])
    return x.grad, w._version - before


# -- edges and nodes ---------------------------------------------------------------------------------------------------


@program
def edges_as_arguments(kit):
    x = kit.leaf(2.0)
    h = x * x
    edge = kit.graph.get_gradient_edge(h)
    h.mul_(2)
    y = h * 3
    keep = {"retain_graph": True}
    found = [kit.grad(y, edge, **keep), kit.grad(y, [h, edge, x], **keep), kit.grad(edge, x, **keep)]
    kit.backward(edge, kit.constant(10.0), **keep)
    y.backward(inputs=[kit.graph.get_gradient_edge(x)])
    return found, x.grad, edge.output_nr, error_of(lambda: kit.graph.get_gradient_edge(kit.constant(1.0)))


@program
def nodes_are_called(kit):
    x, w = kit.leaf(2.0), kit.constant(3.0)
    y = x * w
    found = [y.grad_fn(kit.constant(5.0)), y.grad_fn(None), error_of(lambda: y.grad_fn(None, None))]
    accumulate = y.grad_fn.next_functions[0][0]
    with kit.library.no_grad():
        found.append(accumulate(kit.constant(4.0)))
    found.append(y.grad_fn(kit.constant(5.0))[0].requires_grad)
    y.backward()
    return found, x.grad, error_of(lambda: y.grad_fn(kit.constant(1.0)))


# -- arguments of backward and grad ------------------------------------------------------------------------------------


@program
def what_is_refused(kit):
    x, w, constant = kit.leaf(2.0), kit.leaf([1.0, 2.0]), kit.constant(1.0)
    y, vector = x * x, w * w
    keep = {"retain_graph": True}
    return [
        error_of(lambda: y.backward(inputs=[])),
        error_of(lambda: kit.grad(y, [])),
        error_of(lambda: constant.backward()),
        error_of(lambda: vector.backward()),
        error_of(lambda: y.backward(kit.constant([1.0, 2.0]))),
        error_of(lambda: kit.backward([y, y], [constant])),
        error_of(lambda: kit.grad(y, [x, w], **keep)),
        error_of(lambda: kit.grad(y, [constant], **keep)),
        error_of(lambda: kit.grad(y, [w], allow_unused=False, materialize_grads=True)),
        error_of(lambda: kit.grad(vector, w, kit.constant([[1.0]]), is_grads_batched=True)),
        kit.grad(y, [w], allow_unused=True, **keep),
        kit.grad(y, [w], materialize_grads=True, **keep),
        error_of(y.backward),
        error_of(y.backward),
        x.grad,
    ]


@program
def batched_gradients(kit):
    x = kit.leaf([1.0, 2.0])
    y = x * x
    rows = kit.constant([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    return kit.grad(y, x, rows, is_grads_batched=True)


@program
def a_dict_of_inputs(kit):
    x, w = kit.leaf(2.0), kit.leaf(3.0)
    found = kit.grad(x * w, {"x": x, "w": w})
    return sorted(found), [found[name] for name in sorted(found)]


@program
def warnings_given(kit):
    x = kit.leaf(2.0)
    h = x * x
    return [
        warning_of(lambda: h.grad),
        warning_of(lambda: h.backward(create_graph=True)),
        warning_of(lambda: kit.grad(h, x, create_graph=True)),
        warning_of(lambda: (h.retain_grad(), h.grad)),
        warning_of(lambda: x.grad),
        setattr(x, "grad", None),
    ]


@program
def a_none_gradient(kit):
    x, y = kit.leaf(2.0), kit.leaf(3.0)
    h = x * 1
    kit.function(lambda ctx, a, b: a * b, lambda ctx, g: (None, g))(h, y).backward()
    return x.grad, y.grad


@program
def a_failure_and_what_is_left(kit):
    def fail(g):
        raise ValueError

    x = kit.leaf([1.0, 2.0])
    h = kit.library.exp(x)
    y = kit.library.sin(h)
    handle = h.register_hook(fail)
    found = [error_of(y.sum().backward), x.grad]
    handle.remove()
    found.append(error_of(y.sum().backward))
    h.sum().backward()
    return found, x.grad


@pytest.fixture(autouse=True)
def on_numpy():
    plugrad.set_default_backend("numpy")
    torch.set_warn_always(True)  # a program before may have been warned
    yield
    torch.set_warn_always(False)
    plugrad.set_default_backend(None)


def close(found, wanted):
    if isinstance(wanted, (list, tuple)):
        return type(found) is type(wanted) and len(found) == len(wanted) and all(map(close, found, wanted))
    return found == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    ours, theirs = Kit(plugrad), Kit(torch)
    wanted = numbers(PROGRAMS[name](theirs))
    found = numbers(PROGRAMS[name](ours))
    assert close(found, wanted), (found, wanted)
    assert close(ours.log, theirs.log), (ours.log, theirs.log)
