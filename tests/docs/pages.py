"""Pages that are run: what their fenced blocks are, and what commands and scripts in them print.

Conventions of README.md and every page under docs/ (all strict; a missing one is a failure, never a skip):

1. A ```` ```console ```` block is a session from the repository root. A line that starts with ``$ `` is a command, run
   by bash; a line that ends in a backslash goes on in the next. All lines up to the next command are what it prints,
   stdout and stderr together, compared exactly save for spaces at line ends, blank lines at either end, and the last
   digits of numbers at full precision, which depend on the processor (see ``portable``). Output is piped, so nothing
   depends on a terminal. A command that should fail shows its code with ``; echo $?``. The commands of one block run
   one after the other in one scratch directory that holds links to the repository's files: a block may use the files
   it wrote, another block may not.
2. A ```` ```python ```` block is a script, run like a session. The lines at its end that start with ``# > `` are what
   it prints. (Without the space between, a formatter that reads Markdown would put it there.)
3. A ```` ```bash ```` block is run by a test of its own: those of README.md by ``.ci/run``, as they stand, those of
   docs/how-to/many-files.md by ``tests/ci/test_recipes.py``. What is not run is ``sh`` or ``text``.
4. ``json``, ``toml`` and ``yaml`` blocks parse. There are no others.

To renew what the pages show after a change in the program, and what is generated into them, and then to test them::

    CELOSS_RENEW_DOCS=1 pytest tests/docs

This runs every command and script, and rewrites the lines below it in place; commands and prose stay as they are.
Whatever is printed is taken, errors too, so read the diff: the prose quotes some of those numbers.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").rglob("*.md")))
RENEW = os.environ.get("CELOSS_RENEW_DOCS") == "1"
TIMEOUT_SECONDS = 120
# What changes how a program prints: terminals, colours, and CI systems that ask for annotations.
UNSET = (
    "COLUMNS",
    "LINES",
    "FORCE_COLOR",
    "PY_COLORS",
    "CLICOLOR_FORCE",
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
)


@dataclass(frozen=True)
class Block:
    """A fenced block: the word after the fence, the 1-based line of the fence, the lines inside."""

    language: str
    line: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One command of a session and what the page shows below it."""

    command: str
    shown: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The step as it is written in the page."""
        first, *more = self.command.split("\n")
        return (f"$ {first}", *more, *(self.shown.split("\n") if self.shown else ()))


def fenced_blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a Markdown text, in order."""
    opened: tuple[str, str, int] | None = None
    inside: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fence = re.fullmatch(r"(`{3,})\s*(\S*).*", line)
        if opened is None:
            if fence:
                opened, inside = (fence[1], fence[2], number), []
        elif line.rstrip() == opened[0]:
            yield Block(opened[1], opened[2], tuple(inside))
            opened = None
        else:
            inside.append(line)
    if opened is not None:
        raise ValueError(f"line {opened[2]}: the fenced block is not closed")


def session(block: Block) -> Iterator[Step]:
    """The commands of a console block, each with the output shown."""
    command: list[str] = []
    shown: list[str] = []
    for line in block.lines:
        if command and command[-1].endswith("\\") and not shown:
            command.append(line.removeprefix("> "))
        elif line.startswith("$ "):
            if command:
                yield Step("\n".join(command), tidy("\n".join(shown)))
            command, shown = [line.removeprefix("$ ")], []
        elif command:
            shown.append(line)
        else:
            raise ValueError(f"line {block.line}: a console block starts with a command, `$ celoss …`")
    if not command:
        raise ValueError(f"line {block.line}: a console block without a command")
    yield Step("\n".join(command), tidy("\n".join(shown)))


def script(block: Block) -> tuple[str, str]:
    """A python block as the script and the output shown at its end."""
    size = len(block.lines)
    while size and block.lines[size - 1].startswith("# >"):
        size -= 1
    shown = (line.removeprefix("# >").removeprefix(" ") for line in block.lines[size:])
    return "\n".join(block.lines[:size]), tidy("\n".join(shown))


def tidy(text: str) -> str:
    """The text without spaces at line ends and blank lines at either end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def portable(text: str) -> str:
    """The text with full-precision numbers at 13 digits: the last ones depend on how a processor computes log."""
    return re.sub(r"\d+\.\d{13,}(e[+-]?\d+)?", lambda number: f"{float(number[0]):.13g}", text)


def between(text: str, name: str) -> str:
    """What stands between ``<!-- name -->`` and ``<!-- /name -->``."""
    found = re.findall(rf"<!-- {re.escape(name)} -->\n(.*?)<!-- /{re.escape(name)} -->", text, re.DOTALL)
    assert len(found) == 1, f"<!-- {name} --> … <!-- /{name} --> is needed once, found {len(found)}"
    return str(found[0])


def environment(**settings: str) -> dict[str, str]:
    """A plain environment in which ``celoss`` is the console script beside this Python."""
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    path = os.pathsep.join([sysconfig.get_path("scripts"), kept.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", **settings}


def run(command: str, directory: Path, **settings: str) -> str:
    """What a shell command prints, stdout and stderr in the order they were written."""
    bash = shutil.which("bash")
    assert bash is not None, "the commands of the pages need bash"
    result = subprocess.run(
        [bash, "-c", command],
        cwd=directory,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return tidy(result.stdout.decode("utf-8"))


def run_script(text: str, directory: Path) -> str:
    """What a Python script prints. One that fails is not an example."""
    *lines, code = run(f"{shlex.quote(sys.executable)} -c {shlex.quote(text)}; echo $?", directory).split("\n")
    assert code == "0", "\n".join(lines)
    return tidy("\n".join(lines))


def link_checkout(directory: Path) -> None:
    """Make a directory look like the repository root, so that commands may write there."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            (directory / entry.name).symlink_to(entry)


def renewed(text: str) -> str:
    """A page with every output replaced by what the program prints now."""
    lines = text.splitlines()
    for block in reversed(tuple(fenced_blocks(text))):  # from the end, so that the line numbers above stay right
        inside = slice(block.line, block.line + len(block.lines))
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            link_checkout(directory)
            if block.language == "console":
                steps = [Step(step.command, run(step.command, directory)) for step in session(block)]
                lines[inside] = [line for step in steps for line in step.lines]
            elif block.language == "python":
                source, _ = script(block)
                printed = run_script(source, directory)
                lines[inside] = [*source.split("\n"), *(f"# > {line}".rstrip() for line in printed.split("\n"))]
    return "\n".join(lines) + "\n"
