"""`PublishedModel`: a path model as a source prints it, in one file: its table, its arrows and the numbers printed for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, field

from ...codebook import BLOCKS, codebook_of_scales
from ...core import (
    DataError,
    Entry,
    EntryFile,
    Names,
    Numbers,
    Provenance,
    Texts,
    available,
    cited,
    expanded,
    find,
    listed,
    read_yaml,
    sha256,
    tr,
    unknown,
)
from ...moments import Moments, composites
from ...survey import PublishedTable, TableEntry, checked_table, read_table
from ..entries import GRADES

#: Kinds of printed numbers, as they are entries of a file.
EFFECTS = ("direct", "indirect", "total", "r_squared")
_FOLDER = "data/published/models"
_Paths = dict[str, Names]
_Effects = dict[str, dict[str, Numbers]]
_Table = Annotated[str | TableEntry, Meta(description="the name of a published table, or the table itself")]


class CompositeEntry(Entry, frozen=True):
    """A composite: a plain mean of standardised variables."""

    label: Texts
    of: Names


class GroupEntry(Entry, frozen=True, kw_only=True):
    """A group of printed numbers, which stand together in a source.

    Parameters
    ----------
    where, other : dict of str
        Where they stand; why the table cannot give them exactly, where it cannot. By language.
    grade : str
        How far to trust them, A to F.
    decimals : int
        How many decimals are printed.
    citation : str
        Where they are printed, if not where the table is.
    paths : dict
        The arrows they belong to, if not those of the model: outcome → its predictors.
    direct, indirect, total : dict
        Outcome → predictor → a number, or [number, low, high].
    r_squared : dict
        Outcome → a number, or [number, low, high].
    """

    where: Texts
    grade: Literal[tuple(GRADES)]  # type: ignore[valid-type]
    decimals: Annotated[int, Meta(ge=0, le=15, description="how many decimals are printed, 0 to 15")]
    citation: str = ""
    paths: _Paths = field(default_factory=dict)
    other: Texts = field(default_factory=Texts)
    direct: _Effects = field(default_factory=dict)
    indirect: _Effects = field(default_factory=dict)
    total: _Effects = field(default_factory=dict)
    r_squared: dict[str, Numbers] = field(default_factory=dict)


class ModelFile(Entry, frozen=True, kw_only=True):
    """A model: a path model as its source prints it.

    Parameters
    ----------
    title, note : dict of str
        What it is called, what else to know. By language.
    table : str or dict
        A published table by its name or file, or the table itself.
    table_is : str
        Whether the source prints the table, or it was recomputed.
    source, citation : dict of str, str
        Of a table in this file.
    rows : str
        Rows of the same answers, by the name of their data.
    paths : dict
        The arrows: outcome → its predictors.
    composites : dict
        Name → label, and the variables it is a mean of.
    outcomes : list of str
        What the blocks explain; the last outcome, if left out.
    blocks : dict
        Block → its drivers; those of the codebook, if left out.
    items : dict
        One item each for emotional and rational.
    printed : list
        Groups of printed numbers.

    See Also
    --------
    loyaltylab.claims.read_model : Reads it.
    """

    title: Texts
    table: _Table
    paths: _Paths
    printed: list[GroupEntry]
    table_is: Literal["printed", "recomputed"] = "printed"
    source: Texts = field(default_factory=Texts)
    citation: str = ""
    rows: str = ""
    composites: dict[str, CompositeEntry] = field(default_factory=dict)
    outcomes: Names = field(default_factory=Names)
    blocks: dict[str, Names] | None = None
    items: dict[str, str] = field(default_factory=dict)
    note: Texts = field(default_factory=Texts)


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

    Attributes
    ----------
    name : str
        What it is called.
    title : dict of str → str
        By language.
    table : PublishedTable
        The correlations it rests on.
    recomputed : bool
        Whether the table was computed from rows, not printed.
    paths : dict of str → sequence of str
        Outcome → its predictors.
    composites : dict of str → sequence of str
        Variable → what it is the mean of.
    own_labels : dict of str → dict of str → str
        Labels of variables the table has none for.
    outcomes : sequence of str
        What its drivers explain.
    blocks : dict of str → sequence of str
        Block → drivers.
    printed : sequence of Printed
        Groups of printed numbers.
    rows : str
        Name of the rows of the same study.
    items : dict of str → str
        Variable → scale or item of those rows.
    note : dict of str → str
        By language.

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
    rows: str
    items: dict[str, str]
    note: dict[str, str]

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
        source = tr("simulated from the correlations of: {source}").filled(source=self.provenance.source)
        origin = Provenance("synthetic", source, steps=(f"the first Wishart draw, seed {seed}",))
        everything = replace(drawn, scheme="sample", provenance=origin)
        return replace(self, table=replace(self.table, everything=everything, decimals=16), rows="")


def read_model(name: str | Path) -> PublishedModel:
    """A published path model: a YAML file, or one of those in `data/published/models` by its name.

    Parameters
    ----------
    name : str or path
        Path of a `.yml` file, or the name of one in `data/published/models`.

    Returns
    -------
    PublishedModel
        Arrows, printed numbers and the table they rest on.

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
    file = EntryFile(path.name)
    found = file.read(ModelFile, read_yaml(path))
    table = _table(file, path, found)
    if both := [name for name in found.composites if name in table.everything.names]:
        raise file.wrong("is also a variable of the table; give it a name of its own", "composites", both[0])
    for name, composite in found.composites.items():
        _check_names(file, composite.of, table.everything.names, "composites", name, "of")
    known = (*table.everything.names, *found.composites)
    _check_paths(file, found.paths, known, "paths")
    if not found.printed:
        raise file.wrong("holds no group of printed numbers; each starts with '- where:'", "printed")
    printed = tuple(_group(file, ("printed", i), group, found.paths, known) for i, group in enumerate(found.printed, 1))
    outcomes = found.outcomes or (*found.paths,)[-1:]
    _check_names(file, outcomes, found.paths, "outcomes")
    blocks = _blocks(file, found.blocks, table, outcomes)
    labels = {name: composite.label for name, composite in found.composites.items()}
    labels |= {block: table.codebook.variable(block).label for block in blocks if block in table.codebook.variables}
    if found.items and set(found.items) != {"emotional", "rational"}:
        raise file.wrong(f"names {listed(found.items)}; allowed: one item each for emotional and rational", "items")
    return PublishedModel(
        name=path.stem,
        title=found.title,
        table=table,
        recomputed=found.table_is == "recomputed",
        paths=found.paths,
        composites={name: composite.of for name, composite in found.composites.items()},
        own_labels=labels,
        outcomes=outcomes,
        blocks=blocks,
        printed=printed,
        rows=found.rows,
        items=found.items,
        note=found.note,
    )


def choose_models(data: str = "", names: Iterable[str | Path] = (), *, seed: int = 1) -> list[PublishedModel]:
    """The published models that are meant: those of some data, else those named, else all there are.

    Parameters
    ----------
    data : str
        As for `models_of`; `simulated` for one simulated sample in place of the table of each of those named.
    names : iterable of str or path
        As for `read_model`.
    seed : int
        Of the simulated samples.

    Returns
    -------
    list of PublishedModel
        As `read_model` gives them.

    Examples
    --------
    >>> [model.name for model in choose_models("mobi")]
    ['ecsi_mobile']
    >>> choose_models("simulated", ["ecsi_mobile"])[0].provenance.tier
    'synthetic'
    """
    simulated = data.split()[:1] == ["simulated"]
    chosen = models_of(data) if data and not simulated else list(names) or models_of()
    found = [read_model(name) for name in chosen]
    return [model.simulated(seed) for model in found] if simulated else found


def models_of(data: str = "") -> list[str]:
    """The models a report shows for these data: all there are, those of rows or a table by name, or the file of a model.

    Parameters
    ----------
    data : str
        Rows or a table by name, or a path; all models for an empty one.

    Returns
    -------
    list of str
        Names, or the path that was given.

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
    if expanded(data).is_file() and Path(data).suffix != ".yml":
        raise DataError(
            f"{Path(data).name} holds answers, and no published model rests on them; run this report without data. "
            "A model of your own is a file in YAML; what may stand in it: loyaltylab codebook schema model"
        )
    if data in shipped or expanded(data).is_file():
        return [data]
    found = [name for name, entry in shipped.items() if data in (entry.get("rows"), entry.get("table"))]
    if not found:
        bases = [entry.get(key) for entry in shipped.values() for key in ("rows", "table") if entry.get(key)]
        raise unknown(
            "published model", data, dict.fromkeys([*shipped, *bases]), "Or give the path of a model's file (yml)."
        )
    return found


def _table(file: EntryFile, path: Path, found: ModelFile) -> PublishedTable:
    """The table named, or the one that stands in the file itself."""
    given = found.table
    if isinstance(given, str):
        if extra := [key for key in ("source", "citation") if getattr(found, key)]:
            raise file.wrong("belongs to a table in this file; the table named has its own", extra[0])
        beside = path.parent / given
        return read_table(beside if beside.is_file() else given)
    if lacking := [key for key in ("source", "citation") if not getattr(found, key)]:
        raise file.wrong(f"lacks '{lacking[0]}', which a table in the file needs")
    variables = {str(name): variable for name, variable in given.variables.items()}
    origin = Provenance("published", found.source, cited(found.citation, path.name), sha256(path))
    about = {"title": found.title, "source": found.source, "citation": origin.citation, "tier": origin.tier}
    book = codebook_of_scales(file, ("table", "variables"), variables, name=path.stem, **about)
    return checked_table(path.stem, path.name, given, variables, book, found.title, origin)


def _check_names(file: EntryFile, names: Iterable[str], known: Iterable[str], *where: object) -> None:
    """Refuse a list that is empty, or names what there is not."""
    names, known = list(names), list(known)
    if not names:
        raise file.wrong(f"is empty; allowed: a list of names, such as [{', '.join(known[:2])}]", *where)
    for name in names:
        file.known(name, known, *where)


def _check_paths(file: EntryFile, paths: Mapping[str, tuple[str, ...]], known: Iterable[str], *where: object) -> None:
    """Refuse arrows from or to what there is not, and arrows that go round."""
    for outcome, predictors in paths.items():
        file.known(outcome, known, *where)
        _check_names(file, predictors, known, *where, outcome)
    if not paths:
        raise file.wrong("holds no arrow; allowed: outcome: [its predictors]", *where)
    placed: set[str] = set()
    while ready := [o for o, ps in paths.items() if o not in placed and not {*ps} & ({*paths} - placed)]:
        placed |= {*ready}
    if rest := [outcome for outcome in paths if outcome not in placed]:
        raise file.wrong(f"go round among {listed(rest)}; turn or leave out an arrow", *where)


def _blocks(
    file: EntryFile, given: Mapping[str, Names] | None, table: PublishedTable, outcomes: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """The drivers of the outcomes by block: those given, or those of the codebook that the table prints."""
    if given is None:
        found = {b: tuple(n for n in names if table.has(n)) for b, names in table.codebook.blocks().items()}
        found = {block: names for block, names in found.items() if names}
    else:
        allowed = dict.fromkeys((*BLOCKS, *table.codebook.block_labels, *table.codebook.variables))
        drivers = [name for name in table.everything.names if name not in outcomes]
        for block, names in given.items():
            file.known(block, allowed, "blocks")
            _check_names(file, names, drivers, "blocks", block)
        found = dict(given)
    if missing := [block for block in ("emotional", "rational") if block not in found]:
        raise file.wrong(f"lack '{missing[0]}'; name the drivers of both: {{emotional: […], rational: […]}}", "blocks")
    return found


def _group(
    file: EntryFile,
    where: tuple[object, ...],
    found: GroupEntry,
    paths: dict[str, tuple[str, ...]],
    known: Iterable[str],
) -> Printed:
    if own := found.paths:
        _check_paths(file, own, known, *where, "paths")
    arrows = own or paths
    values: dict[tuple[str, str, str], tuple[float, float | None, float | None]] = {}
    for effect in EFFECTS:
        for outcome, given in getattr(found, effect).items():
            file.known(outcome, arrows, *where, effect)
            place = (*where, effect, outcome)
            if effect == "r_squared":
                values["", outcome, effect] = _value(file, given, found.decimals, *place)
                continue
            for term, numbers in given.items():
                _check_arrow(file, term, outcome, effect, arrows, *place)
                values[term, outcome, effect] = _value(file, numbers, found.decimals, *place, term)
    if not values:
        raise file.wrong(f"holds no printed number; allowed: one or more of {', '.join(EFFECTS)}", *where)
    citation = cited(found.citation, file.name)
    return Printed(found.where, found.grade, found.decimals, citation, arrows, found.other, values)


def _check_arrow(
    file: EntryFile, term: str, outcome: str, effect: str, paths: Mapping[str, tuple[str, ...]], *where: object
) -> None:
    """Refuse an effect the arrows do not have."""
    if effect == "direct":
        file.known(term, paths[outcome], *where)
        return

    def reaches(name: str, steps: int = 0) -> bool:
        return steps <= len(paths) and any(p == term or reaches(p, steps + 1) for p in paths.get(name, ()))

    between = any(reaches(p) for p in paths[outcome])
    if not (between if effect == "indirect" else between or term in paths[outcome]):
        raise file.wrong(f"names '{term}', from which no arrows lead there; look at 'paths'", *where)


def _value(
    file: EntryFile, numbers: Numbers, decimals: int, *where: object
) -> tuple[float, float | None, float | None]:
    """One printed number, or a number with the ends of its interval, to no more decimals than are said to be printed."""
    if len(numbers) not in (1, 3):
        raise file.wrong(f"is {[*numbers]}; allowed: a number, or [number, low, high]", *where)
    value, low, high = numbers if len(numbers) == 3 else (*numbers, None, None)
    if abs(value) > 10:
        large = f"is {value:g}; a standardised effect or R² is not so large, so a decimal point may be missing"
        raise file.wrong(large, *where)
    if abs(round(value, decimals) - value) > 1e-12:
        more = f"is {value!r}, which has more than the {decimals} decimals given for this group"
        raise file.wrong(more, *where)
    if low is not None and not low <= value <= high:
        raise file.wrong(f"is {[*numbers]}; the number lies outside its interval [low, high]", *where)
    return float(value), low, high
