"""What call control refuses, a class for each. All derive directly from :class:`CallError`."""


class CallError(Exception):
    """A refusal; nothing was changed."""


class NoSuchCall(CallError):
    """No call of this contact is running."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"no call of contact {contact_id!r} is running")
        self.contact_id = contact_id


class NotInCall(CallError):
    """The agent has no part in the call."""

    def __init__(self, contact_id: str, agent_id: str) -> None:
        super().__init__(f"agent {agent_id!r} has no part in the call of contact {contact_id!r}")
        self.contact_id = contact_id
        self.agent_id = agent_id


class AnsweredAtThePhone(CallError):
    """This phone is a telephone: it is picked up where it stands."""

    def __init__(self) -> None:
        super().__init__("this phone rings by itself and is answered there")


class NoSuchLine(CallError):
    """Nothing of this name rings or talks at the agent's browser."""

    def __init__(self, line_id: str) -> None:
        super().__init__(f"no call {line_id!r} is at this phone")
        self.line_id = line_id


class NotTheAudio(CallError):
    """Another desktop is the phone."""

    def __init__(self) -> None:
        super().__init__("this desktop does not have the audio; take it first")


class NotNow(CallError):
    """The verb has no meaning in this state. ``state`` is what the agent is doing instead."""

    def __init__(self, state: str, verb: str) -> None:
        super().__init__(f"an agent whose part in the call is {state!r} cannot {verb!r}")
        self.state = state
        self.verb = verb


class NotWaiting(CallError):
    """The customer does not wait in a queue, or leaves it in this very moment."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"contact {contact_id!r} does not wait in a queue")
        self.contact_id = contact_id


class Engaged(CallError):
    """One at a time of a call's agents may ask for advice or transfer."""

    def __init__(self) -> None:
        super().__init__("another agent of this call is asking or transferring already")


class AlreadyReading(CallError):
    """One text at a time is read to a customer."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"something is being read to the customer of contact {contact_id!r}")
        self.contact_id = contact_id


class NothingRead(CallError):
    """There is nothing to stop."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"nothing is being read to the customer of contact {contact_id!r}")
        self.contact_id = contact_id


class NeverRecorded(CallError):
    """A rule keeps the conversation from being recorded, whoever asks for it."""

    def __init__(self, contact_id: str, rule: str) -> None:
        super().__init__(f"contact {contact_id!r} is not to be recorded: rule {rule!r}")
        self.contact_id = contact_id
        self.rule = rule


class NoRoomToRecord(CallError):
    """The disk has room for what has to be recorded only."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"there is no room on the disk to record contact {contact_id!r}")
        self.contact_id = contact_id


class AlwaysRecorded(CallError):
    """A rule records the conversation to its end; it can be masked."""

    def __init__(self, contact_id: str, rule: str) -> None:
        super().__init__(f"contact {contact_id!r} is to be recorded whole: rule {rule!r}")
        self.contact_id = contact_id
        self.rule = rule


class NothingRecorded(CallError):
    """There is nothing to stop or to mask."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"contact {contact_id!r} is not being recorded")
        self.contact_id = contact_id


class NotMasked(CallError):
    """There is nothing to go on with."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"no recording of contact {contact_id!r} is masked")
        self.contact_id = contact_id


class NotReached(CallError):
    """Who was called in does not come; ``cause`` is a word for agent and record."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"nobody came: {cause}")
        self.cause = cause


class NoSuchCallBack(CallError):
    """It was never offered, or is closed."""

    def __init__(self, call_back_id: str) -> None:
        super().__init__(f"no call-back {call_back_id!r} is open")
        self.call_back_id = call_back_id


class CallBackTaken(CallError):
    """An agent is calling this customer back at this moment."""

    def __init__(self, call_back_id: str, agent_id: str) -> None:
        super().__init__(f"agent {agent_id!r} is calling back {call_back_id!r} now")
        self.call_back_id = call_back_id
        self.agent_id = agent_id


class NobodyToHear(CallError):
    """The customer is not with an agent, or not with that one."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"contact {contact_id!r} is not with an agent who could be listened to")
        self.contact_id = contact_id


class NotListening(CallError):
    """The supervisor does not hear this call (yet)."""

    def __init__(self, contact_id: str, supervisor_id: str) -> None:
        super().__init__(f"{supervisor_id!r} does not listen to contact {contact_id!r}")
        self.contact_id = contact_id
        self.supervisor_id = supervisor_id


class TakesPart(CallError):
    """Who is in the call as an agent cannot listen to it as well."""

    def __init__(self, supervisor_id: str) -> None:
        super().__init__(f"{supervisor_id!r} is in this call as an agent")
        self.supervisor_id = supervisor_id


class NoPhone(CallError):
    """The supervisor's own phone cannot be rung."""


class NotForPages(CallError):
    """This number is nobody's, or may be called by telephone only."""

    def __init__(self, number: str) -> None:
        super().__init__(f"number: {number!r} cannot be called from a page")


class TooManyWebCalls(CallError):
    """``retry_after``: seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many calls from pages at the moment; try again later")
        self.retry_after = retry_after


class FaxNotTaken(CallError):
    """The other side does not go over to T.38; the message says why."""
