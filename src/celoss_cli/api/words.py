"""Errors in the words of Python: ``pred="score"`` where the command line says ``--pred score``."""

from __future__ import annotations

import json
import re
import shlex

from celoss_cli.errors import CelossError
from celoss_cli.options.option import Option, Takes
from celoss_cli.options.table import OPTIONS

_NEGATED = {"no-header": ("header", False), "labels-no-header": ("labels_header", False)}

_KEYWORDS: dict[str, Option] = {option.key: option for option in OPTIONS if option.python}

# A value is quoted, or a word; words such as "settles" and "names" go on with the sentence.
_GIVEN = re.compile(r"(?<![\w-])--([a-z][a-z-]*)(?:( |=)('(?:[^']|'\\'')*'|[^\s;:()'\"]+(?:'[^']*'[^\s;:()]*)?))?")

_PROSE = """
if and or for of is are to in be with that else it the each them also both one another out several
accepts adds beside breaks changed counts divides does exclude gives go has have leaves limits lets makes may means must
name names need needs pairs refuses say says scores settles speaks takes would wrote
"""

PROSE = frozenset(_PROSE.split())
"""Words that stand behind a flag in messages and are no value of it."""

_PLACE = re.compile(r"[A-Z]{3,}")  # EPS, COLUMN: what the reader puts there


def in_python(error: CelossError) -> None:
    """Put the keywords of Python in place of the flags in what an error says."""
    error.message = with_keywords(error.message)
    error.hint = None if error.hint is None else with_keywords(error.hint)
    error.args = (str(error),)


def with_keywords(text: str) -> str:
    """Return a text with each flag that Python has as the keyword of it; flags side by side become arguments."""
    parts: list[str] = []
    end, name, values = 0, "", list[str]()

    def close() -> None:
        if name:
            value = values[0] if len(values) < 2 else f"[{', '.join(values)}]"
            parts.append(f"{name}={value}")

    for found in _GIVEN.finditer(text):
        keyword, value, length = _keyword(found)
        if not keyword:
            continue
        between = text[end : found.start()]
        if name and between == " " and keyword == name and value and values[0]:
            values.append(value)
        else:
            close()
            parts.append(", " if name and between == " " and values[0] else between)
            name, values = keyword, [value]
        end = found.start() + length
    close()
    return "".join(parts) + text[end:]


def _keyword(found: re.Match[str]) -> tuple[str, str, int]:
    """Return the keyword of a flag, its value as Python code (empty without one), and how much of the text they take.

    The keyword is empty where Python has none.
    """
    flag, joint, given = found.groups()
    alone = len(flag) + 2
    if flag in _NEGATED:
        return _NEGATED[flag][0], "False", alone
    option = _KEYWORDS.get(flag)
    if option is None:
        return "", "", 0
    if option.takes is Takes.SWITCH:
        return option.name, "True", alone
    if given is None:
        return option.name, "", alone
    bare = given.rstrip(".,?") or given
    if joint == " " and not given.startswith("'") and (bare in PROSE or re.match(r"-(?![0-9])|…", bare)):
        return option.name, "", alone
    if option.takes is Takes.CHOICE and bare not in [str(choice) for choice in option.choices]:
        return option.name, "", alone
    return option.name, _code(bare, option), alone + 1 + len(bare)


def _code(value: str, option: Option) -> str:
    """Return a value as Python writes it."""
    try:
        text = "".join(shlex.split(value)) if "'" in value else value
    except ValueError:  # an apostrophe, and no quote
        text = value
    if _PLACE.fullmatch(text) or (option.takes in (Takes.NUMBER, Takes.WHOLE) and text[:1].isdigit()):
        return text
    return json.dumps(text, ensure_ascii=False)
