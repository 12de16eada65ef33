"""docs/architecture.md is kept: who may import what is read from the sources, and every module has its line there.

To bring the page's tables up to date after modules came or went, and then to test it::

    CELOSS_RENEW_ARCHITECTURE=1 pytest tests/test_architecture.py

A new module gets its docstring's first line, at the end of its room's table; the line of one that is gone is removed.
A new room needs its heading and its first line by hand.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from celoss_cli.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "celoss_cli"
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = "celoss_cli"

# Which modules may import a library: by room, or by the module's path where a room is too much.
LIBRARIES = {
    "typer": ("cli/",),
    "rich": ("render/",),
    "pyarrow": ("tables/",),
    "pandas": ("comparison/result.py", "evaluation.py", "tables/memory.py"),
}

# What a room may import of the package, besides itself. A name ending in .py is that module alone.
ROOMS: dict[str, tuple[str, ...]] = {
    "errors.py": (),
    "spec.py": (),
    "evaluation.py": ("spec.py",),
    "gate/limits.py": ("errors.py",),
    "gate/margin.py": (),
    "gate/baseline.py": ("errors.py", "evaluation.py", "outputs.py", "render/"),
    "gate/verdict.py": ("errors.py", "evaluation.py", "gate/baseline.py", "gate/limits.py"),
    "comparison/": (
        *("errors.py", "spec.py", "evaluation.py", "summary.py", "gate/limits.py", "gate/margin.py"),
        *("state/paired.py", "statistics/"),
    ),
    "comparison/result.py": ("spec.py", "evaluation.py", "gate/margin.py"),
    "python/": ("errors.py", "spec.py", "comparison/asked.py", "gate/limits.py", "gate/margin.py"),
    "kernels/": (),
    "state/": ("kernels/",),
    "statistics/": (),
    "command_line.py": (),
    "alarms/": ("command_line.py", "kernels/", "spec.py", "state/sample.py"),
    "inspection.py": ("errors.py", "evaluation.py"),
    "engine/": ("tables/source.py", "tables/batch.py", "errors.py"),
    "pairing/": (),
    "spreadsheet.py": (),
    "tables/": ("errors.py", "spec.py", "outputs.py", "pairing/ids.py", "scoring/rows.py", "spreadsheet.py"),
    "render/": (
        *("errors.py", "spec.py", "evaluation.py", "explanation.py", "inspection.py", "comparison/result.py"),
        *("gate/margin.py", "gate/verdict.py", "outputs.py", "spreadsheet.py"),
    ),
    "scoring/": (
        *("kernels/", "state/", "tables/batch.py", "tables/source.py"),
        *("align.py", "classes.py", "conventions.py", "errors.py", "evidence.py", "layout/", "libraries.py"),
        *("slicing.py", "spec.py", "targets.py"),
    ),
}

# Rooms that have a door: their __init__.py imports what every run with them needs. Those of all others are a docstring.
DOORS = ("alarms", "layout", "render")

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


def modules() -> dict[str, Path]:
    """Every module of the package by its path inside it."""
    return {path.relative_to(SOURCES).as_posix(): path for path in sorted(SOURCES.rglob("*.py"))}


MODULES = modules()


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


def is_in(module: str, places: tuple[str, ...]) -> bool:
    """Whether a module is one of ``places``, or inside a room that is."""
    return any(module == place or (place.endswith("/") and module.startswith(place)) for place in places)


def idea_of(module: str) -> str:
    """The first line of a module's docstring, as a cell of a table."""
    first = (ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8"))) or "?").splitlines()[0]
    first = first.replace("``", "`").replace("|", "\\|").rstrip(".")
    return first[0].lower() + first[1:]


def renewed(page: str) -> str:
    """The page with a line for every module, and none for those that are gone."""
    row = re.compile(r"\| `((?:[a-z_]+/)*[a-z_]+\.py)` \|")
    lines = [line for line in page.split("\n") if (found := row.match(line)) is None or found[1] in MODULES]
    for module in MODULES:
        room, _, name = module.rpartition("/")
        if (name == "__init__.py" and room) or any(line.startswith(f"| `{module}` |") for line in lines):
            continue
        rooms = [found[1].rpartition("/")[0] if (found := row.match(line)) else None for line in lines]
        assert room in rooms, f"docs/architecture.md has no table for {room}/"
        last = len(rooms) - rooms[::-1].index(room)
        lines.insert(last, f"| `{module}` | {idea_of(module)} |")
    return "\n".join(lines)


if os.environ.get("CELOSS_RENEW_ARCHITECTURE") == "1":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_stays_in_its_rooms(library: str) -> None:
    strays = [
        f"{module}:{found.line} imports {found.name}"
        for module, path in MODULES.items()
        for found in imports_of(path)
        if found.library == library and not is_in(module, LIBRARIES[library])
    ]
    assert not strays, f"{library} belongs in {', '.join(LIBRARIES[library])}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_only_what_it_needs(room: str) -> None:
    allowed = (room, *ROOMS[room])
    strays = [
        f"{module}:{found.line} imports {found.name}"
        for module, path in MODULES.items()
        if is_in(module, (room,))
        for found in imports_of(path)
        if (target := module_of(found.name)) is not None and not is_in(target, allowed)
    ]
    assert not strays, f"{room} may import {', '.join(ROOMS[room]) or 'nothing of the package'}"


def test_only_the_entry_point_knows_the_shell() -> None:
    strays = [
        f"{module}:{found.line} imports {found.name}"
        for module, path in MODULES.items()
        for found in imports_of(path)
        if is_in(module_of(found.name) or "", ("cli/",)) and not is_in(module, ("__main__.py", "cli/"))
    ]
    assert not strays


@pytest.mark.parametrize("room", sorted({Path(module).parent.as_posix() for module in MODULES} - {"."}))
def test_a_room_can_be_entered_for_nothing(room: str) -> None:
    entrance = f"{room}/__init__.py"
    assert entrance in MODULES
    assert room in DOORS or not list(imports_of(MODULES[entrance]))


def test_pandas_is_imported_where_it_is_used() -> None:
    early = [
        f"{m}:{i.line}" for m, path in MODULES.items() for i in imports_of(path) if i.library == "pandas" and i.at_load
    ]
    assert not early


def test_the_shell_loads_nothing_heavy_before_it_works() -> None:
    loaded: set[str] = set()
    waiting = ["__main__.py", "cli/app.py", "cli/boundary.py", *(f"cli/{name}.py" for name in COMMANDS)]
    heavy = []
    while waiting:
        module = waiting.pop()
        if module in loaded:
            continue
        loaded.add(module)
        for found in imports_of(MODULES[module]):
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


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_line_in_the_page(module: str) -> None:
    room, _, name = module.rpartition("/")
    shown = f"{room}/" if name == "__init__.py" and room else module
    assert f"`{shown}`" in PAGE.read_text(encoding="utf-8"), f"docs/architecture.md does not say what {shown} is for"


def test_the_page_names_no_module_that_is_gone() -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py)`", PAGE.read_text(encoding="utf-8")))
    gone = [name for name in named if not (SOURCES / name).exists() and not (ROOT / name).exists()]
    assert not gone


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_its_one_idea_first(module: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8")))
    assert Path(module).stem not in {"utils", "helpers", "misc", "common"}


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "import a\nif TYPE_CHECKING:\n    import b\ntry:\n    from c import d\nexcept ImportError:\n    import e\n"
        "def f():\n    with x:\n        import g.h\nclass K:\n    import i\n    def m(self):\n        import j\n"
    )
    found = {item.name: item.at_load for item in imports_of(path)}
    assert found == {"a": True, "b": False, "c.d": True, "e": True, "g.h": False, "i": True, "j": False}


def test_renewal_adds_what_is_missing_and_removes_what_is_gone() -> None:
    page = renewed(PAGE.read_text(encoding="utf-8"))
    line = next(line for line in page.split("\n") if line.startswith("| `state/worst.py` |"))
    spoiled = page.replace(f"{line}\n", "| `state/gone.py` | what is no more |\n")
    again = renewed(spoiled)
    assert "state/gone.py" not in again
    assert f"| `state/worst.py` | {idea_of('state/worst.py')} |" in again.split("\n")
    assert renewed(again) == again
