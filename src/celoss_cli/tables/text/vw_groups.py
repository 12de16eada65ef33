"""What Vowpal Wabbit writes of ``--csoaa_ldf``: a line for each class of an example, a blank line behind the last.

And lines of a score each of which only some have a tag.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import closing
from typing import Any, NamedTuple

import pyarrow as pa

from celoss_cli.errors import InvalidScores, UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.memory import MemoryTable, memory_table, with_digits
from celoss_cli.tables.text.text_stream import detect_encoding, utf8_chunks, whole_text

_LINE = re.compile(r"([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)(?:[ \t]+([^\s].*?))?[ \t]*")

_GAP = re.compile(rb"[^\s][ \t]*\r?\n[ \t]*\r?\n\s*[^\s]")
"""A blank line between two that hold something."""

_TAGGED = re.compile(rb"(?m)^[-+0-9.eE]+[ \t]+[^\s]")

_BARE = re.compile(rb"(?m)^[-+0-9.eE]+[ \t]*\r?$")

_COST = re.compile(rb"\s*[0-9]+:[-+.0-9eE]+(?:,[0-9]+:[-+.0-9eE]+)*(?:[ \t]+[^\s:]+)?[ \t]*\r?\n")

_SAMPLE = 256 << 10

_SUMS_TO = 1e-3

_HINT = "write the probabilities of every class: vw --csoaa_ldf mc --probabilities -p FILE"


class _Group(NamedTuple):
    """The lines of one example: where they begin, and the score and tag of each."""

    line: int
    scores: list[float]
    tags: list[str]


def open_vw_groups(path: str, options: ReadOptions, compression: str | None, first: bytes) -> MemoryTable | None:
    """Open groups of lines, ``0.7 tag``: a vector of scores for each, in the order of its lines, and the tag if any.

    Returns ``None`` for numbers that blank lines do not part. Raises UnreadableFile for groups of different sizes, and
    for the costs of ``-r`` and ``--csoaa_rank``; InvalidScores for predicted classes.
    """
    encoding = detect_encoding(first, options.encoding)
    with closing(utf8_chunks(path, compression, encoding)) as chunks:
        sample = next(chunks, (b"", 0))[0][:_SAMPLE]
    if _COST.match(sample):
        raise UnreadableFile(
            "holds the costs of Vowpal Wabbit (-r, --csoaa_rank), where less is better: they are neither probabilities "
            "nor logits",
            code="costs",
            where=Where(path),
            hint=_HINT,
        )
    given = options.file_format is not None
    some_tags = bool(_TAGGED.search(sample) and _BARE.search(sample))
    if not given and not some_tags and not _GAP.search(sample):
        return None
    groups = _groups(whole_text(path, compression, encoding), path, given=given)
    if groups is not None and some_tags and len(groups) == 1 and not given:
        return _of_lines(path, groups[0])
    if groups is None or not (given or _are_examples(groups)):
        return None
    width = len(groups[0].scores)
    for row, group in enumerate(groups):
        if len(group.scores) != width:
            raise _bad(f"has {len(group.scores)} scores, not {width} as the first example", path, row, group.line)
    values = [value for group in groups for value in group.scores]
    if all(value.is_integer() for value in values) and max(values) > 1.0:
        raise InvalidScores(
            "holds the predicted class of each example, and 0 for the others: no cross-entropy can be computed from it",
            code="no_loss_possible",
            where=Where(path),
            hint=_HINT,
        )
    columns: dict[str, Any] = {"scores": pa.array([group.scores for group in groups], pa.list_(pa.float64()))}
    if all(len(set(group.tags)) == 1 and group.tags[0] for group in groups):
        columns["tag"] = pa.array([group.tags[0] for group in groups], pa.string())
    return with_digits(memory_table(path, "vw", pa.table(columns), named=False))


def _of_lines(path: str, lines: _Group) -> MemoryTable:
    """Return a table of a score a line, and its tag where it has one."""
    tags = pa.array([tag or None for tag in lines.tags], pa.string())
    return with_digits(memory_table(path, "vw", pa.table({"score": lines.scores, "tag": tags}), named=False))


def _groups(text: str, path: str, *, given: bool) -> list[_Group] | None:
    """Return the groups of lines of a text; ``None`` where a line is no score and nobody said that it is one."""
    groups: list[_Group] = []
    apart = True
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            apart = True
            continue
        found = _LINE.fullmatch(line.strip())
        score = None if found is None else _number(found[1])
        if found is None or score is None:
            if not given:
                return None
            row = len(groups) - (not apart)
            raise _bad(f"is no score, with or without a tag: {line.strip()[:60]}", path, row, number)
        if apart:
            groups.append(_Group(number, [], []))
            apart = False
        groups[-1].scores.append(score)
        groups[-1].tags.append(found[2] or "")
    return groups


def _are_examples(groups: Sequence[_Group]) -> bool:
    """Whether groups are the classes of an example each, and no other rows with blank lines between them.

    Then all lines of one have the same tag, which the next one does not; without tags they sum to 1.
    """
    if len(groups) < 2 or any(len(group.scores) < 2 or len(set(group.tags)) > 1 for group in groups):
        return False
    if all(group.tags[0] for group in groups):
        return True
    return all(abs(math.fsum(group.scores) - 1.0) <= _SUMS_TO for group in groups)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _bad(what: str, path: str, row: int, line: int) -> UnreadableFile:
    return UnreadableFile(
        what,
        code="bad_groups",
        where=Where(path, row, line),
        hint="each example needs a line for every class, and a blank line behind the last",
    )
