"""`PublishedModel`: a path model as a source prints it, in one file: its table, its arrows and the numbers printed for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...codebook import BLOCKS, EntryReader, codebook_of_scales
from ...core import CodebookError, DataError, Provenance, available, cited, find, listed, read_yaml, sha256, tr, unknown
from ...moments import Moments, composites
from ...survey import PublishedTable, checked_table, read_table
from ..entries import GRADES

__all__ = ["EFFECTS", "Printed", "PublishedModel", "models_of", "read_model"]

#: Kinds of printed numbers, as they are entries of a file.
EFFECTS = ("direct", "indirect", "total", "r_squared")
_FOLDER = "data/published/models"
_REQUIRED = {"title", "table", "paths", "printed"}
_MAY = {"table_is", "rows", "composites", "outcomes", "blocks", "items", "note", "source", "citation"}
_TABLE = {"n", "variables", "correlations"}
_GROUP = {"where", "decimals", "grade"}
_GROUP_MAY = {"citation", "paths", "other", *EFFECTS}
_COMPOSITE = {"label", "of"}


@dataclass(frozen=True, eq=False)
class Printed:
    """Numbers that stand together in a source: where, how far to trust them, to how many decimals.

    Attributes
    ----------
    values : dict of (term, outcome, effect) → (value, low, high)
        Low and high of the printed interval, None where the source prints none; an R² has no term.
    paths : dict
        The arrows these numbers belong to.
    other : dict of str
        Why the table cannot give them exactly, by language; empty where it can.
    """

    where: dict[str, str]
    grade: str
    decimals: int
    citation: str
    paths: dict[str, tuple[str, ...]]
    other: dict[str, str]
    values: dict[tuple[str, str, str], tuple[float, float | None, float | None]]


@dataclass(frozen=True, eq=False)
class PublishedModel:
    """A published path model: arrows between variables of a correlation table, and what its source prints about them.

    It answers `moments` and `draws` as a table does, with composites (plain means of standardised variables) beside the
    printed variables.

    Examples
    --------
    >>> model = read_model("hedonic_utilitarian")
    >>> model
    PublishedModel 'hedonic_utilitarian': AttLoyalty, BehLoyalty explained; n = 190; 9 printed numbers
    >>> model.moments(["HEDONIC", "UTILITARIAN"]).corr.round(3).tolist()
    [[1.0, 0.466], [0.466, 1.0]]
    """

    name: str
    title: dict[str, str]
    table: PublishedTable
    recomputed: bool
    paths: dict[str, tuple[str, ...]]
    composites: dict[str, tuple[str, ...]]
    own_labels: dict[str, dict[str, str]]
    outcomes: tuple[str, ...]
    blocks: dict[str, tuple[str, ...]]
    printed: tuple[Printed, ...]
    rows: str = ""
    items: dict[str, str] = field(default_factory=dict)
    note: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"PublishedModel '{self.name}': {listed(self.paths)} explained; n = {int(self.table.everything.n):,}; "
            f"{sum(len(group.values) for group in self.printed)} printed numbers"
        )

    @property
    def provenance(self) -> Provenance:
        """Where the table comes from."""
        return self.table.provenance

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables the arrows join."""
        return tuple(dict.fromkeys(name for outcome, ps in self.paths.items() for name in (*ps, outcome)))

    def labels(self, language: str = "en") -> dict[str, str]:
        """Every name → its label."""
        own = {name: label[language] for name, label in self.own_labels.items()}
        return self.table.codebook.labels(language) | own

    def made(self, moments: Moments, names: Iterable[str]) -> Moments:
        """Moments of these variables and composites, from moments of all variables of the table."""
        names = list(names)
        used = {name: self.composites[name] for name in names if name in self.composites}
        if not used:
            return moments.select(names)
        keep = [name for name in names if name not in used]
        return composites(moments, used, keep=keep, standardised=True).select(names)

    def moments(self, names: Iterable[str]) -> Moments:
        """Moments of variables of the table, or composites of them."""
        return self.made(self.table.everything, names)

    def draws(self, names: Iterable[str], *, n_draws: int = 2000, seed: int = 1) -> Moments:
        """Wishart draws of the table, composites made anew in each."""
        return self.made(self.table.everything.draws(n_draws=n_draws, seed=seed), names)

    def simulated(self, seed: int = 1) -> PublishedModel:
        """The same model with one simulated sample in place of the table: no evidence, but a look at what chance does.

        The sample has the n of the source and comes from normal variables that correlate as the table prints.
        """
        drawn = self.table.everything.draws(n_draws=100, seed=seed)[0]
        source = tr("simulated from the correlations of: {source}").format(source=self.provenance.source)
        origin = Provenance("synthetic", source, steps=(f"the first Wishart draw, seed {seed}",))
        everything = replace(drawn, scheme="sample", provenance=origin)
        return replace(self, table=replace(self.table, everything=everything, decimals=16), rows="")


def read_model(name: str | Path) -> PublishedModel:
    """A published path model: a YAML file, or one of those in `data/published/models` by its name.

    Raises
    ------
    CodebookError, MatrixError, UnknownName
        Naming the file, the entry, what is wrong with it and what was allowed.

    Examples
    --------
    >>> read_model("corporate_reputation_simple").paths
    {'CUSA': ('COMP', 'LIKE'), 'CUSL': ('COMP', 'LIKE', 'CUSA')}
    """
    path = find("published model", name, _FOLDER, ".yml")
    found, read = read_yaml(path), EntryReader(path.name)
    _entries(read, "a model", "", found, _REQUIRED, _MAY)
    table = _table(read, path, found)
    made, labels = _composites(read, found.get("composites", {}), table)
    known = (*table.everything.names, *made)
    paths = _paths(read, "paths", found["paths"], known)
    groups = found["printed"]
    if not isinstance(groups, list) or not groups:
        raise read.error(
            "printed", "must be a list of one or more groups of printed numbers, each starting with '- where:'"
        )
    printed = tuple(_group(read, f"printed: {i}", group, paths, known) for i, group in enumerate(groups, 1))
    outcomes = _names(read, "outcomes", found.get("outcomes", list(paths)[-1:]), tuple(paths))
    blocks = _blocks(read, found.get("blocks"), table, outcomes)
    labels |= {block: table.codebook.variable(block).label for block in blocks if block in table.codebook.variables}
    rows = str(found.get("rows", ""))
    items = {str(k): str(v) for k, v in read.mapping("items", found.get("items", {})).items()}
    if items and set(items) != {"emotional", "rational"}:
        raise read.error("items", f"names {listed(items)}; allowed: one item each for emotional and rational")
    return PublishedModel(
        name=path.stem,
        title=read.texts("title", found["title"]),
        table=table,
        recomputed=read.choice("table_is", found.get("table_is", "printed"), ("printed", "recomputed")) == "recomputed",
        paths=paths,
        composites=made,
        own_labels=labels,
        outcomes=outcomes,
        blocks=blocks,
        printed=printed,
        rows=rows,
        items=items,
        note=read.texts("note", found["note"]) if "note" in found else {},
    )


def models_of(data: str = "") -> list[str]:
    """The models a report shows for these data: all there are, those of rows or a table by name, or the file of a model.

    Raises
    ------
    UnknownName
        Listing the models there are, and the rows and tables they rest on.

    Examples
    --------
    >>> models_of("mobi")
    ['ecsi_mobile']
    """
    shipped = {name: read_yaml(path) for name, path in available(_FOLDER, ".yml").items()}
    if not data:
        return list(shipped)
    if Path(data).is_file() and Path(data).suffix != ".yml":
        raise DataError(
            f"{Path(data).name} holds answers, and no published model rests on them; run this report without data. "
            "A model of your own is a file in YAML (see data/README.md)."
        )
    if data in shipped or Path(data).is_file():
        return [data]
    found = [name for name, entry in shipped.items() if data in (entry.get("rows"), entry.get("table"))]
    if not found:
        bases = [entry.get(key) for entry in shipped.values() for key in ("rows", "table") if entry.get(key)]
        raise unknown(
            "published model", data, dict.fromkeys([*shipped, *bases]), "Or give the path of a model's file (yml)."
        )
    return found


def _entries(read: EntryReader, what: str, where: str, found: Any, required: set[str], may: set[str]) -> None:
    """Refuse an entry that is lacking or not known."""
    found = read.mapping(where or "the file", found)
    if lacking := sorted(required - set(found)):
        raise read.error(where or "the file", f"lacks '{lacking[0]}'; {what} has {', '.join(sorted(required))}")
    read.keys(where or "the file", found, required | may)


def _table(read: EntryReader, path: Path, found: Mapping[str, Any]) -> PublishedTable:
    """The table named, or the one that stands in the file itself."""
    given = found["table"]
    if isinstance(given, str):
        if extra := [key for key in ("source", "citation") if key in found]:
            raise read.error(extra[0], "belongs to a table in this file; the table named has its own")
        beside = path.parent / given
        return read_table(beside if beside.is_file() else given)
    _entries(read, "a table", "table", given, _TABLE, {"means", "sds"})
    if lacking := [key for key in ("source", "citation") if key not in found]:
        raise read.error("the file", f"lacks '{lacking[0]}', which a table in the file needs")
    variables = read.mapping("table: variables", given["variables"])
    n = given["n"]
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise read.error("table: n", f"is {n!r}; allowed: a whole number of respondents")
    head = {
        "title": read.texts("title", found["title"]),
        "source": found["source"],
        "citation": found["citation"],
        "tier": "published",
    }
    try:
        book = codebook_of_scales(path.stem, path.name, {**head, "scales": variables})
    except CodebookError as error:
        raise CodebookError(str(error).replace("scales: ", "table: variables: ", 1)) from None
    entries = {**given, **head, "source": book.source, "variables": [str(name) for name in variables]}
    return checked_table(path.stem, path.name, entries, book, sha256(path))


def _composites(
    read: EntryReader, given: Any, table: PublishedTable
) -> tuple[dict[str, tuple[str, ...]], dict[str, dict[str, str]]]:
    made, labels = {}, {}
    for name, entry in read.mapping("composites", given).items():
        where = f"composites: {name}"
        _entries(read, "a composite", where, entry, _COMPOSITE, set())
        if name in table.everything.names:
            raise read.error(where, "is also a variable of the table; give it a name of its own")
        made[str(name)] = _names(read, f"{where}: of", entry["of"], table.everything.names)
        labels[str(name)] = read.texts(f"{where}: label", entry["label"])
    return made, labels


def _names(read: EntryReader, where: str, given: Any, known: Iterable[str]) -> tuple[str, ...]:
    """A list of names that exist, none of them twice."""
    if not isinstance(given, list) or not given:
        raise read.error(where, f"is {given!r}; allowed: a list of names, such as [{', '.join(list(known)[:2])}]")
    names = tuple(str(name) for name in given)
    if wrong := [name for name in names if name not in known]:
        raise read.error(where, f"names '{wrong[0]}'; allowed: {listed(known)}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise read.error(where, f"names '{twice[0]}' twice")
    return names


def _paths(read: EntryReader, where: str, given: Any, known: Iterable[str]) -> dict[str, tuple[str, ...]]:
    paths = {}
    for outcome, predictors in read.mapping(where, given).items():
        _names(read, where, [outcome], known)
        paths[str(outcome)] = _names(read, f"{where}: {outcome}", predictors, known)
    if not paths:
        raise read.error(where, "holds no arrow; allowed: outcome: [its predictors]")
    placed: set[str] = set()
    while ready := [o for o, ps in paths.items() if o not in placed and not {*ps} & ({*paths} - placed)]:
        placed |= {*ready}
    if rest := [outcome for outcome in paths if outcome not in placed]:
        raise read.error(where, f"go round among {listed(rest)}; turn or leave out an arrow")
    return paths


def _blocks(
    read: EntryReader, given: Any, table: PublishedTable, outcomes: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The drivers of the outcomes by block: those given, or those of the codebook that the table prints."""
    if given is None:
        found = {b: tuple(n for n in names if table.has(n)) for b, names in table.codebook.blocks().items()}
        found = {block: names for block, names in found.items() if names}
    else:
        allowed = (*BLOCKS, *table.codebook.block_labels, *table.codebook.variables)
        entries = read.mapping("blocks", given)
        for block in entries:
            _names(read, "blocks", [block], tuple(dict.fromkeys(allowed)))
        found = {
            str(b): _names(read, f"blocks: {b}", names, [n for n in table.everything.names if n not in outcomes])
            for b, names in entries.items()
        }
    if missing := [block for block in ("emotional", "rational") if block not in found]:
        raise read.error("blocks", f"lack '{missing[0]}'; name the drivers of both: {{emotional: […], rational: […]}}")
    return found


def _group(
    read: EntryReader, where: str, given: Any, paths: dict[str, tuple[str, ...]], known: Iterable[str]
) -> Printed:
    _entries(read, "a group of printed numbers", where, given, _GROUP, _GROUP_MAY)
    decimals = given["decimals"]
    if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 15:
        raise read.error(f"{where}: decimals", f"is {decimals!r}; allowed: how many decimals are printed, 0 to 15")
    grade = read.choice(f"{where}: grade", given["grade"], GRADES)
    own = _paths(read, f"{where}: paths", given["paths"], known) if "paths" in given else paths
    values: dict[tuple[str, str, str], tuple[float, float | None, float | None]] = {}
    for effect in EFFECTS:
        for outcome, entry in read.mapping(f"{where}: {effect}", given.get(effect, {})).items():
            place = f"{where}: {effect}: {outcome}"
            _names(read, f"{where}: {effect}", [outcome], tuple(own))
            if effect == "r_squared":
                values["", str(outcome), effect] = _value(read, place, entry, decimals)
                continue
            for term, value in read.mapping(place, entry).items():
                _arrow(read, place, str(term), str(outcome), effect, own)
                values[str(term), str(outcome), effect] = _value(read, f"{place}: {term}", value, decimals)
    if not values:
        raise read.error(where, f"holds no printed number; allowed: one or more of {', '.join(EFFECTS)}")
    other = read.texts(f"{where}: other", given["other"]) if "other" in given else {}
    return Printed(
        read.texts(f"{where}: where", given["where"]),
        grade,
        decimals,
        cited(str(given.get("citation", "")), read.file),
        own,
        other,
        values,
    )


def _arrow(
    read: EntryReader, where: str, term: str, outcome: str, effect: str, paths: Mapping[str, tuple[str, ...]]
) -> None:
    """Refuse an effect the arrows do not have."""
    if effect == "direct":
        _names(read, where, [term], paths[outcome])
        return

    def reaches(name: str, steps: int = 0) -> bool:
        return steps <= len(paths) and any(p == term or reaches(p, steps + 1) for p in paths.get(name, ()))

    between = any(reaches(p) for p in paths[outcome])
    if not (between if effect == "indirect" else between or term in paths[outcome]):
        raise read.error(where, f"names '{term}', from which no arrows lead there; look at 'paths'")


def _value(read: EntryReader, where: str, given: Any, decimals: int) -> tuple[float, float | None, float | None]:
    """One printed number, or a number with the ends of its interval, to no more decimals than are said to be printed."""
    numbers = read.numbers(where, given)
    if len(numbers) not in (1, 3):
        raise read.error(where, f"is {given!r}; allowed: a number, or [number, low, high]")
    if abs(numbers[0]) > 10:
        raise read.error(
            where, f"is {numbers[0]:g}; a standardised effect or R² is not so large, so a decimal point may be missing"
        )
    if abs(round(numbers[0], decimals) - numbers[0]) > 1e-12:
        raise read.error(where, f"is {numbers[0]!r}, which has more than the {decimals} decimals given for this group")
    if len(numbers) == 3 and not numbers[1] <= numbers[0] <= numbers[2]:
        raise read.error(where, f"is {given!r}; the number lies outside its interval [low, high]")
    low, high = (numbers[1], numbers[2]) if len(numbers) == 3 else (None, None)
    return float(numbers[0]), low, high
