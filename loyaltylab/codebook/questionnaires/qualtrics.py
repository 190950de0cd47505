"""Qualtrics: a survey as text in the advanced format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...core import tr
from ..book import Codebook
from .questions import Battery, Section, held, introduction

__all__ = ["qualtrics"]


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
    lines += ["<br><br>".join(introduction(found, language)), ""]
    for section in found:
        lines += [f"[[Block:{_line(section.title[language])}]]", ""]
        for number, battery in enumerate(section.batteries):
            lines += ["[[PageBreak]]", ""] * bool(number)
            lines += [*_battery(battery, language), ""]
    return {f"{codebook.name}_qualtrics_{language}.txt": "\n".join(lines).encode()}


def _line(text: str) -> str:
    """Text on one line, in which nothing is a tag."""
    return " ".join(text.split()).replace("[[", "[ [").replace("]]", "] ]").replace("${", "$ {")


def _battery(battery: Battery, language: str) -> Iterator[str]:
    first = battery.questions[0]
    held("code", battery.answers, r"-?\d+(\.\d+)?", "Qualtrics", "recode values are numbers")
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
