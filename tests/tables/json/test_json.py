"""JSON Lines and JSON: the same outputs in every form that a real writer gives them score the same, to the last bit."""

from __future__ import annotations

import functools
import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.errors import DataError
from celoss_cli.request import ReadOptions
from celoss_cli.tables.json.array import array_as_lines
from celoss_cli.tables.json.lines import open_json_lines
from celoss_cli.tables.opening import open_table
from celoss_cli.tables.source import Kind, Need
from running import mean_of, run, write

CLASSES = ("cat", "dog", "emu")
ROWS = 1500


@functools.cache
def frame() -> pd.DataFrame:
    """Return a model's outputs with 17 digits: more than ``HEAD_ROWS`` rows, so that not all are sampled."""
    rng = np.random.default_rng(3)
    scores = np.exp(rng.normal(size=(ROWS, 3)))
    scores /= scores.sum(axis=1, keepdims=True)
    columns = {f"prob_{name}": scores[:, place] for place, name in enumerate(CLASSES)}
    return pd.DataFrame({"id": np.arange(ROWS), "label": rng.choice(CLASSES, ROWS), **columns})


def records() -> list[dict[str, Any]]:
    return frame().to_dict(orient="records")


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def by_row(columns: dict[Any, Any]) -> dict[Any, Any]:
    return {name: {str(row): value for row, value in column.items()} for name, column in columns.items()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The loss of the same outputs in Parquet."""
    path = tmp_path_factory.mktemp("json") / "f.parquet"
    frame().to_parquet(path, index=False)
    return run("eval", path, "-q").mean


def polars_lines() -> str:
    polars = pytest.importorskip("polars")
    text = io.BytesIO()
    polars.from_pandas(frame()).write_ndjson(text)
    return text.getvalue().decode()


FORMS = {
    "json.dump, lines": ("jsonl", lambda: lines(records())),
    "json.dump, an array": ("json", lambda: json.dumps(records())),
    "json.dump, an array, indented": ("json", lambda: json.dumps(records(), indent=2)),
    "columns of lists": ("json", lambda: json.dumps(frame().to_dict(orient="list"))),
    "columns and data": ("json", lambda: json.dumps(frame().to_dict(orient="split"))),  # pandas and W&B
    "by column and row": ("json", lambda: json.dumps(by_row(frame().to_dict()))),
    "by row and column": ("json", lambda: json.dumps({f"{i}.jpg": r for i, r in enumerate(records())}, indent=4)),
    "one key": ("json", lambda: json.dumps({"predictions": records()})),
    "polars": ("jsonl", polars_lines),
    "CRLF": ("jsonl", lambda: lines(records()).replace("\n", "\r\n")),
    "blank lines": ("jsonl", lambda: lines(records()).replace("\n", "\n \n\n")),
    "no line end": ("jsonl", lambda: lines(records()).rstrip()),
    "byte-order mark": ("jsonl", lambda: "\ufeff" + lines(records())),
    "UTF-16": ("jsonl", lambda: lines(records()).encode("utf-16")),
    "gzip": ("jsonl.gz", lambda: gzip.compress(lines(records()).encode())),
    "zstd": ("json.zst", lambda: pa.compress(json.dumps(records()).encode(), codec="zstd", asbytes=True)),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_loss(name: str, expected: float, tmp_path: Path) -> None:
    form, content = FORMS[name]
    assert mean_of(tmp_path, content(), name="f").mean == expected
    told = json.loads(run("eval", tmp_path / "f", "--format", "json").out)
    assert told["inputs"]["predictions"] == {"path": str(tmp_path / "f"), "format": form, "rows": ROWS}


@pytest.mark.parametrize("orient", ["records", "split", "columns", "index", "table", "lines"])
def test_what_pandas_writes(orient: str, tmp_path: Path) -> None:
    rounded = frame().round(12)  # pandas writes at most 15 digits
    rounded.to_parquet(tmp_path / "f.parquet", index=False)
    how: dict[str, Any] = {"orient": "records", "lines": True} if orient == "lines" else {"orient": orient}
    rounded.to_json(tmp_path / "f.json", double_precision=15, **how)
    assert run("eval", tmp_path / "f.json", "-q").mean == run("eval", tmp_path / "f.parquet", "-q").mean


def test_vectors_and_missing_keys(expected: float, tmp_path: Path) -> None:
    rows = [
        {"label": CLASSES.index(row["label"]), "probs": [row[f"prob_{name}"] for name in CLASSES]} for row in records()
    ]
    assert mean_of(tmp_path, lines(rows)).mean == expected
    del rows[1200]["probs"]
    found = mean_of(tmp_path, lines(rows))
    assert found.code == 3
    assert "row 1200 (line 1201), column 'probs[0]'" in found.err
    assert mean_of(tmp_path, lines(rows), "--invalid", "drop").code == 0


def test_lists_alone_are_the_scores(expected: float, tmp_path: Path) -> None:
    vectors = frame()[[f"prob_{name}" for name in CLASSES]].to_numpy().tolist()
    frame()[["label"]].replace({name: code for code, name in enumerate(CLASSES)}).to_csv(
        tmp_path / "labels.csv", index=False
    )
    for text in (
        lines(vectors),
        json.dumps(vectors),
        json.dumps(vectors, indent=1),
        json.dumps({"predictions": vectors}),
    ):
        assert mean_of(tmp_path, text, name="f").code == 3  # no label
        assert run("eval", tmp_path / "f", tmp_path / "labels.csv", "-q").mean == expected


@pytest.mark.parametrize("spelled", [False, True])
def test_lm_evaluation_harness(spelled: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    scores, labels = -rng.exponential(4.0, (1200, 4)), rng.integers(0, 4, 1200)
    rows = [
        {
            "doc_id": row,
            "doc": {"question": "?", "choices": [1, "b"]},
            "target": str(label) if spelled else int(label),
            "arguments": [["a", " b"], ["a", " c"]],
            "filtered_resps": [[str(v), "False"] if spelled else [v, False] for v in values.tolist()],
            "acc": float(label == values.argmax()),
        }
        for row, (values, label) in enumerate(zip(scores, labels, strict=True))
    ]
    np.savez(tmp_path / "f.npz", logits=scores, labels=labels)
    found = mean_of(tmp_path, lines(rows), name="samples_arc.jsonl")
    assert found.mean == run("eval", tmp_path / "f.npz", "-q").mean
    rows[1100]["filtered_resps"].pop()
    found = mean_of(tmp_path, lines(rows), name="samples_arc.jsonl")
    assert "row 1100 (line 1101), column 'filtered_resps': the vector has 3 elements, not 4" in found.err


def test_numbers_are_exact_and_tokens_of_python_are_known(tmp_path: Path) -> None:
    values = [0.1, 1e-300, 5e-324, 0.30000000000000004, 1e22, float("-inf"), float("inf"), float("nan"), 3, None, -0.0]
    write(tmp_path, {"f": lines([{"x": value} for value in values * 200] + [{"x": 1e308}]) + '{"x": 1e400}\n'})
    table = open_json_lines(
        str(tmp_path / "f"), ReadOptions(), compression=None, encoding="utf-8", array=False, range_size=4096
    )
    read = np.concatenate([b.numbers("x") for p in table.partitions() for b in p.batches({"x": Need.NUMBER})])
    wanted = np.array(
        [np.nan if value is None else value for value in values * 200] + [1e308, np.inf], dtype=np.float64
    )
    assert read.tobytes() == wanted.tobytes() or np.array_equal(read, wanted, equal_nan=True)
    assert len(list(table.partitions())) > 3


def test_labels_of_several_kinds_are_named_alike(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"y": row % 2, "p": 0.25} for row in range(1500)]
    first = mean_of(tmp_path, lines(rows)).mean
    rows[1400]["y"], rows[1401]["y"] = "0", 1.0
    assert mean_of(tmp_path, lines(rows)).mean == first


def test_keys_are_paired_as_text(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": row, "p": 0.25} for row in range(1500)]
    rows[1400]["id"] = "1400"
    write(
        tmp_path, {"f.jsonl": lines(rows), "y.csv": "id,y\n" + "".join(f"{i},{i % 2}\n" for i in reversed(range(1500)))}
    )
    assert run("eval", tmp_path / "f.jsonl", tmp_path / "y.csv", "-q").code == 0


ROW, MANY = '{"y": 1, "p": 0.5}\n', '{"y": 1, "p": 0.5}\n' * 1200
PAIR = '{"y": 1, "p": [0.5, 0.5]}\n'
LATE = "f row 1200 (line 1201)"

BAD: dict[str, tuple[str | bytes, str]] = {
    "a bad line": (ROW + '{"y": 1, "p" 0.5}\n', "f row 1 (line 2): is not valid JSON"),
    "cut off": (ROW + '{"y": 1, "p"', "f row 1 (line 2): is not valid JSON"),
    "text": (ROW + '\n{"y": 1, "p": "high"}\n' + 9 * ROW, "f row 1 (line 3), column 'p': 'high' is not a number"),
    "true": (MANY + '{"y": 1, "p": true}\n', f"{LATE}, column 'p': true is not a number"),
    "a doubled key": (MANY + '{"y": 1, "p": 0.5, "p": 0.1}\n', f"{LATE}: the key 'p' stands twice"),
    "a list among objects": (ROW + "[1, 0.5]\n", "f row 1 (line 2): a record is not an object"),
    "two in a line": (MANY + ROW.strip() + ROW, f"{LATE}: is not valid JSON (Extra data)"),
    "invalid bytes": (MANY.encode() + b'{"y": "\xff", "p": 0.5}\n', f"{LATE}: byte 0xff is not valid UTF-8"),
    "ragged": (PAIR * 1200 + '{"y": 1, "p": [0.5]}\n', f"{LATE}, column 'p': the vector has 1 elements, not 2"),
    "ragged at once": (PAIR + '{"y": 1, "p": [0.5]}\n', "f row 1 (line 2), column 'p': the vector has 1 elements"),
    "mixed lists": (PAIR * 1200 + '{"y": 1, "p": [0.5, "a"]}\n', f"{LATE}, column 'p': element 1: 'a' is not a number"),
    "an open array": (f"[{ROW},\n", "its JSON array is never closed"),
    "a comma too many": (f"[{ROW.strip()},\n{ROW.strip()},\n]", "f row 2 (line 3): is not valid JSON"),
    "two commas": (f"[{ROW.strip()},,{ROW.strip()}]", "f row 1 (line 1): is not valid JSON"),
    "text after an array": (f"[\n{ROW}]\n[{ROW}]", "something follows the end of its JSON array"),
    "an empty array": ("[]", "there is no record in it"),
    "ragged data": ('{"columns": ["y", "p"], "data": [[1, 0.5], [1]]}', "f row 1: expected 2 values, got 1 values"),
    "doubled columns": ('{"columns": ["y", "y"], "data": [[1, 0.5]]}', "the column name 'y' stands twice"),
    "unequal columns": ('{"y": [1, 0], "p": [0.5]}', "different numbers of rows: 'y' 2, 'p' 1"),
    "no table": ('{\n"model": "m", "loss": 0.5}', "is JSON, but no table: its keys are 'model', 'loss'"),
    "sideways": ('{"a": {"x": 1, "z": 2}, "b": {"x": 3, "z": 4}}', "nothing tells which of them are its rows"),
    "NUL": (f"{ROW}\0{ROW}", "is not text: it has a NUL at byte 19"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_json_is_named_and_placed(name: str, tmp_path: Path) -> None:
    content, message = BAD[name]
    found = mean_of(tmp_path, content, name="f")
    assert found.code == 3, found.out
    assert message in found.err
    assert len(found.err.splitlines()) == 2


def test_a_given_form_is_not_doubted(tmp_path: Path) -> None:
    write(tmp_path, {"one": '{"y": [1, 0], "p": [0.5, 0.4]}\n', "csv": "y,p\n1,0.5\n0,0.4\n"})
    assert open_table(str(tmp_path / "one"), ReadOptions()).rows == 2
    assert open_table(str(tmp_path / "one"), ReadOptions(file_format="jsonl")).columns[0].kind is Kind.VECTOR
    with pytest.raises(DataError, match="is not JSON: it begins with 'y,p"):
        open_table(str(tmp_path / "csv"), ReadOptions(file_format="json"))


def test_shards_of_json_lines(tmp_path: Path) -> None:
    rows = records()
    write(tmp_path, {"whole": lines(rows)})
    (tmp_path / "parts").mkdir()
    write(tmp_path / "parts", {f"part-{i}.jsonl": lines(rows[i::3]) for i in range(3)} | {"_SUCCESS": ""})
    assert run("eval", tmp_path / "parts", "-q").mean == run("eval", tmp_path / "whole", "-q").mean


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES, min_size=1), st.sampled_from([None, 1]), st.integers(1, 7), st.booleans())
def test_an_array_in_pieces_is_its_elements(values: list[Any], indent: int | None, size: int, ascii_: bool) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    pieces = ((text[i : i + size], i) for i in range(0, len(text), size))
    found = b"".join(piece for piece, _ in array_as_lines(pieces, "f")).split(b"\n")
    assert found.pop().strip() == b""
    assert [json.loads(line.decode("utf-8", "surrogatepass")) for line in found] == values


def test_values_nested_too_deeply_are_no_bug(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text("[" * 600 + "0.5" + "]" * 600)
    with pytest.raises(DataError):
        open_table(str(tmp_path / "f.json"), ReadOptions())
