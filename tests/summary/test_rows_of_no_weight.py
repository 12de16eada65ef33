"""A row of weight 0 contributes nothing: not to the mean, and not to what is known of its spread."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli.api.functions import compare, evaluate
from celoss_cli.pipeline.state_file import _checksum
from celoss_cli.statistics.student_t import critical_value
from running import run

FOUR = pd.DataFrame({"y": [1, 0, 1, 0], "p": [0.9, 0.8, 0.3, 0.6], "w": [1.0, 1.0, 1.0, 1.0]})
EMPTY = pd.DataFrame({"y": [1, 0] * 50, "p": [0.5, 0.4] * 50, "w": [0.0] * 100})
PADDED = pd.concat([FOUR, EMPTY], ignore_index=True)
LOSSES = -np.log([0.9, 0.2, 0.3, 0.4])


def frame(rows: int, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows)
    p = np.clip(0.6 * rng.beta(2, 2, rows) + 0.3 * y, 0.01, 0.99)
    where = np.where(np.arange(rows) % 3 == 0, "u", "v")
    return pd.DataFrame({"y": y, "p": p, "w": rng.uniform(0.5, 2.0, rows), "s": where})


SOME = frame(60)
MORE = pd.concat([SOME, frame(300, 4).assign(w=0.0)], ignore_index=True).sample(frac=1.0, random_state=1)


def scored(rows: pd.DataFrame, **options: Any) -> Any:
    return evaluate(rows, label="y", pred="p", sample_weight="w", **options)


def test_the_standard_error_is_that_of_the_rows_with_a_weight() -> None:
    error = float(np.std(LOSSES, ddof=1)) / 2.0
    for rows in (FOUR, PADDED):
        assert scored(rows).loss.standard_error == pytest.approx(error, rel=1e-14)
    assert scored(PADDED).loss == scored(FOUR).loss._replace(log_likelihood=scored(PADDED).loss.log_likelihood)
    assert scored(PADDED).counts.scored == 104


def test_one_row_with_a_weight_is_a_single_row() -> None:
    found = scored(pd.concat([FOUR[:1], EMPTY], ignore_index=True))
    assert found.loss.standard_error is None
    (notice,) = (notice for notice in found.warnings if notice.code == "single_row")
    assert notice.message == "one row alone has a weight: there is no standard error and no interval"
    assert "single_row" not in {notice.code for notice in scored(PADDED).warnings}


def test_a_gate_on_the_upper_bound_sees_through_them(tmp_path: Path) -> None:
    for name, rows in (("four", FOUR), ("padded", PADDED)):
        path = tmp_path / f"{name}.csv"
        rows.to_csv(path, index=False)
        said = ("--label", "y", "--pred", "p", "--sample-weight", "w", "-q", "--max-upper-bound", "1.7")
        assert run("eval", path, *said).code == 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"average": "macro"},
        {"class_weight": "0=1,1=3"},
        {"class_weight": "0=0,1=2"},
        {"pos_weight": "2"},
        {"label_smoothing": 0.1},
        {"label_smoothing": 0.1, "class_weight": "0=1,1=3"},
        {"clip": 0.1},
        {"compat": "sklearn"},
    ],
    ids=str,
)
def test_they_change_no_interval(options: dict[str, Any]) -> None:
    one, other = scored(SOME, **options).loss, scored(MORE, **options).loss
    assert (other.mean, other.standard_error, other.ci95) == (one.mean, one.standard_error, one.ci95)


def test_soft_and_several_labels() -> None:
    rng = np.random.default_rng(6)
    p, t = rng.dirichlet(np.ones(3), 50), rng.dirichlet(np.ones(3), 50)
    weights = np.r_[np.ones(20), np.zeros(30)]
    padded = evaluate(p, t, sample_weight=weights).loss
    alone = evaluate(p[:20], t[:20], sample_weight=weights[:20]).loss
    assert (padded.standard_error, padded.ci95) == (alone.standard_error, alone.ci95)
    q, held = rng.uniform(0.05, 0.95, (50, 3)), rng.integers(0, 2, (50, 3))
    padded = evaluate(q, held, sample_weight=weights, task="multilabel").loss
    alone = evaluate(q[:20], held[:20], sample_weight=weights[:20], task="multilabel").loss
    assert (padded.standard_error, padded.ci95) == (alone.standard_error, alone.ci95)


def test_a_class_of_weight_0_is_as_if_its_rows_were_not_there() -> None:
    """Without sample weights: the t of the rows that are left, and their standard error."""
    rows = SOME.drop(columns=["w", "s"])
    found = evaluate(rows, label="y", pred="p", class_weight="0=0,1=1").loss
    losses = -np.log(rows.p[rows.y == 1].to_numpy())
    error = float(np.std(losses, ddof=1)) / math.sqrt(len(losses))
    assert found.standard_error == pytest.approx(error, rel=1e-13)
    assert found.ci95 is not None
    assert found.ci95[1] == pytest.approx(found.mean + critical_value(0.05, len(losses) - 1) * error, rel=1e-12)


def test_slices() -> None:
    def spread(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
        return [(part.value, part.mean_loss, part.standard_error) for part in scored(rows, slice="s").slices]

    assert spread(MORE) == spread(SOME)
    weighed = {"class_weight": "0=0,1=2"}
    assert scored(MORE, slice="s", **weighed).slices[0].standard_error == pytest.approx(
        scored(SOME[SOME.s == "u"], **weighed).loss.standard_error, rel=1e-14
    )


def test_a_count_divides_by_all_rows() -> None:
    """The terms of such a mean are v·l, and those of weight 0 are zeros: torch divides so for binary losses."""
    terms = np.r_[LOSSES, np.zeros(100)]
    found = scored(PADDED, denominator="count").loss
    assert found.mean == pytest.approx(terms.mean(), rel=1e-14)
    assert found.standard_error == pytest.approx(np.std(terms, ddof=1) / math.sqrt(104), rel=1e-13)


def test_compare_says_the_same_of_each_model() -> None:
    one, other = (compare(rows, rows.assign(p=rows.p * 0.9), label="y", pred="p", sample_weight="w")
                  for rows in (SOME, MORE))  # fmt: skip
    assert other.difference == one.difference
    for side in ("baseline", "candidate"):
        assert getattr(other, side).standard_error == getattr(one, side).standard_error


def test_merged_states_and_states_made_before(tmp_path: Path) -> None:
    """A state that does not tell which rows have no weight is merged as before: all count."""
    whole = scored(MORE).loss
    paths = []
    for place in range(2):
        path = tmp_path / f"{place}.csv"
        MORE[place * 180 : (place + 1) * 180].to_csv(path, index=False)
        paths.append(tmp_path / f"{place}.state")
        said = ("--label", "y", "--pred", "p", "--sample-weight", "w", "--part", f"{place + 1}/2")
        assert run("state", path, "-o", paths[-1], *said).code == 0
    found = run("merge", *paths, "--format", "json").document["loss"]
    assert (found["standard_error"], tuple(found["ci95"])) == (whole.standard_error, whole.ci95)
    for path in paths:
        state = json.loads(path.read_text(encoding="utf-8"))
        del state["checksum"]
        assert _without_idle(state)
        path.write_text(json.dumps({**state, "checksum": _checksum(state)}), encoding="utf-8")
    before = run("merge", *paths, "--format", "json").document["loss"]
    assert before["mean"] == whole.mean
    assert before["standard_error"] == pytest.approx(whole.standard_error * math.sqrt(360 / 359 / (60 / 59)), rel=1e-12)


def _without_idle(value: Any) -> int:
    """Take the field away wherever it stands, and return how often it did."""
    if isinstance(value, dict):
        found = int(value.pop("idle", None) is not None)
        return found + sum(map(_without_idle, value.values()))
    return sum(map(_without_idle, value)) if isinstance(value, list) else 0


def test_reports_of_other_rows_are_compared_by_the_rows_with_a_weight(tmp_path: Path) -> None:
    """Baseline, compare of two reports and history: the degrees of freedom are those of the file without the others."""
    found = []
    for name, rows in (("four", FOUR), ("padded", PADDED)):
        path, report, log = (tmp_path / f"{name}{end}" for end in (".csv", ".json", ".jsonl"))
        rows.to_csv(path, index=False)
        other = tmp_path / f"{name}_other.csv"
        said = ("--label", "y", "--pred", "p", "--sample-weight", "w", "--tag", "name=model")
        changed = tmp_path / f"{name}_other.json"
        again = rows.assign(p=rows.p * 0.9)
        pd.concat([again, again[:1]], ignore_index=True).to_csv(other, index=False)
        assert run("eval", path, *said, "--report", report, "--history", log, "-q").code == 0
        assert run("eval", other, *said, "--report", changed, "--history", log, "-q").code == 0
        assert json.loads(report.read_text(encoding="utf-8"))["counts"]["weightless"] == len(rows) - 4
        unpaired = run("compare", report, changed, "--format", "json").document["difference"]
        beside = run("eval", other, *said, "--baseline", report, "--format", "json").document["baseline"]
        trend = run("history", log, "--format", "json").document
        found.append([*(part["df"] for part in (unpaired, beside)), *_all("df", trend)])
    assert found[0] == found[1]
    assert len(found[0]) > 2
    assert max(found[0]) < 8


def _all(name: str, value: Any) -> list[float]:
    """Return every number that stands under a name, however deep."""
    if isinstance(value, dict):
        here = [value[name]] if value.get(name) is not None else []
        return here + [one for part in value.values() for one in _all(name, part)]
    return [one for part in value for one in _all(name, part)] if isinstance(value, list) else []
