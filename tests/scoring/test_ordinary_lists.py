"""Sequences with and without the compiled core, and cut in any way: the same document, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.api.functions import evaluate
from celoss_cli.kernels import functions
from celoss_cli.kernels.compiled import CORE
from celoss_cli.scoring import tokens
from celoss_cli.state import exact_products, exact_sum

pytestmark = pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")


@pytest.fixture(scope="module")
def patcher() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def document(table: pa.Table, **options: Any) -> dict[str, Any]:
    return {k: v for k, v in evaluate(table, truth="logprobs", **options).to_dict().items() if k != "inputs"}


def by_numpy(patch: pytest.MonkeyPatch, table: pa.Table, **options: Any) -> dict[str, Any]:
    with patch.context() as inner:
        for module in (tokens, functions, exact_sum, exact_products):
            inner.setattr(module, "CORE", None)
        return document(table, **options)


def table_of(lists: list[list[float | None]], dtype: str, chunk: int) -> pa.Table:
    kind = pa.list_({"float16": pa.float16(), "float32": pa.float32(), "float64": pa.float64()}[dtype])
    if dtype == "float16":
        lists = [[None if x is None else np.float16(x) for x in one] for one in lists]  # type: ignore[misc]
    parts = [pa.array(lists[i : i + chunk], kind) for i in range(0, len(lists), chunk)]
    return pa.table({"logprobs": pa.chunked_array(parts, kind)})


@settings(deadline=None, max_examples=40)
@given(
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    form=st.sampled_from(["logprobs", "log2probs", "log10probs", "nll"]),
    led=st.booleans(),
    odd=st.sampled_from([None, None, -np.inf, -9999.0, 2e-5, 0.0]),
    average=st.sampled_from(["micro", "macro"]),
    weighted=st.booleans(),
    chunk=st.sampled_from([1, 7, 60, 1000]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_core_and_numpy_agree(
    patcher: pytest.MonkeyPatch,
    dtype: str,
    form: str,
    led: bool,
    odd: float | None,
    average: str,
    weighted: bool,
    chunk: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    lists: list[list[float | None]] = []
    for length in rng.choice([0, 1, 2, 5, 64, 65, 128, 300, 5000], size=60, p=[0.1] * 6 + [0.2, 0.15, 0.05]):
        values: list[float | None] = (-rng.exponential(2.0, int(length))).tolist()
        if led and values:
            values[0] = None
        if odd is not None and len(values) > 3 and rng.random() < 0.1:
            values[3] = odd
        lists.append([None if x is None else abs(x) if form == "nll" else x for x in values])
    table = table_of(lists, dtype, chunk)
    options: dict[str, Any] = {"input": form, "average": average}
    if weighted:
        table = table.append_column("w", pa.array(rng.integers(0, 4, len(lists)).astype(float)))
        options["sample_weight"] = "w"
    mine = document(table, **options)
    assert mine == by_numpy(patcher, table, **options)
    assert mine == document(table_of(lists, dtype, 13).append_column("w", table["w"]) if weighted else
                            table_of(lists, dtype, 13), **options)  # fmt: skip
