"""Claims computed again from the answers of single respondents: shares by level, groups, trends, curves, sectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..contrasts import Inference, segment_contrasts
from ..core import DataError, LoyaltyLabError, tr
from ..kernels import critical
from ..loyalty import (
    Score,
    group_equivalence,
    line_through,
    share_by_level,
    share_ratio,
    top_box,
    trend_of_score,
    with_satisfaction_groups,
)
from ..models import curve
from ..survey import Survey
from .computed import Computed, How, of_quantity, said_of
from .lookup import Evidence, NotAsked, members_of, one_of, outcome_of, single_item

__all__ = [
    "bend",
    "groups_alike",
    "lead_across",
    "ratio_of_shares",
    "rows_of",
    "share_among",
    "share_difference",
    "trend_over",
]


def rows_of(evidence: Evidence) -> Survey:
    if not isinstance(evidence, Survey):
        raise NotAsked("rows")
    return evidence


def _levels(
    test: Mapping[str, Any], survey: Survey, how: How
) -> tuple[Score, list[str], dict[str, str], dict[str, tuple[str, ...]]]:
    """Share of one end of a question at the low and the high end of another; the names of the two levels; what a block holds."""
    item, low_end = _first_asked(survey, test["item"])
    survey, level = _level(survey, test["level"])
    (low, high), (bottom, top) = _range(survey, item), _range(survey, level)
    turned = getattr(survey.codebook.variable(item), "reverse", False)
    cut = {"at_least": float(high if high - low == 1 else low + np.ceil((high - low) * 2 / 3))}
    if low_end != turned:  # the answers of a turned item were turned round when read
        cut = {"at_most": float((low + high) // 2)}
    thirds = [bottom + (top - bottom) * part / 3 for part in range(3)]
    cuts = [float(np.ceil(c)) for c in ([bottom, (bottom + top) // 2 + 1] if test.get("split") == "middle" else thirds)]
    if len(set(cuts)) < len(cuts):
        raise NotAsked("varies")
    score = share_by_level(survey, item, level, groups=cuts, conf_level=how.conf_level, **cut)
    names = [key[-1] for key in score.index if key[-1] != "all"]
    if any(not score.is_shown(*next(k for k in score.index if k[-1] == name)) for name in (names[0], names[-1])):
        raise NotAsked("few")
    parts = members_of(survey, test["level"]) if "block" in test["level"] else {}
    return score, names, {"item": item, "level": level, "end": "low" if low_end else "high"}, parts


def _level(survey: Survey, what: Mapping[str, str]) -> tuple[Survey, str]:
    """What people are set apart by: a question, or the mean of all scales of a block, as a column of the survey."""
    ((name, members),) = members_of(survey, what).items()
    return survey.with_block(name) if "block" in what else (survey, one_of(members, survey))


def _first_asked(survey: Survey, wanted: Any) -> tuple[str, bool]:
    """The first of these questions that the data have, and whether its low answers count."""
    options = wanted if isinstance(wanted, list) else [wanted]
    for i, what in enumerate(options):
        try:
            return single_item(survey, what), what.get("end") == "low"
        except NotAsked:
            if i == len(options) - 1:
                raise
    raise NotAsked("outcome")


def _range(survey: Survey, name: str) -> tuple[float, float]:
    found = survey.codebook.range_of(name)
    if found is None:
        raise NotAsked("varies")
    return found


def share_among(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Share of answers at one end of a question among those high on another."""
    score, names, used, parts = _levels(test, rows_of(evidence), how)
    key = next(k for k in score.index if k[-1] == names[-1])
    n = float(score.n[score.index.index(key)])
    one = of_quantity(score.value(key), "proportion", n, float("nan"))
    text = {
        "low": tr("share with a low answer on ‘{item}’, of those who answer {high} on ‘{level}’"),
        "high": tr("share with a high answer on ‘{item}’, of those who answer {high} on ‘{level}’"),
    }[used["end"]]
    said = said_of(evidence, text, **used, high=names[-1])
    return Computed((one,), said, parts)


def share_difference(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Share among those high on a level less that among those low on it."""
    score, names, used, parts = _levels(test, rows_of(evidence), how)
    text = tr("share high on ‘{item}’: those with {high} on ‘{level}’ less those with {low}")
    said = said_of(evidence, text, **used, high=names[-1], low=names[0])
    return Computed((score.contrast(names[-1], names[0]),), said, parts)


def ratio_of_shares(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Share among those high on a level over that among those low on it."""
    score, names, used, parts = _levels(test, rows_of(evidence), how)
    text = tr("share high on ‘{item}’: those with {high} on ‘{level}’ over those with {low}")
    said = said_of(evidence, text, **used, high=names[-1], low=names[0])
    return Computed((share_ratio(score, names[-1], names[0]),), said, parts)


def groups_alike(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Two groups of satisfied customers on the outcome: the test of being alike, and the wider interval of the difference."""
    survey = rows_of(evidence)
    outcome = outcome_of(survey, test.get("outcome"))
    satisfaction = single_item(survey, {"metric": "satisfaction"})
    parts = members_of(survey, {"block": "emotional"})
    survey, attachment = _level(survey, {"block": "emotional"})
    grouped = with_satisfaction_groups(survey, satisfaction, attachment)
    names = ("Rationally satisfied", "Dissatisfied")
    try:
        found = group_equivalence(grouped, outcome, "satisfaction_group", *names, conf_level=how.conf_level)
    except LoyaltyLabError:
        raise NotAsked("few") from None
    said = said_of(
        evidence,
        tr("mean of {outcome}: rationally satisfied less dissatisfied"),
        outcome=outcome,
    )
    return Computed((found,), said, parts)


def trend_over(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Trend of a share over ordered groups, in their order."""
    survey = rows_of(evidence)
    segment = one_of(next(iter(members_of(survey, test["level"]).values())), survey)
    item = single_item(survey, test["item"])
    low, high = _range(survey, item)
    boxes = int(max(1, np.ceil((high - low) * 3 / 7)))
    score = top_box(survey, item, boxes=boxes, by=segment, conf_level=how.conf_level)
    try:
        one = _slope(score, trend_of_score(score, conf_level=how.conf_level))
    except DataError:
        raise NotAsked("few") from None
    said = said_of(
        evidence,
        tr("trend of the share high on {item} over {level}"),
        item=item,
        level=segment,
    )
    return Computed((one,), said)


def _slope(score: Score, tested: Inference) -> Inference:
    """The trend with an interval."""
    shown = [i for i, key in enumerate(score.index) if key[-1] != "all" and not np.isnan(score.estimates[i])]
    slope, spread = line_through(score, shown, np.arange(1.0, len(shown) + 1))
    half = critical(score.conf_level) * spread
    return replace(tested, estimate=slope, std_error=spread, conf_low=slope - half, conf_high=slope + half)


def bend(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Bend of the outcome on a driver: the coefficient of the square."""
    survey = rows_of(evidence)
    item, driver = _first_asked(survey, test["item"])[0], single_item(survey, test["level"])
    line = curve(survey, item, driver, shape="quadratic", n_draws=how.n_draws, seed=how.seed, conf_level=how.conf_level)
    one = of_quantity(line.stat("bend"), "bend", float(line.stat("n").value), 0.0)
    said = said_of(evidence, tr("bend of {item} over {level}"), item=item, level=driver)
    return Computed((one,), said)


def lead_across(test: Mapping[str, Any], survey: Survey, outcome: str, how: How) -> Computed:
    """The lead of one block over another in the groups of a segment: its mean, with the interval for a further group."""
    segment = one_of(next(iter(members_of(survey, test["across"]).values())), survey)
    sorts = test.get("blocks", "")
    (a, first), (b, rest) = (next(iter(members_of(survey, test[key][0], sorts).items())) for key in ("first", "rest"))
    one_range = len({survey.codebook.range_of(name) for name in (*first, *rest)}) == 1
    options: dict[str, Any] = {"by": [segment], "n_draws": how.n_draws, "seed": how.seed, "standardised": not one_range}
    found = segment_contrasts(survey, outcome, {a: first, b: rest}, a, b, **options, conf_level=how.conf_level)
    row, n = found.glance().iloc[0], float(np.sum(found.sizes))
    one = Inference(
        a, b, float(row["estimate"]), "difference of correlations", "prediction", n, found.provenance, null=0.0,
        conf_low=float(row["prediction_low"]), conf_high=float(row["prediction_high"]), conf_level=how.conf_level,
    )  # fmt: skip
    said = said_of(
        survey,
        tr("correlation with {outcome}: {a} less {b}, in a further group of ‘{segment}’"),
        a=a,
        b=b,
        outcome=outcome,
        segment=segment,
    )
    return Computed((one,), said, {a: first, b: rest})
