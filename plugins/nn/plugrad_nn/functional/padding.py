"""Padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import ShapeError, shape_of
from plugrad.ops import broadcast_to, concat, flip, getitem

from ..ops import padding as ops

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from plugrad import Tensor


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Elements put before and after those along the last axes, or taken away where ``pad`` is negative.

    :param pad: how many before and after along the last axis, then along the one before it, and so on:
        ``(left, right, top, bottom)``.
    :param mode: ``"constant"``; or one of the following, for which the input has one or two axes more than are padded,
        one to three: ``"reflect"``, the elements beyond the border as in a mirror; ``"replicate"``, the outermost
        one again; ``"circular"``, the elements from the other end.
    :param value: of ``"constant"``; 0 unless given.
    :raises NotImplementedError: for another mode, or too few or too many axes for it.
    :raises RuntimeError: if ``pad`` is of odd length or too long, takes away more than there is, or asks for more
        than the mode can give; or for a value with a mode that takes none.

    >>> F.pad(plugrad.tensor([[1.0, 2.0, 3.0]]), (1, 2), value=9.0).tolist()
    [[9.0, 1.0, 2.0, 3.0, 9.0, 9.0]]
    >>> F.pad(plugrad.tensor([[1.0, 2.0, 3.0]]), (2, 1), mode="reflect").tolist()
    [[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]
    """
    pad, shape = tuple(pad), shape_of(input)
    if len(pad) % 2:
        raise RuntimeError(f"Padding length must be divisible by 2: {pad} holds {len(pad)} numbers")
    if len(pad) > 2 * len(shape):
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(pad)} and input of dimension {len(shape)}"
        )
    if mode == "constant":
        _check_extents(shape, pad)
        return ops.constant_pad(input, pad, 0 if value is None else value)  # type: ignore[no-any-return]
    if mode not in PADDED:
        raise NotImplementedError(
            f"Unrecognised padding mode {mode}; there are 'constant', 'reflect', 'replicate' and 'circular'"
        )
    if value is not None:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if len(pad) not in (2, 4, 6) or len(shape) - len(pad) // 2 not in (1, 2):
        raise NotImplementedError(
            f"Padding size {len(pad)} is not supported for {len(shape)}D input tensor: mode {mode!r} pads the last one "
            "to three axes of an input that has one or two axes more"
        )
    _check_extents(shape, pad)
    pairs = ops.by_axis(pad, len(shape))
    for axis, (before, after) in enumerate(pairs):
        _check_reach(mode, shape, axis, before, after)
    for axis, (before, after) in enumerate(pairs):
        if before or after:
            input = PADDED[mode](input, axis, shape[axis], before, after)
    return input


def _check_extents(shape: tuple[int, ...], pad: tuple[int, ...]) -> None:
    for axis, (before, after) in enumerate(ops.by_axis(pad, len(shape))):
        if shape[axis] + before + after < 0 or shape[axis] + min(before, 0) + min(after, 0) < 0:
            raise ShapeError(
                f"pad: {(before, after)} takes more than there is of axis {axis} of an input of shape {shape}"
            )


def _check_reach(mode: str, shape: tuple[int, ...], axis: int, before: int, after: int) -> None:
    """Whether the elements that a mode repeats are there."""
    extent = shape[axis]
    if mode == "reflect" and max(before, after) >= max(extent, 1):
        raise ShapeError(
            "Padding size should be less than the corresponding input dimension, but got: padding "
            f"{(before, after)} at dimension {axis} of input {list(shape)}"
        )
    if mode == "circular" and max(before, after) > extent + min(before, 0) + min(after, 0):
        raise ShapeError(
            f"Padding value causes wrapping around more than once: {(before, after)} at dimension {axis} of input "
            f"{list(shape)}"
        )
    if mode == "replicate" and not extent and max(before, after) > 0:
        raise ShapeError(f"pad: there is nothing to replicate at dimension {axis} of input {list(shape)}")


def part(x: Any, axis: int, start: int, stop: int) -> Any:
    return getitem(x, (slice(None),) * axis + (slice(start, stop),))


def cropped(input: Any, axis: int, extent: int, before: int, after: int) -> Any:
    """What negative padding leaves."""
    return part(input, axis, max(-before, 0), extent + min(after, 0))


def joined(input: Any, axis: int, extent: int, before: int, after: int, left: Any, right: Any) -> Any:
    """What stands before, what is kept and what stands after."""
    kept = cropped(input, axis, extent, before, after)
    parts = [*([left()] if before > 0 else []), kept, *([right()] if after > 0 else [])]
    return concat(*parts, axis=axis) if len(parts) > 1 else kept


def reflected(input: Any, axis: int, extent: int, before: int, after: int) -> Any:
    return joined(
        input, axis, extent, before, after,
        lambda: flip(part(input, axis, 1, before + 1), axis=axis),
        lambda: flip(part(input, axis, extent - 1 - after, extent - 1), axis=axis),
    )  # fmt: skip


def replicated(input: Any, axis: int, extent: int, before: int, after: int) -> Any:
    def repeated(start: int, count: int) -> Any:
        edge = part(input, axis, start, start + 1)
        shape = shape_of(edge)
        return broadcast_to(edge, (*shape[:axis], count, *shape[axis + 1 :]))

    return joined(
        input, axis, extent, before, after, lambda: repeated(0, before), lambda: repeated(extent - 1, after)
    )


def wrapped(input: Any, axis: int, extent: int, before: int, after: int) -> Any:
    """Of what is left."""
    kept = cropped(input, axis, extent, before, after)
    left = shape_of(kept)[axis]
    return joined(
        input, axis, extent, before, after,
        lambda: part(kept, axis, left - before, left), lambda: part(kept, axis, 0, after),
    )  # fmt: skip


PADDED = {"reflect": reflected, "replicate": replicated, "circular": wrapped}
