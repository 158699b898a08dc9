"""A small world: one row of every table, each naming the others, and the values to make more."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from billing.calendar import Interval, IntervalUnit, Period
from billing.catalog.values import PlanKind, PriceModel, PriceUsage
from billing.entitlements.reservations import ReservationState
from billing.entitlements.sources import AllowanceKind, FeatureKind
from billing.lifecycle import CancelReason, CancelTiming, Cause, ChangeKind, ChangeStatus, Channel, Status
from billing.policies import CancellationMode
from billing.subscriptions import Facts, Item, Scheduled
from models.choices import (
    CustomerKind,
    EnvironmentKind,
    ImportKind,
    JobKind,
    KeyKind,
    OutwardChannel,
    PolicyScope,
    UsageKind,
    VersionStatus,
)
from models.rows import add
from models.stores.subscription_rows import new_row
from models.tables import (
    ApiKeyRow,
    BalanceRow,
    CancellationRow,
    CustomerRow,
    EnvironmentRow,
    EventRow,
    FeatureRow,
    GrantRow,
    HoldRow,
    IdempotencyRow,
    ImportedRow,
    JobItemRow,
    JobRow,
    OutboxRow,
    OverrideRow,
    PersonalTextRow,
    PlanEntitlementRow,
    PlanRow,
    PlanVersionRow,
    PolicyRow,
    PortalSessionRow,
    PriceRow,
    ProductRow,
    ReservationHoldRow,
    ReservationRow,
    RevokedTokenRow,
    ScheduledChangeRow,
    SequenceRow,
    SigningKeyRow,
    SubscriptionHistoryRow,
    SubscriptionItemRow,
    SubscriptionRow,
    ThresholdMarkRow,
    TrialRow,
    UsageBurnRow,
    UsageRow,
)
from models.work import Moment, Work
from tests.models.money import money

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlmodel import SQLModel

    from models.rows import Runner
    from models.session import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ENV, CUSTOMER, PRODUCT, FEATURE, PLAN, VERSION, SUBSCRIPTION = "env", "cus", "prd", "fea", "pln", "plv", "sub"


def day(number: float) -> datetime:
    """An instant so many days after the start."""
    return START + timedelta(days=number)


@dataclass
class Numbered:
    """Ids that are numbered through."""

    numbers: count[int] = field(default_factory=count)

    def new(self, prefix: str) -> str:
        """Make an id that sorts after every one before."""
        return f"{prefix}_{next(self.numbers):026}"


def facts(**changed: Any) -> Facts:
    """An active monthly subscription since the start, with something of it changed."""
    usual: dict[str, Any] = {
        "id": SUBSCRIPTION,
        "status": Status.ACTIVE,
        "starts_at": START,
        "trial_end": None,
        "anchor": START,
        "interval": Interval(IntervalUnit.MONTH),
        "zone": BERLIN,
        "period": Period(START, day(31)),
        "natural_end": day(31),
        "plan_id": PLAN,
        "plan_version_id": VERSION,
        "items": (Item(PLAN, VERSION, "prc", 3),),
        "currency": "EUR",
    }
    return Facts(**(usual | changed))


def subscription(given: Facts | None = None, **columns: Any) -> SubscriptionRow:
    """The row of a subscription."""
    usual: dict[str, Any] = {
        "environment_id": ENV,
        "customer_id": CUSTOMER,
        "product_id": PRODUCT,
        "created_at": START,
    }
    return new_row(given or facts(), **(usual | columns))


def customer(id_: str = CUSTOMER, **columns: Any) -> CustomerRow:
    """The row of a customer."""
    usual: dict[str, Any] = {"environment_id": ENV, "kind": CustomerKind.BUSINESS, "created_at": START}
    return CustomerRow(id=id_, **(usual | columns))


def environment() -> list[SQLModel]:
    """What stands alone: an environment and what opens it."""
    return [
        EnvironmentRow(
            id=ENV,
            key="test",
            name="Test",
            kind=EnvironmentKind.TEST,
            zone="Europe/Berlin",
            clock_at=START,
            return_urls=["https://example.test/"],
            created_at=START,
        ),
        SequenceRow(owner_id=ENV, environment_id=ENV),
        PolicyRow(id="pol", environment_id=ENV, scope=PolicyScope.ENVIRONMENT, mode=CancellationMode.END_OF_PERIOD),
        ApiKeyRow(
            id="key", environment_id=ENV, kind=KeyKind.SECRET, name="Main", digest="d1", hint="abcd", scopes=["*"],
            created_at=START,
        ),
        SigningKeyRow(id="kid", environment_id=ENV, public="p", private_encrypted="e", created_at=START),
        RevokedTokenRow(jti="jti", environment_id=ENV, expires_at=day(1)),
    ]  # fmt: skip


def catalog() -> list[SQLModel]:
    """One product with one feature and one plan."""
    return [
        ProductRow(id=PRODUCT, environment_id=ENV, key="app", name="App", created_at=START),
        FeatureRow(
            id=FEATURE, environment_id=ENV, key="calls", name="Calls", kind=FeatureKind.METERED, unit="call",
            created_at=START,
        ),
        PlanRow(id=PLAN, environment_id=ENV, product_id=PRODUCT, key="team", latest_version=1, created_at=START),
        PlanVersionRow(
            id=VERSION, environment_id=ENV, plan_id=PLAN, version=1, status=VersionStatus.PUBLISHED, name="Team",
            kind=PlanKind.PAID, rank=20, labels={"tier": "Größe"}, digest="d", published_at=START, created_at=START,
        ),
        PriceRow(
            id="prc", environment_id=ENV, plan_version_id=VERSION, key="monthly", position=0, currency="EUR",
            every=IntervalUnit.MONTH, model=PriceModel.PER_UNIT, usage=PriceUsage.LICENSED, unit_amount=12_500_000_000,
        ),
        PlanEntitlementRow(plan_version_id=VERSION, feature_id=FEATURE, environment_id=ENV, limit=1000),
    ]  # fmt: skip


def customers() -> list[SQLModel]:
    """One customer and what it wrote."""
    return [
        customer(external_id="acme", name="Acme", email="billing@acme.test", labels={"segment": "smb"}),
        SequenceRow(owner_id=CUSTOMER, environment_id=ENV, seq=1),
        PersonalTextRow(
            id="txt", environment_id=ENV, customer_id=CUSTOMER, text="Too dear.", salt="s", channel=Channel.CUSTOMER
        ),
        PortalSessionRow(
            id="ses", environment_id=ENV, customer_id=CUSTOMER, flow="CANCEL", link_digest="l", expires_at=day(1),
            created_at=START,
        ),
    ]  # fmt: skip


def subscriptions() -> list[SQLModel]:
    """One subscription that will be cancelled."""
    return [
        subscription(facts(scheduled=(Scheduled("sch", ChangeKind.CANCEL, day(31)),))),
        TrialRow(
            customer_id=CUSTOMER, product_id=PRODUCT, environment_id=ENV, subscription_id=SUBSCRIPTION, started_at=START
        ),
        SubscriptionItemRow(
            id="itm", environment_id=ENV, subscription_id=SUBSCRIPTION, plan_id=PLAN, plan_version_id=VERSION,
            price_id="prc", quantity=3,
        ),
        ScheduledChangeRow(
            id="sch", environment_id=ENV, customer_id=CUSTOMER, subscription_id=SUBSCRIPTION, kind=ChangeKind.CANCEL,
            status=ChangeStatus.PENDING, applies_at=day(31), zone="Europe/Berlin", local_time="2026-02-01T01:00:00",
            requested_at=day(3), channel=Channel.CUSTOMER,
        ),
        SubscriptionHistoryRow(
            subscription_id=SUBSCRIPTION, seq=1, environment_id=ENV, customer_id=CUSTOMER, since=START,
            facts={"status": "ACTIVE"},
        ),
        CancellationRow(
            id="can", environment_id=ENV, customer_id=CUSTOMER, subscription_id=SUBSCRIPTION,
            scheduled_change_id="sch", timing=CancelTiming.END_OF_PERIOD, reason=CancelReason.TOO_EXPENSIVE,
            comment_id="txt", channel=Channel.CUSTOMER, requested_at=day(3), effective_at=day(31),
        ),
    ]  # fmt: skip


def entitlements() -> list[SQLModel]:
    """A grant, an override, and usage that burned of both."""
    return [
        GrantRow(
            id="gra", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, kind=AllowanceKind.PROMOTIONAL,
            amount=500, used=20, starts_at=START, expires_at=day(31), due_at=day(31), created_at=START,
        ),
        OverrideRow(
            id="ovr", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, limit=7, starts_at=START,
            ends_at=day(9), due_at=day(9), created_at=START,
        ),
        UsageRow(
            id="use", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, seq=1, kind=UsageKind.CONSUME,
            amount=30, limit_amount=10, occurred_at=day(2), recorded_at=day(2),
        ),
        UsageBurnRow(usage_id="use", grant_id="gra", environment_id=ENV, amount=20, occurred_at=day(2)),
        BalanceRow(
            customer_id=CUSTOMER, feature_id=FEATURE, environment_id=ENV, window_start=START, window_end=day(31),
            used=10, latest_at=day(2),
        ),
        ReservationRow(
            id="rsv", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, amount=5,
            state=ReservationState.HELD, created_at=day(2), expires_at=day(3), limit_amount=3, due_at=day(3),
        ),
        ReservationHoldRow(reservation_id="rsv", grant_id="gra", environment_id=ENV, amount=2, position=0),
        ThresholdMarkRow(
            customer_id=CUSTOMER, feature_id=FEATURE, environment_id=ENV, window_start=START, threshold=80,
            limit=10,
        ),
    ]  # fmt: skip


def journal() -> list[SQLModel]:
    """An event, what has to be done about it, and what was answered."""
    return [
        EventRow(
            id="evt", environment_id=ENV, owner_id=CUSTOMER, seq=1, type="usage.recorded", subject_id="use",
            occurred_at=day(2), recorded_at=day(2), cause=Cause.REQUEST, channel=Channel.API, after={"amount": "30"},
        ),
        HoldRow(
            id="hld", environment_id=ENV, channel=OutwardChannel.MAIL, reason="Typing error", held_at=day(2),
            held_by="ann", released_at=day(3), released_by="bob",
        ),
        OutboxRow(id="out", environment_id=ENV, kind="LETTER", subject_id="evt", due_at=day(2)),
        JobRow(
            id="job", environment_id=ENV, kind=JobKind.PLAN_MIGRATION, input={}, channel=Channel.API, created_at=START
        ),
        JobItemRow(job_id="job", position=1, environment_id=ENV, customer_id=CUSTOMER, subject_id=SUBSCRIPTION),
        ImportedRow(
            environment_id=ENV, kind=ImportKind.CUSTOMER, key="acme", subject_id=CUSTOMER, imported_at=START
        ),
        IdempotencyRow(
            environment_id=ENV, mutation="entitlementConsume", principal="merchant", key="k1", fingerprint="f",
            outcome={"usage_id": "use"}, created_at=day(2), expires_at=day(32),
        ),
    ]  # fmt: skip


def everything() -> list[SQLModel]:
    """One row of every table, each after those that it names."""
    kept = [*environment(), *catalog(), *customers(), *subscriptions(), *entitlements(), *journal()]
    return [*kept, *money(ENV, CUSTOMER, SUBSCRIPTION, START)]


def sold() -> list[SQLModel]:
    """An environment, its catalog and one customer who has bought nothing yet."""
    return [*environment(), *catalog(), customer(), SequenceRow(owner_id=CUSTOMER, environment_id=ENV)]


async def settle(database: Database, *rows: SQLModel) -> None:
    """Keep rows."""
    async with database.working() as session:
        await add(session, *rows)


def working(session: Runner, at: datetime = START, ids: Numbered | None = None) -> Work:
    """Open the stores of the world for writing."""
    return Work(session, ENV, Moment(at, at, Channel.API), ids or Numbered())


class Undone(Exception):  # noqa: N818  (it is no error)
    """What was done is taken back."""


@asynccontextmanager
async def undone(database: Database) -> AsyncGenerator[Runner, None]:
    """Open a unit of work that leaves nothing: one example after another begins in the same world."""
    with suppress(Undone):
        async with database.working() as session:
            yield session
            raise Undone
