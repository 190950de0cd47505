"""Simulated surveys: respondents who do not exist, made to return published figures, and how near they come."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..codebook import Codebook, read_codebook
from ..core import (
    LANGUAGES,
    DataError,
    MatrixError,
    Result,
    UnknownName,
    check_known,
    format_number,
    pd,
    taken_from,
    tr,
    whole,
)
from ..kernels import coloured
from ..moments import Moments
from .latent_model import INDICES, AnswerSheet, Instrument, Latent, Respondents, calibration_file, solved
from .mark import blocks, marked
from .scoring import read_survey
from .survey import Survey
from .table import PublishedTable

# ---- Simulated respondents on the loyalty questionnaire, and rows with given moments; synthetic, and no evidence of anything.
#
# Correlated normal factors (emotion, rational, values, bonds, loyalty, and what attitude and behaviour have apart) determine
# underlying variables, of which every answer is a step. Countries and branches differ in emotion, and through it in all that
# goes with emotion. The parameters are searched so that observed scores return the published figures in
# `data/calibration.yml`; what is not published there is assumed, and says so. See `calibration_table`.

#: The day the report was published whose figures are returned.
SEED = 20171205
N = 9213
#: Respondents that memory holds.
MOST = 5_000_000
#: Respondents for whom figures of groups can be matched.
FEWEST = 5000


def simulate(
    n: int = N,
    *,
    seed: int = SEED,
    intercorrelation: float | None = None,
    modules: Iterable[str] = (),
    missing: bool = True,
    matched: bool | None = None,
    clustering: float = 0.02,
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    missing_rule: str = "listwise",
    codebook: str | Path | Codebook = "loyalty",
) -> Survey:
    """Simulated respondents on the loyalty questionnaire, calibrated to published figures; tier `synthetic`.

    Parameters
    ----------
    n : int
        Respondents, 90 or more: ten in each of the nine countries.
    seed : int
        The same seed gives the same respondents, and the same answers whichever modules are asked.
    intercorrelation : float, optional
        Observed correlation between every two of the emotions, rational and values indices; no source prints it, 0.5 by
        assumption. Below 0.3 or above 0.8, about, it cannot go with the published correlations with loyalty.
    modules : iterable of str
        Modules of the codebook; all where none is named. Who the respondents are is always there.
    missing : bool
        Whether 2% (first question) to 6% (last) of the answers are open.
    matched : bool, optional
        True: the parameters are adjusted so that these very respondents return the published figures, as quotas would;
        it needs 5,000 respondents. False: independent draws of one population, for questions about sampling error.
        Left out: matched from 5,000 respondents up.
    clustering : float
        Part of the variance of the emotion factor, within a country, that lies between branches (0 to 0.5).
    weight, cluster, strata : str, optional
        Columns of the design, such as "wt" and "branch"; nothing is weighted unless you name the weight.
    missing_rule : str
        What happens to an open answer, as in `read_survey`.
    codebook : name, path or Codebook
        The questionnaire that is answered.

    Returns
    -------
    Survey
        With its codebook, of the tier `synthetic`.

    Raises
    ------
    ModelError
        For an intercorrelation that cannot be.
    DataError, UnknownName
        For fewer than 90 respondents, or too few to match; for a module that does not exist.

    Examples
    --------
    >>> survey = simulate(900, modules=("emotions", "outcomes"))
    >>> survey.provenance.tier
    'synthetic'
    """
    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    rows = simulated_rows(
        n,
        seed=seed,
        intercorrelation=intercorrelation,
        modules=modules,
        missing=missing,
        matched=matched,
        clustering=clustering,
        codebook=book,
    )
    book = replace(book, tier="synthetic", source=source_line(n, seed), citation="")
    return read_survey(rows, book, weight=weight, cluster=cluster, strata=strata, missing=missing_rule)


def asked_for(data: str) -> dict[str, Any]:
    """What `simulated n=2000 seed=7` asks for."""
    asked: dict[str, Any] = {}
    for word in data.split()[1:]:
        name, _, value = word.partition("=")
        try:
            asked[name] = {"n": int, "seed": _seed, "intercorrelation": float}[name](value)
        except (KeyError, ValueError):
            raise UnknownName(
                f"'{word}' in '{data}': write it as in 'simulated n=2000 seed=7', with n, seed, intercorrelation."
            ) from None
    return asked


def _seed(text: str) -> int:
    if (seed := int(text)) < 0:
        raise ValueError
    return seed


def source_line(n: int, seed: int) -> dict[str, str]:
    """Source of simulated respondents, by language."""
    text = tr("simulated respondents, not people (n = {n}, seed {seed}); made to return published figures")
    return text.filled(n={language: format_number(n, ",d", language) for language in LANGUAGES}, seed=seed)


def simulated_rows(
    n: int = N,
    *,
    seed: int = SEED,
    intercorrelation: float | None = None,
    modules: Iterable[str] = (),
    missing: bool = True,
    matched: bool | None = None,
    clustering: float = 0.02,
    codebook: str | Path | Codebook = "loyalty",
) -> pd.DataFrame:
    """The simulated answers as they would stand in a file: reversed items as answered, open answers empty.

    Parameters
    ----------
    n, seed, intercorrelation, modules, missing, matched, clustering, codebook
        As in `simulate`.

    Returns
    -------
    DataFrame
        A column for each question asked.

    Raises
    ------
    DataError, ModelError, UnknownName
        As `simulate`.

    Examples
    --------
    >>> rows = simulated_rows(90, seed=1)
    >>> len(rows), int(rows["recommend"].between(0, 10).sum() + rows["recommend"].isna().sum())
    (90, 90)
    """

    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    if n > MOST:
        raise DataError(f"n = {n:,}: more than {MOST:,} respondents are not simulated at once. Ask for fewer.")
    if n < 10 * len(calibration_file()["countries"]):
        raise DataError(f"n = {n}: fewer than ten respondents in each of the nine countries. Simulate 90 or more.")
    if matched and n < FEWEST:
        raise DataError(f"n = {n}: fewer than {FEWEST:,} respondents cannot be matched to shares of small groups.")
    matched = n >= FEWEST if matched is None else matched
    if not 0 <= clustering <= 0.5:
        raise DataError(f"clustering {clustering:g}: allowed: 0 to 0.5, a part of the variance.")
    wanted = _wanted(book, tuple(modules))
    assumed = calibration_file()["intercorrelation"]["value"]
    of = Instrument(book, assumed if intercorrelation is None else float(intercorrelation))
    who = Respondents(book, n, seed, clustering, missing)
    latent = _searched(of, who) if matched else solved(of, of.goal)
    names = [name for name in book.items if name in wanted]
    sheet = AnswerSheet(who, of, latent, balanced=matched)
    rows = sheet.frame(names)
    of_blocks = set(itertools.chain(*blocks(book)))
    with_mark = [name for name in book.items if name in of_blocks]
    answers = marked(sheet.frame(with_mark), book, _alike(sheet, matched))
    return rows.assign(**{name: answers[name] for name in names if name in answers})


def _wanted(book: Codebook, modules: tuple[str, ...]) -> set[str]:
    """The items of some modules, with what is known of every respondent."""
    for module in modules:
        check_known("module", module, book.modules)
    return {i.name for i in book.items.values() if not modules or i.module in (*modules, "who", "")}


def _alike(sheet: AnswerSheet, matched: bool) -> list[npt.NDArray[np.float64]]:
    """What the published figures tell respondents apart by: loyalty, the class of emotion, and how often they buy."""
    if not matched:  # nothing is returned to the letter
        return []
    book, found = sheet.who.book, calibration_file()
    emotion, loyalty = (sheet.frame(list(book.scales[name].items)) for name in ("EMOTION", "LOYALTY"))
    for name in loyalty:
        if book.items[name].reverse and (span := book.items[name].range):
            loyalty[name] = sum(span) - loyalty[name]
    cuts, often = found["engagement"]["cuts"], sheet.values(found["frequency"]["item"])
    return [np.rint(loyalty.mean(axis=1).fillna(0)), np.digitize(emotion.mean(axis=1).fillna(0), cuts), often]


def _searched(of: Instrument, who: Respondents) -> Latent:
    """The model with which these very respondents return the published figures.

    It is the search of the population, for targets moved by what sampling and open answers made of them.
    """
    latent, (own, opened) = solved(of, of.goal), who.fixed(of)
    for _ in range(3):
        expected, found = latent.figures(of), who.figures(of, latent, own, opened)
        goal = {name: of.goal[name] + expected[name] - found[name] for name in of.goal}
        for name in ("group", "high", "low"):
            goal[name] = np.clip(goal[name], 0.01, 0.99)
        latent = solved(of, goal, latent)
    return latent


def exact_rows(
    mean: npt.ArrayLike,
    cov: npt.ArrayLike,
    n: int,
    *,
    names: Sequence[str] | None = None,
    seed: int = SEED,
    divisor: int | None = None,
) -> pd.DataFrame:
    """Rows whose sample means and covariances are those given, to rounding: how a printed table becomes rows.

    The rows are normal draws, centred, whitened by their own covariances and coloured; anything that depends on means
    and covariances alone is as in the table, and nothing else means anything.

    Parameters
    ----------
    mean, cov : array (k,), (k, k)
        What the rows will have.
    n : int
        Rows, more than k.
    names : sequence of str, optional
        Of the columns; v1, v2, … without.
    seed : int
        Of the normal draws.
    divisor : int, optional
        What the sums of squares are divided by to give `cov`: n − 1 unless you say otherwise.

    Returns
    -------
    DataFrame
        Rows of numbers.

    Raises
    ------
    MatrixError
        For shapes that do not fit, too few rows, or covariances no data can have.

    Examples
    --------
    >>> rows = exact_rows([3, 5], [[1, 0.5], [0.5, 2]], 40, names=["trust", "price"])
    >>> rows.cov().round(12).to_numpy().tolist(), rows.mean().round(12).tolist()
    ([[1.0, 0.5], [0.5, 2.0]], [3.0, 5.0])
    """
    mean, cov = np.asarray(mean, dtype=float), np.asarray(cov, dtype=float)
    names = [f"v{i}" for i in range(1, mean.size + 1)] if names is None else list(names)
    if mean.ndim != 1 or cov.shape != (mean.size, mean.size) or len(names) != mean.size:
        raise MatrixError(f"means {mean.shape}, covariances {cov.shape} and {len(names)} names do not fit together.")
    if not (np.isfinite(mean).all() and np.isfinite(cov).all() and np.allclose(cov, cov.T, rtol=0, atol=1e-12)):
        raise MatrixError("means and covariances must be numbers, and covariances alike on both sides of the diagonal.")
    return pd.DataFrame(coloured(mean, cov, n, seed, n - 1 if divisor is None else divisor), columns=names)


def rows_of(table: PublishedTable, *, seed: int = SEED) -> pd.DataFrame:
    """Rows with the moments of a published table: as many as its respondents; standardised where it prints no means.

    Parameters
    ----------
    table : PublishedTable
        As `read_table` gives it.
    seed : int
        Of the normal draws.

    Returns
    -------
    DataFrame
        A column for each variable.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> rows = rows_of(read_table("hedonic_utilitarian"))
    >>> rows.shape, round(float(rows["AttLoyalty"].corr(rows["Enjoyment"])), 12)
    ((190, 9), 0.42)
    """
    m: Moments = table.everything
    return exact_rows(np.nan_to_num(m.mean), m.cov, int(m.n), names=m.names, seed=seed)


def build(folder: str | Path, n: int = N, seed: int = SEED) -> list[Path]:
    """Write the simulated respondents as csv and sav, and as parquet where pyarrow is installed; the same bytes each time.

    Their numbers begin with "simulated-", the sav and the parquet file say so in their metadata, and the answers bear a mark
    (`survey.mark`): read back, they are synthetic too, also without the numbers, with some of the rows and columns, in
    another order or another kind of file. The mark is told from three items of one block with some hundreds of respondents;
    from fewer, or with other column names, it is not.

    Parameters
    ----------
    folder : str or Path
        Made where it is not there.
    n : int
        Respondents, 90 or more.
    seed : int
        The same seed writes the same bytes.

    Returns
    -------
    list of Path
        The files written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in build(folder, n=90)]
    ['simulated.csv', 'simulated.sav', 'simulated.parquet']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    book = read_codebook("loyalty")
    rows = simulated_rows(n, seed=seed, codebook=book)
    files = [folder / f"simulated.{ending}" for ending in ("csv", "sav", "parquet")]
    with whole(files[0]) as path:
        rows.to_csv(path, index=False, lineterminator="\n", float_format="%.10g")
    with whole(files[1]) as path:
        _write_sav(rows, book, path, n, seed)
    rows.attrs["loyaltylab"] = f"SYNTHETIC: {source_line(n, seed)['en']}"  # into the file's own metadata
    if not find_spec("pyarrow"):  # the extra 'parquet'
        return files[:2]
    with whole(files[2]) as path:
        rows.to_parquet(path, index=False)
    return files


#: Where a sav file says when it was made: 9 characters of date and 8 of time, in a header of fixed layout.
_MADE = slice(92, 109)


def _write_sav(rows: pd.DataFrame, book: Codebook, path: Path, n: int, seed: int) -> None:
    """A sav file with labels and without the clock."""
    import pyreadstat

    labels = {name: book.items[name].label["en"] for name in rows}
    values = {
        name: {k: v["en"] for k, v in book.items[name].values.items()} for name in rows if book.items[name].values
    }
    title = f"SYNTHETIC: {source_line(n, seed)['en']}"[:64]
    pyreadstat.write_sav(
        rows, str(path), file_label=title, column_labels=labels, variable_value_labels=values, row_compress=True
    )
    content = bytearray(path.read_bytes())
    content[_MADE] = b"05 Dec 1700:00:00"
    path.write_bytes(content)


# ---- `Calibration`: what simulated respondents return of the published figures, each with its source and grade.

#: How far an achieved figure may be from its target, by measure.
TOLERANCES = {"respondents": 0.0, "groups": 0.0, "place": 0.0, "correlation": 0.01, "share": 0.01}


@dataclass(frozen=True, eq=False)
class Calibration(Result):
    """Target, source, grade, what was achieved and the difference, of every figure the simulation is searched for.

    The achieved figures are computed from the answers, apart from the search.

    Attributes
    ----------
    survey : Survey
        The simulated respondents.
    language : str
        Of the words: en or nl.
    intercorrelation : float, optional
        Assumed between the indices; that of the file where None.

    See Also
    --------
    loyaltylab.survey.calibration_table : Makes it.
    """

    survey: Survey
    language: str = "en"
    intercorrelation: float | None = None
    keys = ("measure", "term", "against")

    provenance = taken_from("survey.provenance")

    @property
    def cuts(self) -> tuple[float, float]:
        """Lowest medium and lowest high engagement."""
        low, high = calibration_file()["engagement"]["cuts"]
        return float(low), float(high)

    @property
    def often(self) -> str:
        """The item whose shares are by purchase frequency."""
        return str(calibration_file()["frequency"]["feels"]["item"])

    def in_language(self, language: str) -> Calibration:
        """The same, its sources in another language."""
        return replace(self, language=language)

    @cached_property
    def rows(self) -> list[tuple[str, str, str, dict[str, Any], float]]:
        """Measure, term, against, target and achieved figure."""
        return [*self._sizes(), *self._correlations(), *self._shares()]

    def _sizes(self) -> Iterator[tuple[str, str, str, dict[str, Any], float]]:
        size, frame = calibration_file()["survey"], self.survey.frame
        yield "respondents", "all", "", size["n"], float(len(frame))
        yield "groups", "country", "", size["countries"], float(frame["country"].nunique())

    def _correlations(self) -> Iterator[tuple[str, str, str, dict[str, Any], float]]:
        found, R = calibration_file(), self.survey.frame[[*INDICES, *calibration_file()["emotions"]]].corr()
        for index, row in found["correlations"].items():
            yield "correlation", index, "LOYALTY", row, R.loc[index, "LOYALTY"]
        between = dict(found["intercorrelation"])
        if self.intercorrelation is not None:
            between["value"] = self.intercorrelation
        for a, b in (("EMOTION", "RATIONAL"), ("EMOTION", "VALUES"), ("RATIONAL", "VALUES")):
            yield "correlation", a, b, between, R.loc[a, b]
        for emotion, row in found["emotions"].items():
            yield "correlation", emotion, "LOYALTY", row, R.loc[emotion, "LOYALTY"]
        places = R.loc[list(found["emotions"]), "LOYALTY"].rank(ascending=False)
        last = float(places[found["leading"]["items"]].max())
        yield "place", "leading", "LOYALTY", found["leading"], last

    def _shares(self) -> Iterator[tuple[str, str, str, dict[str, Any], float]]:
        found, frame = calibration_file(), self.survey.frame
        emotion = frame["EMOTION"]
        low, high = found["engagement"]["cuts"]
        codes = {label["en"]: code for code, label in self.survey.codebook.items["country"].values.items()}
        for country, row in found["countries"].items():
            there = emotion[frame["country"] == codes[country]].dropna()
            yield "share", "high", country, row, (there >= high).mean()
        for outcome in found["outcomes"]:
            for group, members in (("high", emotion >= high), ("low", emotion < low)):
                if group in outcome:
                    answers = frame.loc[members, outcome["item"]].dropna()
                    yield "share", outcome["item"], group, outcome[group], (answers >= outcome["from"]).mean()
        feels, often = found["frequency"]["feels"], self.survey.codebook.items[found["frequency"]["item"]]
        for code, row in found["frequency"]["groups"].items():
            answers = frame.loc[frame[often.name] == code, feels["item"]].dropna()
            yield "share", feels["item"], often.values[code]["en"], row, (answers >= feels["from"]).mean()

    def columns(self) -> list[dict[str, Any]]:
        return [
            {
                "measure": measure,
                "term": term,
                "against": against,
                "target": float(target["value"]),
                "grade": target["grade"],
                "source": target["source"][self.language],
                "estimate": float(achieved),
                "difference": float(achieved) - float(target["value"]),
                "tolerance": TOLERANCES[measure],
            }
            for measure, term, against, target, achieved in self.rows
        ]

    def whole(self) -> dict[str, Any]:
        data = self.tidy()
        held = data["difference"].abs() <= data["tolerance"] + 1e-12
        published = data["grade"] != "assumed"
        counts = {"n": len(self.survey.frame), "n_targets": len(data), "n_published": int(published.sum())}
        return {**counts, "n_held": int(held.sum())}


def calibration_table(
    survey: Survey | None = None, *, intercorrelation: float | None = None, language: str = "en", **options: Any
) -> Calibration:
    """The published figures and what simulated respondents return of them.

    Parameters
    ----------
    survey : Survey, optional
        Simulated respondents; those of `simulate` where left out.
    intercorrelation : float, optional
        As `simulate` takes it; it is said in the table.
    language : str
        Of the words: en or nl.
    **options : Any
        Of `simulate`, such as `n` and `seed`.

    Returns
    -------
    Calibration
        `tidy()` has a row for each published figure: the figure, what the respondents return, and the tolerance.

    Examples
    --------
    >>> found = calibration_table(simulate(n=500, seed=1))
    >>> len(found.tidy()) > 20
    True
    """
    return Calibration(survey or simulate(intercorrelation=intercorrelation, **options), language, intercorrelation)
