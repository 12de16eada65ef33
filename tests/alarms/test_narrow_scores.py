"""One column in a narrow range: logits from 0 to 1 and numbers from -1 to 1 are doubted, honest scores are not."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate
from celoss_cli.alarms import Chosen, alarms_of, look_at
from celoss_cli.request import Base, InputKind
from celoss_cli.state.sample import Sample
from notices import about_the_data
from running import Run, run

Rng = np.random.Generator
Draw = Callable[[Rng, int], tuple[np.ndarray, np.ndarray]]


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-z))


def done(directory: Path, name: str, y: np.ndarray, scores: np.ndarray, *arguments: str) -> Run:
    pd.DataFrame({"y": y, name: scores}).to_csv(directory / "f.csv", index=False)
    return run("eval", directory / "f.csv", "-q", *arguments)


def logits_from_0_to_1(rng: Rng, rows: int) -> tuple[np.ndarray, np.ndarray]:
    z = rng.uniform(0.0, 1.0, rows)
    return z, (rng.random(rows) < sigmoid(z)).astype(int)


@pytest.mark.parametrize("name", ["score", "y_score", "output", "p", "prediction"])
def test_logits_from_0_to_1_are_doubted(name: str, tmp_path: Path) -> None:
    z, y = logits_from_0_to_1(np.random.default_rng(3), 600)
    right = math.fsum(np.logaddexp(0.0, np.where(y == 1, -z, z))) / 600
    found = done(tmp_path, name, y, z)
    assert found.code == 0
    assert "where logits can lie as well" in found.err
    assert f"would be {right:.4g} as logits: --input logits" in found.err
    assert done(tmp_path, name, y, z, "--strict").code == 3
    settled = done(tmp_path, name, y, z, "--input", "logits", "--strict")
    assert settled.mean == pytest.approx(right, rel=1e-12)
    assert "where logits can lie" not in settled.err
    assert not done(tmp_path, name, y, z, "--input", "probs").err
    assert about_the_data(evaluate(str(tmp_path / "f.csv"))) == ["maybe_logits"]


def test_a_name_for_probabilities_vouches_for_them(tmp_path: Path) -> None:
    z, y = logits_from_0_to_1(np.random.default_rng(3), 600)
    assert "logits" not in done(tmp_path, "prob", y, z).err


@pytest.mark.parametrize("name", ["score", "output", "margin", "decision_function", "logit"])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_tanh_is_refused(name: str, scale: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    z = rng.normal(0.0, 1.5, 300)
    y = (rng.random(300) < sigmoid(z)).astype(int)
    tanh = np.tanh(scale * z)
    refused = done(tmp_path, name, y, tanh)
    assert refused.code == 3
    assert "no score is outside [-1, 1]" in refused.err
    assert "--input logits" in refused.err
    said = done(tmp_path, name, y, tanh, "--input", "logits")
    assert said.mean == pytest.approx(math.fsum(np.logaddexp(0.0, np.where(y == 1, -tanh, tanh))) / 300, rel=1e-12)
    halved = done(tmp_path, "prob", y, (1.0 + np.tanh(0.5 * z)) / 2.0)
    assert halved.mean == pytest.approx(math.fsum(np.logaddexp(0.0, np.where(y == 1, -z, z))) / 300, rel=1e-9)


def test_a_cosine_that_says_much_is_doubted(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 400)
    cosine = np.where(y == 1, rng.normal(0.5, 0.15, 400), rng.normal(-0.5, 0.15, 400)).clip(-0.97, 0.97)
    found = done(tmp_path, "score", y, cosine)
    assert found.code == 0
    assert "no score is outside [-1, 1]" in found.err
    assert "with (1 + s) / 2 as the probability" in found.err
    assert done(tmp_path, "score", y, cosine, "--strict").code == 3
    assert not done(tmp_path, "score", y, cosine, "--input", "logits", "--strict").err


def test_so_are_many_scores_that_come_to_both_ends_and_say_little(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 400)
    cosine = (rng.normal(0.0, 0.3, 400) + 0.1 * (2 * y - 1)).clip(-0.97, 0.97)
    cosine[:2] = 0.991, -0.995
    found = done(tmp_path, "score", y, cosine)
    assert found.code == 0
    assert "they come to both ends of it (-0.995 to 0.991)" in found.err
    assert done(tmp_path, "score", y, cosine, "--strict").code == 3


@pytest.mark.parametrize("name", ["cosine", "cosine_similarity", "similarity_score", "tanh", "tanh_output", "distance"])
def test_a_name_for_something_between_minus_one_and_one_is_no_score(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    refused = done(tmp_path, name, rng.integers(0, 2, 60), rng.uniform(-0.9, 0.9, 60))
    assert refused.code == 3
    assert "its name is one for" in refused.err
    assert f"--pred {name}" in refused.err


# Honest files: probabilities that nothing vouches for, and logits of a model that knows little. None may go off.


def shifted(rng: Rng, rows: int) -> tuple[np.ndarray, np.ndarray]:
    z = rng.normal(0.0, 1.0, rows)
    return sigmoid(z - rng.uniform(-2.0, 2.0)), (rng.random(rows) < sigmoid(z)).astype(int)


def honest(rng: Rng, rows: int) -> tuple[np.ndarray, np.ndarray]:
    z = rng.normal(rng.normal(0.0, 2.0), 1.5, rows)
    return sigmoid(z), (rng.random(rows) < sigmoid(z)).astype(int)


def far_too_sure(rng: Rng, rows: int) -> tuple[np.ndarray, np.ndarray]:
    z = rng.normal(0.0, 0.5, rows)
    return sigmoid(rng.uniform(4.0, 30.0) * (z + rng.normal(0.0, 0.5, rows))), (rng.random(rows) < sigmoid(z)).astype(
        int
    )


def weak_logits(rng: Rng, rows: int) -> tuple[np.ndarray, np.ndarray]:
    z = rng.normal(0.0, 0.3, rows).clip(-0.97, 0.97)
    return z, (rng.random(rows) < sigmoid(z)).astype(int)


def useless_logits(rng: Rng, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(0.0, 0.3, rows).clip(-0.97, 0.97), (rng.random(rows) < rng.random()).astype(int)


@pytest.mark.parametrize("draw", [shifted, honest, far_too_sure, weak_logits, useless_logits])
def test_honest_scores_are_not_doubted(draw: Draw) -> None:
    rng = np.random.default_rng(20261128)
    kind = InputKind.LOGITS if "logits" in draw.__name__ else InputKind.PROBS
    for _ in range(400):
        scores, y = draw(rng, int(np.exp(rng.uniform(2.0, 7.0))))
        sample = Sample(scores[None], y, np.arange(y.size))
        look = look_at(
            sample, kind, ("0", "1"), Chosen(vouched=False), beaten=True, named=True, two_files=False, base=Base.E,
            others=dict, span=(float(scores.min()), float(scores.max())),
        )  # fmt: skip
        assert not {"maybe_logits", "maybe_bounded"} & {alarm.code for alarm in alarms_of(look)}


# How often a doubt is raised where it should not be, and where it should.


def share(draw: Callable[[], tuple[np.ndarray, np.ndarray]], kind: InputKind, code: str, files: int) -> float:
    """In what part of the files a doubt is raised."""
    raised = 0
    for _ in range(files):
        scores, y = draw()
        look = look_at(
            Sample(scores[None], y, np.arange(y.size)), kind, ("0", "1"), Chosen(vouched=False), beaten=True,
            named=True, two_files=False, base=Base.E, others=dict, span=(float(scores.min()), float(scores.max())),
        )  # fmt: skip
        raised += code in {alarm.code for alarm in alarms_of(look)}
    return raised / files


@pytest.mark.parametrize("rows", [60, 100, 200, 400, 1000])
def test_uniform_numbers_that_know_nothing_are_seldom_called_logits(rows: int) -> None:
    """0.35 % on average over the shares of positives; at worst 3 %, where 62 % are positive, as such logits say."""
    rng = np.random.default_rng(rows)

    def useless(rate: float) -> tuple[np.ndarray, np.ndarray]:
        return rng.random(rows), (rng.random(rows) < rate).astype(int)

    assert share(lambda: useless(rng.random()), InputKind.PROBS, "maybe_logits", 600) <= 0.012
    assert share(lambda: useless(0.62), InputKind.PROBS, "maybe_logits", 400) <= 0.055


@pytest.mark.parametrize(("rows", "least"), [(200, 0.35), (600, 0.75), (1000, 0.88)])
def test_logits_from_0_to_1_are_mostly_found(rows: int, least: float) -> None:
    rng = np.random.default_rng(rows)
    assert share(lambda: logits_from_0_to_1(rng, rows), InputKind.PROBS, "maybe_logits", 300) >= least


TAILS: dict[str, Callable[[Rng, int], np.ndarray]] = {
    "normal": lambda rng, n: rng.normal(0.0, 1.0, n),
    "Laplace": lambda rng, n: rng.laplace(0.0, 1.0, n),
    "Student's t": lambda rng, n: rng.standard_t(5, n),
    "a sum of four": lambda rng, n: rng.uniform(-1.0, 1.0, (4, n)).sum(axis=0),
}


@pytest.mark.parametrize("rows", [100, 300, 1000])
@pytest.mark.parametrize("tail", TAILS)
def test_logits_whose_largest_happens_to_be_1_are_seldom_called_bounded(tail: str, rows: int) -> None:
    """At most 1.2 % of files whose largest score is 1 or a little less, whatever their tails are like."""
    rng = np.random.default_rng(rows)

    def weak() -> tuple[np.ndarray, np.ndarray]:
        z = TAILS[tail](rng, rows)
        z = z / np.abs(z).max() * rng.uniform(0.95, 1.0)
        return z, (rng.random(rows) < sigmoid(z)).astype(int)

    assert share(weak, InputKind.LOGITS, "maybe_bounded", 400) <= 0.03


@pytest.mark.parametrize("bounded", [np.tanh, np.sin])
def test_scores_that_know_nothing_and_pile_up_at_both_ends_are_found(
    bounded: Callable[[np.ndarray], np.ndarray],
) -> None:
    rng = np.random.default_rng(2)

    def useless() -> tuple[np.ndarray, np.ndarray]:
        return bounded(rng.normal(0.0, 1.0, 300)), rng.integers(0, 2, 300)

    assert share(useless, InputKind.LOGITS, "maybe_bounded", 100) >= 0.85
