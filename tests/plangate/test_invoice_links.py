"""A link to an invoice says which one and when it was made, and nobody else can make one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plangate.secrets import SHOWN_SECRET, InvoiceLinks

INVOICE = "inv_" + "0" * 25 + "7"
AT = datetime(2026, 11, 21, 12, 0, 0, 123_456, tzinfo=UTC)
LINKS = InvoiceLinks("s" * 40)


def test_a_link_is_read_back_by_who_has_the_secret() -> None:
    link = LINKS.make(INVOICE, AT)

    assert LINKS.read(link) == (INVOICE, AT)
    assert InvoiceLinks("s" * 40).read(link) == (INVOICE, AT)
    assert InvoiceLinks("t" * 40).read(link) is None


def test_every_link_is_another_and_none_passes_into_a_log() -> None:
    link = LINKS.make(INVOICE, AT)

    assert link != LINKS.make(INVOICE, AT + timedelta(microseconds=1))
    assert SHOWN_SECRET.search(link) is not None


def changed() -> list[str]:
    """Links that somebody made from one of ours."""
    invoice, made, signature = LINKS.make(INVOICE, AT).split(".")
    later = f"{int(made, 16) + 1:x}"
    return [
        f"{invoice[:-1]}8.{made}.{signature}",
        f"{invoice}.{later}.{signature}",
        f"{invoice}.0{made}.{signature}",
        f"{invoice}.{made.upper()}.{signature}",
        f"{invoice}.{made}.{signature[:-1]}",
        f"{invoice}.{made}.{signature[:-1]}{'a' if signature[-1] != 'a' else 'b'}",
        f"{invoice}.{made}.",
        f"{invoice}.{made}",
        f"{invoice}.{made}.{signature}\n",
        invoice,
        "",
        "inv_" + "\u0664" * 26 + f".{made}.{signature}",
        "\ud800",
    ]


@pytest.mark.parametrize("link", changed())
def test_a_changed_link_is_none_of_ours(link: str) -> None:
    assert LINKS.read(link) is None
