"""Tables whose cells, names and types are odd, written soundly in some form: the structure-aware half of the inputs."""

from __future__ import annotations

import io
import json
import math
import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.orc
import pyarrow.parquet as pq

from fuzz.seeds import Sound, table

_NUMBERS = (
    math.nan,
    math.inf,
    -math.inf,
    None,
    -1.0,
    -0.0,
    0.0,
    1.0,
    2.0,
    50.0,
    1e308,
    -1e308,
    5e-324,
    1e-320,
    0.1 + 0.2,
)

_TEXTS = (
    "", " ", "NA", "nan", "None", "cat", "dog ", "Cat", "01", "1.0", "--1", "-", "9" * 400, "a" * 5000, "\u0663",
    "=1+1", "\x1b[31m", "a,b", 'q"', "a\nb", "\u202e", "1e5", "true",
)  # fmt: skip

_MOST_ROWS = 50_000

_NAMES = (
    "", " ", "label", "y", "id", "weight", "p", "p_cat", "p_", "score", "prediction", "logit_a", "p.cat", "0", "1",
    "x" * 300, "fold", "model", "class", "output_type", "count", "a\nb",
)  # fmt: skip

_TYPES = (
    pa.float16(),
    pa.float32(),
    pa.decimal128(20, 6),
    pa.int8(),
    pa.int64(),
    pa.string(),
    pa.large_string(),
    pa.bool_(),
)


def odd_file(rng: random.Random) -> Sound:
    """Return a file that a sound writer made of an odd table."""
    made = table()
    for _ in range(rng.choice((1, 1, 2, 3))):
        made = rng.choice(_CHANGES)(made, rng)
    writers = list(_WRITERS.items())
    rng.shuffle(writers)
    for name, write in writers:
        try:
            return Sound(name, write(made))
        except (pa.ArrowException, ValueError, TypeError):
            continue  # a form that has no such cells
    return Sound("odd.arrow", _ipc(table()))


def _cells(made: pa.Table, rng: random.Random) -> pa.Table:
    """Put something odd into one cell, some cells or all cells of a column."""
    place = rng.randrange(made.num_columns)
    column = made.column(place)
    values: list[Any] = column.to_pylist()
    odd = rng.choice(_TEXTS if pa.types.is_string(column.type) else _NUMBERS)
    for row in (
        rng.choices(range(len(values)), k=rng.choice((1, 2, 10)))
        if values and rng.random() < 0.8
        else range(len(values))
    ):
        values[row] = odd
    return _with(made, place, values, column.type)


def _type(made: pa.Table, rng: random.Random) -> pa.Table:
    place = rng.randrange(made.num_columns)
    return _with(made, place, made.column(place).to_pylist(), rng.choice(_TYPES))


def _lists(made: pa.Table, rng: random.Random) -> pa.Table:
    """Put the scores of a row into one cell, of which some may lack one."""
    places = [place for place, name in enumerate(made.column_names) if name.startswith("p_")]
    kinds = {made.column(place).type for place in places}
    if len(kinds) != 1:
        return made
    rows = [list(row) for row in zip(*(made.column(place).to_pylist() for place in places), strict=True)]
    for row in rows[: rng.choice((0, 0, 1, 2))]:
        row.pop()
    others = [place for place in range(made.num_columns) if place not in places]
    return made.select(others).append_column("probs", pa.array(rows, pa.list_(kinds.pop())))


def _rename(made: pa.Table, rng: random.Random) -> pa.Table:
    names = made.column_names
    names[rng.randrange(len(names))] = rng.choice((*_NAMES, *names))
    return made.rename_columns(names)


def _drop(made: pa.Table, rng: random.Random) -> pa.Table:
    return made.remove_column(rng.randrange(made.num_columns)) if made.num_columns > 1 else made


def _double(made: pa.Table, rng: random.Random) -> pa.Table:
    place = rng.randrange(made.num_columns)
    return made.append_column(rng.choice((*_NAMES, f"{made.column_names[place]}_2")), made.column(place))


def _rows(made: pa.Table, rng: random.Random) -> pa.Table:
    """Take few rows, none, all twice or in another order."""
    count = made.num_rows
    few = [rng.randrange(count) for _ in range(rng.choice((0, 1, 2, 3)))] if count else []
    every = list(range(count))
    chosen = rng.choice((few, every + every, every[::-1], sorted(every * 3), every * 40))
    if len(chosen) > _MOST_ROWS:  # a large file takes long, and is not odder
        return made
    return made.take(pa.array(chosen, pa.int64()))


def _with(made: pa.Table, place: int, values: list[Any], type_: pa.DataType) -> pa.Table:
    try:
        array = pa.array(values, type_)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        array = pa.array([None if value is None else str(value) for value in values], pa.string())
    return made.set_column(place, made.column_names[place], array)


def _saved(write: Callable[[pa.Table, io.BytesIO], object]) -> Callable[[pa.Table], bytes]:
    def save(made: pa.Table) -> bytes:
        held = io.BytesIO()
        write(made, held)
        return held.getvalue()

    return save


def _ipc(made: pa.Table) -> bytes:
    held = io.BytesIO()
    with pa.ipc.new_file(held, made.schema) as writer:
        writer.write_table(made, 7)
    return held.getvalue()


def _lines(made: pa.Table) -> bytes:
    return "\n".join(json.dumps(record, default=str) for record in made.to_pylist()).encode()


_CHANGES = (_cells, _cells, _cells, _type, _lists, _rename, _drop, _double, _rows)

_WRITERS: dict[str, Callable[[pa.Table], bytes]] = {
    "odd.csv": _saved(lambda made, held: pyarrow.csv.write_csv(made, held)),
    "odd.jsonl": _lines,
    "odd.json": lambda made: json.dumps(made.to_pydict(), default=str).encode(),
    "odd.parquet": _saved(lambda made, held: pq.write_table(made, held, row_group_size=9)),
    "odd.arrow": _ipc,
    "odd.orc": _saved(lambda made, held: pyarrow.orc.write_table(made, held)),
}
