"""Who chose for an agent what they are to be: told with the state, however late it comes true."""

from collections.abc import Iterator
from contextlib import contextmanager

from acd.effects import AgentChanged
from acd.errors import AcdError
from acd.model import AgentState


class Choices:
    """Of others than the agent; at most one of each agent's, the last one, until it is true."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[AgentState, str]] = {}

    @contextmanager
    def made(self, agent_id: str, state: AgentState, by: str | None) -> Iterator[None]:
        """While the choice is carried to the router; one that it refuses leaves the one before."""
        before = self._made.get(agent_id)
        self.forget(agent_id)
        if by is not None:
            self._made[agent_id] = (state, by)
        try:
            yield
        except AcdError:
            self.forget(agent_id)
            if before is not None:
                self._made[agent_id] = before
            raise

    def forget(self, agent_id: str) -> None:
        self._made.pop(agent_id, None)

    def whose(self, changed: AgentChanged) -> str | None:
        """Who is behind the change; None for the agent themselves and for the ACD."""
        agent, before = changed.agent, changed.previous
        made = self._made.get(agent.id)
        if made is None:
            return None
        state, by = made
        if agent.state is state and (agent.state, agent.reason) != (before.state, before.reason):
            self.forget(agent.id)
            return by
        if agent.next == before.next:
            return None
        if agent.next is not None and agent.next.state is state:
            return by
        self.forget(agent.id)  # called off, or something else came of it
        return None
