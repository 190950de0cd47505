"""The tour for newcomers: on real rows, on simulated ones in Dutch, on a table without rows, and by hand with its sliders."""

import json
from types import SimpleNamespace

import pytest

import loyaltylab as ll
from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.reports import list_reports

from ..runs import _value_of, card_of, in_order, numbers_of
from .test_reports import NOTEBOOKS, page_text

ORDER = [
    "In short",
    "Nobody can tell which weighs more: emotional 4",
    "What the blocks contain",
    "One: a correlation",
    "Two: drivers that overlap",
    "Three: dividing what they share",
    "Four: how sure is that?",
    "Five: what would change it",
    "The claim, its source and its grade",
    "Who answered, and what was left out",
    "Six: what may be cited, and what not",
    "Change one thing",
    "Use your own file",
    "Where next",
    "Exercises",
    "About this report",
]


@pytest.fixture(scope="module")
def tour(corp_rep_file, report):
    return report("start_here", draws=200)


def test_the_tour_is_told_in_order(tour):
    text = page_text(tour)
    in_order(text, ORDER)
    assert "n = 342" in text
    assert "“70% emotion” has grade F" in text, "the claim comes with its grade"
    assert tour.manifest["exhibits"] == ["fig-blocks", "tbl-blocks", "fig-correlations", "fig-drivers", "fig-what-if", "tbl-claims", "tbl-flow", "tbl-sample", "tbl-composition"]  # fmt: skip
    assert "Alone, Likeability explains" in text and "That is less than the sum" in text


def test_the_thought_experiment_is_synthetic_in_a_report_on_observed_answers(tour):
    card = card_of(tour, "fig-what-if")
    assert tour.manifest["evidence_tier"] == "observed" and card["tier"] == "synthetic"
    assert "Nobody observed that table; it is no evidence" in page_text(tour)
    drawn = numbers_of(tour, "fig-what-if").set_index("term")
    book = ll.read_codebook("corporate_reputation")
    moments = ll.read_data("corp_rep").moments(["CUSL", *ll.flatten(book.blocks())])
    halfway = (ll.drivers.possible_correlations(moments, "CUSL", "LIKE")[0] + moments.corr[0, 1]) / 2
    again = ll.drivers.hypothetical(moments, "CUSL", book.blocks(), {"LIKE": halfway}).tidy().set_index("term")
    assert drawn["share"].to_dict() == pytest.approx(again["share"].to_dict())
    assert drawn.loc["LIKE", "correlation"] == pytest.approx(halfway) != pytest.approx(float(moments.corr[0, 1]))


def test_a_report_has_no_widget(tour):
    executed = (tour.folder / "notebook.ipynb").read_text(encoding="utf-8")
    assert "widget" not in json.dumps([cell.get("outputs", []) for cell in json.loads(executed)["cells"]])
    assert "Not answered yet" not in page_text(tour), "answers belong to those who do the exercises"


def test_the_answers_of_the_exercises_are_those_of_the_library(tour):
    """What a reader finds by following the exercise is what the last cell holds to be right."""
    cells = json.loads((tour.folder / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    given = {"one": 0.42, "two": "Likeability", "three": 0.31, "four": "no"}
    book = ll.read_codebook("corporate_reputation")
    blocks, survey = book.blocks(), ll.read_data("corp_rep")
    main = ll.importance(survey.moments(["CUSL", *ll.flatten(blocks)]), "CUSL", blocks)
    of_other = ll.importance(survey.moments(["CUSA", *ll.flatten(blocks)]), "CUSA", blocks)
    by_last = ll.importance(survey.moments(["CUSL", *ll.flatten(blocks)]), "CUSL", blocks, method="last")
    given["two"] = book.labels()[by_last.strongest]
    given["three"] = round(float(of_other.shares.max()), 2)
    names = {
        "main": main,
        "of_other": of_other,
        "by_last": by_last,
        "report": SimpleNamespace(labels=book.labels(), language="en"),
        "ll": ll,
    }
    checked = _value_of("".join(cells[-1]["source"]), names | given)
    assert {name: answer.right for name, answer in checked.items()} == dict.fromkeys(given, True)


def test_simulated_respondents_in_dutch_may_not_be_cited(told):
    run = told("start_here", data="simulated n=1500 seed=5", draws=200, language="nl")
    text = page_text(run)
    assert run.manifest["evidence_tier"] == "synthetic"
    assert run.manifest["headline"].startswith("Niemand heeft geantwoord: deze respondenten zijn gesimuleerd")
    assert "Niets mag worden geciteerd." in text and "Dit mag u schrijven" not in text
    for english in ("In short", "Source", "Figure", "emotional", "as found", "You may", "Exercises"):
        assert english not in text.split("Over dit rapport")[0], english


def test_on_a_table_without_rows(told):
    run = told("start_here", data="hedonic_utilitarian", draws=200)
    text = page_text(run)
    assert "correlation table of 190 respondents" in text and run.manifest["evidence_tier"] == "published"
    assert run.manifest["exhibits"] == [
        "fig-blocks",
        "tbl-blocks",
        "fig-correlations",
        "fig-drivers",
        "fig-what-if",
        "tbl-claims",
    ]


def test_a_newcomer_meets_three_parameters_and_then_the_finding():
    notebook = json.loads(NOTEBOOKS["00_start_here"].read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [line.split(":")[0] for line in code[0].split("\n")] == ["data", "outcome", "method"]
    assert 'say("opening"' in code[2] and 'plot("fig-blocks"' in code[2]
    assert sum(bool(line.strip()) for one in code[:3] for line in one.split("\n")) <= 15, (
        "the figure is on the first screen"
    )
    assert max(len([line for line in one.split("\n") if line.strip()]) for one in code) < 10
    assert "codebook" in list_reports()["start_here"].parameters, "one's own file takes one"


def test_by_hand_the_sliders_are_there(monkeypatch, quick_kernels):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.delenv("LOYALTYLAB_RUN_FOLDER", raising=False)
    path = NOTEBOOKS["00_start_here"]
    found, before = nbformat.read(path, as_version=4), set(path.parent.iterdir())
    NotebookClient(found, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()  # fmt: skip
    outputs = [output for cell in found.cells for output in cell.get("outputs", [])]
    assert sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs) == 1
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert "'one': Not answered yet." in outputs[-1]["data"]["text/plain"]
    assert set(path.parent.iterdir()) == before, "by hand, nothing is saved"


def test_an_error_by_hand_is_a_line_and_jupyterlab_goes_there(monkeypatch, quick_kernels):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.delenv("LOYALTYLAB_RUN_FOLDER", raising=False)
    path = NOTEBOOKS["00_start_here"]
    found = nbformat.read(path, as_version=4)
    found.cells = [cell for cell in found.cells if cell.cell_type == "code"][:2]
    found.cells[0].source = found.cells[0].source.replace('outcome: str = ""', 'outcome: str = "Loyalti"')
    NotebookClient(found, kernel_name="python3", timeout=300, allow_errors=True, resources={"metadata": {"path": str(path.parent)}}).execute()  # fmt: skip
    error, scroll = found.cells[1].outputs[-2:]
    assert len(error["traceback"]) == 1 and "did you mean 'Loyalty' (CUSL)?" in error["traceback"][0]
    assert "scrollIntoView" in scroll["data"]["application/javascript"]


def test_it_names_reports_that_are_there():
    reports = list_reports()
    for path in reports["start_here"].texts.values():
        text = path.read_text(encoding="utf-8")
        assert all(text.count(f"**{name}:**") == 1 for name in set(reports) - {"start_here"}), path.name


@pytest.mark.parametrize(
    ("blocks", "chosen", "error", "message"),
    [
        ({"emotional": ["joy"]}, [], ModelError, "comparing takes two blocks of drivers; here it is emotional. The data have these blocks: emotional. A driver gets its block in the codebook."),
        ({"emotional": ["joy"], "rational": ["price"]}, ["rational", "rational"], ModelError, "comparing takes two blocks of drivers; here it is rational, rational. The data have these blocks: emotional, rational. A driver gets its block in the codebook."),
        ({"emotional": ["joy"], "rational": ["price"]}, ["rational", "emotion"], UnknownName, "block 'emotion' does not exist; did you mean 'emotional'? Possible: emotional, rational."),
    ],
)  # fmt: skip
def test_two_blocks_are_needed(blocks, chosen, error, message):
    with pytest.raises(error) as caught:
        ll.two_blocks(blocks, chosen)
    assert str(caught.value) == message
