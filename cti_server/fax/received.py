"""A fax that has come, as it lies beside its pages until the database has both."""

from datetime import datetime

import msgspec


class ReceivedFax(msgspec.Struct, frozen=True, kw_only=True):
    """
    ``id`` is that of the contact that it becomes. ``pages``: those that were confirmed to the
    sender, who calls itself ``ident``; ``whole``: these were all. ``way``: "t38" or "audio".
    """

    id: str
    queue: str
    number: str
    dialled_number: str
    ident: str
    pages: int
    whole: bool
    reason: str
    way: str
    received_at: datetime
    call_contact_id: str
