"""What goes wrong with an SMS centre."""

from typing import Final

from fax_sms_email.errors import ChannelError

_NAMES: Final = {
    0x01: "the message's length is wrong",
    0x08: "an error at the centre",
    0x0A: "the sender's address is wrong",
    0x0B: "the recipient's address is wrong",
    0x0D: "the bind failed",
    0x0E: "the password is wrong",
    0x0F: "the system id is wrong",
    0x14: "its queue is full",
    0x45: "it could not be submitted",
    0x58: "it is asked for too much at a time",
    0xFE: "the delivery failed",
    0xFF: "an error that it does not name",
}
_PERMANENT: Final = frozenset(
    {0x01, 0x06, 0x07, 0x0A, 0x0B, 0x15, 0x33, 0x34, 0x40, 0x42, 0x43, 0x44, 0x48, 0x49, 0x50, 0x51}
)
"""What is wrong with the text or its addresses, and would be again (SMPP 3.4, 5.1.3)."""
_TOO_MUCH: Final = frozenset({0x14, 0x58})


class Malformed(ChannelError):
    """What came is no SMPP."""


class LinkLost(ChannelError):
    """The connection is over, or was silent for too long: whether a text is there, nobody says."""


class Refused(ChannelError):
    """The centre's answer, by its command_status (SMPP 3.4, 5.1.3)."""

    def __init__(self, status: int) -> None:
        known = _NAMES.get(status, "refused")
        super().__init__(f"{known} (0x{status:08X})")
        self.status = status

    @property
    def permanent(self) -> bool:
        return self.status in _PERMANENT

    @property
    def is_throttling(self) -> bool:
        return self.status in _TOO_MUCH
