"""From the calibration of simulated respondents to a table."""

from __future__ import annotations

from ...core import tr
from ...survey import Calibration
from ..exhibit import Exhibit, Printer
from ..sketch import draws

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
