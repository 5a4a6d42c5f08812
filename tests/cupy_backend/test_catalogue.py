"""Each name and keyword of CuPy's that the backend uses exists in the CuPy that is installed. No GPU is needed.

It does not show that they do what their names say: a GPU does, by ``pytest --backend cupy``.
"""

import inspect
import re

import pytest

cupy = pytest.importorskip("cupy", reason="the names are looked up in CuPy, which is not installed")
if not hasattr(cupy, "ndarray"):
    pytest.skip("a folder named cupy is on the path, and CuPy is not installed", allow_module_level=True)

from cupy_backend import catalogue  # noqa: E402


def of_text(text):
    return list(inspect.signature(eval(f"lambda {text}: None", {})).parameters.values())


def parameters(function):
    """A function's parameters: Python's, or those in the first line of the doc, where Cython and ufuncs put them."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        line = function.__doc__.lstrip().split("\n", 1)[0].replace("\\", "")
        inside = re.search(r"\((.*)\)", line)[1]
        inside = re.sub(r"=numpy\.\w+", "=None", re.sub(r"\b(Py_ssize_t|int|bool) (?=\w)", "", inside))
        found = of_text(inside)
    return [p for p in found if p.name != "self"]


def shape_of(parameter):
    return parameter.name, parameter.kind, parameter.default is not parameter.empty


def check(function, text):
    assert list(map(shape_of, parameters(function))) == list(map(shape_of, of_text(text)))


@pytest.mark.parametrize("name", catalogue.FUNCTIONS)
def test_function(name):
    check(getattr(cupy, name), catalogue.FUNCTIONS[name])


@pytest.mark.parametrize("name", catalogue.METHODS)
def test_method(name):
    check(getattr(cupy.ndarray, name), catalogue.METHODS[name])


@pytest.mark.parametrize("name", catalogue.ATTRIBUTES)
def test_attribute(name):
    assert hasattr(cupy.ndarray, name)


@pytest.mark.parametrize("name", catalogue.UFUNCS)
def test_ufunc(name):
    ufunc = getattr(cupy, name)
    assert isinstance(ufunc, cupy.ufunc)
    assert "out" in [p.name for p in parameters(ufunc)]
    loops = "".join(ufunc.types)
    assert ("D" in loops) == (name not in catalogue.NO_COMPLEX and not name.startswith(("bitwise", "invert")))
    assert "q" in loops or "d" in loops


def test_a_protocol_answers_each_ufunc():
    protocols = pytest.importorskip("plugrad_cupy.protocols")
    for name in (*catalogue.UFUNCS, "matmul"):
        own = getattr(cupy, name).__name__.removeprefix("cupy_")
        assert protocols.CUPY_CALLS_IT.get(own, own) in protocols.UFUNCS


def test_add_at_by_position():
    assert callable(cupy.add.at)


def test_operators():
    for name in ("pow", "rpow", "matmul", "iadd", "eq", "ne", "gt", "and", "rand", "getitem", "setitem"):
        assert hasattr(cupy.ndarray, f"__{name}__")


def test_an_owner_takes_weak_references():
    assert cupy.ndarray.__weakrefoffset__


def test_the_array_type_is_claimed_by_its_name():
    from plugrad_cupy import CupyBackend

    assert CupyBackend.array_types == (f"{cupy.ndarray.__module__}.{cupy.ndarray.__qualname__}",)


@pytest.mark.parametrize("name", catalogue.RUNTIME)
def test_runtime(name):
    assert callable(getattr(cupy.cuda.runtime, name))


def test_devices():
    assert {"id", "__enter__", "__exit__"} <= set(dir(cupy.cuda.Device))


@pytest.mark.parametrize("name", catalogue.GENERATOR)
def test_generator(name):
    check(getattr(cupy.random.Generator, name), catalogue.GENERATOR[name])


def test_a_generator_is_made_of_seeded_bits():
    assert next(iter(inspect.signature(cupy.random.Generator).parameters)) == "bit_generator"
    assert "seed" in inspect.signature(cupy.random.XORWOW).parameters


def test_dtypes_have_numpy_s_names():
    from plugrad.registry.dtype import DTYPES
    from plugrad_cupy import CupyBackend

    for name in DTYPES.values():
        assert CupyBackend().native_dtype(name).name == name
