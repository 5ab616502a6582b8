"""SIP by hand: messages that no phone of ours would send, one socket, no transactions."""

import asyncio
import uuid
from types import TracebackType
from typing import Self

from cti_server.sip.errors import SipParseError
from cti_server.sip.message import Request, Response, parse, response_to


class RawPhone(asyncio.DatagramProtocol):
    """Sends what it is told, byte for byte, and keeps every response that comes."""

    def __init__(
        self, server_port: int, *, host: str = "127.0.0.1", knows_dialogs: bool = True
    ) -> None:
        """Requests in a dialog are answered by 200, or by 481 if it knows none."""
        self._status = 200 if knows_dialogs else 481
        self._server = ("127.0.0.1", server_port)
        self._host = host
        self._transport: asyncio.DatagramTransport | None = None
        self._responses: asyncio.Queue[Response] = asyncio.Queue()
        self._kept: list[Response] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self._host, 0)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            message = parse(data)
        except SipParseError:
            return  # the answer to nonsense repeats its headers
        if isinstance(message, Response):
            self._responses.put_nowait(message)
        elif message.method != "ACK" and self._transport is not None:
            self._transport.sendto(bytes(response_to(message, self._status)), addr)

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def send(self, *messages: str | bytes) -> None:
        assert self._transport is not None
        for message in messages:
            data = message if isinstance(message, bytes) else message.encode()
            self._transport.sendto(data, self._server)

    async def response(self, method: str, *, final: bool = True, within: float = 20.0) -> Response:
        """The next response to that method, by default no provisional one."""
        async with asyncio.timeout(within):
            while True:
                for kept in self._kept:
                    if kept.cseq.method == method and (kept.status >= 200 or not final):
                        self._kept.remove(kept)
                        return kept
                self._kept.append(await self._responses.get())

    # --- messages -----------------------------------------------------------------------------

    def request(
        self,
        method: str,
        caller: str,
        number: str,
        *,
        headers: str = "",
        body: str = "",
        call_id: str = "",
        branch: str = "",
        sequence: int = 1,
        to_tag: str = "",
        domain: str = "example.com",
    ) -> str:
        me = f"{self._host}:{self.port}"
        tag = f";tag={to_tag}" if to_tag else ""
        content = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} sip:{number}@127.0.0.1:{self._server[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {me};branch=z9hG4bK{branch or uuid.uuid4().hex};rport\r\n"
            f"Max-Forwards: 70\r\n"
            f"From: <sip:{caller}@{domain}>;tag=raw{caller}\r\n"
            f"To: <sip:{number}@127.0.0.1>{tag}\r\n"
            f"Call-ID: {call_id or uuid.uuid4().hex}\r\n"
            f"CSeq: {sequence} {method}\r\n"
            f"Contact: <sip:{caller}@{me}>\r\n"
            f"{headers}{content}"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )

    def invite(self, caller: str, number: str, *, sdp: str | None = None, headers: str = "") -> str:
        """With an offer of PCMU unless ``sdp`` is another one, or empty for none."""
        body = offer(self._host, 49_000) if sdp is None else sdp
        return self.request("INVITE", caller, number, headers=headers, body=body)

    def cancel(self, invite: str) -> str:
        return _derived(invite, "CANCEL")

    def acknowledge(self, invite: str, response: Response, *, body: str = "") -> None:
        """ACK a final response: in the INVITE's transaction if it is no 2xx."""
        to = response.headers.get("To") or ""
        ack = _derived(invite, "ACK", to=to, body=body)
        if response.status < 300:
            ack = ack.replace("branch=z9hG4bK", "branch=z9hG4bKack", 1)
        self.send(ack)

    def bye(self, invite: str, response: Response) -> str:
        to = response.headers.get("To") or ""
        text = _derived(invite, "BYE", to=to).replace("branch=z9hG4bK", "branch=z9hG4bKbye", 1)
        return text.replace("CSeq: 1 ", "CSeq: 2 ")


def _derived(invite: str, method: str, *, to: str | None = None, body: str = "") -> str:
    """The request of another method with the INVITE's Via, From, To, Call-ID and CSeq number."""
    lines = invite.partition("\r\n\r\n")[0].split("\r\n")
    kept = [lines[0].replace("INVITE", method, 1)]
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        match name:
            case "CSeq":
                kept.append(f"CSeq: {value.split()[0]} {method}")
            case "To":
                kept.append(f"To: {to if to is not None else value}")
            case "Via" | "Max-Forwards" | "From" | "Call-ID":
                kept.append(line)
    if body:
        kept.append("Content-Type: application/sdp")
    kept.append(f"Content-Length: {len(body.encode())}")
    return "\r\n".join(kept) + "\r\n\r\n" + body


def offer(host: str, port: int, codecs: str = "0 101", lines: str = "") -> str:
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {codecs}\r\n"
        f"{lines or 'a=rtpmap:101 telephone-event/8000' + chr(13) + chr(10)}"
    )


class CalledPhone(asyncio.DatagramProtocol):
    """An agent's phone that does what no phone of ours would; remembers what it is asked."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.DatagramTransport | None = None
        self._requests: asyncio.Queue[Request] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", self._port)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._transport is not None:
            self._transport.close()

    async def got(self, *methods: str, within: float = 20.0) -> Request:
        """Wait until a request of one of these came."""
        async with asyncio.timeout(within):
            while (request := await self._requests.get()).method not in methods:
                pass
        return request

    def asked(self, request: Request) -> list[Response]:
        """What it answers."""
        return []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = parse(data)
        if not isinstance(request, Request) or self._transport is None:
            return
        self._requests.put_nowait(request)
        for response in self.asked(request):
            self._transport.sendto(bytes(response), addr)

    def answer(self, invite: Request, tag: str) -> Response:
        contact = f"<sip:{tag}@127.0.0.1:{self._port}>"
        return response_to(
            invite,
            200,
            to_tag=tag,
            headers=[("Contact", contact)],
            body=offer("127.0.0.1", 49_100).encode(),
            content_type="application/sdp",
        )


class StubbornPhone(CalledPhone):
    """Answers a call just when it is cancelled: 200 to both."""

    _invite: Request | None = None

    def asked(self, request: Request) -> list[Response]:
        match request.method:
            case "INVITE":
                self._invite = request
                return [response_to(request, 180, to_tag="late")]
            case "CANCEL" if self._invite is not None:
                return [response_to(request, 200, to_tag="late"), self.answer(self._invite, "late")]
            case "BYE":
                return [response_to(request, 200)]
        return []


class ForkedPhone(CalledPhone):
    """Two telephones behind one address that are picked up at once: RFC 3261 §13.2.2.4."""

    def asked(self, request: Request) -> list[Response]:
        match request.method:
            case "INVITE" if request.to.tag is None:
                ringing = [response_to(request, 180, to_tag=tag) for tag in ("desk", "hall")]
                return [*ringing, self.answer(request, "desk"), self.answer(request, "hall")]
            case "ACK" | "INVITE":
                return []
        return [response_to(request, 200)]
