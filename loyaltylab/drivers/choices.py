"""The same comparison of two blocks under other choices: drivers in another block, another method, a driver left out, another rule for gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..codebook import Codebook, flatten
from ..core import ModelError, Provenance, Result, check_known, pd, taken_from
from ..kernels import alpha
from ..moments import Moments, by_name, composites
from ..survey import PublishedTable, Survey
from .decomposition import Contrast, Importance, importance
from .methods import METHODS

if TYPE_CHECKING:
    from ..survey import MomentSource

# ---- which driver stands in which block ----------------------------------------------------------------------------------

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


# ---- other choices -------------------------------------------------------------------------------------------------------

#: What can have been chosen otherwise.
CHOICES = ("reported", "method", "missing", "without", "coding")


@dataclass(frozen=True, eq=False)
class OtherChoices(Result):
    """Share of one block minus that of another, as reported and under each other choice, with intervals.

    Attributes
    ----------
    reported : Contrast
        The difference as reported.
    made : mapping of (str, str) → Contrast
        (choice, term) → difference.

    See Also
    --------
    loyaltylab.drivers.other_choices : Makes it.
    """

    reported: Contrast
    made: Mapping[tuple[str, str], Contrast]
    provenance: Provenance
    keys = ("choice", "term")

    def __post_init__(self) -> None:
        if wrong := [key for key, other in self.made.items() if (other.a, other.b) != (self.reported.a, self.reported.b)]:  # fmt: skip
            raise ModelError(f"{', '.join(wrong[0])}: compares other blocks than what is reported.")

    conf_level = taken_from("reported.conf_level")

    @property
    def changed(self) -> list[tuple[str, str]]:
        """Choices under which the verdict is another."""
        return [key for key, other in self.made.items() if other.verdict != self.reported.verdict]

    @property
    def decisive_drivers(self) -> list[str]:
        """Drivers without which the verdict is another."""
        return [term for choice, term in self.changed if choice == "without"]

    @property
    def decisive_codings(self) -> list[str]:
        """Other ways to put drivers into blocks that give another verdict: names of `CODINGS`, or the item that is moved."""
        return [term for choice, term in self.changed if choice == "coding"]

    def columns(self) -> pd.DataFrame:
        rows = {("reported", "all"): self.reported, **self.made}
        return pd.concat(
            [
                contrast.tidy().assign(term=term, choice=choice, n=contrast.n, verdict=contrast.verdict)
                for (choice, term), contrast in rows.items()
            ],
            ignore_index=True,
        ).drop(columns="against")

    def whole(self) -> dict[str, Any]:
        gaps = [other.estimate for other in self.made.values()]
        return {
            "n_choices": len(self.made),
            "n_changed": len(self.changed),
            "gap_low": min(gaps, default=float("nan")),
            "gap_high": max(gaps, default=float("nan")),
            "conf_level": self.conf_level,
        }


def few(drivers: Sequence[str]) -> bool:
    """Whether there is time to look at all models of these drivers, or to make each choice otherwise, in every draw.

    Parameters
    ----------
    drivers : sequence of str
        Names of the drivers.

    Returns
    -------
    bool
        True up to 12 drivers.

    Examples
    --------
    >>> few(["joy", "trust", "price"]), few([f"item_{i}" for i in range(30)])
    (True, False)
    """
    return len(drivers) <= 12


def leave_one_out(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    *,
    method: str = "lmg",
    covariates: Sequence[str] = (),
    draws: Moments,
    conf_level: float = 0.95,
) -> dict[str, Contrast]:
    """The difference between two blocks without each driver in turn, by the name of the driver left out.

    A driver that is all there is of `a` or `b` is not left out: nothing would remain to be compared. Intervals are
    percentile intervals.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable, Warehouse or DataFrame
        With the outcome and all drivers.
    outcome : str
        Name of the variable to explain.
    blocks : mapping of block → drivers
        Names of the drivers, by block.
    a, b : str
        The two blocks that are compared: `a` less `b`.
    method : str
        One of `METHODS`; its label says how it divides.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.
    draws : Moments
        Draws of the outcome and all drivers, as `survey.draws(names)` gives them.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    dict of driver → Contrast
        `a` less `b`, in shares, without that driver.

    Raises
    ------
    UnknownName
        For a block or variable there is not.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> used = ["AttLoyalty", *blocks["emotional"], *blocks["rational"]]
    >>> draws = table.draws(used, n_draws=200, seed=1)
    >>> left = leave_one_out(table.moments(used), "AttLoyalty", blocks, "emotional", "rational", draws=draws)
    >>> list(left)[:2], left["VisualAppeal"].verdict
    (['VisualAppeal', 'Entertainment'], 'undecided')
    """
    outcome, blocks, covariates = by_name(data, outcome, blocks, covariates)
    for block in (a, b):
        check_known("block", block, blocks)
    found = {}
    for driver in flatten(blocks):
        kept = {block: [name for name in members if name != driver] for block, members in blocks.items()}
        if kept[a] and kept[b]:
            rest = {block: members for block, members in kept.items() if members}
            model = importance(data, outcome, rest, method=method, covariates=covariates, draws=draws, conf_level=conf_level)  # fmt: skip
            found[driver] = model.contrast(a, b)
    return found


def other_choices(
    reported: Importance,
    a: str,
    b: str,
    *,
    methods: Sequence[Importance] = (),
    missing: Mapping[str, Importance] | None = None,
    without: Mapping[str, Contrast] | None = None,
    coding: Mapping[str, Contrast] | None = None,
) -> OtherChoices:
    """The reported difference between two blocks beside those under other choices.

    Parameters
    ----------
    reported : Importance
        By an additive method, with draws.
    a, b : str
        The two blocks: differences are `a` less `b`.
    methods : sequence of Importance
        The same by other methods; those that do not add up to R², whose blocks cannot be summed, are passed over.
        So is, of all that follows too, what leaves every number as it was: it cannot differ.
    missing : mapping of rule → Importance, optional
        The same under other rules for unanswered items.
    without : mapping of driver → Contrast, optional
        From `leave_one_out`.
    coding : mapping of coding → Contrast, optional
        From `other_codings`: which driver stands in which block.

    Returns
    -------
    OtherChoices
        `tidy()` has a row for each choice; `changed` names those that change the verdict.

    Raises
    ------
    ModelError
        Where the reported method does not add up, or there are no draws.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks("emotional", "rational")
    >>> used = ["AttLoyalty", *(name for names in blocks.values() for name in names)]
    >>> from loyaltylab import importance
    >>> draws = table.draws(used, n_draws=100)
    >>> lmg, other = (importance(table.moments(used), "AttLoyalty", blocks, method=method, draws=draws) for method in ("lmg", "relative_weights"))
    >>> [kind for kind, _ in other_choices(lmg, "emotional", "rational", methods=[other]).made]
    ['method']
    """
    made = {
        ("method", other.method): other.contrast(a, b)
        for other in methods
        if METHODS[other.method].additive and other.method != reported.method
    }
    made |= {("missing", rule): other.contrast(a, b) for rule, other in (missing or {}).items()}
    made |= {("without", driver): contrast for driver, contrast in (without or {}).items()}
    made |= {("coding", name): contrast for name, contrast in (coding or {}).items()}
    first = reported.contrast(a, b)
    made = {key: other for key, other in made.items() if not _alike(first, other)}
    origin = Provenance.merge([first.provenance, *(contrast.provenance for contrast in made.values())])
    return OtherChoices(first, made, origin)


def _alike(reported: Contrast, other: Contrast) -> bool:
    """Whether nothing was chosen otherwise, as with item means where nobody left an item out: the same sample and numbers."""
    numbers = ([one.n, one.estimate, *one.ends] for one in (reported, other))
    return np.allclose(*numbers, rtol=0, atol=1e-9)


def finding_across(reported: Contrast, *, whole: Contrast, codings: Iterable[Contrast] = ()) -> str:
    """What may be told of two blocks, whose drivers can be coded and counted in several ways.

    Parameters
    ----------
    reported, whole : Contrast
        Of the sums of their drivers' shares, and with each block as one player.
    codings : iterable of Contrast
        As `reported`, with contested drivers in the one block or in the other.

    Returns
    -------
    str
        The verdict that all agree on, `more`, `less` or `undecided`; else `coding` where another coding gives another
        verdict, or `counting` where only the blocks as wholes do; `simulated` of respondents who do not exist.

    Examples
    --------
    >>> from loyaltylab import importance, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> used = ["BehLoyalty", *[name for members in blocks.values() for name in members]]
    >>> asked = {"draws": table.draws(used, n_draws=200, seed=1)}
    >>> sums, wholes = (importance(table.moments(used), used[0], blocks, **asked, players=one) for one in ("drivers", "blocks"))
    >>> finding_across(sums.contrast("emotional", "rational"), whole=wholes.contrast("emotional", "rational"))
    'undecided'
    """
    if reported.provenance.tier == "synthetic":
        return "simulated"
    coded = {reported.verdict, *(other.verdict for other in codings)}
    if len(coded) > 1:
        return "coding"
    return reported.verdict if whole.verdict in coded else "counting"
