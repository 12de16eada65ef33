"""Names that say one thing and rows that say another: what was taken is said, and is a guess."""

from __future__ import annotations

from pathlib import Path

from running import run, write


def test_columns_called_logits_that_hold_distributions(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "label,logit_0,logit_1,logit_2\n0,0.7,0.2,0.1\n1,0.1,0.8,0.1\n2,0.2,0.2,0.6\n"})
    done = run("eval", tmp_path / "p.csv")
    assert done.code == 0
    assert "name_contradicts_scores" in done.out
    assert "--input logits" in done.out
    assert run("eval", tmp_path / "p.csv", "--strict").code == 3
    assert "name_contradicts_scores" not in run("eval", tmp_path / "p.csv", "--input", "probs").out


def test_two_columns_that_could_be_the_label(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "target,label,prob\n0,0,0.2\n1,0,0.8\n1,1,0.7\n"})
    done = run("eval", tmp_path / "p.csv")
    assert done.code == 0
    assert "column 'label' could be the label as well, and differs from 'target'" in done.out
    assert "--label target or --label label" in done.out
    assert run("eval", tmp_path / "p.csv", "--strict").code == 3
    assert run("eval", tmp_path / "p.csv", "--strict", "--label", "label", "--input", "probs").code == 0


def test_two_columns_that_hold_one_label_are_no_contradiction(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "target,label,prob\n0,0,0.2\n1,1,0.8\n1,1,0.7\n"})
    assert "label_ambiguous" not in run("eval", tmp_path / "p.csv").out
