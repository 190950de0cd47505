"""How good the scales are, as a figure and tables: reliability, what each item adds, whether two scales are apart."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import format_number, plural, tr
from ...models import MEASURES, ItemStatistics, Reliability, ScalePairs
from ..exhibit import Exhibit
from ..parts import WIDTH, WORDS, Labels, labelled, numbers_beside, percent
from ..row_parts import BARE, height_of, plain, row_axis, shown
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_pairs", "plot_reliability", "table_items", "table_pairs", "table_reliability"]

_SPEC, _RULE = ".2f", 0.7
#: Pairs of scales a figure has room for.
_PAIRS = 6
#: The measures printed with their interval; those of the others are in the data file.
_WITH_INTERVAL = ("alpha", "omega_total")
_WORDS = {
    "alpha": tr("Alpha, raw"),
    "alpha_standardised": tr("Alpha, std."),
    "omega_total": tr("Omega"),
    "composite_reliability": tr("ρC"),
    "ave": tr("AVE"),
    "factor": tr("one factor a scale"),
    "component": tr("the first principal component of a scale"),
    "composite": tr("partial least squares composites"),
    "htmt": tr("HTMT"),
    "correlation": tr("Correlation (absolute)"),
    "corrected correlation": tr("Corrected correlation"),
    "how htmt": tr("Heterotrait–monotrait ratio (Henseler, Ringle & Sarstedt 2015); apart: below the bound."),
    "how correlation": tr(
        "Bound: the smaller square root of the two AVEs (Fornell & Larcker 1981); apart: below the bound."
    ),
    "how corrected correlation": tr(
        "Correlations of sums of items, corrected for attenuation by raw alpha (Spearman 1904)."
    ),
    "apart": tr("apart"),
    "not apart": tr("not apart"),
    "undecided": tr("undecided"),
}


@draws(Reliability)
def plot_reliability(
    result: Reliability, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Raw alpha of each scale with its interval, against the rule of thumb of 0.7; the item that lowers it most, named."""
    data = _alphas(result)
    names = [
        labels.get(r.term, r.term)
        + plural(" (1\u00a0item)", " ({n}\u00a0items)", r.n_items)[language].format(n=r.n_items)
        for r in data.itertuples()
    ]
    items = [labels.get(item, item) for item in data["weakest"]]
    axis = tr("Cronbach's alpha, raw")[language]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.axvline(_RULE, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        low = min(0.0, np.floor(10 * data[["estimate", "conf_low"]].min().min()) / 10)
        for i, (_, row) in enumerate(data.iterrows()):
            at = len(data) - 1 - i
            if row["estimate"] != row["estimate"]:
                text = tr("one item: no alpha")[language]
                ax.text(
                    0.02, at, text, transform=ax.get_yaxis_transform(), va="center", style="italic", color="#5A5A5A"
                )
                continue
            ax.hlines(at, row["conf_low"], row["conf_high"], color=INK, linewidth=1.6)
            ax.plot(row["estimate"], at, "o", color=INK, markersize=6)
            numbers_beside(ax, [at], [format_number(row["estimate"], _SPEC, language)])
            look: dict[str, Any] = {"textcoords": "offset points", "va": "center"}
            if items[i]:
                ax.plot(row["alpha_if_dropped"], at, "D", color=INK, markerfacecolor="white", markersize=5)
                side = "right" if row["estimate"] > 0.45 else "left"
                text = plain(_without(row, items[i], language))
                x = max(row["estimate"], row["alpha_if_dropped"]) if side == "right" else row["estimate"]
                if figure.get_figwidth() < WIDTH * 0.8:
                    text, look = textwrap.fill(text, 20), look | {"va": "top"}
                place = (4 if side == "right" else -4, -5 if look["va"] == "top" else -10)
                ax.annotate(text, (x, at), place, ha=side, fontsize=8, bbox=BARE, **look)
        ax.set(xlim=(low, 1), xlabel=axis)
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, ".1f", language))
        row_axis(ax, data.assign(segment=""), names)
        ax.set_ylim(top=len(data) - 0.3)
        ax.spines["left"].set_visible(False)
        return ax

    said = []
    for name, item, (_, row) in zip(names, items, data.iterrows(), strict=True):
        alpha = (
            tr("one item: no alpha")[language] if row["estimate"] != row["estimate"] else shown(row, _SPEC, language)
        )
        said.append(f"{name}: {alpha}{f', {_without(row, item, language)}' if item else ''}")
    texts = [
        tr("The dashed line at {rule} is a rule of thumb (Nunnally & Bernstein 1994), not a test.")[language].format(
            rule=format_number(_RULE, ".1f", language)
        ),
        _intervals(result, language, "interval"),
    ]
    texts += [tr("A diamond is alpha without the item named, where that is higher.")[language]] if any(items) else []
    text, size = caption or " ".join(filter(None, texts)), (WIDTH, 1.15 * height_of(names) + 0.85)
    alt = f"{axis}. {'; '.join(said)}."
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, size)


@draws(Reliability)
def table_reliability(
    result: Reliability, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Items, alpha (raw and standardised), omega, composite reliability and AVE of each scale, with the intervals there are."""
    tidy = result.tidy()
    data = tidy.drop_duplicates("term")[["term", "n_items", "n"]].reset_index(drop=True)
    for measure in MEASURES:
        rows = tidy[tidy["measure"] == measure].reset_index(drop=True)
        data[measure], data[f"{measure}_conf_low"], data[f"{measure}_conf_high"] = (
            rows[name] for name in ("estimate", "conf_low", "conf_high")
        )
        data[f"{measure}_shown"] = [_number(row, "estimate", "", language) for _, row in rows.iterrows()]
    data = labelled(data, labels)
    columns = {"term": "{term}", "n_items": "{n_items:d}", "n": "{n:,d}"}
    columns |= {m: f"{{{m}_shown}}" if m in _WITH_INTERVAL else f"{{{m}:{_SPEC}}}" for m in MEASURES}
    headings = {m: _WORDS[m][language] for m in MEASURES} | {"term": tr("Scale")[language]}
    said = "; ".join(
        f"{row['term']}: " + ", ".join(f"{headings[m]} {row[f'{m}_shown']}" for m in MEASURES)
        for _, row in data.iterrows()
    )
    texts = [
        tr(
            "Raw alpha is of covariances, standardised (std.) alpha of correlations; omega is total. Composite reliability (ρC) and average variance extracted (AVE) rest on {loadings}."
        )[language].format(loadings=_WORDS[result.loadings][language]),
        _intervals(result, language, "brackets"),
    ]
    if result.improper:
        texts.append(
            tr("One factor does not fit {scales}: do not trust its omega.")[language].format(
                scales=", ".join(labels.get(s, s) for s in result.improper)
            )
        )
    text = caption or " ".join(filter(None, texts))
    return Exhibit(id, title, text, f"{said}.", data, result.provenance, language, columns=columns, headings=headings)


@draws(ItemStatistics)
def table_items(
    result: ItemStatistics, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """What each item adds to its scale; the verdict names an item without which alpha is higher."""
    rows = result.tidy()
    text = {
        f"{name}_shown": [_number(row, name, f"{name}_", language) for _, row in rows.iterrows()]
        for name in ("item_rest", "gain")
    }
    data = labelled(
        rows.assign(**text, verdict=[_of_item(row, language) for _, row in rows.iterrows()]), labels, "scale", "term"
    )
    columns = {"scale": "{scale}", "term": "{term}", "item_rest": "{item_rest_shown}", "loading": "{loading:.2f}"}
    columns |= {"alpha_if_dropped": "{alpha_if_dropped:.2f}", "verdict": "{verdict}"}
    said = "; ".join(
        f"{r.scale}, {r.term}: {format_number(r.item_rest, _SPEC, language)}, {r.verdict}" for r in data.itertuples()
    )
    texts = [
        tr(
            "Alpha without: raw alpha of the other items. Verdict: what the item does to alpha, “may” where the interval of the difference holds zero. Loading: on {loadings}."
        )[language].format(loadings=_WORDS[result.of.loadings][language])
    ]
    texts += [_intervals(result.of, language, "brackets")] if result.of.draw_estimates is not None else []
    alt = tr("Item-rest correlation and verdict. {said}.")[language].format(said=said)
    headings = {"term": tr("Item")[language]}
    return Exhibit(
        id,
        title,
        caption or " ".join(texts),
        alt,
        data,
        result.provenance,
        language,
        columns=columns,
        brief={},
        headings=headings,
    )


@draws(ScalePairs)
def plot_pairs(
    result: ScalePairs, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """One measure of every two scales with its interval, against the bound: the six that are hardest to tell apart."""
    data = result.tidy().sort_values("estimate", ascending=False, kind="stable").head(_PAIRS).reset_index(drop=True)
    names = [f"{labels.get(r.term, r.term)} – {labels.get(r.against, r.against)}" for r in data.itertuples()]
    apart = data["verdict"] == "apart" if "verdict" in data else data["estimate"] < 2

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        for i, row in data.iterrows():
            at = len(data) - 1 - int(str(i))
            if "conf_low" in data:
                ax.hlines(at, row["conf_low"], row["conf_high"], color=INK, linewidth=1.6)
            ax.plot(row["estimate"], at, "o", color=INK, markerfacecolor="white" if apart[i] else INK, markersize=6)
            numbers_beside(ax, [at], [format_number(row["estimate"], _SPEC, language)])
            if "bound" in data:
                ax.vlines(row["bound"], at - 0.5, at + 0.5, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ax.set(xlabel=_WORDS[result.measure][language])
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, _SPEC, language))
        row_axis(ax, data.assign(segment=""), names)
        ax.set_ylim(top=len(data) - 0.3)
        ax.spines["left"].set_visible(False)
        return ax

    left_out = len(result.tidy()) - len(data)
    texts = [_WORDS[f"how {result.measure}"][language]]
    if "verdict" in data:
        texts.append(tr("The dashed line is the bound; a filled point is not shown to lie below it.")[language])
    if left_out:
        texts.append(plural("{n} lower pair is not drawn.", "{n} lower pairs are not drawn.", left_out)[language])
    texts.append(_intervals(result, language, "interval"))
    said = "; ".join(
        f"{name} {_number(row, 'estimate', '', language)}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    text, size = caption or " ".join(filter(None, texts)).format(n=left_out), (WIDTH, height_of(names) + 0.85)
    alt = f"{_WORDS[result.measure][language]}. {said}."
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, size)


@draws(ScalePairs)
def table_pairs(
    result: ScalePairs, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """One measure of every two scales, its bound, and in words whether the two are apart."""
    data = labelled(result.tidy(), labels, "term", "against")
    data["measure"] = _WORDS[result.measure][language]
    data["shown"] = [_number(row, "estimate", "", language) for _, row in data.iterrows()]
    columns = {"term": "{term}", "against": "{against}", "estimate": "{shown}"}
    texts = [_WORDS[f"how {result.measure}"][language]]
    if "verdict" in data:
        data["verdict"] = [_WORDS[verdict][language] for verdict in data["verdict"]]
        columns |= {"bound": "{bound:.2f}", "verdict": "{verdict}"}
        texts.append(
            (
                tr("The verdict is that of the estimate.")
                if result.draw_estimates is None
                else tr("The verdict is that of the interval; undecided where it holds the bound.")
            )[language]
        )
    texts.append(_intervals(result, language, "brackets"))
    headings = {"term": tr("Scale")[language], "estimate": _WORDS[result.measure][language]}
    said = "; ".join(
        f"{r.term} – {r.against} {r.shown}{f', {r.verdict}' if 'verdict' in data else ''}" for r in data.itertuples()
    )
    text = caption or " ".join(filter(None, texts))
    alt = f"{headings['estimate']}. {said}."
    return Exhibit(
        id, title, text, alt, data, result.provenance, language, columns=columns, headings=headings, brief={}
    )


def _alphas(result: Reliability) -> pd.DataFrame:
    """Raw alpha of each scale, and the item whose removal raises it most, if any."""
    data = result.tidy()
    data = data.loc[data["measure"] == "alpha", ["term", "n_items", "estimate", "conf_low", "conf_high"]]
    worst = result.items().tidy().sort_values("gain", ascending=False, kind="stable").drop_duplicates("scale")
    worst = worst[worst["gain"] > 0].set_index("scale")
    return data.assign(
        weakest=data["term"].map(worst["term"]).fillna(""), alpha_if_dropped=data["term"].map(worst["alpha_if_dropped"])
    ).reset_index(drop=True)


def _without(row: pd.Series, item: str, language: str) -> str:
    return tr("without {item}: {alpha}")[language].format(
        item=item, alpha=format_number(row["alpha_if_dropped"], _SPEC, language)
    )


def _number(row: pd.Series, name: str, prefix: str, language: str) -> str:
    """A number with its interval where it has one; a dash where it does not exist."""
    if row[name] != row[name]:
        return "–"
    ends = {end: row.get(f"{prefix}{end}", np.nan) for end in ("conf_low", "conf_high")}
    return shown({"estimate": row[name]} | ends, _SPEC, language)


def _of_item(row: pd.Series, language: str) -> str:
    """What the item does to raw alpha; "may" where the interval of the gain holds zero."""
    gain, low, high = row["gain"], row.get("gain_conf_low", row["gain"]), row.get("gain_conf_high", row["gain"])
    if gain != gain:
        return "–"
    sure = low > 0 or high < 0
    if gain > 0:
        return (tr("lowers alpha") if sure else tr("may lower alpha"))[language]
    return (tr("raises alpha") if sure else tr("may raise alpha"))[language]


def _intervals(result: Reliability | ScalePairs, language: str, kind: str) -> str:
    """The sentence on intervals, where there are any."""
    level = percent(result.conf_level, language)
    if result.draw_estimates is not None:
        scheme = tr("percentiles of {n} draws")[language].format(
            n=format_number(result.whole()["n_draws"], ",d", language)
        )
    elif isinstance(result, Reliability):
        scheme = tr("Feldt 1965, raw alpha only")[language]
    else:
        return ""
    return WORDS[kind][language].format(level=level, scheme=scheme)
