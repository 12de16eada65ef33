"""Object stores on this machine, for the tests: S3 as moto has it, Google's as gcp-storage-emulator does."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

MOTO = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}")

GOOGLE = (
    *(sys.executable, "-m", "gcp_storage_emulator", "start", "--in-memory", "--default-bucket", "bucket"),
    *("--host", "127.0.0.1", "--port", "{port}"),
)


@contextmanager
def served(command: Sequence[str], put_first: Callable[[str], None]) -> Iterator[str]:
    """Give the address of a server as long as it runs: from when something could be put into it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    words = [word.format(port=port) for word in command]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                try:
                    put_first(address)
                    break
                except urllib.error.URLError:
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()


def make_bucket(address: str) -> None:
    """Make the bucket of an S3."""
    put(f"{address}/bucket", b"")


def put(url: str, content: bytes, **headers: str) -> None:
    """Put an object where its URL says."""
    headers = {"Content-Type": "binary/octet-stream"} | headers
    asked = urllib.request.Request(url, data=content, method="PUT", headers=headers)
    urllib.request.urlopen(asked, timeout=20).close()


def put_google(address: str, name: str = "ready", content: bytes = b"") -> None:
    """Put an object into the bucket of Google's store: what it is and what it holds, as two parts."""
    about = json.dumps({"name": name}).encode()
    kinds = (b"application/json", b"application/octet-stream")
    parts = [b"--=\r\nContent-Type: %s\r\n\r\n%s\r\n" % one for one in zip(kinds, (about, content), strict=True)]
    asked = urllib.request.Request(
        f"{address}/upload/storage/v1/b/bucket/o?uploadType=multipart",
        data=b"".join([*parts, b"--=--\r\n"]),
        headers={"Content-Type": 'multipart/related; boundary="="'},
    )
    urllib.request.urlopen(asked, timeout=20).close()
