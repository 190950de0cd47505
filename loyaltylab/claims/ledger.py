"""`hold_against()`: all claims held against one data set, and `Ledger`, where their verdicts stand beside our own findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..core import (
    EVIDENCE,
    LANGUAGES,
    RULES,
    DataError,
    LoyaltyLabError,
    ModelError,
    Provenance,
    Quantity,
    Result,
    tr,
    unknown,
)
from ..survey import PublishedTable, Survey, Warehouse, input_files, read_data
from .claims import Claim, read_claims
from .computed import Computed, Settings, contained
from .lookup import Evidence, NotAsked, sorted_as
from .statistics import computed, figures_again
from .verdicts import VERDICTS, Verdict, at_other_cuts, decided, figures_decided

#: The articles in their order, and what does not come from one.
ARTICLES = {
    "emotions": tr("Emotions and loyalty"),
    "consumer": tr("The emotion-driven consumer"),
    "engagement": tr("Heart, head, wallet"),
    "metrics": tr("What is loyalty?"),
    "bonds": tr("Three bonds"),
    "": tr("Studies behind and against"),
}


@dataclass(frozen=True)
class Recorded:
    """A finding of one of the project's own reports: what it says, the run and exhibits that support it, its numbers.

    Attributes
    ----------
    id : str
        Run and number of the finding.
    text : str
        The sentence.
    report : str
        Which made it.
    run : str
        Its id.
    exhibits : sequence of str
        Ids of figures and tables.
    tier : str
        Of evidence.
    numbers : ((str, float), ...)
        Name and value.
    language : str
        Of the words: en or nl.

    See Also
    --------
    loyaltylab.reports.recorded_findings : Makes them.
    """

    id: str
    text: str
    report: str
    run: str
    exhibits: tuple[str, ...]
    tier: str
    numbers: tuple[tuple[str, float], ...]
    language: str = "en"


@dataclass(frozen=True, eq=False)
class Ledger(Result):
    """Claims with their verdicts, and the findings of our own reports, in one table.

    A claim has one verdict on its own source, where that is at hand, and one on the data it is held against; the first
    counts as `main`. Findings that are synthetic or of a source not stated are no evidence and are not listed; `n_synthetic` and
    `n_unstated` count them.

    Attributes
    ----------
    verdicts : tuple of Verdict
        One for each claim and what it is held against.
    findings : tuple of Recorded
        Those of our own reports that are evidence.
    evidence : str
        Name of the data the claims are held against.

    See Also
    --------
    loyaltylab.claims.hold_against : Makes it.
    """

    verdicts: tuple[Verdict, ...]
    provenance: Provenance
    evidence: str = ""
    findings: tuple[Recorded, ...] = ()
    n_synthetic: int = 0
    n_unstated: int = 0
    conf_level: float = 0.95

    def __post_init__(self) -> None:
        if wrong := next((one for one in self.findings if one.tier not in EVIDENCE), None):
            nature = "synthetic finding" if wrong.tier == "synthetic" else "finding whose source is not stated"
            raise ModelError(f"{wrong.id}: a {nature} is no evidence and has no place in the ledger.")

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.count(name).value} {name}" for name in VERDICTS if self.count(name).value)
        return f"Ledger of {len(self.main)} claims, held against {self.evidence}: {counts}"

    @property
    def main(self) -> tuple[Verdict, ...]:
        """One verdict for each claim: on its own source where that was at hand, else on the data."""
        first: dict[str, Verdict] = {}
        for one in self.verdicts:
            first.setdefault(one.claim.name, one)
        return tuple(first.values())

    @property
    def tested(self) -> tuple[Verdict, ...]:
        """The verdicts that rest on an estimate from the data the claims are held against."""
        return tuple(one for one in self.on_data if one.is_computed)

    @property
    def on_data(self) -> tuple[Verdict, ...]:
        """The verdicts on the data the claims are held against, computed or not."""
        return tuple(one for one in self.verdicts if not one.own)

    @property
    def in_common_units(self) -> tuple[Verdict, ...]:
        """Those tested whose estimates are correlations or shares, so that they can be drawn beside each other."""
        shares = ("share", "proportion")
        return tuple(one for one in self.tested if "correlation" in one.measure or one.measure in shares)

    @property
    def again(self) -> tuple[Verdict, ...]:
        """The verdicts on claims whose own rows or table are at hand, so that their figures were computed again."""
        return tuple(one for one in self.main if one.verdict in ("recomputed", "differs"))

    def computed(self, name: str) -> Verdict | None:
        """The verdict on one claim that rests on an estimate; none where the ledger has no such verdict."""
        return next((one for one in self.verdicts if one.claim.name == name and one.is_computed), None)

    def of(self, name: str) -> tuple[Verdict, ...]:
        """All verdicts on one claim."""
        found = tuple(one for one in self.verdicts if one.claim.name == name)
        if not found:
            raise unknown("claim", name, [one.claim.name for one in self.main])
        return found

    def only(self, article: str = "") -> Ledger:
        """The claims of one article; all without a name."""
        names = [name for name in ARTICLES if name]
        if article and article not in names:
            raise unknown("article", article, names)
        kept = tuple(one for one in self.verdicts if not article or one.claim.article == article)
        return replace(self, verdicts=kept)

    def by_article(self) -> dict[str, Ledger]:
        """The claims of each article, in the order of `ARTICLES`; the studies last."""
        parts = {name: tuple(one for one in self.verdicts if one.claim.article == name) for name in ARTICLES}
        return {name: replace(self, verdicts=kept, findings=()) for name, kept in parts.items() if kept}

    def with_findings(self, findings: Iterable[Recorded]) -> Ledger:
        """The ledger with findings of reports; those that are no evidence are counted and left out."""
        found = list(findings)
        tiers = [one.tier for one in found]
        real = tuple(one for one in found if one.tier in EVIDENCE)
        return replace(self, findings=real, n_synthetic=tiers.count("synthetic"), n_unstated=tiers.count("unstated"))

    def count(self, *verdicts: str, of: str = "all") -> Quantity:
        """How many claims have one of these verdicts; all claims without one.

        Parameters
        ----------
        of : {"all", "articles", "studies", "data"}
            All claims; those an article makes; those of studies; or those with an estimate from the data.
        """
        for verdict in verdicts:
            if verdict not in VERDICTS:
                raise unknown("verdict", verdict, VERDICTS)
        of_what = {
            "all": lambda one: True,
            "articles": lambda one: bool(one.claim.article),
            "studies": lambda one: not one.claim.article,
            "data": lambda one: one.is_computed and not one.own,
        }
        if of not in of_what:
            raise unknown("part of the ledger", of, of_what)
        chosen = self.tested if of == "data" else self.main
        number = sum((not verdicts or one.verdict in verdicts) and of_what[of](one) for one in chosen)
        name = " or ".join(verdicts) or "claims"
        return Quantity(number, None, None, None, f"Ledger: {name} ({of}), count", self.provenance)

    def columns(self) -> list[dict[str, Any]]:
        """A row for each verdict, then one for each finding."""
        survive = dict(zip([id(one) for one in self.tested], holm([one.p_value for one in self.tested]), strict=True))
        rows: list[dict[str, Any]] = []
        for one in self.verdicts:
            row = one.tidy().iloc[0].to_dict()
            row |= {"p_value_holm": survive.get(id(one), np.nan), "report": one.claim.report, "run": "", "exhibit": ""}
            rows.append(row)
        for found in self.findings:
            row = {"term": found.id, "verdict": "finding", "rule": "", "article": "", "kind": "finding", "grade": ""}
            row |= dict.fromkeys(("estimate", "conf_low", "conf_high", "p_value", "n", "p_value_holm"), np.nan)
            row["estimate"] = found.numbers[0][1] if found.numbers else np.nan
            rows.append(row | {"report": found.report, "run": found.run, "exhibit": " ".join(found.exhibits)})
        return rows

    def whole(self) -> dict[str, Any]:
        tested = self.tested
        corrected = holm([one.p_value for one in tested])
        directional = [one.verdict in ("consistent", "contradicted") for one in tested]
        alpha = 1 - self.conf_level
        return {
            "n_claims": len(self.main),
            "n_tested": len(tested),
            "n_again_tested": sum(self.of(one.claim.name)[0].own for one in tested),
            "n_decided": sum(directional),
            "n_by_chance": alpha * sum(one.compared in one.allowed for one in tested),
            "n_after_holm": sum(hit and p < alpha for hit, p in zip(directional, corrected, strict=True)),
            "n_findings": len(self.findings),
            "n_synthetic": self.n_synthetic,
            "n_unstated": self.n_unstated,
            "conf_level": self.conf_level,
        }


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given.

    Parameters
    ----------
    p_values : sequence of float
        Of one family of tests.

    Returns
    -------
    list of float
        Between 0 and 1, none below the p-value it belongs to.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    return multipletests(p_values, method="holm")[1].tolist() if len(p_values) else []


def hold_against(
    evidence: Evidence,
    claims: Mapping[str, Claim] | None = None,
    *,
    name: str = "",
    n_draws: int = 2000,
    seed: int = 20171205,
    conf_level: float = 0.95,
    region: float = RULES["region"][0],
) -> Ledger:
    """Hold claims against a data set, all at once.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        Real answers or a published table. Simulated respondents, or answers whose source is not stated, give a
        ledger without a single verdict on them.
    claims : mapping of name → Claim, optional
        All of `read_claims` without it.
    name : str
        What the data are called in the ledger.
    n_draws, seed : int
        Of the draws behind the intervals.
    conf_level : float
        Of the intervals, between 0 and 1.
    region : float
        Of practical equivalence: the largest difference between correlations that does not matter, and what is as small
        for other measures, see `equivalent_to`; 0.1, Cohen's small one, unless you have reason for another.

    Returns
    -------
    Ledger
        `tidy()` has a row for each verdict; `of(name)` gives those on one claim.

    Raises
    ------
    DataError, ModelError
        For a frame or moments, which have no codebook, fewer than 100 draws, a seed below 0 or a confidence level outside (0, 1). What the data cannot give is no error: it is said in
        the verdict on that claim.

    Notes
    -----
    Many claims are tested at once. `Ledger.glance` says how many of those that state a side would at most be decided by chance
    if there were no difference anywhere (one interval in twenty excludes it; of several comparisons fewer), and how many
    stand after Holm's correction.

    Examples
    --------
    >>> from loyaltylab import read_claim, read_table
    >>> claims = {name: read_claim(name) for name in ("emotions_index", "thirty_seventy")}
    >>> hold_against(read_table("hedonic_utilitarian"), claims, name="hedonic_utilitarian", n_draws=200)
    Ledger of 2 claims, held against hedonic_utilitarian: 2 undecided
    """
    settings = Settings(n_draws, seed, conf_level, region)
    if not hasattr(evidence, "codebook"):
        raise DataError(
            f"a {type(evidence).__name__} says neither what its columns mean nor whose answers they are, so no claim can be "
            "held against it. Give read_survey(frame, codebook), or read_table(name)."
        )
    wanted = read_claims() if claims is None else dict(claims)
    verdicts: list[Verdict] = []
    for claim in wanted.values():
        own = _on_own_source(claim, settings)
        verdicts += [own] if own else []
        if not (own and _codebook_of(claim) == evidence.codebook.name):
            other = _on_data(claim, evidence, settings, name)
            verdicts += [other] if not own or other.is_computed else []
    origin = _origin(evidence.provenance, wanted.values())
    return Ledger(tuple(verdicts), origin, name or evidence.codebook.name, conf_level=conf_level)


def _codebook_of(claim: Claim) -> str:
    """The codebook of the data a claim was made from."""
    return _own_source(claim.test["own"]["data"]).codebook.name


def _own_source(data: str) -> Survey | PublishedTable | Warehouse:
    """The rows or table that claims were made from, read again only when a file of it changed."""
    files = input_files(data).values()
    return _as_it_is(data, tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@lru_cache(maxsize=8)
def _as_it_is(data: str, files: tuple[tuple[Path, int, int], ...]) -> Survey | PublishedTable | Warehouse:
    return read_data(data)


def _origin(data: Provenance, claims: Iterable[Claim]) -> Provenance:
    """Of the whole ledger: the claims in one line, as each stands with its source in its card, and the data."""
    number = len(list(claims))
    files = tr("{n} claims of data/claims/claims.yml, each with its source in its card")
    line = Provenance("published", files.filled(n=number))
    return Provenance.merge([line, replace(data, steps=())])


def _on_own_source(claim: Claim, settings: Settings) -> Verdict | None:
    """The verdict on the rows or table a claim was made from; None where it names none, or they are not here."""
    own = claim.test.get("own")
    if not own:
        return None
    try:
        evidence = _own_source(own["data"])
        again = figures_again(own, evidence, settings)
    except LoyaltyLabError:
        return None
    rule = figures_decided(claim, again)
    first = next(iter(again.values()))
    figures = tuple((name, float(one.estimate)) for name, one in again.items())
    return Verdict(
        claim, rule, evidence.provenance, tr("its own figures"), float(first.estimate),
        float(first.conf_low), float(first.conf_high), next(iter(claim.figures.values())), n=float(round(first.n)),
        n_compared=len(again), again=figures, own=True, data=own["data"], measure=first.measure, conf_level=settings.conf_level,
    )  # fmt: skip


def _on_data(claim: Claim, evidence: Evidence, settings: Settings, name: str) -> Verdict:
    """The verdict on the data a claim is held against."""
    test, nothing = claim.test.get("other"), dict.fromkeys(LANGUAGES, "")
    if not test:
        lacking, rule = claim.needs, "other_data"
        if claim.kind == "definition" or (claim.kind == "list" and not _unsourced(claim)):
            rule = "no_finding"
        elif _unsourced(claim):
            rule = "no_source"
        return Verdict(claim, rule, claim.provenance, nothing, lacking=tuple(lacking.items()), data=name)
    if not evidence.provenance.is_evidence:
        rule = "no_source" if _unsourced(claim) else evidence.provenance.tier
        return Verdict(claim, rule, evidence.provenance, nothing, lacking=tuple(claim.needs.items()), data=name)
    try:
        found = computed(test.get("by", claim.kind), test, evidence, settings)
    except NotAsked as error:
        rule = "no_source" if _unsourced(claim) else "not_asked"
        return Verdict(claim, rule, claim.provenance, nothing, lacking=tuple(error.texts.items()), data=name)
    except LoyaltyLabError as error:  # answers of a kind the test cannot take: said, so that the other claims go on
        lacking = NotAsked("usable", str(error)).texts
        return Verdict(claim, "not_asked", claim.provenance, nothing, lacking=tuple(lacking.items()), data=name)
    rule, one, p_value, allowed = decided(test, claim, found, settings.region)
    expect = test.get("expect", "more")
    compared = (
        claim.figures[expect.split()[-1]] if expect.startswith("figure ") else 0.0 if expect == "alike" else one.null
    )
    return Verdict(
        claim, rule, one.provenance, found.wording(one), float(one.estimate), float(one.conf_low), float(one.conf_high),
        float(compared), allowed, settings.region, p_value, float(round(one.n)), len(found.found), data=name, measure=one.measure, conf_level=one.conf_level,
        lacking=tuple(found.lacking.items()), contains=contained(evidence, found.parts), stands_in=_stands_in(claim, evidence, found),
        cuts=at_other_cuts(test, claim, found, settings.region),
    )  # fmt: skip


def _stands_in(claim: Claim, evidence: Evidence, found: Computed) -> bool:
    """Whether blocks of the codebook stand for what the source of the claim divided otherwise, or did not say how."""
    source = claim.test["other"].get("blocks", "")
    blocks = set(found.parts) & set(evidence.codebook.block_labels)
    return bool(blocks) and not (source and sorted_as(source, evidence))


def _unsourced(claim: Claim) -> bool:
    """Whether trust is D or F and no work is named that could be opened."""
    return claim.grade in ("D", "F") and not claim.references
