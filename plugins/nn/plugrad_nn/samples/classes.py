"""Samples of what is picked along the axis of classes."""

from __future__ import annotations

from plugrad.testing import Sample, Values, add_samples, normal

TARGETS = (
    ((3,), Values((), [2])),
    ((1, 3), [1]),
    ((2, 3), [2, 0]),
    ((2, 1), [0, 0]),
    ((2, 3, 2), [[0, 2], [1, 1]]),
)
"""Shapes of logits, and targets."""
IGNORING = (((3,), Values((), [-100])), ((3, 3), [1, -100, 0]), ((2, 3, 2), [[-100, 2], [1, -100]]))

for _shape, _target in (*TARGETS, *IGNORING):
    _less = _shape[:1] + _shape[2:] if len(_shape) > 1 else ()
    add_samples("nn.pick", Sample((normal(_shape, 1), _target), {"ignore_index": -100}))
    _classes = _shape[1] if len(_shape) > 1 else _shape[0]
    add_samples("nn.place", Sample((normal(_less, 1), _target), {"classes": _classes, "ignore_index": -100}))
add_samples("nn.pick", Sample((normal((3, 3), 1), [1, 2, 0]), {"ignore_index": 2}))
add_samples("nn.place", Sample((normal((3,), 1), [1, 2, 0]), {"classes": 3, "ignore_index": 2}))
