"""Prompt files in memory, ready to be sent: a bounded cache, filled by a thread of its own."""

import os
import queue
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from .g711 import MU_TO_A
from .protocol import Codec

CACHE_OCTETS: Final = 64 << 20
LONGEST_OCTETS: Final = 32 << 20  # over an hour; a longer file is a mistake

Loaded = Callable[[list[bytes] | None], None]
_Key = tuple[str, Codec]
_File = tuple[tuple[int, int], bytes]  # its version, its payload
_Job = tuple[list[_Key], Loaded, bool] | None


class Prompts:
    """
    Files of raw mu-law by path, and their A-law twins.

    Files that are not in memory are read by a thread, so that a slow disk is not heard; when it has
    read them, :attr:`fd` becomes readable and :meth:`deliver` calls back.
    """

    def __init__(self, *, limit: int = CACHE_OCTETS) -> None:
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._limit = limit
        self._held = 0
        self._files: OrderedDict[_Key, _File] = OrderedDict()
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._done: deque[tuple[list[_Key], list[_File] | None, Loaded, bool]] = deque()
        self._thread = threading.Thread(target=self._read_all, name="prompts", daemon=True)
        self._thread.start()

    def load(
        self, files: Sequence[str], codec: Codec, loaded: Loaded, *, keep: bool = True
    ) -> None:
        """
        Call ``loaded`` with the payloads: now if all are in memory, else once they are read.

        Without ``keep`` they are read for this one time.
        """
        keys: list[_Key] = [(file, codec) for file in files]
        payloads = [self._held_payload(key) if keep else None for key in keys]
        if None in payloads:
            self._jobs.put((keys, loaded, keep))
        else:
            loaded([payload for payload in payloads if payload is not None])

    def deliver(self) -> None:
        """Hand out what the thread has read."""
        os.eventfd_read(self.fd)
        while self._done:
            keys, files, loaded, keep = self._done.popleft()
            if files is None:
                loaded(None)
                continue
            if keep:
                for key, (version, payload) in zip(keys, files, strict=True):
                    self._keep(key, version, payload)
            loaded([payload for _, payload in files])

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join(timeout=2)
        os.close(self.fd)

    def _held_payload(self, key: _Key) -> bytes | None:
        held = self._files.get(key)
        if held is None or held[0] != _version(key[0]):
            return None
        self._files.move_to_end(key)
        return held[1]

    def _keep(self, key: _Key, version: tuple[int, int], payload: bytes) -> None:
        if key in self._files:
            self._held -= len(self._files.pop(key)[1])
        self._files[key] = (version, payload)
        self._held += len(payload)
        while self._held > self._limit:
            _, (_, oldest) = self._files.popitem(last=False)
            self._held -= len(oldest)

    def _read_all(self) -> None:
        while (job := self._jobs.get()) is not None:
            keys, loaded, keep = job
            try:
                files = [_read(path, codec) for path, codec in keys]
            except (OSError, ValueError):  # ValueError: no path can be like this
                self._done.append((keys, None, loaded, keep))
            else:
                self._done.append((keys, files, loaded, keep))
            os.eventfd_write(self.fd, 1)


def _version(path: str) -> tuple[int, int]:
    """What changes when a file is replaced; (0, 0) if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - on the packet path: no Path for each
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _read(path: str, codec: Codec) -> _File:
    version = _version(path)
    if version[1] > LONGEST_OCTETS:
        raise OSError(f"{path} is longer than {LONGEST_OCTETS} octets")
    data = Path(path).read_bytes()
    return version, data if codec == "PCMU" else data.translate(MU_TO_A)
