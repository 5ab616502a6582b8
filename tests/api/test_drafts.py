"""What an agent has begun to write is there after a reload, is theirs alone, and goes at last."""

from datetime import timedelta

from sqlalchemy import update

from cti_server.store.contacts import Contact
from cti_server.store.drafts import KEPT_AFTER_CONTACT, MOST, Draft, Drafts, ExpiredDrafts

from .asking import asking
from .conftest import NINE, Centre
from .test_customer_choices import talking

NOTE = {"content": {"text": "wants the invoice", "cursor": 4}}
WAY = "drafts/note/contact1"


async def test_a_draft_survives_whatever_the_browser_does_and_is_of_its_agent_alone(
    centre: Centre,
) -> None:
    pop = talking(centre)
    li, wang = asking(centre, "li"), asking(centre, "wang")
    form = f"drafts/form/{pop.interaction_id}"

    kept = await li("PUT", WAY, NOTE)
    again = await li("PUT", WAY, {"content": {"text": "and more"}})
    of_interaction = await li("PUT", form, {"content": {"values": {"score": None}}})
    not_theirs = await wang("PUT", WAY, NOTE)
    unseen = await wang("GET", WAY)
    listed = await li("GET", "drafts")
    dropped = await li("DELETE", WAY)
    gone = await li("GET", WAY)

    assert (kept.status, kept.body["content"]) == (200, NOTE["content"])
    assert again.body["content"] == {"text": "and more"}
    assert of_interaction.body["contact_id"] == "contact1"
    assert (not_theirs.status, unseen.status) == (404, 404)
    assert [(one["kind"], one["about"]) for one in listed.body] == [
        ("form", pop.interaction_id),
        ("note", "contact1"),
    ]
    assert (dropped.status, gone.status) == (204, 404)


async def test_what_is_no_draft_is_refused_by_name(centre: Centre) -> None:
    talking(centre)
    li = asking(centre, "li")

    large = await li("PUT", WAY, {"content": {"text": "x" * 16_384}})
    odd = await li("PUT", WAY, {"content": {"text": "a\x00b"}})
    unknown = await li("PUT", "drafts/poem/contact1", NOTE)

    assert (large.status, odd.status, unknown.status) == (422, 422, 404)
    assert "content" in large.body["detail"]


async def test_it_goes_some_time_after_its_contact_and_the_oldest_makes_room(
    centre: Centre,
) -> None:
    talking(centre)
    await asking(centre, "li")("PUT", WAY, NOTE)
    await centre.parts.log.stored()
    database, expired = centre.parts.database, ExpiredDrafts(centre.parts.database)
    async with database.sessions.begin() as session:
        await session.execute(update(Contact).values(ended_at=NINE))
    due = await expired.earliest()
    await expired.do(NINE + KEPT_AFTER_CONTACT - timedelta(seconds=1))
    async with database.readers() as session:
        before = await Drafts(session, "li").all()
    await expired.do(NINE + KEPT_AFTER_CONTACT)
    async with database.sessions.begin() as session:
        after, kept = await Drafts(session, "li").all(), Drafts(session, "li")
        for number in range(MOST + 1):
            at = NINE + timedelta(seconds=number)
            about = {"agent_id": "li", "kind": "note", "about": f"k{number}"}
            await kept.add(Draft(**about, contact_id="contact1", content={}, updated_at=at))
            await session.flush()
        full = await kept.all()

    assert due == NINE + KEPT_AFTER_CONTACT
    assert (len(before), len(after), len(full)) == (1, 0, MOST)
    assert full[-1].about == "k1"
