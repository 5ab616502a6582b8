"""Notes and fields of forms are taken as long as the agent has the contact or wraps it up."""

from acd.model import Channel
from cti_server.channels.work import About

from .asking import asking
from .conftest import Centre
from .test_customer_choices import talking, until
from .test_stream import connect

TEXT = {"text": "wants the invoice once more"}
FIELDS = {"attributes": {"account": "1234"}}


async def test_they_are_taken_until_the_end_of_the_wrap_up_and_seen_after_a_reload(
    centre: Centre,
) -> None:
    pop, li, floor = talking(centre), asking(centre, "li"), centre.parts.floor
    floor.end_interaction(pop.interaction_id, "caller")
    stream = await connect(centre, "li")
    await until(stream, "snapshot")

    noted = await li("POST", "contacts/contact1/notes", TEXT)
    filled_in = await li("POST", "contacts/contact1/attributes", FIELDS)
    by_others = await asking(centre, "wang")("POST", "contacts/contact1/notes", TEXT)
    told = [await until(stream, "screen") for _ in range(2)]
    again = await until(await connect(centre, "li"), "snapshot")
    floor.set_ready("li")
    too_late = await li("POST", "contacts/contact1/notes", TEXT)
    await centre.parts.log.stored()
    history = await asking(centre, "zhao")("GET", "contacts/contact1")

    assert (noted.status, filled_in.status) == (204, 204)
    assert told[-1]["pop"] == again["contact"]
    assert [one["text"] for one in again["contact"]["notes"]] == [TEXT["text"]]
    assert again["contact"]["attributes"]["account"] == "1234"
    assert (by_others.status, too_late.kind) == (404, "NoSuchCall")
    assert [one["text"] for one in history.body["notes"]] == [TEXT["text"]]
    assert history.body["contact"]["attributes"]["account"] == "1234"


async def test_of_a_chat_they_are_taken_while_it_is_in_hand_and_go_on_with_it(
    centre: Centre,
) -> None:
    tray, floor, li = centre.parts.tray, centre.parts.floor, asking(centre, "li")
    floor.offers = tray
    floor.log_in("li")
    floor.set_ready("li")
    chat = tray.receive(About(channel=Channel.CHAT, address="wei"), "sales", "zhao")
    only_rings = await li("POST", f"contacts/{chat}/notes", TEXT)
    tray.accept(chat, "li")

    noted = await li("POST", f"contacts/{chat}/notes", TEXT)
    filled_in = await li("POST", f"contacts/{chat}/attributes", FIELDS)
    by_others = await asking(centre, "wang")("POST", f"contacts/{chat}/notes", TEXT)
    floor.set_not_ready("li")
    floor.log_in("wang")
    floor.set_ready("wang")
    tray.transfer_to_queue(chat, "li", "sales")
    [(next_ones, held)] = tray.on_desk("wang")

    assert (noted.status, filled_in.status) == (204, 204)
    assert (only_rings.kind, by_others.kind) == ("NotTheirs", "NotTheirs")
    assert ([one.text for one in next_ones.notes], held) == ([TEXT["text"]], False)
    assert next_ones.attributes == FIELDS["attributes"]
