"""The stores, opened for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from models.stores.portal import PortalSessions
from models.stores.reservations import Reservations
from models.stores.schedules import Schedules
from models.stores.subscriptions import Subscriptions
from models.stores.thresholds import Thresholds
from models.stores.usage import UsageLedger
from models.stores.usage_history import UsageHistory

if TYPE_CHECKING:
    from datetime import datetime

    from models.rows import Runner


class Reader:
    """The stores of one environment, as of one instant, over one connection."""

    def __init__(self, run: Runner, environment_id: str, at: datetime) -> None:
        """Open every store on the same connection: they see the same snapshot."""
        self.environment_id = environment_id
        self.environments = Environments(run)
        self.keys = Keys(run)
        self.portal = PortalSessions(run)
        self.catalog = CatalogStore(run, environment_id)
        self.coupons = Coupons(run, environment_id)
        self.customers = Customers(run, environment_id)
        self.usage = UsageLedger(run, environment_id)
        self.usage_history = UsageHistory(run, environment_id)
        self.thresholds = Thresholds(run, environment_id)
        self.journal = Journal(run, environment_id)
        self.due = DueRows(run, environment_id)
        self.jobs = Jobs(run, environment_id)
        self.payments = Payments(run, environment_id)
        self.invoices = Invoices(run, environment_id)
        self.credits = Credits(run, environment_id)
        self.books = Books(run, environment_id)
        self.imports = Imports(run, environment_id)
        self.look_from(run, environment_id, at)

    def look_from(self, run: Runner, environment_id: str, at: datetime) -> None:
        """Open the stores that answer as of an instant."""
        self.live = LiveCounts(run, environment_id, at)
        self.overviews = Overviews(run, environment_id, at)
        self.subscriptions = Subscriptions(run, environment_id, at)
        self.entitlements = Entitlements(run, environment_id, at)
        self.discounts = Discounts(run, environment_id, at)
        self.reservations = Reservations(run, environment_id, at)
        self.schedules = Schedules(run, environment_id, at)
