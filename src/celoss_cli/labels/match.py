"""Which class each score column speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from celoss_cli.errors import AmbiguousData
from celoss_cli.labels.classes import ClassMap
from celoss_cli.spelling import MOST_LISTED, in_order, listed, natural_key, number, truth_value, without_affixes

_WORD = re.compile(r"[^\W\d_]+|\d+")


# Pairs of which the second is the positive class by what the words mean, in every field that uses them.
_POSITIVE_SECOND = (
    ("0", "1"),
    ("-1", "1"),
    ("false", "true"),
    ("no", "yes"),
    ("n", "y"),
    ("f", "t"),
    ("neg", "pos"),
    ("negative", "positive"),
)


# Words that a column's name says of scores, and not of the class they are for: ``p`` is no name for poisonous.
_OF_SCORES = frozenset(
    {"p", "prob", "proba", "probability", "score", "pred", "prediction", "class", "logit", "raw", "out"}
)


class Match(NamedTuple):
    """A class map with the reason for it. ``guess`` if the names do not settle it.

    The last ``beyond`` classes are those of labels that no score speaks of, where these count as infinitely wrong. Two
    matches are equal if they score every row alike, whatever the reason.
    """

    classes: ClassMap
    evidence: str
    guess: bool = False
    beyond: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Match) and (self.classes, self.beyond) == (other.classes, other.beyond)

    def __ne__(self, other: object) -> bool:
        return not self == other  # a tuple has its own

    def __hash__(self) -> int:
        return hash((self.classes.names, self.beyond))

    @property
    def scored(self) -> ClassMap:
        """The classes that scores speak of."""
        count = len(self.classes.names) - self.beyond
        codes = {label: code for label, code in self.classes.codes.items() if code < count}
        return ClassMap(self.classes.names[:count], codes) if self.beyond else self.classes

    def extended(self, labels: Iterable[str]) -> Match:
        """Return the match with a class more for each of these labels, of which no score speaks."""
        more = sorted(labels, key=natural_key)
        first = len(self.classes.names)
        codes = {**self.classes.codes, **{label: first + i for i, label in enumerate(more)}}
        return self._replace(classes=ClassMap((*self.classes.names, *more), codes), beyond=self.beyond + len(more))


def match_columns(
    columns: Sequence[str], labels: Iterable[str], given: Sequence[str], *, named: bool, ordered: bool = True
) -> Match:
    """Return which class each of C ≥ 2 columns speaks of.

    ``columns`` are the names of the prediction columns (numbers "0".. for the elements of a vector), ``labels`` the
    distinct labels seen, ``given`` the value of ``--classes``; ``named`` says whether the columns have names of their
    own, ``ordered`` whether their order is the model's, so that a whole number may be a position. Labels that name no
    class stay out of the map. Raises AmbiguousData where neither names nor positions fit.
    """
    seen = sorted(labels, key=natural_key)
    size = len(columns)
    if given:
        if len(given) != size:
            raise AmbiguousData(
                f"--classes names {len(given)} classes, but there are {size} prediction columns: {in_order(columns)}",
                code="classes_mismatch",
                hint="name one class for each prediction column, in their order",
            )
        by_name = not ordered and set(given) == set(columns)  # these classes have no order that a list could follow
        return Match(_map(tuple(columns if by_name else given)), "given")
    candidates: list[tuple[tuple[str, ...], str]] = []
    if named:
        candidates.append((tuple(columns), "labels are the column names"))
        cores = without_affixes(columns)
        if cores != tuple(columns):
            candidates.append((cores, "labels are the column names without what these share"))
    maps = [(_map(names), why) for names, why in candidates]
    shown = maps[-1][0].names if maps else None
    if ordered and shown is not None:
        _refuse_reversed(seen, shown)
    for classes, why in maps:
        if seen and all(classes.code(label) is not None for label in seen):
            return Match(classes, why)
    numbers = [value for name in shown or () if (value := number(name)) is not None]
    apart = len(set(numbers)) < len(numbers)  # columns 1 and 01 tell spellings apart: then a number is no position
    ordered = ordered and not apart
    by_position = _match_positions(size, seen, shown) if ordered else None
    if by_position is not None:
        return by_position
    best = max(maps, key=lambda item: _named_by(item[0], seen), default=None)
    if best is not None and _named_by(best[0], seen):
        return Match(*best)
    if not seen:
        return Match(
            _map(shown or tuple(str(i) for i in range(size))),
            "the names of the prediction columns" if named else "the positions of the predictions",
        )
    if ordered and any(label in seen for label in _numbered(0, size)):
        return _positions(0, size, shown, f"integer labels taken as positions from 0 among {size} columns", guess=True)
    raise AmbiguousData(
        f"no prediction column is named after a label: labels {listed(seen)}, columns {in_order(columns)}",
        code="classes_unknown",
        hint="say which class each prediction column speaks of, in order: --classes A,B,…"
        + _if_sorted(size, seen, shown),
    )


def _if_sorted(size: int, seen: Sequence[str], names: Sequence[str] | None) -> str:
    """Return what to pass if numbered columns are in the order of the sorted labels, as scikit-learn has them."""
    numbered = names is None or all(number(name) is not None for name in names)
    if not numbered or len(seen) != size or size > MOST_LISTED or any("," in label for label in seen):
        return ""
    return f" (if they are in sorted order: --classes '{','.join(sorted(seen))}')"


def _named_by(classes: ClassMap, labels: Sequence[str]) -> int:
    return sum(classes.code(label) is not None for label in labels)


def _match_positions(size: int, seen: Sequence[str], names: tuple[str, ...] | None) -> Match | None:
    """Match integer labels to columns by position: from 0 if one is 0, from 1 if one is C.

    Labels from 1 to C − 1 fit both: they are taken from 0, which is a guess, and so is any position of a named column.
    """
    whole = _whole_numbers(seen)
    if whole is None or min(whole) < 0 or max(whole) > size or (min(whole) == 0 and max(whole) == size):
        return None
    first = int(max(whole) == size)
    why = f"integer labels taken as positions from {first} among {size} columns"
    if 0 not in whole and size not in whole:
        return _positions(0, size, names, f"{why}, though none is 0 and none is {size}", guess=True)
    return _positions(first, size, names, why, guess=names is not None)


def _whole_numbers(labels: Sequence[str]) -> list[int] | None:
    """Return the labels as integers if all are such, and there are any."""
    values = [number(label) for label in labels]
    whole = [int(value) for value in values if value is not None and value.is_integer()]
    return whole if whole and len(whole) == len(labels) else None


def _refuse_reversed(seen: Sequence[str], names: tuple[str, ...]) -> None:
    """Raise AmbiguousData where two columns are called by words (yes, no) that contradict positions (0, 1)."""
    whole = _whole_numbers(seen)
    pair = _known_pair(names) if len(names) == 2 and number(names[0]) is None else None
    if whole is not None and set(whole) <= {0, 1} and pair == (names[1], names[0]):
        raise AmbiguousData(
            f"labels {listed(seen)} as positions would make class 0 of column {names[0]!r} and class 1 of {names[1]!r}",
            code="classes_ambiguous",
            hint="say which label each prediction column speaks of, in order: --classes 1,0 or --classes 0,1",
        )


def _positions(first: int, size: int, names: tuple[str, ...] | None, why: str, *, guess: bool) -> Match:
    """Return the match of labels that count the columns from ``first``, shown by name where the columns have any."""
    numbered = _numbered(first, size)
    shown = numbered
    if names is not None and not all(number(name) is not None for name in names):
        shown = names
    return Match(ClassMap(shown, {name: code for code, name in enumerate(numbered)}), why, guess)


def _numbered(first: int, size: int) -> tuple[str, ...]:
    return tuple(str(first + i) for i in range(size))


def match_single(column: str, labels: Iterable[str], positive: str | None, given: Sequence[str]) -> Match:
    """Return the two classes of a single score column, (negative, positive): the score speaks of the positive one.

    ``positive`` and ``given`` are the values of ``--positive`` and ``--classes`` (two names: negative, positive).
    Never falls back on the order of the names. Raises AmbiguousData where nothing says which is positive.
    """
    seen = sorted(labels, key=natural_key)
    if given:
        if len(given) != 2:
            raise AmbiguousData(
                f"--classes names {len(given)} classes, but one prediction column has two",
                code="classes_mismatch",
                hint="name them as --classes NEGATIVE,POSITIVE, or the prediction columns with --pred",
            )
        names = (given[0], given[1]) if given[0] != positive else (given[1], given[0])
        return Match(_map(names), "given")
    if positive is not None:
        return _match_positive(positive, seen, "given")
    if not seen:
        return Match(_map(_POSITIVE_SECOND[0]), "no labels seen yet")
    seen = _in_one_spelling(seen)
    is_label = column in seen and number(column) is None and column.casefold() not in _OF_SCORES  # `>50K`
    named = column if is_label else _named_in(column, seen)
    pair = _known_pair(seen)
    if named is not None and not (pair is not None and number(named) is not None):
        if len(seen) == 2 and named == seen[0] and all(number(label) is not None for label in seen):
            raise _only_numbered(column, named, (seen[0], seen[1]))
        return _match_positive(named, seen, f"column {column!r} is named after it")
    if pair is not None:
        if named is not None and _map(pair).code(named) == 0:
            raise _only_numbered(column, named, pair)
        word = _negative_word(column)
        if named is None and word is not None:
            raise AmbiguousData(
                f"column {column!r} is called {word!r}, so it may speak of the negative class {pair[0]!r}",
                code="positive_ambiguous",
                hint=f"say which class it speaks of: {_positive(pair[0])} or {_positive(pair[1])}",
            )
        return Match(_map(pair), f"labels {listed(seen) if seen else listed(pair)}")
    if len(seen) > 2:
        raise AmbiguousData(
            f"one prediction column, but {len(seen)} labels: {listed(seen)}",
            code="too_many_labels",
            hint="name the prediction columns with --pred (one per class), or the label column with --label",
        )
    raise AmbiguousData(
        f"nothing says which of the labels {listed(seen)} the column {column!r} speaks of",
        code="positive_unknown",
        hint=f"name it: {_positive(seen[-1]) if seen else '--positive CLASS'}",
    )


def _positive(label: str) -> str:
    from celoss_cli.spelling import option  # rare: only messages quote

    return option("--positive", label)


def _negative_word(column: str) -> str | None:
    """Return the word for a negative class that stands in a column's name, if one does."""
    words = _words(column)
    for negative, _ in _POSITIVE_SECOND:
        if negative.isalpha() and len(negative) > 1 and f"_{negative}_" in words:
            return negative
    return None


def _only_numbered(column: str, named: str, pair: tuple[str, str]) -> AmbiguousData:
    return AmbiguousData(
        f"column {column!r} may speak of class {named!r} or only be numbered so",
        code="positive_ambiguous",
        hint=f"say which class it speaks of: {_positive(pair[1])} or {_positive(pair[0])}",
    )


def _match_positive(positive: str, seen: Sequence[str], why: str) -> Match:
    alone, truth = _map((positive,)), truth_value(positive)
    others = [
        label for label in seen if alone.code(label) is None and (truth is None or truth_value(label) is not truth)
    ]
    match = Match(_map((others[0] if others else _opposite(positive), positive)), why)
    if any(match.classes.code(label) is None for label in others):
        raise AmbiguousData(
            f"positive class {positive!r} against labels {listed(seen)}: a single column needs exactly one other",
            code="positive_unknown",
            hint="name one of the two labels with --positive, or give one prediction column per class with --pred",
        )
    return match


def _opposite(positive: str) -> str:
    """Return the name of the other class where no row has it."""
    folded = _plain_number(positive).strip().casefold()
    for negative, affirmative in _POSITIVE_SECOND:
        if folded in (negative, affirmative):
            return negative if folded == affirmative else affirmative
    return f"not {positive}"


def _known_pair(seen: Sequence[str]) -> tuple[str, str] | None:
    """Return the pair of well-known words that all labels seen belong to, in the labels' own spelling."""
    folded = {_plain_number(label).casefold(): label for label in seen}
    if not folded:
        return None
    for negative, positive in _POSITIVE_SECOND:
        if set(folded) <= {negative, positive}:
            return (folded.get(negative, negative), folded.get(positive, positive))
    return None


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


def _plain_number(label: str) -> str:
    value = number(label)
    return str(int(value)) if value is not None and value.is_integer() else label


def _named_in(column: str, seen: Sequence[str]) -> str | None:
    """Return the one label that stands as a whole word in the column's name, if exactly one does."""
    words = _words(column)
    found = [label for label in seen if _words(label) != "__" and _words(label) in words]
    found = [label for label in found if label.casefold() not in _OF_SCORES]
    return found[0] if len(found) == 1 else None


def _words(name: str) -> str:
    """Return the words and numbers of a name between underscores: ``_prob_1_``."""
    return f"_{'_'.join(_WORD.findall(name.casefold()))}_"


def _map(names: tuple[str, ...]) -> ClassMap:
    return ClassMap(names, {name: code for code, name in enumerate(names)})
