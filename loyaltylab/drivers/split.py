"""`claimed_split()`: a claimed division between two blocks, such as 70 to 30, held against what choices of method and drivers give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contrasts import equivalent_to, stands
from ..core import ModelError, Provenance, Quantity, Result, check_known, listed, watched
from ..kernels import interval
from ..moments import Moments, by_name
from .decomposition import Importance, importance
from .methods import METHODS


@dataclass(frozen=True, eq=False)
class Split(Result):
    """Share of one block in what two blocks explain together, 0 to 1, under each choice, beside a claimed share.

    `choice` is `method` or `without` (a driver left out), `term` which one. `n_holding` counts the choices whose interval
    holds the claimed share. That it holds it does not make the claim true: a wide interval holds much else.

    Attributes
    ----------
    a : str
        The block that is compared.
    b : str
        The block it is compared with.
    claimed : float
        Share that is claimed.
    made : dict of (str, str) → (float, float, float)
        (choice, term) → share with its ends.
    n : int
        Respondents.

    See Also
    --------
    loyaltylab.drivers.claimed_split : Makes it.
    """

    a: str
    b: str
    claimed: float
    made: dict[tuple[str, str], tuple[float, float, float]]
    n: int
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("choice", "term")

    def columns(self) -> list[dict[str, Any]]:
        return [
            {"choice": choice, "term": term, "estimate": share, "conf_low": low, "conf_high": high}
            for (choice, term), (share, low, high) in self.made.items()
        ]

    def whole(self) -> dict[str, Any]:
        data = self.tidy()
        holding = int(((data["conf_low"] <= self.claimed) & (self.claimed <= data["conf_high"])).sum())
        facts = {"target": self.claimed, "share_low": data["estimate"].min(), "share_high": data["estimate"].max()}
        facts |= {"width": float((data["conf_high"] - data["conf_low"]).iloc[0]), "n_choices": len(data)}
        facts |= {"n_holding": holding, "n": self.n}
        return facts

    @property
    def reported(self) -> Quantity:
        """The share by the first method, with all drivers."""
        return self.value(next(iter(self.made)))

    @property
    def verdict(self) -> str:
        """On the claimed share: "consistent" where the whole interval of `reported` differs from it by less than matters,
        "contradicted" where by more (see `equivalent_to`), else "undecided"."""
        _, low, high = next(iter(self.made.values()))
        where = stands(low, high, equivalent_to(self.claimed, "share"))
        return {"within": "consistent", "beyond": "contradicted"}.get(where, "undecided")

    @property
    def finding(self) -> str:
        """Whether the reported interval *holds* the claimed share, or only what is as good as it (*near*), or all of that lies
        *outside*, as the verdict says; *simulated* of respondents who do not exist, whatever was found."""
        if self.provenance.tier == "synthetic":
            return "simulated"
        _, low, high = next(iter(self.made.values()))
        return "holds" if low <= self.claimed <= high else "outside" if self.verdict == "contradicted" else "near"

    @property
    def leaves_out(self) -> bool:
        """Whether drivers were left out in turn; no block can do without its only one."""
        return any(choice == "without" for choice, _ in self.made)

    @property
    def agrees(self) -> bool:
        """Whether all choices give about the same share: less than a tenth apart."""
        shares = [share for share, _, _ in self.made.values()]
        return max(shares) - min(shares) < 0.1


def claimed_split(
    moments: Moments,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    *,
    claimed: float,
    methods: Sequence[str] = ("lmg", "relative_weights", "pratt"),
    draws: Moments,
    conf_level: float = 0.95,
) -> Split:
    """What share of the variance two blocks explain falls to the first, by method and with each driver left out in turn.

    Parameters
    ----------
    moments, draws : Moments
        Of the outcome and the drivers.
    outcome : str
        Name or label of the variable to explain.
    blocks : mapping of str → sequence of str
        Drivers by block.
    a, b : str
        The two blocks; the share is that of `a` in both.
    claimed : float
        The claimed share of `a` in the two, above 0 and below 1.
    methods : sequence of str
        Of those that add up to R²; the first is also taken with each driver of the two blocks left out.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Split
        `tidy()` has a row for each method and each driver left out.

    Raises
    ------
    UnknownName, ModelError
        For a block that is not there, a method that does not add up, a claimed share that is none.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> draws = table.everything.draws(n_draws=200, seed=1)
    >>> claimed_split(table.everything, "BehLoyalty", blocks, "emotional", "rational", claimed=0.7, draws=draws)
    Split, 10 rows by choice, term: target 0.700, share_low 0.463, share_high 0.653, width 0.346, n_choices 10,
        n_holding 9
    """
    outcome, blocks = by_name(moments, outcome, blocks, of="moments")
    for block in (a, b):
        check_known("block", block, blocks)
    if not 0 < claimed < 1:
        raise ModelError(f"claimed={claimed:g} is no share; give a number between 0 and 1.")
    if not methods or (wrong := [name for name in methods if not METHODS[name].additive]):
        able = listed(name for name, method in METHODS.items() if method.additive)
        raise ModelError(
            f"{listed(wrong) if methods else 'no method'}: blocks can be summed only where parts add up to R²: {able}."
        )

    def share(model: Importance) -> tuple[float, float, float]:
        on = model.blocks()
        i, j = on.terms.index(a), on.terms.index(b)
        drawn = on.draw_estimates
        if drawn is None:
            raise ModelError("claimed_split() needs draws= for its intervals.")
        low, high = interval((drawn[:, i] / (drawn[:, i] + drawn[:, j]))[:, None], conf_level)[:, 0]
        return float(on.estimates[i] / (on.estimates[i] + on.estimates[j])), float(low), float(high)

    model = {"draws": draws, "conf_level": conf_level}
    made = {("method", name): share(importance(moments, outcome, blocks, method=name, **model)) for name in methods}
    each = [*blocks[a], *blocks[b]]
    for driver in watched(each, len(each), "each driver left out"):
        kept = {block: [name for name in members if name != driver] for block, members in blocks.items()}
        if kept[a] and kept[b]:
            made["without", driver] = share(importance(moments, outcome, kept, method=methods[0], **model))
    origin = Provenance.merge([moments.provenance, draws.provenance])
    origin = origin.then(f"share of {a} in {a} and {b}, by {listed(methods)} and without each driver")
    return Split(a, b, claimed, made, int(moments.n), origin, conf_level)
