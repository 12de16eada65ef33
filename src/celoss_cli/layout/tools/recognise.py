"""Which tool wrote a table: the rows of ``tools`` held against its columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from celoss_cli.errors import AmbiguousData, DataError, InvalidScores, Where
from celoss_cli.layout.cells import MANY_VALUED, could_be_numbers, names_classes, shown, values_of
from celoss_cli.layout.tools.table import TOOLS
from celoss_cli.layout.tools.templates import Names, filled, matching, parts_of
from celoss_cli.layout.tools.tool import Scores, Spread, Tool
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import in_order
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tuples import NamedTuple

_OF_TABLE = ("target", "suffix")

_ROUNDED = 1e-4  # what four digits can take from 1/3


class Family(NamedTuple):
    """The columns that one family of scores has in a table; ``classes`` as ``Layout.classes``."""

    of: Scores
    columns: tuple[Column, ...]
    classes: tuple[str, ...]

    @property
    def said(self) -> str:
        """How the family is spoken of: ``RawFormulaVal:Class=…``."""
        return "…".join(parts_of(self.of.name)[0])

    def classes_of(self, columns: Sequence[Column]) -> tuple[str, ...]:
        """Return the classes in the order of the family's columns as they were chosen."""
        if len(self.columns) == 1:
            return self.classes
        by_name = {column.name: cls for column, cls in zip(self.columns, self.classes, strict=True)}
        return tuple(by_name[column.name] for column in columns)


class Recognised(NamedTuple):
    """A tool that wrote a table, and what it says of the columns: nothing where a part is empty.

    ``families`` are in order of preference. ``idle`` are columns that are neither scores nor truth;
    ``predicted`` are the classes predicted in the first rows, if the tool writes them.
    """

    tool: Tool
    marks: tuple[str, ...]
    families: tuple[Family, ...]
    truth: str | None
    hot: tuple[Column, ...]
    idle: frozenset[str]
    predicted: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that the preferred scores speak of: by their names, else those that are predicted beside them."""
        return self.families[0].classes or self.predicted if self.families else ()

    @property
    def score_names(self) -> set[str]:
        """The names of the columns that hold the preferred scores."""
        return {column.name for column in self.families[0].columns} if self.families else set()

    def family_of(self, scores: Sequence[Column]) -> Family | None:
        """Return the family that these columns are, in any order."""
        names = {column.name for column in scores}
        return next((family for family in self.families if {c.name for c in family.columns} == names), None)

    def decision(self) -> Decision:
        """Return the decision that the output shows."""
        return Decision("layout", self.tool.name, How.DETECTED, f"columns {in_order(self.marks)}", "--pred")


def recognise(table: Table, request: Request) -> Recognised | None:
    """Return the tool that wrote a table, if its columns say so.

    Raises AmbiguousData where two tools fit that would have it read differently, or scores of one class may be
    those of the predicted one, and InvalidScores for what no loss can be computed from. What the user named is settled:
    with ``--pred`` nothing about the scores is in question.
    """
    if not table.named:
        return None
    names = Names(column.name for column in table.columns)
    found = [one for tool in TOOLS if tool.marks for one in _fitting(tool, table, names)]
    for one in found:
        if one.tool.refusal and not request.pred and one.tool.refuted not in request.label:
            raise _refused(one, table)
    found = [one for one in found if not one.tool.refusal]
    if not found:
        return None
    for one in found:
        _check_classes_are_known(one, table, request)
    readings: dict[object, Recognised] = {}
    for one in found:
        readings.setdefault(_claims(one, request), one)
    if len(readings) > 1:
        # What says nothing of the scores or of the truth contradicts nobody.
        readings = {claims: one for claims, one in readings.items() if claims != _NO_CLAIMS} or readings
    if len(readings) > 1:
        raise _ambiguous(table, list(readings.values()))
    return next(iter(readings.values()))


def _refused(one: Recognised, table: Table) -> DataError:
    """Return the error for a tool's file that cannot be scored; one that its values alone give away is ambiguous."""
    text, where = f"{one.tool.name}: " + one.tool.refusal.format(marks=in_order(one.marks)), Where(table.path)
    if one.tool.refuted:
        return AmbiguousData(text, code="top_class_only", where=where, hint=one.tool.way_out)
    return InvalidScores(text, code="no_loss_possible", where=where, hint=one.tool.way_out)


def _check_classes_are_known(one: Recognised, table: Table, request: Request) -> None:
    """Refuse vectors whose classes stand in another column, unless they were read together: the order says nothing."""
    if request.pred or request.classes or not one.families:
        return
    best = one.families[0]
    if best.of.shape is Spread.VECTOR and best.of.keys and not best.columns[0].classes:
        raise InvalidScores(
            f"{one.tool.name}: the classes of each row's scores stand in {best.of.keys!r}, in no form that fits them",
            code="classes_unread",
            where=Where(table.path, column=best.columns[0].name),
            hint="write lists of the same length, or name the class of each score in order: --classes A,B,…",
        )


_NO_CLAIMS = ((), (), None, ())


def _claims(one: Recognised, request: Request) -> object:
    """Return what a tool says that no flag has settled."""
    best = one.families[0] if one.families and not request.pred else None
    truth = None if request.label or request.labels is not None else one.truth
    hot = () if request.label or request.labels is not None else tuple(column.name for column in one.hot)
    return (
        () if best is None else tuple(column.name for column in best.columns),
        () if best is None else best.classes,
        truth,
        hot,
    )


def _ambiguous(table: Table, rivals: Sequence[Recognised]) -> AmbiguousData:
    said = "; ".join(
        f"{one.tool.name} (columns {in_order(one.marks)}) would score "
        + (shown(one.families[0].columns) if one.families else "what is named after the labels")
        + (f" against {one.truth!r}" if one.truth is not None else "")
        for one in rivals
    )
    return AmbiguousData(
        f"the columns look like those of several tools: {said}",
        code="layout_ambiguous",
        where=Where(table.path),
        hint="name the prediction columns with --pred, and the label with --label",
    )


def _fitting(tool: Tool, table: Table, names: Collection[str]) -> Iterator[Recognised]:
    """Yield the tool for each name of the target that the columns allow; mostly once, or not at all."""
    if any("{" not in mark and not _any_of(mark, names) for mark in tool.marks):
        return  # most tools: told by a name that is not there, before any template is tried
    for values in _targets(tool, names):
        marks = [_any_of(filled(mark, values), names) for mark in tool.marks]
        if all(marks) and not any(_any_of(filled(other, values), names) for other in tool.unless):
            one = _read(tool, values, table, tuple(dict.fromkeys(name for mark in marks for name in mark[:2])))
            if one is not None:
                yield one


def _targets(tool: Tool, names: Collection[str]) -> Sequence[Mapping[str, str]]:
    """Return what ``{target}`` and ``{suffix}`` can stand for; nothing, once, where the tool's names have no such."""
    mark = tool.marks[0]
    if "{target}" not in mark:
        return ({},)
    found = [{key: fields[key] for key in fields if key in _OF_TABLE} for _, fields in matching(mark, names)]
    return list({tuple(values.items()): values for values in found}.values())


def _any_of(mark: str, names: Collection[str]) -> list[str]:
    return [name for alternative in mark.split("|") for name, _ in matching(alternative, names)]


def _read(tool: Tool, values: Mapping[str, str], table: Table, marks: tuple[str, ...]) -> Recognised | None:
    """Return what the tool says of the columns, or ``None`` if they do not hold what it writes."""
    names = [column.name for column in table.columns]
    chosen = filled(tool.predicted, values)
    if not all(names_classes(table, column) for column in table.columns if column.name == chosen):
        return None
    idle = {chosen, *(filled(name, values) for name in tool.idle)}
    hot_names = {name for name, _ in matching(filled(tool.hot, values), names)} if tool.hot else set()
    families = []
    predicted = sorted(values_of(table, chosen)) if chosen in names else []
    for scores in tool.scores:
        family = _family(scores, values, table, idle | hot_names, predicted, beside=tool.agrees)
        if family is not None:
            families.append(family)
    if tool.scores and not families:
        return None
    hot: tuple[Column, ...] = ()
    if hot_names:
        pairs = {fields["class"]: name for name, fields in matching(filled(tool.hot, values), names)}
        if set(pairs) != set(families[0].classes):
            return None
        hot = tuple(column for name in families[0].classes for column in table.columns if column.name == pairs[name])
    best = families[0] if families else None
    own = {filled(name, {**values, "class": cls}) for name in tool.idle for cls in (best.classes if best else ())}
    others = {column.name for family in families[1:] for column in family.columns}
    keys = {filled(family.of.keys, values) for family in families if family.of.keys}
    truth = next((name for name in (filled(truth, values) for truth in tool.truth) if name in names), None)
    never = (idle | own | others | keys) & set(names) - {truth}
    best_names = {column.name for column in best.columns} if best else set()
    return Recognised(tool, marks, tuple(families), truth, hot, frozenset(never - best_names), tuple(predicted))


def _family(
    scores: Scores,
    values: Mapping[str, str],
    table: Table,
    not_these: set[str],
    predicted: Sequence[str],
    *,
    beside: bool,
) -> Family | None:
    """Return the columns of a family, if they hold what its shape says; with ``beside`` only those of one run."""
    by_name = {column.name: column for column in table.columns if column.name not in not_these}
    found = [(by_name[name], fields) for name, fields in matching(filled(scores.name, values), list(by_name))]
    if beside:
        found = _side_by_side(found, table, predicted)
    if found and scores.bare:
        bare = set(predicted) & {name for name, column in by_name.items() if column.kind is Kind.NUMBER}
        bare -= {column.name for column, _ in found}
        found = [*found, *((by_name[name], {"class": name}) for name in by_name if name in bare)]
    if not found or not all(_holds_scores(table, column, scores.shape) for column, _ in found):
        return None
    columns = tuple(column for column, _ in found)
    if scores.shape is Spread.VECTOR and scores.keys:
        kind = next((column.kind for column in table.columns if column.name == scores.keys), Kind.NUMBER)
        if kind not in (*MANY_VALUED, Kind.TEXT):
            return None
    if scores.shape is Spread.LARGEST:
        return Family(scores, columns, ()) if _can_be_the_largest(table, columns[0], scores.keys) else None
    if scores.shape in (Spread.VECTOR, Spread.PREDICTED):
        return Family(scores, columns, ()) if len(columns) == 1 else None
    if scores.shape is Spread.SINGLE:
        fields = found[0][1]
        return Family(scores, columns, tuple(fields[part] for part in ("negative", "class") if part in fields))
    return Family(scores, columns, tuple(fields.get("class", fields.get("number", "")) for _, fields in found))


def _side_by_side(
    found: Sequence[tuple[Column, dict[str, str]]], table: Table, predicted: Sequence[str]
) -> list[tuple[Column, dict[str, str]]]:
    """Return the columns that stand in one run and have every predicted class; none if there is no such run.

    A template of one letter fits other columns as well, ``species`` and ``sepal length``.
    """
    fields_by_name = {column.name: fields for column, fields in found}
    runs: list[list[tuple[Column, dict[str, str]]]] = [[]]
    for column in table.columns:
        if column.name in fields_by_name and _holds_shares(table, column):
            runs[-1].append((column, fields_by_name[column.name]))
        else:
            runs.append([])
    for run in runs:
        if len(run) > 1 and set(predicted) <= {fields.get("class", fields.get("number")) for _, fields in run}:
            return run
    return []


def _holds_shares(table: Table, column: Column) -> bool:
    if column.kind is not Kind.NUMBER:
        return False
    scores = table.head().numbers(column.name)
    return not bool(((scores < -_ROUNDED) | (scores > 1.0 + _ROUNDED)).any())


def _can_be_the_largest(table: Table, column: Column, keys: str) -> bool:
    """Whether no score of the first rows is below one in as many as there are classes, and text names these.

    The largest of a row never is. The probability of one class is, as soon as a row is of another. Where all classes
    have columns of their own, these are the scores.
    """
    texts = any(other.name == keys and other.kind is Kind.TEXT for other in table.columns)
    if not texts or column.kind is not Kind.NUMBER:
        return False
    classes = values_of(table, keys)
    others = [other for other in table.columns if other.name not in (column.name, keys)]
    numbers = [other.name for other in others if other.kind is Kind.NUMBER]
    if any(other.kind is Kind.VECTOR for other in others) or all(
        any(name.endswith(cls) for name in numbers) for cls in classes
    ):
        return False
    scores = table.head().numbers(column.name)
    least = 1.0 / max(2, len(classes)) - _ROUNDED
    return bool(scores.size) and not bool((scores < least).any())


def _holds_scores(table: Table, column: Column, shape: Spread) -> bool:
    if shape is Spread.VECTOR or (shape is Spread.PREDICTED and column.kind is Kind.VECTOR):
        return column.kind is Kind.VECTOR
    return column.kind is Kind.NUMBER or could_be_numbers(table, column)
