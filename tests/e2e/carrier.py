"""Telephone companies of a test: they take calls by digest; their subscribers are softphones."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from cti_server.sip.digest import ha1
from simulator.line import REALM
from simulator.phone import Phones

USER, SECRET = "bank", "carriers-secret"


class _Customers:
    """The contact centre's account at the carrier."""

    def ha1(self, username: str, algorithm: str) -> str | None:
        return ha1(USER, REALM, SECRET, algorithm) if username == USER else None


@contextlib.asynccontextmanager
async def carrier() -> AsyncIterator[Phones]:
    """A carrier that asks who calls. Add its subscribers by the number as it is dialled there."""
    phones = Phones("127.0.0.1", accounts=_Customers())
    await phones.start()
    try:
        yield phones
    finally:
        await phones.close()


def trunk(name: str, phones: Phones, **outbound: Any) -> dict[str, Any]:
    """The trunk to it, for the server's configuration."""
    account = {"username": USER, "password": SECRET, "domain": REALM}
    return {"name": name, "outbound": {"to": phones.address, **account, **outbound}}


LOOPBACK = {"name": "loopback", "addresses": ["127.0.0.1"]}
"""Who brings the test's callers."""
