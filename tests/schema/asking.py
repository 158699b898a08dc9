"""Asking the schema as the endpoint does, in a small world on a real database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from billing.calendar import IntervalUnit
from billing.catalog.values import PlanKind, PriceModel, PriceUsage
from billing.entitlements.sources import FeatureKind, ResetEvery
from models.choices import VersionStatus
from models.reader import Reader
from models.tables import FeatureRow, PlanEntitlementRow, PlanRow, PlanVersionRow, PriceRow, ProductRow
from plangate.catalog.documents import YamlDocuments
from plangate.secrets import InvoiceLinks, PreviewTokens, RealSecrets, Sealed
from plangate.tokens import RealTokens
from resolvers.context import Context, Settings
from resolvers.paying.cashier import Cashier
from resolvers.principal import Principal, PrincipalKind
from schema.build import schema
from tests.models.world import ENV, START, Numbered, environment, settle

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    from models.session import Database
    from models.views import EnvironmentView

MERCHANT = Principal(PrincipalKind.SECRET, frozenset({"*"}))
BROWSER = Principal(PrincipalKind.PUBLISHABLE)


@dataclass
class World:
    """An environment with one plan of one product, and whoever asks in it."""

    database: Database
    env: EnvironmentView
    ids: Numbered = field(default_factory=Numbered)

    def context(self, principal: Principal = MERCHANT) -> Context:
        """What a call brings along."""
        return Context(
            database=self.database,
            principal=principal,
            environment=self.env,
            at=START,
            recorded_at=START,
            ids=self.ids,
            secrets=RealSecrets(),
            tokens=RealTokens(Sealed("a secret of more than thirty-two characters")),
            links=InvoiceLinks("a secret of more than thirty-two characters"),
            previews=PreviewTokens("a secret of more than thirty-two characters"),
            documents=YamlDocuments(),
            settings=Settings("http://127.0.0.1:8000"),
            cashier=Cashier(self.database, self.ids, {}, lambda: START),
        )

    async def result(self, document: str, principal: Principal = MERCHANT, **variables: Any) -> Any:
        """Ask, and give the executor's whole result."""
        context = self.context(principal)
        result = await schema.execute(document, variable_values=variables, context_value=context)
        await context.close()
        return result

    async def ask(self, document: str, principal: Principal = MERCHANT, **variables: Any) -> dict[str, Any]:
        """Ask what has to be answered without errors."""
        result = await self.result(document, principal, **variables)
        assert result.errors is None, result.errors
        return dict(result.data)


def catalog() -> list[SQLModel]:
    """A product, a feature of each kind, and two plans of which the lower gives less."""
    return [
        ProductRow(id=ID.format("prd", 1), environment_id=ENV, key="app", name="App", created_at=START),
        _feature(1, "calls", FeatureKind.METERED, unit="call", scale=1),
        _feature(2, "export", FeatureKind.BOOLEAN),
        *_plan(1, "basic", rank=10, price=5_000_000_000, limit=100),
        *_plan(2, "team", rank=20, price=12_500_000_000, limit=1_000),
        PlanEntitlementRow(plan_version_id=ID.format("plv", 2), feature_id=ID.format("fea", 2), environment_id=ENV),
    ]


ID = "{}_{:026}"


def _feature(number: int, key: str, kind: FeatureKind, **columns: Any) -> FeatureRow:
    id_ = ID.format("fea", number)
    return FeatureRow(id=id_, environment_id=ENV, key=key, name=key.title(), kind=kind, created_at=START, **columns)


def _plan(number: int, key: str, *, rank: int, price: int, limit: int) -> list[SQLModel]:
    plan, version = ID.format("pln", number), ID.format("plv", number)
    return [
        PlanRow(
            id=plan,
            environment_id=ENV,
            product_id=ID.format("prd", 1),
            key=key,
            latest_version=1,
            created_at=START,
        ),
        PlanVersionRow(
            id=version,
            environment_id=ENV,
            plan_id=plan,
            version=1,
            status=VersionStatus.PUBLISHED,
            name=key.title(),
            kind=PlanKind.PAID,
            rank=rank,
            digest=key,
            published_at=START,
            created_at=START,
        ),
        PriceRow(
            id=ID.format("prc", number),
            environment_id=ENV,
            plan_version_id=version,
            key="monthly",
            position=0,
            currency="EUR",
            every=IntervalUnit.MONTH,
            model=PriceModel.FLAT,
            usage=PriceUsage.LICENSED,
            unit_amount=price,
        ),
        PlanEntitlementRow(
            plan_version_id=version,
            feature_id=ID.format("fea", 1),
            environment_id=ENV,
            limit=limit,
            reset=ResetEvery.MONTH,
        ),
    ]


async def world(database: Database) -> World:
    """Make the world."""
    await settle(database, *environment(), *catalog())
    async with database.reading() as connection:
        env = await Reader(connection, ENV, START).environments.by_id(ENV)
    assert env is not None
    return World(database, env)
