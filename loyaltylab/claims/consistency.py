"""What a claim's own figures say about each other: checks that need no data at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ..contrasts import Inference, compare_proportions, proportion_interval
from ..core import DataError, Phrase, Provenance, Result, pd, tr
from ..drivers import contrast_ranges, sensitivity
from .claims import Claim, read_claim


@dataclass(frozen=True, eq=False)
class Consistency(Result):
    """The outcome of checks without data, a row for each.

    `verdict` is "holds", "fails" or "unknown"; `estimate` with its ends is the number that decides, `bound` what it is
    held against.

    Attributes
    ----------
    rows : ((str, str, str, float, float, float, float), ...)
        Check, what about, verdict, estimate with its ends, and the bound.
    provenance : Provenance
        Where the numbers came from, and what was done to them.

    See Also
    --------
    loyaltylab.claims.check_consistency : Makes it.
    """

    rows: tuple[tuple[str, str, str, float, float, float, float], ...]
    provenance: Provenance

    def __repr__(self) -> str:
        return "Consistency: " + "; ".join(f"{name} {verdict}" for name, _, verdict, *_ in self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """What was checked."""
        return tuple(name for name, *_ in self.rows)

    def about(self, claims: Iterable[str]) -> Consistency:
        """The checks about these claims alone."""
        names = set(claims)
        return replace(self, rows=tuple(row for row in self.rows if row[1] in names))

    def columns(self) -> pd.DataFrame:
        columns = ["term", "claim", "verdict", "estimate", "conf_low", "conf_high", "bound"]
        return pd.DataFrame(list(self.rows), columns=columns)

    def whole(self) -> dict[str, Any]:
        verdicts = [row[2] for row in self.rows]
        return {f"n_{name}": verdicts.count(name) for name in ("holds", "fails", "unknown")}


_Row = tuple[str, float, float, float, float]
_NAN = float("nan")


def _squares() -> _Row:
    """Do three squared correlations fit in one pie? Only if they sum to 1 or less, and even then only if uncorrelated."""
    claim = read_claim("emotions_index")
    total = sum(r**2 for r in claim.figures.values())
    return ("fails" if total > 1 else "unknown"), total, _NAN, _NAN, 1.0


def _order() -> _Row:
    """Do the printed correlations differ by more than chance, whatever the correlation between the indices?"""
    claim = read_claim("emotions_index")
    ranges = contrast_ranges(
        [*claim.figures.values()], [*claim.figures], n=claim.n or 4, provenance=claim.provenance, outcome="loyalty"
    )
    gap = ranges.widest("emotional", "rational")
    return ("holds" if gap.conf_low > 0 else "fails"), gap.estimate, gap.conf_low, gap.conf_high, 0.0


def _seventy(*names: str) -> _Row:
    """Can emotion take 70% of what these explain, at any inter-correlation data can have? By LMG, the figures as exact.

    With brand values among them it cannot; at the far ends of their 95% intervals, all at once, the figures would just
    allow it.
    """
    claim, share = read_claim("emotions_index"), read_claim("thirty_seventy").figures["emotional"]
    found = sensitivity(
        [claim.figures[name] for name in names], names, n=claim.n or 4, provenance=claim.provenance, outcome="loyalty"
    )
    low, high = (found.value("emotional", f"share_{end}").value for end in ("low", "high"))
    return ("unknown" if low <= share <= high else "fails"), share, low, high, share


def _trace() -> _Row:
    """Where the slogan can be traced to; nothing is computed, the share is the one that is repeated."""
    return "unknown", read_claim("thirty_seventy").figures["emotional"], _NAN, _NAN, _NAN


def _bigger_role() -> _Row:
    """From how many respondents in each group on would 69 against 8 differ by more than chance?"""
    claim = read_claim("bigger_role")
    high, low = claim.figures["high"], claim.figures["low"]
    for n in range(4, 1000):
        counts = round(high * n), round(low * n)
        one = compare_proportions(counts[0], n, counts[1], n, provenance=claim.provenance)
        if one.conf_low > 0:
            return "unknown", float(n), _NAN, _NAN, _NAN
    raise DataError("bigger_role: its two shares do not differ at any n tried; look at its figures.")


def _spending() -> _Row:
    """Two figures of existing against new customers stand beside the reported one: do they agree?"""
    figures = read_claim("existing_spend").figures.values()
    low, high = min(figures), max(figures)
    return ("fails" if high > 1.5 * low else "holds"), read_claim("existing_spend").figures["more"], low, high, _NAN


def _acquisition() -> _Row:
    """The multiple in circulation runs from so many to so many times: is seven one of them, or all of them?"""
    figures = read_claim("acquisition_cost").figures
    low, high = figures["lowest"], figures["highest"]
    return ("unknown" if low <= figures["multiple"] <= high else "fails"), figures["multiple"], low, high, _NAN


#: Check → the claim it is about, what computes it, the question, and what each outcome means.
CHECKS_WITHOUT_DATA: dict[str, tuple[str, Callable[[], _Row], Phrase, Phrase]] = {
    "squares": (
        "emotions_index",
        _squares,
        tr("Can the three correlations be shared out like a pie?"),
        tr("Their squares sum to {estimate:.4f}, more than one: the indices overlap, and no ‘pie’ of variances is valid."),
    ),
    "order": (
        "emotions_index",
        _order,
        tr("Do emotions lead in the printed figures themselves?"),
        tr("The difference {estimate:.2f} runs at the widest from {conf_low:.2f} to {conf_high:.2f}, whatever the correlation between the indices: if the figures are what the survey found, the lead is not chance. What it is a lead of, is another question."),
    ),
    "seventy": (
        "thirty_seventy",
        lambda: _seventy("emotional", "rational"),
        tr("Does 30/70 follow from .75 and .53?"),
        tr("By LMG, emotions can take {conf_low:.0%} to {conf_high:.0%} of what the two explain, depending on a correlation that was never printed. {estimate:.0%} is one of many, and follows from nothing."),
    ),
    "seventy_in_three": (
        "thirty_seventy",
        lambda: _seventy("emotional", "rational", "values"),
        tr("And with brand values beside them?"),
        tr("Then emotions can take {conf_low:.0%} to {conf_high:.0%} of what the three explain, whatever their inter-correlations. {estimate:.0%} is not among these, the figures taken as exact and divided by LMG (Shapley), though not far off."),
    ),
    "trace": (
        "thirty_seventy",
        _trace,
        tr("Is there any source for 30/70?"),
        tr("Two traces of {estimate:.0%}: a ‘principle’ of Gallup, without a study, and a later remark by R. Passikoff (Brand Keys, 2013), who estimates that most product categories report such a ratio. Neither counts customers, neither is in Harvard Business Review."),
    ),
    "bigger_role": (
        "bigger_role",
        _bigger_role,
        tr("Do 69% and 8% differ by more than chance?"),
        tr("How many were asked is not printed. From {estimate:.0f} in each group on they would. Chance is not the doubt; how the groups were cut, and where the middle group went, is."),
    ),
    "spending": (
        "existing_spend",
        _spending,
        tr("Do the versions of ‘a third more’ agree?"),
        tr("Beside {estimate:.0%} stand versions from {conf_low:.0%} to {conf_high:.0%}. They cannot all be the same finding."),
    ),
    "acquisition": (
        "acquisition_cost",
        _acquisition,
        tr("Is ‘seven times’ one figure?"),
        tr("What circulates runs from {conf_low:.0f} to {conf_high:.0f} times; {estimate:.0f} is a choice within it, not a finding."),
    ),
}  # fmt: skip


@lru_cache
def check_consistency() -> Consistency:
    """All checks that need no data.

    Returns
    -------
    Consistency
        `tidy()` has a row for each check.

    Examples
    --------
    >>> found = check_consistency()
    >>> round(found.value("squares").value, 4)
    1.0835
    >>> found
    Consistency: squares fails; order holds; seventy unknown; seventy_in_three fails; trace unknown; bigger_role unknown; spending fails; acquisition unknown
    """
    rows = [(name, about, *check()) for name, (about, check, _, _) in CHECKS_WITHOUT_DATA.items()]
    origin = Provenance.merge([read_claim(about).provenance for about in dict.fromkeys(row[1] for row in rows)])
    return Consistency(tuple(rows), origin)


def from_figures(claim: Claim) -> Inference:
    """The statistic of a claim from its printed figures and n alone.

    A correlation, a difference between two correlations (the widest over the correlation that was not printed) or a
    proportion; of two proportions `n` is taken as the size of each group only where the claim gives it.

    Parameters
    ----------
    claim : Claim
        As `read_claim` gives it.

    Returns
    -------
    Inference
        Estimate, interval and test, as far as the printed figures allow.

    Raises
    ------
    DataError
        Where the source gives no n, or the figures have no statistic of their own.

    Examples
    --------
    >>> from_figures(read_claim("emotions_index")).verdict
    'more'
    """
    if not claim.figures or claim.n is None:
        lacking = "figures" if not claim.figures else "number of respondents"
        raise DataError(f"{claim.name} gives no {lacking}, so nothing can be computed from what is printed.")
    names, values = [*claim.figures], [*claim.figures.values()]
    if claim.kind == "correlation_difference" and len(values) > 1:
        ranges = contrast_ranges(values, names, n=claim.n, provenance=claim.provenance)
        return ranges.widest(names[0], names[1])
    if claim.kind == "proportion":
        return proportion_interval(round(values[0] * claim.n), claim.n, label=names[0], provenance=claim.provenance)
    raise DataError(f"{claim.name}: a {claim.kind} is not computed from printed figures alone.")
