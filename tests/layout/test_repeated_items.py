"""Items that repeat: several models, folds or settings, and parts scored twice, are refused; samples are not."""

from __future__ import annotations

import gzip
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from celoss_cli import evaluate, inspect
from celoss_cli.errors import AmbiguousData
from running import run, write

Row = dict[str, object]


def truth_of(n: int, seed: int = 1) -> list[int]:
    return np.random.default_rng(seed).integers(2, size=n).tolist()


def stacked(n: int, columns: dict[str, list[object]], item: str = "id", seed: int = 0) -> list[Row]:
    """The same n items under every combination of values, one block after the other, with other scores in each."""
    rng, truth = np.random.default_rng(seed), truth_of(n)
    rows = []
    for values in itertools.product(*columns.values()):
        told = dict(zip(columns, values, strict=True))
        rows += [{item: f"x{i}", **told, "prob": float(rng.uniform(0.05, 0.95).__round__(4)), "y_true": truth[i]}
                 for i in range(n)]  # fmt: skip
    return rows


def text_of(rows: list[Row]) -> str:
    header = list(rows[0])
    return "\n".join([",".join(header), *(",".join(str(row[name]) for name in header) for row in rows)]) + "\n"


def mean_of(rows: list[Row]) -> float:
    return -math.fsum(math.log(r["prob"] if r["y_true"] else 1 - r["prob"]) for r in rows) / len(rows)  # type: ignore[operator]


def in_blocks(rows: list[Row]) -> list[Row]:
    return rows


def by_item(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row.get("id", row.get("rowIndex", row.get(".row")))))


def shuffled(rows: list[Row]) -> list[Row]:
    return [rows[i] for i in np.random.default_rng(2).permutation(len(rows))]


@pytest.mark.parametrize("order", [in_blocks, by_item, shuffled])
@pytest.mark.parametrize(
    ("item", "columns"),
    [
        ("id", {"model": ["rf", "glm"]}),
        ("id", {"fold": [1, 2, 3]}),
        ("rowIndex", {"mtry": [2, 3, 5]}),
        (".row", {".config": ["Preprocessor1_Model1", "Preprocessor1_Model2"]}),
        ("id", {"seed": [0, 1]}),
        ("id", {"learning_rate": [0.1, 0.01]}),
        ("id", {"some_setting": ["a", "b"]}),
        ("image_id", {"epoch": [1, 2]}),
        ("sample", {"checkpoint": ["c1", "c2"]}),
    ],
)
def test_several_runs_in_one_file_are_refused_and_the_hint_leads_right(
    tmp_path: Path, item: str, columns: dict[str, list[object]], order: Callable[[list[Row]], list[Row]]
) -> None:
    rows = order(stacked(40, columns, item))
    write(tmp_path, {"f.csv": text_of(rows)})
    [(name, values)] = columns.items()
    path = tmp_path / "f.csv"
    for command in ("eval", "explain"):
        done = run(command, path, "--pred", "prob")
        assert (done.code, repr(name) in done.err) == (3, True), done.err
    hint = done.err.partition("hint: ")[2]
    flag = hint.partition(": ")[2].split()
    assert flag[0] == "--where"
    wanted = mean_of([row for row in rows if flag[1] == f"{name}={row[name]}"])
    assert run("eval", path, "-q", "--pred", "prob", *flag).mean == pytest.approx(wanted, rel=1e-12)
    with pytest.raises(AmbiguousData, match="several models, folds or settings"):
        evaluate(str(path), pred="prob")
    assert inspect(str(path), pred="prob").error is not None
    assert run("compare", path, path, "--pred", "prob").code == 3
    for value in values:
        wanted = mean_of([row for row in rows if row[name] == value])
        assert evaluate(str(path), pred="prob", where={name: value}).loss.mean == pytest.approx(wanted, rel=1e-12)


def test_two_settings_together_tell_the_rows_apart(tmp_path: Path) -> None:
    rows = stacked(30, {"mtry": [2, 3], "splitrule": ["gini", "extratrees"]})
    write(tmp_path, {"f.csv": text_of(rows)})
    done = run("eval", tmp_path / "f.csv", "-q", "--pred", "prob")
    assert done.code == 3
    assert "--where mtry=2 --where splitrule=gini" in done.err
    done = run("eval", tmp_path / "f.csv", "-q", "--pred", "prob", "--where", "mtry=2", "--where", "splitrule=gini")
    wanted = mean_of([row for row in rows if row["mtry"] == 2 and row["splitrule"] == "gini"])
    assert done.mean == pytest.approx(wanted, rel=1e-12)


def test_repeated_cross_validation(tmp_path: Path) -> None:
    """Each item once in every repeat, in some fold of it: 'Resample' is another one in every row of an item."""
    rows = stacked(30, {"Resample": ["Rep1", "Rep2", "Rep3"]})
    for i, row in enumerate(rows):
        row["Resample"] = f"Fold{i % 5}.{row['Resample']}"
    write(tmp_path, {"f.csv": text_of(rows)})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert (done.code, "'Resample'" in done.err) == (3, True), done.err


def test_models_beside_labels_of_their_own(tmp_path: Path) -> None:
    rows = stacked(20, {"model": ["rf", "glm"]})
    labels = "id,y\n" + "".join(f"{row['id']},{row['y_true']}\n" for row in shuffled(rows[:20]))
    for row in rows:
        del row["y_true"]
    write(tmp_path, {"p.csv": text_of(rows), "l.csv": labels})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q")
    assert (done.code, "--where model=rf" in done.err) == (3, True), done.err
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--where", "model=rf")
    assert done.mean == pytest.approx(mean_of(stacked(20, {"model": ["rf", "glm"]})[:20]), rel=1e-12)


def test_who_asks_for_a_slice_of_each_knows(tmp_path: Path) -> None:
    rows = stacked(20, {"model": ["rf", "glm"]})
    write(tmp_path, {"f.csv": text_of(rows)})
    result = evaluate(str(tmp_path / "f.csv"), slice="model")
    assert result.loss.mean == pytest.approx(mean_of(rows), rel=1e-12)


def visits(name: str, n: int = 30) -> list[Row]:
    """Patients seen twice, of whom some get better."""
    rng = np.random.default_rng(5)
    return [{"patient_id": f"p{i}", name: visit, "prob": float(rng.uniform(0.05, 0.95).__round__(4)),
             "y_true": int(rng.integers(2))} for i in range(n) for visit in (1, 2)]  # fmt: skip


def with_one_truth(rows: list[Row]) -> list[Row]:
    first: dict[object, object] = {}
    for row in rows:
        row["y_true"] = first.setdefault(row["patient_id"], row["y_true"])
    return rows


def eyes() -> list[Row]:
    return with_one_truth(visits("eye"))


def images() -> list[Row]:
    """Several images of a patient, of one diagnosis: each with a name of its own."""
    rows = with_one_truth(visits("side"))
    return [{"filename": f"img{i}.png", **row} for i, row in enumerate(rows)]


def users() -> list[Row]:
    rng = np.random.default_rng(6)
    return [{"user_id": int(rng.integers(12)), "country": "de", "n": int(rng.integers(9)),
             "prob": float(rng.uniform(0.05, 0.95).__round__(4)), "y_true": int(rng.integers(2))}
            for _ in range(80)]  # fmt: skip


def tokens() -> list[Row]:
    rng = np.random.default_rng(7)
    return [{"doc_id": i // 10, "position": i % 10, "prob": float(rng.uniform(0.05, 0.95).__round__(4)),
             "y_true": int(rng.integers(2))} for i in range(200)]  # fmt: skip


def folds_once() -> list[Row]:
    """Cross-validation, each item in one fold: a column of folds tells nothing apart."""
    rows = stacked(50, {"model": ["rf"]})
    return [{"fold": i % 5, **row} for i, row in enumerate(rows)]


def one_group() -> list[Row]:
    return [{"store_id": "s1", **row} for row in stacked(40, {"week": [1]}, "basket")]


@pytest.mark.parametrize("rows", [visits("visit"), visits("model"), eyes(), images(), users(), tokens(), folds_once(),
                                  one_group()])  # fmt: skip
def test_rows_of_one_item_that_are_samples_are_scored(tmp_path: Path, rows: list[Row]) -> None:
    write(tmp_path, {"f.csv": text_of(rows)})
    done = run("eval", tmp_path / "f.csv", "-q", "--pred", "prob", "--strict")
    assert done.mean == pytest.approx(mean_of(rows), rel=1e-12)
    assert done.err == ""


def parts(directory: Path, files: dict[str, list[Row]]) -> Path:
    (directory / "out").mkdir()
    write(directory / "out", {name: text_of(rows) for name, rows in files.items()})
    return directory / "out"


def test_parts_scored_twice_are_refused(tmp_path: Path) -> None:
    rows = stacked(20, {"part": [0]})
    others = [{**row, "id": f"other{i}"} for i, row in enumerate(rows)]
    out = parts(tmp_path, {"a.csv": rows, "a_retry.csv": shuffled(rows), "b.csv": others})
    done = run("eval", out, "-q", "--pred", "prob")
    assert (done.code, "a.csv" in done.err, "a_retry.csv" in done.err) == (3, True, True), done.err


def test_parts_that_overlap_are_refused(tmp_path: Path) -> None:
    rows = stacked(40, {"part": [0]})
    out = parts(tmp_path, {"a.csv": rows[:25], "b.csv": rows[20:]})
    assert run("eval", out, "-q", "--pred", "prob").code == 3


def test_parts_of_two_models_are_refused(tmp_path: Path) -> None:
    out = parts(tmp_path, {"rf.csv": stacked(20, {"k": [0]}), "glm.csv": stacked(20, {"k": [0]}, seed=4)})
    done = run("eval", out, "-q", "--pred", "prob")
    assert (done.code, "rf.csv" in done.err) == (3, True), done.err


def test_parts_that_are_visits_or_have_ids_of_their_own_are_one_table(tmp_path: Path) -> None:
    first, second = visits("visit")[::2], visits("visit")[1::2]
    out = parts(tmp_path, {"visit1.csv": first, "visit2.csv": second})
    assert run("eval", out, "-q", "--pred", "prob").mean == pytest.approx(mean_of([*first, *second]), rel=1e-12)


def test_rows_written_twice_into_one_file_are_said(tmp_path: Path) -> None:
    rows = stacked(20, {"k": [0]})
    write(tmp_path, {"f.csv": text_of([*rows, *rows])})
    result = evaluate(str(tmp_path / "f.csv"), pred="prob")
    assert "repeated_rows" in [notice.code for notice in result.warnings]
    assert result.loss.mean == pytest.approx(mean_of(rows), rel=1e-12)


# Beyond the first thousand rows: what the pass over all of them finds


MANY = 1500


@pytest.mark.parametrize("flag", ["-q", "--strict"])
@pytest.mark.parametrize("columns", [{"model": ["rf", "glm"]}, {"flavour": ["a", "b", "c"]}, {"mtry": [2, 3]}])
def test_blocks_of_runs_are_found_beyond_the_first_rows(
    tmp_path: Path, columns: dict[str, list[object]], flag: str
) -> None:
    rows = stacked(MANY, columns)
    write(tmp_path, {"f.csv": text_of(rows)})
    [(name, values)] = columns.items()
    done = run("eval", tmp_path / "f.csv", flag, "--pred", "prob")
    assert (done.code, f"--where {name}={values[0]}" in done.err) == (3, True), done.err
    done = run("eval", tmp_path / "f.csv", flag, "--pred", "prob", "--where", f"{name}={values[0]}")
    assert done.code == 0
    assert inspect(str(tmp_path / "f.csv"), pred="prob").error is not None


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "csv.gz"])
def test_blocks_of_runs_are_found_where_long_rows_fill_the_first_look(tmp_path: Path, form: str) -> None:
    """Of 800 rows with a long text the first look sees some of one model: it must not take them for all there are."""
    rows = [{**row, "text": f"{row['id']} {'word ' * 150}"} for row in stacked(400, {"model": ["rf", "glm"]})]
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    text = {"jsonl": lines, "json": json.dumps(rows)}.get(form, text_of(rows))
    path = tmp_path / f"f.{form}"
    path.write_bytes(gzip.compress(text.encode()) if form.endswith("gz") else text.encode())
    done = run("eval", path, "--pred", "prob")
    assert (done.code, "--where model=rf" in done.err) == (3, True), done.err
    assert run("eval", path, "--pred", "prob", "--where", "model=rf", "-q").code == 0


@pytest.mark.parametrize("columns", [{"flavour": ["a", "b"]}, {"source": [1, 2, 3]}, {"model": ["rf", "glm"]}])
def test_shuffled_runs_are_found_where_ids_stand_twice_among_the_first_rows(
    tmp_path: Path, columns: dict[str, list[object]]
) -> None:
    rows = shuffled(stacked(MANY, columns))
    write(tmp_path, {"f.csv": text_of(rows)})
    [(name, values)] = columns.items()
    refused = run("eval", tmp_path / "f.csv", "-q", "--pred", "prob")
    assert (refused.code, f"told apart by {name!r}" in refused.err) == (3, True), refused.err
    one = [row for row in rows if row[name] == values[0]]
    found = run("eval", tmp_path / "f.csv", "-q", "--pred", "prob", "--where", f"{name}={values[0]}")
    assert found.mean == pytest.approx(mean_of(one), rel=1e-12)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("group", [700, 5000])
def test_row_groups_and_threads_change_nothing(tmp_path: Path, group: int, threads: int) -> None:
    rows = shuffled(stacked(MANY, {"fold": [1, 2]}))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    pq.write_table(pa.table(columns), tmp_path / "f.parquet", row_group_size=group)
    done = run("eval", tmp_path / "f.parquet", "--pred", "prob", "--threads", threads)
    assert (done.code, "'fold'" in done.err) == (3, True), done.err


def test_a_long_file_class_by_class_is_named(tmp_path: Path) -> None:
    rows = stacked(MANY, {"k": [0]})
    cells = [
        f"{row['id']},{cls},{p},{['no', 'yes'][int(str(row['y_true']))]}"
        for cls in ("no", "yes")
        for row in rows
        for p in [row["prob"] if cls == "yes" else round(1 - float(str(row["prob"])), 4)]
    ]
    write(tmp_path, {"f.csv": "id,class,prob,truth\n" + "\n".join(cells) + "\n"})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert (done.code, "long form" in done.err) == (3, True), done.err


def test_parts_in_another_order_are_found_in_a_full_report(tmp_path: Path) -> None:
    rows = stacked(MANY, {"k": [0]})
    out = parts(tmp_path, {"a.csv": rows, "b.csv": rows[::-1]})
    done = run("eval", out, "--pred", "prob")
    assert (done.code, "b.csv" in done.err) == (3, True), done.err


def test_large_files_of_samples_are_scored(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    rows = [{"user_id": f"u{i}", "country": "de", "model": "m1", "prob": float(rng.uniform(0.05, 0.95).__round__(4)),
             "y_true": int(rng.integers(2))} for i in rng.integers(900, size=4000)]  # fmt: skip
    write(tmp_path, {"f.csv": text_of(rows)})
    done = run("eval", tmp_path / "f.csv", "-q", "--pred", "prob", "--strict")
    assert done.mean == pytest.approx(mean_of(rows), rel=1e-12)
    one_truth: dict[object, object] = {}
    for row in rows:
        row["y_true"] = one_truth.setdefault(row["user_id"], row["y_true"])
    write(tmp_path, {"f.csv": text_of(rows)})
    done = run("eval", tmp_path / "f.csv", "-q", "--pred", "prob", "--strict")
    assert done.mean == pytest.approx(mean_of(rows), rel=1e-12)
    assert "warning" not in done.err


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["source", "flavour"])
def test_the_mean_alone_sees_a_stack_that_the_first_rows_do_not_show(form: str, name: str, tmp_path: Path) -> None:
    """Of 300,000 items that stand twice in any order hardly one repeats among the first thousand rows."""
    rng = np.random.default_rng(1)
    n = 300_000
    p = rng.random(n).round(4)
    y, order = (rng.random(n) < p).astype(int), rng.permutation(2 * n)
    first = order[np.sort(np.unique(order % n, return_index=True)[1])[:1000]]
    order = np.concatenate([first, order[~np.isin(order, first)]])
    ids = np.array([f"u{i}" for i in range(n)])[order % n]
    assert len(set(ids[:1000].tolist())) == 1000
    table = pa.table(
        {"id": ids, name: np.where(order < n, "web", "app"), "y_true": y[order % n],
         "y_prob": np.where(order < n, p[order % n], (p[order % n] * 0.9).round(4))}
    )  # fmt: skip
    path = tmp_path / f"f.{form}"
    (pq.write_table if form == "parquet" else pacsv.write_csv)(table, path)
    done = run("eval", path, "-q")
    assert done.code == 3
    assert f"told apart by {name!r}" in done.err
    alone = run("eval", path, "-q", "--where", f"{name}=web")
    assert alone.mean == pytest.approx(-np.log(np.where(y == 1, p, 1.0 - p).clip(1e-300)).mean(), rel=1e-9)
