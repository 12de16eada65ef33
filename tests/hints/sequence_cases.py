"""Sequences of tokens that are refused with a hint that names a flag, with what their owner knows about them."""

from __future__ import annotations

import json
import math

import numpy as np

from hints.cases import Case, softmax_loss

LISTS = [[-1.0, -0.5], [-2.0], [-0.3, -0.7, -1.2]]
TEXTS = ["one two", "three", "four five six"]
TOKENS = [["one", " two"], ["three"], ["four", " five", " six"]]
SUMS = [-math.fsum(one) for one in LISTS]
COUNTS = [len(one) for one in LISTS]
BYTES = [len(text) for text in TEXTS]
TOTAL = math.fsum(SUMS)
PER_TOKEN = TOTAL / sum(COUNTS)
PER_BYTE = TOTAL / sum(BYTES)
OTHER = [[-0.4, -0.6, -0.8], [-1.5, -0.25], [-2.5]]
OTHER_SUMS = [-math.fsum(one) for one in OTHER]


def rows(**columns: object) -> str:
    """Columns as JSON Lines."""
    return "".join(
        json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in zip(*columns.values(), strict=True)
    )  # type: ignore[call-overload]


IDS = ["a", "b", "c"]
MANY = {"logprobs": LISTS, "original": TEXTS, "reply": [text[::-1] for text in TEXTS], "n": COUNTS}

CHOICES = [[-1.5, -2.5, -4.5], [-1.0, -2.0, -3.25], [-2.0, -1.0, -0.5]]
OF_CHOICES = softmax_loss(np.array(CHOICES), np.array([0, 2, 1]))

CASES = {
    "the sums of the choices of lighteval": Case(
        "choices_no_tokens",
        {
            "f.jsonl": rows(
                doc=[{"query": text, "gold_index": gold} for text, gold in zip(TEXTS, (0, 2, 1), strict=True)],
                model_response=[{"logprobs": one} for one in CHOICES],
            )
        },
        "f.jsonl --truth model_response.logprobs", {"": OF_CHOICES},
        {"--label": "doc.gold_index", "--pred": "model_response.logprobs"},
    ),
    "a sum or a mean": Case(
        "sum_or_mean", {"f.jsonl": rows(loglik=[-one for one in SUMS], n=COUNTS)}, "f.jsonl --truth loglik --per token",
        {"sequence": TOTAL / 3, "--per n": PER_TOKEN}, {"--per": "n"},
    ),
    "bytes of one of two texts": Case(
        "no_text", {"f.jsonl": rows(**MANY)}, "f.jsonl --truth logprobs --per byte",
        {"--text": PER_BYTE, "--per n": PER_TOKEN}, {"--text": "original", "--per": "n"},
    ),
    "a text of numbers": Case(
        "not_text", {"f.jsonl": rows(**MANY)}, "f.jsonl --truth logprobs --per byte --text n",
        {"": PER_BYTE}, {"--text": "original"},
    ),
    "counts of words": Case(
        "not_counts", {"f.jsonl": rows(**MANY)}, "f.jsonl --truth logprobs --per original",
        {"": PER_TOKEN}, {"--per": "token"},
    ),
    "a list that is not there": Case(
        "missing_truth", {"f.jsonl": rows(logprobs=[*LISTS, None])}, "f.jsonl --truth logprobs", {"": PER_TOKEN},
    ),
    "tokens of another text further down": Case(
        "text_differs",
        {
            "f.jsonl": rows(
                logprobs=LISTS * 400,
                tokens=TOKENS * 400,
                text=[text if row != 1100 else "other" for row, text in enumerate(TEXTS * 400)],
                original=TEXTS * 400,
            )
        },
        "f.jsonl --truth logprobs --per byte --text text", {"": PER_BYTE}, {"--text": "original"},
    ),
    "a sentinel under --strict": Case(
        "sentinel", {"f.jsonl": rows(logprobs=[[-1.0, -9999.0], [-2.0], [-0.5]])},
        "f.jsonl --truth logprobs --input logprobs --strict", {"": math.fsum([1.0, 9999.0, 2.0, 0.5]) / 4},
    ),
    "lists beside sums": Case(
        "units_differ", {"a.jsonl": rows(lp=LISTS), "b.jsonl": rows(lp=[-one for one in OTHER_SUMS])},
        "compare a.jsonl b.jsonl --truth lp", {"": (math.fsum(OTHER_SUMS) - TOTAL) / 3}, {"--per": "sequence"},
    ),
    "less than no tokens left out": Case(
        "bad_count", {"f.jsonl": rows(logprobs=LISTS, prompt=[-1, 0, 0])}, "f.jsonl --truth logprobs --skip prompt",
        {"": PER_TOKEN}, {"--skip": "0"},
    ),
    "the logarithm without its sign": Case(
        "truth_positive", {"f.jsonl": rows(logprobs=[[-one for one in row] for row in LISTS])},
        "f.jsonl --truth logprobs", {"": PER_TOKEN}, untrue=("for probabilities",),
    ),
    "a probability above 1": Case(
        "truth_above_one", {"f.jsonl": rows(logprobs=[[-1.0, 0.5], [-2.0], [-0.3, -0.7, -1.2]])},
        "f.jsonl --truth logprobs", untrue=("−log p already",),
    ),
    "two tokenizers": Case(
        "tokenizers_differ",
        {"a.jsonl": rows(logprobs=LISTS, text=TEXTS), "b.jsonl": rows(logprobs=OTHER, text=TEXTS)},
        "compare a.jsonl b.jsonl --truth logprobs --per token", {"": (math.fsum(OTHER_SUMS) - TOTAL) / sum(BYTES)},
        {"--text": "text"},
    ),
    "two orders": Case(
        "texts_differ",
        {
            "a.jsonl": rows(doc=IDS, logprobs=LISTS, text=TEXTS),
            "b.jsonl": rows(doc=IDS[::-1], logprobs=OTHER[::-1], text=TEXTS[::-1]),
        },
        "compare a.jsonl b.jsonl --truth logprobs --per byte --text text",
        {"": (math.fsum(OTHER_SUMS) - TOTAL) / sum(BYTES)}, {"--id": "doc"},
    ),
}  # fmt: skip
