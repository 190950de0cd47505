"""`Survey`: answers of real or simulated respondents, read with their codebook; counts everything it leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .codebook import Codebook, Item, Scale, read_codebook
from .errors import DataError, UnknownName, listed, unknown
from .files import available, find, read_yaml, sha256
from .moments import Moments
from .provenance import Provenance
from .published import PublishedTable, read_table
from .results import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MIN_CELL", "Composition", "Distribution", "Sample", "Survey", "input_files", "read_data", "read_survey"]

#: Groups of fewer respondents than this are not shown: a rule of thumb of statistical offices (Hundepool et al. 2012,
#: Statistical Disclosure Control, doi:10.1002/9781118348239).
MIN_CELL = 10
READABLE = (".csv", ".parquet")
MISSING_RULES = {
    "listwise": "a respondent without a score on a variable of the model is left out of that model",
    "item_mean": "an unanswered item gets the mean of those who answered it, as some printed results do",
}


@dataclass(frozen=True, eq=False)
class Survey:
    """Rows of answers with their codebook and design.

    Made by `read_survey`. `frame` holds the items (missing codes blank, reversed items turned round) and the scales.

    Examples
    --------
    >>> import pandas as pd
    >>> book = read_codebook("mobi")
    >>> rows = pd.DataFrame({name: [7, 9, 4, 8, 6] for name in book.items})
    >>> survey = read_survey(rows, book)
    >>> survey
    Survey of 5 respondents, codebook 'mobi'; listwise
    >>> survey.frame["LOY"].tolist()
    [7.0, 9.0, 4.0, 8.0, 6.0]
    """

    frame: pd.DataFrame
    codebook: Codebook
    provenance: Provenance
    weight: str | None = None
    cluster: str | None = None
    strata: str | None = None
    missing: str = "listwise"
    cells_missing: dict[str, int] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    has_rows = True
    note = None

    def __repr__(self) -> str:
        design = "".join(
            f"; {what} {name}"
            for what, name in (("weight", self.weight), ("clusters", self.cluster), ("strata", self.strata))
            if name
        )
        return f"Survey of {len(self.frame):,} respondents, codebook '{self.codebook.name}'{design}; {self.missing}"

    def moments(self, names: Iterable[str]) -> Moments:
        """Moments of the respondents who are complete on these variables."""
        names = self._present(names)
        return Moments.from_frame(self.frame, names, weight=self.weight, provenance=self.provenance)

    def draws(self, names: Iterable[str], *, n_draws: int = 2000, seed: int = 1) -> Moments:
        """Bootstrap draws of `moments(names)`: by respondent, or by cluster where the survey has one."""
        names = self._present(names)
        design: dict[str, Any] = {"weight": self.weight, "cluster": self.cluster, "provenance": self.provenance}
        return Moments.bootstrap(self.frame, names, n_draws=n_draws, seed=seed, strata=self.strata, **design)

    def jackknife(self, names: Iterable[str]) -> Moments:
        """Moments with each respondent, or cluster, left out in turn; BCa intervals need them."""
        design: dict[str, Any] = {"weight": self.weight, "cluster": self.cluster, "provenance": self.provenance}
        return Moments.jackknife(self.frame, self._present(names), **design)

    def sample(self, names: Iterable[str]) -> Sample:
        """Who is used for a model of these variables, and what was left out."""
        return Sample(self, tuple(self._present(names)))

    def distribution(self, name: str, min_cell: int = MIN_CELL) -> Distribution:
        """How many gave each answer, in whole scale points."""
        self._present([name])
        return Distribution(self, name, min_cell)

    def composition(self, names: Iterable[str], segments: Iterable[str] | None = None) -> Composition:
        """Respondents in each segment, and how many are complete on `names`."""
        segments = (
            tuple(name for name in self.codebook.names("segment") if name in self.frame)
            if segments is None
            else tuple(segments)
        )
        return Composition(self, tuple(self._present(names)), segments)

    def only(self, condition: str) -> Survey:
        """The respondents of one segment, as in `servicetype=prepaid`; by code or by label.

        Raises
        ------
        UnknownName
            Listing the segments, or the values of this one.
        """
        name, _, value = (part.strip() for part in condition.partition("="))
        segment = self._segment(name)
        matches = [code for code, label in self._codes(segment).items() if value in (str(code), *label.values())]
        if not matches:
            raise unknown(f"value of {name}", value, [label["en"] for label in self._codes(segment).values()])
        kept = self.frame[self.frame[name] == matches[0]]
        step = f"only {name} = {self._codes(segment)[matches[0]]['en']}: {len(kept):,} of {len(self.frame):,} rows"
        return replace(self, frame=kept, provenance=self.provenance.then(step))

    def split(self, segment: str, *, min_n: int = 50) -> dict[str, Survey]:
        """One survey for each value of a segment with at least `min_n` respondents, by its English label."""
        codes = self._codes(self._segment(segment))
        sizes = self.frame[segment].value_counts()
        return {
            label["en"]: self.only(f"{segment}={code}") for code, label in codes.items() if sizes.get(code, 0) >= min_n
        }

    def with_indicators(self, name: str) -> tuple[Survey, tuple[str, ...]]:
        """The survey with a 0/1 column for each answer of a categorical item but its first, and their names.

        Use the names as a block, with `players="blocks"`: which answer is left out then makes no difference.
        """
        item = self.codebook.variable(name)
        if not isinstance(item, Item) or not item.values:
            able = [other.name for other in self.codebook.items.values() if other.values]
            raise unknown("categorical item", name, able, "Give the item 'values' in the codebook.")
        codes = list(item.values.items())[1:]
        columns = {
            f"{name}={label['en']}": (self.frame[name] == code).astype(float).where(self.frame[name].notna())
            for code, label in codes
        }
        new = {
            column: Item(column, {k: f"{item.label[k]}: {label[k]}" for k in label}, role="covariate")
            for column, (_, label) in zip(columns, codes, strict=True)
        }
        book = replace(self.codebook, items={**self.codebook.items, **new})
        return replace(self, frame=self.frame.assign(**columns), codebook=book), tuple(columns)

    def with_noise(self, name: str = "noise", *, seed: int = 1) -> Survey:
        """The survey with a column of standard normal noise: what `above_noise` compares drivers with."""
        noise = np.random.default_rng(seed).standard_normal(len(self.frame))
        item = Item(name, {"en": "Pure noise", "nl": "Pure ruis"}, role="covariate")
        book = replace(self.codebook, items={**self.codebook.items, name: item})
        provenance = self.provenance.then(f"a column of noise added, seed {seed}")
        return replace(self, frame=self.frame.assign(**{name: noise}), codebook=book, provenance=provenance)

    def _segment(self, name: str) -> Item:
        segments = self.codebook.names("segment")
        if name not in segments or name not in self.frame:
            raise unknown("segment", name, segments, "Segments are the items with role 'segment' in the codebook.")
        return self.codebook.items[name]

    def _codes(self, segment: Item) -> dict[Any, dict[str, str]]:
        if segment.values:
            return segment.values
        found = sorted(self.frame[segment.name].dropna().unique().tolist(), key=str)
        return {
            code: dict.fromkeys(("en", "nl"), f"{code:g}" if isinstance(code, float) else str(code)) for code in found
        }

    def _present(self, names: Iterable[str]) -> list[str]:
        names = list(names)
        for name in names:
            self.codebook.variable(name)
            if name in self.unavailable:
                raise DataError(f"{name} cannot be scored: {self.unavailable[name]}.")
            if name not in self.frame:
                raise DataError(
                    f"the file has no column '{name}', which the codebook '{self.codebook.name}' describes."
                )
        return names


def read_survey(
    data: str | Path | pd.DataFrame,
    codebook: str | Path | Codebook,
    *,
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    missing: str = "listwise",
    source: str | None = None,
) -> Survey:
    """Answers from a csv or parquet file (or a frame), recoded and scored as the codebook says.

    Parameters
    ----------
    data : path or DataFrame
        One row per respondent; the column headers are the item names of the codebook.
    codebook : name, path or Codebook
    weight, cluster, strata : str, optional
        Columns of the design. Nothing is weighted unless you name the weight.
    missing : {"listwise", "item_mean"}
        What happens to an unanswered item (see `MISSING_RULES`); filled-in answers are counted.

    Raises
    ------
    DataError
        For text among numbers, an answer outside its range, duplicate headers; all at once, each with its column.
    """
    import pandas as pd

    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    if missing not in MISSING_RULES:
        raise unknown("missing rule", missing, MISSING_RULES)
    raw, name, digest = (data, "data frame", "") if isinstance(data, pd.DataFrame) else _read_file(Path(data))
    for role, column in (("weight", weight), ("cluster", cluster), ("strata", strata)):
        if column and column not in raw.columns:
            raise unknown(f"{role} column", column, book.names(role) or raw.columns)
    origin = source or book.source
    provenance = Provenance(book.tier, origin, book.citation, digest)

    items = {item.name: item for item in book.items.values() if item.name in raw.columns}
    if not items:
        raise DataError(
            f"{name}: none of its columns is in the codebook '{book.name}'. The file has {listed(raw.columns)}; the codebook has {listed(book.items)}."
        )
    problems: list[str] = []
    columns = {item.name: _recoded(raw[item.name], item, problems) for item in items.values()}
    columns |= {extra: raw[extra] for extra in (weight, cluster, strata) if extra and extra not in columns}
    if problems:
        raise DataError(f"{name}: " + "\n".join(problems))
    frame = pd.DataFrame(columns)
    members = {member for scale in book.scales.values() for member in scale.items if member in frame}
    blank = {member: int(frame[member].isna().sum()) for member in sorted(members)}
    if missing == "item_mean":
        frame = frame.fillna({member: frame[member].mean() for member in members})
        provenance = provenance.then(f"{sum(blank.values())} unanswered items filled with the item mean")
    unavailable = {}
    for scale in book.scales.values():
        if absent := [member for member in scale.items if member not in frame]:
            unavailable[scale.name] = f"the file has no column {listed(absent)}"
        elif not scale.items:
            unavailable[scale.name] = "the codebook names no items for it; its source prints it only as a whole"
        else:
            frame[scale.name] = _scored(frame, scale)
    return Survey(frame, book, provenance, weight or None, cluster or None, strata or None, missing, blank, unavailable)


def input_files(data: str, codebook: str = "") -> dict[str, Path]:
    """The files `read_data(data, codebook)` would read, as far as they are there: "data" and "codebook"."""
    books, tables = available("data/codebooks", ".yml"), available("data/published", ".yml")
    known = {book.rows["name"]: book for book in _books_with_rows()}
    path, book = Path(data).expanduser(), codebook
    if not path.is_file() and data in known:
        book = codebook or known[data].name
        path = _package_file(known[data]) or tables[known[data].table]
    elif not path.is_file():
        path = tables.get(data, path)
    if path.is_file() and path.suffix == ".yml":
        book = str(read_yaml(path).get("codebook", ""))
    found = {
        "data": path,
        "codebook": books.get(book) or (find("codebook", book, "data/codebooks", ".yml") if book else Path()),
    }
    return {name: file for name, file in found.items() if file.is_file()}


def read_data(
    data: str,
    codebook: str = "",
    *,
    weight: str = "",
    cluster: str = "",
    strata: str = "",
    missing: str = "listwise",
    only: str = "",
) -> Survey | PublishedTable:
    """The evidence a report runs on: a file of answers, rows known by name (`corp_rep`), or a published table.

    Where rows known by name are not installed, the table their source prints stands in, and its `note` says so. Both
    answer `moments(names)`, `draws(names)` and `codebook`; only a survey `has_rows`.

    Raises
    ------
    UnknownName
        Listing what there is.
    """
    design = {"weight": weight or None, "cluster": cluster or None, "strata": strata or None, "missing": missing}
    known = {book.rows["name"]: book for book in _books_with_rows()}
    tables = available("data/published", ".yml")
    if data in known and not Path(data).is_file():
        book = known[data]
        path = _package_file(book)
        if path is not None:
            survey = read_survey(path, read_codebook(codebook) if codebook else book, **design)
            return survey.only(only) if only else survey
        table = read_table(book.table)
        en = f"The rows of {data} come with the package {book.rows['package']}, which is not installed here. This report runs on a published correlation table of the same study instead."
        nl = f"De rijen van {data} komen uit het pakket {book.rows['package']}, dat hier niet is geïnstalleerd. Dit rapport gebruikt daarom een gepubliceerde correlatietabel van hetzelfde onderzoek."
        table = replace(table, note={"en": en, "nl": nl})
    elif Path(data).suffix in READABLE or (Path(data).is_file() and Path(data).suffix != ".yml"):
        if not codebook:
            raise UnknownName(
                f"'{data}' needs a codebook that says what its columns mean; give codebook= (see data/README.md)."
            )
        survey = read_survey(data, codebook, **design)
        return survey.only(only) if only else survey
    elif data in tables or Path(data).suffix == ".yml":
        table = read_table(data)
    else:
        raise unknown(
            "data", data, [*known, *tables], "Or give the path of a .csv or .parquet file, with its codebook."
        )
    if asked := [
        name
        for name, value in (("weight", weight), ("cluster", cluster), ("strata", strata), ("segment filter", only))
        if value
    ]:
        raise DataError(
            f"{listed(asked)}: the published table '{table.name}' has no respondents to weight, group or choose from."
        )
    return table


# ---- results ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Sample(Result):
    """Who is used for a model, and what was left out, variable by variable."""

    survey: Survey
    names: tuple[str, ...]

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.survey.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        survey, filled = self.survey, self.survey.missing == "item_mean"
        variables = [survey.codebook.variable(name) for name in self.names]
        cells = [
            sum(survey.cells_missing.get(i, 0) for i in v.items) if isinstance(v, Scale) else None for v in variables
        ]
        return pd.DataFrame(
            {
                "term": self.names,
                "n_cells_missing": [
                    int(survey.frame[v.name].isna().sum()) if c is None else c
                    for v, c in zip(variables, cells, strict=True)
                ],
                "n_filled": [(c or 0) if filled else 0 for c in cells],
                "n_missing": [int(survey.frame[name].isna().sum()) for name in self.names],
            }
        )

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        m = self.survey.moments(self.names)
        rows = len(self.survey.frame)
        used = int(m.n)
        counts = {"n_rows": rows, "n_complete": used, "n_left_out": rows - used, "n_effective": float(m.n_eff)}
        return pd.DataFrame(
            {key: [value] for key, value in (counts | {"n_filled": int(self.tidy()["n_filled"].sum())}).items()}
        )


@dataclass(frozen=True, eq=False)
class Composition(Result):
    """Respondents by segment; segments smaller than `MIN_CELL` are not shown."""

    survey: Survey
    names: tuple[str, ...]
    segments: tuple[str, ...]
    keys = ("term", "segment")

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.survey.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        frame = self.survey.frame
        complete = frame[list(self.names)].notna().all(axis=1)
        rows = []
        for segment in self.segments:
            for code, label in self.survey._codes(self.survey._segment(segment)).items():
                here = frame[segment] == code
                if here.sum() >= MIN_CELL:
                    rows.append((segment, label["en"], int(here.sum()), int((here & complete).sum())))
        return pd.DataFrame(rows, columns=["term", "segment", "n_rows", "n_complete"])

    def glance(self) -> pd.DataFrame:
        return self.survey.sample(self.names).glance()


@dataclass(frozen=True, eq=False)
class Distribution(Result):
    """Respondents by answer, in whole scale points; where a cell is smaller than `min_cell` its count is withheld.

    A single withheld cell could be worked out from the total, so then the next smallest is withheld with it.
    """

    survey: Survey
    name: str
    min_cell: int = MIN_CELL
    keys = ("answer",)

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.survey.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        frame, variable = self.survey.frame, self.survey.codebook.variable(self.name)
        answers = np.floor(frame[self.name].dropna() + 0.5).astype(int)
        item = self.survey.codebook.items[variable.items[0]] if isinstance(variable, Scale) else variable
        low, high = item.range or (answers.min(), answers.max())
        weight = frame[self.survey.weight][answers.index] if self.survey.weight else pd.Series(1.0, answers.index)
        points = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        n = np.array([int((answers == point).sum()) for point in points])
        share = np.array([weight[answers == point].sum() for point in points]) / weight.sum()
        hidden = (n > 0) & (n < self.min_cell)
        if hidden.sum() == 1 and (n >= self.min_cell).any():
            hidden[np.argmin(np.where(n >= self.min_cell, n, n.max() + 1))] = True
        shown = {
            "answer": [str(point) for point in points],
            "n": np.where(hidden, np.nan, n),
            "share": np.where(hidden, np.nan, share),
        }
        return pd.DataFrame(shown)

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"term": [self.name], "n": [int(self.survey.frame[self.name].notna().sum())]})


# ---- reading ------------------------------------------------------------------------------------------------------------


def _books_with_rows() -> list[Codebook]:
    return [book for name in available("data/codebooks", ".yml") if (book := read_codebook(name)).rows]


def _package_file(book: Codebook) -> Path | None:
    """A data file inside an installed package; the package itself is not imported."""
    spec = find_spec(book.rows["package"])
    path = Path(spec.origin).parent / book.rows["file"] if spec and spec.origin else None
    return path if path and path.is_file() else None


def _read_file(path: Path) -> tuple[pd.DataFrame, str, str]:
    """The table in a file, with clean headers; its name and hash."""
    import pandas as pd

    if not path.is_file():
        raise DataError(
            f"'{path}' is not a file here (the current folder is '{Path.cwd().name}'). Give the path of a .csv or .parquet file."
        )
    if path.suffix not in READABLE:
        raise DataError(
            f"{path.name}: files of type '{path.suffix}' are not read. Save it as one of {', '.join(READABLE)}."
        )
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            headers = [str(column) for column in frame.columns]
        else:
            table = pd.read_csv(
                path, header=None, dtype=str, encoding="utf-8-sig", keep_default_na=False, skipinitialspace=True
            )
            headers = [str(header) for header in table.iloc[0]]
            frame = table.iloc[1:].reset_index(drop=True)
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: is not UTF-8 text. Save it again as 'CSV UTF-8'.") from None
    except (ValueError, OSError) as error:
        raise DataError(f"{path.name}: cannot be read as {path.suffix[1:]} ({str(error).splitlines()[0]}).") from None
    if len(headers) == 1 and ";" in headers[0]:
        raise DataError(
            f"{path.name}: its columns are separated by semicolons. Save it with commas, and with decimal points."
        )
    headers = [header.strip() for header in headers]
    if twice := sorted({header for header in headers if headers.count(header) > 1}):
        raise DataError(
            f"{path.name}: the header {listed(repr(h) for h in twice)} stands more than once. Rename one of the columns."
        )
    if frame.empty:
        raise DataError(f"{path.name}: has headers but no rows.")
    frame.columns = headers
    return frame, path.name, sha256(path)


def _recoded(column: pd.Series, item: Item, problems: list[str]) -> pd.Series:
    """Answers as numbers, missing codes blank, reversed items turned round; what is wrong goes to `problems`."""
    import pandas as pd

    text = column.astype(str).str.strip() if not pd.api.types.is_numeric_dtype(column) else None
    codes = {str(code) for code in item.missing} | {""}
    if text is not None:
        column = text.mask(text.isin(codes | {"nan", "None", "NaN", "<NA>"}))
    if item.role == "cluster" or (item.role == "segment" and _is_text(column)):
        return column
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    numbers = numbers.mask(numbers.isin([code for code in item.missing if not isinstance(code, str)]))
    odd = column[numbers.isna() & column.notna() & ~pd.to_numeric(column, errors="coerce").isin(item.missing)]
    if len(odd):
        problems.append(
            f"column '{item.name}' holds text in {len(odd):,} of {len(column):,} rows ({listed(sorted(map(repr, odd.unique())), limit=3)}). "
            f"If it means 'no answer', add it to the missing codes of {item.name} in the codebook."
        )
    allowed = sorted(item.values) if item.values and all(isinstance(v, (int, float)) for v in item.values) else None
    outside = numbers.notna() & (
        ~numbers.isin(allowed) if allowed else ~numbers.between(*(item.range or (-np.inf, np.inf)))
    )
    if outside.any():
        span = listed(allowed) if allowed else f"{item.range[0]:g} to {item.range[1]:g}" if item.range else ""
        found = listed((f"{value:g}" for value in sorted(numbers[outside].unique())), limit=5)
        problems.append(
            f"column '{item.name}' holds {found} in {int(outside.sum()):,} of {len(column):,} rows; the codebook allows {span}. "
            f"If it means 'no answer', add it to the missing codes of {item.name}; otherwise correct its range or the file."
        )
    return item.range[0] + item.range[1] - numbers if item.reverse and item.range else numbers


def _is_text(column: pd.Series) -> bool:
    import pandas as pd

    return bool(pd.to_numeric(column.dropna(), errors="coerce").isna().any())


def _scored(frame: pd.DataFrame, scale: Scale) -> pd.Series:
    """Mean of the answered items, for those who answered enough of them."""
    items = frame[list(scale.items)]
    return items.mean(axis=1).where(items.notna().sum(axis=1) >= scale.min_answered)
