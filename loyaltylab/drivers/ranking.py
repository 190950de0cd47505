"""`ranks()`: which drivers may be the strongest, and which two stand in an order that the data settle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from ..core import ModelError, Provenance, Result, pd
from ..kernels import intervals
from .decomposition import Importance


@dataclass(frozen=True, eq=False)
class Ranks(Result):
    """Ranks of drivers with intervals; in `tidy()` the strongest comes first."""

    importance: Importance
    provenance: Provenance

    @property
    def conf_level(self) -> float:
        return self.importance.conf_level

    @cached_property
    def _sorted(self) -> pd.DataFrame:
        return self.importance.tidy().sort_values("rank", kind="stable", ignore_index=True)

    def columns(self) -> pd.DataFrame:
        columns = ["term", "block", "estimate", "conf_low", "conf_high", "rank", "rank_conf_low", "rank_conf_high"]
        return self._sorted[columns].assign(part_first=self._part_first)

    @cached_property
    def _part_first(self) -> list[float]:
        """Part of the draws in which each term, in order, has the largest estimate."""
        draws = self.importance.draw_estimates
        assert draws is not None  # ranks() asks for draws
        counts = np.bincount(draws.argmax(axis=1), minlength=len(self.importance.terms))
        return [float(counts[self.importance.terms.index(term)] / len(draws)) for term in self._sorted["term"]]

    @property
    def first(self) -> str:
        """The driver with rank 1."""
        return str(self._sorted["term"].iloc[0])

    @property
    def may_be_first(self) -> tuple[str, ...]:
        """Drivers whose interval of ranks holds rank 1."""
        return tuple(self._sorted.loc[self._sorted["rank_conf_low"] <= 1, "term"])

    def standing(self, term: str) -> str:
        """Whether a driver is `first` in its whole interval of ranks, `may` be, or is `not`."""
        low, high = (self.value(term, f"rank_conf_{end}").value for end in ("low", "high"))
        return "first" if high == 1 else "may" if low == 1 else "not"

    @cached_property
    def _settled(self) -> int:
        """Neighbours in rank whose difference has an interval above zero."""
        draws = self.importance.draw_estimates
        assert draws is not None  # ranks() asks for draws
        at = [self.importance.terms.index(term) for term in self._sorted["term"]]
        gaps = np.column_stack([draws[:, i] - draws[:, j] for i, j in pairwise(at)])
        return int((intervals.interval(gaps, self.conf_level)[0] > 0).sum())

    def whole(self) -> dict[str, Any]:
        return {
            "outcome": self.importance.outcome,
            "method": self.importance.method,
            "first": self.first,
            "n_may_be_first": len(self.may_be_first),
            "n_settled": self._settled,
            "n_drivers": len(self._sorted),
            "n": self.importance.n,
            "conf_level": self.conf_level,
        }


def ranks(result: Importance) -> Ranks:
    """Ranks of the drivers of an importance, with what may be said about their order.

    Parameters
    ----------
    result : Importance
        With draws, of two drivers or more.

    Returns
    -------
    Ranks
        `tidy()` has a row for each driver, the strongest first: its rank with the interval.

    Raises
    ------
    ModelError
        For a single driver, or an importance without draws.

    Examples
    --------
    >>> from loyaltylab import importance, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["AttLoyalty", "VisualAppeal", "Entertainment", "Escapism", "Enjoyment"]
    >>> drawn = table.draws(used, n_draws=500, seed=1)
    >>> ranks(importance(table.moments(used), used[0], used[1:], method="first", draws=drawn))
    Ranks, 4 rows by term: outcome AttLoyalty, method first, first VisualAppeal, n_may_be_first 2, n_settled 0,
        n_drivers 4
    """
    if result.draw_estimates is None:
        raise ModelError("these ranks have no intervals; give importance() its draws=.")
    if len(result.terms) < 2:
        raise ModelError("a rank takes two drivers or more.")
    return Ranks(result, result.provenance)
