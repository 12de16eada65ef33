"""Logs of Inspect as it writes them, and what llama-perplexity writes, which is refused by its name."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest

from running import run

ANSWERS = [[("Hel", -1.0), ("lo", -0.5)], [("a", -2.0)], [("x", -0.25), ("é", -3.0), ("z", -0.125)]]


def tokens(pairs: list[tuple[str, float]]) -> dict[str, Any]:
    return {"content": [{"token": token, "logprob": p, "bytes": list(token.encode())} for token, p in pairs]}


def sample(place: int, epoch: int, **logprobs: Any) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": "x"}, "stop_reason": "stop", **logprobs}
    return {"id": place, "epoch": epoch, "input": "q", "target": "t", "output": {"model": "m", "choices": [choice]}}


def log(path: Path, samples: list[dict[str, Any]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": {"task": "t"}, "plan": {}}))
        for one in samples:
            archive.writestr(f"samples/{one['id']}_epoch_{one['epoch']}.json", json.dumps(one, indent=2))
        archive.writestr("_journal/summaries/1.json", "[]")
        archive.writestr("header.json", json.dumps({"version": 2, "status": "success"}))
    return path


def test_samples_of_a_log_are_sequences(tmp_path: Path) -> None:
    path = log(tmp_path / "log.eval", [sample(i, 1, logprobs=tokens(one)) for i, one in enumerate(ANSWERS)])
    found = run("eval", path, "--format", "json")
    assert found.code == 0, found.err
    document = json.loads(found.out)
    assert document["inputs"]["predictions"]["format"] == "inspect"
    assert document["loss"]["mean"] == 6.875 / 6
    assert document["loss"]["bits_per"]["byte"] == pytest.approx(6.875 / math.log(2.0) / 10, rel=1e-15)
    assert document["sequences"]["worst"][0]["id"] == "1"
    assert "generated" in {warning["code"] for warning in document["warnings"]}
    two = log(tmp_path / "two.eval", [sample(0, n, logprobs=tokens(one)) for n, one in enumerate(ANSWERS, 1)])
    found = run("eval", two, "--slice", "epoch", "--format", "json")
    assert [one["mean_loss"] for one in json.loads(found.out)["slices"]] == [0.75, 2.0, 1.125]


def test_those_of_the_prompt_are_taken_and_are_a_given_text(tmp_path: Path) -> None:
    drawn = tokens([("no", -9.0)])
    samples = [sample(i, 1, logprobs=drawn, prompt_logprobs=tokens(one)) for i, one in enumerate(ANSWERS)]
    document = json.loads(run("eval", log(tmp_path / "log.eval", samples), "--format", "json").out)
    assert document["loss"]["mean"] == 6.875 / 6
    assert "generated" not in {warning["code"] for warning in document["warnings"]}


def test_a_sample_that_failed_has_no_value(tmp_path: Path) -> None:
    samples = [sample(0, 1), *(sample(i, 1, logprobs=tokens(one)) for i, one in enumerate(ANSWERS, 1))]
    path = log(tmp_path / "log.eval", samples)
    found = run("eval", path)
    assert found.code == 3
    assert "row 0, column 'logprobs': there is no value" in found.err
    assert float(run("eval", path, "--invalid", "drop", "-q").out) == 6.875 / 6


def test_a_log_without_log_probabilities_is_said(tmp_path: Path) -> None:
    found = run("eval", log(tmp_path / "log.eval", [sample(i, 1) for i in range(3)]))
    assert found.code == 3
    assert "none of its 3 samples has the log-probabilities of its tokens" in found.err
    assert "logprobs=True" in found.err


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("base.kld", b"_logits_" + bytes((0, 2, 0, 0, 0, 125, 0, 0)) + bytes(60), "rounded to 16 bits"),
        (
            "out.txt",
            b"[1]4.5170,[2]5.0643,[3]5.8820,\nFinal estimate: PPL = 5.88 +/- 0.03\n",
            "goes on: each is that of",
        ),
        ("one.txt", b"[1]4.5170,\n", "goes on: each is that of all chunks"),
    ],
)
def test_what_llama_perplexity_writes_is_refused_by_name(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for options in ((), ("--truth", "logprobs")):
        found = run("eval", path, *options)
        assert found.code == 3
        assert "llama-perplexity" in found.err
        assert said in found.err
