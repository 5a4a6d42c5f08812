"""Floor 3: the ops, one file for each family. Formulas are written in these."""

from .broadcast import broadcast_to, expand, sum, sum_to
from .comparison import (
    bitwise_and,
    bitwise_invert,
    bitwise_or,
    bitwise_xor,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
)
from .elementwise import (
    abs,
    add,
    astype,
    clip,
    conj,
    cos,
    divide,
    exp,
    expm1,
    floor_divide,
    log,
    log1p,
    maximum,
    minimum,
    multiply,
    negative,
    positive,
    pow,
    real,
    remainder,
    sign,
    sin,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    where,
    zeros_of,
)
from .indexing import getitem, index, index_put, scatter, scatter_add, setitem
from .linalg import matmul
from .reduction import all, any, argmax, argmin, max, mean, min, prod
from .shape import concat, expand_dims, flip, matrix_transpose, permute_dims, reshape, squeeze, stack

from .documentation import DOCS as DOCS  # isort: skip  gives each function its docstring, once all are there

__all__ = [
    "abs", "add", "all", "any", "argmax", "argmin", "astype", "bitwise_and", "bitwise_invert", "bitwise_or",
    "bitwise_xor", "broadcast_to", "clip", "concat", "conj", "cos", "divide", "equal", "exp", "expand",
    "expand_dims", "expm1", "flip", "floor_divide", "getitem", "greater", "greater_equal", "index", "index_put",
    "less", "less_equal", "log", "log1p", "logical_and", "logical_not", "logical_or", "logical_xor", "matmul",
    "matrix_transpose", "max", "maximum", "mean", "min", "minimum", "multiply", "negative", "not_equal",
    "permute_dims", "positive", "pow", "prod", "real", "remainder", "reshape", "scatter", "scatter_add", "setitem",
    "sign", "sin", "sqrt", "square", "squeeze", "stack", "subtract", "sum", "sum_to", "tan", "tanh", "where",
    "zeros_of",
]  # fmt: skip
