"""The stores: a folder and a real S3 server keep alike what they are given; faults are told."""

import errno
import pickle
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.archive import FolderSettings, S3Settings, StoreSettings
from recording.disk import Disk
from recording.errors import StoreUnavailable
from recording.stores.folder import FolderStore
from recording.stores.opening import open_stores
from recording.stores.port import Store
from recording.stores.s3 import S3Store
from tests.fakes.object_store import ObjectStore

NAME = "2031/07/04/rec-1.wav.sealed"
LARGE = bytes(range(256)) * 50_000  # 12.8 MB: three parts of an upload


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return FolderStore("local", tmp_path / "archive")
    server: ObjectStore = request.getfixturevalue("object_store")
    return S3Store("offsite", server.settings(prefix=tmp_path.name))


def content(store: Store, start: int = 0, end: int = 1 << 30) -> bytes:
    return b"".join(store.get(NAME, start, end))


def in_blocks(whole: bytes, step: int = 70_001) -> Iterator[memoryview]:
    return (memoryview(whole)[at : at + step] for at in range(0, len(whole), step))


def test_what_is_put_is_there_whole_and_in_parts_until_it_is_deleted(store: Store) -> None:
    assert store.size(NAME) is None
    assert list(store.files()) == []

    store.put(NAME, in_blocks(LARGE))

    assert store.size(NAME) == len(LARGE)
    assert content(store, 0, len(LARGE)) == LARGE
    assert content(store, 6_000_001, 6_000_009) == LARGE[6_000_001:6_000_009]
    assert content(store, 5, 5) == b""
    assert list(store.files()) == [NAME]

    store.put(NAME, [b"sho", b"rt"])

    assert content(store, 0, 5) == b"short"
    store.delete(NAME)
    store.delete(NAME)
    assert store.size(NAME) is None
    with pytest.raises(FileNotFoundError):
        content(store, 0, 5)


class Broken(Exception):
    pass


def test_what_breaks_off_while_it_is_brought_is_not_there_and_leaves_the_old_one(
    store: Store,
) -> None:
    def breaking() -> Iterator[bytes]:
        yield LARGE
        raise Broken

    with pytest.raises(Broken):
        store.put(NAME, breaking())
    assert store.size(NAME) is None

    store.put(NAME, [b"old"])
    with pytest.raises(Broken):
        store.put(NAME, breaking())

    assert content(store, 0, 3) == b"old"
    assert list(store.files()) == [NAME]


class FullDisk(Disk):
    def write(self, path: Path, blocks: Iterable[bytes | bytearray | memoryview]) -> None:
        path.write_bytes(next(iter(blocks)))
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_gets_its_space_back(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        FolderStore("local", tmp_path, FullDisk()).put(NAME, [b"some"])

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_wrong_password_or_bucket_is_told_as_the_store_tells_it(
    object_store: ObjectStore,
) -> None:
    for changes, reason in (
        ({"secret_key": SecretStr("wrong")}, "SignatureDoesNotMatch"),
        ({"access_key": SecretStr("nobody")}, "InvalidAccessKeyId"),
        ({"bucket": "nowhere"}, "NoSuchBucket"),
    ):
        store = S3Store("offsite", object_store.settings(**changes))
        with pytest.raises(StoreUnavailable, match=f"store 'offsite': .*{reason}") as refused:
            store.put(NAME, [b"sound"])
        assert "wrong" not in str(refused.value)
        assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)  # noqa: S301


class Failing(BaseHTTPRequestHandler):
    """Answers everything with 500, and counts."""

    asked = 0

    def _fail(self) -> None:
        Failing.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _fail  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass


def s3_at(port: int) -> S3Settings:
    return S3Settings(
        kind="s3",
        bucket="recordings",
        endpoint=f"http://127.0.0.1:{port}",
        access_key=SecretStr("a"),
        secret_key=SecretStr("b"),
        patience=timedelta(seconds=0.3),
        retries=1,
    )


@contextmanager
def failing() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Failing)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_store_that_answers_500_is_asked_again_and_then_told_of() -> None:
    with failing() as port:
        store = S3Store("offsite", s3_at(port))
        for sound, requests in ((b"sound", 2), (LARGE, 2)):
            Failing.asked = 0
            with pytest.raises(StoreUnavailable, match="500"):
                store.put(NAME, in_blocks(sound))
            assert Failing.asked == requests
        for ask in (lambda: store.size(NAME), lambda: store.delete(NAME), lambda: content(store)):
            with pytest.raises(StoreUnavailable):
                ask()


def test_a_store_that_hangs_or_is_gone_is_told_of_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port: int = silent.getsockname()[1]
        with pytest.raises(StoreUnavailable):
            S3Store("offsite", s3_at(port)).put(NAME, [b"sound"])
    with pytest.raises(StoreUnavailable):
        S3Store("offsite", s3_at(port)).size(NAME)


def test_stores_are_opened_once_in_the_order_of_the_configuration(
    tmp_path: Path, object_store: ObjectStore
) -> None:
    settings: dict[str, StoreSettings] = {
        "near": FolderSettings(kind="folder", folder=tmp_path),
        "offsite": object_store.settings(),
    }

    near, offsite = open_stores(settings)

    assert [near.name, offsite.name] == ["near", "offsite"]
    assert list(map(id, open_stores(settings))) == [id(near), id(offsite)]
