"""What the benchmark of the desktops' streams asks for is what the pages ask for."""

import re

import msgspec

from benchmarks.bench_desktop_streams import hellos
from cti_server.wire.stream import Hello

from .client_words import SOURCES


def test_a_benchmarked_supervisor_asks_for_all_that_the_page_asks_for() -> None:
    page = (SOURCES / "supervisor" / "SupervisorArea.tsx").read_text("utf-8")
    asked = re.search(r"useOpenFloor\(token, \{([^}]*)\}\)", page)
    assert asked is not None
    wishes = {one.partition(":")[0].strip() for one in asked[1].split(",")}

    *_, supervisor, wall = hellos(["li"], ["zhao"], together=True)

    assert {"channels", "waiting"} <= wishes <= supervisor.keys()
    heard = msgspec.convert(supervisor, Hello)
    assert (heard.channels, heard.levels) == (True, False)  # the page of levels is another one
    assert not msgspec.convert(wall, Hello).channels
