"""Questionnaires made from a codebook: on paper, and for LimeSurvey, Qualtrics and XLSForm."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core import LANGUAGES, CodebookError, check_known, language_name, listed, tr
from ..core import markdown as plain
from ..core import typst as quoted
from .book import Codebook
from .questions import Battery, Question, Section, check_codes, introduction, sections

# ---- LimeSurvey: the tab-separated structure of a survey.

_COLUMNS = (
    *("class", "type/scale", "name", "relevance", "text", "help", "language"),
    *("validation", "mandatory", "other", "default", "same_default"),
    *("min_num_value_n", "max_num_value_n"),
)
#: Codes LimeSurvey keeps for itself.
_RESERVED = {"LANG", "SID", "SAVEDID", "TOKEN", "QID", "GID", "SGQ", "self", "that", "this", "time", "other"}
_MOST_BUTTONS = 12
_Row = dict[str, str]


def limesurvey(codebook: Codebook, found: Sequence[Section], language: str) -> dict[str, bytes]:
    """The structure in both languages; names lose their underscores, which LimeSurvey does not allow.

    Checked against the manual and LimeSurvey's own import (`TSVImportSurvey` and the rules of its question codes).

    References
    ----------
    LimeSurvey manual, Tab Separated Value survey structure,
    https://www.limesurvey.org/manual/Tab_Separated_Value_survey_structure
    """
    batteries = [battery for section in found for battery in section.batteries]
    asked = [question.name for battery in batteries for question in battery.questions]
    own = [_code(battery.name) for battery in batteries if len(battery.questions) > 1]
    codes = [*map(_code, asked), *own]
    rule = "20 letters and digits at most, a letter first (underscores are left out)"
    check_codes("name", codes, r"[A-Za-z][A-Za-z0-9]{0,19}", "LimeSurvey", rule)
    if twice := sorted({code for code in codes if codes.count(code) > 1} | (_RESERVED & {*codes})):
        raise CodebookError(
            f"LimeSurvey cannot hold the name {listed(map(repr, twice))} twice or as a code of its own."
        )
    order = [language, *(other for other in LANGUAGES if other != language)]
    rows = [*_settings(order), *_texts(codebook, found, order)]
    for one in order:
        for number, section in enumerate(found):
            rows.append(_lime_row("G", section.title[one], one, scale=f"G{number}", relevance="1"))
            for battery in section.batteries:
                rows += _lime_battery(battery, one)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, restval="", delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return {f"{codebook.name}_limesurvey.txt": text.getvalue().encode("utf-8-sig")}


def _code(name: str) -> str:
    return name.replace("_", "")


def _no_tags(text: str) -> str:
    """Text that a survey tool, which takes a wording for HTML, shows as it is."""
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _lime_row(kind: str, name: str, language: str = "", text: str = "", scale: str = "", **more: str) -> _Row:
    cells = {"class": kind, "type/scale": scale, "name": name, "text": _no_tags(text), "language": language, **more}
    # A tab or new line would be read as the next cell, a backslash as an escape, words in braces as an expression.
    return {key: re.sub(r"[\s\\]+", " ", str(cell).replace("{", "{ ")) for key, cell in cells.items()}


def _settings(order: Sequence[str]) -> list[_Row]:
    facts = {"language": order[0], "additional_languages": " ".join(order[1:]), "format": "G", "anonymized": "Y"}
    return [_lime_row("S", name, text=text) for name, text in facts.items()]


def _texts(codebook: Codebook, found: Sequence[Section], order: Sequence[str]) -> Iterator[_Row]:
    for one in order:
        welcome = "".join(f"<p>{_no_tags(text)}</p>" for text in introduction(found, one))
        facts = {
            "language": one,
            "title": codebook.title[one],
            "welcometext": "",
            "endtext": tr("Thank you for your answers.")[one],
        }
        rows = {name: _lime_row("SL", f"surveyls_{name}", one, text) for name, text in facts.items()}
        rows["welcometext"]["text"] = welcome
        yield from rows.values()


def _lime_battery(battery: Battery, language: str) -> Iterator[_Row]:
    """An array (F), a list (L, or ! where it is long) or a number (N), with its subquestions and answers."""
    asked = {"relevance": "1", "mandatory": "N", "other": "N"}
    first = battery.questions[0]
    if len(battery.questions) > 1:
        yield _lime_row(
            "Q",
            _code(battery.name),
            language,
            tr("For each line, choose the answer that fits best.")[language],
            "F",
            **asked,
        )
        for question in battery.questions:
            yield _lime_row("SQ", _code(question.name), language, question.text[language], "0", relevance="1")
    elif battery.answers:
        kind = "L" if len(battery.answers) <= _MOST_BUTTONS else "!"
        yield _lime_row("Q", _code(first.name), language, first.text[language], kind, **asked)
    else:
        text = f"{first.text[language]} ({first.unit[language]})" if first.unit else first.text[language]
        ends = dict(zip(_COLUMNS[-2:], (f"{end:g}" for end in first.range), strict=True)) if first.range else {}
        yield _lime_row("Q", _code(first.name), language, text, "N", **asked, **ends)
    check_codes("code", battery.answers, r"[A-Za-z0-9]{1,5}", "LimeSurvey", "a code has 1 to 5 letters or digits")
    yield from (_lime_row("A", str(code), language, text[language], "0") for code, text in battery.answers.items())


# ---- The questionnaire on paper: as PDF, typeset by Typst, and as a Word file to adapt.


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
    from ..core import raw

    title = plain(codebook.title[language])
    text = [f'::: {{custom-style="Title"}}\n{title}\n:::', *map(plain, _opening(found, language))]
    text.append(f"**{plain(tr('Brand or company:')[language])}** {plain(_LINE)}")
    for heading, printed in _printed(found, language):
        text.append(f"# {plain(heading)}")
        text += [raw(_xml(block), "openxml") for block in printed]
    text.append(plain(tr("Thank you for your answers.")[language]))
    return {f"{codebook.name}_{language}.docx": _document("\n\n".join(text), codebook.title[language], language)}


def _document(text: str, title: str, language: str) -> bytes:
    from ..core import finished, pandoc

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
    from ..core import text_run

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


# ---- Qualtrics: a survey as text in the advanced format.


def qualtrics(codebook: Codebook, found: Sequence[Section], language: str) -> dict[str, bytes]:
    """The survey in one language: a block for every section, a matrix for every battery.

    Qualtrics numbers the columns of a matrix; its export puts the question under each, by which they are found again.
    Advanced text sets no limits to a number; set them in Qualtrics where they matter.

    References
    ----------
    Qualtrics support, Import & export surveys, Preparing an advanced format TXT file,
    https://www.qualtrics.com/support/survey-platform/survey-module/survey-tools/import-and-export-surveys/
    """
    lines = ["[[AdvancedFormat]]", "", f"[[Block:{_line(tr('Questions')[language])}]]", "", "[[Question:DB]]"]
    lines += ["<br><br>".join(map(_no_tags, introduction(found, language))), ""]
    for section in found:
        lines += [f"[[Block:{_line(section.title[language])}]]", ""]
        for number, battery in enumerate(section.batteries):
            lines += ["[[PageBreak]]", ""] * bool(number)
            lines += [*_qualtrics_battery(battery, language), ""]
    return {f"{codebook.name}_qualtrics_{language}.txt": "\n".join(lines).encode()}


def _line(text: str) -> str:
    """Text on one line, in which nothing is a tag."""
    return _no_tags(" ".join(text.split())).replace("[[", "[ [").replace("]]", "] ]").replace("${", "$ {")


def _qualtrics_battery(battery: Battery, language: str) -> Iterator[str]:
    first = battery.questions[0]
    check_codes("code", battery.answers, r"-?\d+(\.\d+)?", "Qualtrics", "recode values are numbers")
    if len(battery.questions) > 1:
        yield from (
            "[[Question:Matrix]]",
            f"[[ID:{battery.name}]]",
            tr("For each line, choose the answer that fits best.")[language],
        )
        yield from (
            "[[AdvancedChoices]]",
            *_listed("Choice", enumerate((q.text for q in battery.questions), 1), language),
        )
        yield from ("[[AdvancedAnswers]]", *_listed("Answer", battery.answers.items(), language))
    elif battery.answers:
        kind = "SingleAnswer:Horizontal" if battery.is_rating else "SingleAnswer:Vertical"
        yield from (f"[[Question:MC:{kind}]]", f"[[ID:{first.name}]]", _line(first.text[language]))
        yield from ("[[AdvancedChoices]]", *_listed("Choice", battery.answers.items(), language))
    else:
        unit = f" ({first.unit[language]})" if first.unit else ""
        yield from ("[[Question:TE:SingleLine]]", f"[[ID:{first.name}]]", _line(first.text[language] + unit))


def _listed(tag: str, texts: Iterable[tuple[Any, Mapping[str, str]]], language: str) -> Iterator[str]:
    """Code and text of each, with the code as recode value."""
    for code, text in texts:
        yield from (f"[[{tag}:{code}]]", _line(text[language]))


# ---- XLSForm: the workbook that ODK and KoBo turn into a form.

_LANGUAGES = {language: f"{language_name(language)} ({language})" for language in LANGUAGES}
_LABELS = [f"label::{name}" for name in _LANGUAGES.values()]
_HINTS = [f"constraint_message::{name}" for name in _LANGUAGES.values()]
_SURVEY = ["type", "name", *_LABELS, "appearance", "constraint", *_HINTS]


def xlsform(codebook: Codebook, found: Sequence[Section], language: str) -> dict[str, bytes]:
    """The workbook, with a group for every section and a screen for every battery; in both languages.

    References
    ----------
    XLSForm standard, https://xlsform.org/en/; ODK form language, https://docs.getodk.org/form-language
    """
    survey = [_form_row("note", "introduction", {key: "\n\n".join(introduction(found, key)) for key in _LANGUAGES})]
    choices: list[list[str]] = []
    lists: dict[str, str] = {}
    for section in found:
        survey.append(_form_row("begin_group", section.name, section.title))
        for battery in section.batteries:
            kind = _kind(battery, lists, choices)
            rows = [_asked(question, battery, kind) for question in battery.questions]
            if len(rows) > 1:
                screen = tr("For each line, choose the answer that fits best.")
                rows = [_form_row("begin_group", battery.name, screen, "field-list"), *rows, ["end_group"]]
            survey += rows
        survey.append(["end_group"])
    names = [row[1] for row in survey if len(row) > 1]
    check_codes("name", names, r"[A-Za-z_][A-Za-z0-9_.-]*", "XLSForm", "letters, digits and _ only, a letter first")
    version = hashlib.sha256(repr((survey, choices)).encode()).hexdigest()[:10]
    settings = [codebook.title[language], codebook.name, version, _LANGUAGES[language]]
    sheets = {
        "survey": [_SURVEY, *survey],
        "choices": [["list_name", "name", *_LABELS], *choices],
        "settings": [["form_title", "form_id", "version", "default_language"], settings],
    }
    return {f"{codebook.name}_xlsform.xlsx": workbook(sheets)}


def _form_row(kind: str, name: str, text: Mapping[str, str], appearance: str = "", constraint: str = "") -> list[str]:
    return [kind, name, *(_plain(text[key]) for key in _LANGUAGES), appearance, constraint]


def _plain(text: str) -> str:
    """Text in which nothing is a reference to another question."""
    return text.replace("${", "$ {")


def _kind(battery: Battery, lists: dict[str, str], choices: list[list[str]]) -> str:
    """The type of a battery's questions; its answers are added to the choices where no earlier list has them."""
    if not battery.answers:
        low_high = battery.questions[0].range
        return "integer" if low_high and all(end == int(end) for end in low_high) else "decimal"
    check_codes("code", battery.answers, r"\S+", "XLSForm", "no blanks in a code")
    rows = [[str(code), *(_plain(text[key]) for key in _LANGUAGES)] for code, text in battery.answers.items()]
    if repr(rows) not in lists:
        lists[repr(rows)] = name = f"answers_{len(lists) + 1}"
        choices += [[name, *row] for row in rows]
    return f"select_one {lists[repr(rows)]}"


def _asked(question: Question, battery: Battery, kind: str) -> list[str]:
    appearance = "" if not battery.is_rating else "likert" if len(battery.answers) <= 7 else "columns-pack"
    text = {key: f"{words} ({question.unit[key]})" if question.unit else words for key, words in question.text.items()}
    if battery.answers or not question.range:
        return _form_row(kind, question.name, text, appearance)
    low, high = (f"{end:g}" for end in question.range)
    row = _form_row(kind, question.name, text, "", f". >= {low} and . <= {high}")
    return [*row, *(tr("A number from {} to {}.")[key].format(low, high) for key in _LANGUAGES)]


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """The sheets as xlsx, every cell a text, without the clock that openpyxl puts in.

    Parameters
    ----------
    sheets : dict of str → list of list of Any
        Name of a sheet → its rows of cells.

    Returns
    -------
    bytes
        The file, the same each time.

    Examples
    --------
    >>> workbook({"survey": [["name", "label"], ["q1", "=1+1"]]})[:2]
    b'PK'
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        tab = book.create_sheet(name)
        for row in rows:
            tab.append(row)
        for cell in (cell for row in tab.iter_rows() for cell in row if isinstance(cell.value, str)):
            cell.data_type = "s"  # a question that begins with = is not a formula
    made, clean = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as target:
        for part in sorted(source.namelist()):
            content = source.read(part)
            if part == "docProps/core.xml":
                content = re.sub(rb"<dcterms:\w+[^>]*>[^<]*</dcterms:\w+>", b"", content)
            info = zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0))
            info.create_system = 0
            target.writestr(info, content, zipfile.ZIP_DEFLATED)
    return clean.getvalue()


# ---- Questionnaires from a codebook, for the tools that field them and for paper.

#: Form → (codebook, sections, language) → file name → content.
FORMS: dict[str, Callable[[Codebook, Sequence[Section], str], dict[str, bytes]]] = {
    "xlsform": xlsform,
    "limesurvey": limesurvey,
    "qualtrics": qualtrics,
    "word": word,
    "pdf": pdf,
}


def questionnaire(
    codebook: Codebook, form: str, *, language: str = "en", modules: Sequence[str] = ()
) -> dict[str, bytes]:
    """The questionnaire of a codebook in the form a survey tool imports, or to print.

    Items with values become a choice, items with a short range a rating, others a number. Weight, cluster, respondent
    and duration come from the field and are not asked; nor is an item without wording, which is measured otherwise.
    Every question may be skipped. What the tools export comes back through `read_survey` with the same codebook.

    Parameters
    ----------
    form : {"xlsform", "limesurvey", "qualtrics", "word", "pdf"}
        XLSForm opens in ODK and KoBo; LimeSurvey's is its tab-separated structure, Qualtrics' its advanced text.
    language : {"en", "nl"}
        The language shown first by XLSForm and LimeSurvey, which hold both; the only one of the others.
    modules : sequence of str
        Modules of the codebook to ask; all where left out.
    codebook : Codebook
        What is asked, with its labels and ranges.

    Returns
    -------
    dict
        File name → content; the same bytes every time.

    Raises
    ------
    UnknownName
        For a form, language or module that does not exist.
    CodebookError
        If nothing is left to ask, or a name or code is one the tool cannot hold.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> files = questionnaire(read_codebook("mobi"), "qualtrics", language="nl")
    >>> list(files)
    ['mobi_qualtrics_nl.txt']
    """
    check_known("form", form, FORMS)
    check_known("language", language, LANGUAGES)
    return FORMS[form](codebook, sections(codebook, modules), language)
