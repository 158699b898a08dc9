"""A scene for who-may: two environments with the same people in both, made once and copied for every test."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from models.session import Database
from resolvers.access import SCOPES
from resolvers.job_running import Hands, open_jobs, run_job
from tests.resolvers.scene_payments import pay
from tests.resolvers.scene_schedules import plan_ahead
from tests.told import every_event_fits
from tests.world import START, Place, World

if TYPE_CHECKING:
    from models.job_views import JobView
    from plangate.contexts import Contexts

PLACES = ("main", "other")
MADE_UP = "0" * 26

UPSERT = """mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) {
  ... on CustomerUpserted { customer { id } subscription { id } } ... on UserError { code message field } } }"""
CREATE = """mutation($input: SubscriptionCreateInput!) { subscriptionCreate(input: $input) {
  ... on SubscriptionCreated { subscription { id } } ... on UserError { code message field } } }"""
CANCEL = """mutation($input: SubscriptionCancelInput!) { subscriptionCancel(input: $input) {
  ... on SubscriptionCanceled { effectiveAt } ... on UserError { code message field } } }"""
DOWNGRADE = """mutation($input: SubscriptionDowngradeInput!) { subscriptionDowngrade(input: $input) {
  ... on SubscriptionDowngraded { change { id } } ... on UserError { code message field } } }"""
CREDIT = """mutation($input: CreditGrantInput!) { creditGrant(input: $input) {
  ... on CreditGranted { entry { id } } ... on UserError { code message field } } }"""
ITEM = """mutation($input: InvoiceItemCreateInput!) { invoiceItemCreate(input: $input) {
  ... on InvoiceItemCreated { item { id } } ... on UserError { code message field } } }"""
BILL = """mutation($input: InvoiceCreateInput!) { invoiceCreate(input: $input) {
  ... on InvoiceCreated { invoice { id } } ... on UserError { code message field } } }"""
GRANT = """mutation($input: GrantCreateInput!) { grantCreate(input: $input) {
  ... on GrantCreated { grant { id } } ... on UserError { code message field } } }"""
OVERRIDE = """mutation($input: OverrideSetInput!) { overrideSet(input: $input) {
  ... on OverrideWasSet { override { id } } ... on UserError { code message field } } }"""
CONSUME = """mutation($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) {
  ... on EntitlementGranted { recordId } ... on UserError { code message field } } }"""
RESERVE = """mutation($input: EntitlementReserveInput!) { entitlementReserve(input: $input) {
  ... on EntitlementReserved { reservation { id } } ... on UserError { code message field } } }"""
KEY = """mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
  ... on ApiKeyCreated { key { id } secret } ... on UserError { code message field } } }"""
MIGRATE = """mutation($input: PlanMigrationStartInput!) { planMigrationStart(input: $input) {
  ... on PlanMigrationStarted { job { id } } ... on UserError { code message field } } }"""
APPLY = """mutation($input: CatalogApplyInput!) { catalogApply(input: $input) {
  ... on CatalogApplied { unchanged } ... on UserError { code message field } } }"""
UNGIVEN = "catalog: 1\nfeatures: {night_shift: {name: Night shift, kind: boolean}}\n"
UNDO = """mutation($input: PlanMigrationUndoInput!) { planMigrationUndo(input: $input) {
  ... on PlanMigrationUndoStarted { job { id } } ... on UserError { code message field } } }"""
CANCEL_MANY = """mutation($input: SubscriptionsCancelInput!) { subscriptionsCancel(input: $input) {
  ... on SubscriptionsCancelStarted { job { id } } ... on UserError { code message field } } }"""
SETTLE = """mutation($input: ReservationSettleInput!) { reservationSettle(input: $input) {
  ... on ReservationSettled { record { id } } ... on UserError { code message field } } }"""
COUPON = """mutation($input: CouponCreateInput!) { couponCreate(input: $input) {
  ... on CouponCreated { coupon { id } } ... on UserError { code message field } } }"""
CODE = """mutation($input: PromotionCodeCreateInput!) { promotionCodeCreate(input: $input) {
  ... on PromotionCodeCreated { promotionCode { id } } ... on UserError { code message field } } }"""
DISCOUNT = """mutation($input: DiscountApplyInput!) { discountApply(input: $input) {
  ... on DiscountApplied { discount { id } } ... on UserError { code message field } } }"""
EVENTS = """query($of: CustomerRef!) { events(filter: {customer: $of}, first: 1) { edges { node { id } } } }"""
INVOICES = """query($of: ID!) { invoices(filter: {subscriptionId: $of}, first: 1) { edges { node { id } } } }"""
MOVED = """query($job: ID!, $of: CustomerRef!) {
  job(id: $job) { items { edges { node { result { ... on PlanMigrationMove { change { id } } } } } } }
  events(filter: {customer: $of}, first: 100) { edges { node { id job { id } } } } }"""
PLAN = """{ plan(id: "team") { id product { id } } features { id key } }"""


@dataclass(frozen=True)
class Holder:
    """The ids of what one customer holds; `spare` is a customer with nothing, `key` an API key of the environment,
    `unused` a feature that nobody has and no plan gives. `settled` is a reservation that was settled, `ran` a job that
    was done and taken back, `happened` an event of it; another job is to change `moving` by `move`. `discount` is on
    `changing`, by `code`, which gives `coupon`; another is on `moving`, which is not collected. `item` waits for an
    invoice, `draft` for being final; `invoice` is open and `paid` was paid by `payment`. `method` is a payment method
    beside the default one. `ending` is a job that is to cancel what `spare` has. `schedule` says what comes next for
    `planned`.
    """

    customer: str = "cus_" + MADE_UP
    spare: str = "cus_" + MADE_UP
    plain: str = "sub_" + MADE_UP
    cancelling: str = "sub_" + MADE_UP
    changing: str = "sub_" + MADE_UP
    change: str = "sch_" + MADE_UP
    grant: str = "gra_" + MADE_UP
    override: str = "ovr_" + MADE_UP
    record: str = "use_" + MADE_UP
    event: str = "evt_" + MADE_UP
    key: str = "key_" + MADE_UP
    reservation: str = "rsv_" + MADE_UP
    plan: str = "pln_" + MADE_UP
    feature: str = "fea_" + MADE_UP
    product: str = "prd_" + MADE_UP
    unused: str = "fea_" + MADE_UP
    job: str = "job_" + MADE_UP
    settled: str = "rsv_" + MADE_UP
    ran: str = "job_" + MADE_UP
    happened: str = "evt_" + MADE_UP
    moving: str = "sub_" + MADE_UP
    move: str = "sch_" + MADE_UP
    invoice: str = "inv_" + MADE_UP
    coupon: str = "cou_" + MADE_UP
    code: str = "prm_" + MADE_UP
    discount: str = "dis_" + MADE_UP
    item: str = "lin_" + MADE_UP
    draft: str = "inv_" + MADE_UP
    paid: str = "inv_" + MADE_UP
    payment: str = "pay_" + MADE_UP
    method: str = "pym_" + MADE_UP
    ending: str = "job_" + MADE_UP
    planned: str = "sub_" + MADE_UP
    schedule: str = "sld_" + MADE_UP

    @property
    def ref(self) -> dict[str, str]:
        """How the customer is named."""
        return {"id": self.customer}


UNKNOWN = Holder()
"""Whom nobody knows."""


@dataclass(frozen=True)
class Template:
    """A finished scene: who holds what, and how they are asked for."""

    contexts: Contexts
    places: dict[str, Place]
    holders: dict[tuple[str, str], Holder]
    keys: dict[str, str]

    def within(self, database: Database) -> World:
        """Stand in a copy of it, at the beginning."""
        contexts = replace(self.contexts, database=database)
        clock: Any = contexts.clock
        clock.at = START
        return World(database, clock, contexts, dict(self.places))


@dataclass
class Scene:
    """One copy of the template, open. `own` is acme; the others are a rival beside it and acme's namesake elsewhere."""

    world: World
    template: Template
    own: Holder = field(init=False)
    rival: Holder = field(init=False)
    foreign: Holder = field(init=False)

    def __post_init__(self) -> None:
        self.own = self.template.holders["main", "acme"]
        self.rival = self.template.holders["main", "rival"]
        self.foreign = self.template.holders["other", "acme"]

    def with_scopes(self, *, without: str | None = None, only: str | None = None) -> str:
        """The secret of a key with one scope only, or with every scope but one."""
        return self.template.keys[f"only {only}" if only is not None else f"without {without}"]

    def digest(self) -> str:
        """A digest of every row of every table."""
        told = {name: sorted(rows) for name, rows in self.everything().items()}
        assert len(told) > 20
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table, as text."""
        return {name: [repr(tuple(row.values())) for row in self.table(name)] for name in self.names()}

    def mark(self) -> str:
        """What is another after anything was written: the cheapest that the database has."""
        return self.digest()

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return len(self.table(table))

    def names(self) -> list[str]:
        """Every table."""
        raise NotImplementedError

    def table(self, name: str) -> list[dict[str, Any]]:
        """Every row of a table, by column."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the copy."""
        await self.world.database.close()


async def make(url: str) -> Template:
    """Make the scene in a database that was migrated."""
    world = await World.begin(Database(url))
    await world.settle("other", START)
    holders = {(place, name): await holder(world, place, name) for place in PLACES for name in ("acme", "rival")}
    keys = {f"only {scope}": await _key(world, [scope]) for scope in SCOPES}
    every = set(SCOPES) - {"*"}
    for both in (["subscriptions:read", "invoices:read"], ["jobs:write", "subscriptions:write"]):
        keys[f"only {' and '.join(both)}"] = await _key(world, both)
    keys |= {f"without {scope}": await _key(world, sorted(every - {scope})) for scope in SCOPES}
    await every_event_fits(world.database)
    await world.database.close()
    return Template(world.contexts, world.places, holders, keys)


async def holder(world: World, place: str, name: str) -> Holder:
    """Make a customer who holds one of everything."""
    await _done(world, place, APPLY, document=UNGIVEN)
    spare = (await _done(world, place, UPSERT, externalId=f"{name}-spare"))["customer"]["id"]
    await _done(world, place, UPSERT, externalId=name)
    await _done(world, place, CREDIT, customer={"externalId": name}, amount={"amount": "1.00", "currency": "USD"})
    made = await _done(world, place, UPSERT, externalId=name, email=f"{name}@example.com", subscription=_team())
    customer, plain = made["customer"]["id"], made["subscription"]["id"]
    of = {"customer": {"id": customer}}
    cancelling = (await _done(world, place, CREATE, **of, **_team("b")))["subscription"]["id"]
    changing = (await _done(world, place, CREATE, **of, **_team("c")))["subscription"]["id"]
    planned = await plan_ahead(partial(_done, world, place), {**of, **_team("p")}, name)
    await _done(world, place, CANCEL, subscriptionId=cancelling, timing="END_OF_PERIOD")
    change = (await _done(world, place, DOWNGRADE, subscriptionId=changing, planId="free"))["change"]["id"]
    about = {**of, "feature": "lfs_bandwidth", "resource": "b"}
    grant = (await _done(world, place, GRANT, **about, amount="5"))["grant"]["id"]
    override = (await _done(world, place, OVERRIDE, **{**about, "resource": "c"}, limit="7"))["override"]["id"]
    used = await _done(world, place, CONSUME, **about, amount="1.5", idempotencyKey=f"{name} consumes")
    hold = await _done(world, place, RESERVE, **about, amount="0.5", idempotencyKey=f"{name} reserves")
    key = (await _done(world, place, KEY, kind="SECRET", name=name, scopes=["catalog:read"]))["key"]["id"]
    event = (await world.ask(EVENTS, place=place, of={"id": customer}))["events"]["edges"][0]["node"]["id"]
    catalog = await world.ask(PLAN, place=place)
    features = {one["key"]: one["id"] for one in catalog["features"]}
    found = (customer, spare, plain, cancelling, changing, change, grant, override, used["recordId"], event, key)
    plan = catalog["plan"]
    held = (*found, hold["reservation"]["id"])
    moved = {"from": {"planId": "team"}, "to": {"planId": "enterprise"}, "when": "NOW", "prices": "NEW"}
    job = (await _done(world, place, MIGRATE, **moved, filter={"subscriptionIds": [plain]}))["job"]["id"]
    more = (features["lfs_bandwidth"], plan["product"]["id"], features["night_shift"], job)
    settled, ran = await _settled(world, place, of, name), await _ran(world, place, of)
    invoices = await world.ask(INVOICES, place=place, of=changing)
    invoice = invoices["invoices"]["edges"][0]["node"]["id"]
    discounted = await _discounted(world, place, of, (ran[2], changing), name)
    billed = await _billed(world, place, of, changing)
    paid = await pay(partial(_done, world, place), of, plain, ran[2])
    chosen = {"filter": {"customers": [{"id": spare}]}}
    ending = (await _done(world, place, CANCEL_MANY, subscriptions=chosen, timing="END_OF_PERIOD"))["job"]["id"]
    return Holder(*held, plan["id"], *more, settled, *ran, invoice, *discounted, *billed, *paid, ending, *planned)


async def _billed(world: World, place: str, of: dict[str, Any], subscription: str) -> tuple[str, str]:
    """Let an item wait for an invoice, and a draft for being final."""
    fee: dict[str, Any] = {"amount": {"amount": "2.50", "currency": "USD"}, "description": "Setup"}
    item: str = (await _done(world, place, ITEM, **of, **fee))["item"]["id"]
    line = {"amount": "7.10", "description": "Training"}
    asked: dict[str, Any] = {**of, "subscriptionId": subscription, "currency": "USD", "lines": [line]}
    draft: str = (await _done(world, place, BILL, **asked, autoAdvance=False))["invoice"]["id"]
    return item, draft


async def _discounted(
    world: World, place: str, of: dict[str, Any], subscriptions: tuple[str, ...], name: str
) -> tuple[str, str, str]:
    """Put a coupon on the customer, and by a code of theirs on subscriptions; the last one's discount is told."""
    asked = {"key": f"{name}-only", "name": "Ten percent off", "percentOff": "10", "duration": "FOREVER"}
    coupon: str = (await _done(world, place, COUPON, **asked))["coupon"]["id"]
    word = f"{name}-only"
    code: str = (await _done(world, place, CODE, **of, code=word, couponId=coupon))["promotionCode"]["id"]
    await _done(world, place, DISCOUNT, **of, couponId=coupon)
    made = [await _done(world, place, DISCOUNT, promotionCode=word, subscriptionId=each) for each in subscriptions]
    return coupon, code, made[-1]["discount"]["id"]


async def _settled(world: World, place: str, of: dict[str, Any], name: str) -> str:
    """Reserve, and settle that."""
    about = {**of, "feature": "packages_transfer", "resource": "c"}
    asked = {**about, "amount": "0.25", "idempotencyKey": f"{name} reserves again"}
    settled: str = (await _done(world, place, RESERVE, **asked))["reservation"]["id"]
    await _done(world, place, SETTLE, id=settled, idempotencyKey=f"{name} settles")
    return settled


async def _ran(world: World, place: str, of: dict[str, Any]) -> tuple[str, str, str, str]:
    """Have jobs move two subscriptions that are to be changed, and the first one's take that back."""
    moves = [await _moved(world, place, of, resource) for resource in ("y", "z")]
    (job, _), (other, moving) = moves
    await _done(world, place, UNDO, id=job)
    await _run(world, place, job)
    told = await world.ask(MOVED, place=place, job=other, of=of["customer"])
    (item,) = told["job"]["items"]["edges"]
    happened = next(each["node"]["id"] for each in told["events"]["edges"] if each["node"]["job"] == {"id": job})
    return job, happened, moving, item["node"]["result"]["change"]["id"]


async def _moved(world: World, place: str, of: dict[str, Any], resource: str) -> tuple[str, str]:
    """Have a job move a subscription at its renewal: the job and the subscription."""
    moving: str = (await _done(world, place, CREATE, **of, **_team(resource)))["subscription"]["id"]
    await _done(world, place, DOWNGRADE, subscriptionId=moving, planId="free")
    moved: dict[str, Any] = {"from": {"planId": "team"}, "to": {"planId": "enterprise"}, "when": "AT_RENEWAL"}
    moved |= {"prices": "NEW", "pendingChanges": "REPLACE", "filter": {"subscriptionIds": [moving]}}
    job: str = (await _done(world, place, MIGRATE, **moved))["job"]["id"]
    await _run(world, place, job)
    return job, moving


async def _run(world: World, place: str, job: str) -> None:
    """Let one job run to its end, and no other."""

    def failed(found: JobView, _: str) -> None:
        raise AssertionError(found)

    hands = Hands(world.database, world.contexts.ids, START, failed)
    while own := [each for each in await open_jobs(world.database) if each.id == job]:
        await run_job(hands, world.places[place].environment, own[0])


def _team(resource: str | None = None) -> dict[str, Any]:
    monthly: dict[str, Any] = {"planId": "team", "currency": "USD", "interval": {"unit": "MONTH"}, "quantity": 3}
    return monthly if resource is None else {**monthly, "resourceId": resource}


async def _key(world: World, scopes: list[str]) -> str:
    made = await _done(world, "main", KEY, kind="SECRET", name=", ".join(scopes)[:200], scopes=scopes)
    secret: str = made["secret"]
    return secret


async def _done(world: World, place: str, asked: str, **input_: Any) -> Any:
    (answered,) = (await world.ask(asked, place=place, input=input_)).values()
    assert "code" not in answered, answered
    return answered


assert all(getattr(UNKNOWN, each.name).endswith(MADE_UP) for each in fields(UNKNOWN))
