"""`Codebook`: what each column of a survey asked, how it was answered, and which part it plays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import structs

from ..core import (
    EntryFile,
    Label,
    Texts,
    check_known,
    cited,
    find,
    listed,
    parsed_yaml,
    printable,
    read_yaml,
    the_one_called,
)
from .entries import (
    BLOCKS,
    METRICS,
    ChainEntry,
    CodebookFile,
    Combination,
    Format,
    Item,
    Scale,
    TickSet,
    checked_chain,
    checked_combination,
    checked_format,
    checked_item,
    checked_scale,
    checked_set,
)

#: Entries that stand for nothing where no value follows them.
_MAY_BE_BLANK = ("role", "block", "metric", "module", "format")


@dataclass(frozen=True)
class Codebook:
    """Items and scales of one survey, and where its answers come from.

    Read one with `read_codebook`. A *variable* is a scale, or an item with a role of its own.

    Attributes
    ----------
    name : str
        What it is called.
    title : dict of str → str
        By language.
    items : dict of str → Item
        Name → item.
    scales : dict of str → Scale
        Name → scale.
    source : dict of str → str
        Who was asked, when and how, by language.
    citation : str
        The work that describes the data.
    tier : str
        observed, published, synthetic or unstated.
    licence : str
        Of the rows.
    rows : dict of str → str
        Package and name of the rows it describes.
    table : str
        Published table of the same study.
    block_labels : dict of str → dict of str → str
        Block → label.
    sets : dict of str → TickSet
        Boxes of one question each, of which one ticks all that apply.
    impossible : dict of str → Combination
        Answers that cannot go together.
    note : str
        For whoever reads the file.
    modules : dict of str → dict of str → str
        Module → title.
    formats : dict of str → Format
        Name → kind of question.
    chain : ChainEntry
        What stands for heart, head and wallet.

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
    sets: dict[str, TickSet] = field(default_factory=dict)
    impossible: dict[str, Combination] = field(default_factory=dict)
    note: str = ""
    modules: dict[str, dict[str, str]] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)
    chain: ChainEntry = field(default_factory=ChainEntry)

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
        """The scale or item called `name`, by its name or its label."""
        name = self.named(name)
        return self.scales[name] if name in self.scales else self.items[name]

    @cached_property
    def called(self) -> dict[str, tuple[str, ...]]:
        """Every scale, item and block → its labels, which do where a name is asked for."""
        labels = self.block_labels | {name: one.label for name, one in (*self.items.items(), *self.scales.items())}
        return {name: tuple(dict.fromkeys(label.values())) for name, label in labels.items()}

    def named(self, asked: str) -> str:
        """The name of the scale or item that is asked for by its name or its label; a variable before an item within one.

        Nothing is asked for by an empty text, and that is what comes back.

        >>> read_codebook("corporate_reputation").named("Loyalty")
        'CUSL'
        """
        if not asked or asked in self.scales or asked in self.items:
            return asked
        variables = {name: self.called[name] for name in self.variables}
        taken = {label.casefold() for labels in variables.values() for label in labels}
        within = {
            name: [label for label in self.called[name] if label.casefold() not in taken]
            for name in self.items
            if name not in variables
        }
        known = f"They are defined in the codebook '{self.name}'."
        return the_one_called("variable", asked, variables | within, known, possible=variables)

    def names(self, role: str) -> tuple[str, ...]:
        """Names of the variables with this role, in the codebook's order."""
        return tuple(name for name, variable in self.variables.items() if variable.role == role)

    def items_of(self, name: str) -> tuple[str, ...]:
        """The items a variable is made of: those of a scale, or the item itself."""
        variable = self.variable(name)
        return variable.items if isinstance(variable, Scale) else (variable.name,)

    def asks(self, name: str, metric: str) -> bool:
        """Whether an item, or one of a scale, is what a metric such as "satisfaction" is made of."""
        return any(getattr(self.items.get(item), "metric", "") == metric for item in self.items_of(name))

    def range_of(self, name: str) -> tuple[float, float] | None:
        """Lowest and highest possible answer of an item or scale; None where the codebook gives none."""
        items = self.items_of(name) if name else ()
        return self.items[items[0]].range if items else None

    def scale_of(self, item: str) -> str:
        """The first scale that an item belongs to, or the item itself where it belongs to none."""
        return next((name for name, scale in self.scales.items() if item in scale.items), item)

    def mixed_ranges(self, names: Iterable[str]) -> bool:
        """Whether these were answered on different ranges, so that a mean of them takes standardised answers."""
        return len({self.range_of(name) for name in names}) > 1

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
        known = {block: self.called[block] for block in found}
        of = f"Blocks of the drivers in the codebook '{self.name}'."
        return {name: found[name] for name in (the_one_called("block", one, known, of) for one in only)} or found

    def label(self, name: str, language: str = "en") -> str:
        """Short name of a variable, an item or a block, for figures."""
        if name in self.block_labels and name not in self.variables:
            return Label(self.block_labels[name][language])
        return Label(self.variable(name).label[language])

    def labels(self, language: str = "en") -> dict[str, str]:
        """Every name → its label: blocks, items, scales, sets, and the values of segments by their English label."""
        values = {label["en"]: Label(label[language]) for item in self.items.values() for label in item.values.values()}
        values |= {name: Label(one.label[language]) for name, one in self.sets.items()}
        return values | {name: self.label(name, language) for name in (*self.block_labels, *self.items, *self.scales)}


def as_blocks(drivers: Mapping[str, Iterable[str]] | Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Blocks as they are given; a plain list is a block for each driver.

    Parameters
    ----------
    drivers : sequence of str, or mapping of block → drivers
        Names or labels; given by block, those of every block.

    Returns
    -------
    dict of str → sequence of str
        Each with its drivers, in the order given.

    Examples
    --------
    >>> as_blocks(["trust", "price"])
    {'trust': ('trust',), 'price': ('price',)}
    """
    if isinstance(drivers, Mapping):
        return {block: tuple(members) for block, members in drivers.items()}
    return {name: (name,) for name in drivers}


def flatten(drivers: Mapping[str, Iterable[str]] | Iterable[str]) -> list[str]:
    """Members of all blocks in one list.

    Parameters
    ----------
    drivers : sequence of str, or mapping of block → drivers
        Names or labels; given by block, those of every block.

    Returns
    -------
    list of str
        In the order of the blocks.

    Examples
    --------
    >>> flatten({"emotional": ("trust", "joy"), "rational": ("price",)})
    ['trust', 'joy', 'price']
    """
    if isinstance(drivers, Mapping):
        return [name for members in drivers.values() for name in members]
    return list(drivers)


def read_codebook(name: str | Path) -> Codebook:
    """The codebook in a YAML file, or one of those in `data/codebooks` by its name.

    Parameters
    ----------
    name : str or path
        Path of a `.yml` file, or the name of one in `data/codebooks`.

    Returns
    -------
    Codebook
        Checked in full: names, ranges, roles and scales fit each other.

    Raises
    ------
    CodebookError
        Naming the file, the entry and what was allowed there.

    Examples
    --------
    >>> read_codebook("mobi").names("outcome")
    ('LOY', 'SAT')
    """
    path = find("codebook", name, "data/codebooks", ".yml")
    return _codebook(EntryFile(path.name), path.stem, read_yaml(path))


def parsed_codebook(text: str, name: str) -> Codebook:
    """The codebook in a YAML text, such as a draft that is not yet a file.

    Parameters
    ----------
    text : str
        YAML, as a file would hold it.
    name : str
        What it is called in messages.

    Returns
    -------
    Codebook
        As `read_codebook` gives it.

    Raises
    ------
    CodebookError
        Naming the entry and what was allowed there.

    Examples
    --------
    >>> parsed_codebook("{title: Shop, source: Me, items: {stay: {label: I stay, role: outcome}}}", "shop.yml").names("outcome")
    ('stay',)
    """
    return _codebook(EntryFile(name), name, parsed_yaml(text, name))


def codebook_of_scales(file: EntryFile, where: tuple[str, ...], scales: Mapping[str, Scale], **about: Any) -> Codebook:
    """The codebook of a table that describes its own variables, under `where`: scales without items.

    Parameters
    ----------
    file : EntryFile
        The file they stand in, for messages.
    where : sequence of str
        The entries above them in that file.
    scales : mapping of str → Scale
        Name → scale.
    **about : Any
        Other fields of `Codebook`, such as its name and title.

    Returns
    -------
    Codebook
        Without items; its variables are the scales.

    Examples
    --------
    >>> from loyaltylab.codebook import Scale
    >>> named = {"JOY": Scale(role="driver", block="emotional")}
    >>> book = codebook_of_scales(EntryFile("study.yml"), ("variables",), named, name="study", title={"en": "A study", "nl": "Een studie"}, source={"en": "A source", "nl": "Een bron"}, citation="", tier="published")
    >>> book.blocks()
    {'emotional': ('JOY',)}
    """
    found = {}
    for name, scale in scales.items():
        named = structs.replace(scale, name=name, label=scale.label or Texts.read(name))
        found[name] = checked_scale(file, (*where, name), named, {}, BLOCKS, needed=False)
    return Codebook(items={}, scales=found, **about)


def _codebook(file: EntryFile, name: str, found: dict[str, Any]) -> Codebook:
    given = {key: found.get(key, {}) for key in ("items", "scales", "sets", "impossible", "modules", "formats")}
    usual = found.get("defaults", {})
    named = {"items": _named(given["items"], usual if isinstance(usual, dict) else {})}
    named |= {key: _named(given[key]) for key in ("scales", "sets", "impossible")}
    named |= {key: _by_text(given[key]) for key in ("modules", "formats")}
    book = file.read(CodebookFile, found | {key: value for key, value in named.items() if key in found})
    labels = BLOCKS | book.blocks
    for key, one in book.formats.items():
        checked_format(file, key, one)
    items = {
        str(key): checked_item(file, book.items[str(key)], book, labels, own_range="range" in entry)
        for key, entry in given["items"].items()
    }
    asked = [item.metric for item in items.values() if item.metric]
    if twice := [metric for metric in METRICS if asked.count(metric) > 1]:
        raise file.wrong(f"have two items with metric '{twice[0]}'; keep it for the one to be used", "items")
    scales = {
        str(key): checked_scale(
            file, ("scales", str(key)), book.scales[str(key)], items, labels, needed="min_answered" in entry
        )
        for key, entry in given["scales"].items()
    }
    if both := [key for key in scales if key in items or key in labels]:
        raise file.wrong("is also the name of an item or block; give it a name of its own", "scales", both[0])
    sets = {key: checked_set(file, one, items, book.sets) for key, one in book.sets.items()}
    if both := [key for key in sets if key in items or key in scales or key in labels]:
        raise file.wrong("is also the name of an item, scale or block; give it a name of its own", "sets", both[0])
    impossible = {key: checked_combination(file, one, items) for key, one in book.impossible.items()}
    if not items and not scales:
        raise file.wrong("the codebook describes no item and no scale", "items")
    checked = {
        "items": items,
        "scales": scales,
        "sets": sets,
        "impossible": impossible,
        "citation": cited(book.citation, name),
        "licence": printable(book.licence),
    }
    checked["chain"] = checked_chain(file, book.chain, {**items, **scales})
    same = {f.name: getattr(book, f.name) for f in fields(Codebook) if hasattr(book, f.name)}
    return Codebook(**{**same, **checked, "name": name, "block_labels": labels})


def _by_text(entries: Any) -> Any:
    """Entries by names that are texts: YAML takes some for numbers."""
    return {str(name): entry for name, entry in entries.items()} if isinstance(entries, dict) else entries


def _named(entries: Any, usual: Mapping[str, Any] | None = None) -> Any:
    """Entries that know their name, and have a label and what is usual where they give none of their own."""
    found = _by_text(entries)
    for name, entry in found.items() if isinstance(found, dict) else ():
        if isinstance(entry, dict):
            own = {key: value for key, value in entry.items() if value is not None or key not in _MAY_BE_BLANK}
            unless = {key: value for key, value in (usual or {}).items() if key != "range" or "format" not in entry}
            found[name] = {**unless, **own, "": name, "label": entry.get("label", entry.get("wording", name))}
    return found
