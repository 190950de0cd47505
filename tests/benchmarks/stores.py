"""A small report for each of thousands of stores: killed in mid-run, gone on with, and its index page opened.

The stores are simulated: sixty respondents each, in one parquet file. The report reads the file, keeps one store, divides
what is explained of loyalty among four indices with intervals, and shows them as a table, or as a figure, which takes a
second more; a page is written of it.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .reports import write_notebook

CLI = [sys.executable, "-c", "from loyaltylab.cli import main; main()"]
EACH = 60
#: Index → its block.
DRIVERS = {"EMOTION": "emotional", "RATIONAL": "rational", "VALUES": "values", "BONDS": "structural"}
REPORT = [
    "import loyaltylab as ll\n\nevidence = ll.read_data(data, codebook, only=f'store={store}')\nbook = evidence.codebook",
    "drivers = book.names('driver')\nmoments = evidence.moments(['LOYALTY', *drivers])\n"
    "drawn = evidence.draws(['LOYALTY', *drivers], n_draws=draws, seed=seed)\n"
    "found = ll.importance(moments, 'LOYALTY', drivers, draws=drawn)\nfound",
    "report = ll.Report('store')\nreport.evidence(found)\nreport.labels = book.labels(report.language)\n"
    "place = 'fig-store' if figure else 'tbl-store'\n"
    "report.given(place=place, top=found.strongest, share=found.value(found.strongest, 'share'))\n"
    "report.say('top', finding='top')",
    "report.show((found.plot if figure else found.table)(place), words='top')",
]
TEXTS = {
    "en": """{% block title %}What goes with loyalty in this store?{% endblock %}
{% block top %}{{ top | label }} takes {{ share | ci(".0%") }} of what is explained (@{{ place }}).{% endblock %}
{% block top_title %}{{ top | label }} takes most{% endblock %}
""",
    "nl": """{% block title %}Wat gaat samen met loyaliteit in deze winkel?{% endblock %}
{% block top %}{{ top | label }} neemt {{ share | ci(".0%") }} van wat is verklaard (@{{ place }}).{% endblock %}
{% block top_title %}{{ top | label }} neemt het meest{% endblock %}
""",
}
PARAMETERS = """data: str = ""  # file of answers
codebook: str = ""  # its codebook
store: int = 1  # number of the store
figure: bool = False  # a figure, in three formats, instead of a table
draws: int = 500  # draws behind each interval
seed: int = 1  # seed of the draws"""


def main(arguments: list[str]) -> None:
    """Make the stores, kill the sweep after a third of its runs, go on, and open the index page.

    4,000 stores without options; the word `figure` after the number gives each report a figure.
    """
    n = int(float(arguments[0])) if arguments else 4000
    folder = Path(tempfile.mkdtemp(prefix="stores-"))
    try:
        _measure(n, folder, figure="figure" in arguments)
    finally:
        shutil.rmtree(folder)


def _measure(n: int, folder: Path, *, figure: bool) -> None:
    write_stores(folder, n)
    (folder / "texts").mkdir()
    for language, text in TEXTS.items():
        (folder / "texts" / f"store.{language}.md").write_text(text, encoding="utf-8")
    notebook = write_notebook(folder / "store.ipynb", REPORT, PARAMETERS)
    parameters = {"data": str(folder / "stores.parquet"), "codebook": str(folder / "stores.yml"), "figure": figure}
    grid = {"parameters": parameters, "sweep": {"store": list(range(1, n + 1))}}
    (folder / "grid.yml").write_text(json.dumps(grid), encoding="utf-8")
    reports = folder / "reports"
    command = [*CLI, "run", str(notebook), "--grid", str(folder / "grid.yml")]
    command += ["--reports-folder", str(reports), "--formats", "html"]
    print(f"{n:,} stores of {EACH} respondents, {os.cpu_count()} processors", flush=True)

    begun = time.perf_counter()
    sweep = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while len(whole_runs(reports)) < n / 3 and sweep.poll() is None:
        time.sleep(0.2)
    if sweep.poll() is not None:
        raise SystemExit(f"The sweep stopped by itself ({sweep.returncode}) with {len(whole_runs(reports))} runs.")
    os.killpg(sweep.pid, signal.SIGKILL)
    sweep.wait()
    first, before = time.perf_counter() - begun, whole_runs(reports)
    print(f"{first:8.1f} s  {len(before):,} runs, then killed: {1000 * first / len(before):.0f} ms a run", flush=True)

    begun = time.perf_counter()
    again = subprocess.run(command, check=False, capture_output=True, text=True)
    second, after = time.perf_counter() - begun, whole_runs(reports)
    made = len(after) - len(before)
    print(f"{second:8.1f} s  {made:,} runs, gone on with: {1000 * second / max(made, 1):.0f} ms a run")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{peak:8,.0f} MB of the largest process")
    halves = [*reports.glob(".work/*/"), *reports.glob("*/.*.old"), *reports.glob("failed-*")]
    if again.returncode or len(after) != n or halves or any(after[name] != stamp for name, stamp in before.items()):
        raise SystemExit(f"{len(after)} of {n} runs are there.\n{again.stderr[-2000:]}")
    begun = time.perf_counter()
    subprocess.run([*CLI, "index", "--reports-folder", str(reports)], check=True, capture_output=True)
    page = reports / "index.html"
    print(f"{time.perf_counter() - begun:8.1f} s  to make the index page, {page.stat().st_size / 1e6:.1f} MB")
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    if browser:
        begun = time.perf_counter()
        shown = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--dump-dom", page.as_uri()],
            check=True,
            capture_output=True,
            text=True,
        )
        rows = shown.stdout.count('<li class="run ')
        print(
            f"{time.perf_counter() - begun:8.1f} s  to open it in a browser that was not running; {rows} runs on its first page"
        )


def whole_runs(reports: Path) -> dict[str, int]:
    """Name of each published run, with the time its manifest was written."""
    found = (path for path in reports.glob("store/*/manifest.json") if not path.parent.name.startswith("."))
    return {path.parent.name: path.stat().st_mtime_ns for path in found}


def write_stores(folder: Path, n: int) -> None:
    """Simulated respondents by store, with the codebook of their five indices."""
    import numpy as np

    from loyaltylab import simulate

    survey = simulate(
        n * EACH, matched=False, missing=False, modules=["emotions", "rational", "values", "bonds", "outcomes"]
    )
    frame = survey.frame[["LOYALTY", *DRIVERS]].round(3)
    frame.insert(0, "store", np.random.default_rng(1).permutation(np.repeat(np.arange(1, n + 1), EACH)))
    frame.to_parquet(folder / "stores.parquet", index=False)
    lines = ["title: Stores", "source: simulated respondents, not people", "tier: synthetic", "items:"]
    lines += ["  store: {label: Store, role: segment}", "  LOYALTY: {label: Loyalty, range: [1, 7], role: outcome}"]
    lines += [
        f"  {name}: {{label: {name.title()}, range: [1, 7], role: driver, block: {block}}}"
        for name, block in DRIVERS.items()
    ]
    (folder / "stores.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
