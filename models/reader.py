"""The stores, opened for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from models.stores.books import Books
from models.stores.catalog import CatalogStore
from models.stores.coupons import Coupons
from models.stores.credits import Credits
from models.stores.customers import Customers
from models.stores.discounts import Discounts
from models.stores.due import DueRows
from models.stores.entitlements import Entitlements
from models.stores.environments import Environments, Keys
from models.stores.imports import Imports
from models.stores.invoices import Invoices
from models.stores.jobs import Jobs
from models.stores.journal import Journal
from models.stores.live import LiveCounts
from models.stores.overview import Overviews
from models.stores.payments import Payments
from models.stores.plan_gives import PlanGives
from models.stores.portal import PortalSessions
from models.stores.reservations import Reservations
from models.stores.schedules import Schedules
from models.stores.sequences import Sequences
from models.stores.standing import Standings
from models.stores.subscriptions import Subscriptions
from models.stores.thresholds import Thresholds
from models.stores.usage import UsageLedger
from models.stores.usage_history import UsageHistory

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from models.rows import Runner

T = TypeVar("T")
OF_AN_INSTANT: Final = (
    "live", "overviews", "subscriptions", "entitlements", "standings", "discounts", "reservations", "schedules",
)  # fmt: skip
"""Stores that answer as of the reader's instant."""


class Store(Generic[T]):
    """A store that is opened when it is first asked for: a call needs few of them."""

    def __init__(self, open_: Callable[[Reader], T]) -> None:
        """Open it like this."""
        self._open = open_
        self._name = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        """Hear what it is called."""
        self._name = name

    def __get__(self, of: Reader, _owner: type) -> T:
        """Open it, once: from then on the reader itself has it under its name."""
        opened = of.__dict__[self._name] = self._open(of)
        return opened


class Reader:
    """The stores of one environment, as of one instant, over one connection: they see the same snapshot."""

    run: Runner
    environment_id: str
    seen_at: datetime

    environments = Store(lambda of: Environments(of.run))
    keys = Store(lambda of: Keys(of.run))
    portal = Store(lambda of: PortalSessions(of.run))
    catalog = Store(lambda of: CatalogStore(of.run, of.environment_id))
    plan_gives = Store(lambda of: PlanGives(of.run, of.environment_id))
    sequences = Store(lambda of: Sequences(of.run))
    coupons = Store(lambda of: Coupons(of.run, of.environment_id))
    customers = Store(lambda of: Customers(of.run, of.environment_id))
    usage = Store(lambda of: UsageLedger(of.run, of.environment_id))
    usage_history = Store(lambda of: UsageHistory(of.run, of.environment_id))
    thresholds = Store(lambda of: Thresholds(of.run, of.environment_id))
    journal = Store(lambda of: Journal(of.run, of.environment_id))
    due = Store(lambda of: DueRows(of.run, of.environment_id))
    jobs = Store(lambda of: Jobs(of.run, of.environment_id))
    payments = Store(lambda of: Payments(of.run, of.environment_id))
    invoices = Store(lambda of: Invoices(of.run, of.environment_id))
    credits = Store(lambda of: Credits(of.run, of.environment_id))
    books = Store(lambda of: Books(of.run, of.environment_id))
    imports = Store(lambda of: Imports(of.run, of.environment_id))
    live = Store(lambda of: LiveCounts(of.run, of.environment_id, of.seen_at))
    overviews = Store(lambda of: Overviews(of.run, of.environment_id, of.seen_at))
    subscriptions = Store(lambda of: Subscriptions(of.run, of.environment_id, of.seen_at))
    entitlements = Store(lambda of: Entitlements(of.run, of.environment_id, of.seen_at))
    standings = Store(lambda of: Standings(of.run, of.environment_id, of.seen_at))
    discounts = Store(lambda of: Discounts(of.run, of.environment_id, of.seen_at))
    reservations = Store(lambda of: Reservations(of.run, of.environment_id, of.seen_at))
    schedules = Store(lambda of: Schedules(of.run, of.environment_id, of.seen_at))

    def __init__(self, run: Runner, environment_id: str, at: datetime) -> None:
        """Read over this connection."""
        self.run = run
        self.environment_id = environment_id
        self.seen_at = at

    def look_from(self, at: datetime) -> None:
        """Let the stores that answer as of an instant answer as of another."""
        self.seen_at = at
        for name in OF_AN_INSTANT:
            self.__dict__.pop(name, None)
