"""XLSForm: the workbook that ODK and KoBo turn into a form."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from ...core import LANGUAGES, language_name, tr
from ..book import Codebook
from .questions import Battery, Question, Section, held, introduction

__all__ = ["xlsform"]

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
    survey = [_row("note", "introduction", {key: "\n\n".join(introduction(found, key)) for key in _LANGUAGES})]
    choices: list[list[str]] = []
    lists: dict[str, str] = {}
    for section in found:
        survey.append(_row("begin_group", section.name, section.title))
        for battery in section.batteries:
            kind = _kind(battery, lists, choices)
            rows = [_asked(question, battery, kind) for question in battery.questions]
            if len(rows) > 1:
                screen = tr("For each line, choose the answer that fits best.")
                rows = [_row("begin_group", battery.name, screen, "field-list"), *rows, ["end_group"]]
            survey += rows
        survey.append(["end_group"])
    names = [row[1] for row in survey if len(row) > 1]
    held("name", names, r"[A-Za-z_][A-Za-z0-9_.-]*", "XLSForm", "letters, digits and _ only, a letter first")
    version = hashlib.sha256(repr((survey, choices)).encode()).hexdigest()[:10]
    settings = [codebook.title[language], codebook.name, version, _LANGUAGES[language]]
    sheets = {
        "survey": [_SURVEY, *survey],
        "choices": [["list_name", "name", *_LABELS], *choices],
        "settings": [["form_title", "form_id", "version", "default_language"], settings],
    }
    return {f"{codebook.name}_xlsform.xlsx": _workbook(sheets)}


def _row(kind: str, name: str, text: Mapping[str, str], appearance: str = "", constraint: str = "") -> list[str]:
    return [kind, name, *(_plain(text[key]) for key in _LANGUAGES), appearance, constraint]


def _plain(text: str) -> str:
    """Text in which nothing is a reference to another question."""
    return text.replace("${", "$ {")


def _kind(battery: Battery, lists: dict[str, str], choices: list[list[str]]) -> str:
    """The type of a battery's questions; its answers are added to the choices where no earlier list has them."""
    if not battery.answers:
        low_high = battery.questions[0].range
        return "integer" if low_high and all(end == int(end) for end in low_high) else "decimal"
    held("code", battery.answers, r"\S+", "XLSForm", "no blanks in a code")
    rows = [[str(code), *(_plain(text[key]) for key in _LANGUAGES)] for code, text in battery.answers.items()]
    if repr(rows) not in lists:
        lists[repr(rows)] = name = f"answers_{len(lists) + 1}"
        choices += [[name, *row] for row in rows]
    return f"select_one {lists[repr(rows)]}"


def _asked(question: Question, battery: Battery, kind: str) -> list[str]:
    appearance = "" if not battery.is_rating else "likert" if len(battery.answers) <= 7 else "columns-pack"
    text = {key: f"{words} ({question.unit[key]})" if question.unit else words for key, words in question.text.items()}
    if battery.answers or not question.range:
        return _row(kind, question.name, text, appearance)
    low, high = (f"{end:g}" for end in question.range)
    row = _row(kind, question.name, text, "", f". >= {low} and . <= {high}")
    return [*row, *(tr("A number from {} to {}.")[key].format(low, high) for key in _LANGUAGES)]


def _workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """The sheets as xlsx, every cell a text, without the clock that openpyxl puts in."""
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
