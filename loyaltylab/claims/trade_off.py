"""`trade_off()`: the lead on one thing that makes up for being worse on others, such as emotion for price and quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import LoyaltyLabError, Provenance, Quantity, Result
from ..kernels import FloatArray, interval
from ..moments import composites
from .claims import Claim
from .computed import Settings
from .lookup import Evidence, members_of, outcome_of

#: How far a lead is followed, in units of what leads, and in how many steps.
_REACH, _POINTS = 3.0, 31


@dataclass(frozen=True, eq=False)
class TradeOff(Result):
    """What is expected of the outcome of something one unit worse on some things, for each lead on another.

    Attributes
    ----------
    outcome, gain : str
        The outcome, and what leads.
    losses : tuple of str
        What the mean of which is one unit worse.
    slopes : array (2,)
        Of the outcome on the gain and on the mean of the losses, each with the other held equal.
    drawn : array (draws, 2)
        The same in each draw.
    in_points : bool
        Whether a unit is a scale point; else, for answers of several ranges, a standard deviation.

    See Also
    --------
    loyaltylab.claims.trade_off : Makes it.
    """

    outcome: str
    gain: str
    losses: tuple[str, ...]
    slopes: FloatArray
    drawn: FloatArray
    in_points: bool
    n: float
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("gain",)

    @property
    def made_up(self) -> Quantity:
        """The lead at which nothing is lost or gained; no upper end where some draws have no such lead."""
        return self.value(self.gain)

    def columns(self) -> list[dict[str, Any]]:
        gain, loss = self.drawn.T
        leads = np.where(gain > 0, loss / np.where(gain > 0, gain, 1), np.inf)
        tail = (1 - self.conf_level) / 2
        low, high = np.quantile(leads, [tail, 1 - tail], method="nearest")
        estimate = self.slopes[1] / self.slopes[0] if self.slopes[0] > 0 else np.inf
        slopes = {"gain_slope": float(self.slopes[0]), "loss_slope": float(self.slopes[1])}
        ends = {"conf_low": float(low), "conf_high": float(high)}
        return [{"gain": self.gain, "estimate": float(estimate)} | ends | slopes]

    def whole(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "n": self.n, "in_points": self.in_points, "conf_level": self.conf_level}

    def line(self) -> dict[str, FloatArray]:
        """`at` a lead: the expected difference in the outcome (`estimate`), and the ends of its interval."""
        at = np.linspace(0, _REACH, _POINTS)
        low, high = interval(self.drawn[:, :1] * at - self.drawn[:, 1:], self.conf_level)
        return {"at": at, "estimate": self.slopes[0] * at - self.slopes[1], "conf_low": low, "conf_high": high}


def trade_off(
    evidence: Evidence, claim: Claim, *, n_draws: int = 2000, seed: int = 20171205, conf_level: float = 0.95
) -> TradeOff | None:
    """The lead on what a claim puts first that makes up for being worse on the rest, in one regression of both.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        With the drivers the claim is about.
    claim : Claim
        Whose test has a `first` part and the `rest` it is weighed against.
    n_draws, seed, conf_level
        As in `comparisons`.

    Returns
    -------
    TradeOff or None
        None where the data lack a part. It compares customers with each other, and takes what goes together for what would follow.

    Raises
    ------
    ModelError
        As `comparisons`.

    Examples
    --------
    >>> from loyaltylab import read_claim, simulate
    >>> found = trade_off(simulate(n=1000, seed=1), read_claim("product_second"), n_draws=200)
    >>> found.gain, found.losses, bool(found.made_up.value < 1)
    ('emotional', ('rat_price', 'elem_quality'), True)
    """
    settings, test = Settings(n_draws, seed, conf_level), claim.test["other"]
    try:
        gain = members_of(evidence, test["first"][0])
        losses = tuple(name for what in test["rest"] for names in members_of(evidence, what).values() for name in names)
        outcome = outcome_of(evidence, test["item"], apart_from=losses)
        ((name, members),) = gain.items()
        used = [outcome, *members, *losses]
        moments, draws = evidence.moments(used), evidence.draws(used, n_draws=settings.n_draws, seed=settings.seed)
    except LoyaltyLabError:  # lacking here; the card of the claim names what
        return None
    in_points = len({evidence.codebook.range_of(one) for one in used[1:]}) == 1
    blocks, options = {name: members, "worse": losses}, {"keep": [outcome], "standardised": not in_points}
    pair = []
    for one in (composites(moments, blocks, **options), composites(draws, blocks, **options)):  # type: ignore[arg-type]
        cov = one.select([outcome, name, "worse"]).cov
        scale = 1.0 if in_points else np.sqrt(cov[..., [1, 2], [1, 2]])
        slopes = np.linalg.solve(cov[..., 1:, 1:], cov[..., 1:, :1])[..., 0] * scale
        pair.append(slopes)
    return TradeOff(outcome, name, losses, *pair, in_points, float(moments.n_eff), moments.provenance, conf_level)
