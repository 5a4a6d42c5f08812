"""Wrong derivatives, planted on purpose: a kit that does not fail then is no kit."""

from __future__ import annotations

from ...registry.signature import function_from, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...registry.op import Op


def plant(op: Op) -> str:
    """Make the first formula of an op wrong, for the rest of the process. The op must not have been called yet.

    :returns: what was done.
    :raises ValueError: if the op has no formula: its derivative is that of its composite's ops.
    """
    if not op.vjp:
        raise ValueError(f"{op.name} has no vjp to plant a fault in: it is differentiated as the ops of its composite")
    formulas: Any = dict(op.vjp)
    key, formula = next(iter(formulas.items()))
    names = ", ".join(names_of(formula))
    formulas[key] = function_from(f"({names})", f"WRONG(FORMULA({names}))", {"WRONG": _wrong, "FORMULA": formula})
    op.vjp = formulas
    inputs = key if isinstance(key, str) else ", ".join(key)
    return f"{op.name}: its vjp of {inputs} gives 1.01 times what it should, and 0.01"


def _wrong(made: Any) -> Any:
    if type(made) in (tuple, list):
        parts = list(made)
        place = next((k for k, part in enumerate(parts) if part is not None), None)
        if place is not None:
            parts[place] = _wrong(parts[place])
        return type(made)(parts)
    return None if made is None else made * 1.01 + 0.01
