"""What a recording may be, in words that the settings and the recordings themselves share."""

from typing import Literal

Sides = Literal["both", "customer", "agent"]
"""Whose voices are recorded."""
Layout = Literal["stereo", "mono"]
"""Two sides in a channel each, the customer left, or together in one. One side is always mono."""
Format = Literal["wav", "opus"]
"""G.711 as it came, or a quarter of that."""
