"""Records of servers and harnesses of language models: each tool's form read, and each of its traps said."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from celoss_cli.tables.json.token_tools import TOOLS
from running import run

Record = dict[str, Any]

LN2 = math.log(2.0)

COMPLETION = {
    "id": "cmpl-1",
    "object": "text_completion",
    "choices": [
        {
            "text": "Hé you",
            "index": 0,
            "logprobs": {
                "tokens": ["Hé", " you"],
                "token_logprobs": [None, -2.5],
                "text_offset": [0, 2],
                "top_logprobs": [None, {" you": -2.5, " me": -1.0}],
            },
        }
    ],
}

CHAT = {
    "id": "chatcmpl-1",
    "choices": [
        {
            "message": {"content": "Hi!"},
            "logprobs": {
                "content": [
                    {"token": "Hi", "logprob": -0.25, "bytes": [72, 105], "top_logprobs": []},
                    {"token": "!", "logprob": -1.0, "bytes": [33], "top_logprobs": []},
                    {"token": "<|end|>", "logprob": -0.5, "bytes": None, "top_logprobs": []},
                ]
            },
        }
    ],
}

RESPONSE = {
    "id": "resp-1",
    "output": [
        {
            "type": "message",
            "content": [{"text": "é", "logprobs": [{"token": "é", "logprob": -0.75, "bytes": [195, 169]}]}],
        }
    ],
}

VLLM = {
    "prompt": "Hello, my",
    "prompt_token_ids": [15496, 11, 616],
    "prompt_logprobs": [
        None,
        {
            "13": {"logprob": -1.0, "rank": 1, "decoded_token": "."},
            "11": {"logprob": -1.5, "rank": 2, "decoded_token": ","},
        },
        {"616": {"logprob": -3.5, "rank": 9, "decoded_token": " my"}, "314": {"logprob": -0.5, "rank": 1}},
    ],
}

TGI = {
    "generated_text": " blue",
    "details": {
        "prefill": [{"id": 1, "text": "Sky", "logprob": None}, {"id": 2, "text": " is", "logprob": -2.0}],
        "tokens": [
            {"id": 3, "text": " blue", "logprob": -0.5, "special": False},
            {"id": 0, "text": "</s>", "logprob": -1.0, "special": True},
        ],
    },
}

SGLANG = {"text": "!", "meta_info": {"id": "r1", "input_token_logprobs": [[None, 5, "a"], [-1.25, 6, "b"]]}}

LLAMA = {
    "content": "a",
    "completion_probabilities": [{"id": 1, "token": "a", "bytes": [97], "logprob": -0.5, "top_logprobs": []}],
}

HELM = {
    "request_states": [
        {
            "instance": {"id": "id0"},
            "result": {
                "completions": [
                    {
                        "text": "",
                        "tokens": [
                            {"text": "bytes:\\x99", "logprob": -1.0},
                            {"text": "Hello", "logprob": -2.0},
                            {"text": " world", "logprob": -3.0},
                            {"text": "bytes:\\xe2\\x80", "logprob": -1.0},
                        ],
                    }
                ]
            },
        }
    ]
}

INSPECT = {
    "version": 2,
    "samples": [
        {
            "id": "s1",
            "output": {"choices": [{"logprobs": {"content": [{"token": "a", "logprob": -1.0, "bytes": [97]}]}}]},
        },
        {
            "id": "s2",
            "output": {"choices": [{"logprobs": {"content": [{"token": "b", "logprob": -2.0, "bytes": [98]}]}}]},
        },
    ],
}

ROLLING = {
    "doc_id": 0,
    "doc": {"page": "a b c"},
    "resps": [["-0.26"]],
    "bits_per_byte": [-0.26, 24],
    "word_perplexity": [-0.26, 7],
}

# An example's record, options, sum of losses in nats, units, and bytes (None: unknown).
EXAMPLES: dict[str, tuple[Record, tuple[str, ...], float, float, int | None]] = {
    "openai_completions": (COMPLETION, (), 2.5, 1, 4),
    "openai_chat": (CHAT, (), 1.75, 3, 3),
    "openai_responses": (RESPONSE, (), 0.75, 1, 2),
    "vllm": (VLLM, (), 5.0, 2, 9),
    "tgi": (TGI, (), 2.0, 1, 3),
    "sglang": (SGLANG, (), 1.25, 1, None),
    "llama_cpp": (LLAMA, (), 0.5, 1, 1),
    "helm": (HELM, (), 7.0, 4, 14),
    "inspect_ai": (INSPECT, (), 3.0, 2, 2),
    "lm_eval_rolling": (ROLLING, ("--per", "num_bytes"), 0.26, 24, 24),
}


def written(tmp_path: Path, *records: Record) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_every_tool_has_an_example() -> None:
    assert set(EXAMPLES) == {tool.name for tool in TOOLS}


@pytest.mark.parametrize("tool", EXAMPLES)
def test_the_records_of_a_tool_are_sequences(tmp_path: Path, tool: str) -> None:
    record, options, total, units, size = EXAMPLES[tool]
    found = run("eval", written(tmp_path, record, record), *options, "--strict", "--format", "json")
    assert found.code == 0, found.err
    loss = json.loads(found.out)["loss"]
    assert loss["sum"] == pytest.approx(2 * total, rel=1e-15)
    assert loss["units"] == 2 * units
    assert loss["bits_per"]["byte"] == (None if size is None else pytest.approx(total / size / LN2, rel=1e-14))


@pytest.mark.parametrize("tool", ["openai_completions", "helm", "inspect_ai"])
def test_a_record_may_be_the_whole_document(tmp_path: Path, tool: str) -> None:
    record, _, total, _, _ = EXAMPLES[tool]
    path = tmp_path / "one.json"
    path.write_text(json.dumps(record, indent=2), encoding="utf-8")
    found = run("eval", path, "--format", "json")
    assert found.code == 0, found.err
    assert json.loads(found.out)["loss"]["sum"] == pytest.approx(total, rel=1e-15)


def test_any_path_into_records_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, COMPLETION, COMPLETION)
    found = run("eval", path, "--truth", "choices.0.logprobs.token_logprobs", "--input", "logprobs", "-q")
    assert found.mean == 2.5


def test_tokens_that_a_model_drew_are_said_to_be_no_given_text(tmp_path: Path) -> None:
    found = run("eval", written(tmp_path, CHAT, CHAT), "--format", "json")
    assert "generated" in {warning["code"] for warning in json.loads(found.out)["warnings"]}
    echoed = run("eval", written(tmp_path, COMPLETION, COMPLETION), "--format", "json")
    assert "generated" not in {warning["code"] for warning in json.loads(echoed.out)["warnings"]}
    used = COMPLETION | {"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
    both = run("eval", written(tmp_path, used, used), "--format", "json")  # an echo, and one token that had to be drawn
    (said,) = (one["message"] for one in json.loads(both.out)["warnings"] if one["code"] == "generated")
    assert "2 of the first 4 are tokens, after the prompt's, that the model drew itself" in said


def test_what_vllm_drew_is_read_where_the_prompt_was_not_scored(tmp_path: Path) -> None:
    """The chosen token is the one in token_ids, and not the likeliest."""
    drawn = [{"7": {"logprob": -0.75, "rank": 2, "decoded_token": "x"}, "9": {"logprob": -0.5, "decoded_token": "q"}},
             {"8": {"logprob": -1.0, "rank": 1, "decoded_token": "y"}}]  # fmt: skip
    answer = {"index": 0, "text": "xy", "token_ids": [7, 8], "cumulative_logprob": -1.75, "logprobs": drawn}
    record = {
        "request_id": "0",
        "prompt": "Hello",
        "prompt_token_ids": [1],
        "prompt_logprobs": None,
        "outputs": [answer],
    }
    found = json.loads(run("eval", written(tmp_path, record, record), "--format", "json").out)
    assert found["loss"]["sum"] == 3.5
    assert found["loss"]["bits_per"]["byte"] is None  # the prompt is not what was scored
    assert "generated" in {warning["code"] for warning in found["warnings"]}


def test_one_log_likelihood_a_sample_of_lm_eval_is_a_sum(tmp_path: Path) -> None:
    """As lambada_openai writes it: the sum of the target, and whether it was the likeliest."""
    record = {"doc_id": 0, "doc": {"text": "x y"}, "target": " y", "resps": [[["-1.25", "True"]]],
              "filtered_resps": [["-1.25", "True"]], "perplexity": -1.25, "acc": 1.0}  # fmt: skip
    found = json.loads(run("eval", written(tmp_path, record, record), "--format", "json").out)
    assert (found["loss"]["per"], found["loss"]["mean"]) == ("sequence", 1.25)
    assert found["loss"]["bits_per"]["byte"] == pytest.approx(1.25 / LN2 / 2, rel=1e-15)


def test_a_request_that_failed_does_not_hide_what_the_others_are(tmp_path: Path) -> None:
    failed = {"id": "b0", "custom_id": "r0", "response": None, "error": {"code": "server_error"}}
    done = {"id": "b1", "custom_id": "r1", "response": {"status_code": 200, "body": CHAT}, "error": None}
    path = written(tmp_path, failed, done)
    found = run("eval", path)
    assert found.code == 3
    assert "row 0, column 'logprobs': there is no value" in found.err
    assert json.loads(run("eval", path, "--invalid", "drop", "--format", "json").out)["loss"]["sum"] == 1.75


def without(record: Record, *path: str, value: Any = None) -> Record:
    copy: Record = json.loads(json.dumps(record))
    inner: Any = copy
    for part in path[:-1]:
        inner = inner[int(part)] if part.isdigit() else inner[part]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


@pytest.mark.parametrize(
    ("record", "code", "hint"),
    [
        (without(VLLM, "prompt_token_ids"), "vllm_which_token", "prompt_token_ids"),
        (without(VLLM, "prompt_token_ids", value=[1, 2, 3]), "vllm_token_missing", "of one request"),
        (without(TGI, "details", "prefill", value=[]) | {"x": 1}, "no_prefill", "decoder_input_details"),
        (without(SGLANG, "meta_info", "input_token_logprobs", value=[]), "no_logprobs", "logprob_start_len=0"),
        (without(RESPONSE, "output", value=[{"content": [{"text": "a", "logprobs": []}]}]), "no_logprobs", "include="),
        (
            {"completion_probabilities": [{"content": "a", "probs": [{"tok_str": "a", "prob": 0.5}]}]},
            "no_logprobs",
            "2025",
        ),
        ({"completion_probabilities": [{"token": "a", "prob": 0.5, "top_probs": []}]}, "no_logprobs", "post_sampling"),
        (
            without(COMPLETION, "choices", "0", "logprobs", value={"tokens": [" you"], "token_logprobs": [-2.5]}),
            "echo_missing",
            "not the prompt",
        ),
    ],
)
def test_what_a_record_does_not_say_is_refused(tmp_path: Path, record: Record, code: str, hint: str) -> None:
    report = tmp_path / "report.json"
    found = run("eval", written(tmp_path, record, record), "--report", report)
    assert found.code == 3
    assert hint in found.err
    assert json.loads(report.read_text())["error"]["code"] == code


def test_a_later_record_of_vllm_without_its_ids_is_refused_at_its_row(tmp_path: Path) -> None:
    records = [VLLM] * 3 + [without(VLLM, "prompt_token_ids")]
    found = run("eval", written(tmp_path, *records))
    assert found.code == 3
    assert "row 3" in found.err


def test_one_entry_a_position_needs_no_ids(tmp_path: Path) -> None:
    record = {"prompt": "ab", "prompt_logprobs": [None, {"7": -1.5}]}
    assert run("eval", written(tmp_path, record, record), "-q").mean == 1.5
