"""Formats that people hand us and we do not read: said by name, with the line that converts them."""

from __future__ import annotations

from collections.abc import Callable

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.forms.packed import unpacked

_PICKLE = (
    "a Python pickle",
    "to open one is to run code, and celoss never does; if you trust it, pandas.read_pickle(FILE).to_parquet(…) or, of "
    "an array, numpy.save(…, pandas.read_pickle(FILE)); joblib.load reads what joblib wrote",
)

_PICKLED = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))

_MATLAB = (
    "a MATLAB file",
    "write it with -v7.3, which is HDF5, or as .npz: numpy.savez(…, **{k: v.squeeze() for k, v in "
    "scipy.io.loadmat(FILE).items() if k[0] != '_'})",
)

_NETCDF = ("a NetCDF file of the classic form", "xarray.open_dataset(FILE).to_netcdf(…, format='NETCDF4') is HDF5")

_OTHERS = {
    b"PK\x03\x04": ("a zip archive", "unpack it, and name the file in it"),
    b"PARE": ("an encrypted Parquet file", "write its rows without encryption, where the keys are"),
    b"FEA1": ("a Feather file of version 1", "write it as version 2: pyarrow.feather.write_feather(…, version=2)"),
    b"SQLite format 3": ("an SQLite database", "write its rows as CSV: sqlite3 -csv -header FILE 'select …'"),
    **dict.fromkeys(_PICKLED, _PICKLE),
    **dict.fromkeys((b"]q\0", b"}q\0", b"(dp0\n", b"(lp0\n", b"ccopy_reg\n", b"cnumpy", b"cpandas"), _PICKLE),
    b"CDF\x01": _NETCDF,
    b"CDF\x02": _NETCDF,
    b"CDF\x05": _NETCDF,
    b'\x04"M\x18': ("an LZ4 archive", "unpack it with unlz4"),
    b"\xff\x06\0\0sNaPpY": ("compressed with Snappy", "unpack it, or write it with gzip or zstd"),
    b"\x1f\x9d": ("a file of compress (.Z)", "unpack it with uncompress"),
    b"\x89PNG": ("a picture", "name the file of the numbers behind it"),
    b"\xff\xd8\xff": ("a picture", "name the file of the numbers behind it"),
    b"_logits_": (
        "what llama-perplexity keeps for --kl-divergence (rounded to 16 bits, and cut off 16 nats below the largest)",
        "score the text with a server that gives the log-probabilities of the prompt, and name what that wrote",
    ),
    b"GGUF": ("a model (GGUF)", "write its predictions, one row for each sample, and name that file"),
    b"\xd0\xcf\x11\xe0": ("an old document of Office, such as Excel's .xls", "write it as .xlsx or CSV"),
    b"\x89HDF": ("a damaged HDF5 file", "write it again"),
    b"BZh": ("a bzip2 archive", "unpack it with bunzip2"),
    b"\xfd7zXZ": ("an xz archive", "unpack it with unxz"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it, and name the file in it"),
    b"%PDF": ("a PDF document", "write the numbers as CSV or Parquet"),
    b"Obj\x01": ("an Avro file", "write it as Parquet: polars.read_avro(FILE).write_parquet(…)"),
    b"MATLAB 5.0": _MATLAB,
}  # fmt: skip


def _is_records(start: bytes, _: str) -> bool:
    """Whether a file begins with a record of TensorFlow: its length, a checksum, and the first field of a message."""
    return start[3:8] == b"\0\0\0\0\0" and start[:3] != b"\0\0\0" and start[12:13] in (b"\x09", b"\x0a")


_IDX = (b"\x08", b"\x09", b"\x0b", b"\x0c", b"\x0d", b"\x0e")  # the types that it has


def _is_msgpack(start: bytes, _: str) -> bool:
    """Whether a file begins with a map of texts, or with a list of such maps."""
    lists = {0xDC: 3, 0xDD: 5}
    place = lists.get(start[0], 1 if 0x91 <= start[0] <= 0x9F else 0)
    first = start[place : place + 2]
    return len(first) == 2 and 0x81 <= first[0] <= 0x8F and (0xA1 <= first[1] <= 0xBF or first[1] == 0xD9)


def _is_matlab_4(start: bytes, _: str) -> bool:
    """Whether a file begins with a matrix of MATLAB's version 4: its type, its size, and how long its name is."""
    kind, rows, columns, imaginary, name = (int.from_bytes(start[i : i + 4], "little") for i in range(0, 20, 4))
    named = start[20 : 20 + name]
    known = kind <= 52 and imaginary <= 1 and 1 < name < 40 and min(rows, columns) > 0
    return known and named[-1:] == b"\0" and named[:-1].isalnum()


def _is_tar(start: bytes, path: str) -> bool:
    return unpacked(start, path, _TAR_MAGIC + 5)[_TAR_MAGIC:] == b"ustar"


_TAR_MAGIC = 257  # where it stands

# The same, of what does not say so in its first bytes.
_DEEPER: tuple[tuple[Callable[[bytes, str], bool], str, str], ...] = (
    (
        lambda start, _: start[8:12] == b"DUCK",
        "a DuckDB database",
        "write its rows: duckdb FILE \"copy … to 'f.parquet'\"",
    ),
    (_is_records, "a TFRecord or a log of TensorBoard", "write its rows as CSV or Parquet"),
    (_is_tar, "a tar archive", "unpack it, and name the file in it"),
    (lambda start, path: unpacked(start, path).startswith(_PICKLED), *_PICKLE),
    (
        _is_msgpack,
        "a MessagePack file",
        "pandas.DataFrame(msgpack.unpackb(open(FILE, 'rb').read())).to_parquet(…); msgpack.Unpacker for one map a row",
    ),
    (
        lambda start, _: start[:1] == b"\x08",
        "a protocol buffer, such as a model or a tensor of ONNX",
        "of a tensor: numpy.save(…, onnx.numpy_helper.to_array(onnx.load_tensor(FILE))); a model has no predictions",
    ),
    (
        lambda start, _: start[:2] == b"\0\0" and start[2:3] in _IDX and b"\0" < start[3:4] < b"\x09",
        "an IDX file, as MNIST comes in",
        "numpy.save(…, idx2numpy.convert_from_file(FILE))",
    ),
    (_is_matlab_4, *_MATLAB),
    (
        lambda _, path: b"ASCII SPSS PORT FILE" in unpacked(b"", path, 512),
        "a portable file of SPSS (.por)",
        "save it as .sav, or: pyreadstat.read_por(FILE)[0].to_csv(…)",
    ),
)


def refuse_other(path: str, start: bytes) -> None:
    """Raise UnreadableFile for a file of such a format, by its first bytes."""
    named = [(name, instead) for magic, (name, instead) in _OTHERS.items() if start.startswith(magic)]
    named = named[:1] or [(name, instead) for is_it, name, instead in _DEEPER if start and is_it(start, path)][:1]
    for name, instead in named:
        raise UnreadableFile(
            f"is {name}, which celoss does not read", code="unknown_format", where=Where(path), hint=instead
        )
