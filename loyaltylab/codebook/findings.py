"""What a look at a survey file can find: every check with its severity, words and rule, and the findings themselves."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core import Provenance, Result, format_number

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHECKS", "SEVERITIES", "Check", "Finding", "Findings", "worst_first"]

#: Worst first. An error must be mended first; a warning may change a conclusion; a note is good to know.
SEVERITIES = {
    "error": {"en": "error", "nl": "fout"},
    "warning": {"en": "warning", "nl": "waarschuwing"},
    "note": {"en": "note", "nl": "opmerking"},
}


@dataclass(frozen=True)
class Check:
    """One thing to look for: how bad it is, what was seen and what to do, in both languages."""

    severity: str
    what: Mapping[str, str]
    todo: Mapping[str, str]


def _check(severity: str, en: str, todo_en: str, nl: str, todo_nl: str) -> Check:
    return Check(severity, {"en": en, "nl": nl}, {"en": todo_en, "nl": todo_nl})


#: Name → check, in the order they are reported. The functions that look are in the package `checks`.
CHECKS: dict[str, Check] = {
    # ---- columns of the file
    "how_read": _check(
        "note",
        "the file was {how}",
        "nothing, if that is right",
        "het bestand is ingelezen als volgt: {how}",
        "niets, als dat klopt",
    ),
    "padded_header": _check(
        "note",
        "the header has blanks around it; they were taken off",
        "nothing; correct the file if others use it",
        "om de kolomkop staan spaties; die zijn weggehaald",
        "niets; verbeter het bestand als anderen het gebruiken",
    ),
    "absent_column": _check(
        "warning",
        "the codebook describes this column, the file does not have it{scales}",
        "correct the name in the codebook, or take the item out",
        "het codeboek beschrijft deze kolom, maar het bestand heeft hem niet{scales}",
        "verbeter de naam in het codeboek of haal het item eruit",
    ),
    "unknown_column": _check(
        "note",
        "columns of the file that the codebook does not have, so they are not used: {n_columns:,d} ({columns})",
        "add what you need to the codebook",
        "kolommen van het bestand die niet in het codeboek staan en dus niet worden gebruikt: {n_columns:,d} ({columns})",
        "voeg toe aan het codeboek wat nodig is",
    ),
    "empty_column": _check(
        "warning",
        "nobody has an answer here",
        "check the export, or take the item out of the codebook",
        "niemand heeft hier een antwoord",
        "controleer de export of haal het item uit het codeboek",
    ),
    "constant_column": _check(
        "warning",
        "every answer is {value:g}; a column that does not vary explains nothing",
        "check the export, or leave it out of the model",
        "elk antwoord is {value:g}; een kolom zonder variatie verklaart niets",
        "controleer de export of laat de kolom uit het model",
    ),
    "same_column": _check(
        "warning",
        "says nothing that {other} does not: in every row it is {how}",
        "find out which is the real one and leave the other out",
        "zegt niets wat {other} niet zegt: in elke rij is het {how}",
        "zoek uit welke de echte is en laat de andere weg",
    ),
    "formula_cell": _check(
        "warning",
        "texts begin like a spreadsheet formula (=, +, - or @)",
        "rename these answers; opened in a spreadsheet they could run as a formula",
        "teksten beginnen als een formule in een rekenblad (=, +, - of @)",
        "hernoem deze antwoorden; in een rekenblad kunnen ze als formule worden uitgevoerd",
    ),
    # ---- answers
    "text_among_numbers": _check(
        "error",
        "column '{where}' holds text in {n_rows:,d} of {n_all:,d} rows ({found})",
        "If it means 'no answer', add it to the missing codes of {where} in the codebook.",
        "kolom '{where}' bevat tekst in {n_rows:,d} van de {n_all:,d} rijen ({found})",
        "Betekent het ‘geen antwoord’, zet het dan bij de codes voor ontbrekend van {where} in het codeboek.",
    ),
    "outside_range": _check(
        "error",
        "column '{where}' holds {found} in {n_rows:,d} of {n_all:,d} rows; the codebook allows {allowed}",
        "If it means 'no answer', add it to the missing codes of {where}; otherwise correct its range or the file.",
        "kolom '{where}' bevat {found} in {n_rows:,d} van de {n_all:,d} rijen; het codeboek staat {allowed} toe",
        "Betekent het ‘geen antwoord’, zet het dan bij de codes voor ontbrekend van {where}; verbeter anders het bereik of het bestand.",
    ),
    "labelled_missing": _check(
        "warning",
        "the file labels {code:g} as '{label}', yet the codebook counts it as an answer",
        "add {code:g} to the missing codes",
        "het bestand noemt {code:g} ‘{label}’, maar het codeboek telt het als antwoord",
        "zet {code:g} bij de codes voor ontbrekend",
    ),
    "likely_missing": _check(
        "warning",
        "{code:g} stands apart from all other answers ({low:g} to {high:g}) and is often a code for 'no answer'",
        "add it to the missing codes, or give the item a range that includes it",
        "{code:g} staat los van alle andere antwoorden ({low:g} tot {high:g}) en is vaak een code voor ‘geen antwoord’",
        "zet het bij de codes voor ontbrekend, of geef het item een bereik waar het in valt",
    ),
    "marked_missing": _check(
        "note",
        "the file itself marks these answers as missing; they are blank",
        "nothing, if that is right",
        "het bestand merkt deze antwoorden zelf aan als ontbrekend; ze zijn leeg",
        "niets, als dat klopt",
    ),
    "nonresponse": _check(
        "warning",
        "{part:.0%} did not answer (more than {rule:.0%})",
        "ask who they are before you generalise; compare missing='listwise' with multiple imputation",
        "{part:.0%} heeft niet geantwoord (meer dan {rule:.0%})",
        "ga na wie dat zijn voor je generaliseert; vergelijk missing='listwise' met meervoudige imputatie",
    ),
    # ---- respondents
    "straight_lining": _check(
        "warning",
        "the same answer to all of the {n_items:,d} questions answered from {span}",
        "run the report with and without them: exclude straight_lining",
        "hetzelfde antwoord op alle {n_items:,d} vragen met antwoorden van {span}",
        "draai het rapport met en zonder hen: exclude straight_lining",
    ),
    "speeding": _check(
        "warning",
        "faster than half the median time of {median:,.0f} seconds",
        "run the report with and without them: exclude speeding",
        "sneller dan de helft van de mediane tijd van {median:,.0f} seconden",
        "draai het rapport met en zonder hen: exclude speeding",
    ),
    "same_answers": _check(
        "warning",
        "all {n_items:,d} answers are those of an earlier row",
        "check whether the file holds rows twice: exclude same_answers",
        "alle {n_items:,d} antwoorden zijn die van een eerdere rij",
        "controleer of het bestand rijen dubbel bevat: exclude same_answers",
    ),
    "repeated_respondent": _check(
        "warning",
        "{n_units:,d} respondents in {n_all:,d} rows",
        "rows of one person are not independent: name {where} as cluster, or exclude repeated_respondent",
        "{n_units:,d} respondenten in {n_all:,d} rijen",
        "rijen van één persoon zijn niet onafhankelijk: geef {where} op als cluster, of exclude repeated_respondent",
    ),
    "impossible": _check(
        "warning",
        "answers that cannot go together: {label}",
        "correct the file, or run with and without them: exclude impossible",
        "antwoorden die niet samengaan: {label}",
        "verbeter het bestand, of draai met en zonder hen: exclude impossible",
    ),
    # ---- scales
    "unreversed_item": _check(
        "warning",
        "goes against the rest of {scale}: item-rest correlation {item_rest:.2f}",
        "if it is worded the other way, set reverse: true in the codebook",
        "gaat in tegen de rest van {scale}: item-restcorrelatie {item_rest:.2f}",
        "is het omgekeerd geformuleerd, zet dan reverse: true in het codeboek",
    ),
    "bad_item": _check(
        "warning",
        "alpha of {scale} is {alpha:.3f} and would be {without:.3f} without this item",
        "reread its wording; report the scale with and without it",
        "alfa van {scale} is {alpha:.3f} en zou zonder dit item {without:.3f} zijn",
        "lees de vraag nog eens; rapporteer de schaal met en zonder dit item",
    ),
    "low_reliability": _check(
        "warning",
        "raw alpha is {alpha:.3f}, under {rule:.1f}",
        "treat its results as those of single items, or mend the scale",
        "ruwe alfa is {alpha:.3f}, onder {rule:.1f}",
        "behandel de uitkomsten als die van losse items, of herstel de schaal",
    ),
    "alpha_kinds": _check(
        "note",
        "raw alpha is {alpha:.3f}, standardised {standardised:.3f}",
        "say which of the two you print",
        "ruwe alfa is {alpha:.3f}, gestandaardiseerd {standardised:.3f}",
        "zeg welke van de twee je afdrukt",
    ),
    "mixed_ranges": _check(
        "warning",
        "nobody goes above {high:g}, while the other items of {scale} are answered up to {top:g}",
        "check whether it was asked on another scale; a mean of different scales means nothing",
        "niemand komt boven {high:g}, terwijl de andere items van {scale} tot {top:g} zijn beantwoord",
        "controleer of het op een andere schaal is gevraagd; een gemiddelde van verschillende schalen zegt niets",
    ),
    "one_construct": _check(
        "warning",
        "HTMT with {other} is {htmt:.2f}, above {rule:.1f}: the two may be one",
        "join them, or do not compare their importance",
        "HTMT met {other} is {htmt:.2f}, boven {rule:.1f}: de twee zijn mogelijk één",
        "voeg ze samen, of vergelijk hun belang niet",
    ),
    "criterion_overlap": _check(
        "warning",
        "belongs to the outcome {outcome} and to the driver {driver}: the model explains it by itself",
        "leave the item out of one of them",
        "hoort bij de uitkomst {outcome} en bij de driver {driver}: het model verklaart het uit zichzelf",
        "laat het item uit een van beide weg",
    ),
    "single_factor": _check(
        "note",
        "one factor accounts for {part:.0%} of the variance of all items (more than {rule:.0%})",
        "a common way of answering may inflate every correlation; check with a marker variable",
        "één factor is goed voor {part:.0%} van de variantie van alle items (meer dan {rule:.0%})",
        "een gemeenschappelijke antwoordstijl kan elke correlatie vergroten; controleer dat met een markervariabele",
    ),
    # ---- the design
    "more_drivers_than_rows": _check(
        "error",
        "{n_drivers:,d} drivers for {n_rows:,d} complete respondents",
        "leave drivers out or join them in scales; at least {needed:,d} respondents are needed to fit anything",
        "{n_drivers:,d} drivers voor {n_rows:,d} volledige respondenten",
        "laat drivers weg of voeg ze samen tot schalen; er zijn minstens {needed:,d} respondenten nodig",
    ),
    "few_rows_per_driver": _check(
        "warning",
        "{n_drivers:,d} drivers for {n_rows:,d} complete respondents, fewer than {rule:.0f} each",
        "expect wide intervals; join drivers in scales",
        "{n_drivers:,d} drivers voor {n_rows:,d} volledige respondenten, minder dan {rule:.0f} per driver",
        "reken op brede intervallen; voeg drivers samen tot schalen",
    ),
    "negative_weight": _check(
        "error",
        "weights below zero",
        "correct them; a weight says how many people a respondent stands for",
        "gewichten onder nul",
        "verbeter ze; een gewicht zegt voor hoeveel mensen een respondent staat",
    ),
    "missing_weight": _check(
        "warning",
        "no weight; with this weight named, these rows are left out",
        "ask whoever made the weights",
        "geen gewicht; wordt dit gewicht gebruikt, dan vallen deze rijen weg",
        "vraag het aan wie de gewichten heeft gemaakt",
    ),
    "zero_weights": _check(
        "error",
        "every weight is zero",
        "correct the column, or leave the weight out",
        "elk gewicht is nul",
        "verbeter de kolom, of laat het gewicht weg",
    ),
    "weight_effect": _check(
        "warning",
        "the weights make {n_rows:,d} respondents worth {n_effective:,.0f} (design effect {effect:.1f})",
        "report the effective n; ask whether extreme weights were trimmed",
        "door de gewichten zijn {n_rows:,d} respondenten er {n_effective:,.0f} waard (designeffect {effect:.1f})",
        "vermeld de effectieve n; vraag of extreme gewichten zijn afgekapt",
    ),
    "unused_weight": _check(
        "note",
        "the codebook has a weight; it is used only when you name it",
        "name it to speak about the population: weight={where}",
        "het codeboek heeft een gewicht; het wordt alleen gebruikt als je het noemt",
        "noem het om over de populatie te spreken: weight={where}",
    ),
    "clustered_rows": _check(
        "note",
        "{n_units:,d} clusters in {n_all:,d} rows",
        "name it, or intervals come out too narrow: cluster={where}",
        "{n_units:,d} clusters in {n_all:,d} rijen",
        "noem het, anders worden intervallen te smal: cluster={where}",
    ),
    "tiny_segment": _check(
        "note",
        "{n_segments:,d} of its groups have fewer than {min_cell:,d} respondents and are not shown",
        "join groups in the codebook if you want to see them",
        "{n_segments:,d} van de groepen hebben minder dan {min_cell:,d} respondenten en worden niet getoond",
        "voeg groepen samen in het codeboek als je ze wilt zien",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something a check saw: which check, where, in how many rows, and the values its words need."""

    check: str
    where: str = ""
    n_rows: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        """One of `SEVERITIES`."""
        return CHECKS[self.check].severity

    def what(self, language: str = "en") -> str:
        """What was seen."""
        return self._filled(CHECKS[self.check].what[language], language)

    def todo(self, language: str = "en") -> str:
        """What to do about it."""
        return self._filled(CHECKS[self.check].todo[language], language)

    def __str__(self) -> str:
        return f"{self.what()}. {self.todo()}"

    def _filled(self, template: str, language: str) -> str:
        known = {"where": self.where, "n_rows": self.n_rows, **self.fields}
        return _Filler(language).vformat(template, (), known)


class _Filler(string.Formatter):
    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Mapping):
            value = value[self.language]
        return str(value) if isinstance(value, str) else format_number(value, format_spec, self.language)


@dataclass(frozen=True, eq=False)
class Findings(Result):
    """All that the checks found in a file, worst first."""

    found: tuple[Finding, ...]
    n_all: int
    provenance: Provenance
    language: str = "en"
    guessed: bool = False
    keys = ("check", "where")

    @property
    def ok(self) -> bool:
        """Whether the file can be used as it is; where it cannot be read at all, it never is."""
        return not any(finding.severity == "error" for finding in self.found)

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {name}{'s' * (number != 1)}" for name, number in self._counts().items())
        return f"Findings in {self.n_all:,} rows: {counts}"

    def _counts(self) -> dict[str, int]:
        return {name: sum(finding.severity == name for finding in self.found) for name in SEVERITIES}

    def columns(self) -> pd.DataFrame:
        """A row for each finding; `n_rows` is blank where a finding is not about rows."""
        import pandas as pd

        rows = [
            (f.severity, f.check, f.where, f.n_rows, f.what(self.language), f.todo(self.language)) for f in self.found
        ]
        columns = ["severity", "check", "where", "n_rows", "what", "todo"]
        return pd.DataFrame(rows, columns=columns).astype({"n_rows": "Int64"})

    def whole(self) -> dict[str, Any]:
        counts = {f"n_{name}s": number for name, number in self._counts().items()}
        return {"n_rows": self.n_all} | counts


def worst_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity, then in the order of the registry."""
    severities, checks = list(SEVERITIES), list(CHECKS)
    return tuple(sorted(found, key=lambda f: (severities.index(f.severity), checks.index(f.check))))
