"""`comparisons()`: every comparison a claim rests on, with its interval and without a verdict; also of simulated answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from ..contrasts import Inference
from ..core import LANGUAGES, LoyaltyLabError, Provenance, Result
from ..drivers import Importance
from ..models import Lines
from .claims import Claim
from .computed import Settings
from .lookup import Evidence, labels_of
from .row_statistics import interaction_lines
from .statistics import computed, divided

Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Comparisons(Result):
    """What the test of each claim compares in these data: the numbers behind a verdict, and all there is of simulated answers.

    Attributes
    ----------
    found : dict of tuple of Inference
        Claim → its comparisons, the weakest first.
    what : dict
        Claim → what the first of them is, in words by language.
    labels : dict
        Language → name → what is compared, in words.

    See Also
    --------
    loyaltylab.claims.comparisons : Makes it.
    """

    found: dict[str, tuple[Inference, ...]]
    what: dict[str, dict[str, str]]
    claims: dict[str, Claim]
    labels: dict[str, dict[str, str]]
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("claim", "term", "against")
    #: Comparisons of one claim that a figure shows.
    most: ClassVar[int] = 6

    def columns(self) -> list[dict[str, Any]]:
        return [
            {"claim": name, "term": one.a, "against": one.b, "measure": one.measure, "estimate": one.estimate}
            | {"conf_low": one.conf_low, "conf_high": one.conf_high, "bound": one.null, "printed": self.printed(name)}
            for name, ones in self.found.items()
            for one in ones
        ]

    def printed(self, name: str) -> float:
        """The figure a claim prints, where its test is held to one; else not a number."""
        expect = self.claims[name].test["other"].get("expect", "")
        return float(self.claims[name].figures.get(expect.removeprefix("figure "), float("nan")))

    def whole(self) -> dict[str, Any]:
        pairs = sum(map(len, self.found.values()))
        return {"n_claims": len(self.found), "n_pairs": pairs, "conf_level": self.conf_level}

    def pages(self, rows: int = 24) -> list[Comparisons]:
        """The same in parts that fit a page: so many rows of a figure, in which a claim takes three and its comparisons one each."""
        parts: list[dict[str, tuple[Inference, ...]]] = []
        left = 0
        for name, ones in self.found.items():
            size = 3 + min(len(ones), self.most)
            if size > left:
                parts.append({})
                left = rows
            parts[-1][name] = ones
            left -= size
        return [replace(self, found=part) for part in parts]


def comparisons(
    evidence: Evidence, claims: Iterable[Claim], *, n_draws: int = 2000, seed: int = 20171205, conf_level: float = 0.95
) -> Comparisons:
    """Compute what the tests of these claims compare; claims that need what the data lack are left out.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        As in `hold_against`; simulated respondents too, for a comparison is no verdict, and bears their mark.
    claims : iterable of Claim
        Those without a test of theirs are left out as well.
    n_draws, seed : int
        Of the draws behind the intervals, 100 or more.
    conf_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Comparisons
        Of each claim left, the weakest comparison first.

    Raises
    ------
    ModelError
        For fewer than 100 draws, a seed below 0 or a confidence level outside (0, 1).

    Examples
    --------
    >>> from loyaltylab import read_claim, read_table
    >>> found = comparisons(read_table("hedonic_utilitarian"), [read_claim("functional_first")], n_draws=200)
    >>> found.tidy()[["term", "against"]].values.tolist()
    [['rational', 'emotional']]
    """
    settings, kept, found, what = Settings(n_draws, seed, conf_level), {}, {}, {}
    for claim, one in _of_each(claims, lambda kind, test: computed(kind, test, evidence, settings)):
        sign = -1 if claim.test["other"].get("expect") == "less" else 1
        ones = sorted(one.found, key=lambda each, sign=sign: sign * each.estimate)  # type: ignore[misc]
        kept[claim.name], found[claim.name], what[claim.name] = claim, tuple(ones), one.what
    labels = {language: labels_of(evidence, language) for language in LANGUAGES}
    return Comparisons(found, what, kept, labels, evidence.provenance, conf_level)


def ranked(
    evidence: Evidence, claims: Iterable[Claim], *, n_draws: int = 2000, seed: int = 20171205, conf_level: float = 0.95
) -> dict[str, Importance]:
    """What lists say goes with an outcome, such as six cues of trust: what each entry takes of what the list explains.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        As in `comparisons`.
    claims : iterable of Claim
        Those whose test correlates several things with an outcome, and whose questions the data have; others are left out.
    n_draws, seed, conf_level
        As in `comparisons`.

    Returns
    -------
    dict of Importance
        Claim → its list; `drivers.ranks` says which entries may come first. What the test of the claim holds equal is held here.

    Raises
    ------
    ModelError
        As `comparisons`.

    Examples
    --------
    >>> from loyaltylab import read_claim, simulate
    >>> found = ranked(simulate(n=500, seed=1), [read_claim("trust_cues")], n_draws=200)
    >>> len(found["trust_cues"].terms), found["trust_cues"].outcome
    (6, 'emo_trust')
    """
    settings = Settings(n_draws, seed, conf_level)

    def make(kind: str, test: Mapping[str, Any]) -> Importance | None:
        is_list = kind == "correlation" and len(test.get("first", ())) > 1
        return divided(test, evidence, settings) if is_list else None

    return {claim.name: made for claim, made in _of_each(claims, make)}


def lines(
    evidence: Evidence, claims: Iterable[Claim], *, n_draws: int = 2000, seed: int = 20171205, conf_level: float = 0.95
) -> dict[str, Lines]:
    """What claims say depends on something else, as lines, such as price that counts for less as a bond grows.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        As in `comparisons`.
    claims : iterable of Claim
        Those whose test is a product, and whose questions the data have; others are left out.
    n_draws, seed, conf_level
        As in `comparisons`.

    Returns
    -------
    dict of Lines
        Claim → the outcome over what is weighed, where the other thing is one standard deviation below its mean, at it and above
        it; all as normal scores, as the test of the claim takes them.

    Raises
    ------
    ModelError
        As `comparisons`.

    Examples
    --------
    >>> from loyaltylab import read_claim, simulate
    >>> found = lines(simulate(n=500, seed=1), [read_claim("feedback_condition")], n_draws=200)
    >>> found["feedback_condition"].driver, found["feedback_condition"].moderator, [*found["feedback_condition"].lines]
    ('ENGAGED', 'FEEDBACK', ['low', 'average', 'high'])
    """
    settings = Settings(n_draws, seed, conf_level)

    def make(kind: str, test: Mapping[str, Any]) -> Lines | None:
        return interaction_lines(test, evidence, settings) if kind in ("weighed_less", "weighed_more") else None

    return {claim.name: made for claim, made in _of_each(claims, make)}


def _of_each(
    claims: Iterable[Claim], make: Callable[[str, Mapping[str, Any]], Made | None]
) -> Iterator[tuple[Claim, Made]]:
    """Each claim with what is made of its kind and its test, without those that lack a test, are of no such kind, or need what the data lack."""
    for claim in claims:
        if test := claim.test.get("other"):
            try:
                made = make(test.get("by", claim.kind), test)
            except LoyaltyLabError:  # lacking here; the card of the claim names what
                continue
            if made is not None:
                yield claim, made
