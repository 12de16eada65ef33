"""Who is who in a file of sequences: the truth's own scores, their unit, the text, what is left out."""

from __future__ import annotations

import numpy as np

from celoss_cli.errors import AmbiguousData, InvalidScores, UsageError, Where
from celoss_cli.layout.cells import is_key, require, require_names
from celoss_cli.layout.names import plain
from celoss_cli.layout.pair_columns import shown_ids
from celoss_cli.layout.roles import Layout, slice_columns
from celoss_cli.layout.sequences.beside import (
    decimals_of,
    parallel_list,
    skipped_tokens,
    spells_text,
    weight_columns,
)
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.layout.sequences.hints import LISTS
from celoss_cli.layout.sequences.lighteval import lighteval_of
from celoss_cli.layout.sequences.names import (
    TEXTS,
    form_of_name,
    is_averaged,
    may_be_sum,
    recognised,
)
from celoss_cli.request import Average, Detail, InputForm, InputKind, Per, Request
from celoss_cli.results.document import Notice
from celoss_cli.spec import Decision, How
from celoss_cli.tables.arrow.lists import Ragged, ragged_numbers
from celoss_cli.tables.sequences_of import SequencesOf
from celoss_cli.tables.source import Column, Kind, Table

_TEXT_UNITS = (Per.BYTE, Per.CHAR, Per.WORD)


def find_sequences(table: Table, request: Request) -> Layout | None:
    """Return who is who where the file has the truth's own scores and they are asked for, or unmistakable.

    ``None`` where nothing is asked for and the columns say something else. Raises AmbiguousData, InvalidScores or
    DataError where the roles cannot be told.
    """
    known = recognised(table) or lighteval_of(table, request)
    name = request.truth or (known.truth if known is not None else _detected(table, request))
    if name is None:
        return None
    column = require(table, name, "--truth")
    scores = _scores(table, column)
    lists = column.kind is not Kind.NUMBER and not (known is not None and known.sums)
    guess = request.truth is None and known is None and _as_long(scores)
    how = How.DETECTED if request.truth is None else How.GIVEN
    decisions = [Decision("truth", name, how, _described(scores, lists=lists, known=known), "--truth", guess)]
    form = _form(column, request, known, decisions)
    per = _per(table, column, request, known, decisions, lists=lists)
    text = _text(table, request, known, per, decisions)
    parallel, given = parallel_list(table, request, known, scores, lists=lists)
    if parallel is not None:
        how = How.GIVEN if given else How.DETECTED
        what = "a list beside the scores: marks or names the tokens" if given else "names the tokens"
        decisions.append(Decision("label", parallel, how, what, "--label"))
    skip, skip_column = skipped_tokens(table, request, decisions)
    row_weight, token_weight = weight_columns(table, request, decisions)
    paired = request.detail is Detail.PAIRED  # two models: the same text has as many bytes for both
    slices = slice_columns(table, None, request, decisions)
    for where, _ in request.where:
        require_names(table, where, "--where")
    columns = SequenceColumns(
        truth=name,
        lists=lists,
        form=form,
        per=per,
        text=text,
        parallel=parallel,
        parallel_given=given,
        spells=lists and not paired and spells_text(table, parallel, text, scores),
        skip=skip,
        skip_column=skip_column,
        weight=token_weight,
        macro=request.average is Average.MACRO,
        sizes=None if known is None or (paired and text is not None) else known.sizes,
        decimals=decimals_of(scores),
    )
    _check_unit(table, columns, request)
    return Layout(
        scores=(column._replace(kind=Kind.NUMBER, width=None),),
        label="",
        pair_ids=(),
        ids=tuple(one for one in shown_ids(table, request) if one != name),
        weight=row_weight,
        weight_beside_label=False,
        where_beside_label=(False,) * len(request.where),
        targets=(),
        decisions=tuple(decisions),
        notices=() if known is None else tuple(Notice(*one) for one in known.notices),
        slices=slices,
        tool=None if known is None else known.tool,
        sequences=columns,
    )


def _detected(table: Table, request: Request) -> str | None:
    """Return the one column that holds lists of the truth's log-probabilities, going by its name and its values.

    Lists of different lengths are no scores by class. Of lists of one length a name alone says it, where there is
    nothing that could be a label.
    """
    if request.pred or request.classes or request.positive is not None or request.task is not None:
        return None
    named = [c for c in table.columns if c.kind is Kind.VECTOR and plain(c.name) in LISTS and not c.classes]
    found = []
    for column in named:
        scores = ragged_numbers(table.head(), column.name, table.path, 0)
        if _are_scores(scores, form_of_name(column.name)):
            found.append((column.name, _as_long(scores)))
    ragged = [name for name, as_long in found if not as_long]
    if len(ragged) == 1:
        return ragged[0]
    if ragged or len(found) != 1 or request.label:
        return None
    others = [c for c in table.columns if c.name != found[0][0]]
    alone = all(plain(c.name) in TEXTS or plain(c.name) in ("id", "doc_id", "index", "idx") for c in others)
    return found[0][0] if alone and request.labels is None else None


def _are_scores(scores: Ragged, form: InputForm | None) -> bool:
    values = scores.values[~np.isnan(scores.values)]
    if not values.size or scores.lengths.max() < 2:
        return False
    return bool((values >= 0.0).all()) if form is InputForm.NLL else bool((values <= 1e-4).all())


def _as_long(scores: Ragged) -> bool:
    lengths = scores.lengths[scores.present]
    return lengths.size > 1 and int(lengths.min()) == int(lengths.max())


def _scores(table: Table, column: Column) -> Ragged:
    """Return the first scores. Raises InvalidScores for a column without numbers."""
    written = column.dtype in ("list<null>", "list<string>", "list<large_string>")  # of numbers as texts, or of nothing
    if (
        (column.kind is Kind.NESTED and not written)
        or column.kind is Kind.BOOLEAN
        or (column.kind is Kind.OTHER and column.dtype != "empty")
    ):
        raise InvalidScores(
            f"holds neither numbers nor lists of numbers ({column.dtype})",
            code="not_scores",
            where=Where(table.path, column=column.name),
            hint="name a column of numbers, or of lists with one a token; members of objects by their path: "
            "--truth choices.0.logprobs.token_logprobs",
        )
    return ragged_numbers(table.head(), column.name, table.path, 0)


def _described(scores: Ragged, *, lists: bool, known: SequencesOf | None) -> str:
    values, lengths = scores.values[~np.isnan(scores.values)], scores.lengths[scores.present]
    span = "" if not values.size else " ≤ 0" if values.max() <= 0.0 else " ≥ 0" if values.min() >= 0.0 else ""
    said = f"; {known.title}" if known is not None else ""
    if not lists:
        return f"one number a row{span}{said}"
    if not lengths.size:
        return f"lists{said}"
    low, high = int(lengths.min()), int(lengths.max())
    ragged = "ragged " if low != high else ""
    long = f"{low} to {high} long" if low != high else f"{low} long"
    return f"{ragged}lists of numbers{span}, {long}{said}"


def _form(column: Column, request: Request, known: SequencesOf | None, decisions: list[Decision]) -> InputForm:
    """Return what the numbers are. Nothing in them tells the base: there is no distribution to sum."""
    if request.input is InputKind.LOGITS:
        raise UsageError(
            "--input logits: a single logit says nothing without those of the other tokens",
            code="truth_logits",
            hint="write its log-softmax: --input logprobs",
        )
    if request.input is not None:
        form = request.written or InputForm(request.input.value)
        decisions.append(Decision("input", form.value, How.GIVEN, "--input", "--input"))
        return form
    if known is not None and request.truth in (None, known.truth):
        decisions.append(Decision("input", known.form.value, How.DETECTED, f"as {known.title} writes", "--input"))
        return known.form
    named = form_of_name(column.name)
    form = named or InputForm.LOGPROBS
    told = named is not None and form is not InputForm.LOGPROBS
    why = (
        "its name" if told else "its name; nothing in the numbers tells the base" if named else "nothing tells the base"
    )
    decisions.append(Decision("input", form.value, How.DETECTED, f"{why}, {form.noun}", "--input", not told))
    return form


def _per(
    table: Table, column: Column, request: Request, known: SequencesOf | None, decisions: list[Decision], *, lists: bool
) -> str:
    """Return the unit of the mean. Raises AmbiguousData for sums that could be means, and for means."""
    if is_averaged(column.name):
        raise AmbiguousData(
            "by its name it is averaged already: how much of it each row weighs is lost",
            code="already_averaged",
            where=Where(table.path, column=column.name),
            hint="save the sums, or the log-probabilities of the tokens",
        )
    per = request.per
    if per is None:
        per = Per.TOKEN.value if lists else Per.SEQUENCE.value
        why = "of lists" if lists else "of one number a row"
        decisions.append(Decision("per", per, How.DETECTED, f"the default {why}", "--per"))
        return per
    if per not in tuple(Per):
        counts = require(table, per, "--per")
        if counts.kind is not Kind.NUMBER:
            raise InvalidScores(
                f"holds no counts ({counts.dtype})",
                code="not_counts",
                where=Where(table.path, column=per),
                hint="--per takes token, byte, char, word, sequence, or a column of counts",
            )
    if per == Per.TOKEN and not lists and (known is not None or may_be_sum(column.name)):
        raise AmbiguousData(
            "one number a row may be the sum of a sequence or the mean of its tokens, and nothing says how many "
            "tokens it has",
            code="sum_or_mean",
            where=Where(table.path, column=column.name),
            hint="--per sequence, or --per COLUMN with the numbers of tokens",
        )
    decisions.append(Decision("per", per, How.GIVEN, "--per", "--per"))
    return per


def _text(table: Table, request: Request, known: SequencesOf | None, per: str, decisions: list[Decision]) -> str | None:
    if request.text is not None:
        column = require(table, request.text, "--text")
        if column.kind is not Kind.TEXT:
            raise InvalidScores(
                f"holds no text ({column.dtype})",
                code="not_text",
                where=Where(table.path, column=request.text),
                hint="--text names the column with the text that was scored",
            )
        decisions.append(Decision("text", request.text, How.GIVEN, "--text", "--text"))
        return request.text
    if known is not None and known.text is not None:
        decisions.append(Decision("text", known.text, How.DETECTED, f"as {known.title} writes", "--text"))
        return known.text
    texts = [c.name for c in table.columns if c.kind is Kind.TEXT and c.name not in request.id and not is_key(table, c)]
    taken = {request.cluster, *(name for name, _ in request.where), *(part.partition("=")[0] for part in request.slice)}
    texts = [name for name in texts if name not in taken]
    named = [name for name in texts if plain(name) in TEXTS]
    if len(texts) > 1 and [plain(name) for name in named] == ["prompt"]:
        named = []  # beside it may stand what was scored: an answer
    found = named[0] if len(named) == 1 else texts[0] if len(texts) == 1 and per in _TEXT_UNITS else None
    if found is None:
        return None
    why = "its name" if named else "the only column of text"
    decisions.append(Decision("text", found, How.DETECTED, why, "--text", per in _TEXT_UNITS))
    return found


def _check_unit(table: Table, columns: SequenceColumns, request: Request) -> None:
    counted = columns.text is not None or (columns.sizes is not None and columns.per == Per.BYTE)
    if columns.per in _TEXT_UNITS and not counted:
        raise AmbiguousData(
            f"--per {request.per} needs the text, and no column is it for sure",
            code="no_text",
            where=Where(table.path),
            hint="--text COLUMN names it; --per COLUMN takes a column of counts",
        )
