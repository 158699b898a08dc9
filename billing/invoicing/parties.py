"""Who sells and who buys, as an invoice keeps them from the day it is final: later edits change nothing there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.invoicing.policy import BillingPolicy

REGION_FIRST: Final = frozenset({"AU", "CA", "US"})
"""Countries that write the region and the postal code behind the city."""


class Customer(Protocol):
    """What is asked of a customer."""

    @property
    def external_id(self) -> str | None:
        """The host's own id."""
        ...

    @property
    def name(self) -> str | None:
        """What they are called."""
        ...

    @property
    def email(self) -> str | None:
        """Where they are reached."""
        ...

    @property
    def country(self) -> str | None:
        """Two capital letters."""
        ...

    @property
    def address(self) -> Mapping[str, str] | None:
        """line1, line2, city, postalCode, region."""
        ...

    @property
    def tax_ids(self) -> Sequence[Mapping[str, str]]:
        """Each with type and value."""
        ...


@dataclass(frozen=True, slots=True)
class Party:
    """One side of an invoice; what is not known is empty. `address` has no country."""

    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    tax_ids: tuple[str, ...] = ()
    email: str = ""


def identity(policy: BillingPolicy, customer: Customer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Who sells and who buys now, as `invoice.seller` and `invoice.buyer` keep it."""
    return party_written(seller_of(policy)), party_written(buyer_of(customer))


def seller_of(policy: BillingPolicy) -> Party:
    """Who sells, by the billing policy."""
    seller = policy.seller
    return Party(seller.name, seller.address, seller.country, (seller.tax_id,) if seller.tax_id else (), seller.email)


def buyer_of(customer: Customer) -> Party:
    """Who buys; a customer without a name is called by what else is known."""
    return Party(
        name=customer.name or customer.email or customer.external_id or "",
        address=_lines(customer.address or {}, customer.country or ""),
        country=customer.country or "",
        tax_ids=tuple(each["value"] for each in customer.tax_ids),
        email=customer.email or "",
    )


def party_written(party: Party) -> dict[str, Any]:
    """A party as JSON, without what is not known."""
    written: dict[str, Any] = {
        "name": party.name,
        "address": list(party.address),
        "country": party.country,
        "taxIds": list(party.tax_ids),
        "email": party.email,
    }
    return {name: value for name, value in written.items() if value}


def party_of(written: Mapping[str, Any]) -> Party:
    """Read a party that was kept; one that was erased is empty."""
    return Party(
        name=written.get("name", ""),
        address=tuple(written.get("address", ())),
        country=written.get("country", ""),
        tax_ids=tuple(written.get("taxIds", ())),
        email=written.get("email", ""),
    )


def _lines(address: Mapping[str, str], country: str) -> tuple[str, ...]:
    part = address.get
    lines = [part("line1"), part("line2")]
    if country in REGION_FIRST:
        lines.append(", ".join(filter(None, (part("city"), _joined(part("region"), part("postalCode"))))))
    else:
        lines += [_joined(part("postalCode"), part("city")), part("region")]
    return tuple(line for line in lines if line)


def _joined(*words: str | None) -> str:
    return " ".join(filter(None, words))
