"""Numbers that other tools printed for sequences, from what they printed of each token: typed from their pages."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from running import run


def result(path: Path, *options: object) -> Any:
    return run("eval", path, *options, "--format", "json").document


def written(tmp_path: Path, text: str, name: str = "run.jsonl") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def lines(tmp_path: Path, records: list[dict[str, Any]]) -> Path:
    return written(tmp_path, "".join(json.dumps(record) + "\n" for record in records))


def test_torcheval_perplexity_of_four_rows(tmp_path: Path) -> None:
    """The example of ``torcheval.metrics.Perplexity``, with and without ``ignore_index=1``."""
    logits = np.array([[0.3659, 0.7025, 0.3104], [0.0097, 0.6577, 0.1947], [0.5659, 0.0025, 0.0104],
                       [0.9097, 0.0577, 0.7947]])  # fmt: skip
    target = [2, 1, 2, 1]
    scores = (logits - np.log(np.exp(logits).sum(axis=1))[:, None])[np.arange(4), target]
    path = lines(tmp_path, [{"lp": [float(x)], "target": [y]} for x, y in zip(scores, target, strict=True)])
    options = ("--truth", "lp", "--input", "logprobs")
    assert result(path, *options)["loss"]["perplexity"] == pytest.approx(3.5257, abs=5e-5)
    masked = result(path, *options, "--label", "target", "--ignore-index", "1")
    assert masked["loss"]["perplexity"] == pytest.approx(3.6347, abs=5e-5)
    assert masked["counts"]["masked"] == 2


def test_vllm_2043_which_entry_is_the_token(tmp_path: Path) -> None:
    """The old form, a number for each id; the likeliest entry of each place is another one in two of five."""
    places = [
        None,
        {"15043": -7.584228515625, "917": -2.512939214706421},
        {"29892": -1.4937736988067627},
        {"590": -1.8308428525924683, "306": -1.3464678525924683},
        {"1024": -0.11963547021150589},
        {"338": -0.01794273406267166},
    ]
    record = {"prompt": "Hello, my name is", "prompt_token_ids": [1, 15043, 29892, 590, 1024, 338],
              "prompt_logprobs": places}  # fmt: skip
    found = result(lines(tmp_path, [record]))["loss"]
    assert found["mean"] == pytest.approx(2.209284654259682, rel=1e-15)
    assert found["perplexity"] == pytest.approx(9.109198, abs=5e-7)
    assert found["bits_per"]["byte"] == pytest.approx(0.9374482396, abs=5e-11)
    record.pop("prompt_token_ids")
    assert run("eval", lines(tmp_path, [record])).code == 3


MARIAN = "-0.02151 -0.04798 -0.12068 -0.66128 -0.20932 -0.01034 -0.16291 -0.00046"


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (f"-1.234479 ||| WordScores= {MARIAN}", None),
        (f"0 ||| und das war bei schlechtem Wetter . ||| WordScores= {MARIAN} ||| F0= -1.23448 ||| -1.23448", 35),
    ],
)
def test_marian_638_words_add_up_to_the_sentence(tmp_path: Path, line: str, size: int | None) -> None:
    found = result(written(tmp_path, line + "\n", "scores.txt"), "--file-format", "marian")["loss"]
    assert (found["sum"], found["units"]) == (pytest.approx(1.23448, rel=1e-14), 8)
    assert found["sum"] == pytest.approx(1.234479, abs=8 * 5e-6)
    byte = found["bits_per"]["byte"]
    assert byte == (None if size is None else pytest.approx(1.23448 / math.log(2.0) / size, rel=1e-14))


def test_fairseq_1703_the_mean_is_the_score_of_the_hypothesis(tmp_path: Path) -> None:
    text = "H-0\t-0.9591023563900086\ta b c d e f\nP-0\t-1.7602 -0.5362 -1.4817 -1.1891 -1.1348 -0.4620 -0.1497\n"
    path = written(tmp_path, text, "out.txt")
    bits = result(path, "--base", "2")["loss"]["mean"]
    assert bits == pytest.approx(0.9591, rel=1e-14)
    assert bits == pytest.approx(0.9591023563900086, abs=5e-5)
    assert result(path, "--input", "logprobs")["loss"]["mean"] == pytest.approx(bits, rel=1e-14)


def test_the_prompt_of_a_snapshot_of_text_generation_inference(tmp_path: Path) -> None:
    """Of its test of bloom-560m: what was drawn after the prompt is no part of the given text."""
    texts = ["Pour", " dég", "uster", " un", " ort", "olan", ",", " il", " faut", " tout", " d'abord"]
    scores = [None, -10.546875, -0.18457031, -1.9287109, -15.4296875, -7.578125, -1.4003906, -1.5439453, -0.93896484,
              -3.7207031, -1.5742188]  # fmt: skip
    prefill = [{"id": i, "text": text, "logprob": p} for i, (text, p) in enumerate(zip(texts, scores, strict=True))]
    drawn = [{"id": 578, "text": " le", "logprob": -1.6474609, "special": False}]
    record = {"generated_text": " le", "details": {"prefill": prefill, "tokens": drawn}}
    found = result(lines(tmp_path, [record]))
    total = -math.fsum(p for p in scores if p is not None)
    assert (found["loss"]["sum"], found["loss"]["units"]) == (total, 10)
    assert found["loss"]["bits_per"]["byte"] == pytest.approx(total / math.log(2.0) / 43, rel=1e-15)
    assert "generated" not in {warning["code"] for warning in found["warnings"]}


def test_srilm_of_its_own_test(tmp_path: Path) -> None:
    """ppl over words and sentences, ppl1 over words, as SRILM prints them for two sentences; six digits a token."""
    same = ["i've", "got", "a"], [-2.91887, -0.259637, -1.11394]
    rest = [(["bad", "feeling"], [-4.21002, -5.54323]), (["good", "feeling"], [-2.43337, -5.48495])]
    text = ""
    for words, scores in rest:
        pairs = zip((*same[0], *words, "</s>"), (*same[1], *scores, -1.10537), strict=True)
        tokens = "".join(f"\tp( {word} | x ...) \t= [2gram] 0.1 [ {score} ]\n" for word, score in pairs)
        text += f"{' '.join((*same[0], *words))}\n{tokens}1 sentences, 5 words, 0 OOVs\n\n"
    path = written(tmp_path, text, "ppl.txt")
    found = result(path, "--file-format", "srilm", "--base", "10")
    assert found["loss"]["sum"] == pytest.approx(28.4672, abs=5e-5)
    assert found["loss"]["perplexity"] == pytest.approx(235.65, abs=5e-3)
    assert [math.exp(one["loss"] * math.log(10.0)) for one in found["sequences"]["worst"]] == [
        pytest.approx(335.103, abs=2e-3),
        pytest.approx(165.713, abs=2e-3),
    ]
    shown = json.loads(run("explain", path, "--file-format", "srilm", "--format", "json").out)["conventions"]
    (ppl1,) = (row["mean"] for row in shown if row["name"] == "srilm-ppl1")
    assert math.exp(ppl1) == pytest.approx(702.62, abs=5e-3)


def test_nltk_scores_are_bits(tmp_path: Path) -> None:
    """``logscore`` of nltk 3.10's Laplace bigrams, of three sentences; ``entropy`` and ``perplexity`` of all."""
    scores = [
        [-1.8744691179161412, -2.4594316186372973, -3.321928094887362],
        [-3.4594316186372978, -2.584962500721156, -3.321928094887362, -3.1699250014423126],
        [-3.4594316186372978, -3.321928094887362],
    ]
    path = lines(tmp_path, [{"logscore": one} for one in scores])
    found = result(path, "--truth", "logscore", "--base", "2")
    assert found["loss"]["mean"] == pytest.approx(2.997048417850399, rel=1e-14)
    assert found["loss"]["perplexity"] == pytest.approx(7.983649684340343, rel=1e-14)
    assert any(one["what"] == "input" and one["value"] == "log2probs" for one in found["spec"]["decisions"])


def test_words_of_lm_eval_by_split(tmp_path: Path) -> None:
    """Three documents of its dummy model: what ``str.split`` counts, and the mean of the documents' own means."""
    losses, words = (0.2604923103919594, 0.8050278270130223, 0.5486993038355893), (6, 7, 1)
    path = lines(tmp_path, [{"loglik": -loss, "n_words": n} for loss, n in zip(losses, words, strict=True)])
    found = result(path, "--truth", "loglik", "--per", "n_words")
    assert found["loss"]["perplexity"] == pytest.approx(1.1222116084618994, rel=1e-14)
