"""Tables and figures of who answered, of the answers, and of how far simulated ones are calibrated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...codebook import SEVERITIES, Findings
from ...core import MIN_CELL, listed, tr
from ...moments import Correlations
from ...survey import Calibration, Composition, Distribution, Flow, Sample
from ..drivers.importance import _cells
from ..exhibit import Exhibit, Printer
from ..parts import PHRASES, WIDTH, labelled
from ..sketch import draws
from ..style import FAINT, INK, MIN_POINTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Points a cell is wide where a correlation in the smallest letters just fits.
_ROOM = 19
#: Steps of a `Flow` in the reader's words.
STEPS = {
    "asked": tr("In the data"),
    "straight_lining": tr("Left out: one answer to everything"),
    "speeding": tr("Left out: too fast"),
    "same_answers": tr("Left out: same answers as an earlier row"),
    "repeated_respondent": tr("Left out: respondent already there"),
    "impossible": tr("Left out: impossible answers"),
    "unweighted": tr("Left out: no weight"),
    "unclustered": tr("Left out: no cluster"),
    "incomplete": tr("Left out: incomplete on the variables used"),
    "used": tr("Used"),
}


@draws(Flow)
def table_flow(result: Flow, *, printer: Printer) -> Exhibit:
    """From the rows of the file to those used: every respondent is accounted for."""
    data = result.tidy().assign(label=lambda d: [printer.text(STEPS[term]) for term in d["term"]])
    listing = "; ".join(f"{row.label}: {printer.number(row.n, ',d')}" for row in data.itertuples())
    how = printer.tr("Nobody is left out but by a rule that was asked for, or for lack of answers.")
    columns = {"label": "{label}", "n": "{n:,d}"}
    headings = {"label": printer.tr("Step")}
    return printer.table(data, result.provenance, columns, headings, caption=how, alt=f"{listing}.")


@draws(Findings)
def table_findings(result: Findings, *, printer: Printer) -> Exhibit:
    """What the checks found, worst first, with what to do; counts of a few rows are said as "a few"."""
    few = printer.tr("fewer than {}").format(MIN_CELL)
    named = {name: f"‘{label}’" for name, label in printer.labels.items()}
    found = tuple(
        replace(one, fields={k: named.get(v, v) if isinstance(v, str) else v for k, v in one.fields.items()})
        for one in result.found
    )
    data = replace(result, found=found, language=printer.language).tidy()
    small = (data["n_rows"] < MIN_CELL).fillna(False)
    rows = [
        "" if n != n else few if hide else printer.number(n, ",.0f")
        for n, hide in zip(data["n_rows"].astype(float), small, strict=True)
    ]
    data = data.assign(
        severity=[printer.text(SEVERITIES[name]) for name in data["severity"]],
        where=[printer.label(name) for name in data["where"]],
        n_rows=rows,
    )
    columns = {name: f"{{{name}}}" for name in ("severity", "where", "what", "n_rows", "todo")}
    counts = {f"n_{kind}s": printer.number(result.stat(f"n_{kind}s").value, ",d") for kind in SEVERITIES}
    alt = printer.tr("{n_errors} errors, {n_warnings} warnings and {n_notes} notes about the file.", **counts)
    how = printer.tr("A warning may change a conclusion; a note is good to know. The thresholds are rules of thumb.")
    return printer.table(data, result.provenance, columns, caption=how, alt=alt)


@draws(Sample)
def table_sample(result: Sample, *, printer: Printer) -> Exhibit:
    """What is missing, variable by variable."""
    data = labelled(result.tidy(), printer)
    columns = {"term": "{term}", "n_cells_missing": "{n_cells_missing:,d}"}
    if data["n_filled"].any():
        columns["n_filled"] = "{n_filled:,d}"
    columns["n_missing"] = "{n_missing:,d}"
    counts = {name: printer.number(result.stat(name).value, ",d") for name in ("n_rows", "n_complete", "n_left_out")}
    alt = printer.tr(
        "{n_rows} rows in the data; {n_complete} are complete on these variables and used, {n_left_out} are left out.",
        **counts,
    )
    how = printer.tr(
        "Items unanswered: blank or a missing code. No score: fewer items answered than the codebook asks for."
    )
    return printer.table(data, result.provenance, columns, caption=how, alt=alt, brief={})


@draws(Composition)
def table_composition(result: Composition, *, printer: Printer) -> Exhibit:
    """Respondents by segment."""
    data = labelled(result.tidy(), printer, "term", "segment")
    columns = {"term": "{term}", "segment": "{segment}", "n_rows": "{n_rows:,.0f}", "n_complete": "{n_complete:,.0f}"}
    how = printer.tr("Respondents in the data, and those complete on the variables used.")
    hidden = printer.tr(
        " A dash: withheld, for it is smaller than {min_cell} or would give such a group away.",
        min_cell=result.min_cell,
    )
    text = how + (hidden if data["n_rows"].isna().any() else "")
    return printer.table(data, result.provenance, columns, caption=text, alt=text, brief={})


@draws(Distribution)
def plot_distribution(result: Distribution, *, printer: Printer) -> Exhibit:
    """How many respondents gave each answer."""
    data = result.tidy()
    hidden = data["n"].isna()
    floor = float(data["share"].max()) * 0.04

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.bar(
            data["answer"],
            data["share"].fillna(floor),
            color=np.where(hidden, "white", "#8C8C8C"),
            edgecolor=FAINT,
            width=0.8,
        )
        for bar, is_hidden in zip(ax.patches, hidden, strict=True):
            bar.set_hatch("///" if is_hidden else "")
        for x, share in enumerate(data["share"]):
            if share == share:
                ax.annotate(printer.percent(share), (x, share), (0, 3), textcoords="offset points", ha="center")
        if hidden.any():
            ax.legend([ax.patches[int(np.argmax(hidden))]], [printer.text(PHRASES["withheld"])], loc="upper left")
        ax.set(xlabel=printer.label(result.name), ylabel=printer.tr("Respondents"), yticks=[])
        ax.spines["left"].set_visible(False)

    shown = listed(
        (f"{a}: {printer.percent(s)}" for a, s in zip(data["answer"], data["share"], strict=True) if s == s), 20
    )
    small = printer.tr(
        "Scores rounded to whole scale points; cells of fewer than {min_cell} respondents are withheld, with the next smallest where that is needed to protect them.",
        min_cell=result.min_cell,
    )
    alt = printer.tr("Bar chart of {name}. {shown}.", name=printer.label(result.name), shown=shown)
    return printer.figure(data, result.provenance, draw, (WIDTH, 2.8), caption=small, alt=alt)


@draws(Correlations)
def plot_correlations(result: Correlations, *, printer: Printer) -> Exhibit:
    """Heat map of the correlations; the first variable (the outcome) comes first."""
    data, R = result.tidy(), result.moments.corr
    names = [printer.label(name) for name in result.moments.names]
    k = len(names)

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        lower = np.tril(R, -1)[1:, :-1]
        hide = ~np.tri(k - 1, dtype=bool)
        names_wide = max(map(len, names)) * 5.8
        room = (figure.get_figwidth() * 72 - names_wide) / (k - 1)  # points a cell is wide
        crowded = room < _ROOM
        cells = _cells(ax, np.ma.masked_array(lower, hide), -1, "RdBu_r", line=0.5 if crowded else 1.5)
        if crowded:
            bar = figure.colorbar(cells, ax=ax)
            bar.outline.set_linewidth(0)
            bar.ax.yaxis.set_major_formatter(printer.ticks(".2f"))
            bar.ax.yaxis.set_label_text(printer.tr("correlation"))
        for i, j in [] if crowded else zip(*np.nonzero(~hide), strict=True):
            ink = "white" if abs(lower[i, j]) > 0.55 else INK
            text = printer.number(lower[i, j], ".2f")
            if room < 1.5 * _ROOM:  # as journals print correlations: −.12
                text = text.replace("0", "", 1) if abs(lower[i, j]) < 0.995 else text
            size = min(9.0, MIN_POINTS * room / _ROOM)
            ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", color=ink, fontsize=size)
        style = {"rotation": 90} if crowded else {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
        at, size = np.arange(k - 1) + 0.5, 8 if crowded else 10
        ax.set_xticks(at, names[:-1], fontsize=size, **style)
        ax.set_yticks(at, names[1:], fontsize=size, rotation=0)
        ax.tick_params(length=0)

    with_outcome = "; ".join(f"{names[j]} {printer.number(R[0, j], '.2f')}" for j in range(1, k))
    between = R[1:, 1:][np.tril_indices(k - 1, -1)]
    low, high = (printer.number(value, ".2f") for value in (between.min(initial=1), between.max(initial=-1)))
    alt = printer.tr(
        "Heat map of correlations. With {outcome}: {with_outcome}. Between drivers: {low} to {high}.",
        outcome=names[0],
        with_outcome=with_outcome,
        low=low,
        high=high,
    )
    how = printer.tr("Pearson correlations; darker is stronger.")
    return printer.figure(
        data, result.provenance, draw, (WIDTH, max(2.8, (0.42 if k <= 16 else 0.24) * k + 0.9)), caption=how, alt=alt
    )


#: Format and format of a difference, by measure.
_FORMATS = {
    "respondents": (",.0f", "+,.0f"),
    "groups": (".0f", "+.0f"),
    "place": (".0f", "+.0f"),
    "correlation": (".3f", "+.3f"),
    "share": (".1%", "+.1pp"),
}
_PHRASES = {
    "respondents": tr("respondents"),
    "groups": tr("countries"),
    "place": tr("honesty, trust and integrity lead: last place of the three"),
    "correlation": tr("r of {term} and {against}"),
    "high": tr("highly engaged in {against}"),
    "among high": tr("{term}, of the highly engaged"),
    "among low": tr("{term}, of the little engaged"),
    "often": tr("{term}: agrees, of those who buy {against}"),
}


@draws(Calibration)
def table_calibration(result: Calibration, *, printer: Printer) -> Exhibit:
    """Every figure the simulated respondents should return: target, grade, source, achieved and difference."""
    data = result.in_language(printer.language).tidy()
    listing: list[str] = []
    for row in data.itertuples():
        kind = row.measure
        if kind == "share":
            often = row.term == result.often
            kind = "high" if row.term == "high" else "often" if often else f"among {row.against}"
        listing.append(printer.text(_PHRASES[kind], term=printer.label(row.term), against=printer.label(row.against)))
    shown = {
        name: [
            printer.number(value, _FORMATS[measure][name == "difference"])
            for measure, value in zip(data["measure"], data[name], strict=True)
        ]
        for name in ("target", "estimate", "difference")
    }
    grades = [printer.tr("assumed") if grade == "assumed" else grade for grade in data["grade"]]
    data = data.assign(said=listing, grade=grades, **{f"{name}_shown": texts for name, texts in shown.items()})
    counts = {
        name: int(result.stat(f"n_{key}").value)
        for name, key in (("held", "held"), ("all", "targets"), ("published", "published"))
    }
    listed = {
        key: "; ".join(
            f"{row.said} {row.estimate_shown} ({row.target_shown})"
            for row in data.itertuples()
            if row.measure == measure
        )
        for key, measure in (("r", "correlation"), ("share", "share"))
    }
    low, high = (printer.number(cut, "g") for cut in result.cuts)
    columns = {"said": "{said}", "target": "{target_shown}", "estimate": "{estimate_shown}"}
    columns |= {"difference": "{difference_shown}", "grade": "{grade}", "source": "{source}"}
    headings = {
        "said": printer.tr("Figure", "a number"),
        "estimate": printer.tr("Achieved"),
        "difference": printer.tr("Difference"),
    }
    return printer.table(
        data,
        result.provenance,
        columns,
        headings,
        caption=printer.tr(
            "Grades: A peer-reviewed or recomputable, B the publisher's own report or press text, C secondary press, D not traced, assumed: no source. A difference of at most 0.01 (correlations) or one percentage point (shares) was sought; differences of shares are in percentage points. High and low engagement are cut at {high} and {low} scale points, which is an assumption too.",
            low=low,
            high=high,
        ),
        alt=printer.tr(
            "{held} of {all} figures are within their tolerance; {published} of them have a source. Correlations: {r}. Shares: {share}.",
            **counts,
            **listed,
        ),
        brief={},
    )
