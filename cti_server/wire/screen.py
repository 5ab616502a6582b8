"""What is on an agent's screen when the phone rings."""

from datetime import datetime

import msgspec

from crm.pop import Pop


class ScreenPop(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent sees before the phone rings."""

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
