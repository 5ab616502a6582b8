"""What the fax process cannot do."""


class FaxUnavailable(Exception):
    """No fax machine can be had now; the message says why."""
