"""Floor 6: reports as text, and as tables of rich where it is installed."""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple

from .. import plugins
from ..registry.kernel_list import BROKEN, CLASH, COMPOSITE, NONE, aligned

COLOURS = {
    plugins.READY: "green", plugins.UNAVAILABLE: "yellow", plugins.REFUSED: "red", plugins.OFF: "dim", "ok": "green",
    "failed": "red", COMPOSITE: "yellow", NONE: "red", CLASH: "red", BROKEN: "red",
}  # fmt: skip
"""A state's colour, by the first words of a cell."""


class Table(NamedTuple):
    title: str
    columns: list[str]
    rows: list[list[str]]


def show(found: Any, as_json: bool, head: str, tables: list[Table]) -> None:
    """Print a report: as JSON, else its head and its tables that have rows."""
    filled = [table for table in tables if table.rows]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    try:
        if not sys.stdout.isatty():  # a table would be cut to a width that nobody chose
            raise ImportError
        show_rich(head, filled)
    except ImportError:
        print(plain(head, filled))


def plain(head: str, tables: list[Table]) -> str:
    blocks = [head] if head else []
    for title, columns, rows in tables:
        lines = aligned([columns, *rows])
        blocks.append("\n".join([title, *(f"  {line}" for line in lines)]))
    return "\n\n".join(blocks)


def show_rich(head: str, tables: list[Table]) -> None:
    """
    :raises ImportError: if rich is not installed.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as RichTable

    console = Console()
    if head:
        console.print(head, markup=False, highlight=False)
    for title, columns, rows in tables:
        table = RichTable(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            colours = [COLOURS.get(cell.partition(":")[0]) for cell in row]
            shown = zip(row, colours, strict=True)
            table.add_row(*(f"[{colour}]{escape(cell)}[/]" if colour else escape(cell) for cell, colour in shown))
        console.print(table)
