"""LimeSurvey: the tab-separated structure of a survey."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from ...core import CodebookError, listed, tr
from ..book import Codebook
from ..entries import LANGUAGES
from .questions import Battery, Section, held, introduction

__all__ = ["limesurvey"]

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
    held("name", codes, r"[A-Za-z][A-Za-z0-9]{0,19}", "LimeSurvey", rule)
    if twice := sorted({code for code in codes if codes.count(code) > 1} | (_RESERVED & {*codes})):
        raise CodebookError(
            f"LimeSurvey cannot hold the name {listed(map(repr, twice))} twice or as a code of its own."
        )
    order = [language, *(other for other in LANGUAGES if other != language)]
    rows = [*_settings(order), *_texts(codebook, found, order)]
    for one in order:
        for number, section in enumerate(found):
            rows.append(_row("G", section.title[one], one, scale=f"G{number}", relevance="1"))
            for battery in section.batteries:
                rows += _battery(battery, one)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, restval="", delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return {f"{codebook.name}_limesurvey.txt": text.getvalue().encode("utf-8-sig")}


def _code(name: str) -> str:
    return name.replace("_", "")


def _row(kind: str, name: str, language: str = "", text: str = "", scale: str = "", **more: str) -> _Row:
    cells = {"class": kind, "type/scale": scale, "name": name, "text": text, "language": language, **more}
    # A tab or new line would be read as the next cell, a backslash as an escape, words in braces as an expression.
    return {key: re.sub(r"[\s\\]+", " ", str(cell).replace("{", "{ ")) for key, cell in cells.items()}


def _settings(order: Sequence[str]) -> list[_Row]:
    facts = {"language": order[0], "additional_languages": " ".join(order[1:]), "format": "G", "anonymized": "Y"}
    return [_row("S", name, text=text) for name, text in facts.items()]


def _texts(codebook: Codebook, found: Sequence[Section], order: Sequence[str]) -> Iterator[_Row]:
    for one in order:
        welcome = "".join(f"<p>{text}</p>" for text in introduction(found, one))
        facts = {
            "language": one,
            "title": codebook.title[one],
            "welcometext": welcome,
            "endtext": tr("Thank you for your answers.")[one],
        }
        yield from (_row("SL", f"surveyls_{name}", one, text) for name, text in facts.items())


def _battery(battery: Battery, language: str) -> Iterator[_Row]:
    """An array (F), a list (L, or ! where it is long) or a number (N), with its subquestions and answers."""
    asked = {"relevance": "1", "mandatory": "N", "other": "N"}
    first = battery.questions[0]
    if len(battery.questions) > 1:
        yield _row(
            "Q",
            _code(battery.name),
            language,
            tr("For each line, choose the answer that fits best.")[language],
            "F",
            **asked,
        )
        for question in battery.questions:
            yield _row("SQ", _code(question.name), language, question.text[language], "0", relevance="1")
    elif battery.answers:
        kind = "L" if len(battery.answers) <= _MOST_BUTTONS else "!"
        yield _row("Q", _code(first.name), language, first.text[language], kind, **asked)
    else:
        text = f"{first.text[language]} ({first.unit[language]})" if first.unit else first.text[language]
        ends = dict(zip(_COLUMNS[-2:], (f"{end:g}" for end in first.range), strict=True)) if first.range else {}
        yield _row("Q", _code(first.name), language, text, "N", **asked, **ends)
    held("code", battery.answers, r"[A-Za-z0-9]{1,5}", "LimeSurvey", "a code has 1 to 5 letters or digits")
    yield from (_row("A", str(code), language, text[language], "0") for code, text in battery.answers.items())
