"""What ``datasets`` says of the numbers of a label column names the classes: columns go by these names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import CelossError, evaluate

NAMES = ["zebra", "ant", "cow"]
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6], [0.3, 0.4, 0.3]])
Y = [0, 1, 2, 1]
MEAN = float(-np.log(P[np.arange(4), Y]).mean())


def written(place: Path, columns: dict[str, Any], names: list[str] = NAMES) -> Path:
    """A Parquet file with the metadata that ``datasets`` writes."""
    features = {"label": {"names": names, "_type": "ClassLabel"}}
    said = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    pq.write_table(pa.table(columns).replace_schema_metadata(said), place / "f.parquet")
    return place / "f.parquet"


def by_name(order: list[str]) -> dict[str, Any]:
    return {**{f"p_{name}": P[:, NAMES.index(name)] for name in order}, "label": Y}


@pytest.mark.parametrize("order", [["ant", "cow", "zebra"], ["zebra", "ant", "cow"], ["cow", "zebra", "ant"]], ids=str)
def test_columns_go_by_the_names(order: list[str], tmp_path: Path) -> None:
    found = evaluate(written(tmp_path, by_name(order)), strict=True)
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-12)
    assert {one.class_: one.count for one in found.per_class} == {"zebra": 1, "ant": 2, "cow": 1}
    weights = {"zebra": 1.0, "ant": 3.0, "cow": 1.0}
    weighed = evaluate(written(tmp_path, by_name(order)), class_weight=weights)
    each = np.array([weights[NAMES[y]] for y in Y])
    assert weighed.loss.mean == pytest.approx(float(-np.log(P[np.arange(4), Y]) @ each / each.sum()), rel=1e-12)


def test_a_vector_has_its_scores_in_the_order_of_the_numbers(tmp_path: Path) -> None:
    found = evaluate(written(tmp_path, {"probs": P.tolist(), "label": Y}), strict=True)
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-12)
    assert found.spec.classes == tuple(NAMES)


def test_labels_in_a_second_file(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({k: v for k, v in by_name(["ant", "cow", "zebra"]).items() if k != "label"}), tmp_path / "p"
    )
    assert evaluate(tmp_path / "p", written(tmp_path, {"label": Y})).loss.mean == pytest.approx(MEAN, rel=1e-12)


@pytest.mark.parametrize(("names", "column"), [(["no", "yes"], "p_no"), (["no", "yes"], "p_yes"), (["yes", "no"], "p")])
def test_one_column(names: list[str], column: str, tmp_path: Path) -> None:
    scores, labels = [0.9, 0.2, 0.7], [1, 0, 1]
    path = written(tmp_path, {column: scores, "label": labels}, names)
    of_one = [p if column != "p_no" else 1 - p for p in scores]
    expected = -np.mean([np.log(p if y else 1 - p) for p, y in zip(of_one, labels, strict=True)])
    assert evaluate(path).loss.mean == pytest.approx(expected, rel=1e-12)


def test_columns_that_are_called_otherwise_and_options_go_first(tmp_path: Path) -> None:
    other = {**{f"p_{n}": P[:, n] for n in range(3)}, "label": Y}
    assert evaluate(written(tmp_path, other)).loss.mean == pytest.approx(MEAN, rel=1e-12)
    path = written(tmp_path, by_name(["ant", "cow", "zebra"]))
    given = evaluate(path, classes=["1", "2", "0"])
    assert given.loss.mean == pytest.approx(MEAN, rel=1e-12)
    with pytest.raises(CelossError):
        evaluate(written(tmp_path, {**by_name(NAMES), "label": [0, 1, 2, -1]}))


@pytest.mark.parametrize(
    "said", [b"{", b"[]", b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": 3}}}}']
)
def test_metadata_that_say_nothing(said: bytes, tmp_path: Path) -> None:
    table = pa.table({"probs": P.tolist(), "label": Y}).replace_schema_metadata({b"huggingface": said})
    pq.write_table(table, tmp_path / "f.parquet")
    assert evaluate(tmp_path / "f.parquet").loss.mean == pytest.approx(MEAN, rel=1e-12)


def test_files_and_objects_of_datasets(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            **{f"p_{name}": datasets.Value("float64") for name in sorted(NAMES)},
            "label": datasets.ClassLabel(names=NAMES),
        }
    )
    made = datasets.Dataset.from_dict(by_name(sorted(NAMES)), features=features)
    made.to_parquet(tmp_path / "f.parquet")
    made.save_to_disk(tmp_path / "saved")
    for one in (tmp_path / "f.parquet", tmp_path / "saved", made):
        assert evaluate(one).loss.mean == pytest.approx(MEAN, rel=1e-12)
    chosen = made.select([1, 2])
    assert evaluate(chosen).loss.mean == pytest.approx(float(-np.log([0.6, 0.6]).mean()), rel=1e-12)
