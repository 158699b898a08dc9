"""Sessions of the portal, as they leave the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class PortalSessionView:
    """A portal link or the session it became."""

    id: str
    environment_id: str
    customer_id: str
    subscription_id: str
    flow: str
    return_url: str | None
    locale: str | None
    created_at: datetime
    expires_at: datetime
    spent_at: datetime | None
    session_expires_at: datetime | None
    token_id: str | None
    token_expires_at: datetime | None
