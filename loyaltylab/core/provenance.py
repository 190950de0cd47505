"""`Provenance`: what kind of evidence a number is, and where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import DataError
from .files import PACKAGE, home
from .words import LANGUAGES, tr

#: Strongest first. A number is as strong as the weakest thing it was made from; what is unstated may be anything, but what
#: is known to be made up stays that.
TIERS = {
    "observed": tr("observed"),
    "published": tr("published"),
    "unstated": tr("source not stated"),
    "synthetic": tr("synthetic, no evidence"),
}
#: The tiers a claim may rest on.
EVIDENCE = ("observed", "published")


@dataclass(frozen=True)
class Provenance:
    """Where numbers came from; it travels with them from the file to the figure.

    Parameters
    ----------
    tier : {"observed", "published", "unstated", "synthetic"}
        The kind of evidence; "unstated" is that of `UNSTATED`, until someone says it.
    source : str or dict of str
        One line a reader understands, the same in every language or by language: what was asked, of whom.
    citation : str
        The reference a thesis would give.
    sha256 : str
        Hash of the file the numbers were read from.
    steps : tuple of str
        What was done since, in order: rows left out, draws made, with their seed.
    queries : tuple of str
        What a database was asked, where the numbers are its sums; never an address, a user or a password.
    """

    tier: str
    source: Mapping[str, str]
    citation: str = ""
    sha256: str = ""
    steps: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise DataError(f"evidence tier '{self.tier}' does not exist. Possible: {', '.join(TIERS)}.")
        if isinstance(self.source, str):
            object.__setattr__(self, "source", dict.fromkeys(LANGUAGES, self.source))
        if self.tier == "unstated" and self._is_stated:
            raise DataError(
                f"a source that is stated ({self.source['en']}) has another tier than 'unstated'. "
                f"Possible: {', '.join(tier for tier in TIERS if tier != 'unstated')}."
            )

    @property
    def _is_stated(self) -> bool:
        unstated = TIERS["unstated"]
        return self.source is not unstated and any(unstated[key] not in text for key, text in self.source.items())

    @property
    def is_evidence(self) -> bool:
        """Whether a claim may rest on it: observed or published, not made up and not of a source nobody stated."""
        return self.tier in EVIDENCE

    def then(self, step: str) -> Provenance:
        """The same origin, one step further."""
        return replace(self, steps=(*self.steps, step))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a manifest or an exhibit's card; of a query the name of the file that holds it."""
        values = asdict(self) | {"source": dict(self.source), "queries": tuple(self.query_files)}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items() if value}

    @property
    def query_files(self) -> dict[str, str]:
        """File name → query; the name is made of the query's hash, so that exhibits of the same sums share a file."""
        return {f"query-{hashlib.sha256(text.encode()).hexdigest()[:12]}.sql": text for text in self.queries}

    @staticmethod
    def merge(origins: list[Provenance]) -> Provenance:
        """One origin for what was made from several; its tier is that of the weakest, never the strongest.

        >>> rows, table = Provenance("observed", "survey A"), Provenance("published", "table B")
        >>> both = Provenance.merge([rows, table, rows])
        >>> both.tier, both.source["en"]
        ('published', 'survey A; table B')
        >>> both = Provenance.merge([rows, UNSTATED])
        >>> both.tier, both.source["nl"]
        ('unstated', 'survey A; bron niet vermeld')
        """

        def joined(texts: Iterable[str]) -> str:
            return "; ".join(dict.fromkeys(filter(None, texts)))

        return Provenance(
            tier=max((origin.tier for origin in origins), key=list(TIERS).index),
            source={language: joined(origin.source[language] for origin in origins) for language in LANGUAGES},
            citation=joined(origin.citation for origin in origins),
            sha256=joined(origin.sha256 for origin in origins),
            steps=tuple(dict.fromkeys(step for origin in origins for step in origin.steps)),
            queries=tuple(dict.fromkeys(query for origin in origins for query in origin.queries)),
        )


#: Of numbers whose source nobody has stated: enough to compute with, never to support a claim.
UNSTATED = Provenance("unstated", TIERS["unstated"])


def code_version() -> str:
    """Version of the package with a short hash of its source and of the facts it ships, which any report may quote.

    It changes with them, not with the clock.
    """
    return _code_version(home())


@lru_cache
def _code_version(home: Path) -> str:
    from .version import __version__

    source = [
        path
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".po", ".csv", ".yml", ".html", ".js", ".typ", ".lua", ".md"}
        and "home" not in path.relative_to(PACKAGE).parts
    ]
    digest = hashlib.sha256()
    facts = [path for path in (home / "data").rglob("*") if path.suffix in {".yml", ".bib"}]
    for root, paths in ((PACKAGE, source), (home, facts)):
        for path in sorted(paths):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{__version__}+{digest.hexdigest()[:10]}"


#: How the number of everyone who does not exist begins; `read_survey` and `read_warehouse` look for it.
SIMULATED = "simulated-"
NOBODY = tr("simulated respondents, not people; made to return published figures")
