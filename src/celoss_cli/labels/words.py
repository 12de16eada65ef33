"""Words for classes that say which of two is positive, and words that do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from celoss_cli.spelling import number

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

# Words in the name of a column that may make it speak of the class that 0 stands for.
_AGAINST = (
    "no", "false", "neg", "negative", "lose", "loses", "lost", "loss", "away", "fail", "failed", "not", "non",
    "nonevent", "without", "absent", "one_minus", "complement",
)  # fmt: skip

# The sides of a contest: whether 0 and 1 count them or say that the first has won is known to the writer alone.
_SIDES = frozenset(
    {
        "home",
        "away",
        "draw",
        "tie",
        "win",
        "wins",
        "won",
        "lose",
        "loses",
        "lost",
        "loss",
        "white",
        "black",
        "left",
        "right",
    }
)

# What stands in a label column where nobody knows the class: words, and numbers that count no class.
_NO_LABEL = frozenset(
    {
        *("?", "-", "--", ".", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "unknown", "unk", "missing", "tbd"),
        *("unlabeled", "unlabelled", "not available", "not labeled", "not labelled", "undefined", "undetermined"),
    }
)

_NO_CLASS = frozenset({9, 99, 999, 9999, 255})


def known_pair(labels: Sequence[str]) -> tuple[str, str] | None:
    """Return the pair of well-known words that all labels belong to, in their own spelling; the second is positive."""
    folded = {plain_number(label).casefold(): label for label in labels}
    if not folded:
        return None
    for negative, positive in _POSITIVE_SECOND:
        if set(folded) <= {negative, positive}:
            return (folded.get(negative, negative), folded.get(positive, positive))
    return None


def the_other(label: str) -> str:
    """Return the name of the other class where no row has it: ``no`` for ``yes``, ``not spam`` for ``spam``."""
    folded = plain_number(label).strip().casefold()
    for pair in _POSITIVE_SECOND:
        if folded in pair:
            return pair[folded == pair[0]]
    return f"not {label}"


def is_of_a_pair(label: str) -> bool:
    """Whether a label is one of the well-known words, whose letters may be large or small."""
    return any(label.strip().casefold() in pair for pair in _POSITIVE_SECOND)


def speaks_against(words: str) -> str | None:
    """Return the word for a negative class in ``_words_of_a_name_``, if there is one."""
    return next((word for word in _AGAINST if f"_{word}_" in words), None)


def are_sides(names: Collection[str]) -> bool:
    """Whether all names are those of the sides of a contest."""
    return all(name.strip("_. ").casefold() in _SIDES for name in names)


def plain_number(label: str) -> str:
    """Return a whole number without its decimal point: ``1`` for ``1.0``."""
    value = number(label)
    return str(int(value)) if value is not None and value.is_integer() else label


def marks_no_label(label: str) -> bool:
    """Whether a label may mark a row whose class is not known: ``?``, ``NA``, -1, 9."""
    value = number(label)
    if value is not None:
        return value < 0 or value in _NO_CLASS
    return label.strip().casefold() in _NO_LABEL
