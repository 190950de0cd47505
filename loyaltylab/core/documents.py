"""Documents: pandoc for every format it knows, and what Word needs beside it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from .errors import ReportError

# ---- Calling pandoc, and texts it reads as nothing but text.


def plain(text: str) -> str:
    r"""Text that pandoc prints as it is: on one line, without markup, without entities.

    >>> print(plain("R&amp;D\n*now*"))
    R\&amp;D \*now\*
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~^$@&])", r"\\\1", " ".join(text.split()))


# ---- pandoc --------------------------------------------------------------------------------------------------------------


_MARKDOWN = "markdown-yaml_metadata_block-citations-implicit_figures"


@lru_cache
def _program() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def pandoc(text: str, to: str, *options: str, source: str = _MARKDOWN, patience: float | None = None) -> bytes:
    """Markdown, or another format pandoc reads, in one it writes; pandoc reads no file but those named in the options, fetches nothing, sees no clock.

    Raises
    ------
    ReportError
        With what pandoc said; or where it did not come to an end in so many seconds of `patience`.
    """
    command = [
        _program(),
        f"--from={source}",
        f"--to={to}",
        *("--output=-", "--sandbox", "--quiet", "--syntax-highlighting=none", "--wrap=none"),
        *options,
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, env=environment, timeout=patience)
    except subprocess.TimeoutExpired:
        raise ReportError(f"pandoc did not come to an end in {patience:g} seconds, and was stopped.") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise ReportError(
            f"pandoc could not write {to}: {lines[-1] if lines else f'it stopped with {done.returncode}'}"
        )
    return done.stdout


def raw(content: str, form: str = "html") -> str:
    """What pandoc hands over as it stands, in Markdown for a format of its own: html, typst or openxml."""
    return f"{fence(content)}{{={form}}}\n{content}\n{fence(content)}"


def fence(text: str) -> str:
    """A fence longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


# ---- The styles of the Word file, under the names Word gives them, so that a thesis template takes over when one pastes.

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
#: The country whose spelling Word checks; of other languages that of the same name, as in nl-NL.
_COUNTRY = {"en": "GB"}

#: id: (name in Word, based on, next, paragraph properties, run properties)
_PARAGRAPHS = {
    "BodyText": ("Body Text", "Normal", "", '<w:spacing w:before="0" w:after="140"/>', ""),
    "FirstParagraph": ("First Paragraph", "BodyText", "BodyText", "", ""),
    "Compact": ("Compact", "BodyText", "", '<w:spacing w:before="0" w:after="60"/>', ""),
    "Title": ("Title", "Normal", "BodyText", '<w:keepNext/><w:spacing w:after="200"/>', '<w:b/><w:sz w:val="44"/>'),
    "Heading1": ("heading 1", "Normal", "BodyText", '<w:keepNext/><w:keepLines/><w:spacing w:before="360" w:after="120"/><w:outlineLvl w:val="0"/>', '<w:b/><w:sz w:val="30"/>'),
    "Heading2": ("heading 2", "Normal", "BodyText", '<w:keepNext/><w:keepLines/><w:spacing w:before="280" w:after="100"/><w:outlineLvl w:val="1"/>', '<w:b/><w:sz w:val="25"/>'),
    "Heading3": ("heading 3", "Normal", "BodyText", '<w:keepNext/><w:keepLines/><w:spacing w:before="220" w:after="80"/><w:outlineLvl w:val="2"/>', '<w:b/><w:sz w:val="22"/>'),
    "BlockText": ("Block Text", "BodyText", "BodyText", '<w:pBdr><w:top w:val="single" w:sz="4" w:space="5" w:color="F4F3EF"/><w:left w:val="single" w:sz="36" w:space="10" w:color="A63A2B"/><w:bottom w:val="single" w:sz="4" w:space="5" w:color="F4F3EF"/></w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="F4F3EF"/><w:spacing w:before="160" w:after="160"/><w:ind w:left="240" w:right="120"/>', ""),
    "Evidence": ("Evidence", "BodyText", "", '<w:keepLines/><w:pBdr><w:top w:val="single" w:sz="4" w:space="5" w:color="F4F3EF"/><w:left w:val="single" w:sz="36" w:space="10" w:color="A63A2B"/><w:bottom w:val="single" w:sz="4" w:space="5" w:color="F4F3EF"/></w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="F4F3EF"/><w:spacing w:before="0" w:after="0"/><w:ind w:left="240" w:right="120"/>', '<w:sz w:val="20"/>'),
    "Caption": ("caption", "Normal", "BodyText", '<w:keepLines/><w:spacing w:before="60" w:after="260"/>', '<w:color w:val="4A535C"/><w:sz w:val="19"/>'),
    "TableCaption": ("Table Caption", "Caption", "BodyText", '<w:keepNext/><w:spacing w:before="260" w:after="80"/>', ""),
    "Figure": ("Figure", "Normal", "Caption", '<w:keepNext/><w:spacing w:before="200" w:after="60"/>', ""),
    "TableText": ("Table Text", "Normal", "", '<w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/>', '<w:sz w:val="18"/>'),
    "Source": ("Source", "Normal", "BodyText", '<w:spacing w:before="60" w:after="260"/>', '<w:color w:val="4A535C"/><w:sz w:val="17"/>'),
    "SourceCode": ("Source Code", "BodyText", "", "", '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/><w:sz w:val="18"/>'),
    "Header": ("header", "Normal", "", '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="4" w:color="C9C6BE"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="9070"/></w:tabs><w:spacing w:after="0"/>', '<w:color w:val="59636E"/><w:sz w:val="17"/>'),
    "Footer": ("footer", "Normal", "", '<w:tabs><w:tab w:val="right" w:pos="9070"/></w:tabs><w:spacing w:after="0"/>', '<w:color w:val="59636E"/><w:sz w:val="17"/>'),
    "FootnoteText": ("footnote text", "Normal", "", '<w:spacing w:after="40"/>', '<w:sz w:val="18"/>'),
    "DefinitionTerm": ("Definition Term", "Normal", "Definition", "<w:keepNext/>", "<w:b/>"),
    "Definition": ("Definition", "Normal", "", '<w:ind w:left="360"/>', ""),
}  # fmt: skip

_CHARACTERS = {
    "VerbatimChar": ("Verbatim Char", '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/><w:sz w:val="18"/>'),
    "Hyperlink": ("Hyperlink", '<w:color w:val="0B57A4"/><w:u w:val="single"/>'),
    "FootnoteReference": ("footnote reference", '<w:vertAlign w:val="superscript"/>'),
    "BodyTextChar": ("Body Text Char", ""),
    "SectionNumber": ("Section Number", ""),
    "CaptionNumber": ("Caption Number", '<w:b/><w:color w:val="A63A2B"/>'),
}  # fmt: skip

_LINE = 'w:val="single" w:space="0" w:color'
_TABLE = f"""<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>
<w:style w:type="table" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblBorders><w:top {_LINE}="1F2328" w:sz="8"/><w:bottom {_LINE}="1F2328" w:sz="8"/><w:insideH {_LINE}="D8D6CF" w:sz="4"/></w:tblBorders></w:tblPr><w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders><w:bottom {_LINE}="1F2328" w:sz="6"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>"""


def styles(language: str) -> str:
    """`word/styles.xml` for a report in a language.

    >>> 'w:lang w:val="nl-NL"' in styles("nl")
    True
    """
    tag = f"{language}-{_COUNTRY.get(language, language.upper())}"
    paragraphs = "\n".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/><w:basedOn w:val="{base}"/>'
        + (f'<w:next w:val="{after}"/>' if after else "")
        + f"<w:qFormat/><w:pPr>{block}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        for key, (name, base, after, block, run) in _PARAGRAPHS.items()
    )
    characters = "\n".join(
        f'<w:style w:type="character" w:styleId="{key}"><w:name w:val="{name}"/><w:rPr>{run}</w:rPr></w:style>'
        for key, (name, run) in _CHARACTERS.items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles {_W}>
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Calibri"/><w:color w:val="1F2328"/><w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="{tag}" w:eastAsia="{tag}" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="269" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>
{paragraphs}
{characters}
{_TABLE}
</w:styles>
"""


# ---- Parts of a Word file: runs of text, fields, tabs, and a zip without a clock.

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
