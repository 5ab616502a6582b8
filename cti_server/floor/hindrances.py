"""Why nobody is offered to an agent, whatever their state says: what they report, what they do."""

from collections import Counter

from .fitness import LISTENING


class Hindrances:
    """Of all agents, each as the router has it: the reasons, none if there are none."""

    def __init__(self) -> None:
        self._equipment: dict[str, tuple[str, ...]] = {}
        self._listenings = Counter[str]()

    def of_equipment(self, agent_id: str, unfit: tuple[str, ...]) -> tuple[str, ...]:
        """The agent's desktop cannot take a call for these reasons, and for no others."""
        self._equipment[agent_id] = unfit
        return self._of(agent_id)

    def begins_to_listen(self, agent_id: str) -> tuple[str, ...]:
        self._listenings[agent_id] += 1
        return self._of(agent_id)

    def listens_no_more(self, agent_id: str) -> tuple[str, ...]:
        """To one call; others may go on."""
        self._listenings[agent_id] -= 1
        if not self._listenings[agent_id]:
            del self._listenings[agent_id]
        return self._of(agent_id)

    def forget_equipment(self, agent_id: str) -> None:
        """The agent is gone; what they listen to ends by itself."""
        self._equipment.pop(agent_id, None)

    def _of(self, agent_id: str) -> tuple[str, ...]:
        listens = (LISTENING,) if agent_id in self._listenings else ()
        return (*listens, *self._equipment.get(agent_id, ()))
