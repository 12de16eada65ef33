"""A page as one HTML file: nothing is loaded from elsewhere, nothing runs, and what comes from a file is text."""

from __future__ import annotations

from datetime import datetime

from celoss_cli.render.forms.markup import Markup, element, text
from celoss_cli.render.forms.outline import (
    Block,
    Drawing,
    Grid,
    Items,
    Line,
    Name,
    Outline,
    Section,
    Sentence,
    Strong,
)
from celoss_cli.render.forms.remark import Tone
from celoss_cli.render.text import Charset
from celoss_cli.spelling import cut_to

_LONGEST_NAME = 300

_CHARSET = Charset()

_CLASS = {Tone.PLAIN: {}, Tone.GOOD: {"class_": "good"}, Tone.BAD: {"class_": "bad"}}


# system-ui and Canvas follow the reader's system, light or dark; the colours are legible on both.
_BASE = """
:root{color-scheme:light dark;--line:#8884;--soft:#595959;--good:#1a7f37;--bad:#cf222e}
@media(prefers-color-scheme:dark){:root{--soft:#b3b3b3;--good:#3fb950;--bad:#ff7b72}}
body{font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
h1.good,.good strong{color:var(--good)}h1.bad,.bad strong{color:var(--bad)}
.wide{overflow-x:auto;container-type:inline-size}.wide+.wide{margin-top:1rem}table{border-collapse:collapse}
th,td{padding:.25rem .75rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
.figure{text-align:right;font-variant-numeric:tabular-nums}td.figure{white-space:nowrap}
code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere;unicode-bidi:isolate}
td code{display:inline-block;max-width:26ch;overflow-wrap:break-word}.told td:last-child{overflow-wrap:anywhere}
.soft,footer{color:var(--soft)}footer{margin-top:2rem;font-size:.9rem}
@media(max-width:32rem){body{margin:1rem auto}.wide{font-size:.75rem}th,td{padding:.2rem}td code{max-width:16ch}
.told thead{display:none}.told td{display:block;border:0;padding:0}.told tr{display:block;padding:.4rem 0}
.told tr{border-bottom:1px solid var(--line)}.told td:first-child{font-weight:bold}.told :is(table,tbody){display:block}
.told td code{max-width:100%;overflow-wrap:anywhere}
.told :is(td:nth-child(2),td:nth-child(3)){display:inline}.told td:nth-child(3){margin-left:.6rem}}
@media print{body{max-width:none;margin:0}.wide{font-size:.85rem}
figure,tr,li,h2{break-inside:avoid}h2,h3,thead,p:has(>strong:only-child){break-after:avoid}details:not([open]){display:none}}
"""

_ROOM = {5: 30, 7: 38, 9: 40, 11: 56}
"""How many rem a table of so many columns, or more, takes: with less, each row is told line by line."""


_FIGURES_ALONE = 8  # columns: a table of more, not all of them figures, is wider by

_SENTENCES = 2  # columns


def _stacked(columns: int, room: int) -> str:
    """Return the style of tables of so many columns where there is no more room."""
    rules = {
        "thead,td:empty": "display:none",
        "tr": "display:flex;flex-wrap:wrap;gap:0 1rem;padding:.4rem 0;border-bottom:1px solid var(--line)",
        "td": "border:0;padding:0;white-space:normal;text-align:left;max-width:100%",
        "td code": "display:inline;max-width:none;overflow-wrap:anywhere",
        "td:first-child": "flex-basis:100%;font-weight:bold",
        "[data-of]::before": "content:attr(data-of) ' ';color:var(--soft)",
    }
    written = (f"{','.join(f'.w{columns} {one}' for one in of.split(','))}{{{style}}}" for of, style in rules.items())
    return f"@container (max-width:{room}rem){{{''.join(written)}}}\n"


_STYLE = _BASE + "".join(
    (
        ":is(.w7,.w9,.w11) code{max-width:18ch}:is(.w7,.w9) td:first-child code{max-width:30ch}\n",
        ":is(.w9,.w11){font-size:.85rem}:is(.w9,.w11) :is(td,th){padding:.25rem .5rem}\n",
        *(_stacked(columns, room) for columns, room in _ROOM.items()),
        "@media print{.wide td code,.wide td:first-child code{max-width:11ch}\n",
        ".wide:not(.w9,.w11) td:first-child code{max-width:21ch}.w7 :is(td,th){padding:.25rem .5rem}}\n",
    )
)

_FIGURES = "figure{margin:1.5rem 0}h3{font-size:1rem;margin:.5rem 0}figcaption{max-width:36rem}"

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
"""


def render(outline: Outline, made: datetime | None = None) -> str:
    """Return the page as a whole document, with the time when it was ``made``, in UTC."""
    files: Line = tuple(piece for path in outline.files for piece in (", ", Name(path)))[1:]
    when = [] if made is None else [f"{made.day} {made:%B %Y, %H:%M} UTC"]
    parts = [*([files] if files else []), *((Name(tag),) for tag in outline.noted), *((time,) for time in when)]
    about = tuple(piece for part in parts for piece in (" · ", *part))[1:]
    body = [
        element("h1", _CHARSET.prose(outline.title), **_CLASS[outline.tone]),
        *([element("p", _line(about), class_="soft")] if about else []),
        *(part for section in outline.sections for part in _section(section)),
        element("footer", _CHARSET.prose(outline.maker)),
    ]
    shown = "\n".join(body)
    title = element("title", _CHARSET.prose(" · ".join((outline.title, *outline.files, *outline.noted))))
    drawn = any(isinstance(block, Drawing) for section in outline.sections for block in section.blocks)
    style = _STYLE + (_drawn_style() if drawn else "")
    return f"{_HEAD}{title}\n<style>{style}</style>\n</head>\n<body>\n{shown}\n</body>\n</html>\n"


def part(outline: Outline) -> str:
    """Return the page as an element to stand in another page, a notebook: its style concerns nothing beside it."""
    body = [
        element("h1", _CHARSET.prose(outline.title), **_CLASS[outline.tone]),
        *(piece for section in outline.sections for piece in _section(section)),
    ]
    style = (_STYLE + _drawn_style()).replace(":root{", "&{").replace("body{", "&{")
    nested = element("style", Markup(f".celoss{{background:Canvas;color:CanvasText;{style}}}"))
    return element("div", nested, *body, class_="celoss")


def _drawn_style() -> str:
    from celoss_cli.render.pictures.svg import STYLE

    return _FIGURES + STYLE


def _section(section: Section) -> list[Markup]:
    heading = [element("h2", _line(section.title))] if section.title else []
    return [*heading, *(_block(block, "".join(section.title)) for block in section.blocks)]


def _block(block: Block, heading: str) -> Markup:
    """Return a block of the section with that ``heading``."""
    match block:
        case Sentence():
            return element("p", _line(block.line), **_CLASS[block.tone])
        case Items():
            items = (element("li", _line(sentence.line), **_CLASS[sentence.tone]) for sentence in block.sentences)
            return element("ul", *items)
        case Grid():
            return _table(block)
        case Drawing():
            return _figure(block, heading)


def _figure(drawing: Drawing, heading: str) -> Markup:
    """Return a picture with what it shows below it, and the numbers for those who open them; titled once."""
    titled = [] if drawing.title == heading else [element("h3", _CHARSET.prose(drawing.title))]
    numbers = element("details", element("summary", "The numbers"), _table(drawing.table))
    told = element("figcaption", _CHARSET.prose(drawing.finding))
    return element("figure", *titled, drawing.svg, told, numbers)


def _table(grid: Grid) -> Markup:
    right = len(grid.header) if grid.figures_from is None else grid.figures_from
    styles: list[dict[str, str]] = [{"class_": "figure"} if i >= right else {} for i in range(len(grid.header))]
    titles = (element("th", title, scope="col", **style) for title, style in zip(grid.header, styles, strict=True))
    wide = len(grid.header) + (_SENTENCES if len(grid.header) > _FIGURES_ALONE and grid.figures_from is None else 0)
    most = max((columns for columns in _ROOM if columns <= wide), default=0)
    cells = [style | ({"data-of": title} if most and i and title else {})
             for i, (style, title) in enumerate(zip(styles, grid.header, strict=True))]  # fmt: skip
    rows = (
        element("tr", *(element("td", _line(cell), **style) for cell, style in zip(row, cells, strict=True)))
        for row in grid.rows
    )
    table = element("table", element("thead", element("tr", *titles)), element("tbody", *rows))
    return element("div", table, class_="wide told" if grid.told else f"wide w{most}" if most else "wide")


def _line(line: Line) -> Markup:
    return Markup("".join(_piece(piece) for piece in line))


def _piece(piece: str) -> Markup:
    if isinstance(piece, Name):
        return element("code", cut_to(_CHARSET.name(piece), _LONGEST_NAME))
    shown = _CHARSET.prose(piece)
    return element("strong", shown) if isinstance(piece, Strong) else text(shown)
