"""The words of other languages: complete, with the fields of the English, and nowhere but in their catalogues."""

import ast
import re
import string
import subprocess
import sys

import pytest

from loyaltylab.core import GLOSSARY, LANGUAGES, UnknownName, catalogue, plural, tr, words
from loyaltylab.core.files import PACKAGE

#: Words that are Dutch wherever they stand, and none of the code.
DUTCH = re.compile(
    r"\b(het|een|niet|zijn|wordt|worden|geen|deze|naar|zonder|vraag|antwoord\w*|respondenten|klanten|bij|elke?|aandeel|"
    r"verschil|beweringen?|waargenomen|gegevens|schatting|tabel|figuur|gemiddelde?)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def sources():
    """Every file of the library with what stands in it."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if "home" not in path.relative_to(PACKAGE).parts]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture(scope="module", params=LANGUAGES[1:])
def now(request):
    """A language, and its catalogue as the code of today asks for it."""
    return request.param, catalogue.updated(request.param)


def fields(text: str) -> list[str]:
    return sorted({f"{name}:{spec}" for _, name, spec, _ in string.Formatter().parse(text) if name is not None})


def test_nothing_is_untranslated_uncertain_or_stale(now):
    """Else: make words, and write what lacks."""
    language, found = now
    file = words.catalogue_file(language).read_bytes()
    assert catalogue.written(found).decode() == file.decode()
    lacking = [message.id for message in found if message.id and (not message.string or message.fuzzy)]
    lacking += [message.id for message in found if isinstance(message.string, tuple) and not all(message.string)]
    assert lacking == [] and len(found) > 1000


def test_a_translation_has_the_fields_of_its_english(now):
    for message in now[1]:
        if isinstance(message.id, tuple):
            assert all(fields(text) in map(fields, message.id) for text in message.string), message.id
        elif message.id:
            assert fields(message.string) == fields(message.id), message.id
            assert message.string.strip() and message.string.endswith(" ") == message.id.endswith(" "), message.id
            assert message.string.startswith(" ") == message.id.startswith(" "), message.id


def test_no_text_by_language_is_left_in_the_code(sources):
    """What a user writes, such as the label of an item in an example, is data; the catalogues hold what we say."""
    found = []
    for path, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                texts = [part for value in node.values for part in ast.walk(value) if isinstance(part, ast.Constant)]
                by_language = len(keys & set(LANGUAGES)) > 1 and any(isinstance(text.value, str) for text in texts)
                found += [f"{path.name}:{node.lineno}"] * by_language
    assert found == []


def test_no_dutch_is_left_in_the_code(sources):
    found = []
    for path, tree in sources.items():
        shown = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and isinstance(node.body[0], ast.Expr)
        }  # docstrings, whose examples may be in Dutch
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in shown:
                found += [f"{path.name}:{node.lineno}: {word}" for word in DUTCH.findall(node.value)]
    assert found == []


@pytest.mark.parametrize(
    "call",
    ['tr(f"{n} rows")', "tr(name)", 'tr("a", context="b")', 'plural("row", many, n)', 'plural("row", "rows")', "tr()"],
)
def test_words_no_catalogue_can_hold_are_refused(call, tmp_path):
    with pytest.raises(Exception, match="takes its English as it stands"):
        catalogue._literal(ast.parse(call, mode="eval").body, tmp_path / "some.py")


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownName, match="language 'fr' does not exist"):
        tr("Share")["fr"]


def test_what_the_catalogue_does_not_hold_is_said_in_english():
    assert tr("Not a word of ours")["nl"] == "Not a word of ours"


def test_one_more_language_is_one_more_file(tmp_path, monkeypatch):
    """Polish has three plurals, a comma and a blank."""
    folder = tmp_path / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "loyaltylab.po").write_text(
        'msgid "Share"\nmsgstr "Udział"\n\nmsgid "{n} row"\nmsgid_plural "{n} rows"\n'
        'msgstr[0] "{n} wiersz"\nmsgstr[1] "{n} wiersze"\nmsgstr[2] "{n} wierszy"\n\n'
        'msgctxt "a place"\nmsgid "From"\nmsgstr "Z"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(words, "_LOCALE", tmp_path)
    monkeypatch.setattr(words, "LANGUAGES", ("en", "pl"))
    assert GLOSSARY["share"].heading["pl"] == "Udział" and dict(tr("Share")) == {"en": "Share", "pl": "Udział"}
    assert [plural("{n} row", "{n} rows", n)["pl"] for n in (1, 2, 5)] == ["{n} wiersz", "{n} wiersze", "{n} wierszy"]
    assert tr("From", "a place")["pl"] == "Z" and tr("From")["pl"] == "From"
    assert words.format_number(1234.5, ",.1f", "pl") == "1\xa0234,5"
    assert words.and_list(["a", "b", "c"], "pl") == "a, b i c" and words.language_name("pl") == "Polski"


def test_english_reads_no_catalogue_and_loads_no_babel():
    code = (
        "import sys, loyaltylab as ll; from loyaltylab.core import GLOSSARY, TIERS, format_number; import pandas as pd;"
        "ll.Moments.from_frame(pd.DataFrame({'a': [1., 2., 4.], 'b': [2., 1., 3.]}));"
        "assert GLOSSARY['share'].heading['en'] == 'Share' and TIERS['observed']['en'] and format_number(0.5, '.0%');"
        "print([name for name in sys.modules if name.startswith('babel')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
