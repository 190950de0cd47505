"""Sweeps: all combinations in parallel, broken off and killed at every moment, two at once, and gone on with afterwards."""

import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path

import pytest

from loyaltylab.core.errors import CodebookError, ReportError, UnknownName
from loyaltylab.core.files import sha256
from loyaltylab.reports import run_report
from loyaltylab.reports.running.staging import publish, settle, staged
from loyaltylab.reports.running.warm_kernels import prepared
from loyaltylab.reports.sweeps.sweep import Point, run_sweep

from ..conftest import write
from .test_index import content
from .test_reports import contents, notebook

posix = pytest.mark.skipif(os.name != "posix", reason="signals of this kind exist on Linux and macOS only")
linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks processes up in /proc")
#: Writes one file the manifest has a hash of.
EXHIBIT = """
import os, pathlib
folder = pathlib.Path(os.environ["LOYALTYLAB_RUN_FOLDER"]) / "exhibits"
folder.mkdir()
(folder / "tbl-x.csv").write_text("x\\n" * 1000 * n)
"""


def ids(sweep):
    return {point.run.folder.name for point in sweep.points if point.run}


def whole_runs(root):
    """Ids of all runs under a final name, after a look at each: nothing is missing, nothing is cut short."""
    found = set()
    for folder in root.glob("[!.]*/[!.]*"):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["run_id"] == folder.name
        for name, expected in manifest["exhibit_files"].items():
            assert sha256(folder / "exhibits" / name) == expected
        assert (folder / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
        assert (folder / "report.pdf").read_bytes().rstrip().endswith((b"%%EOF", b"</html>"))
        document = (folder / "report.docx").read_bytes()
        assert zipfile.is_zipfile(folder / "report.docx") or document.endswith(b"</html>")
        json.loads((folder / "notebook.ipynb").read_text(encoding="utf-8"))
        found.add(folder.name)
    return found


def left_over(root):
    """Stages, locks and runs set aside: what the next call has to put right."""
    return [path for path in [*root.glob(".work/*"), *root.glob("*/.*.old")] if path.name != "publish.lock"]


# ---- what is asked -------------------------------------------------------------------------------------------------------


def test_what_takes_long_in_one_run_is_passed_on(tmp_path, quick_sweeps):
    path, told = notebook(tmp_path / "small.ipynb", "from loyaltylab.core import tell; tell(f'{n} hours')"), []
    sweep_as_html(path, {"n": [1, 2]}, folder=tmp_path / "r", progress=lambda *event: told.append(event))
    assert sorted((str(point), note) for _, _, point, note in (e for e in told if len(e) == 4)) == [
        ("n=1", "1 hours"),
        ("n=2", "2 hours"),
    ]


def test_all_combinations_run_and_one_that_fails_does_not_stop_the_rest(tmp_path, quick_sweeps):
    path = notebook(tmp_path / "small.ipynb", "if n == 2: raise ValueError(f'not {n}')", EXHIBIT, "print(n, name)")
    told = []
    sweep = run_sweep(
        path,
        {"n": [1, 2, 3], "name": ["x", "y"]},
        folder=tmp_path / "r",
        jobs=2,
        progress=lambda *event: told.append(event),
    )
    assert [str(point) for point in sweep.points] == [f"n={n} name={name}" for n in (1, 2, 3) for name in "xy"]
    assert [point.values["n"] for point in sweep.failed] == [2, 2] and len(sweep.done) == 4 and not sweep.was_there
    assert all("ValueError: not 2" in point.error for point in sweep.failed)
    assert [point.run.manifest["parameters"] for point in sweep.done] == [point.values for point in sweep.done]
    kept = sorted((tmp_path / "r").glob("failed-small-*.ipynb"))
    assert len(kept) == 2 and all(any(file.name in point.error for point in sweep.failed) for file in kept)
    finished = [point for _, _, point in told if point]
    assert sorted(map(str, finished)) == sorted(map(str, sweep.points))
    parts = [done for done, of, _ in told]
    assert parts == sorted(parts) and parts[-1] == 6.0 and {of for _, of, _ in told} == {6}
    assert len(whole_runs(tmp_path / "r")) == 4 and not left_over(tmp_path / "r")

    write(path, path.read_text().replace("if n == 2: raise", "if n == 7: raise"))
    again = sweep_as_html(path, {"n": [1, 2]}, parameters={"name": "y"}, folder=tmp_path / "r")
    assert len(again.done) == 2, "another notebook, other runs"
    last = sweep_as_html(path, {"n": [1, 2, 3]}, parameters={"name": "y"}, folder=tmp_path / "r")
    assert len(last.was_there) == 2 and len(last.done) == 1 and not last.failed
    assert ids(last) > ids(again)


def test_a_run_of_a_sweep_is_the_run_one_gets_alone_and_force_makes_it_anew(tmp_path, quick_sweeps):
    path = notebook(tmp_path / "small.ipynb", EXHIBIT, "print(set('abcdefgh'))\nprint(os.getcwd())")
    alone = report_as_html(path, {"n": 3}, folder=tmp_path / "alone")
    (point,) = sweep_as_html(path, {"n": [3]}, folder=tmp_path / "swept").points
    assert contents(point.run.folder) == contents(alone.folder)
    stamp = (point.run.folder / "manifest.json").stat().st_mtime_ns
    (same,) = sweep_as_html(path, {"n": [3]}, folder=tmp_path / "swept", force=True).done
    assert (same.run.folder / "manifest.json").stat().st_mtime_ns > stamp and not left_over(tmp_path / "swept")


def test_a_sweep_in_a_file(tmp_path, monkeypatch, quick_sweeps):
    monkeypatch.chdir(tmp_path)
    notebook(tmp_path / "small.ipynb", "print(n, name)")
    grid = write(tmp_path / "grid.yml", "report: small.ipynb\nparameters: {n: 5}\nsweep: {name: [x, y]}\n")
    sweep = sweep_as_html(None, grid, folder="r")
    assert [point.run.manifest["parameters"] for point in sweep.done] == [{"n": 5, "name": name} for name in "xy"]
    assert sweep_as_html("small.ipynb", grid, folder="r", parameters={"n": 5}).was_there, "the same runs"


@pytest.mark.parametrize(
    ("grid", "options", "error", "message"),
    [
        ({"m": [1]}, {}, UnknownName, "parameter 'm' does not exist. Possible: n, name."),
        ({"n": [1, "2"]}, {}, ReportError, "parameter 'n' takes a whole number, not '2'. a number."),
        ({"n": [1], "name": ["x", "z"]}, {}, ReportError, "parameter 'name' is 'z'; allowed: x, y."),
        ({"n": ["1", "many"]}, {"as_text": ["n"]}, ReportError, "parameter 'n' takes a whole number, not 'many'."),
        ({"name": "xy"}, {}, ReportError, "parameter 'name' is to be swept over 'xy'; give a list of values."),
        ({"n": []}, {}, ReportError, "parameter 'n' is to be swept over []; give a list of values."),
        ({}, {}, ReportError, "a sweep needs at least one parameter with the values it takes in turn."),
        ({"n": [1, 2, 1]}, {}, ReportError, "the sweep holds 'n=1' twice; give each value once."),
        ({"n": [1]}, {"parameters": {"n": 2}}, ReportError, "parameter 'n' is swept and also given one value; leave"),
        ({"n": [1]}, {"jobs": 0}, ReportError, "jobs is 0; at least one run must go at a time."),
        (
            "sweeps: {n: [1]}",
            {},
            CodebookError,
            "grid.yml, the file: has an entry 'sweeps'; did you mean 'sweep'? Allowed:",
        ),
        ("sweep: [1]", {}, CodebookError, "grid.yml, sweep: is [1]; allowed: entries of the form 'name: value'."),
        ("sweep: {n: 1}", {}, ReportError, "parameter 'n' is to be swept over 1; give a list of values."),
        ("report: other\nsweep: {n: [1]}", {}, ReportError, "grid.yml is for the report 'other', not"),
        ("sweep: {n: [1], n: [2]}", {}, CodebookError, "grid.yml, line 1: 'n' stands twice (first in line 1)."),
    ],
)
def test_a_wrong_sweep_is_refused_before_anything_runs(tmp_path, monkeypatch, grid, options, error, message):
    monkeypatch.setattr("loyaltylab.reports.sweeps.sweep.made", lambda *_, **__: pytest.fail("a run was started"))
    path = notebook(tmp_path / "small.ipynb", "1")
    with pytest.raises(error) as caught:
        sweep_as_html(
            path,
            write(tmp_path / "grid.yml", grid) if isinstance(grid, str) else grid,
            folder=tmp_path / "r",
            **options,
        )
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "r").exists()


def test_a_file_must_say_which_report(tmp_path):
    with pytest.raises(ReportError, match=r"grid\.yml does not say which report to run; add 'report: drivers'"):
        sweep_as_html(None, write(tmp_path / "grid.yml", "sweep: {n: [1]}"))


def test_a_point_is_named_by_its_values():
    assert str(Point({"segment": "prepaid", "blocks": ["heart", "head"]})) == "segment=prepaid blocks=heart,head"


# ---- what goes wrong -----------------------------------------------------------------------------------------------------


def test_a_kernel_that_dies_is_one_message(tmp_path, quick_sweeps):
    path = notebook(tmp_path / "small.ipynb", "import os\nif n == 1: os._exit(3)")
    sweep = sweep_as_html(path, {"n": [1, 2]}, folder=tmp_path / "r")
    assert [point.values["n"] for point in sweep.done] == [2]
    assert sweep.failed[0].error.startswith("report 'small' stopped: the process that ran its cells died, as it does")
    assert not left_over(tmp_path / "r")


@pytest.mark.parametrize("times", [2, 3])
def test_a_kernel_that_leaves_before_any_cell_is_started_again(tmp_path, monkeypatch, times, quick_kernels):
    """As where another process took its port; a cell that was begun is never run twice."""
    from papermill.engines import NBClientEngine

    execute, left = NBClientEngine.execute_managed_notebook.__func__, [*range(times)]

    def unlucky(cls, *given, **options):
        if left:
            left.pop()
            raise RuntimeError("Kernel died before replying to kernel_info")
        return execute(cls, *given, **options)

    monkeypatch.setattr(NBClientEngine, "execute_managed_notebook", classmethod(unlucky))
    path = notebook(tmp_path / "small.ipynb", "print(n)")
    if times == 2:
        assert report_as_html(path, folder=tmp_path / "r").page.is_file()
    else:
        with pytest.raises(
            ReportError, match=r"report 'small': no process could be started for its cells \(Kernel died"
        ):
            report_as_html(path, folder=tmp_path / "r")


@posix
def test_a_worker_that_dies_fails_only_its_own_run_and_that_is_tried_once_more(tmp_path, quick_sweeps):
    die = "import os, pathlib, signal, time\nif n == 1 or (n == 2 and not pathlib.Path(name).exists()):\n" + (
        "    pathlib.Path(name).touch()\n    os.kill(int(os.environ['JPY_PARENT_PID']), signal.SIGKILL)\n    time.sleep(60)"
    )
    flag = tmp_path / "flag"
    path = notebook(tmp_path / "small.ipynb", die, EXHIBIT, parameters=f"n: int = 1\nname: str = {str(flag)!r}\n")
    sweep = run_sweep(path, {"n": [1, 2, 3, 4]}, folder=tmp_path / "r", jobs=2)
    assert [point.values["n"] for point in sweep.done] == [2, 3, 4] and flag.exists()
    assert sweep.failed[0].error == "the process that ran it died twice (exit code -9)."
    assert len(whole_runs(tmp_path / "r")) == 3 and not left_over(tmp_path / "r")


def test_inputs_that_change_during_a_run_leave_no_run_under_a_wrong_id(tmp_path, quick_kernels):
    path = notebook(tmp_path / "small.ipynb", "import pathlib\npathlib.Path(name).write_text(pathlib.Path(name).read_text().replace('1 + 1', '1 + 2'))\n1 + 1", parameters=f"name: str = {str(tmp_path / 'small.ipynb')!r}\n")  # fmt: skip
    with pytest.raises(ReportError, match=r"small\.ipynb or its data changed while the report ran; run it again\."):
        run_report(path, folder=tmp_path / "r")
    assert whole_runs(tmp_path / "r") == set() and not left_over(tmp_path / "r")


# ---- killed --------------------------------------------------------------------------------------------------------------

#: Runs the cells in the worker itself, so that a kill comes soon and often: what is tested is what is left of the folders.
STAND_INS = {
    "papermill/__init__.py": """
import json, os, time
def execute_notebook(source, target, parameters, **_):
    names = {"n": 1, "name": "x"} | parameters
    content = json.load(open(source))
    for cell in content["cells"][1:]:
        json.dump(content, open(target, "w"))
        exec(cell["source"], names)
""",
    "papermill/exceptions.py": "class PapermillExecutionError(Exception): pass\n",
    "papermill/engines.py": "class NBClientEngine: pass\nclass papermill_engines:\n    register = print\n",
    "nbclient/__init__.py": "",
    "nbclient/exceptions.py": "class DeadKernelError(Exception): pass\nclass CellTimeoutError(Exception): pass\n",
    "sitecustomize.py": """
import sys, time, types
def write_formats(executed, manifest, folder, formats):
    for name in formats:
        with open(folder / f"report.{name}", "w") as file:
            file.write("<html>")
            time.sleep(0.005)
            file.write("</html>")
    return {}
formats = types.ModuleType("loyaltylab.reports.formats.write")
formats.write_formats = write_formats
sys.modules["loyaltylab.reports.formats.write"] = formats
""",
}
#: Where no test reads another format, nor minds whether runs go side by side: each process more imports it all again.
sweep_as_html = partial(run_sweep, formats=["html"], jobs=1)
report_as_html = partial(run_report, formats=["html"])
PROGRAM = """
import sys
from loyaltylab.reports.sweeps.sweep import run_sweep
path, folder, force, warm = sys.argv[1:]
grid = {"n": [1, 2, 3], "name": ["x", "y"]}
sweep = run_sweep(path, grid, folder=folder, force=force == "True", warm=warm == "True", jobs=2)
sys.exit("; ".join(point.error for point in sweep.failed) or None)
"""


def started(path, root, *, force=False, warm=False, stand_ins=None, mark="none"):
    """A sweep as a program with a process group of its own."""
    before = os.environ.get("PYTHONPATH")
    paths = [str(part) for part in (stand_ins, before) if part]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), str(root), str(force), str(warm)],
        env=os.environ | {"SWEEP_MARK": mark} | ({"PYTHONPATH": os.pathsep.join(paths)} if paths else {}),
        start_new_session=True,
        stderr=subprocess.PIPE,
    )


def finish(process):
    _, complaints = process.communicate()
    assert process.returncode == 0, complaints.decode()


def marked(mark):
    """Living processes that a marked program started, itself included."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"SWEEP_MARK={mark}\0".encode() in environ.read_bytes() + b"\0":
                found.append(environ.parent.name)
        except OSError:
            continue
    return found


def killed_again_and_again(path, root, moments, **options):
    """Kill sweeps at these moments; each goes on where the last was killed, or forces all anew.

    A moment is so many seconds after so many runs are there and another has its stage.
    """
    states, safe, folder = set(), set(), root / "0"
    for number, (done, seconds) in enumerate(moments, 1):
        force = len(safe) == 6
        before = set(left_over(folder))
        process = started(path, folder, force=force, **options)
        while process.poll() is None and not set(left_over(folder)) - before:
            time.sleep(0.005)
        while process.poll() is None and len(list(folder.glob("[!.]*/[!.]*"))) < done:
            time.sleep(0.01)
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        states.add((len(whole_runs(folder)), bool(left_over(folder))))
        if not force:
            assert safe <= whole_runs(folder), "a finished run is lost"
            safe = whole_runs(folder)
        if number % 10 == 0 or number == len(moments):
            finish(started(path, folder, **options))
            assert len(whole_runs(folder)) == 6 and whole_runs(folder) >= safe and not left_over(folder)
            safe, folder = set(), root / str(number)
    assert len(states) > 1 and any(left for _, left in states), "the kills came at moments that differ"


@posix
def test_killed_at_20_moments_nothing_is_half_and_nothing_is_lost(tmp_path):
    for name, source in STAND_INS.items():
        (tmp_path / "stand_ins" / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / "stand_ins" / name, source)
    path = notebook(tmp_path / "small.ipynb", EXHIBIT, "import time\ntime.sleep(0.05)")
    chance = random.Random(20171205)
    moments = [(0, chance.uniform(0, 0.5)) for _ in range(20)]
    killed_again_and_again(path, tmp_path / "r", moments, stand_ins=tmp_path / "stand_ins")


@posix
@linux
@pytest.mark.parametrize("warm", [False, True])
def test_killed_at_4_moments_with_kernels_and_no_kernel_lives_on(tmp_path, warm):
    path = notebook(tmp_path / "small.ipynb", EXHIBIT, "import time\ntime.sleep(0.2)")
    chance = random.Random(20171206 + warm)
    moments = [(k, chance.uniform(0, 1)) for k in range(4)]  # each after another run, so that they differ
    killed_again_and_again(path, tmp_path / "r", moments, warm=warm, mark=str(tmp_path))
    while marked(tmp_path):  # a kernel looks for its parent every second
        time.sleep(0.1)


@posix
def test_a_book_killed_at_8_moments_loses_no_report(tmp_path):
    """What is left of the folders, with the cells run in the worker itself so that a kill comes soon and often."""
    for name, source in STAND_INS.items():
        (tmp_path / "stand_ins" / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / "stand_ins" / name, source)
    (tmp_path / "home" / "data" / "codebooks").mkdir(parents=True)
    (tmp_path / "home" / "notebooks").mkdir()
    for number in range(6):
        notebook(
            tmp_path / "home" / "notebooks" / f"{number}0_{'abcdef'[number]}.ipynb", "import time\ntime.sleep(0.05)"
        )
    paths = os.pathsep.join(filter(None, [str(tmp_path / "stand_ins"), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": paths, "LOYALTYLAB_HOME": str(tmp_path / "home")}
    program = [sys.executable, "-c", "from loyaltylab.cli import main; main()", "run", "all", "--plain-kernels"]
    chance, counts = random.Random(20171205), set()
    for book in range(2):
        folder, safe = tmp_path / f"r{book}", set()
        call = [*program, "--jobs", "2", "--reports-folder", str(folder)]
        for _ in range(4):
            before = set(left_over(folder))
            process = subprocess.Popen(call, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
            while process.poll() is None and not set(left_over(folder)) - before:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.3))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            assert safe <= whole_runs(folder), "a finished report is lost"
            safe = whole_runs(folder)
            counts.add(len(safe))
        done = subprocess.run(call, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert f"{6 - len(safe)} run, {len(safe)} up to date, 0 failed" in done.stdout
        assert len(whole_runs(folder)) == 6 and not left_over(folder) and len(content(folder)["runs"]) == 6
    assert len(counts) > 2, "the kills came at moments that differ"


@posix
@linux
@pytest.mark.parametrize("unread", [b"", b"the number of the kernel"])
def test_a_kernel_leaves_with_its_worker_also_when_something_was_left_unread(unread):
    program = f"""
import socket
from loyaltylab.reports.running.warm_kernels import _leave_with
kernel, worker = socket.socketpair()
kernel.sendall({unread!r})
worker.close()
_leave_with(kernel)
"""
    assert subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE).returncode == 1


@posix
@linux
@pytest.mark.parametrize("warm", [False, True])
def test_ctrl_c_leaves_whole_runs_only_and_no_process(tmp_path, warm):
    path = notebook(tmp_path / "small.ipynb", EXHIBIT, "import time\ntime.sleep(n if n < 3 else 60)")
    process = started(path, tmp_path / "r", warm=warm, mark=str(tmp_path))
    while not whole_runs(tmp_path / "r"):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, complaints = process.communicate()
    assert process.returncode not in (0, 1) and complaints.decode().rstrip().endswith("KeyboardInterrupt")
    assert whole_runs(tmp_path / "r") and not left_over(tmp_path / "r")
    assert not list((tmp_path / "r").glob("failed-*"))
    while marked(tmp_path):
        time.sleep(0.1)


@posix
@pytest.mark.parametrize("replace", [False, True])
def test_killed_before_and_after_each_step_of_publishing(tmp_path, replace):
    """A process that kills itself at the k-th change of the disk, for every k there is."""
    program = """
import itertools, os, shutil, signal, sys
from pathlib import Path
root, k = Path(sys.argv[1]), int(sys.argv[2])
steps = itertools.count()
def watched(change):
    def step(*args, **kwargs):
        for when in ("before", "after"):
            if when == "after":
                result = change(*args, **kwargs)
            if next(steps) == k:
                os.kill(os.getpid(), signal.SIGKILL)
        return result
    return step
for name in ("replace", "mkdir", "unlink", "rmdir", "open"):
    setattr(os, name, watched(getattr(os, name)))
from loyaltylab.reports.running.staging import publish, settle, staged
settle(root)
with staged(root) as stage:
    (stage / "a").write_text("new")
    (stage / "manifest.json").write_text("new")
    publish(stage, root / "small" / "0123", replace=True)
"""
    ends = []
    for k in itertools.count():
        root = tmp_path / str(k)
        final = root / "small" / "0123"
        if replace:
            final.mkdir(parents=True)
            write(final / "a", "old")
            write(final / "manifest.json", "old")
        code = subprocess.run([sys.executable, "-c", program, str(root), str(k)], check=False).returncode
        if final.exists():
            assert len({(final / name).read_text() for name in ("a", "manifest.json")}) == 1
        settle(root)
        assert not left_over(root)
        if replace or final.exists():
            ends.append({(final / name).read_text() for name in ("a", "manifest.json")})
            assert len(ends[-1]) == 1
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert k > 10 and ends[-1] == {"new"}
    assert ({"old"} in ends) == replace


# ---- warm kernels ------------------------------------------------------------------------------------------------------

warm_here = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
SEEN = """
import sys
print("forked:", "pandas" in sys.modules)
"""


def printed(point):
    cells = json.loads((point.run.folder / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    return "".join("".join(output["text"]) for cell in cells for output in cell["outputs"] if "text" in output)


@warm_here
def test_forked_kernels_share_nothing_but_imported_modules(tmp_path):
    look = """
import os, signal, sys, threading, matplotlib as mpl, numpy as np, pandas as pd
print("forked:", os.getppid() != int(os.environ["JPY_PARENT_PID"]))
print(hasattr(pd, "left"), pd.options.display.max_rows, os.environ.get("LEFT"), mpl.rcParams["lines.linewidth"])
print(os.getcwd(), sys.path, sys.argv[1:2], "LEFT" in globals(), [signal.getsignal(number) for number in (2, 15, 17)])
environment = [pair for pair in sorted(os.environ.items()) if pair[0][:14] not in ("LOYALTYLAB_RUN", "JPY_PARENT_PID", "IPYTHONDIR")]
print(len(environment), hash(tuple(environment)))
drawn = np.random.rand()
print("drawn", drawn)
"""
    leave = """
pd.left = LEFT = os.environ["LEFT"] = "left"
pd.options.display.max_rows = 3
mpl.rcParams["lines.linewidth"] = 9
np.random.seed(1)
os.chdir("/")
"""
    path = notebook(tmp_path / "small.ipynb", look, leave)
    sweep = sweep_as_html(path, {"n": [1, 2, 3]}, folder=tmp_path / "warm")
    (plain,) = sweep_as_html(path, {"n": [1]}, folder=tmp_path / "plain", warm=False).done
    texts = [re.split(r"drawn |(?<=forked: )(?:True|False)", printed(point)) for point in (*sweep.done, plain)]
    assert all(printed(point).startswith("forked: True\nFalse 60 None 1.5\n") for point in sweep.done)
    assert len({text for _, text, _ in texts}) == 1, "the same in all, but for the random number"
    assert len({drawn for _, _, drawn in texts}) == 4, "the global generator starts anew in each"


@warm_here
def test_every_figure_is_there_and_the_bytes_are_those_of_a_plain_kernel(tmp_path):
    figures = [
        "import matplotlib.pyplot as plt, pandas as pd, seaborn as sns\nplt.plot([n, 2])\nplt.show()",
        "sns.histplot([1, 1, n])",
        "fig, ax = plt.subplots()\nax.set_title(name);",
        "fig",
        "pd.DataFrame({'x': [n]}).plot()\npd.DataFrame({'x': [n]})",
        "%matplotlib inline\n%config InlineBackend.figure_formats = ['jpeg']",
        "display(plt.figure(figsize=(1, 1)).subplots().figure.get_size_inches())",
    ]
    path = notebook(tmp_path / "small.ipynb", *figures)
    sweep = run_sweep(path, {"n": [1, 2]}, folder=tmp_path / "warm", jobs=1)
    for point in sweep.done:
        plain = run_report(path, point.values, folder=tmp_path / "plain")
        text = (plain.folder / "notebook.ipynb").read_text(encoding="utf-8")
        assert (text.count('"image/png"'), text.count('"image/jpeg"')) == (5, 1)
        assert contents(point.run.folder) == contents(plain.folder)
    assert len(sweep.done) == 2


@warm_here
def test_the_report_on_drivers_is_the_same_from_a_warm_kernel(tmp_path, corp_rep_file):
    sweep = run_sweep(
        "drivers", {"language": ["en", "nl"]}, parameters={"draws": 200}, folder=tmp_path / "warm", jobs=1
    )
    plain = run_report("drivers", {"draws": 200, "language": "nl"}, folder=tmp_path / "plain")
    warm = sweep.done[1].run
    assert contents(warm.folder).keys() == contents(plain.folder).keys()
    assert [name for name, content in contents(plain.folder).items() if contents(warm.folder)[name] != content] == []


@warm_here
@pytest.mark.parametrize("warm", [True, False])
def test_kernels_start_the_plain_way_where_they_cannot_be_forked(tmp_path, monkeypatch, warm):
    """Here because the process that was to be forked has a thread."""
    write(
        tmp_path / "sitecustomize.py",
        "import sys, threading, time\nif 'serve(' in sys.orig_argv[-1]:\n"
        "    threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
    )
    path = notebook(tmp_path / "small.ipynb", SEEN)
    if warm:
        assert {printed(p) for p in sweep_as_html(path, {"n": [1, 2]}, folder=tmp_path / "a").done} == {
            "forked: True\n"
        }
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    sweep = sweep_as_html(path, {"n": [1, 2]}, folder=tmp_path / "b", warm=warm)
    assert {printed(point) for point in sweep.done} == {"forked: False\n"} and len(sweep.done) == 2


@warm_here
def test_a_prepared_process_that_dies_is_done_without(tmp_path):
    kill = "import os, signal\nif n == 1: os.kill(os.getppid(), signal.SIGKILL)"
    path = notebook(tmp_path / "small.ipynb", SEEN, kill)
    sweep = sweep_as_html(path, {"n": [1, 2, 3]}, folder=tmp_path / "r")
    assert [printed(point) for point in sweep.done] == ["forked: True\n", "forked: False\n", "forked: False\n"]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_is_forked_on_other_platforms(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    with prepared() as options:
        assert options == {}


# ---- two at once ---------------------------------------------------------------------------------------------------------


def test_two_sweeps_at_once_on_one_folder_do_not_harm_each_other(tmp_path):
    path = notebook(tmp_path / "small.ipynb", EXHIBIT, "import time\ntime.sleep(0.3)")
    for force in (False, True):
        both = [started(path, tmp_path / "r", force=force) for _ in range(2)]
        for process in both:
            finish(process)
        assert len(whole_runs(tmp_path / "r")) == 6 and not left_over(tmp_path / "r")


def test_the_second_to_finish_takes_what_is_there(tmp_path):
    final = tmp_path / "small" / "0123"
    for text, replace, is_ours, now in [("a", False, True, "a"), ("b", False, False, "a"), ("c", True, True, "c")]:
        with staged(tmp_path) as stage:
            write(stage / "manifest.json", text)
            assert publish(stage, final, replace=replace) is is_ours
        assert (final / "manifest.json").read_text() == now and not left_over(tmp_path)


def test_a_stage_of_a_living_process_is_left_alone_and_that_of_a_dead_one_goes(tmp_path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom loyaltylab.reports.running.staging import staged\n"
        "with staged(Path(sys.argv[1])) as stage:\n    print(stage, flush=True)\n    input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        stage = Path(process.stdout.readline().strip())
        settle(tmp_path)
        assert stage.is_dir(), "its process lives"
        process.kill()
        process.wait()
        assert stage.is_dir(), "nobody was there to remove it"
    (
        tmp_path / ".work" / "cafe0123"
    ).mkdir()  # what a kernel that outlived its worker may leave: a stage without a lock
    settle(tmp_path)
    assert not left_over(tmp_path)


@pytest.mark.parametrize("warm", [True, False])
def test_a_sweep_does_not_mix_two_versions_of_the_data(tmp_path, warm, quick_sweeps):
    """One cell changes the data: runs that begin later are not those that were asked."""
    data = write(tmp_path / "rows.csv", "x\n1\n")
    text = f"n: int = 1  # a number\ndata: str = {str(data)!r}  # rows\ncodebook: str = 'mobi'  # codebook\n"
    path = notebook(tmp_path / "small.ipynb", EXHIBIT, parameters=text)

    def changing(done, of, point):
        if point:
            write(data, "x\n2\n")

    sweep = sweep_as_html(path, {"n": [1, 2, 3]}, folder=tmp_path / "r", warm=warm, progress=changing)
    assert len(sweep.done) == 1 and len(sweep.failed) == 2
    assert all("changed while the sweep went on" in point.error for point in sweep.failed)
