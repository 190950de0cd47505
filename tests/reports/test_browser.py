"""The page in a real browser with the network cut; skipped where there is no Chromium."""

import os
import shutil
from pathlib import Path

import pytest

from loyaltylab.reports.words import STYLES

playwright = pytest.importorskip("playwright.sync_api", reason="the page is tested in a browser through Playwright")


def _chromium(driver):
    """Chromium of the system, or Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), driver.chromium.executable_path)
    return found if Path(found).is_file() else None


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        path = _chromium(driver)
        if not path:
            pytest.skip("no Chromium here; install it (apt install chromium, or playwright install chromium)")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
        started = driver.chromium.launch(executable_path=path, args=arguments if os.name == "posix" else [])
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(corp_rep_file, report):
    """The page in English on rows, and in Dutch on a published table."""
    dutch = {"data": "hedonic_utilitarian", "outcome": "BehLoyalty", "language": "nl"}
    return {"en": report("drivers", draws=200).page, "nl": report("drivers", draws=200, **dutch).page}


@pytest.fixture
def opened(browser, pages):
    """Open a page offline; on leaving, nothing was asked of the network and nothing complained."""
    contexts, troubles = [], []

    def open_page(language="en", script="", **options):
        context = browser.new_context(offline=True, **{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or troubles.append(r.url))
        if script:
            page.add_init_script(script)
        page.goto(pages[language].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def test_the_contents_list_leads_to_every_section(opened):
    page = opened(reduced_motion="reduce")
    links = page.locator("nav a")
    assert links.all_inner_texts() == page.locator("main h2").all_inner_texts() and links.count() >= 10
    assert "Do the methods agree?" in page.locator("main h3").all_inner_texts(), "parts of a section are not listed"
    links.nth(5).click()
    heading = page.locator("main h2").nth(5)
    assert abs(heading.bounding_box()["y"]) < 80
    page.locator("main a[href='#fig-pairs']").first.click()
    assert page.locator("#fig-pairs").bounding_box()["y"] < 80


@pytest.mark.parametrize("screen", [(1280, 800), (390, 844)])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_finding_and_its_figure_stand_on_the_first_screen(opened, language, screen):
    page = opened(language, viewport=dict(zip(("width", "height"), screen, strict=True)))
    finding, figure = (page.locator(f"main {kind}").first.bounding_box() for kind in ("blockquote", "figure img"))
    assert 0 < finding["y"] < figure["y"] and figure["y"] + figure["height"] <= screen[1]


def test_code_is_folded_until_it_is_asked_for(opened):
    page = opened()
    code = page.locator("pre", has_text="import loyaltylab as ll")
    assert not code.is_visible()
    page.get_by_label("Show code").check()
    assert code.is_visible()
    page.get_by_label("Show code").uncheck()
    assert not code.is_visible()


@pytest.mark.parametrize("clipboard", ["allowed", "missing", "broken"])
def test_a_citation_is_copied_or_left_selected(opened, clipboard):
    script = {
        "allowed": "navigator.clipboard.writeText = async (text) => { window.copied = text; };",
        "missing": "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
        "document.execCommand = () => { window.copied = String(getSelection()); return true; };",
        "broken": "Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;",
    }[clipboard]
    page = opened(script=script)
    tools = page.locator("figure#fig-drivers + .tools")
    tools.locator("summary", has_text="Cite").click()
    assert tools.locator("strong").all_inner_texts() == [*STYLES.values()]
    tools.get_by_role("button", name="Copy").nth([*STYLES].index("bibtex")).click()
    said = "Selected: press Ctrl+C" if clipboard == "broken" else "Copied"
    playwright.expect(page.get_by_role("status")).to_have_text(said)
    copied = page.evaluate("window.copied || String(getSelection())")
    assert copied.strip().startswith("@book{loyaltylab-drivers-") and "fig-drivers" in copied


def column(page, table, number):
    return page.locator(f"{table} tbody tr td:nth-child({number})").all_inner_texts()


def test_tables_are_sorted_by_numbers_and_by_words(opened):
    page = opened("nl")
    assert not page.locator("#tbl-drivers table").is_visible(), "a long table is folded under its title"
    page.evaluate("location.hash = '#tbl-drivers'")
    page.locator("#tbl-drivers table").wait_for()  # a link to it opens it
    button = page.locator("#tbl-drivers th button")
    assert button.count() == page.locator("#tbl-drivers th").count()
    before = column(page, "#tbl-drivers", 5)
    values = [float(text.split("%")[0].replace(",", ".")) for text in before]
    assert values != sorted(values) and any("," in text for text in before)
    head = page.locator("#tbl-drivers th").nth(4)
    button.nth(4).click()
    shown = column(page, "#tbl-drivers", 5)
    assert [float(text.split("%")[0].replace(",", ".")) for text in shown] == sorted(values)
    assert head.get_attribute("aria-sort") == "ascending"
    button.nth(4).press("Enter")
    assert column(page, "#tbl-drivers", 5) == shown[::-1] and head.get_attribute("aria-sort") == "descending"
    button.nth(4).press("Enter")
    assert column(page, "#tbl-drivers", 5) == before and head.get_attribute("aria-sort") is None
    button.nth(1).click()
    assert column(page, "#tbl-drivers", 2) == sorted(column(page, "#tbl-drivers", 2))


def test_numbers_are_read_in_both_languages(opened):
    cases = {"nl": {"1.234,5": 1234.5, "−0,12 [−0,3; 0,1]": -0.12, "48,7%": 48.7, "−12 %": -12, "n = 3": 3},
             "en": {"1,234.5": 1234.5, "−0.12 [−0.3; 0.1]": -0.12, "< .001": 0.001, "+4": 4, "1e-7": 1e-7}}  # fmt: skip
    for language, numbers in cases.items():
        page = opened(language)
        for text, number in numbers.items():
            assert page.evaluate("text => numberIn(text)", text) == number, text
        assert page.evaluate("isNaN(numberIn('–'))")


def test_dark_and_light_follow_the_computer_and_the_switch(opened):
    def ground(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = ground(opened(color_scheme="light"))
    page = opened(color_scheme="dark")
    dark = ground(page)
    assert light != dark
    page.get_by_label("Colours").select_option("light")
    assert ground(page) == light
    page.reload()
    assert ground(page) == light, "remembered"
    page.get_by_label("Colours").select_option("auto")
    assert ground(page) == dark
    page = opened(color_scheme="light")
    page.get_by_label("Colours").select_option("dark")
    assert ground(page) == dark
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink')").strip() == "#000"
    assert not page.locator("nav").is_visible() and not page.locator(".switches").is_visible()


def test_the_page_works_where_nothing_may_be_remembered(opened):
    page = opened(script="Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });")
    page.get_by_label("Colours").select_option("dark")
    assert page.evaluate("document.documentElement.dataset.colours") == "dark"


def test_the_page_can_be_read_without_scripts(opened):
    page = opened(java_script_enabled=False)
    assert not page.get_by_label("Colours").is_visible() and page.locator("th button").count() == 0
    page.get_by_label("Show code").check()
    assert page.locator("pre", has_text="import loyaltylab as ll").is_visible()
    page.locator("figure#fig-drivers + .tools summary").click()
    assert page.locator("figure#fig-drivers + .tools pre").first.is_visible()
    assert not page.locator("figure#fig-drivers + .tools button").first.is_visible()


def test_by_keyboard_the_text_is_one_step_away(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_nothing_hangs_over_the_edge_of_a_phone(opened, language):
    page = opened(language, viewport={"width": 360, "height": 740})
    page.locator("nav summary").click()  # folded on a phone, so that the finding comes first
    page.get_by_label("Show code" if language == "en" else "Toon code").check()
    page.evaluate("document.querySelectorAll('details').forEach((found) => { found.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    captions = page.evaluate(
        "[...document.querySelectorAll('.words')].map((text) => text.getBoundingClientRect().right)"
    )
    assert captions and max(captions) <= 360
    stuck = page.evaluate(
        "[...document.querySelectorAll('.table, pre')].filter((box) => box.offsetParent && box.scrollWidth > box.clientWidth"
        " && box.tabIndex < 0).length"
    )
    assert stuck == 0, "what scrolls can be reached by keyboard"


def test_what_is_not_ours_does_not_run(browser, pages, tmp_path):
    """The page's policy: no other script, no request, even if one got in."""
    text = pages["en"].read_text(encoding="utf-8")
    inside = (
        '<script>window.foreign = 1</script><img src="https://example.org/x.png"><p onclick="window.foreign = 1">x</p>'
    )
    (tmp_path / "changed.html").write_text(
        text.replace('<main id="text"', inside + '<main id="text"'), encoding="utf-8"
    )
    context = browser.new_context()
    page, asked = context.new_page(), []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto((tmp_path / "changed.html").as_uri())
    page.get_by_text("x", exact=True).click()
    assert page.evaluate("window.foreign") is None and page.locator("th button").count() > 0
    assert not [url for url in asked if url.startswith("http")]
    context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_axe_finds_nothing_serious(opened, language, colours):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core checks accessibility")
    page = opened(language, color_scheme=colours)
    page.locator("#show-code").check()
    page.evaluate("document.querySelectorAll('details').forEach((found) => { found.open = true; })")
    found = axe.Axe().run(page).response["violations"]
    assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"][:200]) for rule in found] == []
