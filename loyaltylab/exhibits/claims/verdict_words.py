"""The words of a verdict: its symbol, its estimate with what it is held against, and the command that looks further."""

from __future__ import annotations

import re

import numpy as np

from ...claims import GRADES, MAGNITUDES, VERDICT_RULES, VERDICTS, Ledger, Verdict, digits_of
from ...core import format_number, tr
from ..style import INK

#: Symbol and colour of each verdict; the place in the figure says it too, so that it holds in greyscale.
SYMBOLS: dict[str, tuple[str, str, str]] = {
    "recomputed": ("=", "#1F4E79", "white"),
    "differs": ("≠", "#7A5195", "white"),
    "consistent": ("✓", "#6FA3D0", INK),
    "contradicted": ("✗", "#A63A2B", "white"),
    "undecided": ("~", "#EFC35A", INK),
    "not testable with this data": ("–", "#E4E4E4", INK),
    "source not found": ("?", "#4D4D4D", "white"),
}
#: Rules that leave a verdict open though the interval does not.
_OPEN = ("one_case", "either_way", "in_part", "unlike", "by_cut")
PHRASES = {
    "statement": tr("What is claimed"),
    "source": tr("Source, and trust"),
    "found": tr("Verdict"),
    "verdict": tr("Verdict"),
    "r": tr("Correlation, or difference of correlations"),
    "share": tr("Share"),
    "question": tr("Question"),
    "answer": tr("What the figures say"),
    "holds": tr("holds"),
    "fails": tr("fails"),
    "unknown": tr("open"),
    "p": tr("p"),
    "holm": tr("p (Holm)"),
    "estimate": tr("Estimate and interval"),
    "what": tr("What was computed"),
    "figure": tr("Figure", "a number"),
    "reported": tr("Reported"),
    "again": tr("Computed again"),
    "data": tr("From", "a place"),
    "finding": tr("Finding"),
    "support": tr("Run and exhibits"),
    "tier": tr("Evidence"),
    "reference": tr("Reference"),
}


def numbers_of(ledger: Ledger) -> dict[str, int]:
    """Number of each claim: its place in the claims file."""
    from ...claims import read_claims

    places = {name: i for i, name in enumerate(read_claims(), start=1)}
    return {one.claim.name: places.get(one.claim.name, 0) for one in ledger.main}


def grades_of(ledger: Ledger, language: str) -> str:
    used = {one.claim.grade for one in ledger.main}
    return ", ".join(f"{grade} {text[language]}" for grade, text in GRADES.items() if grade in used)


def folded(text: str, letters: int = 16) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, letters))


def spec_of(measure: str) -> str:
    """Format of an estimate of this measure."""
    if measure == "ratio of means less one":
        return ".0%"
    if "ratio" in measure:
        return ".1f"
    if measure in ("share", "proportion", "difference of proportions", "r_squared"):
        return ".0%"
    near_zero = measure.startswith("slope") or measure in ("bend", "difference of correlations")
    return ".3f" if near_zero else ".2f"


def _round(spec: str) -> str:
    """The format of a round number beside an estimate of this format."""
    return ".2f" if spec == ".3f" else spec


def _found(one: Verdict, language: str) -> str:
    """The estimate of a verdict, its interval and what it is held against."""
    spec = spec_of(one.measure)
    if one.own:
        labels = one.claim.labels
        again = [
            f"{labels[name][language]} {format_number(value, fine(one.claim.figures[name], spec), language)} "
            f"({tr('as reported {value}')[language].format(value=format_number(one.claim.figures[name], fine(one.claim.figures[name], spec), language))})"
            for name, value in one.again
        ]
        return f"{'; '.join(again)}; {tr('n = {n}')[language].format(n=format_number(one.n, ',.0f', language))}."
    numbers = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
    parts = [f"{one.what[language]} {numbers[0]} [{numbers[1]}; {numbers[2]}]"]
    if not np.isnan(one.compared):
        value = format_number(one.compared, _round(spec), language)
        held = tr("held against {value}")[language].format(value=value)
        if np.isfinite(one.allowed).all():
            ends = [format_number(end, spec, language) for end in one.allowed]
            held += (
                f" ({tr('{low} to {high} differ too little to matter')[language].format(low=ends[0], high=ends[1])})"
            )
        parts.append(held)
    if one.n_compared > 1 and one.measure.startswith(("difference of corr", "correlation")):
        parts.append(tr("the weakest of {n} comparisons")[language].format(n=one.n_compared))
    parts.append(tr("n = {n}")[language].format(n=format_number(one.n, ",.0f", language)))
    sentences = ["; ".join(parts) + "."]
    if contains := one.contains.get(language, ""):
        sentences.append(tr("In these data: {parts}.")[language].format(parts=contains))
    if one.cuts:
        sentences.append(tr("At other cuts: {cuts}.")[language].format(cuts=cuts_text(one, language)))
    if one.stands_in:
        sentences.append(tr("These blocks of the codebook stand in for what the source meant.")[language])
    if one.magnitude:
        sentences.append(magnitude_text(one, language))
    return " ".join([*sentences, *_stand_in(one, language)])


def _untested(one: Verdict, language: str) -> list[str]:
    """What of the claim the verdict is not about, for it leaves that out or the data lack it."""
    said = []
    if not one.own and (rest := one.claim.test["other"].get("untested")):
        said.append(tr("Not tested: {what}.")[language].format(what=rest[language]))
    if lacking := dict(one.lacking).get(language):
        said.append(tr("Not tested, for these data lack it: {what}.")[language].format(what=lacking))
    return said


def _stand_in(one: Verdict, language: str) -> list[str]:
    """What the answers of its test stand for, where they only come near what is claimed."""
    return (
        [tr("In a questionnaire: {what}")[language].format(what=one.claim.stands_for[language])]
        if one.claim.stands_for
        else []
    )


def cuts_text(one: Verdict, language: str) -> str:
    """The estimate and verdict at each other sensible cut of the answers.

    Parameters
    ----------
    one : Verdict
        As `hold_against` gives it.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        Empty where there is no other cut.

    Examples
    --------
    >>> from loyaltylab import hold_against, read_claim, read_table
    >>> ledger = hold_against(read_table("hedonic_utilitarian"), {"thirty_seventy": read_claim("thirty_seventy")}, n_draws=100)
    >>> (one,) = ledger.of("thirty_seventy")
    >>> cuts_text(one, "en")
    ''
    """
    spec = spec_of(one.measure)
    listing = []
    for cut, verdict, at in one.cuts:
        numbers = [format_number(value, spec, language) for value in (at.estimate, at.conf_low, at.conf_high)]
        listing.append(f"{cut[language]}: {numbers[0]} [{numbers[1]}; {numbers[2]}], {VERDICTS[verdict][language]}")
    return "; ".join(listing)


def magnitude_text(one: Verdict, language: str) -> str:
    """How large the difference is, beside the verdict on its side."""
    size = format_number(one.region, _round(spec_of(one.measure)), language)
    return MAGNITUDES[one.magnitude][language].format(region=size)


def estimate_text(one: Verdict, language: str) -> str:
    """The estimate of a verdict with its interval, or what the data lack, for one line.

    Parameters
    ----------
    one : Verdict
        As `hold_against` gives it.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        Empty where there is neither.

    Examples
    --------
    >>> from loyaltylab import hold_against, read_claim, read_table
    >>> ledger = hold_against(read_table("hedonic_utilitarian"), {"thirty_seventy": read_claim("thirty_seventy")}, n_draws=100)
    >>> (one,) = ledger.of("thirty_seventy")
    >>> estimate_text(one, "en").startswith(f"{one.estimate:.0%}")
    True
    """
    if one.is_computed:
        spec = spec_of(one.measure)
        ends = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
        return f"{ends[0]} [{ends[1]}; {ends[2]}]"
    return dict(one.lacking)[language] if one.rule == "not_asked" else ""


def fine(figure: float, spec: str) -> str:
    """The format of a figure with as many digits as it was printed with."""
    return f".{digits_of(figure) - 2}%" if spec == ".0%" else f".{digits_of(figure)}f"


def verdict_name(verdict: str, language: str) -> str:
    """A verdict as tables have it: its symbol and its name.

    >>> verdict_name("undecided", "nl")
    '~ onbeslist'
    """
    return f"{SYMBOLS[verdict][0]} {VERDICTS[verdict][language]}"


def verdict_text(one: Verdict, language: str, *, why: bool = True) -> str:
    """A verdict in words: its name, what it rests on or what is lacking, and `why` it is open though the interval is not.

    Parameters
    ----------
    one : Verdict
        As `hold_against` gives it.
    language : str
        Of the words: en or nl.
    why : bool
        Whether to say why a verdict is open though the interval is not.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> from loyaltylab import hold_against, read_claim, read_table
    >>> ledger = hold_against(read_table("hedonic_utilitarian"), {"thirty_seventy": read_claim("thirty_seventy")}, n_draws=100)
    >>> (one,) = ledger.of("thirty_seventy")
    >>> verdict_text(one, "en").partition(".")[0].endswith(one.verdict)
    True
    """
    head = f"{verdict_name(one.verdict, language)}."
    if one.is_computed:
        said = [head, *_untested(one, language), _found(one, language)]
        said += [VERDICT_RULES[one.rule].text[language]] if why and one.rule in _OPEN else []
        if not one.own:
            said.append(tr("What would test it better: {what}")[language].format(what=one.claim.needs[language]))
        return " ".join(said)
    if one.rule == "no_finding":
        return f"{head} {VERDICT_RULES['no_finding'].text[language]}"
    lacking = dict(one.lacking)[language]
    needs = tr("What would test it: {what}")[language].format(what=one.claim.needs[language])
    needs = " ".join([needs, *_stand_in(one, language)])
    if lacking == one.claim.needs[language]:
        return f"{head} {needs}"
    return f"{head} {tr('The data lack {what}.')[language].format(what=lacking)} {needs}"


def command_of(one: Verdict) -> str:
    """The command that runs the report a verdict can be looked at in.

    Parameters
    ----------
    one : Verdict
        As `hold_against` gives it.

    Returns
    -------
    str
        For a terminal.

    Examples
    --------
    >>> from loyaltylab import hold_against, read_claim, read_table
    >>> ledger = hold_against(read_table("hedonic_utilitarian"), {"thirty_seventy": read_claim("thirty_seventy")}, n_draws=100)
    >>> (one,) = ledger.of("thirty_seventy")
    >>> command_of(one).startswith("loyaltylab run ")
    True
    """
    data = one.data if one.is_computed else ""
    named = data and re.fullmatch(r"\w+", data)
    return f"loyaltylab run {one.claim.report}" + (f" -p data={data}" if named else "")
