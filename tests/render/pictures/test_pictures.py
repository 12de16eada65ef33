"""The pictures: what they say, that nothing in them is markup or lies outside, and that both painters agree."""

from __future__ import annotations

import math
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

import diagnoses
from celoss_cli.render.pictures import diagnosis as of_diagnosis
from celoss_cli.render.pictures import svg
from celoss_cli.render.pictures.picture import Axis, Bars, Cells, Curve, Dots, Lengths, Panel, Picture
from celoss_cli.render.pictures.scale import position, spanning, tick_texts, ticks
from celoss_cli.results.diagnosis import Diagnosis

GOLDEN = Path(__file__).with_name("golden")

SVG = "{http://www.w3.org/2000/svg}"

SAMPLES = {"binary": diagnoses.binary, "multiclass": diagnoses.multiclass, "hostile": diagnoses.hostile}


def drawn(sample: str) -> Iterator[Picture]:
    """The pictures of one of the samples."""
    return of_diagnosis.pictures_of(SAMPLES[sample]())


NAMES = ("reliability", "fixes", "temperature", "losses", "classes", "confusions")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_drawn_as_before(name: str) -> None:
    """CELOSS_RENEW_GOLDEN=1 writes them anew; look at them before you commit."""
    picture = next(picture for picture in drawn("binary") if picture.name == name)
    path = GOLDEN / f"{name}.svg"
    if os.environ.get("CELOSS_RENEW_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg.document(picture), encoding="utf-8")
    assert svg.document(picture) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("sample", SAMPLES)
def test_nothing_is_drawn_outside(sample: str) -> None:
    for picture in drawn(sample):
        root = ET.fromstring(svg.document(picture))
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for place in root.iter():
            for name in ("x", "x1", "x2", "cx"):
                assert 0 <= float(place.get(name, "0")) <= width, (picture.name, place.attrib)
            for name in ("y", "y1", "y2", "cy"):
                assert 0 <= float(place.get(name, "0")) <= height, (picture.name, place.attrib)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_picture_says_what_it_shows_and_loads_nothing(sample: str) -> None:
    for picture in drawn(sample):
        text = svg.document(picture)
        root = ET.fromstring(text)
        assert root.get("role") == "img"
        assert root.findtext(f"{SVG}title")
        assert re.search(r"\d", picture.finding) or picture.name == "fixes"
        assert root.findtext(f"{SVG}desc") == picture.finding
        assert "prefers-color-scheme:dark" in text
        assert not re.search(r"<script|href|url\(|https?://(?!www\.w3\.org/2000/svg)", text)


def test_a_name_that_is_markup_is_text() -> None:
    for picture in drawn("hostile"):
        shown = svg.drawn(picture)
        assert "<img" not in shown
        assert "<b>" not in shown


def numbers_in(panel: Panel) -> Iterator[float]:
    """Every number that a panel draws on its axes."""
    for layer in panel.layers:
        match layer:
            case Curve():
                yield from (*layer.x, *layer.y)
            case Dots():
                yield from (value for value in (*layer.x, *layer.low, *layer.high) if value is not None)
            case Bars():
                yield from (*layer.left, *layer.right, *layer.height)
            case Lengths():
                yield from layer.x
            case Cells():
                yield from (value for row in layer.values for value in row if value is not None)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_picture_holds_finite_numbers_only(sample: str) -> None:
    for picture in drawn(sample):
        for panel in picture.panels:
            assert all(math.isfinite(value) for value in numbers_in(panel))


@pytest.mark.parametrize("make", [diagnoses.bare, diagnoses.infinite])
def test_what_a_diagnosis_does_not_have_is_not_drawn(make: type[Diagnosis]) -> None:
    found = make()
    names = {picture.name for picture in of_diagnosis.pictures_of(found)}
    assert ("temperature" in names) == (found.temperature is not None)
    assert ("classes" in names) == any(one.z is not None for one in found.classes)


@pytest.mark.parametrize("sample", ["binary", "multiclass"])
def test_matplotlib_draws_the_same_numbers(sample: str) -> None:
    pytest.importorskip("matplotlib")
    from celoss_cli.render.pictures.figure import figure_of

    for picture in drawn(sample):
        figure = figure_of(picture)
        assert len(figure.axes) == len(picture.panels)
        for ax, panel in zip(figure.axes, picture.panels, strict=True):
            curves = [layer for layer in panel.layers if isinstance(layer, Curve)]
            lines = [tuple(line.get_xdata()) for line in ax.get_lines()]
            assert all(tuple(curve.x) in lines for curve in curves)
            if isinstance(panel.x, Axis):
                assert ax.get_xlim() == pytest.approx((panel.x.low, panel.x.high))


@pytest.mark.parametrize(
    ("low", "high", "log"),
    [(0.0, 1.0, False), (-0.3, 0.02, False), (1e-9, 3e-9, False), (0.25, 4.0, True), (1e-6, 30.0, True)],
)
def test_ticks_are_few_and_round_and_inside(low: float, high: float, log: bool) -> None:
    axis = Axis("", low, high, log)
    found = ticks(axis)
    assert 2 <= len(found) <= 6
    room = 1e-9 * (high - low)
    assert all(low - room <= value <= high + room for value in found)
    texts = tick_texts(found)
    assert len(set(texts)) == len(texts)
    places = [position(axis, value) for value in found]
    assert places == sorted(places)


def test_an_axis_of_one_number_has_width() -> None:
    axis = spanning([0.5], "")
    assert axis.low < 0.5 < axis.high
    assert spanning([math.inf, 1.0, 2.0], "").high < 3
