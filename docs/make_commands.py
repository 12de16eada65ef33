"""Write the commands and options into docs/reference/commands.md, as the program declares them.

    python docs/make_commands.py

The text above and below the two marks is written by hand. tests/docs/test_generated.py holds the page against this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from celoss_cli.cli.app import app
from celoss_cli.cli.commands import COMMANDS

PAGE = Path(__file__).parent / "reference" / "commands.md"
MARKS = ("<!-- commands -->\n", "<!-- /commands -->")


def generated() -> str:
    """Return a section for each command: how it is called, what it does, its arguments and options."""
    group: Any = typer.main.get_command(app)
    context = group.context_class(group, info_name="celoss")
    return "\n".join(line for key in COMMANDS for line in _section(key, group, context))


def _section(key: str, command: Any, context: Any) -> Iterator[str]:
    for word in key.split("-"):
        command = command.get_command(context, word)
        context = command.context_class(command, info_name=word, parent=context)
    name = key.replace("-", " ")
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [parameter for parameter in shown if parameter.param_type_name == "argument"]
    usage = " ".join([_place(parameter) for parameter in arguments])
    yield from (f"## celoss {name}", "", "```text", f"celoss {name} {usage} [OPTIONS]", "```", "")
    yield from (*_paragraphs(command.help), "")
    yield from ("| argument | meaning |", "|---|---|")
    yield from (f"| `{_place(parameter)}` | {_cell(parameter.help)} |" for parameter in arguments)
    yield ""
    panels: dict[str, list[Any]] = {}
    for parameter in shown:
        if parameter.param_type_name == "option":
            panels.setdefault(parameter.rich_help_panel or "Other options", []).append(parameter)
    for title, options in panels.items():
        yield from (
            f"### {name}: {_lower(title.rstrip(' …'))}",
            "",
            "| option | takes | default | meaning |",
            "|---|---|---|---|",
        )
        yield from (_row(option, context) for option in options)
        yield ""


def _row(option: Any, context: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    return f"| {names} | {_taken(option)} | {_default(option, context)} | {_cell(option.help)} |"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def _place(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _taken(option: Any) -> str:
    """What stands after the option: one of some words, or a value by its name; nothing for a switch."""
    if option.is_flag:
        return ""
    choices = getattr(option.type, "choices", None)
    if choices:
        return ", ".join(f"`{getattr(choice, 'value', choice)}`" for choice in choices)
    return f"`{_escaped(option.metavar or option.type.name.upper())}`"


def _default(option: Any, context: Any) -> str:
    value = option.get_default(context)
    value = getattr(value, "value", value)
    if value is None or value is False or value == ():
        return ""
    shown = option.show_default if isinstance(option.show_default, str) else value
    return f"`{shown}`"


def _paragraphs(text: str) -> list[str]:
    """The help as Markdown: names of options as code, one line a paragraph."""
    parts = re.split(r"\n\s*\n", text.replace("\b", "").strip())
    return "\n\n".join(_cell(part).replace("\\|", "|") for part in parts).split("\n")


def _cell(text: str | None) -> str:
    """A text in one line, with options, file names and the like as code."""
    line = _escaped(" ".join((text or "").split()))
    return re.sub(r"(?<![\w`-])(--?[a-z][\w-]*)", r"`\1`", line)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def renewed(page: str) -> str:
    """Return the page with what stands between the marks made anew."""
    head, _, rest = page.partition(MARKS[0])
    _, _, tail = rest.partition(MARKS[1])
    return f"{head}{MARKS[0]}{generated()}\n{MARKS[1]}{tail}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
