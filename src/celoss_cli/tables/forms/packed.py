"""The first bytes of a file that is packed: what it holds says what it is."""

from __future__ import annotations

from pathlib import Path

_ZLIB = (b"x\x01", b"x^", b"x\x9c", b"x\xda")  # what joblib packs with


def unpacked(start: bytes, path: str, size: int = 8) -> bytes:
    """Return the first bytes of a file, unpacked if it is packed as R and Python do it."""
    if start[:1] == b"x" and start[:2] in _ZLIB:
        return _inflated(path, size)
    if not start.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        if size <= len(start):
            return start
        with Path(path).open("rb") as plain:
            return plain.read(size)
    import bz2
    import gzip
    import lzma
    import zlib

    module = {31: gzip, 66: bz2, 253: lzma}[start[0]]
    try:
        with module.open(path, "rb") as file:
            return bytes(file.read(size))
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error):
        return b""


def _inflated(path: str, size: int) -> bytes:
    import zlib

    with Path(path).open("rb") as file:
        try:
            return zlib.decompressobj().decompress(file.read(1 << 12), size)
        except zlib.error:
            return b""
