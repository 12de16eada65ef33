"""Sequences of which only the truth's own score was saved: the mean per unit, its spread by sequence, bad input."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from running import run

Record = dict[str, Any]


def lines(tmp_path: Path, records: list[Record], name: str = "run.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def result(path: Path, *options: object, command: str = "eval") -> Any:
    return run(command, path, *options, "--format", "json").document


def codes(document: Any) -> set[str]:
    return {warning["code"] for warning in document["warnings"]}


def lists(*rows: list[float | None]) -> list[Record]:
    return [{"id": f"s{i}", "logprobs": list(row)} for i, row in enumerate(rows)]


# Published numbers, and sums with the counts that their sources print.


def test_probabilities_of_the_truth_as_mindspore_documents_them(tmp_path: Path) -> None:
    found = result(lines(tmp_path, [{"p": [0.5, 0.3, 0.6]}]), "--truth", "p", "--input", "probs")
    assert found["loss"]["perplexity"] == pytest.approx(2.231443166940565, rel=1e-15)
    assert found["loss"]["standard_error"] is None
    assert codes(found) == {"single_row"}


def test_perplexity_as_torcheval_documents_it(tmp_path: Path) -> None:
    path = lines(tmp_path, lists([-1.2633226552788943, -0.7666223129749274]))
    assert result(path, "--truth", "logprobs")["loss"]["perplexity"] == pytest.approx(2.7593, abs=5e-5)


def test_sums_of_lm_eval_per_byte_and_per_word(tmp_path: Path) -> None:
    losses, sizes, words = (0.2604923103919594, 0.8050278270130223, 0.5486993038355893), (24, 36, 1), (7, 8, 1)
    records = [
        {"loglik": -loss, "n_bytes": size, "n_words": n} for loss, size, n in zip(losses, sizes, words, strict=True)
    ]
    path = lines(tmp_path, records)
    by_byte = result(path, "--truth", "loglik", "--per", "n_bytes", "--base", "2")["loss"]
    assert by_byte["mean"] == pytest.approx(0.03817748168498894, rel=1e-14)
    assert by_byte["perplexity"] == pytest.approx(1.0268158577916289, rel=1e-14)
    assert by_byte["standard_error"] == pytest.approx(0.0191013423, abs=5e-11)
    assert by_byte["bits_per"]["byte"] == pytest.approx(by_byte["mean"], rel=1e-15)
    by_word = result(path, "--truth", "loglik", "--per", "n_words")
    assert by_word["loss"]["perplexity"] == pytest.approx(1.1061535367031063, rel=1e-14)


def test_two_sequences_of_inspect_ai(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"total": -8.0, "num_tokens": 4}, {"total": -16.0, "num_tokens": 16}])
    options = ("--truth", "total", "--per", "num_tokens", "--input", "logprobs")
    found = result(path, *options)
    assert found["loss"]["perplexity"] == pytest.approx(3.3201169227, abs=5e-11)
    assert math.exp(found["sequences"]["mean"]) == pytest.approx(4.4816890703, abs=5e-11)
    macro = result(path, *options, "--average", "macro")
    assert macro["loss"]["perplexity"] == pytest.approx(4.4816890703, abs=5e-11)
    assert macro["loss"]["bits_per"] == found["loss"]["bits_per"]


def test_base_10_sums_of_srilm_and_varikn(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"s": -28.4672, "units": 12, "words": 10}])
    options = ("--truth", "s", "--input", "log10probs", "--per")
    assert result(path, *options, "units")["loss"]["perplexity"] == pytest.approx(235.65, abs=5e-3)
    assert result(path, *options, "words")["loss"]["perplexity"] == pytest.approx(702.62, abs=5e-3)
    characters = lines(tmp_path, [{"s": -17.806987, "n": 30, "words": 6}], "varikn.jsonl")
    by_token = result(characters, *options, "n", "--base", "2")["loss"]
    assert (round(by_token["mean"], 3), round(by_token["perplexity"], 2)) == (1.972, 3.92)
    assert round(result(characters, *options, "words", "--base", "2")["loss"]["mean"], 3) == 9.859


def test_bits_per_byte_of_olmes(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"sum_logits": -0.09184452891349792, "num_bytes": 2}])
    found = result(path, "--truth", "sum_logits", "--per", "num_bytes", "--base", "2", "--input", "logprobs")
    assert found["loss"]["mean"] == pytest.approx(0.0662518232, abs=5e-11)


# The total is exact, and the spread that of sequences.


def ragged(tmp_path: Path, *, seed: int = 7) -> tuple[Path, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 400, 600)
    values = -random.gamma(0.4, 5.0, int(lengths.sum()))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    table = pa.table(
        {
            "doc": [f"d{row // 3}" for row in range(600)],
            "logprobs": pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values)),
        }
    )
    path = tmp_path / "run.parquet"
    pq.write_table(table, path, row_group_size=170)
    return path, values, lengths


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_total_is_that_of_fsum_for_any_cut(tmp_path: Path, threads: int) -> None:
    path, values, _ = ragged(tmp_path)
    found = run("eval", path, "--truth", "logprobs", "-q", "--threads", threads)
    assert found.mean == float(sum(map(Fraction, (-values).tolist())) / len(values))
    full = result(path, "--truth", "logprobs", "--threads", threads)
    assert (full["loss"]["sum"], full["loss"]["mean"]) == (math.fsum(-values), found.mean)


def test_spread_is_that_of_sequences_or_of_clusters(tmp_path: Path) -> None:
    path, values, lengths = ragged(tmp_path)
    ends = np.cumsum(lengths)
    sums = np.array([math.fsum(-values[end - n : end]) for end, n in zip(ends, lengths, strict=True)])
    mean = sums.sum() / lengths.sum()

    def error(of: np.ndarray, units: int) -> float:
        return math.sqrt(units / (units - 1) * (of**2).sum()) / lengths.sum()

    apart = sums - mean * lengths
    filled = int((lengths > 0).sum())
    found = result(path, "--truth", "logprobs")["loss"]
    assert found["standard_error"] == pytest.approx(error(apart, filled), rel=1e-12)
    assert found["sequences"] == filled
    grouped = [result(path, "--truth", "logprobs", "--cluster", "doc", "--threads", n)["loss"] for n in (1, 3)]
    assert grouped[0] == grouped[1]
    assert grouped[0]["standard_error"] == pytest.approx(error(apart.reshape(200, 3).sum(axis=1), 200), rel=1e-12)


def test_flat_file_of_tokens_is_the_same_by_cluster(tmp_path: Path) -> None:
    path, values, lengths = ragged(tmp_path)
    flat = tmp_path / "flat.csv"
    sequence = np.repeat(np.arange(600), lengths)
    cells = (f"{s},{v!r}\n" for s, v in zip(sequence.tolist(), values.tolist(), strict=True))
    flat.write_text("seq,logprob\n" + "".join(cells))
    listed = result(path, "--truth", "logprobs")["loss"]
    rows = result(flat, "--truth", "logprob", "--per", "token", "--cluster", "seq")["loss"]
    assert rows["mean"] == listed["mean"]
    assert rows["standard_error"] == pytest.approx(listed["standard_error"], rel=1e-12)


def test_clusters_of_ordinary_rows(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    p, y, user = random.uniform(0.05, 0.95, 300), random.integers(0, 2, 300), random.integers(0, 20, 300)
    path = tmp_path / "rows.csv"
    rows = (f"{a!r},{b},u{c}\n" for a, b, c in zip(p.tolist(), y.tolist(), user.tolist(), strict=True))
    path.write_text("prob,label,user\n" + "".join(rows))
    loss = -np.log(np.where(y == 1, p, 1 - p))
    apart = np.bincount(user, weights=loss - loss.mean())
    found = result(path, "--label", "label", "--pred", "prob", "--cluster", "user")
    assert found["loss"]["standard_error"] == pytest.approx(math.sqrt(20 / 19 * (apart**2).sum()) / 300, rel=1e-12)
    plain = result(path, "--label", "label", "--pred", "prob")
    assert found["loss"]["mean"] == plain["loss"]["mean"]
    assert found["metrics"]["accuracy"] == plain["metrics"]["accuracy"]


def test_weights_of_sequences_and_of_tokens(tmp_path: Path) -> None:
    records = [
        {"logprobs": [-1.0, -2.0], "w": 2.0, "t": [0.5, 1.0]},
        {"logprobs": [-4.0], "w": 1.0, "t": [2.0]},
    ]
    path = lines(tmp_path, records)
    by_row = result(path, "--truth", "logprobs", "--sample-weight", "w")["loss"]
    assert (by_row["sum"], by_row["units"], by_row["mean"]) == (10.0, 5.0, 2.0)
    by_token = result(path, "--truth", "logprobs", "--sample-weight", "t")["loss"]
    assert (by_token["sum"], by_token["units"]) == (10.5, 3.5)


@pytest.mark.parametrize("options", [(), ("--average", "macro"), ("--slice", "g"), ("--cluster", "g")])
def test_an_infinite_sequence_of_weight_0_counts_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Its 0 times infinity was no number, and its token made the mean infinite."""
    records = lists([-1.0, -2.0], [-1.0, -math.inf, -3.0], [-1.0, -3.0])
    for record, weight, group in zip(records, (1, 0, 2), "xyz", strict=True):
        record.update(w=weight, g=group)
    found = result(lines(tmp_path, records), "--truth", "logprobs", "--sample-weight", "w", *options)
    assert found["loss"]["mean"] == pytest.approx(11 / 6 if "macro" not in options else 5.5 / 3, rel=1e-15)
    assert found["counts"]["infinite"] == 0
    assert found["sequences"]["median"] == 1.75
    assert "infinite_loss" not in codes(found)


@pytest.mark.parametrize(
    ("form", "factor"), [("log2probs", math.log(2.0)), ("log10probs", math.log(10.0)), ("nll", -1.0)]
)
def test_forms_of_input_serve_sequences_and_distributions(tmp_path: Path, form: str, factor: float) -> None:
    path = lines(tmp_path, lists([-0.5 / factor, -1.5 / factor], [-2.0 / factor]))
    assert result(path, "--truth", "logprobs", "--input", form)["loss"]["mean"] == pytest.approx(4 / 3, rel=1e-15)
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.25, 0.25, 0.5]])
    table = tmp_path / "classes.csv"
    cells = (",".join(repr(x) for x in [*row, y]) for y, row in enumerate((np.log(p) / factor).tolist()))
    table.write_text("a,b,c,label\n" + "".join(f"{row[:-1]}{'abc'[int(row[-1])]}\n" for row in cells))
    found = result(table, "--input", form)
    assert found["spec"]["input"] == form
    assert found["loss"]["mean"] == pytest.approx(-math.log(0.7 * 0.6 * 0.5) / 3, rel=1e-12)
    assert codes(found) & {"log_base"} == set()


# What is left out, and how it is counted.


def test_first_tokens_masks_and_skipped_ones_are_counted(tmp_path: Path) -> None:
    records = [
        {"logprobs": [None, -1.0, -2.0, -9.0], "mask": [1, 1, 1, 0]},
        {"logprobs": [-5.0, -3.0], "mask": [1, 1]},
        {"logprobs": [], "mask": []},
    ]
    path = lines(tmp_path, records)
    found = result(path, "--truth", "logprobs", "--label", "mask", "--ignore-index", "0")
    counts = found["counts"]
    assert (counts["tokens"], counts["masked"], counts["first_without_probability"], counts["empty"]) == (4, 1, 1, 1)
    assert found["loss"]["mean"] == 11.0 / 4  # the first token of the second list is real
    skipped = result(path, "--truth", "logprobs", "--label", "mask", "--ignore-index", "0", "--skip", "1")
    assert (skipped["loss"]["mean"], skipped["counts"]["skipped"]) == (2.0, 2)


UNSCORED = [
    {"id": "a", "n": 4, "text": "abcdefgh", "score": [-1.0, -1.0, -2.0, -2.0], "mask": [0, 0, 1, 1]},
    {"id": "b", "n": 3, "text": "abcdef", "score": [-1.0, -1.0, -3.0], "mask": [0, 0, 1]},
    {"id": "c", "n": 2, "text": "abcd", "score": [-1.0, -1.0], "mask": [0, 0]},
    {"id": "d", "n": 1, "text": "ab", "score": [-1.0], "mask": [0]},
    {"id": "e", "n": 5, "text": "a", "score": [None], "mask": [1]},
    {"id": "f", "n": 6, "text": "b", "score": [], "mask": []},
]


@pytest.mark.parametrize("leaving", [("--skip", "2"), ("--label", "mask", "--ignore-index", "0")], ids=["skip", "mask"])
@pytest.mark.parametrize(
    ("per", "units", "mean"), [("token", 3, 7 / 3), ("sequence", 2, 3.5), ("n", 7, 1.0), ("byte", 14, 0.5)]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_sequences_of_which_nothing_is_scored_are_left_out(
    leaving: tuple[str, ...], per: str, units: int, mean: float, weighted: bool, tmp_path: Path
) -> None:
    """The other two cost 4 and 3, and have 2 and 1 tokens."""
    path = lines(tmp_path, [{**record, "w": 2.0} for record in UNSCORED])
    options = ("--truth", "score", "--input", "logprobs", "--text", "text", *leaving)
    options += ("--sample-weight", "w") if weighted else ()
    found = result(path, *options, "--per", per)
    assert (found["loss"]["mean"], found["loss"]["units"]) == (mean, units * (2 if weighted else 1))
    assert (found["loss"]["sequences"], found["counts"]["empty"]) == (2, 4)
    assert "empty_sequences" in codes(found)
    macro = result(path, *options, "--per", per, "--average", "macro")
    each = {"token": (2.0, 3.0), "sequence": (4.0, 3.0), "n": (1.0, 1.0), "byte": (0.5, 0.5)}[per]
    assert macro["loss"]["mean"] == sum(each) / 2
    assert found["loss"]["bits_per"] == result(path, *options)["loss"]["bits_per"]
    others = lines(tmp_path, [{**record, "w": 2.0} for record in UNSCORED[:2]], name="others.jsonl")
    assert found["loss"] == result(others, *options, "--per", per)["loss"]


def test_a_file_of_which_no_token_is_scored_has_no_mean(tmp_path: Path) -> None:
    path = lines(tmp_path, UNSCORED[2:4])
    for per in ("token", "sequence", "n"):
        done = run("eval", path, "--truth", "score", "--input", "logprobs", "--skip", 2, "--per", per)
        assert done.code == 3
        assert "none of the 2 sequences has a token that is left to score" in done.err


@pytest.mark.parametrize("per", ["sequence", "byte"])
def test_a_text_of_which_one_model_scores_nothing_is_not_compared(per: str, tmp_path: Path) -> None:
    ours = [{"text": "ab", "score": [-1.0, -2.0]}, {"text": "cd", "score": [None]}, {"text": "ef", "score": [-3.0]}]
    theirs = [{"text": "ab", "score": [-2.0, -2.0]}, {"text": "cd", "score": [-9.0]}, {"text": "ef", "score": [-4.0]}]
    paths = lines(tmp_path, ours), lines(tmp_path, theirs, name="theirs.jsonl")
    done = run(
        "compare", *paths, "--truth", "score", "--input", "logprobs", "--text", "text", "--per", per, "--format", "json"
    )
    assert done.code == 0, done.err
    found, size = json.loads(done.out), {"sequence": 1.0, "byte": 2.0}[per]
    assert (found["difference"]["mean"], found["baseline"]["mean"]) == (1.0 / size, 3.0 / size)
    assert (found["rows"]["paired"], found["rows"]["baseline_only"], found["rows"]["candidate_only"]) == (2, 0, 1)


def test_labels_of_minus_100_are_left_out(tmp_path: Path) -> None:
    records = [{"logprobs": [-1.0, -2.0, -3.0], "labels": [-100, 7, 8]}, {"logprobs": [-4.0], "labels": [9]}]
    path = lines(tmp_path, records)
    found = result(path, "--truth", "logprobs", "--label", "labels", "--ignore-index", "-100")
    assert found["loss"]["mean"] == 3.0


def test_skip_by_a_column(tmp_path: Path) -> None:
    records = [{"logprobs": [-9.0, -9.0, -1.0], "n": 2}, {"logprobs": [-9.0, -3.0], "n": 1}]
    found = result(lines(tmp_path, records), "--truth", "logprobs", "--skip", "n")
    assert (found["loss"]["mean"], found["counts"]["skipped"]) == (2.0, 3)


def test_bytes_of_an_unscored_first_token_are_left_out_where_the_tokens_say_them(tmp_path: Path) -> None:
    record = {"logprobs": [None, -1.0, -2.0], "tokens": ["Hé", "llo", " you"], "text": "Héllo you"}
    options = ("--truth", "logprobs", "--per", "byte", "--text", "text")
    known = result(lines(tmp_path, [record, record]), *options)
    assert known["loss"]["units"] == 2 * 7
    assert known["loss"]["bits_per"]["char"] == pytest.approx(6.0 / math.log(2) / 14)
    del record["tokens"]
    unknown = result(lines(tmp_path, [record, record], "b.jsonl"), *options)
    assert unknown["loss"]["units"] == 2 * 10
    assert "lower_bound" in codes(unknown)
    assert unknown["sequences"]["uncounted_first"] == 2


def test_worst_sequences_have_their_worst_tokens(tmp_path: Path) -> None:
    records = [
        {"id": "good", "logprobs": [-0.5, -0.25], "tokens": ["a", "b"]},
        {"id": "bad", "logprobs": [-0.5, -7.0, -3.0], "tokens": ["x", " y", "z"]},
    ]
    worst = result(lines(tmp_path, records), "--truth", "logprobs")["sequences"]["worst"]
    assert [(one["id"], one["units"], one["sum"]) for one in worst] == [("bad", 3.0, 10.5), ("good", 2.0, 0.75)]
    assert [(token["position"], token["token"]) for token in worst[0]["tokens"]] == [(1, " y"), (2, "z"), (0, "x")]
    assert worst[0]["p_min"] == pytest.approx(math.exp(-7.0))


def test_probability_zero_makes_the_mean_infinite_and_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"logprobs": [-1.0, -Infinity]}\n{"logprobs": [-3.0]}\n')
    found = result(path, "--truth", "logprobs")
    assert (found["loss"]["mean"], found["counts"]["infinite"]) == ("inf", 1)
    assert "the 2 others is 2" in next(w["message"] for w in found["warnings"] if w["code"] == "infinite_loss")
    clipped = result(path, "--truth", "logprobs", "--clip", "1e-6")
    assert clipped["loss"]["mean"] == pytest.approx((1.0 + 6 * math.log(10.0) + 3.0) / 3)
    assert clipped["counts"]["clipped"] == 1


# Bad input: what it is called, and what would settle it.


@pytest.mark.parametrize(
    ("records", "options", "code", "hint"),
    [
        (lists([None, None, -1.0], [None, -2.0]), (), "null_tokens", "--invalid drop"),
        (lists([-1.0, None, -1.0], [-2.0]), (), "null_tokens", "--invalid drop"),
        ([{"logprobs": None}, {"logprobs": [-1.0]}], (), "missing_truth", "--invalid drop"),
        (lists([0.5, -1.0], [-2.0]), (), "truth_above_one", "--input nll"),
        (lists([0.5, 1.5], [2.0]), (), "truth_positive", "--input nll"),
        (lists([0.5, 0.25], [0.75]), (), "input_ambiguous", "--input probs or --input nll"),
        (lists([-0.5, -0.25], [0.75]), ("--input", "probs"), "truth_above_one", "--input logprobs"),
        ([{"logprobs": [-1.0], "m": [1, 1]}], ("--label", "m"), "lengths_differ", "one element a token"),
        ([{"logprobs": [-1.0], "text": ""}], ("--per", "byte", "--text", "text"), "empty_text", "--per token"),
        ([{"logprobs": [-1.0], "n": -1}], ("--per", "n"), "bad_count", "--per"),
        ([{"logprobs": [-1.0], "n": 0.5}], ("--skip", "n"), "bad_count", "--skip"),
        (lists([-1.0]), ("--per", "byte"), "no_text", "--text"),
        (lists([-1.0]), ("--per", "bytes"), "no_such_column", "--per"),
        ([{"logprobs": [-1.0], "sample": -1}], ("--sample-weight", "sample"), "bad_weight", "weights"),
    ],
)
def test_bad_tokens(tmp_path: Path, records: list[Record], options: tuple[str, ...], code: str, hint: str) -> None:
    found = run("eval", lines(tmp_path, records), "--truth", "logprobs", *options, "--format", "json")
    assert found.code == 3, (found.out, found.err)
    assert hint in found.err
    report = tmp_path / "report.json"
    run("eval", tmp_path / "run.jsonl", "--truth", "logprobs", *options, "--report", report)
    assert json.loads(report.read_text())["error"]["code"] == code


@pytest.mark.parametrize(
    ("column", "options", "code"),
    [
        ("perplexity", (), "already_averaged"),
        ("bits_per_byte", (), "already_averaged"),
        ("loglik", ("--per", "token"), "sum_or_mean"),
        ("sum_logits", ("--per", "token"), "sum_or_mean"),
    ],
)
def test_numbers_that_do_not_tell_what_they_are(
    tmp_path: Path, column: str, options: tuple[str, ...], code: str
) -> None:
    path = lines(tmp_path, [{column: -3.0}, {column: -4.0}])
    report = tmp_path / "report.json"
    found = run("eval", path, "--truth", column, *options, "--report", report)
    assert found.code == 3
    assert json.loads(report.read_text())["error"]["code"] == code


@pytest.mark.parametrize(
    "options",
    [
        ("--pred", "logprobs"),
        ("--classes", "a,b"),
        ("--task", "binary"),
        ("--positive", "a"),
        ("--label-smoothing", "0.1"),
        ("--renormalize",),
        ("--class-weight", "balanced"),
        ("--compat", "sklearn"),
        ("--denominator", "count"),
        ("--input", "logits"),
        ("--ignore-index", "0"),
        ("--min-accuracy", "0.5"),
        ("--min-skill", "0.5"),
        ("--max-brier", "0.5"),
        ("--max-ece", "0.5"),
        ("--max-class-loss", "0.5"),
    ],
)
def test_what_only_a_distribution_has_is_an_error_of_use(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = lines(tmp_path, lists([-1.0, -2.0], [-0.5]))
    found = run("eval", path, "--truth", "logprobs", *options)
    assert (found.code, found.out) == (2, "")


def test_options_of_sequences_need_sequences(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("prob,label\n0.5,1\n0.25,0\n")
    found = run("eval", path, "--per", "token")
    assert found.code == 2
    assert "--truth" in found.err


def test_invalid_tokens_can_be_dropped(tmp_path: Path) -> None:
    path = lines(tmp_path, lists([None, None, -1.0], [None, -3.0], [-2.0, None]))
    found = result(path, "--truth", "logprobs", "--invalid", "drop")
    counts = found["counts"]
    assert (counts["tokens"], counts["first_without_probability"], counts["without_probability"]) == (3, 2, 2)
    assert found["loss"]["mean"] == 2.0


def test_lists_that_begin_with_zero_and_end_in_padding_are_warned_of(tmp_path: Path) -> None:
    path = lines(tmp_path, lists([0.0, -1.0, -1.0, -1.0], [0.0, -2.0, -1.0, -1.0], [0.0, -0.5, -0.25, -2.0]))
    found = result(path, "--truth", "logprobs")
    assert {"first_token_zero", "padding"} <= codes(found)
    again = result(path, "--truth", "logprobs", "--skip", "1")
    assert "first_token_zero" not in codes(again)


@pytest.mark.parametrize("name", ["ref_chosen_logps", "cumulative_logprob", "sum_logits", "total_lp", "gold_score"])
def test_a_sum_is_no_token_by_its_name(tmp_path: Path, name: str) -> None:
    path = lines(tmp_path, [{name: -12.0}, {name: -9.0}])
    found = run("eval", path, "--truth", name, "--per", "token", "--input", "logprobs")
    assert found.code == 3
    assert "may be the sum of a sequence or the mean of its tokens" in found.err
    token = lines(tmp_path, [{"token_logps": -12.0}, {"token_logps": -9.0}])
    assert result(token, "--truth", "token_logps", "--per", "token")["loss"]["mean"] == 10.5


@pytest.mark.parametrize("name", ["perplexities", "mean_perplexity", "bits_per_byte", "eval_ppl"])
@pytest.mark.parametrize("value", [10.0, [10.0, 20.0]])
def test_what_is_averaged_is_refused_by_its_name(tmp_path: Path, name: str, value: Any) -> None:
    found = run("eval", lines(tmp_path, [{name: value}] * 2), "--truth", name, "--input", "nll")
    assert found.code == 3
    assert "it is averaged already" in found.err


def test_a_prompt_beside_an_answer_is_not_what_was_scored(tmp_path: Path) -> None:
    rows = [{"ref_chosen_logps": -12.0, "prompt": "p", "chosen": "answer", "rejected": "no"}] * 3
    assert result(lines(tmp_path, rows), "--truth", "ref_chosen_logps")["loss"]["bits_per"]["byte"] is None
    found = run("eval", lines(tmp_path, rows), "--truth", "ref_chosen_logps", "--per", "byte")
    assert found.code == 3
    assert "--text COLUMN names it" in found.err
    alone = [{"token_logprobs": [-1.0, -2.0], "prompt": "four"}, {"token_logprobs": [-3.0], "prompt": "four"}]
    assert result(lines(tmp_path, alone))["loss"]["bits_per"]["byte"] == pytest.approx(6 / math.log(2) / 8)


def test_a_text_that_is_missing_is_counted_by_nothing(tmp_path: Path) -> None:
    rows = [{"logprobs": [-1.0, -2.0], "text": "ab"}, {"logprobs": [-1.0], "text": None}, {"logprobs": [], "text": ""}]
    found = result(lines(tmp_path, rows), "--truth", "logprobs")
    assert "text_missing" in codes(found)
    assert [found["loss"]["bits_per"][unit] for unit in ("byte", "char", "word")] == [None] * 3
    assert found["sequences"]["tokens_per_byte"] is None
    table = json.loads(run("explain", lines(tmp_path, rows), "--truth", "logprobs", "--format", "json").out)
    assert not {"per-byte", "per-word"} & {row["name"] for row in table["conventions"]}


def test_first_tokens_that_cost_nothing_make_bits_per_byte_a_lower_bound(tmp_path: Path) -> None:
    rows = [{"logprobs": [None, -1.0], "text": "abc"}, {"logprobs": [None, -2.0], "text": "abcd"}]
    for options in ((), ("--per", "byte")):
        found = result(lines(tmp_path, rows), "--truth", "logprobs", *options)
        assert "lower_bound" in codes(found)
        assert found["loss"]["bits_per"]["byte"] == pytest.approx(3 / math.log(2) / 7)


def test_lists_of_one_number_may_be_sums(tmp_path: Path) -> None:
    rows = [{"logprobs": [-12.0]}, {"logprobs": [-7.0]}]
    assert "lists_of_one" in codes(result(lines(tmp_path, rows), "--truth", "logprobs"))
    assert "lists_of_one" not in codes(result(lines(tmp_path, rows), "--truth", "logprobs", "--per", "sequence"))


def test_a_perplexity_without_end_has_such_ends(tmp_path: Path) -> None:
    path = lines(tmp_path, lists([-9999.0, -9999.0], [-9999.0], [-9998.0]))
    assert "perplexity inf (inf to inf)" in run("eval", path, "--truth", "logprobs").out


def test_sentinels_are_read_as_they_stand_and_refused_under_strict(tmp_path: Path) -> None:
    path = lines(tmp_path, lists([-1.0, -9999.0], [-100.0, -3.0]))
    found = result(path, "--truth", "logprobs", "--input", "logprobs")
    assert "sentinel" in codes(found)
    assert found["loss"]["sum"] == 10103.0
    assert run("eval", path, "--truth", "logprobs", "--input", "logprobs", "--strict").code == 3


def test_noise_above_probability_1_is_taken_and_counted(tmp_path: Path) -> None:
    found = result(lines(tmp_path, lists([1e-7, -2.0], [-1.0])), "--truth", "logprobs")
    assert "rounded_probabilities" in codes(found)
    assert found["loss"]["sum"] == math.fsum([-1e-7, 2.0, 1.0])


def test_text_has_to_be_the_tokens_where_it_was_in_the_first_rows(tmp_path: Path) -> None:
    rows = [{"logprobs": [-1.0, -1.0], "tokens": ["a", "b"], "text": "ab"} for _ in range(1200)]
    rows[1100]["text"] = "ac"
    report = tmp_path / "report.json"
    options = ("--truth", "logprobs", "--per", "byte", "--text", "text")
    found = run("eval", lines(tmp_path, rows), *options, "--report", report)
    assert found.code == 3
    assert "row 1100" in found.err
    assert json.loads(report.read_text())["error"]["code"] == "text_differs"


def test_numbers_as_texts_in_lists_are_read(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"logprobs": ["-1.5", None, "-0.5"]}, {"logprobs": ["-1"]}])
    assert result(path, "--truth", "logprobs", "--invalid", "drop")["loss"]["mean"] == 1.0
    odd = lines(tmp_path, [{"logprobs": ["-1.5"]}, {"logprobs": ["-1", "low"]}], "odd.jsonl")
    found = run("eval", odd, "--truth", "logprobs")
    assert (found.code, "row 1" in found.err, "'low'" in found.err) == (3, True, True)


@pytest.mark.parametrize(
    ("records", "options"),
    [(lists([], []), ()), (lists([None], [None]), ()), (lists([-1.0, -2.0], [-3.0]), ("--skip", "5"))],
)
def test_nothing_to_score_is_said(tmp_path: Path, records: list[Record], options: tuple[str, ...]) -> None:
    found = run("eval", lines(tmp_path, records), "--truth", "logprobs", *options)
    assert found.code == 3
    assert "--skip" in found.err


def test_lists_in_text_cells_and_float16_are_read(tmp_path: Path) -> None:
    table = tmp_path / "run.csv"
    table.write_text('id,logprobs\na,"[-1.0, -2.0]"\nb,"[-0.5]"\n')
    assert result(table, "--truth", "logprobs")["loss"]["sum"] == 3.5
    short = tmp_path / "short.parquet"
    pq.write_table(pa.table({"logprobs": pa.array([[-1.0, -2.0], [-0.5]], pa.list_(pa.float16()))}), short)
    assert "rounded_scores" in codes(result(short))


# What is detected where nothing is said.


def test_ragged_lists_by_name_are_detected(tmp_path: Path) -> None:
    found = result(lines(tmp_path, lists([-1.0, -2.0], [-0.5])))
    assert found["spec"]["columns"]["truth"] == "logprobs"
    assert found["loss"]["mean"] == 3.5 / 3
    decision = next(d for d in found["spec"]["decisions"] if d["what"] == "truth")
    assert (decision["how"], decision["guess"]) == ("detected", False)


def test_lists_of_one_length_are_a_guess(tmp_path: Path) -> None:
    path = lines(tmp_path, lists([-1.0, -2.0], [-0.5, -4.0]))
    found = result(path)
    assert next(d for d in found["spec"]["decisions"] if d["what"] == "truth")["guess"]
    assert run("eval", path, "--strict").code == 3


def test_vectors_of_classes_beside_a_label_stay_what_they_are(tmp_path: Path) -> None:
    p = np.log([[0.5, 0.5], [0.25, 0.75]]).tolist()
    path = lines(tmp_path, [{"logprobs": row, "label": y} for y, row in enumerate(p)])
    found = result(path)
    assert found["spec"]["columns"]["truth"] is None
    assert found["loss"]["mean"] == pytest.approx(-math.log(0.5 * 0.75) / 2)


# Two models on the same texts.


def compared(tmp_path: Path, candidate: list[Record], *options: object) -> Any:
    a = [{"id": "x", "logprobs": [-1.0, -2.0], "text": "ab cd"}, {"id": "y", "logprobs": [-4.0], "text": "éf"}]
    paths = lines(tmp_path, a, "a.jsonl"), lines(tmp_path, candidate, "b.jsonl")
    report = tmp_path / "report.json"
    run("compare", *paths, "--truth", "logprobs", "--id", "id", *options, "--report", report)
    return json.loads(report.read_text())


def test_models_are_paired_by_sequence(tmp_path: Path) -> None:
    other = [{"id": "y", "logprobs": [-3.0], "text": "éf"}, {"id": "x", "logprobs": [-0.5, -2.0], "text": "ab cd"}]
    found = compared(tmp_path, other)
    changes, tokens = np.array([-0.5, -1.0]), np.array([2, 1])
    mean = changes.sum() / tokens.sum()
    error = math.sqrt(2 / 1 * ((changes - mean * tokens) ** 2).sum()) / tokens.sum()
    assert found["difference"]["mean"] == pytest.approx(mean, rel=1e-15)
    assert found["difference"]["standard_error"] == pytest.approx(error, rel=1e-12)
    assert found["difference"]["degrees_of_freedom"] == 1
    assert found["rows"]["won"] == 2


def test_two_tokenizers_are_compared_per_byte_and_not_per_token(tmp_path: Path) -> None:
    other = [{"id": "x", "logprobs": [-2.5], "text": "ab cd"}, {"id": "y", "logprobs": [-3.0], "text": "éf"}]
    refused = compared(tmp_path, other)["error"]
    assert (refused["code"], "--per byte" in refused["hint"]) == ("tokenizers_differ", True)
    found = compared(tmp_path, other, "--per", "byte", "--text", "text")
    assert found["difference"]["mean"] == pytest.approx(-1.5 / 8, rel=1e-15)  # é has two bytes


def test_texts_of_both_models_have_to_agree(tmp_path: Path) -> None:
    other = [{"id": "x", "logprobs": [-1.0, -2.0], "text": "ab ce"}, {"id": "y", "logprobs": [-4.0], "text": "éf"}]
    assert compared(tmp_path, other)["error"]["code"] == "texts_differ"


# Whose convention gave this number?


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("3.3201169227", "perplexity"),
        ("4.4816890703", "inspect-per-seq"),
        ("5.0536689637", "hf-evaluate"),
        ("162754.791419", "lm-eval"),
        ("1.2", "exact"),
        ("1.5", "per-seq"),
        ("24", "total"),
        ("12", "per-sequence"),
    ],
)
def test_explain_names_the_convention_of_a_number(tmp_path: Path, number: str, name: str) -> None:
    path = lines(tmp_path, lists([-2.0] * 4, [-1.0] * 16))
    found = result(path, "--truth", "logprobs", "--expect", number, command="explain")
    matches = found["expected"]["matches"]
    assert (matches[0]["name"], matches[0]["how"]) == (name, "")


def test_explain_first_tokens_ends_zeros_words_and_bases(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(
        '{"logprobs": [null, -1.0, -2.0], "text": " a b "}\n{"logprobs": [null, -4.0, -3.0], "text": "c d"}\n'
    )
    found = result(path, "--truth", "logprobs", "--text", "text", command="explain")
    means = {row["name"]: row["mean"] for row in found["conventions"]}
    assert means["helm"] == pytest.approx(10 / 6)
    assert means["srilm-ppl1"] == pytest.approx(10 / 2)
    assert means["lm-eval-word"] == pytest.approx(10 / 6)  # re.split finds four words in the first, two in the second
    assert means["per-word"] == pytest.approx(10 / 4)
    assert means["as-log10probs"] == pytest.approx(2.5 * math.log(10.0))
    path.write_text('{"logprobs": [-Infinity, -1.0]}\n{"logprobs": [-4.0]}\n')
    found = result(path, "--truth", "logprobs", command="explain")
    means = {row["name"]: row["mean"] for row in found["conventions"]}
    assert (means["exact"], means["srilm"]) == ("inf", 2.5)


PIECES = {"logprobs": [-1.0, -0.5, -2.0], "tokens": ["ab", "c", "def"], "text": "abcdef"}


def test_bytes_are_those_of_the_tokens_that_are_scored(tmp_path: Path) -> None:
    path = lines(tmp_path, [PIECES, PIECES | {"logprobs": [None, -0.25, -4.0]}])
    options = ("--truth", "logprobs", "--label", "tokens", "--text", "text", "--per", "byte")
    assert result(path, *options)["loss"]["mean"] == pytest.approx((3.5 + 4.25) / (6 + 4))
    assert result(path, *options, "--skip", "1")["loss"]["mean"] == pytest.approx((2.5 + 4.25) / (4 + 4))
    assert result(path, *options, "--ignore-index", "c")["loss"]["mean"] == pytest.approx((3.0 + 4.0) / (5 + 3))


def test_a_text_that_holds_what_is_left_out_is_said(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"logprobs": [-1.0, -0.5, -2.0], "text": "abcdef"}] * 3)
    found = result(path, "--truth", "logprobs", "--text", "text", "--per", "byte", "--skip", "1")
    assert "lower_bound" in codes(found)


def test_a_token_a_row_without_clusters_is_said(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"lp": -1.0, "doc": 1}, {"lp": -2.0, "doc": 1}, {"lp": -0.5, "doc": 2}])
    assert "tokens_apart" in codes(result(path, "--truth", "lp", "--input", "logprobs", "--per", "token"))
    clustered = result(path, "--truth", "lp", "--input", "logprobs", "--per", "token", "--cluster", "doc")
    assert "tokens_apart" not in codes(clustered)


def test_the_digest_tells_texts_and_lengths_apart(tmp_path: Path) -> None:
    digests = set()
    for number, row in enumerate(
        (PIECES, PIECES | {"text": "abcdeg"}, {"logprobs": [-1.0]}, {"logprobs": [-1.0, -2.0]})
    ):
        place = tmp_path / str(number)
        place.mkdir()
        options = ("--text", "text") if "text" in row else ()
        digests.add(result(lines(place, [row]), "--truth", "logprobs", *options)["digest"])
    assert len(digests) == 4
