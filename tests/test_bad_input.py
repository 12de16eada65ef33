"""Everything that can be wrong with the data: exit code 3, one clear line, one hint, and nothing written."""

from __future__ import annotations

import datetime
import json
import random
import re
from pathlib import Path

import pyarrow as pa
import pytest

from running import Content, run, write

LABELS = pa.array([0, 1, 1])
PAIR = {"p_0": pa.array([0.5, 0.4, 0.1]), "p_1": pa.array([0.5, 0.6, 0.9])}
THREE = "y,p_a,p_b,p_c\na,0.7,0.2,0.1\nb,0.1,0.8,0.1\nc,0.2,0.2,0.6\na,0.6,0.3,0.1\n"
WEIGHTED = "y,p_a,p_b,weight\na,0.7,0.3,1\nb,0.1,0.9,2\nb,0.4,0.6,"
BY_ID = "id,p_a,p_b\n1,0.5,0.5\n2,0.4,0.6\n3,0.2,0.8\n"


def vectors(*rows: list[float | None] | None) -> pa.Array:
    return pa.array(list(rows), pa.list_(pa.float64()))


def parquet(**columns: pa.Array) -> pa.Table:
    return pa.table({"label": LABELS, **columns})


def doubled(*names: str) -> pa.Table:
    arrays = [pa.array(["a", "b"]), *(pa.array([0.5, 0.4]) for _ in names)]
    return pa.Table.from_arrays(arrays, names=["y", *names])


def bytes_of(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def spoiled(content: bytes) -> bytes:
    return content[:10] + b"\xff" * 30 + content[40:]


WHOLE = bytes_of(parquet(**PAIR))
RUBBISH = random.Random(0).randbytes(5000)

LONG_OPEN = (
    '"1,0.5\n' + "0,0.3\n" * 60_000
)  # a quote that is never closed, with more after it than the csv module takes

# name: files, arguments, the error line after "error: ", a word of the hint
CASES: dict[str, tuple[dict[str, Content], str, str, str]] = {
    # files
    "missing file": ({}, "f.csv", "f.csv: there is no such file", "path"),
    "missing labels": ({"f.csv": BY_ID}, "f.csv l.csv", "l.csv: there is no such file", "path"),
    "empty file": ({"f.csv": ""}, "f.csv", "f.csv: is empty", "writes"),
    "blank lines": ({"f.csv": "\n\n"}, "f.csv", "f.csv: is empty", "writes"),
    "header only": ({"f.csv": "y,p_a,p_b\n"}, "f.csv", r"f.csv \(line 1\): no data rows: .*header", "--no-header"),
    "open quote, much after it": (
        {"f.csv": "y,prob\n" + "1,0.7\n" * 30_000 + LONG_OPEN},
        "f.csv",
        r"f.csv row 30000 \(line 30002\): a quoted cell is never closed: .*",
        "close",
    ),
    "open quote in the first row": (
        {"f.csv": "y,prob\n" + LONG_OPEN},
        "f.csv",
        r"f.csv row 0 \(line 2\): a quoted cell is never closed: .*",
        "close",
    ),
    "truncated Parquet": ({"f.parquet": WHOLE[:-20]}, "f.parquet", "f.parquet: not a readable Parquet.*", "truncated"),
    "tiny Parquet": ({"f.parquet": WHOLE[:6]}, "f.parquet", "f.parquet: not a readable Parquet file: .*", "truncated"),
    "spoiled Parquet": ({"f.parquet": spoiled(WHOLE)}, "f.parquet", "f.parquet: not a readable Parquet.*", "truncated"),
    "no rows": ({"f.parquet": parquet(**PAIR).slice(0, 0)}, "f.parquet", "f.parquet: the file has no rows", "writes"),
    "no columns": ({"f.parquet": pa.table({})}, "f.parquet", "f.parquet: the file has no rows", "writes"),
    "binary rubbish": ({"f.csv": RUBBISH}, "f.csv", "f.csv: is not text: .*", "--file-format"),
    "not Parquet": ({"f.csv": THREE}, "f.csv --file-format parquet", "f.csv: not a readable Parquet.*", "truncated"),
    "JSON": (
        {"f.jsonl": '{"label": 1, "score": 0.4}\n{"label": 0, "score" 0.4}\n'},
        "f.jsonl",
        r"f.jsonl row 1 \(line 2\): is not valid JSON .*",
        "correct",
    ),
    "zip": ({"f.xlsx": b"PK\x03\x04" + RUBBISH}, "f.xlsx", "f.xlsx: is a zip archive, which .*", "unpack"),
    "short row": (
        {"f.csv": f"{THREE}a,0.5,0.5\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\): expected 4 fields, got 3.*",
        "row",
    ),
    "long row": (
        {"f.csv": f"{THREE}a,1,0,0,0\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\): expected 4 fields, got 5.*",
        "row",
    ),
    "doubled column, CSV": (
        {"f.csv": "y,p,p\na,.5,.5\n"},
        "f.csv",
        r"f.csv \(line 1\): .*'p'.* positions 2, 3",
        "rename",
    ),
    "doubled column": (
        {"f.parquet": doubled("p", "p")},
        "f.parquet",
        "f.parquet: two columns are called 'p'.*",
        "rename",
    ),
    "doubled column aside": (
        {"f.parquet": doubled("p_a", "p_b", "x", "x")},
        "f.parquet",
        "f.parquet: two columns are called 'x'.*",
        "rename",
    ),
    "no matching shards": ({}, "part-*.csv", r"part-\*.csv: no file matches", "glob"),
    # scores
    "text among scores": (
        {"f.csv": f"{THREE}a,0.5,oops,0.1\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'p_b': 'oops' is not a number",
        "--pred",
    ),
    "text late": (
        {"f.csv": THREE + "a,0.7,0.2,0.1\n" * 1500 + "a,0.5,oops,0.1\n"},
        "f.csv",
        r"f.csv row 1504 \(line 1506\), column 'p_b': 'oops' is not a number",
        "--pred",
    ),
    "NaN": (
        {"f.csv": f"{THREE}a,nan,0.2,0.1\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'p_a': .*NaN or empty",
        "--invalid drop",
    ),
    "empty cell": (
        {"f.csv": f"{THREE}a,0.7,,0.1\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'p_b': .*NaN or empty",
        "--invalid drop",
    ),
    "a column without a value": (
        {"f.csv": "y,p_a,p_b\na,0.7,\nb,0.1,\n"},
        "f.csv",
        r"f.csv row 0 \(line 2\), column 'p_b': .*NaN.*2 rows so\)",
        "--invalid drop",
    ),
    "no scores at all": (
        {"f.csv": "y_true,prob\n0,\n1,\n"},
        "f.csv",
        r"f.csv: no column of numbers.*'prob' \(no value\)",
        "--pred",
    ),
    "null": (
        {"f.parquet": parquet(p_0=pa.array([0.5, None, 0.1]), p_1=PAIR["p_1"])},
        "f.parquet",
        "f.parquet row 1, column 'p_0': the score is NaN or empty",
        "--invalid drop",
    ),
    "inf": (
        {"f.csv": f"{THREE}a,inf,0.2,0.1\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'p_a': the score is inf.*",
        "as float32 or float64",
    ),
    "inf, given": (
        {"f.csv": f"{THREE}a,inf,0,0\n"},
        "f.csv --input probs",
        r"f.csv row 4 \(line 6\), column 'p_a': the score is inf.*",
        "as float32 or float64",
    ),
    "-inf in probabilities": (
        {"f.csv": f"{THREE}a,-inf,0,0\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'p_a': the score is -inf.*",
        "--input logits",
    ),
    "inf in logits": (
        {"f.csv": f"{THREE}a,inf,0,0\n"},
        "f.csv --input logits",
        r"f.csv row 4 \(line 6\), column 'p_a': the score is inf.*",
        "",
    ),
    "outside [0, 1], given": (
        {"f.csv": f"{THREE}a,-0.1,0.2,0.9\n"},
        "f.csv --input probs",
        r"f.csv row 4 \(line 6\), column 'p_a': -0.1 is not a probability: outside \[0, 1\] .*",
        "--clip EPS",
    ),
    "outside [0, 1], detected": (
        {"f.csv": f"{THREE}a,-0.1,0.2,0.9\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'p_a': -0.1 is not a probability, but .* no range of logits \(1 row of 5 .*",
        "--input probs --clip EPS",
    ),
    "a row of zeros": ({"f.csv": f"{THREE}a,0,0,0\n"}, "f.csv", r"f.csv row 4 \(line 6\): .*all 0", "written"),
    "a row of zeros, given": (
        {"f.csv": f"{THREE}a,0,0,0\n"},
        "f.csv --input probs",
        r"f.csv row 4 \(line 6\): .*all 0",
        "",
    ),
    "a row of zeros, renormalised": (
        {"f.csv": f"{THREE}a,0,0,0\n"},
        "f.csv --renormalize",
        r"f.csv row 4 \(line 6\): .*all 0",
        "",
    ),
    "far from 1": (
        {"f.csv": f"{THREE}a,0.5,0.2,0.1\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\): .* sum to 0.8, not to 1.*",
        "--renormalize",
    ),
    "all ≤ 0": (
        {"f.csv": "y_true,s\n0,-2.1\n1,-0.3\n"},
        "f.csv",
        "f.csv column 's': all scores are ≤ 0 .*",
        "--input logprobs",
    ),
    "hard predictions": (
        {"f.csv": "y,p_a,p_b\na,1,0\nb,0,1\n"},
        "f.csv",
        "f.csv: all scores are exactly 0 or 1.*",
        "--input probs",
    ),
    "hard predictions, one column": (
        {"f.csv": "y_true,prob\n0,1\n1,1\n"},
        "f.csv",
        "f.csv column 'prob': all scores are exactly 0 or 1.*",
        "--input probs",
    ),
    "percentages, strict": (
        {"f.csv": "y,p_a,p_b\na,70,30\nb,11,89\n"},
        "f.csv --strict",
        "f.csv: --strict: input .*sum to 100.*",
        "--allow guessed_input",
    ),
    "percentages, one row off": (
        {"f.csv": "y,p_a,p_b\na,70,30\nb,11,89\na,50,40\n"},
        "f.csv",
        r"f.csv row 2 \(line 4\): .*sum to 0.9.*",
        "",
    ),
    "argmax": (
        {"f.tsv": "index\tprediction\n0\tcat\n1\tdog\n"},
        "f.tsv",
        "f.tsv: .*'prediction'.*no cross-entropy can be computed.*",
        "predict_proba",
    ),
    "argmax, numbers": (
        {"f.tsv": "index\tprediction\n0\t2\n1\t0\n"},
        "f.tsv",
        "f.tsv: .*no cross-entropy can be computed.*",
        "predict_proba",
    ),
    "argmax beside labels": (
        {"f.csv": "y_true,y_pred\n0,1\n1,1\n"},
        "f.csv",
        "f.csv: .*no cross-entropy can be computed.*",
        "predict_proba",
    ),
    "argmax, two files": (
        {"f.csv": "prediction\ncat\ndog\n", "l.csv": "y\ncat\ndog\n"},
        "f.csv l.csv",
        "f.csv: .*no cross-entropy can be.*",
        "predict_proba",
    ),
    "only an id and a label": (
        {"f.csv": "id,label\n1,a\n2,b\n"},
        "f.csv",
        "f.csv: no column of numbers is left for the predictions",
        "--pred",
    ),
    # vectors and types
    "null vector": (
        {"f.parquet": parquet(p=vectors([0.5, 0.5], None, [0, 1]))},
        "f.parquet",
        r"f.parquet row 1, column 'p\[0\]': .*NaN.*",
        "drop",
    ),
    "null in a vector": (
        {"f.parquet": parquet(p=vectors([0.5, 0.5], [0.4, None], [0, 1]))},
        "f.parquet",
        r"f.parquet row 1, column 'p\[1\]': .*NaN.*",
        "drop",
    ),
    "ragged vector": (
        {"f.parquet": parquet(p=vectors([0.5, 0.5], [0.4, 0.3, 0.3], [0, 1]))},
        "f.parquet",
        "f.parquet row 1, column 'p': the vector has 3 elements, not 2.*",
        "one score per class",
    ),
    "ragged vector, late": (
        {"f.parquet": pa.table({"label": [0] * 1501, "p": [[0.5, 0.5]] * 1500 + [[0.4, 0.3, 0.3]]})},
        "f.parquet",
        "f.parquet row 1500, column 'p': the vector has 3 elements, not 2.*",
        "one score per class",
    ),
    "vectors of none": (
        {"f.parquet": parquet(p=vectors([], [], []))},
        "f.parquet",
        "f.parquet column 'p': its vectors have 0 elements:.*",
        "--pred",
    ),
    "vectors beside vectors": (
        {"f.parquet": parquet(one=vectors([5, 5], [4, 6], [1, 9]), other=vectors([5, 5], [4, 6], [1, 9]))},
        "f.parquet",
        "f.parquet: several columns may hold.*",
        "--pred",
    ),
    "words among numbers in text": (
        {"f.parquet": parquet(p_0=pa.array(["0.5", "0.4", "no"]), p_1=pa.array(["0.5", "0.6", "0.9"]))},
        "f.parquet",
        "f.parquet row 2, column 'p_0': 'no' is not a number",
        "--pred",
    ),
    "structs": (
        {"f.parquet": parquet(p=pa.array([{"a": "x"}] * 3))},
        "f.parquet",
        "f.parquet: no column of numbers.*'p.a'.*",
        "--pred",
    ),
    "dates as scores": (
        {"f.parquet": parquet(day=pa.array([datetime.date(2020, 1, 1)] * 3), **PAIR)},
        "f.parquet --pred day",
        "f.parquet column 'day': holds no scores but date32.*",
        "--pred",
    ),
    "vectors as labels": (
        {"f.parquet": parquet(t=vectors([1, 0, 0], [1, 0, 0], [1, 0, 0]), **PAIR)},
        "f.parquet --label t",
        "f.parquet column 't': the labels have 3 numbers a row, the predictions 2",
        "",
    ),
    "structs as labels": (
        {"f.parquet": parquet(t=pa.array([{"a": 1}] * 3), **PAIR)},
        "f.parquet --label t",
        "f.parquet column 't': holds several values.*",
        "--label",
    ),
    "vectors as ids": (
        {"f.parquet": parquet(t=vectors([1, 0, 0], [1, 0, 0], [1, 0, 0]), **PAIR)},
        "f.parquet --id t",
        "f.parquet column 't': holds several values.*",
        "--id",
    ),
    "vectors as weights": (
        {"f.parquet": parquet(t=vectors([1, 0, 0], [1, 0, 0], [1, 0, 0]), **PAIR)},
        "f.parquet --sample-weight t",
        "f.parquet column 't': holds no numbers.*",
        "",
    ),
    # labels
    "missing label": (
        {"f.csv": f"{THREE},0.7,0.2,0.1\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'y': the label is missing",
        "--invalid drop",
    ),
    "null label": (
        {"f.parquet": pa.table({"label": pa.array([0, None, 1]), **PAIR})},
        "f.parquet",
        "f.parquet row 1, column 'label': the label is missing",
        "drop",
    ),
    "labels of no value": (
        {"f.parquet": pa.table({"label": pa.nulls(3), **PAIR})},
        "f.parquet",
        "f.parquet row 0, column 'label': .*missing.*",
        "drop",
    ),
    "unknown label": (
        {"f.csv": f"{THREE}zebra,0.7,0.2,0.1\n"},
        "f.csv",
        r"f.csv row 4 \(line 6\), column 'y': label 'zebra' is none of the classes 'a', 'b', 'c'",
        "--classes",
    ),
    "label out of range": (
        {"f.csv": "y,pa,pb,pc\n0,0.7,0.2,0.1\n1,0.1,0.8,0.1\n7,0.2,0.2,0.6\n"},
        "f.csv",
        r"f.csv row 2 \(line 4\), column 'y': label '7' is none of the classes 'pa', 'pb', 'pc'",
        "--classes",
    ),
    "label out of range, vectors": (
        {"f.parquet": pa.table({"label": [0, 7, 1], "p": vectors([0.5, 0.5], [0.4, 0.6], [0.3, 0.7])})},
        "f.parquet",
        "f.parquet row 1, column 'label': label '7' is none of the classes '0', '1'",
        "--classes",
    ),
    "negative label": (
        {"f.csv": "y,p0,p1\n0,0.7,0.3\n-1,0.7,0.3\n1,0.1,0.9\n"},
        "f.csv",
        r"f.csv row 1 \(line 3\), column 'y': label '-1' is none of.*",
        "--ignore-index -1",
    ),
    "three labels, one column": (
        {"f.csv": "y_true,prob\n0,.1\n1,.2\n2,.3\n"},
        "f.csv",
        "f.csv column 'y_true': one prediction column, but 3 labels.*",
        "--pred",
    ),
    "no positive class": (
        {"f.csv": "y_true,prob\nspam,.1\nham,.2\n"},
        "f.csv",
        "f.csv column 'y_true': nothing says which of the labels.*",
        "--positive",
    ),
    "columns of other names": (
        {"f.csv": "y,u,v\na,.1,.9\nb,.2,.8\n"},
        "f.csv",
        "f.csv column 'y': no prediction column is named after a label.*",
        "--classes",
    ),
    "words against positions": (
        {"f.csv": "y,p_yes,p_no\n0,.1,.9\n1,.8,.2\n"},
        "f.csv",
        "f.csv column 'y': labels '0', '1' as positions would make class 0 of column 'p_yes'.*",
        "--classes",
    ),
    "no label column": (
        {"f.csv": "p_a,p_b\n.1,.9\n.2,.8\n"},
        "f.csv",
        "f.csv: no column is recognisable as the label.*",
        "--label",
    ),
    # two files
    "fewer labels": (
        {"f.csv": "p_a,p_b\n.5,.5\n.4,.6\n.1,.9\n", "l.csv": "y\na\nb\n"},
        "f.csv l.csv",
        "f.csv: 3 predictions but 2 labels in l.csv",
        "--id",
    ),
    "more labels": (
        {"f.csv": "p_a,p_b\n.5,.5\n.4,.6\n", "l.csv": "y\na\nb\na\n"},
        "f.csv l.csv",
        "f.csv: 2 predictions but 3 labels in l.csv",
        "--id",
    ),
    "doubled id in labels": (
        {"f.csv": BY_ID, "l.csv": "id,y\n3,b\n1,a\n1,b\n2,b\n"},
        "f.csv l.csv",
        r"l.csv row 2 \(line 4\), column 'id': the id '1' stands in an earlier.*",
        "--id",
    ),
    "doubled id in predictions": (
        {"f.csv": f"{BY_ID}1,.5,.5\n", "l.csv": "id,y\n3,b\n1,a\n2,b\n"},
        "f.csv l.csv",
        r"f.csv row 3 \(line 5\), column 'id': the id '1' stands.*",
        "--id",
    ),
    "id without label": (
        {"f.csv": BY_ID, "l.csv": "id,y\n3,b\n1,a\n"},
        "f.csv l.csv",
        r"f.csv row 1 \(line 3\), column 'id': the id '2' is not in l.csv",
        "--id",
    ),
    "id without prediction": (
        {"f.csv": BY_ID, "l.csv": "id,y\n3,b\n1,a\n2,b\n9,a\n"},
        "f.csv l.csv",
        r"l.csv row 3 \(line 5\), column 'id': the id '9' is not in f.csv",
        "--id",
    ),
    "empty id in labels": (
        {"f.csv": BY_ID, "l.csv": "id,y\n3,b\n,a\n2,b\n"},
        "f.csv l.csv",
        r"l.csv row 1 \(line 3\), column 'id': the id is missing",
        "--id",
    ),
    "empty id in predictions": (
        {"f.csv": f"{BY_ID},.5,.5\n", "l.csv": "id,y\n3,b\n1,a\n2,b\n"},
        "f.csv l.csv",
        r"f.csv row 3 \(line 5\), column 'id': the id is missing",
        "--id",
    ),
    "the same file twice": (
        {"f.csv": THREE},
        "f.csv ./f.csv",
        "./f.csv: is given twice, as PREDICTIONS and as LABELS",
        "--label",
    ),
    "shards by an unquoted glob": (
        {"a.csv": THREE, "b.csv": THREE},
        "a.csv b.csv",
        "b.csv: holds the prediction columns too: p_a, p_b, p_c",
        "quote the glob",
    ),
    # weights
    "negative class weight": (
        {"f.csv": THREE},
        "f.csv --class-weight=-1,1,1",
        "the class weight of number 1 is -1; .*",
        "--class-weight",
    ),
    "class weight NaN": (
        {"f.csv": THREE},
        "f.csv --class-weight a=nan",
        "the class weight of a is nan; .*",
        "--class-weight",
    ),
    "too few class weights": (
        {"f.csv": THREE},
        "f.csv --class-weight 1,2",
        "--class-weight has 2 weights for 3 classes: 'a', 'b', 'c'",
        "order",
    ),
    "class weight of nobody": (
        {"f.csv": THREE},
        "f.csv --class-weight z=2",
        "--class-weight names 'z', which is none of the classes.*",
        "names",
    ),
    "class weights all 0": (
        {"f.csv": THREE},
        "f.csv --class-weight 0,0,0",
        "f.csv: all weights are zero.*",
        "--class-weight",
    ),
    "class weights, no file": (
        {"f.csv": THREE},
        "f.csv --class-weight w.csv",
        "w.csv: cannot be read: No such file or directory",
        "csv",
    ),
    "class weights, no numbers": (
        {"f.csv": THREE, "w.json": '{"a": "x"}'},
        "f.csv --class-weight w.json",
        "w.json: the class weight of a is 'x'; .*",
        "--class-weight",
    ),
    "class weights, endless number": (
        {"f.csv": THREE, "w.json": f'{{"a": 1{"0" * 400}}}'},
        "f.csv --class-weight w.json",
        "w.json: the class weight of a is 1000.*",
        "--class-weight",
    ),
    "class weights, doubled": (
        {"f.csv": THREE, "w.csv": "a,1\na,2\n"},
        "f.csv --class-weight w.csv",
        "w.csv: 'a' stands there twice",
        "csv",
    ),
    "class weights, ragged": (
        {"f.csv": THREE, "w.csv": "a,1\nb\n"},
        "f.csv --class-weight w.csv",
        "w.csv: not two columns.*",
        "csv",
    ),
    "class weights, not JSON": (
        {"f.csv": THREE, "w.json": "{"},
        "f.csv --class-weight w.json",
        "w.json: not JSON.*",
        "json",
    ),
    "negative sample weight": (
        {"f.csv": f"{WEIGHTED}-1\n"},
        "f.csv --sample-weight weight",
        r"f.csv row 2 \(line 4\), column 'weight': the sample weight is -1;.*",
        "--sample-weight",
    ),
    "empty sample weight": (
        {"f.csv": f"{WEIGHTED}\n"},
        "f.csv --sample-weight weight",
        r"f.csv row 2 \(line 4\), column 'weight': the sample weight is nan;.*",
        "--sample-weight",
    ),
    "infinite sample weight": (
        {"f.csv": f"{WEIGHTED}inf\n"},
        "f.csv --sample-weight weight",
        r"f.csv row 2 \(line 4\), column 'weight': the sample weight is inf;.*",
        "--sample-weight",
    ),
    "text for a weight": (
        {"f.csv": f"{WEIGHTED}x\n"},
        "f.csv --sample-weight weight",
        r"f.csv row 2 \(line 4\), column 'weight': 'x' is not a number",
        "",
    ),
    "names for weights": (
        {"f.csv": THREE},
        "f.csv --sample-weight y",
        "f.csv column 'y': holds no numbers.*",
        "--sample-weight",
    ),
    "sample weights all 0": (
        {"f.csv": "y,a,b,w\na,.5,.5,0\nb,.4,.6,0\n"},
        "f.csv --sample-weight w",
        "f.csv: all weights are zero.*",
        "--sample-weight",
    ),
    # selection and roles
    "no rows selected": (
        {"f.csv": THREE},
        "f.csv --where y=zebra",
        "f.csv: none of the 4 rows is left to score; in the first rows 'y' has 'a', 'b', 'c'",
        "--where",
    ),
    "no rows left": (
        {"f.csv": "y,a,b\n,.5,.5\n,.4,.6\n"},
        "f.csv --invalid drop --label y",
        "f.csv: none of the 2 rows is left to score",
        "--invalid",
    ),
    "condition on no column": (
        {"f.csv": THREE},
        "f.csv --where fold=1",
        "f.csv: there is no column 'fold'.*",
        "--where",
    ),
    "no such label": (
        {"f.csv": THREE},
        "f.csv --label yy",
        "f.csv: there is no column 'yy'; the columns are 'y', 'p_a', 'p_b', 'p_c'",
        "--label",
    ),
    "no such prediction": ({"f.csv": THREE}, "f.csv --pred q*", r"f.csv: no column matches 'q\*'.*", "--pred"),
    "no such id": ({"f.csv": THREE}, "f.csv --id key", "f.csv: there is no column 'key'.*", "--id"),
    "a name almost right": (
        {"f.csv": f"{WEIGHTED}1\n"},
        "f.csv --sample-weight wieght",
        "f.csv: there is no column 'wieght'.*",
        "did you mean --sample-weight weight",
    ),
    "two roles": (
        {"f.csv": THREE},
        "f.csv --label y --pred y,p_a",
        "column 'y' is given as --pred and as --label",
        "one role",
    ),
    "classes for other columns": (
        {"f.csv": THREE},
        "f.csv --classes a,b",
        "f.csv column 'y': --classes names 2 classes, but there are 3.*",
        "order",
    ),
    "positive of no class": (
        {"f.csv": THREE},
        "f.csv --positive z",
        "f.csv column 'y': --positive 'z' is none of the classes.*",
        "one of them",
    ),
    "binary with three columns": (
        {"f.csv": THREE},
        "f.csv --task binary",
        "f.csv: --task binary, but there are 3 prediction columns.*",
        "--pred",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_data_end_in_one_line_and_nothing_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, arguments, message, hint = CASES[name]
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    outputs = ["--report", "r.json", "--report", "r.md", "--report", "r.csv", "--per-sample", "rows.csv"]
    done = run("eval", *arguments.split(), *outputs)
    assert (done.code, done.out) == (3, ""), done.err
    error, *rest = done.err.splitlines()
    assert re.fullmatch(f"error: {message}", error), error
    assert len(rest) == 1, "an error is one line and one hint"
    assert rest[0].startswith("hint: ")
    assert hint in rest[0]
    assert {path.name for path in tmp_path.iterdir()} == {*files, "r.json", "r.md"}
    assert (tmp_path / "r.md").read_text(encoding="utf-8").startswith("### celoss eval: ERROR\n")
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert document["schema"] == "celoss.error"
    assert document["error"]["exit_code"] == 3
    assert document["error"]["message"] in error
    assert f"hint: {document['error']['hint']}" == rest[0]


def test_a_directory_without_data(tmp_path: Path) -> None:
    write(tmp_path, {"_SUCCESS": "", ".crc": "x"})
    done = run("eval", tmp_path)
    assert done.code == 3
    assert "there is no data file in it" in done.err


def test_a_vector_that_grows_in_a_later_row_group(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = pa.table({"label": [0] * 1501, "p": [[0.5, 0.5]] * 1000 + [[0.4, 0.3, 0.3]] * 501})
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=1000)
    done = run("eval", tmp_path / "f.parquet", "-q", "--threads", 2)
    assert done.code == 3
    assert "row 1000, column 'p': the vector has 3 elements, not 2" in done.err


def test_parquet_of_empty_row_groups_is_read(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = parquet(**PAIR)
    with pq.ParquetWriter(tmp_path / "f.parquet", table.schema) as writer:
        for part in (table.slice(0, 0), table, table.slice(0, 0)):
            writer.write_table(part)
    write(tmp_path, {"g.parquet": table})
    assert run("eval", tmp_path / "f.parquet", "-q").mean == run("eval", tmp_path / "g.parquet", "-q").mean


def test_numbers_as_text_in_parquet_are_numbers(tmp_path: Path) -> None:
    texts = parquet(p_0=pa.array(["0.5", " 0.4", "1e-1"]), p_1=pa.array(["0.5", "0.6", "0.9"]))
    write(tmp_path, {"f.parquet": texts, "g.parquet": parquet(**PAIR)})
    assert run("eval", tmp_path / "f.parquet", "-q").mean == run("eval", tmp_path / "g.parquet", "-q").mean


@pytest.mark.parametrize(
    ("content", "nulls"),
    [
        ("y,p_a,p_b\na,.7,.3\n", {"standard_error", "ci95"}),
        ("y,p_a,p_b\na,.7,.3\na,.6,.4\n", set()),
        ("y_true,prob\n1,.7\n1,.6\n", set()),
        ("y_true,prob\n0,.7\n", {"standard_error", "ci95"}),
    ],
)
def test_one_row_or_one_class_is_scored(content: str, nulls: set[str], tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": content})
    done = run("eval", tmp_path / "f.csv", "--format", "json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["loss"]["mean"] > 0
    assert {
        name for name in ("mean", "sum", "standard_error", "ci95", "perplexity") if document["loss"][name] is None
    } == nulls
    assert document["baselines"]["prior"] == 0
    assert document["baselines"]["skill_vs_prior"] is None


def test_percentages_are_divided_and_said(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p_a,p_b\na,70,30\nb,11,89\n", "g.csv": "y,p_a,p_b\na,.70,.30\nb,.11,.89\n"})
    done = run("eval", tmp_path / "f.csv", "--format", "json")
    document = json.loads(done.out)
    assert document["loss"]["mean"] == pytest.approx(run("eval", tmp_path / "g.csv", "-q").mean, rel=1e-15)
    assert "percentages" in [notice["code"] for notice in document["warnings"]]


def test_rows_off_by_little_are_scored_with_a_warning(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p_a,p_b\na,.700,.310\nb,.110,.890\n"})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert done.code == 0
    assert "1 row does not sum to 1, by up to 0.01 at row 0 (line 2)" in done.err


def test_an_output_that_cannot_be_written_is_found_before_the_work(tmp_path: Path) -> None:
    for option, name in (("--report", "no/r.json"), ("--per-sample", "no/r.csv"), ("--report", "d.md")):
        (tmp_path / "d.md").mkdir(exist_ok=True)
        done = run("eval", tmp_path / "missing.csv", option, tmp_path / name)  # not read before the output is tried
        assert done.code == 3
        assert str(tmp_path / name) in done.err
