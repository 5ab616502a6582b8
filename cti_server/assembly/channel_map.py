"""The channel map of the running calls."""

from cti_server.channel_map.rows import Account, CallRows, rows_of
from cti_server.channel_map.watching import ChannelMap

from .calling import Calling
from .ground import Ground
from .routing import Routing


def open_channel_map(ground: Ground, calling: Calling, routing: Routing) -> ChannelMap:
    switchboard, plane = calling.switchboard, calling.exchange.plane

    def look(account: Account) -> list[CallRows]:
        return [rows_of(call, account) for call in switchboard.calls if not call.over]

    channels = ChannelMap(look, plane, routing.definitions.team_of)
    ground.opening.callback(channels.close)
    return channels
