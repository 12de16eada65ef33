"""What is said where the predictions cannot be told: nothing holds scores, or too much does."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from celoss_cli.errors import AmbiguousData, DataError, InvalidScores, Where
from celoss_cli.layout.cells import MANY, is_empty, is_key, is_predicted
from celoss_cli.layout.names import is_id
from celoss_cli.layout.readings.candidate import By, Candidate, leading, ruled_out
from celoss_cli.layout.readings.objections import OF_TRUTH
from celoss_cli.layout.readings.something_else import SHARED_NAME
from celoss_cli.spelling import in_order, list_option, listed, option
from celoss_cli.tables.source import Column, Kind, Table

_LIBSVM = re.compile(r"\S+(?: \d+:[-+.\deE]+)+")  # a label, and numbers with the places of their features

_WRITE_SCORES = "write the model's probabilities or logits instead (predict_proba, decision_function, …)"


def refuse_argmax(table: Table, columns: Sequence[Column]) -> None:
    """Raise InvalidScores if the only columns that could be scores hold predicted classes."""
    predicted = [column for column in columns if is_predicted(column, table)]
    others = {column.name for column in columns if column.kind is Kind.NUMBER and not is_id(column.name)}
    if predicted and others <= {column.name for column in predicted}:
        raise _argmax_only(table, predicted[0])


def no_scores(table: Table, rest: Sequence[Column], taken: Collection[str]) -> DataError:
    """Return the error that no column of numbers has no other part: ``rest`` have none."""
    predicted = [column for column in table.columns if is_predicted(column, table)]
    if predicted:
        return _argmax_only(table, predicted[0])
    kept_out = [
        column.name
        for column in table.columns
        if not rest and column.name not in taken and column.kind is Kind.NUMBER and not is_key(table, column)
    ]
    if kept_out:
        return InvalidScores(
            f"no column of numbers is left for the predictions: {in_order(kept_out)} is called like a weight, "
            "a threshold or other bookkeeping",
            code="no_scores",
            where=Where(table.path),
            hint=f"if it holds the scores, say so: {option('--pred', kept_out[0])}",
        )
    if any(_LIBSVM.fullmatch(text or "") for c in table.columns for text in (c.name, *table.head().texts(c.name)[:1])):
        return InvalidScores(
            "is in the format of LIBSVM: its numbers have places, which are features and no classes",
            code="no_scores",
            where=Where(table.path),
            hint="scores, labels = sklearn.datasets.load_svmlight_file(FILE); numpy.savez(…, scores=scores.toarray(), "
            "labels=labels)",
        )
    odd = _odd_numbers(table, rest)
    if odd is not None:
        return odd
    held = [f"{column.name!r} ({'no value' if is_empty(column) else column.dtype})" for column in rest]
    among = f": {', '.join(held[:MANY])}{', …' if len(held) > MANY else ''}" if held else ""
    return InvalidScores(
        f"no column of numbers is left for the predictions{among}",
        code="no_scores",
        where=Where(table.path),
        hint="name the prediction columns with --pred, and the label with --label",
    )


def _odd_numbers(table: Table, rest: Sequence[Column]) -> InvalidScores | None:
    """Return the error that a column of text would be numbers but for a character in them; ``None`` if none is so."""
    from celoss_cli.tables.text.odd_characters import odd_number

    for column in rest:
        texts = table.head().texts(column.name) if column.kind is Kind.TEXT else []
        row, text = next(((row, text) for row, text in enumerate(texts) if text), (0, ""))
        odd = odd_number(text)
        if odd is not None:
            return InvalidScores(
                f"{text!r} is not a number: {odd.what}",
                code="not_a_number",
                where=Where(table.path, row, table.line_of(row), column.name),
                hint=odd.hint,
            )
    return None


def undecided(
    table: Table,
    free: Sequence[Column],
    unnamed: Collection[str],
    readings: Sequence[Candidate],
) -> DataError:
    """Return the error that no reading of ``free`` columns wins: what is against the likeliest, or which are as likely.

    ``unnamed`` are the labels without a column of their name, where most have one.
    """
    best, out = leading(readings), ruled_out(readings)
    if unnamed:
        return _label_without_column(table, free, unnamed)
    if len(best) > 1 and best[0].by is By.CLASS_NAMES:
        return _two_sets(table, best)
    if not best and out is not None:
        return _spoken_against(table, free, out)
    return _ambiguous(table, free)


def _argmax_only(table: Table, column: Column) -> InvalidScores:
    return InvalidScores(
        f"column {column.name!r} holds predicted classes, not scores: no cross-entropy can be computed from it",
        code="argmax_only",
        where=Where(table.path),
        hint=_WRITE_SCORES,
    )


def _spoken_against(table: Table, free: Sequence[Column], out: Candidate) -> DataError:
    """Return the error that the only reading left is none: the file has no scores, or they are to be named."""
    if len(out.columns) > 1 and (out.against or "").startswith(SHARED_NAME):
        return InvalidScores(
            f"no columns are left for the predictions: {in_order(out.names)} are no scores: {out.against}",
            code="no_scores",
            where=Where(table.path, column=out.names[0]),
            hint=f"if they hold the scores, say so: {list_option('--pred', out.names)}",
        )
    if len(out.columns) > 1:
        surplus = out.against is not None and out.against.startswith("the labels name")
        if surplus:
            hint = "say which columns are classes: --pred a,b,c"
        else:
            hint = f"name one: {option('--pred', out.names[0])}; {list_option('--pred', out.names)} if they are classes"
        return AmbiguousData(
            f"{out.against}" if surplus else f"columns {in_order(out.names)}: {out.against}",
            code="predictions_ambiguous",
            where=Where(table.path),
            hint=hint,
        )
    name = out.names[0]
    predicted = next((column for column in table.columns if is_predicted(column, table)), None)
    if len(free) > 1 and predicted is None:
        return _ambiguous(table, free)
    if out.against == OF_TRUTH:
        return of_truth(table, name)
    what = f"column {name!r} is no score: {out.against}"
    if predicted is not None and len(free) == 1:
        return InvalidScores(
            f"column {predicted.name!r} holds predicted classes, and {what}. No cross-entropy can be computed",
            code="argmax_only",
            where=Where(table.path),
            hint=f"{_WRITE_SCORES}; if {name!r} is one after all: {option('--pred', name)}",
        )
    return InvalidScores(
        f"no column is left for the predictions: {what}",
        code="no_scores",
        where=Where(table.path, column=name),
        hint=f"if it holds the scores, say so: {option('--pred', name)}",
    )


def of_truth(table: Table, name: str) -> DataError:
    """Return the error that the only scores are the probabilities of the truth, whatever their name says that is."""
    return InvalidScores(
        f"column {name!r} is no score of one class: {OF_TRUTH}",
        code="of_truth",
        where=Where(table.path),
        hint="write the probability of one class in every row, or of each class in a column of its own; if it is that "
        f"of one class: {option('--pred', name)} --positive CLASS",
    )


def _two_sets(table: Table, best: Sequence[Candidate]) -> AmbiguousData:
    ways = " or ".join(list_option("--pred", one.names) for one in best[:3])
    sets = "; ".join(in_order(one.names) for one in best[:3])
    return AmbiguousData(
        f"{len(best)} sets of columns are named after the labels: {sets}",
        code="predictions_ambiguous",
        where=Where(table.path),
        hint=f"say which are to be scored: {ways}",
    )


def _label_without_column(table: Table, scores: Sequence[Column], unknown: Collection[str]) -> AmbiguousData:
    names = [column.name for column in scores]
    return AmbiguousData(
        f"no column is called like the label {listed(unknown)}, as those of the other labels are: {in_order(names)}",
        code="predictions_ambiguous",
        where=Where(table.path),
        hint=f"correct the label, or leave such rows out: --unknown-class drop; "
        f"if it is a class without a score: {list_option('--pred', names)} --unknown-class inf",
    )


def _ambiguous(table: Table, columns: Sequence[Column]) -> AmbiguousData:
    return AmbiguousData(
        f"several columns may hold the predictions: {listed(column.name for column in columns)}",
        code="predictions_ambiguous",
        where=Where(table.path),
        hint="name them: --pred COLUMN for one, --pred 'prob_*' or --pred a,b,c for several",
    )
