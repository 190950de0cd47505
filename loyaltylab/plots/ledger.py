"""The ledger of claims: an overview, the estimates behind the verdicts, a card for each claim, and the rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..claims import GRADES
from ..consistency import CHECKS_WITHOUT_DATA, Consistency
from ..errors import DataError
from ..exhibits import FAINT, INK, Exhibit
from ..ledger import ARTICLES, Ledger, holm
from ..provenance import TIERS, Provenance
from ..results import format_number
from ..verdicts import VERDICT_RULES, VERDICTS, Verdict
from .claims import reported, why
from .parts import WIDTH

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "SYMBOLS",
    "command_of",
    "estimate_text",
    "plot_ledger",
    "plot_verdicts",
    "table_consistency",
    "table_ledger",
    "table_recorded",
    "table_rules",
    "table_verdicts",
    "verdict_text",
]

#: Symbol and colour of each verdict; the place in the figure says it too, so that it holds in greyscale.
SYMBOLS: dict[str, tuple[str, str, str]] = {
    "reproduced": ("=", "#1F4E79", "white"),
    "differs": ("≠", "#7A5195", "white"),
    "consistent": ("✓", "#6FA3D0", INK),
    "contradicted": ("✗", "#A63A2B", "white"),
    "undecided": ("~", "#EFC35A", INK),
    "not testable with this data": ("–", "#E4E4E4", INK),
    "source not found": ("?", "#4D4D4D", "white"),
}
_HEADS = {
    "en": ["repro-\nduced", "differs", "consis-\ntent", "contra-\ndicted", "un-\ndecided", "not\ntestable", "source\nnot found"],
    "nl": ["na-\ngerekend", "wijkt\naf", "stemt\novereen", "tegen-\ngesproken", "on-\nbeslist", "niet\ntoetsbaar", "bron\nonvindbaar"],
}  # fmt: skip
_WORDS = {
    "en": {
        "how": "A tile is a claim: its number in the tables below, and how far its source can be trusted ({grades}). Its column is the verdict. Where a claim’s own source was at hand, the verdict is about that; else about the data it is held against.",
        "held": "held against {value}",
        "several": "the weakest of {n} comparisons",
        "as": "as reported {value}",
        "lacks": "The data lack {what}.",
        "would": "What would test it: {what}",
        "run": "Report: {command}",
        "statement": "What is claimed",
        "source": "Source, and trust",
        "trust": "Trust",
        "found": "Verdict",
        "counter": "Against the articles: ",
        "also": "Held against these data: ",
        "n": "n = {n}",
        "forest": "Dot: estimate, with its interval; diamond: what it is held against (no difference, one half, or the reported figure). Numbers are those of the tables. Estimates in other units stand in the table only.",
        "r": "Correlation, or difference of correlations",
        "share": "Share",
        "rules": "What each verdict means, the rule that gives it, and how often it did here.",
        "checks": "No data are needed: the figures of a claim are held against each other.",
        "question": "Question", "answer": "What the figures say", "verdict": "Verdict",
        "holds": "holds", "fails": "fails", "unknown": "open",
        "p": "p", "holm": "p (Holm)", "estimate": "Estimate and interval", "what": "What was computed",
        "tested": "p is two-sided, of what the estimate is held against; p (Holm) is corrected for all claims tested on these data. Intervals of several comparisons are wide enough for all of them.",
        "recorded": "What our own reports found, each with the run and the exhibits that support it. Findings on simulated respondents are not listed.",
        "finding": "Finding", "support": "Run and exhibits", "tier": "Evidence",
        "rule": "Rule", "reference": "Reference", "count": "Claims",
    },
    "nl": {
        "how": "Een tegel is een bewering: haar nummer in de tabellen hieronder, en hoe ver haar bron te vertrouwen is ({grades}). De kolom is het oordeel. Waar de eigen bron van een bewering voorhanden was, gaat het oordeel daarover; anders over de gegevens waartegen zij is gehouden.",
        "held": "gehouden tegen {value}",
        "several": "de zwakste van {n} vergelijkingen",
        "as": "gemeld is {value}",
        "lacks": "De gegevens missen {what}.",
        "would": "Wat haar zou toetsen: {what}",
        "run": "Rapport: {command}",
        "statement": "Wat wordt beweerd",
        "source": "Bron en vertrouwen",
        "trust": "Vertrouwen",
        "found": "Oordeel",
        "counter": "Tegenover de artikelen: ",
        "also": "Tegen deze gegevens gehouden: ",
        "n": "n = {n}",
        "forest": "Stip: schatting met interval; ruit: waartegen zij is gehouden (geen verschil, de helft, of het gemelde cijfer). De nummers zijn die van de tabellen. Schattingen in andere eenheden staan alleen in de tabel.",
        "r": "Correlatie, of verschil van correlaties",
        "share": "Aandeel",
        "rules": "Wat elk oordeel betekent, welke regel het geeft, en hoe vaak dat hier gebeurde.",
        "checks": "Hier zijn geen gegevens voor nodig: de cijfers van een bewering worden tegen elkaar gehouden.",
        "question": "Vraag", "answer": "Wat de cijfers zeggen", "verdict": "Oordeel",
        "holds": "klopt", "fails": "klopt niet", "unknown": "open",
        "p": "p", "holm": "p (Holm)", "estimate": "Schatting en interval", "what": "Wat is berekend",
        "tested": "p is tweezijdig, van datgene waartegen de schatting is gehouden; p (Holm) is gecorrigeerd voor alle beweringen die op deze gegevens zijn getoetst. Intervallen van meer vergelijkingen zijn breed genoeg voor alle samen.",
        "recorded": "Wat onze eigen rapporten vonden, elk met de run en de figuren en tabellen die het dragen. Bevindingen over gesimuleerde respondenten staan er niet bij.",
        "finding": "Bevinding", "support": "Run, figuren en tabellen", "tier": "Bewijs",
        "rule": "Regel", "reference": "Literatuur", "count": "Beweringen",
    },
}  # fmt: skip
_TILE, _ACROSS, _LEFT = 0.31, 2, 1.0


def _numbers(ledger: Ledger) -> dict[str, int]:
    """Number of each claim: its place in the claims file."""
    from ..claims import read_claims

    places = {name: i for i, name in enumerate(read_claims(), start=1)}
    return {one.claim.name: places.get(one.claim.name, 0) for one in ledger.main}


def _grades(ledger: Ledger, language: str) -> str:
    used = {one.claim.grade for one in ledger.main}
    return ", ".join(f"{grade} {text[language]}" for grade, text in GRADES.items() if grade in used)


def plot_ledger(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """Every claim as a tile: a row for each article, a column for each verdict, the letter of its grade."""
    import pandas as pd

    if not ledger.main:
        raise DataError("there is no claim in this ledger to draw; take another article, or all.")
    numbers = _numbers(ledger)
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
    lines = {
        a: max(1, *(-(-int(n) // _ACROSS) for n in data[data["article"] == a]["verdict"].value_counts())) for a in rows
    }
    height = sum(lines.values()) * _TILE + 0.12 * len(rows)

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        _draw_tiles(ax, data, rows, lines, height, language)
        return ax

    words = _WORDS[language]
    said = []
    for verdict, text in VERDICTS.items():
        part = data[data["verdict"] == verdict]
        if len(part):
            shown = ", ".join(f"{number} ({grade})" for number, grade in zip(part["rank"], part["grade"], strict=True))
            said.append(f"{text[language]}: {len(part)} – {shown}")
    text = caption or words["how"].format(grades=_grades(ledger, language))
    alt = "; ".join(said) + "."
    return Exhibit(id, title, text, alt, data, ledger.provenance, language, draw, (WIDTH, height + 0.75))


def _draw_tiles(
    ax: Axes, data: pd.DataFrame, rows: list[str], lines: dict[str, int], height: float, language: str
) -> None:
    from matplotlib.patches import FancyBboxPatch

    step = (WIDTH - _LEFT - 0.1) / len(VERDICTS)
    for column, (verdict, (symbol, colour, _)) in enumerate(SYMBOLS.items()):
        x = column * step + step / 2
        number = int((data["verdict"] == verdict).sum())
        ax.text(x, height + 0.5, f"{symbol} {number}", ha="center", va="bottom", fontsize=11, weight="bold",
                color=colour if colour not in ("#E4E4E4", "#EFC35A", "#6FA3D0") else INK)  # fmt: skip
        ax.text(x, height + 0.46, _HEADS[language][column], ha="center", va="top", fontsize=7.5)
    top = height
    for article in rows:
        bottom = top - lines[article] * _TILE
        ax.text(-0.06, top - _TILE / 2, _folded(ARTICLES[article][language]), ha="right", va="center" if lines[article] == 1 else "top", fontsize=8)  # fmt: skip
        ax.axhline(bottom - 0.06, color="#CFCFCF", linewidth=0.6)
        for column, (verdict, (_, colour, ink)) in enumerate(SYMBOLS.items()):
            part = data[(data["article"] == article) & (data["verdict"] == verdict)]
            for k, (number, grade) in enumerate(zip(part["rank"], part["grade"], strict=True)):
                x = column * step + step / 2 + (k % _ACROSS - (min(len(part), _ACROSS) - 1) / 2) * (_TILE + 0.005)
                y = top - (k // _ACROSS + 0.5) * _TILE
                box = FancyBboxPatch((x - 0.125, y - 0.12), 0.25, 0.24, boxstyle="round,pad=0.012,rounding_size=0.04",
                                     facecolor=colour, edgecolor="white", linewidth=0.8)  # fmt: skip
                ax.add_patch(box)
                ax.text(x, y, f"{number}{grade}", ha="center", va="center", fontsize=7, color=ink)
        top = bottom - 0.12
    ax.set_xlim(-_LEFT, len(VERDICTS) * step)
    ax.set_ylim(top, height + 0.75)
    ax.set_axis_off()


def _folded(text: str, letters: int = 16) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, letters))


# ---- the words of a verdict ---------------------------------------------------------------------------------------


def _spec(measure: str) -> str:
    """Format of an estimate of this measure."""
    if "ratio" in measure:
        return ".1f"
    if measure in ("share", "proportion", "difference of proportions"):
        return ".0%"
    return ".3f" if measure.startswith("slope") or measure == "bend" else ".2f"


def _found(one: Verdict, language: str) -> str:
    """The estimate of a verdict, its interval and what it is held against."""
    words, spec = _WORDS[language], _spec(one.measure)
    if one.own:
        labels = one.claim.labels
        again = [
            f"{labels[name][language]} {format_number(value, _fine(one.claim.figures[name], spec), language)} "
            f"({words['as'].format(value=format_number(one.claim.figures[name], _fine(one.claim.figures[name], spec), language))})"
            for name, value in one.again
        ]
        return f"{'; '.join(again)}; {words['n'].format(n=format_number(one.n, ',.0f', language))}."
    numbers = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
    parts = [f"{one.what[language]} {numbers[0]} [{numbers[1]}; {numbers[2]}]"]
    if not np.isnan(one.compared):
        parts.append(words["held"].format(value=format_number(one.compared, spec, language)))
    if one.n_compared > 1 and one.measure.startswith(("difference of corr", "correlation")):
        parts.append(words["several"].format(n=one.n_compared))
    parts.append(words["n"].format(n=format_number(one.n, ",.0f", language)))
    return "; ".join(parts) + "."


def estimate_text(one: Verdict, language: str) -> str:
    """The estimate of a verdict with its interval, or what the data lack, for one line."""
    if one.is_computed:
        spec = _spec(one.measure)
        ends = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
        return f"{ends[0]} [{ends[1]}; {ends[2]}]"
    return dict(one.lacking)[language] if one.rule == "not_asked" else ""


def _fine(figure: float, spec: str) -> str:
    """The format of a figure with as many digits as it was printed with."""
    from ..verdicts import digits_of

    return f".{digits_of(figure) - 2}%" if spec == ".0%" else f".{digits_of(figure)}f"


def verdict_text(one: Verdict, language: str) -> str:
    """A verdict in words: its name, what it rests on or what is lacking."""
    words = _WORDS[language]
    head = f"{SYMBOLS[one.verdict][0]} {VERDICTS[one.verdict][language]}."
    if one.is_computed:
        return f"{head} {_found(one, language)}"
    if one.rule == "no_finding":
        return f"{head} {VERDICT_RULES['no_finding'][language]}"
    lacking = dict(one.lacking)[language]
    needs = words["would"].format(what=one.claim.needs[language])
    if lacking == one.claim.needs[language]:
        return f"{head} {needs}"
    return f"{head} {words['lacks'].format(what=lacking)} {needs}"


def command_of(one: Verdict) -> str:
    """The command that runs the report a verdict can be looked at in."""
    data = one.data if one.is_computed else ""
    named = data and re.fullmatch(r"\w+", data)
    return f"loyaltylab run {one.claim.report}" + (f" -p data={data}" if named else "")


def table_ledger(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """A card for each claim: what it says, whose it is and how far to trust it, the verdict and the run that backs it."""
    import pandas as pd

    words, numbers = _WORDS[language], _numbers(ledger)
    rows: list[dict[str, Any]] = []
    for first in ledger.main:
        claim, verdicts = first.claim, ledger.of(first.claim.name)
        said = [verdict_text(verdicts[0], language)]
        said += [words["also"] + verdict_text(one, language) for one in verdicts[1:]]
        if claim.report:
            said.append(words["run"].format(command=command_of(first)))
        elif claim.untested:
            said.append(claim.untested[language])
        rows.append(
            {
                "rank": numbers[claim.name],
                "term": claim.name,
                "statement": (words["counter"] if claim.counter else "") + claim.statement[language],
                "figures": reported(claim, language) if claim.figures else "",
                "source": claim.source[language].split("; article")[0].split("; artikel")[0],
                "grade": claim.grade,
                "reason": why(claim, language),
                "verdict": first.verdict,
                "found": " ".join(said),
            }
        )
    data = pd.DataFrame(rows)
    data["figures"] = [f" ({text})" if text else "" for text in data["figures"]]
    columns = {
        "statement": "{rank:d}. {statement}{figures}",
        "source": "{source}. {grade}: {reason}",
        "found": "{found}",
    }
    alt = " ".join(f"{row.rank}. {row.statement} {row.grade}. {row.found}" for row in data.itertuples())
    headings = {name: words[name] for name in columns}
    text = caption or f"{words['trust']}: {_grades(ledger, language)}."
    return Exhibit(id, title, text, alt, data, ledger.provenance, language, columns=columns, headings=headings)


def table_verdicts(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """What was computed on the data the claims are held against, with p-values before and after Holm's correction."""
    import pandas as pd

    words, numbers, tested = _WORDS[language], _numbers(ledger), ledger.tested
    if not tested:
        raise DataError("no claim could be tested on these data, so there is no estimate to show.")
    corrected = holm([one.p_value for one in tested])
    rows = []
    for one, after in zip(tested, corrected, strict=True):
        spec = _spec(one.measure)
        ends = [format_number(value, spec, language) for value in (one.estimate, one.conf_low, one.conf_high)]
        row = {"rank": numbers[one.claim.name], "term": one.claim.name, "what": one.what[language]}
        row |= {"found": f"{ends[0]} [{ends[1]}; {ends[2]}]", "compared": format_number(one.compared, spec, language)}
        row |= {"n": one.n, "p": _p(one.p_value, language), "holm": _p(after, language)}
        row |= {"verdict": f"{SYMBOLS[one.verdict][0]} {VERDICTS[one.verdict][language]}", "estimate": one.estimate}
        rows.append(row | {"conf_low": one.conf_low, "conf_high": one.conf_high, "p_value": one.p_value, "p_value_holm": after})  # fmt: skip
    data = pd.DataFrame(rows)
    columns = {"what": "{rank:d}. {what}", "estimate": "{found}", "p": "{p}", "holm": "{holm}", "verdict": "{verdict}"}
    headings = {name: words[name] for name in columns}
    alt = " ".join(f"{row.rank}. {row.what}: {row.found}, p {row.p}, {row.verdict}." for row in data.itertuples())
    origin = Provenance.merge([one.provenance for one in tested])
    text = caption or words["tested"]
    return Exhibit(id, title, text, alt, data, origin, language, columns=columns, headings=headings)


def _p(value: float, language: str) -> str:
    return "< " + format_number(0.001, ".3f", language) if value < 0.0005 else format_number(value, ".3f", language)


def plot_verdicts(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """The estimates behind the verdicts on the data: correlations and their differences, and shares."""
    import pandas as pd

    numbers, words = _numbers(ledger), _WORDS[language]
    panels = {"r": [one for one in ledger.tested if "correlation" in one.measure],
              "share": [one for one in ledger.tested if _spec(one.measure) == ".0%"]}  # fmt: skip
    panels = {name: ones for name, ones in panels.items() if ones}
    if not panels:
        raise DataError("no verdict rests on a correlation or a share here, so there is nothing to draw.")
    data = pd.DataFrame(
        [
            {"term": one.claim.name, "rank": numbers[one.claim.name], "what": one.what[language], "verdict": one.verdict,
             "estimate": one.estimate, "conf_low": one.conf_low, "conf_high": one.conf_high, "target": one.compared}
            for ones in panels.values() for one in ones
        ]
    )  # fmt: skip
    sizes = [len(ones) for ones in panels.values()]

    def draw(figure: Figure) -> Axes:
        parts = figure.subplots(len(panels), 1, height_ratios=[n + 0.6 for n in sizes], squeeze=False)[:, 0]
        for ax, (name, ones) in zip(parts, panels.items(), strict=True):
            _draw_verdicts(ax, ones, numbers, name, language)
        return parts[0]

    spec = {"r": ".2f", "share": ".0%"}
    alt = " ".join(
        f"{numbers[one.claim.name]}. {one.what[language]}: {format_number(one.estimate, spec[name], language)} "
        f"[{format_number(one.conf_low, spec[name], language)}; {format_number(one.conf_high, spec[name], language)}], "
        f"{VERDICTS[one.verdict][language]}."
        for name, ones in panels.items()
        for one in ones
    )
    origin = Provenance.merge([one.provenance for ones in panels.values() for one in ones])
    size = (WIDTH, 0.42 * sum(sizes) + 0.75 * len(panels))
    return Exhibit(id, title, caption or words["forest"], alt, data, origin, language, draw, size)


def _draw_verdicts(ax: Axes, ones: list[Verdict], numbers: dict[str, int], name: str, language: str) -> None:
    y = np.arange(len(ones))[::-1]
    if name == "r":
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    for at, one in zip(y, ones, strict=True):
        symbol, colour, _ = SYMBOLS[one.verdict]
        dark = INK if colour in ("#E4E4E4", "#EFC35A", "#6FA3D0") else colour
        ax.plot([one.conf_low, one.conf_high], [at, at], color=dark, linewidth=1.8)
        ax.plot(one.estimate, at, "o", color=dark, markersize=6)
        ax.plot(one.compared, at, "D", markerfacecolor="white", markeredgecolor=INK, markersize=4.5, zorder=1)
        ax.annotate(symbol, (1.01, at), xycoords=("axes fraction", "data"), va="center", weight="bold", color=dark)
    ax.set_yticks(y, [_folded(f"{numbers[one.claim.name]}. {one.what[language]}", 38) for one in ones], fontsize=8)
    ax.set_ylim(-0.7, len(ones) - 0.3)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(_WORDS[language][name])
    spec = ".1f" if name == "r" else ".0%"
    ax.xaxis.set_major_formatter(lambda value, _: format_number(value, spec, language))
    ax.spines["left"].set_visible(False)


def table_rules(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """Every verdict and the rules that give it, in words, with a reference and how many claims each decided."""
    import pandas as pd

    words = _WORDS[language]
    data = pd.DataFrame(
        [
            {"verdict": f"{SYMBOLS[rule['verdict']][0]} {VERDICTS[rule['verdict']][language]}", "rule": rule[language],
             "source": rule["source"], "n_claims": sum(one.rule == key for one in ledger.main)}
            for key, rule in VERDICT_RULES.items()
        ]
    )  # fmt: skip
    data["what"] = [f"{rule} {f'({source})' if source else ''}".strip() for rule, source in zip(data["rule"], data["source"], strict=True)]  # fmt: skip
    columns = {"verdict": "{verdict}", "rule": "{what}", "n_claims": "{n_claims:d}"}
    headings = {"verdict": words["verdict"], "rule": words["rule"], "n_claims": words["count"]}
    alt = " ".join(f"{row.verdict}: {row.rule}" for row in data.itertuples())
    text = caption or words["rules"]
    return Exhibit(id, title, text, alt, data, ledger.provenance, language, columns=columns, headings=headings)


def table_consistency(result: Consistency, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """The checks that need no data: the question, and what the figures say."""
    from ..claims import read_claims

    words, data = _WORDS[language], result.tidy()
    places = {name: i for i, name in enumerate(read_claims(), start=1)}
    answers = []
    for _, row in data.iterrows():
        template = CHECKS_WITHOUT_DATA[row["term"]][3][language]
        answers.append(_filled(template, row.to_dict(), language))
    data["rank"] = [places[name] for name in data["claim"]]
    data["question"] = [CHECKS_WITHOUT_DATA[name][2][language] for name in data["term"]]
    data["answer"], data["outcome"] = answers, [words[verdict] for verdict in data["verdict"]]
    columns = {"question": "{rank:d}. {question}", "answer": "{answer}", "verdict": "{outcome}"}
    headings = {name: words[name] for name in columns}
    alt = " ".join(f"{row.question} {row.answer}" for row in data.itertuples())
    text = caption or words["checks"]
    return Exhibit(id, title, text, alt, data, result.provenance, language, columns=columns, headings=headings)


def _filled(template: str, values: dict[str, Any], language: str) -> str:
    """A text with its numbers as a reader of the language writes them."""
    import string

    parts = []
    for literal, name, spec, _ in string.Formatter().parse(template):
        parts.append(literal + (format_number(values[name], spec or "g", language) if name else ""))
    return "".join(parts)


def table_recorded(ledger: Ledger, *, id: str, title: str, language: str = "en", caption: str = "") -> Exhibit:
    """Findings of our own reports, each with the run and the exhibits that support it."""
    import pandas as pd

    if not ledger.findings:
        raise DataError(
            "no finding of a report is in this ledger; name runs, or make one with: loyaltylab run drivers."
        )
    words = _WORDS[language]
    data = pd.DataFrame(
        [
            {"term": one.id, "finding": one.text, "run": one.run, "exhibit": ", ".join(one.exhibits), "tier": TIERS[one.tier][language]}
            for one in ledger.findings
        ]
    )  # fmt: skip
    columns = {"finding": "{finding}", "support": "{run} {exhibit}", "tier": "{tier}"}
    headings = {name: words[name] for name in columns}
    alt = " ".join(f"{row.finding} ({row.run})" for row in data.itertuples())
    text = caption or words["recorded"]
    return Exhibit(id, title, text, alt, data, ledger.provenance, language, columns=columns, headings=headings)
