"""A claim computed again in a data set: one function for each kind of statistic, thin over the contrasts of the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .asked import Evidence, NotAsked, labels_of, members_of, outcome_of, single_item
from .codebook import LANGUAGES
from .composites import composites
from .contrasts import correlation_contrast
from .contrasts.inference import Inference, normal_quantile
from .curves import curve
from .errors import DataError, LoyaltyLabError, unknown
from .gradients import trend_of_score
from .importance import importance
from .intervals import interval
from .levels import group_equivalence, share_by_level, share_ratio, with_satisfaction_groups
from .loyalty import top_box
from .loyalty_scores import Score
from .moments import Moments
from .paths import mediate
from .published import PublishedTable
from .results import Quantity
from .survey import Survey

__all__ = ["TESTS", "Computed", "How", "computed", "figures_again"]


@dataclass(frozen=True)
class How:
    """How intervals are made: draws, their seed, and the confidence level."""

    n_draws: int = 2000
    seed: int = 20171205
    conf_level: float = 0.95


@dataclass(frozen=True)
class Computed:
    """What a test computed: one inference, or one for each comparison the claim implies, and what it is in words."""

    found: tuple[Inference, ...]
    what: dict[str, str]


def computed(kind: str, test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """The statistic of a claim of this kind, in these data.

    Parameters
    ----------
    kind : str
        One of `TESTS`.
    test : mapping
        Which variables, as `members_of` finds them: `first`, `rest`, `outcome`, and what else the kind needs.

    Raises
    ------
    NotAsked
        Where the data lack a variable or, for some kinds, rows.
    UnknownName
        For another kind.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> test = {"first": [{"block": "emotional"}], "rest": [{"block": "rational"}]}
    >>> found = computed("ordering", test, read_table("hedonic_utilitarian"), How(n_draws=200))
    >>> found.what["en"], round(found.found[0].estimate, 3)
    ('correlation with Attitudinal loyalty: emotional less rational', 0.05)
    """
    if kind not in TESTS:
        raise unknown("kind of test", kind, TESTS)
    found = TESTS[kind](test, evidence, how)
    if any(one.conf_high - one.conf_low < 1e-9 for one in found.found):
        raise NotAsked("same")
    return found


def _said(evidence: Evidence, en: str, nl: str, **names: str) -> dict[str, str]:
    """A phrase in each language with the names of variables, blocks and concepts filled in."""
    filled = {}
    for language, text in zip(LANGUAGES, (en, nl), strict=True):
        labels = labels_of(evidence, language)
        filled[language] = text.format(**{key: labels.get(name, name) for key, name in names.items()})
    return filled


def _parts(evidence: Evidence, wanted: Sequence[Mapping[str, str]], *, least: int = 1) -> dict[str, tuple[str, ...]]:
    """All parts that the data have; at least so many of them, from the first on."""
    found: dict[str, tuple[str, ...]] = {}
    for i, what in enumerate(wanted):
        try:
            found |= members_of(evidence, what)
        except NotAsked:
            if i < least:
                raise
    return found


def _means(
    evidence: Evidence, parts: Mapping[str, Sequence[str]], outcome: str, how: How
) -> tuple[Moments, Moments, dict[str, str]]:
    """Moments and draws of the outcome and the mean of each part, and the name each part has in them."""
    names = {part: f"{part} (driver)" if part == outcome else part for part in parts}
    used = list(dict.fromkeys([outcome, *(name for members in parts.values() for name in members)]))
    book = evidence.codebook
    one_range = len({book.range_of(name) for name in used[1:]}) == 1
    options: dict[str, Any] = {"keep": [outcome], "standardised": not one_range}
    moments, draws = evidence.moments(used), evidence.draws(used, n_draws=how.n_draws, seed=how.seed)
    if not np.isfinite(moments.corr).all():
        raise NotAsked("varies")
    if (np.abs(moments.corr[0, 1:]) > 1 - 1e-9).any():
        raise NotAsked("same")
    blocks = {names[part]: tuple(members) for part, members in parts.items()}
    return composites(moments, blocks, **options), composites(draws, blocks, **options), names


def _drawn(
    a: str, b: str, estimate: Any, draws: Any, measure: str, moments: Moments, how: How, null: float
) -> Inference:
    """An inference from the percentiles of draws."""
    low, high = interval(np.asarray(draws)[:, None], how.conf_level)[:, 0]
    spread = float(np.std(draws, ddof=1))
    return Inference(
        a, b, float(estimate), measure, "draws", float(moments.n_eff), moments.provenance, null=null, std_error=spread,
        conf_low=float(low), conf_high=float(high), conf_level=how.conf_level,
    )  # fmt: skip


def _correlation(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Correlation of each first part with the outcome; all must pass."""
    parts = _parts(evidence, test["first"], least=len(test["first"]))
    outcome = outcome_of(evidence, test.get("outcome"), apart_from=[n for members in parts.values() for n in members])
    means, draws, names = _means(evidence, parts, outcome, how)
    i = means.index([outcome])[0]
    found = []
    for part in parts:
        j = means.index([names[part]])[0]
        pair = (means.corr[i, j], draws.corr[:, i, j])
        found.append(_drawn(part, outcome, *pair, "correlation", means, how, float(test.get("least", 0))))
    said = _said(
        evidence, "correlation of {a} with {outcome}", "correlatie van {a} met {outcome}", a=found[0].a, outcome=outcome
    )
    return Computed(tuple(found), said)


def _lead(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Correlation with the outcome of every first part less that of every other."""
    outcome = outcome_of(evidence, test.get("outcome"))
    firsts = _parts(evidence, test["first"], least=len(test["first"]))
    taken = {outcome, *evidence.codebook.items_of(outcome), *(n for names in firsts.values() for n in names)}
    rests = {
        part: members
        for part, members in _parts(evidence, test["rest"], least=1).items()
        if part not in firsts and not taken & set(members)
    }
    if not rests:
        raise NotAsked("others")
    means, draws, names = _means(evidence, firsts | rests, outcome, how)
    found = []
    for a in firsts:
        for b in rests:
            one = correlation_contrast(means, outcome, names[a], names[b], draws=draws, conf_level=how.conf_level)
            found.append(one)
    weakest = min(found, key=lambda one: one.estimate / one.std_error)
    said = _said(
        evidence,
        "correlation with {outcome}: {a} less {b}",
        "correlatie met {outcome}: {a} min {b}",
        a=weakest.a,
        b=weakest.b,
        outcome=outcome,
    )
    return Computed(tuple(found), said)


def _share_of(
    evidence: Evidence, first: tuple[str, ...], rest: tuple[str, ...], outcome: str, how: How, null: float
) -> Inference:
    """Share of the first drivers in what the two groups explain (LMG)."""
    used = [outcome, *first, *rest]
    moments = evidence.moments(used)
    drawn = evidence.draws(used, n_draws=how.n_draws, seed=how.seed)
    model = importance(moments, outcome, {"first": first, "rest": rest}, draws=drawn).blocks()
    if model.draw_estimates is None:
        raise NotAsked("rows")
    shares, ends = model.estimates / model.estimates.sum(), model.draw_estimates
    return _drawn("first", "rest", shares[0], ends[:, 0] / ends.sum(axis=1), "share", moments, how, null)


def _explained(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Share of what is explained: of one block in two, or of an effect that runs through others."""
    outcome = outcome_of(evidence, test.get("outcome"))
    if "through" in test:
        return _mediated(test, evidence, outcome, how)
    (a, first), (b, rest) = (next(iter(members_of(evidence, test[key]).items())) for key in ("first", "rest"))
    one = _share_of(evidence, first, rest, outcome, how, float(test.get("least", 0.5)))
    said = _said(
        evidence,
        "share of {a} in what {a} and {b} explain of {outcome}",
        "aandeel van {a} in wat {a} en {b} verklaren van {outcome}",
        a=a,
        b=b,
        outcome=outcome,
    )
    return Computed((one,), said)


def _mediated(test: Mapping[str, Any], evidence: Evidence, outcome: str, how: How) -> Computed:
    """The part of an effect that runs through others, or the size of that indirect effect."""
    start = members_of(evidence, test["first"])
    through = members_of(evidence, test["through"])
    if {outcome, *evidence.codebook.items_of(outcome)} & {n for members in through.values() for n in members}:
        raise NotAsked("others")
    means, draws, names = _means(evidence, start | through, outcome, how)
    (a,), (m,) = start, through
    found = mediate(means, names[a], names[m], outcome, draws=draws, conf_level=how.conf_level)
    effect = test.get("effect", "proportion")
    number = found.value((effect, ""))
    texts = {
        "proportion": ("part of the path from {a} to {outcome} by way of {m}", "deel van de weg van {a} naar {outcome} via {m}"),
        "indirect": ("path from {a} to {outcome} by way of {m}", "weg van {a} naar {outcome} via {m}"),
    }[effect]  # fmt: skip
    measure = "share" if effect == "proportion" else "path coefficient"
    one = _of_quantity(number, measure, float(means.n_eff), float(test.get("least", 0)))
    said = _said(evidence, *texts, a=a, m=m, outcome=outcome)
    return Computed((one,), said)


def _of_quantity(number: Quantity, measure: str, n: float, null: float) -> Inference:
    """An inference from a number with its interval."""
    if number.value != number.value or number.conf_low is None or number.conf_high is None:
        raise NotAsked("few")
    level = number.conf_level or 0.95
    return Inference(
        measure, "", float(number.value), measure, "interval", n, number.provenance, null=null,
        std_error=(number.conf_high - number.conf_low) / (2 * normal_quantile(level)),
        conf_low=number.conf_low, conf_high=number.conf_high, conf_level=level,
    )  # fmt: skip


def _rows(evidence: Evidence) -> Survey:
    if isinstance(evidence, PublishedTable):
        raise NotAsked("rows")
    return evidence


def _levels(test: Mapping[str, Any], survey: Survey, how: How) -> tuple[Score, list[str], dict[str, str]]:
    """Share of one end of a question at the low and the high end of another; the names of the two levels."""
    item, low_end = _first_asked(survey, test["item"])
    level = next(iter(members_of(survey, test["level"]).values()))[0]
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
    return score, names, {"item": item, "level": level, "end": "low" if low_end else "high"}


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


def _proportion(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Share of answers at one end of a question among those high on another."""
    score, names, used = _levels(test, _rows(evidence), how)
    key = next(k for k in score.index if k[-1] == names[-1])
    n = float(score.n[score.index.index(key)])
    one = _of_quantity(score.value(key), "proportion", n, float("nan"))
    en, nl = {"low": ("low", "laag"), "high": ("high", "hoog")}[used["end"]]
    said = _said(
        evidence,
        f"share with a {en} answer on ‘{{item}}’, of those who answer {names[-1]} on ‘{{level}}’",
        f"aandeel met een {nl} antwoord op ‘{{item}}’, van wie {names[-1]} antwoordt op ‘{{level}}’",
        **used,
    )
    return Computed((one,), said)


def _proportion_difference(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Share among those high on a level less that among those low on it."""
    score, names, used = _levels(test, _rows(evidence), how)
    said = _said(
        evidence,
        f"share high on ‘{{item}}’: those with {names[-1]} on ‘{{level}}’ less those with {names[0]}",
        f"aandeel hoog op ‘{{item}}’: wie {names[-1]} geeft op ‘{{level}}’ min wie {names[0]} geeft",
        **used,
    )
    return Computed((score.contrast(names[-1], names[0]),), said)


def _ratio(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Share among those high on a level over that among those low on it."""
    score, names, used = _levels(test, _rows(evidence), how)
    said = _said(
        evidence,
        f"share high on ‘{{item}}’: those with {names[-1]} on ‘{{level}}’ over those with {names[0]}",
        f"aandeel hoog op ‘{{item}}’: wie {names[-1]} geeft op ‘{{level}}’ gedeeld door wie {names[0]} geeft",
        **used,
    )
    return Computed((share_ratio(score, names[-1], names[0]),), said)


def _equivalence(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Two groups of satisfied customers on the outcome: the test of being alike, and the wider interval of the difference."""
    survey = _rows(evidence)
    outcome = outcome_of(survey, test.get("outcome"))
    satisfaction = single_item(survey, {"metric": "satisfaction"})
    attachment = next(iter(members_of(survey, {"block": "emotional"}).values()))[0]
    grouped = with_satisfaction_groups(survey, satisfaction, attachment)
    names = ("Rationally satisfied", "Dissatisfied")
    try:
        found = tuple(
            group_equivalence(grouped, outcome, "satisfaction_group", *names, conf_level=level)
            for level in (0.90, 0.95)
        )
    except LoyaltyLabError:
        raise NotAsked("few") from None
    said = _said(
        evidence,
        "mean of {outcome}: rationally satisfied less dissatisfied",
        "gemiddelde van {outcome}: rationeel tevreden min ontevreden",
        outcome=outcome,
    )
    return Computed(found, said)


def _trend(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Trend of a share over ordered groups, in their order."""
    survey = _rows(evidence)
    segment = next(iter(members_of(survey, test["level"]).values()))[0]
    item = single_item(survey, test["item"])
    low, high = _range(survey, item)
    boxes = int(max(1, np.ceil((high - low) * 3 / 7)))
    score = top_box(survey, item, boxes=boxes, by=segment, conf_level=how.conf_level)
    try:
        one = _slope(score, trend_of_score(score, conf_level=how.conf_level))
    except DataError:
        raise NotAsked("few") from None
    said = _said(
        evidence,
        "trend of the share high on {item} over {level}",
        "trend van het aandeel hoog op {item} over {level}",
        item=item,
        level=segment,
    )
    return Computed((one,), said)


def _slope(score: Score, tested: Inference) -> Inference:
    """The trend with an interval: the slope is linear in the shares, so its error follows from their covariances."""
    shown = [i for i, key in enumerate(score.index) if key[-1] != "all" and not np.isnan(score.estimates[i])]
    n, place = score.n_effective[shown], np.arange(1, len(shown) + 1)
    about = place - np.average(place, weights=n)
    weights = n * about / (n * about**2).sum()
    spread = float(np.sqrt(weights @ score.covariances[np.ix_(shown, shown)] @ weights))
    slope, half = float(weights @ score.estimates[shown]), normal_quantile(score.conf_level) * spread
    return replace(tested, estimate=slope, std_error=spread, conf_low=slope - half, conf_high=slope + half)


def _curve(test: Mapping[str, Any], evidence: Evidence, how: How) -> Computed:
    """Bend of the outcome on a driver: the coefficient of the square."""
    survey = _rows(evidence)
    item, driver = _first_asked(survey, test["item"])[0], single_item(survey, test["level"])
    line = curve(survey, item, driver, shape="quadratic", n_draws=how.n_draws, seed=how.seed, conf_level=how.conf_level)
    one = _of_quantity(line.stat("bend"), "bend", float(line.stat("n").value), 0.0)
    said = _said(evidence, "bend of {item} over {level}", "buiging van {item} over {level}", item=item, level=driver)
    return Computed((one,), said)


#: Kind of claim → the function that computes it again. A definition or a list states no number to compute.
TESTS: dict[str, Callable[[Mapping[str, Any], Evidence, How], Computed]] = {
    "correlation": _correlation,
    "correlation_difference": _lead,
    "ordering": _lead,
    "explained_share": _explained,
    "proportion": _proportion,
    "proportion_difference": _proportion_difference,
    "ratio": _ratio,
    "equivalence": _equivalence,
    "trend": _trend,
    "curve": _curve,
}


def figures_again(own: Mapping[str, Any], evidence: Evidence, how: How) -> dict[str, Inference]:
    """The reported figures of a claim, computed from the data or table they were made from.

    Parameters
    ----------
    own : mapping
        `figures`: name → `r`, a variable and another or the items of which it is the mean, or `share`, two lists of drivers,
        with `outcome`.
    """
    again: dict[str, Inference] = {}
    for name, spec in own["figures"].items():
        if "r" in spec:
            a, b = spec["r"]
            mean = {"mean": tuple(b) if isinstance(b, list) else (b,)}
            used = [a, *mean["mean"]]
            moments = composites(evidence.moments(used), mean, keep=[a])
            drawn = composites(evidence.draws(used, n_draws=how.n_draws, seed=how.seed), mean, keep=[a])
            again[name] = _drawn(
                a, "mean", moments.corr[0, 1], drawn.corr[:, 0, 1], "correlation", moments, how, float("nan")
            )
        else:
            first, rest = (tuple(names) for names in spec["share"])
            again[name] = _share_of(evidence, first, rest, spec["outcome"], how, float("nan"))
    return again
