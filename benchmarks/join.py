"""The join of celoss against those of libraries: the same ids in two files and two orders, each tool in turn.

``python -m benchmarks.join`` from the repository root; ``--rows`` and ``--rounds`` say how much. Every tool is a whole
process that reads the ids of two Parquet files and comes up with what celoss needs: for each row of the one the row of
the other, and which rows of either repeat an id. ``read`` only reads. CPU seconds are the ones to compare where others
use the machine too; the ratio is to those of celoss, in the same round.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import cores, cpu, installed
from benchmarks.measure import Run, run

SEED = 7
CLOSE, APART, UUIDS = "integers 0 to n-1", "integers of 62 bits", "UUIDs as text"
KINDS = (CLOSE, APART, UUIDS)


def make(directory: Path, kind: str, rows: int) -> None:
    """Write the same ids in two orders, ``left.parquet`` and ``right.parquet``."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(SEED)
    every = _uuids(rows, rng) if kind == UUIDS else np.arange(rows) * (1 if kind == CLOSE else (1 << 62) // rows)
    for name in ("left", "right"):
        ids = every[rng.permutation(rows)]
        column = _texts(ids) if kind == UUIDS else pa.array(ids)
        pq.write_table(pa.table({"id": column}), directory / f"{name}.parquet", use_dictionary=False)


def _uuids(rows: int, rng: Any) -> Any:
    """Return random ids as they are written, 8-4-4-4-12 hexadecimal digits, as bytes (rows, 36)."""
    import numpy as np

    values = rng.integers(0, 256, (rows, 16), dtype=np.uint8)
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    places = [place for place in range(36) if place not in (8, 13, 18, 23)]
    ids = np.full((rows, 36), ord("-"), dtype=np.uint8)
    ids[:, places[0::2]], ids[:, places[1::2]] = digits[values >> 4], digits[values & 15]
    return ids


def _texts(ids: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    offsets = np.arange(0, ids.size + 1, ids.shape[1], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(ids))]
    return pa.Array.from_buffers(pa.string(), ids.shape[0], buffers)


def _read(path: Path) -> Any:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:  # ``read_table`` would load pandas
        return file.read().column("id")


def only_read(left: Path, right: Path) -> None:
    """Read both columns as Arrow does."""
    _read(left), _read(right)


def celoss(left: Path, right: Path) -> Any:
    """Read the ids batch by batch, as ``celoss eval`` does, and join them."""
    from celoss_cli.pairing.join import join

    found = join(_ids(left), _ids(right))
    return found.order, found.repeated, found.repeated_there


def _ids(path: Path) -> Any:
    import pyarrow.parquet as pq

    from celoss_cli.pairing.ids import joined
    from celoss_cli.tables.arrow.batch import ArrowBatch
    from celoss_cli.tables.keys import form_of, ids_of

    parts = []
    with pq.ParquetFile(path, pre_buffer=False) as file:
        forms = {"id": form_of(file.schema_arrow.field("id").type, None)}
        for batch in file.iter_batches(1 << 16):
            parts += ids_of(ArrowBatch({"id": batch.column("id")}, batch.num_rows), forms)
    return [joined(parts)]


def index_in(left: Path, right: Path) -> Any:
    """Look every id up; what pairs with no row, and what shares its row, may be a repetition."""
    import numpy as np
    import pyarrow.compute as pc

    mine, theirs = _read(left), _read(right)
    order = _first(mine, theirs)
    rows = np.flatnonzero(order >= 0)
    taken = np.full(len(theirs), -1, dtype=np.int32)
    taken[order[rows[::-1]]] = rows[::-1]
    matched = rows[taken[order[rows]] != rows]
    alone, unused = np.flatnonzero(order < 0), np.flatnonzero(taken < 0)
    unmatched, there = alone[:0], unused[:0]
    if alone.size:
        some = pc.take(mine, alone)
        unmatched = alone[_first(some, some) != np.arange(alone.size)]
    if unused.size:
        there = unused[_first(pc.take(theirs, unused), theirs) != unused]
    return order, np.sort(np.concatenate([matched, unmatched])), there


def _first(ids: Any, among: Any) -> Any:
    import numpy as np
    import pyarrow.compute as pc

    return np.concatenate([np.from_dlpack(part) for part in pc.fill_null(pc.index_in(ids, value_set=among), -1).chunks])


def merge(left: Path, right: Path) -> Any:
    """Join by pandas, which raises where an id repeats."""
    import numpy as np
    import pandas as pd

    theirs = pd.read_parquet(right)
    theirs["row"] = np.arange(len(theirs))
    merged = pd.read_parquet(left).merge(theirs, how="left", on="id", validate="one_to_one")
    return merged["row"].fillna(-1).to_numpy().astype(np.int64), (), ()


def get_indexer(left: Path, right: Path) -> Any:
    """Look rows up by a pandas index, which raises where an id of the right file repeats."""
    import pandas as pd

    mine = pd.Index(pd.read_parquet(left)["id"])
    order = pd.Index(pd.read_parquet(right)["id"]).get_indexer(mine)
    return order, () if mine.is_unique else mine.duplicated().nonzero()[0], ()


TOOLS: dict[str, Callable[[Path, Path], Any]] = {
    "celoss": celoss,
    "index_in": index_in,
    "merge": merge,
    "get_indexer": get_indexer,
    "read": only_read,
}


def work(tool: str, directory: Path, *, check: bool) -> None:
    """Join with one tool; if asked to, raise where a row is not paired with the same id."""
    left, right = directory / "left.parquet", directory / "right.parquet"
    found = TOOLS[tool](left, right)
    if not check or found is None:
        return
    import numpy as np
    import pyarrow.compute as pc

    order, *repeated = found
    if any(map(len, repeated)) or not np.array_equal(np.sort(order), np.arange(len(order))):
        raise SystemExit(f"{tool}: not every row has one partner")
    if not pc.take(_read(right), np.asarray(order)).equals(_read(left)):
        raise SystemExit(f"{tool}: rows with different ids were paired")


def race(kind: str, rows: int, rounds: int) -> list[str]:
    """Return a line for each tool: median seconds, CPU seconds and their ratio to celoss's, and the highest peak."""
    runs: dict[str, list[Run]] = {tool: [] for tool in TOOLS}
    with tempfile.TemporaryDirectory() as directory:
        ran("make", directory, kind, str(rows))
        for tool in TOOLS:
            ran("check", directory, tool)
        for number in range(rounds):
            first = number % len(TOOLS)
            for tool in [*list(TOOLS)[first:], *list(TOOLS)[:first]]:
                runs[tool].append(ran("work", directory, tool))
            print(kind, *(f"{tool} {of[-1].cpu:.2f}" for tool, of in runs.items()), file=sys.stderr)
    lines = []
    for tool, of in runs.items():
        ratio = median(one.cpu / mine.cpu for one, mine in zip(of, runs["celoss"], strict=True))
        wall, work, peak = median(one.wall for one in of), median(one.cpu for one in of), max(one.peak for one in of)
        lines.append(f"  {tool:12} {wall:7.2f} s  {work:7.2f} s CPU  {ratio:5.2f} x  {peak / 1e6:6.0f} MB")
    return lines


def ran(*command: str) -> Run:
    """Run one of this file's own commands."""
    one = run([sys.executable, "-m", "benchmarks.join", *command])
    if one.code:
        raise SystemExit(one.stderr)
    return one


def main() -> None:
    """Race, unless this is one of the processes that it starts."""
    match sys.argv[1:]:
        case ["make", directory, kind, rows]:
            make(Path(directory), kind, int(rows))
        case ["work" | "check" as what, directory, tool]:
            work(tool, Path(directory), check=what == "check")
        case _:
            parser = argparse.ArgumentParser(prog="python -m benchmarks.join", description=__doc__)
            parser.add_argument("--rows", type=int, default=10_000_000)
            parser.add_argument("--rounds", type=int, default=3)
            chosen = parser.parse_args()
            for kind in KINDS:
                print(f"{kind}, {chosen.rows:,} rows", *race(kind, chosen.rows, chosen.rounds), sep="\n", flush=True)
            versions = ", ".join(f"{name} {installed(name)}" for name in ("numpy", "pyarrow", "pandas"))
            print(f"{cpu()}, {cores()} cores, {versions}; medians of {chosen.rounds} rounds, highest peaks")


if __name__ == "__main__":
    main()
