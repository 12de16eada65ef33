"""Start-up is part of speed: what a command does not need, it does not import."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from celoss_cli.cli.commands import COMMANDS
from celoss_cli.kernels.compiled import CORE
from running import run

CODE = """
import sys
from celoss_cli.__main__ import main
sys.argv = ["celoss", *{arguments!r}]
try:
    main()
finally:
    print(*sorted({{name.partition(".")[0] for name in sys.modules}}), file=sys.stderr)
"""
ROWS = "y,p_a,p_b\n" + "a,0.7,0.3\nb,0.1,0.9\n" * 5


def modules_of(*arguments: object, stdin: str = "") -> set[str]:
    code = CODE.format(arguments=[str(argument) for argument in arguments])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, input=stdin)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["eval", "--help"]])
def test_help_needs_no_data_libraries(arguments: list[str]) -> None:
    assert not modules_of(*arguments) & {"numpy", "pyarrow", "pandas"}


def test_the_list_of_commands_imports_none_of_them() -> None:
    code = CODE.replace('.partition(".")[0]', "").format(arguments=["--help"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stderr.splitlines()[-1].split() if name.startswith("celoss_cli.")}
    assert not {f"celoss_cli.cli.{name.replace('-', '_')}" for name in COMMANDS} & loaded
    assert "celoss_cli.options.table" not in loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_its_help_begins_with(name: str) -> None:
    done = run(*name.split("-"), "--help")
    assert " ".join(COMMANDS[name].split()) in " ".join(done.out.split())


def test_without_limits_and_slices_nothing_of_them_is_loaded(files: Path) -> None:
    code = CODE.replace('.partition(".")[0]', "").format(arguments=["eval", str(files / "f.csv"), "-q"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    unused = {"gate", "gate.limits", "gate.verdict", "labels.slices", "summary.slices", "state.slices", "cli.gating"}
    unused |= {
        "state.digest",
        "scoring.digest",
        "batch",
        "history",
        "results.batch",
        "results.history",
        "outputs.appended",
    }
    unused |= {"cli.diagnose", "gate.miscalibration", "diagnosis", "results.diagnosis", "render.diagnosis"}
    assert not {f"celoss_cli.{name}" for name in unused} & set(done.stderr.splitlines()[-1].split())


def test_the_command_needs_nothing_of_the_python_api(files: Path) -> None:
    code = CODE.replace('.partition(".")[0]', "").format(arguments=["eval", str(files / "f.csv"), "-q"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stderr.splitlines()[-1].split()
    assert "celoss_cli.tables.inputs" in loaded
    assert not [name for name in loaded if name.startswith("celoss_cli.api")]


def test_the_version_needs_no_rich() -> None:
    assert "rich" not in modules_of("--version")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "f.csv").write_text(ROWS)
    pq.write_table(pyarrow.csv.read_csv(tmp_path / "f.csv"), tmp_path / "f.parquet")
    (tmp_path / "l.csv").write_text("y\n" + "a\nb\n" * 5)
    return tmp_path


@pytest.mark.parametrize("name", ["f.csv", "f.parquet"])
@pytest.mark.parametrize(
    "form",
    [
        [],
        ["--format", "json"],
        ["-q"],
        ["--per-sample", "rows.parquet", "-q"],
        ["-q", "--slice", "y", "--max-slice-loss", "9", "--save-baseline", "base.json"],
    ],
)
def test_aligned_files_need_no_pandas(name: str, form: list[str], files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    loaded = modules_of("eval", name, *form)
    assert "pandas" not in loaded
    if form:
        assert "rich" not in loaded


PLAIN = "id,cat,dog,y\n" + "".join(f"img_{i}.png,0.{i},{1 - i / 10},{('cat', 'dog')[i % 2]}\n" for i in range(1, 10))


@pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")
@pytest.mark.parametrize("form", [[], ["--format", "json"], ["-q"], ["-q", "--slice", "y"], ["-q", "--max-loss", "9"]])
def test_plain_text_needs_no_pyarrow(form: list[str], tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("y,p\n" + "0,0.25\n1,0.75\n" * 5)
    (tmp_path / "names.csv").write_text(PLAIN)
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(PLAIN.encode()))
    (tmp_path / "quoted.csv").write_text(
        PLAIN.replace("img", '"img').replace(".png", '.png"').replace("dog\n", '"dog"\n')
    )
    for name in ("f.csv", "names.csv", "f.csv.gz", "quoted.csv"):
        assert not modules_of("eval", tmp_path / name, *form) & {"pyarrow", "pandas"}


@pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")
def test_plain_text_needs_no_pyarrow_wherever_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(PLAIN)
    (tmp_path / "l.csv").write_text("y\n" + "".join(f"{('cat', 'dog')[i % 2]}\n" for i in range(1, 10)))
    (tmp_path / "p.csv").write_text("cat,dog\n" + "".join(f"0.{i},{1 - i / 10}\n" for i in range(1, 10)))
    assert not modules_of("eval", tmp_path / "f.csv", "-q", "--where", "y=cat") & {"pyarrow", "pandas"}
    assert not modules_of("eval", "-", "--file-format", "csv", "-q", stdin=PLAIN) & {"pyarrow", "pandas"}
    assert not modules_of("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q") & {"pyarrow", "pandas"}


@pytest.mark.parametrize("form", [[], ["--format", "json"], ["-q"]])
def test_arrays_need_no_pyarrow(form: list[str], tmp_path: Path) -> None:
    """As many columns as classes or one, labels beside them or in the same archive, whole numbers or halves."""
    scores, labels = np.random.default_rng(0).normal(size=(40, 3)).astype("f2"), np.arange(40) % 3
    np.save(tmp_path / "p.npy", scores)
    np.save(tmp_path / "y.npy", labels)
    np.savez(tmp_path / "both.npz", logits=scores, labels=labels)
    np.save(tmp_path / "one.npy", 1.0 / (1.0 + np.exp(-scores[:, 0].astype("f8"))))
    np.save(tmp_path / "two.npy", labels % 2 == 1)
    for names in (("p.npy", "y.npy"), ("both.npz",), ("one.npy", "two.npy")):
        assert not modules_of("eval", *(tmp_path / name for name in names), *form) & {"pyarrow", "pandas"}


def test_two_files_by_position_and_csv_rows_need_no_pandas(files: Path) -> None:
    assert "pandas" not in modules_of(
        "eval", files / "f.parquet", files / "l.csv", "-q", "--per-sample", files / "r.csv"
    )
