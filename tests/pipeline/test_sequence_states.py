"""States of sequences put together, and directories of their parts: the document of the run over all, byte for byte."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

import celoss_cli
from running import run

WORDS = ("the", "cat", "sat", "on", "a", "mat", "é", "zoo")


def records(count: int, seed: int = 3) -> list[dict[str, Any]]:
    """Sequences of 1 to 9 tokens that make up their text, every seventh without a value for its first token."""
    rng = random.Random(seed)
    made = []
    for place in range(count):
        tokens = [rng.choice(WORDS) + " " for _ in range(rng.randint(1, 9))]
        scores: list[float | None] = [-rng.expovariate(0.5) for _ in tokens]
        if place % 7 == 0:
            scores[0] = None
        row = {"id": f"s{place}", "logprobs": scores, "tokens": tokens, "text": "".join(tokens)}
        made.append({**row, "g": rng.choice("xyz"), "w": rng.randint(0, 3), "doc": place // 5})
    return made


def parts(directory: Path, rows: list[dict[str, Any]], bounds: tuple[int, ...] = (31, 60)) -> list[Path]:
    paths = []
    for k, (start, stop) in enumerate(zip((0, *bounds), (*bounds, len(rows)), strict=True)):
        paths.append(directory / f"p{k}.jsonl")
        paths[-1].write_text("".join(json.dumps(row) + "\n" for row in rows[start:stop]), encoding="utf-8")
    return paths


def document(*arguments: object) -> str:
    done = run(*arguments, "--format", "json")
    assert done.code == 0, done.err
    return done.out


def states_of(paths: list[Path], *options: object, order: tuple[int, ...] = (2, 0, 1)) -> list[Path]:
    """Make the state of each part, in some order; they are numbered."""
    made = []
    for k in order:
        made.append(paths[k].with_suffix(".state"))
        done = run("state", paths[k], "--part", f"{k + 1}/{len(paths)}", "-o", made[-1], *options)
        assert done.code == 0, done.err
    return made


OPTIONS = {
    "plain": (),
    "named": ("--truth", "logprobs"),
    "per byte": ("--per", "byte", "--base", "2"),
    "per word, clipped": ("--per", "word", "--clip", "1e-3"),
    "slices": ("--slice", "g"),
    "some rows, without their first tokens": ("--where", "g=x", "--skip", "1"),
    "weights, each sequence the same": ("--sample-weight", "w", "--average", "macro"),
    "masks": ("--label", "tokens", "--ignore-index", "cat"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_states_of_sequences_make_the_document_of_all(name: str, tmp_path: Path) -> None:
    paths = parts(tmp_path, records(90))
    whole = document("eval", tmp_path / "p*.jsonl", *OPTIONS[name])
    assert document("merge", *states_of(paths, *OPTIONS[name])) == whole


@pytest.mark.parametrize(
    ("pinned", "options"),
    [
        ((), ()),
        (("--truth", "logprobs", "--per", "byte"), ()),
        (("--skip", "1"), ("--base", "10")),
        ((), ("--average", "macro")),
        ((), ("--slice", "g")),
    ],
)
def test_a_plan_gives_all_parts_one_reading(pinned: tuple[str, ...], options: tuple[str, ...], tmp_path: Path) -> None:
    """The lists of one of the parts are of one length, so that it would not be known as sequences by itself."""
    rows = records(60)
    for row in rows[20:40]:
        row["logprobs"] = [-1.0, -0.5]
        row["tokens"], row["text"] = ["a", "b"], "ab"
    paths = parts(tmp_path, rows, (20, 40))
    plan = tmp_path / "plan.json"
    plan.write_text(document("inspect", tmp_path / "p*.jsonl", *pinned), encoding="utf-8")
    whole = document("eval", tmp_path / "p*.jsonl", *pinned, *options)
    assert document("merge", *states_of(paths, "--plan", plan, *options)) == whole


def test_a_plan_says_the_form_of_logarithms_of_distributions_too(tmp_path: Path) -> None:
    """It was read from the plan as the kind alone, and then bits were nats."""
    path, plan, state = tmp_path / "p.csv", tmp_path / "plan.json", tmp_path / "p.state"
    path.write_text("y,lp_a,lp_b\na,-1,-1\nb,-2,-0.415037499\n", encoding="utf-8")
    plan.write_text(document("inspect", path, "--input", "log2probs"), encoding="utf-8")
    assert run("state", path, "--plan", plan, "-o", state).code == 0
    assert run("merge", state, "-q").out == run("eval", path, "--input", "log2probs", "-q").out
    done = run("state", path, "--plan", plan, "--input", "log10probs", "-o", state)
    assert done.code == 2
    assert "--input says how the rows are read" in done.err


def test_parts_of_other_readings_are_refused(tmp_path: Path) -> None:
    paths = parts(tmp_path, records(90))
    one, two = paths[0].with_suffix(".state"), paths[1].with_suffix(".state")
    assert run("state", paths[0], "--truth", "logprobs", "-o", one).code == 0
    for options, said in (
        (("--truth", "logprobs", "--per", "byte"), "another --per than"),
        (("--truth", "logprobs", "--skip", "1"), "another --skip than"),
    ):
        assert run("state", paths[1], *options, "-o", two).code == 0
        done = run("merge", one, two)
        assert done.code == 3
        assert said in done.err
    rows = records(30)
    for row in rows:
        row["text"] = "".join(row["tokens"]) + "!"  # here the tokens do not make up the text, so that all bytes count
    [other] = parts(tmp_path, rows, ())
    assert run("state", other, "--truth", "logprobs", "-o", two).code == 0
    done = run("merge", one, two)
    assert done.code == 3
    assert "another 'truth or its unit'" in done.err


def test_what_the_tokens_say_is_judged_on_all_parts(tmp_path: Path) -> None:
    rows = records(90)
    rows[45]["logprobs"][0] = 0.5
    paths = parts(tmp_path, rows)
    plan = tmp_path / "plan.json"
    plan.write_text(document("inspect", tmp_path / "p0.jsonl"), encoding="utf-8")
    assert run("state", paths[1], "-o", tmp_path / "x.state").code == 3
    states = [path.with_suffix(".state") for path in paths]
    for path, state in zip(paths, states, strict=True):
        assert run("state", path, "--plan", plan, "-o", state).code in (0, 3)
    done = run("merge", *states)
    assert done.code == 3


def test_python_puts_them_together_too(tmp_path: Path) -> None:
    paths = parts(tmp_path, records(90))
    states = [celoss_cli.score_part(path, truth="logprobs", per="byte") for path in paths]
    whole = celoss_cli.evaluate(str(tmp_path / "p*.jsonl"), truth="logprobs", per="byte")
    assert celoss_cli.merge(states).loss == whole.loss


def test_files_of_lists_of_other_lengths_are_parts_of_one_table(tmp_path: Path) -> None:
    """The first list of each is as long as it likes: they are no vectors of scores by class."""
    rows = [{"id": str(k), "logprobs": [-1.0] * length} for k, length in enumerate((4, 2, 8, 3, 5, 5))]
    parts(tmp_path, rows, (2, 4))
    assert float(run("eval", tmp_path, "-q").out) == 1.0
    parts(tmp_path, rows, (1, 2))
    assert float(run("eval", tmp_path, "--truth", "logprobs", "--file-format", "jsonl", "-q").out) == 1.0
    done = run("eval", tmp_path, "--pred", "logprobs", "--label", "id", "--file-format", "jsonl")
    assert done.code == 3
