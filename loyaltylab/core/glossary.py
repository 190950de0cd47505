"""`GLOSSARY`: what every column of a result means; the words stand in `glossary.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .words import Phrase, tr

FILE = Path(__file__).with_name("glossary.csv")


@dataclass(frozen=True)
class Column:
    """A column of a result: its heading in a table, by language, and its meaning."""

    heading: Phrase
    meaning: str


def _columns() -> Iterator[tuple[str, Column]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["column"], Column(Phrase(row["heading"], row["context"]), row["meaning"])
            if row["interval"]:
                # as in `Result.value`: the interval of an estimate has no name of its own
                stem = "" if row["column"] == "estimate" else row["column"].removesuffix("_estimate") + "_"
                yield f"{stem}conf_low", Column(tr("From"), f"lower end of {row['interval']}")
                yield f"{stem}conf_high", Column(tr("To"), f"upper end of {row['interval']}")


#: Every column a result may have. A column with an interval gives the two of its ends as well.
GLOSSARY: dict[str, Column] = dict(_columns())
