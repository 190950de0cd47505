"""The ledger: every claim as a tile, the estimates behind the verdicts, a card a claim, and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...claims import ARTICLES, CHECKS_WITHOUT_DATA, VERDICT_RULES, VERDICTS, Consistency, Ledger, Verdict, holm
from ...core import TIERS, DataError, Provenance, pd, tr
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH
from ..sketch import draws
from ..style import FAINT, INK, MIN_POINTS
from .claims import graded, reported, why
from .verdict_words import (
    PHRASES,
    SYMBOLS,
    command_of,
    fine,
    folded,
    grades_of,
    numbers_of,
    spec_of,
    verdict_name,
    verdict_text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEADS = (
    tr("recom-\nputed here"),
    tr("differs", "column"),
    tr("consis-\ntent"),
    tr("contra-\ndicted"),
    tr("un-\ndecided"),
    tr("not\ntestable"),
    tr("source\nnot found"),
)
#: Inches: a tile, the names of the articles, and the least a heading takes.
_TILE, _LEFT, _HEAD, _APART = 0.255, 0.95, 0.52, 0.04
#: Letters of a name beside an estimate, and where the figure is as wide as a column.
_WIDE, _NARROW = 44, 17


@draws(Ledger, default=True)
def plot_ledger(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """Every claim as a tile: a row for each article, a column for each verdict, the letter of its grade.

    Raises
    ------
    DataError
        For a ledger without claims.
    """
    if not ledger.main:
        raise DataError("there is no claim in this ledger to draw; take another article, or all.")
    numbers = numbers_of(ledger)
    data = pd.DataFrame(
        {
            "term": [one.claim.name for one in ledger.main],
            "rank": [numbers[one.claim.name] for one in ledger.main],
            "article": [one.claim.article for one in ledger.main],
            "grade": [one.claim.grade for one in ledger.main],
            "verdict": [one.verdict for one in ledger.main],
        }
    )
    rows = [article for article in ARTICLES if (data["article"] == article).any()]

    counts = {a: data[data["article"] == a]["verdict"].value_counts().to_dict() for a in rows}
    verdicts = [verdict for verdict in SYMBOLS if (data["verdict"] == verdict).any()]

    across = _across(dict.fromkeys(verdicts, 1), counts)

    def draw(figure: Figure) -> None:
        if figure.get_figwidth() < WIDTH * 0.8:
            _draw_lines(figure, data, verdicts, printer)
        else:
            _draw_tiles(figure.subplots(), data, counts, across, printer)

    listing = []
    for verdict, text in VERDICTS.items():
        part = data[data["verdict"] == verdict]
        if len(part):
            shown = ", ".join(f"{number} ({grade})" for number, grade in zip(part["rank"], part["grade"], strict=True))
            listing.append(f"{printer.text(text)}: {len(part)} – {shown}")
    text = printer.tr(
        "A tile is a claim: its number in the tables below, and how far its source can be trusted ({grades}). Its column is the verdict. Where a claim’s own source was at hand, the verdict is about that; else about the data it is held against.",
        grades=grades_of(ledger, printer.language),
    )
    alt = "; ".join(listing) + "."
    return printer.figure(data, ledger.provenance, draw, (WIDTH, _high(across, counts) + 0.75), caption=text, alt=alt)


def _lines(across: Mapping[str, int], counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Lines of tiles that each article takes."""
    return {a: max(-(-n // across[verdict]) for verdict, n in of.items()) for a, of in counts.items()}


def _high(across: Mapping[str, int], counts: Mapping[str, Mapping[str, int]]) -> float:
    return sum(_lines(across, counts).values()) * _TILE + _APART * len(counts)


def _wide(tiles: int) -> float:
    return max(_HEAD, tiles * _TILE + 0.02)


def _across(alone: Mapping[str, int], counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Tiles beside each other in the column of each verdict: as many as fit, where they save most lines.

    >>> _across({"undecided": 1, "not testable": 1}, {"bonds": {"undecided": 1, "not testable": 8}})
    {'undecided': 1, 'not testable': 8}
    """
    across = dict(alone)
    while True:
        longest = {v: max(-(-of.get(v, 0) // n) for of in counts.values()) for v, n in across.items()}
        more = [across | {v: across[v] + 1} for v in across if longest[v] > 1]
        more = [one for one in more if sum(map(_wide, one.values())) <= WIDTH - _LEFT - 0.05]
        if not more:
            return across
        across = min(more, key=lambda one: (sum(_lines(one, counts).values()), max(one.values())))


def _draw_tiles(
    ax: Axes, data: pd.DataFrame, counts: Mapping[str, Mapping[str, int]], across: Mapping[str, int], printer: Printer
) -> None:
    lines, height = _lines(across, counts), _high(across, counts)
    wide = {verdict: _wide(tiles) for verdict, tiles in across.items()}
    ends = dict(zip(wide, np.cumsum([*wide.values()]), strict=True))
    heads = dict(zip(SYMBOLS, _HEADS, strict=True))
    for verdict, end in ends.items():
        x = end - wide[verdict] / 2
        look = {"ha": "center", "va": "bottom", "fontsize": 11, "weight": "bold", "color": _dark(verdict)}
        ax.text(x, height + 0.5, _count(data, verdict), **look)
        ax.text(x, height + 0.46, printer.text(heads[verdict]), ha="center", va="top", fontsize=7.5)
    top = height
    for article in counts:
        bottom = top - lines[article] * _TILE
        at, side = (top - _TILE / 2, "center") if lines[article] == 1 else (top - 0.05, "top")
        ax.text(-0.06, at, folded(printer.text(ARTICLES[article])), ha="right", va=side, fontsize=8)
        ax.axhline(bottom - _APART / 2, color="#CFCFCF", linewidth=0.6)
        for verdict, end in ends.items():
            part = data[(data["article"] == article) & (data["verdict"] == verdict)]
            left = end - wide[verdict] / 2 - min(len(part), across[verdict]) / 2 * _TILE
            _tiles(ax, part, left, top, across[verdict])
        top = bottom - _APART
    _bare(ax, (-_LEFT, max(ends.values())), (top, height + 0.75))


def _draw_lines(figure: Figure, data: pd.DataFrame, verdicts: Sequence[str], printer: Printer) -> None:
    """A line of tiles for each verdict, where columns have no room."""
    tiles = int((figure.get_figwidth() - 0.1) / _TILE)
    top = 0.0
    figure.set_figheight(sum(0.28 + -(-int((data["verdict"] == v).sum()) // tiles) * _TILE for v in verdicts) + 0.5)
    ax = figure.subplots()
    for verdict in verdicts:
        part = data[data["verdict"] == verdict]
        look = {"va": "center", "fontsize": 9, "weight": "bold", "color": _dark(verdict)}
        ax.text(0.02, top - 0.16, f"{_count(data, verdict)}  {printer.text(VERDICTS[verdict])}", **look)
        _tiles(ax, part, 0.0, top - 0.28, tiles)
        top -= 0.28 + -(-len(part) // tiles) * _TILE
    _bare(ax, (0, tiles * _TILE), (top, 0))


def _tiles(ax: Axes, part: pd.DataFrame, left: float, top: float, across: int) -> None:
    """The claims of one verdict, each with its number and grade."""
    from matplotlib.patches import FancyBboxPatch

    for k, (number, grade, verdict) in enumerate(zip(part["rank"], part["grade"], part["verdict"], strict=True)):
        _, colour, ink = SYMBOLS[verdict]
        x, y = left + (k % across + 0.5) * _TILE, top - (k // across + 0.5) * _TILE
        box = FancyBboxPatch((x - 0.1, y - 0.1), 0.2, 0.2, boxstyle="round,pad=0.012,rounding_size=0.04",
                             facecolor=colour, edgecolor="white", linewidth=0.8)  # fmt: skip
        ax.add_patch(box)
        ax.text(x, y, f"{number}{grade}", ha="center", va="center", fontsize=7, color=ink)


def _dark(verdict: str) -> str:
    """The colour of a verdict where letters can be read in it."""
    colour = SYMBOLS[verdict][1]
    return INK if colour in ("#E4E4E4", "#EFC35A", "#6FA3D0") else colour


def _count(data: pd.DataFrame, verdict: str) -> str:
    return f"{SYMBOLS[verdict][0]} {int((data['verdict'] == verdict).sum())}"


def _bare(ax: Axes, across: tuple[float, float], along: tuple[float, float]) -> None:
    # ticks out of sight still count as letters that must fit
    ax.set(xlim=across, ylim=along, xticks=[], yticks=[])
    ax.set_axis_off()


@draws(Ledger)
def plot_verdicts(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """The estimates behind the verdicts on the data: correlations and their differences, and shares.

    Raises
    ------
    DataError
        Where no verdict rests on a correlation or a share.
    """
    numbers = numbers_of(ledger)
    panels = {"r": [one for one in ledger.tested if "correlation" in one.measure],
              "share": [one for one in ledger.tested if spec_of(one.measure) == ".0%"]}  # fmt: skip
    panels = {name: ones for name, ones in panels.items() if ones}
    if not panels:
        raise DataError("no verdict rests on a correlation or a share here, so there is nothing to draw.")
    data = pd.DataFrame(
        [
            {"term": one.claim.name, "rank": numbers[one.claim.name], "what": printer.text(one.what), "verdict": one.verdict,
             "estimate": one.estimate, "conf_low": one.conf_low, "conf_high": one.conf_high, "target": one.compared}
            for ones in panels.values() for one in ones
        ]
    )  # fmt: skip

    def laid(letters: int) -> tuple[dict[str, list[str]], list[float]]:
        """Names in lines of so many letters, and the inches of each panel: a row is as high as its longest name asks for."""
        names = {name: [_what(one, numbers, printer, letters) for one in ones] for name, ones in panels.items()}
        lines = [max(2, *(text.count("\n") + 1 for text in texts)) for texts in names.values()]
        return names, [len(ones) * (0.06 + 0.13 * n) for ones, n in zip(panels.values(), lines, strict=True)]

    def draw(figure: Figure) -> None:
        names, sizes = laid(_NARROW if figure.get_figwidth() < WIDTH * 0.8 else _WIDE)
        figure.set_figheight(max(figure.get_figheight(), sum(sizes) + 0.6 * len(panels)))
        parts = figure.subplots(len(panels), 1, height_ratios=[n + 0.25 for n in sizes], squeeze=False)[:, 0]
        for ax, (name, ones) in zip(parts, panels.items(), strict=True):
            _draw_verdicts(ax, ones, names[name], name, printer)

    spec = {"r": ".2f", "share": ".0%"}
    alt = " ".join(
        f"{numbers[one.claim.name]}. {printer.text(one.what)}: {printer.number(one.estimate, spec[name])} "
        f"[{printer.number(one.conf_low, spec[name])}; {printer.number(one.conf_high, spec[name])}], "
        f"{printer.text(VERDICTS[one.verdict])}."
        for name, ones in panels.items()
        for one in ones
    )
    origin = Provenance.merge([one.provenance for ones in panels.values() for one in ones])
    size = (WIDTH, sum(laid(_WIDE)[1]) + 0.6 * len(panels))
    return printer.figure(
        data,
        origin,
        draw,
        size,
        caption=printer.tr(
            "Dot: estimate, with its interval; diamond: what it is held against (no difference, one half, or the reported figure). Numbers are those of the tables. Estimates in other units stand in the table only."
        ),
        alt=alt,
    )


def _what(one: Verdict, numbers: dict[str, int], printer: Printer, letters: int) -> str:
    return folded(f"{numbers[one.claim.name]}. {printer.text(one.what)}", letters)


def _draw_verdicts(ax: Axes, ones: list[Verdict], names: list[str], name: str, printer: Printer) -> None:
    y = np.arange(len(ones))[::-1]
    if name == "r":
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    for at, one in zip(y, ones, strict=True):
        symbol, dark = SYMBOLS[one.verdict][0], _dark(one.verdict)
        ax.plot([one.conf_low, one.conf_high], [at, at], color=dark, linewidth=1.8)
        ax.plot(one.estimate, at, "o", color=dark, markersize=6)
        ax.plot(one.compared, at, "D", markerfacecolor="white", markeredgecolor=INK, markersize=4.5, zorder=1)
        ax.annotate(symbol, (1.01, at), xycoords=("axes fraction", "data"), va="center", weight="bold", color=dark)
    ax.set_yticks(y, names, fontsize=MIN_POINTS if ax.get_figure().get_figwidth() < WIDTH * 0.8 else 8)
    ax.set_ylim(-0.7, len(ones) - 0.3)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(printer.text(PHRASES[name]))
    spec = ".1f" if name == "r" else ".0%"
    ax.xaxis.set_major_formatter(printer.ticks(spec))
    ax.spines["left"].set_visible(False)


@draws(Ledger, default=True)
def table_ledger(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """A card for each claim: what it says, whose it is and how far to trust it, the verdict and the run that backs it."""
    numbers = numbers_of(ledger)
    rows: list[dict[str, Any]] = []
    for first in ledger.main:
        claim, verdicts = first.claim, ledger.of(first.claim.name)
        sentences = [verdict_text(verdicts[0], printer.language)]
        sentences += [
            printer.tr("Held against these data: ") + verdict_text(one, printer.language) for one in verdicts[1:]
        ]
        if claim.report:
            sentences.append(printer.tr("Report: {command}", command=command_of(first)))
        elif claim.untested:
            sentences.append(printer.text(claim.untested))
        rows.append(
            {
                "rank": numbers[claim.name],
                "term": claim.name,
                "statement": (printer.tr("Against the articles: ") if claim.counter else "")
                + printer.text(claim.statement),
                "figures": reported(claim, printer.language) if claim.figures else "",
                "source": printer.text(claim.source).split("; article")[0].split("; artikel")[0],
                "trust": printer.tr("Trust"),
                "grade": claim.grade,
                "graded": graded(claim, printer.language),
                "reason": why(claim, printer.language),
                "verdict": first.verdict,
                "found": " ".join(sentences),
            }
        )
    data = pd.DataFrame(rows)
    data["figures"] = [f" ({text})" if text else "" for text in data["figures"]]
    columns = {
        "statement": "{rank:d}. {statement}{figures}",
        "source": "{source}. {trust} {graded}: {reason}",
        "found": "{found}",
    }
    data["said"] = [verdict_name(verdict, printer.language) for verdict in data["verdict"]]
    brief = {"graded": "{rank:d}. {statement} ({grade})", "found": "{said}"}
    alt = " ".join(f"{row.rank}. {row.statement} {row.grade}. {row.found}" for row in data.itertuples())
    headings = {name: printer.text(PHRASES[name]) for name in columns} | {
        "graded": printer.tr("What is claimed (trust)")
    }
    text = f"{printer.tr('Trust')}: {grades_of(ledger, printer.language)}."
    return printer.table(data, ledger.provenance, columns, headings, caption=text, alt=alt, brief=brief)


@draws(Ledger)
def table_verdicts(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """What was computed on the data the claims are held against, with p-values before and after Holm's correction.

    Raises
    ------
    DataError
        Where no claim could be tested.
    """
    numbers, tested = numbers_of(ledger), ledger.tested
    if not tested:
        raise DataError("no claim could be tested on these data, so there is no estimate to show.")
    corrected = holm([one.p_value for one in tested])
    rows = []
    for one, after in zip(tested, corrected, strict=True):
        spec = spec_of(one.measure)
        ends = [printer.number(value, spec) for value in (one.estimate, one.conf_low, one.conf_high)]
        row = {"rank": numbers[one.claim.name], "term": one.claim.name, "what": printer.text(one.what)}
        row |= {"found": f"{ends[0]} [{ends[1]}; {ends[2]}]", "compared": printer.number(one.compared, spec)}
        row |= {"n": one.n, "p": _p(one.p_value, printer), "holm": _p(after, printer)}
        row |= {"verdict": verdict_name(one.verdict, printer.language), "estimate": one.estimate}
        rows.append(row | {"conf_low": one.conf_low, "conf_high": one.conf_high, "p_value": one.p_value, "p_value_holm": after})  # fmt: skip
    data = pd.DataFrame(rows)
    columns = {"what": "{rank:d}. {what}", "estimate": "{found}", "p": "{p}", "holm": "{holm}", "verdict": "{verdict}"}
    headings = {name: printer.text(PHRASES[name]) for name in columns}
    alt = " ".join(f"{row.rank}. {row.what}: {row.found}, p {row.p}, {row.verdict}." for row in data.itertuples())
    origin = Provenance.merge([one.provenance for one in tested])
    text = printer.tr(
        "p is two-sided, of what the estimate is held against; p (Holm) is corrected for all claims tested on these data. Intervals of several comparisons are wide enough for all of them."
    )
    return printer.table(data, origin, columns, headings, caption=text, alt=alt)


def _p(value: float, printer: Printer) -> str:
    return "<" + printer.number(0.001, ".3f") if value < 0.0005 else printer.number(value, ".3f")


@draws(Ledger)
def table_rules(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """Every verdict and the rules that give it, in words, with a reference and how many claims each decided."""
    data = pd.DataFrame(
        [
            {"verdict": verdict_name(rule.verdict, printer.language), "rule": printer.text(rule.text),
             "source": rule.source, "n_claims": sum(one.rule == key for one in ledger.main)}
            for key, rule in VERDICT_RULES.items()
        ]
    )  # fmt: skip
    data["what"] = [f"{rule} {f'({source})' if source else ''}".strip() for rule, source in zip(data["rule"], data["source"], strict=True)]  # fmt: skip
    columns = {"verdict": "{verdict}", "rule": "{what}", "n_claims": "{n_claims:d}"}
    headings = {"verdict": printer.tr("Verdict"), "rule": printer.tr("Rule"), "n_claims": printer.tr("Claims")}
    alt = " ".join(f"{row.verdict}: {row.rule}" for row in data.itertuples())
    text = printer.tr("What each verdict means, the rule that gives it, and how often it did here.")
    return printer.table(data, ledger.provenance, columns, headings, caption=text, alt=alt, brief={})


@draws(Consistency)
def table_consistency(result: Consistency, *, printer: Printer) -> Exhibit:
    """The checks that need no data: the question, and what the figures say."""
    from ...claims import read_claims

    data = result.tidy()
    places = {name: i for i, name in enumerate(read_claims(), start=1)}
    answers = []
    for _, row in data.iterrows():
        template = printer.text(CHECKS_WITHOUT_DATA[row["term"]][3])
        answers.append(_filled(template, row.to_dict(), printer))
    data["rank"] = [places[name] for name in data["claim"]]
    data["question"] = [printer.text(CHECKS_WITHOUT_DATA[name][2]) for name in data["term"]]
    data["answer"], data["outcome"] = answers, [printer.text(PHRASES[verdict]) for verdict in data["verdict"]]
    columns = {"question": "{rank:d}. {question}", "answer": "{answer}", "verdict": "{outcome}"}
    headings = {name: printer.text(PHRASES[name]) for name in columns}
    alt = " ".join(f"{row.question} {row.answer}" for row in data.itertuples())
    text = printer.tr("No data are needed: the figures of a claim are held against each other.")
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=alt)


def _filled(template: str, values: dict[str, Any], printer: Printer) -> str:
    """A text with its numbers as a reader of the language writes them."""
    import string

    parts = []
    for literal, name, spec, _ in string.Formatter().parse(template):
        parts.append(literal + (printer.number(values[name], spec or "g") if name else ""))
    return "".join(parts)


@draws(Ledger)
def table_recorded(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """Findings of our own reports, each with the run and the exhibits that support it.

    Raises
    ------
    DataError
        Where no run has recorded a finding.
    """
    if not ledger.findings:
        raise DataError(
            "no finding of a report is in this ledger; name runs, or make one with: loyaltylab run drivers."
        )
    data = pd.DataFrame(
        [
            {"term": one.id, "finding": one.text, "run": one.run, "exhibit": ", ".join(one.exhibits), "tier": printer.text(TIERS[one.tier])}
            for one in ledger.findings
        ]
    )  # fmt: skip
    columns = {"finding": "{finding}", "support": "{run} {exhibit}", "tier": "{tier}"}
    headings = {name: printer.text(PHRASES[name]) for name in columns}
    alt = " ".join(f"{row.finding} ({row.run})" for row in data.itertuples())
    text = printer.tr(
        "What our own reports found, each with the run and the exhibits that support it. Findings on simulated respondents are not listed."
    )
    return printer.table(data, ledger.provenance, columns, headings, caption=text, alt=alt)


@draws(Ledger)
def table_again(ledger: Ledger, *, printer: Printer) -> Exhibit:
    """Reported figures beside the same figures computed again from the claim's own rows or table.

    Raises
    ------
    DataError
        Where no claim has its own source at hand.
    """
    numbers = numbers_of(ledger)
    own = [one for one in ledger.verdicts if one.own]
    if not own:
        raise DataError("no claim here has its own source at hand, so there is nothing to compute again.")
    rows = []
    for one in own:
        for name, value in one.again:
            figure = one.claim.figures[name]
            spec = fine(figure, spec_of(one.measure))
            rows.append(
                {"rank": numbers[one.claim.name], "term": one.claim.name, "figure": printer.text(one.claim.labels[name]),
                 "reported": printer.number(figure, spec), "again": printer.number(value, spec),
                 "estimate": value, "n": one.n, "data": one.data, "verdict": printer.text(VERDICTS[one.verdict])}
            )  # fmt: skip
    data = pd.DataFrame(rows)
    columns = {
        "figure": "{rank:d}. {figure}",
        "reported": "{reported}",
        "again": "{again}",
        "n": "{n:,.0f}",
        "data": "{data}",
    }
    headings = {name: printer.text(PHRASES[name]) for name in ("figure", "reported", "again", "data")}
    alt = "; ".join(f"{row.rank}. {row.figure}: {row.reported}, {row.again}" for row in data.itertuples()) + "."
    origin = Provenance.merge([one.provenance for one in own])
    text = printer.tr(
        "The reported figures, and the same figures computed again from the rows or the table they were made from, with as many digits as were printed."
    )
    return printer.table(data, origin, columns, headings, caption=text, alt=alt)
