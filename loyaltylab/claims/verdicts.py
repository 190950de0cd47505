"""`Verdict`: what data say about a claim, by a named rule, with the estimate and interval it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..contrasts import Equivalence, Inference, equivalent_to, stands, tail
from ..core import RULES, DataError, Phrase, Provenance, Result, check_known, tr
from ..kernels import critical
from .claims import Claim
from .computed import Computed

#: What can be said of a claim, the best supported first.
VERDICTS = {
    "recomputed": tr("recomputed here"),
    "differs": tr("differs", "verdict"),
    "consistent": tr("consistent"),
    "contradicted": tr("contradicted"),
    "undecided": tr("undecided"),
    "not testable with this data": tr("not testable with this data"),
    "source not found": tr("source not found"),
}
#: How large a difference is, stated beside the verdict on its side.
MAGNITUDES = {
    "negligible": tr("The difference is too small to matter: its whole interval lies within ±{region}."),
    "open": tr("Whether the difference is large enough to matter, more than {region} either way, is open."),
    "matters": tr("The difference is large enough to matter: its whole interval lies beyond ±{region}."),
}


class Rule(NamedTuple):
    """A rule of the verdicts: the verdict it gives, what it says, and where it comes from."""

    verdict: str
    text: Phrase
    source: str = ""


#: The rules that give a verdict.
VERDICT_RULES = {
    "own_figure": Rule(
        "recomputed",
        tr(
            "Computed again here from the rows or the table the claim was made from, every figure comes out the same to its last printed digit. That says the sum is right, not that another study finds it."
        ),
        "computational reproducibility, not replication: Goodman, Fanelli & Ioannidis 2016, doi:10.1126/scitranslmed.aaf5027",
    ),
    "own_other_figure": Rule(
        "differs",
        tr("Computed again here from the rows or the table the claim was made from, a figure comes out otherwise."),
        "Goodman, Fanelli & Ioannidis 2016, doi:10.1126/scitranslmed.aaf5027",
    ),
    "side": Rule(
        "consistent",
        tr(
            "In other data the whole interval lies on the side the claim says; where it implies several comparisons, that of each."
        ),
        "all of several: Berger 1982, doi:10.1080/00401706.1982.10487790",
    ),
    "other_side": Rule(
        "contradicted",
        tr(
            "In other data the whole interval lies on the other side; where the claim implies several comparisons, that of one, corrected for their number (Bonferroni)."
        ),
        "Dunn 1961, doi:10.1080/01621459.1961.10482090",
    ),
    "within": Rule(
        "consistent",
        tr(
            "The claim says no difference, no lead or a figure, and the whole interval lies where a difference from that is too small to matter."
        ),
        f"equivalence and non-inferiority: Lakens 2017, doi:10.1177/1948550617697177; {RULES['region'][1]}",
    ),
    "beyond": Rule(
        "contradicted",
        tr(
            "The claim says no difference, no lead or a figure, and the whole interval lies where the difference from that is large enough to matter."
        ),
        f"minimum-effect test: Murphy & Myors 1999, doi:10.1037/0021-9010.84.2.234; {RULES['region'][1]}",
    ),
    "either_way": Rule(
        "undecided",
        tr(
            "The way the claim describes is there, and so is one with the arrow turned round; both fit the data equally well, so these say nothing about the order."
        ),
        "equivalent models: MacCallum et al. 1993, doi:10.1037/0033-2909.114.1.185",
    ),
    "one_case": Rule(
        "undecided",
        tr(
            "The claim is about many industries or studies. Here it goes the other way, in one, which such a claim allows."
        ),
        "heterogeneity between studies: Higgins & Thompson 2002, doi:10.1002/sim.1186",
    ),
    "in_part": Rule(
        "undecided",
        tr(
            "What these data can test of the claim is there; the rest of it they do not test, so that is no support of the whole."
        ),
    ),
    "unlike": Rule(
        "undecided",
        tr(
            "What these data can compute comes near what is claimed and is another thing, so it neither supports nor refutes it."
        ),
    ),
    "by_cut": Rule(
        "undecided",
        tr(
            "Where high and low begin makes the verdict: at other sensible cuts of the same answers it is another one, and no source says where to cut."
        ),
        "undisclosed flexibility: Simmons, Nelson & Simonsohn 2011, doi:10.1177/0956797611417632",
    ),
    "undecided": Rule(
        "undecided",
        tr("Computed, but the interval holds values for and against the claim. That is no support, and no refutation."),
        "Altman & Bland 1995, doi:10.1136/bmj.311.7003.485",
    ),
    "not_asked": Rule("not testable with this data", tr("These data lack what the test needs; it is named.")),
    "other_data": Rule(
        "not testable with this data", tr("It is not tested on answers such as these; what would test it is said.")
    ),
    "no_finding": Rule(
        "not testable with this data",
        tr("A definition or a list states no finding. It can be useful or not; it cannot be true or false."),
    ),
    "synthetic": Rule(
        "not testable with this data",
        tr("The respondents were simulated. What was put in comes out; that is evidence of nothing."),
    ),
    "unstated": Rule(
        "not testable with this data",
        tr("Nobody has said whose answers these are. Until that is said they support no claim and refute none."),
    ),
    "no_source": Rule(
        "source not found",
        tr(
            "Trust is D or F, no work that can be opened is named, and these data have nothing to hold the claim against."
        ),
    ),
}
_COMPUTED = ("recomputed", "differs", "consistent", "contradicted", "undecided")

_NO_EVIDENCE = {
    "unstated": "the source of the data is not stated, and no verdict can rest on what may be anything. "
    "Say where they come from: provenance=, or a codebook.",
    "synthetic": "the data are synthetic, and no verdict can rest on what was simulated or assumed. "
    "Hold the claim against real answers or a published table.",
}


@dataclass(frozen=True, eq=False)
class Verdict(Result):
    """What data say about one claim.

    Attributes
    ----------
    claim : Claim
        What is judged, as `read_claim` gives it.
    rule : str
        Which of `VERDICT_RULES` gave it; `verdict` follows from the rule.
    estimate, conf_low, conf_high : float
        Of what `what` names; not a number where nothing was computed.
    compared : float
        What the estimate is held against: zero, one half, the reported figure.
    allowed : tuple of float
        The lowest and highest value the claim allows, see `decided`.
    region : float
        Of practical equivalence, as a difference of correlations, see `equivalent_to`.
    p_value : float
        Two-sided, of the end of `allowed` nearest to the estimate.
    again : dict
        Reported figure → the figure computed again, where the claim's own source was at hand.
    lacking : dict of str
        What the data lack, by language.
    contains : dict of str
        What each block or concept of the test contains in these data, in words by language.
    cuts : tuple
        Other sensible cuts of the answers, see `at_other_cuts`.
    stands_in : bool
        Whether these are blocks of the codebook, for want of the division of the claim's own source.
    measure, data : str
        Unit of the estimate, and the data it comes from.
    own : bool
        Whether it rests on the claim's own source rather than on the data it is held against.

    Raises
    ------
    DataError
        For a verdict that needs data and has none, or has synthetic ones or some whose source is not stated.

    See Also
    --------
    loyaltylab.claims.hold_against : Makes them.
    """

    claim: Claim
    rule: str
    provenance: Provenance
    what: Mapping[str, str]
    estimate: float = np.nan
    conf_low: float = np.nan
    conf_high: float = np.nan
    compared: float = np.nan
    allowed: tuple[float, float] = (np.nan, np.nan)
    region: float = RULES["region"][0]
    p_value: float = np.nan
    n: float = np.nan
    n_compared: int = 0
    again: tuple[tuple[str, float], ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()
    contains: dict[str, str] = field(default_factory=dict)
    cuts: tuple[tuple[dict[str, str], str, Inference], ...] = ()
    stands_in: bool = False
    own: bool = False
    data: str = ""
    measure: str = ""
    conf_level: float = 0.95
    shown = ("term", "verdict", "estimate", "rule")

    def __post_init__(self) -> None:
        check_known("rule", self.rule, VERDICT_RULES)
        has = not np.isnan([self.estimate, self.conf_low, self.conf_high]).any()
        if self.is_computed and not has:
            raise DataError(f"'{self.verdict}' needs an estimate with its interval; {self.claim.name} has none.")
        if not self.is_computed and has:
            raise DataError(f"'{self.verdict}' of {self.claim.name} rests on no estimate; leave it out.")
        if self.is_computed and not self.provenance.is_evidence:
            raise DataError(f"{self.claim.name}: {_NO_EVIDENCE[self.provenance.tier]}")

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        return VERDICT_RULES[self.rule].verdict

    @property
    def magnitude(self) -> str:
        """Of a side that is claimed, apart from the verdict: one of `MAGNITUDES`, or empty where the measure has no region."""
        ends = equivalent_to(self.compared, self.measure, self.region)
        if (
            not self.is_computed
            or self.own
            or np.isnan(ends).any()
            or self.compared
            or not np.isinf(self.allowed).any()
        ):
            return ""
        return {"within": "negligible", "beyond": "matters"}.get(stands(self.conf_low, self.conf_high, ends), "open")

    @property
    def is_computed(self) -> bool:
        """Whether the verdict rests on an estimate."""
        return self.verdict in _COMPUTED

    def columns(self) -> dict[str, Any]:
        row: dict[str, Any] = {"term": self.claim.name, "verdict": self.verdict, "rule": self.rule}
        row |= {"article": self.claim.article, "kind": self.claim.kind, "grade": self.claim.grade}
        row |= {name: getattr(self, name) for name in ("estimate", "conf_low", "conf_high", "p_value", "n")}
        return {key: [value] for key, value in row.items()}

    def whole(self) -> dict[str, Any]:
        return {"n": self.n, "n_pairs": self.n_compared, "conf_level": self.conf_level}


def p_value_of(one: Inference) -> float:
    """Two-sided p of an inference; where the method gives none, from the width of the interval that decides."""
    if not np.isnan(one.p_value) or np.isnan(one.null):
        return float(one.p_value)
    spread = _spread(one)
    return float(2 * tail(abs((one.estimate - one.null) / spread), np.nan)) if spread > 0 else float("nan")


def decided(
    test: dict[str, Any], claim: Claim, found: Computed, region: float = RULES["region"][0]
) -> tuple[str, Inference, float, tuple[float, float]]:
    """The rule that applies, the inference that decides, its p-value, and the values the claim allows.

    A claim is a set of values: above the null (`expect: more`), below it (less), no further above it than matters (not
    more), as near to it as does not matter (alike), or as near to a reported figure (figure and its name). It is consistent
    where the whole interval lies in that set, contradicted where it lies outside, and undecided otherwise; so more
    respondents can settle a verdict and never turn one that is right. Where other sensible cuts of the answers give another
    verdict it is undecided, and so it is where all that can be tested is a part of the claim (`untested` names the rest, or
    these data lack it) and that part holds, or what can be computed is another thing than what is claimed (`unlike`). The p-value is two-sided, of the nearest end of the set.
    """
    rule, *rest = _decided(test, claim, found, region)
    verdict = VERDICT_RULES[rule].verdict
    if verdict != "undecided" and any(other != verdict for _, other, _ in at_other_cuts(test, claim, found, region)):
        rule = "by_cut"
    return rule, *rest


def at_other_cuts(
    test: dict[str, Any], claim: Claim, found: Computed, region: float
) -> tuple[tuple[dict[str, str], str, Inference], ...]:
    """Other sensible cuts of the answers: each in words, with its verdict and the inference it rests on."""
    alone = [(cut, one, replace(found, found=(one,), cuts=())) for cut, one in found.cuts]
    return tuple((cut, VERDICT_RULES[_decided(test, claim, at, region)[0]].verdict, one) for cut, one, at in alone)


def _decided(
    test: dict[str, Any], claim: Claim, found: Computed, region: float
) -> tuple[str, Inference, float, tuple[float, float]]:
    """The same at one cut."""
    rule, *rest = _placed(test, claim, found, region)
    if "unlike" in test and VERDICT_RULES[rule].verdict != "undecided":
        rule = "unlike"
    elif ("untested" in test or found.lacking) and VERDICT_RULES[rule].verdict == "consistent":
        rule = "in_part"
    return rule, *rest


def _placed(
    test: dict[str, Any], claim: Claim, found: Computed, region: float
) -> tuple[str, Inference, float, tuple[float, float]]:
    """Where the intervals lie, whatever of the claim they are about."""
    expect = test.get("expect", "more")
    if expect in ("more", "less"):
        sign = 1 if expect == "more" else -1
        rule, one, p, limits = _side(found.found, sign)
        other = found.rival
        if rule == "side" and other and (other.conf_low if sign > 0 else -other.conf_high) > 0:
            rule = "either_way"
        if rule == "other_side" and test.get("scope") == "many":
            rule = "one_case"
        return rule, one, p, limits
    return _in_sets([(one, _allowed(one, expect, claim, region)) for one in found.found])


def _allowed(one: Inference, expect: str, claim: Claim, region: float) -> tuple[float, float]:
    """The values a claim allows that there is no difference, no lead or a figure."""
    if isinstance(one, Equivalence):
        low, high = one.bound_low, one.bound_high
    else:
        about = one.null if expect in ("not more", "alike") else claim.figures[expect.removeprefix("figure ")]
        low, high = equivalent_to(about, one.measure, region)
        if expect.startswith("figure "):  # to its last printed digit
            half = 0.5 * 10 ** -digits_of(about)
            low, high = min(low, about - half), max(high, about + half)
    return (-np.inf if expect == "not more" else low), high


def _in_sets(
    found: Sequence[tuple[Inference, tuple[float, float]]],
) -> tuple[str, Inference, float, tuple[float, float]]:
    """Within the values allowed: all comparisons, or one of them beyond when corrected for their number."""

    def inside(one: Inference, ends: tuple[float, float]) -> float:
        return min(one.estimate - ends[0], ends[1] - one.estimate) / _spread(one)

    worst, ends = min(found, key=lambda pair: inside(*pair))
    p = min(1.0, len(found) * float(2 * tail(abs(inside(worst, ends)), np.nan)))
    if all(stands(one.conf_low, one.conf_high, allowed) == "within" for one, allowed in found):
        return "within", worst, p, ends
    worst = _of_all(worst, len(found))
    rule = stands(worst.conf_low, worst.conf_high, ends)
    return ("beyond" if rule == "beyond" else "undecided"), worst, p, ends


def _of_all(one: Inference, n: int) -> Inference:
    """One of n comparisons with the interval that holds for all of them together (Bonferroni)."""
    if n == 1:
        return one
    half = critical(1 - (1 - one.conf_level) / n) * _spread(one)
    return replace(one, conf_low=one.estimate - half, conf_high=one.estimate + half)


def _side(found: Sequence[Inference], sign: int) -> tuple[str, Inference, float, tuple[float, float]]:
    """On one side of the null: all comparisons, or one of them on the other side when corrected for their number."""
    limits = (found[0].null, np.inf) if sign > 0 else (-np.inf, found[0].null)
    low = {one: (one.conf_low - one.null if sign > 0 else one.null - one.conf_high) for one in found}
    weakest = min(found, key=lambda one: low[one])
    if low[weakest] > 0:
        return "side", weakest, p_value_of(weakest), limits
    worst = min(found, key=lambda one: sign * (one.estimate - one.null) / _spread(one))
    p = min(1.0, len(found) * p_value_of(worst))
    worst = _of_all(worst, len(found))
    against = worst.conf_high < worst.null if sign > 0 else worst.conf_low > worst.null
    return ("other_side" if against else "undecided"), worst, p, limits


def _spread(one: Inference) -> float:
    return (one.conf_high - one.conf_low) / (2 * critical(one.conf_level))


def digits_of(figure: float) -> int:
    """Decimals a figure was printed with, at least two.

    Parameters
    ----------
    figure : float
        As printed, such as 0.375.

    Returns
    -------
    int
        2 or more.

    Examples
    --------
    >>> digits_of(0.5), digits_of(0.375)
    (2, 3)
    """
    text = f"{figure:.10f}".rstrip("0")
    return max(2, len(text) - text.index(".") - 1)


def figures_decided(claim: Claim, again: dict[str, Inference]) -> str:
    """Whether every figure computed from the claim's own source equals the reported one to its last printed digit."""
    same = all(
        round(one.estimate, digits_of(claim.figures[name])) == claim.figures[name] for name, one in again.items()
    )
    return "own_figure" if same else "own_other_figure"
