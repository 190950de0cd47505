"""`engaged()`: shares among the highly and the little engaged, beside the figures that are printed of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ..codebook import Item
from ..core import LANGUAGES, LoyaltyLabError, Provenance, Result, pd
from ..kernels import check_conf_level
from ..loyalty import Score, share_ratio, top_box
from ..survey import Survey
from .claims import Claim, read_claims
from .lookup import Evidence, NotAsked, members_of, single_item

#: Where low engagement ends and high begins, as parts of the answer range: at the middle or a third, and two thirds or five sixths
#: up. No source prints its limits; the first pair is the one that is told, the others show what hangs on it.
_CUTS = tuple(product((1 / 2, 1 / 3), (2 / 3, 5 / 6)))
_LEVELS = ("low", "medium", "high")
_SEGMENT = "engagement"


@dataclass(frozen=True, eq=False)
class Engagement(Result):
    """Shares of the highly and the little engaged, and how many times the one is the other, each beside what is printed.

    `tidy()` has three rows for each claim: `high`, `low` and their `ratio`, with the figure as `printed` (not a number where none is), and
    the `least` and `most` that other cuts give.

    Attributes
    ----------
    scores : list of dict of Score
        At each pair of cuts: claim → shares by level; the first pair is the one told.
    cuts : sequence of (float, float)
        Lowest medium and lowest high value of the index, in scale points.
    claims : dict of Claim
        Those whose question these data have.
    index : str
        What sets the levels apart.

    See Also
    --------
    loyaltylab.claims.engaged : Makes it.
    """

    scores: list[dict[str, Score]]
    cuts: tuple[tuple[float, float], ...]
    claims: dict[str, Claim]
    index: str
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "level")

    def columns(self) -> list[dict[str, Any]]:
        rows = []
        for name, claim in self.claims.items():
            at_cuts = [found for scores in self.scores if name in scores for found in [_three(scores[name])]]
            figures = {level: claim.figures.get(level, float("nan")) for level in ("high", "low")}
            figures["ratio"] = figures["high"] / figures["low"]
            for level, (estimate, low, high, n) in at_cuts[0].items():
                others = [found[level][0] for found in at_cuts]
                rows.append(
                    {"term": name, "level": level, "estimate": estimate, "conf_low": low, "conf_high": high, "n": n}
                    | {"printed": figures[level], "least": min(others), "most": max(others)}
                )
        return rows

    def whole(self) -> dict[str, Any]:
        low, high = self.cuts[0]
        counts = {"n_claims": len(self.claims), "n_cuts": len(self.cuts)}
        return {"index": self.index, "medium_from": low, "high_from": high, **counts, "conf_level": self.conf_level}


def engaged(
    evidence: Evidence, claims: Iterable[Claim] | None = None, *, conf_level: float = 0.95
) -> Engagement | None:
    """Shares among respondents high and low on the emotional block, of the questions these claims print shares of.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        With the emotional drivers and one question or more of the claims; weights, clusters and strata are respected.
    claims : iterable of Claim, optional
        Those whose test is a share at a level of the emotional block and that print one for the highly engaged; what the data lack
        is left out. All such claims where none are given.
    conf_level : float
        Between 0 and 1.

    Returns
    -------
    Engagement or None
        High begins two thirds up the answer range and low ends at its middle; other limits stand beside, for no source prints any.
        None where the data have none of the questions, or no rows.

    Raises
    ------
    NotAsked
        Where the data have no emotional block, or too few respondents at either level.
    DataError
        For emotional drivers that were answered on different ranges.

    Examples
    --------
    >>> from loyaltylab import read_claim, simulate
    >>> found = engaged(simulate(n=1000, seed=1), [read_claim("always_buys")])
    >>> found.cuts[0], found.tidy()["level"].tolist()
    ((4.0, 5.0), ['high', 'low', 'ratio'])
    """
    check_conf_level(conf_level)
    asked: dict[str, tuple[Claim, str]] = {}
    for claim in read_claims().values() if claims is None else claims:
        test = claim.test.get("other", {})
        if test.get("level") == {"block": "emotional"} and "high" in claim.figures:
            try:
                asked[claim.name] = claim, single_item(evidence, test["item"])
            except NotAsked:  # the card of the claim names it
                continue
    if not asked or not isinstance(evidence, Survey):
        return None
    members_of(evidence, {"block": "emotional"})
    survey, index = evidence.with_block("emotional")
    bottom, top = survey.codebook.range_of(index) or (float("nan"), float("nan"))
    cuts = tuple((bottom + low * (top - bottom), bottom + high * (top - bottom)) for low, high in _CUTS)
    scores = [_scores(_leveled(survey, index, pair), asked, conf_level) for pair in cuts]
    told = {name: claim for name, (claim, _) in asked.items() if name in scores[0]}
    if not told:
        raise NotAsked("few")
    return Engagement(scores, cuts, told, index, survey.provenance, conf_level)


def _leveled(survey: Survey, index: str, cuts: tuple[float, float]) -> Survey:
    """The survey with a segment of three levels."""
    answers = survey.frame[index].to_numpy(dtype=float)
    codes = np.where(np.isnan(answers), np.nan, np.digitize(answers, cuts))
    labels = [dict.fromkeys(LANGUAGES, level) for level in _LEVELS]
    item = Item(_SEGMENT, dict.fromkeys(LANGUAGES, _SEGMENT), role="segment", values=dict(enumerate(labels)))
    book = replace(survey.codebook, items={**survey.codebook.items, _SEGMENT: item})
    frame = pd.concat([survey.frame, pd.Series(codes, index=survey.frame.index, name=_SEGMENT)], axis=1)
    return replace(survey, frame=frame, codebook=book)


def _scores(survey: Survey, asked: dict[str, tuple[Claim, str]], conf_level: float) -> dict[str, Score]:
    """Claim → shares by level, where both ends are shown and a ratio can be had."""
    found = {}
    for name, (_, item) in asked.items():
        try:
            score = top_box(survey, item, boxes=_boxes(survey, item), by=_SEGMENT, conf_level=conf_level)
            _three(score)
        except LoyaltyLabError:  # too few at these cuts
            continue
        found[name] = score
    return found


def _boxes(survey: Survey, item: str) -> int:
    """How many of the highest answers count: those two thirds up or higher."""
    low, high = survey.codebook.range_of(item) or (0.0, 1.0)
    return int(high - np.ceil(low + (high - low) * 2 / 3)) + 1


def _three(score: Score) -> dict[str, tuple[float, float, float, float]]:
    """Estimate, ends and n of the share high up, that low down, and their ratio."""
    found = {}
    for level in ("high", "low"):
        key = next(key for key in score.index if key[-1] == level)
        share = score.value(key)
        if share.conf_low is None or share.conf_high is None or np.isnan(share.value):
            raise NotAsked("few")
        found[level] = (float(share.value), share.conf_low, share.conf_high, float(score.n[score.index.index(key)]))
    times = share_ratio(score, "high", "low")
    return found | {"ratio": (times.estimate, times.conf_low, times.conf_high, times.n)}
