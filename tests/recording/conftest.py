from collections.abc import Iterator

import pytest

from tests.fakes.object_store import ObjectStore


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    server = ObjectStore()
    yield server
    server.close()
