"""What a look at a survey file can find: every check with its severity, words and rule, and the findings themselves."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core import LANGUAGES, Provenance, Result, format_number, pd, tr

#: Worst first. An error must be mended first; a warning may change a conclusion; a note is good to know.
SEVERITIES = {
    "error": tr("error"),
    "warning": tr("warning"),
    "note": tr("note"),
}


@dataclass(frozen=True)
class Check:
    """One thing to look for: how bad it is, what was seen and what to do, in both languages; `asks_nothing` of the reader."""

    severity: str
    what: Mapping[str, str]
    todo: Mapping[str, str]
    asks_nothing: bool = False


#: Name → check, in the order they are reported. The functions that look are in the package `checks`.
CHECKS: dict[str, Check] = {
    # ---- columns of the file
    "how_read": Check("note", tr("on reading the file: {how}"), tr("nothing, if that is right"), True),
    "padded_header": Check(
        "note",
        tr("the header has blanks around it; they were taken off"),
        tr("nothing; correct the file if others use it"),
        True,
    ),
    "absent_column": Check(
        "warning",
        tr("the codebook describes this column, the file does not have it{scales}"),
        tr("correct the name in the codebook, or take the item out"),
    ),
    "unknown_column": Check(
        "note",
        tr("columns of the file that the codebook does not have, so they are not used: {n_columns:,d} ({columns})"),
        tr("add what you need to the codebook"),
        True,
    ),
    "empty_column": Check(
        "warning", tr("nobody has an answer here"), tr("check the export, or take the item out of the codebook")
    ),
    "constant_column": Check(
        "warning",
        tr("every answer is {value:g}; a column that does not vary explains nothing"),
        tr("check the export, or leave it out of the model"),
    ),
    "same_column": Check(
        "warning",
        tr("says nothing that {other} does not: in every row it is {how}"),
        tr("find out which is the real one and leave the other out"),
    ),
    "formula_cell": Check(
        "warning",
        tr("texts begin like a spreadsheet formula (=, +, - or @)"),
        tr("rename these answers; opened in a spreadsheet they could run as a formula"),
    ),
    # ---- answers
    "text_among_numbers": Check(
        "error",
        tr("column '{where}' holds text in {n_rows:,d} of {n_all:,d} rows ({found})"),
        dict.fromkeys(LANGUAGES, "{remedy}"),
    ),
    "outside_range": Check(
        "error",
        tr("column '{where}' holds {found} in {n_rows:,d} of {n_all:,d} rows; the codebook allows {allowed}"),
        dict.fromkeys(LANGUAGES, "{remedy}"),
    ),
    "unlisted_answer": Check(
        "warning",
        tr(
            "answers that its values do not list ({found}; listed are {allowed}), counted as a group of their own: not listed"
        ),
        tr("add them to the values of {where}, or to its missing codes"),
    ),
    "alike_answers": Check(
        "warning",
        tr(
            "answers that differ only in capitals, blanks or how an accent is stored ({found}) count as groups of their own"
        ),
        tr("write them in one way in the file, or list them under values with one code"),
    ),
    "two_answers": Check(
        "warning",
        tr("answered with 0 and 1 only, while the codebook allows {low:g} to {high:g}"),
        tr("this looks like a box to tick: check that it is the question the codebook means"),
    ),
    "guessed_missing": Check(
        "warning",
        tr("{codes} taken as no answer, which is a guess ({why})"),
        tr("say in the codebook what it is: keep it under 'missing', or take it out and widen the range"),
    ),
    "labelled_missing": Check(
        "warning",
        tr("the file labels {code:g} as '{label}', yet the codebook counts it as an answer"),
        tr("add {code:g} to the missing codes"),
    ),
    "likely_missing": Check(
        "warning",
        tr("{code:g} stands apart from all other answers ({low:g} to {high:g}) and is often a code for 'no answer'"),
        tr("add it to the missing codes, or give the item a range that includes it"),
    ),
    "marked_missing": Check(
        "note",
        tr("the file itself marks these answers as missing; they are blank"),
        tr("nothing, if that is right"),
        True,
    ),
    "tick_list": Check(
        "note",
        tr(
            "{n_items:,d} questions answered with {span} only ({columns}): boxes to tick, where ticking none is an answer"
        ),
        tr("nothing; they are left out of the search for careless answers"),
        True,
    ),
    "computed_column": Check(
        "warning",
        tr("is the {how} of {items}"),
        tr("keep it, or the questions it is made of, not both in one model"),
    ),
    "lost_rows": Check(
        "warning",
        tr(
            "{part:.0%} of all rows are lost to missing answers: {n_complete:,d} are complete on {outcome} and all its drivers"
        ),
        tr("run the report with missing=imputed as well, or take out the question that most people skipped"),
    ),
    "nonresponse": Check(
        "warning",
        tr("{part:.0%} did not answer (more than {rule:.0%})"),
        tr("ask who they are before you generalise; run the report with missing=imputed as well"),
    ),
    # ---- respondents
    "straight_lining": Check(
        "warning",
        tr("the same answer to all of the {n_items:,d} questions answered from {span}"),
        tr("run the report with and without them: exclude straight_lining"),
    ),
    "speeding": Check(
        "warning",
        tr("faster than half the median time of {median:,.0f} seconds"),
        tr("run the report with and without them: exclude speeding"),
    ),
    "same_answers": Check(
        "warning",
        tr("all {n_items:,d} answers are those of an earlier row"),
        tr("check whether the file holds rows twice: exclude same_answers"),
    ),
    "repeated_respondent": Check(
        "warning",
        tr("{n_units:,d} respondents in {n_all:,d} rows"),
        tr("rows of one person are not independent: name {where} as cluster, or exclude repeated_respondent"),
    ),
    "test_rows": Check(
        "warning",
        tr("no answers of respondents: the survey tool calls them “{said}”"),
        tr("take those rows out of the file, or export it without tests"),
    ),
    "unfinished": Check(
        "note",
        tr("not finished, by what the survey tool says"),
        tr("whoever answered the questions of a model is used; take those rows out of the file if they should not be"),
    ),
    "impossible": Check(
        "warning",
        tr("answers that cannot go together: {label}"),
        tr("correct the file, or run with and without them: exclude impossible"),
    ),
    # ---- scales
    "unreversed_item": Check(
        "warning",
        tr("goes against the rest of {scale}: item-rest correlation {item_rest:.2f}"),
        tr("if it is worded the other way, set reverse: true in the codebook"),
    ),
    "against_block": Check(
        "warning",
        tr(
            "goes against its block ({block}): correlates {among:.2f} with the other drivers in it, and {r:.2f} with the outcome where they do {others:.2f}"
        ),
        tr(
            "most often a forgotten reverse: true; if not, it works against the outcome, and a share of it does not show that"
        ),
    ),
    "against_outcome": Check(
        "warning",
        tr("the more of it, the less of {outcome}: they correlate {r:.2f}"),
        tr(
            "a forgotten reverse: true looks like this; if it is none, it works against the outcome, and a share of it does not show that"
        ),
    ),
    "bad_item": Check(
        "warning",
        tr("alpha of {scale} is {alpha:.3f} and would be {without:.3f} without this item"),
        tr("reread its wording; report the scale with and without it"),
    ),
    "low_reliability": Check(
        "warning",
        tr("raw alpha is {alpha:.3f}, under {rule:.1f}"),
        tr("treat its results as those of single items, or mend the scale"),
    ),
    "alpha_kinds": Check(
        "note", tr("raw alpha is {alpha:.3f}, standardised {standardised:.3f}"), tr("say which of the two you print")
    ),
    "mixed_ranges": Check(
        "warning",
        tr("nobody goes above {high:g}, while the other items of {scale} are answered up to {top:g}"),
        tr("check whether it was asked on another scale; a mean of different scales means nothing"),
    ),
    "one_construct": Check(
        "warning",
        tr("HTMT with {other} is {htmt:.2f}, above {rule:.1f}: the two may be one"),
        tr("join them, or do not compare their importance"),
    ),
    "criterion_overlap": Check(
        "warning",
        tr("belongs to the outcome {outcome} and to the driver {driver}: the model explains it by itself"),
        tr("leave the item out of one of them"),
    ),
    "single_factor": Check(
        "note",
        tr("one factor accounts for {part:.0%} of the variance of all items (more than {rule:.0%})"),
        tr("a common way of answering may inflate every correlation; check with a marker variable"),
    ),
    # ---- the design
    "more_drivers_than_rows": Check(
        "error",
        tr("{n_drivers:,d} drivers for {n_rows:,d} complete respondents"),
        tr("leave drivers out or join them in scales; at least {needed:,d} respondents are needed to fit anything"),
    ),
    "few_rows_per_driver": Check(
        "warning",
        tr("{n_drivers:,d} drivers for {n_rows:,d} complete respondents, fewer than {rule:.0f} each"),
        tr("expect wide intervals; join drivers in scales"),
    ),
    "few_rows_for_shares": Check(
        "note",
        tr("{n_rows:,d} complete respondents; below {rule:.0f} the interval of the largest share holds it too seldom"),
        tr("say how few there are beside the share, or ask more people"),
    ),
    "negative_weight": Check(
        "error", tr("weights below zero"), tr("correct them; a weight says how many people a respondent stands for")
    ),
    "missing_weight": Check(
        "warning", tr("no weight; with this weight named, these rows are left out"), tr("ask whoever made the weights")
    ),
    "missing_cluster": Check(
        "warning",
        tr("blank; with this cluster named, these rows are left out"),
        tr("find out to whom these rows belong"),
    ),
    "zero_weights": Check("error", tr("every weight is zero"), tr("correct the column, or leave the weight out")),
    "weight_effect": Check(
        "warning",
        tr("the weights make {n_rows:,d} respondents worth {n_effective:,.0f} (design effect {effect:.1f})"),
        tr("report the effective n; ask whether extreme weights were trimmed"),
    ),
    "unused_weight": Check(
        "note",
        tr("the codebook has a weight; it is used only when you name it"),
        tr("name it to speak about the population: weight={where}"),
    ),
    "clustered_rows": Check(
        "note",
        tr("{n_units:,d} clusters in {n_all:,d} rows"),
        tr("name it, or intervals come out too narrow: cluster={where}"),
    ),
    "tiny_segment": Check(
        "note",
        tr("groups of fewer than {min_cell:,d} respondents, which are not shown: {n_segments:,d}"),
        tr("join groups in the codebook if you want to see them"),
    ),
}


@dataclass(frozen=True)
class Finding:
    """Something a check saw: which check, where, in how many rows, and the values its words need.

    Attributes
    ----------
    check : str
        A key of the registry `CHECKS`.
    where : str
        Column or item.
    n_rows : int, optional
        Rows it is about; None where that means nothing.
    fields : mapping of str → Any
        Values its words need.

    Examples
    --------
    >>> one = Finding("padded_header", "q1", fields={"found": "' q1'"})
    >>> one.severity
    'note'
    """

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
    """All that the checks found in a file, worst first.

    `model` is what reports would be about: its outcome, its blocks, metrics and segments, and how many are complete on them.

    Attributes
    ----------
    found : sequence of Finding
        Worst first.
    n_all : int
        Rows of the file.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    language : str
        Of the words: en or nl.
    guessed : bool
        Whether the codebook is a guess.
    model : mapping of str → Any
        What reports would be about.

    See Also
    --------
    loyaltylab.survey.check_survey : Makes it.
    """

    found: tuple[Finding, ...]
    n_all: int
    provenance: Provenance
    language: str = "en"
    guessed: bool = False
    model: Mapping[str, Any] = field(default_factory=dict)
    keys = ("check", "where")

    def by_kind(self, every: bool = True) -> list[tuple[Finding, ...]]:
        """Findings of one check together, the one of most rows first; without `every`, those that ask something of you."""
        kinds: dict[str, list[Finding]] = {}
        for one in self.found:
            if every or not CHECKS[one.check].asks_nothing:
                kinds.setdefault(one.check, []).append(one)
        return [tuple(sorted(found, key=lambda one: -(one.n_rows or 0))) for found in kinds.values()]

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
        rows = [
            (f.severity, f.check, f.where, f.n_rows, f.what(self.language), f.todo(self.language)) for f in self.found
        ]
        columns = ["severity", "check", "where", "n_rows", "what", "todo"]
        return pd.DataFrame(rows, columns=columns).astype({"n_rows": "Int64"})

    def whole(self) -> dict[str, Any]:
        counts = {f"n_{name}s": number for name, number in self._counts().items()}
        return {"n_rows": self.n_all} | counts


def worst_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity, then in the order of the registry.

    Parameters
    ----------
    found : sequence of Finding
        In any order.

    Returns
    -------
    sequence of Finding
        The same findings.

    Examples
    --------
    >>> found = worst_first([Finding("padded_header", "q1"), Finding("absent_column", "q2")])
    >>> [one.severity for one in found]
    ['warning', 'note']
    """
    severities, checks = list(SEVERITIES), list(CHECKS)
    return tuple(sorted(found, key=lambda f: (severities.index(f.severity), checks.index(f.check))))
