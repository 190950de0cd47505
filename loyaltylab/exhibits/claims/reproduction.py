"""Printed numbers beside ours: over all models, one by one, and the table beside rows."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...claims import AGREEMENT, AgainstRows, Leads, Reproduction, Reproductions
from ...core import RULES, check_known, pd, tr
from ...models import ARROW
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, difference_label, difference_points, name_rows, points_legend
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PHRASES = {
    "equal": tr("equal to the digit"),
    "rounding": tr("within rounding"),
    "close": tr("close"),
    "differs": tr("different"),
    "indirect": tr("{pair}, indirect"),
    "total": tr("{pair}, total"),
    "as_printed": tr("printed in the source"),
    "recomputed": tr("recomputed from the rows"),
}
_FILL = {"equal": "#222222", "rounding": "#6E6E6E", "close": "#C4C4C4", "differs": "#FFFFFF"}
#: Letters on a line of a name above its bar.
_LETTERS = 34
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


@draws(Reproductions)
def plot_reproductions(result: Reproductions, *, printer: Printer) -> Exhibit:
    """Every printed number against ours, and below it how many come back in each model."""
    data = result.frame.copy()
    counts = {
        part.model.name: [int((part.frame["verdict"] == verdict).sum()) for verdict in AGREEMENT]
        for part in result.parts
    }
    titles = {part.model.name: printer.text(part.model.title) for part in result.parts}
    high = (0.5 if max(map(len, titles.values())) <= _LETTERS else 0.66) * len(titles) + 0.9

    def draw(figure: Figure) -> None:
        if figure.get_figwidth() >= WIDTH * 0.8:
            first, second = figure.subplots(1, 2, width_ratios=[1.25, 1])
        else:  # beneath each other, which takes the height of both
            first, second = figure.subplots(2, 1, height_ratios=[2.7, high])
            figure.set_figheight(2.7 + high)
        _scatter(first, data, titles, printer)
        _bars(second, counts, titles, printer)

    listing = "; ".join(
        f"{titles[name]}: "
        + ", ".join(f"{n} {printer.text(_PHRASES[v])}" for v, n in zip(AGREEMENT, found, strict=True) if n)
        for name, found in counts.items()
    )
    text = printer.tr(
        "On the line, ours is what is printed. Dark marks come back, to the digit or within the rounding of the table; a grey one is off by less than {bound} of what is printed, a white one by more.",
        bound=printer.percent(RULES["reproduction"][0]),
    )
    size = (WIDTH, max(3.0, high))
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=f"{listing}.")


def _scatter(ax: Axes, data: pd.DataFrame, titles: dict[str, str], printer: Printer) -> None:
    """Printed against ours about the line of equality; another marker for each model."""
    both = data[["printed", "estimate"]].to_numpy()
    low, high = min(0.0, both.min() - 0.03), both.max() + 0.05
    ax.plot([low, high], [low, high], color=FAINT, linewidth=1, zorder=0)
    for marker, name in zip(_MARKERS * 9, titles, strict=False):
        for verdict, part in data[data["segment"] == name].groupby("verdict", sort=False):
            style = {"color": _FILL[verdict], "markeredgecolor": INK, "markeredgewidth": 0.8, "linestyle": "none"}
            ax.plot(part["printed"], part["estimate"], marker, markersize=6.5, **style)
    ax.set(
        xlim=(low, high),
        ylim=(low, high),
        xlabel=printer.tr("Printed in the source"),
        ylabel=printer.tr("Ours, from the table"),
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(printer.ticks(".1f"))


def _bars(ax: Axes, counts: dict[str, list[int]], titles: dict[str, str], printer: Printer) -> None:
    """How many printed numbers of each model have each verdict, in shades; above each bar its model's marker and name."""
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    names = [textwrap.fill(titles[name], _LETTERS) for name in counts]
    beside = ax.transData + ScaledTranslation(5 / 72, 5.5 / 72, ax.get_figure().dpi_scale_trans)
    for at, name, marker, found in zip(range(len(names))[::-1], names, _MARKERS * 9, counts.values(), strict=False):
        ax.annotate(name, (0, at + 0.27), (13, 0), textcoords="offset points", va="bottom", fontsize=9)
        ax.plot(0, at + 0.27, marker, color=INK, markersize=6, clip_on=False, transform=beside)
        left = 0
        for verdict, n in zip(AGREEMENT, found, strict=True):
            if not n:
                continue
            ax.barh(at, n, left=left, color=_FILL[verdict], edgecolor=INK, linewidth=0.8, height=0.44)
            ink = "white" if verdict in ("equal", "rounding") else INK
            ax.text(left + n / 2, at, printer.number(n, "d"), ha="center", va="center", color=ink, fontsize=9)
            left += n
    ax.set(xticks=[], yticks=[], xlabel=printer.tr("Printed numbers"))
    ax.set_ylim(-0.4, len(names) - (0.05 if "\n" in names[0] else 0.3))
    ax.spines[["left", "bottom"]].set_visible(False)
    used = [v for i, v in enumerate(AGREEMENT) if any(found[i] for found in counts.values())]
    handles = [Patch(facecolor=_FILL[v], edgecolor=INK, linewidth=0.8, label=printer.text(_PHRASES[v])) for v in used]
    columns = 2 if len(used) > 1 else 1
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, handlelength=1.2, fontsize=9)


@draws(Reproductions)
def table_reproductions(result: Reproductions, *, printer: Printer) -> Exhibit:
    """Each model with its respondents, what its table is, and how many printed numbers come back."""
    models = {part.model.name: part.model for part in result.parts}
    data = result.tidy()
    kind = ["recomputed" if models[name].recomputed else "as_printed" for name in data["term"]]
    data = data.assign(
        title=[printer.text(models[name].title) for name in data["term"]],
        table=[printer.text(_PHRASES[name]) for name in kind],
    )
    columns = {"term": "{title}", "n": "{n:,d}", "table": "{table}", "n_printed": "{n_printed:,d}"}
    columns |= {"n_returned": "{n_returned:,d}", "n_close": "{n_close:,d}", "n_differs": "{n_differs:,d}"}
    headings = {"term": printer.tr("Model"), "table": printer.tr("Its table")}
    listing = "; ".join(f"{r.title}: n = {r.n}, {r.n_returned}/{r.n_printed}" for r in data.itertuples())
    text = printer.tr(
        "Each model is computed on its own; nothing is pooled. Numbers come back to the printed digit, or within the rounding of the table."
    )
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=f"{listing}.")


@draws(Reproduction)
def table_reproduction(result: Reproduction, group: int = 1, *, printer: Printer) -> Exhibit:
    """The printed numbers of one place in the source (`group`, from 1) beside ours, one by one.

    Parameters
    ----------
    group : int
        Which of the printed places, from 1.
    """
    place = result.model.printed[group - 1]
    named = replace(printer, labels=result.model.labels(printer.language))
    data = result.frame[result.frame["group"] == str(group)].reset_index(drop=True)
    d = place.decimals
    ours = min(max(d, 3), 4)
    rows = [row for _, row in data.iterrows()]
    data = data.assign(
        pair=[_pair(row, named) for row in rows],
        printed_text=[_with_ends(row, "printed", f".{d}f", f".{min(d, 3)}f", printer) for row in rows],
        ours_text=[_with_ends(row, "", f".{ours}f", f".{min(ours, 3)}f", printer) for row in rows],
        off_text=[_sized(row["off"], min(max(d, 3), 6), printer) for row in rows],
        range_text=[_range(row, d, printer) for row in rows],
        verdict_text=[printer.text(_PHRASES[row["verdict"]]) for row in rows],
    )
    columns = {"term": "{pair}", "printed": "{printed_text}", "estimate": "{ours_text}", "off": "{off_text}"}
    columns |= {"rounding_low": "{range_text}", "verdict": "{verdict_text}"}
    headings = {"term": printer.tr("Number"), "estimate": printer.tr("Ours, from the table")}
    headings |= {"off": printer.tr("Difference"), "rounding_low": printer.tr("Rounding allows")}
    listing = "; ".join(f"{r.pair}: {r.printed_text}, {r.ours_text}, {r.verdict_text}" for r in data.itertuples())
    how = printer.tr(
        "Printed in {where} (grade {grade}). In brackets: intervals, ours of {level} by normal theory (Wishart draws). Rounding allows: how far ours moves over all tables that print alike. Different: off by {bound} of what is printed or more (Hardwicke et al. 2018).",
        where=printer.text(place.where),
        grade=place.grade,
        level=printer.percent(result.conf_level),
        bound=printer.percent(RULES["reproduction"][0]),
    )
    return printer.table(data, result.provenance, columns, headings, caption=how, alt=f"{listing}.", brief={})


def _pair(row: Any, printer: Printer) -> str:
    """What a printed number is, in words."""
    outcome = printer.label(row["outcome"])
    if row["effect"] == "r_squared":
        return f"R² {outcome}"
    pair = f"{printer.label(row['term'])}{ARROW}{outcome}"
    return pair if row["effect"] == "direct" else printer.text(_PHRASES[row["effect"]], pair=pair)


def _with_ends(row: Any, prefix: str, spec: str, ends: str, printer: Printer) -> str:
    name, stem = (prefix, f"{prefix}_") if prefix else ("estimate", "")
    text, low, high = printer.number(row[name], spec), row[f"{stem}conf_low"], row[f"{stem}conf_high"]
    if low != low:
        return text
    return f"{text} [{printer.number(low, ends)}; {printer.number(high, ends)}]"


def _sized(value: float, places: int, printer: Printer) -> str:
    """A difference with its sign; one that is not seen in so many places is said to be smaller than their last."""
    least = 0.5 * 10.0**-places
    if abs(value) < least:
        return "<" + printer.number(10.0**-places, f".{places}f")
    return printer.number(value, f"+.{places}f")


def _range(row: Any, decimals: int, printer: Printer) -> str:
    places = min(max(decimals, 3), 5)
    low, high = (printer.number(row[f"rounding_{end}"], f".{places}f") for end in ("low", "high"))
    return low if low == high else f"{low} – {high}"


@draws(AgainstRows)
def plot_against_rows(result: AgainstRows, outcome: str, *, printer: Printer) -> Exhibit:
    """Effects on one outcome from the table (hollow squares) and from the rows (dots), with both intervals.

    Parameters
    ----------
    outcome : str
        One of the model's outcomes.
    """
    data = result.tidy()
    check_known("outcome", outcome, data["outcome"].unique())
    data = data[data["outcome"] == outcome].sort_values(["effect", "estimate"], ascending=[True, False], kind="stable")
    data = data.reset_index(drop=True)
    kinds = {"direct": "{pair}", "total": printer.text(_PHRASES["total"])}
    names = [kinds[row["effect"]].format(pair=printer.label(row["term"])) for _, row in data.iterrows()]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        across = ax.get_yaxis_transform()
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        for at, row in zip(np.arange(len(data))[::-1], data.itertuples(), strict=True):
            ax.hlines(at + 0.16, row.conf_low, row.conf_high, color=FAINT, linewidth=1.5)
            ax.plot(row.estimate, at + 0.16, "s", color=FAINT, markerfacecolor="white", markersize=6)
            ax.hlines(at - 0.16, row.rows_conf_low, row.rows_conf_high, color=INK, linewidth=1.5)
            ax.plot(row.rows_estimate, at - 0.16, "o", color=INK, markersize=6)
            ratio = "×" + printer.number(row.width_ratio, ".2f")
            ax.text(1.02, at, ratio, transform=across, va="center", fontsize=9)
        name_rows(ax, np.arange(len(data))[::-1], [textwrap.fill(name, 26) for name in names])
        ax.set(ylim=(-0.6, len(data) - 0.4))
        ax.set_xlabel(textwrap.fill(printer.tr("Standardised effect on {outcome}", outcome=printer.label(outcome)), 42))
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        points = {printer.tr("table: normal theory"): {"marker": "s", "color": FAINT, "markerfacecolor": "white"}}
        points[printer.tr("rows: bootstrap")] = {"marker": "o", "color": INK}
        points_legend(figure, points, columnspacing=1.4)

    listing = "; ".join(
        f"{name}: {_with_ends(row, '', '.2f', '.2f', printer)}, {_with_ends(_rows_of(row), '', '.2f', '.2f', printer)}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    text = printer.tr(
        "Lines are {level} intervals. In the table the items are weighed, in the rows they count alike. At the right: how many times as wide the bootstrap interval is as that of normal theory for the same scores.",
        level=printer.percent(result.conf_level),
    )
    return printer.figure(
        data, result.provenance, draw, (WIDTH, 0.42 * len(data) + 1.3), caption=text, alt=f"{listing}."
    )


def _rows_of(row: Any) -> dict[str, float]:
    return {name: row[f"rows_{name}"] for name in ("estimate", "conf_low", "conf_high")}


@draws(Leads)
def plot_leads(result: Leads, *, printer: Printer) -> Exhibit:
    """Share of the emotional block less that of the rational one, by model and outcome."""
    data = result.tidy()
    models = {model.name: model for model in result.models}
    names = []
    for row in data.itertuples():
        model = models[row.segment]
        outcome = model.labels(printer.language)[row.outcome]
        names.append(
            textwrap.fill(f"{printer.text(model.title)}: {outcome[0].lower()}{outcome[1:]}", 32, break_long_words=False)
        )

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        difference_points(ax, names, data, printer)
        ax.set_xlabel(textwrap.fill(difference_label("emotional", "rational", printer), 44))

    listing = printer.rows(names, data, "+.0pp")
    text = printer.tr(
        "Share of the explained variance (LMG) of the emotional drivers less that of the rational ones. Lines are {level} intervals by normal theory (Wishart draws); one that crosses zero decides nothing.",
        level=printer.percent(result.conf_level),
    )
    return printer.figure(
        data, result.provenance, draw, (WIDTH, 0.62 * len(data) + 0.9), caption=text, alt=f"{listing}."
    )
