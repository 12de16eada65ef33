"""README.md is run: its commands, its help block and its exit codes are compared with the program.

Conventions that README.md follows (all strict; a missing one is a failure, never a skip):

1. Its first two fenced blocks are ```` ```bash ````: the first makes a virtual environment and does the main job,
   the second makes one and runs the tests, so it ends in ``pytest -q``. ``.ci/run`` runs both as they stand.
2. A ```` ```console ```` block is a session from the repository root. A line that starts with ``$ `` is a command, run
   by bash; a line that ends in a backslash goes on in the next. All lines up to the next command are what it prints,
   stdout and stderr together, compared exactly save for spaces at line ends, blank lines at either end, and the last
   digits of numbers at full precision, which depend on the processor (see ``portable``). Output is piped, so nothing
   depends on a terminal. A command that should fail shows its code with ``; echo $?``. The commands of one block run
   one after the other in one scratch directory that holds links to the repository's files: a block may use the files
   it wrote, another block may not.
3. Between ``<!-- help:eval -->`` and ``<!-- /help:eval -->`` stands one fenced block, exactly what
   ``celoss eval --help`` prints at COLUMNS=100 TERM=dumb NO_COLOR=1. Other commands' names work the same way.
4. Between ``<!-- exit-codes -->`` and ``<!-- /exit-codes -->`` stands a table whose first column holds the exit codes,
   several of them separated by `` / ``. Its codes are those of ``celoss_cli.errors.ExitCode``, each once.
5. A ```` ```python ```` block is a script, run like a session. The lines at its end that start with ``# > `` are what
   it prints. (Without the space between, a formatter that reads Markdown would put it there.)

To renew what README.md shows after a change in the program, and then to test it::

    CELOSS_RENEW_README=1 pytest tests/docs

This runs every command and script, and rewrites the lines below it, and the help blocks, in place; commands and prose
stay as they are. Whatever is printed is taken, errors too, so read the diff: the prose quotes some of those numbers.
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

import pytest

from celoss_cli.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
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
    """One command of a session and what README.md shows below it."""

    command: str
    shown: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The step as it is written in README.md."""
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
    assert len(found) == 1, f"README.md needs <!-- {name} --> … <!-- /{name} --> once, found {len(found)}"
    return str(found[0])


def environment(**settings: str) -> dict[str, str]:
    """A plain environment in which ``celoss`` is the console script beside this Python."""
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    path = os.pathsep.join([sysconfig.get_path("scripts"), kept.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", **settings}


def run(command: str, directory: Path, **settings: str) -> str:
    """What a shell command prints, stdout and stderr in the order they were written."""
    bash = shutil.which("bash")
    assert bash is not None, "README.md's commands need bash"
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


def run_help(command: str, directory: Path) -> str:
    """What the program prints about a command."""
    return run(f"celoss {command} --help", directory, COLUMNS="100", TERM="dumb", NO_COLOR="1")


def link_checkout(directory: Path) -> None:
    """Make a directory look like the repository root, so that commands may write there."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            (directory / entry.name).symlink_to(entry)


def renewed(text: str) -> str:
    """README.md with every output replaced by what the program prints now."""
    lines = text.splitlines()
    helps = {
        next(fenced_blocks(between(text, f"help:{name}"))).lines: name
        for name in re.findall(r"<!-- help:(\S+) -->", text)
    }
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
            elif block.lines in helps:
                lines[inside] = run_help(helps[block.lines], directory).split("\n")
    return "\n".join(lines) + "\n"


if os.environ.get("CELOSS_RENEW_README") == "1":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")

# Read once, because pytest needs the blocks as parameters; without a README every test below fails.
TEXT = README.read_text(encoding="utf-8") if README.exists() else ""
BLOCKS = tuple(fenced_blocks(TEXT))
SESSIONS = tuple(block for block in BLOCKS if block.language == "console")
SCRIPTS = tuple(block for block in BLOCKS if block.language == "python")
HELPS = tuple(dict.fromkeys(["eval", *re.findall(r"<!-- help:(\S+) -->", TEXT)]))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A scratch directory that looks like the repository root, so that commands may write."""
    link_checkout(tmp_path)
    return tmp_path


def test_console_script_is_installed() -> None:
    script = shutil.which("celoss", path=sysconfig.get_path("scripts"))
    assert script is not None, f"no celoss beside {sys.executable}: pip install -e '.[test]'"


def test_first_two_blocks_are_the_main_job_and_the_tests() -> None:
    assert [block.language for block in BLOCKS[:2]] == ["bash", "bash"]
    main_job, tests = ("\n".join(block.lines).strip() for block in BLOCKS[:2])
    assert "celoss eval" in main_job
    assert tests.startswith("python3 -m venv .venv")
    assert tests.endswith("pytest -q")


def test_there_are_sessions() -> None:
    assert SESSIONS, "README.md has no ```console block"


@pytest.mark.parametrize("block", SESSIONS, ids=lambda block: f"line{block.line}")
def test_commands_print_what_is_shown(block: Block, checkout: Path) -> None:
    for step in session(block):
        printed = run(step.command, checkout)
        assert portable(printed) == portable(step.shown), f"README.md, block at line {block.line}: $ {step.command}"


@pytest.mark.parametrize("block", SCRIPTS, ids=lambda block: f"line{block.line}")
def test_scripts_print_what_is_shown(block: Block, checkout: Path) -> None:
    source, shown = script(block)
    assert portable(run_script(source, checkout)) == portable(shown)


@pytest.mark.parametrize("command", HELPS)
def test_help_is_what_the_program_prints(command: str, checkout: Path) -> None:
    (block,) = fenced_blocks(between(TEXT, f"help:{command}"))
    assert tidy("\n".join(block.lines)) == run_help(command, checkout)


def test_exit_codes_are_the_programs() -> None:
    table = between(TEXT, "exit-codes")
    cells = re.findall(r"^\|\s*([\d\s/`*]+?)\s*\|", table, re.MULTILINE)
    codes = [int(code) for cell in cells for code in re.findall(r"\d+", cell)]
    assert sorted(codes) == sorted(ExitCode)


def test_a_session_is_read_as_documented() -> None:
    text = "a\n```console\n$ one \\\n    --two\nout  \n\nmore\n$ three\n```\n````text\n```\n````\n"
    console, fence = fenced_blocks(text)
    steps = list(session(console))
    assert steps == [Step("one \\\n    --two", "out\n\nmore"), Step("three", "")]
    assert [line for step in steps for line in step.lines] == [line.rstrip() for line in console.lines]
    assert fence == Block("text", 10, ("```",))


def test_a_script_is_read_as_documented() -> None:
    assert script(Block("python", 1, ("print(1)", "", "print(2)", "# > 1", "# >", "# > 2"))) == (
        "print(1)\n\nprint(2)",
        "1\n\n2",
    )


def test_renewal_replaces_outputs_and_nothing_else() -> None:
    parts = ("# a\n```console\n$ echo 1\n", "old\n\n", "$ echo 2; \\\n  echo 3\n", "```\nb\n```bash\nfalse\n```\n")
    text = f"{''.join(parts)}```python\nprint(4)\n```\n"
    new = f"{parts[0]}1\n{parts[2]}2\n3\n{parts[3]}```python\nprint(4)\n# > 4\n```\n"
    assert renewed(text) == new
    assert renewed(new) == new
