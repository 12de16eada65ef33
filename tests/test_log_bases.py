"""Logarithms of probabilities that are not natural ones are refused, and logits are not taken for them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from celoss_cli import InvalidScores, evaluate
from layouts.example_rows import FLOWERS, SPECIES, flowers_loss
from running import write


def table(factor: float) -> str:
    rows = [",".join([row.species, *(repr(math.log(p) * factor) for p in row.probabilities)]) for row in FLOWERS]
    return "\n".join([",".join(["species", *SPECIES]), *rows]) + "\n"


@pytest.mark.parametrize(
    ("factor", "named"),
    [
        (1.0 / math.log(2.0), "base-2 log-probabilities"),
        (1.0 / math.log(10.0), "base-10 log-probabilities"),
        (-1.0, "negative log-probabilities"),
        (-1.0 / math.log(2.0), "negative base-2"),
        (-1.0 / math.log(10.0), "negative base-10"),
    ],
)
def test_other_logarithms_are_refused_and_the_hint_undoes_them(factor: float, named: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": table(factor)})
    with pytest.raises(InvalidScores, match=named) as caught:
        evaluate(str(tmp_path / "f.csv"))
    assert caught.value.code == "other_logs"
    hint = caught.value.hint or ""
    write(tmp_path, {"g.csv": table(factor * float(hint.split()[3]))})
    found = evaluate(str(tmp_path / "g.csv"))
    assert found.spec.input.value == "logprobs"
    assert found.loss.mean == pytest.approx(flowers_loss(), rel=1e-12)
    assert evaluate(str(tmp_path / "f.csv"), input="logits").spec.input.value == "logits"


def test_logits_and_natural_logarithms_are_read_as_such(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": table(1.0), "g.csv": table(2.0)})
    assert evaluate(str(tmp_path / "f.csv")).spec.input.value == "logprobs"
    assert evaluate(str(tmp_path / "g.csv")).spec.input.value == "logits"
