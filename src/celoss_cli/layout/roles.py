"""Who is who: the scores, the label, the id that pairs two files, the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from celoss_cli.errors import AmbiguousData
from celoss_cli.layout.cells import has, ignored, require_names
from celoss_cli.layout.first_labels import first_labels
from celoss_cli.layout.label_columns import given_label_columns, in_prediction_order, likely_label_columns
from celoss_cli.layout.pair_columns import check_labels, check_order_of_ids, check_positions, pairing, shown_ids
from celoss_cli.layout.readings.objections import could_be_rival
from celoss_cli.layout.sides import check_names, check_not_a_shard, check_sides
from celoss_cli.layout.tools.known import known_label, known_scores
from celoss_cli.layout.tools.recognise import Recognised
from celoss_cli.layout.weight_columns import count_column, unused_weights, weight_column
from celoss_cli.request import InputKind, Request
from celoss_cli.results.document import Notice
from celoss_cli.spec import Decision
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.layout.sequences.columns import SequenceColumns
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
    is what such a tool writes in them, ``tool`` its name. ``watched`` are columns whose ids are looked at in every row;
    ``counts`` says how many rows a row stands for, and is in the label file if ``counts_beside_label``. ``sequences``
    are the columns of rows that are sequences, whose ``scores`` are the truth's own.
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
    counts: str | None = None
    counts_beside_label: bool = False
    sequences: SequenceColumns | None = None

    @property
    def vector(self) -> bool:
        """Whether the scores are one column of vectors."""
        return self.scores[0].kind is Kind.VECTOR

    @property
    def single(self) -> bool:
        """Whether one number per row speaks of the positive class."""
        return len(self.scores) == 1 and not self.vector


def find_layout(predictions: Table, labels: Table | None, request: Request, known: Recognised | None) -> Layout:
    """Return who is who in one table, or in two; ``known`` is the tool that wrote the predictions.

    Raises AmbiguousData or InvalidScores naming the flag to pass.
    """
    for table in (predictions, *([labels] if labels is not None else [])):
        check_names(table)
    if labels is not None:
        check_sides(predictions, labels)
    decisions: list[Decision] = []
    notices: list[Notice] = []
    weight, weight_beside_label = weight_column(predictions, labels, request, decisions)
    counts, counts_beside_label = count_column(predictions, labels, request, decisions)
    pair_ids = () if labels is None else pairing(predictions, labels, request, decisions, notices)
    taken = {*pair_ids, *(name for name in (weight, counts) if name is not None)}
    table = predictions if labels is None else labels
    if known is not None:
        decisions.append(known.decision())
        taken |= known.idle
    found = _target_columns(predictions, labels, request, taken)
    if not found and known is not None and labels is None and not request.label:
        found = known.hot
    label = found[0].name if found else known_label(predictions, labels, request, taken, decisions, known)
    told = pair_ids or shown_ids(predictions, request)
    taken |= set(told)
    if labels is None:
        taken |= {label, *(column.name for column in found)}
    slices = slice_columns(predictions, labels, request, decisions)
    sliced = {by.column for by in slices if not by.beside_label}
    hot = {column.name for column in found if labels is not None and has(predictions, column.name)}
    names = hot if found else {text for text in first_labels(table, label, request) if not ignored(text, request)}
    scores = known_scores(predictions, request, taken | sliced, decisions, names, known, beside=labels is None)
    if not request.pred and not found and (known is None or not known.families):
        _check_rivals(predictions, labels, label, pair_ids, scores, taken | sliced | {label}, names)
    family = None if known is None else known.family_of(scores)
    targets: tuple[Column, ...] = ()
    if found:
        ordered = in_prediction_order(found, scores, request.label, table)
        targets = ordered.columns
        decisions.append(ordered.decision)
    if labels is not None and not (found and request.label):
        check_not_a_shard(scores, labels, label, request)
    if labels is not None and not pair_ids and not targets:
        check_positions(predictions, labels, scores, label)
        check_labels(predictions, labels, scores, label)
    if labels is not None:
        label_columns = {label, *(column.name for column in targets)}
        check_order_of_ids(predictions, labels, scores, label_columns, pair_ids, decisions)
    _check_roles(request, scores, targets)
    if labels is None and not (targets or request.label):
        label, more = _true_label(table, label, taken - {label}, scores, decisions)
        notices += more
    beside_label = tuple(_in_label_file(name, predictions, labels) for name, _ in request.where)
    if labels is not None:
        from celoss_cli.layout.in_both_files import check_in_both

        check_in_both(predictions, labels, request, pair_ids, [by.column for by in slices])
    notices += unused_weights(predictions, labels, request, {label, *told, *pair_ids}, (*scores, *targets))
    return Layout(
        scores=scores,
        label=label,
        pair_ids=pair_ids,
        ids=tuple(name for name in told if name not in {column.name for column in scores}),
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
        counts=counts,
        counts_beside_label=counts_beside_label,
    )


def slice_columns(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[SliceBy, ...]:
    """Return the columns of ``--slice``, and last that of ``--cluster``."""
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


def _check_rivals(
    predictions: Table, labels: Table | None, label: str, pair_ids: Sequence[str], scores: Sequence[Column],
    taken: set[str], classes: set[str],
) -> None:  # fmt: skip
    """Refuse scores beside which another column could be all of them, or of which each could.

    ``classes`` are the labels of the first rows.
    """
    if not predictions.named or scores[0].kind is Kind.VECTOR:
        return
    if len(scores) > 1 and len(classes) != 2:
        return
    chosen = {column.name for column in scores}
    others = [
        column
        for column in predictions.columns
        if column.kind is Kind.NUMBER
        and column.name not in chosen
        and column.name not in taken
        and could_be_rival(column.name, scores[0].name)
    ]
    if len(scores) == 1 and not others:
        return
    from celoss_cli.layout.readings.rivals import check_rivals

    check_rivals(predictions, labels, label, pair_ids, scores, others)


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


def _true_label(
    table: Table, label: str, others: set[str], scores: Sequence[Column], decisions: list[Decision]
) -> tuple[str, list[Notice]]:
    """Return the label, which is another column where this one is what was predicted.

    The label becomes a guess, and that is said, where a second column could be the truth as well, and is another.
    """
    parts = {label, *others, *(column.name for column in scores)}
    if not table.named or all(column.name in parts for column in table.columns):
        return label, []  # as often: no other column could be the truth
    from celoss_cli.layout.readings.truth import which_is_true

    found = which_is_true(table, label, others, scores)
    place = next((i for i, decision in enumerate(decisions) if decision.what == "label"), None)
    if place is None:
        return label, []
    if found.column != label and found.evidence is not None:
        decisions[place] = decisions[place]._replace(value=found.column, evidence=found.evidence, guess=found.guess)
    if found.rival is None:
        return found.column, []
    from celoss_cli.spelling import option

    text = f"column {found.rival!r} could be the label as well, and differs from {label!r}"
    decisions[place] = decisions[place]._replace(evidence=f"{decisions[place].evidence}, but {text}", guess=True)
    return label, [Notice("label_ambiguous", f"{text}: {option('--label', label)} or {option('--label', found.rival)}")]


def _in_label_file(name: str, predictions: Table, labels: Table | None) -> bool:
    """Whether a column of ``--where`` is in the label file alone: a Usage column of the solution, say."""
    beside = labels is not None and not has(predictions, name) and has(labels, name)
    require_names(labels if beside and labels is not None else predictions, name, "--where")
    return beside
