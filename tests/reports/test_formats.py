"""The page, the PDF and the Word file of a report: all of it in each, harmless, alike from run to run."""

import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from loyaltylab.core.disclosure import MOST_ROWS
from loyaltylab.core.documents import pandoc
from loyaltylab.core.errors import ReportError, UnknownName
from loyaltylab.core.provenance import Provenance
from loyaltylab.exhibits.exhibit import Exhibit
from loyaltylab.reports import report as session
from loyaltylab.reports.cards import cards, on_paper, table_cells
from loyaltylab.reports.formats import write as formats
from loyaltylab.reports.formats.write import write_formats

from ..conftest import texts

pypdf = pytest.importorskip("pypdf", reason="the text of the PDF is read with pypdf")
DUTCH = {"data": "hedonic_utilitarian", "outcome": "BehLoyalty", "language": "nl"}
MARK = {"en": ("Figure", "Table", "Contents"), "nl": ("Figuur", "Tabel", "Inhoud")}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def squeezed(text):
    """Text without what line breaks, hyphenation and typographic quotes and dashes do to it."""
    plain = text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'", 0x2026: "..."})
    return re.sub(r"[\s\x00-\x1f\u00ad\u2010\u2013\u2014-]+", "", plain)


def page_text(folder):
    page = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    for hidden in page.select("nav, style, script, .code, .tools"):
        hidden.decompose()
    return page.get_text()


def pdf(folder):
    return pypdf.PdfReader(io.BytesIO((folder / "report.pdf").read_bytes()))


def pdf_text(folder):
    return "\n".join(page.extract_text() for page in pdf(folder).pages)


def pdf_alts(folder):
    """The texts that stand in place of pictures, from the tags of the PDF."""
    found, left = [], [pdf(folder).trailer["/Root"]["/StructTreeRoot"]]
    while left:
        node = left.pop().get_object()
        if isinstance(node, list):
            left += node
        elif isinstance(node, dict):
            found += [str(node["/Alt"])] if "/Alt" in node else []
            left += [node["/K"]] if "/K" in node else []
    return found


def parts(folder):
    with zipfile.ZipFile(folder / "report.docx") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def word_text(folder):
    root = ElementTree.fromstring(parts(folder)["word/document.xml"])
    return "\n".join("".join(t.text or "" for t in p.iter(f"{W}t")) for p in root.iter(f"{W}p"))


TEXTS = {"html": page_text, "pdf": pdf_text, "docx": word_text}


@pytest.fixture(scope="module", params=["en", "nl"])
def written(request, tmp_path_factory, corp_rep_file, report):
    """A run with its executed notebook, its manifest and all formats."""
    extra = DUTCH if request.param == "nl" else {}
    run = report("drivers", draws=200, **extra)
    folder = Path(shutil.copytree(run.folder, tmp_path_factory.mktemp("run"), dirs_exist_ok=True))
    executed = json.loads((folder / "notebook.ipynb").read_text(encoding="utf-8"))
    assert write_formats(executed, run.manifest, folder) == {}
    return executed, run.manifest, folder


LEADS = "## In short\n\nThe driver {{ name }} leads."
SUM = "## A sum\n\nInline $R^2$ and\n\n$$\\sum_i \\frac{x_i}{2}$$"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Make a report of what `tell(report)` says and shows, without a kernel; returns its folder."""

    def make(tell, language="en", wanted=("html", "pdf", "docx")):
        outputs = []

        def keep(_, bundle, card, **place):
            outputs.append({"output_type": "display_data", "data": bundle, "metadata": {"loyaltylab": card}})

        monkeypatch.setattr(session._Screen, "show", keep)
        monkeypatch.setenv(session.RUN_FOLDER, str(tmp_path))
        (tmp_path / "mine").mkdir(exist_ok=True)
        texts(tmp_path / "mine", "told", title=("Told & shown", "Verteld & getoond"), leads=LEADS, sum=SUM)
        monkeypatch.chdir(tmp_path / "mine")
        made = session.Report("told", language=language)
        tell(made)
        notebook = {"cells": [{"cell_type": "code", "source": "", "outputs": outputs}]}
        manifest = {
            "id": "loyaltylab:told/0123456789ab", "title": made.title, "language": language, "evidence_tier": "synthetic",
            "evidence": {"source": {"en": "made up", "nl": "bedacht"}, "note": "A note."}, "parameters": {"empty": []},
            "files": {}, "code_version": "1+2", "python": "3", "packages": {}, "exhibits": made.exhibits,
        }  # fmt: skip
        assert write_formats(notebook, manifest, tmp_path, wanted) == {}
        return tmp_path

    return make


def table(frame, title="A title", caption="A caption", alt="An alternative text", source="a source"):
    headings = {name: name for name in frame}
    return Exhibit(
        "tbl-own", title, caption, alt, frame, Provenance("synthetic", source),
        columns={name: f"{{{name}}}" for name in frame}, headings=headings,
    )  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_every_exhibit_is_whole_in_every_format(written, name):
    """On the page; in print a long table is in brief and says where it is whole."""
    executed, manifest, folder = written
    text = squeezed(TEXTS[name](folder))
    assert squeezed(manifest["title"]) in text
    numbers = dict.fromkeys(("figure", "table"), 0)
    for card in cards(executed):
        if card["kind"] not in numbers:
            continue
        numbers[card["kind"]] += 1
        if card["kind"] == "table" and name != "html":
            card = on_paper({**card, "read_caption": ""})
        word = MARK[manifest["language"]][card["kind"] == "table"]
        caption = f"{word} {numbers[card['kind']]} {card['title']}. {card['caption']}"
        assert squeezed(caption) in text, caption
        if not (name == "docx" and card["kind"] == "figure"):  # there the source is in the picture
            assert squeezed(card["source"]) in text
        if card["kind"] == "table":
            for row in table_cells(card)[0]:
                assert squeezed("".join(row)) in text, row
    assert min(numbers.values()) > 1 or manifest["language"] == "nl"
    assert sum(numbers.values()) == len(manifest["exhibits"]) >= 7


def test_every_picture_has_its_text(written):
    executed, _, folder = written
    alts = {card["alt"] for card in cards(executed) if card["kind"] == "figure"}
    page = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert {image["alt"] for image in page.select("img")} == alts
    assert {squeezed(alt) for alt in alts} <= {squeezed(alt) for alt in pdf_alts(folder)}
    document = ElementTree.fromstring(parts(folder)["word/document.xml"])
    assert {node.get("descr") for node in document.iter() if node.tag.endswith("}docPr")} == alts


def test_prose_evidence_and_references_are_in_every_format_and_code_only_on_the_page(written):
    _, manifest, folder = written
    dutch = manifest["language"] == "nl"
    for name, text_of in TEXTS.items():
        text = squeezed(text_of(folder))
        said = "Gepubliceerd: berekend uit een tabel" if dutch else "Observed: answers of real respondents."
        assert squeezed(said) in text, name
        assert squeezed(manifest["evidence"]["citation"]) in text, name
        assert squeezed("Lindeman, Merenda & Gold 1980") in text and manifest["id"] in text, name
        assert "importll" not in text, name
        if dutch:
            for english in ("Figure", "Table", "Contents", "References", "page1of"):
                assert english not in text, (name, english)
    assert "import loyaltylab as ll" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_pdf_is_tagged_numbered_and_linked(written):
    _, manifest, folder = written
    found = pdf(folder)
    content = (folder / "report.pdf").read_bytes()
    assert b"pdfuaid:part>1<" in content, "PDF/UA-1"
    assert found.metadata.title == manifest["title"] and found.metadata.keywords == manifest["id"]
    assert found.trailer["/Root"]["/Lang"].startswith(manifest["language"])
    assert found.metadata.creation_date is None
    pages = [page.extract_text() for page in found.pages]
    word = {"en": "page {} of {}", "nl": "pagina {} van {}"}[manifest["language"]]
    for number, text in enumerate(pages, start=1):
        assert word.format(number, len(pages)) in text
        assert number == 1 or text.startswith(manifest["title"]), "running header"
    assert MARK[manifest["language"]][2] in pages[0] and len(found.outline) >= 8
    links = [a.get_object() for page in found.pages for a in page.get("/Annots", [])]
    assert sum("/Dest" in a or a.get("/A", {}).get("/S") == "/GoTo" for a in links) >= 12, "contents and references"
    fonts = {f.get_object()["/BaseFont"] for page in found.pages for f in page["/Resources"]["/Font"].values()}
    assert fonts and all(re.match(r"/[A-Z]{6}\+", font) for font in fonts), "embedded"


def test_the_word_file_holds_together(written):
    """Every part is XML; every style, picture, header, link and bookmark that is named is there."""
    _, manifest, folder = written
    found = parts(folder)
    for name, content in found.items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)
    document = found["word/document.xml"].decode()
    defined = set(re.findall(r'w:styleId="([^"]+)"', found["word/styles.xml"].decode()))
    assert set(re.findall(r'<w:(?:pStyle|rStyle|tblStyle) w:val="([^"]+)"', document)) <= defined
    related = dict(re.findall(r'Id="([^"]+)"[^>]*Target="([^"]+)"', found["word/_rels/document.xml.rels"].decode()))
    related |= {i: t for t, i in re.findall(r'Target="([^"]+)"[^>]*Id="([^"]+)"', found["word/_rels/document.xml.rels"].decode())}  # fmt: skip
    named = set(re.findall(r'r:(?:id|embed)="([^"]+)"', document))
    assert {"header1", "footer1", "picture1"} <= named <= set(related)
    assert all(f"word/{target}" in found for i, target in related.items() if not target.startswith("http"))
    bookmarks = re.findall(r'<w:bookmarkStart w:id="\d+" w:name="(exhibit_[^"]+)"', document)
    assert len(bookmarks) == len(set(bookmarks)) == len(manifest["exhibits"])
    references = re.findall(r'w:instr=" REF (\S+) \\h \\\* MERGEFORMAT "', document)
    assert len(references) >= 8 and set(references) <= set(bookmarks)
    word = MARK[manifest["language"]]
    assert document.count(f'" SEQ {word[0]} \\* ARABIC "') >= 5 and f'" SEQ {word[1]} \\* ARABIC "' in document
    for style in ("Title", "Heading1", "Caption", "TableCaption", "BodyText"):
        assert f'<w:pStyle w:val="{style}"/>' in document.replace('" />', '"/>'), style
    assert {"en": 'w:lang w:val="en-GB"', "nl": 'w:lang w:val="nl-NL"'}[manifest["language"]] in found[
        "word/styles.xml"
    ].decode()
    core = found["docProps/core.xml"].decode()
    assert manifest["id"] in core and "dcterms:" not in re.sub(r'xmlns:\w+="[^"]+"', "", core)
    assert document.count("<w:tblHeader") == document.count("<w:tbl>")


def test_the_same_bytes_twice(written, tmp_path, monkeypatch):
    import time

    executed, manifest, folder = written
    shutil.copytree(folder / "exhibits", tmp_path / "exhibits")
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert write_formats(executed, manifest, tmp_path) == {}
    assert {path.name for path in tmp_path.iterdir()} == {"exhibits", "report.html", "report.pdf", "report.docx"}
    for name in ("report.html", "report.pdf", "report.docx"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
        assert str(tmp_path).encode() not in (tmp_path / name).read_bytes()


def test_a_format_that_fails_leaves_the_others_and_says_why(written, tmp_path, monkeypatch):
    executed, manifest, _ = written

    def broken(*_):
        raise ValueError("two\nlines")

    failed = write_formats(executed, manifest, tmp_path)
    assert list(failed) == ["docx"], "its pictures are not there"
    assert re.fullmatch(
        r"the Word file needs the picture fig-[a-z]+\.png of exhibits/, which is not there", failed["docx"]
    )
    monkeypatch.setitem(formats.FORMATS, "pdf", broken)
    (tmp_path / "report.pdf").write_text("of an earlier time")
    assert write_formats(executed, manifest, tmp_path, ("html", "pdf")) == {"pdf": "ValueError: two lines"}
    assert {path.name for path in tmp_path.iterdir()} == {"report.html"}
    with pytest.raises(ReportError, match=r"^pdf: ValueError: two lines; docx: the Word file needs"):
        write_formats(executed, manifest, tmp_path, ("pdf", "docx"))
    with pytest.raises(UnknownName, match=r"format 'odt' does not exist.*Possible: html, pdf, docx"):
        write_formats(executed, manifest, tmp_path, ("odt",))


def test_typst_says_what_it_could_not_set(written, tmp_path, monkeypatch):
    executed, manifest, _ = written
    monkeypatch.setattr(formats, "pandoc", lambda *_: b"#nosuch")
    assert write_formats(executed, manifest, tmp_path, ("html", "pdf")) == {
        "pdf": "Typst could not set the PDF: unknown variable: nosuch"
    }


NASTY = [
    '#read("/etc/passwd")', "$x^2$ $1", "@fig-none <fig-none>", "*bold* _under_ `code`", "\\alpha \\", "a | b",
    "<script>alert(1)</script>", "{=typst} {=html}", "```{=openxml}", "]]> &amp; ' \"", "[a](javascript:1)", "#include \"a\"",
    "= + - / // /* */", "~ ^ % ; : ::: :::", "\x07bell",
]  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_text_from_users_is_text_in_every_format(told, name):
    """As a label in prose, in a table's cells, heading, title, caption, alt text and source."""
    for nasty in NASTY:
        frame = pd.DataFrame({"label": [f"x{nasty}x", "b"], "n": [1, 2]})

        def tell(report, nasty=nasty, frame=frame):
            report.say("leads", name=f"a{nasty.replace('&amp;', '&')}z")
            report.show(table(frame, f"t{nasty}t", f"c{nasty}c", f"alt{nasty}", f"s{nasty}s"))

        text = squeezed(TEXTS[name](told(tell, wanted=(name,))))
        for expected in (
            f"driver a{nasty.replace('&amp;', '&')}z leads",
            f"x{nasty}x",
            f"t{nasty}t.",
            f"c{nasty}c",
            f"s{nasty}s",
        ):
            assert squeezed(expected) in text, (nasty, expected, text)


def test_a_label_is_no_script_on_the_page(told):
    frame = pd.DataFrame({"label": ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'], "n": [1, 2]})
    folder = told(lambda report: report.show(table(frame, "<script>t", "</figcaption><script>", '"><script>')))
    page = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert len(page.select("script")) == 1 and not page.select("[onerror], script[src], link, iframe")


def test_equations_in_every_format(told):
    def tell(report):
        report.say("sum")

    folder = told(tell)
    assert (folder / "report.html").read_text(encoding="utf-8").count("<math") == 2
    assert parts(folder)["word/document.xml"].count(b"<m:oMath>") == 2
    assert set(pdf_alts(folder)) == {"R^2", "\\sum_i \\frac{x_i}{2}"}
    assert b"pdfuaid" in (folder / "report.pdf").read_bytes()
    small = pandoc(r"$a\!b\;c$", "typst-smart", f"--lua-filter={formats._HERE / 'report.lua'}").decode()
    assert "#h(-0.167em)" in small and "thick" in small and "(-1em)" not in small and "(0em)" not in small


def test_a_long_table_repeats_its_heading_and_a_wide_one_fits(told):
    n = MOST_ROWS  # a longer one shows both ends
    long = pd.DataFrame({"driver": [f"driver{i:03}" for i in range(n)], "estimate": range(n)})
    folder = told(lambda report: report.show(table(long)))
    pages = [page.extract_text() for page in pdf(folder).pages]
    with_rows = [text for text in pages if "driver0" in text]
    assert len(with_rows) >= 2 and all(re.search(r"driver\s+estimate", text) for text in with_rows)
    assert all(f"driver{i:03}" in "".join(pages) for i in range(n))

    wide = pd.DataFrame({f"column{i}": ["1.234 [−0.123; 2.345]", "12,345.678"] for i in range(10)})
    folder = told(lambda report: report.show(table(wide)))
    for page in pdf(folder).pages:
        places = []
        page.extract_text(visitor_text=lambda text, cm, tm, *_, places=places: places.append((tm[4] + cm[4], text)))
        assert all(0 <= x < 595 - 40 for x, text in places if text.strip())
    assert pdf_text(folder).count("12,345.678") == 10, "no number is broken"


def test_a_table_of_few_tall_rows_goes_on_on_the_next_page(told):
    """Not over the foot of the page and into nothing."""
    rows = pd.DataFrame({"term": [f"card{i} " + "word " * 250 + f"end{i}" for i in range(8)], "what": ["x"] * 8})
    folder = told(lambda report: report.show(table(rows)))
    heights = []
    for page in pdf(folder).pages:
        page.extract_text(
            visitor_text=lambda text, cm, tm, *_: heights.append(tm[5] * cm[3] + cm[5]) if "word" in text else None
        )
    assert len(heights) > 100 and min(heights) > 40, "in points from the foot of the page"


def test_a_long_table_to_look_things_up_in_is_pointed_to_in_print(told):
    rows = pd.DataFrame({"driver": [f"driver{i:02}" for i in range(20)], "why": [f"because{i:02}" for i in range(20)]})

    def made(brief, n=20):
        folder = told(lambda report: report.show(replace(table(rows.head(n)), brief=brief)))
        assert f"because{n - 1:02}" in page_text(folder), "the page has it whole"
        return pdf_text(folder), word_text(folder)

    for pointed, short, brief in zip(made({}), made({}, 10), made({"driver": "{driver}"}), strict=True):
        assert "All of its 20 rows stand on the page (report.html) and in tbl-own.csv." in " ".join(pointed.split())
        assert "A title." in pointed and "driver00" not in pointed
        assert "because09" in short and "report.html" not in short, "a short one is whole"
        assert "driver19" in brief and "because19" not in brief and "report.html" in brief


def test_what_exhibits_share_is_said_once_on_the_page_and_in_the_pdf(told):
    first = table(pd.DataFrame({"driver": ["trust"]}))
    folder = told(lambda report: report.show(first, replace(first, id="tbl-other", title="Another title")))
    for text in (page_text(folder), pdf_text(folder)):
        assert text.count("A caption") == 1 and "Read as Table 1." in text
        assert len(re.findall(r"\): a source", text)) == 1 and "as Table 1" in text.split("Another title")[1]
    assert word_text(folder).count("A caption") == 2, "what a thesis takes over is whole"
    assert "A caption" in (folder / "exhibits" / "tbl-other.json").read_text(encoding="utf-8")


def test_what_is_said_of_a_figure_stands_beside_it_on_paper(told):
    figure = Exhibit("fig-own", "A title", "A caption", "Text.", pd.DataFrame({"x": [1]}), Provenance("synthetic", "us"),
                     draw=lambda figure: figure.subplots())  # fmt: skip
    places = []
    for page in pdf(told(lambda report: report.show(figure), wanted=("pdf",))).pages:
        page.extract_text(
            visitor_text=lambda text, cm, tm, *_: places.append(tm[4] * cm[0] + cm[4]) if "caption" in text else None
        )
    assert places and min(places) > 595 * 0.6


@pytest.mark.parametrize(
    ("lines", "laid"), [(12, "under its text"), (21, "a little smaller"), (24, "on the next page")]
)
def test_a_figure_leaves_no_page_half_empty_on_paper(told, monkeypatch, lines, laid):
    """It stands under its text, smaller if only then it fits; or the text goes on above it."""

    def draw(figure):
        figure.set_size_inches(6.5, 6.5)
        figure.subplots()

    figure = Exhibit(
        "fig-own", "Own", "A caption", "Text.", pd.DataFrame({"x": [1]}), Provenance("synthetic", "us"), draw=draw
    )

    def tell(report):
        def say(word, times):
            text = "\n\n".join([word] * times)
            session._Screen.show(None, {"text/markdown": text}, {"kind": "prose"})

        say("before", lines)
        report.show(figure)
        report.show(replace(figure, id="fig-next"))
        say("after", 20)

    first, second, *_ = (page.extract_text() for page in pdf(told(tell, wanted=("pdf",))).pages)
    assert "before" not in second and "Figure 2" in second
    assert ("Figure 1" in first) == (laid != "on the next page") != ("after" in first)
    assert second.index("Figure 2") < second.find("after") or "after" not in second, "figures keep their order"
    monkeypatch.setattr(formats, "_laid", lambda files: {"laid.json": b"{}"})
    first, *_ = (page.extract_text() for page in pdf(told(tell, wanted=("pdf",))).pages)
    assert ("Figure 1" in first) == (laid == "under its text") and "after" not in first, "what it is for"


def test_who_answered_and_how_it_was_made_are_the_appendix_on_paper(written):
    executed, manifest, _ = written
    paper = formats.Paper(manifest["language"])
    before, after = formats.markdown(executed, manifest, paper).split("#show: appendix")
    said = {"en": "## Who answered", "nl": "## Wie antwoordde"}[manifest["language"]]
    assert said in after and said not in before and "{#about}" in after and "#shown-figure" not in after
    told = [cell for cell in executed["cells"] if "say" in "".join(cell["source"])][:1]
    short = formats.markdown({"cells": told}, manifest, formats.Paper(manifest["language"]))
    assert "{#about}" in short.split("#show: appendix")[1], "a notebook without that section has its about there alone"


def test_the_room_of_a_table_goes_where_its_rows_are_highest():
    from loyaltylab.exhibits import fit_columns

    cells = [["Claim", "Reported", "Found"], ["word " * 12, "0.5", "word " * 160], ["word " * 12, "0.6", "word " * 150]]
    (claim, reported, found), scale = fit_columns(cells, [False, False, False], 116)
    assert scale == 1 and found > 5 * claim and reported < claim + 0.02


def test_an_interval_among_words_is_not_broken_and_smaller_type_saves_lines():
    from loyaltylab.exhibits import fit_columns, lines_of_type

    head = ["Rank", "Variable", "Block", "Part of R²", "Share", "Direction"]
    row = ["1", "Social responsibility", "brand values", "0.162 [0.109; 0.224]", "38.7% [27.0%; 50.3%]"]
    cells = [head, *[[*row, "works with it: +0.46 [+0.32; +0.60]"]] * 6]
    shares, scale = fit_columns(cells, [True, False, False, True, True, False], 92)
    widths = [share * 92 / scale for share in shares]
    assert scale >= 0.75 and widths[-1] - 2.4 > len("[+0.32; +0.60]"), "four lines a row were too many"
    assert lines_of_type(cells, widths) <= 1 + 6 * 2


def test_what_is_there_to_look_things_up_in_is_appended_with_who_answered(written):
    """The sections at the end, as far as they are such; one in the middle of the story stays there."""
    blocks = ["story", "rules", "cite", "cards", "literature", "respondents"]
    outputs = [
        {
            "output_type": "display_data",
            "data": {"text/markdown": f"## {block.title()}"},
            "metadata": {"loyaltylab": {"kind": "prose", "block": block}},
        }
        for block in blocks
    ]
    notebook = {"cells": [{"cell_type": "code", "source": "", "outputs": outputs}]}
    _, manifest, _ = written
    before, after = formats.markdown(notebook, manifest, formats.Paper("en")).split("#show: appendix")
    assert "## Cite" in before and "## Rules" in before and "## Cards" not in before
    assert after.index("## Cards") < after.index("## Literature") < after.index("## Respondents")


def test_a_high_figure_stays_on_its_page_in_word_with_its_caption(tmp_path):
    from loyaltylab.reports.formats.word import Document

    extents = [
        tuple(map(int, re.search(r'<wp:extent cx="(\d+)" cy="(\d+)"/>', Document(tmp_path, "en")._drawing(_png(size), "x")).groups()))
        for size in ((1680, 960), (1680, 3000))
    ]  # fmt: skip
    millimetre = 36000
    assert extents[0][0] / millimetre == pytest.approx(1680 / 300 * 25.4, abs=0.1), "one that fits is as it was drawn"
    assert extents[1][1] / millimetre <= 165
    assert extents[1][1] / extents[1][0] == pytest.approx(3000 / 1680, rel=1e-3)


def test_a_plain_notebook_becomes_a_pdf_and_a_word_file_too(tmp_path, told):
    import base64

    pixel = base64.b64encode(_png()).decode()
    outputs = [
        {"output_type": "display_data", "data": {"text/markdown": "### Deep\n\nShown ![a picture](http://example.org/x.png)"}},
        {"output_type": "display_data", "data": {"image/png": pixel}},
        {"output_type": "display_data", "data": {"text/html": "<table></table>", "text/plain": "plain #frame"}},
        {"output_type": "stream", "name": "stdout", "text": "printed"},
    ]  # fmt: skip
    notebook = {"cells": [{"cell_type": "code", "source": "1", "outputs": outputs}]}
    manifest = {
        "id": "loyaltylab:plain/0", "title": "Plain", "language": "nl", "evidence_tier": None, "evidence": {}, "files": {},
        "parameters": {}, "code_version": "1", "python": "3", "packages": {}, "exhibits": [],
    }  # fmt: skip
    assert write_formats(notebook, manifest, tmp_path) == {}
    for text in (pdf_text(tmp_path), word_text(tmp_path)):
        assert "Shown" in text and "plain #frame" in text and "printed" not in text
    assert b'descr="Figuur"' in parts(tmp_path)["word/document.xml"]


def _png(size=(30, 20)):
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "PNG")
    return buffer.getvalue()
