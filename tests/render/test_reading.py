"""The sentences say what the numbers mean, and only where they mean it."""

from __future__ import annotations

import math
from typing import Any

from celoss_cli.render.evaluation import reading
from celoss_cli.results.evaluation import Baselines, DenominatorUsed, Evaluation


def _words(evaluation: Evaluation) -> str:
    return "\n".join(f"{remark.lead} {remark.text}" for remark in reading.remarks(evaluation))


def test_the_reference_case(build: Any) -> None:
    words = _words(build())
    assert "typically given a probability of 65.4% (geometric mean, exp(−mean loss))" in words
    assert "Better than always predicting the class frequencies: 58.0% of that loss is gone." in words


def test_the_unit_does_not_change_the_probability(build: Any) -> None:
    abc = build()
    for unit, nats in (("bits", math.log(2)), ("hartleys", math.log(10))):
        words = _words(abc._replace(loss=abc.loss._replace(unit=unit, mean=abc.loss.mean / nats)))
        assert "65.4%" in words
        assert "exp(−mean loss in nats)" in words


def test_a_weighted_sum_over_a_count_is_no_probability(build: Any) -> None:
    abc = build()
    heavy = tuple(result._replace(weight=2.0) for result in abc.per_class)
    counted = abc._replace(per_class=heavy, loss=abc.loss._replace(denominator=DenominatorUsed("count", 6.0)))

    assert "no reading as a probability" in _words(counted)
    assert all(row.chance is None for row in reading.reference_losses(counted))
    assert "weighted geometric mean" in _words(abc._replace(per_class=heavy))


def test_skill_in_words(build: Any) -> None:
    abc = build()

    def skilled(mean: float, prior: float, skill: float | None) -> str:
        return _words(abc._replace(loss=abc.loss._replace(mean=mean), baselines=Baselines(1.0986, prior, skill)))

    assert "WORSE than always predicting the class frequencies: the loss is 1.50 times" in skilled(1.5, 1.0, -0.5)
    assert "WORSE than a uniform guess, too" in skilled(1.5, 1.0, -0.5)
    assert "the loss is 0.100% larger" in skilled(1.001, 1.0, 1 - 1.001)
    assert "No better than always" in skilled(1.0, 1.0, 0.0)
    assert "all of that loss is gone" in skilled(0.0, 1.0, 1.0)
    assert "no skill to measure" in skilled(0.5, 0.0, None)
    assert "that loss is finite" in skilled(math.inf, 1.0, -math.inf)


def test_infinite_rows_are_counted_in_words(samples: dict[str, Evaluation]) -> None:
    assert "2 of 999,990 rows give the truth a probability of exactly 0" in _words(samples["infinite"])
    assert "typically" not in _words(samples["infinite"])


def test_costliest_keeps_class_order_until_it_must_cut(samples: dict[str, Evaluation]) -> None:
    assert [result.class_ for result in reading.costliest(samples["abc"], 3)] == ["A", "B", "C"]
    assert [result.class_ for result in reading.costliest(samples["abc"], 2)] == ["C", "A"]
    assert [result.class_ for result in reading.costliest(samples["infinite"], 2)] == ["dog", "cat"]
