"""Details of lighteval: sums of documents are sequences, with the text it counts; sums of choices are no tokens."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from running import run

SUMS = (-30.5, -12.0, -9.25)
QUERIES = ("= Bob =  born", " a b ", "some text")


def details(tmp_path: Path, scores: list[list[float]], originals: tuple[str | None, ...] = (None, None, None)) -> Path:
    """Write a file of details with the members that lighteval 0.11 gives them."""
    text = pa.string()
    doc = pa.struct([("query", text), ("choices", pa.list_(text)), ("gold_index", pa.int64()), ("id", text),
                     ("original_query", text)])  # fmt: skip
    answer = pa.struct([("input", text), ("text", pa.list_(text)), ("logprobs", pa.list_(pa.float64())),
                        ("argmax_logits_eq_gold", pa.list_(pa.bool_())), ("input_tokens", pa.list_(pa.int64())),
                        ("padded_tokens_count", pa.int64())])  # fmt: skip
    docs = [
        {"query": query, "choices": [query], "gold_index": 0, "id": str(place), "original_query": original}
        for place, (query, original) in enumerate(zip(QUERIES, originals, strict=True))
    ]
    answers = [
        {"logprobs": one, "argmax_logits_eq_gold": [False] * len(one), "text": [], "input_tokens": [1, 2, 3]}
        for one in scores
    ]
    path = tmp_path / "details_wikitext.parquet"
    metric = [{"word_perplexity": {"logprobs": one[0], "weights": 3}} for one in scores]
    pq.write_table(
        pa.table({"doc": pa.array(docs, doc), "metric": metric, "model_response": pa.array(answers, answer)}), path
    )
    return path


def loss(*arguments: object) -> Any:
    return run("eval", *arguments, "--format", "json").document["loss"]


@pytest.mark.parametrize("named", [(), ("--truth", "model_response.logprobs")])
def test_a_sum_in_a_list_of_one_is_no_token(tmp_path: Path, named: tuple[str, ...]) -> None:
    path = details(tmp_path, [[one] for one in SUMS])
    total = -math.fsum(SUMS)
    found = loss(path, *named)
    assert (found["per"], found["mean"], found["bits_per"]["token"]) == ("sequence", total / 3, None)
    size = sum(map(len, QUERIES))
    assert found["bits_per"]["byte"] == pytest.approx(total / math.log(2.0) / size, rel=1e-15)
    assert loss(path, *named, "--per", "byte")["mean"] == pytest.approx(total / size, rel=1e-15)
    refused = run("eval", path, *named, "--per", "token")
    assert refused.code == 3
    assert "one number a row may be the sum of a sequence" in refused.err


def test_the_text_is_the_one_from_before_it_was_prepared(tmp_path: Path) -> None:
    scores = [[one] for one in SUMS]
    found = loss(details(tmp_path, scores, ("Bob", "ab", "some")), "--per", "byte")
    assert found["units"] == 3 + 2 + 4
    found = loss(details(tmp_path, scores, ("Bob", None, None)))
    assert found["bits_per"]["byte"] is None  # one text or the other: nobody can tell of which the bytes are


@pytest.mark.parametrize("named", [(), ("--truth", "model_response.logprobs")])
def test_sums_of_choices_are_refused(tmp_path: Path, named: tuple[str, ...]) -> None:
    path = details(tmp_path, [[-1.5, -2.5], [-1.0], [-2.0, -0.5]])
    found = run("eval", path, *named)
    assert found.code == 3
    assert "the sum of each choice here, 2 in row 0" in found.err
    assert "--pred model_response.logprobs --label doc.gold_index --input logits" in found.err


def test_a_later_row_of_several_sums_is_refused(tmp_path: Path) -> None:
    path = details(tmp_path, [[one] for one in SUMS])
    few = pq.read_table(path).slice(0, 1)
    later = pq.read_table(details(tmp_path, [[-1.0], [-2.0, -1.0], [-3.0]]))
    pq.write_table(pa.concat_tables([few] * 1500 + [later]), path)
    found = run("eval", path, "--truth", "model_response.logprobs")
    assert found.code == 3
    assert "row 1501, column 'model_response.logprobs': the vector has 2 elements, not 1" in found.err
