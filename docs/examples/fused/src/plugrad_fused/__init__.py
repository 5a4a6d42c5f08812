"""Ops for plugrad whose kernels do in one pass what takes several. Importing this imports no array library."""

from __future__ import annotations

from plugrad.extend import hookimpl

from .ops import sigmoid, swiglu, swiglu_backward

__all__ = ["swiglu"]

plugrad_api = 1


@hookimpl
def plugrad_ops(register):
    for op in (sigmoid, swiglu, swiglu_backward):
        register(op)


@hookimpl
def plugrad_kernels(register):
    from . import acceptance

    register("fused.sigmoid", backend="numpy", kernel="plugrad_fused.numpy_kernels:sigmoid")
    for op in ("swiglu", "swiglu_backward"):
        register(f"fused.{op}", backend="numpy", kernel=f"plugrad_fused.numpy_kernels:{op}")
        register(
            f"fused.{op}", backend="cupy", kernel=f"plugrad_fused.cupy_kernels:{op}", accepts=acceptance.one_float_dtype
        )
    # A kernel for an op of plugrad's own: before NumPy's, which has priority 0, and only where it is faster.
    register(
        "scatter_add", backend="numpy", kernel="plugrad_fused.numpy_kernels:scatter_add", priority=1,
        accepts=acceptance.many_whole_rows,
    )  # fmt: skip


@hookimpl
def plugrad_samples(register):
    from . import samples

    samples.give(register)
