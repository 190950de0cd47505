"""Coefficients of a regression, slopes at values of a moderator, and a claimed split as figures."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from ...core import check_known, format_number, tr
from ...drivers import METHODS, Split
from ...models import INTERCEPT, Regression, SimpleSlopes
from ..exhibit import COLOURS, Exhibit
from ..parts import SPARE, WIDTH, Labels, numbers_beside, percent
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_coefficients", "plot_simple_slopes", "plot_split", "table_coefficients"]

_WORDS = {
    "lines": tr("Lines are {level} intervals. Where a line crosses zero, the sign is not settled."),
    "split": tr("Share of {a} in what {a} and {b} explain together"),
    "method": tr("{term}"),
    "without": tr("without {term}"),
    "methods": tr("Lines are {level} intervals; the dashed line is the claimed share."),
    "how": tr(
        "First by method, then by the first method with one driver left out. Lines are {level} intervals; the dashed line is the claimed share."
    ),
}


@draws(Regression)
def plot_coefficients(
    result: Regression,
    *,
    id: str,
    title: str,
    labels: Labels,
    language: str = "en",
    terms: Sequence[str] = (),
    caption: str = "",
) -> Exhibit:
    """Coefficients with their intervals about a line at zero, in the order of the model; the constant is left out.

    Parameters
    ----------
    terms : sequence of str
        Only these, such as the interactions; all where it is empty.
    """
    data = result.tidy()
    for term in terms:
        check_known("term", term, data["term"])
    data = data[data["term"].isin(list(terms) or [name for name in result.names if name != INTERCEPT])]
    data = data.reset_index(drop=True)
    names = [labels.get(term, term) for term in data["term"]]
    axis = tr("Scale points of {outcome} per scale point")[language].format(
        outcome=labels.get(result.outcome, result.outcome)
    )
    text = caption or _WORDS["lines"][language].format(level=percent(result.conf_level, language))
    return _points(data, names, list(data["block"]), axis, text, result, id, title, language)


@draws(SimpleSlopes)
def plot_simple_slopes(
    result: SimpleSlopes, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Slope of a driver at each value of the moderator, with its interval."""
    fit = result.regression
    data = result.tidy()
    names = [f"{labels.get(result.moderator, result.moderator)}: {labels.get(term, term)}" for term in data["term"]]
    axis = tr("Scale points of {outcome} per scale point of {driver}")[language].format(
        outcome=labels.get(fit.outcome, fit.outcome), driver=labels.get(result.driver, result.driver)
    )
    text = caption or _WORDS["lines"][language].format(level=percent(result.conf_level, language))
    return _points(data, names, [""] * len(data), axis, text, result, id, title, language)


def _points(
    data: pd.DataFrame,
    names: list[str],
    blocks: list[str],
    axis: str,
    text: str,
    result: Regression | SimpleSlopes,
    id: str,
    title: str,
    language: str,
) -> Exhibit:
    largest = float(np.abs(data[["estimate", "conf_low", "conf_high"]].to_numpy()).max())
    places = max(2, 1 - int(np.floor(np.log10(largest)))) if largest > 0 else 2

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
        for at, block, (_, row) in zip(y, blocks, data.iterrows(), strict=True):
            colour, _, marker = COLOURS.get(block, (INK, "", "o") if not block else SPARE)
            ax.plot(row["estimate"], at, marker, color=colour, markeredgecolor=INK, markersize=7)
        numbers_beside(ax, y, [format_number(value, f"+.{places}f", language) for value in data["estimate"]])
        ax.set_yticks(y, names)
        ax.tick_params(axis="y", length=0)
        ax.set(xlabel="\n".join(wrap(axis, 44)), ylim=(-0.5, len(data) - 0.3))
        low, high = min(0, data["conf_low"].min()), max(0, data["conf_high"].max())
        ax.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, f".{places}f", language))
        return ax

    said = "; ".join(
        f"{name} {format_number(row['estimate'], f'+.{places}f', language)} "
        f"[{format_number(row['conf_low'], f'+.{places}f', language)}; {format_number(row['conf_high'], f'+.{places}f', language)}]"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    size = (WIDTH, 0.45 * len(data) + 1.25)
    return Exhibit(id, title, text, f"{axis}. {said}.", data, result.provenance, language, draw, size)


@draws(Regression)
def table_coefficients(
    result: Regression, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Coefficients with interval, p and beta."""
    data = result.tidy()
    data = data.assign(term=[tr("Constant")[language] if t == INTERCEPT else labels.get(t, t) for t in data["term"]])
    columns = {"term": "{term}", "estimate": "{estimate:+.2f} [{conf_low:+.2f}; {conf_high:+.2f}]"}
    columns |= {"p_value": "{p_value:.3p}", "beta": "{beta:+.2f}"}
    text = caption or tr("In brackets: {level} intervals. Beta is the coefficient in standard deviations.")[
        language
    ].format(level=percent(result.conf_level, language))
    axis = tr("Scale points of {outcome} per scale point")[language].format(
        outcome=labels.get(result.outcome, result.outcome)
    )
    said = "; ".join(f"{row.term} {format_number(row.estimate, '+.2f', language)}" for row in data.itertuples())
    return Exhibit(id, title, text, f"{axis}: {said}.", data, result.provenance, language, columns=columns)


@draws(Split)
def plot_split(
    result: Split, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The share of one of two blocks under each choice, beside the share that was claimed."""
    data = result.tidy()
    names = [
        _WORDS[row.choice][language].format(
            term=METHODS[row.term].label[language] if row.choice == "method" else labels.get(row.term, row.term)
        )
        for row in data.itertuples()
    ]
    a, b = (labels.get(name, name) for name in (result.a, result.b))
    colour, _, marker = COLOURS.get(result.a, SPARE)

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(result.claimed, color=INK, linewidth=1.4, linestyle=(0, (5, 3)), zorder=0)
        ax.annotate(tr("claimed: {share}")[language].format(share=percent(result.claimed, language)), (result.claimed, 1), (0, 3), xycoords=ax.get_xaxis_transform(), textcoords="offset points", ha="center", va="bottom")  # fmt: skip
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
        ax.plot(
            data["estimate"], y, marker, color=colour, markeredgecolor=INK, markersize=7, linestyle="none", zorder=4
        )
        numbers_beside(ax, y, [percent(share, language) for share in data["estimate"]])
        ax.set_yticks(y, names)
        ax.tick_params(axis="y", length=0)
        ax.set(xlim=(0, 1), ylim=(-0.5, len(data) - 0.1), xlabel=_WORDS["split"][language].format(a=a, b=b))
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_formatter(lambda value, _: percent(value, language))
        return ax

    said = "; ".join(
        f"{name} {percent(row.estimate, language)} [{percent(row.conf_low, language)}; {percent(row.conf_high, language)}]"
        for name, row in zip(names, data.itertuples(), strict=True)
    )
    how = "how" if "without" in set(data["choice"]) else "methods"
    text = caption or _WORDS[how][language].format(level=percent(result.conf_level, language))
    alt = f"{_WORDS['split'][language].format(a=a, b=b)}. {said}. {tr('claimed: {share}')[language].format(share=percent(result.claimed, language))}."
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 0.3 * len(data) + 1.15))
