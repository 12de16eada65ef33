"""Make the files of sample_data/, their README and expected.json: held-out outputs of small models.

Run it with the packages of the ``test`` extra, from anywhere::

    python sample_data/make_sample_data.py [DIRECTORY]

Every seed is fixed, BLAS runs on one thread and gzip carries no time stamp, so running it twice gives the
same bytes. Other versions, or another processor's BLAS, may move the last digits of a model's outputs;
expected.json and README.md are then made anew from the files just written. The files in the repository were
made with Python 3.11.7, numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1, pandas 3.1.1 and pyarrow 26.0.1 on
Linux x86-64.

celoss is not imported here: the expected numbers are an oracle. They are computed in float64 from the files
as they were read back, by ``sklearn.metrics.log_loss`` for probabilities and by scipy for the rest.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import log_expit, log_softmax
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from threadpoolctl import threadpool_limits

SEED = 20240229
DIGITS = tuple(range(10))
SPECIES = ("setosa", "versicolor", "virginica")
CULTIVARS = ("barolo", "grignolino", "barbera")  # scikit-learn says class_0, class_1, class_2
WINE_WEIGHTS = {"barolo": 1.0, "grignolino": 0.5, "barbera": 2.5}
SHARDS = 3
MALIGNANT_KEPT = 19  # of 212; with all 357 benign rows that is 5.05 % positives
SHOWN_DIGITS = 12


@dataclass(frozen=True)
class Case:
    """One run of ``celoss eval`` inside sample_data/, and how scikit-learn reads the same files."""

    predictions: str
    kind: str  # probs, logits or logprobs
    columns: tuple[str, ...]  # in the order of ``classes``; one for binary; the array's or list's name otherwise
    classes: tuple[Any, ...]
    label: str
    holds: str
    model: str
    labels: str | None = None
    by_id: bool = False
    options: tuple[str, ...] = ()
    weight_column: str | None = None
    class_weights: Mapping[str, float] | str | None = None

    @property
    def key(self) -> str:
        """What a user types after ``celoss eval``."""
        return " ".join(filter(None, [self.predictions, self.labels, *self.options]))


def named(prefix: str, classes: Sequence[Any]) -> tuple[str, ...]:
    """Column names of the classes: the prefix, then the class."""
    return tuple(f"{prefix}{c}" for c in classes)


LOGISTIC = "standardised logistic regression"
CANCER = f"{LOGISTIC}, breast cancer (569 rows)"
THINNED = f"{LOGISTIC}, breast cancer thinned to 5 % malignant (376 rows)"
DIGIT = f"{LOGISTIC}, digits (1,797 rows)"
IRIS = f"{LOGISTIC}, iris (150 rows)"
WINE = f"{LOGISTIC}, wine (178 rows)"

CASES = (
    Case("cancer_probs.csv", "probs", ("prob",), (0, 1), "y_true", "P(malignant) beside the label", CANCER),
    Case("cancer_logits.csv", "logits", ("logit",), (0, 1), "y_true", "its logits", CANCER),
    Case(
        "cancer_boosted.csv",
        "probs",
        ("prob",),
        (0, 1),
        "y_true",
        "the same rows from another model",
        "gradient boosting, 60 trees, breast cancer (569 rows)",
    ),
    Case("cancer_imbalanced.csv", "probs", ("prob",), (0, 1), "y_true", "19 positives among 376 rows", THINNED),
    Case(
        "cancer_imbalanced.csv",
        "probs",
        ("prob",),
        (0, 1),
        "y_true",
        "the same, both classes counting alike",
        THINNED,
        options=("--class-weight", "balanced"),
        class_weights="balanced",
    ),
    Case(
        "cancer_weighted.csv",
        "probs",
        ("prob",),
        (0, 1),
        "y_true",
        "the same rows, each with the weight that undoes the thinning",
        THINNED,
        options=("--sample-weight", "weight"),
        weight_column="weight",
    ),
    Case(
        "digits_logits.parquet",
        "logits",
        named("logit_", DIGITS),
        DIGITS,
        "label",
        "ten float32 columns, four row groups",
        DIGIT,
    ),
    Case(
        "digits_logits.csv",
        "logits",
        named("logit_", DIGITS),
        DIGITS,
        "label",
        "the same, each float32 in its shortest digits",
        DIGIT,
    ),
    Case(
        "digits_logits_list.parquet",
        "logits",
        ("logits",),
        DIGITS,
        "label",
        "the same in one column of fixed-size lists",
        DIGIT,
    ),
    Case(
        "digits_logits.npy",
        "logits",
        ("",),
        DIGITS,
        "",
        "the same as float32 and int64 arrays, paired by position",
        DIGIT,
        labels="digits_labels.npy",
    ),
    Case(
        "digits_probs.csv.gz",
        "probs",
        named("", DIGITS),
        DIGITS,
        "label",
        "probabilities in 6 significant digits, columns named 0 to 9, gzip",
        DIGIT,
    ),
    Case(
        "digits_probs_by_id.parquet",
        "probs",
        named("p_", DIGITS),
        DIGITS,
        "label",
        "float32 probabilities; the labels are in another file, in another order, and pair by `sample_id`",
        DIGIT,
        labels="digits_labels_by_id.csv",
        by_id=True,
    ),
    Case(
        "iris_probs.csv",
        "probs",
        SPECIES,
        SPECIES,
        "truth",
        "columns named by class, string labels, a column of predictions",
        IRIS,
    ),
    Case(
        "iris_logits.csv",
        "logits",
        SPECIES,
        SPECIES,
        "species",
        "no label column; the labels are in another file, paired by position",
        IRIS,
        labels="iris_species.csv",
    ),
    Case(
        "iris_semicolon.csv",
        "probs",
        SPECIES,
        SPECIES,
        "obs",
        "as R's `write.csv2` leaves caret's output: `;`, decimal comma, an unnamed first column, 15 digits",
        IRIS,
    ),
    Case("iris_outputs.npz", "logits", ("logits",), (0, 1, 2), "labels", "`logits` beside `labels`", IRIS),
    *(
        Case(f"wine_{kind}.{suffix}", kind, named(f"{prefix}_", CULTIVARS), CULTIVARS, "cultivar", holds, WINE)
        for kind, prefix in (("probs", "prob"), ("logits", "logit"), ("logprobs", "logprob"))
        for suffix, holds in (
            ("csv", f"{kind}, float64 in full digits"),
            ("parquet", f"{kind}, {'float64' if kind == 'logits' else 'float32'}"),
        )
    ),
    Case(
        "wine_shards",
        "logits",
        named("logit_", CULTIVARS),
        CULTIVARS,
        "cultivar",
        "a directory: wine_logits.parquet in three shards",
        WINE,
    ),
    *(
        Case(
            "wine_logits.csv",
            "logits",
            named("logit_", CULTIVARS),
            CULTIVARS,
            "cultivar",
            "classes weighted 1, 0.5 and 2.5",
            WINE,
            options=("--class-weight", weights),
            class_weights=WINE_WEIGHTS,
        )
        for weights in ("wine_weights.csv", "wine_weights.json")
    ),
    Case(
        "wine_knn.csv",
        "probs",
        CULTIVARS,
        CULTIVARS,
        "cultivar",
        "the truth sometimes gets probability 0: an infinite loss",
        "5 nearest neighbours on unscaled features, wine (178 rows)",
    ),
)


def held_out(model: BaseEstimator, X: NDArray[Any], y: NDArray[Any], method: str) -> NDArray[np.float64]:
    """Outputs of ``model`` for every row, from the fold that did not see it: (N,) or (N, C) float64."""
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    outputs: NDArray[np.float64] = cross_val_predict(model, X, y, cv=folds, method=method)
    return outputs


def logits_of(X: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """Held-out logits of a standardised logistic regression: (N,) for two classes, else (N, C)."""
    return held_out(make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)), X, y, "decision_function")


def to_csv(frame: pd.DataFrame, path: Path, **options: Any) -> None:
    """Write as ``DataFrame.to_csv(index=False)`` does, with the same line ends everywhere."""
    frame.to_csv(path, index=False, lineterminator="\n", **options)


def write_cancer(directory: Path) -> None:
    """Binary: one column of probabilities or logits for "malignant" beside the label."""
    X, benign = load_breast_cancer(return_X_y=True)
    y = 1 - benign
    logit = logits_of(X, y)
    to_csv(pd.DataFrame({"y_true": y, "prob": np.exp(log_expit(logit))}), directory / "cancer_probs.csv")
    to_csv(pd.DataFrame({"y_true": y, "logit": logit}), directory / "cancer_logits.csv")
    boosting = GradientBoostingClassifier(n_estimators=60, random_state=SEED)
    prob = held_out(boosting, X, y, "predict_proba")[:, 1]
    to_csv(pd.DataFrame({"y_true": y, "prob": prob}), directory / "cancer_boosted.csv")

    malignant = np.flatnonzero(y)
    kept = np.random.default_rng(SEED).choice(malignant, MALIGNANT_KEPT, replace=False)
    rows = np.sort(np.concatenate([np.flatnonzero(y == 0), kept]))
    thinned = pd.DataFrame({"y_true": y[rows], "prob": np.exp(log_expit(logits_of(X[rows], y[rows])))})
    to_csv(thinned, directory / "cancer_imbalanced.csv")
    weight = np.where(y[rows] == 1, malignant.size / MALIGNANT_KEPT, 1.0).round(6)
    to_csv(thinned.assign(weight=weight), directory / "cancer_weighted.csv")


def write_digits(directory: Path) -> None:
    """Ten classes: logits and probabilities, in Parquet, CSV and NumPy files."""
    X, y = load_digits(return_X_y=True)
    logits = logits_of(X, y).astype(np.float32)
    probs = np.exp(log_softmax(logits.astype(np.float64), axis=1))
    label = y.astype(np.int64)

    columns = pd.DataFrame(logits, columns=named("logit_", DIGITS)).assign(label=label)
    columns.to_parquet(directory / "digits_logits.parquet", index=False, row_group_size=500)
    to_csv(columns, directory / "digits_logits.csv")
    lists = pa.FixedSizeListArray.from_arrays(pa.array(logits.ravel()), logits.shape[1])
    pq.write_table(pa.table({"logits": lists, "label": label}), directory / "digits_logits_list.parquet")
    np.save(directory / "digits_logits.npy", logits)
    np.save(directory / "digits_labels.npy", label)

    frame = pd.DataFrame(probs, columns=named("", DIGITS)).assign(label=label)
    gzip = {"method": "gzip", "mtime": 0}
    to_csv(frame, directory / "digits_probs.csv.gz", float_format="%.6g", compression=gzip)

    sample_id = np.arange(1, y.size + 1)
    by_id = pd.DataFrame(probs.astype(np.float32), columns=named("p_", DIGITS))
    by_id.insert(0, "sample_id", sample_id)
    by_id.to_parquet(directory / "digits_probs_by_id.parquet", index=False)
    order = np.random.default_rng(SEED).permutation(y.size)
    shuffled = pd.DataFrame({"sample_id": sample_id[order], "label": label[order]})
    to_csv(shuffled, directory / "digits_labels_by_id.csv")


def write_iris(directory: Path) -> None:
    """Three classes named by strings, as several tools write them."""
    X, y = load_iris(return_X_y=True)
    logits = logits_of(X, y)
    probs = np.exp(log_softmax(logits, axis=1))
    names = np.array(SPECIES)
    truth, predicted = names[y], names[probs.argmax(axis=1)]

    frame = pd.DataFrame(probs, columns=SPECIES).assign(predictions=predicted, truth=truth)
    to_csv(frame, directory / "iris_probs.csv")
    to_csv(pd.DataFrame(logits, columns=SPECIES), directory / "iris_logits.csv")
    to_csv(pd.DataFrame({"species": truth}), directory / "iris_species.csv")
    np.savez(directory / "iris_outputs.npz", logits=logits, labels=y.astype(np.int64))

    header = ";".join(f'"{name}"' for name in ("", "pred", "obs", *SPECIES))
    lines = [header]
    for i, (p, guess, species) in enumerate(zip(probs, predicted, truth, strict=True), start=1):
        numbers = ";".join(f"{value:.15g}".replace(".", ",") for value in p)
        lines.append(f'"{i}";"{guess}";"{species}";{numbers}')
    write_text(directory / "iris_semicolon.csv", "\n".join(lines) + "\n")


def write_wine(directory: Path) -> None:
    """One model's outputs as probabilities, logits and log-probabilities; weights; shards; infinities."""
    X, y = load_wine(return_X_y=True)
    cultivar = np.array(CULTIVARS)[y]
    logits = logits_of(X, y)
    logprobs = log_softmax(logits, axis=1)
    outputs = {"logits": logits, "logprobs": logprobs, "probs": np.exp(logprobs)}
    for kind, values in outputs.items():
        frame = pd.DataFrame(values, columns=named(f"{kind[:-1]}_", CULTIVARS))
        to_csv(frame.assign(cultivar=cultivar), directory / f"wine_{kind}.csv")
        stored = frame if kind == "logits" else frame.astype(np.float32)
        stored.assign(cultivar=cultivar).to_parquet(directory / f"wine_{kind}.parquet", index=False)

    shards = directory / "wine_shards"
    shards.mkdir(exist_ok=True)
    frame = pd.DataFrame(logits, columns=named("logit_", CULTIVARS)).assign(cultivar=cultivar)
    for i, rows in enumerate(np.array_split(np.arange(y.size), SHARDS)):
        frame.iloc[rows].to_parquet(shards / f"part-{i:05d}.parquet", index=False)

    votes = held_out(KNeighborsClassifier(5), X, y, "predict_proba")
    to_csv(pd.DataFrame(votes, columns=CULTIVARS).assign(cultivar=cultivar), directory / "wine_knn.csv")

    weights = pd.DataFrame({"class": WINE_WEIGHTS.keys(), "weight": WINE_WEIGHTS.values()})
    to_csv(weights, directory / "wine_weights.csv")
    write_text(directory / "wine_weights.json", json.dumps(WINE_WEIGHTS, indent=2) + "\n")


SENTENCES = (
    ("proverb", "the early bird catches the worm"),
    ("proverb", "the pen is mightier than the sword"),
    ("proverb", "when the cat is away the mice will play"),
    ("proverb", "a bird in the hand is worth two in the bush"),
    ("proverb", "there is no place like home"),
    ("proverb", "the grass is greener on the other side"),
    ("weather", "the wind will be light in the morning"),
    ("weather", "rain in the hills and sun in the valley"),
    ("weather", "the night will be cold and the morning bright"),
    ("weather", "snow will fall on the hills in the night"),
    ("weather", "a light wind in the valley will be cold"),
    ("weather", "the sun will be bright in the hills"),
)


def write_sequences(directory: Path) -> None:
    """Log-probabilities of the true tokens by two small models with tokens of their own: words, and characters.

    Each is a bigram model with add-one smoothing, fitted to the other sentences.
    """
    for name, split in (("sequences_words", _words), ("sequences_characters", list)):
        records = []
        for held, (topic, text) in enumerate(SENTENCES):
            others = [split(other) for i, (_, other) in enumerate(SENTENCES) if i != held]
            tokens = split(text)
            known = {token for sentence in (*others, tokens) for token in sentence}
            pairs = [(a, b) for sentence in others for a, b in itertools.pairwise(sentence)]
            scores: list[float | None] = [None]
            for a, b in itertools.pairwise(tokens):
                after = sum(first == a for first, _ in pairs)
                scores.append(float(np.log((pairs.count((a, b)) + 1) / (after + len(known)))))
            record = {"id": f"s{held}", "topic": topic, "text": text, "tokens": tokens, "logprobs": scores}
            records.append(json.dumps(record))
        write_text(directory / f"{name}.jsonl", "\n".join(records) + "\n")


def _words(text: str) -> list[str]:
    first, *rest = text.split()
    return [first, *(f" {word}" for word in rest)]


def write_text(path: Path, text: str) -> None:
    """UTF-8 with line feeds, on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def read(path: Path) -> pd.DataFrame:
    """Read a sample file back: CSV cells as strings, each array of a NumPy file as a column."""
    if path.suffix == ".npy":
        return pd.DataFrame({"": list(np.load(path))})
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return pd.DataFrame({name: list(arrays[name]) for name in arrays})
    if path.suffix == ".parquet" or path.is_dir():
        return pd.read_parquet(path)
    if path.name == "iris_semicolon.csv":
        return pd.read_csv(path, sep=";", dtype=str).replace(",", ".", regex=True)
    return pd.read_csv(path, dtype=str)


def to_float64(column: pd.Series) -> NDArray[np.float64]:
    """Numbers, or strings read by Python's ``float``, which rounds correctly: (N,) float64."""
    return np.array([float(cell) for cell in column])


def oracle(case: Case, directory: Path) -> dict[str, Any]:
    """The entry of expected.json: the mean cross-entropy in nats by scikit-learn and scipy, in float64."""
    frame = read(directory / case.predictions)
    truth = frame if case.labels is None else read(directory / case.labels)
    if case.by_id:
        by_id = truth[case.label].set_axis(truth["sample_id"].astype(str))
        truth = by_id.loc[frame["sample_id"].astype(str)].to_frame()
    code = truth[case.label].astype(str).map({str(c): i for i, c in enumerate(case.classes)}).to_numpy(np.int64)
    nested = len(case.columns) == 1 and len(case.classes) > 2
    if nested:
        scores = np.stack(frame[case.columns[0]].tolist()).astype(np.float64)
    else:
        scores = np.column_stack([to_float64(frame[name]) for name in case.columns])

    weight = np.ones(code.size)
    if case.weight_column is not None:
        weight = to_float64(frame[case.weight_column])
    elif isinstance(case.class_weights, str):
        weight = compute_sample_weight(case.class_weights, code)
    elif case.class_weights is not None:
        weight = np.array([case.class_weights[c] for c in case.classes])[code]

    log_p = log_probabilities(scores, case.kind)[np.arange(code.size), code]
    infinite = int(np.isinf(log_p).sum())
    mean = float(np.average(-log_p, weights=weight))
    entry: dict[str, Any] = {
        "predictions": case.predictions,
        "labels": case.labels,
        "options": list(case.options),
        "mean": mean,
        "rows": int(code.size),
    }
    if case.kind == "probs":
        clipped = sklearn_log_loss(code, scores, weight)
        if infinite:
            scored = np.isfinite(log_p)
            entry["mean"] = "inf"
            entry["infinite"] = infinite
            entry["mean_of_finite"] = float(np.average(-log_p[scored], weights=weight[scored]))
            entry["mean_clipped_by_sklearn"] = clipped
        else:
            require_close(case.key, mean, clipped)
            entry["mean"] = clipped
    else:
        require_close(case.key, mean, sklearn_log_loss(code, probabilities(scores, case.kind), weight))
    return entry


def probabilities(scores: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """(N, C) probabilities of logits or log-probabilities."""
    return np.exp(log_probabilities(scores, kind))


def log_probabilities(scores: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """(N, C) log-probabilities by scipy; an (N, 1) column of scores speaks of the second of two classes."""
    if kind == "logprobs":
        return scores
    binary = scores.shape[1] == 1
    if kind == "logits":
        return np.hstack([log_expit(-scores), log_expit(scores)]) if binary else log_softmax(scores, axis=1)
    with np.errstate(divide="ignore"):  # probabilities of exactly 0, and of 1, are part of the sample
        return np.hstack([np.log1p(-scores), np.log(scores)]) if binary else np.log(scores)


def sklearn_log_loss(code: NDArray[np.integer[Any]], probs: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """scikit-learn's mean, whose classes are the codes 0 to C − 1."""
    with warnings.catch_warnings():
        # Probabilities stored in float32 or in 6 digits do not sum to 1 in float64; it takes them as is.
        warnings.filterwarnings("ignore", message="The y_prob.* values do not sum to one")
        labels = np.arange(max(2, probs.shape[1]))
        return float(log_loss(code, probs, sample_weight=weight, labels=labels))


def require_close(key: str, ours: float, theirs: float) -> None:
    """Stop when two independent computations of one number differ."""
    if not math.isclose(ours, theirs, rel_tol=1e-12):
        raise SystemExit(f"{key}: scipy says {ours!r}, scikit-learn {theirs!r}")


README = """\
# Sample data

Outputs of small models for rows they were not trained on, beside the truth, as different tools would write
them. `python sample_data/make_sample_data.py` makes every file here, this page and `expected.json`.

    celoss eval digits_logits.parquet
    celoss eval digits_probs_by_id.parquet digits_labels_by_id.csv

The expected mean cross-entropy (nats a row) was **computed by scikit-learn and scipy, not by celoss**: in
float64, from the file as written, to {digits} significant digits here and in full in `expected.json`. For
probabilities it is `sklearn.metrics.log_loss`; for logits and log-probabilities it is
`scipy.special.log_softmax` or `log_expit`, checked against `log_loss` of their exponentials. Where losses
are finite the two agree to 1e-12 relative.

| `celoss eval` … | holds | model and data | rows | expected mean (scikit-learn, scipy) |
|---|---|---|---:|---|
{table}

Where a file holds float32 numbers or rounded ones, the mean differs from that of the model's other files
after the 7th digit: each number belongs to what is in its own file.

`wine_knn.csv`: the true class has probability 0 in {infinite} rows, so the exact mean is infinite. The
other rows have the mean {finite}; scikit-learn clips the zeros to 2.2e-16 and reports {clipped}.

`sequences_words.jsonl` and `sequences_characters.jsonl` have no classes: each row is a sentence, with what two
bigram models gave its tokens, which are words in one file and characters in the other.

## expected.json

One entry for each row of the table. Its key is what follows `celoss eval` when that runs in this directory;
in it are `predictions`, `labels` (or null), `options`, `mean` (a number, or "inf") and `rows`. Where losses
are infinite, `infinite` counts them, beside `mean_of_finite` and `mean_clipped_by_sklearn`.

## Models and data

All rows are held out: each was scored by a model fitted to the other four of five stratified folds. The
features are not here, only the models' outputs and the true classes.

- **breast cancer**: Breast Cancer Wisconsin (Diagnostic), W. Wolberg, O. Mangasarian, N. Street and W.
  Street, doi:10.24432/C5DW2B. Label 1 is malignant here (scikit-learn codes benign as 1).
- **digits**: the test part of Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak,
  doi:10.24432/C50P49.
- **iris**: R. A. Fisher, doi:10.24432/C56C76, as scikit-learn corrects it after Fisher's paper.
- **wine**: S. Aeberhard and M. Forina, doi:10.24432/C5PC7J. Its classes are three cultivars, here by name.

They are public data sets of the UCI Machine Learning Repository, which gives them under CC BY 4.0, and come
with scikit-learn (BSD 3-Clause).
"""


def rendered(expected: Mapping[str, Mapping[str, Any]]) -> str:
    """README.md: a row for each case, in the order of ``CASES``."""
    rows = []
    for case in CASES:
        entry = expected[case.key]
        mean = entry["mean"] if isinstance(entry["mean"], str) else f"{entry['mean']:#.{SHOWN_DIGITS}g}"
        rows.append(f"| `{case.key}` | {case.holds} | {case.model} | {entry['rows']:,} | {mean} |")
    knn = expected["wine_knn.csv"]
    return README.format(
        digits=SHOWN_DIGITS,
        table="\n".join(rows),
        infinite=knn["infinite"],
        finite=f"{knn['mean_of_finite']:#.{SHOWN_DIGITS}g}",
        clipped=f"{knn['mean_clipped_by_sklearn']:#.{SHOWN_DIGITS}g}",
    )


def main() -> None:
    """Write everything into the directory given, or beside this script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    directory: Path = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    with threadpool_limits(limits=1):
        write_cancer(directory)
        write_digits(directory)
        write_iris(directory)
        write_wine(directory)
        write_sequences(directory)
        expected = {case.key: oracle(case, directory) for case in CASES}
    write_text(directory / "expected.json", json.dumps(expected, indent=2) + "\n")
    write_text(directory / "README.md", rendered(expected))


if __name__ == "__main__":
    main()
