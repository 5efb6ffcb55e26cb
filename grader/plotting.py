"""A rubric's words for curves and points in the feedback, of arrays of any size."""

from typing import Any

import numpy as np
import numpy.typing as npt

from grader.model import Series

__all__ = ["series"]

MOST = 400


def series(
    label: str, x: npt.ArrayLike | None, y: npt.ArrayLike, *, dashed: bool = False
) -> Series:
    """Round some numbers for a picture; those that are none become gaps.

    x: None counts from 0. dashed: what is there to compare with.
    """
    values = _rounded(y)
    return Series(
        label=label,
        x=_rounded(np.arange(len(values)) if x is None else x),
        y=values,
        dashed=dashed,
    )


def _rounded(values: npt.ArrayLike) -> tuple[float | None, ...]:
    flat: list[Any] = np.asarray(values, dtype=float).reshape(-1)[:MOST].tolist()
    return tuple(float(f"{v:.4g}") if np.isfinite(v) else None for v in flat)
