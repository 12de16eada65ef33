"""Damage: bytes turned over, cut, doubled and moved; numbers and names in text replaced by odd ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

ODD = (
    b"nan", b"inf", b"-inf", b"1e999", b"-1", b"0", b"1.0000001", b"1e-400", b"9223372036854775808", b"0x1p-3", b"1_0",
    b"--1", b"", b" ", b"null", b"true", b"\"", b"'", b"[", b"{", b"]", b"}", b"\\u0000", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\0", b"\r", b"\n", b"\x1b[31m", b"=1+1", b"9" * 400, b"a" * 300, "\u0663".encode(), "\u00b2".encode(), b"1,5",
    b"50%", b"1e5", b"label", b"p_cat", b"id", b"-", b"#", b"..", b"\xc0\x80",
)  # fmt: skip

_NUMBERS = (0, 1, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**64 - 1)

Mutation = Callable[[bytearray, random.Random], None]


def _place(data: bytearray, rng: random.Random) -> int:
    """A place in a file; the two ends, where headers and footers stand, more often than the rest."""
    if not data:
        return 0
    end = min(len(data), 256)
    return rng.choice((rng.randrange(len(data)), rng.randrange(end), len(data) - 1 - rng.randrange(end)))


def turn_bit(data: bytearray, rng: random.Random) -> None:
    if data:
        data[_place(data, rng)] ^= 1 << rng.randrange(8)


def set_byte(data: bytearray, rng: random.Random) -> None:
    if data:
        data[_place(data, rng)] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def set_number(data: bytearray, rng: random.Random) -> None:
    """Put a number that is at some edge where a length or an offset may stand."""
    size = rng.choice((1, 2, 4, 8))
    start = _place(data, rng)
    value = rng.choice(_NUMBERS) % (1 << 8 * size)
    data[start : start + size] = value.to_bytes(size, rng.choice(("little", "big")))


def cut(data: bytearray, rng: random.Random) -> None:
    start = _place(data, rng)
    del data[start : start + rng.choice((1, 2, 7, 64, 1 << 20))]


def double(data: bytearray, rng: random.Random) -> None:
    start = _place(data, rng)
    piece = data[start : start + rng.choice((1, 4, 40, 400))]
    data[start:start] = piece * rng.choice((1, 2, 50))


def move(data: bytearray, rng: random.Random) -> None:
    start, size = _place(data, rng), rng.choice((1, 8, 60))
    piece = data[start : start + size]
    del data[start : start + size]
    place = _place(data, rng)
    data[place:place] = piece


def put_odd(data: bytearray, rng: random.Random) -> None:
    place = _place(data, rng)
    data[place:place] = rng.choice(ODD)


def replace_token(data: bytearray, rng: random.Random) -> None:
    """Put something odd in place of a number or a word of a text."""
    tokens = list(re.finditer(rb"[A-Za-z_0-9.+-]+", bytes(data[: 1 << 16])))
    if tokens:
        token = rng.choice(tokens)
        data[token.start() : token.end()] = rng.choice(ODD)


def swap_lines(data: bytearray, rng: random.Random) -> None:
    lines = bytes(data).split(b"\n")
    if len(lines) > 2:
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[i] = lines[j] if rng.random() < 0.5 else lines[i] + rng.choice((b",", b";", b"\t", b'"')) + lines[j]
        data[:] = b"\n".join(lines)


MUTATIONS: tuple[Mutation, ...] = (
    turn_bit, set_byte, set_number, cut, double, move, put_odd, replace_token, replace_token, swap_lines,
)  # fmt: skip


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return a file with one to a few mutations."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        rng.choice(MUTATIONS)(data, rng)
    return bytes(data[: 1 << 20])
