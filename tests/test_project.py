"""The promises of the project's own files: they agree with each other and leak nothing."""

import ast
import importlib
import inspect
import json
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement

from loyaltylab.cli.surveys import SCHEMAS, schema_text
from loyaltylab.core.files import home, read_yaml
from loyaltylab.reports import list_reports

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIRED_BY_THE_CLIENT = {"jupyterlab", "pandas", "statsmodels", "seaborn", "scipy", "papermill"}
#: A function within a function: what it raises is not raised by the one around it.
INNER = (ast.FunctionDef, ast.Lambda)
GALLERY = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
#: What `make setup` and `make lock` take; heavier engines are left to those who have them.
LOCKED_EXTRAS = {"rows", "fast", "parquet", "database", "dask"}


def name_of(requirement: str) -> str:
    return re.split(r"[<>=!~\[ ]", requirement)[0].lower().replace("_", "-")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def test_the_packages_the_client_asked_for_are_required():
    assert {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]} >= REQUIRED_BY_THE_CLIENT


def test_environment_yml_agrees_with_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = {name_of(entry): entry for entry in conda if isinstance(entry, str)}
    extras = PROJECT["project"]["optional-dependencies"]
    ours = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *extras["fast"],
        *extras["parquet"],
    ]
    bounds = {name_of(requirement): requirement for requirement in ours}
    assert plain.pop("python") == f"python{PROJECT['project']['requires-python']}" and plain.pop("pip")
    assert plain.keys() >= REQUIRED_BY_THE_CLIENT
    assert {name: entry for name, entry in plain.items() if bounds.get(name) != entry} == {}
    assert conda[-1] == {"pip": ["-e .[rows,database]"]}, (
        "the rest, and the package itself, come by pip with pyproject's own bounds"
    )


def test_the_tests_can_be_collected_in_the_environment_of_conda():
    """What a test file imports at its top has to be there; what only some tests need is skipped where it is not."""
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    there = {name_of(entry) for entry in conda if isinstance(entry, str)}
    called = {"beautifulsoup4": "bs4", "pytest-xdist": "xdist"}
    for package in map(name_of, PROJECT["dependency-groups"]["dev"]):
        top = re.compile(rf"^(?:from|import) {called.get(package, package.replace('-', '_'))}\b", re.M)
        at = [path.name for path in (ROOT / "tests").rglob("*.py") if top.search(path.read_text(encoding="utf-8"))]
        assert not at or package in there, f"environment.yml lacks {package}, which {at} import"


def test_binder_finds_what_it_runs_after_the_environment():
    script = ROOT / "postBuild"
    assert script.stat().st_mode & 0o111, "Binder runs it as a program"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert not (ROOT / "binder").exists() and not (ROOT / ".binder").exists(), "Binder would read that folder instead"
    called = re.findall(r"^loyaltylab run (\w+)$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert called and set(called) <= set(list_reports())


def locked(name: str) -> dict[str, set[str]]:
    """Package → versions with their markers, as a lock has them."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.startswith(" "):
            package, version = line.rstrip(" \\").split("==", 1)
            found.setdefault(package.lower(), set()).add(version.split(" ")[0])
    return found


def test_the_locks_cover_every_requirement_and_name_no_host():
    groups, asked = PROJECT["project"]["optional-dependencies"], PROJECT["dependency-groups"]
    assert groups.keys() - LOCKED_EXTRAS == {"spark", "postgres", "bigquery", "snowflake"}  # engines few have
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"--extra (\w+)", recipe)) == LOCKED_EXTRAS
    of_a_run = [*PROJECT["project"]["dependencies"], *groups["rows"], *asked["build"]]
    wanted = {
        "requirements.lock": of_a_run,
        "requirements-dev.lock": [
            *of_a_run,
            *asked["dev"],
            *asked["docs"],
            *(one for name in LOCKED_EXTRAS for one in groups[name]),
        ],
    }
    for name, requirements in wanted.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        assert {name_of(requirement) for requirement in requirements} <= locked(name).keys(), "run: make lock"
        assert "://" not in text and text.count("--hash=sha256:") > len(locked(name))


def test_environment_yml_allows_what_the_locks_hold():
    """pandoc and Typst among it, which conda leaves to pip and pyproject's bounds."""
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    allowed = [entry for entry in conda if isinstance(entry, str)] + PROJECT["project"]["dependencies"]
    assert {"pypandoc-binary", "typst"} <= set(map(name_of, allowed))
    for name in ("requirements.lock", "requirements-dev.lock"):
        held = locked(name)
        for asked in map(Requirement, allowed):
            versions = held.get(asked.name.lower().replace("_", "-"), set())
            assert all(version in asked.specifier for version in versions), f"{name}: {asked}"


def test_a_run_needs_no_tools_of_development_and_has_the_versions_that_are_tested():
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: versions for name, versions in run.items() if not versions <= dev.get(name, set())} == {}
    heavy = {
        "playwright",
        "hypothesis",
        "pytest",
        "ruff",
        "numba",
        "llvmlite",
        "pyarrow",
        "duckdb",
        "ibis-framework",
        "dask",
    }
    assert not heavy & run.keys() and heavy <= dev.keys()


@pytest.mark.skipif(not shutil.which("make"), reason="make is not here")
def test_an_environment_that_stands_elsewhere_is_never_emptied(tmp_path):
    (tmp_path / "of_another_project").mkdir()
    kept = tmp_path / "of_another_project" / "kept"
    kept.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["make", "setup", f"VENV={kept.parent}", "PYTHON=false"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode and "stands outside this folder" in done.stdout and kept.exists()


def test_top_level_is_what_the_readme_promises():
    expected = {"notebooks", "loyaltylab", "data", "reports", "tests", "examples", "environment.yml", "README.md"}
    usual = {
        "pyproject.toml",
        "requirements.lock",
        "requirements-dev.lock",
        "Makefile",
        "LICENSE",
        "CITATION.cff",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "CODE_OF_CONDUCT.md",
        "SECURITY.md",
        ".github",
        ".gitignore",
        ".ci",
        ".pre-commit-config.yaml",
        "docs",
        "postBuild",
    }
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert found - usual == expected


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_schemas_are_those_of_the_readers_and_fit_the_files(kind):
    """An editor says the same of a file as the reader does; `loyaltylab codebook schema KIND` writes it anew."""
    path = ROOT / "data" / "schemas" / f"{kind}.json"
    assert path.read_text(encoding="utf-8") == schema_text(kind)
    schema = Draft202012Validator(json.loads(schema_text(kind)))
    places = {
        "codebook": "codebooks/*",
        "table": "published/*",
        "model": "published/models/*",
        "claims": "claims/claims*",
    }
    files = sorted((ROOT / "data").glob(f"{places[kind]}.yml"))
    assert files
    for file in files:
        first = file.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# yaml-language-server: $schema=")
        assert (file.parent / first).resolve() == path, file
        entries = json.loads(json.dumps(read_yaml(file)))  # names that YAML takes for numbers are texts there
        assert [error.message for error in schema.iter_errors(entries)] == [], file
        assert [*schema.iter_errors(entries | {"lable": 1})], file


def test_a_schema_explains_what_stands_in_an_item():
    item = json.loads(schema_text("codebook"))["$defs"]["Item"]
    assert item["properties"]["reverse"] == {
        "type": "boolean",
        "default": False,
        "description": "True if a high answer means little of what the scale measures; it is turned round when read.",
    }
    assert "name" not in item["properties"] and item["additionalProperties"] is False
    assert item["properties"]["role"]["enum"][:2] == ["", "cluster"]


def test_versions_agree():
    import loyaltylab

    assert PROJECT["project"]["version"] == loyaltylab.__version__
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == loyaltylab.__version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", cited["date-released"]), "the year of a reference where there is no git"


def test_the_package_names_its_authors_and_no_address_that_is_not_there():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = PROJECT["project"]
    assert [one["name"] for one in project["authors"]] == [one["name"] for one in cited["authors"]]
    assert {*cited["keywords"]} <= {*project["keywords"]} | {"reproducible research"}
    assert project.get("urls", {}).get("Homepage") == cited.get("url"), "docs/develop.md: A public address"


def test_an_installed_package_holds_what_an_archive_takes_along():
    held = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for name in ("LICENSE", "CITATION.cff", "data", "notebooks"):
        assert held[name] == f"loyaltylab/home/{name}" and (ROOT / name).exists()


#: The rooms whose names a user calls; those of `core` and `kernels` serve the others.
OFFERING = (
    *("claims", "codebook", "contrasts", "drivers", "exhibits", "loyalty", "models", "moments", "reports", "survey"),
)


def offered() -> list[tuple[str, str]]:
    """Room and name of the classes and functions that a face offers."""
    found = []
    for room in OFFERING:
        module = importlib.import_module(f"loyaltylab.{room}")
        names = {name: getattr(module, name) for name in module.__all__}
        found += [
            (room, name)
            for name, one in names.items()
            if callable(one) and str(getattr(one, "__module__", "")).startswith("loyaltylab")
        ]
    return sorted(found)


def raises_itself(function: ast.FunctionDef) -> bool:
    """Whether a function raises, not counting what a function within it does."""
    within = [node for node in ast.walk(function) if isinstance(node, INNER) and node is not function]
    inner = {id(part) for node in within for part in ast.walk(node)}
    return any(isinstance(part, ast.Raise) and id(part) not in inner for part in ast.walk(function))


@pytest.mark.parametrize(("room", "name"), offered())
def test_what_a_face_offers_is_documented(room, name):
    """Each parameter by name and in words, what comes back, the errors a function raises itself, an example that runs (--doctest-modules).

    What draws has its example on the site, where `docs/gallery.md` runs the lines of every one. A class has an example, or
    names what makes it.
    """
    one = getattr(importlib.import_module(f"loyaltylab.{room}"), name)
    said = inspect.getdoc(one) or ""
    sections = dict(zip(*[iter(re.split(r"(?:^|\n\n)([A-Z][\w ]+)\n-{4,}\n", said)[1:])] * 2, strict=True))
    for section in ("Parameters", "Attributes"):
        heads = re.findall(r"^\*{0,2}\w[\w, *]*(?: : .*)?$(?!\n )", sections.get(section, ""), re.M)
        assert heads == [], "a name and a type say too little"
    if inspect.isclass(one):
        assert ">>>" in said or "See Also" in sections
        return
    heads = re.findall(r"^\*{0,2}(\w[\w, ]*)", sections.get("Parameters", ""), re.M)
    described = {word.strip() for head in heads for word in head.split(",")}
    assert {*inspect.signature(one).parameters} <= described
    assert inspect.signature(one).return_annotation in (None, "None") or {"Returns", "Yields"} & sections.keys()
    assert ">>>" in said or f"~loyaltylab.{room}.{name}`" in GALLERY
    function = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(one)))).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert not raises_itself(function) or "Raises" in sections


def test_every_make_target_in_the_readme_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named and named <= targets


def test_nothing_that_should_stay_outside_is_committed():
    for path in tracked():
        relative = path.relative_to(ROOT)
        assert relative.parts[0] != "reports" or relative.name in ("README.md", "example.png"), (
            f"{relative}: reports are output"
        )
        assert relative.suffix not in (".sav", ".xlsx", ".parquet", ".dta"), (
            f"{relative}: survey rows are never committed"
        )
        told = relative.parts[:2] == ("tests", "reference") or relative.name == "glossary.csv"
        assert relative.suffix != ".csv" or told, f"{relative}: survey rows are never committed"


def test_code_is_tidy():
    for words in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--quiet", str(ROOT)], capture_output=True, text=True
        )
        assert done.returncode == 0, f"run: make format\n{done.stdout}{done.stderr}"


def anchors(page: Path) -> set[str]:
    """What a link may lead to within a page: its headings, as GitHub and the site name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_in_the_documentation_lead_somewhere():
    pages = [path for path in tracked() if path.suffix == ".md" and path.is_relative_to(ROOT / "docs")]
    for document in (ROOT / "README.md", ROOT / "data" / "README.md", ROOT / "CHANGELOG.md", *pages):
        for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", document.read_text(encoding="utf-8")):
            page = document.parent / target if target else document
            assert page.exists(), f"{document.name}: {target}"
            assert not anchor or anchor in anchors(page), f"{document.name}: {target}#{anchor}"


def test_no_message_names_a_page_that_an_installed_package_does_not_hold():
    for path in tracked():
        if path.is_relative_to(ROOT / "loyaltylab") and path.suffix == ".py":
            texts = [
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Constant)
            ]
            assert [
                text for text in texts if isinstance(text, str) and re.search(r"\b(docs/\w|[A-Z]{6,}\.md)", text)
            ] == [], path
        if path.is_relative_to(ROOT / "notebooks"):
            assert not re.search(r"\bdocs/\w", path.read_text(encoding="utf-8")), path


@pytest.mark.slow
def test_the_tests_of_a_file_run_in_one_process(tmp_path):
    """By the settings of the project, where there are several: else fixtures are made twice, and kills meet sweeps."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("one", "two"):
        text = f"import os, pytest\n@pytest.mark.parametrize('n', range(5))\ndef test_{name}(n):\n    open('{name}', 'a').write(f'{{os.getpid()}} ')\n"
        (tmp_path / f"test_{name}.py").write_text(text, encoding="utf-8")
    words = ["-n", "2", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "test_one.py", "test_two.py"]
    done = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    one, two = ((tmp_path / name).read_text().split() for name in ("one", "two"))
    assert len(one) == len(two) == 5 and len({*one}) == len({*two}) == 1 and {*one} != {*two}


def test_home_is_this_checkout():
    assert home() == ROOT


def test_what_no_report_and_no_command_reaches_is_listed_with_when_one_needs_it():
    reached: set[str] = set()
    for path in (ROOT / "loyaltylab").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        reached |= {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in ast.walk(tree)}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        reached |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    rooms = [importlib.import_module(f"loyaltylab.{room}") for room in ("drivers", "models", "contrasts", "loyalty")]
    library_only = {
        name
        for room in rooms
        for name in room.__all__
        if inspect.isfunction(getattr(room, name)) and name not in reached
    }
    section = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").partition("## In no report")[2]
    calls = [row.split("|")[2] for row in section.splitlines() if row.startswith("|")]
    assert {name for cell in calls for name in re.findall(r"`(\w+)`", cell)} == library_only
