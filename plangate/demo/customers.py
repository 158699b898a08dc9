"""The demo's customers: invented names, one for each thing that there is to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from billing.calendar import Interval, IntervalUnit
from billing.dataclass import dataclass
from billing.lifecycle import CancelReason, CancelTiming
from models.choices import CustomerKind

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTHLY: Final = Interval(IntervalUnit.MONTH, 1)
YEARLY: Final = Interval(IntervalUnit.YEAR, 1)


@dataclass(frozen=True, slots=True)
class SampleSubscription:
    """What a customer has, and what happened to it since."""

    plan: str
    interval: Interval | None = MONTHLY
    quantity: int = 1
    add_ons: tuple[str, ...] = ()
    resource: str | None = None
    trial_days: int | None = 0
    starts_in_days: int = 0
    downgrade_to: str | None = None
    cancel: CancelTiming | None = None
    reason: CancelReason | None = None


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """Who it is, what it shows, and what was used: feature to amount."""

    external_id: str
    name: str
    shows: str
    subscriptions: tuple[SampleSubscription, ...]
    country: str = "US"
    locale: str = "en"
    currency: str = "usd"
    kind: CustomerKind = CustomerKind.BUSINESS
    used: Mapping[str, str] | None = None

    @property
    def email(self) -> str:
        """An address that nobody has."""
        return f"owner@{self.external_id}.example"


SAMPLES: Final[tuple[SampleCustomer, ...]] = (
    SampleCustomer(
        "birch",
        "Birch Analytics",
        "an active subscription: change, downgrade or cancel it",
        (SampleSubscription("enterprise", quantity=12, add_ons=("data_pack",)),),
        used={"actions_minutes": "31250", "lfs_storage": "180.5", "lfs_bandwidth": "42.75"},
    ),
    SampleCustomer(
        "fern",
        "Fern Studio",
        "a free plan with one gibibyte left until it is refused",
        (SampleSubscription("free", interval=None),),
        kind=CustomerKind.CONSUMER,
        used={"lfs_bandwidth": "9", "actions_minutes": "1200"},
    ),
    SampleCustomer(
        "alder",
        "Alder Werke GmbH",
        "a trial that becomes active by itself",
        (SampleSubscription("enterprise", quantity=3, trial_days=None),),
        country="DE",
        locale="de",
        currency="eur",
    ),
    SampleCustomer(
        "maple",
        "Maple Freight",
        "a downgrade that waits for the period's end",
        (SampleSubscription("enterprise", quantity=8, downgrade_to="team"),),
        used={"actions_minutes": "4100"},
    ),
    SampleCustomer(
        "willow",
        "Willow & Sons",
        "a cancellation at the period's end, which can be undone",
        (SampleSubscription("team", quantity=4, cancel=CancelTiming.END_OF_PERIOD, reason=CancelReason.TOO_EXPENSIVE),),
        country="GB",
        currency="eur",
    ),
    SampleCustomer(
        "hazel",
        "Hazel Press",
        "a subscription that has ended",
        (SampleSubscription("team", quantity=2, cancel=CancelTiming.IMMEDIATE, reason=CancelReason.UNUSED),),
        country="NL",
        locale="nl",
        currency="eur",
    ),
    SampleCustomer(
        "rowan",
        "Rowan Labs",
        "a yearly subscription that starts in two weeks",
        (SampleSubscription("team", interval=YEARLY, quantity=5, starts_in_days=14),),
    ),
    SampleCustomer(
        "linden",
        "Linden Cooperative",
        "two organisations, each with its own subscription",
        (
            SampleSubscription("team", quantity=6, resource="org-north"),
            SampleSubscription("enterprise", quantity=2, resource="org-south"),
        ),
        country="FR",
        locale="fr",
        currency="eur",
    ),
)
