"""A party of a running call who is not heard is an alert, until they are, or have gone."""

from collections.abc import Callable
from dataclasses import dataclass

from cti_server.store.log import hears
from cti_server.wire.events import LegEnded, LegFellSilent, LegHeardAgain, Logged

from .open_alerts import OpenAlerts
from .views import ONE_WAY_AUDIO


@dataclass(frozen=True, slots=True)
class SilentParty:
    """Whose leg it is, and who suffers: ``agent_id`` is in the conversation, if anybody is."""

    contact_id: str
    role: str  # as the channel map has it
    agent_id: str | None
    interaction_id: str | None
    queue: str | None


class OneWayAudioAlerts:
    """``find``: the party of a call's leg; None for what is no party of a running call."""

    def __init__(self, alerts: OpenAlerts, find: Callable[[str, str], SilentParty | None]) -> None:
        self._alerts = alerts
        self._find = find
        self._raised: dict[str, tuple[str, str | None]] = {}  # by leg: the alert, and whom it told

    def begin(self) -> None:
        """No call of an earlier process runs any more."""
        for alert in self._alerts.of_kinds(ONE_WAY_AUDIO):
            self._alerts.clear(alert.id)

    @hears(LegFellSilent, LegHeardAgain, LegEnded)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case LegFellSilent(call_id=call_id, leg_id=leg_id):
                if leg_id not in self._raised and (party := self._find(call_id, leg_id)):
                    self._raise(leg_id, party)
            case LegHeardAgain(leg_id=leg_id) | LegEnded(leg_id=leg_id):
                if leg_id in self._raised:
                    alert_id, told = self._raised.pop(leg_id)
                    self._alerts.clear(alert_id, agent_id=told)

    def _raise(self, leg_id: str, party: SilentParty) -> None:
        alert_id = self._alerts.raise_one(
            ONE_WAY_AUDIO,
            contact_id=party.contact_id,
            about_agent=party.agent_id,
            interaction_id=party.interaction_id,
            queue=party.queue,
            lasting=True,
            agent_id=party.agent_id,
            details={"leg_id": leg_id, "party": party.role},
        )
        self._raised[leg_id] = (alert_id, party.agent_id)
