"""Tables of the ledger: a card for each claim, the estimates, the rules, the checks without data, and our own findings."""

from __future__ import annotations

from typing import Any

from ...claims import CHECKS_WITHOUT_DATA, VERDICT_RULES, VERDICTS, Consistency, Ledger, holm
from ...core import TIERS, DataError, Provenance, pd
from ..exhibit import Exhibit, Printer
from ..sketch import draws
from .claims import graded, reported, why
from .verdict_words import (
    PHRASES,
    command_of,
    fine,
    grades_of,
    numbers_of,
    spec_of,
    verdict_name,
    verdict_text,
)


@draws(Ledger, default=True)
def table_ledger(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """A card for each claim: what it says, whose it is and how far to trust it, the verdict and the run that backs it."""
    numbers = numbers_of(ledger)
    rows: list[dict[str, Any]] = []
    for first in ledger.main:
        claim, verdicts = first.claim, ledger.of(first.claim.name)
        sentences = [verdict_text(verdicts[0], printer.language)]
        sentences += [
            printer.tr("Held against these data: ") + verdict_text(one, printer.language) for one in verdicts[1:]
        ]
        if claim.report:
            sentences.append(printer.tr("Report: {command}", command=command_of(first)))
        elif claim.untested:
            sentences.append(printer.text(claim.untested))
        rows.append(
            {
                "rank": numbers[claim.name],
                "term": claim.name,
                "statement": (printer.tr("Against the articles: ") if claim.counter else "")
                + printer.text(claim.statement),
                "figures": reported(claim, printer.language) if claim.figures else "",
                "source": printer.text(claim.source).split("; article")[0].split("; artikel")[0],
                "trust": printer.tr("Trust"),
                "grade": claim.grade,
                "graded": graded(claim, printer.language),
                "reason": why(claim, printer.language),
                "verdict": first.verdict,
                "found": " ".join(sentences),
            }
        )
    data = pd.DataFrame(rows)
    data["figures"] = [f" ({text})" if text else "" for text in data["figures"]]
    columns = {
        "statement": "{rank:d}. {statement}{figures}",
        "source": "{source}. {trust} {graded}: {reason}",
        "found": "{found}",
    }
    data["said"] = [verdict_name(verdict, printer.language) for verdict in data["verdict"]]
    brief = {"graded": "{rank:d}. {statement} ({grade})", "found": "{said}"}
    alt = " ".join(f"{row.rank}. {row.statement} {row.grade}. {row.found}" for row in data.itertuples())
    headings = {name: printer.text(PHRASES[name]) for name in columns} | {
        "graded": printer.tr("What is claimed (trust)")
    }
    text = f"{printer.tr('Trust')}: {grades_of(ledger, printer.language)}."
    return printer.table(data, ledger.provenance, columns, headings, caption=text, alt=alt, brief=brief)


@draws(Ledger)
def table_verdicts(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """What was computed on the data the claims are held against, with p-values before and after Holm's correction.

    Raises
    ------
    DataError
        Where no claim could be tested.
    """
    numbers, tested = numbers_of(ledger), ledger.tested
    if not tested:
        raise DataError("no claim could be tested on these data, so there is no estimate to show.")
    corrected = holm([one.p_value for one in tested])
    rows = []
    for one, after in zip(tested, corrected, strict=True):
        spec = spec_of(one.measure)
        ends = [printer.number(value, spec) for value in (one.estimate, one.conf_low, one.conf_high)]
        row = {"rank": numbers[one.claim.name], "term": one.claim.name, "what": printer.text(one.what)}
        row |= {"found": f"{ends[0]} [{ends[1]}; {ends[2]}]", "compared": printer.number(one.compared, spec)}
        row |= {"n": one.n, "p": _p(one.p_value, printer), "holm": _p(after, printer)}
        row |= {"verdict": verdict_name(one.verdict, printer.language), "estimate": one.estimate}
        rows.append(row | {"conf_low": one.conf_low, "conf_high": one.conf_high, "p_value": one.p_value, "p_value_holm": after})  # fmt: skip
    data = pd.DataFrame(rows)
    columns = {"what": "{rank:d}. {what}", "estimate": "{found}", "p": "{p}", "holm": "{holm}", "verdict": "{verdict}"}
    headings = {name: printer.text(PHRASES[name]) for name in columns}
    alt = " ".join(f"{row.rank}. {row.what}: {row.found}, p {row.p}, {row.verdict}." for row in data.itertuples())
    origin = Provenance.merge([one.provenance for one in tested])
    text = printer.tr(
        "p is two-sided, of what the estimate is held against; p (Holm) is corrected for all claims tested on these data. Intervals of several comparisons are wide enough for all of them."
    )
    return printer.table(data, origin, columns, headings, caption=text, alt=alt)


def _p(value: float, printer: Printer) -> str:
    return "<" + printer.number(0.001, ".3f") if value < 0.0005 else printer.number(value, ".3f")


@draws(Ledger)
def table_rules(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """Every verdict and the rules that give it, in words, with a reference and how many claims each decided."""
    data = pd.DataFrame(
        [
            {"verdict": verdict_name(rule.verdict, printer.language), "rule": printer.text(rule.text),
             "source": rule.source, "n_claims": sum(one.rule == key for one in ledger.main)}
            for key, rule in VERDICT_RULES.items()
        ]
    )  # fmt: skip
    data["what"] = [f"{rule} {f'({source})' if source else ''}".strip() for rule, source in zip(data["rule"], data["source"], strict=True)]  # fmt: skip
    columns = {"verdict": "{verdict}", "rule": "{what}", "n_claims": "{n_claims:d}"}
    headings = {"verdict": printer.tr("Verdict"), "rule": printer.tr("Rule"), "n_claims": printer.tr("Claims")}
    alt = " ".join(f"{row.verdict}: {row.rule}" for row in data.itertuples())
    text = printer.tr("What each verdict means, the rule that gives it, and how often it did here.")
    return printer.table(data, ledger.provenance, columns, headings, caption=text, alt=alt, brief={})


@draws(Consistency)
def table_consistency(result: Consistency, *, printer: Printer) -> Exhibit:
    """The checks that need no data: the question, and what the figures say."""
    from ...claims import read_claims

    data = result.tidy()
    places = {name: i for i, name in enumerate(read_claims(), start=1)}
    answers = []
    for _, row in data.iterrows():
        template = printer.text(CHECKS_WITHOUT_DATA[row["term"]][3])
        answers.append(_filled(template, row.to_dict(), printer))
    data["rank"] = [places[name] for name in data["claim"]]
    data["question"] = [printer.text(CHECKS_WITHOUT_DATA[name][2]) for name in data["term"]]
    data["answer"], data["outcome"] = answers, [printer.text(PHRASES[verdict]) for verdict in data["verdict"]]
    columns = {"question": "{rank:d}. {question}", "answer": "{answer}", "verdict": "{outcome}"}
    headings = {name: printer.text(PHRASES[name]) for name in columns}
    alt = " ".join(f"{row.question} {row.answer}" for row in data.itertuples())
    text = printer.tr("No data are needed: the figures of a claim are held against each other.")
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=alt)


def _filled(template: str, values: dict[str, Any], printer: Printer) -> str:
    """A text with its numbers as a reader of the language writes them."""
    import string

    parts = []
    for literal, name, spec, _ in string.Formatter().parse(template):
        parts.append(literal + (printer.number(values[name], spec or "g") if name else ""))
    return "".join(parts)


@draws(Ledger)
def table_recorded(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """Findings of our own reports, each with the run and the exhibits that support it.

    Raises
    ------
    DataError
        Where no run has recorded a finding.
    """
    if not ledger.findings:
        raise DataError(
            "no finding of a report is in this ledger; name runs, or make one with: loyaltylab run drivers."
        )
    data = pd.DataFrame(
        [
            {"term": one.id, "finding": one.text, "run": one.run, "exhibit": ", ".join(one.exhibits), "tier": printer.text(TIERS[one.tier])}
            for one in ledger.findings
        ]
    )  # fmt: skip
    columns = {"finding": "{finding}", "support": "{run} {exhibit}", "tier": "{tier}"}
    headings = {name: printer.text(PHRASES[name]) for name in columns}
    alt = " ".join(f"{row.finding} ({row.run})" for row in data.itertuples())
    text = printer.tr(
        "What our own reports found, each with the run and the exhibits that support it. Findings on simulated respondents are not listed."
    )
    return printer.table(data, ledger.provenance, columns, headings, caption=text, alt=alt)


@draws(Ledger)
def table_again(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """Reported figures beside the same figures computed again from the claim's own rows or table.

    Raises
    ------
    DataError
        Where no claim has its own source at hand.
    """
    numbers = numbers_of(ledger)
    own = [one for one in ledger.verdicts if one.own]
    if not own:
        raise DataError("no claim here has its own source at hand, so there is nothing to compute again.")
    rows = []
    for one in own:
        for name, value in one.again:
            figure = one.claim.figures[name]
            spec = fine(figure, spec_of(one.measure))
            rows.append(
                {"rank": numbers[one.claim.name], "term": one.claim.name, "figure": printer.text(one.claim.labels[name]),
                 "reported": printer.number(figure, spec), "again": printer.number(value, spec),
                 "estimate": value, "n": one.n, "data": one.data, "verdict": printer.text(VERDICTS[one.verdict])}
            )  # fmt: skip
    data = pd.DataFrame(rows)
    columns = {
        "figure": "{rank:d}. {figure}",
        "reported": "{reported}",
        "again": "{again}",
        "n": "{n:,.0f}",
        "data": "{data}",
    }
    headings = {name: printer.text(PHRASES[name]) for name in ("figure", "reported", "again", "data")}
    alt = "; ".join(f"{row.rank}. {row.figure}: {row.reported}, {row.again}" for row in data.itertuples()) + "."
    origin = Provenance.merge([one.provenance for one in own])
    text = printer.tr(
        "The reported figures, and the same figures computed again from the rows or the table they were made from, with as many digits as were printed."
    )
    return printer.table(data, origin, columns, headings, caption=text, alt=alt)
