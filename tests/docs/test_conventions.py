"""docs/explanation/conventions.md says of each convention what ``conventions.libraries.CONVENTIONS`` says.

It holds a table between ``<!-- conventions -->`` and ``<!-- /conventions -->`` that is made from the one in code, and
between ``<!-- sources -->`` and ``<!-- /sources -->`` one list item for each name, written by hand.
To renew the table, and then to test it::

    CELOSS_RENEW_CONVENTIONS=1 pytest tests/docs/test_conventions.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from celoss_cli.conventions.libraries import CONVENTIONS, Library
from celoss_cli.request import Average, Denominator

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "conventions.md"

NOT_RUN = "**no**"
DIVISORS = {Denominator.WEIGHTS: "weights", Denominator.COUNT: "rows"}


def tried(library: Library) -> bool | None:
    """Whether the library itself was run; ``None`` for celoss, which needs no comparison."""
    if library is CONVENTIONS[0]:
        return None
    return library.tried is not None


def divisor(library: Library) -> str:
    """What the sum is divided by, and where that depends on the data."""
    if library.average is Average.MACRO:
        return "mean of class means"
    single, several = (DIVISORS[library.denominator(single=single)] for single in (True, False))
    soft = DIVISORS[library.denominator(single=False, index=False)]
    if single == several == soft:
        return single
    return f"{single}; classes: {several}{'' if soft == several else f', soft labels: {soft}'}"


def cost_of_zero(library: Library, *, single: bool) -> str | None:
    """What a truth of probability 0 costs in an array of float64, in the library's unit; ``None`` if undefined."""
    rule = library.rule(single=single)
    if rule is None:
        return None
    p = np.zeros((1, 1)) if single else np.array([[0.0], [1.0]])
    nats = float(rule.row_losses(p, np.array([int(single)])).loss[0])
    return f"{library.sign * nats / library.base.nats:.4g}".replace("e+", "e").replace("-", "−")


def cost(library: Library) -> str:
    """The same for one column, and for a column a class where that is another."""
    single, several = cost_of_zero(library, single=True), cost_of_zero(library, single=False)
    if single is None or several is None or single == several:
        return single or several or ""
    return f"{single}; classes: {several}"


def table_rows() -> Iterator[str]:
    """The table of the page."""
    yield "| name | whose loss | what it does | divided by | unit | a zero costs | run with |"
    yield "|---|---|---|---|---|---:|---|"
    for row in CONVENTIONS:
        ran = {None: "–", True: row.tried, False: NOT_RUN}[tried(row)]
        yield f"| `{row.name}` | {row.title} | {row.words} | {divisor(row)} | {row.base.unit} | {cost(row)} | {ran} |"


def between(text: str, mark: str) -> str:
    """What stands between a mark and its end."""
    found = re.findall(rf"<!-- {mark} -->\n(.*?)\n<!-- /{mark} -->", text, re.DOTALL)
    assert len(found) == 1, f"one <!-- {mark} --> … <!-- /{mark} -->"
    return str(found[0])


def renewed(text: str, rows: Iterator[str]) -> str:
    """The text with the table brought up to date."""
    start, end = "<!-- conventions -->\n", "\n<!-- /conventions -->"
    head, _, rest = text.partition(start)
    _, _, tail = rest.partition(end)
    table = "\n".join(rows)
    return f"{head}{start}{table}{end}{tail}"


if os.environ.get("CELOSS_RENEW_CONVENTIONS") == "1":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), table_rows()), encoding="utf-8")


def test_renewal_replaces_the_table_and_nothing_else() -> None:
    text = "x\n<!-- conventions -->\nx\n<!-- /conventions -->\nx\n"
    assert renewed(text, iter("ab")) == "x\n<!-- conventions -->\na\nb\n<!-- /conventions -->\nx\n"


def test_the_table_is_that_of_the_code() -> None:
    shown = between(PAGE.read_text(encoding="utf-8"), "conventions").split("\n")
    assert shown == [*table_rows()]


def test_every_convention_has_its_source_once() -> None:
    items = re.findall(r"^- `([^`]+)`:", between(PAGE.read_text(encoding="utf-8"), "sources"), re.MULTILINE)
    assert items == [row.name for row in CONVENTIONS]


@pytest.mark.parametrize("library", CONVENTIONS, ids=lambda row: row.name)
def test_what_was_not_run_is_said_to_be_so(library: Library) -> None:
    text = between(PAGE.read_text(encoding="utf-8"), "sources")
    item = re.search(rf"^- `{re.escape(library.name)}`:(.*?)(?=^- `|\Z)", text, re.MULTILINE | re.DOTALL)
    assert item is not None
    assert (tried(library) is False) == ("not run" in item[1])


def test_a_zero_costs_what_the_rule_says() -> None:
    costs = {row.name: cost(row) for row in CONVENTIONS}
    assert costs["exact"] == "inf"
    assert costs["sklearn"] == "36.04"
    assert costs["torch"] == "100; classes: inf"
    assert costs["perf"] == "9e99"
    assert costs["autogluon"] == "−34.54; classes: −36.04"


def test_denominators_are_those_of_the_rows() -> None:
    divisors = {row.name: divisor(row) for row in CONVENTIONS}
    assert divisors["exact"] == "weights"
    assert divisors["keras"] == "rows"
    assert divisors["torch"] == "rows; classes: weights, soft labels: rows"
    assert divisors["bigquery"] == "mean of class means"
