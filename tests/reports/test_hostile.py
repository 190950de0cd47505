"""Hostile or unlucky folders, files and machines: what runs, what is said, and what is left."""

import concurrent.futures
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from pyreadstat import write_dta, write_sav

from loyaltylab import check_survey, draft_codebook, read_codebook, read_data, read_table
from loyaltylab.claims import models_of
from loyaltylab.core.errors import DataError, LoyaltyLabError, ReportError, UnknownName
from loyaltylab.reports import cite, list_reports, run_report, verify_run
from loyaltylab.reports.citing.authorship import authorship
from loyaltylab.reports.running.parameters import SHARED, read_notebook
from loyaltylab.reports.running.record import read_json
from loyaltylab.reports.sweeps.packages import unpacked
from loyaltylab.reports.sweeps.sweep import run_sweep
from loyaltylab.survey.files.raw_table import read_raw
from loyaltylab.survey.open import input_files
from loyaltylab.survey.simulation import simulated_rows

from ..conftest import write
from ..runs import command, terminal, told_by_hand
from .test_reports import contents, notebook
from .test_sweeps import EXHIBIT

#: Modules that every run imports, one of them the library itself, one of the standard library.
TRAPS = ("pandas", "csv", "yaml", "typst", "ipykernel_launcher", "loyaltylab", "sitecustomize")


# ---- code beside the data ------------------------------------------------------------------------------------------------


@pytest.fixture
def trapped(tmp_path, monkeypatch):
    """A folder with a notebook, and modules that say when they are run."""
    for name in TRAPS:
        write(tmp_path / f"{name}.py", f"open({str(tmp_path / 'sprung')!r}, 'a').write({name!r} + ' ')\n")
    notebook(tmp_path / "small.ipynb", "import csv, pandas, yaml\nprint(len(pandas.DataFrame({'a': [n]})))")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not (tmp_path / "sprung").exists(), (tmp_path / "sprung").read_text()


@pytest.mark.parametrize(
    "how", [[], ["--plain-kernels"], ["--sweep", "n=1,2"], ["--sweep", "n=1,2", "--plain-kernels"]]
)
def test_nothing_beside_the_data_is_imported(trapped, how):
    words = "--reports-folder", trapped / "r", "--formats", "html", "--jobs", 1
    done = command("run", "small.ipynb", *how, *words)
    assert done.returncode == 0, done.stderr


def test_nothing_beside_the_data_is_imported_by_a_worker(trapped):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sweep = run_sweep("small.ipynb", {"n": [1, 2]}, folder=trapped / "r", executor=pool, formats=["html"])
    assert not sweep.failed


def test_nothing_beside_the_data_is_imported_in_the_lab(trapped):
    from jupyter_client.manager import start_new_kernel

    recipe = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    (line,) = [line for line in recipe.splitlines() if "jupyter lab" in line and "$(BIN)" in line]
    name, _, value = line.strip("\t@").split()[0].partition("=")
    manager, client = start_new_kernel(env={**os.environ, name: value})
    try:
        reply = client.execute_interactive("import csv, pandas, yaml; pandas.DataFrame", timeout=60)
        assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# ---- labels and names ----------------------------------------------------------------------------------------------------

LABELLED = """
title: {title}
source: people
defaults: {{range: [1, 7]}}
items:
  joy: {{label: "{label}", role: driver, block: emotional}}
  price: {{label: "2025", role: driver, block: rational}}
  stay: {{label: "EUR 5", role: outcome}}
  seg: {{label: Age, role: segment, values: {{1: "18-24", 2: "65+"}}}}
"""


def labelled(folder, **words):
    """A survey of 200 and its codebook, with these words in it."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(1, 8, (200, 3)), columns=["joy", "price", "stay"])
    frame.assign(seg=rng.integers(1, 3, 200)).to_csv(folder / "age.csv", index=False)
    write(folder / "age.yml", LABELLED.format(**{"title": "T", "label": "€ 5", **words}))
    return {"data": str(folder / "age.csv"), "codebook": str(folder / "age.yml"), "draws": 100}


@pytest.mark.parametrize("report", ["drivers", "measures"])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_label_is_a_label_whatever_signs_it_is_made_of(tmp_path, report, language, quick_kernels):
    run = run_report(report, labelled(tmp_path) | {"language": language}, folder=tmp_path / "r", formats=["html"])
    assert "2025" in run.page.read_text(encoding="utf-8")


def test_a_control_character_in_a_label_blanks_no_figure(tmp_path, quick_kernels):
    odd = "Good\\vprice \\e[2J"
    given = labelled(tmp_path, label=odd)
    book = Path(given["codebook"])
    write(book, book.read_text() + f'citation: "{odd}"\nlicence: "{odd}"\nnote: "{odd}"\n')
    (tmp_path / "r").mkdir()
    write(tmp_path / "r" / "loyaltylab.toml", 'institution = "A\\u000bB"\nauthors = [{name = "C\\u001b, D"}]\n')
    run = run_report("drivers", given, folder=tmp_path / "r", formats=["html", "pdf", "docx"])
    assert not run.failed
    for picture in (run.folder / "exhibits").glob("*.svg"):
        ElementTree.parse(picture)
    for file in (run.page, run.folder / "authorship.json", *(run.folder / "exhibits").glob("*.[jmt]*")):
        assert not {"\v", "\x1b"} & {*file.read_text(encoding="utf-8")}, file.name
    assert not {"\v", "\x1b"} & {*"".join(cite(run, style=style) for style in ("apa", "bibtex", "latex", "ris"))}


# ---- words of the machine ------------------------------------------------------------------------------------------------


def said(done):
    """The one message of a command that ended with one."""
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["check", "{}"],
        ["cite", "{}"],
        ["verify", "{}"],
        ["run", "drivers", "-p", "data={}"],
        ["codebook", "draft", "{}"],
    ],
)
def test_a_name_that_is_too_long_is_one_sentence(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    long = "x" * 300 + ".csv"
    assert "longer than this system takes" in said(terminal(*(word.format(long) for word in words)))


@pytest.mark.parametrize("data", ["x" * 300 + ".csv", "duckdb:" + "x" * 300 + ".csv", "x" * 300, "d/" * 2500 + "x.csv"])
@pytest.mark.parametrize(
    "read", [read_data, check_survey, input_files, draft_codebook, read_codebook, read_table, verify_run, models_of]
)
def test_a_name_that_is_too_long_is_one_sentence_in_python_too(tmp_path, read, data):
    with pytest.raises(LoyaltyLabError) as caught:
        read(data, *[str(write(tmp_path / "a.yml", POOR))][: read is read_data])
    assert len(str(caught.value)) < 1500 and "\n" not in str(caught.value)


@pytest.mark.parametrize("words", [["run", "measures"], ["run", "measures", "--sweep", "language=en,nl"], ["index"]])
def test_a_file_where_a_folder_should_be_is_one_sentence(tmp_path, words):
    write(tmp_path / "r", "")
    assert "there is a file where a folder is needed" in said(terminal(*words, "--reports-folder", tmp_path / "r"))


def test_a_full_disk_is_one_sentence_and_a_sweep_says_what_ran(tmp_path, monkeypatch, capsys, quick_sweeps):
    from loyaltylab import reports
    from loyaltylab.cli import main

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "r")

    notebook(tmp_path / "small.ipynb", "if n == 2: raise ValueError('not two')")
    monkeypatch.setattr(reports, "write_index", full)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["loyaltylab", "run", "small.ipynb", "--sweep", "n=1,2", "--jobs", "1", "--formats", "html", "--reports-folder", "r"])  # fmt: skip
    with pytest.raises(SystemExit) as left:
        main()
    out, err = capsys.readouterr()
    assert left.value.code == 1 and "1 run, 0 up to date, 1 failed" in out
    assert "not two" in err and "the index could not be written: the disk is full" in err


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        PermissionError(errno.EACCES, "x", "y"),
        UnicodeEncodeError("cp1252", "→", 0, 1, "x"),
        OSError("odd"),
    ],
)
def test_what_the_machine_cannot_do_is_one_sentence_at_every_command(monkeypatch, capsys, error):
    from loyaltylab.cli import commands, main

    def broken():
        raise error

    monkeypatch.setattr(commands, "app", broken)
    with pytest.raises(SystemExit):
        main()
    err = capsys.readouterr().err
    assert err.startswith("Error: ") and err.count("\n") == 1 and err.rstrip().endswith(".")


ONE = "Nothing half-made is left; the same command runs it again."
MANY = "Finished runs are kept; the same command goes on with the rest."
posix = pytest.mark.skipif(os.name != "posix", reason="signals of this kind exist on Linux and macOS only")


@pytest.mark.slow
@posix
@pytest.mark.parametrize("asked", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("how", [[], ["--plain-kernels"], ["--sweep", "n=1,2"]])
def test_what_is_asked_to_end_says_so_in_a_line_and_leaves_nothing(tmp_path, how, asked):
    """Sent to all processes of the command, as a terminal sends it, once the cell has begun."""
    path = notebook(tmp_path / "endless.ipynb", f"open({str(tmp_path / 'begun')!r}, 'a').close()\nwhile True: pass")
    words = [sys.executable, "-P", "-c", "from loyaltylab.cli import main; main()", "run", str(path), *how]
    words += ["--reports-folder", str(tmp_path / "r"), "--formats", "html"]
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=os.environ | {"TMPDIR": str(tmp_path / "tmp")}
    )  # fmt: skip
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.05)
    number = getattr(signal, asked)
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number and not out
    assert err.splitlines() == [f"Stopped: loyaltylab run. {MANY if '--sweep' in how else ONE}"]
    assert not [path for path in (tmp_path / "r").rglob("*") if path.is_file()] and not [*(tmp_path / "tmp").iterdir()]


#: Each command, and the work within it in which the signal comes; where a file is being written, half of it is there.
MIDST = {
    "check mobi": "loyaltylab.survey.check_survey",
    "codebook draft mobi.csv": "loyaltylab.survey.draft_codebook",
    "codebook draft mobi.csv ": "pathlib.Path.write_text",
    "questionnaire loyalty --format limesurvey": "pathlib.Path.write_bytes",
    "codebook sort loyalty": "pathlib.Path.write_bytes",
    "data build --n 90": "pandas.DataFrame.to_csv",
    "verify drivers/0123": "loyaltylab.reports.verify_run",
    "run all": "loyaltylab.reports.run_book",
}
IN_THE_MIDST = """
import importlib, os, signal, sys
place, name = sys.argv.pop(1).rsplit(".", 1)
owner, _, kind = place.partition(".Path") if ".Path" in place else place.partition(".DataFrame")
owner = importlib.import_module(owner)
owner = getattr(owner, {"pathlib": "Path", "pandas": "DataFrame"}.get(owner.__name__, ""), owner)
def asked(*given, **_):
    if name.startswith(("write", "to_")):
        with open(given[0] if name.startswith("write") else given[1], "w") as file: file.write("half of i")
    os.kill(os.getpid(), signal.SIGINT)
    raise AssertionError("not heard")
setattr(owner, name, asked)
from loyaltylab.cli import main
main()
"""


@posix
@pytest.mark.parametrize("words", MIDST)
def test_every_command_that_is_asked_to_end_says_so_and_leaves_no_half_a_file(tmp_path, words):
    write(tmp_path / "mobi.csv", "a,b\n1,2\n")
    call = [sys.executable, "-P", "-c", IN_THE_MIDST, MIDST[words], *words.split()]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 130 and not done.stdout
    assert re.fullmatch(rf"Stopped: loyaltylab [a-z ]+\. {MANY if words == 'run all' else ONE}\n", done.stderr), (
        done.stderr
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["mobi.csv"]


@posix
def test_what_ignores_a_signal_goes_on_ignoring_it(tmp_path):
    """As nohup, and a shell's &, start a command."""
    call = [sys.executable, "-P", "-c", "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + IN_THE_MIDST.replace("signal.SIGINT", "signal.SIGHUP")]  # fmt: skip
    done = subprocess.run([*call, MIDST["check mobi"], "check", "mobi"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "not heard" in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("words", [["claims"], ["claims", "show", "emotions_index"], ["check", "mobi"], ["list"]])
def test_no_sign_stops_an_old_console(encoding, words):
    done = terminal(*words, encoding=encoding)
    assert done.returncode == 0 and done.stdout, done.stderr


def test_no_sign_stops_an_old_console_as_a_program_starts():
    assert " -> " in command("check", "mobi", env={"PYTHONIOENCODING": "ascii"}).stdout


def test_nothing_from_a_file_controls_the_terminal(tmp_path, monkeypatch):
    """A header with what clears a screen and sets a title."""
    monkeypatch.chdir(tmp_path)
    given = labelled(tmp_path)
    text = Path(given["data"]).read_text().replace("joy", "j\x1b[2Joy\x1b]0;owned\x07\x9b31m")
    write(tmp_path / "bad.csv", text)
    write(tmp_path / "bad.yml", LABELLED.format(title="T\\e[2J", label="L\\e]0;x\\a"))
    for words in (["check", "bad.csv"], ["check", "bad.csv", "-c", "bad.yml"], ["check", "age.csv", "-c", "bad.yml"], ["codebook", "draft", "bad.csv"], ["run", "drivers", "-p", "data=bad.csv", "-p", "codebook=bad.yml", "--reports-folder", "."], ["cite", "a\x1b[2J"], ["verify", "a\x9b2J"]):  # fmt: skip
        done = terminal(*words)
        for sign in "\x1b\x07\x9b":
            assert sign not in done.stdout + done.stderr, words


@pytest.mark.parametrize("report", ["drivers", "measures"])
@pytest.mark.parametrize("value", ["-1", "-20171205"])
def test_a_seed_below_zero_is_refused_by_name(report, value):
    with pytest.raises(ReportError, match="parameter 'seed' is -.*allowed: 0 or more"):
        run_report(report, {"seed": value}, as_text=["seed"])


@pytest.mark.parametrize("data", ["mine.csv", "duckdb:mine.parquet", "mine", "simulated n=200 seed=-1"])
def test_data_that_are_not_there_are_found_before_a_kernel_starts(tmp_path, monkeypatch, data):
    monkeypatch.setattr("loyaltylab.reports.run.executed", None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises((UnknownName, DataError)):
        run_report("drivers", {"data": data, "codebook": "mobi"}, folder=tmp_path / "r")
    assert not list((tmp_path / "r").glob("failed*"))


@pytest.mark.parametrize(
    ("report", "given", "said"),
    [
        ("drivers", {"outcome": "CUSLL"}, "variable 'CUSLL' does not exist; did you mean 'CUSL'"),
        ("drivers", {"blocks": ["emotionl"]}, "block 'emotionl' does not exist; did you mean 'emotional'"),
        ("drivers", {"contrast": ["emotional", "rationl"]}, "block 'rationl' does not exist; did you mean 'rational'"),
        ("drivers", {"weight": "servicetyp"}, "column 'servicetyp' does not exist; did you mean 'servicetype'"),
        ("drivers", {"cluster": "supplier"}, "column 'supplier' does not exist.*columns of corp_rep_data.csv"),
        ("drivers", {"strata": "LIKE"}, "column 'LIKE' does not exist.*columns of corp_rep_data.csv"),
        ("drivers", {"covariates": ["Switching cost"]}, "did you mean 'Switching costs'"),
        ("drivers", {"only": "servicetyp=prepaid"}, "segment 'servicetyp' does not exist; did you mean 'servicetype'"),
        ("emotions", {"segments": ["servicetype*serviceprovidr"]}, "did you mean 'serviceprovider'"),
        ("measures", {"attitude": "Loyalti"}, r"did you mean 'Loyalty' \(CUSL\)"),
        ("heart_head_wallet", {"data": "simulated", "frequency": "hhw_frequenty"}, "did you mean 'hhw_frequency'"),
        ("heart_head_wallet", {"data": "simulated", "motivators": ["hhw_autonomi"]}, "did you mean 'hhw_autonomy'"),
        ("conscious_unconscious", {"data": "simulated", "implicit": "implicit_scor"}, "did you mean 'implicit_score'"),
        ("conscious_unconscious", {"data": "simulated", "pressure": "time_presure"}, "did you mean 'time_pressure'"),
        ("bonds", {"data": "simulated", "move": "bond_cart"}, "did you mean 'bond_card'"),
        ("drivers", {"data": "simulated", "weight": "wtt"}, "column 'wtt' does not exist; did you mean 'wt'"),
        ("drivers", {"exclude": ["speding"]}, "rule 'speding' does not exist; did you mean 'speeding'"),
        ("drivers", {"methods": ["lmg", "prat"]}, "method 'prat' does not exist; did you mean 'pratt'"),
        (
            "drivers",
            {"only": "servicetype=prepayed"},
            "value of servicetype 'prepayed' does not exist; did you mean 'prepaid'",
        ),
        (
            "plan_your_study",
            {"reliability": ["0.8", "LIKES=0.8"]},
            "variable 'LIKES' does not exist; did you mean 'LIKE'",
        ),
    ],
)
def test_a_misspelt_name_is_told_before_a_kernel_starts(tmp_path, monkeypatch, report, given, said):
    monkeypatch.setattr("loyaltylab.reports.run.executed", None)
    with pytest.raises(UnknownName, match=said):
        run_report(report, given, folder=tmp_path / "r")


def test_a_misspelt_column_of_a_database_is_told_before_a_kernel_starts(tmp_path, monkeypatch):
    pytest.importorskip("ibis")
    monkeypatch.setattr("loyaltylab.reports.run.executed", None)
    given = labelled(tmp_path)
    pd.read_csv(given["data"]).assign(size=1).to_parquet(tmp_path / "age.parquet")
    given |= {"data": f"duckdb:{tmp_path / 'age.parquet'}"}
    with pytest.raises(UnknownName, match="column 'sise' does not exist; did you mean 'size'"):
        run_report("drivers", given | {"weight": "sise"}, folder=tmp_path / "r")
    with pytest.raises(TypeError, match="NoneType"):  # a kernel would start
        run_report("drivers", given | {"weight": "size"}, folder=tmp_path / "r")


@pytest.mark.parametrize(
    ("report", "given"),
    [
        ("conscious_unconscious", {"implicit": "implicit_scor"}),
        ("conscious_unconscious", {"relations": ["COMUNAL"]}),
        ("heart_head_wallet", {"feedback": "FEEDBAK"}),
        ("satisfaction", {"trust": ["emo_trus"]}),
        ("emotions", {"pair": ["emo_trust", "rat_prise"]}),
        ("bonds", {"move": "bond_cart"}),
    ],
)
def test_a_misspelt_name_in_the_cell_of_parameters_is_told_as_well(report, given):
    with pytest.raises(UnknownName, match="did you mean '"):
        told_by_hand(report, data="simulated n=400 seed=5", draws=100, **given)


def test_what_a_parameter_names_must_exist_so_it_names_nothing_by_default():
    """But for methods, which are the library's."""
    named = [
        one
        for report in list_reports().values()
        for one in report.parameters.values()
        if one.names not in ("", "method")
    ]
    assert named and not [one.name for one in named if one.default]


def test_what_a_report_names_by_itself_may_be_absent_and_labels_will_do(tmp_path, monkeypatch):
    monkeypatch.setattr("loyaltylab.reports.run.executed", None)
    for report, given in [("heart_head_wallet", {"after": "none"}), ("drivers", {"outcome": "loyaliteit", "segments": "none"}), ("drivers", {"cluster": "provider"})]:  # fmt: skip
        with pytest.raises(TypeError, match="NoneType"):  # a kernel would start
            run_report(report, given, folder=tmp_path / "r")


# ---- answers that say little or nothing ----------------------------------------------------------------------------------

POOR = """
title: Poor
source: people
defaults: {range: [1, 7]}
blocks: {emotional: Emotional, rational: Rational}
items:
  joy: {label: Joy, role: driver, block: emotional}
  warm: {label: Warm, role: driver, block: emotional}
  price: {label: Price, role: driver, block: rational}
  speed: {label: Speed, role: driver, block: rational}
  stay: {label: Stay, role: outcome}
  again: {label: Again, role: outcome, metric: repurchase}
  happy: {label: Satisfied, role: outcome, metric: satisfaction}
  advise: {label: Recommend, role: outcome, metric: recommend, range: [0, 10]}
  area: {label: Area, role: segment, values: {1: North, 2: South}}
"""


def poor(folder, change):
    """A survey of 200 as `change` leaves it, and its codebook: what a report is given."""
    rng = np.random.default_rng(5)
    names = ["joy", "warm", "price", "speed", "stay", "again", "happy", "advise"]
    answers = np.clip(np.round(4 + rng.normal(size=(200, 1)) + rng.normal(size=(200, 8))), 1, 7)
    frame = pd.DataFrame(answers, columns=names).assign(area=np.arange(200) % 2 + 1)
    change(frame).to_csv(folder / "poor.csv", index=False)
    write(folder / "poor.yml", POOR)
    return {"data": str(folder / "poor.csv"), "codebook": str(folder / "poor.yml"), "draws": 100}


def nobody(*names):
    return lambda frame: frame.assign(**dict.fromkeys(names, np.nan))


def everybody(*names):
    return lambda frame: frame.assign(**dict.fromkeys(names, 4))


ANSWERS = ("joy", "warm", "price", "speed", "stay", "again", "happy", "advise")
CHAIN = {"heart": "joy", "head": ["price"], "wallet": "stay"}
NO_ROWS, NO_SPREAD = "0 of 200 rows are complete on", "everyone has the same value"


@pytest.mark.parametrize(
    ("report", "given"),
    [("emotions", {}), ("heart_head_wallet", CHAIN), ("start_here", {}), ("robustness", {})],
)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (nobody(*ANSWERS), NO_ROWS),
        (everybody(*ANSWERS), NO_SPREAD),
        (nobody("stay"), NO_ROWS),
        (everybody("stay"), NO_SPREAD),
        (lambda frame: frame.drop(columns=["stay", "again", "happy", "advise"]), "outcome|stay"),
        (lambda frame: frame.drop(columns=["price", "speed"]), "rational|price"),
        (lambda frame: frame.head(3), "3 rows|3 complete respondents"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_its_reason(tmp_path, report, given, change, said):
    with pytest.raises(LoyaltyLabError, match=said) as caught:
        told_by_hand(report, **poor(tmp_path, change), **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("report", "given"),
    [("emotions", {}), ("heart_head_wallet", CHAIN), ("start_here", {}), ("robustness", {}), ("measures", {})],
)
def test_twelve_respondents_are_few_but_enough_to_be_told_so(tmp_path, report, given):
    assert told_by_hand(report, **poor(tmp_path, lambda frame: frame.head(12)), **given)


@pytest.mark.parametrize(
    ("report", "change", "lines"),
    [
        ("measures", nobody("again"), ["are complete on happy, again, advise", "are complete on again"]),
        ("measures", nobody(*ANSWERS), ["on happy", "on stay", "on again", "on advise"]),
        ("measures", nobody("advise"), ["on advise", "on happy, again, advise"]),
        ("measures", everybody(*ANSWERS), ["nobody differs within either group"]),
        ("emotions", nobody("again"), ["complete on again, joy, warm, price, speed"]),
        ("start_here", nobody("again"), ["complete on again, joy, warm, price, speed"]),
        ("conscious_unconscious", nobody("advise"), ["are complete on advise"]),
        ("heart_head_wallet", nobody("happy"), ["are complete on happy"]),
    ],
)
def test_a_side_matter_without_answers_is_one_line_after_the_opening(tmp_path, report, change, lines):
    chain = CHAIN if report == "heart_head_wallet" else {}
    said = told_by_hand(report, **poor(tmp_path, change), **chain)
    lacking = [text for text in said if text.startswith("Not computed here")]
    assert all(any(line in text for text in lacking) for line in lines) and len(lacking) == len(lines)
    opening = next(number for number, text in enumerate(said) if text.startswith("## "))
    assert min(map(said.index, lacking)) > opening


def test_what_is_known_of_pressure_does_not_hang_on_a_question_about_recommending(tmp_path):
    """A score that cannot be made leaves the rest of the report as it was."""
    rows = simulated_rows(1000, seed=5, matched=False)
    recommend = read_codebook("loyalty").metric("recommend")
    rows.drop(columns=recommend).to_csv(tmp_path / "rows.csv", index=False)
    given = {"data": str(tmp_path / "rows.csv"), "codebook": "loyalty", "draws": 100}
    said = told_by_hand("conscious_unconscious", **given)
    assert any(text.startswith("## Do they follow it under pressure?") for text in said)
    rows.assign(time_pressure=1).to_csv(tmp_path / "rows.csv", index=False)
    said = told_by_hand("conscious_unconscious", **given)
    assert "cannot be tested with these answers" in said[0] and "everyone has the same value" in said[1]


def test_a_trend_over_groups_that_are_a_handful_costs_its_own_section(tmp_path):
    rows = simulated_rows(400, seed=5, matched=False)
    rows["hhw_frequency"] = np.where(np.arange(400) < 6, 1, 2)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    said = told_by_hand("heart_head_wallet", data=str(tmp_path / "rows.csv"), codebook="loyalty", draws=100)
    (line,) = [text for text in said if text.startswith("Not computed here")]
    assert "fewer than two groups are large enough to be shown" in line and said[-1] != line


# ---- bounds --------------------------------------------------------------------------------------------------------------


def sheet(path, *cells):
    """A workbook of 20 respondents with more cells."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["joy", "price"])
    for number in range(20):
        book.active.append([number % 7 + 1, (number * 3) % 7 + 1])
    for place, value in cells:
        book.active[place] = value
        book.active[place].number_format = "0.0"
    book.save(path)
    return path


@pytest.mark.parametrize("place", ["XFD1048576", "XFD50000", "A1048576"])
def test_a_stray_cell_without_a_value_is_none(tmp_path, place):
    assert read_raw(sheet(tmp_path / "a.xlsx", (place, None))).frame.shape == (20, 2)


def test_a_stray_value_far_away_is_named_and_takes_no_memory(tmp_path):
    with pytest.raises(DataError, match="unfolds to .* cells .*no more than 20,000,000 cells are read"):
        read_raw(sheet(tmp_path / "a.xlsx", ("XFD1048576", 1)))


def test_files_that_unfold_to_more_than_memory_are_refused_first(tmp_path, monkeypatch):
    from loyaltylab.survey.files import text

    frame = pd.DataFrame({"joy": [1] * 1000, "price": [2] * 1000})
    for kind in ("csv", "parquet", "xlsx"):
        getattr(frame, {"csv": "to_csv", "parquet": "to_parquet", "xlsx": "to_excel"}[kind])(
            tmp_path / f"a.{kind}", index=False
        )
    monkeypatch.setattr(text, "MOST_BYTES", 1000)
    for kind in ("csv", "xlsx"):
        with pytest.raises(DataError, match="it unfolds to .* MB, and no more than"):
            read_raw(tmp_path / f"a.{kind}")
    monkeypatch.setattr(text.refuse_large, "__kwdefaults__", {**text.refuse_large.__kwdefaults__, "most_cells": 1000})
    write_dta(frame, tmp_path / "a.dta")
    write_sav(frame, tmp_path / "a.zsav", compress=True)
    for kind in ("parquet", "dta", "zsav"):
        with pytest.raises(DataError, match="it unfolds to 2,000 cells, and no more than 1,000 cells .*duckdb"):
            read_raw(tmp_path / f"a.{kind}")
    monkeypatch.setattr(text, "MOST_BYTES", 10**6)
    with pytest.raises(DataError, match="it unfolds to 2,002 cells"):  # as many lines as it has
        read_raw(tmp_path / "a.csv")


@pytest.mark.parametrize("cell", [b"\xff", {"a": 1}, [1, 2]])
def test_a_column_that_holds_no_answers_is_in_nobodys_way(tmp_path, cell):
    """Only a codebook that names it meets it, in one sentence."""
    pd.DataFrame({"joy": [1, 2], "odd": [cell, cell], "price": [3, 4]}).to_parquet(tmp_path / "a.parquet")
    raw = read_raw(tmp_path / "a.parquet")
    assert list(raw.frame) == ["joy", "odd", "price"] and raw.answers(["joy", "price"])[0]["price"].tolist() == [3, 4]
    with pytest.raises(DataError, match=r"a\.parquet: column 'odd' holds .*, and an answer is a number or a text"):
        raw.answers(["odd"])


@pytest.mark.parametrize("weights, message", [(["north", "2"], "holds text in 100 of 200 rows"), ([0, 0], "is above zero in no row. Leave it out"), ([1e308, 1], "reaches 1e\\+308; allowed: up to 1e\\+12")])  # fmt: skip
def test_weights_that_cannot_be_are_one_sentence(tmp_path, weights, message):
    given = labelled(tmp_path)
    frame = pd.read_csv(given["data"]).assign(w=weights * 100)
    frame.to_csv(given["data"], index=False)
    with pytest.raises(DataError, match=message):
        read_data(given["data"], given["codebook"], weight="w")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1 cut off",
        "joy,price\nJos\u00e9,\u20ac\n".encode("cp1252"),
        "joy\n1\n".encode("utf-16"),
        b'joy,price\n1,"2\n',
    ],
)
@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb"])
def test_what_an_engine_says_of_a_file_is_one_sentence(tmp_path, kind, content):
    pytest.importorskip("ibis")
    given = labelled(tmp_path)
    (tmp_path / f"bad.{kind}").write_bytes(content)
    with pytest.raises(LoyaltyLabError) as caught:
        read_data(f"duckdb:{tmp_path / f'bad.{kind}'}", given["codebook"]).moments(["joy", "price"])
    assert str(tmp_path) not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("at", [8, 40, 200])
def test_a_block_that_is_damaged_within_is_met_by_the_engine_and_told_in_one_sentence(tmp_path, at):
    pytest.importorskip("ibis")
    given = labelled(tmp_path)
    pd.read_csv(given["data"]).to_parquet(tmp_path / "a.parquet")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    content[at : at + 24] = b"\xff" * 24
    (tmp_path / "a.parquet").write_bytes(content)
    for data in (tmp_path / "a.parquet", f"duckdb:{tmp_path / 'a.parquet'}"):
        with pytest.raises(DataError) as caught:
            read_data(str(data), given["codebook"]).moments(["joy", "price", "stay"])
        assert str(tmp_path) not in str(caught.value) and "\n" not in str(caught.value)


def test_a_long_answer_is_read_whole(tmp_path):
    write(tmp_path / "a.csv", f'joy,why\n1,"{"x" * 200_000}"\n2,y\n')
    assert len(read_raw(tmp_path / "a.csv").frame["why"][0]) == 200_000


@pytest.mark.parametrize("cell", ["print('x' * 10**7)", "for i in range(10**5): print('y' * 99)", "'z' * 10**7"])
def test_what_a_cell_prints_is_cut_and_said_so(tmp_path, cell, quick_kernels):
    run = run_report(
        notebook(tmp_path / "loud.ipynb", cell, "print('the end')"), folder=tmp_path / "r", formats=["html"]
    )
    text = (run.folder / "notebook.ipynb").read_text(encoding="utf-8")
    assert len(text) < 3 * 10**6 and "this cell printed more than 2 million characters" in text and "the end" in text


def test_a_run_has_a_time_limit(tmp_path):
    notebook(tmp_path / "endless.ipynb", "while True: pass")
    done = command("run", tmp_path / "endless.ipynb", "--time-limit", "0.1", "--reports-folder", tmp_path / "r")
    assert "took longer than the 0.1 minutes it was given" in said(done)


# ---- locks, pipes and lists without end ----------------------------------------------------------------------------------

WAITING = """
import sys
from pathlib import Path
from loyaltylab.reports.running import staging
staging.SAYS_SO = 0.2
root = Path(sys.argv[1])
with staging.staged(root) as stage:
    print(staging.publish(stage, root / "small" / "0123", replace=False))
"""


def test_waiting_for_a_lock_is_said(tmp_path):
    from loyaltylab.reports.running import staging

    with staging._held(tmp_path / ".work" / "publish.lock"):
        words = [sys.executable, "-P", "-c", WAITING, str(tmp_path)]
        other = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = other.stderr.readline()
        assert "Waiting for another process, which has" in line and "publish.lock" in line
    assert other.communicate(timeout=60)[0] == "True\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_a_pipe_and_a_device_are_no_grid(tmp_path):
    os.mkfifo(tmp_path / "pipe.yml")
    for path in (tmp_path / "pipe.yml", "/dev/zero", tmp_path):
        assert "is no file" in said(command("run", "--grid", path, timeout=60))
    assert "no such file" in said(terminal("run", "--grid", tmp_path / "none.yml"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_a_pipe_is_neither_an_archive_nor_a_run(tmp_path):
    run = tmp_path / "drivers" / "0123"
    run.mkdir(parents=True)
    os.mkfifo(tmp_path / "pipe.zip")
    os.mkfifo(run / "manifest.json")
    for what in (tmp_path / "pipe.zip", "drivers/0123"):
        done = command("verify", what, "--reports-folder", tmp_path, timeout=60)
        assert "does not exist" in said(done)
    with pytest.raises(ReportError, match=r"manifest\.json is damaged"):
        read_json(run / "manifest.json")


def test_settings_that_cannot_be_are_told_before_a_kernel_starts(tmp_path, monkeypatch):
    monkeypatch.setattr("loyaltylab.reports.run.executed", None)
    write(tmp_path / "loyaltylab.toml", 'authors = "x"')
    with pytest.raises(LoyaltyLabError, match=r"authors: is 'x'; allowed: a list, each part of it starting with '- '"):
        run_report("drivers", folder=tmp_path)
    write(tmp_path / "loyaltylab.toml", 'authors = [{family = "x"}]')
    with pytest.raises(LoyaltyLabError, match=r"authors: 1: lacks 'name'"):
        run_report("drivers", folder=tmp_path)


@posix
def test_settings_that_are_no_file_are_not_passed_over(tmp_path, monkeypatch):
    """A link that leads nowhere left a report without its authors, and said nothing."""
    monkeypatch.setattr("loyaltylab.reports.run.executed", None)
    for make in (lambda path: path.symlink_to("elsewhere.toml"), lambda path: path.symlink_to(path.name), Path.mkdir):
        make(tmp_path / "loyaltylab.toml")
        with pytest.raises(ReportError, match="loyaltylab.toml: is a folder or a link to nowhere"):
            run_report("drivers", folder=tmp_path)
        os.replace(tmp_path / "loyaltylab.toml", tmp_path / "was.toml")
        shutil.rmtree(tmp_path / "was.toml") if make is Path.mkdir else (tmp_path / "was.toml").unlink()


def test_a_sweep_without_end_is_refused_at_once(tmp_path):
    path = notebook(tmp_path / "small.ipynb", parameters="a: int = 1  # x\nb: int = 1  # x\n")
    with pytest.raises(ReportError, match="the sweep has 4,000,000 combinations; at most 100,000"):
        run_sweep(path, {"a": range(2000), "b": range(2000)}, folder=tmp_path / "r")


def test_a_swept_value_may_hold_a_comma(tmp_path, quick_sweeps):
    path = notebook(tmp_path / "small.ipynb", "print(seg)", parameters="seg: str = ''  # a group\n")
    words = "--formats", "html", "--reports-folder", tmp_path / "r", "--jobs", 1
    done = terminal("run", path, "--sweep", 'seg="No, rth",South', *words)
    assert done.returncode == 0 and "seg=No, rth" in done.stderr and "2 run" in done.stdout


# ---- archives, notebooks and settings of strangers -----------------------------------------------------------------------


def zipped(path, manifest, **parts):
    """A zip that says it is a run."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", manifest)
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return path


@pytest.mark.parametrize("report, run", [("..", ".."), ("..", "x"), ("x", ".."), ("/tmp", "x"), (".", ".")])
def test_an_archive_is_unfolded_nowhere_but_in_its_own_folder(tmp_path, monkeypatch, report, run):
    """`..` is a name without a slash in it, and files of the archive went where it leads."""
    scratch = tmp_path / "a" / "b" / "c"
    scratch.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = zipped(tmp_path / "a.zip", json.dumps({"report": report, "run_id": run, "files": {}}), planted="x")
    seen = []
    extract = zipfile.ZipFile.extractall
    monkeypatch.setattr(
        zipfile.ZipFile, "extractall", lambda self, to: (seen.append(Path(to).resolve()), extract(self, to))
    )
    with pytest.raises(ReportError, match="is damaged"):
        verify_run(path)
    assert seen and all(scratch in place.parents for place in seen)
    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == {"a.zip"}


@pytest.mark.parametrize(
    "manifest",
    ["[1]", "{", b"\xff\xfe\0", "[" * 100_000, "5", json.dumps({"report": "a", "run_id": "b", "files": [1]})],
    ids=range(6),
)
def test_an_archive_whose_manifest_is_none_is_refused_in_words(tmp_path, manifest):
    with pytest.raises(ReportError, match="is damaged"):
        verify_run(zipped(tmp_path / "a.zip", manifest))


def test_a_damaged_or_locked_archive_is_refused_in_words(tmp_path, monkeypatch):
    manifest = json.dumps({"report": "a", "run_id": "b", "files": {}})
    content = zipped(tmp_path / "a.zip", manifest, inputs="abcdefgh" * 99).read_bytes()
    at = content.find(b"inputs") + 8
    damaged = write(tmp_path / "damaged.zip", "")
    damaged.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
    locked = write(tmp_path / "locked.zip", "")
    flags = re.compile(rb"(PK\x03\x04..|PK\x01\x02....)\0", re.DOTALL)
    locked.write_bytes(flags.sub(lambda found: found[1] + b"\x01", content))
    for path in (damaged, locked, zipped(tmp_path / "both.zip", manifest, a="1", a__b="2")):
        with pytest.raises(ReportError, match=f"{path.name}: the archive is damaged or has a password"):
            verify_run(path)
    with pytest.raises(ReportError, match="is no archive of a run"):
        verify_run(zipped(tmp_path / "long.zip", manifest, **{"n" * 300: "1"}))
    monkeypatch.setattr("loyaltylab.reports.citing.archive.MOST_BYTES", 500)
    with pytest.raises(ReportError, match="it unfolds to 0 MB, and no archive of more than"):
        verify_run(tmp_path / "a.zip")


def test_what_a_worker_sends_unfolds_to_no_more_than_a_run(tmp_path, monkeypatch):
    package = zipped(tmp_path / "a.zip", "{}", page="x" * 1000).read_bytes()
    monkeypatch.setattr("loyaltylab.reports.sweeps.packages.MOST_BYTES", 500)
    with pytest.raises(ReportError, match="from the worker unfolds to more than any run holds"):
        unpacked(package)


CELL = '{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": SOURCE}'


@pytest.mark.parametrize(
    "cell, said",
    [
        ('"a"', "is not a Jupyter notebook"),
        ('{"cell_type": "code", "source": 5}', "is not a Jupyter notebook"),
        (CELL.replace('["parameters"]', "5").replace("SOURCE", "[]"), "is not a Jupyter notebook"),
        (CELL.replace("SOURCE", "[1]"), "is not a Jupyter notebook"),
        (CELL.replace("SOURCE", '"n: int = (1"'), "parameters cell: is no Python"),
        (CELL.replace("SOURCE", f'"n: int = {"(" * 3000}"'), "parameters cell: is no Python"),
        (CELL.replace("SOURCE", '"n: int = {[]: 1}"'), "the value must be a literal"),
        ("[" * 100_000, "is not a Jupyter notebook"),
    ],
    ids=range(8),
)
def test_a_notebook_of_odd_shape_is_one_sentence(tmp_path, cell, said):
    path = write(tmp_path / "odd.ipynb", f'{{"cells": [{cell}]}}')
    with pytest.raises(ReportError, match=said):
        read_notebook(path)


@pytest.mark.parametrize("text", ["１", "1_0", "٣"])
def test_a_number_is_written_in_plain_digits(text):
    with pytest.raises(ReportError, match="parameter 'draws' takes a whole number"):
        SHARED["draws"].check(SHARED["draws"].read(text))


def test_settings_nested_without_end_are_one_sentence(tmp_path):
    write(tmp_path / "loyaltylab.toml", "authors = " + "[" * 3000)
    with pytest.raises(ReportError, match="cannot be read as TOML"):
        authorship(tmp_path)


def test_a_merged_area_as_large_as_the_sheet_takes_no_memory(tmp_path):
    """openpyxl makes a cell for each of its seventeen thousand million places."""
    path = sheet(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="B3:XFD1048576"/></mergeCells>'
    parts[part] = parts[part].replace(b"</sheetData>", merged)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    frame = read_raw(path).frame
    assert frame.shape == (20, 2) and frame.iloc[1:, 1].nunique() == 1


def test_a_parquet_file_whose_texts_unfold_is_refused(tmp_path, monkeypatch):
    pd.DataFrame({"joy": ["x" * 1000] * 3000}).to_parquet(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 20_000
    monkeypatch.setattr("loyaltylab.survey.files.text.MOST_BYTES", 2_000_000)
    with pytest.raises(DataError, match="it unfolds to .* MB"):
        read_raw(tmp_path / "a.parquet")


def test_what_pandas_notes_in_a_parquet_file_may_be_wrong(tmp_path):
    table = pyarrow.table({"joy": [1, 2], "price": [3, 4]})
    notes = json.dumps({"index_columns": ["gone"], "columns": [], "column_indexes": []})
    for content in (notes, "{"):
        pyarrow.parquet.write_table(table.replace_schema_metadata({"pandas": content}), tmp_path / "a.parquet")
        with pytest.raises(DataError, match="cannot be read as parquet"):
            read_raw(tmp_path / "a.parquet")


# ---- whose machine it is -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("how", [[], ["--plain-kernels"]])
def test_what_starts_with_a_users_own_shell_is_no_part_of_a_report(tmp_path, how):
    """Startup files and configuration of IPython, PYTHONSTARTUP, and a matplotlibrc beside the data changed a report."""
    profile = tmp_path / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    sprung = f"open({str(tmp_path / 'sprung')!r}, 'w').close()"
    write(profile / "startup" / "first.py", sprung)
    write(profile / "ipython_config.py", f"c.InteractiveShellApp.exec_lines = [{sprung!r}]")
    write(tmp_path / "start.py", sprung)
    write(tmp_path / "matplotlibrc", "font.size: 30\naxes.facecolor: red\n")
    notebook(tmp_path / "small.ipynb", EXHIBIT)
    own = {"IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONSTARTUP": str(tmp_path / "start.py")}
    words = "run", "small.ipynb", "--formats", "html", *how, "--reports-folder"
    command(*words, tmp_path / "r", cwd=tmp_path, env=own, expect=0)
    assert not (tmp_path / "sprung").exists()
    (tmp_path / "matplotlibrc").unlink()
    command(*words, tmp_path / "again", cwd=tmp_path, expect=0)
    one, other = (next((tmp_path / name / "small").iterdir()) for name in ("r", "again"))
    assert contents(one) == contents(other)


@posix
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_stops_nothing(tmp_path, closed):
    write(tmp_path / "answers.csv", "joy,stay\n" + "3,4\n5,2\n" * 20)
    program = f'{sys.executable} -P -c "from loyaltylab.cli import main; main()" codebook draft answers.csv {closed}'
    done = subprocess.run(["sh", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert (tmp_path / "answers.yml").read_text(encoding="utf-8").startswith("# A guess from answers.csv")
    assert ">&-" in closed.split() or "loyaltylab check answers.csv --codebook answers.yml" in done.stdout


@pytest.mark.parametrize("columns", ["0", "1", "-5", "x"])
@pytest.mark.parametrize("words", [["list"], ["list", "drivers"], ["check", "mobi"]])
def test_a_terminal_of_no_width_is_told_all(columns, words, monkeypatch):
    """Of no column at all, nothing was printed and the exit code was 0."""
    monkeypatch.setenv("COLUMNS", columns)
    said = terminal(*words)
    assert said.returncode == 0 and len(said.stdout) > 500


@posix
def test_too_few_open_files_are_said_before_a_run_begins(tmp_path):
    notebook(tmp_path / "small.ipynb", "print(n)")
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\nfrom loyaltylab.cli import main; main()"
    )
    call = [sys.executable, "-P", "-c", program, "run", "small.ipynb", "--plain-kernels"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "here a program may open 40. Allow more, as by: ulimit -n 1024" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_name_of_bytes_that_are_no_text_is_named(tmp_path):
    write(tmp_path / "good.yml", "title: T\nsource: S\nitems: {joy: {range: [1, 7]}}\n")
    file = os.fsdecode(os.fsencode(tmp_path) + b"/g\xffood.csv")
    Path(file).write_text("joy\n" + "3\n4\n" * 20, encoding="utf-8")
    done = command("run", "drivers", "-p", f"data={file}", "-p", f"codebook={tmp_path / 'good.yml'}", cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "ood.csv' holds bytes that are no text in UTF-8. Give the file or folder another name" in done.stderr
