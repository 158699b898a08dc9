"""A mail goes to a mail server or into a folder; what goes wrong names nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from billing.ports import Mail
from plangate.mailing.mailers import MailNotTaken, MailRefused, mailer_of, written
from plangate.problems import UserProblem
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from pathlib import Path

SENDER = "Acme <pay@acme.example>"
LETTER = Mail("out_1", "ann@acme.example", "Zahlung fällig", "Guten Tag,\n…\n", "de", instant(2024))


async def test_a_mail_server_gets_the_mail_and_its_refusal_names_nobody() -> None:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).upper():
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                heard.append(await reader.readuntil(b"\r\n.\r\n"))
            if line.startswith(b"QUIT"):
                writer.write(b"221 bye\r\n")
                break
            said = b"550 ann@acme.example is unknown" if b"RCPT" in line and b"NOBODY" in line else b"250 fine"
            said = b"450 ann@acme.example is full" if b"RCPT" in line and b"LATER" in line else said
            writer.write(said + b"\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        mailer = mailer_of(f"smtp://127.0.0.1:{port}", SENDER)
        await mailer.send(LETTER)
        with pytest.raises(MailRefused, match="550") as refused:
            await mailer.send(replace(LETTER, to="nobody@acme.example"))
        with pytest.raises(MailRefused, match="ASCII"):
            await mailer.send(replace(LETTER, to="änn@acme.example"))
        with pytest.raises(MailNotTaken, match="450") as later:
            await mailer.send(replace(LETTER, to="later@acme.example"))

    message: Any = message_from_bytes(heard[0].removesuffix(b".\r\n"), policy=policy.default)
    assert (message["Subject"], message["Message-ID"]) == ("Zahlung fällig", "<out_1@plangate>")
    assert message.get_content().replace("\r\n", "\n").startswith("Guten Tag,\n…\n")
    assert "acme" not in f"{refused.value}{later.value}"
    assert not isinstance(later.value, MailRefused)


def test_a_mail_goes_to_one_mailbox_whatever_the_address_holds() -> None:
    for to in ("ann,eve@acme.example", "ann<eve@acme.example", "ann@acme.example"):
        (one,) = written(replace(LETTER, to=to), SENDER)["To"].addresses
        assert f"{one.username}@{one.domain}" == to


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "file://host/x", "smtp://host:99999", "smtp://"]
)
def test_a_way_that_cannot_be_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(UserProblem):
        mailer_of(url, SENDER)


async def test_a_folder_holds_each_mail_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    mailer = mailer_of(folder.as_uri(), SENDER)

    await mailer.send(LETTER)
    await mailer.send(LETTER)

    (file,) = files(folder)
    assert (file.name, file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == ("out_1.eml", 0o600, 0o700)


def files(folder: Path) -> list[Path]:
    """What is in a folder."""
    return sorted(folder.iterdir())
