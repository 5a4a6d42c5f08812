"""CuPy's ufuncs: the loops that CuPy has, NumPy's arithmetic in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .array import NUMBERS, converted, here, ndarray, own
from .device import count, current
from .face import FACE

AT = {"add": "iIlLqQefd", "subtract": "iI", "maximum": "iIlLqQfd", "minimum": "iIlLqQfd",
      "bitwise_and": "iIlLqQ", "bitwise_or": "iIlLqQ", "bitwise_xor": "iIlLqQ"}  # fmt: skip
"""The dtypes of ``ufunc.at``: those of CUDA's atomics."""
UNFIT = (
    "output (typecode {!r}) could not be coerced to provided output parameter (typecode {!r}) "
    "according to the casting rule {!r}"
)
TINY = np.finfo(np.float32).tiny


def power(x1: Any, x2: Any) -> Any:
    """Of complex numbers exp(x2 * log(x1)), nan at 0; of integers to negative powers 0, 1 or -1."""
    x1, x2 = np.asarray(x1), np.asarray(x2)
    if x1.dtype.kind == "c" or x2.dtype.kind == "c":
        return np.where((x1 == 0) & (x2 != 0), np.nan, np.power(x1, x2))
    if x1.dtype.kind == "i" and x2.dtype.kind == "i":
        inverse = np.where(np.abs(x1) == 1, np.where(x2 % 2 == 0, 1, x1), 0)
        return np.where(x2 < 0, inverse, np.power(x1, np.maximum(x2, 0)))
    return np.power(x1, x2)


OWN = {"power": power, "pow": power}


class Ufunc:
    """As ``cupy.ufunc``."""

    def __init__(self, name: str, loops: list[str]) -> None:
        self.__name__ = f"cupy_{name}"
        self.name, self.types = name, loops
        given, _, made = loops[-1].partition("->")
        self.nin, self.nout = len(given), len(made)
        self.function = OWN.get(name) or getattr(np, name, None)
        self._loops: dict[Any, Any] = {}

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        if keywords or len(args) != self.nin:
            return self._general(*args, **keywords)
        device, raws, kinds = current.device, [], []
        for x in args:
            kind = type(x)
            if kind is ndarray:
                if x._device != device:
                    here(x)
                x = x._raw
                kind = x.dtype
            elif kind not in NUMBERS:
                if not isinstance(x, np.generic):
                    return self._stranger(x, args, {})
                kind = x.dtype
            raws.append(x)
            kinds.append(kind)
        key = tuple(kinds)
        found = self._loops.get(key) or self._found(key)
        count.launches += 1
        made = self._run(raws, *found)
        return own(made, device) if self.nout == 1 else tuple([own(raw, device) for raw in made])

    def _run(self, raws: list[Any], given: tuple[Any, ...] | None, made: tuple[Any, ...]) -> Any:
        """The arithmetic in one loop, subnormal float32 numbers flushed to zero."""
        if given is not None:
            raws = [x if dtype is None else np.asarray(x).astype(dtype) for x, dtype in zip(raws, given)]
        with np.errstate(all="ignore"):
            out = self.function(*raws)
        if self.nout == 1:
            return finished(out, made[0])
        return tuple([finished(x, dtype) for x, dtype in zip(out, made)])

    def _found(self, kinds: tuple[Any, ...]) -> Any:
        """The first loop that the operands fit in: what each is converted to, and what comes out."""
        weak = [kind for kind in kinds if kind in NUMBERS]
        common = np.result_type(*[kind(0) if kind in NUMBERS else kind for kind in kinds])
        wanted = [common if kind in NUMBERS else kind for kind in kinds]
        for loop in self.types:
            given, _, made = loop.partition("->")
            if "V" in given or not all(np.can_cast(w, c) for w, c in zip(wanted, given)):
                continue
            dtypes = [np.dtype(c) for c in given]
            strong = len(weak) < len(kinds)
            casts = tuple(
                [None if (strong if kind in NUMBERS else kind == d) else d for kind, d in zip(kinds, dtypes)]
            )
            found = casts if any(c is not None for c in casts) else None, tuple(map(np.dtype, made))
            self._loops[kinds] = found
            return found
        shown = ", ".join(str(w) for w in wanted)
        raise TypeError(f"Wrong type ({shown}) of arguments for {self.__name__}")

    def _general(self, *args: Any, out: Any = None, where: Any = True, dtype: Any = None, casting: str = "same_kind",
                 **others: Any) -> Any:  # fmt: skip
        if others or where is not True:
            raise TypeError(f"Wrong arguments {', '.join(others) or 'where'}")
        if len(args) > self.nin:
            if out is not None or len(args) != self.nin + self.nout:
                raise TypeError(f"Wrong number of arguments for {self.__name__}")
            args, out = args[: self.nin], args[self.nin :]
        if len(args) != self.nin:
            raise TypeError(f"Wrong number of arguments for {self.__name__}")
        if dtype is not None:
            args = tuple([x.astype(dtype, copy=False) if type(x) is ndarray else np.dtype(dtype).type(x) for x in args])
        for x in args:
            if type(x) is not ndarray and type(x) not in NUMBERS and not isinstance(x, np.generic):
                return self._stranger(x, args, {} if out is None else {"out": out})
        made = self(*args)
        outs = out if isinstance(out, tuple) else (out,)
        if out is None:
            return made
        for target, result in zip(outs, made if isinstance(made, tuple) else (made,)):
            if target is None:
                continue
            if type(target) is not ndarray:
                raise TypeError("return arrays must be of ArrayType")
            if target.shape != result.shape:
                raise ValueError("Out shape is mismatched")
            if not np.can_cast(result.dtype, target.dtype, casting):
                raise TypeError(UNFIT.format(result.dtype.char, target.dtype.char, casting))
            here(target)[...] = result._raw
        return outs[0] if self.nout == 1 else outs

    def _stranger(self, x: Any, args: Any, keywords: Any) -> Any:
        """Something that has an answer of its own is asked for it; NumPy's arrays are refused."""
        other = getattr(type(x), "__array_ufunc__", None)
        if other is not None and not isinstance(x, (np.ndarray, np.generic, ndarray)):
            found = x.__array_ufunc__(self, "__call__", *args, **keywords)
            if found is not NotImplemented:
                return found
        raise TypeError(f"Unsupported type {type(x)}")

    def at(self, a: Any, indices: Any, b: Any = None) -> None:
        from .indexing import lowered

        if self.name not in AT:
            raise NotImplementedError(f"`{self.__name__}.at` is not supported yet")
        if a.dtype.char not in AT[self.name]:
            names = sorted({np.dtype(c).name for c in AT[self.name]})
            raise TypeError(f"cupy.{self.name}.at only supports {', '.join(names)} as data type")
        count.launches += 1
        if type(b) is not ndarray and type(b) not in NUMBERS:
            raise TypeError(f"Unsupported type {type(b)}")
        value = here(b) if type(b) is ndarray else b
        self.function.at(here(a), lowered(a, indices), value if type(b) in NUMBERS else converted(value, a.dtype))

    def __repr__(self) -> str:
        return f"<ufunc '{self.__name__}'>"


def finished(out: Any, dtype: Any) -> Any:
    out = np.asarray(out)
    if out.dtype != dtype:
        out = converted(out, dtype)
    if dtype == np.float32 and out.size:
        small = np.abs(out) < TINY
        if small.any():
            out = np.where(small, np.copysign(np.float32(0), out), out)
    return out


UFUNCS = {name: Ufunc(name, loops) for name, loops in FACE.ufuncs.items() if "." not in name}
