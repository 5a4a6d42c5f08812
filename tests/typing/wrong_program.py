"""What mypy must find: each line that ends in a comment with an error's code has that error, and no other has one."""

from __future__ import annotations

import plugrad
from plugrad import Tensor


def wrong(t: Tensor) -> None:
    plugrad.exp("text")  # error: call-overload
    plugrad.exp(t, t)  # error: call-overload
    plugrad.sum(t, axes=0)  # error: call-overload
    plugrad.add(t, [1.0])  # error: call-overload
    plugrad.reshape(t)  # error: call-overload
    plugrad.no_such_op(t)  # error: attr-defined
    t.no_such_method()  # error: attr-defined
    t.max(1)  # error: call-arg
    t.astype(3)  # error: arg-type
    t.sum(dim=0)  # error: call-arg
    t.shape = (2, 3)  # error: misc
    t.grad = 1.0  # error: assignment
    t.requires_grad = "yes"  # error: assignment
    t + "text"  # error: operator
    t.backward(1.0)  # error: arg-type
    t.grad.sum()  # error: union-attr
    plugrad.zeros(2, requires_grad="yes")  # error: arg-type
    plugrad.tensor([1.0], backend=3)  # error: arg-type
    plugrad.set_default_backend(plugrad)  # error: arg-type
    length: str = plugrad.exp(t)  # error: assignment
    print(length)
