"""What a reference list says: of a run or an exhibit, and of the data behind it, as APA, BibTeX, RIS and CSL-JSON."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from string import ascii_lowercase
from typing import Any

from ...core import EVIDENCE, TIERS, Source, read_references, tex, tr
from .authorship import Authorship

CITATION_WORDS = {
    "figure": tr("Figure"),
    "table": tr("Table"),
    "report": tr("Report"),
    "inside": tr("{exhibit} in “{report}”"),
    "data": tr("data"),
    "unknown": tr("not stated"),
}
_BIBTEX = {
    "article-journal": "article",
    "book": "book",
    "chapter": "incollection",
    "thesis": "phdthesis",
    # of a techreport Typst leaves out the institution and pandoc keeps LaTeX's \\# in the type; a manual is "published online"
    "report": "book",
    "software": "book",
    "dataset": "book",
}
_RIS = {
    **{"article-journal": "JOUR", "book": "BOOK", "chapter": "CHAP", "thesis": "THES", "webpage": "ELEC"},
    **{"software": "COMP", "dataset": "DATA"},
}
#: What BibTeX calls the publisher and the container of a kind, where it has a word of its own.
_OWN_WORDS = {
    "phdthesis": {"publisher": "school"},
    "incollection": {"journal": "booktitle"},
}


#: Kinds of which readers of BibTeX print number, version and kind in a way of their own or not at all: they stand in the title.
_IN_FULL = ("report", "software", "dataset")


@dataclass(frozen=True)
class Reference:
    """One entry of a reference list: a CSL-JSON item, the line APA prints for it, and what it is: own, data or software."""

    item: dict[str, Any]
    apa: str
    role: str = "data"

    @property
    def in_text(self) -> str:
        """Authors and year as a sentence names them; empty where they could not be read from a source's own text."""
        whole = self.item.get("author") and "issued" in self.item
        return Source(self.item).in_text(self.item.get("language", "en")) if whole else ""

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The APA line in pieces, each with whether it is in italics; whole where it is a source's own text."""
        found = Source(self.item).pieces(self.item.get("language", "en"))
        return found if "".join(text for text, _ in found) == self.apa else [(self.apa, False)]

    def bibtex(self, *, biblatex: bool = False) -> str:
        """An entry for BibTeX, every text escaped; with `biblatex` for those who read its fields in their own way: biblatex, Typst, pandoc.

        To them the number and version of a report are an edition, which APA sets upright behind the title; BibTeX would print
        "version 0.2.0 edition".
        """
        item = self.item
        kind = _BIBTEX.get(item["type"], "misc")
        fields = {"author": " and ".join(_bibtex_name(author) for author in item.get("author", []))}
        title, own_edition = item["title"], ""
        if biblatex and item["type"] == "report":
            own_edition = Source(item).numbered(item["language"])
        elif item["type"] in _IN_FULL:
            title = Source(item).titled(item["language"])
        fields["title"] = "{" + tex(title, bibtex=True) + "}"
        if not fields["author"] and "issued" in item:
            # what author-date styles then begin with, and label it by; else the list has "(2026).", and the label is "loy, a"
            fields["key"] = tex(str(item.get("number", item["title"])).removeprefix("loyaltylab:"), bibtex=True)
        plain = {"journal": "container-title", "volume": "volume", "pages": "page", "number": "issue"}
        plain |= {"publisher": "publisher", "edition": "edition", "isbn": "ISBN"}
        own = _OWN_WORDS.get(kind, {})
        if kind != "misc":
            fields |= {own.get(name, name): tex(item.get(key, ""), bibtex=True) for name, key in plain.items()}
            if re.fullmatch(r"[\w./()<>:;+-]*", item.get("DOI", "")):
                fields["doi"] = item.get("DOI", "")  # read as it stands, an escaped underscore too
            fields["editor"] = " and ".join(_bibtex_name(editor) for editor in item.get("editor", []))
            fields["edition"] = tex(own_edition, bibtex=True) or fields["edition"]
        elif item["type"] == "webpage":
            fields["howpublished"] = tex(item["publisher"], bibtex=True)
        fields["year"] = _year(item)
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        return f"@{kind}{{{item['id']},\n{lines}}}\n"

    def for_styles(self) -> dict[str, Any]:
        """The item for a CSL style to set: an identifier keeps its case, and software and data, which few styles know, are a title in full."""
        item = dict(self.item)
        if item["type"] in ("software", "dataset"):
            item |= {"type": "book", "title": _as_it_is(Source(item).titled(item["language"]))}
            item.pop("version", None)
        if "number" in item:
            item["number"] = _as_it_is(item["number"])
        return item

    def ris(self) -> str:
        """An entry for EndNote, Zotero and Mendeley."""
        item = self.item
        tags = [("TY", _RIS.get(item["type"], "RPRT")), ("ID", item["id"])]
        # a body ends in a comma, by which EndNote and others know it from a person
        tags += [("AU", f"{one['literal']}," if "literal" in one else _full(one)) for one in item.get("author", [])]
        keys = {"TI": "title", "T2": "container-title", "VL": "volume", "IS": "issue", "SP": "page", "PB": "publisher"}
        keys |= {"DO": "DOI", "M3": "genre", "SN": "number", "LA": "language"}
        keys |= {"ET": "version"} if item["type"] == "software" else {}
        tags += [("A2", f"{editor['family']}, {editor['given']}") for editor in item.get("editor", [])]
        tags += [("PY", _year(item))] + [(tag, item.get(key, "")) for tag, key in keys.items()]
        return "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in tags if value) + "ER  - \n"


def references(manifest: dict[str, Any], card: dict[str, Any] | None = None) -> list[Reference]:
    """The reference of a run, or of one of its exhibits, then those of the data, then the software: none goes without the others."""
    evidence, language = (card or {}).get("provenance") or manifest.get("evidence", {}), manifest["language"]
    # citations of merged sources are joined by semicolons; each begins with authors and a year
    texts = re.split(r"; (?=[^;()]+ \((?:\d{4}|n\.d\.|z\.d\.)[a-z]?\)\. )", evidence.get("citation", ""))
    printed = dict.fromkeys(" ".join(text.split()) for text in texts if text.strip())
    data = [_printed(text, language) for text in printed]
    if not data and evidence.get("tier") in EVIDENCE:
        data = [_unpublished(evidence["source"], language)]
    return [_own(manifest, card), *data, _software(manifest)]


def together(lists: Iterable[list[Reference]]) -> list[Reference]:
    """The references of several runs as one list in alphabetical order: what they share stands once, and where authors and year are
    the same, a letter tells them apart.

    A work of the literature is the same in every language; the software is not in every version.
    """
    kept: dict[str, Reference] = {}
    for one in (one for found in lists for one in found):
        key, before = one.item["id"], kept.get(one.item["id"])
        if before and before.item.get("version") != one.item.get("version"):
            key = _key(f"{key}-{one.item['version']}")
            one = replace(one, item=one.item | {"id": key})
        kept.setdefault(key, one)
    found = sorted(kept.values(), key=_in_order)
    alike = Counter(map(_signed, found))
    counted: Counter[str] = Counter()
    for i, one in enumerate(found):
        if (signed := _signed(one)) and alike[signed] > 1:
            more, last = divmod(counted[signed], 26)
            item = one.item | {"year-suffix": ascii_lowercase[more - 1 : more] + ascii_lowercase[last]}
            found[i] = replace(one, apa=Source(item).line(item["language"]))
            counted[signed] += 1
    return found


def _in_order(one: Reference) -> list[str]:
    """As a list is sorted: author by author, so that one alone stands before the same with others; then year and title."""
    names = [author.get("literal") or _full(author) for author in one.item.get("author", [])]
    return [*map(_plain, names or [one.apa]), " ", _year(one.item), _plain(one.item["title"])]


def _plain(text: str) -> str:
    """Letters and digits, without accents and capitals."""
    return re.sub(r"[^\w ]", "", unicodedata.normalize("NFKD", text).casefold())


def _signed(one: Reference) -> str:
    """Authors and year; empty where there are no authors, for then the titles tell works apart."""
    return f"{one.item['author']} {_year(one.item)}" if one.item.get("author") else ""


def _own(manifest: dict[str, Any], card: dict[str, Any] | None) -> Reference:
    language = manifest["language"]
    word = {key: texts[language] for key, texts in CITATION_WORDS.items()}
    identifier = f"{manifest['id']}#{card['id']}" if card else manifest["id"]
    tier = card["provenance"]["tier"] if card else manifest.get("evidence_tier")
    report, title = (" ".join(text.split()) for text in (manifest["title"], (card or manifest)["title"]))
    # its number is that of the report, not of the document that cites it
    exhibit = f"{word[card['kind']]} {_number(manifest, card)}" if card else ""
    kind = word["inside"].format(exhibit=exhibit, report=report) if card else ""
    # in the title, since many reference styles leave out a kind or a note, and the tier may never be left out
    evidence = f"{word['data']}: {TIERS[tier][language] if tier else word['unknown']}"
    nature = f"[{'; '.join(filter(None, (kind, evidence)))}]"
    by = Authorship.read(manifest.get("authorship", {}))
    year = by.year or int(str(manifest.get("commit_date") or "")[:4] or 0)
    item: dict[str, Any] = {
        "id": _key(identifier),
        "type": "report",
        "author": [author.csl for author in by.authors],
        "issued": {"date-parts": [[year]]} if year else {},
        "title": f"{title} {nature}",
        "genre": word["report"],
        "number": identifier,
        "version": manifest["code_version"],
        "publisher": by.institution,
        "DOI": by.doi,
        "language": language,
    }
    return _reference(item, "own")


def _as_it_is(text: str) -> str:
    """In CSL-JSON: no style may change its capitals."""
    return f'<span class="nocase">{html.escape(text, quote=False)}</span>'


def _unpublished(source: dict[str, str], language: str) -> Reference:
    """Data that no work describes, by what their codebook says of them; in every language the same data."""
    key = f"data-{hashlib.sha256(source.get('en', source[language]).encode()).hexdigest()[:8]}"
    title = " ".join(source[language].split())
    return _reference({"id": key, "type": "dataset", "title": title, "language": language})


def _software(manifest: dict[str, Any]) -> Reference:
    """The library, in the version that made the run."""
    year = str(manifest.get("commit_date") or "")[:4]
    item = {
        "id": "loyaltylab-software",
        "type": "software",
        "issued": {"date-parts": [[int(year)]]} if year else {},
        "title": "loyaltylab",
        "version": manifest["code_version"],
        "language": manifest["language"],
    }
    return _reference(item, "software")


def _reference(item: dict[str, Any], role: str = "data") -> Reference:
    """What is empty is no field."""
    whole = {key: value for key, value in item.items() if value}
    return Reference(whole, Source(whole).line(item["language"]), role)


def _key(identifier: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", identifier).strip("-")


def _number(manifest: dict[str, Any], card: dict[str, Any]) -> int:
    alike = [name for name in manifest["exhibits"] if name[:4] == card["id"][:4]]
    return alike.index(card["id"]) + 1


@lru_cache
def _literature() -> dict[str, Source]:
    """The literature by the line a citation holds."""
    return {source.line(): source for source in read_references().values()}


def _printed(text: str, language: str) -> Reference:
    """A source's own reference: that of the literature, else taken apart where putting it together again gives the text."""
    if text in (known := _literature()):
        return Reference(known[text].item | {"language": language}, known[text].line(language))
    key = f"data-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    item: dict[str, Any] = {"id": key, "type": "document", "title": text, "language": language}
    parts = re.fullmatch(r"(.+?) \((\d{4})\)\. (.+?)\. (.+?)\.(?: https://doi\.org/(\S+))?", text)
    if not parts:
        return Reference(item, text)
    authors, year, title, rest, doi = parts.groups()
    names = re.findall(r"([^,&]+), ((?:[^\s,]\.[ -]?)+)(?:, (?:& )?|$)", authors)
    again = [f"{family}, {given.strip()}" for family, given in names]
    if not again or ", & ".join(filter(None, [", ".join(again[:-1]), again[-1]])) != authors:
        return Reference(item, text)
    item["id"] = re.sub(r"[^a-z0-9]", "", f"{names[0][0]}{year}{title.split()[0]}".lower())
    item |= {"title": title, "author": [{"family": f, "given": g.strip()} for f, g in names]}
    item["issued"] = {"date-parts": [[int(year)]]}
    if journal := re.fullmatch(r"(.+), (\d+)(?:\(([^)]+)\))?, ([\w–-]+)", rest):
        found = zip(("container-title", "volume", "issue", "page"), journal.groups(), strict=True)
        item |= {"type": "article-journal"} | {name: value for name, value in found if value}
    else:
        item |= {"type": "book", "publisher": rest}
    return Reference(item | ({"DOI": doi} if doi else {}), text)


def _year(item: dict[str, Any]) -> str:
    return str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""


def _bibtex_name(author: dict[str, str]) -> str:
    """As BibTeX takes it apart: a body whole, "van der" and "and" with the name they are part of.

    It knows bytes, not letters: the initial of "Ümit" is half a letter to it, and no document, unless the accent is a command.

    >>> _bibtex_name({"family": "Berg", "given": "Ümit van der"}), _bibtex_name({"family": "de Vries", "given": "Bo"})
    ('van der Berg, {\\\\"U}mit', '{de Vries}, Bo')
    """
    if "literal" in author:
        return "{" + tex(author["literal"], bibtex=True) + "}"
    # "Berg, Anna van der" is "van der Berg, Anna" to BibTeX, and as one of the given names it would be "A. v. d."
    given, particle = re.fullmatch(r"(.*?)((?: [^\W\d_A-Z]+)*)", author.get("given", "")).groups()
    if not (particle.islower() and given):
        given, particle = author.get("given", ""), ""
    family, suffix, given = (
        _ACCENTED.sub(_accent, tex(text, bibtex=True)) for text in (author["family"], author.get("suffix", ""), given)
    )
    whole = f"{{{family}}}" if author["family"][:1].islower() or " and " in family else family
    return ", ".join(filter(None, [f"{particle} {whole}".strip(), suffix, given]))


_ACCENTED = re.compile("[À-ÖØ-öø-ž]")
_SIGNS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".", "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c", "\u0328": "k"}  # fmt: skip
_OWN_LETTERS = {"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ı": "i"}  # fmt: skip


def _accent(letter: re.Match[str]) -> str:
    """A letter with an accent as the command for it; one that TeX has none for stays."""
    if found := _OWN_LETTERS.get(letter[0]):
        return f"{{\\{found}}}"
    plain, *signs = unicodedata.normalize("NFD", letter[0])
    if len(signs) != 1 or signs[0] not in _SIGNS:
        return letter[0]
    sign = _SIGNS[signs[0]]
    return f"{{\\{sign}{{{plain}}}}}" if sign.isalpha() else f"{{\\{sign}{plain}}}"


def _full(author: dict[str, str]) -> str:
    return ", ".join(author[key] for key in ("family", "given", "suffix") if key in author)
