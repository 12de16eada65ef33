"""Files that are almost right: said for what they are, or read for what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from running import mean_of, run, write

CSV = "y,p_a,p_b\na,0.7,0.3\nb,0.4,0.6\n"
LOGITS = np.random.default_rng(2).normal(size=(60, 3))
LABELS = np.arange(60) % 3


def test_arrays_that_savez_has_numbered(tmp_path: Path) -> None:
    np.savez(tmp_path / "named.npz", logits=LOGITS, labels=LABELS)
    np.savez(tmp_path / "first.npz", LOGITS, LABELS)
    np.savez(tmp_path / "second.npz", LABELS, LOGITS)
    np.savez(tmp_path / "both.npz", LABELS, LABELS)
    expected = run("eval", tmp_path / "named.npz", "-q").mean
    assert run("eval", tmp_path / "first.npz", "-q").mean == expected
    assert run("eval", tmp_path / "second.npz", "-q").mean == expected
    assert run("eval", tmp_path / "both.npz", "-q").code == 3
    assert run("eval", tmp_path / "first.npz", "--strict").code == 3  # it is a guess


def test_an_archive_that_was_cut_off_is_still_numpys(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", logits=LOGITS, labels=LABELS)
    content = (tmp_path / "f.npz").read_bytes()
    for size in (len(content) // 2, 100):
        write(tmp_path, {"cut.npz": content[:size]})
        found = run("eval", tmp_path / "cut.npz")
        assert found.code == 3
        assert "is not a readable NumPy file" in found.err
        assert "truncated" in found.err


@pytest.mark.parametrize(
    "comment", ["# made by a tool", "#", "# y, p_a, p_b, and more", "# one\n# two, or more", "\n# a\n"]
)
def test_comments_above_the_header_are_no_rows(comment: str, tmp_path: Path) -> None:
    assert mean_of(tmp_path, f"{comment}\n{CSV}").mean == mean_of(tmp_path, CSV).mean
    faulty = mean_of(tmp_path, f"{comment}\n{CSV}a,x,0.2\n", "--pred", "p_*")
    line = f"{comment}\n{CSV}".count("\n") + 1
    assert f"(line {line})" in faulty.err


def test_a_header_may_begin_with_a_hash(tmp_path: Path) -> None:
    assert mean_of(tmp_path, f"#{CSV}").mean == mean_of(tmp_path, CSV).mean


def test_parts_of_several_forms_are_refused(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    write(tmp_path / "d", {"a.csv": CSV, "b.jsonl": '{"y": "a", "p_a": 0.7, "p_b": 0.3}\n', "_SUCCESS": "", ".x": "y"})
    found = run("eval", tmp_path / "d")
    assert found.code == 3
    assert "its files have different forms:" in found.err
    assert "a.csv is csv, " in found.err
    assert "b.jsonl is jsonl" in found.err


def test_a_glob_passes_over_markers_unless_they_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": CSV, "_SUCCESS": "", "_b.csv": CSV})
    assert run("eval", tmp_path / "*", "-q").mean == run("eval", tmp_path / "a.csv", "-q").mean
    assert run("eval", tmp_path / "_b*", "-q").mean == run("eval", tmp_path / "a.csv", "-q").mean
    assert "no file matches" in run("eval", tmp_path / "_S?").err


def test_a_pattern_without_a_match_is_called_one(tmp_path: Path) -> None:
    found = mean_of(tmp_path, CSV, "--pred", "z*")
    assert "no column matches 'z*'; the columns are" in found.err


@pytest.mark.parametrize(("log", "form"), [("_delta_log", "a Delta table"), (".hoodie", "a Hudi table")])
def test_a_directory_with_a_log_is_not_its_files(log: str, form: str, tmp_path: Path) -> None:
    """Files that were replaced still lie there."""
    (tmp_path / "t" / log).mkdir(parents=True)
    write(tmp_path / "t", {"a.csv": CSV, "b.csv": CSV})
    found = run("eval", tmp_path / "t")
    assert (found.code, f"t: is {form}" in found.err) == (3, True), found.err
    assert run("eval", tmp_path / "t" / "a*.csv").code == 0
