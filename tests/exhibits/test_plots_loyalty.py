"""Exhibits of loyalty metrics and scales: the numbers of the result, nothing withheld on paper, words in Dutch."""

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab import exhibits as plots
from loyaltylab.core.errors import DataError, UnknownName
from loyaltylab.exhibits.parts import NAMES, ink_on, ramp
from loyaltylab.exhibits.style import laid_out, theme
from loyaltylab.loyalty.groups import answer_shares, frequency_groups, loyalty_bands

from ..conftest import MADE_UP
from ..loyalty.test_loyalty import BOOK, survey_of

LABELS = {"recommend": "Zou aanbevelen", "sat": "Tevreden", "rebuy": "Koopt opnieuw", "tell": "Vertelt $5 $ door"}


@pytest.fixture(scope="module")
def survey():
    """400 made-up customers with weights, in four segments of which one is tiny."""
    rng = np.random.default_rng(4)
    mood = rng.normal(size=400)
    scaled = {
        name: np.clip(np.round(centre + spread * (mood + rng.normal(size=400))), low, high)
        for name, centre, spread, low, high in (
            ("recommend", 7.5, 1.5, 0, 10),
            ("stay", 7.0, 2.0, 0, 10),
            ("sat", 4.0, 0.6, 1, 5),
            ("rebuy", 3.4, 0.8, 1, 5),
            ("tell", 4.0, 0.6, 1, 5),
            ("a1", 7.0, 1.0, 1, 10),
        )
    }
    more = {
        "wt": rng.uniform(0.5, 2, 400),
        "app": 1 + (mood > 0),
        "size": rng.choice(4, 400, p=[0.5, 0.3, 0.18, 0.02]) + 1,
    }
    return ll.read_survey(pd.DataFrame(scaled | more), BOOK, weight="wt")


@pytest.fixture(scope="module")
def scales():
    """Three scales of which one has an item that says the opposite, and one a single item."""
    rng = np.random.default_rng(7)
    n, core = 200, rng.normal(size=(2, 200))
    frame = {f"x{j}": core[0] + rng.normal(size=n) for j in range(3)}
    frame |= {f"y{j}": core[1] + rng.normal(size=n) for j in range(3)} | {"odd": rng.normal(size=n), "one": core[0]}
    m = ll.Moments.from_frame(pd.DataFrame(frame), list(frame), provenance=MADE_UP)
    named = {"X": ["x0", "x1", "x2"], "Y": ["y0", "y1", "y2", "odd"], "Z": ["one"]}
    return m, named, m.draws(n_draws=200, seed=1)


def look(kind, language="en", **more):
    return {"id": f"{kind}-x", "title": "A finding", "labels": LABELS, "language": language, **more}


def drawn(exhibit):
    """The figure as laid out."""
    with theme():
        return laid_out(exhibit.draw, exhibit.size)


def texts(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def bars(figure):
    """Width of every bar that is not hatched."""
    return [p.get_width() for ax in figure.axes for c in ax.containers for p in c.patches if not p.get_hatch()]


def everything(survey, scales, language="en"):
    m, named, draws = scales
    rel = ll.reliability(m, named, draws=draws)
    types = ll.loyalty.loyalty_types(survey, "sat", "recommend", attitude_cut=4, behaviour_cut=7)
    fig, tbl = look("fig", language), look("tbl", language)
    return [
        plots.plot_likert(answer_shares(survey, ["sat", "rebuy", "tell"], by="size"), **fig),
        plots.plot_scores(ll.net_promoter(survey, "recommend", by="size"), **fig),
        plots.plot_groups(ll.loyalty.security_groups(survey, "sat", "rebuy", "tell", by="app"), **fig),
        plots.plot_loyalty_types(types, **fig),
        plots.plot_reliability(rel, **fig),
        plots.table_scores(ll.net_promoter(survey, "recommend", by="size"), **tbl),
        plots.table_groups(ll.loyalty.promoter_groups(survey, "recommend", by="size"), **tbl),
        plots.table_reliability(rel, **tbl),
        plots.table_items(rel.items(), **tbl),
        plots.table_pairs(ll.htmt(m, named), **tbl),
    ]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_saved_twice_is_the_same_bytes(survey, scales, tmp_path, language):
    for i, (a, b) in enumerate(zip(*(everything(survey, scales, language) for _ in "ab"), strict=True)):
        first, second = (
            {path.name: path.read_bytes() for path in e.save(tmp_path / f"{i}{run}")} for e, run in ((a, 1), (b, 2))
        )
        assert first == second and len(first) == 5


# ---- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high"), [(1, 4), (1, 5), (1, 7), (1, 10), (0, 10)])
def test_a_likert_chart_lies_about_its_middle(low, high):
    points = np.arange(low, high + 1)
    book = ll.Codebook(
        "b", {}, {n: ll.codebook.Item(n, {"en": n}, range=(low, high)) for n in "ab"}, {}, {"en": "", "nl": ""}
    )
    counts = {"a": 20 + 0 * points, "b": 20 + 10 * (points - low)}
    frame = pd.DataFrame({name: pd.Series(np.repeat(points, n)) for name, n in counts.items()})
    result = answer_shares(ll.read_survey(frame, book), ["a", "b"])
    exhibit = plots.plot_likert(result, **look("fig"))
    found = exhibit.data.set_index(["term", "segment", "answer"])["estimate"]
    expected = result.tidy().set_index(["term", "segment", "answer"])["estimate"]
    pd.testing.assert_series_equal(found.sort_index(), expected.sort_index(), check_exact=True)
    assert list(exhibit.data["term"].unique()) == ["b", "a"]  # b has more high answers
    patches = [p for c in drawn(exhibit).axes[1].containers for p in c.patches]
    assert sorted(bars(drawn(exhibit))) == pytest.approx(sorted(expected))
    flat = patches[len(points) :]
    assert flat[0].get_x() == pytest.approx(-0.5) and flat[-1].get_x() + flat[-1].get_width() == pytest.approx(0.5)
    assert drawn(exhibit).axes[1].get_yticklabels()[0].get_text().startswith("b")


def test_the_end_labels_and_n_of_a_likert_chart_are_shown(survey):
    figure = drawn(
        plots.plot_likert(answer_shares(survey, ["sat", "rebuy"]), ends=("zeer oneens", "zeer eens"), **look("fig"))
    )
    found = texts(figure)
    assert {"zeer oneens", "zeer eens", "1", "2", "3", "4", "5"} <= set(found)
    assert any("Tevreden" in text and "400" in text for text in found)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_withheld_answers_are_never_drawn_alone(survey, language):
    result = answer_shares(survey, ["sat", "rebuy", "tell"], by="size")
    exhibit = plots.plot_likert(result, **look("fig", language))
    assert exhibit.data["estimate"].isna().sum() == result.tidy()["estimate"].isna().sum() > 0
    shown = result.tidy()["estimate"].dropna()
    assert sorted(bars(drawn(exhibit))) == pytest.approx(sorted(shown[shown > 0]))
    word = {"en": "withheld", "nl": "niet getoond"}[language]
    assert word in texts(drawn(exhibit)) and word in exhibit.alt
    pooled = [p for ax in drawn(exhibit).axes for c in ax.containers for p in c.patches if p.get_hatch()]
    wide = result.tidy().pivot(index=["term", "segment"], columns="answer", values="estimate")
    part = wide[wide.isna().any(axis=1) & wide.notna().any(axis=1)]
    assert sorted(p.get_width() for p in pooled) == pytest.approx(sorted(1 - part.sum(axis=1)))
    ends = [
        p.get_x() + p.get_width()
        for ax in drawn(exhibit).axes
        for c in ax.containers
        for p in c.patches
        if not p.get_hatch()
    ]
    assert len({p.get_x() for p in pooled}) == 1 and pooled[0].get_x() > max(ends)  # beside the chart, on neither side


def test_what_is_withheld_does_not_tell_the_order():
    """Shown answers alone decide: the withheld high answers of "sat", half of all, would put it above "tell"."""
    frame = {"sat": [5] * 9 + [4] * 41 + [1] * 50, "tell": [4] * 45 + [2] * 55, "rebuy": [5] * 60 + [4] * 5 + [2] * 35}
    exhibit = plots.plot_likert(answer_shares(survey_of(frame), [*frame]), **look("fig"))
    hidden = exhibit.data[exhibit.data["estimate"].isna()]
    assert list(exhibit.data["term"].unique()) == ["rebuy", "tell", "sat"]
    assert set(zip(hidden["term"], hidden["answer"], strict=True)) == {
        ("sat", "4"),
        ("sat", "5"),
        ("rebuy", "2"),
        ("rebuy", "4"),
    }


def test_a_likert_chart_refuses_what_is_not_answers(survey):
    with pytest.raises(DataError) as caught:
        plots.plot_likert(ll.loyalty.promoter_groups(survey, "recommend"), **look("fig"))
    assert str(caught.value) == (
        "a Likert chart shows the answers to items, made by answer_shares(); this result holds detractors, passives, "
        "promoters. Use plot_groups() for groups, plot_scores() for scores."
    )
    with pytest.raises(DataError, match=r"this result holds none\. Use plot_groups"):
        plots.plot_likert(ll.net_promoter(survey, "recommend"), **look("fig"))
    with pytest.raises(DataError, match="different ranges in the codebook; ask for the answers to one range at a time"):
        answer_shares(survey, ["sat", "recommend"])


@pytest.mark.parametrize("k", [2, 3, 4, 5, 7, 10, 11])
def test_neighbouring_colours_differ_in_greyscale_and_carry_legible_ink(k):
    from matplotlib.colors import to_rgb

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    colours = ramp(k)
    assert len(set(colours)) == k
    light = [luminance(colour) for colour in colours]
    assert light[0] > light[-1] + 0.1  # the two ends differ in grey, not in hue alone
    for colour, value in zip(colours, light, strict=True):
        ink = luminance(ink_on(colour))
        assert (max(value, ink) + 0.05) / (min(value, ink) + 0.05) > 4


# ---- scores ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "axis", "text", "dutch"),
    [
        (lambda s: ll.net_promoter(s, "recommend", by="app"), "Net promoter score", "+46", "Net Promoter Score"),
        (lambda s: ll.top_box(s, "sat", boxes=2), "Share with the 2 highest answers", "%", "Aandeel met de 2 hoogste antwoorden"),
        (lambda s: ll.secure_customers(s, "sat", "rebuy", "tell"), "Secure customers (best answer to all three)", "%", "Zekere klanten (hoogste antwoord op alle drie)"),
        (lambda s: ll.loyalty.likert_summary(s, ["sat", "tell"]), "Mean, in scale points", ".", "Gemiddelde, in schaalpunten"),
        (lambda s: ll.loyalty.satisfaction_index(s, ["sat", "tell"]), "Index, 0 to 100", ".", "Index, 0 tot 100"),
    ],
)  # fmt: skip
def test_scores_are_drawn_as_they_are_and_formatted_by_measure(survey, make, axis, text, dutch):
    result = make(survey)
    exhibit, other = (plots.plot_scores(result, **look("fig", language)) for language in ("en", "nl"))
    columns = ["term", "segment", "estimate", "conf_low", "conf_high", "n"]
    pd.testing.assert_frame_equal(exhibit.data, result.tidy()[columns], check_exact=True)
    figure = drawn(exhibit)
    dots = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert dots == pytest.approx(list(exhibit.data["estimate"]))
    assert [drawn(one).axes[0].get_xlabel().replace("\xa0", " ") for one in (exhibit, other)] == [axis, dutch]
    numbers = [a.get_text() for a in figure.axes[0].texts]
    assert len(numbers) == len(dots) and any(text in number for number in numbers)
    assert not any("." in a.get_text() for a in drawn(other).axes[0].texts)


def test_a_withheld_score_is_said_and_not_dropped(survey):
    result = ll.net_promoter(survey, "recommend", by="size")
    hidden = result.tidy()["estimate"].isna()
    assert hidden.any() and not hidden.all()
    figure, table = plots.plot_scores(result, **look("fig", "nl")), plots.table_scores(result, **look("tbl", "nl"))
    page = drawn(figure)
    assert texts(page).count("niet getoond") == hidden.sum()
    assert sum(line.get_marker() == "o" for line in page.axes[0].lines) == (~hidden).sum()
    assert len(figure.data) == len(table.data) == len(hidden)
    assert [row[1] == "niet getoond" for row in table.cells[1:]] == list(hidden)
    assert figure.data.loc[hidden, ["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
    assert "minder dan 10 respondenten" in figure.caption and "minder dan 10" in table.caption


def test_several_scores_of_one_measure_share_an_axis(survey):
    several = [ll.top_box(survey, item, by="app") for item in ("sat", "tell")]
    exhibit = plots.plot_scores(several, **look("fig"))
    assert list(exhibit.data["estimate"]) == [x for score in several for x in score.tidy()["estimate"]]
    names = [label.get_text() for label in drawn(exhibit).axes[0].get_yticklabels()]
    assert names[0].startswith("Tevreden") and names[1].startswith("– yes") and names[3].startswith("Vertelt $5 $")


@pytest.mark.parametrize("make", [plots.plot_scores, plots.table_scores])
def test_scores_that_do_not_belong_together_are_refused(survey, make):
    nps, box = ll.net_promoter(survey, "recommend"), ll.top_box(survey, "sat")
    kind = look("fig" if make is plots.plot_scores else "tbl")
    with pytest.raises(DataError) as caught:
        make([nps, box], **kind)
    assert str(caught.value) == (
        "net promoter score (score, 95%), top-1-box share (wilson, 95%) cannot share an axis or a column; give scores of "
        "one measure, method and level."
    )
    with pytest.raises(DataError, match="two of the scores have the row 'recommend, all'"):
        make([nps, nps], **kind)
    for odd in ([], ll.loyalty.promoter_groups(survey, "recommend")):
        with pytest.raises(DataError, match=r"groups have plot_groups\(\) and table_groups\(\)"):
            make(odd, **kind)


# ---- groups ---------------------------------------------------------------------------------------------------------


def test_groups_are_drawn_as_they_are_and_what_is_withheld_is_hatched(survey):
    result = ll.loyalty.security_groups(survey, "sat", "rebuy", "tell", by="size")
    exhibit = plots.plot_groups(result, **look("fig", "nl"))
    shown = result.tidy()["estimate"].dropna()
    assert result.tidy()["estimate"].isna().any()
    assert sorted(bars(drawn(exhibit))) == pytest.approx(sorted(shown[shown > 0]))
    pd.testing.assert_frame_equal(exhibit.data, result.tidy()[list(exhibit.data)], check_exact=True)
    found = " ".join(texts(drawn(exhibit)))
    assert all(word in found for word in ("zeker", "gunstig", "kwetsbaar", "vertrekgevaar", "Alle respondenten"))
    assert "withheld" not in exhibit.alt and "at risk" not in exhibit.alt


def test_a_label_with_dollars_is_printed_as_it_is():
    result = frequency_groups(survey_of({"here": [10, 60] * 20}), "here", {"$low$": 0, "$high$": 50})
    exhibit = plots.plot_groups(result, **look("fig"))
    assert "here (n = 40): $low$ 50%, $high$ 50%" in exhibit.alt
    shown = [(text.get_text(), text.get_parse_math()) for text in drawn(exhibit).legends[0].get_texts()]
    assert shown == [("$low$", False), ("$high$", False)]


def test_a_map_of_loyalty_types_has_each_type_in_its_corner(survey):
    result = ll.loyalty.loyalty_types(survey, "sat", "recommend", attitude_cut=4, behaviour_cut=7, by="size")
    exhibit = plots.plot_loyalty_types(result, **look("fig", "nl"))
    ax = drawn(exhibit).axes[0]
    where = {t.get_text(): t.get_position() for t in ax.texts}
    corners = {"echte loyaliteit": (1.5, 1), "latente loyaliteit": (0.5, 1), "schijnloyaliteit": (1.5, 0), "geen loyaliteit": (0.5, 0)}  # fmt: skip
    for name, (x, floor) in corners.items():
        assert where[name][0] == x and floor < where[name][1] < floor + 1
    row = result.tidy().iloc[0]
    assert f"{row['estimate']:.0%}" in where and f"[{row['conf_low']:.0%}; {row['conf_high']:.0%}]" in where
    assert ax.get_xlabel() == "Zou aanbevelen →" and ax.get_ylabel() == "Tevreden →"
    pd.testing.assert_frame_equal(exhibit.data, result.tidy().loc[:3, list(exhibit.data)], check_exact=True)
    small = plots.plot_loyalty_types(result, segment="size 4", **look("fig"))
    assert texts(drawn(small)).count("withheld") == 4 and "%" not in " ".join(texts(drawn(small)))


def test_maps_and_groups_refuse_what_they_cannot_draw(survey):
    types = ll.loyalty.loyalty_types(survey, "sat", "recommend", attitude_cut=4, behaviour_cut=7)
    with pytest.raises(UnknownName, match=r"segment 'noord' does not exist\. Possible: all\."):
        plots.plot_loyalty_types(types, segment="noord", **look("fig"))
    with pytest.raises(DataError) as caught:
        plots.plot_loyalty_types(loyalty_bands(survey, ["recommend", "stay"]), **look("fig"))
    assert str(caught.value) == (
        "a map of loyalty types takes a result of loyalty_types(); this one holds not loyal, loyal but not secure, secure. "
        "Use plot_groups() for other groups, plot_scores() for scores."
    )
    for make, kind, other in ((plots.plot_groups, "fig", "plot_scores"), (plots.table_groups, "tbl", "table_scores")):
        with pytest.raises(DataError, match=rf"holds no groups, as promoter_groups\(\) makes; .*{other}\(\)"):
            make(ll.net_promoter(survey, "recommend"), **look(kind))


def test_every_group_and_measure_of_the_library_has_its_own_dutch_word():
    from loyaltylab.loyalty.groups import TYPOLOGIES

    known = {name for names, _ in TYPOLOGIES.values() for name in names}
    known |= {"detractors", "passives", "promoters", "secure", "favourable", "vulnerable", "at risk", "not loyal"}
    known |= {"loyal but not secure", "low", "medium", "high", "all", "customers"}
    assert known <= set(NAMES)
    assert all(NAMES[name]["nl"] != NAMES[name]["en"] for name in known)


# ---- scales ---------------------------------------------------------------------------------------------------------


def test_reliability_is_drawn_against_the_rule_and_names_the_worst_item(scales):
    m, named, draws = scales
    rel = ll.reliability(m, named, draws=draws)
    exhibit = plots.plot_reliability(rel, **look("fig", "nl"))
    alphas = rel.tidy()[rel.tidy()["measure"] == "alpha"].reset_index(drop=True)
    for column in ("estimate", "conf_low", "conf_high"):
        pd.testing.assert_series_equal(exhibit.data[column], alphas[column], check_exact=True)
    items = rel.items().tidy().set_index("term")
    assert list(exhibit.data["weakest"]) == ["", "odd", ""]
    assert exhibit.data["alpha_if_dropped"][1] == items.loc["odd", "alpha_if_dropped"]
    found = texts(drawn(exhibit))
    number = f"{items.loc['odd', 'alpha_if_dropped']:.2f}".replace(".", ",")
    assert f"zonder odd: {number}" in found and "één item: geen alfa" in found
    assert "vuistregel (Nunnally & Bernstein 1994)" in exhibit.caption and "0,7" in exhibit.caption
    dashed = [line for line in drawn(exhibit).axes[0].lines if list(line.get_xdata()) == [0.7, 0.7]]
    assert len(dashed) == 1


def test_the_table_of_reliability_tells_raw_from_standardised(scales):
    m, named, draws = scales
    plain, full = ll.reliability(m, named), ll.reliability(m, named, draws=draws)
    table = plots.table_reliability(plain, **look("tbl", "nl"))
    assert table.cells[0][:5] == ["Schaal", "Items", "n", "Alfa, ruw", "Alfa, gest."]
    assert [("[" in cell) for cell in table.cells[1]] == [False, False, False, True, False, False, False, False]
    assert table.cells[3][3:] == ["–"] * 5 and "Feldt" in table.caption
    every = plots.table_reliability(full, **look("tbl"))
    assert [("[" in cell) for cell in every.cells[1][3:]] == [True, False, True, False, False]
    assert every.data["ave_conf_low"].notna().all() or every.data["ave"].isna().any()
    assert "percentiles of 200 draws" in every.caption
    tidy = full.tidy().set_index(["term", "measure"])
    for row in every.data.itertuples():
        for measure in ("alpha", "alpha_standardised", "omega_total", "composite_reliability", "ave"):
            expected = tidy.loc[(row.term, measure), "estimate"]
            assert getattr(row, measure) == expected or expected != expected


def test_a_bad_item_is_seen_in_the_table_of_items(scales):
    m, named, draws = scales
    result = ll.reliability(m, named, draws=draws).items()
    table = plots.table_items(result, **look("tbl"))
    verdicts = dict(zip(table.data["term"], table.data["verdict"], strict=True))
    assert verdicts["odd"] == "lowers alpha" and verdicts["x0"] == "raises alpha" and verdicts["one"] == "–"
    numbers = result.tidy()
    pd.testing.assert_frame_equal(
        table.data[["gain", "item_rest", "loading"]], numbers[["gain", "item_rest", "loading"]]
    )
    dutch = plots.table_items(result, **look("tbl", "nl"))
    assert dict(zip(dutch.data["term"], dutch.data["verdict"], strict=True))["odd"] == "verlaagt alfa"


def test_verdicts_on_pairs_are_words_of_the_language(scales):
    m, named, draws = scales
    twins = {"A": ["x0", "x1"], "B": ["x2", "one"], "Y": named["Y"][:3]}
    result = ll.htmt(m, twins)
    english, dutch = (plots.table_pairs(result, **look("tbl", language)) for language in ("en", "nl"))
    words = {"apart": "te onderscheiden", "not apart": "niet te onderscheiden", "undecided": "onbeslist"}
    assert set(english.data["verdict"]) == {"apart", "not apart"}
    assert list(dutch.data["verdict"]) == [words[v] for v in result.tidy()["verdict"]]
    assert list(english.data["estimate"]) == list(result.tidy()["estimate"])
    drawn_pairs = plots.table_pairs(ll.htmt(m, twins, draws=draws), **look("tbl", "nl"))
    assert all("[" in row[2] for row in drawn_pairs.cells[1:]) and "onbeslist" in drawn_pairs.caption
    larcker = plots.table_pairs(ll.models.fornell_larcker(m, twins), **look("tbl"))
    assert larcker.cells[0][2] == "Correlation (absolute)" and "Fornell & Larcker 1981" in larcker.caption
    corrected = plots.table_pairs(ll.models.corrected_correlations(m, twins), **look("tbl"))
    assert len(corrected.cells[0]) == 3 and "verdict" not in corrected.data
