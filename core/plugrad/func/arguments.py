"""What the transforms ask of a function's arguments and results, in PyTorch's words."""

from __future__ import annotations

from ..errors import GraphError
from ..registry.tensor import Tensor
from .trees import leaves, mapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Argnums = int | tuple[int, ...]
    Args = tuple[Any, ...]


def places(argnums: Argnums, count: int) -> tuple[int, ...]:
    """The places that ``argnums`` names among so many positional arguments.

    :raises GraphError: if it names none, one twice, or one that is not there.
    """
    if not isinstance(argnums, (int, tuple)) or isinstance(argnums, bool):
        raise GraphError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    found = []
    for argnum in argnums if isinstance(argnums, tuple) else (argnums,):
        if not isinstance(argnum, int):
            raise GraphError(f"argnum must be int, got: {type(argnum)}")
        if not -count <= argnum < count:
            raise GraphError(f"Got argnum={argnum}, but only {count} positional inputs")
        found.append(argnum % count)
    if not found:
        raise GraphError("argnums must be non-empty")
    if len(set(found)) != len(found):
        raise GraphError(f"argnums elements must be unique, got {argnums}")
    return tuple(found)


def chosen(args: Args, argnums: Argnums) -> Any:
    """The arguments that ``argnums`` names: one, or a tuple of them."""
    found = places(argnums, len(args))
    return tuple([args[i] for i in found]) if isinstance(argnums, tuple) else args[found[0]]


def replaced(args: Args, argnums: Argnums, new: Any) -> Args:
    """The arguments with others in the places of ``chosen``."""
    found = places(argnums, len(args))
    pairs = dict(zip(found, new if isinstance(argnums, tuple) else (new,), strict=True))
    return tuple([pairs.get(i, a) for i, a in enumerate(args)])


def check_tensors(tree: Any) -> list[Tensor]:
    """The leaves of an argument that is to be differentiated.

    :raises ValueError: if one is no tensor.
    """
    found = leaves(tree)
    for x in found:
        if not isinstance(x, Tensor):
            raise ValueError(
                f"Thing passed to transform API must be Tensor, got {type(x)}. Make a tensor of it, or leave it out of "
                "argnums"
            )
    return found


def with_aux(result: Any, has_aux: bool, api: str) -> tuple[Any, Any]:
    """What a function returned, and its auxiliary data.

    :raises GraphError: if there should be a pair and is none.
    """
    if not has_aux:
        return result, None
    if not (isinstance(result, tuple) and len(result) == 2):
        raise GraphError(f"{api}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return result


def check_outputs(tree: Any, api: str) -> list[Tensor]:
    """The tensors that a function returned.

    :raises GraphError: if there is none, or something else.
    """
    found = leaves(tree)
    if not found or found == [None]:
        raise GraphError(f"{api}: Expected f to be a function that has non-empty output (got output = {found})")
    for x in found:
        if not isinstance(x, Tensor):
            raise GraphError(f"{api}: expected f(*primals) to return only tensors, got unsupported type {type(x)}")
    return found


def check_real(tensors: Sequence[Tensor], api: str, what: str) -> None:
    """
    :raises GraphError: if one is complex.
    """
    for i, t in enumerate(tensors):
        if isinstance(t, Tensor) and t._spec.complex:
            raise GraphError(f"{api}: Expected all {what} to be real but received complex tensor at flattened input "
                             f"idx: {i}. Split it into real and imaginary part, or use vjp or jvp")  # fmt: skip


def each_tensor(function: Callable[[Tensor], Tensor], tree: Any) -> Any:
    """The tree with each tensor replaced; other leaves stay."""
    return mapped(lambda x: function(x) if isinstance(x, Tensor) else x, tree)
