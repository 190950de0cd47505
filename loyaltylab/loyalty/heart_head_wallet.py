"""Reported shares of ordered groups whose sizes no source gives, and the chain from heart to head to wallet in a codebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..codebook import Codebook
from ..core import DataError, listed

__all__ = ["Chain", "chain"]


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

    Without names: the scales HEART, HEAD, ENGAGED and BEHAVIOURAL where the codebook has them; else the first driver of the
    first two blocks and the first outcome, with satisfaction, where it is an outcome, as the step after the head ("none" for none).

    Raises
    ------
    DataError
        Where the codebook does not say what heart, head and wallet are.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> chain(read_codebook("corporate_reputation"))
    Chain(heart='LIKE', head=('COMP',), wallet='CUSL', after='CUSA')
    """
    names = [*book.names("driver"), *book.names("covariate"), *book.names("outcome")]
    own = {"HEART", "HEAD", "ENGAGED", "BEHAVIOURAL"} <= set(names)
    if own:
        found = ("HEART", ("HEAD", "ENGAGED"), "BEHAVIOURAL", "")
    else:
        blocks, outcomes = [members[0] for members in book.blocks().values()], book.names("outcome")
        if (len(blocks) < 2 and not (heart and head)) or not (outcomes or wallet):
            raise DataError(
                "the codebook names no two blocks of drivers and an outcome, so it is not clear what heart, head and wallet "
                "are. Give heart=, head= and wallet=."
            )
        blocks, outcome = [*blocks, "", ""], wallet or outcomes[0]
        found = (
            blocks[0],
            (blocks[1],),
            outcome,
            next((o for o in outcomes if o != outcome and _satisfaction(book, o)), ""),
        )
    made = Chain(
        heart or found[0], tuple(head) or found[1], wallet or found[2], "" if after == "none" else after or found[3]
    )
    if len(set(made.used)) < len(made.used):
        raise DataError(
            f"{listed(made.used)}: a variable stands twice between heart and wallet; each step is another one."
        )
    for name in made.used:
        book.variable(name)
    return made


def _satisfaction(book: Codebook, name: str) -> bool:
    """Whether the codebook says that this asks how satisfied people are."""
    items = book.scales[name].items if name in book.scales else (name,)
    return any(getattr(book.items.get(item), "metric", "") == "satisfaction" for item in items)
