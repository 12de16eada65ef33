"""More files that are refused with a hint that names a flag: of rarer forms, and of ``compare`` and baselines."""

from __future__ import annotations

import io
import json

import numpy as np
import pyarrow as pa

from celoss_cli.state.digest import label_hash, of_labels
from hints.cases import (
    ABC,
    PB,
    PERM,
    RNG,
    SOFT,
    TRUE2,
    TRUE3,
    B,
    Case,
    N,
    P,
    Y,
    Z,
    loss,
    several,
    sigmoid_loss,
    softmax_loss,
    text,
)
from hints.following import NOTHING

COUNTS = RNG.integers(1, 4, N)
WEIGHTED = float(np.average(-np.log(np.where(B == 1, PB, 1.0 - PB)), weights=COUNTS))
PQ = PB**2
GAP2 = loss(PQ, B) - TRUE2
SHARP = P**2 / (P**2).sum(axis=1, keepdims=True)
GAP3 = loss(SHARP, Y) - TRUE3
TWO = P[:, :2] / P[:, :2].sum(axis=1, keepdims=True)
ROWS = list(zip(B.tolist(), PB.tolist(), strict=True))
SURE = [*np.maximum(PB, 1.0 - PB).tolist(), 0.9] * 20
SURE[-1] = 0.4
OUT = np.arange(N) % 9 == 4
SPLIT = np.where(OUT, "none", "test")
CLIPPED_AT_3 = loss(np.where(np.arange(N) == 3, 1.0 - B, PB).clip(1e-3, 1.0 - 1e-3), B)
ORDER = np.argsort(-P, axis=1).T[:2]
ITEMS = np.repeat(np.arange(N), 3)
LONG_CLASS = np.tile(ABC, N)
LONG_TRUTH = np.repeat(ABC[Y], 3)
SHUFFLED = RNG.permutation(3 * N)
BASELINE = {
    "schema": "celoss.evaluation", "schema_version": "1.1", "convention": {}, "loss": {"mean": 0.5, "unit": "nats"},
    "counts": {"rows": 1, "scored": 1}, "spec": {"task": "binary", "classes": ["x", "y"]},
}  # fmt: skip


def lines(*records: object) -> str:
    """JSON Lines."""
    return "".join(f"{json.dumps(record)}\n" for record in records)


def splits() -> bytes:
    """An archive of NumPy with two splits."""
    file = io.BytesIO()
    np.savez(file, test_logits=Z, test_labels=Y, val_logits=Z[:9], val_labels=Y[:9])
    return file.getvalue()


def fix(classes: list[str], digest: str) -> str:
    """A temperature of 2, fitted to probabilities."""
    document = {
        "schema": "celoss.calibration",
        "schema_version": "1.0",
        "celoss_version": "0",
        "method": "temperature",
        "parameters": {"t": 2.0},
        "scores": {"task": "binary", "input": "probs", "percent": False, "classes": classes, "columns": ["p"]},
        "fitted_on": {"path": "v.csv", "rows": N, "digest": digest},
        "promise": {
            "loss": 1.0,
            "loss_after": 0.9,
            "gain": 0.1,
            "gain_ci95": [0.0, 0.2],
            "gain_in_sample": 0.1,
            "p_value": None,
            "verdict": "helps",
        },
    }
    return json.dumps(document)


def digest_of(codes: np.ndarray) -> str:
    """Which rows these are, without ids."""
    return of_labels(codes, np.array([label_hash(b"0"), label_hash(b"1")], dtype=np.uint64)).text


HALVED = sigmoid_loss(0.5 * np.log(PB / (1.0 - PB)), B)
CASES: dict[str, Case] = {
    "a split that is not there": Case(
        "unknown_split",
        {"f.npz": splits()},
        "f.npz --split tests",
        {"": softmax_loss(Z, Y)},
        {"--split": "test"},
    ),
    "a fix of other scores": Case(
        "calibration_input",
        {"f.csv": text("y,margin", B, np.log(PB / (1.0 - PB))), "fix.json": fix(["0", "1"], "labels:0")},
        "f.csv --calibration fix.json",
        {"": HALVED},
    ),
    "a fix of the same rows": Case(
        "fitted_rows",
        {"f.csv": text("y,p", B, PB), "fix.json": fix(["0", "1"], digest_of(B))},
        "f.csv --calibration fix.json",
        {"": HALVED},
    ),
    # text
    "UTF-32 without a mark": Case(
        "binary_file",
        {"f.csv": several(P).encode("utf-32-le")},
        "f.csv",
        {"": TRUE3},
        {"--file-format": NOTHING, "--encoding": "utf-32-le"},
    ),
    "decimal commas between commas": Case(
        "decimal_commas",
        {"f.csv": "y,prob\n" + "".join(f"{y},{p:.3f}\n".replace(".", ",") for y, p in zip(B, PB, strict=True))},
        "f.csv",
    ),
    "a row name or a decimal comma": Case(
        "decimal_commas",
        {"p.csv": "logit\n" + "".join(f"{whole},{i}\n" for i, whole in enumerate(PERM, 10)), "y.csv": text("y", B)},
        "p.csv y.csv",
        {"": sigmoid_loss(PERM + 0.01 * np.arange(10, N + 10), B)},
        {"--decimal": ","},
        ("if the first column holds names",),
    ),
    # counts
    "a count that is a word": Case(
        "count_invalid", {"f.csv": text("y_true,prob,w", B, PB, ABC[Y])}, "f.csv --count w", {}, {"--count": "w"}
    ),
    "a count that is a fraction": Case(
        "count_invalid",
        {"f.csv": text("y_true,prob,n", B, PB, COUNTS / 2)},
        "f.csv --count n",
        {"": WEIGHTED},
        {"--sample-weight": "n"},
    ),
    "counts of a hundred billion": Case(
        "count_invalid",
        {"f.csv": text("y_true,prob,n", B, PB, COUNTS * 10**9)},
        "f.csv --count n",
        {"": WEIGHTED},
        {"--sample-weight": "n"},
    ),
    # columns
    "a column of text named after a label": Case(
        "class_column_text",
        {"f.csv": text("y_true,False,True,prob_0,prob_1", B == 1, ["n/k"] * N, ["x"] * N, 1.0 - PB, PB)},
        "f.csv --label y_true",
        {"": TRUE2},
        {"--pred": "prob_0,prob_1"},
    ),
    "objects of texts as scores": Case(
        "not_scores",
        {"f.jsonl": lines(*({"y": y, "o": {"a": "x"}, "prob": p} for y, p in ROWS))},
        "f.jsonl --pred o --label y",
        {"": TRUE2},
        {"--pred": "prob"},
    ),
    "vectors of no element": Case(
        "vector_width",
        {"f.parquet": pa.table({"y": B, "v": pa.array([[]] * N, pa.list_(pa.float64())), "prob": PB})},
        "f.parquet --pred v --label y",
        {"": TRUE2},
        {"--pred": "prob"},
    ),
    "scores whose classes stand in lists of other lengths": Case(
        "classes_unread",
        {
            "f.jsonl": lines(*({"filename": str(i), "index": [0, 1], "prob": p} for i, p in enumerate(P.tolist()))),
            "y.csv": text("filename,target", np.arange(N), Y),
        },
        "f.jsonl y.csv",
        {"": TRUE3},
        {"--classes": "0,1,2"},
    ),
    "a score of the predicted class below a half": Case(
        "predicted_class",
        {"f.csv": text("y_true,y_pred,prob", [*B, 1] * 20, [*(PB > 0.5).astype(int), 1] * 20, SURE)},
        "f.csv",
        {"": loss(np.array(SURE), np.array([*B, 1] * 20))},
        {"--positive": "1"},
    ),
    "two tools": Case(
        "layout_ambiguous",
        {
            "f.csv": text(
                "confidence.no,confidence.yes,.pred_no,.pred_yes,prediction",
                1.0 - PB,
                PB,
                PB,
                1.0 - PB,
                np.array(["no", "yes"])[B],
            )
        },
        "f.csv",
        {"": TRUE2},
        {"--pred": "confidence.*", "--label": "prediction"},
    ),
    "two columns of the truth": Case(
        "label_ambiguous",
        {"f.csv": text("y_true,ground_truth,p_a,p_b,p_c", ABC[Y], ABC[(Y + (np.arange(N) % 5 == 0)) % 3], *P.T)},
        "f.csv",
        {"": TRUE3},
        {"--label": "y_true"},
    ),
    # labels
    "-1 among one-hot labels": Case(
        "label_outside",
        {
            "p.csv": text("id,a,b", np.arange(N), 1.0 - PB, PB),
            "y.csv": text("id,a,b,split", np.arange(N), *(np.where(OUT, -1, c) for c in (1 - B, B)), SPLIT),
        },
        "p.csv y.csv",
        {"": loss(PB[~OUT], B[~OUT])},
        {"--where": "split=test"},
        ("leave such cells empty",),  # with which the next one begins
    ),
    "-1 among one-hot labels, left empty": Case(
        "missing_label",
        {
            "p.csv": text("id,a,b", np.arange(N), 1.0 - PB, PB),
            "y.csv": text("id,a,b", np.arange(N), *(np.where(OUT, "", c) for c in (1 - B, B))),
        },
        "p.csv y.csv",
        {"": loss(PB[~OUT], B[~OUT])},
    ),
    "a soft label above 1": Case(
        "label_outside",
        {"f.csv": text("a,b,c,t_a,t_b,t_c", *Z.T, *(3.0 * SOFT).T)},
        "f.csv --pred a,b,c --label t_a,t_b,t_c --input logits",
        {},
        {},
        ("if these are none",),
    ),
    "several raters": Case(
        "several_raters",
        {"f.csv": text("rater_1,rater_2,p_a,p_b,p_c", ABC[Y], ABC[(Y + (np.arange(N) % 5 == 0)) % 3], *P.T)},
        "f.csv",
        {"": TRUE3},
    ),
    "several labels in a cell": Case(
        "several_labels",
        {"f.csv": text("label,p_a,p_b,p_c", ["a|b" if i % 3 == 0 else ABC[y] for i, y in enumerate(Y)], *P.T)},
        "f.csv",
        {},
        {"--label": "label", "--pred": "p_a,p_b,p_c"},
    ),
    "a row of means": Case(
        "summary_row",
        {"f.csv": text("id,y_true,prob", [*range(N), "mean"], [*B, float(B.mean())], [*PB.tolist(), float(PB.mean())])},
        "f.csv",
        {"": TRUE2},
    ),
    "a row of means without a label": Case(
        "summary_row",
        {"f.csv": text("id,y_true,prob", [*range(N), "mean"], [*B, ""], [*PB.tolist(), float(PB.mean())])},
        "f.csv",
        {"": TRUE2},
    ),
    # long form
    "long form with two columns of scores": Case(
        "long_form",
        {"f.csv": text("id,y,class,score,prob", ITEMS, LONG_TRUTH, LONG_CLASS, SHARP.ravel(), P.ravel())},
        "f.csv",
        {"": TRUE3},
        {"--value-column": "prob"},
    ),
    "long form, shuffled": Case(
        "long_form",
        {"f.csv": text("id,y,class,prob", *(c[SHUFFLED] for c in (ITEMS, LONG_TRUTH, LONG_CLASS, P.ravel())))},
        "f.csv",
    ),
    "long form, shuffled, said to be such": Case(
        "long_form",
        {"f.csv": text("id,y,class,prob", *(c[SHUFFLED] for c in (ITEMS, LONG_TRUTH, LONG_CLASS, P.ravel())))},
        "f.csv --class-column class --value-column prob",
    ),
    # two models
    "models of other classes": Case(
        "classes_differ",
        {"a.csv": several(P), "b.csv": several(TWO, "y,p_a,p_b", ABC[np.minimum(Y, 1)])},
        "compare a.csv b.csv",
        {},
        {"--classes": "a,b"},
    ),
    "models of the same classes under other names": Case(
        "classes_differ",
        {"a.csv": text("p_a,p_b,p_c", *P.T), "b.csv": text("p_x,p_y,p_z", *SHARP.T), "y.csv": text("y", Y)},
        "compare a.csv b.csv y.csv",
        {"": GAP3},
        {"--classes": "0,1,2"},
    ),
    "another number of columns under --compat": Case(
        "denominators_differ",
        {"a.csv": text("y,prob", B, PB), "b.csv": text("y,prob_0,prob_1", B, 1.0 - PQ, PQ)},
        "compare a.csv b.csv --compat torch --class-weight 1,2",
        {"": float(np.mean((1 + B) * np.log(np.where(B == 1, PB / PQ, (1.0 - PB) / (1.0 - PQ)))))},
        {"--denominator": "count"},
    ),
    "a label that differs": Case(
        "labels_differ",
        {"a.csv": text("y,prob", B, PB), "b.csv": text("y,prob", np.where(np.arange(N) == 3, 1 - B, B), PQ)},
        "compare a.csv b.csv",
        {},
        {"--id": NOTHING},
    ),
    "labels of another kind": Case(
        "targets_differ",
        {"a.csv": text("y,prob", B, PB), "b.csv": text("y,prob", np.where(np.arange(N) == 3, 0.5, B), PQ)},
        "compare a.csv b.csv",
        {},
        {"--task": "binary", "--label": "y"},
    ),
    "weights that differ": Case(
        "weights_differ",
        {"a.csv": text("y,prob,w", B, PB, COUNTS), "b.csv": text("y,prob,w", B, PQ, COUNTS + (np.arange(N) == 3))},
        "compare a.csv b.csv --sample-weight w",
        {},
        {"--sample-weight": "w"},
    ),
    # baselines
    "no baseline yet": Case(
        "baseline_unreadable",
        {"f.csv": text("y,prob", B, PB)},
        "f.csv --baseline none.json",
        {"": TRUE2},
        {"--save-baseline": "new.json"},
    ),
    "a baseline that is none": Case(
        "baseline_unreadable",
        {"f.csv": text("y,prob", B, PB), "b.json": "{"},
        "f.csv --baseline b.json",
        {"": TRUE2},
        {"--save-baseline": "new.json", "--report": "new.json"},
    ),
    "a baseline of other data": Case(
        "baseline_mismatch",
        {"f.csv": text("y,prob", B, PB), "b.json": json.dumps(BASELINE)},
        "f.csv --baseline b.json",
        {"": TRUE2},
        {"--save-baseline": "new.json"},
    ),
    # text, again
    "a header alone": Case("no_data_rows", {"f.csv": "y,prob"}, "f.csv", {}, {}, ("if that line is data",)),
    "a line of data alone": Case(
        "no_data_rows",
        {"f.csv": "0.25,b"},
        "f.csv --header --pred 0 --label 1 --positive b",
        {"": np.log(4.0)},
    ),
    "a header with a name twice": Case(
        "duplicate_columns",
        {"f.csv": several(P, "y,p_a,p_a,p_c")},
        "f.csv",
        {},
        {},
        ("if that line is data",),
    ),
    # slices
    "more values than there are slices": Case(
        "too_many_slices",
        {"f.csv": text("y_true,prob,z", np.tile(B, 200), np.tile(PB, 200), np.arange(200 * N) / 7)},
        "f.csv --slice z --max-slice-loss 99",
        {"": TRUE2},
    ),
    "edges for words": Case(
        "slice_not_numbers", {"f.csv": text("y_true,prob,z", B, PB, ABC[Y])}, "f.csv --slice z=1,2", {"": TRUE2}
    ),
    # an infinite mean
    "an infinite mean as a baseline": Case(
        "baseline_infinite",
        {"f.csv": text("y_true,prob", B, np.where(np.arange(N) == 3, 1.0 - B, PB))},
        "f.csv --save-baseline new.json",
        {"--clip": CLIPPED_AT_3, "--report": np.inf},
        {"--clip": "1e-3", "--report": "new.json"},
    ),
    "a baseline of another schema": Case(
        "baseline_schema",
        {"f.csv": text("y,prob", B, PB), "b.json": "{}"},
        "f.csv --baseline b.json",
        {"": TRUE2},
        {"--save-baseline": "new.json"},
    ),
    "a baseline without its counts": Case(
        "baseline_incomplete",
        {"f.csv": text("y,prob", B, PB), "b.json": json.dumps({k: v for k, v in BASELINE.items() if k != "counts"})},
        "f.csv --baseline b.json",
        {"": TRUE2},
        {"--save-baseline": "new.json"},
    ),
    # one column of scores
    "a column called after the negative class": Case(
        "positive_ambiguous",
        {"f.csv": text("y,p_lost", B, PB)},
        "f.csv",
        {"--positive 0": loss(1.0 - PB, B), "--positive 1": TRUE2},
    ),
    "a column numbered 0": Case(
        "positive_ambiguous",
        {"f.csv": text("y,p0", B, PB)},
        "f.csv",
        {"--positive 0": loss(1.0 - PB, B), "--positive 1": TRUE2},
    ),
    "a pipeline that gives the best class alone": Case(
        "top_class_only",
        {"f.jsonl": lines(*({"label": "POS" if p > 0.5 else "NEG", "score": max(p, 1.0 - p)} for p in PB.tolist()))},
        "f.jsonl",
        {},
        {"--pred": "score"},
        ("if 'label' is the truth", "if the scores speak"),
    ),
    # rows
    "two models, one below the other": Case(
        "stacked_rows",
        {
            "f.csv": text(
                "id,model,y_true,prob", [*range(N)] * 2, ["lr"] * N + ["rf"] * N, [*B, *B], [*PB.tolist(), *PQ.tolist()]
            )
        },
        "f.csv",
        {"model=lr": TRUE2, "model=rf": loss(PQ, B)},
    ),
    "ids in the labels alone": Case(
        "extra_id",
        {"p.csv": text("id,prob", np.arange(N), PB), "y.csv": text("id,y", np.arange(N + 1), [*B, 1])},
        "p.csv y.csv",
        {"": TRUE2},
        {"--id": NOTHING},
        ("name another key",),
    ),
    "an id that is missing": Case(
        "empty_id",
        {"p.csv": text("id,prob", [*range(N - 1), ""], PB), "y.csv": text("id,y", np.arange(N), B)},
        "p.csv y.csv",
        {"": loss(PB[:-1], B[:-1])},
        {"--id": NOTHING},
        ("name another key",),
    ),
    "a weight below 0": Case(
        "bad_weight",
        {"f.csv": text("y_true,prob,w", B, PB, np.where(np.arange(N) == 3, -1, COUNTS))},
        "f.csv --sample-weight w",
        {},
        {"--sample-weight": NOTHING},
    ),
    "no row of both models": Case(
        "nothing_paired",
        {
            "a.csv": text("y,prob", [*B[: N // 2], *[""] * (N // 2)], PB),
            "b.csv": text("y,prob", [*[""] * (N // 2), *B[N // 2 :]], PQ),
        },
        "compare a.csv b.csv --invalid drop",
        {},
        {"--where": NOTHING, "--ignore-index": NOTHING, "--invalid": "error"},
    ),
    # forms of tools
    "what Weka prints": Case("unknown_format", {"f.txt": "=== Predictions ===\n 1 1:a 1:a 0.9\n"}, "f.txt"),
    "ranks of timm": Case(
        "no_loss_possible",
        {"f.csv": text("target,index_0,index_1,prob_0,prob_1", Y, *ORDER, *np.take_along_axis(P.T, ORDER, axis=0))},
        "f.csv",
        {},
        {},
        ("run timm's inference.py",),
    ),
    "a label that is a list": Case(
        "not_names",
        {"f.jsonl": lines(*({"y": y, "v": [1.0, 2.0], "prob": p} for y, p in ROWS))},
        "f.jsonl --where v=1",
        {},
        {"--where": NOTHING},
    ),
}
