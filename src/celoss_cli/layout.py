"""Which column is the label, the id, the weight, the scores: from the names, the types and the first rows."""

from __future__ import annotations

import difflib
import fnmatch
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from celoss_cli.classes import in_order, listed, number, without_affixes
from celoss_cli.errors import AmbiguousData, DataError, InvalidScores, InvalidWeights, Where
from celoss_cli.evaluation import Notice
from celoss_cli.spec import Decision, How, Request
from celoss_cli.tables.source import Column, Kind, Table

# The names that tools give to their columns, in the spelling of `plain`. A person may extend these.
TRUTH = (
    "y_true", "true_label", "label_true", "true_labels", "truth", "ground_truth", "groundtruth", "gold", "gold_label",
    "target", "targets", "actual", "actuals", "obs", "observed", "true_class", "true", "y_test", "expected",
)  # fmt: skip
WEAK_TRUTH = ("label", "labels", "class", "y", "classes", "outcome", "category")
PREDICTED = (
    "predicted", "predict", "pred", "prediction", "predictions", "predicted_label", "predicted_class", "pred_label",
    "pred_class", "prediction_label", "y_pred", "y_hat", "yhat", "scored_labels", "argmax", "top1",
)  # fmt: skip
SCORES = (
    "prob", "proba", "probs", "probability", "probabilities", "p", "score", "scores", "logit", "logits", "y_prob",
    "y_proba", "y_score", "y_pred", "y_pred_proba", "pred_proba", "prediction_proba", "prediction", "predictions",
    "pred", "preds", "predicted", "confidence", "logprob", "logprobs", "log_prob", "log_probs", "logp", "raw", "output",
    "outputs", "predicted_probability", "p1", "prob_1", "proba_1", "prob1", "yhat", "y_hat", "scored_probabilities",
)  # fmt: skip
SCORE_WORDS = (
    "p", "prob", "probs", "proba", "probability", "probabilities", "logit", "logits", "score", "scores", "pred",
    "prediction", "predictions", "predicted", "confidence", "class", "status", "logprob", "logp", "raw", "output",
    "out", "softmax", "sigmoid", "scored_probabilities", "y_pred", "y_prob", "y_score", "log_prob", "raw_score",
)  # fmt: skip
IDS = (
    "id", "ids", "index", "idx", "row", "row_id", "rowid", "rownames", "image", "image_name", "filename", "file",
    "file_name", "path", "uid", "uuid", "guid", "key", "unnamed_0", "sampleid", "docid",
)  # fmt: skip
WEIGHTS = ("weight", "weights", "sample_weight", "sample_weights", "w", "score_weight", "validation_weight")
NOT_SCORES = ("usage", "indicator", "threshold", "split", "fold", "epoch", "step", "timestamp", "date")

_MANY_VALUED = (Kind.VECTOR, Kind.NESTED)
_MANY = 8  # columns shown in a message


@dataclass(frozen=True, slots=True)
class Layout:
    """Who is who. ``scores`` are the prediction columns in file order, or one vector column.

    ``label`` is in the label file if there is one, else beside the scores. ``pair_id`` pairs the two files, ``id``
    is shown beside rows. ``targets`` are the label columns where labels have a number for every class, in the order of
    the classes (or one vector column), and empty where ``label`` is all there is. ``weight`` is in the prediction file, or in the label file if ``weight_beside_label``.
    """

    scores: tuple[Column, ...]
    label: str
    pair_id: str | None
    id: str | None
    weight: str | None
    weight_beside_label: bool
    targets: tuple[Column, ...]
    decisions: tuple[Decision, ...]
    notices: tuple[Notice, ...] = ()

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
    weight, beside_label = _weight(predictions, labels, request, decisions)
    pair_id = _pairing(predictions, labels, request, decisions) if labels is not None else None
    taken = {name for name in (weight, pair_id) if name is not None}
    label = _label(predictions, labels, request, taken, decisions)
    shown_id = pair_id or _shown_id(predictions, request)
    taken |= {shown_id} if shown_id is not None else set()
    if labels is None:
        taken.add(label)
    scores = _scores(predictions, request, taken, decisions, _values(labels or predictions, label))
    if labels is not None:
        _check_not_a_shard(scores, labels, label)
    _check_roles(request, scores)
    for name, _ in request.where:
        _require_names(predictions, name, "--where")
    if request.sample_weight is None:
        notices += _unused_weights(predictions, scores)
    return Layout(
        scores=scores,
        label=label,
        pair_id=pair_id,
        id=shown_id if shown_id not in {column.name for column in scores} else None,
        weight=weight,
        weight_beside_label=beside_label,
        targets=(),
        decisions=tuple(decisions),
        notices=tuple(notices),
    )


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


def _check_not_a_shard(scores: Sequence[Column], labels: Table, label: str) -> None:
    """Refuse a label file that holds the prediction columns too: most likely the shell expanded a glob of shards.

    Columns of 0 and 1 can be one-hot labels, and a single column of whole numbers the label itself.
    """
    same = [column for column in labels.columns if column.name in {score.name for score in scores}]
    if not labels.named or len(same) < len(scores):
        return
    vector = same[0].kind is Kind.VECTOR
    if not vector:
        values = set().union(*(_values(labels, column.name) for column in same))
        if values <= {"0", "1"}:
            return
        if [column.name for column in same] == [label] and all(number(v) is None or _is_whole(v) for v in values):
            return
    raise AmbiguousData(
        f"holds the prediction columns too: {_shown(same)}",
        code="labels_are_predictions",
        where=Where(labels.path),
        hint="if these are shards of one table, quote the glob ('part-*.csv'); LABELS is a file of labels alone",
    )


def _check_roles(request: Request, scores: Sequence[Column]) -> None:
    """Refuse a column that was named for two roles."""
    flags = {"--label": request.label, "--sample-weight": request.sample_weight, "--id": request.id}
    chosen = {column.name for column in scores} if request.pred else set()
    given = [(flag, name) for flag, name in flags.items() if name is not None]
    if request.labels is not None:
        given = [(flag, name) for flag, name in given if flag != "--label"]
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
    beside_label = labels is not None and not _has(predictions, name) and _has(labels, name)
    table = labels if beside_label and labels is not None else predictions
    column = _require(table, name, "--sample-weight")
    if column.kind not in (Kind.NUMBER, Kind.BOOLEAN) and not _could_be_numbers(table, column):
        raise InvalidWeights(
            f"holds no numbers ({column.dtype}), which weights are",
            code="weights_not_numbers",
            where=Where(table.path, column=name),
            hint="name the column of weights with --sample-weight",
        )
    decisions.append(Decision("sample_weight", name, How.GIVEN, "--sample-weight"))
    return name, beside_label


def _pairing(predictions: Table, labels: Table, request: Request, decisions: list[Decision]) -> str | None:
    if request.id is not None:
        _require_names(predictions, request.id, "--id")
        _require_names(labels, request.id, "--id")
        decisions.append(Decision("pairing", f"by id {request.id!r}", How.GIVEN, "--id"))
        return request.id
    theirs = {column.name for column in labels.columns}
    shared = [column.name for column in predictions.columns if column.name in theirs and is_id(column.name)]
    if predictions.named and labels.named and len(shared) > 1:
        raise AmbiguousData(
            f"{predictions.path} and {labels.path} share several id-like columns: {listed(shared)}",
            code="pairing_ambiguous",
            hint="name the one that pairs the rows: --id COLUMN",
        )
    if predictions.named and labels.named and shared:
        evidence = f"both files have the id-like column {shared[0]!r}"
        decisions.append(Decision("pairing", f"by id {shared[0]!r}", How.DETECTED, evidence, "--id"))
        return shared[0]
    decisions.append(Decision("pairing", "by row position", How.DETECTED, "no id-like column in both files", "--id"))
    return None


def is_id(name: str) -> bool:
    """Whether a column of this name identifies rows: an id, an index, a file name, an unnamed first column."""
    called = plain(name)
    return called in IDS or called.endswith("_id") or not called or name.startswith("__index_level_")


def _shown_id(table: Table, request: Request) -> str | None:
    if request.id is not None:
        return _require_names(table, request.id, "--id").name
    ids = (column.name for column in table.columns if is_id(column.name) and column.kind not in _MANY_VALUED)
    return next(ids, None)


def _unused_weights(table: Table, scores: Sequence[Column]) -> list[Notice]:
    names = {column.name for column in scores}
    return [
        Notice(
            "unused_weights",
            f"column {column.name!r} looks like sample weights and was not used: --sample-weight {column.name}",
        )
        for column in table.columns
        if plain(column.name) in WEIGHTS and column.kind is Kind.NUMBER and column.name not in names
    ]


# The label


def _label(
    predictions: Table, labels: Table | None, request: Request, taken: set[str], decisions: list[Decision]
) -> str:
    table = predictions if labels is None else labels
    if request.label is not None:
        _require_names(table, request.label, "--label")
        decisions.append(Decision("label", request.label, How.GIVEN, "--label"))
        return request.label
    candidates = [
        column
        for column in table.columns
        if column.name not in taken and plain(column.name) not in WEIGHTS and column.kind not in _MANY_VALUED
    ]
    if labels is not None:
        found = _label_of_two_files(table, candidates)
    else:
        found = _label_beside_scores(table, candidates, set(request.pred))
    if found is None:
        if labels is None:
            _refuse_argmax(table, candidates)
        names = [column.name for column in candidates]
        raise AmbiguousData(
            f"no column is recognisable as the label among {listed(names)}"
            if names
            else "there is no column left that could be the label",
            code="label_unknown",
            where=Where(table.path),
            hint="name it: --label COLUMN, or give the labels as a second file",
        )
    column, evidence, guess = found
    decisions.append(Decision("label", column.name, How.DETECTED, evidence, "--label", guess))
    return column.name


_Found = tuple[Column, str, bool]


def _label_of_two_files(table: Table, candidates: list[Column]) -> _Found | None:
    if len(candidates) > 1:
        candidates = [column for column in candidates if not is_id(column.name)] or candidates
    if len(candidates) == 1:
        return candidates[0], "the only column that is not an id or a weight", False
    return _by_truth_name(table, candidates, (TRUTH, WEAK_TRUTH))


def _by_truth_name(table: Table, candidates: list[Column], tiers: Sequence[tuple[str, ...]]) -> _Found | None:
    if not table.named:
        return None
    for tier in tiers:
        named = [column for column in candidates if plain(column.name) in tier]
        if tier is WEAK_TRUTH:
            # CatBoost writes both `Class` (predicted) and `Label` (the truth): the earlier name wins.
            named = sorted(named, key=lambda column: tier.index(plain(column.name)))[:1]
        if len(named) > 1:
            raise AmbiguousData(
                f"several columns are named like the label: {listed(column.name for column in named)}",
                code="label_ambiguous",
                where=Where(table.path),
                hint="name the true one: --label COLUMN",
            )
        if named:
            return named[0], "its name", False
    return None


def _label_beside_scores(table: Table, candidates: list[Column], pred: set[str]) -> _Found | None:
    candidates = [column for column in candidates if column.name not in pred and not _is_predicted(column, table)]
    if table.named:
        candidates = [column for column in candidates if not is_id(column.name)]
    # Fractions are labels only where nothing else is, whatever their name: headers can be False and True.
    names = [column for column in candidates if column.kind is not Kind.NUMBER or _whole_numbers(table, column)]
    found = _by_truth_name(table, names, (TRUTH,))
    if found is None:
        found = _by_content(table, candidates) if table.named else _by_type(table, candidates)
    if found is None:
        found = _by_truth_name(table, names, (WEAK_TRUTH,)) or _by_truth_name(table, candidates, (TRUTH, WEAK_TRUTH))
    if found is None and table.named:
        texts = [column for column in candidates if column.kind in (Kind.TEXT, Kind.BOOLEAN)]
        texts = [column for column in texts if not _mostly_numbers(table, column)]
        if len(texts) == 1 and plain(texts[0].name) not in NOT_SCORES:
            found = texts[0], "the only column of names", True
    return found


def _by_content(table: Table, candidates: list[Column]) -> _Found | None:
    """Return the one column of names whose values all name number columns beside it."""
    names = [column.name for column in candidates if column.kind is Kind.NUMBER]
    spelled = set(names)
    for family in _families(names).values():
        spelled |= set(without_affixes(family)) if len(family) > 1 else set()
    fitting = [
        column
        for column in candidates
        if column.kind in (Kind.TEXT, Kind.BOOLEAN) and (values := _values(table, column.name)) and values <= spelled
    ]
    return (fitting[0], "its values are the names of the prediction columns", False) if len(fitting) == 1 else None


def _by_type(table: Table, candidates: list[Column]) -> _Found | None:
    """Return, for a file without header, the one column of names or whole numbers beside columns of fractions."""
    texts = [column for column in candidates if column.kind is not Kind.NUMBER and column.kind is not Kind.VECTOR]
    whole = [column for column in candidates if column.kind is Kind.NUMBER and _whole_numbers(table, column)]
    others = len(candidates) - len(texts) - len(whole)
    if len(texts) == 1 and others + len(whole) > 0:
        return texts[0], "the only column of names, in a file without header", True
    if not texts and len(whole) == 1 and others:
        return whole[0], "the only column of whole numbers, in a file without header", True
    return None


# The scores


def _scores(
    table: Table, request: Request, taken: set[str], decisions: list[Decision], labels: set[str]
) -> tuple[Column, ...]:
    if request.pred:
        chosen = _given(table, request.pred)
        decisions.append(Decision("predictions", _shown(chosen), How.GIVEN, "--pred"))
        return chosen
    rest = [
        column
        for column in table.columns
        if column.name not in taken
        and not (table.named and (is_id(column.name) or plain(column.name) in (*WEIGHTS, *NOT_SCORES)))
    ]
    numbers = [
        column
        for column in rest
        if column.kind is Kind.NUMBER or (column.kind is Kind.TEXT and _mostly_numbers(table, column))
    ]
    numbers = _with_empty_ones(table, rest, numbers, labels)
    vectors = [column for column in rest if column.kind is Kind.VECTOR]
    if vectors:
        return _one_vector(table, vectors, numbers, decisions)
    truths = [column for column in numbers if table.named and plain(column.name) in TRUTH]
    numbers = [column for column in numbers if column not in truths]
    scores = [column for column in numbers if not _is_predicted(column, table)]
    if not scores:
        raise _no_scores(table, rest)
    chosen, evidence, guess = _choose(table, scores, labels)
    decisions.append(Decision("predictions", _shown(chosen), How.DETECTED, evidence, "--pred", guess))
    return chosen


def _with_empty_ones(table: Table, rest: list[Column], numbers: list[Column], labels: set[str]) -> list[Column]:
    """Return the columns of numbers and those without a value that are of their kind by name, in file order.

    A class whose scores are all missing is to be found out, not to be left out.
    """
    if not table.named or not numbers:
        return numbers
    families = _families([column.name for column in (*numbers, *filter(_is_empty, rest))])
    names = {column.name for column in numbers}
    for shared, family in families.items():
        if (shared and names.intersection(family)) or (not shared and labels):
            names.update(name for name in family if shared or name in labels)
    return [column for column in rest if column.name in names]


def _choose(table: Table, scores: list[Column], labels: set[str]) -> tuple[tuple[Column, ...], str, bool]:
    """Return the prediction columns among the number columns that have no other role."""
    if len(scores) == 1:
        return (scores[0],), "the only column of numbers without another role", False
    if table.named:
        by_name = {column.name: column for column in scores}
        families = [family for family in _families(list(by_name)).values() if len(family) > 1]
        for family in (list(by_name), *families):
            spelled = {*family, *without_affixes(family)}
            if labels and len(labels) > 1 and all(_spelled(label, spelled) for label in labels):
                return tuple(by_name[name] for name in family), "named after the labels", False
        singles = [column for column in scores if plain(column.name) in SCORES]
        worded = [family for family in families if _score_family(family)]
        if len(worded) == 1 and not [column for column in singles if column.name not in worded[0]]:
            return tuple(by_name[name] for name in worded[0]), "a family of names for scores", False
        if len(singles) == 1 and not worded:
            return (singles[0],), "its name", len(scores) > 1
        if singles or worded:
            raise _ambiguous_scores(table, scores)
    whole = [column for column in scores if _whole_numbers(table, column)]
    if not whole and (not labels or len(scores) >= len(labels)):
        return tuple(scores), f"all {len(scores)} columns of fractions without another role", True
    raise _ambiguous_scores(table, scores)


def _spelled(label: str, names: set[str]) -> bool:
    if label in names:
        return True
    value = number(label)
    return value is not None and any(number(name) == value for name in names)


def _one_vector(
    table: Table, vectors: list[Column], numbers: list[Column], decisions: list[Decision]
) -> tuple[Column, ...]:
    """Return the one column of vectors, unless it could as well hold features beside scores in other columns."""
    named = [column for column in vectors if plain(column.name) in SCORES]
    chosen = named or vectors
    rivals = [] if named else [column for column in numbers if not _is_predicted(column, table)]
    if len(chosen) != 1 or rivals:
        raise _ambiguous_scores(table, [*vectors, *rivals])
    width = "" if chosen[0].width is None else f" of {chosen[0].width} numbers"
    decisions.append(
        Decision("predictions", chosen[0].name, How.DETECTED, f"the column of vectors{width}", "--pred", not named)
    )
    return (chosen[0],)


def _families(names: Sequence[str]) -> dict[str, list[str]]:
    """Group names by what stands before their last word or number: ``prob_cat, prob_dog`` under ``prob_``."""
    groups: dict[str, list[str]] = {}
    for name in names:
        # The first separator decides, so that a class name may hold separators of its own.
        match = re.match(r"^(\.?[^\W_]+(?:[_.:\- =]+))(?=.)|^([^\W\d_]+)(?=\d+$)", name)
        groups.setdefault(match.group(0) if match else "", []).append(name)
    return groups


def _score_family(family: Sequence[str]) -> bool:
    shared = plain(family[0][: -len(without_affixes(family)[0]) or None]).strip("_")
    return shared in SCORE_WORDS


def _refuse_argmax(table: Table, columns: Sequence[Column]) -> None:
    """Raise InvalidScores if the only columns that could be scores hold predicted classes."""
    predicted = [column for column in columns if _is_predicted(column, table)]
    others = [column for column in columns if column.kind is Kind.NUMBER and not is_id(column.name)]
    if predicted and all(column in predicted for column in others):
        raise _argmax_only(table, predicted[0])


def _argmax_only(table: Table, column: Column) -> InvalidScores:
    return InvalidScores(
        f"column {column.name!r} holds predicted classes, not scores: no cross-entropy can be computed from it",
        code="argmax_only",
        where=Where(table.path),
        hint="write the model's probabilities or logits instead (predict_proba, decision_function, …)",
    )


def _no_scores(table: Table, rest: list[Column]) -> DataError:
    predicted = [column for column in rest if _is_predicted(column, table)]
    if predicted:
        return _argmax_only(table, predicted[0])
    held = [f"{column.name!r} ({'no value' if _is_empty(column) else column.dtype})" for column in rest]
    among = f": {', '.join(held[:_MANY])}{', …' if len(held) > _MANY else ''}" if held else ""
    return InvalidScores(
        f"no column of numbers is left for the predictions{among}",
        code="no_scores",
        where=Where(table.path),
        hint="name the prediction columns with --pred, and the label with --label",
    )


def _ambiguous_scores(table: Table, columns: Sequence[Column]) -> AmbiguousData:
    return AmbiguousData(
        f"several columns may hold the predictions: {listed(column.name for column in columns)}",
        code="predictions_ambiguous",
        where=Where(table.path),
        hint="name them: --pred COLUMN for one, --pred 'prob_*' or --pred a,b,c for several",
    )


def _given(table: Table, patterns: Sequence[str]) -> tuple[Column, ...]:
    chosen: dict[str, Column] = {}
    for pattern in patterns:
        names = [column for column in table.columns if column.name == pattern]
        if not names and any(mark in pattern for mark in "*?["):
            names = [column for column in table.columns if fnmatch.fnmatchcase(column.name, pattern)]
        chosen.update({column.name: column for column in names or [_require(table, pattern, "--pred")]})
    for column in chosen.values():
        if column.kind is Kind.VECTOR and len(chosen) > 1:
            raise AmbiguousData(
                f"column {column.name!r} holds vectors: it cannot be combined with other prediction columns",
                code="predictions_mixed",
                where=Where(table.path),
                hint="name either one vector column or several number columns with --pred",
            )
        if column.kind is Kind.NESTED or (column.kind is Kind.OTHER and not _is_empty(column)):
            raise InvalidScores(
                f"holds no scores but {column.dtype}",
                code="not_scores",
                where=Where(table.path, column=column.name),
                hint="name columns of numbers, or one of vectors, with --pred",
            )
    return tuple(chosen.values())


def _shown(columns: Sequence[Column]) -> str:
    names = [column.name for column in columns]
    return ", ".join(names) if len(names) <= 6 else f"{names[0]}, {names[1]}, …, {names[-1]} ({len(names)})"


# What columns are called and hold


def plain(name: str) -> str:
    """Return a column name as the tables above spell it: lower case, one underscore for whatever parts the words."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", spaced).strip("_").lower()


def _is_predicted(column: Column, table: Table) -> bool:
    """Whether a column holds the class that the model chose: named so, and text or whole numbers."""
    if not table.named or plain(column.name) not in PREDICTED:
        return False
    return column.kind in (Kind.TEXT, Kind.BOOLEAN) or (column.kind is Kind.NUMBER and _whole_numbers(table, column))


def _whole_numbers(table: Table, column: Column) -> bool:
    values = table.head().texts(column.name)
    return all(value is None or _is_whole(value) for value in values)


def _is_whole(text: str) -> bool:
    value = number(text)
    return value is not None and value.is_integer()


def _is_empty(column: Column) -> bool:
    """Whether no value has been seen in a column: its cells may be anything."""
    return column.kind is Kind.OTHER and column.dtype in ("empty", "null")


def _could_be_numbers(table: Table, column: Column) -> bool:
    return _is_empty(column) or (column.kind is Kind.TEXT and _mostly_numbers(table, column))


def _mostly_numbers(table: Table, column: Column) -> bool:
    """Whether a text column is a number column with some bad cells: then reading it says which."""
    values = [value for value in table.head().texts(column.name) if value is not None]
    return bool(values) and 2 * sum(number(value) is not None for value in values) > len(values)


def _values(table: Table, name: str) -> set[str]:
    return {value for value in table.head().texts(name) if value is not None}


def _has(table: Table, name: str) -> bool:
    return any(column.name == name for column in table.columns)


def _require(table: Table, name: str, flag: str) -> Column:
    """Return the column of that name; raise DataError if there is none."""
    for column in table.columns:
        if column.name == name:
            return column
    names = [column.name for column in table.columns]
    close = difflib.get_close_matches(name, names, n=1)
    raise DataError(
        f"there is no column {name!r}; the columns are {in_order(names)}",
        code="no_such_column",
        where=Where(table.path),
        hint=f"did you mean {flag} {close[0]}?" if close else f"{flag} takes one of these names",
    )


def _require_names(table: Table, name: str, flag: str) -> Column:
    """Return the column of that name, whose cells can be names: labels, ids or conditions are."""
    column = _require(table, name, flag)
    if column.kind in _MANY_VALUED:
        raise DataError(
            f"holds several values in a cell ({column.dtype})",
            code="not_names",
            where=Where(table.path, column=name),
            hint=f"{flag} takes a column of single values",
        )
    return column
