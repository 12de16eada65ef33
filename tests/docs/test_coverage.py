"""The simulated tables of docs/explanation/intervals.md: each cell is there, and some are drawn anew."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import simulate_coverage as simulation
from celoss_cli.api.functions import compare, evaluate

PAGE = simulation.PAGE.read_text(encoding="utf-8")
RUNS = 400
TABLES = ("eval", "compare")


def lines(table: str) -> dict[tuple[str, int], list[float]]:
    """The shares of a table by case and number of rows."""
    found = re.search(rf"<!-- simulated: {table} -->\n\|.*\n\|[-:| ]+\|\n((?:\|.*\n)+)<!-- end -->", PAGE)
    assert found is not None, "python docs/simulate_coverage.py"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]
    return {
        (name, int(n.replace(",", ""))): [float(cell.rstrip(" %")) / 100 for cell in cells] for name, n, *cells in rows
    }


def test_every_cell_is_there() -> None:
    assert set(lines("eval")) == {(case.name, n) for case in simulation.EVAL for n in simulation.EVAL_ROWS}
    assert set(lines("compare")) == {(case.name, n) for case in simulation.COMPARE for n in simulation.COMPARE_ROWS}


@pytest.mark.parametrize("case", simulation.EVAL, ids=lambda case: case.name)
@pytest.mark.parametrize("n", [10, 30])
def test_cells_of_eval_drawn_anew(case: simulation.Case, n: int) -> None:
    covered, *_ = lines("eval")[case.name, n][1:]
    _, now = simulation.of_cell(case, n, RUNS, simulation.truth_of(case), paired=False)
    assert now.coverage == pytest.approx(covered, abs=4 * math.sqrt(max(covered * (1 - covered), 0.001) / RUNS))


@pytest.mark.parametrize("case", simulation.COMPARE, ids=lambda case: case.name)
def test_cells_of_compare_drawn_anew(case: simulation.Case) -> None:
    before, after, *_ = lines("compare")[case.name, 30]
    old, now = simulation.of_cell(case, 30, RUNS, simulation.truth_of(case), paired=True)
    for found, stated in ((old.above, before), (now.above, after)):
        assert found == pytest.approx(stated, abs=4 * math.sqrt(max(stated * (1 - stated), 0.001) / RUNS))


def test_the_simulated_intervals_are_those_of_the_commands() -> None:
    random = np.random.default_rng(1)
    for n in (5, 40, 400):
        z = random.normal(-1.0, 2.0, n)
        y = (random.random(n) < 1.0 / (1.0 + np.exp(-z))).astype(int)
        y[:2] = 0, 1
        margin = np.where(y == 1, -z, z)
        p = 1.0 / (1.0 + np.exp(-z))
        entropy = p * np.logaddexp(0.0, -z) + (1.0 - p) * np.logaddexp(0.0, z)
        rows = simulation.Rows(np.logaddexp(0.0, margin), entropy, bool((margin > 0.0).any()))
        interval, warned = simulation.of_eval(rows)
        found = evaluate(z, y, input="logits")
        assert found.loss.ci95 == pytest.approx(interval, rel=1e-9)
        assert warned == bool({notice.code for notice in found.warnings} & {"few_rows", "no_errors_seen"})
        paired = simulation.Rows(np.logaddexp(0.0, 2 * margin) - np.logaddexp(0.0, margin), entropy, True)
        difference = compare(z, 2 * z, y, input="logits").difference
        assert difference.interval == pytest.approx(simulation.of_compare(paired)[0], rel=1e-8)


def test_tables_are_put_where_they_were() -> None:
    begins = {name: PAGE.partition(f"<!-- simulated: {name} -->\n")[2] for name in TABLES}
    tables = {name: text.partition("\n<!-- end -->")[0] for name, text in begins.items()}
    assert simulation.renewed(PAGE, tables) == PAGE
    assert simulation.renewed(simulation.renewed(PAGE, dict.fromkeys(TABLES, "")), tables) == PAGE
