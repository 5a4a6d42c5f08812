"""What CuPy offers, as far as that shows without a device: names, parameters, and the dtypes that its ufuncs take.

``FACE`` is read from the CuPy that is installed; where none is, from ``catalogue.json``, which is what was read from
one (``python -m plugrad_test_backends.cupy_double.face`` writes it anew).
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("catalogue.json")
FUNCTIONS_IN = "", "fft", "linalg"
CLASSES = (
    "cuda.Device", "cuda.Event", "cuda.MemoryPool", "cuda.Stream", "ndarray", "random.Generator", "random.XORWOW",
)  # fmt: skip
PLAIN = bool, int, str, float, type(None)


class Face:
    """The names of one CuPy, by their dotted paths below ``cupy``.

    ``functions`` maps a name to its parameters as text, ``ufuncs`` to its loops (``"dd->d"``); ``others`` are names of
    which no more is known than that they exist.
    """

    def __init__(self, source: str, version: str, functions: Any, ufuncs: Any, others: Any) -> None:
        self.source, self.version = source, version
        self.functions: dict[str, str] = functions
        self.ufuncs: dict[str, list[str]] = ufuncs
        self.others = frozenset(others)

    def __contains__(self, name: str) -> bool:
        return name in self.functions or name in self.ufuncs or name in self.others

    def signature(self, name: str) -> inspect.Signature | None:
        """A function's parameters; None where CuPy does not tell them."""
        text = self.functions.get(name)
        return None if text is None else signature_of(text)

    def as_data(self) -> dict[str, Any]:
        return {
            "version": self.version, "functions": self.functions, "ufuncs": self.ufuncs, "others": sorted(self.others),
        }  # fmt: skip


def signature_of(text: str) -> inspect.Signature:
    return inspect.signature(eval(f"lambda {text}: None", {}))


def parameters(function: Any) -> str:
    """A function's parameters as text: Python's, or those in its doc's first line, where Cython puts them.

    A default that is no plain value reads ``...``. Without any such line, the empty string.
    """
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        line = (function.__doc__ or "").lstrip().partition("\n")[0].replace("\\", "")
        inside = re.search(r"\((.*)\)", line)
        if inside is None:
            return ""
        text = re.sub(r"=[\w.]*\.\w+", "=...", inside[1])  # numpy.float64 and such
        text = re.sub(r"\b[A-Za-z_][\w.]* (?=[A-Za-z_]\w*\s*(?:[,=)]|$))", "", text)  # C types before the names
        try:
            found = signature_of(text)
        except SyntaxError:
            return ""
    plain = []
    for p in found.parameters.values():
        default = p.default if p.default is p.empty or type(p.default) in PLAIN else ...
        plain.append(p.replace(annotation=p.empty, default=default))
    return re.sub(r", /$", "", str(found.replace(parameters=plain, return_annotation=found.empty))[1:-1]).replace(
        "Ellipsis", "..."
    )


def read(cupy: Any) -> Face:
    """The face of an installed CuPy."""
    functions: dict[str, str] = {}
    ufuncs: dict[str, list[str]] = {}
    others: list[str] = []
    for module in FUNCTIONS_IN:
        holder = getattr(cupy, module) if module else cupy
        for name in dir(holder):
            value, path = getattr(holder, name), f"{module}.{name}" if module else name
            if name.startswith("_"):
                continue
            if inspect.ismodule(value):
                others += [path] if value.__name__.startswith("cupy.") else []
                continue
            if isinstance(value, cupy.ufunc):
                ufuncs[path] = list(value.types)
                continue
            text = parameters(value) if callable(value) and not isinstance(value, type) else ""
            if text:
                functions[path] = text
            else:
                others.append(path)
    for path in CLASSES:
        holder = cupy
        for part in path.split("."):
            holder = getattr(holder, part)
        others.append(path)
        for name in dir(holder):
            value = getattr(holder, name)
            text = parameters(value) if callable(value) and not name.startswith("_") else ""
            if text and not name.startswith("__"):
                functions[f"{path}.{name}"] = text
            elif not name.startswith("_") or name.startswith("__"):
                others.append(f"{path}.{name}")
    others += [f"cuda.runtime.{name}" for name in dir(cupy.cuda.runtime) if not name.startswith("_")]
    others += [f"cuda.{name}" for name in dir(cupy.cuda) if not name.startswith("_")]
    others += [f"random.{name}" for name in dir(cupy.random) if not name.startswith("_")]
    return Face(f"CuPy {cupy.__version__}", cupy.__version__, functions, ufuncs, others)


def installed() -> Any:
    """The installed CuPy, or None. A folder named cupy on the path is none."""
    try:
        import cupy
    except ImportError:
        return None
    return cupy if hasattr(cupy, "ndarray") else None


def committed() -> Face:
    data = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return Face(f"the catalogue of CuPy {data['version']}", **data)


_cupy = installed()
FACE = committed() if _cupy is None else read(_cupy)

if __name__ == "__main__":
    CATALOGUE.write_text(json.dumps(read(installed()).as_data(), indent=0, sort_keys=True) + "\n", encoding="utf-8")
