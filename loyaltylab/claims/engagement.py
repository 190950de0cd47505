"""`engaged()`: shares among the highly and the little engaged, beside the figures that are printed of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..core import LoyaltyLabError, Provenance, Result
from ..loyalty import share_ratio
from ..survey import Survey
from .claims import Claim, read_claims
from .computed import Settings
from .lookup import Evidence, NotAsked, members_of, single_item
from .row_statistics import Levels, item_cuts, level_cuts, levels_of, with_level

_LEVEL = {"block": "emotional"}


@dataclass(frozen=True, eq=False)
class Engagement(Result):
    """Shares of the highly and the little engaged, and how many times the one is the other, each beside what is printed.

    `tidy()` has three rows for each claim: `high`, `low` and their `ratio`, with the figure as `printed` (not a number where none is), and
    the `least` and `most` that other cuts give.

    Attributes
    ----------
    scores : list of dict of Levels
        At each pair of cuts: claim → shares by level, as the ledger computes them; the first pair is the one told.
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

    scores: list[dict[str, Levels]]
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
    settings = Settings(conf_level=conf_level)
    asked: dict[str, tuple[Claim, str]] = {}
    for claim in read_claims().values() if claims is None else claims:
        test = claim.test.get("other", {})
        if test.get("level") == _LEVEL and "high" in claim.figures:
            try:
                asked[claim.name] = claim, single_item(evidence, test["item"])
            except NotAsked:  # the card of the claim names it
                continue
    if not asked or not isinstance(evidence, Survey):
        return None
    members_of(evidence, _LEVEL)
    survey, index = with_level(evidence, _LEVEL)
    cuts = level_cuts(survey, index, {"level": _LEVEL})
    scores = [_scores(survey, index, lowest, asked, settings) for lowest in cuts]
    told = {name: claim for name, (claim, _) in asked.items() if name in scores[0]}
    if not told:
        raise NotAsked("few")
    limits = tuple((medium, high) for _, medium, high in cuts)
    return Engagement(scores, limits, told, index, survey.provenance, conf_level)


def _scores(
    survey: Survey, index: str, lowest: list[float], asked: dict[str, tuple[Claim, str]], settings: Settings
) -> dict[str, Levels]:
    """Claim → shares by level, where both ends are shown and a ratio can be had."""
    found = {}
    for name, (_, item) in asked.items():
        try:
            levels = levels_of(survey, item, index, item_cuts(survey, item)[0], lowest, settings)
            _three(levels)
        except LoyaltyLabError:  # too few at these cuts
            continue
        found[name] = levels
    return found


def _three(levels: Levels) -> dict[str, tuple[float, float, float, float]]:
    """Estimate, ends and n of the share high up, that low down, and their ratio."""
    score, found = levels.score, {}
    for level, name in (("high", levels.names[-1]), ("low", levels.names[0])):
        key = next(key for key in score.index if key[-1] == name)
        share = score.value(key)
        found[level] = (float(share.value), share.conf_low, share.conf_high, float(score.n[score.index.index(key)]))
    times = share_ratio(score, levels.names[-1], levels.names[0])
    return found | {"ratio": (times.estimate, times.conf_low, times.conf_high, times.n)}
