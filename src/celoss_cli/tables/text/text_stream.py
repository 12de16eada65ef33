"""A text file as a stream of UTF-8 bytes without byte-order mark, whatever its compression and encoding."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Generator
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from celoss_cli.errors import UnreadableFile, UsageError, Where

SUFFIX = {None: "", "gzip": ".gz", "zstd": ".zst"}
"""What a file's form gets behind it, by its compression."""

UTF8_BOM = codecs.BOM_UTF8

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_OF_NAMES = frozenset({"idna", "punycode"})
"""Codecs of Python for the names of hosts, which change letters: not for files."""

_CHUNK = 1 << 20


LARGEST_WHOLE = 128 << 20
"""How many bytes of text are read whole, in forms that cannot be read in pieces."""


def raw_chunks(path: str, compression: str | None) -> Generator[tuple[bytes, int]]:
    """Yield the decompressed bytes of a file, each piece with how far the file itself has been read.

    Raises UnreadableFile for a file that cannot be opened, or whose compressed data end early or are damaged.
    """
    try:
        with ExitStack() as stack:
            raw = stack.enter_context(Path(path).open("rb"))
            stream = stack.enter_context(_decompressed(raw, compression))
            while chunk := stream.read(_CHUNK):
                yield bytes(chunk), raw.tell()
    except EOFError:
        raise _damaged(path, compression, "ends in the middle of its data: it is truncated") from None
    except zlib.error as error:
        raise _damaged(path, compression, f"is damaged: {error}") from None
    except OSError as error:
        if compression and error.errno is None:  # gzip and pyarrow's codecs say with OSError what is damaged
            raise _damaged(path, compression, f"is damaged: {error}") from None
        raise cannot_open(path, error) from None


def cannot_open(path: str, error: OSError) -> UnreadableFile:
    """Return the error for a file that the system does not let us read."""
    return UnreadableFile(
        f"cannot be read: {error.strerror or error}", code="cannot_open", where=Where(path), hint="check the path"
    )


def utf8_chunks(path: str, compression: str | None, encoding: str) -> Generator[tuple[bytes, int]]:
    """Yield the text of a file as UTF-8 without mark, each piece with how far the file has been read.

    UTF-8 itself is passed on unchecked (the parser checks what it reads). Raises UnreadableFile.
    """
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
    first, line, position = True, 1, 0
    for chunk, position in raw_chunks(path, compression):
        data = chunk
        if decoder is not None:
            try:
                data = decoder.decode(chunk).encode()
            except UnicodeError as error:
                raise _undecodable(path, encoding, line, error) from None
            line += data.count(b"\n")
        if first:
            data, first = data.removeprefix(UTF8_BOM), False
        yield data, position
    if decoder is not None:
        try:
            rest = decoder.decode(b"", True).encode()  # what some codecs keep back until they know that nothing follows
        except UnicodeError as error:
            raise _undecodable(path, encoding, line, error) from None
        if rest:
            yield rest, position


def mark_length(file: BinaryIO) -> int:
    """Return how many bytes the byte order mark of UTF-8 takes at the start of ``file``, 0 without one."""
    return len(UTF8_BOM) if file.read(len(UTF8_BOM)) == UTF8_BOM else 0


def detect_encoding(data: bytes, given: str | None) -> str:
    """Return the Python codec of a file that begins with ``data``; ``utf-8`` for all spellings of that, or failing all.

    Raises UsageError for an unknown ``given``.
    """
    if given is not None:
        return _codec(given)
    marked = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    return marked or _unmarked_utf16(data) or "utf-8"


def whole_text(path: str, compression: str | None, encoding: str) -> str:
    """Return the text of a file that is read whole. Raises UnreadableFile for one that is too large, or is no text."""
    text = bytearray()
    for chunk, _ in utf8_chunks(path, compression, encoding):
        text += chunk
        if len(text) > LARGEST_WHOLE:
            raise UnreadableFile(
                f"has more than {LARGEST_WHOLE >> 20} MiB of text in a form that has to be read whole",
                code="large_document",
                where=Where(path),
                hint="write CSV or Parquet, which are read in pieces",
            )
    check_text(bytes(text), path)
    return text.decode()


def check_text(data: bytes, path: str) -> None:
    """Raise UnreadableFile if the first text of a file is none: NUL bytes, or bytes that are not UTF-8."""
    refuse_nul(data, path)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"byte 0x{data[error.start]:02x} is not valid UTF-8",
            code="invalid_bytes",
            where=Where(path, line=data.count(b"\n", 0, error.start) + 1),
            hint="name the file's encoding with --encoding, for example --encoding latin-1 or cp1252",
        ) from None


def refuse_nul(data: bytes, path: str) -> None:
    """Raise UnreadableFile if there is a NUL in what should be text."""
    if b"\0" in data:
        raise UnreadableFile(
            f"is not text: it has a NUL at byte {data.index(0)}",
            code="binary_file",
            where=Where(path),
            hint="name its form with --file-format, or its text encoding with --encoding",
        )


def _codec(given: str) -> str:
    try:
        name = codecs.lookup(given).name
        "".encode(name)  # a codec such as base64 is not one of text: b"".decode would not ask
        if name in _OF_NAMES:
            raise LookupError(name)
    except (LookupError, UnicodeError):
        raise UsageError(
            f"--encoding {given!r} is not an encoding that Python knows",
            code="unknown_encoding",
            hint="for example --encoding latin-1, cp1252, utf-8 or utf-16",
        ) from None
    return "utf-8" if name in {"utf-8", "utf-8-sig"} else name


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the UTF-16 that the places of the NUL bytes speak for: plain text has one beside every character."""
    if b"\0" not in data:
        return None
    pairs = len(data) // 2
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if even <= 0.05 * pairs and odd > 0.6 * pairs:
        return "utf-16-le"
    if odd <= 0.05 * pairs and even > 0.6 * pairs:
        return "utf-16-be"
    return None


def _decompressed(raw: BufferedReader, compression: str | None) -> Any:
    if compression is None:
        return raw
    if compression == "gzip":
        import gzip

        return gzip.GzipFile(fileobj=raw)
    if compression != "zstd":
        raise ValueError(f"no such compression: {compression}")
    import pyarrow as pa

    return pa.CompressedInputStream(raw, "zstd")


def _damaged(path: str, compression: str | None, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"the {compression} file {what}", code="damaged_compression", where=Where(path), hint="fetch or write it again"
    )


def _undecodable(path: str, encoding: str, line: int, error: UnicodeError) -> UnreadableFile:
    if isinstance(error, UnicodeDecodeError):
        line += error.object[: error.start].decode(encoding, "ignore").count("\n")
    return UnreadableFile(
        f"is not {encoding}: {getattr(error, 'reason', error)}",
        code="invalid_bytes",
        where=Where(path, line=line),
        hint="name the file's encoding with --encoding",
    )
