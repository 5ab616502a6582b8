"""What an agent has in hand beside the one contact that takes them whole, and has room for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .model import SPOKEN, Channel, ChannelRule


@dataclass(frozen=True, slots=True)
class Load:
    rules: Mapping[Channel, ChannelRule]
    capacities: Mapping[Channel, int]  # the agent's own, where they differ from the rules
    in_hand: Mapping[Channel, int] = field(default_factory=dict)  # at least one of each
    voiceless: tuple[str, ...] = ()  # why no call can come, while other contacts can

    def of(self, channel: Channel) -> int:
        """How many of them are in hand."""
        return self.in_hand.get(channel, 0)

    def capacity(self, channel: Channel) -> int:
        return self.capacities.get(channel, self.rules[channel].capacity)

    def obstacle(self, channel: Channel) -> str | None:
        """Why a contact of the channel cannot come to what is in hand; None if it can."""
        if self.voiceless and channel in SPOKEN:
            return self.voiceless[0]
        return self.crowding(channel)

    def crowding(self, channel: Channel) -> str | None:
        """The same, as far as it is what is in hand that leaves no room."""
        for held in self.in_hand:
            if held is not channel and channel not in self.rules[held].interrupted_by:
                return f"{held.value} in hand"
        return f"{channel.value} full" if self.full(channel) else None

    def full(self, channel: Channel) -> bool:
        return self.of(channel) >= self.capacity(channel)

    def more(self, channel: Channel) -> "Load":
        return replace(self, in_hand={**self.in_hand, channel: self.of(channel) + 1})

    def fewer(self, channel: Channel) -> "Load":
        in_hand = {**self.in_hand, channel: self.of(channel) - 1}
        return replace(self, in_hand={one: count for one, count in in_hand.items() if count})
