"""A private mail server on loopback: Exim, a foreign one, with TLS and accounts; nothing leaves."""

import asyncio
import contextlib
import datetime
import ipaddress
import os
import shutil
import signal
import tempfile
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import port_range

PROGRAM = "/usr/sbin/exim4"
USERNAME, PASSWORD = "hotline", "geheim"
REFUSED, POSTPONED = "gone@desk.example", "later@desk.example"
"""Whom it does not know, and whom it does not want to know yet."""

_CONFIG = """
primary_hostname = mail.test
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/exim.pid
exim_user = {user}
exim_group = {group}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {folder}/cert.pem
tls_privatekey = {folder}/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
smtputf8_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
message_size_limit = {largest}
deliver_drop_privilege
acl_smtp_rcpt = rcpt

begin acl
rcpt:
  deny !authenticated = *
       message = 5.7.0 who are you
  deny recipients = {refused}
       message = 5.1.1 <$local_part@$domain> is not known here
  defer recipients = {postponed}
       message = 4.2.1 come again
  accept

begin routers
everybody:
  driver = accept
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = {folder}/mail
  maildir_format
  create_directory

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{username}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


class MailServer:
    """
    It runs as whoever runs the tests, and as root it lends itself to Exim's own user.

    Where Exim is missing this raises FileNotFoundError: the run fails, nothing is skipped.
    """

    def __init__(self, largest: int = 1_000_000) -> None:
        """``largest``: bytes of a mail that it takes."""
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-mail-", dir="/tmp"))
        self.port, self.tls_port = port_range(2)
        self.trust = self.folder / "cert.pem"
        self._complaints = self.folder / "complaints"
        self._process: asyncio.subprocess.Process | None = None
        self._certify()
        as_root = os.geteuid() == 0
        user = "Debian-exim" if as_root else str(os.getuid())
        group = "Debian-exim" if as_root else str(os.getgid())
        self._config = self.folder / "exim.conf"
        self._config.write_text(
            _CONFIG.format(
                folder=self.folder,
                user=user,
                group=group,
                port=self.port,
                tls_port=self.tls_port,
                largest=largest,
                refused=REFUSED,
                postponed=POSTPONED,
                username=USERNAME,
                password=PASSWORD,
            )
        )
        if as_root:
            for each in (self.folder, *self.folder.glob("*.pem")):
                shutil.chown(each, user, group)

    async def start(self) -> None:
        """Return when it takes mail."""
        with self._complaints.open("wb") as complaints:
            self._process = await asyncio.create_subprocess_exec(
                *(PROGRAM, "-C", str(self._config), "-bdf"),
                stderr=complaints,
                start_new_session=True,  # with those who deliver for it
            )
        async with asyncio.timeout(60):
            while not await self._answers():
                assert self._process.returncode is None, self._complaints.read_text()
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """As a machine that is switched off."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            self._process = None

    async def close(self) -> None:
        await self.stop()
        shutil.rmtree(self.folder)

    def received(self) -> list[EmailMessage]:
        """What has arrived, the oldest first."""
        found = sorted((self.folder / "mail" / "new").glob("*"), key=lambda it: it.stat().st_mtime)
        parser = BytesParser(EmailMessage, policy=policy.default)
        return [parser.parsebytes(each.read_bytes()) for each in found]

    async def mails(self, count: int, within: float = 20) -> list[EmailMessage]:
        """So many of them, once they are there."""
        async with asyncio.timeout(within):
            while len(self.received()) < count:  # noqa: ASYNC110 - others write the files
                await asyncio.sleep(0.05)
        return self.received()

    async def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            greeting = await reader.readline()
            writer.close()
            return greeting.startswith(b"220")
        return False

    def _certify(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (self.folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
        (self.folder / "key.pem").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
