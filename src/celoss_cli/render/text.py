"""Text from files made safe to show: nothing in a name moves the cursor, hides, or fails to encode."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from celoss_cli.errors import cut_short
from celoss_cli.tuples import NamedTuple

_LONGEST_NAME = 1000  # characters: a table shows a longer one by its beginning

# Control, surrogate, line and paragraph separators: they move the cursor or cannot be encoded.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


# Format characters (directions, zero-width spaces, tags) can make one name look like another. The two joiners
# are ordinary spelling in Persian, Hindi and emoji.
_JOINERS = frozenset({"\u200c", "\u200d"})

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


# The symbols that celoss's own sentences use, where a stream cannot show them.
_PLAIN_SPELLING = {
    "±": "+/-",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "·": "|",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "’": "'",
    "“": '"',
    "”": '"',
    "Σ": "sum",
}


class Charset(NamedTuple):
    """The characters a stream can encode, and how text is spelled within them."""

    encoding: str = "utf-8"

    def can(self, text: str) -> bool:
        """Return whether ``text`` can be encoded as it stands."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def escaped(self, text: str) -> str:
        """Return ``text`` from a file on one line, with what cannot or must not be shown as an escape."""
        return "".join(self._escape(character) for character in text)

    def name(self, text: str) -> str:
        """Return a name from a file as ``escaped`` does, cut if long, quoted where its edges would not be seen."""
        shown = self.escaped(cut_short(text, _LONGEST_NAME))
        return f'"{shown}"' if not text or text != text.strip() else shown

    def prose(self, text: str) -> str:
        """Return a sentence of ours, which may hold names from files: symbols spelled plainly where needed."""
        if not self.can(text):
            text = "".join(c if self.can(c) else _PLAIN_SPELLING.get(c, c) for c in text)
        return self.escaped(text)

    def _escape(self, character: str) -> str:
        if character.isascii() and character.isprintable():
            return character
        if character in _ESCAPES:
            return _ESCAPES[character]
        if is_unsafe(character) or not self.can(character):
            return _code_point(character)
        return character


def is_unsafe(character: str) -> bool:
    """Return whether a character moves the cursor, hides, changes how others read, or is none for interchange."""
    if ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef":
        return True
    category = unicodedata.category(character)
    return category in _UNSAFE_CATEGORIES or (category == "Cf" and character not in _JOINERS)


def _code_point(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


_COMMAND = r"(^|[\r\n])([\s\ufeff]*):(?=:)|#(?=#\[)"


def harmless(text: str) -> str:
    """Return ``text`` with what the runner would take for a command shown as an escape."""
    return re.sub(_COMMAND, lambda found: f"{found[1] or ''}{found[2] or ''}\\x{ord(found[0][-1]):02x}", text)


def apart(paths: Sequence[str]) -> list[str]:
    """Return the paths without the directories that all of them begin with: what tells them apart."""
    parts = [path.split("/") for path in paths]
    shared = 0
    while len(parts) > 1 and all(len(part) > shared + 1 and part[shared] == parts[0][shared] for part in parts):
        shared += 1
    return ["/".join(part[shared:]) for part in parts]


def called(path: str) -> str:
    """Return what an input is called: its path, or that it is standard input."""
    return "standard input" if path == "-" else path
