"""The JUnit XML is what Jenkins' schema allows, and what GitLab and the readers for GitHub make the most of."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import junitparser
import pytest

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.render.evaluation.findings import findings_of
from celoss_cli.render.forms import junit
from celoss_cli.render.forms.findings import Origin
from celoss_cli.results.evaluation import Check, Evaluation, Verdict

# junit-10.xsd of Jenkins' xUnit plugin: the attributes that must be there, those that may, and the children.
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": ({"name"}, {"time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}

# ActiveSupport, with which GitLab reads XML, parses the text of an element by these types.
TYPES_THAT_PARSE = {"symbol", "date", "datetime", "duration", "integer", "float", "decimal", "double", "boolean",
                    "string", "yaml", "base64Binary", "hexBinary", "file"}  # fmt: skip


def _verdict(*checks: Check) -> Verdict:
    return Verdict(all(check.passed for check in checks), checks)


def _read(text: str) -> junitparser.TestSuite:
    root = ElementTree.fromstring(text.encode())
    for node in root.iter():
        must, may, children = SCHEMA[node.tag]
        assert must <= set(node.keys()) <= must | may, node.tag
        assert {child.tag for child in node} <= children, node.tag
        assert node.get("type") not in TYPES_THAT_PARSE
    (suite,) = junitparser.JUnitXml.fromroot(root)
    counted = {"tests": len(list(suite)), "failures": 0, "errors": 0}
    for case in suite:
        counted["failures"] += any(isinstance(found, junitparser.Failure) for found in case.result)
        counted["errors"] += any(isinstance(found, junitparser.Error) for found in case.result)
        assert case.time == 0, "a reader shows NaN where there is none"
    for counts in (root, next(iter(root))):
        assert {name: int(counts.attrib[name]) for name in counted} == counted
    names = [(case.classname, case.name) for case in suite]
    assert len(set(names)) == len(names), "of two tests with one name GitLab keeps the first"
    return suite


def test_one_case_a_check(build: Any) -> None:
    loss = build().loss.mean
    checks = (
        Check("max_loss", 0.5, loss, True),
        Check("max_class_loss", 0.3, 0.36698458754, False, "B", "B"),
        Check("max_class_loss", 0.3, 0.9, False, "C"),
    )
    suite = _read(junit.render(findings_of(build(verdict=_verdict(*checks)))))

    assert suite.name == "celoss eval predictions.csv labels.csv"
    assert [case.name for case in suite] == ["max_loss", "max_class_loss[B]", "max_class_loss"]
    assert {case.classname for case in suite} == {"celoss.predictions_csv labels_csv"}
    assert [len(case.result) for case in suite] == [0, 1, 1]


def test_the_explanation_stands_in_the_body(build: Any) -> None:
    value = 0.5 + 1e-12
    evaluation = build(verdict=_verdict(Check("max_loss", 0.5, value, False)))
    (case,) = _read(junit.render(findings_of(evaluation._replace(loss=evaluation.loss._replace(mean=value)))))
    (failure,) = case.result

    assert failure.type == "celoss.max_loss"
    assert failure.message == "mean loss 0.500000000001 is above the limit of 0.5 (--max-loss)"
    assert failure.text.splitlines() == [
        "mean loss 0.500000000001 is above the limit of 0.5 (--max-loss)",
        "",
        "value: 0.500000000001",
        "limit: 0.5",
        "mean loss: 0.500000000001 nats (95% interval 0.154 to 0.695)",
        "scored: 6 rows, all of them",
        "predictions: predictions.csv",
        "labels: labels.csv",
    ]


@pytest.mark.parametrize("value", [0.1, 0.2, float("inf"), float("nan")])
def test_names_are_the_same_whatever_the_numbers(build: Any, value: float) -> None:
    suite = _read(junit.render(findings_of(build(verdict=_verdict(Check("max_loss", 0.15, value, value < 0.15))))))
    assert [(suite.name, case.classname, case.name) for case in suite] == [
        ("celoss eval predictions.csv labels.csv", "celoss.predictions_csv labels_csv", "max_loss")
    ]


def test_the_worst_class_is_one_case_whichever_it_is(build: Any) -> None:
    """Another class being the worst is not another test: its explanation says which it is."""
    cases = []
    for worst in ("A", "B"):
        check = Check("max_class_loss", 0.5, 0.9, False, worst)
        (case,) = _read(junit.render(findings_of(build(verdict=_verdict(check)))))
        cases.append((case.classname, case.name))
        assert f"of class {worst} is above" in case.result[0].text
    assert cases[0] == cases[1]


def test_classes_that_look_alike_are_told_apart(build: Any) -> None:
    checks = tuple(Check("max_class_loss", 0.5, 0.1, True, name, name) for name in ("a\n", "a\\n", "a", None, None))
    _read(junit.render(findings_of(build(verdict=_verdict(*checks)))))


def test_without_limits_the_case_is_that_there_is_a_number(build: Any) -> None:
    suite = _read(junit.render(findings_of(build())))
    assert [(case.name, list(case.result)) for case in suite] == [("scored", [])]


def test_properties_hold_the_numbers(sample: tuple[str, Evaluation]) -> None:
    evaluation = sample[1]
    found = {known.name: known.value for known in _read(junit.render(findings_of(evaluation))).properties()}
    assert float(found["celoss_loss"]) == evaluation.loss.mean
    assert found["celoss_rows"] == str(evaluation.counts.rows)
    assert found["celoss_rows_scored"] == str(evaluation.counts.scored)
    assert found["celoss_version"] == evaluation.celoss_version
    assert found["celoss_loss_unit"] == evaluation.loss.unit


def test_warnings_are_output_of_the_suite(samples: dict[str, Evaluation]) -> None:
    text = junit.render(findings_of(samples["infinite"]))
    _read(text)
    root = ElementTree.fromstring(text.encode())
    assert root.findtext("testsuite/system-out") == (
        "warning: 2 rows have infinite loss; the mean of the others is 0.2981 [infinite_loss]\n"
        "warning: with --clip 1e-15 the mean would be 0.298169 [clip_would_give]"
    )
    # In a case GitLab would take [[ATTACHMENT|path]] for an attachment.
    assert root.find("testsuite/testcase/system-out") is None
    assert "system-out" not in junit.render(findings_of(samples["abc"]))


def test_unreadable_input_is_an_error() -> None:
    error = UnreadableFile("ends <here>", code="truncated", where=Where("a.csv", 7, 9), hint="save it & try again")
    suite = _read(junit.render_error(error, Origin("eval", "0.1.0", ("a.csv",))))
    assert (suite.tests, suite.failures, suite.errors) == (1, 0, 1)
    (case,) = suite
    (found,) = case.result
    assert isinstance(found, junitparser.Error)
    assert (case.name, case.classname) == ("scored", "celoss.a_csv")
    assert (found.type, found.message) == ("celoss.truncated", "a.csv row 7 (line 9): ends <here>")
    assert found.text == "error: a.csv row 7 (line 9): ends <here>\nhint: save it & try again"


def test_what_xml_cannot_hold_is_shown(build: Any) -> None:
    name = "a\x00\x0b\ud800\ufffe\x1b[31m<&>\"'"
    suite = _read(
        junit.render(findings_of(build(verdict=_verdict(Check("max_class_loss", 1, 2.0, False, name, name)))))
    )
    (case,) = suite
    assert case.name == "max_class_loss[a\\x00\\x0b\\ud800\\ufffe\\x1b[31m<&>\"']"
