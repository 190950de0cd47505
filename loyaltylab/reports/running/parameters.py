"""What a notebook can be asked: read from its `parameters` cell, checked before any kernel starts."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core import ReportError, available, check_known, find, listed, unknown

__all__ = ["Notebook", "Parameter", "list_reports", "read_notebook"]

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "list": list}


@dataclass(frozen=True)
class Parameter:
    """One line of a `parameters` cell: `seed: int = 1  # help`, with `[a|b]` in the help for a closed choice."""

    name: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()

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
        if self.kind in ("int", "float"):
            try:
                return _TYPES[self.kind](text)
            except ValueError:
                pass
        return text

    def check(self, value: Any) -> Any:
        """The value, if it is of this parameter's type and among its choices."""
        if self.kind == "float" and type(value) is int:
            value = float(value)
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
        return value


@dataclass(frozen=True)
class Notebook:
    """A notebook that can be run as a report."""

    name: str
    path: Path
    title: str
    parameters: dict[str, Parameter]

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
        """Hash of the sources of all cells; outputs and other traces of a run do not count."""
        cells = [
            [cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in _cells(self.path)
        ]
        return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def list_reports() -> dict[str, Notebook]:
    """The notebooks that come with the project, by the name of their report: `20_drivers.ipynb` is `drivers`."""
    return {notebook.name: notebook for notebook in map(read_notebook, available("notebooks", ".ipynb").values())}


def read_notebook(name: str | Path) -> Notebook:
    """A notebook by the name of its report, by its own name, or by its path; nothing of it is run."""
    shipped = {re.sub(r"^\d+_", "", stem): path for stem, path in available("notebooks", ".ipynb").items()}
    path = (
        shipped.get(str(name)) or find("report", name, "notebooks", ".ipynb")
        if str(name).endswith(".ipynb") or str(name) in shipped
        else None
    )
    if path is None:
        raise unknown("report", name, shipped, "The path of a notebook will do too.")
    own = re.sub(r"^\d+_", "", path.stem)
    if not re.fullmatch(r"\w[\w .-]*", own) or own[-1] in ". ":
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
    return Notebook(
        own,
        path,
        next(titles, path.stem),
        _parameters("".join(tagged[0]["source"]), path.name),
    )


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))["cells"])
    except (ValueError, KeyError, UnicodeDecodeError):
        raise ReportError(f"{path.name} is not a Jupyter notebook.") from None


def _parameters(source: str, file: str) -> dict[str, Parameter]:
    """The annotated assignments of a cell with the comment on their line."""
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    for node in ast.parse(source).body:
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
        except ValueError:
            raise ReportError(
                f"{file}, parameters cell, line {node.lineno}: the value must be a literal, such as 1, 'text' or []."
            ) from None
        text = comments.get(node.end_lineno or node.lineno, "")
        choice = re.match(r"\[([^\]]+\|[^\]]+)\]\s*", text)
        choices = tuple(choice[1].split("|")) if choice else ()
        parameter = Parameter(node.target.id, kind, default, text[choice.end() :] if choice else text, choices)
        parameter.check(default)
        found[parameter.name] = parameter
    return found
