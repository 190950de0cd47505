"""Curves of satisfaction and loyalty, differences against what still counts as equal, penalties and rewards, as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...contrasts import Equivalence
from ...core import DataError, Provenance, format_number, tr
from ...models import SHAPES, Curve, CurveComparison, PenaltyReward
from ..exhibit import Exhibit
from ..parts import WIDTH, Labels, numbers_beside, percent
from ..row_parts import plain
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_curve", "plot_curves", "plot_equivalence", "plot_penalty_reward"]

_LINES: dict[str, dict[str, Any]] = {
    "linear": {"linestyle": (0, (5, 3)), "linewidth": 1.4, "color": INK},
    "quadratic": {"linestyle": (0, (1, 1.5)), "linewidth": 1.6, "color": "#6FA3D0"},
    "spline": {"linestyle": "-", "linewidth": 2.2, "color": "#A63A2B"},
    "threshold": {"linestyle": (0, (7, 2, 1, 2)), "linewidth": 1.4, "color": "#4D4D4D"},
    "ordered": {"linestyle": "-", "linewidth": 2.2, "color": "#A63A2B"},
}
_PENALTY, _REWARD = "#A63A2B", "#6FA3D0"
_WORDS = {
    "penalty": tr("low answer"),
    "reward": tr("high answer"),
    "basic": tr("basic"),
    "excitement": tr("excitement"),
    "performance": tr("both"),
    "undecided": tr("undecided"),
    "too few": tr("too few"),
}


@draws(CurveComparison)
def plot_curves(
    result: CurveComparison, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Straight line, spline and two lines that meet, over the means found at each answer."""
    import pandas as pd

    shown = [result[shape] for shape in ("linear", "threshold", "spline")]
    main = shown[-1]
    data = pd.concat([c.tidy().assign(method=c.shape) for c in shown], ignore_index=True)
    words = {"level": percent(main.conf_level, language), "min_cell": str(main.min_cell)}
    text = caption or tr(
        "Dots are means with {level} intervals, at answers of at least {min_cell} respondents; the band is the {level} interval of the spline."
    )[language].format(**words)
    axis = labels.get(main.outcome, main.outcome)
    return _curves(shown, main, data, (id, title, text), axis, result.provenance, labels, language)


@draws(Curve)
def plot_curve(
    result: Curve, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """One curve with its interval, over what was found at each answer; shares for an ordered logit."""
    words = {"level": percent(result.conf_level, language), "min_cell": str(result.min_cell)}
    text = caption or tr(
        "Line and band: {shape} with its {level} interval, between answers of at least {min_cell} respondents."
    )[language].format(shape=SHAPES[result.shape][language], **words)
    axis = labels.get(result.outcome, result.outcome)
    if result.shape == "ordered":
        axis = tr("{outcome}: answers {top} and higher")[language].format(
            outcome=axis, top=format_number(result.top, "g", language)
        )
    about = (id, title, text)
    return _curves([result], result, result.tidy(), about, axis, result.provenance, labels, language)


def _curves(
    shown: Sequence[Curve],
    main: Curve,
    data: pd.DataFrame,
    about: tuple[str, str, str],
    axis: str,
    origin: Provenance,
    labels: Labels,
    language: str,
) -> Exhibit:
    driver = labels.get(main.driver, main.driver)
    share = main.shape == "ordered"
    spec = ".0%" if share else ".2f"

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.fill_between(main.answers, main.lows, main.highs, color="#EBD3CE", linewidth=0, zorder=0)
        for c in shown:
            ax.plot(c.answers, c.estimates, label=SHAPES[c.shape][language], **_LINES[c.shape])
        there = ~np.isnan(main.means)
        ax.vlines(main.answers[there], main.mean_lows[there], main.mean_highs[there], color=INK, linewidth=1.2)
        if there.any():
            ax.plot(
                main.answers[there], main.means[there], "o", color=INK, markersize=6, label=tr("mean found")[language]
            )
        ax.set_xticks(main.answers, [f"{a:g}" for a in main.answers])
        ax.set_xlabel(plain(driver))
        ax.set_title(plain(axis), fontsize=9.5, weight="normal", loc="left")
        formatter = (
            (lambda v, _: format_number(v, ".0%", language))
            if share
            else (lambda v, _: format_number(v, "g", language))
        )
        ax.yaxis.set_major_formatter(formatter)
        ax.locator_params(axis="y", nbins=6)
        handles, names = ax.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=len(names), handlelength=2.6, columnspacing=1.4)
        return ax

    rows = "; ".join(
        tr("{driver} {answer}: {estimate} [{low}; {high}]")[language].format(
            driver=driver,
            answer=f"{a:g}",
            **{k: format_number(v, spec, language) for k, v in zip(("estimate", "low", "high"), numbers, strict=True)},
        )
        for a, *numbers in zip(main.answers, main.estimates, main.lows, main.highs, strict=True)
    )
    id, title, text = about
    alt = tr("{outcome} by {driver}. {rows}.")[language].format(outcome=axis, driver=driver, rows=rows)
    return Exhibit(id, title, text, alt, data, origin, language, draw, (WIDTH, 3.5))


@draws()
def plot_equivalence(
    results: Sequence[Equivalence],
    wider: Sequence[Equivalence],
    *,
    outcome: str,
    id: str,
    title: str,
    labels: Labels,
    language: str = "en",
    caption: str = "",
) -> Exhibit:
    """Differences against the bounds within which they count as equal, with the interval of the test and a wider one.

    Parameters
    ----------
    results, wider : sequence of Equivalence
        The same differences, at 90 % (the level of two tests at 5 %) and at 95 %.
    outcome : str
        What the differences are differences of.

    Raises
    ------
    DataError
        Where the two do not hold the same differences.
    """
    import pandas as pd

    if not results or [(r.a, r.b, r.estimate) for r in results] != [(r.a, r.b, r.estimate) for r in wider]:
        raise DataError("results and wider must hold the same differences in the same order, at two levels.")
    data = pd.concat([r.tidy() for r in results], ignore_index=True)
    outer = pd.concat([r.tidy() for r in wider], ignore_index=True)
    names = [tr("{a} minus {b}")[language].format(a=labels.get(r.a, r.a), b=labels.get(r.b, r.b)) for r in results]
    names = [name[0].upper() + name[1:] for name in names]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        for at, row in zip(y, results, strict=True):
            ax.fill_betweenx(
                [at - 0.4, at + 0.4], row.bound_low, row.bound_high, color="#E2E2E2", linewidth=0, zorder=0
            )
        ax.text(
            0,
            y[0] + 0.44,
            tr("counts as equal")[language],
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
        numbers_beside(ax, y, [format_number(value, "+.2f", language) for value in data["estimate"]])
        ax.set_yticks(y, [plain(_folded(name)) for name in names], fontsize=9)
        ax.tick_params(axis="y", length=0)
        ax.set(
            ylim=(-0.6, len(data) - 0.3),
            xlabel=plain(
                tr("Difference in {outcome}, scale points")[language].format(outcome=labels.get(outcome, outcome))
            ),
        )
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, "+.1f", language))
        ax.locator_params(axis="x", nbins=6)
        ax.spines["left"].set_visible(False)
        return ax

    words = {"inner": percent(results[0].conf_level, language), "outer": percent(wider[0].conf_level, language)}
    said = []
    for name, row in zip(names, results, strict=True):
        numbers = [
            format_number(v, "+.2f", language)
            for v in (row.estimate, row.conf_low, row.conf_high, row.bound_low, row.bound_high)
        ]
        zone = tr("equal from {low} to {high}")[language].format(low=numbers[3], high=numbers[4])
        said.append(f"{name}: {numbers[0]} [{numbers[1]}; {numbers[2]}], {zone}")
    text = caption or tr(
        "Thick lines are {inner} intervals: groups are shown to be equal only where the thick line lies wholly in the grey zone. Thin lines are {outer} intervals: a difference is shown where the thin line leaves out zero."
    )[language].format(**words)
    origin = Provenance.merge([r.provenance for r in results])
    table = data.assign(share_conf_low=outer["conf_low"], share_conf_high=outer["conf_high"]).rename(
        columns={"share_conf_low": "mean_conf_low", "share_conf_high": "mean_conf_high"}
    )
    return Exhibit(
        id, title, text, "; ".join(said) + ".", table, origin, language, draw, (WIDTH, 0.75 * len(data) + 1.0)
    )


def _folded(name: str, letters: int = 24) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(name, letters))


@draws(PenaltyReward)
def plot_penalty_reward(
    result: PenaltyReward, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Penalty and reward of each driver as bars on both sides of zero, with what each driver is called."""
    from ...core import listed

    data = result.tidy().sort_values("estimate", na_position="last", kind="stable", ignore_index=True)
    if data["penalty"].isna().all():
        raise DataError(f"none of {listed(result.terms)} has enough low and high answers; there is nothing to draw.")

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        look: dict[str, Any] = {"height": 0.34, "edgecolor": "white", "linewidth": 0}
        for name, shift, colour, hatch in (("penalty", 0.19, _PENALTY, "///"), ("reward", -0.19, _REWARD, "")):
            ax.barh(y + shift, data[name], color=colour, hatch=hatch, label=_WORDS[name][language], **look)
            ax.hlines(y + shift, data[f"{name}_conf_low"], data[f"{name}_conf_high"], color="white", linewidth=3)
            ax.hlines(y + shift, data[f"{name}_conf_low"], data[f"{name}_conf_high"], color=INK, linewidth=1.3)
        ax.axvline(0, color=INK, linewidth=0.9)
        across = ax.get_yaxis_transform()
        for at, verdict in zip(y, data["verdict"], strict=True):
            strong = verdict not in ("undecided", "too few")
            ax.text(1.01, at, _WORDS[verdict][language], transform=across, va="center", fontsize=8.5,
                    weight="bold" if strong else "normal", color=INK if strong else FAINT)  # fmt: skip
        ax.set_yticks(y, [plain(labels.get(term, term)) for term in data["term"]])
        ax.tick_params(axis="y", length=0)
        ax.set(
            ylim=(-0.6, len(data) - 0.4),
            xlabel=plain(
                _folded(
                    tr("{outcome}, against a middle answer")[language].format(
                        outcome=labels.get(result.outcome, result.outcome)
                    ),
                    30,
                )
            ),
        )
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, "+.1f", language))
        ax.locator_params(axis="x", nbins=6)
        ax.spines["left"].set_visible(False)
        figure.legend(
            *ax.get_legend_handles_labels(), loc="outside upper left", ncols=2, handlelength=1.2, columnspacing=1.4
        )
        return ax

    text = caption or tr(
        "Bars: scale points that go with a low (hatched) and a high answer to the driver, the other drivers alike. Lines are {level} intervals. The word says which of the two is larger beyond chance."
    )[language].format(level=percent(result.conf_level, language))
    if (data["verdict"] == "too few").any() and not caption:
        text += " " + tr("“Too few”: fewer than {min_cell} low, middle or high answers.")[language].format(
            min_cell=result.min_cell
        )
    rows = []
    for row in data.to_dict("records"):
        name, verdict = labels.get(row["term"], row["term"]), _WORDS[row["verdict"]][language]
        numbers = [
            f"{_WORDS[part][language]} {format_number(row[part], '+.2f', language)} "
            f"[{format_number(row[f'{part}_conf_low'], '+.2f', language)}; {format_number(row[f'{part}_conf_high'], '+.2f', language)}]"
            for part in ("penalty", "reward")
        ]
        rows.append(
            f"{name}: {', '.join(numbers)}, {verdict}" if row["penalty"] == row["penalty"] else f"{name}: {verdict}"
        )
    size = (WIDTH, 0.42 * len(data) + 1.2)
    return Exhibit(id, title, text, "; ".join(rows) + ".", data, result.provenance, language, draw, size)
