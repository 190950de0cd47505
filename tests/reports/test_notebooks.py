"""What a student meets: short cells that show, each told before it is run, and no prose in code."""

import ast
import json

import pytest

from loyaltylab.core import available
from loyaltylab.reports import list_reports
from loyaltylab.reports.running.parameters import SHARED
from loyaltylab.reports.texts import Texts

NOTEBOOKS = available("notebooks", ".ipynb")
#: Most lines of a cell, and of the cells of a notebook together.
CELL, NOTEBOOK = 12, 120
#: Cells that read better whole, by their first line, with two lines more; and notebooks that are longer for a reason.
WHOLE: dict[str, tuple[str, ...]] = {}
LONG = {
    "10_measures": 151,  # a dozen metrics and checks, each shown only where its question was asked
    "30_satisfaction": 128,  # three claims on satisfaction, each with a test and a figure of its own
    "21_emotions": 130,  # a claim in print, the same in rows, single questions, tactics and segments
}
#: Most parameters in the first cell, and lines in a second one with those that can stay as they are.
FIRST, REST = 6, 14


def cells(name, kind):
    notebook = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def code(name):
    """The lines of each code cell that are not empty, but those that declare parameters."""
    sources = [cell for cell in cells(name, "code") if not tags(cell)]
    return [[line for line in "".join(cell["source"]).split("\n") if line.strip()] for cell in sources]


def tags(cell):
    return {"main-parameters", "parameters"} & set(cell["metadata"].get("tags", []))


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_a_cell_is_short_and_in_sight(name):
    long = {lines[0]: len(lines) for lines in code(name) if len(lines) > CELL + 2 * (lines[0] in WHOLE.get(name, ()))}
    assert long == {}
    assert sum(map(len, code(name))) <= LONG.get(name, NOTEBOOK)
    assert [cell["metadata"] for cell in cells(name, "code") if "jupyter" in cell["metadata"]] == []


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_a_cell_is_told_before_it_is_run(name):
    notebook = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))["cells"]
    kinds = ["code", *(cell["cell_type"] for cell in notebook)]
    untold = ["".join(cell["source"]) for cell, before in zip(notebook, kinds, strict=False) if cell["cell_type"] == before == "code"]  # fmt: skip
    assert untold == []


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_no_prose_stands_in_code(name):
    said = [
        node.value
        for lines in code(name)
        for node in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) > 3
    ]
    assert said == []


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_the_first_screen_holds_the_parameters_that_matter(name):
    found = [ast.parse("".join(cell["source"])).body for cell in cells(name, "code") if tags(cell)]
    assert len(found[0]) <= FIRST
    assert [len(more) for more in found[1:] if len(more) > REST] == []


#: What a notebook compares blocks with.
COMPARES = ("report.question(", "three_bonds(", "two_blocks(", "hold_against(", "claims.leads(")
#: How it says what they contain: of one survey, or of each model.
CONTENTS = ("report.contents(", 'say("opening_contents"')


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_a_report_that_compares_blocks_says_near_its_top_what_they_contain(name):
    """Right after the opening: a verdict on blocks is one on what was put in them."""
    cells = code(name)
    if not any(way in line for cell in cells for line in cell for way in COMPARES):
        return
    opening = next(i for i, cell in enumerate(cells) if any('say("opening"' in line for line in cell))
    told = next(i for i, cell in enumerate(cells) if any(way in line for line in cell for way in CONTENTS))
    assert told - opening <= 3


def shows(line):
    return "report.show(" in line or ".many_groups(" in line


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_the_finding_comes_first_with_the_figure_it_rests_on(name):
    """Who answered and what is claimed elsewhere come last."""
    lines = [line for cell in code(name) for line in cell]
    opening = next(i for i, line in enumerate(lines) if 'say("opening"' in line)
    hero = next(i for i, line in enumerate(lines) if shows(line))
    assert opening < hero <= opening + 4
    behind = [i for i, line in enumerate(lines) if "report.claims(" in line or "report.respondents(" in line]
    assert not any(shows(line) and '"fig-' in line for line in lines[min(behind, default=len(lines)) :])


def test_most_reports_compare_blocks():
    """So that the test above cannot come to pass over everything."""
    texts = {name: [line for cell in code(name) for line in cell] for name in sorted(NOTEBOOKS)}
    assert sum(any("report.contents(" in line for line in lines) for lines in texts.values()) >= 7


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_both_languages_say_all_that_is_asked_for(name):
    notebook = next(one for one in list_reports().values() if one.path == NOTEBOOKS[name])
    assert set(notebook.texts) == {"en", "nl"}
    texts = [Texts(notebook.texts, language) for language in notebook.texts]
    asked = [
        node.args[0].value
        for lines in code(name)
        for node in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("say", "line", "compared") and isinstance(node.args[0], ast.Constant)
    ]  # fmt: skip
    assert asked and [block for block in asked for one in texts if not one.has(block)] == []
    unused = [
        block for block in texts[0].blocks if not block.endswith(("title", "caption", "alt")) and block not in asked
    ]
    assert unused == [] or any("report.say(f" in line for lines in code(name) for line in lines)
    assert list(notebook.parameters)[-1] == "language" and set(SHARED) & set(notebook.parameters)
