"""What a supervisor writes reaches the agent, whatever they do, and that it was read comes back."""

from typing import Any

from aiohttp import ClientWebSocketResponse

from .asking import asking
from .conftest import Centre
from .test_customer_choices import talking, until
from .test_erasure import REASON, li_na
from .test_person_export import LI, a_call
from .test_stream import connect, receive


async def event(socket: ClientWebSocketResponse, name: str) -> dict[str, Any]:
    while True:
        message = await receive(socket)
        if message.get("data", {}).get("event") == name:
            return message


async def test_a_nudge_reaches_who_is_idle_and_its_receipt_the_supervisor(centre: Centre) -> None:
    li, zhao, wang = (asking(centre, who) for who in ("li", "zhao", "wang"))
    stream, floor = await connect(centre, "li"), await connect(centre, "zhao", floor=True)
    for socket in (stream, floor):
        await until(socket, "snapshot")

    sent = await zhao("POST", "agents/li/nudges", {"text": "smile"})
    told = await event(stream, "agent.nudged")
    unread = await until(await connect(centre, "li"), "snapshot")
    way = f"agents/li/messages/{sent.body['id']}/read"
    by_others = await wang("POST", way)
    read = await li("POST", way)
    receipt = await event(floor, "agent.message_read")
    again = await li("POST", way)
    listed = await zhao("GET", "agents/li/messages?kind=nudge")
    after = await until(await connect(centre, "li"), "snapshot")

    assert sent.status == 201, sent.body
    assert str(told["sequence"]) == sent.body["id"]
    assert [one["id"] for one in unread["messages"]] == [sent.body["id"]]
    assert unread["messages"][0]["text"] == "smile"
    assert (by_others.status, read.status, again.status) == (404, 204, 204)
    assert receipt["data"] == {
        "event": "agent.message_read",
        "agent_id": "li",
        "supervisor_id": "zhao",
        "message_id": sent.body["id"],
        "kind": "nudge",
        "contact_id": None,
    }
    [view] = listed.body["items"]
    assert view["read_at"] is not None
    assert after["messages"] == []


async def test_coaching_is_told_to_the_agent_alone_and_is_on_their_list(centre: Centre) -> None:
    talking(centre)
    li, zhao, wang = (asking(centre, who) for who in ("li", "zhao", "wang"))
    stream = await connect(centre, "li")
    await until(stream, "snapshot")
    await centre.parts.log.stored()

    noted = await zhao("POST", "contacts/contact1/coaching", {"agent_id": "li", "text": "ask more"})
    told = await event(stream, "coaching.noted")
    mine = await li("GET", "agents/li/messages?kind=coaching&unread=true")
    of_others = await wang("GET", "agents/li/messages")
    no_kind = await li("GET", "agents/li/messages?kind=praise")
    nobody = await zhao("POST", "agents/nobody/nudges", {"text": "smile"})
    far = await asking(centre, "huang")("POST", "agents/lin/nudges", {"text": "smile"})

    assert noted.status == 204, noted.body
    [message] = mine.body["items"]
    assert (message["id"], message["text"]) == (str(told["sequence"]), "ask more")
    assert (message["contact_id"], message["read_at"]) == ("contact1", None)
    assert (of_others.status, no_kind.status) == (403, 422)
    assert (nobody.status, far.status) == (404, 403)


async def test_a_nudge_is_about_a_contact_that_there_is_and_is_forgotten_with_its_customer(
    centre: Centre,
) -> None:
    zhao, sun, customer_id = asking(centre, "zhao"), asking(centre, "sun"), await li_na(centre)
    for happened in a_call(1, LI, [customer_id], "wants a new card"):
        centre.parts.log.append(happened)

    nowhere = await zhao("POST", "agents/li/nudges", {"text": "?", "contact_id": "nowhere"})
    about = {"text": "Ms Li waits for her card", "contact_id": "contact1"}
    sent = await zhao("POST", "agents/li/nudges", about)
    begun = await sun("POST", f"customers/{customer_id}/erase", REASON)
    await centre.parts.erasures.carry_on(begun.body["id"])
    [unread] = (await until(await connect(centre, "li"), "snapshot"))["messages"]
    [listed] = (await zhao("GET", "agents/li/messages")).body["items"]

    assert (nowhere.status, nowhere.body["detail"]) == (
        422,
        "contact_id: there is no contact 'nowhere'",
    )
    assert (sent.status, begun.status) == (201, 202)
    assert (unread["id"], unread["text"]) == (sent.body["id"], "")
    assert (listed["id"], listed["text"], listed["contact_id"]) == (sent.body["id"], "", "contact1")
