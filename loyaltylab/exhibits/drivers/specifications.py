"""Figures of one comparison under every combination of choices."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ...core import GLOSSARY, tr
from ...drivers import FACTORS, METHODS, Decisive, Importance, SmallestReversal, SpecificationCurve
from ...kernels import sides
from ..exhibit import Exhibit, Labels, Printer
from ..parts import WIDTH, against_text, difference_label, drivers_against, name_rows
from ..sketch import draws
from ..style import INK, MIN_POINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: What an interval says, from one side of zero to the other; apart by lightness too.
_VERDICTS = {"less": "#6FA3D0", "undecided": "#E2E2E2", "more": "#A63A2B"}
_BEHIND = "#EDEDED"
_MOST, _CHOICES, _MOVING = 60, 4, 5  # specifications drawn by themselves; choices drawn; of those that move most
_OPTIONS = {
    "scales": tr("Scales, all items"),
    "driver_out": tr("One driver left out"),
    "item_out": tr("One item left out"),
    "index": tr("One index a block"),
    "items_": tr("Scales, {k} items"),
    "index_": tr("Index of {k} items"),
    "sum": tr("Summed"),
    "mean": tr("Per driver"),
    "all": tr("Everyone"),
    "two": tr("Only these two"),
    "none": tr("None"),
    "listwise": tr("Complete answers"),
    "item_mean": tr("Gaps filled in"),
    "pairwise": tr("Pair by pair"),
    "observed": tr("As observed"),
    "attenuation": tr("Corrected for error"),
    "overlap_out": tr("Without look-alikes"),
    "codebook": tr("As in the codebook"),
    "elsewhere": tr("Items where other sources put them"),
    "weakest_out": tr("Without each block's weakest scale"),
}
_FACTORS = {
    "coding": tr("Coding of blocks"),
    "measure": tr("Blocks compared"),
    "correction": tr("Error of measurement"),
    "missing": tr("Unanswered items"),
}


def factor_name(factor: str, language: str) -> str:
    """A choice in words.

    Parameters
    ----------
    factor : str
        One of `FACTORS`.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        For a row of a figure.

    Examples
    --------
    >>> factor_name("method", "en"), factor_name("measure", "nl")
    ('Method', 'Blokken vergeleken')
    """
    return (_FACTORS.get(factor) or GLOSSARY[factor].heading)[language]


def option_name(factor: str, option: str, labels: Labels, language: str) -> str:
    """An option of a choice in words.

    Parameters
    ----------
    factor : str
        One of `FACTORS`.
    option : str
        One of its options.
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
    >>> option_name("method", "lmg", {}, "en"), option_name("outcome", "LOYALTY", {"LOYALTY": "Loyalty"}, "en")
    ('LMG (Shapley)', 'Loyalty')
    """
    if factor == "method":
        return METHODS[option].label[language]
    kind, _, k = option.partition("_")
    if factor == "driver_set" and k.isdigit():
        return _OPTIONS[f"{kind}_"][language].format(k=k)
    if factor == "blocks_kept" and option == "all":
        return tr("All blocks")[language]
    known = factor in ("driver_set", "coding", "measure", "blocks_kept", "correction", "missing") or option in (
        "all",
        "none",
    )
    if known and option in _OPTIONS:
        return _OPTIONS[option][language]
    return " + ".join(labels.get(part, part) for part in option.split(" + "))


def reversal_names(result: SmallestReversal, labels: Labels, language: str, most: int = 8) -> list[str]:
    """The changes that put the other block ahead, in words; the largest reversals first.

    Parameters
    ----------
    result : SmallestReversal
        As `smallest_reversal` gives it.
    labels : Labels
        Name → what a reader calls it; a name without one stands as it is.
    language : str
        Of the words: en or nl.
    most : int
        Changes named.

    Returns
    -------
    list of str
        One for each set of choices.

    Examples
    --------
    >>> from loyaltylab import read_table, specification_curve
    >>> from loyaltylab.drivers import smallest_reversal, specifications
    >>> specs = specifications(read_table("hedonic_utilitarian"), "emotional", "rational", methods=["lmg", "first"])
    >>> reversal_names(smallest_reversal(specification_curve(specs, n_draws=100)), {}, "en", most=2)
    ['drivers made of: one driver left out (VisualAppeal)']
    """
    specs, names = result.curve.specs.all, []
    for i in result.reversals[:most]:
        parts = [
            f"{factor_name(factor, language).lower()}: {option_name(factor, specs[i][factor], labels, language).lower()}"
            + (f" ({labels.get(specs[i].left_out, specs[i].left_out)})" if factor == "driver_set" and specs[i].left_out else "")
            for factor in specs[i].distance(specs[0])
        ]  # fmt: skip
        names.append(" + ".join(parts))
    return names


@draws(SpecificationCurve)
def plot_specification_curve(result: SpecificationCurve, *, printer: Printer) -> Exhibit:
    """The sorted estimates of all specifications above; below, for the choices that matter most, what comes of each option."""
    rows = _rows(result)
    names = [
        factor_name(*row, printer.language) if len(row) == 1 else option_name(*row, printer.labels, printer.language)
        for row in rows
    ]
    a, b = (printer.label(name) for name in (result.specs.a, result.specs.b))
    sides = {
        "less": printer.tr("{block} clearly ahead", block=b),
        "undecided": printer.tr("undecided"),
        "more": printer.tr("{block} clearly ahead", block=a),
    }

    def draw(figure: Figure) -> None:
        from matplotlib.patches import Patch

        if figure.get_figwidth() < WIDTH * 0.8:  # names take more lines
            figure.set_figheight(max(figure.get_figheight(), 2.6 + 0.25 * len(rows)))
        top, below = figure.subplots(2, 1, height_ratios=[1.7, 0.2 * len(rows)])
        _estimates(top, result, printer)
        _panel(below, result, rows, names, printer)
        what = difference_label(result.specs.a, result.specs.b, printer)
        top.set_title(what.replace(", ", ",\n"), weight="normal")
        top.set_xlabel(printer.tr("Specifications, sorted"))
        below.set_xlabel(printer.tr("Part of the specifications with this option"))
        handles = [Patch(facecolor=_VERDICTS[side], label=label) for side, label in sides.items()]
        figure.legend(handles=handles, loc="outside upper left", ncols=3, handlelength=1.2, columnspacing=1.4)

    text = _caption(result, rows, printer)
    size = (WIDTH, 3.0 + 0.2 * len(rows))
    alt = _alt(result, printer)
    return printer.figure(result.tidy(), result.provenance, draw, size, caption=text, alt=alt)


def _rows(result: SpecificationCurve) -> list[tuple[str, ...]]:
    """What stands beside the lower panel: the choices that turn most verdicts, and the options of each, sorted.

    Of a choice of many options those at both ends.
    """
    lead = {
        factor: sorted(parts, key=lambda option: parts[option]["more"] - parts[option]["less"], reverse=True)
        for factor, parts in _parts(result).items()
    }

    def reach(factor: str) -> float:
        parts, (first, *_, last) = _parts(result)[factor], lead[factor]
        return sum(abs(parts[first][side] - parts[last][side]) for side in ("more", "less"))

    chosen = sorted(lead, key=lambda factor: -reach(factor))[:_CHOICES]
    shown = {
        factor: lead[factor] if len(lead[factor]) <= 5 else [*lead[factor][:2], *lead[factor][-2:]] for factor in chosen
    }
    return [row for factor in chosen for row in [(factor,), *((factor, option) for option in shown[factor])]]


def _parts(result: SpecificationCurve) -> dict[str, dict[str, dict[str, float]]]:
    """Choice → option → verdict → part of the specifications with that option, of the choices that were varied."""
    made = dict(zip(FACTORS, np.array([spec.choices for spec in result.specs.all]).T, strict=True))
    parts: dict[str, dict[str, dict[str, float]]] = {}
    for factor, options in result.specs.options.items():
        there = [option for option in options if (made[factor] == option).any()]
        if len(there) > 1:
            parts[factor] = {
                option: {side: float((result.verdicts[made[factor] == option] == side).mean()) for side in _VERDICTS}
                for option in there
            }
    return parts


def _estimates(ax: Axes, result: SpecificationCurve, printer: Printer) -> None:
    """Intervals, coloured by what they say, line of estimates, line at zero, the main specification; medians of neighbours
    where many."""
    order = np.argsort(result.estimates, kind="stable")
    groups = np.array_split(order, min(len(order), _MOST))
    x = np.cumsum([0, *map(len, groups)]) / len(order)
    low, high = (np.array([np.median(ends[group]) for group in groups]) for ends in result.ends)
    middle = np.array([np.median(result.estimates[group]) for group in groups])
    ax.bar(x[:-1], high - low, np.diff(x), low, align="edge", color=[_VERDICTS[side] for side in sides(low, high)])
    ax.axhline(0, color=INK, linewidth=1)
    ax.plot((x[1:] + x[:-1]) / 2, middle, color=INK, linewidth=1.8)
    main = result.estimates[0]
    ax.plot((result.estimates < main).mean(), main, "s", color=INK, markerfacecolor="white", markersize=7)
    ax.yaxis.set_major_formatter(printer.ticks("+.0pp"))
    ax.set(xticks=[], xlim=(0, 1))


def _panel(
    ax: Axes, result: SpecificationCurve, rows: list[tuple[str, ...]], names: list[str], printer: Printer
) -> None:
    """A bar an option: in which part of its specifications each block is clearly ahead, the first block's from the right."""
    parts = _parts(result)
    for y, row in enumerate(rows):
        if len(row) == 1:
            ax.text(0, y + 0.12, names[y].replace(" ", "\u00a0"), weight="bold", fontsize=_points(), va="center")
            continue
        start = 0.0
        for side, colour in _VERDICTS.items():
            part = parts[row[0]][row[1]][side]
            ax.barh(y, part, left=start, height=0.78, color=colour, edgecolor="white", linewidth=0.8)
            if part >= 0.12 and side != "undecided":
                style = {
                    "ha": "center",
                    "va": "center",
                    "fontsize": max(MIN_POINTS, 0.8 * _points()),
                    "color": "white" if side == "more" else INK,
                }
                ax.text(start + part / 2, y, printer.number(part, ".0%"), **style)
            start += part
    at = [y for y, row in enumerate(rows) if len(row) == 2]
    narrow = ax.get_figure().get_figwidth() < WIDTH * 0.8
    fit = [(textwrap.fill(names[y], 24) if narrow else names[y]).replace(" ", "\u00a0") for y in at]
    ax.set_yticks(at, fit, fontsize=_points())
    ax.set_xticks([0, 0.5, 1] if narrow else np.arange(0, 1.1, 0.2))
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, 1))
    ax.xaxis.set_major_formatter(printer.ticks(".0%"))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _points() -> float:
    """Size of the many small labels: a little less than the other letters."""
    import matplotlib

    return 0.9 * float(matplotlib.rcParams["font.size"])


def _caption(result: SpecificationCurve, rows: list[tuple[str, ...]], printer: Printer) -> str:
    many = len(result.estimates) > _MOST
    fields = {
        "n": printer.number(len(result.estimates), ",d"),
        "level": printer.number(result.conf_level, ".0%"),
        "bins": _MOST,
        "shown": sum(len(row) == 1 for row in rows),
        "all": len(_parts(result)),
    }
    parts = [
        tr(
            "Above: the difference in each of {n} specifications, sorted, with its {level} interval, coloured where it lies wholly on one side of zero; the square is the main specification."
        ),
        tr("Neighbours are grouped in {bins}, drawn at their medians.") if many else None,
        tr(
            "Below: the {shown} of {all} choices of which the options differ most, and of each option the part of its specifications in which a block is clearly ahead; of many options those at both ends."
        ),
        tr("Specifications share their respondents, so they are not independent pieces of evidence."),
    ]
    text = " ".join(printer.text(part, **fields) for part in parts if part)
    if not result.impossible:
        return text
    return text + printer.tr(
        " {none} more combinations have no place here: no data can have their correlations, or Pratt gives a block less than nothing. They stand at the end of the file with the numbers.",
        none=printer.number(len(result.impossible), ",d"),
    )


def _alt(result: SpecificationCurve, printer: Printer) -> str:
    whole = result.glance().iloc[0]
    points = {"median": "median", "low": "lowest", "high": "highest"}
    parts = {"ahead": "part_ahead", "clear": "part_clear", "against": "part_clear_against"}
    fields = {key: printer.number(whole[column], "+.0pp") for key, column in points.items()}
    fields |= {key: printer.number(whole[column], ".0%") for key, column in parts.items()}
    return printer.tr(
        "{what}: median {median}, from {low} to {high}; above zero in {ahead} of the specifications, with the whole interval in {clear}, and with the whole interval below zero in {against}.",
        what=difference_label(result.specs.a, result.specs.b, printer),
        **fields,
    )


@draws(Decisive)
def plot_decisive(
    result: Decisive, a: str, b: str, importance: Importance | None = None, *, printer: Printer
) -> Exhibit:
    """For each choice, from the option with the lowest mean difference to the one with the highest.

    Parameters
    ----------
    a, b : str
        The two blocks compared, as the axis names them.
    importance : Importance, optional
        Of the same drivers; those that work against its outcome stand below their block.
    """
    data = result.tidy()
    below = dict.fromkeys((a, b), "")
    if importance is not None:
        below = {block: drivers_against(block, importance, printer) for block in (a, b)}
    rows = data[(data.index < _MOVING) | ((data["mean_low"] < 0) & (data["mean_high"] > 0))]
    names = [
        {
            side: option_name(row["term"], row[f"option_{side}"], printer.labels, printer.language)
            for side in ("low", "high")
        }
        for _, row in data.iterrows()
    ]

    drawn = [names[i] for i in rows.index]

    def options(name: dict[str, str], letters: int) -> str:
        return textwrap.fill(f"○ {name['low']}\u2003□ {name['high']}", letters, break_long_words=False)

    def beside(term: str, name: dict[str, str]) -> str:
        return f"{factor_name(term, printer.language)}\n{options(name, 40)}"

    def draw(figure: Figure) -> None:
        narrow, step = figure.get_figwidth() < WIDTH * 0.8, 1.0
        above = [options(name, 48) for name in drawn]
        if narrow:  # what stands beside a line has no room there, and stands above it
            step += 0.27 * max(text.count("\n") for text in above)
            figure.set_figheight(0.54 * step * len(rows) + 1.0)
        ax = figure.subplots()
        y = np.arange(len(rows))[::-1] * step
        low, high = min(0.0, rows["mean_low"].min()), max(0.0, rows["mean_high"].max())
        room = 0.22 * max(high - low, 0.01)  # both sides of zero are seen, and the numbers fit
        ax.set(xlim=(low - room, high + room), ylim=(-0.4, step * len(rows) - 0.2))
        ax.axvspan(low - room, 0, color=_BEHIND, linewidth=0, zorder=0)
        for at, row, text in zip(y, rows.to_dict("records"), above, strict=True):
            colour = _VERDICTS["more"] if row["mean_low"] < 0 < row["mean_high"] else INK
            ax.hlines(at, row["mean_low"], row["mean_high"], color=colour, linewidth=3 if colour != INK else 2)
            for side, marker, ha, apart in (("low", "o", "right", -7), ("high", "s", "left", 7)):
                mean = row[f"mean_{side}"]
                ax.plot(mean, at, marker, color=colour, markerfacecolor="white", markersize=6)
                number = printer.number(mean, "+.0pp")
                style = {"textcoords": "offset points", "va": "center", "ha": ha, "weight": "bold", "color": colour}
                ax.annotate(number, (mean, at), (apart, 0), fontsize=_points(), **style)
            if narrow:
                style = {"transform": ax.get_yaxis_transform(), "fontsize": _points(), "va": "bottom"}
                term = factor_name(row["term"], printer.language)
                ax.text(0.01, at + 0.45 + 0.27 * text.count("\n"), term, weight="bold", color=colour, **style)
                ax.text(0.01, at + 0.18, text, **style)
        ax.set_yticks([])
        if not narrow:
            name_rows(ax, y, list(map(beside, rows["term"], drawn)), fontsize=8)
        for side, block, text in (("left", b, tr("← {block} ahead")), ("right", a, tr("{block} ahead →"))):
            ax.set_title(
                printer.text(text, block=printer.label(block)) + below[block],
                loc=side,
                fontsize=_points(),
                weight="normal",
            )
        ax.set_xlabel(difference_label(a, b, printer).replace(", ", ",\n"))
        ax.xaxis.set_major_formatter(printer.ticks("+.0pp"))

    alt = "; ".join(
        f"{factor_name(row['term'], printer.language)}: {name['low']} {printer.number(row['mean_low'], '+.0pp')}, "
        f"{name['high']} {printer.number(row['mean_high'], '+.0pp')}"
        for (_, row), name in zip(data.iterrows(), names, strict=True)
    )
    size = (WIDTH, 0.5 * len(rows) + 1.0)
    text = printer.tr(
        "Mean difference with an option, among specifications that are equal in every other choice: the lowest and the highest option of each, the choice that moves most on top."
    )
    if ((data["mean_low"] < 0) & (data["mean_high"] > 0)).any():
        text += " " + printer.tr("A red line crosses zero: that choice decides which block is ahead on average.")
    more = ""
    if len(rows) < len(data):
        more = printer.tr(
            " Of {all} choices the {shown} that move most are drawn, and any that crosses zero; the file has all.",
            all=len(data),
            shown=_MOVING,
        )
    against = against_text(importance, printer)
    notes = " ".join(filter(None, [more.strip(), against]))
    return printer.figure(
        data, result.provenance, draw, size, caption=text, alt=f"{alt}. {against}".strip(), note=notes
    )
