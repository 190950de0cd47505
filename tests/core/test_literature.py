"""The literature: read as BibTeX, refused where it is wrong, printed as APA does, and every key used anywhere is in it."""

import json
import re

import pypandoc
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import CodebookError
from loyaltylab.core.files import home
from loyaltylab.core.literature import cited, read_references
from loyaltylab.reports.citing.references import _printed, references

ONE = """% a remark
@article{own2001,
  author  = {Own, A. B. and {The {Body} and Sons}},
  title   = "On 5\\% of {R}",
  journal = {Journal of Ours}, volume = 3, number = {1-2},
  year = 2001, pages = {7--9},
  doi  = {10.1000/xyz},
}
"""


@pytest.fixture
def literature(tmp_path, monkeypatch):
    """Reads the literature from this text."""
    for folder in ("codebooks", "claims"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    monkeypatch.setenv("LOYALTYLAB_HOME", str(tmp_path))

    def read(text):
        (tmp_path / "data" / "claims" / "references.bib").write_text(text, encoding="utf-8")
        read_references.cache_clear()
        return read_references()

    yield read
    read_references.cache_clear()


def test_an_entry_becomes_csl(literature):
    source = literature(ONE)["own2001"]
    assert source.item == {
        "id": "own2001",
        "type": "article-journal",
        "author": [{"family": "Own", "given": "A. B."}, {"literal": "The Body and Sons"}],
        "title": "On 5% of R",
        "container-title": "Journal of Ours",
        "volume": "3",
        "issue": "1-2",
        "issued": {"date-parts": [[2001]]},
        "page": "7-9",
        "DOI": "10.1000/xyz",
    }
    assert source.in_text("nl") == "Own & The Body and Sons (2001)"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2001, pages", "201, pages", "line 6: own2001: year: is '201'; it should be a year of four digits."),
        ("{10.1000/xyz}", "{doi.org/1}", "line 7: own2001: doi: is 'doi.org/1'; it should be what follows https://doi.org/, such as 10.2307/20650284."),
        ("pages =", "page =", "line 6: own2001: field 'page' does not exist; did you mean 'pages'? Possible: author, doi, journal, number, pages, title, volume, year."),
        ("@article", "@artikel", "line 2: own2001: kind '@artikel' does not exist; did you mean '@article'? Possible: @article, @book, @incollection, @phdthesis, @techreport, @online."),
        ("  journal = {Journal of Ours}, ", "  ", "line 2: own2001: lacks 'journal', which @article needs."),
        ("Own, A. B.", "Own", "line 3: own2001: author: is 'Own'; write a name as 'Family, G.', and a body in braces: {Body}."),
        ("% a remark", "a remark", "line 1: an entry begins as @article{key,; found 'a remark'."),
        ("year = 2001,", "year = 2001", "line 6: own2001: after 'year' a comma or } is missing; found 'pages = {7--9},'."),
        ('{R}",', "{R},", "line 4: own2001: title: \" is missing; the value never ends; found '\"On 5\\\\% of {R},'."),
        ("\\%", "\\'e", "line 4: own2001: title: holds \"\\\\'e of {R}\"; write the letter itself, the file is UTF-8."),
        ("doi  =", "year =", "line 7: own2001: 'year' stands twice; found 'year = {10.1000/xyz},'."),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_with_its_line(literature, old, new, message):
    assert old in ONE
    with pytest.raises(CodebookError) as error:
        literature(ONE.replace(old, new))
    assert str(error.value) == f"references.bib, {message}"


def test_a_key_stands_once(literature):
    with pytest.raises(CodebookError, match=r"references.bib, line 9: 'own2001' stands twice \(first in line 2\)"):
        literature(ONE + ONE.partition("\n")[2])


def test_the_line_is_that_of_apa(literature):
    """The first as its journal's own page gives it, the last two by the rules of APA 7."""
    found = literature(
        ONE
        + """@phdthesis{t2017, author = {Pol, H. G.}, title = {On ties}, school = {University of Twente}, year = 2017}
        @incollection{c2010, author = {One, A. and Two, B.}, title = {Why?}, editor = {Ed, C. and Itor, D.},
          booktitle = {Handbook}, publisher = {Springer}, year = 2010, pages = {1--2}, doi = {10.1000/1}}
        @book{b2013, author = {One, A.}, title = {Essentials}, publisher = {Us}, edition = {3rd}, year = 2013}"""
    )
    assert found["own2001"].line() == (
        "Own, A. B., & The Body and Sons. (2001). On 5% of R. Journal of Ours, 3(1-2), 7–9. https://doi.org/10.1000/xyz"
    )
    assert found["t2017"].line("nl") == "Pol, H. G. (2017). On ties [Proefschrift, University of Twente]."
    assert found["c2010"].line() == (
        "One, A., & Two, B. (2010). Why? In C. Ed & D. Itor (Eds.), Handbook (pp. 1–2). Springer. https://doi.org/10.1000/1"
    )
    assert found["b2013"].line() == "One, A. (2013). Essentials (3rd ed.). Us."


def test_every_key_that_is_used_is_in_the_literature_and_every_entry_is_used():
    known, used = set(read_references()), set()
    for claim in ll.read_claims().values():
        used |= {*claim.references}
    texts = [path.read_text(encoding="utf-8") for path in (home() / "data").rglob("*.yml")]
    texts += [path.read_text(encoding="utf-8") for path in (home() / "loyaltylab").rglob("*.py")]
    for path in (home() / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts += ["".join(cell["source"]) for cell in cells]
    for text in texts:
        used |= {*re.findall(r"@([a-z]+\d{4}[a-z]*)\b", text)}
    assert used - known == set()
    assert known - used == set()


def test_a_citation_is_a_key_or_a_text():
    assert cited("@wetzels2009").endswith("MIS Quarterly, 33(1), 177–195. https://doi.org/10.2307/20650284")
    assert cited("Somebody (1999).") == "Somebody (1999)."
    with pytest.raises(CodebookError, match=r"^own: citation: reference 'wetzel2009' does not exist; did you mean"):
        cited("@wetzel2009", "own")


def test_what_is_cited_can_be_found():
    """Everything peer-reviewed has a DOI, but for what none was found of; a book has a publisher by its kind."""
    without = {s.key for s in read_references().values() if s.item["type"] == "article-journal" and "DOI" not in s.item}
    assert without == {"almquist2016", "chiu2005", "jones1995", "likert1932", "pan2012", "reichheld2003"}


def test_pandoc_reads_the_same_from_the_file():
    """Pandoc parses BibTeX on its own; it puts titles in sentence case and sets dashes and apostrophes as a printer does."""
    text = (home() / "data" / "claims" / "references.bib").read_text(encoding="utf-8")
    theirs = {item["id"]: item for item in json.loads(pypandoc.convert_text(text, "csljson", format="biblatex"))}
    ours = read_references()
    assert theirs.keys() == ours.keys()
    for key, source in ours.items():
        for name, value in source.item.items():
            found = theirs[key][name]
            if name in ("author", "editor"):  # to CSL a "van" is a particle; APA sorts and prints it with the name
                found = [
                    {"family": f"{person.pop('dropping-particle')} {person['family']}", "given": person["given"]}
                    if "dropping-particle" in person
                    else person
                    for person in found
                ]
            if isinstance(value, str):
                value, found = value.lower(), found.lower().replace("–", "-").replace("’", "'")
                found = re.sub("<[^>]+>", "", found)
            assert found == value, (key, name)


@pytest.mark.parametrize("key", ["wetzels2009", "hair2021", "helm2010", "pol2017", "kpmg2016", "capgemini2017"])
def test_an_export_is_read_back_without_loss(key):
    """The reference of a data source in a reader's own list, through pandoc, is the entry of the literature again."""
    source = read_references()[key]
    reference = _printed(source.line(), "nl")
    assert reference.apa == source.line("nl") and reference.in_text == source.in_text("nl")
    (found,) = json.loads(pypandoc.convert_text(reference.bibtex(), "csljson", format="bibtex"))
    same = ["id", "publisher", "container-title", "volume", "issue", "DOI", "issued"]
    assert [found.get(name) for name in same] == [source.item.get(name) for name in same]
    assert len(found["author"]) == len(source.item["author"])
    ris = reference.ris()
    assert f"PY  - {source.item['issued']['date-parts'][0][0]}\n" in ris and ris.count("AU  - ") == len(found["author"])


def test_a_table_of_claims_is_cited_with_their_sources():
    claims = [
        ll.read_claim(name) for name in ("functional_first", "jones_sasser", "frequency", "spend_double", "always_buys")
    ]
    table = ll.exhibits.table_claims(claims, id="tbl-claims", title="Claims")
    manifest = {"id": "loyaltylab:demo/0123456789ab", "title": "A report", "language": "en", "exhibits": ["tbl-claims"]}
    manifest |= {"evidence_tier": "published", "code_version": "0.1.0", "commit_date": "2026-11-22"}
    card = {"id": table.id, "kind": "table", "title": table.title, "source": "Claims"}
    card["provenance"] = table.provenance.as_dict()
    _, *sources, _ = references(manifest, card)
    assert [reference.item["id"] for reference in sources] == [
        "carrascosa2021",
        "jones1995",
        "capgemini2017",
        "capgemini2017nl",
    ]
