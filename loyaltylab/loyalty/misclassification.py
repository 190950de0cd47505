"""What an answer may hide: implicit associations beside it, promoters that it misfiles, and the kind of relationship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import DataError, ModelError, Provenance, Result, listed, pd, tr
from ..kernels import FloatArray
from ..moments import by_name
from ..survey import Answers, Survey, answers_of, whole_points
from .levels import with_segment
from .scores import scored

#: What a misfiled promoter is taken to be: someone who would not have spoken up, or one who would have spoken against.
BECOME = {"passives": 1.0, "detractors": 2.0}
#: Respondents by their implicit association, and by their answer to the question of recommending.
IMPLICIT_GROUPS = {"against": tr("Implicitly against"), "neither": tr("Neither"), "for": tr("Implicitly for")}
_RELATIONSHIP = tr("Kind of relationship")
_PROMOTERS = [tr("Detractors"), tr("Passives"), tr("Promoters")]


# ---- respondents in groups ----------------------------------------------------------------------------------------------


def with_implicit_groups(survey: Survey, score: str, *, cut: float = 0.15) -> Survey:
    """The survey with a segment `implicit_group`: implicitly against, neither, or for the brand.

    Parameters
    ----------
    survey : Survey
        With the answers that are grouped.
    score : str
        An implicit association around 0, such as the D score of an implicit association test.
    cut : float
        Distance from 0 from which an association counts; 0.15 is where a D score is called slight by convention, 0.35
        where moderate and 0.65 where strong. 0 puts everyone on one side but exact zeros.

    Returns
    -------
    Survey
        A copy; the survey given stays as it is.

    Raises
    ------
    DataError
        If the score does not have answers on both sides of 0, or the cut is negative.

    References
    ----------
    Greenwald, A. G., Nosek, B. A., & Banaji, M. R. (2003). Understanding and using the Implicit Association Test: I. An
    improved scoring algorithm. Journal of Personality and Social Psychology 85, 197–216.
    doi:10.1037/0022-3514.85.2.197

    Examples
    --------
    >>> from loyaltylab.loyalty import answer_shares
    >>> from loyaltylab import simulate
    >>> survey = with_implicit_groups(simulate(n=1000), "implicit_score")
    >>> survey.codebook.items["implicit_group"].values[2]["en"]
    'Implicitly for'
    """
    if not 0 <= cut < np.inf:
        raise DataError(f"cut is {cut:g}; it is a distance from 0, such as 0.15.")
    score = by_name(survey, score, of="answers")
    survey.present([score])
    values = survey.frame[score].to_numpy(dtype=float)
    low, high = survey.codebook.range_of(score) or (np.nanmin(values), np.nanmax(values))
    if not low < 0 < high:
        raise DataError(f"'{score}' runs from {low:g} to {high:g}; an implicit association has 0 between its ends.")
    codes = np.where(values <= -cut, 0.0, np.where(values >= cut, 2.0, 1.0))
    codes = np.where((cut == 0) & (values == 0), 1.0, codes)
    codes = np.where(np.isnan(values), np.nan, codes)
    label = tr("Implicit association")
    step = f"implicit groups: {score} at or beyond {cut:g} on either side of 0"
    return with_segment(survey, "implicit_group", label, codes, list(IMPLICIT_GROUPS.values()), step)


def ends_of_scale(span: tuple[float, float]) -> tuple[float, float]:
    """Highest answer of a detractor and lowest of a promoter: 6 and 9 on 0–10; in proportion on other scales.

    Only a score from 0–10 is the net promoter score; on 1–7 the highest two answers and the lowest four are set apart.

    Examples
    --------
    >>> ends_of_scale((0, 10)), ends_of_scale((1, 10)), ends_of_scale((1, 7))
    ((6.0, 9.0), (6.0, 9.0), (4.0, 6.0))
    """
    low, high = span
    if high - low < 4:
        raise DataError(f"an item answered from {low:g} to {high:g} has too few answers to set both ends apart; use one with 5 or more.")  # fmt: skip
    return float(low + round(7 / 11 * (high - low + 1)) - 1), float(high - 1)


def with_promoter_groups(survey: Survey, item: str) -> Survey:
    """The survey with a segment `promoter_group`: detractors, passives, promoters, by `ends_of_scale`.

    Parameters
    ----------
    survey : Survey
        With the answers that are grouped.
    item : str
        The question on recommending.

    Returns
    -------
    Survey
        A copy; the survey given stays as it is.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> grouped = with_promoter_groups(simulate(n=300), "recommend")
    >>> [label["en"] for label in grouped.codebook.items["promoter_group"].values.values()]
    ['Detractors', 'Passives', 'Promoters']
    """
    item = by_name(survey, item, of="answers")
    lowest, highest = ends_of_scale(whole_points(survey, item))
    values = survey.frame[item].to_numpy(dtype=float)
    codes = np.where(np.isnan(values), np.nan, np.digitize(values, [lowest + 1, highest]))
    label = tr("By their answer")
    step = f"promoter groups: {item} up to {lowest:g} and from {highest:g}"
    return with_segment(survey, "promoter_group", label, codes, _PROMOTERS, step)


def with_both_groups(survey: Survey, implicit: str, recommend: str, *, cut: float) -> Survey:
    """The survey with the groups of `with_implicit_groups` and those of `with_promoter_groups`, to be crossed.

    Parameters
    ----------
    survey : Survey
        With the answers that are grouped.
    implicit : str
        An implicit association around 0.
    recommend : str
        Likelihood to recommend, in whole answers.
    cut : float
        Distance from 0 from which an association counts.

    Returns
    -------
    Survey
        A copy; the survey given stays as it is.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey, between = simulate(n=500, seed=1).with_product("EMOTION", "RATIONAL")
    >>> with_both_groups(survey, between, "recommend", cut=0.15).frame["implicit_group"].nunique()
    3
    """
    return with_promoter_groups(with_implicit_groups(survey, implicit, cut=cut), recommend)


def with_main_scale(
    survey: Survey, scales: Sequence[str], name: str = "relationship", label: Mapping[str, str] = _RELATIONSHIP
) -> Survey:
    """The survey with a segment of who scores highest on which scale: the relational model someone lives by.

    Whose highest score is shared by two scales is in a group of its own; who lacks a score on any is in none, counted in
    the provenance.

    Parameters
    ----------
    survey : Survey
        With the answers that are grouped.
    scales : names of two or more scales
        With one range, so that their scores can be compared.
    name, label
        Of the new segment; that of the relational models where they are left out.

    Returns
    -------
    Survey
        A copy; the survey given stays as it is.

    Raises
    ------
    DataError
        For fewer than two scales, or scales with different ranges.

    References
    ----------
    Fiske, A. P. (1992). The four elementary forms of sociality. Psychological Review 99, 689–723.
    doi:10.1037/0033-295X.99.4.689

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> kinds = ["COMMUNAL", "AUTHORITY", "EQUALITY", "MARKET"]
    >>> survey = with_main_scale(simulate(n=1000), kinds)
    >>> len(survey.codebook.items["relationship"].values)
    5
    """
    scales = by_name(survey, scales, of="answers")
    names = survey.present(scales)
    spans = {survey.codebook.range_of(scale) for scale in names}
    if len(names) < 2 or len(spans) > 1:
        raise DataError(f"{listed(names)}: give two or more scales that are answered on one range.")
    scores = survey.frame[names].to_numpy(dtype=float)
    lacking = np.isnan(scores).any(axis=1)
    top = np.where(lacking[:, None], -np.inf, scores).max(axis=1, keepdims=True)
    at_top = np.isclose(scores, top)
    codes = np.where(at_top.sum(axis=1) > 1, float(len(names)), at_top.argmax(axis=1).astype(float))
    codes[lacking] = np.nan
    values = [survey.codebook.variable(scale).label for scale in names]
    step = f"{name}: the highest of {listed(names)}; {int((codes == len(names)).sum()):,} without one, {int(lacking.sum()):,} without a score"
    return with_segment(survey, name, label, codes, [*values, tr("No one kind highest")], step)


# ---- a score corrected for misfiled promoters ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Misclassification(Result):
    """A net score as answered, and as it would be if a part of the promoters is none.

    `tidy()`: a row for each part and for what the misfiled are taken to be; `interval_reported` of `glance()` says from
    which part on the corrected score lies outside the interval as reported, `to_zero` where it is no longer told from 0.

    Attributes
    ----------
    item : str
        Likelihood to recommend.
    ends : (float, float)
        Highest answer of a detractor and lowest of a promoter.
    span : (float, float)
        Answer range.
    rows : dict of (str, float) → (float, float, float, float)
        (what they are, part) → score with its ends.
    n : int
        Respondents.

    See Also
    --------
    loyaltylab.loyalty.misclassified_promoters : Makes it.
    """

    item: str
    ends: tuple[float, float]
    span: tuple[float, float]
    rows: dict[tuple[str, float], tuple[float, float, float, float]]
    provenance: Provenance
    n: int
    conf_level: float = 0.95
    keys = ("term", "rate")
    shown = ("estimate", "n")

    @property
    def reported(self) -> tuple[float, float, float, float]:
        """Estimate, standard error and interval of the score as answered."""
        return self.rows[next(iter(BECOME)), 0.0]

    @property
    def is_net_promoter(self) -> bool:
        """Whether the item has the answers from 0 to 10 that the net promoter score is defined on."""
        return self.span == (0, 10)

    @property
    def may_be_zero(self) -> bool:
        """Whether some part misfiled, as detractors, turns a score above zero into one that cannot be told from it."""
        return bool(self.glance()["rate_to_zero_detractors"].notna().iloc[0])

    def columns(self) -> pd.DataFrame:
        keys = pd.DataFrame(list(self.rows), columns=["term", "rate"])
        numbers = pd.DataFrame(list(self.rows.values()), columns=["estimate", "std_error", "conf_low", "conf_high"])
        return pd.concat([keys, numbers], axis=1)

    def whole(self) -> dict[str, Any]:
        estimate, error, low, high = self.reported
        row: dict[str, Any] = {"estimate": estimate, "std_error": error, "conf_low": low, "conf_high": high}
        for term in BECOME:
            row[f"rate_outside_{term}"] = self._rate(term, lambda x: x[0] < low)
            row[f"rate_to_zero_{term}"] = self._rate(term, lambda x: x[2] <= 0 < low)
        return row | {"n": self.n, "conf_level": self.conf_level}

    def _rate(self, term: str, holds: Any) -> float:
        """Smallest part tried at which it holds; not a number where none does."""
        return next((rate for (name, rate), row in self.rows.items() if name == term and holds(row)), float("nan"))


def misclassified_promoters(
    survey: Survey, item: str, *, rates: Sequence[float] = (), conf_level: float = 0.95, min_cell: int = 10
) -> Misclassification:
    """A net score if a part of those who answered as promoters is none, for parts nobody measured.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    item : str
        Likelihood to recommend, in whole answers; 0 to 10 gives the net promoter score, other ranges a net score of their
        ends (`ends_of_scale`).
    rates : sequence of float
        Parts of the promoters, 0 to 1; every percentage point up to one half unless given.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        Fewer respondents, or fewer at an end, and nothing is shown.

    Returns
    -------
    Misclassification
        `tidy()` has a row for each part: the score it would leave, with its interval.

    Raises
    ------
    DataError
        For an item without whole answers, or too few respondents.
    ModelError
        For a rate outside 0 to 1.

    Notes
    -----
    A misfiled promoter counts as a passive, 100 (p (1 − f) − d), or as a detractor, 100 (p (1 − 2f) − d): the mild and the
    hard reading of “thinks otherwise”. The rate is an assumption and takes part in no interval; that of the score is of
    the survey's design. Misfiling on one side only moves a score; the same part misfiled on both sides shrinks it.

    References
    ----------
    Rogan, W. J., & Gladen, B. (1978). Estimating prevalence from the results of a screening test. American Journal of
    Epidemiology 107, 71–76. doi:10.1093/oxfordjournals.aje.a112510

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> found = misclassified_promoters(simulate(n=2000), "recommend", rates=[0, 0.1, 0.2])
    >>> found.is_net_promoter, [round(x) for x in found.tidy()["estimate"].diff().dropna()[:2]]
    (True, [-3, -3])
    """
    item = by_name(survey, item, of="answers")
    rates = tuple(rates) or tuple(np.arange(51) / 100)
    if bad := [rate for rate in rates if not 0 <= rate <= 1]:
        raise ModelError(f"rates: {listed(map(str, bad))} is no part of the promoters; allowed: 0 to 1.")
    span = whole_points(survey, item)
    lowest, highest = ends_of_scale(span)
    a = answers_of(survey, [item], None)
    promoters, detractors = (a[item] >= highest).astype(float), (a[item] <= lowest).astype(float)
    if min(promoters.sum(), detractors.sum()) < min_cell:
        raise DataError(
            f"'{item}': fewer than {min_cell} respondents are at one end of the answers, and so few are not shown."
        )
    keys = [(term, rate) for term in BECOME for rate in sorted({0.0, *map(float, rates)})]
    groups = np.stack([promoters, 1 - promoters - detractors, detractors], axis=1)
    rows = {
        key: tuple(row) for key, row in zip(keys, _scores(a, groups, keys, conf_level, min_cell).tolist(), strict=True)
    }
    step = f"misfiled promoters of {item}: from {highest:g}; up to {lowest:g} against; parts assumed"
    return Misclassification(item, (lowest, highest), span, rows, a.provenance.then(step), len(a.frame), conf_level)


def _scores(
    a: Answers, groups: FloatArray, keys: Sequence[tuple[str, float]], conf_level: float, min_cell: int
) -> FloatArray:
    """Estimate, error and interval (keys, 4) of the score for each (what they become, part).  groups (n, 3) of 0 and 1.

    (1 − w f) promoters − detractors is linear in the two, so their shares and covariance give every score.
    """
    options: dict[str, Any] = {"measure": "net score", "interval": "t", "limits": (0.0, 1.0)}
    shares = scored(
        [("net", a, groups)],
        groups=("promoters", "passives", "detractors"),
        **options,
        conf_level=conf_level,
        min_cell=min_cell,
    )
    weights = 100 * np.array([(1 - BECOME[term] * rate, 0.0, -1.0) for term, rate in keys])
    estimate = weights @ shares.estimates
    error = np.sqrt(np.einsum("ki,ij,kj->k", weights, shares.covariances, weights))
    half = error * (shares.highs[0] - shares.estimates[0]) / shares.std_errors[0]
    return np.stack([estimate, error, estimate - half, estimate + half], axis=1)
