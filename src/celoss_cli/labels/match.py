"""Which class each of several score columns speaks of: by its name first, by its position last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from celoss_cli.errors import AmbiguousData
from celoss_cli.labels.classes import ClassMap
from celoss_cli.labels.unicode_forms import two_forms
from celoss_cli.labels.words import are_sides, known_pair
from celoss_cli.spelling import (
    MOST_LISTED,
    around_labels,
    in_order,
    list_option,
    listed,
    natural_key,
    number,
    same,
    without_affixes,
)
from celoss_cli.tuples import NamedTuple

_NUMBERS = re.compile(r"[0-9][\s_.-]+[0-9]|^-?[0-9]+$")


class Match(NamedTuple):
    """A class map with the reason for it. ``guess`` if the names do not settle it.

    The last ``beyond`` classes are those of labels that no score speaks of, where these count as infinitely wrong.
    ``unsettled`` is a match that rows to come have to settle: as it stands it may score nothing. ``called`` are the
    classes that the names of the columns say, where ``--classes`` gives the same ones in another order. Two matches are
    equal if they score every row alike, whatever the reason.
    """

    classes: ClassMap
    evidence: str
    guess: bool = False
    beyond: int = 0
    unsettled: bool = False
    called: tuple[str, ...] = ()

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


def plain_map(names: tuple[str, ...]) -> ClassMap:
    """Return the classes of these names, each in its own spelling alone."""
    return ClassMap(names, {name: code for code, name in enumerate(names)})


def match_columns(
    columns: Sequence[str],
    labels: Iterable[str],
    given: Sequence[str],
    *,
    named: bool,
    ordered: bool = True,
    some: bool = False,
) -> Match:
    """Return which class each of C ≥ 2 columns speaks of.

    ``columns`` are the names of the prediction columns (numbers "0".. for the elements of a vector), ``labels`` the
    distinct labels seen, ``given`` the value of ``--classes``; ``named`` says whether the columns have names of their
    own, ``ordered`` whether their order is the model's, so that a whole number may be a position; ``some`` whether
    labels may name no class at all. These stay out of the map. Raises AmbiguousData where neither names nor positions
    fit.
    """
    seen = sorted(labels, key=natural_key)
    size = len(columns)
    if given:
        return _given(columns, given, ordered=ordered, named=named)
    namings = _namings(columns, seen) if named else []
    shown = namings[-1].classes.names if namings else None
    if ordered and shown is not None:
        _refuse_contest(seen, shown, columns)
    for naming in namings:
        if seen and _named_by(naming.classes, seen) == len(seen):
            _refuse_letters(naming.classes, seen)
            return naming
    if shown is not None and (by_pair := _by_pair(shown, seen)) is not None:
        return by_pair
    if shown is not None and len(seen) <= size:  # each label has a column of its own then
        from celoss_cli.labels.r_names import classes_of_r

        if (made := classes_of_r(columns, seen)) is not None:
            return Match(plain_map(made), "labels are the column names, as R makes them of labels")
        if (alike := _by_words(columns, seen)) is not None:
            return alike
    numbers = [value for name in shown or () if (value := number(name)) is not None]
    apart = len(set(numbers)) < len(numbers)  # columns 1 and 01 tell spellings apart: then a number is no position
    ordered = ordered and not apart
    by_position = _match_positions(size, seen, shown) if ordered else None
    if by_position is not None:
        return by_position
    if ordered and not some:
        _refuse_codes(size, seen, shown)
    best = max(namings, key=lambda naming: _named_by(naming.classes, seen), default=None)
    if best is not None and _named_by(best.classes, seen):
        return best
    if not seen:
        return Match(
            plain_map(shown or _numbered(0, size)),
            "the names of the prediction columns" if named else "the positions of the predictions",
        )
    if ordered and any(label in seen for label in _numbered(0, size)):
        return _positions(0, size, shown, f"integer labels taken as positions from 0 among {size} columns", guess=True)
    more = " …" if len(seen) > MOST_LISTED else ""  # of the first rows: nobody has counted them all
    raise AmbiguousData(
        f"no prediction column is named after a label: labels {listed(seen[:MOST_LISTED])}{more}, "
        f"columns {in_order(columns)}",
        code="classes_unknown",
        hint=two_forms(seen, (name for naming in namings for name in naming.classes.names))
        or "say which class each prediction column speaks of, in order: --classes A,B,…"
        + _if_sorted(size, seen, shown),
    )


def _given(columns: Sequence[str], given: Sequence[str], *, ordered: bool, named: bool) -> Match:
    if len(given) != len(columns):
        raise AmbiguousData(
            f"--classes names {len(given)} classes, but there are {len(columns)} prediction columns: "
            f"{in_order(columns)}",
            code="classes_mismatch",
            hint="name one class for each prediction column, in their order",
        )
    by_name = not ordered and set(given) == set(columns)  # these classes have no order that a list could follow
    classes = tuple(columns if by_name else given)
    cores = tuple(without_affixes(columns)) if named else classes
    other_order = cores != classes and set(cores) == set(classes)
    return Match(plain_map(classes), "given", called=cores if other_order else ())


def _namings(columns: Sequence[str], seen: Sequence[str]) -> list[Match]:
    """Return the classes that the names of columns can mean, the likeliest first; the last is how they are shown."""
    whole = Match(plain_map(tuple(columns)), "labels are the column names")
    cores = without_affixes(columns)
    around = around_labels(columns, seen)
    made = [whole]
    if around is not None and around not in (cores, whole.classes.names):
        made.append(Match(plain_map(around), "labels are the column names without what these have around them"))
    if cores != tuple(columns):
        made.append(Match(plain_map(cores), "labels are the column names without what these share"))
    return made


def _by_words(columns: Sequence[str], seen: Sequence[str]) -> Match | None:
    """Return the classes of columns that are named after all labels but for what parts the words: ``dark_blue``.

    None where two names would become one, and for numbers: 1.5 is not 1-5.
    """
    labels = {_in_words(label): label for label in seen}
    words = [_in_words(column) for column in columns]
    if len(labels) < len(seen) or len(set(words)) < len(words) or not seen:
        return None
    if any(_NUMBERS.search(text) for text in (*seen, *columns)):
        return None
    for cores in (words, around_labels(words, labels), without_affixes(words)):
        if cores is not None and set(labels) <= set(cores) and len(set(cores)) == len(cores):
            names = tuple(labels.get(core, core) for core in cores)
            return Match(plain_map(names), "labels are the column names, but for what stands between the words")
    return None


def _by_pair(names: tuple[str, ...], seen: Sequence[str]) -> Match | None:
    """Return the match of columns 0 and 1 with the words of a well-known pair, in any letters: yes is 1, and no is 0.

    So the words are numbered by what they mean as well as in the order of the alphabet. One word is enough; a single
    letter, which may stand for something else, is a guess.
    """
    pair = known_pair([label.strip() for label in seen]) if {*names} == {"0", "1"} else None
    if pair is None or any(number(label) is not None for label in pair):
        return None
    classes = tuple(pair[name == "1"] for name in names)
    letter = len({label.strip().casefold() for label in seen}) == 1 and len(pair[0]) == 1
    return Match(plain_map(classes), f"{pair[0]!r} is 0 and {pair[1]!r} is 1", letter)


def _in_words(name: str) -> str:
    return re.sub(r"[\s_.-]+", "_", name.strip()).casefold()


def _if_sorted(size: int, seen: Sequence[str], names: Sequence[str] | None) -> str:
    """Return what to pass if numbered columns are in the order of the labels: numbers as numbers, 9 before 10."""
    numbered = names is None or all(number(name) is not None for name in names)
    if not numbered or len(seen) != size or size > MOST_LISTED or any("," in label for label in seen):
        return ""
    order = range(size) if names is None else sorted(range(size), key=lambda place: number(names[place]) or 0.0)
    found = dict(zip(order, seen, strict=True))  # columns 1, 0 have the second label first
    return f" (if they are in sorted order: --classes '{','.join(found[place] for place in range(size))}')"


def _named_by(classes: ClassMap, labels: Sequence[str]) -> int:
    return sum(classes.code(label) is not None for label in labels)


def _refuse_letters(classes: ClassMap, seen: Sequence[str]) -> None:
    """Raise AmbiguousData where labels that differ in large and small letters alone would become one class.

    ``A`` and ``a`` are two classes as often as one in two spellings. More labels than columns are not two.
    """
    if len(seen) > len(classes.names):
        return
    spelled: dict[int | None, str] = {}
    for label in seen:
        other = spelled.setdefault(classes.code(label), label)
        if classes.is_free_in_letters(label):
            continue
        if other != label and not same(other, label) and other.strip() != label.strip():
            names = seen if len(seen) == len(classes.names) else ()
            raise AmbiguousData(
                f"labels {other!r} and {label!r} may be two classes, or one in two spellings: only one of the columns "
                f"{in_order(classes.names)} is named like them",
                code="classes_ambiguous",
                hint="if they are two, say which each column speaks of, in order: "
                + (list_option("--classes", names) if names else "--classes A,a,…")
                + f"; if they are one, {list_option('--classes', classes.names)} takes them for it",
            )


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


def _refuse_codes(size: int, seen: Sequence[str], names: tuple[str, ...] | None) -> None:
    """Raise AmbiguousData where columns are numbered from 0, and labels are other numbers than these: 1, 2 and 5.

    Then a label that happens to be the number of a column says nothing of it. A model of such labels has its columns in
    their order.
    """
    whole = _whole_numbers(seen)
    if whole is None or min(whole) < 0 or len(whole) > size:
        return
    if names is not None and tuple(names) != _numbered(0, size):
        return
    other = next((label for label, code in zip(seen, whole, strict=True) if code >= size), None)
    if other is None:
        return
    which = f": {list_option('--classes', seen)} if they are in the order of the labels" if len(seen) == size else ""
    raise AmbiguousData(
        f"label {other!r} is none of the classes {in_order(_numbered(0, size))}, so that the columns are not "
        f"numbered by the labels {listed(seen)}",
        code="classes_unknown",
        hint=f"say which class each prediction column speaks of, in order{which or ': --classes A,B,…'}",
    )


def _refuse_contest(seen: Sequence[str], names: tuple[str, ...], columns: Sequence[str]) -> None:
    """Raise AmbiguousData where 0 and 1 may count two columns, or say that the first of them is true.

    So they may where the columns are called by words (yes, no) that contradict positions, by the sides of a contest
    (home, away), or by the numbers 1 and 2.
    """
    whole = _whole_numbers(seen)
    if whole is None:
        return
    reversed_pair = len(names) == 2 and number(names[0]) is None and known_pair(names) == (names[1], names[0])
    if (
        len(names) == 2
        and set(whole) <= {0, 1}
        and (reversed_pair or (names == ("1", "2") and 0 in whole) or are_sides(names))
    ):
        raise AmbiguousData(
            f"labels {listed(seen)} as positions would make class 0 of column {columns[0]!r} and class "
            f"1 of {columns[1]!r}",
            code="classes_ambiguous",
            hint="say which label each prediction column speaks of, in order: --classes 1,0 or --classes 0,1",
        )
    if len(names) > 2 and are_sides(names):
        raise AmbiguousData(
            f"labels {listed(seen)} do not say which of the columns {in_order(columns)} each of them means",
            code="classes_ambiguous",
            hint="say which label each prediction column speaks of, in order: --classes A,B,…",
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
