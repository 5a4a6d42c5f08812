"""Samples of rows of a table by their numbers, and the reverse."""

from __future__ import annotations

from plugrad.testing import Sample, Values, add_samples, normal

add_samples(
    "nn.embedding",
    *[
        Sample((indices, normal((3, 2), 1)), {"padding_idx": None})
        for indices in (Values((), [2]), [0, 2, 0, 1], [[1, 1], [0, 2]])
    ],
    Sample(([1, 0, 1], normal((3, 2), 1)), {"padding_idx": 1}, smooth=False),
)
add_samples(
    "nn.one_hot",
    *[Sample((indices,), {"num_classes": 3}, dtypes=("int64",)) for indices in (Values((), [2]), [0, 2], [[1], [0]])],
)
