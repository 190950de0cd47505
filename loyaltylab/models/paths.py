"""`path_model()`, `mediate()`, `moderated_mediation()`: effects along the arrows of a recursive path model, from moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..core import DataError, ModelError, Provenance, check_known, listed, pd
from ..kernels import FloatArray, check_conf_level, intervals
from ..kernels import paths as path_kernels
from ..moments import Moments, by_name, check_apart, check_enough, check_one_set, usable_draws
from ..survey import MomentSource, moments_of
from .path_results import ARROW, ConditionalIndirect, Estimated, Mediation, PathModel, Row, path_fit

_KINDS = ("parallel", "serial")
_MOST_ROUTES = 2000


def path_model(
    data: Moments | MomentSource | pd.DataFrame,
    equations: Mapping[str, Sequence[str]],
    *,
    standardised: bool = True,
    draws: Moments | None = None,
    conf_level: float = 0.95,
    interval: str = "percentile",
    jackknife: Moments | None = None,
    n_draws: int | None = None,
    seed: int = 1,
) -> PathModel:
    """Effects along the arrows of a recursive path model, each equation by least squares.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable, Warehouse or DataFrame
        Moments: one set, holding every variable of the model. The rest as in `importance`: summed and drawn from here, the
        source of a frame not stated.
    equations : mapping of outcome → predictors
        Every arrow, by the variable it points at, in any order; a circle is refused.
    standardised : bool
        Effects in SDs of the outcome per SD of the source, or in scale points per scale point.
    draws, jackknife : Moments, optional
        For intervals from draws, of the kind `interval`; without draws, normal theory by the delta method (Sobel 1982).
    n_draws, seed : int, optional
        Draws made here of data that are not moments: 2,000 unless you choose, 0 for none.
    conf_level : float
        Of the intervals, between 0 and 1.
    interval : {"percentile", "basic", "bca", "normal"}
        Kind of interval, where there are draws; "bca" needs `jackknife`.

    Returns
    -------
    PathModel
        A row for each direct effect, each route, all routes together, and each total; `fit` says whether the data agree
        with the arrows left out, `may_be_told` whether the model may be told as a chain of effects.

    Raises
    ------
    DataError, ModelError, UnknownName
        For a circle (naming it), a variable that is absent or predicts itself, predictors that determine each other, or
        too few respondents.

    Notes
    -----
    What is read as an effect is one only if the arrows are right: every common cause of two variables is in the model
    (no unmeasured confounding), causes come before their consequences (one survey at one moment cannot show that), and
    what is measured is measured without error. Other arrows may fit the same covariances just as well.

    Estimates and standard errors equal lavaan's (ML, divisor n) for saturated models; for others the standard errors do
    not presume that the arrows left out are zero. The corporate reputation and ECSI paths come back as printed.

    References
    ----------
    Bollen, K. A. (1987). Total, direct, and indirect effects in structural equation models. Sociological Methodology 17,
    37–69. doi:10.2307/271028

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation_simple")
    >>> arrows = {"CUSA": ["COMP", "LIKE"], "CUSL": ["COMP", "LIKE", "CUSA"]}
    >>> model = path_model(table.moments(["COMP", "LIKE", "CUSA", "CUSL"]), arrows)
    >>> model
    PathModel of CUSA (R² 0.295), CUSL (R² 0.562), standardised; n = 344, intervals: normal theory; untested
    >>> f"{model.along('LIKE', 'CUSA', 'CUSL'):.3f}"
    '0.214'
    """
    arrows = _ordered({by_name(data, outcome): tuple(by_name(data, names)) for outcome, names in equations.items()})
    names = list(dict.fromkeys(name for outcome, p in arrows.items() for name in (*p, outcome)))
    names = [names.pop(), *names]  # the last outcome explains nothing, so the others must not determine each other
    moments, draws = moments_of(data, names, draws, n_draws=n_draws, seed=seed)
    sample = _one_set(moments, names, arrows, interval, conf_level, draws, jackknife)
    plan = [(names.index(outcome), tuple(names.index(p) for p in ps)) for outcome, ps in arrows.items()]
    rows, kernel = _planned(names, plan, standardised)

    def fits(S: FloatArray) -> FloatArray:
        return path_kernels.r_squared(S, path_kernels.coefficients(S, plan), plan)

    options: dict[str, Any] = {"conf_level": conf_level, "interval": interval}
    kept, left_out = usable_draws(draws.select(names)) if draws is not None else (None, 0)
    left = jackknife.select(names) if jackknife is not None else None
    origin = sample.provenance if draws is None else Provenance.merge([sample.provenance, draws.provenance])
    return PathModel(
        arrows,
        rows,
        _estimated(kernel, sample, kept, left, **options),
        _estimated(fits, sample, kept, left, **options),
        path_fit(sample.corr, names, arrows, int(sample.n), float(sample.n_eff), sample.provenance),
        int(sample.n),
        float(sample.n_eff),
        origin.then(f"path model: {'; '.join(f'{o} on {listed(p)}' for o, p in arrows.items())}"),
        standardised,
        left_out,
    )


def mediate(
    moments: Moments,
    treatment: str,
    mediators: Sequence[str] | str,
    outcome: str,
    *,
    kind: str = "parallel",
    covariates: Sequence[str] = (),
    standardised: bool = True,
    draws: Moments | None = None,
    conf_level: float = 0.95,
    interval: str = "percentile",
    jackknife: Moments | None = None,
) -> Mediation:
    """How much of the effect of a variable on an outcome runs by way of others.

    Parameters
    ----------
    moments : Moments
        Of all variables of the model.
    treatment, outcome : str
        Where the effect begins, and where it ends.
    mediators : str or sequence of str
        In causal order where `kind` is "serial".
    kind : {"parallel", "serial"}
        Mediators beside each other, or each also working on those after it.
    covariates : sequence of str
        In every equation.
    standardised, draws, conf_level, interval, jackknife
        As in `path_model`, whose assumptions are these too; nothing in the data can tell them true.

    Returns
    -------
    Mediation
        `tidy()` has a row for the direct, the total and each indirect effect; `verdict` says whether it is
        mediated.

    Raises
    ------
    DataError
        Without a mediator, or with one that stands twice or is the treatment or outcome.

    Notes
    -----
    Equals lavaan on R's `attitude` (simple, parallel and serial), and boot's intervals from the same rows drawn.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation_simple")
    >>> mediate(table.moments(["COMP", "LIKE", "CUSL"]), "LIKE", "COMP", "CUSL")
    Mediation (parallel) of LIKE → CUSL by COMP: direct 0.556, indirect 0.059, total 0.615; n = 344
    """
    treatment, mediators, outcome, covariates = by_name(
        moments, treatment, mediators, outcome, covariates, of="moments"
    )
    between = (mediators,) if isinstance(mediators, str) else tuple(mediators)
    check_known("kind", kind, _KINDS)
    if not between:
        raise DataError("there is no mediator; name at least one.")
    names = [treatment, *between, outcome, *covariates]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise DataError(
            f"{listed(twice)}: has two places in the model; treatment, mediators, outcome and covariates differ."
        )
    before = [between[:i] if kind == "serial" else () for i in range(len(between))]
    equations = {m: (treatment, *earlier, *covariates) for m, earlier in zip(between, before, strict=True)}
    equations[outcome] = (treatment, *between, *covariates)
    options: dict[str, Any] = {"draws": draws, "conf_level": conf_level, "interval": interval, "jackknife": jackknife}
    paths = path_model(moments, equations, standardised=standardised, **options)
    story = _story(treatment, between, outcome, kind, tuple(covariates))
    sample = moments.select(names)
    chain = path_fit(sample.corr, names, story, int(sample.n), float(sample.n_eff), sample.provenance)
    return Mediation(treatment, between, outcome, kind, paths, chain, paths.provenance)


def _story(
    treatment: str, between: tuple[str, ...], outcome: str, kind: str, covariates: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The equations if nothing runs past the mediators: in a series each on the one before, beside each other all free."""
    chain = (treatment, *between)
    if kind == "serial":
        return {to: (cause, *covariates) for cause, to in zip(chain, (*between, outcome), strict=True)}
    free = {m: (*chain[: i + 1], *covariates) for i, m in enumerate(between)}
    return free | {outcome: (*between, *covariates)}


def moderated_mediation(
    moments: Moments,
    treatment: str,
    mediator: str,
    outcome: str,
    moderator: str,
    product: str,
    *,
    stage: str = "first",
    levels: Sequence[float] = (-1, 0, 1),
    covariates: Sequence[str] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
    interval: str = "percentile",
    jackknife: Moments | None = None,
) -> ConditionalIndirect:
    """Whether an indirect effect differs with a moderator.

    Parameters
    ----------
    moments : Moments
        One set that holds the variables named.
    treatment, mediator, outcome, moderator : str
        Names or labels of the four variables.
    product : str
        Column of the product about the means, from `survey.with_product`: of treatment and moderator for the first stage
        (treatment → mediator), of mediator and moderator for the second (mediator → outcome).
    stage : {"first", "second"}
        On which step of the path the moderator works.
    levels : sequence of float
        Values of the moderator in SDs from its mean.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.
    draws : Moments, optional
        Draws of the same variables; without them normal theory.
    conf_level : float
        Level of the intervals, between 0 and 1.
    interval : str
        percentile, basic, bca or normal.
    jackknife : Moments, optional
        Samples with a respondent or cluster left out, for `bca`.

    Returns
    -------
    ConditionalIndirect
        Unstandardised indirect effects, a row for each level, and last the index: by how much the indirect effect
        differs per scale point of the moderator.

    Other parameters, errors and assumptions as in `path_model`.

    References
    ----------
    Hayes, A. F. (2015). An index and test of linear moderated mediation. Multivariate Behavioral Research 50, 1–22.
    doi:10.1080/00273171.2014.962683

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey, product = simulate(n=1000).with_product("EMOTION", "BONDS")
    >>> m = survey.moments(["EMOTION", "SATEMO", "LOYALTY", "BONDS", product])
    >>> moderated_mediation(m, "EMOTION", "SATEMO", "LOYALTY", "BONDS", product).tidy()["term"].tolist()
    ['-1 SD', 'mean', '+1 SD', 'index']
    """
    treatment, mediator, outcome, moderator, product, covariates = by_name(
        moments, treatment, mediator, outcome, moderator, product, covariates, of="moments"
    )
    check_known("stage", stage, ("first", "second"))
    names = [outcome, treatment, mediator, moderator, product, *covariates]
    first = [treatment, moderator, *([product] if stage == "first" else []), *covariates]
    second = [treatment, mediator, moderator, product, *covariates]
    arrows = {mediator: tuple(first), outcome: tuple(second)}
    sample = _one_set(moments, names, arrows, interval, conf_level, draws, jackknife)
    plan = [(names.index(o), tuple(names.index(p) for p in ps)) for o, ps in arrows.items()]
    points = np.asarray(levels, dtype=float) * float(np.sqrt(sample.cov[3, 3]))
    kernel = partial(_conditional, plan=plan, points=points, stage=stage)
    kept, _ = usable_draws(draws.select(names)) if draws is not None else (None, 0)
    left = jackknife.select(names) if jackknife is not None else None
    origin = sample.provenance if draws is None else Provenance.merge([sample.provenance, draws.provenance])
    return ConditionalIndirect(
        treatment,
        mediator,
        outcome,
        moderator,
        stage,
        (*("mean" if level == 0 else f"{level:+g} SD" for level in levels), "index"),
        _estimated(kernel, sample, kept, left, conf_level=conf_level, interval=interval),
        int(sample.n),
        origin.then(f"indirect effect of {treatment} on {outcome} by {mediator} at levels of {moderator}"),
    )


def _conditional(S: FloatArray, *, plan: path_kernels.Equations, points: FloatArray, stage: str) -> FloatArray:
    """Indirect effects at the points, and the index; columns outcome, treatment, mediator, moderator, product."""
    B = path_kernels.coefficients(S, plan)
    a, b = B[..., 2, 1], B[..., 0, 2]
    step = B[..., 2, 4] * b if stage == "first" else a * B[..., 0, 4]
    return np.concatenate([(a * b)[..., None] + step[..., None] * points, step[..., None]], axis=-1)


def _estimated(
    kernel: Callable[[FloatArray], FloatArray],
    sample: Moments,
    draws: Moments | None,
    jackknife: Moments | None,
    *,
    conf_level: float,
    interval: str,
) -> Estimated:
    """A kernel of covariances on the sample, by normal theory, and on the draws."""
    n = float(sample.n_eff)
    S = sample.scatter / float(sample.weight)
    std_error = np.sqrt(np.clip(np.diagonal(path_kernels.covariance(kernel, S, n)), 0, None))
    drawn, left = (None if m is None else kernel(m.scatter / m.weight[..., None, None]) for m in (draws, jackknife))
    return Estimated(kernel(S), std_error, drawn, left, conf_level, interval)


def _planned(
    names: list[str], plan: path_kernels.Equations, standardised: bool
) -> tuple[tuple[Row, ...], Callable[[FloatArray], FloatArray]]:
    """The rows of a model, and the kernel that computes them."""
    rows: list[Row] = []
    places: list[tuple[str, tuple[int, ...]]] = []
    for source in dict.fromkeys(i for _, predictors in plan for i in predictors):
        for target, _ in plan:
            found = path_kernels.routes(plan, source, target) if source != target else []
            if not found:
                continue
            indirect = [route for route in found if len(route) > 2]
            parts: list[tuple[str, tuple[int, ...]]] = [("direct", r) for r in found if len(r) == 2]
            parts += [("route", route) for route in indirect]
            parts += [("indirect", (source, target))] * bool(indirect) + [("total", (source, target))]
            for effect, route in parts:
                route_text = ARROW.join(names[i] for i in route) if effect == "route" else ""
                rows.append((names[source], names[target], "indirect" if effect == "route" else effect, route_text))
            places += parts
            if len(places) > _MOST_ROUTES:
                raise ModelError(f"the arrows make over {_MOST_ROUTES:,} routes; leave some arrows or variables out.")

    def kernel(S: FloatArray) -> FloatArray:
        B = path_kernels.coefficients(path_kernels.standardised(S) if standardised else S, plan)
        T = path_kernels.totals(B)
        found = []
        for effect, route in places:
            total = T[..., route[-1], route[0]]
            whole = {"total": total, "indirect": total - B[..., route[-1], route[0]]}
            found.append(whole[effect] if effect in whole else path_kernels.along(B, route))
        return np.stack(found, axis=-1)

    return tuple(rows), kernel


def _ordered(arrows: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The equations in causal order, or the circle that forbids one."""
    if not arrows:
        raise DataError("there are no equations; give a mapping of outcome to its predictors.")
    for outcome, predictors in arrows.items():
        if not predictors:
            raise DataError(f"'{outcome}' has no predictors; leave the equation out.")
        if twice := [name for name in dict.fromkeys(predictors) if predictors.count(name) > 1]:
            raise DataError(f"'{outcome}': {listed(twice)} stands twice among its predictors.")
    order: dict[str, tuple[str, ...]] = {}
    while len(order) < len(arrows):
        ready = [
            o for o, ps in arrows.items() if o not in order and not any(p in arrows and p not in order for p in ps)
        ]
        if not ready:
            circle = ARROW.join(_circle(arrows, order))
            raise ModelError(f"the arrows go round: {circle}. Turn or leave out one of them.")
        order |= {outcome: arrows[outcome] for outcome in ready}
    return order


def _circle(arrows: dict[str, tuple[str, ...]], order: Mapping[str, Any]) -> list[str]:
    walk = [next(name for name in arrows if name not in order)]
    while walk[-1] not in walk[:-1]:
        walk.append(next(p for p in arrows[walk[-1]] if p in arrows and p not in order))
    return walk[walk.index(walk[-1]) :][::-1]


def _one_set(
    moments: Moments,
    names: list[str],
    arrows: Mapping[str, Sequence[str]],
    interval: str,
    conf_level: float,
    draws: Moments | None,
    jackknife: Moments | None,
) -> Moments:
    """The moments of the model's variables, after all that can be wrong was looked at."""
    check_known("interval", interval, intervals.KINDS)
    check_conf_level(conf_level)
    if interval == "bca" and (jackknife is None or draws is None):
        raise ModelError("interval 'bca' needs draws= and jackknife=, such as survey.jackknife(names).")
    check_one_set(moments)
    sample = moments.select(names)
    most = max(len(p) for p in arrows.values())
    check_enough(sample.n, most, "predictors")
    R = sample.corr
    for outcome, predictors in arrows.items():
        at = sample.index(predictors)
        check_apart(R[np.ix_(at, at)], predictors, f"{outcome}: ")
    return sample
