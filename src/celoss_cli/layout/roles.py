"""Who is who: the scores, the label, the id that pairs two files, the weights."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from celoss_cli.errors import AmbiguousData, DataError, InvalidLabels, InvalidWeights, MisalignedData, Where
from celoss_cli.layout.cells import (
    MANY_VALUED,
    could_be_numbers,
    has,
    ignored,
    is_empty,
    is_key,
    is_whole,
    require,
    require_names,
    shown,
)
from celoss_cli.layout.known import known_label, known_scores
from celoss_cli.layout.label_columns import given_label_columns, in_prediction_order, likely_label_columns
from celoss_cli.layout.names import is_id
from celoss_cli.layout.recognise import recognise
from celoss_cli.layout.truth import which_is_true
from celoss_cli.layout.weight_columns import unused_weights
from celoss_cli.request import InputKind, Request, Unmatched
from celoss_cli.results.document import Notice
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import listed, number, same
from celoss_cli.tables.source import Column, Kind, Table

if TYPE_CHECKING:
    from celoss_cli.layout.slice_columns import SliceBy


class Layout(NamedTuple):
    """Who is who. ``scores`` are the prediction columns in file order, or one vector column.

    ``label`` is in the label file if there is one, else beside the scores. ``pair_ids`` pair the two files, ``ids`` are
    shown beside rows. ``weight`` is in the prediction file, or in the label file if ``weight_beside_label``; so are
    the columns of ``--where``, each by ``where_beside_label``.
    ``targets`` are the label columns where labels have a number for every class, in the order of the classes (or one
    vector column); it is empty where ``label`` is all there is. ``slices`` are the columns of ``--slice``.

    ``classes`` are the classes that the columns of a known tool speak of, in their order: one for each of several
    columns, (positive,) or (negative, positive) for a single one, () where only the columns' names say so. ``input``
    is what such a tool writes in them, ``tool`` its name. ``watched`` are columns whose ids are looked at in every row.
    """

    scores: tuple[Column, ...]
    label: str
    pair_ids: tuple[str, ...]
    ids: tuple[str, ...]
    weight: str | None
    weight_beside_label: bool
    where_beside_label: tuple[bool, ...]
    targets: tuple[Column, ...]
    decisions: tuple[Decision, ...]
    notices: tuple[Notice, ...] = ()
    slices: tuple[SliceBy, ...] = ()
    classes: tuple[str, ...] = ()
    input: InputKind | None = None
    tool: str | None = None
    watched: tuple[str, ...] = ()

    @property
    def vector(self) -> bool:
        """Whether the scores are one column of vectors."""
        return self.scores[0].kind is Kind.VECTOR


def find_layout(predictions: Table, labels: Table | None, request: Request) -> Layout:
    """Return who is who in one table, or in two. Raises AmbiguousData or InvalidScores naming the flag to pass."""
    for table in (predictions, *([labels] if labels is not None else [])):
        _check_names(table)
    if labels is not None:
        _check_sides(predictions, labels)
    decisions: list[Decision] = []
    notices: list[Notice] = []
    weight, weight_beside_label = _weight(predictions, labels, request, decisions)
    pair_ids = () if labels is None else _pairing(predictions, labels, request, decisions, notices)
    taken = {*pair_ids, *([] if weight is None else [weight])}
    table = predictions if labels is None else labels
    known = recognise(predictions, request)
    if known is not None:
        decisions.append(known.decision())
        taken |= known.idle
    found = _target_columns(predictions, labels, request, taken)
    if not found and known is not None and labels is None and not request.label:
        found = known.hot
    label = found[0].name if found else known_label(predictions, labels, request, taken, decisions, known)
    shown_ids = pair_ids or _shown_ids(predictions, request)
    taken |= set(shown_ids)
    if labels is None:
        taken |= {label, *(column.name for column in found)}
    slices = _slices(predictions, labels, request, decisions)
    sliced = {by.column for by in slices if not by.beside_label}
    hot = {column.name for column in found if labels is not None and has(predictions, column.name)}
    names = hot if found else {text for text in _first_labels(table, label, request) if not ignored(text, request)}
    scores = known_scores(predictions, request, taken | sliced, decisions, names, known, beside=labels is None)
    family = None if known is None else known.family_of(scores)
    targets: tuple[Column, ...] = ()
    if found:
        ordered = in_prediction_order(found, scores, request.label, table)
        targets = ordered.columns
        decisions.append(ordered.decision)
    if labels is not None and not (found and request.label):
        _check_not_a_shard(scores, labels, label, request)
    if labels is not None and not pair_ids and not targets:
        _check_positions(predictions, labels, scores, label)
    if labels is not None and not pair_ids:
        _check_order(
            predictions,
            labels,
            {column.name for column in scores},
            {label, *(column.name for column in targets)},
            decisions,
        )
    _check_roles(request, scores, targets)
    if labels is None and not (targets or request.label):
        label, more = _true_label(table, label, taken - {label}, scores, decisions)
        notices += more
    beside_label = tuple(_in_label_file(name, predictions, labels) for name, _ in request.where)
    if request.sample_weight is None:
        notices += unused_weights(predictions, {label, *shown_ids, *(column.name for column in scores)})
        if labels is not None:
            notices += unused_weights(labels, {label, *pair_ids, *(column.name for column in targets)})
    return Layout(
        scores=scores,
        label=label,
        pair_ids=pair_ids,
        ids=tuple(name for name in shown_ids if name not in {column.name for column in scores}),
        weight=weight,
        weight_beside_label=weight_beside_label,
        where_beside_label=beside_label,
        targets=targets,
        decisions=tuple(decisions),
        notices=tuple(notices),
        slices=slices,
        classes=() if family is None else family.classes_of(scores),
        input=None if family is None else family.of.kind,
        tool=None if known is None else known.tool.name,
    )


def _slices(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[SliceBy, ...]:
    if not request.slice and request.cluster is None:
        return ()
    from celoss_cli.layout.slice_columns import find_slices

    return find_slices(predictions, labels, request, decisions)


def _target_columns(predictions: Table, labels: Table | None, request: Request, taken: set[str]) -> tuple[Column, ...]:
    """Return the label columns if labels have a number for every class: several columns, or one of vectors."""
    table = predictions if labels is None else labels
    if not request.label:
        likely = likely_label_columns(table, predictions, taken)
        return tuple(column for column in likely if column.name not in request.pred or labels is not None)
    chosen = given_label_columns(table, request.label)
    for name in request.label if len(request.label) > 1 else ():
        if not given_label_columns(table, (name,)):
            require_names(table, name, "--label")
    return chosen if len(chosen) > 1 or (chosen and chosen[0].kind is Kind.VECTOR) else ()


def _check_names(table: Table) -> None:
    seen: dict[str, int] = {}
    for position, column in enumerate(table.columns):
        if column.name in seen:
            raise DataError(
                f"two columns are called {column.name!r}: number {seen[column.name] + 1} and {position + 1}",
                code="duplicate_column",
                where=Where(table.path),
                hint="rename one of them; a name has to mean one column",
            )
        seen[column.name] = position


def _check_sides(predictions: Table, labels: Table) -> None:
    if os.path.realpath(predictions.path) == os.path.realpath(labels.path):
        raise AmbiguousData(
            "is given twice, as PREDICTIONS and as LABELS",
            code="labels_are_predictions",
            where=Where(labels.path),
            hint="name it once if the labels are a column of it: --label COLUMN",
        )


def _check_not_a_shard(scores: Sequence[Column], labels: Table, label: str, request: Request) -> None:
    """Refuse a label file that holds the prediction columns too: most likely the shell expanded a glob of shards.

    Columns of 0 and 1 can be one-hot labels, and a single column of whole numbers the label itself. Rows that are left
    out by ``--where`` or ``--ignore-index`` may hold anything.
    """
    same = [column for column in labels.columns if column.name in {score.name for score in scores}]
    if not labels.named or len(same) < len(scores):
        return
    vector = same[0].kind is Kind.VECTOR
    if not vector:
        every = set().union(*(_first_labels(labels, column.name, request) for column in same))
        values = {value for value in every if not ignored(value, request)}
        if values <= {"0", "1"}:
            return
        if values <= {"0", "1", "-1"}:
            raise _minus_one(labels, same)
        if [column.name for column in same] == [label] and all(number(v) is None or is_whole(v) for v in values):
            return
    raise AmbiguousData(
        f"holds the prediction columns too: {shown(same)}",
        code="labels_are_predictions",
        where=Where(labels.path),
        hint="if these are shards of one table, quote the glob ('part-*.csv'); if they are soft labels, pass --label",
    )


def _minus_one(labels: Table, columns: Sequence[Column]) -> InvalidLabels:
    """Return the error that a label of 0 and 1 is -1, as where a competition leaves rows out of its score."""
    rows = [(labels.head().texts(column.name).index("-1"), column.name) for column in columns
            if "-1" in labels.head().texts(column.name)]  # fmt: skip
    row, name = min(rows, key=lambda found: found[0])
    return InvalidLabels(
        "-1 is neither 0 nor 1: such rows may be meant to be left out",
        code="label_outside",
        where=Where(labels.path, row, labels.line_of(row), name),
        hint="--ignore-index -1 leaves them out, counted; or choose the rows that count with --where",
    )


def _check_roles(request: Request, scores: Sequence[Column], targets: Sequence[Column]) -> None:
    """Refuse a column that was named for two roles."""
    chosen = {column.name for column in scores} if request.pred else set()
    labels = ([column.name for column in targets] or request.label) if request.label and request.labels is None else ()
    flags = [*(("--label", name) for name in labels), ("--sample-weight", request.sample_weight)]
    flags += [("--id", name) for name in request.id]
    given = [(flag, name) for flag, name in flags if name is not None]
    for i, (flag, name) in enumerate(given):
        other = next((earlier for earlier, taken in given[:i] if taken == name), "--pred" if name in chosen else None)
        if other is not None:
            raise AmbiguousData(
                f"column {name!r} is given as {other} and as {flag}",
                code="column_in_two_roles",
                hint="a column has one role: name another",
            )


# Weights and ids


def _weight(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[str | None, bool]:
    name = request.sample_weight
    if name is None:
        return None, False
    beside_label = labels is not None and not has(predictions, name) and has(labels, name)
    table = labels if beside_label and labels is not None else predictions
    column = require(table, name, "--sample-weight")
    if column.kind not in (Kind.NUMBER, Kind.BOOLEAN) and not could_be_numbers(table, column):
        raise InvalidWeights(
            f"holds no numbers ({column.dtype}), which weights are",
            code="weights_not_numbers",
            where=Where(table.path, column=name),
            hint="name the column of weights with --sample-weight",
        )
    decisions.append(Decision("sample_weight", name, How.GIVEN, "--sample-weight"))
    return name, beside_label


def _pairing(
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
        raise AmbiguousData(
            f"{predictions.path} and {labels.path} share several id-like columns: {listed(shared)}",
            code="pairing_ambiguous",
            hint="name the one that pairs the rows, or all that do so together: --id COLUMN",
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
        typeless = any(table.format.startswith("csv") for table in (predictions, labels))
        if len(kinds) == 1 or is_empty(mine) or is_empty(theirs) or typeless:
            continue
        text = (
            f"the ids in column {name!r} are {mine.dtype} in {predictions.path} and {theirs.dtype} in {labels.path}: "
            "they were compared as they are written, so 7 is '7' and not '007'"
        )
        notices.append(Notice("id_types_differ", text))
    return notices


def _check_positions(predictions: Table, labels: Table, scores: Sequence[Column], label: str) -> None:
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
            from celoss_cli.spelling import option

            raise MisalignedData(
                f"column {column.name!r} has {mine[row]!r} here and {theirs[row]!r} in the same row of {labels.path}",
                code="rows_differ",
                where=Where(predictions.path, row, predictions.line_of(row), column.name),
                hint=f"if it is the key of the rows: {option('--id', column.name)}; if it means nothing, rename it in "
                "one file",
            )


def _check_order(
    predictions: Table, labels: Table, scores: set[str], label_columns: set[str], decisions: list[Decision]
) -> None:
    """Refuse rows whose ids, under two names, stand in another order; say it where they stand in the same one."""
    if len(predictions.columns) <= len(scores) or len(labels.columns) <= len(label_columns):
        return  # nothing is left that could be an id
    from celoss_cli.layout.other_order import check_order

    evidence = check_order(predictions, labels, scores, label_columns)
    if evidence is not None:
        place = next(i for i, decision in enumerate(decisions) if decision.what == "pairing")
        decisions[place] = decisions[place]._replace(evidence=evidence)


def _true_label(
    table: Table, label: str, others: set[str], scores: Sequence[Column], decisions: list[Decision]
) -> tuple[str, list[Notice]]:
    """Return the label, which is another column where this one is what was predicted.

    The label becomes a guess, and that is said, where a second column could be the truth as well, and is another.
    """
    found = which_is_true(table, label, others, scores)
    place = next((i for i, decision in enumerate(decisions) if decision.what == "label"), None)
    if place is None:
        return label, []
    if found.column != label and found.evidence is not None:
        decisions[place] = decisions[place]._replace(value=found.column, evidence=found.evidence, guess=False)
    if found.rival is None:
        return found.column, []
    from celoss_cli.spelling import option

    text = f"column {found.rival!r} could be the label as well, and differs from {label!r}"
    decisions[place] = decisions[place]._replace(evidence=f"{decisions[place].evidence}, but {text}", guess=True)
    return label, [Notice("label_ambiguous", f"{text}: {option('--label', label)} or {option('--label', found.rival)}")]


def _first_labels(table: Table, label: str, request: Request) -> set[str]:
    """Return the labels of the first rows, of those that ``--where`` leaves by columns of the same file."""
    head = table.head()
    conditions = [(head.texts(name), value) for name, value in request.where if has(table, name)]
    values = enumerate(head.texts(label))
    return {v for i, v in values if v is not None and all(same(texts[i] or "", value) for texts, value in conditions)}


def _in_label_file(name: str, predictions: Table, labels: Table | None) -> bool:
    """Whether a column of ``--where`` is in the label file alone: a Usage column of the solution, say."""
    beside = labels is not None and not has(predictions, name) and has(labels, name)
    require_names(labels if beside and labels is not None else predictions, name, "--where")
    return beside


def _shown_ids(table: Table, request: Request) -> tuple[str, ...]:
    if request.id:
        return tuple(require_names(table, name, "--id").name for name in request.id)
    ids = (column.name for column in table.columns if is_key(table, column) and column.kind not in MANY_VALUED)
    first = next(ids, None)
    return () if first is None else (first,)
