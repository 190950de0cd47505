"""The Word file: what a thesis takes over as it is, with captions, styles and cross-references that Word knows."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from html import escape
from pathlib import Path
from typing import Any

from ..errors import ReportError
from .render import Card, markdown, pandoc, plain, raw, table_cells, table_fit
from .word_styles import styles
from .words import words_in

__all__ = ["Document", "finished", "text_run", "write_word"]

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_NAMES = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}/relationships"'
#: Without it Word opens the file in "compatibility mode", as if made in 2007.
_WORD_2013 = '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
#: Width of the text on A4 with margins of 25 mm, in twentieths of a point, and in the units of drawings.
_TEXT_WIDTH = 9070
_EMU_PER_TWIP = 635
#: Characters on a line of a table in nine points, also where a wider letter stands in for Calibri.
_LINE = 92
_NO_BREAK = "\u00a0"


class Document:
    """The form of the Word file: exhibits in Word's own XML, every text escaped."""

    with_code = False

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self.word = words_in(language)
        self.pictures: dict[str, bytes] = {}

    def reference(self, card_id: str, name: str) -> str:
        """A field that follows the number, also when the exhibit is pasted into another document."""
        return f'`<w:fldSimple w:instr=" REF {_bookmark(name)} \\h \\* MERGEFORMAT ">{text_run(name)}</w:fldSimple>`{{=openxml}}'

    def picture(self, png: bytes) -> str:
        """See `Form`."""
        return raw(
            f'<w:p><w:pPr><w:pStyle w:val="Figure"/></w:pPr>{self._drawing(png, self.word["figure"])}</w:p>', "openxml"
        )

    def exhibit(self, card: Card, name: str, data: dict[str, Any]) -> str:
        """See `Form`."""
        if card["kind"] == "table":
            source = f'<w:p><w:pPr><w:pStyle w:val="Source"/></w:pPr>{text_run(card["source"])}</w:p>'
            return raw(_caption(card, name, "TableCaption") + _table(card) + source, "openxml")
        # The picture of the exhibits folder: 300 dpi, with its source in it, so that the source travels along.
        png = (self.folder / "exhibits" / f"{card['id']}.png").read_bytes()
        picture = f'<w:p><w:pPr><w:pStyle w:val="Figure"/></w:pPr>{self._drawing(png, card["alt"])}</w:p>'
        return raw(picture + _caption(card, name, "Caption"), "openxml")

    def _drawing(self, png: bytes, alt: str) -> str:
        number = len(self.pictures) + 1
        self.pictures[f"picture{number}.png"] = png
        width, height = struct.unpack(">II", png[16:24])
        across = min(_TEXT_WIDTH * _EMU_PER_TWIP, round(width * 914400 / 300))
        size = f'cx="{across}" cy="{round(across * height / width)}"'
        named = f'id="{1000 + number}" name="picture{number}" descr="{escape(_xml(alt))}"'
        return (
            f'<w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent {size}/><wp:docPr {named}/><a:graphic xmlns:a="{_DRAWING}/main">'
            f'<a:graphicData uri="{_DRAWING}/picture"><pic:pic xmlns:pic="{_DRAWING}/picture">'
            f'<pic:nvPicPr><pic:cNvPr {named}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="picture{number}"/>'
            f'<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
        )


def _xml(text: str) -> str:
    """Text that XML can hold."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", " ", text)


def text_run(text: str, properties: str = "") -> str:
    """Text as Word holds it, whatever its signs."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(_xml(text))}</w:t></w:r>'


def _bookmark(name: str) -> str:
    return "exhibit_" + "_".join(name.split())


def _caption(card: Card, name: str, style: str) -> str:
    """A caption as Word makes it: the number is a field, so that numbers and lists of figures update."""
    word, number = name.rsplit(" ", 1)
    properties = '<w:rStyle w:val="CaptionNumber"/>'
    mark = f'w:id="{(5000 if card["kind"] == "figure" else 6000) + int(number)}"'
    field = f'<w:fldSimple w:instr=" SEQ {word} \\* ARABIC ">{text_run(number, properties)}</w:fldSimple>'
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:bookmarkStart {mark} w:name="{_bookmark(name)}"/>'
        f"{text_run(word + _NO_BREAK, properties)}{field}<w:bookmarkEnd {mark}/>"
        f"{text_run('  ')}{text_run(card['title'] + '.', '<w:b/>')}{text_run(' ' + card['caption'])}</w:p>"
    )


def _table(card: Card) -> str:
    """A table over the width of the text: short ones stay whole, long ones repeat their heading; its alt text is inside."""
    cells, numeric = table_cells(card)
    shares, scale = table_fit(cells, numeric, _LINE)
    widths = [int(_TEXT_WIDTH * share) for share in shares]
    whole = "<w:keepNext/>" if len(cells) <= 10 else ""
    small = f'<w:sz w:val="{int(18 * scale)}"/>' if scale < 1 else ""

    def cell(text: str, width: int, number: bool) -> str:
        side = f'<w:jc w:val="{"right" if number else "left"}"/>'
        block = f'<w:p><w:pPr><w:pStyle w:val="TableText"/>{whole}{side}</w:pPr>{text_run(text, small)}</w:p>'
        return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{block}</w:tc>'

    lines = "".join(
        f"<w:tr><w:trPr><w:cantSplit/>{'' if i else '<w:tblHeader/>'}</w:trPr>"
        + "".join(cell(*facts) for facts in zip(row, widths, numeric, strict=True))
        + "</w:tr>"
        for i, row in enumerate(cells)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Table"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f'<w:tblCaption w:val="{escape(_xml(card["title"]))}"/><w:tblDescription w:val="{escape(_xml(card["alt"]))}"/></w:tblPr>'
        f'<w:tblGrid>{"".join(f"""<w:gridCol w:w="{width}"/>""" for width in widths)}</w:tblGrid>{lines}</w:tbl>'
    )


def write_word(notebook: dict[str, Any], manifest: dict[str, Any], folder: Path) -> Path:
    """`report.docx`: prose through pandoc, exhibits in Word's own terms, the same bytes from run to run."""
    form = Document(folder, manifest["language"])
    try:
        text = f"{_opening(manifest)}\n\n{markdown(notebook, manifest, form)}"
    except OSError as error:
        raise ReportError(
            f"the Word file needs the picture {Path(error.filename).name} of exhibits/, which is not there"
        ) from None
    written = pandoc(text, "docx", "--shift-heading-level-by=-1", "--columns=1")
    target = folder / "report.docx"
    target.write_bytes(finished(written, form, manifest))
    return target


def _opening(manifest: dict[str, Any]) -> str:
    """Title and evidence, as Markdown."""
    language, tier, evidence = manifest["language"], manifest["evidence_tier"], manifest["evidence"]
    lines = [("Title", plain(manifest["title"]))]
    if tier:
        lines.append(("Evidence", f"**{words_in(language)[tier]}**"))
        lines.append(("Evidence", plain(evidence.get("source", {}).get(language, ""))))
        lines.append(("Evidence", f"**{plain(evidence['note'])}**" if evidence.get("note") else ""))
    return "\n\n".join(f'::: {{custom-style="{style}"}}\n{text}\n:::' for style, text in lines if text)


def finished(written: bytes, form: Document, manifest: dict[str, Any]) -> bytes:
    """Pandoc's file with our styles, pictures, page, header and footer; no clock in it."""
    with zipfile.ZipFile(io.BytesIO(written)) as source:
        parts = {name: source.read(name) for name in source.namelist() if not name.endswith("/")}
    parts["word/styles.xml"] = styles(manifest["language"]).encode()
    parts["word/document.xml"] = _document(parts["word/document.xml"].decode()).encode()
    parts["word/header1.xml"] = _edge(
        "hdr", "Header", text_run(manifest["title"]) + _tab() + text_run(manifest["id"])
    ).encode()
    counted = f"{text_run(form.word['page'] + ' ')}{_field('PAGE')}{text_run(' ' + form.word['of'] + ' ')}{_field('NUMPAGES')}"
    version = text_run(f"loyaltylab {manifest['code_version']}")
    parts["word/footer1.xml"] = _edge("ftr", "Footer", version + _tab() + counted).encode()
    related = [("header1", "header", "header1.xml"), ("footer1", "footer", "footer1.xml")]
    for name, content in form.pictures.items():
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
    written = "".join(f"<{name}>{escape(_xml(text))}</{name}>" for name, text in facts.items())
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
