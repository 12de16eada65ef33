"""Labels of any kind: whatever Unicode holds, a file of them is scored or refused in words, and never crashes."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from celoss_cli import CelossError, evaluate
from celoss_cli.spelling import natural_key, nearest, number, same, truth_value

# Decimal digits, other digits, numerals, and what is a number to one function and none to another.
ODD = ["²", "①", "٣", "Ⅷ", "½", "一", "1²", "a①", "٣٤", "𝟙", "1_000", "nan", "-0", "0x1", "1e400", "\u0660\u0661", ""]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
labels = st.one_of(st.sampled_from(ODD), texts, st.integers().map(str), st.floats().map(str))


@given(labels, labels)
@example("²", "①")
@example("٣", "3")
def test_labels_are_ordered_and_compared(a: str, b: str) -> None:
    assert sorted([b, a], key=natural_key) == sorted([a, b], key=natural_key)
    assert same(a, a)
    assert same(a, b) == same(b, a)
    for text in (a, b):
        assert number(text) is None or math.isfinite(number(text) or 0.0)
        truth_value(text)
        nearest(text, [a, b])


def test_digits_of_any_script_have_a_place_of_their_own() -> None:
    assert len({natural_key(text) for text in ODD}) == len(ODD)
    assert sorted([*ODD, "b", "1"], key=natural_key) == sorted(["1", "b", *reversed(ODD)], key=natural_key)


@settings(max_examples=150, deadline=None)
@given(st.lists(labels, min_size=2, max_size=3, unique=True), st.booleans())
@example(["²", "①"], True)
@example(["٣", "٤", "²"], False)
def test_a_file_of_such_labels_is_scored_or_refused(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], named: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "f.parquet"
    columns = {f"p_{name}" if named else f"p{i}": [0.9 - 0.3 * i, 0.2 + 0.1 * i] * 4 for i, name in enumerate(names)}
    if len(columns) < len(names):
        return
    table = {"label": [names[i % len(names)] for i in range(8)], **columns}
    pq.write_table(pa.table(table), path)
    for options in ({}, {"classes": names}, {"renormalize": True, "classes": names}):
        with contextlib.suppress(CelossError):  # anything else is a crash
            assert evaluate(str(path), **options).loss.mean >= 0.0  # type: ignore[arg-type]


def test_superscripts_are_classes(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("y,²,①\n²,0.9,0.1\n①,0.4,0.6\n", encoding="utf-8")
    found = evaluate(str(tmp_path / "f.csv"))
    assert found.loss.mean == pytest.approx(-(math.log(0.9) + math.log(0.6)) / 2, rel=1e-15)
