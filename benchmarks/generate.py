"""Make rows as a calibrated model would give them, from a seed: ``python -m benchmarks.generate JSON DIRECTORY``.

The rows are those of a Gaussian classifier. The features of a row are noise plus ``signal`` in the direction of its
class, classes are not equally frequent, and the logits are the true log-posterior up to a constant. So the loss is what
a good model has on a hard task (a mean between 0.5 and 1 nats), some rows are confident and wrong, and no score
repeats. Rows come in blocks of fixed size with a seed each; memory holds a few blocks, or one Parquet row group.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.data import Dataset, Form

SEED = 20_240_229
ROW_GROUP = 1 << 20  # pyarrow's default
CSV_DIGITS = 6

Scores = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]
Write = Callable[[Scores, Labels], None]


def signal(classes: int) -> float:
    """How far the classes stand apart, for a mean loss of about 0.57 (2 classes), 0.7 (10) and 0.72 (1000)."""
    return {2: 1.0, 10: 2.3, 1000: 4.2}[classes]


def frequencies(classes: int) -> npt.NDArray[np.float64]:
    """How often each class occurs, shape (classes,): the first is 1.5 (of two) to 2.5 times as frequent as the last."""
    weight = np.array([0.6, 0.4]) if classes == 2 else 1 / (1 + 1.5 * np.arange(classes) / classes)
    return np.asarray(weight / weight.sum())


def block(dataset: Dataset, number: int, rows: int) -> tuple[Scores, Labels]:
    """Scores of shape (rows, columns), as they are to be stored, and int64 labels of shape (rows,).

    Of tokens the labels are the lengths of the rows, whose first scores are theirs.
    """
    rng = np.random.default_rng([SEED, dataset.classes, number])
    if dataset.form is Form.TOKENS:
        lengths = rng.integers(dataset.classes // 2, dataset.classes + dataset.classes // 2 + 1, rows)
        return -rng.gamma(0.5, 4.0, (rows, 2 * dataset.classes)).astype(np.float32), lengths
    prior, apart = frequencies(dataset.classes), signal(dataset.classes)
    label = np.searchsorted(np.cumsum(prior)[:-1], rng.random(rows), side="right").astype(np.int64)
    noise = rng.standard_normal((rows, dataset.columns), dtype=np.float32)
    if dataset.classes == 2:
        logit = apart * (noise[:, 0].astype(np.float64) + apart * (label - 0.5)) + math.log(prior[1] / prior[0])
        scores: Scores = (1 / (1 + np.exp(-logit)))[:, None].astype(np.float32)
    else:
        noise[np.arange(rows), label] += np.float32(apart)
        scores = np.float32(apart) * noise + np.log(prior).astype(np.float32)
    # The decimals are the data: every reader has to find the same numbers in a text file.
    return (scores.astype(np.float64).round(CSV_DIGITS) if dataset.printed else scores), label


def losses(dataset: Dataset, scores: Scores, label: Labels) -> npt.NDArray[np.float64]:
    """Cross-entropy of each row in nats, float64, shape (rows,), by the textbook's stable formulas."""
    exact = scores.astype(np.float64)
    if dataset.form is Form.TOKENS:
        return np.where(np.arange(exact.shape[1]) < label[:, None], -exact, 0.0).sum(axis=1)
    if exact.shape[1] == 1:
        return np.where(label == 1, -np.log(exact[:, 0]), -np.log1p(-exact[:, 0]))
    top = exact.max(axis=1)
    target = exact[np.arange(len(exact)), label]
    return np.asarray(top + np.log(np.exp(exact - top[:, None]).sum(axis=1)) - target)


def table(dataset: Dataset, scores: Scores, label: Labels) -> pa.Table:
    """The rows under the names that the peers know: ``prob``, ``logit_0``… or ``logits``, then ``label``."""
    if dataset.form is Form.TOKENS:
        kept = scores[np.arange(scores.shape[1]) < label[:, None]]
        starts = np.concatenate([[0], np.cumsum(label)]).astype(np.int32)
        tokens: Any = pa.ListArray.from_arrays(starts, kept)  # type: ignore[call-overload]
        return pa.table({"logprobs": tokens})
    if dataset.form is Form.LIST:
        ends = np.arange(0, scores.size + 1, dataset.columns, dtype=np.int32)
        rows: Any = pa.ListArray.from_arrays(ends, scores.ravel())  # type: ignore[call-overload]
        return pa.table({"logits": rows, "label": cast("Any", label)})
    names = ["prob"] if dataset.classes == 2 else [f"logit_{k}" for k in range(dataset.columns)]
    columns: dict[str, Any] = {name: np.ascontiguousarray(scores[:, k]) for k, name in enumerate(names)}
    return pa.table({**columns, "label": cast("Any", label)})


@contextmanager
def parquet(dataset: Dataset, files: list[Path]) -> Iterator[Write]:
    """pyarrow's defaults: snappy, row groups of 1 Mi rows."""
    waiting: list[pa.Table] = []

    def flush() -> None:
        writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP)
        waiting.clear()

    def write(scores: Scores, label: Labels) -> None:
        waiting.append(table(dataset, scores, label))
        if sum(part.num_rows for part in waiting) >= ROW_GROUP:
            flush()

    with pq.ParquetWriter(files[0], table(dataset, *block(dataset, 0, 1)).schema) as writer:
        yield write
        if waiting:
            flush()


@contextmanager
def csv(dataset: Dataset, files: list[Path]) -> Iterator[Write]:
    """A plain header and nothing quoted, as pandas would write it; compressed if the form says so."""
    schema = table(dataset, *block(dataset, 0, 1)).schema
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    opened: Any = gzip.open if dataset.form is Form.GZIP else open
    with opened(files[0], "wb") as file:
        file.write((",".join(schema.names) + "\n").encode())
        with pyarrow.csv.CSVWriter(file, schema, write_options=options) as writer:
            yield lambda scores, label: writer.write_table(table(dataset, scores, label))


@contextmanager
def npy(dataset: Dataset, files: list[Path]) -> Iterator[Write]:
    """Scores of shape (rows, columns) and labels of shape (rows,), written through a memory map."""
    scores_file = np.lib.format.open_memmap(files[0], "w+", np.float32, (dataset.rows, dataset.columns))
    label_file = np.lib.format.open_memmap(files[1], "w+", np.int64, (dataset.rows,))
    done = 0

    def write(scores: Scores, label: Labels) -> None:
        nonlocal done
        scores_file[done : done + len(label)] = scores
        label_file[done : done + len(label)] = label
        done += len(label)

    yield write
    scores_file.flush()
    label_file.flush()


WRITERS: dict[Form, Callable[[Dataset, list[Path]], AbstractContextManager[Write]]] = {
    Form.PARQUET: parquet,
    Form.LIST: parquet,
    Form.TOKENS: parquet,
    Form.CSV: csv,
    Form.GZIP: csv,
    Form.NPY: npy,
}


def make(dataset: Dataset, directory: Path) -> None:
    """Write the dataset's files beside their names, rename them into place, and note their mean last."""
    size = min(ROW_GROUP, 1 << ((1 << 22) // dataset.columns).bit_length() - 1)
    sums: list[float] = []
    units = 0
    files = dataset.files(directory)
    partial = [file.with_name(f".partial-{file.name}") for file in files]
    with WRITERS[dataset.form](dataset, partial) as write:
        for number, start in enumerate(range(0, dataset.rows, size)):
            scores, label = block(dataset, number, min(size, dataset.rows - start))
            sums.append(float(losses(dataset, scores, label).sum()))
            units += int(label.sum()) if dataset.form is Form.TOKENS else len(label)
            write(scores, label)
    for written, file in zip(partial, files, strict=True):
        written.replace(file)
    facts = {"mean": math.fsum(sums) / units, "rows": dataset.rows, "seed": SEED}
    dataset.facts(directory).write_text(json.dumps(facts) + "\n", encoding="utf-8")


def main() -> None:
    """Make each dataset of a JSON list."""
    for entry in json.loads(sys.argv[1]):
        dataset = Dataset(Form(entry["form"]), entry["rows"], entry["classes"])
        print(f"making {dataset}", file=sys.stderr)
        make(dataset, Path(sys.argv[2]))


if __name__ == "__main__":
    main()
