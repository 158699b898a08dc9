"""What an id looks like; the front door makes them, time-ordered."""

from __future__ import annotations

from typing import Protocol

PREFIXES: dict[str, str] = {
    "env": "Environment",
    "key": "ApiKey",
    "prd": "Product",
    "fea": "Feature",
    "pln": "Plan",
    "plv": "PlanVersion",
    "prc": "Price",
    "cou": "Coupon",
    "prm": "PromotionCode",
    "dis": "Discount",
    "cus": "Customer",
    "sub": "Subscription",
    "itm": "SubscriptionItem",
    "sch": "ScheduledChange",
    "sld": "SubscriptionSchedule",
    "can": "Cancellation",
    "txt": "PersonalText",
    "pol": "SelfServicePolicy",
    "gra": "Grant",
    "ovr": "Override",
    "use": "UsageRecord",
    "rsv": "Reservation",
    "evt": "Event",
    "out": "Outbox",
    "hld": "Hold",
    "ses": "PortalSession",
    "job": "Job",
    "pym": "PaymentMethod",
    "pay": "Payment",
    "rfd": "Refund",
    "dsp": "Dispute",
    "inv": "Invoice",
    "lin": "InvoiceLine",
    "wai": "Waiver",
    "bkg": "JournalEntry",
    "cre": "CreditEntry",
    "crn": "CreditNote",
}
"""The prefix of every id and what it names."""


class Ids(Protocol):
    """A source of ids: `<prefix>_` and 26 characters of time-ordered Crockford base 32."""

    def new(self, prefix: str) -> str:
        """Make a fresh id of one of `PREFIXES`."""
        ...


def kind_of(given: str) -> str | None:
    """Name what an id's prefix stands for; None where it is no id of ours."""
    prefix, _, rest = given.partition("_")
    return PREFIXES.get(prefix) if len(rest) == 26 else None  # noqa: PLR2004  (26 characters of base 32)
