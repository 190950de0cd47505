"""The same comparison of two blocks under other choices: another method, a driver left out, another rule for gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..codebook import flatten
from ..core import ModelError, Provenance, Result, check_known, pd
from ..moments import Moments, by_name
from .decomposition import Contrast, Importance, importance
from .methods import METHODS

if TYPE_CHECKING:
    from ..survey import Asked

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
    provenance : Provenance
        Where the numbers came from, and what was done to them.

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

    @property
    def conf_level(self) -> float:
        """Of all intervals."""
        return self.reported.conf_level

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
    data: Moments | Asked | pd.DataFrame,
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


def told_across(reported: Contrast, *, whole: Contrast, codings: Iterable[Contrast] = ()) -> str:
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
    >>> told_across(sums.contrast("emotional", "rational"), whole=wholes.contrast("emotional", "rational"))
    'undecided'
    """
    if reported.provenance.tier == "synthetic":
        return "simulated"
    coded = {reported.verdict, *(other.verdict for other in codings)}
    if len(coded) > 1:
        return "coding"
    return reported.verdict if whole.verdict in coded else "counting"
