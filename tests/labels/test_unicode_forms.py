"""Names that look alike: é as one character in one file or cell, as e and an accent in the other."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from running import run, write

CAFE, NO = "caf\u00e9", "n\u00f6"
APART = unicodedata.normalize("NFD", CAFE), unicodedata.normalize("NFD", NO)


@pytest.mark.parametrize(
    "content",
    [
        f"p_{CAFE},p_the,label\n0.8,0.2,{APART[0]}\n0.3,0.7,the\n",
        f"p_{APART[0]},p_the,label\n0.8,0.2,{CAFE}\n0.3,0.7,the\n",
        f"{CAFE},{NO},label\n0.8,0.2,{APART[0]}\n0.3,0.7,{APART[1]}\n",
        f"logit_{CAFE},logit_{NO},label\n1.8,-0.2,{APART[0]}\n-0.3,1.9,{APART[1]}\n",
    ],
)
def test_the_message_says_what_differs_and_following_it_helps(content: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": content})
    refused = run("eval", tmp_path / "f.csv", "-q")
    assert refused.code == 3
    assert "two Unicode forms" in refused.err
    assert "--unknown-class drop" not in refused.err
    write(tmp_path, {"f.csv": unicodedata.normalize("NFC", content)})
    assert run("eval", tmp_path / "f.csv", "-q").code == 0


@pytest.mark.parametrize("labels", [(APART[0], "the"), (APART[0], APART[0]), (CAFE, APART[0])])
def test_the_positive_class_is_not_its_own_opposite(labels: tuple[str, str], tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"prob,label\n0.8,{labels[0]}\n0.3,{labels[1]}\n"})
    refused = run("eval", tmp_path / "f.csv", "-q", "--positive", CAFE)
    assert refused.code == 3
    assert "two Unicode forms" in refused.err


def test_ids_of_two_files(tmp_path: Path) -> None:
    predictions = f"id,p_a,p_b\n{APART[0]},0.8,0.2\n{APART[1]},0.3,0.7\nx,0.3,0.7\n"
    write(tmp_path, {"p.csv": predictions, "l.csv": f"id,label\n{CAFE},a\n{NO},b\nx,b\n"})
    refused = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q")
    assert refused.code == 3
    assert "one Unicode form" in refused.err


def test_two_classes_that_differ_so_stay_two(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"p_{CAFE},p_{APART[0]},label\n0.8,0.2,{CAFE}\n0.3,0.7,{APART[0]}\n"})
    assert run("eval", tmp_path / "f.csv", "-q").code == 0
