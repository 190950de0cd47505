"""What a notebook can be asked, checked before any kernel starts: the parameters of its own, and those reports share.

Those of its own stand in its cell with the tag `parameters`; where there are many, the few that matter in a cell before that,
with the tag `main-parameters`. Those that reports share are declared here, and a notebook has those that its code asks for:
`report.open(...)` reads the data by them, `settings.seed` is one of them.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import math
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...core import ReportError, available, check_known, find, listed, unknown
from ..texts import text_files

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "list": list}

#: Name → the lowest whole number it takes, in whichever report.
LEAST = {"seed": 0}


@dataclass(frozen=True)
class Parameter:
    """One line of a `parameters` cell: `seed: int = 1  # help`.

    In the help `[a|b]` is a closed choice, and one word in brackets, as in `# [item] that asks for satisfaction`, says what
    the parameter names: of the codebook a block, item, scale or segment, a column of the file, or a method. What is named
    must exist; so what a report names by itself, and may be absent, is no default but what "empty" stands for.

    Attributes
    ----------
    name : str
        What it is called.
    kind : str
        Of its value, such as int.
    default : Any
        If left out.
    help : str
        What it does.
    choices : sequence of str
        The only values it may have.
    names : str
        What it names: block, column, item, scale or segment; empty for none of these.

    See Also
    --------
    loyaltylab.reports.read_notebook : Reads them.
    """

    name: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    names: str = ""

    def asked(self, value: Any) -> list[str]:
        """The names in a value that somebody gave.

        >>> Parameter("segments", "list", [], "", names="segment").asked(["sector*country"])
        ['sector', 'country']
        >>> Parameter("reliability", "list", [], "", names="scale").asked(["LIKE=0.8", "0.9"])
        ['LIKE']
        """
        parts = {"segment": r"[^*]+", "scale": r"^[^=]*[^=\d.][^=]*"}
        given = value if isinstance(value, list) else [value]
        return [
            name.strip()
            for one in given
            if self.names and one != "none"
            for name in re.findall(parts.get(self.names, ".+"), one)
        ]

    def read(self, text: str) -> Any:
        """The value a command line means: lists with commas, true or false, numbers.

        >>> Parameter("blocks", "list", [], "").read("emotional, rational")
        ['emotional', 'rational']
        """
        text = text.strip()
        if self.kind == "list":
            return [part for part in (part.strip().strip("'\"") for part in text.strip("[]").split(",")) if part]
        if self.kind == "bool" and text.lower() in ("true", "yes", "false", "no"):
            return text.lower() in ("true", "yes")
        if self.kind in ("int", "float") and text.isascii() and "_" not in text:  # Python would read 1_0 as 10
            try:
                return _TYPES[self.kind](text)
            except ValueError:
                pass
        return text

    def check(self, value: Any) -> Any:
        """The value, if it is of this parameter's type and among its choices."""
        if self.kind == "float" and type(value) is int:
            value = float(value)
        if self.kind == "float" and isinstance(value, float) and not math.isfinite(value):
            raise ReportError(f"parameter '{self.name}' takes a finite number, not {value!r}. {self.help}.")
        if type(value) is not _TYPES[self.kind] or (
            self.kind == "list" and not all(isinstance(part, str) for part in value)
        ):
            kind = {
                "list": "list of names",
                "str": "text",
                "int": "whole number",
                "float": "number",
                "bool": "true or false",
            }[self.kind]
            raise ReportError(f"parameter '{self.name}' takes a {kind}, not {value!r}. {self.help}.")
        if self.choices and value not in self.choices:
            raise ReportError(f"parameter '{self.name}' is {value!r}; allowed: {listed(self.choices)}.")
        if self.kind == "int" and value < (least := LEAST.get(self.name, value)):
            raise ReportError(f"parameter '{self.name}' is {value}; allowed: {least} or more. {self.help}.")
        return value


#: Parameters that reports share: declared once, asked for by a notebook's code, given with `-p` or in a cell by hand.
SHARED = {
    parameter.name: parameter
    for parameter in (
        Parameter("codebook", "str", "", "codebook of the answers; empty for the one that belongs to the data"),
        Parameter("sheet", "str", "", "sheet of a workbook; empty where only one holds something"),
        Parameter("encoding", "str", "", "encoding of a text file, such as cp1250; empty to find it"),
        Parameter("weight", "str", "", "column of survey weights; empty for none", names="column"),
        Parameter("cluster", "str", "", "column of clusters, drawn as a whole; empty for none", names="column"),
        Parameter("strata", "str", "", "column of strata, drawn within; empty for none", names="column"),
        Parameter(
            "only", "str", "", "only these respondents, such as servicetype=prepaid; empty for all", names="condition"
        ),
        Parameter(
            "exclude",
            "list",
            [],
            "rules to leave respondents out: straight_lining, speeding, same_answers, repeated_respondent, impossible",
            names="rule",
        ),
        Parameter(
            "missing", "str", "listwise", "what to do with an unanswered item", ("listwise", "item_mean", "imputed")
        ),
        Parameter("covariates", "list", [], "variables that are always in the model", names="variable"),
        Parameter(
            "segments",
            "str",
            "",
            "repeat by this segment; empty for the codebook's first, none for none",
            names="segment",
        ),
        Parameter("interval", "str", "percentile", "kind of interval", ("percentile", "basic", "bca", "normal")),
        Parameter("draws", "int", 2000, "number of draws behind each interval"),
        Parameter("seed", "int", 20171205, "seed of the draws"),
        Parameter("language", "str", "en", "language of the report"),
    )
}
#: Those that say how data are read, and who of the respondents.
READING = ("sheet", "encoding", "weight", "cluster", "strata", "only", "exclude", "missing")


class Settings:
    """The parameters that reports share, as the notebook was given them.

    Each is what a name of the notebook holds (the runner, or papermill, puts it there; by hand one writes `weight = "w"` in
    the cell of parameters), else the default. One that a notebook declares for itself (`segments: list = []`) may be of another
    type; it is checked only when it is asked for here.

    >>> Settings({"draws": 500}, ["en"]).draws
    500
    >>> Settings({"draws": "many"}, ["en"])
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.ReportError: parameter 'draws' takes a whole number, not 'many'. number of draws behind each interval.
    """

    def __init__(self, names: Mapping[str, Any], languages: Iterable[str]) -> None:
        self._shared = {**SHARED, "language": _language(languages)}
        self._values = {name: names.get(name, one.default) for name, one in self._shared.items()}
        for name in set(self._shared) - set(names.get("__annotations__", ())):
            self._shared[name].check(self._values[name])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        check_known("setting", name, self._values)
        return self._shared[name].check(self._values[name])

    def other(self, name: str) -> str:
        """Of a setting with choices the first that was not made.

        >>> Settings({}, ["en"]).other("missing")
        'item_mean'
        """
        return next(choice for choice in SHARED[name].choices if choice != getattr(self, name))

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {value!r}" for name, value in self._values.items())


def _language(languages: Iterable[str]) -> Parameter:
    """A report can be had in those languages that there is a text in."""
    choices = tuple(sorted(languages))
    return replace(SHARED["language"], choices=choices, default="en" if "en" in choices else choices[0])


@dataclass(frozen=True)
class Notebook:
    """A notebook that can be run as a report.

    Attributes
    ----------
    name : str
        What it is called.
    path : Path
        Of the notebook.
    title : str
        Its first heading.
    parameters : dict of str → Parameter
        Name → parameter.
    texts : dict of str → Path
        Language → file of its words.

    See Also
    --------
    loyaltylab.reports.read_notebook : Makes it.
    """

    name: str
    path: Path
    title: str
    parameters: dict[str, Parameter]
    #: The files with its words by language; none where it makes no `Report`.
    texts: dict[str, Path] = field(default_factory=dict)

    def filled(self, given: Mapping[str, Any], *, as_text: Iterable[str] = ()) -> dict[str, Any]:
        """Every parameter with its value; those named in `as_text` are read from a command line's text.

        Raises
        ------
        ReportError, UnknownName
            For a parameter that does not exist or has another type, listing what is possible.
        """
        as_text = set(as_text)
        for name in given:
            check_known("parameter", name, self.parameters, f"See: loyaltylab list {self.name}.")
        values = {}
        for name, parameter in self.parameters.items():
            value = given.get(name, parameter.default)
            values[name] = parameter.check(parameter.read(value) if name in as_text else value)
        return values

    def sha256(self) -> str:
        """Hash of the sources of all cells, and of the texts; outputs and other traces of a run do not count."""
        cells = [
            [cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in _cells(self.path)
        ]
        cells += [["text", path.read_text(encoding="utf-8"), [name]] for name, path in sorted(self.texts.items())]
        return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def list_reports() -> dict[str, Notebook]:
    """The notebooks that come with the project, by the name of their report: `20_drivers.ipynb` is `drivers`.

    Returns
    -------
    dict of str → Notebook
        In the order of their numbers.

    Examples
    --------
    >>> list(list_reports())[:3]
    ['start_here', 'measures', 'drivers']
    """
    return {notebook.name: notebook for notebook in map(read_notebook, available("notebooks", ".ipynb").values())}


def read_notebook(name: str | Path) -> Notebook:
    """A notebook by the name of its report, by its own name, or by its path; nothing of it is run.

    Parameters
    ----------
    name : str or Path
        Of a report, such as `drivers`, or the path of a notebook.

    Returns
    -------
    Notebook
        Its parameters, with their defaults and help.

    Raises
    ------
    UnknownName, ReportError
        For a report there is not, a name no folder can have, or cells of parameters that cannot be told apart.

    Examples
    --------
    >>> [name for name in read_notebook("drivers").parameters][:3]
    ['data', 'codebook', 'outcome']
    """
    shipped = {re.sub(r"^\d+_", "", stem): path for stem, path in available("notebooks", ".ipynb").items()}
    path = (
        shipped.get(str(name)) or find("report", name, "notebooks", ".ipynb")
        if str(name).endswith(".ipynb") or str(name) in shipped
        else None
    )
    if path is None:
        raise unknown("report", name, shipped, "The path of a notebook will do too.")
    own_name = re.sub(r"^\d+_", "", path.stem)
    if not re.fullmatch(r"\w[\w .-]*", own_name) or own_name[-1] in ". ":
        raise ReportError(
            f"the notebook is called '{path.name}', and its report's folder needs a name of letters, digits, spaces, "
            "hyphens or points that begins with a letter or digit. Rename it."
        )
    cells = _cells(path)
    titles = (
        line[2:].strip()
        for cell in cells
        if cell["cell_type"] == "markdown"
        for line in "".join(cell["source"]).splitlines()
        if line.startswith("# ")
    )
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        raise ReportError(f"{path.name}: {len(tagged)} cells have the tag 'parameters'; a report needs exactly one.")
    main = [cell for cell in cells if "main-parameters" in cell["metadata"].get("tags", [])]
    own: dict[str, Parameter] = {}
    for cell in (*main, *tagged):
        found = _parameters("".join(cell["source"]), path.name)
        if twice := [name for name in found if name in own]:
            raise ReportError(f"{path.name}: {listed(twice)} stands in two cells of parameters; leave one of them out.")
        own |= found
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    words = re.search(r"""\bReport\(\s*["']([\w-]+)["']""", code)
    texts = text_files(words[1], path.parent) if words else {}
    return Notebook(own_name, path, next(titles, path.stem), own | _shared(code, texts, own), texts)


def _shared(code: str, texts: Mapping[str, Path], own: Iterable[str]) -> dict[str, Parameter]:
    """Those of the shared parameters that a notebook's code asks for, and that it does not declare as its `own`."""
    asked = set(re.findall(r"\bsettings\.(\w+)", code))
    asked |= {"codebook", *READING} if re.search(r"\breport\.open\(", code) else set()
    shared = {**SHARED, "language": _language(texts)} if texts else SHARED
    asked |= {"language"} if texts else set()
    if not re.search(r"\breport\.open\([^)]*\bimputed=True", code):
        shared = {**shared, "missing": without_imputed(SHARED["missing"])}
    return {name: one for name, one in shared.items() if name in asked and name not in own}


def without_imputed(missing: Parameter) -> Parameter:
    """What a report can do about gaps that takes answers one by one, or means of items."""
    return replace(missing, choices=tuple(choice for choice in missing.choices if choice != "imputed"))


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        cells = list(json.loads(path.read_text(encoding="utf-8"))["cells"])
    except (ValueError, KeyError, TypeError, RecursionError):
        cells = [None]
    if not all(map(_is_cell, cells)):
        raise ReportError(f"{path.name} is not a Jupyter notebook.")
    return cells


def _is_cell(cell: Any) -> bool:
    """Whether this has what every cell of a notebook has: a kind, lines, tags if any."""
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    source = cell.get("source")
    lines = isinstance(source, str) or (isinstance(source, list) and all(isinstance(line, str) for line in source))
    return lines and isinstance(cell.get("cell_type"), str) and isinstance(cell["metadata"].get("tags", []), list)


def _parameters(source: str, file: str) -> dict[str, Parameter]:
    """The annotated assignments of a cell with the comment on their line."""
    try:
        tree = ast.parse(source)
        comments = {
            token.start[0]: token.string.lstrip("# ")
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT
        }
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise ReportError(f"{file}, parameters cell: is no Python ({error}). Correct it.") from None
    found = {}
    for node in tree.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
            raise ReportError(
                f"{file}, parameters cell, line {node.lineno}: write each parameter as 'name: type = value  # help'."
            )
        kind = ast.unparse(node.annotation)
        if kind not in _TYPES:
            raise ReportError(
                f"{file}, parameters cell, line {node.lineno}: type '{kind}'; allowed: {', '.join(_TYPES)}."
            )
        try:
            default = ast.literal_eval(node.value)
        except (ValueError, TypeError, RecursionError, MemoryError):
            raise ReportError(
                f"{file}, parameters cell, line {node.lineno}: the value must be a literal, such as 1, 'text' or []."
            ) from None
        text = comments.get(node.end_lineno or node.lineno, "")
        choice = re.match(r"\[([^\]]+\|[^\]]+)\]\s*", text)
        choices = tuple(choice[1].split("|")) if choice else ()
        text = text[choice.end() :] if choice else text
        named = re.search(r"\[(\w+?)s?\]", text)
        text = re.sub(r"\[(\w+)\]", r"\1", text)
        parameter = Parameter(node.target.id, kind, default, text, choices, named[1] if named else "")
        parameter.check(default)
        found[parameter.name] = parameter
    return found
