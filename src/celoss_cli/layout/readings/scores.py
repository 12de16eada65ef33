"""What the scores could be: every choice of columns, with what vouches for it and what speaks against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from celoss_cli.errors import DataError
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.cells import (
    in_pieces,
    numbers_of,
    predicted_columns,
    rows_of,
    sums_to_one,
    whole_numbers,
    without_fractions,
)
from celoss_cli.layout.names import LOGITS, SCORES, WEAK_SCORES, plain, score_family, score_groups
from celoss_cli.layout.readings.candidate import By, Candidate
from celoss_cli.layout.readings.objections import (
    REFERENCES,
    beside_a_score,
    explains,
    objections,
    statistic,
)
from celoss_cli.layout.readings.something_else import has_score_word
from celoss_cli.spelling import among, listed, spelt, without_affixes
from celoss_cli.tables.source import Column, Kind, Table

_SAME = 1e-3  # between probabilities and the softmax of logits that are said to be theirs, rounded


def score_readings(
    table: Table, columns: Sequence[Column], labels: Collection[str], *, alone: bool, possible: bool = False
) -> list[Candidate]:
    """Return the readings of the scores among ``columns``, which have no other part: numbers and vectors.

    ``labels`` are those of the first rows, ``alone`` says that the table holds these columns and ids alone. Those that
    are merely ``possible``, and never followed, are looked at where they are to be shown: each column may be one.
    """
    vectors = [column for column in columns if column.kind is Kind.VECTOR]
    numbers = [column for column in columns if column.kind is not Kind.VECTOR]
    found = [
        *_vectors(table, vectors, numbers),
        *_after_labels(table, numbers, labels),
        *_by_words(table, numbers),
        *_by_label_word(table, numbers, labels),
        *_by_sums(table, numbers),
        *_left_over(table, numbers, labels, alone=alone),
    ]
    return objections(table, [one for one in found if possible or one.by > By.POSSIBLE], labels)


def _vectors(table: Table, vectors: Sequence[Column], numbers: Sequence[Column]) -> Iterator[Candidate]:
    """Yield the columns of vectors: by name, as the array itself, by their sums, or because no other is there."""
    # An array (N, C) by itself: there is nothing else to take. Rows made of lines or of records are another matter.
    only = len(table.columns) == 1 and not table.named and table.format in ("npy", "memory")
    put_together = any(decision.what == "layout" for decision in table.decisions)  # which is a decision of its own
    for column in vectors:
        width = "" if column.width is None else f" of {column.width} numbers"
        evidence = f"the array itself,{width.removeprefix(' of')} a row" if only else f"the column of vectors{width}"
        if table.named and (plain(column.name) in SCORES or has_score_word(column.name)):
            yield Candidate((column,), By.NAME if plain(column.name) in SCORES else By.WEAK_NAME, evidence)
        elif only or put_together:
            yield Candidate((column,), By.ALONE, evidence)
        elif _distributions(table, column):
            yield Candidate((column,), By.VALUES, f"{evidence}; rows of it sum to 1")
        elif numbers or len(vectors) > 1:
            yield Candidate((column,), By.POSSIBLE, evidence)
        else:
            yield Candidate((column,), By.ELIMINATION, evidence)


def _distributions(table: Table, column: Column) -> bool:
    try:
        rows = table.head().matrix(column.name).astype(np.float64)
    except (DataError, ValueError):
        return False
    return bool(rows.size) and bool((rows >= 0.0).all()) and bool((np.abs(rows.sum(axis=1) - 1.0) <= 0.02).all())


def _after_labels(table: Table, numbers: Sequence[Column], labels: Collection[str]) -> list[Candidate]:
    """Return the families in which every label has a column of its own; of the same probabilities twice only one."""
    if not table.named or len(labels) < 2 or len(numbers) < 2:
        return []
    by_name = {column.name: column for column in numbers}
    found: dict[frozenset[str], Candidate] = {}
    for family in dict.fromkeys(map(tuple, _families(list(by_name), labels))):
        one = _named_after_labels(table, [by_name[name] for name in family], labels)
        found.setdefault(frozenset(one.names), one)
    sets = list(found.values())
    if len(sets) > 1:  # counts of the classes beside their scores are none
        sets = [one for one in sets if not all(whole_numbers(table, column) for column in one.columns)] or sets
    return _without_copies(table, sets) if len(sets) > 1 else sets


def _families(names: list[str], labels: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield the families of names that hold all labels: between one beginning and one ending, or as numbers do."""
    first = min(labels, key=lambda label: (len(label), label))
    known = set(names)
    around = dict.fromkeys(
        (name[:place], name[place + len(first) :])
        for name in names
        for place in range(len(name) - len(first) + 1)
        if name.startswith(first, place)
    )
    for before, after in around:
        if all(before + label + after in known for label in labels) and not _cuts_numbers(before, after, labels):
            yield [name for name in names if len(name) > len(before + after)
                   and name.startswith(before) and name.endswith(after)]  # fmt: skip
    for family in dict.fromkeys((tuple(names), *map(tuple, score_groups(names)))):  # often one and the same
        texts = {*family, *without_affixes(family)}
        if texts.issuperset(labels) or _all_spelt(labels, spelt(texts)):
            yield family


def _all_spelt(labels: Collection[str], called: set[str | float]) -> bool:
    return len(among(labels, called)) == len(labels)


def _cuts_numbers(before: str, after: str, labels: Collection[str]) -> bool:
    return any(
        (before[-1:].isdigit() and label[0].isdigit()) or (label[-1].isdigit() and after[:1].isdigit())
        for label in labels
    )


def _named_after_labels(table: Table, family: Sequence[Column], labels: Collection[str]) -> Candidate:
    """Return the columns of a family in which every label has its own; the others can be classes without rows.

    Where rows of probabilities settle it, they do. Otherwise a column more may be anything: a class that no row has,
    or a length, a margin, an entropy. Among names that share nothing it is refused, in a family it is a guess.
    """
    cores = _cores([column.name for column in family], labels)
    theirs = spelt(labels)
    own = among([*cores, *(column.name for column in family)], theirs)
    named = [column for column, core in zip(family, cores, strict=True) if core in own or column.name in own]
    of_labels = {column.name for column in named}
    why = "named after the labels"
    if len(named) == len(family):
        return Candidate(tuple(family), By.CLASS_NAMES, why)
    constant = _constant(table, family)
    kept = [
        column
        for column, core in zip(family, cores, strict=True)
        if column.name in of_labels or not (column.name in constant or statistic(core))
    ]
    shares_a_name = cores != tuple(column.name for column in family)
    if shares_a_name and sums_to_one(table, family) and not any(statistic(core) for core in cores):
        return Candidate(tuple(family), By.CLASS_NAMES, f"{why}; rows of all of them sum to 1")
    for columns in (kept, named):
        if len(columns) > 1 and sums_to_one(table, columns):
            return Candidate(tuple(columns), By.CLASS_NAMES, f"{why}; rows of these sum to 1")
    left = [column for column in kept if column.name not in of_labels]
    if not left:
        return Candidate(tuple(named), By.CLASS_NAMES, why)
    others = listed(column.name for column in left)
    if not shares_a_name:
        against = f"the labels name {listed(c.name for c in named)}, and beside these stand {others}"
        return Candidate(tuple(kept), By.CLASS_NAMES, why, against)
    return Candidate(
        tuple(kept),
        By.CLASS_NAMES,
        f"{why}, with {others} beside them",
        doubt=not score_family([c.name for c in family]),
    )


def _cores(names: list[str], labels: Collection[str]) -> tuple[str, ...]:
    from celoss_cli.spelling import around_labels

    return around_labels(names, labels) or without_affixes(names)


def _constant(table: Table, columns: Sequence[Column]) -> set[str]:
    """Return those that are 0 in every row, as a tuning value, or another number in all of several rows, as a scale."""
    found: set[str] = set()
    for some in in_pieces(columns) if table.head().rows > 1 else ():
        values = rows_of(table, some).astype(np.float64, copy=False)
        first = values[:, 0]
        alike = (values == first[:, None]).all(axis=1) & ((first == 0.0) | (values.shape[1] > 2))
        found.update(some[place].name for place in np.flatnonzero(alike).tolist())
    return found


def _without_copies(table: Table, sets: list[Candidate]) -> list[Candidate]:
    """Return the sets of class columns without those whose softmax is another set, as logits beside probabilities."""
    scores = [np.stack([numbers_of(table, column) for column in one.columns]) for one in sets]
    return [
        one
        for one, logits in zip(sets, scores, strict=True)
        if not any(other is not logits and _is_softmax(logits, other) for other in scores)
    ]


def _is_softmax(logits: Floats, shares: Floats) -> bool:
    if logits.shape != shares.shape or not logits.size or (shares < 0.0).any() or (shares > 1.0).any():
        return False
    powers = np.exp(logits - logits.max(axis=0))
    return bool((np.abs(powers / powers.sum(axis=0) - shares) <= _SAME).all())


def _by_words(table: Table, numbers: Sequence[Column]) -> Iterator[Candidate]:
    """Yield families with a word for scores in what their names share, and single columns that are called so."""
    if not table.named:
        return
    by_name = {column.name: column for column in numbers}
    in_families: set[str] = set()
    for family in score_groups(list(by_name)):
        if score_family(family):
            cores = without_affixes(family)
            kept = [name for name, core in zip(family, cores, strict=True) if core == name or not statistic(core)]
            if not sums_to_one(table, [by_name[name] for name in family]):
                beside = {name for name, core in zip(family, cores, strict=True) if beside_a_score(core)}
                kept = [name for name in kept if name not in beside] if len(kept) - len(beside) < 2 else kept
            if len(kept) < 2:  # beside a statistic, a baseline or an interval it is one score, and looked at as such
                continue
            in_families.update(family)
            yield Candidate(tuple(by_name[name] for name in kept), By.NAME, "a family of names for scores")
    for column in numbers:
        if column.name in in_families:
            continue
        if plain(column.name) in SCORES:
            against = None
            if plain(column.name) in WEAK_SCORES and len(numbers) > 1:
                against = "beside other numbers it can be that of whatever class was predicted"
            elif _may_be_one_of_several(table, column, numbers):
                against = "it may be the score of one of several classes"
            yield Candidate((column,), By.NAME, "its name", against)
        elif has_score_word(column.name):
            doubt = _may_be_the_reference(table, column, numbers)
            yield Candidate((column,), By.WEAK_NAME, "a word in its name", doubt=doubt)


def _may_be_the_reference(table: Table, single: Column, numbers: Sequence[Column]) -> bool:
    """Whether a column is called after what a model is held against, and another could be the model's own score."""
    if REFERENCES.isdisjoint(plain(single.name).split("_")):
        return False
    others = (column for column in numbers if column is not single and not whole_numbers(table, column))
    return any(_shares(table, column) and not statistic(column.name) for column in others)


def _may_be_one_of_several(table: Table, single: Column, numbers: Sequence[Column]) -> bool:
    """Whether a column named like a score may be a class: ``p`` beside ``q``, or one of rows that sum to 1."""
    if len(numbers) == 1:
        return False
    if sums_to_one(table, numbers):
        return True
    values = numbers_of(table, single)
    outside = bool(((values < 0.0) | (values > 1.0)).any())
    return plain(single.name) not in LOGITS and outside and all(len(c.name) == len(single.name) for c in numbers)


def _by_label_word(table: Table, numbers: Sequence[Column], labels: Collection[str]) -> Iterator[Candidate]:
    """Yield the column that is called like one of two labels, if it is the only one: ``spam`` beside ham and spam."""
    words = {label.casefold() for label in labels if label[:1].isalpha()}
    called = [column for column in numbers if column.name.strip().casefold() in words]
    if table.named and len(called) == 1 and (len(labels) == 2 or len(numbers) == 1):
        yield Candidate((called[0],), By.COLUMN_NAMES, "named after a label")


def _by_sums(table: Table, numbers: Sequence[Column]) -> Iterator[Candidate]:
    """Yield all columns, or all of fractions, if their rows are distributions."""
    whole = {column.name for column in without_fractions(table, numbers) if whole_numbers(table, column)}
    for columns in (numbers, [column for column in numbers if column.name not in whole]):
        if len(columns) > 1 and table.head().rows > 1 and sums_to_one(table, columns):
            yield Candidate(tuple(columns), By.VALUES, f"rows of these {len(columns)} columns sum to 1")
            return


def _left_over(table: Table, numbers: Sequence[Column], labels: Collection[str], *, alone: bool) -> Iterator[Candidate]:
    """Yield what is left when all other columns have their parts: that vouches for nothing but in a file of its own."""
    if len(numbers) == 1:
        predicted = next(iter(predicted_columns(table, table.columns)), None)
        if predicted is not None and _explains_all(table, numbers[0], predicted):
            evidence = f"it explains the predicted class in {predicted.name!r}"
            yield Candidate((numbers[0],), By.VALUES, evidence)
        elif alone:
            yield Candidate((numbers[0],), By.ALONE, "the only column of numbers without another role")
        elif not table.named and len(table.columns) == 2 and _shares(table, numbers[0]):
            yield Candidate((numbers[0],), By.VALUES, "numbers from 0 to 1 beside the labels, and nothing else")
        else:
            yield Candidate((numbers[0],), By.ELIMINATION, "the only column of numbers without another role")
        return
    whole = {column.name for column in without_fractions(table, numbers) if whole_numbers(table, column)}
    if not numbers or whole or (labels and len(numbers) < len(labels)):
        for column in numbers:
            yield Candidate((column,), By.POSSIBLE, "numbers" if column.name in whole else "fractions")
        return
    evidence = f"all {len(numbers)} columns of fractions without another role"
    if not table.named or _belong_together(table, numbers):
        yield Candidate(tuple(numbers), By.ALONE if alone else By.ELIMINATION, evidence, doubt=table.named)
    else:
        for column in numbers:
            yield Candidate((column,), By.POSSIBLE, "fractions")


def _explains_all(table: Table, column: Column, predicted: Column) -> bool:
    texts = table.head().texts(predicted.name)
    return len(set(texts)) > 1 and explains(numbers_of(table, column), texts)


def _shares(table: Table, column: Column) -> bool:
    values = numbers_of(table, column)
    known = values[~np.isnan(values)]
    return bool(known.size) and bool(((known >= 0.0) & (known <= 1.0)).all())


def _belong_together(table: Table, numbers: Sequence[Column]) -> bool:
    """Whether columns are the scores of one model: a family by their names, or the logarithms of distributions.

    Otherwise one of them may be a length, an age or an entropy, and nothing would tell.
    """
    names = [column.name for column in numbers]
    alike = {(name[:1], len(name)) for name in names}  # pa, pb, pc
    return without_affixes(names) != tuple(names) or len(alike) == 1 or sums_to_one(table, numbers, log=True)
