"""States of parts put together: the document of the run over all rows, byte for byte, or one clear error."""

from __future__ import annotations

import hashlib
import itertools
import json
import pickle
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import celoss_cli
from celoss_cli import AmbiguousData, CelossError, MisalignedData, UnreadableFile, UsageError
from running import run, write

NAMES = ("cat", "dog", "emu")


def columns(rows: int, seed: int = 3, *, sure: float = 1.0, wrong: bool = True) -> dict[str, Any]:
    """Three probabilities a row, a label drawn from them (or always the likeliest), a weight, a region and an id."""
    rng = np.random.default_rng(seed)
    z = sure * rng.normal(0.0, 1.0, (rows, 3))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = (rng.random((rows, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, 2) if wrong else p.argmax(axis=1)
    y[:3] = (0, 1, 2) if wrong else y[:3]
    return {
        "id": [f"r{i:05d}" for i in range(rows)],
        "label": [NAMES[code] for code in y],
        "w": rng.integers(1, 5, rows) / 4.0,
        "region": [("EU", "US", "APAC")[i % 3] for i in range(rows)],
        **{f"prob_{name}": p[:, code] for code, name in enumerate(NAMES)},
    }


def cut(table: dict[str, Any], bounds: Sequence[int], directory: Path, name: str = "part") -> list[Path]:
    """Write rows between the bounds to a file each."""
    whole = pa.table(table)
    edges = list(itertools.pairwise((0, *bounds, whole.num_rows)))
    write(directory, {f"{name}-{k:02d}.parquet": whole.slice(a, b - a) for k, (a, b) in enumerate(edges)})
    return [directory / f"{name}-{k:02d}.parquet" for k in range(len(edges))]


def document(*arguments: object) -> str:
    done = run(*arguments, "--format", "json")
    assert done.code == 0, done.err
    return done.out


def states_of(paths: Sequence[Path], *options: object, labels: Sequence[Path] = ()) -> list[Path]:
    """Make the state of each part, numbered."""
    made = []
    for k, path in enumerate(paths):
        state = path.with_suffix(".state")
        done = run("state", path, *labels[k : k + 1], "--part", f"{k + 1}/{len(paths)}", "-o", state, *options)
        assert done.code == 0, done.err
        assert done.out == ""
        made.append(state)
    return made


OPTIONS = {
    "plain": (),
    "weights": ("--sample-weight", "w"),
    "slices": ("--slice", "region", "--id", "id", "--sample-weight", "w"),
    "balanced": ("--class-weight", "balanced"),
    "macro": ("--average", "macro"),
    "given": ("--class-weight", "cat=2,dog=.5", "--slice", "w=.5,.8"),
    "where": ("--where", "region=EU"),
    "smoothed": ("--label-smoothing", ".1", "--base", "2"),
    "sklearn": ("--compat", "sklearn"),
    "keras": ("--compat", "keras", "--denominator", "count"),
    "clip": ("--clip", "1e-6", "--renormalize", "--top", "9"),
    "ignored": ("--ignore-index", "emu"),
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_parts_make_the_document_of_the_whole(options: tuple[str, ...], tmp_path: Path) -> None:
    said = ("--label", "label", *options)
    paths = cut(columns(2_000), (700, 701, 1500, 1990), tmp_path)
    states = states_of(paths, *said)
    whole = document("eval", tmp_path / "part-*.parquet", *said)
    shuffled = random.Random(5).sample(states, len(states))
    assert document("merge", *states) == document("merge", *shuffled) == whole


LOOKED = {"plain": (), "weights": OPTIONS["weights"], "where": OPTIONS["where"], "ignored": OPTIONS["ignored"]}
LOOKED |= {"slices": ("--id", "id", "--sample-weight", "w"), "given": ("--class-weight", "cat=2,dog=.5")}


@pytest.mark.parametrize("name", OPTIONS)
def test_under_a_plan_even_parts_of_one_row_make_it(name: str, tmp_path: Path) -> None:
    paths = cut(columns(300), (1, 120, 121), tmp_path)
    plan, every = tmp_path / "plan.json", tmp_path / "part-*.parquet"
    plan.write_text(document("inspect", every, "--label", "label", *LOOKED.get(name, ())), encoding="utf-8")
    said = ("--label", "label", *OPTIONS[name])
    assert document("merge", *states_of(paths, *said, "--plan", plan)) == document("eval", every, *said)


def test_labels_of_a_class_that_no_score_speaks_of(tmp_path: Path) -> None:
    table = columns(300)
    table["label"][250] = "yak"
    paths = cut(table, (100, 200), tmp_path)
    said, every = ("--label", "label", "--unknown-class", "inf"), tmp_path / "part-*.parquet"
    (tmp_path / "plan.json").write_text(document("inspect", every, *said), encoding="utf-8")
    states = states_of(paths, *said, "--plan", tmp_path / "plan.json")
    assert document("merge", *states) == document("eval", every, *said)


def test_a_guess_of_a_later_part_is_no_warning_about_the_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(0.0, 2.0, (300, 3))
    table = {"y": rng.integers(0, 3, 300), **{f"z{c}": z[:, c] for c in range(3)}}
    paths = cut(table, (200, 201), tmp_path)
    merged = document("merge", *states_of(paths, "--label", "y"))
    assert merged == document("eval", tmp_path / "part-*.parquet", "--label", "y")


@pytest.mark.parametrize(
    ("place", "value"),
    [(("match", "beyond"), 10**40), (("match", "beyond"), -1), (("predictions", "columns"), []), (("ids",), [""])],
)
def test_a_plan_that_was_changed_is_refused(place: tuple[str, ...], value: object, tmp_path: Path) -> None:
    paths = cut(columns(300), (100, 200), tmp_path)
    plan = json.loads(document("inspect", tmp_path / "part-*.parquet", "--label", "label"))["plan"]
    held = plan["reading"]
    for name in place[:-1]:
        held = held[name]
    held[place[-1]] = value
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    done = run("state", paths[0], "--plan", tmp_path / "plan.json", "-o", tmp_path / "x.state")
    assert (done.code, "the plan was changed after it was written" in done.err) == (3, True), done.err


def test_a_plan_may_be_written_anew_by_other_tools(tmp_path: Path) -> None:
    """Keys in order, whole numbers without a point, as jq writes them."""
    paths = cut(columns(300), (100, 200), tmp_path)
    plan = json.loads(document("inspect", tmp_path / "part-*.parquet", "--label", "label"), parse_float=jq)["plan"]
    (tmp_path / "plan.json").write_text(json.dumps(plan, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    done = run("state", paths[0], "--plan", tmp_path / "plan.json", "-o", tmp_path / "x.state")
    assert done.code == 0, done.err


def jq(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number


def test_an_option_that_the_plan_was_made_without_is_refused(tmp_path: Path) -> None:
    paths = cut(columns(300), (120,), tmp_path)
    plan = tmp_path / "plan.json"
    plan.write_text(document("inspect", tmp_path / "part-*.parquet", "--label", "label"), encoding="utf-8")
    for option in (("--sample-weight", "w"), ("--classes", "emu,cat,dog"), ("--where", "region=EU"), ("--pred", "w")):
        done = run("state", paths[0], "--plan", plan, "-o", tmp_path / "x.state", *option)
        assert (done.code, option[0] in done.err, "the plan was made without it" in done.err) == (2, True, True)
    write(tmp_path, {"other.parquet": pa.table({"label": ["cat"], "p_cat": [0.5], "p_dog": [0.5]})})
    done = run("state", tmp_path / "other.parquet", "--plan", plan, "-o", tmp_path / "x.state")
    assert done.code == 3
    assert not (tmp_path / "x.state").exists()
    for text, said in (("{}", "is no plan"), ("x", "is no JSON"), ('{"error": {}, "plan": null}', "no plan in it")):
        plan.write_text(text, encoding="utf-8")
        done = run("state", paths[0], "--plan", plan, "-o", tmp_path / "x.state")
        assert (done.code, said in done.err) == (3, True)


@pytest.mark.parametrize("seed", range(6))
def test_any_cut_in_any_grouping_makes_the_same_bytes(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    rows = rng.choice([40, 400, 4_000])
    paths = cut(columns(rows, seed), sorted(rng.sample(range(1, rows), 6)), tmp_path)
    said = ("--label", "label", "--sample-weight", "w", "--slice", "region")
    states = states_of(paths, *said)
    middle = rng.randint(1, 6)
    for k, group in enumerate((states[:middle], states[middle:])):
        assert run("merge", *rng.sample(group, len(group)), "-o", tmp_path / f"{k}.group").code == 0
    whole = document("eval", tmp_path / "part-*.parquet", *said)
    assert document("merge", tmp_path / "1.group", tmp_path / "0.group") == whole
    assert document("merge", *states[:middle], tmp_path / "1.group") == whole


def test_without_places_the_order_is_that_of_the_arguments(tmp_path: Path) -> None:
    paths = cut(columns(90), (30, 60), tmp_path)
    states = [path.with_suffix(".state") for path in paths]
    for path, state in zip(paths, states, strict=True):
        assert run("state", path, "--label", "label", "-o", state).code == 0
    whole = document("eval", tmp_path / "part-*.parquet", "--label", "label")
    assert document("merge", *states) == whole
    turned = json.loads(document("merge", *states[::-1]))
    assert turned["loss"] == json.loads(whole)["loss"]
    assert turned["worst"] != json.loads(whole)["worst"]


def test_rows_without_an_error_expect_the_loss_of_the_whole(tmp_path: Path) -> None:
    paths = cut(columns(500, sure=8.0, wrong=False), (100, 300), tmp_path)
    whole = document("eval", tmp_path / "part-*.parquet", "--label", "label", "--sample-weight", "w")
    assert "no_errors_seen" in whole
    assert document("merge", *states_of(paths, "--label", "label", "--sample-weight", "w")) == whole


def test_parts_with_label_files_of_their_own_by_position_and_by_id(tmp_path: Path) -> None:
    table = columns(300)
    scores = {name: values for name, values in table.items() if name.startswith(("id", "prob"))}
    truth = {name: table[name] for name in ("id", "label")}
    for by in ((), ("--id", "id")):
        parts = cut(scores, (80, 200), tmp_path)
        labels = cut(truth, (80, 200), tmp_path, "truth")
        states = states_of(parts, "--label", "label", *by, labels=labels)
        merged = document("merge", *states)
        whole = document("eval", tmp_path / "part-*.parquet", tmp_path / "truth-*.parquet", "--label", "label", *by)
        assert merged == whole


def test_parts_that_share_one_label_file_pair_by_id(tmp_path: Path) -> None:
    table = columns(300)
    scores = {name: values for name, values in table.items() if name.startswith(("id", "prob"))}
    order = np.random.default_rng(1).permutation(300)
    truth = pa.table({name: table[name] for name in ("id", "label", "region")}).take(order)
    parts = cut(scores, (80, 200), tmp_path)
    write(tmp_path, {"truth.parquet": truth})
    labels = [tmp_path / "truth.parquet"] * 3
    said = ("--id", "id", "--label", "label", "--slice", "region")
    states = states_of(parts, *said, labels=labels)
    assert document("merge", *states) == document("eval", tmp_path / "part-*.parquet", labels[0], *said)
    # A part is left out: labels that no part has are refused, as they are in one run.
    some = states_of(parts[:2], *said, labels=labels)
    done = run("merge", *some)
    assert (done.code, "100 ids are in no part of the predictions" in done.err) == (3, True)
    assert run("eval", tmp_path / "part-0[01].parquet", labels[0], *said).code == 3
    # Left out and counted, if that is asked for.
    drop = (*said, "--unmatched", "drop")
    some = states_of(parts[:2], *drop, labels=labels)
    left = json.loads(document("merge", *some))
    assert left["counts"]["unmatched_labels"] == 100
    # An id in two parts would count twice.
    again = cut({name: values[150:] for name, values in scores.items()}, (), tmp_path, "again")
    twice = [states[0], tmp_path / "part-01.state", tmp_path / "again.state"]
    for k, path in ((1, parts[0]), (2, parts[1]), (3, again[0])):
        out = twice[k - 1]
        assert run("state", path, labels[0], *said, "--part", f"{k}/3", "-o", out).code == 0
    done = run("merge", *twice)
    assert (done.code, "an id of it is in another part too" in done.err) == (3, True)


def test_a_plan_gives_parts_one_reading_that_they_could_not_find_alone(tmp_path: Path) -> None:
    """Logits of which one part looks like probabilities, and labels of which one part has only one."""
    rng = np.random.default_rng(2)
    z = rng.normal(0.0, 3.0, 600)
    z[200:400] = rng.uniform(0.05, 0.95, 200)
    y = np.where(rng.random(600) < 1 / (1 + np.exp(-z)), "yes", "no")
    y[:100] = "no"
    whole = pa.table({"y": y, "score": z})
    write(tmp_path, {f"p-{k}.parquet": whole.slice(a, 200) for k, a in enumerate((0, 200, 400))})
    paths = [tmp_path / f"p-{k}.parquet" for k in range(3)]
    done = run("merge", *states_of(paths))
    assert done.code == 3
    assert "was read in another way than" in done.err
    assert "--plan" in done.err
    plan = tmp_path / "plan.json"
    plan.write_text(document("inspect", tmp_path / "p-*.parquet"), encoding="utf-8")
    states = states_of(paths, "--plan", plan)
    assert document("merge", *states) == document("eval", tmp_path / "p-*.parquet")


def test_alarms_look_at_the_same_rows_where_the_plan_counts_them(tmp_path: Path) -> None:
    table = columns(6_000, sure=4.0)
    table["label"] = table["label"][1:] + table["label"][:1]  # shifted by one row
    paths = cut(table, (900, 2_000, 4_003), tmp_path)
    whole = document("eval", tmp_path / "part-*.parquet", "--label", "label")
    assert "labels_shifted" in whole
    plan = tmp_path / "plan.json"
    plan.write_text(document("inspect", tmp_path / "part-*.parquet", "--label", "label"), encoding="utf-8")
    assert document("merge", *states_of(paths, "--label", "label", "--plan", plan)) == whole
    alone = json.loads(document("merge", *states_of(paths, "--label", "label")))
    assert alone["loss"] == json.loads(whole)["loss"]
    assert "labels_shifted" in {notice["code"] for notice in alone["warnings"]}


def test_evidence_is_judged_again_on_all_parts(tmp_path: Path) -> None:
    """Each part alone is probabilities; together they are what the parts were scored as, or are refused."""
    table = columns(60)
    write(tmp_path, {"a.csv": "y,p\n1,.8\n0,.3\n1,.6\n", "b.csv": "y,p\n1,3.5\n0,-2\n0,1.5\n"})
    states = states_of([tmp_path / "a.csv", tmp_path / "b.csv"])
    done = run("merge", *states)
    assert (done.code, "--plan" in done.err, "Traceback" in done.err) == (3, True, False)
    bad = {name: list(values) for name, values in table.items()}
    bad["prob_cat"][40] = float("nan")
    paths = cut(bad, (30,), tmp_path)
    done = run("state", paths[1], "--label", "label", "-o", tmp_path / "x.state")
    assert done.code == 3
    assert "part-01.parquet row 10, column 'prob_cat'" in done.err
    assert not (tmp_path / "x.state").exists()


def test_lines_of_text_are_told_from_a_merged_state(tmp_path: Path) -> None:
    text = ["label,prob_a,prob_b", *(["a,0.75,0.25", "b,0.40,0.60"] * 20)]
    other = [*text[:5], "a,0.70,0.25", *text[6:]]
    write(tmp_path, {"p-0.csv": "\n".join(text) + "\n", "p-1.csv": "\n".join(other) + "\n"})
    said = ("--renormalize",)
    whole = document("eval", tmp_path / "p-*.csv", *said)
    assert "at row 4 (line 6)" in whole
    assert document("merge", *states_of([tmp_path / "p-0.csv", tmp_path / "p-1.csv"], *said)) == whole


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: text[: len(text) // 2], "is no JSON"),
        (lambda text: text.replace('"ignored":0', '"ignored":1'), "was changed after it was written"),
        (lambda text: text.replace('"celoss_version":"', '"celoss_version":"9'), "was made by celoss 9"),
        (lambda _: '{"schema": "celoss.evaluation"}', "is of the schema celoss.evaluation"),
        (lambda _: "[1, 2]", "is no state"),
        (lambda _: "a,b\n1,2\n", "is no JSON"),
    ],
    ids=["cut off", "edited", "later", "another document", "a list", "text"],
)
def test_a_file_that_is_no_whole_state_is_refused(edit: Any, said: str, tmp_path: Path) -> None:
    [state] = states_of(cut(columns(50), (), tmp_path), "--label", "label")
    changed = edit(state.read_text(encoding="utf-8"))
    state.write_text(changed, encoding="utf-8")
    done = run("merge", state)
    assert (done.code, done.out) == (3, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_states_that_do_not_go_together_are_refused_by_name(tmp_path: Path) -> None:
    paths = cut(columns(90), (30, 60), tmp_path)
    one, two, three = states_of(paths, "--label", "label")
    done = run("merge", one, three)
    assert (done.code, "are missing" in done.err) == (3, True)
    done = run("merge", one, two)
    assert (done.code, "part 3 is missing" in done.err) == (3, True)
    done = run("merge", one, two, three, two)
    assert (done.code, f"{two}: is the part that {two} is too" in done.err) == (3, True)
    assert run("state", paths[2], "--label", "label", "--part", "2/3", "-o", three).code == 0
    assert "is part 2/3, and so is" in run("merge", one, two, three).err
    assert run("state", paths[2], "--label", "label", "--part", "3/3", "--clip", "1e-3", "-o", three).code == 0
    done = run("merge", one, two, three)
    assert (done.code, "another --clip than" in done.err) == (3, True)
    assert run("state", paths[2], "--label", "label", "-o", three).code == 0
    assert run("merge", one, two, three).code == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--part", "0/3"), "is no place among the parts"),
        (("--part", "4/3"), "is no place among the parts"),
        (("--slice", "region", "--class-weight", "balanced"), "only all parts together tell"),
        (("--label-smoothing", ".1", "--average", "macro"), "only all parts together tell"),
    ],
)
def test_what_a_part_cannot_leave_behind_is_a_usage_error(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    [path] = cut(columns(50), (), tmp_path)
    done = run("state", path, "--label", "label", "-o", tmp_path / "a.state", *options)
    assert (done.code, said in done.err) == (2, True)
    assert not (tmp_path / "a.state").exists()


def test_the_gate_and_the_reports_are_those_of_eval(tmp_path: Path) -> None:
    paths = cut(columns(300), (100,), tmp_path)
    states = states_of(paths, "--label", "label", "--slice", "region")
    limits = ("--max-loss", "0.01", "--max-slice-loss", "region=EU=.5")
    said = ("--label", "label", "--slice", "region")
    for form in (("-q",), ("--format", "csv"), ("--format", "markdown"), ()):
        merged, whole = run("merge", *states, *form, *limits), run("eval", tmp_path / "part-*", *said, *form, *limits)
        if merged.out != whole.out:
            whole = run("eval", tmp_path / "part-*.parquet", *said, *form, *limits)
        assert (merged.code, merged.out, merged.err) == (1, whole.out, whole.err)
    outputs = ("--report", tmp_path / "r.xml", "--report", tmp_path / "r.json", "--tag", "run=7")
    assert run("merge", *states, *outputs).code == 0
    stored = (tmp_path / "r.json").read_text()
    assert json.loads(stored)["tags"] == {"run": "7"}
    assert run("eval", tmp_path / "part-*.parquet", *said, *outputs).code == 0
    assert (tmp_path / "r.json").read_text() == stored


def test_python_takes_states_from_memory_from_text_and_from_files(tmp_path: Path) -> None:
    table = columns(400)
    scores = np.stack([table[f"prob_{name}"] for name in NAMES], axis=1)
    truth = [NAMES.index(name) for name in table["label"]]
    whole = celoss_cli.evaluate(scores, truth)
    one = celoss_cli.evaluate(scores[:150], truth[:150], as_state=True)
    two = celoss_cli.score_part(scores[150:], truth[150:], part="2/2")
    assert (one.rows, one.part, two.part) == (150, None, "2/2")
    first = celoss_cli.score_part(scores[:150], truth[:150], part="1/2", output=tmp_path / "one.state")
    found = celoss_cli.merge([pickle.loads(pickle.dumps(two)), tmp_path / "one.state"])
    assert found.loss == whole.loss
    assert found.metrics == whole.metrics
    assert found.worst == whole.worst
    again = celoss_cli.PartState.loads(first.dumps())
    assert celoss_cli.merge([again, two], max_loss=0.0).verdict is not None
    with pytest.raises(UsageError, match="max_loss does not go with as_state"):
        celoss_cli.evaluate(scores, truth, as_state=True, max_loss=1.0)
    with pytest.raises(UsageError, match="is no state"):
        celoss_cli.merge([1])
    with pytest.raises(CelossError, match="has no part"):
        celoss_cli.merge([first, celoss_cli.score_part(scores[150:], truth[150:])])
    with pytest.raises(UnreadableFile):
        celoss_cli.PartState.loads("{}")
    assert issubclass(MisalignedData, CelossError)
    assert issubclass(AmbiguousData, CelossError)


def test_a_state_of_ten_classes_is_small(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(0.0, 2.0, (50_000, 10))
    write(
        tmp_path, {"p.parquet": pa.table({"y": rng.integers(0, 10, 50_000), **{f"z_{c}": z[:, c] for c in range(10)}})}
    )
    [state] = states_of([tmp_path / "p.parquet"])
    assert state.stat().st_size <= 1_000_000


def test_a_thousand_states_of_ten_classes_are_merged_in_bounded_time_and_memory(tmp_path: Path) -> None:
    """The bars: 20 s and 500 MB. Time is that of the processor, since others may be at work here."""
    rng = np.random.default_rng(0)
    state = celoss_cli.score_part(rng.normal(0.0, 2.0, (20_000, 10)), rng.integers(0, 10, 20_000), part="1/1000")
    document = json.loads(state.dumps())
    for k in range(1_000):
        document["part"] = {"first": k + 1, "last": k + 1, "of": 1_000}
        document["prints"] = document["digests"] = [f"{k:016x}"]
        del document["checksum"]
        text = json.dumps(document, separators=(",", ":"))
        document["checksum"] = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        (tmp_path / f"{k:04d}.state").write_text(json.dumps(document), encoding="utf-8")
    code = """if True:
        import pathlib, random, sys, time, celoss_cli
        paths = sorted(pathlib.Path(sys.argv[1]).glob("*.state"))
        random.Random(0).shuffle(paths)
        start = time.process_time()
        found = celoss_cli.merge(paths)
        print(found.counts.rows, found.loss.mean.hex())
        # Of this process alone: what getrusage says begins with the memory of the one that started it.
        peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
        print(time.process_time() - start, int(peak.split()[1]) / 1024)
    """
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    result, spent = done.stdout.splitlines()
    assert result == f"20000000 {celoss_cli.merge([one_of_one(state)]).loss.mean.hex()}"
    seconds, megabytes = map(float, spent.split())
    assert seconds <= 20
    assert megabytes <= 500


def one_of_one(state: celoss_cli.PartState) -> celoss_cli.PartState:
    """The same state as the only part."""
    document = json.loads(state.dumps())
    document["part"] = None
    del document["checksum"]
    text = json.dumps(document, separators=(",", ":"))
    document["checksum"] = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return celoss_cli.PartState.loads(json.dumps(document))


def _plan(predictions: Path, *arguments: object) -> Path:
    plan = predictions.parent / "plan.json"
    plan.write_text(document("inspect", predictions, *arguments))
    return plan


@pytest.mark.parametrize("options", [(), ("--slice", "region"), ("--class-weight", "balanced")], ids=" ".join)
@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_part_without_rows_changes_nothing(options: tuple[str, ...], form: str, place: int, tmp_path: Path) -> None:
    bounds = [900, 900] if place == 1 else [0, 900] if place == 0 else [900, 2_000]
    paths = cut(columns(2_000), bounds, tmp_path)
    if form == "csv":
        for path in paths:
            pa.csv.write_csv(pq.read_table(path), path.with_suffix(".csv"))
            path.unlink()
        paths = [path.with_suffix(".csv") for path in paths]
    said = ("--label", "label", *options)
    whole = tmp_path / f"part-*.{form}"
    plan = _plan(whole, "--label", "label")
    states = states_of(paths, *said, "--plan", plan)
    assert document("merge", *reversed(states)) == document("eval", whole, *said)


def test_parts_without_rows_alone_are_an_error(tmp_path: Path) -> None:
    paths = cut(columns(900), [900, 900], tmp_path)
    plan = _plan(tmp_path / "part-*.parquet", "--label", "label")
    for name, path in zip("ab", paths[1:], strict=True):
        done = run("state", path, "--plan", plan, "-o", tmp_path / f"{name}.state")
        assert done.code == 0, done.err
    done = run("merge", tmp_path / "a.state", tmp_path / "b.state")
    assert (done.code, done.err.splitlines()[0].endswith("no part has rows")) == (3, True)
    alone = run("state", paths[1], "-o", tmp_path / "c.state")
    assert alone.code == 3
    assert "with --plan a part may be without rows" in alone.err


def test_one_line_that_is_no_header_of_the_plan_is_no_part_without_rows(tmp_path: Path) -> None:
    write(tmp_path, {"part-0.csv": "y;p\n1;0.7\n0;0.2\n", "part-1.csv": "y;q\n", "part-2.csv": "y;p\n"})
    plan = _plan(tmp_path / "part-0.csv")
    refused = run("state", tmp_path / "part-1.csv", "--plan", plan, "-o", tmp_path / "1.state")
    assert refused.code == 3
    assert "there is only a header" in refused.err
    done = run("state", tmp_path / "part-2.csv", "--plan", plan, "-o", tmp_path / "2.state")
    assert done.code == 0, done.err


@pytest.mark.parametrize("by", ["position", "id"])
def test_a_part_without_predictions_and_its_labels(by: str, tmp_path: Path) -> None:
    table = columns(1_000)
    keys = ["id"] if by == "id" else []
    scores = {name: table[name] for name in [*keys, *table] if name in keys or name.startswith("prob_")}
    truth = {name: table[name] for name in [*keys, "label"]}
    paths = cut(scores, [1_000], tmp_path)
    labels = cut(truth, [1_000] if by == "position" else [], tmp_path, "labels")
    whole = (tmp_path / "part-*.parquet", tmp_path / "labels-*.parquet" if by == "position" else labels[0])
    plan = _plan(*whole)
    made = states_of(paths, "--plan", plan, labels=[labels[0], labels[-1]])
    assert document("merge", *made) == document("eval", *whole)
    lost = run("state", paths[1], labels[0], "--plan", plan, "-o", tmp_path / "lost.state")
    assert lost.code == (0 if by == "id" else 3)
    assert by == "id" or "has labels, and the part has no predictions" in lost.err
