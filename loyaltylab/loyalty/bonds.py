"""`three_bonds()`: which variables of a survey stand for emotional, rational and structural bonds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from ..codebook import Codebook, Item, Scale
from ..core import DataError, listed
from ..models import Regression, ols
from ..moments import Moments, by_name, check_kind
from ..survey import PublishedTable, Survey, called

#: The three levels at which customers are tied, after Berry & Parasuraman (1991), Marketing Services.
BONDS = ("emotional", "rational", "structural")


def three_bonds(
    evidence: Survey | PublishedTable,
    *,
    emotional: Sequence[str] = (),
    rational: Sequence[str] = (),
    structural: Sequence[str] = (),
    module: str = "",
) -> tuple[Survey | PublishedTable, dict[str, tuple[str, ...]]]:
    """The variables of each bond: those named, else the scales of a module of the codebook, else its drivers.

    Without a structural driver the first segment with two values that speaks of a tie, such as having a contract, becomes a
    0/1 column, and gender does not; a segment may also be named.

    Parameters
    ----------
    evidence : Survey, PublishedTable or Warehouse
        What `read_data` gives.
    emotional, rational, structural : sequence of str
        Variables of each bond; found as above where left out.
    module : str
        Module of the codebook that asks for them.

    Returns
    -------
    evidence, dict of bond → variables
        The evidence, with the new column where one was made. A bond that nothing stands for is absent.

    Raises
    ------
    UnknownName, DataError
        For a variable that is absent; where fewer than two bonds are left, which leaves nothing to compare.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> three_bonds(simulate(n=1000), module="bonds")[1]
    {'emotional': ('BONDEMO',), 'rational': ('BONDRAT',), 'structural': ('BONDS',)}
    """
    check_kind(evidence, "codebook")
    book = evidence.codebook
    given = {"emotional": emotional, "rational": rational, "structural": structural}
    asked, drivers = _of_module(book, module), book.blocks()
    bonds: dict[str, tuple[str, ...]] = {}
    for bond, names in given.items():
        found = by_name(evidence, tuple(names), of="codebook") or tuple(
            n for n in (asked.get(bond) or drivers.get(bond, ())) if evidence.has(n)
        )
        if bond == "structural" and isinstance(evidence, Survey):
            segments = [name for name in book.names("segment") if evidence.has(name)]
            if not found:
                two = (
                    n
                    for n in segments
                    if _ties(book.items[n])
                    and len(evidence.segment_values(book.items[n])) == evidence.frame[n].nunique() == 2
                )
                found = tuple(two)[:1]
            for name in [name for name in found if name in segments]:
                evidence, columns = evidence.with_indicators(name)
                found = tuple(column for other in found for column in (columns if other == name else (other,)))
        if found:
            bonds[bond] = found
    if len(bonds) < 2:
        raise DataError(
            f"only {listed(bonds) if bonds else 'no'} bond is found in the codebook '{book.name}'; name the variables with "
            "emotional=, rational= and structural=."
        )
    return evidence, bonds


def _ties(item: Item) -> bool:
    """Whether a segment is about a tie such as a contract, by the words of its question and its groups."""
    texts = [
        item.name,
        *item.label.values(),
        *item.wording.values(),
        *(w for one in item.values.values() for w in one.values()),
    ]
    return any(called("structural", r"\b{}").search(text.replace("_", " ")) for text in texts)


def _of_module(book: Codebook, module: str) -> dict[str, tuple[str, ...]]:
    """Scales whose items all belong to a module, by block; none where the codebook has no such module."""
    if module not in book.modules:
        return {}
    inside, found = set(book.of_module(module)), dict[str, tuple[str, ...]]()
    for name, scale in book.scales.items():
        if isinstance(scale, Scale) and set(scale.items) <= inside and scale.block:
            found[scale.block] = (*found.get(scale.block, ()), name)
    return found


def is_segment(names: Sequence[str]) -> bool:
    """Whether all that stands for a bond is what respondents are, such as having a contract, and not what they said of it.

    Parameters
    ----------
    names : sequence of str
        Such as "BONDS", or "contract=yes" for a segment.

    Returns
    -------
    bool
        True for a segment's value, as "contract=yes".

    Examples
    --------
    >>> is_segment(["servicetype=contract"]), is_segment(["BONDS"])
    (True, False)
    """
    return "=" in names[0]


def kinds_of_customers(evidence: Survey | PublishedTable, asked: str = "") -> str:
    """The segment to compare bonds by: the one asked for, else business customers and consumers (`b2b`), else the first with
    two values; empty for none, or without rows.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        As `read_data` gives it.
    asked : str
        A segment, where one is asked for.

    Returns
    -------
    str
        Name of a segment, or empty.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> kinds_of_customers(simulate(n=300))
    'b2b'
    """
    check_kind(evidence, "codebook")
    if not isinstance(evidence, Survey):
        return ""
    segments = [name for name in evidence.codebook.names("segment") if evidence.has(name)]
    two = (name for name in segments if len(evidence.segment_values(evidence.codebook.items[name])) == 2)
    return asked or ("b2b" if "b2b" in segments else next(two, ""))


def bond_interactions(
    survey: Survey, outcome: str, bonds: Mapping[str, Sequence[str]], *, n_draws: int, seed: int
) -> tuple[Survey, Regression, list[str]]:
    """Regression on the mean of each bond and the products of every two.

    A positive product says that the bonds strengthen each other, a negative one that they stand in for each other.

    Parameters
    ----------
    survey : Survey
        Who left one of the variables open is not in it.
    outcome : str
        Name or label of the variable to explain.
    bonds : mapping of str → sequence of str
        Bond → its items and scales; a bond counts as their mean.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.

    Returns
    -------
    survey, Regression, list of str
        The survey with the new columns, the regression with bootstrap intervals, and the names of the products.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey, bonds = three_bonds(simulate(n=1000), module="bonds")
    >>> bond_interactions(survey, "LOYALTY", bonds, n_draws=200, seed=1)[2][0]
    'emotional × rational'
    """
    outcome, bonds = by_name(survey, outcome, bonds, of="answers")
    survey, products = _complete(survey.with_means(bonds), [outcome, *bonds]), []
    for a, b in combinations(bonds, 2):
        survey, name = survey.with_product(a, b)
        products.append(name)
    used = [outcome, *bonds, *products]
    draws = survey.draws(used, n_draws=n_draws, seed=seed)
    return survey, ols(survey.moments(used), outcome, used[1:], draws=draws), products


def _complete(survey: Survey, names: Sequence[str]) -> Survey:
    """Those who answered all, so that products and levels are about the means of the same respondents."""
    kept = survey.frame.dropna(subset=[*names, *([survey.weight] if survey.weight else [])])
    step = f"complete on {listed(names)}: {len(kept):,} of {len(survey.frame):,} rows"
    return replace(survey, frame=kept, provenance=survey.provenance.then(step))


def levels_of(survey: Survey, name: str, members: Sequence[str], moments: Moments) -> dict[str, float]:
    """Values of a moderator as distances from its mean: its two groups where it is one 0/1 column, else one SD either side.

    The names of the values are those of the segment, or `low`, `average` and `high`.

    Parameters
    ----------
    survey : Survey
        With the moderator as a column.
    name : str
        The moderator.
    members : sequence of str
        What it is the mean of.
    moments : Moments
        One set that holds the moderator.

    Returns
    -------
    dict of str → float
        Name → distance from the mean, in units of the moderator.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> {name: round(value, 1) for name, value in levels_of(survey, "EMOTION", ["EMOTION"], survey.moments(["EMOTION"])).items()}
    {'low': -1.2, 'average': 0.0, 'high': 1.2}
    """
    mean, sd = float(moments.select([name]).mean[0]), float(np.sqrt(moments.select([name]).cov[0, 0]))
    if len(members) == 1 and set(survey.frame[members[0]].dropna().unique()) <= {0, 1} and is_segment(members):
        segment = members[0].split("=")[0]
        first, second = (label["en"] for label in survey.segment_values(survey.segment(segment)).values())
        return {first: -mean, second: 1 - mean}
    return {"low": -sd, "average": 0.0, "high": sd}


def moved_item(
    book: Codebook, bonds: Mapping[str, Sequence[str]], item: str, to: str
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]] | None:
    """The items of each bond as they stand, and with one of them counted under another bond; None where it is not there.

    Parameters
    ----------
    book : Codebook
        What the columns mean.
    bonds : mapping of str → sequence of str
        Bond → its items and scales.
    item : str
        The one that is counted elsewhere.
    to : str
        The bond it is counted under.

    Returns
    -------
    (dict of str → sequence of str, dict of str → sequence of str), optional
        Bond → items, before and after.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> book = read_codebook("loyalty")
    >>> bonds = {"emotional": ["BONDEMO"], "rational": ["BONDRAT"]}
    >>> item = book.items_of("BONDRAT")[0]
    >>> before, after = moved_item(book, bonds, item, "emotional")
    >>> item in after["emotional"], item in before["emotional"]
    (True, False)
    """
    before = {bond: tuple(i for name in names for i in book.items_of(name)) for bond, names in bonds.items()}
    home = next((bond for bond, items in before.items() if item in items), to)
    if home == to or to not in before or len(before[home]) < 2:
        return None
    after: dict[str, Any] = {bond: tuple(i for i in items if i != item) for bond, items in before.items()}
    return before, {**after, to: (*after[to], item)}
