"""Parquet: the same numbers for every physical form of a column, batches with rows counted from the partition."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import InvalidScores, UnreadableFile
from celoss_cli.errors import Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrow.parquet import ParquetTable, open_parquet
from celoss_cli.tables.opening import open_table
from celoss_cli.tables.source import Kind, Need
from running import run

SCORES = [[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]


def opened(directory: Path, table: pa.Table, **options: object):  # type: ignore[no-untyped-def]
    pq.write_table(table, directory / "f.parquet", **options)
    return open_parquet(str(directory / "f.parquet"))


@pytest.mark.parametrize("value", [pa.float64(), pa.float32(), pa.float16()])
@pytest.mark.parametrize("size", [-1, 3])
@pytest.mark.parametrize("large", [False, True])
def test_vectors_of_every_type(value: pa.DataType, size: int, large: bool, tmp_path: Path) -> None:
    cells = [np.array(row, dtype=value.to_pandas_dtype()) for row in SCORES]
    kind = pa.large_list(value) if large and size < 0 else pa.list_(value, size)
    table = opened(tmp_path, pa.table({"p": pa.array(cells, kind)}), row_group_size=3)
    assert table.columns[0].kind is Kind.VECTOR
    matrices = [b.matrix("p") for part in table.partitions() for b in part.batches({"p": Need.NUMBER})]
    assert np.concatenate(matrices).tolist() == SCORES


def test_null_vectors_and_elements_are_nan(tmp_path: Path) -> None:
    table = opened(tmp_path, pa.table({"p": pa.array([[1.0, 2.0], None, [3.0, None]])}))
    matrix = table.head().matrix("p")
    assert np.isnan(matrix).tolist() == [[False, False], [True, True], [False, True]]


@pytest.mark.parametrize("row", [0, 1, 70_000])
def test_a_ragged_vector_is_counted_from_its_partition(row: int, tmp_path: Path) -> None:
    cells = [[0.5, 0.5]] * 70_002
    cells[row] = [0.5]
    table = opened(tmp_path, pa.table({"p": cells}))
    expected = 1 if row == 0 else row  # the first vector is what the others are held against
    with pytest.raises(InvalidScores, match="elements, not") as found:
        list(next(iter(table.partitions())).batches({"p": Need.NUMBER}))
    assert found.value.where is not None
    assert (found.value.where.row, found.value.where.column) == (expected, "p")


def test_text_is_read_as_numbers_where_numbers_are_needed(tmp_path: Path) -> None:
    for column in (
        pa.array(["1", " 2.5e-3 ", "", None, "-inf"]),
        pa.array(["1", "2.5e-3", "NA", None, "-inf"]).dictionary_encode(),
    ):
        table = opened(tmp_path, pa.table({"p": column}))
        (batch,) = (b for part in table.partitions() for b in part.batches({"p": Need.NUMBER}))
        assert str(batch.numbers("p").tolist()) == "[1.0, 0.0025, nan, nan, -inf]"


@pytest.mark.parametrize("cell", ["x", "1,5", "0x10", "1_000", "١"])
def test_text_that_is_no_number(cell: str, tmp_path: Path) -> None:
    table = opened(tmp_path, pa.table({"p": ["1", cell]}))
    with pytest.raises(InvalidScores, match="is not a number") as found:
        list(next(iter(table.partitions())).batches({"p": Need.NUMBER}))
    assert found.value.where is not None
    assert found.value.where.row == 1


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([1]), Kind.NUMBER),
        (pa.array([True]), Kind.BOOLEAN),
        (pa.array(["a"]), Kind.TEXT),
        (pa.array([[1.0]]), Kind.VECTOR),
        (pa.array([["a"]]), Kind.NESTED),
        (pa.array([{"a": 1}]), Kind.NESTED),
        (pa.array([None]), Kind.OTHER),
        (pa.array([b"a"]), Kind.OTHER),
        (pa.array(["a"]).dictionary_encode(), Kind.TEXT),
    ],
)
def test_kinds(column: pa.Array, kind: Kind, tmp_path: Path) -> None:
    assert opened(tmp_path, pa.table({"c": column})).columns[0].kind is kind


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"p": [0.5] * 100}), path)
    whole = path.read_bytes()
    for length in range(4, len(whole), 37):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadableFile, match="not a readable Parquet file"):
            open_parquet(str(path))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process that ended, in KiB")
def test_a_page_takes_no_more_memory_than_the_file_has(tmp_path: Path) -> None:
    file = tmp_path / "f.parquet"
    pq.write_table(pa.table({"p": [0.1, 0.9], "label": [0, 1]}), file, compression="none", use_dictionary=False)
    sizes = file.read_bytes()[6:10]  # of a page, before and after compression: equal here
    assert (sizes[:2], len(set(sizes))) == (sizes[2:], 2)
    two_gigabytes = b"\x15\xfe\xff\xff\xff\x0f"
    file.write_bytes(file.read_bytes().replace(sizes, two_gigabytes * 2, 1))
    code = """if True:
        import sys
        from celoss_cli.cli.app import app
        from celoss_cli.cli.boundary import exit_code_of
        code = exit_code_of(app, ["eval", sys.argv[1]])
        print(int(code), next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
    """
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=True)
    assert "not a readable Parquet file" in done.stderr
    ended, _, peak, _ = done.stdout.split()
    assert (int(ended), int(peak) < 300 << 10) == (3, True), done.stdout


def test_row_groups_are_the_partitions(tmp_path: Path) -> None:
    values = np.arange(300_000.0)
    pq.write_table(pa.table({"x": values}), tmp_path / "f.parquet", row_group_size=140_000)
    partitions = list(open_parquet(str(tmp_path / "f.parquet")).partitions())
    assert [partition.rows for partition in partitions] == [partition.size for partition in partitions]
    assert [partition.rows for partition in partitions] == [140_000, 140_000, 20_000]
    found = [batch.numbers("x") for partition in partitions for batch in partition.batches({"x": Need.NUMBER})]
    assert np.array_equal(np.concatenate(found), values)


def test_a_fault_is_counted_from_the_start_of_the_row_group(tmp_path: Path) -> None:
    texts = pa.array(["0.5"] * 599_990 + ["half"] + ["0.5"] * 9)
    pq.write_table(pa.table({"x": texts}), tmp_path / "f.parquet", row_group_size=300_000)
    *_, last = open_parquet(str(tmp_path / "f.parquet")).partitions()
    with pytest.raises(InvalidScores) as caught:
        list(last.batches({"x": Need.NUMBER}))
    assert caught.value.where == Where(str(tmp_path / "f.parquet"), 299_990, None, "x")


@pytest.mark.parametrize("open_footer", [False, True])
def test_encrypted_files_are_called_so(open_footer: bool, tmp_path: Path) -> None:
    import base64

    encryption = pytest.importorskip("pyarrow.parquet.encryption")

    class Keys(encryption.KmsClient):  # type: ignore[misc, name-defined]
        def wrap_key(self, key: bytes, name: str) -> bytes:  # noqa: ARG002
            return base64.b64encode(key)

        def unwrap_key(self, key: bytes, name: str) -> bytes:  # noqa: ARG002
            return base64.b64decode(key)

    settings = encryption.EncryptionConfiguration(
        footer_key="a", column_keys={"b": ["y", "p"]}, plaintext_footer=open_footer
    )
    factory = encryption.CryptoFactory(lambda _: Keys())
    secret = factory.file_encryption_properties(encryption.KmsConnectionConfig(), settings)
    table = pa.table({"y": [0, 1], "p": [0.2, 0.8]})
    with pq.ParquetWriter(tmp_path / "f", table.schema, encryption_properties=secret) as writer:
        writer.write_table(table)
    with pytest.raises(UnreadableFile, match="is an encrypted Parquet file"):
        open_table(str(tmp_path / "f"), ReadOptions()).head()


def test_a_row_group_of_another_type_than_the_schema_is_not_asked_for_more(tmp_path: Path) -> None:
    """The footers of two sound files as one: of a damaged one Arrow's answer would be the end of the process."""
    for name, value in (("whole", pa.int64()), ("broken", pa.float64())):
        pq.write_table(pa.table({"p": pa.array([0, 1], value)}), tmp_path / f"{name}.parquet")
    whole, broken = (pq.read_metadata(tmp_path / f"{name}.parquet") for name in ("whole", "broken"))
    table = open_parquet(str(tmp_path / "whole.parquet"))
    assert isinstance(table, ParquetTable)
    assert [chunk.physical_type for chunk in table.chunks_of("p")] == ["INT64"]
    assert not list(table.chunks_of("q"))
    footer: Any = SimpleNamespace(schema=whole.schema, num_row_groups=1, row_group=broken.row_group)
    with pytest.raises(UnreadableFile, match=r"column 'p': its schema says INT64, and row group 0 DOUBLE"):
        list(ParquetTable(table.path, footer, table.columns).chunks_of("p"))


def test_small_row_groups_that_follow_each_other_are_read_as_one(tmp_path: Path) -> None:
    table = opened(tmp_path, pa.table({"p": np.arange(200_000) / 200_000}), row_group_size=1_000)
    parts = list(table.partitions())
    assert len(parts) == 4
    assert sum(part.rows or 0 for part in parts) == 200_000
    read = [batch.numbers("p") for part in parts for batch in part.batches({"p": Need.NUMBER})]
    assert np.concatenate(read).tolist() == (np.arange(200_000) / 200_000).tolist()
    large = opened(tmp_path, pa.table({"p": np.zeros(200_000)}), row_group_size=100_000)
    assert [part.rows for part in large.partitions()] == [100_000, 100_000]


def test_statistics_of_half_floats_are_told_from_the_rows(tmp_path: Path) -> None:
    half = pa.array(np.array([0.25, 0.75, 0.5]), pa.float16())
    pq.write_table(pa.table({"label": [0, 1, 1], "p": half, "weight": half}), tmp_path / "f.parquet")
    found = run("inspect", tmp_path / "f.parquet")
    assert (found.code, "0.25 to 0.75" in found.out) == (0, True), found.err
