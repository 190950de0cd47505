"""The claims file: every entry is whole, and a wrong one is refused by name."""

import json
import re
from hashlib import sha256

import pytest

import loyaltylab as ll
from loyaltylab.claims.claims import read_claims
from loyaltylab.claims.entries import GRADES
from loyaltylab.core.errors import CodebookError, ReportError, UnknownName
from loyaltylab.core.files import home, read_yaml
from loyaltylab.core.literature import read_references
from loyaltylab.exhibits import graded, table_claims
from loyaltylab.survey.open import input_files

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
HAVE = "a claim has grade, kind, needs, reason, references, source, statement."
TEXTS = "allowed: a text for each language: {en: …, nl: …}."


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
        assert bool(claim.article) == ("article ‘" in claim.source["en"]) and not (claim.article and claim.counter)
        assert claim.provenance.tier == "published"
        assert (claim.tidy()["estimate"].tolist() == list(claim.figures.values())) and claim.grade in GRADES
    assert {name for name, claim in claims.items() if claim.grade == "F"} == {"thirty_seventy", "satisfied_switch"}


def test_a_claim_whose_figures_were_not_seen_says_how_far_its_source_was_read():
    """A peer-reviewed source is graded A; what was read of it is another matter, and stands beside the grade."""
    unseen = {name for name, claim in read_claims().items() if "not seen" in claim.reason["en"]}
    assert len(unseen) > 10 and {name for name, claim in read_claims().items() if claim.seen} == unseen
    one = read_claims()["reputation_mediated"]
    assert graded(one, "en") == "A (read in summary, its figures not seen)"
    assert graded(one, "nl").startswith("A (") and "summary" not in graded(one, "nl")
    shown = table_claims([one], id="tbl-c", title="T")
    assert graded(one, "en") in shown.markdown()


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
        ("grade: C", "grade: E", 7, "grade: is 'E'; allowed: A, B, C, D, F."),
        ("grade: C", "grade: [C]", 7, "grade: is ['C']; allowed: A, B, C, D, F."),
        ("kind: proportion", "kind: propotion", 4, "kind: is 'propotion'; did you mean 'proportion'? Allowed: correlation, correlation_difference, proportion, proportion_difference, ratio, ordering, equivalence, trend, explained_share, curve, definition, list."),
        ("kind: proportion", "kind: correlation", 9, "unit: 'share' cannot be that of a correlation; allowed: correlation."),
        ("value: 0.7", "value: 7", 10, "values: many: value: 7 cannot be a share, which lies between 0 and 1."),
        ("value: 0.7", "value: -0.7", 10, "values: many: value: -0.7 cannot be a share, which lies between 0 and 1."),
        ("value: 0.7", "value: .nan", 10, "values: many: value: nan cannot be a share, which lies between 0 and 1."),
        ("label: {en: many, nl: veel}", "label: many", 10, f"values: many: label: is 'many'; {TEXTS}"),
        ("    reason: {en: Press., nl: Pers.}\n", "", 3, f"lacks 'reason'; {HAVE}"),
        ("    unit: share\n", "", 9, "values: stands without 'unit': figures have a unit and a unit has figures."),
        (UNIT, "    n: -3\n    unit: share", 9, "n: is -3; allowed: a whole number of respondents, or left out where none is known."),
        (UNIT, "    article: b\n    unit: share", 9, "article: is 'b'; allowed: a."),
        ("{en: a study, nl: een onderzoek}", "a study", 6, f"source: is 'a study'; {TEXTS}"),
        ("en: a study", "en: ' '", 6, f"source: is {{'en': ' ', 'nl': 'een onderzoek'}}; {TEXTS}"),
        ("    grade: C", "    grades: C", 7, "has an entry 'grades'; did you mean 'grade'? Allowed: article, changed, counter, grade, kind, n, needs, reason, references, report, seen, source, stands_for, statement, test, unit, untested, values."),
        ("[own2001]", "[own2010]", 11, "references: names 'own2010', which is not in references.bib; did you mean 'own2001'? Allowed: own2001."),
        ("[own2001]", "[[own2001]]", 11, "references: is [['own2001']]; allowed: a list of names, such as [q1, q2]."),
        (UNIT, "    n: 100000000000\n    unit: share", 9, "n: is 100000000000; allowed: a whole number of respondents, or left out where none is known."),
        ("[own2001]", "own2001", 11, "references: is 'own2001'; allowed: a list of names, such as [q1, q2]."),
        ("[own2001]", "[own2001, own2001]", 11, "references: names 'own2001' twice."),
        ("untested: {en: None asks., nl: Geen vraagt.}", "report: drivrs", 13, "report: is 'drivrs'; did you mean 'drivers'? Allowed: drivers."),
        ("untested:", "report: drivers\n    untested:", 3, "needs 'report', which tests it, or 'untested', why none can; both stand here."),
        ("    untested: {en: None asks., nl: Geen vraagt.}\n", "", 3, "needs 'report', which tests it, or 'untested', why none can; neither stands here."),
        (UNIT, "    test: [a]\n    unit: share", 9, "test: is ['a']; allowed: entries of the form 'name: value'."),
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
    text = ENTRY.replace("[own2001]", "[]").replace("    kind", "    article: a\n    kind")
    assert claims_of(text)["one"].references == ()
    with pytest.raises(
        CodebookError, match="line 12: claims: one: references: is empty, and grade B rests on a source"
    ):
        claims_of(text.replace("grade: C", "grade: B"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY + "more: 1\n", "claims.yml, line 14: the file: has an entry 'more'; allowed: articles, claims."),
        (ENTRY.replace("nl: artikel A", "fr: article"), f"claims.yml, line 1: articles: a: is {{'en': 'article A', 'fr': 'article'}}; {TEXTS}"),
        ("articles: {}\nclaims:\n  one: 3\n", "claims.yml, line 3: claims: one: is 3; allowed: entries of the form 'name: value'."),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused(claims_of, text, message):
    with pytest.raises(CodebookError) as error:
        claims_of(text)
    assert str(error.value) == message


def test_the_table_says_what_stands_against_a_claim_and_that_n_is_unknown():
    pair = [ll.read_claim("frequency"), ll.read_claim("frequency_counter")]
    table = ll.exhibits.table_claims(pair, id="tbl-claims", title="Frequent, therefore loyal?", language="nl")
    assert table.data["statement"].iloc[1].startswith("Daartegenover: ")
    assert (
        table.data["figures"].iloc[0]
        == "koopt dagelijks 87%; koopt wekelijks 64%; koopt maandelijks 49%; n niet vermeld"
    )
    assert table.caption.endswith("B van de uitgever zelf; D bron niet herleid.")


def test_the_table_says_what_the_article_changed_and_names_each_source_once():
    table = ll.exhibits.table_claims(
        [ll.read_claim(name) for name in ("spend_double", "always_buys")], id="tbl-c", title="t"
    )
    assert "Changed by the article: The source says ‘up to twice or more’" in table.data["reason"].iloc[0]
    assert table.provenance.source["nl"].count("Emoties en loyaliteit") == 1


def test_a_count_of_things_has_no_respondents():
    table = ll.exhibits.table_claims(
        [ll.read_claim("ten_emotions"), ll.read_claim("train_champagne")], id="tbl-c", title="t"
    )
    assert table.data["figures"].iloc[0] == "emotions in the index 10" and "n not" not in table.data["figures"].iloc[1]


def test_a_claim_that_another_report_tests_says_which():
    claims = {name: ll.read_claim(name) for name in ("product_second", "emotions_index", "mostly_impulse")}
    survey = ll.simulate(n=300)
    held = ll.hold_against(survey, {"product_second": claims["product_second"]}, n_draws=100).on_data
    table = ll.exhibits.table_claims([*claims.values()], held, id="tbl-c", title="t")
    first, *rest = table.data["found"]
    assert first == ll.exhibits.verdict_text(held[0], "en") and rest == ["see the report emotions", ""]


def test_no_claims_no_table():
    with pytest.raises(ll.LoyaltyLabError, match="there is no claim to show"):
        ll.exhibits.table_claims([], id="tbl-claims", title="Nothing")


def test_a_run_refuses_a_claim_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("LOYALTYLAB_RUN_FOLDER", str(tmp_path))
    report = ll.Report("drivers")
    report.claims(ll.read_claim("feedback"))
    with pytest.raises(ReportError, match="two exhibits have the id 'tbl-claims'"):
        report.claims(ll.read_claim("motivators"))


def test_the_claims_file_has_no_private_person_and_no_address():
    text = (home() / "data" / "claims" / "claims.yml").read_text(encoding="utf-8")
    assert "://" not in text and "@" not in text


def test_every_sentence_of_the_articles_is_a_claim_or_says_why_no_answers_can_show_it():
    """In the order of the article, which is that of the claims on its page; what a claim lacks it says itself."""
    claims, inventory = ll.read_claims(), read_yaml(home() / "data" / "claims" / "inventory.yml")
    assert list(inventory) == [article for article in ll.claims.ARTICLES if article]
    for article, rows in inventory.items():
        for row in rows:
            assert set(row) in ({"about", "claims"}, {"about", "omitted"}) and row["about"], row
            if reason := row.get("omitted"):
                assert set(reason) == {"en", "nl"} and all(reason.values()), row
            else:
                assert row["claims"] and set(row["claims"]) <= set(claims), row
        named = list(dict.fromkeys(name for row in rows for name in row.get("claims", ())))
        assert named == [claim.name for claim in claims.values() if claim.article == article]
        assert all(claims[name].report or claims[name].untested for name in named)
        assert len({row["about"] for row in rows}) == len(rows), "each sentence once"


def test_a_claim_says_what_its_article_changed_where_it_did():
    claims = ll.read_claims()
    assert "up to twice or more" in claims["spend_double"].changed["en"]
    assert "86%" in claims["always_think"].changed["en"] and "in return" in claims["always_think"].changed["en"]
    assert "the two best" in claims["secure_customers"].changed["en"]
    for claim in claims.values():
        assert not claim.changed or ((claim.article and claim.references) or claim.grade == "F"), claim.name


def test_what_the_evidence_base_calls_no_evidence_is_graded_so():
    claims = ll.read_claims()
    slogans = ["thirty_seventy", "satisfied_switch", "acquisition_cost", "existing_spend", "feedback", "frequency"]
    assert {claims[name].grade for name in [*slogans, "bigger_role", "always_think"]} == {"D", "F"}
    assert all(claims[name].n is None for name in slogans)


def test_the_figures_of_the_counter_evidence_come_out_of_the_published_tables():
    """Nothing is copied from memory: what can be computed again is."""
    table = ll.read_table("hedonic_utilitarian")
    hedonic = ["VisualAppeal", "Entertainment", "Escapism", "Enjoyment"]
    drivers = {"hedonic": hedonic, "utilitarian": ["Excellence", "Efficiency", "EconomicValue"]}
    stated = ll.read_claim("attitude_not_behaviour").figures
    for outcome, name in (("AttLoyalty", "attitude"), ("BehLoyalty", "behaviour")):
        found = ll.importance(table.moments([outcome, *ll.flatten(drivers)]), outcome, drivers)
        shares = found.blocks().tidy().set_index("term")["share"]
        assert shares["hedonic"] == pytest.approx(stated[name], abs=0.005)
    simple = ll.read_table("corporate_reputation_simple").moments(["CUSL", "LIKE", "COMP"])
    shares = ll.importance(simple, "CUSL", ["LIKE", "COMP"]).tidy().set_index("term")["share"]
    assert shares["LIKE"] == pytest.approx(ll.read_claim("liking_over_competence").figures["likeability"], abs=0.005)


def test_no_person_of_the_articles_is_named():
    """Authors of the pages and of the comments below them, as the beginnings of hashes: the test names them no more."""
    people = {
        "0a54446dc9e456be",
        "0a7dd26236968bac",
        "59da91960a53a2bd",
        "73b317e57a32ba83",
        "7c11e374a5995a9d",
        "8295d29d83e5cc5d",
        "bb74713c18d0c113",
        "d7f477e1f038297e",
        "db7308e554ac454d",
    }
    for path in [*(home() / "data").rglob("*.yml"), home() / "data" / "claims" / "references.bib"]:
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8").lower()))
        assert not {sha256(word.encode()).hexdigest()[:16] for word in words} & people, path.name


#: Where a report tests a claim without naming it: what stands in its notebook.
FOUND_BY = {
    "ten_emotions": ["single", "ll.drivers.ranks("],
    "eight_rational": ["lengths: list"],
    "five_values": ["lengths: list"],
    "trust_below_value": ['"qual_7"', '"qual_3"'],
    "trust_below_price_mobile": ['"IMAG1"', '"PERV2"'],
    "transparency": ["tactics.drivers(book)"],
    "product_second": ["head_to_head"],
    "liking_over_competence": ["head_to_head"],
    "engagement_loyalty": ['"ENGAGED"'],
    "trust_cues": ["empty for HEART"],
    "reputation_mediated": ["satisfaction where it is an outcome"],
    "nps_definition": ["ll.net_promoter("],
    "likert_scale": ["ll.reliability("],
    "secure_customers": ["ll.secure_customers(", '"top_two_box"'],
    "nearly_secure": ["ll.loyalty.promoter_groups("],
    "loyalty_definition": ["ll.loyalty.loyalty_types("],
    "bond_contents": ['"bond_card"'],
    "bond_price": ["ll.loyalty.bond_interactions("],
    "satisfied_leave": ["leaves_up_to"],
    "more_elements": ["ll.loyalty.high_counts("],
    "satisfaction_goes_far": ["compare_curves"],
}


def test_the_report_that_is_said_to_test_a_claim_does():
    """Every construct, number and model of the articles is used in a notebook, or its claim says why it cannot be."""
    for claim in ll.read_claims().values():
        if claim.report:
            (path,) = (home() / "notebooks").glob(f"[0-9]*_{claim.report}.ipynb")
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells)
            named = f'"{claim.name}"' in text or (claim.report == "claims" and claim.test)
            assert named or all(part in text for part in FOUND_BY.get(claim.name, ["?!"])), (claim.name, claim.report)


def test_what_a_report_names_is_assigned_or_shown_beside_what_is():
    """A claim that some notebook shows is not called untested."""
    texts = [path.read_text(encoding="utf-8") for path in (home() / "notebooks").glob("[0-9]*.ipynb")]
    for claim in ll.read_claims().values():
        if claim.untested:
            assert not any(f'\\"{claim.name}\\"' in text for text in texts), claim.name


def test_who_is_said_to_have_found_it_is_who_is_cited():
    """Every year in a claim's own source is that of one of its references."""
    for claim in ll.read_claims().values():
        years = {source.item["issued"]["date-parts"][0][0] for source in claim.sources}
        assert {int(year) for year in re.findall(r"\((\d{4})\)", claim.source["en"])} == years, claim.name


def test_the_correlations_of_the_counter_evidence_come_out_of_the_rows(corp_rep_file):
    mobile = input_files("mobi")["data"]
    for name, file, codebook, outcome, items in (
        ("trust_below_value", corp_rep_file, "corporate_reputation", "CUSL", ["qual_7", "qual_3", "csor_2"]),
        ("trust_below_price_mobile", mobile, "mobi", "LOY", ["IMAG1", "PERV2"]),
    ):
        claim, survey = ll.read_claim(name), ll.read_survey(file, codebook)
        answers = survey.codebook.items_of(outcome)
        rows = survey.moments([*answers, *items])
        found = ll.composites(rows, {"loyalty": answers}, keep=items)
        row = [found.names.index("loyalty")], [found.names.index(item) for item in items]
        assert found.corr[row] == pytest.approx(list(claim.figures.values()), abs=6e-4)
        assert rows.n == claim.n


def test_the_documentation_counts_the_claims():
    for document in ("data/README.md", "CHANGELOG.md"):
        assert f"{len(ll.read_claims())} claims" in (home() / document).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_literature_stands_once_in_the_order_of_a_reference_list(language):
    claims = [*ll.read_claims().values()]
    table = ll.exhibits.table_literature(claims, id="tbl-literature", title="t", language=language)
    lines = table.data["reference"].tolist()
    assert sorted(table.data["key"]) == sorted({key for claim in claims for key in claim.references})
    assert [line[0].casefold() for line in lines] == sorted(line[0].casefold() for line in lines)
    pol = table.data.set_index("key").loc["pol2017"]
    assert ("Proefschrift" if language == "nl" else "Doctoral dissertation") in pol["reference"]
    places = [str(i) for i, claim in enumerate(claims, start=1) if "pol2017" in claim.references]
    assert pol["claims"] == ", ".join(places)
    assert f" {sum(bool(claim.references) for claim in claims)} " in table.caption


def test_no_source_no_literature():
    with pytest.raises(ll.LoyaltyLabError, match="none of these claims names a source"):
        ll.exhibits.table_literature([ll.read_claim("thirty_seventy")], id="tbl-literature", title="t")
