"""`Exhibit`: a figure or table with all a thesis needs to cite it, and the look the figures share."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import (
    ENDS,
    GLOSSARY,
    MOST_ROWS,
    TIERS,
    DataError,
    Phrase,
    Provenance,
    both_ends,
    code_version,
    format_number,
    markdown,
    neutral,
    pd,
    shortened,
    tex,
    tr,
    unknown,
)
from .fit import smaller_columns
from .style import WIDTHS, Drawing, drawn, laid_out, outlines, sized, theme, too_tight

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Labels = Mapping[str, str]

#: A number in words of a table, with its interval where it has one.
_NUMBER = re.compile(r"[<>≤≥~±+−-]?\s?[€$£]?\s?\d[\d.,]*\s?%?(\s\[[^\]]*\])?")
#: Characters on a line of a LaTeX document of twelve points.
_TEX_LINE = 69
#: What a notebook keeps the drawing for a telephone as.
NARROW = "application/vnd.loyaltylab.narrow+svg"
#: Colour, hatch and marker of each block: apart by lightness as well as hue, so that they hold in greyscale.
COLOURS: dict[str, tuple[str, str, str]] = {
    "emotional": ("#A63A2B", "", "o"),
    "rational": ("#6FA3D0", "", "s"),
    "values": ("#EFC35A", "", "^"),
    "structural": ("#4D4D4D", "//", "D"),
    # levels of value, after the block each is nearest to
    "functional": ("#6FA3D0", "", "s"),
    "life_changing": ("#D98C7A", "..", "h"),
    "social_impact": ("#EFC35A", "", "^"),
}


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A figure or a table that says what it shows, for whom it was made readable, and where its numbers came from.

    Made by the `plot_*` and `table_*` functions from a result.

    Parameters
    ----------
    id : str
        `fig-…` or `tbl-…`: file stem, anchor and cross-reference.
    title, caption, alt : str
        The finding; how to read it; what a person who cannot see it needs.
    data : DataFrame
        Exactly the numbers drawn.
    draw : callable, optional
        Draws on the figure it is given; a table has none.
    columns : mapping of column → format, for a table
        Which columns a reader sees; a format may name several, as in `"{share:.0%} [{share_conf_low:.0%}, …]"`.
    brief : mapping of column → format, for a table to look things up in
        Which columns a PDF or Word file has where the table is long; with none of them it says where the table stands.

    Notes
    -----
    A table of more than 60 rows shows both ends of each long list in it, says in their place how many rows are left out,
    and says so in the caption as well, as it does of a column of counts that are all zero; the csv holds every row (`long_lists.shortened`). So does an alternative text that
    lists more than 60 things.

    Examples
    --------
    >>> import pandas as pd
    >>> shown = Exhibit("tbl-shares", "Joy leads", "Shares of R².", "Joy 60%, price 40%.", pd.DataFrame({"term": ["joy", "price"], "share": [0.6, 0.4]}), Provenance("published", "a table"), columns={"term": "{term}", "share": "{share:.0%}"})
    >>> shown, shown.kind
    (Exhibit tbl-shares: Joy leads, 'table')
    """

    id: str
    title: str
    caption: str
    alt: str
    data: pd.DataFrame
    provenance: Provenance
    language: str = "en"
    draw: Callable[[Figure], Any] | None = None
    size: tuple[float, float] = (5.6, 3.2)
    columns: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    brief: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        prefix = "fig-" if self.draw else "tbl-"
        if not re.fullmatch(rf"{prefix}[A-Za-z0-9-]*[A-Za-z0-9]", self.id):
            raise DataError(
                f"the id of this exhibit is '{self.id}'; it must be '{prefix}' with letters, digits and hyphens."
            )
        if empty := [name for name in ("title", "caption", "alt") if not getattr(self, name).strip()]:
            raise DataError(f"exhibit '{self.id}' has no {empty[0]}; every exhibit needs one.")
        if zero := [name for name in self.columns if self._is_zero(name)]:
            object.__setattr__(self, "columns", {name: one for name, one in self.columns.items() if name not in zero})
            said = tr("Zero in every row and left out: {columns}.")[self.language]
            said = said.format(columns=", ".join(map(self._heading, zero)))
            object.__setattr__(self, "caption", f"{self.caption} {said}")
        if not self.draw and (left_out := len(self.data) - sum(isinstance(row, int) for row in self._rows)):
            said = tr(
                "The table has {all} rows; of a long list the first and last {ends} are shown, {n} rows are left out and stand in the csv."
            )[self.language].format(**self._counts(left_out))
            if not self.caption.endswith(said):  # a copy of a table that says so already
                object.__setattr__(self, "caption", f"{self.caption} {said}")
        parts = self.alt.split("; ")
        kept = both_ends(len(parts), MOST_ROWS)
        if left_out := len(parts) - len(kept):
            said = tr("… {n} more, in the csv")[self.language].format(**self._counts(left_out))
            object.__setattr__(self, "alt", "; ".join([*parts[:ENDS], said, *parts[-ENDS:]]))

    def __repr__(self) -> str:
        return f"Exhibit {self.id}: {self.title}"

    @property
    def kind(self) -> str:
        """The word "figure" or "table"."""
        return "figure" if self.draw else "table"

    @property
    def source(self) -> str:
        """Source line: the evidence tier first; "Source not stated" where nobody has said it."""
        name, tier = tr("Source")[self.language], TIERS[self.provenance.tier][self.language]
        said = self.provenance.source[self.language]
        return tier.capitalize() if said == tier else f"{name} ({tier}): {said}"

    def card(self, *, run: str = "", number: int | None = None) -> dict[str, Any]:
        """All that is known about the exhibit, as plain values; `run` and `number` are its place in a report."""
        return {
            **({"identifier": f"{run}#{self.id}"} if run else {}),
            "id": self.id,
            "kind": self.kind,
            **({"number": number} if number else {}),
            "title": self.title,
            "caption": self.caption,
            "alt": self.alt,
            "language": self.language,
            "tier": self.provenance.tier,
            "source": self.source,
            "provenance": self.provenance.as_dict(),
            "code_version": code_version(),
        }

    # ---- saving -------------------------------------------------------------------------------------------------

    def save(
        self,
        folder: str | Path,
        *,
        run: str = "",
        number: int | None = None,
        widths: Iterable[str] = (),
        typeset: bool = True,
    ) -> list[Path]:
        """Write the exhibit, its data and its card into a folder; the same bytes from run to run.

        A figure becomes svg, pdf and png (300 dpi), a table html, tex and md; both get csv and json, and what a database
        was asked comes along as sql.

        Parameters
        ----------
        folder : path
        run : str
            Id of the run, such as `loyaltylab:drivers/0123456789ab`; every file bears it.
        number : int, optional
            Its number among the figures, or tables, of the report.
        widths : iterable of {"one", "two", "slide"}
            Also as `fig-…_one.pdf` and so on: 85 mm, 180 mm, 16:9. One the letters do not fit in is left out, and the
            card says why.
        typeset : bool
            Make the pdf and the png now; otherwise a `.sheet` stands there for `typeset_sheet` to replace.

        Raises
        ------
        UnknownName
            For another width.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        card = self.card(run=run, number=number)
        if self.draw:
            files, refused = self.images(run, widths, typeset=typeset)
            card |= {"does_not_fit": refused} if refused else {}
        else:
            texts = {".html": self.html(), ".tex": self.tex(run), ".md": self.markdown()}
            if self.provenance.tier == "unstated":  # the others leave their source to the card beside them
                texts[".html"] += f'<p class="source">{html.escape(self.source)}</p>\n'
                texts[".md"] += f"\n*{markdown(self.source)}*\n"
            files = {ending: text.encode() for ending, text in texts.items()}
        files[".csv"] = self.csv().encode()
        files[".json"] = (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode()
        for ending, content in files.items():
            (folder / f"{self.id}{ending}").write_bytes(content)
        for name, query in self.provenance.query_files.items():
            (folder / name).write_text(query + "\n", encoding="utf-8", newline="\n")
        return sorted(folder / f"{self.id}{ending}" for ending in files)

    def images(
        self, run: str = "", widths: Iterable[str] = (), *, typeset: bool = True
    ) -> tuple[dict[str, bytes], dict[str, str]]:
        """The figure with its source line by file ending (`.svg`, `_one.pdf`), and the widths it does not fit in."""
        files, refused = {}, {}
        for width in ("", *widths):
            if width and width not in WIDTHS:
                raise unknown("width", width, WIDTHS)
            drawing = self._drawn(width) if width else self.drawing
            if isinstance(drawing, str):
                refused[width] = drawing
                continue
            name, facts = f"{'_' * bool(width)}{width}", self._facts(run)
            files[f"{name}.svg"], sheet = drawing.svg_with(facts), drawing.sheet(facts, self.alt)
            if typeset:
                files |= {f"{name}.{suffix}": sheet.saved(suffix) for suffix in ("pdf", "png")}
            else:
                files[f"{name}.sheet"] = json.dumps(asdict(sheet)).encode()
        return files, refused

    @cached_property
    def drawing(self) -> Drawing:
        """The figure as the report shows it, drawn once for every format."""
        return self._drawn()

    @property
    def plain(self) -> bytes:
        """The figure as svg without its source line, for a page that prints the source itself."""
        return outlines(self.drawing.plain).encode()

    @cached_property
    def narrow(self) -> str:
        """The figure drawn for a telephone, as wide as a column, without its source line; empty where it does not fit.

        Names take more lines there, so that it may be higher.
        """
        drawings = (self._drawn("one", higher) for higher in (1, 1.2, 1.4, 1.6, 1.9, 2.3, 2.8))
        return next((outlines(drawing.plain) for drawing in drawings if not isinstance(drawing, str)), "")

    def _drawn(self, width: str = "", higher: float = 1) -> Drawing | str:
        """The figure at one of the widths, or why its letters do not fit there."""
        if self.draw is None:
            raise DataError(f"{self.id} is a table; it has no image.")
        with theme(8 if width == "one" else 10):
            across, high = sized(self.size, width)
            figure = laid_out(self.draw, (across, high * higher), self.source, self._facts())
            drawing = drawn(figure)
            return (too_tight(figure) if width else "") or drawing

    def _facts(self, run: str = "") -> dict[str, str]:
        facts = {"Title": self.title, "Description": f"{self.caption} {self.alt}", "Source": self.source}
        facts |= {"Creator": f"loyaltylab {code_version()}", "Language": self.language}
        return facts | ({"Identifier": f"{run}#{self.id}"} if run else {})

    # ---- tables -------------------------------------------------------------------------------------------------

    @cached_property
    def cells(self) -> list[list[str]]:
        """Heading and rows of a table as the reader sees them; of a long one both ends, and how many rows are left out."""
        rows = [[self._heading(name) for name in self.columns]]
        records = iter(self.data.iloc[[row for row in self._rows if isinstance(row, int)]].to_dict("records"))
        for row in self._rows:
            if isinstance(row, range):
                said = tr("… {n} rows left out")[self.language].format(**self._counts(len(row)))
                rows.append([said] + [""] * (len(self.columns) - 1))
            else:
                record = next(records)
                rows.append([self._cell(template, record) for template in self.columns.values()])
        return rows

    def _is_zero(self, name: str) -> bool:
        """Whether a column counts something that no row has."""
        counts = len(self.data) > 1 and re.fullmatch(r"\{\w+:,?d\}", self.columns[name]) and name in self.data
        return bool(counts and (self.data[name] == 0).all())

    @cached_property
    def _rows(self) -> list[range | int]:
        first = next((name for name in self.columns if name in self.data), None)
        return shortened(self.data[first].astype(str).tolist() if first else [""] * len(self.data))

    def _counts(self, left_out: int) -> dict[str, str]:
        counts = {"n": left_out, "all": len(self.data), "ends": ENDS}
        return {name: format_number(count, ",d", self.language) for name, count in counts.items()}

    def _heading(self, name: str) -> str:
        return self.headings.get(name) or GLOSSARY[name].heading[self.language]

    def _cell(self, template: str, record: dict[str, Any]) -> str:
        import string

        parts = []
        for literal, name, spec, _ in string.Formatter().parse(template):
            parts.append(literal)
            if name:
                value = record[name]
                if (spec or "").endswith("d") and value == value:
                    value = int(value)  # a column of counts with one withheld is read as floats
                parts.append(str(value) if isinstance(value, str) else format_number(value, spec or "g", self.language))
        return "".join(parts)

    def _is_number(self, column: int) -> bool:
        name = list(self.columns)[column]
        if name not in self.data or not all(isinstance(value, str) for value in self.data[name]):
            return True
        said = [row[column] for row in self.cells[1:] if row[column] not in ("", "–")]
        return column > 0 and bool(said) and all(_NUMBER.fullmatch(cell) for cell in said)

    def markdown(self) -> str:
        """The table as a pipe table; every label escaped."""
        head, *rows = [[markdown(" ".join(cell.split())) for cell in row] for row in self.cells]
        # dashes in proportion, with some air, are the widths pandoc gives the columns of a wide table
        longest = [6 + max(len(row[i]) for row in self.cells) for i in range(len(head))]
        rule = ["-" * (n - 1) + ":" if self._is_number(i) else ":" + "-" * (n - 1) for i, n in enumerate(longest)]
        return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows)) + "\n"

    def html(self) -> str:
        """The table as HTML; every label escaped."""
        head, *rows = [[html.escape(cell) for cell in row] for row in self.cells]
        kinds = ["number" if self._is_number(i) else "text" for i in range(len(head))]

        def line(row: list[str], tag: str) -> str:
            return (
                "<tr>"
                + "".join(f'<{tag} class="{kind}">{cell}</{tag}>' for kind, cell in zip(kinds, row, strict=True))
                + "</tr>"
            )

        body = "\n".join(line(row, "td") for row in rows)
        return f'<table id="{self.id}">\n<thead>\n{line(head, "th")}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>\n'

    def tex(self, run: str = "") -> str:
        """The table for LaTeX, with booktabs rules, caption, label and source; `run` makes the source name it.

        One that is wider than the text has columns of a fixed width, in which words go to the next line.
        """
        numeric = [self._is_number(i) for i in range(len(self.cells[0]))]
        head, *rows = [[tex(cell) for cell in row] for row in self.cells]
        shares = smaller_columns(self.cells, numeric, _TEX_LINE)
        columns = ["r" if number else "l" for number in numeric]
        if shares:
            columns = [f"p{{\\dimexpr{share:.4f}\\linewidth-2\\tabcolsep}}" for share in shares]
            sides = ["\\raggedleft" if number else "\\raggedright" for number in numeric]
            head, *rows = [[f"{side} {cell}" for side, cell in zip(sides, row, strict=True)] for row in (head, *rows)]
        end = " \\tabularnewline\n" if shares else " \\\\\n"
        body = "".join(" & ".join(row) + end for row in rows)
        size = "\\footnotesize\n\\setlength{\\tabcolsep}{3pt}\n" if shares else ""
        origin = f"{self.source} ({run}#{self.id})" if run else self.source
        return (
            f"\\begin{{table}}\n\\centering\n\\caption[{{{tex(self.title)}}}]{{{tex(f'{self.title}. {self.caption}')}}}\n"
            f"\\label{{{self.id}}}\n{size}\\begin{{tabular}}{{{''.join(columns)}}}\n\\toprule\n{' & '.join(head)}{end}"
            f"\\midrule\n{body}\\bottomrule\n\\end{{tabular}}\n\n"
            f"{{\\footnotesize\\raggedright {tex(origin)}\\par}}\n\\end{{table}}\n"
        )

    def csv(self) -> str:
        """The data as csv; a text that a spreadsheet would run as a formula is kept from it by an apostrophe."""
        from pandas.api.types import is_numeric_dtype

        safe = self.data.apply(lambda c: c if is_numeric_dtype(c) else c.astype(object).map(neutral))
        headers = [neutral(str(name)) for name in safe]
        return safe.to_csv(index=False, header=headers, lineterminator="\n", float_format="%.12g")

    # ---- in a notebook ------------------------------------------------------------------------------------------

    def bundle(self, address: str = "") -> dict[str, str]:
        """What a notebook shows, by kind: a table, or an image that a screen reader can read out.

        The image is at `address`, such as `exhibits/fig-drivers.svg`; where that is left out, it is inside. In a report, which
        has an address, what a telephone shows is there too, as `NARROW`.
        """
        if not self.draw:  # JupyterLab aligns every cell to the right
            left = self.html().replace('class="text"', 'class="text" style="text-align: left"')
            return {"text/html": left, "text/plain": repr(self)}
        plain = self.drawing.plain
        narrow = {NARROW: self.narrow} if address and self.narrow else {}
        address = address or f"data:image/svg+xml;base64,{base64.b64encode(outlines(plain).encode()).decode()}"
        image = f'<img alt="{html.escape(self.alt)}" src="{html.escape(address)}">'
        return {"text/html": image, "image/svg+xml": plain, **narrow, "text/plain": repr(self)}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.bundle()


@dataclass(frozen=True)
class Printer:
    """How a drawing is called, and how it prints names, numbers and texts for its readers; it puts the exhibit together.

    Parameters
    ----------
    id, title, caption : str
        Of the exhibit; a caption stands in the place of the drawing's own.
    labels : mapping of name → label
        What the codebook calls a variable, a block or a group.
    language : str
        Of all it prints: en or nl.

    Examples
    --------
    >>> printer = Printer(labels={"trust": "Vertrouwen"}, language="nl")
    >>> printer.label("trust"), printer.number(0.494, ".1%"), printer.tr("… {n} rows left out", n=3)
    ('Vertrouwen', '49,4%', '… 3 rijen weggelaten')
    """

    id: str = ""
    title: str = ""
    labels: Labels = field(default_factory=dict)
    language: str = "en"
    caption: str = ""

    def label(self, name: str) -> str:
        """What a reader calls it; its name where it has no label."""
        return self.labels.get(name, name)

    def number(self, value: float, spec: str) -> str:
        return format_number(value, spec, self.language)

    def percent(self, value: float) -> str:
        return self.number(value, ".0%")

    def span(self, low: float, high: float) -> str:
        """From one percentage to another."""
        return f"{self.percent(low)} – {self.percent(high)}"

    def interval(self, row: Any, spec: str, column: str = "estimate") -> str:
        """A number of a row, its interval in brackets where it has one."""
        prefix = "" if column == "estimate" else f"{column}_"
        low, high = row.get(f"{prefix}conf_low"), row.get(f"{prefix}conf_high")
        text = self.number(row[column], spec)
        return text if low is None or low != low else f"{text} [{self.number(low, spec)}; {self.number(high, spec)}]"

    def rows(self, names: Iterable[str], data: pd.DataFrame, spec: str, after: str = "") -> str:
        """Each row by its name, on one line though it was folded, with its estimate and interval: for an alternative text."""
        rows = zip(names, data.to_dict("records"), strict=True)
        return "; ".join(f"{' '.join(name.splitlines())}{after} {self.interval(row, spec)}" for name, row in rows)

    def text(self, phrase: Mapping[str, str], /, **fields: Any) -> str:
        """A phrase in the language, its fields filled in."""
        return phrase[self.language].format(**fields) if fields else phrase[self.language]

    def tr(self, message: str, context: str = "", /, **fields: Any) -> str:
        """English as it stands in the code, in the language; its context and fields as those of `core.tr`."""
        return self.text(Phrase(message, context), **fields)

    def ticks(self, spec: str) -> Callable[[float, Any], str]:
        """Prints the numbers of an axis."""
        return lambda value, _: self.number(value, spec)

    def figure(
        self,
        data: pd.DataFrame,
        provenance: Provenance,
        draw: Callable[[Figure], Any],
        size: tuple[float, float] = (5.6, 3.2),
        *,
        caption: str,
        alt: str,
        note: str = "",
    ) -> Exhibit:
        """A figure of `data`, drawn so many inches large; a note follows whichever caption it has."""
        text = f"{self.caption or caption} {note}".strip()
        return Exhibit(self.id, self.title, text, alt, data, provenance, self.language, draw, size)

    def table(
        self,
        data: pd.DataFrame,
        provenance: Provenance,
        columns: Mapping[str, str],
        headings: Mapping[str, str] | None = None,
        *,
        caption: str,
        alt: str,
        **others: Any,
    ) -> Exhibit:
        """A table of these `columns` of `data`; `others` are further fields of the exhibit."""
        fields = {"columns": columns, "headings": headings or {}, **others}
        return Exhibit(self.id, self.title, self.caption or caption, alt, data, provenance, self.language, **fields)
