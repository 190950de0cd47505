"""What the tests of claims share: how intervals are made, what a test gives back, and its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..contrasts import Inference
from ..core import LANGUAGES, RULES, ModelError, Phrase, Quantity
from ..kernels import check_conf_level, critical, interval
from ..moments import Moments
from ..survey import name_in_words
from .lookup import Evidence, NotAsked, labels_of


@dataclass(frozen=True)
class Settings:
    """How intervals are made: draws, their seed, and the confidence level; and the region of practical equivalence."""

    n_draws: int = 2000
    seed: int = 20171205
    conf_level: float = 0.95
    region: float = RULES["region"][0]

    def __post_init__(self) -> None:
        """Refused here, or each test would be left out for it as if the data lacked something."""
        if self.n_draws < 100:
            raise ModelError(f"n_draws is {self.n_draws}; an interval needs at least 100 draws, better 2,000.")
        if self.seed < 0:
            raise ModelError(f"seed is {self.seed}; allowed: a whole number, 0 or more.")
        check_conf_level(self.conf_level)
        if not 0 < self.region < 1:
            raise ModelError(
                f"region is {self.region:g}; allowed: a difference of correlations between 0 and 1, such as 0.1."
            )


@dataclass(frozen=True)
class Computed:
    """What a test computed: one inference, or one for each comparison the claim implies, and what it is in words.

    `each` says it of each comparison, by what is compared, where there are several; `parts` holds which variables stood for
    each block or concept, and for the outcome; `lacking` says what of the claim these data do not ask; `rival` what the other reading of the same data gives,
    where it fits them as well; `cuts` the same at other sensible cuts of the answers, each with its name in words.
    """

    found: tuple[Inference, ...]
    what: dict[str, str]
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    each: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)
    rival: Inference | None = None
    cuts: tuple[tuple[dict[str, str], Inference], ...] = ()

    def wording(self, one: Inference) -> dict[str, str]:
        """What this comparison is, in words."""
        return self.each.get((one.a, one.b), self.what)


def labelled(evidence: Evidence, text: Phrase, **names: str | Mapping[str, str]) -> dict[str, str]:
    """A phrase in each language with the names of variables, blocks and concepts filled in."""
    labels = {language: labels_of(evidence, language) for language in LANGUAGES}

    def label(name: str) -> dict[str, str]:
        return {language: known.get(name, name) for language, known in labels.items()}

    return text.filled(**{key: label(name) if isinstance(name, str) else name for key, name in names.items()})


def contained(evidence: Evidence, parts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What each block or concept contains in these data, in words by language; what is named as it is, is left out."""
    wording, book = {}, evidence.codebook
    for language in LANGUAGES:
        labels = labels_of(evidence, language)
        named = {
            labels.get(part, part): [name_in_words(book, n, language) if n in labels else n for n in names]
            for part, names in parts.items()
        }
        wording[language] = "; ".join(f"{part}: {', '.join(names)}" for part, names in named.items() if names != [part])
    return wording


def together(texts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Texts in each language, one after the other; nothing of none.

    >>> together([{"en": "trust", "nl": "vertrouwen"}, {"en": "price", "nl": "prijs"}])
    {'en': 'trust; price', 'nl': 'vertrouwen; prijs'}
    """
    texts = list(texts)
    return {language: "; ".join(text[language] for text in texts) for language in LANGUAGES if texts}


def outcome_part(evidence: Evidence, outcome: str) -> dict[str, tuple[str, ...]]:
    """The outcome and its questions, as a part of a test."""
    return {outcome: tuple(evidence.codebook.items_of(outcome)) or (outcome,)}


def of_draws(
    estimate: Any,
    draws: Any,
    measure: str,
    moments: Moments,
    settings: Settings,
    null: float,
    pair: tuple[str, str] | None = None,
) -> Inference:
    """An inference from an estimate and its draws (d,): their percentiles and their standard deviation."""
    low, high = interval(np.asarray(draws)[:, None], settings.conf_level)[:, 0]
    if not np.isfinite([estimate, low, high]).all():
        raise NotAsked("few")
    return Inference(
        *(pair or (measure, "")), float(estimate), measure, "draws", float(moments.n_eff), moments.provenance, null=null,
        std_error=float(np.std(draws, ddof=1)), conf_low=float(low), conf_high=float(high), conf_level=settings.conf_level,
    )  # fmt: skip


def of_quantity(number: Quantity, measure: str, n: float, null: float) -> Inference:
    """An inference from a number with its interval."""
    if number.value != number.value or number.conf_low is None or number.conf_high is None:
        raise NotAsked("few")
    level = number.conf_level or 0.95
    return Inference(
        measure, "", float(number.value), measure, "interval", n, number.provenance, null=null,
        std_error=(number.conf_high - number.conf_low) / (2 * critical(level)),
        conf_low=number.conf_low, conf_high=number.conf_high, conf_level=level,
    )  # fmt: skip
