"""`Codebook`: what each column of a survey asked, how it was answered, and which part it plays."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from .errors import CodebookError, brief, listed, unknown
from .files import find, parsed_yaml, read_yaml
from .provenance import TIERS

__all__ = [
    "BLOCKS",
    "LANGUAGES",
    "ROLES",
    "Codebook",
    "Combination",
    "Item",
    "Scale",
    "flatten",
    "parsed_codebook",
    "read_codebook",
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


@dataclass(frozen=True)
class Scale:
    """Several items averaged into one score.

    Parameters
    ----------
    items : tuple of str
        Empty when a source prints the scale only as a whole.
    min_answered : int
        A respondent who answered fewer of the items than this gets no score.
    """

    name: str
    label: dict[str, str]
    items: tuple[str, ...] = ()
    min_answered: int = 1
    role: str = ""
    block: str = ""
    note: str = ""


@dataclass(frozen=True)
class Combination:
    """Answers that cannot go together: item → the codes, or the lowest and highest, as they stand in the file."""

    name: str
    label: dict[str, str]
    answers: dict[str, tuple[Any, ...] | dict[str, float]]


@dataclass(frozen=True)
class Codebook:
    """Items and scales of one survey, and where its answers come from.

    Read one with `read_codebook`. A *variable* is a scale, or an item with a role of its own.

    Examples
    --------
    >>> book = read_codebook("corporate_reputation")
    >>> book
    Codebook 'corporate_reputation': 41 items, 9 scales; outcomes: CUSL, CUSA; blocks: emotional, rational, values
    >>> book.blocks("emotional", "rational")
    {'emotional': ('LIKE', 'ATTR'), 'rational': ('COMP', 'QUAL', 'PERF')}
    >>> book.label("LIKE", "nl")
    'Sympathie'
    """

    name: str
    title: dict[str, str]
    items: dict[str, Item]
    scales: dict[str, Scale]
    source: dict[str, str]
    citation: str = ""
    tier: str = "observed"
    licence: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    table: str = ""
    block_labels: dict[str, dict[str, str]] = field(default_factory=lambda: dict(BLOCKS))
    impossible: dict[str, Combination] = field(default_factory=dict)
    note: str = ""

    def __repr__(self) -> str:
        blocks = listed(self.blocks())
        return (
            f"Codebook '{self.name}': {len(self.items)} items, {len(self.scales)} scales; "
            f"outcomes: {listed(self.names('outcome'))}; blocks: {blocks}"
        )

    @cached_property
    def variables(self) -> dict[str, Item | Scale]:
        """Scales first, then the items that play a part of their own."""
        return {**self.scales, **{name: item for name, item in self.items.items() if item.role}}

    def variable(self, name: str) -> Item | Scale:
        """The scale or item called `name`."""
        if name in self.scales:
            return self.scales[name]
        if name in self.items:
            return self.items[name]
        raise unknown("variable", name, self.variables, f"They are defined in the codebook '{self.name}'.")

    def names(self, role: str) -> tuple[str, ...]:
        """Names of the variables with this role, in the codebook's order."""
        return tuple(name for name, variable in self.variables.items() if variable.role == role)

    def items_of(self, name: str) -> tuple[str, ...]:
        """The items a variable is made of: those of a scale, or the item itself."""
        variable = self.variable(name)
        return variable.items if isinstance(variable, Scale) else (name,)

    def range_of(self, name: str) -> tuple[float, float] | None:
        """Lowest and highest possible answer of an item or scale; None where the codebook gives none."""
        items = self.items_of(name) if name else ()
        return self.items[items[0]].range if items else None

    def scale_items(self) -> dict[str, tuple[str, ...]]:
        """Scale → its items, for the scales that play a part and have two items or more."""
        return {name: scale.items for name, scale in self.scales.items() if scale.role and len(scale.items) > 1}

    def metric(self, name: str) -> str:
        """The item that asks the question of a loyalty metric (see `METRICS`), or "" where none does."""
        if name not in METRICS:
            raise unknown("metric", name, METRICS)
        return next((item.name for item in self.items.values() if item.metric == name), "")

    def blocks(self, *only: str) -> dict[str, tuple[str, ...]]:
        """Block → its drivers; all blocks in the codebook's order, or those named."""
        found: dict[str, tuple[str, ...]] = {}
        for block in self.block_labels:
            members = tuple(n for n in self.names("driver") if self.variables[n].block == block)
            if members:
                found[block] = members
        for block in only:
            if block not in found:
                raise unknown("block", block, found, f"Blocks of the drivers in the codebook '{self.name}'.")
        return {block: found[block] for block in only} if only else found

    def label(self, name: str, language: str = "en") -> str:
        """Short name of a variable, an item or a block, for figures."""
        if name in self.block_labels and name not in self.variables:
            return self.block_labels[name][language]
        return self.variable(name).label[language]

    def labels(self, language: str = "en") -> dict[str, str]:
        """Every name → its label: blocks, items, scales, and the values of segments by their English label."""
        values = {label["en"]: label[language] for item in self.items.values() for label in item.values.values()}
        return values | {name: self.label(name, language) for name in (*self.block_labels, *self.items, *self.scales)}


def flatten(blocks: Mapping[str, Iterable[str]]) -> list[str]:
    """Members of all blocks in one list.

    >>> flatten({"emotional": ("trust", "joy"), "rational": ("price",)})
    ['trust', 'joy', 'price']
    """
    return [name for members in blocks.values() for name in members]


def read_codebook(name: str | Path) -> Codebook:
    """The codebook in a YAML file, or one of those in `data/codebooks` by its name.

    Raises
    ------
    CodebookError
        Naming the file, the entry and what was allowed there.
    """
    path = find("codebook", name, "data/codebooks", ".yml")
    return _Reader(path.name).codebook(path.stem, read_yaml(path))


def parsed_codebook(text: str, name: str) -> Codebook:
    """The codebook in a YAML text, such as a draft that is not yet a file."""
    return _Reader(name).codebook(name, parsed_yaml(text, name))


def _is_number(value: Any) -> bool:
    """Whether it is one a column can hold: not true or false, not infinite, not of 400 digits."""
    largest = sys.float_info.max
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -largest <= value <= largest


class _Reader:
    """Turns the plain mapping of a file into a `Codebook`, refusing what it does not understand."""

    def __init__(self, file: str) -> None:
        self.file = file

    def codebook(self, name: str, found: dict[str, Any]) -> Codebook:
        known = {*(f.name for f in fields(Codebook)), "defaults", "blocks"} - {"name", "block_labels"}
        self.keys(name, found, known)
        block_labels = dict(BLOCKS)
        for block, label in self.mapping("blocks", found.get("blocks", {})).items():
            block_labels[block] = self.texts(f"blocks: {block}", label)
        defaults = self.mapping("defaults", found.get("defaults", {}))
        self.keys("defaults", defaults, {"range", "missing"})
        items = {
            str(key): self.item(str(key), {**defaults, **self.mapping(f"items: {key}", entry)}, block_labels)
            for key, entry in self.mapping("items", found.get("items", {})).items()
        }
        asked = [item.metric for item in items.values() if item.metric]
        if twice := [metric for metric in METRICS if asked.count(metric) > 1]:
            raise self.error("items", f"have two items with metric '{twice[0]}'; keep it for the one to be used")
        scales = {
            str(key): self.scale(str(key), self.mapping(f"scales: {key}", entry), items, block_labels)
            for key, entry in self.mapping("scales", found.get("scales", {})).items()
        }
        if both := [key for key in scales if key in items or key in block_labels]:
            raise self.error(f"scales: {both[0]}", "is also the name of an item or block; give it a name of its own")
        impossible = {
            str(key): self.combination(str(key), self.mapping(f"impossible: {key}", entry), items)
            for key, entry in self.mapping("impossible", found.get("impossible", {})).items()
        }
        if not items and not scales:
            raise self.error("items", "the codebook describes no item and no scale")
        return Codebook(
            name=name,
            title=self.texts("title", found.get("title")),
            items=items,
            scales=scales,
            source=self.texts("source", found.get("source")),
            citation=str(found.get("citation", "")),
            tier=self.choice("tier", found.get("tier", "observed"), TIERS),
            licence=str(found.get("licence", "")),
            rows={str(k): str(v) for k, v in self.mapping("rows", found.get("rows", {})).items()},
            table=str(found.get("table", "")),
            block_labels=block_labels,
            impossible=impossible,
            note=str(found.get("note", "")),
        )

    def item(self, name: str, entry: dict[str, Any], blocks: Iterable[str]) -> Item:
        where = f"items: {name}"
        self.keys(where, entry, {f.name for f in fields(Item)} - {"name"})
        role, block = self.part(where, entry, blocks)
        values = {
            key: self.texts(f"{where}: values: {key}", label)
            for key, label in self.mapping(f"{where}: values", entry.get("values", {})).items()
        }
        self.codes(f"{where}: values", tuple(values))
        needs_no_range = bool(values) or role in NO_RANGE
        span = None if needs_no_range else entry.get("range")
        if span is not None:
            low_high = self.numbers(f"{where}: range", span)
            if len(low_high) != 2 or low_high[0] >= low_high[1]:
                raise self.error(f"{where}: range", f"is {brief(span)}; allowed: [lowest, highest], such as [1, 7]")
            span = (low_high[0], low_high[1])
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
        return Item(name, label, wording, span, missing, reverse, values, role, block, metric, note)

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
        return Scale(name, label, members, needed, role, block, str(entry.get("note", "")))

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
            raise self.error(where, f"is {brief(value)}; allowed: {', '.join(allowed)}")
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
