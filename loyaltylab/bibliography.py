"""`read_references()`: the literature in `data/claims/references.bib`, and the line a reference list prints for each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .bibtex import Entry, entries, people
from .errors import CodebookError, brief, unknown
from .files import home

__all__ = ["Source", "cited", "read_references"]

#: BibTeX's kinds that are understood: what CSL calls them, the fields each needs, and those it may have besides.
_KINDS: dict[str, tuple[str, set[str], set[str]]] = {
    "article": ("article-journal", {"journal"}, {"volume", "number", "pages", "doi"}),
    "book": ("book", {"publisher"}, {"edition", "doi", "isbn"}),
    "incollection": ("chapter", {"booktitle", "editor", "publisher"}, {"pages", "doi"}),
    "phdthesis": ("thesis", {"school"}, {"doi", "isbn"}),
    "techreport": ("report", {"institution"}, set()),
    "online": ("webpage", {"organization"}, {"url"}),
}
_ALL = {"author", "title", "year"}
#: BibTeX's name → CSL's.
_CSL = {
    **dict.fromkeys(("journal", "booktitle"), "container-title"),
    **dict.fromkeys(("publisher", "school", "institution", "organization"), "publisher"),
    **{"volume": "volume", "number": "issue", "pages": "page", "doi": "DOI", "isbn": "ISBN", "url": "URL"},
    **{"edition": "edition", "title": "title"},
}
_SHAPES = {
    "year": (r"1[5-9]\d\d|20\d\d", "a year of four digits"),
    "doi": (r"10\.\d{4,9}/[^\s{}]+", "what follows https://doi.org/, such as 10.2307/20650284"),
    "url": (r"https?://[^\s{}]+", "an address that begins with https://"),
    "pages": (r"\w+(-\w+)?", "one page, or first-last"),
}
_WORDS = {
    "thesis": {"en": "Doctoral dissertation", "nl": "Proefschrift"},
    "in": {"en": "In", "nl": "In"},
    "editor": {"en": ("Ed.", "Eds."), "nl": ("Red.", "Red.")},
    "pages": {"en": "pp.", "nl": "pp."},
    "edition": {"en": "ed.", "nl": "ed."},
}


@dataclass(frozen=True)
class Source:
    """One entry of the literature: a CSL-JSON item with its key as `id`.

    Examples
    --------
    >>> source = read_references()["wetzels2009"]
    >>> source.item["DOI"], source.in_text()
    ('10.2307/20650284', 'Wetzels et al. (2009)')
    """

    item: dict[str, Any]

    @property
    def key(self) -> str:
        return str(self.item["id"])

    @property
    def names(self) -> list[str]:
        """Family names of the authors, or the body that published it."""
        return [author.get("family") or author["literal"] for author in self.item["author"]]

    def in_text(self, language: str = "en") -> str:
        """Authors and year, as a sentence names them."""
        names, others = self.names, {"en": "et al.", "nl": "e.a."}[language]
        return f"{' & '.join(names) if len(names) < 3 else f'{names[0]} {others}'} ({_year(self.item)})"

    def line(self, language: str = "en") -> str:
        """The line of a reference list, APA 7, without its italics."""
        item = self.item
        title = item["title"]
        if item["type"] == "thesis":
            title += f" [{_WORDS['thesis'][language]}, {item['publisher']}]"
        if "edition" in item:
            title += f" ({item['edition']} {_WORDS['edition'][language]})"
        by = _authors(item["author"])
        head = f"{by}{'' if by[-1] == '.' else '.'} ({_year(item)}). {title}"
        parts = [head, _inside(item, language)]
        text = "".join(part + ("" if part[-1] in ".?!" else ".") + " " for part in parts if part).strip()
        link = f"https://doi.org/{item['DOI']}" if "DOI" in item else item.get("URL", "")
        return f"{text} {link}".strip()


def _year(item: dict[str, Any]) -> int:
    return int(item["issued"]["date-parts"][0][0])


def _authors(names: Iterable[dict[str, str]], *, first_name_first: bool = False) -> str:
    """The names as APA joins them; an editor's initials stand before the family name."""
    whole = [
        name["literal"]
        if "literal" in name
        else f"{name['given']} {name['family']}"
        if first_name_first
        else f"{name['family']}, {name['given']}"
        for name in names
    ]
    if len(whole) == 1:
        return whole[0]
    comma = "" if first_name_first and len(whole) == 2 else ","
    return f"{', '.join(whole[:-1])}{comma} & {whole[-1]}"


def _inside(item: dict[str, Any], language: str) -> str:
    """What it appeared in, or who published it."""
    kind, pages = item["type"], item.get("page", "")
    if kind == "article-journal":
        issue = f"({item['issue']})" if "issue" in item else ""
        volume = item.get("volume", "") + issue
        return ", ".join(filter(None, [item["container-title"], volume, pages]))
    if kind == "chapter":
        editors = item["editor"]
        role = _WORDS["editor"][language][len(editors) > 1]
        at = f" ({_WORDS['pages'][language]} {pages})" if pages else ""
        named = f"{_authors(editors, first_name_first=True)} ({role})"
        return f"{_WORDS['in'][language]} {named}, {item['container-title']}{at}. {item['publisher']}"
    if kind == "thesis":
        return ""
    own = item["publisher"]
    return "" if [own] == [name.get("literal") for name in item["author"]] else str(own)


@lru_cache
def read_references() -> dict[str, Source]:
    """The literature in `data/claims/references.bib`, by key.

    Raises
    ------
    CodebookError
        Naming the file, the line, the key and the field that is wrong, and what was possible.
    """
    path = home() / "data" / "claims" / "references.bib"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CodebookError(f"{path.name}: cannot be read as UTF-8 text ({error.__class__.__name__}).") from None
    return {entry.key: _source(entry, path.name) for entry in entries(text, path.name)}


def cited(text: str, file: str = "") -> str:
    """What a `citation` of a data file stands for: `@key` is looked up in the literature, any other text is meant as it is.

    >>> cited("@wetzels2009").startswith("Wetzels, M., Odekerken-Schröder, G.")
    True
    """
    if not text.startswith("@"):
        return text
    found = read_references()
    if text[1:] not in found:
        raise CodebookError(
            f"{file}: citation: {unknown('reference', text[1:], found, 'They are in data/claims/references.bib.')}"
        )
    return found[text[1:]].line()


def _source(entry: Entry, file: str) -> Source:
    """The entry as a CSL item, checked."""
    if entry.kind not in _KINDS:
        raise _wrong(file, entry.line, entry.key, str(unknown("kind", f"@{entry.kind}", [f"@{k}" for k in _KINDS])))
    kind, needed, may = _KINDS[entry.kind]
    if lacking := sorted((_ALL | needed) - set(entry.fields)):
        raise _wrong(file, entry.line, entry.key, f"lacks '{lacking[0]}', which @{entry.kind} needs.")
    item: dict[str, Any] = {"id": entry.key, "type": kind}
    for name, value in entry.fields.items():
        if name not in _ALL | needed | may:
            options = sorted(_ALL | needed | may)
            raise _wrong(file, entry.lines[name], entry.key, str(unknown("field", name, options)))
        item |= _field(name, value, file, entry)
    return Source(item)


def _field(name: str, value: str, file: str, entry: Entry) -> dict[str, Any]:
    """A field as CSL has it; a value it cannot have is refused."""
    where = (file, entry.lines[name], f"{entry.key}: {name}")
    if name in ("author", "editor"):
        return {name: [_person(person, where) for person in people(value)]}
    text = _plain(value, where)
    if name in ("pages", "doi", "url"):
        text = text.replace("--", "-")
    shape, meant = _SHAPES.get(name, (r".*\S.*", "a text"))
    if not re.fullmatch(shape, text):
        raise _wrong(*where, f"is {brief(text)}; it should be {meant}.")
    return {"issued": {"date-parts": [[int(text)]]}} if name == "year" else {_CSL[name]: text}


def _person(text: str, where: tuple[str, int, str]) -> dict[str, str]:
    if text.startswith("{") and text.endswith("}"):
        return {"literal": _plain(text, where)}
    family, _, given = _plain(text, where).partition(", ")
    if not family or not given:
        raise _wrong(*where, f"is {brief(text)}; write a name as 'Family, G.', and a body in braces: {{Body}}.")
    return {"family": family, "given": given}


def _plain(text: str, where: tuple[str, int, str]) -> str:
    """Without braces and escapes; the file is UTF-8, so letters with accents stand as they are."""
    text = re.sub(r"\\([&%$#_])", r"\1", text)
    if "\\" in text:
        raise _wrong(*where, f"holds {brief(text[text.index(chr(92)) :])}; write the letter itself, the file is UTF-8.")
    return re.sub(r"[{}]", "", text).strip()


def _wrong(file: str, line: int, where: str, what: str) -> CodebookError:
    return CodebookError(f"{file}, line {line}: {where}: {what}")
