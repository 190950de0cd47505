"""`Claim`: what an article states, where its figures come from as far as that can be traced, and how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from msgspec.structs import asdict

from ..core import (
    LANGUAGES,
    EntryFile,
    Provenance,
    Result,
    Source,
    check_known,
    home,
    read_references,
    read_yaml,
    sha256,
)
from .entries import ClaimEntry, ClaimsFile, check_claim


@dataclass(frozen=True, eq=False)
class Claim(Result):
    """One claim, as stated by an article or, against it, by a study.

    Attributes
    ----------
    statement, source, reason : dict of str
        What is claimed, in our own words; who is said to have found it; why the grade. By language.
    grade : str
        A to F, see `GRADES`.
    seen : str
        How far the source itself was read, see `SEEN`; empty where its figures were seen or there is none to read.
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
    stands_for : dict of str
        What the answers the test takes stand for, by language; empty where they are about what the claim is about.

    See Also
    --------
    loyaltylab.claims.read_claim : Makes it.
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
    seen: str = ""
    stands_for: dict[str, str] = field(default_factory=dict)

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

    Returns
    -------
    dict of str → Claim
        In the order of the file.

    Raises
    ------
    CodebookError
        Naming the line, the claim and the entry that is wrong, and what was possible.

    Examples
    --------
    >>> read_claims()["thirty_seventy"].grade
    'F'
    """
    path = home() / "data" / "claims" / "claims.yml"
    file, digest = EntryFile(path.name, path), sha256(path)
    found = file.read(ClaimsFile, read_yaml(path))
    for name, entry in found.claims.items():
        check_claim(file, name, entry, found.articles)
    return {name: _claim(name, entry, found.articles, digest) for name, entry in found.claims.items()}


def read_claim(name: str) -> Claim:
    """One claim by its name.

    Parameters
    ----------
    name : str
        As in `data/claims/claims.yml`; a wrong one lists those nearest.

    Returns
    -------
    Claim
        With its figures, source, grade and test.

    Examples
    --------
    >>> claim = read_claim("thirty_seventy")
    >>> claim.grade, f"{claim.value('emotional'):.0%}", claim.n
    ('F', '70%', None)
    """
    claims = read_claims()
    check_known("claim", name, claims)
    return claims[name]


def _claim(name: str, entry: ClaimEntry, articles: Mapping[str, Mapping[str, str]], digest: str) -> Claim:
    """A claim from its entry, which has been checked."""
    article = articles.get(entry.article, {})
    source = {
        language: "; ".join(filter(None, [entry.source[language], article.get(language, "")])) for language in LANGUAGES
    }
    citation = "; ".join(read_references()[key].line() for key in entry.references)
    own = {key: value for key, value in asdict(entry).items() if key != "values"}
    own |= {"source": source, "counter": not entry.article if entry.counter is None else entry.counter}
    return Claim(
        name=name,
        figures={key: float(figure.value) for key, figure in entry.values.items()},
        labels={key: figure.label for key, figure in entry.values.items()},
        provenance=Provenance("published", source, citation, sha256=digest),
        **own,
    )
