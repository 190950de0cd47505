"""The claims file: every entry is whole, and a wrong one is refused by name."""

import pytest

import loyaltylab as ll
from loyaltylab.claims import GRADES, read_claims
from loyaltylab.errors import CodebookError, ReportError, UnknownName
from loyaltylab.files import home

ENTRY = """
articles: {a: {en: article A, nl: artikel A}}
claims:
  one:
    statement: {en: More is better., nl: Meer is beter.}
    source: {en: a study, nl: een onderzoek}
    grade: C
    reason: {en: Press., nl: Pers.}
    unit: share
    values: {many: {value: 0.7, label: {en: many, nl: veel}}}
"""


@pytest.fixture
def claims_of(tmp_path, monkeypatch):
    """Reads claims from a file with this text."""
    (tmp_path / "data" / "codebooks").mkdir(parents=True)
    (tmp_path / "data" / "claims").mkdir()
    monkeypatch.setenv("LOYALTYLAB_HOME", str(tmp_path))

    def read(text):
        (tmp_path / "data" / "claims" / "claims.yml").write_text(text, encoding="utf-8")
        read_claims.cache_clear()
        return read_claims()

    yield read
    read_claims.cache_clear()


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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("grade: C", "grade: E", "claims.yml: claims: one: grade 'E' does not exist. Possible: A, B, C, D, F."),
        (
            "value: 0.7",
            "value: 7",
            "claims.yml: claims: one: values: many: 7 cannot be a share, which lies between -1 and 1.",
        ),
        (
            "    reason: {en: Press., nl: Pers.}\n",
            "",
            "claims.yml: claims: one: lacks 'reason'; a claim has grade, reason, source, statement and may have article, counter, n, unit, values.",
        ),
        (
            "    unit: share\n",
            "",
            "claims.yml: claims: one: figures have a unit and a unit has figures; one of 'values' and 'unit' is missing.",
        ),
        ("    unit: share", "    n: -3\n    unit: share", "claims.yml: claims: one: n is -3; it is a whole number of respondents, or left out where none is known."),
        ("    unit: share", "    article: b\n    unit: share", "claims.yml: claims: one: article 'b' does not exist. Possible: a."),
        ("{en: a study, nl: een onderzoek}", "a study", "claims.yml: claims: one: source: needs a text in each of en, nl."),
        ("    grade: C", "    grade: C\n    trust: high", "claims.yml: claims: one: has an entry 'trust'; a claim has grade, reason, source, statement and may have article, counter, n, unit, values."),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused(claims_of, old, new, message):
    assert claims_of(ENTRY)["one"].figures == {"many": 0.7}
    with pytest.raises(CodebookError) as error:
        claims_of(ENTRY.replace(old, new))
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
