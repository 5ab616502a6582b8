"""Which recording a path names, who may list and hear it, and that they did."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy import ColumnElement

from cti_server.store.interactions import Interactions
from cti_server.store.recordings import MESSAGE, RUNNING, STORED, Recording, Recordings
from cti_server.store.reviews import Reviews
from cti_server.wire.events import RecordingPlayed
from recording.access import Action, asks_again

from .audio_tickets import AudioTicket
from .contact_scope import in_sight
from .parts import identity, parts
from .problems import NotFound
from .recording_access import need_queue, queues_of, seen_by

TICKET: web.RequestKey[AudioTicket] = web.RequestKey("audio_ticket", AudioTicket)
"""By which somebody hears it who has sent no token."""


async def need_to_hear(request: web.Request, stored: Recording) -> None:
    """Raises NotPermitted, NotFound and ConfirmationNeeded."""
    here, who = parts(request), identity(request)
    if stored.kind == MESSAGE:
        on_desk = here.tray.on_desk(who.agent_id)
        if any(pop.contact_id == stored.contact_id for pop, _ in on_desk):
            return  # the records may not have it yet
        async with here.database.readers() as session:
            if await Interactions(session).had_part(who.agent_id, stored.contact_id):
                return
    elif await _judged_by_it(request, stored):
        _need_confirmed(request, stored)
        return
    who.need("recordings.play")
    await need_right(request, stored, "play")
    _need_confirmed(request, stored)


async def need_right(request: web.Request, stored: Recording, action: Action) -> None:
    """By its queue. Raises NotFound for one that they may not list, and QueueNotPermitted."""
    who = identity(request)
    async with parts(request).database.readers() as session:
        listed = await queues_of(session, who, "list")
        if listed is not None and stored.queue not in listed:
            raise NotFound("recording", stored.id)
        await need_queue(session, who, action, stored)


async def _judged_by_it(request: web.Request, stored: Recording) -> bool:
    """Agents hear what a review of theirs is about."""
    who = identity(request)
    if who.may("recordings.play") or not who.may("quality.own"):
        return False
    async with parts(request).database.readers() as session:
        return await Reviews(session).is_shown_to(who.agent_id, stored.id)


def _need_confirmed(request: web.Request, stored: Recording) -> None:
    """Raises ConfirmationNeeded; who has a ticket has confirmed it for that."""
    if TICKET in request:
        return
    here, who = parts(request), identity(request)
    if asks_again(here.recording.protection, who.roles, stored.queue):
        here.confirmations.need(who, "recordings.play", here.clock.now())


async def listed_recording(request: web.Request) -> Recording:
    """One of a queue that they may list; else as the others."""
    who = identity(request)
    async with parts(request).database.readers() as session:
        seen = await seen_by(session, who)
    return await _found(request, seen, STORED, RUNNING)


async def stored_recording(request: web.Request) -> Recording:
    """Raises NotFound, also for one of another team's customers."""
    return await _found(request, in_sight(identity(request), Recording.contact_id), STORED)


async def audible_recording(request: web.Request) -> Recording:
    """One that runs, too. Raises NotFound as the other does."""
    seen = in_sight(identity(request), Recording.contact_id)
    return await _found(request, seen, STORED, RUNNING)


async def _found(
    request: web.Request, seen: Sequence[ColumnElement[bool]], *states: str
) -> Recording:
    recording_id = request.match_info["recording_id"]
    async with parts(request).database.readers() as session:
        found = await Recordings(session).get(recording_id, seen)
    if found is None or found.state not in states:
        raise NotFound("recording", recording_id)
    return found


def tell_played(request: web.Request, recording: Recording, edits: int = 0) -> None:
    """
    ``edits``: the version of its edits that was heard, 0 for the recording as it is.

    By a ticket each version is told once: players ask for many ranges of what they play.
    """
    ticket = request.get(TICKET)
    if ticket is not None:
        if edits in ticket.told:
            return
        ticket.told.add(edits)
    played = RecordingPlayed(
        recording_id=recording.id, played_by=identity(request).agent_id, edits=edits
    )
    parts(request).log.append(played)
