"""Which driver stands in which block, otherwise: items where another source puts them, and blocks without their weakest scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..codebook import Codebook
from ..core import check_known
from ..kernels import alpha
from ..moments import by_name, composites
from ..survey import PublishedTable, Survey
from .decomposition import Contrast, importance

#: How drivers are put into blocks; the first is that of the codebook.
CODINGS = ("codebook", "elsewhere", "weakest_out")

Coding = dict[str, dict[str, tuple[str, ...]]]


def contested(book: Codebook, blocks: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Item → the block of these in which another source puts it, where that is not the block of its driver.

    Parameters
    ----------
    book : Codebook
        What the columns mean.
    blocks : mapping of str → sequence of str
        Block → drivers, items or scales.

    Returns
    -------
    dict of str → str
        In the order of the blocks; empty where no other source disagrees.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> book = read_codebook("corporate_reputation")
    >>> contested(book, book.blocks())
    {'qual_5': 'emotional', 'qual_6': 'emotional', 'qual_7': 'emotional', 'qual_8': 'emotional'}
    """
    found = {}
    for block, drivers in blocks.items():
        for item in (item for driver in drivers for item in book.items_of(driver)):
            other = getattr(book.items.get(item), "elsewhere", "")
            if other in blocks and other != block:
                found[item] = other
    return found


def codings(
    evidence: Survey | PublishedTable, blocks: Mapping[str, Sequence[str]], *, each: bool = False
) -> dict[str, Coding]:
    """The ways to code blocks: block → driver → its items, under a name; the codebook's own first.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        What `read_data` gives.
    blocks : mapping of block → drivers
        Names of the drivers, by block.
    each : bool
        Also each contested item moved by itself, under its name.

    Returns
    -------
    dict of str → Coding
        Name of the coding → block → driver → items.

    Notes
    -----
    `elsewhere` moves all items that another source puts into another block of these: those of one scale become a driver
    of their own there, and the scale keeps the rest. `weakest_out` drops the scale of lowest raw alpha from every block of
    two scales or more that have several items. A printed table without items has the codebook's coding only.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation_items")
    >>> [*codings(table, {"emotional": ("like_1",), "rational": ("comp_1", "comp_2")})]
    ['codebook']
    """
    blocks = by_name(evidence, blocks, of="codebook")
    book = evidence.codebook
    whole: Coding = {block: {name: _items(evidence, name) for name in names} for block, names in blocks.items()}
    moves = {item: block for item, block in contested(book, blocks).items() if evidence.has(item)}
    found = {"codebook": whole}
    if moves:
        found["elsewhere"] = _moved(whole, moves)
    if dropped := _weakest(evidence, whole):
        found["weakest_out"] = {
            block: {n: i for n, i in parts.items() if n not in dropped} for block, parts in whole.items()
        }
    if each:
        found |= {item: _moved(whole, {item: block}) for item, block in moves.items()}
    return {name: coding for name, coding in found.items() if all(coding.values())}


def _items(evidence: Survey | PublishedTable, driver: str) -> tuple[str, ...]:
    items = evidence.codebook.items_of(driver) if isinstance(evidence, Survey) else ()
    return tuple(items) or (driver,)


def _moved(whole: Coding, moves: Mapping[str, str]) -> Coding:
    """With these items as drivers of their own in another block, those of one scale together."""
    found: Coding = {block: {} for block in whole}
    for block, parts in whole.items():
        for name, items in parts.items():
            if kept := tuple(i for i in items if i not in moves):
                found[block][name] = kept
            for target in dict.fromkeys(moves[i] for i in items if i in moves):
                gone = tuple(i for i in items if moves.get(i) == target)
                found[target][gone[0] if len(gone) == 1 else f"{name} ({target})"] = gone
    return found


def _weakest(evidence: Survey | PublishedTable, whole: Coding) -> list[str]:
    """The scale of lowest raw alpha in each block that has two or more of several items."""
    weakest = []
    for parts in whole.values():
        several = {name: items for name, items in parts.items() if len(items) > 1}
        if len(several) > 1 and len(parts) > 1:
            alphas = {name: float(alpha(evidence.moments(items).scatter)) for name, items in several.items()}
            weakest.append(min(alphas, key=lambda name: alphas[name]))
    return weakest


def other_codings(
    evidence: Survey | PublishedTable,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    *,
    method: str = "lmg",
    covariates: Sequence[str] = (),
    n_draws: int = 2000,
    seed: int = 1,
    conf_level: float = 0.95,
) -> dict[str, Contrast]:
    """The difference between two blocks under each other coding, for `other_choices`.

    Respondents are those who answered every item of the drivers, whatever is moved, so that only the coding differs.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        What `read_data` gives; of a table, one with items.
    outcome : str
        Name or label of the variable to explain.
    blocks : mapping of str → sequence of str
        Drivers by block.
    a, b : str
        The two blocks: differences are `a` less `b`.
    method : str
        One of `METHODS`.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    dict of str → Contrast
        Name of the coding → difference in shares; empty where there is no other coding.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> other_codings(table, "AttLoyalty", table.codebook.blocks(), "emotional", "rational", n_draws=200)
    {}
    """
    outcome, blocks, covariates = by_name(evidence, outcome, blocks, covariates, of="codebook")
    for block in (a, b):
        check_known("block", block, blocks)
    ways = codings(evidence, blocks, each=True)
    items = list(dict.fromkeys(i for parts in ways["codebook"].values() for names in parts.values() for i in names))
    keep = [outcome, *covariates]
    if len(ways) < 2:
        return {}
    moments, draws = evidence.moments([*keep, *items]), evidence.draws([*keep, *items], n_draws=n_draws, seed=seed)
    found = {}
    for name, coding in ways.items():
        if name != "codebook":
            drivers = {driver: names for parts in coding.values() for driver, names in parts.items()}
            scores, drawn = composites(moments, drivers, keep=keep), composites(draws, drivers, keep=keep)
            of = {block: tuple(parts) for block, parts in coding.items()}
            model = importance(
                scores, outcome, of, method=method, covariates=covariates, draws=drawn, conf_level=conf_level
            )
            found[name] = model.contrast(a, b)
    return found
