"""Drawing as a method of a result: which kinds there are, and what is shown without a report."""

import re
from inspect import signature
from pathlib import Path

import pytest

import loyaltylab as ll
from loyaltylab import exhibits
from loyaltylab.core import Provenance, UnknownName
from loyaltylab.exhibits import Exhibit, Sketch, plot_importance
from loyaltylab.exhibits.sketch import _KINDS


@pytest.fixture(scope="module")
def result():
    table = ll.read_table("hedonic_utilitarian")
    blocks = table.codebook.blocks()
    used = [table.codebook.names("outcome")[0], *ll.flatten(blocks)]
    return ll.importance(table.moments(used), used[0], blocks, draws=table.draws(used, n_draws=100, seed=1))


def test_a_result_draws_itself_and_what_is_drawn_is_what_the_function_draws(result):
    drawn = result.plot("fig-drivers")
    assert isinstance(drawn, Sketch) and (drawn.id, drawn.kind) == ("fig-drivers", "importance")
    made = drawn.exhibit(title="T", labels={}, language="nl")
    alone = plot_importance(result, id="fig-drivers", title="T", labels={}, language="nl")
    assert (made.card(), made.csv()) == (alone.card(), alone.csv()) and isinstance(alone, Exhibit)
    assert drawn.exhibit(title="T", labels={}, alt="Bars.", caption="How.").card()["alt"] == "Bars."


def test_another_kind_takes_what_its_function_takes(result):
    a, b = list(result.members)[:2]
    drawn = result.plot("fig-blocks", kind="blocks", contrast=result.contrast(a, b))
    assert drawn.exhibit(title="T", labels={}).data["against"].notna().any()
    assert result.table().exhibit(title="T", labels={}).id == "tbl-importance"


def test_a_kind_that_is_not_there_lists_those_that_are(result):
    with pytest.raises(UnknownName) as error:
        result.plot("fig-drivers", kind="block")
    assert (
        str(error.value)
        == "plot of Importance 'block' does not exist; did you mean 'blocks'? Possible: importance, blocks, levels, ranks."
    )
    with pytest.raises(UnknownName, match=r"table of Contrast 'any' does not exist\. Possible: none\."):
        result.contrast(*list(result.members)[:2]).table()


def test_by_itself_it_shows_with_its_kind_for_a_title(result):
    labels = {result.strongest: "The first one"}
    assert "image/svg+xml" in result.plot()._repr_mimebundle_()
    assert "The first one" in result.table(labels=labels)._repr_mimebundle_()["text/html"]


def test_what_has_no_label_is_called_by_its_name(tmp_path):
    (tmp_path / "a.csv").write_text("loyal\n" + "1\n2\n3\n4\n5\n" * 30, encoding="utf-8")
    (tmp_path / "a.yml").write_text(
        "title: A\nsource: {en: A, nl: A}\ndefaults: {range: [1, 5]}\nitems:\n  loyal: {label: Loyal, role: outcome}\n",
        encoding="utf-8",
    )
    spread = ll.read_survey(tmp_path / "a.csv", codebook=tmp_path / "a.yml").distribution("loyal")
    assert "Bar chart of loyal." in spread.plot()._repr_mimebundle_()["text/html"]


def test_what_is_drawn_where_no_kind_is_named_does_not_hang_on_what_was_loaded_first(result):
    with pytest.raises(UnknownName):
        result.plot(kind="loads all of them")
    first = {(verb, one.__name__): next(iter(kinds)) for (verb, one), kinds in _KINDS.items() if len(kinds) > 1}
    assert first == {
        ("plot", "Importance"): "importance",
        ("plot", "Heterogeneity"): "forest",
        ("plot", "Ledger"): "ledger",
        ("table", "Ledger"): "ledger",
        ("plot", "Shares"): "groups",
        ("plot", "PathModel"): "paths",
        ("plot", "Mediation"): "paths",
        ("table", "PathModel"): "path_model",
    }


def test_evidence_stays_with_what_is_drawn(result):
    assert result.plot().exhibit(title="T", labels={}).provenance == result.provenance
    assert isinstance(result.provenance, Provenance)


def test_the_gallery_shows_every_drawing():
    gallery = (Path(__file__).parents[2] / "docs" / "gallery.md").read_text(encoding="utf-8")
    drawings = {name for name in dir(exhibits) if name.startswith(("plot_", "table_"))}
    assert len(drawings) > 70
    assert drawings == set(re.findall(r"~loyaltylab\.exhibits\.(\w+)", gallery))


@pytest.mark.parametrize("name", sorted(name for name in dir(exhibits) if name.startswith(("plot_", "table_"))))
def test_every_drawing_documents_its_parameters_each_once(name):
    drawing = getattr(exhibits, name)
    described = re.findall(r"^(\w[\w, ]*) : ", drawing.__doc__, re.M)
    assert sorted(one for names in described for one in names.split(", ")) == sorted(signature(drawing).parameters)
