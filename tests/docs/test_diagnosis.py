"""The table of libraries in docs/explanation/diagnosis.md says what celoss says, row by row."""

from __future__ import annotations

import re

import pytest

from calibration_cases import CASES, Case, agrees, rows_of_the_page

ROWS = rows_of_the_page()


def test_every_row_is_a_case_and_every_case_a_row() -> None:
    shown = [(row.library.rpartition(" ")[0], row.asked, row.file) for row in ROWS]
    assert shown == [(case.distribution, case.asked, case.file) for case in CASES]


@pytest.mark.parametrize(("case", "row"), [*zip(CASES, ROWS, strict=False)], ids=[" ".join(case[:3]) for case in CASES])
def test_celoss_says_what_the_page_says(case: Case, row: tuple[str, ...]) -> None:
    assert agrees(row[4], case.ours()), case.ours()


def test_a_row_that_says_the_same_has_the_same_number() -> None:
    for row in ROWS:
        assert row.why
        assert (row.theirs == row.ours) is (re.match("the same|no ECE", row.why) is not None), row


def test_numbers_are_compared_to_the_digits_that_are_shown() -> None:
    assert agrees("0.12", 0.1249)
    assert not agrees("0.12", 0.1251)
    assert agrees("28", 28)
    assert not agrees("28", 29)
    assert agrees("inf", float("inf"))
    assert not agrees("nan", float("inf"))
    assert agrees("–", None)
    assert not agrees("–", 0.0)
    assert not agrees("0.0", None)
