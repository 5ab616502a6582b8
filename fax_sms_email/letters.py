"""A mail as it is written, before anybody sends it."""

import msgspec


class Attachment(msgspec.Struct, frozen=True):
    """
    A file that goes along under this ``name``.

    ``recording``: the sound of it, by its file in the archive.
    """

    name: str
    recording: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """``automatic``: nobody wrote it, and no machine is to answer it (RFC 3834)."""

    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
