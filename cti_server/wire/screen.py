"""What is on an agent's screen when the phone rings."""

from datetime import datetime
from typing import Any

import msgspec

from crm.pop import Pop


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent wrote down for whoever has the contact next."""

    at: datetime
    agent_id: str
    text: str


class FormShown(msgspec.Struct, frozen=True, kw_only=True):
    """
    A form that the agent fills in for the customer (``POST /api/v1/filled-forms``).

    ``definition`` is its JSON Schema, with what to say as ``x-script`` of the whole and of fields,
    ``values`` what the menu knows of them already. ``version`` is sent along as ``form_version``.
    """

    id: str
    version: int
    labels: dict[str, str]
    definition: dict[str, Any]
    values: dict[str, Any]


class ScreenPop(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the agent sees before the phone rings.

    ``caller_number`` is the customer's, whoever dialled (``direction``: "inbound", "outbound"), as
    it was shown; ``caller_e164`` is the same with its country's code, empty where it is not whole.
    ``original_number`` is what was dialled at first, if the call was diverted to us.
    ``purpose`` is "serve", or "consult" where another agent wants advice. ``transferred_by`` is
    the agent who had the contact before, or asks. What is no call has a ``subject``, the customer's
    address as ``caller_number``, and perhaps a moment by which it is to be done. ``form`` is what
    the menu wants to be filled in.
    """

    interaction_id: str
    contact_id: str
    queue: str
    caller_number: str
    dialled_number: str
    language: str
    waiting_seconds: float
    menu_path: list[str]
    attributes: dict[str, str]
    expires_at: datetime
    customer: Pop
    direction: str = "inbound"
    purpose: str = "serve"
    transferred_by: str | None = None
    original_number: str = ""
    caller_e164: str = ""
    notes: list[Note] = []
    channel: str = "voice"
    subject: str = ""
    due_at: datetime | None = None
    form: FormShown | None = None
