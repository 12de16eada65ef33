"""Random files of one model's output, as people lay them out: what each must come to, or that it may be refused.

Each file is told by its seed alone. ``python tests/random_files/run.py`` goes through many of them.
"""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from misleading import misled

CLASSES = (
    ("cat", "dog", "eel", "fox"), ("a", "b", "c", "d"), ("Iris-setosa", "Iris-versicolor", "Iris-virginica"),
    ("no", "yes"), ("0", "1"), ("0", "1", "2", "3"), ("1", "2", "3"), ("9", "10", "100"), ("-1", "1"), ("-1", "0", "1"),
    ("class_a", "class_b", "class_c"), ("c0", "c1"), ("A", "a", "b"), ("neg", "pos"), ("1.5", "2.5"), ("p", "prob"),
    ("low", "high"), ("lose", "win"), ("<=50K", ">50K"), ("prepaid_card", "highstreet_card", "upmarket_card"),
    ("2024-01-01", "2024-02-01"), ("good", "bad"), ("label", "target"), ("false", "true"), ("home", "away"),
)  # fmt: skip
KNOWN = {"yes", "1", "pos", "true", "high", "win", ">50K"}
"""What speaks of the positive class as the second of two: a single column is about it, whoever wrote the file."""

AFFIXES = (
    ("", ""), ("prob_", ""), ("p_", ""), ("logit_", ""), ("proba.", ""), (".pred_", ""), ("Probability:Class=", ""),
    ("P (y=", ")"), ("confidence(", ")"), ("y_pred_proba_", ""), ("prediction_", "_score"), ("score ", ""),
    ("", "_prob"),
)  # fmt: skip
TRUTHS = ("y_true", "target", "label", "class", "y", "truth", "obs", "species", "actual", "gold", "answer", "outcome")
SINGLE = (
    "prob",
    "p",
    "y_prob",
    "score",
    "y_pred",
    "probability",
    "p_1",
    "prediction",
    "pred_proba",
    "model_output",
    "x",
)
LOGIT = ("logit", "logits", "margin", "score", "decision_function", "raw", "output", "z")


_MISLEADING = 0.15


@dataclass
class Made:
    """A file, or two, and what they have to come to."""

    paths: list[Path]
    loss: float
    """The only number that may come out without a warning; NaN where none may."""
    story: str


def make(seed: int, directory: Path) -> Made:
    """Write the file of a seed and say what it has to come to."""
    rng, dice = np.random.default_rng(seed), random.Random(seed)
    names = list(dice.choice(CLASSES))
    single = len(names) == 2 and dice.random() < 0.5
    if not (single and names[1] in KNOWN):
        dice.shuffle(names)
    rows = dice.choice((8, 20, 60, 60, 200, 1500 if dice.random() < 0.1 else 30))
    z, codes = _model(rng, dice, rows, len(names))
    kind = dice.choice(("probs", "probs", "logits"))
    order = _order(rng, dice, z, codes)
    z, codes = z[order], codes[order]
    scores, loss = _scored(z, codes, kind, single=single)
    story = [f"{len(names)} classes, {rows} rows, {kind}{', one column' if single else ''}"]
    columns: dict[str, list[Any]] = {}
    if single:
        column = dice.choice(SINGLE if kind == "probs" else LOGIT)
        columns[column] = scores[:, 0].tolist()
    else:
        before, after = dice.choice(AFFIXES)
        if before == "logit_" and kind == "probs":
            before = "prob_"
        columns = {f"{before}{name}{after}": scores[:, i].tolist() for i, name in enumerate(names)}
    truth = dice.choice([name for name in TRUTHS if name not in columns])
    texts = [names[code] for code in codes]
    if single and dice.random() < 0.6:  # one column speaks of 1, true or yes
        pair = dice.choice(((0, 1), (False, True), ("no", "yes"), ("0", "1"), (0.0, 1.0), ("neg", "pos")))
        labels: list[Any] = [pair[code] for code in codes]
    else:
        labels = list(texts)
        if not single and all(_whole(name) for name in names) and dice.random() < 0.5:
            labels = [int(name) for name in texts]
    more = _others(rng, dice, z, codes, names, {*columns, truth})
    columns, truth, labels, more, loss, twist = _twisted(rng, dice, columns, truth, labels, more, loss, z, names)
    late = random.Random(f"{seed} late")  # of its own, so that the other files of a seed stay as they are
    if twist == "as it is" and late.random() < _MISLEADING:
        margin = z[:, 1] - z[:, 0] if len(names) == 2 else None
        found = misled(late, np.random.default_rng([seed, 1]), columns, truth, labels, more, margin)
        if found is not None:
            form = late.choice(("csv", "semicolon", "parquet", "jsonl"))
            tables, how = found
            paths = [_write(directory / f"part{number}", form, table) for number, table in enumerate(tables)]
            return Made(
                paths, float("nan"), "; ".join([*story, form, f"truth {truth!r}", f"others {sorted(more)}", how])
            )
    paths, story_of_form = _written(dice, directory, columns, truth, labels, more, len(labels))
    return Made(paths, loss, "; ".join([*story, story_of_form, f"truth {truth!r}", f"others {sorted(more)}", twist]))


def _twisted(
    rng: Any, dice: random.Random, columns: dict[str, list[Any]], truth: str, labels: list[Any],
    more: dict[str, list[Any]], loss: float, z: Any, names: list[str],
) -> tuple[dict[str, list[Any]], str, list[Any], dict[str, list[Any]], float, str]:  # fmt: skip
    """Return the table in one of the ways that mislead, and the loss, NaN where no number is right as it stands."""
    n = len(labels)
    probs = len(columns) > 1 and all(0.0 <= v <= 1.0 for values in columns.values() for v in values)
    match dice.choice(("none",) * 12 + ("stacked", "long", "percent", "votes", "label predicted", "summary row")):
        case "stacked" if "split" not in more and "fold" not in more:
            more = {name: values * 2 for name, values in more.items() if name != "id"}
            more |= {"id": [f"r{i}" for i in range(n)] * 2, "model": ["glm"] * n + ["rf"] * n}
            noisy = {name: values + [round(v * 0.7, 6) for v in values] for name, values in columns.items()}
            if probs:
                total = [sum(noisy[name][i] for name in noisy) for i in range(2 * n)]
                noisy = {name: [v / total[i] for i, v in enumerate(values)] for name, values in noisy.items()}
            return noisy, truth, labels * 2, more, float("nan"), "two models stacked"
        case "long" if probs:
            order = [(i, c) for i in range(n) for c in range(len(names))]
            table = list(columns.values())
            long = {"prob": [table[c][i] for i, c in order]}
            rest = {"id": [f"r{i}" for i, _ in order], "class_name": [names[c] for _, c in order]}
            return long, truth, [labels[i] for i, _ in order], rest, loss, "long form"
        case "percent" if probs:
            return (
                {f"{k} (%)": [100.0 * v for v in vs] for k, vs in columns.items()},
                truth,
                labels,
                more,
                loss,
                "percent",
            )
        case "votes" if probs:
            votes = {name: [round(v * size) for v, size in zip(values, rng.integers(20, 200, n), strict=True)]
                     for name, values in columns.items()}  # fmt: skip
            return votes, truth, labels, more, float("nan"), "votes"
        case "label predicted" if len(columns) > 1 and truth not in ("label", "class"):
            called = dice.choice(("label", "class", "prediction"))
            if called in columns:  # a class of that name: its scores would be written over
                called = "prediction"
            more = {**more, called: [names[c] for c in z.argmax(axis=1)]}
            return columns, truth, labels, more, loss, "the predicted class is called label"
        case "summary row" if "id" in more:
            columns = {name: [*values, sum(values) / n] for name, values in columns.items()}
            more = {name: [*values, None] for name, values in more.items()}
            more["id"][-1] = "mean"
            return columns, truth, [*labels, None], more, loss, "a last row of means"
    return columns, truth, labels, more, loss, "as it is"


def _model(rng: Any, dice: random.Random, rows: int, width: int) -> tuple[Any, Any]:
    z = rng.normal(0.0, dice.choice((0.4, 1.5, 4.0)), (rows, width))
    shares = rng.dirichlet(np.full(width, dice.choice((0.4, 2.0, 20.0))))
    codes = np.where(rng.random(rows) < dice.choice((0.5, 0.8)), z.argmax(axis=1), rng.choice(width, rows, p=shares))
    return z, codes


def _order(rng: Any, dice: random.Random, z: Any, codes: Any) -> Any:
    match dice.choice(("any", "any", "by class", "by score", "by confidence")):
        case "by class":
            return np.argsort(codes, kind="stable")
        case "by score":
            return np.argsort(z[:, -1], kind="stable")
        case "by confidence":
            return np.argsort(-z.max(axis=1), kind="stable")
        case _:
            return rng.permutation(len(codes))


def _scored(z: Any, codes: Any, kind: str, *, single: bool) -> tuple[Any, float]:
    """Return the scores as they are stored, and their loss by the textbook."""
    n = np.arange(len(codes))
    if single:
        margin = z[:, 1] - z[:, 0]
        if kind == "logits":
            scores = np.round(margin, 6)
            return scores[:, None], float(np.logaddexp(0.0, np.where(codes == 1, -scores, scores)).mean())
        p = np.clip(np.round(1.0 / (1.0 + np.exp(-margin)), 6), 1e-6, 1.0 - 1e-6)
        return p[:, None], float(-np.log(np.where(codes == 1, p, 1.0 - p)).mean())
    if kind == "logits":
        scores = np.round(z, 6)
        return scores, float((np.logaddexp.reduce(scores, axis=1) - scores[n, codes]).mean())
    p = np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])
    return p, float(-np.log(p[n, codes]).mean())


def _whole(name: str) -> bool:
    return name.lstrip("-").isdigit()


def _others(
    rng: Any, dice: random.Random, z: Any, codes: Any, names: list[str], taken: set[str]
) -> dict[str, list[Any]]:
    """Return columns that are neither score nor truth, as stand beside them."""
    n = len(codes)
    best = z.argmax(axis=1)
    p = np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])
    kinds: dict[str, list[Any]] = {
        "id": [f"r{i}" for i in rng.permutation(n)],
        "row_id": list(range(n)),
        "Unnamed: 0": list(range(n)),
        "age": np.round(rng.uniform(18, 90, n), 1).tolist(),
        "latency": np.round(rng.exponential(0.2, n), 4).tolist(),
        "price": np.round(rng.lognormal(3, 1, n), 2).tolist(),
        "temperature": np.round(rng.uniform(0, 1, n), 3).tolist(),
        "fold": rng.integers(0, 5, n).tolist(),
        "split": ["test"] * n,
        "timestamp": [f"2026-01-01T00:{i % 60:02d}" for i in range(n)],
        "predicted": [names[c] for c in best],
        "y_hat": [names[c] for c in best],
        "max_prob": np.round(p.max(axis=1), 6).tolist(),
        "entropy": np.round(-(p * np.log(p)).sum(axis=1), 6).tolist(),
        "loss": np.round(-np.log(p[np.arange(n), codes]), 6).tolist(),
        "weight": np.round(rng.uniform(0.5, 2.0, n), 3).tolist(),
        "text": [f"sentence {i}, with a comma" for i in range(n)],
        "rank": (rng.permutation(n) + 1).tolist(),
        "uncertainty": np.round(rng.uniform(0, 1, n), 4).tolist(),
        "lr": [0.001] * n,
        "patient": [f"p{i // 3}" for i in range(n)],
        "city": rng.choice(["Oslo", "Rome", "Lima"], n).tolist(),
        "correct": (best == codes).astype(int).tolist(),
        "notes": [None] * n,
    }
    chosen = dice.sample(sorted(kinds), dice.choice((0, 0, 1, 2, 4)))
    return {name: kinds[name] for name in chosen if name not in taken}


def _written(
    dice: random.Random, directory: Path, columns: dict[str, list[Any]], truth: str, labels: list[Any],
    more: dict[str, list[Any]], rows: int,
) -> tuple[list[Path], str]:  # fmt: skip
    table = {**columns, truth: labels, **more}
    if len(table) != len(columns) + 1 + len(more):
        raise AssertionError("two columns of one name: one of them would be missing from the file")
    order = list(table)
    dice.shuffle(order)
    table = {name: table[name] for name in order}
    form = dice.choice(("csv", "csv", "semicolon", "tab", "parquet", "jsonl", "json", "shards"))
    if "id" in more and dice.random() < 0.5:
        shuffled = list(range(rows))
        dice.shuffle(shuffled)
        second = {"id": [more["id"][i] for i in shuffled], truth: [labels[i] for i in shuffled]}
        first = {name: values for name, values in table.items() if name != truth}
        form = "csv" if form == "shards" else form
        return [
            _write(directory / f"{part}", form, one) for part, one in (("p", first), ("l", second))
        ], f"two files, {form}"
    if form == "shards":
        (directory / "parts").mkdir()
        half = rows // 2
        for number, part in enumerate((slice(0, half), slice(half, rows))):
            _write(
                directory / "parts" / f"part-{number}", "csv", {name: values[part] for name, values in table.items()}
            )
        return [directory / "parts"], "two shards"
    return [_write(directory / "f", form, table)], form


def _write(path: Path, form: str, table: dict[str, list[Any]]) -> Path:
    names = list(table)
    match form:
        case "parquet":
            path = path.with_suffix(".parquet")
            pq.write_table(pa.table(table), path)
        case "jsonl":
            path = path.with_suffix(".jsonl")
            records = (dict(zip(names, row, strict=True)) for row in zip(*table.values(), strict=True))
            path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
        case "json":
            path = path.with_suffix(".json")
            path.write_text(
                json.dumps([dict(zip(names, row, strict=True)) for row in zip(*table.values(), strict=True)])
            )
        case _:
            path = path.with_suffix(".csv")
            text = io.StringIO()
            delimiter = {"semicolon": ";", "tab": "\t"}.get(form, ",")
            writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
            writer.writerow(names)
            comma = form == "semicolon"  # with a decimal comma, as such files have it
            for row in zip(*table.values(), strict=True):
                cells = ["" if value is None else value for value in row]
                writer.writerow([str(v).replace(".", ",") if comma and isinstance(v, float) else v for v in cells])
            path.write_text(text.getvalue())
    return path
