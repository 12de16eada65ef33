"""A label that is called as the score is: ``fraud`` beside ``fraud_score``, ``churned`` beside ``churn_prob``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from celoss_cli.layout.cells import MANY_VALUED, numbers_of, parted, values_of, whole_numbers
from celoss_cli.layout.names import WEAK_TRUTH, plain
from celoss_cli.layout.readings.candidate import By, Candidate
from celoss_cli.layout.readings.something_else import has_score_word
from celoss_cli.tables.source import Column, Kind, Table

_YES_OR_NO = (
    {"0", "1"}, {"no", "yes"}, {"n", "y"}, {"false", "true"}, {"f", "t"}, {"neg", "pos"}, {"negative", "positive"}
)  # fmt: skip

# Words that say of a column no more than that it is a label, or how it is written. A person may extend these.
_BARE = frozenset(
    {"is", "has", "was", "did", "flag", "observed", "actual", "actually", "true", "real", "outcome", "event", "label",
     "target", "indicator", "ind", "yn", "occurred", "happened", "truth", "gold"}
)  # fmt: skip

_SAY_LITTLE = frozenset({*WEAK_TRUTH, "target", "targets", "event", "response", "result"})
"""Names of labels that do not say of what, as the name of a score may."""

_TREATMENTS = frozenset(
    {"treatment", "treated", "treat", "exposed", "exposure", "assigned", "assignment", "intervention"}
)

_SHORTEST = 3  # letters that two words have to share

_ENDINGS = ("", "s", "d", "ed", "ned", "ted", "ped", "ing", "er", "ion")


def named_as_the_score(table: Table, free: Sequence[Column]) -> Iterator[Candidate]:
    """Yield the only column of yes and no whose words are all in the name of a score.

    One that a threshold of this score gives in every row is what was predicted, and no label.
    """
    scores = (c for c in free if c.kind is Kind.NUMBER and has_score_word(c.name) and not whole_numbers(table, c))
    score = next(scores, None)
    if score is None or next(scores, None) is not None:
        return
    answers = [column for column in free if column != score and _yes_or_no(table, column)]
    if len(answers) != 1:
        return
    label = answers[0]
    if _called_as(label.name, score.name) and not _predicted(table, label, score):
        yield Candidate((label,), By.VALUES, f"yes or no, and called as the score {score.name!r} is")


def other_called_as(table: Table, label: str, score: Column) -> str | None:
    """Return another column of yes and no than ``label`` that the score is called after, unless it was predicted.

    ``fraud`` for ``fraud_score`` beside ``label``; the treatment for a ``propensity_score`` beside ``outcome``.
    """
    if score.kind is not Kind.NUMBER or plain(label) not in _SAY_LITTLE or _called_as(label, score.name):
        return None
    propensity = "propensity" in plain(score.name).split("_")
    for column in table.columns:
        if column.name in (label, score.name) or column.kind in MANY_VALUED or not _yes_or_no(table, column):
            continue
        treatment = propensity and not _TREATMENTS.isdisjoint(plain(column.name).split("_"))
        if (treatment or _called_as(column.name, score.name)) and not _predicted(table, column, score):
            return column.name
    return None


def _called_as(label: str, score: str) -> bool:
    words = [word for word in plain(label).split("_") if word not in _BARE]
    return bool(words) and all(any(_same_word(word, other) for other in plain(score).split("_")) for word in words)


def _predicted(table: Table, label: Column, score: Column) -> bool:
    """Whether a threshold of the score gives a column of yes and no in every row."""
    values, texts = numbers_of(table, score), table.head().texts(label.name)
    first = min(text for text in texts if text is not None)
    sides = [values[[i for i, text in enumerate(texts) if (text == first) is side]] for side in (True, False)]
    return parted(sides[0], sides[1])


def _yes_or_no(table: Table, column: Column) -> bool:
    return {value.casefold() for value in values_of(table, column.name)} in _YES_OR_NO


def _same_word(one: str, other: str) -> bool:
    """Whether two words are one but for an ending: ``churned`` and ``churn``, ``clicks`` and ``click``."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST and long.startswith(short) and long[len(short) :] in _ENDINGS
