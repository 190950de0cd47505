"""What could turn a comparison of blocks: other choices, other lengths, what the way of asking adds, correlations a source leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import ModelError, listed, pd, tr
from ...drivers import CODINGS, METHODS, AssumedMethod, IndexLength, OtherChoices, Sensitivity
from ..exhibit import COLOURS, Exhibit, Labels, Printer
from ..parts import PHRASES, WIDTH, difference_label, difference_points, method_text, name_rows
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@draws(IndexLength)
def plot_index_length(result: IndexLength, *, printer: Printer) -> Exhibit:
    """The difference between two indices at each equal length, and as asked."""
    data = result.tidy()
    of = {"a": printer.label(result.a), "b": printer.label(result.b)}
    names = [printer.text((tr("1 item each") if k == 1 else tr("{k} items each")), k=k) for k in result.lengths]
    names.append(printer.tr("{a} against {b}", a=result.sizes[0], b=result.sizes[1]))

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.hlines(y[:-1], data["subset_low"][:-1], data["subset_high"][:-1], color="#C9C9C9", linewidth=9)
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.4)
        ax.plot(data["estimate"], y, "o", color=INK, markerfacecolor="white", markersize=6)
        ax.plot(data["predicted"][:-1], y[:-1], "x", color=INK, markersize=5)
        name_rows(ax, y, names)
        label = printer.tr("{a} minus {b}, correlation", **of)
        ax.set_xlabel((label[:1].upper() + label[1:]).replace(", ", ",\n"))
        ax.xaxis.set_major_formatter(printer.ticks("+.2f"))
        ax.locator_params(axis="x", nbins=5)

    fields = {"level": printer.percent(result.conf_level), "n": str(int(data["n_subsets"].max()))}
    text = printer.tr(
        "Correlation with the outcome of an index of {a} minus that of one of {b}. Dots: mean over {n} subsets of items of that length at most, with {level} intervals for the respondents; grey: where 95% of the subsets lie; crosses: what length alone would give (Spearman–Brown). The last row has all items as they were asked: {size_a} against {size_b}.",
        size_a=result.sizes[0],
        size_b=result.sizes[1],
        **of,
        **fields,
    )
    alt = "; ".join(f"{name}: {printer.number(x, '+.2f')}" for name, x in zip(names, data["estimate"], strict=True))
    size = (WIDTH, 0.3 * len(data) + 1.1)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=f"{alt}.")


@draws(AssumedMethod)
def plot_assumed_method(result: AssumedMethod, *, printer: Printer) -> Exhibit:
    """The difference between two blocks over what the way of asking may have added to every correlation."""
    data = result.tidy()
    x = data["r_marker"].to_numpy()

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.fill_between(x, data["conf_low"], data["conf_high"], color="#C9C9C9", linewidth=0)
        ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.plot(x, data["estimate"], color=INK, linewidth=1.8)
        if 0 < result.smallest <= x[-1]:
            ax.axvline(result.smallest, color=INK, linewidth=1, linestyle=":")
        ax.set_xlabel(printer.tr("Correlation that the way of asking adds"))
        ax.set_title(difference_label(result.a, result.b, printer).replace(", ", ",\n"), weight="normal")
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        ax.yaxis.set_major_formatter(printer.ticks("+.0pp"))
        ax.set_xlim(0, x[-1])
        ax.locator_params(axis="x", nbins=6)

    reversal = result.reverses_at
    turn = printer.text(
        (tr("the sign stays the same") if reversal is None else tr("zero at {at}")),
        at=printer.number(reversal or 0, ".2f"),
    )
    ends = {"first": data["estimate"].iloc[0], "last": data["estimate"].iloc[-1]}
    fields = {name: printer.number(value, "+.0pp") for name, value in ends.items()}
    alt = printer.tr(
        "From {first} with nothing assumed to {last} at {r}; {turn}.",
        r=printer.number(x[-1], ".2f"),
        turn=turn,
        **fields,
    )
    numbers = {"smallest": result.smallest, "most": result.most}
    about = {name: printer.number(value, ".2f") for name, value in numbers.items()}
    dotted = (
        printer.tr(
            "Dotted: the smallest correlation of all ({smallest}), which Lindell & Whitney (2001) take where no unrelated question was asked. ",
            **about,
        )
        if 0 < result.smallest <= x[-1]
        else ""
    )
    level = printer.percent(result.conf_level)
    text = printer.tr(
        "The difference if the way of asking had added that much to every correlation; grey: {level} intervals. {dotted}From {most} on, no data can have what is left.",
        level=level,
        dotted=dotted,
        most=about["most"],
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.2), caption=text, alt=alt)


_PHRASES = {
    "reported": tr("As reported", "choice"),
    "without": tr("Without {term}"),
    "method": tr("{term}"),
    "coding": tr("{term} in the other block"),
    "elsewhere": tr("Items where other sources put them"),
    "weakest_out": tr("Without each block's weakest scale"),
    "item_mean": tr("Gaps filled in"),
    "listwise": tr("Gaps left open"),
    "imputed": tr("Gaps allowed for by a model"),
    "how": tr(
        "Difference between the blocks, as reported and with one choice made otherwise. Hollow: the verdict is another one."
    ),
}


@draws(OtherChoices)
def plot_choices(result: OtherChoices, *, printer: Printer) -> Exhibit:
    """The difference between two blocks as reported, and below it with each choice made otherwise."""
    data = result.tidy()
    names = [
        choice_name(choice, term, printer.labels, printer.language)
        for choice, term in zip(data["choice"], data["term"], strict=True)
    ]
    changed = (data["verdict"] != data["verdict"].iloc[0]).to_numpy()

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        difference_points(ax, names, data, printer)
        y = np.arange(len(data))[::-1]
        ax.plot(data["estimate"][changed], y[changed], "o", color=INK, markerfacecolor="white", markersize=7)
        ax.set_xlabel(difference_label(result.reported.a, result.reported.b, printer).replace(", ", ",\n"))

    other_verdict = f" ({printer.tr('another verdict')})"
    listing = "; ".join(
        f"{name}: {printer.interval(row, '+.0pp')}{other_verdict if other else ''}"
        for name, (_, row), other in zip(names, data.iterrows(), changed, strict=True)
    )
    alt = f"{difference_label(result.reported.a, result.reported.b, printer)}. {listing}."
    text = f"{printer.text(_PHRASES['how'])} {printer.text(PHRASES['by_chance'])}"
    return printer.figure(data, result.provenance, draw, (WIDTH, 0.4 * len(data) + 1.0), caption=text, alt=alt)


def choice_name(choice: str, term: str, labels: Labels, language: str) -> str:
    """What was chosen otherwise, in words.

    Parameters
    ----------
    choice : str
        method, missing, without or coding; or reported.
    term : str
        Which one.
    labels : Labels
        Name → what a reader calls it; a name without one stands as it is.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        For a row of a figure.

    Examples
    --------
    >>> choice_name("method", "lmg", {}, "en"), choice_name("without", "joy", {"joy": "Joy"}, "en")
    ('LMG (Shapley)', 'Without Joy')
    """
    if term in CODINGS:
        return _PHRASES[term][language]
    if choice in ("reported", "missing"):
        return _PHRASES["reported" if choice == "reported" else term][language]
    known = METHODS[term].label[language] if choice == "method" else labels.get(term, term)
    return _PHRASES[choice][language].format(term=known)


Looks = dict[str, tuple[str, str, Any]]

_MORE_LOOKS = [
    ("#222222", "h"),
    ("#7A7A7A", "v"),
    ("#3C7D5A", "P"),
    ("#9C6FB0", "X"),
    ("#6FA3D0", "s"),
    ("#C9A227", "D"),
]
_DASHES = ["-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1, 1)), (0, (9, 3))]

SENSITIVITY = {
    "robust": tr("{first} is first in every case found."),
    "depends": tr("Which is first then depends on those correlations."),
}


@draws(Sensitivity)
def plot_sensitivity(result: Sensitivity, *, printer: Printer) -> Exhibit:
    """Share of each driver against one assumed inter-correlation; what no data can have is shaded.

    Raises
    ------
    ModelError
        Where the drivers cannot all correlate alike, so that there is no curve to draw.
    """
    if not len(result.common):
        raise ModelError(
            f"{listed(result.names)} cannot all correlate alike given these correlations with {result.outcome}, so there "
            "is no curve to draw; reverse a driver that runs the other way, or print result.tidy()."
        )
    data = result.curve()
    looks = _line_looks(result.names)

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        left = min(0.0, np.floor(10 * result.common_low) / 10)
        for term, rows in data.groupby("term", sort=False):
            colour, marker, dashes = looks[str(term)]
            every = max(1, len(rows) // 6)
            ax.plot(rows["assumed"], rows["share"], color=colour, linestyle=dashes, linewidth=2)
            ax.plot(
                rows["assumed"][every // 2 :: every],
                rows["share"][every // 2 :: every],
                marker,
                color=colour,
                markeredgecolor=INK,
                markersize=6,
            )
        ax.set(xlim=(left, 1), ylim=(min(0.0, data["share"].min() * 1.15), data["share"].max() * 1.15))
        free = _widest_gap([*ax.get_ylim(), *result.common_shares[-1]])
        for edges in ((left, result.common_low), (result.common_high, 1.0)):
            _shade_impossible(ax, *edges, free, printer)
        ax.set(
            xlabel=printer.tr("Assumed correlation between every two drivers"), ylabel=printer.text(PHRASES["share"])
        )
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        ax.yaxis.set_major_formatter(printer.ticks(".0%"))
        _label_lines(ax, result, data, looks, printer)
        if result.common_range:
            _mark_range(ax, result.common_range, printer)

    return printer.figure(
        data,
        result.provenance,
        draw,
        (WIDTH, 3.6),
        caption=_sensitivity_caption(result, printer),
        alt=_sensitivity_alt(result, printer),
    )


def _line_looks(names: tuple[str, ...]) -> Looks:
    """Colour, marker and dashes of each driver; a driver named as a block looks like that block."""
    own = {name: (COLOURS[name][0], COLOURS[name][2]) for name in names if name in COLOURS}
    taken = {marker for _, marker in own.values()}
    more = iter(style for style in _MORE_LOOKS if style[1] not in taken)
    return {name: (*(own.get(name) or next(more)), dashes) for name, dashes in zip(names, _DASHES, strict=False)}


def _widest_gap(heights: Iterable[float]) -> float:
    """Where a word has most room between lines at these heights."""
    ordered = np.sort(np.array(list(heights)))
    at = np.diff(ordered).argmax()
    return float(ordered[at] + ordered[at + 1]) / 2


def _shade_impossible(ax: Axes, start: float, end: float, height: float, printer: Printer) -> None:
    if end - start <= 0:
        return
    ax.axvspan(start, end, facecolor="#EFEFEF", edgecolor="#C4C4C4", hatch="///", linewidth=0, zorder=0)
    if end - start > 0.035:
        ax.text(
            (start + end) / 2,
            height,
            printer.tr("impossible"),
            rotation=90,
            ha="center",
            va="center",
            fontsize=8,
            bbox={"facecolor": "#EFEFEF", "edgecolor": "none", "pad": 0.5},
        )


def _label_lines(ax: Axes, result: Sensitivity, data: pd.DataFrame, looks: Looks, printer: Printer) -> None:
    """Names to the right of the axes, in the order of the line ends and never on top of each other."""
    ends = data.groupby("term", sort=False).tail(1).sort_values("share", kind="stable")
    low, high = ax.get_ylim()
    room = 0.065 * (high - low)
    at = ends["share"].to_numpy().copy()
    for i in range(1, len(at)):
        at[i] = max(at[i], at[i - 1] + room)
    for i in range(len(at) - 1, -1, -1):
        at[i] = min(at[i], high - room * (len(at) - 1 - i))
    for term, end, y in zip(ends["term"], ends["share"], at, strict=True):
        line = {"color": FAINT, "linewidth": 0.8, "clip_on": False}
        ax.plot([result.common_high, 1, 1.02], [end, end, y], **line)
        ax.plot(1.035, y, looks[term][1], color=looks[term][0], markeredgecolor=INK, markersize=6, clip_on=False)
        ax.annotate(
            printer.label(term), (1.035, y), (7, 0), textcoords="offset points", va="center", annotation_clip=False
        )


def _mark_range(ax: Axes, held: tuple[float, float], printer: Printer) -> None:
    """A bracket along the top over the inter-correlations the result is held to."""
    left, right = ax.get_xlim()
    start, end = max(held[0], left), min(held[1], right)
    for x in (start, end):
        ax.axvline(x, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    across = ax.get_xaxis_transform()
    ax.annotate(
        "",
        (start, 0.955),
        (end, 0.955),
        xycoords=across,
        textcoords=across,
        arrowprops={"arrowstyle": "<->", "color": FAINT},
    )
    ax.text(
        (start + end) / 2,
        0.955,
        printer.tr("assumed range"),
        transform=across,
        ha="center",
        va="center",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def _possible(result: Sensitivity, printer: Printer) -> dict[str, str]:
    return {"low": printer.number(result.common_low, ".2f"), "high": printer.number(result.common_high, ".2f")}


def _sensitivity_caption(result: Sensitivity, printer: Printer) -> str:
    held = ""
    if result.common_range:
        low, high = (printer.number(bound, ".2f") for bound in result.common_range)
        held = printer.tr(" between {low} and {high}", low=low, high=high)
    ranges = "; ".join(
        f"{printer.label(row.term)} {printer.span(row.share_low, row.share_high)}" for row in result.tidy().itertuples()
    )
    return " ".join(
        [
            method_text(result.method, printer),
            printer.tr(
                "The source does not print how the drivers correlate; if they all correlate alike, only {low} to {high} is possible.",
                **_possible(result, printer),
            ),
            printer.tr(
                "If the correlations may differ from each other{held}, the shares found are: {ranges}.",
                held=held,
                ranges=ranges,
            ),
            printer.text(SENSITIVITY[result.verdict], first=printer.label(result.first)),
        ]
    )


def _sensitivity_alt(result: Sensitivity, printer: Printer) -> str:
    """The share of each driver where its line starts and where it ends."""
    to = printer.tr("to")
    first, last = result.common_shares[0], result.common_shares[-1]
    shares = "; ".join(
        f"{printer.label(name)} {printer.percent(start)} {to} {printer.percent(end)}"
        for name, start, end in zip(result.names, first, last, strict=True)
    )
    return printer.tr(
        "Line chart of shares of the explained variance against the correlation assumed between the drivers, from {low} to {high}. {shares}.",
        **_possible(result, printer),
        shares=shares,
    )
