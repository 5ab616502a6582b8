"""
SMPP 3.4 on the wire: heads, binds and answers (SMPP 3.4 issue 1.2, sections 3.2 and 4). Pure.

What carries texts, submit_sm and deliver_sm, smpp34 reads and writes.
"""

import struct
from dataclasses import dataclass, field
from typing import Final

from .errors import Malformed

RESPONSE: Final = 0x8000_0000
GENERIC_NACK: Final = 0x8000_0000
SUBMIT_SM: Final = 0x0000_0004
DELIVER_SM: Final = 0x0000_0005
UNBIND: Final = 0x0000_0006
BIND_TRANSCEIVER: Final = 0x0000_0009
ENQUIRE_LINK: Final = 0x0000_0015

OK: Final = 0x00
INVALID_LENGTH: Final = 0x02
INVALID_COMMAND: Final = 0x03
QUEUE_FULL: Final = 0x14
TEMPORARY: Final = 0x64  # ESME Receiver Temporary App Error Code: it is to come again
REFUSED: Final = 0x66  # ESME Receiver Reject Message Error Code

RECEIPTED_MESSAGE_ID: Final = 0x001E  # tags of optional parameters (5.3.2)
SAR_REFERENCE: Final = 0x020C
SAR_TOTAL: Final = 0x020E
SAR_NUMBER: Final = 0x020F
MESSAGE_PAYLOAD: Final = 0x0424
MESSAGE_STATE: Final = 0x0427

HEAD: Final = struct.Struct(">IIII")
LARGEST: Final = 70_000  # octets: a message_payload has up to 64 KiB
_VERSION: Final = 0x34
_LAST_SEQUENCE: Final = 0x7FFF_FFFF


@dataclass(frozen=True, slots=True)
class Head:
    length: int  # octets, of the head too
    command: int
    status: int
    sequence: int

    @property
    def is_response(self) -> bool:
        return bool(self.command & RESPONSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What we are known by at a centre (SMPP 3.4, 5.2.1 to 5.2.3)."""

    system_id: str
    password: str = field(repr=False)
    system_type: str = ""


def read_head(octets: bytes) -> Head:
    """Raises Malformed: there is no way to find where the next one begins."""
    head = Head(*HEAD.unpack(octets))
    if not HEAD.size <= head.length <= LARGEST:
        raise Malformed(f"a PDU of {head.length} octets")
    return head


def packed(command: int, sequence: int, status: int = OK, body: bytes = b"") -> bytes:
    return HEAD.pack(HEAD.size + len(body), command, status, sequence) + body


def bind(account: Account, sequence: int) -> bytes:
    """To send and to receive (bind_transceiver, 4.1.5)."""
    texts = (account.system_id, account.password, account.system_type)
    body = b"".join(_c_octets(text) for text in texts)
    return packed(BIND_TRANSCEIVER, sequence, body=body + bytes((_VERSION, 0, 0)) + b"\0")


def answer_to(head: Head, status: int = OK) -> bytes:
    """deliver_sm_resp has an empty message_id (4.6.2); the other answers have nothing."""
    body = b"\0" if head.command == DELIVER_SM else b""
    return packed(head.command | RESPONSE, head.sequence, status, body)


def nack(head: Head, status: int = INVALID_COMMAND) -> bytes:
    return packed(GENERIC_NACK, head.sequence, status)


def message_id(body: bytes) -> str:
    """Of a submit_sm_resp (4.4.2). Raises Malformed."""
    text, end, _ = body.partition(b"\0")
    if not end or not text:
        raise Malformed("a submit_sm_resp without its message_id")
    return text.decode("latin-1")


def after(sequence: int) -> int:
    return sequence + 1 if sequence < _LAST_SEQUENCE else 1


def _c_octets(text: str) -> bytes:
    return text.encode("ascii") + b"\0"
