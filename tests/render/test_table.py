"""The table fits its width, loses nothing, and takes nothing from a file as markup or control."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from typing import Any

import pytest
from rich.cells import cell_len

from celoss_cli.render.evaluation import table
from celoss_cli.results.evaluation import Check, ClassResult, Counts, Evaluation, Verdict

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [40, 64, 80, 200])
def test_every_line_fits_a_terminal(sample: tuple[str, Evaluation], width: int) -> None:
    for line in table.render(sample[1], width=width).splitlines():
        assert cell_len(line) <= width, line


def test_piped_output_holds_every_text_on_one_line(samples: dict[str, Evaluation]) -> None:
    long = "an unusually long name " * 40 + "end"
    abc = samples["abc"]
    classes = tuple(result._replace(class_=f"{long}{result.class_}") for result in abc.per_class)

    shown = table.render(abc._replace(per_class=classes))

    for result in classes:
        assert result.class_ in shown
    for decision in abc.spec.decisions:
        assert any(decision.value in line and decision.evidence in line for line in shown.splitlines())


@pytest.mark.parametrize("width", [20, 30, 40, 80])
def test_what_the_loss_stands_beside_is_named_at_any_width(samples: dict[str, Evaluation], width: int) -> None:
    shown = table.render(samples["abc"], width=width)
    section = shown[shown.index("How to read it") : shown.index("The truth was")]
    assert all(word in section.split() for word in ["these", "predictions", "class", "frequencies", "uniform", "guess"])
    assert "…" not in section


@pytest.mark.parametrize("width", [20, 40, 80])
def test_folding_loses_no_character_of_a_name(samples: dict[str, Evaluation], width: int) -> None:
    name = "".join(f"<{number:03}>" for number in range(40))
    abc = samples["abc"]
    shown = table.render(abc._replace(per_class=(ClassResult(name, 6, 1.0, 0.4, 1.0, None),), worst=()), width=width)
    by_class = shown[shown.index("By class") :]

    assert all(f"{number:03}" in re.sub(r"[\s<>]+|100%|0\.40\d*|–|━", "", by_class) for number in range(40))


def test_a_name_that_fits_is_not_folded(samples: dict[str, Evaluation]) -> None:
    empty = samples["abc"].spec.decisions[0]._replace(value="", evidence="")
    spec = samples["infinite"].spec._replace(decisions=(empty, empty))
    shown = table.render(samples["infinite"]._replace(spec=spec), width=84)

    assert "\n  ferret " in shown
    assert shown.count("\n  task   ") == 2


def test_text_from_files_is_neither_markup_nor_control(samples: dict[str, Evaluation]) -> None:
    shown = table.render(samples["hostile"])

    assert "[red]bold[/red]" in shown
    assert r"\x1b[2J\x1b]0;owned\x07|`<b>\n# h1" in shown
    assert not [c for c in shown if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)]
    assert "\u202e" not in shown
    shown.encode()


def test_colour_adds_only_styles(sample: tuple[str, Evaluation]) -> None:
    plain = table.render(sample[1], width=90)
    colored = table.render(sample[1], width=90, color=True)

    bare = ANSI.sub("", colored)
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    assert "\x1b" not in bare
    unpadded = [" ".join(line.split()) for line in bare.splitlines()]
    assert unpadded == [" ".join(line.split()) for line in plain.splitlines()]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
def test_every_encoding_can_take_it(sample: tuple[str, Evaluation], encoding: str) -> None:
    table.render(sample[1], encoding=encoding).encode(encoding)
    table.render(sample[1], encoding=encoding, width=40, color=True).encode(encoding)


def test_it_depends_on_nothing_but_its_arguments(
    samples: dict[str, Evaluation], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = table.render(samples["abc"], width=80, color=True)
    for name, value in {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "30", "FORCE_COLOR": ""}.items():
        monkeypatch.setenv(name, value)

    assert table.render(samples["abc"], width=80, color=True) == before


def test_many_classes_are_cut_to_those_that_cost_most(samples: dict[str, Evaluation]) -> None:
    shown = table.render(samples["many"])

    assert "number 19 of them" in shown
    assert "number 20 of them" not in shown
    assert "… 980 more; --format csv has all" in shown


def test_a_guess_is_marked_and_names_its_flag(samples: dict[str, Evaluation]) -> None:
    line = next(line for line in table.render(samples["abc"]).splitlines() if line.startswith("  pairing"))
    assert "guessed" in line
    assert "--id settles it" in line


def test_weight_is_shown_only_where_one_differs(samples: dict[str, Evaluation]) -> None:
    assert "weight" not in table.render(samples["abc"])
    assert "weight" in table.render(samples["many"])


def test_warnings_come_last(samples: dict[str, Evaluation]) -> None:
    lines = table.render(samples["infinite"]).splitlines()
    assert lines[-1].startswith("warning: with --clip")
    assert lines[-4].startswith("FAIL")


def test_a_rounded_loss_never_contradicts_the_verdict(build: Any) -> None:
    abc = build()
    mean = 0.5 + 1e-12
    evaluation = abc._replace(
        loss=abc.loss._replace(mean=mean), verdict=Verdict(False, (Check("max_loss", 0.5, mean, False),))
    )

    shown = table.render(evaluation)

    assert "FAIL  mean loss 0.500000000001 is above the limit of 0.5 (--max-loss)" in shown
    assert "0.500000000001 nats" in shown


def test_nothing_scored_is_said(build: Any) -> None:
    abc = build()
    nothing = abc._replace(
        counts=Counts(6, 0, 6, 0, 0),
        loss=abc.loss._replace(mean=math.nan, sum=0.0, standard_error=None, ci95=None, perplexity=math.nan),
        verdict=Verdict(False, (Check("max_loss", 0.5, math.nan, False),)),
    )

    shown = table.render(nothing)

    assert "FAIL  no row was scored" in shown
    assert "no rows: no standard error" in shown


def test_only_the_table_loads_rich() -> None:
    code = (
        "import sys; import celoss_cli.render, celoss_cli.render.files, celoss_cli.render.progress;"
        "from celoss_cli.render import terminal;"
        "from celoss_cli.render.forms import error, html, json, junit, markdown, metrics;"
        "from celoss_cli.render.evaluation import csv, findings, report;"
        "sys.exit('rich' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
