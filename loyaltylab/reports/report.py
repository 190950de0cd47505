"""`Report`: what a notebook writes to. Prose takes only numbers that remember where they came from."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from ..claims import Claim, Verdict, comparisons, hold_against, read_claim
from ..codebook import flatten
from ..contrasts import Heterogeneity
from ..core import (
    RULES,
    LoyaltyLabError,
    Provenance,
    Quantity,
    ReportError,
    Result,
    brief_in_notebooks,
    check_known,
    rule,
    tr,
)
from ..core import markdown as escaped
from ..drivers import Importance, few, importance, two_blocks
from ..exhibits import Exhibit, Sketch, table_claims
from ..models import scales_apart
from ..moments import by_name
from ..survey import PublishedTable, Survey, Warehouse, block_contents, calibration_table, outcome_of, read_data
from .cards import REFERENCE
from .running.environment import RUN_FOLDER, RUN_ID, RUN_WIDTHS
from .running.parameters import READING, SHARED, Settings, without_imputed
from .texts import Texts, text_files
from .words import WORDS


class Report:
    """Prose and exhibits of one report, in one language.

    Parameters
    ----------
    name : str
        Name of the texts: `drivers` for `texts/drivers.en.md` and `.nl.md` beside the notebook.
    language : str, optional
        One of the languages there is a text in; if left out, the parameter `language`, else English.

    Attributes
    ----------
    settings : Settings
        The parameters that reports share, such as `settings.seed`.
    survey : Survey, PublishedTable or Warehouse
        What `open` read last; `labels` are its codebook's.

    Raises
    ------
    ReportError
        Where there is no text of that name, or one language's text lacks a block that another's has.

    Examples
    --------
    >>> report = Report("drivers", language="nl")
    >>> report.title
    'Wat drijft loyaliteit: emotie of ratio?'
    >>> report.labels = {"warm": "Warmte", "price": "Prijs"}
    >>> report.line("fig_blocks_title", told="nothing", a="warm", b="price")
    'Niet meer verklaard dan toeval zou doen: Warmte tegenover Prijs zegt niets'
    >>> report.say("outcome", outcome="warm", mean=5.1)
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.ReportError: drivers.nl.md, block 'outcome': mean is a bare number (5.1), and prose must be able to say where a number came from: give result.value(term, column) or result.stat(column).
    """

    survey: Survey | PublishedTable | Warehouse | None = None
    _imputes = False

    def __init__(self, name: str, *, language: str = "") -> None:
        folder = os.environ.get(RUN_FOLDER)
        self.name, self.folder = name, Path(folder) if folder else None
        brief_in_notebooks(in_sight=not folder)  # also in a kernel that had loaded the library before it was one
        files = text_files(name)
        self.settings = Settings(sys._getframe(1).f_globals, files)
        self.language = language or self.settings.language
        check_known("language", self.language, files)
        self.texts = Texts(files, self.language)
        self.fields: dict[str, Any] = {}
        self.labels: dict[str, str] = {}
        self.exhibits: list[str] = []
        self._screen = _Screen(self.language)
        self._screen.results(lambda: self.labels)
        self.found: list[str] = []
        self._opened = False
        self._lacking: dict[str, bool] = {}
        self.run = os.environ.get(RUN_ID, "")
        self.widths = [width for width in os.environ.get(RUN_WIDTHS, "").split(",") if width]
        self.title = self.line("title")
        if self.folder:  # by hand, the notebook's own heading stands above
            self._screen.show(
                {"text/markdown": f"# {self.title}"}, {"kind": "title", "text": self.title, "language": self.language}
            )

    # ---- reading ------------------------------------------------------------------------------------------------

    def open(self, data: str, codebook: str = "", *, imputed: bool = False) -> Survey | PublishedTable | Warehouse:
        """What the report is about, read as its settings say (weight, clusters, who is left out, …); see `read_data`.

        A report that says `imputed=True` can have `missing=imputed`: all it says of more than one variable rests on moments.

        Its codebook's labels become those of the texts, the figures and the tables; the texts know `simulated`, whether these
        respondents do not exist.
        """
        self._imputes = imputed
        if not imputed:
            without_imputed(SHARED["missing"]).check(self.settings.missing)
        self._read = data, codebook or self.settings.codebook
        self.survey = self.open_again()
        self.labels = self.survey.codebook.labels(self.language)
        if self.survey.has_rows:
            self.labels = self.survey.segment_labels(self.language) | self.labels
        self.given(simulated=self.survey.provenance.tier == "synthetic")
        return self.survey

    def open_again(self, **otherwise: Any) -> Survey | PublishedTable | Warehouse:
        """The same data read with a setting otherwise, such as `missing="item_mean"`; the report's own stay as they are."""
        for name in otherwise:
            check_known("setting", name, READING)
        data, codebook = self._read
        return read_data(data, codebook, **{name: getattr(self.settings, name) for name in READING} | otherwise)

    def question(
        self, outcome: str = "", blocks: Sequence[str] = (), contrast: Sequence[str] = ()
    ) -> tuple[str, dict[str, list[str]], str, str]:
        """What is asked of the data: the outcome, the blocks of drivers, and the two blocks `a` and `b` to compare.

        What is left empty is the codebook's: its first outcome, all its blocks, the first two of them. A label will do where
        the codebook has a name ("Loyalty" for CUSL). The texts know `outcome`, `a` and `b` from here on.
        """
        if self.survey is None:
            raise ReportError("report.question asks the codebook of the data: first report.open(data, codebook).")
        book = self.survey.codebook
        outcome = outcome_of(self.survey, by_name(self.survey, outcome) if outcome else "")
        chosen = book.blocks(*blocks)
        a, b = two_blocks(chosen, [*(book.blocks(*contrast) if contrast else ())])
        self.given(outcome=outcome, a=a, b=b)
        return outcome, chosen, a, b

    def segment(self, asked: str = "") -> str:
        """The segment to repeat an analysis by: the one asked for, else the codebook's first that the data have; empty for none."""
        if self.survey is None or not self.survey.has_rows or asked == "none":
            return ""
        return (
            self.survey.segment(asked).name
            if asked
            else next(filter(self.survey.has, self.survey.codebook.names("segment")), "")
        )

    @contextmanager
    def section(self) -> Iterator[None]:
        """A part of a report that the rest can do without: where it cannot be made, one line says why, and the rest goes on.

        Before the report has opened, the line waits until it has; the same line is told once.

        Examples
        --------
        >>> report = Report("drivers")
        >>> with report.section():
        ...     raise ReportError("'y' holds 54 answers between two scale points.")
        """
        try:
            yield
        except LoyaltyLabError as error:
            said = tr("Not computed here: {why}")[self.language].format(why=escaped(str(error).splitlines()[0]))
            if said not in self._lacking:
                self._lacking[said] = False
            if self._opened:
                self._say_what_lacks()

    def tried(self, make: Callable[..., Any], *given: Any, **options: Any) -> Any:
        """What is made of these, or None where it cannot be, with the line of a `section` that says why.

        Parameters
        ----------
        make : callable
            What makes it.
        given, options
            What it takes.

        Returns
        -------
        Any
            What it gives, or None.

        Examples
        --------
        >>> Report("drivers").tried(max, 3, 2)
        3
        """
        with self.section():
            return make(*given, **options)
        return None

    def _say_what_lacks(self) -> None:
        for said in [one for one, is_told in self._lacking.items() if not is_told]:
            self._lacking[said] = True
            self._screen.tell(said, {"kind": "prose", "numbers": {}}, live=not self.folder)

    # ---- telling ------------------------------------------------------------------------------------------------

    def given(self, **fields: Any) -> None:
        """Fields that the texts know from here on: results, quantities, names, and what a text chooses its sentences by."""
        self.fields |= fields

    def line(self, block: str, **fields: Any) -> str:
        """A block as one line that is no Markdown: a title, a caption, a row's name."""
        text, *_ = self.texts.fill(block, {**self.fields, **fields}, self.labels, plain=True)
        return re.sub(r"\s*\n\s*", " ", text)

    def say(self, block: str, /, *, finding: str = "", **fields: Any) -> None:
        """A block of the texts (Markdown, headings included), filled; nothing where none of its sentences applies.

        Parameters
        ----------
        block : str
            Its name.
        fields
            Those only this block needs; see `given`.
        finding : str
            A name under which the run records this as a finding, with its numbers and the exhibits it refers to; the
            headline of a report is recorded without being asked. `Ledger` lists them.

        Raises
        ------
        ReportError
            For a bare number, a field or block that is not known, naming the file and what was possible; for a finding
            without a number, or with a name used before.
        """
        if self._write(block, finding, fields):
            self._opened = True
            self._say_what_lacks()

    def _write(self, block: str, finding: str, fields: Mapping[str, Any], *, warns: bool = False) -> bool:
        """Whether a block said anything; one that `warns` stands before the finding and is none."""
        text, numbers, specs = self.texts.fill(block, {**self.fields, **fields}, self.labels)
        if not text:
            return False
        if finding:
            self._record(finding, numbers)
        card: dict[str, Any] = {
            "kind": "prose",
            "block": block,
            "numbers": {name: f"{value.origin} = {value.value!r}" for name, value in numbers.items()},
        }
        if told := {name: numbers[name] for name in specs if name in numbers}:
            card["printed"] = _in_words(told, specs, self.language)
        if warns:
            card["warns"] = True
        elif finding or re.search(r"^>", text, re.MULTILINE):
            card |= {"finding": finding, "quantities": _quantities(numbers)}
        self._screen.tell(text, card, live=not self.folder)
        return True

    def _record(self, finding: str, numbers: Mapping[str, Quantity]) -> None:
        """Refuse a finding that could not be traced."""
        again = finding in self.found and self.folder  # by hand, a cell may be run once more
        if not re.fullmatch(r"[a-z][a-z0-9-]*", finding) or again or finding == "headline":
            raise ReportError(
                f"the finding '{finding}' needs a name of its own, of small letters, digits and hyphens; "
                "'headline' is the report's."
            )
        if not numbers:
            raise ReportError(
                f"the finding '{finding}' holds no number that remembers where it came from: give result.value(term, column)."
            )
        self.found.append(finding)

    def show(self, *exhibits: Exhibit | Sketch, words: str = "", **fields: Any) -> None:
        """Show exhibits, and save them when the notebook runs as a report.

        What `result.plot("fig-drivers")` gives gets its title from the block `fig_drivers_title` of the texts, and a caption
        or alternative text of its own where there is a `fig_drivers_caption` or `fig_drivers_alt`.

        Parameters
        ----------
        words : str
            Block that stands for the id, as `fig_paths` may for `fig-paths-1`, `fig-paths-2` and so on.
        fields
            Fields only these words need.
        """
        for shown in exhibits:
            exhibit = self._completed(shown, words, fields) if isinstance(shown, Sketch) else shown
            if exhibit.id not in self.exhibits:
                self.exhibits.append(exhibit.id)
            elif self.folder:  # by hand, a cell may be run once more
                raise ReportError(
                    f"two exhibits have the id '{exhibit.id}'; ids are used for citing, so each needs its own."
                )
            number = [id for id in self.exhibits if id.startswith(exhibit.id[:4])].index(exhibit.id) + 1
            if self.folder:
                exhibit.save(self.folder / "exhibits", run=self.run, number=number, widths=self.widths, typeset=False)
            bundle = exhibit.bundle(f"exhibits/{exhibit.id}.svg" if self.folder else "")
            shown = {"markdown": "" if exhibit.draw else exhibit.markdown()}
            if exhibit.brief is not None:
                shown["brief"] = replace(exhibit, columns=exhibit.brief).markdown() if exhibit.brief else ""
            self._screen.show(bundle, {**exhibit.card(run=self.run, number=number), **shown})
            name = self._screen.named(exhibit.id, exhibit.kind, number)
            said = f"**{name}. {escaped(exhibit.title)}.** {escaped(exhibit.caption)} *{escaped(exhibit.source)}*"
            self._screen.show({"text/markdown": said}, {"kind": "caption"})

    def _completed(self, sketch: Sketch, words: str, fields: Mapping[str, Any]) -> Exhibit:
        """A drawing with its words."""
        block = words or sketch.id.replace("-", "_")
        more = {
            name: self.line(f"{block}_{name}", **fields)
            for name in ("caption", "alt")
            if self.texts.has(f"{block}_{name}")
        }
        title = self.line(f"{block}_title", **fields)
        return sketch.exhibit(title=title, labels=self.labels, language=self.language, **more)

    @property
    def levels(self) -> dict[str, str]:
        """What the values of a moderator are called in a figure."""
        texts = {"low": tr("low"), "average": tr("average"), "high": tr("high")}
        return {level: text[self.language] for level, text in texts.items()}

    # ---- sections that reports have in the same words (`texts/shared.*.md`) -------------------------------------------------

    @property
    def _drawn(self) -> dict[str, int]:
        """How many draws, and which."""
        return {"n_draws": self.settings.draws, "seed": self.settings.seed}

    def contents(
        self,
        evidence: Survey | PublishedTable | Warehouse,
        blocks: Mapping[str, Iterable[str]],
        result: Importance | None = None,
        table: Sketch | None = None,
    ) -> None:
        """What each block that is compared contains (`tbl-blocks`, or the `table` given), and what there is to warn of: scales
        of two blocks that may be one, and with `result` the drivers that work against its outcome; nothing where nothing is compared."""
        if not flatten(blocks):
            return
        with self.section():
            found = block_contents(evidence, blocks)
            table = table or found.table("tbl-blocks", importance=result)
            self.say("contents", contents=found, few=few(flatten(found.blocks)), id=table.id)
            self.show(table)
            if result is not None and result.against:
                self.say("contents_against", result=result)
            pairs = scales_apart(evidence, seed=self.settings.seed)
            if pairs is not None and (blurred := pairs.blurred(found.blocks)):
                block_of = {name: block for block, members in found.blocks.items() for name in members}
                self.say("contents_blurred", pairs=pairs, blurred=blurred[0], block_of=block_of)

    def claims(self, *claims: Claim) -> None:
        """The section on what is claimed (`tbl-claims`): its figures as reported, its source and grade, and where this report is
        the one that looks further, its verdict on these data as `hold_against` gives it."""
        mine = {claim.name: claim for claim in claims if claim.report == self.name and "other" in claim.test}
        held: Sequence[Verdict] = ()
        if self.survey is not None and self.survey.provenance.is_evidence and mine:
            held = hold_against(self.survey, mine, **self._drawn).on_data
        self.say("claims", held=bool(held))
        self.show(table_claims(claims, held, id="tbl-claims"))

    def compared(self, block: str, *names: str) -> None:
        """Where the data hold what the tests of these claims need: the block, which knows what they compare as `found`, and the
        figure of it, `fig-` and the name of the block."""
        claims = [read_claim(name) for name in names]
        if isinstance(self.survey, Survey | PublishedTable):
            compared = comparisons(self.survey, claims, **self._drawn)
            if compared.found:
                self.say(block, found=compared.found)
                self.show(compared.plot(f"fig-{block}"))

    def respondents(
        self, evidence: Survey | PublishedTable, names: Iterable[str], *, labels: Mapping[str, str] | None = None
    ) -> None:
        """The section on who answered and who is left out of a model of `names`; that nobody answered where that is so."""
        names, labels = list(names), self.labels if labels is None else labels
        with self.section():
            if isinstance(evidence, PublishedTable):
                self.say("respondents_table", described=evidence.everything.describe())
            elif isinstance(evidence, Warehouse):
                self.say(
                    "respondents_database",
                    described=evidence.moments(names).describe(),
                    unit=evidence.unit,
                    cluster=evidence.cluster,
                )
            else:
                self._say_sample(evidence, names, labels)

    def _say_sample(self, survey: Survey, names: list[str], labels: Mapping[str, str]) -> None:
        sample = survey.sample(names)
        self.say("respondents", sample=sample)
        if survey.missing == "imputed":
            self.say("respondents_imputed", sample=sample)
        if survey.provenance.tier == "synthetic":
            self.say("respondents_simulated")
            whole = not any(step.startswith(("only ", "excluded ")) for step in survey.provenance.steps)
            if survey.codebook.name == "loyalty" and whole:
                calibration = calibration_table(survey, language=self.language)
                self.say("respondents_calibrated", calibration=calibration)
        elif not survey.provenance.is_evidence:
            self.say("respondents_unstated")
        self.show(sample.flow().table("tbl-flow", labels=labels), sample=sample)
        self.show(sample.table("tbl-sample", labels=labels))
        composition = survey.composition(names)
        if not composition.tidy().empty:
            self.show(composition.table("tbl-composition", labels=labels))

    def lost(self, names: Iterable[str]) -> None:
        """Above the opening, where more than a tenth of the rows are left out of a model of `names` for want of an answer: how many."""
        if isinstance(self.survey, Survey):
            with self.section():
                self._write("lost", "", {"sample": self.survey.sample(names), "imputes": self._imputes}, warns=True)

    def answered(self, names: Iterable[str]) -> list[str]:
        """Of these variables those that respondents answered; of one that the data have and nobody answered, a line says so."""
        found = []
        for name in filter(self.survey.has, names) if self.survey else ():
            with self.section():
                self.survey.moments([name])
                found.append(name)
        return found

    def other_difference(self, outcome: str, blocks: Mapping[str, Iterable[str]]) -> None:
        """Beside a difference between blocks of a report's own, that of the report on drivers, where its blocks or its outcome are
        others (the block `other_difference`)."""
        with self.section():
            if self.survey is None:
                return
            there, theirs = outcome_of(self.survey), self.survey.codebook.blocks()
            same = there == outcome and sorted(map(sorted, theirs.values())) == sorted(map(sorted, blocks.values()))
            if len(theirs) > 1 and not same:
                pair = two_blocks(theirs)
                found = importance(self.survey, there, theirs, **self._drawn).contrast(*pair)
                self.say("other_difference", there=there, pair=pair, of_drivers=found, outcome=outcome)

    def division(self, result: Importance) -> None:
        """Of an importance whose draws cost too much to divide exactly: how they were divided; of few respondents a warning."""
        if result.draw_estimates is not None and result.n_effective < RULES["steady_shares"][0]:
            self.say("few_for_shares", result=result, enough=rule("steady_shares"))
        if result.n_orders:
            self.say("division", result=result)

    def many_groups(
        self, result: Heterogeneity, id: str, *, labels: Mapping[str, str] | None = None, unit: str = "correlation"
    ) -> None:
        """Of more than 40 groups: why they are no ranking, how many differ, and the funnel plot `id`; else nothing."""
        if result.many:
            with self.section():
                self.say("many_groups", result=result, id=id)
                labels = self.labels if labels is None else labels
                self.show(result.plot(id, kind="funnel", labels=labels, unit=unit), words="many_groups", result=result)

    def evidence(self, provenance: Provenance | Result, note: Mapping[str, str] | None = None) -> None:
        """State the evidence the report rests on, such as its main result; it heads the page and enters the manifest."""
        provenance = provenance if isinstance(provenance, Provenance) else provenance.provenance
        note = note or getattr(self.survey, "note", None)
        facts: dict[str, Any] = {
            "kind": "evidence",
            **provenance.as_dict(),
            "note": note[self.language] if note else "",
        }
        self._screen.show({"text/markdown": facts["note"]}, facts)


def _quantities(values: Mapping[str, Quantity]) -> list[dict[str, Any]]:
    """The numbers of a finding as plain values, each with its interval, its origin and its tier of evidence."""
    return [
        {
            "name": name,
            "value": value.value,
            "conf_low": value.conf_low,
            "conf_high": value.conf_high,
            "origin": value.origin,
            "tier": value.provenance.tier,
        }
        for name, value in values.items()
        if value.value == value.value
    ]


def _in_words(values: Mapping[str, Quantity], specs: Mapping[str, str], language: str) -> list[dict[str, Any]]:
    """Numbers as the prose prints them, by themselves and with their interval, for a document that cites them."""
    return [
        {
            "name": name,
            "text": value.text(specs[name], language),
            "interval": value.text(f"ci{specs[name]}", language) if value.conf_low is not None else "",
            "origin": f"{value.origin} = {value.value!r}",
            "tier": value.provenance.tier,
        }
        for name, value in values.items()
    ]


def _as_html(shown: Any, language: str, labels: Mapping[str, str]) -> str | None:
    """A result as a table; several one below the other, under the names they have; None of anything else."""
    if isinstance(shown, Result):
        return shown.html(language, labels)
    named = shown.items() if isinstance(shown, dict) else [("", one) for one in shown]
    if not named or not all(isinstance(one, Result) for _, one in named):
        return None
    heads = (f"<p><strong>{escape(str(labels.get(name, name)))}</strong></p>" if name else "" for name, _ in named)
    return "".join(head + one.html(language, labels) for head, (_, one) in zip(heads, named, strict=True))


class _Screen:
    """What the notebook shows, with the card in each output's metadata, where the page is made from.

    Where a notebook runs by hand, "@fig-drivers" in the prose becomes "Figure 3" as soon as that figure is shown.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.names: dict[str, str] = {}
        self.waiting: list[tuple[str, str, dict[str, Any]]] = []

    def show(self, bundle: dict[str, Any], card: dict[str, Any], **place: Any) -> None:
        """An output; nothing outside a notebook."""
        try:
            from IPython import get_ipython
            from IPython.display import display
        except ImportError:
            return
        if get_ipython() is not None:
            display(bundle, raw=True, metadata={"loyaltylab": json.loads(json.dumps(card))}, **place)

    def results(self, labels: Callable[[], Mapping[str, str]]) -> None:
        """From here on a result that ends a cell, or several, show themselves in the report's language and by its labels."""
        if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
            for kind in (Result, dict, list, tuple):
                as_html = shell.display_formatter.formatters["text/html"]
                as_html.for_type(kind, lambda shown: _as_html(shown, self.language, labels()))

    def tell(self, text: str, card: dict[str, Any], *, live: bool) -> None:
        """Prose; `live` where it is read here, not on a page made of it."""
        if not live or not REFERENCE.search(text):
            self.show({"text/markdown": text}, card)
            return
        place = f"loyaltylab-{len(self.waiting)}-{id(self)}"
        self.waiting.append((place, text, card))
        self.show({"text/markdown": self._referring(text)}, card, display_id=place)

    def named(self, exhibit: str, kind: str, number: int) -> str:
        """The name an exhibit has from here on, such as "Figure 3", also in what was told before."""
        name = self.names[exhibit] = f"{WORDS[kind][self.language]} {number}"
        for place, text, card in self.waiting:
            if exhibit in REFERENCE.findall(text):
                self.show({"text/markdown": self._referring(text)}, card, display_id=place, update=True)
        return name

    def _referring(self, text: str) -> str:
        def name(found: re.Match[str]) -> str:
            kind = "figure" if found[1].startswith("fig-") else "table"
            return self.names.get(found[1], f"{WORDS[kind][self.language]} …").replace(" ", "\u00a0")

        return REFERENCE.sub(name, text)
