"""The documentation as a site, as `make docs` builds it: every cell on its pages runs, and no page has a warning."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {
    path.relative_to(DOCS).as_posix(): path
    for path in [*DOCS.glob("*.md"), *DOCS.glob("tutorials/*.md")]
    if "```{code-cell}" in path.read_text(encoding="utf-8")
}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_cells_of_a_page_run(page, monkeypatch):
    """Here and one after the other, without a kernel; what a cell ends in is shown as a notebook would."""
    monkeypatch.chdir(PAGES[page].parent)
    names = {"__name__": "__main__"}
    for cell in re.findall(
        r"^```\{code-cell\} python\n(?::.*\n)*(.*?)^```$", PAGES[page].read_text(encoding="utf-8"), re.M | re.S
    ):
        lines = ast.parse(cell)
        shown = lines.body.pop() if isinstance(lines.body[-1], ast.Expr) else None
        exec(compile(lines, page, "exec"), names)
        if shown:
            value = eval(compile(ast.Expression(shown.value), page, "eval"), names)
            ways = (getattr(value, name, None) for name in ("_repr_mimebundle_", "_repr_html_", "__repr__"))
            assert next(filter(None, ways))() is not None, cell


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("sphinx"), reason="Sphinx is not here")
def test_the_site_has_no_warning(tmp_path):
    """A link that leads nowhere, a name that is gone, a docstring that is no reStructuredText. Cells are run above."""
    words = ["-W", "--keep-going", "-q", "-E", "-t", "quick", "-b", "dummy", "-d", str(tmp_path / "read")]
    words += ["-D", "nb_execution_mode=off", "-D", "suppress_warnings=myst-nb.lexer", str(DOCS), str(tmp_path / "site")]
    done = subprocess.run([sys.executable, "-m", "sphinx", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
