"""From heart to head to wallet: the chain in a codebook, reported shares of groups without sizes, and what customers spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..codebook import Codebook
from ..core import MIN_CELL, DataError, check_known, how_many, listed
from ..models import Mediation, mediate
from ..moments import Moments, by_name
from ..survey import Survey, answers_of
from .scores import Score, scored

# ---- Reported shares of ordered groups whose sizes no source gives, and the chain from heart to head to wallet in a codebook.


@dataclass(frozen=True)
class HeartHeadWallet:
    """Where a way leads: from the heart, by the steps of the head, perhaps by one more, to the wallet.

    Attributes
    ----------
    heart : str
        Variable for the heart.
    head : sequence of str
        Variables for the head, in order.
    wallet : str
        Variable for the wallet.
    after : str
        One more step after the head; empty for none.

    See Also
    --------
    loyaltylab.loyalty.chain : Makes it.
    """

    heart: str
    head: tuple[str, ...]
    wallet: str
    after: str = ""

    @property
    def used(self) -> list[str]:
        """All variables of the chain."""
        return [self.heart, *self.head, *filter(None, [self.after]), self.wallet]


def chain(
    book: Codebook, *, heart: str = "", head: Sequence[str] = (), wallet: str = "", after: str = ""
) -> HeartHeadWallet:
    """The chain as asked for, completed from the codebook.

    Without names: what the codebook calls so under `chain`; else the drivers of the first two blocks, where each has one,
    and the first outcome, with satisfaction, where it is an outcome, as the step after the head ("none" for none).

    Parameters
    ----------
    book : Codebook
        As `read_codebook` gives it.
    heart : str
        Where it begins.
    head : sequence of str
        What comes between.
    wallet : str
        Where it ends.
    after : str
        A step between head and wallet; "none" for none.

    Returns
    -------
    HeartHeadWallet
        Names of variables, in the order of the way.

    Raises
    ------
    DataError
        Where the codebook does not say what heart, head and wallet are: the first of several drivers is no answer.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> chain(read_codebook("corporate_reputation"))
    HeartHeadWallet(heart='LIKE', head=('COMP',), wallet='CUSL', after='CUSA')
    """
    heart, wallet = book.named(heart), book.named(wallet)
    head, after = by_name(book, head), after if after == "none" else book.named(after)
    named, outcomes = book.chain, book.names("outcome")
    parts = [*book.blocks().values(), (), ()]
    hearts = tuple(filter(None, [heart or named.heart])) or parts[0]
    heads = tuple(head) or tuple(named.head) or parts[1]
    missing = [
        part for part, named_part in ((hearts, heart or named.heart), (heads, head or named.head)) if not named_part
    ]
    if several := next((part for part in missing if len(part) > 1), ()):
        raise DataError(
            f"{listed(several)} are drivers of one block, and the codebook does not say which of them stands for it on the way "
            "from heart to wallet. Give heart= and head=, or name them under chain in the codebook."
        )
    wallet = wallet or named.wallet or next(iter(outcomes), "")
    if not (hearts and heads and wallet):
        raise DataError(
            "the codebook names no two blocks of drivers and an outcome, so it is not clear what heart, head and wallet "
            "are. Give heart=, head= and wallet=."
        )
    satisfied = (o for o in outcomes if o != wallet and book.asks(o, "satisfaction"))
    after = after or named.after or ("" if named.head and named.wallet else next(satisfied, ""))
    made = HeartHeadWallet(hearts[0], heads, wallet, "" if after == "none" else after)
    if len(set(made.used)) < len(made.used):
        raise DataError(
            f"{listed(made.used)}: a variable stands twice between heart and wallet; each step is another one."
        )
    for name in made.used:
        book.variable(name)
    return made


def both_orders(moments: Moments, way: HeartHeadWallet, **options: Any) -> tuple[Mediation, Mediation]:
    """The way from heart to wallet through the head, and the same with heart and head changed places.

    Both models fit any data equally well, so a route that is as large the other way round is no evidence for the order.

    Parameters
    ----------
    moments : Moments
        Of `way.used`.
    way : HeartHeadWallet
        As `chain` gives it.
    **options : Any
        Of `mediate`: draws, interval, jackknife, conf_level.

    Returns
    -------
    (Mediation, Mediation)
        Heart first, and head first.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation_simple")
    >>> way = chain(table.codebook)
    >>> there, back = both_orders(table.moments(way.used), way, draws=table.draws(way.used, n_draws=200, seed=1))
    >>> round(there.mediated.value, 3), round(back.through("LIKE").value, 3)
    (0.059, 0.359)
    """
    first, *rest = way.head
    return (
        mediate(moments, way.heart, way.head, way.wallet, kind="serial", **options),
        mediate(moments, first, [*rest, way.heart], way.wallet, kind="serial", **options),
    )


# ---- What customers spend and how often they buy: share of wallet and purchase frequency, each with its error.


def share_of_wallet(
    survey: Survey,
    spent_here: str,
    spent_in_all: str,
    *,
    of: str = "spending",
    by: str | None = None,
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Score:
    """Share of what customers spend in the category that they spend here, 0 to 1, with a t interval.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    spent_here, spent_in_all : str
        Amounts of the same period; those who spend nothing in the category have no share and are left out by `only`.
    of : {"spending", "customers"}
        The ratio of the totals, in which heavy buyers weigh more, or the mean of each customer's own share.
    by : str, optional
        A segment; everyone together without.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        Groups of fewer respondents are withheld.

    Returns
    -------
    Score
        `tidy()` has a row for everyone and for each segment, with the interval; `contrast(a, b)` tests a difference.

    Raises
    ------
    DataError
        For an amount below 0, nothing spent in the category, or more spent here than in all.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., ch. 6 (variance of a ratio). Wiley.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> items = {name: Item(name, {"en": name}) for name in ("here", "in_all")}
    >>> book = Codebook("shop", {}, items, {}, {"en": "", "nl": ""})
    >>> survey = read_survey(pd.DataFrame({"here": [10, 60] * 20, "in_all": [50, 80] * 20}), book)
    >>> [round(float(share_of_wallet(survey, "here", "in_all", of=o).tidy()["estimate"][0]), 3) for o in ("spending", "customers")]
    [0.538, 0.475]
    """
    spent_here, spent_in_all, by = by_name(survey, spent_here, spent_in_all, by, of="answers")
    check_known("of", of, ("spending", "customers"))
    a = answers_of(survey, [spent_here, spent_in_all], by)
    here, whole = a[spent_here], a[spent_in_all]
    if bad := int(((here < 0) | (whole <= 0) | (here > whole)).sum()):
        raise DataError(
            f"{how_many(bad, len(here))} of {len(here):,} respondents spend less than 0, nothing in '{spent_in_all}', or more in "
            f"'{spent_here}' than in all; correct or leave out those rows."
        )
    values, base = (here, whole) if of == "spending" else (here / whole, None)
    options: dict[str, Any] = {"conf_level": conf_level, "min_cell": min_cell, "limits": (0.0, 1.0), "base": base}
    return scored([("share of wallet", a, values)], measure=f"share of wallet, of {of}", interval="t", **options)


def purchase_frequency(
    survey: Survey, item: str, *, by: str | None = None, conf_level: float = 0.95, min_cell: int = MIN_CELL
) -> Score:
    """Mean number of purchases in the period the item asks about, with its spread; groups: `frequency_groups`.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    item : str
        A number of purchases, 0 or more.
    by : str, optional
        A segment; everyone together without.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        Groups of fewer respondents are withheld.

    Returns
    -------
    Score
        Purchases per period, with a t interval.

    Raises
    ------
    DataError
        For answers below 0.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> found = purchase_frequency(survey, "recommend").tidy()  # any number of times serves
    >>> round(float(found["estimate"].iloc[0]), 1)
    7.3
    """
    item, by = by_name(survey, item, by, of="answers")
    a = answers_of(survey, [item], by)
    if bad := int((a[item] < 0).sum()):
        raise DataError(
            f"'{item}' holds {how_many(bad, len(a[item]))} answers below 0; a number of purchases cannot be."
        )
    options: dict[str, Any] = {"conf_level": conf_level, "min_cell": min_cell, "limits": (0.0, np.inf)}
    return scored([(item, a, a[item])], measure="purchases per period", interval="t", **options)
