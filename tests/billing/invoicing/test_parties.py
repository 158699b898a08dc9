"""An invoice keeps who sold and who bought, as they were."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from billing.invoicing.parties import Party, buyer_of, identity, party_of
from billing.invoicing.policy import BillingPolicy, Seller


@dataclass(frozen=True)
class Somebody:
    """A customer of whom little is known."""

    external_id: str | None = None
    name: str | None = None
    email: str | None = None
    country: str | None = None
    address: dict[str, str] | None = None
    tax_ids: tuple[dict[str, str], ...] = field(default=())


HOME = {"line1": "Hauptstraße 5", "line2": "Hinterhaus", "city": "Köln", "postalCode": "50667", "region": "NRW"}
ACME = Somebody("acme", "Acme AG", "pay@acme.example", "DE", HOME, ({"type": "eu_vat", "value": "DE987654321"},))


def test_both_sides_are_kept_whole() -> None:
    policy = BillingPolicy(seller=Seller("Nordwind GmbH", ("Hafenstraße 1",), "DE", "DE123456789", "a@n.example"))

    assert identity(policy, ACME) == (
        {
            "name": "Nordwind GmbH",
            "address": ["Hafenstraße 1"],
            "country": "DE",
            "taxIds": ["DE123456789"],
            "email": "a@n.example",
        },
        {
            "name": "Acme AG",
            "address": ["Hauptstraße 5", "Hinterhaus", "50667 Köln", "NRW"],
            "country": "DE",
            "taxIds": ["DE987654321"],
            "email": "pay@acme.example",
        },
    )


def test_what_is_not_known_is_left_out_and_what_was_erased_is_empty() -> None:
    assert identity(BillingPolicy(), Somebody()) == ({}, {})
    assert party_of({}) == Party()


def test_what_is_kept_is_read_back() -> None:
    _, kept = identity(BillingPolicy(), ACME)

    assert party_of(kept) == buyer_of(ACME)


@pytest.mark.parametrize(
    ("known", "called"),
    [
        (Somebody("x", "N", "e@x.example"), "N"),
        (Somebody("x", email="e@x.example"), "e@x.example"),
        (Somebody("x"), "x"),
    ],
)
def test_a_customer_without_a_name_is_called_by_what_is_known(known: Somebody, called: str) -> None:
    assert buyer_of(known).name == called


def test_an_address_is_written_as_its_country_writes_it() -> None:
    place = {"line1": "1 Main St", "city": "Springfield", "region": "IL", "postalCode": "62701"}

    assert buyer_of(Somebody(country="US", address=place)).address == ("1 Main St", "Springfield, IL 62701")
    assert buyer_of(Somebody(country="FR", address=place)).address == ("1 Main St", "62701 Springfield", "IL")
    assert buyer_of(Somebody(country="US", address={"city": "Springfield"})).address == ("Springfield",)
