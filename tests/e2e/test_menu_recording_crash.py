"""A server that dies while a caller is in a recorded menu."""

from pathlib import Path
from typing import Any

from simulator.audio import tone
from simulator.phone_call import CallEnd

from . import possessions
from .centre import centre
from .next_life import bury, risen
from .people import passed
from .recorded import tones_in
from .talking import CUSTOMER_HZ, LI, TONES, queue
from .test_recording_modes import CHOICE_HZ, MENU, WELCOME_HZ

RULE = {"name": "menu", "record": "always", "part": "menu"}


async def test_a_menu_that_the_server_dies_in_is_recorded_up_to_there(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "numbers": {MENU: {"flow": "hotline.yaml"}},
        "recording": {"rules": [RULE]},
    }
    async with centre(tmp_path, LI, queues=[queue("service", "desk")], **changes) as it:
        caller = it.caller()
        await caller.dial(MENU)
        await caller.happens("contact.node_entered", node="menu")
        caller.call.say(tone(CUSTOMER_HZ))
        begun = await caller.happens("recording.started", kind="menu")
        await passed(caller.call, 1.8)  # what is younger than a second is lost
        family = possessions.descendants(it.control_pid)
        possessions.kill(it.control_pid)
        await bury(it.server, *family)
        caller.call.finish(CallEnd("network", "the server died"))
        async with risen(it) as again:
            menu = await again.chief.when(
                f"/api/v1/recordings/{begun.data['recording_id']}",
                lambda row: row["state"] == "stored",
            )
            heard = await tones_in(again.chief, menu, {*TONES, WELCOME_HZ, CHOICE_HZ})
    assert (menu["kind"], menu["recovered"], menu["rule"]) == ("menu", True, "menu")
    assert heard == [{CUSTOMER_HZ}, {WELCOME_HZ, CHOICE_HZ}]
