"""The questionnaire on paper: as PDF, typeset by Typst, and as a Word file to adapt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core import markdown as plain
from ...core import tr
from ...core import typst as quoted
from ..book import Codebook
from .questions import Battery, Section, introduction

__all__ = ["Block", "blocks", "pdf", "word"]


@dataclass(frozen=True)
class Block:
    """A battery as it is printed.

    Parameters
    ----------
    kind : {"matrix", "choice", "number"}
        Boxes on a line for each question, a box before each answer, or a line to write on.
    rows : tuple of (number, question)
    answers : tuple of str
        Heads of the columns of boxes, or the answers; for a number its unit.
    ends : (low, high)
        Words over the first and last column of a matrix; empty where every column has its own.
    """

    kind: str
    rows: tuple[tuple[int, str], ...]
    answers: tuple[str, ...]
    ends: tuple[str, str] = ("", "")


def blocks(section: Section, language: str, start: int) -> Iterator[Block]:
    """The batteries of a section, their questions numbered from `start`."""
    for battery in section.batteries:
        rows = tuple((start + at, question.text[language]) for at, question in enumerate(battery.questions))
        start += len(rows)
        yield _block(battery, rows, language)


def _block(battery: Battery, rows: tuple[tuple[int, str], ...], language: str) -> Block:
    if not battery.answers:
        return Block("number", rows, (battery.questions[0].unit.get(language, ""),))
    answers = tuple(text[language] for text in battery.answers.values())
    in_words = not any(answer == str(code) for code, answer in zip(battery.answers, answers, strict=True))
    if battery.is_rating and not in_words:
        return Block("matrix", rows, tuple(map(str, battery.answers)), battery.ends.get(language, ("", "")))
    return Block("matrix" if len(rows) > 1 else "choice", rows, answers)


def _printed(found: Sequence[Section], language: str) -> Iterator[tuple[str, list[Block]]]:
    """Title and blocks of every section, the questions numbered through."""
    start = 1
    for section in found:
        yield section.title[language], list(blocks(section, language, start))
        start += sum(len(battery.questions) for battery in section.batteries)


def _opening(found: Sequence[Section], language: str) -> tuple[str, ...]:
    return (*introduction(found, language), tr("Tick one box for each question, or write on the line.")[language])


def pdf(codebook: Codebook, found: Sequence[Section], language: str) -> dict[str, bytes]:
    """The form as PDF, tagged for screen readers; a battery never breaks over pages."""
    import typst

    facts = [codebook.title[language], language, list(_opening(found, language))]
    facts += [
        word[language] for word in (tr("Brand or company:"), tr("Thank you for your answers."), tr("page"), tr("of"))
    ]
    calls = [f"#show: questionnaire.with({', '.join(map(_value, facts))})"]
    for title, printed in _printed(found, language):
        calls.append(f"#heading({_value(title)})")
        for block in printed:
            parts = ([list(row) for row in block.rows], list(block.answers), *block.ends)
            calls.append(f"#{block.kind}({', '.join(map(_value, parts))})")
    main = '#import "form.typ": *\n' + "\n".join(calls)
    files = {"main": main.encode(), "form.typ": (Path(__file__).parent / "form.typ").read_bytes()}
    done = typst.compile(files, pdf_standards=["ua-1"], ignore_system_fonts=True, timestamp=0, format="pdf")
    return {f"{codebook.name}_{language}.pdf": done}


def _value(value: Any) -> str:
    """A text, number or list as Typst writes it."""
    if isinstance(value, list):
        return f"({' '.join(_value(one) + ',' for one in value)})"
    return quoted(value) if isinstance(value, str) else str(value)


# ---- Word ----------------------------------------------------------------------------------------------------------------

#: Widths in twentieths of a point: the text, the number of a question, a column of boxes under a number, under words.
_TEXT, _NUMBER, _BOX, _WORDS = 9070, 480, (480, 380), 1020
_LINE = "_" * 24


def word(codebook: Codebook, found: Sequence[Section], language: str) -> dict[str, bytes]:
    """The form as a Word file, in Word's own styles."""
    from ...core import raw

    title = plain(codebook.title[language])
    text = [f'::: {{custom-style="Title"}}\n{title}\n:::', *map(plain, _opening(found, language))]
    text.append(f"**{plain(tr('Brand or company:')[language])}** {plain(_LINE)}")
    for heading, printed in _printed(found, language):
        text.append(f"# {plain(heading)}")
        text += [raw(_xml(block), "openxml") for block in printed]
    text.append(plain(tr("Thank you for your answers.")[language]))
    return {f"{codebook.name}_{language}.docx": _document("\n\n".join(text), codebook.title[language], language)}


def _document(text: str, title: str, language: str) -> bytes:
    from ...core import finished, pandoc

    facts = {"title": title, "language": language, "id": "", "code_version": "", "evidence": {}}
    return finished(
        pandoc(text, "docx", "--columns=1"), facts, {"page": tr("page")[language], "of": tr("of")[language]}
    )


def _xml(block: Block) -> str:
    """A block as a table of its own and the space under it."""
    if block.kind == "matrix":
        return _matrix(block) + _paragraph("", "Compact")
    (number, text), *_ = block.rows
    lines = [_paragraph(text, keep=True)]
    if block.kind == "number":
        lines.append(_paragraph(f"{_LINE} {block.answers[0]}".rstrip()))
    else:
        last = len(block.answers) - 1
        lines += [_paragraph(f"☐  {answer}", keep=at < last) for at, answer in enumerate(block.answers)]
    row = _cell(_paragraph(f"{number}.", keep=True), _NUMBER) + _cell("".join(lines), _TEXT - _NUMBER)
    return _table([_NUMBER, _TEXT - _NUMBER], [_row(row)]) + _paragraph("", "Compact")


def _matrix(block: Block) -> str:
    count = len(block.answers)
    in_numbers = block.answers[0].isdigit()
    box = _BOX[count > 7] if in_numbers else min(_WORDS, _TEXT // 2 // count)
    widths = [_NUMBER, _TEXT - _NUMBER - box * count, *[box] * count]
    rows, left = [], widths[0] + widths[1]
    if any(block.ends):
        half = count // 2
        low, high = (
            _paragraph(text, side=side, keep=True) for text, side in zip(block.ends, ("left", "right"), strict=True)
        )
        cells = _cell(_paragraph("", keep=True), left, 2) + _cell(low, box * half, half)
        rows.append(_row(cells + _cell(high, box * (count - half), count - half), True))
    heads = "".join(_cell(_paragraph(answer, side="center", keep=True), box) for answer in block.answers)
    rows.append(_row(_cell(_paragraph("", keep=True), left, 2) + heads, True))
    for at, (number, text) in enumerate(block.rows):
        keep = at < len(block.rows) - 1
        boxes = _cell(_paragraph("☐", side="center", keep=keep), box) * count
        asked = _cell(_paragraph(f"{number}.", keep=keep), _NUMBER) + _cell(_paragraph(text, keep=keep), widths[1])
        rows.append(_row(asked + boxes))
    return _table(widths, rows, any(block.ends))


def _paragraph(text: str, style: str = "TableText", side: str = "left", keep: bool = False) -> str:
    from ...core import text_run

    words = text_run(text) if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{"<w:keepNext/>" * keep}<w:jc w:val="{side}"/></w:pPr>{words}</w:p>'


def _cell(content: str, width: int, columns: int = 1) -> str:
    span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    margins = '<w:tcMar><w:left w:w="30" w:type="dxa"/><w:right w:w="30" w:type="dxa"/></w:tcMar>'
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{margins}</w:tcPr>{content}</w:tc>'


def _row(cells: str, is_head: bool = False) -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' * is_head}</w:trPr>{cells}</w:tr>"


def _table(widths: Sequence[int], rows: Sequence[str], is_matrix: bool = False) -> str:
    line = '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="D8D6CF"/>' if len(rows) > 1 else ""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{line}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )
