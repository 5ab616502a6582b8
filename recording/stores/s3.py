"""A bucket of an S3-compatible store, by ``obstore``: its retries and time-outs are its own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store as Bucket

from config.archive import S3Settings
from recording.errors import StoreUnavailable
from recording.sealing import Block

if TYPE_CHECKING:
    from obstore.store import S3Config  # of the stubs alone

_TOLD = 500  # characters of a reason
_PART = 5 * 1024 * 1024  # bytes of a multipart upload's part, S3's least
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(milliseconds=100), timedelta(seconds=2)


class S3Store:
    """
    Files of a bucket, below ``prefix``.

    A file is seen when its last part was taken; what a crash leaves of an upload is nobody's file,
    and the bucket's own rule for unfinished uploads is rid of it.
    """

    def __init__(self, name: str, settings: S3Settings) -> None:
        self.name = name
        config: S3Config = {
            "region": settings.region,
            "virtual_hosted_style_request": settings.virtual_hosted,
        }
        if settings.endpoint is not None:
            config["endpoint"] = settings.endpoint
        if settings.access_key is not None and settings.secret_key is not None:
            config["access_key_id"] = settings.access_key.get_secret_value()
            config["secret_access_key"] = settings.secret_key.get_secret_value()
        self._bucket = Bucket(
            settings.bucket,
            prefix=settings.prefix or None,
            config=config,
            client_options={
                "allow_http": (settings.endpoint or "").startswith("http://"),
                "connect_timeout": settings.patience,
                "read_timeout": settings.patience,
                "timeout": timedelta(minutes=5),  # of one part, however slow the line is
            },
            retry_config={
                "max_retries": settings.retries,
                "retry_timeout": settings.patience * (settings.retries + 1),
                "backoff": {"init_backoff": _FIRST_PAUSE, "max_backoff": _LONGEST_PAUSE, "base": 2},
            },
        )

    def put(self, file: str, blocks: Iterable[Block]) -> None:
        """What fits into one part takes one request, not three."""
        left, first = iter(blocks), bytearray()
        while len(first) <= _PART and (block := next(left, None)) is not None:
            first += block
        with self._telling():
            if len(first) <= _PART:
                obstore.put(self._bucket, file, bytes(first), use_multipart=False)
                return
            rest = chain([bytes(first)], map(bytes, left))
            obstore.put(self._bucket, file, rest, chunk_size=_PART, max_concurrency=1)

    def get(self, file: str, start: int, end: int) -> Iterator[bytes]:
        if start >= end:
            return
        with self._telling(but=FileNotFoundError):
            found = obstore.get(self._bucket, file, options={"range": (start, end)})
            for block in found.stream():
                yield bytes(block)

    def size(self, file: str) -> int | None:
        try:
            with self._telling(but=FileNotFoundError):
                return obstore.head(self._bucket, file)["size"]
        except FileNotFoundError:
            return None

    def delete(self, file: str) -> None:
        with self._telling():
            try:
                obstore.delete(self._bucket, file)
            except FileNotFoundError:
                return

    def files(self) -> Iterator[str]:
        with self._telling():
            for some in obstore.list(self._bucket):
                yield from (each["path"] for each in some)

    @contextmanager
    def _telling(self, but: type[Exception] = StoreUnavailable) -> Iterator[None]:
        """What the library raises as StoreUnavailable, ``but`` this."""
        try:
            yield
        except but:
            raise
        except (BaseError, OSError, ValueError) as error:
            reason, _, _ = str(error).partition("\n\nDebug source")
            raise StoreUnavailable(self.name, " ".join(reason.split())[:_TOLD]) from None
