"""Columns that were made of others before the file came: the mean or the sum of the questions beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..core import pd, tr

#: Columns, and rows, that are looked at.
_MOST, _ROWS = 200, 5_000


@dataclass(frozen=True)
class Computed:
    """A column, in words how it was made, what it is made of, and the rows in which it is."""

    name: str
    how: dict[str, str]
    items: tuple[str, ...]
    n: int


def computed(frame: pd.DataFrame) -> Iterator[Computed]:
    """The columns of a frame of numbers that are the mean or the sum of others.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"a": [1, 2, 5, 4, 3] * 6, "b": [1, 4, 3] * 10, "x": [2, 1, 3, 3, 1, 2] * 5})
    >>> [(one.name, one.how["en"], one.items) for one in computed(frame.assign(score=(frame["a"] + frame["b"]) / 2))]
    [('score', 'mean', ('a', 'b'))]
    """
    names = [name for name in frame if frame[name].nunique() > 2]
    if not 3 <= len(names) <= _MOST:
        return
    X = frame[names].to_numpy(dtype=float)[:_ROWS]
    whole = ~np.isnan(X).any(axis=1)
    if whole.sum() < len(names) + 10:
        return
    X = X[whole]
    for j, name in enumerate(names):
        others = [k for k in range(len(names)) if k != j and (X[:, k] % 1 == 0).all()]
        if len(others) < 2 or ((X[:, j] % 1 == 0).all() and X[:, j].max() <= X[:, others].max()):
            continue
        A = np.column_stack([X[:, others], np.ones(len(X))])
        b, _, rank, _ = np.linalg.lstsq(A, X[:, j], rcond=None)
        made = [k for k, weight in zip(others, b, strict=False) if abs(weight) > 0.01]
        total = X[:, made].sum(axis=1)
        for how, score in ((tr("mean"), total / max(len(made), 1)), (tr("sum"), total)):
            if rank == A.shape[1] and len(made) > 1 and np.abs(score - X[:, j]).max() < 0.006:
                yield Computed(name, how, tuple(names[k] for k in made), int(whole.sum()))
                break
