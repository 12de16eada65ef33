"""Every row of the table of tools has an example, which is read right with the flags it states, or refused."""

from __future__ import annotations

import pytest

from celoss_cli import CelossError, Evaluation, evaluate
from celoss_cli.layout.tools.table import TOOLS
from celoss_cli.layout.tools.tool import Tool
from layouts.examples import EXPECTED, HERE, files_of
from notices import about_the_data

BY_EXAMPLE = {tool.example: tool for tool in TOOLS}


def read(tool: Tool) -> Evaluation:
    assert not tool.flags, "options of an example are to be passed on here"
    return evaluate(*map(str, files_of(tool.example)))


def test_every_tool_has_an_example_and_every_example_a_tool() -> None:
    directories = {path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert len(BY_EXAMPLE) == len(TOOLS)
    assert set(BY_EXAMPLE) == set(EXPECTED) == directories


@pytest.mark.parametrize("example", [name for name, expected in EXPECTED.items() if not expected.error])
def test_the_example_has_its_loss(example: str) -> None:
    tool, expected = BY_EXAMPLE[example], EXPECTED[example]
    found = read(tool)
    assert expected.loss is not None
    assert found.loss.mean == pytest.approx(expected.loss(), rel=1e-12)
    columns = found.spec.columns
    assert (columns.label if isinstance(columns.label, str) else ", ".join(columns.label)) == expected.label
    assert found.spec.classes == expected.classes
    said = {decision.what: decision.value for decision in found.spec.decisions}
    own = tool.name if tool.marks or example == "xgboost_cli" else None
    assert said.get("layout") == (expected.layout or own)
    assert tuple(about_the_data(found)) == expected.warnings


@pytest.mark.parametrize("example", [name for name, expected in EXPECTED.items() if expected.error])
def test_the_example_is_refused_with_the_reason(example: str) -> None:
    with pytest.raises(CelossError) as caught:
        read(BY_EXAMPLE[example])
    assert caught.value.code == EXPECTED[example].error
    assert caught.value.hint
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.example)
def test_a_row_says_what_it_is_for(tool: Tool) -> None:
    assert tool.source.startswith("https://")
    assert tool.trap
    assert not tool.refusal or tool.way_out
    assert tool.marks or not (tool.scores or tool.truth or tool.idle or tool.predicted or tool.hot or tool.refusal)
