"""A claim computed again in a data set: one function for each kind of statistic, thin over the contrasts of the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..codebook import flatten
from ..contrasts import Inference, correlation_contrast
from ..core import LANGUAGES, Phrase, check_known, tr
from ..drivers import Importance, adjusted_r_squared, claimed_split, importance
from ..loyalty import both_orders, chain, three_bonds
from ..models import mediate, reliability
from ..moments import Moments, composites
from .computed import Computed, Settings, labelled, of_draws, of_quantity, outcome_part, together
from .lookup import Evidence, NotAsked, labels_in, labels_of, members_of, outcome_of, questions_of
from .row_statistics import (
    bend,
    enough,
    groups_alike,
    groups_differ,
    lead_across,
    more_spent,
    ratio_of_shares,
    rows_of,
    share_among,
    share_difference,
    trend_over,
    under_condition,
    weighed_less,
    weighed_more,
)


def computed(kind: str, test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
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
    >>> found = computed("ordering", test, read_table("hedonic_utilitarian"), Settings(n_draws=200))
    >>> found.what["en"], round(found.found[0].estimate, 3)
    ('correlation with Attitudinal loyalty: emotional less rational', 0.05)
    """
    check_known("kind of test", kind, TESTS)
    found = TESTS[kind](test, evidence, settings)
    if any(one.conf_high - one.conf_low < 1e-9 for one in found.found):
        raise NotAsked("same")
    return found


def _parts(
    evidence: Evidence, wanted: Sequence[Mapping[str, str]], *, least: int | None = None, sorts: str = ""
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The parts that the data have, and what they lack of the others, in words by language; nothing where they have all.

    So many from the first on they must have, all without a number. Blocks by the list `sorts`, if it is named.
    """
    found: dict[str, tuple[str, ...]] = {}
    lacking = []
    for i, what in enumerate(wanted):
        try:
            found |= members_of(evidence, what, sorts)
        except NotAsked as error:
            if least is None or i < least:
                raise
            lacking.append(error.texts)
    return found, together(lacking)


def _means(
    evidence: Evidence, parts: Mapping[str, Sequence[str]], outcome: str, settings: Settings
) -> tuple[Moments, Moments, dict[str, str]]:
    """Moments and draws of the outcome and the mean of each part, and the name each part has in them."""
    names = {part: f"{part} (driver)" if part == outcome else part for part in parts}
    used = list(dict.fromkeys([outcome, *flatten(parts)]))
    book = evidence.codebook
    one_range = len({book.range_of(name) for name in used[1:]}) == 1
    options: dict[str, Any] = {"keep": [outcome], "standardised": not one_range}
    moments, draws = evidence.moments(used), evidence.draws(used, n_draws=settings.n_draws, seed=settings.seed)
    if not np.isfinite(moments.corr).all():
        raise NotAsked("varies")
    if (np.abs(moments.corr[0, 1:]) > 1 - 1e-9).any():
        raise NotAsked("same")
    blocks = {names[part]: tuple(members) for part, members in parts.items()}
    return composites(moments, blocks, **options), composites(draws, blocks, **options), names


def _correlation(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Correlation of each first part with the outcome, with those it stands `beside` held equal; all must pass."""
    parts, beside, outcome, means, draws, names = _with_outcome(test, evidence, settings)
    i = means.index([outcome])[0]
    found = []
    for part in parts:
        j = means.index([names[part]])[0]
        pair = (means.corr[i, j], draws.corr[:, i, j])
        found.append(of_draws(*pair, "correlation", means, settings, float(test.get("least", 0)), (part, outcome)))
    text = tr("correlation of {a} with {outcome}")
    others = {language: ", ".join(labels_of(evidence, language)[name] for name in beside) for language in LANGUAGES}
    if beside:
        text = tr("correlation of {a} with {outcome}, {others} held equal")
    each = {(one.a, one.b): labelled(evidence, text, a=one.a, outcome=outcome, others=others) for one in found}
    parts |= beside | outcome_part(evidence, outcome)
    return Computed(tuple(found), each[found[0].a, found[0].b], parts, each)


def _with_outcome(
    test: Mapping[str, Any], evidence: Evidence, settings: Settings
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], str, Moments, Moments, dict[str, str]]:
    """The first parts, those they stand `beside`, the outcome, and the moments and draws of both with the latter held equal."""
    parts, _ = _parts(evidence, test["first"], sorts=test.get("blocks", ""))
    beside, _ = _parts(evidence, test.get("beside", ()))
    outcome = outcome_of(evidence, test.get("outcome"), apart_from=flatten(parts | beside))
    means, draws, names = _means(evidence, parts | beside, outcome, settings)
    if held := [names[part] for part in beside]:
        means, draws = means.partial(held), draws.partial(held)
    return parts, beside, outcome, means, draws, names


def divided(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Importance:
    """What the first parts explain of the outcome together, those they stand `beside` held equal, divided among them."""
    parts, _, outcome, means, draws, names = _with_outcome(test, evidence, settings)
    terms = [names[part] for part in parts]
    return importance(means, outcome, terms, draws=draws, conf_level=settings.conf_level)


def _lead(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Correlation with the outcome of every first part less that of every other."""
    outcome = outcome_of(evidence, test.get("outcome"))
    sorts = test.get("blocks", "")
    firsts, _ = _parts(evidence, test["first"], sorts=sorts)
    if "across" in test:
        return lead_across(test, rows_of(evidence), outcome, settings)
    taken = {outcome, *evidence.codebook.items_of(outcome), *(n for names in firsts.values() for n in names)}
    others, lacking = _parts(evidence, test["rest"], least=1, sorts=sorts)
    rests = {part: members for part, members in others.items() if part not in firsts and not taken & set(members)}
    if not rests:
        raise NotAsked("others")
    means, draws, names = _means(evidence, firsts | rests, outcome, settings)
    found = []
    for a in firsts:
        for b in rests:
            one = correlation_contrast(means, outcome, names[a], names[b], draws=draws, conf_level=settings.conf_level)
            found.append(one)
    text = tr("correlation with {outcome}: {a} less {b}")
    each = {(one.a, one.b): labelled(evidence, text, a=one.a, b=one.b, outcome=outcome) for one in found}
    parts = firsts | rests | outcome_part(evidence, outcome)
    return Computed(tuple(found), each[found[0].a, found[0].b], parts, each, lacking)


def _share_of(
    evidence: Evidence, first: tuple[str, ...], rest: tuple[str, ...], outcome: str, settings: Settings, null: float
) -> Inference:
    """Share of the first drivers in what the two groups explain (LMG)."""
    used = [outcome, *first, *rest]
    moments = evidence.moments(used)
    drawn = evidence.draws(used, n_draws=settings.n_draws, seed=settings.seed)
    model = importance(moments, outcome, {"first": first, "rest": rest}, draws=drawn).blocks()
    if model.draw_estimates is None:
        raise NotAsked("rows")
    shares, ends = model.estimates / model.estimates.sum(), model.draw_estimates
    return of_draws(shares[0], ends[:, 0] / ends.sum(axis=1), "share", moments, settings, null, ("first", "rest"))


def _explained(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Share of what is explained: of one block in two, or of an effect that runs through others."""
    if "rest" not in test and "through" not in test:
        return _all_explained(test, evidence, settings)
    outcome = outcome_of(evidence, test.get("outcome"))
    if "through" in test:
        return _mediated(test, evidence, outcome, settings)
    (a, first), (b, rest) = (next(iter(members_of(evidence, test[key]).items())) for key in ("first", "rest"))
    one = _share_of(evidence, first, rest, outcome, settings, float(test.get("least", 0.5)))
    wording = labelled(
        evidence,
        tr("share of {a} in what {a} and {b} explain of {outcome}"),
        a=a,
        b=b,
        outcome=outcome,
    )
    return Computed((one,), wording, {a: first, b: rest} | outcome_part(evidence, outcome))


def _split(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Share of the emotional bond in what it and the rational one explain; the report on bonds quotes the same."""
    evidence, bonds = three_bonds(evidence, module="bonds")
    for bond in ("emotional", "rational"):
        if bond not in bonds:
            raise NotAsked("block", bond, evidence.codebook.block_labels.get(bond))
    outcome = outcome_of(evidence, test.get("outcome"))
    used = [outcome, *flatten(bonds)]
    draws = evidence.draws(used, n_draws=settings.n_draws, seed=settings.seed)
    options: dict[str, Any] = {"claimed": 0.5, "methods": ("lmg",), "draws": draws, "conf_level": settings.conf_level}
    split = claimed_split(evidence.moments(used), outcome, bonds, "emotional", "rational", **options)
    one = of_quantity(split.reported, "share", float(split.n), float("nan"))
    text = tr(
        "share of {a} in what {a} and {b} explain of {outcome}, the nearest a survey comes to a share of customers"
    )
    wording = labelled(evidence, text, a="emotional", b="rational", outcome=outcome)
    parts = {bond: bonds[bond] for bond in ("emotional", "rational")}
    return Computed((one,), wording, parts | outcome_part(evidence, outcome))


def _all_explained(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """What the questions of one scale explain of each outcome together, adjusted for their number; all must pass."""
    ((a, members),) = members_of(evidence, test["first"]).items()
    items = [i for name in members for i in evidence.codebook.items_of(name) if evidence.has(i)] or list(members)
    outcomes: list[str] = []
    lacking = []
    for what in test.get("outcomes", [test.get("outcome")]):
        try:
            outcomes.append(outcome_of(evidence, what, apart_from=[*items, *outcomes]))
        except NotAsked as error:
            if not outcomes:
                raise
            lacking.append(error.texts)
    text, each, found, parts = tr("part of {outcome} that {a} explains, adjusted"), {}, [], {a: tuple(items)}
    for outcome in outcomes:
        used = [outcome, *items]
        drawn = evidence.draws(used, n_draws=settings.n_draws, seed=settings.seed)
        model = importance(
            evidence.moments(used), outcome, items, method="first", draws=drawn, conf_level=settings.conf_level
        )
        one = of_quantity(
            adjusted_r_squared({a: model}).value(a), "r_squared", float(model.stat("n").value), float("nan")
        )
        found.append(replace(one, a=a, b=outcome))
        each[a, outcome] = labelled(evidence, text, a=a, outcome=outcome)
        parts |= outcome_part(evidence, outcome)
    return Computed(tuple(found), each[a, found[0].b], parts, each, together(lacking))


def _mediated(test: Mapping[str, Any], evidence: Evidence, outcome: str, settings: Settings) -> Computed:
    """The part of an effect that runs through others."""
    start = members_of(evidence, test["first"])
    through = members_of(evidence, test["through"])
    if {outcome, *evidence.codebook.items_of(outcome)} & set(flatten(through)):
        raise NotAsked("others")
    means, draws, names = _means(evidence, start | through, outcome, settings)
    (a,), (m,) = start, through
    found = mediate(means, names[a], names[m], outcome, draws=draws, conf_level=settings.conf_level)
    one = of_quantity(found.value(("proportion", "")), "share", float(means.n_eff), float(test.get("least", 0)))
    text = tr("part of the path from {a} to {outcome} by way of {m}, the order assumed")
    wording = labelled(evidence, text, a=a, m=m, outcome=outcome)
    return Computed((one,), wording, start | through | outcome_part(evidence, outcome))


def _chained(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """The way from heart to wallet through the head, and as its rival the same with heart and head changed places."""
    way = chain(evidence.codebook)
    if lacking := [name for name in way.used if not evidence.has(name)]:
        raise NotAsked("about", lacking[0], evidence.codebook.variable(lacking[0]).label)
    draws = evidence.draws(way.used, n_draws=settings.n_draws, seed=settings.seed)
    moments = evidence.moments(way.used)
    there, back = both_orders(moments, way, draws=draws, conf_level=settings.conf_level)
    routes = [
        of_quantity(q, "path coefficient", float(moments.n_eff), 0.0) for q in (there.mediated, back.through(way.heart))
    ]
    wording = labelled(evidence, tr("path from {a} to {outcome} by way of {m}, the order assumed"), a=way.heart, m=way.head[-1], outcome=way.wallet)  # fmt: skip
    parts = {"heart": (way.heart,), "head": way.head} | outcome_part(evidence, way.wallet)
    return Computed((routes[0],), wording, parts, rival=routes[1])


def _over_and_above(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Correlation of each first part with the outcome, all the other parts held; all must pass."""
    firsts, _ = _parts(evidence, test["first"])
    parts = firsts | _parts(evidence, test.get("rest", ()))[0]
    outcome = outcome_of(evidence, test.get("outcome"), apart_from=flatten(parts))
    return _held(evidence, firsts, parts, outcome, settings)


def _each_bond(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """The same for the three bonds, as the report on bonds finds them."""
    evidence, bonds = three_bonds(evidence, module="bonds")
    if lacking := [bond for bond in ("emotional", "rational", "structural") if bond not in bonds]:
        raise NotAsked("block", lacking[0], evidence.codebook.block_labels.get(lacking[0]))
    return _held(evidence, bonds, bonds, outcome_of(evidence, test.get("outcome")), settings)


def _held(
    evidence: Evidence,
    firsts: Mapping[str, Any],
    parts: Mapping[str, tuple[str, ...]],
    outcome: str,
    settings: Settings,
) -> Computed:
    """Partial correlations with the outcome, the other parts held."""
    means, draws, names = _means(evidence, parts, outcome, settings)
    found = []
    for part in firsts:
        rest = [names[other] for other in parts if other != part]
        apart, drawn = means.partial(rest), draws.partial(rest)
        i, j = apart.index([outcome, names[part]])
        pair = (apart.corr[i, j], drawn.corr[:, i, j])
        found.append(of_draws(*pair, "partial correlation", means, settings, 0.0, (part, outcome)))
    text = tr("correlation of {a} with {outcome}, the other parts held")
    each = {(one.a, one.b): labelled(evidence, text, a=one.a, outcome=outcome) for one in found}
    return Computed(tuple(found), each[found[0].a, found[0].b], parts | outcome_part(evidence, outcome), each)


def _belonging(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Each question with the others of its group, less with every other group: what belongs together, question by question.

    Means of correlations and not correlations with means, which grow with the number of questions in a group.

    References
    ----------
    Henseler, J., Ringle, C. M. & Sarstedt, M. (2015). Journal of the Academy of Marketing Science 43, 115–135.
    doi:10.1007/s11747-014-0403-8 (their ratio of the two, of whole scales)
    """
    groups = {name: questions_of(evidence, wanted) for name, wanted in test["groups"].items()}
    groups = {outcome_of(evidence) if name == "outcome" else name: items for name, items in groups.items()}
    triples = []
    for name in [test["whose"]] if "whose" in test else groups:
        if len(groups[name]) < 2:
            raise NotAsked("several", name, labels_in(evidence, name))
        others = [other for other in groups if other != name]
        triples += [
            (item, tuple(i for i in groups[name] if i != item), groups[other], other)
            for item in groups[name]
            for other in others
        ]
    text = tr("mean correlation of ‘{a}’ with the others of its group, less that with {b}")
    return _nearer(triples, evidence, settings, text, groups)


def _called_up(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Each first question of a pair with its own, less with every other's own: whether one thing goes with one other."""
    pairs = [[questions_of(evidence, [what])[0] for what in pair] for pair in test["pairs"]]
    aims = dict.fromkeys(own for _, own in pairs)
    triples = [(item, (own,), (other,), other) for item, own in pairs for other in aims if other != own]
    text = tr("correlation of ‘{a}’ with its own less that with ‘{b}’")
    return _nearer(triples, evidence, settings, text, {item: (own,) for item, own in pairs})


def _nearer(
    triples: Sequence[tuple[str, tuple[str, ...], tuple[str, ...], str]],
    evidence: Evidence,
    settings: Settings,
    text: Phrase,
    parts: Mapping[str, tuple[str, ...]],
) -> Computed:
    """Of each question, its mean correlation with its own less that with others."""
    used = list(dict.fromkeys(name for item, own, others, _ in triples for name in (item, *own, *others)))
    moments, draws = evidence.moments(used), evidence.draws(used, n_draws=settings.n_draws, seed=settings.seed)
    if not np.isfinite(moments.corr).all():
        raise NotAsked("varies")
    measure, found = "difference of correlations with its own and another", []
    for item, own, others, other in triples:
        i, a, b = moments.index([item])[0], moments.index(own), moments.index(others)
        estimate, drawn = (m.corr[..., i, a].mean(axis=-1) - m.corr[..., i, b].mean(axis=-1) for m in (moments, draws))
        found.append(of_draws(estimate, drawn, measure, moments, settings, 0.0, (item, other)))
    each = {(one.a, one.b): labelled(evidence, text, a=one.a, b=one.b) for one in found}
    return Computed(tuple(found), each[found[0].a, found[0].b], dict(parts), each)


def _one_scale(test: Mapping[str, Any], evidence: Evidence, settings: Settings) -> Computed:
    """Cronbach's alpha of a scale: whether several statements measure one thing."""
    ((name, members),) = members_of(evidence, test["first"]).items()
    items = questions_of(evidence, [test["first"]])
    if len(items) < 2:
        raise NotAsked("several", name, labels_in(evidence, name))
    draws = evidence.draws(items, n_draws=settings.n_draws, seed=settings.seed)
    found = reliability(evidence.moments(items), {name: items}, draws=draws, conf_level=settings.conf_level)
    one = of_quantity(found.value((name, "alpha")), "alpha", float(found.stat("n_lowest").value), float(test["least"]))
    return Computed((one,), labelled(evidence, tr("Cronbach’s alpha of {a}"), a=members[0]), {name: items})


#: Kind of claim → the function that computes it again. A definition or a list states no number of itself: it names one `by`.
TESTS: dict[str, Callable[[Mapping[str, Any], Evidence, Settings], Computed]] = {
    "correlation": _correlation,
    "correlation_difference": _lead,
    "ordering": _lead,
    "explained_share": _explained,
    "proportion": share_among,
    "proportion_difference": share_difference,
    "ratio": ratio_of_shares,
    "equivalence": groups_alike,
    "trend": trend_over,
    "curve": bend,
    "chain": _chained,
    "split": _split,
    "under_condition": under_condition,
    "over_and_above": _over_and_above,
    "each_bond": _each_bond,
    "belonging": _belonging,
    "called_up": _called_up,
    "one_scale": _one_scale,
    "groups": groups_differ,
    "weighed_less": weighed_less,
    "weighed_more": weighed_more,
    "more_spent": more_spent,
    "enough": enough,
}


def figures_again(own: Mapping[str, Any], evidence: Evidence, settings: Settings) -> dict[str, Inference]:
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
            drawn = composites(evidence.draws(used, n_draws=settings.n_draws, seed=settings.seed), mean, keep=[a])
            again[name] = of_draws(
                moments.corr[0, 1], drawn.corr[:, 0, 1], "correlation", moments, settings, float("nan"), (a, "mean")
            )
        else:
            first, rest = (tuple(names) for names in spec["share"])
            again[name] = _share_of(evidence, first, rest, spec["outcome"], settings, float("nan"))
    return again
