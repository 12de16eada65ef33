"""Files that stand where data should, and names that no message could hold: said for what they are, and briefly."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from celoss_cli.errors import Where, brief
from running import mean_of, run, write

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in, please</title></head>\n<body>a,b</body></html>\n"
ROWS = "".join(f"{i % 2},{0.1 + 0.007 * i:.3f},{i % 3}\n" for i in range(100))


@pytest.mark.parametrize("name", ["f.csv", "f.parquet", "f.npy", "f.json", "f.csv.gz"])
def test_a_pointer_of_git_lfs_is_named(name: str, tmp_path: Path) -> None:
    found = mean_of(tmp_path, POINTER, name=name)
    assert found.code == 3
    assert "is a pointer of Git LFS" in found.err
    assert "git lfs pull" in found.err


def test_a_pointer_is_named_among_shards_and_where_the_form_is_given(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    write(tmp_path / "d", {"a.csv": f"y,p,q\n{ROWS}", "b.csv": POINTER})
    assert "b.csv: is a pointer of Git LFS" in run("eval", tmp_path / "d").err
    assert "is a pointer" in mean_of(tmp_path, POINTER, "--file-format", "parquet", name="f.parquet").err


@pytest.mark.parametrize("page", [PAGE, f"\ufeff\n \n{PAGE}", '<html lang="en">\n<p>no</p>', PAGE.lower()])
@pytest.mark.parametrize("name", ["f.csv", "f.jsonl"])
def test_a_web_page_is_named(page: str, name: str, tmp_path: Path) -> None:
    found = mean_of(tmp_path, page, name=name)
    assert found.code == 3
    assert "is a web page (HTML)" in found.err


def test_the_answer_of_a_server_is_named(tmp_path: Path) -> None:
    answer = '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>\n'
    assert "is an XML document" in mean_of(tmp_path, answer).err


@pytest.mark.parametrize("header", ["<5,>=5,version", "version,prob,x", "<html>,prob,x"])
def test_a_header_may_begin_so(header: str, tmp_path: Path) -> None:
    found = mean_of(tmp_path, f"{header}\n{ROWS}", "--pred", header.split(",")[1], "--label", header.split(",")[0])
    assert ("web page" in found.err) is header.startswith("<html>,")
    assert found.code == 3 if header.startswith("<html>,") else found.code == 0


def test_a_compressed_file_that_begins_so_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv.gz": gzip.compress(f"y,prob\n{ROWS}".replace(",0\n", "\n").encode())})
    assert run("eval", tmp_path / "f.csv.gz", "-q").code in (0, 3)


@pytest.mark.parametrize("form", ["jsonl", "json", "columns"])
def test_a_whole_number_of_thousands_of_digits_is_named(form: str, tmp_path: Path) -> None:
    records = [f'{{"y": {i % 2}, "p": {0.1 + 0.007 * i:.3f}, "n": {"9" * 5000 if i == 5 else 1}}}' for i in range(100)]
    text = {
        "jsonl": "\n".join(records),
        "json": f"[{','.join(records)}]",
        "columns": f'{{"y": {[i % 2 for i in range(100)]}, "p": {[0.5] * 100}, "n": {"9" * 5000}}}',
    }[form]
    found = mean_of(tmp_path, text, name="f.json")
    assert found.code == 3
    assert "holds a whole number of more than 4,300 digits" in found.err
    assert "in quotes" in found.err
    quoted = text.replace("9" * 5000, f'"{"9" * 5000}"')
    if form == "jsonl":
        assert mean_of(tmp_path, quoted, name="f.json").code == 0


@pytest.mark.parametrize(
    ("cell", "name", "written"),
    [
        ("\u22120.5", "MINUS SIGN", "-0.5"),
        ("0.5\u00a0", "NO-BREAK SPACE", "0.5"),
        ("\u202f0.5", "NARROW NO-BREAK SPACE", "0.5"),
        ("\uff10\uff0e\uff15", "FULLWIDTH DIGIT ZERO", "0.5"),
        ("0.\u200b5", "ZERO WIDTH SPACE", "0.5"),
        ("\u06605", "ARABIC-INDIC DIGIT ZERO", "05"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "text"])
def test_a_character_that_no_number_has_is_named(cell: str, name: str, written: str, form: str, tmp_path: Path) -> None:
    rows = [(i % 2, cell if i == 5 or form == "text" else f"{0.1 + 0.007 * i:.3f}") for i in range(60)]
    found = mean_of(tmp_path, "y,logit\n" + "".join(f"{y},{z}\n" for y, z in rows))
    assert found.code == 3
    assert f"({name})" in found.err
    assert f"hint: write {written}: " in found.err


def test_a_superscript_is_no_digit(tmp_path: Path) -> None:
    found = mean_of(tmp_path, f"y,prob\n0,0.5\u00b2\n{ROWS}".replace(",0\n", "\n"), "--pred", "prob")
    assert "hint: write" not in found.err


@pytest.mark.parametrize("command", ["eval", "inspect", "explain", "diagnose"])
@pytest.mark.parametrize("letter", ["x", "x ", "'", '"', ","])
def test_long_names_are_cut_in_whatever_is_said(command: str, letter: str, tmp_path: Path) -> None:
    name = '"' + (letter * (50_000 // len(letter)) + "end").replace('"', '""') + '"'
    write(tmp_path, {"f.csv": f"y,{name},z\n{ROWS}"})
    for options in ([], ["--label", "no"], ["--pred", "z"], ["--strict"], ["--label", "z"]):
        found = run(command, tmp_path / "f.csv", *options)
        assert found.code in (0, 2, 3)
        assert len(found.err) < 4000
        printed = found.out.partition("To pin all of it down")[0]  # a command has to be whole
        assert len(printed) < 30_000


def test_only_long_names_are_cut() -> None:
    long = "n" * 300
    assert brief(f"the model's column '{long}' isn't 'p'") == f"the model's column '{'n' * 59}…' isn't 'p'"
    sentence = "it's a rather long message, which doesn't hold a single name that'd be long. " * 10
    assert brief(sentence) == sentence
    assert len(str(Where("f.csv", 1, 2, long))) < 100
    assert brief(str(Where("/a/b" * 40 + "/f.csv", 1))) == f"{'/a/b' * 40}/f.csv row 1"
