"""Files that are odd, damaged or changing, and names of files that are none: one line, code 3 or 2, in bounded time."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli.errors import UnreadableFile
from celoss_cli.outputs import files
from celoss_cli.tables.mapped import unmapped
from running import SCRIPT, Run, run, run_script

ROWS = 40
P = np.random.default_rng(0).random(ROWS)
Y = (np.random.default_rng(1).random(ROWS) < P).astype(np.int64)
PLAIN = "p,y\n" + "".join(f"{p:.4f},{y}\n" for p, y in zip(P, Y, strict=True))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with predictions in ``plain.csv``; the working directory."""
    monkeypatch.chdir(tmp_path)
    Path("plain.csv").write_text(PLAIN)
    return tmp_path


def refused(done: Run, code: int = 3) -> str:
    """The error of a run that ended as it should, with a hint and without output."""
    assert (done.code, done.out) == (code, ""), done.err
    error, hint = done.err.splitlines()
    assert hint.startswith("hint: ")
    return error.removeprefix("error: ")


def not_utf8(values: list[bytes]) -> pa.Array:
    """An array of text that is none, as a careless writer of Parquet leaves it."""
    return pa.Array.from_buffers(pa.string(), len(values), pa.array(values, pa.binary()).buffers())


@pytest.mark.parametrize("column", ["label", "note"])
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_text_that_is_not_utf8(column: str, form: str, here: Path) -> None:  # noqa: ARG001
    texts = not_utf8([b"\xff\xfe" if y else b"ok" for y in Y])
    table = pa.table({"p": P, **({} if column == "label" else {"label": Y}), column: texts})
    if form == "parquet":
        pq.write_table(table, "f")
    else:
        with pa.ipc.new_file("f", table.schema) as writer:
            writer.write_table(table)
    assert "Invalid UTF8" in refused(run("eval", "f"))


def npz(*members: tuple[str, np.ndarray]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, array in members:
            member = io.BytesIO()
            np.save(member, array)
            archive.writestr(name, member.getvalue())
    return held.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(here: Path) -> None:  # noqa: ARG001
    Path("f.npz").write_bytes(npz(("probs.npy", P), ("labels.npy", Y), ("probs.npy", 1.0 - P)))
    assert refused(run("eval", "f.npz")) == "f.npz: holds 'probs' twice, and nothing says which of them is meant"


def test_a_header_of_more_than_any_file_holds(here: Path) -> None:  # noqa: ARG001
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,), }".ljust(117) + b"\n"
    Path("f.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(800))
    done = run_script("eval", "f.npy", "plain.csv")
    assert refused(done).startswith("f.npy: is not a readable NumPy file: ")


@pytest.mark.parametrize("codec", ["rot13", "zlib", "hex", "base64", "bz2", "quopri", "uu", "undefined"])
def test_codecs_that_are_not_of_text(codec: str, here: Path) -> None:  # noqa: ARG001
    error = refused(run("eval", "plain.csv", "--encoding", codec), 2)
    assert error == f"--encoding {codec!r} is not an encoding that Python knows"


def test_a_nested_configuration(here: Path) -> None:  # noqa: ARG001
    Path("celoss.toml").write_text("x = " + "[" * 600 + "]" * 600 + "\n")
    assert refused(run("eval", "plain.csv"), 2).startswith("celoss.toml: the configuration cannot be read: ")


@pytest.mark.parametrize(
    "options", [["--report", "r.json"], ["--per-sample", "rows.csv"], ["--save-baseline", "b.json"]]
)
def test_outputs_in_a_working_directory_that_is_gone(options: list[str], here: Path) -> None:
    gone = here / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    error = refused(run("eval", str(here / "plain.csv"), *options))
    assert error == f"{options[1]}: cannot be written: No such file or directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("named", ["pipe.csv", "*.csv", "p*.csv"])
def test_a_pipe_is_refused_at_once(named: str, here: Path) -> None:
    os.mkfifo(here / "pipe.csv")
    error = refused(run_script("eval", named))
    assert error.endswith("pipe.csv: is a pipe or a device: it cannot be read twice")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_side_files_that_never_end(here: Path) -> None:
    (here / "weights.json").symlink_to("/dev/zero")
    assert "more than 256 MiB" in refused(run("eval", "plain.csv", "--baseline", "/dev/zero"))
    assert "more than 64 MiB" in refused(run("eval", "plain.csv", "--class-weight", "weights.json"))


def test_a_million_equal_names_are_told_in_a_line(here: Path) -> None:
    (here / "f.csv").write_text("," * 100_000 + "\n" + "0.5," * 100_000 + "1\n")
    error = refused(run("eval", "f.csv"))
    assert error.endswith("the column name '' stands at positions 1, 2, 3, 4, 5, 6, 7, 8 … (100001 in all)")


# Arrays in files that become shorter


ORDERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "backwards": lambda array: np.ascontiguousarray(array[::-1]),
}


@pytest.mark.parametrize("shape", [(60,), (60, 1), (60, 7), (12, 4, 3, 5)], ids=str)
@pytest.mark.parametrize("order", ORDERS)
def test_pieces_of_a_file_are_those_of_the_array(order: str, shape: tuple[int, ...], here: Path) -> None:  # noqa: ARG001
    array = ORDERS[order](np.random.default_rng(2).random(shape))
    np.save("a.npy", array)
    mapped = np.load("a.npy", mmap_mode="r")
    for view, same in (
        (mapped, array),
        (mapped[3:9], array[3:9]),
        (mapped[::-1][2:5], array[::-1][2:5]),
        (np.moveaxis(mapped, -1, 0)[:1], np.moveaxis(array, -1, 0)[:1]),
    ):
        piece = unmapped(view)
        assert not isinstance(piece, np.memmap)
        assert piece.dtype == same.dtype
        np.testing.assert_array_equal(piece, same)


def test_what_is_in_memory_is_handed_on() -> None:
    array = np.arange(6.0).reshape(2, 3)
    assert unmapped(array) is array


def test_a_file_that_was_cut_short_is_an_error(here: Path) -> None:
    np.save("a.npy", np.random.default_rng(3).random((1000, 8)))
    mapped = np.load("a.npy", mmap_mode="r")
    os.truncate(here / "a.npy", 5000)
    np.testing.assert_array_equal(unmapped(mapped[:10]).shape, (10, 8))
    with pytest.raises(UnreadableFile, match=r"a\.npy: became shorter while it was being read"):
        unmapped(mapped[500:600])
    (here / "a.npy").unlink()
    with pytest.raises(UnreadableFile, match=r"a\.npy: cannot be read any more"):
        unmapped(mapped[:10])


# Reports of an earlier run


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file that takes a while: 800,000 rows of text."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    path.write_text("p,y\n" + PLAIN.partition("\n")[2] * 20_000)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("name", ["r.json", "r.xml", "r.html", "r.md", "r.prom", "r.metrics.json"])
def test_a_killed_run_leaves_no_pass_of_an_earlier_one(name: str, here: Path, large: str) -> None:  # noqa: ARG001
    assert run("eval", "plain.csv", "-q", "--max-loss", "9", "--report", name).code == 0
    passed = Path(name).read_text()
    command = [SCRIPT, "eval", large, "-q", "--max-loss", "9", "--report", name, "--threads", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 30
        while Path(name).read_text() == passed and time.monotonic() < until and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    held = Path(name).read_text()
    assert held != passed
    if process.returncode == -signal.SIGKILL:  # on a machine where it did not end before
        assert "did not end" in held or name in ("r.prom", "r.metrics.json")
        assert "PASS" not in held
        assert '"gate_passed": 1' not in held
        assert "passed 1" not in held


def test_options_that_turn_out_wrong_leave_no_pass(here: Path) -> None:  # noqa: ARG001
    assert run("eval", "plain.csv", "-q", "--max-loss", "9", "--report", "r.json").code == 0
    done = run("eval", "plain.csv", "-q", "--max-loss", "9", "--report", "r.json", "--where", "nowhere=1")
    assert done.code in (2, 3)
    assert '"error"' in Path("r.json").read_text()


def test_a_run_that_ends_replaces_the_mark(here: Path) -> None:  # noqa: ARG001
    for _ in range(2):
        assert run("eval", "plain.csv", "-q", "--max-loss", "9", "--report", "r.json", "--report", "r.md").code == 0
        assert "unfinished" not in Path("r.json").read_text()
        assert "PASS" in Path("r.md").read_text()


# Found by hand


@pytest.mark.parametrize(
    ("encoding", "text", "loss"),
    [
        ("utf-7", b"y,p\n1,0.9\n0,0.1\n0,+ADA.2", 0.8),  # the last digit after a shift, and one that ends the file
        ("utf-7", b"p,y\n0.9,1\n0.1,0\n0.2,+ADA", 0.8),
    ],
)
def test_the_last_characters_of_a_file_are_read(encoding: str, text: bytes, loss: float, here: Path) -> None:
    (here / "f.csv").write_bytes(text)
    expected = -(2 * np.log(0.9) + np.log(loss)) / 3
    assert run("eval", "f.csv", "--encoding", encoding, "-q").mean == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("encoding", ["idna", "punycode"])
def test_an_encoding_of_host_names_is_none_of_files(encoding: str, here: Path) -> None:  # noqa: ARG001
    assert "is not an encoding" in refused(run("eval", "plain.csv", "--encoding", encoding), code=2)


def test_halves_of_surrogate_pairs_stay_apart(here: Path) -> None:
    labels = ["\\ud800", "\\ud801", "?"]
    (here / "f.jsonl").write_text("".join(f'{{"p":0.{row + 2},"y":"{y}"}}\n' for row, y in enumerate(labels)))
    error = refused(run("eval", "f.jsonl"))
    assert "3 labels: '?', '\\\\ud800', '\\\\ud801'" in error


def test_cells_without_any_score(here: Path) -> None:  # noqa: ARG001
    cells = pa.array([[] for _ in Y], pa.map_(pa.string(), pa.float64()))
    pq.write_table(pa.table({"m": cells, "y": Y}), "f.parquet")
    assert "its vectors have 0 elements" in refused(run("eval", "f.parquet"))


@pytest.mark.parametrize("behind", [b"\0" * 8, None, b"x"], ids=["zeros", "a second stream", "a letter"])
def test_what_follows_an_arrow_stream(behind: bytes | None, here: Path) -> None:  # noqa: ARG001
    sink = io.BytesIO()
    table = pa.table({"p": P, "y": Y})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    stream = sink.getvalue()
    Path("f.arrows").write_bytes(stream + (stream if behind is None else behind))
    assert "end mark" in refused(run("eval", "f.arrows", "-q"))


def hdf5() -> Any:
    return pytest.importorskip("h5py")


@pytest.mark.parametrize("kind", ["virtual", "external", "link"])
def test_hdf5_opens_no_other_file(kind: str, here: Path) -> None:
    h5py = hdf5()
    with h5py.File("other.h5", "w") as file:
        file["p"] = P
    with h5py.File("f.h5", "w") as file:
        file["y"] = Y
        if kind == "virtual":
            layout = h5py.VirtualLayout((ROWS,), "f8")
            layout[:] = h5py.VirtualSource("other.h5", "p", shape=(ROWS,))
            file.create_virtual_dataset("p", layout)
        elif kind == "external":
            P.tofile(here / "raw")
            file.create_dataset("p", shape=(ROWS,), dtype="f8", external=[("raw", 0, 8 * ROWS)])
        else:
            file["p"] = h5py.ExternalLink("other.h5", "/p")
    error = refused(run("eval", "f.h5"))
    assert "no column" in error if kind == "link" else "are in another file" in error


def test_hdf5_values_of_the_same_file_and_images_elsewhere(here: Path) -> None:  # noqa: ARG001
    h5py = hdf5()
    with h5py.File("f.h5", "w") as file:
        file["y"] = Y
        file["stored"] = np.stack([P, P], 1)
        inside = h5py.VirtualLayout((ROWS,), "f8")
        inside[:] = h5py.VirtualSource(".", "stored", shape=(ROWS, 2))[:, 0]
        file.create_virtual_dataset("p", inside)
        images = h5py.VirtualLayout((ROWS, 2, 2), "f8")
        images[:] = h5py.VirtualSource("images.h5", "image", shape=(ROWS, 2, 2))
        file.create_virtual_dataset("image", images)
    mean = run("eval", "f.h5", "-q", "--pred", "p", "--label", "y").mean
    assert mean == pytest.approx(-np.log(np.where(Y == 1, P, 1 - P)).mean(), rel=1e-12)


def test_hdf5_that_declares_more_than_it_holds(here: Path) -> None:  # noqa: ARG001
    h5py = hdf5()
    with h5py.File("f.h5", "w") as file:
        for name, kind in (("p", "f8"), ("y", "i8")):
            file.create_dataset(name, (2**40,), chunks=(1024,), dtype=kind)
    for command in ("eval", "inspect", "diagnose"):
        done = run(command, "f.h5")
        assert done.code == 3
        assert "1,099,511,627,776 values, and 0 bytes are stored for them" in done.err


@pytest.mark.parametrize(
    "content",
    [
        r'{"label": "a", "prob": {"a\ud800": 0.9, "b": 0.1}}',
        r'{"lab\ud800": "a", "prob": 0.9, "label": 1}',
        r'{"p_a\ud800": [0.9, 0.2], "p_b": [0.1, 0.8], "label": ["a", "b"]}',
    ],
)
def test_a_key_with_half_of_a_surrogate_pair(content: str, here: Path) -> None:  # noqa: ARG001
    Path("f.json").write_text(content)
    for command in ("eval", "inspect"):
        assert "half of a surrogate pair" in run(command, "f.json").err


def workbook() -> Any:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    for row in [("p", "y"), (0.9, 1), (0.2, 0)]:
        book.active.append(row)
    return book


def test_a_sheet_that_goes_on_to_the_last_cell(here: Path) -> None:  # noqa: ARG001
    book = workbook()
    book.save("f.xlsx")
    assert run("eval", "f.xlsx", "-q").mean == pytest.approx(-np.log(0.72) / 2, rel=1e-12)
    book.active.cell(1048576, 16384, "x")
    book.save("f.xlsx")
    assert "1,048,576 rows and 16,384 columns, 17,179,869,184 cells" in refused(run("eval", "f.xlsx"))


def test_a_sheet_that_only_says_that_it_is_the_largest(here: Path) -> None:  # noqa: ARG001
    book = workbook()
    book.save("small.xlsx")
    with zipfile.ZipFile("small.xlsx") as small, zipfile.ZipFile("f.xlsx", "w") as file:
        for name in small.namelist():
            file.writestr(name, small.read(name).replace(b'ref="A1:B3"', b'ref="A1:XFD1048576"'))
    assert run("eval", "f.xlsx", "-q").mean == pytest.approx(-np.log(0.72) / 2, rel=1e-12)


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "plain.csv", "--plots", ""],
        ["eval", "plain.csv", "--save-baseline", ""],
        ["state", "plain.csv", "-o", ""],
        ["calibrate", "fit", "plain.csv", "-o", ""],
    ],
)
def test_an_output_without_a_name(arguments: list[str], here: Path) -> None:
    before = set(here.iterdir())
    assert "is empty" in refused(run(*arguments), code=2)
    assert set(here.iterdir()) == before


def test_pictures_in_a_directory_whose_name_is_too_long(here: Path) -> None:  # noqa: ARG001
    assert "File name too long" in refused(run("eval", "plain.csv", "--plots", "x" * 300))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_report_to_a_pipe(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(files, "_PATIENCE", 0.1)
    os.mkfifo("f.json")
    done = run("eval", "plain.csv", "-q", "--report", "f.json")
    assert done.code == 3
    assert "f.json: is a pipe that nobody reads" in done.err
    with subprocess.Popen(["cat", "f.json"], stdout=subprocess.PIPE) as reader:
        monkeypatch.setattr(files, "_PATIENCE", 30.0)
        assert run("eval", "plain.csv", "-q", "--report", "f.json").code == 0
        assert b'"schema": "celoss.evaluation"' in reader.communicate()[0]


@pytest.mark.parametrize(
    "variable", ["PYTHONIOENCODING=ascii", "COLUMNS=99999999", "COLUMNS=-5", "TERMINAL_WIDTH=x", "MAX_WIDTH=0"]
)
def test_help_in_a_strange_environment(variable: str) -> None:
    name, _, value = variable.partition("=")
    done = run_script("eval", "--help", env={**os.environ, name: value})
    assert (done.code, done.err) == (0, "")
    assert "--max-loss" in done.out


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs devices")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["eval", "plain.csv", "--config", "/dev/zero"], 2),
        (["merge", "/dev/zero"], 3),
        (["history", "/dev/zero"], 3),
    ],
)
def test_a_device_that_never_ends(arguments: list[str], code: int, here: Path) -> None:  # noqa: ARG001
    assert "/dev/zero: " in refused(run(*arguments), code=code)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_configuration_that_is_no_file_is_an_error(kind: str, here: Path) -> None:
    if kind == "pipe":
        os.mkfifo("celoss.toml")
    else:
        (here / "celoss.toml").symlink_to("/dev/zero")
    assert "celoss.toml: is a pipe or a device" in refused(run("eval", "plain.csv"), code=2)
    assert run("eval", "plain.csv", "--no-config").code == 0


@pytest.mark.parametrize("option", ["--min-rows", "--max-infinite", "--slice-min-rows"])
def test_a_limit_of_hundreds_of_digits(option: str, here: Path) -> None:  # noqa: ARG001
    assert "has too many digits" in refused(run("eval", "plain.csv", option, "9" * 400), code=2)


def test_samples_without_end(here: Path) -> None:  # noqa: ARG001
    said = refused(run("compare", "plain.csv", "plain.csv", "--bootstrap", "9" * 400), code=2)
    assert "at most 10,000,000" in said


@pytest.mark.parametrize("variables", [{}, {"COMP_WORDS": "celoss ev", "COMP_CWORD": "x"}])
def test_completion_that_no_shell_asked_for(variables: dict[str, str]) -> None:
    done = run_script(env={**os.environ, "_CELOSS_COMPLETE": "complete_bash", **variables})
    assert "_CELOSS_COMPLETE is set" in refused(done, code=2)


def test_nowhere_for_temporary_files(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    def nowhere() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PLAIN.encode())))
    assert "no directory for temporary files" in refused(run("eval", "-", "--file-format", "csv"))
