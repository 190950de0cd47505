"""A questionnaire's answers on their way back: the headers and words of survey tools as names and codes of a codebook."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from ...codebook import DATED, Codebook, Item, options
from ...core import DataError, as_number, listed, pd
from ..vocabulary import called
from .cells import unfolded
from .raw_table import RawTable

#: What the tools record themselves, by the role of the item it fills.
RECORDED = {
    "respondent": ("ResponseId", "_id", "KEY"),
    "duration": ("Duration (in seconds)", "interviewtime"),
}
#: Roles whose texts stand for themselves.
NO_WORDS = ("weight", "cluster", "respondent")
_NAMED = 3  # changes named in a note
#: An answer with its number before or after it: "0 – Not at all likely", "4 (agree)", "Very likely 10".
NUMBERED = re.compile(
    r"\s*(?:(?P<first>[+-]?\d{1,3})\s*(?:[-–—:.)=]\s*|\(\s*|\s+)(?P<words>[^\W\d].*?)\)?"
    r"|(?P<before>[^\W\d].*?)\s*[-–—:=(]?\s*(?P<last>\d{1,3})\)?)\s*",
    re.DOTALL,
)


_LEAD = re.compile(r"\s*([A-Za-z_]\w*(?:\[\w+\])?)\s*[.:)]\s+\S")


def from_field(table: RawTable, book: Codebook) -> RawTable:
    """A file as a survey tool exports it, with the item names and codes of the codebook; its notes say what was changed.

    Headers are read as ODK and KoBo (`group/item`), LimeSurvey (`question[item]`, names without underscores) and
    Qualtrics (`matrix_3`, by the question in the row below) write them; answers given as words become codes.

    Raises
    ------
    DataError
        If two columns could be one item.
    """
    names = item_names(table.frame, book, table.name, table.titles)
    doubts = {names.get(name, name): why for name, why in table.doubts.items()}
    notes = [renamed(names)] if names else []
    boxes = {box for one in book.sets.values() for box in one.items}
    sound = [old for old in table.frame if names.get(old, old) in boxes and old not in table.doubts]
    frame, counts = (table.answers(sound)[0] if sound else table.frame).rename(columns=names), {}
    frame, told = unfolded(frame, book)
    frame, blanks = _with_boxes(frame, book, doubts)
    notes += told + blanks
    for name in [name for name in frame.columns if name in book.items and name not in doubts and name not in boxes]:
        column, changed = _coded(frame[name], book.items[name], options(book.items[name], book))
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


def _with_boxes(frame: pd.DataFrame, book: Codebook, doubts: Mapping[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """The boxes of each set as 1 and 0: blank is not ticked by who was asked, and no answer of anybody else; what was done."""
    told = []
    for one in book.sets.values():
        boxes = [box for box in one.items if box in frame and box not in doubts]
        if not boxes:
            continue
        said = pd.DataFrame({box: _mapped(frame[box], partial(_box, item=book.items[box])) for box in boxes})
        asked = pd.Series(True, frame.index) if one.base == "all" else (said >= 0).any(axis=1)
        if one.base not in ("any", "all"):
            if one.base not in frame:
                raise DataError(
                    f"the set '{one.name}' has the base '{one.base}', which the file has not. Name another base."
                )
            asked |= _mapped(frame[one.base], partial(_box, item=book.items[one.base])) >= 0
        said = said.mask(said.isna() & asked.to_numpy()[:, None], 0.0)
        frame = frame.assign(**dict(said.where(said >= 0).items()))
        told.append(
            f"a blank box of {one.name} is not ticked, for the {int(asked.sum())} who were asked (base: {one.base})"
        )
    return frame, told


def _mapped(column: pd.Series, read: Callable[[Any], float]) -> pd.Series:
    """A column with each of its different cells read once."""
    cells = {cell: read(cell) for cell in column.dropna().unique()}
    return column.map(cells).astype(float)


def _box(cell: Any, item: Item) -> float:
    """1 for a box that was ticked, whatever stands in it, 0 for a no, -1 for a missing code, and not a number for nothing."""
    text = str(cell).strip().casefold().removesuffix(".0")
    if not text:
        return float("nan")
    if text in {str(code).strip().casefold().removesuffix(".0") for code in item.missing}:
        return -1.0
    return 0.0 if text == "0" or _true(text) == 0 else 1.0


def item_names(
    frame: pd.DataFrame, book: Codebook, where: str, titles: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Header → item, as `matched`, without boxes to tick that bear the name of a rating; refused where two could be one item."""
    names = matched(frame.columns, book, titles)
    names = {header: name for header, name in names.items() if not _tick(frame, header, book.items[name])}
    for name, count in Counter(names.values()).items():
        if count > 1:
            both = listed(repr(header) for header in names if names[header] == name)
            todo = f"Rename the one that is meant to '{name}', and the other to something else"
            raise DataError(f"{where}: columns {both} could each be '{name}'. {todo}.")
    return names


def renamed(names: Mapping[str, str]) -> str:
    """The step that says which headers were read as which items."""
    return f"headers read as item names: {_some(f'{old} as {new}' for old, new in names.items())}"


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
    codes = leads(headers)
    for header in headers:
        if header not in book.items and header not in found and not _parent(header, headers):
            last = [header, *filter(None, re.split(r"[/\[\]:.-]", header))][-1]
            battery, _, code = header.rpartition("_")  # as LimeSurvey writes names for R
            if (
                name := keys.get(codes.get(header, ""))
                or keys.get(last)
                or (keys.get(code) if battery.rstrip("0123456789") in batteries else None)
            ):
                found[header] = name
            elif name := _asked((header, (titles or {}).get(header, "")), wordings):
                worded[header] = name
    claims = Counter([*found.values(), *worded.values()])  # two columns may hold the same words, and be about others
    return found | {header: name for header, name in worded.items() if claims[name] == 1}


def leads(headers: Iterable[str]) -> dict[str, str]:
    """Header → the code before its question; a code without a digit is one where every header has one, as in LimeSurvey's.

    >>> leads(["q1. How satisfied are you?", "no. of visits", "age"]), leads(["age. How old are you?", "seed. Seed"])
    ({'q1. How satisfied are you?': 'q1'}, {'age. How old are you?': 'age', 'seed. Seed': 'seed'})
    """
    headers = list(headers)
    found = {header: code[1] for header in headers if (code := _LEAD.match(header))}
    return {header: code for header, code in found.items() if len(found) == len(headers) or re.search(r"\d", code)}


def _parent(header: str, headers: Iterable[str]) -> str:
    """The column of which this one is an option, as KoBo and LimeSurvey write tick-all questions; "" for any other."""
    found = re.fullmatch(r"(.+)/[^/]+|(.+)\[[^\]]+\]", header)
    parent = (found[1] or found[2]).strip() if found else ""
    return parent if parent in headers else ""


def _tick(frame: pd.DataFrame, header: str, item: Item) -> bool:
    """Whether a column is one of several boxes to tick, while the item asks for a degree."""
    found = re.fullmatch(r"(.+)(?:/[^/]+|\[[^\]]+\])", header)
    if not found or not item.range or item.range[1] - item.range[0] < 3:
        return False
    beside = [other for other in frame if other != header and other.startswith((f"{found[1]}/", f"{found[1]}["))]
    return bool(beside) and all(_ticked(frame[name]) for name in (header, *beside))


def _ticked(column: pd.Series) -> bool:
    cells = {str(cell).strip().casefold().removesuffix(".0") for cell in column.dropna()} - {""}
    return all(cell in ("0", "1") or _true(cell) is not None for cell in cells)


def _true(cell: str) -> int | None:
    """1 for true or yes, 0 for false or no, in the languages of the files met; nothing for anything else."""
    text = _text(cell)
    return 1 if called("true").fullmatch(text) else 0 if called("false").fullmatch(text) else None


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


def _coded(column: pd.Series, item: Item, answers: Mapping[Any, Mapping[str, str]]) -> tuple[pd.Series, int]:
    """A column with the words of answers as codes, and how many were changed."""
    if column.dtype.kind in "iufb" or item.role in NO_WORDS:
        return column, 0
    cells = column if column.dtype == object else column.unique()
    codes = in_codes((cell for cell in cells if isinstance(cell, str)), item, answers)
    if not item.values and item.role != "segment":
        codes |= {cell: serial for cell in cells if (serial := _serial(cell, item)) is not None}
    if not codes:
        return column, 0
    is_word = [cell.__hash__ is not None and cell in codes for cell in column]
    cells = [codes[cell] if changed else cell for cell, changed in zip(column, is_word, strict=True)]
    return type(column)(cells, column.index, dtype=object, name=column.name), sum(is_word)


def in_codes(texts: Iterable[str], item: Item, answers: Mapping[Any, Mapping[str, str]]) -> dict[str, Any]:
    """Answer in words → its code, of all the texts in a column; those that are codes as they stand are left out."""
    texts = {text for text in texts if text.strip()}
    codes = _of_labels(texts, answers)
    if item.values or item.role == "segment":
        return codes
    left = {
        text for text in texts if text not in codes and as_number(text) is None and text.strip() not in item.missing
    }
    return codes | _of_form(left, texts, item)


def _of_labels(texts: set[str], answers: Mapping[Any, Mapping[str, str]]) -> dict[str, Any]:
    """Text → the code whose label it is."""
    if not answers:
        return {}
    words = _unique((_text(text), code) for code, by_language in answers.items() for text in {*by_language.values()})
    words |= {f"a{code}": code for code in answers if isinstance(code, int)}  # LimeSurvey's own numbering
    words = {text: code for text, code in words.items() if text != str(code).casefold()}
    known = {str(code) for code in answers}
    return {cell: words[_text(cell)] for cell in texts if cell.strip() not in known and _text(cell) in words}


def _of_form(left: set[str], texts: set[str], item: Item) -> dict[str, float]:
    """Text → its number, where all that are no numbers are written in one way: true and false, 85%, 4 – agree."""
    if not left:
        return {}
    if all(_true(cell) is not None for cell in left):
        return {cell: _true(cell) for cell in left}
    if all(re.fullmatch(r"\s*\d+([.,]\d+)?\s*%\s*", cell) for cell in left):
        part = 100 if item.range and item.range[1] <= 1 else 1
        return {cell: float(cell.strip().rstrip("%").replace(",", ".")) / part for cell in left}
    return numbered(left) if item.range else {}


def numbered(texts: Iterable[str]) -> dict[str, int]:
    """Text → the number that stands before or after its words, where all have one and no number stands for two texts.

    >>> numbered(["0 – Not at all likely", "10 – Extremely likely"]), numbered(["agree", "1 disagree"])
    ({'0 – Not at all likely': 0, '10 – Extremely likely': 10}, {})
    """
    texts = list(texts)
    if texts and all(re.fullmatch(r"\s*[★⭐☆]+\s*", text) for text in texts):
        return {text: text.count("★") + text.count("⭐") for text in texts}
    found = {text: NUMBERED.fullmatch(text) for text in texts}
    if not found or not all(found.values()) or any(DATED.fullmatch(text.strip()) for text in found):
        return {}
    codes = {text: int(one["first"] or one["last"]) for text, one in found.items()}
    rating = all(0 <= code <= 11 for code in codes.values())  # 43 years is no step of a scale
    return codes if rating and len({*codes.values()}) == len({_text(text) for text in codes}) <= 21 else {}


def _serial(cell: Any, item: Item) -> int | None:
    """The number that a workbook shows as a date because its cell has the form of one."""
    if not isinstance(cell, datetime) or cell.year > 1900 or not item.range:
        return None
    days = (cell - datetime(1899, 12, 31)).days
    return days if item.range[0] <= days <= item.range[1] else None


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
