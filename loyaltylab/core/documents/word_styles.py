"""The styles of the Word file, under the names Word gives them, so that a thesis template takes over when one pastes."""

from __future__ import annotations

__all__ = ["styles"]

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
