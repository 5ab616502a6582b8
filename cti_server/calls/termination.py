"""Why a call, leg or contact ended: a closed list, one word for the metric, one for the human."""

from dataclasses import dataclass
from typing import Literal

Result = Literal["ok", "client_error", "server_error", "upstream_error"]


@dataclass(frozen=True, slots=True)
class Termination:
    result: Result
    reason: str


CALLER_HUNG_UP = Termination("ok", "caller-hung-up")
AGENT_HUNG_UP = Termination("ok", "agent-hung-up")
FLOW_ENDED = Termination("ok", "flow-ended")
TRANSFER_ENDED = Termination("ok", "transfer-ended")
SUPERVISOR_LEFT = Termination("ok", "supervisor-left")
RELEASED = Termination("ok", "released")  # this side let the leg go, the call went on or was over
NOT_ANSWERED = Termination("ok", "not-answered")
DECLINED = Termination("ok", "declined")
OFFER_WITHDRAWN = Termination("ok", "offer-withdrawn")
QUEUE_FULL = Termination("ok", "queue-full")
QUEUE_CLOSED = Termination("ok", "queue-closed")
OVERFLOWED = Termination("ok", "overflowed")  # a rule of the queue's ended it
LEFT_QUEUE = Termination("ok", "left-queue")  # the caller pressed the key for it
CALL_BACK_PROMISED = Termination("ok", "call-back-promised")
NOT_A_NUMBER = Termination("client_error", "not-a-number")
EMERGENCY_NUMBER = Termination("client_error", "emergency-number")
BARRED_NUMBER = Termination("client_error", "barred-number")
NO_TRUNK_FOR_NUMBER = Termination("client_error", "no-trunk-for-number")
ALL_TRUNKS_BUSY = Termination("upstream_error", "all-trunks-busy")
NO_COMMON_CODEC = Termination("client_error", "no-common-codec")
ACK_TIMEOUT = Termination("upstream_error", "ack-timeout")
SESSION_GONE = Termination("upstream_error", "session-gone")
RTP_TIMEOUT = Termination("upstream_error", "rtp-timeout")  # connected, and nothing was heard
TRANSFER_FAILED = Termination("upstream_error", "transfer-failed")
AGENT_NOT_REACHED = Termination("ok", "agent-not-reached")  # who wanted to call did not pick up
CALLED_OFF = Termination("ok", "called-off")  # whoever wanted them does not any more
AGENT_RELEASED = Termination("ok", "agent-released")  # freed by an administrator, or self-check
UNREACHABLE = Termination("upstream_error", "unreachable")
NO_AUDIO = Termination("upstream_error", "no-audio")  # picked up, and no peer connection came
BROWSER_GONE = Termination("upstream_error", "browser-gone")  # the page did not come back
TOO_LONG = Termination("ok", "too-long")  # a page's call has lasted as long as it may
FLOW_LOOP = Termination("server_error", "flow-loop")
MEDIA_UNAVAILABLE = Termination("server_error", "media-unavailable")
MEDIA_LOST = Termination("server_error", "media-lost")
SERVER_STOPPED = Termination("server_error", "server-stopped")
SERVER_DIED = Termination("server_error", "server-died")
INTERNAL_ERROR = Termination("server_error", "internal-error")

LOST = frozenset({BROWSER_GONE, RTP_TIMEOUT, SESSION_GONE, ACK_TIMEOUT, AGENT_RELEASED})
"""Nobody hung up: the party's phone is gone, or the way to it, or counts as gone."""

ALL = tuple(value for value in globals().values() if isinstance(value, Termination))
"""The list is closed: these and no others."""


def of_refusal(cause: str) -> Termination:
    """What a leg ends with that could not be dialled (:class:`.number_plan.DiallingRefused`)."""
    return next((each for each in ALL if each.reason == cause), UNREACHABLE)


def ended_by(why: Termination) -> str:
    """Who ended an agent's conversation: "caller", "agent" or "system"."""
    if why is CALLER_HUNG_UP:
        return "caller"
    return "agent" if why in (AGENT_HUNG_UP, SUPERVISOR_LEFT) else "system"


class Over(Exception):
    """Raised inside a call's tasks: the call ends, for this reason."""

    def __init__(self, termination: Termination) -> None:
        super().__init__(termination.reason)
        self.termination = termination
