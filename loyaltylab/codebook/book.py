"""`Codebook`: what each column of a survey asked, how it was answered, and which part it plays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from ..core import TIERS, check_known, cited, find, listed, parsed_yaml, read_yaml, unknown
from .entries import BLOCKS, LANGUAGES, METRICS, NO_RANGE, ROLES, Combination, EntryReader, Format, Item, Scale

__all__ = [
    "BLOCKS",
    "LANGUAGES",
    "METRICS",
    "NO_RANGE",
    "ROLES",
    "Codebook",
    "Combination",
    "Format",
    "Item",
    "Scale",
    "as_blocks",
    "codebook_of_scales",
    "flatten",
    "parsed_codebook",
    "read_codebook",
]


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
    modules: dict[str, dict[str, str]] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)
    chain: dict[str, tuple[str, ...]] = field(default_factory=dict)

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
        """Scale → its items, for the drivers and outcomes of two items or more; of those that share an item, the first."""
        found: dict[str, tuple[str, ...]] = {}
        for name, scale in self.scales.items():
            taken = {item for items in found.values() for item in items}
            if scale.role in ("driver", "outcome") and len(scale.items) > 1 and not taken & {*scale.items}:
                found[name] = scale.items
        return found

    def of_module(self, *names: str) -> tuple[str, ...]:
        """The items of these parts of the questionnaire, in the codebook's order; all items without a name."""
        for name in names:
            check_known("module", name, self.modules, f"Modules of the codebook '{self.name}'.")
        return tuple(item.name for item in self.items.values() if not names or item.module in names)

    def metric(self, name: str) -> str:
        """The item that asks the question of a loyalty metric (see `METRICS`), or "" where none does."""
        check_known("metric", name, METRICS)
        return next((item.name for item in self.items.values() if item.metric == name), "")

    def blocks(self, *only: str) -> dict[str, tuple[str, ...]]:
        """Block → its drivers; all blocks in the codebook's order, or those named."""
        found: dict[str, tuple[str, ...]] = {}
        for block in self.block_labels:
            members = tuple(n for n in self.names("driver") if self.variables[n].block == block)
            if members:
                found[block] = members
        for block in only:
            check_known("block", block, found, f"Blocks of the drivers in the codebook '{self.name}'.")
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


def as_blocks(drivers: Mapping[str, Iterable[str]] | Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Blocks as they are given; a plain list is a block for each driver.

    >>> as_blocks(["trust", "price"])
    {'trust': ('trust',), 'price': ('price',)}
    """
    if isinstance(drivers, Mapping):
        return {block: tuple(members) for block, members in drivers.items()}
    return {name: (name,) for name in drivers}


def flatten(drivers: Mapping[str, Iterable[str]] | Iterable[str]) -> list[str]:
    """Members of all blocks in one list.

    >>> flatten({"emotional": ("trust", "joy"), "rational": ("price",)})
    ['trust', 'joy', 'price']
    """
    if isinstance(drivers, Mapping):
        return [name for members in drivers.values() for name in members]
    return list(drivers)


def read_codebook(name: str | Path) -> Codebook:
    """The codebook in a YAML file, or one of those in `data/codebooks` by its name.

    Raises
    ------
    CodebookError
        Naming the file, the entry and what was allowed there.
    """
    path = find("codebook", name, "data/codebooks", ".yml")
    return _codebook(EntryReader(path.name), path.stem, read_yaml(path))


def parsed_codebook(text: str, name: str) -> Codebook:
    """The codebook in a YAML text, such as a draft that is not yet a file."""
    return _codebook(EntryReader(name), name, parsed_yaml(text, name))


def codebook_of_scales(name: str, file: str, found: dict[str, Any]) -> Codebook:
    """The codebook of a table that describes its own variables: title, source, and scales without items."""
    return _codebook(EntryReader(file), name, found)


def _codebook(read: EntryReader, name: str, found: dict[str, Any]) -> Codebook:
    known = {*(f.name for f in fields(Codebook)), "defaults", "blocks"} - {"name", "block_labels"}
    read.keys(name, found, known)
    block_labels = dict(BLOCKS)
    for block, label in read.mapping("blocks", found.get("blocks", {})).items():
        block_labels[block] = read.texts(f"blocks: {block}", label)
    defaults = read.mapping("defaults", found.get("defaults", {}))
    read.keys("defaults", defaults, {"range", "missing"})
    modules = {
        str(key): read.texts(f"modules: {key}", label)
        for key, label in read.mapping("modules", found.get("modules", {})).items()
    }
    formats = {
        str(key): read.format(str(key), read.mapping(f"formats: {key}", entry))
        for key, entry in read.mapping("formats", found.get("formats", {})).items()
    }
    items: dict[str, Item] = {}
    for key, entry in read.mapping("items", found.get("items", {})).items():
        given = read.mapping(f"items: {key}", entry)
        usual = {k: value for k, value in defaults.items() if k != "range" or "format" not in given}
        items[str(key)] = read.item(str(key), {**usual, **given}, block_labels, modules, formats)
    asked = [item.metric for item in items.values() if item.metric]
    if twice := [metric for metric in METRICS if asked.count(metric) > 1]:
        raise read.error("items", f"have two items with metric '{twice[0]}'; keep it for the one to be used")
    scales = {
        str(key): read.scale(str(key), read.mapping(f"scales: {key}", entry), items, block_labels)
        for key, entry in read.mapping("scales", found.get("scales", {})).items()
    }
    if both := [key for key in scales if key in items or key in block_labels]:
        raise read.error(f"scales: {both[0]}", "is also the name of an item or block; give it a name of its own")
    impossible = {
        str(key): read.combination(str(key), read.mapping(f"impossible: {key}", entry), items)
        for key, entry in read.mapping("impossible", found.get("impossible", {})).items()
    }
    if not items and not scales:
        raise read.error("items", "the codebook describes no item and no scale")
    chain = _chain(read, found.get("chain", {}), {**items, **scales})
    return Codebook(
        name=name,
        title=read.texts("title", found.get("title")),
        items=items,
        scales=scales,
        source=read.texts("source", found.get("source")),
        citation=cited(str(found.get("citation", "")), name),
        tier=read.choice("tier", found.get("tier", "observed"), [tier for tier in TIERS if tier != "unstated"]),
        licence=str(found.get("licence", "")),
        rows={str(k): str(v) for k, v in read.mapping("rows", found.get("rows", {})).items()},
        table=str(found.get("table", "")),
        block_labels=block_labels,
        impossible=impossible,
        note=str(found.get("note", "")),
        modules=modules,
        formats=formats,
        chain=chain,
    )


def _chain(read: EntryReader, found: Any, known: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What stands for heart, head and wallet, and for a step after the head: names of items or scales."""
    given = read.mapping("chain", found)
    read.keys("chain", given, {"heart", "head", "wallet", "after"})
    chain = {str(part): tuple(map(str, names if isinstance(names, list) else [names])) for part, names in given.items()}
    for part, names in chain.items():
        for name in names:
            read.choice(f"chain: {part}", name, list(known))
    return chain
