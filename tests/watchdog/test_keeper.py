"""The process that watches over a server, with commands that serve nobody."""

import subprocess
import sys
from pathlib import Path

WATCHES = """
import os, sys
from config.settings import Settings
from cti_server.watchdog.keeper import keep
print(os.getpid(), flush=True)
sys.exit(keep(["sh", "-c", sys.argv[2]], Settings(data=sys.argv[1])))
"""
LEAVES_ONE_BEHIND = """
sh -c 'while [ -d /proc/$1 ]; do sleep 0.01; done
read -r pid name state parent rest < /proc/$$/stat; echo $parent' - $$ &
exit 1
"""
"""It says whose child it is when the process that started it is gone."""


def test_what_a_server_leaves_behind_is_reaped_by_who_watched_over_it(tmp_path: Path) -> None:
    """Also where the first process reaps nobody, as some containers' does not."""
    watched = subprocess.run(
        [sys.executable, "-c", WATCHES, str(tmp_path), LEAVES_ONE_BEHIND],
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )

    assert watched.returncode == 1
    keeper, parent = [line for line in watched.stdout.split() if line.isdecimal()]
    assert parent == keeper
