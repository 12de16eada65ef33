"""Files made for a diagnosis, and what the whole command finds in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from celoss_cli.api.functions import silent
from celoss_cli.diagnosis.diagnose import diagnose
from celoss_cli.request import Request
from celoss_cli.results.diagnosis import Diagnosis, Fix
from celoss_cli.tables.inputs import opener_of

Columns = dict[str, Any]


def diagnosed(path: Path, columns: Columns, rows_per_group: int = 1 << 20, **options: Any) -> Diagnosis:
    pq.write_table(pa.table(columns), path, row_group_size=rows_per_group)
    request = Request(str(path), None, label=("label",), **options)
    return diagnose(request, opener_of(request), silent)


def binary(n: int = 3000, t: float = 1.4, seed: int = 1) -> Columns:
    rng = np.random.default_rng(seed)
    z = rng.normal(-1.0, 2.0, n)
    return {"p": 1 / (1 + np.exp(-t * z)), "label": (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.int64)}


def several(n: int = 2000, classes: int = 4, t: float = 1.5, seed: int = 2) -> Columns:
    rng = np.random.default_rng(seed)
    z = 2.0 * rng.normal(size=(classes, n))
    p = np.exp(z) / np.exp(z).sum(axis=0)
    label = (rng.random(n) > np.cumsum(p, axis=0)).sum(axis=0)
    return {**{f"logit_{c}": t * z[c] - 3.0 for c in range(classes)}, "label": label}


def reasons(diagnosis: Diagnosis) -> dict[str, str]:
    return {one.part: one.reason for one in diagnosis.left_out}


def fix_of(diagnosis: Diagnosis, name: str) -> Fix:
    return next(fix for fix in diagnosis.fixes if fix.name == name)
