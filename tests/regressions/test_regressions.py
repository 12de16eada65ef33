"""Every file with which a fuzzer found a fault, as small as it is: scored or refused in one line, by every command.

A file that is found goes here under the name of what is odd about it. None crashes or hangs software other than celoss.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import pytest

from celoss_cli.tables.text.cells import may_be_several
from fuzz.seeds import LABELS, sound_files
from running import run

FILES = sorted(
    path for path in Path(__file__).parent.iterdir() if path.suffix not in (".py", ".pyc") and path.is_file()
)


@pytest.mark.parametrize("command", ["eval", "inspect", "explain", "diagnose"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("labels", [False, True], ids=["alone", "labels"])
def test_it_is_scored_or_refused(path: Path, command: str, labels: bool, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(LABELS)
    done = run(command, path, *([tmp_path / "labels.csv"] if labels else []))
    assert done.code in (0, 3), done.err
    if done.code == 3:
        assert not done.out or command == "inspect"  # which shows what it has seen
        assert [line.partition(":")[0] for line in done.err.splitlines()] in (["error", "hint"], ["error"])


@pytest.mark.filterwarnings("error")
def test_long_doubles_that_are_no_numbers_are_cast_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    path = Path(__file__).parent / "long-double-that-is-none.h5"
    done = run("eval", path, "-q", "--per-sample", tmp_path / "rows.csv")
    assert done.code in (0, 3), done.err


def test_what_is_parsed_as_python_warns_of_nothing(tmp_path: Path) -> None:
    cells = tmp_path / "cells.csv"
    cells.write_text("probs,label\n\"{'a\\d': 0.7, 'b': 0.3}\",b\n\"[0.3, 0.7and 1]\",b\n", encoding="utf-8")
    for path in (Path(__file__).parent / "shape-of-a-word.npy", cells):
        with warnings.catch_warnings(record=True) as told:  # as errors they would be taken for the file's
            warnings.simplefilter("always")
            assert run("eval", path).code == 3
        assert not [str(one.message) for one in told if "<unknown>" in one.filename]


SOUND = "sound.csv"

COMMANDS = {
    ".report.json": ("compare", "last.json", "{}"),
    ".history.jsonl": ("history", "{}"),
    ".calibration.json": ("eval", SOUND, "--calibration", "{}"),
    ".applied.json": ("calibrate", "apply", "{}", SOUND, "-o", "rows.csv"),
    ".baseline.json": ("eval", SOUND, "--baseline", "{}", "--max-regression", "0.1"),
    ".celoss.toml": ("eval", SOUND, "--config", "{}"),
    ".weights.json": ("eval", SOUND, "--class-weight", "{}"),
}
"""What reads a document of celoss, by how its name ends."""

DOCUMENTS = sorted((Path(__file__).parent / "documents").iterdir())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_read_or_refused(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(SOUND).write_bytes(next(sound_files()).content)
    Path("last.json").write_text(run("eval", SOUND, "--format", "json").out, encoding="utf-8")
    command = next(command for ending, command in COMMANDS.items() if path.name.endswith(ending))
    done = run(*(part.replace("{}", str(path)) for part in command))
    assert done.code in ((2,) if path.suffix == ".toml" else (0, 3)), done.err
    if done.code:
        assert [line.partition(":")[0] for line in done.err.splitlines()] == ["error", "hint"]


@pytest.mark.parametrize("cell", ["a:0" * 20_000, "a:0 " + "b:" * 30_000, ":" * 60_000])
def test_a_long_cell_is_looked_at_in_proportion(cell: str) -> None:
    begun = time.process_time()
    assert not may_be_several(cell)
    assert time.process_time() - begun < 1.0  # 9 s with every way to cut it tried
