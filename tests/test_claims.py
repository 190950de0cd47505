"""The claims file: every entry is whole, and a wrong one is refused by name."""

import pytest

import loyaltylab as ll
from loyaltylab.bibliography import read_references
from loyaltylab.claims import GRADES, read_claims
from loyaltylab.errors import CodebookError, ReportError, UnknownName
from loyaltylab.files import home

ENTRY = """articles: {a: {en: article A, nl: artikel A}}
claims:
  one:
    kind: proportion
    statement: {en: More is better., nl: Meer is beter.}
    source: {en: a study, nl: een onderzoek}
    grade: C
    reason: {en: Press., nl: Pers.}
    unit: share
    values: {many: {value: 0.7, label: {en: many, nl: veel}}}
    references: [own2001]
    needs: {en: Rows., nl: Rijen.}
    untested: {en: None asks., nl: Geen vraagt.}
"""
OWN = "@book{own2001, author = {Own, A.}, title = {Ours}, publisher = {Us}, year = 2001}\n"
HAVE = (
    "a claim has grade, kind, needs, reason, references, source, statement, and may have article, changed, counter, n, "
    "report, test, unit, untested, values."
)


@pytest.fixture
def claims_of(tmp_path, monkeypatch):
    """Reads claims from a file with this text."""
    (tmp_path / "data" / "codebooks").mkdir(parents=True)
    (tmp_path / "data" / "claims").mkdir()
    monkeypatch.setenv("LOYALTYLAB_HOME", str(tmp_path))

    def read(text, literature=OWN):
        (tmp_path / "data" / "claims" / "claims.yml").write_text(text, encoding="utf-8")
        (tmp_path / "data" / "claims" / "references.bib").write_text(literature, encoding="utf-8")
        read_claims.cache_clear()
        read_references.cache_clear()
        return read_claims()

    yield read
    read_claims.cache_clear()
    read_references.cache_clear()


def test_every_claim_of_an_article_names_it_and_every_grade_is_used_as_it_is_meant():
    claims = ll.read_claims()
    for claim in claims.values():
        assert claim.counter or claim.name == "jones_sasser" or "article ‘" in claim.source["en"], claim.name
        assert claim.provenance.tier == "published"
        assert (claim.tidy()["estimate"].tolist() == list(claim.figures.values())) and claim.grade in GRADES
    assert {name for name, claim in claims.items() if claim.grade == "F"} == {"thirty_seventy", "satisfied_switch"}


def test_the_figures_are_those_of_the_evidence_base():
    figures = {name: claim.figures for name, claim in ll.read_claims().items()}
    assert figures["emotions_index"] == {"emotional": 0.75, "rational": 0.53, "values": 0.49}
    assert figures["frequency"] == {"daily": 0.87, "weekly": 0.64, "monthly": 0.49}
    assert ll.read_claim("emotions_index").stat("n").value == 9213
    assert ll.read_claim("frequency").n is None


def test_a_figure_remembers_the_claim_it_stands_in():
    quantity = ll.read_claim("thirty_seventy").value("emotional")
    assert f"{quantity:.0%}" == "70%" and quantity.origin == "Claim: emotional, estimate"
    assert "Bloeise" in quantity.provenance.source["en"]


def test_an_unknown_claim_names_the_nearest():
    with pytest.raises(UnknownName, match="claim 'thirty_sevnty' does not exist; did you mean 'thirty_seventy'"):
        ll.read_claim("thirty_sevnty")


UNIT = "    unit: share"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("grade: C", "grade: E", 7, "grade: grade 'E' does not exist. Possible: A, B, C, D, F."),
        ("grade: C", "grade: [C]", 7, "grade: grade '['C']' does not exist. Possible: A, B, C, D, F."),
        ("kind: proportion", "kind: propotion", 4, "kind: kind 'propotion' does not exist; did you mean 'proportion'? Possible: correlation, correlation_difference, proportion, proportion_difference, ratio, ordering, equivalence, trend, explained_share, curve, definition, list."),
        ("kind: proportion", "kind: correlation", 9, "unit: 'share' cannot be that of a correlation. Possible: correlation."),
        ("value: 0.7", "value: 7", 10, "values: many: value: 7 cannot be a share, which lies between 0 and 1."),
        ("value: 0.7", "value: -0.7", 10, "values: many: value: -0.7 cannot be a share, which lies between 0 and 1."),
        ("value: 0.7", "value: .nan", 10, "values: many: value: nan cannot be a share, which lies between 0 and 1."),
        ("label: {en: many, nl: veel}", "label: many", 10, "values: many: label: needs a text in each of en, nl."),
        ("    reason: {en: Press., nl: Pers.}\n", "", 3, f"lacks 'reason'; {HAVE}"),
        ("    unit: share\n", "", 9, "values: stands without 'unit': figures have a unit and a unit has figures."),
        (UNIT, "    n: -3\n    unit: share", 9, "n: is -3; it is a whole number of respondents, or left out where none is known."),
        (UNIT, "    article: b\n    unit: share", 9, "article: article 'b' does not exist. Possible: a."),
        ("{en: a study, nl: een onderzoek}", "a study", 6, "source: needs a text in each of en, nl."),
        ("en: a study", "en: ' '", 6, "source: needs a text in each of en, nl."),
        ("    grade: C", "    grades: C", 7, "grades: entry 'grades' does not exist; did you mean 'grade'? Possible: article, changed, counter, grade, kind, n, needs, reason, references, report, source, statement, test, unit, untested and 1 more."),
        ("[own2001]", "[own2010]", 11, "references: reference 'own2010' does not exist; did you mean 'own2001'? Possible: own2001. They are in references.bib."),
        ("[own2001]", "own2001", 11, "references: is 'own2001'; it is a list of keys of references.bib, each once."),
        ("[own2001]", "[own2001, own2001]", 11, "references: is ['own2001', 'own2001']; it is a list of keys of references.bib, each once."),
        ("untested: {en: None asks., nl: Geen vraagt.}", "report: drivrs", 13, "report: report 'drivrs' does not exist; did you mean 'drivers'? Possible: drivers."),
        ("untested:", "report: drivers\n    untested:", 3, "needs 'report', which tests it, or 'untested', why none can; both stand here."),
        ("    untested: {en: None asks., nl: Geen vraagt.}\n", "", 3, "needs 'report', which tests it, or 'untested', why none can; neither stands here."),
        (UNIT, "    test: [a]\n    unit: share", 9, "test: is ['a']; it holds entries of the form 'name: value'."),
        (UNIT, "    counter: no way\n    unit: share", 9, "counter: is 'no way'; allowed: true, false."),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_with_its_line(claims_of, tmp_path, old, new, line, message):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "20_drivers.ipynb").touch()
    assert claims_of(ENTRY)["one"].figures == {"many": 0.7} and ENTRY.count(old) == 1
    with pytest.raises(CodebookError) as error:
        claims_of(ENTRY.replace(old, new))
    assert str(error.value) == f"claims.yml, line {line}: claims: one: {message}"


def test_a_good_source_can_be_named(claims_of):
    text = ENTRY.replace("[own2001]", "[]")
    assert claims_of(text)["one"].references == ()
    with pytest.raises(
        CodebookError, match="line 11: claims: one: references: is empty, and grade B rests on a source"
    ):
        claims_of(text.replace("grade: C", "grade: B"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY + "more: 1\n", "claims.yml: holds articles, claims, more; it has two parts, articles and claims."),
        (ENTRY.replace("nl: artikel A", "fr: article"), "claims.yml, line 1: articles: a: needs a text in each of en, nl."),
        ("articles: {}\nclaims:\n  one: 3\n", "claims.yml, line 3: claims: one: is not a mapping of entries."),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused(claims_of, text, message):
    with pytest.raises(CodebookError) as error:
        claims_of(text)
    assert str(error.value) == message


def test_the_table_says_what_stands_against_a_claim_and_that_n_is_unknown():
    pair = [ll.read_claim("frequency"), ll.read_claim("frequency_counter")]
    table = ll.table_claims(pair, id="tbl-claims", title="Frequent, therefore loyal?", language="nl")
    assert table.data["statement"].iloc[1].startswith("Daartegenover: ")
    assert (
        table.data["figures"].iloc[0]
        == "koopt dagelijks 87%; koopt wekelijks 64%; koopt maandelijks 49%; n niet vermeld"
    )
    assert table.caption.endswith("B van de uitgever zelf; D bron niet herleid.")


def test_no_claims_no_table():
    with pytest.raises(ll.LoyaltyLabError, match="there is no claim to show"):
        ll.table_claims([], id="tbl-claims", title="Nothing")


def test_a_report_refuses_a_claim_twice():
    report = ll.Report(en="A", nl="A")
    report.claims(ll.read_claim("feedback"))
    with pytest.raises(ReportError, match="two exhibits have the id 'tbl-claims'"):
        report.claims(ll.read_claim("motivators"))


def test_the_claims_file_has_no_private_person_and_no_address():
    text = (home() / "data" / "claims" / "claims.yml").read_text(encoding="utf-8")
    assert "://" not in text and "@" not in text
