"""What is done in training alone."""

from __future__ import annotations

from typing import Any

from plugrad.extend import op
from plugrad.ops import where

dropout: Any = op(
    "nn.dropout(input, kept~, /, scale)", elementwise=True, linear=True, fresh=True,
    composite=lambda input, kept, scale: where(kept, input * scale, 0),
    vjp={"input": lambda g, kept, scale: dropout(g, kept, scale)},
)  # fmt: skip

OPS = (dropout,)
NUMPY: tuple[str, ...] = ()
CUPY: dict[str, str] = {}
