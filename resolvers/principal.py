"""Who asks."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class PrincipalKind(StrEnum):
    """What sort of credential asks."""

    PUBLIC = "PUBLIC"
    PUBLISHABLE = "PUBLISHABLE"
    CUSTOMER = "CUSTOMER"
    SECRET = "SECRET"  # noqa: S105  (a kind, not a secret)


class Principal(NamedTuple):
    """Who asks. A customer token names its customer and may be bound to one subscription."""

    kind: PrincipalKind
    scopes: frozenset[str] = frozenset()
    customer_id: str | None = None
    subscription_id: str | None = None
    key_id: str | None = None
    token_id: str | None = None
    token_expires_at: datetime | None = None

    @property
    def merchant(self) -> bool:
        """Whether the merchant's own program asks."""
        return self.kind is PrincipalKind.SECRET

    @property
    def name(self) -> str:
        """The idempotency scope: all secret keys are one principal, each customer is one."""
        return "merchant" if self.merchant else f"customer:{self.customer_id}"

    def sees(self, customer_id: str, subscription_id: str | None = None) -> bool:
        """Whether this customer, and this subscription, may be seen at all."""
        if self.merchant:
            return True
        bound = self.subscription_id
        return self.customer_id == customer_id and (subscription_id is None or bound in (None, subscription_id))
