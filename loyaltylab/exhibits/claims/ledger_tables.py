"""Tables of the ledger: a card for each claim, the estimates, the rules, the checks without data, and our own findings."""

from __future__ import annotations

from typing import Any

from ...claims import CHECKS_WITHOUT_DATA, VERDICT_RULES, VERDICTS, Consistency, Ledger, holm
from ...core import TIERS, DataError, Provenance, format_number, tr
from ..exhibit import Exhibit
from ..sketch import draws
from .claims import graded, reported, why
from .verdict_words import SYMBOLS, WORDS, command_of, fine, grades_of, numbers_of, spec_of, verdict_text

__all__ = ["table_again", "table_consistency", "table_ledger", "table_recorded", "table_rules", "table_verdicts"]


@draws(Ledger, default=True)
def table_ledger(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """A card for each claim: what it says, whose it is and how far to trust it, the verdict and the run that backs it."""
    import pandas as pd

    numbers = numbers_of(ledger)
    rows: list[dict[str, Any]] = []
    for first in ledger.main:
        claim, verdicts = first.claim, ledger.of(first.claim.name)
        said = [verdict_text(verdicts[0], language)]
        said += [tr("Held against these data: ")[language] + verdict_text(one, language) for one in verdicts[1:]]
        if claim.report:
            said.append(tr("Report: {command}")[language].format(command=command_of(first)))
        elif claim.untested:
            said.append(claim.untested[language])
        rows.append(
            {
                "rank": numbers[claim.name],
                "term": claim.name,
                "statement": (tr("Against the articles: ")[language] if claim.counter else "")
                + claim.statement[language],
                "figures": reported(claim, language) if claim.figures else "",
                "source": claim.source[language].split("; article")[0].split("; artikel")[0],
                "trust": tr("Trust")[language],
                "grade": claim.grade,
                "graded": graded(claim, language),
                "reason": why(claim, language),
                "verdict": first.verdict,
                "found": " ".join(said),
            }
        )
    data = pd.DataFrame(rows)
    data["figures"] = [f" ({text})" if text else "" for text in data["figures"]]
    columns = {
        "statement": "{rank:d}. {statement}{figures}",
        "source": "{source}. {trust} {graded}: {reason}",
        "found": "{found}",
    }
    alt = " ".join(f"{row.rank}. {row.statement} {row.grade}. {row.found}" for row in data.itertuples())
    headings = {name: WORDS[name][language] for name in columns}
    text = caption or f"{tr('Trust')[language]}: {grades_of(ledger, language)}."
    return Exhibit(id, title, text, alt, data, ledger.provenance, language, columns=columns, headings=headings)


@draws(Ledger)
def table_verdicts(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """What was computed on the data the claims are held against, with p-values before and after Holm's correction.

    Raises
    ------
    DataError
        Where no claim could be tested.
    """
    import pandas as pd

    numbers, tested = numbers_of(ledger), ledger.tested
    if not tested:
        raise DataError("no claim could be tested on these data, so there is no estimate to show.")
    corrected = holm([one.p_value for one in tested])
    rows = []
    for one, after in zip(tested, corrected, strict=True):
        spec = spec_of(one.measure)
        ends = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
        row = {"rank": numbers[one.claim.name], "term": one.claim.name, "what": one.what[language]}
        row |= {"found": f"{ends[0]} [{ends[1]}; {ends[2]}]", "compared": format_number(one.compared, spec, language)}
        row |= {"n": one.n, "p": _p(one.p_value, language), "holm": _p(after, language)}
        row |= {"verdict": f"{SYMBOLS[one.verdict][0]} {VERDICTS[one.verdict][language]}", "estimate": one.estimate}
        rows.append(row | {"conf_low": one.conf_low, "conf_high": one.conf_high, "p_value": one.p_value, "p_value_holm": after})  # fmt: skip
    data = pd.DataFrame(rows)
    columns = {"what": "{rank:d}. {what}", "estimate": "{found}", "p": "{p}", "holm": "{holm}", "verdict": "{verdict}"}
    headings = {name: WORDS[name][language] for name in columns}
    alt = " ".join(f"{row.rank}. {row.what}: {row.found}, p {row.p}, {row.verdict}." for row in data.itertuples())
    origin = Provenance.merge([one.provenance for one in tested])
    text = (
        caption
        or tr(
            "p is two-sided, of what the estimate is held against; p (Holm) is corrected for all claims tested on these data. Intervals of several comparisons are wide enough for all of them."
        )[language]
    )
    return Exhibit(id, title, text, alt, data, origin, language, columns=columns, headings=headings)


def _p(value: float, language: str) -> str:
    return "<" + format_number(0.001, ".3f", language) if value < 0.0005 else format_number(value, ".3f", language)


@draws(Ledger)
def table_rules(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """Every verdict and the rules that give it, in words, with a reference and how many claims each decided."""
    import pandas as pd

    data = pd.DataFrame(
        [
            {"verdict": f"{SYMBOLS[rule.verdict][0]} {VERDICTS[rule.verdict][language]}", "rule": rule.text[language],
             "source": rule.source, "n_claims": sum(one.rule == key for one in ledger.main)}
            for key, rule in VERDICT_RULES.items()
        ]
    )  # fmt: skip
    data["what"] = [f"{rule} {f'({source})' if source else ''}".strip() for rule, source in zip(data["rule"], data["source"], strict=True)]  # fmt: skip
    columns = {"verdict": "{verdict}", "rule": "{what}", "n_claims": "{n_claims:d}"}
    headings = {"verdict": tr("Verdict")[language], "rule": tr("Rule")[language], "n_claims": tr("Claims")[language]}
    alt = " ".join(f"{row.verdict}: {row.rule}" for row in data.itertuples())
    text = caption or tr("What each verdict means, the rule that gives it, and how often it did here.")[language]
    return Exhibit(id, title, text, alt, data, ledger.provenance, language, columns=columns, headings=headings)


@draws(Consistency)
def table_consistency(result: Consistency, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """The checks that need no data: the question, and what the figures say."""
    from ...claims import read_claims

    data = result.tidy()
    places = {name: i for i, name in enumerate(read_claims(), start=1)}
    answers = []
    for _, row in data.iterrows():
        template = CHECKS_WITHOUT_DATA[row["term"]][3][language]
        answers.append(_filled(template, row.to_dict(), language))
    data["rank"] = [places[name] for name in data["claim"]]
    data["question"] = [CHECKS_WITHOUT_DATA[name][2][language] for name in data["term"]]
    data["answer"], data["outcome"] = answers, [WORDS[verdict][language] for verdict in data["verdict"]]
    columns = {"question": "{rank:d}. {question}", "answer": "{answer}", "verdict": "{outcome}"}
    headings = {name: WORDS[name][language] for name in columns}
    alt = " ".join(f"{row.question} {row.answer}" for row in data.itertuples())
    text = caption or tr("No data are needed: the figures of a claim are held against each other.")[language]
    return Exhibit(id, title, text, alt, data, result.provenance, language, columns=columns, headings=headings)


def _filled(template: str, values: dict[str, Any], language: str) -> str:
    """A text with its numbers as a reader of the language writes them."""
    import string

    parts = []
    for literal, name, spec, _ in string.Formatter().parse(template):
        parts.append(literal + (format_number(values[name], spec or "g", language) if name else ""))
    return "".join(parts)


@draws(Ledger)
def table_recorded(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """Findings of our own reports, each with the run and the exhibits that support it.

    Raises
    ------
    DataError
        Where no run has recorded a finding.
    """
    import pandas as pd

    if not ledger.findings:
        raise DataError(
            "no finding of a report is in this ledger; name runs, or make one with: loyaltylab run drivers."
        )
    data = pd.DataFrame(
        [
            {"term": one.id, "finding": one.text, "run": one.run, "exhibit": ", ".join(one.exhibits), "tier": TIERS[one.tier][language]}
            for one in ledger.findings
        ]
    )  # fmt: skip
    columns = {"finding": "{finding}", "support": "{run} {exhibit}", "tier": "{tier}"}
    headings = {name: WORDS[name][language] for name in columns}
    alt = " ".join(f"{row.finding} ({row.run})" for row in data.itertuples())
    text = (
        caption
        or tr(
            "What our own reports found, each with the run and the exhibits that support it. Findings on simulated respondents are not listed."
        )[language]
    )
    return Exhibit(id, title, text, alt, data, ledger.provenance, language, columns=columns, headings=headings)


@draws(Ledger)
def table_again(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """Reported figures beside the same figures computed again from the claim's own rows or table.

    Raises
    ------
    DataError
        Where no claim has its own source at hand.
    """
    import pandas as pd

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
                {"rank": numbers[one.claim.name], "term": one.claim.name, "figure": one.claim.labels[name][language],
                 "reported": format_number(figure, spec, language), "again": format_number(value, spec, language),
                 "estimate": value, "n": one.n, "data": one.data, "verdict": VERDICTS[one.verdict][language]}
            )  # fmt: skip
    data = pd.DataFrame(rows)
    columns = {
        "figure": "{rank:d}. {figure}",
        "reported": "{reported}",
        "again": "{again}",
        "n": "{n:,.0f}",
        "data": "{data}",
    }
    headings = {name: WORDS[name][language] for name in ("figure", "reported", "again", "data")}
    alt = "; ".join(f"{row.rank}. {row.figure}: {row.reported}, {row.again}" for row in data.itertuples()) + "."
    origin = Provenance.merge([one.provenance for one in own])
    text = (
        caption
        or tr(
            "The reported figures, and the same figures computed again from the rows or the table they were made from, with as many digits as were printed."
        )[language]
    )
    return Exhibit(id, title, text, alt, data, origin, language, columns=columns, headings=headings)
