"""The entries of the claims file: what a claim must have, what it may have, and the values it can take."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from ..core import Entry, EntryFile, Names, Translated, among, available, brief, listed, read_references, tr

#: How far to trust a claim, best first.
GRADES = {
    "A": tr("peer-reviewed or recomputable"),
    "B": tr("the publisher's own"),
    "C": tr("secondary press"),
    "D": tr("source not traced"),
    "F": tr("shown to be untraceable"),
}
#: How far the source itself was read, where its figures were not seen: a second grade, for the first is about the source.
SEEN = {
    "summary": tr("read in summary, its figures not seen"),
    "told": tr("known from what others tell of it"),
}
#: What the figures of a claim are, and the range they may have.
UNITS: dict[str, tuple[float, float]] = {
    "correlation": (-1, 1),
    "share": (-1, 1),
    "ratio": (0, math.inf),
    "points": (-100, 100),
    "count": (0, math.inf),
    "money": (0, math.inf),
}
#: The kinds of statistic a claim may be about; its figures, if any, have one of these units (none named: any).
KINDS: dict[str, tuple[str, ...]] = {
    "correlation": ("correlation",),
    "correlation_difference": ("correlation",),
    "proportion": ("share",),
    "proportion_difference": ("share",),
    "ratio": ("ratio", "share", "money"),
    "ordering": (),
    "equivalence": (),
    "trend": (),
    "explained_share": ("share",),
    "curve": (),
    "definition": (),
    "list": (),
}
#: More respondents than there are people is a slip.
_Respondents = Annotated[
    int, Meta(ge=1, le=10**10, description="a whole number of respondents, or left out where none is known")
]
_NEVER_NEGATIVE = ("proportion", "explained_share")


class Figure(Entry, frozen=True):
    """A reported figure: its value and what it is."""

    value: float
    label: Translated


class ClaimEntry(Entry, frozen=True, kw_only=True):
    """A claim: what is said, by whom, and how far to trust it.

    Parameters
    ----------
    statement, source, reason : dict of str
        What is claimed, in our own words; who is said to have found it; why the grade.
    grade : str
        How far to trust it, A to F.
    seen : str
        How far the source itself was read: summary, told; left out where its figures were seen or there is none to read.
    kind : str
        What kind of statistic it is about.
    references : list of str
        Keys of references.bib.
    needs : dict of str
        What data would test it.
    article : str
        The article that states it, one of `articles`.
    counter : bool
        Whether it stands against the articles; left out: where it names no article.
    unit : str
        What the figures are.
    n : int
        Respondents behind the figures, where a source gives them.
    values : dict
        Name → figure.
    changed : dict of str
        What the article changed against its source.
    report, untested : str, dict of str
        The report that tests it, or else why none can.
    test : dict
        How it is tested again.
    stands_for : dict of str
        What the answers the test takes stand for, where the claim is about something that answers only come near.
    """

    statement: Translated
    source: Translated
    grade: Literal[tuple(GRADES)]  # type: ignore[valid-type]
    reason: Translated
    kind: Literal[tuple(KINDS)]  # type: ignore[valid-type]
    references: Names
    needs: Translated
    article: str = ""
    counter: bool | None = None
    unit: Literal["", *UNITS] = ""  # type: ignore[valid-type]
    n: _Respondents | None = None
    values: dict[str, Figure] = field(default_factory=dict)
    changed: Translated = field(default_factory=Translated)
    report: str = ""
    untested: Translated = field(default_factory=Translated)
    seen: Literal["", *SEEN] = ""  # type: ignore[valid-type]
    test: dict[str, Any] = field(default_factory=dict)
    stands_for: Translated = field(default_factory=Translated)


class ClaimsFile(Entry, frozen=True):
    """Claims, and the articles that state them.

    Attributes
    ----------
    articles : dict of str → Translated
        Name → title of an article.
    claims : dict of str → ClaimEntry
        Name → claim.

    See Also
    --------
    loyaltylab.claims.read_claims : Reads it.
    """

    articles: dict[str, Translated]
    claims: dict[str, ClaimEntry]


def report_names() -> list[str]:
    """The reports that come with the project: notebooks without the number before their name."""
    return [re.sub(r"^\d+_", "", stem) for stem in available("notebooks", ".ipynb")]


def check_claim(file: EntryFile, name: str, claim: ClaimEntry, articles: Iterable[str]) -> None:
    """Refuses a claim that names what there is not, or says what cannot be.

    Raises
    ------
    CodebookError
        With the line and the entries that lead to what is wrong.
    """
    where, references = ("claims", name), read_references()
    for key, options in (("article", articles), ("report", report_names() if claim.report else ())):
        if (given := getattr(claim, key)) and given not in options:
            raise file.wrong(f"is {brief(given)}{among(given, options)}", *where, key)
    _check_figures(file, where, claim)
    for key in claim.references:
        if key not in references:
            absent = f"names '{key}', which is not in references.bib{among(key, references)}"
            raise file.wrong(absent, *where, "references")
    if not claim.references and claim.grade in ("AB" if claim.article else "ABC"):
        rests = f"is empty, and grade {claim.grade} rests on a source that can be named"
        raise file.wrong(rests, *where, "references")
    if bool(claim.report) == bool(claim.untested):
        found = "both stand here" if claim.report else "neither stands here"
        raise file.wrong(f"needs 'report', which tests it, or 'untested', why none can; {found}", *where)


def _check_figures(file: EntryFile, where: tuple[str, str], claim: ClaimEntry) -> None:
    """The reported figures, within what their kind and unit allow."""
    unit, kind = claim.unit, claim.kind
    if bool(claim.values) != bool(unit):
        missing, given = ("values", "unit") if unit else ("unit", "values")
        alone = f"stands without '{missing}': figures have a unit and a unit has figures"
        raise file.wrong(alone, *where, given)
    if unit and unit not in (units := KINDS[kind] or tuple(UNITS)):
        raise file.wrong(f"'{unit}' cannot be that of a {kind}; allowed: {listed(units)}", *where, "unit")
    for key, figure in claim.values.items():
        number, (low, high) = figure.value, UNITS[unit]
        low = max(low, 0) if kind in _NEVER_NEGATIVE else low
        if not low <= number <= high or math.isinf(number) or (unit == "count" and number != int(number)):
            between = f"lies between {low:g} and {high:g}" if high < math.inf else f"is a number from {low:g}"
            whole = "whole " if unit == "count" else ""
            cannot = f"{number:g} cannot be a {whole}{unit}, which {between}"
            raise file.wrong(cannot, *where, "values", key, "value")
