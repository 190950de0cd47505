"""Sections that reports have in the same words (`texts/shared.*.md`): what blocks contain, what is claimed, who answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..claims import Claim, comparisons, hold_against
from ..codebook import flatten
from ..contrasts import Heterogeneity
from ..core import RULES, rule
from ..drivers import Importance, few, importance, two_blocks
from ..exhibits import Exhibit, Sketch, table_claims
from ..models import scales_apart
from ..survey import PublishedTable, Survey, Warehouse, block_contents, calibration_table, outcome_of


class Writer(Protocol):
    """What a section needs of the report it is written into."""

    language: str
    name: str

    def say(self, block: str, **fields: Any) -> None:
        """A block of the texts."""

    def show(self, *exhibits: Exhibit | Sketch, words: str = "", **fields: Any) -> None:
        """Figures and tables."""


def say_contents(
    report: Writer,
    evidence: Survey | PublishedTable | Warehouse,
    blocks: Mapping[str, Iterable[str]],
    result: Importance | None,
    table: Sketch | None,
    seed: int,
) -> None:
    """What each compared block contains, in words; drivers that work against the outcome; scales that may be one."""
    contents = block_contents(evidence, blocks)
    table = table or contents.table("tbl-blocks", importance=result)
    report.say("contents", contents=contents, few=few(flatten(contents.blocks)), id=table.id)
    report.show(table)
    if result is not None and result.against:
        report.say("contents_against", result=result)
    pairs = scales_apart(evidence, seed=seed)
    if pairs is not None and (blurred := pairs.blurred(contents.blocks)):
        block_of = {name: block for block, members in contents.blocks.items() for name in members}
        report.say("contents_blurred", pairs=pairs, blurred=blurred[0], block_of=block_of)


def say_claims(
    report: Writer,
    claims: Sequence[Claim],
    evidence: Survey | PublishedTable | Warehouse | None,
    n_draws: int,
    seed: int,
) -> None:
    """What is claimed, by whom, and how far to trust it; evidence against it stands in the same table.

    Of a claim whose card sends its reader to this report, what the ledger says of it on these data stands there too.
    """
    mine = {claim.name: claim for claim in claims if claim.report == report.name and "other" in claim.test}
    asked = evidence is not None and evidence.provenance.is_evidence and mine
    held = hold_against(evidence, mine, n_draws=n_draws, seed=seed).on_data if asked else ()
    report.say("claims", held=bool(held))
    report.show(table_claims(claims, held, id="tbl-claims"))


def say_compared(
    report: Writer,
    block: str,
    claims: Sequence[Claim],
    evidence: Survey | PublishedTable | Warehouse | None,
    n_draws: int,
    seed: int,
) -> None:
    """What the tests of claims compare in these data, in a figure; nothing where the data lack all they need."""
    if not isinstance(evidence, Survey | PublishedTable):
        return
    compared = comparisons(evidence, claims, n_draws=n_draws, seed=seed)
    if compared.found:
        report.say(block, found=compared.found)
        report.show(compared.plot(f"fig-{block}"))


def say_respondents(
    report: Writer, evidence: Survey | PublishedTable, names: Iterable[str], labels: Mapping[str, str]
) -> None:
    """Who answered, how many are used for `names` and who is left out; that nobody did where that is so."""
    names = list(names)
    if isinstance(evidence, PublishedTable):
        report.say("respondents_table", described=evidence.everything.describe())
        return
    if isinstance(evidence, Warehouse):
        report.say("respondents_database", described=evidence.moments(names).describe(), unit=evidence.unit)
        return
    sample = evidence.sample(names)
    report.say("respondents", sample=sample)
    if evidence.missing == "imputed":
        report.say("respondents_imputed", sample=sample)
    if evidence.provenance.tier == "synthetic":
        _say_synthetic(report, evidence)
    elif not evidence.provenance.is_evidence:
        report.say("respondents_unstated")
    report.show(sample.flow().table("tbl-flow", labels=labels), sample=sample)
    report.show(sample.table("tbl-sample", labels=labels))
    composition = evidence.composition(names)
    if not composition.tidy().empty:
        report.show(composition.table("tbl-composition", labels=labels))


def _say_synthetic(report: Writer, survey: Survey) -> None:
    report.say("respondents_simulated")
    whole = not any(step.startswith(("only ", "excluded ")) for step in survey.provenance.steps)
    if survey.codebook.name == "loyalty" and whole:
        report.say("respondents_calibrated", calibration=calibration_table(survey, language=report.language))


def say_other_difference(
    report: Writer,
    evidence: Survey | PublishedTable | Warehouse,
    outcome: str,
    blocks: Mapping[str, Iterable[str]],
    n_draws: int,
    seed: int,
) -> None:
    """The difference that the report on drivers gives of the same data, where these are other blocks or another outcome."""
    there, theirs = outcome_of(evidence), evidence.codebook.blocks()
    same = there == outcome and sorted(map(sorted, theirs.values())) == sorted(map(sorted, blocks.values()))
    if len(theirs) > 1 and not same:
        pair = two_blocks(theirs)
        found = importance(evidence, there, theirs, n_draws=n_draws, seed=seed).contrast(*pair)
        report.say("other_difference", there=there, pair=pair, of_drivers=found, outcome=outcome)


def say_division(report: Writer, result: Importance) -> None:
    """Of more drivers than every draw can be divided over exactly: how it was done instead; of few respondents a warning."""
    if result.draw_estimates is not None and result.n_effective < RULES["steady_shares"][0]:
        report.say("few_for_shares", result=result, enough=rule("steady_shares"))
    if result.n_orders:
        report.say("division", result=result)


def say_many_groups(report: Writer, result: Heterogeneity, id: str, labels: Mapping[str, str], unit: str) -> None:
    """Of more groups than a figure names: how to read their ends, and all of them as points; of fewer nothing."""
    if result.many:
        report.say("many_groups", result=result, id=id)
        drawn = result.plot(id, kind="funnel", labels=labels, unit=unit)
        report.show(drawn, words="many_groups", result=result)
