"""Functions that are composed of ops: first and second order against central differences, and forward mode."""

import pytest

import plugrad
from plugrad.func import jvp
from plugrad.testing import check_gradients, gradient_of
from plugrad.testing.numerical import cotangent_for
from plugrad_nn import functional as F
from values import assert_close

X = [[0.3, -1.2, 2.0], [1.5, 0.1, -0.4]]
Y = [[0.9, 0.4, -1.0], [0.7, 1.6, 0.2]]
SHARES = [[0.3, 0.6, 0.1], [0.5, 0.2, 0.3]]
CUBE = [[[0.3, -1.2], [2.0, 0.7]], [[1.5, 0.1], [-0.4, 0.9]]]
TARGET, CUBES_TARGET = [2, -100], [[0, 1], [1, -100]]

CALLS = {
    "cross_entropy, weighted": lambda x: F.cross_entropy(x, plugrad.tensor(TARGET), plugrad.tensor([0.5, 2.0, 1.5])),
    "cross_entropy, smoothed": lambda x: F.cross_entropy(x, plugrad.tensor(TARGET), label_smoothing=0.2),
    "cross_entropy, probabilities": lambda x, y: F.cross_entropy(x, y, label_smoothing=0.1),
    "cross_entropy, images": lambda x: F.cross_entropy(x, plugrad.tensor(CUBES_TARGET), reduction="none"),
    "nll_loss": lambda x: F.nll_loss(x * x, plugrad.tensor(TARGET)),
    "mse_loss": lambda x, y: F.mse_loss(x, y),
    "l1_loss": lambda x, y: F.l1_loss(x, y, reduction="sum"),
    "huber_loss": lambda x, y: F.huber_loss(x, y, delta=0.75),
    "smooth_l1_loss": lambda x, y: F.smooth_l1_loss(x, y, reduction="none", beta=0.75),
    "binary_cross_entropy": lambda y: F.binary_cross_entropy(y, y * 0.5),
    "binary_cross_entropy_with_logits": lambda x, y: F.binary_cross_entropy_with_logits(
        x, y, pos_weight=plugrad.tensor([2.0, 1.0, 0.5])
    ),
    "pad, reflect": lambda c: F.pad(c * c, (1, 1), mode="reflect"),
    "pad, replicate": lambda c: F.pad(c * c, (2, 1), mode="replicate"),
    "pad, circular": lambda c: F.pad(c * c, (2, 1), mode="circular"),
    "relu6": lambda x: F.relu6(x * x),
}
INPUTS = {name: [X, Y] for name in CALLS if CALLS[name].__code__.co_argcount == 2}
INPUTS |= {
    "cross_entropy, probabilities": [X, SHARES],
    "binary_cross_entropy_with_logits": [X, SHARES],
    "binary_cross_entropy": [SHARES],
    "cross_entropy, images": [CUBE],
    **{f"pad, {mode}": [CUBE] for mode in ("reflect", "replicate", "circular")},
}


def leaves(name):
    return [plugrad.tensor(data, requires_grad=True) for data in INPUTS.get(name, [X])]


@pytest.mark.parametrize("name", CALLS)
def test_both_orders(backend, name):
    call, inputs = CALLS[name], leaves(name)
    check_gradients(call, inputs, rtol=1e-6, what=name)
    cotangent = cotangent_for(call(*inputs), 1, True)
    check_gradients(gradient_of(call, len(inputs)), [*inputs, cotangent], rtol=1e-6, what=f"the gradient of {name}")


@pytest.mark.parametrize("name", CALLS)
def test_forward_mode_is_the_transpose_of_backward(backend, name):
    call, inputs = CALLS[name], leaves(name)
    tangents = [cotangent_for(x, k) for k, x in enumerate(inputs)]
    out, change = jvp(call, tuple(x.detach() for x in inputs), tuple(tangents))
    cotangent = cotangent_for(out, 7)
    gradients = plugrad.autograd.grad(call(*inputs), inputs, cotangent)
    forward = (change * cotangent).sum()
    backward = sum((g * t).sum().item() for g, t in zip(gradients, tangents, strict=True))
    assert_close(forward, backward, 1e-9)
