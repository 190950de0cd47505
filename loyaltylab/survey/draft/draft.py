"""A first codebook from any survey file: every line of it a guess, to be read and corrected before it is used."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...codebook import BLOCKS, NO_RANGE
from ...core import DataError, listed, tr
from ..files.raw_table import RawTable, read_raw
from .guesses import Guess, guess, tally
from .item_sets import Family, families, mark_codes, settle_ranges

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draft_codebook"]

#: Rows from which correlations are guessed; ranges and codes come from all rows.
SAMPLE = 50_000


def draft_codebook(data: str | Path | pd.DataFrame | RawTable, *, sheet: str | None = None, name: str = "") -> str:
    """A first codebook, as YAML text, for a csv, xlsx, SPSS, Stata or parquet file (or a frame).

    Labels, ranges, missing codes, reversed items, scales and roles are guessed from headers, from what an SPSS or Stata
    file states, and from counts and correlations; each guess says why. Nothing is a driver until you say so. The same
    file always gives the same text, and no answer of a respondent is in it, save codes that mean "no answer" and
    groups of at least ten people.

    Parameters
    ----------
    sheet : str, optional
        Sheet of a workbook, where several hold something.
    name : str, optional
        Name of the codebook to be, without `.yml`; the file's own name where left out.

    Raises
    ------
    DataError, UnknownName
        As `read_survey`, if the file itself cannot be read, or a frame has two columns of one name.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"stay": [5, 4, 99, 1] * 10, "nps": [10, 0, 8, 9] * 10})
    >>> print(draft_codebook(rows, name="shop").partition("items:")[2].strip())
    stay:
        label: stay
      nps:
        label: nps
        range: [0, 10]  # guess: answers from 0 to 10
        missing: []
        role: outcome  # guess: 0 to 10 and about recommending
    """
    table = _table(data, sheet)
    guesses = _guesses(table)
    usable = {column: drawn for column, drawn in guesses.items() if not drawn.left_out}
    frame = table.answers(usable)[0].head(SAMPLE)
    mark_codes(usable, frame)
    settle_ranges(usable)
    found = families(usable, frame)
    for family in found:
        for item in family.turned:
            usable[item].reverse = True
            usable[item].why["reverse"] = f"goes against the rest of {_comment(family.name)}; check its wording"
    lines = _head(table, name) + _body(usable, found, len(table.frame))
    lines += _left_out([drawn for drawn in guesses.values() if drawn.left_out])
    return "\n".join(lines) + "\n"


def _table(data: str | Path | pd.DataFrame | RawTable, sheet: str | None) -> RawTable:
    if isinstance(data, RawTable):
        return data
    if isinstance(data, (str, Path)):
        return read_raw(data, sheet=sheet)
    headers = [str(header) for header in data.columns]
    if twice := sorted({header for header in headers if headers.count(header) > 1}):
        raise DataError(f"data frame: the header {listed(map(repr, twice))} stands more than once. Rename one of them.")
    return RawTable(data.set_axis(headers, axis=1), "data frame")


def _guesses(table: RawTable) -> dict[str, Guess]:
    """Column → what it probably is, in the file's order; at least one of them is kept."""
    sound = [column for column in table.frame if column not in table.doubts]
    if not sound:
        table.answers(table.doubts)  # says which and what to do
    frame, _ = table.answers(sound)
    found = {}
    for column in table.frame:
        if column in table.doubts:
            found[column] = Guess(column, column, left_out="its numbers can be read in two ways")
            continue
        about = table.labels.get(column, {}), table.titles.get(column, ""), table.missing.get(column, ())
        found[column] = guess(column, tally(frame[column]), *about)
    if all(drawn.left_out for drawn in found.values()):
        found[sound[0]].left_out, found[sound[0]].role = "", "cluster"
        found[sound[0]].why["role"] = "no column holds answers to analyse; this one only makes the codebook whole"
    return found


@lru_cache
def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Plain YAML, each text on one line."""

    def text(dumper: Any, value: str) -> Any:
        odd = not value.isprintable() or value != value.strip()
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if odd else None)

    Dumper.add_representer(str, text)
    return Dumper


def _yaml(value: Any, flow: bool | None = None) -> str:
    import yaml

    options = {"default_flow_style": flow, "sort_keys": False, "allow_unicode": True, "width": math.inf}
    return yaml.dump(value, Dumper=_dumper(), **options).removesuffix("\n...\n").strip("\n")


def _entry(name: str) -> tuple[list[str], str]:
    """The lines that open an entry, and the indent of what stands in it; a very long name needs a form of its own."""
    opened = _yaml({name: {}}, False).removesuffix("{}").rstrip()
    lines = [f"  {line.rstrip()}" for line in opened.split("\n")]
    return lines, "    "


def _line(key: str, value: Any, why: str = "") -> str:
    shown = _yaml(value, True) if isinstance(value, (dict, list)) else _yaml({key: value}, False).partition(": ")[2]
    return f"{key}: {shown}{f'  # guess: {why}' if why else ''}"


def _comment(text: str) -> str:
    """A text from the file, safe within a comment."""
    return text if text.isprintable() else _yaml(text)


def _head(table: RawTable, name: str) -> list[str]:
    shown = _comment(name or Path(table.name).stem)
    rows = len(table.frame)
    sampled = f" Correlations are those of its first {SAMPLE:,} rows." if rows > SAMPLE else ""
    return [
        f"# A guess from {_comment(table.name)}: {rows:,} rows, {table.frame.shape[1]:,} columns.{sampled}",
        "# Every line may be wrong; what was guessed says why. What to do next:",
        "#   1. Fill in title and source.",
        "#   2. Read items and scales; correct ranges, missing codes and reverse; give labels in English and Dutch.",
        f"#   3. Give every driver a block ({', '.join(BLOCKS)}) and every outcome its role.",
        f"#   4. loyaltylab check FILE --codebook {shown}.yml",
        _line("title", dict(tr("TO REPLACE: what this survey is about"))),
        _line("source", dict(tr("TO REPLACE: how many people of which kind were asked, when and how"))),
    ]


def _body(usable: dict[str, Guess], found: list[Family], rows: int) -> list[str]:
    ranged = [drawn for drawn in usable.values() if drawn.range]
    spans = Counter(drawn.range for drawn in ranged).most_common(1)
    span = spans[0][0] if spans else None
    codes = Counter(drawn.missing for drawn in ranged if drawn.range == span).most_common(1)
    missing = codes[0][0] if codes else ()
    lines = [""]
    if span:
        lines += [
            "defaults:",
            "  " + _line("range", list(span), f"{spans[0][1]} of {len(ranged)} columns with a range"),
        ]
        if missing:
            first = next(drawn for drawn in ranged if drawn.missing == missing and drawn.range == span)
            why = f"{codes[0][1]} of these columns; {_comment(first.name)}: {first.why['missing']}"
            lines.append("  " + _line("missing", list(missing), why))
        lines.append("")
    lines.append("items:")
    for drawn in usable.values():
        lines += _item(drawn, span, missing)
    if found:
        lines += ["", "scales:  # guess: items with one header stem and one range, alpha above .5"]
        taken = {*usable, *BLOCKS}
        for family in found:
            lines += _scale(family, taken)
    return lines


def _item(drawn: Guess, span: tuple[float, float] | None, missing: tuple[Any, ...]) -> list[str]:
    lines, indent = _entry(drawn.name)
    fields = [_line("label", drawn.label)]
    if drawn.range and drawn.range != span:
        fields.append(_line("range", list(drawn.range), drawn.why.get("range", "")))
    elif not drawn.range and not drawn.values and drawn.role not in NO_RANGE:
        fields.append(_line("range", None, drawn.why.get("range", "")))
    if drawn.missing != missing:
        fields.append(_line("missing", list(drawn.missing), drawn.why.get("missing", "")))
    if drawn.reverse:
        fields.append(_line("reverse", True, drawn.why["reverse"]))
    if drawn.role:
        fields.append(_line("role", drawn.role, drawn.why.get("role", "")))
    if drawn.values:
        fields.append(_line("values", drawn.values, drawn.why.get("values", "")))
    return lines + [f"{indent}{line}" for line in fields]


def _scale(family: Family, taken: set[str]) -> list[str]:
    name = family.name
    while name in taken:
        name += "_scale"
    taken.add(name)
    lines, indent = _entry(name)
    first = next(iter(BLOCKS))
    after = " after turning round" if family.turned else ""
    fields = [
        _line("label", family.name),
        _line("items", list(family.items), f"standardised alpha {family.alpha:.2f}{after}"),
        "# role: driver",
        f"# block: {first}  # ({', '.join(BLOCKS)})",
    ]
    return lines + [f"{indent}{line}" for line in fields]


def _left_out(columns: list[Guess]) -> list[str]:
    if not columns:
        return []
    lines = ["", "# Left out of the items; add one by its header if it is an answer to analyse:"]
    return lines + [f"#   {_comment(drawn.name)}: {drawn.left_out}" for drawn in columns]
