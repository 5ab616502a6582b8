"""The channel map over REST: one look at every leg; who watches it does so on the stream."""

from aiohttp import web

from cti_server.channel_map.watching import Sight
from cti_server.wire.channels import ChannelNow

from .parts import Parts, identity, parts
from .permissions import Identity
from .routing import Routes, answer_many

routes = Routes()

NEEDS = "channels.watch"


@routes.add("GET", "/api/v1/channels", needs=(NEEDS,), answers=ChannelNow, many=True)
async def channels(request: web.Request) -> web.Response:
    """Every leg of every running call; the first look takes a second, for the levels."""
    here = parts(request)
    return answer_many(await here.channels.now(sight_of(here, identity(request))))


def sight_of(here: Parts, who: Identity) -> Sight:
    """Which calls they see, and what of them, as contacts have it."""
    return Sight(
        teams=who.teams,
        whole=who.may("contacts.read"),
        listeners=who.may("calls.listen") or here.tells_agents,
    )
