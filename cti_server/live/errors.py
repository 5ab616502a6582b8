"""What the live figures refuse."""


class FiguresNotReady(Exception):
    """The server has just started and still reads its log."""

    def __init__(self) -> None:
        super().__init__("today's figures are still read from the log; try again in a moment")
