"""Several models, folds or settings in one file: items repeat with one truth, and a column tells their rows apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from celoss_cli.layout.items.names import may_tell_apart, names_runs
from celoss_cli.tuples import NamedTuple

_MOST_VALUES = 200

_BY_CHANCE = 0.01

_BY_CHANCE_IF_NAMED = 0.3


class ItemRows(NamedTuple):
    """Some rows of a file: all rows of the items that stand in them. All sequences have their length.

    ``truth`` is ``None`` where the labels stand in a file of their own, with one row an item; ``scores`` are equal
    where all scores of two rows are.
    """

    ids: Sequence[str | None]
    truth: Sequence[str | None] | None
    scores: Sequence[Hashable]
    columns: Mapping[str, Sequence[str | None]]


class Stack(NamedTuple):
    """Columns that tell the rows of an item apart, with the ``values`` of the first item's rows."""

    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    items: int
    rows: int


def stack_of(rows: ItemRows) -> Stack | None:
    """Return what tells the rows of items apart, if these rows are of several models, folds or settings.

    They are if most items stand in several rows, all of one truth, more of them than would be by chance; if one column,
    or some together, have other values in every row of an item; and if these are named after runs, or every item has
    most of a few values and other scores with each. Items of differing truth are rows in their own right.
    """
    places: dict[str, list[int]] = {}
    for row, name in enumerate(rows.ids):
        if name is not None:
            places.setdefault(name, []).append(row)
    groups = [group for group in places.values() if len(group) > 1]
    if len(groups) < 2 or 2 * len(groups) < len(places):
        return None
    chance = chance_of_one_truth(rows.truth, groups)
    if chance is None:
        return None
    telling = _telling(rows.columns, groups)
    if not telling:
        return None
    crossed = len({len(group) for group in groups}) == 1
    named = any(names_runs(name) for name in telling)
    if named:
        fits = chance < _BY_CHANCE_IF_NAMED or crossed
    else:
        most = max(len(group) for group in groups)
        few = len(groups) > 2 and all(len(set(rows.columns[name])) <= 1.5 * most for name in telling)
        differing = sum(len({rows.scores[row] for row in group}) > 1 for group in groups)
        fits = chance < _BY_CHANCE and few and 2 * differing > len(groups)
    if not fits:
        return None
    first = groups[0]
    values = tuple(tuple(rows.columns[name][row] or "" for name in telling) for row in first)
    return Stack(telling, values, len(groups), max(len(group) for group in groups))


def apart_so_far(rows: ItemRows) -> bool:
    """Whether a column, or some together, have been different in all rows of each item, and the truth the same."""
    places: dict[str, list[int]] = {}
    for row, name in enumerate(rows.ids):
        if name is not None:
            places.setdefault(name, []).append(row)
    groups = [group for group in places.values() if len(group) > 1]
    if chance_of_one_truth(rows.truth, groups) is None:
        return False
    return any(_tells(rows.columns, (name,), groups) for name in rows.columns if may_tell_apart(name)) or _tells(
        rows.columns, [name for name in rows.columns if names_runs(name)], groups
    )


def chance_of_one_truth(truth: Sequence[str | None] | None, groups: Sequence[Sequence[int]]) -> float | None:
    """Return how likely one truth in all rows of each item would be by chance; ``None`` if some item has two."""
    if truth is None:
        return 0.0
    if any(len({truth[row] for row in group}) > 1 for group in groups):
        return None
    counts = Counter(truth)
    total = sum(counts.values())
    agree = sum((count / total) ** 2 for count in counts.values())
    return float(agree ** sum(len(group) - 1 for group in groups))


def _telling(columns: Mapping[str, Sequence[str | None]], groups: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """Return the column that differs between all rows of each item, those named after runs first; or several."""
    few = [name for name, cells in columns.items() if 1 < len(set(cells)) <= _MOST_VALUES or names_runs(name)]
    order = sorted(few, key=lambda name: (not names_runs(name), not may_tell_apart(name), len(set(columns[name]))))
    for name in order:
        if may_tell_apart(name) and _tells(columns, (name,), groups):
            return (name,)
    together = tuple(name for name in order if names_runs(name))
    if len(together) < 2 or not _tells(columns, together, groups):
        return ()
    for name in reversed(together):
        fewer = tuple(other for other in together if other != name)
        if len(fewer) > 1 and _tells(columns, fewer, groups):
            together = fewer
    return together


def _tells(columns: Mapping[str, Sequence[str | None]], names: Sequence[str], groups: Sequence[Sequence[int]]) -> bool:
    cells = [columns[name] for name in names]
    return all(len({tuple(column[row] for column in cells) for row in group}) == len(group) for group in groups)
