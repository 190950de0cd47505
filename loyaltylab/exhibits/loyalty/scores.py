"""Scores with their intervals as a figure, and scores and groups as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core import ENDS, MOST_GROUPS, DataError, Provenance, both_ends, listed, pd, tr
from ...loyalty import Score, Shares
from ...survey import ALL
from ..exhibit import Exhibit, Printer
from ..parts import (
    WIDTH,
    group_word,
    groups_of,
    height_of,
    level_text,
    numbers_beside,
    row_axis,
    row_names,
    say_withheld,
    shown,
    spec_of,
    withheld_text,
    word,
)
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(Score)
def plot_scores(result: Score | Sequence[Score], *, printer: Printer) -> Exhibit:
    """Scores of one measure with their intervals, for all and by segment; a withheld row says so.

    Parameters
    ----------
    result : Score, or several of one measure, method and level
        The format follows the measure: shares in percent, a net promoter score in points, means in scale points.

    Raises
    ------
    DataError
        For scores of different measures, for a row that stands twice, and for shares of groups.
    """
    first, rows, origin = _scores(result)
    everything = rows[["term", "segment", "estimate", "conf_low", "conf_high", "n"]]
    data, unseen = _drawn_rows(everything, printer)
    spec, names, measure = spec_of(first), row_names(data, printer), word(first.measure, printer)

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import MaxNLocator

        ax = figure.subplots()
        for i, (_, row) in enumerate(data.iterrows()):
            at, style = len(data) - 1 - i, INK if row["segment"] == ALL else "white"
            if row["estimate"] != row["estimate"]:
                say_withheld(ax, at, printer)
                continue
            ax.hlines(at, row["conf_low"], row["conf_high"], color=INK, linewidth=1.6)
            ax.plot(row["estimate"], at, "o", color=INK, markerfacecolor=style, markersize=6)
            numbers_beside(ax, [at], [printer.number(row["estimate"], spec)])
        low, high = _reach(data, first.limits)
        if low < 0 < high:
            ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ax.set(xlim=(low, high), xlabel=measure)
        ax.xaxis.set_major_locator(MaxNLocator(6))
        ax.xaxis.set_major_formatter(printer.ticks(spec))
        row_axis(ax, data, names)
        ax.spines["left"].set_visible(False)

    listing = "; ".join(
        f"{name}: {shown(row, spec, printer)}" for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    text = f"{level_text(first, printer, 'interval')} {withheld_text(first, data, printer)}".strip()
    size = (WIDTH, 1.15 * height_of(names) + 0.85)
    return printer.figure(everything, origin, draw, size, caption=text, alt=f"{measure}. {listing}.", note=unseen)


@draws(Score)
def table_scores(result: Score | Sequence[Score], *, printer: Printer) -> Exhibit:
    """Scores of one measure with interval and n, and the effective n where weights lower it.

    `result` and errors as in `plot_scores`.
    """
    first, rows, origin = _scores(result)
    return _table(first, rows, origin, ["term", "segment"], printer)


@draws(Shares)
def table_groups(result: Shares, *, printer: Printer) -> Exhibit:
    """Share of each group with its interval, for all and by segment; errors as in `plot_groups`.

    Raises
    ------
    DataError
        For a result that holds no groups.
    """
    if not groups_of(result):
        raise DataError(f"{result!r} holds no groups, as promoter_groups() makes; use table_scores().")
    return _table(result, result.tidy(), result.provenance, ["term", "segment", "answer"], printer)


def _table(first: Score, rows: pd.DataFrame, origin: Provenance, keys: list[str], printer: Printer) -> Exhibit:
    spec = {".0%": ".1%", "+.0f": "+.1f"}.get(spec_of(first), spec_of(first))
    named = {key: [(group_word if key == "answer" else word)(v, printer) for v in rows[key]] for key in keys}
    data = rows.assign(**named, shown=[shown(row, spec, printer) for _, row in rows.iterrows()])
    columns = {key: f"{{{key}}}" for key in keys if data[key].nunique() > 1 or key == keys[-1]}
    columns |= {"estimate": "{shown}"} | {name: f"{{{name}:{spec}}}" for name, spec in first.printed.items()}
    if not (data["n_effective"] < data["n"] - 0.5).any():
        del columns["n_effective"]
    headings = {"estimate": word(first.measure, printer)}
    if "answer" in keys and not data["answer"].str.isdigit().all():
        headings["answer"] = group_word("group", printer)
    listing = "; ".join(
        ", ".join(row[key] for key in (*columns, "shown") if key in (*keys, "shown")) for _, row in data.iterrows()
    )
    several = printer.tr("One may tick several, so the shares need not add up to 100%.")
    texts = [several * (first.measure == "share who ticked it"), level_text(first, printer, "brackets")]
    text = " ".join(filter(None, [*texts, withheld_text(first, data, printer)]))
    alt = f"{headings['estimate']}. {listing}."
    return printer.table(data, origin, columns, headings, caption=text, alt=alt, brief={})


def _drawn_rows(data: pd.DataFrame, printer: Printer) -> tuple[pd.DataFrame, str]:
    """The rows a figure has room for, and what is said of the others: of a long list the ten highest and lowest segments."""
    if len(data) <= MOST_GROUPS:
        return data, ""
    whole = data["segment"] == ALL
    ranked = data[~whole & data["estimate"].notna()].sort_values("estimate", ascending=False, kind="stable")
    ends = ranked.iloc[both_ends(len(ranked), 2 * ENDS)]
    chosen = pd.concat([data[whole].head(ENDS), ends])
    note = tr("Shown are the {ends} highest and {ends} lowest of {all} rows; the others stand in the csv.")
    return chosen, printer.text(note, ends=ENDS, all=printer.number(len(data), ",d"))


def _scores(result: Score | Sequence[Score]) -> tuple[Score, pd.DataFrame, Provenance]:
    """The first score, which speaks for all on measure, method and level; the rows of all; where they came from."""
    scores = [result] if isinstance(result, Score) else list(result)
    if not scores or any(not isinstance(score, Score) or isinstance(score, Shares) for score in scores):
        raise DataError(
            "give a score, as net_promoter() makes, or several; groups have plot_groups() and table_groups()."
        )
    kinds = {f"{s.measure} ({s.method}, {s.conf_level:.0%})": s for s in scores}
    if len(kinds) > 1:
        raise DataError(
            f"{listed(kinds)} cannot share an axis or a column; give scores of one measure, method and level."
        )
    data = pd.concat([score.tidy() for score in scores], ignore_index=True)
    if (twice := data.duplicated(["term", "segment"])).any():
        row = ", ".join(data.loc[twice, ["term", "segment"]].iloc[0])
        raise DataError(f"two of the scores have the row '{row}'; give each of them an exhibit of its own.")
    return scores[0], data, Provenance.merge([score.provenance for score in scores])


def _reach(data: pd.DataFrame, limits: tuple[float, float]) -> tuple[float, float]:
    """Ends of the axis: the intervals with some room, within what is possible; all that is possible if nothing is shown."""
    low, high = data["conf_low"].min(), data["conf_high"].max()
    if low != low:
        return limits if np.isfinite(limits).all() else (0.0, 1.0)
    room = max(0.12 * (high - low), 0.02 * (limits[1] - limits[0]) if np.isfinite(limits).all() else 0.05)
    return max(low - room, limits[0] - 0.2 * room), min(high + room, limits[1] + 0.2 * room)
