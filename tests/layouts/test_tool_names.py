"""Names that tools make of classes: what they vary in, and what looks like them and is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from celoss_cli.layout.tools.templates import fields_of
from layouts.example_rows import FLOWERS, LOANS, SPECIES, flowers_loss, loans_loss
from running import Run, run, write


def csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return "".join(",".join(f'"{cell}"' if isinstance(cell, str) else str(cell) for cell in row) + "\n"
                   for row in (header, *rows))  # fmt: skip


def flowers(header: Sequence[str], *, truth: Sequence[str] = SPECIES, chosen: Sequence[str] = SPECIES) -> str:
    """Rows of the predicted class, the scores and the truth, under a header in that order."""
    return csv(header, [[chosen[SPECIES.index(row.predicted)], *row.probabilities, truth[row.code]] for row in FLOWERS])


def loans(header: Sequence[str], no: str = "no", yes: str = "yes") -> str:
    names = {"no": no, "yes": yes}
    return csv(header, [[names[row.predicted], row.p_no, row.p_yes, names[row.default]] for row in LOANS])


def score(tmp_path: Path, text: str, *options: str) -> Run:
    write(tmp_path, {"p.csv": text})
    return run("eval", tmp_path / "p.csv", "-q", *options)


KNIME = ["Prediction (species)", *(f"P (species={name})" for name in SPECIES), "species"]

READ = {
    "KNIME": flowers(KNIME),
    "KNIME, with a suffix": flowers([*(f"{name} (RF)" for name in KNIME[:4]), "species"]),
    "KNIME, without the predicted class": csv(KNIME[1:], [[*row.probabilities, row.species] for row in FLOWERS]),
    "RapidMiner": flowers(["prediction(species)", *(f"confidence({name})" for name in SPECIES), "species"]),
    "SAS": flowers(["I_species", *(f"P_species{name}" for name in SPECIES), "species"]),
    "SAS, the truth as formatted": flowers(["I_species", *(f"P_species{name}" for name in SPECIES), "F_species"]),
    "skl2onnx, text": flowers(["output_label", *(f"s{name}" for name in SPECIES), "species"]),
    "skl2onnx, numbers": flowers(
        ["output_label", "i3", "i5", "i9", "y"], truth=("3", "5", "9"), chosen=("3", "5", "9")
    ),
    "skl2onnx, a dictionary a row": flowers(["output_label", *(f"output_probability.{c}" for c in SPECIES), "species"]),
    "H2O, levels of both kinds": flowers(
        ["predict", "p0", "p1", "other", "y"], truth=("0", "1", "other"), chosen=("0", "1", "other")
    ),
    "R": flowers(["pred", "X1st", "not.ok", "A.B", "obs"], truth=("1st", "not ok", "A-B"), chosen=("1", "2", "3")),
    "R, behind a prefix": flowers(
        ["pred", "prob.1st", "prob.not.ok", "prob.A.B", "obs"], truth=("1st", "not ok", "A-B"), chosen=("1", "2", "3")
    ),
    "R, reserved words": flowers(
        ["pred", "TRUE.", "if.", "X.1", "obs"], truth=("TRUE", "if", "-1"), chosen=("1", "2", "3")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_three_classes(name: str, tmp_path: Path) -> None:
    assert score(tmp_path, READ[name]).mean == pytest.approx(flowers_loss(), rel=1e-12)


TWO = {
    "KNIME, adult": loans(["Prediction (income)", "P (income=<=50K)", "P (income=>50K)", "income"], "<=50K", ">50K"),
    "H2O, below zero": loans(["predict", "p-1", "p1", "sign"], "-1", "1"),
    "R, below zero": loans(["pred", "X.1", "X1", "obs"], "-1", "1"),
    "RapidMiner": loans(["prediction(default)", "confidence(no)", "confidence(yes)", "default"]),
    "SAS": loans(["I_BAD", "P_BAD0", "P_BAD1", "BAD"], "0", "1"),
    "SAS, one level": csv(["I_BAD", "P_BAD1", "BAD"], [[int(r.predicted == "yes"), r.p_yes, r.code] for r in LOANS]),
    "SAS, one level, of 0": csv(
        ["I_BAD", "P_BAD0", "BAD"], [[int(r.predicted == "yes"), r.p_no, r.code] for r in LOANS]
    ),
    "R, one column": csv(["not.ok", "y"], [[row.p_yes, ("ok", "not ok")[row.code]] for row in LOANS]),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO)
def test_two_classes(name: str, tmp_path: Path) -> None:
    assert score(tmp_path, TWO[name]).mean == pytest.approx(loans_loss(), rel=1e-12)


def test_two_predictors_of_knime_are_asked_about(tmp_path: Path) -> None:
    names = [f"{name}_{model}" for model in ("RF", "LR") for name in KNIME[:4]]
    rows = [[row.predicted, *row.probabilities, SPECIES[2], 0.2, 0.3, 0.5, row.species] for row in FLOWERS]
    text = csv([*names, "species"], rows)
    found = score(tmp_path, text)
    assert (found.code, "--pred" in found.err) == (3, True), found.err
    assert score(tmp_path, text, "--pred", "P (*_RF").mean == pytest.approx(flowers_loss(), rel=1e-12)


def test_measurements_that_begin_with_the_same_letter_are_no_classes(tmp_path: Path) -> None:
    header = ["species", "output_label", *(f"s{name}" for name in SPECIES), "sepal length", "stem"]
    rows = [[row.species, row.predicted, *row.probabilities, 5.1, 7] for row in FLOWERS]
    assert score(tmp_path, csv(header, rows)).mean == pytest.approx(flowers_loss(), rel=1e-12)


def test_two_labels_of_one_name_in_r_are_asked_about(tmp_path: Path) -> None:
    names = ("a b", "a.b", "c")
    found = score(tmp_path, flowers(["pred", "a.b", "a.b.1", "c", "obs"], truth=names, chosen=("1", "2", "3")))
    assert found.code == 3


def hub(rows: Sequence[Sequence[object]]) -> str:
    return csv(["location", "target", "output_type", "output_type_id", "value"], rows)


PMF = [[f"{i:02d}", "hosp", "pmf", name, p] for i, row in enumerate(FLOWERS)
       for name, p in zip(SPECIES, row.probabilities, strict=True)]  # fmt: skip


def test_a_constant_column_of_both_files_of_a_hub_is_no_truth(tmp_path: Path) -> None:
    observed = csv(
        ["location", "target", "observation"], [[f"{i:02d}", "hosp", r.species] for i, r in enumerate(FLOWERS)]
    )
    write(tmp_path, {"p.csv": hub(PMF), "y.csv": observed})
    assert run("eval", tmp_path / "p.csv", tmp_path / "y.csv", "-q").mean == pytest.approx(flowers_loss(), rel=1e-12)


@pytest.mark.parametrize("options", [(), ("--where", "output_type=pmf")])
def test_quantiles_of_a_hub_are_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    found = score(tmp_path, hub([*PMF, ["00", "hosp", "quantile", "0.5", 12.5]]), *options)
    assert (found.code, "output_type 'quantile'" in found.err) == (3, True), found.err


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("P (a=b)", {"target": "a", "class": "b", "suffix": ""}),
        ("P (a=b)_RF", {"target": "a", "class": "b", "suffix": "_RF"}),
        ("P (=b)", None),
        ("P (a=)", None),
    ],
)
def test_a_suffix_may_be_empty(name: str, fields: dict[str, str] | None) -> None:
    assert fields_of("P ({target}={class}){suffix}", name) == fields
