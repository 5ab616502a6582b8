"""What the simulator refuses to do."""


class PlanInvalid(Exception):
    """Something that was asked for makes no sense; the message says what, and what would."""


class LoadFailed(Exception):
    """The load could not be run; the message says why."""
