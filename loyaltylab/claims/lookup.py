"""Which variables of a data set a claim is about: found by block, metric, role or the words of a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..codebook import Scale
from ..core import DataError, check_known, unknown
from ..survey import PublishedTable, Survey

__all__ = ["CONCEPTS", "Evidence", "NotAsked", "labels_of", "members_of", "outcome_of", "single_item", "words_match"]

Evidence = Survey | PublishedTable

#: What a question may be about: the words by which its label is known, in either language, words that rule it out, and
#: its name. `of` says where it is looked for: among the drivers, or anywhere.
CONCEPTS: dict[str, dict[str, Any]] = {
    "honesty": {"words": "honest|candid|eerlijkheid|openhartig", "en": "honesty", "nl": "eerlijkheid"},
    "integrity": {"words": "integrity|integriteit", "en": "integrity", "nl": "integriteit"},
    "trust": {"words": "trust|vertrouwen", "en": "trust", "nl": "vertrouwen"},
    "familiarity": {"words": "familiar|vertrouwdheid", "en": "familiarity", "nl": "vertrouwdheid"},
    "belonging": {"words": "belong|erbij horen", "en": "belonging", "nl": "erbij horen"},
    "gratitude": {"words": "gratitude|grateful|dankbaar", "en": "gratitude", "nl": "dankbaarheid"},
    "compassion": {"words": "compassion|compassie", "en": "compassion", "nl": "compassie"},
    "joy": {"words": "joy|plezier", "en": "joy", "nl": "plezier"},
    "surprise": {"words": "surpris|verrass", "en": "surprise", "nl": "verrassing"},
    "security": {"words": "security|zekerheid", "en": "security", "nl": "zekerheid"},
    "price": {
        "words": "price|value for money|prijs|waar voor je geld",
        "not": "fair|eerlijk|toleran",
        "en": "price and value for money",
        "nl": "prijs en waar voor je geld",
    },
    "quality": {"words": "quality|kwaliteit", "not": "price|prijs|expect|verwacht", "en": "quality", "nl": "kwaliteit"},
    "engagement": {"words": "engage|taking part|betrokken|meedoen", "of": "any", "en": "taking part", "nl": "meedoen"},
    "attitude": {"words": "attitud|houding", "of": "any", "en": "loyalty in attitude", "nl": "loyale houding"},
    "behaviour": {"words": "behaviou?r|gedrag", "of": "any", "en": "loyalty in behaviour", "nl": "loyaal gedrag"},
    "always_buys": {"words": "always buy|altijd kop", "of": "any", "en": "always buying it", "nl": "altijd kopen"},
    "first_thought": {
        "words": "thinks of it first|denkt er eerst",
        "of": "any",
        "en": "thinking of it first",
        "nl": "er het eerst aan denken",
    },
    "bigger_role": {"words": "bigger role|grotere rol", "of": "any", "en": "a bigger role", "nl": "een grotere rol"},
    "spends_twice": {
        "words": "spends twice|tweemaal|dubbel",
        "of": "any",
        "en": "spending twice as much",
        "nl": "twee keer zoveel besteden",
    },
    "feels_loyal": {"words": "feels? loyal|voelt zich loyaal", "of": "any", "en": "feeling loyal", "nl": "zich loyaal voelen"},
    "sector": {"words": "sector|industry|branche|bedrijfstak", "of": "segment", "en": "the sector", "nl": "de sector"},
    "pillars": {"words": "customer experience|pillar|klantbeleving|pijler", "of": "scale", "en": "customer experience", "nl": "klantbeleving"},
    "frequency": {"words": "how often|frequen|hoe vaak", "of": "segment", "en": "how often people buy", "nl": "hoe vaak mensen kopen"},
    "feedback": {"words": "feedback", "of": "any", "en": "feedback heard", "nl": "gehoorde feedback"},
    "reputation": {"words": "reputat|image\\b|imago|likeab|sympathie|competen", "of": "scale", "en": "reputation", "nl": "reputatie"},
    "easily": {"words": "switch easily|makkelijk over|would leave", "of": "any", "en": "switching easily", "nl": "makkelijk overstappen"},
    "stay": {"words": "will stay|stays|blijft|blijven", "of": "any", "en": "staying", "nl": "blijven"},
}  # fmt: skip

_LACKING = {
    "block": {"en": "drivers of the block ‘{name}’", "nl": "drivers van het blok ‘{name}’"},
    "metric": {"en": "a question on {name}", "nl": "een vraag naar {name}"},
    "about": {"en": "a question on {name}", "nl": "een vraag naar {name}"},
    "outcome": {"en": "an outcome", "nl": "een uitkomst"},
    "rows": {"en": "the answers of single respondents", "nl": "de antwoorden van afzonderlijke respondenten"},
    "others": {"en": "other drivers to compare with", "nl": "andere drivers om mee te vergelijken"},
    "same": {"en": "variables that are not each other", "nl": "variabelen die niet elkaar zijn"},
    "few": {"en": "enough respondents in each group", "nl": "genoeg respondenten in elke groep"},
    "usable": {
        "en": "answers that the test can take: {name}",
        "nl": "antwoorden waar de toets mee kan rekenen: {name}",
    },
    "varies": {"en": "answers that vary", "nl": "antwoorden die variëren"},
}
_METRIC = {
    "satisfaction": {"en": "satisfaction", "nl": "tevredenheid"},
    "repurchase": {"en": "choosing again", "nl": "opnieuw kiezen"},
    "recommend": {"en": "recommending", "nl": "aanbevelen"},
    "effort": {"en": "effort", "nl": "moeite"},
}


class NotAsked(DataError):
    """The data lack what a claim is about; `texts` names it in each language.

    >>> NotAsked("metric", "satisfaction").texts["nl"]
    'een vraag naar tevredenheid'
    """

    def __init__(self, what: str, name: str = "", labels: Mapping[str, str] | None = None) -> None:
        named = labels or _METRIC.get(name) or {"en": name, "nl": name}
        self.texts = {language: text.format(name=named[language]) for language, text in _LACKING[what].items()}
        super().__init__(f"these data lack {self.texts['en']}.")


def words_match(concept: str, label: Mapping[str, str]) -> bool:
    """Whether a label is about a concept.

    >>> words_match("price", {"en": "Value for money"}), words_match("price", {"en": "Fair price"})
    (True, False)
    """
    known = CONCEPTS[concept]
    texts = [label[language] for language in ("en", "nl") if language in label]
    hit = any(re.search(rf"\b(?:{known['words']})", text, re.IGNORECASE) for text in texts)
    out = "not" in known and any(re.search(rf"\b(?:{known['not']})", text, re.IGNORECASE) for text in texts)
    return hit and not out


def _candidates(evidence: Evidence, of: str) -> Iterator[list[str]]:
    """Variables a concept is looked for among, nearest first: questions of drivers, then of covariates; or anything."""
    book = evidence.codebook
    if of in ("any", "scale"):
        yield [name for name in book.scales if evidence.has(name)]
    if of == "scale":
        return
    if of == "any":
        yield [name for name, item in book.items.items() if evidence.has(name) and item.range is not None]
        return
    for role in ("driver", "covariate"):
        found = []
        for name in book.names(role):
            items = [item for item in book.items_of(name) if evidence.has(item)]
            found += items or [name] * evidence.has(name)
        yield list(dict.fromkeys(name for name in found if book.range_of(name) or not book.items_of(name)))


def _about(evidence: Evidence, concept: str) -> tuple[str, ...]:
    """The variables whose label is about a concept."""
    check_known("concept", concept, CONCEPTS)
    known, book = CONCEPTS[concept], evidence.codebook
    if known.get("of") == "segment":
        segments = [
            n for n in book.names("segment") if evidence.has(n) and words_match(concept, book.variable(n).label)
        ]
        if segments:
            return tuple(segments[:1])
    for names in _candidates(evidence, known.get("of", "driver")) if known.get("of") != "segment" else ():
        if found := tuple(name for name in names if words_match(concept, book.variable(name).label)):
            return found
    raise NotAsked("about", concept, {"en": known["en"], "nl": known["nl"]})


def members_of(evidence: Evidence, what: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The variables a part of a test is about, under a name.

    Parameters
    ----------
    what : mapping
        One of `block`, `metric`, `about` (see `CONCEPTS`), `variable`; or `each: drivers`, every question apart.

    Raises
    ------
    NotAsked
        Where the data do not have it.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> members_of(read_table("corporate_reputation_simple"), {"block": "emotional"})
    {'emotional': ('LIKE',)}
    """
    (how, name), book = next(iter(what.items())), evidence.codebook
    if how == "block":
        found = tuple(n for n in book.blocks().get(name, ()) if evidence.has(n))
        if not found:
            raise NotAsked("block", name, book.block_labels.get(name))
        return {name: found}
    if how == "metric":
        item = book.metric(name)
        if not item or not evidence.has(item):
            raise NotAsked("metric", name)
        return {item: (item,)}
    if how == "about":
        return {name: _about(evidence, name)}
    if how == "each":
        names = next((found for found in _candidates(evidence, "driver") if found), [])
        return {n: (n,) for n in names}
    if how == "variable":
        if not evidence.has(name):
            raise NotAsked("about", name)
        return {name: (name,)}
    raise unknown("way to find a variable", how, ("block", "metric", "about", "each", "variable"))


def outcome_of(evidence: Evidence, what: Mapping[str, str] | None = None, *, apart_from: Iterable[str] = ()) -> str:
    """The outcome of a test: the codebook's first that the data have and that is none of these, or the one a test names."""
    if what:
        return next(iter(members_of(evidence, what).values()))[0]
    taken = set(apart_from)
    for name in evidence.codebook.names("outcome"):
        if evidence.has(name) and not taken & {name, *evidence.codebook.items_of(name)}:
            return name
    raise NotAsked("outcome")


def single_item(evidence: Evidence, what: Mapping[str, str]) -> str:
    """One question, answered by respondents whose rows are there."""
    if not isinstance(evidence, Survey):
        raise NotAsked("rows")
    names = next(iter(members_of(evidence, what).values()))
    for name in names:
        if not isinstance(evidence.codebook.variable(name), Scale):
            return name
    return names[0]


def labels_of(evidence: Evidence, language: str) -> dict[str, str]:
    """Names of blocks, variables and concepts in words."""
    return {name: known[language] for name, known in CONCEPTS.items()} | evidence.codebook.labels(language)
