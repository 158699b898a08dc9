"""What a line of an import says. Every record has the host's own id, by which it is brought in once."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from billing.dataclass import dataclass
from billing.entitlements.sources import AllowanceKind
from models.choices import CustomerKind, ImportKind

if TYPE_CHECKING:
    from datetime import datetime

    from billing.calendar import Interval
    from billing.entitlements.sources import Json
    from billing.invoicing.values import BillingMode
    from resolvers.inputs import AddOnChoice


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """Somebody who is a customer already."""

    kind_of: ClassVar[ImportKind] = ImportKind.CUSTOMER
    external_id: str
    name: str | None = None
    email: str | None = None
    kind: CustomerKind = CustomerKind.UNKNOWN
    locale: str | None = None
    zone: str | None = None
    country: str | None = None
    address: dict[str, str] | None = None
    tax_ids: tuple[dict[str, str], ...] = ()
    metadata: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class PaidInstalments:
    """How many instalments were paid where it comes from, the one for the present period too. (K4)"""

    paid: int


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """Something that a customer has already: since when, counted from which anchor, billed until when."""

    kind_of: ClassVar[ImportKind] = ImportKind.SUBSCRIPTION
    external_id: str
    customer: str
    plan: str
    starts_at: datetime
    version: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    quantity: int = 1
    add_ons: tuple[AddOnChoice, ...] = ()
    resource: str | None = None
    anchor: datetime | None = None
    billed_until: datetime | None = None
    trial_end: datetime | None = None
    cancel_at: datetime | None = None
    billing_mode: BillingMode | None = None
    instalments: PaidInstalments | None = None
    metadata: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """What a customer used of a metered feature, and when."""

    kind_of: ClassVar[ImportKind] = ImportKind.USAGE
    external_id: str
    customer: str
    feature: str
    amount: str
    occurred_at: datetime
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """What a customer was granted and still has; `amount` is what is left of it."""

    kind_of: ClassVar[ImportKind] = ImportKind.GRANT
    external_id: str
    customer: str
    feature: str
    amount: str | None = None
    value: Json = None
    kind: AllowanceKind = AllowanceKind.PROMOTIONAL
    priority: int | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    resource: str | None = None
    reason: str | None = None


Record: TypeAlias = CustomerRecord | SubscriptionRecord | UsageRecord | GrantRecord
