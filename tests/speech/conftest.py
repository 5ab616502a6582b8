from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cti_server.speech.announcements import Announcements
from cti_server.speech.library import PromptLibrary


@pytest.fixture
def library(tmp_path: Path) -> Iterator[PromptLibrary]:
    """With the real voices."""
    with ThreadPoolExecutor(1) as jobs:
        yield PromptLibrary(tmp_path, jobs=jobs)


@pytest.fixture
async def announcements(library: PromptLibrary) -> Announcements:
    return await Announcements.prepare(library, ["zh", "en"])
