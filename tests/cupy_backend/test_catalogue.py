"""First rung: what plugrad_cupy uses of CuPy exists there, in the calls' form, and has the dtypes. No GPU is needed.

The names are read from the sources and looked up in the CuPy that is installed; without one, in the committed
catalogue of one. That a name does what it says is for a GPU to show: ``pytest --backend cupy``.
"""

import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="CuPy's dtypes are NumPy's")
plugrad_cupy = pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")

from cupy_backend.uses import uses_of  # noqa: E402
from plugrad_cupy.backend import IN_PLACE  # noqa: E402
from plugrad_cupy.kernels import NAMES  # noqa: E402
from plugrad_test_backends.cupy_double.face import FACE, committed, installed, read  # noqa: E402

SOURCES = Path(plugrad_cupy.__file__).parent
METHODS = {name.partition(".")[2] for name in FACE.functions if name.startswith("ndarray.")}
USES = uses_of(SOURCES, METHODS)

cupy = installed()
needs_cupy = pytest.mark.skipif(cupy is None, reason="CuPy is not installed")


def refused(use, face=FACE):
    """Why CuPy would refuse a use; empty if it would not."""
    if use.name not in face:
        owner = use.name.rpartition(".")[0]
        if owner in face.ufuncs and use.name.endswith((".at", ".reduce")):
            return ""
        return f"{use.where}: CuPy has no {use.name}"
    signature = face.signature(use.name)
    if signature is None or use.positions is None:
        return ""
    skipped = 1 if use.name.startswith("ndarray.") else 0  # self
    try:
        signature.bind(*range(use.positions + skipped), **dict.fromkeys(use.keywords))
    except TypeError as error:
        return f"{use.where}: cupy.{use.name}{signature}: {error}"
    return ""


def test_the_sources_use_what_cupy_has():
    assert len(USES) > 50
    assert not list(filter(None, map(refused, USES)))


@pytest.mark.parametrize("name", sorted({*NAMES.values(), *IN_PLACE.values()}))
def test_the_tables_name_what_cupy_has(name):
    assert name in FACE.functions or name in FACE.ufuncs


@pytest.mark.parametrize(
    "text, reason",
    [
        ("xp.vecdot(x, y)", "CuPy has no vecdot"),
        ("self.xp.sum(x, where=m)", "unexpected keyword argument 'where'"),
        ("cupy.zeros((2,), device='cuda')", "unexpected keyword argument 'device'"),
        ("x.astype('float32', device=1)", "unexpected keyword argument 'device'"),
        ("self._xp.random.Generator.draw", "CuPy has no random.Generator.draw"),
        ("xp.clip(x)", "missing a required argument: 'a_min'"),
    ],
)
def test_a_use_that_cupy_lacks_is_found(tmp_path, text, reason):
    source = tmp_path / "kernel.py"
    source.write_text(f"def kernel(self, xp, x, y, m):\n    return {text}\n", encoding="utf-8")
    (use,) = uses_of(source, METHODS)
    assert reason in refused(use)
    assert "kernel.py:2" in refused(use)


LOGIC = {"logical_and", "logical_or", "logical_xor", "logical_not"}
NO_COMPLEX = LOGIC | {"remainder", "floor_divide", "logaddexp", "signbit", "floor", "ceil", "trunc"}


@pytest.mark.parametrize("name", sorted({*NAMES.values(), *IN_PLACE.values(), *NO_COMPLEX, "rint"} & {*FACE.ufuncs}))
def test_dtypes_of_a_ufunc(name):
    loops = "".join(FACE.ufuncs[name])
    bits = name.startswith(("bitwise", "invert"))
    assert ("D" in loops) == (name not in NO_COMPLEX and not bits)
    assert "q" in loops if bits else "d" in loops


def test_a_protocol_answers_each_ufunc():
    from plugrad_cupy import protocols

    for name in {*NAMES.values(), *IN_PLACE.values(), "matmul"} & {*FACE.ufuncs}:
        own = name if cupy is None else getattr(cupy, name).__name__.removeprefix("cupy_")
        assert protocols.CUPY_CALLS_IT.get(own, own) in protocols.UFUNCS


@pytest.mark.parametrize("name", ["pow", "rpow", "matmul", "iadd", "eq", "ne", "gt", "and", "rand", "setitem"])
def test_operators(name):
    assert f"ndarray.__{name}__" in FACE


@needs_cupy
def test_the_committed_catalogue_is_of_the_installed_cupy():
    """``python -m plugrad_test_backends.cupy_double.face`` writes it."""
    if cupy.__version__ != committed().version:
        pytest.skip(f"the catalogue is of CuPy {committed().version}, and CuPy {cupy.__version__} is installed")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("Python 3.11 read it; another one reads other signatures and adds methods, as __buffer__")
    assert committed().as_data() == read(cupy).as_data()


@needs_cupy
def test_an_owner_takes_weak_references():
    assert cupy.ndarray.__weakrefoffset__


@needs_cupy
def test_the_array_type_is_claimed_by_its_name():
    claimed = plugrad_cupy.CupyBackend.array_types
    assert claimed == (f"{cupy.ndarray.__module__}.{cupy.ndarray.__qualname__}",)


@needs_cupy
def test_dtypes_have_numpy_s_names():
    from plugrad.registry.dtype import DTYPES

    for name in DTYPES.values():
        assert plugrad_cupy.CupyBackend().native_dtype(name).name == name
