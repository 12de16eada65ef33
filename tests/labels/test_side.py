"""Two files paired by position or by id: every row once, or an error that names the first that is not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from running import Content, Run, run, write

P = [0.1, 0.8, 0.7, 0.3]
Y = [0, 1, 1, 0]
MEAN = -(math.log(0.9) + math.log(0.8) + math.log(0.7) + math.log(0.7)) / 4


def scored(directory: Path, predictions: Content, labels: Content, *arguments: object) -> Run:
    write(directory, {"p.csv" if isinstance(predictions, str) else "p.parquet": predictions})
    write(directory, {"l.csv" if isinstance(labels, str) else "l.parquet": labels})
    names = [next(directory.glob(f"{side}.*")) for side in "pl"]
    return run("eval", *names, "-q", *arguments)


def csv_of(**columns: object) -> str:
    rows = zip(*columns.values(), strict=True)  # type: ignore[call-overload]
    return ",".join(columns) + "\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)


@pytest.mark.parametrize(
    "ids",
    [
        [1, 2, 3, 4],
        ["a", "b", "c", "d"],
        ["001", "002", "010", "100"],
        ["x 1", "x,2", 'x"3', "x\n4"],
        [1.0, 2.0, 3.5, 4.0],
    ],
)
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_ids_of_any_kind_and_order(ids: list[object], order: list[int], tmp_path: Path) -> None:
    predictions = pa.table({"id": ids, "prob": P})
    labels = pa.table({"id": [ids[i] for i in order], "y": [Y[i] for i in order]})
    assert scored(tmp_path, predictions, labels).mean == pytest.approx(MEAN, rel=1e-14)


def test_ids_of_csv_and_parquet_agree(tmp_path: Path) -> None:
    predictions = csv_of(id=[1, 2, 3, 4], prob=P)
    for kind in (pa.int64(), pa.uint64(), pa.int8(), pa.float64(), pa.string()):
        labels = pa.table({"id": pa.array([4, 3, 2, 1]).cast(kind), "y": Y[::-1]})
        assert scored(tmp_path, predictions, labels).mean == pytest.approx(MEAN, rel=1e-14)


def test_padded_ids_are_names_and_do_not_match_numbers(tmp_path: Path) -> None:
    done = scored(tmp_path, csv_of(id=["001", "002", "003", "004"], prob=P), csv_of(id=[1, 2, 3, 4], y=Y))
    assert done.code == 3
    assert "written in two ways: '001' here, '1' in" in done.err


def test_large_ids_keep_every_digit(tmp_path: Path) -> None:
    base = 2**53
    ids = [base, base + 1, base + 2, base + 3]
    done = scored(tmp_path, csv_of(id=ids, prob=P), csv_of(id=ids[::-1], y=Y[::-1]))
    assert done.mean == pytest.approx(MEAN, rel=1e-14)


def test_the_key_can_be_named(tmp_path: Path) -> None:
    predictions = csv_of(id=[1, 2, 3, 4], key=list("abcd"), prob=P)
    labels = csv_of(id=[9, 9, 9, 9], key=list("dcba"), y=Y[::-1])
    assert scored(tmp_path, predictions, labels, "--id", "key").mean == pytest.approx(MEAN, rel=1e-14)
    refused = scored(tmp_path, predictions, labels)
    assert refused.code == 3
    assert "--id" in refused.err


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), n=st.integers(1, 30))
def test_order_never_matters_with_ids(data: st.DataObject, n: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(n)
    p, y = rng.uniform(0.01, 0.99, n), rng.integers(0, 2, n)
    expected = math.fsum(-np.log(np.where(y == 1, p, 1 - p))) / n
    mine, theirs = data.draw(st.permutations(range(n))), data.draw(st.permutations(range(n)))
    predictions = csv_of(id=[f"r{i}" for i in mine], prob=[repr(float(p[i])) for i in mine])
    labels = csv_of(y=[y[i] for i in theirs], id=[f"r{i}" for i in theirs])
    assert scored(tmp_path, predictions, labels).mean == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fault=st.sampled_from(["missing", "extra", "doubled", "doubled prediction", "empty"]), at=st.integers(0, 9))
def test_every_faulty_id_is_found(fault: str, at: int, tmp_path: Path) -> None:
    mine, theirs = [f"r{i}" for i in range(10)], [f"r{i}" for i in range(10)]
    if fault == "missing":
        del theirs[at]
    elif fault == "extra":
        theirs.insert(at, "new")
    elif fault == "doubled":
        theirs.insert(at, theirs[at])
    elif fault == "doubled prediction":
        mine.insert(at, mine[at])
    else:
        theirs[at] = ""
    done = scored(tmp_path, csv_of(id=mine, prob=[0.5] * len(mine)), csv_of(id=theirs, y=[1] * len(theirs)))
    row, file = (at + 1, "l") if fault == "doubled" else (at, "l")
    if fault == "missing":
        file = "p"
    elif fault == "doubled prediction":
        row, file = at + 1, "p"
    assert done.code == 3
    assert f"{file}.csv row {row} (line {row + 2}), column 'id'" in done.err


@pytest.mark.parametrize("more", [1, 3000])
@pytest.mark.parametrize("side", ["predictions", "labels"])
def test_rows_without_partner(side: str, more: int, tmp_path: Path) -> None:
    extra = more if side == "predictions" else 0
    for parquet in (False, True):
        predictions: Content = csv_of(prob=P + [0.5] * extra)
        if parquet:
            predictions = pa.table({"prob": P + [0.5] * extra})
        labels = csv_of(y=Y + [1] * (more if side == "labels" else 0))
        done = scored(tmp_path, predictions, labels, "--threads", 2)
        assert done.code == 3
        assert f"{4 + extra:,} predictions but {4 + (more if side == 'labels' else 0):,} labels" in done.err
        for path in tmp_path.iterdir():
            path.unlink()


def test_a_bad_label_of_a_second_file_is_placed_there(tmp_path: Path) -> None:
    done = scored(tmp_path, csv_of(p_a=[0.5, 0.4], p_b=[0.5, 0.6]), "y\na\nzebra\n")
    assert done.code == 3
    assert "l.csv row 1 (line 3), column 'y': label 'zebra' is none of the classes" in done.err


def test_a_bad_label_found_by_id_is_placed_in_the_label_file(tmp_path: Path) -> None:
    predictions = csv_of(id=[1, 2, 3], p_a=[0.5, 0.4, 0.1], p_b=[0.5, 0.6, 0.9])
    done = scored(tmp_path, predictions, "id,y\n3,a\n1,b\n2,\n")
    assert "l.csv row 2 (line 4), column 'y': the label is missing" in done.err
    done = scored(tmp_path, predictions, "id,y\n3,zebra\n1,b\n2,a\n")
    assert "l.csv row 0 (line 2), column 'y': label 'zebra'" in done.err
    done = scored(tmp_path, predictions, "id,y,w\n3,a,1\n1,b,-1\n2,a,1\n", "--sample-weight", "w")
    assert "l.csv row 1 (line 3), column 'w': the sample weight is -1" in done.err


def test_a_fault_late_in_the_label_file_is_placed(tmp_path: Path) -> None:
    n = 700_000  # several ranges of text
    labels = "y,w\n" + "a,1\n" * (n - 1) + "a,x\n"
    predictions = pa.table({"p_a": np.full(n, 0.5), "p_b": np.full(n, 0.5)})
    done = scored(tmp_path, predictions, labels, "--sample-weight", "w")
    assert done.code == 3
    assert f"l.csv row {n - 1} (line {n + 1}), column 'w': 'x' is not a number" in done.err


def test_ids_across_shards_are_placed_in_their_shard(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"p-1.csv": "id,prob\n1,.5\n2,.5\n", "p-2.csv": "id,prob\n3,.5\n1,.5\n", "l.csv": "id,y\n1,0\n2,1\n3,1\n"},
    )
    done = run("eval", tmp_path / "p-*.csv", tmp_path / "l.csv")
    assert done.code == 3
    assert "p-2.csv row 1 (line 3), column 'id': the id '1' stands in an earlier row too" in done.err


# Several columns as one key, and ids that one of the files does not have.

SEVERAL = [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
KEYED = "site,visit,prob\n" + "".join(f"{s},{v},{p}\n" for (s, v), p in zip(SEVERAL, P, strict=True))
SHUFFLED = "visit,y,site\n" + "".join(f"{SEVERAL[i][1]},{Y[i]},{SEVERAL[i][0]}\n" for i in (2, 0, 3, 1))


@pytest.mark.parametrize("flags", [("--id", "site,visit"), ("--id", "visit", "--id", "site")])
def test_several_columns_make_one_key(flags: tuple[str, ...], tmp_path: Path) -> None:
    assert scored(tmp_path, KEYED, SHUFFLED, *flags).mean == pytest.approx(MEAN, rel=1e-14)
    refused = scored(tmp_path, KEYED, SHUFFLED, "--id", "site")
    assert refused.code == 3
    assert "the id 'b' stands in an earlier row too (2 rows so: 'b', 'a')" in refused.err


def test_parts_of_a_key_do_not_run_together(tmp_path: Path) -> None:
    predictions, labels = "a_id,b_id,prob\nx,yz,.1\nxy,z,.8\n", "a_id,b_id,y\nxy,z,1\nx,yz,0\n"
    done = scored(tmp_path, predictions, labels, "--id", "a_id,b_id")
    assert done.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-14)


def test_several_columns_are_shown_and_written(tmp_path: Path) -> None:
    import json

    import pyarrow.parquet as pq

    write(tmp_path, {"p.csv": KEYED, "l.csv": SHUFFLED})
    command = ("eval", tmp_path / "p.csv", tmp_path / "l.csv", "--id", "site,visit")
    found = json.loads(run(*command, "--format", "json").out)
    assert found["spec"]["columns"]["id"] == ["site", "visit"]
    assert {row["id"] for row in found["worst"]} == {"a|1", "a|2", "b|1", "b|2"}
    assert run(*command, "-q", "--per-sample", tmp_path / "rows.parquet").code == 0
    rows = pq.read_table(tmp_path / "rows.parquet").to_pydict()
    assert list(zip(rows["site"], map(int, rows["visit"]), strict=True)) == SEVERAL
    one = json.loads(run(*command[:3], "--id", "site,visit", "--format", "json").out)
    assert one["spec"]["columns"]["id"] == ["site", "visit"]


MINE = "id,prob\n1,.1\n2,.8\n3,.7\n4,.3\n5,.9\n"
THEIRS = "id,y\n7,1\n4,0\n3,1\n2,1\n1,0\n6,1\n"


def test_ids_of_one_file_only_are_counted_and_shown(tmp_path: Path) -> None:
    done = scored(tmp_path, MINE, THEIRS)
    assert done.code == 3
    assert f"p.csv row 4 (line 6), column 'id': the id '5' is not in {tmp_path}/l.csv" in done.err
    assert f"; 2 ids of {tmp_path}/l.csv (such as '7', '6') are not in {tmp_path}/p.csv" in done.err
    assert "--unmatched drop" in done.err


def test_ids_of_one_file_only_are_dropped_and_counted(tmp_path: Path) -> None:
    import json

    assert scored(tmp_path, MINE, THEIRS, "--unmatched", "drop").mean == pytest.approx(MEAN, rel=1e-14)
    command = ("eval", tmp_path / "p.csv", tmp_path / "l.csv", "--unmatched", "drop")
    found = json.loads(run(*command, "--format", "json").out)
    assert found["counts"]["rows"] == 5
    assert found["counts"]["scored"] == 4
    assert found["counts"]["ignored"] == 1
    assert found["counts"]["unmatched"] == 1
    assert found["counts"]["unmatched_labels"] == 2
    text = "--unmatched drop left out 1 prediction without a label and 2 labels without a prediction"
    assert {"code": "unmatched_dropped", "message": text} in found["warnings"]
    assert run(*command, "-q", "--per-sample", tmp_path / "rows.csv").code == 0
    *rows, last = (tmp_path / "rows.csv").read_text().splitlines()
    assert last == '4,"5",,,,'
    assert len(rows) == 5
    assert run("explain", *command[1:]).code == 0


def test_a_larger_label_file_needs_the_flag_whatever_its_order(tmp_path: Path) -> None:
    for labels in ("id,y\n1,0\n2,1\n3,1\n4,0\n5,1\n", "id,y\n5,1\n4,0\n3,1\n2,1\n1,0\n"):
        predictions = csv_of(id=[1, 2, 3, 4], prob=P)
        refused = scored(tmp_path, predictions, labels)
        assert refused.code == 3
        assert "the id '5' is not in" in refused.err
        assert scored(tmp_path, predictions, labels, "--unmatched", "drop").mean == pytest.approx(MEAN, rel=1e-14)


def test_labels_that_no_prediction_has_name_no_class(tmp_path: Path) -> None:
    predictions = "id,p_cat,p_dog\n1,.7,.3\n2,.4,.6\n"
    labels = "id,y\n1,cat\n2,dog\n3,zebra\n"
    done = scored(tmp_path, predictions, labels, "--unmatched", "drop")
    assert done.mean == pytest.approx(-(math.log(0.7) + math.log(0.6)) / 2, rel=1e-14)


@pytest.mark.parametrize("flags", [(), ("--unmatched", "drop")])
def test_files_without_a_common_id_are_never_scored(flags: tuple[str, ...], tmp_path: Path) -> None:
    done = scored(tmp_path, csv_of(id=["a", "b"], prob=[0.5, 0.5]), csv_of(id=["c", "d"], y=[0, 1]), *flags)
    assert done.code == 3
    assert "'a', 'b' here, 'c', 'd' there" in done.err


def test_rows_without_an_id_have_no_partner(tmp_path: Path) -> None:
    predictions, labels = "id,prob\n1,.1\n,.5\n2,.8\n", "id,y\n2,1\n,1\n1,0\n,0\n"
    assert scored(tmp_path, predictions, labels).code == 3
    done = scored(tmp_path, predictions, labels, "--unmatched", "drop")
    assert done.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-14)
    assert "1 prediction without a label and 2 labels without a prediction" in done.err


def test_repeated_ids_are_refused_whatever_is_dropped(tmp_path: Path) -> None:
    twice, once = "id,prob\n1,.1\n1,.2\n", "id,prob\n1,.1\n2,.2\n"
    for predictions, labels in (
        (twice, "id,y\n1,0\n2,1\n"),
        (once, "id,y\n1,0\n1,1\n2,1\n"),
        (twice, "id,y\n1,0\n1,1\n"),
    ):
        for flags in ((), ("--unmatched", "drop")):
            done = scored(tmp_path, predictions, labels, *flags)
            assert done.code == 3
            assert "the id '1' stands in an earlier row too" in done.err


def test_dropping_by_position_changes_nothing_and_says_so(tmp_path: Path) -> None:
    done = scored(tmp_path, csv_of(prob=P), csv_of(y=Y), "--unmatched", "drop")
    assert done.mean == pytest.approx(MEAN, rel=1e-14)
    assert "--unmatched drop changed nothing" in done.err
    assert scored(tmp_path, csv_of(prob=P), csv_of(y=Y[:3]), "--unmatched", "drop").code == 3


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_dropped_is_what_no_dictionary_would_find(data: st.DataObject, tmp_path: Path) -> None:
    pool = [f"r{i}" for i in range(12)]
    mine = data.draw(st.lists(st.sampled_from(pool), min_size=1, unique=True))
    theirs = data.draw(st.lists(st.sampled_from(pool), min_size=1, unique=True))
    p = {name: (i + 1) / 20 for i, name in enumerate(pool)}
    y = {name: i % 2 for i, name in enumerate(pool)}
    common = [name for name in mine if name in theirs]
    done = scored(
        tmp_path,
        csv_of(id=mine, prob=[p[name] for name in mine]),
        csv_of(id=theirs, y=[y[name] for name in theirs]),
        "--unmatched=drop",
        "--classes=0,1",
    )
    if not common:
        assert done.code == 3
        return
    expected = math.fsum(-math.log(p[name] if y[name] else 1 - p[name]) for name in common) / len(common)
    assert done.mean == pytest.approx(expected, rel=1e-12)


def test_pandas_is_not_needed_for_the_join(tmp_path: Path) -> None:
    import subprocess
    import sys

    write(tmp_path, {"p.csv": MINE, "l.csv": THEIRS})
    script = (
        "import sys; from celoss_cli import evaluate; "
        f"evaluate({str(tmp_path / 'p.csv')!r}, {str(tmp_path / 'l.csv')!r}, unmatched='drop', id=['id']); "
        "assert 'pandas' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_rows_that_where_leaves_out_need_no_id_no_partner_and_no_label(tmp_path: Path) -> None:
    labels = "id,y,split\n1,0,test\n2,1,test\n3,-1,none\n4,,none\n5,x,none\n,7,none\n9,0,none\n"
    write(tmp_path, {"p.csv": "id,p\n2,.7\n1,.2\n3,7\n4,nan\n5,-3\n", "l.csv": labels})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--where", "split=test")
    assert done.mean == pytest.approx(-(math.log(0.7) + math.log(0.8)) / 2, rel=1e-14)
    several = "id,model,p\n2,a,.7\n1,a,.2\n1,b,.9\n2,b,.9\n,b,.9\n8,b,.1\n1,b,nan\n"
    write(tmp_path, {"p.csv": several, "l.csv": "id,y\n1,0\n2,1\n8,0\n"})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--where", "model=a")
    assert done.mean == pytest.approx(-(math.log(0.7) + math.log(0.8)) / 2, rel=1e-14)
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--where", "model=b")
    assert done.code == 3
    assert "row 4 (line 6)" in done.err  # counted in the file, not among the rows that are left


def test_ignored_labels_are_not_looked_at(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "p.csv": "id,Pred\n1,.2\n2,.7\n3,.5\n",
        "l.csv": "id,Pred,Usage\n1,0,a\n2,1,a\n3,-1,b\n",
    }
    write(tmp_path, files)
    wanted = pytest.approx(-(math.log(0.7) + math.log(0.8)) / 2, rel=1e-14)
    arguments = ("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--label", "Pred")
    assert run(*arguments, "--where", "Usage=a").mean == wanted
    done = run(*arguments)
    assert done.code == 3
    assert "--ignore-index -1" in done.err
    assert run(*arguments, "--ignore-index", "-1").mean == wanted


def test_scores_of_rows_left_out_say_nothing_of_the_others(tmp_path: Path) -> None:
    """They would be logits by their range, percentages by their sum, or no numbers at all."""
    wanted = pytest.approx(-(math.log(0.7) + math.log(0.8)) / 2, rel=1e-14)
    own = "id,y,prob,split\n" + "3,-1,7,none\n4,-1,,none\n5,-1,-3,none\n" * 5 + "1,0,.2,test\n2,1,.7,test\n"
    write(tmp_path, {"f.csv": own})
    for arguments in (("--where", "split=test"), ("--ignore-index", "-1")):
        assert run("eval", tmp_path / "f.csv", "-q", *arguments).mean == wanted
