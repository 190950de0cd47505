"""A questionnaire's answers on their way back: the headers and words of survey tools as names and codes of a codebook."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...codebook import Codebook, Item, options
from ...core import DataError, listed
from .raw_table import RawTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["from_field", "matched"]
#: What the tools record themselves, by the role of the item it fills.
RECORDED = {
    "respondent": ("ResponseId", "_id", "KEY"),
    "duration": ("Duration (in seconds)", "interviewtime"),
}
_NAMED = 3  # changes named in a note


def from_field(table: RawTable, book: Codebook) -> RawTable:
    """A file as a survey tool exports it, with the item names and codes of the codebook; its notes say what was changed.

    Headers are read as ODK and KoBo (`group/item`), LimeSurvey (`question[item]`, names without underscores) and
    Qualtrics (`matrix_3`, by the question in the row below) write them; answers given as words become codes.

    Raises
    ------
    DataError
        If two columns could be one item.
    """
    names = matched(table.frame.columns, book, table.titles)
    for name, count in Counter(names.values()).items():
        if count > 1:
            both = listed(repr(header) for header in names if names[header] == name)
            todo = f"Rename the one that is meant to '{name}', and the other to something else"
            raise DataError(f"{table.name}: columns {both} could each be '{name}'. {todo}.")
    notes = [f"headers read as item names: {_some(f'{old} as {new}' for old, new in names.items())}"] if names else []
    frame, counts = table.frame.rename(columns=names), {}
    for name in [name for name in frame.columns if name in book.items]:
        column, changed = _coded(frame[name], options(book.items[name], book))
        if changed:
            frame, counts[name] = frame.assign(**{name: column}), changed
    if counts:
        notes.append(f"answers in words read as codes: {_some(f'{name} {count}' for name, count in counts.items())}")
    if not notes:
        return table
    moved = {
        part: {names.get(name, name): value for name, value in getattr(table, part).items()}
        for part in ("labels", "titles", "missing", "doubts")
    }
    detected = replace(table.detected, notes=(*table.detected.notes, *notes))
    return replace(table, frame=frame, detected=detected, **moved)


def matched(headers: Iterable[str], book: Codebook, titles: Mapping[str, str] | None = None) -> dict[str, str]:
    """Header → the one item it can be, for headers that are not an item's name as they stand.

    Two headers may hold the name of one item, which `from_field` refuses; two with its question hold neither.

    Parameters
    ----------
    titles : mapping, optional
        Header → the question, as Qualtrics, SPSS and Stata files state it.

    Examples
    --------
    >>> from loyaltylab.codebook.book import parsed_codebook
    >>> book = parsed_codebook("{title: t, source: s, items: {emo_trust: {}, emo_joy: {}}}", "shop")
    >>> matched(["feelings/emo_trust", "feelings[emojoy]", "joy"], book)
    {'feelings/emo_trust': 'emo_trust', 'feelings[emojoy]': 'emo_joy'}
    """
    headers = list(headers)
    absent = {name: item for name, item in book.items.items() if name not in headers}
    keys = _unique((key, name) for name in absent for key in {name, _squashed(name)})
    batteries = {*map(_squashed, book.modules), "questions"}
    wordings = _unique((_text(words), name) for name, item in absent.items() for words in _wordings(item))
    found = _recorded([header for header in headers if header not in book.items], absent)
    worded: dict[str, str] = {}
    for header in headers:
        if header not in book.items and header not in found:
            last = [header, *filter(None, re.split(r"[/\[\]:.-]", header))][-1]
            battery, _, code = header.rpartition("_")  # as LimeSurvey writes names for R
            if name := keys.get(last) or (keys.get(code) if battery.rstrip("0123456789") in batteries else None):
                found[header] = name
            elif name := _asked((header, (titles or {}).get(header, "")), wordings):
                worded[header] = name
    claims = Counter([*found.values(), *worded.values()])  # two columns may hold the same words, and be about others
    return found | {header: name for header, name in worded.items() if claims[name] == 1}


def _recorded(headers: list[str], absent: Mapping[str, Item]) -> dict[str, str]:
    """The tools' own columns, for items of respondent and duration that the file has under no other name."""
    found = {}
    for role, own in RECORDED.items():
        name = next((name for name, item in absent.items() if item.role == role), "")
        if name and (header := next((header for header in own if header in headers), "")):
            found[header] = name
    return found


def _wordings(item: Item) -> set[str]:
    """The question in each language, also as it is asked with its unit."""
    units = {f"{words} ({item.unit[language]})" for language, words in item.wording.items() if item.unit}
    return {*item.wording.values(), *units}


def _asked(texts: Iterable[str], wordings: Mapping[str, str]) -> str:
    """The item whose question is a text, or the last part of it."""
    for text in filter(None, map(_text, texts)):
        ends = {
            name
            for words, name in wordings.items()
            if text == words or text.endswith((f"- {words}", f"/{words}", f"[{words}]"))
        }
        if len(ends) == 1:
            return ends.pop()
    return ""


def _coded(column: pd.Series, answers: Mapping[Any, Mapping[str, str]]) -> tuple[pd.Series, int]:
    """A column with the words of answers as codes, and how many were changed."""
    if not answers or column.dtype.kind in "iufb":
        return column, 0
    words = _unique((_text(text), code) for code, by_language in answers.items() for text in {*by_language.values()})
    words |= {f"a{code}": code for code in answers if isinstance(code, int)}  # LimeSurvey's own numbering
    words = {text: code for text, code in words.items() if text != str(code).casefold()}
    known = {str(code) for code in answers}
    texts = {cell for cell in (column if column.dtype == object else column.unique()) if isinstance(cell, str)}
    codes = {cell: words[_text(cell)] for cell in texts if cell.strip() not in known and _text(cell) in words}
    if not codes:
        return column, 0
    is_word = [isinstance(cell, str) and cell in codes for cell in column]
    cells = [codes[cell] if changed else cell for cell, changed in zip(column, is_word, strict=True)]
    return type(column)(cells, column.index, dtype=object, name=column.name), sum(is_word)


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Key → value, without the keys that stand for two values."""
    pairs = set(pairs)
    counts = Counter(key for key, _ in pairs)
    return {key: value for key, value in pairs if key and counts[key] == 1}


def _squashed(name: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", name)


def _text(text: str) -> str:
    """Words alone, as they can be compared: no markup, one kind of blank, one case."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()).casefold()


def _some(changes: Iterable[str]) -> str:
    changes = list(changes)
    more = f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else ""
    return ", ".join(changes[:_NAMED]) + more
