"""The walls of the house, read from the sources: no circle, no import upwards, and who may import which library.

``pytest -v tests/test_architecture.py -s`` prints the rooms, floor by floor, with their size and the rooms they use.
docs/architecture.md has the same floors in prose; a change of one is a change of the other.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from celoss_cli.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "celoss_cli"
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = "celoss_cli"
LONGEST = 350  # lines of a file

# The rooms from the roof to the cellar. A room imports only from floors below its own.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("__main__", "__init__", "sklearn"),
    ("cli", "api"),
    ("calibration",),
    ("inspection", "comparison", "diagnosis", "batch", "history"),
    ("pipeline", "render"),
    ("outputs",),
    ("scoring", "summary"),
    ("labels", "detection"),
    ("layout", "engine", "gate"),
    ("tables", "alarms", "results"),
    ("state", "conventions", "statistics"),
    ("kernels", "pairing"),
    ("options", "spec"),
    ("request",),
    ("errors", "spelling", "_version"),
    ("tuples",),
)

# Rooms that know less than their floor allows: what each imports of the package, besides itself.
APART: dict[str, tuple[str, ...]] = {
    "kernels": ("tuples",),
    "pairing": (),
    "statistics": ("kernels",),
    "conventions": ("errors", "kernels", "request", "tuples"),
    "state": ("kernels", "request", "tuples"),
    "alarms": ("kernels", "request", "spelling", "state", "tuples"),
    "engine": ("_version", "errors", "kernels", "tables"),
    "gate": ("errors", "request", "results", "statistics"),
    "results": ("errors", "request", "spec", "tuples"),
    "options": ("errors", "request", "tuples"),
    "render": ("errors", "gate", "outputs", "request", "results", "spec", "spelling", "tuples"),
}

# Which rooms may import a library; a name ending in .py is that module alone.
LIBRARIES = {
    "sklearn": ("sklearn.py",),
    "typer": ("cli/",),
    "rich": ("render/",),
    "pyarrow": ("tables/", "outputs/"),
    "dask": ("engine/",),
    "distributed": ("engine/",),
    "pandas": ("results/", "tables/objects/", "tables/forms/"),
}

# Rooms that have a door: their __init__.py imports what every run with them needs. Those of all others are a docstring.
DOORS = ("alarms", "layout")

# What `--help` and `--version` must not load: each takes a tenth of a second or more.
HEAVY = ("numpy", "pandas", "pyarrow")


@dataclass(frozen=True)
class Import:
    """One import: the dotted name, the line, and whether it happens when the module is loaded."""

    name: str
    line: int
    at_load: bool

    @property
    def library(self) -> str:
        return self.name.split(".")[0]


MODULES = {path.relative_to(SOURCES).as_posix(): path for path in sorted(SOURCES.rglob("*.py"))}


def imports_of(path: Path) -> Iterator[Import]:
    """Every import in a module, those inside functions and under TYPE_CHECKING included."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    yield from _walk(tree.body, at_load=True)


def _walk(body: list[ast.stmt], *, at_load: bool) -> Iterator[Import]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, at_load) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            yield from (Import(f"{node.module}.{alias.name}", node.lineno, at_load) for alias in node.names)
        inner = at_load and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        inner = inner and not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        blocks = [child for name in ("body", "orelse", "finalbody") for child in getattr(node, name, [])]
        blocks += [child for part in getattr(node, "handlers", []) for child in part.body]
        blocks += [child for part in getattr(node, "cases", []) for child in part.body]
        yield from _walk(blocks, at_load=inner)


def module_of(name: str) -> str | None:
    """The path of the module of this package that an import names, ``None`` for other packages."""
    package, *parts = name.split(".")
    if package != PACKAGE:
        return None
    while parts:
        for path in ("/".join(parts) + ".py", "/".join([*parts, "__init__.py"])):
            if path in MODULES:
                return path
        parts.pop()
    return "__init__.py"


def room_of(module: str) -> str:
    """The room of a module: the folder at the top of the package, or the module itself where it stands at the top."""
    return module.split("/")[0].removesuffix(".py")


IMPORTS = {module: tuple(imports_of(path)) for module, path in MODULES.items()}

GRAPH = {
    module: {target for found in imports if (target := module_of(found.name)) is not None} - {module}
    for module, imports in IMPORTS.items()
}

ROOMS = sorted({room_of(module) for module in MODULES})

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def used_by(room: str) -> set[str]:
    """The rooms that a room imports from."""
    found = (GRAPH[module] for module in MODULES if room_of(module) == room)
    return {room_of(target) for target in chain.from_iterable(found)} - {room}


def is_in(module: str, places: tuple[str, ...]) -> bool:
    """Whether a module is one of ``places``, or inside a room that is."""
    return any(module == place or (place.endswith("/") and module.startswith(place)) for place in places)


def lines_of(modules: Iterator[str]) -> int:
    """How many lines some modules have together."""
    return sum(MODULES[module].read_text(encoding="utf-8").count("\n") for module in modules)


def test_the_picture(capsys: pytest.CaptureFixture[str]) -> None:
    """Print the house: every room with its files, its lines and the rooms it uses, from the roof to the cellar."""
    with capsys.disabled():
        print(f"\n{len(ROOMS)} rooms on {len(FLOORS)} floors, {len(MODULES)} files, {lines_of(iter(MODULES))} lines")
        for floor in FLOORS:
            for room in floor:
                inside = [module for module in MODULES if room_of(module) == room]
                uses = ", ".join(sorted(used_by(room), key=lambda name: (FLOOR[name], name))) or "nothing"
                print(f"  {room:<12} {len(inside):>3} files {lines_of(iter(inside)):>5} lines   uses {uses}")
            print()
    assert sorted(FLOOR) == ROOMS, "FLOORS has to name every room, and none that is gone"


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        graphlib.TopologicalSorter(GRAPH).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


def test_no_room_imports_itself_by_way_of_others() -> None:
    try:
        graphlib.TopologicalSorter({room: used_by(room) for room in ROOMS}).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"a circle of rooms: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_downwards(module: str) -> None:
    here = room_of(module)
    upward = [
        f"{module}:{found.line} imports {found.name}"
        for found in IMPORTS[module]
        if (target := module_of(found.name)) is not None
        and room_of(target) != here
        and FLOOR[room_of(target)] <= FLOOR[here]
    ]
    assert not upward


@pytest.mark.parametrize("room", APART)
def test_a_room_knows_only_what_it_needs(room: str) -> None:
    assert used_by(room) == set(APART[room])


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_stays_in_its_rooms(library: str) -> None:
    strays = [
        f"{module}:{found.line} imports {found.name}"
        for module, imports in IMPORTS.items()
        for found in imports
        if found.library == library and not is_in(module, LIBRARIES[library])
    ]
    assert not strays, f"{library} belongs in {', '.join(LIBRARIES[library])}"


def test_few_modules_stand_at_the_top() -> None:
    assert {module for module in MODULES if "/" not in module} == {
        *(
            "__init__.py",
            "__main__.py",
            "_version.py",
            "errors.py",
            "request.py",
            "sklearn.py",
            "spec.py",
            "spelling.py",
            "tuples.py",
        )
    }


@pytest.mark.parametrize("entrance", [module for module in MODULES if module.endswith("/__init__.py")])
def test_a_room_can_be_entered_for_nothing(entrance: str) -> None:
    assert entrance.removesuffix("/__init__.py") in DOORS or not IMPORTS[entrance]


@pytest.mark.parametrize("module", MODULES)
def test_what_is_private_stays_in_its_module(module: str) -> None:
    private = [
        f"{module}:{found.line} imports {found.name}"
        for found in IMPORTS[module]
        if module_of(found.name) is not None and re.match(r"_[A-Za-z]", found.name.rpartition(".")[2])
    ]
    assert not private


def test_pandas_is_imported_where_it_is_used() -> None:
    early = [f"{m}:{i.line}" for m, found in IMPORTS.items() for i in found if i.library == "pandas" and i.at_load]
    assert not early


def test_the_shell_loads_nothing_heavy_before_it_works() -> None:
    loaded: set[str] = set()
    waiting = [
        "__main__.py",
        "cli/app.py",
        "cli/boundary.py",
        *(f"cli/{name.replace('-', '_')}.py" for name in COMMANDS),
    ]
    heavy = []
    while waiting:
        module = waiting.pop()
        if module in loaded:
            continue
        loaded.add(module)
        for found in IMPORTS[module]:
            if not found.at_load:
                continue
            if found.library in HEAVY:
                heavy.append(f"{module}:{found.line} imports {found.name}")
            target = module_of(found.name)
            if target is not None:
                parents = [f"{parent}/__init__.py".removeprefix("./") for parent in Path(target).parents]
                waiting += [target, *(parent for parent in parents if parent in MODULES)]
    assert "cli/eval.py" in loaded
    assert not heavy


def sentence_of(module: str) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8"))) or "").split("\n")[0]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_its_one_idea_first(module: str) -> None:
    assert sentence_of(module).endswith((".", "?", "…"))
    assert Path(module).stem not in {"utils", "helpers", "misc", "common"}


@pytest.mark.parametrize("module", MODULES)
def test_no_file_is_long(module: str) -> None:
    assert lines_of(iter([module])) <= LONGEST


@pytest.mark.parametrize("room", ROOMS)
def test_the_page_says_what_every_room_is_for(room: str) -> None:
    module = f"{room}/__init__.py" if f"{room}/__init__.py" in MODULES else f"{room}.py"
    cell = sentence_of(module).replace("``", "`").replace("|", "\\|").rstrip(".")
    shown = f"{room}/" if "/" in module else module
    assert f"| `{shown}` | {cell} |" in PAGE.read_text(encoding="utf-8")


def test_the_page_names_no_module_that_is_gone() -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py)`", PAGE.read_text(encoding="utf-8")))
    gone = [name for name in named if not (SOURCES / name).exists() and not (ROOT / name).exists()]
    assert not gone


@pytest.mark.parametrize("page", [PAGE, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_a_page_finds_every_name_where_it_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)`\s+(?:in|of|from)\s+`([\w/]+\.\w+)`", text)
    named += re.findall(r"`(\w+)`\s+\(`([\w/]+\.\w+)`\)", text)
    assert len(named) > 5
    files = {path: SOURCES / path if (SOURCES / path).exists() else ROOT / path for _, path in named}
    strays = [
        f"{name} in {path}"
        for name, path in named
        if not re.search(rf"\b{name}\b", files[path].read_text(encoding="utf-8"))
    ]
    assert not strays


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "import a\nif TYPE_CHECKING:\n    import b\ntry:\n    from c import d\nexcept ImportError:\n    import e\n"
        "def f():\n    with x:\n        import g.h\nclass K:\n    import i\n    def m(self):\n        import j\n"
    )
    found = {item.name: item.at_load for item in imports_of(path)}
    assert found == {"a": True, "b": False, "c.d": True, "e": True, "g.h": False, "i": True, "j": False}
