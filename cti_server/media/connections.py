"""
Who hears whom among the legs of a worker, and by which way.

A stream can be relayed to one leg, which then hears it as it came, and nothing else. Who can't be
relayed to is mixed for. A pair that hear one another come first: they go on undecoded, whoever
listens in.
"""

from collections.abc import Iterable, Mapping

from .g711 import is_law
from .leg import Leg


class Connections:
    """Keeps each leg's ``hears`` and ``heard_by``, and the relays that follow from them."""

    def connect(self, hears: Mapping[Leg, Iterable[Leg]]) -> None:
        """From now on each of these legs hears exactly those."""
        affected = dict.fromkeys(hears)
        for leg, sources in hears.items():
            affected |= leg.hears
            for source in leg.hears:
                source.heard_by.pop(leg, None)
            leg.hears = {source: None for source in sources if source is not leg}
            for source in leg.hears:
                source.heard_by[leg] = None
        self.rewire(affected)

    def forget(self, leg: Leg) -> None:
        """A leg that is no more hears nobody, and nobody hears it."""
        others = {one: [two for two in one.hears if two is not leg] for one in leg.heard_by}
        self.connect({leg: [], **others})

    def rewire(self, changed: Iterable[Leg], *, anew: bool = False) -> None:
        """
        Find the way for everybody whom a change of these legs may concern.

        ``anew``: a codec or a direction has changed, so that no relay of theirs may go on as it is.
        """
        sources: dict[Leg, None] = {}
        for leg in changed:
            sources |= {leg: None} | leg.hears
        relayed = {source: _relayed_to(source) for source in sources}
        for source, listener in relayed.items():
            to = source.incoming.to
            if to is not None and (anew or listener is None or to is not listener.sender):
                source.incoming.stop_relay()
        for source, listener in relayed.items():
            for one in source.heard_by:
                one.rtcp.relayed_from = None
            if listener is not None and listener.remote is not None:
                listener.rtcp.relayed_from = source.incoming
                if source.incoming.to is None:
                    source.incoming.relay(listener.sender, listener.remote.codec)


def _relayed_to(source: Leg) -> Leg | None:
    """Who of those that hear this leg gets its stream as it comes."""
    able = [leg for leg in source.heard_by if _relayable(source, leg)]
    if not able:
        return None
    return min(
        able, key=lambda leg: (leg not in source.hears, leg.sender is not source.incoming.to)
    )


def _relayable(source: Leg, leg: Leg) -> bool:
    """Whether all that the leg is to hear is this stream, in a codec that it knows."""
    if len(leg.hears) != 1 or not leg.attentive or leg.over is not None:
        return False
    if source.remote is None or leg.remote is None:
        return False
    if is_law(source.remote.codec):
        return is_law(leg.remote.codec)
    return source.remote.codec == leg.remote.codec and not source.incoming.muted
