"""Sample evaluations: the reference case AAABBC of the semantics, and variations on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from celoss_cli.request import InputKind, Task
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import (
    Baselines,
    Check,
    ClassResult,
    Counts,
    DenominatorUsed,
    Evaluation,
    Input,
    Inputs,
    Loss,
    Verdict,
    WorstRow,
)
from celoss_cli.results.metrics import Metrics
from celoss_cli.spec import Columns, Decision, How, Spec

Build = Callable[..., Evaluation]


def build_evaluation(**changes: Any) -> Evaluation:
    """Return y=AAABBC under [[1,0,0],[.8,.05,.15],[.51,.29,.2],[.1,.8,.1],[.2,.6,.2],[.3,.3,.4]], with changes."""
    return _abc()._replace(**changes)


def _abc() -> Evaluation:
    losses = [-math.log(p) for p in (1.0, 0.8, 0.51, 0.8, 0.6, 0.4)]
    total = math.fsum(losses)
    mean = total / 6
    error = math.sqrt(math.fsum((loss - mean) ** 2 for loss in losses) / 5 / 6)
    prior = -(0.5 * math.log(0.5) + math.log(1 / 3) / 3 + math.log(1 / 6) / 6)
    by_class = (math.fsum(losses[:3]), math.fsum(losses[3:5]), losses[5])
    return Evaluation(
        celoss_version="0.1.0",
        inputs=Inputs(Input("predictions.csv", "csv", 6), Input("labels.csv", "csv", 6)),
        spec=Spec(
            task=Task.MULTICLASS,
            input=InputKind.PROBS,
            classes=("A", "B", "C"),
            positive=None,
            columns=Columns(("p_A", "p_B", "p_C"), "label"),
            decisions=(
                Decision("task", "multiclass", How.DETECTED, "three score columns, three classes in the labels"),
                Decision("input", "probabilities", How.DETECTED, "all in [0, 1], every row sums to 1 within 2e-16"),
                Decision("label", "label", How.GIVEN, "--label", "--label"),
                Decision("classes", "A, B, C", How.DETECTED, "the column names without p_", "--classes"),
                Decision("pairing", "by position", How.DETECTED, "both have 6 rows and no shared key", "--id", True),
            ),
        ),
        loss=Loss(
            mean=mean,
            sum=total,
            standard_error=error,
            ci95=(mean - 1.959963984540054 * error, mean + 1.959963984540054 * error),
            unit="nats",
            perplexity=math.exp(mean),
            log_likelihood=-total,
            denominator=DenominatorUsed("weights", 6.0),
        ),
        counts=Counts(rows=6, scored=6, ignored=0, infinite=0, clipped=0),
        baselines=Baselines(uniform=math.log(3), prior=prior, skill_vs_prior=1 - mean / prior),
        metrics=Metrics(accuracy=1.0, brier=0.24233333333333332, ece=0.315),
        per_class=tuple(
            ClassResult(name, count, 1.0, cost / count, cost / total, 1.0)
            for name, count, cost in zip("ABC", (3, 2, 1), by_class, strict=True)
        ),
        worst=(
            WorstRow(5, None, "C", losses[5], 0.4, "C", 0.4),
            WorstRow(2, None, "A", losses[2], 0.51, "A", 0.51),
            WorstRow(4, None, "B", losses[4], 0.6, "B", 0.6),
        ),
        warnings=(),
    )


def _infinite() -> Evaluation:
    """Two rows of 1,000,000 give the truth probability 0, and the gate is asked."""
    abc = _abc()
    return abc._replace(
        inputs=Inputs(Input("runs/2026-11-21/predictions.parquet", "parquet", 1_000_000), None),
        loss=Loss(math.inf, math.inf, None, None, "nats", math.inf, -math.inf, DenominatorUsed("weights", 999_990.0)),
        counts=Counts(rows=1_000_000, scored=999_990, ignored=10, infinite=2, clipped=0),
        baselines=abc.baselines._replace(skill_vs_prior=-math.inf) if abc.baselines else None,
        per_class=(
            ClassResult("cat", 500_000, 1.0, math.inf, math.nan, 0.91),
            ClassResult("dog", 499_990, 1.0, 0.31, 0.0, 0.8812),
            ClassResult("ferret", 0, 1.0, None, None, None),
        ),
        worst=(
            WorstRow(17, "img-00017", "cat", math.inf, 0.0, "dog", 1.0),
            WorstRow(204_113, "img-204113", "cat", math.inf, 0.0, "dog", 0.9999999),
            WorstRow(9, "img-00009", "dog", 38.25, 2.45e-17, "cat", 0.5),
        ),
        warnings=(
            Notice("infinite_loss", "2 rows have infinite loss; the mean of the others is 0.2981"),
            Notice("clip_would_give", "with --clip 1e-15 the mean would be 0.298169"),
        ),
        verdict=Verdict(False, (Check("max_loss", 0.5, math.inf, False),)),
    )


def _many() -> Evaluation:
    """A thousand classes with long names, weights, bits, worse than guessing."""
    abc = _abc()
    shares = [2.0 * (1000 - k) / (1000 * 1001) for k in range(1000)]
    mean, ln2 = 11.25, math.log(2)
    prior = math.log2(1000) - 0.004
    return abc._replace(
        loss=Loss(
            mean,
            mean * 123_456.5,
            0.0123,
            (11.2259, 11.2741),
            "bits",
            math.exp(mean * ln2),
            -962_000.25,
            DenominatorUsed("weights", 123_456.5),
        ),
        counts=Counts(rows=120_000, scored=120_000, ignored=0, infinite=0, clipped=33),
        baselines=Baselines(math.log2(1000), prior, 1 - mean / prior),
        metrics=Metrics(0.00093, 1.21, 0.0641),
        per_class=tuple(
            ClassResult(
                f"n{10_000_000 + 7 * k} a fairly long synset name, number {k} of them",
                120,
                1.0 + k / 500,
                30.0 * shares[k] * 500,
                shares[k],
                k / 1000,
            )
            for k in range(1000)
        ),
        worst=(),
        verdict=Verdict(True, (Check("max_loss", 11.25000001, mean, True),)),
    )


def _mean_only() -> Evaluation:
    """Only the mean was asked for, and there was only one row."""
    return _abc()._replace(
        inputs=Inputs(Input("-", "csv", 1), None),
        loss=Loss(0.0, 0.0, None, None, "nats", 1.0, 0.0, DenominatorUsed("weights", 1.0)),
        counts=Counts(1, 1, 0, 0, 0),
        baselines=None,
        metrics=None,
        per_class=(),
        worst=(),
    )


def _hostile() -> Evaluation:
    """Every text that comes from a file tries something."""
    abc = _abc()
    names = ("[red]bold[/red]", "\x1b[2J\x1b]0;owned\x07|`<b>\n# h1", "=cmd()|' /C calc'!A0")
    return abc._replace(
        inputs=Inputs(Input("[link=x]\x1b[31m.csv", "csv", 6), Input("caf\udce9 \u202e.csv", "csv", 6)),
        spec=abc.spec._replace(
            classes=names,
            decisions=(Decision("label", "[b]\x1b[5m|col`umn`", How.DETECTED, "named @team <img src=x> [x](y)\r\nz"),),
        ),
        per_class=tuple(c._replace(class_=name) for c, name in zip(abc.per_class, names, strict=True)),
        worst=tuple(w._replace(label=n, predicted=n, id=n) for w, n in zip(abc.worst, names, strict=True)),
        warnings=(Notice("hostile", "column '[blink]\x1b[5m|' holds \u2028 @everyone <script>"),),
    )


SAMPLES: dict[str, Callable[[], Evaluation]] = {
    "abc": _abc,
    "infinite": _infinite,
    "many": _many,
    "mean_only": _mean_only,
    "hostile": _hostile,
}


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> tuple[str, Evaluation]:
    """Each sample evaluation in turn, with its name."""
    return request.param, SAMPLES[request.param]()


@pytest.fixture
def samples() -> dict[str, Evaluation]:
    """All sample evaluations by name."""
    return {name: build() for name, build in SAMPLES.items()}


@pytest.fixture
def build() -> Build:
    """A builder of the reference evaluation with some fields replaced."""
    return build_evaluation
