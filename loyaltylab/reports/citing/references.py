"""What a reference list says: of a run or an exhibit, and of the data behind it, as APA, BibTeX, RIS and CSL-JSON."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...core import TIERS, Source, read_references, tex, tr

__all__ = ["CITATION_WORDS", "Reference", "references"]

CITATION_WORDS = {
    "figure": tr("Figure"),
    "table": tr("Table"),
    "report": tr("Report"),
    "data": tr("data"),
    "unknown": tr("not stated"),
    "version": tr("Version"),
    "no_date": tr("n.d."),
    "others": tr("et al."),
}
_BIBTEX = {
    "article-journal": "article",
    "book": "book",
    "chapter": "incollection",
    "thesis": "phdthesis",
    "report": "techreport",
}
_RIS = {"article-journal": "JOUR", "book": "BOOK", "chapter": "CHAP", "thesis": "THES", "webpage": "ELEC"}
#: What BibTeX calls the publisher and the container of a kind, where it has a word of its own.
_OWN_WORDS = {
    "phdthesis": {"publisher": "school"},
    "techreport": {"publisher": "institution"},
    "incollection": {"journal": "booktitle"},
}


@dataclass(frozen=True)
class Reference:
    """One entry of a reference list: a CSL-JSON item, and the line APA prints for it."""

    item: dict[str, Any]
    apa: str

    @property
    def in_text(self) -> str:
        """Authors and year as a sentence names them; empty where they could not be read from a source's own text."""
        names = [author.get("family", author.get("literal")) for author in self.item.get("author", [])]
        if not names or "issued" not in self.item:
            return ""
        others = f"{names[0]} {CITATION_WORDS['others'][self.item.get('language', 'en')]}"
        return f"{' & '.join(names) if len(names) < 3 else others} ({_year(self.item)})"

    def bibtex(self) -> str:
        """An entry for BibTeX and biblatex, every text escaped."""
        item = self.item
        kind = _BIBTEX.get(item["type"], "misc")
        fields = {"author": " and ".join(_bibtex_name(author) for author in item.get("author", []))}
        fields["title"] = "{" + tex(item["title"], bibtex=True) + "}"
        plain = {"journal": "container-title", "volume": "volume", "number": "issue", "pages": "page"}
        plain |= {"publisher": "publisher", "edition": "edition", "doi": "DOI", "isbn": "ISBN"}
        own = _OWN_WORDS.get(kind, {})
        if kind != "misc":
            fields |= {own.get(name, name): tex(item.get(key, ""), bibtex=True) for name, key in plain.items()}
            if re.fullmatch(r"[\w./()<>:;+-]*", item.get("DOI", "")):
                fields["doi"] = item.get("DOI", "")  # read as it stands, an escaped underscore too
            fields["editor"] = " and ".join(_bibtex_name(editor) for editor in item.get("editor", []))
        elif item["type"] == "webpage":
            fields["howpublished"] = tex(item["publisher"], bibtex=True)
        elif "archive_location" in item:
            inside = [item["container-title"]] if "container-title" in item else []
            fields["howpublished"] = tex("; ".join([*inside, item["archive_location"]]), bibtex=True)
            fields |= {"version": tex(item["version"], bibtex=True), "note": tex(item["note"], bibtex=True)}
        fields["year"] = _year(item)
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        return f"@{kind}{{{item['id']},\n{lines}}}\n"

    def ris(self) -> str:
        """An entry for EndNote, Zotero and Mendeley."""
        item = self.item
        tags = [("TY", _RIS.get(item["type"], "RPRT")), ("ID", item["id"])]
        tags += [
            ("AU", author.get("literal") or f"{author['family']}, {author['given']}")
            for author in item.get("author", [])
        ]
        keys = {"TI": "title", "T2": "container-title", "VL": "volume", "IS": "issue", "SP": "page", "PB": "publisher"}
        keys |= {"DO": "DOI", "ET": "version", "AN": "archive_location", "N1": "note", "LA": "language"}
        tags += [("A2", f"{editor['family']}, {editor['given']}") for editor in item.get("editor", [])]
        tags += [("PY", _year(item))] + [(tag, item.get(key, "")) for tag, key in keys.items()]
        return "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in tags if value) + "ER  - \n"


def references(manifest: dict[str, Any], card: dict[str, Any] | None = None) -> list[Reference]:
    """The reference of a run, or of one of its exhibits, and after it those of the data: neither goes without the other."""
    own = _own(manifest, card)
    evidence = (card or {}).get("provenance") or manifest.get("evidence", {})
    # citations of merged sources are joined by semicolons; each begins with authors and a year
    texts = re.split(r"; (?=[^;()]+ \((?:\d{4}|n\.d\.|z\.d\.)[a-z]?\)\. )", evidence.get("citation", ""))
    printed = dict.fromkeys(" ".join(text.split()) for text in texts if text.strip())
    return [own, *(_printed(text, manifest["language"]) for text in printed)]


def _own(manifest: dict[str, Any], card: dict[str, Any] | None) -> Reference:
    language = manifest["language"]
    word = {key: texts[language] for key, texts in CITATION_WORDS.items()}
    identifier = f"{manifest['id']}#{card['id']}" if card else manifest["id"]
    tier = card["provenance"]["tier"] if card else manifest.get("evidence_tier")
    kind = f"{word[card['kind']]} {_number(manifest, card)}" if card else word["report"]
    # in the title, since many reference styles leave out a kind or a note, and the tier may never be left out
    nature = f"[{kind}; {word['data']}: {TIERS[tier][language] if tier else word['unknown']}]"
    report, title = (" ".join(text.split()) for text in (manifest["title"], (card or manifest)["title"]))
    item: dict[str, Any] = {
        "id": re.sub(r"[^A-Za-z0-9]+", "-", identifier).strip("-"),
        "type": "document",
        "title": f"{title} {nature}",
        "author": [{"literal": "loyaltylab"}],
        "version": manifest["code_version"],
        "archive_location": identifier,
        "language": language,
        "note": card["source"] if card else manifest.get("evidence", {}).get("source", {}).get(language, ""),
    }
    if year := str(manifest.get("commit_date") or "")[:4]:
        item["issued"] = {"date-parts": [[int(year)]]}
    if card:
        item["container-title"] = report
    inside = f". In {report}" if card else ""
    version = f"({word['version']} {item['version']})"
    date = f"({year or word['no_date']})"
    return Reference(item, f"loyaltylab. {date}. {item['title']}{inside} {version}. ({identifier}).")


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
    if "literal" in author:
        return "{" + tex(author["literal"], bibtex=True) + "}"
    return tex(f"{author['family']}, {author['given']}", bibtex=True)
