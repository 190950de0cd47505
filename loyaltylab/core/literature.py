"""`read_references()`: the literature in `data/claims/references.bib`, and the line a reference list prints for each.

It is read and set here, not by pandoc, which was tried with its own reader, citeproc and apa.csl on these 32 entries. Reading takes
5 ms against 0.35 s for a process in every kernel that names a source, and more to set the list. Pandoc's reader
takes what it cannot read for text, without file, line or field, and lowers capitals ("using r", "Huanchaco, peru", "5 december").
Of 32 lines set from the same items, 27 are equal in English and 26 in Dutch; in the others a body that publishes its own report
stands twice, a dissertation loses its kind unless the item names one, quotation marks turn, and a Dutch list has "3rd dr.". apa.csl
itself is under CC BY-SA. Its dash between two pages is taken over. `Source.item` is CSL-JSON, for whoever wants another style.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .errors import CodebookError, brief, unknown
from .escapes import printable
from .files import home
from .words import plural, tr

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
    "thesis": tr("Doctoral dissertation"),
    "in": tr("In"),
    "pages": tr("pp."),
    "edition": tr("ed."),
    "version": tr("Version"),
}
#: Kinds that APA names in brackets behind the title.
_MEDIA = {"software": tr("Computer software"), "dataset": tr("Data set")}


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
        names, others = self.names, tr("et al.")[language]
        year = _year(self.item) or tr("n.d.")[language]
        return f"{' & '.join(names) if len(names) < 3 else f'{names[0]} {others}'} ({year})"

    def titled(self, language: str = "en") -> str:
        """The title with what APA adds to it: number, version, edition, and what kind of work it is."""
        item = self.item
        title = str(item["title"])
        title += f" ({named})" if (named := self.numbered(language)) else ""
        title += f" [{_MEDIA[item['type']][language]}]" if item["type"] in _MEDIA else ""
        if item["type"] == "thesis":
            title += f" [{_WORDS['thesis'][language]}, {item['publisher']}]"
        if "edition" in item:
            title += f" ({item['edition']} {_WORDS['edition'][language]})"
        return title

    def numbered(self, language: str = "en") -> str:
        """Its number and version, as APA has them between the brackets behind the title; empty where it has neither."""
        item = self.item
        named = [f"{item.get('genre', '')} {item['number']}".strip()] if "number" in item else []
        named += [f"{_WORDS['version'][language]} {item['version']}"] if "version" in item else []
        return "; ".join(named)

    def line(self, language: str = "en") -> str:
        """The line of a reference list, APA 7, without its italics; what an item lacks leaves no mark behind."""
        return "".join(text for text, _ in self.pieces(language))

    def pieces(self, language: str = "en") -> list[tuple[str, bool]]:
        """That line in pieces, each with whether APA sets it in italics: the title of a work, or of the whole it is a part of.

        >>> read_references()["wetzels2009"].pieces()[1:]
        [('MIS Quarterly, 33', True), ('(1), 177–195. https://doi.org/10.2307/20650284', False)]
        """
        item, title = self.item, self.titled(language)
        if item["type"] not in ("article-journal", "chapter"):
            title = _italic(str(item["title"])) + title.removeprefix(str(item["title"]))
        letter = item.get("year-suffix", "")
        date = f"({_year(item) or tr('n.d.')[language] + '-' * bool(letter)}{letter})"
        by = [_authors(item["author"]), date, title] if item.get("author") else [title, date]
        parts = [*by, _inside(item, language)]
        text = "".join(part + ("" if part.rstrip(_CLOSE)[-1] in ".?!" else ".") + " " for part in parts if part).strip()
        link = f"https://doi.org/{item['DOI']}" if "DOI" in item else item.get("URL", "")
        # what stands between the two marks is every second piece
        found = re.split(f"[{_OPEN}{_CLOSE}]", f"{text} {link}".strip())
        return [(piece, bool(i % 2)) for i, piece in enumerate(found) if piece]


#: Around what is in italics, while a line is put together; no text holds these.
_OPEN, _CLOSE = "\ue000", "\ue001"


def _italic(text: str) -> str:
    return f"{_OPEN}{text}{_CLOSE}"


def _year(item: dict[str, Any]) -> str:
    return str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""


def _authors(names: Iterable[dict[str, str]], *, first_name_first: bool = False) -> str:
    """The names as APA joins them; an editor's initials stand before the family name."""
    whole = [
        name["literal"]
        if "literal" in name
        else f"{_initials(name['given'])} {name['family']}"
        if first_name_first
        else ", ".join(filter(None, [name["family"], _initials(name["given"]), name.get("suffix")]))
        for name in names
    ]
    if len(whole) == 1:
        return whole[0]
    if len(whole) > 20:
        return f"{', '.join(whole[:19])}, … {whole[-1]}"
    comma = "" if first_name_first and len(whole) == 2 else ","
    return f"{', '.join(whole[:-1])}{comma} & {whole[-1]}"


def _initials(given: str) -> str:
    """Given names as APA has them; "van der" behind them stays, and a script without capitals has no initials.

    >>> _initials("Anna-Maria B."), _initials("J. F."), _initials("Y.-M."), _initials("Anna van der"), _initials("明")
    ('A.-M. B.', 'J. F.', 'Y.-M.', 'A. van der', '明')
    """
    if not any(map(str.isupper, given)):
        return given
    names = (re.sub(r"(\w)[^\W\d_]*\.?", r"\1.", name) if name[0].isupper() else name for name in given.split())
    return " ".join(names)


def _inside(item: dict[str, Any], language: str) -> str:
    """What it appeared in, or who published it."""
    kind, pages = item["type"], item.get("page", "").replace("-", "–")
    if kind == "article-journal":
        issue = f"({item['issue']})" if "issue" in item else ""
        volume = item.get("volume", "")
        whole = _italic(", ".join(filter(None, [item["container-title"], volume])))
        return ", ".join(filter(None, [whole + issue if volume else whole, issue if not volume else "", pages]))
    if kind == "chapter":
        editors = item["editor"]
        role = plural("Ed.", "Eds.", len(editors))[language]
        at = f" ({_WORDS['pages'][language]} {pages})" if pages else ""
        named = f"{_authors(editors, first_name_first=True)} ({role})"
        return f"{_WORDS['in'][language]} {named}, {_italic(item['container-title'])}{at}. {item['publisher']}"
    if kind == "thesis":
        return ""
    own = item.get("publisher", "")
    return "" if [own] == [name.get("literal") for name in item.get("author", [])] else str(own)


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
        return printable(text)
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


_HEAD = re.compile(r"@([A-Za-z]+)\s*\{\s*([^\s,{}\"=]+)\s*,")
_FIELD = re.compile(r"([A-Za-z]+)\s*=\s*")
_SPACE = re.compile(r"(?:\s|%[^\n]*(?:\n|$))*")


@dataclass(frozen=True)
class Entry:
    """One entry as it stands: its kind, key and fields, braces kept, and the lines they begin in."""

    kind: str
    key: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def entries(text: str, name: str) -> Iterator[Entry]:
    r"""The entries of a BibTeX text; `name` is what messages call it. Lines that begin with % are remarks.

    Raises
    ------
    CodebookError
        With the line, where the text is not BibTeX, or a key or a field stands twice.

    >>> [entry.fields for entry in entries("@book{a2001,\n title = {The {A}}, year = 2001}", "own.bib")]
    [{'title': 'The {A}', 'year': '2001'}]
    """
    seen: dict[str, int] = {}
    at = _skip(text, 0)
    while at < len(text):
        head = _HEAD.match(text, at)
        if not head:
            raise _malformed(text, at, name, "an entry begins as @article{key,")
        entry = Entry(head[1].lower(), head[2], _line(text, at))
        if entry.key in seen:
            raise _malformed(text, at, name, f"'{entry.key}' stands twice (first in line {seen[entry.key]})")
        seen[entry.key] = entry.line
        at = _skip(text, _fill(entry, text, head.end(), name))
        yield entry


def _fill(entry: Entry, text: str, at: int, name: str) -> int:
    """Reads the fields from `at` on; where the entry ends."""
    at = _skip(text, at)
    while not text.startswith("}", at):
        found = _FIELD.match(text, at)
        if not found:
            raise _malformed(
                text, at, name, f"{entry.key}: a field is written as title = {{…}}, and an entry ends with }}"
            )
        key = found[1].lower()
        if key in entry.fields:
            raise _malformed(text, at, name, f"{entry.key}: '{key}' stands twice")
        entry.lines[key] = _line(text, at)
        value, at = _value(text, found.end(), name, f"{entry.key}: {key}")
        entry.fields[key] = " ".join(value.split())
        at = _skip(text, at)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith("}", at):
            raise _malformed(text, at, name, f"{entry.key}: after '{key}' a comma or }} is missing")
    return at + 1


def _value(text: str, at: int, name: str, where: str) -> tuple[str, int]:
    """A value in braces or quotation marks, or a number; and where it ends."""
    if number := re.compile(r"\d+").match(text, at):
        return number[0], number.end()
    close = {"{": "}", '"': '"'}.get(text[at : at + 1])
    if not close:
        raise _malformed(text, at, name, f"{where}: a value stands in braces")
    depth, start = 0, at + 1
    for here in range(start, len(text)):
        letter = text[here]
        if letter == close and not depth and text[here - 1] != "\\":
            return text[start:here], here + 1
        if text[here - 1] != "\\":
            depth += (letter == "{") - (letter == "}")
    raise _malformed(text, at, name, f"{where}: {close} is missing; the value never ends")


def people(text: str) -> list[str]:
    """The names in an author field, those in braces of their own left whole.

    >>> people("Hair, J. F. and {Bain and Company}")
    ['Hair, J. F.', '{Bain and Company}']
    """
    found, depth, start = [], 0, 0
    for here, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if not depth and text.startswith(" and ", here):
            found.append(text[start:here].strip())
            start = here + 5
    return [*found, text[start:].strip()]


def _skip(text: str, at: int) -> int:
    """The next place that is neither space nor a remark."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _malformed(text: str, at: int, name: str, what: str) -> CodebookError:
    here = text[at:].split("\n", 1)[0].strip()
    return CodebookError(f"{name}, line {_line(text, at)}: {what}; found {brief(here)}.")
