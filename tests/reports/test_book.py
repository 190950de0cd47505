"""The book: every report run at once, what goes wrong in one of them, and the findings on the page of all runs."""

import random
import re

import pytest

from loyaltylab.core import home
from loyaltylab.core.errors import ReportError, UnknownName
from loyaltylab.reports import run_book, run_report, verify_run
from loyaltylab.reports.cards import findings_of, headline_of

from ..conftest import texts, write
from ..runs import command, terminal
from .test_index import content
from .test_reports import notebook
from .test_sweeps import left_over, whole_runs

SAY = """
import loyaltylab as ll
report = ll.Report('{0}', language=language)
report.evidence(ll.Provenance('{1}', 'made up for a test'))
report.say('opening')
"""
LANGUAGE = "language: str = 'en'  # [en|nl] language\n"


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A project of three reports, of which the second fails and the third has a parameter of its own."""
    (tmp_path / "home" / "data" / "codebooks").mkdir(parents=True)
    folder = tmp_path / "home" / "notebooks"
    folder.mkdir()
    for name in ("one", "two"):
        opening = f"## In short\n\n> **Finding {name}.** More.", f"## In het kort\n\n> **Bevinding {name}.** Meer."
        texts(folder, name, title=(f"Title {name}", f"Titel {name}"), opening=opening)
    notebook(folder / "9_early.ipynb", SAY.format("one", "observed"), parameters=LANGUAGE)
    notebook(folder / "100_late.ipynb", "1 / 0", parameters=LANGUAGE)
    notebook(folder / "20_own.ipynb", SAY.format("two", "synthetic"), parameters=LANGUAGE + "n: int = 1  # a number\n")
    monkeypatch.setenv("LOYALTYLAB_HOME", str(tmp_path / "home"))
    return folder


# ---- the headline --------------------------------------------------------------------------------------------------------


def executed(*prose, language="en"):
    """An executed notebook as far as its headline goes: a title, two exhibits, and prose."""
    found = [{"kind": "title", "text": "T", "language": language}]
    found += [{"kind": "figure", "id": "fig-a", "number": 3}, {"kind": "table", "id": "tbl-b", "number": 1}]
    outputs = [{"output_type": "display_data", "data": {}, "metadata": {"loyaltylab": card}} for card in found]
    for text in prose:
        card = {"loyaltylab": {"kind": "prose", "numbers": {}}}
        outputs.append({"output_type": "display_data", "data": {"text/markdown": text}, "metadata": card})
    return {"cells": [{"cell_type": "code", "outputs": outputs}]}


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        ("## In short\n\n> **Trust leads.** Not price.\n\n- a point", "Trust leads."),
        ("> **Trust beats price vs. Quality.** More.", "Trust beats price vs. Quality."),
        ("> **Trust leads.\n> Price does not.** More.", "Trust leads. Price does not."),
        ("> **R² is 0.51, *not* 0.6.**", "R² is 0.51, not 0.6."),
        ("> **like\\_1 \\*\\* R\\&amp;D &lt; all.** More.", "like_1 ** R&amp;D < all."),
        ("> **Trust leads** in these simulated data. More.", "Trust leads in these simulated data."),
        ("> In these simulated data **trust leads.** More.", "In these simulated data trust leads."),
        ("> **Trust leads (@fig-a, @tbl-b).** More.", "Trust leads."),
        ("> **As @fig-a shows, trust leads.**", "As Figure 3 shows, trust leads."),
        ("> **Is it trust?** No.", "Is it trust?"),
        ("> **Trust leads.**\n\n> **Another quote.**", "Trust leads."),
        ("> Trust leads. More.", "Trust leads."),
        ("No quote: 3 > 2.", ""),
    ],
)
def test_the_headline_is_the_bold_opening_of_the_first_quote(text, headline):
    assert headline_of(executed("## Before\n\nProse.", text, "> **Later.**")) == (headline or "Later.")


def test_a_report_without_a_quote_has_no_headline_and_figures_have_the_reports_language():
    assert headline_of(executed("Prose.")) == headline_of({"cells": []}) == ""
    assert headline_of(executed("> **Zie @tbl-b.**", language="nl")) == "Zie Tabel 1."


def test_an_escaped_reference_supports_no_finding():
    said = executed(r"> **Mail us\@fig-a; trust leads (@tbl-b).** More.")
    said["cells"][0]["outputs"][-1]["metadata"]["loyaltylab"]["quantities"] = []
    (finding,) = findings_of(said, "observed")
    assert finding["exhibits"] == ["tbl-b"] and finding["text"] == "Mail us@fig-a; trust leads."


def test_a_run_keeps_its_headline_and_number_and_verifies(shelf, tmp_path, quick_kernels):
    run = run_report("own", {"language": "nl"}, folder=tmp_path / "r")
    assert (run.manifest["headline"], run.manifest["number"]) == ("Bevinding two.", 20)
    assert verify_run("own", folder=tmp_path / "r").verdict == "identical"
    elsewhere = run_report(notebook(tmp_path / "small.ipynb", "1"), folder=tmp_path / "r")
    assert (elsewhere.manifest["headline"], elsewhere.manifest["number"]) == ("", None)


# ---- all reports ---------------------------------------------------------------------------------------------------------


def test_all_reports_run_and_one_that_fails_does_not_stop_the_rest(shelf, tmp_path, quick_sweeps):
    write(shelf / "30_broken.ipynb", "{")
    told = []
    book = run_book(
        {"language": "nl", "n": "3"},
        as_text=["language", "n"],
        folder=tmp_path / "r",
        jobs=1,
        progress=lambda *e: told.append(e),
    )
    assert [str(point) for point in book.points] == ["early", "own", "30_broken", "late"], "in the order of the numbers"
    assert [point.report for point in book.done] == ["early", "own"], [point.error for point in book.points]
    assert not book.was_there
    assert book.points[2].error == "30_broken.ipynb is not a Jupyter notebook."
    assert "ZeroDivisionError" in book.points[3].error
    assert [point.run.manifest["parameters"] for point in book.done] == [{"language": "nl"}, {"language": "nl", "n": 3}]
    assert book.without == {"n": ("early", "late")}
    assert {str(point) for *_, point in told if point} == {"early", "own", "late"}
    assert told[-1][:2] == (3.0, 3)
    assert len(whole_runs(tmp_path / "r")) == 2 and not left_over(tmp_path / "r")

    notebook(shelf / "100_late.ipynb", "1", parameters=LANGUAGE)
    again = run_book({"language": "nl", "n": 3}, folder=tmp_path / "r")
    assert [point.report for point in again.was_there] == ["early", "own"]
    assert [point.report for point in again.done] == ["late"]


def test_only_some_reports_and_one_whose_own_data_are_not_there(tmp_path, quick_sweeps):
    first = notebook(tmp_path / "first.ipynb", "print(n)")
    second = notebook(
        tmp_path / "second.ipynb", "1", parameters="data: str = ''  # data\ncodebook: str = 'gone.yml'  # book\n"
    )
    book = run_book(reports=[first, second], folder=tmp_path / "r")
    assert [point.report for point in book.done] == ["first"]
    assert [point.report for point in book.failed] == ["second"] and "gone.yml" in book.failed[0].error


@pytest.mark.parametrize(
    ("parameters", "options", "error", "message"),
    [
        ({"langauge": "nl"}, {}, UnknownName, "parameter 'langauge' does not exist; did you mean 'language'? Possible: language, n. No report has it. See: loyaltylab list."),
        ({"language": "fr"}, {}, ReportError, "report 'early': parameter 'language' is 'fr'; allowed: en, nl."),
        ({"n": "many"}, {"as_text": ["n"]}, ReportError, "report 'own': parameter 'n' takes a whole number, not 'many'. a number."),
        ({}, {"formats": ["htm"]}, UnknownName, "format 'htm' does not exist; did you mean 'html'? Possible: html, pdf, docx."),
        ({}, {"jobs": 0}, ReportError, "jobs is 0; at least one run must go at a time."),
        ({}, {"widths": ["three"]}, UnknownName, "width 'three' does not exist. Possible: one, two, slide."),
        ({}, {"reports": []}, ReportError, "there are no reports here: the folder notebooks/ holds no notebook."),
    ],
)  # fmt: skip
def test_a_wrong_book_is_refused_before_anything_runs(
    shelf, tmp_path, monkeypatch, parameters, options, error, message
):
    monkeypatch.setattr("loyaltylab.reports.sweeps.sweep.made", lambda *_, **__: pytest.fail("a run was started"))
    with pytest.raises(error) as caught:
        run_book(parameters, folder=tmp_path / "r", **options)
    assert str(caught.value) == message
    assert not (tmp_path / "r").exists()


def test_data_that_are_not_there_are_refused_once_and_a_reports_own_choices_are_not(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(
        "loyaltylab.reports.sweeps.sweep.made", lambda calls, *_, **__: started.extend(calls) or (_ for _ in ())
    )
    paths = [
        notebook(tmp_path / "a.ipynb", "1", parameters="data: str = 'mobi'  # data\n"),
        notebook(tmp_path / "b.ipynb", "1", parameters="data: str = 'x'  # [x|y] data\n"),
    ]
    with pytest.raises(UnknownName, match="^data 'mobj' does not exist; did you mean 'mobi'"):
        run_book({"data": "mobj"}, reports=paths[:1], folder=tmp_path / "r")
    assert not started
    run_book({"data": "y"}, reports=paths, folder=tmp_path / "r")
    assert [call["parameters"]["data"] for call in started] == ["y", "y"]


def test_the_book_from_the_command_line(shelf, tmp_path, quick_kernels):
    folder = str(tmp_path / "r")
    done = command("run", "all", "-p", "n=2", "--reports-folder", folder, expect=1)
    out, error = done.stdout, done.stderr
    assert out == (
        "early: Finding one. (observed)\nown: Finding two. (synthetic, no evidence)\n"
        f"2 run, 0 up to date, 1 failed: {tmp_path / 'r' / 'index.html'}\n"
    )
    assert sorted(re.findall(r"^ *(done|failed)  (\w+)$", error, re.MULTILINE)) == [
        ("done", "early"), ("done", "own"), ("failed", "late")]  # fmt: skip
    assert "'n' is no parameter of early, late: run without it.\n" in error
    assert error.split("\nlate: report 'late' stopped in cell ")[1].split(": ")[1] == "ZeroDivisionError"
    assert [run["headline"] for run in content(tmp_path / "r")["runs"]] == ["Finding one.", "Finding two."]

    (shelf / "100_late.ipynb").unlink()
    done = terminal("run", "all", "-p", "n=2", "--reports-folder", folder)
    out, error = done.stdout, done.stderr
    assert (
        done.returncode == 0
        and out.endswith(f"0 run, 2 up to date, 0 failed: {tmp_path / 'r' / 'index.html'}\n")
        and "done" not in error
    )
    done = terminal("run", "own", "-p", "n=2", "-p", "language=nl", "--reports-folder", folder)
    assert done.returncode == 0 and done.stdout.split("\n")[1:] == ["Bevinding two. (synthetisch, geen bewijs)", ""]
    done = terminal("run", "all", "--sweep", "n=1,2")
    assert (
        done.returncode == 1
        and done.stderr == "Error: 'all' runs every report once. Give one value with -p, or name the report to sweep.\n"
    )


def test_a_report_that_cannot_be_made_of_a_file_is_left_out_in_one_line_and_is_no_failure(
    tmp_path, monkeypatch, quick_sweeps
):
    folder = tmp_path / "home" / "notebooks"
    folder.mkdir(parents=True)
    (tmp_path / "home" / "data").symlink_to(home() / "data")
    data = "data: str = ''  # answers\ncodebook: str = ''  # book\n"
    for name in ("10_measures", "20_drivers", "75_published_models"):
        notebook(folder / f"{name}.ipynb", "print(data)", parameters=data)
    monkeypatch.setenv("LOYALTYLAB_HOME", str(tmp_path / "home"))
    chance = random.Random(5)
    rows = ["joy,price,stay", *(",".join(str(chance.randint(1, 7)) for _ in range(3)) for _ in range(40))]
    write(tmp_path / "mine.csv", "\n".join(rows))
    book = "title: T\nsource: people\ndefaults: {range: [1, 7]}\nitems:\n"
    book += (
        "  joy: {role: driver, block: emotional}\n  price: {role: driver, block: rational}\n  stay: {label: Stay%s}\n"
    )
    words = ["-p", f"data={tmp_path / 'mine.csv'}", "-p", f"codebook={write(tmp_path / 'mine.yml', book % '')}"]
    words += ["--formats", "html", "--jobs", "1", "--reports-folder", str(tmp_path / "r")]
    done = command("run", "all", *words, expect=0)
    assert (
        "'published_models' is left out, for it cannot be made of these data: it takes models that papers"
        in done.stderr
    )
    assert "'drivers' is left out, for it cannot be made of these data: the codebook lacks role: outcome" in done.stderr
    assert "1 run, 0 up to date, 0 failed" in done.stdout and not list((tmp_path / "r").glob("failed*"))

    write(tmp_path / "mine.yml", book % ", role: outcome")
    done = terminal("run", "all", *words)
    assert (
        done.returncode == 0 and done.stderr.count("left out") == 1 and "2 run, 0 up to date, 0 failed" in done.stdout
    )
    with pytest.raises(ReportError, match="none of these reports can be made of .*: published_models, for it takes"):
        run_book({"data": str(tmp_path / "mine.csv")}, reports=[folder / "75_published_models.ipynb"])
