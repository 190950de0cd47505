"""Complete rows with their design, and how often bootstrap draws take each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..core import DataError, ModelError, Provenance, check_known, how_many, listed, pd, refuse_incomplete
from ..kernels import FloatArray

#: Rows or clusters above which draws take random groups of them, and how many groups there are then, or a few more.
MOST_UNITS, GROUPS = 200_000, 4_000
#: A weight beyond which sums of squares lose their digits.
LARGEST_WEIGHT = 1e12
#: Draws beyond which no interval gains a digit.
MOST_DRAWS = 1_000_000
#: Weights of rows in draws that are held at a time.
_CELLS = 50_000_000


@dataclass(frozen=True)
class Source:
    """A frame and the columns of its design.

    Attributes
    ----------
    frame : DataFrame
        A row for each respondent.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    weight : str, optional
        Column of survey weights.
    cluster : str, optional
        Column of clusters.
    strata : str, optional
        Column of strata.

    See Also
    --------
    loyaltylab.survey.source_of : Makes it.
    """

    frame: pd.DataFrame
    provenance: Provenance
    weight: str | None = None
    cluster: str | None = None
    strata: str | None = None


def check_draws(n_draws: int, seed: int, size: int, what: str) -> None:
    """Whether there are enough draws for an interval, not more than memory holds, a seed, and enough to draw from."""
    for name, value, least, most in (("n_draws", n_draws, -np.inf, MOST_DRAWS), ("seed", seed, 0, np.inf)):
        if not isinstance(value, (int, np.integer)) or not least <= value <= most:
            allowed = f"at most {MOST_DRAWS:,}" if name == "n_draws" else "0 or more"
            raise ModelError(f"{name} is {value!r}; allowed: a whole number, {allowed}.")
    if n_draws < 100:
        raise ModelError(f"{n_draws} draws are too few for an interval; ask for at least 100, better 2,000.")
    if size < 10:
        raise ModelError(f"{size} {what} are too few to draw from; an interval needs at least 10.")


def seed_of_each(names: Iterable[str], seed: int) -> dict[str, int]:
    """A seed of its own for each of several groups of respondents, the same in whatever order they are named.

    Parameters
    ----------
    names : iterable of str
        Of the groups.
    seed : int
        What they follow.

    Returns
    -------
    dict of str → int
        In the order given.

    Examples
    --------
    >>> seed_of_each(["north", "east"], 1)
    {'north': 3, 'east': 2}
    """
    names = list(names)
    own = {name: seed + 1 + number for number, name in enumerate(sorted(names))}
    return {name: own[name] for name in names}


@dataclass(frozen=True)
class Design:
    """How the n complete rows were sampled.

    w (n,) weights; unit (n,) the row or cluster each is drawn with; stratum (units,).

    Attributes
    ----------
    w : array
        (n,), weights.
    unit : NDArray[np.intp]
        (n,), the row or cluster each is drawn with.
    stratum : NDArray[np.intp]
        (units,), its stratum.
    by_design : bool
        Whether there are weights or strata.
    units : str
        What is drawn, in words.
    step : str
        For the provenance.

    See Also
    --------
    loyaltylab.moments.complete : Makes it.
    """

    w: FloatArray
    unit: npt.NDArray[np.intp]
    stratum: npt.NDArray[np.intp]
    by_design: bool
    units: str
    step: str

    @property
    def n_effective(self) -> float:
        """Kish's effective sample size."""
        return float(self.w.sum() ** 2 / (self.w**2).sum())

    def description(self, n_draws: int, seed: int) -> str:
        """The draws in words, after checking that there are enough of them, and enough to draw from."""
        check_draws(n_draws, seed, len(self.stratum), self.units)
        drawn = self.joined(seed)
        layers = len(np.unique(drawn.stratum))
        within = f" within {layers:,} strata" if layers > 1 else ""
        return f"{n_draws:,} bootstrap draws of {len(drawn.stratum):,} {drawn.units}{within}, seed {seed}"

    def joined(self, seed: int) -> Design:
        """The design that is drawn from: of more than `MOST_UNITS` units some `GROUPS` random groups, each within a stratum.

        A mean of random groups varies as that of their members does, so intervals stay what they are: G groups make a
        standard error uncertain by about 1 / √(2 G), 1% at 4,000, as 4,000 draws do. Their sums are made once, and no draw
        goes through the rows again (the random groups of Wolter 2007, Introduction to Variance Estimation, ch. 2).
        """
        n, sizes = len(self.stratum), np.bincount(self.stratum)
        if n <= MOST_UNITS:
            return self
        least = max(2, min(20, MOST_UNITS // len(sizes)))
        groups = np.minimum(np.maximum(-(-sizes * GROUPS // n), least), sizes)
        order = np.random.default_rng(seed).permutation(n)
        order = order[np.argsort(self.stratum[order], kind="stable")]
        rank = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        group = np.empty(n, dtype=np.intp)
        group[order] = np.repeat(np.cumsum(groups) - groups, sizes) + rank * np.repeat(groups, sizes) // np.repeat(
            sizes, sizes
        )
        return replace(
            self,
            unit=group[self.unit],
            stratum=np.repeat(np.arange(len(sizes)), groups),
            units=f"random groups of {n:,} {self.units}",
        )

    def counts(self, n_draws: int, seed: int) -> FloatArray:
        """How often each draw takes each unit.  (n_draws, units).

        Units are drawn with replacement; with a weight or strata n_h − 1 of the n_h in each stratum, each weighing
        n_h / (n_h − 1) (Rao, Wu & Yue 1992).
        """
        rng = np.random.default_rng(seed)
        counts = np.zeros((n_draws, len(self.stratum)))
        for stratum in np.unique(self.stratum):
            units = np.flatnonzero(self.stratum == stratum)
            size = len(units)
            if size < 2:
                raise ModelError(
                    "a stratum holds a single row or cluster, so nothing can be drawn within it; join it with another."
                )
            taken, part = size - 1 if self.by_design else size, max(1, 4_000_000 // size)
            for start in range(0, n_draws, part):
                some = counts[start : start + part]
                drawn = units[rng.integers(size, size=(len(some), taken))]
                np.add.at(some, (np.arange(len(some))[:, None], drawn), size / taken)
        return counts

    def draws(self, n_draws: int, seed: int, most: int) -> Iterator[FloatArray]:
        """Weights of every row in the same draws, in parts (at most `most`, n)."""
        drawn = self.joined(seed)
        counts, most = drawn.counts(n_draws, seed), max(1, min(most, _CELLS // len(self.w)))
        for start in range(0, n_draws, most):
            yield counts[start : start + most][:, drawn.unit] * self.w


def complete(source: Source, names: Sequence[str], text: Sequence[str] = ()) -> tuple[pd.DataFrame, Design]:
    """The rows complete on `names`, and their design; only the columns named in `text` may hold text.

    Parameters
    ----------
    source : Source
        Rows and their design.
    names : sequence of str
        Columns that must be answered.
    text : sequence of str
        Those of them that may hold text.

    Returns
    -------
    (DataFrame, Design)
        The complete rows, and their weights, clusters and strata.

    Raises
    ------
    UnknownName, DataError
        For an absent column, text, fewer than two complete rows, an infinite value, a blank cluster or stratum, or
        a weight that is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"stay": [1, 2, None, 4], "trust": [1, 3, 2, 5]})
    >>> rows, design = complete(Source(frame, Provenance("synthetic", "made up"), None, None, None), ["stay", "trust"])
    >>> len(rows), design.step
    (3, 'complete on stay, trust: 3 of 4 rows')
    """
    frame, design = source.frame, [column for column in (source.weight, source.cluster, source.strata) if column]
    for name in (*names, *design):
        check_known("column", name, frame.columns)
    if wrong := [name for name in names if name not in text and not pd.api.types.is_numeric_dtype(frame[name])]:
        raise DataError(f"{listed(wrong)}: holds text, not numbers. Recode it first, or leave it out.")
    used = frame[frame[list(names)].notna().all(axis=1)]
    refuse_incomplete(len(used), len(frame), names)
    if infinite := [name for name in names if name not in text and np.isinf(used[name].to_numpy(dtype=float)).any()]:
        raise DataError(f"{listed(infinite)}: holds an infinite value. Correct the file.")
    for name in design:
        if name != source.weight and (blank := int(used[name].isna().sum())):
            raise DataError(
                f"'{name}' is blank in {how_many(blank, len(used))} of {len(used):,} rows. Give those rows a value or remove them."
            )
    w = used[source.weight].to_numpy(dtype=float) if source.weight else np.ones(len(used))
    if bad := int((~((w > 0) & (w <= LARGEST_WEIGHT))).sum()):
        raise DataError(
            f"weight '{source.weight}' is missing, zero, negative or above 1e+12 in {how_many(bad, len(w))} of {len(w):,} rows. "
            "Correct or remove those rows."
        )
    unit = np.unique(used[source.cluster], return_inverse=True)[1] if source.cluster else np.arange(len(used))
    step = f"complete on {listed(names)}: {len(used):,} of {len(frame):,} rows"
    return used, Design(
        w=w,
        unit=unit,
        stratum=_strata(used, source, unit),
        by_design=bool(source.weight or source.strata),
        units=f"clusters ({source.cluster})" if source.cluster else "rows",
        step=step + (f", weighted by {source.weight}" if source.weight else ""),
    )


def _strata(used: pd.DataFrame, source: Source, unit: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Stratum of each unit."""
    if not source.strata:
        return np.zeros(unit.max() + 1, dtype=np.intp)
    code = np.unique(used[source.strata], return_inverse=True)[1]
    of_unit = code[np.unique(unit, return_index=True)[1]]
    if (code != of_unit[unit]).any():
        raise DataError(
            f"a cluster of '{source.cluster}' lies in more than one stratum; give each stratum clusters of its own."
        )
    return of_unit
