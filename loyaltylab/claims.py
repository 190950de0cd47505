"""`Claim`: what an article states, where its figures come from as far as that can be traced, and how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .codebook import LANGUAGES
from .errors import CodebookError, listed, unknown
from .files import home, read_yaml, sha256
from .provenance import Provenance
from .results import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GRADES", "UNITS", "Claim", "read_claim", "read_claims"]

#: How far to trust a claim, best first.
GRADES: dict[str, dict[str, str]] = {
    "A": {"en": "peer-reviewed or recomputable", "nl": "wetenschappelijk getoetst of na te rekenen"},
    "B": {"en": "the publisher's own", "nl": "van de uitgever zelf"},
    "C": {"en": "secondary press", "nl": "andere pers"},
    "D": {"en": "source not traced", "nl": "bron niet herleid"},
    "F": {"en": "shown to be untraceable", "nl": "aantoonbaar onvindbaar"},
}
#: What the figures of a claim are, and the range they may have.
UNITS: dict[str, tuple[float, float]] = {"correlation": (-1, 1), "share": (-1, 1), "ratio": (0, float("inf"))}
_REQUIRED, _MAY = {"statement", "source", "grade", "reason"}, {"article", "counter", "unit", "n", "values"}


@dataclass(frozen=True, eq=False)
class Claim(Result):
    """One claim, as stated by an article or, against it, by a study.

    Attributes
    ----------
    statement, source, reason : dict of str
        What is claimed, in our own words; who is said to have found it; why the grade. By language.
    grade : str
        A to F, see `GRADES`.
    unit : str
        What the reported figures are: correlation, share (0 to 1; a change may be negative), ratio, or empty.
    n : int or None
        Respondents behind the figures; None where no source gives them.
    figures, labels : dict
        The reported figures as they stand, and what each is, by language.
    counter : bool
        Whether it stands against the articles; so does an entry that names none of them, unless it says `counter: false`.
    """

    name: str
    statement: dict[str, str]
    source: dict[str, str]
    reason: dict[str, str]
    grade: str
    unit: str
    n: int | None
    figures: dict[str, float]
    labels: dict[str, dict[str, str]]
    counter: bool
    provenance: Provenance

    def __repr__(self) -> str:
        return f"Claim '{self.name}', grade {self.grade}: {self.statement['en']}"

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"term": [*self.figures], "estimate": [*self.figures.values()], "grade": self.grade})

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"n": [float("nan") if self.n is None else self.n], "grade": [self.grade]})


@lru_cache
def read_claims() -> dict[str, Claim]:
    """All claims of `data/claims/claims.yml`, by name.

    Raises
    ------
    CodebookError
        Naming the claim and the entry that is wrong.
    """
    path = home() / "data" / "claims" / "claims.yml"
    found, digest = read_yaml(path), sha256(path)
    try:
        return {name: _claim(name, entry, found["articles"], digest) for name, entry in found["claims"].items()}
    except CodebookError as error:
        raise CodebookError(f"{path.name}: claims: {error}") from None


def read_claim(name: str) -> Claim:
    """One claim by its name.

    Examples
    --------
    >>> claim = read_claim("thirty_seventy")
    >>> claim.grade, f"{claim.value('emotional'):.0%}", claim.n
    ('F', '70%', None)
    """
    claims = read_claims()
    if name not in claims:
        raise unknown("claim", name, claims)
    return claims[name]


def _claim(name: str, entry: Any, articles: Mapping[str, Any], digest: str) -> Claim:
    """A claim from its entry, checked."""
    if not isinstance(entry, dict):
        raise CodebookError(f"{name}: is not a mapping of entries.")
    if problem := [f"lacks '{key}'" for key in sorted(_REQUIRED - set(entry))] + [
        f"has an entry '{key}'" for key in entry if key not in _REQUIRED | _MAY
    ]:
        raise CodebookError(
            f"{name}: {problem[0]}; a claim has {listed(sorted(_REQUIRED))} and may have {listed(sorted(_MAY))}."
        )
    values, unit, article = entry.get("values", {}), entry.get("unit", ""), entry.get("article")
    for key in ("statement", "source", "reason"):
        _both(f"{name}: {key}", entry[key])
    for what, value, options in (
        ("grade", entry["grade"], GRADES),
        ("article", article, articles),
        ("unit", unit, UNITS),
    ):
        if value and value not in options:
            raise CodebookError(f"{name}: {what} '{value}' does not exist. Possible: {listed(options)}.")
    n = entry.get("n")
    if n is not None and (not isinstance(n, int) or n < 1):
        raise CodebookError(
            f"{name}: n is {n!r}; it is a whole number of respondents, or left out where none is known."
        )
    if bool(values) != bool(unit):
        raise CodebookError(
            f"{name}: figures have a unit and a unit has figures; one of 'values' and 'unit' is missing."
        )
    for key, value in values.items():
        _figure(f"{name}: values: {key}", value, unit)
    source = {
        language: "; ".join(filter(None, [entry["source"][language], articles[article][language] if article else ""]))
        for language in LANGUAGES
    }
    return Claim(
        name,
        entry["statement"],
        source,
        entry["reason"],
        entry["grade"],
        unit,
        n,
        {key: float(value["value"]) for key, value in values.items()},
        {key: value["label"] for key, value in values.items()},
        bool(entry.get("counter", article is None)),
        Provenance("published", source, sha256=digest),
    )


def _both(where: str, text: Any) -> None:
    if (
        not isinstance(text, dict)
        or sorted(text) != sorted(LANGUAGES)
        or not all(isinstance(t, str) for t in text.values())
    ):
        raise CodebookError(f"{where}: needs a text in each of {listed(LANGUAGES)}.")


def _figure(where: str, value: Any, unit: str) -> None:
    """A reported figure: its value, within what the unit allows, and what it is."""
    if not isinstance(value, dict) or sorted(value) != ["label", "value"]:
        raise CodebookError(f"{where}: needs 'value' and 'label', and nothing else.")
    _both(f"{where}: label", value["label"])
    number, (low, high) = value["value"], UNITS[unit]
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not low <= number <= high:
        raise CodebookError(f"{where}: {number!r} cannot be a {unit}, which lies between {low:g} and {high:g}.")
