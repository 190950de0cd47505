"""The words of a report: named blocks of Markdown in `texts/<report>.<language>.md`, filled with results and labels.

A block is a Jinja template. What it prints is a label, or a `Quantity` through a filter, which keeps where it came from:

    {% block opening %}
    > **{{ a | label }} takes {{ shares.value(a, "share") | ci(".0%") }}.**
    {% if gap.verdict == "undecided" %}The difference may be zero.{% endif %}
    {% endblock %}

Sentences chosen by a word (`{% if … == "more" %} … {% elif … == "less" %}`) are all there are: where the word is another one and
there is no `{% else %}`, the text is refused.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import Label, LoyaltyLabError, Quantity, ReportError, and_list, home, listed, unknown
from ..core import markdown as escaped
from .running.environment import RUN_TEXTS

if TYPE_CHECKING:
    from types import CodeType

    from jinja2 import Environment, Template, nodes
    from jinja2.runtime import Context

#: Words of the sections that every report shares.
_SHARED = Path(__file__).parent / "texts"
#: Fields every block knows.
_ALWAYS = ("language",)


def text_files(report: str, folder: Path | None = None) -> dict[str, Path]:
    """Language → file with the words of a report: in `texts/` of a folder, else of the current one, else of the project.

    Parameters
    ----------
    folder : path, optional
        Where its notebook is; if left out, what the runner says, or the folder the notebook runs in.

    Raises
    ------
    ReportError
        Where there is none.
    """
    told = os.environ.get(RUN_TEXTS)
    here = [folder / "texts"] if folder else [Path(told)] if told else [Path.cwd() / "texts"]
    for place in [*here, home() / "notebooks" / "texts"]:
        found = {path.suffixes[-2][1:]: path for path in sorted(place.glob(f"{report}.??.md"))}
        if found:
            return found
    raise ReportError(
        f"the report '{report}' takes its words from texts/{report}.en.md beside its notebook, and there is no such file "
        f"in {here[0].parent.name}/texts."
    )


class Texts:
    """The blocks of a report in one language, and those that every report shares.

    Raises
    ------
    ReportError
        For a text that cannot be read, and for a block or a field that another language lacks.
    """

    def __init__(self, files: Mapping[str, Path], language: str) -> None:
        self.language = language
        self.name = files[language].name
        shared = _shared_files()
        if RUN_TEXTS not in os.environ:  # the texts of a run were checked before its kernel started
            check_texts(shared)
            check_texts(files)
        self._templates = [_compiled(*_state(path)) for path in (files[language], shared.get(language) or shared["en"])]

    @property
    def blocks(self) -> list[str]:
        """The report's own blocks."""
        return list(self._templates[0].blocks)

    def has(self, block: str) -> bool:
        """Whether there is a block of that name."""
        return any(block in template.blocks for template in self._templates)

    def fill(
        self, block: str, fields: Mapping[str, Any], labels: Mapping[str, str], *, plain: bool = False
    ) -> tuple[str, dict[str, Quantity], dict[str, str]]:
        """The text of a block, and by name the quantities it printed and how; `plain` is not Markdown, such as a title."""
        template = next((one for one in self._templates if block in one.blocks), None)
        if template is None:
            raise ReportError(f"{self.name}: {unknown('block', block, self._templates[0].blocks)}")
        filling = _Filling(self.language, {"language": self.language, **fields}, labels, plain)
        try:
            context = template.new_context({**filling.fields, "_filling": filling})
            text = "".join(template.blocks[block](context))
        except Exception as error:
            where = f"{Path(template.filename or self.name).name}, block '{block}'"
            raise ReportError(f"{where}: {_what_went_wrong(error, filling.fields)}") from None
        return re.sub(r"\n{3,}", "\n\n", text).strip(), filling.numbers, filling.specs


def _shared_files() -> dict[str, Path]:
    return {path.suffixes[-2][1:]: path for path in sorted(_SHARED.glob("shared.??.md"))}


def check_texts(files: Mapping[str, Path]) -> None:
    """Refuses texts that cannot be read, or of which one language has a block or a field that another lacks."""
    _check(tuple(map(_state, files.values())))


def _state(path: Path) -> tuple[str, int]:
    """What tells one state of a file from another, so that it is read once as long as it does not change."""
    return str(path), path.stat().st_mtime_ns


@lru_cache(maxsize=32)
def _check(files: tuple[tuple[str, int], ...]) -> None:
    fields = {}
    for file in files:
        fields[Path(file[0]).name] = _fields(_parsed(*file), Path(file[0]).name)
        _compiled(*file)
    for one, blocks in fields.items():
        for other, its in fields.items():
            if lacking := [block for block in blocks if block not in its]:
                raise ReportError(f"{other} lacks the block {listed(lacking)}, which {one} has.")
            for block, used in blocks.items():
                if lacking := sorted(used - its[block]):
                    raise ReportError(f"{other}, block '{block}' does not use {listed(lacking)}, and {one} does.")


@lru_cache(maxsize=64)
def _parsed(path: str, state: int) -> nodes.Template:
    with _located(Path(path).name):
        # Jinja does not tell an `{% else %}` without a text from none
        source = re.sub(
            r"({% *else *%})(?=\s*{% *endif)", r"\1{% set silent = 1 %}", Path(path).read_text(encoding="utf-8")
        )
        tree = _environment().parse(source, Path(path).name)
    _refuse_other_words(tree)
    return tree


def _refuse_other_words(tree: nodes.Template) -> None:
    """Where an `{% if %}` chooses by words, such as verdicts, and has no `{% else %}`: one for words it does not know, an error."""
    from jinja2 import nodes

    for choice in tree.find_all(nodes.If):
        chosen = [found for one in (choice, *choice.elif_) if (found := _words_of(one.test))]
        if choice.else_ or not choice.elif_ or not chosen:
            continue
        asked, words = chosen[-1][0], [nodes.Const(word) for _, words in chosen for word in words]
        error = nodes.Filter(
            asked, "unsaid", [nodes.Const(choice.lineno), *words], [], None, None, lineno=choice.lineno
        )
        choice.else_ = [nodes.Output([error], lineno=choice.lineno)]


def _words_of(test: nodes.Expr) -> tuple[nodes.Expr, list[str]] | None:
    """Of `value == "word"` or `value in ("one", "other")`, alone or within an `and`: the value, and the words."""
    from jinja2 import nodes

    for one in (test, *test.find_all(nodes.Compare)):
        if isinstance(one, nodes.Compare) and one.ops[0].op in ("eq", "in"):
            words = [each.value for each in (one.ops[0].expr, *one.ops[0].expr.find_all(nodes.Const)) if isinstance(each, nodes.Const)]  # fmt: skip
            if words and all(isinstance(word, str) for word in words):
                return one.expr, words
    return None


#: What is compiled of a text, by its file's name and all it says: whichever process that was in.
_CODES: dict[tuple[str, str], CodeType] = {}


def compiled_texts() -> bytes:
    """What this process has compiled, for another of the same Python to `take`."""
    return marshal.dumps(_CODES)


def take(compiled: bytes) -> None:
    """Texts that were compiled elsewhere are not compiled here."""
    _CODES.update(marshal.loads(compiled))


@lru_cache(maxsize=64)
def _compiled(path: str, state: int) -> Template:
    environment, known = _environment(), (Path(path).name, Path(path).read_text(encoding="utf-8"))
    if known not in _CODES:
        with _located(Path(path).name):
            _CODES[known] = environment.compile(_parsed(path, state), Path(path).name, path)
    return environment.template_class.from_code(environment, _CODES[known], {})


@contextlib.contextmanager
def _located(name: str) -> Iterator[None]:
    """What Jinja says of a text, with its file and line."""
    from jinja2 import TemplateSyntaxError

    try:
        yield
    except TemplateSyntaxError as error:
        hint = f" Ours: {listed(_FILTERS)}." if "filter" in str(error.message) else ""
        raise ReportError(f"{name}, line {error.lineno}: {error.message}{hint}") from None


def _fields(tree: nodes.Template, name: str) -> dict[str, set[str]]:
    """The blocks of a text, each with the names it looks up."""
    from jinja2 import nodes

    for node in tree.body:
        outside = not isinstance(node, (nodes.Block, nodes.Output))
        parts = node.nodes if isinstance(node, nodes.Output) else []
        if outside or any(not isinstance(part, nodes.TemplateData) or part.data.strip() for part in parts):
            raise ReportError(f"{name}, line {node.lineno}: this stands in no block, so nothing would print it.")
    found = {}
    for block in tree.find_all(nodes.Block):
        names = [(one.name, one.ctx) for one in block.find_all(nodes.Name)]
        own = {name for name, use in names if use != "load"}
        found[block.name] = {name for name, use in names if use == "load"} - own
    return found


@lru_cache
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined, pass_context

    environment = Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, finalize=pass_context(_printed)
    )
    environment.globals.clear()
    for name, fill in _FILTERS.items():
        environment.filters[name] = pass_context(lambda context, *given, fill=fill: fill(_filling(context), *given))
    environment.filters["unsaid"] = pass_context(lambda context, *given: _filling(context).unsaid(*given))
    return environment


class _Written(str):
    """A number in words, as it is to be printed."""


def is_bare(value: str, labels: Mapping[str, str]) -> bool:
    """Whether a text is a number that nobody can trace: digits without a letter, and not what something is called.

    >>> is_bare("0.49", {}), is_bare("18-24", {"18-24": "18-24"}), is_bare("18-24 × 2025", {"18-24": "18-24", "q5": "2025"})
    (True, False, False)
    >>> is_bare(Label("0.49"), {}), is_bare("EUR 5", {})
    (False, False)
    """
    rest = value
    if not isinstance(value, Label) and _looks_bare(rest):
        for known in sorted({*labels, *labels.values()}, key=len, reverse=True):
            rest = rest.replace(known, " ") if _looks_bare(known) else rest
        return _looks_bare(rest)
    return False


def _looks_bare(text: str) -> bool:
    return bool(re.search(r"\d", text)) and not re.search(r"[^\W\d_]", text)


class _Filling:
    """What one filling of a block knows, and the quantities it has printed."""

    def __init__(self, language: str, fields: Mapping[str, Any], labels: Mapping[str, str], plain: bool) -> None:
        self.language, self.fields, self.labels, self.plain = language, fields, labels, plain
        self.numbers: dict[str, Quantity] = {}
        self.specs: dict[str, str] = {}

    def number(self, value: Any, spec: str = "") -> str:
        """A quantity as the language writes it, noted down."""
        if not isinstance(value, Quantity):
            raise _not_printable(value, self.fields)
        name = next((name for name, field in self.fields.items() if field is value), value.origin)
        others = [name, *(f"{name} ({i})" for i in range(2, len(self.numbers) + 3))]
        name = next(one for one in others if self.numbers.get(one, value) == value)
        self.numbers[name] = value
        self.specs.setdefault(name, spec.removeprefix("ci"))
        return _Written(value.text(spec, self.language))

    def ci(self, value: Any, spec: str = "") -> str:
        """The same with its interval."""
        return self.number(value, f"ci{spec}")

    def label(self, name: Any) -> str:
        """What the codebook calls it; segments that are crossed, such as "sector*country", part by part."""
        parts = str(name).split("*")
        for part in parts:
            if part not in self.labels:
                raise unknown("label of", part, self.labels)
        return Label(" × ".join(self.labels[part] for part in parts))

    def listed(self, names: Iterable[str], quotes: str = "") -> str:
        """Names, by their labels where they have one: "a, b and c"; each between two `quotes` where they are given."""
        before, after = quotes or ("", "")
        return Label(and_list([f"{before}{self.labels.get(name, name)}{after}" for name in names], self.language))

    def filled(self, sentence: str, facts: Mapping[str, Any]) -> str:
        """A sentence of a result's own, such as `plan.template(language)`, with its `{fields:.0%}` filled."""
        parts = string.Formatter().parse(sentence)
        return "".join(
            before + (self._fact(facts[name], spec or "") if name else "") for before, name, spec, _ in parts
        )

    def _fact(self, value: Any, spec: str) -> str:
        return value if isinstance(value, str) else self.number(value, spec)

    def unsaid(self, value: Any, line: int, *words: str) -> str:
        """Refuses a word that no sentence was written for."""
        raise ReportError(
            f"line {line}: no sentence is written for {value!r}, only for {listed(dict.fromkeys(words))}. Write one; or, where "
            "nothing is to be said of it, {% else %} without a text."
        )

    def printed(self, value: Any) -> str:
        """What may stand in a text: a number that went through a filter, or a label."""
        if isinstance(value, _Written):
            return value
        if not isinstance(value, str) or is_bare(value, self.labels):
            str(value)  # a field that is not known says so itself
            raise _not_printable(value, self.fields)
        return value if self.plain else escaped(value)


#: What a text may put a field through.
_FILTERS = {
    "number": _Filling.number,
    "ci": _Filling.ci,
    "label": _Filling.label,
    "listed": _Filling.listed,
    "filled": _Filling.filled,
}


def _filling(context: Context) -> _Filling:
    filling: _Filling = context["_filling"]
    return filling


def _printed(context: Context, value: Any) -> str:
    return _filling(context).printed(value)


def _not_printable(value: Any, fields: Mapping[str, Any]) -> ReportError:
    name = next((name for name, field in fields.items() if field is value), "")
    if isinstance(value, Quantity):
        name = name or value.origin
        return ReportError(
            f'{name} needs a filter that says how to print it, such as {{{{ {name} | number(".0%") }}}}.'
        )
    what = f"{name} is" if name else "this prints"
    if isinstance(value, str) and not re.search(r"\d", value):
        return ReportError(f"{what} a text ('{value}'), and a text goes through no filter for numbers.")
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        return ReportError(
            f"{what} a bare number ({value}), and prose must be able to say where a number came from: "
            "give result.value(term, column) or result.stat(column)."
        )
    return ReportError(f"{what} of type {type(value).__name__}; a text prints labels, and quantities through a filter.")


def _what_went_wrong(error: Exception, fields: Mapping[str, Any]) -> str:
    """The error of a template in one line, with what was possible."""
    from jinja2 import UndefinedError

    known = [name for name in fields if name not in _ALWAYS]
    if isinstance(error, UndefinedError) and (missing := re.fullmatch(r"'(\w+)' is undefined", str(error))):
        return str(unknown("field", missing[1], known))
    if isinstance(error, (LoyaltyLabError, UndefinedError)):
        return str(error)
    return f"{type(error).__name__}: {error}. Known here: {listed(known)}."
