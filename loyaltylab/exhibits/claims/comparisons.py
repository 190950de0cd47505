"""What claims compare: a row a comparison, the engaged beside each other, a lead that makes up, and shares nobody gave the sizes of."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...claims import AssumedSizes, Claim, Comparisons, Engagement, TradeOff
from ...contrasts import Inference
from ...core import DataError, Provenance, and_list, pd, tr
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows, points_legend, word
from ..sketch import draws
from ..style import FAINT, INK, PAPER
from .verdict_words import folded, spec_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Inches of a row, of a line of a heading, and of the axis below; letters of a heading and of a name.
_ROW, _LINE, _AXIS = 0.18, 0.16, 0.48
_LEAST = 1.6  # of a figure of one panel, with its source
_WIDE, _NAME = 72, 46
#: What a first and a further step of an amount add.
_STEPS = {"first": tr("what the first add"), "further": tr("by how much that is more than further ones add")}
#: Measures that lie between nothing and all.
_PARTS = ("proportion", "share", "r_squared", "alpha")
_MEASURES = {
    "correlation": tr("correlation"),
    "partial correlation": tr("correlation, the others held"),
    "difference of correlations": tr("difference of correlations"),
    "difference of correlations with its own and another": tr("correlation with its own less that with the other"),
    "difference of means": tr("difference of means, scale points"),
    "difference of proportions": tr("difference of shares"),
    "difference of slopes": tr("difference of slopes"),
    "slope": tr("slope"),
    "proportion": tr("share"),
    "share": tr("share"),
    "alpha": tr("Cronbach’s alpha"),
    "r_squared": tr("part explained"),
}
#: Letters of a heading and of a name where the figure is as wide as a column.
_NARROW = (44, 17)


@draws(Comparisons, default=True)
def plot_comparisons(compared: Comparisons, *, printer: Printer) -> Exhibit:
    """A panel for each claim, what it states above; a row for each comparison, the weakest on top, against no difference.

    Raises
    ------
    DataError
        Where these data hold what no claim needs.
    """
    if not compared.found:
        raise DataError("these data hold what none of these claims needs, so there is nothing to compare.")
    printer = replace(printer, labels=compared.labels[printer.language])
    statements = {name: printer.text(compared.claims[name].statement) for name in compared.found}
    shown = {name: ones[: compared.most] for name, ones in compared.found.items()}

    def layout(wide: int, name_wide: int) -> tuple[dict[str, str], dict[str, list[str]], dict[str, float]]:
        """Headings, names of rows and inches of each panel, in lines of so many letters."""
        heads = {name: folded(text, wide) for name, text in statements.items()}
        rows = {
            name: [_row(one, printer.text(compared.what[name]), len(ones), printer, name_wide) for one in ones]
            for name, ones in shown.items()
        }
        high = {
            name: _AXIS
            + _LINE * (heads[name].count("\n") + 2)
            + sum(_ROW + 0.13 * row.count("\n") for row in rows[name])
            for name in shown
        }
        return heads, rows, high

    _, rows, high = layout(_WIDE, _NAME)
    data = compared.tidy()
    data["statement"] = [statements[name] for name in data["claim"]]
    data["term"] = list(map(printer.label, data["term"]))
    data["against"] = list(map(printer.label, data["against"]))

    def draw(figure: Figure) -> None:
        narrow = figure.get_figwidth() < WIDTH * 0.8
        heads, rows, high = layout(*(_NARROW if narrow else (_WIDE, _NAME)))
        figure.set_figheight(max(figure.get_figheight(), sum(high.values())))
        parts = figure.subplots(len(shown), 1, height_ratios=[*high.values()], squeeze=False)[:, 0]
        for ax, (name, ones) in zip(parts, shown.items(), strict=True):
            left = len(compared.found[name]) - len(ones)
            _panel(ax, ones, rows[name], heads[name], left, compared.printed(name), printer)

    alt = " ".join(
        f"{statements[name]} "
        + "; ".join(
            f"{row.replace(chr(10), ' ')} {printer.interval(vars(one), spec_of(one.measure))}"
            for row, one in zip(rows[name], ones, strict=True)
        )
        + "."
        for name, ones in shown.items()
    )
    text = printer.tr(
        "Above each panel what is claimed; a dot is a comparison its test rests on, with its {level} interval, the weakest on top and {most} at most. The dashed line is no difference, or the least that is claimed.",
        level=printer.percent(compared.conf_level),
        most=compared.most,
    )
    if data["printed"].notna().any():
        text += " " + printer.tr("A diamond is the figure as it was printed.")
    return printer.figure(
        data, compared.provenance, draw, (WIDTH, max(_LEAST, sum(high.values()))), caption=text, alt=alt
    )


def _row(one: Inference, what: str, n: int, printer: Printer, letters: int) -> str:
    """What is compared, in words."""
    if one.a == one.measure or n == 1:
        return folded(what, letters)
    a, b = word(one.a, printer), word(one.b, printer)
    if one.b in _STEPS:
        return folded(f"{a}: {printer.text(_STEPS[one.b])}", letters)
    if not b or one.measure.endswith("correlation"):  # the outcome is that of all
        return folded(a, letters)
    if one.measure.startswith("difference") and not one.measure.endswith("another"):
        return folded(printer.tr("{a} less {b}", a=a, b=b), letters)
    return folded(f"{a}, {b}", letters)


def _panel(
    ax: Axes, ones: tuple[Inference, ...], rows: list[str], head: str, left: int, printed: float, printer: Printer
) -> None:
    from matplotlib.ticker import MaxNLocator

    y = np.arange(len(ones))[::-1]
    if (null := ones[0].null) == null:
        ax.axvline(null, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    for at, one in zip(y, ones, strict=True):
        ax.plot([one.conf_low, one.conf_high], [at, at], color=INK, linewidth=1.6)
        ax.plot(one.estimate, at, "o", color=INK, markersize=5)
        ax.plot(printed, at, "D", color=INK, markerfacecolor="none", markersize=8)
    if ones[0].measure in _PARTS:
        ax.set_xlim(0, 1)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    name_rows(ax, y, rows, fontsize=8)
    ax.set_ylim(-0.7, len(ones) - 0.3)
    at = {"xycoords": ("figure fraction", "axes fraction"), "textcoords": "offset points", "va": "bottom"}
    ax.annotate(head, (0.01, 1), (0, 3), **at, fontsize=8, weight="bold")
    ax.tick_params(axis="x", labelsize=8)
    label = [printer.text(_MEASURES[ones[0].measure])] if ones[0].measure in _MEASURES else []
    label += [printer.tr("{n} more lie further on the side that is claimed", n=left)] if left else []
    ax.set_xlabel("\n".join(label), fontsize=8)
    ax.xaxis.set_major_formatter(printer.ticks(spec_of(ones[0].measure)))


_LETTERS = 34
#: Where the two ends of a claim stand about its row.
_OFF = {"high": 0.17, "low": -0.17}


@draws(Engagement, default=True)
def plot_engagement(found: Engagement, *, printer: Printer) -> Exhibit:
    """A row for each claim: the share among the highly and the little engaged, and their ratio; diamonds are printed figures."""
    tidy = found.tidy()
    asked = [next(iter(levels.score.index))[0] for levels in found.scores[0].values()]
    items = dict(zip(found.scores[0], asked, strict=True))
    names = [folded(printer.label(items[name]), _LETTERS) for name in found.claims]
    data = tidy.assign(term=[printer.label(items[name]) for name in tidy["term"]])
    y = dict(zip(found.claims, range(len(found.claims) - 1, -1, -1), strict=True))

    def draw(figure: Figure) -> None:
        shares, times = figure.subplots(1, 2, sharey=True, width_ratios=[2.1, 1])
        for row in tidy.itertuples():
            ax, at = (times, y[row.term]) if row.level == "ratio" else (shares, y[row.term] + _OFF[row.level])
            ax.plot([row.least, row.most], [at, at], color="#D0D0D0", linewidth=6, solid_capstyle="butt", zorder=1)
            ax.plot([row.conf_low, row.conf_high], [at, at], color=INK, linewidth=1.6, zorder=2)
            fill = "white" if row.level == "low" else INK
            ax.plot(row.estimate, at, "o", color=INK, markerfacecolor=fill, markersize=6, zorder=3)
            ax.plot(row.printed, at, "D", color="#A63A2B", markerfacecolor="none", markersize=8, zorder=4)
        name_rows(shares, list(y.values()), names, fontsize=9)
        shares.set(xlim=(0, 1), ylim=(-0.6, len(y) - 0.4))
        shares.xaxis.set_major_formatter(printer.ticks(".0%"))
        shares.set_xlabel(printer.tr("Share"))
        times.axvline(1, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        times.set_xscale("log", base=2)
        reach = np.nanmax(tidy.loc[tidy["level"] == "ratio", ["conf_high", "most", "printed"]].to_numpy())
        times.set_xlim(min(0.9, tidy.loc[tidy["level"] == "ratio", "conf_low"].min()), 1.15 * reach)
        times.set_xticks([tick for tick in (1, 2, 4, 8, 16, 32) if tick < 1.15 * reach])
        times.minorticks_off()
        times.xaxis.set_major_formatter(printer.ticks("g"))
        times.set_xlabel(printer.tr("Ratio"))
        for ax in (shares, times):
            ax.spines["left"].set_visible(False)
            ax.tick_params(axis="y", length=0)
        looks = {"high": ("o", INK, INK), "low": ("o", INK, "white"), "printed": ("D", "#A63A2B", "none")}
        points = {
            printer.text(_WORDS[name]): {"linestyle": "", "marker": marker, "color": colour, "markerfacecolor": fill}
            for name, (marker, colour, fill) in looks.items()
        }
        points_legend(figure, points, columnspacing=1.4)

    listing = "; ".join(
        f"{row['term']}, {printer.text(_WORDS[row['level']])}: {printer.interval(row, '.1f' if row['level'] == 'ratio' else '.0%')}"
        for _, row in data.iterrows()
    )
    low, high = found.cuts[0]
    text = printer.tr(
        "Share of the highest answers among those who score {high} or more on ‘{index}’ and those below {low}; right: how many times the one is the other. Lines are {level} intervals, grey the estimates where these limits lie elsewhere: no source prints any.",
        index=printer.label(found.index),
        low=printer.number(low, "g"),
        high=printer.number(high, "g"),
        level=printer.percent(found.conf_level),
    )
    size = (WIDTH, 0.56 * len(y) + 1.1)
    return printer.figure(data, found.provenance, draw, size, caption=text, alt=f"{listing}.")


_WORDS = {
    "high": tr("highly engaged"),
    "low": tr("little engaged"),
    "ratio": tr("high over low"),
    "printed": tr("as printed"),
}


_POINTS, _SPREADS = tr("scale points"), tr("standard deviations")


@draws(TradeOff, default=True)
def plot_trade_off(found: TradeOff, *, printer: Printer) -> Exhibit:
    """Expected difference in the outcome over a lead; marked where nothing is lost or gained, with its interval."""
    data = pd.DataFrame(found.line())
    even, unit = found.made_up, printer.text(_POINTS if found.in_points else _SPREADS)
    words = {
        "outcome": printer.label(found.outcome),
        "gain": printer.label(found.gain),
        "losses": and_list([f"‘{printer.label(name)}’" for name in found.losses], printer.language),
        "unit": unit,
        "level": printer.percent(found.conf_level),
    }

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.fill_between(data["at"], data["conf_low"], data["conf_high"], color="#D9D9D9", linewidth=0)
        ax.plot(data["at"], data["estimate"], color=INK, linewidth=2)
        last = float(data["at"].iloc[-1])
        if np.isfinite(even.value) and 0 <= even.value <= last:
            ax.plot([even.conf_low, min(even.conf_high or last, last)], [0, 0], color="#A63A2B", linewidth=3)
            ax.plot(even.value, 0, "o", color="#A63A2B", markersize=7)
            ax.annotate(printer.number(even.value, ".2f"), (even.value, 0), (4, -14), textcoords="offset points")
        ax.set(xlim=(0, last))
        ax.set_xlabel(printer.tr("Lead on {gain}, in {unit}", **words))
        ax.set_ylabel(printer.tr("Difference in\n{outcome}", **words))
        ax.xaxis.set_major_formatter(printer.ticks("g"))
        ax.yaxis.set_major_formatter(printer.ticks("+.1f"))

    row = found.tidy().iloc[0]
    alt = printer.tr("A rising line that passes zero at a lead of {even}.", even=printer.interval(row, ".2f"))
    text = printer.tr(
        "What is expected of ‘{outcome}’ where the mean of {losses} is one unit worse, over the lead on ‘{gain}’, both in {unit} and in one regression; the band is a {level} interval. The thick line at zero is the lead that makes up for it, with its interval. It compares customers, not offers to one of them.",
        **words,
    )
    return printer.figure(data, found.provenance, draw, (WIDTH, 2.9), caption=text, alt=alt)


_CLAIMS = {
    "claim": tr("Claim: feel loyal, who…"),
    "counter": tr(
        "Against it, bank records: at least half of the trips to one store (light buyers more often than heavy ones), in…"
    ),
}


@draws(AssumedSizes)
def plot_gradient(assumed: AssumedSizes, claim: Claim, counter: Claim, *, printer: Printer) -> Exhibit:
    """Reported shares of a claim with what stands against it below; intervals are dotted, for they rest on an assumed n.

    Parameters
    ----------
    claim, counter : Claim
        The claim the sizes are of, and the one against it.
    """
    data = _reported(assumed, claim, counter, printer)
    parts = [group for _, group in data.groupby("block", sort=False)]

    def draw(figure: Figure) -> None:
        headings = [textwrap.fill(part["block"].iloc[0], int(figure.get_figwidth() * 8.2)) for part in parts]
        high = 0.75 * len(data) + sum(1.4 + 0.5 * heading.count("\n") for heading in headings)
        figure.set_figheight(max(figure.get_figheight(), 0.34 * high + 0.5))  # headings take more lines where narrow
        ax = figure.subplots()
        ticks, names, y = [], [], 0.0
        for part, heading in zip(parts, headings, strict=True):
            y -= 0.45 + 0.5 * heading.count("\n")
            ax.text(0.0, y + 0.15, heading, weight="bold", fontsize=8.5, va="bottom", ha="left")
            for _, row in part.iterrows():
                y -= 0.75
                if row["conf_low"] == row["conf_low"]:
                    ax.hlines(y, row["conf_low"], row["conf_high"], color=INK, linewidth=1.4, linestyle=":")
                ax.plot(row["estimate"], y, "o", color=INK, markerfacecolor=PAPER, markersize=6)
                end = np.nanmax([row["estimate"], row["conf_high"]])
                text = printer.percent(row["estimate"])
                ax.annotate(text, (end, y), (6, 0), textcoords="offset points", va="center", weight="bold", fontsize=9)
                ticks.append(y)
                names.append(row["term"])
            y -= 0.95
        name_rows(ax, ticks, names)
        ax.set(xlim=(0, 1.08), ylim=(y + 0.3, 0.45))
        ax.set_xticks(np.arange(0, 1.01, 0.25))
        ax.axvline(0, color=FAINT, linewidth=0.8)
        ax.xaxis.set_major_formatter(printer.ticks(".0%"))

    level = printer.percent(assumed.conf_level)
    how = printer.tr(
        "Open dots are reported shares; no source gives the sizes of the groups. Dotted lines are {level} intervals if each group of the claim held {n} respondents.",
        level=level,
        n=printer.number(assumed.n, ",d"),
    )
    text = how
    listing = "; ".join(f"{row.block} {row.term} {printer.percent(row.estimate)}" for row in data.itertuples())
    origin = Provenance.merge([assumed.provenance, counter.provenance])
    size = (WIDTH, 0.27 * len(data) + 0.55 * len(parts) + 0.55)
    return printer.figure(data, origin, draw, size, caption=text, alt=f"{listing}.")


def _reported(assumed: AssumedSizes, claim: Claim, counter: Claim, printer: Printer) -> pd.DataFrame:
    parts = []
    for kind, source, rows in (("claim", claim, assumed.tidy()), ("counter", counter, counter.tidy())):
        names = [printer.text(source.labels[name]) for name in rows["term"]]
        parts.append(rows.assign(term=names, block=printer.text(_CLAIMS[kind])))
    columns = ["block", "term", "estimate", "conf_low", "conf_high"]
    return pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)
