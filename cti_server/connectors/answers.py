"""What another system's answer says, in whatever charset it says so. Pure."""

import codecs

import msgspec

from .errors import OutsideFailed

_WIDER = {"gb2312": "gb18030", "gbk": "gb18030"}
"""Who says the one often sends the other; WHATWG Encoding section 10.1 reads them alike."""


def document_in(body: bytes, charset: str | None) -> object:
    """
    Its JSON; UTF-8 (RFC 8259 section 8.1) where no charset is declared.

    Raises OutsideFailed.
    """
    try:
        return msgspec.json.decode(body.decode(_codec(charset or "utf-8")))
    except LookupError:
        raise OutsideFailed("a charset that is not known") from None
    except (ValueError, RecursionError):
        raise OutsideFailed("no JSON") from None


def _codec(charset: str) -> str:
    name = codecs.lookup(charset).name
    return _WIDER.get(name, name)
