"""`Score` and `Shares`: means and shares of a survey by segment, with design-based errors and small cells withheld."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..contrasts import INTERVAL_METHODS, Inference, from_std_error, inferred
from ..core import DataError, ModelError, Provenance, Result, listed, unknown, withheld
from ..kernels import FloatArray, check_conf_level, critical
from ..survey import ALL, Answers, Warehouse

_SINGLE = "a stratum holds a single row or cluster, so it has no variance; join it with another."


@dataclass(frozen=True, eq=False, repr=False)
class Score(Result):
    """Estimates for each term and segment, in the unit `measure` names.

    Standard errors are linearised (Taylor series; Wolter 2007, doi:10.1007/978-0-387-35099-8): they follow the weights,
    and the clusters and strata where the survey has them. Few clusters make intervals and tests wider: Student's t with
    clusters less strata degrees of freedom (`df`), and for shares an effective n that is smaller alike (Korn & Graubard
    1998, Survey Methodology 24, 193–201). `n_effective` is Kish's. A withheld cell is not a number.

    Parameters
    ----------
    index : tuple of tuple of str
        The keys of each of the k rows.
    estimates, std_errors, lows, highs, sds, n, n_effective : array (k,)
        Of each row: estimate, its standard error and interval, standard deviation, respondents as counted and as
        weighed.
    covariances : array (k, k)
        Of the estimates; not a number between different terms.
    limits : (float, float)
        Smallest and largest possible estimate.

    See Also
    --------
    loyaltylab.loyalty.csat : Makes it.
    loyaltylab.loyalty.customer_effort : Makes it.
    loyaltylab.loyalty.likert_summary : Makes it.
    loyaltylab.loyalty.net_promoter : Makes it.
    """

    index: tuple[tuple[str, ...], ...]
    estimates: FloatArray
    std_errors: FloatArray
    lows: FloatArray
    highs: FloatArray
    sds: FloatArray
    n: FloatArray
    n_effective: FloatArray
    covariances: FloatArray
    measure: str
    method: str
    provenance: Provenance
    limits: tuple[float, float] = (-np.inf, np.inf)
    conf_level: float = 0.95
    min_cell: int = 0
    n_left_out: int = 0
    df: float = np.nan
    keys = ("term", "segment")
    #: Columns of `tidy()` that a table prints beside the score and its interval, and how.
    printed: ClassVar[dict[str, str]] = {"n": ",.0f", "n_effective": ",.0f"}

    def __post_init__(self) -> None:
        shown = ~np.isnan(self.estimates)
        e, low, high = self.estimates[shown], self.lows[shown], self.highs[shown]
        inside = (e >= self.limits[0] - 1e-9) & (e <= self.limits[1] + 1e-9)
        if not inside.all() or (low > e + 1e-9).any() or (high < e - 1e-9).any():
            raise ModelError(f"{self.measure}: an estimate lies outside {self.limits} or its interval; do not use it.")

    def columns(self) -> dict[str, Any]:
        keys = {key: [row[i] for row in self.index] for i, key in enumerate(self.keys)}
        numbers = {"estimate": self.estimates, "std_error": self.std_errors, "conf_low": self.lows}
        numbers |= {"conf_high": self.highs, "sd": self.sds, "n": self.n, "n_effective": self.n_effective}
        return keys | numbers

    def whole(self) -> dict[str, Any]:
        row = {"measure": self.measure, "method": self.method, "n_left_out": self.n_left_out}
        row |= {"min_cell": self.min_cell, "n_withheld": int(np.isnan(self.estimates).sum())}
        return row | {"conf_level": self.conf_level}

    def is_shown(self, *key: str) -> bool:
        """Whether the row has an estimate, or is withheld."""
        return key in self.index and not np.isnan(self.estimates[self.index.index(key)])

    def for_all(self) -> Score:
        """The score itself, where its rows of everyone are shown.

        Raises
        ------
        DataError
            For a row of everyone that is withheld: a handful answered, or a handful answered otherwise than the rest.
        """
        for key in self.index:
            if key[-1] == ALL and not self.is_shown(*key):
                raise DataError(
                    f"'{key[0]}' cannot be shown: fewer than {self.min_cell} respondents answered it, "
                    "or answered it otherwise than all others."
                )
        return self

    @property
    def largest(self) -> tuple[str, ...]:
        """The key of the largest estimate that is shown."""
        return self.index[int(np.argmax(np.nan_to_num(self.estimates, nan=-np.inf)))]

    def furthest(self, term: str) -> tuple[str, str] | None:
        """The segments with the highest and the lowest estimate of a term; nothing where fewer than two are shown."""
        rows = self.tidy().query("term == @term and segment != 'all'").dropna(subset="estimate").sort_values("estimate")
        return (str(rows["segment"].iloc[-1]), str(rows["segment"].iloc[0])) if len(rows) > 1 else None

    def contrast(self, first: str | tuple[str, ...], second: str | tuple[str, ...]) -> Inference:
        """Estimate of one row minus that of another, by the z test (with clusters or strata the t test) on their variances.

        For two disjoint segments of a plain sample z = (a − b) / √(V_a + V_b); where the two share respondents or
        clusters (a segment against all, one group against another) their covariance is taken off.
        For shares of small segments `compare_proportions` (Newcombe) holds its level better.

        Parameters
        ----------
        first, second : str or tuple of str
            The keys of the rows; the name of a segment is enough where there is one term.

        Raises
        ------
        UnknownName
            For a row that does not exist.
        ModelError
            For a row that is withheld, rows of different terms, or a difference without a standard error.
        """
        i, j = self._row(first), self._row(second)
        variance = self.covariances[i, i] + self.covariances[j, j] - 2 * self.covariances[i, j]
        if np.isnan(variance):
            raise ModelError(f"{self._name(i)} and {self._name(j)} are of different terms; compare rows of one term.")
        numbers = _test(self.estimates[i] - self.estimates[j], variance, self.df, self.conf_level)
        # Groups of one segment, or a segment and all, share respondents: counted once.
        n = self.n[i] + self.n[j] if self._apart(i, j) else max(self.n[i], self.n[j])
        return _difference(self, (self._name(i), self._name(j)), n, self.provenance, numbers)

    def against(self, other: Score) -> Inference:
        """This score minus another from different respondents (another wave, another source); each of a single row."""
        if len(self.index) != 1 or len(other.index) != 1 or self.measure != other.measure:
            raise ModelError(
                f"{self!r} and {other!r} cannot be compared; against() takes two scores of one row and the same measure."
            )
        variance = self.covariances[0, 0] + other.covariances[0, 0]
        numbers = _test(
            self.estimates[0] - other.estimates[0], variance, float(np.fmin(self.df, other.df)), self.conf_level
        )
        both = Provenance.merge([self.provenance, other.provenance])
        return _difference(self, (self._name(0), other._name(0)), self.n[0] + other.n[0], both, numbers)

    def _apart(self, i: int, j: int) -> bool:
        """Whether the rows are of two different segments, which share no respondent."""
        return self.index[i][-1] != self.index[j][-1] and ALL not in (self.index[i][-1], self.index[j][-1])

    def _name(self, i: int) -> str:
        return ", ".join(self.index[i])

    def _row(self, key: str | tuple[str, ...]) -> int:
        if isinstance(key, str) and len({row[:-1] for row in self.index}) == 1:
            key = (*self.index[0][:-1], key)
        if key not in self.index:
            shown = ", ".join(key) if isinstance(key, tuple) else key
            raise unknown(" and ".join(self.keys), shown, [", ".join(row) for row in self.index])
        at = self.index.index(key)  # type: ignore[arg-type]
        if np.isnan(self.estimates[at]):
            raise ModelError(f"{self._name(at)} is withheld (min_cell = {self.min_cell}) and cannot be compared.")
        return at


@dataclass(frozen=True, eq=False, repr=False)
class Shares(Score):
    """Shares of groups that exclude each other, 0 to 1; they sum to 1 in each segment, which is checked on creation.

    What it holds is that of `Score`: a row of `tidy()` is a term, an answer or group, and a segment; `largest` is the key of the
    largest share that is shown.

    See Also
    --------
    loyaltylab.loyalty.answer_shares : Makes it.
    loyaltylab.loyalty.engagement_groups : Makes it.
    loyaltylab.loyalty.frequency_groups : Makes it.
    loyaltylab.loyalty.loyalty_bands : Makes it.
    """

    keys = ("term", "answer", "segment")

    def __post_init__(self) -> None:
        super().__post_init__()
        for whole in {(row[0], row[2]) for row in self.index}:
            parts = self.estimates[[(row[0], row[2]) == whole for row in self.index]]
            if not np.isnan(parts).any() and abs(parts.sum() - 1) > 1e-8:
                raise ModelError(f"{', '.join(whole)}: the shares sum to {parts.sum():.6f}, not to 1; do not use them.")


def line_through(score: Score, rows: Sequence[int], at: FloatArray) -> tuple[float, float]:
    """Slope of a line through scores, weighted by effective n, and its standard error from their covariances.

    rows (g,) positions in the score, at (g,) where they stand: the slope is linear in the scores, so the design of the
    survey is in its error.

    Parameters
    ----------
    score : Score
        With its covariances.
    rows : sequence of int
        Rows of it, two or more.
    at : array (rows,)
        Where each stands on the line.

    Returns
    -------
    (float, float)
        In units of the score per unit of `at`.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> from loyaltylab.loyalty import net_promoter
    >>> score = net_promoter(simulate(n=500, seed=1), "recommend", by="sector")
    >>> slope, error = line_through(score, [1, 2, 3], np.array([1.0, 2.0, 3.0]))
    >>> error > 0
    True
    """
    rows = list(rows)
    w = score.n_effective[rows]
    about = w * (at - np.average(at, weights=w))
    c = about / (about @ at)
    variance = float(c @ score.covariances[np.ix_(rows, rows)] @ c)
    return float(c @ score.estimates[rows]), float(np.sqrt(max(variance, 0.0)))


def _test(estimate: float, variance: float, df: float, conf_level: float) -> dict[str, Any]:
    if not variance > 1e-20:
        raise ModelError("the difference has no standard error: nobody differs within either group; there is no test.")
    return from_std_error(estimate, np.sqrt(variance), df=df, conf_level=conf_level)


def _difference(
    score: Score, labels: tuple[str, str], n: float, origin: Provenance, numbers: dict[str, Any]
) -> Inference:
    measure = f"difference of {score.measure}"
    return inferred(labels, measure, "wald, linearised", n, origin, score.conf_level, 0.0, numbers)


def linearised(
    z: FloatArray, base: FloatArray, answers: Answers, *, correct: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Ratios Σwz / Σwb by segment, their covariances and the standard deviations.

    z (n, g), base (n,) → (s, g), (s·g, s·g), (s, g). A mean has base 1. Of rows, the variance is Σ w²(z − Rb)² / (Σwb)²,
    times n / (n − 1) if `correct`; without weights that is the variance with divisor n, over n. Of clusters or strata,
    totals are centred within strata and multiplied by units / (units − 1), always.
    """
    w, unit, stratum, member = answers.design.w, answers.design.unit, answers.design.stratum, answers.member
    s, g, m = len(member), z.shape[1], len(stratum)
    ratio, sd, totals = np.empty((s, g)), np.empty((s, g)), np.empty((m, s * g))
    for i in range(s):
        wi = np.where(member[i], w, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio[i] = wi @ z / (wi @ base)
            rest = z - ratio[i] * base[:, None]
            sd[i] = np.sqrt(wi @ rest**2 / wi.sum())
            part = wi[:, None] * rest / (wi @ base)
            if correct and not answers.by_unit:
                part *= np.sqrt(member[i].sum() / (member[i].sum() - 1))
        for j in range(g):
            totals[:, i * g + j] = np.bincount(unit, part[:, j], m)
    if answers.by_unit:
        for h in np.unique(stratum):
            at = stratum == h
            if at.sum() < 2:
                raise ModelError(_SINGLE)
            totals[at] = (totals[at] - totals[at].mean(axis=0)) * np.sqrt(at.sum() / (at.sum() - 1))
    return ratio, totals.T @ totals, sd


def net_interval(p: FloatArray, d: FloatArray, n: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Score interval of p − d, two shares of one sample (Tango 1998): promoters and detractors are discordant pairs.

    p, d, n (...) → two arrays (...), between −1 and 1. With everyone a promoter it is (n − z²) / (n + z²) to 1.
    """
    p, d, n = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (p, d, n)))

    def statistic(delta: FloatArray) -> FloatArray:
        b = -p - d + (2 - p + d) * delta
        q = (np.sqrt(np.maximum(b**2 + 8 * d * delta * (1 - delta), 0)) - b) / 4
        variance = np.maximum(2 * q + delta * (1 - delta), 1e-300)
        return (p - d - delta) * np.sqrt(n / variance)

    def solved(bound: float, target: float) -> FloatArray:
        near, far = p - d, np.full(p.shape, bound)
        for _ in range(60):
            middle = (near + far) / 2
            within = np.abs(statistic(middle)) < abs(target)
            near, far = np.where(within, middle, near), np.where(within, far, middle)
        return near

    return solved(-1.0, z), solved(1.0, -z)


def _ends(
    kind: str,
    e: FloatArray,
    se: FloatArray,
    sd: FloatArray,
    n: FloatArray,
    rows: FloatArray,
    df: FloatArray,
    level: float,
) -> Any:
    """Lower and upper end, each (s, g); e, se, sd (s, g), n and the degrees of freedom of rows and design (s, 1)."""
    z = critical(level)
    if kind in ("wald", "t"):
        quantile = z if kind == "wald" else critical(level, df)
        return e - quantile * se, e + quantile * se
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(se > 1e-12, np.minimum(sd**2 / se**2, n), n)  # effective under the design, at most n
        size = size * (critical(level, rows) / critical(level, df)) ** 2  # Korn & Graubard 1998; 1 without a design
        if kind == "score":
            m, spread = e / 100, (sd / 100) ** 2 + (e / 100) ** 2
            low, high = net_interval((spread + m) / 2, (spread - m) / 2, size, z)
            return 100 * low, 100 * high
        return INTERVAL_METHODS[kind][0](np.clip(e, 0, 1), size, z)


def scored(
    parts: Sequence[tuple[str, Answers, FloatArray]],
    *,
    measure: str,
    interval: str,
    limits: tuple[float, float],
    conf_level: float,
    min_cell: int,
    groups: Sequence[str] | None = None,
    base: FloatArray | None = None,
) -> Any:
    """`Score` of values (n,) of each term, or `Shares` of indicators (n, g) where the groups are named.

    A share (interval of a proportion) is withheld by the respondents in it and not in it, anything else by segment.
    """
    check_conf_level(conf_level)
    _check_min_cell(min_cell)
    index: list[tuple[str, ...]] = []
    tables, blocks = [], []
    for term, a, values in parts:
        z = values.reshape(len(a.frame), -1)
        table, block = _table(z, a, interval, conf_level, np.ones(len(z)) if base is None else base)
        cells = np.ones((len(z), 1)) if interval not in INTERVAL_METHODS else z
        cells = np.concatenate([z, 1 - z], axis=1) if groups is None and interval in INTERVAL_METHODS else cells
        table = _masked(table, (a.member.astype(float) @ cells).round().astype(int), min_cell, groups is None)
        tables.append(table.reshape(len(table), -1))
        blocks.append(block)
        index += [
            (term, segment) if groups is None else (term, name, segment)
            for segment in a.segments
            for name in groups or [""]
        ]
    numbers = np.concatenate(tables, axis=1)
    covariances = _block_diagonal(blocks)
    gone = np.isnan(numbers[0])
    covariances[gone] = covariances[:, gone] = np.nan
    origin = Provenance.merge([a.provenance for _, a, _ in parts])
    left_out = max(a.n_left_out for _, a, _ in parts)
    df = min((_units_df(a) if a.by_unit else np.nan) for _, a, _ in parts)
    tail = (covariances, measure, interval, origin, limits, conf_level, min_cell, left_out, df)
    return (Score if groups is None else Shares)(tuple(index), *numbers, *tail)


def counted_scores(
    evidence: Warehouse,
    items: Sequence[str],
    values: Callable[[FloatArray], FloatArray],
    *,
    measure: str,
    interval: str,
    limits: tuple[float, float],
    conf_level: float,
    min_cell: int,
) -> Score:
    """What `scored` makes of the rows, for everyone, from the counts of answers of a database: `values` (a,) → (a,) of the answers."""
    check_conf_level(conf_level)
    _check_min_cell(min_cell)
    tables, blank, freedom = [], 0, np.nan
    for item in items:
        counts = evidence.counts(item)
        z, w, n = values(counts.answers), counts.weight, int(counts.n.sum())
        e = w @ z / w.sum()
        rest = z - e
        if evidence.cluster:
            units, squares = evidence.between_clusters(
                item, dict(zip(counts.answers.tolist(), rest.tolist(), strict=True))
            )
            if units < 2:
                raise ModelError(_SINGLE)
            variance = squares * units / (units - 1)
            freedom = float(np.fmin(freedom, df := units - 1))
        else:
            df = max(n - 1, 1)
            variance = counts.sum_w2 @ rest**2 * (n / (n - 1) if interval == "t" else 1.0)
        se, sd, kish = np.sqrt(variance) / w.sum(), np.sqrt(w @ rest**2 / w.sum()), w.sum() ** 2 / counts.sum_w2.sum()
        cell = [np.array([[float(number)]]) for number in (e, se, sd, kish, max(n - 1, 1), df)]
        low, high = _ends(interval, *cell, conf_level)
        table = np.stack([*cell[:2], low, high, cell[2], np.array([[float(n)]]), cell[3]])
        inside = counts.n @ z if interval in INTERVAL_METHODS else n
        sizes = np.array([[inside, n - inside] if interval in INTERVAL_METHODS else [n]]).round().astype(int)
        tables.append(_masked(table, sizes, min_cell, True)[:, 0])
        blank = max(blank, counts.n_rows - n)
    numbers = np.concatenate(tables, axis=1)
    covariances = _block_diagonal([np.array([[error**2]]) for error in numbers[1]])
    step = evidence.provenance.then(f"answers to {listed(items)} counted")
    tail = (covariances, measure, interval, step, limits, conf_level, min_cell, blank, freedom)
    return Score(tuple((item, ALL) for item in items), *numbers, *tail)


def _check_min_cell(min_cell: int) -> None:
    if min_cell < 0:
        raise DataError(f"min_cell is {min_cell}; allowed: 0 or more respondents.")


def _table(
    z: FloatArray, a: Answers, interval: str, conf_level: float, base: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Estimate, error, ends, SD, n and Kish's n, (7, s, g), and the covariances (s·g, s·g)."""
    e, cov, sd = linearised(z, base, a, correct=interval == "t")
    count, w = a.member.sum(axis=1), a.member * a.design.w
    with np.errstate(invalid="ignore", divide="ignore"):
        kish = w.sum(axis=1) ** 2 / (w**2).sum(axis=1)
    rows = np.maximum(count - 1, 1)
    df = np.full(len(count), _units_df(a)) if a.by_unit else rows
    se = np.sqrt(np.diag(cov)).reshape(e.shape)
    low, high = _ends(interval, e, se, sd, kish[:, None], rows[:, None], df[:, None], conf_level)
    sizes = (np.broadcast_to(x[:, None], e.shape) for x in (count, kish))
    return np.stack([e, se, low, high, sd, *sizes]).astype(float), cov


def _units_df(a: Answers) -> float:
    """Degrees of freedom of a design: units less strata."""
    return max(len(a.design.stratum) - len(np.unique(a.design.stratum)), 1)


def _masked(table: FloatArray, counts: Any, min_cell: int, single: bool) -> FloatArray:
    """`table` (7, s, g) without the cells to withhold; n goes only where the segment itself is too small."""
    hide = withheld(counts, min_cell)
    size = table[5][:, :1].astype(int)
    hide = hide.any(axis=1)[:, None] if single else hide
    hide = np.broadcast_to(hide, table.shape[1:])
    no_n = np.broadcast_to(withheld(size, min_cell), table.shape[1:])
    return np.concatenate([np.where(hide | no_n, np.nan, table[:5]), np.where(no_n, np.nan, table[5:])])


def _block_diagonal(blocks: Sequence[FloatArray]) -> FloatArray:
    """One matrix; between the blocks not a number."""
    ends = np.cumsum([0, *map(len, blocks)])
    joined = np.full((ends[-1], ends[-1]), np.nan)
    for start, end, block in zip(ends[:-1], ends[1:], blocks, strict=True):
        joined[start:end, start:end] = block
    return joined
