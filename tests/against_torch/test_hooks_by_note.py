"""The notes on hooks: of tensors, of nodes, of saved values, of several tensors."""

import pytest

from against_torch.both import both, raised


def noting(seen, name, result=None):
    """A hook that notes its name, and what it saw if that is a tensor."""

    def hook(*arguments):
        g = arguments[0]
        seen.append((name, g.clone() if hasattr(g, "clone") else len(arguments)))
        return result(g) if result else None

    return hook


@both
def test_a_hook_replaces_the_gradient_and_later_ones_see_it(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3.0
    seen = []
    y.register_hook(noting(seen, "first", lambda g: g * 10.0))
    handle = y.register_hook(noting(seen, "removed"))
    y.register_hook(noting(seen, "last"))
    handle.remove()
    lib.sum(y * y).backward()
    return seen, x.grad


@both
def test_hooks_of_an_input_run_though_its_node_does_not(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.exp(x)
    seen = []
    y.register_hook(noting(seen, "tensor"))
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append("node"))
    y.grad_fn.register_prehook(lambda outputs: seen.append("prehook"))
    g = lib.autograd.grad(lib.sum(y * y), [y], retain_graph=True)
    only = list(seen)
    lib.autograd.grad(lib.sum(y * y), [y, x])
    return g, only, seen


@both
def test_the_order_of_hooks(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3.0
    seen = []
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append("after the node"))
    y.grad_fn.register_prehook(lambda outputs: seen.append(("before the node", outputs[0].clone())))
    y.retain_grad()
    y.register_hook(noting(seen, "tensor", lambda g: g * 2.0))
    x.register_post_accumulate_grad_hook(lambda t: seen.append(("accumulated", t.grad.clone())))
    x.register_hook(noting(seen, "leaf"))
    lib.sum(y * y).backward()
    return seen, y.grad, x.grad


@both
def test_post_accumulate_hooks_are_of_leaves(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    seen = []
    handle = x.register_post_accumulate_grad_hook(lambda t: seen.append((t is x, t.grad.clone())))
    lib.sum(y).backward()
    lib.sum(x * 3.0).backward()
    lib.autograd.grad(lib.sum(x * 3.0), [x])
    handle.remove()
    lib.sum(x).backward()
    return seen, raised(y.register_post_accumulate_grad_hook, lambda t: None), x.grad


@pytest.mark.writable
@both
def test_old_hooks_stay_with_the_old_value(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.sin(x)
    seen = []
    y.register_hook(noting(seen, "old"))
    y.retain_grad()
    y.mul_(5.0)
    y.register_hook(noting(seen, "new"))
    lib.sum(y * y).backward()
    return seen, y.grad, x.grad


@both
def test_hooks_of_several_tensors(lib):
    x, y, z = (lib.tensor([k, 2.0], requires_grad=True) for k in (1.0, 2.0, 3.0))
    seen = []
    every = lib.autograd.graph.register_multi_grad_hook(
        (x, y, z), lambda grads: seen.append(["all", *[g is None for g in grads]])
    )
    lib.autograd.graph.register_multi_grad_hook((x, y), lambda g: seen.append("any"), mode="any")
    lib.sum(x * y).backward()
    lib.sum(x * y * z).backward()
    every.remove()
    lib.sum(x).backward()
    return seen


@both
def test_hooks_on_saved_values(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    seen = []

    def pack(t):
        seen.append(("pack", t.detach().clone(), lib.is_grad_enabled()))
        return ("packed", t.detach())

    def unpack(packed):
        seen.append(packed[0])
        return packed[1] * 2.0

    with lib.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = lib.sin(x)
    z = lib.exp(y)
    lib.sum(z).backward(retain_graph=True)
    lib.sum(z).backward()
    return seen, x.grad


@both
def test_the_innermost_pair_of_hooks_wins(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    seen = []
    hooks = lib.autograd.graph.saved_tensors_hooks
    with hooks(lambda t: seen.append("outer") or t.detach(), lambda t: t):
        a = lib.sin(x)
        with hooks(lambda t: seen.append("inner") or t.detach(), lambda t: t):
            b = lib.exp(x)
    lib.sum(a * b).backward()
    return seen, x.grad


@pytest.mark.writable
@both
def test_a_pack_hook_does_not_write(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0

    def call():
        with lib.autograd.graph.saved_tensors_hooks(lambda t: t.mul_(2.0), lambda t: t):
            lib.sin(y)

    return raised(call)


@both
def test_saved_values_on_the_host(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with lib.autograd.graph.save_on_cpu():
        y = lib.sin(x) * x
    lib.sum(y).backward()
    return x.grad


@both
def test_metadata_and_names_of_nodes(lib):
    y = lib.tensor([1.0], requires_grad=True) * 2.0
    y.grad_fn.metadata["made by"] = "a test"
    return y.grad_fn.metadata, y.grad_fn.name()


@both
def test_edges_are_inputs_and_outputs(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.exp(x)
    edge = lib.autograd.graph.get_gradient_edge(y)
    z = lib.sum(y * y)
    return (
        lib.autograd.grad(z, [edge], retain_graph=True),
        lib.autograd.grad([edge], [x], [lib.tensor([1.0, 1.0])]),
        edge.output_nr,
        edge.node is y.grad_fn,
    )
