"""Claims computed again from the answers of single respondents: shares by level, groups, trends, curves, sectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..codebook import Item
from ..contrasts import Inference, segment_contrasts
from ..core import LANGUAGES, MIN_CELL, DataError, LoyaltyLabError, Phrase, format_number, listed, pd, tr
from ..kernels import FloatArray, critical, normal_quantile
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
from ..models import Lines, Regression, conditional_lines, curve, ols
from ..moments import Moments
from ..survey import Survey
from .computed import Computed, Settings, labelled, of_draws, of_quantity, outcome_part
from .lookup import Evidence, NotAsked, labels_in, members_of, one_of, outcome_of, single_item

Cut, Found = TypeVar("Cut"), TypeVar("Found")

#: Where low engagement ends and high begins, as parts of the range of the scores. No source prints its limits.
_ENGAGED = tuple(product((1 / 2, 1 / 3), (2 / 3, 5 / 6)))


def rows_of(evidence: Evidence) -> Survey:
    if not isinstance(evidence, Survey):
        raise NotAsked("rows")
    return evidence


class Levels(NamedTuple):
    """Shares at the levels of another question, by one way to cut the answers; `used` names the questions and the cuts."""

    score: Score
    names: list[str]
    used: dict[str, str]


def _where_enough(cuts: Iterable[Cut], compare: Callable[[Cut], Found]) -> list[tuple[Cut, Found]]:
    """A comparison at each sensible way to cut the answers that leaves enough to compare, with that way.

    The verdict rests on the first of them, which is named; the others stand beside it, for no source says where high begins.
    """
    found, failed = [], []
    for cut in cuts:
        try:
            found.append((cut, compare(cut)))
        except LoyaltyLabError as error:  # too few at this cut, or none of whom a ratio can be taken
            failed.append(error)
    if not found:
        raise next((error for error in failed if isinstance(error, NotAsked)), NotAsked("few"))
    return found


def _by_language(number: float) -> dict[str, str]:
    return {language: format_number(number, ".3g", language) for language in LANGUAGES}


#: Which ends of a level are compared → a way to cut the answers, in words.
_WHERE = {
    (-1,): {
        "at_most": tr("‘{item}’ up to {answer}, ‘{level}’ {high}"),
        "at_least": tr("‘{item}’ from {answer} on, ‘{level}’ {high}"),
    },
    (0, -1): {
        "at_most": tr("‘{item}’ up to {answer}, ‘{level}’ {high} against {low}"),
        "at_least": tr("‘{item}’ from {answer} on, ‘{level}’ {high} against {low}"),
    },
}


def _over_cuts(
    test: Mapping[str, Any],
    evidence: Evidence,
    settings: Settings,
    compare: Callable[[Levels], Inference],
    text: Phrase,
    ends: tuple[int, ...] = (0, -1),
) -> Computed:
    """A comparison of shares at the low and the high end of a question, see `_where_enough`."""
    survey = rows_of(evidence)
    item, low_end = _first_asked(survey, test["item"])
    parts = members_of(survey, test["level"]) if "block" in test["level"] else {}
    survey, level = with_level(survey, test["level"])
    cuts = product(item_cuts(survey, item, low_end=low_end), level_cuts(survey, level, test))

    def at(cut: tuple[dict[str, float], list[float]]) -> tuple[Levels, Inference]:
        levels = levels_of(survey, item, level, *cut, settings, ends)
        return levels, compare(levels)

    names, ways = {"item": item, "level": level}, {}
    for _, (levels, compared) in _where_enough(cuts, at):
        way = labelled(evidence, _WHERE[ends][levels.used["side"]], **names, **levels.used)
        ways.setdefault(way["en"], (levels, compared, way))
    (first, one, _), *others = ways.values()
    wording = labelled(evidence, text, **names, **first.used)
    return Computed((one,), wording, parts, cuts=tuple((way, other) for _, other, way in others))


def item_cuts(survey: Survey, item: str, *, low_end: bool = False) -> list[dict[str, float]]:
    """Where a low answer ends, or a high one begins: at the middle or two thirds up, and one answer stricter."""
    low, high = _range(survey, item)
    if low_end != getattr(survey.codebook.variable(item), "reverse", False):
        middle = float((low + high) // 2)
        return [{"at_most": middle}, *([{"at_most": middle - 1}] if middle - 1 > low else [])]
    if high - low == 1:
        return [{"at_least": float(high)}]
    up = float(low + np.ceil((high - low) * 2 / 3))
    return [{"at_least": up}, *([{"at_least": up + 1}] if up < high else [])]


def level_cuts(survey: Survey, level: str, test: Mapping[str, Any]) -> list[list[float]]:
    """Lowest answers of the levels that people are set apart by; the first way to cut is told.

    The scores of a block, engagement, are low below the middle or a third and high from two thirds or five sixths up. On a question
    the high end begins two thirds up or above the middle; where the test says `split: middle`, above it or one answer higher. With
    `split: ends` the middle is in neither end: the outer thirds come first.
    """
    bottom, top = _range(survey, level)
    split = test.get("split")
    if "block" in test["level"]:
        pairs = sorted(_ENGAGED) if split == "ends" else _ENGAGED
        return [[bottom, *(bottom + part * (top - bottom) for part in pair)] for pair in pairs]
    middle = [bottom, (bottom + top) // 2 + 1]
    if split == "middle":
        return [middle, *([[bottom, middle[1] + 1]] if middle[1] + 1 < top else [])]
    thirds = [float(np.ceil(bottom + (top - bottom) * part / 3)) for part in range(3)]
    return [thirds, sorted({bottom, (bottom + top + 1) // 2, middle[1]}) if split == "ends" else middle]


def levels_of(
    survey: Survey,
    item: str,
    level: str,
    cut: Mapping[str, float],
    groups: Sequence[float],
    settings: Settings,
    ends: tuple[int, ...] = (0, -1),
) -> Levels:
    """Share of one end of a question at the `ends` of another, low and high, and the names of the two levels."""
    cuts = [float(one) for one in groups]
    if len(set(cuts)) < len(cuts):
        raise NotAsked("varies")
    score = share_by_level(survey, item, level, groups=cuts, conf_level=settings.conf_level, **cut)
    names = [key[-1] for key in score.index if key[-1] != "all"]
    if any(not score.is_shown(*next(k for k in score.index if k[-1] == name)) for name in (names[end] for end in ends)):
        raise NotAsked("few")
    ((side, answer),) = cut.items()
    return Levels(score, names, {"side": side, "answer": f"{answer:g}", "high": names[-1], "low": names[0]})


def with_level(survey: Survey, what: Mapping[str, str]) -> tuple[Survey, str]:
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


def share_among(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Share of answers at one end of a question among those high on another."""

    def share(at: Levels) -> Inference:
        key = next(k for k in at.score.index if k[-1] == at.names[-1])
        n = float(at.score.n[at.score.index.index(key)])
        return of_quantity(at.score.value(key), "proportion", n, float("nan"))

    text = {
        "low": tr("share with a low answer on ‘{item}’, of those who answer {high} on ‘{level}’"),
        "high": tr("share with a high answer on ‘{item}’, of those who answer {high} on ‘{level}’"),
    }
    end = "low" if _first_asked(rows_of(evidence), test["item"])[1] else "high"
    return _over_cuts(test, evidence, settings, share, text[end], ends=(-1,))


def share_difference(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Share among those high on a level less that among those low on it."""
    text = tr("share high on ‘{item}’: those with {high} on ‘{level}’ less those with {low}")
    return _over_cuts(test, evidence, settings, lambda at: at.score.contrast(at.names[-1], at.names[0]), text)


def ratio_of_shares(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Share among those high on a level over that among those low on it."""
    text = tr("share high on ‘{item}’: those with {high} on ‘{level}’ over those with {low}")
    return _over_cuts(test, evidence, settings, lambda at: share_ratio(at.score, at.names[-1], at.names[0]), text)


def groups_alike(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Two groups of satisfied customers on the outcome: the test of being alike, by where satisfied and attached begin."""
    survey = rows_of(evidence)
    outcome = outcome_of(survey, test.get("outcome"))
    satisfaction = single_item(survey, {"metric": "satisfaction"})
    parts = members_of(survey, {"block": "emotional"})
    survey, attachment = with_level(survey, {"block": "emotional"})
    names = ("Rationally satisfied", "Dissatisfied")
    (low, high), top = _range(survey, attachment), _range(survey, satisfaction)[1]
    up = low + (high - low) * 2 / 3

    def at(cut: tuple[int, float]) -> Inference:
        grouped = with_satisfaction_groups(survey, satisfaction, attachment, boxes=cut[0], attachment_from=cut[1])
        return group_equivalence(grouped, outcome, "satisfaction_group", *names, conf_level=settings.conf_level)

    found = _where_enough(product((1, 2), (up, up + 1) if up + 1 < high else (up,)), at)
    where = tr("satisfied from {satisfied} on, attached from {attached} on")
    (first, one), *others = [
        (where.filled(satisfied=f"{top + 1 - boxes:g}", attached=_by_language(attached)), one)
        for (boxes, attached), one in found
    ]
    wording = labelled(
        evidence,
        tr("mean of {outcome}: rationally satisfied less dissatisfied, {cut}"),
        outcome=outcome,
        cut=first,
    )
    return Computed((one,), wording, parts | outcome_part(evidence, outcome), cuts=tuple(others))


def trend_over(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Trend of a share over ordered groups, in their order."""
    survey = rows_of(evidence)
    segment = one_of(next(iter(members_of(survey, test["level"]).values())), survey)
    item = single_item(survey, test["item"])
    low, high = _range(survey, item)
    boxes = int(max(1, np.ceil((high - low) * 3 / 7)))
    score = top_box(survey, item, boxes=boxes, by=segment, conf_level=settings.conf_level)
    try:
        one = _slope(score, trend_of_score(score, conf_level=settings.conf_level))
    except DataError:
        raise NotAsked("few") from None
    wording = labelled(
        evidence,
        tr("trend of the share high on {item} over {level}"),
        item=item,
        level=segment,
    )
    return Computed((one,), wording)


def _slope(score: Score, tested: Inference) -> Inference:
    """The trend with an interval."""
    shown = [i for i, key in enumerate(score.index) if key[-1] != "all" and not np.isnan(score.estimates[i])]
    slope, spread = line_through(score, shown, np.arange(1.0, len(shown) + 1))
    half = critical(score.conf_level) * spread
    return replace(tested, estimate=slope, std_error=spread, conf_low=slope - half, conf_high=slope + half)


def bend(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Bend of the outcome on a driver: the coefficient of the square."""
    survey = rows_of(evidence)
    item, driver = _first_asked(survey, test["item"])[0], single_item(survey, test["level"])
    line = curve(
        survey,
        item,
        driver,
        shape="quadratic",
        n_draws=settings.n_draws,
        seed=settings.seed,
        conf_level=settings.conf_level,
    )
    one = of_quantity(line.stat("bend"), "bend", float(line.stat("n").value), 0.0)
    wording = labelled(evidence, tr("bend of {item} over {level}"), item=item, level=driver)
    return Computed((one,), wording)


def under_condition(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Under a condition given by lot one thing counts for more for the outcome, and another for less: both products."""
    survey = rows_of(evidence)
    gains, loses, condition = (single_item(survey, test[key]) for key in ("first", "rest", "under"))
    outcome = outcome_of(survey, test.get("outcome"), apart_from=(gains, loses))
    survey, lost = survey.with_product(loses, condition)
    survey, gained = survey.with_product(gains, condition)
    terms = [loses, gains, condition, lost, gained]
    moments = survey.moments([outcome, *terms])
    if not np.isfinite(moments.corr).all():
        raise NotAsked("varies")
    draws = survey.draws([outcome, *terms], n_draws=settings.n_draws, seed=settings.seed)
    fit = ols(moments, outcome, terms, draws=draws, conf_level=settings.conf_level)
    more, less = (
        of_quantity(fit.value(name), "difference of slopes", float(moments.n_eff), 0.0) for name in (gained, lost)
    )
    text = tr(
        "slope of {outcome}, with {condition} less without: on {a}, which is to gain, and on {b}, which is to lose"
    )
    wording = labelled(evidence, text, outcome=outcome, condition=condition, a=gains, b=loses)
    found = replace(more, a=gains), replace(_turned(less), a=loses)
    parts = {gains: (gains,), loses: (loses,), condition: (condition,)} | outcome_part(evidence, outcome)
    return Computed(found, wording, parts)


def lead_across(test: Mapping[str, Any], survey: Survey, outcome: str, settings: Settings) -> Computed:
    """The lead of one block over each other in the groups of a segment: its mean, with the interval for a further group."""
    segment = one_of(next(iter(members_of(survey, test["across"]).values())), survey)
    ((a, first),) = members_of(survey, test["first"][0], sorts := test.get("blocks", "")).items()
    others = {name: names for what in test["rest"] for name, names in members_of(survey, what, sorts).items()}
    text = tr("correlation with {outcome}: {a} less {b}, in a further group of ‘{segment}’")
    leads, wording = [], {}
    for b, rest in others.items():
        one_range = len({survey.codebook.range_of(name) for name in (*first, *rest)}) == 1
        options = {
            "n_draws": settings.n_draws,
            "seed": settings.seed,
            "standardised": not one_range,
            "conf_level": settings.conf_level,
        }
        found = segment_contrasts(survey, outcome, {a: first, b: rest}, a, b, by=[segment], **options)
        row, n = found.glance().iloc[0], float(np.sum(found.sizes))
        one = Inference(
            a, b, float(row["estimate"]), "difference of correlations", "prediction", n, found.provenance, null=0.0,
            conf_low=float(row["prediction_low"]), conf_high=float(row["prediction_high"]), conf_level=settings.conf_level,
        )  # fmt: skip
        leads.append(one)
        wording[a, b] = labelled(survey, text, a=a, b=b, outcome=outcome, segment=segment)
    return Computed(
        tuple(leads), next(iter(wording.values())), {a: first} | others | outcome_part(survey, outcome), wording
    )


# ---- groups of respondents set apart by more than one question, and what changes a slope --------------------------------------

_GROUP = "group of respondents"
_FURTHER = "further step"
#: How far from the mean those above and below it begin, in standard deviations: at it, or half a one away.
_APART = (0.0, 0.5)


class Groups(NamedTuple):
    """Ways to set groups apart, each with what sets it from the others, its codes (n,) in order; what made them; and the words."""

    ways: list[tuple[str, FloatArray]]
    parts: dict[str, tuple[str, ...]]
    text: Phrase
    names: dict[str, dict[str, str]]
    between: tuple[dict[str, str], ...] = ({},)


def groups_differ(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Mean of a question in ordered groups of respondents, each less that in the group before it; all must pass.

    The groups are `bands` of answers from 0 to 10 to `level`; those not `secure` and those who are; or those above the mean on
    `first` and below it on `rest`, and the other way round: then those further from it stand beside them, as another cut.
    """
    survey = rows_of(evidence)
    item, low_end = _first_asked(survey, test["item"])
    turned = low_end != getattr(survey.codebook.variable(item), "reverse", False)
    groups = next(_SET_APART[key] for key in _SET_APART if key in test)(test, survey)

    def at(way: tuple[str, FloatArray]) -> list[Inference]:
        pairs = enumerate(groups.between)  # also of a group that nobody is in, which is too few
        named = [replace(_gap(survey, item, way[1], (at, at + 1), settings), **between) for at, between in pairs]
        return [_turned(one) for one in named] if turned else named

    found = [(way, ones) for (way, _), ones in _where_enough(groups.ways, at)]
    sign = -1 if test.get("expect") == "less" else 1
    asked = {
        lang: f"{text} ({tr('turned round')[lang]})" if turned else text
        for lang, text in labels_in(survey, item).items()
    }
    wording = [labelled(evidence, groups.text, item=asked, way=way, **groups.names) for way, _ in found]
    others = tuple(
        (words, min(ones, key=lambda one: sign * one.estimate))
        for words, (_, ones) in list(zip(wording, found, strict=True))[1:]
    )
    return Computed(tuple(found[0][1]), wording[0], groups.parts, cuts=others)


def _gap(survey: Survey, item: str, codes: FloatArray, pair: tuple[float, float], settings: Settings) -> Inference:
    """Mean of a question in the second of two groups less that in the first, by draws of the design."""
    in_second = np.where(codes == pair[1], 1.0, np.where(codes == pair[0], 0.0, np.nan))
    moments, draws = _two_groups(survey, item, in_second, settings)
    gap, drawn = (m.cov[..., 0, 1] / m.cov[..., 1, 1] for m in (moments, draws))
    return of_draws(gap, drawn, "difference of means", moments, settings, 0.0)


def _two_groups(survey: Survey, item: str, in_second: FloatArray, settings: Settings) -> tuple[Moments, Moments]:
    """Moments and draws of a question and which of two groups (n,) of 0 and 1 one is in, where neither is small."""
    two, names = _with_level(survey, in_second), [item, _GROUP]
    sizes = two.frame[names].dropna()[_GROUP].value_counts().reindex([0.0, 1.0], fill_value=0)
    if sizes.min() < MIN_CELL:
        raise NotAsked("few")
    return two.moments(names), two.draws(names, n_draws=settings.n_draws, seed=settings.seed)


def _turned(one: Inference) -> Inference:
    """The same of the opposite."""
    return replace(one, estimate=-one.estimate, conf_low=-one.conf_high, conf_high=-one.conf_low)


def _with_level(survey: Survey, codes: FloatArray, name: str = _GROUP) -> Survey:
    """The survey with a column of codes."""
    return survey.with_columns({name: codes}, [Item(name, dict.fromkeys(LANGUAGES, name), role="covariate")])


def _bands(test: Mapping[str, Any], survey: Survey) -> Groups:
    level = single_item(survey, test["level"])
    if _range(survey, level) != (0.0, 10.0):
        raise NotAsked("ten", level, labels_in(survey, level))
    answers = survey.frame[level].to_numpy(dtype=float)
    codes = np.where(np.isnan(answers), np.nan, np.digitize(answers, test["bands"]) - 1.0)
    text = tr("mean of ‘{item}’ in a band of answers to ‘{level}’ less that in the band below it")
    ends = [*test["bands"][1:], 11]
    names = [f"{low}–{end - 1}" for low, end in zip(test["bands"], ends, strict=True)]
    between = tuple({"a": high, "b": low} for low, high in pairwise(names))
    return Groups([("", codes)], {level: (level,)}, text, {"level": labels_in(survey, level)}, between)


def _secure(test: Mapping[str, Any], survey: Survey) -> Groups:
    items = [single_item(survey, what) for what in test["secure"]]
    tops = np.array([_range(survey, item)[1] for item in items])
    answers = survey.frame[items].to_numpy(dtype=float)
    codes = np.where(np.isnan(answers).any(axis=1), np.nan, (answers >= tops - 1).all(axis=1))
    text = tr("mean of ‘{item}’: secure customers less all others")
    return Groups([("", codes)], {item: (item,) for item in items}, text, {})


def _crossed(test: Mapping[str, Any], survey: Survey) -> Groups:
    high, low = ({k: v for what in test[key] for k, v in members_of(survey, what).items()} for key in ("first", "rest"))
    a, b = (np.mean([_standing(survey, names) for names in part.values()], axis=0) for part in (high, low))
    a, b = (one / np.nanstd(one) for one in (a, b))
    ways = []
    for apart in _APART:
        codes = np.select([(a > apart) & (b < -apart), (a < -apart) & (b > apart)], [1.0, 0.0], np.nan)
        ways.append((f", ±{apart:g} SD" if apart else "", codes))
    text = tr("mean of ‘{item}’: those above the mean on {a} and below it on {b}{way}, less the other way round")
    names = {
        key: {lang: ", ".join(labels_in(survey, name)[lang] for name in part) for lang in LANGUAGES}
        for key, part in (("a", high), ("b", low))
    }
    return Groups(ways, high | low, text, names)


def _standing(survey: Survey, names: Sequence[str]) -> FloatArray:
    """The mean of variables (n,), each in standard deviations from its mean."""
    answers = survey.frame[list(names)].to_numpy(dtype=float)
    return np.asarray(((answers - np.nanmean(answers, axis=0)) / np.nanstd(answers, axis=0)).mean(axis=1))


#: Entry of a test → how it sets groups apart.
_SET_APART: dict[str, Callable[[Mapping[str, Any], Survey], Groups]] = {
    "bands": _bands,
    "secure": _secure,
    "first": _crossed,
}


def weighed_less(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """One thing lowers an outcome such as leaving, and as it grows another counts for less: its slope, and the product of both."""
    lowers, shrinks, names = _with_interaction(test, evidence, settings)
    text = tr(
        "slope of {outcome} in normal scores: on {a}, turned round, and by how much that on {b} is nearer to zero for each standard deviation more of {a}"
    )
    return Computed(
        (_turned(lowers), shrinks),
        labelled(evidence, text, **names),
        {lowers.a: (lowers.a,)} | outcome_part(evidence, names["outcome"]),
    )


def weighed_more(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """One thing counts for more as another grows: the product of both."""
    _, grows, names = _with_interaction(test, evidence, settings)
    text = tr(
        "by how much the slope of {outcome} on {a} is steeper for each standard deviation more of {b}, in normal scores"
    )
    return Computed((grows,), labelled(evidence, text, **names), outcome_part(evidence, names["outcome"]))


def _with_interaction(
    test: Mapping[str, Any], evidence: Evidence, settings: Settings
) -> tuple[Inference, Inference, dict[str, Any]]:
    """Slope of the outcome on the first part, and its product with the other, and the names of all three."""
    moments, fit, outcome, rest, first, both = _interaction(test, evidence, settings)
    slope, product = (
        replace(of_quantity(fit.value(term), "slope", float(moments.n_eff), 0.0), a=term) for term in (first, both)
    )
    return slope, product, {"outcome": outcome, "a": labels_in(evidence, first), "b": rest}


def _interaction(
    test: Mapping[str, Any], evidence: Evidence, settings: Settings
) -> tuple[Moments, Regression, str, str, str, str]:
    """The model of the outcome on the first part, the other, and their product; and the names of the outcome and of all three.

    All as normal scores: on a scale with an end a slope flattens near it by itself, and would be taken for a product.
    """
    survey = rows_of(evidence)
    ((name, members),) = members_of(survey, test["first"]).items()
    if len(members) > 1:
        survey = survey.with_means({name: members})
    first, rest = name if len(members) > 1 else members[0], single_item(survey, test["rest"])
    outcome = outcome_of(survey, test.get("outcome"), apart_from=(first, rest))
    survey, both = _normal_scores(survey, [outcome, rest, first]).with_product(rest, first)
    terms = [rest, first, both]
    moments = survey.moments([outcome, *terms])
    if not np.isfinite(moments.corr).all():
        raise NotAsked("varies")
    draws = survey.draws([outcome, *terms], n_draws=settings.n_draws, seed=settings.seed)
    return (
        moments,
        ols(moments, outcome, terms, draws=draws, conf_level=settings.conf_level),
        outcome,
        rest,
        first,
        both,
    )


def interaction_lines(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Lines:
    """The model of `weighed_less` or `weighed_more` as lines: the outcome over what is weighed, where the other is low and high."""
    moments, fit, _, rest, first, both = _interaction(test, evidence, settings)
    driver, moderator = (rest, first) if test["by"] == "weighed_less" else (first, rest)
    means = dict(zip(moments.names, moments.mean, strict=True))
    at = {"low": -1.0, "average": 0.0, "high": 1.0}
    return conditional_lines(fit, driver, moderator, both, at=at, over=np.linspace(-2, 2, 21).tolist(), means=means)


def _normal_scores(survey: Survey, names: Sequence[str]) -> Survey:
    """The survey with variables put on the normal scale by their ranks (van der Waerden), so that no answer lies at an end."""
    answers = survey.frame[list(names)]
    scores = {name: normal_quantile(answers[name].rank() / (answers[name].count() + 1)) for name in names}
    step = f"normal scores of {listed(names)}"
    return replace(survey, frame=survey.frame.assign(**scores), provenance=survey.provenance.then(step))


def enough(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """What the first steps of an amount add to the mean of the outcome, and by how much that is more than what further steps add.

    Each amount has `bands`: where the first steps begin, and where the further ones do.
    """
    survey = rows_of(evidence)
    outcome, parts, found = outcome_of(survey, test.get("outcome")), {}, {}
    texts = (
        tr("mean of ‘{outcome}’: those with {low} or more on ‘{level}’, but fewer than {high}, less those with fewer than {low}"),
        tr("mean of ‘{outcome}’: what the step to {low} on ‘{level}’ adds less what the step to {high} adds"),
    )  # fmt: skip
    for what in test["first"]:
        level, bands = single_item(survey, what), what["bands"]
        parts[level] = (level,)
        answers = survey.frame[level].to_numpy(dtype=float)
        steps = np.where(np.isnan(answers), np.nan, np.digitize(answers, bands))
        known = pd.Series(steps)[survey.frame[outcome].notna().to_numpy()].value_counts()
        if known.reindex([0.0, 1.0, 2.0], fill_value=0).min() < MIN_CELL:
            raise NotAsked("few")
        # outcome = first × steps − more × (steps = 2): the first step adds `first`, the second `first − more`
        further = np.where(np.isnan(steps), np.nan, steps == len(bands))
        stepped, names = _with_level(_with_level(survey, steps), further, _FURTHER), [outcome, _GROUP, _FURTHER]
        moments, draws = stepped.moments(names), stepped.draws(names, n_draws=settings.n_draws, seed=settings.seed)
        fit = ols(moments, outcome, names[1:], draws=draws, conf_level=settings.conf_level)
        first, less = (of_quantity(fit.value(name), "difference of means", moments.n_eff, 0.0) for name in names[1:])
        ends = {key: dict.fromkeys(LANGUAGES, f"{end:g}") for key, end in zip(("low", "high"), bands, strict=True)}
        for key, text, one in zip(("first", "further"), texts, (first, _turned(less)), strict=True):
            found[replace(one, a=level, b=key)] = labelled(evidence, text, outcome=outcome, level=level, **ends)
    each = {(one.a, one.b): words for one, words in found.items()}
    return Computed(tuple(found), next(iter(each.values())), parts | outcome_part(evidence, outcome), each)


def more_spent(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """How much more those spend who have been customers for longer than a year, as a part of what newer ones spend."""
    survey = rows_of(evidence)
    spent, years = single_item(survey, test["item"]), single_item(survey, test["level"])
    known = survey.frame[years].to_numpy(dtype=float)

    def at(new: float) -> Inference:
        moments, draws = _two_groups(survey, spent, np.where(np.isnan(known), np.nan, known > new), settings)
        estimate, drawn = (_part_more(m.mean, m.cov) for m in (moments, draws))
        return of_draws(estimate, drawn, "ratio of means less one", moments, settings, float("nan"))

    text = tr(
        "‘{item}’ on average, of those with more than {new} on ‘{level}’: how much more than that of the others, as a part"
    )
    (first, one), *others = [
        (labelled(evidence, text, item=spent, level=years, new=f"{new:g}"), one)
        for new, one in _where_enough((1.0, 2.0), at)
    ]
    return Computed((one,), first, {spent: (spent,), years: (years,)}, cuts=tuple(others))


def _part_more(mean: FloatArray, cov: FloatArray) -> FloatArray:
    """Of moments of an amount and a 0/1 variable: the mean of the ones over that of the zeros, less one."""
    slope = cov[..., 0, 1] / cov[..., 1, 1]
    return np.asarray(slope / (mean[..., 0] - slope * mean[..., 1]))
