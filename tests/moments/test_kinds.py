"""Data of another kind than a function takes are refused in a sentence, at every public function that takes data."""

import inspect
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

import loyaltylab
from loyaltylab import loyalty
from loyaltylab.core import DataError
from loyaltylab.moments import check_kind

ROOMS = ("claims", "contrasts", "drivers", "loyalty", "models", "moments", "survey", "exhibits")
#: The first parameter of a function → what it does not take.
OTHERS = {
    "Moments": ("survey", "table", "frame"),
    "Survey": ("moments", "frame", "table"),
    "Survey | pd.DataFrame": ("moments", "table"),
    "Survey | PublishedTable": ("moments", "frame"),
    "Survey | Warehouse": ("moments", "frame"),
    "Survey | PublishedTable | Warehouse": ("moments", "frame"),
    "Moments | MomentSource | pd.DataFrame": ("nothing",),
}
#: What is within a method, and gets what that has looked at.
EXEMPT = {"check_one_set", "usable_draws", "levels_of"}
#: Name or kind of a parameter → what it gets.
GIVEN = {
    "a": "emotional",
    "b": "rational",
    "str": "CUSL",
    "Sequence[str]": ["COMP", "LIKE"],
    "Iterable[str]": ["COMP", "LIKE"],
    "Mapping[str, Sequence[str]]": {"emotional": ["LIKE", "QUAL"], "rational": ["COMP"]},
    "tuple[str, Sequence[str]]": ("emotional", ["LIKE"]),
    "HeartHeadWallet": loyalty.HeartHeadWallet("LIKE", ("COMP",), "CUSL"),
    "Importance": SimpleNamespace(outcome="CUSL", terms=("LIKE",)),
    "float": 0.5,
    "int": 200,
}


def taking_data() -> list[tuple[str, str, str]]:
    """Room, function and kind of data it does not take."""
    found = []
    for room in ROOMS:
        module = import_module(f"loyaltylab.{room}")
        for name in module.__all__:
            one = getattr(module, name)
            if inspect.isfunction(one) and name not in EXEMPT and one.__module__.startswith("loyaltylab"):
                first = next(iter(inspect.signature(one).parameters.values()), None)
                found += [(room, name, kind) for kind in OTHERS.get(first.annotation if first else "", ())]
    return found


@cache
def given(kind: str) -> Any:
    if kind == "nothing":
        return None
    table = loyaltylab.read_table("corporate_reputation_simple")
    survey = loyaltylab.simulate(n=200, seed=1)
    return {"table": table, "survey": survey, "frame": survey.frame, "moments": survey.moments(["LOYALTY"])}[kind]


@pytest.mark.parametrize(("room", "name", "kind"), taking_data())
def test_another_kind_of_data_is_refused_with_what_to_give(room, name, kind):
    function = getattr(import_module(f"loyaltylab.{room}"), name)
    _, *others = inspect.signature(function).parameters.values()
    needed = [one for one in others if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    asked = {one.name: GIVEN.get(one.name, GIVEN.get(one.annotation.split(" | ")[0])) for one in needed}
    with pytest.raises(DataError, match=r"^this takes .*, and what was given is a \w+\. .*(Give|give)"):
        function(given(kind), **asked)


def test_a_database_has_a_codebook_gives_moments_and_refuses_rows_in_its_own_words(tmp_path):
    loyaltylab.simulate(n=200, seed=1).frame.to_csv(tmp_path / "answers.csv", index=False)
    answers = loyaltylab.read_warehouse(f"duckdb:{tmp_path / 'answers.csv'}", "loyalty")
    check_kind(answers, "codebook")
    check_kind(answers, "variables")
    with pytest.raises(DataError, match=r"Give its moments: \.moments\(\['LOYALTY'\]\)"):
        check_kind(answers, "moments", ["LOYALTY"])
    with pytest.raises(DataError, match="needs the answers of respondents one by one"):
        check_kind(answers, "answers")
