"""What can be faxed: told by how a file begins, not by its name. Pure."""

from typing import Final

HEAD: Final = 1024
"""Bytes of a file that tell it: a PDF may have others before its own (ISO 32000-1, H.3.4.1)."""
_TIFF = (b"II*\0", b"MM\0*")


def can_be_faxed(head: bytes) -> bool:
    """Whether a file that begins so is a PDF or a TIFF."""
    return head.startswith(_TIFF) or b"%PDF-" in head[:HEAD]
