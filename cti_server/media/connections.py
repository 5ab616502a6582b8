"""
Who hears whom among the legs of a worker, and by which way.

A stream can be relayed to one leg, which then hears it as it came, and nothing else. Who can't be
relayed to is mixed for. A pair that hear one another come first: they go on undecoded, whoever
listens in.
"""

from collections.abc import Iterable, Mapping

from .g711 import is_law
from .leg import Leg
from .mixing import Mixing


class Connections:
    """Keeps each leg's ``hears`` and ``heard_by``, and the ways that follow from them."""

    def __init__(self, mixing: Mixing) -> None:
        self._mixing = mixing

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

    def partner_behind_mixing(self, leg: Leg) -> Leg | None:
        """
        Whom the keys of this leg are for, where no relay carries them: the other one of a pair.

        A conference has no use for keys, nor has who only listens.
        """
        if leg.incoming.to is not None or leg.incoming.key_relayed:
            return None
        for other in leg.hears:
            if list(other.hears) == [leg] and other.play is None and other.sender.send is not None:
                return other
        return None

    def rewire(self, changed: Iterable[Leg], *, anew: bool = False) -> None:
        """
        Find the way for everybody whom a change of these legs may concern.

        ``anew``: a codec or a direction has changed, so that no relay of theirs may go on as it is.
        """
        concerned = list(changed)
        sources: dict[Leg, None] = {}
        for leg in concerned:
            sources |= {leg: None} | leg.hears
        relayed = {source: _relayed_to(source) for source in sources}
        for source, listener in relayed.items():
            to = source.incoming.to
            if to is not None and (anew or listener is None or to is not listener.sender):
                source.incoming.stop_relay()
        listeners = dict.fromkeys(concerned)
        for source in sources:
            listeners |= source.heard_by
        for leg in listeners:
            by_relay = any(listener is leg for listener in relayed.values())
            self._mixing.arrange(leg, None if by_relay else _mixed_for(leg))
            leg.rtcp.relayed_from = None
        for source, listener in relayed.items():
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
    if len(leg.hears) != 1 or not leg.attentive or leg.plays:
        return False
    if source.remote is None or leg.remote is None:
        return False
    if is_law(source.remote.codec):
        return is_law(leg.remote.codec)
    return source.remote.codec == leg.remote.codec and not source.incoming.muted


def _mixed_for(leg: Leg) -> list[Leg] | None:
    """Whom a leg that no stream is relayed to hears by the mixing; None: it needs none."""
    if leg.remote is None or leg.digits:
        return None
    if leg.play is not None:
        needed = bool(leg.plays) and (leg.over in leg.plays or not leg.plain)
        return [] if needed else None
    if leg.sender.send is None and not leg.plays:
        return None
    heard = [source for source in leg.hears if source.remote is not None]
    return heard if heard or leg.plays else None
