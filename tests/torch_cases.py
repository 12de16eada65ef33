"""Every loss of torch's cross-entropy family with every argument it has, and the options of celoss that mean the same.

The data are dyadic fractions from a counter, the same on every machine, so that torch's values can be kept as golden
ones. Row values are those of ``weighted_loss``: torch's ``reduction='none'``, summed over the labels of a row where a
row has several; the gradient is that of their sum with respect to the logits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from celoss_cli.api.functions import evaluate

ROWS, CLASSES, LABELS, IGNORED = 6, 3, 4, -100
CLASS_WEIGHTS = (0.25, 1.0, 3.0)
LABEL_WEIGHTS = (0.5, 1.0, 2.0, 0.25)
POS_WEIGHTS = (2.0, 0.5, 1.0, 3.25)

Values = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Case:
    """One loss of torch on some rows: ``scores`` (logits) and ``targets`` in torch's shapes, ``torch`` its arguments.

    ``sample_weights`` (N, …) multiply each row's loss, with no part in torch's mean but the numerator. ``several``:
    a row has L labels. ``options`` are what celoss is told.
    """

    name: str
    loss: str
    scores: Values
    targets: Values
    torch: dict[str, Any] = field(default_factory=dict)
    sample_weights: Values | None = None
    several: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def places(self) -> tuple[int, ...]:
        """The shape of what one leading index holds."""
        return self.scores.shape[2:]


@dataclass(frozen=True)
class Numbers:
    """What is compared: the mean, the sum, the value of each row, its gradient (rows, logits) and EL2N (rows,).

    Ignored rows have 0 everywhere, as in torch.
    """

    mean: float
    sum: float
    rows: Values
    gradients: Values
    el2n: Values


def dyadic(shape: tuple[int, ...], start: int, low: float, high: float) -> Values:
    """Return numbers in [low, high), multiples of (high − low)/1024, from a counter."""
    count = np.arange(start, start + int(np.prod(shape)), dtype=np.int64)
    return (low + (high - low) * ((count * 389 + 71 * start) % 1024) / 1024.0).reshape(shape)


def indices(shape: tuple[int, ...], classes: int, *, ignored: bool) -> Values:
    y = (np.arange(int(np.prod(shape))) * 5 // 2 % classes).reshape(shape)
    if ignored:
        y.flat[1::4] = IGNORED
    return y


def distributions(shape: tuple[int, ...]) -> Values:
    """Return soft labels (N, C, …) that sum to exactly 1, with some zeros among them."""
    first = np.floor(dyadic((shape[0], *shape[2:]), 7, 0.0, 32.0)) / 64.0
    second = np.floor(dyadic((shape[0], *shape[2:]), 19, 0.0, 32.0)) / 64.0
    first.flat[0] = 0.0
    return np.stack([first, second, 1.0 - first - second], axis=1)


def cases() -> Iterator[Case]:
    """Yield all combinations."""
    yield from _cross_entropy()
    yield from _nll()
    yield from _binary()
    yield from _multilabel()


def _cross_entropy() -> Iterator[Case]:
    shapes, weights, smoothings = ((), (3,), (2, 2)), (None, CLASS_WEIGHTS), (0.0, 0.125, 0.75)
    for places, weight, smoothing in itertools.product(shapes, weights, smoothings):
        z = dyadic((ROWS, CLASSES, *places), 3, -3.0, 3.0)
        torch = {"weight": weight, "label_smoothing": smoothing}
        options = {"input": "logits", "class_weight": weight, "label_smoothing": smoothing}
        tag = f"{len(places) + 2}d{'-weight' * bool(weight)}{f'-smoothing{smoothing}' * bool(smoothing)}"
        y = indices((ROWS, *places), CLASSES, ignored=False)
        s = dyadic((ROWS, *places), 11, 0.25, 4.25)
        yield Case(f"cross-entropy-index-{tag}", "CrossEntropyLoss", z, y, torch, options=options)
        counted = {**options, "denominator": "count"}
        yield Case(f"cross-entropy-index-samples-{tag}", "CrossEntropyLoss", z, y, torch, s, options=counted)
        kept = {**options, "ignore_index": IGNORED}
        y = indices((ROWS, *places), CLASSES, ignored=True)
        yield Case(
            f"cross-entropy-index-ignore-{tag}", "CrossEntropyLoss", z, y, {**torch, "ignore_index": IGNORED},
            options=kept,
        )  # fmt: skip
        t = distributions(z.shape)
        yield Case(f"cross-entropy-soft-{tag}", "CrossEntropyLoss", z, t, torch, options=counted)
        yield Case(f"cross-entropy-soft-samples-{tag}", "CrossEntropyLoss", z, t, torch, s, options=counted)


def _nll() -> Iterator[Case]:
    for places, weight, ignored in itertools.product(((), (3,), (2, 2)), (None, CLASS_WEIGHTS), (False, True)):
        z = dyadic((ROWS, CLASSES, *places), 5, -3.0, 3.0)
        torch = {"weight": weight, **({"ignore_index": IGNORED} if ignored else {})}
        options = {"input": "logprobs", "class_weight": weight, "ignore_index": IGNORED if ignored else None}
        y = indices((ROWS, *places), CLASSES, ignored=ignored)
        tag = f"{len(places) + 2}d{'-weight' * bool(weight)}{'-ignore' * ignored}"
        yield Case(f"nll-{tag}", "NLLLoss", z, y, torch, options=options)


def _binary() -> Iterator[Case]:
    for shape in ((ROWS,), (ROWS, 1, 3), (ROWS, 1, 2, 2)):
        z, s = dyadic(shape, 13, -4.0, 4.0), dyadic(shape, 11, 0.25, 4.25)
        hard, soft = indices(shape, 2, ignored=False).astype(np.float64), dyadic(shape, 17, 0.0, 1.0)
        for (kind, t), weights in itertools.product((("hard", hard), ("soft", soft)), (None, s)):
            tag = f"{len(shape)}d-{kind}{'-samples' * (weights is not None)}"
            options = {"input": "probs", "denominator": "count"}
            yield Case(f"bce-{tag}", "BCELoss", z, t, {}, weights, options=options)
            for q in (None, 2.5, 0.0):
                options = {"input": "logits", "denominator": "count", "pos_weight": q}
                name = f"bce-logits-{tag}{f'-pos{q}' * (q is not None)}"
                yield Case(name, "BCEWithLogitsLoss", z, t, {"pos_weight": q}, weights, options=options)


def _multilabel() -> Iterator[Case]:
    common = {"task": "multilabel", "denominator": "count"}
    for places, kind in itertools.product(((), (3,), (2, 2)), ("hard", "soft")):
        shape = (ROWS, LABELS, *places)
        z = dyadic(shape, 23, -4.0, 4.0)
        t = dyadic(shape, 29, 0.0, 1.0)
        t = (t > 0.5).astype(np.float64) if kind == "hard" else t
        s = dyadic((ROWS, *places), 31, 0.25, 4.25)
        for weight, samples in itertools.product((None, LABEL_WEIGHTS), (None, s)):
            tag = f"{kind}-{len(shape)}d{'-weight' * bool(weight)}{'-samples' * (samples is not None)}"
            options = {**common, "class_weight": weight}
            probs, logits = {**options, "input": "probs"}, {**options, "input": "logits"}
            torch = {"weight": weight}
            yield Case(f"labels-bce-{tag}", "BCELoss", z, t, torch, samples, True, probs)
            for q in (None, 2.5, POS_WEIGHTS):
                how = {**logits, "pos_weight": q}
                name = f"labels-bce-logits-{tag}{'' if q is None else f'-pos{np.size(q)}'}"
                yield Case(name, "BCEWithLogitsLoss", z, t, {**torch, "pos_weight": q}, samples, True, how)
            if samples is None and not places:
                yield Case(f"labels-soft-margin-{tag}", "MultiLabelSoftMarginLoss", z, t, torch, None, True, logits)


# celoss


def scored_by_celoss(case: Case, folder: Path, **options: Any) -> Numbers:
    """Return the numbers of celoss: from a table, or from arrays in a .npz where the rank is above 2."""
    path = folder / "rows.parquet"
    inputs, how = inputs_of(case, folder), arguments_of(case)
    found = evaluate(*inputs, per_sample=path, gradients=True, top=0, **how, **options)
    table = pq.read_table(path)
    gradients = np.stack([_column(table, c) for c in table.column_names if c.startswith("grad_")], axis=1)
    return Numbers(found.loss.mean, found.loss.sum, _rows(case, table), gradients, _column(table, "el2n"))


def losses_by_celoss(case: Case, folder: Path) -> tuple[float, Values]:
    """Return the mean and the rows without gradients: rows with one true class take another way then."""
    path = folder / "losses.parquet"
    found = evaluate(*inputs_of(case, folder), per_sample=path, **arguments_of(case))
    return found.loss.mean, _rows(case, pq.read_table(path))


def _rows(case: Case, table: pa.Table) -> Values:
    if "weighted_loss" in table.column_names:
        return _column(table, "weighted_loss")
    rows = _column(table, "loss")
    return rows * case.scores.shape[1] if case.several else rows  # `loss` is the mean over the labels of the row


def _column(table: pa.Table, name: str) -> Values:
    values: Values = np.nan_to_num(table[name].to_numpy(), posinf=np.inf)
    return values


def scores_of(case: Case) -> Values:
    """Return what celoss is given: the logits, or what the loss takes instead."""
    if case.loss == "BCELoss":
        return 1.0 / (1.0 + np.exp(-case.scores))
    if case.loss == "NLLLoss":
        return case.scores - np.log(np.exp(case.scores).sum(axis=1, keepdims=True))
    return case.scores


def inputs_of(case: Case, folder: Path) -> tuple[Any, ...]:
    """Return the input of celoss."""
    scores = scores_of(case)
    if case.places:
        arrays = {"scores": scores, "labels": case.targets}
        arrays |= {} if case.sample_weights is None else {"weights": case.sample_weights}
        np.savez(folder / "rows.npz", **arrays)
        return (folder / "rows.npz",)
    columns = {f"p_{c}": column for c, column in enumerate(scores.T)} if scores.ndim == 2 else {"p": scores}
    if case.targets.ndim == 2:
        columns |= {f"y_{c}": column for c, column in enumerate(case.targets.T)}
    else:
        columns["y"] = case.targets
    columns |= {} if case.sample_weights is None else {"w": case.sample_weights}
    return (pa.table({name: pa.array(np.ascontiguousarray(column)) for name, column in columns.items()}),)


def arguments_of(case: Case) -> dict[str, Any]:
    """Return the options of celoss: those of the case, and which columns or arrays are which."""
    if case.places:
        names: dict[str, Any] = {"pred": "scores", "label": "labels", "sample_weight": "weights"}
    else:
        several = case.targets.ndim == 2
        pred = "p_*" if case.scores.ndim == 2 else "p"
        names = {"pred": pred, "label": "y_*" if several else "y", "sample_weight": "w"}
    if case.sample_weights is None:
        del names["sample_weight"]
    return {**names, **case.options}


# torch


def scored_by_torch(case: Case) -> Numbers:
    """Return torch's numbers, in float64."""
    import torch

    def tensor(values: Any) -> Any:
        return torch.tensor(values, dtype=torch.float64)

    ends = (1,) * len(case.places)
    arguments = dict(case.torch)
    for name in ("weight", "pos_weight"):
        if arguments.get(name) is not None:
            given = tensor(arguments[name])
            # BCELoss and BCEWithLogitsLoss broadcast: one number a label stands before the places.
            broadcast = case.loss.startswith("BCE") and given.ndim == 1
            arguments[name] = given.reshape(-1, *ends) if broadcast else given
    z = tensor(case.scores).requires_grad_()
    given = torch.sigmoid(z) if case.loss == "BCELoss" else torch.log_softmax(z, 1) if case.loss == "NLLLoss" else z
    targets = torch.tensor(case.targets) if case.targets.dtype.kind == "i" else tensor(case.targets)
    kind = getattr(torch.nn, case.loss)
    if case.sample_weights is not None and case.loss.startswith("BCE"):
        s = tensor(case.sample_weights)
        s = s.unsqueeze(1) if case.several else s
        weight = arguments.get("weight")
        arguments["weight"] = s if weight is None else weight * s
    each = kind(**arguments, reduction="none")(given, targets)
    mean, total = (kind(**arguments, reduction=how)(given, targets) for how in ("mean", "sum"))
    if case.sample_weights is not None and not case.loss.startswith("BCE"):
        each = each * tensor(case.sample_weights)  # torch knows no sample weights here: they multiply what it returns
        mean, total = each.mean(), each.sum()
    if case.loss == "MultiLabelSoftMarginLoss":
        each, total = each * LABELS, total * LABELS  # torch has taken the mean over the labels of each row
    elif case.several:
        each = each.sum(dim=1)
    each.sum().backward()
    rows, logits = each.numel(), (case.scores.shape[1] if case.scores.ndim > 1 else 1)
    gradients = _by_row(z.grad.numpy(), rows, logits)
    return Numbers(mean.item(), total.item(), each.detach().numpy().reshape(-1), gradients, _el2n(case, rows, logits))


def _by_row(values: Values, rows: int, logits: int) -> Values:
    """Return (N, C, …) or (N,) as (rows, C)."""
    return (np.moveaxis(values, 1, -1) if values.ndim > 1 else values).reshape(rows, logits)


def _el2n(case: Case, rows: int, logits: int) -> Values:
    """Return ‖p − t‖₂ of each row by its definition, with smoothed targets; 0 for ignored rows."""
    import torch

    z = torch.tensor(case.scores)
    softmax = case.loss in ("CrossEntropyLoss", "NLLLoss")
    p = _by_row((torch.softmax(z, 1) if softmax else torch.sigmoid(z)).numpy(), rows, logits)
    y = case.targets
    if y.dtype.kind == "i":
        y = y.reshape(-1)
        t, ignored = np.eye(logits)[np.maximum(y, 0)], y == IGNORED
    else:
        t, ignored = _by_row(y, rows, logits), np.zeros(rows, dtype=bool)
    epsilon = case.torch.get("label_smoothing", 0.0)
    t = (1.0 - epsilon) * t + epsilon / logits if softmax else t
    distance: Values = np.where(ignored, 0.0, np.sqrt(((p - t) ** 2).sum(axis=1)))
    return distance
