"""Exhibits: complete, honest about their tier, the same bytes every time, safe with any label."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import DataError, UnknownName
from loyaltylab.exhibits.exhibit import NARROW, Exhibit

from ..conftest import MADE_UP
from ..drivers.test_importance import NAMES, fitted
from .test_plots_loyalty import drawn, texts

NASTY = {"trust": "Tr|ust & <b>\"50%\"</b> _x_ $y$", "joy": "{Joy}", "price": "Pr\\ice", "speed": "Snelheid ~#^", "loyalty": "L*oy*"}  # fmt: skip


def figures(rows, language="en"):
    imp = fitted(rows)
    m = ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP)
    look = {
        "labels": NASTY | {"emotional": "Emotional", "rational": "Rational"},
        "language": language,
        "title": "A finding",
    }
    gap = imp.contrast("emotional", "rational")
    segments = ll.compare_segments({"a": imp, "b": imp}, "emotional", "rational")
    return [
        ll.exhibits.plot_importance(imp, id="fig-drivers", **look),
        ll.exhibits.plot_blocks(imp, gap, id="fig-blocks", **look),
        ll.exhibits.plot_comparison(ll.compare([imp, fitted(rows, method="last")]), id="fig-methods", **look),
        ll.exhibits.plot_correlations(m.correlations(), id="fig-correlations", **look),
        ll.exhibits.plot_head_to_head(
            ll.head_to_head(m, "loyalty", imp.members, "emotional", "rational"), id="fig-pairs", **look
        ),
        ll.exhibits.plot_segments(segments, gap, id="fig-segments", **look),
        ll.exhibits.table_importance(imp, id="tbl-drivers", **look),
    ]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_saved_twice_is_the_same_bytes(rows, tmp_path, language):
    first = {path.name: path.read_bytes() for e in figures(rows, language) for path in e.save(tmp_path / "a")}
    second = {path.name: path.read_bytes() for e in figures(rows, language) for path in e.save(tmp_path / "b")}
    assert first == second
    for e in figures(rows, language):
        suffixes = {"svg", "pdf", "png", "csv", "json"} if e.kind == "figure" else {"html", "tex", "md", "csv", "json"}
        assert {name.split(".")[1] for name in first if name.startswith(f"{e.id}.")} == suffixes


def test_every_file_says_what_kind_of_evidence_it_is(rows, tmp_path):
    from PIL import Image

    exhibit = figures(rows)[0]
    exhibit.save(tmp_path)
    line = "Source (synthetic, no evidence): made up for a test"
    assert exhibit.source == line
    assert json.loads((tmp_path / "fig-drivers.json").read_text())["source"] == line
    assert Image.open(tmp_path / "fig-drivers.png").text["Source"] == line
    assert line in (tmp_path / "fig-drivers.svg").read_text()
    assert b"synthetic, no evidence" in (tmp_path / "fig-drivers.pdf").read_bytes()
    table = figures(rows)[-1]
    table.save(tmp_path)
    assert line in (tmp_path / "tbl-drivers.tex").read_text()
    assert figures(rows, "nl")[0].source == "Bron (synthetisch, geen bewijs): made up for a test"


@pytest.mark.parametrize(("language", "line", "code"), [("en", "Source not stated", "source not stated"), ("nl", "Bron niet vermeld", "bron niet vermeld")])  # fmt: skip
def test_every_file_says_that_a_source_is_not_stated(rows, tmp_path, language, line, code):
    imp = ll.importance(rows, "loyalty", {"emotional": ["trust", "joy"], "rational": ["price"]}, n_draws=200)
    labels = {name: name for name in (*imp.terms, *imp.members)}
    look = {"title": "T", "language": language, "labels": labels}
    figure = ll.exhibits.plot_importance(imp, id="fig-a", **look)
    table = ll.exhibits.table_importance(imp, id="tbl-a", **look)
    for one in (figure, table):
        one.save(tmp_path)
        assert one.source == line
        card = json.loads((tmp_path / f"{one.id}.json").read_text(encoding="utf-8"))
        assert (card["tier"], card["source"]) == ("unstated", line)
        assert card["provenance"]["tier"] == "unstated" and card["provenance"]["source"][language] == code
    for name in ("fig-a.svg", "tbl-a.html", "tbl-a.tex", "tbl-a.md"):
        assert line in (tmp_path / name).read_text(encoding="utf-8"), name
    assert line.encode() in (tmp_path / "fig-a.pdf").read_bytes()
    half = ll.Provenance.merge([ll.Provenance("observed", "survey A"), imp.provenance])
    assert code in replace(table, provenance=half).source and "survey A" in replace(table, provenance=half).source


def test_files_of_a_run_bear_their_id_number_and_facts(rows, tmp_path):
    import xml.etree.ElementTree as xml

    from PIL import Image

    run = "loyaltylab:drivers/0123456789ab"
    exhibit, table = figures(rows)[0], figures(rows)[-1]
    for one in (exhibit, table):
        one.save(tmp_path, run=run, number=3)
    card = json.loads((tmp_path / "fig-drivers.json").read_text(encoding="utf-8"))
    assert (card["identifier"], card["number"], card["tier"]) == (f"{run}#fig-drivers", 3, "synthetic")
    png = Image.open(tmp_path / "fig-drivers.png").text
    dc = "{http://purl.org/dc/elements/1.1/}"
    svg = {}
    for node in xml.parse(tmp_path / "fig-drivers.svg").iter():
        svg.setdefault(node.tag.removeprefix(dc), "".join(node.itertext()).strip())
    for found in (png, svg):
        assert found["Title" if found is png else "title"] == exhibit.title
        assert found["Identifier" if found is png else "identifier"] == f"{run}#fig-drivers"
        assert found["Source" if found is png else "source"] == exhibit.source
        assert exhibit.alt in found["Description" if found is png else "description"]
    assert svg["language"] == "en" and not {"date", "Software", "Date"} & {*svg, *png}
    pdf = (tmp_path / "fig-drivers.pdf").read_bytes()
    assert f"{run}#fig-drivers".encode() in pdf and b"/FontFile2" in pdf and b"/CreationDate" not in pdf
    assert r"(loyaltylab:drivers/0123456789ab\#tbl-drivers)" in (tmp_path / "tbl-drivers.tex").read_text()


@pytest.mark.filterwarnings("ignore:Glyph 29233")
def test_a_figure_is_drawn_once_and_its_pdf_has_text_and_alternative(tmp_path):
    import xml.etree.ElementTree as xml

    from PIL import Image

    pypdf = pytest.importorskip("pypdf", reason="the text of the PDF is read with pypdf")
    drawn = []

    def draw(figure):
        drawn.append(figure)
        axes = figure.subplots()
        axes.set_yticks([0, 1, 2], ["a </g>", "R $x^2$ & <b>", "\u7231 you"])

    exhibit = Exhibit("fig-x", "T & <t>", "C", "What it shows", pd.DataFrame({"n": [1]}), MADE_UP, draw=draw)
    exhibit.save(tmp_path, run="loyaltylab:a/b", widths=["two"])
    shown = exhibit._repr_mimebundle_()["image/svg+xml"]
    assert len(drawn) == 2, "one drawing a width, the preview included"
    content = (tmp_path / "fig-x.pdf").read_bytes()
    text = pypdf.PdfReader(tmp_path / "fig-x.pdf").pages[0].extract_text()
    assert b"pdfuaid:part>1<" in content and "made up for a test" in text and "a </g>" in text
    assert "\u7231" not in text, "a sign that no font has is a picture in every format"
    whole, page = (xml.fromstring(svg) for svg in ((tmp_path / "fig-x.svg").read_bytes(), exhibit.plain))
    assert not [node for node in [*whole.iter(), *page.iter()] if node.tag.endswith("}text")], "outlines only"
    assert [node.text for node in xml.fromstring(shown).iter() if node.text == "a </g>"]
    heights = [float(svg.get("viewBox").split()[3]) for svg in (whole, page)]
    assert heights[0] == exhibit.size[1] * 72 and 10 < heights[0] - heights[1] < 20, "the source line is cut off"
    assert "source-line" not in exhibit.plain.decode()
    assert Image.open(tmp_path / "fig-x.png").size == tuple(round(side * 300) for side in exhibit.size)


def test_journal_widths_hold_every_letter(rows, tmp_path):
    from PIL import Image

    wide = {"one": (85, None), "two": (180, None), "slide": (None, 16 / 9)}
    for exhibit in figures(rows, "nl")[:-1]:
        paths = exhibit.save(tmp_path, widths=wide)
        refused = json.loads((tmp_path / f"{exhibit.id}.json").read_text(encoding="utf-8")).get("does_not_fit", {})
        assert "two" not in refused and "slide" not in refused, (exhibit.id, refused)
        for width in wide.keys() - refused.keys():
            assert {tmp_path / f"{exhibit.id}_{width}.{suffix}" for suffix in ("svg", "pdf", "png")} <= set(paths)
            image = Image.open(tmp_path / f"{exhibit.id}_{width}.png")
            millimetres, ratio = wide[width]
            assert image.info["dpi"][0] == pytest.approx(300, abs=0.1)
            assert millimetres is None or image.width / 300 * 25.4 == pytest.approx(millimetres, abs=0.1)
            assert ratio is None or image.width / image.height == pytest.approx(ratio, abs=0.002)
    again = {path: path.read_bytes() for path in exhibit.save(tmp_path, widths=wide)}
    assert again == {path: path.read_bytes() for path in exhibit.save(tmp_path, widths=wide)}


def test_what_does_not_fit_is_left_out_and_said(tmp_path):
    def crowded(figure):
        axes = figure.subplots()
        axes.set_xticks(range(9), [f"a long name {i}" for i in range(9)])

    data = pd.DataFrame({"n": [1]})
    exhibit = Exhibit("fig-x", "T", "C", "A", data, MADE_UP, draw=crowded)
    names = {path.name for path in exhibit.save(tmp_path, widths=["one"])}
    assert names == {"fig-x.svg", "fig-x.pdf", "fig-x.png", "fig-x.csv", "fig-x.json"}
    said = json.loads((tmp_path / "fig-x.json").read_text())["does_not_fit"]["one"]
    assert said == "'a long name 0' and 'a long name 1' touch"
    with pytest.raises(UnknownName) as caught:
        exhibit.save(tmp_path, widths=["wide"])
    assert str(caught.value).endswith("Possible: one, two, slide.")


def test_dutch_axes_have_decimal_commas(rows):
    import re

    from matplotlib.text import Text

    from loyaltylab.exhibits.style import laid_out, theme

    for exhibit in figures(rows, "nl")[:-1]:
        with theme():
            figure = laid_out(exhibit.draw, exhibit.size)
            figure.draw_without_rendering()
            texts = [text.get_text() for text in figure.findobj(Text)]
        assert [text for text in texts if re.search(r"\d\.\d(?!\d\d)", text)] == [], exhibit.id


def test_a_spreadsheet_runs_no_label(tmp_path):
    labels = ["=1+1", "+31 20", "-2+3", "@SUM(A1)", "\t=x", "\rq", " =1", "＝1", "-5", "joy", 'a"b', "joy;=1+1"]
    data = pd.DataFrame({"term": labels, "estimate": [-1.5] * len(labels), "n": range(len(labels))})
    Exhibit("tbl-x", "T", "C", "A", data, MADE_UP, columns={"term": "{term}"}).save(tmp_path)
    found = pd.read_csv(tmp_path / "tbl-x.csv", dtype={"term": str})
    assert found["term"].tolist() == [f"'{label}".replace("\r", " ") for label in labels[:8]] + [
        *labels[8:11],
        "joy;'=1+1",
    ]
    assert found["estimate"].tolist() == [-1.5] * len(labels) and found["n"].dtype == "int64"


def test_a_count_beside_a_withheld_one_is_still_whole():
    data = pd.DataFrame({"term": ["a", "b"], "n": [12.0, float("nan")]})
    table = Exhibit("tbl-x", "T", "C", "A", data, MADE_UP, columns={"term": "{term}", "n": "{n:,d}"})
    assert [row[1] for row in table.cells[1:]] == ["12", "–"]


def test_the_data_are_exactly_what_is_drawn(rows, tmp_path):
    imp = fitted(rows)
    exhibit = figures(rows)[0]
    exhibit.save(tmp_path)
    found = pd.read_csv(tmp_path / "fig-drivers.csv").set_index("term")
    expected = imp.tidy().set_index("term")
    pd.testing.assert_series_equal(found["share"], expected["share"][found.index], rtol=1e-10)
    assert found["share"].is_monotonic_decreasing


def test_drawing_leaves_matplotlib_as_it_was(rows, tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    figures(rows)[0].save(tmp_path)
    assert dict(matplotlib.rcParams) == before


def test_a_label_between_dollar_signs_is_no_formula():
    """Two prices were set as mathematics, and what is none of it stopped the report."""
    labels = ["Tips ($) and fares ($)", "$x^2$ (y) $$z$$", r"\$5"]
    words = {"caption": "c", "alt": "a", "provenance": MADE_UP, "data": pd.DataFrame({"term": labels})}
    exhibit = Exhibit("fig-x", title="T", draw=lambda figure: figure.subplots().barh(labels, [1, 2, 3]), **words)
    shown = exhibit._repr_mimebundle_()["image/svg+xml"]
    assert all(f">{label}<" in shown for label in labels)


def test_labels_are_escaped_in_every_format(rows):
    table = figures(rows)[-1]
    assert "&lt;b&gt;" in table.html() and "<b>" not in table.html()
    assert r"Tr\|ust \& \<b\>" in table.markdown() and r"\_x\_ \$y\$" in table.markdown()
    assert r"Tr\textbar{}ust \& \textless{}b\textgreater{}" in table.tex() and r"50\%" in table.tex()
    assert r"\_x\_ \$y\$" in table.tex()
    assert r"\{Joy\}" in table.tex() and r"Pr\textbackslash{}ice" in table.tex()


@pytest.mark.parametrize(
    ("words", "wide"), [("short", False), ("works with it: +0.46 [+0.32; +0.60] and more words", True)]
)
def test_a_table_wider_than_a_page_of_latex_stays_inside_its_margins(words, wide):
    """One of six columns ran 255 points off the page."""
    data = pd.DataFrame({"term": ["A Customer"], "block": [words], "estimate": [0.5]})
    columns = {"term": "{term}", "block": "{block}", "estimate": "{estimate:.1%} [0.1; 0.9]"}
    text = Exhibit("tbl-x", "T", "c", "a", data, MADE_UP, columns=columns).tex()
    shares = [float(share) for share in re.findall(r"p\{\\dimexpr([\d.]+)\\linewidth-2\\tabcolsep\}", text)]
    if wide:
        assert len(shares) == 3 and sum(shares) <= 1.001 and shares[1] == max(shares)
        assert r"\raggedright" in text and r"\raggedleft 50.0\% [0.1; 0.9] \tabularnewline" in text
    else:
        assert not shares and r"\begin{tabular}{llr}" in text and "raggedleft" not in text


def test_dutch_numbers_reach_tables_and_alt_texts(rows):
    english, dutch = figures(rows)[-1], figures(rows, "nl")[-1]
    assert "Share" in english.cells[0] and "Aandeel" in dutch.cells[0]
    assert "." in english.cells[1][3] and "," in dutch.cells[1][3] and "." not in dutch.cells[1][3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "drivers"}, "the id of this exhibit is 'drivers'; it must be 'tbl-' with letters, digits and hyphens."),
        (
            {"id": "tbl-../../x"},
            "the id of this exhibit is 'tbl-../../x'; it must be 'tbl-' with letters, digits and hyphens.",
        ),
        ({"id": "tbl-é"}, "the id of this exhibit is 'tbl-é'; it must be 'tbl-' with letters, digits and hyphens."),
        ({"title": " "}, "exhibit 'tbl-x' has no title; every exhibit needs one."),
        ({"alt": ""}, "exhibit 'tbl-x' has no alt; every exhibit needs one."),
    ],
)
def test_an_incomplete_exhibit_is_refused(change, message):
    good = {"id": "tbl-x", "title": "T", "caption": "C", "alt": "A", "data": pd.DataFrame(), "provenance": MADE_UP}
    with pytest.raises(DataError) as caught:
        Exhibit(**(good | change))
    assert str(caught.value) == message


def test_thirty_drivers_keep_their_labels_apart(rows):
    """Row labels of a crowded figure must not touch: their boxes are measured as drawn."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from loyaltylab.exhibits.style import theme

    rng = np.random.default_rng(1)
    names = [f"driver with a long name {i}" for i in range(30)]
    x = rng.normal(size=(300, 30)) + rng.normal(size=(300, 1))
    frame = pd.DataFrame(x, columns=names).assign(y=x.sum(axis=1) + rng.normal(size=300))
    m = ll.Moments.from_frame(frame, ["y", *names], provenance=MADE_UP)
    imp = ll.importance(
        m, "y", {"emotional": names[:15], "rational": names[15:]}, method="relative_weights", draws=m.draws(n_draws=200)
    )
    labels = {name: name for name in names}
    for exhibit in (
        ll.exhibits.plot_importance(imp, id="fig-a", title="T", labels=labels),
        ll.exhibits.plot_correlations(m.correlations(), id="fig-b", title="T", labels=labels),
    ):
        with theme():
            figure = Figure(figsize=exhibit.size, layout="constrained")
            exhibit.draw(figure)
            FigureCanvasAgg(figure).draw()
            boxes = sorted((t.get_window_extent() for t in figure.axes[0].get_yticklabels()), key=lambda box: box.y0)
            assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes)), exhibit.id
            assert all(box.x0 >= 0 for box in boxes)


def long_table(language="en", n=4000):
    kinds = ["Sector"] * 3 + ["Store"] * n
    data = pd.DataFrame({"term": kinds, "segment": [f"S{i:04d}" for i in range(n + 3)], "n": range(n + 3)})
    columns = {"term": "{term}", "segment": "{segment}", "n": "{n:,d}"}
    alt = "; ".join(f"{segment}: 25" for segment in data["segment"])
    return Exhibit("tbl-x", "T", "C.", f"{alt}.", data, MADE_UP, language, columns=columns)


@pytest.mark.parametrize(
    ("language", "row", "rest"),
    [
        (
            "en",
            "… 3,980 rows left out",
            "The table has 4,003 rows; of a long list the first and last 10 are shown, 3,980",
        ),
        (
            "nl",
            "… 3.980 rijen weggelaten",
            "De tabel heeft 4.003 rijen; van een lange lijst staan de eerste en laatste 10",
        ),
    ],
)
def test_a_long_table_shows_both_ends_says_what_it_leaves_out_and_keeps_all_in_the_csv(tmp_path, language, row, rest):
    table = long_table(language)
    assert [cells[1] for cells in table.cells[1:5]] == ["S0000", "S0001", "S0002", "S0003"]
    assert table.cells[14] == [row, "", ""] and len(table.cells) == 1 + 3 + 10 + 1 + 10
    assert [table.cells[13][1], table.cells[15][1], table.cells[-1][1]] == ["S0012", "S3993", "S4002"]
    assert table.caption.startswith("C. " + rest) and table.caption.count("csv") == 1
    assert replace(table, title="Again").caption == table.caption
    for text in (table.html(), table.markdown(), table.tex(), table._repr_mimebundle_()["text/html"]):
        assert row in text.replace("\\ldots{}", "…") and "S2000" not in text
    assert table.alt.count("; ") == 20 and table.alt.endswith("S4002: 25.")
    table.save(tmp_path)
    assert len(pd.read_csv(tmp_path / "tbl-x.csv")) == 4003


def test_a_table_of_sixty_rows_stays_whole():
    assert len(long_table(n=57).cells) == 61 and "left out" not in long_table(n=57).caption
    assert len(long_table(n=58).cells) == 1 + 3 + 20 + 1


def test_the_table_of_blocks_says_what_each_contains_what_stands_in_and_what_others_put_elsewhere(corp_rep):
    contents = ll.survey.block_contents(corp_rep, corp_rep.codebook.blocks("emotional", "rational"))
    assert contents.stand_ins == ["ATTR"] and contents.stat("n_items").value == 22
    for language, (driver, elsewhere) in {
        "en": ("which is no emotion of customers", "Trustworthy (elsewhere: emotional)"),
        "nl": ("dat is geen emotie van klanten", "Te vertrouwen (elders: emotioneel)"),
    }.items():
        shown = contents.table("tbl-blocks").exhibit(title="t", labels=corp_rep.codebook.labels(language), language=language)  # fmt: skip
        assert driver in shown.alt and elsewhere in shown.alt and driver in contents.in_words("emotional", language)
        assert "Social responsibility" not in shown.alt and shown.data["block"].tolist() == ["emotional"] * 2 + ["rational"] * 3  # fmt: skip
    table = ll.survey.block_contents(ll.read_table("hedonic_utilitarian"))
    assert table.questions("Enjoyment", "en") == [] and "Enjoyment" in table.in_words("emotional", "en")


def _against(sign):
    """An importance of a driver that works against the outcome, or with it, beside others."""
    rng = np.random.default_rng(3)
    joy, ease, price, noise = rng.normal(size=(4, 400))
    frame = pd.DataFrame(
        {"stay": sign * joy + 0.5 * ease + 0.5 * price + noise, "joy": joy, "ease": ease, "price": price}
    )
    found = ll.importance(frame, "stay", {"good": ["joy", "ease"], "fair": ["price"]}, n_draws=200)
    moments = ll.Moments.from_frame(frame, provenance=found.provenance)
    draws = moments.draws(n_draws=200)
    whole = ll.importance(moments, "stay", found.members, players="blocks", draws=draws)
    return (
        found,
        whole,
        ll.drivers.claimed_split(moments, "stay", found.members, "good", "fair", claimed=0.7, draws=draws),
    )


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_figure_of_blocks_names_the_drivers_in_them_that_work_against_the_outcome(language):
    """A share has no sign: by the shares alone the two are one figure."""
    said = {"en": "(−) Joy: works against the outcome", "nl": "(−) Joy: werkt de uitkomst tegen"}[language]
    labels = {"joy": "Joy", "good": "Good", "fair": "Fair", "ease": "Ease", "price": "Price"}
    for sign in (1, -1):
        found, whole, split = _against(sign)
        for sketch in (
            found.plot("fig-a", kind="blocks", contrast=found.contrast("good", "fair")),
            found.plot("fig-b", kind="levels", players=whole),
            split.plot("fig-c", importance=found),
        ):
            exhibit = sketch.exhibit(title="T", labels=labels, language=language)
            there = [said in exhibit.alt, said in exhibit.caption, "Joy (−)" in " ".join(texts(drawn(exhibit)))]
            assert there == [sign < 0] * 3, (sign, exhibit.id)


def _figure(draw, size=(5.6, 3.2)):
    return Exhibit("fig-x", "Title", "Caption.", "Alt.", pd.DataFrame({"x": [1.0]}), MADE_UP, draw=draw, size=size)


def test_a_figure_that_asks_for_another_height_is_drawn_on_a_page_of_that_height():
    def draw(figure):
        figure.set_figheight(5)
        figure.subplots().set_title("on top")

    assert _figure(draw).drawing.size[1] == pytest.approx(5 * 72)
    assert 'viewBox="0 0 403.2 360"' in _figure(draw).drawing.svg


def test_a_label_below_all_panels_is_refused_for_the_source_would_take_its_place():
    with pytest.raises(DataError, match="each panel a label of its own"):
        _ = _figure(lambda figure: figure.supxlabel("Respondents asked")).drawing


def test_a_label_that_no_font_holds_is_named(monkeypatch):
    said = []
    monkeypatch.setattr("loyaltylab.exhibits.style.tell", said.append)
    _ = _figure(lambda figure: figure.subplots().set_xlabel("誠実 trust")).drawing
    assert said and "誠実 trust" in said[0] and "誠 実" in " ".join(said[0])
    said.clear()
    _ = _figure(lambda figure: figure.subplots().set_xlabel("доверие ισχύς")).drawing
    assert not said


def test_a_telephone_gets_a_figure_of_its_own_as_wide_as_a_column():
    exhibit = _figure(lambda figure: figure.subplots().set_xlabel("Share"))
    assert 'viewBox="0 0 240.9' in exhibit.narrow and NARROW in exhibit.bundle("exhibits/fig-x.svg")
    assert NARROW not in exhibit.bundle()
    assert not _figure(lambda figure: figure.subplots().text(0, 0, "far too long " * 12)).narrow


@pytest.mark.parametrize("language", ["en", "nl"])
def test_panels_of_claims_and_of_models_have_room_on_a_telephone(language):
    names = ["emotions_index", "thirty_seventy", "functional_first"]
    claims = [ll.read_claim(name) for name in names]
    compared = ll.claims.comparisons(ll.read_data("simulated n=300"), claims, n_draws=100, seed=1)
    models = [ll.claims.reproduce(model, n_draws=100, seed=1) for model in ll.claims.choose_models("", [], seed=1)]
    assert compared.found and len(models) > 2
    for sketch in (compared.plot("fig-x"), ll.claims.reproductions(*models).plot("fig-x")):
        assert sketch.exhibit(title="T", labels={}, language=language).narrow


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_box_of_a_path_diagram_holds_its_name_on_a_telephone(language):
    from loyaltylab.exhibits.style import laid_out, settle, sized, theme

    model = ll.claims.choose_models("", [], seed=1)[0]
    sketch = ll.claims.reproduce(model, n_draws=100, seed=1).paths.plot("fig-x")
    exhibit = sketch.exhibit(title="T", labels=model.labels(language), language=language)
    with theme(8):
        figure = laid_out(exhibit.draw, sized(exhibit.size, "one"), "")
        settle(figure)
        (ax,) = figure.axes
        boxes = [
            patch.get_window_extent() for patch in ax.patches if patch.get_facecolor()[3] and patch.get_zorder() == 3
        ]
        names = [text.get_window_extent() for text in ax.texts if text.get_zorder() == 4]
    assert len(boxes) == len(names) > 5
    assert all(any(box.x0 < name.x0 and name.x1 < box.x1 for box in boxes) for name in names)


def test_a_pair_of_scales_the_text_is_about_is_drawn_in_bold():

    sketch = ll.models.scales_apart(ll.read_data("simulated n=200"), n_draws=100, seed=1)

    first = tuple(sketch.tidy().sort_values("estimate", ascending=False).iloc[0][["term", "against"]])
    figure = drawn(sketch.plot("fig-x", marked=first).exhibit(title="T", labels={}, language="en"))
    bold = [label.get_weight() == "bold" for label in figure.axes[0].get_yticklabels()]
    assert sum(bold) == 1


def test_ticks_stand_where_their_numbers_say():
    """No step of 2.5, which one decimal would print as 0.2 and 0.8."""
    from loyaltylab.exhibits.style import laid_out, theme

    def draw(figure):
        axes = figure.subplots()
        axes.locator_params(axis="x", nbins=4)
        axes.set_xlim(0, 1)

    with theme():
        ticks = laid_out(draw, (3, 2)).axes[0].get_xticks()
    assert len(ticks) >= 3 and np.allclose(10 * ticks, np.round(10 * ticks))


def test_numbers_stand_right_also_where_they_come_as_words():
    said = {
        "term": ["1", "2"],
        "n": ["3.880 [3.670; 4.100]", "–"],
        "p": ["<0,001", "0,251"],
        "cards": ["25, 56", "3"],
        "why": ["", ""],
    }
    columns = {name: f"{{{name}}}" for name in said}
    table = Exhibit("tbl-x", "Title", "Caption.", "Alt.", pd.DataFrame(said), MADE_UP, columns=columns, headings=dict(zip(said, said, strict=True)))  # fmt: skip
    rule = table.markdown().split("\n")[1].split("|")[1:-1]
    assert [one.strip().endswith(":") for one in rule] == [False, True, True, False, False]


def test_a_column_of_counts_that_are_all_zero_is_left_out_and_named():
    data = pd.DataFrame({"term": ["a", "b"], "n": [0, 0], "n_missing": [0, 1]})
    columns = {"term": "{term}", "n": "{n:,d}", "n_missing": "{n_missing:,d}"}
    table = Exhibit("tbl-x", "Title", "Caption.", "Alt.", data, MADE_UP, columns=columns)
    assert list(table.columns) == ["term", "n_missing"] and len(table.cells[0]) == 2
    assert table.caption == "Caption. Zero in every row and left out: n."


def test_numbers_of_a_heat_map_stay_inside_their_cells():
    from loyaltylab.exhibits.style import laid_out, theme, too_tight

    names = [f"variable {i}" for i in range(16)]
    R = np.full((16, 16), -0.06) + 1.06 * np.eye(16)
    moments = ll.Moments.from_correlations(R, names, n=200, provenance=MADE_UP)
    exhibit = ll.exhibits.plot_correlations(moments.correlations(), id="fig-x", title="T", labels={})
    with theme():
        assert not too_tight(laid_out(exhibit.draw, exhibit.size))
