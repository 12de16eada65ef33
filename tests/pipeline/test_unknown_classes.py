"""Rows whose label names no class: refused with the row, left out and counted, or infinitely wrong and counted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import UsageError, evaluate, explain
from running import run, run_script, write

ROWS = [("cat", 0.7, 0.2, 0.1), ("dog", 0.2, 0.5, 0.3), ("zebra", 0.6, 0.3, 0.1), ("emu", 0.3, 0.1, 0.6)]
TABLE = "y,p_cat,p_dog,p_emu\n" + "".join(f"{y},{','.join(map(str, p))}\n" for y, *p in ROWS)
KNOWN = -(math.log(0.7) + math.log(0.5) + math.log(0.6)) / 3


def document(path: Path, *flags: object) -> Any:
    return run("eval", path, *flags, "--format", "json").document


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(tmp_path, {"f.csv": TABLE})
    return tmp_path / "f.csv"


def test_the_row_the_label_and_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": TABLE.replace("zebra", "Dogg")})
    done = run_script("eval", tmp_path / "f.csv")
    assert done.code == 3
    assert "f.csv row 2 (line 4), column 'y': label 'Dogg' is none of the classes 'cat', 'dog', 'emu'" in done.err
    assert "hint: did you mean 'dog'?" in done.err
    assert "--unknown-class drop" in done.err
    write(tmp_path, {"f.csv": TABLE})
    assert "did you mean" not in run("eval", tmp_path / "f.csv").err


def test_left_out_and_counted(path: Path, tmp_path: Path) -> None:
    found = document(path, "--unknown-class", "drop", "--per-sample", tmp_path / "rows.parquet")
    assert found["loss"]["mean"] == pytest.approx(KNOWN, rel=1e-14)
    counts = {name: value for name, value in found["counts"].items() if value}
    assert counts == {"rows": 4, "scored": 3, "ignored": 1, "unknown_class": 1}
    text = "1 row has a label that names no class ('zebra'): left out (--unknown-class drop)"
    assert {"code": "unknown_class", "message": text} in found["warnings"]
    assert found["spec"]["classes"] == ["cat", "dog", "emu"]
    rows = pq.read_table(tmp_path / "rows.parquet").to_pydict()
    assert [loss is None for loss in rows["loss"]] == [False, False, True, False]
    assert rows["label"] == ["cat", "dog", None, "emu"]
    assert run_script("eval", path, "-q", "--unknown-class", "drop").mean == found["loss"]["mean"]


def test_infinitely_wrong_and_counted(path: Path, tmp_path: Path) -> None:
    found = document(path, "--unknown-class", "inf", "--per-sample", tmp_path / "rows.parquet")
    assert found["loss"]["mean"] == "inf"
    counts = {name: value for name, value in found["counts"].items() if value}
    assert counts == {"rows": 4, "scored": 4, "infinite": 1, "unknown_class": 1}
    assert found["spec"]["classes"] == ["cat", "dog", "emu"]
    by_class = {row["class"]: row for row in found["per_class"]}
    assert by_class["zebra"]["count"] == 1
    assert by_class["zebra"]["mean_loss"] == "inf"
    assert by_class["cat"]["mean_loss"] == pytest.approx(-math.log(0.7))
    worst = found["worst"][0]
    assert (worst["row"], worst["label"], worst["predicted"], worst["p_true"]) == (2, "zebra", "cat", 0.0)
    messages = {notice["code"]: notice["message"] for notice in found["warnings"]}
    assert "an infinite loss each (--unknown-class inf)" in messages["unknown_class"]
    assert f"the mean of the others is {KNOWN:.10g}" in messages["infinite_loss"]
    assert found["metrics"]["accuracy"] == 0.75
    squares = [0.09 + 0.04 + 0.01, 0.04 + 0.25 + 0.09, 0.36 + 0.09 + 0.01 + 1.0, 0.09 + 0.01 + 0.16]
    assert found["metrics"]["brier"] == pytest.approx(sum(squares) / 4, rel=1e-12)
    rows = pq.read_table(tmp_path / "rows.parquet").to_pydict()
    assert rows["label"] == ["cat", "dog", "zebra", "emu"]
    assert rows["loss"][2] == math.inf
    assert run("eval", path, "-q", "--unknown-class", "inf").out.strip() == "inf"
    assert run("eval", path, "-q", "--unknown-class", "inf", "--max-loss", "9").code == 1


def test_a_clip_makes_it_finite(path: Path) -> None:
    found = document(path, "--unknown-class", "inf", "--clip", "1e-6")
    assert found["loss"]["mean"] == pytest.approx((3 * KNOWN - math.log(1e-6)) / 4, rel=1e-12)
    assert found["counts"]["clipped"] == 1


@pytest.mark.parametrize("kind", ["logits", "logprobs"])
@pytest.mark.parametrize("form", ["columns", "vectors"])
def test_every_kind_of_scores(kind: str, form: str) -> None:
    scores = [[math.log(p) for p in row[1:]] for row in ROWS]
    columns = {f"z_{name}": [row[i] for row in scores] for i, name in enumerate(("cat", "dog", "emu"))}
    data = pa.table({"y": [row[0] for row in ROWS], **(columns if form == "columns" else {"scores": scores})})
    options = {"classes": "cat,dog,emu", "input": kind, "label": "y", "pred": "z_*" if form == "columns" else "scores"}
    assert evaluate(data, unknown_class="drop", **options).loss.mean == pytest.approx(KNOWN, rel=1e-12)
    found = evaluate(data, unknown_class="inf", **options)
    assert (found.loss.mean, found.counts.infinite, found.counts.unknown_class) == (math.inf, 1, 1)


def test_one_column(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p\nno,.1\nyes,.8\nmaybe,.4\nyes,.7\nno,.3\n"})
    mean = -(math.log(0.9) + math.log(0.8) + math.log(0.7) + math.log(0.7)) / 4
    flags = ("--classes", "no,yes")
    assert run("eval", tmp_path / "f.csv", *flags).code == 3
    found = document(tmp_path / "f.csv", *flags, "--unknown-class", "drop")
    assert found["loss"]["mean"] == pytest.approx(mean, rel=1e-14)
    found = document(tmp_path / "f.csv", *flags, "--unknown-class", "inf")
    assert found["counts"]["infinite"] == 1
    assert found["spec"]["positive"] == "yes"
    assert found["metrics"]["accuracy"] == 0.8


def test_weights_and_a_label_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "p.csv": "id,p_cat,p_dog,p_emu\n"
            + "".join(f"{i},{','.join(map(str, row[1:]))}\n" for i, row in enumerate(ROWS)),
            "l.csv": "id,y,w\n" + "".join(f"{i},{ROWS[i][0]},{i + 1}\n" for i in (3, 1, 0, 2)),
        },
    )
    flags = (tmp_path / "l.csv", "--sample-weight", "w", "--class-weight", "cat=2")
    found = document(tmp_path / "p.csv", *flags, "--unknown-class", "drop")
    weights = [2.0 * 1, 2.0, 4.0]
    losses = [-math.log(0.7), -math.log(0.5), -math.log(0.6)]
    expected = sum(v * loss for v, loss in zip(weights, losses, strict=True)) / sum(weights)
    assert found["loss"]["mean"] == pytest.approx(expected, rel=1e-14)
    found = document(tmp_path / "p.csv", *flags, "--unknown-class", "inf")
    messages = {notice["code"]: notice["message"] for notice in found["warnings"]}
    assert f"the mean of the others is {expected:.10g}" in messages["infinite_loss"]
    refused = run("eval", tmp_path / "p.csv", tmp_path / "l.csv")
    assert "l.csv row 3 (line 5), column 'y': label 'zebra'" in refused.err


def test_unknown_labels_late_in_the_file_and_in_threads(tmp_path: Path) -> None:
    n = 5000
    labels = ["cat"] * n + ["zebra", "gnu"] + ["dog"] * 3
    data = pa.table({"y": labels, "p_cat": [0.5] * (n + 5), "p_dog": [0.5] * (n + 5)})
    pq.write_table(data, tmp_path / "f.parquet", row_group_size=700)
    for threads in (1, 3):
        found = document(tmp_path / "f.parquet", "--unknown-class", "drop", "--threads", threads)
        assert found["counts"]["unknown_class"] == 2
        assert found["loss"]["mean"] == pytest.approx(math.log(2.0), rel=1e-14)
        found = document(tmp_path / "f.parquet", "--unknown-class", "inf", "--threads", threads)
        assert (found["counts"]["infinite"], found["counts"]["scored"]) == (2, n + 5)
        assert [row["class"] for row in found["per_class"]] == ["cat", "dog", "gnu", "zebra"]


def test_rows_left_out_for_another_reason_are_not_counted_twice(tmp_path: Path) -> None:
    content = TABLE.replace("y,", "split,y,", 1).replace("\ncat", "\na,cat").replace("\ndog", "\na,dog")
    content = content.replace("\nzebra", "\nb,zebra").replace("\nemu", "\na,emu")
    write(tmp_path, {"f.csv": content})
    for choice in ("error", "drop", "inf"):
        found = document(tmp_path / "f.csv", "--where", "split=a", "--unknown-class", choice)
        assert found["loss"]["mean"] == pytest.approx(KNOWN, rel=1e-14)
        assert found["counts"]["unknown_class"] == 0
        assert found["counts"]["ignored"] == 1


def test_nothing_but_unknown_labels_is_no_result(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": TABLE})
    for choice in ("drop", "inf"):
        done = run("eval", tmp_path / "f.csv", "--label", "y", "--classes", "a,b,c", "--unknown-class", choice)
        if choice == "drop":
            assert done.code == 3
            assert "none of the 4 rows is left to score" in done.err
        else:
            assert done.code == 0
    done = run("eval", tmp_path / "f.csv", "--unknown-class", "drop", "--pred", "p_cat,p_dog", "--where", "y=zebra")
    assert done.code == 3


def test_explain_and_the_python_api(path: Path) -> None:
    done = run("explain", path, "--unknown-class", "drop", "--format", "json")
    exact = json.loads(done.out)["conventions"][0]
    assert exact["mean"] == pytest.approx(KNOWN, rel=1e-14)
    assert explain(path, unknown_class="drop").conventions[0].mean == pytest.approx(KNOWN, rel=1e-14)
    refused = run("explain", path, "--unknown-class", "inf")
    assert refused.code == 2
    assert "--unknown-class inf is not defined with celoss explain" in refused.err
    with pytest.raises(UsageError, match="unknown_class is 'nope'"):
        evaluate(path, unknown_class="nope")


@pytest.mark.parametrize("flags", [("--label-smoothing", ".1"), ("--compat", "sklearn"), ("--pos-weight", "2")])
def test_infinite_losses_of_nothing_are_refused(flags: tuple[str, str], path: Path) -> None:
    done = run("eval", path, "--unknown-class", "inf", *flags)
    assert done.code == 2
    assert f"not defined with {flags[0]}" in done.err


def test_slices_have_their_own(tmp_path: Path) -> None:
    content = "site," + TABLE.replace("\ncat", "\na,cat").replace("\ndog", "\nb,dog")
    content = content.replace("\nzebra", "\nb,zebra").replace("\nemu", "\na,emu")
    write(tmp_path, {"f.csv": content})
    found = document(tmp_path / "f.csv", "--slice", "site", "--unknown-class", "drop")
    assert [(row["rows"], row["scored"]) for row in found["slices"]] == [(2, 2), (1, 1)]
    assert document(tmp_path / "f.csv", "--slice", "site", "--unknown-class", "inf")["counts"]["infinite"] == 1


# A number from 0 to 1 among words: it names no class, though it could be a probability of the positive one.


def yes_and_no(odd: str, row: int, parquet: bool, directory: Path) -> Path:
    names, scores = ["yes", "no"] * 1000, [0.6, 0.3] * 1000
    names.insert(row, odd)
    scores.insert(row, 0.5)
    if parquet:
        write(directory, {"f.parquet": pa.table({"y": names, "prob_yes": scores})})
        return directory / "f.parquet"
    lines = "".join(f'"{name}",{score}\n' for name, score in zip(names, scores, strict=True))
    write(directory, {"f.csv": "y,prob_yes\n" + lines})
    return directory / "f.csv"


YES_NO = -(math.log(0.6) + math.log(0.7)) / 2
EXPLICIT = ("--label", "y", "--pred", "prob_yes", "--positive", "yes", "--input", "probs")


@pytest.mark.parametrize("parquet", [False, True])
@pytest.mark.parametrize("odd", ["1", "0", "1.0", "1.", "1e0", "01", " 1", "-0", "0.5", "2", "maybe"])
def test_a_number_among_words_is_named(odd: str, parquet: bool, tmp_path: Path) -> None:
    path = yes_and_no(odd, 1500, parquet, tmp_path)
    for how in [(), EXPLICIT, (*EXPLICIT, "--classes", "no,yes"), ("--invalid", "drop")]:
        done = run("eval", path, "-q", *how)
        assert done.code == 3
        assert "row 1500" in done.err
        assert f"label {odd.strip()!r} is none of the classes 'no', 'yes'" in done.err
        left_out = run("eval", path, "-q", *how, "--unknown-class", "drop")
        assert left_out.mean == pytest.approx(YES_NO, rel=1e-13)
        assert run("eval", path, "-q", *how, "--unknown-class", "inf").mean == math.inf


@pytest.mark.parametrize("row", [0, 500, 1500])
def test_a_number_among_words_in_any_row(row: int, tmp_path: Path) -> None:
    path = yes_and_no("1", row, False, tmp_path)
    how = (*EXPLICIT, "--classes", "no,yes")
    assert f"row {row} (line {row + 2}), column 'y': label '1'" in run("eval", path, *how).err
    assert run("eval", path, "-q", *how, "--unknown-class", "drop").mean == pytest.approx(YES_NO, rel=1e-13)


# The reverse: a word among numbers that are probabilities of the positive class.


@pytest.mark.parametrize(("fraction", "word"), [(5, "maybe"), (1600, "true")])
def test_a_word_among_probabilities_is_named(fraction: int, word: str, tmp_path: Path) -> None:
    rows = ["0,.3\n", "1,.6\n"] * 1000
    rows[fraction], rows[1500] = "0.5,.5\n", f"{word},.7\n"
    write(tmp_path, {"f.csv": "y,score\n" + "".join(rows)})
    for how in [(), ("--unknown-class", "inf"), ("--invalid", "drop")]:
        done = run("eval", tmp_path / "f.csv", "-q", *how)
        assert done.code == 3
        assert f"row 1500 (line 1502), column 'y': label {word!r} is no number from 0 to 1" in done.err
    terms = [-math.log((0.7, 0.6)[i % 2]) for i in range(2000) if i not in (fraction, 1500)]
    loss = (math.fsum(terms) + math.log(2.0)) / 1999
    found = document(tmp_path / "f.csv", "--unknown-class", "drop")
    assert found["loss"]["mean"] == pytest.approx(loss, rel=1e-13)
    assert found["counts"]["unknown_class"] == found["counts"]["ignored"] == 1
