"""Of reductions, cumulative ops and linear algebra."""

from __future__ import annotations

SEVERAL = """:param axis: an axis, a tuple of them, or None for all. Negative ones count from the last.
:param keepdims: whether the reduced axes stay, of extent 1.
"""
ONE = """:param axis: an axis; None: of the flattened array.
:param keepdims: whether the reduced axis stays, of extent 1.
"""
ALONG = """:param axis: the axis along which; a vector need not name it.
:param dtype: the input is converted to it first; None: integers are taken in int64.
:param include_initial: whether the value of no elements comes first, so that the axis gets longer by one.
:returns: of the shape of ``x``, but for ``include_initial``.
"""

DOCS = {
    "sum": f"""The sum over one axis, several or all. Integers are summed in int64.

:param x: of any shape, of a numeric dtype or bool.
{SEVERAL}:param dtype: the input is converted to it first.
:returns: of the dtype of ``x``; of the default integer for smaller ones.

>>> plugrad.sum(plugrad.tensor([[1., 2.], [3., 4.]]), axis=0)
tensor([4., 6.])
""",
    "mean": f"""The arithmetic mean over one axis, several or all. That of no elements is NaN.

:param x: of any shape, of a numeric dtype.
{SEVERAL}:returns: of the dtype of ``x``; of integers, the default float.

>>> plugrad.mean(plugrad.tensor([[1., 2.], [3., 4.]]), axis=1, keepdims=True)
tensor([[1.5],
        [3.5]])
""",
    "prod": f"""The product over one axis, several or all. Its gradient is right at zeros too.

:param x: of any shape, of a numeric dtype.
{SEVERAL}:param dtype: the input is converted to it first.
:returns: of the dtype of ``x``; of the default integer for smaller ones.

>>> x = plugrad.tensor([2., 0., 3.], requires_grad=True)
>>> plugrad.prod(x).backward()
>>> x.grad
tensor([0., 6., 0.])
""",
    "var": f"""The variance over one axis, several or all: the squares' sum by the count less ``correction``.

:param x: of any shape, of a floating dtype.
{SEVERAL}:param correction: 1 for the estimate from a sample. It may be any number.
:returns: of the dtype of ``x``, real.

>>> x = plugrad.tensor([1., 2., 3., 4.])
>>> plugrad.var(x), plugrad.var(x, correction=1)
(tensor(1.25), tensor(1.6667))
""",
    "std": f"""The square root of the variance. Its gradient where it is 0 is 0.

:param x: of any shape, of a floating dtype.
{SEVERAL}:param correction: as of ``var``.
:returns: of the dtype of ``x``, real.

>>> plugrad.std(plugrad.tensor([1., 2., 3., 4.]))
tensor(1.118)
""",
    "max": f"""The largest element. Equal ones share the cotangent evenly. Of elements with a NaN it is NaN.

:param x: of a real dtype, with an element at least along the axes.
{SEVERAL}:returns: of the dtype of ``x``.

>>> plugrad.max(plugrad.tensor([[1., 5.], [7., 2.]]), axis=1)
tensor([5., 7.])
""",
    "min": f"""The smallest element. Equal ones share the cotangent evenly. Of elements with a NaN it is NaN.

:param x: of a real dtype, with an element at least along the axes.
{SEVERAL}:returns: of the dtype of ``x``.

>>> plugrad.min(plugrad.tensor([[1., 5.], [7., 2.]]), axis=1)
tensor([1., 2.])
""",
    "argmax": f"""The position of the largest element, the first of equal ones.

:param x: of a real dtype, with an element at least along the axis.
{ONE}:returns: of dtype int64; without a gradient.

>>> plugrad.argmax(plugrad.tensor([[1., 5.], [7., 2.]]), axis=1)
tensor([1, 0])
""",
    "argmin": f"""The position of the smallest element, the first of equal ones.

:param x: of a real dtype, with an element at least along the axis.
{ONE}:returns: of dtype int64; without a gradient.

>>> plugrad.argmin(plugrad.tensor([[1., 5.], [7., 2.]]), axis=1)
tensor([0, 1])
""",
    "any": f"""Whether any element is true; numbers are, other than 0. Of no elements: False.

{SEVERAL}:returns: of dtype bool; without a gradient.

>>> plugrad.any(plugrad.tensor([[True, False], [False, False]]), axis=1)
tensor([ True, False])
""",
    "all": f"""Whether all elements are true; numbers are, other than 0. Of no elements: True.

{SEVERAL}:returns: of dtype bool; without a gradient.

>>> plugrad.all(plugrad.tensor([[True, True], [True, False]]), axis=1)
tensor([ True, False])
""",
    "cumulative_sum": f"""The sums up to each element along an axis.

:param x: of a numeric dtype.
{ALONG}
>>> plugrad.cumulative_sum(plugrad.tensor([1., 2., 3.]), include_initial=True)
tensor([0., 1., 3., 6.])
""",
    "cumulative_prod": f"""The products up to each element along an axis. Its derivatives are right at zeros too.

:param x: of a numeric dtype.
{ALONG}
>>> plugrad.cumulative_prod(plugrad.tensor([1., 2., 3.]))
tensor([1., 2., 6.])
""",
    "matmul": """The matrix product on the last two axes; the ones before them broadcast. A vector is a row or a column.

:param x1: of shape (..., n, k) or (k,), of a numeric dtype.
:param x2: of shape (..., k, m) or (k,).
:returns: of shape (..., n, m), less the axis of each vector; of the promoted dtype.
:raises ShapeError: if the extents k differ, or an input is 0-d.

>>> plugrad.matmul(plugrad.tensor([[1., 2.], [3., 4.]]), plugrad.tensor([1., -1.]))
tensor([-1., -1.])
""",
    "vecdot": """The dot product of vectors along an axis, the first conjugated.

:param x1: of a numeric dtype.
:param x2: the same, with the same extent along the axis; the other axes broadcast.
:param axis: negative, counted from the last axis.
:returns: of the broadcast shape without that axis.

>>> plugrad.vecdot(plugrad.tensor([[1., 2.], [3., 4.]]), plugrad.tensor([1., 10.]))
tensor([21., 43.])
""",
    "tensordot": """Products summed over several axes.

:param x1: of a numeric dtype.
:param x2: the same.
:param axes: so many last axes of ``x1`` and first ones of ``x2``; or a pair of tuples, those of each in order.
:returns: the other axes of ``x1``, then those of ``x2``.
:raises ShapeError: if the extents of a pair of axes differ.

>>> x = plugrad.tensor([[1., 2.], [3., 4.]])
>>> plugrad.tensordot(x, x, axes=((0,), (0,)))
tensor([[10., 14.],
        [14., 20.]])
""",
    "tril": """The elements on the k-th diagonal and below it; zeros above.

:param x: of shape (..., n, m), of a numeric dtype.
:param k: 0 is the main diagonal, 1 the one above it.
:returns: of the shape and dtype of ``x``.

>>> plugrad.tril(plugrad.tensor([[1., 2.], [3., 4.]]))
tensor([[1., 0.],
        [3., 4.]])
""",
    "triu": """The elements on the k-th diagonal and above it; zeros below.

:param x: of shape (..., n, m), of a numeric dtype.
:param k: 0 is the main diagonal, 1 the one above it.
:returns: of the shape and dtype of ``x``.

>>> plugrad.triu(plugrad.tensor([[1., 2.], [3., 4.]]), k=1)
tensor([[0., 2.],
        [0., 0.]])
""",
}
