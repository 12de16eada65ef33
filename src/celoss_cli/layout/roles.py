"""Who is who: the scores, the label, the id that pairs two files, the weights."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from celoss_cli.tables.source import Column, Kind, Need, Table
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
    def target_names(self) -> tuple[str, ...]:
        """The names of the label columns with a number for every class."""
        return tuple(column.name for column in self.targets)

    @property
    def label_needs(self) -> dict[str, Need]:
        """What the label, or each of several label columns, is read for."""
        return dict.fromkeys(self.target_names, Need.NUMBER) if self.targets else {self.label: Need.LABEL}

    @property
    def vector(self) -> bool:
        """Whether the scores are one column of vectors."""
        return self.scores[0].kind is Kind.VECTOR

    @property
    def single(self) -> bool:
        """Whether one number per row speaks of the positive class."""
        return len(self.scores) == 1 and not self.vector


class _Given(NamedTuple):
    """What roles are told from: the tables, what the user said of them, and the tool that wrote the predictions."""

    predictions: Table
    labels: Table | None
    request: Request
    known: Recognised | None

    @property
    def with_labels(self) -> Table:
        """The table that the labels stand in."""
        return self.predictions if self.labels is None else self.labels


def find_layout(predictions: Table, labels: Table | None, request: Request, known: Recognised | None) -> Layout:
    """Return who is who in one table, or in two; ``known`` is the tool that wrote the predictions.

    Raises AmbiguousData or InvalidScores naming the flag to pass.
    """
    check_names(predictions)
    if labels is not None:
        check_names(labels)
        check_sides(predictions, labels)
    layout = _told_by_columns(_Given(predictions, labels, request, known))
    if labels is not None:
        layout = _held_against_labels(layout, predictions, labels, request)
    _check_roles(request, layout.scores, layout.targets)
    if labels is None and not (layout.targets or request.label):
        layout = _with_true_label(layout, predictions, frozenset() if known is None else known.idle)
    beside_label = tuple(_in_label_file(name, predictions, labels) for name, _ in request.where)
    if labels is not None:
        from celoss_cli.layout.in_both_files import check_in_both

        check_in_both(predictions, labels, request, layout.pair_ids, [by.column for by in layout.slices])
    taken, parts = {layout.label, *layout.ids, *layout.pair_ids}, (*layout.scores, *layout.targets)
    unused = unused_weights(predictions, labels, request, taken, parts)
    return layout._replace(where_beside_label=beside_label, notices=(*layout.notices, *unused))


def _told_by_columns(given: _Given) -> Layout:
    """Return who is who by names and first rows, each role taken from the columns that those before it leave.

    ``where_beside_label`` is left open.
    """
    predictions, labels, request, known = given
    decisions: list[Decision] = []
    notices: list[Notice] = []
    weight, weight_beside_label = weight_column(predictions, labels, request, decisions)
    counts, counts_beside_label = count_column(predictions, labels, request, decisions)
    pair_ids = () if labels is None else pairing(predictions, labels, request, decisions, notices)
    taken = {*pair_ids, *(name for name in (weight, counts) if name is not None)}
    if known is not None:
        decisions.append(known.decision())
        taken |= known.idle
    found = _target_columns(given, taken)
    label = found[0].name if found else known_label(predictions, labels, request, taken, decisions, known)
    ids = pair_ids or shown_ids(predictions, request)
    taken |= set(ids)
    if labels is None:
        taken |= {label, *(column.name for column in found)}
    slices = slice_columns(predictions, labels, request, decisions)
    taken |= {by.column for by in slices if not by.beside_label}
    classes = _classes_said(given, label, found)
    scores = known_scores(predictions, request, taken, decisions, classes, known, beside=labels is None)
    targets: tuple[Column, ...] = ()
    if found:
        targets, decision = in_prediction_order(found, scores, request.label, given.with_labels)
        decisions.append(decision)
    elif not request.pred and (known is None or not known.families):
        _check_rivals(given, label, pair_ids, scores, taken | {label}, classes)
    family = None if known is None else known.family_of(scores)
    return Layout(
        scores=scores,
        label=label,
        pair_ids=pair_ids,
        ids=tuple(name for name in ids if name not in {column.name for column in scores}),
        weight=weight,
        weight_beside_label=weight_beside_label,
        where_beside_label=(),
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


def _target_columns(given: _Given, taken: set[str]) -> tuple[Column, ...]:
    """Return the label columns if labels have a number for every class: several columns, or one of vectors."""
    predictions, labels, request, known = given
    table = given.with_labels
    if not request.label:
        likely = likely_label_columns(table, predictions, taken)
        found = tuple(column for column in likely if column.name not in request.pred or labels is not None)
        return found or (known.hot if known is not None and labels is None else ())
    chosen = given_label_columns(table, request.label)
    for name in request.label if len(request.label) > 1 else ():
        if not given_label_columns(table, (name,)):
            require_names(table, name, "--label")
    return chosen if len(chosen) > 1 or (chosen and chosen[0].kind is Kind.VECTOR) else ()


def _classes_said(given: _Given, label: str, targets: Sequence[Column]) -> set[str]:
    """Return what the labels call classes: label columns that the predictions have too, or labels of the first rows."""
    if targets:
        return {one.name for one in targets if given.labels is not None and has(given.predictions, one.name)}
    texts = first_labels(given.with_labels, label, given.request)
    return {text for text in texts if not ignored(text, given.request)}


def _check_rivals(
    given: _Given, label: str, pair_ids: Sequence[str], scores: Sequence[Column], taken: set[str], classes: set[str]
) -> None:
    """Refuse scores beside which another column could be all of them, or of which each could.

    ``classes`` are the labels of the first rows.
    """
    predictions, labels = given.predictions, given.labels
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


def _held_against_labels(layout: Layout, predictions: Table, labels: Table, request: Request) -> Layout:
    """Refuse a label file that is a shard of the predictions, or has its rows in another order than they pair in.

    Where their order is in doubt, or something vouches for it, the layout that is returned says so.
    """
    scores, targets = layout.scores, layout.targets
    if not (targets and request.label):
        check_not_a_shard(scores, labels, layout.label, request)
    if not (layout.pair_ids or targets):
        check_positions(predictions, labels, scores, layout.label)
        check_labels(predictions, labels, scores, layout.label)
    decisions = list(layout.decisions)
    label_columns = {layout.label, *layout.target_names}
    check_order_of_ids(predictions, labels, scores, label_columns, layout.pair_ids, decisions)
    return layout._replace(decisions=tuple(decisions))


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


def _with_true_label(layout: Layout, table: Table, idle: Collection[str]) -> Layout:
    """Return the layout with another label where this one is what was predicted; ``idle`` columns have no part.

    The label becomes a guess, and that is said, where a second column could be the truth as well, and is another.
    """
    label, scores, decisions = layout.label, layout.scores, list(layout.decisions)
    others = {*idle, *layout.ids, *(name for name in (layout.weight, layout.counts) if name is not None)} - {label}
    parts = {label, *others, *(column.name for column in scores)}
    if not table.named or all(column.name in parts for column in table.columns):
        return layout  # as often: no other column could be the truth
    from celoss_cli.layout.readings.truth import which_is_true

    found = which_is_true(table, label, others, scores)
    place = next((i for i, decision in enumerate(decisions) if decision.what == "label"), None)
    if place is None:
        return layout
    if found.column != label and found.evidence is not None:
        decisions[place] = decisions[place]._replace(value=found.column, evidence=found.evidence, guess=found.guess)
    if found.rival is None:
        return layout._replace(label=found.column, decisions=tuple(decisions))
    from celoss_cli.spelling import option

    text = f"column {found.rival!r} could be the label as well, and differs from {label!r}"
    decisions[place] = decisions[place]._replace(evidence=f"{decisions[place].evidence}, but {text}", guess=True)
    both = f"{option('--label', label)} or {option('--label', found.rival)}"
    notice = Notice("label_ambiguous", f"{text}: {both}")
    return layout._replace(decisions=tuple(decisions), notices=(*layout.notices, notice))


def _in_label_file(name: str, predictions: Table, labels: Table | None) -> bool:
    """Whether a column of ``--where`` is in the label file alone: a Usage column of the solution, say."""
    beside = labels is not None and not has(predictions, name) and has(labels, name)
    require_names(labels if beside and labels is not None else predictions, name, "--where")
    return beside
