"""The process that watches over a server, with commands that serve nobody."""

import subprocess
import sys
from pathlib import Path

WATCHES = """
import os, sys
from config.settings import Settings
from cti_server.watchdog.keeper import keep
print(os.getpid(), flush=True)
data, script, parent = sys.argv[1:]
sys.exit(keep(["sh", "-c", script, "-", parent], Settings(data=data)))
"""
LEAVES_ONE_BEHIND = """
sh -c 'while [ -d /proc/$1 ]; do sleep 0.01; done
read -r pid name state parent rest < /proc/$$/stat; echo $parent > "$2"' - $$ "$1" &
exit 1
"""
"""It writes down whose child it is when the process that started it is gone."""


def test_what_a_server_leaves_behind_is_reaped_by_who_watched_over_it(tmp_path: Path) -> None:
    """Also where the first process reaps nobody, as some containers' does not."""
    parent = tmp_path / "parent"  # not the output, in whose lines the watcher's log is
    watched = subprocess.run(
        [sys.executable, "-c", WATCHES, str(tmp_path), LEAVES_ONE_BEHIND, str(parent)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )

    assert watched.returncode == 1
    keeper, *_ = watched.stdout.split()
    assert parent.read_text().strip() == keeper
