"""``gradcheck`` and ``gradgradcheck``: what is checked, by PyTorch's arguments. How is in ``jacobian``."""

from __future__ import annotations

from random import Random

from ..ops import stack
from ..registry.tensor import Tensor
from .jacobian import Check, differentiable, several
from .numerical import GradcheckError, gradient_of, like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Function = Callable[..., Any]


def gradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the derivatives of ``func(*inputs)`` with central differences, element by element.

    A complex output is checked as its real and its imaginary part. Inputs are moved out of place: ``func`` must use
    those that it is given.

    :param func: returns a tensor, or a tuple or list of tensors.
    :param inputs: a tensor, or the arguments; the tensors that require grad are differentiated, best of float64 or
        complex128.
    :param eps: the step to both sides.
    :param atol: a difference of ``atol + rtol * abs(numeric)`` is allowed.
    :param rtol: see ``atol``.
    :param raise_exception: False to return False where a check fails.
    :param nondet_tol: how far two runs of the same backward may be apart.
    :param check_undefined_grad: check that a cotangent that is missing counts as zeros.
    :param check_grad_dtypes: of no effect, for a gradient always has its input's dtype.
    :param check_batched_grad: check ``autograd.grad`` with ``is_grads_batched``.
    :param check_batched_forward_grad: of no effect, for several tangents are taken one after the other.
    :param check_forward_ad: check forward mode too.
    :param check_backward_ad: check backward.
    :param fast_mode: compare the Jacobian along one random direction instead of element by element.
    :param masked: of no effect, for there are no sparse tensors.
    :returns: True if every check holds.
    :raises GradcheckError: where one does not; the message names input, output, element and both values.
    :raises ValueError: if no input requires grad.
    :raises AssertionError: if arguments contradict each other, or outputs have another shape or dtype beside the point.
    """
    _insist(check_forward_ad or check_backward_ad, "at least one of check_forward_ad or check_backward_ad")
    _insist(check_backward_ad or not check_batched_grad, "check_backward_ad, for check_batched_grad")
    _insist(check_forward_ad or not check_batched_forward_grad, "check_forward_ad, for check_batched_forward_grad")
    check = Check(func, several(inputs), eps, atol, rtol)
    try:
        if check_backward_ad:
            check.backward(fast_mode, nondet_tol)
        if check_forward_ad:
            check.forward(fast_mode, check_undefined_grad)
        if check_backward_ad:
            if check_batched_grad:
                check.batched()
            check.zero_cotangents()
            if check_undefined_grad:
                check.undefined_cotangents()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """``gradcheck`` of the gradients of ``func(*inputs)``: the second derivatives.

    :param grad_outputs: a cotangent for each output, differentiated too where it requires grad; by default random ones.
    :param gen_non_contig_grad_outputs: the random ones are slices of larger arrays.
    :param check_fwd_over_rev: check forward mode over backward.
    :param check_rev_over_rev: check backward over backward.

    The other parameters are ``gradcheck``'s, and so are the errors.

    :raises ValueError: also if no output requires grad.
    """
    _insist(check_fwd_over_rev or check_rev_over_rev, "at least one of check_fwd_over_rev or check_rev_over_rev")
    _insist(check_rev_over_rev or not check_undefined_grad, "check_rev_over_rev, for check_undefined_grad")
    _insist(check_rev_over_rev or not check_batched_grad, "check_rev_over_rev, for check_batched_grad")
    given = several(inputs)
    if grad_outputs is None:
        outputs = differentiable(func(*given))
        if not outputs:
            raise ValueError("gradgradcheck expects an output that requires grad, but none of them does")
        cotangents = tuple(_random_leaf(out, seed, gen_non_contig_grad_outputs) for seed, out in enumerate(outputs))
    else:
        cotangents = several(grad_outputs)
    arguments = (*given, *cotangents)
    asked = {k for k, x in enumerate(arguments) if isinstance(x, Tensor) and x.requires_grad}
    gradient = gradient_of(lambda *args: differentiable(func(*args)), len(given))

    def of_leaves(*args: Any) -> tuple[Tensor, ...]:
        """The gradient, also where forward mode gives tensors that do not say that they require grad."""
        leaves = [x.requires_grad_() if k in asked and x.is_leaf else x for k, x in enumerate(args)]
        return gradient(*leaves)  # type: ignore[no-any-return]

    return gradcheck(
        of_leaves, arguments,
        eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad, check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad, check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev, fast_mode=fast_mode, masked=masked,
    )  # fmt: skip


def _insist(holds: object, what: str) -> None:
    if not holds:
        raise AssertionError(f"Expected {what} to be True")


def _random_leaf(out: Tensor, seed: int, sliced: bool) -> Tensor:
    draw = Random(seed).uniform
    elements = [complex(draw(-1, 1), draw(-1, 1)) if out._spec.complex else draw(-1, 1) for _ in range(out.size)]
    made = like(out, elements, False)
    if sliced:
        made = stack([made, made], axis=out.ndim)[..., 0].detach()
    return made.requires_grad_()
