"""Which arrays of a file that holds several are meant: those of one split, those named, those of the samples."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from celoss_cli.errors import DataError, UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import listed

Array = np.ndarray[Any, np.dtype[Any]]

_PARTS = re.compile(r"[_./ :-]+")


def chosen_arrays(
    arrays: Mapping[str, Array], options: ReadOptions, path: str
) -> tuple[dict[str, Array], tuple[Decision, ...]]:
    """Return the arrays with one entry for each sample, and what was decided about the others.

    ``--split test`` takes those that have the word in their names, without it. Names given in ``--pred``, ``--label``
    and the like take the arrays of their length. Single numbers and lists of names beside scores are left out.

    Raises
    ------
    UnreadableFile
        The arrays are of different lengths or of several splits, and nothing says which are meant.
    UsageError
        No array is of the split.
    """
    if any(not hasattr(array, "ndim") for array in arrays.values()):
        return dict(arrays), ()  # members of an archive that are no arrays: who reads them says so
    kept = {name: array for name, array in arrays.items() if array.ndim}
    decisions: tuple[Decision, ...] = ()
    if options.split is not None:
        kept = _of_split(kept, options.split, path)
        decisions = (Decision("split", options.split, How.GIVEN, f"{listed(list(kept))}", "--split"),)
    named = [name for name in kept if any(fnmatch.fnmatchcase(name, one) for one in options.columns)]
    if not named:
        kept = _without_paths(kept)
        named = [name for name in kept if any(fnmatch.fnmatchcase(name, one) for one in options.columns)]
    if len({len(array) for array in kept.values()}) <= 1:
        return _of_one_split(kept, named, path) or dict(arrays), decisions
    if named:
        lengths = {len(kept[name]) for name in named}
        if len(lengths) > 1:
            raise _differ(path, {name: kept[name] for name in named}, "name arrays of one split")
        return {name: array for name, array in kept.items() if len(array) in lengths}, decisions
    scores = {len(array) for array in kept.values() if array.ndim > 1}
    others = {name: array for name, array in kept.items() if len(array) not in scores}
    if len(scores) == 1 and all(_is_aside(array, kept, scores) for array in others.values()):
        return {name: array for name, array in kept.items() if name not in others}, decisions
    raise _differ(path, kept, _which(kept))


def _without_paths(arrays: dict[str, Array]) -> dict[str, Array]:
    """Return arrays in groups by their own names, where these are all different."""
    short = {name.rpartition("/")[2]: array for name, array in arrays.items()}
    return short if len(short) == len(arrays) else arrays


def splits_of(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the words that are in the names of some arrays and not of others, each with its arrays, by length."""
    found: dict[str, list[str]] = {}
    for name in names:
        for word in dict.fromkeys(_PARTS.split(name)):
            found.setdefault(word, []).append(name)
    return {word: theirs for word, theirs in found.items() if word and len(theirs) < len(names)}


def _of_split(arrays: Mapping[str, Array], split: str, path: str) -> dict[str, Array]:
    found = {name: array for name, array in arrays.items() if split in _PARTS.split(name)}
    if not found:
        raise DataError(
            f"no array has {split!r} in its name, among {listed(list(arrays))}",
            code="unknown_split",
            where=Where(path),
            hint="--split takes what all arrays of one split have in their names, such as test in test_logits",
        )
    short = {name: "_".join(word for word in _PARTS.split(name) if word != split) or name for name in found}
    return {(short[name] if len(set(short.values())) == len(short) else name): array for name, array in found.items()}


def _of_one_split(arrays: dict[str, Array], named: Sequence[str], path: str) -> dict[str, Array]:
    """Return those of arrays of one length that are of the split that is ``named``, or all where there is one.

    Two words make two splits if the same names are left without them, of scores and of labels: ``test_logits`` and
    ``test_labels`` beside ``val_logits`` and ``val_labels``.
    """
    left: dict[frozenset[str], list[str]] = {}
    found = splits_of(list(arrays))
    for word, names in found.items():
        if {arrays[name].ndim > 1 for name in names} == {True, False}:
            rest = frozenset("_".join(part for part in _PARTS.split(name) if part != word) for name in names)
            left.setdefault(rest, []).append(word)
    words = next((words for words in left.values() if len(words) > 1), [])
    if not words:
        return arrays
    meant = [word for word in words if named and set(named) <= set(found[word])]
    if meant:
        return {name: array for name, array in arrays.items() if name in found[meant[0]]}
    raise UnreadableFile(
        f"holds several splits: {listed(words)}",
        code="several_splits",
        where=Where(path),
        hint=_hint(words[-1], found, arrays),
    )


def _hint(word: str, found: Mapping[str, list[str]], arrays: Mapping[str, Array]) -> str:
    two = sorted(found[word], key=lambda name: -arrays[name].ndim)
    return f"several splits in one file: --split {word}, or --pred {two[0]} --label {two[-1]}"


def _is_aside(array: Array, arrays: Mapping[str, Array], scores: set[int]) -> bool:
    """Whether an array has no entry for each sample: one value, or the names of the classes."""
    widths = {size for other in arrays.values() if len(other) in scores for size in other.shape[1:]}
    return array.ndim == 1 and (len(array) == 1 or (array.dtype.kind in "USO" and len(array) in widths))


def _which(arrays: Mapping[str, Array]) -> str:
    """Return the flags that name one of the splits."""
    for word, names in splits_of(list(arrays)).items():
        lengths = {len(arrays[name]) for name in names}
        others = {len(array) for name, array in arrays.items() if name not in names}
        if len(names) > 1 and len(lengths) == 1 and not lengths & others:
            return _hint(word, {word: names}, arrays)
    return "every array needs one entry for each sample; --pred and --label name those that are meant"


def _differ(path: str, arrays: Mapping[str, Array], hint: str) -> UnreadableFile:
    return UnreadableFile(
        f"its arrays have different first axes: {', '.join(f'{n} {a.shape}' for n, a in arrays.items())}",
        code="arrays_differ",
        where=Where(path),
        hint=hint,
    )
