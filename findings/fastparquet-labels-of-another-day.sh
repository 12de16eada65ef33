#!/bin/sh
# fastparquet 2026.9.0: of two days of categorical labels in one data set, the first comes back with the labels of the second.
#
# Parquet keeps the values of a categorical column apart for every row group: "cat, dog" are 0, 1 on Monday and "dog, fox" are
# 0, 1 on Tuesday. fastparquet joins the numbers and gives all of them the values of the row group read last. The label
# "cat" is gone, every label of Monday is a wrong one that looks right, and nothing is said. It takes no option: a column that
# was categorical in pandas is read so, from a folder of files, from one file with two row groups, and from a file that
# fastparquet itself appended to. pyarrow reads all three as they were written. An open issue describes the last of them
# (dask/fastparquet 949). Labels in the form of plain text are right, unless categories=["label"] asks for less memory, for
# which the documentation only wants a dictionary in every row group, not the same one.
#
# Seen (pandas 3.1.1, pyarrow 26.0.1, numpy 2.4.6), a probability of 0.8 for the right label and 0.1 for the two others:
#                                   labels                     log loss
#   folder                          dog dog fox fox dog fox    1.2629
#   groups.parquet                  dog dog fox fox dog fox    1.2629
#   appended.parquet                dog dog fox fox dog fox    1.2629
#   text.parquet                    cat cat dog fox dog fox    0.2231
#   text.parquet, as categories     fox fox dog fox dog fox    0.9163
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check fastparquet==2026.9.0 pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import pathlib

import fastparquet
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

days = [["cat", "cat", "dog"], ["fox", "dog", "fox"]]
truth = days[0] + days[1]
scores = {name: [0.8 if label == name else 0.1 for label in truth] for name in ("cat", "dog", "fox")}


def frame(labels):
    return pd.DataFrame({"label": pd.Categorical(labels), "row": range(len(labels))})


pathlib.Path("folder").mkdir()
for day, labels in enumerate(days):
    frame(labels).to_parquet(f"folder/{day}.parquet", engine="pyarrow")
    fastparquet.write("appended.parquet", frame(labels), append=day > 0)
tables = [pa.Table.from_pandas(frame(labels)) for labels in days]
with pq.ParquetWriter("groups.parquet", tables[0].schema) as writer:
    for table in tables:
        writer.write_table(table)
pq.write_table(pa.table({"label": truth}), "text.parquet", row_group_size=3)

print(f"{'':32}labels                     log loss")
for name, how in [(n, {}) for n in ("folder", "groups.parquet", "appended.parquet", "text.parquet")] + [
    ("text.parquet", {"categories": ["label"]})
]:
    labels = fastparquet.ParquetFile(name).to_pandas(columns=["label"], **how)["label"].tolist()
    loss = -np.log([scores[label][row] for row, label in enumerate(labels)]).mean()
    print(f"{name + (', as categories' if how else ''):32}{' '.join(labels):27}{loss:.4f}")
    assert pq.read_table(name)["label"].to_pylist() == truth
    if name == "text.parquet" and not how:
        assert labels == truth
    elif not how:
        assert labels == ["dog", "dog", "fox", "fox", "dog", "fox"]
    else:
        assert labels[:2] != ["cat", "cat"]
PYTHON
