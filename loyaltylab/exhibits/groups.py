"""Estimates of many groups with their mean and what another group may be expected to give."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..contrasts import LIMITS, Heterogeneity
from ..core import ENDS, MOST_GROUPS, DataError, Provenance, Result, both_ends, listed, pd
from ..kernels import FloatArray
from .exhibit import Exhibit, Printer
from .parts import WIDTH, difference_label, with_n, word
from .sketch import draws
from .style import FAINT, INK, MIN_POINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: How a number is printed, by unit.
_SPECS = {"correlation": "+.2f", "share": "+.0pp", "mean": ".2f"}


@draws(Heterogeneity, default=True)
def plot_forest(result: Heterogeneity, *, printer: Printer, unit: str = "correlation") -> Exhibit:
    """Estimate of each group with its interval, their mean and the prediction interval; readable with 36 groups.

    With more than 40, those of the ten highest and ten lowest shrunken estimates are drawn, as these; the caption says how many
    are not shown, the csv holds all, and `plot_funnel` shows all as points.

    Parameters
    ----------
    unit : str
        What the axis is called: "correlation" for a difference of correlations, "share" for one of shares, "mean" for a
        mean in scale points.
    """
    everything, whole = result.tidy(), result.glance().iloc[0]
    data = _extremes(everything) if len(everything) > MOST_GROUPS else everything
    names = [word(group, printer) for group in data["segment"]]
    if len(names) > 20:
        names = [name.replace(" ", "\N{NO-BREAK SPACE}") for name in names]  # one line each: there is no room for two
    if len(names) <= 12:
        names = [
            textwrap.fill(
                with_n(name, n, printer).replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"),
                34,
                break_long_words=False,
            )
            for name, n in zip(names, data["n"], strict=True)
        ]
    wrapped = any("\n" in name for name in names)
    spec = _SPECS[unit]
    predicted, unseen = bool(whole["prediction_low"] == whole["prediction_low"]), len(everything) - len(data)

    def draw(figure: Figure) -> None:
        ax, k, extra = figure.subplots(), len(data), 2 if predicted else 1
        narrow = figure.get_figwidth() < 4.5
        places = np.arange(k)[::-1] + extra + 0.4
        if unseen:
            places[:ENDS] += 1
            _gap(ax, places[ENDS] + 1, unseen, printer)
        _group_rows(ax, data, places, spec, printer)
        _whole_rows(ax, whole, predicted, spec, printer)
        ticks = [*places, extra - 1, *([0] if predicted else [])]
        whole_names = [printer.tr("Mean over groups"), *([printer.tr("Another such group")] if predicted else [])]
        few = MIN_POINTS if narrow else 9
        points = few if k <= 20 else 7.5 if max(map(len, names)) < 36 else MIN_POINTS
        ax.set_yticks(ticks, names + whole_names, fontsize=points)
        for tick in ax.get_yticklabels()[k:]:
            tick.set_weight("bold")
        if unit != "mean":
            ax.axvline(0, color=INK, linewidth=0.9, zorder=0)
        ax.axvline(whole["estimate"], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
        ax.axhline(extra - 0.3, color="#C4C4C4", linewidth=0.8)
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(-0.6, places[0] + 0.6)
        ax.tick_params(axis="x", labelsize=7 if narrow else 10)
        ax.set_xlabel(
            printer.tr("Difference in correlation")
            if narrow and unit == "correlation"
            else textwrap.fill(_axis(result, unit, printer), 34 if wrapped else 60)
        )
        ax.xaxis.set_major_formatter(printer.ticks(spec))
        ax.locator_params(axis="x", nbins=3 if narrow else 6)
        ax.spines["left"].set_visible(False)

    size = (WIDTH, (0.2 if len(data) > 20 else 0.48 if wrapped else 0.36) * len(data) + (1.7 if wrapped else 1.5))
    text, note = _how(result, predicted, printer, unit), ""
    if unseen:
        note = printer.tr(
            "Shown are the {ends} highest and {ends} lowest of {all} groups, each estimate drawn towards the mean, the more so the less sure it is (empirical Bayes; Efron & Morris 1975); {n} are not shown and stand in the csv.",
            ends=ENDS,
            n=printer.number(unseen, ",d"),
            all=printer.number(len(everything), ",d"),
        )
    rows = [
        f"{' '.join(name.split())} {printer.interval(row, spec)}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    ]
    rows.append(f"{printer.tr('Mean over groups')} {printer.interval(whole, spec)}")
    alt = printer.tr("Forest plot. {rows}.", rows="; ".join(rows))
    return printer.figure(everything, result.provenance, draw, size, caption=text, alt=alt, note=note)


def _extremes(data: pd.DataFrame) -> pd.DataFrame:
    """The highest and lowest by their shrunken estimates, which are what is drawn."""
    ranked = data.sort_values("shrunken", ascending=False, kind="stable", ignore_index=True)
    chosen = ranked.iloc[both_ends(len(ranked))].reset_index(drop=True)
    ends = {name: chosen[f"shrunken_{name}"] for name in ("conf_low", "conf_high")}
    return chosen.assign(estimate=chosen["shrunken"], **ends)


@draws(Heterogeneity)
def plot_funnel(result: Heterogeneity, *, printer: Printer, unit: str = "correlation") -> Exhibit:
    """Every group as a point, estimate against standard error, with limits of chance; readable with thousands.

    Parameters
    ----------
    unit : str
        As in `plot_forest`.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine 24, 1185–1202.
    doi:10.1002/sim.1970
    """
    data, whole = result.tidy(), result.glance().iloc[0]
    low, high = result.control_limits(result.std_errors, LIMITS[1])
    out = (result.estimates < low) | (result.estimates > high)
    spec = _SPECS[unit]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        errors = np.linspace(0, 1.05 * float(result.std_errors.max()), 60)
        for level, style in zip(LIMITS, ((0, (4, 3)), "solid"), strict=True):
            for edge in result.control_limits(errors, level):
                ax.plot(edge, errors, color=INK, linewidth=1, linestyle=style)
        ax.axvline(result.sums.fixed, color=FAINT, linewidth=1)
        size = 5 if len(data) <= 200 else 3
        ax.plot(result.estimates[~out], result.std_errors[~out], "o", color="#8C8C8C", markersize=size, alpha=0.6, markeredgewidth=0)  # fmt: skip
        ax.plot(result.estimates[out], result.std_errors[out], "D", color="#A63A2B", markersize=size + 1, markeredgewidth=0)  # fmt: skip
        ax.set_ylim(errors[-1], 0)
        ax.set(xlabel=_axis(result, unit, printer), ylabel=printer.tr("Standard error"))
        ax.xaxis.set_major_formatter(printer.ticks(spec))
        ax.yaxis.set_major_formatter(printer.ticks(spec.lstrip("+")))
        ax.locator_params(axis="x", nbins=3 if figure.get_figwidth() < 4.5 else 6)
        ax.locator_params(axis="y", nbins=6)

    counts = {
        "k": printer.number(len(data), ",d"),
        "out": printer.number(int(whole["n_beyond"]), ",d"),
        "expected": printer.number(float(whole["n_beyond_expected"]), ",.0f" if len(data) >= 500 else ".1f"),
        "found": printer.number(int(whole["n_found"]), ",d"),
    }
    text = printer.tr(
        "Each of {k} points is a group; higher up is surer. If all groups were alike, 95 % would lie between the dashed lines and 99.8 % between the solid ones (Spiegelhalter 2005); beyond these, as red diamonds, lie {out}, where chance alone puts {expected}. Held against the mean one by one, {found} are found to differ with a false discovery rate of 5 % (Benjamini & Hochberg 1995; Jones et al. 2008).",
        **counts,
    )
    alt = printer.tr(
        "Funnel plot of {k} groups, estimate against standard error. Mean over groups {mean}; {out} lie beyond the 99.8 % limits.",
        **counts,
        mean=printer.interval(whole, spec),
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.6), caption=text, alt=alt)


def _gap(ax: Axes, at: float, unseen: int, printer: Printer) -> None:
    """The words between the ends of a long list."""
    label = printer.tr("… {n} groups between, not drawn", n=printer.number(unseen, ",d"))
    style = {"ha": "center", "va": "center", "fontsize": 8, "style": "italic", "color": FAINT}
    ax.text(
        0.5, at, label, transform=ax.get_yaxis_transform(), bbox={"facecolor": "white", "edgecolor": "none"}, **style
    )


def _group_rows(ax: Axes, data: pd.DataFrame, places: FloatArray, spec: str, printer: Printer) -> None:
    k, heaviest = len(data), data["pooling_weight"].max()
    across = ax.get_yaxis_transform()
    for at, row in zip(places, data.itertuples(), strict=True):
        ax.hlines(at, row.conf_low, row.conf_high, color=INK, linewidth=1.3)
        size = 3.5 + 3.5 * np.sqrt(row.pooling_weight / heaviest)
        ax.plot(row.estimate, at, "s", color=INK, markersize=size)
        text = printer.number(row.estimate, spec)
        ax.text(1.02, at, text, transform=across, va="center", fontsize=8 if k > 20 else 9)


def _whole_rows(ax: Axes, whole: pd.Series, predicted: bool, spec: str, printer: Printer) -> None:
    at = 1 if predicted else 0
    x = [whole["conf_low"], whole["estimate"], whole["conf_high"], whole["estimate"]]
    ax.fill(x, [at, at + 0.3, at, at - 0.3], facecolor="#A63A2B", edgecolor=INK, linewidth=0.8, zorder=3)
    text = printer.number(whole["estimate"], spec)
    ax.text(1.02, at, text, transform=ax.get_yaxis_transform(), va="center", fontsize=9, weight="bold")
    if predicted:
        ax.plot([whole["prediction_low"], whole["prediction_high"]], [0, 0], "|-", color="#A63A2B", linewidth=2.2,
                markersize=9, markeredgewidth=2)  # fmt: skip


def _axis(result: Heterogeneity, unit: str, printer: Printer) -> str:
    a, b = (printer.label(name) for name in result.what)
    if unit == "share":
        return difference_label(*result.what, printer)
    if unit == "mean":
        return printer.tr("{a}, mean in scale points", a=a)
    return printer.tr("Correlation of {a} minus that of {b}", a=a, b=b)


def _how(result: Heterogeneity, predicted: bool, printer: Printer, unit: str) -> str:
    whole = result.glance().iloc[0]
    a, b = (printer.label(name) for name in result.what)
    more = printer.tr(", the lowest line where another such group is expected") if predicted else ""
    p = printer.number(whole["p_value"], ".3p")
    p = p if p.startswith("<") else f"= {p}"
    parts = [
        printer.tr(
            "Points are groups, larger where they weigh more; lines are {level} intervals. The diamond is the mean over groups ({method}){predicted}.",
            level=printer.percent(result.conf_level),
            method="DerSimonian & Laird 1986"
            + ("; Hartung & Knapp 2001" if result.interval == "hartung_knapp" else ""),
            predicted=more,
        ),
        *([] if unit == "mean" else [printer.tr("To the right of zero {a} is ahead, to the left {b}.", a=a, b=b)]),
        printer.tr(
            "Differences between groups: Q = {q}, df = {df}, p {p}, I² = {i}.",
            q=printer.number(whole["cochran_q"], ".1f"),
            df=int(whole["df"]),
            p=p,
            i=printer.percent(whole["i_squared"]),
        ),
    ]
    if np.isfinite(result.possible).all():
        parts.append(printer.tr("No interval is drawn beyond what is possible."))
    if result.n_withheld:
        parts.append(printer.tr("Left out because they are small: {n}.", n=result.n_withheld))
    return " ".join(parts)


def _row_name(name: str | tuple[str, str, str], printer: Printer) -> str:
    """A row in words: an outcome, or which difference of two on it."""
    if isinstance(name, str):
        return printer.labels.get(name) or (printer.tr("The claim (widest interval)") if name == "claim" else name)
    outcome, a, b = (printer.label(part) for part in name)
    return printer.tr("{outcome}: {a} minus {b}", outcome=outcome, a=a, b=b)


@draws()
def plot_contrasts(results: Mapping[str | tuple[str, str, str], Result], *, printer: Printer) -> Exhibit:
    """Differences of correlations beside each other, each with its interval; rows need not be about different people.

    Parameters
    ----------
    results : mapping of the row's name → a result of one row with an interval
        All of one evidence tier. A name is an outcome; outcome, `a` and `b` where rows differ in more than that; "claim" for
        what was published; or words that have no label.

    Raises
    ------
    DataError
        For a result of several rows or without an interval, or results of several tiers.
    """
    frames = {_row_name(name, printer): result.tidy() for name, result in results.items()}
    if bad := [name for name, frame in frames.items() if len(frame) != 1 or "conf_low" not in frame]:
        raise DataError(
            f"{listed(bad)}: a row of this figure is one difference with an interval, such as a contrast with draws."
        )
    tiers = {result.provenance.tier for result in results.values()}
    if len(tiers) != 1:
        raise DataError(
            f"evidence is {listed(sorted(tiers))}; tiers are never mixed in one figure, so give each its own."
        )
    keep = ["term", "against", "estimate", "conf_low", "conf_high"]
    data = pd.concat([frame[keep].assign(what=name) for name, frame in frames.items()], ignore_index=True)
    origin = Provenance.merge([result.provenance for result in results.values()])

    def draw(figure: Figure) -> None:
        ax, k = figure.subplots(), len(data)
        across = ax.get_yaxis_transform()
        ax.axvline(0, color=INK, linewidth=0.9, zorder=0)
        for at, row in zip(np.arange(k)[::-1], data.itertuples(), strict=True):
            decided = row.conf_low > 0 or row.conf_high < 0
            ax.hlines(at, row.conf_low, row.conf_high, color=INK, linewidth=1.6)
            ax.plot(row.estimate, at, "o", color=INK, markerfacecolor="#A63A2B" if decided else "white", markersize=7.5)
            ax.text(1.02, at, printer.number(row.estimate, "+.2f"), transform=across, va="center", weight="bold")
        narrow = figure.get_figwidth() < 4.5
        ax.set_yticks(np.arange(k)[::-1], [textwrap.fill(name, 17 if narrow else 34) for name in data["what"]])
        ax.tick_params(axis="y", length=0, labelsize=7 if narrow else 9)
        ax.set(ylim=(-0.6, k - 0.4), xlabel=printer.tr("Difference in correlation"))
        ax.xaxis.set_major_formatter(printer.ticks("+.2f"))
        ax.locator_params(axis="x", nbins=3 if narrow else 6)
        ax.spines["left"].set_visible(False)

    level = printer.percent(float(getattr(next(iter(results.values())), "conf_level", 0.95)))
    rows = printer.rows(frames, data, "+.2f")
    text = printer.tr(
        "Points are differences of two correlations of the same respondents, lines their {level} intervals; a line that crosses zero does not tell the two apart.",
        level=level,
    )
    alt = printer.tr("Differences of correlations with intervals. {rows}.", rows=rows)
    return printer.figure(data, origin, draw, (WIDTH, 0.5 * len(data) + 0.9), caption=text, alt=alt)
