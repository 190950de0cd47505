"""Parts of a Word file: runs of text, fields, tabs, and a zip without a clock."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from html import escape
from typing import Any

from .word_styles import styles

__all__ = ["finished", "text_run"]

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_NAMES = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}/relationships"'
#: Without it Word opens the file in "compatibility mode", as if made in 2007.
_WORD_2013 = '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'


def xml_text(text: str) -> str:
    """Text that XML can hold."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", " ", text)


def text_run(text: str, properties: str = "") -> str:
    """Text as Word holds it, whatever its signs."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(xml_text(text))}</w:t></w:r>'


def finished(
    written: bytes, manifest: dict[str, Any], words: Mapping[str, str], pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Pandoc's file with our styles, pictures, page, header and footer (`words`: "page" and "of"); no clock in it."""
    with zipfile.ZipFile(io.BytesIO(written)) as source:
        parts = {name: source.read(name) for name in source.namelist() if not name.endswith("/")}
    parts["word/styles.xml"] = styles(manifest["language"]).encode()
    parts["word/document.xml"] = _document(parts["word/document.xml"].decode()).encode()
    parts["word/header1.xml"] = _edge(
        "hdr", "Header", text_run(manifest["title"]) + _tab() + text_run(manifest["id"])
    ).encode()
    counted = f"{text_run(words['page'] + ' ')}{_field('PAGE')}{text_run(' ' + words['of'] + ' ')}{_field('NUMPAGES')}"
    version = text_run(f"loyaltylab {manifest['code_version']}")
    parts["word/footer1.xml"] = _edge("ftr", "Footer", version + _tab() + counted).encode()
    related = [("header1", "header", "header1.xml"), ("footer1", "footer", "footer1.xml")]
    for name, content in (pictures or {}).items():
        parts[f"word/media/{name}"] = content
        related.append((name.removesuffix(".png"), "image", f"media/{name}"))
    links = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/relationships/{t}" Target="{f}"/>' for i, t, f in related)
    _into(parts, "word/_rels/document.xml.rels", "</Relationships>", links)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    _into(parts, "[Content_Types].xml", "</Types>", '<Default Extension="png" ContentType="image/png"/>' + "".join(
        f'<Override PartName="/word/{edge}1.xml" ContentType="{kind}.{edge}+xml"/>' for edge in ("header", "footer")
    ))  # fmt: skip
    _into(parts, "word/settings.xml", "<w:rsids>", _WORD_2013)
    parts["docProps/core.xml"] = _core(parts["docProps/core.xml"].decode(), manifest).encode()
    return _zipped(parts)


def _document(xml: str) -> str:
    """Our page, and the small type of tables also where a table is pandoc's."""
    page = (
        '<w:sectPr><w:headerReference w:type="default" r:id="header1"/><w:footerReference w:type="default" r:id="footer1"/>'
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1531" w:right="1418" w:bottom="1418" w:left="1418" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>'
    )
    xml = re.sub(r"<w:sectPr>.*?</w:sectPr>|<w:sectPr */>", lambda _: page, xml, flags=re.S)
    return re.sub(
        r"<w:tbl>.*?</w:tbl>", lambda t: re.sub(r'(<w:pStyle w:val=)"Compact"', r'\1"TableText"', t[0]), xml, flags=re.S
    )


def _core(xml: str, manifest: dict[str, Any]) -> str:
    """The file's properties: what it is and where it came from, and not when."""
    xml = re.sub(r"<dcterms:\w+[^>]*>[^<]*</dcterms:\w+>|<(dc:title|dc:creator|cp:keywords)>.*?</\1>", "", xml)
    facts = {
        "dc:title": manifest["title"],
        "dc:subject": manifest["evidence"].get("source", {}).get(manifest["language"], ""),
        "dc:creator": f"loyaltylab {manifest['code_version']}",
        "cp:keywords": manifest["id"],
        "dc:language": manifest["language"],
    }
    written = "".join(f"<{name}>{escape(xml_text(text))}</{name}>" for name, text in facts.items())
    return xml.replace("</cp:coreProperties>", f"{written}</cp:coreProperties>")


def _edge(kind: str, style: str, runs: str) -> str:
    start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{start}<w:{kind} {_NAMES}><w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p></w:{kind}>'


def _tab() -> str:
    return "<w:r><w:tab/></w:r>"


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} ">{text_run("1")}</w:fldSimple>'


def _into(parts: dict[str, bytes], name: str, before: str, added: str) -> None:
    parts[name] = parts[name].decode().replace(before, added + before).encode()


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):  # "[Content_Types].xml" sorts first, as readers like it
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 0  # the same bytes on every platform
            stored = name.endswith(".png")
            archive.writestr(info, parts[name], zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
