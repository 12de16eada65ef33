"""Is it long form: one row for each item and class, each class once an item, and the numbers of an item sum to 1?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from celoss_cli.errors import AmbiguousData, DataError, InvalidScores, UsageError, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout, find_layout
from celoss_cli.layout.cells import (
    MANY_VALUED,
    head_is_all,
    is_key,
    require,
    require_names,
    whole_numbers,
    without_fractions,
)
from celoss_cli.layout.names import ANY_TRUTH, SCORES, is_id, plain
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import listed, natural_key, option
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.tables.views.long_form import LongForm, LongFormTable

CLOSE = 0.02
"""How far the numbers of an item may sum from 1: they may have two digits."""

_FEWEST_ITEMS = 2

_MOST_REPEATING = 20  # columns that are looked at as those of the class: a table with more is wide, not long

_MOSTLY = 0.9  # of the items of a file that is long, and not in order

_WAY_OUT = "write one row for each item, with a column for each class"


class _Items(NamedTuple):
    """The first items of a table whose rows stand together: ``width`` rows each, with the ``classes`` in any order."""

    column: str
    width: int
    number: int
    classes: tuple[str, ...]


def layout_of_long_form(table: LongFormTable, labels: Table | None, request: Request) -> Layout:
    """Return who is who in a long file: which column holds the scores is known, and the truth if one column fits."""
    form = table.form
    said = request._replace(pred=(form.value_column,))
    made = [Decision("predictions", form.value_column, How.DETECTED, f"the scores of {form.class_column!r}", "--pred")]
    if form.truth is not None and not request.label:
        said = said._replace(label=(form.truth,))
        what = "is 1 in the row of one class" if form.indicator else "holds the same class in all rows of an item"
        made.append(Decision("label", form.truth, How.DETECTED, f"it {what}", "--label"))
    elif labels is not None and not request.label and (only := _only_other(labels, form)) is not None:
        said = said._replace(label=(only,))
        what = f"the only column of {labels.path} that the predictions do not have"
        made.append(Decision("label", only, How.DETECTED, what, "--label"))
    known = {one.what: one for one in made if not (request.pred and one.what == "predictions")}
    layout = find_layout(table, labels, said, None)
    return layout._replace(decisions=tuple(known.get(one.what, one) for one in layout.decisions))


def _only_other(labels: Table, form: LongForm) -> str | None:
    """Return the one column of the labels that says more than which item a row is about (hubverse: ``observation``)."""
    theirs = {column.name for column in labels.columns}
    others = theirs - {*form.kept, form.class_column, form.value_column}
    return next(iter(others)) if len(others) == 1 and set(form.keys) <= theirs else None


def from_long_form(predictions: Table, labels: Table | None, request: Request) -> LongFormTable | None:
    """Return the predictions with one row an item if the file has one for each item and class, else ``None``.

    Raises InvalidScores where the rows of an item do not stand together, or nothing holds the truth; AmbiguousData
    where several columns may hold the scores.
    """
    given = request.class_column, request.value_column
    if given == (None, None):
        if not predictions.named or len(request.pred) > 1 or len(predictions.columns) < 3:
            return None
    elif None in given:
        raise UsageError(
            "--class-column and --value-column go together",
            code="long_form_options",
            hint="one names the column of classes, the other that of their scores",
        )
    asked = {*request.label, *(name for name, _ in request.where)}
    # One in asked is the label of each row; or the rows of one class alone are wanted.
    columns = (column for column in _class_columns(predictions, request) if column.name not in asked)
    repeating = (items for column in columns if (items := _items(predictions, column)) is not None)
    for items in itertools.islice(repeating, _MOST_REPEATING):
        found = _form(predictions, labels, request, items)
        if found is not None:
            from celoss_cli.tables.views.long_form import LongFormTable

            return LongFormTable(predictions, found)
    if any(column.name == "output_type" for column in predictions.columns):
        from celoss_cli.layout.items.hubverse import refuse_other_outputs

        refuse_other_outputs(predictions)
    if request.class_column is not None:
        name = request.class_column
        raise _error(predictions, f"the rows of an item do not stand together, each class of {name!r} once")
    _refuse_out_of_order(predictions, request, asked)
    return None


def _class_columns(table: Table, request: Request) -> Iterator[Column]:
    """Yield the columns that may name the class of each row, with the first repeated value far enough down."""
    if request.class_column is not None:
        yield require_names(table, request.class_column, "--class-column")
        return
    for column in without_fractions(table, table.columns):
        if column.kind in MANY_VALUED or column.kind is Kind.OTHER:
            continue
        if column.kind is not Kind.NUMBER or whole_numbers(table, column):
            yield column


def _items(table: Table, column: Column) -> _Items | None:
    """Return the first items if the cells of a column are the same classes again and again, in any order."""
    texts = table.head().texts(column.name)
    first: set[str | None] = set()
    width = 0
    for text in texts:
        if text in first:
            break
        first.add(text)
        width += 1
    count = 0 if not width else len(texts) // width
    if width < 2 or None in first or count < _FEWEST_ITEMS:
        return None
    if len(texts) % width and head_is_all(table):
        return None
    if any(set(texts[i : i + width]) != first for i in range(width, count * width, width)):
        return None
    return _Items(column.name, width, count, tuple(sorted((text for text in first if text), key=natural_key)))


def _form(table: Table, labels: Table | None, request: Request, items: _Items) -> LongForm | None:
    from celoss_cli.tables.views.long_form import LongForm

    constant = tuple(c.name for c in table.columns if c.name != items.column and _is_constant(table, c, items))
    keys = _keys(table, constant, request, items)
    if not keys:
        return None
    value = _value(table, request, items)
    if value is None:
        return None
    truth: list[str] = []
    indicator = None
    if labels is None:
        truth = [name for name in constant if _says_truth(table, name, request, items)]
        if not truth:
            indicator = _indicator(table, request, items, {*constant, value.name})
            if indicator is None:
                raise _no_truth(table, items, value.name, keys)
    given = request.class_column is not None
    decision = Decision(
        "layout",
        f"long form: {items.column!r}, {value.name!r}",
        How.GIVEN if given else How.DETECTED,
        "--class-column, --value-column"
        if given
        else f"each {items.width} rows have every class of {items.column!r} once, and {value.name!r} sums to 1",
        f"{option('--class-column', items.column)} {option('--value-column', value.name)}",
    )
    return LongForm(
        class_column=items.column,
        value_column=value.name,
        classes=items.classes,
        keys=keys,
        kept=constant,
        truth=truth[0] if len(truth) == 1 else indicator,
        indicator=indicator,
        decision=decision,
    )


def _is_constant(table: Table, column: Column, items: _Items) -> bool:
    """Whether a column is the same in all rows of each of the first items."""
    if column.kind in MANY_VALUED:
        return False
    texts, width = table.head().texts(column.name), items.width
    return all(len(set(texts[i : i + width])) == 1 for i in range(0, items.number * width, width))


def _keys(table: Table, constant: Sequence[str], request: Request, items: _Items) -> tuple[str, ...]:
    """Return the columns that name the item: one that is an id and never the same twice, or all that say no more."""
    if request.id and all(name in constant for name in request.id):
        return request.id
    rows = range(0, items.number * items.width, items.width)
    cells = {name: [table.head().texts(name)[row] for row in rows] for name in constant}
    single = [name for name in constant if len(set(cells[name])) == items.number]
    for name in sorted(single, key=lambda name: not is_id(name)):
        return (name,)
    named = [name for name in constant if len(set(cells[name])) > 1]
    tuples = set(zip(*(cells[name] for name in named), strict=True))
    if len(tuples) == items.number:
        return tuple(named)
    # A column of ids that come back later: other models, or other folds, of the same items.
    ids = [name for name in named if is_id(name)]
    together = any(a != b for name in ids for a, b in zip(cells[name], cells[name][1:], strict=False))
    return tuple(ids) if ids and together else ()


def _value(table: Table, request: Request, items: _Items) -> Column | None:
    """Return the column whose numbers sum to 1 in each of the first items. Raises AmbiguousData for several."""
    if request.value_column is not None:
        return require(table, request.value_column, "--value-column")
    found = [
        column
        for column in table.columns
        if column.kind is Kind.NUMBER
        and column.name != items.column
        and (not request.pred or column.name in request.pred)
        and _sums_to_one(_numbers(table, column.name)[: items.number * items.width].reshape(items.number, items.width))
    ]
    if len(found) > 1:
        found = [column for column in found if plain(column.name) in SCORES] or found
    if len(found) > 1:
        raise AmbiguousData(
            f"the file is in long form ({items.column!r}), and several columns may hold the scores: "
            f"{listed(column.name for column in found)}",
            code="long_form",
            where=Where(table.path),
            hint=f"name it: {option('--class-column', items.column)} --value-column COLUMN",
        )
    return found[0] if found else None


def _numbers(table: Table, name: str) -> Floats:
    return np.asarray(table.head().numbers(name), dtype=np.float64)


def _sums_to_one(matrix: Floats) -> bool:
    """Whether every row is a distribution that is not one-hot everywhere: that would be the truth."""
    if not ((matrix >= 0.0) & (matrix <= 1.0 + CLOSE)).all() or ((matrix == 0.0) | (matrix == 1.0)).all():
        return False
    return bool((np.abs(matrix.sum(axis=1) - 1.0) <= CLOSE).all())


def _says_truth(table: Table, name: str, request: Request, items: _Items) -> bool:
    """Whether a column that is the same in all rows of an item can be its truth: it holds classes of the file."""
    if request.label:
        return name in request.label
    values = {text for text in table.head().texts(name) if text is not None}
    return bool(values) and values <= set(items.classes) and (not is_id(name) or plain(name) in ANY_TRUTH)


def _indicator(table: Table, request: Request, items: _Items, others: set[str]) -> str | None:
    """Return the column that is 1 in one row of each item and 0 in the others, if there is one."""
    found = []
    for column in table.columns:
        if column.name in others or column.name == items.column or column.kind not in (Kind.NUMBER, Kind.BOOLEAN):
            continue
        if request.label and column.name not in request.label:
            continue
        marks = _numbers(table, column.name)[: items.number * items.width].reshape(items.number, items.width)
        if ((marks == 0.0) | (marks == 1.0)).all() and (marks.sum(axis=1) == 1.0).all():
            found.append(column.name)
    named = [name for name in found if plain(name) in ANY_TRUTH]
    return (named or found)[0] if len(named or found) == 1 else None


def _no_truth(table: Table, items: _Items, value: str, keys: Sequence[str]) -> DataError:
    return AmbiguousData(
        f"the file is in long form, one row for each item and class ({items.column!r}, {value!r}), and no column "
        "holds the true class of each item",
        code="label_unknown",
        where=Where(table.path),
        hint=f"name it: --label COLUMN, or give the labels as a second file with {listed(keys)}",
    )


# Files that are long and not in order


def _refuse_out_of_order(table: Table, request: Request, asked: set[str]) -> None:
    """Refuse a file of which some columns say that it is long, though the rows of an item do not stand together."""
    for key in without_fractions(table, table.columns):
        if not is_key(table, key) or key.kind in MANY_VALUED:
            continue
        ids = table.head().texts(key.name)
        places: dict[str | None, list[int]] = {}
        for row, text in enumerate(ids):
            places.setdefault(text, []).append(row)
        groups = [rows for text, rows in places.items() if text is not None and len(rows) > 1]
        if len(groups) < _FEWEST_ITEMS or 2 * len(groups) < len(places):
            continue
        found = _out_of_order(table, request, key.name, groups, asked)
        if found is not None:
            column, value = found
            together = all(rows[-1] - rows[0] == len(rows) - 1 for rows in groups)
            odd = (
                "but not every class once"
                if together
                else f"and the rows of an item ({key.name!r}) do not stand together"
            )
            text = f"the file is in long form, one row for each item and class ({column!r}, {value!r}), {odd}"
            raise _error(table, text, key.name)


def _out_of_order(
    table: Table, request: Request, key: str, groups: Sequence[Sequence[int]], asked: set[str]
) -> tuple[str, str] | None:
    """Return the columns of classes and of scores, if the rows of most ids have each class once and sum to 1."""
    numbers = [c.name for c in table.columns if c.kind is Kind.NUMBER and c.name != key]
    values = [
        name for name in numbers if (not request.pred or name in request.pred) and _mostly_whole(table, name, groups)
    ]
    if not values:
        return None
    most = max(len(rows) for rows in groups)
    for column in _class_columns(table, request):
        if column.name in (key, *values) or column.name in asked:
            continue
        texts = table.head().texts(column.name)
        once = all(len({texts[row] for row in rows}) == len(rows) for rows in groups)
        if once and len({text for text in texts if text is not None}) <= 2 * most:
            return column.name, values[0]
    return None


def _mostly_whole(table: Table, name: str, groups: Sequence[Sequence[int]]) -> bool:
    values = _numbers(table, name)
    if not ((values >= 0.0) & (values <= 1.0 + CLOSE)).all() or ((values == 0.0) | (values == 1.0)).all():
        return False
    whole = sum(abs(float(values[list(rows)].sum()) - 1.0) <= CLOSE for rows in groups)
    return whole >= _MOSTLY * len(groups)


def _error(table: Table, text: str, key: str | None = None) -> InvalidScores:
    return InvalidScores(
        text,
        code="long_form",
        where=Where(table.path),
        hint=f"sort the rows by {'item' if key is None else repr(key)}, each class once an item; or {_WAY_OUT}",
    )
