"""Who waits, of all kinds of contacts."""

from functools import partial

from cti_server.calls.call_backs import CallBacks
from cti_server.channels.tray import Tray
from cti_server.waiting_list.known import known_of
from cti_server.waiting_list.watching import WaitingList

from .calling import Calling
from .ground import Ground
from .routing import Routing


def open_waiting_list(
    ground: Ground, calling: Calling, routing: Routing, tray: Tray, call_backs: CallBacks
) -> WaitingList:
    about = partial(known_of, calling.switchboard, tray, call_backs)
    waiting = WaitingList(routing.floor, about, routing.definitions.team_of)
    ground.opening.callback(waiting.close)
    return waiting
