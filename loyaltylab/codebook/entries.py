"""What a codebook is made of, items, formats, scales and combinations, and what cannot be among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, field
from msgspec.structs import replace

from ..core import (
    LANGUAGES,
    Codes,
    Entry,
    EntryFile,
    Names,
    Span,
    Texts,
    among,
    brief,
    is_number,
    listed,
    printable,
    tr,
)

Role = Literal["", "driver", "outcome", "covariate", "weight", "cluster", "segment", "respondent", "duration"]
Metric = Literal["", "satisfaction", "repurchase", "recommend", "effort"]
ROLES: tuple[str, ...] = get_args(Role)[1:]
#: Questions that loyalty metrics are made of.
METRICS: tuple[str, ...] = get_args(Metric)[1:]
#: Roles of columns that are not answers on a scale.
NO_RANGE = ("weight", "cluster", "segment", "respondent", "duration")
BLOCKS: dict[str, Mapping[str, str]] = {
    "emotional": tr("emotional"),
    "rational": tr("rational"),
    "values": tr("brand values"),
    "structural": tr("structural ties"),
}
_Block = Annotated[str, Meta(description=f"a text, such as {listed(BLOCKS)}", examples=[*BLOCKS])]
_Code = str | int | float
_SPAN = {
    "type": "object",
    "properties": {end: {"type": "number"} for end in ("from", "to")},
    "additionalProperties": False,
}
_Answers = Annotated[Any, Meta(extra_json_schema={"anyOf": [*Codes.schema()["anyOf"], _SPAN]})]


class Ends(dict[str, tuple[str, str]]):
    """Words at the lowest and the highest answer, by language."""

    @classmethod
    def read(cls, given: Any) -> Ends:
        def is_pair(value: Any) -> bool:
            return isinstance(value, list) and len(value) == 2 and all(isinstance(t, str) and t.strip() for t in value)

        if not isinstance(given, dict) or set(given) != set(LANGUAGES) or not all(map(is_pair, given.values())):
            allowed = "two texts, lowest first, in each language: {en: [low, high], nl: [laag, hoog]}"
            raise ValueError(f"is {brief(given)}; allowed: {allowed}")
        return cls({language: tuple(map(printable, given[language])) for language in LANGUAGES})

    @staticmethod
    def schema() -> dict[str, Any]:
        pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
        both = {"type": "object", "properties": dict.fromkeys(LANGUAGES, pair), "required": [*LANGUAGES]}
        return both | {"additionalProperties": False}


class Item(Entry, frozen=True):
    """One column: a question, or a weight, cluster, segment, respondent's number or duration (in seconds).

    Parameters
    ----------
    name : str
        The column's header in the file.
    wording, label : dict of str
        The question and a short name for figures, by language ("en", "nl").
    range : (low, high), optional
        Lowest and highest possible answer; anything else is an error in the file, unless it is a missing code.
    missing : tuple of float or str
        Codes that mean "no answer", as they stand in the file.
    reverse : bool
        True if a high answer means little of what the scale measures; it is turned round when read.
    values : dict
        For a segment or category: code → label by language.
    role, block : str
        The part it plays by itself, outside a scale: see `ROLES` and `BLOCKS`.
    metric : str
        The question of a loyalty metric it is, if any: see `METRICS`.
    module : str
        The part of the questionnaire it is asked in.
    format : str
        The way of answering it shares with other items, which gives its range.
    unit : dict of str
        What a number without a range counts, by language: euros a month, years.
    elsewhere : str
        The block another source puts it in, where it differs from that of its scale.

    An item without a wording is recorded, not asked.

    Examples
    --------
    >>> item = Item(name="stay", role="outcome", range=(1, 7))
    >>> item.role, item.reverse
    ('outcome', False)
    """

    name: str = field(name="", default="")
    label: Texts = field(default_factory=Texts)
    wording: Texts = field(default_factory=Texts)
    range: Span | None = None
    missing: Codes = field(default_factory=Codes)
    reverse: bool = False
    values: dict[_Code, Texts] = field(default_factory=dict)
    role: Role = ""
    block: _Block = ""
    metric: Metric = ""
    note: str = ""
    module: str = ""
    format: str = ""
    unit: Texts = field(default_factory=Texts)
    elsewhere: _Block = ""


class Format(Entry, frozen=True):
    """A way of answering that several items share.

    Parameters
    ----------
    range : (low, high)
        Lowest and highest possible answer.
    ends : dict of (str, str)
        Words at the lowest and the highest answer, by language.
    labels : dict
        Answer → words by language, where each answer, or some, has words of its own.
    """

    range: Span
    ends: Ends = field(default_factory=Ends)
    labels: dict[_Code, Texts] = field(default_factory=dict)


class Scale(Entry, frozen=True):
    """Several items averaged into one score.

    Parameters
    ----------
    label : dict of str
        A short name for figures, by language.
    items : tuple of str
        Empty when a source prints the scale only as a whole.
    min_answered : int
        A respondent who answered fewer of the items than this gets no score.
    role, block : str
        The part it plays: see `ROLES` and `BLOCKS`.
    stands_in : dict of str
        What was really asked, by language, where it stands in its block for something else.

    Examples
    --------
    >>> Scale(name="TRUST", items=("q1", "q2"), role="driver", block="emotional").items
    ('q1', 'q2')
    """

    name: str = field(name="", default="")
    label: Texts = field(default_factory=Texts)
    items: Names = field(default_factory=Names)
    min_answered: int = 1
    role: Role = ""
    block: _Block = ""
    note: str = ""
    stands_in: Texts = field(default_factory=Texts)


class TickSet(Entry, frozen=True):
    """A question of which one ticks all that apply: a box for each option, and who was asked.

    Parameters
    ----------
    label : dict of str
        A short name, by language.
    items : tuple of str
        The boxes, answered from 0 to 1; a blank is a box that was not ticked, by whoever was asked. A box called
        "column/option" that is no column is looked for among the answers in the cells of that column.
    base : str
        Who was asked: "any", whoever ticked or answered one of them; "all", everybody; or an item, whoever answered that
        as well.

    See Also
    --------
    loyaltylab.codebook.read_codebook : Reads it.
    """

    name: str = field(name="", default="")
    label: Texts = field(default_factory=Texts)
    items: Names = field(default_factory=Names)
    base: str = "any"


class Combination(Entry, frozen=True):
    """Answers that cannot go together.

    Parameters
    ----------
    answers : dict
        Item → the codes, or the lowest and highest (`from`, `to`), as they stand in the file.

    See Also
    --------
    loyaltylab.codebook.read_codebook : Reads it.
    """

    name: str = field(name="", default="")
    label: Texts = field(default_factory=Texts)
    answers: dict[str, _Answers] = field(default_factory=dict)


class ChainEntry(Entry, frozen=True):
    """What stands for the heart, the head and the wallet on the way from one to the other, and for a step after the head.

    Parameters
    ----------
    head : list of str
        Its steps in their order.

    See Also
    --------
    loyaltylab.codebook.read_codebook : Reads it.
    """

    heart: str = ""
    head: Names = field(default_factory=Names)
    wallet: str = ""
    after: str = ""


class Defaults(Entry, frozen=True):
    """What holds for every item that does not say otherwise."""

    range: Span | None = None
    missing: Codes = field(default_factory=Codes)


class CodebookFile(Entry, frozen=True, kw_only=True):
    """A codebook: what the columns of a file of answers mean.

    Parameters
    ----------
    title, source : dict of str
        What it is called; what was asked, of whom. By language.
    items, scales : dict
        Column → question; name → the items that are averaged.
    citation : str
        The source as a reference list prints it, or @key of the literature.
    tier : str
        What the answers are: observed, published or synthetic.
    licence : str
        What may be done with the answers.
    rows, table : dict, str
        Where answers can be had; the published table of the same variables.
    defaults : dict
        Range and missing codes of every item that has none of its own.
    blocks, modules : dict of str
        Name → label by language: blocks of one's own; parts of the questionnaire.
    formats : dict
        Name → a way of answering that items share.
    sets : dict
        Name → the boxes of a question of which one ticks all that apply.
    impossible : dict
        Name → answers that cannot go together.
    chain : dict
        Which variables stand for heart, head and wallet.

    See Also
    --------
    loyaltylab.codebook.read_codebook : Reads it.
    """

    title: Texts
    source: Texts
    items: dict[str, Item] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)
    citation: str = ""
    tier: Literal["observed", "published", "synthetic"] = "observed"
    licence: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    table: str = ""
    defaults: Defaults = field(default_factory=Defaults)
    blocks: dict[str, Texts] = field(default_factory=dict)
    sets: dict[str, TickSet] = field(default_factory=dict)
    impossible: dict[str, Combination] = field(default_factory=dict)
    note: str = ""
    modules: dict[str, Texts] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)
    chain: ChainEntry = field(default_factory=ChainEntry)


def checked_format(file: EntryFile, name: str, format: Format) -> None:
    """Refuses words for an answer that lies outside the range."""
    low, high = format.range
    if outside := [key for key in format.labels if not (is_number(key) and low <= key <= high)]:
        raise file.wrong(
            f"names the answer {brief(outside[0])}; allowed: {low:g} to {high:g}", "formats", name, "labels"
        )


def checked_item(
    file: EntryFile, item: Item, book: CodebookFile, blocks: Mapping[str, Any], *, own_range: bool
) -> Item:
    """The item with the range of its format; refuses what cannot go together or is named nowhere."""
    where = ("items", item.name)
    _check_part(file, where, item, blocks)
    _check_choice(file, item.elsewhere, blocks, *where, "elsewhere")
    file.read(Codes, list(item.values), *where, "values")
    item = replace(item, values=_alike(item.values))
    for key, known in (("format", book.formats), ("module", book.modules)):
        _check_choice(file, getattr(item, key), known, *where, key)
    needs_no_range = bool(item.values) or item.role in NO_RANGE
    if item.format and (needs_no_range or own_range):
        other = "range" if own_range else "values" if item.values else f"role '{item.role}'"
        raise file.wrong(f"is given beside {other}; keep one of the two", *where, "format")
    span = book.formats[item.format].range if item.format else None if needs_no_range else item.range
    if item.reverse and span is None:
        raise file.wrong("needs a range, or it is not known what to turn round", *where, "reverse")
    return item if span == item.range else replace(item, range=span)


def _alike(values: dict[_Code, Texts]) -> dict[_Code, Texts]:
    """Codes of one type: YAML takes 01 to 07 for numbers and 08 for a text, which are numbers all."""
    kinds = {isinstance(code, str) for code in values}
    if len(kinds) < 2 or not all(str(code).strip().isdigit() for code in values):
        return values
    numbers = {int(code): label for code, label in values.items()}
    return numbers if len(numbers) == len(values) else values


def checked_scale(
    file: EntryFile,
    where: tuple[str, ...],
    scale: Scale,
    items: Mapping[str, Item],
    blocks: Mapping[str, Any],
    *,
    needed: bool,
) -> Scale:
    """The scale, which asks for half of its items where it does not say how many; refuses items without a common range."""
    _check_part(file, where, scale, blocks)
    for member in scale.items:
        file.known(member, items, *where, "items")
        if (role := items[member].role) in NO_RANGE:
            raise file.wrong(f"names '{member}', which has role '{role}'; allowed: questions", *where, "items")
    if len({items[member].range for member in scale.items}) > 1:
        shown = "; ".join(f"{member} {items[member].range}" for member in scale.items)
        raise file.wrong(f"have different response ranges ({shown}); a mean of these means nothing", *where, "items")
    most = max(1, len(scale.items))
    if not needed:
        return replace(scale, min_answered=max(1, -(-len(scale.items) // 2)))
    if not 1 <= scale.min_answered <= most:
        raise file.wrong(f"is {scale.min_answered}; allowed: 1 to {most}", *where, "min_answered")
    return scale


def checked_set(file: EntryFile, one: TickSet, items: Mapping[str, Item], others: Mapping[str, TickSet]) -> TickSet:
    """The set; refuses a box that is no item from 0 to 1 or is in another set, and a base there is not."""
    where = ("sets", one.name)
    if not one.items:
        raise file.wrong("names no boxes", *where, "items")
    for box in one.items:
        file.known(box, items, *where, "items")
        if items[box].range != (0, 1):
            raise file.wrong(
                f"names '{box}', which is not answered from 0 to 1; allowed: range [0, 1]", *where, "items"
            )
        if twice := [other for other, its in others.items() if other != one.name and box in its.items]:
            raise file.wrong(f"names '{box}', which is in the set '{twice[0]}' as well", *where, "items")
    if one.base in one.items:
        raise file.wrong(f"is '{one.base}', one of its boxes; allowed: any, all, or another item", *where, "base")
    _check_choice(file, one.base, {"any": "", "all": "", **items}, *where, "base")
    return one


def checked_chain(file: EntryFile, chain: ChainEntry, known: Mapping[str, Any]) -> ChainEntry:
    """The chain; refuses a variable there is not."""
    for part in ("heart", "wallet", "after"):
        _check_choice(file, getattr(chain, part), known, "chain", part)
    for name in chain.head:
        file.known(name, known, "chain", "head")
    return chain


def checked_combination(file: EntryFile, combination: Combination, items: Mapping[str, Item]) -> Combination:
    """The combination, its codes read; refuses fewer than two items, and an item there is not."""
    answers: dict[str, Any] = {}
    for item, given in combination.answers.items():
        where = ("impossible", combination.name, "answers", item)
        if item not in items:
            raise file.wrong(f"is not an item{among(item, items)}", *where)
        answers[item] = given if isinstance(given, dict) else file.read(Codes, given, *where)
        for end, value in given.items() if isinstance(given, dict) else ():
            if end not in ("from", "to"):
                raise file.wrong(f"has an entry '{end}'{among(end, ('from', 'to'))}", *where)
            if not is_number(value):
                raise file.wrong(f"is {brief(value)}; allowed: one number", *where, end)
    if len(answers) < 2:
        less = "names fewer than two items; one that cannot be is a matter of range"
        raise file.wrong(less, "impossible", combination.name, "answers")
    return replace(combination, answers=answers)


def _check_part(file: EntryFile, where: tuple[str, ...], one: Item | Scale, blocks: Mapping[str, Any]) -> None:
    """A driver must stand in a block, and only a driver or a covariate may."""
    _check_choice(file, one.block, blocks, *where, "block")
    if one.role == "driver" and not one.block:
        raise file.wrong(f"is a driver without a block; allowed: {listed(blocks)}", *where)
    if one.block and one.role not in ("driver", "covariate"):
        raise file.wrong(f"is '{one.role}' while a block is given; allowed: driver, covariate", *where, "role")


def _check_choice(file: EntryFile, name: str, known: Mapping[str, Any], *where: str) -> None:
    if name and name not in known:
        raise file.wrong(f"is {brief(name)}{among(name, known)}", *where)
