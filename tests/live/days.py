"""A centre's log, written by hand: moments in seconds after nine o'clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from acd.service_level import ServiceLevel
from cti_server.live.fold import Fold
from cti_server.live.ledger import Terms
from cti_server.live.periods import Periods, in_ms
from cti_server.live.rows import Row, agent_row, fairness_of, queue_row
from cti_server.store.database import Database
from cti_server.store.journal_files import Entry
from cti_server.store.records import Records
from cti_server.wire import events
from cti_server.wire.events import Event, Logged

ZONE = "Asia/Shanghai"
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
LEVEL = ServiceLevel(within=timedelta(seconds=20), short_abandon=timedelta(seconds=5))


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


class Day:
    """Writes the log and folds it."""

    def __init__(self, trunks: frozenset[str] = frozenset({"carrier"})) -> None:
        self.log: list[Logged] = []
        self.fold = new_fold(trunks)

    def tell(self, seconds: float, *told: Event) -> None:
        for event in told:
            logged = Logged(len(self.log) + 1, at(seconds), event)
            self.log.append(logged)
            self.fold.take(logged)

    def arrives(self, seconds: float, contact: str, trunk: str = "carrier") -> None:
        self.tell(
            seconds,
            events.CallArrived(
                call_id=f"call-{contact}",
                contact_id=contact,
                sip_call_id="",
                caller_number="",
                dialled_number="",
                trunk=trunk,
            ),
        )

    def queued(
        self,
        seconds: float,
        contact: str,
        queue: str = "sales",
        since: float | None = None,
        channel: str = "voice",
    ) -> None:
        self.tell(
            seconds,
            events.ContactQueued(
                contact_id=contact,
                queue=queue,
                queued_at=at(seconds if since is None else since),
                priority=0,
                requirements={},
                channel=channel,
            ),
        )

    def state(self, seconds: float, agent: str, state: str, contact: str | None = None) -> None:
        self.tell(
            seconds,
            events.AgentStateChanged(
                agent_id=agent, state=state, since=at(seconds), contact_id=contact
            ),
        )

    def offered(self, seconds: float, contact: str, agent: str, queue: str = "sales") -> None:
        self.tell(
            seconds,
            events.OfferMade(
                contact_id=contact,
                interaction_id=f"{contact}-{agent}",
                agent_id=agent,
                queue=queue,
                expires_at=at(seconds + 20),
            ),
        )
        self.state(seconds, agent, "ringing", contact)

    def refused(self, seconds: float, contact: str, agent: str, outcome: str) -> None:
        self.tell(seconds, events.OfferEnded(**names(contact, agent), outcome=outcome))
        self.queued(seconds, contact)
        self.state(seconds, agent, "ready")

    def connected(self, seconds: float, contact: str, agent: str, queue: str = "sales") -> None:
        """Offered, picked up and connected in this moment."""
        self.offered(seconds, contact, agent, queue)
        self.tell(seconds, events.OfferAccepted(**names(contact, agent)))
        self.state(seconds, agent, "talking", contact)
        self.tell(seconds, events.InteractionStarted(**names(contact, agent), queue=queue))

    def released(self, seconds: float, contact: str, agent: str, wrap_up: float = 0) -> None:
        """The conversation ends; the agent is ready again after the wrap-up."""
        self.tell(seconds, events.InteractionEnded(**names(contact, agent), ended_by="caller"))
        if wrap_up:
            self.state(seconds, agent, "wrap_up", contact)
        self.state(seconds + wrap_up, agent, "ready")

    def ends(self, seconds: float, contact: str, outcome: str, reason: str = "") -> None:
        reason = reason or "caller-hung-up"
        self.tell(
            seconds,
            events.ContactEnded(contact_id=contact, outcome=outcome, reason=reason),
            events.CallEnded(
                call_id=f"call-{contact}", contact_id=contact, result="ok", reason=reason
            ),
        )

    def row(self, queue: str = "sales") -> Row:
        state = self.fold.state
        fairness = fairness_of(queue, state.agents.values(), state.at)
        return queue_row(queue, queue, self.fold.queue(queue), {}, fairness)

    def agent(self, agent: str, seconds: float) -> Row:
        self.fold.advance(in_ms(at(seconds)))
        return agent_row(agent, self.fold.state.agents[agent], self.fold.state.at)


def new_fold(trunks: frozenset[str] = frozenset({"carrier"})) -> Fold:
    periods = Periods(ZONE, 15 * 60 * 1000)
    return Fold(periods, Terms(lambda queue: LEVEL, trunks))


def names(contact: str, agent: str) -> dict[str, str]:
    return {
        "contact_id": contact,
        "interaction_id": f"{contact}-{agent}",
        "agent_id": agent,
    }


async def store(database: Database, log: list[Logged]) -> None:
    encode = msgspec.json.Encoder().encode
    entries = [Entry(each, encode(each)) for each in log]
    await database.in_transaction(
        lambda connection: Records(connection.dialect).write(connection, entries)
    )
