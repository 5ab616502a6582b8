"""Forms and dispositions over REST: defined, filled in, recorded in a wrap-up, shown afterwards."""

from typing import Any

import pytest

from acd.model import ContactId, WaitingContact
from cti_server import shipped_dispositions
from cti_server.store.customers import Customer
from cti_server.wire import events
from tests.store.stories import arrival

from .asking import Answer, asking, told
from .conftest import NINE, Centre

LABELS = {"zh": "问卷", "en": "Survey"}
SCORE: dict[str, Any] = {
    "type": "object",
    "properties": {"score": {"type": "integer", "minimum": 0, "maximum": 10}},
    "required": ["score"],
    "additionalProperties": False,
}
FORM: dict[str, Any] = {"id": "survey", "labels": LABELS, "definition": SCORE}


class Talk:
    """li talks with contact1 in the queue sales; everything but the telephone is real."""

    def __init__(self, centre: Centre) -> None:
        self._floor, self._append = centre.parts.floor, centre.parts.log.append
        for event in arrival():
            self._append(event)
        self._floor.log_in("li")
        contact = WaitingContact(ContactId("contact1"), "sales", NINE)
        self.id = self._floor.take_over("li", contact, "zhao").id
        self._told = {"contact_id": "contact1", "interaction_id": self.id, "agent_id": "li"}
        self._append(events.InteractionStarted(**self._told, queue="sales"))

    def end(self) -> None:
        self._append(events.InteractionEnded(**self._told, ended_by="caller"))
        self._floor.end_interaction(self.id, "caller")


@pytest.fixture
async def talk(centre: Centre) -> Talk:
    await shipped_dispositions.load(centre.parts.changes, NINE)
    return Talk(centre)


async def record(centre: Centre, talk: Talk, agent: str = "li", **body: Any) -> Answer:
    return await asking(centre, agent)("PUT", f"interactions/{talk.id}/disposition", body)


async def test_a_disposition_of_the_wrap_up_is_on_the_timeline_and_in_the_contact(
    centre: Centre, talk: Talk
) -> None:
    async with centre.parts.database.sessions.begin() as session:
        session.add(Customer(id="customer1", name="王伟", created_at=NINE, updated_at=NINE))
    talk.end()

    recorded = await record(
        centre, talk, code="interested", note="下周再谈", values={"product": "宽带", "amount": 99.5}
    )
    timeline = await asking(centre, "li")("GET", "customers/customer1/timeline")
    contact = await asking(centre, "li")("GET", "contacts/contact1")
    filled = await asking(centre, "li")("GET", f"filled-forms/{recorded.body['filled_form_id']}")

    assert recorded.status == 200, recorded.body
    [entry] = timeline.body["items"]
    [of_entry], [of_contact] = entry["data"]["dispositions"], contact.body["dispositions"]
    assert (of_entry["code"], of_entry["group"]) == ("interested", "sale")
    assert of_contact["labels"] == {"zh": "有意向", "en": "Interested"}
    assert filled.body["values"] == {"product": "宽带", "amount": 99.5}
    assert ("li", "created", "disposition", talk.id) in await told(centre)


async def test_it_is_recorded_by_its_agent_while_that_one_works_on_it(
    centre: Centre, talk: Talk
) -> None:
    others = await record(centre, talk, "wang", code="answered")
    while_talking = await record(centre, talk, code="answered")
    talk.end()
    in_wrap_up = await record(centre, talk, code="done_now", version=while_talking.body["version"])
    unread = await record(centre, talk, code="answered", version=while_talking.body["version"])
    centre.parts.floor.set_ready("li")
    too_late = await record(centre, talk, code="answered", version=in_wrap_up.body["version"])

    assert others.status == 404
    assert (while_talking.status, in_wrap_up.status) == (200, 200)
    assert (unread.status, unread.kind) == (409, "EditConflict")
    assert (too_late.status, too_late.kind) == (409, "NotWorkedOn")


async def test_where_a_queue_needs_one_the_agent_ends_no_wrap_up_without(
    centre: Centre, talk: Talk
) -> None:
    rule = await asking(centre, "sun")("PUT", "queues/sales/disposition-rule", {"required": True})
    await centre.parts.log.stored()
    talk.end()
    li, ready = asking(centre, "li"), {"state": "ready"}

    refused = await li("PUT", "agents/li/state", ready)
    extended = await li("POST", "agents/li/wrap-up/extension", {"seconds": 60})
    by_supervisor = await asking(centre, "zhao")("GET", "queues/sales/disposition-rule")
    await record(centre, talk, code="answered")
    accepted = await li("PUT", "agents/li/state", ready)

    assert rule.status == 200
    assert by_supervisor.body == {"queue": "sales", "required": True}
    assert (refused.status, refused.kind) == (409, "DispositionMissing")
    assert (extended.status, extended.kind) == (409, "NotWrappingUp")  # the queue has no limit
    assert (accepted.status, accepted.body["state"]) == (200, "ready")


async def test_the_desktop_is_told_of_the_wrap_up_and_of_what_is_owed_after_it(
    centre: Centre, talk: Talk
) -> None:
    await asking(centre, "sun")("PUT", "queues/sales/disposition-rule", {"required": True})
    await centre.parts.log.stored()
    li, told_of = asking(centre, "li"), f"interactions/{talk.id}/disposition"
    talk.end()

    wrapping_up = await li("GET", "agents/li")
    centre.parts.floor.release("li", "server_restarted")
    owed = await li("GET", "agents/li/owed-dispositions")
    others = await asking(centre, "wang")("GET", "agents/li/owed-dispositions")
    made_good = await li("PUT", told_of, {"code": "answered"})
    again = await li("PUT", told_of, {"code": "done_now", "version": 1})
    nothing = await li("GET", "agents/li/owed-dispositions")

    [begun] = [
        one.event
        for one in await centre.parts.log.since(0, 1000)
        if isinstance(one.event, events.AgentWrapUpChanged)
    ]
    about = wrapping_up.body["wrap_up"]
    assert (begun.interaction_id, begun.contact_id, begun.queue) == (talk.id, "contact1", "sales")
    assert wrapping_up.body["interaction_id"] == talk.id
    assert about["owes_disposition"] is begun.owes_disposition is True
    assert about["until"] < about["ends_at"] == wrapping_up.body["wrap_up_until"]
    assert [(one["interaction_id"], one["queue"]) for one in owed.body] == [(talk.id, "sales")]
    assert (others.status, made_good.status, again.kind) == (403, 200, "NotWorkedOn")
    assert nothing.body == []


@pytest.mark.parametrize(
    ("body", "at_fault"),
    [
        ({"code": "sold_out"}, "no such code"),
        ({"code": "sale"}, "group"),
        ({"code": "interested"}, "form"),
        ({"code": "interested", "values": {"amount": 1}}, "form"),
        ({"code": "interested", "values": {"product": "x", "objections": ["none"]}}, "objections"),
        ({"code": "sold", "values": {"product": "x"}}, "has none"),
    ],
)
async def test_what_does_not_suit_the_code_is_refused(
    centre: Centre, talk: Talk, body: dict[str, Any], at_fault: str
) -> None:
    answer = await record(centre, talk, **body)

    assert answer.status == 422
    assert at_fault in answer.body["detail"]


async def test_a_filled_form_is_read_by_the_version_that_it_was_filled_in_by(
    centre: Centre,
) -> None:
    sun, li = asking(centre, "sun"), asking(centre, "li")
    created = await sun("POST", "forms", FORM)
    first = await li("POST", "filled-forms", {"form_id": "survey", "values": {"score": 7}})
    wider = SCORE | {"properties": {"score": {"type": "number"}, "why": {"type": "string"}}}
    edit = {"version": created.body["version"], "definition": wider}
    edited = await sun("PATCH", "forms/survey", edit)
    stale = await sun("PATCH", "forms/survey", edit)
    as_text = SCORE | {"properties": {"score": {"type": "string"}}}
    other_kind = await sun(
        "PATCH", "forms/survey", {"version": edited.body["version"], "definition": as_text}
    )
    await li("POST", "filled-forms", {"form_id": "survey", "values": {"score": 7.5, "why": "x"}})
    of_first = {"form_id": "survey", "form_version": 1, "values": {"score": 8.5}}
    by_first = await li("POST", "filled-forms", of_first)
    listed = (await li("GET", "forms/survey/filled", limit="1")).body
    rest = (await li("GET", "forms/survey/filled", after=listed["next"])).body

    assert (created.status, first.status, edited.body["latest"]) == (201, 201, 2)
    assert (stale.status, other_kind.status, by_first.status) == (409, 422, 422)
    assert [one["number"] for one in listed["items"] + rest["items"]] == ["A-100023", "A-100014"]
    assert [(one["form_version"], one["values"]) for one in listed["items"] + rest["items"]] == [
        (2, {"score": 7.5, "why": "x"}),
        (1, {"score": 7}),
    ]
    assert (await li("GET", "forms/survey/versions/1")).body["definition"] == SCORE
    newest = (await sun("GET", "forms/survey/versions", limit="1")).body
    oldest = (await sun("GET", "forms/survey/versions", after=newest["next"])).body
    versions = [(one["number"], one["content"]) for one in newest["items"] + oldest["items"]]
    assert versions == [(2, wider), (1, SCORE)]
    assert (await li("POST", "forms", FORM)).status == 403


async def test_another_teams_filled_form_is_not_there(centre: Centre) -> None:
    await asking(centre, "sun")("POST", "forms", FORM)
    body = {"form_id": "survey", "values": {"score": 7}}
    filled = await asking(centre, "chen")("POST", "filled-forms", body)

    path = f"filled-forms/{filled.body['id']}"
    assert (await asking(centre, "huang")("GET", path)).status == 200
    assert (await asking(centre, "lin")("GET", path)).status == 404
    assert (await asking(centre, "lin")("GET", "forms/survey/filled")).body["items"] == []


async def test_codes_are_chosen_from_by_queue_and_go_out_of_use(centre: Centre) -> None:
    sun, li = asking(centre, "sun"), asking(centre, "li")
    group = {"id": "group", "labels": LABELS}
    await sun("POST", "disposition-codes", group)
    code = {"id": "only_here", "labels": LABELS, "parent_id": "group", "queues": ["support"]}
    made = await sun("POST", "disposition-codes", code)
    third = await sun("POST", "disposition-codes", code | {"id": "x", "parent_id": "only_here"})
    listed = await li("GET", "disposition-codes", queue="sales")
    edit = {"version": made.body["version"], "active": False, "queues": []}
    edited = await sun("PATCH", "disposition-codes/only_here", edit)
    again = await li("GET", "disposition-codes", queue="sales")

    assert (made.status, third.status, edited.status) == (201, 422, 200)
    assert [one["id"] for one in listed.body] == [one["id"] for one in again.body] == ["group"]
