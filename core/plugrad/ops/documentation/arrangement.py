"""Of ops that arrange, join, take and write elements."""

from __future__ import annotations

DOCS = {
    "reshape": """The same elements in another shape. A view where the library can.

:param shape: the extents; one may be -1, and follows from the others.
:raises ShapeError: if the number of elements differs.

>>> plugrad.reshape(plugrad.tensor([1., 2., 3., 4.]), (2, -1))
tensor([[1., 2.],
        [3., 4.]])
""",
    "permute_dims": """The axes in another order: a view.

:param axes: each axis once.
:raises ShapeError: if it is no permutation of the axes.

>>> plugrad.permute_dims(plugrad.zeros(2, 3, 4), (2, 0, 1)).shape
(4, 2, 3)
""",
    "moveaxis": """The axes ``source`` moved to ``destination``, the others in their order: a view.

:param source: an axis, or a tuple of them.
:param destination: as many.

>>> plugrad.moveaxis(plugrad.zeros(2, 3, 4), 0, -1).shape
(3, 4, 2)
""",
    "matrix_transpose": """The last two axes exchanged: a view.

:param x: of shape (..., n, m).
:returns: of shape (..., m, n).
:raises ShapeError: if it has fewer than two axes.

>>> plugrad.matrix_transpose(plugrad.tensor([[1., 2.], [3., 4.]]))
tensor([[1., 3.],
        [2., 4.]])
""",
    "expand_dims": """A new axis of extent 1, before ``axis``: a view.

:param axis: where it will be. Negative ones count from behind the last.
:raises IndexError: if there can be no such axis.

>>> plugrad.expand_dims(plugrad.tensor([1., 2.]), -1)
tensor([[1.],
        [2.]])
""",
    "squeeze": """Without the given axes, which have extent 1: a view.

:param axis: an axis, or a tuple of them.
:raises ShapeError: if one has another extent.

>>> plugrad.squeeze(plugrad.tensor([[1., 2.]]), 0)
tensor([1., 2.])
""",
    "flip": """The elements along an axis, several or all of them, in reverse order.

:param axis: an axis, a tuple of them, or None for all.

>>> plugrad.flip(plugrad.tensor([[1., 2.], [3., 4.]]), axis=1)
tensor([[2., 1.],
        [4., 3.]])
""",
    "roll": """The elements shifted along an axis or several; what falls off at one end comes in at the other.

:param shift: by how many places, towards higher indices; for several axes a tuple.
:param axis: an axis, as many as there are shifts, or None: of the flattened array.

>>> plugrad.roll(plugrad.tensor([1., 2., 3.]), 1)
tensor([3., 1., 2.])
""",
    "concat": """Arrays joined along an axis that there is. They may be given as one sequence.

:param arrays: of one shape but for that axis; of several dtypes the result's is the promoted one.
:param axis: the axis; None: each is flattened first.
:raises ShapeError: if their other extents differ.

>>> x = plugrad.tensor([[1., 2.]])
>>> plugrad.concat(x, 10 * x, axis=0)
tensor([[ 1.,  2.],
        [10., 20.]])
""",
    "stack": """Arrays joined along a new axis. They may be given as one sequence.

:param arrays: of one shape.
:param axis: where the new axis will be.
:raises ShapeError: if their shapes differ.

>>> x = plugrad.tensor([1., 2.])
>>> plugrad.stack([x, 10 * x], axis=-1)
tensor([[ 1., 10.],
        [ 2., 20.]])
""",
    "broadcast_to": """The input repeated to a shape that it broadcasts to: a view.

:param shape: the shape.
:raises ShapeError: if it does not broadcast to it.

>>> plugrad.broadcast_to(plugrad.tensor([1., 2.]), (2, 2))
tensor([[1., 2.],
        [1., 2.]])
""",
    "repeat": """Each element repeated, side by side.

:param repeats: how often: a number, or an integer for each element along the axis. No gradient reaches it.
:param axis: the axis along which; None: of the flattened array.

>>> plugrad.repeat(plugrad.tensor([1., 2.]), 2)
tensor([1., 1., 2., 2.])
""",
    "tile": """The whole array repeated.

:param repetitions: how often along each of the last axes; axes that are missing are put in front.

>>> plugrad.tile(plugrad.tensor([1., 2.]), (2, 2))
tensor([[1., 2., 1., 2.],
        [1., 2., 1., 2.]])
""",
    "take": """The elements at ``indices`` along an axis. One that is taken twice gets the sum of both cotangents.

:param indices: a vector of integers; negative ones count from the end. No gradient reaches it.
:param axis: the axis; a vector need not name it.
:returns: of the shape of ``x``, but for the axis' extent, which is the number of indices.
:raises IndexError: if an index is out of range.

>>> plugrad.take(plugrad.tensor([[1., 2.], [3., 4.]]), plugrad.tensor([1, 1, 0]), axis=0)
tensor([[3., 4.],
        [3., 4.],
        [1., 2.]])
""",
    "take_along_axis": """As ``take``, where each line along the axis has indices of its own.

:param indices: integers, of the shape of ``x`` but for the axis; the other axes broadcast. No gradient reaches it.
:returns: of the shape of ``indices``, broadcast.

>>> plugrad.take_along_axis(plugrad.tensor([[1., 2.], [3., 4.]]), plugrad.tensor([[1], [0]]), axis=1)
tensor([[2.],
        [3.]])
""",
    "sort": """Sorted along an axis, NaNs as the largest. Each element's cotangent goes back to where it was.

:param x: of a real dtype.
:param descending: the largest first.
:param stable: equal elements keep their order; False leaves it to the library.
:returns: of the shape and dtype of ``x``. The positions are ``argsort``'s.

>>> plugrad.sort(plugrad.tensor([3., 1., 2.]), descending=True)
tensor([3., 2., 1.])
""",
    "argsort": """The positions that sort along an axis, NaNs as the largest.

:param x: of a real dtype.
:param descending: the largest first.
:param stable: equal elements keep their order; False leaves it to the library.
:returns: of the shape of ``x``, of dtype int64; without a gradient.

>>> plugrad.argsort(plugrad.tensor([3., 1., 2.]))
tensor([1, 2, 0])
""",
    "getitem": """x[key], for a key without arrays: a view.

:param key: an integer, a slice, ``...``, None, or a tuple of these.
:raises IndexError: if an integer is out of range.

>>> plugrad.getitem(plugrad.tensor([[1., 2.], [3., 4.]]), (slice(None), 1))
tensor([2., 4.])
""",
    "scatter": """Zeros of ``shape`` in which ``x`` stands at ``key``: what undoes ``getitem``.

>>> plugrad.scatter(plugrad.tensor([1., 2.]), (4,), slice(1, 3))
tensor([0., 1., 2., 0.])
""",
    "index": """x[key], for a key with arrays: a copy. ``t[key]`` takes a key apart into what this gets.

:param indices: the arrays, of integers or bools, in order. No gradient reaches them.
:param key: the key, with placeholders where the arrays stood.

>>> x, i = plugrad.tensor([1., 2., 3.]), plugrad.tensor([2, 0, 2])
>>> x[i]
tensor([3., 1., 3.])
""",
    "scatter_add": """Zeros of ``shape`` to which ``x`` is added at ``key``, where indices repeat too. Undoes ``index``.

:param indices: as of ``index``.
:param shape: the result's.
:param key: as of ``index``.

>>> x, i = plugrad.tensor([1., 2., 3.], requires_grad=True), plugrad.tensor([2, 0, 2])
>>> x[i].sum().backward()
>>> x.grad
tensor([1., 0., 2.])
""",
    "setitem": """A copy of ``x`` in which ``value`` stands at ``key``. ``t[key] = value`` writes into ``t`` itself.

:param value: broadcasts to the shape of ``x[key]``, and is converted to the dtype of ``x``.
:param key: as of ``getitem``.

>>> plugrad.setitem(plugrad.tensor([1., 2., 3.]), plugrad.tensor(9.), slice(0, 2))
tensor([9., 9., 3.])
""",
    "index_put": """``setitem`` for a key with arrays. Of several values for one place the library chooses.

:param value: broadcasts to the shape of ``x[key]``, and is converted to the dtype of ``x``.
:param indices: as of ``index``.
:param key: as of ``index``.

>>> x = plugrad.tensor([1., 2., 3.])
>>> x[plugrad.tensor([0, 2])] = 9.
>>> x
tensor([9., 2., 9.])
""",
    "expand": """A reduction undone: ``x`` repeated along the axes that it went over, to ``shape``.

:param x: what a reduction of an array of ``shape`` returned.
:param shape: of the array that was reduced.
:param axis: as it was given to the reduction.
:param keepdims: the same.

>>> plugrad.expand(plugrad.tensor([1., 2.]), (2, 3), 1, False)
tensor([[1., 1., 1.],
        [2., 2., 2.]])
""",
    "sum_to": """Broadcasting undone: the sum over what was repeated.

:param shape: one that broadcasts to that of ``x``.
:returns: of that shape.

>>> plugrad.sum_to(plugrad.ones(2, 3), (3,))
tensor([2., 2., 2.])
""",
}
