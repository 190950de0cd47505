"""Loyalty metrics of a survey, each a mean or share with its error: net promoter, top-box, secure customers, effort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..contrasts import INTERVAL_METHODS
from ..core import MIN_CELL, UNSTATED, DataError, Provenance, check_known, listed
from ..kernels import FloatArray, check_conf_level, critical
from ..moments import by_name, check_kind
from ..survey import ALL, PublishedTable, Survey, Warehouse, answers_of, between_points, range_of, whole_points
from .scores import Score, counted_scores, net_interval, scored

NET_INTERVALS = {
    "score": "Tango 1998: fits small samples and a score near −100 or 100",
    "wald": "estimate ± z · standard error with divisor n, as usually printed; can pass −100 or 100",
    "t": "estimate ± t · standard error with divisor n − 1",
}
#: How many of the highest answers count, on each of the three questions.
SECURE_DEFINITIONS = {
    "burke": (1, "top box on all three; Hair et al., Essentials of Marketing Research, ch. 7"),
    "top_two_box": (2, "top-two box on all three, the looser variant in trade writing"),
}
_NPS = "net promoter score"
_TICKED = "share who ticked it"


def net_promoter(
    survey: Survey | Warehouse,
    item: str,
    *,
    by: str | None = None,
    interval: str = "score",
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Score:
    """Net promoter score, −100 to 100: percentage of 9–10 minus percentage of 0–6.

    Without weights its variance is 100² [p + d − (p − d)²] / n. With weights, clusters or strata it is linearised.
    `contrast("app", "web")` of the result tests the difference between two segments.

    Parameters
    ----------
    survey : Survey or Warehouse
        A database is asked for counts of answers, and for their sums by cluster where one was named.
    item : str
        Likelihood to recommend, 0 to 10.
    by : str, optional
        A segment of the codebook: a row for each value, after one for all. Of a database, take `.only()` of each.
    interval : {"score", "wald", "t"}
        See `NET_INTERVALS`. Under a design the score interval uses the effective n, variance over squared error.
    conf_level : float
        Of the intervals, between 0 and 1.
    min_cell : int
        Segments of fewer respondents are withheld, and what would give them away, the blanks of `by` included. A score
        with its error tells the shares of promoters and detractors of a segment that is shown, however few they are.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    Raises
    ------
    DataError
        If the item is not answered from 0 to 10.

    References
    ----------
    Reichheld, F. F. (2003). The one number you need to grow. Harvard Business Review 81(12), 46–54.
    Tango, T. (1998). Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design. Statistics in Medicine 17, 891–908.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> book = Codebook("shop", {}, {"recommend": Item("recommend", {"en": "Recommend"}, range=(0, 10))}, {}, {"en": "", "nl": ""})
    >>> survey = read_survey(pd.DataFrame({"recommend": [10] * 45 + [8] * 30 + [3] * 25}), book)
    >>> net_promoter(survey, "recommend", interval="wald").tidy().round(2)[["estimate", "std_error", "conf_low", "conf_high"]]
       estimate  std_error  conf_low  conf_high
    0      20.0       8.12      4.08      35.92
    """
    item, by = by_name(survey, item, by, of="codebook")
    check_known("interval", interval, NET_INTERVALS)
    options: dict[str, Any] = {"conf_level": conf_level, "min_cell": min_cell, "limits": (-100.0, 100.0)}
    if isinstance(survey, Warehouse):
        _check_promoters(survey, item, by)
        return counted_scores(survey, [item], _net, measure=_NPS, interval=interval, **options)
    whole_points(survey, item, [(0, 10)], "the net promoter score")
    a = answers_of(survey, [item], by)
    return scored([(item, a, _net(a[item]))], measure=_NPS, interval=interval, **options)


def _check_promoters(evidence: Warehouse, item: str, by: str | None) -> None:
    """What `whole_points` and a segment ask of rows, asked of a database."""
    if evidence.codebook.range_of(item) != (0, 10):
        raise DataError(f"'{item}' is not answered from 0 to 10; the net promoter score is defined on that.")
    if by:
        raise DataError(f"a database gives the score of one group at a time; take .only('{by}=…') of each.")
    counts = evidence.counts(item)
    if odd := int(counts.n[counts.answers % 1 != 0].sum()):
        raise DataError(between_points(item, odd, int(counts.n.sum())))


def _net(answers: FloatArray) -> FloatArray:
    """100 of a promoter, −100 of a detractor."""
    return 100.0 * (answers >= 9) - 100.0 * (answers <= 6)


def net_promoter_from_shares(
    promoters: float,
    passives: float,
    detractors: float,
    n: float,
    *,
    provenance: Provenance = UNSTATED,
    label: str = "recommend",
    interval: str = "score",
    conf_level: float = 0.95,
) -> Score:
    """Net promoter score with its error from the three printed shares and n alone; `a.against(b)` compares two.

    Parameters
    ----------
    promoters, passives, detractors : float
        Shares 0 to 1; rounded, they may sum to 0.985 to 1.015. The score uses promoters and detractors as given.
    n : float
        Respondents; Kish's effective number if the shares are weighted.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.
    label : str
        What it is called in the result.
    interval : {"score", "wald", "t"}
        See `NET_INTERVALS`.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    Raises
    ------
    DataError
        For shares that do not sum to 1, or fewer than 2 respondents.

    Examples
    --------
    >>> table = Provenance("published", "a printed table")
    >>> score = net_promoter_from_shares(0.54, 0.26, 0.20, 1000, provenance=table)
    >>> f"{score.value(('recommend', 'all')):ci.1f}"
    '34.0 (95% CI 29.0 to 38.8)'
    """
    check_known("interval", interval, NET_INTERVALS)
    check_conf_level(conf_level)
    shares = np.array([promoters, passives, detractors], dtype=float)
    if not ((shares >= 0).all() and abs(shares.sum() - 1) <= 0.015 + 1e-9 and promoters + detractors <= 1 + 1e-9):
        raise DataError(
            f"promoters {promoters:g}, passives {passives:g} and detractors {detractors:g} sum to {shares.sum():g}; "
            "allowed: shares of 0 to 1 that sum to 1 (for percentages, divide by 100)."
        )
    if not 2 <= n < np.inf:
        raise DataError(f"n is {n:g}; allowed: at least 2 respondents.")
    net = promoters - detractors
    variance = (promoters + detractors - net**2) / (n - 1 if interval == "t" else n)
    quantile = float(critical(conf_level, n - 1 if interval == "t" else np.nan))
    if interval == "score":
        low, high = net_interval(np.float64(promoters), np.float64(detractors), np.float64(n), quantile)
    else:
        low, high = net - quantile * np.sqrt(variance), net + quantile * np.sqrt(variance)
    sd = np.sqrt(promoters + detractors - net**2)
    columns = [np.array([100 * float(x)]) for x in (net, np.sqrt(variance), low, high, sd)]
    size, cov = np.array([float(n)]), np.array([[1e4 * variance]])
    step = provenance.then(f"net promoter score from shares and n = {n:g}")
    return Score(
        ((label, ALL),), *columns, size, size, cov, _NPS, interval, step, (-100.0, 100.0), conf_level
    )  # fmt: skip


def top_box(
    survey: Survey,
    items: Sequence[str] | str,
    *,
    boxes: int = 1,
    end: str = "top",
    by: str | None = None,
    interval: str = "wilson",
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Score:
    """Share that gave one of the highest (or lowest) answers, 0 to 1; of each item the respondents who answered it.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    items : str or sequence of str
        Questions, not scales.
    boxes : int
        Number of answers that count: 1 for top-box, 2 for top-two-box; fewer than the scale has points.
    end : {"top", "bottom"}
        Which end of the scale, after reversed items are turned round.
    by, conf_level, min_cell
        As in `net_promoter`. A share is withheld when the answers in it, or those not in it, are 1 to min_cell − 1.
    interval : str
        One of `INTERVAL_METHODS`, on the effective n (Korn & Graubard 1998, Survey Methodology 24, 193–201): variance
        over squared standard error, at most Kish's n.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> top_box(simulate(n=300), "att_loyal", boxes=2).tidy()["term"].tolist()
    ['att_loyal']
    """
    items, by = by_name(survey, items, by, of="answers")
    check_known("end", end, ("top", "bottom"))
    parts = []
    for item in _several(items):
        inside = _boxed(survey, item, boxes, end)
        a = answers_of(survey, [item], by)
        parts.append((item, a, inside(a[item])))
    measure = f"{end}-{boxes}-box share"
    return _share(parts, measure, interval, conf_level, min_cell)


def ticked_shares(
    evidence: Survey | Warehouse,
    question: str,
    *,
    by: str | None = None,
    interval: str = "wilson",
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Score:
    """Share of whoever was asked that ticked each box of a question of which one ticks all that apply.

    One respondent may tick several boxes, so the shares need not sum to 1.

    Parameters
    ----------
    evidence : Survey or Warehouse
        A database counts the answers where they are, without a segment.
    question : str
        One of the codebook's `sets`, whose `base` says who was asked.
    by, interval, conf_level, min_cell
        As in `top_box`.

    Returns
    -------
    Score
        A row for each box, and each segment: the share, 0 to 1, with its interval; `n` were asked.

    Raises
    ------
    UnknownName
        For a question that is no set of the codebook.
    DataError
        For a segment of a database; where none of the boxes is in the file.

    Examples
    --------
    >>> from loyaltylab import read_survey
    >>> from loyaltylab.codebook.book import parsed_codebook
    >>> import pandas as pd
    >>> book = parsed_codebook(
    ...     "{title: t, source: s, items: {app: {range: [0, 1]}, desk: {range: [0, 1]}}, sets: {uses: {items: [app, desk]}}}",
    ...     "shop",
    ... )
    >>> rows = pd.DataFrame({"app": [1, 1, None, None] * 10, "desk": [None, 1, 1, None] * 10})
    >>> found = ticked_shares(read_survey(rows, book), "uses").tidy()
    >>> found["estimate"].round(2).tolist(), found["n"].tolist()
    ([0.67, 0.67], [30.0, 30.0])
    """
    check_kind(evidence, "codebook")
    sets = evidence.codebook.sets
    check_known("question", question, sets, "These are the sets of the codebook.")
    boxes = [box for box in sets[question].items if evidence.has(box)]
    if not boxes:
        raise DataError(f"none of the boxes of '{question}' is in the file: {listed(sets[question].items)}.")
    if evidence.has_rows:
        options: dict[str, Any] = {"by": by, "interval": interval, "conf_level": conf_level, "min_cell": min_cell}
        return replace(top_box(evidence, boxes, **options), measure=_TICKED)
    if by:
        raise DataError(f"a database counts the answers of one group at a time; take .only('{by}=…') of each.")
    check_known("interval", interval, INTERVAL_METHODS)
    given: dict[str, Any] = {"conf_level": conf_level, "min_cell": min_cell, "limits": (0.0, 1.0)}
    return counted_scores(evidence, boxes, np.asarray, measure=_TICKED, interval=interval, **given)


def metric_items(evidence: Survey | PublishedTable | Warehouse, **asked: str) -> dict[str, str]:
    """The item that asks the question of each loyalty metric: the one named, or else the codebook's.

    A metric whose question was not asked is left out, and one that the evidence cannot give: a table prints no answers, and a
    database counts those to one question at a time, which is enough for recommending only.

    Parameters
    ----------
    evidence : Survey, PublishedTable or Warehouse
        What `read_data` gives.
    asked : metric → item
        Such as `recommend="rec_1"`; an empty name is the codebook's.

    Returns
    -------
    dict of str → str
        Metric → item.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> metric_items(survey, recommend="", satisfaction="")
    {'recommend': 'recommend', 'satisfaction': 'satisfied'}
    """
    check_kind(evidence, "codebook")
    counted = ("recommend",) if isinstance(evidence, Warehouse) else ()
    able = {metric: item for metric, item in asked.items() if evidence.has_rows or metric in counted}
    items = {metric: by_name(evidence, item) or evidence.codebook.metric(metric) for metric, item in able.items()}
    return {metric: item for metric, item in items.items() if item}


def csat(survey: Survey, item: str, *, boxes: int = 2, **options: Any) -> Score:
    """Customer satisfaction score: the share in the highest two answers, 0 to 1; options as in `top_box`.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    item : str
        Name of the question.
    boxes : int
        Number of highest answers that count as satisfied.
    options
        As in `top_box`: `by`, `interval`, `conf_level`, `min_cell`.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> survey = read_data("simulated n=300 seed=1")
    >>> f"{csat(survey, 'satisfied').tidy()['estimate'].iloc[0]:.0%}"
    '30%'
    """
    item = by_name(survey, item, of="answers")
    return top_box(survey, item, boxes=boxes, **options)


def secure_customers(
    survey: Survey,
    satisfaction: str,
    repurchase: str,
    recommend: str,
    *,
    definition: str = "burke",
    by: str | None = None,
    interval: str = "wilson",
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Score:
    """Secure customer index: the share, 0 to 1, with the best answers on satisfaction, repurchase and recommendation.

    Parameters
    ----------
    survey : Survey
        Answers to all three questions.
    satisfaction, repurchase, recommend : str
        Items; their ranges may differ. Respondents who answered all three are used.
    definition : {"burke", "top_two_box"}
        See `SECURE_DEFINITIONS`.
    by, interval, conf_level, min_cell
        As in `top_box`.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    Raises
    ------
    DataError
        For an item without a range, or with answers between two scale points.

    References
    ----------
    Hair, J. F., Celsi, M., Ortinau, D. J. & Bush, R. P. Essentials of Marketing Research, ch. 7 (Burke's Secure
    Customer Index).

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> items = {name: Item(name, {"en": name}, range=(1, 5)) for name in ("sat", "rebuy", "tell")}
    >>> book = Codebook("shop", {}, items, {}, {"en": "", "nl": ""})
    >>> frame = pd.DataFrame({"sat": [5] * 40 + [4] * 60, "rebuy": [5] * 70 + [2] * 30, "tell": [5] * 100})
    >>> survey = read_survey(frame, book)
    >>> [round(float(secure_customers(survey, "sat", "rebuy", "tell", definition=d).tidy()["estimate"][0]), 2) for d in SECURE_DEFINITIONS]
    [0.4, 0.7]
    """
    satisfaction, repurchase, recommend, by = by_name(survey, satisfaction, repurchase, recommend, by, of="answers")
    check_known("definition", definition, SECURE_DEFINITIONS)
    items, boxes = [satisfaction, repurchase, recommend], SECURE_DEFINITIONS[definition][0]
    inside = [_boxed(survey, item, boxes, "top") for item in items]
    a = answers_of(survey, items, by)
    secure = np.prod([test(a[item]) for test, item in zip(inside, items, strict=True)], axis=0)
    measure = f"secure customer index ({definition})"
    return _share([("secure customers", a, secure)], measure, interval, conf_level, min_cell)


def likert_summary(
    survey: Survey,
    items: Sequence[str] | str,
    *,
    by: str | None = None,
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
    measure: str = "mean in scale points",
) -> Score:
    """Mean and standard deviation (divisor n) of items or scales, in scale points, with a t interval.

    Without weights the standard error is s / √n with divisor n − 1; the shares of each answer are `answer_shares`.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    items : str or sequence of str
        Questions or scales.
    by : str, optional
        A segment: also a row for each of its values.
    conf_level : float
        Level of the intervals.
    min_cell : int
        Groups of fewer respondents are withheld.
    measure : str
        What a table calls the numbers.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> likert_summary(simulate(n=300), "LOYALTY").tidy()["term"].tolist()
    ['LOYALTY']
    """
    items, by = by_name(survey, items, by, of="answers")
    spans = {item: range_of(survey, item) for item in _several(items)}
    limits = (min(low for low, _ in spans.values()), max(high for _, high in spans.values()))
    parts = [(item, a := answers_of(survey, [item], by), a[item]) for item in spans]
    options: dict[str, Any] = {"conf_level": conf_level, "min_cell": min_cell}
    return scored(parts, measure=measure, interval="t", limits=limits, **options)


def customer_effort(survey: Survey, item: str, **options: Any) -> Score:
    """Customer effort score: mean of an item answered 1–5 or 1–7; options as in `likert_summary`.

    High is easy in "made it easy for me" (version 2). If the question asks how much effort it took, high is bad: set
    `reverse: true` in the codebook to turn it round.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    item : str
        Name of the question.
    options
        As in `likert_summary`: `by`, `conf_level`, `min_cell`.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    References
    ----------
    Dixon, M., Freeman, K. & Toman, N. (2010). Stop trying to delight your customers. Harvard Business Review 88(7/8).

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> customer_effort(simulate(n=300, seed=1), "pil_time_effort").tidy()["estimate"].round(1).tolist()
    [4.7]
    """
    item = by_name(survey, item, of="answers")
    whole_points(survey, item, [(1, 5), (1, 7)], "the customer effort score")
    return likert_summary(survey, item, measure="customer effort, in scale points", **options)


def satisfaction_index(
    survey: Survey,
    items: Sequence[str],
    *,
    item_weights: Sequence[float] | None = None,
    by: str | None = None,
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Score:
    """Index from 0 to 100 as the ACSI: 100 Σ w (x̄ − low) / Σ w (high − low), over items of one range.

    For 1–10 items it is (Σ w x̄ − Σ w) / (9 Σ w) · 100. Respondents who answered every item are used.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    items : sequence of str
        Of one range.
    item_weights : sequence of float, optional
        One for each item, not negative; equal without. The ACSI estimates them by PLS; they are taken as known here.
    by : str, optional
        A segment; everyone together without.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        Groups of fewer respondents are withheld.

    Returns
    -------
    Score
        0 to 100.

    Raises
    ------
    DataError
        For items of different ranges, or weights that are negative or all 0.

    References
    ----------
    Fornell, C. et al. (1996). The American Customer Satisfaction Index. Journal of Marketing 60(4), 7–18.
    doi:10.1177/002224299606000403

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> found = satisfaction_index(survey, ["satisfied"]).tidy()
    >>> round(float(found["estimate"].iloc[0]), 1)
    74.3
    """
    items, by = by_name(survey, items, by, of="answers")
    items = _several(items)
    spans = {range_of(survey, item) for item in items}
    if len(spans) != 1:
        raise DataError(f"{listed(items)} have different ranges in the codebook; an index takes items of one range.")
    w = np.ones(len(items)) if item_weights is None else np.asarray(item_weights, dtype=float)
    if w.shape != (len(items),) or not (np.isfinite(w) & (w >= 0)).all() or w.sum() == 0:
        raise DataError(f"item_weights is {item_weights!r}; allowed: {len(items)} numbers of at least 0, not all 0.")
    low, high = spans.pop()
    a = answers_of(survey, items, by)
    values = 100 * ((np.stack([a[item] for item in items], axis=1) - low) @ w) / ((high - low) * w.sum())
    options: dict[str, Any] = {"conf_level": conf_level, "min_cell": min_cell, "limits": (0.0, 100.0)}
    return scored([("satisfaction index", a, values)], measure="index, 0 to 100", interval="t", **options)


def _share(parts: Any, measure: str, interval: str, conf_level: float, min_cell: int) -> Score:
    check_known("interval", interval, INTERVAL_METHODS)
    options: dict[str, Any] = {"conf_level": conf_level, "min_cell": min_cell, "limits": (0.0, 1.0)}
    return scored(parts, measure=measure, interval=interval, **options)


def _boxed(survey: Survey, item: str, boxes: int, end: str) -> Any:
    """A test of answers (n,) → (n,) of 0 and 1."""
    low, high = whole_points(survey, item)
    if not 1 <= boxes <= high - low or boxes % 1:
        raise DataError(f"boxes is {boxes}; '{item}' has {high - low + 1:g} answers, so allowed: 1 to {high - low:g}.")

    def inside(x: FloatArray) -> FloatArray:
        return (x > high - boxes if end == "top" else x < low + boxes).astype(float)

    return inside


def _several(items: Sequence[str] | str) -> list[str]:
    return [items] if isinstance(items, str) else list(items)
