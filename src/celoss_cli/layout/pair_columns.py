"""Which columns pair the rows of two files, and whether rows that pair by position stand in one order."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.errors import AmbiguousData, MisalignedData, Where
from celoss_cli.layout.cells import MANY_VALUED, is_empty, is_key, require, require_names, without_fractions
from celoss_cli.layout.names import is_id
from celoss_cli.request import Request, Unmatched
from celoss_cli.results.document import Notice
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import list_option, listed, same
from celoss_cli.tables.source import Column, Table


def pairing(
    predictions: Table, labels: Table, request: Request, decisions: list[Decision], notices: list[Notice]
) -> tuple[str, ...]:
    """Return the columns whose values pair the rows of the two files; none if they pair by position."""
    if request.id:
        for name in request.id:
            require_names(predictions, name, "--id")
            require_names(labels, name, "--id")
        decisions.append(Decision("pairing", _by_id(request.id), How.GIVEN, "--id"))
        notices += _differing_types(predictions, labels, request.id)
        return request.id
    theirs = {column.name for column in labels.columns}
    shared = [column.name for column in predictions.columns if column.name in theirs and is_id(column.name)]
    if predictions.named and labels.named and len(shared) > 1:
        from celoss_cli.layout.key_columns import key_of_both

        key = key_of_both(predictions, labels)
        raise AmbiguousData(
            f"{predictions.path} and {labels.path} share several id-like columns: {listed(shared)}",
            code="pairing_ambiguous",
            hint="name the one that pairs the rows, or all that do so together: "
            + (list_option("--id", key) if key else "--id COLUMN"),
        )
    if predictions.named and labels.named and shared:
        evidence = f"both files have the id-like column {shared[0]!r}"
        decisions.append(Decision("pairing", _by_id(shared), How.DETECTED, evidence, "--id"))
        notices += _differing_types(predictions, labels, shared)
        return (shared[0],)
    decisions.append(Decision("pairing", "by row position", How.DETECTED, "no id-like column in both files", "--id"))
    if request.unmatched is Unmatched.DROP:
        text = "--unmatched drop changed nothing: the rows of the two files pair by position, not by id"
        notices.append(Notice("unmatched_no_effect", text))
    return ()


def _by_id(names: Sequence[str]) -> str:
    return f"by id {', '.join(repr(name) for name in names)}"


def _differing_types(predictions: Table, labels: Table, names: Sequence[str]) -> list[Notice]:
    """Return a notice for each id column that is of one type here and of another there: 7 and '7' are taken as one.

    Text files have no types: digits in one say nothing beside a text.
    """
    notices = []
    for name in names:
        mine, theirs = require(predictions, name, "--id"), require(labels, name, "--id")
        kinds = {mine.kind, theirs.kind}
        texts = ("csv", "json") if name == "index" else ("csv",)  # keys of a JSON object are texts, whatever they name
        typeless = any(table.format.startswith(texts) for table in (predictions, labels))
        if len(kinds) == 1 or is_empty(mine) or is_empty(theirs) or typeless:
            continue
        text = (
            f"the ids in column {name!r} are {mine.dtype} in {predictions.path} and {theirs.dtype} in {labels.path}: "
            "they were compared as they are written, so 7 is '7' and not '007'"
        )
        notices.append(Notice("id_types_differ", text))
    return notices


def check_positions(predictions: Table, labels: Table, scores: Sequence[Column], label: str) -> None:
    """Refuse to pair by position where a column of both files says that the rows stand in another order."""
    if not (predictions.named and labels.named):
        return
    others = {column.name for column in labels.columns} - {label, *(column.name for column in scores)}
    for column in predictions.columns:
        if column.name not in others or column.kind in MANY_VALUED:
            continue
        mine, theirs = predictions.head().texts(column.name), labels.head().texts(column.name)
        rows = min(len(mine), len(theirs))
        row = next((i for i in range(rows) if not same(mine[i] or "", theirs[i] or "")), None)
        if row is not None:
            from celoss_cli.layout.key_columns import key_of_both

            key = key_of_both(predictions, labels, (column.name,)) or (column.name,)
            what = "it is the key of the rows" if len(key) == 1 else "these are the key of the rows together"
            raise MisalignedData(
                f"column {column.name!r} has {mine[row]!r} here and {theirs[row]!r} in the same row of {labels.path}",
                code="rows_differ",
                where=Where(predictions.path, row, predictions.line_of(row), column.name),
                hint=f"if {what}: {list_option('--id', key)}; if it means nothing, rename it in one file",
            )


def check_labels(predictions: Table, labels: Table, scores: Sequence[Column], label: str) -> None:
    """Refuse a label file in another order than that of labels which stand beside the scores."""
    if not predictions.named or len(predictions.columns) <= len(scores):
        return  # nothing is left that could be labels
    from celoss_cli.layout.labels_beside import check_labels_beside

    check_labels_beside(predictions, labels, label, scores)


def check_order_of_ids(
    predictions: Table,
    labels: Table,
    scores: Sequence[Column],
    label_columns: set[str],
    pair_ids: Sequence[str],
    decisions: list[Decision],
) -> None:
    """Refuse rows whose ids stand in another order than they pair in; say it where that is in doubt, or vouched for.

    By position that is so of ids under two names, by an index without a name of the index itself.
    """
    if len(predictions.columns) <= len(scores) and len(labels.columns) <= len(label_columns):
        return  # nothing is left that could be an id
    place = next(i for i, decision in enumerate(decisions) if decision.what == "pairing")
    if decisions[place].how is How.GIVEN:
        return
    from celoss_cli.layout.other_order import check_index, check_order

    if pair_ids:
        found = check_index(predictions, labels, pair_ids[0], scores, label_columns)
    else:
        found = check_order(predictions, labels, scores, label_columns)
    if found is not None:
        decisions[place] = decisions[place]._replace(evidence=found.evidence, guess=found.doubt)


def shown_ids(table: Table, request: Request) -> tuple[str, ...]:
    if request.id:
        return tuple(require_names(table, name, "--id").name for name in request.id)
    may_be = without_fractions(table, table.columns)
    ids = (column.name for column in may_be if is_key(table, column) and column.kind not in MANY_VALUED)
    first = next(ids, None)
    return () if first is None else (first,)
