"""Labels and numbers as text: which are the same, in what order, listed in a message, quoted for a shell."""

from __future__ import annotations

import functools
import heapq
import math
import re
import shlex
import string
from collections.abc import Collection, Iterable, Sequence, Set

MOST_LISTED = 8  # names shown in a message

_ALL_WHOLE = 2.0**53  # from here on, not every whole number is a double


def natural_key(text: str) -> tuple[tuple[int, float, str], ...]:
    """Return a sort key that puts 2 before 10, and numbers before words."""
    stem = text.rstrip(string.digits)
    if stem != text and stem.replace("_", "").isalpha():  # as thousands of classes are called
        return ((1, 0.0, stem.casefold()), (0, float(text[len(stem) :]), ""), (-1, 0.0, text))
    value = exact_number(text)
    if value is not None:
        return ((0, value, ""), (-1, 0.0, text))
    parts = re.split(r"(\d+)", text.casefold())
    key = tuple((0, float(part), "") if part.isdecimal() else (1, 0.0, part) for part in parts if part)
    return (*key, (-1, 0.0, text))  # A before a, whatever order they came in


def number(text: str) -> float | None:
    """Return the finite number that a label spells, or ``None``."""
    if text[:1].isalpha():  # inf and nan are not finite either, and float() takes long to say that a name is none
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def exact_number(text: str) -> float | int | None:
    """Return the finite number that a label spells, none of its digits lost: beyond 2^53 a whole number is an int.

    Hashes and snowflake ids are that large. Two of them may be one and the same double.
    """
    value = number(text)
    if value is None or abs(value) < _ALL_WHOLE:
        return value
    try:
        return int(text)
    except ValueError:  # 1e300
        return value


def truth_value(label: str) -> bool | None:
    """Return whether a label says true or 1, false or 0, or ``None`` if it says neither."""
    text = label.strip().casefold()
    if text in ("true", "false"):
        return text == "true"
    value = number(text)
    return bool(value) if value in (0.0, 1.0) else None


def nearest(label: str, names: Sequence[str]) -> str | None:
    """Return the class name that a misspelt label most resembles, or ``None`` if it resembles none."""
    import difflib

    folded = {name.strip().casefold(): name for name in names}
    close = difflib.get_close_matches(label.strip().casefold(), folded, n=1)
    return folded[close[0]] if close else None


def same(label: str, other: str) -> bool:
    """Whether two labels are the same text, or spell the same number."""
    if label == other:
        return True
    value = exact_number(label)
    return value is not None and value == exact_number(other)


def spellings(label: str) -> tuple[str | float, ...]:
    """Return the text of a label, and the number that it spells: two labels are the ``same`` if they share one."""
    value = exact_number(label)
    return (label,) if value is None else (label, value)


def spelt(labels: Iterable[str]) -> set[str | float]:
    """Return the ``spellings`` of labels, to look others up in: that costs the same however many they are."""
    texts = set(labels)
    numbers = (exact_number(text) for text in texts if not text[:1].isalpha())
    return texts.union(value for value in numbers if value is not None)


def among(labels: Collection[str], others: Set[str | float]) -> set[str]:
    """Return the labels that are the ``same`` as one of those that ``others`` are the ``spelt`` ones of."""
    numbers = {other for other in others if not isinstance(other, str)}
    found = {label for label in labels if label in others}
    return found.union(label for label in labels if exact_number(label) in numbers) if numbers else found


def listed(names: Iterable[str]) -> str:
    """Return names for a message, in natural order, cut short."""
    every = list(names)
    return _cut_short(heapq.nsmallest(MOST_LISTED, every, key=natural_key), len(every))


def in_order(ordered: Sequence[str]) -> str:
    """Return names for a message in the order given, cut short."""
    return _cut_short(ordered[:MOST_LISTED], len(ordered))


def _cut_short(names: Iterable[str], count: int) -> str:
    shown = ", ".join(map(repr, names))
    return shown if count <= MOST_LISTED else f"{shown} … ({count} in all)"


def cut_to(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters: the last one says where there were more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def rows_in_words(count: int) -> str:
    """Return a number of rows for a message: ``1 row``, ``2,000 rows``."""
    return "1 row" if count == 1 else f"{count:,} rows"


def without_affixes(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names without the prefix and suffix they share, cut only where a word or a number ends.

    ``prob_10, prob_11`` become ``10, 11`` (not ``0, 1``), and ``setosa, sesame`` stay as they are.
    """
    return _without_affixes(tuple(names))


@functools.lru_cache(16)  # of all number columns, it is asked again and again
def _without_affixes(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) < 2:
        return names
    prefix = _shared_prefix(names)
    tails = [name[len(prefix) :] for name in names]
    suffix = _shared_prefix([tail[::-1] for tail in tails])
    cores = tuple(tail[: len(tail) - len(suffix)] for tail in tails)
    if not all(cores):
        cores = tuple(tails)  # -1, 1: what they end with alike is all that one of them has
    return cores if all(cores) and len(set(cores)) == len(cores) else names


def around_labels(names: Sequence[str], labels: Collection[str]) -> tuple[str, ...] | None:
    """Return what is left of the names without one beginning and one ending, if each label is among that; else None.

    What labels share with each other stays: ``prob_class_a, prob_class_b`` beside a label ``class_a`` become
    ``class_a, class_b``. A number is never cut, and a single label has to stand apart as a word.
    """
    first = min(labels, key=len, default="")
    if not first or len(names) < 2:
        return None
    for name in names:
        place = name.find(first)
        while place >= 0:
            before, after = name[:place], name[place + len(first) :]
            if _all_built(names, before, after, words=len(labels) == 1):
                cores = tuple(other[len(before) : len(other) - len(after)] for other in names)
                if set(labels) <= set(cores) and len(set(cores)) == len(cores):
                    return cores
            place = name.find(first, place + 1)
    return None


def _all_built(names: Sequence[str], before: str, after: str, *, words: bool) -> bool:
    """Whether all have that beginning and that ending around something, cut where no number is (or no word)."""
    both = len(before) + len(after)
    if not all(len(name) > both and name.startswith(before) and name.endswith(after) for name in names):
        return False
    return not any(
        (edge.isdigit() and any(name[place].isdigit() for name in names))
        or (words and edge.isalpha() and any(name[place].isalpha() for name in names))
        for edge, place in ((before[-1:], len(before)), (after[:1], -len(after) - 1))
    )


def shared_start(texts: Sequence[str]) -> str:
    """Return what all texts begin with."""
    first, last = min(texts), max(texts)
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:length]


def _shared_prefix(names: Sequence[str]) -> str:
    shared = shared_start(names)
    length = len(shared)
    while length and not all(_ends_word(name, length) for name in names):
        length -= 1
    return shared[:length]


def _ends_word(name: str, length: int) -> bool:
    """Whether a word or number ends after ``length`` characters, so that what follows can be a name of its own."""
    before, after = name[length - 1], name[length : length + 1]
    if before.isdigit() and after.isdigit():
        return False
    if after == "-" and name[length + 1 : length + 2].isdigit():
        return True  # the sign of a number: p-1, p0, p1
    return not before.isalnum() or before.isdigit() != after.isdigit()


def option(flag: str, value: str) -> str:
    """Return an option with its value, quoted where the shell needs it; ``=`` keeps a value that begins with a dash."""
    return f"{flag}={shlex.quote(value)}" if value.startswith("-") else f"{flag} {shlex.quote(value)}"


_OF_COLUMNS = ("--label", "--pred", "--id")


def list_option(flag: str, names: Sequence[str]) -> str:
    """Return a list option: one value with commas, or the option repeated where a name would not survive that."""
    if all(name and name == name.strip() and "," not in name for name in names):
        return option(flag, ",".join(names))
    if len(names) == 1 and flag in _OF_COLUMNS and "," in names[0] and all(map(str.strip, names[0].split(","))):
        return option(flag, names[0])  # a column of that name is found whole
    repeated = names if len(names) > 1 else [*names, *names]  # a value that stands alone is split at its commas
    return " ".join(option(flag, name) for name in repeated)
