"""`make words`: brings the catalogues up to date with the English in the code and in the glossary.

What is new stands untranslated, what is no longer said goes; what stays keeps its translation. To begin a language, make
the folder `locale/<language>/LC_MESSAGES` with an empty `loyaltylab.po`.
"""

from __future__ import annotations

import ast
import csv
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ReportError
from .files import PACKAGE
from .glossary import FILE
from .words import LANGUAGES, catalogue_file

if TYPE_CHECKING:
    from babel.messages import Catalog


def messages() -> Catalog:
    """All that the package says, without translation: the calls of `tr`, `.tr` and `plural` in its code, and the glossary."""
    from babel.messages import Catalog

    found = Catalog(project="loyaltylab", charset="utf-8")
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in ("tr", ".tr", "plural"):
                message, context = _literal(node, path)
                found.add(message, locations=[(path.relative_to(PACKAGE).as_posix(), 1)], context=context or None)
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            where = FILE.relative_to(PACKAGE).as_posix()
            found.add(row["heading"], locations=[(where, 1)], context=row["context"] or None)
    return found


def _called(call: ast.Call) -> str:
    """Name of a function, or of a method after its point."""
    return call.func.id if isinstance(call.func, ast.Name) else f".{getattr(call.func, 'attr', '')}"


def _literal(call: ast.Call, path: Path) -> tuple[str | tuple[str, str], str]:
    """Message and context of `tr(message)`, `tr(message, context)`, `printer.tr(message, **fields)` or `plural(one, many, n)`."""
    name = _called(call)
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    possible = [(2, 3)] if name == "plural" else [(1, 1), (2, 2)]
    if (call.keywords and name != ".tr") or (len(texts), len(call.args)) not in possible:
        raise ReportError(
            f"{path.name}, line {call.lineno}: {name.lstrip('.')}() takes its English as it stands, not from a variable or an "
            "f-string, or no catalogue can hold it; leave a {field} for what is filled in."
        )
    return ((texts[0], texts[1]), "") if name == "plural" else (texts[0], "".join(texts[1:]))


def updated(language: str) -> Catalog:
    """The catalogue of a language as it is, brought up to date."""
    from babel.messages.pofile import read_po

    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language, domain="loyaltylab")
    catalogue.update(messages(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The catalogue as its file holds it: by the alphabet and without line numbers or Babel's version: an edit moves nothing else."""
    import re
    from io import BytesIO

    from babel.messages.pofile import write_po

    file = BytesIO()
    write_po(file, catalogue, width=0, sort_output=True, include_lineno=False)
    return re.sub(rb'"Generated-By: .*\n', b"", file.getvalue())


if __name__ == "__main__":
    for other in LANGUAGES[1:]:
        new = updated(other)
        catalogue_file(other).write_bytes(written(new))
        lacking = [message for message in new if message.id and not message.string]
        print(f"{other}: {len(new)} messages, {len(lacking)} to translate in {catalogue_file(other)}")
