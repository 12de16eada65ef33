"""Lines that translators and n-gram models print of each token. The numbers are made up in the form of each tool."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from running import run

FAIRSEQ = (
    "S-1\tein Haus\nT-1\ta house\nH-1\t-0.5\ta house\nP-1\t-0.2500 -0.5000 -0.7500\n"
    "S-0\tja\nT-0\tyes\nH-0\t-1.5\tyes\nP-0\t-1.0000 -2.0000\n"
)

KENLM = (
    "a=1 1 -1.5\tb=2 2 -0.25\t</s>=3 1 -0.75\tTotal: -2.5 OOV: 0\n"
    "c=0 1 -4.5\t</s>=3 1 -1.0\tTotal: -5.5 OOV: 1\n"
    "Perplexity including OOVs:\t39.8\n"
)

SRILM = """a b
\tp( a | <s> ) \t= [2gram] 0.1 [ -1 ]
\tp( b | a ...) \t= [1gram] 0.01 [ -2 ]
\tp( </s> | b ...) \t= [2gram] 0.1 [ -1 ]
1 sentences, 2 words, 0 OOVs
0 zeroprobs, logprob= -4 ppl= 21.5 ppl1= 100

c
\tp( c | <s> ) \t= [2gram] 0.001 [ -3 ]
\tp( </s> | c ...) \t= [2gram] 0.1 [ -1 ]
1 sentences, 1 words, 0 OOVs
"""

MARIAN = (
    "0 ||| a b ||| WordScores= -0.5 -0.25 -0.125 ||| F0= -0.875 ||| -0.875\n"
    "1 ||| c ||| WordScores= -1.0 -0.5 ||| F0= -1.5 ||| -1.5\n"
)

LN10, LN2 = math.log(10.0), math.log(2.0)


def result(path: Path, *options: str) -> Any:
    return run("eval", path, *options, "--format", "json").document


@pytest.mark.parametrize(
    ("text", "options", "total", "tokens", "words"),
    [
        (FAIRSEQ, (), 4.5 * LN2, 5, 3),
        (KENLM, (), 8.0 * LN10, 5, 3),
        (SRILM, ("--file-format", "srilm"), 8.0 * LN10, 5, 3),
        (MARIAN, ("--file-format", "marian"), 2.375, 5, 3),
    ],
    ids=["fairseq", "kenlm", "srilm", "marian"],
)
def test_lines_are_sequences(
    tmp_path: Path, text: str, options: tuple[str, ...], total: float, tokens: int, words: int
) -> None:
    path = tmp_path / "out.txt"
    path.write_text(text, encoding="utf-8")
    found = result(path, *options, "--strict")
    assert found["loss"]["sum"] == pytest.approx(total, rel=1e-14)
    assert (found["loss"]["units"], found["loss"]["sequences"]) == (tokens, 2)
    assert found["loss"]["bits_per"]["word"] == pytest.approx(total / words / LN2, rel=1e-14)


def test_the_base_of_fairseq_is_warned_of_and_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text(FAIRSEQ, encoding="utf-8")
    assert "fairseq_base" in {warning["code"] for warning in result(path)["warnings"]}
    assert result(path, "--input", "logprobs")["loss"]["sum"] == 4.5


def test_a_named_form_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("a b\n1 sentences, 2 words, 0 OOVs\n", encoding="utf-8")
    found = run("eval", path, "--file-format", "srilm")
    assert (found.code, "-debug 2" in found.err) == (3, True)


def test_other_text_is_not_taken_for_lines_of_tokens(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("p=x,label\n0.5,1\n0.25,0\n", encoding="utf-8")
    assert run("eval", path, "--pred", "p=x", "-q").code == 0
