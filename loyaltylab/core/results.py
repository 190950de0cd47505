"""`Result`, the base of every answer, `Quantity`, the only number that may stand in prose, and the column glossary."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import DataError, unknown
from .provenance import Provenance
from .words import format_number, tr

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OneRow", "Quantity", "Result"]


@dataclass(frozen=True)
class Quantity:
    """A number that remembers where it came from.

    `format(q, ".0%")` prints the number; `ci` before the format, as in `"ci.0%"`, adds its interval.

    >>> share = Quantity(0.494, 0.41, 0.58, 0.95, "Importance(lmg): emotional, share", Provenance("observed", "survey"))
    >>> f"{share:.0%}; {share:ci.0%}"
    '49%; 49% (95% CI 41% to 58%)'
    >>> share.text("ci.1%", "nl")
    '49,4% (95%-BI 41,0% tot 58,0%)'
    """

    value: float
    conf_low: float | None
    conf_high: float | None
    conf_level: float | None
    origin: str
    provenance: Provenance

    def __format__(self, spec: str) -> str:
        return self.text(spec, "en")

    def text(self, spec: str, language: str) -> str:
        """The number in words of `language`."""
        spec, with_interval = (spec[2:], True) if spec.startswith("ci") else (spec, False)
        spec = spec or ("d" if isinstance(self.value, int) else ".3g")
        number = format_number(self.value, spec, language)
        if not with_interval:
            return number
        if self.conf_low is None or self.conf_high is None:
            raise DataError(f"{self.origin} has no interval; give the estimator draws= to get one.")
        name, to = tr("{level} CI")[language], tr("to")[language]
        low, high = (format_number(bound, spec, language) for bound in (self.conf_low, self.conf_high))
        return f"{number} ({name.format(level=format_number(self.conf_level or 0, '.0%', language))} {low} {to} {high})"


class Result:
    """Base of every answer: `tidy()` a row per term, `glance()` one row, both in columns of the `GLOSSARY`.

    A subclass is a frozen dataclass with a `provenance`; it checks on creation that its parts add up.
    """

    #: Columns that name a row of `tidy()`.
    keys: ClassVar[tuple[str, ...]] = ("term",)
    provenance: Provenance

    def tidy(self) -> pd.DataFrame:
        """One row per term."""
        raise NotImplementedError

    def glance(self) -> pd.DataFrame:
        """Exactly one row about the whole."""
        raise NotImplementedError

    def value(self, term: str | tuple[str | float, ...], column: str = "estimate") -> Quantity:
        """One number of `tidy()`, with its interval and its origin, ready for prose."""
        wanted = term if isinstance(term, tuple) else (term,)
        frame = self.tidy()
        names = list(frame[list(self.keys)].itertuples(index=False, name=None))
        if wanted not in names:
            raise unknown(
                " and ".join(self.keys), ", ".join(map(str, wanted)), [", ".join(map(str, name)) for name in names]
            )
        return self._quantity(frame.iloc[[names.index(wanted)]], column, ", ".join(map(str, wanted)))

    def stat(self, column: str) -> Quantity:
        """One number of `glance()`."""
        return self._quantity(self.glance(), column, "all")

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

    def _quantity(self, frame: pd.DataFrame, column: str, term: str) -> Quantity:
        row = {name: frame[name].iloc[0] for name in frame.columns}
        if column not in row or isinstance(row[column], str):
            raise unknown("column", column, [name for name, value in row.items() if not isinstance(value, str)])
        prefix = "" if column == "estimate" else f"{column}_"
        low, high = row.get(f"{prefix}conf_low"), row.get(f"{prefix}conf_high")
        has_interval = low is not None and low == low
        return Quantity(
            row[column].item() if hasattr(row[column], "item") else row[column],
            float(low) if has_interval else None,
            float(high) if has_interval else None,
            getattr(self, "conf_level", 0.95) if has_interval else None,
            f"{self.__class__.__name__}: {term}, {column}",
            self.provenance,
        )


def _front_door() -> Any:
    return sys.modules[__name__.partition(".")[0]]


class OneRow(Result):
    """An answer of one row: `row` is `tidy()` and `whole` is `glance()` as plain values, for those who ask thousands."""

    @property
    def row(self) -> dict[str, Any]:
        """The one row of `tidy()`."""
        raise NotImplementedError

    @property
    def whole(self) -> dict[str, Any]:
        """The one row of `glance()`."""
        raise NotImplementedError

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame([self.row])

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame([self.whole])
