"""The six figures of "What it looks like" in the README: `make gallery` runs their reports on the data they come with.

Each is the figure a report opens with, beside its finding. Figures hold results only, never rows.
"""

import html
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from loyaltylab.core import markdown as escaped
from loyaltylab.reports import run_report

HERE = Path(__file__).parent
SHOWN = ("drivers", "emotions", "satisfaction", "value", "robustness", "claims")
HEADING = "## What it looks like\n"


def shown(report: str, reports: Path) -> str:
    """A cell of the gallery; the figure is written beside this file."""
    run = run_report(report, folder=reports, formats=["html"])
    figure = next(name for name in run.manifest["exhibits"] if name.startswith("fig-"))
    file = run.folder / "exhibits" / figure
    (HERE / f"{report}.svg").write_bytes(file.with_suffix(".svg").read_bytes())
    title = html.escape(json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))["title"])
    headline = escaped(run.manifest["headline"])
    return f'<img src="docs/gallery/{report}.svg" alt="{title}" width="400"><br>**{report}**: {headline}'


def main() -> None:
    """Write the figures, and their section of the README."""
    with TemporaryDirectory() as reports:
        cells = [shown(report, Path(reports)) for report in SHOWN]
    rows = [f"| {left} | {right} |" for left, right in zip(cells[::2], cells[1::2], strict=True)]
    table = "\n".join(["| | |", "|---|---|", *rows])
    said = "Each report opens with its finding and the figure it rests on. These come with the data of the package; `make gallery` draws them."
    readme = HERE.parents[1] / "README.md"
    before, _, after = readme.read_text(encoding="utf-8").partition(HEADING)
    rest = after[after.index("\n## ") :]
    readme.write_text(f"{before}{HEADING}\n{said}\n\n{table}\n{rest}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
