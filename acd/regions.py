"""How far callers and agents are from one another."""

from .model import Region

FAR = 3
"""Of regions that share nothing, or of one that is not known."""


def distance(one: Region, other: Region) -> int:
    """
    0 in the same place, :data:`FAR` in another country, or if either is unknown.

    A region is named from the largest part down, e.g. ``("86", "浙江", "杭州")``. Each of its first
    three parts that both share brings them nearer by one.
    """
    if not one or not other:
        return FAR
    common = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        common += 1
    return FAR - min(common, FAR)
