"""How an agent's phone is reached: registered with us, or at any SIP URI."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cti_server.sip.registration import Binding
from cti_server.sip.transport import Flow


class PhoneUnreachable(Exception):
    """The agent has no phone that could ring now."""

    def __init__(self, agent_id: str) -> None:
        super().__init__(f"agent {agent_id} has no registered phone")
        self.agent_id = agent_id


@dataclass(frozen=True, slots=True)
class Line:
    """Where to send the INVITE, and over which flow (None: wherever the URI leads)."""

    uri: str
    flow: Flow | None = None


class Phone(Protocol):
    def line(self) -> Line:
        """Raises PhoneUnreachable."""
        ...


@dataclass(frozen=True, slots=True)
class RemotePhone:
    """Any SIP URI: a desk phone elsewhere, a remote expert, a machine."""

    uri: str

    def line(self) -> Line:
        return Line(self.uri)


@dataclass(frozen=True, slots=True)
class RegisteredPhone:
    """A SIP phone that registered here; of several, the one that registered last."""

    agent_id: str
    bindings: Callable[[str], Sequence[Binding]]  # the latest registration first

    def line(self) -> Line:
        bindings = self.bindings(self.agent_id)
        if not bindings:
            raise PhoneUnreachable(self.agent_id)
        newest = bindings[0]
        return Line(newest.contact_uri, newest.flow)


class Phones:
    """The agents' phones by agent id."""

    def __init__(
        self,
        uri_of: Callable[[str], str | None],
        bindings: Callable[[str], Sequence[Binding]],
    ) -> None:
        self._uri_of = uri_of
        self._bindings = bindings

    def of(self, agent_id: str) -> Phone:
        uri = self._uri_of(agent_id)
        if uri is not None:
            return RemotePhone(uri)
        return RegisteredPhone(agent_id, self._bindings)
