"""How an environment bills: what it settles once, as data with defaults."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.change_rules import ChangeTerms
from billing.dataclass import dataclass
from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.values import BillingMode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.trials import TrialEnding


class AfterDunning(StrEnum):
    """What becomes of a subscription whose invoice was not paid at the last attempt. (C2)"""

    CANCEL = "CANCEL"
    UNPAID = "UNPAID"
    LEAVE_PAST_DUE = "LEAVE_PAST_DUE"


class SentInvoices(StrEnum):
    """What happens when an invoice that was sent is not paid by its due day."""

    WAIT = "WAIT"
    DUN = "DUN"


class OnDispute(StrEnum):
    """What a full dispute of a payment does, one hour later. (C10)"""

    NOTHING = "NOTHING"
    CANCEL_NOW = "CANCEL_NOW"
    CANCEL_AT_PERIOD_END = "CANCEL_AT_PERIOD_END"


class OnFirstFailure(StrEnum):
    """What becomes of a subscription whose first payment fails."""

    INCOMPLETE = "INCOMPLETE"
    PAST_DUE = "PAST_DUE"


class UsageWithoutProration(StrEnum):
    """What an immediate cancel without proration, invoiced now, does with unbilled usage. (C6)"""

    BILL = "BILL"
    DISCARD = "DISCARD"


AFTER_DUNNING_MEANINGS: Mapping[AfterDunning, str] = MappingProxyType(
    {
        AfterDunning.CANCEL: "It is cancelled, with the reason PAYMENT_FAILED.",
        AfterDunning.UNPAID: "It stays, gives no access, and its new invoices wait as drafts.",
        AfterDunning.LEAVE_PAST_DUE: "It stays past due.",
    },
)
ON_DISPUTE_MEANINGS: Mapping[OnDispute, str] = MappingProxyType(
    {
        OnDispute.NOTHING: "Nothing by itself.",
        OnDispute.CANCEL_NOW: "It is cancelled without proration.",
        OnDispute.CANCEL_AT_PERIOD_END: "It ends when the present period ends.",
    },
)
ON_FIRST_FAILURE_MEANINGS: Mapping[OnFirstFailure, str] = MappingProxyType(
    {
        OnFirstFailure.INCOMPLETE: "It gives no access until it is paid, and is over after the last attempt.",
        OnFirstFailure.PAST_DUE: "As with any later payment: its access goes on for the grace.",
    },
)
USAGE_WITHOUT_PRORATION_MEANINGS: Mapping[UsageWithoutProration, str] = MappingProxyType(
    {
        UsageWithoutProration.BILL: "It is billed on the final invoice.",
        UsageWithoutProration.DISCARD: "It is dropped.",
    },
)


@dataclass(frozen=True, slots=True)
class Dunning:
    """When a failed payment is tried again: days after the first attempt, and what comes after the last. (C2)

    Of invoices that are `sent` and charged to nobody the due day is the first, where it is dunned for them at all.
    """

    retry_days: tuple[int, ...] = (1, 2, 4, 6, 8, 11, 14)
    after: AfterDunning = AfterDunning.CANCEL
    sent: SentInvoices = SentInvoices.WAIT

    @property
    def attempts(self) -> int:
        """How often it is tried in all."""
        return len(self.retry_days) + 1


@dataclass(frozen=True, slots=True)
class Mails:
    """Which mails customers get; `payment_url` is where they update how they pay, '' is the portal. (C2)"""

    payment_failed: bool = False
    past_due: bool = False
    payment_url: str = ""


@dataclass(frozen=True, slots=True)
class TaxRule:
    """One fixed rate, in millionths: 190000 is 19 %. `inclusive`: prices contain it."""

    ppm: int
    name: str = "Tax"
    country: str = ""
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells, as invoices say it; without a name nobody has said so yet."""

    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    tax_id: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class BillingPolicy:
    """How an environment bills. `taxes` are tried in order; a rule with a country speaks for that country only.

    `trial_ending` None is CREATE_INVOICE for what the merchant makes, and CANCEL for what customers make themselves.
    """

    proration_unit: ProrationUnit = ProrationUnit.SECOND
    usage_grace_minutes: int = 60
    days_until_due: int = 30
    dunning: Dunning = field(default_factory=Dunning)
    on_dispute: OnDispute = OnDispute.NOTHING
    on_first_failure: OnFirstFailure = OnFirstFailure.INCOMPLETE
    usage_without_proration: UsageWithoutProration = UsageWithoutProration.BILL
    number_prefix: str = "INV-"
    seller: Seller = field(default_factory=Seller)
    taxes: tuple[TaxRule, ...] = ()
    changes: ChangeTerms = field(default_factory=ChangeTerms)
    billing_mode: BillingMode = BillingMode.FLEXIBLE
    trial_ending: TrialEnding | None = None
    mails: Mails = field(default_factory=Mails)

    def tax_for(self, country: str | None) -> TaxRule | None:
        """The rule that speaks for a buyer's country; None where nothing is taxed."""
        return next((rule for rule in self.taxes if rule.country in ("", country or "")), None)
