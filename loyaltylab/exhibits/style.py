"""How figures are drawn and saved: once, in one look, without a clock, at the width of a journal column, a page or a slide.

matplotlib draws a figure once, as SVG in which each text stands twice: as outlines, which look the same on every machine,
and as letters. Typst makes the PDF and the PNG from the letters, with matplotlib's own fonts.
"""

from __future__ import annotations

import html
import io
import json
import re
import struct
import textwrap
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import DataError, listed, tell
from ..core import typst as quoted

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

INK, FAINT, PAPER = "#222222", "#767676", "#FFFFFF"
#: Inches of one column (85 mm), two columns (180 mm) and a slide (16:9; its letters grow with the screen).
WIDTHS: dict[str, float] = {"one": 85 / 25.4, "two": 180 / 25.4, "slide": 64 / 9}
#: No letter is printed smaller.
MIN_POINTS = 7
_SLIDE_HEIGHT = 4.0
#: Inches below which labels are folded as in a column; pixels between names of several lines, one row below another.
_NARROW, _BETWEEN = 300 / 72, 3
_DPI = 300


def theme(points: float = 10) -> AbstractContextManager[None]:
    """The settings every figure is drawn with, its letters of so many points; nothing global changes."""
    import matplotlib

    return matplotlib.rc_context(
        {
            **{name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"},
            "font.size": points,
            "axes.titlesize": points,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelcolor": INK,
            "axes.edgecolor": FAINT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "text.color": INK,
            "text.parse_math": False,  # a label between dollar signs is a price
            "figure.facecolor": PAPER,
            "hatch.linewidth": 0.7,
            "legend.frameon": False,
            "svg.hashsalt": "loyaltylab",
        }
    )


def sized(size: tuple[float, float], width: str = "") -> tuple[float, float]:
    """Inches of a figure that asks for `size` in the report, at one of the `WIDTHS`.

    >>> sized((5.6, 3.2), "slide"), sized((5.6, 4.5), "slide")
    ((7.111111111111111, 4.0), (8.0, 4.5))
    """
    if not width:
        return size
    if width == "slide":
        height = max(_SLIDE_HEIGHT, size[1])
        return height * 16 / 9, height
    return WIDTHS[width], size[1]


def laid_out(
    draw: Callable[[Figure], Any], size: tuple[float, float], source: str = "", facts: dict[str, str] | None = None
) -> Figure:
    """The figure at this size, everything in its place: labels and legends folded where they would not fit, above its source line.

    Its letters are measured by what will draw them, with the facts about it inside: once, and as wide as they will be.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=72, layout="constrained")

    def measured() -> None:
        renderer = _renderer()(*figure.bbox.size, io.StringIO(), metadata={**(facts or {}), "Date": None})
        figure.canvas.get_renderer = lambda: renderer  # type: ignore[attr-defined]

    measured()
    draw(figure)
    _round_ticks(figure)
    if figure.get_figheight() != size[1]:  # what is drawn asked for another height, as where names take more lines
        measured()
    _fold(figure)
    if (times := _crowded(figure)) > 1:
        figure.set_figheight(figure.get_figheight() * times)
        measured()
    if figure.get_supxlabel():
        raise DataError("the label below all panels is where the source stands; give each panel a label of its own.")
    if source:
        lines = "\n".join(textwrap.wrap(source, int(size[0] * 18.5)))
        # above all else: the last group of the drawing, from which nothing after it borrows a glyph
        figure.supxlabel(lines, x=0.01, ha="left", fontsize=7, color=FAINT, gid=_SOURCE, zorder=float("inf"))
    settle(figure)
    figure.set_layout_engine("none")
    return figure


def _round_ticks(figure: Figure) -> None:
    """Steps of 1, 2 or 5: a tick at 0.25 would be printed as 0.2. On a narrow figure there are four at most across."""
    from matplotlib.ticker import MaxNLocator

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(locator := axis.get_major_locator(), MaxNLocator):
                locator.set_params(steps=[1, 2, 5, 10])
                if axis is axes.xaxis and figure.get_figwidth() < 4.5:
                    locator.set_params(nbins=4 if locator._nbins == "auto" else min(locator._nbins, 4))


def _fold(figure: Figure) -> None:
    """Legends in fewer columns and labels in more lines, until the figure is wide enough for them."""
    import matplotlib

    room = figure.get_figwidth() * 72
    for legend in list(figure.legends):
        columns = len(legend.get_texts())
        while columns > 1 and legend.get_window_extent().width * 72 / figure.dpi > room * 0.98:
            columns = min(columns, legend._ncols) - 1
            legend = _in_columns(figure, legend, columns)
    letters = room / (matplotlib.rcParams["font.size"] * 0.52)
    for axes in figure.axes:
        axes.set_xlabel(_folded(axes.get_xlabel(), int(letters * (0.6 if figure.get_figwidth() < _NARROW else 0.68))))
        names = [label.get_text() for label in axes.get_yticklabels()]
        least = max(17, int(letters * 0.25))
        # a name that was folded for a wider figure is folded anew, as a whole
        long = [name for name in names if max(map(len, name.split("\n"))) > least]
        folded = [_folded(name.replace("\n", " ") if name in long else name, least) for name in names]
        if (
            figure.get_figwidth() < _NARROW
            and folded != names
            and not any(label.get_rotation() for label in axes.get_yticklabels())
        ):
            axes.set_yticks(axes.get_yticks(), folded)


def _crowded(figure: Figure) -> float:
    """How many times as high a figure must be for room between names of several lines, which a narrow one has."""
    names = [axes.get_yticklabels() for axes in figure.axes if figure.get_figwidth() < _NARROW]
    names = [rows for rows in names if any("\n" in label.get_text() for label in rows)]
    if names:
        settle(figure)
    times = 1.0
    for rows in names:
        boxes = sorted((row.get_window_extent() for row in rows if row.get_text()), key=lambda box: box.y0)
        for below, above in pairwise(boxes):
            step = (above.y0 + above.y1 - below.y0 - below.y1) / 2
            if above.y0 - below.y1 < _BETWEEN and step > 1:
                times = max(times, (step + _BETWEEN + 1 - above.y0 + below.y1) / step)
    return min(times, 2.0)


def _folded(text: str, letters: int) -> str:
    """Lines of about so many letters; words and brackets, as in "(n = 342)", stay whole."""
    whole = re.sub(r"\([^)]*\)", lambda found: found[0].replace(" ", "\u00a0"), text)
    return "\n".join(textwrap.fill(line, letters, break_long_words=False) for line in whole.split("\n"))


def _in_columns(figure: Figure, legend: Legend, columns: int) -> Legend:
    """The same legend above the axes in so many columns."""
    look = {name: getattr(legend, name) for name in ("handlelength", "handletextpad", "columnspacing")}
    names = [text.get_text() for text in legend.get_texts()]
    legend.remove()
    return figure.legend(legend.legend_handles, names, loc="outside upper left", ncols=columns, **look)


def settle(figure: Figure) -> None:
    """Give everything its place, measured by what will draw it."""
    if engine := figure.get_layout_engine():
        engine.execute(figure)


def too_tight(figure: Figure) -> str:
    """Why a figure cannot be printed at its size: letters that are cut, touch or are too small; empty if it can."""
    from matplotlib.text import Text

    if figure.stale:  # nothing has drawn it yet
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        with renderer._draw_disabled():
            figure.draw(renderer)
    hidden = _outside(figure)
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in hidden]
    boxes = [(t, t.get_window_extent()) for t in texts]
    for text, box in boxes:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > figure.bbox.x1 + 1 or box.y1 > figure.bbox.y1 + 1:
            return f"'{text.get_text()}' is cut"
        if text.get_fontsize() < MIN_POINTS:
            return f"'{text.get_text()}' is set in {text.get_fontsize():g} points"
    rows = {label for axes in figure.axes for label in axes.get_yticklabels()}
    upright = [(t, box) for t, box in boxes if t.get_rotation() % 90 == 0]
    for (a, first), (b, second) in combinations(upright, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        # names of several lines, one row below another, are told apart by the room between them
        apart = {a, b} <= rows and "\n" in a.get_text() + b.get_text()
        if across > 1 and along > (-_BETWEEN if apart else 2):
            return f"'{a.get_text()}' and '{b.get_text()}' touch"
    return ""


def _outside(figure: Figure) -> set[Artist]:
    """Tick labels that are not on paper: beyond the range of their axis, or on its far side."""
    hidden: set[Artist] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                hidden |= {tick.label2} if low - 1e-9 <= tick.get_loc() <= high + 1e-9 else {tick.label1, tick.label2}
    return hidden


# ---- drawing and saving --------------------------------------------------------------------------------------------------

_SOURCE, _OUTLINES, _LETTERS = "source-line", "outlines", "letters"


@dataclass(frozen=True)
class Drawing:
    """A figure drawn once.

    Parameters
    ----------
    svg : str
        With facts about it inside, and each text twice: as outlines, and as letters that are not shown; a text with a
        sign that the font lacks only as outlines.
    size : (float, float)
        Width and height, in points.
    above : float
        The height above the source line.
    """

    svg: str
    size: tuple[float, float]
    above: float

    @property
    def plain(self) -> str:
        """The same svg without its source line, for a page that prints the source itself."""
        size = rf'height="{self.above:g}pt" viewBox="0 0 \1 {self.above:g}"'
        cut = re.sub(r'height="[^"]*" viewBox="0 0 (\S+) [^"]*"', size, self.svg, count=1)
        return _without(cut, f'id="{_SOURCE}"')

    def svg_with(self, facts: dict[str, str]) -> bytes:
        """The figure as svg with facts about it inside, without a clock or a random id."""
        known = facts.get("Identifier")
        identifier = f"</dc:title>\n    <dc:identifier>{html.escape(known or '')}</dc:identifier>"
        return outlines(self.svg.replace("</dc:title>", identifier, 1) if known else self.svg).encode()

    def sheet(self, facts: dict[str, str], alt: str) -> Sheet:
        """The figure as what its pdf and png are made of; a screen reader reads out its `alt`.

        `facts` has Title, Description, Source, Identifier, Language and Creator; each format holds those it has room for.
        """
        words = {"title": facts["Title"], "author": facts["Creator"], "description": facts["Description"]}
        about = ", ".join(f"{name}: {quoted(text)}" for name, text in words.items())
        keywords = "".join(f"{quoted(text)}, " for text in (facts["Source"], facts.get("Identifier")) if text)
        page = ", ".join(f"{name}: {side:g}pt" for name, side in zip(("width", "height"), self.size, strict=True))
        text = (
            f"#set document({about}, keywords: ({keywords}), date: none)\n"
            f"#set page({page}, margin: 0pt)\n#set text(lang: {quoted(facts['Language'])})\n"
            f'#image("figure.svg", alt: {quoted(alt)}, width: 100%)'
        )
        return Sheet(text, letters(self.svg), facts)


@dataclass(frozen=True)
class Sheet:
    """What Typst makes the pdf and the png (300 dpi) of a figure of, at once or in another process.

    Parameters
    ----------
    main, figure : str
        The text for Typst, and the svg it shows.
    facts : dict
        What the png says about itself.
    """

    main: str
    figure: str
    facts: dict[str, str]

    def saved(self, suffix: str) -> bytes:
        """The figure as "pdf", of which the text can be selected, or "png"; without a clock or a random id."""
        made = typeset({"main": self.main.encode(), "figure.svg": self.figure.encode()}, suffix)
        return made if suffix == "pdf" else _with_facts(made, self.facts)


def typeset_sheet(path: Path) -> None:
    """Put the pdf and the png in the place of a sheet that `Exhibit.save(…, typeset=False)` left.

    Parameters
    ----------
    path : Path
        Of the sheet; pdf and png get its name, and it goes.

    Examples
    --------
    >>> import tempfile
    >>> from loyaltylab import Moments, Provenance, importance
    >>> moments = Moments.from_correlations([[1, .5, .4], [.5, 1, .3], [.4, .3, 1]], names=["stay", "joy", "price"], n=200, provenance=Provenance("published", "a table"))
    >>> drawn = importance(moments, "stay", ["joy", "price"]).plot("fig-a").exhibit(title="Joy", labels={"joy": "Joy", "price": "Price", "": ""})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = drawn.save(folder, typeset=False)
    ...     (sheet,) = (path for path in Path(folder).iterdir() if "sheet" in path.name)
    ...     typeset_sheet(sheet)
    ...     sorted(path.suffix for path in Path(folder).iterdir() if path.suffix in (".pdf", ".png"))
    ['.pdf', '.png']
    """
    sheet = Sheet(**json.loads(path.read_text(encoding="utf-8")))
    for suffix in ("pdf", "png"):
        path.with_suffix(f".{suffix}").write_bytes(sheet.saved(suffix))
    path.unlink()


def drawn(figure: Figure) -> Drawing:
    """Draw a figure that is laid out, without a clock or a random id."""
    size = (figure.bbox.width, figure.bbox.height)
    sources = figure.findobj(lambda artist: artist.get_gid() == _SOURCE)
    above = size[1] - max((line.get_window_extent().y1 for line in sources), default=0)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    figure.draw(renderer)
    renderer.finalize()
    if renderer.without:
        tell(
            f"no font has every letter of {listed(renderer.without)}: a box stands for each of "
            f"{' '.join(dict.fromkeys(''.join(renderer.without.values())))}. "
            "Give it a label in Latin, Greek or Cyrillic letters in the codebook."
        )
    return Drawing(renderer.page.getvalue(), size, above)


@lru_cache
def _renderer() -> type:
    """What draws svg with each text twice; defined when first drawn with, as matplotlib loads then."""
    from matplotlib import rcParams
    from matplotlib.backends.backend_svg import RendererSVG
    from matplotlib.font_manager import findfont, get_font

    class Renderer(RendererSVG):
        def __init__(self, width: float, height: float, page: io.StringIO, *, metadata: dict[str, Any]) -> None:
            super().__init__(width, height, page, metadata=metadata)
            self.page = page
            self.without: dict[str, str] = {}

        def draw_text(self, gc: Any, x: float, y: float, s: str, prop: Any, *rest: Any, **more: Any) -> None:
            font, forms = get_font(findfont(prop)), [(_OUTLINES, {}), (_LETTERS, {"display": "none"})]
            if missing := "".join(sign for sign in s if not font.get_char_index(ord(sign))):
                forms = [("text", {})]  # letters would be set in another font as a whole
                self.without[s] = missing
            for kind, look in forms:
                rcParams["svg.fonttype"] = "none" if kind == _LETTERS else "path"
                self.writer.start("g", attrib={"class": kind, **look})
                super().draw_text(gc, x, y, s, prop, *rest, **more)
                self.writer.end("g")

    return Renderer


def outlines(svg: str) -> str:
    """A drawing whose texts are outlines only, which look the same on every machine.

    Parameters
    ----------
    svg : str
        As an exhibit is drawn: with outlines and letters.

    Returns
    -------
    str
        The drawing.

    Examples
    --------
    >>> outlines("<svg></svg>")
    '<svg></svg>'
    """
    return re.sub(r"\n +", "\n", _without(svg, f'class="{_LETTERS}"'))


def letters(svg: str) -> str:
    """A drawing whose texts are letters only, which can be selected where the fonts are at hand.

    Parameters
    ----------
    svg : str
        As an exhibit is drawn: with outlines and letters.

    Returns
    -------
    str
        The drawing; the same where it has no letters.

    Examples
    --------
    >>> letters("<svg></svg>")
    '<svg></svg>'
    """
    shown = svg.replace(f'class="{_LETTERS}" display="none"', f'class="{_LETTERS}"')
    return _without(shown, f'class="{_OUTLINES}"', kept=r"<defs>.*?</defs>\n") if shown != svg else svg


def _without(svg: str, attribute: str, kept: str = "$^") -> str:
    """The drawing without the groups that begin with this attribute, but for what is `kept` in them, as glyphs others use.

    matplotlib indents what is inside a group.
    """

    def rest(group: re.Match[str]) -> str:
        return "".join(re.findall(kept, group[0], re.DOTALL))

    return re.sub(rf"^( *)<g {attribute}.*?^\1</g>\n", rest, svg, flags=re.MULTILINE | re.DOTALL)


def typeset(files: dict[str, bytes], suffix: str) -> bytes:
    """What Typst makes of `main` among these files: a pdf, accessible where it can be, or the png of one page.

    Nothing is read from disk but matplotlib's fonts.

    Parameters
    ----------
    files : dict of str → bytes
        Name → content; `main` is the document in Typst.
    suffix : str
        pdf or png.

    Returns
    -------
    bytes
        The file, the same each time.

    Raises
    ------
    typst.TypstError

    Examples
    --------
    >>> typeset({"main": b"= Loyalty"}, "pdf")[:4]
    b'%PDF'
    """
    import typst

    options: dict[str, Any] = {**typeset_with(), "timestamp": 0, "format": suffix, "ppi": _DPI}
    if suffix == "pdf":
        try:
            return typst.compile(files, pdf_standards=["ua-1"], **options)
        except typst.TypstError:  # such as a heading level left out: less accessible is better than none
            pass
    return typst.compile(files, **options)


@lru_cache
def typeset_with() -> dict[str, Any]:
    """What Typst reads a document with: nothing from disk but matplotlib's fonts and its own, looked through once.

    Returns
    -------
    dict
        Options of Typst: `root` and `font_paths`.

    Examples
    --------
    >>> sorted(typeset_with())
    ['font_paths', 'root']
    """
    import matplotlib
    import typst

    root = f"{matplotlib.get_data_path()}/fonts/ttf"
    return {"root": root, "font_paths": typst.Fonts(include_system_fonts=False, font_paths=[root])}


def _with_facts(png: bytes, facts: dict[str, str]) -> bytes:
    """The picture with its resolution and facts in the chunks PNG has for them, after its header."""
    per_metre = round(_DPI / 0.0254)
    chunks = [(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))]
    chunks += [(b"iTXt", name.encode() + bytes(5) + text.encode()) for name, text in facts.items()]
    header, rest = png[:33], png[33:]
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return header + b"".join(written) + rest
