"""In which order those agents stand who may be offered contacts of a channel."""

import enum
from dataclasses import dataclass

from .model import Channel
from .policies import Cost, Policy
from .tally import Tally


class Spread(enum.StrEnum):
    """Who goes first where agents have several contacts of a channel in hand, before the policy."""

    BALANCE = "balance"  # who has the fewest of them
    FILL = "fill"  # who has the most, and can take one more


_SIGN = {Spread.BALANCE: 1.0, Spread.FILL: -1.0}


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """
    One order. There is one object for each that the queues need (:meth:`.Seats.ranking`).

    Without a ``spread`` an agent has no contact of the channel in hand while they stand in it.
    """

    policy: Policy
    channel: Channel
    spread: Spread | None

    def standing(self, tally: Tally, in_hand: int) -> Cost:
        standing = self.policy.standing(tally)
        return standing if self.spread is None else (_SIGN[self.spread] * in_hand, *standing)

    def cost(self, fit: float, standing: Cost) -> Cost:
        if self.spread is None:
            return self.policy.cost(fit, standing)
        return (standing[0], *self.policy.cost(fit, standing[1:]))
