"""Verifying a run: what comes back the same, what does not and where, and what changed since."""

import json
import shutil
import struct
import zlib

import pytest

from loyaltylab.core.errors import ReportError, UnknownName
from loyaltylab.core.files import sha256
from loyaltylab.reports import cite, run_report
from loyaltylab.reports.checking.compare import compared
from loyaltylab.reports.checking.verify import verify_run
from loyaltylab.reports.findings import recorded_findings
from loyaltylab.reports.index import write_index
from loyaltylab.reports.running.record import id_of, runs_in

from ..conftest import texts, write
from .test_reports import contents, notebook

PARAMETERS = "data: str = 'none.csv'  # answers\nfactor: float = 1.0  # a number\n"
CELL = """
import pandas as pd
import loyaltylab as ll
from loyaltylab.exhibits import Exhibit
from loyaltylab.core import Quantity

report = ll.Report('small')
frame = pd.read_csv(data)
origin = ll.Provenance('synthetic', 'made up for a test')
report.evidence(origin)
mean = Quantity(float(frame['x'].mean()) * factor, None, None, None, 'Mean: x', origin)
report.say('opening', mean=mean)
shares = pd.DataFrame({'term': frame['name'], 'share': frame['x'] / frame['x'].sum()})
words = {'caption': 'c', 'alt': 'a', 'data': shares, 'provenance': origin}
report.show(Exhibit('fig-shares', title='Shares', draw=lambda figure: figure.subplots().barh(shares['term'], shares['share']), **words))
report.show(Exhibit('tbl-shares', title='Shares', columns={'term': '{term}', 'share': '{share:.2f}'}, **words))
"""
WORDS = {
    "title": ("A small report", "Een klein rapport"),
    "opening": '## In short\n\n> **The mean is {{ mean | number(".2f") }}.** No more.',
    "more": "## More",
}
DATA = "name,x\na,1\nb,2\nc,4.5\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory, warm_kernels):
    """A run of a user's own notebook on a user's own file, given by its full path."""
    home = tmp_path_factory.mktemp("home")
    data = write(home / "mine.csv", DATA)
    texts(home, **WORDS)
    path = notebook(home / "small.ipynb", CELL, parameters=PARAMETERS)
    with warm_kernels():
        return run_report(path, {"data": str(data)}, folder=home / "reports")


@pytest.fixture
def copy(made, tmp_path):
    """A copy of the run that a test may harm, with the data beside it."""
    shutil.copytree(made.folder, tmp_path / "reports" / "small" / made.folder.name)
    write(tmp_path / "mine.csv", DATA)
    return tmp_path / "reports" / "small" / made.folder.name


def signed(folder, **facts):
    """Write a manifest that fits the files as they are now, with other facts."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest |= facts
    manifest["exhibit_files"] = {path.name: sha256(path) for path in sorted((folder / "exhibits").iterdir())}
    keys = ("report", "notebook_sha256", "parameters", "files", "code_version", "python", "packages")
    manifest["run_id"] = facts.get("run_id") or id_of({key: manifest[key] for key in keys})
    manifest["id"] = facts.get("id") or f"loyaltylab:{manifest['report']}/{manifest['run_id']}"
    write(folder / "manifest.json", json.dumps(manifest))
    return manifest


def edited(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    write(path, text.replace(before, after, 1))


def checks(before, after, **options):
    """What is not identical between two run folders, by part and name."""
    found = {f"{check.part} {check.term}": check for check in compared(before, after, rtol=1e-9, **options)}
    return {name: check for name, check in found.items() if check.verdict != "identical"}


# ---- the whole way, with a kernel --------------------------------------------------------------------------------------


def test_an_untouched_run_comes_back_byte_for_byte_and_is_only_read(copy, tmp_path):
    before = contents(tmp_path)
    told = []
    found = verify_run(copy, data=tmp_path / "mine.csv", progress=lambda *event: told.append(event))
    assert found.ok and found.verdict == "identical" and found.changes == {} and found.tampered == ()
    frame = found.tidy()
    assert list(zip(frame["part"], frame["term"], frame["verdict"], strict=True)) == [
        ("figure", "fig-shares", "identical"),
        ("table", "tbl-shares", "identical"),
        ("prose", "“In short”", "identical"),
        ("page", "report.html", "identical"),
        ("page", "notebook.ipynb", "identical"),
        ("page", "report.pdf", "identical"),
        ("page", "report.docx", "identical"),
    ]
    glance = found.glance()
    assert len(glance) == 1 and glance.loc[0, "n_identical"] == 7 and glance.loc[0, "changed"] == ""
    assert found.summary()[0] == f"loyaltylab:small/{copy.name}: identical (7 identical)"
    assert contents(tmp_path) == before and told[0][0] == "cells"


def test_other_data_are_named_and_the_first_number_that_moved_is_shown(copy, tmp_path, quick_kernels):
    write(tmp_path / "mine.csv", DATA.replace("4.5", "5"))
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert not found.ok and list(found.changes) == ["data"]
    before, after = found.changes["data"]
    assert before.startswith("mine.csv ") and after.startswith("mine.csv ") and before != after
    rows = found.tidy().set_index(["part", "term"])
    figure = rows.loc["figure", "fig-shares"]
    assert figure["verdict"] == "different" and figure["where"] == "row 1 (a), column share"
    assert float(figure["before"]) == pytest.approx(1 / 7.5) and float(figure["after"]) == pytest.approx(1 / 8)
    assert figure["n_differences"] == 3
    prose = rows.loc["prose", "“In short”"]
    assert prose["where"] == "number mean" and (prose["before"], prose["after"]) == (
        "Mean: x = 2.5",
        "Mean: x = 2.6666666666666665",
    )
    assert "page" not in rows.index.get_level_values("part"), "another page is what other data should give"
    assert any(
        line.startswith("different: figure fig-shares, row 1 (a), column share: 0.133") for line in found.summary()
    )


def test_a_run_by_a_changed_notebook_of_the_project(copy, tmp_path, monkeypatch, quick_kernels):
    """The project's notebook of that name is what runs; that it changed is said, and the numbers still count."""
    from loyaltylab.reports.checking import verify
    from loyaltylab.reports.running.parameters import read_notebook

    texts(tmp_path, **WORDS)
    changed = notebook(tmp_path / "small.ipynb", CELL + "\nreport.say('more')", parameters=PARAMETERS)
    monkeypatch.setattr(verify, "read_notebook", lambda name: read_notebook(changed))
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert list(found.changes) == ["notebook"]
    assert [(c.part, c.term, c.verdict) for c in found.checks if c.verdict not in ("identical", "equal")] == [
        ("prose", "“More”", "new")
    ]
    assert not found.ok and found.glance().loc[0, "n_added"] == 1


def test_a_notebook_that_stops_is_one_message(copy, tmp_path, quick_kernels):
    write(tmp_path / "mine.csv", "name,y\na,1\n")
    with pytest.raises(ReportError) as caught:
        verify_run(copy, data=tmp_path / "mine.csv")
    assert str(caught.value) == (
        f"loyaltylab:small/{copy.name} cannot be made again: report 'small' stopped in cell 3: KeyError: 'x'"
    )


def test_the_same_file_under_another_name_is_the_same_run(copy, tmp_path, quick_kernels):
    found = verify_run(copy, data=(tmp_path / "mine.csv").rename(tmp_path / "sent by mail.csv"))
    assert found.verdict == "identical" and found.changes == {}, found.summary()
    for name in ("../out.csv", "/out.csv", ""):
        manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
        signed(copy, files={"data": {**manifest["files"]["data"], "name": name}}, run_id=copy.name)
        verify_run(copy, data=tmp_path / "sent by mail.csv")
        assert not list(tmp_path.rglob("out.csv")), "a name in a manifest leads nowhere"


# ---- before a kernel starts --------------------------------------------------------------------------------------------


def test_a_file_known_by_name_only_has_to_be_given(copy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "reports")
    with pytest.raises(ReportError) as caught:
        verify_run(copy)
    assert str(caught.value) == (
        f"loyaltylab:small/{copy.name} was made from mine.csv, which is not found here: a manifest keeps a file's name and "
        "hash, not its place. Give its path with --data, or go to its folder first."
    )
    with pytest.raises(ReportError, match=r"^--data nowhere\.csv: no such file\.$"):
        verify_run(copy, data="nowhere.csv")
    with pytest.raises(UnknownName, match="run 'nosuch' does not exist"):
        verify_run("nosuch", folder=tmp_path / "reports")


# ---- without a kernel: the run beside a copy of itself that was made again ----------------------------------------------


@pytest.fixture
def again(monkeypatch, made):
    """The second execution gives what the first gave, so that a test can harm the first alone."""
    from loyaltylab.reports.checking import verify

    monkeypatch.setattr(verify, "run_report", lambda *args, **kwargs: made)
    return made


def test_touched_missing_and_foreign_files_are_found(copy, tmp_path, again):
    edited(copy / "exhibits" / "tbl-shares.csv", "0.6", "0.7")
    (copy / "exhibits" / "fig-shares.pdf").unlink()
    write(copy / "exhibits" / "notes.txt", "mine")
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert found.tampered == ("exhibits/fig-shares.pdf", "exhibits/notes.txt", "exhibits/tbl-shares.csv")
    rows = {(check.part, check.term): check for check in found.checks}
    assert [rows["file", name].verdict for name in found.tampered] == ["missing", "new", "different"]
    table = rows["table", "tbl-shares"]
    assert (table.where, table.before, table.after) == ("row 3 (c), column share", "0.7", "0.6")
    assert rows["figure", "fig-shares"].verdict == "missing" and rows["figure", "fig-shares"].where == "fig-shares.pdf"
    assert not found.ok and found.glance().loc[0, "n_tampered"] == 3


def test_a_manifest_that_was_edited_no_longer_makes_its_own_id(copy, tmp_path, again):
    edited(copy / "manifest.json", '"factor": 1.0', '"factor": 2.0')
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert found.tampered == ("manifest.json",) and not found.ok


def test_changed_software_is_listed_each_with_both_versions(copy, tmp_path, again):
    packages = again.manifest["packages"]
    signed(copy, python="3.11.0", packages={**packages, "matplotlib": "3.8.0", "oldone": "1.0"}, code_version="0.0.9+0")
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert found.changes == {
        "code": ("0.0.9+0", again.manifest["code_version"]),
        "Python": ("3.11.0", again.manifest["python"]),
        "matplotlib": ("3.8.0", packages["matplotlib"]),
        "oldone": ("1.0", "–"),
    }
    assert found.ok and f"changed since: matplotlib: 3.8.0 → {packages['matplotlib']}" in found.summary()


def test_data_that_changed_in_a_column_no_one_reads_give_the_same_report(copy, tmp_path, quick_kernels):
    """The run id, which every file bears, is another; the numbers and pictures are not."""
    write(tmp_path / "mine.csv", "name,x,more\na,1,1\nb,2,1\nc,4.5,1\n")
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert list(found.changes) == ["data"] and found.ok
    repainted(copy / "exhibits" / "fig-shares.png", 300)
    found = verify_run(copy, data=tmp_path / "mine.csv")
    figure = next(check for check in found.checks if check.part == "figure")
    assert figure.verdict == "different" and "another picture" in figure.where


def test_a_changed_page_is_seen_when_nothing_else_changed(copy, tmp_path, again):
    edited(copy / "report.html", "The mean is", "The sum is")
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert [check.term for check in found.checks if check.verdict == "different"] == ["report.html"]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("0.133333333333", None),
        ("0.13333333333301", "equal"),
        ("0.1333334", "different"),
        ("x", "different"),
        ("", "different"),
    ],
)
def test_numbers_count_as_equal_within_the_tolerance(copy, made, value, verdict):
    edited(copy / "exhibits" / "tbl-shares.csv", "0.133333333333", value)
    found = checks(copy, made.folder).get("table tbl-shares")
    assert (found.verdict if found else None) == verdict


@pytest.mark.parametrize(
    ("file", "before", "after", "where"),
    [
        ("tbl-shares.csv", "term,share", "term,part", "columns"),
        ("tbl-shares.csv", "b,", "c,", "row 2 (c), column term"),
        ("tbl-shares.csv", "\nb,0.266666666667", "", "rows"),
        ("tbl-shares.csv", "b,0.266666666667", "b", "rows cut short"),
        ("tbl-shares.json", '"caption": "c"', '"caption": "another"', "caption"),
        ("tbl-shares.md", "0.27", "0.28", "same numbers, other tbl-shares.md"),
    ],
)
def test_where_a_table_differs(copy, made, file, before, after, where):
    edited(copy / "exhibits" / file, before, after)
    found = checks(copy, made.folder)
    assert list(found) == ["table tbl-shares"] and found["table tbl-shares"].where == where
    assert found["table tbl-shares"].verdict == "different"


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("The mean is 2.50", "The mean is 3.50", "text"),
        ("Mean: x = 2.5", "Mean: x = 2.6", "number mean"),
        ("Mean: x", "Sum: x", "number mean"),
    ],
)
def test_where_prose_differs(copy, made, before, after, where):
    edited(copy / "notebook.ipynb", before, after)
    found = checks(copy, made.folder)
    assert list(found) == ["prose “In short”"] and found["prose “In short”"].where == where


def repainted(path, rows):
    """Paint the first `rows` rows of a PNG black."""
    import matplotlib.image as image

    picture = image.imread(path).copy()
    picture[:rows, :, :3] = 0
    image.imsave(path, picture)


def test_another_picture_of_the_same_numbers_needs_a_reason(copy, made):
    repainted(copy / "exhibits" / "fig-shares.png", 300)
    found = checks(copy, made.folder)["figure fig-shares"]
    assert found.verdict == "different" and found.where.startswith("same numbers, another picture: ")
    excused = checks(copy, made.folder, redrawn="matplotlib 3.8.0 → 3.11.2")["figure fig-shares"]
    assert (excused.verdict, excused.where) == ("equal", "same numbers, drawn differently (matplotlib 3.8.0 → 3.11.2)")
    write(copy / "exhibits" / "fig-shares.png", "no picture")
    assert checks(copy, made.folder)["figure fig-shares"].where.endswith("100.00% of its pixels differ")


def test_the_same_picture_with_other_facts_in_the_file_is_equal(copy, made):
    path = copy / "exhibits" / "fig-shares.png"
    fact = b"tEXtKeep\0this"
    chunk = struct.pack(">I", len(fact) - 4) + fact + struct.pack(">I", zlib.crc32(fact))
    content = path.read_bytes()
    path.write_bytes(content[:33] + chunk + content[33:])  # right after the header
    assert checks(copy, made.folder)["figure fig-shares"].verdict == "equal"
    edited(copy / "exhibits" / "fig-shares.svg", "<svg ", "<svg  ")
    assert checks(copy, made.folder)["figure fig-shares"].verdict == "different", (
        "a vector file no one should have touched"
    )
    assert checks(copy, made.folder, redrawn="code a → b")["figure fig-shares"].verdict == "equal"


def test_an_exhibit_that_is_gone_or_new(copy, made):
    signed(copy, exhibits=["fig-shares", "tbl-old"])
    found = checks(copy, made.folder)
    assert {name: check.verdict for name, check in found.items()} == {
        "table tbl-old": "missing",
        "table tbl-shares": "new",
    }


# ---- a run says what its page says ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, change",
    [
        ("title", lambda value: "Proof that emotion wins"),
        ("headline", lambda value: "The mean is 9.50."),
        ("evidence_tier", lambda value: "observed"),
        ("evidence", lambda value: {**value, "source": {"en": "people", "nl": "mensen"}}),
        ("language", lambda value: "nl"),
        ("number", lambda value: 7),
        ("findings", lambda value: [{**value[0], "text": "More."}]),
        ("findings", lambda value: [{**value[0], "numbers": [{**value[0]["numbers"][0], "value": 9.5}]}]),
        ("rebuild", lambda value: value + "; rm -rf ."),
        ("id", lambda value: "loyaltylab:drivers/0123456789ab"),
    ],
)
def test_what_a_manifest_says_of_its_report_is_made_again_and_compared(copy, made, name, change):
    """Title, headline, findings and tier are what citations, the index and the ledger read."""
    assert not [check for check in compared(copy, made.folder, rtol=1e-9) if check.part == "manifest"]
    signed(copy, **{name: change(made.manifest[name])}, run_id=made.manifest["run_id"])
    found = [check for check in compared(copy, made.folder, rtol=1e-9) if check.part == "manifest"]
    assert [(check.term, check.verdict) for check in found] == [(name, "different")]


def test_a_run_that_says_other_things_does_not_verify(copy, tmp_path, quick_kernels):
    signed(copy, headline="The mean is 9.50.")
    found = verify_run(copy, data=tmp_path / "mine.csv")
    assert not found.ok and "manifest headline" in "\n".join(found.summary())


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"id": "x"}', "\udcff", "[" * 10**5])
def test_a_damaged_manifest_breaks_no_other_run(copy, damage):
    other = copy.parent / "0123456789ab"
    shutil.copytree(copy, other)
    (other / "manifest.json").write_bytes(damage.encode(errors="surrogateescape"))
    root = copy.parents[1]
    assert copy.name in cite(f"small/{copy.name}", folder=root)
    assert [run.folder for run in runs_in(root)] == [copy]
    assert isinstance(recorded_findings(folder=root), list)
    with pytest.raises(ReportError, match="small/0123456789ab/manifest.json is damaged"):
        verify_run(other)


@pytest.mark.parametrize("name", ["notebook.ipynb", "exhibits/fig-shares.json"])
def test_a_damaged_file_of_a_run_is_named(copy, made, name):
    write(copy / name, "{")
    told = [check.told() for check in compared(copy, made.folder, rtol=1e-9) if check.verdict == "different"]
    assert any("is damaged" in line for line in told)


@pytest.mark.parametrize(
    "change",
    [
        {"report": "../../evil"},
        {"report": "evil.ipynb"},
        {"report": "/tmp/evil"},
        {"exhibits": ["../x"]},
        {"language": "../x"},
    ],
)
def test_names_in_a_manifest_are_not_paths(copy, change):
    signed(copy, **change)
    with pytest.raises(ReportError, match="is damaged: .* is not the name of a report or of a file of it"):
        verify_run(copy)


@pytest.mark.parametrize("leave", ["import sys; sys.exit(0)", "raise SystemExit", "import os; os._exit(0)"])
def test_half_a_notebook_is_no_report(tmp_path, leave, quick_kernels):
    path = notebook(tmp_path / "half.ipynb", leave, "print('the rest')")
    with pytest.raises(ReportError, match=r"report 'half' stopped"):
        run_report(path, folder=tmp_path / "r")
    assert not list((tmp_path / "r").glob("half/*"))


@pytest.mark.parametrize(
    "change",
    [
        {"commit_date": "yesterday"},
        {"evidence_tier": "divine"},
        {"evidence": {"citation": ["x"]}},
        {"headline": ["x"]},
        {"findings": "x"},
        {"findings": [{"text": 5}]},
        {"findings": [{"id": "a", "text": "b", "exhibits": [], "tier": "observed", "numbers": "x"}]},
        {"files": {"data": 5}},
    ],
    ids=str,
)
def test_a_manifest_with_what_no_run_writes_breaks_no_command(copy, change):
    """It is named by who asks for it, and left out by who lists the others."""
    path = copy / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    for ask in (cite, verify_run):
        with pytest.raises(ReportError, match="is damaged"):
            ask(copy)
    root = copy.parents[1]
    assert recorded_findings(folder=root) == []
    assert write_index(root).is_file()
