"""Floor 6: ``python -m plugrad plugins`` and ``python -m plugrad ops``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import plugins
from ..registry.claims import BACKENDS
from ..registry.kernel_list import chosen_ops, kernels
from .doctor import plugin_report, plugin_table
from .tables import Table, show

if TYPE_CHECKING:
    from ..registry.op import Op


def list_plugins(as_json: bool) -> int:
    found = [plugin_report(plugin) for plugin in plugins.plugins()]
    empty = "no plugin is installed; `pip install plugrad[numpy]` brings NumPy's backend"
    show(found, as_json, "" if found else empty, [plugin_table(found)])
    return 0


def list_ops(pattern: str | None, as_json: bool) -> int:
    """
    :raises ValueError: if no op matches.
    """
    plugins.discover()
    found = [op_report(op) for op in chosen_ops(pattern)]
    columns = ["op", "differentiable", *BACKENDS]
    rows = [[op["signature"], op["differentiable"], *op["backends"].values()] for op in found]
    show(found, as_json, "", [Table("Ops, and what runs them on each backend", columns, rows)])
    return 0


def op_report(op: Op) -> dict[str, Any]:
    return {
        "name": op.name,
        "signature": op.declaration,
        "differentiable": "yes" if op.differentiable else "as its composite is" if op.composite else "no",
        "source": op.source,
        "backends": {name: kernels(op.function, name)[0].runs for name in BACKENDS},
    }
