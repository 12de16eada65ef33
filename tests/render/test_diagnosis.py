"""A diagnosis in every form: to the last character, whole at any width, and safe whatever the files call things."""

from __future__ import annotations

import csv
import html
import io
import json
import math
import os
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import junitparser
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from celoss_cli.diagnosis.left_out import too_few
from celoss_cli.render.diagnosis import fixes, picture, places, reading, table
from celoss_cli.render.diagnosis.report import DiagnosisReport
from celoss_cli.render.forms import github, junit, metrics
from celoss_cli.render.forms import html as html_form
from celoss_cli.render.forms.json import dump
from celoss_cli.render.show import Form
from celoss_cli.render.show import render as shown
from celoss_cli.results.diagnosis import Confusion, Diagnosis, Headline
from celoss_cli.results.evaluation import Check, Verdict
from celoss_cli.results.miscalibration import CurvePoint, InTheLarge
from diagnoses import SAMPLES, a_fix, bare, binary, hostile, infinite, judged, multiclass

GOLDEN = Path(__file__).parent / "golden"

VIEWS: dict[str, Callable[[Diagnosis], str]] = {
    "json": lambda one: shown(DiagnosisReport(one), Form.JSON),
    "csv": lambda one: shown(DiagnosisReport(one), Form.CSV),
    "md": lambda one: shown(DiagnosisReport(one), Form.MARKDOWN),
    "html": lambda one: html_form.render(DiagnosisReport(one).page(comment=False)),
    "xml": lambda one: junit.render(DiagnosisReport(one).findings()),
    "prom": lambda one: metrics.render(DiagnosisReport(one).findings()),
    "metrics.json": lambda one: dump(DiagnosisReport(one).numbers()),
    "quiet.txt": lambda one: shown(DiagnosisReport(one), Form.QUIET),
    "piped.txt": lambda one: shown(DiagnosisReport(one), Form.TABLE),
    "30.txt": lambda one: table.render(one, width=30),
    "80.txt": lambda one: table.render(one, width=80),
    "80.color.txt": lambda one: table.render(one, width=80, color=True),
    "80.ascii.txt": lambda one: table.render(one, width=80, encoding="ascii"),
}

# What the other samples of a form show, too, or what is long and says nothing new.
LEFT_OUT = {(name, view) for name in ("bare", "judged") for view in ("json", "csv", "80.color.txt", "80.ascii.txt")}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", SAMPLES)
def test_golden(name: str, view: str) -> None:
    if (name, view) in LEFT_OUT:
        return
    path = GOLDEN / f"diagnosis-{name}.{view}"
    text = VIEWS[view](SAMPLES[name]())
    if os.environ.get("CELOSS_RENEW_GOLDEN"):
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_lost_and_no_line_is_wider(name: str, width: int) -> None:
    one = SAMPLES[name]()
    text = table.render(one, width=width)
    assert max(map(len, text.splitlines())) <= max(width, 20)
    assert squeezed(one.headline.text) in squeezed(text)
    for remark in (*reading.why(one), *reading.where(one), *reading.verdict(one)):
        assert squeezed(remark.text) in squeezed(text)
    words = text.split()
    for fix in one.fixes:
        assert all(word in words for word in fixes.called(fix, one.fixes).split() if width >= 40)
    for part, message in reading.left_out(one):
        if name != "hostile":
            assert squeezed(f"{part}: {message}") in squeezed(text)


@pytest.mark.parametrize("name", SAMPLES)
def test_plain_streams_get_plain_text(name: str) -> None:
    one = SAMPLES[name]()
    assert "\x1b" not in table.render(one, width=80)
    assert table.render(one, width=80, encoding="ascii").isascii()
    colored = table.render(one, width=80, color=True)
    assert "\x1b[" in colored
    plain = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert [line.rstrip() for line in plain.splitlines()] == table.render(one, width=80).splitlines()


def test_the_headline_comes_first_in_every_form() -> None:
    for name, build in SAMPLES.items():
        one = build()
        lines = table.render(one).splitlines()
        assert lines[3] == one.headline.text, name
        page = DiagnosisReport(one).page(comment=True)
        assert one.headline.text in page.sections[0].blocks[0].line  # type: ignore[union-attr]


def test_the_json_is_the_tree() -> None:
    document = json.loads(VIEWS["json"](binary()))
    assert (document["schema"], document["schema_version"]) == ("celoss.diagnosis", "1.0")
    assert list(document)[-1] == "verdict"
    assert document["fixes"][0]["gain_ci95"] == list(binary().fixes[0].gain_ci95 or ())
    assert json.loads(VIEWS["json"](infinite()))["corp"]["miscalibration"] == "inf"
    number = {"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}]}
    jsonschema.validate(document["loss"]["mean"], number)


def test_what_the_loss_is_made_of_adds_up() -> None:
    (said,) = (remark.text for remark in reading.why(binary()) if remark.text.startswith("loss "))
    whole, knowing, ranking, own = map(float, re.findall(r"\d\.\d+", said))
    assert whole == pytest.approx(knowing - ranking + own, abs=1.5e-4)
    assert own == 0.0071
    corp = binary().corp
    assert corp is not None
    (said,) = (
        remark.text
        for remark in reading.why(binary()._replace(corp=corp._replace(debiased=-0.0009)))
        if remark.text.startswith("loss ")
    )
    whole, knowing, ranking = map(float, re.findall(r"\d\.\d+", said))
    assert whole == pytest.approx(knowing - ranking, abs=1.5e-4)
    assert said.endswith("+ 0 (miscalibration: what chance shows, or less)")


@pytest.mark.parametrize(
    ("slope", "ratio", "p_value", "said"),
    [
        ((0.8, 0.9), (0.9, 0.95), 1e-9, "too high and too extreme (overconfident)"),
        ((1.1, 1.3), (1.02, 1.2), 1e-9, "too low and too timid (underconfident)"),
        ((0.9, 1.1), (0.9, 0.95), 1e-9, "too high"),
        ((0.8, 0.9), (0.9, 1.05), 1e-9, "too extreme (overconfident)"),
        ((0.9, 1.1), (0.9, 1.1), 0.01, "off by more than chance, in no single direction"),
        ((0.8, 0.9), (0.9, 0.95), 0.2, "no sign that they are off by more than chance"),
    ],
)
def test_the_direction_is_said_where_chance_does_not_explain_it(
    slope: tuple[float, float], ratio: tuple[float, float], p_value: float, said: str
) -> None:
    one = binary()
    assert one.cox is not None
    large = InTheLarge(0.57, 0.62, 0.92, ratio, -3.0)
    changed = one._replace(cox=one.cox._replace(slope_ci95=slope, p_value=p_value, without_logit=0), in_the_large=large)
    (line,) = (remark.text for remark in reading.why(changed) if remark.text.startswith("slope"))
    assert line.endswith(f": {said}")


@pytest.mark.parametrize(
    ("value", "said"), [(0.0175, "chance alone shows as much"), (0.0176, "0.018 too high, 0.000 too low")]
)
def test_an_ece_is_held_against_what_chance_shows(value: float, said: str) -> None:
    one = binary()
    assert one.ece is not None
    assert one.ece.positive is not None
    positive = one.ece.positive._replace(value=value, null=0.0129, null_sd=0.0028, over=value, under=0.0)
    (line,) = (
        remark.text
        for remark in reading.why(one._replace(ece=one.ece._replace(positive=positive)))
        if remark.text.startswith("ECE of P(positive)")
    )
    assert line.endswith(f": {said}")


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("helps", "are too extreme; at least 0.0384 of the loss (4.8%) is miscalibration"),
        ("probably_helps", "are too extreme; at least 0.0384 of the loss (4.8%) is miscalibration"),
        ("too_few_rows", "look too extreme, and too few rows tell"),
        ("nothing_to_gain", "are too extreme, by too little to matter"),
    ],
)
def test_a_temperature_says_no_more_than_its_verdict(verdict: str, said: str) -> None:
    one = multiclass()._replace(fixes=(a_fix("temperature", 0.0384, verdict, parameters={"t": 1.46}),))
    (line,) = (remark.text for remark in reading.why(one) if remark.text.startswith("temperature"))
    assert line.endswith(f": the probabilities {said}")
    assert one.temperature is not None
    about_1 = one._replace(temperature=one.temperature._replace(t_ci95=(0.9, 1.6)))
    assert any("as sure as it should be" in remark.text for remark in reading.why(about_1))


def test_fixes_are_called_by_what_was_fitted() -> None:
    names = [fixes.called(fix, infinite().fixes) for fix in infinite().fixes]
    assert names == ["temperature", "floor 2^-5", "floor 2^-5, then temperature 1.02"]
    assert fixes.called(binary().fixes[0]) == "logistic −0.170 + 0.863 z"
    assert (
        fixes.called(a_fix("logistic", 0.1, parameters={"intercept": 0.2, "slope": -1.5})) == "logistic 0.200 − 1.50 z"
    )
    assert fixes.called(a_fix("spline", 0.1)) == "spline"  # a value may be added within a version


def test_verdicts_in_words() -> None:
    assert [fixes.verdict(fix) for fix in binary().fixes][:2] == ["helps", "no better than logistic"]
    assert fixes.verdict(a_fix("shift", 0.0, "too_few_rows")) == "too few rows to tell"
    assert fixes.verdict(a_fix("shift", None, "cannot")) == "cannot move a probability of 0"
    assert fixes.verdict(a_fix("shift", 0.0, "something_new")) == "something new"


def test_with_too_many_classes_to_tell_pairs_apart_there_is_no_prediction() -> None:
    classes = tuple(Confusion(f"c{i}", None, 3, 0.001, 0.002) for i in range(300))
    text = VIEWS["piped.txt"](multiclass()._replace(confusions=classes))
    assert '""' not in text
    assert "292 more classes; --format json has all" in text
    assert "  truth   rows   share of rows   share of loss" in text
    assert "more classes." in VIEWS["md"](multiclass()._replace(confusions=classes))


def test_small_gains_are_never_nothing() -> None:
    one = binary()._replace(fixes=(a_fix("shift", 0.0123), a_fix("temperature", -0.00002), a_fix("isotonic", 0.0)))
    assert [line[2] for line in fixes.lines(one)] == ["0.0123", "0.0000", "−0.00002"]


def test_what_is_recommended_comes_first_and_then_what_saves_most() -> None:
    found = (a_fix("isotonic", 0.02, "too_few_rows"), a_fix("shift", 0.01), a_fix("temperature", None, "cannot"))
    shown = [line[0] for line in fixes.lines(binary()._replace(headline=Headline("helps", "shift", ""), fixes=found))]
    assert shown == ["shift", "temperature", "isotonic"]
    nothing = binary()._replace(headline=Headline("too_few_rows", None, ""), fixes=found[:2])
    assert [line[0] for line in fixes.lines(nothing)] == ["isotonic", "shift"]


def test_what_is_to_be_had_is_said_of_what_is_recommended() -> None:
    assert "About 1.1% of the loss is to be had" in fixes.notes(binary())[0]
    nothing = binary()._replace(headline=Headline("nothing_to_gain", None, "Nothing."))
    assert "to be had" not in fixes.notes(nothing)[0]


def test_few_effective_rows_are_a_warning() -> None:
    assert "too few to trust" in reading.where(multiclass())[-1].text
    assert "too few to trust" not in reading.where(binary())[-1].text


def test_contradictions_beside_what_chance_shows() -> None:
    many, few = binary().contradictions, multiclass().contradictions
    assert many is not None
    assert few is not None
    assert reading.contradictions(many).endswith("the labels or the probabilities are wrong.")
    assert reading.contradictions(few).endswith("no sign that either is wrong.")
    for count, said in ((0, "No row contradicts its label; "), (1, "1 row contradicts its label; ")):
        assert reading.contradictions(few._replace(count=count)).startswith(said)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.0043, 0.0096, "0.0043 to 0.0096"),
        (-0.004, 0.025, "−0.004 to 0.025"),
        (0.0003, 0.0421, "0.0003 to 0.042"),
        (-0.00004, 0.0421, "−0.00004 to 0.042"),
        (0.0, 0.0421, "0.000 to 0.042"),
        (1.0, 3.0, "1.0 to 3.0"),
        (120.0, 4300.0, "120 to 4,300"),
        (0.5, 0.5, "0.500 to 0.500"),
    ],
)
def test_ends_have_the_digits_that_their_distance_is_worth(low: float, high: float, shown: str) -> None:
    """An end above 0 is never shown as 0: the verdict may rest on it."""
    assert reading.ends(low, high) == shown


def test_wrong_labels_are_a_caveat_of_overconfidence_alone() -> None:
    one = binary()
    assert one.temperature is not None
    assert fixes.notes(one)[-1].startswith("Wrong labels look like overconfidence")
    timid = one._replace(temperature=one.temperature._replace(t=0.8))
    assert not fixes.notes(timid)[-1].startswith("Wrong labels")


def points(*steps: tuple[float, float]) -> list[CurvePoint]:
    return [CurvePoint(p, frequency, 10, max(0.0, p - 0.1), min(1.0, p + 0.1)) for p, frequency in steps]


def drawn(curve: list[CurvePoint], width: int = 40) -> list[str]:
    return ["".join(text for text, _ in line) for line in picture.reliability(curve, (), width, picture.FINE)]


def test_the_picture_has_the_curve_where_it_is() -> None:
    lines = drawn(points((0.1, 0.1), (0.5, 0.9), (0.9, 0.9)))
    axis = lines[0].index("│") + 1
    for line, row in zip(lines[:12], range(11, -1, -1), strict=True):
        at = {(i + 0.5) / 40 for i, mark in enumerate(line[axis:]) if mark == "●"}
        if row == 10:  # from 10/12 to 11/12
            assert min(at) < 0.35
            assert max(at) > 0.88
        elif row == 1:
            assert max(at) <= 0.31
        else:
            assert not at
    outside = picture.reliability(points((0.2, 0.2), (0.5, 0.9)), (), 40, picture.FINE)
    assert {ink for line in outside for _, ink in line} == {"axis", "band", "curve", "outside"}


def test_the_picture_ends_where_small_probabilities_end() -> None:
    lines = drawn([CurvePoint(p, p, 10, 0.5 * p, 1.5 * p) for p in (0.001, 0.004, 0.01)])
    assert lines[0].startswith("  0.02 │")
    assert lines[-1].split() == ["0", "0.01", "0.02"]
    assert sum(line.count("●") for line in lines) >= 15


@pytest.mark.parametrize("width", range(16, 60))
def test_every_line_of_the_picture_has_its_width(width: int) -> None:
    corp, ece = binary().corp, binary().ece
    assert corp is not None
    assert ece is not None
    lines = picture.reliability(corp.curve, ece.equal_mass, width, picture.FINE)
    widths = [len("".join(text for text, _ in line)) for line in lines]
    assert max(widths) == width + 8
    assert widths[-3:] == [width + 8] * 3  # the floor, the rows, the numbers below


def test_a_histogram_shows_what_there_is() -> None:
    assert picture.histogram([0, 1, 4, 8], picture.FINE) == " ▂▅█"
    assert picture.histogram([0, 1e-9, 8], picture.PLAIN) == " .@"
    assert picture.histogram([0, 0], picture.FINE) == "  "
    assert picture.histogram([1, math.inf], picture.FINE) == "  "


def test_the_csv_has_a_line_a_fix() -> None:
    rows = list(csv.DictReader(io.StringIO(VIEWS["csv"](infinite()))))
    assert [row["fix"] for row in rows] == ["temperature", "floor", "temperature"]
    assert [row["gain"] for row in rows] == ["", "inf", "0.0"]
    assert [row["after"] for row in rows] == ["", "", "floor"]


@pytest.mark.parametrize(("name", "printed"), [("binary", 0.00682), ("infinite", math.inf), ("bare", 0.0)])
def test_the_quiet_form_is_what_the_gate_judges(name: str, printed: float) -> None:
    one = SAMPLES[name]()
    text = VIEWS["quiet.txt"](one)
    assert text.count("\n") == 1
    if name == "bare":  # logistic is missing here
        assert text == "nan\n"
    else:
        assert float(text) == printed


def test_the_reports_say_pass_or_fail() -> None:
    case = next(iter(next(iter(junitparser.JUnitXml.fromstring(VIEWS["xml"](judged()).encode())))))
    assert case.name == "max_miscalibration"
    assert "recalibration (logistic) would save" in case.result[0].text
    assert "games.csv" in case.result[0].text
    (annotation,) = github.annotations_of(DiagnosisReport(judged()).findings())
    assert annotation.startswith("::error title=celoss%3A max_miscalibration::")
    assert ": FAIL" in VIEWS["md"](judged()).splitlines()[0]
    passed = binary()._replace(verdict=Verdict(True, (Check("max_miscalibration", 0.01, 0.00682, True),)))
    assert ": PASS" in VIEWS["md"](passed).splitlines()[0]
    said = "PASS  recalibration (logistic) would save 0.00682000, within the limit of 0.01 (--max-miscalibration)"
    assert said in VIEWS["piped.txt"](passed).splitlines()


def test_the_metrics_parse() -> None:
    for name in SAMPLES:
        families = {one.name for one in text_string_to_metric_families(VIEWS["prom"](SAMPLES[name]()))}
        assert {"celoss_loss_nats", "celoss_fix_gain_nats"} <= families
    assert json.loads(VIEWS["metrics.json"](judged()))["gate_passed"] == 0
    # The loss, and what recalibration would save.
    assert json.loads(VIEWS["metrics.json"](infinite()))["not_finite"] == 2


@pytest.mark.parametrize("view", ["md", "html", "xml", "prom", "80.txt", "piped.txt", "80.ascii.txt"])
def test_names_are_never_markup(view: str) -> None:
    text = VIEWS[view](hostile())
    assert "\x1b" not in text
    assert "\u202e" not in text
    if view == "html":
        assert "<script>" not in text
        assert "[red]bold[/red]" in html.unescape(text)
    if view == "md":
        assert "@everyone" not in text
        assert "<script>" not in text.replace("\\<script\\>", "")
    if view.endswith("txt"):
        assert "[red]bold[/red]" in text


def test_parts_that_are_left_out_are_named_and_the_others_stand() -> None:
    text = VIEWS["piped.txt"](bare())
    together = "calibration curve, calibration error (ECE), rows that contradict their label"
    assert f"  {together}: rows have weights: this needs counts of rows\n  isotonic: folds are dealt by counts" in text
    assert "What would fix it" in text
    assert "Where it is" not in text
    empty = bare()._replace(fixes=(), in_the_large=None, cox=None, temperature=None)
    assert "What would fix it" not in VIEWS["piped.txt"](empty)
    assert VIEWS["html"](empty)
    assert "  That cannot be told here: what is left out says why." in VIEWS["piped.txt"](empty).splitlines()


def test_one_of_a_kind_is_not_called_several() -> None:
    one = multiclass()
    assert one.distribution is not None
    few = one._replace(distribution=one.distribution._replace(effective_rows=1.2))
    assert "about 1 effective row: too few" in " ".join(remark.text for remark in reading.where(few))
    assert fixes.called(a_fix("isotonic", 0.1, parameters={"blocks": 1.0})) == "isotonic, 1 step"
    assert places.more_confusions([Confusion("a", "b", 1, 0.1, 0.1)], 1) == "1 more pair"
    assert places.more_confusions([Confusion("a", None, 1, 0.1, 0.1)], 2) == "2 more classes"
    assert too_few("isotonic", 1).message == "1 row is too few for it"


def test_what_rounding_leaves_is_shown_as_0() -> None:
    assert reading.signed(3.38e-16) == "0"
    assert reading.signed(-3.38e-6) == "−3.38e-6"
    assert reading.ends(-1.1e-17, 2.2e-16) == "0 to 0"
    one = binary()
    assert one.ece is not None
    top = one.ece.top_label._replace(value=1.11e-17, null=0.0, null_sd=0.0)
    said = " ".join(remark.text for remark in reading.why(one._replace(ece=one.ece._replace(top_label=top))))
    assert "ECE of the top label 0" in said
    assert "e-17" not in said


def test_a_table_has_one_minus() -> None:
    one = binary()._replace(fixes=(a_fix("shift", -0.2, parameters={"shift": -0.1}, loss_after=-0.25),))
    assert not any(re.search(r"(^|\s)-\d", cell) for line in fixes.lines(one) for cell in line)
