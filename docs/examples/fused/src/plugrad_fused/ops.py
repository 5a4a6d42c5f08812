"""The ops: what every backend has at once."""

from __future__ import annotations

from plugrad.extend import op
from plugrad.ops import abs, exp, minimum

# With a derivative of its own, so that the kinks of its composite are none of its derivatives', of any order.
sigmoid = op(
    "fused.sigmoid(x, /)", elementwise=True, fresh=True,
    composite=lambda x: exp(minimum(x, 0)) / (exp(-abs(x)) + 1),  # no exponent is positive, so none overflows
    vjp={"x": lambda g, out: g * out * (1 - out)},
)  # fmt: skip


def swiglu_backward_composite(grad, gate, value):
    s = sigmoid(gate)
    silu = gate * s
    return grad * value * (s + silu * (1 - s)), grad * silu


# No vjp: under create_graph the composite's ops are recorded instead of it, so second derivatives need no more.
swiglu_backward = op(
    "fused.swiglu_backward(grad, gate, value, /) -> gate_grad, value_grad", composite=swiglu_backward_composite
)
swiglu = op(
    "fused.swiglu(gate, value, /)", elementwise=True, fresh=True,
    composite=lambda gate, value: gate * sigmoid(gate) * value,
    vjp={("gate", "value"): lambda g, gate, value: swiglu_backward(g, gate, value)},
    doc="silu(gate) * value, elementwise, where silu(x) is x / (1 + exp(-x)): the gated linear unit of "
    "Shazeer, GLU Variants Improve Transformer, 2020.",
)  # fmt: skip
