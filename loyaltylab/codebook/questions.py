"""What is asked, whatever asks it: sections of batteries of questions, from a codebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..core import CodebookError, check_known, listed, plural, tr
from .book import Codebook
from .entries import LANGUAGES, Item

# ---- The answers an item offers, as a questionnaire prints them and an export gives them back.

#: A rating of more steps than this is asked as a number.
MOST_STEPS = 11


def options(item: Item, book: Codebook) -> dict[Any, dict[str, str]]:
    """Code → the answer a respondent sees, by language; empty for a question answered with a number.

    A rating shows its numbers, the ends in words beside them; one with a word for every step shows the words.

    Parameters
    ----------
    item : Item
        One of the codebook.
    book : Codebook
        What the columns mean.

    Returns
    -------
    dict of Any → dict of str → str
        In the order they are shown.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> book = read_codebook("loyalty")
    >>> options(book.items["recommend"], book)[10]["en"]
    '10 – certainly'
    """
    if item.values:
        return dict(item.values)
    if not item.range or any(end != int(end) for end in item.range) or item.range[1] - item.range[0] >= MOST_STEPS:
        return {}
    low, high = map(int, item.range)
    steps, form = range(low, high + 1), book.formats.get(item.format)
    if form and all(step in form.labels for step in steps):
        return {step: form.labels[step] for step in steps}
    ends = form.ends if form else {}
    words = {end: {language: pair[at] for language, pair in ends.items()} for at, end in ((0, low), (1, high)) if ends}
    words |= form.labels if form else {}
    return {
        step: {language: f"{step} – {words[step][language]}" if step in words else str(step) for language in LANGUAGES}
        for step in steps
    }


#: Roles of columns that come from the field, not from the respondent.
NOT_ASKED = ("weight", "cluster", "respondent", "duration")
#: Items in one battery; a longer run is cut into batteries of equal length.
MOST_ROWS = 10
#: 85 questions that stand alone take 15 minutes (Pew Research Center).
SECONDS = 15 * 60 / 85
#: An item of a battery, as a share of one question that stands alone.
IN_BATTERY = 0.5


@dataclass(frozen=True)
class Question:
    """One item as it is asked: a choice or rating where it has answers, else a number within its range, if any."""

    name: str
    text: dict[str, str]
    answers: dict[Any, dict[str, str]]
    range: tuple[float, float] | None
    unit: dict[str, str]


@dataclass(frozen=True)
class Battery:
    """Questions with the same answers, asked as one matrix; or a question that stands alone."""

    name: str
    questions: tuple[Question, ...]
    is_rating: bool
    ends: dict[str, tuple[str, str]]

    @property
    def answers(self) -> dict[Any, dict[str, str]]:
        """Code → answer by language, the same for all its questions."""
        return self.questions[0].answers


@dataclass(frozen=True)
class Section:
    """A module: its title and its batteries."""

    name: str
    title: Mapping[str, str]
    batteries: tuple[Battery, ...]


def sections(codebook: Codebook, modules: Sequence[str] = ()) -> tuple[Section, ...]:
    """The modules of a codebook, or those named, as they are asked; items outside any module come last.

    Raises
    ------
    UnknownName
        For a module the codebook does not have.
    CodebookError
        If nothing is left to ask.
    """
    for name in modules:
        check_known("module", name, codebook.modules, f"Modules of the codebook '{codebook.name}'.")
    asked = [item for item in codebook.items.values() if item.role not in NOT_ASKED and item.wording]
    chosen = [name for name in codebook.modules if not modules or name in modules] + ([] if modules else [""])
    found = []
    for name in chosen:
        if items := [item for item in asked if item.module == name]:
            title = codebook.modules.get(name) or (tr("Other questions") if codebook.modules else tr("Questions"))
            stem = name or "questions"
            found.append(Section(stem, title, tuple(_batteries(stem, items, codebook))))
    if not found:
        raise CodebookError(f"{codebook.name}.yml: no item to ask has a wording. Give items a wording, en and nl.")
    return tuple(found)


def _batteries(stem: str, items: Iterable[Item], codebook: Codebook) -> Iterable[Battery]:
    number = 0
    for shared, run in groupby(items, key=lambda item: _shape(item, codebook)):
        members = list(run)
        form = codebook.formats.get(members[0].format)
        ends = dict(form.ends) if form and form.ends else {}
        rows = -(-len(members) // -(-len(members) // MOST_ROWS)) if shared else 1
        for start in range(0, len(members), rows):
            number += 1
            questions = tuple(
                Question(item.name, item.wording, options(item, codebook), item.range, item.unit)
                for item in members[start : start + rows]
            )
            yield Battery(f"{stem}_{number}", questions, bool(shared), ends)


def _shape(item: Item, codebook: Codebook) -> tuple[Any, ...]:
    """What items must share to stand in one matrix; nothing for a question that stands alone."""
    return () if item.values or not options(item, codebook) else (item.format, item.range)


def minutes(codebook: Codebook, modules: Sequence[str] = ()) -> float:
    """Estimated minutes it takes to answer, to be replaced by the median of a pilot as soon as there is one.

    A question that stands alone, or the first of a battery, counts for one; a further item of the battery for half.
    Fifteen minutes hold 85 such questions. The fifteen minutes and 85, and that an item of a battery counts for less,
    are Pew Research Center's, from years of measured response times in its online panel; the half is our assumption.

    Parameters
    ----------
    codebook : Codebook
        As `read_codebook` gives it.
    modules : sequence of str
        Only questions of these modules; all where it is empty.

    Returns
    -------
    float
        In minutes.

    References
    ----------
    Pew Research Center (2022). How we keep our online surveys from running too long.
    https://www.pewresearch.org/decoded/2022/12/08/how-we-keep-our-online-surveys-from-running-too-long/

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> round(minutes(read_codebook("mobi")), 1)
    2.4
    """
    return _length(sections(codebook, modules))


def _length(found: Iterable[Section]) -> float:
    sizes = [len(battery.questions) for section in found for battery in section.batteries]
    return sum(1 + IN_BATTERY * (size - 1) for size in sizes) * SECONDS / 60


def introduction(found: Sequence[Section], language: str) -> tuple[str, ...]:
    """Paragraphs before the first question: what it is for, how long it takes, what happens to the answers."""
    length = max(1, round(_length(found)))
    said = plural("1 minute", "{n} minutes", length)[language].format(n=length)
    return (
        tr(
            "These questions are about one brand or company that you are a customer of. There are no right or wrong answers. Answering takes about {}."
        )[language].format(said),
        tr(
            "Taking part is voluntary. You may skip any question and stop at any moment. We do not ask for your name; answers are used for research only and reported for groups of at least ten people together."
        )[language],
        tr("Leave a question open if it does not apply to you or if you do not know.")[language],
    )


def check_codes(kind: str, names: Iterable[Any], pattern: str, tool: str, rule: str) -> None:
    """Refuse names or codes that a tool cannot hold.

    Raises
    ------
    CodebookError
        Naming them and the rule.
    """
    if wrong := [str(name) for name in names if not re.fullmatch(pattern, str(name))]:
        raise CodebookError(f"{tool} cannot hold the {kind} {listed(map(repr, wrong))}: {rule}.")
