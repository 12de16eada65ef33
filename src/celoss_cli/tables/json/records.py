"""What the columns of JSON records are: types from the first values, arrays of any later ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.arrow.build import build, holds_scores, infer
from celoss_cli.tables.arrow.types import column_of
from celoss_cli.tables.source import Column, Kind, Need
from celoss_cli.tables.text.cells import DIGITS_SAMPLE, is_number, printed_digits

_MIXED = "mixed"


class JsonColumn(NamedTuple):
    """A column of records: ``type`` holds its first values, ``None`` where nothing does.

    ``responses``: the cells are those of lm-evaluation-harness, ``[[-3.1, false], …]``: a log-likelihood for each
    answer, and whether it was the greedy one (as text in some versions).
    """

    column: Column
    type: pa.DataType | None
    responses: bool = False

    def parsed_as(self, need: Need) -> pa.DataType | None:
        """Return the type that pyarrow is to read the column as; ``None`` where it cannot."""
        if self.responses or self.type is None or _is_closed(self.type):
            return None
        return _widened(self.type) if need in (Need.NUMBER, Need.LIST) else _known(self.type)

    def array(self, values: Sequence[Any], need: Need | None = None) -> Any:
        """Return values as an Arrow array; as names or keys where they are not of the type. Raises Misfit."""
        if self.responses:
            return build([_log_likelihoods(value) for value in values], pa.list_(pa.float64()))
        if self.type is None:
            return build([None if value is None else "…" for value in values], pa.string())
        if need in (Need.NUMBER, Need.LIST):
            return build(values, _widened(self.type))
        if need is not None and not pa.types.is_nested(self.type) and infer(values) != self.type:
            return build(values, pa.string())
        return build(values, self.type)


def describe(records: Sequence[Mapping[str, Any]]) -> dict[str, JsonColumn]:
    """Return the columns of records by name, in the order in which the names first appear."""
    names = dict.fromkeys(name for record in records for name in record)
    return {name: column_from(name, [record.get(name) for record in records]) for name in names}


def decoded(text: bytes, where: Where) -> Any:
    """Return the JSON value that ``text`` is. Raises UnreadableFile for what is none, or has keys twice or no text."""
    try:
        return json.loads(text.decode(), object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        message, code, hint = (
            f"byte 0x{text[error.start]:02x} is not valid UTF-8", "invalid_bytes", "name the encoding with --encoding",
        )  # fmt: skip
    except UnicodeEncodeError as odd:
        message, code = f"the key {odd.object!r} holds half of a surrogate pair, which is no character", "invalid_key"
        hint = "correct the step that writes it: names are text"
    except _DoubledKey as doubled:
        message, code = f"the key {doubled.args[0]!r} stands twice in one object", "duplicate_key"
        hint = "a name has to mean one value"
    except (ValueError, RecursionError) as error:
        shown = " ".join(text[:60].decode("utf-8", "replace").split())
        if isinstance(error, (json.JSONDecodeError, RecursionError)):
            message = f"is not valid JSON ({getattr(error, 'msg', 'nested too deeply')}): {shown}"
            code, hint = "bad_json", "correct the record; if the file ends here, it was cut off"
        else:  # which is all that json leaves to Python's int
            message = f"holds a whole number of more than {sys.get_int_max_str_digits():,} digits: {shown}"
            code, hint = "bad_json", "write the number in quotes, as text, or leave it out"
    raise UnreadableFile(message, code=code, where=where, hint=hint)


class _DoubledKey(ValueError):
    """A key that stands twice in one object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DoubledKey(next(name for name in names if names.count(name) > 1))
    if not all(map(str.isascii, found)):
        for name in found:
            name.encode()  # which half of a surrogate pair cannot be
    return found


def column_from(name: str, values: Sequence[Any]) -> JsonColumn:
    """Return what a column is, judged by its first values."""
    present = [value for value in values if value is not None]
    if present and all(map(_are_responses, present)):
        return JsonColumn(Column(name, Kind.VECTOR, "list of log-likelihoods"), None, responses=True)
    kind = infer(values)
    if kind is None:
        return JsonColumn(Column(name, Kind.NESTED, _MIXED), None)
    column = column_of(pa.field(name, kind))
    if column.kind is Kind.OTHER:
        column = Column(name, Kind.OTHER, "empty")
    elif column.kind in (Kind.NUMBER, Kind.VECTOR):
        column = column._replace(digits=_digits(present))
    elif column.kind is Kind.TEXT and (numbers := [cell for cell in map(str, present) if is_number(cell, ".")]):
        column = column._replace(digits=printed_digits(numbers))
    return JsonColumn(column, kind)


def _digits(values: Iterable[Any]) -> int:
    """Return with how many digits numbers were printed, as far as their doubles tell."""
    printed: list[str] = []
    for value in values:
        printed += [repr(item) for item in (value if isinstance(value, list) else [value]) if item is not None]
        if len(printed) >= DIGITS_SAMPLE:
            break
    return printed_digits(printed)


def _are_responses(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_response, value))


def _is_response(pair: Any) -> bool:
    if not isinstance(pair, list) or len(pair) != 2 or not (isinstance(pair[1], bool) or pair[1] in ("True", "False")):
        return False
    return type(pair[0]) in (int, float) or (isinstance(pair[0], str) and is_number(pair[0], "."))


def _log_likelihoods(value: Any) -> Any:
    if not _are_responses(value):
        return value
    return [float(pair[0]) for pair in value]


def _widened(kind: pa.DataType) -> pa.DataType:
    """Return a type with room for fractions wherever whole numbers, or nothing, have been seen."""
    if pa.types.is_int64(kind) or pa.types.is_null(kind):
        return pa.float64()
    if pa.types.is_list(kind):
        return pa.list_(_widened(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _widened(field.type)) for field in kind])
    return kind


def _is_closed(kind: pa.DataType) -> bool:
    """Whether a type has an object of scores in it: pyarrow passes over keys that the first records lack."""
    if pa.types.is_list(kind):
        return _is_closed(kind.value_type)
    return pa.types.is_struct(kind) and (holds_scores(kind) or any(_is_closed(field.type) for field in kind))


def _known(kind: pa.DataType) -> pa.DataType:
    """Return a type for names: whole numbers stay what they are, for a double would not tell large ones apart."""
    if pa.types.is_list(kind):
        return pa.list_(_known(kind.value_type))
    if pa.types.is_struct(kind):
        return _widened(kind)
    return pa.string() if pa.types.is_null(kind) else kind
