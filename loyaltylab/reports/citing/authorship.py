"""Whose run it is: authors, institution, year, licence and DOI, kept beside the manifest, so that the run itself stays the same bytes."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import msgspec

from ...core import Entry, EntryFile, ReportError, brief, printable
from ..running.record import AUTHORSHIP

#: What a researcher writes once: in the folder of the reports, in the current one, or in that of the user's settings.
SETTINGS = "loyaltylab.toml"


class Author(Entry, frozen=True):
    """An author: a person, or a body.

    Parameters
    ----------
    name : str
        "Family, Given names" of a person, with ", Jr." behind where there is one; a name without a comma, or in braces, is that
        of a body.
    orcid : str
        Such as 0000-0002-1825-0097.
    """

    name: str
    orcid: str = ""

    @property
    def csl(self) -> dict[str, str]:
        """As a reference list has it.

        >>> Author("van der Berg, Jan").csl, Author("{Research and Development, Inc.}").csl
        ({'family': 'van der Berg', 'given': 'Jan'}, {'literal': 'Research and Development, Inc.'})
        """
        name = self.name.strip()
        family, given, suffix = (part.strip() for part in f"{name},,".split(",", 2))
        if name[:1] == "{" or not (family and given):
            return {"literal": name.strip("{}, ")}
        return {"family": family, "given": given} | ({"suffix": suffix.strip(", ")} if suffix.strip(", ") else {})


class Authorship(Entry, frozen=True):
    """Who made a run, for its references: authors, institution, year and DOI.

    Parameters
    ----------
    authors : list of Author
        In the order of the reference.
    institution : str
        Where it was made; the publisher of its reference.
    institution_url : str
        Its site; an archive says it.
    year : int, optional
        Of the reference; that of the code's last commit if left out.
    doi : str
        What an archive gave the run.
    licence : str
        Of the report, such as CC-BY-4.0; an archive says it.
    """

    authors: tuple[Author, ...] = ()
    institution: str = ""
    institution_url: str = ""
    year: int | None = None
    doi: str = ""
    licence: str = ""

    @classmethod
    def read(cls, found: Any, name: str = AUTHORSHIP) -> Self:
        """From plain values, checked.

        >>> Authorship.read({"authors": [{"name": "Jansen, Anna"}], "year": 2026}).authors[0].csl
        {'family': 'Jansen', 'given': 'Anna'}
        >>> Authorship.read({"authors": [{"name": "Jansen, A.", "orcid": "0000-0002-1825-0098"}]}, "loyaltylab.toml")
        Traceback (most recent call last):
        ...
        loyaltylab.core.errors.CodebookError: loyaltylab.toml, authors: Jansen, A.: has the ORCID '0000-0002-1825-0098', of which a digit is wrong; it looks like 0000-0002-1825-0097.
        """
        file = EntryFile(name)
        by = file.read(cls, found)
        authors = tuple(msgspec.structs.replace(author, name=printable(author.name)) for author in by.authors)
        texts = {name: printable(getattr(by, name)) for name in ("institution", "licence")}
        by = msgspec.structs.replace(by, authors=authors, **texts)
        for author in by.authors:
            if not author.csl.get("family", author.csl.get("literal")):
                raise file.wrong(
                    f"is {brief(author.name)}; write 'Family, Given names', or the name of a body", "authors"
                )
            if author.orcid and not _is_orcid(author.orcid):
                raise file.wrong(
                    f"has the ORCID {brief(author.orcid)}, of which a digit is wrong; it looks like 0000-0002-1825-0097",
                    *("authors", author.name),
                )
        if by.year is not None and not 1900 <= by.year <= 2999:
            raise file.wrong(f"is {by.year}; allowed: a year of four digits", "year")
        if by.institution_url and not re.match(r"https?://[^\s<>]+$", by.institution_url):
            raise file.wrong(
                f"is {brief(by.institution_url)}; it looks like https://www.example.org", "institution_url"
            )
        return msgspec.structs.replace(by, doi=checked_doi(by.doi)) if by.doi else by

    def as_dict(self) -> dict[str, Any]:
        """Plain values of what is known."""
        found = msgspec.to_builtins(self)
        found["authors"] = [{key: value for key, value in one.items() if value} for one in found["authors"]]
        return {key: value for key, value in found.items() if value}


def checked_doi(text: str) -> str:
    """A DOI without its address.

    Raises
    ------
    ReportError
        For what is none.

    >>> checked_doi("https://doi.org/10.5281/zenodo.1234567")
    '10.5281/zenodo.1234567'
    """
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", text.strip(), flags=re.IGNORECASE)
    if not re.fullmatch(r"10\.\d{4,9}/[\w./()<>:;+-]+", doi):
        raise ReportError(f"{brief(text)} is no DOI; one looks like 10.5281/zenodo.1234567.")
    return doi


def _is_orcid(text: str) -> bool:
    """Whether its last digit follows from the others (ISO 7064, MOD 11-2)."""
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    return text[-1] == "0123456789X"[(12 - total % 11) % 11]


def authorship(root: Path, kept: Any = None, **given: Any) -> dict[str, Any]:
    """Who made a run, as plain values: what is given, else what was kept beside it, else the settings.

    Parameters
    ----------
    root : path
        The folder of the reports.
    kept : dict, optional
        What stands beside the manifest.
    given
        `authors` (names), `institution`, `year`, `doi`; what is empty is not given.

    Raises
    ------
    CodebookError
        For settings that cannot be read, naming the file, the entry and what was allowed.
    """
    found = dict(kept or _settings(places(root)))
    if names := given.pop("authors", None):
        found["authors"] = [{"name": name} for name in names]
    return Authorship.read(found | {key: value for key, value in given.items() if value}).as_dict()


def places(root: Path) -> list[Path]:
    """Where settings are looked for, the nearest first."""
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return [root / SETTINGS, Path.cwd() / SETTINGS, own / SETTINGS]


def _settings(paths: Iterable[Path]) -> dict[str, Any]:
    path = next((path for path in paths if os.path.lexists(path)), None)
    if path is None:
        return {}
    if not path.is_file():
        raise ReportError(f"{path.name}: is a folder or a link to nowhere. Put the file there, or remove it.")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReportError(f"{path.name}: cannot be read as TOML ({error}).") from None
    return Authorship.read(found, path.name).as_dict()
