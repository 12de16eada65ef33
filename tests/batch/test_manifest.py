"""A manifest names what to score, with any option as a column; what is wrong in it is named with its row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from celoss_cli.batch import names
from celoss_cli.cli.values import from_text
from celoss_cli.options.option import Takes
from celoss_cli.options.table import options_of
from running import run, write

FILES = {
    "data/a.csv": "y,p,q\n" + "1,0.8,0.6\n0,0.3,0.4\n" * 20,
    "data/b.csv": "p\n" + "0.9\n0.2\n" * 20,
    "data/labels.csv": "y\n" + "1\n0\n" * 20,
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_csv_and_json_lines_say_the_same(files: Path) -> None:
    csv = "predictions,labels,name,pred,max-loss,renormalize,slice\na.csv,,first,p,0.1,,\nb.csv,labels.csv,,,9,no,\n"
    lines = [
        {"predictions": "a.csv", "name": "first", "pred": ["p"], "max_loss": 0.1},
        {"predictions": "b.csv", "labels": "labels.csv", "max_loss": 9, "renormalize": False},
    ]
    write(files, {"data/m.csv": csv, "data/m.jsonl": "\n".join(map(json.dumps, lines))})
    found = [
        json.loads(run("batch", "--manifest", f"data/m.{end}", "--format", "json").out) for end in ("csv", "jsonl")
    ]
    assert found[0] == found[1]
    assert [one["name"] for one in found[0]["evaluations"]] == ["first", "b.csv"]
    assert found[0]["evaluations"][0]["inputs"]["predictions"]["path"] == "data/a.csv", "as seen from here"
    assert found[0]["verdict"]["failed"] == ["first"]


def test_a_cell_goes_before_the_option(files: Path) -> None:
    write(files, {"m.csv": "predictions,base\ndata/a.csv,2\n"})
    found = json.loads(run("batch", "--manifest", "m.csv", "--base", "10", "--pred", "p", "--format", "json").out)
    assert found["evaluations"][0]["loss"]["unit"] == "bits"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("predictions,max_lss\ndata/a.csv,1\n", "'max_lss' is no option of an evaluation"),
        ("predictions,format\ndata/a.csv,json\n", "'format' is an option of the whole run, not of an evaluation"),
        ("predictions,max-loss,max_loss\ndata/a.csv,1,0.1\n", "has the column 'max_loss' twice"),
        ("predictions,max_loss\ndata/a.csv,nan\n", "row 0 (line 2): --max-loss is nan"),
        ("predictions,max_regression\ndata/a.csv,2%\n", "row 0 (line 2): --max-regression limits what is lost"),
        ('{"predictions": "a.csv", "predictions": "b.csv"}\n', "row 0 (line 1): has 'predictions' twice"),
        ('{"predictions": ["a.csv", "b.csv"]}\n', """column 'predictions': ["a.csv", "b.csv"] is no path"""),
        ('{"predictions": "a.csv", "name": true}\n', "column 'name': true is no name"),
        ("predictions,name\ndata/a.csv,x\ndata/b.csv,x\n", "row 1 (line 3): has the name 'x', which row 0 has, too"),
        ("name\nx\n", "row 0 (line 2): names no predictions"),
        ("predictions,max_loss\ndata/a.csv,lots\n", "row 0 (line 2), column 'max_loss': 'lots' is no number"),
        ("predictions,top\ndata/a.csv,1.5\n", "'1.5' is no whole number"),
        ("predictions,strict\ndata/a.csv,perhaps\n", "'perhaps' is neither true nor false"),
        ("predictions,task\ndata/a.csv,guess\n", "'guess' is none of the choices"),
        ("predictions,where\ndata/a.csv,guess\n", "'guess' is not COLUMN=VALUE"),
        ("predictions,base\ndata/a.csv\n", "has 1 cells, and the header 2"),
        ("predictions,predictions\na,b\n", "has the column 'predictions' twice"),
        ("predictions\n", "the manifest has no rows"),
        ("", "the manifest has no rows"),
        ('{"predictions": "a.csv"}\n[1]\n', "row 1 (line 2): is no object"),
        ('{"predictions": \n', "is no JSON"),
        ('predictions\n"data/a.csv\n', "is no CSV"),
    ],
)
def test_what_is_wrong_is_named(files: Path, content: str, said: str) -> None:
    write(files, {"m.txt": content})
    done = run("batch", "--manifest", "m.txt")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error: m.txt")
    assert said in done.err
    assert "\nhint: " in done.err


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_spreadsheet_writes_other_marks(files: Path, mark: str) -> None:
    write(files, {"m.csv": f"name{mark}predictions{mark}class_weight\nx{mark}data/a.csv{mark}2,1\n"})
    done = run("batch", "--manifest", "m.csv", "-q")
    assert done.out == f"x\t{run('eval', 'data/a.csv', '--class-weight', '2,1', '-q').out}", done.err


def test_what_only_scoring_finds_costs_its_row_alone(files: Path) -> None:
    write(files, {"m.csv": "predictions,name,compat,clip\ndata/a.csv,x,sklern,\ndata/a.csv,y,,5\ndata/a.csv,z,,\n"})
    done = run("batch", "--manifest", "m.csv", "-q")
    assert done.code == 3
    assert done.out.startswith("z\t")
    assert "error: x: m.csv row 0 (line 2): --compat 'sklern' is no convention" in done.err
    assert "error: y: m.csv row 1 (line 3): --clip 5 is not between 0 and 0.5" in done.err
    write(files, {"m.csv": "predictions,name\ndata/a.csv,x\n"})
    done = run("batch", "--manifest", "m.csv", "--clip", "5", "-q")
    assert (done.code, done.out) == (2, ""), "that is of the whole run"
    assert done.err.startswith("error: --clip 5 is not between 0 and 0.5")
    done = run("batch", "--manifest", "m.csv", "--max-loss", "nan", "-q")
    assert (done.code, done.err.partition(", ")[0]) == (2, "error: --max-loss is nan")


def test_a_manifest_that_is_not_there() -> None:
    done = run("batch", "--manifest", "gone.csv")
    assert done.code == 3
    assert "gone.csv: the manifest cannot be read" in done.err


@pytest.mark.parametrize(
    "name", [name for name, option in options_of("eval").items() if option.takes is not Takes.SWITCH]
)
def test_every_option_is_read_from_a_text(name: str) -> None:
    option = options_of("eval")[name]
    texts = {
        Takes.NUMBER: "0.5",
        Takes.WHOLE: "3",
        Takes.CONDITIONS: "a=b",
        Takes.TAGS: "a=b",
        Takes.MARGIN: "1%",
        Takes.LIMITS: "a=1,2",
    }
    text = next((str(choice) for choice in option.choices), texts.get(option.takes, "a"))
    assert from_text(option, text) is not None


def test_more_evaluations_than_a_run_holds_are_refused_before_the_first(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MOST", 3)
    for count, code in ((3, 0), (4, 3)):
        rows = "".join(f"a.csv,n{place}\n" for place in range(count))
        write(files, {"data/m.csv": f"predictions,name\n{rows}"})
        done = run("batch", "--manifest", "data/m.csv", "--pred", "p", "-q")
        assert done.code == code, done.err
    assert "data/m.csv: asks for more than 3 evaluations" in done.err
    assert done.out == ""
    write(files, {f"many/{place}.csv": FILES["data/a.csv"] for place in range(4)})
    assert run("batch", "many/[0-2].csv", "--pred", "p", "-q").code == 0
    done = run("batch", "many/*.csv", "--pred", "p", "-q")
    assert (done.code, done.out) == (3, "")
    assert "many/*.csv: asks for more than 3 evaluations" in done.err
