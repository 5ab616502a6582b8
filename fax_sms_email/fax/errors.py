"""What is wrong with faxes."""

from ..errors import ChannelError


class FaxError(ChannelError):
    """A fax, or what was to become one."""


class BadDatagram(FaxError):
    """No UDPTL; the message says why."""


class BadDocument(FaxError):
    """No file that can be faxed; the message says why."""


class NoFaxEngine(FaxError):
    """This machine has no spandsp."""
