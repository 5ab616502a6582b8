"""The databases of the store's tests, for servers that run on PostgreSQL; what a test leaves."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.databases import postgres

from .centre import Centre

__all__ = ["nothing_left", "postgres"]


@pytest_asyncio.fixture(loop_scope="module")
async def nothing_left(hotline: Centre) -> AsyncIterator[None]:
    """
    No call, leg, dialog or capture of the module's server.

    After :meth:`Centre.warm_up` no more files and threads either than there were then.
    """
    yield
    hotline.everybody_hangs_up()
    await hotline.settled(within=20)
