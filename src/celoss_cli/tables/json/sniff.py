"""Which JSON a text file is, if it is any: told by how it begins."""

from __future__ import annotations

import json
from contextlib import closing
from enum import Enum

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.json.orientation import is_table
from celoss_cli.tables.source import Table
from celoss_cli.tables.text.text_stream import SUFFIX, detect_encoding, utf8_chunks

_SAMPLE = 16 << 20  # the first record of JSON Lines is shorter

_WHITESPACE = b" \t\r\n"

_VALUE_STARTS = b'[{"-0123456789tfnNI]'


class JsonForm(Enum):
    """A record a line; one array of records; one object that holds a table."""

    LINES = "lines"
    ARRAY = "array"
    OBJECT = "object"


def open_json(path: str, options: ReadOptions, *, compression: str | None, first: bytes) -> Table | None:
    """Open a text file as JSON; ``None`` if its content is not JSON and ``--file-format`` does not say so.

    ``first`` are the first bytes of its text. Raises UnreadableFile.
    """
    given = options.file_format is not None
    encoding = detect_encoding(first, options.encoding)
    sample, whole = _sample(path, compression, encoding)
    form = _form(sample, whole, options)
    if form is None:
        if given:
            raise _not_json(path, sample)
        return None
    if form is JsonForm.OBJECT:
        from celoss_cli.tables.json.document import open_document

        with closing(utf8_chunks(path, compression, encoding)) as chunks:
            return open_document(path, f"json{SUFFIX[compression]}", chunks, options)
    from celoss_cli.tables.json.batches import are_batches
    from celoss_cli.tables.json.lines import open_json_lines

    table = open_json_lines(path, options, compression=compression, encoding=encoding, array=form is JsonForm.ARRAY)
    if not options.lists and table.sequences_of is None and are_batches(table.first_records()):
        from celoss_cli.tables.json.document import open_batches

        return open_batches(table)
    return table


def _sample(path: str, compression: str | None, encoding: str) -> tuple[bytes, bool]:
    """Return the text up to the end of the first line that holds something and a byte of what follows it, and whether
    the file ends there.
    """
    sample = bytearray()
    with closing(utf8_chunks(path, compression, encoding)) as chunks:
        for chunk, _ in chunks:
            sample += chunk
            start = len(sample) - len(sample.lstrip(_WHITESPACE))
            line = sample.find(b"\n", start)
            if (line >= 0 and sample[line:].strip(_WHITESPACE)) or len(sample) > _SAMPLE:
                return bytes(sample[start:]), False
    return bytes(sample).strip(_WHITESPACE), True


def _form(sample: bytes, whole: bool, options: ReadOptions) -> JsonForm | None:
    """Return which JSON a sample begins. ``whole``: it is all there is."""
    given = options.file_format
    if given == "jsonl":
        return JsonForm.LINES
    start = sample[:1]
    if start not in (b"{", b"[") or not _begins_value(sample):
        return None
    line, _, rest = sample.partition(b"\n")
    value = _value(line)
    if value is not None and rest.strip(_WHITESPACE) and given is None:
        return JsonForm.LINES
    if start == b"[":
        records = sample[1:].lstrip(_WHITESPACE)[:1] == b"{"  # what else begins so
        return JsonForm.ARRAY if given or records or value is not None or _goes_on(line) else None
    if given is None and whole and isinstance(value, dict) and _is_record(value, options):
        return JsonForm.LINES  # a single record
    if given is None and value is None and (not _goes_on(line) or (whole and not rest)):
        return JsonForm.LINES  # whose first line is bad
    return JsonForm.OBJECT


def _is_record(value: dict[str, object], options: ReadOptions) -> bool:
    """Whether an object on a single line is one record: no table, or one of lists that are a sequence's."""
    if not is_table(value):
        return True
    from celoss_cli.tables.json.rewriting import is_one_record

    return is_one_record(value, options)


def _begins_value(sample: bytes) -> bool:
    """Whether what follows the first bracket can be JSON."""
    following = sample[1:].lstrip(_WHITESPACE)[:1]
    return following in ((b'"', b"}", b"") if sample[:1] == b"{" else tuple(bytes([c]) for c in _VALUE_STARTS))


def _value(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _goes_on(line: bytes) -> bool:
    """Whether a line that is no JSON is the beginning of some."""
    text = line.decode("utf-8", "replace").rstrip()
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text) - 1 or error.msg.startswith("Unterminated string")
    except RecursionError:
        return False
    except ValueError:  # a whole number of thousands of digits, which Python does not read
        return True
    return True


def _not_json(path: str, sample: bytes) -> UnreadableFile:
    shown = " ".join(sample[:40].decode("utf-8", "replace").split())
    return UnreadableFile(
        f"is not JSON: it begins with {shown!r}" if shown else "is empty",
        code="bad_json" if shown else "empty_file",
        where=Where(path),
        hint="leave --file-format out, and the form is told by the content"
        if shown
        else "check the step that writes it",
    )
