"""OpenMetrics is what its own parser reads, flat metrics are numbers: both hold every digit."""

from __future__ import annotations

import json
import math
import re
import shlex
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from celoss_cli.render.evaluation.findings import findings_of
from celoss_cli.render.evaluation.report import EvaluationReport
from celoss_cli.render.forms import metrics as openmetrics
from celoss_cli.render.forms.json import dump
from celoss_cli.render.text import Charset
from celoss_cli.results.evaluation import Check, ClassResult, Evaluation, Verdict


def _samples(evaluation: Evaluation) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = openmetrics.render(findings_of(evaluation))
    assert text.endswith("# EOF\n")
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            file = Charset().escaped(evaluation.inputs.predictions.path).replace("#", "\\x23")
            assert sample.labels["file"] == file, "no two files have a series in common"
            found[sample.name, _others(sample.labels)] = sample.value
    older = {(s.name, _others(s.labels)): s.value for family in read_prometheus(text) for s in family.samples}
    assert repr(older) == repr(found), "Prometheus reads the same"
    return found


def _others(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in labels.items() if name != "file")


def test_every_digit_is_kept(sample: tuple[str, Evaluation]) -> None:
    name, evaluation = sample
    unit = evaluation.loss.unit
    found = _samples(evaluation)
    assert found[f"celoss_loss_{unit}", ()] == evaluation.loss.mean
    assert found["celoss_perplexity", ()] == evaluation.loss.perplexity
    assert found["celoss_rows", ()] == evaluation.counts.rows
    if name == "abc":
        assert found["celoss_class_loss_nats", (("class", "C"),)] == evaluation.per_class[2].mean_loss
        assert found["celoss_skill", ()] == evaluation.baselines.skill_vs_prior  # type: ignore[union-attr]
        assert found["celoss_accuracy", ()] == 1.0
        assert found["celoss_loss_upper_nats", ()] == evaluation.loss.ci95[1]  # type: ignore[index]


def test_the_unit_is_part_of_the_name(samples: dict[str, Evaluation]) -> None:
    families = {
        f.name: f.unit for f in text_string_to_metric_families(openmetrics.render(findings_of(samples["many"])))
    }
    assert families["celoss_loss_bits"] == "bits"
    assert families["celoss_class_loss_bits"] == "bits"
    assert families["celoss_perplexity"] == ""


def test_numbers_that_are_not_finite(build: Any) -> None:
    abc = build()
    for mean, spelled in ((math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN")):
        text = openmetrics.render(findings_of(abc._replace(loss=abc.loss._replace(mean=mean))))
        assert f'\nceloss_loss_nats{{file="predictions.csv"}} {spelled}\n' in text


def test_the_verdict_is_one_or_nothing(build: Any) -> None:
    checks = (Check("max_loss", 0.5, 0.4, True), Check("max_class_loss", 0.5, 0.9, False, "C", "C"))
    found = _samples(build(verdict=Verdict(False, checks)))
    assert found["celoss_gate_passed", ()] == 0
    assert found["celoss_check_passed", (("check", "max_loss"),)] == 1
    assert found["celoss_check_passed", (("check", "max_class_loss"), ("of", "C"))] == 0
    assert not any(name.startswith(("celoss_gate", "celoss_check")) for name, _ in _samples(build()))


def test_gitlab_can_split_every_line(build: Any) -> None:
    """GitLab drops what follows a number sign, splits the rest as a shell does, and takes two words."""
    names = ("C#", 'a "b"', "it's", "two words", "back\\slash", "new\nline", "{}", "$HOME `x`")
    evaluation = build(per_class=tuple(ClassResult(name, 1, 1.0, 0.5, 0.1, None) for name in names))
    kept = []
    for line in openmetrics.render(findings_of(evaluation)).splitlines():
        words = shlex.split(re.sub("#.*$", "", line))
        assert len(words) in (0, 2)
        kept += [words[0]] if words and words[0].startswith("celoss_class_loss") else []
    assert kept[:2] == [f"celoss_class_loss_nats{{file=predictions.csv,class={name}}}" for name in ("C\\x23", 'a "b"')]
    assert len(set(kept)) == len(names)


def test_names_that_are_shown_alike_are_told_apart(build: Any) -> None:
    evaluation = build(per_class=tuple(ClassResult(name, 1, 1.0, 0.5, 0.1, None) for name in ("a\n", "a\\n")))
    assert len([key for key in _samples(evaluation) if key[0] == "celoss_class_loss_nats"]) == 2


def test_flat_metrics_are_numbers_of_the_whole_file(build: Any) -> None:
    abc = build()
    found = json.loads(dump(EvaluationReport(abc).numbers()))
    assert found["loss"] == abc.loss.mean
    assert found["rows"] == 6
    assert {"skill", "accuracy", "brier", "ece", "perplexity", "loss_standard_error"} <= found.keys()
    assert "gate_passed" not in found
    assert all(type(value) in (int, float) for value in found.values())


def test_flat_metrics_never_hide_an_infinite_loss(samples: dict[str, Evaluation]) -> None:
    found = json.loads(dump(EvaluationReport(samples["infinite"]).numbers()), parse_constant=_refuse)
    assert "loss" not in found
    assert found["not_finite"] >= 1
    assert found["gate_passed"] == 0
    assert all(isinstance(value, int | float) for value in found.values())


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")
