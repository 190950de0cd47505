"""Sections that every report has in the same words: what is claimed, and who answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..claims import Claim
from ..contrasts import Heterogeneity
from ..drivers import Importance
from ..exhibits import Exhibit, plot_funnel, table_claims, table_composition, table_flow, table_sample
from ..survey import PublishedTable, Survey, Warehouse, calibration_table

__all__ = ["Writer", "say_claims", "say_division", "say_many_groups", "say_respondents"]


class Writer(Protocol):
    """What a section needs of the report it is written into."""

    language: str

    def say(self, **texts: Any) -> None:
        """Prose in the report's language."""

    def text(self, **texts: Any) -> str:
        """A text in the report's language."""

    def names(self, names: Iterable[str]) -> str:
        """Names in a sentence."""

    def show(self, *exhibits: Exhibit) -> None:
        """Figures and tables."""


def say_claims(report: Writer, claims: Sequence[Claim]) -> None:
    """What is claimed, by whom, and how far to trust it; evidence against it stands in the same table."""
    report.say(
        en="""
        ## The claim, its source and its grade

        What is tested here was stated elsewhere. @tbl-claims gives the figures as they were reported and how far their source can be trusted.
        """,
        nl="""
        ## De bewering, haar bron en haar gewicht

        Wat hier wordt getoetst, is elders beweerd. @tbl-claims geeft de cijfers zoals ze zijn gemeld en hoe ver hun bron te vertrouwen is.
        """,
    )
    title = report.text(
        en="What is claimed, and how far to trust it", nl="Wat wordt beweerd, en hoe ver dat te vertrouwen is"
    )
    report.show(table_claims(claims, id="tbl-claims", title=title, language=report.language))


def say_respondents(
    report: Writer, evidence: Survey | PublishedTable, names: Iterable[str], labels: Mapping[str, str]
) -> None:
    """Who answered, how many are used for `names` and who is left out; that nobody did where that is so."""
    names = list(names)
    if isinstance(evidence, PublishedTable):
        _say_table(report, evidence)
        return
    if isinstance(evidence, Warehouse):
        _say_warehouse(report, evidence, names)
        return
    sample = evidence.sample(names)
    counts = {name: sample.stat(name) for name in ("n_rows", "n_complete", "n_left_out")}
    report.say(
        en="""
        ## Who answered, and what was left out

        The data hold {n_rows:,d} respondents. Of these, {n_complete:,d} answered enough to be used in the model and {n_left_out:,d} are left out (@tbl-flow, @tbl-sample).
        """,
        nl="""
        ## Wie antwoordde, en wat is weggelaten

        De gegevens bevatten {n_rows:,d} respondenten. Daarvan hebben er {n_complete:,d} genoeg beantwoord voor het model; {n_left_out:,d} zijn weggelaten (@tbl-flow, @tbl-sample).
        """,
        **counts,
    )
    if evidence.provenance.tier == "synthetic":
        _say_synthetic(report, evidence)
    elif not evidence.provenance.is_evidence:
        report.say(
            en="**Whose answers these are is not stated.** Until it is, nothing that is found here is evidence for a claim.",
            nl="**Van wie deze antwoorden zijn, is niet vermeld.** Tot dat is gezegd, is niets wat hier wordt gevonden bewijs voor een bewering.",
        )
    look = {"labels": labels, "language": report.language}
    title = report.text(
        en="{n_complete:,d} of {n_rows:,d} respondents are used",
        nl="{n_complete:,d} van de {n_rows:,d} respondenten zijn gebruikt",
        **counts,
    )
    report.show(table_flow(sample.flow(), id="tbl-flow", title=title, **look))
    title = report.text(en="What is missing, variable by variable", nl="Wat ontbreekt, per variabele")
    report.show(table_sample(sample, id="tbl-sample", title=title, **look))
    composition = evidence.composition(names)
    if not composition.tidy().empty:
        title = report.text(en="Who the respondents are", nl="Wie de respondenten zijn")
        report.show(table_composition(composition, id="tbl-composition", title=title, **look))


def _say_table(report: Writer, table: PublishedTable) -> None:
    report.say(
        en="""
        ## Who answered

        This report rests on a correlation table of {n:,d} respondents. The respondents themselves are not available, so nothing can be said here about who they are, how answers spread, or segments.
        """,
        nl="""
        ## Wie antwoordde

        Dit rapport berust op een correlatietabel van {n:,d} respondenten. De respondenten zelf zijn niet beschikbaar; daarom valt hier niets te zeggen over wie zij zijn, hoe de antwoorden zijn verdeeld, of over segmenten.
        """,
        n=table.everything.describe().stat("n"),
    )


def _say_warehouse(report: Writer, evidence: Warehouse, names: list[str]) -> None:
    report.say(
        case="groups" if evidence.unit else "theory",
        en={
            "groups": """
                ## Who answered

                This report rests on sums over {n:,d} respondents with an answer to everything used; the answers themselves stayed in the database. Intervals come from groups of respondents drawn as a whole. Who the respondents are, how answers spread, and what takes the answers one by one (curves, empty corners, segments beside each other) cannot be said from sums and is left out; a sample of rows in a file will say it.
                """,
            "theory": """
                ## Who answered

                This report rests on sums over {n:,d} respondents with an answer to everything used; the answers themselves stayed in the database. No column identifies respondents, so intervals follow normal theory. Who the respondents are, how answers spread, and what takes the answers one by one (curves, empty corners, segments beside each other) cannot be said from sums and is left out; a sample of rows in a file will say it.
                """,
        },
        nl={
            "groups": """
                ## Wie antwoordde

                Dit rapport berust op sommen over {n:,d} respondenten die op alles wat is gebruikt een antwoord gaven; de antwoorden zelf bleven in de database. Intervallen komen van groepen respondenten die als geheel worden getrokken. Wie de respondenten zijn, hoe antwoorden zijn verdeeld en wat om de losse antwoorden vraagt (curven, lege hoeken, segmenten naast elkaar), is uit sommen niet te zeggen en ontbreekt hier; een steekproef van rijen in een bestand zegt het wel.
                """,
            "theory": """
                ## Wie antwoordde

                Dit rapport berust op sommen over {n:,d} respondenten die op alles wat is gebruikt een antwoord gaven; de antwoorden zelf bleven in de database. Geen kolom onderscheidt respondenten, dus intervallen volgen de normale theorie. Wie de respondenten zijn, hoe antwoorden zijn verdeeld en wat om de losse antwoorden vraagt (curven, lege hoeken, segmenten naast elkaar), is uit sommen niet te zeggen en ontbreekt hier; een steekproef van rijen in een bestand zegt het wel.
                """,
        },
        n=evidence.moments(names).describe().stat("n"),
    )


def _say_synthetic(report: Writer, survey: Survey) -> None:
    report.say(
        en="**Nobody answered.** These respondents were simulated; what is found about them was put in, and is no evidence about customers.",
        nl="**Niemand heeft geantwoord.** Deze respondenten zijn gesimuleerd; wat er over hen wordt gevonden, is erin gestopt en is geen bewijs over klanten.",
    )
    whole = not any(step.startswith(("only ", "excluded ")) for step in survey.provenance.steps)
    if survey.codebook.name == "loyalty" and whole:
        found = calibration_table(survey, language=report.language)
        report.say(
            en="They were made to give back {n_held:,d} of {n_targets:,d} figures that were published or assumed; the report *measures* lists each with its source.",
            nl="Ze zijn zo gemaakt dat ze {n_held:,d} van de {n_targets:,d} gepubliceerde of veronderstelde cijfers teruggeven; het rapport *measures* noemt ze alle met hun bron.",
            n_held=found.stat("n_held"),
            n_targets=found.stat("n_targets"),
        )


def say_division(report: Writer, result: Importance) -> None:
    """Of more drivers than every draw can be divided over exactly: how it was done instead; of fewer nothing."""
    if not result.n_orders:
        return
    names = ["n_drivers", "n_draws", "n_orders", "n_orders_estimate"]
    counts = {name: result.stat(name) for name in names + ["sampling_error"] * bool(result.n_orders_estimate)}
    report.say(
        case="sampled" if result.n_orders_estimate else "exact",
        en={
            "exact": """
                **Many drivers.** With {n_drivers:,d} drivers an exact division looks at every combination of them. That was done once: the shares are exact. In each of the {n_draws:,d} draws behind the intervals it would take too long, so there the parts come from {n_orders:,d} orders of entry drawn at random, put right by the exact answer. In simulations such intervals hold the truth as often as exact ones.
                """,
            "sampled": """
                **Many drivers.** With {n_drivers:,d} drivers there are too many combinations to look at all of them. The shares come from {n_orders_estimate:,d} orders of entry drawn at random, which puts the least certain of them off by about {sampling_error:.2pp} percentage points; in each of the {n_draws:,d} draws behind the intervals they come from {n_orders:,d} of such orders, put right by the larger number. In simulations such intervals hold the truth as often as exact ones.
                """,
        },
        nl={
            "exact": """
                **Veel drivers.** Met {n_drivers:,d} drivers bekijkt een exacte verdeling elke combinatie ervan. Dat is één keer gedaan: de aandelen zijn exact. In elk van de {n_draws:,d} trekkingen achter de intervallen zou het te lang duren; daar komen de delen uit {n_orders:,d} willekeurig getrokken volgordes van opname, bijgesteld met het exacte antwoord. In simulaties bevatten zulke intervallen de waarheid even vaak als exacte.
                """,
            "sampled": """
                **Veel drivers.** Met {n_drivers:,d} drivers zijn er te veel combinaties om ze alle te bekijken. De aandelen komen uit {n_orders_estimate:,d} willekeurig getrokken volgordes van opname, waardoor het minst zekere er ongeveer {sampling_error:.2pp} procentpunten naast zit; in elk van de {n_draws:,d} trekkingen achter de intervallen komen ze uit {n_orders:,d} van zulke volgordes, bijgesteld met het grotere aantal. In simulaties bevatten zulke intervallen de waarheid even vaak als exacte.
                """,
        },
        **counts,
    )


def say_many_groups(report: Writer, result: Heterogeneity, id: str, labels: Mapping[str, str], unit: str) -> None:
    """Of more groups than a figure names: how to read their ends, and all of them as points; of fewer nothing."""
    if not result.many:
        return
    counts = {name: result.stat(name) for name in ("n_groups", "n_beyond", "n_beyond_expected", "n_found")}
    report.say(
        en="""
        **Too many groups for a ranking.** Of {n_groups:,d} groups some are always high and some low by chance, the smallest most of all. The figure of both ends therefore draws every estimate towards the mean, the more so the less sure it is (empirical Bayes). @{id} shows all groups: {n_beyond:,d} lie beyond its outer limits, where chance alone puts about {n_beyond_expected:,.0f}. After correction for their number (false discovery rate, Benjamini and Hochberg) {n_found:,d} are found to differ from the mean.
        """,
        nl="""
        **Te veel groepen voor een ranglijst.** Van {n_groups:,d} groepen zijn er bij toeval altijd een paar hoog en een paar laag, de kleinste het meest. De figuur van beide uiteinden trekt daarom elke schatting naar het gemiddelde, meer naarmate ze onzekerder is (empirical Bayes). @{id} toont alle groepen: {n_beyond:,d} liggen buiten de buitenste grenzen, waar toeval er zo'n {n_beyond_expected:,.0f} legt. Na correctie voor hun aantal (aandeel vals gevonden, Benjamini en Hochberg) blijken er {n_found:,d} van het gemiddelde te verschillen.
        """,
        id=id,
        **counts,
    )
    title = report.text(
        en="{n_found:,d} of {n_groups:,d} groups differ from the mean",
        nl="{n_found:,d} van de {n_groups:,d} groepen verschillen van het gemiddelde",
        **counts,
    )
    flag = report.text(en="Simulated: ", nl="Gesimuleerd: ") if result.provenance.tier == "synthetic" else ""
    report.show(plot_funnel(result, id=id, title=flag + title, labels=labels, language=report.language, unit=unit))
