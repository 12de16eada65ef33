"""The published JSON Schemas against real output, against the golden documents, and against names that are promised."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from docs.pages import ROOT
from running import run

DIRECTORY = ROOT / "docs" / "reference" / "schema"
SAMPLES = ROOT / "sample_data"
SCHEMAS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DIRECTORY.glob("*.json"))}

SOFT = "p_cat,p_dog,p_bird,cat,dog,bird\n.7,.2,.1,.6,.4,0\n.1,.8,.1,0,1,0\n.2,.3,.5,.1,.1,.8\n"
SEVERAL = "p_cat,p_dog,p_bird,y_cat,y_dog,y_bird\n.9,.6,.1,1,1,0\n.1,.8,.2,0,1,0\n.2,.3,.7,0,0,1\n"

# A run of each kind: between them they fill every name of every document (see the test of that).
RUNS = {
    "plain": "eval wine_logits.parquet",
    "quiet": "eval wine_logits.parquet -q --report {out}",
    "infinite": "eval wine_knn.csv",
    "clipped": "eval wine_knn.csv --clip 1e-3 --base 2 --denominator count",
    "two files": "eval digits_probs_by_id.parquet digits_labels_by_id.csv",
    "weights": "eval cancer_weighted.csv --sample-weight weight --compat sklearn",
    "slices": "eval cancer_weighted.csv --slice weight=1.5,2.5 --max-slice-loss 1 --slice-min-rows 50",
    "classes": "eval wine_logits.csv --class-weight grignolino=0.5 --max-class-loss 0.1",
    "eval clusters": "eval cancer_weighted.csv --cluster weight",
    "some rows": "eval wine_logits.csv --where cultivar=barolo",
    "options": "eval cancer_logits.csv --pos-weight 2 --label-smoothing 0.1",
    "ignored": "eval digits_logits.npy digits_labels.npy --ignore-index 3",
    "soft": "eval {soft} --label cat,dog,bird",
    "several": "eval {several}",
    "baseline": "eval wine_probs.csv --baseline {baseline} --max-regression 2%",
    "sequences": "eval sequences_words.jsonl --truth logprobs --skip 2 --input logprobs --slice topic",
    "sequences compared": "compare sequences_words.jsonl sequences_characters.jsonl --truth logprobs --per byte",
    "sequences explained": "explain sequences_words.jsonl --truth logprobs --expect 36.79",
    "compared": "compare cancer_probs.csv cancer_boosted.csv --max-regression 0.05",
    "bootstrap": "compare cancer_probs.csv cancer_boosted.csv --bootstrap 200 --slice y_true",
    "clusters": "compare cancer_weighted.csv cancer_weighted.csv --sample-weight weight --cluster weight",
    "labels of both": "compare iris_logits.csv iris_logits.csv iris_species.csv",
    "by id": "compare {ids} {ids_too}",
    "ranked": "compare cancer_probs.csv cancer_boosted.csv --candidate cancer_logits.csv --max-regression 2%",
    "both infinite": "compare wine_knn.csv wine_probs.csv",
    "batch": "batch cancer_probs.csv {broken} --baseline {baseline} --max-regression 2%",
    "batch in error": "batch {broken} gone.csv --fail-fast",
    "batch by": "batch {by} --by model",
    "reports": "compare {baseline} {other} --max-regression 2%",
    "history": "history {history} --max-regression 2%",
    "baseline of other rows": "eval wine_logits.csv --where cultivar=barolo --baseline {barolo} --max-regression 2%",
    "explained": "explain digits_probs_by_id.parquet digits_labels_by_id.csv",
    "explained with a warning": "explain cancer_weighted.csv",
    "explained weights": "explain cancer_weighted.csv --sample-weight weight",
    "expected": "explain wine_knn.csv --expect 1.48352",
    "not found": "explain wine_knn.csv --expect 7.5",
    "diagnosed": "diagnose cancer_boosted.csv --max-miscalibration 2%",
    "diagnosed by id": "diagnose digits_probs_by_id.parquet digits_labels_by_id.csv",
    "diagnosed zeros": "diagnose wine_knn.csv --top 2",
    "diagnosed two fixes": "diagnose {sure}",
    "fitted": "calibrate fit cancer_boosted.csv -o {fix}",
    "fitted with a warning": "calibrate fit cancer_weighted.csv --sample-weight weight -o {fix}",
    "diagnosed weights": "diagnose cancer_weighted.csv --sample-weight weight --max-miscalibration 0.1",
    "state": "state cancer_boosted.csv --part 1/2 -o {out}",
    "state without an error": "state {right} -o {out}",
    "inspected": "inspect cancer_weighted.csv",
    "inspected shards": "inspect wine_logits.parquet",
    "inspected archive": "inspect digits_probs.csv.gz",
    "inspected two": "inspect digits_probs_by_id.parquet digits_labels_by_id.csv",
    "not settled": "inspect iris_logits.csv",
    "error": "eval iris_logits.csv --report {out}",
    "error with a place": "eval {broken} --report {out}",
    "inspected error": "inspect {broken}",
    "configuration": "eval --show-config --clip 1e-15 --config {toml} --profile nightly",
}


# Of 100 rows at each p fewer are positive than it says, the more extreme it is: a slope mends that, and a curve too.
SURE = "y,p\n" + "".join(
    f"{int(place < 100 / (1 + (1 / p - 1) ** 0.5))},{p}\n"
    for p in (0.01, 0.1, 0.3, 0.6, 0.9, 0.98)
    for place in range(100)
)

# A diagnosis has one limit, and that is on all rows; it is of distributions.
NOT_OF_A_DIAGNOSIS = {
    ("celoss.diagnosis", part, name)
    for part, name in (
        ("Check", "subject"),
        ("Skipped", "name"),
        ("Skipped", "scored"),
        ("Skipped", "subject"),
        ("Columns", "truth"),
        ("Columns", "text"),
    )
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each run prints as JSON, or writes to its report."""
    place = tmp_path_factory.mktemp("documents")
    files = {name: place / f"{name}.csv" for name in ("soft", "several", "broken")}
    files["soft"].write_text(SOFT, encoding="utf-8")
    files["several"].write_text(SEVERAL, encoding="utf-8")
    files["broken"].write_text("y,p_a,p_b\na,0.7,0.3\nb,0.4,nan\n", encoding="utf-8")
    files["fix"] = place / "fix.json"
    files["sure"] = place / "sure.csv"
    files["sure"].write_text(SURE, encoding="utf-8")
    for name, score in (("ids", ".8"), ("ids_too", ".9")):
        files[name] = place / f"{name}.csv"
        files[name].write_text(f"id,y,p\nu,1,.7\nv,0,{score}\n", encoding="utf-8")
    files["by"] = place / "by.csv"
    files["by"].write_text("model,y,p\n" + "a,1,.7\nb,0,.2\n" * 9 + ",1,.4\n", encoding="utf-8")
    files["right"] = place / "right.csv"
    files["right"].write_text("y,p\n1,.7\n0,.2\n1,.6\n", encoding="utf-8")
    files["toml"] = place / "celoss.toml"
    files["toml"].write_text("[profiles.nightly]\nmax-loss = 0.5\n", encoding="utf-8")
    baseline = place / "baseline.json"
    assert run("eval", SAMPLES / "wine_probs.csv", "-q", "--save-baseline", baseline).code == 0
    files["other"], files["history"], files["barolo"] = place / "other.json", place / "h.jsonl", place / "barolo.json"
    assert run("eval", SAMPLES / "wine_logits.csv", "-q", "--save-baseline", files["other"], "--tag", "a=b").code == 0
    _history(place, files)
    kept = json.loads(files["history"].read_text(encoding="utf-8").splitlines()[-1])
    return {"run": kept} | {
        name: _document(line, place, {**files, "baseline": baseline}) for name, line in RUNS.items()
    }


def _history(place: Path, files: dict[str, Path]) -> None:
    """Append runs of which the level changes, some with a gate that fails, and write a baseline of other rows."""
    for week in range(20):
        scores = "1,.8\n0,.3\n" if week < 10 else "1,.6\n0,.45\n"
        lines = (scores + f"1,{0.7 + week / 100}\n") * (week + 4)
        (place / "week.csv").write_text(f"y,p\n{lines}", encoding="utf-8")
        options = ("--max-loss", "0.2") if week in (3, 19) else ("--base", "2") if week == 0 else ()
        (place / "truth.csv").write_text("y\n" + "".join(f"{line[0]}\n" for line in lines.split()), encoding="utf-8")
        beside = [place / "truth.csv"] if week == 19 else []
        if beside:
            (place / "week.csv").write_text(
                "p\n" + "".join(f"{line[2:]}\n" for line in lines.split()), encoding="utf-8"
            )
        run("eval", place / "week.csv", *beside, "-q", "--history", files["history"], "--tag", f"week={week}", *options)
    lines = (SAMPLES / "wine_logits.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (place / "fewer.csv").write_text("".join([lines[0], *lines[1::2]]), encoding="utf-8")
    where = ("--where", "cultivar=barolo")
    assert run("eval", place / "fewer.csv", *where, "-q", "--save-baseline", files["barolo"]).code == 0


def _document(line: str, place: Path, files: dict[str, Path]) -> Any:
    out = place / "out.json"
    out.unlink(missing_ok=True)
    words = line.format(out=out, **files).split()
    words = [str(SAMPLES / word) if (SAMPLES / word).is_file() else word for word in words]
    done = run(*words, *([] if str(out) in words else ["--format", "json"]))
    assert done.code in (0, 1, 3), done.err
    return json.loads(out.read_text(encoding="utf-8") if out.exists() else done.out)


def closed(schema: Any) -> Any:
    """A schema that allows no other names and no values but those it has as examples."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        strict["additionalProperties"] = False
    if "examples" in schema and "type" in schema:
        strict["enum"] = schema["examples"]
    return strict


def newest(name: str) -> dict[str, Any]:
    """The schema of the newest version of a document."""
    versions = [key for key in SCHEMAS if key.rpartition("-")[0] == name]
    return SCHEMAS[max(versions, key=lambda key: int(key.rpartition(".")[2]))]


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == name


def test_the_reference_leads_to_each() -> None:
    page = (DIRECTORY.parent / "json.md").read_text(encoding="utf-8")
    assert {*re.findall(r"\(schema/([\w.-]+)\.json\)", page)} == {*SCHEMAS}


def test_the_reference_has_every_name_of_an_evaluation() -> None:
    page = (DIRECTORY.parent / "json.md").read_text(encoding="utf-8")
    section = page.partition("## celoss.evaluation\n")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(\w+)(?:\[\])?`", section))
    assert {key for _, key in all_names(newest("celoss.evaluation"))} - told == set()


@pytest.mark.parametrize("name", RUNS)
def test_output_is_as_the_schema_says_and_no_more(name: str, documents: dict[str, Any]) -> None:
    document = documents[name]
    Draft202012Validator(closed(newest(document["schema"]))).validate(document)


@pytest.mark.parametrize("name", RUNS)
def test_output_is_still_what_earlier_versions_said(name: str, documents: dict[str, Any]) -> None:
    document = documents[name]
    for key, schema in SCHEMAS.items():
        if key.startswith(f"{document['schema']}-"):
            Draft202012Validator(schema).validate(document)


def test_the_version_is_that_of_the_file(documents: dict[str, Any]) -> None:
    for document in documents.values():
        assert newest(document["schema"])["$id"] == f"{document['schema']}-{document['schema_version']}"


@pytest.mark.parametrize("path", sorted((ROOT / "tests/render/golden").glob("*[!s].json")), ids=lambda path: path.stem)
def test_golden_documents(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator(closed(newest(document["schema"]))).validate(document)


def test_every_document_has_a_schema_and_every_name_was_seen(documents: dict[str, Any]) -> None:
    names = {key.rpartition("-")[0] for key in SCHEMAS}
    assert {document["schema"] for document in documents.values()} == names
    there = {(name, *one) for name in names for one in all_names(newest(name))}
    for document in documents.values():
        there -= {(document["schema"], *one) for one in filled(document, "", newest(document["schema"]))}
    whole = {("celoss.batch", *one) for one in all_names(newest("celoss.evaluation"))}  # seen there
    whole |= {("celoss.batch", "ScoredEvaluation", key) for _, part, key in whole if not part}
    others = {("celoss.history", "Skipped", key) for key in ("name", "scored", "subject")}  # which have no slices
    others.add(("celoss.unpaired", "Check", "subject"))
    assert there - whole - others == NOT_OF_A_DIAGNOSIS, "no run above fills these"


def all_names(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every name in a schema with the part that it is of, which is empty for the document itself."""
    for part, definition in [("", schema), *schema["$defs"].items()]:
        yield from ((part, key) for key in definition.get("properties", {}))


def filled(value: Any, part: str, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The names in a document that hold something, each with the part that it is of."""
    kind = schema["$defs"][part] if part else schema
    for key, inner in kind.get("properties", {}).items():
        if value[key] is None:
            continue
        yield part, key
        for name in re.findall(r"#/\$defs/(\w+)", json.dumps(inner)):
            held = value[key] if isinstance(value[key], list) else [value[key]]
            for one in held:
                if isinstance(one, dict) and one.keys() == schema["$defs"][name].get("properties", {}).keys():
                    yield from filled(one, name, schema)


# What scripts and CI rely on, by document. A name that goes from here is a breaking change.
PROMISED = {
    "celoss.evaluation": """
        schema schema_version celoss_version inputs.predictions{path format rows} inputs.labels{path format rows}
        spec{task input classes[] positive} spec.columns{predictions[] label id sample_weight}
        spec.decisions[]{what value how evidence}
        loss{mean sum standard_error ci95 unit perplexity log_likelihood denominator}
        counts{rows scored ignored infinite clipped} baselines{uniform prior skill_vs_prior} metrics{accuracy brier ece}
        per_class[]{class count weight mean_loss loss_share recall}
        worst[]{row id label loss p_true predicted p_predicted}
        warnings[]{code message} verdict{passed} verdict.checks[]{name limit value passed}
    """,
    "celoss.explanation": "conventions[]{name mean difference cause matches_expected}",
    "celoss.comparison": """
        baseline{mean sum} candidate{mean sum} difference{mean standard_error ci95 p_value} rows{won lost tied}
        per_class[]{class} verdict{passed}
    """,
    "celoss.error": "error{code message where hint exit_code}",
}


@pytest.mark.parametrize("name", PROMISED)
def test_what_is_promised_is_there(name: str) -> None:
    there = set(paths(newest(name), newest(name)))
    for word in re.findall(r"[^\s{]+(?:\{[^}]*\})?", PROMISED[name].replace("[]", "")):
        prefix, _, inner = word.removesuffix("}").partition("{")
        for key in [f"{prefix}.{part}" for part in inner.split()] or [prefix]:
            assert f".{key}" in there, f"{name}: {key}"


def paths(schema: dict[str, Any], whole: dict[str, Any], path: str = "") -> Iterator[str]:
    """The path of every name that a schema has, through arrays too."""
    if "$ref" in schema:
        yield from paths(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, path)
    for part in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        yield from paths(part, whole, path)
    for key, part in schema.get("properties", {}).items():
        yield f"{path}.{key}"
        yield from paths(part, whole, f"{path}.{key}")
