"""The page of all runs: what it lists, that nothing on it is markup from a user, and that it works in a browser."""

import json
import re
import shutil
import threading
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup

from loyaltylab.core.files import sha256
from loyaltylab.core.provenance import TIERS, code_version
from loyaltylab.reports import index
from loyaltylab.reports.index import INDEX_WORDS, write_index
from loyaltylab.reports.run import run_report

from ..conftest import texts, write
from .test_reports import notebook

NASTY = """</script><script>document.title='harmed'</script><img src=x onerror="document.title='harmed'"> "q" & 'a' @@DATA@@"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 5"><rect width="{}" height="5" fill="#A63A2B"/></svg>'


def made(root, number, *, report="drivers", tier="observed", language="en", title="What drives loyalty?", quote="**Trust leads.** Not price.", share=0.5, date="2026-11-01", **parameters):  # fmt: skip
    """A whole run as the runner leaves it, without a kernel."""
    folder = root / report / f"{number:012x}"
    (folder / "exhibits").mkdir(parents=True)
    given = {"data": "corp_rep", "seed": 1, "only": "", **parameters}
    cells = [
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "outputs": [],
         "source": "data: str = 'corp_rep'  # answers\nseed: int = 1  # seed\nonly: str = ''  # part\n"},
        {"cell_type": "code", "metadata": {}, "source": "", "outputs": [
            {"output_type": "display_data", "data": {"text/markdown": f"## In short\n\n> {quote}"},
             "metadata": {"loyaltylab": {"kind": "prose", "numbers": {}}}}]},
    ]  # fmt: skip
    write(folder / "notebook.ipynb", json.dumps({"cells": cells}))
    for id in ("fig-first", "fig-drivers"):
        card = {"id": id, "kind": "figure", "title": f"Title of {id}", "alt": f"Alt of {id}"}
        write(folder / "exhibits" / f"{id}.json", json.dumps(card))
        write(folder / "exhibits" / f"{id}.svg", SVG.format(round(9 * share)))
        write(folder / "exhibits" / f"{id}.csv", f"term,share,share_conf_low,share_conf_high,n\ntrust,{share},0.1,0.9,342\nprice,0.25,,,342\n")  # fmt: skip
    manifest = {
        "id": f"loyaltylab:{report}/{folder.name}", "run_id": folder.name, "report": report, "title": title, "language": language,
        "evidence_tier": tier, "evidence": {"source": {"en": "a survey", "nl": "een enquête"}}, "parameters": given,
        "files": {"data": {"name": "rows.csv", "sha256": "0" * 64}}, "code_version": "0.1.0+abc", "python": "3.11.7",
        "packages": {"numpy": "2.4.6"}, "commit_date": date, "exhibits": ["fig-first", "fig-drivers"],
        "exhibit_files": {path.name: sha256(path) for path in sorted((folder / "exhibits").iterdir())},
    }  # fmt: skip
    write(folder / "report.html", "<title>a report</title>")
    write(folder / "manifest.json", json.dumps(manifest))
    return folder


def content(root):
    """What the page's script reads."""
    page = BeautifulSoup((root / "index.html").read_text(encoding="utf-8"), "html.parser")
    return json.loads(page.find(id="content").string)


@pytest.fixture
def root(tmp_path):
    """Four runs of two reports, in both languages and on all tiers."""
    made(tmp_path, 1)
    made(tmp_path, 2, seed=2, share=0.6, date="2026-11-03")
    made(tmp_path, 3, language="nl", title="Wat drijft loyaliteit?", tier="published", data="hedonic_utilitarian")
    made(tmp_path, 4, report="measures", tier="synthetic", title="Do the scales measure?", only="servicetype=prepaid")
    write_index(tmp_path)
    return tmp_path


def test_runs_of_a_sweep_stand_in_the_order_of_their_values(tmp_path):
    for number, store in enumerate((10, 9, 200)):
        made(tmp_path, number, only=f"store={store}")
    write_index(tmp_path)
    assert [run["parameters"]["only"] for run in content(tmp_path)["runs"]] == ["store=9", "store=10", "store=200"]


# ---- what is written ---------------------------------------------------------------------------------------------------


def test_each_run_is_listed_with_what_a_reader_chooses_by(root):
    write(root / "drivers" / f"{2:012x}" / "report.pdf", "")
    write_index(root)
    runs = content(root)["runs"]
    assert [(run["report"], run["id"][-1], run["tier"]) for run in runs] == [
        ("drivers", "1", "observed"), ("drivers", "2", "observed"), ("drivers", "3", "published"), ("measures", "4", "synthetic")]  # fmt: skip
    assert runs[1] == {
        "report": "drivers", "number": None, "id": f"{2:012x}", "title": "What drives loyalty?", "language": "en", "tier": "observed",
        "date": "2026-11-03", "code": "0.1.0+abc", "data": "corp_rep", "headline": "Trust leads.", "parameters": {"seed": "2"},
        "picture": "exhibits/fig-first.svg", "formats": ["html", "pdf", "ipynb"]}  # fmt: skip
    assert runs[0]["parameters"] == {} and runs[3]["parameters"] == {"only": "servicetype=prepaid"}
    assert runs[3]["picture"] == "exhibits/fig-first.svg", (
        "no figure is named after this report: the first stands for it"
    )


def test_a_run_as_the_runner_leaves_it_is_read(tmp_path, quick_kernels):
    cell = """
import loyaltylab as ll, pandas as pd
from loyaltylab.exhibits import Exhibit
report = ll.Report('small')
report.evidence(ll.Provenance('synthetic', 'made up for a test'))
report.say('opening')
data = pd.DataFrame({'term': ['a'], 'share': [0.5]})
report.show(Exhibit('tbl-one', 'A table', 'c', 'a', data, ll.Provenance('synthetic', 's'), columns={'share': '{share:.1f}'}))
"""
    texts(tmp_path, title="A title", opening="> **A finding.** More.")
    run = run_report(notebook(tmp_path / "small.ipynb", cell), {"n": 3}, folder=tmp_path / "reports")
    write_index(tmp_path / "reports")
    found = content(tmp_path / "reports")
    (entry,) = found["runs"]
    assert found["unread"] == "" and entry["id"] == run.folder.name and entry["parameters"] == {"n": "3"}
    assert (entry["title"], entry["headline"], entry["tier"]) == ("A title", "A finding.", "synthetic")
    kept = (tmp_path / "reports" / ".index" / "small" / f"{entry['id']}.js").read_text(encoding="utf-8").split("\n")[2]
    (exhibit,) = json.loads(kept.removeprefix("loyaltylabRun(").removesuffix(");"))["exhibits"]
    assert (exhibit["id"], exhibit["columns"], exhibit["rows"]) == ("tbl-one", ["term", "share"], [["a", 0.5]])


def test_the_same_runs_give_the_same_bytes_and_no_path_of_this_machine(root, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere") / "reports"
    shutil.copytree(root, other, ignore=shutil.ignore_patterns("index.html", ".index"))
    write_index(other)
    first, second = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (root, other))
    assert first == second
    assert not [name for name, text in first.items() if str(root).encode() in text]


def test_nothing_inside_a_run_is_touched_and_what_is_not_a_whole_run_is_left_out(root):
    folder = root / "drivers" / f"{1:012x}"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write((root / "drivers" / ".old-1").mkdir() or root / "drivers" / ".old-1" / "manifest.json", "{}")
    write((root / "drivers" / "half").mkdir() or root / "drivers" / "half" / "manifest.json", '{"id": ')
    write((root / "drivers" / "other").mkdir() or root / "drivers" / "other" / "manifest.json", "[]")
    write_index(root)
    assert len(content(root)["runs"]) == 4 and content(root)["unread"] == "drivers/half, drivers/other"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_run_is_read_once_and_again_only_when_it_changed(root, monkeypatch):
    read = []
    monkeypatch.setattr(index, "_listed", lambda folder, *rest: read.append(folder.name) or {"report": folder.parent.name, "id": folder.name, "title": "again", "language": "en", "tier": "", "headline": "", "parameters": {}})  # fmt: skip
    write_index(root)
    assert read == []
    path = root / "drivers" / f"{2:012x}" / "manifest.json"
    write(path, path.read_text(encoding="utf-8").replace("2026-11-03", "2026-11-04"))
    write_index(root)
    assert read == [path.parent.name] and [run["title"] for run in content(root)["runs"]].count("again") == 1


def test_a_run_that_is_gone_is_forgotten(root):
    shutil.rmtree(root / "measures")
    write_index(root)
    assert len(content(root)["runs"]) == 3 and not list((root / ".index" / "measures").iterdir())


def test_a_run_published_while_the_page_is_written_is_on_it(root, monkeypatch):
    """The list is read again after the page has its name, so that whoever is last lists every run."""
    replace, waiting = index._replace, [5]

    def slowly(path, text, stage):
        replace(path, text, stage)
        if path.name == "index.html" and waiting:
            made(root, waiting.pop())

    monkeypatch.setattr(index, "_replace", slowly)
    write_index(root)
    assert f"{5:012x}" in [run["id"] for run in content(root)["runs"]]


def test_several_at_once_do_not_harm_each_other(tmp_path):
    def sweep(start):
        for number in range(start, start + 8):
            made(tmp_path, number)
            write_index(tmp_path)

    threads = [threading.Thread(target=sweep, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(content(tmp_path)["runs"]) == 24 and len(list((tmp_path / ".index" / "drivers").glob("*.js"))) == 24
    assert not list(tmp_path.glob(".work/*/*"))


def test_what_a_user_wrote_is_text_in_the_list_without_javascript_too(tmp_path):
    made(tmp_path, 1, title=NASTY, quote=NASTY, only=NASTY)
    text = write_index(tmp_path).read_text(encoding="utf-8")
    assert text.count("<script") == 2 and 'onerror="' not in text and content(tmp_path)["runs"][0]["title"] == NASTY
    shown = BeautifulSoup(re.search(r"<noscript>(.*?)</noscript>", text, re.DOTALL)[1], "html.parser")
    assert shown.find("strong").text == NASTY and not shown.find(["script", "img"])
    assert [link["href"] for link in shown.find_all("a")] == [f"drivers/{1:012x}/report.html", f"drivers/{1:012x}/notebook.ipynb"]  # fmt: skip


def test_a_folder_without_runs_says_so(tmp_path):
    assert INDEX_WORDS["empty"]["en"] in write_index(tmp_path / "reports").read_text(encoding="utf-8")


def test_every_word_of_the_page_is_there_in_both_languages():
    template = index._TEMPLATE.read_text(encoding="utf-8")
    used = set(re.findall(r'data-word="(\w+)"|\bword\("(\w+)"', template))
    assert {name for pair in used for name in pair if name} <= set(INDEX_WORDS)
    for key, said in INDEX_WORDS.items():
        assert set(said) == {"en", "nl"} and all(said.values()), key
        assert re.findall(r"\{\w+\}", said["en"]) == re.findall(r"\{\w+\}", said["nl"]), key
    assert not re.search(r"https?://|@import|innerHTML|insertAdjacent|document\.write|\beval\b", template)


# ---- in a browser ------------------------------------------------------------------------------------------------------


@contextmanager
def opened(root, expected="nothing of the kind", **options):
    """The page in Chromium, from disk; what it complained of and what it asked for outside must stay empty."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if not chromium:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
        ).new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        page.goto((root / "index.html").as_uri())
        yield page
        assert [text for text in complaints if not re.search(expected, text)] == []
        browser.close()


def ids(page):
    return [box.get_attribute("data-key")[-1] for box in page.query_selector_all("#runs input")]


def cells(node):
    rows = node.query_selector_all("tbody tr")
    return [[cell.text_content() for cell in row.query_selector_all("th, td")] for row in rows]


def test_search_filters_and_order(root):
    with opened(root) as page:
        assert ids(page) == ["1", "2", "3", "4"], "by report, the one on its defaults first"
        page.select_option("#sort", "date")
        assert ids(page) == ["2", "1", "3", "4"], "newest code first"
        page.fill("#search", "scales prepaid")
        assert ids(page) == ["4"] and page.inner_text("#count") == "1 of 4 runs"
        page.fill("#search", "nowhere")
        assert ids(page) == [] and page.inner_text("#count") == INDEX_WORDS["none"]["en"]
        page.click("button[type=reset]")
        page.wait_for_selector("#runs li:nth-child(4)")
        for field, value, left in [("tier", "synthetic", "4"), ("language", "nl", "3"), ("data", "hedonic_utilitarian", "3"), ("report", "measures", "4")]:  # fmt: skip
            page.select_option(f"#{field}", value)
            assert ids(page) == [left], field
            page.select_option(f"#{field}", "")
        page.select_option("#parameter", "seed")
        page.select_option("#value", "2")
        assert ids(page) == ["2"]
        page.select_option("#parameter", "")
        page.fill("#from", "2026-11-02")
        assert ids(page) == ["2"]
        page.fill("#from", "")
        page.fill("#until", "2026-11-02")
        page.select_option("#sort", "report_title")
        assert ids(page) == ["4", "3", "1"]


def test_a_card_says_what_counts_and_synthetic_shouts(root):
    with opened(root) as page:
        card = page.query_selector(".run.synthetic")
        text = card.inner_text()
        assert "SYNTHETIC, NO EVIDENCE" in text and "only = servicetype=prepaid" in text and "Trust leads." in text
        assert "Not price" not in text and f"{4:012x}" in text and "code of 1 Nov 2026" in text
        border = card.evaluate("node => getComputedStyle(node).borderLeftWidth")
        assert border == "12px"
        links = [link.get_attribute("href") for link in card.query_selector_all("a")]
        assert set(links) == {f"measures/{4:012x}/{name}" for name in ("report.html", "notebook.ipynb")}
        picture = page.query_selector(".thumb img")
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_two_runs_side_by_side(root):
    with opened(root) as page:
        page.check(f"input[data-key='drivers/{1:012x}']")
        assert page.is_disabled("#compare")
        page.check(f"input[data-key='drivers/{2:012x}']")
        assert page.is_disabled(f"input[data-key='drivers/{3:012x}']") and page.inner_text("#picked") == "2 of 2 chosen"
        page.click("#compare")
        page.wait_for_selector(".exhibit")
        assert cells(page.query_selector("table.inputs")) == [["seed", "differs 1", "differs 2"]]
        exhibit = page.query_selector(".exhibit:nth-of-type(2)")
        assert exhibit.query_selector("h3").inner_text() == "fig-drivers"
        assert cells(exhibit) == [["trust", "Share", "differs 0.5 [0.1; 0.9]", "differs 0.6 [0.1; 0.9]", "+0.1"]]
        assert exhibit.query_selector("caption").inner_text() == "1 of 4 numbers differ"
        assert len(exhibit.query_selector_all("img[alt='Alt of fig-drivers']")) == 2
        page.uncheck("#only")
        assert len(page.query_selector_all(".exhibit:nth-of-type(2) tbody tr")) == 4
        assert len(page.query_selector_all(".exhibit:nth-of-type(2) mark")) == 2
        page.click("#other")
        assert "1 van 4 getallen verschillen" in page.inner_text("#side") and "0,6 [0,1; 0,9]" in page.inner_text(
            "#side"
        )
        page.click("#back")
        assert page.is_visible("#runs") and not page.is_visible("#side")


def test_numbers_that_are_not_beside_the_page_are_asked_for(root):
    shutil.rmtree(root / ".index")
    with opened(root, expected="ERR_FILE_NOT_FOUND|000000000001.js|000000000002.js") as page:
        for number in (1, 2):
            page.check(f"input[data-key='drivers/{number:012x}']")
        page.click("#compare")
        page.wait_for_selector("#side [role=alert]")
        assert page.inner_text("#side").count("Make it again with: loyaltylab index") == 2


def test_what_a_user_wrote_is_text_in_the_browser(tmp_path):
    made(tmp_path, 1, title=NASTY, quote=NASTY, only=NASTY)
    made(tmp_path, 2, only="javascript:alert(1)")
    write_index(tmp_path)
    with opened(tmp_path) as page:
        assert page.title() == "Reports · loyaltylab"
        assert NASTY in page.inner_text("#runs") and page.query_selector("#runs script, #runs img[src=x]") is None
        page.select_option("#parameter", "only")
        assert page.query_selector("#value").query_selector_all("option")[1].inner_text() == NASTY
        for box in page.query_selector_all("#runs input"):
            box.check()
        page.click("#compare")
        page.wait_for_selector(".exhibit")
        assert page.title() == "Reports · loyaltylab"


def test_no_code_but_the_pages_own_runs(root):
    page_file = root / "index.html"
    text = page_file.read_text(encoding="utf-8")
    write(page_file, text.replace("</body>", "<script>document.title='harmed'</script></body>"))
    with opened(root, expected="Executing inline script violates the following Content Security Policy") as page:
        assert page.title() == "Reports · loyaltylab"


def test_dutch_small_screens_keyboard_and_dark(root):
    with opened(root, locale="nl-NL", viewport={"width": 360, "height": 740}, color_scheme="dark") as page:
        assert page.inner_text("h1") == "Rapporten" and page.evaluate("document.documentElement.lang") == "nl"
        assert TIERS["synthetic"]["nl"].upper() in page.inner_text("#runs")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(25, 26, 27)"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "other"
        page.keyboard.press("Enter")
        assert page.inner_text("h1") == "Reports"
        for number in (1, 3):
            page.focus(f"input[data-key='drivers/{number:012x}']")
            page.keyboard.press("Space")
        page.focus("#compare")
        page.keyboard.press("Enter")
        page.wait_for_selector(".exhibit")
        assert page.evaluate("document.activeElement.id") == "compared-title"
        assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_a_reader_with_a_screen_reader(root, scheme):
    """axe-core, on the list and on two runs side by side: no finding at all."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    with opened(root, color_scheme=scheme, locale="nl-NL") as page:
        page.check(f"input[data-key='drivers/{1:012x}']")
        found = [axe.Axe().run(page)]
        page.check(f"input[data-key='measures/{4:012x}']")
        page.click("#compare")
        page.wait_for_selector(".exhibit")
        page.uncheck("#only")
        found.append(axe.Axe().run(page))
    assert [one.generate_report() for one in found if one.violations_count] == []


def test_the_list_is_there_without_javascript(root):
    with opened(root, java_script_enabled=False) as page:
        assert page.locator("noscript li").count() == 4 and "synthetic, no evidence" in page.inner_text("noscript")
        assert not page.is_visible("form")


def test_many_runs_come_in_pages(tmp_path, monkeypatch):
    runs = [{"report": "drivers", "id": f"{i:012x}", "title": f"Run {i}", "language": "en", "tier": "observed", "date": "2026-11-01", "data": "d", "headline": "h " * 50, "parameters": {"seed": str(i)}, "picture": "", "formats": ["html"]} for i in range(4000)]  # fmt: skip
    write(tmp_path / "index.html", index._page(runs, []))
    with opened(tmp_path) as page:
        assert len(ids(page)) == 24 and page.inner_text("#page") == "Page 1 of 167"
        page.click("#next")
        assert (
            page.inner_text("#page") == "Page 2 of 167" and page.evaluate("document.activeElement.id") == "list-title"
        )
        page.fill("#search", "seed=3999")
        assert ids(page) == ["f"] and not page.is_visible("#pages")


# ---- what its runs found, report after report -------------------------------------------------------------------------


def shelved(root, number, report, place, code="", **options):
    """A run whose manifest knows the place of its report; of an older version where that is None."""
    folder = made(root, number, report=report, **options)
    if place is not None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        manifest |= {"number": place, "headline": f"Found in {report}."} | ({"code_version": code} if code else {})
        write(folder / "manifest.json", json.dumps(manifest))
    return folder


@pytest.fixture
def shelves(tmp_path):
    shelved(tmp_path, 1, "zeal", 5)
    shelved(tmp_path, 2, "ardour", 100, seed=9)
    shelved(tmp_path, 3, "ardour", 100)
    shelved(tmp_path, 4, "ardour", 100, date="2026-11-09")
    shelved(tmp_path, 5, "ardour", 100, language="nl", date="2026-11-02")
    shelved(tmp_path, 6, "ardour", None, date="2026-01-01", quote="**An old one.** More.")
    shelved(tmp_path, 7, "own", None)
    shelved(tmp_path, 8, "ardour", 100, code=code_version())
    write_index(tmp_path)
    return tmp_path


def test_the_page_goes_by_number_and_by_what_a_report_says_on_its_defaults(shelves):
    runs = content(shelves)["runs"]
    assert [run["id"][-1] for run in runs] == ["1", "8", "4", "5", "3", "6", "2", "7"]
    assert [run["headline"] for run in runs][:1] == ["Found in zeal."] and runs[5]["headline"] == "An old one."


@pytest.mark.parametrize(("locale", "order"), [("en-GB", "18436527"), ("nl-NL", "15843627")])
def test_a_reader_sees_the_findings_and_those_in_her_own_language_first(shelves, locale, order):
    with opened(shelves, locale=locale) as page:
        assert "".join(ids(page)) == order
        card = page.query_selector("#runs li")
        parts = [
            part.get_attribute("class") or part.evaluate("node => node.tagName")
            for part in card.query_selector_all(":scope > *")
        ]
        assert parts[:4] == ["tier observed", "H3", "headline", "thumb"]
        page.fill("#search", "found in zeal")
        assert ids(page) == ["1"]
