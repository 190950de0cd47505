"""The literature behind claims as a table: each source once, as a reference list prints it, with what rests on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..claims import GRADES, Claim, read_claims
from ..errors import DataError
from ..exhibits import Exhibit
from ..provenance import Provenance

__all__ = ["table_literature"]

_LITERATURE = {
    "en": {
        "reference": "Source",
        "grade": "Trust",
        "claims": "Claims",
        "origin": "the literature of the claims, data/claims/references.bib",
        "caption": "As a reference list prints it (APA). Claims: those that name it, by their place in the claims file; of these the table shows {shown} of {all}, the others name no source. Trust, of the claims that rest on it: {grades}.",
    },
    "nl": {
        "reference": "Bron",
        "grade": "Vertrouwen",
        "claims": "Beweringen",
        "origin": "de literatuur bij de beweringen, data/claims/references.bib",
        "caption": "Zoals een literatuurlijst het afdrukt (APA). Beweringen: die haar noemen, naar hun plaats in het bestand met beweringen; de tabel toont er {shown} van {all}, de andere noemen geen bron. Vertrouwen, van de beweringen die erop rusten: {grades}.",
    },
}


def table_literature(
    claims: Sequence[Claim], *, id: str, title: str, language: str = "en", caption: str = ""
) -> Exhibit:
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
    import pandas as pd

    sources = {source.key: source for claim in claims for source in claim.sources}
    if not sources:
        raise DataError("none of these claims names a source in the literature; give one that does.")
    words, places = _LITERATURE[language], {name: place for place, name in enumerate(read_claims(), start=1)}
    rows = []
    for key, source in sorted(sources.items(), key=lambda item: item[1].line().casefold()):
        behind = [claim for claim in claims if key in claim.references]
        rows.append(
            {
                "key": key,
                "reference": source.line(language),
                "claims": ", ".join(str(places[claim.name]) for claim in behind),
                "grade": ", ".join(sorted({claim.grade for claim in behind})),
            }
        )
    data = pd.DataFrame(rows)
    columns = {name: f"{{{name}}}" for name in ("reference", "claims", "grade")}
    grades = "; ".join(
        f"{grade} {text[language]}" for grade, text in GRADES.items() if grade in ", ".join(data["grade"])
    )
    named = sum(bool(claim.references) for claim in claims)
    text = caption or words["caption"].format(shown=named, all=len(claims), grades=grades)
    alt = " ".join(f"{row.reference} {words['claims']} {row.claims}." for row in data.itertuples())
    origin = Provenance.merge([claim.provenance for claim in claims if claim.references])
    # the rows themselves say whose it is; what each claim calls its source would be longer than the table
    origin = replace(origin, source={key: _LITERATURE[key]["origin"] for key in origin.source})
    headings = {name: words[name] for name in columns}
    return Exhibit(id, title, text, alt, data, origin, language, columns=columns, headings=headings)
