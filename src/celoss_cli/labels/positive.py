"""Which of two classes a single score column speaks of: never by the order of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from celoss_cli.errors import AmbiguousData
from celoss_cli.labels.match import Match, plain_map
from celoss_cli.labels.unicode_forms import two_forms
from celoss_cli.labels.words import known_pair, marks_no_label, speaks_against, the_other
from celoss_cli.spelling import list_option, listed, natural_key, number, option, same, truth_value

_WORD = re.compile(r"[^\W\d_]+|\d+")

# Words that a column's name says of scores, and not of the class they are for: ``p`` is no name for poisonous.
_OF_SCORES = frozenset(
    {"p", "prob", "proba", "probability", "score", "pred", "prediction", "class", "logit", "raw", "out"}
)


def match_single(
    column: str, labels: Iterable[str], positive: str | None, given: Sequence[str], *, more: bool = False
) -> Match:
    """Return the two classes of a single score column, (negative, positive): the score speaks of the positive one.

    ``positive`` and ``given`` are the values of ``--positive`` and ``--classes`` (two names: negative, positive).
    ``more`` says that rows follow whose labels are not known yet: then one label alone is no reason to give up.
    Raises AmbiguousData where nothing says which class is positive.
    """
    seen = sorted(labels, key=natural_key)
    if given:
        return _given(given, positive)
    if positive is not None:
        return _match_positive(positive, seen, "given")
    if not seen:
        return Match(plain_map(("0", "1")), "no labels seen yet")
    seen = _in_one_spelling(seen)
    pair, named = known_pair(seen), _named(column, seen)
    if named is not None and not (pair is not None and number(named) is not None):
        if len(seen) == 2 and named == seen[0] and all(number(label) is not None for label in seen):
            raise _only_numbered(column, named, (seen[0], seen[1]))
        return _match_positive(named, seen, f"column {column!r} is named after it")
    if pair is not None:
        _refuse_the_negative(column, named, pair)
        return Match(plain_map(pair), f"labels {listed(seen)}")
    if len(seen) > 2:
        raise AmbiguousData(
            f"one prediction column, but {len(seen)} labels: {listed(seen)}",
            code="too_many_labels",
            hint=_without_label(seen)
            or "name the prediction columns with --pred (one per class), or the label column with --label",
        )
    if more and len(seen) == 1:
        return Match(plain_map((seen[0], f"not {seen[0]}")), "only one label so far", guess=True, unsettled=True)
    raise AmbiguousData(
        f"nothing says which of the labels {listed(seen)} the column {column!r} speaks of",
        code="positive_unknown",
        hint=f"name it: {_flag(seen[-1])} if it speaks of that one"
        + (f", {_flag(seen[0])} if of the other" if len(seen) > 1 else ", another --positive CLASS if not")
        + ("" if (unlabelled := _without_label(seen)) is None else f"; {unlabelled}"),
    )


def _without_label(seen: Sequence[str]) -> str | None:
    """Return the hint that one of the labels marks rows without any, if it can and the others are two, or one."""
    marks = [label for label in seen if marks_no_label(label)]
    if not marks or not 0 < len(seen) - len(marks) <= 2:
        return None
    if len(marks) == 1:
        flag = option("--ignore-index", marks[0])
        return f"{flag} leaves such rows out, counted, if it marks rows without a label"
    pair = known_pair([label for label in seen if label not in marks])
    flag = list_option("--classes", pair) if pair is not None else "--classes NEGATIVE,POSITIVE"
    return f"if {listed(marks)} mark rows without a label: {flag} --unknown-class drop leaves them out, counted"


def _given(names: Sequence[str], positive: str | None) -> Match:
    if len(names) != 2:
        raise AmbiguousData(
            f"--classes names {len(names)} classes, but one prediction column has two",
            code="classes_mismatch",
            hint="name them as --classes NEGATIVE,POSITIVE, or the prediction columns with --pred",
        )
    return Match(plain_map((names[0], names[1]) if names[0] != positive else (names[1], names[0])), "given")


def _flag(label: str) -> str:
    return option("--positive", label)


def _refuse_the_negative(column: str, named: str | None, pair: tuple[str, str]) -> None:
    """Raise AmbiguousData where a column's name may say that it speaks of the negative class of a well-known pair."""
    if named is not None and plain_map(pair).code(named) == 0:
        raise _only_numbered(column, named, pair)
    word = None if named is not None else speaks_against(_words(column))
    if word is not None:
        raise AmbiguousData(
            f"column {column!r} is called {word!r}, so it may speak of the negative class {pair[0]!r}",
            code="positive_ambiguous",
            hint=f"say which class it speaks of: {_flag(pair[0])} or {_flag(pair[1])}",
        )


def _only_numbered(column: str, named: str, pair: tuple[str, str]) -> AmbiguousData:
    return AmbiguousData(
        f"column {column!r} may speak of class {named!r} or only be numbered so",
        code="positive_ambiguous",
        hint=f"say which class it speaks of: {_flag(pair[1])} or {_flag(pair[0])}",
    )


def _match_positive(positive: str, seen: Sequence[str], why: str) -> Match:
    """Return the match of one class against the only other label; ``A`` is another than ``a`` if both are seen."""
    alone, truth = plain_map((positive,)), truth_value(positive)
    others = [
        label
        for label in seen
        if not same(label, positive)
        and (alone.code(label) is None or positive in seen)
        and (truth is None or truth_value(label) is not truth)
    ]
    match = Match(plain_map((others[0] if others else the_other(positive), positive)), why)
    forms = two_forms(others, (positive,))
    if forms is not None or any(match.classes.code(label) is None for label in others):
        raise AmbiguousData(
            f"positive class {positive!r} against labels {listed(seen)}: a single column needs exactly one other",
            code="positive_unknown",
            hint=forms
            or "name one of the two labels with --positive, or give one prediction column per class with --pred",
        )
    return match


def _in_one_spelling(seen: Sequence[str]) -> list[str]:
    """Return labels that all say 0 or 1, or false or true, some in digits and some in words, in one of the two.

    That is what a class map makes of the odd one out in a later row; it may not matter in which row it stands.
    """
    truths = [truth_value(label) for label in seen]
    words = {truth: label for truth, label in zip(truths, seen, strict=True) if number(label) is None}
    digits = {truth: label for truth, label in zip(truths, seen, strict=True) if number(label) is not None}
    if None in truths or not words or not digits:
        return list(seen)
    spelt, names = (words, ("false", "true")) if len(words) > len(digits) else (digits, ("0", "1"))
    return [spelt.get(truth, names[bool(truth)]) for truth in sorted({*words, *digits}, key=bool)]


def _named(column: str, seen: Sequence[str]) -> str | None:
    """Return the label that a column is called after: by its whole name (``>50K``), or by one word of it."""
    if column in seen and number(column) is None and column.casefold() not in _OF_SCORES:
        return column
    from celoss_cli.labels.r_names import make_name

    if len(made := [label for label in seen if make_name(label) == column != label]) == 1:
        return made[0]
    words = _words(column)
    found = [label for label in seen if _words(label) != "__" and _words(label) in words]
    found = [label for label in found if label.casefold() not in _OF_SCORES]
    return found[0] if len(found) == 1 else None


def _words(name: str) -> str:
    """Return the words and numbers of a name between underscores: ``_prob_1_``."""
    return f"_{'_'.join(_WORD.findall(name.casefold()))}_"
