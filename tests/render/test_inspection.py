"""The inspection as a page, to the last character; the command whole at any width; nothing from a file is markup.

To renew the golden files after a look at the difference: CELOSS_RENEW_GOLDEN=1 pytest tests/render/test_inspection.py
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from celoss_cli import Inspection, inspect
from celoss_cli.render.inspection import InspectionReport, render
from celoss_cli.render.show import Form, show
from running import run_script

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"

FILES = {
    "weighted": ("sample_data/cancer_weighted.csv",),
    "by-id": ("sample_data/digits_probs_by_id.parquet", "sample_data/digits_labels_by_id.csv"),
    "unsettled": ("sample_data/iris_logits.csv",),
}


@pytest.fixture(params=FILES)
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(ROOT)
    return str(request.param)


def golden(name: str, shown: str) -> None:
    path = GOLDEN / name
    if os.environ.get("CELOSS_RENEW_GOLDEN"):
        path.write_bytes(shown.encode())
    assert shown.encode() == path.read_bytes()


@pytest.mark.parametrize("width", [40, 80])
def test_golden(name: str, width: int) -> None:
    golden(f"inspection-{name}.{width}.txt", render(inspect(*FILES[name]), width=width))


def test_the_installed_command_prints_it(name: str) -> None:
    golden(f"inspection-{name}.piped.txt", run_script("inspect", *FILES[name]).out)


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_command_is_whole_at_any_width(name: str, width: int) -> None:
    found = inspect(*FILES[name])
    shown = render(found, width=width).splitlines()
    assert found.command is None or found.command in shown


@pytest.mark.parametrize("width", [20, 40, 120])
def test_every_column_and_decision_is_there_at_any_width(name: str, width: int) -> None:
    found = inspect(*FILES[name])
    shown = "".join(render(found, width=width).split())
    files = (found.inputs.predictions, found.inputs.labels)
    names = [column.name for file in files if file is not None for column in file.columns]
    for text in (*names[:10], *names[-5:], *(decision.what for decision in found.decisions)):
        assert "".join(text.split()) in shown


def test_json_is_the_document(name: str) -> None:
    found = inspect(*FILES[name])
    stream = io.StringIO()
    show(InspectionReport(found), Form.JSON, stream)
    document = json.loads(stream.getvalue())
    assert [*document] == [
        *("schema", "schema_version", "celoss_version", "inputs", "decisions", "warnings", "command", "unpinned"),
        *("error", "plan"),
    ]
    assert document["schema"] == "celoss.inspection"
    assert [one["what"] for one in document["decisions"]] == [one.what for one in found.decisions]


def test_text_from_files_is_neither_markup_nor_control(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = inspect(*FILES["weighted"])
    file = found.inputs.predictions
    assert file is not None
    hostile = replace(file.columns[0], name="[red]\x1b[31m\n", examples=("[/]\x07",), class_="é\x1b")
    spoiled = replace(found, inputs=replace(found.inputs, predictions=replace(file, columns=(hostile,))))
    shown = render(spoiled)
    render(spoiled, encoding="ascii").encode("ascii")
    assert "\x1b" not in shown
    assert "[red]\\x1b[31m\\n" in shown
    assert "[/]\\x07" in shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_any_stream_can_take_it(name: str, encoding: str) -> None:
    found: Inspection = inspect(*FILES[name])
    render(found, encoding=encoding, width=40, color=True).encode(encoding)
    show(InspectionReport(found), Form.TABLE, io.TextIOWrapper(io.BytesIO(), encoding=encoding))


def test_a_document_in_a_cell_is_shown_by_its_beginning(tmp_path: Path) -> None:
    document = "word " * 30_000
    (tmp_path / "f.csv").write_text(f"y,prob,prompt\n0,0.3,{document}\n1,0.7,short\n")
    found = inspect(tmp_path / "f.csv")
    shown = render(found)
    assert "word word" in shown
    assert max(len(line) for line in shown.splitlines()) < 200
    stream = io.StringIO()
    show(InspectionReport(found), Form.JSON, stream)
    assert document.strip() in stream.getvalue()
