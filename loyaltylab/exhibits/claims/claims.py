"""Claims as a table: what is stated, the figures as reported, their source and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...claims import GRADES, SEEN, Claim, Verdict, read_claims
from ...core import DataError, Provenance, format_number, pd, tr
from ..exhibit import Exhibit, Printer
from ..sketch import draws
from .verdict_words import verdict_name, verdict_text

_SPECS = {"correlation": ".2f", "share": ".0%", "ratio": "g", "points": "+.0f", "count": ",.0f", "money": ",.0f"}


@draws()
def table_claims(claims: Sequence[Claim], held: Sequence[Verdict] = (), *, printer: Printer) -> Exhibit:
    """Claims, each with its reported figures, its source, its grade and the reason for it; and its verdict, if one is `held`.

    Parameters
    ----------
    claims : sequence of Claim
        In the order of the rows.
    held : sequence of Verdict
        Of `hold_against`, for claims among these; where there is none, no column of verdicts.

    Raises
    ------
    DataError
        Where there is no claim to show.
    """
    if not claims:
        raise DataError("there is no claim to show; give one or more, as read_claim() makes.")
    verdicts = {one.claim.name: one for one in held}
    data = pd.DataFrame(
        {
            "statement": [
                (printer.tr("Against it: ") if c.counter else "") + printer.text(c.statement) for c in claims
            ],
            "figures": [reported(c, printer.language) for c in claims],
            "source": [printer.text(c.source) for c in claims],
            "grade": [c.grade for c in claims],
            "trust": [graded(c, printer.language) for c in claims],
            "reason": [why(c, printer.language) for c in claims],
        }
    )
    shown = dict.fromkeys(c.grade for c in claims)
    grades = "; ".join(f"{grade} {printer.text(text)}" for grade, text in GRADES.items() if grade in shown)
    if held:
        found = [verdicts.get(c.name) for c in claims]
        other = [printer.tr("see the report {report}", report=c.report) if "other" in c.test else "" for c in claims]
        texts = [(verdict_text(one, printer.language), verdict_name(one.verdict, printer.language)) if one else (where, where) for one, where in zip(found, other, strict=True)]  # fmt: skip
        data["found"], data["said"] = zip(*texts, strict=True)
        for name in ("estimate", "conf_low", "conf_high"):
            data[name] = [getattr(one, name) if one else float("nan") for one in found]
    columns = {name: f"{{{name}}}" for name in ("statement", "figures", "found", "source") if name in data}
    columns["grade"] = "{trust}. {reason}"
    brief = {**columns, "grade": "{trust}"} | ({"found": "{said}"} if held else {})
    alt = " ".join(
        f"{row.statement} {row.figures}. {getattr(row, 'found', '')} {printer.tr('Trust')} {row.trust}: {row.reason}"
        for row in data.itertuples()
    )
    headings = {
        "statement": printer.tr("What is claimed"),
        "figures": printer.tr("As reported"),
        "found": printer.tr("On these data"),
        "grade": printer.tr("Trust"),
    }
    origin = Provenance.merge([one.provenance for one in (*claims, *held)])
    named = {key: dict.fromkeys(text.split("; ")) for key, text in origin.source.items()}
    origin = replace(origin, source={key: "; ".join(parts) for key, parts in named.items()})
    text = printer.tr("In our own words; figures as they stand in the source. Trust: {grades}.", grades=grades)
    return printer.table(data, origin, columns, headings, caption=text, alt=alt, brief=brief)


def graded(claim: Claim, language: str) -> str:
    """The grade of a claim, and beside it how far the source itself was read.

    Parameters
    ----------
    claim : Claim
        As `read_claim` gives it.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        A letter, with words where the source was not seen.

    Examples
    --------
    >>> from loyaltylab import read_claim
    >>> claim = read_claim("thirty_seventy")
    >>> graded(claim, "en")
    'F'
    """
    return claim.grade + (f" ({SEEN[claim.seen][language]})" if claim.seen else "")


def why(claim: Claim, language: str) -> str:
    """The reason for the grade, and what the article changed against its source.

    Parameters
    ----------
    claim : Claim
        As `read_claim` gives it.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        One or more sentences.

    Examples
    --------
    >>> from loyaltylab import read_claim
    >>> claim = read_claim("thirty_seventy")
    >>> why(claim, "en").startswith(claim.reason["en"])
    True
    """
    changed = [tr("Changed by the article:")[language], claim.changed[language]] if claim.changed else []
    return " ".join([claim.reason[language], *changed])


def reported(claim: Claim, language: str) -> str:
    """The figures of a claim and its n, in words.

    Parameters
    ----------
    claim : Claim
        As `read_claim` gives it.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        "no figure" where none is printed.

    Examples
    --------
    >>> from loyaltylab import read_claim
    >>> claim = read_claim("thirty_seventy")
    >>> reported(claim, "en")
    'by reason 30%; by emotion 70%; n not given'
    """
    figures = [
        f"{claim.labels[key][language]} {format_number(value, _SPECS[claim.unit], language)}"
        for key, value in claim.figures.items()
    ]
    of_people = figures and claim.unit not in ("count", "money")
    size = (
        f"n = {format_number(claim.n, ',d', language)}" if claim.n else tr("n not given")[language] if of_people else ""
    )
    return "; ".join(filter(None, [*figures, size])) or tr("no figure")[language]


@draws()
def table_literature(claims: Sequence[Claim], *, printer: Printer) -> Exhibit:
    """The sources that claims name, in the order of a reference list, with the claims and grades that rest on each.

    Raises
    ------
    DataError
        Where no claim names a source.

    Examples
    --------
    >>> from loyaltylab import read_claim
    >>> claims = [read_claim(name) for name in ("jones_sasser", "functional_first", "thirty_seventy")]
    >>> table_literature(claims, id="tbl-literature", title="What the claims rest on").data["key"].tolist()
    ['carrascosa2021', 'jones1995']
    """
    sources = {source.key: source for claim in claims for source in claim.sources}
    if not sources:
        raise DataError("none of these claims names a source in the literature; give one that does.")
    places = {name: place for place, name in enumerate(read_claims(), start=1)}
    rows = []
    for key, source in sorted(sources.items(), key=lambda item: item[1].line().casefold()):
        behind = [claim for claim in claims if key in claim.references]
        rows.append(
            {
                "key": key,
                "reference": source.line(printer.language),
                "claims": ", ".join(str(places[claim.name]) for claim in behind),
                "grade": ", ".join(sorted({claim.grade for claim in behind})),
            }
        )
    data = pd.DataFrame(rows)
    columns = {name: f"{{{name}}}" for name in ("reference", "claims", "grade")}
    grades = "; ".join(
        f"{grade} {printer.text(text)}" for grade, text in GRADES.items() if grade in ", ".join(data["grade"])
    )
    named = sum(bool(claim.references) for claim in claims)
    text = printer.tr(
        "As a reference list prints it (APA). Claims: those that name it, by their place in the claims file; of these the table shows {shown} of {all}, the others name no source. Trust, of the claims that rest on it: {grades}.",
        shown=named,
        all=len(claims),
        grades=grades,
    )
    alt = " ".join(f"{row.reference} {printer.tr('Claims')} {row.claims}." for row in data.itertuples())
    origin = Provenance.merge([claim.provenance for claim in claims if claim.references])
    # the rows themselves say whose it is; what each claim calls its source would be longer than the table
    origin = replace(origin, source=tr("the literature of the claims, data/claims/references.bib"))
    headings = {"reference": printer.tr("Source"), "grade": printer.tr("Trust"), "claims": printer.tr("Claims")}
    return printer.table(data, origin, columns, headings, caption=text, alt=alt, brief={})
