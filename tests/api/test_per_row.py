"""What each row came to, in memory: the same as the per-sample file has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import celoss_cli
from calibrated_files import several, two

ROWS = several(5000)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"base": 2, "where": {"k": 1}},
        {"sample_weight": "w"},
        {"class_weight": "balanced"},
        {"class_weight": {"ash": 2.0}, "label_smoothing": 0.1, "gradients": True},
        {"ignore_index": "elm", "threads": 3},
    ],
    ids=str,
)
def test_it_is_what_the_file_has(options: dict[str, Any], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pa.table({**ROWS, "w": rng.random(5000), "k": rng.integers(0, 2, 5000)})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=700)
    path, file = str(tmp_path / "t.parquet"), str(tmp_path / "rows.parquet")
    reading = {"pred": "logit_*", "label": "y"}
    found = celoss_cli.evaluate(path, per_row=True, **reading, **options)
    celoss_cli.evaluate(path, per_sample=file, **reading, **options)
    written = pq.read_table(file)
    rows = found.per_row
    assert rows is not None
    for name in ("loss", "p_true", "weight", "weighted_loss", "el2n"):
        array = getattr(rows, name)
        assert (array is not None) == (name in written.column_names)
        if array is not None:
            expected = written[name].to_numpy()
            np.testing.assert_array_equal(array, expected)
    scored = ~np.isnan(rows.loss)
    assert rows.predicted[scored].tolist() == np.array(written["predicted"].to_pylist(), dtype=object)[scored].tolist()
    assert rows.label[scored].tolist() == np.array(ROWS["y"])[scored].tolist()
    assert (rows.label[~scored] == "").all()
    if rows.gradients is not None:
        expected = np.stack([written[f"grad_{name}"].to_numpy() for name in ("ash", "elm", "oak")], axis=1)
        np.testing.assert_array_equal(rows.gradients, expected)
    assert np.count_nonzero(scored) == found.counts.scored
    frame = rows.frame()
    assert list(frame.columns)[:4] == ["loss", "p_true", "label", "predicted"]
    assert len(frame) == 5000


def test_both_at_once_and_with_a_fix(tmp_path: Path) -> None:
    table = pa.table(two(300))
    fix = celoss_cli.fit_calibration(pa.table(two(2000, seed=9)))
    file = tmp_path / "rows.parquet"
    found = celoss_cli.evaluate(table, per_row=True, per_sample=str(file), calibration=fix, label="y", pred="p_yes")
    assert found.per_row is not None
    np.testing.assert_array_equal(found.per_row.loss, pq.read_table(file)["loss"].to_numpy())
    assert found.per_row.loss.mean() == pytest.approx(found.loss.mean)


def test_several_labels_and_places() -> None:
    p = np.array([[0.9, 0.2], [0.3, 0.8], [0.6, 0.6]])
    y = np.array([[1, 0], [1, 1], [0, 0]])
    rows = celoss_cli.evaluate(p, y, task="multilabel", per_row=True).per_row
    assert rows is not None
    np.testing.assert_array_equal(rows.label, y == 1)
    np.testing.assert_array_equal(rows.predicted, p > 0.5)
    z = np.random.default_rng(0).normal(size=(4, 3, 5))
    codes = np.random.default_rng(1).integers(0, 3, (4, 5))
    places = celoss_cli.evaluate(z, codes, input="logits", per_row=True)
    assert places.per_row is not None
    expected = np.log(np.exp(z).sum(axis=1)) - np.take_along_axis(z, codes[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(places.per_row.loss, expected.reshape(-1), rtol=1e-12)


def test_it_is_in_no_document_and_asks_for_nothing_else() -> None:
    p, y = np.array([[0.9, 0.1], [0.3, 0.7]]), [0, 1]
    plain, kept = celoss_cli.evaluate(p, y), celoss_cli.evaluate(p, y, per_row=True)
    assert plain.per_row is None
    assert plain.to_dict() == kept.to_dict()
    assert "per_row" not in kept.to_dict()
    assert kept._replace(per_row=None) == plain
    with pytest.raises(celoss_cli.UsageError, match="a row stands for several"):
        celoss_cli.evaluate(pa.table({"y": [0, 1], "p": [0.1, 0.7], "n": [2, 1]}), count="n", per_row=True)
