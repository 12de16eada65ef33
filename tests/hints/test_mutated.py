"""One unreadable thing is an error of data or of usage: bytes of real files, changed at random, never end otherwise."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hints import cases, rare_cases
from running import run, write

TOKENS = (
    b"\0", b'"', b",", b";", b"\n", b"\r", b"[", b"]", b"{", b"}", b"NaN", b"-inf", b"1e999", b"9" * 400, b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xe9", b"null", b"true", b"\xe2\x88\x92", b"\xc2\xa0", b"%", b"#", b"tensor([", b"__label__",
    b'{"a":', b"[[[[", b"'", b"|", b"1,5", b"\xed\xa0\x80",
)  # fmt: skip

OPTIONS = (
    *[()] * 4, ("--strict",), ("--no-header",), ("--header",), ("--pred", "p_*"), ("--input", "logits"), ("--id", "id"),
    ("--invalid", "drop"), ("--unknown-class", "drop"), ("--file-format", "csv"), ("--file-format", "json"),
    ("--decimal", ","), ("--encoding", "latin-1"), ("--positive", "1"), ("--classes", "a,b,c"), ("--where", "y=1"),
)  # fmt: skip

EVERY = {**cases.CASES, **rare_cases.CASES}


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Bytes cut off, put in, left out or replaced, or a cell of a line replaced, in up to three places."""
    text = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text) + 1)
        match rng.randrange(5):
            case 0:
                del text[place:]
            case 1:
                text[place:place] = rng.choice(TOKENS)
            case 2:
                del text[place : place + rng.randint(1, 30)]
            case 3:
                text[place : place + 1] = bytes([rng.randrange(256)])
            case _:
                lines = text.split(b"\n")
                row = rng.randrange(len(lines))
                cells = lines[row].split(b",")
                cells[rng.randrange(len(cells))] = rng.choice(TOKENS)
                lines[row] = b",".join(cells)
                text = bytearray(b"\n".join(lines))
    return bytes(text)


@pytest.mark.parametrize("seed", range(6))
def test_no_file_is_a_bug_or_a_gate(seed: int, tmp_path: Path) -> None:
    rng = random.Random(f"mutated {seed}")
    names = sorted(EVERY)
    for _ in range(40):
        files = EVERY[rng.choice(names)].files
        write(tmp_path, files)
        name = rng.choice(sorted(files))
        content = (tmp_path / name).read_bytes()[:4000]
        (tmp_path / name).write_bytes(mutated(content, rng))
        second = [tmp_path / other for other in sorted(files) if other != name and rng.random() < 0.5]
        found = run("eval", tmp_path / name, *second[:1], *rng.choice(OPTIONS), *rng.choice(OPTIONS))
        assert found.code in (0, 2, 3), (found.err, (tmp_path / name).read_bytes())


def test_a_word_among_the_scores_of_predicted_classes(tmp_path: Path) -> None:
    rows = "".join(f"yes,0.{7 + i % 3},no\nno,0.{6 + i % 4},no\n" for i in range(5))
    write(tmp_path, {"f.csv": f"predicted_label,probability,default\n{rows}yes,0.true9,yes\n"})
    found = run("eval", tmp_path / "f.csv")
    assert found.code == 3
    assert "row 10 (line 12), column 'probability': '0.true9' is not a number" in found.err
