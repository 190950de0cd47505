"""Groups of customers that exclude each other, as shares of all: promoters, security, bands, loyalty types, engagement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..contrasts import INTERVAL_METHODS
from ..core import MIN_CELL, DataError, check_known, how_many
from ..kernels import FloatArray
from ..moments import by_name
from ..survey import Answers, Survey, answers_of, range_of, whole_points
from .scores import Shares, scored

#: Names of the four groups (high–high, high–low, low–high, low–low on the first and second variable), and the source.
TYPOLOGIES: dict[str, tuple[tuple[str, str, str, str], str]] = {
    "dick_basu1994": (("true", "latent", "spurious", "none"), "Dick & Basu 1994, doi:10.1177/0092070394222001"),
    "jones_sasser1995": (
        ("apostle", "mercenary", "hostage", "defector"),
        "Jones & Sasser 1995, Harvard Business Review 73(6), 88–99",
    ),
}


def answer_shares(survey: Survey, items: Sequence[str] | str, **options: Any) -> Shares:
    """Share of each answer to each item: what a diverging Likert chart draws. Options: see `promoter_groups`.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    items : sequence of str or str
        One item or several, of one range, answered in whole points.
    **options : Any
        Of `promoter_groups`: by, interval, conf_level, min_cell.

    Returns
    -------
    Shares
        A row for each answer to each item.

    Raises
    ------
    DataError
        For items of different ranges, a scale, or answers between two points.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> found = answer_shares(survey, "recommend").tidy()
    >>> len(found), round(float(found["estimate"].sum()), 6)
    (11, 0.95966)
    """
    items = by_name(survey, items, of="answers")
    names = [items] if isinstance(items, str) else list(items)
    spans = {name: whole_points(survey, name) for name in names}
    if len(set(spans.values())) != 1:
        raise DataError("the items have different ranges in the codebook; ask for the answers to one range at a time.")
    low, high = spans[names[0]]
    points = np.arange(low, high + 1)
    groups = [f"{point:g}" for point in points]
    return _grouped(survey, [(n, [n], lambda a, n=n: (a[n] - low).astype(int)) for n in names], groups, **options)


def promoter_groups(
    survey: Survey,
    item: str,
    *,
    by: str | None = None,
    interval: str = "wilson",
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Shares:
    """Shares of promoters (9–10), passives (7–8) and detractors (0–6).

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    item : str
        Likelihood to recommend, 0 to 10.
    by : str, optional
        A segment of the codebook: shares within each value, after those of all.
    interval : str
        As in `top_box`.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        A share of fewer respondents is withheld, and so are those that would give it away by subtraction, within the
        segment or between the segments.

    Returns
    -------
    Shares
        `tidy()` has a row for each group: its share of the respondents, 0 to 1, with the interval.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> promoter_groups(survey, "recommend").tidy()["estimate"].round(2).tolist()
    [0.35, 0.35, 0.31]
    """
    item, by = by_name(survey, item, by, of="answers")
    whole_points(survey, item, [(0, 10)], "the net promoter score")
    groups, options = ("detractors", "passives", "promoters"), _options(by, interval, conf_level, min_cell)
    return _grouped(survey, [(item, [item], lambda a: np.digitize(a[item], [7, 9]))], groups, **options)


def segment_shares(survey: Survey, segment: str, **options: Any) -> Shares:
    """Share of respondents in each value of a segment, for all and within another: how two groupings cross.

    Options: see `promoter_groups`; `by` is the other segment.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    segment : str
        The grouping whose shares are counted.
    options
        Of `promoter_groups`.

    Returns
    -------
    Shares
        A row for each value of the segment.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> found = segment_shares(simulate(n=1000), "has_card", by="time_pressure")
    >>> found.tidy()["answer"].unique().tolist()
    ['no loyalty card', 'loyalty card']
    """
    segment = by_name(survey, segment, of="answers")
    labels = survey.segment_values(survey.segment(segment))
    codes = list(labels)

    def group(a: Answers) -> Any:
        return np.array([codes.index(code) for code in a.frame[segment]])

    return _grouped(survey, [(segment, [segment], group)], [label["en"] for label in labels.values()], **options)


def security_groups(
    survey: Survey,
    satisfaction: str,
    repurchase: str,
    recommend: str,
    *,
    boxes: Sequence[int] = (1, 2, 3),
    **options: Any,
) -> Shares:
    """Burke's groups, by the weakest of three answers: secure, favourable, vulnerable, at risk.

    With the boxes counted from the top: secure is box 1 on all three, favourable at least box 2 on all three,
    vulnerable at least box 3 (somewhat satisfied, might or might not), at risk anything lower. Printed definitions leave
    some combinations without a group, such as very satisfied but certain not to recommend; the weakest answer puts
    everyone in exactly one.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    satisfaction, repurchase, recommend : str
        Items answered in whole points, of one range.
    boxes : (int, int, int)
        Boxes from the top that are still secure, favourable and vulnerable; increasing, fewer than the items' points.
    options
        As in `promoter_groups`.

    Returns
    -------
    Shares
        `tidy()` has a row for each group: its share of the respondents, 0 to 1, with the interval.

    Raises
    ------
    DataError
        For boxes that do not increase or exceed the points of the items.

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
    >>> frame = pd.DataFrame({"sat": [5] * 60 + [3] * 40, "rebuy": [5] * 40 + [4] * 60, "tell": [5] * 70 + [1] * 30})
    >>> security_groups(read_survey(frame, book), "sat", "rebuy", "tell").tidy().set_index("answer")["estimate"].to_dict()
    {'secure': 0.4, 'favourable': 0.2, 'vulnerable': 0.1, 'at risk': 0.3}
    """
    satisfaction, repurchase, recommend = by_name(survey, satisfaction, repurchase, recommend, of="answers")
    items = [satisfaction, repurchase, recommend]
    spans = [whole_points(survey, item) for item in items]
    points = min(high - low for low, high in spans)
    if len(boxes) != 3 or not 1 <= boxes[0] < boxes[1] < boxes[2] <= points or any(box % 1 for box in boxes):
        raise DataError(f"boxes is {tuple(boxes)}; allowed: three whole numbers, increasing, from 1 to {points:g}.")

    def group(a: Answers) -> Any:
        worst = np.max([high - a[item] for item, (_, high) in zip(items, spans, strict=True)], axis=0)
        return np.digitize(worst, boxes)

    return _grouped(survey, [("customers", items, group)], ("secure", "favourable", "vulnerable", "at risk"), **options)


def loyalty_bands(
    survey: Survey, items: Sequence[str], *, loyal: float = 7, secure: float = 9, **options: Any
) -> Shares:
    """Secure, loyal but not secure, and not loyal, by the lowest of several answers on 0 to 10.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    items : sequence of str
        Answered from 0 to 10.
    loyal, secure : float
        Lowest answer of each group: with 7 and 9, a lowest answer of 7 or 8 is "loyal but not secure".
    options
        As in `promoter_groups`.

    Returns
    -------
    Shares
        `tidy()` has a row for each group: its share of the respondents, 0 to 1, with the interval.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> loyalty_bands(survey, ["recommend"]).tidy()["answer"].tolist()
    ['not loyal', 'loyal but not secure', 'secure']
    """
    items = by_name(survey, items, of="answers")
    for item in items:
        whole_points(survey, item, [(0, 10)], "the band of loyal but not secure customers")
    cuts = _cuts([loyal, secure], (0, 10))
    part = ("customers", list(items), lambda a: np.digitize(np.min([a[item] for item in items], axis=0), cuts))
    return _grouped(survey, [part], ("not loyal", "loyal but not secure", "secure"), **options)


def loyalty_types(
    survey: Survey,
    attitude: str,
    behaviour: str,
    *,
    attitude_cut: float,
    behaviour_cut: float,
    typology: str = "dick_basu1994",
    **options: Any,
) -> Shares:
    """Four types from attitude and behaviour, each high from its cut-off up.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    attitude, behaviour : str
        Items or scales; for "jones_sasser1995" satisfaction and loyalty.
    attitude_cut, behaviour_cut : float
        The lowest high value of each; there is no accepted standard, so they must be stated.
    typology : {"dick_basu1994", "jones_sasser1995"}
        Names of the types, see `TYPOLOGIES`: true (high, high), latent (high attitude only), spurious (high behaviour
        only), none; or apostle, mercenary, hostage, defector.
    options
        As in `promoter_groups`.

    Returns
    -------
    Shares
        `tidy()` has a row for each group: its share of the respondents, 0 to 1, with the interval.

    References
    ----------
    Dick, A. S. & Basu, K. (1994). Customer loyalty: toward an integrated conceptual framework. Journal of the Academy
    of Marketing Science 22, 99–113. doi:10.1177/0092070394222001

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> loyalty_types(survey, "ATTITUDINAL", "LOYALTY", attitude_cut=4, behaviour_cut=4).tidy()["answer"].tolist()
    ['true', 'latent', 'spurious', 'none']
    """
    attitude, behaviour = by_name(survey, attitude, behaviour, of="answers")
    check_known("typology", typology, TYPOLOGIES)
    survey.present([attitude, behaviour])
    for name, cut in ((attitude, attitude_cut), (behaviour, behaviour_cut)):
        answers = survey.frame[name]
        _cuts([cut], (float(answers.min()), float(answers.max())), f" of '{name}'")

    def group(a: Answers) -> Any:
        return 2 * (a[attitude] < attitude_cut) + (a[behaviour] < behaviour_cut)

    part = (f"{attitude} × {behaviour}", [attitude, behaviour], group)
    return _grouped(survey, [part], TYPOLOGIES[typology][0], **options)


def satisfaction_codes(
    survey: Survey, satisfaction: str, attachment: str, boxes: int, attachment_from: float | None
) -> tuple[FloatArray, str]:
    """0 (n,) of who is satisfied with strong attachment, 1 without it, 2 of all others, not a number where an answer lacks; and a step."""
    low, high = whole_points(survey, satisfaction)
    if boxes % 1 or not 1 <= boxes <= high - low:
        raise DataError(
            f"boxes is {boxes}; '{satisfaction}' has {high - low + 1:g} answers, so allowed: 1 to {high - low:g}."
        )
    span, satisfied = range_of(survey, attachment), high - boxes + 1
    strong = span[0] + 2 * (span[1] - span[0]) / 3 if attachment_from is None else attachment_from
    (strong,) = _cuts([strong], span, f" of '{attachment}'")
    s, a = (survey.frame[name].to_numpy(dtype=float) for name in (satisfaction, attachment))
    kinds = np.where(s < satisfied, 2, np.where(a < strong, 1, 0))
    step = f"satisfied: {satisfaction} from {satisfied:g}; strongly attached: {attachment} from {strong:g}"
    return np.where(np.isnan(s) | np.isnan(a), np.nan, kinds), step


def engagement_groups(survey: Survey, emotion: str, *, cuts: tuple[float, float], **options: Any) -> Shares:
    """Low, medium and high emotional engagement, from an emotion index.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    emotion : str
        An item or a scale, such as the mean of ten emotions.
    cuts : (float, float)
        Lowest medium and lowest high value, in scale points. Capgemini (2017) prints shares of such groups but not its
        cut-offs, so there is no default: state yours.
    options
        As in `promoter_groups`.

    Returns
    -------
    Shares
        `tidy()` has a row for each group: its share of the respondents, 0 to 1, with the interval.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> engagement_groups(survey, "EMOTION", cuts=(3, 5)).tidy()["answer"].tolist()
    ['low', 'medium', 'high']
    """
    emotion = by_name(survey, emotion, of="answers")
    limits = _cuts(cuts, range_of(survey, emotion), f" of '{emotion}'", 2)
    part = (emotion, [emotion], lambda a: np.digitize(a[emotion], limits))
    return _grouped(survey, [part], ("low", "medium", "high"), **options)


def frequency_groups(survey: Survey, item: str, groups: Mapping[str, float], **options: Any) -> Shares:
    """Shares of buyers by number of purchases; `groups` names the fewest purchases of each: {"light": 0, "heavy": 12}.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    item : str
        A number of purchases.
    groups : mapping of str → float
        Name → the fewest purchases, each larger than the one before.
    **options : Any
        Of `promoter_groups`: by, interval, conf_level, min_cell.

    Returns
    -------
    Shares
        `tidy()` has a row for each group: its share of the respondents, 0 to 1, with the interval.

    Raises
    ------
    DataError
        For fewer than two groups, groups out of order, or respondents below the first.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> frequency_groups(survey, "recommend", {"few": 0, "many": 8}).tidy()["answer"].tolist()
    ['few', 'many']
    """
    item = by_name(survey, item, of="answers")
    cuts = list(groups.values())
    if len(cuts) < 2 or cuts != sorted(set(cuts)):
        raise DataError(f"groups is {dict(groups)}; allowed: at least two names, each with a larger number.")
    survey.present([item])
    if bad := int((survey.frame[item] < cuts[0]).sum()):
        raise DataError(
            f"{how_many(bad)} respondents have fewer than {cuts[0]:g} in '{item}', and no group; begin lower."
        )
    part = (item, [item], lambda a: np.digitize(a[item], cuts[1:]))
    return _grouped(survey, [part], tuple(groups), **options)


def _cuts(cuts: Sequence[float], span: tuple[float, float], where: str = "", number: int = 0) -> list[float]:
    cuts = list(cuts)
    sound = all(span[0] < cut <= span[1] for cut in cuts) and cuts == sorted(set(cuts))
    if not sound or (number and len(cuts) != number):
        raise DataError(
            f"cut-offs {cuts}{where}; allowed: above {span[0]:g}, up to {span[1]:g}, increasing"
            + (f", {number} of them." if number else ".")
        )
    return cuts


def _options(by: str | None, interval: str, conf_level: float, min_cell: int) -> dict[str, Any]:
    return {"by": by, "interval": interval, "conf_level": conf_level, "min_cell": min_cell}


def _grouped(
    survey: Survey,
    parts: Sequence[tuple[str, list[str], Any]],
    groups: Sequence[str],
    *,
    by: str | None = None,
    interval: str = "wilson",
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Shares:
    """Shares of the groups; each part is a term, its variables, and what gives each respondent a group number."""
    check_known("interval", interval, INTERVAL_METHODS)
    tables: list[tuple[str, Answers, FloatArray]] = []
    for term, names, group in parts:
        a = answers_of(survey, names, by)
        tables.append((term, a, np.eye(len(groups))[group(a)]))
    limits, options = (0.0, 1.0), {"conf_level": conf_level, "min_cell": min_cell}
    return scored(tables, measure="share of respondents", interval=interval, limits=limits, groups=groups, **options)  # type: ignore[arg-type]
