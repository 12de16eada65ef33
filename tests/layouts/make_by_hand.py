"""Write the examples of tools that are not run here, after their documentation: with the rows of ``example_rows.py``.

Run from the root of the repository, with numpy and pyarrow::

    PYTHONPATH=tests python tests/layouts/make_by_hand.py

The source for each layout stands in its row of ``celoss_cli.layout.tools.table``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from layouts.example_rows import FLOWERS, LOANS, SPECIES, Flower

HERE = Path(__file__).resolve().parent


def write(example: str, name: str, text: str) -> None:
    directory = HERE / example
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(text, encoding="utf-8")


def table(example: str, header: Sequence[str], rows: Sequence[Sequence[object]], name: str = "predictions.csv",
          mark: str = ",", quote: str = "", decimal: str = ".") -> None:  # fmt: skip
    """Write a table; with ``quote``, names and texts stand in it, as R writes them."""

    def cell(value: object) -> str:
        return f"{quote}{value}{quote}" if isinstance(value, str) else str(value).replace(".", decimal)

    lines = [mark.join(map(cell, row)) for row in ([header] if header else []) + list(rows)]
    write(example, name, "\n".join(lines) + "\n")


def kaggle() -> None:
    classes = [f"Status_{name}" for name in ("C", "CL", "D")]
    table("kaggle_multiclass", ["id", *classes], [[100 + i, *row.probabilities] for i, row in enumerate(FLOWERS)])
    solution = [
        [100 + i, *(int(row.code == c) for c in range(3)), "Public" if i % 3 else "Private"]
        for i, row in enumerate(FLOWERS)
    ]
    table("kaggle_multiclass", ["id", *classes, "Usage"], solution[::-1], "labels.csv")
    table("kaggle_binary", ["id", "label"], [[7 * i, row.p_yes] for i, row in enumerate(LOANS)])
    answers = [[7 * i, row.code] for i, row in enumerate(LOANS)]
    table("kaggle_binary", ["id", "label"], answers[::-1], "labels.csv")
    classes = ["MEL", "NV", "BCC"]
    images = [f"ISIC_{27419 + i:07d}" for i in range(len(FLOWERS))]
    scores = [[image, *row.probabilities] for image, row in zip(images, FLOWERS, strict=True)]
    truth = [
        [image, *(float(row.code == c) for c in range(3)), 1.0, 0.5] for image, row in zip(images, FLOWERS, strict=True)
    ]
    table("isic", ["image", *classes], scores)
    table("isic", ["image", *classes, "score_weight", "validation_weight"], truth, "labels.csv")


def benchmarks() -> None:
    rows = [[*row.probabilities, row.predicted, row.species] for row in FLOWERS]
    table("amlb", [*SPECIES, "predictions", "truth"], rows)
    rows = [[i, row.predicted, row.species, *row.probabilities] for i, row in enumerate(FLOWERS)]
    table("openml", ["row_id", "prediction", "truth", *(f"confidence.{name}" for name in SPECIES)], rows)
    outcomes = [["2022-06-16", "Celtics", row.p_yes, row.code, row.p_no, 1 - row.code] for row in LOANS]
    table("fivethirtyeight", ["date", "team1", "prob1", "prob1_outcome", "prob2", "prob2_outcome"], outcomes)


def images() -> None:
    rows = []
    for i, row in enumerate(FLOWERS):
        order = sorted(range(3), key=lambda c: -row.probabilities[c])[:2]
        rows.append([f"{i}.jpg", *order, *(row.probabilities[c] for c in order), row.species])
    table("timm_ranks", ["filename", "index_0", "index_1", "prob_0", "prob_1", "target"], rows)
    rows = [[i, row.predicted] for i, row in enumerate(FLOWERS)]
    table("hf_run_classification", ["index", "prediction"], rows, "predict_results.txt", "\t")


def plain_text() -> None:
    table("perf", [], [[row.code, row.p_yes] for row in LOANS], mark=" ")


def platforms() -> None:
    header = ["row_id", *(f"is_bad_{cls}_PREDICTION" for cls in ("yes", "no")), "is_bad_PREDICTION", "THRESHOLD",
              "POSITIVE_CLASS", "is_bad"]  # fmt: skip
    rows = [[i, row.p_yes, row.p_no, row.predicted, 0.5, "yes", row.default] for i, row in enumerate(LOANS)]
    table("datarobot", header, rows)
    header = ["species", "Scored Labels", *(f"Scored Probabilities_{name}" for name in SPECIES)]
    table("azure_multiclass", header, [[row.species, row.predicted, *row.probabilities] for row in FLOWERS])
    rows = [[row.code, int(row.predicted == "yes"), row.p_yes] for row in LOANS]
    table("azure_binary", ["default", "Scored Labels", "Scored Probabilities"], rows)
    header = ["length", "species", "prediction_label", *(f"prediction_score_{name}" for name in SPECIES)]
    rows = [[5 + i / 10, row.species, row.predicted, *row.probabilities] for i, row in enumerate(FLOWERS)]
    table("pycaret_raw", header, rows)
    rows = [[int(row.predicted == "yes"), row.p_yes, row.code] for row in LOANS]
    table("mlflow", ["prediction", "prediction_proba", "target"], rows)
    rows = [["<=50K" if row.code == 0 else ">50K", row.p_no, row.p_yes] for row in LOANS]
    table("ydf", ["income", "<=50K", ">50K"], rows)
    table("autogluon", ["", "yes", "default"], [[i, row.p_yes, row.default] for i, row in enumerate(LOANS)])


def lines(example: str, records: Sequence[object]) -> None:
    write(example, "predictions.jsonl", "".join(json.dumps(record) + "\n" for record in records))


def ranked(row: Flower) -> list[tuple[str, float]]:
    """The classes of a row with their probabilities, the likeliest first."""
    return sorted(zip(SPECIES, row.probabilities, strict=True), key=lambda pair: -pair[1])


def nested() -> None:
    probs = [[{"label": name, "prob": p} for name, p in ranked(row)] for row in FLOWERS]
    lines("bigquery", [{"predicted_species": row.predicted, "predicted_species_probs": inner, "species": row.species}
                       for row, inner in zip(FLOWERS, probs, strict=True)])  # fmt: skip
    lines("vertex", [{"instance": {"length": "5.1", "species": row.species},
                      "prediction": {"classes": [n for n, _ in ranked(row)], "scores": [p for _, p in ranked(row)]}}
                     for row in FLOWERS])  # fmt: skip
    lines("hf_pipeline", [[{"label": name, "score": p} for name, p in ranked(row)] for row in FLOWERS])
    table("hf_pipeline", ["label"], [[row.species] for row in FLOWERS], "labels.csv")
    lines("hf_pipeline_top", [{"label": row.predicted, "score": max(row.probabilities)} for row in FLOWERS])
    data = [[i, row.species, *row.probabilities] for i, row in enumerate(FLOWERS)]
    columns = ["id", "truth", *(f"score_{name}" for name in SPECIES)]
    write("wandb", "predictions.table.json", json.dumps({"columns": columns, "data": data}))
    lines("lm_eval", [{"doc_id": i, "doc": {"question": f"What flower is {i}?", "choices": SPECIES}, "target": row.code,
                       "filtered_resps": [[math.log(p) - 7.5, p == max(row.probabilities)] for p in row.probabilities],
                       "acc": float(row.predicted == row.species)} for i, row in enumerate(FLOWERS)])  # fmt: skip


def of_the_predicted_class() -> None:
    rows = [[20 + i, row.default, row.predicted, row.p_predicted] for i, row in enumerate(LOANS)]
    table("pycaret", ["age", "default", "prediction_label", "prediction_score"], rows)
    rows = [[row.predicted, row.p_predicted, row.default] for row in LOANS]
    table("sagemaker_bare", ["predicted_label", "probability", "default"], rows)
    rows = [[row.predicted, max(row.probabilities), f'"{[p for _, p in ranked(row)]}"',
             f'"{[name for name, _ in ranked(row)]}"', row.species] for row in FLOWERS]  # fmt: skip
    table("sagemaker", ["predicted_label", "probability", "probabilities", "labels", "species"], rows)


def columnar() -> None:
    vector = pa.struct([("type", pa.int8()), ("size", pa.int32()), ("indices", pa.list_(pa.int32())),
                        ("values", pa.list_(pa.float64()))])  # fmt: skip

    def dense(values: Sequence[float]) -> dict[str, object]:
        return {"type": 1, "size": None, "indices": None, "values": list(values)}

    rows = [
        {
            "features": {"type": 0, "size": 4, "indices": [1, 3], "values": [0.5, float(i)]},
            "label": float(row.code),
            "rawPrediction": dense([20.0 * p for p in row.probabilities]),
            "probability": dense(row.probabilities),
            "prediction": float(row.probabilities.index(max(row.probabilities))),
        }
        for i, row in enumerate(FLOWERS)
    ]
    sure = {"type": 0, "size": 3, "indices": [1], "values": [1.0]}
    rows.append({**rows[1], "probability": sure, "label": 1.0})
    schema = pa.schema([("features", vector), ("label", pa.float64()), ("rawPrediction", vector),
                        ("probability", vector), ("prediction", pa.float64())])  # fmt: skip
    (HERE / "spark").mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), HERE / "spark" / "predictions.parquet")
    order = [sorted(range(3), key=lambda c: -row.probabilities[c]) for row in FLOWERS]
    columns = {
        "filename": [f"{i}.jpg" for i in range(len(FLOWERS))],
        "index": order,
        "prob": [[row.probabilities[c] for c in chosen] for row, chosen in zip(FLOWERS, order, strict=True)],
    }
    (HERE / "timm_lists").mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), HERE / "timm_lists" / "predictions.parquet")
    table("timm_lists", ["filename", "target"], [[f"{i}.jpg", r.code] for i, r in enumerate(FLOWERS)], "labels.csv")


def suites() -> None:
    """Programs that are not run here: KNIME, RapidMiner and SAS."""
    rows = [[f"Row{i}", row.species, *row.probabilities, row.predicted] for i, row in enumerate(FLOWERS)]
    header = ["row ID", "species", *(f"P (species={name})_RF" for name in SPECIES), "Prediction (species)_RF"]
    table("knime", header, rows, quote='"')
    rows = [[i, row.species, row.predicted, *row.probabilities] for i, row in enumerate(FLOWERS)]
    header = ["id", "species", "prediction(species)", *(f"confidence({name})" for name in SPECIES)]
    table("rapidminer", header, rows, mark=";", quote='"')
    rows = [[row.code, f"{row.code:>12}", f"{int(row.predicted == 'yes'):>12}", row.p_yes, row.p_no, row.p_yes,
             row.p_predicted, row.code - row.p_yes] for row in LOANS]  # fmt: skip
    header = ["BAD", "F_BAD", "I_BAD", "P_BAD1", "P_BAD0", "EM_EVENTPROBABILITY", "EM_PROBABILITY", "R_BAD1"]
    table("sas", header, rows)
    rows = [[row.species, row.species, row.predicted, *row.probabilities] for row in FLOWERS]
    table("sas_logistic", ["species", "_FROM_", "_INTO_", *(f"IP_{name}" for name in SPECIES)], rows)


def hub() -> None:
    tasks = [[f"2023-01-{1 + 7 * (i // 3):02d}", f"{1 + i % 3:02d}", "wk flu hosp rate category"] for i in range(12)]
    names = ["reference_date", "location", "target"]
    rows = [
        [*task, "pmf", name, p]
        for task, row in zip(tasks, FLOWERS, strict=True)
        for name, p in zip(SPECIES, row.probabilities, strict=True)
    ]
    table("hubverse", [*names, "output_type", "output_type_id", "value"], rows)
    rows = [[*task, row.species] for task, row in zip(tasks, FLOWERS, strict=True)]
    table("hubverse", [*names, "observation"], rows, "labels.csv")


def r() -> None:
    called = dict(zip(SPECIES, ("1st", "not ok", "A-B"), strict=True))
    made = ["X1st", "not.ok", "A.B"]
    table("r_make_names", ["obs", *made], [[called[row.species], *row.probabilities] for row in FLOWERS], quote='"')
    header = ["", "pred", "obs", *SPECIES, "rowIndex", "mtry", "Resample"]
    rows = [[str(i + 1), row.predicted, row.species, *row.probabilities, i + 3, 2, "Fold1"]
            for i, row in enumerate(FLOWERS)]  # fmt: skip
    table("caret", header, rows, quote='"')
    header = ["", "obs", *SPECIES]
    rows = [[str(i + 1), row.species, *row.probabilities] for i, row in enumerate(FLOWERS)]
    table("r_write_csv2", header, rows, mark=";", quote='"', decimal=",")
    table("r_write_table", header[1:], rows, mark=" ", quote='"')
    header = [*(f".pred_{name}" for name in SPECIES), "id", ".row", "species", ".config", ".pred_class"]
    rows = [[*row.probabilities, "train/test split", i + 1, row.species, "Preprocessor1_Model1", row.predicted]
            for i, row in enumerate(FLOWERS)]  # fmt: skip
    table("tidymodels", header, rows)


def arrays() -> None:
    (HERE / "numpy_npz").mkdir(exist_ok=True)
    logits = np.array([[math.log(p) + 3.0 for p in row.probabilities] for row in FLOWERS], dtype=np.float64)
    np.savez(HERE / "numpy_npz" / "predictions.npz", logits=logits, labels=np.array([row.code for row in FLOWERS]))


if __name__ == "__main__":
    for make in (
        kaggle,
        benchmarks,
        images,
        plain_text,
        platforms,
        nested,
        of_the_predicted_class,
        columnar,
        suites,
        hub,
        r,
        arrays,
    ):
        make()
