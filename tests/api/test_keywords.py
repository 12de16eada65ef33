"""A function of the Python API takes what the command of its name takes: each option, its default and its meaning."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

import celoss_cli
from celoss_cli import UsageError
from celoss_cli.api.signature import default_of
from celoss_cli.api.signature import keywords_of as keywords_of_table
from celoss_cli.cli.app import app
from celoss_cli.cli.commands import COMMANDS
from celoss_cli.comparison.options import Comparing
from celoss_cli.options.option import Option, Takes
from celoss_cli.options.table import OPTIONS
from celoss_cli.request import ReadOptions, Request
from running import run, write

KEYWORDS = Path(celoss_cli.__file__).parent / "api" / "keywords.py"
RENEW = "CELOSS_RENEW_KEYWORDS"

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "eval": celoss_cli.evaluate,
    "compare": celoss_cli.compare,
    "explain": celoss_cli.explain,
    "inspect": celoss_cli.inspect,
    "diagnose": celoss_cli.diagnose,
    "batch": celoss_cli.evaluate_many,
    "history": celoss_cli.read_history,
    "calibrate-fit": celoss_cli.fit_calibration,
    "calibrate-apply": celoss_cli.apply_calibration,
    "state": celoss_cli.score_part,
    "merge": celoss_cli.merge,
}

KEYWORDS_OF = {"calibrate-fit": "FitCalibration", "calibrate-apply": "ApplyCalibration"}
"""The names of their types, where these are not those of the commands."""

WITHOUT_ROWS = ("calibrate-apply", "history", "merge")
"""Those that take no rows with labels share no keywords with the others."""

BESIDES: dict[str, dict[str, Any]] = {
    "eval": {"as_state": False, "client": None},
    **{command: {"client": None} for command in ("explain", "inspect", "diagnose")},
}
"""What functions take that their commands have no option for."""

# What a command has and its function has not, and why not.
OF_THE_COMMAND_LINE = {
    "format": "the result is an object; to_dict() is the JSON",
    "quiet": "nothing is printed",
    "report": "write_report(result, path)",
    "history": "append_history(result, path)",
    "labels": "the second argument",
    "plots": "a result shows its pictures in a notebook, and write_report has them on the page",
    "candidate": "several candidates are a list: compare(baseline, [one, other])",
    "config": "a call has the options that it is given",
    "no_config": "likewise",
    "profile": "likewise",
    "show_config": "likewise",
    "debug": "errors are exceptions, with their tracebacks",
}


def options_of(command: str) -> dict[str, Any]:
    """Return the options of a command by name, each with its default."""
    made: Any = typer.main.get_command(app)
    for word in command.split("-"):
        made = made.get_command(typer.Context(made), word)
    return {one.name: one.default for one in made.params if one.param_type_name == "option"}


def keywords_of(command: str) -> dict[str, Any]:
    """Return the keyword arguments of a function by name, each with its default."""
    parameters = inspect.signature(FUNCTIONS[command]).parameters.values()
    assert all(one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY) for one in parameters)
    besides = BESIDES.get(command, {})
    found = {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}
    assert besides == {name: found[name] for name in besides}
    return {name: default for name, default in found.items() if name not in besides}


def plain(default: Any) -> Any:
    """Return a default as both would write it: nothing asked for is ``None``."""
    value = default.value if isinstance(default, Enum) else default
    return None if value in ("auto", (), []) else value


def test_every_command_has_its_function() -> None:
    assert sorted(FUNCTIONS) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_function_takes_every_option_of_its_command_and_nothing_else(command: str) -> None:
    assert set(keywords_of(command)) == set(options_of(command)) - set(OF_THE_COMMAND_LINE)


def type_of(option: Option) -> str:
    """Return the type of a keyword, as it is written for type checkers."""
    text, _ = option.takes.value
    if option.takes is Takes.CHOICE and any(str(choice).isdecimal() for choice in option.choices):
        text = "str | int"
    return text if text == "Any" or default_of(option) is not None else f"{text} | None"


def keywords_module() -> str:
    """Return what ``api/keywords.py`` should hold."""
    parts = [
        f'"""The keywords of the Python API with their types, for type checkers: made from the table of options.\n\n'
        f'To renew it after a change of the table: {RENEW}=1 pytest tests/api/test_keywords.py\n"""',
        "from __future__ import annotations",
        "import os\nfrom collections.abc import Iterable, Mapping, Sequence\nfrom typing import Any, TypedDict",
    ]
    found = {command: keywords_of_table(command) for command in COMMANDS}
    alike = [options for command, options in found.items() if command not in WITHOUT_ROWS]
    shared = {name: one for name, one in found["inspect"].items() if all(name in other for other in alike)}
    kinds = {
        "SharedKeywords(TypedDict, total=False)": (
            "What every function takes that reads rows with their labels.",
            shared,
        )
    }
    for command, options in found.items():
        base = "TypedDict" if command in WITHOUT_ROWS else "SharedKeywords"
        own = {name: one for name, one in options.items() if base == "TypedDict" or name not in shared}
        said = f"What ``{FUNCTIONS[command].__name__}`` takes."
        kinds[f"{KEYWORDS_OF.get(command, command.capitalize())}Keywords({base}, total=False)"] = (said, own)
    for head, (said, options) in kinds.items():
        lines = [f"    {name}: {type_of(option)}" for name, option in options.items()]
        parts.append("\n".join([f'\nclass {head}:\n    """{said}"""', *([""] if lines else []), *lines]))
    return "\n\n".join(parts) + "\n"


def test_type_checkers_are_told_what_the_table_says() -> None:
    if os.environ.get(RENEW):
        KEYWORDS.write_text(keywords_module(), encoding="utf-8")
    assert KEYWORDS.read_text(encoding="utf-8") == keywords_module()


def test_a_field_has_the_default_of_its_option() -> None:
    """A request that nothing was asked of is the one that a command without options makes."""
    fields = {**Request._field_defaults, **ReadOptions._field_defaults, **Comparing._field_defaults}
    for option in OPTIONS:
        if option.name in fields:
            assert (fields[option.name] or None) == (default_of(option) or None), option.name


def test_every_exception_is_an_option_somewhere() -> None:
    assert set(OF_THE_COMMAND_LINE) <= {name for command in COMMANDS for name in options_of(command)}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_defaults_are_those_of_the_command(command: str) -> None:
    options = options_of(command)
    found = {name: plain(default) for name, default in keywords_of(command).items()}
    assert found == {name: plain(options[name]) for name in found}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_keyword_is_in_the_docstring(command: str) -> None:
    own, common = (inspect.getdoc(FUNCTIONS[name]) or "" for name in (command, "eval"))
    said = own + common if "``evaluate``" in own else own
    missing = [name for name in keywords_of(command) if not re.search(rf"^(\w+, )*{name}(, \w+)*$", said, re.MULTILINE)]
    assert not missing


@pytest.mark.parametrize("command", COMMANDS)
def test_another_keyword_is_a_type_error_as_for_any_function(command: str) -> None:
    function = FUNCTIONS[command]
    for value in (1, None):
        with pytest.raises(TypeError, match=rf"{function.__name__}\(\) got an unexpected keyword argument 'nonsense'"):
            function("a.csv", nonsense=value)


def test_every_flag_that_a_message_names_is_a_keyword() -> None:
    """A hint that names ``--clip`` helps in Python only where there is a ``clip``."""
    known = {name for command in COMMANDS for name in keywords_of(command)} | {"no_header", "labels_no_header"}
    sources = Path(celoss_cli.__file__).parent
    named: set[str] = set()
    for path in sources.rglob("*.py"):
        module = path.relative_to(sources).as_posix()
        if not module.startswith("cli/") and not module.startswith(
            "layout/tools/"
        ):  # that one speaks of options of other tools
            calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
            texts = (node.value for call in calls for node in ast.walk(call) if isinstance(node, ast.Constant))
            flags = (re.findall(r"--([a-z][a-z-]+)", text) for text in texts if isinstance(text, str))
            named |= {flag.replace("-", "_") for found in flags for flag in found}
    assert {"clip", "file_format", "encoding", "unknown_class"} <= named  # they are found at all
    # Of pages that are printed, of write_report, and an option of Vowpal Wabbit.
    assert named - known == {"format", "report", "csoaa"}


TWO = {
    "a.csv": "y,p_a,p_b,w,who,part\n"
    "a,.7,.3,1,u,1\nb,.4,.6,2,u,2\nb,.2,.8,3,v,1\nz,.5,.5,1,v,2\na,.9,.1,1,w,1\na,.6,.4,2,w,2\n",
    "b.csv": "y,p_a,p_b,w,who,part\n"
    "a,.6,.4,1,u,1\nb,.3,.7,2,u,2\nb,.4,.6,3,v,1\nz,.5,.5,1,v,2\na,.8,.2,1,w,1\na,.7,.3,2,w,2\n",
}
# The JSON has strings for what a float of Python can be.
SPELLED = {"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}
# Each option of a comparison that says how to read and score, with what tells it from its default.
SAID: list[tuple[dict[str, Any], list[str]]] = [
    ({"unknown_class": "drop"}, ["--unknown-class", "drop"]),
    ({"unknown_class": "inf"}, ["--unknown-class", "inf"]),
    ({"unknown_class": "drop", "label": "y", "pred": "p_*"}, ["--unknown-class=drop", "--label=y", "--pred=p_*"]),
    ({"unknown_class": "drop", "cluster": "who"}, ["--unknown-class=drop", "--cluster=who"]),
    ({"unknown_class": "drop", "slice": "who,part"}, ["--unknown-class=drop", "--slice=who,part"]),
    ({"unknown_class": "drop", "slice": "part=1.5"}, ["--unknown-class=drop", "--slice=part=1.5"]),
    ({"unknown_class": "drop", "sample_weight": "w"}, ["--unknown-class=drop", "--sample-weight=w"]),
    ({"ignore_index": "z", "class_weight": {"a": 2}}, ["--ignore-index=z", "--class-weight=a=2"]),
    ({"ignore_index": "z", "base": 2, "clip": 0.35}, ["--ignore-index=z", "--base=2", "--clip=.35"]),
    ({"ignore_index": "z", "label_smoothing": 0.1}, ["--ignore-index=z", "--label-smoothing=.1"]),
    ({"ignore_index": "z", "average": "macro"}, ["--ignore-index=z", "--average=macro"]),
    ({"ignore_index": "z", "denominator": "count"}, ["--ignore-index=z", "--denominator=count"]),
    ({"ignore_index": "z", "compat": "sklearn"}, ["--ignore-index=z", "--compat=sklearn"]),
    ({"ignore_index": "z", "input": "auto", "task": "auto"}, ["--ignore-index=z", "--input=auto", "--task=auto"]),
    ({"ignore_index": "z", "delimiter": ",", "header": True}, ["--ignore-index=z", "--delimiter=,", "--header"]),
    ({"where": {"part": 1}, "classes": "a,b"}, ["--where=part=1", "--classes=a,b"]),
    ({"where": {"part": 1}, "pred": "p_b", "positive": "b"}, ["--where=part=1", "--pred=p_b", "--positive=b"]),
    (
        {"ignore_index": "z", "bootstrap": 200, "seed": 2**63 + 1, "confidence": 0.9, "top": 1},
        ["--ignore-index=z", "--bootstrap=200", f"--seed={2**63 + 1}", "--confidence=.9", "--top=1"],
    ),
    (
        {"ignore_index": "z", "max_regression": "50%", "inconclusive": "pass"},
        ["--ignore-index=z", "--max-regression=50%", "--inconclusive=pass"],
    ),
]


@pytest.mark.parametrize(
    ("command", "keywords", "options"),
    [(command, *said) for command in ("compare", "eval") for said in SAID if set(said[0]) <= set(keywords_of(command))],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_keyword_means_what_the_option_means(
    command: str, keywords: dict[str, Any], options: list[str], tmp_path: Path
) -> None:
    write(tmp_path, TWO)
    inputs = [str(tmp_path / name) for name in (["a.csv", "b.csv"] if command == "compare" else ["a.csv"])]
    done = run(command, *inputs, "--format", "json", *options)
    assert done.out, done.err
    found = FUNCTIONS[command](*inputs, **keywords).to_dict()
    assert json.loads(json.dumps(found), parse_constant=SPELLED.get) == json.loads(done.out)


def test_compare_leaves_out_or_counts_rows_of_an_unknown_class(tmp_path: Path) -> None:
    write(tmp_path, TWO)
    one, other = str(tmp_path / "a.csv"), str(tmp_path / "b.csv")
    with pytest.raises(celoss_cli.DataError):
        celoss_cli.compare(one, other)
    assert celoss_cli.compare(one, other, unknown_class="drop").rows.paired == 5
    assert celoss_cli.compare(one, other, unknown_class="inf").rows.infinite_baseline == 1


def test_none_is_an_option_left_out_where_its_default_is_nothing() -> None:
    p, y = np.array([[0.7, 0.3], [0.2, 0.8]]), [0, 1]
    nothing = {name: None for name, default in keywords_of("eval").items() if plain(default) is None}
    assert celoss_cli.evaluate(p, y, **nothing) == celoss_cli.evaluate(p, y)
    for name in set(keywords_of("eval")) - set(nothing):
        with pytest.raises(UsageError, match=f"^{name} is None"):
            celoss_cli.evaluate(p, y, **{name: None})


@pytest.mark.parametrize(
    "arguments",
    [
        {"unknown_class": "keep"},
        {"strict": "no"},
        {"renormalize": "false"},
        {"class_weight": 2.0},
        {"compat": 2},
        {"clip": "small"},
        {"confidence": "high"},
        {"confidence": None},
        {"bootstrap": 1e3 + 0.5},
        {"seed": "x"},
        {"top": None},
        {"cluster": 3},
        {"sample_weight": [1.0]},
        {"threads": 0},
        {"delimiter": 1},
        {"header": "yes"},
        {"label_smoothing": 10**400},
    ],
    ids=str,
)
def test_what_an_option_does_not_take_is_a_usage_error_of_compare_too(arguments: dict[str, Any]) -> None:
    p = np.array([[0.7, 0.3], [0.2, 0.8]])
    with pytest.raises(UsageError) as found:
        celoss_cli.compare(p, p, [0, 1], **arguments)
    assert found.value.hint


def test_a_list_of_numbers_is_one_candidate_and_a_list_of_lists_is_asked_about() -> None:
    p, q, y = np.array([0.7, 0.2, 0.6]), [0.6, 0.3, 0.7], [1, 0, 1]
    alone = celoss_cli.compare(p, np.array(q), y)
    assert alone.leaderboard == ()
    assert celoss_cli.compare(p, q, y).difference == alone.difference
    assert len(celoss_cli.compare(p, [np.array(q), p[::-1]], y).leaderboard) == 3
    with pytest.raises(UsageError, match="list of lists"):
        celoss_cli.compare(np.stack([1 - p, p], 1), [[0.4, 0.6], [0.7, 0.3], [0.3, 0.7]], y)
