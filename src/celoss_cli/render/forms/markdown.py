"""A page as Markdown for a pull-request comment: nothing from a file is markup, and it is bounded in length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from celoss_cli.render.forms.outline import Drawing, Grid, Items, Line, Name, Outline, Sentence, Strong
from celoss_cli.render.text import Charset
from celoss_cli.spelling import cut_to

_LONGEST_NAME = 80

_LONGEST_SENTENCE = 400

_LONGEST_REPORT = 60_000  # GitHub refuses a comment of more than 65,536 characters

_CHARSET = Charset()

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$!])")

_BLOCK_START = re.compile(r"^(\d*)((?<!\d)[-+](?=\s|$)|(?<!\d)[-=](?=[-=]*$)|(?<=\d)[.)](?=\s|$))")  # lists, rules


# GitHub looks for mentions, references and addresses in the text that Markdown has become: a backslash does not help.
_LINKED = re.compile(r"[@#]|://|GH-|www(?=\.)", re.IGNORECASE)


def render(outline: Outline) -> str:
    """Return the page as GitHub-flavoured Markdown; nothing from a file is read as markup or mentions anyone."""
    blocks = [" ".join([f"### {prose(outline.title)}", *map(code, outline.noted)])]
    for section in outline.sections:
        if section.title:
            blocks.append(f"#### {_line(section.title)}")
        blocks += [_block(block) for block in section.blocks if not isinstance(block, Drawing)]
    return _fitting(blocks)


def code(text: str) -> str:
    """Return a name from a file as code, fit for a table cell: nothing in it is markup, a link or a mention."""
    shown = cut_to(_CHARSET.name(text), _LONGEST_NAME)
    if "|" in shown or "`" in shown:  # they end a cell or a code span even where a backslash stands before them
        return f"<code>{_PUNCTUATION.sub(lambda mark: f'&#{ord(mark[0])};', shown)}</code>"
    return f"`{shown}`"


def prose(text: str) -> str:
    """Return a sentence, which may hold names from files, with nothing in it left to be markup."""
    escaped = _SPECIAL.sub(r"\\\1", cut_to(_CHARSET.prose(text), _LONGEST_SENTENCE))
    return _LINKED.sub(lambda found: f"{found[0]}<!-- -->", _BLOCK_START.sub(r"\1\\\2", escaped))


def _block(block: Sentence | Items | Grid) -> str:
    match block:
        case Sentence():
            return _line(block.line)
        case Items():
            return "\n".join(f"- {_line(sentence.line)}" for sentence in block.sentences)
        case Grid():
            return _table(block)


def _line(line: Line) -> str:
    return "".join(_piece(piece) for piece in line)


def _piece(piece: str) -> str:
    if isinstance(piece, Name):
        return code(piece)
    return f"**{prose(piece)}**" if isinstance(piece, Strong) else prose(piece)


def _table(grid: Grid) -> str:
    right = grid.figures_from
    rules = ["---:" if right is not None and i >= right else "---" for i in range(len(grid.header))]
    rows: Iterable[Sequence[str]] = ([_line(cell) for cell in row] for row in grid.rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (grid.header, rules, *rows))


def _fitting(blocks: Sequence[str]) -> str:
    """Join as many blocks as a comment holds; only names full of markup characters reach that far."""
    shown = "\n\n".join(blocks)
    while len(shown) > _LONGEST_REPORT:
        blocks = blocks[:-1]
        shown = "\n\n".join([*blocks, "… the rest is too long for a comment."])
    return f"{shown}\n"
