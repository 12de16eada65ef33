"""The numbers of an evaluation against scikit-learn, against exact formulas and against published values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import oracles
from celoss_cli.api.functions import evaluate
from celoss_cli.errors import InvalidWeights
from celoss_cli.results.evaluation import Evaluation

sklearn_metrics = pytest.importorskip("sklearn.metrics")

ABC = [[1, 0, 0], [0.8, 0.05, 0.15], [0.51, 0.29, 0.2], [0.1, 0.8, 0.1], [0.2, 0.6, 0.2], [0.3, 0.3, 0.4]]
LOGITS = [[1.0, 2.0, 3.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]]


def abc(**options: Any) -> Evaluation:
    columns = {name: [row[c] for row in ABC] for c, name in enumerate("ABC")}
    return evaluate(pa.table({"y": list("AAABBC"), **columns}), label="y", **options)


def of_rows(rows: Any, y: Any, **options: Any) -> Evaluation:
    return evaluate(np.array(rows, dtype=np.float64), np.array(y), **options)


def weighted_binary(p: Any, y: Any, s: Any, **options: Any) -> Evaluation:
    data = pa.table({"y": pa.array(y), "p": pa.array(p, pa.float64()), "w": pa.array(s, pa.float64())})
    return evaluate(data, label="y", pred="p", sample_weight="w", input="probs", **options)


# Published values.


def test_spam_and_ham() -> None:
    rows = [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]
    columns = {name: [row[c] for row in rows] for c, name in enumerate(("ham", "spam"))}
    found = evaluate(pa.table({"y": ["spam", "ham", "ham", "spam"], **columns}), label="y")
    assert found.loss.mean == pytest.approx(0.21616187468057912, rel=1e-15)


def test_three_classes() -> None:
    found = of_rows([[0.2, 0.7, 0.1], [0.6, 0.2, 0.2], [0.6, 0.1, 0.3]], [1, 0, 2])
    assert found.loss.mean == pytest.approx(0.6904911240102197, rel=1e-15)
    assert found.loss.sum == pytest.approx(2.0714733720306593, rel=1e-15)
    assert found.loss.log_likelihood == -found.loss.sum


def test_binary_probabilities() -> None:
    found = of_rows([0.1, 0.2, 0.7, 0.99], [0, 0, 1, 1])
    assert found.loss.mean == pytest.approx(0.1738073366910675, rel=1e-15)
    found = of_rows([0.4, 0.3, 0.2, 0.1, 0.5, 0.9], [0, 0, 0, 1, 1, 1])
    assert found.loss.mean == pytest.approx(0.6986228, abs=5e-8)
    assert found.baselines is not None
    assert found.baselines.prior == pytest.approx(math.log(2.0), rel=1e-15)


def test_abc() -> None:
    found = abc()
    assert found.loss.mean == pytest.approx(0.424458, abs=5e-7)
    assert found.loss.perplexity == pytest.approx(1.5287616, abs=5e-8)
    assert found.baselines is not None
    assert found.baselines.prior == pytest.approx(1.0114043, abs=5e-8)
    assert found.baselines.skill_vs_prior == pytest.approx(0.5803280, abs=5e-8)
    assert found.baselines.uniform == pytest.approx(math.log(3.0), rel=1e-15)
    assert abc(base=2).loss.mean == pytest.approx(0.6123635, abs=5e-8)
    assert abc(class_weight="balanced").loss.mean == pytest.approx(0.5273682, abs=5e-8)  # the macro average


def test_logits_with_class_weights() -> None:
    found = of_rows([[0.2, 0.3, 0.5], [0.5, 0.2, 0.3]], [2, 1], input="logits", class_weight=[2, 4, 6])
    assert found.loss.sum == pytest.approx(10.5983, abs=5e-5)
    assert found.loss.mean == pytest.approx(1.0598, abs=5e-5)
    found = of_rows([[-100.0, 100.0]] * 2, [0, 1], class_weight=[20, 10])
    assert found.loss.sum == 4000.0
    assert found.loss.mean == pytest.approx(133.3333, abs=5e-5)
    found = of_rows([[0.3, 0.7], [0.6, 0.4], [0.6, 0.4]], [1, 0, 0], input="logits", class_weight=[1, 3])
    assert found.loss.mean == pytest.approx(0.5470647, abs=5e-8)


def test_logits_and_both_denominators() -> None:
    weights = [1, 2, 3]
    assert of_rows(LOGITS, [0, 1, 2], input="logits").loss.mean == pytest.approx(1.2131067830, abs=5e-11)
    found = of_rows(LOGITS, [0, 1, 2], input="logits", class_weight=weights)
    assert found.loss.mean == pytest.approx(0.9037466, abs=5e-8)
    assert (found.loss.denominator.kind, found.loss.denominator.value) == ("weights", 6.0)
    found = of_rows(LOGITS, [0, 1, 2], input="logits", class_weight=weights, denominator="count")
    assert found.loss.mean == pytest.approx(1.8074931, abs=5e-8)
    assert (found.loss.denominator.kind, found.loss.denominator.value) == ("count", 3.0)


def test_the_double_softmax() -> None:
    softmax = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1)[:, None]
    assert of_rows(softmax, [0, 1, 2], input="logits").loss.mean == pytest.approx(1.0592567, abs=5e-8)


def test_one_logit() -> None:
    found = of_rows([20.0], [0], input="logits", classes=[0, 1])
    assert found.loss.mean == 20.000000002061153


def test_weighted_denominators() -> None:
    p, y, s = [0.1, 0.9, 0.4], [0, 1, 1], [1.0, 2.0, 3.0]
    assert weighted_binary(p, y, s).loss.mean == pytest.approx(0.5108256, abs=5e-8)
    assert weighted_binary(p, y, s, denominator="count").loss.mean == pytest.approx(1.0216512, abs=5e-8)


def test_the_reference_calibration_error_is_the_published_one() -> None:
    rows = [[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]]
    sure = [max(row) for row in rows]
    right = [float(row.index(max(row)) == y) for row, y in zip(rows, [0, 1, 2, 0], strict=True)]
    assert oracles.calibration_error(sure, right, bins=3) == pytest.approx(0.2, abs=1e-12)


# Against scikit-learn.


class Example:
    """Random rows: logits and their probabilities, classes of uneven size, sample weights with zeros among them."""

    def __init__(self, classes: int, n: int = 400) -> None:
        random = np.random.default_rng(classes)
        self.classes = classes
        self.y = np.minimum(random.geometric(0.4, n) - 1, classes - 1)
        self.y[:classes] = np.arange(classes)
        self.logits = random.normal(scale=2.0, size=(n, classes))
        self.logits[np.arange(n), self.y] += 1.5
        self.p = np.exp(self.logits)
        self.p /= self.p.sum(axis=1)[:, None]
        self.s = np.where(random.uniform(size=n) < 0.1, 0.0, random.exponential(size=n))
        self.losses = [
            oracles.multiclass_probability(row, int(c)) for row, c in zip(self.p.tolist(), self.y, strict=True)
        ]

    def evaluate(self, *, weighted: bool = False, **options: Any) -> Evaluation:
        columns = {f"p_{c}": pa.array(self.p[:, c]) for c in range(self.classes)}
        data = pa.table({"y": pa.array(self.y), "w": pa.array(self.s), **columns})
        return evaluate(data, label="y", pred="p_*", sample_weight="w" if weighted else None, **options)

    def weights(self, *, weighted: bool) -> np.ndarray:
        return self.s if weighted else np.ones(len(self.y))


EXAMPLES = {classes: Example(classes) for classes in (2, 3, 7)}
MANY = pytest.mark.parametrize("classes", [2, 3, 7])
WEIGHTED = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


@MANY
@WEIGHTED
def test_the_mean_is_scikit_learns_log_loss(classes: int, weighted: bool) -> None:
    example = EXAMPLES[classes]
    found = example.evaluate(weighted=weighted)
    s = example.weights(weighted=weighted)
    expected = sklearn_metrics.log_loss(example.y, example.p, sample_weight=s, labels=range(classes))
    assert found.loss.mean == pytest.approx(expected, rel=1e-13)
    exact = oracles.weighted(example.losses, s)
    assert found.loss.mean == pytest.approx(exact.mean, rel=2e-16)
    assert found.loss.sum == pytest.approx(exact.sum, rel=4e-16)
    assert found.loss.standard_error == pytest.approx(exact.standard_error, rel=1e-14)
    assert found.loss.denominator.value == pytest.approx(exact.denominator, rel=1e-15)


@MANY
@WEIGHTED
def test_skill_is_scikit_learns_d2(classes: int, weighted: bool) -> None:
    example = EXAMPLES[classes]
    found = example.evaluate(weighted=weighted).baselines
    s = example.weights(weighted=weighted)
    expected = sklearn_metrics.d2_log_loss_score(example.y, example.p, sample_weight=s, labels=range(classes))
    assert found is not None
    assert found.skill_vs_prior == pytest.approx(expected, rel=1e-12)
    shares = np.bincount(example.y, weights=s) / s.sum()
    assert found.prior == pytest.approx(-float((shares * np.log(shares)).sum()), rel=1e-13)
    assert abs(found.uniform - math.log(classes)) <= math.ulp(math.log(classes))  # celoss's own log


@MANY
@WEIGHTED
def test_metrics(classes: int, weighted: bool) -> None:
    example = EXAMPLES[classes]
    evaluation = example.evaluate(weighted=weighted)
    found, s = evaluation.metrics, example.weights(weighted=weighted)
    predicted = example.p.argmax(axis=1)
    assert found is not None
    assert found.accuracy == pytest.approx(
        sklearn_metrics.accuracy_score(example.y, predicted, sample_weight=s), rel=1e-13
    )
    onehot = np.arange(classes) == example.y[:, None]
    brier = (s * ((example.p - onehot) ** 2).sum(axis=1)).sum() / s.sum()
    assert found.brier == pytest.approx(brier, rel=1e-13)
    if classes == 2:
        binary = sklearn_metrics.brier_score_loss(example.y, example.p[:, 1], sample_weight=s)
        assert found.brier == pytest.approx(2.0 * binary, rel=1e-13)
    right = (predicted == example.y).astype(float)
    expected = oracles.calibration_error(example.p.max(axis=1).tolist(), right.tolist(), s.tolist())
    assert found.ece == pytest.approx(expected, rel=1e-11)
    recalls = sklearn_metrics.recall_score(example.y, predicted, average=None, sample_weight=s)
    assert [row.recall for row in evaluation.per_class] == pytest.approx(list(recalls), rel=1e-13)


@MANY
@WEIGHTED
def test_balanced_class_weights_are_scikit_learns(classes: int, weighted: bool) -> None:
    from sklearn.utils.class_weight import compute_class_weight

    example = EXAMPLES[classes]
    found = example.evaluate(weighted=weighted, class_weight="balanced")
    w = compute_class_weight("balanced", classes=np.arange(classes), y=example.y)
    assert [row.weight for row in found.per_class] == pytest.approx(list(w), rel=1e-15)
    v = w[example.y] * example.weights(weighted=weighted)
    exact = oracles.weighted(example.losses, v)
    assert found.loss.mean == pytest.approx(exact.mean, rel=1e-14)
    spread = _within_classes(v * (np.array(example.losses, dtype=float) - exact.mean), example.y, v.sum())
    assert found.loss.standard_error == pytest.approx(spread, rel=1e-12)
    assert found.loss.sum == pytest.approx(exact.sum, rel=1e-14)
    assert found.loss.mean == pytest.approx(
        sklearn_metrics.log_loss(example.y, example.p, sample_weight=v, labels=range(classes)), rel=1e-13
    )


@MANY
@WEIGHTED
@pytest.mark.parametrize("denominator", ["weights", "count"])
def test_mean_and_standard_error_under_given_class_weights(classes: int, weighted: bool, denominator: str) -> None:
    example = EXAMPLES[classes]
    w = np.array([2.0, 0.5, 0.0, 3.0, 1.0, 1.0, 10.0][:classes])
    found = example.evaluate(weighted=weighted, class_weight=w.tolist(), denominator=denominator)
    v = w[example.y] * example.weights(weighted=weighted)
    exact = oracles.weighted(example.losses, v, count=denominator == "count")
    assert found.loss.mean == pytest.approx(exact.mean, rel=1e-14)
    assert found.loss.sum == pytest.approx(exact.sum, rel=1e-14)
    assert found.loss.standard_error == pytest.approx(exact.standard_error, rel=1e-13)
    assert found.loss.denominator.value == pytest.approx(exact.denominator, rel=1e-14)
    assert found.metrics == example.evaluate(weighted=weighted).metrics  # class weights are no part of those
    shares = np.bincount(example.y, weights=v) / v.sum()
    entropy = -math.fsum(x * math.log(x) for x in shares if x > 0.0)
    scale = v.sum() / exact.denominator
    assert found.baselines is not None
    assert found.baselines.prior == pytest.approx(entropy * scale, rel=1e-12)
    assert found.baselines.uniform == pytest.approx(math.log(classes) * scale, rel=1e-12)
    assert found.baselines.skill_vs_prior == pytest.approx(1.0 - exact.mean / (entropy * scale), rel=1e-11)


def test_class_weights_by_name() -> None:
    by_place, by_name = abc(class_weight=[1, 5, 2]), abc(class_weight={"C": 2, "B": 5})
    assert by_name.loss == by_place.loss
    assert abc(class_weight="B=5,C=2").loss == by_place.loss
    assert [row.weight for row in by_name.per_class] == [1.0, 5.0, 2.0]
    assert abc(class_weight={}).loss == abc().loss


# Derived from the mean.


def test_interval_perplexity_and_likelihood() -> None:
    loss = EXAMPLES[3].evaluate(weighted=True).loss
    assert loss.standard_error is not None
    assert loss.ci95 is not None
    w = EXAMPLES[3].weights(weighted=True)
    n = int((w > 0).sum())
    stats = pytest.importorskip("scipy.stats")
    t = float(stats.t.ppf(0.975, n - 1))  # these weights leave 94 effective rows
    assert n < 400  # rows of weight 0 tell nothing
    assert loss.ci95[0] == pytest.approx(loss.mean - t * loss.standard_error, rel=1e-7)
    apart = (w * (np.array([float(one) for one in EXAMPLES[3].losses]) - loss.mean))[w > 0]
    a = float((apart**3).mean() / (apart**2).mean() ** 1.5) * math.sqrt(n * (n - 1)) / (n - 2) / math.sqrt(n)
    turned = 3 / a * (float(np.cbrt(1 + a * (-t - a / 6))) - 1)  # Hall's transformation of −t
    assert loss.ci95[1] == pytest.approx(loss.mean - turned * loss.standard_error, rel=1e-6)
    assert loss.perplexity == pytest.approx(math.exp(loss.mean), rel=1e-15)
    # The likelihood is of the data, whatever the weights.
    assert loss.log_likelihood == pytest.approx(-float(sum(EXAMPLES[3].losses)), rel=1e-15)


@pytest.mark.parametrize(("base", "nats", "unit"), [(2, math.log(2.0), "bits"), (10, math.log(10.0), "hartleys")])
@WEIGHTED
def test_other_bases_scale_what_is_in_the_unit_and_nothing_else(
    base: int, nats: float, unit: str, weighted: bool
) -> None:
    e, other = (EXAMPLES[3].evaluate(weighted=weighted, base=b) for b in ("e", base))
    assert other.loss.unit == unit
    for name in ("mean", "sum", "standard_error", "ci95"):
        mine, theirs = np.array(getattr(e.loss, name)), np.array(getattr(other.loss, name))
        assert theirs * nats == pytest.approx(mine, rel=1e-14)
    assert other.loss.perplexity == e.loss.perplexity
    assert other.loss.log_likelihood == e.loss.log_likelihood
    assert other.loss.denominator == e.loss.denominator
    assert e.baselines is not None
    assert other.baselines is not None
    assert other.baselines.prior * nats == pytest.approx(e.baselines.prior, rel=1e-14)
    assert other.baselines.uniform * nats == pytest.approx(e.baselines.uniform, rel=1e-14)
    assert other.baselines.skill_vs_prior == pytest.approx(e.baselines.skill_vs_prior, rel=1e-13)
    assert other.metrics == e.metrics
    for mine, theirs in zip(e.per_class, other.per_class, strict=True):
        assert theirs.mean_loss is not None
        assert theirs.mean_loss * nats == pytest.approx(mine.mean_loss, rel=1e-14)
        assert theirs.loss_share == mine.loss_share
    assert [row.loss * nats for row in other.worst] == pytest.approx([row.loss for row in e.worst], rel=1e-14)


@WEIGHTED
def test_the_per_class_table(weighted: bool) -> None:
    example = EXAMPLES[3]
    w = [2.0, 1.0, 4.0]
    found = example.evaluate(weighted=weighted, class_weight=w)
    s = example.weights(weighted=weighted)
    for c, row in enumerate(found.per_class):
        mine = np.flatnonzero(example.y == c)
        exact = oracles.weighted([example.losses[i] for i in mine], s[mine])
        assert (row.class_, row.count) == (str(c), len(mine))
        assert row.mean_loss == pytest.approx(exact.mean, rel=1e-14)  # no class weight in it
        assert row.loss_share == pytest.approx(w[c] * exact.sum / found.loss.sum, rel=1e-13)
    assert math.fsum(row.loss_share or 0.0 for row in found.per_class) == pytest.approx(1.0, rel=1e-14)


def test_the_worst_rows() -> None:
    example = EXAMPLES[3]
    found = example.evaluate(top=4).worst
    losses = [float(loss) for loss in example.losses]
    expected = sorted(range(len(losses)), key=lambda row: -losses[row])[:4]
    assert [row.row for row in found] == expected
    for row in found:
        p = example.p[row.row]
        assert row.loss == pytest.approx(losses[row.row], rel=1e-15)
        assert row.p_true == pytest.approx(p[example.y[row.row]], rel=1e-14)
        assert (row.label, row.predicted) == (str(example.y[row.row]), str(p.argmax()))
        assert row.p_predicted == pytest.approx(p.max(), rel=1e-14)
    assert example.evaluate(top=0).worst == ()


def test_the_standard_error_of_losses_far_from_0() -> None:
    """A sum of squares in floats loses the spread of large losses altogether."""
    z = 1e8 + np.random.default_rng(0).normal(size=100)
    naive = math.sqrt(abs(np.mean(z * z) - np.mean(z) ** 2) * 100 / 99 / 100)
    exact = oracles.weighted(z.tolist()).standard_error
    assert exact is not None
    assert abs(naive / exact - 1.0) > 0.01
    found = of_rows(z, np.zeros(100, dtype=int), input="logits", classes=[0, 1])
    assert found.loss.standard_error == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("size", [1e-18, 1e-9, 1.0, 1e7])
def test_means_of_any_size_are_rounded_once(size: float) -> None:
    losses = np.random.default_rng(1).exponential(size, 2000)
    rows = np.stack([-losses, np.full(2000, -50.0)], axis=1)
    found = of_rows(rows, np.zeros(2000, dtype=int), input="logprobs", renormalize=False) if size < 1e-2 else None
    if found is None:
        z = losses + 60.0  # far enough for softplus to be the logit itself
        found = of_rows(z, np.zeros(2000, dtype=int), input="logits", classes=[0, 1])
        losses = z
    exact = oracles.exact_sum(losses)
    assert found.loss.sum == math.fsum(losses)
    assert found.loss.mean == float(exact / 2000)
    assert found.loss.standard_error == pytest.approx(oracles.weighted(losses).standard_error, rel=1e-12)


# Corners.


def test_a_truth_of_probability_0() -> None:
    found = of_rows([[0.0, 1.0], [0.5, 0.5], [0.25, 0.75]], [0, 1, 1])
    assert found.loss.mean == found.loss.sum == found.loss.perplexity == math.inf
    assert found.loss.log_likelihood == -math.inf
    assert found.loss.standard_error is None
    assert found.loss.ci95 is None
    assert found.counts.infinite == 1
    assert found.baselines is not None
    assert found.baselines.skill_vs_prior == -math.inf
    assert [row.mean_loss for row in found.per_class] == [math.inf, pytest.approx((math.log(8 / 3)) / 2)]
    assert [row.loss_share for row in found.per_class] == [None, None]
    assert found.worst[0].loss == math.inf
    others = (math.log(2.0) - math.log(0.75)) / 2
    message = next(notice.message for notice in found.warnings if notice.code == "infinite_loss")
    assert f"the mean of the others is {others:.10g}" in message


def test_a_ruled_out_truth_in_logits() -> None:
    found = of_rows([[-math.inf, 1.0], [-math.inf, 1.0], [2.0, 1.0]], [1, 0, 0], input="logits")
    assert found.loss.mean == math.inf
    assert found.counts.infinite == 1
    found = of_rows([[-math.inf, 1.0], [2.0, 1.0]], [1, 0], input="logits")
    assert found.loss.mean == pytest.approx(math.log1p(math.exp(-1.0)) / 2, rel=1e-15)


@pytest.mark.parametrize("weights", [[1.0, 0.0, 2.0], [0.0, 0.0, 2.0]])
def test_infinite_rows_of_weight_0_contribute_nothing(weights: list[float]) -> None:
    found = weighted_binary([0.25, 0.0, 0.5], [0, 1, 1], weights)
    total = weights[0] * -math.log(0.75) + weights[2] * math.log(2.0)
    assert found.loss.sum == pytest.approx(total, rel=1e-15)
    assert found.loss.mean == pytest.approx(total / sum(weights), rel=1e-15)
    assert found.counts.infinite == 0
    assert found.counts.scored == 3
    assert all(math.isfinite(row.loss) for row in found.worst)
    assert (found.loss.standard_error is None) == (sum(weight > 0 for weight in weights) == 1)


def test_infinite_rows_of_a_class_of_weight_0_contribute_nothing() -> None:
    found = of_rows([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]], [0, 1, 0], class_weight=[1, 0])
    assert found.loss.mean == pytest.approx(math.log(8.0) / 2, rel=1e-15)
    assert found.counts.infinite == 0
    assert [row.row for row in found.worst] == [0, 2]


def test_one_row() -> None:
    found = of_rows([[0.25, 0.75]], [1])
    assert found.loss.mean == pytest.approx(-math.log(0.75), rel=1e-15)
    assert found.loss.standard_error is None
    assert found.loss.ci95 is None
    assert found.counts.scored == 1
    assert {notice.code for notice in found.warnings} >= {"single_row"}


def test_rows_of_one_class_only() -> None:
    found = of_rows([[0.25, 0.75], [0.5, 0.5]], [1, 1])
    assert found.baselines is not None
    assert found.baselines.prior == 0.0
    assert found.baselines.skill_vs_prior is None
    empty, full = found.per_class
    assert (empty.count, empty.mean_loss, empty.loss_share, empty.recall) == (0, None, None, None)
    assert (full.count, full.loss_share, full.recall) == (2, 1.0, 0.5)


def test_perfect_rows() -> None:
    found = of_rows([[1.0, 0.0], [0.0, 1.0]], [0, 1], input="probs")
    assert found.loss.mean == found.loss.sum == found.loss.standard_error == 0.0
    assert not math.copysign(1.0, found.loss.mean) < 0.0
    assert found.loss.perplexity == 1.0
    assert [row.loss_share for row in found.per_class] == [None, None]
    assert found.metrics is not None
    assert (found.metrics.accuracy, found.metrics.brier, found.metrics.ece) == (1.0, 0.0, 0.0)
    assert found.baselines is not None
    assert found.baselines.skill_vs_prior == 1.0


@pytest.mark.parametrize("above", [2.0**-52, 1e-15])
def test_probabilities_that_rounding_took_above_1(above: float) -> None:
    rows = [[1.0 + above, 0.0], [0.0, 1.0 + above], [0.25, 0.75]]
    found = of_rows(rows, [0, 1, 1])
    assert found.loss.mean == pytest.approx(-math.log(0.75) / 3, rel=1e-13)
    assert [row.count for row in found.per_class] == [1, 2]
    assert found.metrics is not None
    assert found.metrics.accuracy == 1.0


def test_weights_that_are_all_0() -> None:
    with pytest.raises(InvalidWeights):
        weighted_binary([0.25, 0.5], [0, 1], [0.0, 0.0])
    with pytest.raises(InvalidWeights):
        of_rows([[0.25, 0.75]], [1], class_weight=[1, 0])


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1e9])
def test_the_scale_of_the_weights_does_not_matter(scale: float) -> None:
    example = Example(2, 50)
    one = weighted_binary(example.p[:, 1], example.y, example.s)
    other = weighted_binary(example.p[:, 1], example.y, example.s * scale)
    assert other.loss.mean == pytest.approx(one.loss.mean, rel=1e-14)
    assert other.metrics is not None
    assert one.metrics is not None
    for name in ("accuracy", "brier", "ece"):
        assert getattr(other.metrics, name) == pytest.approx(getattr(one.metrics, name), rel=1e-12)
    if scale > 1e-100:
        assert other.loss.standard_error == pytest.approx(one.loss.standard_error, rel=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("huge", [1e200, np.finfo(np.float64).max])
def test_a_mask_value_of_a_very_negative_logit(huge: float) -> None:
    found = of_rows([[0.0, -huge], [1.0, 2.0]], [1, 1], input="logits")
    assert found.loss.mean == pytest.approx(huge / 2, rel=1e-15)


def test_no_standard_error_under_weights_too_small_to_square() -> None:
    one, other = (weighted_binary([0.25, 0.1, 0.5], [0, 1, 1], [s, 2 * s, s]) for s in (1.0, 1e-200))
    assert other.loss.mean == pytest.approx(one.loss.mean, rel=1e-14)
    assert one.loss.standard_error is not None
    assert other.loss.standard_error is None


def test_the_mean_alone_is_the_mean_of_the_report() -> None:
    from celoss_cli.api.functions import silent
    from celoss_cli.pipeline.evaluate import evaluate as run
    from celoss_cli.request import Detail, Request
    from celoss_cli.tables.inputs import open_input

    example = EXAMPLES[3]
    for weight in (None, "balanced", "0=2,1=0"):
        inputs = {"predictions": example.p, "labels": example.y, "class_weight": weight}
        full, alone = (
            run(Request(**inputs, detail=detail), open_input(Request(None).reading), silent)
            for detail in (Detail.MEAN, Detail.FULL)
        )
        assert full.loss.mean == alone.loss.mean
        assert full.loss.sum == alone.loss.sum


def _within_classes(u: np.ndarray, y: np.ndarray, below: float) -> float:
    """The standard error of Σ u / below where each class has the rows it has: by the textbook's variance per class.

    A row of weight 0 has u = 0, and is none of them.
    """
    classes = [u[(y == c) & (u != 0.0)] for c in np.unique(y)]
    return math.sqrt(sum(of_class.var(ddof=1) * of_class.shape[0] for of_class in classes)) / below


@pytest.mark.parametrize("kind", ["macro", "balanced", "balanced by count"])
@pytest.mark.parametrize("weighted", [False, True])
def test_class_weights_taken_from_the_rows_are_no_noise(kind: str, weighted: bool) -> None:
    rng = np.random.default_rng(3)
    y = np.repeat([0, 1, 2], [200, 60, 7])
    p = rng.dirichlet([2.0, 1.0, 0.5], y.shape[0])
    s = rng.uniform(0.5, 2.0, y.shape[0]) if weighted else np.ones(y.shape[0])
    loss = -np.log(p[np.arange(y.shape[0]), y])
    table = pd.DataFrame(p, columns=["p_0", "p_1", "p_2"]).assign(label=y, s=s)
    options = {"macro": {"average": "macro"}, "balanced": {"class_weight": "balanced"}}.get(
        kind, {"class_weight": "balanced", "denominator": "count"}
    )
    found = evaluate(table, pred="p_*", input="probs", sample_weight="s" if weighted else None, **options).loss
    counts, sums = np.bincount(y), np.bincount(y, weights=s)
    v = s / sums[y] if kind == "macro" else s * y.shape[0] / (3 * counts[y])
    if kind == "balanced by count":
        u, below = v * loss, float(y.shape[0])
    else:
        below = v.sum()
        middle = (np.bincount(y, weights=s * loss) / sums)[y] if kind == "macro" else (v * loss).sum() / below
        u = v * (loss - middle)
    assert found.mean == pytest.approx((v * loss).sum() / below, rel=1e-12)
    if kind == "macro" and weighted:  # the influences of a class add up to 0, not their plain mean of what is left
        expected = math.sqrt(sum((u[y == c] ** 2).sum() * n / (n - 1) for c, n in enumerate(counts))) / below
    else:
        expected = _within_classes(u, y, below)
    assert found.standard_error == pytest.approx(expected, rel=1e-12)


def test_the_spread_of_a_macro_mean_is_that_of_other_samples() -> None:
    rng = np.random.default_rng(8)
    means, errors = [], []
    for _ in range(300):
        y = (rng.random(200) < 0.2).astype(int)
        p = np.clip(np.where(y == 1, rng.beta(2, 4, 200), rng.beta(1, 6, 200)), 1e-6, 1 - 1e-6)
        found = evaluate(pd.DataFrame({"y_true": y, "prob": p}), average="macro", top=0).loss
        means.append(found.mean)
        errors.append(found.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(means, ddof=1), rel=0.12)  # 300 samples: 4 % to one sigma


def test_a_class_of_one_row_has_no_spread_under_balanced_weights() -> None:
    table = pd.DataFrame({"y_true": [0, 0, 0, 1], "prob": [0.1, 0.2, 0.3, 0.6]})
    assert evaluate(table, class_weight="balanced").loss.standard_error is None
    assert evaluate(table).loss.standard_error is not None


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}, {"class_weight": "0=2,1=3"}])
def test_one_row_with_all_the_weight_has_no_spread(options: dict[str, Any]) -> None:
    table = pd.DataFrame({"y_true": [0, 1, 0, 1], "prob": [0.1, 0.7, 0.3, 0.6], "w": [0.3, 0.0, 0.0, 0.0]})
    assert evaluate(table, sample_weight="w", positive="1", **options).loss.standard_error is None
    two = evaluate(table.assign(w=[0.3, 0.0, 0.1, 0.0]), sample_weight="w", positive="1", **options).loss
    assert two.standard_error is not None


def test_a_sum_beyond_all_doubles_leaves_its_mean() -> None:
    found = evaluate(np.array([1e308, -1e308, 1e200]), np.array([0, 1, 1]), input="logits").loss
    assert found.mean == pytest.approx(1e308 / 1.5, rel=1e-15)
    assert found.sum == np.inf
