"""What survey files call things: the words of `vocabulary.yml`, and which answers in words are steps of one scale."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..core import read_yaml


@cache
def _subjects() -> dict[str, list[Any]]:
    return read_yaml(Path(__file__).with_suffix(".yml"))


def listed_in(subject: str) -> list[Any]:
    """What stands under a subject, as it stands there: pairs, or lists in their order."""
    return _subjects()[subject]


@cache
def called(subject: str, frame: str = "{}") -> re.Pattern[str]:
    """Whatever a subject is called in one of the languages of the files met, within a frame.

    Parameters
    ----------
    subject : str
        A key of `vocabulary.yml`, such as recommend.
    frame : str
        A regular expression with `{}` for what is called so.

    Returns
    -------
    re.Pattern[str]
        Upper and lower case count as one.

    Examples
    --------
    >>> bool(called("no_answer").fullmatch("weet niet")), bool(called("weight").fullmatch("wgt_pop"))
    (True, True)
    """
    return re.compile(frame.replace("{}", "(" + "|".join(_subjects()[subject]) + ")"), re.IGNORECASE)


_STEPS = re.compile(r"[^\w/&]+")


@dataclass(frozen=True)
class WordScale:
    """Answers in words and their numbers, 1 the lowest; `top` counts steps that nobody chose."""

    codes: dict[str, int]
    top: int


def word_scale(answers: Collection[str]) -> WordScale | None:
    """The scale that answers in words are steps of, if they are.

    What one side has, the other has as well: where nobody strongly disagrees, "disagree" is 2 beside "strongly agree".

    >>> word_scale(["Agree", "Strongly agree", "Neutral", "Disagree"]).codes
    {'Disagree': 2, 'Neutral': 3, 'Agree': 4, 'Strongly agree': 5}
    >>> word_scale(["Zeer ontevreden", "Tevreden", "Niet tevreden, niet ontevreden"]).top
    5
    >>> word_scale(["Nooit", "Soms", "Altijd"]).codes
    {'Nooit': 1, 'Soms': 2, 'Altijd': 3}
    >>> word_scale(["Amsterdam", "Utrecht"]) is None
    True
    """
    kind = kind_of_words(answers)
    if kind is None or len({*answers}) < 2:
        return None
    at = {answer: _places(answer).get(kind, 0.0) for answer in answers}
    if len({*at.values()}) < len({_plain(answer) for answer in at}):
        return None
    steps = {*at.values()}
    if isinstance(kind, int):  # a ladder from nothing to all: its ends were offered, chosen or not
        rungs = listed_in("ladders")[kind]
        steps |= {number for number in (0, len(rungs) - 1) if not rungs[number].startswith("?")}
    else:
        steps |= {-step for step in steps}
    order = {step: number for number, step in enumerate(sorted(steps), start=1)}
    return WordScale({answer: order[at[answer]] for answer in sorted(at, key=at.get)}, len(order))


def kind_of_words(answers: Collection[str]) -> Any:
    """What columns must share to be asked on one scale of words; None where the answers are no such words."""
    places = [_places(answer) for answer in answers]
    kinds = [place.keys() for place in places if None not in place]
    if not kinds or not all(places):
        return None
    shared = [kind for kind in kinds[0] if all(kind in other for other in kinds)]
    sided = {kind: {_places(answer).get(kind) for answer in answers} for kind in shared}
    whole = [kind for kind in shared if len(sided[kind]) == len({_plain(answer) for answer in answers})]
    return next(iter([*whole, *shared]), None)


def graded(labels: Mapping[Any, str]) -> bool:
    """Whether value labels, by their codes, are degrees of one thing: a rating rather than groups.

    >>> graded({1: "Zeer moeilijk", 2: "Moeilijk", 3: "Makkelijk"}), graded({1: "Hate", 2: "Neither", 3: "Love"})
    (True, True)
    >>> graded({1: "Albert Heijn", 2: "Jumbo"}), graded({1: "Agree", 2: "Disagree"})
    (False, True)
    """
    words = [str(labels[code]) for code in sorted(code for code in labels if isinstance(code, (int, float)))]
    if len(words) < 2:
        return False
    if scale := word_scale(words):
        order = [scale.codes[word] for word in words]
        return order in (sorted(order), sorted(order, reverse=True))
    ends = [_plain(words[0]), _plain(words[-1])]
    return all(called("degree", r"^{}\b.+").search(end) for end in ends) or any(
        called("agreement").search(word) for word in words
    )


@cache
def _places(answer: str) -> dict[Any, float]:
    """Kind of scale → step on it, of an answer in words; the middle of any kind is step 0 of None."""
    text, found = _plain(answer), {}
    if called("neither").fullmatch(text):
        return {None: 0.0}
    degree, core = 2.0, text
    for words, value in listed_in("degrees"):
        if said := re.match(rf"(?:{words})\b\s*(.+)", text):
            degree, core = value, said[1]
            break
    core = re.sub(rf"^(?:{'|'.join(listed_in('fillers'))})\b\s*", "", core)
    for number, ends in enumerate(listed_in("poles")):
        for words, sign in zip(ends, (-1, 1), strict=True):
            if re.fullmatch(words, core):
                further = bool(re.fullmatch(r"(hate|haat|hekel|love|geweldig).*", core))
                found[f"poles {number}"] = sign * (degree + further)
    for number, rungs in enumerate(listed_in("ladders")):
        for step, rung in enumerate(rungs):
            if re.fullmatch(rung.removeprefix("?"), text):
                found[number] = float(step)
    return found


def _plain(answer: str) -> str:
    return " ".join(_STEPS.split(answer.replace("’", "'").casefold())).strip()
