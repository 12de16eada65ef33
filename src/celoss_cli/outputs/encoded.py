"""Text in the encoding and the compression of the file that it is written after."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, BinaryIO

_MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE,
}  # fmt: skip


def encoder(
    file: BinaryIO, encoding: str, compression: str | None, stack: ExitStack, *, marked: bool
) -> Callable[[bytes], None]:
    """Return what takes UTF-8 and writes it to ``file`` as it is to be; the mark of the encoding is written at once.

    ``marked`` says whether UTF-8 has its mark. What was compressed is complete when ``stack`` is closed.
    """
    target: Any = file
    if compression == "gzip":
        target = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
    elif compression is not None:
        import pyarrow as pa

        sink: Any = pa.PythonFile(file, "w")  # type: ignore[arg-type]  # any binary file will do
        target = stack.enter_context(pa.CompressedOutputStream(sink, "zstd"))
    target.write(codecs.BOM_UTF8 if marked else _MARKS.get(encoding, b""))
    plain = encoding in ("utf-8", "ascii")

    def write(text: bytes) -> None:
        target.write(text if plain else text.decode().encode(encoding))

    return write
