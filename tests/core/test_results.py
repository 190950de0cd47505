"""Numbers in prose, in two languages; provenance; the glossary."""

import re
from dataclasses import dataclass

import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ReportError, UnknownName
from loyaltylab.core.glossary import GLOSSARY
from loyaltylab.core.provenance import UNSTATED
from loyaltylab.core.results import Quantity, Result
from loyaltylab.core.words import LANGUAGES, format_number
from loyaltylab.reports import Report
from loyaltylab.reports.report import _as_html

from ..conftest import MADE_UP, texts
from ..drivers.test_importance import NAMES, fitted


@pytest.mark.parametrize(
    ("value", "spec", "english", "dutch"),
    [
        (0.5132, ".0%", "51%", "51%"),
        (0.5132, ".1%", "51.3%", "51,3%"),
        (1234567.891, ",.2f", "1,234,567.89", "1.234.567,89"),
        (-0.0004, ".2f", "0.00", "0,00"),
        (-0.0004, "+.0pp", "0", "0"),
        (-0.1234, "+.1pp", "−12.3", "−12,3"),
        (0.5, "+.0pp", "+50", "+50"),
        (12, ",d", "12", "12"),
        (float("nan"), ".1%", "–", "–"),
    ],
)
def test_numbers_are_written_as_the_reader_writes_them(value, spec, english, dutch):
    assert (format_number(value, spec, "en"), format_number(value, spec, "nl")) == (english, dutch)


def test_a_quantity_carries_its_interval_and_origin(rows):
    imp = fitted(rows)
    share = imp.value("trust", "share")
    row = imp.tidy().iloc[0]
    assert (share.conf_low, share.conf_high) == (row["share_conf_low"], row["share_conf_high"])
    assert share.origin == "Importance: trust, share" and share.provenance is imp.provenance
    assert imp.stat("n").value == 60 and isinstance(imp.stat("n").value, int)
    assert imp.stat("r_squared").conf_low < imp.r_squared < imp.stat("r_squared").conf_high
    with pytest.raises(UnknownName, match="term 'turst' does not exist; did you mean 'trust'"):
        imp.value("turst")
    with pytest.raises(UnknownName, match="column 'shares' does not exist; did you mean 'share'"):
        imp.value("trust", "shares")
    with pytest.raises(DataError, match="has no interval; give the estimator draws="):
        f"{imp.value('trust', 'std_error'):ci.0f}"


def test_prose_refuses_bare_numbers_and_numbers_in_disguise(tmp_path):
    from loyaltylab.reports.texts import Texts

    texts(tmp_path, one="{{ x | number }}", other="{{ x }} and {{ n | number }}")
    words = Texts({"en": tmp_path / "texts" / "small.en.md"}, "en")
    for bare in (0.5, 3, True, None):
        with pytest.raises(ReportError, match="x is"):
            words.fill("one", {"x": bare}, {})
    n = Quantity(3, None, None, None, "here", MADE_UP)
    for bare in (0.5, "51%", "0.5", "1,000"):
        with pytest.raises(ReportError, match="x is a bare number"):
            words.fill("other", {"x": bare, "n": n}, {})
    assert words.fill("other", {"x": "like_1", "n": n}, {}, plain=True)[0] == "like_1 and 3"


def test_a_report_names_the_languages_there_are():
    with pytest.raises(UnknownName, match="language 'fr' does not exist. Possible: en, nl"):
        Report("drivers", language="fr")


def every_result(rows):
    imp = fitted(rows)
    m = ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP)
    yield from (imp, imp.blocks(), imp.contrast("trust", "joy"), m.describe(), m.correlations())
    yield ll.compare([imp, fitted(rows, method="first")])
    yield ll.head_to_head(m, "loyalty", imp.members, "emotional", "rational")
    yield ll.compare_segments({"a": imp, "b": imp}, "emotional", "rational")


def test_results_speak_one_glossary(rows):
    for result in every_result(rows):
        tidy, glance = result.tidy(), result.glance()
        assert set(tidy.columns) | set(glance.columns) <= set(GLOSSARY), result
        assert set(result.keys) <= set(tidy.columns) and not tidy.duplicated(list(result.keys)).any()
        assert len(glance) == 1 and isinstance(tidy, pd.DataFrame)
    assert all(set(column.heading) == set(LANGUAGES) and column.meaning for column in GLOSSARY.values())


def test_a_result_prints_its_facts_and_shows_its_rows_in_both_languages(rows):
    imp = fitted(rows)
    r_squared = imp.stat("r_squared")
    said = f"r_squared {r_squared.value:.3f} ({r_squared.conf_low:.3f} to {r_squared.conf_high:.3f})"
    assert repr(imp).startswith("Importance, 4 rows by term: method lmg, outcome loyalty") and said in repr(imp)
    assert repr(imp.contrast("trust", "joy")).startswith("Contrast: term trust, against joy, estimate 0.")
    shown = imp._repr_html_()
    assert (
        shown.count("<tr>") == 5
        and '<th style="text-align: left">Variable</th>' in shown
        and "synthetic, no evidence</caption>" in shown
    )
    assert ">Variabele</th>" in (dutch := imp.html("nl", {"joy": "Blij & <warm>", "loyalty": "Loyaliteit"}))
    assert ">Blij &amp; &lt;warm&gt;</td>" in dutch and f"{imp.estimates[0]:.3f}".replace(".", ",") in dutch
    assert "Uitkomst Loyaliteit" in dutch


def test_a_number_shows_with_its_interval_and_text_to_the_left(rows):
    imp = fitted(rows)
    found = imp.tidy().iloc[0]
    shown = imp.html()
    assert f">{found['share']:.3f} ({found['share_conf_low']:.3f} to {found['share_conf_high']:.3f})</td>" in shown
    heads = re.findall(r"<th[^>]*>([^<]*)</th>", shown)
    assert heads == ["Variable", "Block", "Estimate", "Share", "Direction", "Coefficient", "Rank"]
    assert shown.count('<td style="text-align: left">') == 3 * len(imp.terms)


def test_a_long_result_shows_both_its_ends():
    draws = [Long(200).html().count("<tr>"), Long(60).html().count("<tr>")]
    assert draws == [21, 61] and "200" in Long(200).html()


def test_what_tidy_hands_out_may_be_changed():
    result = Long(3)
    frame = result.tidy()
    frame["estimate"] = -1
    assert result.tidy()["estimate"].tolist() == [0.0, 0.5, 1.0] and result.value("2").value == 1.0


@dataclass(frozen=True)
class Long(Result):
    """As many made-up rows as are asked for."""

    size: int
    provenance: ll.Provenance = MADE_UP

    def columns(self):
        return {"term": [str(i) for i in range(self.size)], "estimate": [i / 2 for i in range(self.size)]}

    def whole(self):
        return {"n": self.size}


def test_the_weakest_tier_wins():
    observed, published, synthetic = (ll.Provenance(tier, tier) for tier in ("observed", "published", "synthetic"))
    assert ll.Provenance.merge([observed, published]).tier == "published"
    assert ll.Provenance.merge([synthetic, observed]).tier == "synthetic"
    with pytest.raises(DataError, match="evidence tier 'true' does not exist"):
        ll.Provenance("true", "x")


@pytest.mark.parametrize(("with_tier", "merged"), [("observed", "unstated"), ("published", "unstated"), ("synthetic", "synthetic")])  # fmt: skip
def test_what_is_unstated_never_becomes_stronger_by_merging(with_tier, merged):
    other = ll.Provenance(with_tier, {"en": "survey A", "nl": "enquête A"})
    for origins in ([other, UNSTATED], [UNSTATED, other], [UNSTATED, other, UNSTATED]):
        both = ll.Provenance.merge(origins)
        assert both.tier == merged and not both.is_evidence
        assert "source not stated" in both.source["en"] and "bron niet vermeld" in both.source["nl"]
    assert ll.Provenance.merge([UNSTATED, UNSTATED]) == UNSTATED
    assert other.is_evidence == (with_tier != "synthetic")


def test_an_unstated_source_says_so_and_a_stated_one_has_a_tier():
    with pytest.raises(DataError, match="has another tier than 'unstated'. Possible: observed, published, synthetic"):
        ll.Provenance("unstated", "200 customers")


def test_several_results_that_end_a_cell_show_as_tables_under_their_names(rows):
    imp = fitted(rows)
    gap = imp.contrast("trust", "joy")
    shown = _as_html({"joy": gap, "<b>": imp}, "nl", {"joy": "Blij"})
    assert shown.count("<table>") == 2 and "<strong>Blij</strong>" in shown and "<strong>&lt;b&gt;</strong>" in shown
    assert _as_html((gap, imp), "en", {}).count("<table>") == 2 and ">Schatting<" in shown
    assert _as_html(gap, "en", {}) == gap.html()
    assert [_as_html(other, "en", {}) for other in ({}, [], {"a": 1}, (gap, "more"))] == [None] * 4
