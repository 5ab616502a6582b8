"""What the fold remembers: the centre as the log tells it, and its figures. Stored as it is."""

import msgspec

from .counts import AgentCounts, QueueCounts, TrunkCounts
from .periods import Periods
from .windows import Recent, Windows, agent_windows, queue_windows, trunk_windows


class Wait(msgspec.Struct):
    """A contact in a queue; ``since`` counts for its wait, ``deferred``: nobody is at the line."""

    queue: str
    since: int
    stage: str = "waiting"  # then "offered", "accepted"
    deferred: bool = False


class Handling(msgspec.Struct):
    """An agent's part of a contact, from the first word to the end of its wrap-up."""

    agent_id: str
    contact_id: str
    queue: str
    started: int
    ended: int = 0
    held: int = 0  # ms, of holds that are over
    held_since: int | None = None

    @property
    def talked(self) -> int:
        return self.ended - self.started - self.held


class QueueState(msgspec.Struct):
    windows: Windows[QueueCounts] = msgspec.field(default_factory=queue_windows)
    recent: Recent = msgspec.field(default_factory=Recent)
    waiting: dict[str, int] = msgspec.field(default_factory=dict)  # contacts, and since when
    ringing: int = 0  # of those: offered to an agent, or picked up and not connected yet
    talking: int = 0  # handlings going on
    on_hold: int = 0  # of those

    @property
    def idle(self) -> bool:
        """Nothing happened in it today, and nobody is in it."""
        return not self.waiting and not self.talking and self.windows.today == QueueCounts()


class Served(msgspec.Struct):
    """What one agent did for one queue today."""

    handled: int = 0
    busy: int = 0  # ms of talk, hold and wrap-up


class AgentState(msgspec.Struct):
    """``settled``: up to when the time in the state is in the windows."""

    state: str = "logged_out"
    reason: str | None = None
    since: int = 0
    settled: int = 0
    contact_id: str | None = None
    wrapping: Handling | None = None
    windows: Windows[AgentCounts] = msgspec.field(default_factory=agent_windows)
    queues: dict[str, Served] = msgspec.field(default_factory=dict)


class TrunkState(msgspec.Struct):
    windows: Windows[TrunkCounts] = msgspec.field(default_factory=trunk_windows)
    placed: int = 0  # lines busy with calls of ours
    arrived: int = 0  # and with calls that came in
    settled: int = 0

    @property
    def busy(self) -> int:
        return self.placed + self.arrived


class State(msgspec.Struct):
    """As of the event ``sequence``, at ``at``."""

    periods: Periods
    sequence: int = 0
    at: int = 0
    centre: QueueState = msgspec.field(default_factory=QueueState)
    calls: TrunkState = msgspec.field(default_factory=TrunkState)
    queues: dict[str, QueueState] = msgspec.field(default_factory=dict)
    agents: dict[str, AgentState] = msgspec.field(default_factory=dict)
    trunks: dict[str, TrunkState] = msgspec.field(default_factory=dict)
    waits: dict[str, Wait] = msgspec.field(default_factory=dict)  # by contact
    handlings: dict[str, Handling] = msgspec.field(default_factory=dict)  # by interaction
    connected: set[str] = msgspec.field(default_factory=set)  # contacts that spoke with somebody
    arrived: dict[str, str] = msgspec.field(default_factory=dict)  # calls, and by which trunk
