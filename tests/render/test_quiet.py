"""The quiet form is one number that reads back as the same double."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.render.show import Form
from rendering import render


@given(st.floats(allow_nan=False))
def test_it_reads_back(mean: float) -> None:
    assert float(render(cast(Any, SimpleNamespace(loss=SimpleNamespace(mean=mean))), Form.QUIET)) == mean


@pytest.mark.parametrize(("mean", "text"), [(math.inf, "inf\n"), (math.nan, "nan\n"), (0.1, "0.10000000000000001\n")])
def test_spelling(build: Any, mean: float, text: str) -> None:
    abc = build()
    assert render(abc._replace(loss=abc.loss._replace(mean=mean)), Form.QUIET) == text
