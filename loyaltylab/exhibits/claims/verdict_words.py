"""The words of a verdict: its symbol, its estimate with what it is held against, and the command that looks further."""

from __future__ import annotations

import re

import numpy as np

from ...claims import GRADES, VERDICT_RULES, VERDICTS, Ledger, Verdict, digits_of
from ...core import format_number
from ..style import INK

__all__ = [
    "SYMBOLS",
    "WORDS",
    "command_of",
    "estimate_text",
    "fine",
    "folded",
    "grades_of",
    "numbers_of",
    "spec_of",
    "verdict_text",
]

#: Symbol and colour of each verdict; the place in the figure says it too, so that it holds in greyscale.
SYMBOLS: dict[str, tuple[str, str, str]] = {
    "reproduced": ("=", "#1F4E79", "white"),
    "differs": ("≠", "#7A5195", "white"),
    "consistent": ("✓", "#6FA3D0", INK),
    "contradicted": ("✗", "#A63A2B", "white"),
    "undecided": ("~", "#EFC35A", INK),
    "not testable with this data": ("–", "#E4E4E4", INK),
    "source not found": ("?", "#4D4D4D", "white"),
}
WORDS = {
    "en": {
        "how": "A tile is a claim: its number in the tables below, and how far its source can be trusted ({grades}). Its column is the verdict. Where a claim’s own source was at hand, the verdict is about that; else about the data it is held against.",
        "held": "held against {value}",
        "several": "the weakest of {n} comparisons",
        "as": "as reported {value}",
        "lacks": "The data lack {what}.",
        "would": "What would test it: {what}",
        "run": "Report: {command}",
        "statement": "What is claimed",
        "source": "Source, and trust",
        "trust": "Trust",
        "found": "Verdict",
        "counter": "Against the articles: ",
        "also": "Held against these data: ",
        "n": "n = {n}",
        "forest": "Dot: estimate, with its interval; diamond: what it is held against (no difference, one half, or the reported figure). Numbers are those of the tables. Estimates in other units stand in the table only.",
        "r": "Correlation, or difference of correlations",
        "share": "Share",
        "rules": "What each verdict means, the rule that gives it, and how often it did here.",
        "checks": "No data are needed: the figures of a claim are held against each other.",
        "question": "Question", "answer": "What the figures say", "verdict": "Verdict",
        "holds": "holds", "fails": "fails", "unknown": "open",
        "p": "p", "holm": "p (Holm)", "estimate": "Estimate and interval", "what": "What was computed",
        "tested": "p is two-sided, of what the estimate is held against; p (Holm) is corrected for all claims tested on these data. Intervals of several comparisons are wide enough for all of them.",
        "figure": "Figure", "reported": "Reported", "again": "Computed again", "data": "From",
        "again_how": "The reported figures, and the same figures computed again from the rows or the table they were made from, with as many digits as were printed.",
        "recorded": "What our own reports found, each with the run and the exhibits that support it. Findings on simulated respondents are not listed.",
        "finding": "Finding", "support": "Run and exhibits", "tier": "Evidence",
        "rule": "Rule", "reference": "Reference", "count": "Claims",
    },
    "nl": {
        "how": "Een tegel is een bewering: haar nummer in de tabellen hieronder, en hoe ver haar bron te vertrouwen is ({grades}). De kolom is het oordeel. Waar de eigen bron van een bewering voorhanden was, gaat het oordeel daarover; anders over de gegevens waartegen zij is gehouden.",
        "held": "gehouden tegen {value}",
        "several": "de zwakste van {n} vergelijkingen",
        "as": "gemeld is {value}",
        "lacks": "De gegevens missen {what}.",
        "would": "Wat haar zou toetsen: {what}",
        "run": "Rapport: {command}",
        "statement": "Wat wordt beweerd",
        "source": "Bron en vertrouwen",
        "trust": "Vertrouwen",
        "found": "Oordeel",
        "counter": "Tegenover de artikelen: ",
        "also": "Tegen deze gegevens gehouden: ",
        "n": "n = {n}",
        "forest": "Stip: schatting met interval; ruit: waartegen zij is gehouden (geen verschil, de helft, of het gemelde cijfer). De nummers zijn die van de tabellen. Schattingen in andere eenheden staan alleen in de tabel.",
        "r": "Correlatie, of verschil van correlaties",
        "share": "Aandeel",
        "rules": "Wat elk oordeel betekent, welke regel het geeft, en hoe vaak dat hier gebeurde.",
        "checks": "Hier zijn geen gegevens voor nodig: de cijfers van een bewering worden tegen elkaar gehouden.",
        "question": "Vraag", "answer": "Wat de cijfers zeggen", "verdict": "Oordeel",
        "holds": "klopt", "fails": "klopt niet", "unknown": "open",
        "p": "p", "holm": "p (Holm)", "estimate": "Schatting en interval", "what": "Wat is berekend",
        "tested": "p is tweezijdig, van datgene waartegen de schatting is gehouden; p (Holm) is gecorrigeerd voor alle beweringen die op deze gegevens zijn getoetst. Intervallen van meer vergelijkingen zijn breed genoeg voor alle samen.",
        "figure": "Cijfer", "reported": "Gemeld", "again": "Nagerekend", "data": "Uit",
        "again_how": "De gemelde cijfers, en dezelfde cijfers opnieuw berekend uit de rijen of de tabel waaruit ze zijn gemaakt, met evenveel decimalen als er waren afgedrukt.",
        "recorded": "Wat onze eigen rapporten vonden, elk met de run en de figuren en tabellen die het dragen. Bevindingen over gesimuleerde respondenten staan er niet bij.",
        "finding": "Bevinding", "support": "Run, figuren en tabellen", "tier": "Bewijs",
        "rule": "Regel", "reference": "Literatuur", "count": "Beweringen",
    },
}  # fmt: skip


def numbers_of(ledger: Ledger) -> dict[str, int]:
    """Number of each claim: its place in the claims file."""
    from ...claims import read_claims

    places = {name: i for i, name in enumerate(read_claims(), start=1)}
    return {one.claim.name: places.get(one.claim.name, 0) for one in ledger.main}


def grades_of(ledger: Ledger, language: str) -> str:
    used = {one.claim.grade for one in ledger.main}
    return ", ".join(f"{grade} {text[language]}" for grade, text in GRADES.items() if grade in used)


def folded(text: str, letters: int = 16) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, letters))


def spec_of(measure: str) -> str:
    """Format of an estimate of this measure."""
    if "ratio" in measure:
        return ".1f"
    if measure in ("share", "proportion", "difference of proportions"):
        return ".0%"
    return ".3f" if measure.startswith("slope") or measure == "bend" else ".2f"


def _found(one: Verdict, language: str) -> str:
    """The estimate of a verdict, its interval and what it is held against."""
    words, spec = WORDS[language], spec_of(one.measure)
    if one.own:
        labels = one.claim.labels
        again = [
            f"{labels[name][language]} {format_number(value, fine(one.claim.figures[name], spec), language)} "
            f"({words['as'].format(value=format_number(one.claim.figures[name], fine(one.claim.figures[name], spec), language))})"
            for name, value in one.again
        ]
        return f"{'; '.join(again)}; {words['n'].format(n=format_number(one.n, ',.0f', language))}."
    numbers = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
    parts = [f"{one.what[language]} {numbers[0]} [{numbers[1]}; {numbers[2]}]"]
    if not np.isnan(one.compared):
        parts.append(words["held"].format(value=format_number(one.compared, spec, language)))
    if one.n_compared > 1 and one.measure.startswith(("difference of corr", "correlation")):
        parts.append(words["several"].format(n=one.n_compared))
    parts.append(words["n"].format(n=format_number(one.n, ",.0f", language)))
    return "; ".join(parts) + "."


def estimate_text(one: Verdict, language: str) -> str:
    """The estimate of a verdict with its interval, or what the data lack, for one line."""
    if one.is_computed:
        spec = spec_of(one.measure)
        ends = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
        return f"{ends[0]} [{ends[1]}; {ends[2]}]"
    return dict(one.lacking)[language] if one.rule == "not_asked" else ""


def fine(figure: float, spec: str) -> str:
    """The format of a figure with as many digits as it was printed with."""
    return f".{digits_of(figure) - 2}%" if spec == ".0%" else f".{digits_of(figure)}f"


def verdict_text(one: Verdict, language: str) -> str:
    """A verdict in words: its name, what it rests on or what is lacking."""
    words = WORDS[language]
    head = f"{SYMBOLS[one.verdict][0]} {VERDICTS[one.verdict][language]}."
    if one.is_computed:
        return f"{head} {_found(one, language)}"
    if one.rule == "no_finding":
        return f"{head} {VERDICT_RULES['no_finding'][language]}"
    lacking = dict(one.lacking)[language]
    needs = words["would"].format(what=one.claim.needs[language])
    if lacking == one.claim.needs[language]:
        return f"{head} {needs}"
    return f"{head} {words['lacks'].format(what=lacking)} {needs}"


def command_of(one: Verdict) -> str:
    """The command that runs the report a verdict can be looked at in."""
    data = one.data if one.is_computed else ""
    named = data and re.fullmatch(r"\w+", data)
    return f"loyaltylab run {one.claim.report}" + (f" -p data={data}" if named else "")
