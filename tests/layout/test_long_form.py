"""One row for each item and class is read as one row an item, or refused and named: never scored row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli import compare, evaluate, explain, inspect
from celoss_cli.errors import DataError
from running import Run, run, write

Item = tuple[str, str, dict[str, float]]


def items(classes: list[str], n: int, seed: int = 0) -> list[Item]:
    """Ids, true classes and probabilities in four digits that sum to 1 within one unit of the last."""
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.ones(len(classes)), n).round(4)
    truth = rng.integers(len(classes), size=n)
    pairs = enumerate(zip(truth, rows, strict=True))
    return [(f"x{i}", classes[t], dict(zip(classes, p.tolist(), strict=True))) for i, (t, p) in pairs]


def mean_of(rows: list[Item]) -> float:
    return -math.fsum(math.log(p[truth]) for _, truth, p in rows) / len(rows)


def long(rows: list[Item]) -> list[list[str]]:
    return [[name, cls, repr(p[cls]), truth] for name, truth, p in rows for cls in p]


def csv(cells: list[list[str]], header: str = "id,class,prob,truth") -> str:
    return "\n".join([header, *(",".join(row) for row in cells)]) + "\n"


THREE = items(["low", "mid", "high"], 14)
TWO = items(["no", "yes"], 36)


@pytest.mark.parametrize("rows", [TWO, THREE, items(["0", "1"], 20), items([str(i) for i in range(9, 13)], 400)])
@pytest.mark.parametrize(
    "header", ["id,class,prob,truth", "row,label,probability,y_true", "location,output_type_id,value,observation"]
)
def test_a_long_file_is_one_row_an_item(tmp_path: Path, rows: list[Item], header: str) -> None:
    write(tmp_path, {"f.csv": csv(long(rows), header)})
    done = run("eval", tmp_path / "f.csv", "-q", "--strict")
    assert done.mean == pytest.approx(mean_of(rows), rel=1e-12)
    result = evaluate(str(tmp_path / "f.csv"))
    assert result.counts.rows == len(rows)
    assert [d.value for d in result.spec.decisions if d.what == "layout"] == [
        f"long form: {header.split(',')[1]!r}, {header.split(',')[2]!r}"
    ]


def test_the_classes_of_an_item_may_stand_in_any_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    cells = [row for item in THREE for row in rng.permutation(np.array(long([item]))).tolist()]
    write(tmp_path, {"f.csv": csv(cells)})
    assert run("eval", tmp_path / "f.csv", "-q").mean == pytest.approx(mean_of(THREE), rel=1e-12)


def test_every_command_reads_it(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": csv(long(THREE))})
    path, wanted = str(tmp_path / "f.csv"), pytest.approx(mean_of(THREE), rel=1e-12)
    assert next(c.mean for c in explain(path).conventions if c.name == "exact") == wanted
    assert compare(path, path).baseline.mean == wanted
    command = inspect(path).command
    assert command is not None
    assert "--class-column class --value-column prob" in command


def test_labels_of_a_second_file_pair_with_the_items(tmp_path: Path) -> None:
    cells = [row[:3] for row in long(THREE)]
    labels = "id,y\n" + "".join(f"{name},{truth}\n" for name, truth, _ in reversed(THREE))
    write(tmp_path, {"p.csv": csv(cells, "id,class,prob"), "l.csv": labels})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--strict")
    assert done.mean == pytest.approx(mean_of(THREE), rel=1e-12)


def test_the_truth_may_be_marked_in_the_row_of_its_class(tmp_path: Path) -> None:
    cells = [[name, cls, p, str(int(cls == truth))] for name, cls, p, truth in long(THREE)]
    write(tmp_path, {"f.csv": csv(cells, "id,class,prob,correct")})
    assert run("eval", tmp_path / "f.csv", "-q", "--strict").mean == pytest.approx(mean_of(THREE), rel=1e-12)


def test_a_table_in_memory_and_parquet_in_row_groups(tmp_path: Path) -> None:
    rows = items(["a", "b", "c"], 500)
    names, classes, probs, truths = (list(column) for column in zip(*long(rows), strict=True))
    table = pa.table({"id": names, "class": classes, "prob": [float(p) for p in probs], "truth": truths})
    assert evaluate(table).loss.mean == pytest.approx(mean_of(rows), rel=1e-12)
    import pyarrow.parquet as pq

    pq.write_table(table, tmp_path / "f.parquet", row_group_size=100)  # which cuts items
    assert run("eval", tmp_path / "f.parquet", "-q").mean == pytest.approx(mean_of(rows), rel=1e-12)


def shuffled(cells: list[list[str]]) -> Iterator[list[str]]:
    return iter(np.random.default_rng(1).permutation(np.array(cells)).tolist())


@pytest.mark.parametrize(
    "order",
    [
        shuffled,
        lambda cells: sorted(cells, key=lambda row: row[1]),  # one class after the other
        lambda cells: cells[:-1],  # the last item is cut off
        lambda cells: cells[:5] + cells[6:],  # a class without a row
    ],
)
@pytest.mark.parametrize("rows", [TWO, THREE])
def test_a_long_file_in_another_order_is_refused(
    tmp_path: Path, rows: list[Item], order: Callable[[list[list[str]]], list[list[str]]]
) -> None:
    write(tmp_path, {"f.csv": csv(list(order(long(rows))))})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert (done.code, "long form" in done.err, "sort the rows" in done.err) == (3, True, True), done.err


def far(rows: list[Item], spoil: Callable[[list[list[str]]], None]) -> str:
    cells = long(rows)
    spoil(cells)
    return csv(cells)


def swap(cells: list[list[str]]) -> None:
    cells[2500], cells[2600] = cells[2600], cells[2500]


def drop(cells: list[list[str]]) -> None:
    del cells[2500]


def rename(cells: list[list[str]]) -> None:
    cells[2500][1] = "other"


def repeat(cells: list[list[str]]) -> None:
    cells[2502:2502] = [list(row) for row in cells[2499:2502]]


@pytest.mark.parametrize("spoil", [swap, drop, rename, repeat])
def test_what_comes_after_the_first_rows_is_held_to_the_form(
    tmp_path: Path, spoil: Callable[[list[list[str]]], None]
) -> None:
    write(tmp_path, {"f.csv": far(items(["a", "b", "c"], 2000), spoil)})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert done.code == 3, done.out
    assert "long form" in done.err
    assert any(f"(line {line})" in done.err for line in (2501, 2502, 2504)), done.err


def test_without_the_truth_there_is_no_loss(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": csv([row[:3] for row in long(THREE)], "id,class,prob")})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert (done.code, "long form" in done.err) == (3, True)


def test_the_rows_of_one_class_can_be_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": csv(long(TWO))})
    done = run("eval", tmp_path / "f.csv", "-q", "--where", "class=yes", "--positive", "yes")
    assert done.mean == pytest.approx(mean_of(TWO), rel=1e-3)  # 1 − p has the rounding of p


def scored(text: str, directory: Path, *arguments: str) -> Run:
    write(directory, {"f.csv": text})
    return run("eval", directory / "f.csv", "-q", "--strict", *arguments)


def test_ordinary_files_are_not_long(tmp_path: Path) -> None:
    """Labels that alternate, items that have several rows, a feature with the same values again and again."""
    alternating = "id,y,prob\n" + "".join(f"{i},{i % 2},{0.2 + 0.6 * (i % 2)}\n" for i in range(40))
    assert scored(alternating, tmp_path).mean == pytest.approx(-math.log(0.8), rel=1e-12)
    visits = "patient_id,visit,y,prob\n" + "".join(
        f"{i // 2},{i % 2},{(i * 7 // 3) % 2},{(i * 37 % 97 + 1) / 100}\n" for i in range(60)
    )
    rows = [((i * 7 // 3) % 2, (i * 37 % 97 + 1) / 100) for i in range(60)]
    wanted = -math.fsum(math.log(p if y else 1 - p) for y, p in rows) / 60
    assert scored(visits, tmp_path, "--pred", "prob").mean == pytest.approx(wanted, rel=1e-12)
    several = "item,tag,y,prob\n" + "".join(
        f"{i // 3},{'abc'[i % 3]},{(i * 5 // 4) % 2},{(i * 37 % 97 + 1) / 100}\n" for i in range(60)
    )
    rows = [((i * 5 // 4) % 2, (i * 37 % 97 + 1) / 100) for i in range(60)]
    wanted = -math.fsum(math.log(p if y else 1 - p) for y, p in rows) / 60
    assert scored(several, tmp_path, "--label", "y", "--pred", "prob").mean == pytest.approx(wanted, rel=1e-12)


def test_the_options_say_so(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": csv(long(THREE), "a,b,c,d")})
    with pytest.raises(DataError):
        evaluate(str(tmp_path / "f.csv"), pred="a")
    result = evaluate(str(tmp_path / "f.csv"), class_column="b", value_column="c", label="d")
    assert result.loss.mean == pytest.approx(mean_of(THREE), rel=1e-12)
