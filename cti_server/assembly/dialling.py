"""Calls to customers: by a click, or when it is a call-back's turn."""

from dataclasses import dataclass

from cti_server.calls.call_back_turns import CallBackTurns
from cti_server.calls.call_back_wishes import CallBackWishes
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.dial_pad import DialPad
from cti_server.calls.outreach import Outreach
from cti_server.due import DueTimer

from .calling import Calling
from .directory import Directory
from .ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialling:
    outreach: Outreach
    dial_pad: DialPad
    turns: CallBackTurns
    turn_timer: DueTimer  # of its own: a call-back's turn waits for no other work


def open_dialling(
    ground: Ground, directory: Directory, calling: Calling, call_backs: CallBacks
) -> Dialling:
    """Nobody is called yet: that begins with ``turn_timer``."""
    exchange, switchboard, hours = calling.exchange, calling.switchboard, directory.opening_hours
    outreach = Outreach(
        ground.database,
        ground.log.append,
        now=ground.clock.now,
        region=ground.region,
        time_zone=ground.time_zone,
    )
    turn_timer = DueTimer(ground.clock)
    wishes = CallBackWishes(call_backs, outreach)
    dial_pad = DialPad(exchange, switchboard, call_backs, outreach, wishes)
    turns = CallBackTurns(
        call_backs, exchange, switchboard, wishes, hours.calendar, dial_pad, turn_timer.wake
    )
    ground.log.subscribe(turns.hear)
    hours.changed = call_backs.look_at_all
    turn_timer.add(turns)
    return Dialling(outreach=outreach, dial_pad=dial_pad, turns=turns, turn_timer=turn_timer)
