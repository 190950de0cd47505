"""`Result`, the base of every answer, and `Quantity`, the only number that may stand in prose."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from numbers import Real
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from .disclosure import MOST_ROWS, both_ends
from .errors import DataError, unknown
from .lazy import pd
from .provenance import TIERS, Provenance
from .words import format_number, tr

#: Notebooks put the cells of a table to the right, and break a number with its interval where there are many columns.
_LEFT, _WHOLE = ' style="text-align: left"', ' style="white-space: nowrap"'


@dataclass(frozen=True)
class Quantity:
    """A number that remembers where it came from.

    `format(q, ".0%")` prints the number; `ci` before the format, as in `"ci.0%"`, adds its interval: a confidence interval,
    unless it is what `assumed` inputs leave open.

    >>> share = Quantity(0.494, 0.41, 0.58, 0.95, "Importance(lmg): emotional, share", Provenance("observed", "survey"))
    >>> f"{share:.0%}; {share:ci.0%}"
    '49%; 49% (95% CI 41% to 58%)'
    >>> share.text("ci.1%", "nl")
    '49,4% (95%-BI 41,0% tot 58,0%)'
    >>> f"{Quantity(2.0, -7.0, 20.0, 0.95, 'ProgrammeReturn: difference', Provenance('synthetic', 'assumed'), assumed=True):ci.0f}"
    '2 (assumed range −7 to 20)'
    """

    value: float
    conf_low: float | None
    conf_high: float | None
    conf_level: float | None
    origin: str
    provenance: Provenance
    assumed: bool = False

    def __format__(self, spec: str) -> str:
        return self.text(spec, "en")

    def beside(self, claimed: Quantity | float) -> str:
        """The word "below" or "above" where the whole interval lies on that side of what is claimed, else "holds".

        >>> share = Quantity(0.2, 0.15, 0.26, 0.95, "Score: satisfied", Provenance("observed", "survey"))
        >>> share.beside(0.4), share.beside(0.2), share.beside(0.1)
        ('below', 'holds', 'above')
        """
        if self.conf_low is None or self.conf_high is None:
            raise DataError(f"{self.origin} has no interval, so nothing can be held beside it.")
        value = claimed.value if isinstance(claimed, Quantity) else claimed
        return "below" if self.conf_high < value else "above" if self.conf_low > value else "holds"

    def text(self, spec: str, language: str) -> str:
        """The number in words of `language`."""
        spec, with_interval = (spec[2:], True) if spec.startswith("ci") else (spec, False)
        spec = spec or ("d" if isinstance(self.value, int) else ".3g")
        number = format_number(self.value, spec, language)
        if not with_interval:
            return number
        if self.conf_low is None or self.conf_high is None:
            raise DataError(f"{self.origin} has no interval; give the estimator draws= to get one.")
        name, to = (tr("assumed range") if self.assumed else tr("{level} CI"))[language], tr("to")[language]
        low, high = (format_number(bound, spec, language) for bound in (self.conf_low, self.conf_high))
        return f"{number} ({name.format(level=format_number(self.conf_level or 0, '.0%', language))} {low} {to} {high})"


def taken_from(path: str) -> Any:
    """What a result has from one it is made from: `provenance = taken_from("moments.provenance")`."""
    return property(attrgetter(path))


class Result:
    """Base of every answer: a table with a row per term, one row about the whole, and where the numbers came from.

    A subclass is a frozen dataclass with a `provenance`; it says what its `columns` and its `whole` are, and checks on
    creation that its parts add up. The frames, single numbers with their intervals, one line of text and the table that a
    notebook shows follow. Columns are those of the `GLOSSARY`.

    Attributes
    ----------
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    conf_level : float
        Level of the intervals, between 0 and 1, where there are any.
    """

    #: Columns that name a row of `tidy()`.
    keys: ClassVar[tuple[str, ...]] = ("term",)
    #: Columns of `glance()` that the line of text names; none: the first few.
    shown: ClassVar[tuple[str, ...]] = ()
    #: Whether the intervals are what assumed inputs leave open, and no confidence intervals.
    assumed: ClassVar[bool] = False
    if TYPE_CHECKING:  # a field of most, of some a property; here it would be taken for the field's default

        @property
        def provenance(self) -> Provenance: ...

    def __init_subclass__(cls) -> None:
        if "__repr__" not in cls.__dict__:  # a dataclass would write one of its own, with every array in it
            cls.__repr__ = cls.__repr__

    def columns(self) -> Mapping[str, Any] | Sequence[Mapping[str, Any]] | pd.DataFrame:
        """What `tidy()` is made of: columns by name, a row after the other, or a frame."""
        raise NotImplementedError

    def whole(self) -> Mapping[str, Any]:
        """The one row of `glance()` as plain values, for those who ask thousands."""
        raise NotImplementedError

    @cached_property
    def _frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.columns())

    def tidy(self) -> pd.DataFrame:
        """One row per term."""
        return self._frame.copy()

    def glance(self) -> pd.DataFrame:
        """Exactly one row about the whole."""
        return pd.DataFrame({name: [value] for name, value in self.whole().items()})

    def value(self, term: str | tuple[str | float, ...], column: str = "estimate") -> Quantity:
        """One number of `tidy()`, with its interval and its origin, ready for prose."""
        wanted = term if isinstance(term, tuple) else (term,)
        frame = self._frame
        names = list(frame[list(self.keys)].itertuples(index=False, name=None))
        if wanted not in names:
            raise unknown(
                " and ".join(self.keys), ", ".join(map(str, wanted)), [", ".join(map(str, name)) for name in names]
            )
        row = {name: frame[name].iloc[names.index(wanted)] for name in frame.columns}
        return self._quantity(row, column, ", ".join(map(str, wanted)))

    def stat(self, column: str) -> Quantity:
        """One number of `glance()`."""
        return self._quantity(self.whole(), column, "all")

    def __repr__(self) -> str:
        return self._line()

    def _line(self, language: str = "", labels: Mapping[str, str] | None = None) -> str:
        """The facts of `shown`, by the names `stat` knows them by, or above a table under the headings of a language."""
        frame, facts, line = self._frame, dict(self.whole()), self.__class__.__name__
        if len(frame) == 1 and not language:
            facts = frame.iloc[0].to_dict() | facts
        elif len(frame) != 1:
            line += f", {len(frame)} rows by {', '.join(self.keys)}" if not language else f" ({len(frame)})"
        names = self.shown or [name for name in facts if not name.endswith(("conf_low", "conf_high", "conf_level"))][:6]
        return f"{line}: {', '.join(_fact(name, facts, language, labels) for name in names if name in facts)}"

    def html(self, language: str = "en", labels: Mapping[str, str] | None = None) -> str:
        """The rows as a small table under the headings of the glossary, names by their `labels`; of a long one both ends.

        A number has its interval beside it, and then no standard error; text stands to the left.
        """
        rows = self._frame.iloc[both_ends(len(self._frame), MOST_ROWS)].to_dict("records")
        with_ends = [name for name in self._frame if any(_ends(name, row)[0] is not None for row in rows)]
        ends = {end for name in with_ends for end in _names_of_ends(name)}
        beside = ends | ({"std_error"} if "conf_low" in ends else set())
        shown = [name for name in self._frame if name not in beside]
        text = {name for name in shown if any(isinstance(row[name], str) for row in rows)}

        def cell(tag: str, name: str, content: str) -> str:
            return f"<{tag}{_LEFT if name in text else _WHOLE}>{escape(content)}</{tag}>"

        heads = "".join(cell("th", name, _heading(name, language)) for name in shown)
        body = "".join(
            f"<tr>{''.join(cell('td', name, _with_ends(name, row, language, labels)) for name in shown)}</tr>"
            for row in rows
        )
        caption = escape(f"{self._line(language, labels)}; {TIERS[self.provenance.tier][language]}")
        return f"<table><caption{_LEFT}>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"

    def _repr_html_(self) -> str:
        return self.html()

    # ---- drawing: the room `exhibits` stands above this one, so the front door is asked --------------------------

    def plot(self, id: str = "", *, kind: str = "", **options: Any) -> Any:
        """A figure of the result, for `report.show` to complete with its words; by itself it shows in a notebook too.

        Parameters
        ----------
        id : str
            Such as `fig-drivers`; what it is cited by.
        kind : str
            What to draw, where the result can be drawn in several ways; the first of them if left out.
        options
            Those of the function `exhibits.plot_<kind>`, such as a second result, or `labels=` outside a report.

        Raises
        ------
        UnknownName
            For a kind that there is not, listing those there are.
        """
        return _front_door().sketched("plot", self, id, kind, options)

    def table(self, id: str = "", *, kind: str = "", **options: Any) -> Any:
        """As `plot`, a table."""
        return _front_door().sketched("table", self, id, kind, options)

    def _quantity(self, row: Mapping[str, Any], column: str, term: str) -> Quantity:
        if column not in row or isinstance(row[column], str):
            raise unknown("column", column, [name for name, value in row.items() if not isinstance(value, str)])
        low, high = _ends(column, row)
        return Quantity(
            row[column].item() if hasattr(row[column], "item") else row[column],
            low,
            high,
            None if low is None else getattr(self, "conf_level", 0.95),
            f"{self.__class__.__name__}: {term}, {column}",
            self.provenance,
            self.assumed and low is not None,
        )


def _front_door() -> Any:
    return sys.modules[__name__.partition(".")[0]]


class OneRow(Result):
    """An answer of one row: `row` is `tidy()` as plain values."""

    @property
    def row(self) -> dict[str, Any]:
        """The one row of `tidy()`."""
        raise NotImplementedError

    def columns(self) -> Sequence[Mapping[str, Any]]:
        return [self.row]


def _ends(column: str, row: Mapping[str, Any]) -> tuple[float, float] | tuple[None, None]:
    """The interval of a column, where its row has one."""
    low, high = (row.get(name) for name in _names_of_ends(column))
    return (float(low), float(high)) if low is not None and high is not None and low == low else (None, None)


def _names_of_ends(column: str) -> tuple[str, str]:
    """The columns that hold the interval of a column."""
    prefix = "" if column == "estimate" else f"{column}_"
    return f"{prefix}conf_low", f"{prefix}conf_high"


def _fact(name: str, row: Mapping[str, Any], language: str, labels: Mapping[str, str] | None = None) -> str:
    return f"{_heading(name, language)} {_with_ends(name, row, language or 'en', labels)}"


def _with_ends(name: str, row: Mapping[str, Any], language: str, labels: Mapping[str, str] | None) -> str:
    """A value with its interval, where its row has one; a name by its label."""
    value, (low, high) = row[name], _ends(name, row)
    text = _written(name, (labels or {}).get(value, value) if isinstance(value, str) else value, language)
    if low is None:
        return text
    return f"{text} ({_written(name, low, language)} {tr('to')[language]} {_written(name, high, language)})"


def _heading(name: str, language: str) -> str:
    from .glossary import GLOSSARY  # a file to read, for those who look

    return GLOSSARY[name].heading[language] if language and name in GLOSSARY else name


def _written(name: str, value: Any, language: str) -> str:
    """A value of a column: whole numbers as such, others to three decimals."""
    if value is None:
        return "–"
    if not isinstance(value, Real) or isinstance(value, bool):
        return str(value)
    number = float(value)
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    decimals = 0 if number.is_integer() else 3 if abs(number) < 100 else 1
    return format_number(number, ".3p" if name.startswith("p_value") and 0 < number < 1 else f",.{decimals}f", language)
