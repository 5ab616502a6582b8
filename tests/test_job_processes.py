"""The pool of job processes outlives its processes."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor

import pytest

from cti_server.job_processes import JobProcesses


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def jobs() -> Iterator[JobProcesses]:
    with JobProcesses(1) as jobs:
        yield jobs


def test_a_process_that_dies_fails_its_job_and_no_later_one(jobs: JobProcesses) -> None:
    with pytest.raises(BrokenExecutor):
        jobs.submit(die).result(30)

    assert jobs.submit(abs, -3).result(30) == 3
