"""What a codebook is made of, items, formats, scales and combinations, each read from its entry or refused in words."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..core import CodebookError, brief, listed

__all__ = [
    "BLOCKS",
    "LANGUAGES",
    "METRICS",
    "NO_RANGE",
    "ROLES",
    "Combination",
    "EntryReader",
    "Format",
    "Item",
    "Scale",
]

LANGUAGES = ("en", "nl")
ROLES = ("driver", "outcome", "covariate", "weight", "cluster", "segment", "respondent", "duration")
#: Questions that loyalty metrics are made of.
METRICS = ("satisfaction", "repurchase", "recommend", "effort")
#: Roles of columns that are not answers on a scale.
NO_RANGE = ("weight", "cluster", "segment", "respondent", "duration")
BLOCKS: dict[str, dict[str, str]] = {
    "emotional": {"en": "emotional", "nl": "emotioneel"},
    "rational": {"en": "rational", "nl": "rationeel"},
    "values": {"en": "brand values", "nl": "merkwaarden"},
    "structural": {"en": "structural ties", "nl": "structurele binding"},
}


@dataclass(frozen=True)
class Item:
    """One column: a question, or a weight, cluster, segment, respondent's number or duration (in seconds).

    Parameters
    ----------
    name : str
        The column's header in the file.
    wording, label : dict of str
        The question and a short name for figures, by language ("en", "nl").
    range : (low, high), optional
        Lowest and highest possible answer; anything else is an error in the file, unless it is a missing code.
    missing : tuple of float or str
        Codes that mean "no answer", as they stand in the file.
    reverse : bool
        True if a high answer means little of what the scale measures; it is turned round when read.
    values : dict
        For a segment or category: code → label by language.
    role, block : str
        The part it plays by itself, outside a scale: see `ROLES` and `BLOCKS`.
    metric : str
        The question of a loyalty metric it is, if any: see `METRICS`.
    module : str
        The part of the questionnaire it is asked in.
    format : str
        The way of answering it shares with other items, which gives its range.
    unit : dict of str
        What a number without a range counts, by language: euros a month, years.
    elsewhere : str
        The block another source puts it in, where it differs from that of its scale.

    An item without a wording is recorded, not asked.
    """

    name: str
    label: dict[str, str]
    wording: dict[str, str] = field(default_factory=dict)
    range: tuple[float, float] | None = None
    missing: tuple[float | str, ...] = ()
    reverse: bool = False
    values: dict[Any, dict[str, str]] = field(default_factory=dict)
    role: str = ""
    block: str = ""
    metric: str = ""
    note: str = ""
    module: str = ""
    format: str = ""
    unit: dict[str, str] = field(default_factory=dict)
    elsewhere: str = ""


@dataclass(frozen=True)
class Format:
    """A way of answering that several items share.

    Parameters
    ----------
    range : (low, high)
        Lowest and highest possible answer.
    ends : dict of (str, str)
        Words at the lowest and the highest answer, by language.
    labels : dict
        Answer → words by language, where each answer, or some, has words of its own.
    """

    range: tuple[float, float]
    ends: dict[str, tuple[str, str]]
    labels: dict[float, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Scale:
    """Several items averaged into one score.

    Parameters
    ----------
    items : tuple of str
        Empty when a source prints the scale only as a whole.
    min_answered : int
        A respondent who answered fewer of the items than this gets no score.
    stands_in : dict of str
        What was really asked, by language, where it stands in its block for something else.
    """

    name: str
    label: dict[str, str]
    items: tuple[str, ...] = ()
    min_answered: int = 1
    role: str = ""
    block: str = ""
    note: str = ""
    stands_in: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Combination:
    """Answers that cannot go together: item → the codes, or the lowest and highest, as they stand in the file."""

    name: str
    label: dict[str, str]
    answers: dict[str, tuple[Any, ...] | dict[str, float]]


def _is_number(value: Any) -> bool:
    """Whether it is one a column can hold: not true or false, not infinite, not of 400 digits."""
    largest = sys.float_info.max
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -largest <= value <= largest


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(text, str) and text.strip() for text in value)


class EntryReader:
    """Turns the plain mappings of a file into the parts of a codebook, refusing what it does not understand."""

    def __init__(self, file: str) -> None:
        self.file = file

    def item(
        self,
        name: str,
        entry: dict[str, Any],
        blocks: Iterable[str],
        modules: Iterable[str] = (),
        formats: Mapping[str, Format] | None = None,
    ) -> Item:
        where = f"items: {name}"
        self.keys(where, entry, {f.name for f in fields(Item)} - {"name"})
        role, block = self.part(where, entry, blocks)
        values = {
            key: self.texts(f"{where}: values: {key}", label)
            for key, label in self.mapping(f"{where}: values", entry.get("values", {})).items()
        }
        self.codes(f"{where}: values", tuple(values))
        needs_no_range = bool(values) or role in NO_RANGE
        formats = formats or {}
        shared = self.choice(f"{where}: format", entry.get("format", ""), formats)
        if shared and (needs_no_range or "range" in entry):
            other = "range" if "range" in entry else "values" if values else f"role '{role}'"
            raise self.error(f"{where}: format", f"is given beside {other}; keep one of the two")
        span = None if needs_no_range or entry.get("range") is None else self.span(f"{where}: range", entry["range"])
        if shared:
            span = formats[shared].range
        reverse = entry.get("reverse", False)
        if not isinstance(reverse, bool):
            raise self.error(f"{where}: reverse", f"is {brief(reverse)}; allowed: true, false")
        if reverse and span is None:
            raise self.error(f"{where}: reverse", "needs a range, or it is not known what to turn round")
        missing = self.codes(f"{where}: missing", entry.get("missing", ()))
        wording = self.texts(f"{where}: wording", entry["wording"]) if "wording" in entry else {}
        label = self.texts(f"{where}: label", entry.get("label", wording or name))
        metric = self.choice(f"{where}: metric", entry.get("metric", ""), METRICS)
        note = str(entry.get("note", ""))
        module = self.choice(f"{where}: module", entry.get("module", ""), modules)
        unit = self.texts(f"{where}: unit", entry["unit"]) if "unit" in entry else {}
        return Item(
            name, label, wording, span, missing, reverse, values, role, block, metric, note, module, shared, unit,
            self.choice(f"{where}: elsewhere", entry.get("elsewhere", ""), blocks),
        )  # fmt: skip

    def format(self, name: str, entry: dict[str, Any]) -> Format:
        where = f"formats: {name}"
        self.keys(where, entry, {f.name for f in fields(Format)})
        low, high = self.span(f"{where}: range", entry.get("range"))
        ends = self.mapping(f"{where}: ends", entry.get("ends"))
        if set(ends) != set(LANGUAGES) or not all(map(_is_pair, ends.values())):
            allowed = "two texts, lowest first, in each language: {en: [low, high], nl: [laag, hoog]}"
            raise self.error(f"{where}: ends", f"is {brief(ends)}; allowed: {allowed}")
        labels = {
            key: self.texts(f"{where}: labels: {key}", label)
            for key, label in self.mapping(f"{where}: labels", entry.get("labels", {})).items()
        }
        if outside := [key for key in labels if not (_is_number(key) and low <= key <= high)]:
            raise self.error(f"{where}: labels", f"names the answer {brief(outside[0])}; allowed: {low:g} to {high:g}")
        return Format((low, high), {language: tuple(ends[language]) for language in LANGUAGES}, labels)

    def scale(self, name: str, entry: dict[str, Any], items: Mapping[str, Item], blocks: Iterable[str]) -> Scale:
        where = f"scales: {name}"
        self.keys(where, entry, {f.name for f in fields(Scale)} - {"name"})
        role, block = self.part(where, entry, blocks)
        members = entry.get("items", ())
        if not isinstance(members, (list, tuple)):
            raise self.error(f"{where}: items", f"is {brief(members)}; allowed: a list of item names, such as [q1, q2]")
        members = tuple(str(member) for member in members)
        for member in members:
            if member not in items:
                raise self.error(f"{where}: items", f"names '{member}'; allowed: {listed(items)}")
            if items[member].role in NO_RANGE:
                raise self.error(
                    f"{where}: items", f"names '{member}', which has role '{items[member].role}'; allowed: questions"
                )
        if len(set(members)) < len(members):
            raise self.error(f"{where}: items", "names an item twice")
        ranges = {items[member].range for member in members}
        if len(ranges) > 1:
            shown = "; ".join(f"{member} {items[member].range}" for member in members)
            raise self.error(
                f"{where}: items", f"have different response ranges ({shown}); a mean of these means nothing"
            )
        needed = entry.get("min_answered", max(1, -(-len(members) // 2)))
        if not isinstance(needed, int) or isinstance(needed, bool) or not 1 <= needed <= max(1, len(members)):
            raise self.error(f"{where}: min_answered", f"is {brief(needed)}; allowed: 1 to {max(1, len(members))}")
        label = self.texts(f"{where}: label", entry.get("label", name))
        stands_in = self.texts(f"{where}: stands_in", entry["stands_in"]) if "stands_in" in entry else {}
        return Scale(name, label, members, needed, role, block, str(entry.get("note", "")), stands_in)

    def combination(self, name: str, entry: dict[str, Any], items: Mapping[str, Item]) -> Combination:
        where = f"impossible: {name}"
        self.keys(where, entry, {"label", "answers"})
        answers: dict[str, tuple[Any, ...] | dict[str, float]] = {}
        for item, given in self.mapping(f"{where}: answers", entry.get("answers")).items():
            place = f"{where}: answers: {item}"
            if item not in items:
                raise self.error(place, f"is not an item; allowed: {listed(items)}")
            if isinstance(given, dict):
                self.keys(place, given, {"from", "to"})
                answers[item] = {end: self.number(f"{place}: {end}", value) for end, value in given.items()}
            else:
                answers[item] = self.codes(place, given)
        if len(answers) < 2:
            raise self.error(f"{where}: answers", "names fewer than two items; one that cannot be is a matter of range")
        return Combination(name, self.texts(f"{where}: label", entry.get("label", name)), answers)

    def part(self, where: str, entry: dict[str, Any], blocks: Iterable[str]) -> tuple[str, str]:
        """The role and the block of an entry; a driver must stand in a block, and only a driver may."""
        role = self.choice(f"{where}: role", entry.get("role", ""), ROLES)
        block = self.choice(f"{where}: block", entry.get("block", ""), blocks)
        if role == "driver" and not block:
            raise self.error(where, f"is a driver without a block; allowed: {listed(blocks)}")
        if block and role not in ("driver", "covariate"):
            raise self.error(f"{where}: role", f"is '{role}' while a block is given; allowed: driver, covariate")
        return role, block

    def choice(self, where: str, value: Any, allowed: Iterable[str]) -> str:
        if value in ("", None):
            return ""
        if not isinstance(value, str) or value not in allowed:
            raise self.error(where, f"is {brief(value)}; allowed: {', '.join(allowed) or 'none, as none is defined'}")
        return str(value)

    def texts(self, where: str, value: Any) -> dict[str, str]:
        """One text for both languages, or one for each."""
        given = value if isinstance(value, dict) else dict.fromkeys(LANGUAGES, value)
        if any(isinstance(text, bool) for text in given.values()):
            raise self.error(where, "is yes or no, which YAML reads as true or false; put it in quotation marks")
        if set(given) == set(LANGUAGES) and all(
            isinstance(text, (str, int, float)) and str(text).strip() for text in given.values()
        ):
            return {language: str(given[language]) for language in LANGUAGES}
        raise self.error(where, f"is {brief(value)}; allowed: a text, or one for each language: {{en: …, nl: …}}")

    def span(self, where: str, value: Any) -> tuple[float, float]:
        numbers = self.numbers(where, value)
        if len(numbers) != 2 or numbers[0] >= numbers[1]:
            raise self.error(where, f"is {brief(value)}; allowed: [lowest, highest], such as [1, 7]")
        return numbers[0], numbers[1]

    def numbers(self, where: str, value: Any) -> tuple[float, ...]:
        numbers = value if isinstance(value, (list, tuple)) else [value]
        if not all(map(_is_number, numbers)):
            raise self.error(where, f"is {brief(value)}; allowed: numbers, such as [1, 7]")
        return tuple(numbers)

    def number(self, where: str, value: Any) -> float:
        if not _is_number(value):
            raise self.error(where, f"is {brief(value)}; allowed: one number")
        return value

    def codes(self, where: str, value: Any) -> tuple[float | str, ...]:
        value = value if isinstance(value, (list, tuple)) else [value]
        if not all(isinstance(code, str) or _is_number(code) for code in value):
            raise self.error(
                where, f"is {brief(value)}; allowed: codes as they stand in the file, such as [-99, blank]"
            )
        return tuple(value)

    def mapping(self, where: str, value: Any) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise self.error(where, f"is {brief(value)}; allowed: entries of the form 'name: value'")
        return value

    def keys(self, where: str, entry: dict[Any, Any], allowed: set[str]) -> None:
        for key in entry:
            if key not in allowed:
                raise self.error(where, f"has an entry '{key}'; allowed: {', '.join(sorted(allowed))}")

    def error(self, where: str, what: str) -> CodebookError:
        return CodebookError(f"{self.file}, {where}: {what}.")
