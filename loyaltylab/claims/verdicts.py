"""`Verdict`: what data say about a claim, by a named rule, with the estimate and interval it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..contrasts import Equivalence, Inference, tail
from ..core import DataError, Phrase, Provenance, Result, check_known, tr
from ..kernels import critical
from .claims import Claim
from .computed import Computed

__all__ = ["MATTERS", "VERDICTS", "VERDICT_RULES", "Verdict", "decided", "figures_decided", "p_value_of"]

#: What can be said of a claim, the best supported first.
VERDICTS = {
    "reproduced": tr("reproduced"),
    "differs": tr("differs", "verdict"),
    "consistent": tr("consistent"),
    "contradicted": tr("contradicted"),
    "undecided": tr("undecided"),
    "not testable with this data": tr("not testable with this data"),
    "source not found": tr("source not found"),
}
#: The smallest correlation, or difference of correlations, that matters.
MATTERS = (0.1, "a small effect: Cohen 1988, Statistical Power Analysis, table 3.3.1 and 4.2.1")


class Rule(NamedTuple):
    """A rule of the verdicts: the verdict it gives, what it says, and where it comes from."""

    verdict: str
    text: Phrase
    source: str = ""


#: The rules that give a verdict.
VERDICT_RULES = {
    "own_figure": Rule(
        "reproduced",
        tr(
            "Computed again from the rows or the table the claim was made from, every figure comes out the same to its last printed digit."
        ),
        "reproducibility as in Goodman, Fanelli & Ioannidis 2016, doi:10.1126/scitranslmed.aaf5027",
    ),
    "own_other_figure": Rule(
        "differs",
        tr("Computed again from the rows or the table the claim was made from, a figure comes out otherwise."),
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
    "too_small": Rule(
        "contradicted",
        tr("The whole interval lies below the smallest correlation, or difference, that matters."),
        f"{MATTERS[1]}; Lakens 2017, doi:10.1177/1948550617697177",
    ),
    "not_more": Rule(
        "consistent",
        tr("The claim denies a lead, and the whole interval lies below a lead that matters."),
        "non-inferiority: Lakens 2017, doi:10.1177/1948550617697177",
    ),
    "holds_figure": Rule(
        "consistent",
        tr(
            "In other data the interval holds the reported figure to its last printed digit. It holds others too, so this does not prove it."
        ),
        "Cumming 2014, doi:10.1177/0956797613504966",
    ),
    "other_figure": Rule(
        "contradicted",
        tr("In other data the interval does not hold the reported figure."),
        "Cumming 2014, doi:10.1177/0956797613504966",
    ),
    "alike": Rule(
        "consistent",
        tr(
            "The claim says no difference, and two one-sided tests show one smaller than a fifth of a standard deviation."
        ),
        "Lakens 2017, doi:10.1177/1948550617697177",
    ),
    "apart": Rule(
        "contradicted",
        tr("The claim says no difference; two one-sided tests do not show that, and the interval excludes zero."),
        "Lakens 2017, doi:10.1177/1948550617697177",
    ),
    "undecided": Rule(
        "undecided",
        tr("Computed, but the interval holds values for and against the claim. That is no support, and no refutation."),
        "Altman & Bland 1995, doi:10.1136/bmj.311.7003.485",
    ),
    "not_asked": Rule("not testable with this data", tr("These data lack what the test needs; it is named.")),
    "other_data": Rule(
        "not testable with this data", tr("No questionnaire answered once can test it; what would is said.")
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
_COMPUTED = ("reproduced", "differs", "consistent", "contradicted", "undecided")

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
    rule : str
        Which of `VERDICT_RULES` gave it; `verdict` follows from the rule.
    estimate, conf_low, conf_high : float
        Of what `what` names; not a number where nothing was computed.
    compared : float
        What the estimate is held against: zero, one half, the reported figure.
    p_value : float
        Two-sided, of `compared`; of two one-sided tests where the claim says no difference.
    again : dict
        Reported figure → the figure computed again, where the claim's own source was at hand.
    lacking : dict of str
        What the data lack, by language.
    measure, data : str
        Unit of the estimate, and the data it comes from.
    own : bool
        Whether it rests on the claim's own source rather than on the data it is held against.

    Raises
    ------
    DataError
        For a verdict that needs data and has none, or has synthetic ones or some whose source is not stated.
    """

    claim: Claim
    rule: str
    provenance: Provenance
    what: Mapping[str, str]
    estimate: float = np.nan
    conf_low: float = np.nan
    conf_high: float = np.nan
    compared: float = np.nan
    p_value: float = np.nan
    n: float = np.nan
    n_compared: int = 0
    again: tuple[tuple[str, float], ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()
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
    """Two-sided p of an inference; from its standard error where the method gives none."""
    if not np.isnan(one.p_value) or np.isnan(one.null):
        return float(one.p_value)
    spread = one.std_error
    if np.isnan(spread):
        spread = (one.conf_high - one.conf_low) / (2 * critical(one.conf_level))
    return float(2 * tail(abs((one.estimate - one.null) / spread), np.nan)) if spread > 0 else float("nan")


def decided(test: dict[str, Any], claim: Claim, found: Computed) -> tuple[str, Inference, float]:
    """The rule that applies, the inference that decides, and the p-value.

    `test["expect"]` says what the claim expects: more, less, not more, alike, or the reported figure it names.
    """
    expect = test.get("expect", "more")
    if expect == "alike":
        return _alike(found.found)
    if expect.startswith("figure "):
        return _figure(claim.figures[expect.removeprefix("figure ")], found.found[0])
    is_r = "correlation" in found.found[0].measure
    if expect == "not more":
        one = found.found[0]
        low, high = one.conf_low - one.null, one.conf_high - one.null
        rule = "other_side" if low > 0 else "not_more" if is_r and high < MATTERS[0] else "undecided"
        return (rule, *_small(one, 1)) if rule == "not_more" else (rule, one, p_value_of(one))
    turned = [_turned(one, -1 if expect == "less" else 1) for one in found.found]
    if all(low > 0 for _, low, _, _ in turned):
        weakest = min(turned, key=lambda item: item[1])[0]
        return "side", weakest, p_value_of(weakest)
    return _against(turned, is_r, -1 if expect == "less" else 1)


def _turned(one: Inference, sign: int) -> tuple[Inference, float, float, float]:
    """The inference with its ends and estimate as distances from the null in the direction claimed."""
    low, high = sorted((sign * (one.conf_low - one.null), sign * (one.conf_high - one.null)))
    return one, low, high, sign * (one.estimate - one.null)


def _against(
    turned: Sequence[tuple[Inference, float, float, float]], is_r: bool, sign: int
) -> tuple[str, Inference, float]:
    """Not all comparisons pass: contradicted by one, too small to matter, or undecided."""
    worst = max(turned, key=lambda item: -item[3] / _spread(item[0]))
    one, _, high, _ = worst
    p = min(1.0, len(turned) * p_value_of(one))
    if len(turned) == 1:
        rule = "other_side" if high < 0 else "too_small" if is_r and not one.null and high < MATTERS[0] else "undecided"
        return (rule, *_small(one, sign)) if rule == "too_small" else (rule, one, p)
    half = critical(1 - (1 - one.conf_level) / len(turned)) * _spread(one)
    wide = replace(one, conf_low=one.estimate - half, conf_high=one.estimate + half)  # of all comparisons together
    excludes = half < abs(one.estimate - one.null) and high < 0
    return ("other_side" if excludes else "undecided"), wide, p


def _small(one: Inference, sign: int) -> tuple[Inference, float]:
    """The inference held against the smallest lead that matters instead of against none, and its two-sided p."""
    bound = one.null + sign * MATTERS[0]
    return replace(one, null=bound), float(2 * tail(abs(one.estimate - bound) / _spread(one), np.nan))


def _spread(one: Inference) -> float:
    return (one.conf_high - one.conf_low) / (2 * critical(one.conf_level))


def _alike(found: Sequence[Inference]) -> tuple[str, Inference, float]:
    """Equivalence: the test at 90 %, and the wider interval that says whether there is a difference."""
    inner, wider = found[0], found[-1]
    if isinstance(inner, Equivalence) and inner.verdict == "equivalent":
        return "alike", inner, float(inner.p_value)
    p = float(2 * tail(abs(wider.estimate) / _spread(wider), np.nan))
    return ("apart" if wider.conf_low > 0 or wider.conf_high < 0 else "undecided"), wider, p


def digits_of(figure: float) -> int:
    """Decimals a figure was printed with, at least two."""
    text = f"{figure:.10f}".rstrip("0")
    return max(2, len(text) - text.index(".") - 1)


def _figure(figure: float, one: Inference) -> tuple[str, Inference, float]:
    """Whether the interval holds a reported figure, to its last printed digit."""
    half = 0.5 * 10 ** -digits_of(figure)
    holds = one.conf_low - half <= figure <= one.conf_high + half
    p = float(2 * tail(abs(one.estimate - figure) / _spread(one), np.nan))
    return ("holds_figure" if holds else "other_figure"), one, p


def figures_decided(claim: Claim, again: dict[str, Inference]) -> str:
    """Whether every figure computed from the claim's own source equals the reported one to its last printed digit."""
    same = all(
        round(one.estimate, digits_of(claim.figures[name])) == claim.figures[name] for name, one in again.items()
    )
    return "own_figure" if same else "own_other_figure"
