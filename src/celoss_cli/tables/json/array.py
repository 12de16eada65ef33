"""A JSON array turned, as it streams by, into JSON Lines: one element a line, whatever its own line breaks.

The commas between elements and the closing bracket become line feeds, and the file's own line ends carriage returns, so
that lines can still be counted. Nothing is parsed: strings are told from structure by their quotes, depth by counting
brackets.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np

from celoss_cli.errors import UnreadableFile, Where

_SPACE, _QUOTE, _COMMA = ord(" "), ord('"'), ord(",")


def array_as_lines(chunks: Iterator[tuple[bytes, int]], path: str) -> Generator[tuple[bytes, int]]:
    """Yield the elements of the array that ``chunks`` hold, with each piece's position passed on.

    Raises UnreadableFile where the array is not closed, or something follows it.
    """
    depth, quoted, held, closed = 0, 0, b"", False
    for chunk, position in chunks:
        text = held + chunk
        held = b""
        if (len(text) - len(text.rstrip(b"\\"))) % 2:
            text, held = text[:-1], text[-1:]  # what it escapes comes with the next chunk
        if closed:
            _check_end(text, path)
            continue
        bare = text.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in text else text
        characters = np.frombuffer(bare, dtype=np.uint8)
        inside = (np.cumsum(characters == _QUOTE, dtype=np.uint8) + np.uint8(quoted)) & 1
        outside = inside == 0
        folded = characters | 0x20  # [ and { become {, ] and } become }
        steps = ((folded == ord("{")) & outside).astype(np.int8) - ((folded == ord("}")) & outside)
        depths = depth + np.cumsum(steps, dtype=np.int32)
        lines = np.frombuffer(text, dtype=np.uint8).copy()
        lines[outside & (characters == ord("\r"))] = _SPACE
        lines[outside & (characters == ord("\n"))] = ord("\r")
        lines[outside & (characters == _COMMA) & (depths == 1)] = ord("\n")
        if depth == 0 and (opened := np.flatnonzero(steps > 0)).size:
            lines[opened[0]] = _SPACE
        ends = np.flatnonzero((steps < 0) & (depths <= 0))
        if ends.size:
            closed = True
            _check_end(text[int(ends[0]) + 1 :], path)
            lines[int(ends[0])] = ord("\n")
            lines = lines[: int(ends[0]) + 1]
        elif depths.size:
            depth, quoted = int(depths[-1]), int(inside[-1])
        yield lines.tobytes(), position
    if not closed:
        raise UnreadableFile(
            "its JSON array is never closed",
            code="bad_json",
            where=Where(path),
            hint="the file may be truncated: write or fetch it again",
        )


def _check_end(text: bytes, path: str) -> None:
    if text.strip():
        raise UnreadableFile(
            f"something follows the end of its JSON array: {text.strip()[:40].decode('utf-8', 'replace')}",
            code="bad_json",
            where=Where(path),
            hint="a file holds one array, or JSON Lines: one value a line",
        )
