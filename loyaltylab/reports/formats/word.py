"""The Word file: what a thesis takes over as it is, with captions, styles and cross-references that Word knows."""

from __future__ import annotations

import struct
from html import escape
from pathlib import Path
from typing import Any

from ...core import ReportError, finished, pandoc, plain, raw, text_run, xml_text
from ...exhibits import fit_columns, lines_of_type, unbroken
from ..cards import Card, on_paper, table_cells
from ..words import stated, words_in
from .markdown import markdown

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
#: Width of the text on A4 with margins of 25 mm, in twentieths of a point, and in the units of drawings.
_TEXT_WIDTH = 9070
_EMU_PER_TWIP = 635
#: Height of a drawing, 120 mm, that leaves room on its page for what is said of it.
_HIGHEST = 120 * 36000
#: Characters on a line of a table in nine points, also where a wider letter stands in for Calibri.
_LINE = 92
#: Lines of a table up to which it stays on one page.
_LINES_KEPT = 16
_NO_BREAK = "\u00a0"


class Document:
    """The form of the Word file: exhibits in Word's own XML, every text escaped."""

    with_code = False

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self.word = words_in(language)
        self.pictures: dict[str, bytes] = {}

    def appendix(self) -> str:
        """See `Form`."""
        return ""

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
            card = on_paper(card)
            table = _table(card) if card["markdown"] else ""
            return raw(_caption(card, name, "TableCaption") + table + source, "openxml")
        # The picture of the exhibits folder: 300 dpi, with its source in it, so that the source travels along.
        png = (self.folder / "exhibits" / f"{card['id']}.png").read_bytes()
        picture = f'<w:p><w:pPr><w:pStyle w:val="Figure"/></w:pPr>{self._drawing(png, card["alt"])}</w:p>'
        return raw(picture + _caption(card, name, "Caption"), "openxml")

    def _drawing(self, png: bytes, alt: str) -> str:
        number = len(self.pictures) + 1
        self.pictures[f"picture{number}.png"] = png
        width, height = struct.unpack(">II", png[16:24])
        across = min(_TEXT_WIDTH * _EMU_PER_TWIP, round(width * 914400 / 300), _HIGHEST * width // height)
        size = f'cx="{across}" cy="{round(across * height / width)}"'
        named = f'id="{1000 + number}" name="picture{number}" descr="{escape(xml_text(alt))}"'
        return (
            f'<w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent {size}/><wp:docPr {named}/><a:graphic xmlns:a="{_DRAWING}/main">'
            f'<a:graphicData uri="{_DRAWING}/picture"><pic:pic xmlns:pic="{_DRAWING}/picture">'
            f'<pic:nvPicPr><pic:cNvPr {named}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="picture{number}"/>'
            f'<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
        )


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
    """A table over the width of the text: short ones stay whole, long ones repeat their heading and leave no row alone; its alt
    text is inside."""
    cells, numeric = table_cells(card)
    shares, scale = fit_columns(cells, numeric, _LINE)
    widths = [int(_TEXT_WIDTH * share) for share in shares]
    short = lines_of_type(cells, [share * _LINE / scale for share in shares]) <= _LINES_KEPT
    small = f'<w:sz w:val="{int(18 * scale)}"/>' if scale < 1 else ""

    def cell(text: str, width: int, number: bool, kept: str) -> str:
        side = f'<w:jc w:val="{"right" if number else "left"}"/>'
        block = f'<w:p><w:pPr><w:pStyle w:val="TableText"/>{kept}{side}</w:pPr>{text_run(unbroken(text), small)}</w:p>'
        return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{block}</w:tc>'

    def kept(i: int) -> str:
        return "<w:keepNext/>" if short or i < 2 or i >= len(cells) - 3 else ""

    lines = "".join(
        f"<w:tr><w:trPr><w:cantSplit/>{'' if i else '<w:tblHeader/>'}</w:trPr>"
        + "".join(cell(*facts, kept(i)) for facts in zip(row, widths, numeric, strict=True))
        + "</w:tr>"
        for i, row in enumerate(cells)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Table"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f'<w:tblCaption w:val="{escape(xml_text(card["title"]))}"/><w:tblDescription w:val="{escape(xml_text(card["alt"]))}"/></w:tblPr>'
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
    target.write_bytes(finished(written, manifest, form.word, form.pictures))
    return target


def _opening(manifest: dict[str, Any]) -> str:
    """Title and evidence, as Markdown."""
    language, tier, evidence = manifest["language"], manifest["evidence_tier"], manifest["evidence"]
    lines = [("Title", plain(manifest["title"]))]
    if tier:
        lines.append(("Evidence", f"**{words_in(language)[tier]}**"))
        lines.append(("Evidence", plain(stated(manifest))))
        lines.append(("Evidence", f"**{plain(evidence['note'])}**" if evidence.get("note") else ""))
    return "\n\n".join(f'::: {{custom-style="{style}"}}\n{text}\n:::' for style, text in lines if text)
