"""What a command of ``hotline`` may refuse to do, in words for whoever typed it."""


class CommandRefused(Exception):
    """The command did nothing; the message says what is wrong and, if it can, with which field."""


class StartFailed(CommandRefused):
    """The server cannot start; the message says what to do about it."""
