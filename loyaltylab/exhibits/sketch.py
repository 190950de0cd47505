"""`Sketch`: a figure or table still without its words. What a result can be drawn as is registered here."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ..core import unknown
from .exhibit import Exhibit, Printer

#: (verb, class of result) → kind → the function that draws it; the first kind is drawn where none is named.
_KINDS: dict[tuple[str, type], dict[str, Callable[..., Exhibit]]] = {}
_FIRST: dict[tuple[str, type], str] = {}


@dataclass(frozen=True, eq=False)
class Sketch:
    """What is drawn is settled; title, labels and language are not. `Report.show` adds them, and `exhibit` does.

    By itself in a notebook it shows with its kind for a title, in English, and codes where `labels=` was not given.

    Attributes
    ----------
    make : Callable[..., Exhibit]
        The function that draws.
    results : sequence of Any
        What is drawn.
    id : str
        What it is cited by.
    options : mapping of str → Any
        Of `make`.

    Examples
    --------
    >>> from loyaltylab import importance, Moments, Provenance
    >>> moments = Moments.from_correlations([[1, .5, .4], [.5, 1, .3], [.4, .3, 1]], names=["stay", "joy", "price"], n=200, provenance=Provenance("published", "a table"))
    >>> importance(moments, "stay", ["joy", "price"]).plot("fig-drivers")
    Sketch fig-drivers: importance
    """

    make: Callable[..., Exhibit]
    results: tuple[Any, ...]
    id: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it is drawn as, such as `importance`."""
        return self.make.__name__.partition("_")[2]

    def __repr__(self) -> str:
        return f"Sketch {self.id}: {self.kind}"

    def exhibit(
        self, *, title: str, labels: Mapping[str, str], language: str = "en", caption: str = "", alt: str = ""
    ) -> Exhibit:
        """The exhibit, with its words; options of its own come before these."""
        printing = {"title": title, "labels": labels, "language": language, "caption": caption}
        made = _made(self.make, self.results, self.id, printing | dict(self.options))
        return replace(made, alt=alt) if alt else made

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        title = self.kind.replace("_", " ").capitalize()
        return self.exhibit(title=title, labels={})._repr_mimebundle_(include, exclude)


def draws(*classes: type, default: bool = False) -> Callable[[Callable[..., Exhibit]], Callable[..., Any]]:
    """Make `plot_x` (`table_x`) the way `result.plot(kind="x")` draws results of these classes.

    The function takes a `printer`; who calls it gives what that is made of instead, `title=`, `labels=` and so on. Where it
    gets no `title`, it gives a `Sketch`; so it may also be called for what is no result, such as a list of them.

    Parameters
    ----------
    classes : type
        Those of its first argument; none where that is a list.
    default : bool
        It is what `result.plot()` draws, of classes with several kinds.

    Returns
    -------
    Callable[[Callable[..., Exhibit]], Callable[..., Any]]
        A decorator.

    Examples
    --------
    >>> from loyaltylab.exhibits.groups import plot_forest
    >>> plot_forest([], id="fig-groups")
    Sketch fig-groups: forest
    """

    def registered(function: Callable[..., Exhibit]) -> Callable[..., Any]:
        verb, _, kind = function.__name__.partition("_")

        @functools.wraps(function)
        def drawn(*results: Any, id: str = "", **options: Any) -> Any:
            if "printer" in options:  # from another drawing
                return function(*results, **options)
            given = id or _id_of(verb, kind)
            make = _made if "title" in options else Sketch
            return make(function, results, given, options)

        taken = inspect.signature(function)
        own = [one for name, one in taken.parameters.items() if name != "printer"]
        drawn.__signature__ = taken.replace(parameters=[*own, *_PRINTING])  # type: ignore[attr-defined]
        drawn.__doc__ = _documented(drawn)
        for one in classes:
            known = _KINDS.get((verb, one), {}) | {kind: drawn}
            _FIRST.update({(verb, one): kind} if default else {})
            first = _FIRST.get((verb, one), "")
            _KINDS[verb, one] = dict(sorted(known.items(), key=lambda item: (item[0] != first, item[0])))
        return drawn

    return registered


#: What a printer is made of, as parameters of every drawing.
_PRINTING = [
    one.replace(kind=inspect.Parameter.KEYWORD_ONLY, default={} if one.name == "labels" else one.default)
    for one in inspect.signature(Printer).parameters.values()
]


def _made(make: Callable[..., Exhibit], results: tuple[Any, ...], id: str, options: Mapping[str, Any]) -> Exhibit:
    """What is drawn, with a printer of those options that are for one."""
    printing = {one.name: options[one.name] for one in _PRINTING if one.name in options}
    others = {name: option for name, option in options.items() if name not in printing}
    return make(*results, printer=Printer(id, **printing), **others)


#: What every drawing takes, said once.
_PHRASES = {
    "id": "What it is cited by, such as `fig-drivers`; from its kind if left out.",
    "title": "Its title; without one it stays a `Sketch`, for a report to complete.",
    "labels": "Name of a variable, block or group → what a reader calls it.",
    "currency": "Money as it is printed, such as €.",
    "language": "Of its words: en or nl.",
    "caption": "Instead of its own.",
}


def _documented(function: Callable[..., Exhibit]) -> str:
    """Its docstring with what all drawings share: those parameters it does not describe itself, and what it gives."""
    text, *sections = re.split(r"\n\n(?=\w+\n-{4,}\n)", inspect.cleandoc(function.__doc__ or ""))
    said = {section.partition("\n")[0]: section for section in sections}
    own = said.pop("Parameters", "Parameters\n----------")
    described = re.findall(r"\w+", " ".join(re.findall(r"^(\w[\w, ]*) : ", own, re.M)))
    given, *others = [one for one in inspect.signature(function).parameters.values() if one.name not in described]
    entries = [f"{one.name} : {one.annotation}\n    {_PHRASES[one.name]}" for one in others if one.name in _PHRASES]
    if given.name not in _PHRASES:
        own = own.replace("\n----------", f"\n----------\n{given.name} : {given.annotation}\n    What is drawn.", 1)
    else:
        entries.insert(0, f"{given.name} : {given.annotation}\n    {_PHRASES[given.name]}")
    returns = "Returns\n-------\nExhibit or Sketch\n    A sketch where no `title` was given."
    return "\n\n".join([text, "\n".join([own, *entries]), returns, *said.values()])


def sketch(verb: str, result: Any, id: str, kind: str, options: Mapping[str, Any]) -> Sketch:
    """What `result.plot` and `result.table` ask for.

    Parameters
    ----------
    verb : str
        plot or table.
    result : Any
        Of a class that something is drawn of.
    id : str
        What it is cited by; from its kind if empty.
    kind : str
        What it is drawn as; the first kind if empty.
    options : mapping of str → Any
        Of the function that draws.

    Returns
    -------
    Sketch
        Still without words.

    Raises
    ------
    UnknownName
        For a kind that results of this class are not drawn as, listing those they are.

    Examples
    --------
    >>> from loyaltylab import Moments, Provenance, importance
    >>> moments = Moments.from_correlations([[1, .5, .4], [.5, 1, .3], [.4, .3, 1]], names=["stay", "joy", "price"], n=200, provenance=Provenance("published", "a table"))
    >>> sketch("table", importance(moments, "stay", ["joy", "price"]), "", "", {})
    Sketch tbl-importance: importance
    """
    kinds: dict[str, Callable[..., Any]] = {}
    for rooms in (type(result).__module__.split(".")[1:2], ["survey", "drivers", "models", "loyalty", "claims"]):
        _load(rooms)
        kinds = {name: one for of in type(result).__mro__ for name, one in _KINDS.get((verb, of), {}).items()}
        if kind in kinds or (kinds and not kind):
            break
    else:
        raise unknown(f"{verb} of {type(result).__name__}", kind or "any", kinds)
    drawn: Sketch = kinds[kind or next(iter(kinds))](result, id=id, **options)
    return drawn


def _load(rooms: Iterable[str]) -> None:
    """A file registers what it draws when it is loaded; that of the result's own subject is nearly always enough."""
    here = Path(__file__).parent
    for file in sorted([here / "groups.py", *(file for room in rooms for file in (here / room).glob("[!_]*.py"))]):
        import_module(".".join((__package__, *file.relative_to(here).with_suffix("").parts)))


def _id_of(verb: str, kind: str) -> str:
    return f"{'fig' if verb == 'plot' else 'tbl'}-{kind.replace('_', '-')}"
