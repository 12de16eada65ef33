"""Write the Python API into docs/reference/python.md, from its signatures and docstrings.

    python docs/make_python_api.py

The text above and below the two marks is written by hand. tests/docs/test_generated.py holds the page against this.
"""

from __future__ import annotations

import inspect
import re
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import celoss_cli
from attribute_docs import hints_of, meanings, tree_of

PAGE = Path(__file__).parent / "reference" / "python.md"
MARKS = ("<!-- python -->\n", "<!-- /python -->")


def generated() -> str:
    """Return the functions, the results with every class in them, and the errors."""
    public = {name: getattr(celoss_cli, name) for name in celoss_cli.__all__ if not name.startswith("_")}
    functions = [thing for thing in public.values() if inspect.isfunction(thing)]
    errors = [thing for thing in public.values() if inspect.isclass(thing) and issubclass(thing, Exception)]
    results = [thing for thing in public.values() if inspect.isclass(thing) and thing not in errors]
    lines = ["## Functions", ""]
    for function in functions:
        lines += _function(function)
    lines += ["## Results", ""]
    done: set[type] = set()
    for result in results:
        lines += _result(result, done, "###")
    lines += ["## Errors", ""]
    lines += ["| error | of | exit code | meaning |", "|---|---|---|---|"]
    for error in sorted(errors, key=lambda error: (len(error.__mro__), error.__name__)):
        first = " ".join(_prose(inspect.getdoc(error) or "").split("\n\n")[0].split())
        lines.append(f"| `{error.__name__}` | `{error.__base__.__name__}` | {int(error.exit_code)} | {first} |")
    return "\n".join(lines) + "\n"


def _function(function: Any) -> Iterator[str]:
    yield from (f"### {function.__name__}", "", "```text")
    yield from _signature(function)
    yield from ("```", "")
    yield from _documented(inspect.getdoc(function) or "")


def _signature(function: Any) -> list[str]:
    """The call with its defaults, without the types: the docstring says them."""
    parts = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = parameter.default
        shown = "" if default is inspect.Parameter.empty else f"={getattr(default, 'value', default)!r}"
        parts.append(f"{parameter.name}{shown}")
    whole = f"celoss_cli.{function.__name__}({', '.join(parts)})"
    return textwrap.wrap(whole, 100, subsequent_indent=" " * 4, break_long_words=False, break_on_hyphens=False)


def _result(result: Any, done: set[type], heading: str) -> Iterator[str]:
    """A class with its attributes, and then each class of the package that one of them holds."""
    if result in done:
        return
    done.add(result)
    hints = {name: hint for name, hint in hints_of(result).items() if name in _fields(result)}
    yield from (f"{heading} {result.__name__}", "")
    yield from _documented(inspect.getdoc(result) or "")
    yield from _attributes(hints, meanings(result))
    yield ""
    ours = [
        base
        for base in (*reversed(tree_of(result).__mro__), *reversed(result.__mro__))
        if base.__module__.startswith("celoss_cli")
    ]
    members = {name: thing for base in ours for name, thing in vars(base).items() if not name.startswith("_")}
    for name, thing in members.items():
        doc = inspect.getdoc(thing) or ""
        if isinstance(thing, property) and name in hints:  # what the attribute is, and more
            yield from (f"`{name}`: {_prose(doc)}", "")
        elif inspect.isfunction(thing) and doc:
            first = " ".join(_prose(re.split(r"\n\n\w+\n---", doc)[0]).split())
            yield from (f"`{name}()`: {first}", "")
    for hint in hints.values():
        for inner in _ours(hint):
            yield from _result(inner, done, "####")


def _attributes(hints: dict[str, Any], said: dict[str, str]) -> Iterator[str]:
    """The table of attributes, with a column of what they mean where one of them says so."""
    titles = ["attribute", "type", *(["meaning"] if said else [])]
    yield from (f"| {' | '.join(titles)} |", "|---" * len(titles) + "|")
    for name, hint in hints.items():
        cells = [f"`{name}`", f"`{_type(hint)}`", *([said.get(name, "").replace("|", "\\|")] if said else [])]
        yield f"| {' | '.join(cells)} |"


def _fields(result: Any) -> tuple[str, ...]:
    names = getattr(result, "_fields", None) or tuple(getattr(result, "__dataclass_fields__", ()))
    return tuple(names)


def _ours(hint: Any) -> Iterator[Any]:
    """The classes of results in a type: those that have attributes of their own."""
    if inspect.isclass(hint) and hint.__module__.startswith("celoss_cli") and _fields(hint):
        yield hint
    for inner in get_args(hint):
        yield from _ours(inner)


def _type(hint: Any) -> str:
    if hint is Ellipsis:
        return "..."
    if isinstance(hint, types.UnionType):
        return " or ".join(_type(part) for part in get_args(hint))
    if getattr(get_origin(hint), "__module__", None) == "numpy":
        return "numpy.ndarray"
    if get_args(hint):
        return f"{hint.__origin__.__name__}[{', '.join(_type(part) for part in get_args(hint))}]"
    return "None" if hint is type(None) else str(hint.__name__)


def _documented(doc: str) -> Iterator[str]:
    """A docstring with numpydoc sections as Markdown: what a section lists becomes a list."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", doc, flags=re.MULTILINE)
    yield from (_prose(parts[0]).strip(), "")
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        yield from (f"**{title}**", "")
        for item in re.split(r"\n(?=\S)", body.strip()):
            name, _, text = item.partition("\n")
            names = ", ".join(f"`{one.strip()}`" for one in name.split(","))
            yield f"- {names}: {' '.join(_prose(text).split())}"
        yield ""


def _prose(text: str) -> str:
    """reStructuredText as it is used here, in Markdown: code has one backtick."""
    return re.sub(r"``(.+?)``", r"`\1`", text)


def renewed(page: str) -> str:
    """Return the page with what stands between the marks made anew."""
    head, _, rest = page.partition(MARKS[0])
    _, _, tail = rest.partition(MARKS[1])
    return f"{head}{MARKS[0]}{generated()}\n{MARKS[1]}{tail}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
