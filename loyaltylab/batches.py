"""Sums over the rows that an engine inside this process hands over, batch by batch: one matrix product for each set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .linalg import FloatArray

__all__ = ["Totals", "in_batches"]

#: Rows at a time: few enough to stay near the processor, many enough that 4,000 sets are worth a product each.
_ROWS = 250_000


@dataclass(frozen=True)
class Totals:
    """Σ1, Σw, Σw², Σ w z (sets × k) and Σ w z zᵀ (sets × k × k) for each key, and how many weights cannot be."""

    keys: list[Any]
    n: FloatArray
    w: FloatArray
    w2: FloatArray
    sums: FloatArray
    products: FloatArray
    bad: int = 0


def in_batches(kept: Any, centre: FloatArray) -> Totals:
    """Sums of the columns x0, x1, … about `centre`, by `key` and weighted by `w` where there is one.

    Two to five times as fast as 300 sums in SQL, in memory that does not grow with the rows (`python -m tests.benchmarks rows`).
    """
    k, weighted, keyed = len(centre), "w" in kept.columns, "key" in kept.columns
    sets: dict[Any, int] = {}
    rows: list[FloatArray] = []
    bad = 0
    for batch in kept.to_pyarrow_batches(chunk_size=_ROWS):
        if not batch.num_rows:
            continue
        order, parts = (
            _parts(batch.column("key"), sets) if keyed else (slice(None), [(sets.setdefault(None, 0), 0, None)])
        )
        rows += [np.zeros((k + 1, k + 2)) for _ in range(len(sets) - len(rows))]
        z = np.ones((k + 1, batch.num_rows))
        for i, c in enumerate(centre):
            z[i + 1] = _numbers(batch.column(f"x{i}"))[order]
            z[i + 1] -= c
        w = _numbers(batch.column("w"))[order] if weighted else None
        bad += 0 if w is None else int(np.count_nonzero(~((w > 0) & np.isfinite(w))))
        for at, start, end in parts:
            part = z[:, start:end]
            own = part if w is None else part * w[start:end]
            rows[at][:, : k + 1] += own @ part.T
            rows[at][0, k + 1] += part.shape[1]
            rows[at][1, k + 1] += part.shape[1] if w is None else float(np.square(w[start:end]).sum())
    found = np.array(rows).reshape(len(rows), k + 1, k + 2)
    n, w2 = found[:, 0, k + 1], found[:, 1, k + 1]
    return Totals(list(sets), n, found[:, 0, 0], w2, found[:, 0, 1 : k + 1], found[:, 1:, 1 : k + 1], bad)


def _numbers(column: Any) -> npt.NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _parts(column: Any, sets: dict[Any, int]) -> tuple[npt.NDArray[np.intp], list[tuple[int, int, int]]]:
    """An order of the rows in which sets stand together, and each set's place with its first and last row."""
    found = column.dictionary_encode(null_encoding="encode")
    codes = found.indices.to_numpy().astype("uint16" if len(found.dictionary) < 65_536 else "int64")
    ends = np.cumsum(np.bincount(codes, minlength=len(found.dictionary))).tolist()
    places = [sets.setdefault(key, len(sets)) for key in found.dictionary.to_pylist()]
    return np.argsort(codes, kind="stable"), list(zip(places, [0, *ends], ends, strict=False))
