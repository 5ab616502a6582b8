"""
Passwords: argon2id, in a thread of its own.

One check costs tens of milliseconds of processor by design, so a bounded number of people may wait
for theirs, on a thread that nothing else needs: the loop's default threads serve the database,
captures and name look-ups.
"""

import asyncio
import os
import secrets
import sys
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from .errors import TooManyLogIns

PLACES = 32  # log-ins at once; at 50 ms a check the last of them waits 1.6 s
POLITENESS = 10  # nice(2) steps: a password may wait, a voice may not


class Passwords:
    """Hashes passwords, and checks them one after the other."""

    def __init__(self, hasher: PasswordHasher | None = None, *, places: int = PLACES) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = nobodys(self._hasher)
        self._free = places
        self._thread = ThreadPoolExecutor(1, "passwords", initializer=_give_way)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    async def hashed(self, password: str) -> str:
        """As :meth:`hash`, with the loop free meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._hasher.hash, password)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those who log in, to be had before :meth:`match`. Raises TooManyLogIns."""
        if self._free <= 0:
            raise TooManyLogIns
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def match(self, password_hash: str | None, password: str) -> bool:
        """Takes the same time for a name that does not exist (``password_hash`` None)."""
        loop = asyncio.get_running_loop()
        against = password_hash or self._nobodys
        matches = await loop.run_in_executor(self._thread, self._verify, against, password)
        return matches and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def nobodys(hasher: PasswordHasher) -> str:
    """What nobody's password gives, and costs as much to check as anybody's; drawn, not worked."""
    salt = secrets.token_bytes(hasher.salt_len)
    digest = secrets.token_bytes(hasher.hash_len)
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    ends = (b64encode(each).decode().rstrip("=") for each in (salt, digest))
    return "$".join(("", "argon2id", f"v={ARGON2_VERSION}", cost, *ends))


def _give_way() -> None:
    """Let calls go first: on Linux, niceness is the thread's, and argon2's lanes inherit it."""
    if sys.platform == "linux":
        os.nice(POLITENESS)
