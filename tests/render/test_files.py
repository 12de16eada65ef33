"""A report file appears whole or not at all, and an error names it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from celoss_cli.errors import ExitCode, OutputError, UnreadableFile, UsageError
from celoss_cli.outputs import files as outputs
from celoss_cli.render import files
from celoss_cli.render.evaluation.report import EvaluationReport
from celoss_cli.render.forms import error as error_page
from celoss_cli.render.forms import html, markdown
from celoss_cli.render.forms.findings import Origin
from celoss_cli.render.show import Form
from rendering import render

ORIGIN = Origin("eval", "0.1.0", ("a|b.csv",))


@pytest.mark.parametrize(
    ("name", "form"), [("a.json", Form.JSON), ("b.md", Form.MARKDOWN), ("c.csv", Form.CSV), ("d.JSON", Form.JSON)]
)
def test_the_suffix_decides(build: Any, tmp_path: Path, name: str, form: Form) -> None:
    path = tmp_path / name
    outputs.check_writable(str(path))
    assert not path.exists()

    files.write_report(str(path), EvaluationReport(build()))

    assert path.read_text(encoding="utf-8") == render(build(), form)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["report.pdf", "report", "/dev/null", ".json.bak"])
def test_an_unknown_suffix_names_the_known(name: str) -> None:
    with pytest.raises(UsageError, match="--report") as caught:
        files.ending_of(name)
    assert caught.value.hint == (
        "end the name in one of .metrics.json, .json, .md, .html, .csv, .xml, .prom, metrics.txt"
    )


def test_what_cannot_be_written_is_found_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file").write_text("")
    bad = ["missing/a.json", "folder.json", "file/a.json", f"{'x' * 300}.json", "a.json/", "a\0.json"]
    for name in bad:
        with pytest.raises(OutputError) as caught:
            outputs.check_writable(f"{tmp_path}/{name}")
        assert caught.value.exit_code is ExitCode.DATA
        assert caught.value.where is not None
        assert caught.value.where.path == f"{tmp_path}/{name}"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder.json"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs permissions that bind the user")
def test_no_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="ermission"):
        outputs.check_writable(str(tmp_path / "a.json"))


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("p\n1\n")
    (tmp_path / "link.csv").symlink_to(data)
    for name in ("data.csv", "link.csv", "./data.csv"):
        with pytest.raises(UsageError, match="is an input"):
            outputs.check_writable(f"{tmp_path}/{name}", inputs=[str(data)])


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        files.write_report(str(path), EvaluationReport(build()))

    assert str(path) in str(caught.value)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_device_is_an_output_error(build: Any, tmp_path: Path) -> None:
    link = tmp_path / "a.json"
    link.symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left"):
        files.write_report(str(link), EvaluationReport(build()))
    assert Path("/dev/full").is_char_device()


def test_permissions_and_links_stay(build: Any, tmp_path: Path) -> None:
    path, link, fresh = tmp_path / "a.json", tmp_path / "link.json", tmp_path / "fresh.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    umask = os.umask(0o022)
    try:
        files.write_report(str(link), EvaluationReport(build()))
        files.write_report(str(fresh), EvaluationReport(build()))
    finally:
        os.umask(umask)

    assert link.is_symlink()
    assert json.loads(path.read_text())["schema"] == "celoss.evaluation"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.xml", '<?xml version="1.0"'),
        ("a.html", "<!doctype html>"),
        ("a.prom", "# TYPE celoss_loss_nats gauge"),
        ("metrics.txt", "# TYPE celoss_loss_nats gauge"),
        ("Model-Metrics.TXT", "# TYPE celoss_loss_nats gauge"),
        ("a.metrics.json", '{\n  "loss": 0.42'),
        ("metrics.json", '{\n  "schema": "celoss.evaluation"'),
    ],
)
def test_the_longest_ending_decides(build: Any, tmp_path: Path, name: str, beginning: str) -> None:
    files.write_report(str(tmp_path / name), EvaluationReport(build()))
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)


def test_no_ending_hides_another() -> None:
    endings = list(files.ENDINGS)
    for first, ending in enumerate(endings):
        assert not any(later.endswith(ending) for later in endings[first + 1 :])


def test_error_documents_where_a_form_has_one(tmp_path: Path) -> None:
    error = UnreadableFile("is <empty>", code="empty", hint="say `what`")
    told = {ending: files.write_error(f"{tmp_path}/a{ending}", error, ORIGIN) for ending in files.ENDINGS}
    assert {ending for ending, written in told.items() if not written} == {".csv"}
    assert not (tmp_path / "a.csv").exists()
    assert "### celoss eval: ERROR" in (tmp_path / "a.md").read_text()
    assert "ERROR</h1>" in (tmp_path / "a.html").read_text()
    assert json.loads((tmp_path / "a.metrics.json").read_text()) == {"scored": 0, "gate_passed": 0}
    for name in ("a.prom", "ametrics.txt"):
        lines = (tmp_path / name).read_text().splitlines()
        assert {'celoss_scored{file="a|b.csv"} 0', 'celoss_gate_passed{file="a|b.csv"} 0'} <= set(lines)
        assert lines[-1] == "# EOF"
    assert json.loads((tmp_path / "a.json").read_text())["error"]["code"] == "empty"
    assert "error: is &lt;empty&gt;\nhint: say `what`</error>" in (tmp_path / "a.xml").read_text()


def test_the_page_of_an_error() -> None:
    error = UnreadableFile("is <empty>", code="empty", hint="say `what`")
    page = error_page.outline_of(error, ORIGIN)
    assert markdown.render(page) == (
        "### celoss eval: ERROR\n\n**error:** is \\<empty\\>\n\n**hint:** say \\`what\\`\n\n"
        "#### What was to be read\n\n- <code>a&#124;b&#46;csv</code>\n"
    )
    assert "<strong>error:</strong> is &lt;empty&gt;</p>" in html.render(page)


FORMS = {".json": "json", ".md": "markdown", ".html": "html", ".xml": "junit", ".prom": "metrics", ".csv": None}


@pytest.mark.parametrize(("ending", "form"), FORMS.items())
def test_a_report_loads_its_own_form_alone(ending: str, form: str | None, tmp_path: Path) -> None:
    others = sorted({other for other in FORMS.values() if other not in (None, form)} - {"json"})
    code = (
        "import sys, celoss_cli\n"
        "result = celoss_cli.evaluate([0.9, 0.2], [1, 0])\n"
        f"celoss_cli.write_report(result, {str(tmp_path / f'r{ending}')!r})\n"
        f"loaded = [one for one in {others} if f'celoss_cli.render.forms.{{one}}' in sys.modules]\n"
        "sys.exit(' '.join(loaded) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
