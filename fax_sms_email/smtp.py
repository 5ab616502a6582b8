"""Handing mail to a server (RFC 5321), by TLS and with a password where it wants one."""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
)

from .errors import NotSent
from .mime import Envelope

PERMANENT = 500  # RFC 5321 §4.2.1: from here on the same would be refused again
GOODBYE = 2.0  # seconds
WHO_ARE_YOU = 530  # RFC 4954 §6, RFC 3207 §4: it is about us, not about the mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """``timeout``: seconds for each step."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    trust: Path | None
    username: str | None
    password: str | None
    timeout: float

    def context(self) -> ssl.SSLContext | None:
        """Blocks. Raises OSError for a file that holds no certificates."""
        return None if self.tls == "none" else ssl.create_default_context(cafile=self.trust)


class Smtp:
    """
    One connection a mail. A mail whose receipt the server could not say any more is sent again:
    at least once, and under the same Message-ID.
    """

    def __init__(self, server: Server) -> None:
        """Raises OSError for certificates that cannot be read."""
        self._server = server
        self._context = server.context()

    async def send(self, envelope: Envelope, mail: bytes) -> None:
        """Raises NotSent."""
        client = self._client()
        try:
            await client.connect()
            await client.ehlo()
            if self._server.username is not None:  # by ourselves: see _hang_up
                await client.login(self._server.username, self._server.password or "")
            await self._hand_over(client, envelope, mail)
        except (SMTPException, OSError) as error:
            raise _not_sent(error) from error
        else:
            await _leave(client)
        finally:
            _hang_up(client)

    async def _hand_over(self, client: SMTP, envelope: Envelope, mail: bytes) -> None:
        """Step by step: the library's ``sendmail`` goes through the whole mail once more."""
        options = []
        if client.supports_extension("size"):
            options.append(f"SIZE={len(mail)}")  # RFC 1870
        if not envelope.is_ascii:
            if not client.supports_extension("smtputf8"):
                raise NotSent("the server takes no address of other letters", permanent=True)
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        encoding = "ascii" if envelope.is_ascii else "utf-8"
        await client.mail(envelope.sender, options=options, encoding=encoding)
        await client.rcpt(envelope.recipient, encoding=encoding)
        await client.data(mail)

    def _client(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            local_hostname=socket.gethostname(),
            port=server.port,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",  # False: not even where the server offers it
            tls_context=self._context,
            timeout=server.timeout,
        )


def _hang_up(client: SMTP) -> None:
    """At once: a closing by TLS waits for half a minute for those who do not answer to it."""
    if isinstance(client.transport, asyncio.WriteTransport):
        client.transport.abort()
    client.close()


async def _leave(client: SMTP) -> None:
    """The server has it already: what it says to a good-bye changes nothing."""
    with suppress(SMTPException, OSError):
        await client.quit(timeout=GOODBYE)


def _not_sent(error: SMTPException | OSError) -> NotSent:
    """What the server refuses of a mail for good is permanent; what is ours to mend is not."""
    match error:
        case SMTPResponseException():
            about_us = isinstance(error, SMTPAuthenticationError | SMTPConnectError | SMTPHeloError)
            refused = error.code >= PERMANENT and error.code != WHO_ARE_YOU
            return NotSent(_said(error), permanent=refused and not about_us)
        case _:
            return NotSent(f"no way to the server: {_reason(error)}", permanent=False)


def _said(error: SMTPResponseException) -> str:
    return f"{error.code} {' '.join(error.message.split())}"


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
