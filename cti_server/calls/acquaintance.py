"""What it does to a customer's place in a queue that we know them."""

from collections.abc import Mapping

from acd.model import PRIORITIES, AgentId
from config.floor import QueueSettings
from crm.pop import Pop


def priority(pop: Pop, wished: int, credits: Mapping[str, int]) -> int:
    """
    The menu's, and what the customer's tier adds (CR-17).

    Of several with one number it may be any of them: nobody who matters waits for that.
    """
    credit = max((credits.get(one.tier, 0) for one in pop.customers), default=0)
    return min(max(wished + credit, PRIORITIES[0]), PRIORITIES[-1])


def greeted_tier(pop: Pop) -> str | None:
    """Of the one customer that it is; of several it may be any of them, and nobody is greeted."""
    return pop.customers[0].tier if pop.match == "one" else None


def wanted(pop: Pop, queue: QueueSettings) -> tuple[AgentId | None, AgentId | None]:
    """Whom the contact is kept for (AC-08), and for whom if that one cannot have it."""
    if not queue.keep_for_agent:
        return None, None
    match queue.keep_for:
        case "owner":
            return owner(pop), None
        case "last":
            return last_agent(pop), None
        case "owner_then_last":
            return owner(pop), last_agent(pop)


def owner(pop: Pop) -> AgentId | None:
    """Whose customer it is; of several it may be any of them."""
    agent_id = pop.customers[0].owner_id if pop.match == "one" else None
    return None if agent_id is None else AgentId(agent_id)


def last_agent(pop: Pop) -> AgentId | None:
    """Who served the customer last, as far back as the pop goes."""
    served = (past.agent_id for past in pop.history if past.agent_id is not None)
    agent_id = next(served, None)
    return None if agent_id is None else AgentId(agent_id)
