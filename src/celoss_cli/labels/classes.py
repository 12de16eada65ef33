"""Which class a label names, and which column speaks of it: by name first, numbers as numbers, position last."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from celoss_cli.labels.words import is_of_a_pair, known_pair
from celoss_cli.spelling import exact_number, number, same, truth_value

K = TypeVar("K")

_WIDEST_RANGE = 1_000_000


@dataclass(frozen=True)
class ClassMap:
    """The classes in code order, and the codes of the spellings that name them."""

    names: tuple[str, ...]
    codes: Mapping[str, int]

    def code(self, label: str) -> int | None:
        """Return the class that a label names: the same text, else the same number, else the same letters."""
        code = self.codes.get(label)
        if code is None and (value := exact_number(label)) is not None:
            code = self._by_number.get(value)
        if code is None:
            code = self._by_letters.get(label.strip().casefold())
        if code is None and self._by_truth and (truth := truth_value(label)) is not None:
            code = self._by_truth.get(truth)
        return code

    def respelt(self, label: str) -> bool:
        """Whether a label names its class by its letters alone, large where the class has small ones or the reverse.

        Blanks around it make no other word of it, nor do the letters of well-known words: ``Yes``, ``TRUE``.
        """
        if label in self.codes or label.strip() in self._stripped or self.is_free_in_letters(label):
            return False
        return exact_number(label) is None and self.code(label) is not None

    def is_free_in_letters(self, label: str) -> bool:
        """Whether a label is a well-known word, large or small: ``Yes``. ``Y`` is one beside no class but ``n``."""
        return is_of_a_pair(label) and (len(label.strip()) > 1 or self._are_a_pair)

    def spelt_as_it_is(self, label: str) -> bool:
        """Whether a label that has letters names its class as this is written."""
        return exact_number(label) is None and not self.respelt(label) and self.code(label) is not None

    def find(self, name: str) -> int | None:
        """Return the class that a person means by ``name``: as a label would, else by the name that is shown."""
        code = self.code(name)
        return self.names.index(name) if code is None and name in self.names else code

    @functools.cached_property
    def by_integer(self) -> tuple[int, list[int | None]] | None:
        """The smallest class that is a whole number, and the codes of all from it to the largest; ``None`` for none."""
        whole = {
            int(text): code for text, code in self.codes.items() if text.lstrip("-").isdecimal() and text.isascii()
        }
        if not whole or max(whole) - min(whole) > _WIDEST_RANGE:
            return None
        return min(whole), [whole.get(value) for value in range(min(whole), max(whole) + 1)]

    @functools.cached_property
    def _by_number(self) -> dict[float, int]:
        pairs = ((exact_number(name), code) for name, code in self.codes.items())
        return _unambiguous((value, code) for value, code in pairs if value is not None)

    @functools.cached_property
    def _stripped(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.codes)

    @functools.cached_property
    def _are_a_pair(self) -> bool:
        return known_pair([name.strip() for name in self.codes]) is not None

    @functools.cached_property
    def _by_letters(self) -> dict[str, int]:
        return _unambiguous((name.strip().casefold(), code) for name, code in self.codes.items())

    @functools.cached_property
    def _by_truth(self) -> dict[bool, int]:
        """Codes by true and false, where the classes are just these two; 1 and true as two classes stand for none."""
        truths = [(truth, code) for name, code in self.codes.items() if (truth := truth_value(name)) is not None]
        return _unambiguous(truths) if len(truths) == len(self.codes) == 2 else {}


def _unambiguous(pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    """Return the keys that stand for one code only."""
    table: dict[K, int] = {}
    several = set()
    for key, code in pairs:
        if table.setdefault(key, code) != code:
            several.add(key)
    return {key: code for key, code in table.items() if key not in several}


def are_shares(labels: Iterable[str]) -> bool:
    """Whether labels are numbers from 0 to 1, and so can be the probability of the positive class: 0.5 for a draw."""
    values = [number(label) for label in labels]
    return bool(values) and all(value is not None and 0.0 <= value <= 1.0 for value in values)


def is_ignored(label: str, ignore: str | None) -> bool:
    """Whether a label is the one of ``--ignore-index``: the same text, or the same number."""
    return ignore is not None and same(label, ignore)
