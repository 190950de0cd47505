"""Reported shares of ordered groups whose sizes no source gives, and the chain from heart to head to wallet in a codebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..codebook import Codebook, flatten
from ..core import DataError, listed
from ..models import Mediation, mediate
from ..moments import Moments

__all__ = ["Chain", "both_orders", "chain"]


@dataclass(frozen=True)
class Chain:
    """Where a way leads: from the heart, by the steps of the head, perhaps by one more, to the wallet."""

    heart: str
    head: tuple[str, ...]
    wallet: str
    after: str = ""

    @property
    def used(self) -> list[str]:
        """All variables of the chain."""
        return [self.heart, *self.head, *filter(None, [self.after]), self.wallet]


def chain(book: Codebook, *, heart: str = "", head: Sequence[str] = (), wallet: str = "", after: str = "") -> Chain:
    """The chain as asked for, completed from the codebook.

    Without names: what the codebook calls so under `chain`; the scales HEART, HEAD, ENGAGED and BEHAVIOURAL where it has
    them; else the drivers of the first two blocks, where each has one, and the first outcome, with satisfaction, where it is
    an outcome, as the step after the head ("none" for none).

    Raises
    ------
    DataError
        Where the codebook does not say what heart, head and wallet are: the first of several drivers is no answer.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> chain(read_codebook("corporate_reputation"))
    Chain(heart='LIKE', head=('COMP',), wallet='CUSL', after='CUSA')
    """
    names = [*book.names("driver"), *book.names("covariate"), *book.names("outcome")]
    own = {"heart": ("HEART",), "head": ("HEAD", "ENGAGED"), "wallet": ("BEHAVIOURAL",)}
    named = book.chain or (own if set(flatten(own)) <= set(names) else {})
    outcomes, parts = book.names("outcome"), [*book.blocks().values(), (), ()]
    hearts = (heart,) if heart else named.get("heart") or parts[0]
    heads = tuple(head) or named.get("head") or parts[1]
    if several := next(
        (part for part, given in ((hearts, heart), (heads, head or named)) if len(part) > 1 and not given), ()
    ):
        raise DataError(
            f"{listed(several)} are drivers of one block, and the codebook does not say which of them stands for it on the way "
            "from heart to wallet. Give heart= and head=, or name them under chain in the codebook."
        )
    wallets = (wallet,) if wallet else named.get("wallet") or outcomes[:1]
    if not (hearts and heads and wallets):
        raise DataError(
            "the codebook names no two blocks of drivers and an outcome, so it is not clear what heart, head and wallet "
            "are. Give heart=, head= and wallet=."
        )
    if not after and named is not own:
        satisfied = (o for o in outcomes if o != wallets[0] and _satisfaction(book, o))
        after = next(iter(named.get("after", ())), "") or next(satisfied, "")
    made = Chain(hearts[0], tuple(heads), wallets[0], "" if after == "none" else after)
    if len(set(made.used)) < len(made.used):
        raise DataError(
            f"{listed(made.used)}: a variable stands twice between heart and wallet; each step is another one."
        )
    for name in made.used:
        book.variable(name)
    return made


def both_orders(moments: Moments, way: Chain, **options: Any) -> tuple[Mediation, Mediation]:
    """The way from heart to wallet through the head, and the same with heart and head changed places.

    Both models fit any data equally well, so a route that is as large the other way round is no evidence for the order.

    Parameters
    ----------
    moments : Moments
        Of `way.used`.
    **options
        Of `mediate`: draws, interval, jackknife, conf_level.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation_simple")
    >>> way = chain(table.codebook)
    >>> there, back = both_orders(table.moments(way.used), way, draws=table.draws(way.used, n_draws=200, seed=1))
    >>> round(there.mediated.value, 3), round(back.through("LIKE").value, 3)
    (0.058, 0.358)
    """
    first, *rest = way.head
    return (
        mediate(moments, way.heart, way.head, way.wallet, kind="serial", **options),
        mediate(moments, first, [*rest, way.heart], way.wallet, kind="serial", **options),
    )


def _satisfaction(book: Codebook, name: str) -> bool:
    """Whether the codebook says that this asks how satisfied people are."""
    items = book.scales[name].items if name in book.scales else (name,)
    return any(getattr(book.items.get(item), "metric", "") == "satisfaction" for item in items)
