"""How good the scales are, as a figure and tables: reliability, what each item adds, whether two scales are apart."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import pd, plural, tr
from ...models import MEASURES, ConfirmatoryModel, ItemStatistics, Reliability, ScalePairs
from ...survey import ALL
from ..exhibit import Exhibit, Printer
from ..parts import BARE, PHRASES, WIDTH, height_of, labelled, name_rows, numbers_beside, row_axis, shown
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SPEC, _RULE = ".2f", 0.7
#: Pairs of scales a figure has room for.
_PAIRS = 6
#: The measures printed with their interval; those of the others are in the data file.
_WITH_INTERVAL = ("alpha", "omega_total")
_PHRASES = {
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
def plot_reliability(result: Reliability, *, printer: Printer) -> Exhibit:
    """Raw alpha of each scale with its interval, against the rule of thumb of 0.7; the item that lowers it most, named."""
    data = _alphas(result)
    names = [
        printer.label(r.term) + printer.text(plural(" (1\u00a0item)", " ({n}\u00a0items)", r.n_items), n=r.n_items)
        for r in data.itertuples()
    ]
    items = [printer.label(item) for item in data["weakest"]]
    axis = printer.tr("Cronbach's alpha, raw")

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.axvline(_RULE, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        low = min(0.0, np.floor(10 * data[["estimate", "conf_low"]].min().min()) / 10)
        for i, (_, row) in enumerate(data.iterrows()):
            at = len(data) - 1 - i
            if row["estimate"] != row["estimate"]:
                text = printer.tr("one item: no alpha")
                ax.text(
                    0.02, at, text, transform=ax.get_yaxis_transform(), va="center", style="italic", color="#5A5A5A"
                )
                continue
            ax.hlines(at, row["conf_low"], row["conf_high"], color=INK, linewidth=1.6)
            ax.plot(row["estimate"], at, "o", color=INK, markersize=6)
            numbers_beside(ax, [at], [printer.number(row["estimate"], _SPEC)])
            look: dict[str, Any] = {"textcoords": "offset points", "va": "center"}
            if items[i]:
                ax.plot(row["alpha_if_dropped"], at, "D", color=INK, markerfacecolor="white", markersize=5)
                side = "right" if row["estimate"] > 0.45 else "left"
                text = _without(row, items[i], printer)
                x = max(row["estimate"], row["alpha_if_dropped"]) if side == "right" else row["estimate"]
                if figure.get_figwidth() < WIDTH * 0.8:
                    text, look = textwrap.fill(text, 20), look | {"va": "top"}
                place = (4 if side == "right" else -4, -5 if look["va"] == "top" else -10)
                ax.annotate(text, (x, at), place, ha=side, fontsize=8, bbox=BARE, **look)
        ax.set(xlim=(low, 1), xlabel=axis)
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        row_axis(ax, data.assign(segment=""), names)
        ax.set_ylim(top=len(data) - 0.3)
        ax.spines["left"].set_visible(False)

    listing = []
    for name, item, (_, row) in zip(names, items, data.iterrows(), strict=True):
        alpha = printer.tr("one item: no alpha") if row["estimate"] != row["estimate"] else shown(row, _SPEC, printer)
        listing.append(f"{name}: {alpha}{f', {_without(row, item, printer)}' if item else ''}")
    texts = [
        printer.tr(
            "The dashed line at {rule} is a rule of thumb (Nunnally & Bernstein 1994), not a test.",
            rule=printer.number(_RULE, ".1f"),
        ),
        _intervals(result, printer, "interval"),
    ]
    texts += [printer.tr("A diamond is alpha without the item named, where that is higher.")] if any(items) else []
    text, size = " ".join(filter(None, texts)), (WIDTH, 1.15 * height_of(names) + 0.85)
    alt = f"{axis}. {'; '.join(listing)}."
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt)


@draws(ConfirmatoryModel)
def plot_loadings(result: ConfirmatoryModel, *, printer: Printer) -> Exhibit:
    """Standardised loading of each item under its factor, and below them how the factors go together."""
    tidy = result.tidy()
    factors, loading = [*result.scales], tidy["measure"] == "loading"
    parts = [tidy[loading & (tidy["against"] == factor)] for factor in factors] + [tidy[~loading]]
    heads = [printer.label(factor) for factor in factors] + [printer.tr("Factors with each other")]
    data = pd.concat(parts, ignore_index=True)
    names = [list(map(printer.label, part["term"])) for part in parts[:-1]]
    names += [[f"{printer.label(row.against)} – {printer.label(row.term)}" for row in parts[-1].itertuples()]]
    kept = [(part, head, said) for part, head, said in zip(parts, heads, names, strict=True) if len(part)]
    high = [0.23 * len(part) + 0.32 for part, _, _ in kept]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(kept), 1, height_ratios=high, sharex=True, squeeze=False)[:, 0]
        for ax, (part, head, said) in zip(axes, kept, strict=True):
            y = np.arange(len(part))[::-1]
            ax.hlines(y, part["conf_low"], part["conf_high"], color=INK, linewidth=1.6)
            ax.plot(part["estimate"], y, "o", color=INK, markersize=5)
            numbers_beside(ax, y, [printer.number(value, _SPEC) for value in part["estimate"]])
            name_rows(ax, y, said, fontsize=9)
            ax.set_title(head, loc="left", fontsize=9, weight="bold", pad=2)
            ax.set(xlim=(min(0.0, tidy["conf_low"].min()), 1), ylim=(-0.6, len(part) - 0.4))
            ax.spines["bottom"].set_visible(ax is axes[-1])
            ax.tick_params(axis="x", length=3 if ax is axes[-1] else 0)
        axes[-1].set_xlabel(printer.tr("Standardised loading, and correlation of factors"))
        axes[-1].xaxis.set_major_formatter(printer.ticks(".1f"))

    listing = ". ".join(f"{head}: {printer.rows(said, part, _SPEC)}" for part, head, said in kept)
    text = printer.tr(
        "A factor model in which every question belongs to one factor (Jöreskog 1969). Points are loadings, and below them correlations of factors; lines are {level} intervals. A factor that correlates 1 with another is the same.",
        level=printer.percent(result.conf_level),
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, sum(high) + 0.6), caption=text, alt=f"{listing}.")


@draws(Reliability)
def table_reliability(result: Reliability, *, printer: Printer) -> Exhibit:
    """Items, alpha (raw and standardised), omega, composite reliability and AVE of each scale, with the intervals there are."""
    tidy = result.tidy()
    data = tidy.drop_duplicates("term")[["term", "n_items", "n"]].reset_index(drop=True)
    for measure in MEASURES:
        rows = tidy[tidy["measure"] == measure].reset_index(drop=True)
        data[measure], data[f"{measure}_conf_low"], data[f"{measure}_conf_high"] = (
            rows[name] for name in ("estimate", "conf_low", "conf_high")
        )
        data[f"{measure}_shown"] = [printer.interval(row, _SPEC) for _, row in rows.iterrows()]
    data = labelled(data, printer)
    columns = {"term": "{term}", "n_items": "{n_items:d}", "n": "{n:,d}"}
    columns |= {m: f"{{{m}_shown}}" if m in _WITH_INTERVAL else f"{{{m}:{_SPEC}}}" for m in MEASURES}
    headings = {m: printer.text(_PHRASES[m]) for m in MEASURES} | {"term": printer.tr("Scale")}
    listing = "; ".join(
        f"{row['term']}: " + ", ".join(f"{headings[m]} {row[f'{m}_shown']}" for m in MEASURES)
        for _, row in data.iterrows()
    )
    texts = [
        printer.tr(
            "Raw alpha is of covariances, standardised (std.) alpha of correlations; omega is total. Composite reliability (ρC) and average variance extracted (AVE) rest on {loadings}.",
            loadings=printer.text(_PHRASES[result.loadings]),
        ),
        _intervals(result, printer, "brackets"),
    ]
    if result.improper:
        texts.append(
            printer.tr(
                "One factor does not fit {scales}: do not trust its omega.",
                scales=", ".join(printer.label(s) for s in result.improper),
            )
        )
    text = " ".join(filter(None, texts))
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=f"{listing}.")


@draws(ItemStatistics)
def table_items(result: ItemStatistics, *, printer: Printer) -> Exhibit:
    """What each item adds to its scale; the verdict names an item without which alpha is higher."""
    rows = result.tidy()
    text = {
        f"{name}_shown": [printer.interval(row, _SPEC, name) for _, row in rows.iterrows()]
        for name in ("item_rest", "gain")
    }
    data = labelled(
        rows.assign(**text, verdict=[_of_item(row, printer) for _, row in rows.iterrows()]), printer, "scale", "term"
    )
    columns = {"scale": "{scale}", "term": "{term}", "item_rest": "{item_rest_shown}", "loading": "{loading:.2f}"}
    columns |= {"alpha_if_dropped": "{alpha_if_dropped:.2f}", "verdict": "{verdict}"}
    listing = "; ".join(
        f"{r.scale}, {r.term}: {printer.number(r.item_rest, _SPEC)}, {r.verdict}" for r in data.itertuples()
    )
    texts = [
        printer.tr(
            "Alpha without: raw alpha of the other items. Verdict: what the item does to alpha, “may” where the interval of the difference holds zero. Loading: on {loadings}.",
            loadings=printer.text(_PHRASES[result.of.loadings]),
        )
    ]
    texts += [_intervals(result.of, printer, "brackets")] if result.of.draw_estimates is not None else []
    alt = printer.tr("Item-rest correlation and verdict. {said}.", said=listing)
    headings = {"term": printer.tr("Item")}
    return printer.table(data, result.provenance, columns, headings, caption=" ".join(texts), alt=alt, brief={})


@draws(ScalePairs)
def plot_pairs(result: ScalePairs, marked: tuple[str, str] | None = None, *, printer: Printer) -> Exhibit:
    """One measure of every two scales with its interval, against the bound: the six that are hardest to tell apart.

    Parameters
    ----------
    marked : pair of str, optional
        The two scales that the text is about, drawn in bold.
    """
    data = result.tidy().sort_values("estimate", ascending=False, kind="stable").head(_PAIRS).reset_index(drop=True)
    names = [f"{printer.label(r.term)} – {printer.label(r.against)}" for r in data.itertuples()]
    bold = [(r.term, r.against) == marked for r in data.itertuples()]
    apart = data["verdict"] == "apart" if "verdict" in data else data["estimate"] < 2

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for i, row in data.iterrows():
            at = len(data) - 1 - int(str(i))
            colour, wide = ("#A63A2B", 2.6) if bold[i] else (INK, 1.6)
            if "conf_low" in data:
                ax.hlines(at, row["conf_low"], row["conf_high"], color=colour, linewidth=wide)
            ax.plot(
                row["estimate"], at, "o", color=colour, markerfacecolor="white" if apart[i] else colour, markersize=6
            )
            numbers_beside(ax, [at], [printer.number(row["estimate"], _SPEC)])
            if "bound" in data:
                ax.vlines(row["bound"], at - 0.5, at + 0.5, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ax.set(xlabel=printer.text(_PHRASES[result.measure]))
        ax.xaxis.set_major_formatter(printer.ticks(_SPEC))
        row_axis(ax, data.assign(segment=[ALL if one else "" for one in bold]), names)
        ax.set_ylim(top=len(data) - 0.3)
        ax.spines["left"].set_visible(False)

    left_out = len(result.tidy()) - len(data)
    texts = [printer.text(_PHRASES[f"how {result.measure}"])]
    if "verdict" in data:
        texts.append(printer.tr("The dashed line is the bound; a filled point is not shown to lie below it."))
    if left_out:
        texts.append(printer.text(plural("{n} lower pair is not drawn.", "{n} lower pairs are not drawn.", left_out)))
    texts.append(_intervals(result, printer, "interval"))
    listing = printer.rows(names, data, _SPEC)
    text, size = " ".join(filter(None, texts)).format(n=left_out), (WIDTH, height_of(names) + 0.85)
    alt = f"{printer.text(_PHRASES[result.measure])}. {listing}."
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt)


@draws(ScalePairs)
def table_pairs(result: ScalePairs, *, printer: Printer) -> Exhibit:
    """One measure of every two scales, its bound, and in words whether the two are apart."""
    data = labelled(result.tidy(), printer, "term", "against")
    data["measure"] = printer.text(_PHRASES[result.measure])
    data["shown"] = [printer.interval(row, _SPEC) for _, row in data.iterrows()]
    columns = {"term": "{term}", "against": "{against}", "estimate": "{shown}"}
    texts = [printer.text(_PHRASES[f"how {result.measure}"])]
    if "verdict" in data:
        data["verdict"] = [printer.text(_PHRASES[verdict]) for verdict in data["verdict"]]
        columns |= {"bound": "{bound:.2f}", "verdict": "{verdict}"}
        texts.append(
            printer.text(
                tr("The verdict is that of the estimate.")
                if result.draw_estimates is None
                else tr("The verdict is that of the interval; undecided where it holds the bound.")
            )
        )
    texts.append(_intervals(result, printer, "brackets"))
    headings = {"term": printer.tr("Scale"), "estimate": printer.text(_PHRASES[result.measure])}
    listing = "; ".join(
        f"{r.term} – {r.against} {r.shown}{f', {r.verdict}' if 'verdict' in data else ''}" for r in data.itertuples()
    )
    text = " ".join(filter(None, texts))
    alt = f"{headings['estimate']}. {listing}."
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=alt, brief={})


def _alphas(result: Reliability) -> pd.DataFrame:
    """Raw alpha of each scale, and the item whose removal raises it most, if any."""
    data = result.tidy()
    data = data.loc[data["measure"] == "alpha", ["term", "n_items", "estimate", "conf_low", "conf_high"]]
    worst = result.items().tidy().sort_values("gain", ascending=False, kind="stable").drop_duplicates("scale")
    worst = worst[worst["gain"] > 0].set_index("scale")
    return data.assign(
        weakest=data["term"].map(worst["term"]).astype(object).fillna(""),
        alpha_if_dropped=data["term"].map(worst["alpha_if_dropped"]),
    ).reset_index(drop=True)


def _without(row: pd.Series, item: str, printer: Printer) -> str:
    return printer.tr("without {item}: {alpha}", item=item, alpha=printer.number(row["alpha_if_dropped"], _SPEC))


def _of_item(row: pd.Series, printer: Printer) -> str:
    """What the item does to raw alpha; "may" where the interval of the gain holds zero."""
    gain, low, high = row["gain"], row.get("gain_conf_low", row["gain"]), row.get("gain_conf_high", row["gain"])
    if gain != gain:
        return "–"
    decided = low > 0 or high < 0
    if gain > 0:
        return printer.text(tr("lowers alpha") if decided else tr("may lower alpha"))
    return printer.text(tr("raises alpha") if decided else tr("may raise alpha"))


def _intervals(result: Reliability | ScalePairs, printer: Printer, kind: str) -> str:
    """The sentence on intervals, where there are any."""
    level = printer.percent(result.conf_level)
    if result.draw_estimates is not None:
        scheme = printer.tr("percentiles of {n} draws", n=printer.number(result.whole()["n_draws"], ",d"))
    elif isinstance(result, Reliability):
        scheme = printer.tr("Feldt 1965, raw alpha only")
    else:
        return ""
    return printer.text(PHRASES[kind], level=level, scheme=scheme)
