"""The words of a report: what a block prints, and what it says where it cannot."""

import pytest

import loyaltylab as ll
from loyaltylab.core import Provenance, Quantity, ReportError
from loyaltylab.reports.texts import Texts, text_files
from tests.conftest import write

LABELS = {"joy": "Joy_1", "price": "Price"}
SHARE = Quantity(0.487, 0.41, 0.56, 0.95, "Importance: emotional, share", Provenance("observed", "a survey"))


def filled(folder, block, *, plain=False, language="en", **fields):
    """What `{% block b %}` with this text prints."""
    path = write(folder / "r.en.md", f"{{% block b %}}\n{block}\n{{% endblock %}}\n")
    return Texts({language: path}, language).fill("b", fields, LABELS, plain=plain)


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
        ("{{ share | percent }}", {"share": SHARE}, "r.en.md, line 2: No filter named 'percent'. Ours: number, ci, label, listed."),
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
