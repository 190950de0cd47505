"""The words of a report: what a block prints, and what it says where it cannot."""

import concurrent.futures
import json
import shutil
import subprocess
import sys

import pytest

import loyaltylab as ll
from loyaltylab.core import DataError, Provenance, Quantity, ReportError, UnknownName
from loyaltylab.reports import read_notebook, run_report, run_sweep, verify_run
from loyaltylab.reports.running.parameters import READING, Settings
from loyaltylab.reports.texts import Texts, compiled_texts, text_files

from ..conftest import texts, write
from .test_reports import notebook
from .test_scheduler import Far

LABELS = {"joy": "Joy_1", "price": "Price"}
SHARE = Quantity(0.487, 0.41, 0.56, 0.95, "Importance: emotional, share", Provenance("observed", "a survey"))


def filled(folder, block, *, plain=False, language="en", **fields):
    """What `{% block b %}` with this text prints."""
    path = write(folder / "r.en.md", f"{{% block b %}}\n{block}\n{{% endblock %}}\n")
    return Texts({language: path}, language).fill("b", fields, LABELS, plain=plain)[:2]


def refused(folder, block, **fields):
    with pytest.raises(ReportError) as error:
        filled(folder, block, **fields)
    return str(error.value)


def test_a_number_is_printed_with_its_origin_and_a_label_made_harmless(tmp_path):
    text, numbers = filled(tmp_path, '{{ a | label }}: {{ share | ci(".0%") }}.', a="joy", share=SHARE)
    assert text == r"Joy\_1: 49% (95% CI 41% to 56%)."
    assert numbers == {"share": SHARE}
    text, numbers = filled(
        tmp_path, '{{ a | label }}: {{ r.share | number(".1%") }}', plain=True, a="joy", r={"share": SHARE}
    )
    assert text == "Joy_1: 48.7%"
    assert numbers == {"Importance: emotional, share": SHARE}, "a number of a result goes by its origin"


def test_dutch_writes_its_own_numbers_and_lists(tmp_path):
    text, _ = filled(
        tmp_path,
        '{{ share | ci(".1%") }} {{ names | listed }}',
        language="nl",
        share=SHARE,
        names=["joy", "price", "x"],
    )
    assert text == r"48,7% (95%-BI 41,0% tot 56,0%) Joy\_1, Price en x"


def test_what_one_process_compiled_another_does_not_compile_again(tmp_path):
    filled(tmp_path, "Before.")
    program = f"""
import sys
from pathlib import Path
from loyaltylab.reports import texts
texts.take(sys.stdin.buffer.read())
compiled, environment = [], texts._environment()
environment.compile = lambda *given, compile=environment.compile: compiled.append(given) or compile(*given)
path = Path({str(tmp_path / "r.en.md")!r})
said = [texts.Texts({{"en": path}}, "en").fill("b", {{}}, {{}})[0]]
known = len(compiled)
path.write_text(path.read_text(encoding="utf-8").replace("Before", "Changed"), encoding="utf-8")
said.append(texts.Texts({{"en": path}}, "en").fill("b", {{}}, {{}})[0])
print(said, known, len(compiled))
"""
    done = subprocess.run([sys.executable, "-c", program], input=compiled_texts(), capture_output=True, check=True)
    assert done.stdout.decode() == "['Before.', 'Changed.'] 0 1\n"


def test_numbers_of_one_origin_are_noted_each(tmp_path):
    low, high = (Quantity(x, None, None, None, "Value: value", SHARE.provenance) for x in (1.5, 2.5))
    both = '{{ of.a | number }} {{ of.b | number }} {{ of.a | number(".0f") }}'
    assert filled(tmp_path, both, of={"a": low, "b": high})[1] == {"Value: value": low, "Value: value (2)": high}


def test_a_sentence_of_a_result_is_filled_and_its_numbers_noted(tmp_path):
    facts = {"share": SHARE, "name": "Joy_1"}
    text, numbers = filled(tmp_path, "{{ sentence | filled(facts) }}", sentence="{name}: {share:.0%}.", facts=facts)
    assert text == r"Joy\_1: 49%." and list(numbers) == [SHARE.origin]


CHOICE = '{% if no %}\nNo.\n{% elif told == "more" %}\nMore.\n{% elif told in ("less", "none") %}\nLess.\n{% endif %}'


def test_a_word_that_no_sentence_is_written_for_is_refused(tmp_path):
    assert [filled(tmp_path, CHOICE, no=False, told=word)[0] for word in ("more", "none")] == ["More.", "Less."]
    assert refused(tmp_path, CHOICE, no=False, told="undecided") == (
        "r.en.md, block 'b': line 2: no sentence is written for 'undecided', only for more, less, none. Write one; or, where "
        "nothing is to be said of it, {% else %} without a text."
    )
    for silent in ("{% else %}{% endif %}", "{% else %}\n{% endif %}"):
        assert filled(tmp_path, CHOICE.replace("{% endif %}", silent), no=False, told="undecided") == ("", {})


def test_only_what_is_printed_is_noted(tmp_path):
    chosen = '{% if ahead %}\n{{ share | number(".0%") }}\n{% else %}\nNothing.\n{% endif %}'
    assert filled(tmp_path, chosen, ahead=False, share=SHARE) == ("Nothing.", {})
    assert filled(tmp_path, "{% if ahead %}\nYes.\n{% endif %}", ahead=False) == ("", {})


def test_paragraphs_stay_apart_by_one_empty_line(tmp_path):
    text, _ = filled(tmp_path, "One.\n\n{% if no %}\nTwo.\n{% endif %}\n\nThree.", no=False)
    assert text == "One.\n\nThree."


@pytest.mark.parametrize(
    ("block", "fields", "message"),
    [
        ("{{ share }}", {"share": SHARE}, 'r.en.md, block \'b\': share needs a filter that says how to print it, such as {{ share | number(".0%") }}.'),
        ("{{ n }}", {"n": 412}, "r.en.md, block 'b': n is a bare number (412), and prose must be able to say where a number came from: give result.value(term, column) or result.stat(column)."),
        ('{{ n | number(",d") }}', {"n": 412}, "r.en.md, block 'b': n is a bare number (412), and prose must be able to say where a number came from: give result.value(term, column) or result.stat(column)."),
        ("{{ n }}", {"n": "0.49"}, "r.en.md, block 'b': n is a bare number (0.49), and prose must be able to say where a number came from: give result.value(term, column) or result.stat(column)."),
        ("{{ ahead }}", {"ahead": True}, "r.en.md, block 'b': ahead is of type bool; a text prints labels, and quantities through a filter."),
        ("{{ shar }}", {"share": SHARE}, "r.en.md, block 'b': field 'shar' does not exist; did you mean 'share'? Possible: share."),
        ("{{ a | label }}", {"a": "joi"}, "r.en.md, block 'b': label of 'joi' does not exist; did you mean 'joy'? Possible: joy, price."),
        ("{{ share.valu }}", {"share": SHARE}, "r.en.md, block 'b': 'loyaltylab.core.results.Quantity object' has no attribute 'valu'"),
        ("{{ share.text() }}", {"share": SHARE}, "r.en.md, block 'b': TypeError: Quantity.text() missing 2 required positional arguments: 'spec' and 'language'. Known here: share."),
        ("{{ share | percent }}", {"share": SHARE}, "r.en.md, line 2: No filter named 'percent'. Ours: number, ci, label, listed, filled."),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused_by_file_block_and_field(tmp_path, block, fields, message):
    assert refused(tmp_path, block, **fields) == message


def test_a_block_that_is_not_there_is_named_with_those_that_are(tmp_path):
    path = write(tmp_path / "r.en.md", "{% block opening %}\nText.\n{% endblock %}\n")
    with pytest.raises(ReportError) as error:
        Texts({"en": path}, "en").fill("opning", {}, {})
    assert str(error.value) == "r.en.md: block 'opning' does not exist; did you mean 'opening'? Possible: opening."


@pytest.mark.parametrize(
    ("en", "nl", "message"),
    [
        ("{% block a %}x{% endblock %}{% block b %}x{% endblock %}", "{% block a %}x{% endblock %}", "r.nl.md lacks the block b, which r.en.md has."),
        ("{% block a %}x{% endblock %}", "{% block a %}{{ n | number }}{% endblock %}", "r.en.md, block 'a' does not use n, and r.nl.md does."),
        ("Astray.\n{% block a %}x{% endblock %}", "{% block a %}x{% endblock %}", "r.en.md, line 1: this stands in no block, so nothing would print it."),
        ("{% block a %}x", "{% block a %}x{% endblock %}", "r.en.md, line 1: Unexpected end of template. Jinja was looking for the following tags: 'endblock'. The innermost block that needs to be closed is 'block'."),
    ],
)  # fmt: skip
def test_languages_say_the_same(tmp_path, en, nl, message):
    files = {language: write(tmp_path / f"r.{language}.md", text) for language, text in {"en": en, "nl": nl}.items()}
    with pytest.raises(ReportError) as error:
        Texts(files, "en")
    assert str(error.value) == message


def test_a_report_without_texts_says_where_they_should_be(tmp_path):
    with pytest.raises(ReportError) as error:
        text_files("trust", tmp_path)
    assert (
        str(error.value)
        == f"the report 'trust' takes its words from texts/trust.en.md beside its notebook, and there is no such file in {tmp_path.name}/texts."
    )


def test_a_drawing_gets_its_words_from_the_texts(tmp_path, monkeypatch):
    (tmp_path / "texts").mkdir()
    write(
        tmp_path / "texts" / "own.en.md",
        "{% block title %}\nOwn\n{% endblock %}\n{% block fig_a_title %}\n{{ first | label }}\nleads\n{% endblock %}\n{% block fig_a_alt %}\nBars.\n{% endblock %}\n",
    )
    monkeypatch.chdir(tmp_path)
    report = ll.Report("own")
    report.labels = LABELS
    moments = ll.Moments.from_correlations(
        [[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]],
        names=["stay", "joy", "price"],
        n=200,
        provenance=Provenance("published", "a table"),
    )
    drawn = ll.importance(moments, "stay", ["joy", "price"]).plot("fig-a")
    exhibit = report._completed(drawn, "", {"first": "joy"})
    assert (exhibit.title, exhibit.alt, exhibit.caption[:7]) == ("Joy_1 leads", "Bars.", "Method:")
    with pytest.raises(ReportError, match="block 'fig_b_title' does not exist; did you mean 'fig_a_title'"):
        report.show(ll.importance(moments, "stay", ["joy", "price"]).plot("fig-b"))


def test_crossed_segments_have_the_labels_of_their_parts_and_names_can_be_quoted(tmp_path):
    assert filled(tmp_path, "{{ s | label }}", plain=True, s="joy*price")[0] == "Joy_1 × Price"
    assert filled(tmp_path, '{{ n | listed("‘’") }}', plain=True, n=["joy", "price"])[0] == "‘Joy_1’ and ‘Price’"
    assert "label of 'x'" in refused(tmp_path, "{{ s | label }}", s="joy*x")


def test_a_notebook_may_declare_a_setting_of_another_type_for_itself():
    own = {"segments": ["a list of its own"], "draws": 500}
    settings = Settings(own | {"__annotations__": {"segments": list, "draws": int}}, ["en"])
    assert settings.draws == 500
    with pytest.raises(ReportError, match="parameter 'segments' takes a text"):
        Settings(own, ["en"])
    with pytest.raises(ReportError, match="parameter 'segments' takes a text"):
        _ = settings.segments


# ---- a notebook of one's own, with texts beside it -------------------------------------------------------------------

READ = 'import loyaltylab as ll\nreport = ll.Report("own")\nsurvey = report.open("hedonic_utilitarian")\nreport.evidence(survey)'
TELL = 'n = survey.everything.describe().stat("n")\nreport.say("opening", n=n, seed=[report.settings.seed])'
TEXT = '{% block title %}\nOwn words\n{% endblock %}\n{% block opening %}\n> **Of {{ n | number(",d") }} people.** {% if seed == [7] %}Seven.{% endif %}\n{% endblock %}\n'


def own_report(folder, *, text=TEXT):
    folder.mkdir(exist_ok=True)
    (folder / "texts").mkdir(exist_ok=True)
    write(folder / "texts" / "own.en.md", text)
    write(folder / "texts" / "own.nl.md", text.replace("people", "mensen"))
    return notebook(folder / "own.ipynb", READ, TELL, parameters="n_more: int = 1  # a number\n")


def said(run):
    cells = json.loads((run.folder / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(output["data"]["text/markdown"]) for cell in cells for output in cell.get("outputs", []) if "text/markdown" in output.get("data", {})]  # fmt: skip


def test_a_notebook_of_ones_own_finds_its_texts_and_its_shared_parameters(tmp_path, quick_kernels, monkeypatch):
    path = own_report(tmp_path / "mine")
    found = read_notebook(path)
    assert list(found.parameters) == ["n_more", "codebook", *READING, "seed", "language"]
    assert found.parameters["language"].choices == ("en", "nl")
    monkeypatch.chdir(tmp_path)
    run = run_report(
        "mine/own.ipynb", {"seed": "7", "language": "nl"}, as_text=["seed"], folder=tmp_path / "r", formats=["html"]
    )
    assert said(run)[0] == "# Own words" and "mensen.** Seven." in said(run)[-1]
    assert run.manifest["parameters"]["seed"] == 7 and run.manifest["headline"].endswith("mensen.")
    with pytest.raises(UnknownName, match="parameter 'wieght' does not exist; did you mean 'weight'"):
        run_report("mine/own.ipynb", {"wieght": "w"}, folder=tmp_path / "r")
    with pytest.raises(ReportError, match="parameter 'language' is 'de'; allowed: en, nl"):
        run_report("mine/own.ipynb", {"language": "de"}, folder=tmp_path / "r")


def test_a_changed_sentence_is_another_run_and_a_run_keeps_its_words(tmp_path, quick_kernels):
    path = own_report(tmp_path / "mine")
    first = run_report(path, folder=tmp_path / "r", formats=["html"])
    own_report(tmp_path / "mine", text=TEXT.replace("Of ", "Among "))
    second = run_report(path, folder=tmp_path / "r", formats=["html"])
    assert first.id != second.id and run_report(path, folder=tmp_path / "r", formats=["html"]).was_there
    assert (first.folder / "texts" / "own.en.md").read_text(encoding="utf-8") == TEXT
    shutil.rmtree(tmp_path / "mine")
    again = verify_run(first.folder, folder=tmp_path / "r")
    assert again.verdict == "identical" and again.changes == {}


def test_texts_travel_to_another_machine(tmp_path):
    path = own_report(tmp_path / "mine")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        (point,) = run_sweep(path, {"seed": [7]}, folder=tmp_path / "r", formats=["html"], executor=Far(pool)).points
    assert point.error == ""
    assert "people.** Seven." in said(point.run)[-1]


def test_parameters_in_two_cells_are_one_list(tmp_path):
    path = own_report(tmp_path / "mine")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"].insert(
        0,
        {
            "cell_type": "code",
            "metadata": {"tags": ["main-parameters"]},
            "source": "first: str = ''  # it\n",
            "outputs": [],
            "execution_count": None,
        },
    )
    path.write_text(json.dumps(content), encoding="utf-8")
    assert list(read_notebook(path).parameters)[:2] == ["first", "n_more"]
    content["cells"][0]["source"] = "n_more: int = 2  # again\n"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(
        ReportError, match=r"own\.ipynb: n_more stands in two cells of parameters; leave one of them out\."
    ):
        read_notebook(path)


def test_a_notebook_whose_texts_are_gone_is_refused_before_it_runs(tmp_path):
    path = own_report(tmp_path / "mine")
    shutil.rmtree(tmp_path / "mine" / "texts")
    with pytest.raises(
        ReportError,
        match=r"takes its words from texts/own\.en\.md beside its notebook, and there is no such file in mine/texts",
    ):
        run_report(path, folder=tmp_path / "r")


def test_by_hand_a_setting_is_a_name_of_the_notebook(tmp_path, monkeypatch):
    own_report(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {"language": "nl", "draws": 500}
    exec("import loyaltylab as ll\nreport = ll.Report('own')", names)
    report = names["report"]
    assert (report.language, report.settings.draws, report.settings.seed) == ("nl", 500, 20171205)
    with pytest.raises(UnknownName, match="setting 'drawz' does not exist; did you mean 'draws'"):
        _ = report.settings.drawz
    report.open("hedonic_utilitarian")
    outcome, blocks, a, b = report.question(contrast=["rational", "emotional"])
    assert (outcome, a, b) == ("AttLoyalty", "rational", "emotional") and set(blocks) >= {a, b}
    labels = [report.labels[name].upper() for name in (outcome, a, b)]
    assert report.question(labels[0], contrast=labels[1:])[::3] == (outcome, b), "a label will do"
    assert report.segment("") == "", "a table has no segments"
    with pytest.raises(ReportError, match="takes a whole number, not 'x'"):
        exec("import loyaltylab as ll\nll.Report('own')", {"draws": "x"})


# ---- by hand, in a notebook ----------------------------------------------------------------------------------------------

BY_HAND = """
import loyaltylab as ll
report = ll.Report("mine")
table = ll.read_table("hedonic_utilitarian")
report.labels = table.codebook.labels("en")
moments = table.moments(["AttLoyalty", "Enjoyment", "Escapism"])
---
report.say("opening")
---
report.show(moments.correlations().plot("fig-first"))
---
report.show(moments.correlations().plot("fig-first"))
---
ll.importance(moments, "AttLoyality", ["Enjoyment"])
---
1 / 0
"""


def test_by_hand_a_reference_becomes_a_number_a_cell_runs_again_and_an_error_is_one_line(tmp_path, quick_kernels):
    import nbformat
    from nbclient import NotebookClient

    (tmp_path / "texts").mkdir()
    words = "{% block title %}Mine{% endblock %}{% block opening %}See @fig-first and @fig-other.{% endblock %}"
    for language in ("en", "nl"):
        write(tmp_path / "texts" / f"mine.{language}.md", words + "{% block fig_first_title %}First{% endblock %}")
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in BY_HAND.split("---\n")]
    done = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    start, told, first, again, wrong, foreign = (cell.outputs for cell in done.cells)
    assert not start, "the title stands above the cells already"
    assert told[0]["data"]["text/markdown"] == "See Figure\u00a01 and Figure\u00a0…."
    for shown in (first, again):
        assert shown[0]["data"]["text/html"].startswith('<img alt="') and "**Figure 1. First" in str(shown[1]["data"])
    assert wrong[0]["ename"] == "UnknownName" and len(wrong[0]["traceback"]) == 1
    assert "did you mean 'AttLoyalty'" in wrong[0]["traceback"][0]
    assert len(foreign[0]["traceback"]) > 1, "what is not meant for the user keeps its traceback"


def test_what_cannot_be_made_waits_for_the_opening_and_is_told_once(tmp_path, monkeypatch):
    texts(tmp_path, opening="The finding.", more="More.")
    monkeypatch.chdir(tmp_path)
    report, told = ll.Report("small"), []
    monkeypatch.setattr(report._screen, "tell", lambda text, *_, **__: told.append(text))
    for _ in range(2):
        with report.section():
            raise DataError("too few answers.")
    assert told == [], "a report opens with its finding"
    report.say("opening")
    report.say("more")
    with report.section():
        raise DataError("too few answers.")
    assert told == ["The finding.", "Not computed here: too few answers.", "More."]
    with pytest.raises(ZeroDivisionError), report.section():
        1 / 0  # noqa: B018  # a fault of the library is none of the data
