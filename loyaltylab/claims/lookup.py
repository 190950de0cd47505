"""Which variables of a data set a claim is about: found by block, metric, role or the words of a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..codebook import Scale
from ..core import LANGUAGES, DataError, check_known, home, read_yaml, tr, unknown
from ..survey import PublishedTable, Survey

Evidence = Survey | PublishedTable


@cache
def concepts() -> dict[str, dict[str, Any]]:
    """What a question may be about, from `concepts.yml`: name → its label by language, and how it is looked for."""
    return read_yaml(Path(__file__).with_name("concepts.yml"))


@cache
def sortings() -> dict[str, dict[str, Any]]:
    """How sources divide drivers into blocks, from `data/claims/blocks.yml`: key of the literature → codebook → block → questions."""
    return read_yaml(home() / "data" / "claims" / "blocks.yml")


def sorted_as(source: str, evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Block → the questions that stand for it as this source divides drivers; empty where nobody mapped it to this codebook.

    Raises
    ------
    UnknownName
        For a source whose division is not in `data/claims/blocks.yml`.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> sorted_as("capgemini2017", read_table("corporate_reputation_items"))
    {'emotional': ('like_1',)}
    """
    check_known("division into blocks", source, sortings())
    of = sortings()[source].get(evidence.codebook.name, {})
    found = {block: tuple(n for n in of[block] if evidence.has(n)) for block in of if block != "lacking"}
    return {block: names for block, names in found.items() if names}


_LACKING = {
    "block": tr("drivers of the block ‘{name}’"),
    "metric": tr("a question on {name}"),
    "about": tr("a question on {name}"),
    "outcome": tr("an outcome"),
    "rows": tr("the answers of single respondents"),
    "others": tr("other drivers to compare with"),
    "same": tr("variables that are not each other"),
    "few": tr("enough respondents in each group"),
    "usable": tr("answers that the test can take: {name}"),
    "varies": tr("answers that vary"),
    "single": tr("one question on it rather than several: {name}"),
    "several": tr("several questions on {name}"),
    "ten": tr("answers from 0 to 10 to the question on {name}"),
}
_METRIC = {
    "satisfaction": tr("satisfaction"),
    "repurchase": tr("choosing again"),
    "recommend": tr("recommending"),
    "effort": tr("effort"),
}


class NotAsked(DataError):
    """The data lack what a claim is about; `texts` names it in each language.

    >>> NotAsked("metric", "satisfaction").texts["nl"]
    'een vraag naar tevredenheid'
    """

    def __init__(self, what: str, name: str = "", labels: Mapping[str, str] | None = None) -> None:
        self.texts = _LACKING[what].filled(name=labels or _METRIC.get(name) or name)
        super().__init__(f"these data lack {self.texts['en']}.")


def words_match(concept: str, label: Mapping[str, str]) -> bool:
    """Whether a label is about a concept.

    >>> words_match("price", {"en": "Value for money"}), words_match("price", {"en": "Fair price"})
    (True, False)
    """
    known = concepts()[concept]
    hit = any(re.search(rf"\b(?:{known['words']})", text, re.IGNORECASE) for text in label.values())
    out = "not" in known and any(re.search(rf"\b(?:{known['not']})", text, re.IGNORECASE) for text in label.values())
    return hit and not out


def _candidates(evidence: Evidence, of: str) -> Iterator[list[str]]:
    """Variables a concept is looked for among, nearest first: questions of drivers, then of covariates; or anything."""
    book = evidence.codebook
    if of in ("any", "scale"):
        yield [name for name in book.scales if evidence.has(name)]
    if of == "scale":
        return
    if of == "amount":
        yield [name for name, item in book.items.items() if evidence.has(name) and item.unit]
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
    check_known("concept", concept, concepts())
    known, book = concepts()[concept], evidence.codebook
    if known.get("of") == "segment":
        segments = [
            n for n in book.names("segment") if evidence.has(n) and words_match(concept, book.variable(n).label)
        ]
        if segments:
            return tuple(segments)
    for names in _candidates(evidence, known.get("of", "driver")) if known.get("of") != "segment" else ():
        if found := tuple(name for name in names if words_match(concept, book.variable(name).label)):
            return found
    raise NotAsked("about", concept, known["label"])


def members_of(evidence: Evidence, what: Mapping[str, str], sorts: str = "") -> dict[str, tuple[str, ...]]:
    """The variables a part of a test is about, under a name.

    Parameters
    ----------
    what : mapping
        One of `block`, `metric`, `about` (see `concepts`), `variable`; `outcome: main`; or `each: drivers`, every question apart.
    sorts : str
        The source whose division into blocks counts, see `sorted_as`; the codebook's own where there is none.

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
        own = sorted_as(sorts, evidence) if sorts else {}
        found = own.get(name, ()) if own else tuple(n for n in book.blocks().get(name, ()) if evidence.has(n))
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
    if how == "outcome":
        name = outcome_of(evidence)
        return {name: (name,)}
    raise unknown("way to find a variable", how, ("block", "metric", "about", "each", "variable", "outcome"))


def questions_of(evidence: Evidence, wanted: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """The single questions these parts of a test are about, those of a scale one by one; a scale without its questions whole.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> questions_of(read_table("hedonic_utilitarian"), [{"block": "rational"}])
    ('Excellence', 'Efficiency', 'EconomicValue')
    """
    found = [name for what in wanted for names in members_of(evidence, what).values() for name in names]
    of = {name: tuple(item for item in evidence.codebook.items_of(name) if evidence.has(item)) for name in found}
    return tuple(dict.fromkeys(item for name, items in of.items() for item in items or (name,)))


def outcome_of(
    evidence: Evidence, what: Mapping[str, str] | list[Any] | None = None, *, apart_from: Iterable[str] = ()
) -> str:
    """The outcome of a test: the one it names, or the codebook's main one, its first, that the data have and that is none of these.

    Of several the first that was asked; `{}` among them is the main one. Satisfaction is an outcome of its own, and taken only
    where there is no other.
    """
    if isinstance(what, list):
        for i, one in enumerate(what):
            try:
                return outcome_of(evidence, one, apart_from=apart_from)
            except NotAsked:
                if i == len(what) - 1:
                    raise
    if what and not isinstance(what, list):
        return next(iter(members_of(evidence, what).values()))[0]
    taken = set(apart_from)
    book = evidence.codebook
    free = [n for n in book.names("outcome") if evidence.has(n) and not taken & {n, *book.items_of(n)}]
    if not free:
        raise NotAsked("outcome")
    return next((n for n in free if not book.asks(n, "satisfaction")), free[0])


def single_item(evidence: Evidence, what: Mapping[str, str]) -> str:
    """One question, answered by respondents whose rows are there; never the first of several."""
    if not isinstance(evidence, Survey):
        raise NotAsked("rows")
    return one_of(next(iter(members_of(evidence, what).values())), evidence)


def one_of(names: Sequence[str], evidence: Evidence) -> str:
    """The only name, or the only single question among them."""
    single = [name for name in names if not isinstance(evidence.codebook.variable(name), Scale)]
    if len(names) > 1 and len(single) != 1:
        raise NotAsked("single", ", ".join(sorted(names)))
    return names[0] if len(names) == 1 else single[0]


def labels_in(evidence: Evidence, name: str) -> dict[str, str]:
    """The label of one block, variable or concept, by language."""
    return {language: labels_of(evidence, language).get(name, name) for language in LANGUAGES}


def labels_of(evidence: Evidence, language: str) -> dict[str, str]:
    """Names of blocks, variables, concepts and parts of a chain in words.

    Parameters
    ----------
    evidence : Survey or PublishedTable
        Whose codebook names the variables.
    language : str
        Of the words: en or nl.

    Returns
    -------
    dict of str
        Name → words.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> labels_of(read_table("mobi"), "nl")["trust"]
    'vertrouwen'
    """
    of_chain = {"heart": tr("heart")[language], "head": tr("head")[language]}
    of_concepts = {name: known["label"][language] for name, known in concepts().items()}
    return of_chain | of_concepts | evidence.codebook.labels(language)
