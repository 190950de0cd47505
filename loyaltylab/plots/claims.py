"""Claims as a table: what is stated, the figures as reported, their source and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..claims import GRADES, Claim
from ..errors import DataError
from ..exhibits import Exhibit
from ..provenance import Provenance
from ..results import format_number

__all__ = ["reported", "table_claims", "why"]

_SPECS = {"correlation": ".2f", "share": ".0%", "ratio": "g", "points": "+.0f", "count": ",.0f", "money": ",.0f"}
_WORDS = {
    "en": {
        "statement": "What is claimed",
        "counter": "Against it: ",
        "figures": "As reported",
        "none": "no figure",
        "unknown": "n not given",
        "grade": "Trust",
        "changed": "Changed by the article:",
        "caption": "In our own words; figures as they stand in the source. Trust: {grades}.",
    },
    "nl": {
        "statement": "Wat wordt beweerd",
        "counter": "Daartegenover: ",
        "figures": "Zoals gemeld",
        "none": "geen cijfer",
        "unknown": "n niet vermeld",
        "grade": "Vertrouwen",
        "changed": "Door het artikel veranderd:",
        "caption": "In eigen woorden; cijfers zoals ze in de bron staan. Vertrouwen: {grades}.",
    },
}


def table_claims(claims: Sequence[Claim], *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """Claims, each with its reported figures, its source, its grade and the reason for it.

    Raises
    ------
    DataError
        Where there is no claim to show.
    """
    import pandas as pd

    if not claims:
        raise DataError("there is no claim to show; give one or more, as read_claim() makes.")
    words = _WORDS[language]
    data = pd.DataFrame(
        {
            "statement": [(words["counter"] if c.counter else "") + c.statement[language] for c in claims],
            "figures": [reported(c, language) for c in claims],
            "source": [c.source[language] for c in claims],
            "grade": [c.grade for c in claims],
            "reason": [why(c, language) for c in claims],
        }
    )
    shown = dict.fromkeys(c.grade for c in claims)
    grades = "; ".join(f"{grade} {text[language]}" for grade, text in GRADES.items() if grade in shown)
    columns = {"statement": "{statement}", "figures": "{figures}", "source": "{source}", "grade": "{grade}. {reason}"}
    alt = " ".join(
        f"{row.statement} {row.figures}. {words['grade']} {row.grade}: {row.reason}" for row in data.itertuples()
    )
    headings = {name: words[name] for name in ("statement", "figures", "grade")}
    origin = Provenance.merge([c.provenance for c in claims])
    named = {key: dict.fromkeys(part for c in claims for part in c.source[key].split("; ")) for key in origin.source}
    origin = replace(origin, source={key: "; ".join(parts) for key, parts in named.items()})
    text = caption or words["caption"].format(grades=grades)
    return Exhibit(id, title, text, alt, data, origin, language, columns=columns, headings=headings)


def why(claim: Claim, language: str) -> str:
    """The reason for the grade, and what the article changed against its source."""
    changed = [_WORDS[language]["changed"], claim.changed[language]] if claim.changed else []
    return " ".join([claim.reason[language], *changed])


def reported(claim: Claim, language: str) -> str:
    """The figures of a claim and its n, in words."""
    words = _WORDS[language]
    figures = [
        f"{claim.labels[key][language]} {format_number(value, _SPECS[claim.unit], language)}"
        for key, value in claim.figures.items()
    ]
    of_people = figures and claim.unit not in ("count", "money")
    size = f"n = {format_number(claim.n, ',d', language)}" if claim.n else words["unknown"] if of_people else ""
    return "; ".join(filter(None, [*figures, size])) or words["none"]
