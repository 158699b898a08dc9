"""Making the demo's world, once. Every act has a key, so that a run that was cut short can be taken up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from billing.dataclass import dataclass
from billing.lifecycle import Channel
from billing.refusals import Refusal
from models.choices import EnvironmentKind, KeyKind
from models.stores.environments import Environments, Keys
from plangate.catalog.reading import read_catalog
from plangate.demo.customers import SAMPLES, SampleCustomer, SampleSubscription
from plangate.demo.home import ENVIRONMENT, FOLDER
from plangate.problems import UserProblem
from resolvers.access import ALL
from resolvers.api_key_create import ApiKeyCreate, create_key
from resolvers.catalog_apply import catalog_apply
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.environment_create import EnvironmentCreate, environment_create
from resolvers.inputs import AddOnChoice, CustomerRef
from resolvers.principal import Principal, PrincipalKind
from resolvers.subscription_cancel import SubscriptionCancel, cancel
from resolvers.subscription_create import SubscriptionCreate, create
from resolvers.subscription_downgrade import SubscriptionDowngrade, downgrade
from resolvers.usage_report import UsageReport, report

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from models.views import EnvironmentView
    from plangate.contexts import Contexts
    from resolvers.context import Context

CATALOG: Final = Path(__file__).parents[2] / "examples" / "catalogs" / "code-hosting.yaml"
MERCHANT: Final = Principal(PrincipalKind.SECRET, frozenset({ALL}))
LATER: Final = timedelta(days=45)
"""How far the saved operation moves the test clock: beyond every monthly period."""

EARLIER: Final = timedelta(days=14)
"""How far back the saved operation looks at usage."""
FEATURE: Final = "lfs_bandwidth"
"""Small and hard: the one to try a refusal with."""

_PREFIXES: Final = {KeyKind.SECRET: "secret", KeyKind.PUBLISHABLE: "publishable"}


@dataclass(frozen=True, slots=True)
class World:
    """A demo that is ready: its keys, and the ids that examples are tried with."""

    environment: EnvironmentView
    at: datetime
    keys: dict[str, str]
    customers: list[dict[str, Any]]

    def facts(self, url: str) -> dict[str, Any]:
        """Write it as `var/demo.json` has it."""
        return {
            "url": url,
            "graphql": f"{url}/graphql",
            "environment": {"id": self.environment.id, "key": self.environment.key},
            "keys": self.keys,
            "sample": self.sample(),
            "customers": self.customers,
        }

    def sample(self) -> dict[str, str]:
        """Name what the saved operations and the README's commands are tried with."""
        shown = self.customers[0]
        later = self.at + LATER
        return {
            "customer": shown["id"],
            "externalId": shown["externalId"],
            "subscription": shown["subscriptions"][0]["id"],
            "plan": "free",
            "lowerPlan": "team",
            "feature": FEATURE,
            "earlier": (self.at - EARLIER).isoformat().replace("+00:00", "Z"),
            "later": later.isoformat().replace("+00:00", "Z"),
        }


async def ready_world(contexts: Contexts, known: dict[str, Any] | None, tell: Callable[[str], None]) -> World:
    """Find the world of the last run, whose facts are `known`, or make one. Keys are kept while they open it."""
    async with contexts.database.reading() as connection:
        environment = await Environments(connection).by_key(ENVIRONMENT)
    same = environment is not None and known is not None and known.get("environment", {}).get("id") == environment.id
    try:
        return await _made(contexts, environment, known if same else None, tell)
    except Refusal as refusal:
        message = f"The demo's world cannot be completed: {refusal.message} Delete {FOLDER}/ for a new one."
        raise UserProblem(message) from refusal


async def _made(
    contexts: Contexts, environment: EnvironmentView | None, known: dict[str, Any] | None, tell: Callable[[str], None]
) -> World:
    if environment is None:
        environment = await _environment(contexts)
    ctx = contexts.make(MERCHANT, environment, Channel.CLI)
    if known is not None:
        return World(environment, ctx.at, await _keys(ctx, known), known["customers"])
    tell("The catalog of examples/catalogs")
    await catalog_apply(ctx, read_catalog(_catalog_file()))
    keys = await _keys(ctx, {})
    async with ctx.read() as read:
        began = await read.environments.kept_since(environment.id)
    customers: list[dict[str, Any]] = []
    for sample in SAMPLES:
        tell(f"{sample.name}: {sample.shows}")
        customers.append(await _customer(ctx, sample, began))
    return World(environment, ctx.at, keys, customers)


def _catalog_file() -> Path:
    if not CATALOG.exists():
        raise UserProblem(
            "The demo's price list examples/catalogs/code-hosting.yaml is not here: run it in a checkout."
        )
    return CATALOG


async def _environment(contexts: Contexts) -> EnvironmentView:
    now = contexts.clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    command = EnvironmentCreate(ENVIRONMENT, "Demo", EnvironmentKind.TEST, test_clock_at=hour)
    return await environment_create(contexts.database, contexts.ids, contexts.tokens, command, at=now)


async def _keys(ctx: Context, known: dict[str, Any]) -> dict[str, str]:
    """Keep the keys of the last run while they open this world; make those that are missing."""
    kept: dict[str, Any] = known.get("keys", {})
    keys: dict[str, str] = {}
    for kind, name in _PREFIXES.items():
        secret = kept.get(name)
        keys[name] = secret if isinstance(secret, str) and await _opens(ctx, secret) else await _new_key(ctx, kind)
    return keys


async def _opens(ctx: Context, secret: str) -> bool:
    async with ctx.database.reading() as connection:
        key = await Keys(connection).by_digest(ctx.secrets.digest(secret))
    return key is not None and key.environment_id == ctx.env.id and key.revoked_at is None


async def _new_key(ctx: Context, kind: KeyKind) -> str:
    scopes = (ALL,) if kind is KeyKind.SECRET else ()
    made = await create_key(ctx, ApiKeyCreate(kind, f"Demo {_PREFIXES[kind]} key", scopes))
    if made.secret is None:
        raise LookupError(made.key.id)
    return made.secret


async def _customer(ctx: Context, sample: SampleCustomer, began: datetime) -> dict[str, Any]:
    """Make one customer with what it has and used, and answer what scripts want to know."""
    command = CustomerUpsert(
        external_id=sample.external_id,
        name=sample.name,
        email=sample.email,
        kind=sample.kind,
        locale=sample.locale,
        country=sample.country,
        idempotency_key=f"demo-{sample.external_id}",
    )
    customer = (await upsert(ctx, command)).customer
    ref = CustomerRef(id=customer.id)
    held = [
        await _subscription(ctx, _begun(ref, sample, each, began), each, f"demo-{sample.external_id}-{number}")
        for number, each in enumerate(sample.subscriptions)
    ]
    for feature, amount in (sample.used or {}).items():
        key = f"demo-{sample.external_id}-{feature}"
        await report(ctx, UsageReport(ref, feature, amount, idempotency_key=key))
    return {
        "externalId": sample.external_id,
        "id": customer.id,
        "name": sample.name,
        "shows": sample.shows,
        "subscriptions": held,
    }


def _begun(
    customer: CustomerRef, sample: SampleCustomer, wanted: SampleSubscription, began: datetime
) -> SubscriptionCreate:
    return SubscriptionCreate(
        customer,
        wanted.plan,
        currency=sample.currency if wanted.interval else None,
        interval=wanted.interval,
        quantity=wanted.quantity,
        add_ons=tuple(AddOnChoice(name) for name in wanted.add_ons),
        resource=wanted.resource,
        starts_at=began + timedelta(days=wanted.starts_in_days) if wanted.starts_in_days else None,
        trial_days=wanted.trial_days,
    )


async def _subscription(
    ctx: Context, command: SubscriptionCreate, wanted: SampleSubscription, key: str
) -> dict[str, str]:
    made = (await create(ctx, replace(command, idempotency_key=key))).subscription
    if wanted.downgrade_to is not None:
        await downgrade(ctx, SubscriptionDowngrade(made.id, wanted.downgrade_to, idempotency_key=f"{key}-downgrade"))
    if wanted.cancel is not None:
        end = SubscriptionCancel(made.id, wanted.cancel, reason=wanted.reason, idempotency_key=f"{key}-cancel")
        await cancel(ctx, end)
    return {"id": made.id, "plan": wanted.plan, **({"resource": wanted.resource} if wanted.resource else {})}
