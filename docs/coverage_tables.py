"""The tables of docs/coverage.md, computed: from the registry, by running the ops' samples, and from the array API
standard's namespace. ``python docs/coverage_tables.py`` prints the page.
"""

import warnings
from pathlib import Path

import plugrad
from plugrad import autograd, func
from plugrad.extend import MissingKernel
from plugrad.plugins import missing, plugins
from plugrad.registry.claims import BACKENDS
from plugrad.registry.op import OPS
from plugrad.testing import CannotHold, Values, check_gradients, gradient_of, samples_of
from plugrad.testing.conformance.samples import read_plugins
from plugrad.testing.samples import SAMPLES

HERE = Path(__file__).parent
ON = "numpy"  # where the samples run

# -- what is there --------------------------------------------------------------------------------------------------


def source_of(op):
    """The plugin's name for itself, what stands before the dot; empty for plugrad's own ops."""
    return op.name.partition(".")[0] if op.source.startswith("plugin ") else ""


# -- kernels -----------------------------------------------------------------------------------------------------------


def kernel_cell(op, backend):
    """Who runs the op there, in the order in which they are asked."""
    (found,) = plugrad.kernels(op.name, backend)
    cells = ["plugin's" if kernel.plugin else "own" for kernel in found.kernels]
    if found.composite and all(kernel.may_decline for kernel in found.kernels):
        cells.append("composite")
    return ", ".join(dict.fromkeys(cells)) or "–"


# -- derivatives, by running the samples -----------------------------------------------------------------------------


def smallest(op):
    """The sample with the fewest elements at which the derivative is one, and its dtype."""
    found = [
        (sample.size, number, sample, dtype)
        for number, sample in enumerate(samples_of(op.name))
        for dtype in sample.dtypes
        if sample.smooth and sample.size and dtype in ("float64", "complex128")
        if any(isinstance(i, Values) and i.floating for i in sample.inputs)
    ]
    return min(found, key=lambda f: (f[3] != "float64", *f[:2]))[2:] if found else None


def derivative_cells(op):
    """Reverse mode, forward mode, second order: what held against central differences, or why it is not there."""
    chosen = smallest(op)
    if not (op.differentiable or op.composite) or chosen is None:
        return "–", "–", "–"
    sample, dtype = chosen
    arguments = sample.arguments(dtype, ON, requires_grad=True)

    def function(*inputs):
        return op.function(*inputs, **sample.parameters)

    asked = [k for k, a in enumerate(arguments) if isinstance(a, plugrad.Tensor) and a.requires_grad]
    outputs = tensors(function(*arguments))
    if not asked or not any(out.requires_grad for out in outputs):
        return "–", "–", "–"
    check_gradients(function, arguments, what=op.name)
    return "yes", forward_cell(op, function, arguments, asked), second_cell(op, function, arguments, outputs)


def tensors(result):
    several = result if isinstance(result, tuple | list) else (result,)
    return [t for t in several if isinstance(t, plugrad.Tensor) and not plugrad.isdtype(t.dtype, ("bool", "integral"))]


def forward_cell(op, function, arguments, asked):
    """Whether a tangent agrees with reverse mode: <w, J t> = <J* w, t>."""

    def run(*inputs):
        given = dict(zip(asked, inputs, strict=True))
        return tuple(tensors(function(*[given.get(k, a) for k, a in enumerate(arguments)])))

    primals = tuple(arguments[k].detach() for k in asked)
    tangents = tuple(plugrad.ones_like(p) for p in primals)
    outputs, pushed = func.jvp(run, primals, tangents)
    cotangents = tuple(plugrad.ones_like(out) for out in outputs)
    pulled = func.vjp(run, *primals)[1](cotangents)
    left, right = (sum(plugrad.real(x).sum().item() for x in several) for several in (pushed, pulled))
    if abs(left - right) > 1e-9 * (1 + abs(left)):
        raise AssertionError(f"{op.name}: forward mode says {left}, reverse mode {right}")
    return "yes"


def second_cell(op, function, arguments, outputs):
    cotangents = [plugrad.ones_like(out, requires_grad=True) for out in outputs]
    check_gradients(gradient_of(function, len(arguments)), [*arguments, *cotangents], what=f"second order of {op.name}")
    return "yes"


def dtype_cell(op):
    """The kinds of dtype in which its samples ran."""
    ran = dict.fromkeys(("bool", "integer", "real", "complex"), False)
    for sample in samples_of(op.name):
        for dtype in sample.dtypes:
            try:
                arguments = sample.arguments(dtype, ON)
                op.function(*arguments, **sample.parameters)
            except (CannotHold, MissingKernel):
                continue
            for argument in arguments:
                if isinstance(argument, plugrad.Tensor):
                    ran[argument.dtype.kind.removeprefix("signed ").partition(" ")[0]] = True
    return ", ".join(kind for kind, did in ran.items() if did)


def table_of_ops(source):
    """One row for each op of the core (``""``) or of a plugin."""
    reasons = {backend.name: missing(backend) for backend in BACKENDS.values()}
    shown = [name for name, reason in reasons.items() if not reason]
    lines = [
        "| op | reverse | forward | second order | dtypes | " + " | ".join(shown) + " |",
        "|---|---|---|---|---|" + "---|" * len(shown),
    ]
    for _, op in sorted(OPS.items()):
        if source_of(op) != source:
            continue
        cells = [*derivative_cells(op), dtype_cell(op)] if op.name in SAMPLES else ["no samples"] * 4
        cells += [kernel_cell(op, name) for name in shown]
        lines.append(f"| `{op.signature.name}{op.signature.text}` | {' | '.join(cells)} |")
    lines += [f"\nNot computed for `{name}`: {reason}." for name, reason in reasons.items() if reason]
    return "\n".join(lines)


# -- the array API standard ------------------------------------------------------------------------------------------

OWN = ("ArrayAPIStrictFlags", "Device", "__version__", "array_api_strict_flags")
SHAPE_OF_VALUES = "the result's shape depends on values: call it on `t.array`"
OF_DTYPES = "about dtypes alone: the library's own takes `str(t.dtype)`"
NOT_WHOLE = "the namespace is not whole"
WHY_NOT = {
    "__array_api_version__": NOT_WHOLE, "__array_namespace_info__": NOT_WHOLE, "bitwise_left_shift": "not yet",
    "bitwise_right_shift": "not yet", "broadcast_arrays": "not yet: `broadcast_to` each", "broadcast_shapes": "not yet",
    "can_cast": OF_DTYPES, "count_nonzero": "has no derivative: `(t != 0).sum()`", "diff": "not yet: `t[1:] - t[:-1]`",
    "e": "Python's `math.e`", "fft": "an extension, not yet", "finfo": OF_DTYPES,
    "iinfo": OF_DTYPES, "inf": "Python's `math.inf`", "isin": "has no derivative: call it on `t.array`",
    "linalg": "an extension, not yet; `matmul`, `matrix_transpose`, `tensordot` and `vecdot` are in the main namespace",
    "meshgrid": "not yet: `expand_dims` and `broadcast_to`", "nan": "Python's `math.nan`", "newaxis": "it is `None`",
    "nonzero": SHAPE_OF_VALUES, "pi": "Python's `math.pi`", "result_type": OF_DTYPES,
    "searchsorted": "has no derivative: call it on `t.array`", "unique_all": SHAPE_OF_VALUES,
    "unique_counts": SHAPE_OF_VALUES, "unique_inverse": SHAPE_OF_VALUES, "unique_values": SHAPE_OF_VALUES,
}  # fmt: skip
"""Why a name of the standard is not here. A test fails where one is missing, or no longer true."""


def standard():
    """The version of the standard, and the names of its namespace, from array-api-strict."""
    import array_api_strict

    names = [name for name in array_api_strict.__all__ if not name.endswith(OWN)]
    return array_api_strict.__array_api_version__, sorted(names)


def table_of_the_standard():
    version, names = standard()
    there = [name for name in names if hasattr(plugrad, name)]
    lines = [f"Of the {len(names)} names of version {version}, {len(there)} are here:", ""]
    lines += [", ".join(f"`{name}`" for name in there) + ".", "", "| not here | why |", "|---|---|"]
    lines += [f"| `{name}` | {WHY_NOT[name]} |" for name in names if name not in there]
    return "\n".join(lines)


# -- the page --------------------------------------------------------------------------------------------------------


def filled(page):
    """The page with each ``<!-- table: NAME -->`` followed by what it names: ``core``, ``standard`` or a plugin."""
    plugins()
    read_plugins()  # their samples
    with warnings.catch_warnings(), autograd.enable_grad():
        warnings.simplefilter("ignore", RuntimeWarning)  # samples at singular points
        plugrad.set_default_backend(ON)
        try:
            return "\n".join(filled_line(line) for line in page.split("\n"))
        finally:
            plugrad.set_default_backend(None)


def filled_line(line):
    name = line.removeprefix("<!-- table: ").removesuffix(" -->")
    if name == line:
        return line
    if name == "standard":
        return table_of_the_standard()
    if name == "plugins":
        sources = sorted({source_of(op) for op in OPS.values()} - {""})
        return "\n\n".join(f"### {source}\n\n{table_of_ops(source)}" for source in sources)
    return table_of_ops("")


if __name__ == "__main__":
    print(filled((HERE / "coverage.md").read_text(encoding="utf-8")))
