"""What a reader does with a hint: runs the command with the flags that it names, one alternative at a time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from running import run

ALONE = {"--renormalize", "--no-header", "--header", "--strict", "--labels-no-header", "--labels-header"}
"""Flags that take no value."""

# A value is quoted, or a word; words such as "if" and "for" go on with the sentence.
FLAG = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)(?:[ =]('(?:[^']|'\\'')*'|[^\s,;:()…]+(?:,[^\s;:()]+)*))?")

COMMANDS = ("eval", "compare")
"""A command line may begin with one; else it is ``eval``'s."""

OUT = "(left out)"

NOTHING = "(nothing)"
"""What an owner knows for a flag that has nothing to do with the matter: one that a list of flags to check names."""

_PROSE = """
if or and for of is are to in be says say settles it with that else leaves divides limits takes accepts gives as makes
needs beside names name them counted each the columns
"""

PROSE = frozenset(_PROSE.split())


@dataclass(frozen=True)
class Known:
    """What the owner of a file knows about it: a value for a flag that the hint leaves open, or that it names itself.

    ``right`` are the means that are right, by the alternative that leads there; the one of ``""`` for all others.
    ``untrue`` are conditions ("if they are logits") that do not hold of the file: no owner would follow these.
    """

    right: Mapping[str, float]
    values: Mapping[str, str]
    untrue: tuple[str, ...] = ()


def hint_of(err: str) -> str:
    """The hint of an error, or nothing."""
    found = re.search(r"^hint: (.*)", err, re.MULTILINE | re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def alternatives(hint: str, known: Known) -> Iterator[list[str]]:
    """Yield the flags of each alternative that a hint offers, as a shell would pass them on.

    A flag that is to be left out is followed by ``OUT``.
    """
    for part in re.split(r"; |, or | or (?=--)|, (?=--)| else (?=--)", hint):
        if any(condition in part for condition in known.untrue):
            continue
        words: list[str] = [word for flag in re.findall(r"leave (--[a-z-]+) out", part) for word in (flag, OUT)]
        for flag, value in FLAG.findall(re.sub(r"leave --[a-z-]+ out", "", part)):
            if flag in words:
                yield words
                words = []
            words += [flag, *_value(flag, value, known)]
        if words and NOTHING not in words:
            yield words


def _value(flag: str, value: str, known: Known) -> list[str]:
    """Return the value of a flag as the hint gives it, or as the owner of the file knows it."""
    if flag in ALONE:
        return []
    quoted = value.startswith("'")
    value = value.strip("'").replace("'\\''", "'") if quoted else value.rstrip(".?")
    literal = value and value not in PROSE and not re.search(r"[A-Z]{3,}|…|\ba,b,c\b|^A,|part-\*|_\*$", value)
    if literal:
        return [value]
    return [known.values[flag]]


def ends_well(directory: Path, command: list[str], known: Known, depth: int = 3) -> list[str]:
    """Follow the hint of a refused command; return what went wrong, in words, for each alternative."""
    first = _run(directory, command)
    assert first.code in (2, 3), f"{command} is not refused: {first.out}"
    wrong: list[str] = []
    hint = hint_of(first.err)
    for flags in alternatives(hint, known):
        out = [flag for flag, value in itertools.pairwise(flags) if value == OUT]
        line = [*_without(command, flags), *(word for word in flags if word != OUT and word not in out)]
        done = _run(directory, line)
        if done.code == 0:
            expected = next((mean for text, mean in known.right.items() if text and text in " ".join(flags)), None)
            expected = known.right.get("") if expected is None else expected
            if expected is None or abs(done.mean - expected) > 1e-9 * max(1.0, abs(expected)):
                wrong.append(f"{' '.join(line)}: {done.mean}, not {expected}")
        elif done.code not in (2, 3):
            wrong.append(f"{' '.join(line)}: exit code {done.code}: {done.err}")
        elif done.err == first.err and known.right:
            wrong.append(f"{' '.join(line)}: the same error again: {done.err}")
        elif depth:
            wrong += ends_well(directory, line, known, depth - 1)
    return wrong


def _without(command: list[str], flags: list[str]) -> list[str]:
    """Return the command without the flags that are given anew."""
    given = {word for word in flags if word.startswith("--")}
    left: list[str] = []
    words = iter(command)
    for word in words:
        if word in given:
            if word not in ALONE:
                next(words)
        else:
            left.append(word)
    return left


def _run(directory: Path, command: list[str]):  # type: ignore[no-untyped-def]
    words = command if command[0] in COMMANDS else ["eval", *command]
    return run(*(str(directory / word) if _is_file(directory, word) else word for word in words), "-q")


def _is_file(directory: Path, word: str) -> bool:
    return word.endswith(".json") or (directory / word).is_file()
