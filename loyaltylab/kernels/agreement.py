"""Agreement between judges beyond what chance would give."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def agreement_beyond_chance(counts: npt.NDArray[np.integer]) -> float:
    """Gwet's (2008) AC1.  counts (items, categories): how many judges put each item in each category; judges may be missing.

    (p_a − p_e) / (1 − p_e): p_a over the items that two judges or more placed, p_e = Σ π_q (1 − π_q) / (Q − 1) with π_q the
    mean over all placed items of the part of judges in category q.

    >>> pairs = np.repeat([[2, 0], [1, 1], [0, 2]], [118, 7, 0], axis=0)  # 125 subjects, two raters
    >>> round(agreement_beyond_chance(pairs), 4)
    0.9408
    """
    n = counts.sum(axis=1)
    several, some = counts[n > 1], counts[n > 0]
    if not len(several):
        return float("nan")
    m = several.sum(axis=1)
    agreed = float(((several * (several - 1)).sum(axis=1) / (m * (m - 1))).mean())
    parts = (some / some.sum(axis=1, keepdims=True)).mean(axis=0)
    by_chance = float((parts * (1 - parts)).sum() / (counts.shape[1] - 1))
    return (agreed - by_chance) / (1 - by_chance)
