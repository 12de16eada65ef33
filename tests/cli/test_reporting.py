"""Report files: written whatever the verdict, telling of errors, all of them or those that can be."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from running import SCRIPT, run, run_script, write

ABC = "y,p_a,p_b,p_c\na,0.7,0.2,0.1\nb,0.1,0.8,0.1\nc,0.2,0.2,0.6\n"
NAMES = ("r.json", "r.md", "r.html", "r.csv", "r.xml", "r.prom", "metrics.txt", "r.metrics.json")
TELL_OF_ERRORS = tuple(name for name in NAMES if name != "r.csv")


@pytest.fixture
def abc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"f.csv": ABC, "bad.csv": ABC + "zebra,1,0,0\n"})
    monkeypatch.chdir(tmp_path)
    return Path("f.csv")


def _reports(*names: str) -> list[str]:
    return [argument for name in names for argument in ("--report", name)]


@pytest.mark.parametrize(("limit", "code", "word"), [("0.5", 0, "PASS"), ("0.1", 1, "FAIL")])
@pytest.mark.parametrize("form", [[], ["-q"], ["--format", "json"]])
def test_every_report_is_written_whatever_the_verdict(
    form: list[str], limit: str, code: int, word: str, abc: Path
) -> None:
    done = run("eval", abc, *form, "--max-loss", limit, *_reports(*NAMES))
    assert done.code == code
    assert (f"report written: {', '.join(NAMES)}\n" in done.err) is (code == 1), "no news is good news"
    assert json.loads(Path("r.json").read_text())["verdict"]["passed"] is (code == 0)
    assert Path("r.md").read_text().partition("\n")[0].endswith(f": {word}")
    assert f": {word}</h1>" in Path("r.html").read_text()
    assert ElementTree.parse("r.xml").getroot().get("failures") == str(code)
    assert f'\nceloss_gate_passed{{file="f.csv"}} {1 - code}\n' in Path("r.prom").read_text()
    assert Path("r.prom").read_bytes() == Path("metrics.txt").read_bytes()
    assert json.loads(Path("r.metrics.json").read_text())["gate_passed"] == 1 - code
    assert Path("r.csv").read_text().startswith("class,count,")


@pytest.mark.parametrize("arguments", [["bad.csv"], ["no-such-file.csv"], ["f.csv", "--label", "nothing"]])
def test_an_error_is_told_where_a_form_can(arguments: list[str], abc: Path) -> None:  # noqa: ARG001
    done = run("eval", *arguments, "--max-loss", "0.5", *_reports(*NAMES))
    assert (done.code, done.out) == (3, "")
    said = done.err.partition("\n")[0].removeprefix("error: ")
    error = json.loads(Path("r.json").read_text())
    assert (error["schema"], error["error"]["exit_code"]) == ("celoss.error", 3)
    suite = ElementTree.parse("r.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "1")
    found = suite.find("testcase/error")
    assert found is not None
    assert found.text is not None
    assert said in found.text
    assert found.get("message") == said
    assert {name for name in NAMES if Path(name).exists()} == set(TELL_OF_ERRORS)


def test_the_case_that_errs_is_the_one_that_passes_without_limits(abc: Path) -> None:
    def cases() -> list[tuple[str | None, str | None, list[str]]]:
        found = ElementTree.parse("r.xml").getroot().iter("testcase")
        return [(case.get("classname"), case.get("name"), [child.tag for child in case]) for case in found]

    run("eval", abc, "-q", "--report", "r.xml")
    assert cases() == [("celoss.f_csv", "scored", [])]
    abc.write_text(ABC + "zebra,1,0,0\n")
    run("eval", abc, "-q", "--report", "r.xml")
    assert cases() == [("celoss.f_csv", "scored", ["error"])]


def test_one_that_cannot_be_written_stops_no_other(abc: Path) -> None:
    link = Path("full.json")
    link.symlink_to("/dev/full")
    done = run("eval", abc, "-q", "--max-loss", "0.5", *_reports("r.xml", "full.json", "r.md", "r.json"))
    assert (done.code, done.out) == (3, "")
    assert done.err.splitlines()[:2] == [
        "report written: r.xml, r.md, r.json",
        "error: full.json: cannot be written: No space left on device",
    ]
    assert ElementTree.parse("r.xml").getroot().get("errors") == "0", "the data were scored"
    assert json.loads(Path("r.json").read_text())["schema"] == "celoss.evaluation"


def test_one_that_is_found_unwritable_before_the_work_is_told_of_in_the_others(abc: Path) -> None:
    done = run("eval", abc, "-q", *_reports("r.xml", "no/where.md", "r.json"))
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error: no/where.md: its directory does not exist\n")
    assert json.loads(Path("r.json").read_text())["error"]["code"] == "output_no_directory"
    assert ElementTree.parse("r.xml").getroot().get("errors") == "1"
    assert sorted(entry.name for entry in Path().iterdir()) == ["bad.csv", "f.csv", "r.json", "r.xml"]


@pytest.mark.parametrize(
    "reports",
    [["no/where.json", "f.csv"], ["r.json", "./r.json"], ["r.json", "r.pdf"], ["r.json", "link.csv"]],
)
def test_a_name_that_is_wrong_is_refused_before_anything_is_written(reports: list[str], abc: Path) -> None:
    Path("link.csv").symlink_to(abc)
    done = run("eval", abc, *_reports(*reports))
    assert (done.code, done.out) == (2, "")
    assert abc.read_text() == ABC
    assert not Path("r.json").exists()


def test_a_report_is_not_the_per_sample_file(abc: Path) -> None:
    done = run("eval", abc, "--report", "r.csv", "--per-sample", "r.csv")
    assert done.code == 2
    assert "the same name" in done.err


def test_an_old_table_stays_whole_when_the_new_one_fails(abc: Path) -> None:
    Path("r.csv").write_text("old")
    assert run("eval", "bad.csv", "--report", "r.csv").code == 3
    assert Path("r.csv").read_text() == "old"
    assert run("eval", abc, "--report", "r.csv", "-q").code == 0
    assert Path("r.csv").read_text() != "old"


@pytest.mark.parametrize("name", [name for name in TELL_OF_ERRORS if name != "r.json"])
def test_a_pass_of_an_earlier_run_does_not_stay(name: str, abc: Path) -> None:
    assert run("eval", abc, "--report", name, "-q", "--max-loss", "9").code == 0
    assert any(
        word in Path(name).read_text()
        for word in ("PASS", "} 1\n# TYPE celoss_check", '"gate_passed": 1', 'failures="0"')
    )
    assert run("eval", "bad.csv", "--report", name, "-q", "--max-loss", "9").code == 3
    held = Path(name).read_text()
    assert "PASS" not in held
    assert any(word in held for word in ("ERROR", "} 0\n# EOF", '"gate_passed": 0', 'errors="1"'))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stdout_does_not_take_the_reports(abc: Path) -> None:

    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [SCRIPT, "eval", abc, "--report", "r.json"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 3
    assert json.loads(Path("r.json").read_text())["schema"] == "celoss.evaluation"


def test_reports_through_the_script(abc: Path) -> None:
    done = run_script("eval", abc, "-q", "--max-loss", "0.1", *_reports(*NAMES))
    assert done.code == 1
    assert all(os.path.getsize(name) for name in NAMES)  # noqa: PTH202
