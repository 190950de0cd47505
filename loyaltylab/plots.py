"""From a result to an exhibit: every `plot_*` and `table_*`. Drawing is last: no statistic is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .comparisons import Comparison, HeadToHead, SegmentContrasts
from .dominance import Dominance
from .errors import listed
from .exhibits import COLOURS, FAINT, INK, Exhibit
from .importance import Contrast, Importance
from .methods import METHODS
from .moments import Correlations
from .results import format_number
from .samples import Composition, Distribution, Sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_blocks",
    "plot_comparison",
    "plot_correlations",
    "plot_distribution",
    "plot_head_to_head",
    "plot_importance",
    "plot_segments",
    "table_composition",
    "table_dominance",
    "table_importance",
    "table_sample",
]

Labels = Mapping[str, str]
WIDTH = 5.6  # inches: the text width of a thesis page, and still legible on a phone
_SPARE = ("#7A7A7A", "xx", "P")  # look of a block that is not one of the four

#: What the figures themselves say, by language.
WORDS: dict[str, dict[str, str]] = {
    "share": {"en": "Share of the explained variance", "nl": "Aandeel in de verklaarde variantie"},
    "difference": {"en": "{a} minus {b}, percentage points", "nl": "{a} min {b}, procentpunten"},
    "respondents": {"en": "Respondents", "nl": "Respondenten"},
    "withheld": {"en": "withheld", "nl": "niet getoond"},
    "correlation": {"en": "correlation", "nl": "correlatie"},
    "of_rows": {"en": "Share of row driver", "nl": "Aandeel van de rij"},
    "interval": {
        "en": "Lines are {level} intervals ({scheme}).",
        "nl": "Lijnen zijn {level}-intervallen ({scheme}).",
    },
    "method": {"en": "Method: {method}, {meaning}.", "nl": "Methode: {method}, {meaning}."},
    "brackets": {
        "en": "In brackets: {level} intervals ({scheme}).",
        "nl": "Tussen haken: {level}-intervallen ({scheme}).",
    },
    "rounding": {"en": "Differences are taken before rounding.", "nl": "Verschillen zijn genomen vóór afronding."},
    "by_chance": {
        "en": "An interval that crosses zero does not tell the two apart.",
        "nl": "Een interval dat de nul kruist, onderscheidt de twee niet.",
    },
}
LEVELS = {
    "complete": {"en": "complete", "nl": "volledig"},
    "conditional": {"en": "conditional", "nl": "conditioneel"},
    "general": {"en": "general", "nl": "algemeen"},
}
_SCHEMES = {
    "nl": [
        ("bootstrap draws of rows given by the caller", "opgegeven bootstraptrekkingen"),
        ("bootstrap draws of", "bootstraptrekkingen uit"),
        ("draws from the Wishart distribution (normal theory)", "trekkingen uit de Wishartverdeling (normale theorie)"),
        ("clusters", "clusters"),
        ("rows", "rijen"),
    ]
}


def plot_distribution(
    result: Distribution, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """How many respondents gave each answer."""
    data = result.tidy()
    hidden = data["n"].isna()
    floor = float(data["share"].max()) * 0.04

    def draw(figure: Figure) -> Axes:
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
                ax.annotate(_percent(share, language), (x, share), (0, 3), textcoords="offset points", ha="center")
        if hidden.any():
            ax.legend([ax.patches[int(np.argmax(hidden))]], [WORDS["withheld"][language]], loc="upper left")
        ax.set(xlabel=labels[result.name], ylabel=WORDS["respondents"][language], yticks=[])
        ax.spines["left"].set_visible(False)
        return ax

    shown = listed(
        (f"{a}: {_percent(s, language)}" for a, s in zip(data["answer"], data["share"], strict=True) if s == s), 20
    )
    small = {
        "en": f"Scores rounded to whole scale points; cells of fewer than {result.min_cell} respondents are withheld, with the next smallest where that is needed to protect them.",
        "nl": f"Scores afgerond op hele schaalpunten; cellen met minder dan {result.min_cell} respondenten zijn niet getoond, zo nodig met de eerstvolgende.",
    }[language]
    alt = {
        "en": f"Bar chart of {labels[result.name]}. {shown}.",
        "nl": f"Staafdiagram van {labels[result.name]}. {shown}.",
    }[language]
    return Exhibit(id, title, caption or small, alt, data, result.provenance, language, draw, (WIDTH, 2.8))


def plot_correlations(
    result: Correlations, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Heat map of the correlations; the first variable (the outcome) comes first."""
    data, R = result.tidy(), result.moments.corr
    names = [labels.get(name, name) for name in result.moments.names]
    k = len(names)

    def draw(figure: Figure) -> Axes:
        import seaborn as sns

        ax = figure.subplots()
        lower = np.tril(R, -1)[1:, :-1]
        hide = ~np.tri(k - 1, dtype=bool)
        crowded = k > 16
        sns.heatmap(
            lower,
            mask=hide,
            vmin=-1,
            vmax=1,
            cmap="RdBu_r",
            cbar=crowded,
            linewidths=0.5 if crowded else 1.5,
            linecolor="white",
            ax=ax,
        )
        if crowded:
            bar = ax.collections[0].colorbar.ax.yaxis
            bar.set_major_formatter(lambda value, _: format_number(value, ".2f", language))
            bar.set_label_text(WORDS["correlation"][language])
        for i, j in [] if crowded else zip(*np.nonzero(~hide), strict=True):
            ink = "white" if abs(lower[i, j]) > 0.55 else INK
            text = format_number(lower[i, j], ".2f", language)
            ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", color=ink, fontsize=9 if k < 12 else 7)
        look = {"rotation": 90} if crowded else {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
        at, size = np.arange(k - 1) + 0.5, 8 if crowded else 10
        ax.set_xticks(at, names[:-1], fontsize=size, **look)
        ax.set_yticks(at, names[1:], fontsize=size, rotation=0)
        ax.tick_params(length=0)
        return ax

    with_outcome = "; ".join(f"{names[j]} {format_number(R[0, j], '.2f', language)}" for j in range(1, k))
    between = R[1:, 1:][np.tril_indices(k - 1, -1)]
    low, high = (format_number(value, ".2f", language) for value in (between.min(initial=1), between.max(initial=-1)))
    alt = {
        "en": f"Heat map of correlations. With {names[0]}: {with_outcome}. Between drivers: {low} to {high}.",
        "nl": f"Heatmap van correlaties. Met {names[0]}: {with_outcome}. Tussen drivers: {low} tot {high}.",
    }[language]
    how = {"en": "Pearson correlations; darker is stronger.", "nl": "Pearsoncorrelaties; donkerder is sterker."}[
        language
    ]
    return Exhibit(
        id,
        title,
        caption or how,
        alt,
        data,
        result.provenance,
        language,
        draw,
        (WIDTH, max(2.8, (0.42 if k <= 16 else 0.24) * k + 0.9)),
    )


def plot_importance(
    result: Importance, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Share of each driver in the explained variance, largest on top, coloured by block."""
    data = result.tidy().sort_values("share", ascending=False, kind="stable", ignore_index=True)
    size = (WIDTH, 0.34 * len(data) + 1.35)

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        _share_bars(ax, data, labels, language)
        _block_legend(figure, list(dict.fromkeys(data["block"])), labels)
        return ax

    return Exhibit(
        id,
        title,
        caption or _how(result, language),
        _shares_alt(data, labels, language),
        data,
        result.provenance,
        language,
        draw,
        size,
    )


def plot_blocks(
    result: Importance,
    contrast: Contrast,
    *,
    id: str,
    title: str,
    labels: Labels,
    language: str = "en",
    caption: str = "",
) -> Exhibit:
    """Shares of the blocks, and below them the difference between two with its interval."""
    import pandas as pd

    shares, difference = result.blocks().tidy(), contrast.tidy()

    def draw(figure: Figure) -> Axes:
        top, bottom = figure.subplots(2, 1, height_ratios=[len(shares), 1.15])
        _share_bars(top, shares, labels, language)
        _points(bottom, [""], difference, language)
        bottom.set_xlabel(_difference(contrast.a, contrast.b, labels, language))
        return top

    gap = _interval_text(difference.iloc[0], "estimate", language, points=True)
    alt = f"{_shares_alt(shares, labels, language)} {_difference(contrast.a, contrast.b, labels, language)}: {gap}."
    text = caption or f"{_how(result, language)} {WORDS['by_chance'][language]} {WORDS['rounding'][language]}"
    data = pd.concat([shares, difference], ignore_index=True)
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 0.38 * len(shares) + 2.2))


def plot_comparison(
    result: Comparison, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The share of each driver by each method."""
    data, methods = result.tidy(), [r.method for r in result.results]
    lead = result.results[0].tidy().sort_values("share", kind="stable")["term"].tolist()
    looks = [
        ("#222222", "o"),
        ("#A63A2B", "s"),
        ("#6FA3D0", "^"),
        ("#C9A227", "D"),
        ("#7A7A7A", "v"),
        ("#3C7D5A", "P"),
        ("#9C6FB0", "X"),
    ]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        step = 0.7 / len(methods)
        for m, method in enumerate(methods):
            rows = data[data["method"] == method].set_index("term").loc[lead]
            y = np.arange(len(lead)) + (len(methods) / 2 - m - 0.5) * step
            colour, marker = looks[m % len(looks)]
            if "share_conf_low" in rows:
                ax.hlines(y, rows["share_conf_low"], rows["share_conf_high"], color=colour, linewidth=1)
            ax.plot(rows["share"], y, marker, color=colour, markersize=5, label=METHODS[method].label[language])
        for y in range(1, len(lead)):
            ax.axhline(y - 0.5, color="#E5E5E5", linewidth=0.8, zorder=0)
        ax.set_yticks(range(len(lead)), [labels.get(term, term) for term in lead])
        ax.tick_params(axis="y", length=0)
        ax.set(xlabel=WORDS["share"][language], ylim=(-0.5, len(lead) - 0.5))
        _percent_axis(ax, language)
        ax.set_xlim(left=min(0, ax.get_xlim()[0]))
        figure.legend(
            loc="outside upper left",
            ncols=min(3, len(methods)) if len(methods) != 4 else 2,
            handletextpad=0.3,
            columnspacing=1.2,
        )
        return ax

    said = "; ".join(
        f"{METHODS[r.method].label[language]}: "
        + ", ".join(f"{labels.get(t, t)} {_percent(s, language)}" for t, s in zip(r.terms, r.shares, strict=True))
        for r in result.results
    )
    alt = {"en": f"Dot plot of shares by method. {said}.", "nl": f"Puntgrafiek van aandelen per methode. {said}."}[
        language
    ]
    meanings = "; ".join(f"{METHODS[m].label[language]}: {METHODS[m].meaning[language]}" for m in methods)
    text = caption or f"{meanings}. {_intervals(result.results[0], language)}"
    return Exhibit(
        id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 0.16 * len(methods) * len(lead) + 1.6)
    )


def plot_head_to_head(
    result: HeadToHead, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Share of each row's driver in a model with each column's driver, on a scale about one half."""
    data = result.tidy()
    rows, cols = list(dict.fromkeys(data["term"])), list(dict.fromkeys(data["against"]))
    shares = data["share"].to_numpy().reshape(len(rows), len(cols))

    def draw(figure: Figure) -> Axes:
        import seaborn as sns

        ax = figure.subplots()
        ticks = {"xticklabels": [labels.get(c, c) for c in cols], "yticklabels": [labels.get(r, r) for r in rows]}
        sns.heatmap(shares, vmin=0, vmax=1, cmap="RdBu_r", cbar=False, linewidths=2, linecolor="white", ax=ax, **ticks)
        for k, row in enumerate(data.itertuples()):
            y, x = divmod(k, len(cols))
            ink = "white" if abs(row.share - 0.5) > 0.3 else INK
            decided = hasattr(row, "share_conf_low") and (row.share_conf_low > 0.5 or row.share_conf_high < 0.5)
            ax.text(
                x + 0.5,
                y + 0.5,
                _percent(row.share, language),
                ha="center",
                va="bottom",
                color=ink,
                fontsize=12,
                weight="bold" if decided else "normal",
            )
            if hasattr(row, "share_conf_low"):
                ax.text(
                    x + 0.5,
                    y + 0.56,
                    _range(row.share_conf_low, row.share_conf_high, language),
                    ha="center",
                    va="top",
                    color=ink,
                    fontsize=8,
                )
        ax.tick_params(length=0)
        ax.set_yticks(ax.get_yticks(), ax.get_yticklabels(), rotation=0)
        tilted = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"} if len(cols) > 3 else {"rotation": 0}
        ax.set_xticks(ax.get_xticks(), ax.get_xticklabels(), **tilted)
        ax.set_ylabel(labels.get(result.a, result.a), weight="bold")
        ax.set_xlabel(labels.get(result.b, result.b), weight="bold")
        return ax

    said = "; ".join(
        f"{labels.get(r.term, r.term)} – {labels.get(r.against, r.against)} {_percent(r.share, language)}"
        for r in data.itertuples()
    )
    alt = {
        "en": f"Share of the first driver in a model of two. {said}.",
        "nl": f"Aandeel van de eerste driver in een model met twee. {said}.",
    }[language]
    level = _percent(result.conf_level, language)
    how = {
        "en": f"Each cell is a model of two drivers: the share of the row's driver in what the two explain together (LMG), with its {level} interval; bold where the interval excludes one half.",
        "nl": f"Elke cel is een model met twee drivers: het aandeel van de driver in de rij in wat beide samen verklaren (LMG), met het {level}-interval; vet waar het interval de helft uitsluit.",
    }[language]
    return Exhibit(
        id,
        title,
        caption or how,
        alt,
        data,
        result.provenance,
        language,
        draw,
        (WIDTH, max(2.0, 0.75 * len(rows) + 1.1 + 0.4 * (len(cols) > 3))),
    )


def plot_segments(
    result: SegmentContrasts,
    overall: Contrast,
    *,
    id: str,
    title: str,
    labels: Labels,
    language: str = "en",
    caption: str = "",
) -> Exhibit:
    """The difference between two blocks in each segment, below that of all respondents."""
    import pandas as pd

    everyone = {"en": "All respondents", "nl": "Alle respondenten"}[language]
    data = pd.concat([overall.tidy().assign(segment=everyone, n=overall.n), result.tidy()], ignore_index=True)
    names = [
        f"{labels.get(s, s)} (n = {format_number(n, ',d', language)})"
        for s, n in zip(data["segment"], data["n"], strict=True)
    ]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        _points(ax, names, data, language)
        ax.set_xlabel(_difference(result.a, result.b, labels, language))
        return ax

    said = "; ".join(
        f"{name}: {_interval_text(row, 'estimate', language, points=True)}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    alt = f"{_difference(result.a, result.b, labels, language)}. {said}."
    text = caption or WORDS["by_chance"][language]
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 0.42 * len(data) + 1.0))


# ---- tables -------------------------------------------------------------------------------------------------------------


def table_sample(
    result: Sample, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """What is missing, variable by variable."""
    data = _labelled(result.tidy(), labels)
    columns = {"term": "{term}", "n_cells_missing": "{n_cells_missing:,d}"}
    if data["n_filled"].any():
        columns["n_filled"] = "{n_filled:,d}"
    columns["n_missing"] = "{n_missing:,d}"
    counts = {
        name: format_number(result.stat(name).value, ",d", language) for name in ("n_rows", "n_complete", "n_left_out")
    }
    alt = {
        "en": "{n_rows} respondents in the data; {n_complete} are complete on these variables and used, {n_left_out} are left out.",
        "nl": "{n_rows} respondenten in de gegevens; {n_complete} zijn volledig op deze variabelen en gebruikt, {n_left_out} zijn weggelaten.",
    }[language].format(**counts)
    how = {
        "en": "Items unanswered: blank or a missing code. No score: fewer items answered than the codebook asks for.",
        "nl": "Items open: leeg of een code voor geen antwoord. Geen score: minder items beantwoord dan het codeboek vraagt.",
    }[language]
    return Exhibit(id, title, caption or how, alt, data, result.provenance, language, columns=columns)


def table_composition(
    result: Composition, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Respondents by segment."""
    data = _labelled(result.tidy(), labels, "term", "segment")
    columns = {"term": "{term}", "segment": "{segment}", "n_rows": "{n_rows:,d}", "n_complete": "{n_complete:,d}"}
    text = (
        caption
        or {
            "en": "Respondents in the data, and those used in the model.",
            "nl": "Respondenten in de gegevens, en wie in het model is gebruikt.",
        }[language]
    )
    return Exhibit(id, title, text, text, data, result.provenance, language, columns=columns)


def table_importance(
    result: Importance, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Estimates, shares and ranks with their intervals."""
    data = _labelled(result.tidy(), labels, "term", "block").sort_values("rank", kind="stable", ignore_index=True)
    interval = "conf_low" in data
    columns = {
        "rank": "{rank:d}",
        "term": "{term}",
        "block": "{block}",
        "estimate": "{estimate:.3f}" + (" [{conf_low:.3f}; {conf_high:.3f}]" if interval else ""),
        "share": "{share:.1%}" + (" [{share_conf_low:.1%}; {share_conf_high:.1%}]" if interval else ""),
    }
    headings = {"estimate": {"en": "Part of R²", "nl": "Deel van R²"}[language]}
    text = caption or _how(result, language, "brackets")
    return Exhibit(
        id,
        title,
        text,
        _shares_alt(result.tidy(), labels, language),
        data,
        result.provenance,
        language,
        columns=columns,
        headings=headings,
    )


def table_dominance(
    result: Dominance, *, of: str, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Whether one term dominates each of the others, at which level, in how many models and draws."""
    data = result.tidy()
    data = (
        data[data["term"] == of].drop(columns="term").assign(level=lambda d: [LEVELS[v][language] for v in d["level"]])
    )
    columns = {"against": "{against}", "level": "{level}", "proportion": "{proportion:.0%}"}
    if "reproducibility" in data:
        columns["reproducibility"] = "{reproducibility:.0%}"
    data = _labelled(data, labels, "against")
    said = "; ".join(f"{row.against}: {row.level}, {_percent(row.proportion, language)}" for row in data.itertuples())
    name = labels.get(of, of)
    alt = {
        "en": f"Dominance of {name} over each other driver. {said}.",
        "nl": f"Dominantie van {name} over elke andere driver. {said}.",
    }[language]
    how = {
        "en": "Complete: it adds more in every model of the other drivers; conditional: on average in models of every size; general: on average over sizes. Of models: in how many it adds more. Of draws: in how many the same dominance is found.",
        "nl": "Volledig: voegt meer toe in elk model van de andere drivers; conditioneel: gemiddeld in modellen van elke omvang; algemeen: gemiddeld over omvangen. Van modellen: in hoeveel het meer toevoegt. Van trekkingen: in hoeveel dezelfde dominantie wordt gevonden.",
    }[language]
    return Exhibit(id, title, caption or how, alt, data, result.provenance, language, columns=columns)


# ---- parts ----------------------------------------------------------------------------------------------------------------


def _share_bars(ax: Axes, data: pd.DataFrame, labels: Labels, language: str) -> None:
    """Horizontal bars of `share` with intervals, the first row on top, the number at the end."""
    y = np.arange(len(data))[::-1]
    looks = [COLOURS.get(block, _SPARE) for block in data["block"]]
    bars = ax.barh(y, data["share"], color=[look[0] for look in looks], height=0.7)
    for bar, look in zip(bars, looks, strict=True):
        bar.set(hatch=look[1], edgecolor="white", linewidth=0)
    ends = data["share"].to_numpy()
    if "share_conf_low" in data:
        ax.hlines(y, data["share_conf_low"], data["share_conf_high"], color="white", linewidth=3.4)
        ax.hlines(y, data["share_conf_low"], data["share_conf_high"], color=INK, linewidth=1.4)
        ends = np.maximum(ends, data["share_conf_high"].to_numpy())
    for position, end, share in zip(y, ends, data["share"], strict=True):
        ax.annotate(
            _percent(share, language), (end, position), (5, 0), textcoords="offset points", va="center", weight="bold"
        )
    ax.set_yticks(y, [labels.get(term, term) for term in data["term"]])
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(WORDS["share"][language])
    ax.set(xlim=(min(0, data["share"].min()), max(ends) * 1.12), ylim=(-0.6, len(data) - 0.4))
    _percent_axis(ax, language)


def _points(ax: Axes, names: list[str], data: pd.DataFrame, language: str) -> None:
    """Differences with intervals about a line at zero, the first row on top."""
    y = np.arange(len(data))[::-1]
    ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    if "conf_low" in data:
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
    ax.plot(data["estimate"], y, "o", color=INK, markersize=7)
    for position, (_, row) in zip(y, data.iterrows(), strict=True):
        text = format_number(row["estimate"], "+.0pp", language)
        ax.annotate(text, (row["estimate"], position), (0, 6), textcoords="offset points", ha="center", weight="bold")
    ax.set_yticks(y, names)
    ax.tick_params(axis="y", length=0)
    reach = 1.1 * float(
        np.nanmax(np.abs(data[[c for c in ("estimate", "conf_low", "conf_high") if c in data]].to_numpy()))
    )
    ax.set(xlim=(-reach, reach), ylim=(-0.5, len(data) - 0.2))
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(lambda value, _: format_number(value, "+.0pp", language))


def _block_legend(figure: Figure, blocks: list[str], labels: Labels) -> None:
    from matplotlib.patches import Patch

    looks = {block: COLOURS.get(block, _SPARE) for block in blocks}
    handles = [
        Patch(facecolor=c, hatch=h, edgecolor="white", linewidth=0, label=labels.get(b, b))
        for b, (c, h, _) in looks.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), handlelength=1.2, columnspacing=1.4)


def _percent_axis(ax: Axes, language: str) -> None:
    ax.xaxis.set_major_formatter(lambda value, _: format_number(value, ".0%", language))


def _percent(value: float, language: str) -> str:
    return format_number(value, ".0%", language)


def _range(low: float, high: float, language: str) -> str:
    return f"{_percent(low, language)} – {_percent(high, language)}"


def _interval_text(row: Any, column: str, language: str, *, points: bool = False) -> str:
    prefix = "" if column == "estimate" else f"{column}_"
    spec = "+.0pp" if points else ".0%"
    low, high = row.get(f"{prefix}conf_low"), row.get(f"{prefix}conf_high")
    text = format_number(row[column], spec, language)
    return (
        text if low is None else f"{text} [{format_number(low, spec, language)}; {format_number(high, spec, language)}]"
    )


def _difference(a: str, b: str, labels: Labels, language: str) -> str:
    text = WORDS["difference"][language].format(a=labels.get(a, a), b=labels.get(b, b))
    return text[0].upper() + text[1:]


def _shares_alt(data: pd.DataFrame, labels: Labels, language: str) -> str:
    said = "; ".join(
        f"{labels.get(row['term'], row['term'])} {_interval_text(row, 'share', language)}" for _, row in data.iterrows()
    )
    return {"en": f"Shares of the explained variance: {said}.", "nl": f"Aandelen in de verklaarde variantie: {said}."}[
        language
    ]


def _how(result: Importance, language: str, shown: str = "interval") -> str:
    method = METHODS[result.method]
    text = WORDS["method"][language].format(method=method.label[language], meaning=method.meaning[language])
    return f"{text} {_intervals(result, language, shown)}".strip()


def _intervals(result: Importance, language: str, shown: str = "interval") -> str:
    steps = [step for step in result.provenance.steps if "draws" in step]
    if not steps:
        return ""
    scheme = steps[-1].split(", seed")[0]
    for english, other in _SCHEMES.get(language, []):
        scheme = scheme.replace(english, other)
    if language == "nl":
        scheme = scheme.replace(",", ".")
    return WORDS[shown][language].format(level=_percent(result.conf_level, language), scheme=scheme)


def _labelled(data: pd.DataFrame, labels: Labels, *columns: str) -> pd.DataFrame:
    return data.assign(
        **{column: [labels.get(value, value) for value in data[column]] for column in columns or ("term",)}
    )
