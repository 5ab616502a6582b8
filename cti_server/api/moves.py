"""Supervisors move who waits to another queue: theirs is gone, or cannot serve them."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from acd.errors import AcdError, UnknownQueue
from acd.model import Purpose
from acd.waits import Wait
from crm.errors import InvalidField
from cti_server.calls.errors import CallError, NoSuchCall
from cti_server.channels.errors import ChannelError
from cti_server.wire.calls import QueueToWaitIn
from cti_server.wire.waiting import ContactsMoved, ContactsToMove, MovedContact

from .channels import sight_of
from .parts import Parts, identity, parts
from .permissions import Identity
from .routing import Routes, answer, read

routes = Routes()

NEEDS = ("contacts.control",)
AT_ONCE = 20
"""Contacts that are moved before others' work is done."""


@routes.add(
    "POST", "/api/v1/contacts/{contact_id}/move", needs=NEEDS, body=QueueToWaitIn, status=204
)
async def move(request: web.Request) -> web.Response:
    """Have a contact that waits, of whatever channel, wait elsewhere from its own first moment."""
    wanted, here = await read(request, QueueToWaitIn), parts(request)
    contact_id, who = request.match_info["contact_id"], identity(request)
    wait = here.floor.wait_of(contact_id)
    if wait is not None and not _in_sight(here, wait, who):
        raise NoSuchCall(contact_id)
    _move(here, contact_id, wanted.queue, who)
    return web.Response(status=204)


@routes.add(
    "POST",
    "/api/v1/queues/{queue}/move",
    needs=NEEDS,
    body=ContactsToMove,
    answers=ContactsMoved,
)
async def move_many(request: web.Request) -> web.Response:
    """Have many who wait in a queue, or all, wait in another, from their own first moment."""
    wanted, here, who = await read(request, ContactsToMove), parts(request), identity(request)
    queue = request.match_info["queue"]
    everybody = here.floor.everybody_in(queue)  # raises UnknownQueue
    if wanted.to not in here.queues:
        raise UnknownQueue(wanted.to)
    if wanted.to == queue:
        raise InvalidField("to", "is where they wait already")
    named = everybody if wanted.all else list(dict.fromkeys(wanted.contact_ids))
    contacts = list[MovedContact]()
    for start in range(0, len(named), AT_ONCE):
        contacts += _moved(here, named[start : start + AT_ONCE], queue, wanted.to, who)
        await asyncio.sleep(0)
    return answer(ContactsMoved(moved=sum(one.moved for one in contacts), contacts=contacts))


def _moved(
    here: Parts, named: Sequence[str], queue: str, to: str, who: Identity
) -> list[MovedContact]:
    found = list[MovedContact]()
    for contact_id in named:
        problem = detail = None
        wait = here.floor.wait_of(contact_id)
        if wait is None or wait.contact.queue != queue or not _in_sight(here, wait, who):
            problem, detail = "NotThere", f"contact {contact_id!r} does not wait in {queue!r}"
        elif not _movable(here, wait):
            problem, detail = (
                "NotMovable",
                "call-backs and questions to advisers stay where they are",
            )
        else:
            try:
                _move(here, contact_id, to, who)
            except (AcdError, CallError, ChannelError) as error:
                problem, detail = type(error).__name__, str(error)
        found.append(
            MovedContact(
                contact_id=contact_id, moved=problem is None, problem=problem, detail=detail
            )
        )
    return found


def _movable(here: Parts, wait: Wait) -> bool:
    """Calls whose customer is there, and what is no call."""
    there = here.switchboard.find(wait.contact.id) or here.tray.find(wait.contact.id)
    return there is not None and wait.contact.purpose is Purpose.SERVE


def _in_sight(here: Parts, wait: Wait, who: Identity) -> bool:
    """Not where an agent of another team is rung for it."""
    rung = () if wait.offer is None else (wait.offer.agent_id,)
    return here.channels.sees(sight_of(here, who), rung)


def _move(here: Parts, contact_id: str, queue: str, who: Identity) -> None:
    if (call := here.switchboard.find(contact_id)) is not None:
        call.course.move(queue, who.agent_id)
    else:
        here.tray.move(contact_id, queue, who.agent_id)
