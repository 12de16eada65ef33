"""Scores that are too extreme, of two classes or several, in two halves: one to fit a fix on, one to judge it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import special

Columns = dict[str, Any]

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"


def two(n: int = 2000, seed: int = 3) -> Columns:
    """P(yes), twice too extreme and too high."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-0.5, 1.5, n)
    y = rng.random(n) < special.expit(z)
    return {"id": np.arange(n), "y": np.where(y, "yes", "no"), "p_yes": special.expit(2.0 * z + 0.7)}


def several(n: int = 2000, seed: int = 4) -> Columns:
    """Logits of three classes, twice too large."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0.0, 1.5, (3, n))
    y = (rng.random(n) > np.cumsum(special.softmax(z, axis=0), axis=0)).sum(axis=0)
    names = np.array(["ash", "elm", "oak"])
    return {"y": names[y], **{f"logit_{name}": 2.0 * z[c] for c, name in enumerate(names)}}


def halves(columns: Columns) -> tuple[Columns, Columns]:
    """Every other row, and the rest."""
    return tuple({name: values[start::2] for name, values in columns.items()} for start in (0, 1))  # type: ignore[return-value]


def parquet(path: Path, columns: Columns, rows_per_group: int = 1 << 20) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=rows_per_group)
    return path


def csv(path: Path, columns: Columns) -> Path:
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path
