"""The rooms of `crm/`: imports point down only, and in no circle (ARCHITECTURE.md)."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEVELS = [
    {"extensions"},
    {"models", "database"},
    {"http", "operate"},
    {"access"},
    {"schemas", "lists", "changes"},
    {"records"},
    {"webhooks", "sales"},
    {"blueprints"},
    {"openapi", "demo", "transfer", "personal", "mcp"},
    {"commands"},
    {"factory"},
]
"""The rooms, the lowest first. Those of one level may import one another."""

FLAT = {"__init__.py", "config.py", "extensions.py"}
FACTORY = {"crm", "crm.config"}
HEIGHT = {room: height for height, rooms in enumerate(LEVELS) for room in rooms}


def name_of(path: Path) -> str:
    """Return the name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in sorted((ROOT / "crm").rglob("*.py"))}


def room_of(module: str) -> str:
    return "factory" if module in FACTORY else module.split(".")[1]


def imported(module: str, *, at_start: bool) -> set[str]:
    """Return the modules of `crm` that a module imports; `at_start` leaves out what is not run when it is imported."""
    tree = ast.parse(MODULES[module].read_text())
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    return {name for node in nodes(tree, at_start) for name in names(node, package)} - {module}


def nodes(tree: ast.AST, at_start: bool) -> Iterator[ast.AST]:
    """Yield all parts of a source; `at_start` leaves out functions and what is for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if at_start and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from nodes(node, at_start)


def names(node: ast.AST, package: str) -> Iterator[str]:
    """Yield the modules of `crm` that a statement names; `from crm.http import body` names `crm.http.body`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in MODULES)
    if isinstance(node, ast.ImportFrom):
        origin = resolve_name("." * node.level + (node.module or ""), package)
        named = (f"{origin}.{alias.name}" for alias in node.names)
        yield from ({name if name in MODULES else origin for name in named} & MODULES.keys())


def test_nothing_but_rooms_lies_in_the_package() -> None:
    inside = {path for path in (ROOT / "crm").iterdir() if path.name != "__pycache__"}
    assert {path.name for path in inside if path.is_file()} == FLAT
    rooms = {path for path in inside if path.is_dir()}
    assert {path.name for path in rooms if (path / "__init__.py").is_file()} == {path.name for path in rooms}


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {room_of(module) for module in MODULES}
    assert rooms <= set(HEIGHT)
    assert len(rooms) > 10


def test_imports_point_down() -> None:
    arrows = {(module, other) for module in MODULES for other in imported(module, at_start=False)}
    assert len(arrows) > len(MODULES)
    upward = {(module, other) for module, other in arrows if HEIGHT[room_of(module)] < HEIGHT[room_of(other)]}
    assert upward == set()


def test_no_modules_import_one_another_in_a_circle() -> None:
    """What a package imports counts where the package itself is named, not where something within it is."""
    sorter = TopologicalSorter({module: imported(module, at_start=True) for module in MODULES})
    try:
        sorter.prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


@pytest.mark.parametrize(
    ("source", "always", "at_start"),
    [
        ("import crm.http.body", {"crm.http.body"}, True),
        ("import orjson, crm.http.body as body", {"crm.http.body"}, True),
        ("from crm import config", {"crm.config"}, True),
        ("from crm import create_app", {"crm"}, True),
        ("from crm.http import body", {"crm.http.body"}, True),
        ("from crm.models import Lead", {"crm.models"}, True),
        ("from . import body", {"crm.http.body"}, True),
        ("from .body import read_body", {"crm.http.body"}, True),
        ("from ..models.lead import Lead", {"crm.models.lead"}, True),
        ("from crmx.http import body", set(), True),
        ("class A:\n    from crm.http import body", {"crm.http.body"}, True),
        ("try:\n    import crm.http.body\nexcept ImportError:\n    pass", {"crm.http.body"}, True),
        ("def f():\n    from crm.http import body", {"crm.http.body"}, False),
        ("if TYPE_CHECKING:\n    from crm.http import body", {"crm.http.body"}, False),
        ("if typing.TYPE_CHECKING:\n    from crm.http import body", {"crm.http.body"}, False),
    ],
)
def test_every_form_of_import_is_seen(source: str, always: set[str], at_start: bool) -> None:
    def found(at_start: bool) -> set[str]:
        return {name for node in nodes(ast.parse(source), at_start) for name in names(node, "crm.http")}

    assert found(False) == always
    assert found(True) == (always if at_start else set())
