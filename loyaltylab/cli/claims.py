"""The command claims: every claim with its verdict, and one of them as a card."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core import check_known, tr
from .terminal import console, say

if TYPE_CHECKING:
    from ..claims import Ledger, Recorded, Verdict

claims = typer.Typer(
    invoke_without_command=True, rich_markup_mode=None, help="May I cite that? Claims held against data, with verdicts."
)
Data = Annotated[str, typer.Option("--data", "-d", help="Answers, rows known by name, or a published table.")]
Codebook = Annotated[str, typer.Option("--codebook", "-c", help="Its codebook.")]
Language = Annotated[str, typer.Option("--language", help="en or nl.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program to read.")]
Folder = Annotated[str, typer.Option("--reports-folder", help="Where the reports are.")]
Draws = Annotated[int, typer.Option("--draws", help="Draws behind each interval.")]


@claims.callback()
def all_claims(
    context: typer.Context,
    data: Data = "corp_rep",
    codebook: Codebook = "",
    article: Annotated[str, typer.Option("--article", help="emotions, consumer, engagement, metrics or bonds.")] = "",
    findings: Annotated[bool, typer.Option("--findings", help="Also what our own reports found.")] = False,
    reports: Folder = "",
    draws: Draws = 2000,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Every claim, held against one data set: its verdict, with the estimate and the rule that gave it."""
    if context.invoked_subcommand:
        return
    ledger = _ledger(data, codebook, draws, language).only(article)
    if findings:
        from ..reports import recorded_findings

        ledger = ledger.with_findings(
            one for one in recorded_findings(folder=reports or None) if one.language == language
        )
    if as_json:
        _echo_json({"data": data, "claims": [_as_dict(one, language) for one in ledger.verdicts],
                    "findings": [_finding(one) for one in ledger.findings], **_counts(ledger)})  # fmt: skip
        return
    _show(ledger, language)


@claims.command()
def show(
    claim: Annotated[str, typer.Argument(help="A claim by its name, as `loyaltylab claims` lists them.")],
    data: Data = "corp_rep",
    codebook: Codebook = "",
    reports: Folder = "",
    draws: Draws = 2000,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """One claim as a card: what it says, whose it is, how far to trust it, the verdict and the run that backs it."""
    from ..claims import read_claim

    found = {claim: read_claim(claim)}
    ledger = _ledger(data, codebook, draws, language, found)
    from ..reports import backing

    backed = [backing(one, folder=reports or None) for one in ledger.verdicts]
    if as_json:
        rows = [
            _as_dict(one, language) | {"backed_by": runs} for one, runs in zip(ledger.verdicts, backed, strict=True)
        ]
        _echo_json({"data": data, "claims": rows})
        return
    _show_card(ledger, claim, list(dict.fromkeys(run for runs in backed for run in runs)), language)


def _ledger(data: str, codebook: str, draws: int, language: str, chosen: Any = None) -> Ledger:
    from ..claims import hold_against
    from ..codebook import LANGUAGES
    from ..survey import read_data

    check_known("language", language, LANGUAGES)
    return hold_against(read_data(data, codebook), chosen, name=data, n_draws=draws)


def _counts(ledger: Ledger) -> dict[str, Any]:
    return {name: value for name, value in ledger.glance().iloc[0].to_dict().items()}


def _as_dict(one: Verdict, language: str) -> dict[str, Any]:
    """A verdict as plain values; what was not computed is absent."""
    from ..claims import VERDICT_RULES
    from ..exhibits import command_of

    row = {key: value for key, value in one.tidy().iloc[0].to_dict().items() if value == value}
    row |= {"statement": one.claim.statement[language], "source": one.claim.source[language]}
    row |= {"why": VERDICT_RULES[one.rule].text[language], "own_source": one.own, "reported": one.claim.figures}
    row |= {"computed_again": dict(one.again)} if one.again else {}
    row |= {"what": one.what[language]} if one.is_computed and not one.own else {}
    row |= {"contains": one.contains[language], "stands_in": one.stands_in} if one.contains else {}
    row |= {"magnitude": one.magnitude, "region": one.region} if one.magnitude else {}
    row |= {"lacking": dict(one.lacking)[language]} if one.lacking else {}
    return row | ({"run": command_of(one)} if one.claim.report else {})


def _finding(one: Recorded) -> dict[str, Any]:
    from dataclasses import asdict

    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(one).items()}


def _echo_json(content: dict[str, Any]) -> None:
    import json

    say(json.dumps(content, indent=2, ensure_ascii=False, default=float))


_LOOKS = {"recomputed": "bold blue", "differs": "bold magenta", "consistent": "cyan", "contradicted": "bold red",
          "undecided": "yellow", "not testable with this data": "dim", "source not found": "bold"}  # fmt: skip


def _show(ledger: Ledger, language: str) -> None:
    """Each claim in its own words with its verdict, name and trust, and how many there are of each verdict."""
    from rich.padding import Padding
    from rich.text import Text

    from ..claims import VERDICTS
    from ..core import format_number
    from ..exhibits import SYMBOLS, estimate_text

    out = console()
    out.print(
        Text(tr("{n} claims, held against {data}")[language].format(n=len(ledger.main), data=ledger.evidence), "bold")
    )
    for one in ledger.verdicts:
        about = estimate_text(one, language) + (f" ({tr('its own source')[language]})" if one.own else "")
        verdict = Text(f"{SYMBOLS[one.verdict][0]} {VERDICTS[one.verdict][language]}", _LOOKS[one.verdict])
        out.print(Text(one.claim.statement[language]))
        line = Text.assemble(verdict, f" {about}" if about else "", (f"  [{one.claim.name}, {one.claim.grade}]", "dim"))
        out.print(Padding(line, (0, 0, 0, 2), expand=False))
    out.print()
    for verdict, words in VERDICTS.items():
        number = ledger.count(verdict).value
        if number:
            out.print(f"{SYMBOLS[verdict][0]} {number:>3} {words[language]}")
    whole = _counts(ledger)
    many = tr(
        "{tested} tested on these data; {decided} are decided, {holm} after Holm's correction. Were there no difference anywhere, chance would decide about {chance}."
    )[language].format(
        tested=int(whole["n_tested"]), chance=format_number(whole["n_by_chance"], ".1f", language),
        decided=int(whole["n_decided"]), holm=int(whole["n_after_holm"]),
    )  # fmt: skip
    out.print(many)
    for k, one in enumerate(ledger.findings):
        if not k:
            found = tr(
                "What our own reports found ({left} on simulated respondents and {unstated} without a stated source left out)"
            )[language].format(left=ledger.n_synthetic, unstated=ledger.n_unstated)
            out.print(Text(f"\n{found}", "bold"))
        out.print(Text(f"{one.text} [{one.run}; {', '.join(one.exhibits)}; {one.tier}]"))
    out.print(tr("One of them: loyaltylab claims show emotions_index. The report: loyaltylab run claims.")[language])


def _show_card(ledger: Ledger, name: str, backed: list[str], language: str) -> None:
    """One claim in a few lines."""
    from rich.text import Text

    from ..claims import GRADES, VERDICT_RULES
    from ..exhibits import command_of, graded, reported, verdict_text, why

    out = console()
    verdicts = ledger.of(name)
    claim = verdicts[0].claim
    out.print(Text(name, "bold"), Text(claim.statement[language]))
    if claim.figures:
        out.print(Text(reported(claim, language)))
    out.print(Text(claim.source[language], "italic"))
    out.print(
        Text(
            f"{tr('Trust')[language]} {graded(claim, language)}: {GRADES[claim.grade][language]}. {why(claim, language)}"
        )
    )
    for one in verdicts:
        out.print()
        out.print(Text(verdict_text(one, language, why=False), _LOOKS[one.verdict]))
        rule = VERDICT_RULES[one.rule]
        source = f" ({rule.source})" if rule.source else ""
        out.print(Text(f"{tr('Rule')[language]} {one.rule}: {rule.text[language]}{source}"))
    out.print()
    if claim.report:
        out.print(Text(f"{tr('Report')[language]}: {command_of(verdicts[0])}"))
    elif claim.untested:
        out.print(Text(claim.untested[language]))
    again = "loyaltylab run claims" + (
        f" -p {shlex.quote(f'data={ledger.evidence}')}" if ledger.evidence != "corp_rep" else ""
    )
    none = tr("no run yet on these data; make one with: {command}")[language].format(command=again)
    out.print(Text(f"{tr('To open:')[language]} {'; '.join(backed) or none}"))
