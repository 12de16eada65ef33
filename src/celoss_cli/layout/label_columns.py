"""Labels with a number for every class: several columns or one of vectors, put in the order of the predictions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout.cells import columns_named
from celoss_cli.layout.names import ANY_TRUTH, WEIGHTS, is_id, plain, without_number
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import in_order, listed, number, without_affixes
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tuples import NamedTuple

_LONGEST_WORD = 40  # of those for the truth, with whatever parts them


class LabelColumns(NamedTuple):
    """The label columns in the order of the prediction columns, and the decision that says how they were found."""

    columns: tuple[Column, ...]
    decision: Decision


def given_label_columns(table: Table, patterns: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns that ``--label`` names, by name or by glob; names that do not exist are left out."""
    chosen: dict[str, Column] = {}
    for pattern in patterns:
        chosen.update({column.name: column for column in columns_named(table, pattern)})
    return tuple(chosen.values())


def likely_label_columns(table: Table, predictions: Table, taken: set[str]) -> tuple[Column, ...]:
    """Return the columns that look like labels for every class, without any flag; most files have none.

    In a label file of its own: number columns of the same names as prediction columns (ISIC, Kaggle), or an array
    (N, C). Beside the predictions: a family such as ``label_cat, label_dog`` whose prefix is a name for the truth. In
    both: one column of vectors with such a name.
    """
    columns = [c for c in table.columns if c.name not in taken and plain(c.name) not in WEIGHTS]
    vectors = [c for c in columns if c.kind is Kind.VECTOR and plain(c.name) in ANY_TRUTH]
    if table is not predictions and not table.named and len(columns) == 1 and columns[0].kind is Kind.VECTOR:
        vectors = columns
    if len(vectors) == 1:
        return (vectors[0],)
    numbers = [c for c in columns if c.kind in (Kind.NUMBER, Kind.BOOLEAN)]
    if table is not predictions:
        theirs = {c.name for c in predictions.columns}
        same = tuple(c for c in numbers if c.name in theirs and _may_be_shares(table, c))
        return same if len(same) > 1 else _named_alike(numbers, predictions, table)
    for prefix in _truth_prefixes(numbers):
        family = tuple(c for c in numbers if c.name.startswith(prefix))
        others = [c.name for c in numbers if not c.name.startswith(prefix)]
        cores = {c.name[len(prefix) :] for c in family}
        lengths = set(map(len, cores))
        if len(family) > 1 and cores <= {name[len(name) - n :] for name in others for n in lengths if n <= len(name)}:
            return family
    return ()


def _named_alike(numbers: Sequence[Column], predictions: Table, table: Table) -> tuple[Column, ...]:
    """Return the number columns of a label file if they are the classes of the predictions under other names:
    ``true_cat, true_dog`` for ``prob_cat, prob_dog``. They hold 0 and 1, or are called after the truth."""
    own = [c for c in numbers if not is_id(c.name)]
    scores = [c for c in predictions.columns if c.kind is Kind.NUMBER and not is_id(c.name)]
    cores = without_affixes([c.name for c in own])
    if len(own) < 2 or set(cores) != set(without_affixes([c.name for c in scores])):
        return ()
    hot = all(set(table.head().texts(c.name)) <= {"0", "1"} for c in own)
    return tuple(own) if hot or any(c.name.startswith(p) for p in _truth_prefixes(own) for c in own[:1]) else ()


def _may_be_shares(table: Table, column: Column) -> bool:
    """Whether a column can be a label for one class: a visit or a patient has a number that is none."""
    texts = table.head().texts(column.name)
    return all(value is None or -1.0 <= value <= 1.0 for value in map(number, {text or "" for text in texts}))


def _truth_prefixes(columns: Sequence[Column]) -> list[str]:
    """Return the beginnings of names, up to a separator, that are words for the truth: ``label_``, ``y_true.``."""
    found: dict[str, None] = {}
    for name in dict.fromkeys(without_number(column.name) for column in columns):
        for place, char in enumerate(name[:_LONGEST_WORD]):
            if not char.isalnum() and plain(name[:place]) in ANY_TRUTH:
                found[name[: place + 1]] = None
    return list(found)


def in_prediction_order(
    columns: Sequence[Column], scores: Sequence[Column], asked: Sequence[str], table: Table
) -> LabelColumns:
    """Return the label columns matched to the score columns: by the same name, by what is left without affixes, either
    in any letters, or by position. ``asked`` are the values of ``--label``: where names do not match, columns listed
    one by one have the order of the list, which is no guess. Raises AmbiguousData where their numbers differ, or names
    contradict a position that is not listed."""
    how, given = (How.GIVEN, f"--label {','.join(asked)}: ") if asked else (How.DETECTED, "")
    if columns[0].kind is Kind.VECTOR or scores[0].kind is Kind.VECTOR:
        what = f"{given}a vector of labels for a vector of scores, by position"
        return LabelColumns(tuple(columns), Decision("label", columns[0].name, how, what, "--label"))
    names, theirs = [c.name for c in columns], [c.name for c in scores]
    if len(names) != len(theirs):
        raise AmbiguousData(
            f"{len(names)} label columns ({listed(names)}) for {len(theirs)} prediction columns ({listed(theirs)})",
            code="label_columns_mismatch",
            where=Where(table.path),
            hint="name the label columns with --label and the prediction columns with --pred",
        )
    for left, right, why in (
        (names, theirs, "the same names as the prediction columns"),
        (list(without_affixes(names)), list(without_affixes(theirs)), "the names of the prediction columns"),
    ):
        for spelled in (str, str.casefold):
            place = {spelled(name): i for i, name in enumerate(left)}
            if len(place) == len(left) and set(place) == set(map(spelled, right)):
                ordered = tuple(columns[place[spelled(name)]] for name in right)
                return LabelColumns(ordered, Decision("label", _shown(ordered), how, given + why, "--label"))
    listed_so = bool(asked) and set(asked) == set(names)
    if not listed_so:
        _refuse_against_names(without_affixes(names), without_affixes(theirs), table)
    why = f"{given}one label column for each prediction column, by position"
    return LabelColumns(tuple(columns), Decision("label", _shown(columns), how, why, "--label", not listed_so))


def _refuse_against_names(mine: Sequence[str], theirs: Sequence[str], table: Table) -> None:
    """Raise AmbiguousData where position would give a label column to the scores of another name: ``b, c, x`` for
    ``a, b, c``. Two rows of rising numbers, ``0, 1, 2`` for ``1, 2, 3``, or of falling ones count the classes from
    different ones."""
    if any(_rise(left) and _rise(right) for left, right in ((mine, theirs), (mine[::-1], theirs[::-1]))):
        return
    of_theirs = {name.casefold(): i for i, name in enumerate(theirs)}
    for i, name in enumerate(mine):
        if of_theirs.get(name.casefold(), i) != i:
            raise AmbiguousData(
                f"label column {name!r} would stand for the scores of {theirs[i]!r}: the label columns are for "
                f"{in_order(mine)}, the prediction columns for {in_order(theirs)}",
                code="label_columns_mismatch",
                where=Where(table.path),
                hint="list the label columns one by one with --label, in the order of the prediction columns, or call "
                "both alike",
            )


def _rise(names: Sequence[str]) -> bool:
    values = [number(name) for name in names]
    known = [value for value in values if value is not None]
    return len(known) == len(values) and all(a < b for a, b in itertools.pairwise(known))


def _shown(columns: Sequence[Column]) -> str:
    names = [column.name for column in columns]
    return ", ".join(names) if len(names) <= 6 else f"{names[0]}, {names[1]}, …, {names[-1]} ({len(names)})"
