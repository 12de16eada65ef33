"""docs/example.ipynb runs from its first cell to its last, and what ends a cell can show itself."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from docs.pages import ROOT

NOTEBOOK = ROOT / "docs" / "example.ipynb"


def cells(kind: str) -> list[str]:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell as IPython does, and return the value of an expression at its end."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(NOTEBOOK), "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)  # type: ignore[attr-defined]


def test_it_is_kept_without_output() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


def test_every_cell_runs_and_shows_something(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figures = pytest.importorskip("matplotlib.figure")
    monkeypatch.chdir(NOTEBOOK.parent)
    names: dict[str, Any] = {}
    shown: list[Any] = [run_cell(source, names) for source in cells("code")]
    assert shown[0] is None
    assert all(value is not None for value in shown[1:])
    pages = [value for value in shown if hasattr(value, "plot") and hasattr(value, "metrics")]
    assert len(pages) == 2
    for page in pages:
        assert "<svg" in page._repr_html_()
    drawn = [value for value in shown if isinstance(value, figures.Figure)]
    assert len(drawn) == 3
    for place, figure in enumerate(drawn):
        figure.savefig(tmp_path / f"{place}.png")
        assert (tmp_path / f"{place}.png").stat().st_size > 5000


def test_it_is_told_of_where_people_look() -> None:
    page = (ROOT / "docs" / "how-to" / "notebooks.md").read_text(encoding="utf-8")
    assert "(../example.ipynb)" in page
    assert all(text.strip() for text in cells("markdown"))
