"""Correlations behind ordered answers (polychoric, tetrachoric, polyserial): another door into `Moments`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from ...core import DataError, MatrixError, ModelError, Provenance, Result, UnknownName, listed, pd
from ...kernels import FloatArray, critical, polychoric, polyserial
from ...moments import Moments, Source, by_name, complete
from ...survey import Survey, source_of

MOST_ANSWERS = 12
_CELLS = 2_000_000
_SCHEME = "polychoric, of rows; their draws come from ordinal_draws"


@dataclass(frozen=True, eq=False)
class OrdinalCorrelations(Result):
    """Correlation of every two variables, as it would be had ordered answers been measured on their continuous scale.

    Parameters
    ----------
    corr, std_error : array (k, k)
    kinds : dict of (name, name) → str
        "polychoric", "tetrachoric" (2 × 2), "polyserial" or "pearson".

    Notes
    -----
    The interval is symmetric on Fisher's z scale. It takes the thresholds as given, so it is short, by about a seventh
    for ten related items of seven answers; that of `ordinal_draws` is not.
    """

    names: tuple[str, ...]
    corr: FloatArray
    std_error: FloatArray
    kinds: dict[tuple[str, str], str]
    n: int
    n_effective: float
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "against")

    def columns(self) -> dict[str, Any]:
        rows, cols = np.tril_indices(len(self.names), -1)
        r, error = self.corr[rows, cols], self.std_error[rows, cols]
        z, half = np.arctanh(r), critical(self.conf_level) * error / (1 - r**2)
        names = np.array(self.names, dtype=object)
        return {
            "term": names[rows],
            "against": names[cols],
            "kind": [self.kinds[self.names[j], self.names[i]] for i, j in zip(rows, cols, strict=True)],
            "estimate": r,
            "std_error": error,
            "conf_low": np.tanh(z - half),
            "conf_high": np.tanh(z + half),
        }

    def whole(self) -> dict[str, Any]:
        r = self.corr[np.tril_indices(len(self.names), -1)]
        row = {"lowest": r.min(), "highest": r.max(), "n": self.n, "n_effective": self.n_effective}
        return row | {"conf_level": self.conf_level}

    @property
    def smallest_eigenvalue(self) -> float:
        """Below 0 where no single distribution has all these correlations, which are estimated pair by pair."""
        return float(np.linalg.eigvalsh(self.corr)[0])

    def moments(self, *, not_psd: str = "refuse") -> Moments:
        """Standardised moments with these correlations, for every method that takes moments.

        Parameters
        ----------
        not_psd : {"refuse", "nearest"}
            What happens where the matrix is not positive semi-definite: an error, or the nearest correlation matrix
            (Higham 2002, doi:10.1093/imanum/22.3.329) with a warning, and a step in the provenance, that say by how much.

        Raises
        ------
        MatrixError
            Naming the variables of the impossible combination.
        """
        if not_psd not in ("refuse", "nearest"):
            raise UnknownName(f"not_psd '{not_psd}' does not exist. Possible: refuse, nearest.")
        R, provenance = self.corr, self.provenance
        if self.smallest_eigenvalue < -1e-10:
            R, step = self._nearest(not_psd)
            provenance = provenance.then(step)
        m = Moments.from_correlations(R, self.names, n=self.n, provenance=provenance)
        return replace(m, sum_w2=np.asarray(self.n**2 / self.n_effective), scheme=_SCHEME)

    def _nearest(self, not_psd: str) -> tuple[FloatArray, str]:
        vector = np.abs(np.linalg.eigh(self.corr)[1][:, 0])
        heaviest = sorted(np.argsort(-vector)[: max(3, int((vector > 0.3).sum()))])
        step = (
            f"the correlations of {len(self.names)} variables, estimated pair by pair, are not positive semi-definite "
            f"(smallest eigenvalue {self.smallest_eigenvalue:.4f})"
        )
        if not_psd == "refuse":
            raise MatrixError(
                f"{step}. Look first at {listed(self.names[j] for j in heaviest)}: join their rare answers or leave one "
                "out, or take the nearest matrix with not_psd='nearest'."
            )
        from statsmodels.stats.correlation_tools import corr_clipped, corr_nearest
        from statsmodels.tools.sm_exceptions import IterationLimitWarning

        with warnings.catch_warnings():  # it comes ever nearer; what is left then is clipped
            warnings.simplefilter("ignore", IterationLimitWarning)
            R = corr_clipped(corr_nearest(self.corr, threshold=1e-10), threshold=1e-12)
        R = (R + R.T) / 2
        np.fill_diagonal(R, 1.0)
        moved = np.abs(R - self.corr)[np.tril_indices(len(R), -1)]
        step += f"; {int((moved > 5e-4).sum())} of {len(moved)} moved by .001 or more, at most by {moved.max():.3f}"
        warnings.warn(f"{step}. Report this, or leave a variable out.", UserWarning, stacklevel=3)
        return R, step


def ordinal_correlations(
    data: Survey | pd.DataFrame,
    names: Iterable[str],
    *,
    continuous: Sequence[str] = (),
    weight: str | None = None,
    provenance: Provenance | None = None,
    conf_level: float = 0.95,
) -> OrdinalCorrelations:
    """Polychoric, tetrachoric and polyserial correlations of ordered answers, in two steps.

    Behind each ordered answer a normal variable is assumed, cut at thresholds. These follow from how often each answer
    is given; then each correlation maximises the likelihood of the joint answers of its two variables. `.moments()`
    takes the result to `importance` and every other method on moments; `ordinal_draws` gives its bootstrap draws.

    Parameters
    ----------
    data : Survey or DataFrame
        A survey brings its weight and provenance; the source of a frame is what `provenance` says.
    names : iterable of str
        Rows complete on all of these are used.
    continuous : sequence of str
        The names that are measured as they are, such as scores of several items: with an ordered variable they give
        polyserial correlations, with each other Pearson's. All others hold at most 12 ordered answers.
    weight : str, optional
        Column of survey weights, above 0.
    provenance : Provenance, optional
        Of a frame: where it came from; a survey brings its own.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    OrdinalCorrelations
        `tidy()` has a row for every two variables; `moments()` serves every linear method.

    Raises
    ------
    UnknownName, DataError
        For an absent column, or more than 12 different answers to a variable not named in `continuous`.
    ModelError
        For a variable that does not vary, or two whose answers agree so well that no correlation below 1 fits.

    Notes
    -----
    Equals R's likelihood on `mvtnorm` (TVPACK) and, for 3 × 3 and 2 × 2 tables, `polycor::polychor`: correlations to
    1e-8, standard errors to 1e-7. Whether the normal variables exist is an assumption; two binary variables cannot test
    it.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient. Psychometrika 44,
    443–460. doi:10.1007/BF02296207
    Olsson, U., Drasgow, F. & Dorans, N. J. (1982). The polyserial correlation coefficient. Psychometrika 47, 337–347.
    doi:10.1007/BF02294164

    Examples
    --------
    >>> import pandas as pd
    >>> table = {(1, 1): 58, (1, 2): 52, (1, 3): 1, (2, 1): 26, (2, 2): 58, (2, 3): 3, (3, 1): 8, (3, 2): 12, (3, 3): 9}
    >>> rows = pd.DataFrame([cell for cell, count in table.items() for _ in range(count)], columns=["trust", "joy"])
    >>> found = ordinal_correlations(rows, ["trust", "joy"], provenance=Provenance("published", "Drasgow 1988"))
    >>> found
    OrdinalCorrelations: term joy, against trust, kind polychoric, estimate 0.420 (0.263 to 0.555), std_error 0.075,
        lowest 0.420
    >>> found.tidy()[["estimate", "std_error"]].round(4).values.tolist()
    [[0.4199, 0.0747]]
    """
    names, continuous = by_name(data, names, continuous, of="rows")
    names = tuple(names)
    rows = _OrdinalRows.of(source_of(data, weight, None, None, provenance), names, continuous)
    w = rows.design.w * (rows.design.n_effective / rows.design.w.sum())
    R, error, kinds = np.eye(len(names)), np.zeros((len(names), len(names))), {}
    for i, j in combinations(range(len(names)), 2):
        r, e = rows.pair(i, j, w[None])
        if np.isnan(r[0]):
            raise ModelError(
                f"{names[i]} and {names[j]}: some of their answers never go together, so nothing short of a correlation of 1 fits. "
                "Join rare answers, or leave one out."
            )
        R[i, j] = R[j, i] = r[0]
        error[i, j] = error[j, i] = e[0]
        kinds[names[i], names[j]] = rows.kind(i, j)
    step = f"{listed(dict.fromkeys(kinds.values()))} correlations in two steps (Olsson 1979)"
    return OrdinalCorrelations(
        names=names,
        corr=R,
        std_error=error,
        kinds=kinds,
        n=len(w),
        n_effective=rows.design.n_effective,
        provenance=rows.provenance.then(step),
        conf_level=conf_level,
    )


def ordinal_draws(
    data: Survey | pd.DataFrame,
    names: Iterable[str],
    *,
    continuous: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    provenance: Provenance | None = None,
    n_draws: int = 2000,
    seed: int = 1,
) -> Moments:
    """Bootstrap draws of `ordinal_correlations(...).moments()`: rows drawn, thresholds and correlations anew.

    The draws are those of `Moments.bootstrap` with the same seed. A draw in which a pair cannot be estimated holds no
    number there, and one that is not positive semi-definite is kept as it is; `importance` leaves both out and counts
    them. Ten items of seven answers, 344 rows and 2,000 draws take about 6 seconds; the time grows with the pairs.

    Parameters
    ----------
    data, names, continuous, weight, provenance
        As in `ordinal_correlations`.
    cluster, strata : str, optional
        Columns of a frame's design; a survey brings its own.
    n_draws : int
        Bootstrap draws, 100 or more.
    seed : int
        Of the draws; the same seed gives the same numbers.

    Returns
    -------
    Moments
        `n_draws` sets, for `draws=`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"stay": [1, 2, 3, 4, 3] * 10, "trust": [1, 3, 2, 4, 4] * 10})
    >>> len(ordinal_draws(frame, ["stay", "trust"], n_draws=100).labels)
    100
    """
    names, continuous = by_name(data, names, continuous, of="rows")
    names = tuple(names)
    rows = _OrdinalRows.of(source_of(data, weight, cluster, strata, provenance), names, continuous)
    step = rows.design.description(n_draws, seed)
    k, n, parts = len(names), len(rows.design.w), []
    for w in rows.design.draws(n_draws, seed, max(1, _CELLS // n)):
        R = np.tile(np.eye(k), (len(w), 1, 1))
        for i, j in combinations(range(k), 2):
            R[:, i, j] = R[:, j, i] = rows.pair(i, j, w)[0]
        parts.append((R, w.sum(axis=1), w @ rows.design.w))  # Σ w² as in `Moments.bootstrap`
    R, weight_sum, sum_w2 = (np.concatenate(part) for part in zip(*parts, strict=True))
    size = np.full(n_draws, float(n))
    return Moments(
        names=names,
        weight=size,
        n=size,
        sum_w2=size**2 * sum_w2 / weight_sum**2,
        mean=np.full((n_draws, k), np.nan),
        scatter=R * (n - 1),
        provenance=rows.provenance.then("polychoric correlations in two steps (Olsson 1979)").then(step),
        labels=tuple(range(n_draws)),
        scheme=step,
    )


@dataclass(frozen=True)
class _OrdinalRows:
    """Values (n, k) of the complete rows, ordered answers as codes 0 … K−1; K = 0 for a continuous variable."""

    values: FloatArray
    K: tuple[int, ...]
    design: Any
    provenance: Provenance

    @classmethod
    def of(cls, source: Source, names: tuple[str, ...], continuous: Sequence[str]) -> _OrdinalRows:
        if len(names) < 2 or len(set(names)) < len(names):
            raise DataError(f"a correlation needs two or more different variables; these are {listed(names)}.")
        if stray := [name for name in continuous if name not in names]:
            raise UnknownName(f"{listed(stray)}: named in continuous= but not among the variables {listed(names)}.")
        used, design = complete(source, names)
        values, sizes = [], []
        for name in names:
            column = used[name].to_numpy(dtype=float)
            found, codes = np.unique(column, return_inverse=True)
            if len(found) < 2:
                raise ModelError(f"{name}: everyone has the same value, so it correlates with nothing. Leave it out.")
            if name not in continuous and len(found) > MOST_ANSWERS:
                raise DataError(
                    f"'{name}' holds {len(found)} different values; an ordered variable has at most {MOST_ANSWERS} "
                    "answers. Name it in continuous= if it is a score, or join answers."
                )
            values.append(column if name in continuous else codes.astype(float))
            sizes.append(0 if name in continuous else len(found))
        return cls(np.stack(values, axis=1), tuple(sizes), design, source.provenance.then(design.step))

    def kind(self, i: int, j: int) -> str:
        """What the correlation of two variables is called."""
        sizes = sorted((self.K[i], self.K[j]))
        if sizes[1] == 0:
            return "pearson"
        return "polyserial" if sizes[0] == 0 else "tetrachoric" if sizes == [2, 2] else "polychoric"

    def pair(self, i: int, j: int, w: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Correlation of two variables and its standard error under weights w (L, n) → (L,), (L,)."""
        if not self.K[i]:
            i, j = j, i
        x, y = self.values[:, i], self.values[:, j]
        if not self.K[i]:
            return _pearson(x, y, w)
        if not self.K[j]:
            return polyserial(y, x.astype(np.intp), w, self.K[i])
        cells = np.eye(self.K[i] * self.K[j])[(x * self.K[j] + y).astype(np.intp)]
        return polychoric((w @ cells).reshape(len(w), self.K[i], self.K[j]))


def _pearson(x: FloatArray, y: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pearson correlation under weights w (L, n) and its standard error by Fisher's z, (1 − r²) / √(Σw − 3)."""
    total = w.sum(axis=1, keepdims=True)
    x, y = x - w @ x[:, None] / total, y - w @ y[:, None] / total
    xx, yy, xy = ((w * a * b).sum(axis=1) for a, b in ((x, x), (y, y), (x, y)))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.clip(xy / np.sqrt(xx * yy), -1, 1)
    return r, (1 - r**2) / np.sqrt(np.maximum(total[:, 0] - 3, 1e-9))
