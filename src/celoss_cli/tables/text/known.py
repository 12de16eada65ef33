"""Which reader a text needs: told by its first line, and columns between delimiters if by nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing

from celoss_cli.request import ReadOptions
from celoss_cli.tables.source import Table

TextReader = Callable[[str, ReadOptions, str | None, bytes], Table | None]
"""Opens text, given its path, the options, its compression and its first bytes decompressed."""

BLANK = b"\xef\xbb\xbf \t\r\n"
"""What may stand before the first line of a text."""

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}

_SCORE_LINE = re.compile(
    rb"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"
    rb"(?::[-+0-9.eE]+[^:]*[\r\n]|:[-+0-9.eE]+,|[ \t]*[\r\n]|[ \t]+[^\s,;|]+[ \t]*[\r\n])"
)  # 0.7, 0.7 tag, 1:0.7, 1:0.7,2:0.3


def _may_be_json(text: bytes) -> bool:
    """Whether text can be JSON, in any encoding: the first byte that says anything is a bracket, or none does."""
    return text.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] in (b"{", b"[", b"")


def _may_be_arff(text: bytes) -> bool:
    return text.lstrip(BLANK)[:1] in (b"@", b"%")


def _may_be_weka(text: bytes) -> bool:
    return text.lstrip(BLANK).startswith((b"=== ", b"inst#"))


def _json(path: str, options: ReadOptions, compression: str | None, first: bytes) -> Table | None:
    from celoss_cli.tables.json.sniff import open_json

    return open_json(path, options, compression=compression, first=first)


def _arff(path: str, options: ReadOptions, compression: str | None, first: bytes) -> Table | None:
    from celoss_cli.tables.text.arff import open_arff

    return open_arff(path, options, compression, first)


def _may_be_token_lines(text: bytes) -> bool:
    return text[1:2] == b"-" or b"=" in text or text.startswith(b"[1]")


def _token_lines(path: str, options: ReadOptions, compression: str | None, first: bytes) -> Table | None:
    from celoss_cli.tables.text.token_lines import open_token_lines

    return open_token_lines(path, options, compression, first)


def _weka(path: str, options: ReadOptions, compression: str | None, first: bytes) -> Table | None:
    from celoss_cli.tables.text.weka import open_weka

    return open_weka(path, options, compression, first)


def _may_be_vw_groups(text: bytes) -> bool:
    """Whether the first line is a number alone or before a tag, or begins with the cost of a class."""
    return _SCORE_LINE.match(text) is not None


def _vw_groups(path: str, options: ReadOptions, compression: str | None, first: bytes) -> Table | None:
    from celoss_cli.tables.text.vw_groups import open_vw_groups

    return open_vw_groups(path, options, compression, first)


# The forms of text that are not delimited columns: whether the first bytes may be one, and who reads it or, without a
# ``--file-format``, says with None that it is none after all. All other text is delimited.
_OTHER: dict[tuple[str, ...], tuple[Callable[[bytes], bool], TextReader]] = {
    ("jsonl", "json"): (_may_be_json, _json),
    ("arff",): (_may_be_arff, _arff),
    ("weka",): (_may_be_weka, _weka),
    ("vw",): (_may_be_vw_groups, _vw_groups),
    ("fairseq", "kenlm", "srilm", "marian"): (_may_be_token_lines, _token_lines),
}

TEXT_FORMATS = ("csv", *(name for names in _OTHER for name in names))
"""What ``--file-format`` calls the forms of text."""


def open_text(path: str, start: bytes, options: ReadOptions) -> Table:
    """Open a text file, compressed or not, that begins with ``start``. Raises UnreadableFile."""
    compression = next((name for magic, name in _COMPRESSED.items() if start.startswith(magic)), None)
    if options.file_format != "csv":
        text = _first_text(path, compression, start)
        for names, (may_be, read) in _OTHER.items():
            if options.file_format in names or (options.file_format is None and may_be(text)):
                table = read(path, options, compression, text)
                if table is not None:
                    return table
    from celoss_cli.tables.text.csv import open_csv

    return open_csv(path, options, compression=compression)


def _first_text(path: str, compression: str | None, start: bytes) -> bytes:
    if compression is None:
        return start
    from celoss_cli.tables.text.text_stream import raw_chunks

    with closing(raw_chunks(path, compression)) as chunks:
        return next(chunks, (b"", 0))[0]
