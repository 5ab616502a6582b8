"""What it does to a customer's place in a queue that we know them."""

from collections.abc import Mapping

from acd.model import PRIORITIES, AgentId
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


def last_agent(pop: Pop) -> AgentId | None:
    """Who served the customer last, as far back as the pop goes (AC-08)."""
    served = (past.agent_id for past in pop.history if past.agent_id is not None)
    agent_id = next(served, None)
    return None if agent_id is None else AgentId(agent_id)
