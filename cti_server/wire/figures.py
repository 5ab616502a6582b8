"""
The centre's live figures. Durations are in seconds, shares from 0 to 1; null is "nothing to say".

Each thing counts when it is over: a wait when it ends, a handling when its wrap-up does.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from .resource import Resource
from .wait_estimates import SharesHeld, WaitQuantiles


class WaitFigures(Resource):
    """Of all waits that ended with an agent or were abandoned, but for short abandons."""

    mean: float | None = Field(description="Their sum / (answered + abandoned).")
    p50: float | None = Field(description="Nearest rank; live ones are within 1 %.")
    p90: float | None
    p95: float | None
    max: float | None


class QueueWindow(Resource):
    """What came and went in a stretch of time."""

    offered: int = Field(description="Contacts that came into the queue.")
    answered: int = Field(description="Their wait ended in a conversation.")
    abandoned: int = Field(description="Left while they waited, not short_abandoned.")
    short_abandoned: int = Field(
        description="Left within the service level's short_abandon: wrong numbers, second thoughts."
    )
    overflowed: int = Field(description="Went on to another queue, or to a number outside.")
    exited: int = Field(description="Left by a way that the queue offers, as a call-back.")
    turned_away: int = Field(description="The queue did not take them.")
    lost: int = Field(description="Cut off while they waited, by a fault of this server.")
    deferred_offered: int = Field(
        description="Call-backs, letters and the like: in no figure of waits or service levels."
    )
    deferred_answered: int
    service_level: float | None = Field(
        description="By the queue's own formula; usually answered within its time / (answered + "
        "abandoned)."
    )
    abandon_rate: float | None = Field(description="abandoned / (answered + abandoned).")
    asa: float | None = Field(
        description="Average speed of answer: the waits of the answered / answered. A wait runs "
        "from the first moment in a queue to the conversation; after a conversation, anew."
    )
    wait: WaitFigures
    handled: int = Field(
        description="Agents' parts of contacts, whoever called: a transferred contact has several."
    )
    aht: float | None = Field(description="Average handling time: talk + hold + wrap_up.")
    talk: float | None = Field(description="A handling's conversation without its holds, mean.")
    hold: float | None = Field(description="The part in which the two did not hear one another.")
    wrap_up: float | None
    transferred: int = Field(description="Handed on by an agent of the queue.")


class Fairness(Resource):
    """
    How evenly today's work is spread over those who serve the queue and are, or were, there.

    Jain's index, (sum x)² / (n · sum x²): 1 if all have the same, 1/n if one has everything.
    """

    agents: int = Field(description="n.")
    contacts: float | None = Field(description="x: contacts of the queue that they handled.")
    busy: float | None = Field(
        description="x: talk, hold and wrap-up for the queue / the agent's staffed time."
    )


class QueueFigures(Resource):
    """
    A queue now, and its figures of today, of the present interval, of the one before, and of the
    last five minutes (which move on by 10 s).
    """

    queue: str
    title: str
    waiting: int = Field(description="In line, without those who are offered to an agent.")
    ringing: int = Field(description="Offered, or picked up and not connected yet.")
    longest_wait_since: datetime | None = Field(description="Of all who wait or are offered.")
    expected_wait: WaitQuantiles | None = Field(
        description="Of who comes now, if they stay; null without evidence since the server's "
        "start, where nobody serves, and for all queues together."
    )
    estimates_held: SharesHeld | None = Field(
        description="How right the queue's estimates were since then."
    )
    talking: int = Field(description="Conversations, those on hold included.")
    on_hold: int
    agents: dict[str, int] = Field(
        description="Who is logged in and serves the queue, by state: ready, not_ready, ringing, "
        "talking, wrap_up."
    )
    fairness: Fairness
    today: QueueWindow
    interval: QueueWindow
    before: QueueWindow
    recent: QueueWindow


class AgentWindow(Resource):
    """What an agent did in a stretch of time. The times in states are up to the figures' moment."""

    handled: int
    aht: float | None = Field(description="talk + hold + wrap_up.")
    talk: float | None = Field(description="Mean of a handling; so are hold and wrap_up.")
    hold: float | None
    wrap_up: float | None
    offered: int
    missed: int = Field(description="Offers that rang until their time was over.")
    declined: int
    unreachable: int
    transferred: int
    staffed_seconds: float = Field(description="Logged in.")
    ready_seconds: float
    not_ready_seconds: float
    ringing_seconds: float
    talking_seconds: float = Field(description="From picking up to the end, holds included.")
    wrap_up_seconds: float
    occupancy: float | None = Field(
        description="(talking_seconds + wrap_up_seconds) / staffed_seconds."
    )


class AgentFigures(Resource):
    """An agent ``as_of`` a moment: since then only the time in ``state`` has grown."""

    agent_id: str
    state: str
    reason: str | None
    since: datetime
    as_of: datetime
    today: AgentWindow
    interval: AgentWindow
    before: AgentWindow


class LineWindow(Resource):
    """Calls of a trunk, or all calls, in a stretch of time."""

    arrived: int = Field(description="Calls that were let in.")
    refused: int = Field(description="Calls that got a 503: overload, or the server is ending.")
    unavailable: int = Field(description="Let in, and refused for want of media.")
    placed: int = Field(description="Calls of ours.")
    answered: int = Field(description="Calls of ours that somebody picked up, once they are over.")
    answer_seizure_ratio: float | None = Field(
        description="ASR (ITU-T E.411): answered / calls of ours that are over."
    )
    peak: int = Field(description="Most lines busy at once.")
    erlangs: float = Field(description="Lines busy on average: their busy time / the time.")
    occupancy: float | None = Field(description="erlangs / lines, where lines are configured.")


TrunkState = Literal["unknown", "up", "down"]


class TrunkFigures(Resource):
    """A trunk's lines; ``lines`` is what its settings say that it has."""

    trunk: str
    state: TrunkState = Field(
        description="Whether it lives, by its answers to our OPTIONS and its calls; unknown until "
        "there was one or the other since the server's start."
    )
    state_since: datetime | None
    round_trip: float | None = Field(description="Of its last answer to an OPTIONS, seconds.")
    lines: int | None
    busy: int
    today: LineWindow
    interval: LineWindow
    before: LineWindow


class CallWindow(LineWindow):
    """All calls, whatever they came by; ``occupancy`` is of all configured lines."""

    turned_away: int = Field(description="By queues that took nobody.")
    blocked_rate: float | None = Field(
        description="(refused + unavailable + turned_away) / (arrived + refused)."
    )


class CallFigures(Resource):
    busy: int
    today: CallWindow
    interval: CallWindow
    before: CallWindow


class CentreFigures(Resource):
    """All queues together, and the lines."""

    queues: QueueFigures
    calls: CallFigures
    trunks: list[TrunkFigures]


class Figures(Resource):
    """
    ``as_of`` the event ``sequence``. ``interval_from`` is when the present interval began, ``day``
    when today did, at midnight in the centre's zone.
    """

    sequence: int
    at: datetime
    day: datetime
    interval_from: datetime


class QueuesNow(Figures):
    queues: list[QueueFigures]


class AgentsNow(Figures):
    agents: list[AgentFigures]


class AgentNow(Figures):
    agent: AgentFigures


class CentreNow(Figures):
    centre: CentreFigures


class ResolutionRow(Resource):
    """
    Contacts that arrived in the stretch, were handled and are over, by their last queue.
    """

    begins_at: datetime
    queue: str
    contacts: int
    transferred: int = Field(description="Contacts that were handed on at least once.")
    transfers: int
    transfers_per_contact: float = Field(description="transfers / contacts.")
    resolved: int = Field(
        description="The same customer did not come again to the same queue within the days. The "
        "customer is whom the contact is known to be of, else whoever calls from that number."
    )
    pending: int = Field(description="Of the resolved: their days are not over yet.")
    first_contact_resolution: float = Field(description="resolved / contacts.")


class ResolutionReport(Resource):
    since: datetime
    until: datetime
    days: int
    rows: list[ResolutionRow]
