"""`importance_of_fit()`: importance for outcomes that no linear model fits: yes or no, and ordered answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...codebook import as_blocks, flatten
from ...core import ModelError, Phrase, Provenance, UnknownName, check_known, listed, pd, tr
from ...kernels import check_conf_level
from ...kernels import logit as logit_kernels
from ...models import logit_rows
from ...moments import by_name, check_names
from ...survey import Survey, source_of
from ..decomposition import Importance
from ..routes import instead
from .subsets import Ask, drawn, kept_draws, sample

#: Methods of `METHODS` that have a form for these outcomes.
METHODS_OF_FIT = ("lmg", "relative_weights", "first", "last")
_MOST_PLAYERS = 18
_MOST_VISITS = 20_000_000_000  # rows visited by all fits together; about half an hour


@dataclass(frozen=True)
class FitIndex:
    """A row of `FITS`: what a fit index is, and for which outcomes there is one."""

    label: Phrase
    meaning: Phrase
    cite: str
    families: tuple[str, ...] = ("binary", "ordered")


FITS: dict[str, FitIndex] = {
    "mcfadden": FitIndex(
        tr("McFadden's R²"),
        tr("part of the log-likelihood of the model without drivers that the drivers take away"),
        "McFadden 1974",
    ),
    "nagelkerke": FitIndex(
        tr("Nagelkerke's R²"),
        tr("gain in likelihood per respondent, as a part of the largest possible gain"),
        "Nagelkerke 1991, doi:10.1093/biomet/78.3.691",
    ),
    "tjur": FitIndex(
        tr("Tjur's R²"),
        tr("mean fitted probability of those who say yes minus that of those who say no"),
        "Tjur 2009, doi:10.1198/tast.2009.08210",
        families=("binary",),
    ),
    "squared_correlation": FitIndex(
        tr("R² of the fitted probability"),
        tr("squared correlation of the answer with its fitted probability"),
        "Mittlböck & Schemper 1996, doi:10.1002/(SICI)1097-0258(19961015)15:19<1987::AID-SIM318>3.0.CO;2-9",
        families=("binary",),
    ),
}


def importance_of_fit(
    data: Survey | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    family: str = "binary",
    fit: str | None = None,
    method: str = "lmg",
    players: str = "drivers",
    covariates: Sequence[str] = (),
    categorical: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    provenance: Provenance | None = None,
    n_draws: int = 0,
    seed: int = 1,
    conf_level: float = 0.95,
) -> Importance:
    """Part of the fit of a logit model of the outcome that each driver accounts for.

    Parameters
    ----------
    data : Survey or DataFrame
        A survey brings its weight, clusters and provenance; a frame may name its columns and, in `provenance`,
        say where it came from.
    outcome : str
        For "binary" a column of 0 and 1; for "ordered" one of at most 20 ordered answers.
    drivers : mapping of block → names, or sequence of names
        Names or labels of what explains it; given by block, blocks are compared too.
    family : {"binary", "ordered"}
        Logit, or cumulative (proportional odds) logit.
    fit : {"mcfadden", "nagelkerke", "tjur", "squared_correlation"}, optional
        What is divided; see `FITS`. "mcfadden" unless you choose; relative weights divide "squared_correlation".
    method : {"lmg", "relative_weights", "first", "last"}
        LMG is the Shapley value, or general dominance, of the fit index over all subsets of players. Relative weights
        are the logistic ones, for a binary outcome.
    players : {"drivers", "blocks"}
        Whether a driver or a whole block is what enters the model.
    covariates : sequence of names
        Always in the model; the drivers divide what they add to its fit.
    categorical : sequence of names
        Drivers and covariates whose values are labels, not amounts: each enters whole, as a column for each value but
        its first.
    n_draws, seed : int
        Bootstrap draws (0 for none), of rows or of whole clusters, those of `Moments.bootstrap`; with a weight or
        strata by the design (Rao, Wu & Yue 1992). They give percentile intervals.
    weight, cluster, strata : str, optional
        Columns of the design of a frame; a survey brings its own.
    provenance : Provenance, optional
        Where a frame came from.
    conf_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Importance
        Estimates in units of the fit index (0 to 1), named by its `fit`, and shares of their sum. A fit index is not a
        variance: shares by different indices agree only roughly, and none compares with R² of a linear model.

    Raises
    ------
    UnknownName, DataError, ModelError
        For an outcome of another kind, drivers that determine each other or that separate the answers perfectly (naming
        them), more than 5% of draws in which that happens, or more fits than can be computed.

    Notes
    -----
    Equals dominance computed from `glm` and `MASS::polr` of R 4.2.2 (weights, covariates and factors included) to 1e-12.
    A weight counts as in survey estimation: the pseudo-likelihood Σ w log P, and Σw for n.

    References
    ----------
    Azen, R. & Traxel, N. (2009). Using dominance analysis to determine predictor importance in logistic regression.
    Journal of Educational and Behavioral Statistics 34, 319–347. doi:10.3102/1076998609332754
    Tonidandel, S. & LeBreton, J. M. (2010). Determining the relative importance of predictors in logistic regression.
    Organizational Research Methods 13, 767–781. doi:10.1177/1094428109341993

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"stays": [0, 0, 0, 1, 0, 1, 1, 1], "trust": [1, 2, 4, 3, 3, 5, 4, 2], "price": [3, 1, 2, 3, 5, 4, 2, 5]})
    >>> imp = importance_of_fit(rows, "stays", ["trust", "price"], fit="tjur")
    >>> imp
    Importance, 2 rows by term: method lmg, outcome stays, fit tjur, r_squared 0.228, n 8
    >>> imp.tidy()[["term", "share"]].round(2).values.tolist()
    [['trust', 0.68], ['price', 0.32]]
    """
    outcome, drivers, covariates, categorical = by_name(data, outcome, drivers, covariates, categorical, of="rows")
    fit = fit or ("squared_correlation" if method == "relative_weights" else "mcfadden")
    blocks = as_blocks(drivers)
    names = flatten(blocks)
    _check_choice(family, fit, method, players, covariates, conf_level)
    check_names(outcome, names, blocks, covariates)
    if stray := [name for name in categorical if name not in (*names, *covariates)]:
        raise UnknownName(f"{listed(stray)}: named in categorical= but neither a driver nor a covariate.")
    if method == "relative_weights" and (players == "blocks" or categorical):
        raise ModelError(
            "'relative_weights' has no form for whole blocks or categorical drivers, whose columns belong together; use lmg."
        )
    source = source_of(data, weight, cluster, strata, provenance)
    terms = tuple(blocks) if players == "blocks" else tuple(names)
    members = [blocks[term] for term in terms] if players == "blocks" else [(name,) for name in names]
    rows = logit_rows(source, outcome, members, covariates, categorical, family)
    _check_size(method, len(terms), n_draws, len(rows.y))
    ask = Ask(method, fit, *(logit_kernels.plan(method, len(terms)) if method != "relative_weights" else (None, None)))

    numbers, starts = sample(rows, ask)
    steps, kept = [rows.design.step], {}
    if n_draws:
        steps.append(rows.design.description(n_draws, seed))
        kept = kept_draws(drawn(rows, ask, starts, n_draws, seed), outcome)
    steps.append(f"importance of {listed(terms)} for {outcome} ({family} logit, {fit}), method {method}")
    return Importance(
        terms=terms,
        members=blocks,
        outcome=outcome,
        method=method,
        estimates=numbers[:-2],
        r_squared=float(numbers[-2]),
        r_squared_covariates=float(numbers[-1]),
        n=len(rows.y),
        n_effective=rows.design.n_effective,
        provenance=replace(source.provenance, steps=(*source.provenance.steps, *steps)),
        covariates=tuple(covariates),
        fit=fit,
        conf_level=conf_level,
        **kept,
    )


# ---- what is asked, checked ---------------------------------------------------------------------------------------------


def _check_choice(
    family: str, fit: str, method: str, players: str, covariates: Sequence[str], conf_level: float
) -> None:
    for what, name, options in (
        ("family", family, ("binary", "ordered")),
        ("fit", fit, FITS),
        ("method", method, METHODS_OF_FIT),
        ("players", players, ("drivers", "blocks")),
    ):
        check_known(what, name, options)
    if family not in FITS[fit].families or (method == "relative_weights" and family != "binary"):
        able = listed(name for name, index in FITS.items() if family in index.families)
        what = f"'{method}'" if method == "relative_weights" else f"'{fit}'"
        raise ModelError(f"{what} is defined for a binary outcome only; for an ordered one use lmg with {able}.")
    if method == "relative_weights" and fit != "squared_correlation":
        raise ModelError(f"relative weights divide 'squared_correlation', not '{fit}'; for '{fit}' use method='lmg'.")
    if method == "relative_weights" and covariates:
        raise ModelError(
            "logistic relative weights have no form with covariates always in; make them drivers, or use lmg."
        )
    check_conf_level(conf_level)


def _check_size(method: str, k: int, n_draws: int, n: int) -> None:
    if method != "lmg":
        return
    way_out = f"Use players='blocks', method='relative_weights', or fewer draws (n_draws=, or -p draws=). {instead()}"
    if k > _MOST_PLAYERS:
        raise ModelError(f"lmg fits 2^{k} models for {k} players; above {_MOST_PLAYERS} that is too many. {way_out}")
    if (visits := (n_draws + 1) * n << k) > _MOST_VISITS:
        raise ModelError(
            f"lmg fits 2^{k} models to {n:,} rows {n_draws + 1:,} times: {visits:.1e} rows, where {_MOST_VISITS:.0e} "
            f"take about half an hour. {way_out}"
        )
