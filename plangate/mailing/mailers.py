"""Ways for a mail to go out: to a mail server, or into a folder for whoever tries things out."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from billing.dataclass import dataclass
from plangate.problems import UserProblem

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from billing.ports import Mail, Mailer

PATIENCE: Final = 20.0
"""Seconds for a mail server to answer."""

FOR_GOOD: Final = 500
"""From this code on what a mail server says holds for good."""

HERE: Final = ("localhost", "127.0.0.1", "::1")
PORTS: Final = {"smtp": 587, "smtps": 465}


class MailNotTaken(Exception):  # noqa: N818  (what happened; it is tried again)
    """A mail server did not take a mail; it says the server's code only, since its words may hold an address."""


class MailRefused(MailNotTaken):
    """A mail server refused a mail for good: the same mail again would be refused again."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that mails are written into, each under its key: the same mail again is the same file."""

    path: Path
    sender: str

    async def send(self, mail: Mail) -> None:
        """Write a mail; nobody else can read it."""
        await asyncio.to_thread(self._write, mail)

    def _write(self, mail: Mail) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.path / f".{mail.key}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(written(mail, self.sender).as_bytes())
        part.replace(self.path / f"{mail.key}.eml")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server: encrypted from the first byte, or by STARTTLS, which only one on this machine may lack."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    sender: str

    async def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises MailNotTaken, and MailRefused where it never will be."""
        await asyncio.to_thread(self._hand_over, mail)

    def _hand_over(self, mail: Mail) -> None:
        try:
            with self._connected() as connection:
                _give(connection, written(mail, self.sender))
        except smtplib.SMTPResponseException as refused:
            raise MailNotTaken(refused.smtp_code) from None
        except (smtplib.SMTPException, OSError) as problem:
            raise MailNotTaken(type(problem).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.encrypted:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            self._greet(connection, context)
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
        connection.ehlo()
        if not self.encrypted and (self.host not in HERE or connection.has_extn("starttls")):
            connection.starttls(context=context)
        if self.user:
            connection.login(self.user, self.password)


def mailer_of(url: str, sender: str) -> Mailer:
    """The way that a setting names; raises `UserProblem` for one that cannot be."""
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path:
        return Folder(Path(unquote(parts.path)), sender)
    if parts.scheme in PORTS and parts.hostname:
        return _server(parts, sender)
    raise UserProblem(
        "mail_url is smtps://user:password@host, smtp://user:password@host:587 (with STARTTLS) or file:///folder."
    )


def written(mail: Mail, sender: str) -> EmailMessage:
    """A mail as it is sent: of plain text, to one mailbox whatever the address holds, and answered by no machine."""
    mailbox, _, domain = mail.to.rpartition("@")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(username=mailbox, domain=domain)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.key}@plangate>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message["Content-Language"] = mail.language
    return message


def _give(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """Give a mail to a server that knows us: what it says now is about this mail."""
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        raise _said(next(code for code, _ in refused.recipients.values())) from None
    except smtplib.SMTPDataError as refused:
        raise _said(refused.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise MailRefused("it takes ASCII addresses only") from None


def _said(code: int) -> MailNotTaken:
    return MailRefused(code) if code >= FOR_GOOD else MailNotTaken(code)


def _server(parts: SplitResult, sender: str) -> Server:
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        raise UserProblem("The port of mail_url is a number up to 65535.") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname or "", port, parts.scheme == "smtps", user, password, sender)
