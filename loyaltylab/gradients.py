"""Reported shares of ordered groups whose sizes no source gives, and the chain from heart to head to wallet in a codebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .claims import Claim
from .codebook import Codebook
from .contrasts import Inference, compare_proportions, proportion_interval, trend_in_proportions
from .errors import DataError, listed
from .loyalty_scores import Score
from .provenance import Provenance
from .results import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AssumedSizes", "Chain", "assumed_sizes", "chain", "trend_of_score"]


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


@dataclass(frozen=True, eq=False)
class AssumedSizes(Result):
    """Reported shares as they would be if each group held `n` respondents, and the fewest at which a trend shows."""

    shares: dict[str, float]
    n: int
    n_for_trend: int
    intervals: tuple[Inference, ...]
    difference: Inference
    trend: Inference
    provenance: Provenance
    conf_level: float = 0.95

    def __repr__(self) -> str:
        return f"AssumedSizes of {listed(self.shares)}: n = {self.n} in each; a trend shows from n = {self.n_for_trend}"

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        ends = [(i.conf_low, i.conf_high) for i in self.intervals]
        rows = {"term": [*self.shares], "estimate": [*self.shares.values()]}
        return pd.DataFrame(rows | {"conf_low": [e[0] for e in ends], "conf_high": [e[1] for e in ends], "n": self.n})

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        row = {
            "n": self.n,
            "n_for_trend": self.n_for_trend,
            "p_value": self.trend.p_value,
            "conf_level": self.conf_level,
        }
        return pd.DataFrame({key: [value] for key, value in row.items()})


def assumed_sizes(claim: Claim, names: Sequence[str], *, n: int = 100, conf_level: float = 0.95) -> AssumedSizes:
    """What the shares of a claim would be worth if each group held so many respondents.

    The source gives no group sizes, so nothing here is evidence: intervals and test follow from the assumed `n`.

    Parameters
    ----------
    names : sequence of str
        Figures of the claim, in order; their trend is tested by Cochran-Armitage.
    n : int
        Respondents assumed in each group, at least 10.

    Examples
    --------
    >>> from loyaltylab import read_claim
    >>> assumed_sizes(read_claim("frequency"), ["daily", "weekly", "monthly"], n=50)
    AssumedSizes of daily, weekly, monthly: n = 50 in each; a trend shows from n = 13
    """
    if n < 10:
        raise DataError(f"n = {n} in each group is assumed; give at least 10.")
    shares = {name: float(claim.value(name).value) for name in names}
    origin = claim.provenance.then(f"n = {n} assumed in each group")

    def tested(size: int) -> Inference:
        counts = [round(share * size) for share in shares.values()]
        return trend_in_proportions(counts, [size] * len(counts), provenance=origin, conf_level=conf_level)

    alpha, most = 1 - conf_level, 2000
    weak = [size for size in range(4, most) if tested(size).p_value >= alpha]
    counts = [round(share * n) for share in shares.values()]
    found = [proportion_interval(x, n, conf_level=conf_level, provenance=origin) for x in counts]
    pair = compare_proportions(counts[0], n, counts[-1], n, conf_level=conf_level, provenance=origin)
    needed = max(weak, default=3) + 1
    return AssumedSizes(shares, n, needed, tuple(found), pair, tested(n), origin, conf_level)


def trend_of_score(score: Score, *, conf_level: float = 0.95) -> Inference:
    """Cochran-Armitage trend of a share over its segments, in their order; withheld segments are not in it.

    With weights each group counts as its effective number of respondents.
    """
    rows = score.tidy()
    rows = rows[(rows["segment"] != "all") & rows["estimate"].notna()]
    if len(rows) < 2:
        raise DataError("fewer than two groups are large enough to be shown, so there is no trend to test.")
    n = np.floor(rows["n_effective"].to_numpy()).astype(int)
    x = np.rint(rows["estimate"].to_numpy() * n).astype(int)
    return trend_in_proportions(x.tolist(), n.tolist(), provenance=score.provenance, conf_level=conf_level)
