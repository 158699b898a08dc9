"""Contexts: what a call is told about the present, the chance and the settings, put together in one place."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from billing.lifecycle import Channel
from plangate.catalog.documents import YamlDocuments
from plangate.clock import SystemClock
from plangate.gateways import gateways
from plangate.ids import TimeOrderedIds
from plangate.logs import SERVED
from plangate.secrets import InvoiceLinks, PreviewTokens, RealSecrets, Sealed
from plangate.tokens import RealTokens
from resolvers.context import Context
from resolvers.context import Settings as CallSettings
from resolvers.paying.cashier import Cashier

if TYPE_CHECKING:
    from datetime import datetime

    from models.ids import Ids
    from models.session import Database
    from models.views import EnvironmentView
    from plangate.clock import Clock
    from plangate.settings import Settings
    from resolvers.context import Secrets
    from resolvers.principal import Principal

DOCUMENTS: Final = YamlDocuments()
BUDGET_OF_DEADLINE: Final = 0.8
"""A long act stops itself before the request's deadline would."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """Everything that calls share; `make` adds what one call has of its own. `long_act` bounds test clock walks."""

    database: Database
    clock: Clock
    ids: Ids
    secrets: Secrets
    tokens: RealTokens
    links: InvoiceLinks
    previews: PreviewTokens
    settings: CallSettings
    long_act: timedelta = timedelta(seconds=25)
    cashier: Cashier = field(init=False)

    def __post_init__(self) -> None:
        """Let everybody ask the payment providers in one way."""
        cashier = Cashier(self.database, self.ids, gateways(self.database), self.clock.now)
        object.__setattr__(self, "cashier", cashier)

    @classmethod
    def real(cls, database: Database, settings: Settings, *, clock: Clock | None = None) -> Contexts:
        """Build from the settings; raises `UserProblem` where there is no secret."""
        clock = clock or SystemClock()
        shared = CallSettings(
            public_url=settings.url,
            token_minutes=settings.token_minutes,
            portal_link_minutes=settings.portal_link_minutes,
            portal_session_minutes=settings.portal_session_minutes,
            invoice_link_days=settings.invoice_link_days,
        )
        tokens, links = RealTokens(Sealed(settings.key())), InvoiceLinks(settings.key())
        previews = PreviewTokens(settings.key())
        budget = min(settings.clock_budget_seconds, settings.limits.deadline_seconds * BUDGET_OF_DEADLINE)
        lengthy = timedelta(seconds=budget)
        return cls(database, clock, TimeOrderedIds(clock), RealSecrets(), tokens, links, previews, shared, lengthy)

    def make(
        self,
        principal: Principal,
        environment: EnvironmentView | None,
        channel: Channel = Channel.API,
        *,
        now: datetime | None = None,
    ) -> Context:
        """Make a call's context; `now` is the real instant if it was read already.

        The call's present is the environment's test clock, where it has one; the real instant stands beside it.
        """
        recorded_at = now or self.clock.now()
        clock_at = environment.clock_at if environment is not None else None
        spent = self.clock.stopwatch()
        return Context(
            database=self.database,
            principal=principal,
            environment=environment,
            at=clock_at or recorded_at,
            recorded_at=recorded_at,
            ids=self.ids,
            secrets=self.secrets,
            tokens=self.tokens,
            links=self.links,
            previews=self.previews,
            documents=DOCUMENTS,
            settings=self.settings,
            cashier=self.cashier,
            channel=channel,
            in_time=lambda: spent() < self.long_act,
            request_id=SERVED.get(),
        )
