"""`Claim`: what an article states, where its figures come from as far as that can be traced, and how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..codebook import LANGUAGES
from ..core import (
    CodebookError,
    Provenance,
    Result,
    Source,
    check_known,
    home,
    line_of,
    read_references,
    read_yaml,
    sha256,
)
from .entries import GRADES, KINDS, UNITS, WrongEntry, check_claim, check_texts

__all__ = ["GRADES", "KINDS", "UNITS", "Claim", "read_claim", "read_claims"]


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
        What the reported figures are: correlation, share (0 to 1; a change may be negative), ratio, points (of a net
        promoter score), count, money, or empty.
    n : int or None
        Respondents behind the figures; None where no source gives them.
    figures, labels : dict
        The reported figures as they stand, and what each is, by language.
    counter : bool
        Whether it stands against the articles; so does an entry that names none of them, unless it says `counter: false`.
    article : str
        The article that states it: emotions, consumer, engagement, metrics, bonds; empty for what does not come from one.
    kind : str
        What kind of statistic it is about, see `KINDS`.
    references : tuple of str
        Keys of the literature, see `read_references`; `sources` gives the entries.
    changed : dict of str
        What the article changed against its source, by language; empty where nothing or where there is no source.
    needs : dict of str
        What data would test it, by language.
    report, untested : str, dict of str
        The report that tests or uses it, or else why none can, by language; one of the two is empty.
    test : dict
        How it is tested again.
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
    article: str
    kind: str
    references: tuple[str, ...]
    changed: dict[str, str]
    needs: dict[str, str]
    report: str
    untested: dict[str, str]
    test: dict[str, Any]
    provenance: Provenance

    def __repr__(self) -> str:
        return f"Claim '{self.name}', grade {self.grade}: {self.statement['en']}"

    @property
    def sources(self) -> tuple[Source, ...]:
        """The literature it names."""
        return tuple(read_references()[key] for key in self.references)

    def columns(self) -> dict[str, Any]:
        return {"term": [*self.figures], "estimate": [*self.figures.values()], "grade": self.grade}

    def whole(self) -> dict[str, Any]:
        return {"n": float("nan") if self.n is None else self.n, "grade": self.grade}


@lru_cache
def read_claims() -> dict[str, Claim]:
    """All claims of `data/claims/claims.yml`, by name.

    Raises
    ------
    CodebookError
        Naming the line, the claim and the entry that is wrong, and what was possible.
    """
    path = home() / "data" / "claims" / "claims.yml"
    found, digest = read_yaml(path), sha256(path)
    keys: list[str] = []
    try:
        articles = _part(found, "articles")
        for key in articles:
            check_texts([key], articles[key])
        claims = {}
        for key, entry in _part(found, "claims").items():
            keys = ["claims", str(key)]
            check_claim(entry, articles)
            claims[str(key)] = _claim(str(key), entry, articles, digest)
    except WrongEntry as error:
        where = [*(keys or ["articles"]), *map(str, error.keys)]
        raise CodebookError(f"{path.name}, line {line_of(path, where)}: {': '.join(where)}: {error}") from None
    return claims


def _part(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """One of the two parts of the file; there is no other."""
    if not isinstance(found.get(name), dict) or set(found) != {"articles", "claims"}:
        raise CodebookError(f"claims.yml: holds {', '.join(map(str, found))}; it has two parts, articles and claims.")
    return found[name]


def read_claim(name: str) -> Claim:
    """One claim by its name.

    Examples
    --------
    >>> claim = read_claim("thirty_seventy")
    >>> claim.grade, f"{claim.value('emotional'):.0%}", claim.n
    ('F', '70%', None)
    """
    claims = read_claims()
    check_known("claim", name, claims)
    return claims[name]


def _claim(name: str, entry: Mapping[str, Any], articles: Mapping[str, Any], digest: str) -> Claim:
    """A claim from its entry, which has been checked."""
    values, article = entry.get("values", {}), entry.get("article", "")
    source = {
        language: "; ".join(filter(None, [entry["source"][language], articles[article][language] if article else ""]))
        for language in LANGUAGES
    }
    citation = "; ".join(read_references()[key].line() for key in entry["references"])
    return Claim(
        name=name,
        statement=entry["statement"],
        source=source,
        reason=entry["reason"],
        grade=entry["grade"],
        unit=entry.get("unit", ""),
        n=entry.get("n"),
        figures={str(key): float(value["value"]) for key, value in values.items()},
        labels={str(key): value["label"] for key, value in values.items()},
        counter=entry.get("counter", not article),
        article=article,
        kind=entry["kind"],
        references=tuple(entry["references"]),
        changed=entry.get("changed", {}),
        needs=entry["needs"],
        report=entry.get("report", ""),
        untested=entry.get("untested", {}),
        test=entry.get("test", {}),
        provenance=Provenance("published", source, citation, sha256=digest),
    )
