"""What the cells of a text column are read as."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from celoss_cli.tables.source import Kind


class CellType(Enum):
    """What a column of text is made into."""

    FLOAT = "float64"
    INTEGER = "int64"
    BOOLEAN = "boolean"
    TEXT = "text"
    NAME = "text, each different one kept once"


_KINDS = {CellType.FLOAT: Kind.NUMBER, CellType.INTEGER: Kind.NUMBER, CellType.BOOLEAN: Kind.BOOLEAN}


def numeric(types: Mapping[int, CellType]) -> dict[int, Kind]:
    """Return the places of the columns that are read as numbers or truth values, and which of them they are."""
    return {place: _KINDS[cells] for place, cells in types.items() if cells in _KINDS}


class Unparsable(ValueError):
    """Records that are not all of them what they are read as."""
