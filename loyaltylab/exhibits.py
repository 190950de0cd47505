"""`Exhibit`: a figure or table with all a thesis needs to cite it, and the look the figures share."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import DataError
from .provenance import TIERS, Provenance, code_version
from .results import GLOSSARY, format_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "Exhibit", "theme"]

#: Colour, hatch and marker of each block: apart by lightness as well as hue, so that they hold in greyscale.
COLOURS: dict[str, tuple[str, str, str]] = {
    "emotional": ("#A63A2B", "", "o"),
    "rational": ("#6FA3D0", "", "s"),
    "values": ("#EFC35A", "", "^"),
    "structural": ("#4D4D4D", "//", "D"),
}
INK, FAINT, PAPER = "#222222", "#767676", "#FFFFFF"


def theme() -> AbstractContextManager[None]:
    """The settings every figure is drawn with; nothing global changes."""
    import matplotlib

    return matplotlib.rc_context(
        {
            **matplotlib.rcParamsDefault,
            "backend": matplotlib.get_backend(),
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelcolor": INK,
            "axes.edgecolor": FAINT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "text.color": INK,
            "figure.facecolor": PAPER,
            "hatch.linewidth": 0.7,
            "legend.frameon": False,
            "pdf.fonttype": 42,
            "svg.fonttype": "path",
            "svg.hashsalt": "loyaltylab",
            "savefig.dpi": 300,
        }
    )


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
        Draws a figure on the axes it is given; a table has none.
    columns : mapping of column → format, for a table
        Which columns a reader sees; a format may name several, as in `"{share:.0%} [{share_conf_low:.0%}, …]"`.
    """

    id: str
    title: str
    caption: str
    alt: str
    data: pd.DataFrame
    provenance: Provenance
    language: str = "en"
    draw: Callable[[Figure], Axes] | None = None
    size: tuple[float, float] = (5.6, 3.2)
    columns: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        prefix = "fig-" if self.draw else "tbl-"
        if not self.id.startswith(prefix) or not self.id.replace("-", "").isalnum():
            raise DataError(
                f"the id of this exhibit is '{self.id}'; it must be '{prefix}' with letters, digits and hyphens."
            )
        if empty := [name for name in ("title", "caption", "alt") if not getattr(self, name).strip()]:
            raise DataError(f"exhibit '{self.id}' has no {empty[0]}; every exhibit needs one.")

    def __repr__(self) -> str:
        return f"Exhibit {self.id}: {self.title}"

    @property
    def kind(self) -> str:
        """The word "figure" or "table"."""
        return "figure" if self.draw else "table"

    @property
    def source(self) -> str:
        """Source line: the evidence tier first."""
        name = {"en": "Source", "nl": "Bron"}[self.language]
        return f"{name} ({TIERS[self.provenance.tier][self.language]}): {self.provenance.source[self.language]}"

    def card(self) -> dict[str, Any]:
        """All that is known about the exhibit, as plain values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "caption": self.caption,
            "alt": self.alt,
            "language": self.language,
            "source": self.source,
            "provenance": self.provenance.as_dict(),
            "code_version": code_version(),
        }

    # ---- saving -------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path, *, run: str = "", number: int | None = None) -> list[Path]:
        """Write the exhibit, its data and its card into a folder; the same bytes from run to run.

        A figure becomes svg, pdf and png (300 dpi), a table html, tex and md; both get csv and json.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        texts = {
            "csv": self.data.to_csv(index=False, lineterminator="\n", float_format="%.12g"),
            "json": json.dumps(self.card(), indent=2, ensure_ascii=False) + "\n",
        }
        if self.draw:
            for suffix in ("svg", "pdf", "png"):
                (folder / f"{self.id}.{suffix}").write_bytes(self.images[suffix])
        else:
            texts |= {"html": self.html(), "tex": self.tex(), "md": self.markdown()}
        for suffix, text in texts.items():
            (folder / f"{self.id}.{suffix}").write_text(text, encoding="utf-8", newline="\n")
        return sorted(folder.glob(f"{self.id}.*"))

    @cached_property
    def images(self) -> dict[str, bytes]:
        """The figure as svg, pdf and png with its source line, and `plain`: svg for a page that prints the source itself.

        Without a clock or a random id, and with the card's facts inside.
        """
        from matplotlib.figure import Figure

        if self.draw is None:
            raise DataError(f"{self.id} is a table; it has no image.")
        creator = f"loyaltylab {code_version()}"
        facts = {"Title": self.title, "Description": self.alt, "Source": self.source}
        svg = {**facts, "Creator": creator, "Date": None}
        pdf = {
            "Title": self.title,
            "Subject": self.alt,
            "Keywords": self.source,
            "Creator": creator,
            "Producer": None,
            "CreationDate": None,
        }
        with theme():
            figure = Figure(figsize=self.size, layout="constrained")
            self.draw(figure)
            plain = _saved(figure, "svg", svg)
            figure.supxlabel(self._wrapped_source(), x=0.01, ha="left", fontsize=7, color=FAINT)
            return {
                "plain": plain,
                "svg": _saved(figure, "svg", svg),
                "pdf": _saved(figure, "pdf", pdf),
                "png": _saved(figure, "png", {**facts, "Software": None}),
            }

    def _wrapped_source(self) -> str:
        import textwrap

        return "\n".join(textwrap.wrap(self.source, int(self.size[0] * 18.5)))

    # ---- tables -------------------------------------------------------------------------------------------------

    @cached_property
    def cells(self) -> list[list[str]]:
        """Heading and rows of a table as the reader sees them."""
        rows = [[self._heading(name) for name in self.columns]]
        for record in self.data.to_dict("records"):
            rows.append([self._cell(template, record) for template in self.columns.values()])
        return rows

    def _heading(self, name: str) -> str:
        return self.headings.get(name) or GLOSSARY[name][self.language]

    def _cell(self, template: str, record: dict[str, Any]) -> str:
        import string

        parts = []
        for literal, name, spec, _ in string.Formatter().parse(template):
            parts.append(literal)
            if name:
                value = record[name]
                parts.append(str(value) if isinstance(value, str) else format_number(value, spec or "g", self.language))
        return "".join(parts)

    def _is_number(self, column: int) -> bool:
        return (
            not all(isinstance(value, str) for value in self.data[list(self.columns)[column]])
            if list(self.columns)[column] in self.data
            else True
        )

    def markdown(self) -> str:
        """The table as a pipe table."""
        head, *rows = [[cell.replace("|", "\\|") for cell in row] for row in self.cells]
        rule = ["--:" if self._is_number(i) else ":--" for i in range(len(head))]
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

    def tex(self) -> str:
        """The table for LaTeX, with booktabs rules, caption, label and source."""
        escape = str.maketrans(
            {c: f"\\{c}" for c in "&%$#_{}"}
            | {
                "~": r"\textasciitilde{}",
                "^": r"\textasciicircum{}",
                "\\": r"\textbackslash{}",
                "−": "$-$",
                "²": "\\textsuperscript{2}",
            }
        )
        head, *rows = [[cell.translate(escape) for cell in row] for row in self.cells]
        align = "".join("r" if self._is_number(i) else "l" for i in range(len(head)))
        body = "".join(" & ".join(row) + " \\\\\n" for row in rows)
        caption, source = (text.translate(escape) for text in (f"{self.title}. {self.caption}", self.source))
        return (
            f"\\begin{{table}}\n\\caption{{{caption}}}\n\\label{{{self.id}}}\n\\begin{{tabular}}{{{align}}}\n\\toprule\n"
            f"{' & '.join(head)} \\\\\n\\midrule\n{body}\\bottomrule\n\\end{{tabular}}\n\n{{\\footnotesize {source}}}\n\\end{{table}}\n"
        )

    # ---- in a notebook ------------------------------------------------------------------------------------------

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        if not self.draw:
            return {"text/html": self.html(), "text/plain": repr(self)}
        return {"image/svg+xml": self.images["plain"].decode(), "text/plain": repr(self)}


def _saved(figure: Figure, suffix: str, metadata: dict[str, str | None]) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix, metadata=metadata)
    return buffer.getvalue()
