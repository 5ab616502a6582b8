"""How evenly work is spread (AC-02)."""

from collections.abc import Sequence


def jain(shares: Sequence[float]) -> float | None:
    """
    Jain's index: 1 if everybody has the same, 1/n if one has everything; None for nothing.

    (sum x)² / (n · sum x²), R. Jain, D. Chiu, W. Hawe, DEC-TR-301, 1984.
    """
    squares = sum(each * each for each in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else None
