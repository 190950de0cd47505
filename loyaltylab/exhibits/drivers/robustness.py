"""Figures of two objections to a comparison of blocks: unequal length, and what the way of asking adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core import format_number, tr
from ...drivers import AssumedMethod, IndexLength
from ..exhibit import Exhibit
from ..parts import WIDTH, Labels, difference_label, percent
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_assumed_method", "plot_index_length"]


@draws(IndexLength)
def plot_index_length(
    result: IndexLength, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The difference between two indices at each equal length, and as asked."""
    data = result.tidy()
    of = {"a": labels.get(result.a, result.a), "b": labels.get(result.b, result.b)}
    names = [(tr("1 item each") if k == 1 else tr("{k} items each"))[language].format(k=k) for k in result.lengths]
    names.append(tr("{a} against {b}")[language].format(a=result.sizes[0], b=result.sizes[1]))

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.hlines(y[:-1], data["subset_low"][:-1], data["subset_high"][:-1], color="#C9C9C9", linewidth=9)
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.4)
        ax.plot(data["estimate"], y, "o", color=INK, markerfacecolor="white", markersize=6)
        ax.plot(data["predicted"][:-1], y[:-1], "x", color=INK, markersize=5)
        ax.set_yticks(y, names)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        said = tr("{a} minus {b}, correlation")[language].format(**of)
        ax.set_xlabel((said[:1].upper() + said[1:]).replace(", ", ",\n"))
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, "+.2f", language))
        ax.locator_params(axis="x", nbins=5)
        return ax

    said = {"level": percent(result.conf_level, language), "n": str(int(data["n_subsets"].max()))}
    text = caption or tr(
        "Correlation with the outcome of an index of {a} minus that of one of {b}. Dots: mean over {n} subsets of items of that length at most, with {level} intervals for the respondents; grey: where 95% of the subsets lie; crosses: what length alone would give (Spearman–Brown). The last row has all items as they were asked: {size_a} against {size_b}."
    )[language].format(size_a=result.sizes[0], size_b=result.sizes[1], **of, **said)
    alt = "; ".join(
        f"{name}: {format_number(x, '+.2f', language)}" for name, x in zip(names, data["estimate"], strict=True)
    )
    size = (WIDTH, 0.3 * len(data) + 1.1)
    return Exhibit(id, title, text, f"{alt}.", data, result.provenance, language, draw, size)


@draws(AssumedMethod)
def plot_assumed_method(
    result: AssumedMethod, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The difference between two blocks over what the way of asking may have added to every correlation."""
    data = result.tidy()
    x = data["r_marker"].to_numpy()

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.fill_between(x, data["conf_low"], data["conf_high"], color="#C9C9C9", linewidth=0)
        ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.plot(x, data["estimate"], color=INK, linewidth=1.8)
        if 0 < result.smallest <= x[-1]:
            ax.axvline(result.smallest, color=INK, linewidth=1, linestyle=":")
        ax.set_xlabel(tr("Correlation that the way of asking adds")[language])
        ax.set_title(difference_label(result.a, result.b, labels, language).replace(", ", ",\n"), weight="normal")
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, ".1f", language))
        ax.yaxis.set_major_formatter(lambda value, _: format_number(value, "+.0pp", language))
        ax.set_xlim(0, x[-1])
        ax.locator_params(axis="x", nbins=6)
        return ax

    flip = result.flips_at
    turn = (tr("the sign stays the same") if flip is None else tr("zero at {at}"))[language].format(
        at=format_number(flip or 0, ".2f", language)
    )
    ends = {"first": data["estimate"].iloc[0], "last": data["estimate"].iloc[-1]}
    said = {name: format_number(value, "+.0pp", language) for name, value in ends.items()}
    alt = tr("From {first} with nothing assumed to {last} at {r}; {turn}.")[language].format(
        r=format_number(x[-1], ".2f", language), turn=turn, **said
    )
    numbers = {"smallest": result.smallest, "most": result.most}
    about = {name: format_number(value, ".2f", language) for name, value in numbers.items()}
    dotted = (
        tr(
            "Dotted: the smallest correlation of all ({smallest}), which Lindell & Whitney (2001) take where no unrelated question was asked. "
        )[language].format(**about)
        if 0 < result.smallest <= x[-1]
        else ""
    )
    level = percent(result.conf_level, language)
    text = caption or tr(
        "The difference if the way of asking had added that much to every correlation; grey: {level} intervals. {dotted}From {most} on, no data can have what is left."
    )[language].format(level=level, dotted=dotted, most=about["most"])
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 3.2))
