"""Millions of answers in parquet, summed where they are, beside Arrow batches in the same run: is time linear in rows, and
memory flat? And what hashed groups cost in precision."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ITEMS, PART = 24, 2_000_000

STEPS = {
    "Arrow batches and one matrix product (no codebook, nothing missing)": """
import numpy as np, pyarrow.dataset as ds
S = np.zeros((9, 25, 25))
for batch in ds.dataset(data).to_batches(columns=["country", *names], batch_size=500_000):
    country = batch.column("country").to_numpy()
    X = np.empty((batch.num_rows, 25))
    X[:, 0] = 1.0
    for i, name in enumerate(names, 1):
        X[:, i] = batch.column(name).to_numpy()
    X[:, 1:] -= 4.0
    for c in range(9):
        part = X[country == c]
        S[c] += part.T @ part
""",
    "loyaltylab, DuckDB: moments by country": """
import loyaltylab as ll
found = ll.read_warehouse("duckdb:" + data, book, unit="who")
found.moments_by(names, "country")
""",
    "loyaltylab, DuckDB: 2,000 draws from 256 hashed groups": """
import loyaltylab as ll
found = ll.read_warehouse("duckdb:" + data, book, unit="who")
found.draws(names, n_draws=2000)
""",
}
SPARK = "loyaltylab, Spark on two processors (memory of Java not counted): moments by country"
STEPS[SPARK] = """
import pyspark
pyspark.sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
import loyaltylab as ll
found = ll.read_warehouse("spark:" + data, book)
found.moments_by(names, "country")
"""


def write_answers(folder: Path, rows: int) -> None:
    """Answers of 1 to 7 with 3% missing codes, made part by part so that memory stays flat."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    for part, start in enumerate(range(0, rows, PART)):
        n = min(PART, rows - start)
        common = rng.standard_normal(n, dtype="f4")
        columns = {}
        for i in range(ITEMS):
            answers = np.clip(np.round(4 + common + rng.standard_normal(n, dtype="f4")), 1, 7).astype("int8")
            answers[rng.random(n, dtype="f4") < 0.03 / ITEMS] = 99
            columns[f"q{i}"] = answers
        columns |= {"country": rng.integers(0, 9, n).astype("int8"), "who": np.arange(start, start + n)}
        pd.DataFrame(columns).to_parquet(folder / f"{part:03}.parquet")
    lines = ["title: big", "source: made up", "tier: synthetic", "defaults: {range: [1, 7], missing: [99]}", "items:"]
    lines += [f"  q{i}: {{}}" for i in range(ITEMS)] + ["  country: {role: segment}", "  who: {role: respondent}"]
    (folder.parent / "big.yml").write_text("\n".join(lines) + "\n")


def precision(rows: int = 20_000, repeats: int = 40) -> None:
    """Standard errors of a correlation from hashed groups, over as many surveys: their mean and spread against theory."""
    import numpy as np
    import pandas as pd

    from loyaltylab import Codebook, Provenance, read_warehouse
    from loyaltylab.codebook.entries import Item

    items = {name: Item(name, {"en": name}, range=(-9, 9)) for name in ("a", "b")}
    items["who"] = Item("who", {"en": "who"}, role="respondent")
    book = Codebook("big", {}, items, {}, Provenance("synthetic", "made up").source, tier="synthetic")
    import ibis

    print(f"standard error of r = .50 among {rows:,}, {repeats} surveys; by normal theory {0.75 / np.sqrt(rows):.5f}")
    for groups in (16, 256, 4096):
        errors = []
        for seed in range(repeats):
            rng = np.random.default_rng(seed)
            a = rng.standard_normal(rows)
            b = 0.5 * a + np.sqrt(0.75) * rng.standard_normal(rows)
            table = ibis.memtable(pd.DataFrame({"a": a, "b": b, "who": np.arange(rows)}))
            drawn = read_warehouse(table, book, groups=groups).draws(["a", "b"], n_draws=2000, seed=seed)
            errors.append(float(drawn.corr[:, 0, 1].std()))
        spread = np.std(errors, ddof=1) / np.mean(errors)
        print(
            f"  {groups:5,} groups: mean {np.mean(errors):.5f}, varies by {spread:.1%} from survey to survey",
            flush=True,
        )


def main(options: list[str]) -> None:
    """Time and peak memory of each step, in a process of its own, at each number of rows: 20 and 100 million without options."""
    sizes = [int(float(option)) for option in options] or [20_000_000, 100_000_000]
    measured: dict[str, list[tuple[float, float]]] = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "answers"
            folder.mkdir()
            write_answers(folder, rows)
            size = sum(file.stat().st_size for file in folder.iterdir()) / 1e9
            print(f"\n{rows:,} rows x {ITEMS} items, {size:.2f} GB of parquet, {os.cpu_count()} processors", flush=True)
            for label, code in STEPS.items():
                if label == SPARK and not _spark():
                    print(f"{'':>20}  {label}: pyspark and Java are not here")
                    continue
                seconds, peak = _measured(code, folder)
                measured.setdefault(label, []).append((seconds, peak))
                print(f"{seconds:6.1f} s {peak:7,.0f} MB  {label}", flush=True)
    if len(sizes) > 1:
        print(f"\nper row, {sizes[-1]:,} rows against {sizes[0]:,}:")
        for label, found in measured.items():
            time, memory = (found[-1][i] / found[0][i] for i in (0, 1))
            print(
                f"  {time * sizes[0] / sizes[-1]:4.2f} times the time, {memory:4.2f} times the memory in all  {label}"
            )
    print()
    precision()


def _measured(code: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak MB of a step in a process of its own."""
    around = (
        "import resource, time\nbegun = time.perf_counter()\n"
        f"data, book = {str(folder)!r}, {str(folder.parent / 'big.yml')!r}\nnames = [f'q{{i}}' for i in range({ITEMS})]\n"
        f"{code}\npeak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(time.perf_counter() - begun, peak)"
    )
    done = subprocess.run([sys.executable, "-c", around], capture_output=True, text=True, check=True)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def _spark() -> bool:
    return bool(shutil.which("java") and importlib.util.find_spec("pyspark"))
