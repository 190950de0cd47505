"""Text tables: encoding, delimiter and decimal sign found from the content, and reported; doubts put into words."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import islice, pairwise
from pathlib import Path
from typing import TextIO

import numpy as np

from ...core import DataError, listed, pd

#: What is read into memory: cells of a table, its columns (as many as a sheet of Excel has), and bytes that a file unfolds to.
MOST_CELLS, MOST_COLUMNS, MOST_BYTES = 200_000_000, 16_384, 1024**3
#: Characters of one cell; a quotation mark that is never closed swallows more in a long file.
csv.field_size_limit(16 * 1024**2)

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
SAMPLE = 200  # records looked at to find the delimiter
_HEAD = 16_000_000  # letters that hold as many
_LARGE = 1_000_000  # letters of a text that Arrow reads
_FIRST = 10_000  # lines looked at to find the columns of numbers
WHOLE = re.compile(r"[+-]?\d+")
LIST = re.compile(r"\d+(,\d+){2,}")  # several answers in one cell
#: Letters and signs beyond ASCII that texts in Western Europe are full of, and how well each speaks for an encoding.
WESTERN = dict.fromkeys("éëèïüöäàáçêñóß€’“”–\xa0", 2.0) | dict.fromkeys("ÉËÈÏÜÖÄÀÁÇÊÑÓåæøâôîûíúùìòãõœ…§°£", 1.5)
#: Encodings of elsewhere, of which charset-normalizer finds the likeliest.
ELSEWHERE = ["cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "shift_jis", "gb18030", "big5", "euc_kr"]
#: Sign of the decimals → what is surely decimal, what may be decimal or thousands, what is surely thousands.
SIGNS = {
    sign: (
        re.compile(rf"[+-]?(\d*{one}\d+([eE][+-]?\d+)?|[1-9]\d{{0,2}}({other}\d{{3}})+{one}\d+)"),
        re.compile(rf"[+-]?[1-9]\d{{0,2}}{one}\d{{3}}"),
        re.compile(rf"[+-]?[1-9]\d{{0,2}}({one}\d{{3}}){{2,}}"),
    )
    for sign, one, other in ((",", ",", r"\."), (".", r"\.", ","))
}

#: Lines of a title that may stand above the headers.
MOST_TITLES = 10


def refuse_wide(name: str, columns: int) -> None:
    """Refuse a table of more columns than a survey has questions, before each of them is looked at.

    Raises
    ------
    DataError
        Naming how many it has, and how many it may have.
    """
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{name}: it has {columns:,} columns, and no more than {MOST_COLUMNS:,} are read, as many as a sheet of Excel has. Give each "
            "respondent a row and each question a column, and leave out the columns that are neither."
        )


def columns_of(file: Path) -> int:
    """How many columns a parquet file has; of a text file about, by the signs in its first line that may be between them."""
    if file.suffix == ".parquet":
        import pyarrow.parquet

        try:
            return pyarrow.parquet.read_metadata(file).num_columns
        except (ValueError, OSError):
            return 0  # the engine says what is wrong with it
    with open(file, "rb") as lines:
        first = lines.readline(_HEAD)
    return 1 + max(first.count(sign.encode()) for sign in DELIMITERS)


def refuse_large(name: str, *, cells: int = 0, size: int = 0, most_cells: int = MOST_CELLS, where: str = "") -> None:
    """Refuse a file that would take all memory, before it is unfolded.

    Raises
    ------
    DataError
        Naming how large it is, and how large it may be.
    """
    found = (
        f"{cells:,} cells{where}" if cells > most_cells else f"{size / 1024**2:,.0f} MB" if size > MOST_BYTES else ""
    )
    if found:
        most = f"{most_cells:,} cells" if cells > most_cells else f"{MOST_BYTES // 1024**2:,} MB"
        raise DataError(
            f"{name}: it unfolds to {found}, and no more than {most} are read into memory. Delete what is no part of the table, "
            "or save it as parquet and leave it where it is: data=duckdb:FILE.parquet."
        )


@dataclass(frozen=True)
class Detected:
    """How a file was read, as far as its content had to tell.

    Parameters
    ----------
    format : str
        "csv", "xlsx", "sav", "dta" or "parquet"; "" for a data frame.
    encoding, delimiter : str
        Of a text file; "" for any other.
    decimal : {"", ".", ","}
        "," where at least one column had decimal commas; "" where the format stores numbers as numbers.
    sheet : str
        Of a workbook.
    notes : tuple of str
        What was left out or taken for granted.
    beside : tuple of str
        What stood among the rows and is no respondent, so that it was left out.

    Examples
    --------
    >>> Detected("csv", "cp1252", ";", ",").step
    'read as cp1252, semicolons, decimal commas'
    >>> Detected("csv", "UTF-8", ",", ".").step
    ''
    """

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """One line for `Provenance.steps`; empty where nothing departs from UTF-8, commas and decimal points."""
        usual = (self.encoding, self.delimiter, self.decimal) in {("UTF-8", ",", "."), ("", "", "")}
        words = [self.encoding, DELIMITERS.get(self.delimiter, ""), "decimal commas" if self.decimal == "," else ""]
        how = [] if usual else [f"read as {', '.join(filter(None, words))}"]
        return "; ".join([*how, *self.notes])


def decoded(data: bytes, name: str, encoding: str = "") -> tuple[str, str]:
    """The text of a file and its encoding: the one given, that of its byte order mark, else UTF-8, else the likeliest of one byte.

    Windows-1252 (Latin-1's superset) is taken where it gives a text of Western Europe; where it does not, that of the Mac and
    of DOS are tried, and then what charset-normalizer finds.

    Raises
    ------
    DataError
        For bytes that are no text, text cut off inside a character, or two encodings in one file.

    Examples
    --------
    >>> decoded("merk;één".encode("latin-1"), "a.csv")
    ('merk;één', 'cp1252')
    >>> decoded("merk;één".encode("mac_roman"), "a.csv")
    ('merk;één', 'mac_roman')
    """
    if encoding:
        return _as_told(data, name, encoding), encoding
    codec, label = _codec(data)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        if label != "UTF-8":
            raise DataError(f"{name}: is not valid {label} text; it may be cut off. Export it again.") from None
        if re.search(rb"[\xc3-\xf4][\x80-\xbf]", data) and _mostly_utf8(data):  # letters of UTF-8 elsewhere
            line = data[: error.start].count(b"\n") + 1
            raise DataError(
                f"{name}: is UTF-8 text except in line {line}: two encodings are mixed, or the file is cut off. "
                "Save it again as 'CSV UTF-8'."
            ) from None
        text, label = _of_one_byte(data, name)
    if "\0" in text:
        raise DataError(f"{name}: holds zero bytes, so it is not a text file. Export it again as 'CSV UTF-8'.")
    return text, label


def _as_told(data: bytes, name: str, encoding: str) -> str:
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
        text.encode()  # UTF-7 can hold half letters
        return text
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{name}: line {line} is not valid {encoding}. Leave the encoding out, or give another."
        ) from None
    except (LookupError, ValueError):
        raise DataError(
            f"encoding is {encoding!r}, by which {name} is no text; allowed: a name such as utf-8, cp1252, cp1250 or mac_roman."
        ) from None


def _mostly_utf8(data: bytes) -> bool:
    """Whether most letters beyond ASCII are whole in UTF-8."""
    text = data.decode("utf-8", errors="replace")
    return sum(letter > "\x7f" and letter != "\ufffd" for letter in text) >= text.count("\ufffd")


def _of_one_byte(data: bytes, name: str) -> tuple[str, str]:
    found = []
    for codec in ("cp1252", "mac_roman", "cp850"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        odd = [letter for letter in text if letter > "\x7f"]
        found.append((sum(WESTERN.get(letter, 0.0) for letter in odd) / len(odd), codec, text))
    likeliest = max(found, key=lambda one: one[0], default=(0.0, "", ""))
    if likeliest[0] > 1:
        return likeliest[2], likeliest[1]
    from charset_normalizer import from_bytes

    guesses = from_bytes(data, cp_isolation=ELSEWHERE)
    letters = (one for one in guesses if all(sign.isalpha() for sign in str(one) if sign > "\x7f"))
    best = next(letters, guesses.best())
    if best is None:
        raise DataError(f"{name}: is no text in UTF-8, UTF-16 or Windows-1252. Save it again as 'CSV UTF-8'.")
    return str(best), best.encoding


def _codec(data: bytes) -> tuple[str, str]:
    for mark, codec, label in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with BOM"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            return codec, label
    head = data[:2000]
    for start, codec in ((1, "utf-16-le"), (0, "utf-16-be")):  # without a mark: every other byte of Latin text is zero
        zeros = head[start::2].count(0)
        if zeros > 0.6 * len(head[start::2]) and zeros == head.count(0):
            return codec, "UTF-16 without BOM"
    return "utf-8", "UTF-8"


def delimiter_of(text: str, name: str) -> str:
    r"""What separates the columns: the sign that cuts the header and every line into equally many fields.

    Raises
    ------
    DataError
        Where two signs do equally well.

    Examples
    --------
    >>> delimiter_of("trust;price\n1,5;2,5\n", "a.csv")
    ';'
    """
    if len(text) > _HEAD:
        text = text[:_HEAD].rpartition("\n")[0] or text[:_HEAD]
    widths = {sign: _widths(text, sign) for sign in DELIMITERS}
    even = {sign: found[0] for sign, found in widths.items() if len(set(found)) == 1 and found[0] > 1}
    best = sorted(even, key=even.get, reverse=True)
    if len(best) > 1 and even[best[0]] < 2 * even[best[1]]:
        raise DataError(
            f"{name}: its lines can be cut at {DELIMITERS[best[0]]} ({even[best[0]]} columns) and at "
            f"{DELIMITERS[best[1]]} ({even[best[1]]} columns). Keep one of them, or put texts in quotation marks."
        )
    if best:
        return best[0]
    headers = {sign: found[0] for sign, found in widths.items() if found and found[0] > 1}
    bodies = {sign: found[1] for sign, found in widths.items() if len(set(found[1:])) == 1 and found[1] > 1}
    options = headers or bodies or {",": 1}
    return max(options, key=options.get)


def without_title(text: str) -> tuple[str, int]:
    r"""The text with empty lines for those of a title above its table, and how many those are; 0 where it is not certain.

    A title has one or two fields, however its line is cut, and all lines after it are cut into more, equally many, by one
    sign alone.

    >>> without_title("Survey of 2026\n\nq1;q2;q3\n" + "1;2;3\n" * 4)[0].lstrip()[:8]
    'q1;q2;q3'
    """
    if "\n" not in text:
        return text, 0
    head = text if len(text) <= _HEAD else text[:_HEAD].rpartition("\n")[0] or text[:_HEAD]
    found = set()
    for sign in DELIMITERS:
        records = [record for record in islice(_counts(head, sign), SAMPLE) if record[1]]
        if len({count for _, count in records}) == 1 and records[0][1] > 1:  # a table from its first line
            return text, 0
        wide = next((at for at, (_, count) in enumerate(records) if count > 2), 0)
        alike = {count for _, count in records[wide:]}
        if 0 < wide <= MOST_TITLES and len(records) - wide > 3 and len(alike) == 1:
            found.add((records[wide][0], wide))
    if len(found) != 1:
        return text, 0
    (line, titles), *_ = found
    return "\n" * (line - 1) + text.split("\n", line - 1)[-1], titles


def _widths(text: str, sign: str) -> list[int]:
    return [count for _, count in islice(_counts(text, sign), SAMPLE) if count]


def _opened(text: str, newline: str | None) -> TextIO:
    """A text as a file of lines: a byte a letter, where StringIO takes four."""
    return TextIOWrapper(BytesIO(text.encode()), encoding="utf-8", newline=newline)


def _counts(text: str, delimiter: str) -> Iterator[tuple[int, int]]:
    """(line where it starts, number of fields) of every record; an empty line has none."""
    if '"' not in text:
        for line, record in enumerate(_opened(text, newline=None), start=1):
            yield line, record.count(delimiter) + 1 if delimiter in record or record.strip() else 0
        return
    reader = csv.reader(_opened(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    line = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field of more than 131,072 characters: a quotation mark swallowed the rest
            yield line, -1
            return
        yield line, len(fields) if len(fields) > 1 or any(field.strip() for field in fields) else 0
        line = reader.line_num + 1


def parsed(text: str, name: str, delimiter: str) -> tuple[list[str], pd.DataFrame, tuple[str, ...]]:
    """Headers, cells as text, and a note on empty lines left out.

    Raises
    ------
    DataError
        For a line with too many or too few fields, or a quotation mark that is never closed; both with the line.
    """
    counts = _counts(text, delimiter)
    first = last = next((record for record in counts if record[1]), (0, 0))
    if not first[1]:
        raise DataError(f"{name}: cannot be read as csv: it holds no text. Export it again.")
    refuse_wide(name, first[1])
    refuse_large(name, cells=first[1] * text.count("\n"))
    empty = between = 0
    for line, count in counts:
        if count not in (0, first[1]):
            raise _misshapen(text, name, delimiter, first, (line, count), not any(count for _, count in counts))
        if count:
            last, empty, between = (line, count), empty + between, 0
        else:
            between += 1
    try:
        table = _cells(text, delimiter, first[1])
    except pd.errors.ParserError:
        raise _misshapen(text, name, delimiter, first, last, True) from None
    if swallowed := _swallowed(text, delimiter, first[1]):
        raise DataError(
            f"{name}: line {swallowed[0]} opens a quotation mark, and {_lines(swallowed[1])} stand within it that look like "
            "respondents of their own. Take the mark away or close it, or export the file again."
        )
    headers, body = [str(header) for header in table.iloc[0]], table.iloc[1:]
    if body.shape[1] > 1:  # a line of separators alone
        some = body[body.iloc[:, 0].str.strip() == ""]
        if len(some):
            blank = some.index[(some.apply(lambda column: column.str.strip()) == "").all(axis=1)]
            empty, body = empty + len(blank), body.drop(index=blank)
    notes = (f"{empty} empty line{'s' * (empty > 1)} left out",) if empty else ()
    return headers, body.reset_index(drop=True), notes


def _cells(text: str, delimiter: str, width: int) -> pd.DataFrame:
    """The cells of a text whose records have as many fields; Arrow, where it is there, reads a large one in a sixth of the time."""
    # what the two may read in two ways: quotation marks, blanks before a cell, lines of blanks, an end of line of its own
    odd = ('"', f"{delimiter} ", f"{delimiter}\t", "\n ", "\n\t")
    plain = not any(sign in text for sign in odd) and text.count("\r") == text.count("\r\n")
    if plain and len(text) > _LARGE and width > 1 and text[0] not in " \t":
        with contextlib.suppress(ImportError, ValueError):
            return _by_arrow(text, delimiter, width)
    options = {"header": None, "dtype": str, "keep_default_na": False, "skipinitialspace": True, "sep": delimiter}
    return pd.read_csv(BytesIO(text.encode()), encoding="utf-8", **options)


def _by_arrow(text: str, delimiter: str, width: int) -> pd.DataFrame:
    from pyarrow import csv as arrow
    from pyarrow import py_buffer, string

    names = [str(place) for place in range(width)]
    table = arrow.read_csv(
        py_buffer(text.encode()),
        read_options=arrow.ReadOptions(column_names=names),
        parse_options=arrow.ParseOptions(delimiter=delimiter, quote_char=False),
        convert_options=arrow.ConvertOptions(column_types=dict.fromkeys(names, string()), strings_can_be_null=False),
    )
    own = pd.Series([""]).dtype  # what pandas itself has for texts
    frame = table.combine_chunks().to_pandas(
        types_mapper={string(): own}.get if isinstance(own, pd.StringDtype) else None
    )
    return frame.set_axis(range(width), axis=1)


def _lines(count: int) -> str:
    return f"{count} line{'s' * (count > 1)}"


def _swallowed(text: str, delimiter: str, width: int) -> tuple[int, int] | None:
    """Where a record runs over several lines, and how many of those look like records: a stray quotation mark opened it.

    A line looks like one if it has as many fields as the header, numbers where the first lines have them, and a separator
    before its first quotation mark; a line of an answer in someone's own words has not.
    """
    if '"' not in text or width < 2:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [line for line, _ in _counts(text, delimiter)] + [len(lines) + 1]
    several = [(start, more) for start, after in pairwise(starts) if any(more := lines[start : after - 1])]
    if not several:
        return None
    whole = [*islice((line.split(delimiter) for line in lines if line.count(delimiter) == width - 1), _FIRST)]
    numeric = [k for k in range(width) if sum(_is_number(line[k]) for line in whole) > 0.6 * len(whole)]
    for start, more in several:
        if within := sum(_like_a_record(line, delimiter, width, numeric) for line in more):
            return start, within
    return None


def _like_a_record(line: str, delimiter: str, width: int, numeric: list[int]) -> bool:
    fields = line.split(delimiter)
    if len(fields) != width or delimiter not in line.partition('"')[0]:
        return False
    return bool(numeric) and all(_is_number(fields[k]) or not fields[k].strip() for k in numeric)


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r'\s*"?[+-]?\d+([.,]\d+)?"?\s*', cell))


def _misshapen(
    text: str, name: str, delimiter: str, first: tuple[int, int], bad: tuple[int, int], last: bool
) -> DataError:
    """What to say of a record that has not as many fields as the first; `last` if nothing follows it."""
    (top, width), (line, count), sign = first, bad, DELIMITERS[delimiter]
    if last and _unclosed(text, delimiter, line):
        return DataError(
            f"{name}: line {line} opens a quotation mark that is never closed. Close it, or export the file again."
        )
    what = f"{name}: line {line} has {count} field{'s' * (count != 1)} where line {top} has {width}"
    if width == 1:
        return DataError(f"{what}. The first line must hold the column names, and nothing else.")
    if count < width:
        todo = "The file may be cut off; export it again" if last else "Complete the line, or export the file again"
        return DataError(f"{what} ({sign} between them). {todo}.")
    todo = "Put texts that hold one in quotation marks"
    if delimiter == ",":
        todo += "; if these are decimal commas, save the file with semicolons or with decimal points"
    return DataError(f"{what} ({sign} between them). {todo}.")


def _unclosed(text: str, delimiter: str, line: int) -> bool:
    rest = islice(_opened(text, newline=""), line - 1, None)
    try:
        for _ in csv.reader(rest, delimiter=delimiter, skipinitialspace=True, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error) or "field larger" in str(error)
    return False


def decimals(frame: pd.DataFrame, delimiter: str) -> tuple[pd.DataFrame, str, dict[str, str]]:
    """Decimal commas turned into points where that is certain; the file's decimal sign; columns in doubt and why.

    A cell such as 1,5 or 0,123 is certain, 1,234 is not: another column of the same file must show which sign it
    uses. Only a column that is mostly numbers is looked at; cells that are no numbers stay as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> frame, sign, doubts = decimals(pd.DataFrame({"wt": ["1,5", "", "0,75"], "n": ["1", "2", "3"]}), ";")
    >>> frame["wt"].tolist(), sign, doubts
    (['1.5', '', '0.75'], ',', {})
    """
    kinds = {name: found for name in frame.columns if (found := _kinds(frame[name]))}
    if delimiter == ",":
        kinds = {name: found for name, found in kinds.items() if not ticks(frame[name])}
    comma = {name for name, found in kinds.items() if set(found) <= {"whole", ",", ",?"} and "," in found}
    point = {name for name, found in kinds.items() if set(found) <= {"whole", ".", ".?"} and "." in found}
    changed, doubts = {}, {}
    for name, found in kinds.items():
        signs = {kind: example for kind, example in found.items() if kind != "whole"}
        if name in point or (set(signs) == {".?"} and not comma and (point or delimiter != ";")):
            continue
        if name in comma or (set(signs) == {",?"} and comma and not point):
            changed[name] = _with_points(frame[name])
            comma.add(name)
        else:
            doubts[name] = _doubt(name, signs)
    return frame.assign(**changed), "," if comma else ".", doubts


def ticks(column: pd.Series) -> bool:
    """Whether the cells with a comma are lists of codes that were ticked, lowest first, rather than decimals.

    >>> import pandas as pd
    >>> ticks(pd.Series(["1,3", "2", "1,2"])), ticks(pd.Series(["1,3", "3,1"])), ticks(pd.Series(["1,25", "2"]))
    (True, False, False)
    """
    distinct = np.asarray(column.unique(), dtype=object).tolist()
    cells = {cell.strip() for cell in distinct if isinstance(cell, str)} - {""}
    lists = [cell.split(",") for cell in cells if "," in cell]
    if not lists or not all(re.fullmatch(r"\d{1,2}(,\s*\d{1,2})*", cell) for cell in cells):
        return False
    codes = [[int(code) for code in one] for one in lists]
    known = {int(cell) for cell in cells if "," not in cell}
    rising = all(one == sorted(set(one)) for one in codes)
    every = {*known, *(code for one in codes for code in one)}
    few = max(every) <= max(9, 2 * len(every)) and {one[-1] for one in codes} != {5}  # 1,5 and 2,5 are halves
    return rising and few and all(str(int(code)) == code.strip() for one in lists for code in one)


def _kinds(column: pd.Series) -> dict[str, str]:
    """Kind → an example, of a column that is mostly numbers and has a comma or a point in one of them."""
    if not column.str.contains("[.,]", regex=True).any():
        return {}
    found, counts = {}, Counter()
    for cell in filter(None, column.str.strip().unique()):
        kind = _kind(cell)
        counts[kind] += 1
        found.setdefault(kind, cell)
    if "list" in found or 2 * counts["text"] >= counts.total():
        return {}
    found.pop("text", None)
    return found if set(found) != {"whole"} else {}


def _kind(cell: str) -> str:
    if WHOLE.fullmatch(cell):
        return "whole"
    for sign, (decimal, either, thousands) in SIGNS.items():
        if either.fullmatch(cell):
            return sign + "?"
        if thousands.fullmatch(cell):
            return "thousands"
        if decimal.fullmatch(cell):
            return sign
    return "list" if LIST.fullmatch(cell) else "text"


def _with_points(column: pd.Series) -> pd.Series:
    changed = {
        cell: cell.replace(".", "").replace(",", ".")
        for cell in column.unique()
        if isinstance(cell, str) and _kind(cell.strip()) in {",", ",?"}
    }
    return column.map(lambda cell: changed.get(cell, cell))


def _doubt(name: str, signs: dict[str, str]) -> str:
    examples = listed(signs.values())
    if len(signs) > 1:
        return (
            f"column '{name}' holds {' and '.join(signs.values())}: commas and points cannot both be its decimal sign. "
            "Write its numbers in one way, without thousands separators."
        )
    kind, cell = next(iter(signs.items()))
    if kind == "thousands":
        return f"column '{name}' holds {examples}, with thousands separators. Save its numbers without them."
    sign = kind[0]
    word = {",": "comma", ".": "point"}[sign]
    return (
        f"column '{name}' holds {cell}: {cell.replace(sign, '.')} with a decimal {word}, or {cell.replace(sign, '')} with "
        "a thousands separator? Nothing in the file tells. Save its numbers without thousands separators and with decimal points."
    )
