"""From a result to a table."""

from __future__ import annotations

from dataclasses import replace

from ..dominance import Dominance
from ..exhibits import Exhibit
from ..findings import SEVERITIES, Findings
from ..importance import Importance
from ..results import format_number
from ..samples import MIN_CELL, Composition, Flow, Sample
from .parts import (
    LEVELS,
    Labels,
    how_to_read,
    labelled,
    percent,
    shares_alt,
)

__all__ = [
    "table_composition",
    "table_dominance",
    "table_findings",
    "table_flow",
    "table_importance",
    "table_sample",
]

#: Steps of a `Flow` in the reader's words.
STEPS = {
    "asked": {"en": "Respondents in the data", "nl": "Respondenten in de gegevens"},
    "straight_lining": {"en": "Left out: one answer to everything", "nl": "Weggelaten: overal hetzelfde antwoord"},
    "speeding": {"en": "Left out: too fast", "nl": "Weggelaten: te snel"},
    "same_answers": {
        "en": "Left out: same answers as an earlier row",
        "nl": "Weggelaten: zelfde antwoorden als eerdere rij",
    },
    "repeated_respondent": {"en": "Left out: respondent already there", "nl": "Weggelaten: respondent kwam al voor"},
    "impossible": {"en": "Left out: impossible answers", "nl": "Weggelaten: onmogelijke antwoorden"},
    "unweighted": {"en": "Left out: no weight", "nl": "Weggelaten: geen gewicht"},
    "incomplete": {
        "en": "Left out: incomplete on the variables used",
        "nl": "Weggelaten: onvolledig op de gebruikte variabelen",
    },
    "used": {"en": "Used", "nl": "Gebruikt"},
}


def table_flow(
    result: Flow, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """From the rows of the file to those used: every respondent is accounted for."""
    data = result.tidy().assign(label=lambda d: [STEPS[term][language] for term in d["term"]])
    said = "; ".join(f"{row.label}: {format_number(row.n, ',d', language)}" for row in data.itertuples())
    how = {
        "en": "Nobody is left out but by a rule that was asked for, or for lack of answers.",
        "nl": "Niemand is weggelaten behalve door een gekozen regel of bij gebrek aan antwoorden.",
    }[language]
    columns = {"label": "{label}", "n": "{n:,d}"}
    headings = {"label": {"en": "Step", "nl": "Stap"}[language]}
    return Exhibit(
        id, title, caption or how, f"{said}.", data, result.provenance, language, columns=columns, headings=headings
    )


def table_findings(
    result: Findings, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """What the checks found, worst first, with what to do; counts of a few rows are said as "a few"."""
    few = {"en": "fewer than {}", "nl": "minder dan {}"}[language].format(MIN_CELL)
    data = replace(result, language=language).tidy()
    small = (data["n_rows"] < MIN_CELL).fillna(False)
    rows = [
        "" if n != n else few if hide else format_number(n, ",.0f", language)
        for n, hide in zip(data["n_rows"].astype(float), small, strict=True)
    ]
    data = data.assign(
        severity=[SEVERITIES[name][language] for name in data["severity"]],
        where=[labels.get(name, name) for name in data["where"]],
        n_rows=rows,
    )
    columns = {name: f"{{{name}}}" for name in ("severity", "where", "what", "n_rows", "todo")}
    counts = {f"n_{kind}s": format_number(result.stat(f"n_{kind}s").value, ",d", language) for kind in SEVERITIES}
    alt = {
        "en": "{n_errors} errors, {n_warnings} warnings and {n_notes} notes about the file.",
        "nl": "{n_errors} fouten, {n_warnings} waarschuwingen en {n_notes} opmerkingen over het bestand.",
    }[language].format(**counts)
    how = {
        "en": "A warning may change a conclusion; a note is good to know. The thresholds are rules of thumb.",
        "nl": "Een waarschuwing kan een conclusie veranderen; een opmerking is goed om te weten. De grenzen zijn vuistregels.",
    }[language]
    return Exhibit(id, title, caption or how, alt, data, result.provenance, language, columns=columns)


def table_sample(
    result: Sample, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """What is missing, variable by variable."""
    data = labelled(result.tidy(), labels)
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
    data = labelled(result.tidy(), labels, "term", "segment")
    columns = {"term": "{term}", "segment": "{segment}", "n_rows": "{n_rows:,.0f}", "n_complete": "{n_complete:,.0f}"}
    how = {
        "en": "Respondents in the data, and those complete on the variables used.",
        "nl": "Respondenten in de gegevens, en wie volledig is op de gebruikte variabelen.",
    }[language]
    hidden = {
        "en": f" A dash: withheld, for it is smaller than {result.min_cell} or would give such a group away.",
        "nl": f" Een streepje: niet getoond, want kleiner dan {result.min_cell} of zo'n groep zou eruit volgen.",
    }[language]
    text = caption or how + (hidden if data["n_rows"].isna().any() else "")
    return Exhibit(id, title, text, text, data, result.provenance, language, columns=columns)


def table_importance(
    result: Importance, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Estimates, shares and ranks with their intervals."""
    data = labelled(result.tidy(), labels, "term", "block").sort_values("rank", kind="stable", ignore_index=True)
    interval = "conf_low" in data
    columns = {
        "rank": "{rank:d}",
        "term": "{term}",
        "block": "{block}",
        "estimate": "{estimate:.3f}" + (" [{conf_low:.3f}; {conf_high:.3f}]" if interval else ""),
        "share": "{share:.1%}" + (" [{share_conf_low:.1%}; {share_conf_high:.1%}]" if interval else ""),
    }
    headings = {"estimate": {"en": "Part of R²", "nl": "Deel van R²"}[language]}
    text = caption or how_to_read(result, language, "brackets")
    return Exhibit(
        id,
        title,
        text,
        shares_alt(result.tidy(), labels, language),
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
    data = labelled(data, labels, "against")
    said = "; ".join(f"{row.against}: {row.level}, {percent(row.proportion, language)}" for row in data.itertuples())
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
