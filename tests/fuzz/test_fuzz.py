"""A short run of the fuzzer with a fixed seed; ``nox -s fuzz -- 100000`` goes on for as long as one likes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fuzz.documents import PREDICTIONS, sound_documents
from fuzz.run import run
from fuzz.seeds import LABELS, Sound, sound_files
from running import run as celoss

FILES = list(sound_files())


@pytest.mark.parametrize("sound", FILES, ids=lambda sound: sound.name)
def test_what_is_damaged_is_sound_before(sound: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(sound.name).write_bytes(sound.content)
    Path("labels.csv").write_bytes(LABELS)
    assert celoss("eval", sound.name, *sound.arguments, "-q").mean < 1.0


def test_documents_are_sound_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(PREDICTIONS).write_bytes(FILES[0].content)
    for document in sound_documents():
        Path(document.name).write_bytes(document.content)
        for command in document.commands:
            ended = celoss(*(part.replace("{}", document.name) for part in command))
            assert ended.code == (1 if command[0] == "batch" else 0), command


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs the timers of POSIX")
def test_damaged_files_are_scored_or_refused() -> None:
    counts = run(600, seed=1, jobs=1)
    assert (counts.faults, counts.deaths) == ([], [])
    assert counts.codes.total() == 600
    assert set(counts.codes) <= {0, 1, 2, 3}
    assert min(counts.codes[0], counts.codes[3]) > 20
