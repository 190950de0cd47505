"""A million respondents by a hundred columns of parquet: read, checked and scored, beside plain pandas in the same run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROWS, ITEMS, SCALE = 1_000_000, 96, 8

STEPS = {
    "pandas: read, blank a code, alpha of 12 scales": """
import pandas as pd
frame = pd.read_parquet(data)
items = [name for name in frame if name.startswith("q")]
frame[items] = frame[items].mask(frame[items] == 99)
for start in range(0, len(items), 8):
    part = frame[items[start : start + 8]]
    S = part.cov()
    8 / 7 * (1 - S.to_numpy().trace() / S.to_numpy().sum())
    part.mean(axis=1)
""",
    "loyaltylab: read and score": """
import loyaltylab as ll
survey = ll.read_survey(data, book, weight="wt")
""",
    "loyaltylab: read, check, score, net promoter score": """
import loyaltylab as ll
found = ll.check_survey(data, book)
survey = ll.read_survey(data, book, weight="wt")
ll.net_promoter(survey, "tell", by="size")
""",
}


def write_survey(folder: Path) -> None:
    """The made-up survey: items of 1 to 7 with 3% blanks, a 0 to 10 question, a weight, a segment, a number."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    common = rng.normal(size=ROWS)
    columns = {}
    for i in range(ITEMS):
        answers = np.clip(np.round(4 + common + rng.normal(size=ROWS)), 1, 7)
        answers[rng.random(ROWS) < 0.03] = 99
        columns[f"q{i}"] = answers.astype("int8") if i % 2 else answers
    columns["tell"] = np.clip(np.round(7 + 1.5 * common + rng.normal(size=ROWS)), 0, 10)
    columns |= {"wt": rng.uniform(0.5, 2, ROWS), "size": rng.integers(1, 6, ROWS), "who": np.arange(ROWS)}
    pd.DataFrame(columns).to_parquet(folder / "big.parquet")
    blocks = ["emotional", "rational", "values", "structural"]
    lines = ["title: big", "source: made up", "tier: synthetic", "defaults: {range: [1, 7], missing: [99]}", "items:"]
    lines += [f"  q{i}: {{}}" for i in range(ITEMS)]
    lines += ["  tell: {range: [0, 10], role: outcome}", "  wt: {role: weight}", "  size: {role: segment}"]
    lines += ["  who: {role: respondent}", "scales:"]
    for i in range(ITEMS // SCALE):
        members = ", ".join(f"q{j}" for j in range(SCALE * i, SCALE * (i + 1)))
        lines.append(f"  S{i}: {{items: [{members}], role: driver, block: {blocks[i % 4]}}}")
    (folder / "big.yml").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Time and peak memory of each step, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_survey(folder)
        print(f"{ROWS:,} rows x {ITEMS + 4} columns, {(folder / 'big.parquet').stat().st_size / 1e6:.0f} MB of parquet")
        for label, code in STEPS.items():
            measured = (
                "import resource, time\nbegun = time.perf_counter()\n"
                f"data, book = {str(folder / 'big.parquet')!r}, {str(folder / 'big.yml')!r}\n{code}\n"
                "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
                "print(f'{time.perf_counter() - begun:6.1f} s {peak:7,.0f} MB')"
            )
            done = subprocess.run([sys.executable, "-c", measured], capture_output=True, text=True, check=True)
            print(f"{done.stdout.strip():>20}  {label}", flush=True)
