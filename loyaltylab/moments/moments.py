"""`Moments`: weighted n, means and centred scatter of named variables; the one thing every driver method needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core import (
    UNSTATED,
    DataError,
    MatrixError,
    ModelError,
    Provenance,
    Result,
    UnknownName,
    how_many,
    listed,
    pd,
    taken_from,
    the_one_called,
    unknown,
)
from ..kernels import (
    FloatArray,
    combined,
    critical,
    dependent_set,
    left_out,
    resampled,
    summed,
    summed_once,
    symmetric_root,
    units,
)
from .rows import Source, check_draws, complete

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from ..codebook import Codebook


@dataclass(frozen=True, eq=False)
class Moments:
    """Sufficient statistics of k variables for every linear method, with any leading axes.

    Made by `from_frame` (rows), `from_correlations` (a printed table), `bootstrap` (rows, resampled) or `draws`.
    Moments of disjoint groups add with `+`; `[label]` picks one group or draw, `total()` sums them all.

    Parameters
    ----------
    names : tuple of str
        The k variables.
    weight, n, sum_w2 : array (...)
        Σw, number of complete rows, Σw² (so that n_eff = weight² / sum_w2, Kish 1965).
    mean : array (..., k)
        Weighted means; not a number where a source prints none.
    scatter : array (..., k, k)
        Σ w (x − mean)(x − mean)ᵀ, centred, so that nothing cancels.
    labels : tuple, optional
        Of the leading axis: segments, clusters or draws.
    scheme : str
        "sample", or how draws were made.
    called : mapping of name → labels
        What else the variables may be called, where a codebook says so.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"loyalty": [1.0, 2, 4, 5], "trust": [2.0, 2, 3, 5]})
    >>> m = Moments.from_frame(rows)
    >>> m
    Moments of 2 variables: loyalty, trust; n = 4; sample
    >>> m.corr.round(3).tolist()
    [[1.0, 0.904], [0.904, 1.0]]
    >>> m.provenance.source["en"], m.with_provenance(Provenance("synthetic", "four rows made up here")).provenance.tier
    ('source not stated', 'synthetic')
    """

    names: tuple[str, ...]
    weight: FloatArray
    n: FloatArray
    sum_w2: FloatArray
    mean: FloatArray
    scatter: FloatArray
    provenance: Provenance
    labels: tuple[Any, ...] | None = None
    scheme: str = "sample"
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        k, batch = len(self.names), np.shape(self.weight)
        if len(set(self.names)) < k:
            raise DataError(f"a variable is named twice: {listed(self.names)}.")
        if self.scatter.shape != (*batch, k, k) or self.mean.shape != (*batch, k):
            raise DataError(
                f"mean {self.mean.shape} and scatter {self.scatter.shape} do not fit {k} variables and {batch} sets."
            )
        if self.labels is not None and (not batch or len(self.labels) != batch[0]):
            raise DataError(f"{len(self.labels)} labels do not fit a leading axis of {batch}.")

    # ---- constructors -------------------------------------------------------------------------------------------

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        names: Iterable[str] | None = None,
        *,
        weight: str | None = None,
        by: str | None = None,
        provenance: Provenance = UNSTATED,
    ) -> Moments:
        """Moments of the complete rows of a frame; `by` gives one set for each value of that column, as a leading axis.

        Without `provenance` the source is not stated, and no claim can rest on them; see `with_provenance`.

        Raises
        ------
        UnknownName, DataError
            For a column that is absent or not numeric, an infinite value, a weight that is missing, zero or negative.
        """
        names = tuple(frame.columns.difference([weight, by], sort=False) if names is None else names)
        used, design = complete(Source(frame, provenance, weight, by), names)
        x = used[list(names)].to_numpy(dtype=float)
        provenance = provenance.then(design.step)
        if by is None:
            return cls(names, *summed_once(x, design.w), provenance=provenance)[0]
        labels = tuple(np.unique(used[by]).tolist())
        return cls(names, *units(x, design.w, design.unit), provenance=provenance, labels=labels)

    @classmethod
    def bootstrap(
        cls,
        frame: pd.DataFrame,
        names: Iterable[str],
        *,
        n_draws: int = 2000,
        seed: int = 1,
        weight: str | None = None,
        cluster: str | None = None,
        strata: str | None = None,
        rows: npt.ArrayLike | None = None,
        provenance: Provenance = UNSTATED,
    ) -> Moments:
        """Moments of rows drawn with replacement, by row or by whole clusters; the draws are the leading axis.

        With a weight or strata the draws follow the survey design (Rao, Wu & Yue 1992): of the n_h rows or clusters of
        a stratum, n_h − 1 are drawn and their weights multiplied by n_h / (n_h − 1). Of more than 200,000 rows or clusters
        some 4,000 random groups are drawn instead, which the provenance says; intervals are as wide.

        Parameters
        ----------
        n_draws, seed : int
            Number of draws and seed of NumPy's PCG64; the same seed gives the same draws whatever their number.
        cluster : str, optional
            Column whose equal values are drawn together (Davison & Hinkley 1997, §3.8, doi:10.1017/CBO9780511802843).
        strata : str, optional
            Column within whose values is drawn.
        rows : array (n_draws, n), optional
            Positions among the complete rows, counted from 0, instead of drawing them; for draws made elsewhere.
        """
        names = tuple(names)
        used, design = complete(Source(frame, provenance, weight, cluster, strata), names)
        x, w = used[list(names)].to_numpy(dtype=float), design.w
        if rows is not None:
            rows = np.asarray(rows)
            counts = np.stack([np.bincount(row, minlength=len(x)) for row in rows]).astype(float)
            sets, how = summed(x, w, counts), f"{len(rows):,} bootstrap draws of rows given by the caller"
            return cls(names, *sets, provenance=provenance.then(how), labels=tuple(range(len(rows))), scheme=how)
        how, drawn = design.description(n_draws, seed), design.joined(seed)
        if cluster or design.by_design or drawn is not design:
            sets = combined(units(x, w, drawn.unit), drawn.counts(n_draws, seed))
        else:
            sets = resampled(x, w, n_draws, seed)
        return cls(names, *sets, provenance=provenance.then(how), labels=tuple(range(n_draws)), scheme=how)

    @classmethod
    def jackknife(
        cls,
        frame: pd.DataFrame,
        names: Iterable[str],
        *,
        weight: str | None = None,
        cluster: str | None = None,
        provenance: Provenance = UNSTATED,
    ) -> Moments:
        """Moments with each complete row (or cluster) left out in turn, as the leading axis; for BCa intervals."""
        names = tuple(names)
        used, design = complete(Source(frame, provenance, weight, cluster), names)
        left = design.joined(seed=1)
        each = units(used[list(names)].to_numpy(dtype=float), left.w, left.unit)
        how = f"jackknife over {len(each[0]):,} {'clusters' if cluster and left is design else left.units}"
        labels = tuple(range(len(each[0])))
        return cls(names, *left_out(each), provenance=provenance.then(how), labels=labels, scheme=how)

    @classmethod
    def from_query(
        cls,
        table: ir.Table,
        names: Iterable[str],
        codebook: Codebook,
        *,
        weight: str | None = None,
        by: str | None = None,
        unit: str | None = None,
        groups: int = 256,
        provenance: Provenance = UNSTATED,
    ) -> Moments:
        """Moments of the complete rows of a database table, from one aggregate query; no row leaves the engine.

        Parameters
        ----------
        table : Ibis table
            DuckDB, Spark, PostgreSQL or whatever else Ibis speaks; `read_warehouse` opens one.
        names : names of items or scales
            Recoded and scored in the query as the codebook says: missing codes, reversals, items a scale needs.
        weight, by : str, optional
            Column of weights; column whose values become the leading axis.
        unit : str, optional
            Column of respondents or clusters, hashed into `groups` sets along the leading axis; `draws()` of them is a
            bootstrap of groups.
        groups : {16, 256, 4096}

        Raises
        ------
        UnknownName, DataError
            For a column that is absent, an answer outside its range, a weight or key that cannot be.

        Notes
        -----
        Values are taken about the middle of their range, so that sums over hundreds of millions of rows do not cancel, and
        are kept to 13 digits, for engines add in another order each time. Equals `from_frame` on the rows. DuckDB runs inside
        this process: its rows are summed batch by batch as those of a file, in a fraction of the time and in flat memory.
        """
        from .query import summed_by_query

        names = tuple(map(codebook.named, names))
        found = summed_by_query(table, codebook, names, weight=weight, by=by, unit=unit, groups=groups)
        step = f"complete on {listed(names)}: {int(found.n.sum()):,} of {found.n_rows:,} rows"
        step += f", weighted by {weight}" if weight else ""
        provenance = replace(provenance.then(step), queries=found.queries)
        sets = (found.weight, found.n, found.sum_w2, found.mean, found.scatter)
        labels = tuple(found.keys) if found.keys else (0,)
        whole = cls(names, *sets, provenance=provenance, labels=labels, called=codebook.called)
        return whole if found.keys else whole[0]

    @classmethod
    def from_correlations(
        cls,
        corr: npt.ArrayLike,
        names: Sequence[str],
        *,
        n: int,
        mean: npt.ArrayLike | None = None,
        sd: npt.ArrayLike | None = None,
        provenance: Provenance = UNSTATED,
    ) -> Moments:
        """Moments of a printed correlation matrix; variables are standardised where no SDs are given.

        Parameters
        ----------
        corr : array (k, k)
            Symmetric, ones on the diagonal, entries in −1…1, positive semi-definite.
        n : int
            Respondents behind the table.

        Raises
        ------
        MatrixError
            Naming the entries that cannot be, or the variables in an impossible combination.
        """
        names, R = tuple(names), np.array(corr, dtype=float)
        k = len(names)
        if R.shape != (k, k):
            raise MatrixError(
                f"the matrix is {' × '.join(map(str, R.shape))} but {k} variables are named: {listed(names)}."
            )
        if n < 3:
            raise MatrixError(f"n = {n}: a correlation table needs at least 3 respondents behind it.")
        pairs = [(i, j) for i in range(k) for j in range(i)]
        _refuse(names, [(i, i) for i in range(k) if R[i, i] != 1], R, "the diagonal must be 1")
        _refuse(
            names,
            [p for p in pairs if not np.isfinite(R[p]) or not np.isfinite(R[p[::-1]])],
            R,
            "every entry must be a number",
        )
        _refuse(names, [p for p in pairs if abs(R[p] - R[p[::-1]]) > 1e-12], R, "the two halves of the matrix differ")
        _refuse(names, [p for p in pairs if abs(R[p]) > 1], R, "a correlation lies between −1 and 1")
        values, vectors = np.linalg.eigh(R)
        if values[0] < -1e-10:
            heaviest = np.argsort(-np.abs(vectors[:, 0]))[: max(3, int((np.abs(vectors[:, 0]) > 0.3).sum()))]
            suspects = [names[j] for j in sorted(heaviest)]
            raise MatrixError(
                f"no data can have these correlations: the matrix is not positive semi-definite (smallest eigenvalue "
                f"{values[0]:.3f}). Look first at the entries among {listed(suspects)}; a printing or typing error is likely."
            )
        sds = np.ones(k) if sd is None else np.array(sd, dtype=float)
        means = np.full(k, np.nan) if mean is None else np.array(mean, dtype=float)
        for what, given in (("SDs", sds), ("means", means)):
            if given.shape != (k,):
                raise MatrixError(f"{len(given)} {what} are given for {k} variables: {listed(names)}.")
        if bad := [name for name, s in zip(names, sds, strict=True) if not s > 0]:
            raise MatrixError(f"a standard deviation must be above 0; it is not for {listed(bad)}.")
        total = np.array(float(n))
        return cls(names, total, total, total, means, R * np.outer(sds, sds) * (n - 1), provenance)

    # ---- what they hold -----------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        size = f"n = {int(self.n):,}" if not self.batch else f"{' × '.join(map(str, self.batch))} sets"
        return f"Moments of {len(self.names)} variables: {listed(self.names)}; {size}; {self.scheme}"

    @property
    def batch(self) -> tuple[int, ...]:
        """The leading axes."""
        return np.shape(self.weight)

    @property
    def n_eff(self) -> FloatArray:
        """Kish's effective sample size, weight² / Σw²."""
        return np.asarray(self.weight**2 / self.sum_w2)

    @property
    def cov(self) -> FloatArray:
        """Covariances (..., k, k), with divisor weight · (n − 1) / n: n − 1 where every weight is 1."""
        return self.scatter / (self.weight * (self.n - 1) / self.n)[..., None, None]

    def _refuse_flat(self, flat: npt.NDArray[np.bool_], constant: npt.NDArray[np.bool_]) -> None:
        """Raises what is true of the variables that do not vary, or too little to be computed with."""
        for which, text in (
            (constant, "everyone has the same value, so nothing can be explained by or about it. Leave it out."),
            (flat, "varies too little beside its size to be computed with. Subtract a constant, such as its smallest value."),
        ):  # fmt: skip
            if names := [name for name, one in zip(self.names, which.reshape(-1, len(self.names)).any(axis=0), strict=True) if one]:  # fmt: skip
                raise ModelError(f"{listed(names)}: {text}")

    @cached_property
    def corr(self) -> FloatArray:
        """Correlations (..., k, k); not a number where a variable of a draw does not vary.

        Raises
        ------
        ModelError
            Naming the variables that do not vary, unless these are draws.
        """
        variance = np.diagonal(self.scatter, axis1=-2, axis2=-1)
        size = np.abs(np.nan_to_num(self.mean)) ** 2 * self.weight[..., None]
        # sums over draws round by the largest
        size = np.maximum(size, variance.reshape(-1, len(self.names)).max(axis=0))
        flat = variance <= 1e-14 * size + 1e-300
        if flat.any() and self.scheme == "sample":
            self._refuse_flat(flat, variance <= 1e-28 * size + 1e-300)
        sd = np.sqrt(np.where(flat, np.nan, variance))
        R = self.scatter / (sd[..., :, None] * sd[..., None, :])
        np.einsum("...ii->...i", R)[...] = np.where(flat, np.nan, 1.0)
        return R

    def describe(self, conf_level: float = 0.95) -> Description:
        """Mean and SD of each variable, with the interval of the mean."""
        return Description(self, conf_level)

    def correlations(self, conf_level: float = 0.95) -> Correlations:
        """Correlation of every two variables, with its interval."""
        return Correlations(self, conf_level)

    def index(self, names: Iterable[str]) -> list[int]:
        """Positions of variables, each by its name or its label."""
        return [self.names.index(self.named(name)) for name in names]

    def named(self, asked: str) -> str:
        """The name of the variable that is asked for by its name or its label."""
        if asked in self.names:
            return asked
        labels = {name: self.called.get(name, ()) for name in self.names}
        todo = f"Rebuild the moments with '{asked}' among the variables."
        return the_one_called("variable", asked, labels, todo)

    # ---- new moments from old -----------------------------------------------------------------------------------

    def with_provenance(self, provenance: Provenance) -> Moments:
        """The same moments, once it can be said where the numbers come from; what was done to them since is kept.

        Raises
        ------
        DataError
            Where their source is stated already.
        """
        if self.provenance.source != UNSTATED.source:
            raise DataError(
                f"the source of these moments is stated already ({self.provenance.tier}: {self.provenance.source['en']}). "
                "Make them again from the rows or the table if it is another."
            )
        steps = (*provenance.steps, *self.provenance.steps)
        return replace(self, provenance=replace(provenance, steps=steps))

    def select(self, names: Iterable[str]) -> Moments:
        """The same rows, these variables, in this order."""
        at = self.index(names)
        names = tuple(self.names[i] for i in at)
        return replace(self, names=names, mean=self.mean[..., at], scatter=self.scatter[..., at, :][..., :, at])

    def partial(self, covariates: Iterable[str]) -> Moments:
        """The other variables with the covariates taken out of each by regression ("always in")."""
        out = self.index(covariates)
        covariates = [self.names[i] for i in out]
        rest = [i for i in range(len(self.names)) if i not in out]
        if not out:
            return self
        S_cc, S_cr = self.scatter[..., out, :][..., :, out], self.scatter[..., out, :][..., :, rest]
        S_rr = self.scatter[..., rest, :][..., :, rest]
        if self.scheme == "sample" and (
            tied := dependent_set(self.select(covariates).corr.reshape(-1, len(out), len(out))[0])
        ):
            raise ModelError(
                f"the covariates {listed(covariates[i] for i in tied)} say the same thing exactly. Leave one out."
            )
        residual = S_rr - np.swapaxes(S_cr, -1, -2) @ np.linalg.solve(S_cc, S_cr)
        names = tuple(self.names[i] for i in rest)
        return replace(
            self,
            names=names,
            mean=np.zeros_like(self.mean[..., rest]),
            scatter=residual,
            provenance=self.provenance.then(f"{listed(covariates)} always in"),
        )

    def __add__(self, other: Moments) -> Moments:
        """Moments of two disjoint groups together, without cancellation (Chan, Golub & LeVeque 1983)."""
        if self.names != other.names:
            raise DataError(
                f"moments of different variables cannot be added: {listed(self.names)} and {listed(other.names)}."
            )
        if self.provenance.tier != other.provenance.tier:
            raise DataError(
                f"{self.provenance.tier} and {other.provenance.tier} evidence are never mixed; report them side by side."
            )
        weight = self.weight + other.weight
        gap = other.mean - self.mean
        part = (other.weight / weight)[..., None]
        between = gap[..., :, None] * gap[..., None, :] * (self.weight * other.weight / weight)[..., None, None]
        return replace(
            self,
            weight=weight,
            n=self.n + other.n,
            sum_w2=self.sum_w2 + other.sum_w2,
            mean=self.mean + part * gap,
            scatter=self.scatter + other.scatter + between,
            provenance=Provenance.merge([self.provenance, other.provenance]),
        )

    def __getitem__(self, label: Any) -> Moments:
        """One set of the leading axis, by its label (or its position where there are no labels)."""
        if not self.batch:
            raise UnknownName("these moments are one set; there is nothing to pick from.")
        if self.labels is not None and label not in self.labels:
            raise unknown("set", label, self.labels)
        at = label if self.labels is None else self.labels.index(label)
        return self._take(at, labels=None)

    def total(self) -> Moments:
        """All sets of the leading axis together."""
        weights = np.ones((1, self.batch[0]))
        return self._drawn(weights, labels=None, scheme="sample", step=None)._take(0, labels=None)

    def without_each(self) -> Moments:
        """All sets of the leading axis together without one, for each in turn: a jackknife of groups."""
        how = f"jackknife over {self.batch[0]:,} groups"
        each = [getattr(self, part) for part in ("weight", "n", "sum_w2", "mean", "scatter")]
        return type(self)(
            self.names,
            *left_out(each),
            provenance=self.provenance.then(how),
            labels=self.labels,
            scheme=how,
            called=self.called,
        )

    def draws(self, *, n_draws: int = 2000, seed: int = 1) -> Moments:
        """Draws of these moments, as their new leading axis, without seeing a row.

        With a leading axis of disjoint groups (clusters), whole groups are drawn with replacement. Without one, scatters
        are drawn from the Wishart distribution with n_eff − 1 degrees of freedom: normal theory, the only thing a printed
        table allows (Odell & Feiveson 1966, doi:10.1080/01621459.1966.10502018), and the scheme says so. They are drawn in
        the order of the names, so in whatever order these stand, each has the same draws.
        """
        if self.scheme != "sample":
            raise ModelError(
                f"no draws can be made of these moments ({self.scheme}); draw from the sample they came from."
            )
        if self.batch:
            groups = self.batch[0]
            check_draws(n_draws, seed, groups, "groups")
            rng = np.random.default_rng(seed)
            counts = np.zeros((n_draws, groups))
            np.add.at(counts, (np.arange(n_draws)[:, None], rng.integers(groups, size=(n_draws, groups))), 1)
            how = f"{n_draws:,} bootstrap draws of {groups:,} clusters, seed {seed}"
            return self._drawn(counts, labels=tuple(range(n_draws)), scheme=how, step=how)
        k, df = len(self.names), float(self.n_eff) - 1
        if df <= k:
            raise ModelError(f"n = {df + 1:.0f} is too small to draw a scatter of {k} variables; use fewer variables.")
        check_draws(n_draws, seed, int(df) + 1, "respondents")
        if self.names != (ordered := tuple(sorted(self.names))):
            return self.select(ordered).draws(n_draws=n_draws, seed=seed).select(self.names)
        rng = np.random.default_rng(seed)
        root = symmetric_root(self.scatter / df)  # eigenvectors alone have no sign, and differ from machine to machine
        bartlett = np.tril(rng.standard_normal((n_draws, k, k)), -1)
        bartlett[:, range(k), range(k)] = np.sqrt(rng.chisquare(df - np.arange(k), size=(n_draws, k)))
        factor = root @ bartlett
        mean = self.mean + rng.standard_normal((n_draws, k)) @ root.T / np.sqrt(df + 1)
        how = f"{n_draws:,} draws from the Wishart distribution (normal theory), seed {seed}"
        spread = np.ones(n_draws)
        return replace(
            self,
            weight=self.weight * spread,
            n=self.n * spread,
            sum_w2=self.sum_w2 * spread,
            mean=mean,
            scatter=factor @ np.swapaxes(factor, -1, -2),
            labels=tuple(range(n_draws)),
            scheme=how,
            provenance=self.provenance.then(how),
        )

    def _take(self, at: Any, labels: tuple[Any, ...] | None) -> Moments:
        parts = {name: np.asarray(getattr(self, name)[at]) for name in ("weight", "n", "sum_w2", "mean", "scatter")}
        return replace(self, **parts, labels=labels)

    def _drawn(self, counts: FloatArray, *, labels: tuple[Any, ...] | None, scheme: str, step: str | None) -> Moments:
        """The sets of the first axis summed, each as often as `counts` (m, sets) says."""
        sets = combined((self.weight, self.n, self.sum_w2, self.mean, self.scatter), counts)
        provenance = self.provenance.then(step) if step else self.provenance
        return Moments(self.names, *sets, provenance=provenance, labels=labels, scheme=scheme, called=self.called)


@dataclass(frozen=True, eq=False)
class Description(Result):
    """Means and SDs in scale points; the interval of a mean is Student's, with n_eff − 1 degrees of freedom."""

    moments: Moments
    conf_level: float = 0.95

    provenance = taken_from("moments.provenance")

    def columns(self) -> dict[str, Any]:
        m = self.moments
        sd = np.sqrt(np.diagonal(m.cov))
        std_error = sd / np.sqrt(m.n_eff)
        half = critical(self.conf_level, m.n_eff - 1) * std_error
        return {
            "term": m.names,
            "estimate": m.mean,
            "std_error": std_error,
            "conf_low": m.mean - half,
            "conf_high": m.mean + half,
            "sd": sd,
        }

    def whole(self) -> dict[str, Any]:
        return {"n": int(self.moments.n), "n_effective": float(self.moments.n_eff), "conf_level": self.conf_level}


@dataclass(frozen=True, eq=False)
class Correlations(Result):
    """Pearson correlations; intervals by Fisher's z (1921) with n_eff.

    Attributes
    ----------
    moments : Moments
        What it was computed from.

    See Also
    --------
    loyaltylab.moments.Moments : `correlations()`.
    """

    moments: Moments
    conf_level: float = 0.95
    keys = ("term", "against")

    provenance = taken_from("moments.provenance")

    def columns(self) -> dict[str, Any]:
        m = self.moments
        rows, cols = np.tril_indices(len(m.names), -1)
        r = m.corr[rows, cols]
        half = critical(self.conf_level) / np.sqrt(max(float(m.n_eff) - 3, 1e-9))
        z = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
        names = np.array(m.names, dtype=object)
        return {
            "term": names[rows],
            "against": names[cols],
            "estimate": r,
            "conf_low": np.tanh(z - half),
            "conf_high": np.tanh(z + half),
        }

    def whole(self) -> dict[str, Any]:
        r = self.tidy()["estimate"]
        return {"lowest": r.min(), "highest": r.max(), "n": int(self.moments.n), "conf_level": self.conf_level}


def _refuse(names: Sequence[str], entries: list[tuple[int, int]], R: FloatArray, why: str) -> None:
    if entries:
        shown = listed((f"({names[i]}, {names[j]}) = {R[i, j]:g}" for i, j in entries), limit=5)
        raise MatrixError(f"not a correlation matrix: {why}. Look at {shown}.")


# ---- Refusing what cannot be analysed: names that are not there, draws that do not match.


def by_name(data: Any, *asked: Any, of: str = "") -> Any:
    """What was asked for by names or labels of the data, by names, each in the shape it had: one, several, blocks of them.

    This is the door of every function that takes data and names of variables: behind it, there are names only. The columns of
    a frame have no other names.

    Parameters
    ----------
    data : Moments, or anything else with a method `named`
        Whose names and labels are known.
    asked : str, sequence or mapping of block → names
        Names or labels.
    of : {"moments", "answers", "rows", "codebook"}, optional
        What the function takes, where it does not take all kinds of data; see `check_kind`.

    Returns
    -------
    str, list, tuple or dict
        One for each that was asked, alone where one was.

    Raises
    ------
    UnknownName
        With the name or label that was probably meant.
    DataError
        For data of another kind than the function takes.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> by_name(table, "attitudinal loyalty", {"fun": ["Enjoyment"]})
    ('AttLoyalty', {'fun': ['Enjoyment']})
    """
    if of:
        check_kind(data, of, asked)
    one_of = getattr(type(data), "named", None)

    def each(asked: Any) -> Any:
        if one_of is None or asked is None or isinstance(asked, str):
            return one_of(data, asked) if one_of and asked else asked
        if isinstance(asked, Mapping):
            return {block: each(members) for block, members in asked.items()}
        if isinstance(asked, Iterable):
            return tuple(map(each, asked)) if isinstance(asked, tuple) else [each(one) for one in asked]
        return one_of(data, asked)

    found = tuple(map(each, asked))
    return found if len(found) > 1 else found[0]


def check_kind(data: Any, kind: str, asked: Iterable[Any] = ()) -> None:
    """Refuse data of another kind than a function takes, with what to give instead.

    Parameters
    ----------
    data : Any
        What was given for a survey, a table, a frame or moments.
    kind : {"moments", "answers", "rows", "codebook", "variables"}
        `moments`; the `answers` of respondents, with a codebook, or their `rows` alone; anything with a `codebook`, a published
        table or a database among them; anything that gives moments of its `variables`.
    asked : iterable of names, or of lists and blocks of them
        The variables, for the advice to name them.

    Raises
    ------
    DataError

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> check_kind(read_table("hedonic_utilitarian"), "moments", ["AttLoyalty", ["Enjoyment"]])
    Traceback (most recent call last):
    loyaltylab.core.errors.DataError: this takes moments, and what was given is a PublishedTable. Give its moments: .moments(['AttLoyalty', 'Enjoyment']), and where there is draws=, .draws() of the same names.
    """
    is_frame, is_moments = hasattr(type(data), "iloc"), isinstance(data, Moments)
    gives = not is_moments and hasattr(type(data), "moments") and hasattr(type(data), "draws")
    if {
        "moments": lambda: is_moments,
        "answers": lambda: gives and hasattr(data, "frame"),  # a database refuses its rows in words of its own
        "rows": lambda: is_frame or (gives and hasattr(data, "frame")),
        "codebook": lambda: gives and hasattr(data, "codebook"),
        "variables": lambda: gives or is_frame or is_moments,
    }[kind]():
        return
    names = list(dict.fromkeys(_flat(asked)))
    takes = {
        "moments": "moments",
        "answers": "a survey: the answers of respondents",
        "rows": "a survey or a data frame: the answers of respondents",
        "codebook": "data with a codebook: a survey or a published table",
        "variables": "a survey, a table, a data frame or moments",
    }[kind]
    if kind == "moments" and gives:
        advice = f"Give its moments: .moments({names}), and where there is draws=, .draws() of the same names."
    elif kind == "moments" and is_frame:
        advice = f"Give Moments.from_frame(frame, {names})."
    elif kind in ("answers", "codebook") and is_frame:
        advice = "Give read_survey(frame, codebook=…), which says what its columns mean."
    elif kind in ("answers", "rows") and (gives or is_moments):
        advice = "It holds no answers of single respondents any more; give the rows, as read_survey() reads them."
    else:
        advice = "read_data(), read_survey() and read_table() give such data."
    raise DataError(f"this takes {takes}, and what was given is a {type(data).__name__}. {advice}")


def _flat(asked: Any) -> Iterator[str]:
    """The names in what was asked for, in whatever shape."""
    if isinstance(asked, str):
        yield from filter(None, [asked])
    elif isinstance(asked, Iterable):
        for one in asked.values() if isinstance(asked, Mapping) else asked:
            yield from _flat(one)


def check_names(outcome: str, names: list[str], blocks: Mapping[str, Sequence[str]], covariates: Sequence[str]) -> None:
    """Refuse names that cannot be the outcome, the drivers and the covariates of one model.

    Parameters
    ----------
    outcome : str
        Name or label of the variable to explain.
    names : list of str
        All drivers.
    blocks : mapping of str → sequence of str
        Block → its drivers.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.

    Raises
    ------
    DataError
        For no drivers, an empty block, a name that stands twice or has two parts to play.

    Examples
    --------
    >>> check_names("stay", ["trust", "stay"], {"trust": ("trust",), "stay": ("stay",)}, ())
    Traceback (most recent call last):
    loyaltylab.core.errors.DataError: 'stay' is the outcome and cannot also be a driver or covariate.
    """
    if not names or not all(blocks.values()):
        raise DataError("there are no drivers, or a block is empty; name at least one driver in each block.")
    for name in names:
        if names.count(name) > 1:
            where = [block for block, members in blocks.items() if name in members]
            raise DataError(f"driver '{name}' stands twice (in {listed(where)}); a driver belongs to one block.")
        if name in blocks and blocks[name] != (name,):
            raise DataError(f"'{name}' is both a driver and a block; give the block another name.")
    if outcome in (*names, *covariates):
        raise DataError(f"'{outcome}' is the outcome and cannot also be a driver or covariate.")
    if both := [name for name in covariates if name in names]:
        raise DataError(f"{listed(both)}: cannot be driver and covariate at once.")


def check_one_set(moments: Moments) -> None:
    """Refuse moments that are several sets, such as draws or groups.

    Parameters
    ----------
    moments : Moments
        Any.

    Raises
    ------
    ModelError
        For those with a leading axis.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> check_one_set(read_table("hedonic_utilitarian").draws(["AttLoyalty", "Enjoyment"], n_draws=100))
    Traceback (most recent call last):
    loyaltylab.core.errors.ModelError: these moments are several sets; pick one with [label] or sum them with .total(), and give draws as draws=.
    """
    if moments.batch:
        raise ModelError(
            "these moments are several sets; pick one with [label] or sum them with .total(), and give draws as draws=."
        )


def check_enough(n: float, count: int, what: str = "drivers and covariates") -> None:
    """Refuse a model of `count` terms that leaves no respondents to judge it by.

    Parameters
    ----------
    n : float
        Respondents; the effective number where there are weights.
    count : int
        Terms of the model.
    what : str
        What the terms are called in the sentence.

    Raises
    ------
    ModelError
        For no more than one respondent above the terms.

    Examples
    --------
    >>> check_enough(5, 4)
    Traceback (most recent call last):
    loyaltylab.core.errors.ModelError: fewer than 10 complete respondents are too few for 4 drivers and covariates; use fewer, or more respondents.
    """
    if n <= count + 1:
        raise ModelError(
            f"{how_many(int(n))} complete respondents are too few for {count} {what}; use fewer, or more respondents."
        )


def check_apart(R: FloatArray, names: Sequence[str], where: str = "") -> None:
    """Refuse variables of which one is determined by the others.

    Parameters
    ----------
    R : array (k, k)
        Their correlations.
    names : sequence of str
        Their names, in the same order.
    where : str
        Of the sentence, in front of the names.

    Raises
    ------
    ModelError
        Naming those that hang together.

    Examples
    --------
    >>> check_apart(np.ones((2, 2)), ["trust", "price"])
    Traceback (most recent call last):
    loyaltylab.core.errors.ModelError: trust, price: each is determined exactly by the others, so their parts cannot be told apart. Leave one out.
    """
    if tied := dependent_set(R):
        raise ModelError(
            f"{where}{listed(dict.fromkeys(names[i] for i in tied))}: each is determined exactly by the others, so their "
            "parts cannot be told apart. Leave one out."
        )


def usable_draws(draws: Moments) -> tuple[Moments, int]:
    """The draws in which every variable varies and no driver is determined by the others, and how many are not.

    Parameters
    ----------
    draws : Moments
        With the outcome first, as `survey.draws` gives them.

    Returns
    -------
    (Moments, int)
        The sound ones, and how many were left out.

    Raises
    ------
    ModelError
        Where more than 5% cannot be used.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> kept, left_out = usable_draws(read_table("hedonic_utilitarian").draws(["AttLoyalty", "Enjoyment", "Efficiency"], n_draws=100))
    >>> len(kept.labels), left_out
    (100, 0)
    """
    R = draws.corr
    sound = np.isfinite(R).all(axis=(-2, -1))
    sound[sound] = np.linalg.eigvalsh(R[sound][:, 1:, 1:])[:, 0] > 1e-9
    left_out = int((~sound).sum())
    if left_out > 0.05 * len(sound):
        raise ModelError(
            f"{left_out:,} of {len(sound):,} draws leave a driver without variation or determined by others; "
            "the sample is too small for this model."
        )
    return (draws._take(sound, labels=None) if left_out else draws), left_out


# ---- `composites()`: the mean of each block of drivers as one variable, from moments alone.


def composites(
    moments: Moments, blocks: Mapping[str, Sequence[str]], *, keep: Iterable[str] = (), standardised: bool = False
) -> Moments:
    """Moments of block means: a linear map of moments, so it serves rows, draws and printed tables alike.

    Parameters
    ----------
    moments : Moments
        Any leading axes; holding the members of the blocks and what is kept.
    blocks : mapping of block → names
        Each becomes a variable of that name, the unweighted mean of its members.
    keep : names
        Variables that stay as they are, such as the outcome; they come first.
    standardised : bool
        Divide every member by its standard deviation first (of each draw, in draws); for members that were answered on
        different ranges.

    Returns
    -------
    Moments
        With the kept variables first, then a variable for each block; the leading axes stay.

    Raises
    ------
    DataError, UnknownName
        For an empty block, a block that has the name of a variable that is kept, or a variable that is absent.

    Notes
    -----
    Equals the moments of the means computed row by row, to 1e-12.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> m = table.moments(["AttLoyalty", *blocks["emotional"], *blocks["rational"]])
    >>> composites(m, blocks, keep=["AttLoyalty"]).corr[0].round(3).tolist()
    [1.0, 0.653, 0.604]
    """
    keep, blocks = by_name(moments, list(keep), blocks, of="moments")
    if empty := [name for name, members in blocks.items() if not members]:
        raise DataError(f"{listed(empty)}: a block without drivers has no mean; name at least one driver in it.")
    if both := [name for name in blocks if name in keep]:
        raise DataError(f"{listed(both)}: a block has the name of a variable that is kept; give it another name.")
    map_ = np.zeros((len(keep) + len(blocks), len(moments.names)))
    map_[range(len(keep)), moments.index(keep)] = 1.0
    for row, members in enumerate(blocks.values(), start=len(keep)):
        map_[row, moments.index(members)] = 1 / len(members)
    batched = np.broadcast_to(map_, (*moments.batch, *map_.shape))
    if standardised:
        sd = np.sqrt(np.diagonal(moments.cov, axis1=-2, axis2=-1))
        scale = np.ones((*moments.batch, *map_.shape))
        scale[..., len(keep) :, :] = np.where(sd > 0, sd, np.nan)[..., None, :]
        batched = batched / scale
    step = f"mean of each block: {listed(blocks)}{', members standardised' if standardised else ''}"
    return replace(
        moments,
        names=(*keep, *blocks),
        mean=np.einsum("...ij,...j->...i", batched, np.where(np.isnan(moments.mean), 0, moments.mean))
        if not np.isnan(moments.mean).all()
        else np.full((*moments.batch, len(map_)), np.nan),
        scatter=batched @ moments.scatter @ np.swapaxes(batched, -1, -2),
        provenance=moments.provenance.then(step),
    )
