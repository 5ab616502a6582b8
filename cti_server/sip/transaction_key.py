"""Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3)."""

from .headers import MAGIC_COOKIE
from .message import Request, Response

Key = tuple[str | int, ...]


def server_key(request: Request, method: str | None = None) -> Key:
    """
    The key of the server transaction that a request opens or belongs to.

    An ACK has the key of its INVITE. ``method`` asks for another one's: a CANCEL's INVITE.
    """
    method = method or request.method
    if method == "ACK":
        method = "INVITE"
    via, cseq = request.via, request.cseq
    branch = via.branch
    if branch and branch.startswith(MAGIC_COOKIE) and len(branch) > len(MAGIC_COOKIE):
        return (branch, via.host.lower(), via.port or 0, method, cseq.number)
    # RFC 2543 peers have no unique branch. The To tag is left out, so that an ACK, which has
    # ours, and a CANCEL, which has none, find their INVITE; a re-INVITE differs by CSeq.
    return (
        "2543",
        request.uri,
        request.from_.tag or "",
        request.sip_call_id,
        cseq.number,
        str(via.host).lower(),
        via.port or 0,
        branch or "",
        method,
    )


def merge_key(request: Request) -> Key:
    """What two copies of one request have in common that came by two paths (§8.2.2.2)."""
    cseq = request.cseq
    return (request.sip_call_id, request.from_.tag or "", cseq.number, cseq.method)


def client_key(response: Response) -> Key:
    """The key of the client transaction that a response answers."""
    return (response.via.branch or "", response.cseq.method)
