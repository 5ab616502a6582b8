"""What is refused of contacts that are no calls."""


class ChannelError(Exception):
    """A refusal; nothing was changed."""


class NoSuchWork(ChannelError):
    """It never was, is over, or is a call."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"no contact {contact_id!r} is open that is no call")
        self.contact_id = contact_id


class InHand(ChannelError):
    """An agent has it: it does not wait."""

    def __init__(self, contact_id: str, agent_id: str) -> None:
        super().__init__(f"agent {agent_id!r} has contact {contact_id!r}")
        self.contact_id = contact_id
        self.agent_id = agent_id


class NotTheirs(ChannelError):
    """Another agent has it, or nobody."""

    def __init__(self, contact_id: str, agent_id: str) -> None:
        super().__init__(f"agent {agent_id!r} does not have contact {contact_id!r}")
        self.contact_id = contact_id
        self.agent_id = agent_id


class NotRinging(ChannelError):
    """The agent is not rung for it, or not any more."""

    def __init__(self, contact_id: str, agent_id: str) -> None:
        super().__init__(f"contact {contact_id!r} does not ring at agent {agent_id!r}")
        self.contact_id = contact_id
        self.agent_id = agent_id
