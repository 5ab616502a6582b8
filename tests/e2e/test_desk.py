"""What an agent's desktop shows and keeps of one contact, from the offer to the wrap-up's end."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.running_server import Feed

from .centre import LI, WANG, Centre, centre, queue
from .talking import does, tries

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

CUSTOMERS = "name,phone,tier\n李娜,13800138000,vip\n".encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path_factory.mktemp("desk"),
        *(LI, WANG),
        customers=CUSTOMERS,
        queues=[queue("sales", wrap_up=600, wrap_up_limit=1200)],
        numbers={"2001": {"queue": "sales", "language": "en"}},
    ) as it:
        yield it


async def shown(feed: Feed) -> dict[str, Any]:
    """The pop that is shown anew next."""
    while (message := await feed.next())["type"] != "screen":
        pass
    pop: dict[str, Any] = message["pop"]
    return pop


async def test_the_desktop_has_customer_notes_and_wrap_up_and_hands_them_on(
    hotline: Centre,
) -> None:
    """The caller's number is nobody's; li finds out who it is and gives the customer to wang."""
    li, wang = hotline.agents["li"], hotline.agents["wang"]
    async with (
        li.desk.stream() as feed,
        wang.desk.stream() as next_feed,
        hotline.on_duty("li", "wang"),
    ):
        caller = hotline.caller()
        await caller.dial("2001")
        pop = (await feed.until("contact.offered"))["pop"]
        await caller.happens("interaction.started", agent_id="li")
        way = f"/api/v1/contacts/{caller.contact_id}"

        [found] = (await li.desk.get("/api/v1/customer-search?q=13800138000"))["items"]
        chosen = await li.desk.put(f"{way}/customer", customer_id=found["id"])
        told = await shown(feed)
        draft = f"/api/v1/drafts/note/{caller.contact_id}"
        await li.desk.put(draft, content={"text": "half a sen"})
        noted, _ = await tries(li.desk, caller, "notes", text="wants a router")
        await does(li.desk, caller, "transfer", agent="wang")
        offered = (await next_feed.until("contact.offered"))["pop"]
        await caller.happens("interaction.started", agent_id="wang")

        begun = (await feed.until("agent.wrap_up_changed"))["data"]
        late, _ = await tries(li.desk, caller, "notes", text="and a cable")
        at_wang = await shown(next_feed)
        await li.desk.post("/api/v1/agents/li/wrap-up/extension", seconds=60)
        longer = (await feed.until("agent.wrap_up_changed"))["data"]
        nudge, _ = await hotline.chief.post("/api/v1/agents/li/nudges", text="well done")
        async with li.desk.stream() as reloaded:
            again = reloaded.snapshot
        kept = await li.desk.get(draft)
        for agent in (li, wang):
            caller.leave()
            await agent.is_in("wrap_up")
            await agent.desk.set_state("ready")

    assert pop["customer"]["match"] == "none"
    assert [one["name"] for one in chosen["customers"]] == ["李娜"]
    for screen in (told, offered, at_wang, again["contact"]):
        assert screen["customer"] == told["customer"] | {"confidence": 1.0}
        assert screen["customer"]["customers"][0]["id"] == found["id"]
    assert (noted, late, nudge) == (204, 204, 201)
    assert [one["text"] for one in offered["notes"]] == ["wants a router"]
    assert [one["text"] for one in at_wang["notes"]] == ["wants a router", "and a cable"]
    assert begun["interaction_id"] == pop["interaction_id"]
    assert (begun["queue"], begun["owes_disposition"]) == ("sales", False)
    assert begun["until"] < longer["until"] <= longer["extendable_until"]
    wrap_up = again["agent"]["wrap_up"]
    assert wrap_up["until"] == longer["until"]
    assert wrap_up["interaction_id"] == pop["interaction_id"]
    assert [one["text"] for one in again["messages"]] == ["well done"]
    assert kept["content"] == {"text": "half a sen"}
