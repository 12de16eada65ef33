"""Files that are refused with a hint that names a flag, with what their owner knows about them: made from one model."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from hints.following import NOTHING
from running import Content

N = 60
RNG = np.random.default_rng(20261128)
Y = RNG.integers(0, 3, N)
Z = RNG.normal(size=(N, 3))
Z[np.arange(N), Y] += 1.5
LOGP = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
P = np.exp(LOGP)
TRUE3 = math.fsum(-LOGP[np.arange(N), Y]) / N

B = (Y > 0).astype(int)
ZB = RNG.normal(size=N) * 2.0 + (2 * B - 1)
PB = 1.0 / (1.0 + np.exp(-ZB))
TRUE2 = math.fsum(np.logaddexp(0.0, np.where(B == 1, -ZB, ZB))) / N

ABC = np.array(list("abc"))
TWO_SPELLINGS = np.where((Y == 0) & (np.arange(N) % 2 == 0), "A", ABC[Y])


def loss(p: np.ndarray, y: np.ndarray) -> float:
    """The mean loss of rows of probabilities, or of those of the positive class."""
    truth = p[np.arange(len(y)), y] if p.ndim == 2 else np.where(y == 1, p, 1.0 - p)
    return math.fsum(-np.log(truth)) / len(y)


def softmax_loss(z: np.ndarray, y: np.ndarray) -> float:
    """The mean loss of rows of logits."""
    high = z.max(axis=1, keepdims=True)
    logs = (z - high) - np.log(np.exp(z - high).sum(axis=1, keepdims=True))
    return math.fsum(-logs[np.arange(len(y)), y]) / len(y)


def sigmoid_loss(z: np.ndarray, y: np.ndarray) -> float:
    """The mean loss of one column of logits."""
    return math.fsum(np.logaddexp(0.0, np.where(y == 1, -z, z))) / len(y)


def text(header: str, *columns: object, delimiter: str = ",") -> str:
    """Columns as delimited text."""
    rows = zip(*(column.tolist() if isinstance(column, np.ndarray) else column for column in columns), strict=True)
    lines = [delimiter.join(repr(cell) if isinstance(cell, float) else str(cell) for cell in row) for row in rows]
    return "\n".join([*([header] if header else []), *lines]) + "\n"


@dataclass(frozen=True)
class Case:
    """Files, the command, the code of its refusal, and what their owner knows: see ``following.Known``."""

    code: str
    files: dict[str, Content]
    command: str
    right: dict[str, float] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    untrue: tuple[str, ...] = ()


def several(scores: np.ndarray, header: str = "y,p_a,p_b,p_c", labels: object = None) -> str:
    """A label and three columns of scores."""
    return text(header, ABC[Y] if labels is None else labels, *scores.T)


LINEAR = 0.5 + 0.4 * (2 * B - 1) + RNG.normal(0.0, 0.1, N)
CLIPPED = loss(LINEAR.clip(1e-3, 1.0 - 1e-3), B)
COUNTS = np.array([RNG.multinomial(9 + i % 7, p) for i, p in enumerate(P)]) + 1
SHARES = COUNTS / COUNTS.sum(axis=1, keepdims=True)
VOTES = np.array([RNG.multinomial(500, p) for p in P]) + 1
NUMBERS = np.array(["9", "10", "100"])
NAMED = np.array(["1", "2", "5"])
MISSING = ["" if i == 7 else ABC[label] for i, label in enumerate(Y)]
KNOWN_ROWS = np.arange(N) != 7
LABELLED = [-100 if i % 5 == 0 else label for i, label in enumerate(Y.tolist())]
KEPT = np.arange(N) % 5 != 0
UNSURE = P * RNG.uniform(0.6, 0.8, (N, 1))
SOFT = np.where(Y[:, None] == np.arange(3), 1.0, 0.0)
ONE_EMPTY = "\n".join(
    f"{ABC[label]},{','.join('' if i == 9 and c == 1 else repr(float(v)) for c, v in enumerate(row))}"
    for i, (label, row) in enumerate(zip(Y, P, strict=True))
)
FASTTEXT = "".join(
    " ".join(f"__label__{ABC[c]} {float(P[i, c])!r}" for c in np.argsort(-P[i])) + "\n" for i in range(N)
)
SURE = np.where(B == 1, 0.9, 0.2) + RNG.uniform(-0.1, 0.05, N)
GUESS = P.argmax(axis=1)

LABELLED_ROWS = np.arange(N) % 9 != 0
MARKED_ROWS = LABELLED_ROWS & (np.arange(N) % 7 != 0)
SQUARED = P**2 / (P**2).sum(axis=1, keepdims=True)
WITH_INF = Z.copy()
WITH_INF[3, 1] = np.inf
VISIT = np.arange(N) // 4
PERM = RNG.permutation(N)
LONG_KEY = np.arange(30 * N)
LONG_ORDER = np.concatenate([LONG_KEY[:1200], LONG_KEY[1200:][::-1]])

CASES: dict[str, Case] = {
    # what the scores are
    "one column a little outside": Case(
        "nearly_probabilities", {"f.csv": text("y_true,score", B, LINEAR)}, "f.csv", {"": CLIPPED}, {"--clip": "1e-3"}
    ),
    "one column a little outside, said to be probabilities": Case(
        "not_probabilities",
        {"f.csv": text("y_true,score", B, LINEAR)},
        "f.csv --input probs",
        {"": CLIPPED},
        {"--clip": "1e-3"},
    ),
    "several columns a little outside": Case(
        "nearly_probabilities",
        {"f.csv": several(P * 1.1 - 0.1 / 3)},
        "f.csv",
        {"": loss((P * 1.1 - 0.1 / 3).clip(1e-3, 0.999), Y)},
        {"--clip": "1e-3"},
    ),
    "logits said to be probabilities": Case(
        "not_probabilities", {"f.csv": several(Z)}, "f.csv --input probs", {"": TRUE3}
    ),
    "counts said to be probabilities": Case(
        "not_probabilities",
        {"f.csv": several(COUNTS)},
        "f.csv --input probs",
        {"": loss(SHARES, Y)},
        {},
        ("--input logits",),
    ),
    "votes of unequal sums": Case("input_ambiguous", {"f.csv": several(COUNTS)}, "f.csv", {"": loss(SHARES, Y)}),
    "votes of equal sums": Case(
        "input_ambiguous",
        {"f.csv": several(VOTES)},
        "f.csv",
        {"": loss(VOTES / VOTES.sum(axis=1, keepdims=True), Y)},
        {},
        ("if they are logits",),
    ),
    "log-probabilities in one column": Case(
        "input_ambiguous",
        {"f.csv": text("y_true,score", B, np.log(PB))},
        "f.csv",
        {"logprobs": TRUE2, "logits": sigmoid_loss(np.log(PB), B)},
    ),
    "percentages in one column": Case(
        "input_ambiguous",
        {"f.csv": text("y_true,score", B, 100.0 * PB)},
        "f.csv",
        {"": TRUE2},
        {},
        ("if they are logits",),
    ),
    "fractions called percent": Case("input_ambiguous", {"f.csv": text("y_true,percent", B, PB)}, "f.csv", {"": TRUE2}),
    "a column called odds that is none": Case(
        "input_ambiguous",
        {"f.csv": text("y_true,odds", B, PB)},
        "f.csv --pred odds",
        {"": TRUE2},
        {"--input": "probs"},
    ),
    "logarithms of odds to base 10": Case(
        "input_ambiguous",
        {"f.csv": text("y_true,log10_odds", B, np.log10(PB / (1.0 - PB)))},
        "f.csv",
        {"": TRUE2},
        {},
        ("if the name is wrong",),
    ),
    "ranks": Case(
        "ranks_or_classes",
        {"f.csv": several(np.argsort(np.argsort(P, axis=1), axis=1))},
        "f.csv",
        {},
        {"--pred": "p_a,p_b,p_c"},
        ("if these are scores",),
    ),
    "independent sigmoids": Case(
        "not_distributions",
        {"f.csv": several(UNSURE)},
        "f.csv",
        {"--renormalize": TRUE3, "--input probs": loss(UNSURE, Y)},
        {},
        ("if they are logits",),
    ),
    "hard predictions": Case("hard_predictions", {"f.csv": several(SOFT[(Y + 1) % 3])}, "f.csv", {"": math.inf}),
    "a number for missing scores": Case(
        "sentinel_scores",
        {"f.csv": text("y_true,score,scored", B, np.where(KNOWN_ROWS, ZB, -999.0), KNOWN_ROWS.astype(int))},
        "f.csv",
        {"": loss(PB[KNOWN_ROWS], B[KNOWN_ROWS])},
        {"--where": "scored=1"},
        ("leave the cells", "all the same"),
    ),
    "a class called like the truth": Case(
        "of_truth", {"f.csv": text("y,p_true", B, PB)}, "f.csv", {"": TRUE2}, {"--positive": "1"}
    ),
    # rows
    "an empty score": Case(
        "nan_score",
        {"f.csv": "y,p_a,p_b,p_c\n" + ONE_EMPTY + "\n"},
        "f.csv",
        {"": loss(np.delete(P, 9, axis=0), np.delete(Y, 9))},
    ),
    "a missing label": Case(
        "missing_label", {"f.csv": several(P, labels=MISSING)}, "f.csv", {"": loss(P[KNOWN_ROWS], Y[KNOWN_ROWS])}
    ),
    "rows marked -100": Case(
        "unknown_label",
        {"f.csv": text("label," + ",".join(f"logit_{i}" for i in range(3)), LABELLED, *Z.T)},
        "f.csv",
        {"": softmax_loss(Z[KEPT], Y[KEPT])},
    ),
    "rows marked -100, twelve classes": Case(
        "unknown_label",
        {"f.csv": text("label," + ",".join(f"logit_{i}" for i in range(12)), LABELLED, *np.hstack([Z] * 4).T)},
        "f.csv",
        {"": softmax_loss(np.hstack([Z] * 4)[KEPT], Y[KEPT])},
    ),
    # which class each column speaks of
    "numbers that sort otherwise as text": Case(
        "classes_unknown",
        {"p.csv": text("", *P.T), "y.csv": text("label", NUMBERS[Y])},
        "p.csv y.csv",
        {"": TRUE3},
        {"--classes": "9,10,100"},
    ),
    "class numbers that are no positions": Case(
        "classes_unknown", {"f.csv": text("y,p0,p1,p2", NAMED[Y], *P.T)}, "f.csv", {"": TRUE3}, {"--classes": "1,2,5"}
    ),
    "classes under other names": Case(
        "classes_unknown", {"f.csv": several(P, "y,p_x,p_yy,p_z")}, "f.csv", {"": TRUE3}, {"--classes": "a,b,c"}
    ),
    "one column for two words": Case(
        "positive_unknown",
        {"f.csv": text("y_true,score", np.array(["ham", "spam"])[B], PB)},
        "f.csv",
        {"": TRUE2},
        {"--positive": "spam"},
        ("if of the other",),
    ),
    "one column for three labels": Case(
        "too_many_labels",
        {"f.csv": text("y_true,score", ABC[Y], PB)},
        "f.csv",
        {},
        {"--pred": "score", "--label": "y_true"},
    ),
    # which column is what
    "two models": Case(
        "predictions_ambiguous",
        {"f.csv": text("y_true,prob_lr,prob_rf", B, PB, PB**2)},
        "f.csv",
        {"": TRUE2},
        {"--pred": "prob_lr"},
        ("if they are classes",),
    ),
    "no label in the second file": Case(
        "label_unknown",
        {"p.csv": text("prob", PB), "y.csv": text("u,v", B, 1 - B)},
        "p.csv y.csv",
        {"": TRUE2},
        {"--label": "u", "--positive": "1"},
    ),
    "a weight by name": Case("no_scores", {"f.csv": text("y,threshold", B, PB)}, "f.csv", {"": TRUE2}),
    "predicted classes alone": Case(
        "argmax_only",
        {"f.csv": text("y_true,y_pred", ABC[Y], ABC[GUESS])},
        "f.csv",
        {},
        {"--pred": "y_pred", "--label": "y_true"},
    ),
    "mlr3 without probabilities": Case(
        "",
        {
            "f.csv": text(
                "row_ids,truth,response",
                np.arange(1, N + 1),
                np.array(["M", "R"])[B],
                np.array(["M", "R"])[(PB > 0.5).astype(int)],
            )
        },
        "f.csv",
        {},
        {"--pred": "response", "--label": "truth", "--positive": "R"},
        ("is one after all",),
    ),
    "R ordinal, levels as integers": Case(
        "",
        {"f.csv": text("y,fit.1,fit.2,fit.3", np.array(["1", "3", "4"])[Y], *P.T)},
        "f.csv",
        {"": TRUE3},
        {"--classes": "1,3,4", "--pred": "fit.*", "--label": "y"},
    ),
    # soft and several labels
    "labels that do not sum to 1": Case(
        "soft_labels_sum",
        {"f.csv": text("a,b,c,t_a,t_b,t_c", *Z.T, *(np.where(SOFT > 0, 0.9, 0.3)).T)},
        "f.csv --pred a,b,c --label t_a,t_b,t_c --input logits",
        {
            "": math.fsum(
                (
                    np.where(SOFT > 0, 0.9, 0.3) * np.logaddexp(0, -Z)
                    + (1 - np.where(SOFT > 0, 0.9, 0.3)) * np.logaddexp(0, Z)
                ).ravel()
            )
            / Z.size
        },
    ),
    # text
    # two files
    "one row more": Case(
        "row_count_mismatch",
        {"p.csv": text("id,prob", np.arange(N), PB), "y.csv": text("key,y", np.arange(N + 1), np.append(B, 0))},
        "p.csv y.csv",
        {},
        {"--id": "id", "--pred": "prob", "--label": "y"},
    ),
    "ids in one file only": Case(
        "",
        {"p.csv": text("id,prob", np.arange(N), PB), "y.csv": text("id,y", np.arange(1, N + 1), np.append(B[1:], 0))},
        "p.csv y.csv",
        {"": loss(PB[1:], B[1:])},
        {"--id": "id"},
        ("another key",),
    ),
    # --strict
    "a guess under --strict": Case(
        "strict", {"f.csv": text("y_true,percent", B, 100 * PB)}, "f.csv --strict", {"": TRUE2}
    ),
    "a single column under --strict": Case(
        "strict", {"f.csv": text("y_true,score", B, PB)}, "f.csv --strict", {"": TRUE2}, {"--input": "probs"}
    ),
    "one class in two spellings under --strict": Case(
        "labels_alike",
        {"f.csv": several(P, labels=TWO_SPELLINGS)},
        "f.csv --strict",
        {"": TRUE3, "--ignore-index": loss(P[TWO_SPELLINGS != "A"], Y[TWO_SPELLINGS != "A"])},
        {"--classes": "a,b,c"},
    ),
    "an alarm under --strict": Case(
        "classes_swapped",
        {"f.csv": text("y_true,prob", np.tile(1 - B, 6), np.tile(SURE, 6))},
        "f.csv --strict",
        {"--positive": loss(SURE, B), "--allow": loss(SURE, 1 - B)},
        {"--positive": "0"},
    ),
    # forms of other tools
    "fastText with a delimiter": Case(
        "fasttext",
        {"p.txt": FASTTEXT, "y.txt": "".join(f"__label__{ABC[label]}\n" for label in Y)},
        "p.txt y.txt --delimiter ' '",
        {"": TRUE3},
    ),
    "percentages said to be probabilities": Case(
        "not_probabilities", {"f.csv": text("y_true,percent", B, 100 * PB)}, "f.csv --input probs", {"": TRUE2}
    ),
    # columns and files
    "two columns of labels": Case(
        "strict",
        {"f.csv": text("target,label,p_a,p_b,p_c", ABC[Y], ABC[(Y + (np.arange(N) % 9 == 0)) % 3], *P.T)},
        "f.csv --strict",
        {"target": TRUE3, "--allow": TRUE3, "label": loss(P, (Y + (np.arange(N) % 9 == 0)) % 3)},
        {"--label": "target"},
    ),
    "a list beside numbers": Case(
        "predictions_mixed",
        {
            "f.jsonl": "".join(
                f'{{"y": {y}, "probs": {p.tolist()}, "s": {b!r}}}\n' for y, p, b in zip(Y, P, PB.tolist(), strict=True)
            )
        },
        "f.jsonl --pred probs,s --label y",
        {"": TRUE3},
        {"--pred": "probs"},
    ),
    "said to be of two classes": Case(
        "task_contradicted",
        {"f.csv": several(P)},
        "f.csv --task binary",
        {},
        {"--pred": "p_a", "--label": "y", "--positive": "a"},
    ),
    "said to be of several classes": Case(
        "task_contradicted", {"f.csv": text("y_true,prob", B, PB)}, "f.csv --task multiclass", {}, {"--pred": "prob"}
    ),
    "one class too few": Case(
        "classes_mismatch",
        {"f.csv": text("y_true,prob", B, PB)},
        "f.csv --classes 0,1,2",
        {"": TRUE2},
        {"--classes": "0,1", "--pred": NOTHING},
    ),
    "a misspelled column": Case(
        "no_such_column", {"f.csv": several(P)}, "f.csv --label yy", {"": TRUE3}, {"--label": "y"}
    ),
    "latin-1": Case(
        "invalid_bytes",
        {"f.csv": several(P, labels=np.array(["ä", "ö", "ü"])[Y], header="y,p_ä,p_ö,p_ü").encode("latin-1")},
        "f.csv --encoding utf-8",
        {"": TRUE3},
        {"--encoding": "latin-1"},
    ),
    "a word among the scores": Case(
        "not_a_number",
        {"f.csv": several(P).replace("\n", "\n", 1) + "a,0.1,oops,0.2\n"},
        "f.csv",
        {},
        {"--pred": "p_a,p_b,p_c"},
    ),
    "a row with a field too many": Case(
        "ragged_row", {"f.csv": several(P) + "a,0.1,0.2,0.3,0.4\n"}, "f.csv", {}, {"--delimiter": ","}
    ),
    "a weight that is a word": Case(
        "weights_not_numbers",
        {"f.csv": text("y_true,prob,w", B, PB, ABC[Y])},
        "f.csv --sample-weight w",
        {},
        {"--sample-weight": "w"},
    ),
    "a misspelled class": Case(
        "unknown_label",
        {"f.csv": several(P, labels=["aa" if i == 3 else ABC[y] for i, y in enumerate(Y)])},
        "f.csv",
        {"--unknown-class": loss(np.delete(P, 3, axis=0), np.delete(Y, 3))},
        {"--classes": NOTHING},
    ),
    "labels of one number for each class, too few": Case(
        "label_columns_mismatch",
        {"f.csv": text("a,b,c,t_a,t_b", *Z.T, *SOFT[:, :2].T)},
        "f.csv --pred a,b,c --label t_a,t_b --input logits",
        {},
        {"--label": "t_a,t_b", "--pred": "a,b,c"},
    ),
    "nothing left": Case(
        "nothing_scored",
        {"f.csv": text("y_true,prob,split", B, PB, ["train"] * N)},
        "f.csv --where split=test",
        {"": TRUE2},
        {"--where": "split=train", "--ignore-index": NOTHING, "--invalid": NOTHING, "--unmatched": NOTHING},
    ),
    "JSON that is none": Case("bad_json", {"f.csv": several(P)}, "f.csv --file-format json", {"": TRUE3}),
    "yes and no for 0 and 1": Case(
        "classes_ambiguous",
        {"f.csv": text("y,p_yes,p_no", B, PB, 1.0 - PB)},
        "f.csv",
        {"1,0": TRUE2, "0,1": loss(1.0 - PB, B)},
    ),
    "no weight at all": Case(
        "zero_weights",
        {"f.csv": several(P)},
        "f.csv --class-weight 0,0,0",
        {"": TRUE3},
        {"--class-weight": "1,1,1", "--sample-weight": NOTHING},
    ),
    "confidences in two classes": Case(
        "confidence_or_positive",
        {"f.csv": text("y_true,confidence", B, np.maximum(PB, 1.0 - PB))},
        "f.csv",
        {},
        {"--pred": "confidence", "--positive": NOTHING},
    ),
    "a file twice": Case("labels_are_predictions", {"f.csv": several(P)}, "f.csv f.csv", {}, {"--label": "y"}),
    # rows without a label
    **{
        f"{mark} for a missing label, {kind}": Case(
            code,
            {"f.csv": text(header, [mark if i % 9 == 0 else names[b] for i, b in enumerate(B.tolist())], *scores)},
            "f.csv",
            {"": loss(PB[LABELLED_ROWS], B[LABELLED_ROWS])},
        )
        for mark in ("-1", "9", "?", "NA", "unknown")
        for kind, code, header, names, scores in (
            ("one column", "unknown_label" if mark == "NA" else "too_many_labels", "y,prob", ("0", "1"), (PB,)),
            ("two columns", "unknown_label", "y,prob_no,prob_yes", ("no", "yes"), (1.0 - PB, PB)),
        )
    },
    "several marks for a missing label": Case(
        "too_many_labels",
        {"f.csv": text("y,prob", ["?" if i % 9 == 0 else "NA" if i % 7 == 0 else b for i, b in enumerate(B)], PB)},
        "f.csv",
        {"": loss(PB[MARKED_ROWS], B[MARKED_ROWS])},
    ),
    # what the columns of rows that do not sum to 1 may be
    "complements": Case("not_distributions", {"f.csv": several(1.0 - P)}, "f.csv"),
    "two models, in two columns of one sum": Case(
        "input_ambiguous",
        {"f.csv": text("y,p_0,p_1", B, PB, 1.28 - PB)},
        "f.csv",
        {"--positive 1": TRUE2, "--positive 0": loss(PB, 1 - B)},
        {"--positive": "1"},
        ("divides each row", "if they are logits", "--pred p_1"),
    ),
    "two models, in two columns": Case(
        "not_distributions",
        {"f.csv": text("y,prob_lr,prob_rf", B, PB, PB**2)},
        "f.csv --pred prob_lr,prob_rf",
        {"prob_lr": TRUE2, "prob_rf": loss(PB**2, B)},
        {},
        ("if they are logits", "--renormalize", "--input probs"),
    ),
    "two models, in columns that only sums tell apart": Case(
        "not_distributions",
        {"f.csv": text("y,u,v,w,x,y2,z", ABC[Y], *P.T, *SQUARED.T)},
        "f.csv --pred u,v,w,x,y2,z --classes a,b,c,d,e,f",
        {"u,v,w": TRUE3, "x,y2,z": loss(SQUARED, Y)},
        {"--classes": "a,b,c"},
    ),
    # scores that are none
    "inf among logits": Case("infinite_score", {"f.csv": several(WITH_INF, "y,logit_a,logit_b,logit_c")}, "f.csv"),
    "inf among logits, said to be such": Case(
        "infinite_score", {"f.csv": several(WITH_INF, "y,logit_a,logit_b,logit_c")}, "f.csv --input logits"
    ),
    "-inf among probabilities": Case(
        "infinite_score",
        {"f.csv": several(np.where(np.isinf(WITH_INF), -np.inf, P))},
        "f.csv",
        {},
        {},
        ("if these are logits",),
    ),
    # classes that no label names
    "classes that are others than the labels": Case(
        "unknown_label",
        {"f.csv": text("y,prob", B, PB)},
        "f.csv --classes a,b",
        {"": TRUE2},
        {"--classes": "0,1"},
    ),
    "classes that are others than the labels, two columns": Case(
        "unknown_label",
        {"f.csv": text("y,p_a,p_b", B, 1.0 - PB, PB)},
        "f.csv --classes a,b",
        {"": TRUE2},
        {"--classes": "0,1"},
    ),
    # keys of several columns, and ids in two spellings
    "a key of two columns, in another order": Case(
        "rows_differ",
        {
            "p.csv": text("patient,visit,prob", N // 4 * [0, 1, 2, 3], VISIT, PB),
            "y.csv": text("patient,visit,y", *(np.array(c)[::-1] for c in (N // 4 * [0, 1, 2, 3], VISIT, B))),
        },
        "p.csv y.csv",
        {"": TRUE2},
    ),
    "a key of two columns, of which one is given": Case(
        "duplicate_id",
        {
            "p.csv": text("patient,visit,prob", N // 4 * [0, 1, 2, 3], VISIT, PB),
            "y.csv": text("patient,visit,y", *(np.array(c)[::-1] for c in (N // 4 * [0, 1, 2, 3], VISIT, B))),
        },
        "p.csv y.csv --id patient",
        {"": TRUE2},
    ),
    "a key of two ids": Case(
        "pairing_ambiguous",
        {
            "p.csv": text("patient_id,visit_id,prob", N // 4 * [0, 1, 2, 3], VISIT, PB),
            "y.csv": text("patient_id,visit_id,y", *(np.array(c)[::-1] for c in (N // 4 * [0, 1, 2, 3], VISIT, B))),
        },
        "p.csv y.csv",
        {"": TRUE2},
    ),
    "a key of two columns, and a row more": Case(
        "row_count_mismatch",
        {
            "p.csv": text("patient,visit,prob", N // 4 * [0, 1, 2, 3], VISIT, PB),
            "y.csv": text("patient,visit,y", [*N // 4 * [0, 1, 2, 3], 9], [*VISIT, 9], [*B, 1]),
        },
        "p.csv y.csv",
        {"": TRUE2},
        {"--id": NOTHING, "--label": NOTHING, "--pred": NOTHING},
    ),
    "a key of two columns, in another order below": Case(
        "rows_differ",
        {
            "p.csv": text("patient,visit,prob", LONG_KEY // 4, LONG_KEY % 4, np.tile(PB, 30)),
            "y.csv": text("patient,visit,y", LONG_ORDER // 4, LONG_ORDER % 4, np.tile(B, 30)[LONG_ORDER]),
        },
        "p.csv y.csv",
        {"": TRUE2},
    ),
    **{
        f"ids in two spellings, {how}": Case(
            "no_id_matches",
            {"p.csv": text("id,prob", here, PB), "y.csv": text("id,y", there[::-1], B[::-1])},
            "p.csv y.csv",
            {},
            {"--id": "id"},
        )
        for how, here, there in (
            ("zeros", [f"{i:04d}" for i in range(N)], [str(i) for i in range(N)]),
            ("a decimal point", [f"{i}.0" for i in range(7, 7 + N)], [f"{i:03d}" for i in range(7, 7 + N)]),
            ("letters", [f"id-{i:x}a" for i in range(N)], [f"ID-{i:X}A" for i in range(N)]),
            ("dashes", [f"a-{i}-b" for i in range(N)], [f"a{i}b" for i in range(N)]),
            ("endings", [f"img/{i}x.jpg" for i in range(N)], [f"{i}x" for i in range(N)]),
        )
    },
}
