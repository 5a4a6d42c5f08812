"""``utils.checkpoint``: runs, values and errors are those of PyTorch's non-re-entrant checkpoint."""

import importlib

import pytest

from against_torch.both import both, raised


def checkpointing(lib):
    return importlib.import_module(f"{lib.name}.utils.checkpoint")


def leaf(lib, values):
    return lib.tensor(values, requires_grad=True)


class Counted:
    """A function that notes how often it started and ended."""

    def __init__(self, function):
        self.function, self.runs = function, [0, 0]

    def __call__(self, *args, **kwargs):
        self.runs[0] += 1
        result = self.function(*args, **kwargs)
        self.runs[1] += 1
        return result


@pytest.mark.parametrize("early_stop", [True, False])
def test_runs_and_gradients(backend, early_stop):
    @both
    def program(lib):
        module = checkpointing(lib)
        found = []
        for function in (
            lambda x: lib.exp(lib.sin(x)),
            lambda x: lib.exp(lib.sin(x)).sum() + 1,
            lambda x: x + 1,
            lambda x: lib.exp(x) * lib.exp(x * x),
        ):
            x = leaf(lib, [0.5, 1.0])
            counted = Counted(function)
            y = module.checkpoint(counted, x, use_reentrant=False, early_stop=early_stop).sum()
            (g,) = lib.autograd.grad(y, [x], create_graph=True, retain_graph=True)
            found += [list(counted.runs), g]
            if g.requires_grad:
                found += [*lib.autograd.grad(g.sum(), [x], retain_graph=True), list(counted.runs)]
            y.backward()
            found += [x.grad, list(counted.runs)]
        return found

    program(backend)


@pytest.mark.parametrize("early_stop", [True, False])
def test_nested(backend, early_stop):
    @both
    def program(lib):
        module = checkpointing(lib)
        inner = Counted(lambda x: lib.exp(lib.sin(x)))
        middle = Counted(lambda x: lib.sin(module.checkpoint(inner, lib.exp(x), use_reentrant=False)))
        outer = Counted(lambda x: lib.exp(module.checkpoint(middle, x * x, use_reentrant=False)))
        x = leaf(lib, [0.1, 0.2])
        with module.set_checkpoint_early_stop(early_stop):
            y = module.checkpoint(outer, x, use_reentrant=False)
        y.sum().backward()
        return x.grad, y, outer.runs[0], middle.runs[0]

    program(backend)


@pytest.mark.parametrize("early_stop", [True, False])
@pytest.mark.parametrize("retain", [True, False])
def test_backward_inside(backend, early_stop, retain):
    @both
    def program(lib):
        def function(x):
            y = lib.sin(x)
            z = lib.exp(y)
            (g,) = lib.autograd.grad(z, [x], retain_graph=retain)
            return lib.exp(x) * g + (z if retain else 0)

        x = leaf(lib, 0.5)
        y = checkpointing(lib).checkpoint(function, x, use_reentrant=False, early_stop=early_stop)
        y.backward()
        return x.grad, y

    program(backend)


@both
def test_hooks_fire_once(lib):
    fired = []
    x = leaf(lib, 1.0)
    x.register_hook(lambda g: fired.append(g + 0))
    y = x * 2
    y.register_hook(lambda g: fired.append(g + 0))
    checkpointing(lib).checkpoint(lambda x: lib.exp(x) * x, y, use_reentrant=False).backward()
    return fired


@both
def test_backward_from_a_hook(lib):
    checkpoint = checkpointing(lib).checkpoint
    x, z = leaf(lib, 1.0), leaf(lib, 2.0)
    inner = checkpoint(lambda x: lib.exp(lib.sin(x)), z, use_reentrant=False)
    y = checkpoint(lambda x: lib.exp(lib.sin(x)), x * 1, use_reentrant=False)
    y.register_hook(lambda g: inner.backward())
    y.backward()
    return x.grad, z.grad


def changing(*functions):
    turns = iter(functions)
    return lambda x: next(turns)(x)


@pytest.mark.parametrize("early_stop", [True, False])
@pytest.mark.parametrize("check", ["default", "none"])
def test_another_function_the_second_time(backend, early_stop, check):
    @both
    def program(lib):
        checkpoint = checkpointing(lib).checkpoint
        error = checkpointing(lib).CheckpointError
        found = []
        for first, second in (
            (lib.exp, lambda x: x + 1),
            (lib.exp, lambda x: lib.exp(lib.exp(x))),
            (lib.exp, lambda x: lib.exp(x[:1])),
            (lib.exp, lambda x: lib.exp(2 * x)),
        ):
            x = leaf(lib, [0.5, 1.0])
            y = checkpoint(
                changing(first, second), x, use_reentrant=False, early_stop=early_stop, determinism_check=check
            )
            try:
                y.sum().backward()
            except error:
                found.append("CheckpointError")
            found.append(x.grad)
        return found

    program(backend)


@pytest.mark.writable
@both
def test_arguments_that_were_written(lib):
    checkpoint = checkpointing(lib).checkpoint
    x = leaf(lib, [0.5, 1.0]) * 1
    y = checkpoint(lib.exp, x, use_reentrant=False)
    with lib.no_grad():
        x *= 2

    def writes(x):
        x *= 2
        return lib.exp(x)

    z = checkpoint(writes, leaf(lib, [0.5]) * 1, use_reentrant=False)
    return raised(y.sum().backward), raised(z.sum().backward)


@both
def test_misuse(lib):
    module = checkpointing(lib)
    x = leaf(lib, 1.0)
    with lib.no_grad():
        quiet = module.checkpoint(lib.exp, x, use_reentrant=False)
    return (
        quiet.requires_grad,
        raised(module.checkpoint, lib.exp, x, use_reentrant=False, determinism_check="strict"),
        raised(module.checkpoint, lambda x: 1 / 0, x, use_reentrant=False),
        raised(module.checkpoint, lib.exp, x, 2, 3, 4, use_reentrant=False),
    )


@both
def test_sequences(lib):
    module = checkpointing(lib)
    found = []
    for segments in (1, 2, 3, 5):
        functions = [Counted(f) for f in (lib.exp, lib.sin, lib.exp, lib.sin, lib.exp)]
        x = leaf(lib, [0.1, 0.2])
        module.checkpoint_sequential(functions, segments, x, use_reentrant=False).sum().backward()
        found += [x.grad, [f.runs[0] for f in functions]]
    return found


@both
def test_random_numbers(lib):
    checkpoint = checkpointing(lib).checkpoint
    found = []
    for preserve in (True, False):
        drawn = []

        def function(x, drawn=drawn):
            drawn.append(lib.rand(3).tolist())
            return lib.exp(x)

        lib.manual_seed(3)
        y = checkpoint(function, leaf(lib, 1.0), use_reentrant=False, preserve_rng_state=preserve)
        lib.rand(2)
        y.backward()
        found.append(drawn[0] == drawn[1])
        after = lib.rand(2).tolist()
        lib.manual_seed(3)
        lib.rand(3)  # in the same parts as above: on a device they count
        lib.rand(2)
        found.append(lib.rand(2).tolist() == after)
    return found
