"""The note of the serving process: believed only while it is locked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cti_server.pid_file import NAME, DataFolderInUse, running_server, serving
from cti_server.refusals import StartFailed

HOLD = """
import sys, pathlib
from cti_server.pid_file import serving
with serving(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_serving_process_is_found_until_it_ends(tmp_path: Path) -> None:
    assert running_server(tmp_path) is None
    with serving(tmp_path):
        assert running_server(tmp_path) == os.getpid()
    assert running_server(tmp_path) is None


def test_the_note_of_a_killed_process_names_nobody(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert running_server(tmp_path) == process.pid
        process.kill()

    assert (tmp_path / NAME).read_text() == f"{process.pid}\n"
    assert running_server(tmp_path) is None
    with serving(tmp_path) as died:
        assert died == process.pid


def test_a_folder_that_is_served_has_no_second_server(tmp_path: Path) -> None:
    with (
        serving(tmp_path),
        pytest.raises(DataFolderInUse, match=f"process {os.getpid()} serves"),
        serving(tmp_path),
    ):
        pass


def test_one_that_stopped_or_would_not_start_has_not_died(tmp_path: Path) -> None:
    with serving(tmp_path):
        pass
    with pytest.raises(StartFailed), serving(tmp_path) as before:
        raise StartFailed("the port is taken")
    with serving(tmp_path) as again:
        pass

    assert before is again is None
