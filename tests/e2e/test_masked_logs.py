"""What the server writes for its operators has nobody's number in it."""

from pathlib import Path

import pytest

from tests.leaks import leaks

from .centre import centre
from .people import passed

CALLER = "13812345678"
OTHERS = ("13987654321", "18600112233", "15911112222")
"""Numbers that only the API was told of: a customer's, one that was dialled, one in an address."""


@pytest.mark.asyncio
async def test_no_log_line_has_a_number_whole_after_a_call_and_work_on_records(
    tmp_path: Path,
) -> None:
    known, dialled, asked = OTHERS
    async with centre(tmp_path) as hotline:
        async with hotline.on_duty("li") as (li,):
            caller = hotline.caller(number=CALLER)
            await caller.dial("2000")
            at_li = await li.rung()
            await caller.happens("interaction.started")
            await passed(at_li, 0.2)
            to_number = await li.desk.post(
                f"/api/v1/contacts/{caller.contact_id}/transfer", number=dialled
            )
            caller.call.hang_up()
            await caller.over()
            await caller.happens("recording.stored")
            by_click = await li.desk.post("/api/v1/contacts", number=dialled, queue="service")
        chief = hotline.chief
        made, customer = await chief.post(
            "/api/v1/customers", name="Zhang Wei", numbers=[{"number": known}]
        )
        revealed, whole = await chief.post(f"/api/v1/customers/{customer['id']}/reveal")
        refused, _ = await chief.post(
            "/api/v1/customers", name="X", numbers=[{"number": asked * 2}]
        )
        await chief.get(f"/api/v1/contacts?limit=5&caller_number={asked}")
        missing, _ = await chief.post(f"/api/v1/customers/{asked}/reveal")
        assert await hotline.server.stop() == 0
        logged = hotline.server.log_lines
        kept = b"".join(each.read_bytes() for each in hotline.server.data.rglob("*.db*"))

    assert (made, revealed, refused, missing) == (201, 200, 422, 404)
    assert (to_number[0], by_click[0]) == (422, 422)  # no trunk leads there
    assert "NoTrunkForNumber" in {to_number[1]["type"], by_click[1]["type"]}
    assert known in str(whole["numbers"])
    assert CALLER.encode() in kept  # where it belongs: the search does find numbers
    assert leaks("server.stopped", logged) == ["server.stopped"]
    for number in (CALLER, *OTHERS):
        assert leaks(number, logged) == []
