"""Sound files of every form that celoss reads, small: what the fuzzer damages."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet as pq

ROWS = 30
_RNG = np.random.default_rng(20)
P = _RNG.dirichlet([1.0, 1.0, 1.0], ROWS)
Y = np.array([_RNG.choice(3, p=row) for row in P])
NAMES = ("cat", "dog", "eel")
IDS = [f"row-{i}" for i in range(ROWS)]
COLUMNS = {f"p_{name}": P[:, k] for k, name in enumerate(NAMES)}

_KEPT = {
    "rows.xlsx": "python_calamine",
    "rows.ods": "python_calamine",
    "rows.sav": "pyreadstat",
    "rows.rds": "pyreadr",
}
"""Files of ``table()`` that stand in ``sound/``, as their writers put the time in, and what reads them.

pandas wrote the first two (``to_excel``, with openpyxl and odfpy), ``pyreadstat.write_sav`` and ``pyreadr.write_rds``
the others.
"""


class Sound(NamedTuple):
    """A file that celoss reads, and how it is asked to."""

    name: str
    content: bytes
    arguments: tuple[str, ...] = ()
    """What stands behind its name where it is scored."""
    commands: tuple[tuple[str, ...], ...] = ()
    """Of a file that is not scored: the commands that read it, with ``{}`` for its name."""


def table() -> pa.Table:
    """The rows with ids, a label, a weight and the scores."""
    labels = [NAMES[y] for y in Y]
    return pa.table({"id": IDS, "label": labels, "weight": np.arange(1.0, ROWS + 1), **COLUMNS})


def _text(delimiter: str = ",", quote: str = "", decimal: str = ".") -> bytes:
    def cell(value: object) -> str:
        return f"{quote}{value if isinstance(value, str) else format(value, '.6f').replace('.', decimal)}{quote}"

    lines = [delimiter.join(("id", "label", "weight", *COLUMNS))]
    lines += [delimiter.join(map(cell, (IDS[i], NAMES[Y[i]], float(i + 1), *P[i].tolist()))) for i in range(ROWS)]
    return ("\n".join(lines) + "\n").encode()


def _records() -> list[dict[str, object]]:
    return [
        {"id": IDS[i], "label": NAMES[Y[i]], "probs": dict(zip(NAMES, P[i].tolist(), strict=True)), "note": None}
        for i in range(ROWS)
    ]


def _saved(write: Callable[[io.BytesIO], object]) -> bytes:
    held = io.BytesIO()
    write(held)
    return held.getvalue()


def _ipc(*, stream: bool) -> bytes:
    held = io.BytesIO()
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(held, table().schema) as writer:
        writer.write_table(table(), 10)
    return held.getvalue()


def _arff() -> bytes:
    scores = (f"@attribute 'p_{name}' numeric" for name in NAMES)
    lines = ["@relation runs", "@attribute label {cat,dog,eel}", *scores, "@data"]
    return "\n".join([*lines, *(f"{NAMES[Y[i]]},{','.join(map(str, P[i]))}" for i in range(ROWS))]).encode()


def sound_files() -> Iterator[Sound]:
    """Yield a file of each form whose reader is installed."""
    yield Sound("plain.csv", _text())
    yield Sound("quoted.csv", _text(";", '"', ","))
    yield Sound("blanks.csv", _text(" "))
    yield Sound("tabs.tsv", _text("\t"), ("--sample-weight", "weight"))
    yield Sound("plain.csv.gz", gzip.compress(_text(), mtime=0))
    yield Sound("plain.csv.zst", pa.compress(_text(), "zstd", asbytes=True))
    yield Sound("utf16.csv", _text().decode().encode("utf-16"))
    yield Sound("rows.jsonl", "\n".join(map(json.dumps, _records())).encode())
    yield Sound("rows.json", json.dumps(_records()).encode())
    yield Sound("columns.json", json.dumps({"label": Y.tolist(), "probs": P.tolist()}).encode())
    yield Sound("runs.arff", _arff())
    for compression in ("snappy", "zstd", "none"):
        sink = _saved(lambda held, how=compression: pq.write_table(table(), held, compression=how, row_group_size=10))
        yield Sound(f"{compression}.parquet", sink)
    lists = pa.table({"label": Y, "probs": pa.array(P.tolist(), pa.list_(pa.float32()))})
    yield Sound("lists.parquet", _saved(lambda held: pq.write_table(lists, held)))
    yield Sound("rows.arrow", _ipc(stream=False))
    yield Sound("stream.arrows", _ipc(stream=True))
    yield Sound("rows.orc", _saved(lambda held: pa.orc.write_table(table(), held)))
    arrays = {"probs": P.astype(np.float32), "labels": Y}
    yield Sound("both.npz", _saved(lambda held: np.savez(held, **arrays)))
    yield Sound("packed.npz", _saved(lambda held: np.savez_compressed(held, **arrays)))
    yield Sound("scores.npy", _saved(lambda held: np.save(held, P)), ("labels.csv",))
    if importlib.util.find_spec("safetensors"):
        from safetensors.numpy import save

        yield Sound("both.safetensors", save(arrays))
    if importlib.util.find_spec("h5py"):
        import h5py

        def write_hdf5(held: io.BytesIO) -> None:
            with h5py.File(held, "w") as file:
                file["probs"], file["labels"] = P, Y

        yield Sound("both.h5", _saved(write_hdf5))
    if importlib.util.find_spec("scipy"):
        import scipy.sparse

        matrix = scipy.sparse.csr_matrix(P)
        yield Sound("sparse.npz", _saved(lambda held: scipy.sparse.save_npz(held, matrix)), ("labels.csv",))
    frame = table().to_pandas()
    time = datetime(2026, 1, 1)
    yield Sound("rows.dta", _saved(lambda held: frame.to_stata(held, write_index=False, time_stamp=time)))
    for name, reader in _KEPT.items():
        if importlib.util.find_spec(reader):
            yield Sound(name, (Path(__file__).parent / "sound" / name).read_bytes())
    yield from _sequences()


def _sequences() -> Iterator[Sound]:
    """Yield files with the logarithm of what the truth got, a token each, and texts of tools for it."""
    tokens = [[-float(p) for p in _RNG.exponential(0.5, 3 + i % 5)] for i in range(ROWS)]
    truth = ("--truth", "lp")
    records = [{"id": IDS[i], "text": "ab " * len(tokens[i]), "lp": tokens[i]} for i in range(ROWS)]
    yield Sound("tokens.jsonl", "\n".join(map(json.dumps, records)).encode(), truth)
    table_of_lists = pa.Table.from_pylist(records)
    yield Sound("tokens.parquet", _saved(lambda held: pq.write_table(table_of_lists, held)), (*truth, "--text", "text"))
    answers = [{"choices": [{"logprobs": {"content": [{"token": "a", "logprob": p} for p in row]}}]} for row in tokens]
    yield Sound("answers.jsonl", "\n".join(map(json.dumps, answers)).encode())
    lines = [f"P-{i}\t{' '.join(f'{p:.4f}' for p in row)}" for i, row in enumerate(tokens)]
    yield Sound("fairseq.out", ("\n".join(lines) + "\n").encode(), ("--file-format", "fairseq"))


LABELS = ("label\n" + "\n".join(map(str, Y)) + "\n").encode()
"""What stands in ``labels.csv``."""
