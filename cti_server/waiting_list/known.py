"""Whose a contact is that waits: a caller's, one's who is to be called back, or one's who wrote."""

from typing import Protocol

from cti_server.calls.call import Call
from cti_server.calls.call_backs import CallBacks
from cti_server.channels.tray import Tray

from .rows import Known


class RunningCalls(Protocol):
    """Where they are found: the switchboard."""

    def find(self, contact_id: str) -> Call | None: ...


def known_of(
    calls: RunningCalls, tray: Tray, call_backs: CallBacks, contact_id: str
) -> Known | None:
    """None for a contact that is over in this moment."""
    if (call := calls.find(contact_id)) is not None:
        contact = call.contact
        return Known(contact.caller_number, contact.known_customer, contact.language)
    if (work := tray.find(contact_id)) is not None:
        return Known(work.about.address, work.customer)
    if (one := call_backs.of_contact(contact_id)) is not None:
        return Known(one.number, language=one.language)
    return None
