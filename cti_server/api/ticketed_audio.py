"""A recording's sound for ``<audio>``: by a URL that is asked for first, and needs no header."""

from aiohttp import web

from cti_server.wire.recordings import AudioTicketView

from .parts import IDENTITY, identity, parts
from .recording_edits import ORIGINAL
from .recording_hearing import TICKET, audible_recording, need_to_hear
from .recordings import audio
from .routing import Query, Routes, answer
from .running_audio import FOLLOW

routes = Routes()


@routes.add(
    "POST",
    "/api/v1/recordings/{recording_id}/audio-tickets",
    needs=("recordings.play", "contacts.own"),
    answers=AudioTicketView,
    status=201,
)
async def issue_audio_ticket(request: web.Request) -> web.Response:
    """
    A URL by which this session can hear this recording for some minutes.

    Whoever may not hear it is refused here, as by ``GET …/audio``, and has to confirm who they are
    where that asks for it.
    """
    here, now = parts(request), parts(request).clock.now()
    who = here.sessions.confirm(identity(request), now)  # a person's, not an API key's
    found = await audible_recording(request)
    await need_to_hear(request, found)
    secret, until = here.audio_tickets.issue(who, found.id, now)
    url = f"/api/v1/recordings/{found.id}/audio/{secret}"
    return answer(AudioTicketView(url=url, expires_at=until), 201)


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/audio/{ticket}",
    needs=None,
    media_type="audio/wav",
    query=(*FOLLOW, ORIGINAL, Query("format")),
)
async def audio_by_ticket(request: web.Request) -> web.StreamResponse:
    """
    The same as ``GET …/audio``, ranges too, by a ticket instead of a token.

    It ends with the session; that it was played is audited once for each ticket and version.
    """
    here, now = parts(request), parts(request).clock.now()
    ticket = here.audio_tickets.need(
        request.match_info["ticket"], request.match_info["recording_id"], now
    )
    request[IDENTITY] = here.sessions.confirm(ticket.who, now)
    request[TICKET] = ticket
    return await audio(request)
