"""Curves of satisfaction and loyalty, what still counts as equal, penalties and rewards, and empty corners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...contrasts import Equivalence
from ...core import DataError, Provenance, pd, tr
from ...models import CEILINGS, SHAPES, Curve, CurveComparison, Necessity, PenaltyReward
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows, numbers_beside
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINES: dict[str, dict[str, Any]] = {
    "linear": {"linestyle": (0, (5, 3)), "linewidth": 1.4, "color": INK},
    "quadratic": {"linestyle": (0, (1, 1.5)), "linewidth": 1.6, "color": "#6FA3D0"},
    "spline": {"linestyle": "-", "linewidth": 2.2, "color": "#A63A2B"},
    "threshold": {"linestyle": (0, (7, 2, 1, 2)), "linewidth": 1.4, "color": "#4D4D4D"},
    "ordered": {"linestyle": "-", "linewidth": 2.2, "color": "#A63A2B"},
}
_PENALTY, _REWARD = "#A63A2B", "#6FA3D0"
_PHRASES = {
    "penalty": tr("low answer"),
    "reward": tr("high answer"),
    "basic": tr("basic"),
    "excitement": tr("exciting"),
    "performance": tr("both count"),
    "undecided": tr("undecided"),
    "too few": tr("too few"),
}


@draws(CurveComparison)
def plot_curves(result: CurveComparison, *, printer: Printer) -> Exhibit:
    """Straight line, spline and two lines that meet, over the means found at each answer."""
    shown = [result[shape] for shape in ("linear", "threshold", "spline")]
    main = shown[-1]
    data = pd.concat([c.tidy().assign(method=c.shape) for c in shown], ignore_index=True)
    words = {"level": printer.percent(main.conf_level), "min_cell": str(main.min_cell)}
    text = printer.tr(
        "Dots are means with {level} intervals, at answers of at least {min_cell} respondents; the band is the {level} interval of the spline.",
        **words,
    )
    axis = printer.label(main.outcome)
    return _curves(shown, main, data, text, axis, result.provenance, printer)


@draws(Curve)
def plot_curve(result: Curve, *, printer: Printer) -> Exhibit:
    """One curve with its interval, over what was found at each answer; shares for an ordered logit."""
    words = {"level": printer.percent(result.conf_level), "min_cell": str(result.min_cell)}
    text = printer.tr(
        "Line and band: {shape} with its {level} interval, between answers of at least {min_cell} respondents.",
        shape=printer.text(SHAPES[result.shape]),
        **words,
    )
    axis = printer.label(result.outcome)
    if result.shape == "ordered":
        axis = printer.tr("{outcome}: answers {top} and higher", outcome=axis, top=printer.number(result.top, "g"))
    return _curves([result], result, result.tidy(), text, axis, result.provenance, printer)


def _curves(
    shown: Sequence[Curve],
    main: Curve,
    data: pd.DataFrame,
    caption: str,
    axis: str,
    origin: Provenance,
    printer: Printer,
) -> Exhibit:
    driver = printer.label(main.driver)
    share = main.shape == "ordered"
    spec = ".0%" if share else ".2f"

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.fill_between(main.answers, main.lows, main.highs, color="#EBD3CE", linewidth=0, zorder=0)
        for c in shown:
            ax.plot(c.answers, c.estimates, label=printer.text(SHAPES[c.shape]), **_LINES[c.shape])
        there = ~np.isnan(main.means)
        ax.vlines(main.answers[there], main.mean_lows[there], main.mean_highs[there], color=INK, linewidth=1.2)
        if there.any():
            ax.plot(
                main.answers[there], main.means[there], "o", color=INK, markersize=6, label=printer.tr("mean found")
            )
        ax.set_xticks(main.answers, [f"{a:g}" for a in main.answers])
        ax.set_xlabel(driver)
        ax.set_title(axis, fontsize=9.5, weight="normal", loc="left")
        formatter = printer.ticks(".0%") if share else printer.ticks("g")
        ax.yaxis.set_major_formatter(formatter)
        ax.locator_params(axis="y", nbins=6)
        handles, names = ax.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=len(names), handlelength=2.6, columnspacing=1.4)

    rows = "; ".join(
        printer.tr(
            "{driver} {answer}: {estimate} [{low}; {high}]",
            driver=driver,
            answer=f"{a:g}",
            **{k: printer.number(v, spec) for k, v in zip(("estimate", "low", "high"), numbers, strict=True)},
        )
        for a, *numbers in zip(main.answers, main.estimates, main.lows, main.highs, strict=True)
    )
    alt = printer.tr("{outcome} by {driver}. {rows}.", outcome=axis, driver=driver, rows=rows)
    return printer.figure(data, origin, draw, (WIDTH, 3.5), caption=caption, alt=alt)


@draws()
def plot_equivalence(
    results: Sequence[Equivalence], wider: Sequence[Equivalence], *, printer: Printer, outcome: str
) -> Exhibit:
    """Differences against the bounds within which they count as equal, with the interval of the test and a wider one.

    Parameters
    ----------
    results, wider : sequence of Equivalence
        The same differences, at 90% (the level of two tests at 5%) and at 95%.
    outcome : str
        What the differences are differences of.

    Raises
    ------
    DataError
        Where the two do not hold the same differences.
    """
    if not results or [(r.a, r.b, r.estimate) for r in results] != [(r.a, r.b, r.estimate) for r in wider]:
        raise DataError("results and wider must hold the same differences in the same order, at two levels.")
    data = pd.concat([r.tidy() for r in results], ignore_index=True)
    outer = pd.concat([r.tidy() for r in wider], ignore_index=True)
    names = [printer.tr("{a} minus {b}", a=printer.label(r.a), b=printer.label(r.b)) for r in results]
    names = [name[0].upper() + name[1:] for name in names]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        for at, row in zip(y, results, strict=True):
            ax.fill_betweenx(
                [at - 0.4, at + 0.4], row.bound_low, row.bound_high, color="#E2E2E2", linewidth=0, zorder=0
            )
        ax.text(
            0,
            y[0] + 0.44,
            printer.tr("counts as equal"),
            ha="center",
            va="bottom",
            fontsize=8,
            color="#5A5A5A",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
        ax.vlines(0, -0.6, y[0] + 0.4, color=INK, linewidth=0.9, zorder=0)
        ax.hlines(y, outer["conf_low"], outer["conf_high"], color=INK, linewidth=1.1)
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=3.6)
        ax.plot(data["estimate"], y, "o", color="#A63A2B", markeredgecolor="white", markersize=8)
        numbers_beside(ax, y, [printer.number(value, "+.2f") for value in data["estimate"]])
        name_rows(ax, y, [_folded(name) for name in names], fontsize=9)
        ax.set(
            ylim=(-0.6, len(data) - 0.3),
            xlabel=printer.tr("Difference in {outcome}, scale points", outcome=printer.label(outcome)),
        )
        ax.xaxis.set_major_formatter(printer.ticks("+.1f"))
        ax.locator_params(axis="x", nbins=6)

    words = {"inner": printer.percent(results[0].conf_level), "outer": printer.percent(wider[0].conf_level)}
    listing = []
    for name, row in zip(names, results, strict=True):
        numbers = [
            printer.number(v, "+.2f")
            for v in (row.estimate, row.conf_low, row.conf_high, row.bound_low, row.bound_high)
        ]
        zone = printer.tr("equal from {low} to {high}", low=numbers[3], high=numbers[4])
        listing.append(f"{name}: {numbers[0]} [{numbers[1]}; {numbers[2]}], {zone}")
    text = printer.tr(
        "Thick lines are {inner} intervals: groups are shown to be equal only where the thick line lies wholly in the grey zone. Thin lines are {outer} intervals: a difference is shown where the thin line leaves out zero.",
        **words,
    )
    origin = Provenance.merge([r.provenance for r in results])
    table = data.assign(share_conf_low=outer["conf_low"], share_conf_high=outer["conf_high"]).rename(
        columns={"share_conf_low": "mean_conf_low", "share_conf_high": "mean_conf_high"}
    )
    return printer.figure(
        table, origin, draw, (WIDTH, 0.75 * len(data) + 1.0), caption=text, alt="; ".join(listing) + "."
    )


def _folded(name: str, letters: int = 24) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(name, letters))


@draws(PenaltyReward)
def plot_penalty_reward(result: PenaltyReward, *, printer: Printer) -> Exhibit:
    """Penalty and reward of each driver as bars on both sides of zero, with what each driver is called.

    Raises
    ------
    DataError
        Where no driver has enough low and high answers.
    """
    from ...core import listed

    data = result.tidy().sort_values("estimate", na_position="last", kind="stable", ignore_index=True)
    if data["penalty"].isna().all():
        raise DataError(f"none of {listed(result.terms)} has enough low and high answers; there is nothing to draw.")

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        style: dict[str, Any] = {"height": 0.34, "edgecolor": "white", "linewidth": 0}
        for name, shift, colour, hatch in (("penalty", 0.19, _PENALTY, "///"), ("reward", -0.19, _REWARD, "")):
            ax.barh(y + shift, data[name], color=colour, hatch=hatch, label=printer.text(_PHRASES[name]), **style)
            ax.hlines(y + shift, data[f"{name}_conf_low"], data[f"{name}_conf_high"], color="white", linewidth=3)
            ax.hlines(y + shift, data[f"{name}_conf_low"], data[f"{name}_conf_high"], color=INK, linewidth=1.3)
        ax.axvline(0, color=INK, linewidth=0.9)
        across = ax.get_yaxis_transform()
        for at, verdict in zip(y, data["verdict"], strict=True):
            strong = verdict not in ("undecided", "too few")
            ax.text(1.01, at, printer.text(_PHRASES[verdict]), transform=across, va="center", fontsize=8.5,
                    weight="bold" if strong else "normal", color=INK if strong else FAINT)  # fmt: skip
        name_rows(ax, y, [printer.label(term) for term in data["term"]])
        ax.set(
            ylim=(-0.6, len(data) - 0.4),
            xlabel=_folded(printer.tr("{outcome}, against a middle answer", outcome=printer.label(result.outcome)), 30),
        )
        ax.xaxis.set_major_formatter(printer.ticks("+.1f"))
        ax.locator_params(axis="x", nbins=6)
        figure.legend(
            *ax.get_legend_handles_labels(), loc="outside upper left", ncols=2, handlelength=1.2, columnspacing=1.4
        )

    text = printer.tr(
        "Bars: scale points that go with a low (hatched) and a high answer to the driver, the other drivers alike. Lines are {level} intervals. The word says which of the two is larger beyond chance; “both count” where each differs from a middle answer and neither is larger.",
        level=printer.percent(result.conf_level),
    )
    if (data["verdict"] == "too few").any():
        text += " " + printer.tr(
            "“Too few”: fewer than {min_cell} low, middle or high answers.", min_cell=result.min_cell
        )
    rows = []
    for row in data.to_dict("records"):
        name, verdict = printer.label(row["term"]), printer.text(_PHRASES[row["verdict"]])
        numbers = [
            f"{printer.text(_PHRASES[part])} {printer.interval(row, '+.2f', part)}" for part in ("penalty", "reward")
        ]
        rows.append(
            f"{name}: {', '.join(numbers)}, {verdict}" if row["penalty"] == row["penalty"] else f"{name}: {verdict}"
        )
    size = (WIDTH, 0.42 * len(data) + 1.2)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt="; ".join(rows) + ".")


_SIZES = {
    "none": tr("none"),
    "small": tr("small"),
    "medium": tr("medium", "effect size"),
    "large": tr("large"),
    "very large": tr("very large"),
}
_NEEDED = {"necessary": tr("necessary, by rule"), "not shown": tr("not shown")}


@draws(Necessity)
def plot_necessity(result: Necessity, *, printer: Printer) -> Exhibit:
    """The outcome that enough respondents reach at or below each answer to the condition, and the zone above it."""
    condition, outcome = (printer.label(name) for name in (result.condition, result.outcome))
    left, right, bottom, top = result.box
    table = result.tidy()
    data = pd.DataFrame({"answer": [f"{x:.3g}" for x in result.levels], "estimate": result.tops})

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        x, y = np.append(result.levels, right), np.append(result.tops, result.tops[-1])
        ax.fill_between(x, y, top, step="post", facecolor="#F3E7D3", edgecolor="#B9A27C", hatch="///", linewidth=0)
        ax.step(x, y, where="post", color=INK, linewidth=2)
        room = (top - bottom) * 0.02
        if result.effect_protected > 0.08:
            ax.text(left + (right - left) * 0.02, top - room, printer.tr("as good as nobody"), ha="left", va="top", fontsize=9,
                    style="italic", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
        ax.set(xlim=(left, right), ylim=(bottom, top + room), xlabel=condition)
        ax.set_title(outcome, fontsize=9.5, weight="normal", loc="left")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(printer.ticks("g"))
        ax.locator_params(nbins=7, integer=True)

    rows = [
        printer.tr(
            "{part} of the range of {outcome}: {condition} at least {needed}",
            part=row["answer"],
            outcome=outcome,
            condition=condition,
            needed=printer.number(row["estimate"], ".2g"),
        )
        for row in table.to_dict("records")
        if row["estimate"] == row["estimate"]
    ]
    text = printer.tr(
        "The line is what at least {min_cell} respondents at or below each answer reach; fewer lie in the hatched zone at any answer. The ceiling itself rests on single respondents and is not drawn; d is computed from it.",
        min_cell=result.min_cell,
    )
    listing = "; ".join(rows) or printer.tr("no part of the outcome needs any")
    alt = printer.tr("{outcome} by {condition}. {rows}.", outcome=outcome, condition=condition, rows=listing)
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.2), caption=text, alt=alt)


@draws()
def table_necessity(results: Sequence[Necessity], *, printer: Printer) -> Exhibit:
    """Conditions of one outcome: d, its size and p, and what is left of d without the respondents nearest to the zone.

    Raises
    ------
    DataError
        Where there is none, or they differ in outcome, ceiling or smallest cell.
    """
    if len({(r.outcome, r.ceiling, r.min_cell) for r in results}) != 1:
        raise DataError("give one or more conditions of the same outcome, ceiling and smallest cell.")
    data = pd.concat([r.glance() for r in results], ignore_index=True)
    data = data.assign(
        term=[printer.label(name) for name in data["term"]],
        level=[printer.text(_SIZES[name]) for name in data["level"]],
        verdict=[printer.text(_NEEDED[name]) for name in data["verdict"]],
    )
    columns = {"term": "{term}", "estimate": "{estimate:.2f}", "level": "{level}", "p_value": "{p_value:.3p}"}
    columns |= {"effect_protected": "{effect_protected:.2f}", "verdict": "{verdict}"}
    headings = {"estimate": printer.tr("d"), "level": printer.tr("Size")}
    first = results[0]
    words = {"ceiling": printer.text(CEILINGS[first.ceiling]), "few": str(first.min_cell - 1)}
    listing = "; ".join(
        f"{row.term}: d {printer.number(row.estimate, '.2f')}, {row.level}" for row in data.itertuples()
    )
    text = printer.tr(
        "d is the empty zone as a part of all that is possible ({ceiling}); p: how often answers that only go together as much as these leave as large a zone. Without the outermost: d when at each answer the {few} highest outcomes are set aside; a large gap means that d hangs on a few respondents. Small, medium, large, very large: from 0, 0.1, 0.3, 0.5 (Dul 2016).",
        **words,
    )
    origin = Provenance.merge([r.provenance for r in results])
    return printer.table(data, origin, columns, headings, caption=text, alt=listing + ".")
