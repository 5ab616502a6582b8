"""A customer who is chosen or created: on the screen, in the record, with advice and its answer."""

from typing import Any

import msgspec

from acd.model import Channel, ContactId, WaitingContact
from crm.numbers import normalise
from cti_server.channels.work import About
from cti_server.store.customers import Customer, CustomerNumber, Customers
from cti_server.wire import events
from cti_server.wire.stream import ScreenPop
from tests.store.stories import arrival

from .asking import asking
from .conftest import NINE, Centre
from .test_next_actions import RULE, add
from .test_stream import connect, pop_for, receive


async def known(centre: Centre, *ids: str, team: str | None = None) -> None:
    """Gold customers with these ids."""
    async with centre.parts.database.sessions.begin() as session:
        for number, customer_id in enumerate(ids):
            Customers(session).add(
                Customer(
                    id=customer_id,
                    name="王伟",
                    tier="gold",
                    team=team,
                    created_at=NINE,
                    updated_at=NINE,
                    numbers=[CustomerNumber.of(normalise(f"+861380013800{number}", "CN"))],
                )
            )


def talking(centre: Centre) -> ScreenPop:
    """li talks with contact1, whose pop stands on the screen; nobody knows whose it is."""
    for event in arrival():
        centre.parts.log.append(event)
    centre.parts.floor.log_in("li")
    contact = WaitingContact(ContactId("contact1"), "sales", NINE)
    interaction = centre.parts.floor.take_over("li", contact, "zhao").id
    about = {"contact_id": "contact1", "interaction_id": interaction, "agent_id": "li"}
    centre.parts.log.append(events.InteractionStarted(**about, queue="sales"))
    pop = msgspec.structs.replace(pop_for(interaction), contact_id="contact1")
    centre.parts.desks.show("li", pop)
    return pop


async def until(socket: Any, kind: str) -> dict[str, Any]:
    while (message := await receive(socket))["type"] != kind:
        pass
    return message


async def test_the_chosen_customer_comes_whole_to_who_asked_to_the_stream_and_to_the_snapshot(
    centre: Centre,
) -> None:
    await known(centre, "c1")
    await known(centre, "c2", team="south")
    await add(centre, RULE)
    pop, li = talking(centre), asking(centre, "li")
    stream = await connect(centre, "li")
    await until(stream, "snapshot")

    chosen = await li("PUT", "contacts/contact1/customer", {"customer_id": "c1"})
    looked_at = await li("GET", "customers/c1/pop")
    others = await asking(centre, "chen")("GET", "customers/c2/pop")
    told = await until(stream, "screen")
    again = await until(await connect(centre, "li"), "snapshot")

    assert chosen.status == 200, chosen.body
    assert chosen.body == looked_at.body
    assert (chosen.body["match"], chosen.body["customers"][0]["name"]) == ("one", "王伟")
    assert [one["action"] for one in chosen.body["actions"]] == ["offer_upgrade"]
    assert others.status == 404
    on_screen = told["pop"]
    assert on_screen["interaction_id"] == pop.interaction_id
    assert on_screen["customer"] == again["contact"]["customer"]
    assert on_screen["customer"]["actions"][0]["rule_id"] == chosen.body["actions"][0]["rule_id"]
    assert again["contacts"] == [again["contact"]]


async def test_of_a_chat_in_hand_the_customer_is_chosen_too_and_all_is_on_the_screen(
    centre: Centre,
) -> None:
    await known(centre, "c1")
    li, tray, floor = asking(centre, "li"), centre.parts.tray, centre.parts.floor
    floor.offers = tray
    floor.log_in("li")
    floor.set_ready("li")
    chat = tray.receive(About(channel=Channel.CHAT, address="wei"), "sales", "zhao")
    ringing = await until(await connect(centre, "li"), "snapshot")
    tray.accept(chat, "li")
    pop = talking(centre)
    stream = await connect(centre, "li")
    await until(stream, "snapshot")

    chosen = await li("PUT", f"contacts/{chat}/customer", {"customer_id": "c1"})
    told = await until(stream, "screen")
    snapshot = await until(await connect(centre, "li"), "snapshot")

    assert chosen.status == 200, chosen.body
    assert (told["pop"]["contact_id"], told["pop"]["customer"]["match"]) == (chat, "one")
    assert [one["contact_id"] for one in snapshot["contacts"]] == ["contact1", chat]
    assert snapshot["contacts"][1]["customer"] == told["pop"]["customer"]
    assert snapshot["contact"]["contact_id"] == pop.contact_id
    assert ringing["contact"]["contact_id"] == chat


async def test_what_the_customer_says_to_the_advice_is_on_record_and_counted(
    centre: Centre,
) -> None:
    await known(centre, "c1")
    _, rule = await add(centre, RULE)
    talking(centre)
    li, zhao, way = asking(centre, "li"), asking(centre, "zhao"), "contacts/contact1/next-actions"
    await li("PUT", "contacts/contact1/customer", {"customer_id": "c1"})

    first = await li("POST", way, {"rule_id": rule["id"], "answer": "declined"})
    last = await li("POST", way, {"rule_id": rule["id"], "answer": "accepted"})
    unknown = await li("POST", way, {"rule_id": "no-such", "answer": "accepted"})
    not_theirs = await asking(centre, "wang")("POST", way, {"rule_id": "r", "answer": "accepted"})
    await centre.parts.log.stored()
    history = await zhao("GET", "contacts/contact1")
    timeline = await li("GET", "customers/c1/timeline")
    figures = await zhao("GET", "next-actions/figures")
    later = await zhao("GET", "next-actions/figures?since=2199-01-01T00:00:00Z")

    assert (first.status, last.status) == (204, 204)
    assert (unknown.status, not_theirs.status) == (404, 403)
    [answered] = history.body["next_actions"]
    assert (answered["action"], answered["accepted"]) == ("offer_upgrade", True)
    assert (answered["agent_id"], answered["customer_id"]) == ("li", "c1")
    [contact] = [one for one in timeline.body["items"] if one["kind"] == "contact"]
    [advice] = contact["data"]["next_actions"]
    assert advice == {"action": "offer_upgrade", "rule_id": rule["id"], "accepted": True}
    [counted] = figures.body
    assert (counted["accepted"], counted["declined"]) == (1, 0)
    assert later.body == []


async def test_a_mail_that_is_handed_in_for_a_customer_rings_with_all_that_is_known_of_them(
    centre: Centre,
) -> None:
    await known(centre, "c1")
    await add(centre, RULE)
    floor = centre.parts.floor
    floor.offers = centre.parts.tray
    floor.log_in("li")
    floor.set_ready("li")

    mail = {"channel": "email", "queue": "sales", "subject": "Parcel", "customer_id": "c1"}
    placed = await asking(centre, "zhao")("POST", "work", mail)
    snapshot = await until(await connect(centre, "li"), "snapshot")

    assert placed.status == 201, placed.body
    customer = snapshot["contact"]["customer"]
    assert (customer["match"], customer["customers"][0]["id"]) == ("one", "c1")
    assert [one["action"] for one in customer["actions"]] == ["offer_upgrade"]


async def test_any_telephone_of_a_customer_is_dialled_by_its_place(centre: Centre) -> None:
    """Nobody can be called here: who would have been is in the refusal."""
    both = ("+8613800138000", "02088880000")
    numbers = [CustomerNumber.of(normalise(one, "CN"), at) for at, one in enumerate(both)]
    async with centre.parts.database.sessions.begin() as session:
        Customers(session).add(
            Customer(id="c1", name="王伟", created_at=NINE, updated_at=NINE, numbers=numbers)
        )
    li, call = asking(centre, "li"), {"customer_id": "c1", "queue": "sales"}

    first = await li("POST", "contacts", call)
    other = await li("POST", "contacts", call | {"number_position": 1})
    none = await li("POST", "contacts", call | {"number_position": 99})
    alone = await li(
        "POST", "contacts", {"number": "10086", "queue": "sales", "number_position": 0}
    )

    assert first.kind == other.kind == "NoTrunkForNumber"
    assert first.body["detail"] != other.body["detail"]
    assert (none.status, alone.status) == (422, 422)
    assert "number_position" in none.body["detail"]
    assert "number_position" in alone.body["detail"]
