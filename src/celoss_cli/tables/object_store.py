"""Objects in S3 and Google Cloud Storage, through pyarrow's file systems: found by URL, prefix or pattern.

Settings and credentials are those of the environment, as every tool of these stores takes them. Nothing waits for long:
connections and retries are cut short, since a command line that hangs says nothing.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.fs

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.tables.folders import DELTA_LOG, StoredFolder, shown

_WILD = re.compile(r"[*?\[]")

_CONNECT_SECONDS = 5.0

_REQUEST_SECONDS = 30.0

_ATTEMPTS = 3

_GOOGLE_SECONDS = 8

_CHUNK = 8 << 20

_LINE = 64 << 10


# What the stores' errors hold, what that means, and what to do about it. The first that fits is said.
_REASONS = (
    (("NO_SUCH_BUCKET", "bucket does not exist", "NoSuchBucket"), "there is no such bucket", "check its name"),
    (
        ("OAuth2 access token",),
        "there are no Google credentials, or nothing can be reached to check them",
        "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS=FILE; and check the network",
    ),
    (
        ("ACCESS_DENIED", "INVALID_ACCESS_KEY", "SIGNATURE_DOES_NOT_MATCH", "INVALID_SIGNATURE", "EXPIRED",
         "PERMISSION_DENIED", "UNAUTHENTICATED", "HTTP status 403", "HTTP status 401"),
        "access is denied",
        "check the credentials (AWS_PROFILE or AWS_ACCESS_KEY_ID, GOOGLE_APPLICATION_CREDENTIALS) and their rights",
    ),
    (
        ("NETWORK_CONNECTION", "UNAVAILABLE", "curlCode", "CURL error", "Connection refused", "DEADLINE_EXCEEDED"),
        "the store cannot be reached",
        "check the network, AWS_ENDPOINT_URL and AWS_REGION",
    ),
    (("NOT_FOUND", "NO_SUCH_KEY", "does not exist"), "there is no such object", "check the path; patterns need quotes"),
)  # fmt: skip


class StoredObject(NamedTuple):
    """One object: its URL, and how to open it."""

    url: str
    system: Any
    path: str

    def opened(self) -> Any:
        """Return the object as a file that can be read anywhere, each read a request."""
        with store_errors(self.url):
            return self.system.open_input_file(self.path)

    def chunks(self) -> Iterator[bytes]:
        """Yield all of the object, in few and large requests."""
        with store_errors(self.url), self.system.open_input_stream(self.path) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


class Found(NamedTuple):
    """What a URL means: the objects and, of a prefix or a pattern, the folder or folders."""

    system: Any
    objects: tuple[str, ...] = ()
    folders: tuple[StoredFolder, ...] = ()

    def object(self, url: str) -> StoredObject:
        """Return one by its URL."""
        return StoredObject(url, self.system, url.partition("://")[2])

    def first_line(self, url: str) -> bytes:
        """Return the first line of an object of text."""
        stored = self.object(url)
        with store_errors(url), stored.opened() as file:
            start: bytes = file.read(_LINE)
        return start.partition(b"\n")[0].strip()


def find_stored(url: str) -> Found:
    """Return the object of a URL, or what lies under a prefix, or what matches a pattern.

    Raises UsageError for a URL without a bucket, UnreadableFile where there is nothing, or the store says no.
    """
    scheme, _, path = url.partition("://")
    path = path.strip("/")
    bucket = urlsplit(url).netloc
    if not bucket:
        raise UsageError(f"{url} names no bucket", code="no_bucket", hint=f"{scheme}://BUCKET/PATH")
    with store_errors(url):
        system = _file_system(scheme)
        try:
            found = _found(system, scheme, path)
        except OSError as error:
            located = re.search(r"bucket is located in '([\w-]+)'", str(error))
            if located is None:
                raise
            system = _file_system(scheme, region=located[1])
            found = _found(system, scheme, path)
    if found is None:
        with store_errors(url):
            known = system.get_file_info(bucket).type != pa.fs.FileType.NotFound
        raise UnreadableFile(
            f"there is no such {'object' if known else 'bucket'}",
            code="no_such_file",
            where=Where(url),
            hint="check the path; patterns need quotes",
        )
    if not found.objects and not found.folders:
        raise UnreadableFile(
            "no object matches",
            code="no_files",
            where=Where(url),
            hint="name an object, a prefix that holds the parts of one table, or a quoted pattern",
        )
    return found


def _found(system: Any, scheme: str, path: str) -> Found | None:
    """Return what a path means; ``None`` where there is neither object nor prefix."""
    kinds = pa.fs.FileType
    info = system.get_file_info(path)
    if info.type == kinds.File:
        return Found(system, (f"{scheme}://{path}",))
    if info.type == kinds.Directory:
        return Found(system, folders=(_folder(system, scheme, path),))
    wild = _WILD.search(path)
    if wild is None or "/" not in path[: wild.start()]:
        return None
    base = path[: path.rindex("/", 0, wild.start())]
    deep = "/" in path[wild.start() :]
    entries = system.get_file_info(pa.fs.FileSelector(base, recursive=deep, allow_not_found=True))
    files = [entry.path for entry in entries if entry.type == kinds.File and _matches(entry.path, path)]
    if files:
        return Found(system, tuple(f"{scheme}://{name}" for name in files))
    entries = system.get_file_info(pa.fs.FileSelector(base, recursive=True, allow_not_found=True))
    depth = path.count("/") + 1
    starts = dict.fromkeys("/".join(entry.path.split("/")[:depth]) for entry in entries if entry.type == kinds.File)
    return Found(system, folders=tuple(_folder(system, scheme, one) for one in starts if _matches(one, path)))


def _folder(system: Any, scheme: str, path: str) -> StoredFolder:
    """Return the objects under a prefix: those right under it if they are data, else all, however far below.

    Google's store lists no folders, so that only all objects tell whether there is a log among them.
    """
    kinds = pa.fs.FileType
    entries = system.get_file_info(pa.fs.FileSelector(path, recursive=scheme == "gs"))
    if scheme != "gs":
        names = [entry.base_name for entry in entries if entry.type == kinds.File]
        special = {DELTA_LOG, "metadata", ".hoodie"} & {one.base_name for one in entries if one.type == kinds.Directory}
        if special or not shown(names) or set(names) & {"dataset_dict.json"}:
            entries = system.get_file_info(pa.fs.FileSelector(path, recursive=True))
    start = f"{path}/"
    files = {entry.path.removeprefix(start): entry.size for entry in entries if entry.type == kinds.File}
    folders = {entry.path.removeprefix(start).partition("/")[0] for entry in entries if entry.type == kinds.Directory}

    def read(url: str) -> bytes:
        return b"".join(StoredObject(url, system, url.partition("://")[2]).chunks())

    return StoredFolder(f"{scheme}://{path}", files, read, tuple(folders))


def _matches(path: str, pattern: str) -> bool:
    """Whether a path matches a pattern, whose marks stand for no slash."""
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def _file_system(scheme: str, region: str | None = None) -> Any:
    if scheme == "gs":
        limit = timedelta(seconds=_GOOGLE_SECONDS)
        emulator = os.environ.get("STORAGE_EMULATOR_HOST")  # as Google's own libraries take it
        if not emulator:
            return pa.fs.GcsFileSystem(retry_time_limit=limit)
        parts = urlsplit(emulator if "://" in emulator else f"http://{emulator}")
        return pa.fs.GcsFileSystem(
            anonymous=True, scheme=parts.scheme, endpoint_override=parts.netloc, retry_time_limit=limit
        )
    options: dict[str, Any] = {}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
        options |= {"scheme": parts.scheme, "endpoint_override": parts.netloc}
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region or endpoint:  # a store of one's own has no regions; without a name the SDK would ask EC2 for one
        options["region"] = region or "us-east-1"
    return pa.fs.S3FileSystem(
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_REQUEST_SECONDS,
        retry_strategy=pa.fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
        **options,
    )


@contextmanager
def store_errors(url: str) -> Iterator[None]:
    """Turn what a store says into UnreadableFile about ``url``."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        text = " ".join(str(error).split())
        message, hint = f"cannot be read: {text[:200]}", "check the path and the credentials"
        for marks, reason, advice in _REASONS:
            if any(mark.casefold() in text.casefold() for mark in marks):
                message, hint = reason, advice
                break
        raise UnreadableFile(message, code="object_store", where=Where(url), hint=hint) from error
