"""What a YAML file of the project may hold, declared once as types: from them come reading, refusals and a JSON Schema.

An `Entry` names what may stand in one place of a file; msgspec reads plain mappings into it. Where it refuses, `EntryFile` says in
words where that is, what stands there and what was allowed.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Self, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from .errors import CodebookError, among, brief, near
from .escapes import printable
from .files import line_of
from .words import LANGUAGES

T = TypeVar("T")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what may stand in one place of a file; a field under the key "" is filled in by its reader."""

    @classmethod
    def called(cls) -> str:
        """What a message calls it: the first words of its docstring."""
        return re.split(r"[:.;,]", inspect.getdoc(cls) or "", maxsplit=1)[0].lower()


def is_number(value: object) -> bool:
    """Whether it is one a column can hold: not true or false, not infinite, not of 400 digits."""
    largest = sys.float_info.max
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -largest <= value <= largest


def as_number(cell: object) -> float | None:
    """The number a cell or a text is; None for what is none.

    >>> as_number("1e3"), as_number(" 7"), as_number("seven"), as_number(None)
    (1000.0, 7.0, None, None)
    """
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


class Texts(dict[str, str]):
    """One text for both languages, or one for each."""

    allowed = "a text, or one for each language: {en: …, nl: …}"

    @classmethod
    def read(cls, given: Any) -> Self:
        by_language = given if isinstance(given, dict) else dict.fromkeys(LANGUAGES, given)
        if any(isinstance(text, bool) for text in by_language.values()):
            raise ValueError("is yes or no, which YAML reads as true or false; put it in quotation marks")
        if set(by_language) != set(LANGUAGES) or not all(
            isinstance(text, (str, int, float)) and str(text).strip() for text in by_language.values()
        ):
            raise ValueError(f"is {brief(given)}; allowed: {cls.allowed}")
        return cls({language: printable(str(by_language[language])) for language in LANGUAGES})

    @staticmethod
    def schema() -> dict[str, Any]:
        text = {"type": ["string", "number"]}
        both = {"type": "object", "properties": dict.fromkeys(LANGUAGES, text), "required": [*LANGUAGES]}
        return {"anyOf": [text, both | {"additionalProperties": False}]}


class Translated(Texts):
    """One text for each language."""

    allowed = "a text for each language: {en: …, nl: …}"

    @classmethod
    def read(cls, given: Any) -> Self:
        if not isinstance(given, dict):
            raise ValueError(f"is {brief(given)}; allowed: {cls.allowed}")
        return super().read(given)

    @staticmethod
    def schema() -> dict[str, Any]:
        return Texts.schema()["anyOf"][1]


class Numbers(tuple[float, ...]):
    """A number, or several."""

    @classmethod
    def read(cls, given: Any) -> Numbers:
        numbers = given if isinstance(given, (list, tuple)) else [given]
        if not all(map(is_number, numbers)):
            raise ValueError(f"is {brief(given)}; allowed: numbers, such as [1, 7]")
        return cls(numbers)

    @staticmethod
    def schema() -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]}


class Span(tuple[float, float]):
    """The lowest and the highest."""

    @classmethod
    def read(cls, given: Any) -> Span:
        numbers = Numbers.read(given)
        if len(numbers) != 2 or numbers[0] >= numbers[1]:
            raise ValueError(f"is {brief(given)}; allowed: [lowest, highest], such as [1, 7]")
        return cls(numbers)

    @staticmethod
    def schema() -> dict[str, Any]:
        return {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


class Codes(tuple[float | str, ...]):
    """One code or several, as they stand in the file of answers."""

    @classmethod
    def read(cls, given: Any) -> Codes:
        codes = given if isinstance(given, (list, tuple)) else [given]
        if not all(isinstance(code, str) or is_number(code) for code in codes):
            raise ValueError(f"is {brief(codes)}; allowed: codes as they stand in the file, such as [-99, blank]")
        return cls(codes)

    @staticmethod
    def schema() -> dict[str, Any]:
        code = {"type": ["number", "string"]}
        return {"anyOf": [code, {"type": "array", "items": code}]}


class Names(tuple[str, ...]):
    """A list of names, none of them twice."""

    @classmethod
    def read(cls, given: Any) -> Names:
        if not isinstance(given, (list, tuple)) or any(isinstance(name, (list, dict)) for name in given):
            raise ValueError(f"is {brief(given)}; allowed: a list of names, such as [q1, q2]")
        names = cls(map(str, given))
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise ValueError(f"names '{twice[0]}' twice")
        return names

    @staticmethod
    def schema() -> dict[str, Any]:
        return {"type": "array", "items": {"type": ["string", "number"]}, "uniqueItems": True}


@dataclass(frozen=True)
class EntryFile:
    """A file whose entries are read, and what its mistakes are called by.

    Parameters
    ----------
    name : str
        What messages call the file.
    path : Path, optional
        Where it is; messages then have the line too.

    Examples
    --------
    >>> class Shop(Entry, frozen=True):
    ...     name: str
    ...     kind: Literal["online", "street"] = "street"
    >>> EntryFile("shop.yml").read(Shop, {"name": "Corner", "kind": "onlin"})
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.CodebookError: shop.yml, kind: is 'onlin'; did you mean 'online'? Allowed: online, street.
    """

    name: str
    path: Path | None = None

    def read(self, kind: type[T], found: Any, *keys: object) -> T:
        """The entry in plain mappings and lists, which stand in the file under `keys`.

        Raises
        ------
        CodebookError
            Naming the file, the entry, what stands there and what was allowed.
        """
        try:
            return _converted(kind, found)
        except msgspec.ValidationError:
            where, what, within = _mistake(kind, found, keys)
            raise self.wrong(what, *where, within=within) from None

    def wrong(self, what: str, *keys: object, within: Iterable[object] = ()) -> CodebookError:
        """The error that says what is wrong with the entry under `keys`, at a part `within` it."""
        line = f", line {line_of(self.path, map(str, (*keys, *within)))}:" if self.path else ","
        return CodebookError(f"{self.name}{line} {': '.join(map(str, keys)) or 'the file'}: {what}.")

    def known(self, name: object, options: Iterable[object], *keys: object) -> None:
        """Refuse a name that is not among the options."""
        options = list(options)
        if name not in options:
            raise self.wrong(f"names '{name}'{among(name, options)}", *keys)


def _converted(kind: Any, found: Any) -> Any:
    return msgspec.convert(found, kind, dec_hook=lambda custom, given: custom.read(given))


@lru_cache
def _fields(kind: type[Entry]) -> dict[str, Any]:
    """What may stand in an entry: its key in the file → its type."""
    hints = get_type_hints(kind, include_extras=True)
    return {f.encode_name: hints[f.name] for f in msgspec.structs.fields(kind) if f.encode_name}


def _bare(kind: Any) -> tuple[Any, str]:
    """A type without None and annotations, and what these say is allowed."""
    if get_origin(kind) is Annotated:
        return get_args(kind)[0], get_args(kind)[1].description or ""
    parts = [part for part in get_args(kind) if part is not type(None)]
    return _bare(parts[0]) if get_origin(kind) in (Union, UnionType) and len(parts) == 1 else (kind, "")


def _mistake(kind: Any, found: Any, keys: tuple[object, ...]) -> tuple[tuple[object, ...], str, tuple[object, ...]]:
    """Where the first thing stands that `kind` does not allow, what is wrong with it, and at which part."""
    kind, allowed = _bare(kind)
    if get_origin(kind) in (Union, UnionType) and isinstance(found, dict):
        kind = next((part for part in get_args(kind) if hasattr(part, "called")), kind)
    is_entry = isinstance(kind, type) and issubclass(kind, Entry)
    if (is_entry or get_origin(kind) is dict) and not isinstance(found, dict):
        return keys, f"is {brief(found)}; allowed: entries of the form 'name: value'", ()
    if is_entry:
        known = _fields(kind)
        lacking = sorted(
            f.encode_name for f in msgspec.structs.fields(kind) if f.required and f.encode_name not in found
        )
        extra = [key for key in found if key and key not in known]
        if lacking and not any(near(key, lacking) for key in extra):
            needed = sorted(f.encode_name for f in msgspec.structs.fields(kind) if f.required)
            return keys, f"lacks '{lacking[0]}'; {kind.called()} has {', '.join(needed)}", ()
        if extra:
            return keys, f"has an entry '{extra[0]}'{among(extra[0], sorted(known))}", (extra[0],)
        inside = [(key, known[key], found[key]) for key in found if key]
    elif get_origin(kind) is dict:
        inside = [(key, get_args(kind)[1], value) for key, value in found.items()]
    elif get_origin(kind) in (list, tuple) and isinstance(found, list):
        inside = [(place, get_args(kind)[0], value) for place, value in enumerate(found, 1)]
    else:
        inside = []
    for key, part, value in inside:
        try:
            _converted(part, value)
        except msgspec.ValidationError:
            return _mistake(part, value, (*keys, key))
    return keys, f"is {brief(found)}; allowed: {allowed}" if allowed else _refusal(kind, found), ()


def _refusal(kind: Any, found: Any) -> str:
    """What is wrong with a single value."""
    if hasattr(kind, "read"):
        try:
            kind.read(found)
        except ValueError as error:
            return str(error)
    if get_origin(kind) is Literal:
        return f"is {brief(found)}{among(found, [name for name in get_args(kind) if name])}"
    if get_origin(kind) is dict:
        wrong = next((key for key in found if not isinstance(key, str)), "")
        return f"has an entry {wrong}, which is no text; put it in quotation marks"
    words = {bool: "true, false", int: "a whole number", str: "a text"}
    if get_origin(kind) in (list, tuple):
        return f"is {brief(found)}; allowed: a list, each part of it starting with '- '"
    return f"is {brief(found)}; allowed: {words.get(kind, 'numbers')}"


def json_schema(kind: type[Entry], title: str) -> dict[str, Any]:
    """What an editor needs to complete and check a file: a JSON Schema, its descriptions those of the docstrings.

    Examples
    --------
    >>> class Shop(Entry, frozen=True):
    ...     '''A shop.
    ...
    ...     Parameters
    ...     ----------
    ...     name : str
    ...         What it is called.
    ...     '''
    ...     name: str
    >>> json_schema(Shop, "Shops")["$defs"]["Shop"]["properties"]
    {'name': {'type': 'string', 'description': 'What it is called.'}}
    """
    schema = msgspec.json.schema(kind, schema_hook=lambda custom: custom.schema())
    for one in _entries(kind):
        _describe(schema["$defs"][one.__name__], one)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}


def _entries(kind: Any) -> set[type[Entry]]:
    """The entries that stand within one, and itself."""
    kind, _ = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, Entry):
        return {kind}.union(*map(_entries, _fields(kind).values()))
    return set().union(*map(_entries, get_args(kind))) if get_origin(kind) is not Literal else set()


def _describe(part: dict[str, Any], kind: type[Entry]) -> None:
    """Descriptions from the docstring of an entry; without what its reader fills in."""
    doc, about = inspect.getdoc(kind) or "", re.compile(r"^(\w[\w, ]*) : .*\n((?:    .+\n?)+)", re.MULTILINE)
    part.pop("description", None)
    part["properties"].pop("", None)
    part["required"] = [key for key in part["required"] if key]
    if doc:
        part["description"] = doc.split("\n", 1)[0]
    for names, text in about.findall(doc):
        for name in names.split(", "):
            if name in part["properties"]:
                part["properties"][name]["description"] = " ".join(text.split())
