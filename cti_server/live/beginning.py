"""Where a fold begins that has no checkpoint: at today's first event, with who was there then."""

from datetime import datetime, timedelta

from cti_server.store.agent_states import AgentStates
from cti_server.store.database import Database
from cti_server.store.stored_events import StoredEvents

from .fold import Fold
from .periods import in_ms, moment_of

BEFORE = timedelta(hours=2)
"""So long before midnight it begins: a call that goes on over midnight is known whole."""


async def begin(database: Database, fold: Fold, now: datetime) -> None:
    """Raises what the database raises. Everything that is older has to be in it."""
    periods = fold.state.periods
    periods.begin_day(in_ms(now))
    start = moment_of(periods.day) - BEFORE
    periods.begin_day(in_ms(start))
    async with database.readers() as session:
        fold.state.sequence = await StoredEvents(session).last_before(start)
        there = await AgentStates(session).at(start)
    fold.advance(in_ms(start))
    for period in there:
        agent = fold.agent(period.agent_id)
        agent.state, agent.reason = period.state, period.reason
        agent.since = min(in_ms(period.started_at), agent.since)
