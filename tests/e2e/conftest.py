"""A server with its people, the databases of the store's tests, and what a test leaves."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.databases import postgres

from .centre import Centre
from .talking import talking_centre

__all__ = ["hotline", "nothing_left", "postgres"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """Where customers talk with li, and li with wang and zhang; modules may have another."""
    async with talking_centre(tmp_path_factory.mktemp("hotline")) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="module")
async def nothing_left(hotline: Centre) -> AsyncIterator[None]:
    """
    No call, leg, dialog or capture of the module's server.

    After :meth:`Centre.warm_up` no more files and threads either than there were then.
    """
    yield
    hotline.everybody_hangs_up()
    await hotline.settled(within=20)
