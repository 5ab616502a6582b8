"""What another PBX calls the call that it has recorded here (SIPREC). Pure."""

from collections.abc import Iterator

import msgspec


class ForeignCall(msgspec.Struct, frozen=True, kw_only=True):
    """
    ``client``: the PBX, as it is configured; all else is in its own words, empty if it told none.

    ``session_id`` is RFC 7865's, ``calls`` are its SIP session ids: RFC 7989's, or Call-IDs. The
    agent is one of its own people; of its customers nothing is here.
    """

    client: str
    session_id: str = ""
    calls: tuple[str, ...] = ()
    agent_aor: str = ""
    agent_name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is found by, each once."""
        told = (self.session_id, *_each_of(self.calls), self.agent_aor, self.agent_name)
        return tuple(dict.fromkeys(name for name in told if name))


def _each_of(calls: tuple[str, ...]) -> Iterator[str]:
    """As they were told, and both ends of ``…;remote=…`` (RFC 7989 §5), which a trace has alone."""
    for call in calls:
        yield call
        ours, semicolon, theirs = call.partition(";remote=")
        if semicolon:
            yield from (ours, theirs.partition(";")[0])
